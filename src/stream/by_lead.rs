//! A few numbers for each lead, by its id.
//!
//! A flat table with open addressing, a slot a lead: what tells the id from others, and the numbers right behind it, so that
//! a record costs one wait for memory. An id of up to eight bytes is its own key; a longer one has a part of its hash in the
//! slot, and its text beside the table. Many ids are asked for together, so that the waits overlap.

use memmap2::MmapMut;
use prefetch_index::prefetch_index;

use crate::remembered::hash;

/// A lead's numbers, by id.
#[derive(Debug)]
pub struct ByLead {
    words: Words,
    slots: usize,
    /// The words of a slot: its head, and the numbers.
    stride: usize,
    /// How many ids there are.
    len: usize,
    long: LongIds,
}

/// The texts of long ids, one after the other, and where each begins and ends.
#[derive(Debug, Default)]
struct LongIds {
    texts: Vec<u8>,
    places: Vec<(usize, usize)>,
}

impl LongIds {
    fn get(&self, at: u32) -> &[u8] {
        self.places.get(at as usize).and_then(|&(from, to)| self.texts.get(from..to)).unwrap_or(&[])
    }

    fn add(&mut self, id: &[u8]) -> u32 {
        self.places.push((self.texts.len(), self.texts.len() + id.len()));
        self.texts.extend_from_slice(id);
        (self.places.len() - 1) as u32
    }
}

/// The words of a slot's head: two of the key, and the records with a bit for long ids. The key of a long id is a part of
/// its hash, and which of the long ids it is.
const HEAD: usize = 3;
const LONG: u32 = 1 << 31;

/// Words of memory, all 0 at first.
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

/// An id of at most 8 bytes as one word, its first byte the lowest.
#[inline(always)]
pub(super) fn short_word(id: &[u8]) -> Option<u64> {
    let len = id.len();
    match len {
        8 => id.first_chunk::<8>().map(|w| u64::from_le_bytes(*w)),
        // The two halves may overlap.
        4..8 => {
            let half = |at: usize| {
                id.get(at..).and_then(|b| b.first_chunk::<4>()).map_or(0, |w| u64::from(u32::from_le_bytes(*w)))
            };
            Some(half(0) | half(len - 4) << (8 * (len - 4)))
        }
        _ if len < 4 => Some(id.iter().rev().fold(0, |word, &b| word << 8 | u64::from(b))),
        _ => None,
    }
}

impl Key {
    /// The key of an id.
    #[inline(always)]
    #[must_use]
    pub fn of(id: &[u8]) -> Key {
        match short_word(id) {
            // A zero at the end would not be seen.
            Some(word) if id.is_empty() || word >> (8 * (id.len() - 1)) != 0 => Key::short(word),
            _ => Key::long(id),
        }
    }

    /// That of a [`short_word`].
    #[inline(always)]
    pub(super) fn short(word: u64) -> Key {
        Key { word, home: mixed(word), is_long: false }
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

/// What tells a slot from all others of its table, wherever it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Owner {
    key: u64,
    is_long: bool,
}

/// The head of a slot.
#[derive(Clone, Copy)]
struct Head {
    low: u32,
    high: u32,
    records: u32,
}

impl Head {
    #[inline]
    fn of([low, high, records]: [u32; HEAD]) -> Head {
        Head { low, high, records }
    }

    /// Whether no lead has the slot.
    #[inline]
    fn is_free(&self) -> bool {
        self.records == 0
    }

    #[inline]
    fn is_long(&self) -> bool {
        self.records & LONG != 0
    }

    #[inline]
    fn owner(&self) -> Owner {
        Owner { key: u64::from(self.low) | u64::from(self.high) << 32, is_long: self.is_long() }
    }

    /// Whether it is that of an id.
    #[inline]
    fn is<I: AsRef<[u8]>>(&self, key: Key, id: impl FnOnce() -> I, long: &LongIds) -> bool {
        if self.is_long() != key.is_long {
            return false;
        }
        if key.is_long {
            self.low == key.word as u32 && long.get(self.high) == id().as_ref()
        } else {
            self.owner().key == key.word
        }
    }

