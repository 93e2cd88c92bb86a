//! From bytes to text.
//!
//! Owns the order in which encodings are tried: byte order mark, UTF-16 by its NUL bytes, UTF-8, Windows-1252. Never
//! fails; says where it had to guess.

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
    /// It is UTF-16 with bytes that stand for no character.
    BrokenUtf16,
}

/// Decodes a file.
pub(super) fn decode(bytes: Vec<u8>) -> Decoded {
    if let Some(encoding) = utf16_kind(&bytes) {
        let (text, broken) = encoding.decode_with_bom_removal(&bytes);
        return Decoded { text: text.into_owned(), trouble: broken.then_some(Trouble::BrokenUtf16) };
    }
    match String::from_utf8(bytes) {
        Ok(mut text) => {
            if text.starts_with('\u{feff}') {
                text.drain(..'\u{feff}'.len_utf8());
            }
            Decoded { text, trouble: None }
        }
        Err(error) => line_by_line(error.as_bytes()),
    }
}

/// Decodes lines from the middle of a file that began as UTF-8.
pub(super) fn decode_lines(bytes: Vec<u8>) -> Decoded {
    match String::from_utf8(bytes) {
        Ok(text) => Decoded { text, trouble: None },
        Err(error) => line_by_line(error.as_bytes()),
    }
}

/// Which UTF-16 the bytes are, by their mark or by every other byte being NUL.
pub(super) fn utf16_kind(bytes: &[u8]) -> Option<&'static Encoding> {
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
fn line_by_line(bytes: &[u8]) -> Decoded {
    let bytes = bytes.strip_prefix(&[0xef, 0xbb, 0xbf]).unwrap_or(bytes);
    let mut text = String::with_capacity(bytes.len() + bytes.len() / 16);
    let mut guessed = Tally::default();
    let mut line_number = 0;
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
