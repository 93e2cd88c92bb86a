//! Which missing fields make a condition unknown.

use std::collections::BTreeSet;

use super::possible::Outlook;
use super::values::Evaluator;
use crate::model::{Expr, ExprKind, FieldId, LabelLine, TemplatePart};

/// What has been gone through: each once, however often it is used.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Seen {
    Definition(usize),
    Criteria(usize),
    Label(usize),
}

impl Evaluator<'_> {
    /// Adds the fields that are missing, unreadable or an undecided range inside the parts of a condition that are not settled.
    pub(super) fn unknown_fields(&self, condition: &Expr, fields: &mut BTreeSet<FieldId>) {
        self.unknown_parts(condition, fields, &mut BTreeSet::new());
    }

    fn unknown_parts(&self, condition: &Expr, fields: &mut BTreeSet<FieldId>, seen: &mut BTreeSet<Seen>) {
        if self.prospect(condition).is_settled() {
            return;
        }
        match &condition.kind {
            ExprKind::Not(inner) => self.unknown_parts(inner, fields, seen),
            ExprKind::All(items) | ExprKind::Any(items) | ExprKind::AtLeast(_, items) => {
                items.iter().for_each(|e| self.unknown_parts(e, fields, seen));
            }
            ExprKind::Unless(a, b) => {
                self.unknown_parts(a, fields, seen);
                self.unknown_parts(b, fields, seen);
            }
            ExprKind::Definition(id) => {
                if seen.insert(Seen::Definition(id.0))
                    && let Some(definition) = self.model.definitions.get(id.0)
                {
                    self.unknown_parts(&definition.value, fields, seen);
                }
            }
            ExprKind::OfProfile(_, id) => {
                if seen.insert(Seen::Criteria(id.0)) {
                    self.model.criteria(*id).iter().for_each(|e| self.unknown_parts(e, fields, seen));
                }
            }
            _ => {
                self.label_fields(condition, fields, seen);
                self.gaps(condition, fields);
            }
        }
    }

    /// The fields behind a label that a comparison asks for.
    fn label_fields(&self, expr: &Expr, fields: &mut BTreeSet<FieldId>, seen: &mut BTreeSet<Seen>) {
        if let ExprKind::Label(id) = &expr.kind
            && seen.insert(Seen::Label(id.0))
            && let Some(label) = self.model.labels.get(id.0)
        {
            for LabelLine { text, condition, line: _ } in &label.lines {
                let holds = condition.as_ref().map_or(Outlook::YES, |c| self.prospect(c));
                if !holds.may_hold() {
                    continue;
                }
                condition.iter().for_each(|c| self.unknown_parts(c, fields, seen));
                // What the text says hangs on fields and labels too.
                for part in &text.parts {
                    if let TemplatePart::Value(value) = part {
                        self.label_fields(value, fields, seen);
                        self.gaps(value, fields);
                    }
                }
                if holds.holds() {
                    break;
                }
            }
        }
        expr.for_each_child(self.model, &mut |child| self.label_fields(child, fields, seen));
    }

    /// Adds all fields of an expression that are missing or a range.
    pub(super) fn gaps(&self, expr: &Expr, fields: &mut BTreeSet<FieldId>) {
        let mut all = Vec::new();
        self.model.collect_fields(expr, &mut all);
        fields.extend(all.into_iter().filter(|&f| self.is_gap(f)));
    }
}
