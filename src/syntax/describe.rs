//! What to say where the grammar could not go on.
//!
//! Owns the way from "expected these rules at this token" to one sentence with the right words to type. Looks at what
//! people are known to type first, then at what could have stood there.

use super::grammar::Rule;
use super::habits;
use super::recover::{Context, Failure};
use super::scan::{Kind, Scan};
use crate::diagnostic::Diagnostic;
use crate::messages::{habits as say_habits, syntax as say};
use crate::operators::CompareOp;
use crate::reserved;
use crate::source::{FileId, Span};
use crate::suggest::nearest;

pub(super) fn token_span(file: FileId, scan: &Scan<'_>, i: usize) -> Span {
    match scan.tokens.get(i) {
        Some(t) => Span { file, start: t.start, end: t.end },
        None => {
            let end = scan.tokens.last().map_or(0, |t| t.end);
            Span { file, start: end, end }
        }
    }
}

/// A place in words, for "… cannot stand in a score".
pub(super) fn place(context: Context) -> &'static str {
    match context {
        Context::Top => "a file",
        Context::Model => "the model block",
        Context::Data => "a block on data",
        Context::Profile => "a profile",
        Context::Score => "a score",
        Context::Choice => "`first of` or `best of`",
        Context::Table => "a table of points",
        Context::Label => "a label",
        Context::Test => "a test",
        Context::Asked => "a question",
    }
}

/// The message for a failure in the item that begins at token `i` of a block that ends at token `end`.
pub(super) fn failure(
    file: FileId,
    scan: &Scan<'_>,
    context: Context,
    i: usize,
    end: usize,
    failure: &Failure,
) -> Diagnostic {
    let d = Describe { file, scan, context, i, end, failure, t: failure.token };
    d.other_words(d.t)
        .or_else(|| d.other_words(i))
        .or_else(|| d.first_word())
        .or_else(|| d.known_habit())
        .or_else(|| d.open_bracket())
        .or_else(|| d.misspelled())
        .unwrap_or_else(|| d.expected())
}

struct Describe<'s> {
    file: FileId,
    scan: &'s Scan<'s>,
    context: Context,
    i: usize,
    end: usize,
    failure: &'s Failure,
    t: usize,
}

