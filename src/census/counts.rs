//! How often which value comes, compared as the language compares texts.

use std::collections::HashMap;

use crate::data::{MOST_VALUES, shown};
use crate::value::Text;

/// Different values and how often each came; the first [`MOST_VALUES`] are told apart.
#[derive(Debug, Default)]
pub struct Counts {
    values: Vec<Counted>,
    places: HashMap<String, usize>,
    /// Whether there were more.
    pub is_full: bool,
}

/// A value.
#[derive(Debug)]
pub struct Counted {
    /// As it was written first.
    pub written: String,
    /// As it is compared.
    pub folded: String,
    /// How often it came.
    pub times: u64,
}

impl Counts {
    /// Counts one more; whether it is told apart for the first time, or cannot be told apart from others.
    pub fn add(&mut self, text: &Text) -> bool {
        self.add_folded(&text.folded, &text.written)
    }

    /// The same with both forms of a text.
    pub fn add_folded(&mut self, folded: &str, written: &str) -> bool {
        if let Some(value) = self.places.get(folded).and_then(|&at| self.values.get_mut(at)) {
            value.times += 1;
            return false;
        }
        if self.values.len() >= MOST_VALUES {
            self.is_full = true;
            return true;
        }
        self.places.insert(folded.to_owned(), self.values.len());
        self.values.push(Counted { written: shown(written), folded: folded.to_owned(), times: 1 });
        true
    }

    /// The values, in the order of the file.
    pub fn values(&self) -> &[Counted] {
        &self.values
    }

    /// These values first, then the most frequent of the others, each with how often it came; at most `most`.
    pub fn beginning_with(&self, first: &[usize], most: usize) -> Vec<(String, u64)> {
        let mut others: Vec<usize> = (0..self.values.len()).filter(|at| !first.contains(at)).collect();
        others.sort_by_key(|&at| std::cmp::Reverse(self.values.get(at).map_or(0, |v| v.times)));
        let all = first.iter().copied().chain(others).take(most);
        all.filter_map(|at| self.values.get(at)).map(|v| (v.written.clone(), v.times)).collect()
    }
}
