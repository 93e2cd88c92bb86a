//! What could be typed next: words of the language, names of the model, what the loaded leads hold.

use super::Session;
use super::commands::{self, COMMANDS};
use crate::builtins::FUNCTIONS;
use crate::diagnostic::Code;
use crate::syntax::words;
use crate::text::{fold, name_key};

/// So many proposals are enough.
const MOST: usize = 60;

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

impl Session {
    /// What could stand at the cursor, which is behind `line`.
    #[must_use]
    pub fn complete(&self, line: &str) -> Proposals {
        match line.strip_prefix(':') {
            Some(command) => self.complete_command(line, command),
            None => self.complete_rules(line, 0),
        }
    }

    fn complete_command(&self, line: &str, command: &str) -> Proposals {
        let Some((word, rest)) = command.split_once(char::is_whitespace) else {
            return proposals(1, command, COMMANDS.iter().map(|c| c.name.to_owned()));
        };
        let name = commands::find(word).map_or("", |c| c.name);
        let last = rest.rfind(char::is_whitespace).map_or(rest, |at| rest.get(at + 1..).unwrap_or(""));
        let (start, begun) = (line.len() - last.len(), last);
        match name {
            "load" | "save" => Proposals { start, words: Vec::new(), wants_file: true },
            "lead" | "explain" => proposals(line.len() - rest.len(), rest, self.book.ids().map(str::to_owned)),
            "help" => {
                let functions = FUNCTIONS.iter().map(|f| f.name.to_owned());
                let codes = Code::ALL.iter().map(|c| c.name().to_owned());
                proposals(start, begun, COMMANDS.iter().map(|c| c.name.to_owned()).chain(functions).chain(codes))
            }
            "why" => proposals(start, begun, std::iter::once("not".to_owned()).chain(self.stages())),
            "model" | "drop" => proposals(start, begun, self.definitions().into_iter()),
            "set" => match rest.split_once('=') {
                None => proposals(line.len() - rest.len(), rest, self.fields_and_columns().into_iter()),
                Some((field, value)) => {
                    let value = value.trim_start();
                    proposals(line.len() - value.len(), value, self.values(field.trim()).into_iter())
                }
            },
            "did" | "leads" => self.complete_rules(line, line.len() - rest.len()),
            "reset" => proposals(start, begun, std::iter::once("all".to_owned())),
            "test" => {
                let tests = self.rules.model().map_or(Vec::new(), |m| m.tests.iter().map(|t| t.name.clone()).collect());
                proposals(line.len() - rest.len(), rest, tests.into_iter())
            }
            _ => Proposals::default(),
        }
    }

    /// Rules and conditions, which begin at byte `from` of the line.
    fn complete_rules(&self, line: &str, from: usize) -> Proposals {
        let text = line.get(from..).unwrap_or("");
        if let Some((before, begun)) = open_text(text) {
            return self.complete_text(line, before, begun);
        }
        let begun = word_at_end(text);
        let start = line.len() - begun.len();
        let before = text.strip_suffix(begun).unwrap_or("").trim_end();
        if before.ends_with("fit(") || before.to_ascii_lowercase().ends_with(" of") {
            return proposals(start, begun, self.profiles().into_iter());
        }
        if let Some(left) = before.strip_suffix('=').map(str::trim_end)
            && (left.ends_with("stage") || left.ends_with("could_be") || left.ends_with("current"))
        {
            return proposals(start, begun, self.stages().into_iter());
        }
        if begun.is_empty() {
            return Proposals { start, ..Proposals::default() };
        }
        let all = words::RESERVED.iter().chain(words::STATEMENTS).chain(WORDS).map(|w| (*w).to_owned());
        let functions = FUNCTIONS.iter().map(|f| format!("{}(", f.name));
        let activity = self.activity_types().into_iter().map(|t| format!("{t}("));
        proposals(
            start,
            begun,
            self.fields_and_columns()
                .into_iter()
                .chain(self.definitions())
                .chain(self.profiles())
                .chain(self.stages())
                .chain(activity)
                .chain(functions)
                .chain(all),
        )
    }

