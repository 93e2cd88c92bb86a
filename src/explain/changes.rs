//! What would have to change to reach a stage: every change that is offered has been evaluated.
//!
//! Two kinds of changes are tried: activity that the model asks for, done now, and answers to what is missing. What is
//! known is taken as it is: nobody moves a lead to another country.

use std::cell::Cell;
use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

use serde::Serialize;

use crate::builtins;
use crate::eval::Interpreter;
use crate::lead::{Activity, At, Lead};
use crate::model::{Count, DefinitionId, Expr, ExprKind, FieldId, Model, Part, Query, Role, TargetPattern, TargetTest};
use crate::operators::CompareOp;
use crate::points::to_signed_text;
use crate::time::{Date, Instant, Period, Zone};
use crate::value::{Raw, Stage, Text, Type, Value};

/// So many ways of one step are offered.
const MOST_WAYS: usize = 5;
/// So many ways of several steps are offered.
const MOST_LONG_WAYS: usize = 2;
/// No more repetitions of one activity than this are offered.
const MOST_TIMES: u64 = 20;
/// So many parts of conditions are looked at, and records held against what is asked of activity: a second's worth. What is
/// usual takes a hundredth of it.
const MOST_WORK: usize = 20_000_000;

/// Steps that together reach a stage. None of them can be left out.
#[derive(Debug, Clone)]
pub struct Way {
    /// At least one.
    pub steps: Vec<Step>,
    /// The stage that it reaches, where that is a higher one than was asked for.
    pub beyond: Option<String>,
}

/// Something that can happen, or become known.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// What changes.
    pub change: Change,
    /// In words, without points.
    pub words: String,
    /// What it alone adds to the score, where it is the only step.
    pub gain: i128,
}

/// What changes about a lead.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// This record, so many times, as of now.
    Did(Activity, u64),
    /// This answer to a missing field.
    Known(FieldId, Value),
}

impl std::fmt::Display for Step {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.words)?;
        if let Change::Did(_, times) = self.change
            && times > 1
        {
            if times == 2 { f.write_str(" twice") } else { write!(f, " {times} times") }?;
        }
        if self.gain == 0 { Ok(()) } else { write!(f, " ({})", to_signed_text(self.gain)) }
    }
}

impl Serialize for Step {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl std::fmt::Display for Way {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (i, step) in self.steps.iter().enumerate() {
            if i > 0 {
                f.write_str(" and ")?;
            }
            write!(f, "{step}")?;
        }
        match &self.beyond {
            Some(stage) => write!(f, " (straight to {stage})"),
            None => Ok(()),
        }
    }
}

impl Serialize for Way {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(&self.steps)
    }
}

impl Step {
    fn is_answer_to(&self, field: FieldId) -> bool {
        matches!(self.change, Change::Known(of, _) if of == field)
    }

    fn times(&self, times: u64) -> Step {
        let change = match &self.change {
            Change::Did(record, _) => Change::Did(record.clone(), times),
            known @ Change::Known(..) => known.clone(),
        };
        Step { change, ..self.clone() }
    }
}

