//! Patterns of words over tokens, as the table of habits has them.

use std::collections::HashSet;

use crate::reserved;
use crate::syntax::scan::{Kind, Scan};

/// English words that hold a sentence together: nobody means a column or an activity of such a name.
pub const ENGLISH: &[&str] = &[
    "a",
    "above",
    "ago",
    "an",
    "any",
    "are",
    "as",
    "been",
    "below",
    "best",
    "but",
    "by",
    "day",
    "days",
    "did",
    "do",
    "does",
    "either",
    "else",
    "equal",
    "equals",
    "ever",
    "exactly",
    "fewer",
    "first",
    "for",
    "from",
    "greater",
    "had",
    "has",
    "have",
    "higher",
    "hour",
    "hours",
    "if",
    "include",
    "includes",
    "larger",
    "last",
    "later",
    "latest",
    "least",
    "less",
    "like",
    "longer",
    "lower",
    "many",
    "minute",
    "minutes",
    "month",
    "months",
    "more",
    "most",
    "never",
    "newer",
    "next",
    "older",
    "on",
    "once",
    "only",
    "over",
    "past",
    "previous",
    "prior",
    "quarter",
    "quarters",
    "recent",
    "several",
    "smaller",
    "than",
    "that",
    "the",
    "this",
    "time",
    "times",
    "to",
    "top",
    "twice",
    "under",
    "until",
    "was",
    "week",
    "weeks",
    "were",
    "with",
    "without",
    "year",
    "years",
    "yesterday",
    "younger",
];

/// Functions that give a value: no activity is called so.
const FUNCTIONS: &[&str] = &[
    "abs",
    "count",
    "days_since",
    "domain",
    "earliest",
    "first",
    "fit",
    "floor",
    "hour",
    "last",
    "latest",
    "length",
    "lookup",
    "max",
    "min",
    "month",
    "round",
    "sum",
    "weekday",
    "year",
    "fired",
    "review",
];

/// What matched: the token behind it, and what the capitals took.
pub struct Matched {
    pub end: usize,
    pub taken: Vec<String>,
}

/// Whether all words are there that a pattern cannot do without. Most patterns are ruled out so, at no place of an item.
pub fn may_match(parts: &[&str], words: &HashSet<String>) -> bool {
    let is_there = |part: &&str| {
        let is_word = !matches!(*part, "^" | "$") && !part.starts_with(|c: char| c.is_ascii_uppercase() || c == '&');
        let is_sure = is_word && !part.ends_with('?') && (matches!(*part, "!" | "!=") || !part.starts_with('!'));
        !is_sure || part.split('|').any(|word| words.contains(word))
    };
    parts.iter().all(is_there)
}

/// The match of a pattern at token `k` of an item that begins at token `start` and ends before token `stop`.
pub fn matched(scan: &Scan<'_>, parts: &[&str], start: usize, k: usize, stop: usize) -> Option<Matched> {
    let mut taken = Vec::new();
    let look = Look { scan, start, stop };
    let end = look.parts(parts, k, &mut taken)?;
    (!look.is_torn(k, end)).then_some(Matched { end, taken })
}

struct Look<'s> {
    scan: &'s Scan<'s>,
    start: usize,
    stop: usize,
}

