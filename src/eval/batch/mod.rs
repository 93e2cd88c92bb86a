//! Many leads at once: the same answers as the interpreter's, for 64 leads at a time.
//!
//! A model is compiled once to a [`Program`]. A [`Gatherer`] makes [`Facts`] of the cells of 64 leads, [`Kinds`] a row of
//! numbers of each lead's activity, and [`Program::answer`] the [`Answers`]: conditions are two words of 64 bits, in three
//! values, and connectives a few instructions. What has no shape in the program, such as sequences or rate limits, is asked
//! of the interpreter, for that one part and for those leads where it matters. A test holds the answers equal.

mod activity;
mod answers;
mod block;
mod decide;
mod facts;
mod lanes;
mod parts;
mod program;
mod scoring;
mod told;

use std::borrow::Cow;
use std::slice;

pub use activity::{EffectId, KindId, Kinds};
pub use answers::{Answers, TextOf};
pub use block::Whole;
pub use facts::{Facts, Gatherer, OfField};
pub use lanes::{Points, WIDTH};
pub use parts::{Known, Sums};
pub use program::{ModelOf, Program};

use prefetch_index::prefetch_index;

use super::{Interpreter, Outcome};
use crate::lead::Lead;
use crate::value::Value;

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
        let interpreter = Interpreter::new(program.model(), program.as_of);
        Batch { program, interpreter, gatherer: Gatherer::new(program), kinds: Kinds::new(program) }
    }

    /// The answers for at most [`WIDTH`] leads.
    pub fn answer(&mut self, leads: &[Lead]) -> Answers {
        let leads = leads.get(..WIDTH).unwrap_or(leads);
        self.gather(leads);
        let facts = self.gatherer.end(leads.len());
        self.program.answer(&self.interpreter, facts, &|lane| {
            leads.get(lane).map_or_else(|| Cow::Owned(Lead::default()), Cow::Borrowed)
        })
    }

    /// Reads what is asked of a block of leads.
    fn gather(&mut self, leads: &[Lead]) {
        fetch(leads);
        self.gatherer.begin();
        for field in 0..self.program.model.fields.len() {
            let Some(mut of) = self.gatherer.of(field) else { continue };
            for (lane, lead) in leads.iter().enumerate() {
                of.value(lane, lead.values.get(field).unwrap_or(&Value::Missing));
            }
        }
        for (lane, lead) in leads.iter().enumerate() {
            let row = self.gatherer.row(lane);
            for record in lead.activity.iter() {
                let kind = self.kinds.of(&self.interpreter, record);
                self.kinds.add(row, kind, record.at.instant().map(|at| at.0));
            }
        }
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

/// Asks memory for what reading leads needs, without waiting for it. The parts of a lead may lie anywhere, one known only from
/// the other; so the first parts of all leads are asked for, then the second ones.
fn fetch(leads: &[Lead]) {
    fn all<T>(of: &[T]) {
        (0..size_of_val(of)).step_by(64).for_each(|at| prefetch_index(of, at / size_of::<T>()));
    }
    for lead in leads {
        all(&lead.values);
        all(slice::from_ref(&*lead.activity));
    }
    let texts = |lead| {
        let lead: &Lead = lead;
        lead.values.iter().filter_map(|v| if let Value::Text(text) = v { Some(&**text) } else { None })
    };
    for lead in leads {
        texts(lead).for_each(|text| all(slice::from_ref(text)));
        all(&lead.activity);
    }
    leads.iter().flat_map(texts).for_each(|text| prefetch_index(text.written.as_bytes(), 0));
}
