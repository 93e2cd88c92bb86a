//! Lead files: rows with an id, and the activity that stands inside them.
//!
//! Owns which column is the id and where nested activity is found. Which column feeds which field of a model is not its
//! business.

use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering};

use super::activity::{ActivityProblems, Recorder};
use super::formats::Format;
use super::formats::csv::RowShape;
use super::layout::{IsLeftOut, Layout};
use super::source::{Input, Options};
use super::table::{Columns, Table, TableRows, Wanted};
use super::tally::{Tally, shown};
use crate::diagnostic::Diagnostic;
use crate::lead::{Activity, activity_key};
use crate::messages::data as messages;
use crate::suggest::nearest_of_data;
use crate::value::Raw;

/// The columns that hold a lead's id, the first that is there.
const ID_COLUMNS: &[&str] = &["lead_id", "id", "record_id", "contact_id", "email"];

/// A lead file. Its rows can be gone through as often as needed.
#[derive(Debug)]
pub struct Leads {
    table: Table,
    id: Option<usize>,
    /// A column `events` that may hold arrays as text.
    events: Option<usize>,
    /// The columns by which activity belongs to leads, and those of their other ids.
    owners_at: Vec<Vec<usize>>,
    others_at: Vec<usize>,
    /// How many rows were left out.
    ignored: AtomicU64,
    options: Options,
}

/// What the row of this number is called where it has no id.
pub(crate) fn row_without_id(number: u64) -> String {
    format!("[row {number}]")
}

/// One row of a lead file, readable or not.
#[derive(Debug, Clone)]
pub struct Row {
    /// The line in the file where it starts, from 1; in a workbook the row of the sheet.
    pub line: u64,
    /// Which row it is, from 1, the header and blank lines not counted.
    pub number: u64,
    /// By column, one for each. Where there is an `error`, as far as they can be told.
    pub cells: Vec<Raw>,
    /// The records of its `events` array, where it has one.
    pub events: Option<Vec<Activity>>,
    /// What could not be read of its `events`.
    pub event_problems: ActivityProblems,
    /// Why the row cannot be read.
    pub error: Option<Diagnostic>,
}

impl Leads {
    /// Reads the header of a lead file (of JSON, all keys).
    ///
    /// # Errors
    /// Where there is no header, the workbook is damaged, or `options.id` or `options.sheet` names nothing that is there.
    pub fn new(input: Input, options: &Options) -> Result<Leads, Diagnostic> {
        let mut table =
            Table::new(input, &Wanted { column: &|_| true, events: !options.is_log, layout: &options.layout })?;
        let columns = &table.columns;
        let id = match &options.id {
            Some(wanted) => Some(columns.find(wanted).ok_or_else(|| {
                let near = nearest_of_data(wanted, columns.names.iter().map(String::as_str));
                messages::no_id_column(&table.name, wanted, near, &columns.names)
            })?),
            None => {
                let usual = options.usual_ids.iter().find_map(|id| columns.find(id));
                usual.or_else(|| ID_COLUMNS.iter().find_map(|id| columns.keys.iter().position(|key| key == id)))
            }
        };
        let events = columns.keys.iter().position(|key| key == "events");
        let at = |key: &String| columns.keys.iter().position(|k| k == key);
        let owners_at = options.owners.fields.iter().map(|keys| keys.iter().filter_map(at).collect()).collect();
        let others_at = options.other_ids.iter().filter_map(|name| columns.find(name)).collect();
        table.id = id;
        // A lead that stands alone has an id; what merely wraps the leads has none.
        if let (None, Some(array)) = (id, &table.array_within) {
            table.notes.push(messages::one_object(&table.name, array));
        }
        Ok(Leads { id, events, owners_at, others_at, ignored: AtomicU64::new(0), options: options.clone(), table })
    }

