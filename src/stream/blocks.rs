//! A file in blocks of whole rows.
//!
//! Owns where a file may be cut: behind a line end with an even number of quotes before it. Several threads take blocks from
//! one reader, each with its number and the line where it begins.

use std::io::{self, Read};

use memchr::{memchr_iter, memrchr};

use super::scan::line_ends_and;
use crate::data::Bound;

/// A row that is longer than this many blocks is left to the careful reader.
const MOST_FOR_A_ROW: usize = 64;

/// A reader of blocks.
pub struct Blocks {
    input: Box<dyn Read + Send>,
    /// How much is read at a time.
    size: usize,
    /// The beginning of the next block.
    left: Vec<u8>,
    line: u64,
    number: u64,
    is_done: bool,
    /// Whether every line is a row, whatever quotes there are.
    by_line: bool,
    /// How much may be held of what is left.
    bound: Bound,
}

/// Some rows of a file.
#[derive(Debug, Default)]
pub struct Block {
    /// Which block it is, from 0.
    pub number: u64,
    /// The line in which it begins, from 1.
    pub line: u64,
    /// Its rows; the last one ends with a line end.
    pub text: Vec<u8>,
    /// How many line ends there are in it.
    pub line_ends: usize,
    /// Whether, in a file in which every line is a row, a CR without LF stands in it, which ends a line too.
    pub has_lone_return: bool,
    /// Whether it does not end where a row ends, being too long.
    pub is_cut: bool,
}

impl Block {
    /// The line of the file in which a place of the block stands.
    #[must_use]
    pub fn line_of(&self, place: usize) -> u64 {
        self.lines().line_of(place)
    }

    /// The lines of places that only grow.
    #[must_use]
    pub fn lines(&self) -> LinesOfBlock<'_> {
        LinesOfBlock { text: &self.text, at: 0, line: self.line }
    }
}

/// Counts lines up to places that only grow, so that a block is gone through once.
pub struct LinesOfBlock<'b> {
    text: &'b [u8],
    at: usize,
    line: u64,
}

impl LinesOfBlock<'_> {
    /// The line of the file in which a place stands.
    pub fn line_of(&mut self, place: usize) -> u64 {
        self.line += memchr_iter(b'\n', self.text.get(self.at..place).unwrap_or(&[])).count() as u64;
        self.at = self.at.max(place);
        self.line
    }
}

impl Blocks {
    /// What a reader gives, so much at a time. `line` is where it begins.
    #[must_use]
    pub fn new(input: Box<dyn Read + Send>, size: usize, line: u64) -> Blocks {
        Blocks {
            input,
            size: size.max(1),
            left: Vec::new(),
            line,
            number: 0,
            is_done: false,
            by_line: false,
            bound: Bound::default(),
        }
    }

    /// The same for a file in which every line is a row.
    #[must_use]
    pub fn of_lines(input: Box<dyn Read + Send>, size: usize) -> Blocks {
        Blocks { by_line: true, ..Blocks::new(input, size, 1) }
    }

    /// The same, where what is left may be so large, should it have to be held as a whole.
    #[must_use]
    pub fn with_bound(self, bound: Bound) -> Blocks {
        Blocks { bound, ..self }
    }

    /// The next block; `text` is room that is no longer needed.
    ///
    /// # Errors
    /// Where the file cannot be read any further.
    pub fn next(&mut self, mut text: Vec<u8>) -> io::Result<Option<Block>> {
        if self.is_done {
            return Ok(None);
        }
        let mut wanted = self.size.max(self.left.len());
        // What was in it is overwritten, so that room that is used again need not be cleared.
        text.resize(wanted, 0);
        let mut len = self.left.len();
        if let Some(first) = text.get_mut(..len) {
            first.copy_from_slice(&self.left);
        }
        self.left.clear();
        loop {
            text.resize(wanted, 0);
            len = self.fill(&mut text, len)?;
            // With lines for rows, it does not matter which quotes there are.
            let (line_ends, others) =
                line_ends_and(if self.by_line { b'\r' } else { b'"' }, text.get(..len).unwrap_or(&[]));
            let quotes = if self.by_line { None } else { Some(others) };
            let has_returns = self.by_line && others > 0;
            if len < wanted {
                text.truncate(len);
                self.is_done = true;
                if text.is_empty() {
                    return Ok(None);
                }
                let is_open = text.last() != Some(&b'\n');
                if is_open {
                    text.push(b'\n');
                }
                return Ok(Some(self.block(text, line_ends + usize::from(is_open), has_returns, false)));
            }
            if let Some((end, line_ends)) = last_row_end(&text, line_ends, quotes) {
                self.left.extend_from_slice(text.get(end..).unwrap_or(&[]));
                text.truncate(end);
                return Ok(Some(self.block(text, line_ends, has_returns, false)));
            }
            if wanted >= self.size.saturating_mul(MOST_FOR_A_ROW) {
                return Ok(Some(self.block(text, line_ends, has_returns, true)));
            }
            wanted *= 2;
        }
    }

