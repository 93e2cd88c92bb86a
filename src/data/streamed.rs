//! Opening a file of plain CSV or JSON Lines without reading all of it.
//!
//! Owns the question whether a file can be read row by row, told by its first megabyte: text in UTF-8, CSV, TSV
//! or JSON Lines, perhaps compressed. All other files are read as a whole, by `source`.

use std::fs::File;
use std::io::{self, Cursor, Read};
use std::path::Path;

use super::csv;
use super::decode;
use super::detect::{self, Kind};
use super::source::{Content, Format, Input, Options, name_of, not_opened, open};
use crate::diagnostic::Diagnostic;
use crate::messages::data as messages;
use crate::text;

/// So much is looked at.
const HEAD: usize = 1 << 20;

/// A file that was opened.
pub enum Opened {
    /// As a whole, in memory.
    Whole(Input),
    /// To be read row by row.
    Streamed(Box<Streamed>),
}

/// A file of plain CSV, to be read row by row.
pub struct Streamed {
    /// Its header and some rows: enough to tell its columns.
    head: Input,
    /// Whether it is JSON Lines: then every line is a row, and the columns are not known.
    pub is_lines: bool,
    /// What stands between its cells.
    pub delimiter: u8,
    /// The bytes of its header.
    header: Vec<u8>,
    /// What has been read of its rows.
    pub read: Vec<u8>,
    /// The line where its rows begin.
    pub line: u64,
    /// All that follows.
    pub input: Box<dyn Read + Send>,
    /// How large the file is, where that is known and it is not compressed.
    pub size: Option<u64>,
}

/// Opens a file, or standard input where the path is `-`.
///
/// # Errors
/// As [`open`].
pub fn open_streamed(path: impl AsRef<Path>, options: &Options) -> Result<Opened, Diagnostic> {
    let path = path.as_ref();
    let is_wanted = !matches!(options.format, Some(Format::Json | Format::Xlsx)) && options.sheet.is_none();
    if !is_wanted {
        return open(path, options).map(Opened::Whole);
    }
    let name = &name_of(path);
    let mut size = None;
    let mut input: Box<dyn Read + Send> = if let Some(bytes) = options.held(path) {
        Box::new(Cursor::new(bytes))
    } else if path == Path::new("-") {
        Box::new(io::stdin())
    } else {
        let file = File::open(path).map_err(|e| not_opened(path, &e))?;
        size = file.metadata().ok().filter(std::fs::Metadata::is_file).map(|m| m.len());
        Box::new(file)
    };
    let mut read = beginning(&mut input).map_err(|e| not_opened(path, &e))?;
    for _ in 0..4 {
        let how = if read.starts_with(&[0x1f, 0x8b]) {
            "gzip"
        } else if read.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) {
            "zstd"
        } else {
            break;
        };
        size = None;
        let packed = Cursor::new(read).chain(input);
        let failed = |e: io::Error| messages::cannot_unpack(name, how, &crate::messages::data::reason(&e));
        input = if how == "gzip" { Box::new(flate2::read::MultiGzDecoder::new(packed)) } else { Box::new(zstd::stream::read::Decoder::new(packed).map_err(failed)?) };
        read = beginning(&mut input).map_err(failed)?;
    }
    match plain(name, &read, options)? {
        Some((head, delimiter, end, line)) => {
            let is_lines = head.format == Format::JsonLines;
            let rows = read.split_off(end);
            let (header, read) = (read, rows);
            Ok(Opened::Streamed(Box::new(Streamed { head, is_lines, delimiter, header, read, line, input, size })))
        }
        None => {
            input.read_to_end(&mut read).map_err(|e| not_opened(path, &e))?;
            Input::from_bytes(name, read, options).map(Opened::Whole)
        }
    }
}

impl Streamed {
    /// Its header and some rows, as a file of their own: enough to tell its columns.
    #[must_use]
    pub fn take_head(&mut self) -> Input {
        let name = self.head.name.clone();
        let nothing = Input { name, format: self.head.format, notes: Vec::new(), content: Content::Text(String::new()), sheet: None };
        std::mem::replace(&mut self.head, nothing)
    }

    /// The same file as a whole.
    ///
    /// # Errors
    /// Where it cannot be read any further.
    pub fn whole(self, options: &Options) -> Result<Input, Diagnostic> {
        let Streamed { head, header: mut bytes, mut read, mut input, .. } = self;
        bytes.append(&mut read);
        input.read_to_end(&mut bytes).map_err(|e| messages::cannot_read(&head.name, &messages::reason(&e)))?;
        Input::from_bytes(&head.name, bytes, options)
    }
}

fn beginning(input: &mut Box<dyn Read + Send>) -> io::Result<Vec<u8>> {
    let mut read = Vec::new();
    input.by_ref().take(HEAD as u64).read_to_end(&mut read)?;
    Ok(read)
}

/// The header, the delimiter, where the rows begin and in which line, if it is plain CSV.
fn plain(name: &str, read: &[u8], options: &Options) -> Result<Option<(Input, u8, usize, u64)>, Diagnostic> {
    if detect::kind(read) != Kind::Text || decode::utf16_kind(read).is_some() {
        return Ok(None);
    }
    let mark = if read.starts_with(&[0xef, 0xbb, 0xbf]) { 3 } else { 0 };
    let is_all = read.len() < HEAD;
    let end = if is_all { read.len() } else { memchr::memrchr(b'\n', read).map_or(0, |at| at + 1) };
    let Some(text) = read.get(mark..end).and_then(|t| std::str::from_utf8(t).ok()) else { return Ok(None) };
    if text::trim(text).is_empty() || detect::markup(text).is_some() {
        return Ok(None);
    }
    let format = options.format.unwrap_or_else(|| detect::format(text));
    if format == Format::JsonLines {
        let head = Input { name: name.to_owned(), format, notes: Vec::new(), content: Content::Text(String::new()), sheet: None };
        return Ok(Some((head, b',', mark, 1)));
    }
    if !matches!(format, Format::Csv | Format::Tsv) {
        return Ok(None);
    }
    let header = csv::header(name, text, format == Format::Tsv)?;
    if header.dialect.lone_cr || header.names.len() < 2 || header.end >= text.len() && !is_all {
        return Ok(None);
    }
    let lines = text.get(..header.end).map_or(0, |t| memchr::memchr_iter(b'\n', t.as_bytes()).count() as u64);
    let head = Input { name: name.to_owned(), format, notes: Vec::new(), content: Content::Text(text.to_owned()), sheet: None };
    Ok(Some((head, header.dialect.delimiter, mark + header.end, lines + 1)))
}