    /// The same file, with the rows that are left of it: these many lines and rows came before.
    #[must_use]
    pub fn rest(&self, bytes: Vec<u8>, lines: u64, rows: u64) -> Leads {
        let decoded = super::decode::decode_lines(bytes, lines);
        let mut table = self.table.rest(decoded.text, lines, rows);
        table.notes.extend(decoded.trouble.map(|trouble| messages::not_utf8(&self.table.name, &trouble)));
        Leads {
            table,
            id: self.id,
            events: self.events,
            owners_at: self.owners_at.clone(),
            others_at: self.others_at.clone(),
            ignored: AtomicU64::new(0),
            options: self.options.clone(),
        }
    }

    /// Which keys of nested records play which part.
    #[must_use]
    pub fn event_columns(&self) -> &super::EventColumns {
        &self.options.event_columns
    }

    /// What its rows are like, where it is CSV.
    #[must_use]
    pub(crate) fn row_shape(&self) -> Option<RowShape> {
        self.table.row_shape()
    }

    /// Whether a column holds activity.
    #[must_use]
    pub fn has_events(&self) -> bool {
        self.events.is_some()
    }

    /// The file as it is shown in messages.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.table.name
    }

    /// What the file holds; nothing where it is no file.
    #[must_use]
    pub fn format(&self) -> Option<Format> {
        self.table.format
    }

    /// What there is to say about the file as a whole, all warnings.
    #[must_use]
    pub fn notes(&self) -> &[Diagnostic] {
        &self.table.notes
    }

    /// The columns.
    #[must_use]
    pub fn columns(&self) -> &Columns {
        &self.table.columns
    }

    /// The column that holds the id. Without one, a row's number is its id.
    #[must_use]
    pub fn id_column(&self) -> Option<usize> {
        self.id
    }

    /// What there is to say of columns that mean the same as a column before them.
    #[must_use]
    pub fn same_columns(&self) -> Option<Diagnostic> {
        let mut seen = HashSet::new();
        let columns = self.columns();
        let same: Vec<String> = (columns.names.iter().zip(&columns.keys))
            .filter(|&(_, key)| !key.is_empty() && !seen.insert(key.as_str()))
            .map(|(name, _)| name.clone())
            .collect();
        (!same.is_empty()).then(|| messages::duplicate_columns(self.name(), &same))
    }

    /// What a row is called: its id, exactly as it is in the file; in a file without ids its number; `[row 49]` where the
    /// cell of its id is blank. Of a row that cannot be read nobody knows whether it has an id: there it is the number.
    #[must_use]
    pub fn lead_id(&self, row: &Row) -> String {
        match self.id.and_then(|at| row.cells.get(at)).filter(|cell| **cell != Raw::Missing) {
            Some(cell) => cell.as_text().into_owned(),
            None if self.id.is_some() && row.error.is_none() => row_without_id(row.number),
            None => row.number.to_string(),
        }
    }

    /// Whether what a row is called is its id, by which activity belongs to it.
    #[must_use]
    pub fn has_id(&self, row: &Row) -> bool {
        self.id.is_none_or(|at| row.cells.get(at).is_some_and(|cell| *cell != Raw::Missing))
    }

    /// The ids by which activity belongs to a row (see [`activity_key`]): its own, or what the model names instead, and its others.
    #[must_use]
    pub fn activity_keys(&self, row: &Row) -> Vec<String> {
        // A word for nothing is no id and no address that leads share.
        let layout = &self.options.layout;
        let cell = |at: &usize| row.cells.get(*at).filter(|cell| !layout.is_missing(cell));
        let by_id = self.owners_at.is_empty() || self.options.owners.or_id;
        let mut keys: Vec<String> = Vec::new();
        let mut add = |text: &str, is_keyed: bool| {
            let key = activity_key(text, is_keyed);
            if !key.is_empty() && !layout.is_missing_text(text) && !keys.iter().any(|k| *k == *key) {
                keys.push(key.into_owned());
            }
        };
        for shared in self.owners_at.iter().filter_map(|columns| columns.iter().find_map(cell)) {
            add(&shared.as_text(), true);
        }
        if by_id && self.has_id(row) {
            add(&self.lead_id(row), false);
        }
        for other in self.others_at.iter().filter_map(cell) {
            match other {
                Raw::List(ids) => ids.iter().for_each(|id| add(id, !by_id)),
                cell => cell.as_text().split(';').for_each(|id| add(id, !by_id)),
            }
        }
        keys
    }

    /// The other sheets of a workbook, each with what its first row says.
    #[must_use]
    pub fn other_sheets(&self) -> &[(String, Vec<String>)] {
        &self.table.other_sheets
    }

    /// The row that seems to hold the names of the columns, where a title stands above it.
    #[must_use]
    pub fn header_seems(&self) -> Option<u64> {
        self.table.header_seems
    }

    /// How many rows were left out when the leads came by.
    #[must_use]
    pub fn ignored(&self) -> u64 {
        self.ignored.load(Ordering::Relaxed)
    }

    /// The columns by which rows should be left out, and which the file lacks.
    #[must_use]
    pub fn ignores_in_vain(&self) -> Vec<String> {
        self.options.layout.lacks(self.columns())
    }

    /// What there is to say of rows without an id.
    #[must_use]
    pub fn without_id(&self, rows: &Tally) -> Option<Diagnostic> {
        let column = self.columns().names.get(self.id?)?;
        rows.first.as_ref().map(|first| messages::rows_without_id(self.name(), column, rows.count, first))
    }

    /// At most so many of the last rows, and whether each could be read, without those that are left out. None where that would cost
    /// going through all rows.
    #[must_use]
    pub fn last_rows(&self, most: usize) -> Vec<(Vec<Raw>, bool)> {
        let mut rows = self.table.last_rows(most);
        if let Some(is_left_out) = self.options.layout.is_left_out(self.columns()) {
            rows.retain(|(cells, _)| !is_left_out(cells));
        }
        rows
    }

    /// All rows, in the order of the file.
    #[must_use]
    pub fn rows(&self) -> LeadRows<'_> {
        LeadRows {
            name: &self.table.name,
            rows: self.table.rows(),
            events: self.events,
            recorder: Recorder::new(&self.options.event_columns),
            is_left_out: self.options.layout.is_left_out(self.columns()),
            ignored: (0, &self.ignored),
            id: self.id.filter(|_| !self.options.layout.missing_words.is_empty()),
            layout: &self.options.layout,
        }
    }
}

