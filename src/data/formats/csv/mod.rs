//! CSV and TSV: from text to records.
//!
//! Owns the first row, what stands between cells, and the records with their faults; `split` the cells of a row, `stray` the
//! quotes that swallow rows. The `csv` crate gives no way to see such a quote: it takes the rows up to the next one, or the whole
//! rest of the file, for one cell, without a word. Here only the line with the quote is lost. Knows nothing of columns but how
//! many there are, and which holds the id.

mod split;
mod stray;

use std::borrow::Cow;

use split::{Quote, Scan, line_end, scan, slice};
pub use stray::RowShape;

use super::lines::Lines;
use crate::data::Layout;
use crate::diagnostic::Diagnostic;
use crate::messages::data as messages;

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

/// The first row.
#[derive(Debug)]
pub(in crate::data) struct Header {
    pub dialect: Dialect,
    pub names: Vec<String>,
    /// Where the rows begin.
    pub end: usize,
    /// The row that seems to hold the names, where this one is a title.
    pub seems: Option<u64>,
}

/// Reads the first row and finds out what stands between its cells.
pub(in crate::data) fn header(name: &str, text: &str, tabs: bool, layout: &Layout) -> Result<Header, Diagnostic> {
    let (told, start) = separator_line(text);
    let start = match layout.header_row {
        None => start + leading_blank(text.get(start..).unwrap_or("")),
        Some(row) => row_at(name, text, row)?,
    };
    let told = layout.delimiter.or(told);
    let (sniffed, lone_cr) = sniff(text.get(start..).unwrap_or(""));
    let delimiter = if tabs { b'\t' } else { told.unwrap_or(sniffed) };
    let dialect = Dialect { delimiter, lone_cr };
    let scan = scan(text, start, dialect);
    let line = Lines::new(text, lone_cr).line_of(start);
    if scan.quotes.iter().any(|q| !q.closed || q.junk)
        || !scan.quotes.is_empty() && is_made_of_rows(text, start, scan.end, dialect)
    {
        return Err(messages::unclosed_quote_in_header(name, line));
    }
    if scan.cells.iter().all(|cell| crate::text::trim(cell).is_empty()) {
        return Err(messages::no_header(name, line));
    }
    if scan.cells.len() > MOST_COLUMNS {
        return Err(messages::too_many_columns(name, MOST_COLUMNS));
    }
    let seems = if layout.header_row.is_none() { below_title(text, start, line) } else { None };
    Ok(Header { dialect, names: scan.cells.into_iter().map(Cow::into_owned).collect(), end: scan.end, seems })
}

/// Looks so many lines down for a header below a title.
const LONGEST_TITLE: usize = 12;

/// The row that holds the names of columns, where the line at `start`, which is this line of the file, is a title: it has one cell,
/// or few beside those of a line below, which has only words and is followed by one as wide.
fn below_title(text: &str, start: usize, line: u64) -> Option<u64> {
    let rest = text.get(start..)?;
    let lines: Vec<&str> = rest.split('\n').take(LONGEST_TITLE + 2).collect();
    let width = |line: &str| count_delimiters(line).0.into_iter().max().unwrap_or(0) + 1;
    let filled = |line: &str| {
        let cells = line.split([',', ';', '\t']).filter(|c| !crate::text::trim(c).is_empty());
        cells.count()
    };
    let is_of_words = |line: &str| {
        let is_word = |cell: &str| {
            let cell = crate::text::trim(cell.trim_matches('"'));
            !cell.is_empty() && !cell.contains('@') && cell.chars().any(char::is_alphabetic)
        };
        line.trim_end_matches('\r').split([',', ';', '\t']).all(is_word)
    };
    let above = filled(lines.first()?);
    let (at, header) = lines.iter().enumerate().skip(1).find(|(_, line)| filled(line) > above)?;
    let below = lines.iter().skip(at + 1).find(|line| filled(line) > 0)?;
    let is_title = above == 1 || above * 3 <= filled(header);
    let is_header = filled(header) >= 3 && is_of_words(header) && width(below) == width(header);
    (is_title && is_header).then_some(line + at as u64)
}

/// Where a row begins, counted from 1. A row in quotes may have several lines.
fn row_at(name: &str, text: &str, row: u64) -> Result<usize, Diagnostic> {
    let mut at = 0;
    let dialect = Dialect { delimiter: b',', lone_cr: !text.contains('\n') };
    for _ in 1..row {
        let quoted = scan(text, at, dialect);
        // A stray quote in a title takes no more than its line.
        let is_sound = quoted.quotes.iter().all(|q| q.closed && !q.junk);
        at = if is_sound { quoted.end } else { line_end(text, at, dialect).1 };
        if at >= text.len() {
            return Err(messages::no_such_row(name, row));
        }
    }
    Ok(at)
}

/// Whether each line of a header of several lines has as many cells as the line behind it: then a stray quote made one of
/// several rows.
fn is_made_of_rows(text: &str, start: usize, end: usize, dialect: Dialect) -> bool {
    let cells = |line: &str| line.split(char::from(dialect.delimiter)).count();
    let behind = end + leading_blank(text.get(end..).unwrap_or(""));
    let columns = cells(slice(text, behind, line_end(text, behind, dialect).0));
    let mut at = start;
    while at < end {
        let (line, next) = line_end(text, at, dialect);
        if cells(slice(text, at, line)) != columns {
            return false;
        }
        at = next;
    }
    columns > 1
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
    // Of the row no more than its first line: the file may be known in part only.
    let (row, _) = count_delimiters(rest.trim_start_matches(['\n', '\r']).split(['\n', '\r']).next().unwrap_or(""));
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
    /// It has a stray quote, in this line.
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

    /// The row with a stray quote, cut at the end of the line with the quote.
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
        if let Some(quote) = self.shape.stray(self.text, &scan) {
            return Some(self.cut(&scan, quote, line));
        }
        self.at = scan.end;
        let found = scan.cells.len();
        let fault = (found != self.shape.columns).then_some(Fault::Cells(found));
        Some(Record { line, cells: scan.cells, fault })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

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
            for (lone_cr, id) in [(false, None), (true, None), (false, Some(0)), (false, Some(1))] {
                let dialect = Dialect { lone_cr, ..COMMAS };
                let mut last = 0;
                let mut records = Records::new(&text, 0, RowShape { dialect, columns: 2, id });
                for record in records.by_ref() {
                    prop_assert!(record.line > last && !record.cells.is_empty());
                    last = record.line;
                }
                prop_assert_eq!(records.at, text.len());
            }
        }
    }
}
