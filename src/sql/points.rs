//! Points: rules, tables, choices and what is done to their sums, as `eval::scoring` and `eval::could` have it.

use super::expr::{Binary, Function, Kind, Over, Sql};
use super::lower::{Ends, Lower, Lowered, Seen, refused};
use super::second::{Gaps, surely};
use super::values::V;
use crate::model::{Ageing, Amount, Branch, Case, Counting, Expr, LineId, Rule, Scoring, Table};
use crate::number::Decimal;
use crate::points::{aged, from_decimal};
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

/// What a group or the whole comes to, now and once all data is known.
pub(super) struct Sums {
    pub now: Sql,
    pub possible: Ends,
}

/// Points as written, in ten-thousandths.
pub(super) fn written(decimal: &Decimal, span: Span) -> Lowered<i64> {
    let points = from_decimal(decimal);
    match i64::try_from(points).ok().filter(|_| points.abs() <= LARGEST) {
        Some(points) => Ok(points),
        None => refused(span, "an amount of so many points"),
    }
}

impl Lower<'_> {
    pub fn kept_ends(&mut self, ends: Ends, seen: Seen) -> Ends {
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
    pub fn amount(&mut self, amount: &Amount, seen: Seen) -> Lowered<Sql> {
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
    pub fn plain_amount(&mut self, amount: &Amount, seen: Seen) -> Lowered<Sql> {
        let points = self.amount(amount, seen)?;
        Ok(if amount.subtract { points.negated() } else { points })
    }

    /// `up to M`, at least nothing; NULL where it is missing.
    pub fn most(&mut self, up_to: Option<&Expr>, seen: Seen) -> Lowered<Option<Sql>> {
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
    pub fn aged_steps(&self, amount: &Decimal, ageing: &Ageing, k: Sql, span: Span) -> Lowered<Sql> {
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
    pub fn give(&mut self, rule: &Rule, seen: Seen) -> Lowered<(Sql, Sql, Sql)> {
        // Rate and bound are seen to where records are counted and what they come to is given.
        let Rule { amount, counting, up_to: _, rate: _, ageing, when: _, if_not: _, fields: _, line } = rule;
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
                let all = lower.select(&all, seen)?.any;
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
                let any = self.count(selected.any.clone()).above(Sql::Whole(0));
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
                let any = self.count(selected.any.clone()).above(Sql::Whole(0));
                let (some, sum) = self.each(rule, selected.dated, selected.undated, &known)?;
                match through {
                    true => (Sql::any([some, any.clone().not()]), any.when(sum, known.clone())),
                    false => (some, sum),
                }
            }
            Counting::Distinct(activity) => {
                let selected = counted(self, activity)?;
                let newest = self.newest_of_each(activity, &selected)?;
                self.each(rule, newest.dated, newest.undated, &known)?
            }
            Counting::SinceDate(period, date) => {
                let V::Date { first, .. } = self.value(date, seen)? else {
                    return Ok((Sql::Flag(false), Sql::Flag(true), Sql::Null(Kind::Whole)));
                };
                let first = self.keep(first, seen);
                window = first.clone().known();
                let is_past = surely(first.clone().at_most(self.as_of()));
                let past = self.keep(is_past.when(first, self.as_of()), seen);
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
    fn each(&mut self, rule: &Rule, dated: Sql, undated: Sql, known: &Sql) -> Lowered<(Sql, Sql)> {
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
                    let number = self.events.keep(Sql::over(Over::RowNumber, by, [at]));
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
        let past = self.events.keep(all.clone().when(at, self.as_of()));
        let k = self.full_periods(past, ageing.every, Seen::RECORD);
        let points = self.aged_steps(literal, ageing, k, span)?;
        let points = all.clone().when(points, Sql::Whole(0));
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
        let next = self.events.keep(Sql::over(Over::Lead(at.clone(), 1), [key, dated.clone()], [at.clone()]));
        let as_of = self.as_of();
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
        let gave = self.rule_of(rule, seen);
        self.or_noted(gave, || Gave { fires: Sql::Flag(false), points: Sql::Whole(0), lines: Vec::new() })
    }

    fn rule_of(&mut self, rule: &Rule, seen: Seen) -> Lowered<Gave> {
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
    pub fn missing_of(&mut self, value: &V, seen: Seen, span: Span) -> Lowered<Sql> {
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
}
