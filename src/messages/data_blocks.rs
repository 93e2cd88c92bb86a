//! What is said of `leads { … }` and `activity log { … }`.

use super::short;
use crate::diagnostic::{Code, Diagnostic};
use crate::shown::several;
use crate::source::Span;

/// `leads { type "event" }`
pub fn of_the_other_block(at: Span, block: &str, words: &str) -> Diagnostic {
    let other = if block == "leads" { "activity log" } else { "leads" };
    Diagnostic::new(Code::E208, format!("the block `{block}` has no line `{words}`"))
        .label(at, "not here")
        .help(format!("write it in `{other} {{ … }}`"))
}

/// `id "A", "B"`
pub fn one_id(at: Span) -> Diagnostic {
    Diagnostic::new(Code::E208, "a lead has one id")
        .label(at, "a second column")
        .help("write `other ids \"…\"` for columns of ids whose activity counts as well")
}

/// `header in row 0`
pub fn row_from_one(at: Span) -> Diagnostic {
    Diagnostic::new(Code::E208, "rows are counted from 1")
        .label(at, "there is no such row")
        .help("write `header in row 1`")
}

/// `encoding "latin"`
pub fn not_one_of(at: Span, what: &str, written: &str, known: &[&str], near: Option<&str>) -> Diagnostic {
    let known: Vec<String> = known.iter().map(|k| format!("`{k}`")).collect();
    let help = match near {
        Some(near) => format!("write `{what} \"{near}\"`"),
        None => format!("write one of {}", several(&known, "or")),
    };
    Diagnostic::new(Code::E208, format!("there is no {what} \"{}\" here", short(written)))
        .label(at, "not known")
        .help(help)
}

/// `delimiter ";;"`
pub fn no_delimiter(at: Span, written: &str) -> Diagnostic {
    Diagnostic::new(Code::E208, format!("\"{}\" cannot stand between cells", short(written)))
        .label(at, "one sign is wanted")
        .help("write `delimiter \";\"`, `\",\"`, `\"|\"` or `\"tab\"`")
}

/// `ignore rows where score > 5`
pub fn columns_alone(at: Span, what: &str) -> Diagnostic {
    Diagnostic::new(Code::E209, format!("which rows are left out hangs on columns alone, not on {what}"))
        .label(at, "no column")
        .help("name columns of the file: `ignore rows where `Record ID` is missing`")
}