impl Describe<'_> {
    fn span(&self, k: usize) -> Span {
        token_span(self.file, self.scan, k)
    }

    fn found(&self) -> Option<&str> {
        (self.t < self.end).then(|| self.scan.word(self.t))
    }

    fn can_stand(&self, rules: &[Rule]) -> bool {
        self.failure.expected.iter().any(|r| rules.contains(r))
    }

    /// `two of these`, `followed by`, `give 15`, `half every month`, `on 4 days` at token `t`: Merit has other words for it.
    fn other_words(&self, t: usize) -> Option<Diagnostic> {
        let scan = self.scan;
        let b = t.checked_sub(1)?;
        let (word, before) = (scan.word(t).to_ascii_lowercase(), scan.word(b).to_ascii_lowercase());
        let is_next = |words: &[&str]| words.iter().any(|w| scan.is_word(t + 1, w));
        match &*word {
            "of" => number_of(&before).map(|n| say::some_of(self.span(b).to(self.span(t)), n)),
            "followed" if is_next(&["by"]) => Some(say::followed_by(self.span(t).to(self.span(t + 1)))),
            "give" | "gives" | "award" | "awards" | "gets" if scan.kind(t + 1) == Some(Kind::Number) => {
                Some(say::give_words(self.span(t), scan.word(t), scan.word(t + 1)))
            }
            "half" | "halve" | "halves" | "halved" if is_next(&["every", "each", "per"]) => {
                let period = match (scan.kind(t + 2), scan.kind(t + 3)) {
                    (Some(Kind::Number), Some(Kind::Word)) => t + 3,
                    _ => t + 2,
                };
                Some(say::half_every(self.span(t).to(self.span(period)), &self.written(t + 2, period)))
            }
            _ if before == "on"
                && scan.kind(t) == Some(Kind::Number)
                && is_next(&["day", "days", "different", "separate", "distinct"]) =>
            {
                let last = if is_next(&["day", "days"]) { t + 1 } else { t + 2 };
                Some(say::on_days(self.span(b).to(self.span(last)), &self.written(b, last), scan.word(t)))
            }
            _ if is_next(&["of"]) => number_of(&word)
                .filter(|_| before == "least")
                .map(|n| say::some_of(self.span(t).to(self.span(t + 1)), n)),
            _ => None,
        }
    }

    /// Nothing of the item could be read: its first word is wrong.
    fn first_word(&self) -> Option<Diagnostic> {
        let (scan, i) = (self.scan, self.i);
        if let Some(told) = self.unopened() {
            return Some(told);
        }
        let word = scan.word(i);
        let lower = word.to_ascii_lowercase();
        // `whne visited(…) add 5` may be read a little way as something else.
        if self.t > i + 1 || (self.t == i + 1 && !scan.is_name(i)) {
            return None;
        }
        if self.context.holds_statements() {
            if self.context != Context::Top
                && (scan.is_word(i + 1, "if") && scan.is_name(i)
                    || reserved::STATEMENTS.contains(&&*lower) && self.t == i)
            {
                return Some(say::misplaced(self.span(i), word, place(self.context)));
            }
            let known = say_habits::instead_of_statement(word).filter(|_| !reserved::STATEMENTS.contains(&&*lower));
            if let Some(instead) = known.filter(|_| !scan.is_word(i + 1, "if")) {
                return Some(say::no_statement(self.span(i), word, place(self.context), Some(instead)));
            }
            if let Some(proper) = nearest(word, reserved::STATEMENTS.iter().copied()) {
                return Some(say::unknown_word(self.span(i), word, proper));
            }
            if reserved::STATEMENTS.contains(&&*lower) && scan.kind(i) == Some(Kind::Word) {
                return None;
            }
            if self.t == i || matches!(scan.kind(i + 1), Some(Kind::Word | Kind::Text | Kind::Number | Kind::Open(_))) {
                if reserved::MODIFIERS.contains(&&*lower)
                    || matches!(&*lower, "else" | "then" | "where" | "and" | "or" | "because" | "otherwise" | "expect")
                {
                    return Some(say::out_of_place(self.span(i), word));
                }
                let on_same_line = i > 0 && !scan.tokens.get(i).is_some_and(|t| t.starts_line);
                if scan.kind(i) == Some(Kind::Text) && on_same_line && scan.is_name(i - 1) {
                    return Some(self.behind_statement());
                }
                if scan.kind(i) == Some(Kind::Word) && !reserved::is_reserved(word) {
                    if !scan.tokens.get(i).is_some_and(|t| t.starts_line) && i > 0 {
                        return Some(self.behind_statement());
                    }
                    return Some(say::no_statement(self.span(i), word, place(self.context), None));
                }
                return Some(say::unexpected(self.span(i), word, "a statement", None));
            }
        }
        None
    }

    /// `profile icp` without its brace.
    fn unopened(&self) -> Option<Diagnostic> {
        let (scan, i) = (self.scan, self.i);
        let (named, titled) =
            (["profile", "persona", "label", "score"].iter().any(|w| scan.is_word(i, w)), scan.is_word(i, "test"));
        let at_start = scan.tokens.get(i).is_some_and(|t| t.starts_line) || i == 0;
        let titled = titled || scan.is_word(i, "model");
        if named && at_start && scan.kind(i + 1) == Some(Kind::Text) {
            return Some(say::title_before_name(self.span(i + 1), scan.word(i), scan.word(i + 1)));
        }
        let line_end =
            (i + 1..self.end).find(|&k| scan.tokens.get(k).is_none_or(|t| t.starts_line)).unwrap_or(self.end);
        if scan.is_word(i, "points") && scan.is_word(i + 1, "by") && self.t >= line_end && line_end > i + 2 {
            return Some(say::unopened(
                self.span(i).to(self.span(line_end - 1)),
                "table",
                &self.written(i, line_end - 1),
            ));
        }
        let mut last = match scan.kind(i + 1) {
            Some(Kind::Text) if titled => i + 1,
            Some(Kind::Word | Kind::Quoted) if named && scan.is_name(i + 1) => i + 1,
            _ => return None,
        };
        if named && scan.kind(last + 1) == Some(Kind::Text) {
            last += 1;
        }
        let next = scan.tokens.get(last + 1);
        let ends =
            next.is_none_or(|t| t.starts_line || matches!(t.kind, Kind::Close(_) | Kind::Semi)) || last + 1 >= self.end;
        ends.then(|| say::unopened(self.span(i).to(self.span(last)), scan.word(i), &self.written(i, last)))
    }

    /// A word right behind a complete statement, on the same line: `iql if visited pricing`.
    fn behind_statement(&self) -> Diagnostic {
        let word = self.scan.word(self.i);
        let before = self.i - 1;
        if let Some(proper) = nearest(word, reserved::MODIFIERS.iter().copied().chain(["because", "unless", "points"]))
        {
            return say::unknown_word(self.span(self.i), word, proper);
        }
        if self.scan.is_name(before) && matches!(self.scan.kind(self.i), Some(Kind::Word | Kind::Text)) {
            return self.two_words(before, self.i);
        }
        say::unexpected(self.span(self.i), word, "the end of the statement", None)
    }

    /// Two words in a row: an activity with its target, a column with a text, or neither.
    fn two_words(&self, a: usize, b: usize) -> Diagnostic {
        let (at, name, target) = (self.span(a).to(self.span(b)), self.scan.word(a), self.scan.word(b));
        let is_text = self.scan.kind(b) == Some(Kind::Text);
        if habits::is_english(name) || !is_text && habits::is_english(target) {
            return say_habits::words_in_a_row(at, &self.written(a, b));
        }
        let is_called =
            |k: usize| self.scan.word(k).eq_ignore_ascii_case(name) && self.scan.kind(k + 1) == Some(Kind::Open(b'('));
        let lower = name.to_lowercase();
        if habits::is_usual(&lower) || lower.ends_with("ed") || (0..self.scan.tokens.len()).any(is_called) {
            return say::call_without_parentheses(at, name, target);
        }
        say_habits::column_and_text(at, name, target.trim_matches('"'))
    }

    /// Things that people type out of habit.
    fn known_habit(&self) -> Option<Diagnostic> {
        let (scan, t) = (self.scan, self.t);
        let word = scan.word(t).to_ascii_lowercase();
        let before = t.checked_sub(1).filter(|&b| b >= self.i);
        let before_word = before.map_or(String::new(), |b| scan.word(b).to_ascii_lowercase());
        let here = self.span(t);
        if matches!(before_word.as_str(), "and" | "or" | "&&" | "||")
            && matches!(&*word, "<" | "<=" | ">" | ">=" | "=" | "!=" | "in" | "contains" | "mentions" | "between")
        {
            let left = self.left_name(t);
            let range = left.and_then(|left| self.range_before(left, t));
            return Some(say::comparison_without_left_side(here, &word, left.map(|l| scan.word(l)), range.as_deref()));
        }
        if let Some(told) = self.other_order() {
            return Some(told);
        }
        if word == "when" && self.context == Context::Top && scan.is_name(self.i) {
            return Some(say::stage_words(self.span(self.i), &format!("{} if …", scan.word(self.i))));
        }
        if word == ":" && before_word == "+" && self.context == Context::Table && t == self.i + 2 {
            return Some(say::plus_in_table(self.span(self.i).to(self.span(t - 1)), scan.word(self.i)));
        }
        if word == "unless" {
            return Some(say::unless_inside(here));
        }
        if word == "%" || word == "$" || word == "€" || word == "£" {
            return Some(say::currency(here, &word));
        }
        if let (Some(b), Some(Kind::Number)) = (before, before.and_then(|b| scan.kind(b))) {
            let unit = word.strip_suffix('s').unwrap_or(&word);
            if matches!(unit, "day" | "week" | "month" | "year" | "hour" | "minute" | "quarter") {
                return Some(say::number_with_unit(self.span(b).to(here), &format!("{} {word}", scan.word(b))));
            }
            if word == "," && scan.kind(t + 1) == Some(Kind::Number) {
                let written = format!("{},{}", scan.word(b), scan.word(t + 1));
                return Some(say::grouped_number(self.span(b).to(self.span(t + 1)), &written));
            }
        }
        if scan.kind(t) == Some(Kind::Other) {
            return Some(say::unexpected_character(here, scan.word(t)));
        }
        let is_value = matches!(scan.kind(t), Some(Kind::Text)) || scan.is_name(t);
        if let Some(b) = before
            && scan.is_name(b)
            && !(b == self.i && reserved::STATEMENTS.contains(&&*before_word))
            && is_value
            && !scan.tokens.get(t).is_some_and(|t| t.starts_line)
            && (self.can_stand(&[Rule::compare_op, Rule::kw_in])
                || scan.kind(t) == Some(Kind::Text) && self.can_stand(&[Rule::add_word]))
            && nearest(&word, ["add", "subtract", "and", "or", "because", "contains", "mentions", "between"]).is_none()
        {
            return Some(self.two_words(b, t));
        }
        let wants_name = self.can_stand(&[Rule::bare_name, Rule::name, Rule::path, Rule::quoted_name])
            || (self.can_stand(&[Rule::condition, Rule::expr, Rule::comparison, Rule::sum])
                && scan.kind(t + 1) == Some(Kind::Operator));
        if scan.kind(t) == Some(Kind::Word)
            && reserved::is_reserved(&word)
            && wants_name
            && !scan.tokens.get(t).is_some_and(|t| t.starts_line)
        {
            return Some(say::reserved_name(here, scan.word(t)));
        }
        None
    }

    /// `if … then sql`, `when … then sql`, `if … add 30`, `when … then add 30`, `when … +30`.
    fn other_order(&self) -> Option<Diagnostic> {
        let (scan, i, t) = (self.scan, self.i, self.t);
        if !(scan.is_word(i, "if") || scan.is_word(i, "when")) || t < i + 3 {
            return None;
        }
        let then = |k: usize| k > i + 1 && scan.is_word(k, "then");
        let gives = scan.is_word(t, "add") || scan.is_word(t, "subtract");
        let points = || {
            format!(
                "{} {}",
                scan.word(t).to_ascii_lowercase(),
                if scan.kind(t + 1) == Some(Kind::Number) { scan.word(t + 1) } else { "…" }
            )
        };
        if then(t - 2) && scan.is_name(t - 1) {
            let proper = format!("{} if {}", scan.word(t - 1), self.written(i + 1, t - 3));
            return Some(say::stage_words(self.span(i).to(self.span(t - 1)), &proper));
        }
        if gives && then(t - 1) {
            return Some(say::then_before_add(self.span(t - 1), &self.written(i + 1, t - 2), &points()));
        }
        let sign = scan.word(t - 2);
        if scan.kind(t - 1) == Some(Kind::Number)
            && matches!(sign, "+" | "-" | "–" | "−")
            && self.can_stand(&[Rule::add_word])
        {
            let number = format!("{}{}", if sign == "+" { "+" } else { "-" }, scan.word(t - 1));
            return Some(say::bare_points(
                self.span(t - 2).to(self.span(t - 1)),
                &number,
                Some(&self.written(i + 1, t - 3)),
            ));
        }
        None
    }

    /// The tokens from the first to the last, as they are written.
    fn written(&self, first: usize, last: usize) -> String {
        let (Some(a), Some(b)) = (self.scan.tokens.get(first), self.scan.tokens.get(last)) else {
            return "…".to_owned();
        };
        let text = self.scan.clean.get(a.start as usize..b.end as usize).unwrap_or("…");
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// The name at the left of the comparison before token `t`, for `employees > 50 and < 500`.
    fn left_name(&self, t: usize) -> Option<usize> {
        (self.i..t).rev().skip(1).find(|&k| self.scan.is_name(k) && self.scan.kind(k + 1) == Some(Kind::Operator))
    }

    /// `employees between 51 and 499`, where `employees > 50 and` stands before token `t` and `< 500` from there on.
    fn range_before(&self, left: usize, t: usize) -> Option<String> {
        let end = |k: usize| {
            let op = match self.scan.word(k) {
                "<" => CompareOp::Less,
                "<=" | "≤" => CompareOp::LessOrEqual,
                ">" => CompareOp::Greater,
                ">=" | "≥" => CompareOp::GreaterOrEqual,
                _ => return None,
            };
            Some((op, crate::number::read_number(&self.scan.word(k + 1).replace('_', ""))?))
        };
        if left + 4 != t || !self.scan.is_word(t - 1, "and") {
            return None;
        }
        say::range_of(self.scan.word(left), [end(left + 1)?, end(t)?])
    }

    /// A parenthesis or bracket that is still open.
    fn open_bracket(&self) -> Option<Diagnostic> {
        let scan = self.scan;
        let open = (self.i..self.t.min(scan.tokens.len())).rev().find(|&k| {
            matches!(scan.kind(k), Some(Kind::Open(b'(' | b'[')))
                && scan.tokens.get(k).is_some_and(|t| t.partner.is_none())
        })?;
        let proof = (self.t < scan.tokens.len()).then(|| self.span(self.t));
        Some(say::unclosed_bracket(self.span(open), scan.word(open), proof))
    }

    /// A word that is nearly one of those that could stand here.
    fn misspelled(&self) -> Option<Diagnostic> {
        if self.scan.kind(self.t) != Some(Kind::Word) {
            return None;
        }
        let word = self.scan.word(self.t);
        if word.len() < 5 && habits::is_english(word) {
            return None;
        }
        let mut could: Vec<String> = Vec::new();
        // Of two that are equally near, the first is taken.
        if self.can_stand(&[Rule::add_word]) {
            could.extend(["add".to_owned(), "subtract".to_owned()]);
        }
        could.extend(self.failure.expected.iter().filter_map(|&r| word_of(r)));
        if self.can_stand(&[Rule::because]) {
            could.push("because".to_owned());
        }
        let proper = nearest(word, could.iter().map(String::as_str))?;
        Some(say::unknown_word(self.span(self.t), word, proper))
    }

    fn expected(&self) -> Diagnostic {
        let wanted = wanted(&self.failure.expected, self.context);
        let starts_line = self.scan.tokens.get(self.t).is_some_and(|t| t.starts_line);
        let behind = self.t.checked_sub(1).filter(|&b| b >= self.i && (starts_line || self.t >= self.end));
        match (behind, self.found()) {
            // What is missing is missing at the end of the line before.
            (Some(b), _) => say::incomplete(self.span(b), self.scan.word(b), &wanted),
            (None, Some(found)) => {
                let closes = matches!(self.scan.kind(self.t), Some(Kind::Close(_)));
                if closes && self.scan.tokens.get(self.t).is_some_and(|t| t.partner.is_none()) {
                    return say::stray_close(self.span(self.t), found);
                }
                say::unexpected(self.span(self.t), found, &wanted, None)
            }
            (None, None) => say::incomplete(self.span(self.i), self.scan.word(self.i), &wanted),
        }
    }
}

