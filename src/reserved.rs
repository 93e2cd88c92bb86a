//! The reserved words, and the words that begin a statement.

/// Words that are never bare names.
pub const RESERVED: &[&str] = &[
    "and",
    "or",
    "not",
    "in",
    "is",
    "between",
    "contains",
    "mentions",
    "matches",
    "when",
    "unless",
    "add",
    "subtract",
    "if",
    "otherwise",
    "because",
    "per",
    "each",
    "every",
    "up",
    "at",
    "of",
    "then",
    "within",
    "where",
    "since",
    "before",
    "after",
    "yes",
    "no",
    "known",
    "missing",
    "any",
    "all",
    "none",
    "halving",
    "keeping",
    "losing",
    "treat",
    "expect",
    "today",
];

/// Words that begin what may follow the points of a rule, and nothing else. `at most … every` and `because` follow them too.
pub const MODIFIERS: &[&str] = &["each", "per", "halving", "keeping", "losing", "up"];

/// Words that begin a statement at the top of a file.
pub const STATEMENTS: &[&str] = &[
    "when",
    "add",
    "subtract",
    "model",
    "field",
    "activity",
    "let",
    "profile",
    "persona",
    "score",
    "points",
    "first",
    "best",
    "stages",
    "disqualify",
    "exclude",
    "review",
    "label",
    "test",
    "use",
    "treat",
    "reset",
];

/// Whether a word is reserved, in any case.
#[must_use]
pub fn is_reserved(word: &str) -> bool {
    RESERVED.iter().any(|w| w.eq_ignore_ascii_case(word))
}

/// What leads do, as most models name it: as a bare word it is hardly a column.
pub const USUAL_ACTIVITY: &[&str] = &[
    "visited",
    "downloaded",
    "submitted",
    "opened",
    "clicked",
    "attended",
    "registered",
    "replied",
    "booked",
    "called",
    "requested",
    "unsubscribed",
    "bounced",
    "signed_up",
    "logged_in",
];
