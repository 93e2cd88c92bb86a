//! The loop over a file that reports all syntax errors in one run and keeps all good statements.
//!
//! At the start of each statement the grammar is asked for one statement. What is valid, the grammar alone decides; words
//! and line starts only guide where to go on after an error. Blocks are opened and closed here, so that an error inside
//! one loses one line, and a brace that is never closed is blamed on its opener.

mod habit;

use pest::Parser;
use pest::error::InputLocation;
use pest::iterators::Pair;

use super::ast::{Expr, Item, ItemKind, Name, Stages, TableLines, TestItem, Text};
use super::build::{self, Build};
use super::describe;
use super::grammar::{MeritParser, Rule};
use super::habits;
use super::outline::{Part, PartKind};
use super::scan::{Kind, Scan, Token};
use crate::diagnostic::{Diagnostic, MOST_SHOWN};
use crate::messages::syntax as say;
use crate::reserved;
use crate::source::{FileId, Span};

/// So many items are asked for habits that turn out to have none.
const MOST_ASKED: usize = 40;
/// So many tokens are looked through for the brace of a block; no head that anybody writes is longer.
const LONGEST_HEAD: usize = 1000;

/// What surrounds a statement or line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Context {
    /// Nothing: it stands in the file itself.
    Top,
    /// `model { … }`
    Model,
    /// `leads { … }`, `activity log { … }`
    Data,
    /// `profile { … }`
    Profile,
    /// `score { … }`
    Score,
    /// `first of { … }`, `best of { … }`
    Choice,
    /// `points by … { … }`
    Table,
    /// `label { … }`
    Label,
    /// `test { … }`
    Test,
    /// A value or condition that stands alone: what somebody asks of a lead.
    Asked,
}

impl Context {
    /// The entry rules: with a look at what follows, and without.
    fn rules(self) -> (Rule, Rule) {
        match self {
            Context::Top => (Rule::next_top, Rule::only_top),
            Context::Model => (Rule::next_entry, Rule::only_entry),
            Context::Data => (Rule::next_data, Rule::only_data),
            Context::Profile => (Rule::next_criterion, Rule::only_criterion),
            Context::Score => (Rule::next_score, Rule::only_score),
            Context::Choice => (Rule::next_choice, Rule::only_choice),
            Context::Table => (Rule::next_case, Rule::only_case),
            Context::Label => (Rule::next_label, Rule::only_label),
            Context::Test => (Rule::next_test, Rule::only_test),
            Context::Asked => (Rule::next_asked, Rule::only_asked),
        }
    }

    pub(super) fn holds_statements(self) -> bool {
        matches!(self, Context::Top | Context::Score | Context::Choice)
    }
}

pub(super) fn items(file: FileId, scan: &Scan<'_>) -> (Vec<Item>, Vec<Diagnostic>) {
    let mut reader = Reader::new(file, scan);
    let items = reader.statements(Context::Top, scan.tokens.len(), None);
    (items, reader.diagnostics)
}

/// The same with the parts that the statements consist of, and without places: two texts that differ in layout alone give
/// equal trees.
pub(super) fn parts(scan: &Scan<'_>) -> (Vec<Item>, Vec<Part>, Vec<Diagnostic>) {
    let mut reader = Reader { is_placed: false, ..Reader::new(FileId(0), scan) };
    let items = reader.statements(Context::Top, scan.tokens.len(), None);
    (items, reader.parts, reader.diagnostics)
}

/// What is asked of a lead: values and conditions.
pub(super) fn asked(file: FileId, scan: &Scan<'_>) -> (Vec<Expr>, Vec<Diagnostic>) {
    let mut reader = Reader::new(file, scan);
    let (asked, _) = reader.lines(Context::Asked, scan.tokens.len(), None, build::asked);
    (asked, reader.diagnostics)
}

/// Lines as they stand in a test.
pub(super) fn test_lines(file: FileId, scan: &Scan<'_>) -> (Vec<TestItem>, Vec<Diagnostic>) {
    let mut reader = Reader::new(file, scan);
    let (lines, _) = reader.lines(Context::Test, scan.tokens.len(), None, build::test_item);
    (lines, reader.diagnostics)
}

/// What pest says of a piece that it could not read.
pub(super) struct Failure {
    /// The token at which it could not go on; the number of tokens at the end of the file.
    pub token: usize,
    /// What could have stood there.
    pub expected: Vec<Rule>,
}

