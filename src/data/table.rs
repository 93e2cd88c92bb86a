//! One table for all formats: columns, and rows in the order of the file.
//!
//! Owns [`Columns`] and the one row reader behind leads and activity. Every row of the file is one row here, readable or
//! not. Rows are made one at a time from the text in memory.

use super::csv::{self, Fault, RowShape};
use super::elements::Elements;
use super::json::{self, Shape};
use super::lines::Lines;
use super::sheet::{self, SheetRow, SheetRows};
use super::source::{Content, Format, Input};
use crate::diagnostic::Diagnostic;
use crate::messages::data as messages;
use crate::text::name_key;
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
    fn of(names: Vec<String>) -> Columns {
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

/// The key of a path such as `Company.Size`: that of each segment, with dots between them.
pub(super) fn path_key(path: &str) -> String {
    path.split('.').map(name_key).collect::<Vec<_>>().join(".")
}

/// What the reader of a table asks for.
pub(super) struct Wanted<'a> {
    /// Whether a column with this key is wanted. The cells of others are not read.
    pub column: &'a dyn Fn(&str) -> bool,
    /// Whether an array of objects under `events` is activity, and no column.
    pub events: bool,
}

/// A file as a table.
#[derive(Debug)]
pub(super) struct Table {
    pub name: String,
    pub format: Format,
    pub notes: Vec<Diagnostic>,
    pub columns: Columns,
    /// Some more names, of columns of a JSON file that are not wanted.
    pub unwanted: Vec<String>,
    /// Whether there is no row and no header either, as in an empty JSON array.
    pub is_empty: bool,
    /// Of a JSON file with a single object, the name of an array of objects in it.
    pub array_within: Option<String>,
    /// The column that holds ids, by which a row of CSV is told from prose in quotes.
    pub id: Option<usize>,
    /// How many lines and rows came before.
    before: (u64, u64),
    body: Body,
}

#[derive(Debug)]
enum Body {
    Csv { text: String, header: csv::Header, wanted: Vec<bool> },
    Json { text: String, by_line: bool, shape: Shape },
    Sheet(SheetRows),
}

/// A row.
#[derive(Debug)]
pub(super) struct TableRow<'t> {
    pub line: u64,
    pub number: u64,
    /// By column.
    pub cells: Vec<Raw>,
    /// The JSON array under `events`.
    pub events: Option<&'t str>,
    pub error: Option<Diagnostic>,
}

impl Table {
    /// Reads the header, or the keys of all objects.
    pub(super) fn new(input: Input, wanted: &Wanted) -> Result<Table, Diagnostic> {
        let Input { name, format, mut notes, content, sheet, may_be_empty } = input;
        let (mut unwanted, mut is_empty, mut array_within) = (Vec::new(), false, None);
        let (columns, body) = match (content, format) {
            (Content::Text(text), _) if may_be_empty && crate::text::trim(&text).is_empty() => {
                notes.push(messages::no_records(&name));
                is_empty = true;
                (Columns::default(), Body::Sheet(SheetRows::default()))
            }
            (Content::Workbook(bytes, bound), _) => {
                let sheet = sheet::read(&name, bytes, sheet.as_deref(), bound)?;
                is_empty = sheet.names.is_empty();
                match sheet.empty {
                    Some(_) if may_be_empty => notes.push(messages::no_records(&name)),
                    Some(problem) => return Err(problem),
                    None => {}
                }
                notes.extend(sheet.notes);
                (Columns::of(sheet.names), Body::Sheet(sheet.rows))
            }
            (Content::Text(text), Format::Json | Format::JsonLines) => {
                let by_line = format == Format::JsonLines;
                let found = json::columns(&name, &text, by_line, wanted)?;
                notes.extend(found.is_cut_off.then(|| messages::cut_off(&name)));
                (unwanted, is_empty, array_within) = (found.unwanted, found.is_empty, found.array_within);
                (found.columns, Body::Json { text, by_line, shape: found.shape })
            }
            (Content::Text(text), Format::Csv | Format::Tsv | Format::Xlsx) => {
                let mut header = csv::header(&name, &text, format == Format::Tsv)?;
                let columns = Columns::of(std::mem::take(&mut header.names));
                let wanted = columns.keys.iter().map(|key| (wanted.column)(key)).collect();
                (columns, Body::Csv { text, header, wanted })
            }
        };
        Ok(Table { name, format, notes, columns, unwanted, is_empty, array_within, id: None, before: (0, 0), body })
    }

