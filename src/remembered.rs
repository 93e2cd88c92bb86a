//! What was found out about short texts, for those that come again.
//!
//! A table of fixed size. Where texts hardly ever come again, as addresses do, it stops keeping them.

/// How many texts are kept, and at how many places one may be.
const TEXTS: usize = 2048;
const PLACES: usize = 4;

/// Texts that are longer are not kept.
const LONGEST: usize = 256;

/// Texts and what was found out about them.
pub struct Remembered<T> {
    kept: Vec<Kept<T>>,
    /// The bytes of kept texts that are too long for a signature, by place.
    long: Vec<Option<Box<[u8]>>>,
    asked: u64,
    missed: u64,
}

struct Kept<T> {
    signature: Signature,
    found: Option<T>,
}

/// Where a text would be.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    signature: Signature,
    at: usize,
}

/// The bytes of a text, if there are at most 24; of more, a hash.
#[derive(Debug, Clone, Copy)]
struct Signature {
    len: usize,
    words: [u64; 3],
}

impl Signature {
    /// No text has this one.
    const NONE: Signature = Signature { len: usize::MAX, words: [0; 3] };

    #[inline]
    fn of(bytes: &[u8]) -> Signature {
        let len = bytes.len();
        let word = |at: usize| bytes.get(at..).and_then(|b| b.first_chunk::<8>()).map_or(0, |b| u64::from_le_bytes(*b));
        let words = match len {
            // The words may overlap; together they hold all bytes.
            8..=24 => [word(0), word((len - 8).min(8)), word(len - 8)],
            4..=7 => {
                let half = |at: usize| {
                    bytes.get(at..).and_then(|b| b.first_chunk::<4>()).map_or(0, |b| u64::from(u32::from_le_bytes(*b)))
                };
                [0, 0, half(0) << 32 | half(len - 4)]
            }
            0..=3 => [0, 0, bytes.iter().fold(0, |word, &b| word << 8 | u64::from(b))],
            _ => [hash(bytes), 0, 0],
        };
        Signature { len, words }
    }

    #[inline]
    fn at(&self) -> usize {
        let [a, b, c] = self.words;
        let mixed = (a ^ b.rotate_left(23) ^ c.rotate_left(46) ^ self.len as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        (mixed >> 40) as usize & (TEXTS - 1)
    }

    /// Whether it is another. Word by word: these were just made, and are in registers.
    #[inline]
    fn is(&self, other: &Signature) -> bool {
        let [a, b, c] = self.words;
        let [x, y, z] = other.words;
        (a ^ x) | (b ^ y) | (c ^ z) | (self.len ^ other.len) as u64 == 0
    }

    /// Whether it holds all bytes.
    #[inline]
    fn is_whole(&self) -> bool {
        self.len <= 24
    }
}

impl<T> Default for Remembered<T> {
    /// Nothing so far.
    fn default() -> Remembered<T> {
        Remembered { kept: Vec::new(), long: Vec::new(), asked: 0, missed: 0 }
    }
}

impl<T> Remembered<T> {
    /// Where a text would be.
    #[inline]
    #[must_use]
    pub fn place(bytes: &[u8]) -> Place {
        let signature = Signature::of(bytes);
        Place { signature, at: signature.at() }
    }

    /// What was found out about a text.
    #[inline]
    pub fn get(&mut self, place: &Place, bytes: &[u8]) -> Option<&T> {
        self.asked += 1;
        let first = self.kept.get(place.at);
        let is_first = first.is_some_and(|f| f.signature.is(&place.signature)) && place.signature.is_whole();
        let at = if is_first { place.at } else { self.find(place, bytes)? };
        self.kept.get(at)?.found.as_ref()
    }

    #[inline(never)]
    fn find(&mut self, place: &Place, bytes: &[u8]) -> Option<usize> {
        let found = (place.at..place.at + PLACES).find(|&at| {
            let is_same = self.kept.get(at).is_some_and(|k| k.signature.is(&place.signature));
            is_same && (place.signature.is_whole() || self.long.get(at).is_some_and(|l| l.as_deref() == Some(bytes)))
        });
        self.missed += u64::from(found.is_none());
        found
    }

    /// Whether keeping more of these texts is likely to help.
    #[inline]
    #[must_use]
    pub fn is_worth_it(&self) -> bool {
        self.asked < 4096 || self.asked - self.missed > self.asked / 8
    }

    /// Keeps what was found out about a text that is not kept so far.
    pub fn keep(&mut self, place: &Place, bytes: &[u8], found: T) {
        if bytes.len() > LONGEST {
            return;
        }
        if self.kept.is_empty() {
            self.kept.resize_with(TEXTS + PLACES, || Kept { signature: Signature::NONE, found: None });
            self.long.resize(TEXTS + PLACES, None);
        }
        // Where all places are taken, the last one goes.
        let places = place.at..place.at + PLACES;
        let free = places.clone().find(|&at| self.kept.get(at).is_some_and(|k| k.found.is_none()));
        let at = free.unwrap_or(places.end - 1);
        if let (Some(kept), Some(long)) = (self.kept.get_mut(at), self.long.get_mut(at)) {
            *kept = Kept { signature: place.signature, found: Some(found) };
            *long = (!place.signature.is_whole()).then(|| bytes.into());
        }
    }
}

/// A hash of short texts: eight bytes at a time, folded.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_found_is_what_was_kept() {
        let mut remembered = Remembered::default();
        let texts: Vec<String> =
            (0..6000).map(|i| format!("{}{i}", "abcdefghijklmnopqrstuvwxyz".get(..i % 27).unwrap())).collect();
        for round in 0..3 {
            for text in &texts {
                let place = Remembered::<String>::place(text.as_bytes());
                match remembered.get(&place, text.as_bytes()) {
                    Some(found) => assert_eq!(found, text),
                    None => remembered.keep(&place, text.as_bytes(), text.clone()),
                }
                let found = remembered.get(&place, text.as_bytes());
                assert_eq!(found, Some(text), "{round}");
            }
        }
    }
}
