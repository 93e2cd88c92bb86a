//! Every sentence that Merit says, one function each, so that its tone can be read from top to bottom.
//!
//! The style is written down in `CONTRIBUTING.md`.

pub mod against_data;
pub mod data;
pub mod data_blocks;
pub mod habits;
pub mod lints;
pub mod meaning;
pub mod names;
pub mod session;
#[cfg(feature = "cli")]
pub mod sql;
#[cfg(feature = "cli")]
pub mod start;
pub mod syntax;
pub mod tests;
pub mod types;

use crate::reserved::is_reserved;

/// A text that is short enough for a message: its first line, cut at 60 characters.
fn short(text: &str) -> String {
    let line = text.split('\n').next().unwrap_or("");
    if line.chars().count() > 60 {
        format!("{}…", line.chars().take(59).collect::<String>())
    } else {
        line.to_owned()
    }
}

/// A name as it can be typed without backticks.
fn bare(name: &str) -> Option<&str> {
    let is_letter = |c: char| c.is_ascii_alphabetic() || c == '_';
    let is_bare = name.starts_with(is_letter) && name.chars().all(|c| is_letter(c) || c.is_ascii_digit());
    (is_bare && !is_reserved(name)).then_some(name)
}

/// A name, or a path such as `company.size`, as a model writes it: in backticks where it needs them.
fn typed(name: &str) -> String {
    if name.split('.').all(|part| bare(part).is_some()) { name.to_owned() } else { format!("`{name}`") }
}

/// A text in quotes, where nothing in it needs a backslash.
fn in_quotes(text: &str) -> Option<String> {
    (!text.contains(['"', '\\', '{', '}', '\n', '“', '”', '«', '»'])).then(|| format!("\"{text}\""))
}

/// `1 row`, `2 rows`.
pub(crate) fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}
