//! Results as CSV, JSON Lines, JSON or a table, straight from the columns of the batch engine.
//!
//! Owns which columns there are, what stands in them, and the quoting of cells, as `csv` does it. The shape of a JSON object
//! is that of `results`.

use std::borrow::Cow;
use std::io;

use crate::data::Columns;
use crate::diagnostic::Diagnostic;
use crate::eval::batch::{Answers, Program};
use crate::eval::{FiredKind, stage_name};
use crate::messages::data as say;
use crate::model::{Branch, Model};
use crate::points::ONE;
use crate::results;
use crate::run::Sink;
use crate::shown::{all_lines, json};
use crate::stream::Answered;
use crate::text::{fold, name_key};
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

impl Column {
    /// Whether no cell of it ever needs quotes; its name may.
    fn is_number(&self) -> bool {
        matches!(self, Column::Score | Column::Group(_) | Column::PossibleScore)
    }
}

/// What is asked for.
pub struct Wanted<'w> {
    /// Which columns; the usual ones where none are named.
    pub columns: Option<&'w [String]>,
    /// Whether all input columns come first.
    pub keep: bool,
}

/// Writes answers.
pub struct Writer<'a> {
    /// The program that gives them.
    pub program: &'a Program<'a>,
    /// The lines of the model in words.
    pub words: &'a Lines,
    /// The columns of CSV and of the table.
    pub columns: &'a [(String, Column)],
    /// The shape.
    pub format: Format,
    /// Whether no cell of CSV may be taken for a formula.
    pub is_safe: bool,
}