    /// Its id; `room` holds a short one.
    fn id<'i>(&self, long: &'i LongIds, room: &'i mut [u8; 8]) -> &'i [u8] {
        if self.is_long() {
            return long.get(self.high);
        }
        let Owner { key, .. } = self.owner();
        *room = key.to_le_bytes();
        room.get(..8 - key.leading_zeros() as usize / 8).unwrap_or(&[])
    }
}

/// Where the slot of an id would be, as a share of all slots.
#[inline]
fn home(key: Key, slots: usize) -> usize {
    ((u128::from(key.home) * slots as u128) >> 64) as usize
}

#[inline]
fn next(at: usize, slots: usize) -> usize {
    if at + 1 < slots { at + 1 } else { 0 }
}

/// Asks memory for what looking up keys will need, without waiting for it.
#[derive(Debug, Clone, Copy)]
pub struct Fetching<'t> {
    words: &'t [u32],
    slots: usize,
    stride: usize,
}

impl Fetching<'_> {
    /// Asks for one.
    #[inline]
    pub fn fetch(&self, key: Key) {
        let start = home(key, self.slots) * self.stride;
        prefetch_index(self.words, start);
        prefetch_index(self.words, start + self.stride - 1);
    }
}

/// What is known of an id.
pub struct Found<'t> {
    /// Where it stands in the table, which nothing may be added to any more.
    pub place: u32,
    /// What tells it from others.
    pub owner: Owner,
    /// Its numbers.
    pub numbers: &'t [u32],
}

impl ByLead {
    /// No lead so far, and so many numbers for each; there is room for as many as are expected.
    #[must_use]
    pub fn new(width: usize, expected: usize) -> ByLead {
        let slots = (expected * 2).max(1 << 11);
        let stride = HEAD + width;
        ByLead { words: Words::zeroed(slots * stride), slots, stride, len: 0, long: LongIds::default() }
    }

    /// How many ids there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// How many places there are for ids.
    #[must_use]
    pub fn places(&self) -> usize {
        self.slots
    }

    /// Makes room for so many more ids.
    #[inline]
    fn reserve(&mut self, more: usize) {
        if (self.len + more) * 4 > self.slots * 3 {
            self.grow();
        }
    }

    #[cold]
    fn grow(&mut self) {
        let slots = self.slots * 2;
        let mut words = Words::zeroed(slots * self.stride);
        let new = words.get_mut();
        for slot in self.words.get().chunks_exact(self.stride) {
            let Some(head) = slot.first_chunk().map(|head| Head::of(*head)).filter(|h| !h.is_free()) else { continue };
            let mut at = home(Key::of(head.id(&self.long, &mut [0; 8])), slots);
            while let Some(free) = new.get_mut(at * self.stride..(at + 1) * self.stride) {
                if free.get(HEAD - 1) == Some(&0) {
                    free.copy_from_slice(slot);
                    break;
                }
                at = next(at, slots);
            }
        }
        (self.words, self.slots) = (words, slots);
    }

