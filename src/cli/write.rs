//! Results as CSV, JSON Lines, JSON or a table.
//!
//! Owns which columns there are and what stands in them. The shape of a JSON object is that of `results`.

use std::io::{self, Write};

use crate::columns::Table;
use crate::data::Columns;
use crate::diagnostic::Diagnostic;
use crate::eval::{Outcome, stage_name};
use crate::messages::data as say;
use crate::model::Model;
use crate::points::to_text;
use crate::results;
use crate::text::{fold, name_key};
use crate::time::Instant;
use crate::value::Raw;
use crate::words::Lines;

/// The shapes of results.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// Comma-separated values with a header
    Csv,
    /// One JSON object a line
    Jsonl,
    /// One JSON array
    Json,
    /// A table for people
    Table,
}

/// A column of CSV and of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Column {
    LeadId,
    Score,
    Stage,
    Change,
    Label(usize),
    CouldBe,
    Review,
    Reasons,
    Group(usize),
    Missing,
    PossibleScore,
    AsOf,
    Error,
    Input(usize),
}

/// What is asked for.
pub struct Wanted<'w> {
    /// The shape.
    pub format: Format,
    /// Which columns; the usual ones where none are named.
    pub columns: Option<&'w [String]>,
    /// Whether all input columns come first.
    pub keep: bool,
}

/// What is written of one row.
pub struct Answer<'r> {
    /// The lead's id, or the row's number.
    pub id: &'r str,
    /// The cells of the row.
    pub cells: &'r [Raw],
    /// The outcome, or why there is none.
    pub outcome: Result<&'r Outcome, &'r Diagnostic>,
}

/// Writes results in one of the shapes.
pub struct Writer<'m, W: Write> {
    model: &'m Model,
    lines: &'m Lines,
    as_of: Instant,
    columns: Vec<(String, Column)>,
    shape: Shape<W>,
    count: u64,
}

enum Shape<W: Write> {
    Csv(Box<csv::Writer<W>>),
    Jsonl(W),
    Json(W),
    Table(Table<W>),
}

impl<'m, W: Write> Writer<'m, W> {
    /// A writer for what is asked for.
    ///
    /// # Errors
    /// Where a column is asked for that there is not.
    pub fn new(
        model: &'m Model,
        lines: &'m Lines,
        as_of: Instant,
        wanted: &Wanted<'_>,
        input: &Columns,
        out: W,
    ) -> Result<Writer<'m, W>, Diagnostic> {
        let columns = columns_of(model, wanted, input)?;
        let shape = match wanted.format {
            Format::Csv => Shape::Csv(Box::new(csv::Writer::from_writer(out))),
            Format::Jsonl => Shape::Jsonl(out),
            Format::Json => Shape::Json(out),
            Format::Table => Shape::Table(Table::new(out, super::terminal_width())),
        };
        Ok(Writer { model, lines, as_of, columns, shape, count: 0 })
    }

    /// Writes the header, where the shape has one.
    ///
    /// # Errors
    /// Where nothing can be written.
    pub fn begin(&mut self) -> io::Result<()> {
        let names = self.columns.iter().map(|(name, _)| name.as_str());
        match &mut self.shape {
            Shape::Csv(out) => out.write_record(names).map_err(of_csv),
            Shape::Jsonl(_) => Ok(()),
            Shape::Json(out) => out.write_all(b"["),
            Shape::Table(table) => {
                table.header(names.map(str::to_owned).collect());
                Ok(())
            }
        }
    }

    /// Writes the answer for one row.
    ///
    /// # Errors
    /// Where nothing can be written.
    pub fn write(&mut self, answer: &Answer<'_>) -> io::Result<()> {
        self.count += 1;
        match &mut self.shape {
            Shape::Csv(_) | Shape::Table(_) => {
                let cells: Vec<String> = self.columns.iter().map(|(_, c)| self.cell(c, answer)).collect();
                match &mut self.shape {
                    Shape::Csv(out) => out.write_record(&cells).map_err(of_csv),
                    Shape::Table(table) => table.row(cells),
                    Shape::Jsonl(_) | Shape::Json(_) => Ok(()),
                }
            }
            Shape::Jsonl(out) => {
                object(self.model, self.lines, self.as_of, answer, out)?;
                out.write_all(b"\n")
            }
            Shape::Json(out) => {
                out.write_all(if self.count == 1 { b"\n" } else { b",\n" })?;
                object(self.model, self.lines, self.as_of, answer, out)
            }
        }
    }

    /// Writes what is left, and gives back what was written to.
    ///
    /// # Errors
    /// Where nothing can be written.
    pub fn finish(self) -> io::Result<W> {
        match self.shape {
            Shape::Csv(out) => out.into_inner().map_err(|e| io::Error::new(e.error().kind(), e.error().to_string())),
            Shape::Jsonl(out) => Ok(out),
            Shape::Json(mut out) => {
                out.write_all(if self.count == 0 { b"]\n" } else { b"\n]\n" })?;
                Ok(out)
            }
            Shape::Table(table) => table.finish(),
        }
    }

    fn cell(&self, column: &Column, answer: &Answer<'_>) -> String {
        let outcome = match (column, answer.outcome) {
            (Column::LeadId, _) => return answer.id.to_owned(),
            (Column::Input(i), _) => return answer.cells.get(*i).map_or(String::new(), |c| c.as_text().into_owned()),
            (Column::AsOf, _) => return self.as_of.to_string(),
            (Column::Error, Ok(_)) => return String::new(),
            (Column::Stage, Err(_)) => return "error".to_owned(),
            (Column::Error | Column::Reasons, Err(error)) => return error.message.clone(),
            (_, Err(_)) => return String::new(),
            (_, Ok(outcome)) => outcome,
        };
        let points = |p: Option<i128>| p.map_or(String::new(), to_text);
        match column {
            Column::Score => points(outcome.score),
            Column::Stage => stage_name(self.model, outcome.stage).to_owned(),
            Column::Change => outcome.change.map_or(String::new(), |c| results::change_name(c).to_owned()),
            Column::Label(i) => outcome.labels.get(*i).cloned().flatten().unwrap_or_default(),
            Column::CouldBe => stage_name(self.model, outcome.could_be).to_owned(),
            Column::Review => outcome.reviews.join("; "),
            Column::Reasons => results::reasons(self.lines, outcome).join("; "),
            Column::Group(i) => points(outcome.groups.get(*i).copied()),
            Column::Missing => results::missing(self.model, outcome).join("; "),
            Column::PossibleScore => points(outcome.possible_high),
            Column::LeadId | Column::Input(_) | Column::AsOf | Column::Error => String::new(),
        }
    }
}

