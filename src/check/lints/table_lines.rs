//! L504: lines of numbers that overlap or leave a gap. L512: lines of which earlier ones take all.

use std::collections::HashSet;

use super::each_scoring;
use crate::diagnostic::Diagnostic;
use crate::messages::lints as say;
use crate::model::{Case, Expr, ExprKind, Model, Scoring, Table};
use crate::number::to_text;
use crate::operators::CompareOp;
use crate::source::Span;
use crate::value::Value;

pub(super) fn lint(model: &Model) -> Vec<Diagnostic> {
    let mut out = Vec::new();
    each_scoring(model, &mut |item| {
        if let Scoring::Table(table) = item {
            lines(model, table, &mut out);
        }
    });
    out
}

/// The numbers of one line, or a part of them.
#[derive(Debug, Clone, Copy)]
struct Interval {
    low: f64,
    /// Whether `low` itself is not in it.
    above: bool,
    high: f64,
    /// Whether `high` itself is not in it.
    below: bool,
    /// Written as `A to B`.
    is_range: bool,
    span: Span,
}

impl Interval {
    fn is_point(&self) -> bool {
        self.low == self.high
    }

    /// Whether no number lies between this one and another, which begins no lower; where all are whole, no whole number.
    fn reaches(&self, other: &Interval, whole: bool) -> bool {
        if whole {
            let last = if self.below { self.high - 1.0 } else { self.high };
            let first = if other.above { other.low + 1.0 } else { other.low };
            return first <= last + 1.0;
        }
        other.low < self.high || other.low == self.high && !(self.below && other.above)
    }

    /// Whether this one goes at least as far up as another.
    fn goes_as_far_as(&self, other: &Interval) -> bool {
        self.high > other.high || self.high == other.high && (!self.below || other.below)
    }

    fn begins_no_later_than(&self, other: &Interval) -> bool {
        self.low < other.low || self.low == other.low && (!self.above || other.above)
    }
}

/// What a line holds for; none where that is known of each lead alone.
enum Held<'m> {
    Numbers(Vec<Interval>),
    Texts(Vec<&'m str>),
}

fn held(condition: &Expr, span: Span) -> Option<Held<'_>> {
    let ends = |low, above, high, below, is_range| {
        Some(Held::Numbers(vec![Interval { low, above, high, below, is_range, span }]))
    };
    match &condition.kind {
        ExprKind::Between(_, low, high) => ends(number(low)?, false, number(high)?, false, true),
        ExprKind::Compare(op, _, value) => match (op, &value.kind) {
            (CompareOp::Equal, ExprKind::Value(value)) => values(std::slice::from_ref(value), span),
            (CompareOp::Less, _) => ends(f64::NEG_INFINITY, true, number(value)?, true, false),
            (CompareOp::LessOrEqual, _) => ends(f64::NEG_INFINITY, true, number(value)?, false, false),
            (CompareOp::Greater, _) => ends(number(value)?, true, f64::INFINITY, true, false),
            (CompareOp::GreaterOrEqual, _) => ends(number(value)?, false, f64::INFINITY, true, false),
            _ => None,
        },
        ExprKind::In(_, items) => values(items, span),
        _ => None,
    }
}

fn number(expr: &Expr) -> Option<f64> {
    if let ExprKind::Value(Value::Number(number)) = expr.kind { Some(number) } else { None }
}

fn text(value: &Value) -> Option<&str> {
    if let Value::Text(text) = value { Some(&text.folded) } else { None }
}

fn values(values: &[Value], span: Span) -> Option<Held<'_>> {
    let point = |value: &Value| match value {
        Value::Number(n) => Some(Interval { low: *n, above: false, high: *n, below: false, is_range: false, span }),
        _ => None,
    };
    match values.iter().map(point).collect() {
        Some(points) => Some(Held::Numbers(points)),
        None => values.iter().map(text).collect::<Option<_>>().map(Held::Texts),
    }
}

