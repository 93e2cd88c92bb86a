//! Why a lead got its answer, and what would change it.
//!
//! `explain` gathers everything as data; `text` says it to people. What is offered as a change has been evaluated.

mod changes;
mod json;
mod near;
mod outlook;
mod sum;
pub mod text;

pub use changes::{Change, Step, Way};
pub use near::parts;

use std::collections::BTreeMap;

use serde::Serialize;

use crate::eval::{Beside, Counted, FiredKind, Interpreter, Outcome, RuleState, RuleTrace, Trace, stage_name};
use crate::lead::Lead;
use crate::model::{Branch, FieldId, GroupId, LineId, Model, StageLine};
use crate::points::to_text;
use crate::results;
use crate::time::{Instant, Period};
use crate::value::Stage;
use crate::words::{Lines, words_of};

/// The explanation of one lead.
#[derive(Debug, Clone, Serialize)]
pub struct Explanation {
    /// The lead.
    pub lead_id: String,
    /// As of when: an instant, or a day where it is that day's last moment.
    pub as_of: String,
    /// The stage reached.
    pub stage: String,
    /// Against where the lead stood, where the model asks for it.
    pub change: Option<&'static str>,
    /// The highest stage that missing data leaves open.
    pub could_be: String,
    /// The score, as a decimal; none of an excluded lead.
    #[serde(serialize_with = "json::number_or_null")]
    pub score: Option<String>,
    /// The lowest and highest score that missing data leaves open; none where it is unbounded.
    #[serde(serialize_with = "json::low_and_high")]
    pub possible_score: (Option<String>, Option<String>),
    /// The labels with what they say.
    #[serde(serialize_with = "json::object")]
    pub labels: Vec<(String, String)>,
    /// The reviews that are asked for.
    #[serde(rename = "review")]
    pub reviews: Vec<String>,
    /// The groups, then what stands outside of groups.
    pub groups: Vec<GroupReasons>,
    /// The formula of the score with the numbers of this lead.
    pub formula: Option<String>,
    /// What was done to the whole score before its bounds.
    pub notes: Vec<String>,
    /// What the bounds of the whole score took or gave.
    #[serde(serialize_with = "json::number_or_null")]
    pub bounds: Option<String>,
    /// What decided the stage.
    pub decided: String,
    /// Rules that nearly fired, or of which it is not known.
    pub nearly: Vec<Nearly>,
    /// What it would take to reach higher stages: the next, and the highest.
    pub next: Vec<NextStage>,
    /// What ages away, where that was asked for.
    pub outlook: Option<outlook::Outlook>,
    /// The fields that are missing and matter, in words.
    #[serde(rename = "worth_asking")]
    pub missing: Vec<String>,
}

/// A group and its reasons.
#[derive(Debug, Clone, Serialize)]
pub struct GroupReasons {
    /// Its name; empty for what stands outside of groups.
    pub name: String,
    /// Its title.
    pub title: Option<String>,
    /// The sum of its rules.
    #[serde(serialize_with = "json::number")]
    pub sum: String,
    /// After bounds and resets.
    #[serde(serialize_with = "json::number")]
    pub score: String,
    /// Why the two differ, or what it does not see.
    pub notes: Vec<String>,
    /// What gave points.
    pub reasons: Vec<Reason>,
}

/// A line that gave points.
#[derive(Debug, Clone, Serialize)]
pub struct Reason {
    /// With its sign.
    #[serde(serialize_with = "json::number")]
    pub points: String,
    /// In words.
    pub words: String,
    /// How many records counted.
    pub times: Option<usize>,
    /// When, the oldest and the newest.
    #[serde(serialize_with = "json::first_and_last")]
    pub when: Option<(String, String)>,
    /// What `up to` took away.
    #[serde(serialize_with = "json::number_or_null")]
    pub capped_from: Option<String>,
    /// The line of the file.
    pub line: usize,
}

/// A rule that did not fire.
#[derive(Debug, Clone, Serialize)]
pub struct Nearly {
    /// In words.
    pub words: String,
    /// Why not.
    pub why: String,
    /// Whether that is because something is not known.
    pub is_unknown: bool,
    /// The line of the file.
    pub line: usize,
}

