//! Comparisons of values, in three-valued logic: a flag, or missing for *unknown*.

use std::sync::Arc;

use crate::calculate::as_range;
use crate::model::{Needle, OfProfile};
use crate::operators::{CompareOp, TextTest};
use crate::value::{Stage, Text, Value};

/// A truth value as a [`Value`].
pub(crate) fn truth(known: Option<bool>) -> Value {
    known.map_or(Value::Missing, Value::Flag)
}

/// A [`Value`] as a truth value; everything but a flag is unknown.
pub(crate) fn as_truth(value: &Value) -> Option<bool> {
    match value {
        Value::Flag(yes) => Some(*yes),
        _ => None,
    }
}

/// Not, in three values.
pub(crate) fn not(value: Option<bool>) -> Option<bool> {
    value.map(|v| !v)
}

/// And, in three values.
pub(crate) fn all(values: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut out = Some(true);
    for value in values {
        match value {
            Some(false) => return Some(false),
            None => out = None,
            Some(true) => {}
        }
    }
    out
}

/// Or, in three values.
pub(crate) fn any(values: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    not(all(values.map(not)))
}

/// At least `n` of these, in three values.
pub(crate) fn at_least(n: u64, values: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    Tally::of(values).at_least(n)
}

/// How many of some truth values are true, and how many may be.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Tally {
    hold: u64,
    may: u64,
}

impl Tally {
    pub fn of(values: impl Iterator<Item = Option<bool>>) -> Tally {
        values.fold(Tally::default(), |t, v| Tally {
            hold: t.hold + u64::from(v == Some(true)),
            may: t.may + u64::from(v != Some(false)),
        })
    }

    pub fn at_least(self, n: u64) -> Option<bool> {
        if self.hold >= n { Some(true) } else { (self.may < n).then_some(false) }
    }

    pub fn meets(self, of: OfProfile) -> Option<bool> {
        match of {
            OfProfile::AtLeast(n) => self.at_least(n),
            OfProfile::None => not(self.at_least(1)),
        }
    }
}

/// `left op right`.
pub(crate) fn compare(op: CompareOp, left: &Value, right: &Value) -> Option<bool> {
    match (left, right) {
        (Value::Stage(a), Value::Stage(b)) => Some(compare_stages(op, *a, *b)),
        _ => match op {
            CompareOp::Equal => equal(left, right),
            CompareOp::NotEqual => not(equal(left, right)),
            CompareOp::Less => below(left, right),
            CompareOp::GreaterOrEqual => not(below(left, right)),
            CompareOp::Greater => below(right, left),
            CompareOp::LessOrEqual => not(below(right, left)),
        },
    }
}

/// A disqualified lead stands outside of the ladder: it equals only itself, and has no order.
fn compare_stages(op: CompareOp, a: Stage, b: Stage) -> bool {
    match (a, b) {
        (Stage::Rank(a), Stage::Rank(b)) => op.holds(a.cmp(&b)),
        _ => match op {
            CompareOp::Equal => a == b,
            CompareOp::NotEqual => a != b,
            _ => false,
        },
    }
}

/// Whether two values are the same.
pub(crate) fn equal(left: &Value, right: &Value) -> Option<bool> {
    match (left, right) {
        (Value::Text(a), Value::Text(b)) => Some(a.folded == b.folded),
        (Value::Flag(a), Value::Flag(b)) => Some(a == b),
        (Value::Date(a), Value::Date(b)) => Some(a.compare(*b).is_eq()),
        (Value::List(a), Value::List(b)) => {
            Some(a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| a.folded == b.folded))
        }
        (Value::Number(a), Value::Number(b)) => Some(a == b),
        _ => as_range(left)?.is_equal(&as_range(right)?),
    }
}

fn below(left: &Value, right: &Value) -> Option<bool> {
    match (left, right) {
        (Value::Date(a), Value::Date(b)) => Some(a.compare(*b).is_lt()),
        (Value::Number(a), Value::Number(b)) => Some(a < b),
        _ => as_range(left)?.is_below(&as_range(right)?),
    }
}

/// `x contains any […]` and its kin.
pub(crate) fn text_test(x: &Value, test: TextTest, wants_all: bool, needles: &[Needle]) -> Option<bool> {
    let one: Box<dyn Fn(&Needle) -> bool> = match (x, test) {
        (Value::List(texts), TextTest::Contains) => Box::new(|n: &Needle| texts.iter().any(|t| t.folded == n.folded)),
        // One entry alone does all that is asked.
        (Value::List(texts), _) => {
            let holds = |t: &Arc<Text>| text_test(&Value::Text(Arc::clone(t)), test, wants_all, needles) == Some(true);
            return Some(texts.iter().any(holds));
        }
        (Value::Text(text), TextTest::Contains) => Box::new(|n: &Needle| text.folded.contains(&n.folded)),
        (Value::Text(text), TextTest::StartsWith) => Box::new(|n: &Needle| text.folded.starts_with(&n.folded)),
        (Value::Text(text), TextTest::EndsWith) => Box::new(|n: &Needle| text.folded.ends_with(&n.folded)),
        (Value::Text(text), TextTest::Matches) => {
            Box::new(|n: &Needle| crate::text::matches_wildcard(&n.folded, &text.folded))
        }
        (Value::Text(text), TextTest::Mentions) => {
            let words = crate::text::words(&text.folded);
            Box::new(move |n: &Needle| words.contains(&n.words))
        }
        _ => return None,
    };
    Some(if wants_all { needles.iter().all(one) } else { needles.iter().any(one) })
}