impl Look<'_> {
    fn parts(&self, parts: &[&str], k: usize, taken: &mut Vec<String>) -> Option<usize> {
        let Some((&part, rest)) = parts.split_first() else { return Some(k) };
        match part {
            "^" if k == self.start && !matches!(rest, ["2" | "3", ..]) => return self.parts(rest, k, taken),
            "$" => return if self.ends_line(k) { self.parts(rest, k, taken) } else { None },
            "COND" if self.is_any(k, &["else", "default", "otherwise"]) => return None,
            "COND" => {
                let mut end = k + 1;
                while end <= self.stop && !matches!(self.scan.kind(end - 1), None | Some(Kind::Semi)) {
                    let before = taken.len();
                    taken.push(self.written(k, end));
                    if let Some(end) = self.parts(rest, end, taken) {
                        return Some(end);
                    }
                    taken.truncate(before);
                    end = self.behind(end);
                }
                return None;
            }
            _ => {}
        }
        if let Some(ahead) = part.strip_prefix('&') {
            return if self.ahead(ahead, k) { self.parts(rest, k, taken) } else { None };
        }
        if let Some(other) = part.strip_prefix('!').filter(|other| !matches!(*other, "" | "=")) {
            return if self.ahead(other, k) { None } else { self.parts(rest, k, taken) };
        }
        let (part, may_lack) = part.strip_suffix('?').map_or((part, false), |part| (part, true));
        let before = taken.len();
        if let Some(end) = self.one(part, k, taken)
            && let Some(end) = self.parts(rest, end, taken)
        {
            return Some(end);
        }
        taken.truncate(before);
        if may_lack { self.parts(rest, k, taken) } else { None }
    }

    /// The token behind one part of a pattern.
    fn one(&self, part: &str, k: usize, taken: &mut Vec<String>) -> Option<usize> {
        if k >= self.stop {
            return None;
        }
        if part.starts_with(|c: char| c.is_ascii_uppercase()) {
            let (end, text) = self.capital(part, k)?;
            taken.push(text);
            return (end <= self.stop).then_some(end);
        }
        let is_there = self.scan.kind(k) != Some(Kind::Text) && part.split('|').any(|w| self.is(k, w));
        is_there.then_some(k + 1)
    }

    fn ahead(&self, part: &str, k: usize) -> bool {
        match part {
            "COMPARED" => self.is_compared(k),
            "VALUE" | "SUBJECT" | "WORD" => self.capital(part, k).is_some(),
            _ => k < self.stop && part.split('|').any(|w| self.is(k, w)),
        }
    }

    /// Whether another item begins between two tokens, by what stands first on a line.
    fn is_torn(&self, from: usize, to: usize) -> bool {
        let begins = |k: usize| {
            let lower = self.scan.word(k).to_ascii_lowercase();
            matches!(self.scan.kind(k), Some(Kind::Operator | Kind::Number))
                || reserved::STATEMENTS.contains(&&*lower)
                || self.scan.is_name(k) && self.is(k + 1, "if")
        };
        (from + 1..to).any(|k| self.starts_line(k) && begins(k))
    }

    fn is(&self, k: usize, word: &str) -> bool {
        self.scan.word(k).eq_ignore_ascii_case(word)
    }

    fn is_any(&self, k: usize, words: &[&str]) -> bool {
        k < self.stop && words.iter().any(|w| self.is(k, w))
    }

    /// Whether a comparison goes on at this token.
    fn is_compared(&self, k: usize) -> bool {
        self.scan.kind(k) == Some(Kind::Operator)
            || self.is_any(
                k,
                &["is", "in", "not", "contains", "mentions", "matches", "starts", "ends", "between", "before", "after"],
            )
            || self.is_any(
                k,
                &[
                    "since", "has", "have", "includes", "like", "greater", "more", "less", "over", "above", "under",
                    "below",
                ],
            )
            || self.is_any(k, &["equals", "does", "older"])
            || self.is(k, "at") && self.is_any(k + 1, &["least", "most"])
    }

    fn starts_line(&self, k: usize) -> bool {
        self.scan.tokens.get(k).is_none_or(|t| t.starts_line)
    }

    fn ends_line(&self, k: usize) -> bool {
        k >= self.stop
            || self.starts_line(k)
            || matches!(self.scan.kind(k), None | Some(Kind::Semi | Kind::Close(b'}')))
    }

    /// The token behind this one, or behind the bracket that it opens.
    fn behind(&self, k: usize) -> usize {
        match self.scan.tokens.get(k) {
            Some(t) if matches!(t.kind, Kind::Open(_)) => t.partner.map_or(k + 1, |p| p as usize + 1),
            _ => k + 1,
        }
    }

    /// The tokens from one to before another, as they are written.
    pub fn written(&self, from: usize, to: usize) -> String {
        let (Some(a), Some(b)) = (self.scan.tokens.get(from), self.scan.tokens.get(to.max(1) - 1)) else {
            return String::new();
        };
        self.scan.clean.get(a.start as usize..b.end as usize).unwrap_or("").trim().to_owned()
    }

    fn is_english(&self, k: usize) -> bool {
        self.scan.kind(k) == Some(Kind::Word) && ENGLISH.iter().any(|w| self.is(k, w))
    }

    fn touches_parenthesis(&self, k: usize) -> bool {
        let (Some(name), Some(open)) = (self.scan.tokens.get(k), self.scan.tokens.get(k + 1)) else { return false };
        open.kind == Kind::Open(b'(') && open.start == name.end
    }

    fn is_plain_name(&self, k: usize) -> bool {
        self.scan.is_name(k) && !self.is_english(k) && !self.touches_parenthesis(k)
    }

    /// A number of digits alone, or with `k`, `m` or `%` behind them.
    fn is_number(&self, k: usize) -> bool {
        let word = self.scan.word(k);
        let digits = word.trim_end_matches(['k', 'K', 'm', 'M', '%']);
        self.scan.kind(k) == Some(Kind::Number)
            && word.len() <= digits.len() + 1
            && digits.chars().all(|c| c.is_ascii_digit() || c == '.' || c == '_')
    }

    fn unit(&self, k: usize) -> Option<&'static str> {
        let units = ["minute", "hour", "day", "week", "month", "quarter", "year"];
        let word = self.scan.word(k).to_ascii_lowercase();
        let word = word.strip_suffix('s').unwrap_or(&word);
        units.into_iter().find(|u| *u == word)
    }

    fn period(&self, k: usize) -> Option<(usize, String)> {
        if let Some(unit) = self.unit(k).filter(|_| self.scan.kind(k) == Some(Kind::Word)) {
            return (!self.starts_line(k)).then(|| (k + 1, format!("1 {unit}")));
        }
        let count: u64 = match self.scan.word(k).to_ascii_lowercase().as_str() {
            "a" | "an" | "one" => 1,
            "two" => 2,
            "three" => 3,
            "six" => 6,
            number => number.parse().ok()?,
        };
        let unit = self.unit(k + 1)?;
        Some((k + 2, format!("{count} {unit}{}", if count == 1 { "" } else { "s" })))
    }

    /// Texts, or words that were meant as texts, parted by commas or `or`; two or more.
    fn texts(&self, k: usize) -> Option<(usize, String)> {
        let mut texts = Vec::new();
        let mut at = k;
        loop {
            match self.scan.kind(at)? {
                Kind::Text => texts.push(self.scan.word(at).to_owned()),
                Kind::Word if self.is_plain_name(at) => texts.push(format!("\"{}\"", self.scan.word(at))),
                _ => return None,
            }
            let comma = self.scan.kind(at + 1) == Some(Kind::Comma);
            let next = at + 1 + usize::from(comma);
            let or = self.is(next, "or");
            let goes_on = comma || or && (texts.len() > 1 || self.scan.kind(next + 1) == Some(Kind::Text));
            if !goes_on || next >= self.stop {
                return (texts.len() > 1).then(|| (at + 1, texts.join(", ")));
            }
            at = next + usize::from(or);
        }
    }

    fn call(&self, k: usize) -> Option<(usize, String)> {
        if !self.scan.is_name(k) || !self.touches_parenthesis(k) {
            return None;
        }
        let end = self.scan.tokens.get(k + 1)?.partner? as usize + 1;
        Some((end, self.written(k, end)))
    }

    fn value(&self, k: usize) -> Option<usize> {
        let is_alone = |end: usize| {
            self.unit(end).is_none()
                && !self.is_any(end, &["times", "time", "percent", "million", "thousand", "billion"])
        };
        match self.scan.kind(k)? {
            Kind::Text => Some(k + 1),
            Kind::Number => is_alone(k + 1).then_some(k + 1),
            Kind::Open(b'(') => Some(self.scan.tokens.get(k)?.partner? as usize + 1),
            _ if self.is(k, "today") => Some(k + 1),
            _ => self.call(k).map(|(end, _)| end).or_else(|| self.is_plain_name(k).then_some(k + 1)),
        }
    }

    fn is_verb(&self, k: usize) -> bool {
        let word = self.scan.word(k).to_ascii_lowercase();
        self.is_plain_name(k)
            && self.scan.kind(k) == Some(Kind::Word)
            && (word.len() > 4 && word.ends_with("ed") || is_usual(&word))
    }

    /// What a capital takes at token `k`: the token behind it, and its text.
    fn capital(&self, name: &str, k: usize) -> Option<(usize, String)> {
        let word = self.scan.word(k);
        let lower = word.to_ascii_lowercase();
        let one = |is: bool| is.then(|| (k + 1, word.to_owned()));
        let of = |words: &[&str]| words.contains(&&*lower).then(|| (k + 1, lower.clone()));
        match name {
            // A column.
            "NAME" => one(self.is_plain_name(k)),
            "NAMES" => {
                let count = (k..k + 5).take_while(|&n| self.is_plain_name(n) && !self.is_verb_of_points(n)).count();
                let names: Vec<&str> = (k..k + count).map(|n| self.scan.word(n).trim_matches('`')).collect();
                ((2..=4).contains(&count) && !self.is_verb(k)).then(|| (k + count, names.join("_").to_lowercase()))
            }
            "WORD" => one(self.scan.is_name(k) || self.is_number(k)),
            // Something that was done.
            "VERB" => one(self.is_verb(k)),
            "ACT" => self.call(k).filter(|_| !FUNCTIONS.contains(&&*lower)),
            // `visit("pricing")`, as it is named when it was done.
            "DONE" => {
                let stem = lower.strip_suffix('y').unwrap_or(&lower);
                let usual = reserved::USUAL_ACTIVITY.iter().find(|u| stem.len() > 3 && u.starts_with(stem))?;
                self.call(k).map(|(end, call)| (end, format!("{usual}{}", call.get(word.len()..).unwrap_or("()"))))
            }
            "SUBJECT" => self.call(k).or_else(|| one(self.is_plain_name(k))),
            "TEXT" => one(self.scan.kind(k) == Some(Kind::Text)),
            "TEXTS" => self.texts(k),
            "COMMAS" => self.texts(k).filter(|_| self.scan.kind(k + 1) == Some(Kind::Comma)),
            // What stands before a condition.
            "BEFORE" => of(&["when", "if", "and", "or", "not"]),
            "LIST" if self.scan.kind(k) == Some(Kind::Open(b'[')) => {
                let end = self.behind(k);
                Some((end, self.written(k, end)))
            }
            // A number, whatever follows, and one without a unit behind it.
            "NUMBER" => one(self.is_number(k)),
            "NUM" => one(self.is_number(k) && self.value(k).is_some()),
            "PERCENT" => one(self.is_number(k) && word.ends_with('%')),
            "LESS" => Some((k + 1, (word.parse::<u64>().ok()?.checked_sub(1)?).to_string())),
            "BIG" => self.big(k),
            "NUMERIC" => {
                let end = self.value(k).filter(|_| !matches!(self.scan.kind(k), Some(Kind::Text)))?;
                Some((end, self.written(k, end)))
            }
            "VALUE" => self.value(k).map(|end| (end, self.written(k, end))),
            "SUM" => {
                let (mut end, mut count) = (self.value(k)?, 1);
                while self.scan.kind(end) == Some(Kind::Operator)
                    && matches!(self.scan.word(end), "+" | "-" | "*" | "/")
                {
                    end = self.value(end + 1)?;
                    count += 1;
                }
                (count > 1).then(|| (end, self.written(k, end)))
            }
            "PERIOD" => self.period(k),
            "UNIT" => self.unit(k).map(|unit| (k + 1, format!("{} {unit}", if unit == "hour" { "an" } else { "a" }))),
            "UNITS" => self.unit(k).map(|unit| (k + 1, unit.to_owned())).or_else(|| self.period(k)),
            "COUNT" if self.is_any(k + 1, &["times", "time"]) && self.is_number(k) => {
                Some((k + 2, self.written(k, k + 2)))
            }
            "COUNT" => of(&["once", "twice"]),
            "TIMES" => of(&["once", "twice", "times"]),
            "NOW" => {
                let end = if self.is(k + 1, "(") && self.is(k + 2, ")") { k + 3 } else { k + 1 };
                of(&["today", "now"]).map(|(_, text)| (end, text))
            }
            "LIKE" if self.scan.kind(k) == Some(Kind::Text) => {
                let test = if word.contains('%') || word.contains('*') { "matches" } else { "mentions" };
                Some((k + 1, format!("{test} {}", word.replace('%', "*"))))
            }
            "TEXTTEST" => match &*lower {
                "starts" | "ends" if self.is(k + 1, "with") => Some((k + 2, format!("{lower} with"))),
                _ => of(&["contains", "mentions", "matches"]),
            },
            "SINCE" => of(&["before", "after", "since"]),
            "GIVE" => of(&["add", "subtract"]),
            "VERDICT" => of(&["disqualify", "exclude", "review"]),
            "LABEL" => match &*lower {
                "route" | "assign" | "rep" => Some((k + 1, "owner".to_owned())),
                _ => of(LABELS),
            },
            "PROFILE" => {
                of(&["bant", "champ", "meddic", "meddpicc", "gpct", "anum", "checklist", "criteria", "persona", "icp"])
            }
            "LADDER" => self.ladder(k),
            _ => None,
        }
    }

    fn is_verb_of_points(&self, k: usize) -> bool {
        self.is_any(k, &["add", "subtract"])
    }

    /// `1 million`, `1mn`, `2.5 billion`, `50 thousand`
    fn big(&self, k: usize) -> Option<(usize, String)> {
        if self.scan.kind(k) != Some(Kind::Number) {
            return None;
        }
        let word = self.scan.word(k).to_ascii_lowercase();
        let letters = word.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.' || c == '_');
        let digits = word.get(..word.len() - letters.len())?;
        let (end, size) = if letters.is_empty() {
            (k + 2, self.scan.word(k + 1).to_ascii_lowercase())
        } else {
            (k + 1, letters.to_owned())
        };
        match &*size {
            "million" | "millions" | "mio" | "mln" | "mn" | "mill" | "mm" => Some((end, format!("{digits}M"))),
            "thousand" | "thousands" => Some((end, format!("{digits}k"))),
            "billion" | "billions" | "bn" | "bln" => {
                let millions = crate::number::read_number(&digits.replace('_', ""))? * 1000.0;
                Some((end, format!("{}M", crate::number::to_text(millions))))
            }
            _ => None,
        }
    }

    /// `lead < mql < sql`, `lead -> mql`, `lead mql sql`, `[lead, mql]`: the stages from low to high, parted by commas.
    fn ladder(&self, k: usize) -> Option<(usize, String)> {
        let (mut names, mut falls, mut at) = (Vec::new(), false, k);
        while at < self.stop && !(self.starts_line(at) && at > k && self.scan.is_name(at)) {
            match self.scan.word(at) {
                ">" if self.scan.word(at - 1) != "-" => falls = true,
                ">" | "<" | "-" | "=>" | "," | ":" | "|" | "/" | "[" | "]" | "→" | "=" => {}
                word if self.scan.is_name(at) && !matches!(&*word.to_ascii_lowercase(), "from" | "never") => {
                    names.push(word.to_owned());
                }
                _ => break,
            }
            at += 1;
        }
        if falls {
            names.reverse();
        }
        (names.len() > 1).then(|| (at, names.join(", ")))
    }
}

