//! From text to the cells of a row, every quote believed.
//!
//! Splits as the `csv` crate does; a test holds the two equal.

use std::borrow::Cow;

use super::Dialect;

/// A row as it is split when every quote is believed.
#[derive(Debug)]
pub(super) struct Scan<'t> {
    pub cells: Vec<Cow<'t, str>>,
    /// Where the next row begins.
    pub end: usize,
    /// The quoted cells that may be a mistake: of several lines, or never closed.
    pub quotes: Vec<Quote>,
}

#[derive(Debug)]
pub(super) struct Quote {
    /// The number of the cell, from 0.
    pub cell: usize,
    /// The opening quote.
    pub start: usize,
    /// Behind the cell.
    pub end: usize,
    pub closed: bool,
    /// Whether text follows the closing quote.
    pub junk: bool,
}

pub(super) fn scan(text: &str, start: usize, dialect: Dialect) -> Scan<'_> {
    let bytes = text.as_bytes();
    let mut cells = Vec::new();
    let mut quotes = Vec::new();
    let mut at = start;
    loop {
        if bytes.get(at) == Some(&b'"') {
            let (cell, quote) = quoted(text, at, dialect, cells.len());
            at = quote.end;
            if !quote.closed || slice(text, quote.start, quote.end).contains(['\n', '\r']) {
                quotes.push(quote);
            }
            cells.push(cell);
        } else {
            let end = plain_end(bytes, at, dialect);
            cells.push(Cow::Borrowed(slice(text, at, end)));
            at = end;
        }
        if bytes.get(at) == Some(&dialect.delimiter) {
            at += 1;
        } else {
            return Scan { cells, end: at + line_end_length(bytes, at, dialect), quotes };
        }
    }
}

/// The quoted cell at an offset. Text behind the closing quote belongs to it.
fn quoted(text: &str, start: usize, dialect: Dialect, cell: usize) -> (Cow<'_, str>, Quote) {
    let bytes = text.as_bytes();
    let mut held = String::new();
    let mut piece = start + 1;
    let mut from = piece;
    loop {
        let Some(found) = bytes.get(from..).and_then(|rest| rest.iter().position(|&b| b == b'"')) else {
            let end = text.len();
            return (joined(held, slice(text, piece, end)), Quote { cell, start, end, closed: false, junk: false });
        };
        let quote = from + found;
        if bytes.get(quote + 1) == Some(&b'"') {
            held.push_str(slice(text, piece, quote + 1));
            piece = quote + 2;
            from = piece;
            continue;
        }
        let end = plain_end(bytes, quote + 1, dialect);
        let junk = end > quote + 1;
        let mut value = joined(held, slice(text, piece, quote));
        if junk {
            value.to_mut().push_str(slice(text, quote + 1, end));
        }
        return (value, Quote { cell, start, end, closed: true, junk });
    }
}

fn joined(mut held: String, piece: &str) -> Cow<'_, str> {
    if held.is_empty() {
        return Cow::Borrowed(piece);
    }
    held.push_str(piece);
    Cow::Owned(held)
}

/// Where an unquoted cell ends.
fn plain_end(bytes: &[u8], start: usize, dialect: Dialect) -> usize {
    let mut at = start;
    while let Some(found) =
        bytes.get(at..).and_then(|rest| rest.iter().position(|&b| b == dialect.delimiter || matches!(b, b'\n' | b'\r')))
    {
        at += found;
        if bytes.get(at) != Some(&b'\r') || line_end_length(bytes, at, dialect) > 0 {
            return at;
        }
        at += 1;
    }
    bytes.len()
}

/// How many bytes the line end at an offset has; 0 where there is none. A CR in a file whose lines end in LF or CRLF is
/// text, but for a run of them before an LF, which systems that translate line ends twice leave.
fn line_end_length(bytes: &[u8], at: usize, dialect: Dialect) -> usize {
    match bytes.get(at) {
        Some(b'\n') => 1,
        Some(b'\r') if dialect.lone_cr => 1 + usize::from(bytes.get(at + 1) == Some(&b'\n')),
        Some(b'\r') => {
            let run = bytes.get(at..).unwrap_or(&[]).iter().take_while(|&&b| b == b'\r').count();
            match bytes.get(at + run) {
                Some(b'\n') => run + 1,
                None => run,
                Some(_) => 0,
            }
        }
        _ => 0,
    }
}

/// The end of the line, quotes or no quotes, that holds an offset, and the start of the next.
pub(super) fn line_end(text: &str, from: usize, dialect: Dialect) -> (usize, usize) {
    let bytes = text.as_bytes();
    let mut at = from;
    while let Some(found) = bytes.get(at..).and_then(|rest| rest.iter().position(|&b| matches!(b, b'\n' | b'\r'))) {
        at += found;
        let length = line_end_length(bytes, at, dialect);
        if length > 0 {
            return (at, at + length);
        }
        at += 1;
    }
    (bytes.len(), bytes.len())
}

pub(super) fn slice(text: &str, start: usize, end: usize) -> &str {
    text.get(start..end).unwrap_or("")
}
