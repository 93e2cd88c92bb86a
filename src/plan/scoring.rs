//! Points: rules, tables, choices and groups.

use std::collections::BTreeSet;

use super::conditions::Compiler;
use super::*;
use crate::model::{Amount, Case, Counting, Expr, ExprKind, Fading, Group, Rule, Scoring, Table};
use crate::number::Decimal;
use crate::points::{WHOLE, from_decimal};
use crate::value::Value;

/// Amounts beyond this are left to the interpreter, so that sums surely fit: a hundred thousand points.
const LARGEST: i64 = 1_000_000_000;

impl Compiler<'_> {
    pub fn group(&mut self, group: &Group) -> GroupPlan {
        let mut deps = Deps::default();
        for item in &group.items {
            deps_of_item(self, item, &mut deps);
        }
        let mut of_all = deps.clone();
        for reset in &group.reset_at {
            let did = Expr { kind: ExprKind::Did(reset.activity.clone(), None), span: reset.activity.span };
            of_all.merge(Deps::of(self.model, &did));
        }
        if let Some(fading) = &group.fading {
            of_all.queries.insert(fading.query.0);
        }
        for limit in &group.limits {
            of_all.merge(Deps::of(self.model, &limit.condition));
        }
        for reset in &group.resets {
            of_all.merge(Deps::of(self.model, &reset.condition));
        }
        if !group.reset_at.is_empty() {
            // What is asked for inside sees the records behind the newest reset alone.
            self.keep(&of_all);
            return GroupPlan { items: Err(Why::ResetAt), fading: None, limits: Vec::new(), resets: Vec::new() };
        }
        let items = Ok(group.items.iter().map(|i| self.item(i)).collect());
        let resets = group.resets.iter().map(|r| self.cond(&r.condition)).collect();
        let limits = group.limits.iter().map(|l| self.cond(&l.condition)).collect();
        GroupPlan { items, fading: group.fading.as_ref().map(|f| self.fading(f)), limits, resets }
    }

    pub fn fading(&mut self, fading: &Fading) -> FadingPlan {
        let window = (i64::MIN, self.as_of.0, false);
        FadingPlan {
            ageing: self.ageing(&WHOLE, &fading.ageing),
            newest: self.slot(fading.query.0, window, Keeps::Newest),
        }
    }

    pub fn item(&mut self, item: &Scoring) -> Item {
        match item {
            Scoring::Rule(rule) => match self.rule(rule) {
                Ok(plan) => Item::Rule(plan),
                Err(why) => self.aside_item(item, why),
            },
            Scoring::Table(table) => match self.table(table) {
                Ok(plan) => Item::Table(plan),
                Err(why) => self.aside_item(item, why),
            },
            Scoring::Choice { best, items } => Item::Choice(*best, items.iter().map(|i| self.item(i)).collect()),
        }
    }

    fn aside_item(&mut self, item: &Scoring, why: Why) -> Item {
        let mut deps = Deps::default();
        deps_of_item(self, item, &mut deps);
        self.keep(&deps);
        let (when, if_not, guard, fields) = match item {
            Scoring::Rule(rule) => {
                (rule.when.as_ref().map(|c| self.cond(c)), rule.if_not.is_some(), self.guard(rule), ids(&rule.fields))
            }
            Scoring::Table(table) => (None, false, None, ids(&table.fields)),
            Scoring::Choice { .. } => (None, false, None, Vec::new()),
        };
        Item::Aside(AsideItem { why, item: item.clone(), when, if_not, guard, fields })
    }

    /// A rule that counts records gives nothing where there is none, whatever its amount and window are.
    fn guard(&mut self, rule: &Rule) -> Option<Slot> {
        let query = match &rule.counting {
            Counting::Each { activity, through: false }
            | Counting::Distinct(activity)
            | Counting::SinceActivity(_, activity) => activity.query,
            Counting::Silence(_, query) => *query,
            _ => return None,
        };
        Some(self.any_record(query.0))
    }

    /// An amount as written, in ten-thousandths, its sign applied.
    fn fixed(&self, amount: &Amount) -> Option<i64> {
        let points = small(amount.literal.as_ref()?)?;
        Some(if amount.subtract { -points } else { points })
    }

    fn rule(&mut self, rule: &Rule) -> Result<RulePlan, Why> {
        // Each part by name: what a plan does not know of, it would leave out in silence.
        let Rule {
            when,
            amount: Amount { subtract, literal, value: _ },
            counting,
            rate,
            ageing,
            up_to,
            if_not,
            fields,
            line,
        } = rule;
        let amount = literal.as_ref().ok_or(Why::Amount)?;
        let full = small(amount).ok_or(Why::Amount)?;
        let up_to = match up_to {
            None => None,
            Some(most) => match self.constant(most) {
                Some(Value::Number(n)) if n >= 0.0 => Some(small(&Decimal::shortest(n)).ok_or(Why::Amount)?),
                _ => return Err(Why::Amount),
            },
        };
        let if_not = match if_not {
            None => None,
            Some(amount) => Some(self.fixed(amount).ok_or(Why::Amount)?),
        };
        if rate.is_some() {
            return Err(Why::Rate);
        }
        // More records than reach the bound need not be told apart.
        let most = match up_to {
            Some(most) if full != 0 => u32::try_from(most / full.abs() + 1).map_err(|_| Why::Amount)?.max(1),
            Some(_) => 1,
            None => u32::MAX,
        };
        let gives = match (counting, ageing) {
            // Only what ages asks for its newest record.
            (Counting::Once(None), _) | (Counting::Once(Some(_)), None) => Gives::Once(full),
            (Counting::Once(Some(activity)), Some(by)) => {
                let (low, high, undated) = self.window(activity).ok_or(Why::WindowOfLead)?;
                let query = activity.query.0;
                Gives::OnceAged {
                    ageing: self.ageing(amount, by),
                    newest: self.slot(query, (low, high, false), Keeps::Newest),
                    any: self.slot(query, (low, high, undated), Keeps::Any),
                }
            }
            (Counting::Each { activity, through }, None) => Gives::Each {
                amount: full,
                count: self.slot_of(activity, Keeps::Count(most)).ok_or(Why::WindowOfLead)?,
                through: *through,
            },
            (Counting::Each { activity, through }, Some(by)) => {
                let (low, high, undated) = self.window(activity).ok_or(Why::WindowOfLead)?;
                let query = activity.query.0;
                let ageing = self.ageing(amount, by);
                Gives::EachAged {
                    full,
                    negative: full < 0,
                    sum: self.slot(query, (low, high, false), Keeps::Aged(ageing, up_to.unwrap_or(i64::MAX / 4))),
                    dated: self.slot(query, (low, high, false), Keeps::Any),
                    any: self.slot(query, (low, high, undated), Keeps::Any),
                    through: *through,
                }
            }
            (Counting::SinceActivity(period, activity), _) => {
                let (low, high, _) = self.window(activity).ok_or(Why::WindowOfLead)?;
                let newest = self.slot(activity.query.0, (low, high, false), Keeps::Newest);
                Gives::Since { amount: full, period: *period, newest }
            }
            (Counting::Distinct(_), _) => return Err(Why::Distinct),
            (Counting::SinceDate(..), _) => return Err(Why::SinceDate),
            (Counting::Silence(..), _) => return Err(Why::Silence),
        };
        let when = when.as_ref().map(|c| self.cond(c));
        Ok(RulePlan { when, gives, up_to, subtract: *subtract, if_not, fields: ids(fields), line: *line })
    }

    fn table(&mut self, table: &Table) -> Result<TablePlan, Why> {
        let deps = Deps::of(self.model, &table.by);
        let field = deps.single_field().ok_or(Why::Table)?;
        // A file may hold thousands of keys; the interpreter has an index of them.
        if table.lines.len() > 200 {
            return Err(Why::Table);
        }
        let points = table.lines.iter().map(|l| self.fixed(&l.amount)).collect::<Option<Vec<i64>>>();
        let points = points.ok_or(Why::Amount)?;
        let is_missing = Cond::Atom(self.atom(field, Asks::IsMissing(table.by.clone())));
        let mut lines = Vec::with_capacity(table.lines.len());
        for (line, points) in table.lines.iter().zip(points) {
            let case = match &line.case {
                Case::When(condition) => CasePlan::When(self.cond(condition)),
                Case::Missing => CasePlan::Missing,
                Case::Otherwise { takes_unknown } => CasePlan::Otherwise(*takes_unknown),
            };
            lines.push(LinePlan { case, points, line: line.line });
        }
        Ok(TablePlan { is_missing, by_fields: vec![field], lines, fields: ids(&table.fields) })
    }
}

