//! Where the cells of a block of CSV end, at the speed of memory.
//!
//! One bit for each byte, 64 at a time: delimiters, line ends and quotes; what stands between quotes is found by adding the
//! quotes up. Only plain CSV is split here: a quote that stands where none belongs, or a CR that ends no line, says that the
//! careful reader in `data` must have a look.

use super::look::{Look, WithLook, looking};

/// What was found in a block.
#[derive(Debug, Clone, Copy, Default)]
pub struct Found {
    /// How many ends there are.
    pub ends: usize,
    /// How many of these are line ends.
    pub line_ends: usize,
    /// Whether there is a CR somewhere.
    pub has_returns: bool,
    /// Whether all is ASCII.
    pub is_ascii: bool,
}

/// What stands before the first cell: one more is 0.
pub const BEFORE: u32 = u32::MAX;

/// Puts [`BEFORE`] and the offsets of all delimiters and line ends outside of quotes into the front of `ends`, which only
/// grows; `None` where the block is not plain.
///
/// A block begins with a row and ends with a line end.
#[must_use]
pub fn cell_ends(block: &[u8], delimiter: u8, ends: &mut Vec<u32>) -> Option<Found> {
    looking(Finding { block, delimiter, ends })
}

/// [`cell_ends`], made anew for each kind of processor.
struct Finding<'a> {
    block: &'a [u8],
    delimiter: u8,
    ends: &'a mut Vec<u32>,
}

impl WithLook for Finding<'_> {
    type Output = Option<Found>;

    #[inline(always)]
    fn with(self, look: impl Look) -> Option<Found> {
        let Finding { block, delimiter, ends } = self;
        let mut state = State { inside: 0, after_end: 1, after_close: 0, after_cr: 0, is_odd: 0 };
        // Eight offsets are written at a time, so there is some room behind the last.
        let room = block.len() / 2 + 72;
        if ends.len() < room {
            ends.resize(room, 0);
        }
        if let Some(first) = ends.first_mut() {
            *first = BEFORE;
        }
        let (mut count, mut line_ends, mut returns, mut high) = (1, 0, 0, 0);
        let mut at = 0u32;
        // A loop, and no closure: that would be made for all processors, and called.
        for chunk in chunks(block, &mut [0; 64]) {
            let masks = Masks::of(look, chunk, delimiter);
            let (found, lines) = state.ends(&masks);
            if ends.len() < count + 72 {
                ends.resize(count * 2 + 72, 0);
            }
            count = put(ends, count, at, found);
            line_ends += lines.count_ones() as usize;
            returns |= masks.returns;
            high |= look.high(chunk);
            at += 64;
        }
        let found = Found { ends: count - 1, line_ends, has_returns: returns != 0, is_ascii: high == 0 };
        (state.inside == 0 && state.is_odd == 0).then_some(found)
    }
}

/// All bytes, 64 at a time; behind them stands a byte that is nothing.
#[inline(always)]
fn chunks<'c>(bytes: &'c [u8], last: &'c mut [u8; 64]) -> impl Iterator<Item = &'c [u8; 64]> {
    let (whole, rest) = bytes.as_chunks::<64>();
    last[..rest.len()].copy_from_slice(rest);
    whole.iter().chain([&*last])
}

/// How many line ends there are, and how many bytes of another kind.
#[must_use]
pub fn line_ends_and(other: u8, text: &[u8]) -> (usize, usize) {
    looking(Counting(other, text))
}

/// [`line_ends_and`], made anew for each kind of processor.
struct Counting<'a>(u8, &'a [u8]);

impl WithLook for Counting<'_> {
    type Output = (usize, usize);

    #[inline(always)]
    fn with(self, look: impl Look) -> (usize, usize) {
        let Counting(other, text) = self;
        let (mut line_ends, mut others) = (0, 0);
        // A loop, as above.
        for chunk in chunks(text, &mut [0; 64]) {
            line_ends += look.equal(chunk, b'\n').count_ones() as usize;
            others += look.equal(chunk, other).count_ones() as usize;
        }
        (line_ends, others)
    }
}

/// Puts the offsets of all line ends into the front of `ends`, which only grows; how many there are.
#[must_use]
pub fn line_ends(text: &[u8], ends: &mut Vec<u32>) -> usize {
    looking(Lines(text, ends))
}

/// [`line_ends`], made anew for each kind of processor.
struct Lines<'a>(&'a [u8], &'a mut Vec<u32>);

impl WithLook for Lines<'_> {
    type Output = usize;

    #[inline(always)]
    fn with(self, look: impl Look) -> usize {
        let Lines(text, ends) = self;
        let (mut count, mut at) = (0, 0);
        for chunk in chunks(text, &mut [0; 64]) {
            if ends.len() < count + 72 {
                ends.resize(count * 2 + 1024, 0);
            }
            count = put(ends, count, at, look.equal(chunk, b'\n'));
            at += 64;
        }
        count
    }
}

/// Writes the offsets of the bits of a word.
#[inline(always)]
fn put(ends: &mut [u32], mut count: usize, at: u32, mut bits: u64) -> usize {
    let found = bits.count_ones() as usize;
    let after = count + found;
    while bits != 0 {
        let Some(eight) = ends.get_mut(count..count + 8) else { return after };
        for end in eight {
            *end = at + bits.trailing_zeros();
            bits &= bits.wrapping_sub(1);
        }
        count += 8;
    }
    after
}

