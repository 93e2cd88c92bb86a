//! The kinds of activity records, by the bytes of their cells.
//!
//! Owns the memory of what has been looked up, so that a record costs one look where its kind was seen before.

use crate::eval::Interpreter;
use crate::eval::batch::{KindId, Kinds, Program};
use crate::lead;
use crate::remembered::Remembered;

/// Kinds by the bytes of their cells; none where they have no type.
pub struct KnownKinds<'p> {
    /// All kinds, by what they mean.
    pub kinds: Kinds<'p>,
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
    pub fn of(
        &mut self,
        bytes: &[u8],
        interpreter: &Interpreter<'_>,
        record: impl FnOnce() -> Option<lead::Activity>,
    ) -> Option<KindId> {
        let place = Remembered::<Option<KindId>>::place(bytes);
        if let Some(kind) = self.known.get(&place, bytes) {
            return *kind;
        }
        let kind = record().map(|record| self.kinds.of(interpreter, &record));
        self.known.keep(&place, bytes, kind);
        kind
    }
}
