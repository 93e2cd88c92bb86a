//! Habits: what people type in the words of other tools or of plain English, and the line to type instead.
//!
//! A table has the patterns. A line is put forward only after the parser itself has read it without a message, so that no help leads
//! to a second error. Asked for nothing but items that are refused.

mod pattern;
mod table;

use std::collections::HashSet;

use self::pattern::{matched, may_match};
use self::table::{ADVICE, ADVICE_PARTS, HABITS, Habit, PARTS};
use super::scan::{Kind, Scan, scan};
use crate::diagnostic::Diagnostic;
use crate::messages::habits as say;
use crate::source::FileId;

pub(super) use self::pattern::{compares, is_english, is_usual};
pub(super) use self::table::BEGIN_LINES;

/// So many tokens of an item are looked at.
const LONGEST: usize = 150;
/// So many lines are tried for one item, and so many habits in one line.
const MOST_TRIALS: usize = 16;
const MOST_HABITS: usize = 3;

/// What was recognised: its message, and the bytes at which it begins and ends.
pub(super) struct Told {
    pub diagnostic: Diagnostic,
    pub start: usize,
    pub end: usize,
    /// Whether that is the end of the item.
    pub is_whole: bool,
}

/// A line in which one habit has been put right.
struct Try {
    text: String,
    /// The text behind what was put right, in bytes from the end.
    tail: usize,
    first: First,
}

/// The first habit of a line: the one that is told.
#[derive(Clone)]
struct First {
    habit: &'static Habit,
    /// Its bytes, its tokens, what was typed, what is proper, and what else could be.
    place: (usize, usize),
    typed: String,
    proper: String,
    or: String,
}

/// The habit in the item that begins at token `start`, if `reads` can read the item without it. That gets a text, and gives the byte
/// at which the item at its beginning ends.
pub(super) fn told(
    file: FileId,
    whole: &Scan<'_>,
    start: usize,
    end: usize,
    is_statement: bool,
    reads: impl Fn(&str) -> Option<usize>,
) -> Option<Told> {
    let stop = last_token(whole, start, end);
    let (first, last) = (whole.tokens.get(start)?, whole.tokens.get(stop.checked_sub(1)?)?);
    let base = first.start as usize;
    let text = whole.clean.get(base..last.end as usize)?;
    let item = scan(file, text);
    rewritten(file, whole, base, &item, &reads).or_else(|| advice(file, whole, base, &item, is_statement))
}

/// What can be said where no line can be put forward.
fn advice(file: FileId, whole: &Scan<'_>, base: usize, item: &Scan<'_>, is_statement: bool) -> Option<Told> {
    let words = words(item);
    let table = ADVICE.iter().zip(ADVICE_PARTS.iter()).filter(|(_, parts)| may_match(parts, &words));
    for (advice, parts) in table.filter(|(a, _)| is_statement || !a.typed.starts_with('^')) {
        for k in 0..item.tokens.len() {
            let Some(found) = matched(item, parts, 0, k, item.tokens.len()) else { continue };
            let (first, last) = (item.tokens.get(k)?, item.tokens.get(found.end.checked_sub(1)?)?);
            let (from, to) = (first.start as usize, last.end as usize);
            let at = whole.place(file, base + from, base + to);
            let typed = on_one_line(item.clean.get(from..to).unwrap_or(""));
            return Some(Told {
                diagnostic: (advice.tell)(at, &typed, &found.taken),
                start: base + from,
                end: base + to,
                is_whole: false,
            });
        }
    }
    None
}

fn rewritten(
    file: FileId,
    whole: &Scan<'_>,
    base: usize,
    item: &Scan<'_>,
    reads: &impl Fn(&str) -> Option<usize>,
) -> Option<Told> {
    let text = item.clean.as_str();
    let mut tries = changes(item, text, None);
    let mut count = 0;
    for _ in 0..MOST_HABITS {
        for change in &tries {
            count += 1;
            if count > MOST_TRIALS {
                return None;
            }
            let Some(ends) = reads(&change.text).filter(|&ends| ends + change.tail >= change.text.len()) else {
                continue;
            };
            let First { habit, place: (from, to), typed, proper, or } = &change.first;
            let at = whole.place(file, base + from, base + to);
            let mut line = on_one_line(change.text.get(..ends).unwrap_or(""));
            let is_whole = text.len() - (to - from) + proper.len() == change.text.len()
                && change.text.get(*from..from + proper.len()) == Some(proper);
            // A review says what to look at.
            let lacks_reason = line.starts_with("review if") && !line.contains(" because ");
            if lacks_reason {
                line.push_str(" because \"Look at this\"");
            }
            let is_whole = is_whole && !lacks_reason;
            let diagnostic =
                say::other_words(at, habit.code, &on_one_line(typed), proper, &line, or, habit.is_near, is_whole);
            let end = base + text.len() - (change.text.len() - ends);
            return Some(Told { diagnostic, start: base + from, end, is_whole: true });
        }
        // Two habits that are put right in either order give one line.
        let mut seen = HashSet::new();
        tries = tries
            .iter()
            .flat_map(|change| changes(&scan(file, &change.text), &change.text, Some(&change.first)))
            .filter(|change| seen.insert(change.text.clone()))
            .take(MOST_TRIALS)
            .collect();
        if tries.is_empty() {
            return None;
        }
    }
    None
}

