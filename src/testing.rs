//! The `test` blocks of a model, run.

use std::sync::Arc;

use crate::bind::Binding;
use crate::eval::{Interpreter, Outcome};
use crate::lead::{Activity, At, Lead, drop_copies};
use crate::model::{Model, Moment, Test};
use crate::source::Span;
use crate::time::Instant;
use crate::value::Text;

/// What became of a test.
#[derive(Debug, Clone)]
pub struct TestResult<'m> {
    /// The test.
    pub test: &'m Test,
    /// The lead it makes up.
    pub lead: Lead,
    /// The answer for it.
    pub outcome: Outcome,
    /// The expectations that do not hold: where, and whether that is because it is not known.
    pub failed: Vec<(Span, bool)>,
}

impl TestResult<'_> {
    /// Whether all expectations hold.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.failed.is_empty()
    }
}

/// Runs all tests of a model. Those that say no date are run as of `now`.
#[must_use]
pub fn run(model: &Model, now: Instant) -> Vec<TestResult<'_>> {
    model.tests.iter().map(|test| run_one(model, test, now)).collect()
}

fn run_one<'m>(model: &'m Model, test: &'m Test, now: Instant) -> TestResult<'m> {
    let as_of = test.as_of.map_or(now, Model::as_of);
    let interpreter = Interpreter::new(model, as_of);
    let lead = lead(model, test, as_of);
    let outcome = interpreter.evaluate(&lead);
    let failed = test.expect.iter().filter_map(|(condition, span)| match interpreter.expects(condition, &lead, &outcome) {
        Some(true) => None,
        other => Some((*span, other.is_none())),
    });
    TestResult { test, failed: failed.collect(), lead, outcome }
}

/// The lead that a test makes up.
fn lead(model: &Model, test: &Test, as_of: Instant) -> Lead {
    let keys: Vec<String> = test.lead.iter().map(|(key, _)| key.clone()).collect();
    let cells: Vec<_> = test.lead.iter().map(|(_, cell)| cell.clone()).collect();
    let mut activity: Vec<Activity> = test
        .activity
        .iter()
        .map(|a| {
            let at = match a.when {
                Moment::Ago(None) => as_of,
                Moment::Ago(Some(period)) => as_of.plus(period, -1),
                Moment::On(date) => date.first(),
            };
            let id = a.properties.iter().find(|(k, _)| k == "event_id").map(|(_, v)| Arc::from(&*v.as_text()));
            Activity {
                kind: Text::new(&a.kind),
                target: a.target.as_deref().map(Text::new),
                at: At::Instant(at),
                event_id: id,
                properties: a.properties.iter().map(|(k, v)| (Arc::from(k.as_str()), v.clone())).collect(),
            }
        })
        .collect();
    drop_copies(&mut activity);
    Binding::new(model, &keys).lead(test.name.clone(), &cells, Arc::new(activity))
}
