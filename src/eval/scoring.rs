//! Rules, tables, choices and groups: what they give now, and what they could give.

use std::collections::BTreeSet;

use super::outcome::{Counted, Fired, FiredKind, RuleState, RuleTrace};
use super::possible::{Interval, Outlook};
use super::values::{Evaluator, Pass};
use crate::model::{Amount, Case, CaseLine, Counting, Expr, ExprKind, FieldId, GroupId, Rule, Scoring, Table};
use crate::number::Decimal;
use crate::points::{aged, from_decimal};
use crate::time::{Instant, Period};
use crate::value::Value;

/// What a rule gives where its condition holds.
enum Given {
    /// So many points, after `up to`.
    Points { points: i128, before_cap: i128 },
    /// Nothing was there to count.
    Nothing,
    /// How much is not known.
    Missing,
}

/// What an item gives now: the line that gave points, if one did, by its order and side.
pub(super) struct Gave {
    pub fired: Option<(u32, bool)>,
    pub points: i128,
}

impl Gave {
    fn nothing() -> Gave {
        Gave { fired: None, points: 0 }
    }
}

/// What an item could give.
pub(super) struct Could {
    /// Whether it gives points: surely, perhaps (`None`), or surely not.
    pub fires: Option<bool>,
    /// What it gives where it does.
    pub gives: Interval,
    /// What it gives by itself, outside of a choice.
    pub alone: Interval,
}

/// What one side of a rule could give where its side of the condition is taken.
#[derive(Clone, Copy)]
pub(super) enum Side {
    /// Nothing: there is nothing to count, or there is no such side.
    Nothing,
    /// Something in here.
    Fires(Interval),
    /// Something in here, or nothing: how much hangs on missing data.
    Perhaps(Interval),
}

impl Could {
    fn never() -> Could {
        Could::new(Some(false), Interval::point(0))
    }

    pub fn new(fires: Option<bool>, gives: Interval) -> Could {
        let alone = match fires {
            Some(true) => gives,
            Some(false) => Interval::point(0),
            None => gives.hull(Interval::point(0)),
        };
        Could { fires, gives, alone }
    }