/// The columns that are asked for.
///
/// # Errors
/// Where a column is asked for that there is not.
pub fn columns_of(model: &Model, wanted: &Wanted<'_>, input: &Columns) -> Result<Vec<(String, Column)>, Diagnostic> {
    let mut columns = Vec::new();
    if wanted.keep {
        columns.extend(input.names.iter().enumerate().map(|(i, n)| (n.clone(), Column::Input(i))));
    }
    match wanted.columns {
        None => columns.extend(usual(model)),
        Some(names) => {
            for name in names {
                columns.push((name.trim().to_owned(), find(model, input, name.trim())?));
            }
        }
    }
    Ok(columns)
}

/// Whether some column says what could be.
pub fn asks_for_possible(columns: &[(String, Column)]) -> bool {
    columns.iter().any(|(_, c)| matches!(c, Column::CouldBe | Column::Missing | Column::PossibleScore))
}

fn of_csv(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}

fn object(model: &Model, lines: &Lines, as_of: Instant, answer: &Answer<'_>, out: &mut impl Write) -> io::Result<()> {
    match answer.outcome {
        Ok(outcome) => serde_json::to_writer(out, &results::object(model, lines, answer.id, outcome, as_of)),
        Err(error) => serde_json::to_writer(out, &serde_json::json!({"lead_id": answer.id, "error": error.message})),
    }
    .map_err(io::Error::from)
}

/// `lead_id, score, stage`, the change where the model asks for it, the labels, `could_be, review, reasons`.
fn usual(model: &Model) -> Vec<(String, Column)> {
    let named = |name: &str, column| (name.to_owned(), column);
    let mut out = vec![named("lead_id", Column::LeadId), named("score", Column::Score), named("stage", Column::Stage)];
    out.extend(model.ladder.from.map(|_| named("change", Column::Change)));
    out.extend(model.labels.iter().enumerate().map(|(i, l)| (l.name.clone(), Column::Label(i))));
    out.extend([named("could_be", Column::CouldBe), named("review", Column::Review), named("reasons", Column::Reasons)]);
    out
}

fn find(model: &Model, input: &Columns, name: &str) -> Result<Column, Diagnostic> {
    let folded = fold(name);
    let own = match &*folded {
        "lead_id" => Some(Column::LeadId),
        "score" => Some(Column::Score),
        "stage" => Some(Column::Stage),
        "change" if model.ladder.from.is_some() => Some(Column::Change),
        "could_be" => Some(Column::CouldBe),
        "review" => Some(Column::Review),
        "reasons" => Some(Column::Reasons),
        "missing" => Some(Column::Missing),
        "possible_score" => Some(Column::PossibleScore),
        "as_of" => Some(Column::AsOf),
        "error" => Some(Column::Error),
        _ => None,
    };
    let key = name_key(name);
    let label = || model.labels.iter().position(|l| name_key(&l.name) == key).map(Column::Label);
    let group = || model.groups.iter().position(|g| name_key(&g.name) == key).map(Column::Group);
    let cell = || input.find(name).map(Column::Input);
    own.or_else(label).or_else(group).or_else(cell).ok_or_else(|| {
        let fixed = ["lead_id", "score", "stage", "could_be", "review", "reasons", "missing", "possible_score", "as_of", "error"];
        let mut known: Vec<String> = fixed.iter().map(|s| (*s).to_owned()).collect();
        known.extend(model.ladder.from.map(|_| "change".to_owned()));
        known.extend(model.labels.iter().map(|l| l.name.clone()));
        known.extend(model.groups.iter().map(|g| g.name.clone()));
        let others = input.names.iter().filter(|name| !known.iter().any(|k| name_key(k) == name_key(name))).cloned().collect::<Vec<_>>();
        known.extend(others);
        let near = crate::suggest::nearest(name, known.iter().map(String::as_str)).map(str::to_owned);
        say::no_output_column(name, near.as_deref(), &known)
    })
}
