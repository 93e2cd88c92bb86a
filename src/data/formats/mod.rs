//! The formats that are read.
//!
//! Owns how each is called, told and read. A new one is a file beside this one, with its [`Reader`], and its lines in here.

pub(super) mod csv;
mod delimited;
mod elements;
pub(super) mod json;
mod lines;
mod sheet;

use std::fmt;

use super::source::Held;
use super::table::{Parsed, Wanted};
use crate::diagnostic::Diagnostic;

/// The formats that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Cells with commas, semicolons or tabs between them.
    Csv,
    /// Cells with tabs between them.
    Tsv,
    /// An array of objects, or objects one after the other.
    Json,
    /// One object a line.
    JsonLines,
    /// An Excel workbook.
    Xlsx,
}

impl Format {
    /// All formats.
    pub const ALL: &'static [Format] = &[Format::Csv, Format::Tsv, Format::Json, Format::JsonLines, Format::Xlsx];

    /// How it is read.
    pub(super) fn reader(self) -> &'static Reader {
        match self {
            Format::Csv => &delimited::CSV,
            Format::Tsv => &delimited::TSV,
            Format::Json => &json::OBJECTS,
            Format::JsonLines => &json::LINES,
            Format::Xlsx => &sheet::WORKBOOK,
        }
    }

    /// The name, as `--input-format` takes it.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.reader().name
    }

    /// The format with this name, in any case.
    #[must_use]
    pub fn by_name(name: &str) -> Option<Format> {
        Format::ALL.iter().copied().find(|f| f.name().eq_ignore_ascii_case(name))
    }

    /// The format whose files end like this, in any case.
    #[must_use]
    pub fn by_ending(ending: &str) -> Option<Format> {
        let is_of = |f: &Format| f.reader().endings.iter().any(|e| e.eq_ignore_ascii_case(ending));
        Format::ALL.iter().copied().find(is_of)
    }

    /// The format of a text, by how it begins: what is nothing else is CSV.
    pub(super) fn of_text(text: &str) -> Format {
        let text = text.trim_start();
        Format::ALL.iter().copied().find(|f| (f.reader().is_like)(text)).unwrap_or(Format::Csv)
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Held {
    /// The text of what is one.
    fn into_text(self) -> String {
        if let Held::Text(text) = self { text } else { String::new() }
    }
}

/// How a format is read.
pub(super) struct Reader {
    /// As `--input-format` takes it.
    pub name: &'static str,
    /// How names of its files end.
    pub endings: &'static [&'static str],
    /// Whether a text begins like one. White space before it is taken away.
    pub is_like: fn(&str) -> bool,
    /// Whether a text without anything is one, without rows.
    pub may_be_blank: bool,
    /// Finds the columns of a file, which messages call so, and what gives its rows.
    pub read: fn(&str, Held, &Wanted<'_>) -> Result<Parsed, Diagnostic>,
    /// Whether a file may be read row by row, by all cores.
    pub by_row: ByRow,
}

/// Whether and how a file is read row by row. What can be read so is read in `stream`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ByRow {
    /// It is read as a whole.
    No,
    /// Behind a header, each row has cells; of all delimiters these are tabs, if it is said so.
    Cells {
        /// Whether the delimiter is a tab, whatever else there is.
        tabs: bool,
    },
    /// Each line is a row, and the columns are not known.
    Lines,
}
