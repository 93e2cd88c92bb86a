//! Excel workbooks (`.xlsx`): from bytes to rows.
//!
//! Owns the choice of the sheet and what becomes of Excel's kinds of cells. Cells are kept sparsely: one stray cell far
//! out on a sheet must not cost the memory of all those between.

use std::io::{Cursor, Read};

use calamine::{DataRef, ExcelDateTime, Reader as _, SheetType, SheetVisible, Xlsx};

use super::{ByRow, Reader};
use crate::data::LONGEST_FOOTER;
use crate::data::bound::Bound;
use crate::data::source::Held;
use crate::data::table::{Body, Columns, Parsed, Table, TableRow, Wanted};
use crate::data::tally::{Tally, shown};
use crate::diagnostic::Diagnostic;
use crate::messages::data as messages;
use crate::number;
use crate::text;
use crate::value::Raw;

/// An Excel workbook.
pub(super) static WORKBOOK: Reader = Reader {
    name: "xlsx",
    endings: &["xlsx"],
    // Told by its first bytes: it is no text.
    is_like: |_| false,
    may_be_blank: false,
    read,
    by_row: ByRow::No,
};

/// Reads the sheet that is asked for.
fn read(name: &str, held: Held, asked: &Wanted<'_>) -> Result<Parsed, Diagnostic> {
    let Held::Workbook(bytes, wanted, bound) = held else { return Err(messages::is_no_workbook(name)) };
    let Sheet { names, rows, notes, empty, seems, others: other_sheets } =
        read_workbook(name, bytes, wanted.as_deref(), bound, asked.layout.header_row)?;
    let is_empty = names.is_empty();
    Ok(Parsed { notes, is_empty, empty, header_seems: seems, other_sheets, ..Parsed::new(Columns::of(names), rows) })
}

impl Body for SheetRows {
    fn rows<'t>(&'t self, _: &'t Table) -> Box<dyn Iterator<Item = TableRow<'t>> + 't> {
        Box::new(self.iter().map(|row| {
            let error = row.is_wider.then(|| messages::cells_outside(row.line));
            TableRow { line: row.line, cells: row.cells, events: None, error }
        }))
    }

    fn end(&self) -> Option<Box<dyn Body>> {
        let rows = self.cells.chunk_by(|a, b| a.0 == b.0).rev().take(LONGEST_FOOTER);
        let count: usize = rows.map(<[_]>::len).sum();
        let cells = self.cells.get(self.cells.len() - count..)?.to_vec();
        Some(Box::new(SheetRows { cells, first: self.first, width: self.width }))
    }
}

/// A sheet: the first row that holds anything, and the rows below it.
#[derive(Debug, Default)]
struct Sheet {
    pub names: Vec<String>,
    pub rows: SheetRows,
    /// What there is to say about it, all warnings.
    pub notes: Vec<Diagnostic>,
    /// What there is to say where nothing is on it.
    pub empty: Option<Diagnostic>,
    /// The row that seems to hold the names, where a title stands above it.
    pub seems: Option<u64>,
    /// The other sheets, each with what its first row says.
    pub others: Vec<(String, Vec<String>)>,
}

/// The rows below the header, cell by cell: a row that holds one cell far out costs no more than that cell.
#[derive(Debug, Default)]
struct SheetRows {
    /// By row, then by column, both from 0.
    cells: Vec<(u32, u32, Raw)>,
    /// The column in which the table begins, and how many it has.
    first: u32,
    width: usize,
}

/// A row that holds something.
#[derive(Debug)]
struct SheetRow {
    /// Its number on the sheet, from 1.
    pub line: u64,
    /// By column.
    pub cells: Vec<Raw>,
    /// Whether something stands outside the columns of the header.
    pub is_wider: bool,
}

