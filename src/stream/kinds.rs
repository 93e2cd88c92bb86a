//! The kinds of activity records, by the bytes of their cells.
//!
//! Owns the memory of what has been looked up, so that a record costs one look where its kind was seen before.

use crate::eval::Interpreter;
use crate::eval::batch::{Kind, KindId, Kinds, Program, hash, same};
use crate::lead;

/// How many kinds of records one thread finds without asking anew.
const KNOWN: usize = 4096;

/// Kinds by the bytes of their cells.
pub struct KnownKinds<'p> {
    kinds: Kinds<'p>,
    known: Vec<Option<Known>>,
}

/// A kind by the bytes of its cells; none where they have no type.
struct Known {
    hash: u64,
    bytes: Box<[u8]>,
    kind: Option<KindId>,
}

impl<'p> KnownKinds<'p> {
    /// None seen so far.
    #[must_use]
    pub fn new(program: &'p Program<'p>) -> KnownKinds<'p> {
        let mut known = Vec::new();
        known.resize_with(KNOWN, || None);
        KnownKinds { kinds: Kinds::new(program), known }
    }

    /// The kind of the record whose cells these bytes are; `record` makes it where it is new, none where it has no type.
    #[inline]
    pub fn of(&mut self, bytes: &[u8], interpreter: &Interpreter<'_>, record: impl FnOnce() -> Option<lead::Activity>) -> Option<KindId> {
        let hash = hash(bytes);
        let place = (hash >> 20) as usize & (KNOWN - 1);
        if let Some(Some(known)) = self.known.get(place)
            && known.hash == hash
            && same(&known.bytes, bytes)
        {
            return known.kind;
        }
        let kind = record().map(|record| self.kinds.of(interpreter, &record));
        if let Some(slot) = self.known.get_mut(place) {
            *slot = Some(Known { hash, bytes: bytes.into(), kind });
        }
        kind
    }

    /// The kind of a record.
    pub fn of_record(&mut self, interpreter: &Interpreter<'_>, record: &lead::Activity) -> KindId {
        self.kinds.of(interpreter, record)
    }

    /// Adds a record to a lead's row.
    #[inline]
    pub fn add(&self, row: &mut [u32], kind: KindId, at: Option<i64>) {
        self.kinds.add(row, kind, at);
    }

    /// A kind that was given out.
    #[must_use]
    pub fn get(&self, kind: KindId) -> Option<&Kind> {
        self.kinds.get(kind)
    }
}
