//! The signs and words that compare: one list for the tree, the model and whoever evaluates or says them.
//!
//! Owns only what they are; what they mean for values stands in `eval`.

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
