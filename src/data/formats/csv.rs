//! CSV and TSV: from text to records.
//!
//! Owns the splitting into cells and the finding of stray quotes: those that are never closed, and those whose cell holds
//! rows. Splits as the `csv` crate does (a test holds the two equal), but that crate gives no way to see such a quote: it
//! swallows the rows up to the next quote, or the whole rest of the file, without a word. Here only the line with the quote
//! is lost. Knows nothing of columns but how many there are, and which holds the id.

use std::borrow::Cow;

use super::lines::Lines;
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

impl RowShape {
    /// Whether a row, as it stands in the file when every quote is believed, has a stray quote.
    pub(crate) fn has_stray_quote(&self, row: &str) -> bool {
        self.stray(row, &scan(row, 0, self.dialect)).is_some()
    }

    /// Whether it can be seen without splitting that a quoted cell of a row holds no row, if it is the only one of several
    /// lines, the row has as many cells as it should, and `is_spaced` says whether one before it begins with a blank. As good
    /// as all cells of several lines are prose of this kind.
    pub(crate) fn is_surely_prose(&self, cell: &[u8], number: usize, is_spaced: impl FnOnce() -> bool) -> bool {
        let Some(inner) = cell.strip_prefix(b"\"").and_then(|cell| cell.strip_suffix(b"\"")) else { return false };
        let delimiter = self.dialect.delimiter;
        // Where a quote in it, or the one that closes it, could open another cell, all must be looked at.
        let begins_cell = |at: usize| {
            at.checked_sub(1)
                .and_then(|before| inner.get(before))
                .is_some_and(|&b| b == delimiter || matches!(b, b'\n' | b'\r'))
        };
        if inner.is_empty() || begins_cell(inner.len()) || memchr::memchr_iter(b'"', inner).any(begins_cell) {
            return false;
        }
        let others = self.columns - 1;
        let (mut delimiters, mut is_tight) = (0, false);
        for at in memchr::memchr_iter(delimiter, inner) {
            delimiters += 1;
            is_tight |= inner.get(at + 1) != Some(&b' ');
        }
        // A line within it needs all delimiters of a row, its last line those that stand before it, and its first those behind.
        let is_short = delimiters < others && (delimiters < number || delimiters < others.saturating_sub(number));
        is_short || number > 0 && !is_tight && !is_spaced()
    }

    /// The first stray quote of a row: one that is never closed, or whose cell holds lines that are rows.
    fn stray<'s>(&self, text: &str, scan: &'s Scan<'_>) -> Option<&'s Quote> {
        scan.quotes.iter().find(|quote| !quote.closed || self.holds_rows(text, scan, quote))
    }

    /// Whether a quoted cell of several lines is made of rows. One line is enough that has as many cells as a row, and an id
    /// like that of its row; the id may be any where the row cannot be read anyway. Without an id to go by, more than half of
    /// the lines must have as many cells.
    fn holds_rows(&self, text: &str, scan: &Scan<'_>, quote: &Quote) -> bool {
        let (end, mut at) = line_end(text, quote.start, self.dialect);
        let opening = slice(text, quote.start + 1, end);
        let ids = self.ids_beside(scan, quote, opening);
        let mut like = Like {
            ids,
            is_odd: quote.junk || scan.cells.len() != self.columns,
            is_spaced: is_spaced(scan.cells.iter().take(quote.cell).map(|cell| &**cell)),
        };
        if self.columns < 2 && !like.has_id() {
            return false;
        }
        let is_enough = like.has_id() || like.is_odd;
        let is_row_so_far = quote.cell + self.split(opening).count() >= self.columns;
        let (mut lines, mut rows) = (0, 0);
        while at < quote.end {
            let (end, next) = line_end(text, at, self.dialect);
            let line = slice(text, at, end);
            if end >= quote.end {
                // Where the line in which the quote opens is no row, that in which it closes is none either: it is the end of
                // the cell with the rest of its row, whose id then says nothing.
                if !is_row_so_far && !is_plain(line, self.dialect) {
                    break;
                }
                like.ids[0] = None;
            }
            lines += 1;
            rows += usize::from(self.is_row(line, &like));
            if rows > 0 && is_enough {
                return true;
            }
            at = next;
        }
        rows * 2 > lines
    }

