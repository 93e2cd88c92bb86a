//! `test` blocks.

use super::expressions::Place;
use super::names::{Checker, field_key};
use crate::messages::meaning as say;
use crate::model::{MOST_RECORDS, Moment, Test, TestActivity, TestValue};
use crate::operators::CompareOp;
use crate::source::Span;
use crate::symbols::UseRole;
use crate::syntax::ast::{self, ExprKind, TailKind, TestItem};
use crate::text::name_key;
use crate::value::Raw;

impl<'a> Checker<'a> {
    pub(super) fn test(&mut self, test: &'a ast::Test, span: Span) {
        let mut built = Test {
            name: test.name.text.clone(),
            as_of: self.gathered.as_of.map(|date| date.in_zone(&self.model.zone)),
            lead: Vec::new(),
            activity: Vec::new(),
            expect: Vec::new(),
            span,
        };
        let (mut as_of_at, mut records) = (None, 0);
        self.uses.role = UseRole::Test;
        for item in &test.items {
            match item {
                TestItem::AsOf(date, at) => {
                    if let Some(first) = as_of_at.replace(*at) {
                        self.say(say::only_once(*at, "as of", Some(first)));
                    }
                    built.as_of = Some(date.in_zone(&self.model.zone));
                }
                TestItem::Lead(entries) => {
                    for entry in entries {
                        if let Some(value) = self.literal(&entry.value) {
                            built.lead.push(TestValue {
                                name: entry.name.text.clone(),
                                key: field_key(&entry.name),
                                value,
                                span: entry.name.span,
                            });
                        }
                    }
                }
                TestItem::Did(did) => self.did_line(did, &mut records, &mut built.activity),
                TestItem::Expect(condition) => {
                    let expr = self.condition(condition, Place::Expect);
                    built.expect.push((expr, condition.span));
                }
            }
        }
        if built.expect.is_empty() && !test.broken {
            self.say(say::test_without_expect(test.name.span));
        }
        self.uses.role = UseRole::Model;
        self.model.tests.push(built);
    }

    /// A value of a test, as a cell.
    fn literal(&mut self, value: &ast::Expr) -> Option<Raw> {
        Some(match &value.kind {
            ExprKind::Text(text) => Raw::cell(text),
            ExprKind::Number(n) => Raw::Number(crate::number::to_text(*n)),
            ExprKind::Date(date) => Raw::Text(date.to_string()),
            ExprKind::Flag(yes) => Raw::Flag(*yes),
            ExprKind::Missing => Raw::Missing,
            ExprKind::List(items) => {
                let cells: Option<Vec<Raw>> = items.iter().map(|i| self.literal(i)).collect();
                Raw::List(cells?.iter().map(|c| c.as_text().into_owned()).collect())
            }
            ExprKind::Broken => return None,
            _ => {
                self.say(say::literal_wanted(value.span));
                return None;
            }
        })
    }

    /// A line of what was done; `records` counts what all lines up to here come to.
    pub(super) fn did_line(&mut self, did: &'a ast::Did, records: &mut usize, out: &mut Vec<TestActivity>) {
        let mut target = None;
        for arg in &did.call.args {
            match (&arg.value.kind, arg.any) {
                (ExprKind::Text(text), false) if target.is_none() => target = Some(text.clone()),
                (ExprKind::Broken, _) => return,
                _ => {
                    self.say(say::one_target(arg.value.span));
                    return;
                }
            }
        }
        let mut properties = Vec::new();
        if let Some(filter) = &did.call.filter
            && self.properties(filter, &mut properties).is_none()
        {
            return;
        }
        for (times, moment) in &did.when {
            let when = match moment {
                ast::Moment::Today => Moment::Ago(None),
                ast::Moment::Ago(period) => Moment::Ago(Some(*period)),
                ast::Moment::On(date) => Moment::On(date.in_zone(&self.model.zone)),
            };
            let times = usize::try_from(*times).unwrap_or(usize::MAX);
            let before = *records;
            *records = before.saturating_add(times);
            // Said once: of the lines behind it there are no more either.
            if before <= MOST_RECORDS && *records > MOST_RECORDS {
                self.say(say::too_often(did.span));
            }
            if *records > MOST_RECORDS {
                return;
            }
            out.push(TestActivity {
                kind: did.call.name.text.clone(),
                span: did.call.name.span,
                target: target.clone(),
                properties: properties.clone(),
                when,
                times,
            });
        }
    }

    /// `where minutes = 45 and plan = "pro"`: what the record says.
    fn properties(&mut self, filter: &ast::Expr, out: &mut Vec<TestValue>) -> Option<()> {
        match &filter.kind {
            ExprKind::And(parts) => parts.iter().try_for_each(|p| self.properties(p, out)),
            ExprKind::Tested(subject, tails) => match (&subject.kind, tails.as_slice()) {
                (ExprKind::Name(name), [ast::Tail { kind: TailKind::Compare(CompareOp::Equal, value), .. }]) => {
                    let value = self.literal(value)?;
                    out.push(TestValue { name: name.text.clone(), key: name_key(&name.text), value, span: name.span });
                    Some(())
                }
                _ => {
                    self.say(say::property_wanted(filter.span));
                    None
                }
            },
            ExprKind::Broken => None,
            _ => {
                self.say(say::property_wanted(filter.span));
                None
            }
        }
    }
}
