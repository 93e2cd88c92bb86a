//! Comparisons of values, as `eval::compare` has it.

use super::expr::{Kind, Sql};
use super::lower::{Ends, Lower, Lowered, refused};
use super::values::{V, points_as_number};
use crate::operators::CompareOp;
use crate::source::Span;

/// A disqualified lead has no order on the ladder.
fn compare_stages(op: CompareOp, a: Sql, b: Sql) -> Sql {
    let compared = Sql::compare(op, a.clone(), b.clone());
    if matches!(op, CompareOp::Equal | CompareOp::NotEqual) {
        return compared;
    }
    let on_ladder = |rank: Sql| match rank {
        Sql::Whole(n) => Sql::Flag(n >= 0),
        rank => rank.at_least(Sql::Whole(0)),
    };
    Sql::all([compared, on_ladder(a), on_ladder(b)])
}

/// Before where its last moment is before the first of the other.
fn compare_dates(op: CompareOp, a: &V, b: &V) -> Sql {
    let (V::Date { first: a_first, last: a_last, .. }, V::Date { first: b_first, last: b_last, .. }) = (a, b) else {
        return Sql::Null(Kind::Flag);
    };
    let before = || a_last.clone().below(b_first.clone());
    let after = || a_first.clone().above(b_last.clone());
    match op {
        CompareOp::Less => before(),
        CompareOp::Greater => after(),
        CompareOp::GreaterOrEqual => before().not(),
        CompareOp::LessOrEqual => after().not(),
        CompareOp::Equal => Sql::all([before().not(), after().not()]),
        CompareOp::NotEqual => Sql::any([before(), after()]),
    }
}

/// Points between two ends against a double; unknown where it depends.
fn compare_points(op: CompareOp, ends: &Ends, n: &Sql) -> Sql {
    let point = |op: CompareOp, points: &Sql| match n {
        Sql::Number(n) => {
            let test = crate::plan::ScoreTest::new(op, n.0);
            let (reach, exceed) = (Sql::Whole(test.reach), Sql::Whole(test.exceed));
            let points = points.clone();
            match op {
                CompareOp::GreaterOrEqual => points.at_least(reach),
                CompareOp::Less => points.below(reach),
                CompareOp::Greater => points.at_least(exceed),
                CompareOp::LessOrEqual => points.below(exceed),
                CompareOp::Equal => Sql::all([points.clone().at_least(reach), points.below(exceed)]),
                CompareOp::NotEqual => Sql::any([points.clone().below(reach), points.at_least(exceed)]),
            }
        }
        n => Sql::compare(op, points_as_number(points.clone()), n.clone()),
    };
    if ends.is_surely_point() {
        return point(op, &ends.low);
    }
    let (low, high) = (&ends.low, &ends.high);
    // Where an end is NULL nothing is above or below it.
    let below =
        |n_above: bool| if n_above { point(CompareOp::Less, high) } else { point(CompareOp::LessOrEqual, high) };
    let above =
        |strict: bool| if strict { point(CompareOp::Greater, low) } else { point(CompareOp::GreaterOrEqual, low) };
    let flag = |yes: Sql, no: Sql| Sql::case([(yes, Sql::Flag(true)), (no, Sql::Flag(false))], Sql::Null(Kind::Flag));
    let is_point = || low.clone().equals(high.clone());
    match op {
        CompareOp::Less => flag(below(true), above(false)),
        CompareOp::GreaterOrEqual => flag(above(false), below(true)),
        CompareOp::Greater => flag(above(true), below(false)),
        CompareOp::LessOrEqual => flag(below(false), above(true)),
        CompareOp::Equal => {
            flag(Sql::all([is_point(), point(CompareOp::Equal, low)]), Sql::any([below(true), above(true)]))
        }
        CompareOp::NotEqual => {
            flag(Sql::any([below(true), above(true)]), Sql::all([is_point(), point(CompareOp::Equal, low)]))
        }
    }
}

fn compare_between(op: CompareOp, a: (&Sql, &Sql), b: (&Sql, &Sql)) -> Sql {
    let flag = |yes: Sql, no: Sql| Sql::case([(yes, Sql::Flag(true)), (no, Sql::Flag(false))], Sql::Null(Kind::Flag));
    let (a_low, a_high, b_low, b_high) = (a.0.clone(), a.1.clone(), b.0.clone(), b.1.clone());
    let below = a_high.clone().below(b_low.clone());
    let not_below = a_low.clone().at_least(b_high.clone());
    let above = b_high.clone().below(a_low.clone());
    let not_above = b_low.clone().at_least(a_high.clone());
    let same = Sql::all([a_low.clone().equals(a_high), b_low.clone().equals(b_high), a_low.equals(b_low)]);
    match op {
        CompareOp::Less => flag(below, not_below),
        CompareOp::GreaterOrEqual => flag(not_below, below),
        CompareOp::Greater => flag(above, not_above),
        CompareOp::LessOrEqual => flag(not_above, above),
        CompareOp::Equal => flag(same, Sql::any([below, above])),
        CompareOp::NotEqual => flag(Sql::any([below, above]), same),
    }
}

impl Lower<'_> {
    /// `a op b`
    pub fn compare(&mut self, op: CompareOp, a: &V, b: &V, span: Span) -> Lowered<Sql> {
        use CompareOp as Op;
        Ok(match (a, b) {
            (V::Missing, _) | (_, V::Missing) => Sql::Null(Kind::Flag),
            (V::Stage(a), V::Stage(b)) => compare_stages(op, a.clone(), b.clone()),
            (V::Text { folded: a, .. }, V::Text { folded: b, .. }) if matches!(op, Op::Equal | Op::NotEqual) => {
                Sql::compare(op, a.clone(), b.clone())
            }
            (V::Flag(a), V::Flag(b)) if matches!(op, Op::Equal | Op::NotEqual) => {
                Sql::compare(op, a.clone(), b.clone())
            }
            (V::Date { .. }, V::Date { .. }) => compare_dates(op, a, b),
            (V::Number(a), V::Number(b)) => Sql::compare(op, a.clone(), b.clone()),
            (V::Points(ends), V::Number(n)) => compare_points(op, ends, n),
            (V::Number(n), V::Points(ends)) => compare_points(op.turned(), ends, n),
            (V::Points(a), V::Points(b)) if a.is_surely_point() && b.is_surely_point() => {
                Sql::compare(op, a.low.clone(), b.low.clone())
            }
            (V::Points(a), V::Points(b)) => compare_between(op, (&a.low, &a.high), (&b.low, &b.high)),
            (V::Between(low, high), V::Number(n)) => compare_between(op, (low, high), (n, n)),
            (V::Number(n), V::Between(low, high)) => compare_between(op, (n, n), (low, high)),
            (V::Between(a, b), V::Between(c, d)) => compare_between(op, (a, b), (c, d)),
            (V::Between(..), V::Points(ends)) | (V::Points(ends), V::Between(..)) if !ends.may_be_open => {
                let (low, high) = (points_as_number(ends.low.clone()), points_as_number(ends.high.clone()));
                let ends = V::Between(low, high);
                let (a, b) = if matches!(a, V::Points(_)) { (&ends, b) } else { (a, &ends) };
                return self.compare(op, a, b, span);
            }
            (V::List(_), V::List(_)) => return refused(span, "a list compared with a list"),
            (V::Between(..) | V::Points(_), _) | (_, V::Between(..) | V::Points(_)) => {
                return refused(span, "a calculation on a score that has no bounds");
            }
            _ => Sql::Null(Kind::Flag),
        })
    }
}