/// Reads a sheet: the one with this name, else the first that people see.
///
/// Workbooks come from anywhere, and their reader is not ours: should it panic on a damaged one, that is an error like
/// any other. It also reserves memory for what a workbook says of itself, so that is looked at before.
fn read_workbook(
    name: &str,
    bytes: Vec<u8>,
    wanted: Option<&str>,
    bound: Bound,
    header_row: Option<u64>,
) -> Result<Sheet, Diagnostic> {
    look_through(name, &bytes, bound)?;
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| read_sheet(name, bytes, wanted, header_row)));
    std::panic::set_hook(hook);
    result.unwrap_or_else(|_| Err(messages::damaged_workbook(name, "its parts do not fit together")))
}

/// Unpacks all parts of a workbook once, keeping nothing: whether they become too large, and whether the list of texts is
/// as long as it says.
fn look_through(name: &str, bytes: &[u8], bound: Bound) -> Result<(), Diagnostic> {
    let Ok(mut archive) = zip::ZipArchive::new(Cursor::new(bytes)) else { return Ok(()) };
    let (mut unpacked, mut room) = (0, vec![0; 1 << 16]);
    for number in 0..archive.len() {
        // What cannot be read is told when it is read as what it should be.
        let Ok(mut part) = archive.by_index(number) else { continue };
        let mut list = part
            .name()
            .is_ok_and(|name| name.to_ascii_lowercase().ends_with("sharedstrings.xml"))
            .then(ListOfTexts::default);
        while let Ok(read @ 1..) = part.read(&mut room) {
            unpacked += read as u64;
            if unpacked > bound.most() {
                return Err(messages::too_large(name, bound.most()));
            }
            if bound.is_burst(bytes.len() as u64, unpacked) {
                return Err(messages::bursts(name));
            }
            if let (Some(list), Some(read)) = (&mut list, room.get(..read)) {
                list.look(read);
            }
        }
        if let Some(lie) = list.and_then(|list| list.lie()) {
            return Err(messages::damaged_workbook(
                name,
                &format!("it claims to hold {lie} texts, and is too small for so many"),
            ));
        }
    }
    Ok(())
}

/// What the list of texts of a workbook says of its length.
#[derive(Default)]
struct ListOfTexts {
    /// The end of what was looked at, in which the words may begin.
    end: Vec<u8>,
    size: u64,
    claimed: u64,
}

impl ListOfTexts {
    const WORDS: &[u8] = b"uniqueCount";
    /// The words, white space, a quote, and as many digits as a length can have.
    const LONGEST: usize = 64;

    fn look(&mut self, bytes: &[u8]) {
        self.size += bytes.len() as u64;
        self.end.extend_from_slice(bytes);
        for at in memchr::memmem::find_iter(&self.end, Self::WORDS) {
            let behind = self.end.get(at + Self::WORDS.len()..).unwrap_or(&[]).iter();
            let digits = behind
                .skip_while(|b| !b.is_ascii_digit() && matches!(b, b' ' | b'\t' | b'\r' | b'\n' | b'=' | b'"' | b'\''));
            let digits: String = digits.take_while(|b| b.is_ascii_digit()).map(|&b| char::from(b)).collect();
            self.claimed = self.claimed.max(digits.parse().unwrap_or(if digits.is_empty() { 0 } else { u64::MAX }));
        }
        let from = self.end.len().saturating_sub(Self::LONGEST);
        self.end.drain(..from);
    }

    /// The length that it claims, where it is shorter: each text has five characters at least, `<si/>`.
    fn lie(&self) -> Option<u64> {
        (self.claimed > self.size / 5).then_some(self.claimed)
    }
}