    /// The same table of CSV or JSON, with the rows that are left of it: these many lines and rows came before.
    pub(super) fn rest(&self, text: String, lines: u64, rows: u64) -> Table {
        let body = match &self.body {
            Body::Csv { header, wanted, .. } => Body::Csv {
                text,
                header: csv::Header { dialect: header.dialect, names: Vec::new(), end: 0 },
                wanted: wanted.clone(),
            },
            Body::Json { by_line, shape, .. } => Body::Json { text, by_line: *by_line, shape: shape.clone() },
            Body::Sheet(_) => Body::Sheet(SheetRows::default()),
        };
        Table {
            name: self.name.clone(),
            format: self.format,
            notes: Vec::new(),
            columns: self.columns.clone(),
            unwanted: Vec::new(),
            is_empty: false,
            array_within: None,
            id: self.id,
            before: (lines, rows),
            body,
        }
    }

    /// What its rows are like, where it is CSV.
    pub(super) fn row_shape(&self) -> Option<RowShape> {
        let Body::Csv { header, .. } = &self.body else { return None };
        Some(RowShape { dialect: header.dialect, columns: self.columns.names.len(), id: self.id })
    }

    /// The rows, from the first. Can be gone through again.
    pub(super) fn rows(&self) -> TableRows<'_> {
        let cursor = match &self.body {
            Body::Csv { text, header, wanted } => {
                let shape = RowShape { dialect: header.dialect, columns: self.columns.names.len(), id: self.id };
                Cursor::Csv { records: csv::Records::new(text, header.end, shape), wanted }
            }
            Body::Json { text, by_line, shape } => {
                // Where a CR may stand in JSON, it ends a line.
                Cursor::Json { elements: Elements::new(text, *by_line), lines: Lines::new(text, true), shape }
            }
            Body::Sheet(rows) => Cursor::Sheet(Box::new(rows.iter())),
        };
        let (lines, number) = self.before;
        TableRows { columns: &self.columns, lines, number, cursor }
    }
}

/// The rows of a table.
pub(super) struct TableRows<'t> {
    columns: &'t Columns,
    lines: u64,
    number: u64,
    cursor: Cursor<'t>,
}

enum Cursor<'t> {
    Csv { records: csv::Records<'t>, wanted: &'t [bool] },
    Json { elements: Elements<'t>, lines: Lines<'t>, shape: &'t Shape },
    Sheet(Box<dyn Iterator<Item = SheetRow> + 't>),
}

impl<'t> Iterator for TableRows<'t> {
    type Item = TableRow<'t>;

    fn next(&mut self) -> Option<TableRow<'t>> {
        self.number += 1;
        let number = self.number;
        let width = self.columns.names.len();
        Some(match &mut self.cursor {
            Cursor::Csv { records, wanted } => {
                let mut record = records.next()?;
                record.line += self.lines;
                let cells = (record.cells.iter().zip(wanted.iter()))
                    .map(|(cell, &wanted)| if wanted { Raw::cell(cell) } else { Raw::Missing })
                    .chain(std::iter::repeat(Raw::Missing))
                    .take(width)
                    .collect();
                let error = record.fault.map(|fault| match fault {
                    Fault::Unclosed(line) => messages::unclosed_quote(line + self.lines),
                    Fault::Cells(found) => messages::wrong_cells(record.line, found, width),
                });
                TableRow { line: record.line, number, cells, events: None, error }
            }
            Cursor::Json { elements, lines, shape } => {
                let element = elements.next()?;
                let line = lines.line_of(element.at) + self.lines;
                let object = shape.read(element, self.columns, line);
                TableRow { line, number, cells: object.cells, events: object.events, error: object.error }
            }
            Cursor::Sheet(rows) => {
                let row = rows.next()?;
                let error = row.is_wider.then(|| messages::cells_outside(row.line));
                TableRow { line: row.line, number, cells: row.cells, events: None, error }
            }
        })
    }
}
