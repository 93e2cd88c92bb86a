//! `merit run` over files of plain CSV: row by row, by all cores, answered by the batch engine.
//!
//! Owns the question whether a run can go this way. What it says and writes is what `run` says and writes.

use std::io::{self, Write};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use indicatif::ProgressBar;

use super::input::Input;
use super::lines::AnswerLines;
use super::summary::Account;
use crate::bind::Binding;
use crate::data::{self, ActivityPlaces, ActivityProblems, Leads, Opened, Options, Streamed};
use crate::diagnostic::Diagnostic;
use crate::eval::batch::Program;
use crate::messages::data as say;
use crate::model::Model;
use crate::stream::{Answered, Blocks, Folded, Job, LineShape, Rest, Stopped, answer, answer_careful, fold, sample};

/// More threads than this do not help: each keeps its own row of each lead.
const MOST_THREADS: usize = 4;

/// There is room for so many leads from the beginning.
const MOST_EXPECTED: usize = 600_000;

/// An activity file of plain CSV.
pub struct Events {
    /// The file as it is shown in messages.
    pub name: String,
    places: ActivityPlaces,
    file: Box<Streamed>,
}

/// The activity file, if it can be read row by row; `None` where it is read as a whole.
///
/// # Errors
/// Where it cannot be read, or lacks a column.
pub fn events(input: &Input, model: &Model, options: &Options) -> Result<Option<Events>, Diagnostic> {
    let Some(path) = input.events().filter(|p| *p != "-") else { return Ok(None) };
    let wanted: std::collections::HashSet<&str> = model.property_keys().collect();
    // Records that differ in everything have no kinds.
    if ["at", "event_id"].iter().any(|key| wanted.contains(key)) {
        return Ok(None);
    }
    let Opened::Streamed(mut file) = data::open_streamed(path, &Options::default())? else { return Ok(None) };
    if file.is_lines {
        return Ok(None);
    }
    let head = file.take_head();
    let name = head.name.clone();
    let places = ActivityPlaces::of(head, &options.event_columns, &|key| wanted.contains(key))?;
    Ok(places.map(|places| Events { name, places, file }))
}

fn blocks_of(file: &mut Streamed, input: Box<dyn io::Read + Send>) -> Blocks {
    let read = std::mem::take(&mut file.read);
    if file.is_lines { Blocks::of_lines(read, input) } else { Blocks::new(read, file.line, input) }
}

/// The leads of a JSON Lines file, which know its columns; `None` where it is not made of usual lines, or has activity whose
/// kinds cannot be told.
///
/// # Errors
/// Where it cannot be read.
pub fn line_leads(path: &str, model: &Model, options: &Options, bar: &ProgressBar) -> Result<Option<Leads>, Diagnostic> {
    if path == "-" || model.property_keys().any(|key| matches!(key, "at" | "event_id")) {
        return Ok(None);
    }
    let Opened::Streamed(mut file) = data::open_streamed(path, options)? else { return Ok(None) };
    let input = std::mem::replace(&mut file.input, Box::new(io::empty()));
    let blocks = Mutex::new(blocks_of(&mut file, input));
    let threads = if file.size.is_some_and(|s| s < 4 << 20) { 1 } else { threads() };
    let sample = sample(&blocks, threads, &|bytes| bar.inc(bytes)).map_err(|e| say::cannot_read(path, &say::reason(&e)))?;
    let Some(sample) = sample.filter(|s| std::str::from_utf8(s).is_ok()) else { return Ok(None) };
    let options = Options { format: Some(data::Format::JsonLines), ..options.clone() };
    Leads::new(data::Input::from_bytes(path, sample, &options)?, &options).map(Some)
}

/// How many threads read.
pub fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from).min(MOST_THREADS)
}

/// All activity of a file, and what could not be read of it; `None` where it is not plain after all.
pub struct Activity<'p> {
    parts: Vec<Folded<'p>>,
    used: Vec<Vec<AtomicBool>>,
    /// What could not be read.
    pub problems: ActivityProblems,
}

impl Events {
    /// How large the file is, where that is known.
    pub fn size(&self) -> u64 {
        self.file.size.unwrap_or(0)
    }