struct Reader<'s> {
    file: FileId,
    scan: &'s Scan<'s>,
    diagnostics: Vec<Diagnostic>,
    /// The token that is looked at.
    at: usize,
    /// How many of the places that are nested too deep lie behind.
    too_deep: usize,
    /// The token at which the last error was found.
    last_error: Option<usize>,
    /// Whether some brace of the file is never closed.
    unbalanced: bool,
    /// Braces whose block was ended before the brace that would close them: that one closes the block around.
    given_up: Vec<usize>,
    /// Whether the tree says where things stand.
    is_placed: bool,
    /// Whether a line is read that is about to be put forward: nothing else is put forward for it.
    is_trial: bool,
    /// What has been read, in order.
    parts: Vec<Part>,
    /// How many items more are asked for habits: a text that is no model at all has none.
    asks_left: std::cell::Cell<usize>,
    /// How many messages there were before the last item that was read.
    before_last: usize,
    /// Whether that item is taken back, as it turned out to be part of another.
    takes_back: bool,
}

impl<'s> Reader<'s> {
    fn new(file: FileId, scan: &'s Scan<'s>) -> Reader<'s> {
        // A statement of 4 MiB needs fewer calls than this; the grammar has no exponential corner that is known.
        pest::set_call_limit(std::num::NonZeroUsize::new(600_000_000));
        let unbalanced = scan.tokens.iter().any(|t| t.kind == Kind::Open(b'{') && t.partner.is_none());
        Reader {
            file,
            scan,
            diagnostics: Vec::new(),
            at: 0,
            too_deep: 0,
            last_error: None,
            unbalanced,
            given_up: Vec::new(),
            is_placed: true,
            is_trial: false,
            parts: Vec::new(),
            asks_left: std::cell::Cell::new(MOST_ASKED),
            before_last: 0,
            takes_back: false,
        }
    }

    /// Statements up to token `end`, which closes the block that `opener` opened; an opener without a partner is closed
    /// by the first statement that cannot stand in it.
    fn statements(&mut self, context: Context, end: usize, opener: Option<usize>) -> Vec<Item> {
        let mut items = Vec::new();
        while let Some(i) = self.next_item(context, end, opener) {
            if let Some(block) = self.block_at(i).or_else(|| self.head_at(i, end)) {
                items.push(self.block(block, context, end));
            } else {
                let item = self
                    .item(context, i, end, &|b: &mut Build<'_>, pair: Pair<'_, Rule>| Some(build::statement(b, pair)));
                if std::mem::take(&mut self.takes_back) {
                    items.pop();
                }
                items.push(item.unwrap_or_else(|| Item { kind: self.broken(i), span: self.token_span(i) }));
            }
        }
        items
    }

    /// Lines of a block that holds no statements. Also says whether one of them was broken.
    fn lines<T>(
        &mut self,
        context: Context,
        end: usize,
        opener: Option<usize>,
        build: impl Fn(&mut Build<'_>, Pair<'_, Rule>) -> Option<T>,
    ) -> (Vec<T>, bool) {
        let mut lines = Vec::new();
        let mut broken = false;
        while let Some(i) = self.next_item(context, end, opener) {
            match self.item(context, i, end, &build) {
                Some(line) => lines.push(line),
                None => broken = true,
            }
            if std::mem::take(&mut self.takes_back) {
                lines.pop();
            }
        }
        (lines, broken)
    }

    /// The token at which the next item begins; `None` where the block ends.
    fn next_item(&mut self, context: Context, end: usize, opener: Option<usize>) -> Option<usize> {
        if self.diagnostics.len() > MOST_SHOWN {
            // Nobody reads on; the file is left as it is from here.
            self.at = self.scan.tokens.len();
        }
        while self.at < end {
            let i = self.at;
            match self.scan.kind(i)? {
                Kind::Semi => self.at += 1,
                Kind::Comma if matches!(context, Context::Model | Context::Data) => self.at += 1,
                Kind::Close(b'}') if opener.is_some() && self.closes_given_up(i) => return None,
                Kind::Close(b'}') => {
                    // Right behind an error it is an echo of that.
                    if self.last_error.is_none_or(|e| e + 1 < i) {
                        self.diagnostics.push(say::stray_close(self.token_span(i), self.scan.word(i)));
                    }
                    self.at += 1;
                }
                _ if opener.is_some() && self.ends_unclosed(context, i) => return None,
                _ => return Some(i),
            }
        }
        None
    }

    fn closes_given_up(&self, i: usize) -> bool {
        self.scan.kind(i) == Some(Kind::Close(b'}'))
            && self.scan.tokens.get(i).and_then(|t| t.partner).is_some_and(|p| self.given_up.contains(&(p as usize)))
    }

    /// Whether a token begins a statement that cannot stand in the block around it.
    fn ends_unclosed(&self, context: Context, i: usize) -> bool {
        if context == Context::Top || !self.scan.tokens.get(i).is_some_and(|t| t.starts_line) {
            return false;
        }
        match self.block_at(i) {
            Some(Block::Choice) => !matches!(context, Context::Score),
            Some(Block::Table) => !matches!(context, Context::Score | Context::Choice),
            Some(_) => true,
            None => {
                let rule = ["when", "add", "subtract", "reset"].iter().any(|w| self.scan.is_word(i, w));
                if rule {
                    return !matches!(context, Context::Score | Context::Choice);
                }
                let in_test = self.scan.is_word(i, "expect") || self.scan.is_word(i, "as");
                (self.starts_statement(i) && !in_test) || self.is_stage_line(i)
            }
        }
    }

    /// Reads one item at token `i`, or reports why it cannot be read and goes on behind it.
    fn item<T>(
        &mut self,
        context: Context,
        i: usize,
        end: usize,
        build: &impl Fn(&mut Build<'_>, Pair<'_, Rule>) -> Option<T>,
    ) -> Option<T> {
        let (next, only) = context.rules();
        let mut failure = match self.parse(next, i, end, build) {
            // `stages lead iql, mql`: the next statement is not on the same line.
            Ok((_, after)) if self.scan.is_word(i, "stages") && self.goes_on(after, end) => {
                Failure { token: after, expected: vec![Rule::comma] }
            }
            // `industry "SaaS"` in a profile: no criterion begins with a text on the line of another.
            Ok((_, after))
                if context == Context::Profile
                    && self.scan.kind(after) == Some(Kind::Text)
                    && self.goes_on(after, end) =>
            {
                Failure { token: after, expected: vec![Rule::compare_op] }
            }
            // `score up to 30 when …` on one line: what looks like a rule behind it was meant as a condition.
            Ok((item, after)) if self.is_bound_when(i, after, end) => {
                self.diagnostics.push(say::limit_when(self.token_span(after)));
                return self.accept(context, i, after, item);
            }
            Ok((_, after)) if self.swallowed_stage(i, after).is_some() => {
                Failure { token: after, expected: Vec::new() }
            }
            Ok((item, after)) => {
                // `employees over 50` in a profile: no criterion begins with `over` on the line of another.
                let is_cut = context == Context::Profile
                    && after == i + 1
                    && !self.starts_line(after)
                    && habits::compares(self.scan.word(after));
                let is_refused = is_cut || item.diagnostics.iter().any(Diagnostic::is_error);
                if is_refused && let Some(earlier) = self.before_habit(context, i, end) {
                    return self.item(context, i, earlier, build);
                }
                if is_refused && self.habit(context, i, end) {
                    return None;
                }
                return self.accept(context, i, after, item);
            }
            Err(failure) => failure,
        };
        // `sql if score >=` and on the next line `mql if …`: the name there was taken for the value that is missing.
        if let Some(stage) = self.swallowed_stage(i, failure.token) {
            let gives = self.scan.is_word(stage - 1, "add") || self.scan.is_word(stage - 1, "subtract");
            failure = Failure { token: stage, expected: vec![if gives { Rule::amount } else { Rule::sum }] };
        }
        // The item is fine and the trouble begins behind it: keep it, and let the trouble speak for itself.
        let at_text = context == Context::Profile && self.scan.kind(failure.token) == Some(Kind::Text);
        let may_end = failure.token > i && !self.scan.is_word(i, "stages") && !at_text;
        let mut fine = match may_end {
            true => self.parse(only, i, end, build).ok().filter(|(_, after)| *after == failure.token),
            false => None,
        };
        if let Some((item, after)) = fine.take_if(|(_, after)| self.begins_item(context, *after, end, build)) {
            return self.accept(context, i, after, item);
        }
        if let Some(earlier) = self.before_habit(context, i, end) {
            return self.item(context, i, earlier, build);
        }
        if self.habit_behind(context, i, end) || self.habit(context, i, end) {
            return None;
        }
        if let Some((item, after)) = fine {
            return self.accept(context, i, after, item);
        }
        self.report(context, i, end, &failure);
        None
    }

    /// Whether what stands at token `k`, behind an item, can be read, or is none of its business.
    fn begins_item<T>(
        &self,
        context: Context,
        k: usize,
        end: usize,
        build: &impl Fn(&mut Build<'_>, Pair<'_, Rule>) -> Option<T>,
    ) -> bool {
        let (next, only) = context.rules();
        k >= end
            || self.starts_line(k)
            || matches!(self.scan.kind(k), Some(Kind::Semi | Kind::Close(_)))
            || self.block_at(k).is_some()
            || self.parse(next, k, end, build).is_ok()
            || self.parse(only, k, end, build).is_ok()
    }

    /// The stage line right before token `t` whose stage was taken for a value of the item that begins at token `i`.
    fn swallowed_stage(&self, i: usize, t: usize) -> Option<usize> {
        let candidates = [t.wrapping_sub(1), t.wrapping_sub(2)];
        candidates.into_iter().find(|&k| {
            k > i + 1 && k < t && self.starts_line(k) && self.scan.is_word(k + 1, "if") && self.is_stage_line(k)
        })
    }

    /// `score up to 30 when x = 1` from token `i` on, with `when` at token `after` on the same line, and no points on that line.
    fn is_bound_when(&self, i: usize, after: usize, end: usize) -> bool {
        let word = |k: usize, word: &str| self.scan.is_word(k, word);
        let gives = |k: &usize| word(*k, "add") || word(*k, "subtract");
        word(i, "score")
            && (word(i + 1, "up") || word(i + 1, "never"))
            && word(after, "when")
            && !self.starts_line(after)
            && (after..end).find(gives).is_none_or(|k| self.starts_line(k))
    }

    fn starts_line(&self, i: usize) -> bool {
        self.scan.tokens.get(i).is_some_and(|t| t.starts_line)
    }

    /// Whether a name or text stands at token `i`, on the same line as what is before it.
    fn goes_on(&self, i: usize, end: usize) -> bool {
        i < end
            && !self.starts_line(i)
            && (self.scan.is_name(i) || matches!(self.scan.kind(i), Some(Kind::Text | Kind::Number)))
            && !self.is_start(Context::Score, i)
    }

    fn accept<T>(&mut self, context: Context, i: usize, after: usize, item: Parsed<T>) -> Option<T> {
        self.before_last = self.diagnostics.len();
        self.at = after.max(i + 1);
        let Parsed { item, diagnostics } = item;
        let is_sound = item.is_some() && !diagnostics.iter().any(Diagnostic::is_error);
        self.parts
            .push(Part { tokens: i..self.at, kind: if is_sound { PartKind::Line(context) } else { PartKind::Broken } });
        self.diagnostics.extend(diagnostics);
        item
    }

    fn skip_deep(&mut self, before: usize) -> bool {
        let from = self.too_deep;
        while self.scan.too_deep.get(self.too_deep).is_some_and(|&t| t < before) {
            self.too_deep += 1;
        }
        self.too_deep > from
    }

    fn report(&mut self, context: Context, i: usize, end: usize, failure: &Failure) {
        let mut from = failure.token.clamp(i + 1, end.max(i + 1));
        // `when when = …`: the second one is a name without backticks, not a rule.
        if from == i + 1
            && self.scan.is_word(from, "when")
            && !self.scan.tokens.get(from).is_some_and(|t| t.starts_line)
        {
            from += 1;
        }
        let after = self.behind_unopened(i, end).unwrap_or_else(|| self.resume(context, i, from, end));
        // What is nested too deep has its message.
        let deep = self.skip_deep(after);
        let unclosed = (i..=failure.token.min(after)).any(|t| self.scan.kind(t) == Some(Kind::UnclosedText));
        if !deep && !unclosed {
            self.diagnostics.push(describe::failure(self.file, self.scan, context, i, end, failure));
        }
        self.last_error = Some(failure.token.max(i));
        self.at = after;
        self.parts.push(Part { tokens: i..after, kind: PartKind::Broken });
    }

    /// Behind the brace that closes the block at token `i`, where the brace that should open it was left out.
    fn behind_unopened(&self, i: usize, end: usize) -> Option<usize> {
        let scan = self.scan;
        let named = scan.is_name(i + 1)
            || matches!(scan.kind(i + 1), Some(Kind::Text | Kind::UnclosedText))
            || scan.is_word(i, "model");
        let head = ["model", "profile", "persona", "score", "label", "test"].iter().any(|w| scan.is_word(i, w))
            && named
            || scan.is_word(i, "points") && scan.is_word(i + 1, "by")
            || (scan.is_word(i, "first") || scan.is_word(i, "best")) && scan.is_word(i + 1, "of");
        if !head || self.block_at(i).is_some() {
            return None;
        }
        for k in (i + 1..end).take(LONGEST_HEAD) {
            if scan.kind(k) == Some(Kind::Close(b'}')) && scan.tokens.get(k).is_some_and(|t| t.partner.is_none()) {
                return Some(k + 1);
            }
            if scan.tokens.get(k).is_some_and(|t| t.starts_line)
                && self.block_at(k).is_some_and(|b| !matches!(b, Block::Choice | Block::Table))
            {
                return None;
            }
        }
        None
    }

    /// Where to go on after an error at token `from`: behind a `;`, or at what looks like the next item.
    fn resume(&self, context: Context, i: usize, from: usize, end: usize) -> usize {
        let mut k = from;
        // Brackets that were opened before the error are left behind whole.
        let mut skip_to = k;
        for t in i..from {
            if let (Some(Kind::Open(_)), Some(partner)) =
                (self.scan.kind(t), self.scan.tokens.get(t).and_then(|t| t.partner))
            {
                skip_to = skip_to.max(partner as usize + 1);
            }
        }
        if skip_to <= end {
            k = k.max(skip_to);
        }
        while k < end {
            match self.scan.kind(k) {
                Some(Kind::Semi) => return k + 1,
                Some(Kind::Close(b'}')) | None => return k,
                _ if k > i && self.is_start(context, k) => return k,
                Some(Kind::Open(_)) => {
                    let partner = self.scan.tokens.get(k).and_then(|t| t.partner).map(|p| p as usize);
                    k = partner.filter(|&p| p < end).map_or(k + 1, |p| p + 1);
                }
                _ => k += 1,
            }
        }
        k.min(end).max(i + 1)
    }

    /// Whether a token looks like the beginning of an item. Guides recovery only.
    fn is_start(&self, context: Context, k: usize) -> bool {
        let scan = self.scan;
        let starts_line = scan.tokens.get(k).is_some_and(|t| t.starts_line);
        let before = k.checked_sub(1).map_or("", |p| scan.word(p));
        let goes_on = starts_line
            && matches!(
                before.to_ascii_lowercase().as_str(),
                "and" | "or" | "not" | "in" | "," | "=" | "+" | "-" | "if"
            );
        if goes_on {
            return false;
        }
        if scan.is_word(k, "when") {
            return true;
        }
        if self.block_at(k).is_some()
            || self.starts_statement(k)
            || (self.is_stage_line(k) && context != Context::Label)
        {
            return true;
        }
        match context {
            Context::Top | Context::Score | Context::Choice => starts_line && scan.is_name(k),
            Context::Label => {
                matches!(scan.kind(k), Some(Kind::Text)) && scan.is_word(k + 1, "if") || scan.is_word(k, "otherwise")
            }
            Context::Profile => {
                starts_line && !reserved::is_reserved(scan.word(k))
                    || scan.is_name(k) && scan.kind(k + 1) == Some(Kind::Colon)
            }
            Context::Model | Context::Data | Context::Table | Context::Test => starts_line,
            Context::Asked => false,
        }
    }

    /// Whether a token begins a statement that is no block and no stage line, by the words there.
    fn starts_statement(&self, k: usize) -> bool {
        let scan = self.scan;
        let starts_line = scan.tokens.get(k).is_some_and(|t| t.starts_line);
        let next = |n: usize, w: &str| scan.is_word(k + n, w);
        match scan.word(k).to_ascii_lowercase().as_str() {
            "field" | "use" | "label" | "let" | "activity" | "stages" => {
                starts_line && scan.kind(k + 1) != Some(Kind::Operator)
            }
            "exclude" | "disqualify" | "review" => next(1, "if"),
            "reset" => next(1, "if") || next(1, "at"),
            "treat" | "expect" => true,
            "as" => next(1, "of"),
            "score" => {
                starts_line && (scan.word(k + 1) == "=" || next(1, "between") || next(1, "up") || next(1, "never"))
            }
            "add" | "subtract" => starts_line && k > 0 && !next(1, "if"),
            _ => false,
        }
    }

    /// `sql if …`, `mql and above …`
    fn is_stage_line(&self, k: usize) -> bool {
        let next = |n: usize, w: &str| self.scan.is_word(k + n, w);
        self.scan.is_name(k)
            && ((next(1, "if") && !(next(2, "not") && (next(3, "add") || next(3, "subtract"))))
                || (next(1, "and") && next(2, "above")))
    }

    /// Asks the grammar for one item at token `i`. The text that it sees ends at token `end`, or earlier where that can
    /// make no difference: pest walks over all it was given when it makes an error.
    fn parse<T>(
        &self,
        rule: Rule,
        i: usize,
        end: usize,
        build: &impl Fn(&mut Build<'_>, Pair<'_, Rule>) -> Option<T>,
    ) -> Result<(Parsed<T>, usize), Failure> {
        let mut size = 48;
        loop {
            let stop = self.window(i, end, size);
            let base = self.scan.tokens.get(i).map_or(0, |t| t.start);
            // The parser calls itself for each level: it never sees what is nested too deep, and fails there.
            let text_stop = self.scan.too_deep.get(self.too_deep).map_or(stop, |&deep| deep.clamp(i, stop));
            let text_end = self.scan.tokens.get(text_stop).map_or(self.scan.clean.len(), |t| t.start as usize);
            let text = self.scan.clean.get(base as usize..text_end).unwrap_or("");
            let result = MeritParser::parse(rule, text);
            let reached = match &result {
                Ok(pairs) => {
                    pairs.clone().last().map_or(0, |p| p.as_span().as_str().trim_end().len() + p.as_span().start())
                }
                Err(error) => match error.location {
                    InputLocation::Pos(at) | InputLocation::Span((at, _)) => at,
                },
            };
            let token = self.token_behind(base as usize + reached);
            if stop < end && token + 8 >= stop {
                size *= 4;
                continue;
            }
            return match result {
                Ok(mut pairs) => {
                    let mut diagnostics = Vec::new();
                    let mut b = Build {
                        file: self.file,
                        scan: self.scan,
                        base,
                        is_placed: self.is_placed,
                        diagnostics: &mut diagnostics,
                    };
                    let item = pairs.next().and_then(|pair| build(&mut b, pair));
                    Ok((Parsed { item, diagnostics }, token))
                }
                Err(error) => {
                    let expected = match error.variant {
                        pest::error::ErrorVariant::ParsingError { positives, .. } => positives,
                        pest::error::ErrorVariant::CustomError { .. } => Vec::new(),
                    };
                    Err(Failure { token, expected })
                }
            };
        }
    }

    /// The token behind the first `size` tokens from `i` on; what stands in brackets counts as one.
    fn window(&self, i: usize, end: usize, size: usize) -> usize {
        let mut k = i;
        for _ in 0..size {
            if k >= end {
                break;
            }
            k = match self.scan.tokens.get(k) {
                Some(Token { kind: Kind::Open(_), partner: Some(partner), .. }) => *partner as usize + 1,
                _ => k + 1,
            };
        }
        k.min(end)
    }

    /// The first token of which something is left behind this byte: a curly quote at the end is white space to the parser.
    fn token_behind(&self, byte: usize) -> usize {
        let token = self.token_at(byte);
        let rest = self
            .scan
            .tokens
            .get(token)
            .filter(|t| (t.start as usize) < byte)
            .and_then(|t| self.scan.clean.get(byte..t.end as usize));
        token + usize::from(rest.is_some_and(|rest| rest.trim_start().is_empty()))
    }

    /// The first token that ends behind this byte.
    fn token_at(&self, byte: usize) -> usize {
        self.scan.tokens.partition_point(|t| (t.end as usize) <= byte)
    }

    fn token_span(&self, i: usize) -> Span {
        if !self.is_placed {
            return Span::default();
        }
        describe::token_span(self.file, self.scan, i)
    }

    /// What is kept of a broken statement that began at token `i`: the name that it would have defined, or its stages.
    fn broken(&self, i: usize) -> ItemKind {
        if !self.scan.is_word(i, "stages") {
            return ItemKind::Broken(self.defined_name(i));
        }
        let name = |k: usize| Name {
            text: self.scan.word(k).trim_matches('`').to_owned(),
            quoted: self.scan.kind(k) == Some(Kind::Quoted),
            span: self.token_span(k),
        };
        let mut names: Vec<(Name, Vec<Text>)> = Vec::new();
        for k in (i + 1..self.at).filter(|&k| self.scan.is_name(k)) {
            let name = name(k);
            if !names.iter().any(|(n, _)| n.text.eq_ignore_ascii_case(&name.text)) {
                names.push((name, Vec::new()));
            }
        }
        if names.is_empty() {
            ItemKind::Broken(None)
        } else {
            ItemKind::Stages(Stages { names, from: None, never_lower: false })
        }
    }

    /// What a broken statement would have defined, so that its users are not reported as well.
    fn defined_name(&self, i: usize) -> Option<Name> {
        let defines = ["let", "profile", "persona", "score", "label", "field", "list", "var", "const", "define", "set"];
        let is_block = self.scan.is_name(i) && self.scan.kind(i + 1) == Some(Kind::Open(b'{'));
        if !is_block && !defines.iter().any(|w| self.scan.is_word(i, w)) {
            return None;
        }
        // `let let x`, `profile "Title" x`: the name may stand a little further. `bant { … }`: it is the first word.
        let range = if is_block { i..i + 1 } else { i + 1..i + 3 };
        let k =
            range.into_iter().find(|&k| self.scan.is_name(k) && !defines.iter().any(|w| self.scan.is_word(k, w)))?;
        let written = self.scan.word(k);
        Some(Name {
            text: written.trim_matches('`').to_owned(),
            quoted: written.starts_with('`'),
            span: self.token_span(k),
        })
    }
}

