//! What became of all leads: the funnel, scores, rules, what missing data costs, fit against intent.
//!
//! `tally` counts, `Report` is what is told of the counts as data, `page` lays it out. Reads no files.

mod axes;
mod bands;
mod page;
mod tally;

pub use axes::{Axes, Fit, Intent};
pub use bands::FitAndIntent;
pub use page::page;
pub use tally::{Beside, Tally};

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};

use crate::book::threshold;
use crate::eval::stage_name;
use crate::model::{LineId, LineKind, Model, Template, TemplatePart};
use crate::points::to_text;
use crate::time::Instant;
use crate::words::Lines;

/// What is told of many leads.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// As of when.
    pub as_of: String,
    /// Which rules.
    pub model: ModelInfo,
    /// Rows of the file, those with errors among them.
    pub rows: u64,
    /// Rows that could not be read.
    pub errors: u64,
    /// What there is to say of rows and cells that could not be read.
    pub messages: Vec<String>,
    /// The stages from high to low, then those disqualified and excluded where there are any.
    pub stages: Vec<StageCount>,
    /// The leads that could be higher if what is missing turned out well.
    pub could_be_higher: u64,
    /// The scores of the leads on the ladder.
    pub scores: Scores,
    /// All rules and lines of tables, those that give most first.
    pub rules: Vec<RuleCount>,
    /// The fields that are not known where that matters, those that keep most leads down first.
    pub fields: Vec<FieldCount>,
    /// The leads that are worth asking first.
    pub worth_asking: Vec<WorthAsking>,
    /// Fit against intent, where the model tells the two apart.
    pub fit_and_intent: Option<FitAndIntent>,
    /// What the labels say.
    pub labels: Vec<LabelCount>,
    /// The stages by what a field says.
    pub by: Option<ByCount>,
}

/// Which rules.
#[derive(Debug, Clone, Serialize)]
pub struct ModelInfo {
    /// Its name.
    pub name: Option<String>,
    /// Its version.
    pub version: Option<String>,
    /// Its hash.
    pub hash: String,
}

/// Leads of a stage.
#[derive(Debug, Clone, Serialize)]
pub struct StageCount {
    /// The stage.
    pub stage: String,
    /// Leads that stand there.
    pub leads: u64,
    /// Leads that stand there or higher; none outside of the ladder.
    pub reached: Option<u64>,
    /// Leads that stand lower, and could be there if what is missing turned out well.
    pub could_be: u64,
}

/// The scores of the leads on the ladder.
#[derive(Debug, Clone, Serialize)]
pub struct Scores {
    /// How many there are.
    pub leads: u64,
    /// The lowest.
    #[serde(serialize_with = "number_or_null")]
    pub lowest: Option<i128>,
    /// The highest.
    #[serde(serialize_with = "number_or_null")]
    pub highest: Option<i128>,
    /// The mean, rounded to a hundredth.
    #[serde(serialize_with = "number_or_null")]
    pub mean: Option<i128>,
    /// The most whole points that at least half of the leads have.
    pub half_have: Option<i64>,
    /// How many leads have scores from one number to below another.
    pub bins: Vec<ScoreBin>,
    /// The scores at which stages begin.
    pub thresholds: Vec<Threshold>,
}

/// Leads with scores in a range.
#[derive(Debug, Clone, Copy, Serialize, PartialEq, Eq)]
pub struct ScoreBin {
    /// The least score that belongs to it.
    pub from: i64,
    /// The least that does not any more.
    pub below: i64,
    /// How many leads.
    pub leads: u64,
}

/// The score at which a stage begins.
#[derive(Debug, Clone, Serialize)]
pub struct Threshold {
    /// The stage.
    pub stage: String,
    /// The score.
    #[serde(serialize_with = "number")]
    pub score: i128,
    /// Whether a line of that stage asks for nothing else.
    pub is_all: bool,
}

/// What a rule did.
#[derive(Debug, Clone, Serialize)]
pub struct RuleCount {
    /// The line as the model has it, without its points.
    pub rule: String,
    /// Its reason, else the rule in words.
    pub words: String,
    /// Its group.
    pub group: Option<String>,
    /// The line of the file.
    pub line: usize,
    /// The file, where it is not the root file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// How many leads it gave points to, or would have given, were they not 0.
    pub leads: u64,
    /// How many points it gave to all of them.
    #[serde(serialize_with = "number")]
    pub points: i128,
}

/// What a field that is not known costs.
#[derive(Debug, Clone, Serialize)]
pub struct FieldCount {
    /// The field.
    pub field: String,
    /// Leads of which it is not known, where that matters for score or stage.
    pub missing: u64,
    /// Those of them that could be higher.
    pub keeps: u64,
    /// Those of them that could be higher and lack nothing else.
    pub alone: u64,
    /// What they could be, from high to low.
    pub could_be: Vec<StageLeads>,
}

/// A stage and a number of leads.
#[derive(Debug, Clone, Serialize)]
pub struct StageLeads {
    /// The stage.
    pub stage: String,
    /// How many.
    pub leads: u64,
}