    /// Inside of a text: targets of an activity, values of a column, names of files.
    fn complete_text(&self, line: &str, before: &str, begun: &str) -> Proposals {
        let start = line.len() - begun.len();
        let before = before.trim_end();
        let file = ["use", "lines of", "table", "from"].iter().any(|w| before.to_ascii_lowercase().ends_with(w));
        if file && !before.to_ascii_lowercase().contains("field ") && !before.to_ascii_lowercase().contains("activity ")
        {
            return Proposals { start, words: Vec::new(), wants_file: true };
        }
        // Behind the last open parenthesis stands an activity type; behind `=` or `in [` stands a field.
        let bare = before.trim_end_matches(|c: char| c == ',' || c == '[' || c == '"' || c.is_whitespace());
        let words = if let Some((head, _)) =
            bare.rsplit_once('(').filter(|(_, inner)| !inner.contains(')') && !inner.contains("where"))
        {
            let kind = word_at_end(head.trim_end());
            self.book.targets_of(&fold(kind), MOST)
        } else {
            let tests = ["=", "!=", "in", "contains", "mentions", "is", "any", "all", "with", "starts", "ends", "not"];
            let mut head = bare;
            while let Some(shorter) = tests.iter().find_map(|t| head.strip_suffix(t)) {
                head = shorter.trim_end();
            }
            // Other texts of the same list stand between.
            let head = head.split_once(" in [").map_or(head, |(field, _)| field);
            self.values(word_at_end(head.trim_end()))
        };
        let mut found = proposals(start, begun, words.into_iter().map(|w| w.replace('"', "\\\"")));
        for word in &mut found.words {
            word.push('"');
        }
        found
    }

    fn fields_and_columns(&self) -> Vec<String> {
        let fields = self.rules.model().map_or(Vec::new(), |m| m.fields.iter().map(|f| f.name.clone()).collect());
        let columns = self
            .book
            .names
            .iter()
            .map(|n| if n.chars().all(crate::text::is_word_char) { n.clone() } else { format!("`{n}`") });
        fields.into_iter().chain(columns).filter(|n| !n.is_empty()).collect()
    }

    fn definitions(&self) -> Vec<String> {
        let Some(model) = self.rules.model() else { return Vec::new() };
        let lets = model.definitions.iter().map(|d| d.name.clone());
        lets.chain(model.groups.iter().map(|g| g.name.clone()))
            .chain(model.labels.iter().map(|l| l.name.clone()))
            .filter(|n| !n.is_empty())
            .collect()
    }

    fn profiles(&self) -> Vec<String> {
        let Some(model) = self.rules.model() else { return Vec::new() };
        model.definitions.iter().filter(|d| d.profile.is_some()).map(|d| d.name.clone()).collect()
    }

    fn stages(&self) -> Vec<String> {
        self.rules.model().map_or(Vec::new(), |m| m.ladder.stages.clone())
    }

    fn activity_types(&self) -> Vec<String> {
        let of_model =
            self.rules.model().map_or(Vec::new(), |m| m.activity_types.iter().map(|t| t.name.clone()).collect());
        of_model
            .into_iter()
            .chain(self.book.activity_types(MOST))
            .filter(|t| t.chars().all(crate::text::is_word_char))
            .collect()
    }

    /// What the loaded leads say in a field.
    fn values(&self, field: &str) -> Vec<String> {
        let key = name_key(field.trim_matches('`'));
        let keys = self
            .rules
            .model()
            .and_then(|m| m.fields.iter().find(|f| f.keys.contains(&key)))
            .map_or(vec![key], |f| f.keys.clone());
        keys.iter().flat_map(|k| self.book.values_of(k, MOST)).collect()
    }
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
fn proposals(start: usize, begun: &str, words: impl Iterator<Item = String>) -> Proposals {
    let begun = begun.to_lowercase();
    let mut words: Vec<String> =
        words.filter(|w| w.to_lowercase().trim_start_matches('`').starts_with(begun.trim_start_matches('`'))).collect();
    words.sort_by_cached_key(|w| w.to_lowercase());
    words.dedup();
    words.truncate(MOST);
    Proposals { start, words, wants_file: false }
}
