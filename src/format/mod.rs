//! One layout for rule files: `format` gives every model the same line breaks, indentation and columns.
//!
//! Only white space moves. The page is set from the tokens of the file, never from its tree, and so each word stays as it was
//! written. Three things besides are settled: `;` and `,` between statements become line ends, and a list over several lines
//! ends with a comma, one on a line does not. Afterwards the result is read again: it must mean the same, hold the same words
//! and comments, and stay as it is when it is set once more. Does no I/O.

mod breaks;
mod columns;
mod lines;
mod page;
mod pieces;

use crate::diagnostic::Diagnostic;
use crate::source::{FileId, Source};
use crate::syntax;
use crate::syntax::outline::{Outline, PartKind, outline};

/// A formatted rule file.
#[derive(Debug, Clone)]
pub struct Formatted {
    /// The text; lines end with `\n`, and there is no byte order mark.
    pub text: String,
    /// The syntax errors of the file, with their places in the text that was given. The statements that hold them stand as
    /// they stood, the others are formatted.
    pub errors: Vec<Diagnostic>,
}

/// The formatted text would not have been the same model. That is a fault of Merit, never of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unfaithful;

/// Formats a rule file.
///
/// A file with syntax errors is formatted as far as its statements can be told apart; where that cannot be done without
/// another meaning of what is wrong, its text is given back as it is. A formatted text is formatted to itself.
///
/// # Errors
/// [`Unfaithful`] where a file without syntax errors would not be the same afterwards.
pub fn format(text: &str) -> Result<Formatted, Unfaithful> {
    let as_it_is = |errors| Formatted { text: text.to_owned(), errors };
    let errors = || syntax::parse(FileId(0), &Source::new("", text)).1;
    if text.len() > syntax::LARGEST_FILE {
        return Ok(as_it_is(errors()));
    }
    let plain = plain(text);
    let before = outline(&plain);
    let errors = if before.has_errors { errors() } else { Vec::new() };
    let set = page::page(&plain, &before);
    let after = outline(&set);
    if is_same((&plain, &before), (&set, &after)) && page::page(&set, &after) == set {
        return Ok(Formatted { text: set, errors });
    }
    if before.has_errors { Ok(as_it_is(errors)) } else { Err(Unfaithful) }
}

/// The text without a byte order mark, and with one sign for the end of a line.
fn plain(text: &str) -> String {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.contains('\r') { text.replace("\r\n", "\n").replace('\r', "\n") } else { text.to_owned() }
}

/// Whether two texts are one model: the same tree, words and comments, and the same statements broken.
fn is_same((a_text, a): (&str, &Outline), (b_text, b): (&str, &Outline)) -> bool {
    let kinds = |o: &Outline| o.parts.iter().map(|p| p.kind).collect::<Vec<PartKind>>();
    kinds(a) == kinds(b)
        && words(a_text, a) == words(b_text, b)
        && pieces::comments(a_text, a) == pieces::comments(b_text, b)
        && a.items == b.items
}

/// All that counts of a file, in order: the words of its statements without the commas at the end of lists, and broken ones
/// letter by letter.
fn words<'t>(text: &'t str, outline: &Outline) -> Vec<&'t str> {
    let mut words = Vec::with_capacity(outline.tokens.len());
    for part in &outline.parts {
        if part.kind == PartKind::Broken {
            words.push(pieces::verbatim(text, outline, &part.tokens));
            continue;
        }
        let kept = part.tokens.clone().filter(|&k| !pieces::is_spare(&outline.tokens, k));
        words.extend(kept.filter_map(|k| outline.tokens.get(k)).map(|t| pieces::slice(text, t.start, t.end)));
    }
    words
}
