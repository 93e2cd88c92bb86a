//! Atoms told from plain texts and numbers, without the interpreter.
//!
//! Each function here says what the interpreter would say; a test holds them equal.

use std::borrow::Cow;

use super::facts::Bits;
use super::lanes::{PerLane, mask};
use super::program::FieldPlan;
use crate::operators::{CompareOp, TextTest};
use crate::plan::{Atom, NumberAtom, Part, TextAtomTest};
use crate::text::{matches_wildcard, trim, words};

/// Where a test of numbers holds.
pub(super) fn number_holds(test: &NumberAtom, numbers: &PerLane<f64>) -> u64 {
    match test {
        NumberAtom::Compare(op, c) => match op {
            CompareOp::Equal => mask(|i| numbers[i] == *c),
            CompareOp::NotEqual => mask(|i| numbers[i] != *c),
            CompareOp::Less => mask(|i| numbers[i] < *c),
            CompareOp::LessOrEqual => mask(|i| numbers[i] <= *c),
            CompareOp::Greater => mask(|i| numbers[i] > *c),
            CompareOp::GreaterOrEqual => mask(|i| numbers[i] >= *c),
        },
        NumberAtom::Between(low, high) => mask(|i| numbers[i] >= *low && numbers[i] <= *high),
        NumberAtom::OneOf(list) => list.iter().fold(0, |yes, c| yes | mask(|i| numbers[i] == *c)),
        NumberAtom::Known => !0,
        NumberAtom::Missing => 0,
    }
}

/// What a plain text says about the atoms of its field. It is ASCII and folded, and the field is no gap.
pub(super) fn text_bits(atoms: &[Atom], plan: &FieldPlan, folded: &str) -> Bits {
    let mut bits = Bits::for_atoms(plan.atoms.len());
    // Few fields are asked for one.
    let domain = || {
        folded.bytes().rposition(|b| b == b'@').and_then(|at| folded.get(at + 1..)).map(trim).filter(|d| !d.is_empty())
    };
    let (mut whole_words, mut domain_words) = (None, None);
    for (i, atom) in plan.atoms.iter().enumerate() {
        let Some(atom) = atoms.get(*atom).and_then(|a| a.text.as_ref()) else { continue };
        let (text, in_words) = match atom.part {
            Part::Whole => (Some(folded), &mut whole_words),
            Part::Domain => (domain(), &mut domain_words),
        };
        let known = match (&atom.test, text) {
            (TextAtomTest::Known, text) => Some(text.is_some()),
            (TextAtomTest::Missing, text) => Some(text.is_none()),
            (_, None) => None,
            (TextAtomTest::OneOf(list, turned), Some(text)) => Some(list.iter().any(|t| t == text) != *turned),
            (TextAtomTest::Test(test, wants_all, needles), Some(text)) => {
                let text: Cow<'_, str> = match test {
                    TextTest::Mentions => Cow::Borrowed(in_words.get_or_insert_with(|| words(text)).as_str()),
                    _ => Cow::Borrowed(text),
                };
                let one = |needle: &String| match test {
                    TextTest::Contains | TextTest::Mentions => text.contains(needle.as_str()),
                    TextTest::StartsWith => text.starts_with(needle.as_str()),
                    TextTest::EndsWith => text.ends_with(needle.as_str()),
                    TextTest::Matches => matches_wildcard(needle, &text),
                };
                Some(if *wants_all { needles.iter().all(one) } else { needles.iter().any(one) })
            }
        };
        bits.set(i, [known; 2]);
    }
    bits
}