/// A small number in words or digits.
fn number_of(word: &str) -> Option<u64> {
    let words = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];
    words.iter().zip(1..).find(|(w, _)| **w == word).map(|(_, n)| n).or_else(|| word.parse().ok())
}

/// The word that a rule stands for, if it is a single one.
fn word_of(rule: Rule) -> Option<String> {
    let name = format!("{rule:?}");
    let word = name.strip_prefix("kw_").or_else(|| name.strip_prefix("w_"))?;
    Some(match word {
        "days" | "times" => format!("{}s", word.trim_end_matches('s')),
        "a" => return None,
        _ => word.to_owned(),
    })
}

/// What could have stood there, in words: at most four things.
fn wanted(expected: &[Rule], context: Context) -> String {
    let has = |rules: &[Rule]| expected.iter().any(|r| rules.contains(r));
    let mut out: Vec<String> = Vec::new();
    let is_value = has(&[
        Rule::call,
        Rule::path,
        Rule::number,
        Rule::sum,
        Rule::expr,
        Rule::condition,
        Rule::comparison,
        Rule::quantified,
    ]);
    if has(&[Rule::add_word, Rule::kw_add]) {
        out.push("`add` or `subtract` with points".to_owned());
    }
    if is_value && has(&[Rule::amount]) || has(&[Rule::amount]) {
        out.push("a number of points".to_owned());
    } else if is_value && has(&[Rule::call, Rule::sum, Rule::expr, Rule::condition, Rule::comparison, Rule::quantified])
    {
        out.push("a value or condition".to_owned());
    } else if has(&[Rule::number, Rule::whole]) {
        out.push("a number".to_owned());
    } else if has(&[Rule::date]) {
        out.push("a date such as 2025-06-30".to_owned());
    } else if has(&[Rule::name, Rule::bare_name, Rule::path, Rule::entry_key]) && context.holds_statements() {
        out.push("a name".to_owned());
    }
    if has(&[Rule::compare_op, Rule::compare_tail]) && !is_value {
        out.push("a comparison".to_owned());
    }
    if has(&[Rule::span, Rule::duration, Rule::unit]) && out.is_empty() {
        out.push("a time such as `30 days`".to_owned());
    }
    if has(&[Rule::text]) && !is_value {
        out.push("a text in quotes".to_owned());
    }
    for (rule, sign) in [
        (Rule::lbrace, "`{`"),
        (Rule::rbrace, "`}`"),
        (Rule::rparen, "`)`"),
        (Rule::rbracket, "`]`"),
        (Rule::colon, "`:`"),
        (Rule::assign, "`=`"),
        (Rule::comma, "`,`"),
    ] {
        if has(&[rule]) && out.len() < 4 {
            out.push(sign.to_owned());
        }
    }
    if out.is_empty() {
        let mut words: Vec<String> = expected.iter().filter_map(|&r| word_of(r)).map(|w| format!("`{w}`")).collect();
        words.dedup();
        words.truncate(4);
        out = words;
    }
    if out.is_empty() {
        let line = match context {
            Context::Table => "a line such as `1 to 10: 5`",
            Context::Label => "a line such as `\"A\" if score >= 50`",
            Context::Profile => "a condition",
            Context::Model => "a line such as `version \"1\"`",
            Context::Data => "a line such as `id \"Record ID\"` or `header in row 3`",
            Context::Test => "an activity, `lead { … }` or `expect …`",
            Context::Asked => "a condition or a value",
            Context::Top | Context::Score | Context::Choice => "a statement",
        };
        out.push(line.to_owned());
    }
    join_or(&out)
}

fn join_or(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [rest @ .., last] => format!("{} or {last}", rest.join(", ")),
    }
}
