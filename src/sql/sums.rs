//! What is done to sums of points: fading, bounds, resets; now and between the ends of what could be.

use super::expr::{Binary, Function, Kind, Sql};
use super::lower::{Ends, Lower, Lowered, Seen};
use super::points::{Fires, Sums};
use super::second::{Gaps, surely};
use crate::model::{Bounds, Branch, Fading, Limit, LineId};
use crate::points::{ALL, WHOLE};

pub(super) fn open_lesser(a: Sql, b: Sql, may_be_open: bool) -> Sql {
    bounded(a, b, may_be_open, Sql::lesser)
}

pub(super) fn open_greater(a: Sql, b: Sql, may_be_open: bool) -> Sql {
    bounded(a, b, may_be_open, Sql::greater)
}

fn bounded(a: Sql, b: Sql, may_be_open: bool, f: fn(Sql, Sql) -> Sql) -> Sql {
    if a == b {
        return a;
    }
    if !may_be_open {
        return f(a, b);
    }
    let is_open = Sql::any([a.clone().null(), b.clone().null()]);
    is_open.when(Sql::Null(Kind::Whole), f(a, b))
}

impl Ends {
    pub fn nothing() -> Ends {
        Ends::point(Sql::Whole(0))
    }

    /// The least interval that holds both.
    pub fn hull(&self, other: &Ends) -> Ends {
        let may_be_open = self.may_be_open || other.may_be_open;
        Ends {
            low: open_lesser(self.low.clone(), other.low.clone(), may_be_open),
            high: open_greater(self.high.clone(), other.high.clone(), may_be_open),
            may_be_open,
        }
    }

    /// One or the other.
    pub fn either(when: Sql, a: &Ends, b: &Ends) -> Ends {
        Ends {
            low: when.clone().when(a.low.clone(), b.low.clone()),
            high: when.when(a.high.clone(), b.high.clone()),
            may_be_open: a.may_be_open || b.may_be_open,
        }
    }

    fn clamp(&self, bounds: Bounds) -> Ends {
        let end = |end: &Sql, open: Option<i128>| {
            let clamped = clamp(end.clone(), bounds);
            if !self.may_be_open {
                return clamped;
            }
            let open = open.map_or(Sql::Null(Kind::Whole), |p| Sql::Whole(p as i64));
            end.clone().null().when(open, clamped)
        };
        let may_be_open = self.may_be_open && (bounds.low.is_none() || bounds.high.is_none());
        Ends { low: end(&self.low, bounds.low), high: end(&self.high, bounds.high), may_be_open }
    }
}

pub(super) fn clamp(points: Sql, bounds: Bounds) -> Sql {
    let whole = |p: i128| Sql::Whole(i64::try_from(p).unwrap_or(if p < 0 { i64::MIN } else { i64::MAX }));
    let points = match bounds.high {
        Some(high) => points.lesser(whole(high)),
        None => points,
    };
    match bounds.low {
        Some(low) => points.greater(whole(low)),
        None => points,
    }
}

