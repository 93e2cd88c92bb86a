//! Answers of the batch engine as lines of CSV or JSON, straight from its columns.
//!
//! Owns the quoting of cells, as `csv` does it. What stands in which column is that of `write`; a test holds the two equal.

use std::io;

use super::write::{Column, Format};
use crate::eval::FiredKind;
use crate::eval::batch::{Answers, Program};
use crate::eval::stage_name;
use crate::points::ONE;
use crate::results;
use crate::stream::Answered;
use crate::time::Instant;
use crate::words::Lines;

/// Writes answers as lines.
pub struct AnswerLines<'a> {
    /// The program that gives them.
    pub program: &'a Program<'a>,
    /// The lines of the model in words.
    pub words: &'a Lines,
    /// As of when.
    pub as_of: Instant,
    /// The columns of CSV.
    pub columns: &'a [(String, Column)],
    /// CSV, else JSON Lines.
    pub format: Format,
}

impl AnswerLines<'_> {
    /// Writes the header, where the shape has one.
    ///
    /// # Errors
    /// Where nothing can be written.
    pub fn header(&self, out: &mut impl io::Write) -> io::Result<()> {
        if self.format == Format::Jsonl {
            return Ok(());
        }
        let mut line = Vec::new();
        for (i, (name, _)) in self.columns.iter().enumerate() {
            if i > 0 {
                line.push(b',');
            }
            text(&mut line, name);
        }
        if line.is_empty() {
            line.extend_from_slice(b"\"\"");
        }
        line.push(b'\n');
        out.write_all(&line)
    }

    /// Adds the line of one row.
    pub fn write(&self, out: &mut Vec<u8>, answered: &Answered<'_>) {
        if self.format == Format::Jsonl {
            self.object(out, answered);
            out.push(b'\n');
            return;
        }
        let start = out.len();
        for (i, (_, column)) in self.columns.iter().enumerate() {
            if i > 0 {
                out.push(b',');
            }
            self.cell(out, column, answered);
        }
        if out.len() == start {
            // A line without anything would be no row.
            out.extend_from_slice(b"\"\"");
        }
        out.push(b'\n');
    }

    fn object(&self, out: &mut Vec<u8>, answered: &Answered<'_>) {
        let written = match answered.answer {
            Ok((answers, lane)) => {
                let outcome = answers.outcome(self.program, lane);
                serde_json::to_writer(out, &results::object(self.program.model(), self.words, answered.id, &outcome, self.as_of))
            }
            Err(error) => serde_json::to_writer(out, &serde_json::json!({"lead_id": answered.id, "error": error.message})),
        };
        // Writing to memory does not fail.
        let _ = written;
    }

    fn cell(&self, out: &mut Vec<u8>, column: &Column, answered: &Answered<'_>) {
        let (answers, lane) = match (column, answered.answer) {
            (Column::LeadId, _) => return text(out, answered.id),
            (Column::Input(i), _) => return text(out, &(answered.cell)(*i).as_text()),
            (Column::AsOf, _) => return text(out, &self.as_of.to_string()),
            (Column::Error, Ok(_)) => return,
            (Column::Stage, Err(_)) => return out.extend_from_slice(b"error"),
            (Column::Error | Column::Reasons, Err(error)) => return text(out, &error.message),
            (_, Err(_)) => return,
            (_, Ok(answer)) => answer,
        };
        let model = self.program.model();
        match column {
            Column::Score => answers.score_of(lane).into_iter().for_each(|p| points(out, p)),
            Column::Stage => text(out, stage_name(model, answers.stage_of(lane))),
            Column::Change => answers.change_of(lane).into_iter().for_each(|c| text(out, results::change_name(c))),
            Column::Label(i) => text(out, answers.label_of(self.program, *i, lane).unwrap_or("")),
            Column::CouldBe => text(out, stage_name(model, answers.could_be_of(lane))),
            Column::Review => joined(out, answers.reviews_of(self.program, lane).into_iter(), |out, review| out.extend_from_slice(review.as_bytes())),
            Column::Reasons => self.reasons(out, answers, lane),
            Column::Group(i) => answers.group_of(*i, lane).into_iter().for_each(|p| points(out, p)),
            Column::Missing => {
                let names = answers.missing_of(lane).into_iter().filter_map(|f| model.fields.get(f.0));
                joined(out, names, |out, field| out.extend_from_slice(field.name.as_bytes()));
            }
            Column::PossibleScore => answers.possible_high_of(lane).into_iter().for_each(|p| points(out, p)),
            Column::LeadId | Column::Input(_) | Column::AsOf | Column::Error => {}
        }
    }

    /// As [`results::reasons`], joined.
    fn reasons(&self, out: &mut Vec<u8>, answers: &Answers, lane: usize) {
        let start = out.len();
        answers.each_fired(self.program, lane, |fired| {
            if fired.kind == FiredKind::Points && fired.points == Some(0) || fired.kind == FiredKind::Stage && fired.because.is_none() {
                return;
            }
            if out.len() > start {
                out.extend_from_slice(b"; ");
            }
            let words = || self.words.get(fired.order).map_or("", |l| l.reason.as_str());
            if matches!(fired.kind, FiredKind::Points | FiredKind::Bounds) {
                let given = fired.points.unwrap_or(0);
                if given >= 0 {
                    out.push(b'+');
                }
                points(out, given);
                out.push(b' ');
                if fired.kind == FiredKind::Points && fired.if_not && fired.because.is_none() {
                    out.extend_from_slice(b"Not: ");
                }
            }
            out.extend_from_slice(fired.because.unwrap_or_else(words).as_bytes());
        });
        quote_from(out, start);
    }
}

/// Several texts with `; ` between them.
fn joined<T>(out: &mut Vec<u8>, items: impl Iterator<Item = T>, put: impl Fn(&mut Vec<u8>, T)) {
    let start = out.len();
    for (i, item) in items.enumerate() {
        if i > 0 {
            out.extend_from_slice(b"; ");
        }
        put(out, item);
    }
    quote_from(out, start);
}

/// A cell.
fn text(out: &mut Vec<u8>, cell: &str) {
    let start = out.len();
    out.extend_from_slice(cell.as_bytes());
    quote_from(out, start);
}

/// Puts quotes around what stands behind `start`, where it needs them.
fn quote_from(out: &mut Vec<u8>, start: usize) {
    let needs = out.get(start..).is_some_and(|cell| cell.iter().any(|b| matches!(b, b',' | b'"' | b'\n' | b'\r')));
    if !needs {
        return;
    }
    let cell = out.split_off(start);
    out.push(b'"');
    for b in cell {
        if b == b'"' {
            out.push(b'"');
        }
        out.push(b);
    }
    out.push(b'"');
}

/// Points as the shortest decimal.
fn points(out: &mut Vec<u8>, points: i128) {
    let whole = i64::try_from(points).ok().filter(|p| p % ONE as i64 == 0).map(|p| p / ONE as i64);
    let Some(whole) = whole else { return out.extend_from_slice(crate::points::to_text(points).as_bytes()) };
    if whole < 0 {
        out.push(b'-');
    }
    let mut left = whole.unsigned_abs();
    let start = out.len();
    loop {
        out.push(b'0' + (left % 10) as u8);
        left /= 10;
        if left == 0 {
            break;
        }
    }
    if let Some(digits) = out.get_mut(start..) {
        digits.reverse();
    }
}