    /// What a rule could give, by how its condition could turn out and what its two sides could give.
    ///
    /// A rule of which the condition is in doubt never surely fires, even where both sides give points.
    pub fn of_sides(when: Outlook, given: Side, otherwise: Side) -> Could {
        let mut gives: Option<Interval> = None;
        // Neither side is taken where the condition is unknown and stays so.
        let mut may_be_silent = when.low.is_none() || when.high.is_none();
        for side in [(when.may_hold(), given), (when.may_fail(), otherwise)].into_iter().filter_map(|(taken, side)| taken.then_some(side)) {
            may_be_silent |= !matches!(side, Side::Fires(_));
            if let Side::Fires(points) | Side::Perhaps(points) = side {
                gives = Some(gives.map_or(points, |g| g.hull(points)));
            }
        }
        let Some(gives) = gives else { return Could::never() };
        let alone = if may_be_silent { gives.hull(Interval::point(0)) } else { gives };
        Could { fires: (when.is_settled() && !may_be_silent).then_some(true), gives, alone }
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

    fn item(&self, item: &Scoring, report: &mut Report<'_>) -> i128 {
        match item {
            Scoring::Rule(_) | Scoring::Table(_) => {
                let gave = self.single(item, report);
                self.fire(&gave, report)
            }
            Scoring::Choice { best: false, items } => {
                for (at, item) in items.iter().enumerate() {
                    let gave = self.single(item, report);
                    if gave.fired.is_some() {
                        self.pass_over(&items[at + 1..], report);
                        return self.fire(&gave, report);
                    }
                }
                0
            }
            Scoring::Choice { best: true, items } => {
                let mut best: Option<Gave> = None;
                for item in items {
                    let gave = self.single(item, report);
                    if gave.fired.is_some() && best.as_ref().is_none_or(|b| gave.points > b.points) {
                        best = Some(gave);
                    }
                }
                let chosen = best.as_ref().and_then(|b| b.fired).map(|(order, _)| order);
                if let Some(rules) = report.rules.as_deref_mut() {
                    let from = rules.len() - items.len().min(rules.len());
                    for rule in rules[from..].iter_mut().filter(|r| matches!(r.state, RuleState::Fired | RuleState::IfNot) && Some(r.order) != chosen) {
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
                rules.push(RuleTrace {
                    order: first_order(item),
                    group: report.group,
                    state: RuleState::PassedOver,
                    before_cap: 0,
                    points: 0,
                    counted: Vec::new(),
                    unknown: Vec::new(),
                });
            }
        }
    }

    fn fire(&self, gave: &Gave, report: &mut Report<'_>) -> i128 {
        if let Some((order, if_not)) = gave.fired {
            let fired = Fired { kind: FiredKind::Points, order, because: None, group: report.group, points: Some(gave.points), if_not };
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
                    (RuleState::Fired, Gave { fired: Some((rule.order, false)), points })
                }
                Given::Nothing => (RuleState::NothingCounted, Gave::nothing()),
                Given::Missing => (RuleState::AmountMissing, Gave::nothing()),
            },
            Some(false) => match &rule.if_not {
                Some((amount, _)) => match self.plain_amount(amount) {
                    Some(points) => {
                        before = points;
                        (RuleState::IfNot, Gave { fired: Some((rule.order, true)), points })
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
                        Some((amount, _)) if holds == Some(false) => amount,
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
                order: rule.order,
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
    fn plain_amount(&self, amount: &Amount) -> Option<i128> {
        let decimal = self.decimal(amount)?;
        let points = from_decimal(&decimal);
        Some(if amount.subtract { -points } else { points })
    }

    fn decimal(&self, amount: &Amount) -> Option<Decimal> {
        match &amount.literal {
            Some(literal) => Some(literal.clone()),
            None => match self.value(&amount.value) {
                Value::Number(n) => Some(Decimal::shortest(n)),
                _ => None,
            },
        }
    }

    /// What a rule gives where its condition holds: window, count, rate limit, age, rounding of each, sum, `up to`.
    fn give(&self, rule: &Rule, mut counted: Option<&mut Vec<Counted>>) -> Given {
        let known = self.decimal(&rule.amount);
        // Where nothing is counted nothing is given, whatever the amount: so it is counted by any amount.
        let amount = known.clone().unwrap_or(Decimal { digits: 1, scale: 0 });
        let sum = match &rule.counting {
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
            Counting::Each { activity, through } => match self.select(activity).or_else(|| self.no_record(activity)) {
                None => return Given::Missing,
                Some(selected) if *through && selected.len() == 0 => Some(from_decimal(&amount)),
                Some(selected) => self.each(rule, &amount, selected.dated(), selected.undated(), counted.as_deref_mut()),
            },
            Counting::Distinct(activity) => match self.select(activity).or_else(|| self.no_record(activity)) {
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
            Counting::SinceActivity(period, activity) => match self.select(activity).or_else(|| self.no_record(activity)) {
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
        let capped = self.most(rule).map_or(sum, |most| sum.clamp(-most, most));
        Given::Points { points: signed(rule, capped), before_cap: signed(rule, sum) }
    }

    /// `up to M`, where it is known; M below nothing bounds to nothing.
    fn most(&self, rule: &Rule) -> Option<i128> {
        match self.value(rule.up_to.as_ref()?) {
            Value::Number(most) => Some(from_decimal(&Decimal::shortest(most)).max(0)),
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
        match rule.rate {
            None => dated.iter().for_each(|&(at, i)| add(Some(at), i)),
            Some((times, every)) => {
                let mut standing: std::collections::VecDeque<Instant> = std::collections::VecDeque::new();
                for &(at, i) in dated {
                    let from = at.plus(every, -1);
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
        let k = at.full_periods_until(self.interpreter.as_of, ageing.every);
        if rule.amount.literal.is_none() {
            return aged(amount, Some((&ageing.kind, k)));
        }
        *self.interpreter.aged.borrow_mut().entry((rule.order, k)).or_insert_with(|| aged(amount, Some((&ageing.kind, k))))
    }

    fn periods(&self, amount: &Decimal, since: Option<Instant>, period: Period) -> Option<i128> {
        let k = since?.full_periods_until(self.interpreter.as_of, period);
        (k > 0).then(|| from_decimal(amount) * i128::from(k))
    }

    fn silence(&self, amount: &Decimal, period: Period, query: crate::model::QueryId) -> Option<i128> {
        let matches = self.matches(query);
        let ends = matches.dated.iter().skip(1).map(|(at, _)| *at).chain([self.interpreter.as_of]);
        let k: i64 = matches.dated.iter().zip(ends).map(|((at, _), end)| at.full_periods_until(end, period)).sum();
        (k > 0).then(|| from_decimal(amount) * i128::from(k))
    }

    fn table(&self, table: &Table, report: &mut Report<'_>) -> Gave {
        let held = self.line_that_holds(table);
        let points = held.and_then(|line| self.plain_amount(&line.amount));
        let gave = match (held, points) {
            (Some(line), Some(points)) => Gave { fired: Some((line.order, false)), points },
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
            rules.push(RuleTrace {
                order: held.or(table.lines.first()).map_or(0, |l| l.order),
                group: report.group,
                state,
                before_cap: gave.points,
                points: gave.points,
                counted: Vec::new(),
                unknown: unknown.into_iter().collect(),
            });
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

/// What could be.
impl Evaluator<'_> {
    /// What the items of a group could give, summed; the fields because of which it is not one number are added.
    pub(super) fn possible(&self, items: &[Scoring], missing: &mut BTreeSet<FieldId>) -> Interval {
        items.iter().fold(Interval::point(0), |sum, item| sum.plus(self.possible_item(item, missing)))
    }

    fn possible_item(&self, item: &Scoring, missing: &mut BTreeSet<FieldId>) -> Interval {
        let mut open = BTreeSet::new();
        let interval = match item {
            Scoring::Rule(_) | Scoring::Table(_) => self.could(item, &mut open).alone,
            Scoring::Choice { best, items } => self.choice(*best, items, &mut open),
        };
        // Fields matter where lowest, highest and present points are not all the same.
        if !open.is_empty() && !(interval.is_point() && interval.low == Some(self.gives_now(item))) {
            missing.extend(open);
        }
        interval
    }

    fn gives_now(&self, item: &Scoring) -> i128 {
        self.with_pass(Pass::Now).item(item, &mut Report { group: None, fired: &mut Vec::new(), rules: None })
    }

    fn choice(&self, best: bool, items: &[Scoring], open: &mut BTreeSet<FieldId>) -> Interval {
        let mut hull: Option<Interval> = None;
        let mut surest: Option<Interval> = None;
        for item in items {
            let could = self.could(item, open);
            if could.fires == Some(false) {
                continue;
            }
            hull = Some(hull.map_or(could.gives, |h| h.hull(could.gives)));
            if could.fires == Some(true) {
                // The greatest of those that surely fire, end by end.
                surest = Some(surest.map_or(could.gives, |s| s.greatest(could.gives)));
                if !best {
                    break;
                }
            }
        }
        let Some(hull) = hull else { return Interval::point(0) };
        match surest {
            Some(surest) if best => Interval { low: surest.low, high: hull.high },
            Some(_) => hull,
            None => hull.hull(Interval::point(0)),
        }
    }

    /// What a rule or table could give. Adds the fields that leave open whether or how much, also where it comes to the same.
    pub(super) fn could(&self, item: &Scoring, open: &mut BTreeSet<FieldId>) -> Could {
        let fields = match item {
            Scoring::Rule(rule) => &rule.fields,
            Scoring::Table(table) => &table.fields,
            Scoring::Choice { .. } => return Could::never(),
        };
        if !fields.iter().any(|&f| self.is_gap(f)) {
            // No data is missing: it gives what it gives now.
            let now = self.with_pass(Pass::Now).single(item, &mut Report { group: None, fired: &mut Vec::new(), rules: None });
            return Could::new(Some(now.fired.is_some()), Interval::point(now.points));
        }
        let possible = self.with_pass(Pass::Possible);
        let mut fields = BTreeSet::new();
        let could = match item {
            Scoring::Rule(rule) => possible.could_rule(rule, &mut fields),
            Scoring::Table(table) => possible.could_table(table, &mut fields),
            Scoring::Choice { .. } => Could::never(),
        };
        if could.fires != Some(false) {
            open.extend(fields);
        }
        could
    }

    fn could_rule(&self, rule: &Rule, open: &mut BTreeSet<FieldId>) -> Could {
        let when = rule.when.as_ref().map_or(Outlook::YES, |c| self.outlook(c));
        let given = if when.may_hold() { self.could_give(rule, open) } else { Side::Nothing };
        let otherwise = match &rule.if_not {
            Some((amount, _)) if when.may_fail() => self.could_amount(amount, open),
            _ => Side::Nothing,
        };
        if let (false, Some(condition)) = (when.is_settled(), &rule.when) {
            self.unknown_fields(condition, open);
        }
        Could::of_sides(when, given, otherwise)
    }

    /// What a rule could give where its condition holds.
    fn could_give(&self, rule: &Rule, open: &mut BTreeSet<FieldId>) -> Side {
        match self.give(rule, None) {
            Given::Points { points, .. } => Side::Fires(Interval::point(points)),
            Given::Nothing => Side::Nothing,
            Given::Missing => {
                let mut gaps = BTreeSet::new();
                let amount = self.decimal(&rule.amount);
                if amount.is_none() {
                    self.gaps(&rule.amount.value, &mut gaps);
                } else {
                    self.counting_gaps(&rule.counting, &mut gaps);
                }
                if gaps.is_empty() {
                    // It is unknown for no missing data: it stays so.
                    return Side::Nothing;
                }
                if amount.is_none() {
                    self.counting_gaps(&rule.counting, &mut gaps);
                }
                open.extend(gaps);
                let most = match (&amount, &rule.counting) {
                    // Points are never more for their age.
                    (Some(amount), Counting::Once(_)) => {
                        let full = from_decimal(amount).abs();
                        Some(self.most(rule).map_or(full, |most| full.min(most)))
                    }
                    _ => self.most(rule),
                };
                let is_negative = amount.is_some_and(|a| a.digits < 0);
                Side::Perhaps(Interval::from_nothing(most, rule.amount.subtract != is_negative))
            }
        }
    }

    /// What an amount given once could be.
    fn could_amount(&self, amount: &Amount, open: &mut BTreeSet<FieldId>) -> Side {
        if let Some(points) = self.plain_amount(amount) {
            return Side::Fires(Interval::point(points));
        }
        let mut gaps = BTreeSet::new();
        self.gaps(&amount.value, &mut gaps);
        if gaps.is_empty() {
            return Side::Nothing;
        }
        open.extend(gaps);
        Side::Perhaps(Interval::from_nothing(None, amount.subtract))
    }

    /// The fields because of which it is not known what a rule counts.
    fn counting_gaps(&self, counting: &Counting, missing: &mut BTreeSet<FieldId>) {
        match counting {
            Counting::SinceDate(_, date) => self.gaps(date, missing),
            Counting::Each { activity: a, .. } | Counting::Distinct(a) | Counting::SinceActivity(_, a) | Counting::Once(Some(a)) => {
                let did = Expr { kind: ExprKind::Did(a.clone(), None), span: a.span };
                self.gaps(&did, missing);
            }
            Counting::Once(None) | Counting::Silence(..) => {}
        }
    }

    /// Between the least and the greatest of the lines that hold or may hold, up to the first that surely does.
    fn could_table(&self, table: &Table, open: &mut BTreeSet<FieldId>) -> Could {
        let by = self.value(&table.by);
        let mut gives: Option<Interval> = None;
        let mut is_sure = false;
        // Whether some line that may hold may as well give nothing: its amount is not known.
        let mut may_be_silent = false;
        // Whether some line above is unknown, and stays so.
        let mut is_blocked = false;
        for line in &table.lines {
            let holds = match &line.case {
                Case::When(condition) => self.outlook(condition),
                Case::Missing if !by.is_missing() => Outlook::settled(Some(false)),
                Case::Missing if self.has_gap(&table.by) => Outlook::OPEN,
                Case::Missing => Outlook::YES,
                Case::Otherwise { takes_unknown } => Outlook::settled(Some(*takes_unknown || !is_blocked)),
            };
            is_blocked |= holds.low.is_none();
            if !holds.may_hold() {
                continue;
            }
            if !holds.is_settled() {
                match &line.case {
                    Case::When(condition) => self.unknown_fields(condition, open),
                    _ => self.gaps(&table.by, open),
                }
            }
            let amount = self.could_amount(&line.amount, open);
            if let Side::Fires(points) | Side::Perhaps(points) = amount {
                gives = Some(gives.map_or(points, |g| g.hull(points)));
            }
            may_be_silent |= !matches!(amount, Side::Fires(_));
            if holds.holds() {
                is_sure = true;
                break;
            }
        }
        gives.map_or_else(Could::never, |gives| Could::new((is_sure && !may_be_silent).then_some(true), gives))
    }
}

fn signed(rule: &Rule, points: i128) -> i128 {
    if rule.amount.subtract { -points } else { points }
}

fn first_order(item: &Scoring) -> u32 {
    match item {
        Scoring::Rule(rule) => rule.order,
        Scoring::Table(table) => table.lines.first().map_or(0, |l| l.order),
        Scoring::Choice { items, .. } => items.first().map_or(0, first_order),
    }
}
