//! The rows of a block: cells as they stand in the file.
//!
//! Owns what a row is: a run of cells up to a line end, as many as there are columns. Quotes are taken off on demand.

use super::blocks::Block;
use super::scan::cell_ends;

/// The rows of a block.
#[derive(Debug, Default)]
pub struct Rows {
    ends: Vec<u32>,
    count: usize,
    columns: usize,
    /// Whether every row has as many cells as there are columns.
    is_regular: bool,
}

/// A row of a block: where its cells end.
#[derive(Debug, Clone, Copy)]
pub struct Row<'b> {
    block: &'b str,
    start: usize,
    ends: &'b [u32],
}

impl Rows {
    /// Splits a block into rows of so many columns, and gives it back as text; none where it is not plain UTF-8.
    #[must_use]
    pub fn split<'b>(&mut self, block: &'b Block, delimiter: u8, columns: usize) -> Option<&'b str> {
        let text = std::str::from_utf8(&block.text).ok().filter(|_| !block.is_cut)?;
        self.count = cell_ends(&block.text, delimiter, &mut self.ends)?;
        self.columns = columns;
        // If there are no more line ends than rows, and each row ends with one, no row has one before its last cell.
        let ends = self.ends.get(..self.count).unwrap_or(&[]);
        self.is_regular = columns.checked_mul(block.line_ends) == Some(ends.len())
            && ends.chunks_exact(columns.max(1)).all(|row| row.last().is_some_and(|&end| block.text.get(end as usize) == Some(&b'\n')));
        Some(text)
    }

    /// The rows of the block that was split.
    pub fn iter<'b>(&'b self, block: &'b str) -> impl Iterator<Item = Row<'b>> {
        let Rows { columns, is_regular, .. } = *self;
        let bytes = block.as_bytes();
        let mut ends = self.ends.get(..self.count).unwrap_or(&[]);
        let mut start = 0;
        std::iter::from_fn(move || {
            if ends.is_empty() {
                return None;
            }
            let is_line_end = |&end: &u32| bytes.get(end as usize) == Some(&b'\n');
            // As a rule there are as many cells as columns: no line end before the last.
            let usual = is_regular || columns.checked_sub(1).is_some_and(|last| {
                ends.get(last).is_some_and(is_line_end) && !ends.get(..last).unwrap_or(&[]).iter().any(is_line_end)
            });
            let count = if usual { columns } else { ends.iter().position(is_line_end).map_or(ends.len(), |at| at + 1) };
            let (cells, rest) = ends.split_at_checked(count)?;
            let row = Row { block, start, ends: cells };
            start = cells.last().map_or(start, |&end| end as usize + 1);
            ends = rest;
            Some(row)
        })
    }
}

impl<'b> Row<'b> {
    /// How many cells it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Where it begins in the block.
    #[must_use]
    pub fn start(&self) -> usize {
        self.start
    }

    /// Whether nothing stands in it, so that it is no row.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.ends.len() == 1 && self.bytes(0).iter().all(|b| matches!(b, b' ' | b'\t' | b'\r'))
    }

    /// Where a cell begins and ends.
    #[inline]
    fn span(&self, at: usize) -> std::ops::Range<usize> {
        let Some(&end) = self.ends.get(at) else { return 0..0 };
        let start = match at.checked_sub(1) {
            None => self.start,
            Some(before) => self.ends.get(before).map_or(0, |&e| e as usize + 1),
        };
        let end = end as usize;
        let has_return = at + 1 == self.ends.len() && end > start && self.block.as_bytes().get(end - 1) == Some(&b'\r');
        start..end - usize::from(has_return)
    }

    /// A cell as it stands there, with its quotes.
    #[inline]
    #[must_use]
    pub fn cell(&self, at: usize) -> &'b str {
        self.block.get(self.span(at)).unwrap_or("")
    }

    /// The bytes of a cell.
    #[inline]
    #[must_use]
    pub fn bytes(&self, at: usize) -> &'b [u8] {
        self.block.as_bytes().get(self.span(at)).unwrap_or(&[])
    }

    /// From the beginning of one cell to the end of another.
    #[inline]
    #[must_use]
    pub fn cells(&self, first: usize, last: usize) -> &'b [u8] {
        let start = if first == 0 { self.start } else { self.ends.get(first - 1).map_or(0, |&e| e as usize + 1) };
        self.ends.get(last).and_then(|&end| self.block.as_bytes().get(start..end as usize)).unwrap_or(&[])
    }
}

/// A cell without its quotes; `room` holds it where quotes stood in it.
#[inline]
#[must_use]
pub fn unquoted<'c>(cell: &'c str, room: &'c mut String) -> &'c str {
    let Some(inner) = cell.strip_prefix('"').and_then(|c| c.strip_suffix('"')) else { return cell };
    if !inner.contains('"') {
        return inner;
    }
    room.clear();
    let mut rest = inner;
    while let Some((before, after)) = rest.split_once('"') {
        room.push_str(before);
        room.push('"');
        rest = after.strip_prefix('"').unwrap_or(after);
    }
    room.push_str(rest);
    room
}

/// Whether a cell holds nothing but white space.
#[inline]
#[must_use]
pub fn is_blank(cell: &[u8]) -> bool {
    match cell.first() {
        None => true,
        Some(&b) if b > b' ' && b != 0xc2 => false,
        _ => std::str::from_utf8(cell).is_ok_and(|t| crate::text::trim(t).is_empty()),
    }
}
