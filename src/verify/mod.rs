//! Is a query equal on somebody's own data? A sample of their leads is answered twice: by the database, and from the same rows
//! by the interpreter; then every cell is compared.
//!
//! Owns that a sample is the same on every run. `place` is the URL, `engine` what is asked of a database, `sqlite` and `postgres`
//! those that can be asked, `tables` which columns are read and the query over the sample, `cells` what counts as a difference.
//! Writes nothing there, and shows no password.

mod cells;
mod engine;
mod place;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "sqlite")]
mod sqlite;
mod tables;

use std::sync::Arc;

pub use self::place::Place;
#[cfg(feature = "sqlite")]
pub use self::sqlite::register;

use self::cells::{Answers, in_order, not_nfc};
use self::engine::{Column, Engine, Room, Why};
use self::tables::Tables;
use crate::data::{Rows, Source};
use crate::diagnostic::Diagnostic;
use crate::eval::Interpreter;
use crate::messages::sql as say;
use crate::model::Model;
use crate::run::{Input, OneByOne};
use crate::sql::Problem;
use crate::time::Instant;
use crate::value::Raw;
use crate::words::Lines;

/// So much of the sample is held at the most.
const MOST_BYTES: usize = 1 << 30;

/// What is to be compared.
pub struct Asked<'a> {
    /// The model.
    pub model: &'a Model,
    /// The database.
    pub place: &'a Place,
    /// The table of leads, and that of activity.
    pub tables: (&'a str, &'a str),
    /// How many leads.
    pub sample: usize,
    /// As of when.
    pub as_of: Instant,
    /// The columns of results; the usual ones where none are named.
    pub columns: Option<&'a [String]>,
}

/// What came of it.
#[derive(Debug)]
pub struct Compared {
    /// How many leads were compared, and how many there are.
    pub leads: (u64, u64),
    /// How many records of activity they have.
    pub records: u64,
    /// In how many columns.
    pub columns: u64,
    /// How many cells differ, of how many leads.
    pub cells: u64,
    /// Of how many leads any cell differs.
    pub differing: u64,
    /// The first differences.
    pub first: Vec<Difference>,
    /// A column and an id where a text is not in NFC, of a lead that differs.
    pub not_nfc: Option<(String, String)>,
    /// The query, with the tables as they are.
    pub query: String,
}

/// A cell that differs.
#[derive(Debug, PartialEq, Eq)]
pub struct Difference {
    /// The lead.
    pub lead: String,
    /// The column.
    pub column: String,
    /// What the interpreter says; none where it has no such row.
    pub here: Option<String>,
    /// What the database says.
    pub there: Option<String>,
}

/// Why nothing was compared.
#[derive(Debug)]
pub enum Failed {
    /// The database cannot be asked, or has other tables.
    Told(Diagnostic),
    /// The columns hold other types than the model reads.
    Types(Vec<Diagnostic>),
    /// There is no such query.
    Problem(Problem),
}

impl From<Diagnostic> for Failed {
    fn from(problem: Diagnostic) -> Failed {
        Failed::Told(problem)
    }
}

/// Compares what a database answers with what the interpreter does.
///
/// # Errors
/// Where that cannot be done.
pub fn compare(asked: &Asked<'_>) -> Result<Compared, Failed> {
    let mut engine = open(asked.place)?;
    let name = engine.name();
    let not_read = |why| told(&name, why);
    let tables = Tables::of(asked, &mut *engine)?;
    let (mut room, mut spellings, mut records) = (Room(MOST_BYTES), Vec::new(), Vec::new());
    let total = engine.count(asked.tables.0).map_err(not_read)?;
    let ids = engine.sample(&tables.leads, asked.sample).map_err(not_read)?;
    if ids.is_empty() {
        return Err(say::no_lead(&name, asked.tables.0).into());
    }
    let leads = engine.rows(&tables.leads, &ids, &tables.lead_columns, None, &mut room).map_err(not_read)?;
    if let Some(events) = &tables.events {
        let (columns, at) = (&tables.event_columns, tables.at.as_deref());
        spellings = engine.spellings(events, &tables.leads, &ids, &mut room).map_err(not_read)?;
        records = engine.rows(events, &spellings, columns, at, &mut room).map_err(not_read)?;
        in_order(asked.model, columns, at, &mut records);
    }
    let given: Vec<&[Raw]> = [&*ids].into_iter().chain(tables.events.as_ref().map(|_| &*spellings)).collect();
    let answers = engine.answers(&tables.over_samples(&*engine), tables.outputs.len(), &given, &mut room);
    let answers = answers.map_err(|why| match why {
        Why::Engine(why) => say::query_does_not_run(asked.place.dialect().title(), &why),
        why => told(&name, why),
    })?;
    let (n, of_records) = (leads.len() as u64, records.len() as u64);
    let leads = rows_of(asked.tables.0, &tables.lead_columns, leads);
    let records = rows_of(asked.tables.1, &tables.event_columns, records);
    let mut both = Answers::of(&tables.outputs);
    answer(asked, &tables, (&leads, &records), &mut both)?;
    answers.iter().for_each(|row| both.there(row));
    let (cells, differing, first) = both.differences();
    let places = [(&leads, &tables.leads.column.name), (&records, &tables.of_record)];
    Ok(Compared {
        leads: (n, total),
        records: of_records,
        columns: tables.outputs.len() as u64,
        cells,
        not_nfc: places.into_iter().find_map(|(rows, id)| not_nfc(rows, id, &differing)),
        differing: differing.len() as u64,
        first,
        query: tables.query,
    })
}

fn open(place: &Place) -> Result<Box<dyn Engine>, Diagnostic> {
    match place {
        #[cfg(feature = "sqlite")]
        Place::Sqlite(path) => Ok(Box::new(sqlite::Sqlite::open(path)?)),
        #[cfg(feature = "postgres")]
        Place::Postgres(url) => Ok(Box::new(postgres::Postgres::open(url)?)),
        #[cfg(not(all(feature = "sqlite", feature = "postgres")))]
        _ => Err(say::built_without(place.dialect().title())),
    }
}

/// What there is to say of something that cannot be read.
fn told(name: &str, why: Why) -> Diagnostic {
    match why {
        Why::Engine(why) => say::cannot_ask(name, &why),
        Why::TooMuch => say::sample_too_large(name),
    }
}

fn rows_of(table: &str, columns: &[Column], rows: Vec<Vec<Raw>>) -> Arc<Rows> {
    let columns = columns.iter().map(|column| column.name.clone()).collect();
    Arc::new(Rows { name: table.to_owned(), columns, rows })
}

/// Answers the sample here: the rows are read as those of a file, with the columns that the query reads for ids.
fn answer(
    asked: &Asked<'_>,
    tables: &Tables,
    (leads, records): (&Arc<Rows>, &Arc<Rows>),
    both: &mut Answers<'_>,
) -> Result<(), Diagnostic> {
    let model = asked.model;
    let mut input = Input::new(Source::Rows(Arc::clone(leads)));
    input.options.id = Some(tables.leads.column.name.clone());
    input.options.event_columns = tables.parts();
    input.activity = tables.events.iter().map(|_| Source::Rows(Arc::clone(records))).collect();
    let (lines, interpreter) = (Lines::of(model), Interpreter::new(model, asked.as_of));
    OneByOne::open(&input, model)?.each(|id, read| {
        both.here(model, &lines, id, &interpreter.evaluate(&read()?), asked.as_of);
        Ok(())
    })
}
