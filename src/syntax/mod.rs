//! From text to tree: `parse` never gives up and reports every syntax error of a file.
//!
//! `scan` looks at the text first, `recover` cuts it into statements and opens and closes blocks, the grammar reads each
//! statement, `build` makes the tree, `describe` says what was wrong. Nothing of pest leaves this module.

pub mod ast;
mod build;
mod describe;
mod grammar;
mod habits;
pub mod outline;
mod recover;
mod scan;

use std::collections::HashSet;

use crate::diagnostic::{Diagnostic, MOST_SHOWN};
use crate::messages::syntax as say;
use crate::reserved;
use crate::source::{FileId, Source, Span};
use crate::text::name_key;

/// A rule file may not be larger than this, in bytes.
pub const LARGEST_FILE: usize = 4 << 20;

/// Reads a rule file. What could be read is in the tree, all that could not has a message, in the order of the text.
#[must_use]
pub fn parse(file: FileId, source: &Source) -> (ast::File, Vec<Diagnostic>) {
    let (items, comments, diagnostics) = read(file, source, recover::items);
    (ast::File { items, comments }, diagnostics)
}

/// Reads values and conditions that stand alone, as somebody asks them of a lead.
#[must_use]
pub fn parse_questions(file: FileId, source: &Source) -> (Vec<ast::Expr>, Vec<Diagnostic>) {
    let (asked, _, diagnostics) = read(file, source, recover::asked);
    (asked, diagnostics)
}

/// Reads lines as they stand in a test.
#[must_use]
pub fn parse_test_lines(file: FileId, source: &Source) -> (Vec<ast::TestItem>, Vec<Diagnostic>) {
    let (lines, _, diagnostics) = read(file, source, recover::test_lines);
    (lines, diagnostics)
}

fn read<T>(
    file: FileId,
    source: &Source,
    pieces: impl FnOnce(FileId, &scan::Scan<'_>) -> (Vec<T>, Vec<Diagnostic>),
) -> (Vec<T>, Vec<Span>, Vec<Diagnostic>) {
    if source.text.len() > LARGEST_FILE {
        let span = Span { file, start: 0, end: 0 };
        return (Vec::new(), Vec::new(), vec![say::file_too_large(span, source.text.len(), LARGEST_FILE)]);
    }
    let mut scan = scan::scan(file, &source.text);
    let mut diagnostics = std::mem::take(&mut scan.diagnostics);
    let (items, more) = pieces(file, &scan);
    diagnostics.extend(more);
    diagnostics.sort_by_key(|d| d.labels.first().map_or(0, |l| l.span.start));
    if diagnostics.len() > MOST_SHOWN {
        let rest = diagnostics.split_off(MOST_SHOWN);
        diagnostics.extend(rest.first().and_then(|d| d.labels.first()).map(|l| say::too_many(l.span, MOST_SHOWN)));
    }
    (items, scan.comments, diagnostics)
}

/// What a piece of a text is, for colouring it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// A reserved word, or one that begins a statement.
    Word,
    /// A text in quotes.
    Text,
    /// A number.
    Number,
    /// From `#` to the end of the line.
    Comment,
}

/// The pieces of a text that have a colour, in order: bytes, half open.
#[must_use]
pub fn looks(text: &str) -> Vec<(std::ops::Range<usize>, Look)> {
    let scan = scan::scan(FileId(0), text);
    let mut out: Vec<(std::ops::Range<usize>, Look)> =
        scan.comments.iter().map(|span| (span.range(), Look::Comment)).collect();
    for token in &scan.tokens {
        let look = match token.kind {
            scan::Kind::Text | scan::Kind::UnclosedText => Look::Text,
            scan::Kind::Number => Look::Number,
            scan::Kind::Word => {
                let word = scan.slice(token).to_ascii_lowercase();
                if !reserved::is_reserved(&word) && !reserved::STATEMENTS.contains(&word.as_str()) {
                    continue;
                }
                Look::Word
            }
            _ => continue,
        };
        out.push((token.start as usize..token.end as usize, look));
    }
    out.sort_by_key(|(range, _)| range.start);
    out
}

/// The names that a text holds, as their keys (see [`crate::text::name_key`]), also those in braces in its texts; what is called,
/// such as `domain(email)`, is none.
pub fn names_in(text: &str) -> HashSet<String> {
    let scan = scan::scan(FileId(0), text);
    let mut names = HashSet::new();
    for (i, token) in scan.tokens.iter().enumerate() {
        let written = scan.slice(token);
        match token.kind {
            scan::Kind::Word
                if scan
                    .tokens
                    .get(i + 1)
                    .is_some_and(|next| next.kind == scan::Kind::Open(b'(') && next.start == token.end) => {}
            scan::Kind::Word | scan::Kind::Quoted => drop(names.insert(name_key(written))),
            scan::Kind::Text => {
                names.extend(written.split('{').skip(1).filter_map(|rest| Some(name_key(rest.split_once('}')?.0))));
            }
            _ => {}
        }
    }
    names
}

/// Whether a text, typed so far, waits for more: a brace, parenthesis, bracket or text is open, or a line ends where none may.
#[must_use]
pub fn wants_more(text: &str) -> bool {
    let scan = scan::scan(FileId(0), text);
    let open = scan
        .tokens
        .iter()
        .any(|t| t.kind == scan::Kind::UnclosedText || t.partner.is_none() && matches!(t.kind, scan::Kind::Open(_)));
    open || scan.tokens.last().is_some_and(|t| {
        matches!(t.kind, scan::Kind::Operator | scan::Kind::Comma)
            || ["and", "or", "not", "in", "if", "add", "when", "because", "per", "unless"]
                .iter()
                .any(|w| scan.slice(t).eq_ignore_ascii_case(w))
    })
}