/// Which of 64 bytes are what.
struct Masks {
    /// Delimiters and line ends.
    ends: u64,
    line_ends: u64,
    quotes: u64,
    returns: u64,
}

impl Masks {
    #[inline(always)]
    fn of(look: impl Look, chunk: &[u8; 64], delimiter: u8) -> Masks {
        let line_ends = look.equal(chunk, b'\n');
        Masks {
            ends: look.equal(chunk, delimiter) | line_ends,
            line_ends,
            quotes: look.equal(chunk, b'"'),
            returns: look.equal(chunk, b'\r'),
        }
    }
}

/// What is known at the border between two words.
struct State {
    /// All bits where the next byte stands between quotes.
    inside: u64,
    /// One where the byte before was the end of a cell or closed a quote: a quote may open.
    after_end: u64,
    /// One where the byte before closed a quote: a cell must end, or the quote was doubled.
    after_close: u64,
    /// One where the byte before was a CR outside of quotes: an LF must follow.
    after_cr: u64,
    /// The bytes that have no place in plain CSV.
    is_odd: u64,
}

impl State {
    /// The ends of cells, and those of them that are line ends.
    #[inline(always)]
    fn ends(&mut self, masks: &Masks) -> (u64, u64) {
        let between = if masks.quotes == 0 { self.inside } else { added_up(masks.quotes) ^ self.inside };
        let (ends, line_ends) = (masks.ends & !between, masks.line_ends & !between);
        if masks.quotes | masks.returns | self.after_cr | self.after_close != 0 {
            let (opens, closes) = (masks.quotes & between, masks.quotes & !between);
            let returns = masks.returns & !between;
            self.is_odd |= opens & !((ends | closes) << 1 | self.after_end);
            self.is_odd |= (closes << 1 | self.after_close) & !(ends | opens | returns);
            self.is_odd |= (returns << 1 | self.after_cr) & !line_ends;
            self.after_close = closes >> 63;
            self.after_cr = returns >> 63;
            self.after_end = (ends | closes) >> 63;
        } else {
            self.after_end = ends >> 63;
        }
        self.inside = (between.cast_signed() >> 63).cast_unsigned();
        (ends, line_ends)
    }
}

/// Each bit the sum of itself and all lower ones.
#[inline(always)]
fn added_up(mut bits: u64) -> u64 {
    for shift in [1, 2, 4, 8, 16, 32] {
        bits ^= bits << shift;
    }
    bits
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn line_ends_and_others_are_counted() {
        for len in [0, 1, 63, 64, 65, 1000] {
            let text: Vec<u8> = (0..len).map(|i| b"a\n\"\"b"[i % 5]).collect();
            let count = |wanted: u8| text.iter().filter(|&&b| b == wanted).count();
            let mut ends = Vec::new();
            let found = line_ends(&text, &mut ends);
            assert_eq!(ends[..found], (0..len as u32).filter(|&at| text[at as usize] == b'\n').collect::<Vec<_>>());
            assert_eq!(line_ends_and(b'"', &text), (count(b'\n'), count(b'"')));
        }
    }

    proptest! {
        /// Where a block is plain, the cells are those of the csv crate; and what that crate would write is plain.
        #[test]
        fn cells_are_those_of_the_csv_crate(
            rows in prop::collection::vec(prop::collection::vec("[a\",\n\r ;x]{0,40}", 1..5), 1..12),
            pieces in prop::collection::vec(prop::sample::select(vec!["a", "\u{e4}", ",", "\"", "\"\"", "\n", "\r\n", " ", "bcdefghijklmnopqrstuvwxyz"]), 0..60),
        ) {
            let mut written = ::csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
            for row in &rows {
                written.write_record(row).unwrap();
            }
            let written = written.into_inner().unwrap();
            let mut ends = Vec::new();
            let found = cell_ends(&written, b',', &mut ends);
            prop_assert_eq!(found.map(|f| f.ends), Some(rows.iter().map(Vec::len).sum::<usize>()));
            let mut text = pieces.concat();
            text.push('\n');
            if let Some(found) = cell_ends(text.as_bytes(), b',', &mut ends) {
                prop_assert_eq!((found.has_returns, found.is_ascii), (text.contains('\r'), text.is_ascii()));
                let mut reader = ::csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
                let theirs: Vec<usize> = reader.records().map(|r| r.unwrap().len()).collect();
                let mut ours = Vec::new();
                let (mut cells, mut from) = (0, 0);
                let mut line_ends = 0;
                for &end in &ends[1..=found.ends] {
                    cells += 1;
                    if text.as_bytes()[end as usize] == b'\n' {
                        line_ends += 1;
                        let line = text[from..end as usize].trim_end_matches('\r');
                        if !line.is_empty() {
                            ours.push(cells);
                        }
                        (cells, from) = (0, end as usize + 1);
                    }
                }
                prop_assert_eq!(ours, theirs);
                prop_assert_eq!(found.line_ends, line_ends);
            }
        }
    }
}