/// The text with one habit put right, for each that is in it.
fn changes(scan: &Scan<'_>, text: &str, first: Option<&First>) -> Vec<Try> {
    let mut out = Vec::new();
    let words = words(scan);
    for (habit, parts) in HABITS.iter().zip(PARTS.iter()).filter(|(_, parts)| may_match(parts, &words)) {
        for k in 0..scan.tokens.len() {
            let Some(found) = matched(scan, parts, 0, k, scan.tokens.len()) else { continue };
            let (Some(a), Some(b)) = (scan.tokens.get(k), scan.tokens.get(found.end.wrapping_sub(1))) else { continue };
            let (from, to) = (a.start as usize, b.end as usize);
            let proper = filled(habit.proper, &found.taken);
            let typed = text.get(from..to).unwrap_or("");
            let before = k.checked_sub(1).map_or("", |b| scan.word(b)).to_ascii_lowercase();
            // `not A and not B`, `on more than 3 days`, `for more than 3 days` mean something else.
            let is_other = before == "not" && (proper.contains(" and ") || proper.starts_with("not "))
                || habit.typed.contains("PERIOD") && matches!(&*before, "on" | "for" | "every" | "per");
            if is_other || found.end <= k || on_one_line(typed) == on_one_line(&proper) {
                continue;
            }
            let (Some(left), Some(right)) = (text.get(..from), text.get(to..)) else { continue };
            let told = first.cloned().unwrap_or_else(|| First {
                habit,
                place: (from, to),
                typed: typed.to_owned(),
                proper: proper.clone(),
                or: filled(habit.or, &found.taken),
            });
            out.push(Try { text: format!("{left}{proper}{right}"), tail: right.len(), first: told });
            break;
        }
    }
    out
}

/// The words and signs of an item, texts left out, for [`may_match`].
fn words(scan: &Scan<'_>) -> HashSet<String> {
    let outside = (0..scan.tokens.len()).filter(|&k| scan.kind(k) != Some(Kind::Text));
    outside.map(|k| scan.word(k).to_ascii_lowercase()).collect()
}

/// The token behind the last one that may belong to the item.
fn last_token(scan: &Scan<'_>, start: usize, end: usize) -> usize {
    let mut k = start;
    while k < end.min(start + LONGEST) {
        match scan.tokens.get(k) {
            Some(t) if t.starts_line && k > start && pattern::begins_item(scan, k) => return k,
            Some(t) if matches!(t.kind, Kind::Open(_)) => match t.partner {
                Some(partner) => k = partner as usize + 1,
                None => return k,
            },
            Some(t) if matches!(t.kind, Kind::Semi | Kind::Close(_) | Kind::UnclosedText) => return k,
            Some(_) => k += 1,
            None => return k,
        }
    }
    k.min(end)
}

/// What is proper, with what the capitals took.
fn filled(proper: &str, taken: &[String]) -> String {
    let mut out = String::new();
    let mut rest = proper;
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let which = rest.chars().next();
        rest = rest.get(1..).unwrap_or("");
        match which {
            // The first name in what a capital took.
            Some('N') => {
                let text = rest.chars().next().and_then(|c| c.to_digit(10)).and_then(|n| taken.get(n as usize - 1));
                rest = rest.get(1..).unwrap_or("");
                let names = text.map_or("", String::as_str).split(|c: char| !(c.is_alphanumeric() || c == '_'));
                out.push_str(names.into_iter().find(|n| n.starts_with(char::is_alphabetic)).unwrap_or(""));
            }
            Some('L') => {
                let lost: f64 = taken.first().and_then(|t| t.trim_end_matches('%').parse().ok()).unwrap_or(0.0);
                out.push_str(&format!("{}%", crate::number::to_text(100.0 - lost)));
            }
            _ => {
                let text = which.and_then(|c| c.to_digit(10)).and_then(|n| taken.get((n as usize).wrapping_sub(1)));
                let text = text.map_or("", String::as_str);
                match rest.strip_prefix('{').and_then(|r| r.split_once('}')) {
                    Some((condition, behind)) if text.ends_with(')') => {
                        out.push_str(&with_where(text, condition));
                        rest = behind;
                    }
                    _ => out.push_str(text),
                }
            }
        }
    }
    // A single unit stands without its number there.
    (out + rest).replace("in last 1 ", "in last ").replace("in next 1 ", "in next ")
}

/// `visited("pricing")` with a condition more behind its `where`.
fn with_where(activity: &str, condition: &str) -> String {
    let inside = activity.trim_end_matches(')');
    let joint = if inside.to_ascii_lowercase().contains("where ") {
        " and "
    } else if inside.ends_with('(') {
        "where "
    } else {
        " where "
    };
    format!("{inside}{joint}{condition})")
}

fn on_one_line(text: &str) -> String {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
}