    /// What may be the id of the row in which a quote opens: as it is where the quote is believed, and as it is in the line
    /// alone, counted from its beginning and from its end.
    fn ids_beside<'a>(&self, scan: &'a Scan<'_>, quote: &Quote, opening: &'a str) -> [Option<&'a str>; 3] {
        let Some(column) = self.id else { return [None; 3] };
        let of_scan = || scan.cells.get(column).map(|cell| &**cell);
        let ids = if column < quote.cell {
            [None, of_scan(), None]
        } else {
            let believed = if column > quote.cell && scan.cells.len() == self.columns { of_scan() } else { None };
            let behind = self.columns.checked_sub(column + 1);
            [
                believed,
                self.split(opening).nth(column - quote.cell),
                behind.and_then(|n| self.split(opening).nth_back(n)),
            ]
        };
        ids.map(|id| id.map(bare).filter(|id| !id.is_empty() && !id.contains(['\n', '\r'])))
    }

    /// Whether a line of a quoted cell is a row by itself, or the first line of one.
    fn is_row(&self, line: &str, like: &Like<'_>) -> bool {
        let delimiters = memchr::memchr_iter(self.dialect.delimiter, line.as_bytes()).count();
        if delimiters + 1 == self.columns && self.is_like(self.split(line), like) {
            return true;
        }
        // Most lines are known to be none without splitting them.
        let may_open = (like.has_id() || like.is_odd) && memchr::memchr(b'"', line.as_bytes()).is_some();
        if delimiters + 1 < self.columns && !may_open {
            return false;
        }
        let scan = scan(line, 0, self.dialect);
        let goes_on = may_open && scan.quotes.iter().any(|q| !q.closed) && scan.cells.len() <= self.columns;
        (goes_on || scan.cells.len() == self.columns) && self.is_like(scan.cells.iter().map(|cell| &**cell), like)
    }

    /// Whether cells are like those of a row. In prose a blank follows a comma; in rows only where it does so in other rows.
    fn is_like<'a>(&self, cells: impl Iterator<Item = &'a str> + Clone, like: &Like<'_>) -> bool {
        if !like.is_spaced && is_spaced(cells.clone()) {
            return false;
        }
        let (Some(column), true, false) = (self.id, like.has_id(), like.is_odd) else { return true };
        cells.clone().nth(column).is_some_and(|other| like.ids.iter().flatten().any(|id| are_alike(id, bare(other))))
    }

    fn split<'a>(&self, line: &'a str) -> impl DoubleEndedIterator<Item = &'a str> + Clone + use<'a> {
        line.split(char::from(self.dialect.delimiter))
    }
}

/// What a line must be like to be a row.
struct Like<'a> {
    /// The id of a row beside it; which of these it is, is not known.
    ids: [Option<&'a str>; 3],
    /// Whether the row in which the line stands cannot be read if its quotes are believed.
    is_odd: bool,
    /// Whether its cells begin with blanks.
    is_spaced: bool,
}

impl Like<'_> {
    fn has_id(&self) -> bool {
        self.ids.iter().any(Option::is_some)
    }
}

