//! What stands in the columns of results, straight from the columns of the batch engine.

use std::io;

use super::columns::Column;
use super::sink::Sink;
use crate::eval::batch::{Answers, Program};
use crate::eval::{FiredKind, stage_name};
use crate::model::Branch;
use crate::points::ONE;
use crate::results;
use crate::stream::Answered;
use crate::words::Lines;

/// What stands in the columns of results. As a sink it hands on the cells of each row as texts.
pub struct Cells<'a> {
    /// The program that gives the answers.
    pub(super) program: &'a Program<'a>,
    /// The lines of its model in words.
    pub(super) words: &'a Lines,
    /// The columns and their names.
    pub(super) columns: &'a [(String, Column)],
}

impl Cells<'_> {
    /// The cells of a row.
    #[must_use]
    pub fn texts(&self, answered: &Answered<'_>) -> Vec<String> {
        let cell = |i| {
            let mut out = Vec::new();
            self.cell(&mut out, i, answered);
            String::from_utf8_lossy(&out).into_owned()
        };
        (0..self.columns.len()).map(cell).collect()
    }

    /// What stands in a column, without quotes.
    pub(super) fn cell(&self, out: &mut Vec<u8>, column: usize, answered: &Answered<'_>) {
        let Some((_, column)) = self.columns.get(column) else { return };
        let mut text = |text: &str| out.extend_from_slice(text.as_bytes());
        let (answers, lane) = match (column, answered.answer) {
            (Column::LeadId, _) => return out.extend_from_slice(answered.id),
            (Column::Input(i), _) => return text(&(answered.cell)(*i).as_text()),
            (Column::AsOf, _) => return text(&self.program.as_of().to_string()),
            (Column::Error, Ok(_)) => return,
            (Column::Stage, Err(_)) => return text("error"),
            (Column::Error | Column::Reasons, Err(error)) => return text(&error.message),
            (_, Err(_)) => return,
            (_, Ok(answer)) => answer,
        };
        let model = self.program.model();
        match column {
            Column::Score => answers.score_of(lane).into_iter().for_each(|p| points(out, p)),
            Column::Stage => text(stage_name(model, answers.stage_of(lane))),
            Column::Change => answers.change_of(lane).into_iter().for_each(|c| text(results::change_name(c))),
            Column::Label(i) => text(answers.label_of(self.program, *i, lane).unwrap_or("")),
            Column::CouldBe => text(stage_name(model, answers.could_be_of(lane))),
            Column::Review => joined(out, answers.reviews_of(self.program, lane).into_iter()),
            Column::Reasons => self.reasons(out, answers, lane),
            Column::Group(i) => answers.group_of(*i, lane).into_iter().for_each(|p| points(out, p)),
            Column::Missing => joined(
                out,
                answers.missing_of(lane).into_iter().filter_map(|f| model.fields.get(f.0)).map(|f| f.name.as_str()),
            ),
            Column::PossibleScore => answers.possible_high_of(lane).into_iter().for_each(|p| points(out, p)),
            Column::LeadId | Column::Input(_) | Column::AsOf | Column::Error => {}
        }
    }

    /// As [`results::reasons`], joined.
    fn reasons(&self, out: &mut Vec<u8>, answers: &Answers, lane: usize) {
        let start = out.len();
        answers.each_fired(self.program, lane, |fired| {
            if is_silent(fired.kind, fired.points, fired.because) {
                return;
            }
            if out.len() > start {
                out.extend_from_slice(b"; ");
            }
            let words = || self.words.get(fired.line).map_or("", |l| l.reason.as_str());
            if fired.kind.changes_points() {
                let given = fired.points.unwrap_or(0);
                if given >= 0 {
                    out.push(b'+');
                }
                points(out, given);
                out.push(b' ');
                if fired.kind == FiredKind::Points && fired.branch == Branch::IfNot && fired.because.is_none() {
                    out.extend_from_slice(b"Not: ");
                }
            }
            out.extend_from_slice(fired.because.unwrap_or_else(words).as_bytes());
        });
    }

    /// Whether a cell holds reasons of which the first has points before it.
    pub(super) fn begins_with_points(&self, column: usize, answered: &Answered<'_>) -> bool {
        let (Some((_, Column::Reasons)), Ok((answers, lane))) = (self.columns.get(column), answered.answer) else {
            return false;
        };
        let mut first = None;
        answers.each_fired(self.program, lane, |fired| {
            if first.is_none() && !is_silent(fired.kind, fired.points, fired.because) {
                first = Some(fired.kind);
            }
        });
        first.is_some_and(FiredKind::changes_points)
    }
}

impl<'a> Sink for Cells<'a> {
    type Block = Vec<Vec<String>>;
    type Out = dyn FnMut(Vec<String>) -> io::Result<()> + 'a;

    fn add(&self, rows: &mut Self::Block, answered: &Answered<'_>) {
        rows.push(self.texts(answered));
    }

    fn take(&self, row: &mut Self::Out, rows: Self::Block) -> io::Result<()> {
        rows.into_iter().try_for_each(row)
    }
}

/// Several texts with `; ` between them.
fn joined<'t>(out: &mut Vec<u8>, texts: impl Iterator<Item = &'t str>) {
    for (i, text) in texts.enumerate() {
        if i > 0 {
            out.extend_from_slice(b"; ");
        }
        out.extend_from_slice(text.as_bytes());
    }
}

/// Whether nothing is said of something that fired.
fn is_silent(kind: FiredKind, points: Option<i128>, because: Option<&str>) -> bool {
    kind == FiredKind::Points && points == Some(0) || kind == FiredKind::Stage && because.is_none()
}

/// Points as the shortest decimal.
fn points(out: &mut Vec<u8>, points: i128) {
    let whole = i64::try_from(points).ok().filter(|p| p % ONE as i64 == 0).map(|p| p / ONE as i64);
    let Some(whole) = whole else { return out.extend_from_slice(crate::points::to_text(points).as_bytes()) };
    // No number has more digits.
    let mut text = [0; 20];
    let mut left = whole.unsigned_abs();
    let mut begin = text.len();
    for (at, digit) in text.iter_mut().enumerate().skip(1).rev() {
        *digit = b'0' + (left % 10) as u8;
        left /= 10;
        begin = at;
        if left == 0 {
            break;
        }
    }
    if whole < 0 {
        begin -= 1;
        text[begin] = b'-';
    }
    out.extend_from_slice(text.get(begin..).unwrap_or(&[]));
}