/// A lead that could be higher.
#[derive(Debug, Clone, Serialize)]
pub struct WorthAsking {
    /// Its id.
    pub lead_id: String,
    /// Where it stands.
    pub stage: String,
    /// What it could be.
    pub could_be: String,
    /// Its score.
    #[serde(serialize_with = "number")]
    pub score: i128,
    /// What is not known.
    pub missing: Vec<String>,
}

/// What a label says.
#[derive(Debug, Clone, Serialize)]
pub struct LabelCount {
    /// The label.
    pub label: String,
    /// Its title.
    pub title: Option<String>,
    /// Each text with its leads, most first; null where it says nothing.
    pub values: Vec<ValueLeads>,
}

/// A text and a number of leads.
#[derive(Debug, Clone, Serialize)]
pub struct ValueLeads {
    /// The text.
    pub value: Option<String>,
    /// How many.
    pub leads: u64,
}

/// The stages by what a field says.
#[derive(Debug, Clone, Serialize)]
pub struct ByCount {
    /// The field, column or label.
    pub field: String,
    /// The values, most leads first; null where it is blank.
    pub values: Vec<ByValue>,
}

/// The leads of one value.
#[derive(Debug, Clone, Serialize)]
pub struct ByValue {
    /// What it says.
    pub value: Option<String>,
    /// How many leads.
    pub leads: u64,
    /// Those of each stage, from high to low, as in the funnel.
    pub stages: Vec<StageLeads>,
}

fn number<S: Serializer>(points: &i128, to: S) -> Result<S::Ok, S::Error> {
    to_text(*points).parse::<serde_json::Number>().map_err(serde::ser::Error::custom)?.serialize(to)
}

#[allow(clippy::ref_option)] // The shape that is asked for.
fn number_or_null<S: Serializer>(points: &Option<i128>, to: S) -> Result<S::Ok, S::Error> {
    match points {
        Some(points) => number(points, to),
        None => to.serialize_none(),
    }
}

/// What is told of a count. `messages` say what could not be read, `by` is the name of what leads were told apart by.
#[must_use]
pub fn report(model: &Model, tally: &Tally, as_of: Instant, by: Option<&str>, messages: Vec<String>) -> Report {
    Report {
        as_of: model.zone.for_people(as_of),
        model: ModelInfo {
            name: model.info.name.clone(),
            version: model.info.version.clone(),
            hash: model.hash.clone(),
        },
        rows: tally.leads + tally.errors,
        errors: tally.errors,
        messages,
        stages: stages(model, tally),
        could_be_higher: tally.could_be.iter().sum(),
        scores: scores(model, tally),
        rules: rules(model, tally),
        fields: fields(model, tally),
        worth_asking: worth_asking(model, tally),
        fit_and_intent: bands::fit_and_intent(model, tally),
        labels: labels(model, tally),
        by: by.map(|name| by_value(model, tally, name)),
    }
}

/// The places of leads in the order in which they are told: from high to low, then those outside of the ladder.
fn places(model: &Model, tally: &Tally) -> Vec<(usize, String)> {
    let ladder = &model.ladder.stages;
    let on = ladder.iter().enumerate().rev().map(|(i, s)| (i, s.clone()));
    let outside =
        ["disqualified", "excluded"].into_iter().enumerate().map(|(i, name)| (ladder.len() + i, name.to_owned()));
    on.chain(outside.filter(|(place, _)| tally.stages.get(*place).is_some_and(|n| *n > 0))).collect()
}

fn stages(model: &Model, tally: &Tally) -> Vec<StageCount> {
    let mut reached = 0;
    let count = |(place, stage): (usize, String)| {
        let leads = tally.stages.get(place).copied().unwrap_or(0);
        reached += leads;
        let is_on_ladder = place < model.ladder.stages.len();
        StageCount {
            stage,
            leads,
            reached: is_on_ladder.then_some(reached),
            could_be: tally.could_be.get(place).copied().unwrap_or(0),
        }
    };
    places(model, tally).into_iter().map(count).collect()
}

fn scores(model: &Model, tally: &Tally) -> Scores {
    let scores = &tally.scores;
    let mut thresholds: BTreeMap<usize, (i128, bool)> = BTreeMap::new();
    for line in &model.stage_lines {
        let Some((score, more)) = threshold(line) else { continue };
        let known = thresholds.entry(line.stage).or_insert((score, more == 0));
        if (score, more > 0) < (known.0, !known.1) {
            *known = (score, more == 0);
        }
    }
    let stage = |rank: usize| model.ladder.stages.get(rank).cloned().unwrap_or_default();
    let leads = i128::from(scores.leads);
    // To a hundredth: people compare means, they do not calculate with them.
    let mean = (leads > 0).then(|| (scores.sum * 2 + 100 * leads).div_euclid(200 * leads) * 100);
    let (mut seen, mut half_have) = (0, None);
    let each: Vec<(i64, u64)> = scores.each().collect();
    for (whole, count) in each.iter().rev() {
        seen += count;
        if seen * 2 >= scores.leads {
            half_have = Some(*whole);
            break;
        }
    }
    let marks: Vec<i128> = thresholds.values().map(|(score, _)| *score).collect();
    Scores {
        leads: scores.leads,
        lowest: scores.low,
        highest: scores.high,
        mean,
        half_have,
        bins: bands::bins(&each, &marks),
        thresholds: thresholds
            .into_iter()
            .map(|(rank, (score, is_all))| Threshold { stage: stage(rank), score, is_all })
            .collect(),
    }
}

