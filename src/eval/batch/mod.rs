//! Many leads at once: the same answers as the interpreter's, for 64 leads at a time.
//!
//! A model is compiled once to a [`Program`]. A [`Gatherer`] makes [`Facts`] of the cells of 64 leads, [`Kinds`] a row of
//! numbers of each lead's activity, and [`Program::answer`] the [`Answers`]: conditions are two words of 64 bits, in three
//! values, and connectives a few instructions. What has no shape in the program, such as sequences or rate limits, is asked
//! of the interpreter, for that one part and for those leads where it matters. A test holds the answers equal.

mod activity;
mod answers;
mod block;
mod compile;
mod compile_scoring;
mod decide;
mod deps;
mod facts;
mod lanes;
mod program;
mod remembered;
mod scoring;
mod told;

use std::borrow::Cow;

pub use activity::{EffectId, KindId, Kinds};
pub use answers::{Answers, TextOf};
pub use block::Whole;
pub use facts::{Facts, Gatherer, OfField};
pub use lanes::WIDTH;
pub use program::Program;
pub use remembered::{Remembered, hash};

use super::{Interpreter, Outcome};
use crate::lead::Lead;

/// Evaluates leads that have been read, block by block. One for each thread.
pub struct Batch<'p> {
    program: &'p Program<'p>,
    interpreter: Interpreter<'p>,
    gatherer: Gatherer<'p>,
    kinds: Kinds<'p>,
}

impl<'p> Batch<'p> {
    /// For one program.
    #[must_use]
    pub fn new(program: &'p Program<'p>) -> Batch<'p> {
        let interpreter = Interpreter::new(program.model, program.as_of);
        Batch { program, interpreter, gatherer: Gatherer::new(program), kinds: Kinds::new(program) }
    }

    /// The answers for at most [`WIDTH`] leads.
    pub fn answer(&mut self, leads: &[Lead]) -> Answers {
        self.gatherer.begin();
        for (lane, lead) in leads.iter().take(WIDTH).enumerate() {
            for (field, value) in lead.values.iter().enumerate() {
                self.gatherer.value(lane, field, value);
            }
            for record in lead.activity.iter() {
                let kind = self.kinds.of(&self.interpreter, record);
                self.kinds.add(self.gatherer.row(lane), kind, record.at.instant().map(|at| at.0));
            }
        }
        let facts = self.gatherer.end(leads.len().min(WIDTH));
        self.program.answer(&self.interpreter, facts, &|lane| leads.get(lane).map_or_else(|| Cow::Owned(Lead::default()), Cow::Borrowed))
    }

    /// The outcomes of any number of leads, in their order.
    pub fn outcomes(&mut self, leads: &[Lead]) -> Vec<Outcome> {
        let mut out = Vec::with_capacity(leads.len());
        for block in leads.chunks(WIDTH) {
            let answers = self.answer(block);
            out.extend((0..block.len()).map(|lane| answers.outcome(self.program, lane)));
        }
        out
    }
}
