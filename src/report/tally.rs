//! Counts of many leads: everything by number, so that nothing is copied for a lead and two counts can be joined.
//!
//! Owns the counting. A count is fed by outcomes, or by the columns of the batch engine; counts of two parts of a file, joined in
//! their order, are the count of the whole.

use std::collections::{BTreeMap, HashMap};

use super::axes::{Axes, Fit, Intent};
use crate::eval::batch::{Answers, Program};
use crate::eval::{FiredKind, Outcome};
use crate::model::{FieldId, LineId, Model};
use crate::value::Stage;

/// How many leads are named as worth asking first.
const NAMED: usize = 10;

/// Scores from here on, so many of them, are counted in a row; the few others by name.
const LEAST: i64 = -1_000;
const IN_A_ROW: usize = 5_000;

/// What is known of a lead beside its answer.
#[derive(Debug, Clone, Copy, Default)]
pub struct Beside<'a> {
    /// Its id.
    pub id: &'a str,
    /// What the field that leads are told apart by says; none where it is blank.
    pub by: Option<&'a str>,
    /// Whether it fits the profile that stands for fit, where [`Axes::profile`] names one.
    pub fits: Option<bool>,
}

/// A count of leads.
#[derive(Debug, Clone)]
pub struct Tally {
    axes: Axes,
    /// Leads that have an answer.
    pub leads: u64,
    /// Rows that could not be read.
    pub errors: u64,
    /// Leads by place, see [`Tally::place`].
    pub(super) stages: Vec<u64>,
    /// Leads that could be higher than they are, by what they could be.
    pub(super) could_be: Vec<u64>,
    pub(super) scores: Scores,
    /// By the order of the lines of the model.
    pub(super) lines: Vec<LineTally>,
    /// By field.
    pub(super) fields: Vec<FieldTally>,
    /// By label: each text, and how often it is none.
    pub(super) labels: Vec<(HashMap<Box<str>, u64>, u64)>,
    pub(super) by: Values,
    /// Leads on the ladder by fit and intent: whole points of a group, the stage, or whether a profile fits: 0 yes, 1 not known, 2 no.
    pub(super) pairs: HashMap<(i32, i32), u64>,
    /// The leads that are worth asking first.
    pub(super) worth_asking: Vec<Worth>,
}

/// What became of a line of the model.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct LineTally {
    pub leads: u64,
    pub points: i128,
}

/// What a field that is not known costs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct FieldTally {
    /// Leads of which it is not known, and where that matters.
    pub matters: u64,
    /// Those that could be higher, by what they could be.
    pub could_be: Vec<u64>,
    /// Those of which nothing else is missing.
    pub alone: u64,
}

/// A lead that could be higher.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Worth {
    /// Which of all leads.
    pub number: u64,
    pub id: String,
    pub stage: Stage,
    pub could_be: usize,
    pub score: i128,
    pub missing: Vec<FieldId>,
}

impl Tally {
    /// Nothing counted yet.
    #[must_use]
    pub fn new(model: &Model, axes: Axes) -> Tally {
        let places = model.ladder.stages.len() + 2;
        Tally {
            axes,
            leads: 0,
            errors: 0,
            stages: vec![0; places],
            could_be: vec![0; places],
            scores: Scores::default(),
            lines: vec![LineTally::default(); model.lines.len()],
            fields: vec![FieldTally { could_be: vec![0; places], ..FieldTally::default() }; model.fields.len()],
            labels: vec![(HashMap::new(), 0); model.labels.len()],
            by: Values::default(),
            pairs: HashMap::new(),
            worth_asking: Vec::new(),
        }
    }

    /// What stands for fit and intent.
    #[must_use]
    pub fn axes(&self) -> Axes {
        self.axes
    }

    /// Where a stage is counted: its place on the ladder; behind it those disqualified, then those excluded.
    fn place(&self, stage: Stage) -> usize {
        match stage {
            Stage::Rank(rank) => rank.min(self.stages.len().saturating_sub(3)),
            Stage::Disqualified => self.stages.len() - 2,
            Stage::Excluded => self.stages.len() - 1,
        }
    }

    /// Counts a row that could not be read.
    pub fn error(&mut self) {
        self.errors += 1;
    }

    /// Counts a lead by its outcome.
    pub fn add(&mut self, outcome: &Outcome, beside: &Beside<'_>) {
        for fired in &outcome.fired {
            self.fired(fired.line, fired.kind, fired.points);
        }
        if outcome.score.is_some() {
            outcome.labels.iter().enumerate().for_each(|(l, text)| self.label(l, text.as_deref()));
        }
        let group = |g: usize| outcome.groups.get(g).copied();
        self.lead(beside, outcome.stage, outcome.could_be, outcome.score, &group, &outcome.missing);
    }

