//! How often something was seen, and where first.
//!
//! Owns the counting of small troubles that are told once, in a summary, rather than row by row.

use std::collections::HashMap;

/// How often something was seen, and where first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tally {
    /// How often.
    pub count: u64,
    /// The first time.
    pub first: Option<Seen>,
}

/// A place in a data file and what stands there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// The line, from 1; the row of a workbook.
    pub line: u64,
    /// What stands there, or what there is to say about it; short.
    pub says: String,
}

impl Tally {
    /// Counts one more; `says` is asked for the first time only.
    pub fn add(&mut self, line: u64, says: impl FnOnce() -> String) {
        self.add_at(|| line, says);
    }

    /// The same where the line is not known without looking for it, which is done for the first time only.
    pub fn add_at(&mut self, line: impl FnOnce() -> u64, says: impl FnOnce() -> String) {
        self.count += 1;
        self.first.get_or_insert_with(|| Seen { line: line(), says: says() });
    }

    /// Adds what was counted elsewhere in the same file; the first is that of the lowest line.
    pub fn merge_any(&mut self, other: &Tally) {
        self.count += other.count;
        if let Some(theirs) = &other.first
            && self.first.as_ref().is_none_or(|ours| theirs.line < ours.line)
        {
            self.first = Some(theirs.clone());
        }
    }

    /// Adds what was counted later in the same file.
    pub fn merge(&mut self, later: &Tally) {
        self.count += later.count;
        if self.first.is_none() {
            self.first.clone_from(&later.first);
        }
    }
}

/// So many different values of a column are counted exactly.
pub const MOST_VALUES: usize = 1_000;

/// Cells of a column that cannot be read: how many, the first, and how often which value.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Values {
    /// All of them.
    pub tally: Tally,
    /// The first [`MOST_VALUES`] different ones, in the order of the file, each with how often it came.
    counts: Vec<(String, u64)>,
    places: HashMap<String, usize>,
    /// Whether there were more.
    pub is_full: bool,
}

impl Values {
    /// Counts one more; the line is asked for the first time only.
    pub fn add(&mut self, line: impl FnOnce() -> u64, cell: &str) {
        let value = shown(cell);
        self.tally.add_at(line, || value.clone());
        self.count(value, 1);
    }

    fn count(&mut self, value: String, times: u64) {
        match self.places.get(&value) {
            Some(&at) => self.counts.get_mut(at).into_iter().for_each(|(_, n)| *n += times),
            None if self.counts.len() < MOST_VALUES => {
                self.places.insert(value.clone(), self.counts.len());
                self.counts.push((value, times));
            }
            None => self.is_full = true,
        }
    }

    /// Adds what was counted later in the same file.
    pub fn merge(&mut self, later: &Values) {
        self.tally.merge(&later.tally);
        self.is_full |= later.is_full;
        later.counts.iter().for_each(|(value, times)| self.count(value.clone(), *times));
    }

    /// How many different values there are, at least.
    #[must_use]
    pub fn different(&self) -> usize {
        self.counts.len()
    }

    /// The share of the cells, as far as their values are known, for which something holds.
    #[must_use]
    pub fn share(&self, holds: impl Fn(&str) -> bool) -> f64 {
        let count = |of: &dyn Fn(&str) -> bool| -> u64 {
            self.counts.iter().filter(|(value, _)| of(value)).map(|(_, n)| n).sum()
        };
        count(&holds) as f64 / count(&|_| true).max(1) as f64
    }

    /// The most frequent ones, of equally frequent ones the first of the file.
    #[must_use]
    pub fn most_frequent(&self, most: usize) -> Vec<(&str, u64)> {
        let mut all: Vec<(&str, u64)> = self.counts.iter().map(|(value, n)| (value.as_str(), *n)).collect();
        all.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
        all.truncate(most);
        all
    }
}

/// A cell as it is quoted in a message: on one line, at most 60 characters.
pub(crate) fn shown(cell: &str) -> String {
    let mut chars = cell.trim().chars().map(|c| if c.is_control() { ' ' } else { c });
    let mut out: String = chars.by_ref().take(60).collect();
    if chars.next().is_some() {
        out.push('…');
    }
    out
}
