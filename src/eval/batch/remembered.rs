//! What was found out about cells, for the cells that come again.
//!
//! A table of fixed size, each place for the last cell that fell there. Where cells hardly ever come again, as addresses do,
//! it stops keeping them.

use super::facts::Bits;

const PLACES: usize = 2048;

/// Cells and what was found out about them.
pub(super) struct Remembered {
    places: Vec<Option<(Box<[u8]>, Bits)>>,
    asked: u32,
    found: u32,
}

impl Remembered {
    pub fn new() -> Remembered {
        Remembered { places: Vec::new(), asked: 0, found: 0 }
    }

    /// Where some bytes would be.
    #[inline]
    pub fn place(&mut self, bytes: &[u8]) -> usize {
        if self.places.is_empty() {
            self.places.resize_with(PLACES, || None);
        }
        (hash(bytes) >> 32) as usize & (PLACES - 1)
    }

    /// What was found out about these bytes.
    #[inline]
    pub fn get(&mut self, place: usize, bytes: &[u8]) -> Option<&Bits> {
        self.asked = self.asked.saturating_add(1);
        match self.places.get(place) {
            Some(Some((kept, bits))) if same(kept, bytes) => {
                self.found = self.found.saturating_add(1);
                Some(bits)
            }
            _ => None,
        }
    }

    /// Whether keeping more of these cells is likely to help.
    #[inline]
    pub fn is_worth_it(&self) -> bool {
        self.asked < 4096 || self.found > self.asked / 8
    }

    pub fn keep(&mut self, place: usize, bytes: &[u8], bits: Bits) {
        if bytes.len() <= 256 && let Some(slot) = self.places.get_mut(place) {
            *slot = Some((bytes.into(), bits));
        }
    }
}

/// A hash of short cells: eight bytes at a time, folded.
#[inline]
#[must_use]
pub fn hash(bytes: &[u8]) -> u64 {
    const K: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut state = (bytes.len() as u64).wrapping_mul(K);
    let mut rest = bytes;
    let fold = |state: u64, word: u64| {
        let product = u128::from(state ^ word) * u128::from(K | 1);
        (product as u64) ^ (product >> 64) as u64
    };
    while let Some((word, more)) = rest.split_first_chunk::<8>() {
        state = fold(state, u64::from_le_bytes(*word));
        rest = more;
    }
    let mut last = 0;
    for &b in rest {
        last = last << 8 | u64::from(b);
    }
    fold(state ^ K.rotate_left(17), last)
}

/// Whether two short texts are the same, eight bytes at a time.
#[inline]
#[must_use]
pub fn same(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    let (mut a, mut b) = (a, b);
    while let (Some((x, more_a)), Some((y, more_b))) = (a.split_first_chunk::<8>(), b.split_first_chunk::<8>()) {
        if x != y {
            return false;
        }
        (a, b) = (more_a, more_b);
    }
    a.iter().zip(b).all(|(x, y)| x == y)
}
