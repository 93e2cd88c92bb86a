//! What could be typed next: words of the language, names of the model, what leads hold. A function of the text before the
//! cursor, the names of the model, and a sample of data.

use crate::builtins::FUNCTIONS;
use crate::library;
use crate::reserved;
use crate::symbols::{SymbolKind, Symbols};
use crate::text::fold;

/// So many proposals are enough.
pub(crate) const MOST: usize = 60;

/// Words that are known by their place.
const WORDS: &[&str] = &[
    "above",
    "active",
    "activity",
    "ago",
    "at least",
    "at most",
    "best of",
    "between",
    "contains any",
    "could_be",
    "current",
    "days",
    "disqualified",
    "distinct",
    "each time",
    "ends with",
    "exactly",
    "exclude if",
    "excluded",
    "first of",
    "from",
    "halving every",
    "if not",
    "in last",
    "in next",
    "inactive for",
    "is known",
    "is missing",
    "keeping",
    "losing",
    "mentions any",
    "never below",
    "only if",
    "points by",
    "score",
    "stage",
    "starts with",
    "then",
    "up to",
    "within",
];

/// Proposals for what stands before the cursor.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Proposals {
    /// The byte from which a proposal takes the place of what was typed.
    pub start: usize,
    /// What could stand there, in order.
    pub words: Vec<String>,
    /// Whether a file name is wanted, which the terminal knows better.
    pub wants_file: bool,
}

/// Some leads with their activity, for what columns and activity hold.
pub trait Sample {
    /// The names of columns.
    fn columns(&self) -> Vec<String>;
    /// What a field says, each value once: at most so many.
    fn values_of(&self, field: &str, most: usize) -> Vec<String>;
    /// The types of activity.
    fn activity_types(&self, most: usize) -> Vec<String>;
    /// The targets of activity of a type (folded).
    fn targets_of(&self, kind: &str, most: usize) -> Vec<String>;
}

/// No leads at hand.
impl Sample for () {
    fn columns(&self) -> Vec<String> {
        Vec::new()
    }

    fn values_of(&self, _: &str, _: usize) -> Vec<String> {
        Vec::new()
    }

    fn activity_types(&self, _: usize) -> Vec<String> {
        Vec::new()
    }

    fn targets_of(&self, _: &str, _: usize) -> Vec<String> {
        Vec::new()
    }
}

/// The kinds of names that stand for a value.
pub const VALUES: &[SymbolKind] =
    &[SymbolKind::Let, SymbolKind::List, SymbolKind::Table, SymbolKind::Profile, SymbolKind::Group, SymbolKind::Label];

/// The names of some kinds.
#[must_use]
pub fn names(symbols: &Symbols, kinds: &'static [SymbolKind]) -> Vec<String> {
    symbols.of(kinds).map(|symbol| symbol.name.clone()).collect()
}

/// The fields of the model and the columns of the sample, as they are typed.
#[must_use]
pub fn fields_and_columns(symbols: &Symbols, sample: &dyn Sample) -> Vec<String> {
    let columns = sample.columns().into_iter();
    let typed = |n: String| if n.chars().all(crate::text::is_word_char) { n } else { format!("`{n}`") };
    let fields = names(symbols, &[SymbolKind::Field]).into_iter();
    fields.chain(columns.map(typed)).filter(|name| !name.is_empty()).collect()
}

/// What could stand at the cursor, which is behind `line`; the rules and conditions begin at byte `from` of it.
#[must_use]
pub fn complete(line: &str, from: usize, symbols: &Symbols, sample: &dyn Sample) -> Proposals {
    let text = line.get(from..).unwrap_or("");
    if let Some((before, begun)) = open_text(text) {
        return complete_text(line, before, begun, sample);
    }
    let begun = word_at_end(text);
    let start = line.len() - begun.len();
    let before = text.strip_suffix(begun).unwrap_or("").trim_end();
    if before.ends_with("fit(") || before.to_ascii_lowercase().ends_with(" of") {
        return proposals(start, begun, names(symbols, &[SymbolKind::Profile]).into_iter());
    }
    if before.eq_ignore_ascii_case("use") {
        return proposals(start, begun, library::names().map(str::to_owned));
    }
    if let Some(left) = before.strip_suffix('=').map(str::trim_end)
        && (left.ends_with("stage") || left.ends_with("could_be") || left.ends_with("current"))
    {
        return proposals(start, begun, names(symbols, &[SymbolKind::Stage]).into_iter());
    }
    if begun.is_empty() {
        return Proposals { start, ..Proposals::default() };
    }
    let all = reserved::RESERVED.iter().chain(reserved::STATEMENTS).chain(WORDS).map(|w| (*w).to_owned());
    let functions = FUNCTIONS.iter().map(|f| format!("{}(", f.name));
    let activity = activity_types(symbols, sample).into_iter().map(|t| format!("{t}("));
    proposals(
        start,
        begun,
        fields_and_columns(symbols, sample)
            .into_iter()
            .chain(names(symbols, VALUES))
            .chain(names(symbols, &[SymbolKind::Stage]))
            .chain(activity)
            .chain(functions)
            .chain(all),
    )
}

