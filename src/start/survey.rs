//! What a file holds, column by column, without a model: how full each is, its commonest values, and how the file looks.

use std::collections::{HashSet, VecDeque};

use super::log::Records;
use crate::data::{LONGEST_FOOTER, Leads, Options, Source, Values, open};
use crate::diagnostic::{Code, Diagnostic};
use crate::remembered::hash;
use crate::run::footer_condition;
use crate::text::{fold, name_key, trim};
use crate::value::Raw;

/// So many rows are looked at closely; of the others only the last, where a footer may stand.
pub const SAMPLE: u64 = 100_000;

/// Rows beyond so many are not even gone through.
const MOST_ROWS: u64 = 3_000_000;

/// Cells that say that nothing is known, folded.
const PLACEHOLDERS: &[&str] = &[
    "null",
    "n/a",
    "n.a.",
    "#n/a",
    "na",
    "-",
    "--",
    "---",
    "unknown",
    "not available",
    "not specified",
    "undefined",
    "(blank)",
    "tbd",
    "keine angabe",
    "k.a.",
    "k. a.",
    "unbekannt",
    "nicht angegeben",
    "inconnu",
    "non renseigné",
    "desconocido",
    "no disponible",
];

/// Parts of the names of columns that say whose a record is.
const IDS: &[&str] = &[
    "id",
    "ids",
    "key",
    "uuid",
    "guid",
    "email",
    "mail",
    "user",
    "userid",
    "lead",
    "leadid",
    "contact",
    "person",
    "prospect",
    "recipient",
    "who",
    "whoid",
    "distinct",
    "number",
    "nr",
    "no",
    "nummer",
    "kundennummer",
    "correo",
    "courriel",
];

/// A file, seen column by column.
pub struct Survey {
    /// The file, as it is shown.
    pub name: String,
    /// The columns, in the order of the file.
    pub columns: Vec<Column>,
    /// The column of the id, of those that usually hold it.
    pub id: Option<usize>,
    /// Whether that column has another name than usual.
    pub is_id_guessed: bool,
    /// How many rows there are, as far as they were counted.
    pub rows: u64,
    /// The activity that stands inside of the rows.
    pub records: Records,
    /// The row of the header, where a title stands above it.
    pub header_row: Option<u64>,
    /// The encoding, where the file does not show it.
    pub encoding: Option<&'static str>,
    /// A condition that holds for totals and footers at the end.
    pub footer: Option<String>,
    /// Totals or a footer for which there is no such condition.
    pub odd_end: bool,
}

/// A column.
pub struct Column {
    /// As the file writes it.
    pub name: String,
    /// As names are compared.
    pub key: String,
    /// Its values with their counts, placeholders left out.
    pub values: Values,
    /// How many cells say something.
    pub filled: u64,
    /// How many rows were looked at.
    pub rows: u64,
    /// Words that stand for nothing, as they are written.
    pub placeholders: Vec<String>,
    /// How many cells hold an array.
    pub arrays: u64,
    /// Its values as they are compared, hashed, where it may say whose a record is.
    pub ids: HashSet<u64>,
    /// Whether it had a blank cell.
    has_blank: bool,
}

impl Column {
    fn new(name: &str) -> Column {
        Column {
            name: name.to_owned(),
            key: name_key(name),
            values: Values::default(),
            filled: 0,
            rows: 0,
            placeholders: Vec::new(),
            arrays: 0,
            ids: HashSet::new(),
            has_blank: false,
        }
    }

    fn add(&mut self, line: u64, cell: Option<&Raw>) {
        self.rows += 1;
        let Some(cell) = cell.filter(|cell| **cell != Raw::Missing) else {
            self.has_blank = true;
            return;
        };
        self.arrays += u64::from(matches!(cell, Raw::List(_)));
        let text = cell.as_text();
        let folded = fold(&text);
        if PLACEHOLDERS.contains(&&*folded) {
            let written = trim(&text).to_owned();
            if !self.placeholders.contains(&written) && self.placeholders.len() < 20 {
                self.placeholders.push(written);
            }
            return;
        }
        self.filled += 1;
        self.values.add(|| line, &text);
        if self.may_be_id() {
            self.ids.insert(hash(folded.as_bytes()));
        }
    }

