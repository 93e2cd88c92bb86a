//! From bytes to text.
//!
//! Owns the order in which encodings are tried: byte order mark, UTF-32 and UTF-16 by their NUL bytes, UTF-8, Windows-1252.
//! Never fails; says where it had to guess.

use encoding_rs::{Encoding, UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::tally::{Tally, shown};

/// A text, and where it is not sure to be right.
#[derive(Debug)]
pub(super) struct Decoded {
    pub text: String,
    pub trouble: Option<Trouble>,
}

/// Why a text may not be right.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// These lines are not UTF-8 and were read as Windows-1252.
    Windows1252(Tally),
    /// It is UTF-16 or UTF-32, as it is called, with bytes that stand for no character.
    Broken(&'static str),
}

/// Decodes a file of this encoding; where none is told, of the one that its bytes show.
pub(super) fn decode_as(bytes: Vec<u8>, encoding: Option<&'static Encoding>) -> Decoded {
    let Some(encoding) = encoding.filter(|e| *e != encoding_rs::UTF_8) else { return decode(bytes) };
    let (text, broken) = encoding.decode_with_bom_removal(&bytes);
    Decoded { text: text.into_owned(), trouble: broken.then_some(Trouble::Broken(encoding.name())) }
}

/// Decodes a file.
pub(super) fn decode(bytes: Vec<u8>) -> Decoded {
    if let Some(unit) = utf32_kind(&bytes) {
        return utf32(&bytes, unit);
    }
    if let Some(encoding) = utf16_kind(&bytes) {
        let (text, broken) = encoding.decode_with_bom_removal(&bytes);
        return Decoded { text: text.into_owned(), trouble: broken.then_some(Trouble::Broken("UTF-16")) };
    }
    match String::from_utf8(bytes) {
        Ok(mut text) => {
            if text.starts_with('\u{feff}') {
                text.drain(..'\u{feff}'.len_utf8());
            }
            Decoded { text, trouble: None }
        }
        Err(error) => {
            let bytes = error.as_bytes();
            line_by_line(bytes.strip_prefix(&[0xef, 0xbb, 0xbf]).unwrap_or(bytes), 0)
        }
    }
}

/// Decodes what is left of a file that began as UTF-8, behind so many lines.
pub(super) fn decode_lines(bytes: Vec<u8>, lines: u64) -> Decoded {
    match String::from_utf8(bytes) {
        Ok(text) => Decoded { text, trouble: None },
        Err(error) => line_by_line(error.as_bytes(), lines),
    }
}

/// Whether a character has two bytes or four.
pub(super) fn is_wide(bytes: &[u8]) -> bool {
    utf16_kind(bytes).is_some() || utf32_kind(bytes).is_some()
}

/// How four bytes of UTF-32 make a character, if they do: by their mark, or by three of four bytes being NUL.
fn utf32_kind(bytes: &[u8]) -> Option<fn([u8; 4]) -> u32> {
    let is = |big: bool| {
        let (units, _) = bytes.get(..2048).unwrap_or(bytes).as_chunks::<4>();
        let ascii = units
            .iter()
            .filter(|unit| matches!((big, unit), (true, [0, 0, 0, b]) | (false, [b, 0, 0, 0]) if *b > 0))
            .count();
        units.len() >= 2 && ascii * 10 >= units.len() * 6
    };
    match bytes {
        [0xff, 0xfe, 0, 0, ..] => Some(u32::from_le_bytes),
        [0, 0, 0xfe, 0xff, ..] => Some(u32::from_be_bytes),
        _ if is(false) => Some(u32::from_le_bytes),
        _ if is(true) => Some(u32::from_be_bytes),
        _ => None,
    }
}

fn utf32(bytes: &[u8], unit: fn([u8; 4]) -> u32) -> Decoded {
    let (units, rest) = bytes.as_chunks::<4>();
    let mut is_broken = !rest.is_empty();
    let chars = units.iter().map(|&bytes| {
        char::from_u32(unit(bytes)).unwrap_or_else(|| {
            is_broken = true;
            char::REPLACEMENT_CHARACTER
        })
    });
    let mut text: String = chars.collect();
    if text.starts_with('\u{feff}') {
        text.drain(..'\u{feff}'.len_utf8());
    }
    Decoded { text, trouble: is_broken.then_some(Trouble::Broken("UTF-32")) }
}

/// Which UTF-16 the bytes are, by their mark or by every other byte being NUL.
fn utf16_kind(bytes: &[u8]) -> Option<&'static Encoding> {
    match bytes {
        [0xff, 0xfe, ..] => return Some(UTF_16LE),
        [0xfe, 0xff, ..] => return Some(UTF_16BE),
        _ => {}
    }
    let sample = bytes.get(..2048).unwrap_or(bytes);
    let pairs = sample.len() / 2;
    let zeros = |odd: usize| sample.iter().skip(odd).step_by(2).filter(|&&b| b == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    // Text of another script has fewer NULs, but its delimiters and line ends have them.
    let mostly = |many: usize, few: usize| pairs >= 2 && many * 10 >= pairs * 6 && few * 20 <= pairs;
    if mostly(odd, even) {
        Some(UTF_16LE)
    } else if mostly(even, odd) {
        Some(UTF_16BE)
    } else {
        None
    }
}

/// Lines that are not UTF-8 are read as Windows-1252, all others as UTF-8: files glued together from two systems exist,
/// and a text that merely ends within a character is not spoiled as a whole.
fn line_by_line(bytes: &[u8], lines: u64) -> Decoded {
    let mut text = String::with_capacity(bytes.len() + bytes.len() / 16);
    let mut guessed = Tally::default();
    let mut line_number = lines;
    let line_end = if bytes.contains(&b'\n') { b'\n' } else { b'\r' };
    for line in bytes.split_inclusive(|&b| b == line_end) {
        line_number += 1;
        if let Ok(line) = std::str::from_utf8(line) {
            text.push_str(line);
        } else {
            let (line, _) = WINDOWS_1252.decode_without_bom_handling(line);
            guessed.add(line_number, || shown(around_first_special(&line)));
            text.push_str(&line);
        }
    }
    Decoded { text, trouble: Some(Trouble::Windows1252(guessed)) }
}

/// The word with the first character beyond ASCII, and a little more.
fn around_first_special(line: &str) -> &str {
    let special = line.find(|c: char| !c.is_ascii()).unwrap_or(0);
    let start = line.get(..special).and_then(|s| s.rfind([' ', ',', ';', '\t', '"'])).map_or(0, |at| at + 1);
    let rest = line.get(start..).unwrap_or(line);
    rest.get(..rest.find([',', ';', '\t', '"', '\n']).unwrap_or(rest.len())).unwrap_or(rest)
}