fn rules(model: &Model, tally: &Tally) -> Vec<RuleCount> {
    let words = Lines::of(model);
    let mut rules: Vec<RuleCount> = Vec::new();
    for (at, line) in model.lines.iter().enumerate() {
        if !matches!(line.kind, LineKind::Rule | LineKind::TableLine) {
            continue;
        }
        let said = words.get(LineId(at)).cloned().unwrap_or_default();
        let counted = tally.lines.get(at).copied().unwrap_or_default();
        rules.push(RuleCount {
            words: line.because.as_ref().map_or(said.reason, written),
            rule: said.rule,
            group: line.group.and_then(|id| model.groups.get(id.0)).map(|g| g.name.clone()),
            line: said.line,
            file: said.file,
            leads: counted.leads,
            points: counted.points,
        });
    }
    // Of those that are the same, the first in the file first.
    rules.sort_by_key(|r| std::cmp::Reverse((r.points.unsigned_abs(), r.leads)));
    rules
}

/// A reason with its gaps open.
fn written(because: &Template) -> String {
    let part = |part: &TemplatePart| match part {
        TemplatePart::Text(text) => text.clone(),
        TemplatePart::Value(_) => "…".to_owned(),
    };
    because.parts.iter().map(part).collect()
}

fn fields(model: &Model, tally: &Tally) -> Vec<FieldCount> {
    let stage = |rank: usize| model.ladder.stages.get(rank).cloned().unwrap_or_default();
    let told = |(field, counted): (&crate::model::Field, &tally::FieldTally)| {
        let could_be = counted.could_be.iter().enumerate().rev().filter(|(_, n)| **n > 0);
        FieldCount {
            field: field.name.clone(),
            missing: counted.matters,
            keeps: counted.could_be.iter().sum(),
            alone: counted.alone,
            could_be: could_be.map(|(rank, n)| StageLeads { stage: stage(rank), leads: *n }).collect(),
        }
    };
    let mut fields: Vec<FieldCount> =
        model.fields.iter().zip(&tally.fields).filter(|(_, c)| c.matters > 0).map(told).collect();
    fields.sort_by_key(|f| std::cmp::Reverse((f.keeps, f.alone, f.missing)));
    fields
}

fn worth_asking(model: &Model, tally: &Tally) -> Vec<WorthAsking> {
    let name = |id: &crate::model::FieldId| model.fields.get(id.0).map_or(String::new(), |f| f.name.clone());
    let told = |worth: &tally::Worth| WorthAsking {
        lead_id: worth.id.clone(),
        stage: stage_name(model, worth.stage).to_owned(),
        could_be: model.ladder.stages.get(worth.could_be).cloned().unwrap_or_default(),
        score: worth.score,
        missing: worth.missing.iter().map(name).collect(),
    };
    tally.worth_asking.iter().map(told).collect()
}

fn labels(model: &Model, tally: &Tally) -> Vec<LabelCount> {
    let told = |(label, (texts, none)): (&crate::model::Label, &(std::collections::HashMap<Box<str>, u64>, u64))| {
        let mut values: Vec<ValueLeads> =
            texts.iter().map(|(text, n)| ValueLeads { value: Some(text.to_string()), leads: *n }).collect();
        values.extend((*none > 0).then_some(ValueLeads { value: None, leads: *none }));
        values.sort_by(|a, b| b.leads.cmp(&a.leads).then_with(|| a.value.cmp(&b.value)));
        LabelCount { label: label.name.clone(), title: label.title.clone(), values }
    };
    model.labels.iter().zip(&tally.labels).map(told).collect()
}

fn by_value(model: &Model, tally: &Tally, name: &str) -> ByCount {
    let places = places(model, tally);
    let told = |value: Option<String>, counts: &[u64]| ByValue {
        value,
        leads: counts.iter().sum(),
        stages: places
            .iter()
            .map(|(place, stage)| StageLeads { stage: stage.clone(), leads: counts.get(*place).copied().unwrap_or(0) })
            .collect(),
    };
    let mut values: Vec<ByValue> =
        tally.by.values.iter().map(|(value, counts)| told(Some(value.clone()), counts)).collect();
    values.extend((!tally.by.blank.is_empty()).then(|| told(None, &tally.by.blank)));
    // Of equal ones the first in the file; what is blank behind them.
    values.sort_by_key(|v| std::cmp::Reverse(v.leads));
    ByCount { field: name.to_owned(), values }
}
