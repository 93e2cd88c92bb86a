//! Stray quotes: those that are never closed, and those whose cell holds rows.
//!
//! Owns the rule by which a quoted cell of several lines is prose or a piece of the table. Splits nothing itself.

use super::Dialect;
use super::split::{Quote, Scan, line_end, scan, slice};

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
    pub(super) fn stray<'s>(&self, text: &str, scan: &'s Scan<'_>) -> Option<&'s Quote> {
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

#[cfg(test)]
mod tests {
    use super::*;

    const COMMAS: Dialect = Dialect { delimiter: b',', lone_cr: false };

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
}