/// The rows of a lead file.
pub struct LeadRows<'a> {
    name: &'a str,
    rows: TableRows<'a>,
    events: Option<usize>,
    recorder: Recorder,
    /// Whether a row with these cells is left out; how many were, and where that is told.
    is_left_out: Option<IsLeftOut<'a>>,
    ignored: (u64, &'a AtomicU64),
    /// The column of the id, where words may stand for nothing.
    id: Option<usize>,
    layout: &'a Layout,
}

impl Iterator for LeadRows<'_> {
    type Item = Row;

    fn next(&mut self) -> Option<Row> {
        let (number, mut row) = loop {
            let (number, row) = self.rows.next()?;
            if !self.is_left_out.as_ref().is_some_and(|is| is(&row.cells)) {
                break (number, row);
            }
            self.ignored.0 += 1;
            // The leads may be gone through several times.
            self.ignored.1.fetch_max(self.ignored.0, Ordering::Relaxed);
        };
        if let Some(cell) = self.id.and_then(|at| row.cells.get_mut(at)).filter(|cell| self.layout.is_missing(cell)) {
            *cell = Raw::Missing;
        }
        let mut problems = ActivityProblems::default();
        let mut events = None;
        match (row.events, self.events.and_then(|at| row.cells.get(at))) {
            // Of a row that cannot be read, nothing is counted twice.
            _ if row.error.is_some() => {}
            (Some(json), _) => events = self.recorder.nested(json, row.line, &mut problems),
            (None, Some(Raw::Text(json))) => events = self.recorder.nested(json, row.line, &mut problems),
            (None, Some(cell @ (Raw::List(_) | Raw::Nested(_)))) => {
                problems.events.add(row.line, || shown(&cell.as_text()))
            }
            // A number is a count of events, and no mistake.
            _ => {}
        }
        let error = row.error.map(|error| error.of_file(self.name));
        Some(Row { line: row.line, number, events, event_problems: problems, error, cells: row.cells })
    }
}
