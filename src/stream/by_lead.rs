//! A few numbers for each lead, by its id.
//!
//! A flat table with open addressing, a slot a lead: what tells the id from others, and the numbers right behind it, so that
//! a record costs one wait for memory. An id of up to eight bytes is its own key; a longer one has its hash in the slot and
//! its text beside the table. Many ids are asked for together, so that the waits overlap.

use memmap2::MmapMut;
use prefetch_index::prefetch_index;

use super::hash;

/// A lead's numbers, by id.
#[derive(Debug)]
pub struct ByLead {
    words: Words,
    /// How many slots there are, less one: all bits of a place.
    mask: usize,
    /// The words of a slot: its head, and the numbers.
    stride: usize,
    width: usize,
    /// How many ids there are.
    len: usize,
    /// The texts of long ids, one after the other, and where that of each row begins and ends.
    texts: Vec<u8>,
    places: Vec<(usize, usize)>,
}

/// The words of a slot's head: two of the key, the row plus one, and the records with a bit for long ids.
const HEAD: usize = 4;
const LONG: u32 = 1 << 31;

/// The words of a line of the cache.
const LINE: usize = 16;

/// Words of memory, all 0 at first, that begin where a page does.
#[derive(Debug)]
enum Words {
    /// On large pages, where the system has them: the places are visited without any order, and with small pages the
    /// processor would look up most of them anew.
    Mapped(MmapMut),
    Plain(Vec<u32>),
}

impl Words {
    fn zeroed(len: usize) -> Words {
        match MmapMut::map_anon(len * 4) {
            Ok(map) if len > 0 => {
                #[cfg(target_os = "linux")]
                // It is a wish; small pages do as well.
                let _ = map.advise(memmap2::Advice::HugePage);
                Words::Mapped(map)
            }
            _ => Words::Plain(vec![0; len]),
        }
    }

    #[inline]
    fn get(&self) -> &[u32] {
        match self {
            Words::Mapped(map) => bytemuck::cast_slice(map),
            Words::Plain(words) => words,
        }
    }

    #[inline]
    fn get_mut(&mut self) -> &mut [u32] {
        match self {
            Words::Mapped(map) => bytemuck::cast_slice_mut(map),
            Words::Plain(words) => words,
        }
    }
}

/// An id on its way into the table.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Key {
    word: u64,
    home: u64,
    is_long: bool,
}

impl Key {
    /// The key of an id.
    #[inline(always)]
    #[must_use]
    pub fn of(id: &[u8]) -> Key {
        let len = id.len();
        let word = match len {
            8 => id.first_chunk::<8>().map_or(0, |w| u64::from_le_bytes(*w)),
            // The two halves may overlap.
            4..8 => {
                let half = |at: usize| id.get(at..).and_then(|b| b.first_chunk::<4>()).map_or(0, |w| u64::from(u32::from_le_bytes(*w)));
                half(0) | half(len - 4) << (8 * (len - 4))
            }
            _ if len < 4 => id.iter().rev().fold(0, |word, &b| word << 8 | u64::from(b)),
            _ => return Key::long(id),
        };
        // A zero at the end would not be seen.
        if len == 0 || word >> (8 * (len - 1)) != 0 { Key { word, home: mixed(word), is_long: false } } else { Key::long(id) }
    }

    fn long(id: &[u8]) -> Key {
        let word = hash(id);
        Key { word, home: mixed(word), is_long: true }
    }

    /// A word that tells this id from all others; of long ids, from as good as all.
    #[must_use]
    pub fn fingerprint(self) -> u64 {
        self.home ^ u64::from(self.is_long).wrapping_mul(0x5bd1_e995_9e37_79b9)
    }
}

/// A word with its bits spread; different words stay different.
#[inline]
fn mixed(word: u64) -> u64 {
    let h = (word ^ word >> 32).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let h = (h ^ h >> 29).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    h ^ h >> 32
}

/// The head of a slot.
struct Head {
    key: u64,
    row: u32,
    records: u32,
}