    /// To ask for the places of keys.
    #[inline]
    #[must_use]
    pub fn fetching(&self) -> Fetching<'_> {
        Fetching { words: self.words.get(), slots: self.slots, stride: self.stride }
    }

    /// What is known of an id, which is asked for where the key does not hold it; none where it was never counted.
    #[inline]
    #[must_use]
    pub fn find<I: AsRef<[u8]>>(&self, key: Key, id: impl Fn() -> I) -> Option<Found<'_>> {
        let words = self.words.get();
        let mut at = home(key, self.slots);
        loop {
            let (head, numbers) = words.get(at * self.stride..(at + 1) * self.stride)?.split_first_chunk::<HEAD>()?;
            let head = Head::of(*head);
            if head.is_free() {
                return None;
            }
            if head.is(key, &id, &self.long) {
                return Some(Found { place: at as u32, owner: head.owner(), numbers });
            }
            at = next(at, self.slots);
        }
    }

    /// Counts records, whose leads may be new, and calls `f` with each, whose it is, and the numbers of that lead. The id of a
    /// record is asked for where the key does not hold it.
    #[inline]
    pub fn count_all<'i, T>(
        &mut self,
        records: impl ExactSizeIterator<Item = (Key, T)>,
        id: impl Fn(&T) -> &'i [u8],
        mut f: impl FnMut(T, Owner, &mut [u32]),
    ) {
        self.reserve(records.len());
        let ByLead { words, slots, stride, len, long, .. } = self;
        let (words, slots, stride) = (words.get_mut(), *slots, *stride);
        for (key, record) in records {
            let mut at = home(key, slots);
            while let Some((words, numbers)) =
                words.get_mut(at * stride..(at + 1) * stride).and_then(|s| s.split_first_chunk_mut::<HEAD>())
            {
                let mut head = Head::of(*words);
                if head.is_free() {
                    *len += 1;
                    head = if key.is_long {
                        Head { low: key.word as u32, high: long.add(id(&record)), records: LONG | 1 }
                    } else {
                        Head { low: key.word as u32, high: (key.word >> 32) as u32, records: 1 }
                    };
                    *words = [head.low, head.high, head.records];
                } else if head.is(key, || id(&record), long) {
                    words[HEAD - 1] = head.records + 1;
                } else {
                    at = next(at, slots);
                    continue;
                }
                f(record, head.owner(), numbers);
                break;
            }
        }
    }

    /// Every id with its place and the number of its records.
    pub fn all(&self) -> impl Iterator<Item = (impl Fn() -> String, u32, u64)> {
        let heads = self
            .words
            .get()
            .chunks_exact(self.stride)
            .filter_map(|slot| slot.first_chunk())
            .map(|head| Head::of(*head));
        heads.zip(0..).filter(|(head, _)| !head.is_free()).map(move |(head, place)| {
            let text = move || String::from_utf8_lossy(head.id(&self.long, &mut [0; 8])).into_owned();
            (text, place, u64::from(head.records & !LONG))
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{HashMap, HashSet};

    use super::*;

    #[test]
    fn every_id_has_its_own_slot() {
        for width in [0, 3, 9] {
            let mut ids = ByLead::new(width, 0);
            let mut owners = HashMap::new();
            let names: Vec<String> = (0..20_000)
                .map(|i| if i % 3 == 0 { format!("a-rather-long-id-{i}") } else { format!("{i}") })
                .collect();
            for round in 1..=2 {
                for (i, name) in names.iter().enumerate() {
                    ids.count_all(
                        [(Key::of(name.as_bytes()), ())].into_iter(),
                        |()| name.as_bytes(),
                        |(), owner, numbers| {
                            assert_eq!(*owners.entry(name.clone()).or_insert(owner), owner);
                            if let Some(number) = width.checked_sub(1).map(|last| &mut numbers[last]) {
                                *number += i as u32;
                                assert_eq!(*number, round * i as u32);
                            }
                        },
                    );
                }
            }
            assert_eq!(ids.len(), names.len());
            let mut places = HashSet::new();
            for name in &names {
                let found = ids.find(Key::of(name.as_bytes()), || name.as_bytes()).unwrap();
                assert!(places.insert(found.place) && found.owner == owners[name]);
                assert_eq!(found.numbers.len(), width);
            }
            assert_eq!(owners.values().collect::<std::collections::BTreeSet<_>>().len(), names.len());
            for other in ["", "x", "a\0", "a-rather-long-id-1"] {
                assert!(ids.find(Key::of(other.as_bytes()), || other.as_bytes()).is_none(), "{other}");
            }
            let all: HashSet<_> =
                ids.all().map(|(id, place, records)| (id(), places.contains(&place), records)).collect();
            assert_eq!(all, names.iter().map(|name| (name.clone(), true, 2)).collect());
        }
    }

    #[test]
    fn keys_tell_ids_apart() {
        let ids = [
            "",
            "\0",
            "\0\0",
            "a",
            "a\0",
            "\0a",
            "ab",
            "abc",
            "abcd",
            "abcde",
            "abcdef",
            "abcdefg",
            "abcdefgh",
            "abcdefgh\0",
            "abcd\0",
            "abcdefg",
            "abcdefg\0",
            "\0bcd",
        ];
        for a in ids {
            for b in ids {
                assert_eq!(Key::of(a.as_bytes()) == Key::of(b.as_bytes()), a == b, "{a:?} {b:?}");
            }
        }
    }
}