    /// Whether the name of a column allows that it says whose a record is.
    fn may_be_id(&self) -> bool {
        let is = |word: &str| IDS.contains(&word);
        self.key.split(['_', '.']).any(is) || self.key.ends_with("id") || self.key.ends_with("nummer")
    }

    /// The share of rows that say something.
    pub fn share_filled(&self) -> f64 {
        self.filled as f64 / self.rows.max(1) as f64
    }

    /// Whether nearly every row has a value of its own.
    pub fn is_unique(&self) -> bool {
        self.values.is_full || self.values.different() as f64 > 0.9 * self.filled.max(1) as f64 && self.filled > 1
    }
}

/// Looks at a file. What is said by `options` holds; else a title above the header and the encoding are found out.
///
/// # Errors
/// Where the file cannot be read.
pub fn survey(source: &Source, options: &Options) -> Result<Survey, Diagnostic> {
    let mut options = options.clone();
    let mut leads = Leads::new(open(source.clone(), &options)?, &options)?;
    let mut header_row = None;
    if let Some(row) = leads.header_seems().filter(|_| options.layout.header_row.is_none()) {
        header_row = Some(row);
        options.layout.header_row = header_row;
        leads = Leads::new(open(source.clone(), &options)?, &options)?;
    }
    let found = columns_of(&leads);
    // What is not UTF-8 was read as this.
    let encoding = leads.notes().iter().any(|note| note.code == Code::D908).then_some("windows-1252");
    Ok(Survey { header_row, encoding, ..found })
}

fn columns_of(leads: &Leads) -> Survey {
    let mut columns: Vec<Column> = leads.columns().names.iter().map(|name| Column::new(name)).collect();
    let mut last: VecDeque<(u64, Vec<Raw>, bool)> = VecDeque::new();
    let mut rows = 0;
    let mut records = Records::default();
    // A footer is no part of the columns: the last rows are counted when it is known.
    let add = |columns: &mut Vec<Column>, (line, cells, is_read): &(u64, Vec<Raw>, bool), at: u64| {
        if *is_read && at <= SAMPLE {
            columns.iter_mut().enumerate().for_each(|(i, column)| column.add(*line, cells.get(i)));
        }
    };
    for row in leads.rows().take(usize::try_from(MOST_ROWS).unwrap_or(usize::MAX)) {
        rows += 1;
        for record in row.events.iter().flatten() {
            let target = record.target.as_ref().map(|t| t.written.as_str());
            records.add(row.line, &record.kind.written, target, record.at.instant());
        }
        last.push_back((row.line, row.cells, row.error.is_none()));
        if last.len() > LONGEST_FOOTER {
            last.pop_front().iter().for_each(|row| add(&mut columns, row, rows - LONGEST_FOOTER as u64));
        }
    }
    let ends: Vec<(Vec<Raw>, bool)> = last.iter().map(|(_, cells, is_read)| (cells.clone(), *is_read)).collect();
    let mut footer = None;
    let mut odd_end = false;
    let cells: Vec<&[Raw]> = ends.iter().map(|(cells, _)| cells.as_slice()).collect();
    if let Some(found) = crate::data::footer(&cells, leads.id_column()) {
        let kept = last.len() - found.rows;
        let before = last.iter().take(kept);
        let is_blank = |at: usize, _: u64| {
            columns.get(at).is_none_or(|c| c.has_blank)
                || before
                    .clone()
                    .any(|(_, cells, is_read)| *is_read && cells.get(at).is_none_or(|c| *c == Raw::Missing))
        };
        footer = footer_condition(leads, &ends, &is_blank, &found);
        odd_end = footer.is_none();
        last.truncate(kept);
        rows -= found.rows as u64;
    }
    let first = rows - last.len() as u64 + 1;
    (first..).zip(&last).for_each(|(at, row)| add(&mut columns, row, at));
    let (name, id) = (leads.name().to_owned(), leads.id_column());
    Survey { name, columns, id, is_id_guessed: false, rows, records, header_row: None, encoding: None, footer, odd_end }
}