/// Words that people begin a line with where a label does the job.
const LABELS: &[&str] = &[
    "owner",
    "territory",
    "queue",
    "grade",
    "tier",
    "rating",
    "tag",
    "segment",
    "category",
    "priority",
    "bucket",
    "band",
    "matrix",
    "action",
    "temperature",
];

/// What leads do, as most models name it.
pub fn is_usual(word: &str) -> bool {
    reserved::USUAL_ACTIVITY.contains(&word)
}

/// Whether an item begins at a token that is the first on its line, by its word: `add` and `subtract` go on with one.
pub fn begins_item(scan: &Scan<'_>, k: usize) -> bool {
    let lower = scan.word(k).to_ascii_lowercase();
    let begins = reserved::STATEMENTS.contains(&&*lower) && !matches!(&*lower, "add" | "subtract" | "first" | "best");
    scan.kind(k) == Some(Kind::Word) && begins || scan.is_name(k) && scan.is_word(k + 1, "if")
}

/// Whether a word compares in plain English, and no criterion begins with it.
pub fn compares(word: &str) -> bool {
    let words =
        ["over", "above", "under", "below", "more", "less", "greater", "fewer", "higher", "lower", "older", "newer"];
    let others = ["has", "includes", "include", "like", "equals", "exceeds"];
    words.iter().chain(&others).any(|w| word.eq_ignore_ascii_case(w))
}

/// Whether a word holds a sentence together: neither a column nor an activity is called so.
pub fn is_english(word: &str) -> bool {
    let lower = word.to_ascii_lowercase();
    ENGLISH.contains(&&*lower) || reserved::is_reserved(word)
}
