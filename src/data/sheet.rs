//! Excel workbooks (`.xlsx`): from bytes to rows.
//!
//! Owns the choice of the sheet and what becomes of Excel's kinds of cells. Cells are kept sparsely: one stray cell far
//! out on a sheet must not cost the memory of all those between.

use std::io::Cursor;

use calamine::{DataRef, ExcelDateTime, Reader, SheetType, SheetVisible, Xlsx};

use crate::diagnostic::Diagnostic;
use crate::messages::data as messages;
use crate::number;
use crate::text;
use crate::value::Raw;

/// A sheet: the first row that holds anything, and the rows below it.
#[derive(Debug)]
pub(super) struct Sheet {
    pub names: Vec<String>,
    pub rows: Vec<SheetRow>,
}

/// A row that holds something.
#[derive(Debug)]
pub(super) struct SheetRow {
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
/// any other.
pub(super) fn read(name: &str, bytes: Vec<u8>, wanted: Option<&str>) -> Result<Sheet, Diagnostic> {
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| read_sheet(name, bytes, wanted)));
    std::panic::set_hook(hook);
    result.unwrap_or_else(|_| Err(messages::damaged_workbook(name, "its parts do not fit together")))
}

fn read_sheet(name: &str, bytes: Vec<u8>, wanted: Option<&str>) -> Result<Sheet, Diagnostic> {
    let damaged = |error: calamine::XlsxError| messages::damaged_workbook(name, &error.to_string());
    let mut workbook: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(damaged)?;
    let sheet = choose(&workbook, name, wanted)?;
    let mut cells: Vec<(u32, u32, Raw)> = Vec::new();
    let mut reader = workbook.worksheet_cells_reader(&sheet).map_err(damaged)?;
    while let Some(cell) = reader.next_cell().map_err(damaged)? {
        let (row, column) = cell.get_position();
        let raw = raw(cell.get_value());
        if raw != Raw::Missing {
            cells.push((row, column, raw));
        }
    }
    cells.sort_by_key(|&(row, column, _)| (row, column));
    let Some(&(header, first, _)) = cells.first() else { return Err(messages::empty_file(name)) };
    let rows_at = cells.iter().position(|&(row, ..)| row != header).unwrap_or(cells.len());
    let rows = cells.split_off(rows_at);
    let names = place(cells, first, usize::MAX).0.iter().map(|cell| cell.as_text().into_owned()).collect::<Vec<_>>();
    Ok(Sheet { rows: by_row(rows, first, names.len()), names })
}

fn choose(workbook: &Xlsx<Cursor<Vec<u8>>>, name: &str, wanted: Option<&str>) -> Result<String, Diagnostic> {
    let sheets: Vec<_> = workbook.sheets_metadata().iter().filter(|s| s.typ == SheetType::WorkSheet).collect();
    let found = match wanted {
        Some(wanted) => sheets
            .iter()
            .find(|s| s.name == wanted)
            .or_else(|| sheets.iter().find(|s| text::fold(&s.name) == text::fold(wanted))),
        None => sheets.iter().find(|s| s.visible == SheetVisible::Visible).or(sheets.first()),
    };
    match (found, wanted) {
        (Some(sheet), _) => Ok(sheet.name.clone()),
        (None, Some(wanted)) => {
            let names: Vec<&str> = sheets.iter().map(|s| s.name.as_str()).collect();
            Err(messages::no_such_sheet(name, wanted, &names))
        }
        (None, None) => Err(messages::damaged_workbook(name, "it has no sheet")),
    }
}

fn by_row(cells: Vec<(u32, u32, Raw)>, first: u32, width: usize) -> Vec<SheetRow> {
    let mut rows = Vec::new();
    let mut cells = cells.into_iter().peekable();
    while let Some(&(row, ..)) = cells.peek() {
        let of_row = std::iter::from_fn(|| cells.next_if(|&(r, ..)| r == row));
        let (mut placed, is_wider) = place(of_row, first, width);
        placed.resize(width, Raw::Missing);
        rows.push(SheetRow { line: u64::from(row) + 1, cells: placed, is_wider });
    }
    rows
}

/// The cells of a row by column, and whether some stand outside the table.
fn place(cells: impl IntoIterator<Item = (u32, u32, Raw)>, first: u32, width: usize) -> (Vec<Raw>, bool) {
    let mut placed = Vec::new();
    let mut is_wider = false;
    for (_, column, cell) in cells {
        match column.checked_sub(first).and_then(|c| usize::try_from(c).ok()).filter(|&c| c < width) {
            Some(at) => {
                if placed.len() <= at {
                    placed.resize(at + 1, Raw::Missing);
                }
                if let Some(slot) = placed.get_mut(at) {
                    *slot = cell;
                }
            }
            None => is_wider = true,
        }
    }
    (placed, is_wider)
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