fn read_sheet(name: &str, bytes: Vec<u8>, wanted: Option<&str>, header_row: Option<u64>) -> Result<Sheet, Diagnostic> {
    let damaged = |error: calamine::XlsxError| messages::damaged_workbook(name, &error.to_string());
    let mut workbook: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(damaged)?;
    let (sheet, others) = choose(&workbook, name, wanted)?;
    let mut cells: Vec<(u32, u32, Raw)> = Vec::new();
    let mut unsaved = Tally::default();
    let mut reader = workbook.worksheet_cells_reader(&sheet).map_err(damaged)?;
    while let Some(cell) = reader.next_cell_with_formula_metadata().map_err(damaged)? {
        let (row, column) = cell.pos;
        // A result that is empty was saved all the same.
        if matches!(cell.value, DataRef::Empty)
            && let Some(formula) = &cell.formula
        {
            unsaved.add(u64::from(row) + 1, || formula_of(formula));
        }
        let raw = raw(&cell.value);
        if raw != Raw::Missing {
            cells.push((row, column, raw));
        }
    }
    let notes =
        unsaved.first.iter().map(|first| messages::formulas_without_results(name, unsaved.count, first)).collect();
    cells.sort_by_key(|&(row, column, _)| (row, column));
    if let Some(header) = header_row {
        // What stands above it is left out.
        cells.retain(|&(row, ..)| u64::from(row) + 1 >= header);
        if cells.first().is_none_or(|&(row, ..)| u64::from(row) + 1 != header) {
            return Err(messages::no_such_row(name, header));
        }
    }
    let Some(&(header, first, _)) = cells.first() else {
        return Ok(Sheet { notes, empty: Some(messages::empty_sheet(name, &sheet, &others)), ..Sheet::default() });
    };
    let seems = if header_row.is_none() { below_title(&cells) } else { None };
    let rows_at = cells.iter().position(|&(row, ..)| row != header).unwrap_or(cells.len());
    let rows = cells.split_off(rows_at);
    let mut names: Vec<String> = Vec::new();
    for (_, column, cell) in cells {
        let at = (column - first) as usize;
        names.resize(names.len().max(at + 1), String::new());
        if let Some(name) = names.get_mut(at) {
            *name = cell.as_text().into_owned();
        }
    }
    drop(reader);
    let rows = SheetRows { cells: rows, first, width: names.len() };
    let others = others.into_iter().take(MOST_SHEETS).map(|sheet| {
        let names = first_row(&mut workbook, &sheet);
        (sheet, names)
    });
    let others = others.collect();
    Ok(Sheet { rows, names, notes, empty: None, seems, others })
}

/// The first rows of so many other sheets are looked at, and so many cells of each.
const MOST_SHEETS: usize = 20;
const MOST_NAMES: usize = 500;

/// What the first row of a sheet says; nothing where it cannot be read.
fn first_row(workbook: &mut Xlsx<Cursor<Vec<u8>>>, sheet: &str) -> Vec<String> {
    let mut names = Vec::new();
    let Ok(mut reader) = workbook.worksheet_cells_reader(sheet) else { return names };
    let mut of = None;
    while let Ok(Some(cell)) = reader.next_cell() {
        let raw = raw(cell.get_value());
        let (row, _) = cell.get_position();
        if *of.get_or_insert(row) != row || names.len() == MOST_NAMES {
            break;
        }
        names.push(raw.as_text().into_owned());
    }
    names
}

/// The row that holds the names of columns, where the first row with anything in it is a title: it has one cell, and a row below has
/// three or more, all texts, and is followed by one as wide.
fn below_title(cells: &[(u32, u32, Raw)]) -> Option<u64> {
    let rows: Vec<&[(u32, u32, Raw)]> = cells.chunk_by(|a, b| a.0 == b.0).take(14).collect();
    let (first, rest) = rows.split_first()?;
    let at = rest.iter().position(|row| row.len() >= 3)?;
    let (header, below) = (rest.get(at)?, rest.get(at + 1)?);
    let is_header = header.iter().all(|(_, _, cell)| matches!(cell, Raw::Text(_))) && below.len() * 2 > header.len();
    (first.len() == 1 && is_header).then(|| header.first().map(|(row, ..)| u64::from(*row) + 1)).flatten()
}

