//! The rows of a block: cells as they stand in the file.
//!
//! Owns what a row is: a run of cells up to a line end, as many as there are columns. Quotes are taken off on demand.

use super::blocks::Block;
use super::scan::{Found, cell_ends, line_ends};
use crate::data::RowShape;

/// The rows of a block.
#[derive(Debug, Default)]
pub struct Rows {
    /// Where cells end, behind what stands before the first.
    ends: Vec<u32>,
    /// Where lines end, if there are more than rows.
    line_ends: Vec<u32>,
    found: Found,
    columns: usize,
    /// Whether every row has as many cells as there are columns.
    is_regular: bool,
}

/// A row of a block: where its cells end, behind where the row before ended.
#[derive(Debug, Clone, Copy)]
pub struct Row<'b> {
    block: &'b [u8],
    ends: &'b [u32],
    may_have_return: bool,
}

impl Rows {
    /// Splits a block into rows; false where it is not plain UTF-8, or quotes may not mean what they say.
    #[must_use]
    pub(crate) fn split(&mut self, block: &Block, shape: &RowShape) -> bool {
        let columns = shape.columns;
        let found = cell_ends(&block.text, shape.dialect.delimiter, &mut self.ends).filter(|_| !block.is_cut);
        let Some(found) = found.filter(|f| f.is_ascii || simdutf8::basic::from_utf8(&block.text).is_ok()) else {
            return false;
        };
        (self.found, self.columns) = (found, columns);
        // If there are no more line ends than rows, and each row ends with one, no row has one before its last cell.
        let ends = self.ends.get(1..=found.ends).unwrap_or(&[]);
        self.is_regular = columns > 0
            && columns.checked_mul(found.line_ends) == Some(ends.len())
            && ends
                .chunks_exact(columns)
                .all(|row| row.last().is_some_and(|&end| block.text.get(end as usize) == Some(&b'\n')));
        found.line_ends == block.line_ends || !self.have_stray_quote(block, shape)
    }

    /// Whether a row of several lines has a stray quote.
    #[inline(never)]
    fn have_stray_quote(&mut self, block: &Block, shape: &RowShape) -> bool {
        let mut ends = std::mem::take(&mut self.line_ends);
        let count = line_ends(&block.text, &mut ends);
        let mut left = ends.get(..count).unwrap_or(&[]);
        let have = self.iter(&block.text).any(|row| {
            let end = row.end();
            let within = left.iter().take_while(|&&at| at < end).count();
            let (breaks, rest) = left.split_at(within);
            left = rest.get(1..).unwrap_or(&[]);
            !breaks.is_empty()
                && !row.is_surely_prose(breaks, shape)
                && shape.has_stray_quote(as_text(block.text.get(row.start()..=end as usize).unwrap_or(&[])))
        });
        self.line_ends = ends;
        have
    }

    /// How many lines there are outside of quotes.
    #[must_use]
    pub fn line_ends(&self) -> usize {
        self.found.line_ends
    }

    /// The rows of the block that was split.
    pub fn iter<'b>(&'b self, block: &'b [u8]) -> impl Iterator<Item = Row<'b>> {
        let Rows { columns, is_regular, found, .. } = *self;
        let mut ends = self.ends.get(..=found.ends).unwrap_or(&[]);
        std::iter::from_fn(move || {
            if is_regular {
                let row = Row { block, ends: ends.get(..=columns)?, may_have_return: found.has_returns };
                ends = ends.get(columns..)?;
                return Some(row);
            }
            let cells = ends.get(1..).filter(|c| !c.is_empty())?;
            let is_line_end = |&end: &u32| block.get(end as usize) == Some(&b'\n');
            // As a rule there are as many cells as columns: no line end before the last.
            let usual = columns.checked_sub(1).is_some_and(|last| {
                cells.get(last).is_some_and(is_line_end) && !cells.get(..last).unwrap_or(&[]).iter().any(is_line_end)
            });
            let count =
                if usual { columns } else { cells.iter().position(is_line_end).map_or(cells.len(), |at| at + 1) };
            let row = Row { block, ends: ends.get(..=count)?, may_have_return: found.has_returns };
            ends = ends.get(count..)?;
            Some(row)
        })
    }
}