    /// Counts a lead of a block.
    pub fn add_lane(&mut self, program: &Program<'_>, answers: &Answers, lane: usize, beside: &Beside<'_>) {
        answers.each_fired(program, lane, |fired| self.fired(fired.line, fired.kind, fired.points));
        let score = answers.score_of(lane);
        if score.is_some() {
            (0..self.labels.len()).for_each(|l| self.label(l, answers.label_of(program, l, lane)));
        }
        let group = |g: usize| answers.group_of(g, lane);
        self.lead(beside, answers.stage_of(lane), answers.could_be_of(lane), score, &group, &answers.missing_of(lane));
    }

    /// Counts what a line did.
    fn fired(&mut self, line: LineId, kind: FiredKind, points: Option<i128>) {
        if let Some(line) = self.lines.get_mut(line.0) {
            line.leads += 1;
            if kind.changes_points() {
                line.points += points.unwrap_or(0);
            }
        }
    }

    fn label(&mut self, label: usize, text: Option<&str>) {
        let Some((texts, none)) = self.labels.get_mut(label) else { return };
        match text {
            None => *none += 1,
            Some(text) => match texts.get_mut(text) {
                Some(count) => *count += 1,
                None => drop(texts.insert(text.into(), 1)),
            },
        }
    }

    /// Counts what a lead is, could be and lacks.
    fn lead(
        &mut self,
        beside: &Beside<'_>,
        stage: Stage,
        could_be: Stage,
        score: Option<i128>,
        group: &dyn Fn(usize) -> Option<i128>,
        missing: &[FieldId],
    ) {
        let number = self.leads;
        self.leads += 1;
        let place = self.place(stage);
        self.stages[place] += 1;
        self.by.add(beside.by, place, self.stages.len());
        let (Stage::Rank(rank), Some(score)) = (stage, score) else { return };
        self.scores.add(score);
        self.pair(rank, group, beside.fits);
        let higher = match could_be {
            Stage::Rank(could) if could > rank => Some(could),
            _ => None,
        };
        for field in missing {
            let Some(tally) = self.fields.get_mut(field.0) else { continue };
            tally.matters += 1;
            if let Some(count) = higher.and_then(|h| tally.could_be.get_mut(h)) {
                *count += 1;
                tally.alone += u64::from(missing.len() == 1);
            }
        }
        let Some(higher) = higher else { return };
        self.could_be[higher] += 1;
        let key = (higher, score);
        if self.worth_asking.len() < NAMED
            || self.worth_asking.last().is_some_and(|last| key > (last.could_be, last.score))
        {
            let worth =
                Worth { number, id: beside.id.to_owned(), stage, could_be: higher, score, missing: missing.to_vec() };
            self.worth_asking.push(worth);
            self.settle();
        }
    }

    /// The most worth first, of equals the first in the file.
    fn settle(&mut self) {
        self.worth_asking.sort_by_key(|w| (std::cmp::Reverse((w.could_be, w.score)), w.number));
        self.worth_asking.truncate(NAMED);
    }

    fn pair(&mut self, rank: usize, group: &dyn Fn(usize) -> Option<i128>, fits: Option<bool>) {
        let whole = |points: i128| {
            i32::try_from(points.div_euclid(10_000)).unwrap_or(if points < 0 { i32::MIN } else { i32::MAX })
        };
        let of = |g: usize| group(g).map_or(0, whole);
        let rank = i32::try_from(rank).unwrap_or(i32::MAX);
        let intent = match self.axes.intent {
            Intent::Group(g) => of(g),
            Intent::Stage => rank,
        };
        let fit = match (self.axes.fit, fits) {
            (None, _) => return,
            (Some(Fit::Group(g)), _) => of(g),
            (Some(Fit::Profile(_)), Some(true)) => 0,
            (Some(Fit::Profile(_)), None) => 1,
            (Some(Fit::Profile(_)), Some(false)) => 2,
        };
        *self.pairs.entry((fit, intent)).or_default() += 1;
    }

