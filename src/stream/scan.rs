//! Where the cells of a block of CSV end, at the speed of memory.
//!
//! One bit for each byte, 64 at a time: delimiters, line ends and quotes; what stands between quotes is found by adding the
//! quotes up. Only plain CSV is split here: a quote that stands where none belongs, or a CR that ends no line, says that the
//! careful reader in `data` must have a look.

use wide::u8x16;

/// Puts the offsets of all delimiters and line ends outside of quotes into the front of `ends`, which only grows; gives back
/// how many there are, or `None` where the block is not plain. 
///
/// A block begins with a row and ends with a line end.
#[must_use]
pub fn cell_ends(block: &[u8], delimiter: u8, ends: &mut Vec<u32>) -> Option<usize> {
    pulp::Arch::new().dispatch(CellEnds { block, delimiter, ends })
}

/// [`cell_ends`], made anew for each kind of processor.
struct CellEnds<'a> {
    block: &'a [u8],
    delimiter: u8,
    ends: &'a mut Vec<u32>,
}

impl pulp::WithSimd for CellEnds<'_> {
    type Output = Option<usize>;

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) -> Option<usize> {
        find_cell_ends(self.block, self.delimiter, self.ends)
    }
}

#[inline(always)]
fn find_cell_ends(block: &[u8], delimiter: u8, ends: &mut Vec<u32>) -> Option<usize> {
    let mut state = State { inside: 0, after_end: 1, after_close: 0, after_cr: 0, is_odd: 0 };
    // Eight offsets are written at a time, so there is some room behind the last.
    if ends.len() < block.len() / 2 {
        ends.resize(block.len() / 2, 0);
    }
    let mut count = 0;
    let mut at = 0u32;
    let mut chunks = block.chunks_exact(64);
    for chunk in &mut chunks {
        if let Ok(chunk) = <&[u8; 64]>::try_from(chunk) {
            let found = state.ends(&Masks::of(chunk, delimiter));
            if ends.len() < count + 72 {
                ends.resize(count * 2 + 72, 0);
            }
            count = put(ends, count, at, found);
        }
        at += 64;
    }
    let rest = chunks.remainder();
    if !rest.is_empty() {
        // Filled with a byte that is nothing.
        let mut last = [0u8; 64];
        last[..rest.len()].copy_from_slice(rest);
        let found = state.ends(&Masks::of(&last, delimiter));
        ends.resize(ends.len().max(count + 72), 0);
        count = put(ends, count, at, found);
    }
    (state.inside == 0 && state.is_odd == 0).then_some(count)
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
    delimiters: u64,
    line_ends: u64,
    quotes: u64,
    returns: u64,
}

impl Masks {
    #[inline(always)]
    fn of(chunk: &[u8; 64], delimiter: u8) -> Masks {
        let mut masks = Masks { delimiters: 0, line_ends: 0, quotes: 0, returns: 0 };
        let (delimiter, line_end, quote, cr) = (u8x16::splat(delimiter), u8x16::splat(b'\n'), u8x16::splat(b'"'), u8x16::splat(b'\r'));
        for (i, part) in chunk.chunks_exact(16).enumerate() {
            let bytes = u8x16::from(<[u8; 16]>::try_from(part).unwrap_or([0; 16]));
            let are = |wanted: u8x16| u64::from(bytes.simd_eq(wanted).to_bitmask()) << (16 * i);
            masks.delimiters |= are(delimiter);
            masks.line_ends |= are(line_end);
            masks.quotes |= are(quote);
            masks.returns |= are(cr);
        }
        masks
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
    #[inline(always)]
    fn ends(&mut self, masks: &Masks) -> u64 {
        let between = if masks.quotes == 0 { self.inside } else { added_up(masks.quotes) ^ self.inside };
        let ends = (masks.delimiters | masks.line_ends) & !between;
        if masks.quotes | masks.returns | self.after_cr | self.after_close != 0 {
            let (opens, closes) = (masks.quotes & between, masks.quotes & !between);
            let returns = masks.returns & !between;
            self.is_odd |= opens & !((ends | closes) << 1 | self.after_end);
            self.is_odd |= (closes << 1 | self.after_close) & !(ends | opens | returns);
            self.is_odd |= (returns << 1 | self.after_cr) & !(masks.line_ends & !between);
            self.after_close = closes >> 63;
            self.after_cr = returns >> 63;
            self.after_end = (ends | closes) >> 63;
        } else {
            self.after_end = ends >> 63;
        }
        self.inside = (between.cast_signed() >> 63).cast_unsigned();
        ends
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

    proptest! {
        /// Where a block is plain, the cells are those of the csv crate; and what that crate would write is plain.
        #[test]
        fn cells_are_those_of_the_csv_crate(
            rows in prop::collection::vec(prop::collection::vec("[a\",\n\r ;x]{0,40}", 1..5), 1..12),
            pieces in prop::collection::vec(prop::sample::select(vec!["a", ",", "\"", "\"\"", "\n", "\r\n", " ", "bcdefghijklmnopqrstuvwxyz"]), 0..60),
        ) {
            let mut written = ::csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
            for row in &rows {
                written.write_record(row).unwrap();
            }
            let written = written.into_inner().unwrap();
            let mut ends = Vec::new();
            prop_assert_eq!(cell_ends(&written, b',', &mut ends), Some(rows.iter().map(Vec::len).sum::<usize>()));
            let mut text = pieces.concat();
            text.push('\n');
            if let Some(count) = cell_ends(text.as_bytes(), b',', &mut ends) {
                let mut reader = ::csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
                let theirs: Vec<usize> = reader.records().map(|r| r.unwrap().len()).collect();
                let mut ours = Vec::new();
                let (mut cells, mut from) = (0, 0);
                for &end in &ends[..count] {
                    cells += 1;
                    if text.as_bytes()[end as usize] == b'\n' {
                        let line = text[from..end as usize].trim_end_matches('\r');
                        if !line.is_empty() {
                            ours.push(cells);
                        }
                        (cells, from) = (0, end as usize + 1);
                    }
                }
                prop_assert_eq!(ours, theirs);
            }
        }
    }
}
