//! The rows of a block: cells as they stand in the file.
//!
//! Owns what a row is: a run of cells up to a line end, as many as there are columns. Quotes are taken off on demand.

use super::scan::cell_ends;

/// The rows of a block.
#[derive(Debug, Default)]
pub struct Rows {
    ends: Vec<u32>,
    count: usize,
}

/// A row of a block: where its cells end.
#[derive(Debug, Clone, Copy)]
pub struct Row<'b> {
    block: &'b [u8],
    start: usize,
    ends: &'b [u32],
}

impl Rows {
    /// Splits a block. False where it is not plain.
    #[must_use]
    pub fn split(&mut self, block: &[u8], delimiter: u8) -> bool {
        let count = cell_ends(block, delimiter, &mut self.ends);
        self.count = count.unwrap_or(0);
        count.is_some()
    }

    /// The rows of the block that was split.
    pub fn iter<'b>(&'b self, block: &'b [u8], columns: usize) -> impl Iterator<Item = Row<'b>> {
        let mut ends = self.ends.get(..self.count).unwrap_or(&[]);
        let mut start = 0;
        std::iter::from_fn(move || {
            if ends.is_empty() {
                return None;
            }
            let is_line_end = |&end: &u32| block.get(end as usize) == Some(&b'\n');
            // As a rule there are as many cells as columns: no line end before the last.
            let usual = columns.checked_sub(1).is_some_and(|last| {
                ends.get(last).is_some_and(is_line_end) && !ends.get(..last).unwrap_or(&[]).iter().any(is_line_end)
            });
            let count = if usual { columns } else { ends.iter().position(is_line_end).map_or(ends.len(), |at| at + 1) };
            let (cells, rest) = ends.split_at(count);
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
        self.ends.len() == 1 && self.cell(0).iter().all(|b| matches!(b, b' ' | b'\t' | b'\r'))
    }

    /// A cell as it stands there, with its quotes.
    #[inline]
    #[must_use]
    pub fn cell(&self, at: usize) -> &'b [u8] {
        let Some(&end) = self.ends.get(at) else { return &[] };
        let start = match at.checked_sub(1) {
            None => self.start,
            Some(before) => self.ends.get(before).map_or(0, |&e| e as usize + 1),
        };
        let cell = self.block.get(start..end as usize).unwrap_or(&[]);
        if at + 1 == self.ends.len() { cell.strip_suffix(b"\r").unwrap_or(cell) } else { cell }
    }

    /// From the beginning of one cell to the end of another.
    #[inline]
    #[must_use]
    pub fn cells(&self, first: usize, last: usize) -> &'b [u8] {
        let start = if first == 0 { self.start } else { self.ends.get(first - 1).map_or(0, |&e| e as usize + 1) };
        self.ends.get(last).and_then(|&end| self.block.get(start..end as usize)).unwrap_or(&[])
    }
}

/// A cell without its quotes; `room` holds it where quotes stood in it.
#[inline]
#[must_use]
pub fn unquoted<'c>(cell: &'c [u8], room: &'c mut Vec<u8>) -> &'c [u8] {
    let Some(inner) = cell.strip_prefix(b"\"").and_then(|c| c.strip_suffix(b"\"")) else { return cell };
    if memchr::memchr(b'"', inner).is_none() {
        return inner;
    }
    room.clear();
    let mut rest = inner;
    while let Some(at) = memchr::memchr(b'"', rest) {
        room.extend_from_slice(rest.get(..=at).unwrap_or(&[]));
        rest = rest.get(at + 2..).unwrap_or(&[]);
    }
    room.extend_from_slice(rest);
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
