//! What was done to a sum of points: how it faded, what held it; and a formula with its numbers.

use crate::eval::{Beside, FiredKind, Outcome, Trace};
use crate::model::{Expr, ExprKind, GroupId, LineKind, Model};
use crate::points::{AgeingKind, percent, to_text};
use crate::source::Span;
use crate::time::{Instant, Period};
use crate::value::Value;
use crate::words::Lines;

/// Whose sums.
pub(super) struct Of<'e> {
    pub model: &'e Model,
    pub lines: &'e Lines,
    pub outcome: &'e Outcome,
    pub trace: &'e Trace,
    pub as_of: Instant,
}

/// What took effect on the sum of a group, or of the whole, one sentence each; what its bounds did to the whole is told elsewhere.
pub(super) fn notes(of: &Of<'_>, group: Option<GroupId>, sum: i128) -> Vec<String> {
    let mut at = sum;
    let mut notes = Vec::new();
    let changes = of.outcome.fired.iter().filter(|f| f.group == group && f.kind != FiredKind::Points);
    for (fired, points) in changes.filter_map(|f| Some((f, f.points?))) {
        let (before, after) = (to_text(at), to_text(at + points));
        at += points;
        let words = || {
            let words = of.lines.get(fired.line).map_or("", |l| l.reason.as_str());
            fired.because.clone().unwrap_or_else(|| words.to_owned())
        };
        notes.extend(match of.model.line(fired.line).kind {
            LineKind::Fading => Some(format!("{}: {before} → {after}", silence(of, group))),
            LineKind::Limit => Some(format!("{}: {before} → {after}", words())),
            LineKind::Bounds if group.is_some() => Some(format!("{before} is held at {after}")),
            _ => None,
        });
    }
    notes
}

/// `silent for 161 days, 90% every 30 days`
fn silence(of: &Of<'_>, group: Option<GroupId>) -> String {
    let whole = of.model.fading.as_ref();
    let fading = group.map_or(whole, |id| of.model.groups.get(id.0).and_then(|g| g.fading.as_ref()));
    let days = of.trace.newest_engagement.map_or(0, |at| at.full_periods_until(of.as_of, Period::DAY, &of.model.zone));
    let left = fading.map_or(String::new(), |f| {
        let every = crate::book::say::one_left_out(f.ageing.every);
        match &f.ageing.kind {
            AgeingKind::Keeping(share) => format!("{}% every {every}", percent(share)),
            AgeingKind::Losing(share) => format!("{}% less every {every}", percent(share)),
        }
    });
    format!("silent for {days} day{}, {left}", if days == 1 { "" } else { "s" })
}

/// `score = min(80 + 30, 50) = 50`: the formula as it is written, with the values of what it names.
pub(super) fn with_numbers(beside: &Beside<'_>, model: &Model, formula: &Expr, sum: i128) -> String {
    let mut names: Vec<(Span, String)> = Vec::new();
    named(beside, model, formula, &mut names);
    names.sort_by_key(|(span, _)| *span);
    let (mut written, mut from) = (String::new(), formula.span.start);
    let piece = |start, end| model.sources.phrase(Span { file: formula.span.file, start, end });
    for (span, value) in names {
        written.push_str(&with_blanks(model, formula.span, from, span.start, piece(from, span.start)));
        written.push_str(&value);
        from = span.end;
    }
    written.push_str(&with_blanks(model, formula.span, from, formula.span.end, piece(from, formula.span.end)));
    format!("score = {} = {}", unwrapped(&written), to_text(sum))
}

/// A piece of a text with the blanks at its ends, of which a phrase has none.
fn with_blanks(model: &Model, of: Span, start: u32, end: u32, phrase: String) -> String {
    let text = model.sources.of(of).map_or("", |source| source.text.get(start as usize..end as usize).unwrap_or(""));
    let blank = |is: bool| if is && !phrase.is_empty() { " " } else { "" };
    let (before, behind) = (text.starts_with(char::is_whitespace), text.ends_with(char::is_whitespace));
    format!("{}{phrase}{}", blank(before), blank(behind))
}

fn named(beside: &Beside<'_>, model: &Model, expr: &Expr, names: &mut Vec<(Span, String)>) {
    match &expr.kind {
        ExprKind::Group(_) | ExprKind::Field(_) | ExprKind::Definition(_) => {
            let value = match beside.value(expr) {
                Value::Number(n) => crate::number::to_printed(n),
                Value::Missing => "(not known)".to_owned(),
                other => other.to_string(),
            };
            names.push((expr.span, value));
        }
        _ => expr.for_each_child(model, &mut |child| named(beside, model, child, names)),
    }
}

/// Without the parentheses around all of it.
fn unwrapped(text: &str) -> &str {
    let inside = text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
    // `(a) + (b)` begins and ends with others.
    let mut depth = 0i32;
    let closes = |c: char| {
        depth += match c {
            '(' => 1,
            ')' => -1,
            _ => 0,
        };
        depth < 0
    };
    inside.filter(|inside| !inside.contains(closes)).map_or(text, str::trim)
}
