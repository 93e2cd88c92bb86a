//! Which row of numbers belongs to which lead id.
//!
//! A flat table with open addressing. An id of up to eight bytes is its own key; a longer one has its hash in the table and
//! its text beside it. Many ids are asked for together, so that the waits for memory overlap.

use super::hash;

/// Where a lead id has its row.
#[derive(Debug)]
pub struct Ids {
    slots: Vec<Slot>,
    /// How many ids there are.
    len: usize,
    /// The texts of long ids, one after the other, and where that of each row begins and ends.
    texts: Vec<u8>,
    places: Vec<(usize, usize)>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Slot {
    key: u64,
    /// The row plus one; 0 is a free slot.
    row: u32,
    /// How many records there are; the highest bit says that the id is long.
    records: u32,
}

const LONG: u32 = 1 << 31;

/// An id on its way into the table.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Key {
    word: u64,
    home: u64,
    is_long: bool,
}

impl Key {
    /// The key of an id.
    #[inline]
    #[must_use]
    pub fn of(id: &[u8]) -> Key {
        let mut word = [0u8; 8];
        if let Some(place) = word.get_mut(..id.len())
            && !id.contains(&0)
        {
            place.copy_from_slice(id);
            let word = u64::from_le_bytes(word);
            return Key { word, home: mixed(word), is_long: false };
        }
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

impl Default for Ids {
    fn default() -> Ids {
        Ids { slots: vec![Slot::default(); 1 << 12], len: 0, texts: Vec::new(), places: Vec::new() }
    }
}

impl Ids {
    /// How many ids there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    #[inline]
    fn home(&self, key: Key) -> usize {
        key.home as usize & (self.slots.len() - 1)
    }

    /// Asks memory for what looking up some keys will need.
    #[inline]
    pub fn touch(&self, keys: &[Key]) {
        let seen = keys.iter().fold(0, |seen, &key| seen ^ self.slots.get(self.home(key)).map_or(0, |s| s.row));
        std::hint::black_box(seen);
    }

    fn is_text(&self, row: u32, id: &[u8]) -> bool {
        self.places.get(row as usize).and_then(|&(from, to)| self.texts.get(from..to)) == Some(id)
    }

    #[inline]
    fn is(&self, slot: &Slot, key: Key, id: &[u8]) -> bool {
        slot.key == key.word && (slot.records & LONG != 0) == key.is_long && (!key.is_long || self.is_text(slot.row - 1, id))
    }

    /// The row of an id, where it has one.
    #[inline]
    #[must_use]
    pub fn find(&self, key: Key, id: &[u8]) -> Option<u32> {
        let mut at = self.home(key);
        loop {
            let slot = self.slots.get(at)?;
            if slot.row == 0 {
                return None;
            }
            if self.is(slot, key, id) {
                return Some(slot.row - 1);
            }
            at = (at + 1) & (self.slots.len() - 1);
        }
    }

    /// The row of an id, a new one where it has none; counts one more record of it.
    #[inline]
    pub fn count(&mut self, key: Key, id: &[u8]) -> u32 {
        let mut at = self.home(key);
        loop {
            let Some(&slot) = self.slots.get(at) else { return 0 };
            if slot.row == 0 {
                return self.insert(at, key, id);
            }
            if self.is(&slot, key, id) {
                if let Some(slot) = self.slots.get_mut(at) {
                    slot.records += 1;
                }
                return slot.row - 1;
            }
            at = (at + 1) & (self.slots.len() - 1);
        }
    }

    #[cold]
    fn insert(&mut self, at: usize, key: Key, id: &[u8]) -> u32 {
        let row = self.len as u32;
        if let Some(slot) = self.slots.get_mut(at) {
            *slot = Slot { key: key.word, row: row + 1, records: 1 | if key.is_long { LONG } else { 0 } };
        }
        if key.is_long {
            self.places.resize(self.len, (0, 0));
            self.places.push((self.texts.len(), self.texts.len() + id.len()));
            self.texts.extend_from_slice(id);
        }
        self.len += 1;
        if self.len * 8 > self.slots.len() * 5 {
            self.grow();
        }
        row
    }

    fn grow(&mut self) {
        let slots = vec![Slot::default(); self.slots.len() * 2];
        let old = std::mem::replace(&mut self.slots, slots);
        for slot in old.into_iter().filter(|s| s.row != 0) {
            let mut at = mixed(slot.key) as usize & (self.slots.len() - 1);
            while self.slots.get(at).is_some_and(|s| s.row != 0) {
                at = (at + 1) & (self.slots.len() - 1);
            }
            if let Some(free) = self.slots.get_mut(at) {
                *free = slot;
            }
        }
    }

    /// Every id with its row and the number of its records.
    pub fn all(&self) -> impl Iterator<Item = (impl Fn() -> String, u32, u64)> {
        self.slots.iter().filter(|s| s.row != 0).map(move |s| {
            let row = s.row - 1;
            let text = move || if s.records & LONG != 0 {
                let place = self.places.get(row as usize).and_then(|&(from, to)| self.texts.get(from..to));
                String::from_utf8_lossy(place.unwrap_or(&[])).into_owned()
            } else {
                let bytes = s.key.to_le_bytes();
                let len = bytes.iter().position(|&b| b == 0).unwrap_or(8);
                String::from_utf8_lossy(bytes.get(..len).unwrap_or(&[])).into_owned()
            };
            (text, row, u64::from(s.records & !LONG))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_id_has_its_own_row() {
        let mut ids = Ids::default();
        let names: Vec<String> = (0..20_000).map(|i| if i % 3 == 0 { format!("a-rather-long-id-{i}") } else { format!("{i}") }).collect();
        for (i, name) in names.iter().enumerate() {
            assert_eq!(ids.count(Key::of(name.as_bytes()), name.as_bytes()), i as u32);
        }
        for (i, name) in names.iter().enumerate() {
            assert_eq!(ids.find(Key::of(name.as_bytes()), name.as_bytes()), Some(i as u32));
            assert_eq!(ids.count(Key::of(name.as_bytes()), name.as_bytes()), i as u32);
        }
        for other in ["", "x", "a\0", "a-rather-long-id-1"] {
            assert_eq!(ids.find(Key::of(other.as_bytes()), other.as_bytes()), None, "{other}");
        }
        let mut all: Vec<_> = ids.all().map(|(id, row, records)| (id(), row, records)).collect();
        all.sort_by_key(|(_, row, _)| *row);
        assert!(all.iter().zip(&names).all(|((id, _, records), name)| id == name && *records == 2));
    }
}
