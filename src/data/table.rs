//! One table for all formats: columns, and rows in the order of the file.
//!
//! Owns [`Columns`] and the one row reader behind leads and activity. Every row of the file is one row here, readable or
//! not. Rows are made one at a time from the text in memory.

use std::fmt;
use std::iter::Zip;
use std::ops::RangeFrom;

use super::Layout;
use super::formats::Format;
use super::formats::csv::{Dialect, RowShape};
use super::rows;
use super::source::{Content, Held, Input};
use crate::diagnostic::Diagnostic;
use crate::messages::data as messages;
use crate::text::{name_key, path_key};
use crate::value::Raw;

/// The columns of a file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Columns {
    /// As written in the file, in its order; a value inside nested records by its path, `company.size`.
    pub names: Vec<String>,
    /// As [`name_key`] gives them; of a path, each segment by itself.
    pub keys: Vec<String>,
}

impl Columns {
    pub(super) fn of(names: Vec<String>) -> Columns {
        Columns { keys: names.iter().map(|name| name_key(name)).collect(), names }
    }

    /// The first column with this name, or with this path.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<usize> {
        let (key, path) = (name_key(name), path_key(name));
        let at = |wanted: &str| self.keys.iter().position(|k| k == wanted);
        at(&path).or_else(|| at(&key))
    }
}

/// What the reader of a table asks for.
pub(super) struct Wanted<'a> {
    /// Whether a column with this key is wanted. The cells of others are not read.
    pub column: &'a dyn Fn(&str) -> bool,
    /// Whether an array of objects under `events` is activity, and no column.
    pub events: bool,
    /// How the file looks.
    pub layout: &'a Layout,
}

/// What a format makes of a file.
#[derive(Debug)]
pub(super) struct Parsed {
    pub columns: Columns,
    pub body: Box<dyn Body>,
    /// What there is to say about it, all warnings.
    pub notes: Vec<Diagnostic>,
    /// The names of some columns that are not wanted, where they are no columns.
    pub unwanted: Vec<String>,
    /// Whether there is no row and no header either, as in an empty JSON array.
    pub is_empty: bool,
    /// What there is to say where that may not be.
    pub empty: Option<Diagnostic>,
    /// Of a single object, the name of an array of objects in it.
    pub array_within: Option<String>,
    /// The row that seems to hold the names of the columns, where a title stands above it.
    pub header_seems: Option<u64>,
    /// The other sheets of a workbook, each with what its first row says.
    pub other_sheets: Vec<(String, Vec<String>)>,
}

impl Parsed {
    /// Columns, and what gives the rows.
    pub(super) fn new(columns: Columns, body: impl Body + 'static) -> Parsed {
        let (notes, unwanted) = (Vec::new(), Vec::new());
        Parsed {
            columns,
            body: Box::new(body),
            notes,
            unwanted,
            is_empty: false,
            empty: None,
            array_within: None,
            header_seems: None,
            other_sheets: Vec::new(),
        }
    }
}

/// What gives the rows of a table, once its columns are known.
pub(super) trait Body: fmt::Debug + Send + Sync {
    /// The rows, from the first.
    fn rows<'t>(&'t self, of: &'t Table) -> Box<dyn Iterator<Item = TableRow<'t>> + 't>;

    /// The same for another text, which has no header. What is never read row by row has no such text.
    fn rest(&self, text: String) -> Box<dyn Body> {
        let _ = text;
        Box::new(Nothing)
    }

    /// The same for the end of its rows alone, where that can be had without going through all of them.
    fn end(&self) -> Option<Box<dyn Body>> {
        None
    }

    /// What stands between cells, where it is CSV.
    fn dialect(&self) -> Option<Dialect> {
        None
    }
}

/// No row at all.
#[derive(Debug)]
struct Nothing;

impl Body for Nothing {
    fn rows<'t>(&'t self, _: &'t Table) -> Box<dyn Iterator<Item = TableRow<'t>> + 't> {
        Box::new(std::iter::empty())
    }
}

