//! The kinds of activity records, by the bytes of their cells.
//!
//! Owns the memory of what has been looked up, so that a record costs one look where its kind was seen before.

use crate::eval::Interpreter;
use crate::eval::batch::{EffectId, KindId, Kinds, Program};
use crate::lead;
use crate::remembered::Remembered;

/// Kinds by the bytes of their cells; none where they have no type.
pub struct KnownKinds<'p> {
    kinds: Kinds<'p>,
    known: Remembered<Option<KindId>>,
}

impl<'p> KnownKinds<'p> {
    /// None seen so far.
    #[must_use]
    pub fn new(program: &'p Program<'p>) -> KnownKinds<'p> {
        KnownKinds { kinds: Kinds::new(program), known: Remembered::default() }
    }

    /// The kind of a record whose cells have been seen before: these bytes.
    #[inline]
    pub fn known(&mut self, bytes: &[u8]) -> Option<Option<KindId>> {
        self.known.get(&Remembered::<Option<KindId>>::place(bytes), bytes).copied()
    }

    /// The kind of the record whose cells these bytes are; `record` makes it where it is new, none where it has no type.
    pub fn of(&mut self, bytes: &[u8], interpreter: &Interpreter<'_>, record: impl FnOnce() -> Option<lead::Activity>) -> Option<KindId> {
        let place = Remembered::<Option<KindId>>::place(bytes);
        if let Some(kind) = self.known.get(&place, bytes) {
            return *kind;
        }
        let kind = record().map(|record| self.kinds.of(interpreter, &record));
        self.known.keep(&place, bytes, kind);
        kind
    }

    /// The kind of a record.
    pub fn of_record(&mut self, interpreter: &Interpreter<'_>, record: &lead::Activity) -> KindId {
        self.kinds.of(interpreter, record)
    }

    /// The instants where steps begin, in order.
    #[must_use]
    pub fn steps(&self) -> &'p [i64] {
        self.kinds.steps()
    }

    /// The step of a record by its instant.
    #[must_use]
    pub fn step(&self, at: Option<i64>) -> u32 {
        self.kinds.step(at)
    }

    /// What a record of a kind does that lies in a step.
    #[inline]
    #[must_use]
    pub fn effect(&self, kind: KindId, step: u32) -> EffectId {
        self.kinds.effect(kind, step)
    }

    /// Adds what a record does to a lead's row; `at` is its instant.
    #[inline]
    pub fn apply(&self, row: &mut [u32], effect: EffectId, at: i64) {
        self.kinds.apply(row, effect, at);
    }

    /// Adds a record to a lead's row.
    #[inline]
    pub fn add(&self, row: &mut [u32], kind: KindId, at: Option<i64>) {
        self.kinds.add(row, kind, at);
    }

    /// A record of a kind that was given out, where the interpreter may ask for it.
    #[must_use]
    pub fn kept(&self, kind: KindId) -> Option<&lead::Activity> {
        self.kinds.kept(kind)
    }
}