/// What a higher stage takes.
#[derive(Debug, Clone, Serialize)]
pub struct NextStage {
    /// The stage.
    pub stage: String,
    /// Its lines, each with the parts that are met and those that are not.
    pub lines: Vec<StageWay>,
    /// Ways to reach it, each evaluated; in JSON a list of steps in words each.
    pub changes: Vec<Way>,
}

/// One way to a stage.
#[derive(Debug, Clone, Serialize)]
pub struct StageWay {
    /// The line in words.
    pub words: String,
    /// Whether it must hold beside any of the other ways.
    pub is_gate: bool,
    /// The parts that must hold.
    pub parts: Vec<Part>,
}

/// A part of a condition.
#[derive(Debug, Clone, Serialize)]
pub struct Part {
    /// In words.
    pub words: String,
    /// Whether it does.
    pub holds: Holds,
    /// What it is now, and what is missing.
    pub note: String,
}

/// Whether a part of a condition holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Holds {
    /// It does.
    Yes,
    /// It does not.
    No,
    /// Missing data decides.
    Unknown,
}

/// Explains one lead. `outlook` asks what ages away within that time.
#[must_use]
pub fn explain(model: &Model, lead: &Lead, as_of: Instant, outlook: Option<Period>) -> Explanation {
    let interpreter = Interpreter::new(model, as_of);
    let (outcome, trace) = interpreter.trace(lead);
    let lines = Lines::of(model);
    let (next, nearly, formula) = interpreter.beside(lead, &outcome, |beside| {
        let is_scored = outcome.score.is_some();
        let next = if is_scored && outcome.stage != Stage::Disqualified {
            next_stages(&interpreter, beside, model, lead, &outcome)
        } else {
            Vec::new()
        };
        let nearly = if is_scored { near::nearly(beside, model, &lines, lead, &trace) } else { Vec::new() };
        let formula =
            model.formula.as_ref().filter(|_| is_scored).map(|f| sum::with_numbers(beside, model, f, trace.sum));
        (next, nearly, formula)
    });
    Explanation {
        lead_id: lead.id.clone(),
        as_of: model.zone.for_people(as_of),
        stage: stage_name(model, outcome.stage).to_owned(),
        change: outcome.change.map(results::change_name),
        could_be: stage_name(model, outcome.could_be).to_owned(),
        score: outcome.score.map(to_text),
        possible_score: (outcome.possible_low.map(to_text), outcome.possible_high.map(to_text)),
        labels: model
            .labels
            .iter()
            .zip(&outcome.labels)
            .filter_map(|(l, t)| Some((l.name.clone(), t.clone()?)))
            .collect(),
        reviews: outcome.reviews.clone(),
        groups: groups(model, &lines, &outcome, &trace, as_of),
        formula,
        notes: sum::notes(&sum::Of { model, lines: &lines, outcome: &outcome, trace: &trace, as_of }, None, trace.sum),
        bounds: outcome
            .fired
            .iter()
            .find(|f| f.kind == FiredKind::Bounds && Some(f.line) == model.bounds_line)
            .and_then(|f| Some(crate::points::to_signed_text(f.points?))),
        decided: deciding_line(model, &lines, lead, &interpreter, &outcome),
        nearly,
        next,
        outlook: outlook.and_then(|period| outlook::outlook(model, lead, as_of, period)),
        missing: outcome.missing.iter().map(|f| field_note(model, lead, *f)).collect(),
    }
}

/// A field that is missing, with what its cell says where that cannot be read or decided.
fn field_note(model: &Model, lead: &Lead, id: FieldId) -> String {
    let name = model.fields.get(id.0).map_or("", |f| f.name.as_str());
    match (lead.unreadable.iter().find(|(f, _)| *f == id.0), lead.values.get(id.0)) {
        (Some((_, cell)), _) => format!("{name} cannot be read (\"{cell}\")"),
        (None, Some(crate::value::Value::Range(_, cell))) => format!("{name} is only known as {cell}"),
        _ => format!("{name} is missing"),
    }
}

