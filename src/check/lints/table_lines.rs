//! L504: lines of numbers that overlap or leave a gap.

use crate::diagnostic::Diagnostic;
use crate::messages::lints as say;
use crate::model::{Case, ExprKind, Model, Scoring, Table};
use crate::number::to_text;
use crate::source::Span;
use crate::value::Value;

pub(super) fn lint(model: &Model) -> Vec<Diagnostic> {
    let mut out = Vec::new();
    let groups = model.groups.iter().flat_map(|g| &g.items);
    for item in model.loose.iter().chain(groups) {
        look(model, item, &mut out);
    }
    out
}

fn look(model: &Model, item: &Scoring, out: &mut Vec<Diagnostic>) {
    match item {
        Scoring::Table(table) => lines(model, table, out),
        Scoring::Choice { items, .. } => items.iter().for_each(|i| look(model, i, out)),
        Scoring::Rule(_) => {}
    }
}

/// Looks at the lines `A to B` alone: `50 or more` above `10 or more` overlaps on purpose, as the first line counts.
fn lines(model: &Model, table: &Table, out: &mut Vec<Diagnostic>) {
    let mut ranges: Vec<(f64, f64, Span)> = Vec::new();
    let mut takes_rest = false;
    for line in &table.lines {
        match &line.case {
            Case::When(condition) => {
                if let ExprKind::Between(_, low, high) = &condition.kind
                    && let (ExprKind::Value(Value::Number(low)), ExprKind::Value(Value::Number(high))) =
                        (&low.kind, &high.kind)
                {
                    ranges.push((*low, *high, model.line(line.line).span));
                } else {
                    takes_rest |= !matches!(condition.kind, ExprKind::Between(..));
                }
            }
            Case::Otherwise { .. } => takes_rest = true,
            Case::Missing => {}
        }
    }
    ranges.sort_by(|a, b| a.0.total_cmp(&b.0));
    for pair in ranges.windows(2) {
        let [(_, high, first), (low, _, second)] = pair else { continue };
        let whole = high.fract() == 0.0 && low.fract() == 0.0;
        let next = if whole { high + 1.0 } else { *high };
        if low <= high {
            out.push(say::lines_overlap(*second, *first, &to_text(*low), &to_text(*high)));
        } else if *low > next && !takes_rest {
            out.push(say::lines_leave_gap(*second, *first, &to_text(*high), &to_text(*low)));
        }
    }
}
