//! What the changes do to leads: who stands where before and after. Which change moved whom is found out in `ways`.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use super::{Comparison, attribute};
use crate::bind::Binding;
use crate::eval::batch::{Answers, Batch, Program, WIDTH};
use crate::eval::stage_name;
use crate::lead::{Activity, Lead};
use crate::time::Instant;
use crate::value::{Raw, Stage};

/// A lead as it is read, before any model looks at it.
#[derive(Debug, Clone)]
pub struct Row {
    /// Its id.
    pub id: String,
    /// Its cells, in the order of the columns.
    pub cells: Vec<Raw>,
    /// Its activity.
    pub activity: Arc<Vec<Activity>>,
}

/// How a lead stands under one model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The stage, by the name that it has in the new model.
    pub stage: String,
    /// The score; none of an excluded lead.
    pub score: Option<i128>,
}

/// A lead that moves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mover {
    /// Its id.
    pub id: String,
    /// How it stood.
    pub before: Standing,
    /// How it stands.
    pub after: Standing,
    /// The changes that moved it, in the order in which they are made.
    pub moved_by: Vec<usize>,
}

/// What the changes do to leads.
#[derive(Debug, Clone, Default)]
pub struct Effects {
    /// How many leads there are.
    pub leads: u64,
    /// How many stood and stand at which stages, by their places in `stages`.
    pub matrix: BTreeMap<(usize, usize), u64>,
    /// All stages of both models, the highest first, then disqualified and excluded.
    pub stages: Vec<String>,
    /// By how much scores changed, of those that did; sorted when all are counted.
    pub score_moves: Vec<i128>,
    /// How many leads get another text of a label that both models have; by the label.
    pub labels: Vec<(String, u64)>,
    /// How many leads get other reviews.
    pub reviews: u64,
    /// Who moves.
    pub movers: Vec<Mover>,
}

/// What is compared of a lead's answer under one of the two models.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    stage: Stage,
    /// The score; none of an excluded lead.
    score: Option<i64>,
    /// A hash of the text of each label that both models have, and one of all reviews.
    labels: Box<[u64]>,
    reviews: u64,
}

/// One of the two models, with what answers of both are compared by.
pub struct OneSide<'m> {
    /// The model, ready for many leads.
    pub program: Program<'m>,
    labels: Vec<usize>,
}

impl OneSide<'_> {
    /// What is compared of one lead's answer.
    #[must_use]
    pub fn answer(&self, answers: &Answers, lane: usize) -> Answer {
        Answer {
            stage: answers.stage_of(lane),
            score: answers
                .score_of(lane)
                .map(|score| i64::try_from(score).unwrap_or(if score < 0 { i64::MIN } else { i64::MAX })),
            labels: self.labels.iter().map(|&label| hash(&answers.label_of(&self.program, label, lane))).collect(),
            reviews: hash(&answers.reviews_of(&self.program, lane)),
        }
    }
}

impl OneSide<'_> {
    /// What is compared of the answers of these leads.
    fn answers(&self, keys: &[String], rows: &[Row]) -> Vec<Answer> {
        let binding = Binding::new(self.program.model(), keys);
        let (mut batch, mut reader) = (Batch::new(&self.program), binding.reader());
        let mut out = Vec::with_capacity(rows.len());
        for block in rows.chunks(WIDTH) {
            let leads: Vec<Lead> =
                block.iter().map(|row| reader.lead(row.id.clone(), &row.cells, Arc::clone(&row.activity))).collect();
            let answers = batch.answer(&leads);
            out.extend((0..leads.len()).map(|lane| self.answer(&answers, lane)));
        }
        out
    }
}