fn ids(fields: &[crate::model::FieldId]) -> Vec<usize> {
    fields.iter().map(|f| f.0).collect::<BTreeSet<_>>().into_iter().collect()
}

/// Points that are small enough, in ten-thousandths.
fn small(amount: &Decimal) -> Option<i64> {
    i64::try_from(from_decimal(amount)).ok().filter(|p| p.abs() <= LARGEST)
}

fn deps_of_item(c: &Compiler<'_>, item: &Scoring, deps: &mut Deps) {
    let model = c.model;
    let mut see = |e: &Expr| deps.merge(Deps::of(model, e));
    match item {
        Scoring::Rule(rule) => {
            rule.when.iter().for_each(&mut see);
            see(&rule.amount.value);
            rule.up_to.iter().for_each(&mut see);
            rule.if_not.iter().for_each(|a| see(&a.value));
            match &rule.counting {
                Counting::Each { activity, .. }
                | Counting::Distinct(activity)
                | Counting::SinceActivity(_, activity)
                | Counting::Once(Some(activity)) => {
                    see(&Expr { kind: ExprKind::Did(activity.clone(), None), span: activity.span });
                }
                Counting::SinceDate(_, date) => see(date),
                Counting::Silence(_, query) => {
                    deps.queries.insert(query.0);
                }
                Counting::Once(None) => {}
            }
        }
        Scoring::Table(table) => {
            see(&table.by);
            for line in &table.lines {
                condition(&line.case).into_iter().for_each(&mut see);
                see(&line.amount.value);
            }
        }
        Scoring::Choice { items, .. } => items.iter().for_each(|i| deps_of_item(c, i, deps)),
    }
}
