//! Rules, tables, choices and groups: what they give now. What they could give is in `could`.

use std::collections::BTreeSet;
use std::sync::PoisonError;

use super::activity::Selected;
use super::outcome::{Counted, Fired, FiredKind, RuleState, RuleTrace};
use super::values::Evaluator;
use crate::model::{Activity, Amount, Branch, Case, CaseLine, Counting, Expr, GroupId, LineId, Rule, Scoring, Table};
use crate::number::{Decimal, rounded};
use crate::points::{aged, from_decimal};
use crate::time::{Instant, Period, RateWindow};
use crate::value::Value;

/// What a rule gives where its condition holds.
pub(super) enum Given {
    /// So many points, after `up to`.
    Points { points: i128, before_cap: i128 },
    /// Nothing was there to count.
    Nothing,
    /// How much is not known.
    Missing,
}

/// What an item gives now: the line that gave points, if one did, and which of its amounts.
pub(super) struct Gave {
    pub fired: Option<(LineId, Branch)>,
    pub points: i128,
}

impl Gave {
    fn nothing() -> Gave {
        Gave { fired: None, points: 0 }
    }
}

/// Where the reports of a group's rules go.
pub(super) struct Report<'t> {
    pub group: Option<GroupId>,
    pub fired: &'t mut Vec<Fired>,
    pub rules: Option<&'t mut Vec<RuleTrace>>,
}

