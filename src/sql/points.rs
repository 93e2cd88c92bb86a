//! Points: rules, tables, choices and what is done to their sums, as `eval::scoring` and `eval::could` have it.

use super::expr::{Binary, Function, Kind, Over, Sql, Window};
use super::lower::{Ends, Lower, Lowered, Pass, Seen, refused};
use super::second::{Gaps, Outlook, surely};
use super::values::V;
use crate::model::{
    Ageing, Amount, Bounds, Branch, Case, Counting, Expr, ExprKind, Fading, Limit, LineId, Rule, Scoring, Table,
};
use crate::number::Decimal;
use crate::points::{ALL, aged, from_decimal, left};
use crate::source::Span;
use crate::time::RateWindow;

/// Points are 64-bit integers there; an amount as written is at most so many ten-thousandths.
const LARGEST: i128 = 1 << 53;
/// Ageing in more steps stands in a text of numbers of one width instead of a chain of cases.
const MOST_CASES: usize = 24;
/// So many steps at most.
const MOST_STEPS: i64 = 20_000;

/// A line that may give points: whether it does (never NULL), and how many.
#[derive(Debug, Clone)]
pub(super) struct Fires {
    pub line: LineId,
    pub branch: Branch,
    pub fires: Sql,
    pub points: Sql,
}

/// What an item gives now: whether one of its lines fires, what it comes to, and which lines.
struct Gave {
    fires: Sql,
    points: Sql,
    lines: Vec<Fires>,
}

/// What one side of a rule could give.
#[derive(Clone)]
struct Side {
    /// Surely something in here; never NULL.
    fires: Sql,
    /// Nothing at all; never NULL. Where neither, perhaps something in here.
    nothing: Sql,
    ends: Ends,
}

impl Side {
    fn none() -> Side {
        Side { fires: Sql::Flag(false), nothing: Sql::Flag(true), ends: Ends::point(Sql::Whole(0)) }
    }
}

/// What an item could give.
struct Could {
    /// Whether it surely fires, and surely does not; never NULL.
    surely: Sql,
    never: Sql,
    /// What it gives where it does.
    gives: Ends,
    /// What it gives by itself.
    alone: Ends,
}

/// What a group or the whole comes to, now and once all data is known.
pub(super) struct Sums {
    pub now: Sql,
    pub possible: Ends,
}

fn open_lesser(a: Sql, b: Sql, may_be_open: bool) -> Sql {
    bounded(a, b, may_be_open, Sql::lesser)
}

fn open_greater(a: Sql, b: Sql, may_be_open: bool) -> Sql {
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
    fn nothing() -> Ends {
        Ends::point(Sql::Whole(0))
    }

    /// The least interval that holds both.
    fn hull(&self, other: &Ends) -> Ends {
        let may_be_open = self.may_be_open || other.may_be_open;
        Ends {
            low: open_lesser(self.low.clone(), other.low.clone(), may_be_open),
            high: open_greater(self.high.clone(), other.high.clone(), may_be_open),
            may_be_open,
        }
    }

    /// One or the other.
    fn either(when: Sql, a: &Ends, b: &Ends) -> Ends {
        Ends {
            low: when.clone().when(a.low.clone(), b.low.clone()),
            high: when.when(a.high.clone(), b.high.clone()),
            may_be_open: a.may_be_open || b.may_be_open,
        }
    }

    fn clamp(&self, bounds: Bounds) -> Lowered<Ends> {
        let end = |end: &Sql, open: Option<i128>| {
            let clamped = clamp(end.clone(), bounds);
            if !self.may_be_open {
                return clamped;
            }
            let open = open.map_or(Sql::Null(Kind::Whole), |p| Sql::Whole(p as i64));
            end.clone().null().when(open, clamped)
        };
        let may_be_open = self.may_be_open && (bounds.low.is_none() || bounds.high.is_none());
        Ok(Ends { low: end(&self.low, bounds.low), high: end(&self.high, bounds.high), may_be_open })
    }
}

