//! A file in blocks of whole rows.
//!
//! Owns where a file may be cut: behind a line end with an even number of quotes before it. Several threads take blocks from
//! one reader, each with its number and the line where it begins.

use std::io::{self, Read};

use memchr::{memchr_iter, memrchr};

use super::scan::line_ends_and_quotes;

/// How much is read at a time.
const SIZE: usize = 256 << 10;

/// A row that is longer than this is left to the careful reader.
const LARGEST: usize = 16 << 20;

/// A reader of blocks.
pub struct Blocks {
    input: Box<dyn Read + Send>,
    /// The beginning of the next block.
    left: Vec<u8>,
    line: u64,
    number: u64,
    is_done: bool,
    /// Whether every line is a row, whatever quotes there are.
    by_line: bool,
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
    /// Whether it does not end where a row ends, being too long.
    pub is_cut: bool,
}

impl Block {
    /// The line of the file in which a place of the block stands.
    #[must_use]
    pub fn line_of(&self, place: usize) -> u64 {
        self.line + memchr_iter(b'\n', self.text.get(..place).unwrap_or(&[])).count() as u64
    }
}

impl Blocks {
    /// What follows some bytes that have been read already. `line` is where these begin.
    #[must_use]
    pub fn new(read: Vec<u8>, line: u64, input: Box<dyn Read + Send>) -> Blocks {
        Blocks { input, left: read, line, number: 0, is_done: false, by_line: false }
    }

    /// The same for a file in which every line is a row.
    #[must_use]
    pub fn of_lines(read: Vec<u8>, input: Box<dyn Read + Send>) -> Blocks {
        Blocks { by_line: true, ..Blocks::new(read, 1, input) }
    }

    /// The next block; `text` is room that is no longer needed.
    ///
    /// # Errors
    /// Where the file cannot be read any further.
    pub fn next(&mut self, mut text: Vec<u8>) -> io::Result<Option<Block>> {
        if self.is_done {
            return Ok(None);
        }
        let mut wanted = SIZE.max(self.left.len());
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
            let (line_ends, quotes) = line_ends_and_quotes(text.get(..len).unwrap_or(&[]));
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
                return Ok(Some(self.block(text, line_ends + usize::from(is_open), false)));
            }
            // With lines for rows, it does not matter which quotes there are.
            if let Some((end, line_ends)) = last_row_end(&text, line_ends, if self.by_line { None } else { Some(quotes) }) {
                self.left.extend_from_slice(text.get(end..).unwrap_or(&[]));
                text.truncate(end);
                return Ok(Some(self.block(text, line_ends, false)));
            }
            if wanted >= LARGEST {
                return Ok(Some(self.block(text, line_ends, true)));
            }
            wanted *= 2;
        }
    }

    fn block(&mut self, text: Vec<u8>, line_ends: usize, is_cut: bool) -> Block {
        let block = Block { number: self.number, line: self.line, is_cut, text };
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

    /// All that has not been read yet.
    ///
    /// # Errors
    /// Where the file cannot be read any further.
    pub fn rest(&mut self) -> io::Result<Vec<u8>> {
        let mut text = std::mem::take(&mut self.left);
        if !self.is_done {
            self.input.read_to_end(&mut text)?;
            self.is_done = true;
        }
        Ok(text)
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
        let mut blocks = Blocks::new(text.as_bytes()[..10].to_vec(), 1, Box::new(io::Cursor::new(text.as_bytes()[10..].to_vec())));
        let (mut all, mut line) = (Vec::new(), 1);
        let mut count = 0;
        while let Some(block) = blocks.next(Vec::new()).unwrap() {
            assert_eq!((block.line, block.number), (line, count));
            assert_eq!(memchr_iter(b'"', &block.text).count() % 2, 0);
            line += memchr_iter(b'\n', &block.text).count() as u64;
            all.extend_from_slice(&block.text);
            count += 1;
        }
        assert!(count > 2);
        assert_eq!(all, format!("{text}\n").into_bytes());
    }
}