/// Whether all quotes of a line stand around its cells, or in them in pairs. That of the last cell may be open, if it is not
/// the only one.
fn is_plain(line: &str, dialect: Dialect) -> bool {
    let mut rest = line;
    for cells in 0.. {
        let cell = match rest.strip_prefix('"') {
            Some(inner) => {
                // Behind pairs stands the quote that closes.
                let mut at = 0;
                while let Some(found) = inner.get(at..).and_then(|rest| rest.find('"')) {
                    at += found;
                    if !inner.get(at + 1..).is_some_and(|behind| behind.starts_with('"')) {
                        break;
                    }
                    at += 2;
                }
                match inner.get(at..).and_then(|rest| rest.strip_prefix('"')) {
                    Some(behind) => behind,
                    None => return cells > 0,
                }
            }
            None => rest,
        };
        let end = cell.find(char::from(dialect.delimiter));
        let plain = cell.get(..end.unwrap_or(cell.len())).unwrap_or("");
        if plain.contains('"') || cell.len() < rest.len() && !plain.is_empty() {
            return false;
        }
        match end.and_then(|end| cell.get(end + 1..)) {
            Some(next) => rest = next,
            None => break,
        }
    }
    true
}

/// Whether a cell behind the first begins with a blank.
fn is_spaced<'a>(cells: impl Iterator<Item = &'a str>) -> bool {
    cells.skip(1).any(|cell| cell.starts_with(' '))
}

/// A cell without quotes and white space around it.
fn bare(cell: &str) -> &str {
    crate::text::trim(crate::text::trim(cell).trim_matches('"'))
}

/// Whether two ids can stand in one column: both are addresses, or both have letters or none, digits or none; the second has
/// no white space unless the first has some; of plain numbers the lengths differ by two digits at most.
fn are_alike(id: &str, other: &str) -> bool {
    let has = |text: &str, what: fn(char) -> bool| text.contains(what);
    let both = |what: fn(char) -> bool| has(id, what) == has(other, what);
    if other.is_empty()
        || other.contains('"') && !id.contains('"')
        || has(other, char::is_whitespace) && !has(id, char::is_whitespace)
        || !both(|c| c == '@')
    {
        return false;
    }
    let is_number = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    id.contains('@')
        || both(char::is_alphabetic)
            && both(|c| c.is_ascii_digit())
            && (!is_number(id) || id.len().abs_diff(other.len()) <= 2)
}

/// The first row.
#[derive(Debug)]
pub(in crate::data) struct Header {
    pub dialect: Dialect,
    pub names: Vec<String>,
    /// Where the rows begin.
    pub end: usize,
}