/// Ways to reach a stage: those of one step where there are any, the least gain first; else few of several steps. Of a model
/// and a lead that are very large, what is found within so many evaluations.
pub(super) fn ways(interpreter: &Interpreter<'_>, model: &Model, lead: &Lead, target: usize) -> Vec<Way> {
    let search = Search {
        interpreter,
        lead,
        target,
        parts: work(model),
        queries: model.queries.len(),
        left: Cell::new(MOST_WORK),
    };
    let Some(before) = search.standing(&[]) else { return Vec::new() };
    let mut candidates = candidates(model, lead, interpreter.as_of());
    let mut alone: Vec<Step> = Vec::new();
    let mut counts = counts_asked(model);
    'tried: for step in &mut candidates {
        let most_times = if matches!(step.change, Change::Did(..)) { counts.as_slice() } else { &[1] };
        for times in most_times {
            let tried = step.times(*times);
            // Half of the evaluations are for steps that do it alone, half for those that do it together.
            let standing = search.standing(std::slice::from_ref(&tried)).filter(|_| search.left.get() >= MOST_WORK / 2);
            let Some(standing) = standing else { break 'tried };
            if *times == 1 {
                step.gain = standing.score - before.score;
            }
            // Where one would do, three are not offered.
            if standing.reaches {
                alone.push(Step { gain: standing.score - before.score, ..tried });
                break;
            }
        }
    }
    if !alone.is_empty() {
        // The least effort first: an answer to a question, then the activity that gives least beyond what is needed.
        alone.sort_by_key(|step| step.gain);
        let mut said: Vec<String> = Vec::new();
        alone.retain(|step| {
            !said.contains(&step.to_string()) && {
                said.push(step.to_string());
                true
            }
        });
        let only_did = alone.iter().all(|step| matches!(step.change, Change::Did(..)));
        let mut ways: Vec<Vec<Step>> = alone.into_iter().take(MOST_WAYS).map(|step| vec![step]).collect();
        // What to ask is worth knowing beside what might happen, also where it is more than one question.
        if only_did {
            candidates.retain(|step| matches!(step.change, Change::Known(..)));
            ways.extend(search.together(&candidates, &counts).map(without_gains));
        }
        return ways.into_iter().map(|steps| search.way(model, steps)).collect();
    }
    counts.reverse();
    let mut ways: Vec<Vec<Step>> = Vec::new();
    while ways.len() < MOST_LONG_WAYS
        && let Some(way) = search.together(&candidates, &counts)
    {
        // The next way does without what this one gains most by.
        let dearest =
            way.iter().filter(|s| matches!(s.change, Change::Did(..))).max_by_key(|s| s.gain).map(|s| s.words.clone());
        candidates.retain(|c| dearest.as_ref() != Some(&c.words));
        ways.push(way);
        if dearest.is_none() {
            break;
        }
    }
    ways.into_iter().map(|steps| search.way(model, without_gains(steps))).collect()
}

/// How many parts of conditions are looked at to evaluate a lead, at most.
fn work(model: &Model) -> usize {
    // Of each definition all that it reaches, which comes behind what it uses; no more than there is.
    let mut reach: Vec<usize> = Vec::with_capacity(model.definitions.len());
    let mut all = 0usize;
    for definition in &model.definitions {
        let own = parts(model, Part::Expr(&definition.value), &|_| 1);
        all += own;
        reach.push(parts(model, Part::Expr(&definition.value), &|id| reach.get(id.0).copied().unwrap_or(1)).min(all));
    }
    let of_definition = |id: DefinitionId| reach.get(id.0).copied().unwrap_or(1);
    let mut work = 0usize;
    model.walk(&mut |_, role, part| {
        if role != Role::Expectation {
            work = work.saturating_add(parts(model, part, &of_definition));
        }
    });
    work
}

/// How many parts a condition has, where a definition counts as so many.
fn parts(model: &Model, part: Part<'_>, of_definition: &dyn Fn(DefinitionId) -> usize) -> usize {
    let mut count = 0usize;
    part.visit(model, &mut |expr| {
        count = count.saturating_add(match &expr.kind {
            ExprKind::Definition(id) | ExprKind::OfProfile(_, id) => of_definition(*id),
            _ => 1,
        });
    });
    count
}

/// Of several steps, none gives alone what it gives with the others.
fn without_gains(steps: Vec<Step>) -> Vec<Step> {
    steps.into_iter().map(|step| Step { gain: 0, ..step }).collect()
}

/// Where a lead stands: better is greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Standing {
    reaches: bool,
    rank: Option<usize>,
    score: i128,
}

struct Search<'s> {
    interpreter: &'s Interpreter<'s>,
    lead: &'s Lead,
    target: usize,
    /// How many parts the conditions of the model have, and how many kinds of activity it asks for.
    parts: usize,
    queries: usize,
    /// How much may still be looked at.
    left: Cell<usize>,
}

