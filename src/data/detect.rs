//! What a file is, told by what it holds.
//!
//! Owns the magic numbers and first words by which files are known, and the words for those that are not read; text formats are
//! told apart by `formats`. Exports
//! called `.csv` that are workbooks, web pages or archives are everyday things, so names count for nothing here.

/// What the bytes of a file are.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A zip archive, which an `.xlsx` workbook is too; what is in it tells.
    Archive,
    /// Some text.
    Text,
    /// Something that is not read: what it is, and what to do.
    Other { what: &'static str, advice: &'static str },
}

const BINARY: &str = "a binary file";
const SAVE_AS: &str = "save it as .xlsx or CSV";
const EXPORT_ANEW: &str = "export the data again as CSV, JSON or .xlsx";
const TAKE_OUT: &str = "take the file out of the archive first";

const KNOWN: &[(&[u8], &str, &str)] = &[
    (b"%PDF", "a PDF document", EXPORT_ANEW),
    (b"{\\rtf", "a rich text document", EXPORT_ANEW),
    (b"\x89PNG", "a picture", EXPORT_ANEW),
    (b"\xff\xd8\xff", "a picture", EXPORT_ANEW),
    (b"GIF8", "a picture", EXPORT_ANEW),
    (b"PAR1", "a Parquet file", EXPORT_ANEW),
    (b"SQLite format 3", "an SQLite database", EXPORT_ANEW),
    (b"Rar!", "a RAR archive", TAKE_OUT),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", TAKE_OUT),
    (b"BZh", "a file compressed with bzip2", "unpack it first, or compress it with gzip or zstd"),
    (b"\xfd7zXZ", "a file compressed with xz", "unpack it first, or compress it with gzip or zstd"),
    (b"\x7fELF", "a program", EXPORT_ANEW),
    (b"MZ\x90", "a program", EXPORT_ANEW),
];

/// Tells text, archives and all else apart by the first bytes.
pub(super) fn kind(head: &[u8]) -> Kind {
    let other = |what, advice| Kind::Other { what, advice };
    if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
        return Kind::Archive;
    }
    if head.starts_with(&[0xd0, 0xcf, 0x11, 0xe0]) {
        return if holds(head, &utf16("EncryptedPackage")) {
            other("an Excel file protected by a password", "save it without the password")
        } else {
            other("an old Excel file", SAVE_AS)
        };
    }
    if let Some(&(_, what, advice)) = KNOWN.iter().find(|(magic, ..)| head.starts_with(magic)) {
        return other(what, advice);
    }
    if head.get(257..262) == Some(b"ustar") {
        return other("a tar archive", TAKE_OUT);
    }
    if looks_binary(head) { other(BINARY, EXPORT_ANEW) } else { Kind::Text }
}

/// What a file is that begins so and is no text, if it begins as such files always do.
pub(crate) fn known_kind(head: &[u8]) -> Option<&'static str> {
    match kind(head) {
        Kind::Other { what, .. } if what != BINARY => Some(what),
        _ => None,
    }
}

/// What an archive is, by the names of what is in it; by its first bytes where its directory is lost.
pub(super) fn archive(names: &[String], head: &[u8]) -> Kind {
    let other = |what, advice| Kind::Other { what, advice };
    let begins = |part: &str| {
        if names.is_empty() { holds(head, part.as_bytes()) } else { names.iter().any(|name| name.starts_with(part)) }
    };
    if begins("xl/workbook.bin") {
        other("a binary Excel file (.xlsb)", SAVE_AS)
    } else if begins("xl/") {
        Kind::Archive
    } else if holds(head, b"opendocument.spreadsheet") {
        other("an OpenDocument spreadsheet", SAVE_AS)
    } else if begins("Index/Tables") || begins("Index.zip") {
        other("a Numbers spreadsheet", "export it as .xlsx or CSV")
    } else if begins("word/document.xml") {
        other("a Word document", EXPORT_ANEW)
    } else {
        other("a zip archive", TAKE_OUT)
    }
}

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    memchr::memmem::find(bytes, part).is_some()
}

/// Whether too many of the first bytes are control characters. A few stray ones, NUL among them, pass as text; in UTF-16
/// and UTF-32 many bytes are NUL.
fn looks_binary(bytes: &[u8]) -> bool {
    if super::decode::is_wide(bytes) {
        return false;
    }
    let sample = bytes.get(..65_536).unwrap_or(bytes);
    let is_control = |&&b: &&u8| b < 0x20 && !matches!(b, b'\t' | b'\n' | b'\r' | 0x0b | 0x0c);
    let controls = sample.iter().filter(is_control).count();
    let allowed = if std::str::from_utf8(sample).is_ok() { sample.len() / 3 } else { sample.len() / 10 };
    controls > allowed
}

/// What a text is and what to do, where it is a web page or XML.
pub(super) fn markup(text: &str) -> Option<(&'static str, &'static str)> {
    let start = text.trim_start().get(..200).unwrap_or(text.trim_start());
    let begins = |word: &str| start.get(..word.len()).is_some_and(|s| s.eq_ignore_ascii_case(word));
    if ["<!doctype html", "<html", "<table", "<head", "<meta", "<body", "<style"].iter().any(|word| begins(word)) {
        return Some(("a web page", "open it in Excel and save it as .xlsx or CSV, or export the data again"));
    }
    begins("<?xml").then_some(("an XML file", "open it in Excel and save it as .xlsx or CSV, or export the data again"))
}

/// Whether a text is a JSON number, flag or null and nothing else: that is no table.
pub(super) fn is_single_value(text: &str) -> bool {
    let text = text.trim();
    text.len() < 400
        && !text.starts_with(['{', '[', '"'])
        && serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()
}
