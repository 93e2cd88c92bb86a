//! Rules, tables and choices: what they could give, once all data is known.

use std::collections::BTreeSet;

use super::possible::{Interval, Outlook};
use super::scoring::{Given, Report};
use super::values::{Evaluator, Pass};
use crate::model::{Amount, Case, Counting, Expr, ExprKind, FieldId, Rule, Scoring, Table};
use crate::points::from_decimal;

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
        for side in [(when.may_hold(), given), (when.may_fail(), otherwise)]
            .into_iter()
            .filter_map(|(taken, side)| taken.then_some(side))
        {
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
        if open.is_empty() {
            return interval;
        }
        if !interval.is_point() || interval.low != Some(self.gives_now(item)) {
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
            let now = self
                .with_pass(Pass::Now)
                .single(item, &mut Report { group: None, fired: &mut Vec::new(), rules: None });
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
            Some(amount) if when.may_fail() => self.could_amount(amount, open),
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
                        Some(self.most(rule.up_to.as_ref()).map_or(full, |most| full.min(most)))
                    }
                    _ => self.most(rule.up_to.as_ref()),
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
    pub(super) fn counting_gaps(&self, counting: &Counting, missing: &mut BTreeSet<FieldId>) {
        match counting {
            Counting::SinceDate(_, date) => self.gaps(date, missing),
            Counting::Each { activity: a, .. }
            | Counting::Distinct(a)
            | Counting::SinceActivity(_, a)
            | Counting::Once(Some(a)) => {
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
