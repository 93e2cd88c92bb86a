//! What is the same for all leads: asked of a lead without fields and activity.

use super::Interpreter;
use super::decide::with_evaluator;
use super::values::{Evaluator, Pass, Results};
use crate::lead::Lead;
use crate::model::{Expr, Window};
use crate::plan::Asks;
use crate::time::Instant;
use crate::value::Value;

/// A lead without fields and activity.
pub(crate) struct Nobody<'e>(Evaluator<'e>);

impl Interpreter<'_> {
    /// Calls `f` with a lead without fields and activity.
    pub(crate) fn nobody<T>(&self, f: impl FnOnce(Nobody<'_>) -> T) -> T {
        let lead = Lead { values: vec![Value::Missing; self.model.fields.len()], ..Lead::default() };
        with_evaluator(self, &lead, &Results::default(), |evaluator| f(Nobody(evaluator)))
    }
}

impl Nobody<'_> {
    /// The value of an expression, now.
    pub fn value(&self, expr: &Expr) -> Value {
        self.0.value(expr)
    }

    /// Whether a condition holds, now.
    pub fn truth(&self, condition: &Expr) -> Option<bool> {
        self.0.truth(condition)
    }

    /// The ends of a window, both included.
    pub fn window(&self, window: &Window) -> Option<(Instant, Instant)> {
        self.0.window(window)
    }

    /// What is asked of a field, where it is missing; see [`Evaluator::both_passes`].
    pub fn both_passes(&self, asks: &Asks) -> [Option<bool>; 2] {
        self.0.both_passes(asks)
    }
}

impl Evaluator<'_> {
    /// What is asked of a field, now and in the second pass.
    pub(super) fn both_passes(&self, asks: &Asks) -> [Option<bool>; 2] {
        match asks {
            Asks::Truth(expr) => [self.truth(expr), self.with_pass(Pass::Possible).truth(expr)],
            Asks::IsMissing(expr) => {
                let possible = self.with_pass(Pass::Possible);
                let could = if !possible.value(expr).is_missing() {
                    Some(false)
                } else if possible.has_gap(expr) {
                    None
                } else {
                    Some(true)
                };
                [Some(self.value(expr).is_missing()), could]
            }
        }
    }
}