impl Search<'_> {
    /// How the lead stands after some steps; none where there has been enough of it.
    fn standing(&self, steps: &[Step]) -> Option<Standing> {
        let records = steps
            .iter()
            .map(|step| if let Change::Did(_, times) = step.change { times as usize } else { 0 })
            .sum::<usize>();
        let cost = self.parts + (self.lead.activity.len() + records) * self.queries;
        self.left.set(self.left.get().checked_sub(cost.max(1))?);
        let outcome = self.interpreter.evaluate(&with(self.lead, steps));
        let rank = if let Stage::Rank(rank) = outcome.stage { Some(rank) } else { None };
        Some(Standing {
            reaches: rank.is_some_and(|rank| rank >= self.target),
            rank,
            score: outcome.score.unwrap_or(0),
        })
    }

    fn reaches(&self, steps: &[Step]) -> Option<bool> {
        self.standing(steps).map(|standing| standing.reaches)
    }

    /// All steps at once, made better while that does not do, then without those that it does not take.
    fn together(&self, candidates: &[Step], counts: &[u64]) -> Option<Vec<Step>> {
        let mut kept: Vec<Step> = Vec::new();
        for step in candidates.iter().filter(|s| s.gain >= 0) {
            match step.change {
                Change::Did(..) => kept.push(step.times(*counts.first()?)),
                Change::Known(field, _) => match kept.iter_mut().find(|k| k.is_answer_to(field)) {
                    Some(other) if other.gain < step.gain => *other = step.clone(),
                    Some(_) => {}
                    None => kept.push(step.clone()),
                },
            }
        }
        let mut standing = self.standing(&kept)?;
        while !standing.reaches {
            (kept, standing) = self.better(&kept, standing, candidates)?;
        }
        // What gains least goes first. Answers go last, as asking is less effort, or first, where that leaves fewer steps.
        let answers_last = self.fewest(&kept, counts, false)?;
        let answers_first = self.fewest(&kept, counts, true)?;
        let steps = if answers_first.len() < answers_last.len() { answers_first } else { answers_last };
        (!steps.is_empty()).then_some(steps)
    }

    fn way(&self, model: &Model, steps: Vec<Step>) -> Way {
        let beyond = self.standing(&steps).and_then(|standing| standing.rank).filter(|rank| *rank > self.target);
        Way { steps, beyond: beyond.and_then(|rank| model.ladder.stages.get(rank).cloned()) }
    }

    /// The steps of a way that it cannot do without, each as seldom as will do; none where that cannot be found out.
    fn fewest(&self, way: &[Step], counts: &[u64], answers_first: bool) -> Option<Vec<Step>> {
        let mut kept = way.to_vec();
        kept.sort_by_key(|step| (matches!(step.change, Change::Known(..)) != answers_first, step.gain));
        self.without_needless(&mut kept)?;
        for i in 0..kept.len() {
            for times in counts {
                let mut fewer = kept.clone();
                let Some(step) = fewer.get_mut(i) else { continue };
                *step = step.times(*times);
                if self.reaches(&fewer)? {
                    kept = fewer;
                }
            }
        }
        self.without_needless(&mut kept)?;
        kept.sort_by_key(|step| (matches!(step.change, Change::Did(..)), std::cmp::Reverse(step.gain)));
        Some(kept)
    }

    /// Takes out steps for as long as the rest still reaches the stage.
    fn without_needless(&self, kept: &mut Vec<Step>) -> Option<()> {
        loop {
            let before = kept.len();
            self.thin(kept, 0..before)?;
            if kept.len() == before {
                return Some(());
            }
        }
    }

    /// Takes out those of some steps that the others do without, the first ones first; where many can go, all at once.
    fn thin(&self, kept: &mut Vec<Step>, some: Range<usize>) -> Option<()> {
        if some.is_empty() {
            return Some(());
        }
        let fewer = without(kept, some.clone());
        if self.reaches(&fewer)? {
            *kept = fewer;
        } else if some.len() > 1 {
            let (before, middle) = (kept.len(), some.start + some.len() / 2);
            self.thin(kept, some.start..middle)?;
            let gone = before - kept.len();
            self.thin(kept, middle - gone..some.end - gone)?;
        }
        Some(())
    }

    /// One step less, or another answer, that leaves the lead standing better.
    fn better(&self, kept: &[Step], standing: Standing, candidates: &[Step]) -> Option<(Vec<Step>, Standing)> {
        let one_less = (0..kept.len()).map(|i| without(kept, i..i + 1));
        let other_answers = candidates.iter().filter_map(|step| {
            let Change::Known(field, _) = step.change else { return None };
            let other = |k: &Step| if k.is_answer_to(field) { step.clone() } else { k.clone() };
            (!kept.contains(step)).then(|| kept.iter().map(other).collect::<Vec<Step>>())
        });
        let tried = one_less.chain(other_answers).map_while(|steps| Some((self.standing(&steps)?, steps)));
        tried.filter(|(s, _)| *s > standing).max_by_key(|(s, _)| *s).map(|(s, steps)| (steps, s))
    }
}

