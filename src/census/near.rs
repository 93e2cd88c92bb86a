//! Which value of the data may be meant by one that never comes.

use super::counts::Counts;
use crate::suggest::nearest;
use crate::text::{spelling_key, words};

/// How near a value is to what is sought; the lower, the nearer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Nearness {
    /// They differ in signs and spaces alone: `Computer Software`, `COMPUTER_SOFTWARE`.
    Spelling,
    /// The words of one stand in the other: `Software`, `COMPUTER_SOFTWARE`.
    Words,
    /// A slip or two.
    Slip,
    /// `US`, `United States`
    Initials,
    /// A part of a word: `pricing`, `/pricingpage`.
    Part,
}

/// The values that may be meant, the nearest first and of equally near ones the most frequent; by their places.
pub fn near(sought: &str, counts: &Counts) -> Vec<(Nearness, usize)> {
    let (key, its_words) = (spelling_key(sought), words(sought));
    let slip = nearest(sought, counts.values().iter().map(|v| v.folded.as_str()));
    let mut found: Vec<(Nearness, usize)> = Vec::new();
    for (at, value) in counts.values().iter().enumerate() {
        let other = value.folded.as_str();
        let other_words = words(other);
        let have_words = !its_words.is_empty() && !other_words.is_empty();
        let nearness = if !key.is_empty() && spelling_key(other) == key {
            Nearness::Spelling
        } else if have_words && (other_words.contains(&its_words) || its_words.contains(&other_words)) {
            Nearness::Words
        } else if slip == Some(other) {
            Nearness::Slip
        } else if is_initials(sought, &other_words) || is_initials(other, &its_words) {
            Nearness::Initials
        } else if is_part(sought, other) || is_part(other, sought) {
            Nearness::Part
        } else {
            continue;
        };
        found.push((nearness, at));
    }
    let times = |at: usize| counts.values().get(at).map_or(0, |v| v.times);
    found.sort_by_key(|&(nearness, at)| (nearness, std::cmp::Reverse(times(at))));
    found
}

/// Whether these are the first letters of several words.
fn is_initials(short: &str, words: &str) -> bool {
    let initials: String = words.split(' ').filter_map(|word| word.chars().next()).collect();
    initials.chars().count() > 1 && initials == short
}

fn is_part(part: &str, of: &str) -> bool {
    part.chars().count() > 2 && of.contains(part)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Text;

    #[test]
    fn what_may_be_meant() {
        let mut counts = Counts::default();
        for value in ["BANKING", "COMPUTER_SOFTWARE", "United States", "softwear", "/pricing-page"] {
            counts.add(&Text::new(value));
        }
        let of = |sought: &str| near(sought, &counts).into_iter().map(|(_, at)| at).collect::<Vec<_>>();
        assert_eq!(of("software"), [1, 3]);
        assert_eq!(of("computer software"), [1]);
        assert_eq!(of("us"), [2]);
        assert_eq!(of("pricing"), [4]);
        assert!(of("insurance").is_empty());
    }
}