impl ByLead {
    /// No lead so far, and so many numbers for each; there is room for as many as are expected.
    #[must_use]
    pub fn new(width: usize, expected: usize) -> ByLead {
        // Slots that are no parts of a line are at least aligned to a quarter of one.
        let stride = if HEAD + width <= LINE / 2 { LINE / 2 } else { (HEAD + width).next_multiple_of(LINE / 4) };
        let mut by_lead = ByLead { words: Words::zeroed(0), mask: 0, stride, width, len: 0, texts: Vec::new(), places: Vec::new() };
        by_lead.room_for((expected * 8 / 5).next_power_of_two().max(1 << 11));
        by_lead
    }

    /// How many ids there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Makes room for so many more ids, so that all places stay as they are.
    #[inline]
    pub fn reserve(&mut self, more: usize) {
        if (self.len + more) * 8 > (self.mask + 1) * 5 {
            self.grow();
        }
    }

    #[cold]
    fn grow(&mut self) {
        let slots = self.mask + 1;
        let old = std::mem::replace(&mut self.words, Words::zeroed(0));
        self.room_for(slots * 2);
        for slot in old.get().chunks_exact(self.stride).take(slots) {
            let [low, high, row, ..] = *slot else { continue };
            if row == 0 {
                continue;
            }
            let mut at = self.home(mixed(u64::from(low) | u64::from(high) << 32));
            while self.head(at).is_some_and(|h| h.row != 0) {
                at = (at + 1) & self.mask;
            }
            if let Some(free) = self.slot_mut(at) {
                free.copy_from_slice(slot);
            }
        }
    }

    fn room_for(&mut self, slots: usize) {
        self.words = Words::zeroed(slots * self.stride);
        self.mask = slots - 1;
    }

    #[inline]
    fn home(&self, mixed: u64) -> usize {
        mixed as usize & self.mask
    }

    #[inline]
    fn start(&self, at: usize) -> usize {
        at * self.stride
    }

    #[inline]
    fn head(&self, at: usize) -> Option<Head> {
        let [low, high, row, records] = *self.words.get().get(self.start(at)..)?.first_chunk::<HEAD>()?;
        Some(Head { key: u64::from(low) | u64::from(high) << 32, row, records })
    }

    #[inline]
    fn slot_mut(&mut self, at: usize) -> Option<&mut [u32]> {
        let start = self.start(at);
        self.words.get_mut().get_mut(start..start + self.stride)
    }

    /// Asks memory for what looking up a key will need, without waiting for it.
    #[inline]
    pub fn fetch(&self, key: Key) {
        prefetch_index(self.words.get(), self.start(self.home(key.home)));
    }

    fn is_text(&self, row: u32, id: &[u8]) -> bool {
        self.places.get(row as usize).and_then(|&(from, to)| self.texts.get(from..to)) == Some(id)
    }

    #[inline]
    fn is(&self, head: &Head, key: Key, id: &[u8]) -> bool {
        head.key == key.word && (head.records & LONG != 0) == key.is_long && (!key.is_long || self.is_text(head.row - 1, id))
    }

    /// The place and the row of an id, where it has one.
    #[inline]
    #[must_use]
    pub fn find(&self, key: Key, id: &[u8]) -> Option<(usize, u32)> {
        let mut at = self.home(key.home);
        loop {
            let head = self.head(at)?;
            if head.row == 0 {
                return None;
            }
            if self.is(&head, key, id) {
                return Some((at, head.row - 1));
            }
            at = (at + 1) & self.mask;
        }
    }

    /// The place of an id, a new one where it has none; counts one more record of it. [`ByLead::reserve`] has made room.
    #[inline]
    pub fn count(&mut self, key: Key, id: &[u8]) -> usize {
        let mut at = self.home(key.home);
        while let Some(head) = self.head(at) {
            if head.row == 0 {
                self.insert(at, key, id);
                break;
            }
            if self.is(&head, key, id) {
                if let Some(records) = self.words.get_mut().get_mut(at * self.stride + 3) {
                    *records += 1;
                }
                break;
            }
            at = (at + 1) & self.mask;
        }
        at
    }

