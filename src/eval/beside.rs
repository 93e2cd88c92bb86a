//! What conditions are for a lead whose outcome is known: what a test, an explanation or somebody in a session asks.

use std::collections::BTreeSet;

use super::Interpreter;
use super::decide::with_evaluator;
use super::outcome::Outcome;
use super::values::{Evaluator, Results};
use crate::lead::Lead;
use crate::model::{Activity, Expr, FieldId};
use crate::value::{Text, Value};

/// A lead beside its outcome. What was found out for one condition is known for the next.
pub struct Beside<'e>(Evaluator<'e>);

impl Interpreter<'_> {
    /// Calls `f` with a lead beside its outcome, of which any number of conditions can be asked.
    pub fn beside<T>(&self, lead: &Lead, outcome: &Outcome, f: impl FnOnce(&Beside<'_>) -> T) -> T {
        with_evaluator(self, lead, &results_of(outcome), |now| f(&Beside(now)))
    }
}

impl Beside<'_> {
    /// Whether a condition holds; `None` where it is not known.
    #[must_use]
    pub fn expects(&self, condition: &Expr) -> Option<bool> {
        self.0.truth(condition)
    }

    /// The fields because of which a condition is not known now, in the order of the model.
    #[must_use]
    pub fn unknown_fields(&self, condition: &Expr) -> Vec<FieldId> {
        let mut fields = BTreeSet::new();
        self.0.unknown_fields(condition, &mut fields);
        fields.into_iter().collect()
    }

    /// How many records of an activity there are; none where its window is not known.
    #[must_use]
    pub fn count(&self, activity: &Activity) -> usize {
        self.0.select(activity).map_or(0, |records| records.len())
    }

    /// The value of an expression.
    #[must_use]
    pub fn value(&self, expr: &Expr) -> Value {
        self.0.value(expr)
    }
}

/// What a finished outcome lets conditions ask for.
fn results_of(outcome: &Outcome) -> Results {
    let results = Results::default();
    results.is_excluded.set(outcome.score.is_none());
    results.score.set(outcome.score.unwrap_or(0));
    *results.groups.borrow_mut() = outcome.groups.clone();
    *results.labels.borrow_mut() = outcome.labels.clone();
    results.stage.set(Some(outcome.stage));
    results.could_be.set(Some(outcome.could_be));
    let folded = |t: &str| Text::new(t).folded.clone();
    *results.reasons.borrow_mut() = outcome.fired.iter().filter_map(|f| f.because.as_deref()).map(folded).collect();
    *results.reviews.borrow_mut() = outcome.reviews.iter().map(|t| folded(t)).collect();
    results
}