fn groups(model: &Model, lines: &Lines, outcome: &Outcome, trace: &Trace, as_of: Instant) -> Vec<GroupReasons> {
    let mut reasons = reasons(model, lines, outcome, trace);
    let mut out: Vec<GroupReasons> = model
        .groups
        .iter()
        .enumerate()
        .filter_map(|(i, group)| {
            let told = trace.groups.get(i)?;
            let mut notes = Vec::new();
            if told.is_reset {
                let why =
                    outcome.fired.iter().filter(|f| f.kind == FiredKind::Reset && f.group.is_some_and(|g| g.0 == i));
                notes.extend(why.map(|f| {
                    format!(
                        "set to 0: {}",
                        f.because.clone().or_else(|| lines.get(f.line).map(|l| l.reason.clone())).unwrap_or_default()
                    )
                }));
            } else {
                let of = sum::Of { model, lines, outcome, trace, as_of };
                notes.extend(sum::notes(&of, Some(GroupId(i)), told.sum));
            }
            if let Some(until) = told.blind_until {
                notes.push(format!("activity up to {} does not count any more", model.zone.day_of(until)));
            }
            let reasons = reasons.remove(&Some(i)).unwrap_or_default();
            Some(GroupReasons {
                name: group.name.clone(),
                title: group.title.clone(),
                sum: to_text(told.sum),
                score: to_text(told.score),
                notes,
                reasons,
            })
        })
        .collect();
    if let Some(loose) = reasons.remove(&None) {
        let sum: i128 = outcome
            .fired
            .iter()
            .filter(|f| f.kind == FiredKind::Points && f.group.is_none())
            .filter_map(|f| f.points)
            .sum();
        out.push(GroupReasons {
            name: String::new(),
            title: None,
            sum: to_text(sum),
            score: to_text(sum),
            notes: Vec::new(),
            reasons: loose,
        });
    }
    out
}

/// What gave points, by the group that it belongs to.
fn reasons(model: &Model, lines: &Lines, outcome: &Outcome, trace: &Trace) -> BTreeMap<Option<usize>, Vec<Reason>> {
    let gave = trace.rules.iter().filter(|r| matches!(r.state, RuleState::Fired | RuleState::IfNot));
    let gave: BTreeMap<LineId, &RuleTrace> = gave.rev().map(|r| (r.line, r)).collect();
    let mut out: BTreeMap<Option<usize>, Vec<Reason>> = BTreeMap::new();
    for fired in outcome.fired.iter().filter(|f| f.kind == FiredKind::Points) {
        let (Some(line), Some(points)) = (lines.get(fired.line), fired.points) else { continue };
        let told = gave.get(&fired.line);
        let counted: &[Counted] = told.map_or(&[], |t| &t.counted);
        let dated: Vec<Instant> = counted.iter().filter_map(|c| c.at).collect();
        let words = fired.because.clone().unwrap_or_else(|| {
            if fired.branch == Branch::IfNot { format!("Not: {}", line.reason) } else { line.reason.clone() }
        });
        let day = |at: Instant| model.zone.day_of(at).to_string();
        out.entry(fired.group.map(|g| g.0)).or_default().push(Reason {
            points: crate::points::to_signed_text(points),
            words,
            times: (!counted.is_empty()).then_some(counted.len()),
            when: dated.first().zip(dated.last()).map(|(a, b)| (day(*a), day(*b))),
            capped_from: told.filter(|t| t.before_cap != t.points).map(|t| crate::points::to_signed_text(t.before_cap)),
            line: line.line,
        });
    }
    out
}

/// The line that decided the stage of a lead, in words.
#[must_use]
pub fn decided(model: &Model, lead: &Lead, as_of: Instant) -> String {
    let interpreter = Interpreter::new(model, as_of);
    deciding_line(model, &Lines::of(model), lead, &interpreter, &interpreter.evaluate(lead))
}

