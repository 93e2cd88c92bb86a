//! Opening a file of plain CSV or JSON Lines without reading all of it.
//!
//! Owns the question whether a file can be read row by row, told by its first megabyte: text in UTF-8, CSV, TSV
//! or JSON Lines, perhaps compressed. All other files are read as a whole, by `source`.

use std::io::{Cursor, Read};
use std::sync::Arc;

use super::decode;
use super::detect::Kind;
use super::formats::{ByRow, Format, csv};
use super::source::{Content, Held, Input, Opening, Options, Source};
use crate::diagnostic::Diagnostic;
use crate::text;

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
    /// The bytes of its header.
    header: Vec<u8>,
    /// The line where its rows begin.
    pub line: u64,
    /// What has been read of its rows.
    pub read: Vec<u8>,
    /// All that follows.
    rest: Box<dyn Read + Send>,
    /// How large the file is, where that is known and it is not compressed.
    pub size: Option<u64>,
}

/// Opens a source, to be read row by row if it can be.
///
/// # Errors
/// As [`super::open`].
pub fn open_streamed(source: &Source, options: &Options) -> Result<Opened, Diagnostic> {
    if let Source::Rows(rows) = source {
        return Ok(Opened::Whole(Input::from_rows(Arc::clone(rows), options)));
    }
    let opening = Opening::of(source, options)?;
    let is_wanted = options.layout.encoding.is_none()
        && options.format.is_none_or(|format| format.reader().by_row != ByRow::No)
        && options.sheet.is_none()
        && options.portions.block > 0;
    let Some(plain) = is_wanted.then(|| plain(&opening, options)).transpose()?.flatten() else {
        return opening.whole(options).map(Opened::Whole);
    };
    let Opening { head: mut header, rest, size, .. } = opening;
    let Plain { head, end, line, is_lines } = plain;
    let read = header.split_off(end);
    Ok(Opened::Streamed(Box::new(Streamed { head, is_lines, header, line, read, rest, size })))
}

impl Streamed {
    /// Its header and some rows, as a file of their own: enough to tell its columns.
    #[must_use]
    pub fn take_head(&mut self) -> Input {
        let name = self.head.name.clone();
        let nothing = Input { name, notes: Vec::new(), content: Content::Rows(Arc::default()), may_be_empty: false };
        std::mem::replace(&mut self.head, nothing)
    }

    /// What follows its header.
    #[must_use]
    pub fn into_rows(self) -> Box<dyn Read + Send> {
        Box::new(Cursor::new(self.read).chain(self.rest))
    }

    /// The same file as a whole.
    ///
    /// # Errors
    /// Where it cannot be read any further, or is larger than it may be.
    pub fn whole(self, options: &Options) -> Result<Input, Diagnostic> {
        let Streamed { head, header: mut bytes, mut read, rest, size, .. } = self;
        bytes.append(&mut read);
        Opening { name: head.name, head: bytes, rest, size, kind: Kind::Text }.whole(options)
    }
}

/// The beginning of a file that can be read row by row.
struct Plain {
    head: Input,
    /// Where the rows begin, and in which line.
    end: usize,
    line: u64,
    is_lines: bool,
}

/// The header and where the rows begin, if it is plain CSV or JSON Lines.
fn plain(opening: &Opening, options: &Options) -> Result<Option<Plain>, Diagnostic> {
    let Opening { name, head: read, kind, .. } = opening;
    if *kind != Kind::Text || decode::is_wide(read) {
        return Ok(None);
    }
    let mark = if read.starts_with(&[0xef, 0xbb, 0xbf]) { 3 } else { 0 };
    let is_all = read.len() < options.portions.head;
    let end = if is_all { read.len() } else { memchr::memrchr(b'\n', read).map_or(0, |at| at + 1) };
    let Some(text) = read.get(mark..end).and_then(|t| std::str::from_utf8(t).ok()) else { return Ok(None) };
    if text::trim(text).is_empty() {
        return Ok(None);
    }
    let format = options.format.unwrap_or_else(|| Format::of_text(text));
    let head = |text: &str| Input {
        name: name.clone(),
        notes: Vec::new(),
        content: Content::File(format, Held::Text(text.to_owned())),
        may_be_empty: options.may_be_empty,
    };
    let tabs = match format.reader().by_row {
        ByRow::No => return Ok(None),
        ByRow::Lines => return Ok(Some(Plain { head: head(""), end: mark, line: 1, is_lines: true })),
        ByRow::Cells { tabs } => tabs,
    };
    let header = csv::header(name, text, tabs, &options.layout)?;
    if header.dialect.lone_cr || header.names.len() < 2 || header.end >= text.len() && !is_all {
        return Ok(None);
    }
    let lines = text.get(..header.end).map_or(0, |t| memchr::memchr_iter(b'\n', t.as_bytes()).count() as u64);
    Ok(Some(Plain { head: head(text), end: mark + header.end, line: lines + 1, is_lines: false }))
}