/// What became of a piece that the grammar accepts.
struct Parsed<T> {
    item: Option<T>,
    diagnostics: Vec<Diagnostic>,
}

/// The kinds of blocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Block {
    Model,
    Data,
    Profile,
    Score,
    Choice,
    Table,
    Label,
    Test,
}

impl Reader<'_> {
    /// Which block the statement at token `i` opens, if any.
    fn block_at(&self, i: usize) -> Option<Block> {
        let scan = self.scan;
        // The brace stands on the line of the word, or begins the next one.
        let opens = |from: usize| -> bool {
            for k in from..from + 60 {
                match scan.kind(k) {
                    Some(Kind::Open(b'{')) => return true,
                    None | Some(Kind::Semi | Kind::Close(b'}')) => return false,
                    _ if self.starts_line(k) || (k > from && (scan.is_word(k, "when") || scan.is_word(k, "if"))) => {
                        return false;
                    }
                    _ => {}
                }
            }
            false
        };
        if scan.kind(i) != Some(Kind::Word) {
            return None;
        }
        match scan.word(i).to_ascii_lowercase().as_str() {
            "model" if scan.kind(i + 1) != Some(Kind::Operator) && opens(i + 1) => Some(Block::Model),
            "leads" if scan.kind(i + 1) == Some(Kind::Open(b'{')) => Some(Block::Data),
            "activity" if scan.is_word(i + 1, "log") && scan.kind(i + 2) == Some(Kind::Open(b'{')) => Some(Block::Data),
            "profile" | "persona" if scan.is_name(i + 1) && opens(i + 2) => Some(Block::Profile),
            "label" if scan.is_name(i + 1) && opens(i + 2) => Some(Block::Label),
            "score" if scan.is_name(i + 1) && !scan.is_word(i + 1, "never") && opens(i + 2) => Some(Block::Score),
            "test" if matches!(scan.kind(i + 1), Some(Kind::Text | Kind::UnclosedText)) && opens(i + 1) => {
                Some(Block::Test)
            }
            "first" | "best" if scan.is_word(i + 1, "of") && scan.kind(i + 2) == Some(Kind::Open(b'{')) => {
                Some(Block::Choice)
            }
            "points" if scan.is_word(i + 1, "by") && opens(i + 2) => Some(Block::Table),
            _ => None,
        }
    }

    /// The block whose whole head stands at token `i`, however it is spread over lines: here the grammar decides.
    fn head_at(&self, i: usize, end: usize) -> Option<Block> {
        let scan = self.scan;
        let block = match scan.word(i).to_ascii_lowercase().as_str() {
            "model" => Block::Model,
            "profile" | "persona" => Block::Profile,
            "label" => Block::Label,
            "score" => Block::Score,
            "test" => Block::Test,
            "points" => Block::Table,
            _ => return None,
        };
        let ends = |k: &usize| {
            !matches!(scan.kind(*k), None | Some(Kind::Semi | Kind::Close(b'}'))) && !scan.is_word(*k, "when")
        };
        let brace = (i..end).take(LONGEST_HEAD).take_while(ends).find(|&k| scan.kind(k) == Some(Kind::Open(b'{')))?;
        let build = |b: &mut Build<'_>, pair: Pair<'_, Rule>| build::head(b, pair);
        let (_, after) = self.parse(Rule::next_head, i, brace + 1, &build).ok()?;
        (after == brace + 1).then_some(block)
    }

    /// Reads a block: header, body, closing brace.
    fn block(&mut self, block: Block, around: Context, end: usize) -> Item {
        let i = self.at;
        let Some(brace) = (i..end).find(|&k| self.scan.kind(k) == Some(Kind::Open(b'{'))) else {
            self.at += 1;
            return Item { kind: ItemKind::Broken(None), span: self.token_span(i) };
        };
        let allowed = match around {
            Context::Top => true,
            Context::Score => matches!(block, Block::Choice | Block::Table),
            _ => block == Block::Table,
        };
        if !allowed {
            // Left behind whole: blocks nest three deep at most.
            self.diagnostics.push(say::misplaced(self.token_span(i), self.scan.word(i), describe::place(around)));
            self.at = self.scan.tokens.get(brace).and_then(|t| t.partner).map_or(brace, |p| p as usize) + 1;
            self.last_error = Some(self.at);
            return Item { kind: ItemKind::Broken(self.defined_name(i)), span: self.token_span(i) };
        }
        let (outside, errors) = (self.parts.len(), self.diagnostics.len());
        let mut head = self.head(i, brace);
        let is_sound = head.is_some() && self.diagnostics.len() == errors;
        self.parts.truncate(outside);
        self.parts.push(Part { tokens: i..brace + 1, kind: PartKind::Open });
        let partner = self
            .scan
            .tokens
            .get(brace)
            .and_then(|t| t.partner)
            .map(|p| p as usize)
            .filter(|&p| p < end || end == self.scan.tokens.len());
        // A block inside of another may have taken the other's closing brace.
        let may_be_open = partner.is_none() || self.unbalanced && matches!(block, Block::Table | Block::Choice);
        let opener = may_be_open.then_some(brace);
        self.at = brace + 1;
        self.body(block, partner.unwrap_or(end), opener, &mut head);
        let close = partner.filter(|&close| is_sound && self.at == close);
        match partner {
            Some(close) if self.at < close => {
                self.given_up.push(brace);
                self.diagnostics.push(say::unclosed_bracket(
                    self.token_span(brace),
                    "{",
                    Some(self.token_span(self.at)),
                ));
            }
            Some(close) => self.at = self.at.max(close + 1),
            None if self.closes_given_up(self.at) => self.at += 1,
            None => {
                let proof = (self.at < end).then(|| self.token_span(self.at));
                self.diagnostics.push(say::unclosed_bracket(self.token_span(brace), "{", proof));
            }
        }
        match close {
            Some(close) => self.parts.push(Part { tokens: close..close + 1, kind: PartKind::Close }),
            None => {
                self.parts.truncate(outside);
                self.parts.push(Part { tokens: i..self.at, kind: PartKind::Broken });
            }
        }
        let last = self.at.saturating_sub(1).max(i);
        let kind = match head {
            Some(kind) => kind,
            None => ItemKind::Broken(self.defined_name(i)),
        };
        Item { kind, span: self.token_span(i).to(self.token_span(last)) }
    }

    fn head(&mut self, i: usize, brace: usize) -> Option<ItemKind> {
        let build = |b: &mut Build<'_>, pair: Pair<'_, Rule>| build::head(b, pair);
        match self.parse(Rule::next_head, i, brace + 1, &build) {
            Ok((Parsed { item, diagnostics }, _)) => {
                self.diagnostics.extend(diagnostics);
                item
            }
            Err(failure) => {
                let close = self.scan.tokens.get(brace).and_then(|t| t.partner).map_or(brace, |p| p as usize + 1);
                if self.habit(Context::Top, i, close) {
                    self.at = brace + 1;
                } else {
                    self.report(Context::Top, i, brace, &failure);
                }
                None
            }
        }
    }

    fn body(&mut self, block: Block, end: usize, opener: Option<usize>, head: &mut Option<ItemKind>) {
        match block {
            Block::Model => {
                let (entries, _) = self.lines(Context::Model, end, opener, build::model_entry);
                if let Some(ItemKind::Model(model)) = head {
                    model.entries = entries;
                }
            }
            Block::Data => {
                let (lines, _) = self.lines(Context::Data, end, opener, build::data_line);
                if let Some(ItemKind::Data(data)) = head {
                    data.lines = lines;
                }
            }
            Block::Profile => {
                let (criteria, broken) = self.lines(Context::Profile, end, opener, build::criterion);
                if let Some(ItemKind::Profile(profile)) = head {
                    (profile.criteria, profile.broken) = (criteria, broken);
                }
            }
            Block::Score => {
                let items = self.statements(Context::Score, end, opener);
                if let Some(ItemKind::Score(score)) = head {
                    score.items = items;
                }
            }
            Block::Choice => {
                let items = self.statements(Context::Choice, end, opener);
                if let Some(ItemKind::Choice(choice)) = head {
                    choice.items = items;
                }
            }
            Block::Table => {
                let (lines, _) = self.lines(Context::Table, end, opener, build::case_line);
                if let Some(ItemKind::Table(table)) = head {
                    table.lines = TableLines::Here(lines);
                }
            }
            Block::Label => {
                let (lines, broken) = self.lines(Context::Label, end, opener, build::label_line);
                match head {
                    // Nothing is left of it, which has been told.
                    Some(ItemKind::Label(label)) if broken && lines.is_empty() => {
                        *head = Some(ItemKind::Broken(Some(label.name.clone())));
                    }
                    Some(ItemKind::Label(label)) => label.lines = lines,
                    _ => {}
                }
            }
            Block::Test => {
                let (lines, broken) = self.lines(Context::Test, end, opener, build::test_item);
                if let Some(ItemKind::Test(test)) = head {
                    (test.items, test.broken) = (lines, broken);
                }
            }
        }
    }
}