    fn block(&mut self, text: Vec<u8>, line_ends: usize, has_returns: bool, is_cut: bool) -> Block {
        let has_lone_return = has_returns && memchr_iter(b'\r', &text).any(|at| text.get(at + 1) != Some(&b'\n'));
        let block = Block { number: self.number, line: self.line, line_ends, has_lone_return, is_cut, text };
        self.number += 1;
        self.line += line_ends as u64;
        block
    }

    /// Fills room behind what is there, as far as the file goes; how much is there then.
    fn fill(&mut self, room: &mut [u8], mut len: usize) -> io::Result<usize> {
        while let Some(free) = room.get_mut(len..).filter(|f| !f.is_empty()) {
            match self.input.read(free) {
                Ok(0) => break,
                Ok(read) => len += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(len)
    }

    /// Adds all that has not been read yet to what was read last.
    ///
    /// # Errors
    /// Where the file cannot be read any further, or more is left than may be held.
    pub fn rest(&mut self, text: &mut Vec<u8>) -> io::Result<()> {
        text.append(&mut self.left);
        if !self.is_done {
            self.bound.read_to_end(&mut self.input, text)?;
            self.is_done = true;
        }
        Ok(())
    }
}

/// The lines of a block, without their ends.
pub fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut ends = memchr_iter(b'\n', text);
    let mut start = 0;
    std::iter::from_fn(move || {
        let end = ends.next()?;
        let line = text.get(start..end)?;
        start = end + 1;
        Some(line)
    })
}

/// Behind the last line end that ends a row, and how many line ends there are before it; all and all quotes were counted.
/// Without these, every line is a row.
fn last_row_end(text: &[u8], mut line_ends: usize, mut quotes: Option<usize>) -> Option<(usize, usize)> {
    let mut end = text.len();
    while let Some(at) = memrchr(b'\n', text.get(..end)?) {
        quotes = quotes.map(|quotes| quotes - memchr_iter(b'"', text.get(at..end).unwrap_or(&[])).count());
        if quotes.is_none_or(|quotes| quotes % 2 == 0) {
            return Some((at + 1, line_ends));
        }
        line_ends -= 1;
        end = at;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_cut_between_rows() {
        let mut text = String::new();
        for i in 0..60_000 {
            text.push_str(&format!("{i},\"two\nlines, with \"\"quotes\"\"\",x\n"));
        }
        text.pop();
        for size in [1000, 256 << 10] {
            blocks_of(&text, size);
        }
    }

    fn blocks_of(text: &str, size: usize) {
        let mut blocks = Blocks::new(Box::new(io::Cursor::new(text.as_bytes().to_vec())), size, 1);
        let (mut all, mut line) = (Vec::new(), 1);
        let mut count = 0;
        while let Some(block) = blocks.next(Vec::new()).unwrap() {
            assert_eq!((block.line, block.number), (line, count));
            assert_eq!(memchr_iter(b'"', &block.text).count() % 2, 0);
            assert_eq!(memchr_iter(b'\n', &block.text).count(), block.line_ends);
            line += memchr_iter(b'\n', &block.text).count() as u64;
            all.extend_from_slice(&block.text);
            count += 1;
        }
        assert!(count > 2);
        assert_eq!(all, format!("{text}\n").into_bytes());
    }
}
