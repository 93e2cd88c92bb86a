//! Outcomes as the JSON objects of `merit run`, as `docs/json.md` has them.
//!
//! Owns the shape of one result object and the texts of a result's cells. Writes to no file.

use serde::Serialize;
use serde_json::value::RawValue;

use crate::eval::{Change, Fired, FiredKind, Outcome, stage_name};
use crate::model::{Branch, Model};
use crate::points::{to_signed_text, to_text};
use crate::time::Instant;
use crate::words::Lines;

/// One result object.
#[derive(Serialize)]
pub struct ResultObject<'a> {
    lead_id: &'a str,
    score: Option<Box<RawValue>>,
    scores: serde_json::Map<String, serde_json::Value>,
    stage: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    change: Option<Option<&'static str>>,
    labels: serde_json::Map<String, serde_json::Value>,
    could_be: &'a str,
    possible_score: PossibleScore,
    missing: Vec<&'a str>,
    review: &'a [String],
    fired: Vec<FiredObject<'a>>,
    as_of: String,
    model: ModelObject<'a>,
}

#[derive(Serialize)]
struct PossibleScore {
    low: Option<Box<RawValue>>,
    high: Option<Box<RawValue>>,
}

#[derive(Serialize)]
struct FiredObject<'a> {
    kind: &'static str,
    rule: &'a str,
    because: Option<&'a str>,
    group: Option<&'a str>,
    points: Option<Box<RawValue>>,
    line: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<&'a str>,
}

#[derive(Serialize)]
struct ModelObject<'a> {
    name: Option<&'a str>,
    version: Option<&'a str>,
    hash: &'a str,
}

/// The result object of one lead.
#[must_use]
pub fn object<'a>(
    model: &'a Model,
    lines: &'a Lines,
    lead_id: &'a str,
    outcome: &'a Outcome,
    as_of: Instant,
) -> ResultObject<'a> {
    let scores = model.groups.iter().enumerate().map(|(i, group)| {
        let points = outcome.groups.get(i).map_or(serde_json::Value::Null, |p| number(*p));
        (group.name.clone(), points)
    });
    let labels =
        model.labels.iter().zip(&outcome.labels).map(|(label, text)| (label.name.clone(), text.clone().into()));
    ResultObject {
        lead_id,
        score: outcome.score.map(raw),
        scores: scores.collect(),
        stage: stage_name(model, outcome.stage),
        change: model.ladder.from.map(|_| outcome.change.map(change_name)),
        labels: labels.collect(),
        could_be: stage_name(model, outcome.could_be),
        possible_score: PossibleScore { low: outcome.possible_low.map(raw), high: outcome.possible_high.map(raw) },
        missing: missing(model, outcome),
        review: &outcome.reviews,
        fired: outcome.fired.iter().map(|f| fired(model, lines, f)).collect(),
        as_of: as_of.to_string(),
        model: ModelObject {
            name: model.info.name.as_deref(),
            version: model.info.version.as_deref(),
            hash: &model.hash,
        },
    }
}

/// The names of the fields whose absence matters.
#[must_use]
pub fn missing<'a>(model: &'a Model, outcome: &Outcome) -> Vec<&'a str> {
    outcome.missing.iter().filter_map(|f| model.fields.get(f.0)).map(|f| f.name.as_str()).collect()
}

fn fired<'a>(model: &'a Model, lines: &'a Lines, fired: &'a Fired) -> FiredObject<'a> {
    let line = lines.get(fired.line);
    FiredObject {
        kind: match fired.kind {
            FiredKind::Points => "points",
            FiredKind::Reset => "reset",
            FiredKind::Fading => "fading",
            FiredKind::Bounds => "bounds",
            FiredKind::Stage => "stage",
            FiredKind::Disqualify => "disqualify",
            FiredKind::Exclude => "exclude",
        },
        rule: line.map_or("", |l| &l.rule),
        because: fired.because.as_deref(),
        group: fired.group.and_then(|g| model.groups.get(g.0)).map(|g| g.name.as_str()),
        points: fired.points.map(raw),
        line: line.map_or(0, |l| l.line),
        file: line.and_then(|l| l.file.as_deref()),
    }
}

/// `raised`, `same`, `lowered`.
#[must_use]
pub fn change_name(change: Change) -> &'static str {
    match change {
        Change::Raised => "raised",
        Change::Same => "same",
        Change::Lowered => "lowered",
    }
}

/// The reasons of an outcome, each as `+30 Visited "pricing"`. The line that decided a stage is one where it says why.
#[must_use]
pub fn reasons(lines: &Lines, outcome: &Outcome) -> Vec<String> {
    outcome.fired.iter().filter_map(|f| reason(lines, f)).collect()
}

fn reason(lines: &Lines, fired: &Fired) -> Option<String> {
    // A line that gives nothing took effect, but is no reason.
    if fired.kind == FiredKind::Points && fired.points == Some(0) {
        return None;
    }
    let words = || lines.get(fired.line).map_or("", |l| l.reason.as_str());
    let because = fired.because.as_deref();
    Some(match fired.kind {
        FiredKind::Points if fired.branch == Branch::IfNot && because.is_none() => {
            format!("{} Not: {}", to_signed_text(fired.points?), words())
        }
        FiredKind::Points | FiredKind::Fading | FiredKind::Bounds => {
            format!("{} {}", to_signed_text(fired.points?), because.unwrap_or_else(words))
        }
        FiredKind::Stage => because?.to_owned(),
        FiredKind::Reset | FiredKind::Disqualify | FiredKind::Exclude => because.unwrap_or_else(words).to_owned(),
    })
}

fn raw(points: i128) -> Box<RawValue> {
    RawValue::from_string(to_text(points)).unwrap_or_else(|_| RawValue::NULL.to_owned())
}

fn number(points: i128) -> serde_json::Value {
    to_text(points).parse::<serde_json::Number>().map_or(serde_json::Value::Null, serde_json::Value::Number)
}