fn hash(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

impl<'v> Comparison<'v> {
    /// Both models, ready for many leads.
    #[must_use]
    pub fn sides(&self, as_of: Instant) -> [OneSide<'_>; 2] {
        let (old, new) = (&self.old.model, &self.new.model);
        let (olds, news) = self.labels().into_iter().unzip();
        let side = |model, labels| OneSide { program: Program::compile(model, as_of).without_possible(), labels };
        [side(old, olds), side(new, news)]
    }

    /// The labels that both models have.
    fn labels(&self) -> Vec<(usize, usize)> {
        let (old, new) = (&self.old.model.labels, &self.new.model.labels);
        let there = |name: &str| new.iter().position(|l| l.name.eq_ignore_ascii_case(self.label_now(name)));
        old.iter().enumerate().filter_map(|(o, label)| Some((o, there(&label.name)?))).collect()
    }
}

impl Effects {
    /// Nothing counted so far.
    #[must_use]
    pub fn new(comparison: &Comparison<'_>) -> Effects {
        let name =
            |(_, n): (usize, usize)| comparison.new.model.labels.get(n).map_or(String::new(), |l| l.name.clone());
        let labels = comparison.labels().into_iter().map(|both| (name(both), 0)).collect();
        Effects { stages: stages(comparison), labels, ..Effects::default() }
    }

    /// Counts one lead; how it stood and stands, where it moves.
    pub fn count(
        &mut self,
        comparison: &Comparison<'_>,
        before: &Answer,
        after: &Answer,
    ) -> Option<(Standing, Standing)> {
        self.leads += 1;
        for (((_, count), a), b) in self.labels.iter_mut().zip(&before.labels).zip(&after.labels) {
            *count += u64::from(a != b);
        }
        self.reviews += u64::from(before.reviews != after.reviews);
        if let (Some(a), Some(b)) = (before.score, after.score)
            && a != b
        {
            self.score_moves.push(i128::from(b) - i128::from(a));
        }
        let was = comparison.stage_now(stage_name(&comparison.old.model, before.stage));
        let is = stage_name(&comparison.new.model, after.stage);
        let place = |stage: &str| self.stages.iter().position(|s| s == stage).unwrap_or(self.stages.len());
        *self.matrix.entry((place(was), place(is))).or_default() += 1;
        let standing =
            |stage: &str, score: Option<i64>| Standing { stage: stage.to_owned(), score: score.map(i128::from) };
        (was != is).then(|| (standing(was, before.score), standing(is, after.score)))
    }

    /// Ends the count: these are the leads that move, and as they are read.
    pub fn moved(
        &mut self,
        comparison: &Comparison<'_>,
        as_of: Instant,
        keys: &[String],
        movers: Vec<Mover>,
        rows: &[Row],
    ) {
        self.score_moves.sort_unstable();
        self.movers = movers;
        for (mover, moved_by) in self.movers.iter_mut().zip(attribute(comparison, as_of, keys, rows)) {
            mover.moved_by = moved_by;
        }
    }

    /// The effects of changes on leads that are all there.
    #[must_use]
    pub fn of(comparison: &Comparison<'_>, as_of: Instant, keys: &[String], rows: Vec<Row>) -> Effects {
        let mut effects = Effects::new(comparison);
        let [old, new] = comparison.sides(as_of);
        let (befores, afters) = (old.answers(keys, &rows), new.answers(keys, &rows));
        let (mut movers, mut moved) = (Vec::new(), Vec::new());
        for ((row, a), b) in rows.into_iter().zip(befores).zip(afters) {
            if let Some((before, after)) = effects.count(comparison, &a, &b) {
                movers.push(Mover { id: row.id.clone(), before, after, moved_by: Vec::new() });
                moved.push(row);
            }
        }
        effects.moved(comparison, as_of, keys, movers, &moved);
        effects
    }

    /// How many move up the ladder, and how many down or out of it.
    #[must_use]
    pub fn up_and_down(&self) -> (u64, u64) {
        let sum =
            |f: &dyn Fn(usize, usize) -> bool| self.matrix.iter().filter(|((a, b), _)| f(*a, *b)).map(|(_, n)| n).sum();
        (sum(&|a, b| b < a), sum(&|a, b| b > a))
    }

    /// The middle one of the changes of scores, and the one of the largest size.
    #[must_use]
    pub fn median_and_largest(&self) -> Option<(i128, i128)> {
        let median = self.score_moves.get(self.score_moves.len() / 2)?;
        let largest = self.score_moves.iter().max_by_key(|m| m.unsigned_abs())?;
        Some((*median, *largest))
    }
}

/// The stages of both models, the highest first; those of the old ladder alone stand above the one below them.
fn stages(comparison: &Comparison<'_>) -> Vec<String> {
    let mut ladder: Vec<String> = comparison.new.model.ladder.stages.clone();
    let mut behind = 0;
    for stage in &comparison.old.model.ladder.stages {
        let name = comparison.stage_now(stage);
        match ladder.iter().position(|s| s == name) {
            Some(at) => behind = at + 1,
            None => {
                ladder.insert(behind.min(ladder.len()), name.to_owned());
                behind += 1;
            }
        }
    }
    ladder.reverse();
    ladder.extend(["disqualified".to_owned(), "excluded".to_owned()]);
    ladder
}
