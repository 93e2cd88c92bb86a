//! CSV and TSV: from text to records.
//!
//! Owns the splitting into cells and the finding of quotes that are never closed. Splits as the `csv` crate does (a test
//! holds the two equal), but that crate gives no way to see such a quote: it swallows the rows up to the next quote, or
//! the whole rest of the file, without a word. Here only the line with the quote is lost. Knows nothing of columns but
//! how many there are.

use std::borrow::Cow;

use super::lines::Lines;
use crate::diagnostic::Diagnostic;
use crate::messages::data as messages;

/// A quoted cell of several lines is this long only by mistake, if what it holds looks like rows.
const LONG_CELL: usize = 1 << 20;

/// No spreadsheet has more columns than this.
const MOST_COLUMNS: usize = 16_384;

/// What may stand between cells; of equally likely ones the first.
const DELIMITERS: [u8; 3] = [b',', b';', b'\t'];

/// What stands between cells and between rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dialect {
    /// Between cells.
    pub delimiter: u8,
    /// Whether a CR without LF ends a row, as in files of old Macs.
    pub lone_cr: bool,
}

/// What the rows of a file are like.
#[derive(Debug, Clone, Copy)]
pub struct RowShape {
    /// What stands between cells and rows.
    pub dialect: Dialect,
    /// How many cells a row has.
    pub columns: usize,
    /// The column that holds the id.
    pub id: Option<usize>,
}

/// The first row.
#[derive(Debug)]
pub(super) struct Header {
    pub dialect: Dialect,
    pub names: Vec<String>,
    /// Where the rows begin.
    pub end: usize,
}

/// Reads the first row and finds out what stands between its cells.
pub(super) fn header(name: &str, text: &str, tabs: bool) -> Result<Header, Diagnostic> {
    let (told, start) = separator_line(text);
    let start = start + leading_blank(text.get(start..).unwrap_or(""));
    let (sniffed, lone_cr) = sniff(text.get(start..).unwrap_or(""));
    let delimiter = if tabs { b'\t' } else { told.unwrap_or(sniffed) };
    let dialect = Dialect { delimiter, lone_cr };
    let scan = scan(text, start, dialect);
    let line = Lines::new(text, lone_cr).line_of(start);
    if scan.quotes.iter().any(|q| !q.closed || q.junk) {
        return Err(messages::unclosed_quote_in_header(name, line));
    }
    if scan.cells.iter().all(|cell| crate::text::trim(cell).is_empty()) {
        return Err(messages::no_header(name, line));
    }
    if scan.cells.len() > MOST_COLUMNS {
        return Err(messages::too_many_columns(name, MOST_COLUMNS));
    }
    Ok(Header { dialect, names: scan.cells.into_iter().map(Cow::into_owned).collect(), end: scan.end })
}

/// The `sep=;` that Excel writes and reads above the header: the delimiter, and where the header's line begins.
fn separator_line(text: &str) -> (Option<u8>, usize) {
    let line = text.get(..text.find(['\n', '\r']).unwrap_or(text.len())).unwrap_or("");
    match line.trim_matches('"').as_bytes() {
        [s, e, p, b'=', delimiter @ (b',' | b';' | b'\t' | b'|')] if [*s, *e, *p].eq_ignore_ascii_case(b"sep") => {
            (Some(*delimiter), line.len())
        }
        _ => (None, 0),
    }
}

fn leading_blank(text: &str) -> usize {
    text.len() - text.trim_start_matches(['\n', '\r']).len()
}

/// Which of comma, semicolon and tab is most frequent in the header outside quotes, and whether a lone CR ends it.
/// Of those that are equally frequent, one that is as frequent in the next row too.
fn sniff(text: &str) -> (u8, bool) {
    let (header, end) = count_delimiters(text);
    let rest = text.get(end..).unwrap_or("");
    let (row, _) = count_delimiters(rest.trim_start_matches(['\n', '\r']));
    let best = (DELIMITERS.iter().zip(header).zip(row)).rev().max_by_key(|&((_, n), in_row)| (n, n == in_row));
    let after = rest.trim_start_matches('\r');
    let lone_cr = after.len() < rest.len() && !after.is_empty() && !after.starts_with('\n');
    (best.map_or(b',', |((&delimiter, _), _)| delimiter), lone_cr)
}

