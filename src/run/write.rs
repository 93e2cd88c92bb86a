//! Results as CSV, JSON Lines or JSON.
//!
//! Owns what stands around rows and between cells. What stands in cells is told by `cells`, the shape of an object by `results`.

use std::borrow::Cow;
use std::io;

use super::cells::Cells;
use super::csv::{guard_from, guarded, quote_from};
use super::sink::Sink;
use crate::results;
use crate::stream::Answered;

/// The shapes of results.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Comma-separated values with a header.
    Csv {
        /// Whether no cell may be taken for a formula.
        is_safe: bool,
    },
    /// One JSON object a line.
    JsonLines,
    /// One JSON array.
    Json,
}

/// Writes answers.
pub struct Writer<'a> {
    /// What stands in cells.
    pub(super) cells: Cells<'a>,
    /// The shape.
    pub(super) form: Form,
}

impl Writer<'_> {
    /// Writes what stands behind all rows.
    ///
    /// # Errors
    /// Where nothing can be written.
    pub fn end(&self, out: &mut Written<'_>) -> io::Result<()> {
        if out.is_empty {
            self.begin(out.to)?;
        }
        match self.form {
            Form::Json => out.to.write_all(if out.is_empty { b"]\n" } else { b"\n]\n" }),
            Form::Csv { .. } | Form::JsonLines => Ok(()),
        }
    }

    /// Writes what stands before all rows.
    fn begin(&self, out: &mut dyn io::Write) -> io::Result<()> {
        match self.form {
            Form::Csv { is_safe } => {
                let mut line = Vec::new();
                self.line(&mut line, |out, i| {
                    let name = self.cells.columns.get(i).map_or("", |(name, _)| name);
                    let name = if is_safe { guarded(name) } else { Cow::Borrowed(name) };
                    out.extend_from_slice(name.as_bytes());
                    true
                });
                out.write_all(&line)
            }
            Form::Json => out.write_all(b"["),
            Form::JsonLines => Ok(()),
        }
    }

    /// A line of CSV; `cell` writes what stands in each column, without quotes, and says whether it may need any.
    fn line(&self, out: &mut Vec<u8>, cell: impl Fn(&mut Vec<u8>, usize) -> bool) {
        let start = out.len();
        for i in 0..self.cells.columns.len() {
            if i > 0 {
                out.push(b',');
            }
            let start = out.len();
            if cell(out, i) {
                quote_from(out, start);
            }
        }
        if out.len() == start {
            // A line without anything would be no row.
            out.extend_from_slice(b"\"\"");
        }
        out.push(b'\n');
    }

    fn object(&self, out: &mut Vec<u8>, answered: &Answered<'_>) {
        let Cells { program, words, .. } = self.cells;
        let written = match answered.answer {
            Ok((answers, lane)) => {
                let outcome = answers.outcome(program, lane);
                serde_json::to_writer(
                    out,
                    &results::object(program.model(), words, answered.id(), &outcome, program.as_of()),
                )
            }
            Err(error) => {
                serde_json::to_writer(out, &serde_json::json!({"lead_id": answered.id(), "error": error.message}))
            }
        };
        // Writing to memory does not fail.
        let _ = written;
    }
}

/// Where rows are written.
pub struct Written<'o> {
    to: &'o mut dyn io::Write,
    /// Whether there was no row so far. Nothing is written before there is an answer: a file may be found unreadable.
    is_empty: bool,
}

impl<'o> Written<'o> {
    /// Nothing is written so far.
    pub fn new(to: &'o mut dyn io::Write) -> Written<'o> {
        Written { to, is_empty: true }
    }
}

impl<'a> Sink for Writer<'a> {
    type Block = Vec<u8>;
    type Out = Written<'a>;

    /// Adds one row as a line, or as an element of an array with a comma before it.
    fn add(&self, out: &mut Vec<u8>, answered: &Answered<'_>) {
        match self.form {
            Form::Csv { is_safe } => self.line(out, |out, i| {
                let start = out.len();
                self.cells.cell(out, i, answered);
                let may_be_text = !self.cells.columns.get(i).is_some_and(|(_, column)| column.is_number());
                if is_safe && may_be_text {
                    guard_from(out, start, self.cells.begins_with_points(i, answered));
                }
                may_be_text
            }),
            Form::JsonLines => {
                self.object(out, answered);
                out.push(b'\n');
            }
            Form::Json => {
                out.extend_from_slice(b",\n");
                self.object(out, answered);
            }
        }
    }

    fn take(&self, out: &mut Written<'a>, rows: Vec<u8>) -> io::Result<()> {
        let is_first = out.is_empty && !rows.is_empty();
        if is_first {
            self.begin(out.to)?;
        }
        out.is_empty &= rows.is_empty();
        // Before the first element stands no comma.
        out.to.write_all(if self.form == Form::Json && is_first { rows.get(1..).unwrap_or(&[]) } else { &rows })
    }
}
