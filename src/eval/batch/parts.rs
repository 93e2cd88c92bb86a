//! Scores from single items: where leads would stand if items of points gave something else.
//!
//! For those who try out one change of points after the other: the items are worked out once, and of a block of leads only
//! sums and stages are worked out again.

use std::borrow::Cow;

use super::block::{Block, Whole};
use super::lanes::{PerLane, Points, WIDTH, each};
use super::scoring::Sum;
use super::{Batch, Facts, Program};
use crate::eval::Interpreter;
use crate::lead::Lead;
use crate::plan::Item;
use crate::value::Stage;

/// A block of leads of which all facts are known.
pub struct Known<'b> {
    program: &'b Program<'b>,
    interpreter: &'b Interpreter<'b>,
    facts: &'b Facts,
    leads: &'b [Lead],
}

/// By group, and behind all groups for what stands outside of them: what its items give a block of leads, before bounds and
/// resets. Of a group with `reset at`, which is one piece, its score.
pub type Sums = Vec<Points>;

impl Batch<'_> {
    /// Calls `f` with a block of at most [`WIDTH`] leads.
    pub fn known<T>(&mut self, leads: &[Lead], f: impl FnOnce(&Known<'_>) -> T) -> T {
        let leads = leads.get(..WIDTH).unwrap_or(leads);
        self.gather(leads);
        let facts = self.gatherer.end(leads.len());
        f(&Known { program: self.program, interpreter: &self.interpreter, facts, leads })
    }
}

impl Known<'_> {
    fn with<T>(&self, f: impl FnOnce(&mut Block<'_>) -> T) -> T {
        let whole: &Whole<'_> = &|lane| self.leads.get(lane).map_or_else(|| Cow::Owned(Lead::default()), Cow::Borrowed);
        f(&mut Block::new(self.program, self.interpreter, self.facts, whole))
    }

    /// What all items give, and the lanes of which that cannot be told.
    #[must_use]
    pub fn sums(&self) -> (Sums, u64) {
        self.with(|block| {
            let program = self.program;
            let groups = program.plan.groups.iter().map(|group| group.items.as_deref().ok());
            let mut add = |(i, items): (usize, Option<&[Item]>)| {
                let mut sum = Sum::NOTHING;
                match items {
                    None => block.aside_group(i, &mut sum),
                    Some(items) => items.iter().for_each(|item| {
                        let (lanes, points) = block.points_of(item);
                        each(lanes, |lane| sum.now[lane] += points[lane]);
                    }),
                }
                sum.now
            };
            let sums = groups.chain([Some(program.plan.loose.as_slice())]).enumerate().map(&mut add).collect();
            (sums, block.beyond)
        })
    }

    /// Calls `f` with what each item gives, if it gives any of these leads something: the group, or one more than there are
    /// for what stands outside of groups; the item's place in it; the points. Of groups with `reset at` nothing is told.
    /// Returns the lanes of which that cannot be told.
    pub fn items(&self, f: &mut dyn FnMut(usize, usize, &Points)) -> u64 {
        self.with(|block| {
            let groups = self.program.plan.groups.iter().map(|group| group.items.as_deref().unwrap_or_default());
            let all = groups.chain([self.program.plan.loose.as_slice()]);
            for (group, items) in all.enumerate() {
                for (at, item) in items.iter().enumerate() {
                    let (lanes, points) = block.points_of(item);
                    if lanes != 0 {
                        f(group, at, &points);
                    }
                }
            }
            block.beyond
        })
    }

    /// The stages where these are the sums; and the lanes of which that cannot be told.
    #[must_use]
    pub fn stages(&self, sums: &Sums) -> (PerLane<Stage>, u64) {
        self.with(|block| {
            block.stand(sums);
            (block.out.stage, block.beyond)
        })
    }
}

impl Block<'_> {
    /// Where the leads stand, their items giving these sums.
    fn stand(&mut self, sums: &Sums) {
        self.exclude();
        let program = self.program;
        let mut sum = Sum::NOTHING;
        for (i, (plan, group)) in program.plan.groups.iter().zip(&program.model.groups).enumerate() {
            let mut of_group = Sum::NOTHING;
            of_group.now = sums.get(i).copied().unwrap_or(PerLane::all(0));
            if plan.items.is_ok() {
                self.bound_group(i, plan, group, &mut of_group);
            }
            self.add_group(of_group, &mut sum);
        }
        if let Some(loose) = sums.get(program.plan.groups.len()) {
            sum.now.iter_mut().zip(loose.iter()).for_each(|(sum, given)| *sum += given);
        }
        self.whole_score(sum);
        if program.plan.asks_for_labels {
            self.labels(false);
        }
        self.stage();
    }
}