impl Lower<'_> {
    /// What is left of a sum after the silence up to now, in billionths.
    pub fn left(&mut self, fading: &Fading) -> Lowered<Sql> {
        let span = self.model.line(fading.line).span;
        let activity = crate::model::Activity { query: fading.query, window: None, span, called: None };
        let dated = self.select(&activity, Seen::NOW)?.dated;
        let newest = self.newest(dated);
        let k = self.full_periods(newest.clone(), fading.ageing.every, Seen::NOW);
        let steps = self.aged_steps(&WHOLE, &fading.ageing, k, span)?;
        let whole = Sql::Whole(i64::try_from(ALL).unwrap_or(i64::MAX));
        Ok(self.facts.keep(newest.null().when(whole, steps)))
    }

    /// A sum of which so many billionths are left, rounded half away from zero.
    pub fn faded(&mut self, points: Sql, left: &Sql) -> Sql {
        const BILLION: i64 = 1_000_000_000;
        let points = self.facts.keep(points);
        let size = self.facts.keep(Sql::call(Function::Abs, [points.clone()]));
        // In two parts, of which neither is too large.
        let above = Sql::binary(Binary::IntDivide, size.clone(), Sql::Whole(BILLION));
        let rest = Sql::binary(Binary::Modulo, size, Sql::Whole(BILLION));
        let rest = Sql::sum(Kind::Whole, [Sql::binary(Binary::Times, rest, left.clone()), Sql::Whole(BILLION / 2)]);
        let whole = Sql::binary(Binary::Times, above, left.clone());
        let sum = Sql::sum(Kind::Whole, [whole, Sql::binary(Binary::IntDivide, rest, Sql::Whole(BILLION))]);
        let sum = self.facts.keep(sum);
        self.facts.keep(points.below(Sql::Whole(0)).when(sum.clone().negated(), sum))
    }

    pub fn faded_ends(&mut self, ends: Ends, left: &Sql) -> Ends {
        let may_be_open = ends.may_be_open;
        let mut end = |end: Sql| {
            let faded = self.faded(end, left);
            // Nothing is left of all of it.
            if may_be_open { left.clone().equals(Sql::Whole(0)).when(Sql::Whole(0), faded) } else { faded }
        };
        let (low, high) = (end(ends.low), end(ends.high));
        Ends { low: self.facts.keep(low), high: self.facts.keep(high), may_be_open }
    }

    /// Bounds under a condition, in their order: what they make of a sum, and what of it is told.
    pub fn limit(
        &mut self,
        limits: &[Limit],
        mut sums: Sums,
        second: bool,
        told: &mut Vec<Fires>,
        gaps: &mut Gaps,
    ) -> Lowered<Sums> {
        for limit in limits {
            let truth = self.truth(&limit.condition, Seen::NOW)?;
            let bounded = surely(truth).when(clamp(sums.now.clone(), limit.bounds), sums.now.clone());
            sums.now = self.becomes(sums.now, bounded, limit.line, told);
            if !second {
                continue;
            }
            let outlook = self.outlook(&limit.condition, Seen::POSSIBLE)?;
            let outlook = self.kept(outlook, Seen::POSSIBLE);
            let before = sums.possible;
            let held = before.clamp(limit.bounds);
            let held = self.kept_ends(held, Seen::POSSIBLE);
            let either = before.hull(&held);
            let either = self.kept_ends(either, Seen::POSSIBLE);
            if !outlook.is_surely_settled() {
                let same = |a: &Sql, b: &Sql| {
                    Sql::any([surely(a.clone().equals(b.clone())), Sql::all([a.clone().null(), b.clone().null()])])
                };
                let differs = Sql::all([same(&before.low, &either.low), same(&before.high, &either.high)]).not();
                let in_doubt = Sql::all([outlook.may_hold(), outlook.holds().not(), differs]);
                self.unknown_fields(&limit.condition, in_doubt, Seen::POSSIBLE, gaps)?;
            }
            let may = Ends::either(outlook.may_hold(), &either, &before);
            let ends = Ends::either(outlook.holds(), &held, &may);
            sums.possible = self.kept_ends(ends, Seen::POSSIBLE);
        }
        Ok(sums)
    }

    /// The sum is another now; what changes nothing is not told.
    pub fn becomes(&mut self, before: Sql, after: Sql, line: LineId, told: &mut Vec<Fires>) -> Sql {
        let after = self.facts.keep(after);
        if after == before {
            return after;
        }
        let difference = Sql::binary(Binary::Minus, after.clone(), before.clone());
        let fires = after.clone().equals(before).not();
        told.push(Fires { line, branch: Branch::Then, fires, points: difference });
        after
    }

    pub fn bound(&mut self, bounds: Bounds, line: Option<LineId>, sums: Sums, told: &mut Vec<Fires>) -> Sums {
        let now = match line {
            Some(line) => self.becomes(sums.now.clone(), clamp(sums.now, bounds), line, told),
            None => sums.now,
        };
        let possible = sums.possible.clamp(bounds);
        Sums { now, possible: self.kept_ends(possible, Seen::POSSIBLE) }
    }
}