fn without(steps: &[Step], some: Range<usize>) -> Vec<Step> {
    let (before, after) = (steps.get(..some.start).unwrap_or_default(), steps.get(some.end..).unwrap_or_default());
    [before, after].concat()
}

/// The lead after some steps.
fn with(lead: &Lead, steps: &[Step]) -> Lead {
    let mut changed = lead.clone();
    for step in steps {
        match &step.change {
            Change::Did(record, times) => {
                Arc::make_mut(&mut changed.activity).extend((0..*times).map(|_| record.clone()))
            }
            Change::Known(field, value) => {
                if let Some(slot) = changed.values.get_mut(field.0) {
                    *slot = value.clone();
                }
            }
        }
    }
    changed
}

/// How many repetitions are tried: those that the model asks for, and a few more; ascending, from 1.
fn counts_asked(model: &Model) -> Vec<u64> {
    let mut counts = vec![1, 2, 3, 5];
    visit(model, &mut |expr| {
        if let ExprKind::Did(_, Some(Count::Times(_, n, _))) = expr.kind
            && n <= MOST_TIMES
        {
            counts.push(n.max(1));
        }
    });
    counts.sort_unstable();
    counts.dedup();
    counts
}

/// Answers to what is missing first, then activity.
fn candidates(model: &Model, lead: &Lead, as_of: Instant) -> Vec<Step> {
    let mut out = answers(model, lead, as_of);
    let did = |query: &Query| {
        let (record, words) = record(model, query, as_of)?;
        Some(Step { change: Change::Did(record, 1), words, gain: 0 })
    };
    let mut seen = HashSet::new();
    out.extend(model.queries.iter().filter_map(did).filter(|step| seen.insert(format!("{:?}", step.change))));
    out
}

/// A record that meets a query, if one can be made up.
fn record(model: &Model, query: &Query, as_of: Instant) -> Option<(Activity, String)> {
    let kind = model.activity_types.get(query.kind?.0)?;
    let target = match query.targets.first() {
        None => None,
        Some(TargetPattern { test: TargetTest::Exact(text), .. }) => Some(text.clone()),
        Some(TargetPattern { test: TargetTest::Wildcard(text) | TargetTest::Page(text), .. }) => {
            Some(text.replace("/*", "/x").replace('*', "").replace('?', "x"))
        }
    };
    let mut properties = Vec::new();
    if let Some(filter) = &query.filter {
        needed(model, filter, &mut properties)?;
    }
    let mut words = kind.name.replace('_', " ");
    if let Some(target) = query.targets.first() {
        words.push_str(&format!(" \"{}\"", target.written));
    }
    for (key, raw) in &properties {
        words.push_str(&format!(", {key} {}", raw.as_text()));
    }
    if let (Some(key), Some(target)) = (&kind.target, &target) {
        properties.push((Arc::from(key.as_str()), Raw::Text(target.clone())));
    }
    let activity = Activity::new(Text::new(&kind.name), target.as_deref().map(Text::new), At::Instant(as_of))
        .with(None, properties);
    Some((activity, words))
}

/// Properties that meet a filter; `None` where none can be told.
fn needed(model: &Model, filter: &Expr, out: &mut Vec<(Arc<str>, Raw)>) -> Option<()> {
    match &filter.kind {
        ExprKind::All(parts) => parts.iter().try_for_each(|p| needed(model, p, out)),
        ExprKind::Any(parts) => needed(model, parts.first()?, out),
        _ => {
            let (subject, value) = met_by(filter, Instant(0), &model.zone)?;
            let ExprKind::Property(id) = subject.kind else { return None };
            let key = model.properties.get(id.0)?.key.as_str();
            let value = Raw::Text(value.to_string());
            match out.iter().find(|(k, _)| **k == *key) {
                // One record cannot say two things.
                Some((_, other)) if *other != value => None,
                Some(_) => Some(()),
                None => {
                    out.push((Arc::from(key), value));
                    Some(())
                }
            }
        }
    }
}

