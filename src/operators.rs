//! The signs and words that compare: one list for the tree, the model and whoever evaluates or says them.
//!
//! Owns only what they are; what they mean for values stands in `eval`.

use std::cmp::Ordering;

/// `at least`, `at most`, `exactly`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CountKind {
    /// At least so many.
    AtLeast,
    /// At most so many, none among them.
    AtMost,
    /// Just so many.
    Exactly,
}

/// The signs of comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CompareOp {
    /// `=`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

impl CompareOp {
    /// The comparison with its sides changed.
    #[must_use]
    pub fn turned(self) -> CompareOp {
        match self {
            CompareOp::Less => CompareOp::Greater,
            CompareOp::LessOrEqual => CompareOp::GreaterOrEqual,
            CompareOp::Greater => CompareOp::Less,
            CompareOp::GreaterOrEqual => CompareOp::LessOrEqual,
            same => same,
        }
    }

    /// The comparison that holds where this one does not.
    #[must_use]
    pub fn opposite(self) -> CompareOp {
        match self {
            CompareOp::Equal => CompareOp::NotEqual,
            CompareOp::NotEqual => CompareOp::Equal,
            CompareOp::Less => CompareOp::GreaterOrEqual,
            CompareOp::GreaterOrEqual => CompareOp::Less,
            CompareOp::Greater => CompareOp::LessOrEqual,
            CompareOp::LessOrEqual => CompareOp::Greater,
        }
    }

    /// Whether it holds of two that stand in this order.
    #[must_use]
    pub fn holds(self, order: Ordering) -> bool {
        match self {
            CompareOp::Equal => order.is_eq(),
            CompareOp::NotEqual => order.is_ne(),
            CompareOp::Less => order.is_lt(),
            CompareOp::LessOrEqual => order.is_le(),
            CompareOp::Greater => order.is_gt(),
            CompareOp::GreaterOrEqual => order.is_ge(),
        }
    }
}

/// The tests on text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextTest {
    /// A substring; of a list a member.
    Contains,
    /// Whole words.
    Mentions,
    /// The beginning.
    StartsWith,
    /// The end.
    EndsWith,
    /// The whole text, with wildcards.
    Matches,
}
