//! What an expression hangs on: which fields, whether activity, whether results.

use std::collections::BTreeSet;

use crate::builtins;
use crate::model::{Expr, ExprKind, Model};

/// What an expression hangs on, also through lets and profiles.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Deps {
    /// The indices of fields.
    pub fields: BTreeSet<usize>,
    /// The queries of activity.
    pub queries: BTreeSet<usize>,
    /// Whether it asks for scores, labels, stages.
    pub results: bool,
    /// Whether it asks for labels.
    pub labels: bool,
    /// Whether it hangs on the as-of.
    pub as_of: bool,
}

impl Deps {
    /// Of one expression.
    pub fn of(model: &Model, expr: &Expr) -> Deps {
        let mut deps = Deps::default();
        deps.add(model, expr, &mut BTreeSet::new());
        deps
    }

    /// The field, where it hangs on that one alone.
    pub fn single_field(&self) -> Option<usize> {
        let mut fields = self.fields.iter();
        match (fields.next(), fields.next()) {
            (Some(&field), None) if self.queries.is_empty() && !self.results => Some(field),
            _ => None,
        }
    }

    /// Whether it is the same for all leads.
    pub fn is_constant(&self) -> bool {
        self.fields.is_empty() && self.queries.is_empty() && !self.results
    }

    fn add(&mut self, model: &Model, expr: &Expr, seen: &mut BTreeSet<usize>) {
        use ExprKind as K;
        match &expr.kind {
            K::Field(id) => {
                self.fields.insert(id.0);
            }
            K::Current => self.fields.extend(model.ladder.from.map(|f| f.0)),
            K::Definition(id) | K::OfProfile(_, id) => {
                if seen.insert(id.0)
                    && let Some(definition) = model.definitions.get(id.0)
                {
                    self.add(model, &definition.value, seen);
                }
            }
            K::Did(a, _) | K::OfRecords(_, a, _) => {
                self.queries.insert(a.query.0);
            }
            K::Then(a, b, _) => self.queries.extend([a.query.0, b.query.0]),
            K::Score
            | K::Group(_)
            | K::Label(_)
            | K::Stage
            | K::CouldBe
            | K::Disqualified
            | K::Excluded
            | K::Fired(_)
            | K::Review(_) => {
                self.results = true;
                self.labels |= matches!(expr.kind, K::Label(_));
            }
            K::Today | K::InLast(..) | K::InNext(..) | K::Ago(..) => self.as_of = true,
            K::Call(function, _) => self.as_of |= function.name == builtins::DAYS_SINCE,
            _ => {}
        }
        expr.for_each_child(model, &mut |child| self.add(model, child, seen));
    }
}

impl Deps {
    /// Adds what another expression hangs on.
    pub fn merge(&mut self, other: Deps) {
        self.fields.extend(other.fields);
        self.queries.extend(other.queries);
        self.results |= other.results;
        self.labels |= other.labels;
        self.as_of |= other.as_of;
    }
}
