//! Rules, tables and choices: what they could give once all data is known, as `eval::could` has it.

use super::expr::{Kind, Sql};
use super::lower::{Ends, Lower, Lowered, Pass, Seen};
use super::points::written;
use super::second::{Gaps, Outlook, surely};
use super::sums::open_greater;
use crate::model::{Amount, Case, Counting, Expr, ExprKind, Rule, Scoring, Table};

/// What one side of a rule could give.
#[derive(Clone)]
pub(super) struct Side {
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
pub(super) struct Could {
    /// Whether it surely fires, and surely does not; never NULL.
    surely: Sql,
    never: Sql,
    /// What it gives where it does.
    gives: Ends,
    /// What it gives by itself.
    pub alone: Ends,
}

impl Could {
    fn nothing() -> Could {
        Could { surely: Sql::Flag(false), never: Sql::Flag(true), gives: Ends::nothing(), alone: Ends::nothing() }
    }
}

impl Lower<'_> {
    /// What a rule or table could give. Adds the fields that leave it open.
    pub fn could(&mut self, item: &Scoring, seen: Seen, gaps: &mut Gaps) -> Lowered<Could> {
        let seen = seen.with_pass(Pass::Possible);
        let could = match item {
            Scoring::Rule(rule) => self.could_rule(rule, seen, gaps),
            Scoring::Table(table) => self.could_table(table, seen, gaps),
            Scoring::Choice { .. } => Ok(Could::nothing()),
        };
        self.or_noted(could, Could::nothing)
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
        if let (Sql::Whole(points), true) = (&given.ends.low, given.ends.is_surely_point())
            && matches!((&given.nothing, &otherwise.nothing), (Sql::Flag(false), Sql::Flag(true)))
        {
            return self.of_points(when, is_silent, *points, seen);
        }
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

    /// The same of points that are written out, and nothing otherwise, as in most rules.
    fn of_points(&mut self, when: &Outlook, is_silent: Sql, points: i64, seen: Seen) -> Could {
        let may_hold = self.share(when.may_hold(), seen);
        let certain = self.share(Sql::all([may_hold.clone(), is_silent.clone().not()]), seen);
        let given = |condition: &Sql| condition.clone().when(Sql::Whole(points), Sql::Whole(0));
        let (some, all) = (given(&may_hold), given(&certain));
        let (low, high) = if points < 0 { (some.clone(), all) } else { (all, some.clone()) };
        let surely = Sql::all([certain, when.is_unsettled().not()]);
        Could { surely, never: may_hold.not(), gives: Ends::point(some), alone: Ends { low, high, may_be_open: false } }
    }

    /// What a rule could give where its condition holds.
    fn could_give(&mut self, rule: &Rule, taken: &Sql, seen: Seen, open: &mut Gaps) -> Lowered<Side> {
        let (gives, unknown, points) = self.give(rule, seen)?;
        if matches!(unknown, Sql::Flag(false)) {
            return Ok(Side { nothing: gives.clone().not(), fires: gives, ends: Ends::point(points) });
        }
        let amount = self.amount(&rule.amount, seen)?;
        let worked_out = rule.amount.literal.is_none().then_some(&rule.amount.value);
        let counted = match &rule.counting {
            Counting::SinceDate(_, date) => Some(date.clone()),
            Counting::Each { activity: a, .. }
            | Counting::Distinct(a)
            | Counting::SinceActivity(_, a)
            | Counting::Once(Some(a)) => Some(Expr { kind: ExprKind::Did(a.clone(), None), span: a.span }),
            Counting::Once(None) | Counting::Silence(..) => None,
        };
        let amount_is_missing = amount.clone().null();
        // What the missing amount hangs on decides; where it is there, what is counted.
        let mut gap = |part: Option<&Expr>| part.map_or(Ok(Sql::Flag(false)), |part| self.has_gap(part));
        let (amount_gap, counting_gap) = (gap(worked_out)?, gap(counted.as_ref())?);
        let has_gap = amount_is_missing.clone().when(amount_gap, counting_gap);
        let perhaps = self.share(Sql::all([unknown, has_gap]), seen);
        let here = Sql::all([taken.clone(), perhaps.clone()]);
        if let Some(amount) = worked_out {
            self.add_gaps(amount, &Sql::all([here.clone(), amount_is_missing]), open)?;
        }
        if let Some(counted) = &counted {
            self.add_gaps(counted, &here, open)?;
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
        let taken_away = Ends { low: most.clone().negated(), high: Sql::Whole(0), may_be_open };
        let added = Ends { low: Sql::Whole(0), high: most, may_be_open };
        let (ends, turned) = if subtract { (taken_away, added) } else { (added, taken_away) };
        // An amount that is not written out may turn out to be below zero.
        let ends = match rule.amount.literal {
            Some(_) => ends,
            None => Ends::either(surely(amount.below(Sql::Whole(0))), &turned, &ends),
        };
        let ends = Ends::either(gives.clone(), &Ends::point(points), &ends);
        Ok(Side { nothing: Sql::any([gives.clone(), perhaps]).not(), fires: gives, ends: self.kept_ends(ends, seen) })
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
    pub fn could_choice(&mut self, best: bool, items: &[Scoring], seen: Seen, gaps: &mut Gaps) -> Lowered<Ends> {
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
}