fn lines(model: &Model, table: &Table, out: &mut Vec<Diagnostic>) {
    let mut intervals: Vec<Interval> = Vec::new();
    let mut taken = Union::default();
    let mut texts: HashSet<&str> = HashSet::new();
    let mut takes_rest = false;
    for line in &table.lines {
        let condition = match &line.case {
            Case::When(condition) => condition,
            Case::Otherwise { .. } => {
                takes_rest = true;
                continue;
            }
            Case::Missing => continue,
        };
        let span = model.line(line.line).span;
        match held(condition, span) {
            Some(Held::Numbers(found)) => {
                if !found.is_empty() && found.iter().all(|one| taken.holds(one)) {
                    let takes_all =
                        |i: &&Interval| found.iter().all(|one| i.begins_no_later_than(one) && i.goes_as_far_as(one));
                    out.push(say::line_is_taken(span, intervals.iter().find(takes_all).map(|by| by.span)));
                } else {
                    found.iter().for_each(|one| taken.add(*one));
                    intervals.extend(found);
                }
            }
            Some(Held::Texts(found)) => {
                if !found.is_empty() && found.iter().all(|text| texts.contains(text)) {
                    out.push(say::line_is_taken(span, None));
                }
                texts.extend(found);
            }
            None => takes_rest = true,
        }
    }
    intervals.sort_by(|a, b| a.low.total_cmp(&b.low).then(a.above.cmp(&b.above)));
    overlaps(&intervals, out);
    if !takes_rest {
        gaps(&intervals, out);
    }
}

/// All numbers of some intervals, as intervals with something between them, the lowest first.
#[derive(Default)]
struct Union(Vec<Interval>);

impl Union {
    /// The first that begins later than `one`.
    fn after(&self, one: &Interval) -> usize {
        self.0.partition_point(|i| i.begins_no_later_than(one))
    }

    fn holds(&self, one: &Interval) -> bool {
        let before = self.after(one).checked_sub(1).and_then(|at| self.0.get(at));
        before.is_some_and(|i| i.goes_as_far_as(one))
    }

    fn add(&mut self, mut one: Interval) {
        let mut from = self.after(&one);
        if let Some(before) = from.checked_sub(1).and_then(|at| self.0.get(at))
            && before.reaches(&one, false)
        {
            (one.low, one.above) = (before.low, before.above);
            from -= 1;
        }
        let mut to = from;
        while let Some(next) = self.0.get(to).filter(|next| one.reaches(next, false)) {
            if next.goes_as_far_as(&one) {
                (one.high, one.below) = (next.high, next.below);
            }
            to += 1;
        }
        self.0.splice(from..to, [one]);
    }
}

/// Of lines `A to B` alone: `50 or more` above `10 or more` overlaps on purpose, as the first line counts.
fn overlaps(sorted: &[Interval], out: &mut Vec<Diagnostic>) {
    let ranges: Vec<&Interval> = sorted.iter().filter(|i| i.is_range).collect();
    for pair in ranges.windows(2) {
        if let [first, second] = pair
            && second.low <= first.high
        {
            out.push(say::lines_overlap(second.span, first.span, &to_text(second.low), &to_text(first.high)));
        }
    }
}

/// Between two lines that hold for more than single numbers. A table with a decimal in it is one of decimals.
fn gaps(sorted: &[Interval], out: &mut Vec<Diagnostic>) {
    let is_whole = |end: f64| end.is_infinite() || end.fract() == 0.0;
    let whole = sorted.iter().all(|i| is_whole(i.low) && is_whole(i.high));
    let Some((first, rest)) = sorted.split_first() else { return };
    let mut furthest = first;
    for next in rest {
        if !furthest.reaches(next, whole) && !furthest.is_point() && !next.is_point() {
            let ends = (to_text(furthest.high), furthest.below);
            let begins = (to_text(next.low), next.above);
            out.push(say::lines_leave_gap(next.span, furthest.span, &ends, &begins));
        }
        if !furthest.goes_as_far_as(next) {
            furthest = next;
        }
    }
}