/// How often each delimiter stands outside quotes before the end of the row, and where that is.
fn count_delimiters(text: &str) -> ([usize; 3], usize) {
    let mut counts = [0; 3];
    let mut quoted = false;
    for (at, b) in text.bytes().enumerate() {
        match b {
            b'"' => quoted = !quoted,
            _ if quoted => {}
            b'\n' | b'\r' => return (counts, at),
            _ => counts.iter_mut().zip(DELIMITERS).filter(|(_, d)| *d == b).for_each(|(n, _)| *n += 1),
        }
    }
    (counts, text.len())
}

/// One row.
#[derive(Debug)]
pub(super) struct Record<'t> {
    /// The line where it starts.
    pub line: u64,
    /// Its cells, as far as they can be told.
    pub cells: Vec<Cow<'t, str>>,
    pub fault: Option<Fault>,
}

/// Why a row cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// It has a quote, in this line, that is never closed.
    Unclosed(u64),
    /// It has this many cells, and the header another number.
    Cells(usize),
}

/// The rows after the header.
#[derive(Debug)]
pub(super) struct Records<'t> {
    text: &'t str,
    at: usize,
    shape: RowShape,
    lines: Lines<'t>,
}

impl<'t> Records<'t> {
    /// The rows from an offset on.
    pub(super) fn new(text: &'t str, at: usize, shape: RowShape) -> Records<'t> {
        Records { text, at, shape, lines: Lines::new(text, shape.dialect.lone_cr) }
    }

    /// Passes lines that hold nothing. In a table of several columns, blanks are nothing too.
    fn skip_blank_lines(&mut self) {
        while let Some(&byte) = self.text.as_bytes().get(self.at) {
            if !matches!(byte, b'\n' | b'\r' | b' ' | b'\t') {
                return;
            }
            let RowShape { dialect, columns, .. } = self.shape;
            let (end, next) = line_end(self.text, self.at, dialect);
            let line = slice(self.text, self.at, end);
            let is_nothing = |b: u8| b == b'\r' || (columns > 1 && b != dialect.delimiter && matches!(b, b' ' | b'\t'));
            if !line.bytes().all(is_nothing) {
                return;
            }
            self.at = next;
        }
    }

    /// The quote of a row that was not closed where it should have been.
    fn unclosed<'a>(&self, scan: &'a Scan<'t>) -> Option<&'a Quote> {
        let RowShape { dialect, columns, .. } = self.shape;
        let odd = scan.cells.len() != columns || scan.quotes.iter().any(|q| !q.closed);
        scan.quotes.iter().find(|q| {
            let suspicious = odd || q.junk || q.end - q.start > LONG_CELL;
            !q.closed || (suspicious && columns > 1 && self.looks_like_a_row(line_end(self.text, q.start, dialect).1))
        })
    }

    /// Whether the line at an offset alone is a row with the right number of cells.
    fn looks_like_a_row(&self, at: usize) -> bool {
        let RowShape { dialect, columns, .. } = self.shape;
        let (end, _) = line_end(self.text, at, dialect);
        let line = slice(self.text, at, end);
        line.bytes().filter(|&b| b == dialect.delimiter).count() + 1 == columns || scan(line, 0, dialect).cells.len() == columns
    }

    /// The row whose quote is never closed, cut at the end of the line with the quote.
    fn cut(&mut self, scan: &Scan<'t>, quote: &Quote, line: u64) -> Record<'t> {
        let RowShape { dialect, columns, .. } = self.shape;
        let (end, next) = line_end(self.text, quote.start, dialect);
        let rest = slice(self.text, quote.start + 1, end);
        let mut cells: Vec<Cow<'t, str>> = scan.cells.iter().take(quote.cell).cloned().collect();
        let others: Vec<&str> = rest.split(char::from(dialect.delimiter)).collect();
        if cells.len() + others.len() == columns {
            cells.extend(others.into_iter().map(|cell| Cow::Borrowed(cell.trim_matches('"'))));
        } else {
            cells.push(Cow::Borrowed(rest));
        }
        self.at = next;
        Record { line, cells, fault: Some(Fault::Unclosed(self.lines.line_of(quote.start))) }
    }
}

impl<'t> Iterator for Records<'t> {
    type Item = Record<'t>;

    fn next(&mut self) -> Option<Record<'t>> {
        self.skip_blank_lines();
        if self.at >= self.text.len() {
            return None;
        }
        let line = self.lines.line_of(self.at);
        let scan = scan(self.text, self.at, self.shape.dialect);
        if let Some(quote) = self.unclosed(&scan) {
            return Some(self.cut(&scan, quote, line));
        }
        self.at = scan.end;
        let found = scan.cells.len();
        let fault = (found != self.shape.columns).then_some(Fault::Cells(found));
        Some(Record { line, cells: scan.cells, fault })
    }
}

/// A row as it is split when every quote is believed.
#[derive(Debug)]
struct Scan<'t> {
    cells: Vec<Cow<'t, str>>,
    /// Where the next row begins.
    end: usize,
    /// The quoted cells that may be a mistake: of several lines, or never closed.
    quotes: Vec<Quote>,
}

