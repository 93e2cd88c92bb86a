//! The interpreter: the definition of the language.
//!
//! Evaluation is a total function of model, lead and as-of: it cannot fail, reads no clock and does no I/O. Every faster
//! engine is held equal to it.

#![warn(clippy::indexing_slicing)]

mod activity;
pub mod batch;
mod beside;
pub(crate) mod compare;
mod could;
mod decide;
mod formula;
mod nobody;
mod outcome;
mod possible;
mod scoring;
mod unknown;
mod values;

use std::collections::HashMap;
use std::sync::Mutex;

pub use beside::Beside;
pub use decide::stage_name;
pub(crate) use nobody::Nobody;
pub use outcome::{Change, Counted, Fired, FiredKind, GroupTrace, Outcome, RuleState, RuleTrace, Trace};
pub(crate) use possible::Interval;

use crate::lead::Lead;
use crate::model::{ActivityTypeId, LineId, Model};
use crate::time::Instant;

/// A model made ready for one as-of. All threads may ask one; a thread that asks it much has one of its own.
pub struct Interpreter<'m> {
    model: &'m Model,
    as_of: Instant,
    /// The activity types that a record of a kind (folded) belongs to, and by which of their sources.
    kinds: HashMap<&'m str, Vec<(ActivityTypeId, Option<usize>)>>,
    /// What is left of a rule's literal amount after k periods, by the rule's line and k.
    aged: Mutex<HashMap<(LineId, i64), i128>>,
}

impl<'m> Interpreter<'m> {
    /// Makes a model ready.
    #[must_use]
    pub fn new(model: &'m Model, as_of: Instant) -> Interpreter<'m> {
        let mut kinds: HashMap<&str, Vec<(ActivityTypeId, Option<usize>)>> = HashMap::new();
        for (kind, id, source) in model.kinds_of_records() {
            kinds.entry(kind).or_default().push((id, source));
        }
        Interpreter { model, as_of, kinds, aged: Mutex::default() }
    }

    /// The answer for one lead.
    #[must_use]
    pub fn evaluate(&self, lead: &Lead) -> Outcome {
        decide::decide(self, lead, None)
    }

    /// The answer for one lead, and how every rule came to what it gave.
    #[must_use]
    pub fn trace(&self, lead: &Lead) -> (Outcome, Trace) {
        let mut trace = Trace::default();
        let outcome = decide::decide(self, lead, Some(&mut trace));
        (outcome, trace)
    }

    /// As of when.
    #[must_use]
    pub fn as_of(&self) -> Instant {
        self.as_of
    }
}
