//! Names of files as texts, and the way back.
//!
//! A name of a file is a text everywhere in Merit. Few are no UTF-8: in those a byte that belongs to no character stands as a
//! character of its own, from the end of Unicode, where nobody has any. So the way back leads to the same file, whatever it is
//! called; and what people see in place of such a byte is `�` (`shown`). Opens nothing.

use std::borrow::Cow;
use std::ffi::OsStr;
use std::path::Path;

/// What stands for the first of the bytes that may be no UTF-8, 0x80.
const FIRST: u32 = 0x0010_ff80;

/// The byte that a character stands for.
fn byte_of(c: char) -> Option<u8> {
    u32::from(c).checked_sub(FIRST).and_then(|n| u8::try_from(n + 0x80).ok())
}

/// Whether a character stands for a byte of a name.
#[must_use]
pub fn is_byte(c: char) -> bool {
    byte_of(c).is_some()
}

/// The name of a file as a text.
#[must_use]
pub fn name_of(path: &OsStr) -> String {
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStrExt;
        name_of_bytes(path.as_bytes())
    }
    #[cfg(not(unix))]
    path.to_string_lossy().into_owned()
}

/// The same from the bytes of a name.
#[must_use]
pub fn name_of_bytes(bytes: &[u8]) -> String {
    let stand_in = |b: &u8| char::from_u32(FIRST + u32::from(*b) - 0x80).unwrap_or('\u{fffd}');
    let mut name = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            // A character that would stand for a byte is written as its bytes.
            if is_byte(c) {
                name.extend(c.encode_utf8(&mut [0; 4]).as_bytes().iter().map(stand_in));
            } else {
                name.push(c);
            }
        }
        name.extend(chunk.invalid().iter().map(stand_in));
    }
    name
}

/// The file that a name means.
#[must_use]
pub fn path_of(name: &str) -> Cow<'_, Path> {
    #[cfg(unix)]
    if name.chars().any(is_byte) {
        use std::os::unix::ffi::OsStringExt;
        let mut bytes = Vec::with_capacity(name.len());
        for c in name.chars() {
            match byte_of(c) {
                Some(byte) => bytes.push(byte),
                None => bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
            }
        }
        return Cow::Owned(std::ffi::OsString::from_vec(bytes).into());
    }
    Cow::Borrowed(Path::new(name))
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::ffi::OsStrExt;

    use super::*;

    #[test]
    fn the_way_back_leads_to_the_same_file() {
        for bytes in [
            &b"a.merit"[..],
            "Größe.csv".as_bytes(),
            b"caf\xe9.csv",
            b"\xff\xfe\x80",
            "\u{10ff80}\u{10ffff}x".as_bytes(),
            b"\xf4\x8f\xbe",
            b"d\xe9/f\xfc",
        ] {
            let name = name_of(OsStr::from_bytes(bytes));
            assert_eq!(path_of(&name).as_os_str().as_bytes(), bytes);
        }
        assert_eq!(name_of(OsStr::new("Größe.csv")), "Größe.csv");
        assert_eq!(crate::shown::one_line(&name_of(OsStr::from_bytes(b"caf\xe9.csv"))), "caf\u{fffd}.csv");
    }
}