    fn insert(&mut self, at: usize, key: Key, id: &[u8]) {
        let row = self.len as u32;
        if let Some([low, high, plus_one, records, ..]) = self.slot_mut(at) {
            (*low, *high, *plus_one) = (key.word as u32, (key.word >> 32) as u32, row + 1);
            *records = 1 | if key.is_long { LONG } else { 0 };
        }
        if key.is_long {
            self.places.resize(self.len, (0, 0));
            self.places.push((self.texts.len(), self.texts.len() + id.len()));
            self.texts.extend_from_slice(id);
        }
        self.len += 1;
    }

    /// The row of an id at its place.
    #[must_use]
    pub fn row(&self, at: usize) -> u32 {
        self.head(at).map_or(0, |h| h.row.saturating_sub(1))
    }

    /// The numbers of a lead at its place.
    #[inline]
    #[must_use]
    pub fn numbers(&self, at: usize) -> &[u32] {
        let start = self.start(at) + HEAD;
        self.words.get().get(start..start + self.width).unwrap_or(&[])
    }

    /// The same, to change them.
    #[inline]
    pub fn numbers_mut(&mut self, at: usize) -> &mut [u32] {
        let start = self.start(at) + HEAD;
        self.words.get_mut().get_mut(start..start + self.width).unwrap_or(&mut [])
    }

    /// Every id with its row and the number of its records.
    pub fn all(&self) -> impl Iterator<Item = (impl Fn() -> String, u32, u64)> {
        let heads = (0..=self.mask).filter_map(|at| self.head(at)).filter(|head| head.row != 0);
        heads.map(move |head| {
            let row = head.row - 1;
            let text = move || if head.records & LONG != 0 {
                let place = self.places.get(row as usize).and_then(|&(from, to)| self.texts.get(from..to));
                String::from_utf8_lossy(place.unwrap_or(&[])).into_owned()
            } else {
                let bytes = head.key.to_le_bytes();
                let len = 8 - head.key.leading_zeros() as usize / 8;
                String::from_utf8_lossy(bytes.get(..len).unwrap_or(&[])).into_owned()
            };
            (text, row, u64::from(head.records & !LONG))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_id_has_its_own_row() {
        for width in [0, 3, 9] {
            let mut ids = ByLead::new(width, 0);
            let names: Vec<String> = (0..20_000).map(|i| if i % 3 == 0 { format!("a-rather-long-id-{i}") } else { format!("{i}") }).collect();
            for round in 1..=2 {
                for (i, name) in names.iter().enumerate() {
                    ids.reserve(1);
                    let at = ids.count(Key::of(name.as_bytes()), name.as_bytes());
                    assert_eq!(ids.row(at), i as u32);
                    if let Some(number) = ids.numbers_mut(at).last_mut() {
                        *number += i as u32;
                        assert_eq!(*number, round * i as u32);
                    }
                }
            }
            for (i, name) in names.iter().enumerate() {
                let (at, row) = ids.find(Key::of(name.as_bytes()), name.as_bytes()).unwrap();
                assert_eq!(row, i as u32);
                assert_eq!(ids.numbers(at).len(), width);
            }
            for other in ["", "x", "a\0", "a-rather-long-id-1"] {
                assert_eq!(ids.find(Key::of(other.as_bytes()), other.as_bytes()), None, "{other}");
            }
            let mut all: Vec<_> = ids.all().map(|(id, row, records)| (id(), row, records)).collect();
            all.sort_by_key(|(_, row, _)| *row);
            assert!(all.iter().zip(&names).all(|((id, _, records), name)| id == name && *records == 2));
        }
    }

    #[test]
    fn keys_tell_ids_apart() {
        let ids = ["", "\0", "\0\0", "a", "a\0", "\0a", "ab", "abc", "abcd", "abcde", "abcdef", "abcdefg", "abcdefgh", "abcdefgh\0", "abcd\0", "abcdefg", "abcdefg\0", "\0bcd"];
        for a in ids {
            for b in ids {
                assert_eq!(Key::of(a.as_bytes()) == Key::of(b.as_bytes()), a == b, "{a:?} {b:?}");
            }
        }
    }
}