/// What a stage would take: `target` is its place on the ladder, above where the lead stands.
#[must_use]
pub fn toward(model: &Model, lead: &Lead, as_of: Instant, target: usize) -> NextStage {
    let interpreter = Interpreter::new(model, as_of);
    interpreter
        .beside(lead, &interpreter.evaluate(lead), |beside| next_stage(&interpreter, beside, model, lead, target))
}

/// The line that decided, in words.
fn deciding_line(
    model: &Model,
    lines: &Lines,
    lead: &Lead,
    interpreter: &Interpreter<'_>,
    outcome: &Outcome,
) -> String {
    let said = |kind: FiredKind| {
        outcome.fired.iter().find(|f| f.kind == kind).map(|f| {
            let line = lines.get(f.line).cloned().unwrap_or_default();
            let why = f.because.as_ref().map_or(line.reason.clone(), |b| format!("{b} ({})", line.reason));
            (why, line.line)
        })
    };
    match outcome.stage {
        Stage::Excluded => said(FiredKind::Exclude)
            .map_or(String::new(), |(why, line)| format!("excluded: {why} (line {line}); the lead is not scored")),
        Stage::Disqualified => said(FiredKind::Disqualify)
            .map_or(String::new(), |(why, line)| format!("disqualified: {why} (line {line})")),
        Stage::Rank(rank) => match said(FiredKind::Stage) {
            Some((why, line)) => format!("{}: {why} (line {line})", stage_name(model, outcome.stage)),
            None if rank == 0 => format!("{}: no line of a higher stage holds", stage_name(model, outcome.stage)),
            None => {
                let current =
                    model.ladder.from.and_then(|f| lead.values.get(f.0)).map(ToString::to_string).unwrap_or_default();
                let reached = stage_without_floor(model, lead, interpreter.as_of());
                format!(
                    "{}: the lead stands there today (\"{current}\") and never falls; by the rules it would be {}",
                    stage_name(model, outcome.stage),
                    stage_name(model, reached)
                )
            }
        },
    }
}

/// The stage that the rules alone give.
fn stage_without_floor(model: &Model, lead: &Lead, as_of: Instant) -> Stage {
    let mut free = model.clone();
    free.ladder.never_lower = false;
    Interpreter::new(&free, as_of).evaluate(lead).stage
}

/// The next stage and the highest that could be or has a line, with what they take.
fn next_stages(
    interpreter: &Interpreter<'_>,
    beside: &Beside<'_>,
    model: &Model,
    lead: &Lead,
    outcome: &Outcome,
) -> Vec<NextStage> {
    let Stage::Rank(rank) = outcome.stage else { return Vec::new() };
    let mut targets: Vec<usize> = model.stage_lines.iter().map(|l| l.stage).filter(|&s| s > rank).collect();
    targets.sort_unstable();
    targets.dedup();
    let chosen = match targets.as_slice() {
        [] => return Vec::new(),
        [one] => vec![*one],
        [first, .., last] => vec![*first, *last],
    };
    chosen.into_iter().map(|target| next_stage(interpreter, beside, model, lead, target)).collect()
}

fn next_stage(
    interpreter: &Interpreter<'_>,
    beside: &Beside<'_>,
    model: &Model,
    lead: &Lead,
    target: usize,
) -> NextStage {
    NextStage {
        stage: model.ladder.stages.get(target).cloned().unwrap_or_default(),
        lines: ways(beside, model, lead, target),
        changes: changes::ways(interpreter, model, lead, target),
    }
}

fn ways(beside: &Beside<'_>, model: &Model, lead: &Lead, target: usize) -> Vec<StageWay> {
    let gates = model.gates.iter().filter(|g| g.stage <= target);
    let own = model.stage_lines.iter().filter(|l| l.stage == target);
    let way = |line: &StageLine, is_gate: bool| StageWay {
        is_gate,
        words: words_of(model, &line.condition),
        parts: near::parts(beside, model, lead, &line.condition),
    };
    let closed = gates.filter(|g| beside.expects(&g.condition) != Some(true));
    own.map(|l| way(l, false)).chain(closed.map(|g| way(g, true))).collect()
}