    /// Reads the file. The places are borrowed by what comes out.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub fn read<'p>(&'p mut self, program: &'p Program<'p>, bar: &ProgressBar) -> Result<Option<Activity<'p>>, Diagnostic> {
        let input = std::mem::replace(&mut self.file.input, Box::new(io::empty()));
        let read = std::mem::take(&mut self.file.read);
        // A guess: a lead has a handful of records.
        let rows = memchr::memchr_iter(b'\n', &read).count() as u64 * self.size() / (read.len() as u64).max(1);
        let expected = usize::try_from(rows / 8).unwrap_or(0).min(MOST_EXPECTED);
        let blocks = Mutex::new(Blocks::new(read, self.file.line, input));
        // A small file is read before a second thread is up.
        let threads = if self.file.size.is_some_and(|s| s < 4 << 20) { 1 } else { threads() };
        let parts = match fold(program, &self.places, self.file.delimiter, &blocks, threads, expected, &|bytes| bar.inc(bytes)) {
            Ok(parts) => parts,
            Err(Stopped::NotPlain) => return Ok(None),
            Err(Stopped::Unreadable(error)) => return Err(say::cannot_read(&self.name, &say::reason(&error))),
        };
        let mut problems = ActivityProblems::default();
        parts.iter().for_each(|p| problems.merge_any(&p.problems));
        let used = parts.iter().map(|p| (0..p.leads.len()).map(|_| AtomicBool::new(false)).collect()).collect();
        Ok(Some(Activity { parts, used, problems }))
    }
}

impl Activity<'_> {
    /// What there is to say of activity whose lead has not come by.
    pub fn orphans(&self, file: &str) -> Option<Diagnostic> {
        let mut orphans: Vec<(String, u64)> = Vec::new();
        let mut is_any_used = false;
        for (part, used) in self.parts.iter().zip(&self.used) {
            for (id, row, records) in part.leads.all() {
                let is_used = used.get(row as usize).is_some_and(|u| u.load(Ordering::Relaxed));
                is_any_used |= is_used;
                if !is_used {
                    orphans.push((id(), records));
                }
            }
        }
        orphans.sort_unstable();
        let (first, _) = orphans.first()?;
        let records = orphans.iter().map(|(_, n)| n).sum();
        let ids = 1 + orphans.windows(2).filter(|w| w.first().map(|o| &o.0) != w.last().map(|o| &o.0)).count() as u64;
        Some(if is_any_used { say::orphans(records, ids, first, file) } else { say::all_orphans(records, ids, first, file) })
    }
}

/// What a run over streamed leads needs.
pub struct Run<'r> {
    pub program: &'r Program<'r>,
    pub binding: &'r Binding<'r>,
    pub leads: &'r Leads,
    pub activity: Option<&'r Activity<'r>>,
    pub lines: &'r AnswerLines<'r>,
}

/// Answers all leads and writes the lines; gives back warnings that turned up on the way.
///
/// # Errors
/// Where the leads cannot be read any further, or nothing can be written.
pub fn leads(run: &Run<'_>, mut file: Box<Streamed>, out: &mut impl Write, account: &mut Account, problems: &mut ActivityProblems, bar: &ProgressBar) -> Result<Vec<Diagnostic>, Failed> {
    let (parts, used) = run.activity.map_or((&[][..], &[][..]), |a| (a.parts.as_slice(), a.used.as_slice()));
    let write = |out: &mut Vec<u8>, answered: &Answered<'_>| run.lines.write(out, answered);
    let seen = |bytes| bar.inc(bytes);
    let job = Job {
        program: run.program,
        binding: run.binding,
        columns: run.leads.columns().names.len(),
        delimiter: file.delimiter,
        lines: file.is_lines.then(|| LineShape::new(run.leads, run.program.model())),
        id: run.leads.id_column(),
        activity: parts,
        used,
        write: &write,
        seen: &seen,
    };
    let threads = if file.size.is_some_and(|s| s < 1 << 20) { 1 } else { threads() };
    let input = std::mem::replace(&mut file.input, Box::new(io::empty()));
    let blocks = Mutex::new(blocks_of(&mut file, input));
    let mut failed = None;
    let mut take = |done: &crate::stream::Done, lines: &[u8]| {
        account.block(run.program.model(), done);
        problems.merge(&done.problems);
        if !bar.is_hidden() {
            bar.set_message(format!(", {} leads", account.leads));
        }
        out.write_all(lines).inspect_err(|e| failed = Some(io::Error::new(e.kind(), e.to_string())))
    };
    let rest = answer(&job, &blocks, threads, &mut take);
    let notes = match rest {
        Ok(Rest::Nothing) => Ok(Vec::new()),
        Ok(Rest::Odd { line, rows, text }) => {
            let rest = run.leads.rest(text, line - 1, rows);
            answer_careful(&job, &rest, &mut take).map(|()| rest.notes().to_vec())
        }
        Err(error) => Err(error),
    };
    match (notes, failed) {
        (_, Some(error)) => Err(Failed::Writing(error)),
        (Err(error), None) => Err(Failed::Reading(error)),
        (Ok(notes), None) => Ok(notes),
    }
}

/// What failed.
pub enum Failed {
    Reading(io::Error),
    Writing(io::Error),
}
