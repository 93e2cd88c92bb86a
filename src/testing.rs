//! The `test` blocks of a model, run.

use std::sync::Arc;

use crate::bind::Binding;
use crate::diagnostic::Diagnostic;
use crate::eval::{Beside, Interpreter, Outcome, stage_name};
use crate::lead::{Activity, At, Lead, drop_copies};
use crate::messages::tests as say;
use crate::model::{Expr, ExprKind, Model, Moment, Test, TestActivity};
use crate::source::Span;
use crate::time::{Date, Instant, Zone};
use crate::value::{Text, Value};

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
    /// What there is to say of each expectation that does not hold, with the values of its parts.
    #[must_use]
    pub fn failures(&self, model: &Model, now: Instant) -> Vec<Diagnostic> {
        let condition_of =
            |span: &Span| self.test.expect.iter().find(|(_, s)| s == span).map(|(condition, _)| condition);
        let failed = self.failed.iter().filter_map(|(span, is_unknown)| Some((condition_of(span)?, *is_unknown)));
        let interpreter = Interpreter::new(model, as_of(self.test, now));
        interpreter.beside(&self.lead, &self.outcome, |beside| {
            failed.map(|(condition, is_unknown)| failure(model, self, beside, condition, is_unknown)).collect()
        })
    }

    /// Whether all expectations hold.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.failed.is_empty()
    }
}

/// As of when a test asks; `now` where it says nothing.
#[must_use]
pub fn as_of(test: &Test, now: Instant) -> Instant {
    test.as_of.map_or(now, Date::last)
}

/// Runs all tests of a model, one when the one before has been seen: a lead may be large. Those that say no date are run as
/// of `now`.
pub fn run(model: &Model, now: Instant) -> impl Iterator<Item = TestResult<'_>> {
    model.tests.iter().map(move |test| run_one(model, test, now))
}

fn run_one<'m>(model: &'m Model, test: &'m Test, now: Instant) -> TestResult<'m> {
    let as_of = as_of(test, now);
    let interpreter = Interpreter::new(model, as_of);
    let lead = lead(model, test, as_of);
    let outcome = interpreter.evaluate(&lead);
    let failed = interpreter.beside(&lead, &outcome, |beside| {
        let failed = test.expect.iter().filter_map(|(condition, span)| match beside.expects(condition) {
            Some(true) => None,
            other => Some((*span, other.is_none())),
        });
        failed.collect()
    });
    TestResult { test, failed, lead, outcome }
}

/// The lead that a test makes up.
fn lead(model: &Model, test: &Test, as_of: Instant) -> Lead {
    let keys: Vec<String> = test.lead.iter().map(|entry| entry.key.clone()).collect();
    let cells: Vec<_> = test.lead.iter().map(|entry| entry.value.clone()).collect();
    let mut activity: Vec<Activity> = test.activity.iter().flat_map(|a| records(a, as_of, &model.zone)).collect();
    drop_copies(&mut activity);
    Binding::new(model, &keys).lead(test.name.clone(), &cells, Arc::new(activity))
}

/// An expectation that does not hold, with the values of its parts under it.
fn failure(
    model: &Model,
    result: &TestResult<'_>,
    beside: &Beside<'_>,
    condition: &Expr,
    is_unknown: bool,
) -> Diagnostic {
    let mut values: Vec<(Span, String)> = Vec::new();
    parts(model, condition, &mut |part| {
        let shown = shown(model, &beside.value(part));
        if !values.iter().any(|(span, _)| *span == part.span) {
            values.push((part.span, shown));
        }
    });
    let reasons: Vec<String> = result
        .outcome
        .fired
        .iter()
        .filter_map(|f| f.because.clone())
        .chain(result.outcome.reviews.iter().cloned())
        .collect();
    say::expectation(&result.test.name, condition.span, is_unknown, &values, &reasons)
}

/// Calls `f` for the parts of a condition that have a value of their own.
pub fn parts<'m>(model: &'m Model, expr: &'m Expr, f: &mut dyn FnMut(&'m Expr)) {
    use ExprKind as K;
    match &expr.kind {
        K::Field(_)
        | K::Score
        | K::Group(_)
        | K::Label(_)
        | K::Stage
        | K::CouldBe
        | K::Current
        | K::Disqualified
        | K::Excluded
        | K::Definition(_)
        | K::OfProfile(..)
        | K::Call(..)
        | K::OfRecords(..)
        | K::Lookup(..)
        | K::Did(..)
        | K::Fired(_)
        | K::Review(_) => f(expr),
        _ => expr.for_each_child(model, &mut |child| parts(model, child, f)),
    }
}

/// A value for people.
#[must_use]
pub fn shown(model: &Model, value: &Value) -> String {
    match value {
        Value::Missing => "not known".to_owned(),
        Value::Stage(stage) => stage_name(model, *stage).to_owned(),
        Value::Text(text) => format!("\"{}\"", text.written),
        Value::Number(n) => crate::number::to_text(*n),
        value => value.to_string(),
    }
}

/// The records of an activity that a test, or somebody who asks, says was done.
pub fn records(did: &TestActivity, as_of: Instant, zone: &Zone) -> impl Iterator<Item = Activity> + use<> {
    let at = match did.when {
        Moment::Ago(None) => At::Instant(as_of),
        Moment::Ago(Some(period)) => At::Instant(as_of.plus(period, -1, zone)),
        Moment::On(date) => At::from(date),
    };
    let id = did.properties.iter().find(|p| p.key == "event_id").map(|p| Arc::from(&*p.value.as_text()));
    let properties = did.properties.iter().map(|p| (Arc::from(p.key.as_str()), p.value.clone())).collect();
    let record = Activity::new(Text::new(&did.kind), did.target.as_deref().map(Text::new), at).with(id, properties);
    std::iter::repeat_n(record, did.times)
}