    /// Adds the count of the leads that come behind these. Both are of one model.
    pub fn merge(&mut self, other: Tally) {
        let before = self.leads;
        self.leads += other.leads;
        self.errors += other.errors;
        add_all(&mut self.stages, &other.stages);
        add_all(&mut self.could_be, &other.could_be);
        self.scores.merge(other.scores);
        if self.lines.len() < other.lines.len() {
            self.lines.resize(other.lines.len(), LineTally::default());
        }
        for (line, theirs) in self.lines.iter_mut().zip(&other.lines) {
            line.leads += theirs.leads;
            line.points += theirs.points;
        }
        for (field, theirs) in self.fields.iter_mut().zip(&other.fields) {
            field.matters += theirs.matters;
            field.alone += theirs.alone;
            add_all(&mut field.could_be, &theirs.could_be);
        }
        for ((texts, none), (theirs, their_none)) in self.labels.iter_mut().zip(other.labels) {
            *none += their_none;
            theirs.into_iter().for_each(|(text, count)| *texts.entry(text).or_default() += count);
        }
        self.by.merge(other.by);
        other.pairs.into_iter().for_each(|(pair, count)| *self.pairs.entry(pair).or_default() += count);
        self.worth_asking.extend(other.worth_asking.into_iter().map(|w| Worth { number: w.number + before, ..w }));
        self.settle();
    }
}

fn add_all(ours: &mut [u64], theirs: &[u64]) {
    ours.iter_mut().zip(theirs).for_each(|(a, b)| *a += b);
}

/// Scores by whole points.
#[derive(Debug, Clone, Default)]
pub(super) struct Scores {
    pub leads: u64,
    pub sum: i128,
    pub low: Option<i128>,
    pub high: Option<i128>,
    in_a_row: Vec<u64>,
    others: BTreeMap<i64, u64>,
}

impl Scores {
    fn add(&mut self, score: i128) {
        self.leads += 1;
        self.sum += score;
        self.low = Some(self.low.map_or(score, |low| low.min(score)));
        self.high = Some(self.high.map_or(score, |high| high.max(score)));
        let limit = i128::from(i64::MAX / 4);
        let whole = i64::try_from(score.div_euclid(10_000).clamp(-limit, limit)).unwrap_or(0);
        if self.in_a_row.is_empty() {
            self.in_a_row = vec![0; IN_A_ROW];
        }
        match usize::try_from(whole - LEAST).ok().and_then(|at| self.in_a_row.get_mut(at)) {
            Some(count) => *count += 1,
            None => *self.others.entry(whole).or_default() += 1,
        }
    }

    fn merge(&mut self, other: Scores) {
        self.leads += other.leads;
        self.sum += other.sum;
        self.low = self.low.into_iter().chain(other.low).min();
        self.high = self.high.into_iter().chain(other.high).max();
        if self.in_a_row.is_empty() {
            self.in_a_row = other.in_a_row;
        } else {
            add_all(&mut self.in_a_row, &other.in_a_row);
        }
        other.others.into_iter().for_each(|(whole, count)| *self.others.entry(whole).or_default() += count);
    }

    /// Whole points and how many leads have them, from low to high.
    pub fn each(&self) -> impl Iterator<Item = (i64, u64)> {
        let below = self.others.range(..LEAST).map(|(w, n)| (*w, *n));
        let row = self.in_a_row.iter().enumerate().filter(|(_, n)| **n > 0).map(|(at, n)| (LEAST + at as i64, *n));
        below.chain(row).chain(self.others.range(LEAST..).map(|(w, n)| (*w, *n)))
    }
}

/// Leads by what a field says: each value in the way in which it was first written, the case aside.
#[derive(Debug, Clone, Default)]
pub(super) struct Values {
    written: HashMap<Box<str>, usize>,
    folded: HashMap<String, usize>,
    /// Each value with its leads by place.
    pub values: Vec<(String, Vec<u64>)>,
    /// The leads where it is blank.
    pub blank: Vec<u64>,
}

impl Values {
    fn add(&mut self, value: Option<&str>, place: usize, places: usize) {
        let counts = match value.map(crate::text::trim).filter(|v| !v.is_empty()) {
            None => {
                self.blank.resize(places, 0);
                Some(&mut self.blank)
            }
            Some(value) => {
                let at = self.written.get(value).copied().unwrap_or_else(|| self.know(value, places));
                self.values.get_mut(at).map(|(_, counts)| counts)
            }
        };
        if let Some(count) = counts.and_then(|c| c.get_mut(place)) {
            *count += 1;
        }
    }

    fn know(&mut self, value: &str, places: usize) -> usize {
        let next = self.values.len();
        let at = *self.folded.entry(crate::text::fold(value).into_owned()).or_insert(next);
        if at == next {
            self.values.push((value.to_owned(), vec![0; places]));
        }
        self.written.insert(value.into(), at);
        at
    }

    fn merge(&mut self, other: Values) {
        self.blank.resize(self.blank.len().max(other.blank.len()), 0);
        add_all(&mut self.blank, &other.blank);
        for (value, counts) in other.values {
            let at = self.written.get(value.as_str()).copied().unwrap_or_else(|| self.know(&value, counts.len()));
            if let Some((_, ours)) = self.values.get_mut(at) {
                add_all(ours, &counts);
            }
        }
    }
}