impl Writer<'_> {
    /// Adds one row as a line, or as an element of an array with a comma before it.
    fn row(&self, out: &mut Vec<u8>, answered: &Answered<'_>) {
        match self.format {
            Format::Csv => self.line(out, |out, i| {
                let start = out.len();
                self.cell(out, i, answered);
                let may_be_text = !self.columns.get(i).is_some_and(|(_, column)| column.is_number());
                if self.is_safe && may_be_text {
                    guard_from(out, start, self.begins_with_points(i, answered));
                }
                may_be_text
            }),
            Format::Jsonl => {
                self.object(out, answered);
                out.push(b'\n');
            }
            Format::Json => {
                out.extend_from_slice(b",\n");
                self.object(out, answered);
            }
            Format::Table => {}
        }
    }

    /// The cells of one row of a table.
    pub fn cells(&self, answered: &Answered<'_>) -> Vec<String> {
        let cell = |i| {
            let mut out = Vec::new();
            self.cell(&mut out, i, answered);
            String::from_utf8_lossy(&out).into_owned()
        };
        (0..self.columns.len()).map(cell).collect()
    }

    /// Writes what stands behind all rows.
    ///
    /// # Errors
    /// Where nothing can be written.
    pub fn end(&self, out: &mut Written<'_>) -> io::Result<()> {
        if out.is_empty {
            self.begin(out.to)?;
        }
        match self.format {
            Format::Json => out.to.write_all(if out.is_empty { b"]\n" } else { b"\n]\n" }),
            Format::Csv | Format::Jsonl | Format::Table => Ok(()),
        }
    }

    /// Writes what stands before all rows.
    fn begin(&self, out: &mut dyn io::Write) -> io::Result<()> {
        match self.format {
            Format::Csv => {
                let mut line = Vec::new();
                self.line(&mut line, |out, i| {
                    let name = self.columns.get(i).map_or("", |(name, _)| name);
                    let name = if self.is_safe { guarded(name) } else { Cow::Borrowed(name) };
                    out.extend_from_slice(name.as_bytes());
                    true
                });
                out.write_all(&line)
            }
            Format::Json => out.write_all(b"["),
            Format::Jsonl | Format::Table => Ok(()),
        }
    }

    /// A line of CSV; `cell` writes what stands in each column, without quotes, and says whether it may need any.
    fn line(&self, out: &mut Vec<u8>, cell: impl Fn(&mut Vec<u8>, usize) -> bool) {
        let start = out.len();
        for i in 0..self.columns.len() {
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
        let written = match answered.answer {
            Ok((answers, lane)) => {
                let outcome = answers.outcome(self.program, lane);
                serde_json::to_writer(
                    out,
                    &results::object(self.program.model(), self.words, answered.id(), &outcome, self.program.as_of()),
                )
            }
            Err(error) => {
                serde_json::to_writer(out, &serde_json::json!({"lead_id": answered.id(), "error": error.message}))
            }
        };
        // Writing to memory does not fail.
        let _ = written;
    }

    /// What stands in a column, without quotes.
    fn cell(&self, out: &mut Vec<u8>, column: usize, answered: &Answered<'_>) {
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
            if matches!(fired.kind, FiredKind::Points | FiredKind::Bounds) {
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
    fn begins_with_points(&self, column: usize, answered: &Answered<'_>) -> bool {
        let (Some((_, Column::Reasons)), Ok((answers, lane))) = (self.columns.get(column), answered.answer) else {
            return false;
        };
        let mut first = None;
        answers.each_fired(self.program, lane, |fired| {
            if first.is_none() && !is_silent(fired.kind, fired.points, fired.because) {
                first = Some(fired.kind);
            }
        });
        matches!(first, Some(FiredKind::Points | FiredKind::Bounds))
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

    fn add(&self, rows: &mut Vec<u8>, answered: &Answered<'_>) {
        self.row(rows, answered);
    }

    fn take(&self, out: &mut Written<'a>, rows: Vec<u8>) -> io::Result<()> {
        let is_first = out.is_empty && !rows.is_empty();
        if is_first {
            self.begin(out.to)?;
        }
        out.is_empty &= rows.is_empty();
        // Before the first element stands no comma.
        out.to.write_all(if self.format == Format::Json && is_first { rows.get(1..).unwrap_or(&[]) } else { &rows })
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

/// `lead_id, score, stage`, the change where the model asks for it, the labels, `could_be, review, reasons`.
fn usual(model: &Model) -> Vec<(String, Column)> {
    let named = |name: &str, column| (name.to_owned(), column);
    let mut out = vec![named("lead_id", Column::LeadId), named("score", Column::Score), named("stage", Column::Stage)];
    out.extend(model.ladder.from.map(|_| named("change", Column::Change)));
    out.extend(model.labels.iter().enumerate().map(|(i, l)| (l.name.clone(), Column::Label(i))));
    out.extend([
        named("could_be", Column::CouldBe),
        named("review", Column::Review),
        named("reasons", Column::Reasons),
    ]);
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
        let fixed = [
            "lead_id",
            "score",
            "stage",
            "could_be",
            "review",
            "reasons",
            "missing",
            "possible_score",
            "as_of",
            "error",
        ];
        let mut known: Vec<String> = fixed.iter().map(|s| (*s).to_owned()).collect();
        known.extend(model.ladder.from.map(|_| "change".to_owned()));
        known.extend(model.labels.iter().map(|l| l.name.clone()));
        known.extend(model.groups.iter().map(|g| g.name.clone()));
        let others = input
            .names
            .iter()
            .filter(|name| !known.iter().any(|k| name_key(k) == name_key(name)))
            .cloned()
            .collect::<Vec<_>>();
        known.extend(others);
        let near = crate::suggest::nearest(name, known.iter().map(String::as_str)).map(str::to_owned);
        say::no_output_column(name, near.as_deref(), &known)
    })
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

/// Whether a spreadsheet would take a cell for a formula. A number that is less than nothing is none.
fn acts(cell: &[u8]) -> bool {
    // Where people write wide signs, spreadsheets take those too.
    const WIDE: [&str; 4] = ["＝", "＋", "－", "＠"];
    match cell.first() {
        Some(b'=' | b'+' | b'@' | b'\t' | b'\r' | b'\n') => true,
        Some(b'-') => {
            let is_digits = |part: &[u8]| !part.is_empty() && part.iter().all(u8::is_ascii_digit);
            !cell.get(1..).is_some_and(|number| number.splitn(2, |&b| b == b'.').all(is_digits))
        }
        _ => WIDE.iter().any(|sign| cell.starts_with(sign.as_bytes())),
    }
}

/// A cell that no spreadsheet takes for a formula: with `'` before it, as spreadsheets themselves mark texts.
pub fn guarded(cell: &str) -> Cow<'_, str> {
    if acts(cell.as_bytes()) { Cow::Owned(format!("'{cell}")) } else { Cow::Borrowed(cell) }
}

/// The same for what stands behind `start`. Points of Merit's own are no formula with a word behind them; with a sign that
/// goes on they would be one.
fn guard_from(out: &mut Vec<u8>, start: usize, begins_with_points: bool) {
    let cell = out.get(start..).unwrap_or(&[]);
    let is_formula = if begins_with_points {
        let words = cell.splitn(2, |&b| b == b' ').nth(1).and_then(|words| std::str::from_utf8(words).ok());
        words.and_then(|words| words.chars().next()).is_some_and(|c| !c.is_alphanumeric() && c != '"')
    } else {
        acts(cell)
    };
    if is_formula {
        out.insert(start, b'\'');
    }
}

/// Writes to where results go; on a terminal nothing of them acts.
pub struct Seen<'o, W> {
    /// Where they go.
    pub to: &'o mut W,
    /// Their shape, where that is a terminal.
    pub on_terminal: Option<Format>,
}

impl<W: io::Write> io::Write for Seen<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let Some(format) = self.on_terminal else { return self.to.write(bytes) };
        let text = String::from_utf8_lossy(bytes);
        let shown = if matches!(format, Format::Json | Format::Jsonl) { json(&text) } else { all_lines(&text) };
        self.to.write_all(shown.as_bytes()).map(|()| bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

/// Puts quotes around what stands behind `start`, where it needs them.
fn quote_from(out: &mut Vec<u8>, start: usize) {
    const NEEDS: [bool; 256] = {
        let mut needs = [false; 256];
        (needs[b',' as usize], needs[b'"' as usize], needs[b'\n' as usize], needs[b'\r' as usize]) =
            (true, true, true, true);
        needs
    };
    if !out.get(start..).is_some_and(|cell| cell.iter().any(|&b| NEEDS[usize::from(b)])) {
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

#[cfg(test)]
mod tests {
    use super::{guard_from, guarded};

    #[test]
    fn formulas_are_guarded_and_numbers_are_not() {
        for cell in [
            "=1+1",
            "+49 30 1234",
            "+4930",
            "-cmd",
            "-",
            "-5 %",
            "-1-1",
            "-1.2.3",
            "-.5",
            "-5.",
            "@SUM(A1)",
            "\t=1",
            "\r=1",
            "\n=1",
            "＝1",
            "－1",
        ] {
            assert_eq!(guarded(cell), format!("'{cell}"));
        }
        for cell in ["", "5", "-5", "-3.25", "a=b", "2025-01-01", "'=1", "–5"] {
            assert_eq!(guarded(cell), cell);
        }
    }

    #[test]
    fn points_are_told_apart_from_what_follows_them() {
        let after = |cell: &str, begins_with_points: bool| {
            let mut out = format!("x,{cell}").into_bytes();
            guard_from(&mut out, 2, begins_with_points);
            String::from_utf8(out).unwrap_or_default()
        };
        assert_eq!(after("+30 Visited \"pricing\"", true), "x,+30 Visited \"pricing\"");
        assert_eq!(after("-5 Überraschung", true), "x,-5 Überraschung");
        assert_eq!(after("+30 -1+cmd|' /C calc'!A0", true), "x,'+30 -1+cmd|' /C calc'!A0");
        assert_eq!(after("+30 *1+A1", true), "x,'+30 *1+A1");
        // A reason without points, whose text looks like some.
        assert_eq!(after("+30 Visited", false), "x,'+30 Visited");
    }
}