/// Reads the first row and finds out what stands between its cells.
pub(in crate::data) fn header(name: &str, text: &str, tabs: bool) -> Result<Header, Diagnostic> {
    let (told, start) = separator_line(text);
    let start = start + leading_blank(text.get(start..).unwrap_or(""));
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
    Ok(Header { dialect, names: scan.cells.into_iter().map(Cow::into_owned).collect(), end: scan.end })
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

    fn stray(row: &str, columns: usize, id: Option<usize>) -> bool {
        RowShape { dialect: COMMAS, columns, id }.has_stray_quote(row)
    }

    #[test]
    fn a_cell_that_holds_rows_has_a_stray_quote() {
        for row in [
            "L10,\"Acme,CEO\nL11,Foo\",CEO\n",
            "L10,\"Acme,CEO\nL11,x,y\nL12,x,y\nL13,Foo\",CEO\n",
            "\"L10,Acme,CEO\nL11\",Foo,CEO\n",
            "L10,Acme,\"CEO\nL11,Foo,CEO\"\n",
            "L10,\"Acme,CEO\n\n???\nL11,x,y\nL13,Foo\",CEO\n",
            // One cell too many does not hide it, nor does a row of several lines.
            "L10,\"Acme,CEO,x\nL11,x,y\nL13,Foo\",CEO\n",
            "L10,\"Acme,CEO\nL11,\"one\n",
            "L10,\"1,200\"\",CEO\nL11,x,y\nL12,\"Foo\",CEO\n",
            // Nor does an id that is none, where the row cannot be read anyway.
            "???,\"Acme,CEO\nL11,x,y\nL12,\"Foo\",CEO\n",
            "???,\"x\nL11,Acme,\"one\n",
            // All cells in quotes.
            "\"L10\",\"Acme\",\"CEO\n\"L11\",\"Foo\",\"CEO\"\n",
        ] {
            assert!(stray(row, 3, Some(0)), "{row}");
        }
        assert!(stray("\"x\",\"N/A\"\",\"soon\",\"L10\"\"\n\"y\",\"\",\"z\",\"L11\"\n", 4, Some(3)));
        assert!(stray("\"Acme,L10\nFoo\",L11\n", 2, Some(1)));
        assert!(stray("Acme,\"L10\nFoo,L11\"\n", 2, Some(1)));
        assert!(stray("\"1001\n1002\"\n", 1, Some(0)));
        assert!(stray("a@x.com,\"Acme\nbob2@y.com,Foo\"\n", 2, Some(0)));
        // Where rows have blanks behind their commas, lines may have them too.
        assert!(stray("10, x,\"y\n11, a, b\"\n", 3, Some(0)));
        // Without an id to go by, most lines must be rows.
        for id in [None, Some(0)] {
            assert!(stray(",\"Acme,CEO\nL11,x,y\n\nL13,Foo\",CEO\n", 3, id));
            assert!(!stray(",\"Acme,CEO\n\n\nL13,Foo\",CEO\n", 3, id));
        }
    }

    #[test]
    fn prose_in_quotes_is_no_row() {
        for row in [
            "L10,\"Acme, Inc.\n12 Main Street, Berlin\",CEO\n",
            "1001,\"25, Main Street\n10115, Berlin\",CEO\n",
            "1001,\"Size:\n1,200 employees,\",x\n",
            "L10,\"red,blue\ngreen,yellow\",x\n",
            "1,\"x\ny\",2,3\n",
            "a@x.com,\"Dear all,\nsee you, Bob\n-- \nBob,bob@x.com,555\",x\n",
            "L10,\"a\nb\",\"c\nd\"\n",
            "\"L10\",\"one\ntwo\",\"three\"\n",
            "L10,\"{\"\"a\"\":1,\n\"\"b\"\":2,\"\"c\"\":3}\",x\n",
        ] {
            assert!(!stray(row, 3, Some(0)), "{row}");
        }
        // What stands behind the cell is the rest of its own row.
        for row in [
            "\"Main Street\n\",CEO,L10\n",
            "\"one\ntwo\",L10,\"three\nfour\"\n",
            "\"Main, Street\nBerlin\",CEO,L10\n",
            "x,\"Main\ngreen, red\",L10\n",
        ] {
            assert!(!stray(row, 3, Some(2)) && !stray(row, 3, Some(1)), "{row}");
        }
        assert!(!stray("1001,\"Size:\n1,200 employees\"\n", 2, Some(0)));
        assert!(!stray("\"one\ntwo, three\"\n", 1, None));
    }

    #[test]
    fn plain_lines() {
        for (line, plain) in [
            ("", true),
            ("a,b", true),
            ("\"a\",b", true),
            ("\"a\"\"b\",\"\"", true),
            ("a\",b", false),
            ("\"a\"b", false),
            ("\"a,b", false),
            ("a,\"b\"\"", true),
            ("a,\"b", true),
            ("\"", false),
        ] {
            assert_eq!(is_plain(line, COMMAS), plain, "{line}");
        }
    }

    #[test]
    fn ids_that_are_alike() {
        for (id, other) in [
            ("L10", "L199989"),
            ("1", "200"),
            ("a@x.com", "b.2@y.org"),
            ("003A1", "003B2"),
            ("Acme Inc", "Foo"),
            ("7-a", "8_b"),
        ] {
            assert!(are_alike(id, other), "{id} {other}");
        }
        for (id, other) in [
            ("L10", ""),
            ("L10", "12"),
            ("L10", "12 Main Street"),
            ("1001", "1"),
            ("a@x.com", "Bob"),
            ("Acme", "10115"),
        ] {
            assert!(!are_alike(id, other), "{id} {other}");
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
