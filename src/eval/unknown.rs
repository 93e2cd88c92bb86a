//! Which missing fields make a condition unknown.

use std::collections::BTreeSet;

use super::values::Evaluator;
use crate::model::{Expr, ExprKind, FieldId, TemplatePart};

impl Evaluator<'_> {
    /// Adds the fields that are missing, unreadable or an undecided range inside the unknown parts of a condition.
    pub(super) fn unknown_fields(&self, condition: &Expr, fields: &mut BTreeSet<FieldId>) {
        self.unknown_parts(condition, fields, &mut BTreeSet::new());
    }

    fn unknown_parts(&self, condition: &Expr, fields: &mut BTreeSet<FieldId>, seen: &mut BTreeSet<usize>) {
        if self.truth(condition).is_some() {
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
                // Each definition once, however often it is used.
                if seen.insert(id.0)
                    && let Some(definition) = self.model.definitions.get(id.0)
                {
                    self.unknown_parts(&definition.value, fields, seen);
                }
            }
            ExprKind::OfProfile(_, id) => self.model.criteria(*id).iter().for_each(|e| self.unknown_parts(e, fields, seen)),
            _ => {
                self.label_fields(condition, fields, seen);
                self.gaps(condition, fields);
            }
        }
    }

    /// The fields behind a label that a comparison asks for.
    fn label_fields(&self, expr: &Expr, fields: &mut BTreeSet<FieldId>, seen: &mut BTreeSet<usize>) {
        if let ExprKind::Label(id) = &expr.kind {
            let key = self.model.definitions.len() + id.0;
            if seen.insert(key)
                && let Some(label) = self.model.labels.get(id.0)
            {
                for (text, condition, _) in &label.lines {
                    let holds = condition.as_ref().map_or(Some(true), |c| self.truth(c));
                    if holds == Some(false) {
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
                    if holds == Some(true) {
                        break;
                    }
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