/// The sheet to read, and the names of all others.
fn choose(
    workbook: &Xlsx<Cursor<Vec<u8>>>,
    name: &str,
    wanted: Option<&str>,
) -> Result<(String, Vec<String>), Diagnostic> {
    let sheets: Vec<_> = workbook.sheets_metadata().iter().filter(|s| s.typ == SheetType::WorkSheet).collect();
    let found = match wanted {
        Some(wanted) => sheets
            .iter()
            .find(|s| s.name == wanted)
            .or_else(|| sheets.iter().find(|s| text::fold(&s.name) == text::fold(wanted))),
        None => sheets.iter().find(|s| s.visible == SheetVisible::Visible).or(sheets.first()),
    };
    match (found, wanted) {
        (Some(sheet), _) => {
            Ok((sheet.name.clone(), sheets.iter().filter(|s| s.name != sheet.name).map(|s| s.name.clone()).collect()))
        }
        (None, Some(wanted)) => {
            let names: Vec<&str> = sheets.iter().map(|s| s.name.as_str()).collect();
            Err(messages::no_such_sheet(name, wanted, &names))
        }
        (None, None) => Err(messages::damaged_workbook(name, "it has no sheet")),
    }
}

fn formula_of(formula: &calamine::XlsxFormulaMetadata) -> String {
    match formula {
        calamine::XlsxFormulaMetadata::Normal { formula } | calamine::XlsxFormulaMetadata::Shared { formula, .. } => {
            shown(&format!("={formula}"))
        }
        _ => String::new(),
    }
}

impl SheetRows {
    /// The rows, from the first.
    fn iter(&self) -> impl Iterator<Item = SheetRow> {
        let mut cells = self.cells.as_slice();
        std::iter::from_fn(move || {
            let &(row, ..) = cells.first()?;
            let (of_row, rest) = cells.split_at(cells.iter().position(|&(r, ..)| r != row).unwrap_or(cells.len()));
            cells = rest;
            let mut out = SheetRow { line: u64::from(row) + 1, cells: vec![Raw::Missing; self.width], is_wider: false };
            for (_, column, cell) in of_row {
                let at = column.checked_sub(self.first).and_then(|at| out.cells.get_mut(at as usize));
                match at {
                    Some(slot) => slot.clone_from(cell),
                    None => out.is_wider = true,
                }
            }
            Some(out)
        })
    }
}

fn raw(cell: &DataRef) -> Raw {
    match cell {
        DataRef::Empty => Raw::Missing,
        DataRef::String(t) | DataRef::DateTimeIso(t) | DataRef::DurationIso(t) => Raw::cell(t),
        DataRef::SharedString(t) => Raw::cell(t),
        DataRef::Int(n) => Raw::Number(n.to_string()),
        DataRef::Float(n) => Raw::Number(number::to_text(*n)),
        DataRef::Bool(yes) => Raw::Flag(*yes),
        DataRef::DateTime(time) => date(time),
        DataRef::Error(error) => Raw::Text(error.to_string()),
    }
}

/// A date of Excel in ISO form: a day where it has no time, a time where it has no day.
fn date(time: &ExcelDateTime) -> Raw {
    let serial = time.as_f64();
    if time.is_duration() {
        return Raw::Number(number::to_text(serial));
    }
    let (year, month, day, hour, minute, second, milli) = time.to_ymd_hms_milli();
    let clock =
        format!("{hour:02}:{minute:02}:{second:02}{}", if milli > 0 { format!(".{milli:03}") } else { String::new() });
    Raw::Text(if serial > 0.0 && serial < 1.0 {
        clock
    } else if (hour, minute, second, milli) == (0, 0, 0, 0) {
        format!("{year:04}-{month:02}-{day:02}")
    } else {
        format!("{year:04}-{month:02}-{day:02}T{clock}")
    })
}