#[derive(Debug)]
struct Quote {
    /// The number of the cell, from 0.
    cell: usize,
    /// The opening quote.
    start: usize,
    /// Behind the cell.
    end: usize,
    closed: bool,
    /// Whether text follows the closing quote.
    junk: bool,
}

fn scan(text: &str, start: usize, dialect: Dialect) -> Scan<'_> {
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
fn line_end(text: &str, from: usize, dialect: Dialect) -> (usize, usize) {
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

fn slice(text: &str, start: usize, end: usize) -> &str {
    text.get(start..end).unwrap_or("")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const COMMAS: Dialect = Dialect { delimiter: b',', lone_cr: false };

    /// All rows, every quote believed.
    fn believed(text: &str) -> Option<Vec<Vec<String>>> {
        let (mut rows, mut at) = (Vec::new(), 0);
        loop {
            at += leading_blank(text.get(at..).unwrap_or(""));
            if at >= text.len() {
                return Some(rows);
            }
            let scan = scan(text, at, COMMAS);
            if scan.quotes.iter().any(|q| !q.closed) {
                return None;
            }
            rows.push(scan.cells.into_iter().map(Cow::into_owned).collect());
            at = scan.end;
        }
    }

    proptest! {
        #[test]
        fn cells_are_those_of_the_csv_crate(pieces in prop::collection::vec(prop::sample::select(vec!["a", "ß", ",", "\"", "\"\"", "\n", "\r\n", " "]), 0..40)) {
            let text = pieces.concat();
            let mut reader = ::csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
            let theirs: Vec<Vec<String>> = reader.records().map(|r| r.unwrap().iter().map(str::to_owned).collect()).collect();
            if let Some(ours) = believed(&text) {
                prop_assert_eq!(ours, theirs);
            }
        }

        /// Whatever the quotes do, every line is in some row, lines grow, and the end is reached.
        #[test]
        fn no_line_is_lost(pieces in prop::collection::vec(prop::sample::select(vec!["a", ",", "\"", "\n", "\r", "\r\n", "x,y\n"]), 0..60)) {
            let text = pieces.concat();
            for lone_cr in [false, true] {
                let dialect = Dialect { lone_cr, ..COMMAS };
                let mut last = 0;
                let mut records = Records::new(&text, 0, RowShape { dialect, columns: 2, id: None });
                for record in records.by_ref() {
                    prop_assert!(record.line > last && !record.cells.is_empty());
                    last = record.line;
                }
                prop_assert_eq!(records.at, text.len());
            }
        }
    }
}