fn clamp(points: Sql, bounds: Bounds) -> Sql {
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

/// Points as written, in ten-thousandths.
fn written(decimal: &Decimal, span: Span) -> Lowered<i64> {
    let points = from_decimal(decimal);
    match i64::try_from(points).ok().filter(|_| points.abs() <= LARGEST) {
        Some(points) => Ok(points),
        None => refused(span, "an amount of so many points"),
    }
}

impl Lower<'_> {
    fn kept_ends(&mut self, ends: Ends, seen: Seen) -> Ends {
        Ends { low: self.share(ends.low, seen), high: self.share(ends.high, seen), ..ends }
    }

    /// A double as points, rounded half away from zero; NULL where it is.
    fn points_of(&mut self, x: Sql, seen: Seen) -> Sql {
        let x = self.keep(x, seen);
        let size = Sql::binary(Binary::Times, Sql::call(Function::Abs, [x.clone()]), Sql::number(1e4));
        let size = self.rounded_size(size, seen);
        let floor = Sql::call(Function::Floor, [Sql::sum(Kind::Number, [size, Sql::number(0.5)])]);
        let floor = self.keep(floor, seen);
        let signed = x.below(Sql::number(0.0)).when(floor.clone().negated(), floor);
        self.keep(signed, seen)
    }

    /// An amount in ten-thousandths, its sign not applied; NULL where it is missing.
    fn amount(&mut self, amount: &Amount, seen: Seen) -> Lowered<Sql> {
        if let Some(literal) = &amount.literal {
            return Ok(Sql::Whole(written(literal, amount.value.span)?));
        }
        match self.value(&amount.value, seen)? {
            V::Number(x) => Ok(self.points_of(x, seen)),
            V::Missing => Ok(Sql::Null(Kind::Whole)),
            _ => refused(amount.value.span, "such an amount"),
        }
    }

    /// An amount given once, its sign applied.
    fn plain_amount(&mut self, amount: &Amount, seen: Seen) -> Lowered<Sql> {
        let points = self.amount(amount, seen)?;
        Ok(if amount.subtract { points.negated() } else { points })
    }

    /// `up to M`, at least nothing; NULL where it is missing.
    fn most(&mut self, up_to: Option<&Expr>, seen: Seen) -> Lowered<Option<Sql>> {
        let Some(expr) = up_to else { return Ok(None) };
        let most = match self.value(expr, seen)? {
            V::Number(Sql::Number(n)) => {
                let points = from_decimal(&Decimal::shortest(crate::number::rounded(n.0))).max(0);
                Sql::Whole(i64::try_from(points).unwrap_or(i64::MAX))
            }
            V::Number(x) => {
                let points = self.points_of(x, seen);
                let most = points.clone().null().when(points.clone(), points.greater(Sql::Whole(0)));
                self.keep(most, seen)
            }
            _ => return Ok(None),
        };
        Ok(Some(most))
    }

    /// What is left of an amount as written after k full periods, k being a column.
    fn aged_steps(&self, amount: &Decimal, ageing: &Ageing, k: Sql, span: Span) -> Lowered<Sql> {
        let value = |k: i64| aged(amount, Some((&ageing.kind, k)));
        let mut steps: Vec<i64> = Vec::new();
        for k in 0..MOST_STEPS {
            let points = value(k);
            let Ok(points) = i64::try_from(points) else { return refused(span, "an amount of so many points") };
            steps.push(points);
            if points == 0 || k > 0 && value(k + 1_000_000) == i128::from(points) {
                break;
            }
        }
        let Some(last) = steps.last().copied() else { return Ok(Sql::Whole(0)) };
        if steps.len() as i64 == MOST_STEPS {
            return refused(span, "ageing in more than 20,000 steps");
        }
        if steps.len() <= MOST_CASES {
            let cases = steps
                .iter()
                .enumerate()
                .map(|(k_is, &points)| (k.clone().at_most(Sql::Whole(k_is as i64)), Sql::Whole(points)));
            return Ok(Sql::case(cases.collect::<Vec<_>>(), Sql::Whole(last)));
        }
        // All numbers with the same sign and width, one behind the other.
        let width = steps.iter().map(|p| p.unsigned_abs().to_string().len()).max().unwrap_or(1);
        let text: String = steps.iter().map(|p| format!("{:0width$}", p.unsigned_abs())).collect();
        let place = Sql::binary(Binary::Times, k.clone(), Sql::Whole(width as i64));
        let place = Sql::sum(Kind::Whole, [place, Sql::Whole(1)]);
        let digits = Sql::call(Function::Substring, [Sql::text(text), place, Sql::Whole(width as i64)]);
        let size = Sql::call(Function::ToWhole, [digits]);
        let points = if amount.digits < 0 { size.negated() } else { size };
        Ok(k.at_least(Sql::Whole(steps.len() as i64)).when(Sql::Whole(last), points))
    }

    /// What a rule gives where its condition holds: whether it gives anything (never NULL), whether that is not known (never NULL),
    /// and how much.
    fn give(&mut self, rule: &Rule, seen: Seen) -> Lowered<(Sql, Sql, Sql)> {
        let Rule { amount, counting, up_to, rate, ageing, when: _, if_not: _, fields: _, line } = rule;
        let span = self.model.line(*line).span;
        let known = self.amount(amount, seen)?;
        let is_known = known.clone().known();
        let literal = amount.literal.as_ref();
        // Where the dates of a window are not known it is not known how much is given, unless there is nothing to count at all.
        let mut window = Sql::Flag(true);
        let mut counted = |lower: &mut Self, activity: &crate::model::Activity| {
            let selected = lower.select(activity, seen)?;
            if selected.known != Sql::Flag(true) {
                let all = crate::model::Activity { window: None, ..activity.clone() };
                let all = lower.select(&all, seen)?.any();
                let nothing_to_count = lower.count(all).equals(Sql::Whole(0));
                window = Sql::any([selected.known.clone(), nothing_to_count]);
            }
            Ok(selected)
        };
        // Where nothing is counted nothing is given, whatever the amount.
        let (is_something, sum) = match counting {
            Counting::Once(None) => (Sql::Flag(true), known.clone()),
            Counting::Once(Some(activity)) => {
                let selected = self.select(activity, seen)?;
                window = selected.known.clone();
                let newest = self.newest(selected.dated.clone());
                let any = self.count(selected.any()).above(Sql::Whole(0));
                let points = match (ageing, literal) {
                    (None, _) => known.clone(),
                    (Some(_), None) => return refused(span, "an amount that is not written out and ages"),
                    (Some(ageing), Some(literal)) => {
                        let k = self.full_periods(newest.clone(), ageing.every, seen);
                        let points = self.aged_steps(literal, ageing, k, span)?;
                        any.clone().when(points, known.clone())
                    }
                };
                (Sql::any([newest.known(), any.not()]), points)
            }
            Counting::Each { activity, through } => {
                let selected = counted(self, activity)?;
                let any = self.count(selected.any()).above(Sql::Whole(0));
                let (some, sum) = self.each(rule, selected.dated, selected.undated, &known, seen)?;
                match through {
                    true => (Sql::any([some, any.clone().not()]), any.when(sum, known.clone())),
                    false => (some, sum),
                }
            }
            Counting::Distinct(activity) => {
                let selected = counted(self, activity)?;
                let newest = self.newest_of_each(activity, &selected)?;
                self.each(rule, newest.dated, newest.undated, &known, seen)?
            }
            Counting::SinceDate(period, date) => {
                let V::Date { first, .. } = self.value(date, seen)? else {
                    return Ok((Sql::Flag(false), Sql::Flag(true), Sql::Null(Kind::Whole)));
                };
                let first = self.keep(first, seen);
                window = first.clone().known();
                let is_past = surely(first.clone().at_most(Sql::Whole(self.as_of.0)));
                let past = self.keep(is_past.when(first, Sql::Whole(self.as_of.0)), seen);
                let k = self.full_periods(past, *period, seen);
                (k.clone().above(Sql::Whole(0)), Sql::binary(Binary::Times, k, known.clone()))
            }
            Counting::SinceActivity(period, activity) => {
                let newest = counted(self, activity)?.dated;
                let newest = self.newest(newest);
                let k = self.full_periods(newest, *period, seen);
                (surely(k.clone().above(Sql::Whole(0))), Sql::binary(Binary::Times, k, known.clone()))
            }
            Counting::Silence(period, query) => {
                let k = self.silence(*period, query.0, seen, span)?;
                (k.clone().above(Sql::Whole(0)), Sql::binary(Binary::Times, k, known.clone()))
            }
        };
        let _ = (up_to, rate);
        let (gives, unknown, points) = self.given(rule, seen, is_something, sum, is_known)?;
        if window == Sql::Flag(true) {
            return Ok((gives, unknown, points));
        }
        let window = self.share(window, seen);
        let gives = self.share(Sql::all([window.clone(), gives]), seen);
        let unknown = Sql::any([window.not(), unknown]);
        let points = gives.clone().when(points, Sql::Whole(0));
        Ok((gives, self.share(unknown, seen), self.share(points, seen)))
    }

    fn given(
        &mut self,
        rule: &Rule,
        seen: Seen,
        is_something: Sql,
        sum: Sql,
        is_known: Sql,
    ) -> Lowered<(Sql, Sql, Sql)> {
        let capped = match self.most(rule.up_to.as_ref(), seen)? {
            None => sum,
            Some(most) => {
                let sum = self.share(sum, seen);
                let most_is_known = most.clone().known();
                let held = sum.clone().lesser(most.clone()).greater(most.negated());
                most_is_known.when(held, sum)
            }
        };
        let points = if rule.amount.subtract { capped.negated() } else { capped };
        let is_something = self.share(is_something, seen);
        let gives = Sql::all([is_something.clone(), is_known.clone()]);
        let unknown = Sql::all([is_something, is_known.not()]);
        let points = gives.clone().when(points, Sql::Whole(0));
        Ok((gives, unknown, self.share(points, seen)))
    }

    /// What is given for each of some records: whether there are any that count, and the sum.
    fn each(&mut self, rule: &Rule, dated: Sql, undated: Sql, known: &Sql, seen: Seen) -> Lowered<(Sql, Sql)> {
        let span = self.model.line(rule.line).span;
        let mut counts = dated;
        let rolling = match &rule.rate {
            Some(rate) => match rate.within {
                RateWindow::Rolling(every) => Some((rate.times, every, rate.span)),
                RateWindow::Calendar(_) => None,
            },
            None => None,
        };
        match &rule.rate {
            None => {}
            Some(rate) => match rate.within {
                // The oldest of each period count.
                RateWindow::Calendar(unit) => {
                    let (key, at) = (self.event_key(), self.at());
                    let period = self.calendar_period(at.clone(), unit, Seen::RECORD);
                    let by = vec![key, counts.clone(), period];
                    let window = Window { of: Over::RowNumber, by, order: vec![at], descending: false };
                    let number = self.events.keep(Sql::Over(Box::new(window)));
                    let times = Sql::Whole(i64::try_from(rate.times).unwrap_or(i64::MAX));
                    counts = self.events.keep(Sql::all([counts, number.at_most(times)]));
                }
                RateWindow::Rolling(_) => {}
            },
        }
        // Where order or age is asked for, records without an instant do not count.
        let all = match rule.rate.is_some() || rule.ageing.is_some() {
            true => counts.clone(),
            false => Sql::any([counts.clone(), undated]),
        };
        let all = self.events.keep(all);
        let Some(ageing) = &rule.ageing else {
            let count = match rolling {
                Some((times, every, span)) => self.walked(all, times, every, Sql::Whole(0), span)?.0,
                None => self.count(all),
            };
            return Ok((count.clone().above(Sql::Whole(0)), Sql::binary(Binary::Times, count, known.clone())));
        };
        let Some(literal) = &rule.amount.literal else {
            return refused(span, "an amount that is not written out and ages");
        };
        let at = self.at();
        // Of what is still to come nothing counts, and nothing is worked out.
        let past = self.events.keep(all.clone().when(at, Sql::Whole(self.as_of.0)));
        let k = self.full_periods(past, ageing.every, Seen::RECORD);
        let points = self.aged_steps(literal, ageing, k, span)?;
        let points = all.clone().when(points, Sql::Whole(0));
        let _ = seen;
        if let Some((times, every, span)) = rolling {
            let (count, sum) = self.walked(all, times, every, points, span)?;
            return Ok((count.above(Sql::Whole(0)), sum));
        }
        let some = self.count(all).above(Sql::Whole(0));
        let sum = Sql::Aggregate(super::expr::Aggregate::Sum, Box::new(points));
        Ok((some, self.kept_of_records(sum, Some(Sql::Whole(0)))))
    }

    /// The full periods in all gaps between engagements, the last ending at as-of.
    fn silence(&mut self, period: crate::time::Period, query: usize, seen: Seen, span: Span) -> Lowered<Sql> {
        let activity = crate::model::Activity { query: crate::model::QueryId(query), window: None, span, called: None };
        let dated = self.select(&activity, seen)?.dated;
        let (key, at) = (self.event_key(), self.at());
        let window = Window {
            of: Over::Lead(at.clone(), 1),
            by: vec![key, dated.clone()],
            order: vec![at.clone()],
            descending: false,
        };
        let next = self.events.keep(Sql::Over(Box::new(window)));
        let as_of = Sql::Whole(self.as_of.0);
        let end = next.clone().null().when(as_of.clone(), next);
        // Of records that do not count nothing is worked out.
        let end = self.events.keep(dated.clone().when(end, as_of.clone()));
        let at = self.events.keep(dated.clone().when(at, as_of));
        let k = self.periods_between(at, end, period, Seen::RECORD);
        let k = self.events.keep(dated.when(k, Sql::Whole(0)));
        let sum = Sql::Aggregate(super::expr::Aggregate::Sum, Box::new(k));
        Ok(self.kept_of_records(sum, Some(Sql::Whole(0))))
    }

    /// What a rule gives now.
    fn rule(&mut self, rule: &Rule, seen: Seen) -> Lowered<Gave> {
        let holds = match &rule.when {
            Some(condition) => self.truth(condition, seen)?,
            None => Sql::Flag(true),
        };
        let holds = self.share(holds, seen);
        let (gives, _, points) = self.give(rule, seen)?;
        let fires = self.share(Sql::all([surely(holds.clone()), gives]), seen);
        let mut lines =
            vec![Fires { line: rule.line, branch: Branch::Then, fires: fires.clone(), points: points.clone() }];
        let mut cases = vec![(fires.clone(), points)];
        let mut any = fires;
        if let Some(amount) = &rule.if_not {
            let points = self.plain_amount(amount, seen)?;
            let fires = Sql::all([surely(holds.not()), points.clone().known()]);
            let fires = self.share(fires, seen);
            cases.push((fires.clone(), points.clone()));
            any = Sql::any([any, fires.clone()]);
            lines.push(Fires { line: rule.line, branch: Branch::IfNot, fires, points });
        }
        let sum = Sql::case(cases, Sql::Whole(0));
        Ok(Gave { fires: any, points: self.share(sum, seen), lines })
    }

    /// What a table gives now: the first line that holds.
    fn table(&mut self, table: &Table, seen: Seen) -> Lowered<Gave> {
        let by = self.value(&table.by, seen)?;
        let is_missing = self.missing_of(&by, seen, table.by.span)?;
        let mut lines = Vec::with_capacity(table.lines.len());
        // Whether a line above holds, and whether one is unknown.
        let (mut above, mut unknown): (Vec<Sql>, Vec<Sql>) = (Vec::new(), Vec::new());
        let mut cases = Vec::new();
        let mut any = Vec::new();
        for line in &table.lines {
            let holds = match &line.case {
                Case::When(condition) => {
                    let truth = self.truth(condition, seen)?;
                    let truth = self.share(truth, seen);
                    unknown.push(truth.clone().null());
                    surely(truth)
                }
                Case::Missing => is_missing.clone(),
                Case::Otherwise { takes_unknown: true } => Sql::Flag(true),
                Case::Otherwise { takes_unknown: false } => Sql::any(unknown.iter().cloned()).not(),
            };
            let points = self.plain_amount(&line.amount, seen)?;
            let first = Sql::all([holds.clone(), Sql::any(above.iter().cloned()).not()]);
            let first = self.share(first, seen);
            let fires = Sql::all([first, points.clone().known()]);
            cases.push((holds.clone(), points.clone().or(Sql::Whole(0))));
            any.push(fires.clone());
            lines.push(Fires { line: line.line, branch: Branch::Then, fires, points });
            if matches!(line.case, Case::Otherwise { .. }) {
                break;
            }
            above.push(holds);
        }
        let points = self.share(Sql::case(cases, Sql::Whole(0)), seen);
        let fires = self.share(Sql::any(any), seen);
        Ok(Gave { fires, points, lines })
    }

    /// Whether a value is missing, a label too; never NULL.
    fn missing_of(&mut self, value: &V, seen: Seen, span: Span) -> Lowered<Sql> {
        let missing = self.over_choices(value, seen, span, &|_, v| Ok(v.is_missing()))?;
        Ok(surely(missing))
    }

    fn single(&mut self, item: &Scoring, seen: Seen) -> Lowered<Gave> {
        match item {
            Scoring::Rule(rule) => self.rule(rule, seen),
            Scoring::Table(table) => self.table(table, seen),
            Scoring::Choice { .. } => Ok(Gave { fires: Sql::Flag(false), points: Sql::Whole(0), lines: Vec::new() }),
        }
    }

    /// What an item gives now.
    fn item(&mut self, item: &Scoring, seen: Seen) -> Lowered<Gave> {
        let Scoring::Choice { best, items } = item else { return self.single(item, seen) };
        let mut gave = Vec::with_capacity(items.len());
        for item in items {
            let Gave { fires, points, lines } = self.single(item, seen)?;
            gave.push(Gave { fires: self.share(fires, seen), points: self.share(points, seen), lines });
        }
        let chosen: Vec<Sql> = (0..gave.len())
            .filter_map(|i| {
                let this = gave.get(i)?;
                let beats = |(j, other): (usize, &Gave)| {
                    let is_more = match (best, j < i) {
                        (false, true) => Sql::Flag(true),
                        (false, false) => Sql::Flag(false),
                        (true, true) => other.points.clone().at_least(this.points.clone()),
                        (true, false) => other.points.clone().above(this.points.clone()),
                    };
                    Sql::all([other.fires.clone(), is_more]).not()
                };
                let others = gave.iter().enumerate().filter(|(j, _)| *j != i).map(beats);
                Some(Sql::all(std::iter::once(this.fires.clone()).chain(others)))
            })
            .collect();
        let mut lines = Vec::new();
        let mut cases = Vec::new();
        for (this, chosen) in gave.into_iter().zip(chosen) {
            let chosen = self.share(chosen, seen);
            cases.push((chosen.clone(), this.points));
            for line in this.lines {
                lines.push(Fires { fires: Sql::all([line.fires, chosen.clone()]), ..line });
            }
        }
        let fires = Sql::any(cases.iter().map(|(chosen, _)| chosen.clone()));
        Ok(Gave { fires, points: self.share(Sql::case(cases, Sql::Whole(0)), seen), lines })
    }

    /// What a rule or table could give. Adds the fields that leave it open.
    fn could(&mut self, item: &Scoring, seen: Seen, gaps: &mut Gaps) -> Lowered<Could> {
        let seen = seen.with_pass(Pass::Possible);
        match item {
            Scoring::Rule(rule) => self.could_rule(rule, seen, gaps),
            Scoring::Table(table) => self.could_table(table, seen, gaps),
            Scoring::Choice { .. } => Ok(Could {
                surely: Sql::Flag(false),
                never: Sql::Flag(true),
                gives: Ends::nothing(),
                alone: Ends::nothing(),
            }),
        }
    }

    fn could_rule(&mut self, rule: &Rule, seen: Seen, gaps: &mut Gaps) -> Lowered<Could> {
        let when = match &rule.when {
            Some(condition) => self.outlook(condition, seen)?,
            None => Outlook::settled(Sql::Flag(true)),
        };
        let when = self.kept(when, seen);
        let mut open: Gaps = Vec::new();
        let given = self.could_give(rule, &when.may_hold(), seen, &mut open)?;
        let otherwise = match &rule.if_not {
            Some(amount) => self.could_amount(amount, &when.may_fail(), seen, &mut open)?,
            None => Side::none(),
        };
        if let Some(condition) = &rule.when {
            let unsettled = when.is_unsettled();
            self.unknown_fields(condition, unsettled, seen, &mut open)?;
        }
        let could = self.of_sides(&when, &given, &otherwise, seen);
        let may_fire = could.never.clone().not();
        gaps.extend(open.into_iter().map(|(field, when)| (field, Sql::all([may_fire.clone(), when]))));
        Ok(could)
    }

    /// See `Could::of_sides` of the interpreter.
    fn of_sides(&mut self, when: &Outlook, given: &Side, otherwise: &Side, seen: Seen) -> Could {
        let (may_hold, may_fail) = (when.may_hold(), when.may_fail());
        let stays_unknown = Sql::any([when.low.clone().null(), when.high.clone().null()]);
        let is_silent = Sql::any([
            stays_unknown,
            Sql::all([may_hold.clone(), given.fires.clone().not()]),
            Sql::all([may_fail.clone(), otherwise.fires.clone().not()]),
        ]);
        let is_silent = self.share(is_silent, seen);
        let first = self.share(Sql::all([may_hold, given.nothing.clone().not()]), seen);
        let second = self.share(Sql::all([may_fail, otherwise.nothing.clone().not()]), seen);
        let gives = if second == Sql::Flag(false) {
            Ends::either(first.clone(), &given.ends, &Ends::nothing())
        } else {
            let both = given.ends.hull(&otherwise.ends);
            let one = Ends::either(
                first.clone(),
                &given.ends,
                &Ends::either(second.clone(), &otherwise.ends, &Ends::nothing()),
            );
            Ends::either(Sql::all([first.clone(), second.clone()]), &both, &one)
        };
        let gives = self.kept_ends(gives, seen);
        let any = Sql::any([first, second]);
        let silent = gives.hull(&Ends::nothing());
        let alone = Ends::either(
            Sql::all([any.clone(), is_silent.clone().not()]),
            &gives,
            &Ends::either(any.clone(), &silent, &Ends::nothing()),
        );
        let alone = self.kept_ends(alone, seen);
        let surely = Sql::all([any.clone(), when.is_unsettled().not(), is_silent.not()]);
        Could { surely: self.share(surely, seen), never: any.not(), gives, alone }
    }

    /// What a rule could give where its condition holds.
    fn could_give(&mut self, rule: &Rule, taken: &Sql, seen: Seen, open: &mut Gaps) -> Lowered<Side> {
        let (gives, unknown, points) = self.give(rule, seen)?;
        if matches!(unknown, Sql::Flag(false)) {
            return Ok(Side { nothing: gives.clone().not(), fires: gives, ends: Ends::point(points) });
        }
        let amount = self.amount(&rule.amount, seen)?;
        let mut parts: Vec<Expr> = Vec::new();
        if rule.amount.literal.is_none() {
            parts.push(rule.amount.value.clone());
        }
        match &rule.counting {
            Counting::SinceDate(_, date) => parts.push(date.clone()),
            Counting::Each { activity: a, .. }
            | Counting::Distinct(a)
            | Counting::SinceActivity(_, a)
            | Counting::Once(Some(a)) => {
                parts.push(Expr { kind: ExprKind::Did(a.clone(), None), span: a.span });
            }
            Counting::Once(None) | Counting::Silence(..) => {}
        }
        let amount_is_missing = amount.clone().null();
        // What the missing amount hangs on decides; where it is there, what is counted.
        let amount_gap = match rule.amount.literal {
            None => self.has_gap(&rule.amount.value)?,
            Some(_) => Sql::Flag(false),
        };
        let mut counting_gap = Vec::new();
        for part in parts.iter().skip(usize::from(rule.amount.literal.is_none())) {
            counting_gap.push(self.has_gap(part)?);
        }
        let has_gap = amount_is_missing.clone().when(amount_gap, Sql::any(counting_gap));
        let perhaps = self.share(Sql::all([unknown, has_gap]), seen);
        let here = Sql::all([taken.clone(), perhaps.clone()]);
        for part in &parts {
            self.add_gaps(part, &here, open)?;
        }
        let most = self.most(rule.up_to.as_ref(), seen)?;
        // A most that is not known bounds nothing.
        let mut may_be_open = true;
        let most = match most {
            Some(most) => {
                may_be_open = !most.is_constant();
                most
            }
            None => Sql::Null(Kind::Whole),
        };
        let is_negative = rule.amount.literal.as_ref().is_some_and(|a| a.digits < 0);
        let subtract = rule.amount.subtract != is_negative;
        if rule.amount.literal.is_none() && parts.len() > 1 && self.has_gap_of(parts.get(1))? != Sql::Flag(false) {
            return refused(self.model.line(rule.line).span, "an amount and a date of a rule that may both be missing");
        }
        // Points are never more for their age.
        let (most, may_be_open) = match (&rule.amount.literal, &rule.counting) {
            (Some(literal), Counting::Once(_)) => {
                let full = Sql::Whole(written(literal, rule.amount.value.span)?.abs());
                match most {
                    Sql::Null(_) => (full, false),
                    most => (most.clone().null().when(full.clone(), most.lesser(full)), false),
                }
            }
            _ => (most, may_be_open),
        };
        let most = self.share(most, seen);
        let ends = if subtract {
            Ends { low: most.negated(), high: Sql::Whole(0), may_be_open }
        } else {
            Ends { low: Sql::Whole(0), high: most, may_be_open }
        };
        let ends = Ends::either(gives.clone(), &Ends::point(points), &ends);
        Ok(Side { nothing: Sql::any([gives.clone(), perhaps]).not(), fires: gives, ends: self.kept_ends(ends, seen) })
    }

    fn has_gap_of(&mut self, part: Option<&Expr>) -> Lowered<Sql> {
        part.map_or(Ok(Sql::Flag(false)), |part| self.has_gap(part))
    }

    /// What an amount given once could be.
    fn could_amount(&mut self, amount: &Amount, taken: &Sql, seen: Seen, open: &mut Gaps) -> Lowered<Side> {
        let points = self.plain_amount(amount, seen)?;
        if points.is_constant() && !matches!(points, Sql::Null(_)) {
            return Ok(Side { fires: Sql::Flag(true), nothing: Sql::Flag(false), ends: Ends::point(points) });
        }
        let points = self.share(points, seen);
        let is_known = points.clone().known();
        let gap = self.has_gap(&amount.value)?;
        let perhaps = self.share(Sql::all([is_known.clone().not(), gap]), seen);
        self.add_gaps(&amount.value, &Sql::all([taken.clone(), perhaps.clone()]), open)?;
        let (low, high) = if amount.subtract {
            (Sql::Null(Kind::Whole), Sql::Whole(0))
        } else {
            (Sql::Whole(0), Sql::Null(Kind::Whole))
        };
        let ends = Ends::either(is_known.clone(), &Ends::point(points), &Ends { low, high, may_be_open: true });
        Ok(Side { nothing: Sql::any([is_known.clone(), perhaps]).not(), fires: is_known, ends })
    }

    /// Between the least and the greatest of the lines that hold or may hold, up to the first that surely does.
    fn could_table(&mut self, table: &Table, seen: Seen, gaps: &mut Gaps) -> Lowered<Could> {
        let by = self.value(&table.by, seen)?;
        let is_missing = self.missing_of(&by, seen, table.by.span)?;
        let gap = self.has_gap(&table.by)?;
        let mut open: Gaps = Vec::new();
        let mut gives: Option<Ends> = None;
        let mut gives_any = Sql::Flag(false);
        let (mut is_sure, mut may_be_silent, mut is_blocked) = (Sql::Flag(false), Sql::Flag(false), Sql::Flag(false));
        for line in &table.lines {
            let holds = match &line.case {
                Case::When(condition) => self.outlook(condition, seen)?,
                Case::Missing => {
                    Outlook { low: Sql::all([is_missing.clone(), gap.clone().not()]), high: is_missing.clone() }
                }
                Case::Otherwise { takes_unknown: true } => Outlook::settled(Sql::Flag(true)),
                Case::Otherwise { takes_unknown: false } => Outlook::settled(is_blocked.clone().not()),
            };
            let holds = self.kept(holds, seen);
            // Behind a line that surely holds nothing is asked any more.
            let here = is_sure.clone().not();
            let blocks = Sql::all([here.clone(), holds.low.clone().null()]);
            is_blocked = self.share(Sql::any([is_blocked, blocks]), seen);
            let here = self.share(Sql::all([here, holds.may_hold()]), seen);
            let unsettled = self.share(Sql::all([here.clone(), holds.is_unsettled()]), seen);
            match &line.case {
                Case::When(condition) => self.unknown_fields(condition, unsettled, seen, &mut open)?,
                _ => self.add_gaps(&table.by, &unsettled, &mut open)?,
            }
            let side = self.could_amount(&line.amount, &here, seen, &mut open)?;
            let some = Sql::all([here.clone(), side.nothing.clone().not()]);
            let some = self.share(some, seen);
            gives = Some(match gives {
                None => Ends::either(some.clone(), &side.ends, &Ends::nothing()),
                Some(before) => {
                    let both = before.hull(&side.ends);
                    let one = Ends::either(gives_any.clone(), &before, &side.ends);
                    let more = Ends::either(Sql::all([gives_any.clone(), some.clone()]), &both, &one);
                    Ends::either(some.clone(), &more, &before)
                }
            });
            if let Some(ends) = gives.take() {
                gives = Some(self.kept_ends(ends, seen));
            }
            gives_any = self.share(Sql::any([gives_any, some]), seen);
            let silent = Sql::all([here.clone(), side.fires.not()]);
            may_be_silent = self.share(Sql::any([may_be_silent, silent]), seen);
            is_sure = self.share(Sql::any([is_sure, Sql::all([here, holds.holds()])]), seen);
        }
        let gives = gives.unwrap_or_else(Ends::nothing);
        let surely = self.share(Sql::all([gives_any.clone(), is_sure, may_be_silent.not()]), seen);
        let silent = gives.hull(&Ends::nothing());
        let alone = Ends::either(surely.clone(), &gives, &Ends::either(gives_any.clone(), &silent, &Ends::nothing()));
        gaps.extend(open.into_iter().map(|(field, when)| (field, Sql::all([gives_any.clone(), when]))));
        Ok(Could { surely, never: gives_any.not(), gives, alone: self.kept_ends(alone, seen) })
    }

    /// What a choice could give.
    fn could_choice(&mut self, best: bool, items: &[Scoring], seen: Seen, gaps: &mut Gaps) -> Lowered<Ends> {
        let mut hull = Ends::nothing();
        let mut any = Sql::Flag(false);
        let mut surest = Ends::nothing();
        let mut is_sure = Sql::Flag(false);
        for item in items {
            let mut open: Gaps = Vec::new();
            let could = self.could(item, seen, &mut open)?;
            // Behind one that surely fires the first is found.
            let here = if best { Sql::Flag(true) } else { is_sure.clone().not() };
            gaps.extend(open.into_iter().map(|(field, when)| (field, Sql::all([here.clone(), when]))));
            let fires = self.share(Sql::all([here.clone(), could.never.clone().not()]), seen);
            let wider = Ends::either(any.clone(), &hull.hull(&could.gives), &could.gives);
            hull = self.kept_ends(Ends::either(fires.clone(), &wider, &hull), seen);
            any = self.share(Sql::any([any, fires]), seen);
            let surely = self.share(Sql::all([here, could.surely]), seen);
            let may_be_open = surest.may_be_open || could.gives.may_be_open;
            let greatest = Ends {
                low: open_greater(surest.low.clone(), could.gives.low.clone(), may_be_open),
                high: open_greater(surest.high.clone(), could.gives.high.clone(), may_be_open),
                may_be_open,
            };
            let greater = Ends::either(is_sure.clone(), &greatest, &could.gives);
            surest = self.kept_ends(Ends::either(surely.clone(), &greater, &surest), seen);
            is_sure = self.share(Sql::any([is_sure, surely]), seen);
        }
        let sure = match best {
            true => {
                Ends { low: surest.low, high: hull.high.clone(), may_be_open: surest.may_be_open || hull.may_be_open }
            }
            false => hull.clone(),
        };
        let ends = Ends::either(is_sure, &sure, &hull.hull(&Ends::nothing()));
        let ends = Ends::either(any, &ends, &Ends::nothing());
        Ok(self.kept_ends(ends, seen))
    }

    /// The fields on which an item's points hang.
    fn hangs_on_fields(item: &Scoring) -> bool {
        match item {
            Scoring::Rule(rule) => !rule.fields.is_empty(),
            Scoring::Table(table) => !table.fields.is_empty(),
            Scoring::Choice { items, .. } => items.iter().any(Self::hangs_on_fields),
        }
    }

    /// What some items come to, now and once all data is known. The lines that fire are added, and the fields that matter.
    pub fn items(
        &mut self,
        items: &[Scoring],
        seen: Seen,
        second: bool,
        fires: &mut Vec<Fires>,
        gaps: &mut Gaps,
    ) -> Lowered<Sums> {
        let (mut now, mut low, mut high) = (Vec::new(), Vec::new(), Vec::new());
        let mut may_be_open = false;
        for item in items {
            let gave = self.item(item, seen)?;
            fires.extend(gave.lines);
            let mut possible = Ends::point(gave.points.clone());
            if second && Self::hangs_on_fields(item) {
                let mut open: Gaps = Vec::new();
                possible = match item {
                    Scoring::Choice { best, items } => self.could_choice(*best, items, seen, &mut open)?,
                    _ => self.could(item, seen, &mut open)?.alone,
                };
                // Fields matter where lowest, highest and present points are not all the same.
                let differs = Sql::all([
                    surely(possible.low.clone().equals(possible.high.clone())),
                    surely(possible.low.clone().equals(gave.points.clone())),
                ]);
                let differs = self.share(differs.not(), seen);
                gaps.extend(open.into_iter().map(|(field, when)| (field, Sql::all([differs.clone(), when]))));
            }
            now.push(gave.points);
            low.push(possible.low);
            high.push(possible.high);
            may_be_open |= possible.may_be_open;
        }
        let now = self.facts.keep(Sql::sum(Kind::Whole, now));
        let low = self.facts.keep(Sql::sum(Kind::Whole, low));
        let high = self.facts.keep(Sql::sum(Kind::Whole, high));
        Ok(Sums { now, possible: Ends { low, high, may_be_open } })
    }

    /// What is left of a sum after the silence up to now, in billionths.
    pub fn left(&mut self, fading: &Fading) -> Lowered<Sql> {
        let span = self.model.line(fading.line).span;
        let activity = crate::model::Activity { query: fading.query, window: None, span, called: None };
        let dated = self.select(&activity, Seen::NOW)?.dated;
        let newest = self.newest(dated);
        let k = self.full_periods(newest.clone(), fading.ageing.every, Seen::NOW);
        let all = Decimal { digits: ALL / crate::points::ONE, scale: 0 };
        debug_assert_eq!(left(&fading.ageing.kind, 1), aged(&all, Some((&fading.ageing.kind, 1))));
        let steps = self.aged_steps(&all, &fading.ageing, k, span)?;
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
            let held = before.clamp(limit.bounds)?;
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

    pub fn bound(&mut self, bounds: Bounds, line: Option<LineId>, sums: Sums, told: &mut Vec<Fires>) -> Lowered<Sums> {
        let now = match line {
            Some(line) => self.becomes(sums.now.clone(), clamp(sums.now, bounds), line, told),
            None => sums.now,
        };
        let possible = sums.possible.clamp(bounds)?;
        Ok(Sums { now, possible: self.kept_ends(possible, Seen::POSSIBLE) })
    }
}