/// Inside of a text: targets of an activity, values of a column, names of files.
fn complete_text(line: &str, before: &str, begun: &str, sample: &dyn Sample) -> Proposals {
    let start = line.len() - begun.len();
    let before = before.trim_end();
    let file = ["use", "lines of", "table", "from"].iter().any(|w| before.to_ascii_lowercase().ends_with(w));
    if file && !before.to_ascii_lowercase().contains("field ") && !before.to_ascii_lowercase().contains("activity ") {
        return Proposals { start, words: Vec::new(), wants_file: true };
    }
    // Behind the last open parenthesis stands an activity type; behind `=` or `in [` stands a field.
    let bare = before.trim_end_matches(|c: char| c == ',' || c == '[' || c == '"' || c.is_whitespace());
    let words = if let Some((head, _)) =
        bare.rsplit_once('(').filter(|(_, inner)| !inner.contains(')') && !inner.contains("where"))
    {
        let kind = word_at_end(head.trim_end());
        sample.targets_of(&fold(kind), MOST)
    } else {
        let tests = ["=", "!=", "in", "contains", "mentions", "is", "any", "all", "with", "starts", "ends", "not"];
        let mut head = bare;
        while let Some(shorter) = tests.iter().find_map(|t| head.strip_suffix(t)) {
            head = shorter.trim_end();
        }
        // Other texts of the same list stand between.
        let head = head.split_once(" in [").map_or(head, |(field, _)| field);
        sample.values_of(word_at_end(head.trim_end()), MOST)
    };
    let mut found = proposals(start, begun, words.into_iter().map(|w| w.replace('"', "\\\"")));
    for word in &mut found.words {
        word.push('"');
    }
    found
}

fn activity_types(symbols: &Symbols, sample: &dyn Sample) -> Vec<String> {
    let of_model = names(symbols, &[SymbolKind::ActivityType]).into_iter();
    of_model.chain(sample.activity_types(MOST)).filter(|t| t.chars().all(crate::text::is_word_char)).collect()
}

/// Where the last text that is still open begins: what stands before its quote, and what was typed of it.
fn open_text(text: &str) -> Option<(&str, &str)> {
    let mut open = None;
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match (c, open) {
            ('"', Some(_)) if !escaped => open = None,
            ('"', None) => open = Some(at),
            ('\n', _) => open = None,
            _ => {}
        }
        escaped = c == '\\' && !escaped;
    }
    open.map(|at| (text.get(..at).unwrap_or(""), text.get(at + 1..).unwrap_or("")))
}

/// The name that a text ends with; nothing where it ends otherwise.
fn word_at_end(text: &str) -> &str {
    let is_part = |c: char| crate::text::is_word_char(c) || matches!(c, '.' | '`');
    text.get(text.trim_end_matches(is_part).len()..).unwrap_or("")
}

/// Those that begin as what was typed, in any case, in order and each once.
pub(crate) fn proposals(start: usize, begun: &str, words: impl Iterator<Item = String>) -> Proposals {
    let begun = begun.to_lowercase();
    let mut words: Vec<String> =
        words.filter(|w| w.to_lowercase().trim_start_matches('`').starts_with(begun.trim_start_matches('`'))).collect();
    words.sort_by_cached_key(|w| w.to_lowercase());
    words.dedup();
    words.truncate(MOST);
    Proposals { start, words, wants_file: false }
}