impl Evaluator<'_> {
    /// What the items of a group give now, summed.
    pub(super) fn scored(&self, items: &[Scoring], report: &mut Report<'_>) -> i128 {
        items.iter().map(|item| self.item(item, report)).sum()
    }

    pub(super) fn item(&self, item: &Scoring, report: &mut Report<'_>) -> i128 {
        match item {
            Scoring::Rule(_) | Scoring::Table(_) => {
                let gave = self.single(item, report);
                self.fire(&gave, report)
            }
            Scoring::Choice { best: false, items } => {
                let mut items = items.iter();
                while let Some(item) = items.next() {
                    let gave = self.single(item, report);
                    if gave.fired.is_some() {
                        self.pass_over(items.as_slice(), report);
                        return self.fire(&gave, report);
                    }
                }
                0
            }
            Scoring::Choice { best: true, items } => {
                let mut best: Option<Gave> = None;
                let from = report.rules.as_ref().map_or(0, |rules| rules.len());
                for item in items {
                    let gave = self.single(item, report);
                    if gave.fired.is_some() && best.as_ref().is_none_or(|b| gave.points > b.points) {
                        best = Some(gave);
                    }
                }
                let chosen = best.as_ref().and_then(|b| b.fired).map(|(line, _)| line);
                if let Some(rules) = report.rules.as_deref_mut() {
                    for rule in rules
                        .iter_mut()
                        .skip(from)
                        .filter(|r| matches!(r.state, RuleState::Fired | RuleState::IfNot) && Some(r.line) != chosen)
                    {
                        rule.state = RuleState::PassedOver;
                    }
                }
                best.map_or(0, |b| self.fire(&b, report))
            }
        }
    }

    fn pass_over(&self, items: &[Scoring], report: &mut Report<'_>) {
        if let Some(rules) = report.rules.as_deref_mut() {
            for item in items {
                rules.extend(item.first_line().map(|line| RuleTrace {
                    line,
                    group: report.group,
                    state: RuleState::PassedOver,
                    before_cap: 0,
                    points: 0,
                    counted: Vec::new(),
                    unknown: Vec::new(),
                }));
            }
        }
    }

    fn fire(&self, gave: &Gave, report: &mut Report<'_>) -> i128 {
        if let Some((line, branch)) = gave.fired {
            let fired = Fired {
                kind: FiredKind::Points,
                line,
                because: None,
                group: report.group,
                points: Some(gave.points),
                branch,
            };
            report.fired.push(fired);
        }
        gave.points
    }

    pub(super) fn single(&self, item: &Scoring, report: &mut Report<'_>) -> Gave {
        match item {
            Scoring::Rule(rule) => self.rule(rule, report),
            Scoring::Table(table) => self.table(table, report),
            Scoring::Choice { .. } => Gave::nothing(),
        }
    }

    fn rule(&self, rule: &Rule, report: &mut Report<'_>) -> Gave {
        let mut counted = Vec::new();
        let holds = rule.when.as_ref().map_or(Some(true), |c| self.truth(c));
        let mut before = 0;
        let (state, gave) = match holds {
            Some(true) => match self.give(rule, report.rules.is_some().then_some(&mut counted)) {
                Given::Points { points, before_cap } => {
                    before = before_cap;
                    (RuleState::Fired, Gave { fired: Some((rule.line, Branch::Then)), points })
                }
                Given::Nothing => (RuleState::NothingCounted, Gave::nothing()),
                Given::Missing => (RuleState::AmountMissing, Gave::nothing()),
            },
            Some(false) => match &rule.if_not {
                Some(amount) => match self.plain_amount(amount) {
                    Some(points) => {
                        before = points;
                        (RuleState::IfNot, Gave { fired: Some((rule.line, Branch::IfNot)), points })
                    }
                    None => (RuleState::AmountMissing, Gave::nothing()),
                },
                None => (RuleState::Not, Gave::nothing()),
            },
            None => (RuleState::Unknown, Gave::nothing()),
        };
        if let Some(rules) = report.rules.as_deref_mut() {
            let mut unknown = BTreeSet::new();
            match (state, &rule.when) {
                (RuleState::Unknown, Some(condition)) => self.unknown_fields(condition, &mut unknown),
                (RuleState::AmountMissing, _) => {
                    let amount = match &rule.if_not {
                        Some(amount) if holds == Some(false) => amount,
                        _ => {
                            self.counting_gaps(&rule.counting, &mut unknown);
                            &rule.amount
                        }
                    };
                    self.gaps(&amount.value, &mut unknown);
                }
                _ => {}
            }
            rules.push(RuleTrace {
                line: rule.line,
                group: report.group,
                state,
                before_cap: before,
                points: gave.points,
                counted,
                unknown: unknown.into_iter().collect(),
            });
        }
        gave
    }

    /// An amount given once, in ten-thousandths.
    pub(super) fn plain_amount(&self, amount: &Amount) -> Option<i128> {
        let decimal = self.decimal(amount)?;
        let points = from_decimal(&decimal);
        Some(if amount.subtract { -points } else { points })
    }

    pub(super) fn decimal(&self, amount: &Amount) -> Option<Decimal> {
        match &amount.literal {
            Some(literal) => Some(literal.clone()),
            None => match self.value(&amount.value) {
                Value::Number(n) => Some(Decimal::shortest(rounded(n))),
                _ => None,
            },
        }
    }

    /// What a rule gives where its condition holds: window, count, rate limit, age, rounding of each, sum, `up to`.
    pub(super) fn give(&self, rule: &Rule, mut counted: Option<&mut Vec<Counted>>) -> Given {
        // Each part by name; age and rate are asked for where records are counted, condition and `if not` by the caller.
        let Rule { amount, counting, up_to, when: _, if_not: _, rate: _, ageing: _, fields: _, line: _ } = rule;
        let known = self.decimal(amount);
        // Where nothing is counted nothing is given, whatever the amount: so it is counted by any amount.
        let amount = known.clone().unwrap_or(Decimal { digits: 1, scale: 0 });
        let sum = match counting {
            Counting::Once(None) => Some(from_decimal(&amount)),
            Counting::Once(Some(activity)) => match self.select(activity) {
                None => return Given::Missing,
                Some(selected) if selected.len() == 0 => Some(from_decimal(&amount)),
                Some(selected) => selected.newest().map(|(at, i)| {
                    let points = self.after_age(rule, &amount, Some(at));
                    if let Some(counted) = counted.as_deref_mut() {
                        counted.push(Counted { activity: i, at: Some(at), points: signed(rule, points) });
                    }
                    points
                }),
            },
            Counting::Each { activity, through } => match self.counted(activity) {
                None => return Given::Missing,
                Some(selected) if *through && selected.len() == 0 => Some(from_decimal(&amount)),
                Some(selected) => {
                    self.each(rule, &amount, selected.dated(), selected.undated(), counted.as_deref_mut())
                }
            },
            Counting::Distinct(activity) => match self.counted(activity) {
                None => return Given::Missing,
                Some(selected) => {
                    let newest = self.newest_of_each(activity.query, &selected);
                    self.each(rule, &amount, newest.dated(), newest.undated(), counted.as_deref_mut())
                }
            },
            Counting::SinceDate(period, date) => match self.value(date) {
                Value::Date(date) => self.periods(&amount, Some(date.first()), *period),
                _ => return Given::Missing,
            },
            Counting::SinceActivity(period, activity) => match self.counted(activity) {
                None => return Given::Missing,
                Some(selected) => self.periods(&amount, selected.newest().map(|(at, _)| at), *period),
            },
            Counting::Silence(period, query) => self.silence(&amount, *period, *query),
        };
        let Some(sum) = sum else { return Given::Nothing };
        if known.is_none() {
            if let Some(counted) = counted {
                counted.clear();
            }
            return Given::Missing;
        }
        let capped = self.most(up_to.as_ref()).map_or(sum, |most| sum.clamp(-most, most));
        Given::Points { points: signed(rule, capped), before_cap: signed(rule, sum) }
    }

    /// The records that a rule counts; `None` where a date of the window is not known, and there is something to count.
    fn counted(&self, activity: &Activity) -> Option<Selected> {
        self.select(activity).or_else(|| self.no_record(activity))
    }

    /// `up to M`, where it is known; M below nothing bounds to nothing.
    pub(super) fn most(&self, up_to: Option<&Expr>) -> Option<i128> {
        match self.value(up_to?) {
            Value::Number(most) => Some(from_decimal(&Decimal::shortest(rounded(most))).max(0)),
            _ => None,
        }
    }

    fn each(
        &self,
        rule: &Rule,
        amount: &Decimal,
        dated: &[(Instant, usize)],
        undated: &[usize],
        mut counted: Option<&mut Vec<Counted>>,
    ) -> Option<i128> {
        // Where order or age is asked for, records without an instant do not count.
        let undated = if rule.rate.is_some() || rule.ageing.is_some() { &[] } else { undated };
        let mut sum = None;
        let mut add = |at: Option<Instant>, i: usize| {
            let points = self.after_age(rule, amount, at);
            *sum.get_or_insert(0) += points;
            if let Some(counted) = counted.as_deref_mut() {
                counted.push(Counted { activity: i, at, points: signed(rule, points) });
            }
        };
        undated.iter().for_each(|&i| add(None, i));
        match rule.rate.as_ref().map(|rate| (rate.times, rate.within)) {
            None => dated.iter().for_each(|&(at, i)| add(Some(at), i)),
            // The oldest of each period of the calendar count.
            Some((times, RateWindow::Calendar(unit))) => {
                let mut last = None;
                for &(at, i) in dated {
                    let period = at.calendar_period(unit, &self.model.zone);
                    let (_, counted) = last.filter(|&(p, _)| p == period).unwrap_or((period, 0));
                    if counted < times {
                        add(Some(at), i);
                    }
                    last = Some((period, counted + 1));
                }
            }
            Some((times, RateWindow::Rolling(every))) => {
                let mut standing: std::collections::VecDeque<Instant> = std::collections::VecDeque::new();
                for &(at, i) in dated {
                    let from = at.plus(every, -1, &self.model.zone);
                    // Exactly D earlier no longer stands in the way.
                    while standing.front().is_some_and(|&c| c <= from) {
                        standing.pop_front();
                    }
                    if (standing.len() as u64) < times {
                        standing.push_back(at);
                        add(Some(at), i);
                    }
                }
            }
        }
        sum
    }

    /// One occurrence after its age, rounded once.
    fn after_age(&self, rule: &Rule, amount: &Decimal, at: Option<Instant>) -> i128 {
        let (Some(ageing), Some(at)) = (&rule.ageing, at) else { return from_decimal(amount) };
        let k = at.full_periods_until(self.interpreter.as_of, ageing.every, &self.model.zone);
        if rule.amount.literal.is_none() {
            return aged(amount, Some((&ageing.kind, k)));
        }
        // A thread that ended in the middle has left nothing half done.
        let mut known = self.interpreter.aged.lock().unwrap_or_else(PoisonError::into_inner);
        *known.entry((rule.line, k)).or_insert_with(|| aged(amount, Some((&ageing.kind, k))))
    }

    fn periods(&self, amount: &Decimal, since: Option<Instant>, period: Period) -> Option<i128> {
        let k = since?.full_periods_until(self.interpreter.as_of, period, &self.model.zone);
        (k > 0).then(|| from_decimal(amount) * i128::from(k))
    }

    fn silence(&self, amount: &Decimal, period: Period, query: crate::model::QueryId) -> Option<i128> {
        let matches = self.matches(query);
        let ends = matches.dated.iter().skip(1).map(|(at, _)| *at).chain([self.interpreter.as_of]);
        let full = |(at, end): (Instant, Instant)| at.full_periods_until(end, period, &self.model.zone);
        let k: i64 = matches.dated.iter().map(|(at, _)| *at).zip(ends).map(full).sum();
        (k > 0).then(|| from_decimal(amount) * i128::from(k))
    }

    fn table(&self, table: &Table, report: &mut Report<'_>) -> Gave {
        let held = self.line_that_holds(table);
        let points = held.and_then(|line| self.plain_amount(&line.amount));
        let gave = match (held, points) {
            (Some(line), Some(points)) => Gave { fired: Some((line.line, Branch::Then)), points },
            _ => Gave::nothing(),
        };
        if let Some(rules) = report.rules.as_deref_mut() {
            let mut unknown = BTreeSet::new();
            match held {
                None => self.gaps(&table.by, &mut unknown),
                Some(line) if points.is_none() => self.gaps(&line.amount.value, &mut unknown),
                Some(_) => {}
            }
            let state = match (held, points) {
                (Some(_), Some(_)) => RuleState::Fired,
                (Some(_), None) => RuleState::AmountMissing,
                (None, _) if unknown.is_empty() => RuleState::Not,
                (None, _) => RuleState::Unknown,
            };
            rules.extend(held.or(table.lines.first()).map(|line| RuleTrace {
                line: line.line,
                group: report.group,
                state,
                before_cap: gave.points,
                points: gave.points,
                counted: Vec::new(),
                unknown: unknown.into_iter().collect(),
            }));
        }
        gave
    }

    fn line_that_holds<'t>(&self, table: &'t Table) -> Option<&'t CaseLine> {
        let by = self.value(&table.by);
        if let Some(keyed) = &table.keyed {
            let key = match &by {
                Value::Text(text) => Some(text.folded.clone()),
                Value::Number(n) => Some(crate::number::to_text(*n)),
                _ => None,
            };
            if let Some(key) = key {
                let otherwise = || table.lines.iter().rev().find(|l| matches!(l.case, Case::Otherwise { .. }));
                return keyed.get(&key).and_then(|&i| table.lines.get(i)).or_else(otherwise);
            }
        }
        let mut any_unknown = false;
        for line in &table.lines {
            match &line.case {
                Case::When(condition) => match self.truth(condition) {
                    Some(true) => return Some(line),
                    Some(false) => {}
                    None => any_unknown = true,
                },
                Case::Missing if by.is_missing() => return Some(line),
                Case::Missing => {}
                Case::Otherwise { takes_unknown } => return (*takes_unknown || !any_unknown).then_some(line),
            }
        }
        None
    }
}

fn signed(rule: &Rule, points: i128) -> i128 {
    if rule.amount.subtract { -points } else { points }
}
