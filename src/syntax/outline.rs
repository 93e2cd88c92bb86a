//! What a text consists of: tokens, comments, and the parts that the tokens make up.
//!
//! For whoever lays text out. Every token belongs to one part, or separates two; what cannot be read is a part as well.

use std::ops::Range;

use super::ast::Item;
pub use super::recover::Context;
pub use super::scan::{Kind, Token};
use super::{recover, scan};
use crate::source::{FileId, Span};

/// The outline of a rule file.
#[derive(Debug)]
pub struct Outline {
    /// All tokens.
    pub tokens: Vec<Token>,
    /// The comments, each from its `#` to the end of its line.
    pub comments: Vec<Span>,
    /// What the tokens make up, in order; those between two parts are `;` and `,` alone.
    pub parts: Vec<Part>,
    /// What it means: the tree without places, so that texts that differ in layout alone have equal ones.
    pub items: Vec<Item>,
    /// Whether it has syntax errors.
    pub has_errors: bool,
}

/// Some tokens that belong together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Which tokens, by their places in the scan.
    pub tokens: Range<usize>,
    /// What they make up.
    pub kind: PartKind,
}

/// What tokens make up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PartKind {
    /// The head of a block, its brace included.
    Open,
    /// The brace that closes a block.
    Close,
    /// A statement or line, and what surrounds it.
    Line(Context),
    /// What could not be read; a block whole where its head or its braces are not as they should be.
    Broken,
}

/// Takes a text apart. It is not larger than [`super::LARGEST_FILE`].
#[must_use]
pub fn outline(text: &str) -> Outline {
    let mut scan = scan::scan(FileId(0), text);
    let (items, parts, diagnostics) = recover::parts(&scan);
    let mut faults: Vec<u32> = scan.diagnostics.iter().filter_map(|d| d.labels.first()).map(|l| l.span.start).collect();
    faults.sort_unstable();
    let has_errors = !faults.is_empty() || diagnostics.iter().any(crate::diagnostic::Diagnostic::is_error);
    let parts = spoil(complete(parts, &scan.tokens), &scan.tokens, &faults);
    Outline { tokens: std::mem::take(&mut scan.tokens), comments: scan.comments, parts, items, has_errors }
}

/// Adds what belongs to no part so far: what was left behind after an error.
fn complete(parts: Vec<Part>, tokens: &[Token]) -> Vec<Part> {
    let mut all = Vec::with_capacity(parts.len());
    let mut at = 0;
    let rest = |all: &mut Vec<Part>, from: usize, to: usize| {
        let is_left = |k: &usize| !matches!(tokens.get(*k).map(|t| t.kind), Some(Kind::Semi | Kind::Comma) | None);
        if let (Some(first), Some(last)) = ((from..to).find(is_left), (from..to).rev().find(is_left)) {
            all.push(Part { tokens: first..last + 1, kind: PartKind::Broken });
        }
    };
    for part in parts {
        rest(&mut all, at, part.tokens.start);
        at = part.tokens.end;
        all.push(part);
    }
    rest(&mut all, at, tokens.len());
    all
}

/// Takes those parts for broken in which the first look at the text found a fault, blocks whole where it stands in the head;
/// and what an error follows on the same line, for nobody knows how much of that was meant to be one statement.
fn spoil(parts: Vec<Part>, tokens: &[Token], faults: &[u32]) -> Vec<Part> {
    let mut all: Vec<Part> = Vec::with_capacity(parts.len());
    let mut behind = 0;
    for mut part in parts {
        if part.tokens.start < behind {
            continue;
        }
        let place = |k: usize| tokens.get(k);
        let (start, end) =
            (place(part.tokens.start).map_or(0, |t| t.start), place(part.tokens.end - 1).map_or(0, |t| t.end));
        let is_faulty = faults.get(faults.partition_point(|&f| f < start)).is_some_and(|&f| f < end);
        if is_faulty {
            if part.kind == PartKind::Open
                && let Some(close) = place(part.tokens.end - 1).and_then(|t| t.partner)
            {
                part.tokens.end = close as usize + 1;
            }
            part.kind = PartKind::Broken;
        }
        behind = part.tokens.end;
        let goes_on = part.kind == PartKind::Broken && place(part.tokens.start).is_some_and(|t| !t.starts_line);
        match all.last_mut() {
            Some(last)
                if goes_on
                    && matches!(last.kind, PartKind::Line(_) | PartKind::Broken)
                    && last.tokens.end == part.tokens.start =>
            {
                (last.kind, last.tokens.end) = (PartKind::Broken, part.tokens.end);
            }
            _ => all.push(part),
        }
    }
    all
}