/// Answers to missing fields that some condition of the model asks for.
fn answers(model: &Model, lead: &Lead, as_of: Instant) -> Vec<Step> {
    let mut out: Vec<Step> = Vec::new();
    let mut seen = HashSet::new();
    let mut look = |expr: &Expr| {
        let Some((subject, value)) = met_by(expr, as_of, &model.zone) else { return };
        let (field, value) = match &subject.kind {
            ExprKind::Field(field) => (*field, value),
            // An address there.
            ExprKind::Call(function, of) if function.name == builtins::DOMAIN => {
                match (of.first().map(|e| &e.kind), &value) {
                    (Some(ExprKind::Field(field)), Value::Text(domain)) => {
                        (*field, Value::Text(Text::new(&format!("name@{}", domain.written))))
                    }
                    _ => return,
                }
            }
            _ => return,
        };
        let Some(described) = model.fields.get(field.0) else { return };
        // A word that counts as missing would be no answer.
        let is_missing_word = described.is_missing_word(&value.to_string());
        if value.of_type() != Some(described.of_type) || is_missing_word {
            return;
        }
        if !lead.values.get(field.0).is_none_or(|v| matches!(v, Value::Missing | Value::Range(..))) {
            return;
        }
        let words = match (&value, described.of_type) {
            (Value::Flag(yes), _) => format!("{} = {}", described.name, if *yes { "yes" } else { "no" }),
            (Value::Text(text), _) => format!("{} = \"{}\"", described.name, text.written),
            (_, Type::Date) => format!("{} on {value}", described.name),
            _ => format!("{} = {value}", described.name),
        };
        if seen.insert(words.clone()) {
            out.push(Step { change: Change::Known(field, value), words, gain: 0 });
        }
    };
    visit(model, &mut look);
    out
}

/// Every expression that decides about leads.
fn visit(model: &Model, f: &mut dyn FnMut(&Expr)) {
    model.walk(&mut |_, role, part| {
        if role != Role::Expectation {
            part.visit(model, &mut |expr| f(expr));
        }
    });
}

/// A value of its subject for which a plain condition holds.
fn met_by<'e>(condition: &'e Expr, as_of: Instant, zone: &Zone) -> Option<(&'e Expr, Value)> {
    let literal = |e: &Expr| match &e.kind {
        ExprKind::Value(value) => Some(value.clone()),
        _ => None,
    };
    Some(match &condition.kind {
        ExprKind::Compare(op, left, right) => {
            let right = literal(right)?;
            let value = match (op, right) {
                (CompareOp::Equal | CompareOp::GreaterOrEqual | CompareOp::LessOrEqual, value) => value,
                (CompareOp::Greater, Value::Number(n)) => Value::Number(n + 1.0),
                (CompareOp::Less, Value::Number(n)) => Value::Number(n - 1.0),
                (CompareOp::Greater, Value::Date(d)) => Value::Date(Date::Instant(Instant(d.last().0 + 1))),
                (CompareOp::Less, Value::Date(d)) => Value::Date(Date::Instant(Instant(d.first().0 - 1))),
                _ => return None,
            };
            (&**left, value)
        }
        ExprKind::Between(x, low, _) => (&**x, literal(low)?),
        ExprKind::In(x, list) => (&**x, list.first()?.clone()),
        ExprKind::Text(x, _, _, needles) => (&**x, Value::Text(Text::new(needles.first()?.folded.trim_matches('*')))),
        ExprKind::InNext(x, _) => (&**x, Value::Date(Date::Day(zone.day_of(as_of.plus_days(Period::DAY, 1, zone))))),
        ExprKind::InLast(x, _) => (&**x, Value::Date(Date::Instant(as_of))),
        ExprKind::Known(x) => (&**x, Value::Text(Text::new("filled in"))),
        ExprKind::Field(_) => (condition, Value::Flag(true)),
        _ => return None,
    })
    .filter(|(x, value): &(&Expr, Value)| !matches!((&x.kind, value), (ExprKind::Field(_), Value::Stage(_))))
}
