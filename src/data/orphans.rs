//! Activity of leads that have not come by, and what nearly matched.
//!
//! Owns the ways in which two systems write one id: other letters, leading zeros, `8.0` for `8`, signs around it.

use std::collections::BTreeSet;

use crate::diagnostic::Diagnostic;
use crate::lead::id_key;
use crate::messages::data as say;

/// So many ids are told apart, and looked at for what nearly matches.
const MOST: usize = 100_000;

/// Zeros before a number are left out or put in up to this many digits.
const LONGEST_NUMBER: usize = 12;

/// How an id differs from that of a lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Difference {
    /// Capitals.
    Case,
    /// `007` for `7`
    Zeros,
    /// `8.0` for `8`
    Decimal,
    /// 15 characters and 18.
    CheckSum,
    /// Blanks and signs: `12 345`, `#12345`.
    Signs,
}

/// Activity whose lead has not come by.
#[derive(Debug, Default)]
pub struct Orphans {
    records: u64,
    /// The first of the ids, and of how many.
    ids: BTreeSet<String>,
    more: u64,
    /// By difference: how many ids, and the first with that of the lead.
    near: std::collections::BTreeMap<Difference, (u64, String, String)>,
}

impl Orphans {
    /// An id with so many records; `has` tells whether a lead has an id.
    pub fn add(&mut self, id: &str, records: u64, has: &dyn Fn(&str) -> bool) {
        self.records += records;
        if self.ids.contains(id) {
            return;
        }
        if self.ids.len() >= MOST {
            self.more += 1;
            return;
        }
        self.ids.insert(id.to_owned());
        if let Some((difference, other)) = near(id, has) {
            let (count, ..) = self.near.entry(difference).or_insert_with(|| (0, id.to_owned(), other));
            *count += 1;
        }
    }

    /// What there is to say; `is_any_used` tells whether some activity belongs to a lead.
    #[must_use]
    pub fn message(&self, is_any_used: bool, file: &str) -> Option<Diagnostic> {
        let first = self.ids.first()?;
        let ids = self.ids.len() as u64 + self.more;
        let near: Vec<(Difference, u64, &str, &str)> =
            self.near.iter().map(|(d, (n, id, other))| (*d, *n, id.as_str(), other.as_str())).collect();
        Some(if is_any_used {
            say::orphans(self.records, ids, first, file, &near)
        } else {
            say::all_orphans(self.records, ids, first, file, &near)
        })
    }
}

/// The id of a lead that may be meant, and how it differs.
fn near(id: &str, has: &dyn Fn(&str) -> bool) -> Option<(Difference, String)> {
    let find = |all: Vec<String>, how: Difference| {
        all.into_iter().find(|other| other != id && has(&id_key(other))).map(|other| (how, other))
    };
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let mut chars = id.chars();
    let capital: String =
        chars.next().into_iter().flat_map(char::to_uppercase).chain(chars.flat_map(char::to_lowercase)).collect();
    if let Some(found) = find(vec![id.to_lowercase(), id.to_uppercase(), capital], Difference::Case) {
        return Some(found);
    }
    let whole = id.strip_suffix(".0").or_else(|| id.strip_suffix(".00")).filter(|w| is_number(w));
    if let Some(found) = find(whole.map(str::to_owned).into_iter().collect(), Difference::Decimal) {
        return Some(found);
    }
    if is_number(id) {
        let bare = id.trim_start_matches('0');
        let padded = (bare.len()..=LONGEST_NUMBER).map(|n| format!("{bare:0>n$}"));
        if let Some(found) = find(padded.filter(|p| !p.is_empty()).collect(), Difference::Zeros) {
            return Some(found);
        }
        if let Some(found) = find(vec![format!("{id}.0")], Difference::Decimal) {
            return Some(found);
        }
    }
    if id.len() == 18 && id.is_ascii() {
        let short = id.get(..15).unwrap_or(id).to_owned();
        if let Some(found) = find(vec![short], Difference::CheckSum) {
            return Some(found);
        }
    }
    let bare: String = id.chars().filter(|c| c.is_alphanumeric()).collect();
    if bare.len() == id.len() || bare.is_empty() || id.contains('@') {
        return None;
    }
    find(vec![bare], Difference::Signs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nearly_matches() {
        let leads = ["7", "P-101", "00042", "8.0", "00Q5e00001abcDE", "12345"];
        let of = |id: &str| near(id, &|other| leads.contains(&other)).map(|(difference, _)| difference);
        assert_eq!(of("007"), Some(Difference::Zeros));
        assert_eq!(of("42"), Some(Difference::Zeros));
        assert_eq!(of("p-101"), Some(Difference::Case));
        assert_eq!(of("7.0"), Some(Difference::Decimal));
        assert_eq!(of("8"), Some(Difference::Decimal));
        assert_eq!(of("00Q5e00001abcDEXYZ"), Some(Difference::CheckSum));
        assert_eq!(of("#12 345"), Some(Difference::Signs));
        assert_eq!(of("999"), None);
    }
}