/// A file as a table.
#[derive(Debug)]
pub(super) struct Table {
    pub name: String,
    /// The format; none of rows that are there already.
    pub format: Option<Format>,
    pub notes: Vec<Diagnostic>,
    pub columns: Columns,
    /// See [`Parsed`].
    pub unwanted: Vec<String>,
    pub is_empty: bool,
    pub array_within: Option<String>,
    pub header_seems: Option<u64>,
    pub other_sheets: Vec<(String, Vec<String>)>,
    /// The column that holds ids, by which a row of CSV is told from prose in quotes.
    pub id: Option<usize>,
    /// How many lines and rows came before.
    before: (u64, u64),
    body: Box<dyn Body>,
}

/// The rows of a table, each with its number.
pub(super) type TableRows<'t> = Zip<RangeFrom<u64>, Box<dyn Iterator<Item = TableRow<'t>> + 't>>;

/// A row.
#[derive(Debug)]
pub(super) struct TableRow<'t> {
    pub line: u64,
    /// By column.
    pub cells: Vec<Raw>,
    /// The JSON array under `events`.
    pub events: Option<&'t str>,
    pub error: Option<Diagnostic>,
}

impl Table {
    /// Reads the header, or the keys of all objects.
    pub(super) fn new(input: Input, wanted: &Wanted) -> Result<Table, Diagnostic> {
        let format = input.format();
        let Input { name, mut notes, content, may_be_empty } = input;
        let parsed = match content {
            Content::File(_, Held::Text(text)) if may_be_empty && crate::text::trim(&text).is_empty() => {
                notes.push(messages::no_records(&name));
                Parsed { is_empty: true, ..Parsed::new(Columns::default(), Nothing) }
            }
            Content::File(format, held) => (format.reader().read)(&name, held, wanted)?,
            Content::Rows(rows) => rows::read(rows),
        };
        match parsed.empty {
            Some(_) if may_be_empty => notes.push(messages::no_records(&name)),
            Some(problem) => return Err(problem),
            None => {}
        }
        notes.extend(parsed.notes);
        let Parsed { columns, body, unwanted, is_empty, array_within, header_seems, other_sheets, .. } = parsed;
        Ok(Table {
            name,
            format,
            notes,
            columns,
            unwanted,
            is_empty,
            array_within,
            header_seems,
            other_sheets,
            id: None,
            before: (0, 0),
            body,
        })
    }

    /// The same table, with the rows that are left of it: these many lines and rows came before.
    pub(super) fn rest(&self, text: String, lines: u64, rows: u64) -> Table {
        Table {
            name: self.name.clone(),
            format: self.format,
            notes: Vec::new(),
            columns: self.columns.clone(),
            unwanted: Vec::new(),
            is_empty: false,
            array_within: None,
            header_seems: None,
            other_sheets: Vec::new(),
            id: self.id,
            before: (lines, rows),
            body: self.body.rest(text),
        }
    }

    /// How many lines of the file came before.
    pub(super) fn lines_before(&self) -> u64 {
        self.before.0
    }

    /// What its rows are like, where it is CSV.
    pub(super) fn row_shape(&self) -> Option<RowShape> {
        Some(RowShape { dialect: self.body.dialect()?, columns: self.columns.names.len(), id: self.id })
    }

    /// The last rows, at least these many where there are so many, with whether each could be read.
    pub(super) fn last_rows(&self, most: usize) -> Vec<(Vec<Raw>, bool)> {
        let Some(end) = self.body.end() else { return Vec::new() };
        let mut rows: Vec<_> = end.rows(self).map(|row| (row.cells, row.error.is_none())).collect();
        rows.drain(..rows.len().saturating_sub(most));
        rows
    }

    /// The rows, each with its number, from the first. Can be gone through again.
    pub(super) fn rows(&self) -> TableRows<'_> {
        (self.before.1 + 1..).zip(self.body.rows(self))
    }
}