impl<'b> Row<'b> {
    /// How many cells it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len() - 1
    }

    /// Where it begins in the block.
    #[inline]
    #[must_use]
    pub fn start(&self) -> usize {
        self.ends.first().map_or(0, |&before| before.wrapping_add(1) as usize)
    }

    /// Where its line end stands in the block.
    fn end(&self) -> u32 {
        self.ends.last().copied().unwrap_or(0)
    }

    /// Whether these line ends within it surely stand in prose.
    fn is_surely_prose(&self, breaks: &[u32], shape: &RowShape) -> bool {
        let (Some(&first), Some(&last)) = (breaks.first(), breaks.last()) else { return true };
        let number = self.ends.get(1..).map_or(0, |ends| ends.partition_point(|&end| end < first));
        let is_one = self.ends.get(number + 1).is_some_and(|&end| last < end);
        let is_spaced = || (1..number).any(|at| self.cell(at).first() == Some(&b' '));
        is_one && self.len() == shape.columns && shape.is_surely_prose(self.cell(number), number, is_spaced)
    }

    /// Whether nothing stands in it, so that it is no row.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.len() == 1 && self.cell(0).iter().all(|b| matches!(b, b' ' | b'\t' | b'\r'))
    }

    /// Where a cell begins and ends.
    #[inline]
    fn span(&self, at: usize) -> std::ops::Range<usize> {
        let Some(&[before, end]) = self.ends.get(at..).and_then(|e| e.first_chunk()) else { return 0..0 };
        let (start, end) = (before.wrapping_add(1) as usize, end as usize);
        let has_return =
            self.may_have_return && at + 2 == self.ends.len() && end > start && self.block.get(end - 1) == Some(&b'\r');
        start..end - usize::from(has_return)
    }

    /// A cell as it stands there, with its quotes.
    #[inline]
    #[must_use]
    pub fn cell(&self, at: usize) -> &'b [u8] {
        self.block.get(self.span(at)).unwrap_or(&[])
    }

    /// A cell with where it begins and ends in the block.
    #[inline]
    #[must_use]
    pub fn cell_at(&self, at: usize) -> ((u32, u32), &'b [u8]) {
        let span = self.span(at);
        ((span.start as u32, span.end as u32), self.block.get(span).unwrap_or(&[]))
    }

    /// A cell without its quotes, and where it begins and ends in the block; none where a quote stands in it.
    #[inline]
    #[must_use]
    pub fn plain_cell(&self, at: usize) -> Option<((u32, u32), &'b [u8])> {
        let ((from, to), cell) = self.cell_at(at);
        match in_quotes(cell) {
            None => Some(((from, to), cell)),
            Some(inner) => (!has_quote(inner)).then_some(((from + 1, to - 1), inner)),
        }
    }

    /// A cell without its quotes, as text; `room` holds it where quotes stood in it.
    #[must_use]
    pub fn text<'c>(&self, at: usize, room: &'c mut Vec<u8>) -> &'c str
    where
        'b: 'c,
    {
        as_text(unquoted(self.cell(at), room))
    }

    /// From the beginning of one cell to the end of another.
    #[inline]
    #[must_use]
    pub fn cells(&self, first: usize, last: usize) -> &'b [u8] {
        let (Some(before), Some(&end)) = (self.ends.get(first), self.ends.get(last + 1)) else { return &[] };
        self.block.get(before.wrapping_add(1) as usize..end as usize).unwrap_or(&[])
    }
}

/// What stands between the quotes of a cell; none where it has none.
#[inline]
fn in_quotes(cell: &[u8]) -> Option<&[u8]> {
    cell.strip_prefix(b"\"")?.strip_suffix(b"\"")
}

#[inline]
fn has_quote(inner: &[u8]) -> bool {
    memchr::memchr(b'"', inner).is_some()
}

/// A cell without its quotes; `room` holds it where quotes stood in it.
#[inline]
#[must_use]
pub fn unquoted<'c>(cell: &'c [u8], room: &'c mut Vec<u8>) -> &'c [u8] {
    let Some(inner) = in_quotes(cell) else { return cell };
    if !has_quote(inner) {
        return inner;
    }
    room.clear();
    let mut is_second = false;
    for &b in inner {
        is_second = b == b'"' && !is_second;
        if b != b'"' || is_second {
            room.push(b);
        }
    }
    room
}

/// Bytes of a block that was split, which is UTF-8, from one end of a cell to another.
#[inline]
#[must_use]
pub fn as_text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap_or("")
}

/// Whether a cell holds nothing but white space.
#[inline]
#[must_use]
pub fn is_blank(cell: &[u8]) -> bool {
    match cell.first() {
        None => true,
        // With these bytes all white space and all that is unseen begins.
        Some(&b) if b > b' ' && !matches!(b, 0xc2 | 0xe1..=0xe3 | 0xef) => false,
        _ => std::str::from_utf8(cell).is_ok_and(crate::text::is_blank),
    }
}
