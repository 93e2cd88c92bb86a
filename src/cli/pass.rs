//! One pass over a file of leads: read with their activity, the fastest way that the files allow, and answered.
//!
//! Owns the ways. Plain CSV and JSON Lines go row by row, by all cores; whatever else there is, is read as a whole. The
//! answers are the same, and so is what is said about files, columns and rows, in all commands.

use std::collections::HashSet;
use std::io::{self, IsTerminal};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use super::Talk;
use super::input::{Input, none_given};
use super::summary::{Account, columns_not_there};
use crate::bind::Binding;
use crate::data::{
    self, ActivityFile, ActivityPlaces, ActivityProblems, LeadActivity, Leads, Opened, Options, Streamed,
};
use crate::diagnostic::{Diagnostic, Severity};
use crate::eval::batch::Program;
use crate::messages::data as say;
use crate::model::Model;
use crate::paths::path_of;
use crate::stream::{
    Answered, Blocks, Done, Folded, Job, LineShape, Rest, Shape, Stopped, answer, answer_careful, fold, sample,
};

/// More threads than this do not help: each keeps its own numbers of each lead.
const MOST_THREADS: usize = 4;

/// There is room for so many leads from the beginning.
const MOST_EXPECTED: usize = 1_300_000;

/// Files that are smaller are read before a second thread is up.
const FOR_THREADS: u64 = 1 << 20;

/// A file of leads that is open, with its activity, and what is counted of it.
pub struct Pass<'a> {
    input: &'a Input,
    /// The properties of activity that are read.
    properties: HashSet<&'a str>,
    /// Who is told; nobody where it was told before.
    talk: Option<&'a Talk>,
    bar: ProgressBar,
    options: Options,
    /// The leads; where they are read row by row, their columns alone.
    pub leads: Leads,
    file: Option<Box<Streamed>>,
    events: Option<Events>,
    /// Whose records are held, where not everybody's are wanted: the fingerprints of their ids.
    wanted: Option<&'a HashSet<u64>>,
    /// What was counted so far.
    pub account: Account,
    /// What could not be read of the `events` of rows.
    problems: ActivityProblems,
    /// What there is to say of the activity file, and of leads and activity together.
    of_file: Vec<Diagnostic>,
    of_leads: Vec<Diagnostic>,
}

/// Why a pass did not come to its end.
pub enum Failed {
    /// By `--strict`; why has been said.
    Refused,
    /// A file cannot be read.
    Reading(Diagnostic),
    /// What takes the answers failed.
    Writing(io::Error),
}

impl From<Diagnostic> for Failed {
    fn from(problem: Diagnostic) -> Failed {
        Failed::Reading(problem)
    }
}

impl<'a> Pass<'a> {
    /// Opens a file of leads and its activity, as far as these models read them.
    ///
    /// # Errors
    /// Where a file cannot be read, or lacks a column.
    pub fn open(
        input: &'a Input,
        options: Options,
        path: &str,
        models: &[&'a Model],
        talk: &'a Talk,
        shows_bar: bool,
    ) -> Result<Pass<'a>, Diagnostic> {
        let properties: HashSet<&str> = models.iter().flat_map(|model| model.property_keys()).collect();
        let bar = progress(shows_bar, talk);
        let whole = |leads| Pass {
            input,
            properties: properties.clone(),
            talk: Some(talk),
            bar: bar.clone(),
            options: options.clone(),
            leads,
            file: None,
            events: None,
            wanted: None,
            account: Account::default(),
            problems: ActivityProblems::default(),
            of_file: Vec::new(),
            of_leads: Vec::new(),
        };
        let is_plain = !input.strict;
        let mut file = match data::open_streamed(path_of(path), &options)? {
            Opened::Whole(content) => return Ok(whole(Leads::new(content, &options)?)),
            Opened::Streamed(file) => file,
        };
        let mut events = None;
        let head = if !file.is_lines {
            let head = Leads::new(file.take_head(), &options)?;
            events = if is_plain { Events::open(input, &properties, &options)? } else { None };
            Some(head).filter(|_| is_plain && (input.events().is_none() || events.is_some()))
        } else if is_plain && input.events().is_none() {
            line_leads(path, &properties, &options, &bar)?
        } else {
            None
        };
        let Some(leads) = head.filter(|leads| !leads.has_events()) else {
            return Ok(whole(Leads::new(file.whole(&options)?, &options)?));
        };
        show_bytes(&bar, file.size.map(|size| size + events.as_ref().map_or(0, |e| e.file.size.unwrap_or(0))));
        Ok(Pass { file: Some(file), events, ..whole(leads) })
    }

    /// The same, which says nothing: it was said before.
    #[must_use]
    pub fn silently(self) -> Pass<'a> {
        Pass { talk: None, ..self }
    }

    /// The same, which holds the records of these leads alone.
    #[must_use]
    pub fn of_those(self, ids: &'a HashSet<u64>) -> Pass<'a> {
        Pass { wanted: Some(ids), ..self }
    }

    /// Answers all leads: `add` adds each to what its block gathers, which `take` gets in the order of the file. Says what
    /// there is to say of files and columns; what there is to say of rows is left to [`Pass::tell`].
    ///
    /// # Errors
    /// Where a file cannot be read, `--strict` refuses it, or `take` fails.
    pub fn answer<T: Default + Send>(
        &mut self,
        program: &Program<'_>,
        add: &(dyn Fn(&mut T, &Answered<'_>) + Sync),
        take: &mut dyn FnMut(T) -> io::Result<()>,
    ) -> Result<(), Failed> {
        let model = program.model();
        let (activity, whole) = self.activity(program)?;
        let binding = Binding::new(model, &self.leads.columns().keys);
        let notes: Vec<Diagnostic> =
            self.leads.notes().iter().chain(whole.iter().flat_map(|a| &a.notes)).cloned().collect();
        self.say_about_columns(&notes, &binding)?;
        self.of_file = match (&activity, &whole) {
            (Some(activity), _) => activity.problems.messages(&activity.name),
            (None, Some(file)) => file.problems.messages(&file.name),
            (None, None) => Vec::new(),
        };
        if self.input.strict
            && let Some(problem) = self.of_file.iter().find(|d| d.is_error())
        {
            self.say(problem);
            return Err(Failed::Refused);
        }
        let (parts, used) = activity.as_ref().map_or((&[][..], &[][..]), |a| (a.parts.as_slice(), a.used.as_slice()));
        let seen = |bytes| self.bar.inc(bytes);
        let file = self.file.take();
        let shape = match (&file, self.leads.row_shape()) {
            (Some(file), _) if file.is_lines => {
                Shape::Lines(LineShape::new(&self.leads, self.properties.iter().map(|&key| key.to_owned())))
            }
            (Some(_), Some(shape)) => Shape::Rows(shape),
            _ => Shape::Nothing,
        };
        let job = Job {
            program,
            binding: &binding,
            columns: self.leads.columns().names.len(),
            shape,
            id: self.leads.id_column(),
            activity: parts,
            used,
            add,
            seen: &seen,
        };
        let has_file = activity.is_some() || whole.is_some();
        let mut of_leads = LeadActivity::new(whole);
        let (mut failed, mut refused) = (None, None);
        let (account, problems, bar, is_strict, leads) =
            (&mut self.account, &mut self.problems, &self.bar, self.input.strict, &self.leads);
        let mut take = |done: &mut Done<T>| {
            if is_strict
                && let Some(error) = done.errors.first().cloned().or_else(|| leads.without_id(&done.without_id))
            {
                refused = Some(Diagnostic { severity: Severity::Error, ..error });
                return Err(io::ErrorKind::Interrupted.into());
            }
            account.block(model, done);
            problems.merge(&done.problems);
            if !bar.is_hidden() {
                bar.set_message(format!(", {} leads", account.leads));
            }
            take(std::mem::take(&mut done.gathered))
                .inspect_err(|e| failed = Some(io::Error::new(e.kind(), e.to_string())))
        };
        let result = match file {
            Some(file) => {
                let threads = threads(&self.options, file.size, FOR_THREADS);
                let blocks = Mutex::new(blocks_of(*file, &self.options));
                match answer(&job, &blocks, threads, &mut take) {
                    Ok(Rest::Nothing) => Ok(Vec::new()),
                    Ok(Rest::Odd { line, rows, text }) => {
                        let rest = self.leads.rest(text, line - 1, rows);
                        answer_careful(&job, &rest, None, &mut take).map(|()| rest.notes().to_vec())
                    }
                    Err(error) => Err(error),
                }
            }
            None => answer_careful(&job, &self.leads, Some(&mut of_leads), &mut take).map(|()| Vec::new()),
        };
        self.bar.finish_and_clear();
        if let Some(problem) = refused {
            self.say(&problem);
            return Err(Failed::Refused);
        }
        let notes = match (result, failed) {
            (_, Some(error)) => return Err(Failed::Writing(error)),
            (Err(error), None) => return Err(say::not_read(self.leads.name(), &error).into()),
            (Ok(notes), None) => notes,
        };
        self.account.copies += of_leads.copies;
        self.of_leads = notes;
        let is_missed = self.account.has_leads() && !has_file && !self.account.has_activity;
        let orphans = activity.as_ref().map_or_else(|| of_leads.orphans(), Activity::orphans);
        self.of_leads.extend(none_given(model, is_missed).into_iter().chain(orphans));
        Ok(())
    }

    /// What there is to say when all leads have come by: of activity, and of what could not be read.
    pub fn messages(&self, model: &Model) -> Vec<Diagnostic> {
        let mut messages = self.of_leads.clone();
        messages.extend(self.account.messages(model, &self.leads));
        messages.extend(self.problems.messages(self.leads.name()));
        messages.extend(self.of_file.iter().cloned());
        messages
    }

    /// Says these.
    pub fn tell(&self, model: &Model) {
        self.messages(model).iter().for_each(|d| self.say(d));
    }

    fn say(&self, problem: &Diagnostic) {
        self.talk.iter().for_each(|talk| talk.say(problem));
    }

    /// Whether a row, of leads or of activity, could not be read.
    pub fn has_errors(&self) -> bool {
        self.account.has_errors() || self.problems.rows.count > 0 || self.of_file.iter().any(Diagnostic::is_error)
    }

    /// The activity file: row by row, or as a whole where it is not plain; then the leads beside it too.
    fn activity<'p>(
        &mut self,
        program: &'p Program<'p>,
    ) -> Result<(Option<Activity<'p>>, Option<ActivityFile>), Diagnostic> {
        if let Some(events) = self.events.take() {
            if let Some(folded) = events.read(program, &self.options, &self.bar, self.wanted)? {
                return Ok((Some(folded), None));
            }
            if let Some(rows) = self.file.take() {
                self.leads = Leads::new(rows.whole(&self.options)?, &self.options)?;
            }
        }
        Ok((None, self.input.activity_with(&self.properties, &self.options)?))
    }

    fn say_about_columns(&self, notes: &[Diagnostic], binding: &Binding<'_>) -> Result<(), Failed> {
        notes.iter().for_each(|d| self.say(d));
        let not_there = columns_not_there(binding, &self.leads);
        if self.input.strict && !not_there.is_empty() {
            not_there.into_iter().for_each(|d| self.say(&Diagnostic { severity: Severity::Error, ..d }));
            return Err(Failed::Refused);
        }
        not_there.iter().for_each(|d| self.say(d));
        let duplicates = self.leads.duplicate_columns();
        if !duplicates.is_empty() {
            self.say(&say::duplicate_columns(self.leads.name(), &duplicates));
        }
        Ok(())
    }
}

/// An activity file of plain CSV.
struct Events {
    /// The file as it is shown in messages.
    name: String,
    places: ActivityPlaces,
    file: Box<Streamed>,
}

impl Events {
    /// The activity file, if it can be read row by row; `None` where it is read as a whole.
    fn open(input: &Input, properties: &HashSet<&str>, options: &Options) -> Result<Option<Events>, Diagnostic> {
        // Should it turn out not to be plain, it is opened again.
        let Some(path) = input.events().filter(|p| options.can_open_again(path_of(p))) else { return Ok(None) };
        if !have_kinds(properties) {
            return Ok(None);
        }
        let Opened::Streamed(mut file) = data::open_streamed(path_of(path), &input.events_options(options))? else {
            return Ok(None);
        };
        if file.is_lines {
            return Ok(None);
        }
        let head = file.take_head();
        let name = head.name.clone();
        let places = ActivityPlaces::of(head, &options.event_columns, &|key| properties.contains(key))?;
        Ok(places.map(|places| Events { name, places, file }))
    }

    /// Reads the file; `None` where it is not plain after all.
    fn read<'p>(
        self,
        program: &'p Program<'p>,
        options: &Options,
        bar: &ProgressBar,
        wanted: Option<&HashSet<u64>>,
    ) -> Result<Option<Activity<'p>>, Diagnostic> {
        let Events { name, places, file } = self;
        let size = file.size.unwrap_or(0);
        // A guess: a lead has some ten records.
        let rows = memchr::memchr_iter(b'\n', &file.read).count() as u64 * size / (file.read.len() as u64).max(1);
        let expected = usize::try_from(rows / 10).unwrap_or(0).min(MOST_EXPECTED);
        let threads = threads(options, file.size, 4 * FOR_THREADS);
        let blocks = Mutex::new(blocks_of(*file, options));
        let parts = match fold(program, &places, &blocks, threads, (expected, wanted), &|bytes| bar.inc(bytes)) {
            Ok(parts) => parts,
            Err(Stopped::NotPlain) => return Ok(None),
            Err(Stopped::Unreadable(error)) => return Err(say::not_read(&name, &error)),
        };
        let mut problems = ActivityProblems::default();
        parts.iter().for_each(|p| problems.merge_any(&p.problems));
        let used = parts.iter().map(|p| (0..p.leads.places()).map(|_| AtomicBool::new(false)).collect()).collect();
        Ok(Some(Activity { name, parts, used, problems }))
    }
}

/// All activity of a file, and what could not be read of it.
struct Activity<'p> {
    /// The file as it is shown in messages.
    name: String,
    parts: Vec<Folded<'p>>,
    used: Vec<Vec<AtomicBool>>,
    problems: ActivityProblems,
}

impl Activity<'_> {
    /// What there is to say of activity whose lead has not come by.
    fn orphans(&self) -> Option<Diagnostic> {
        // As a rule there are none, and nobody goes through all ids.
        let count = |used: &Vec<AtomicBool>| used.iter().filter(|u| u.load(Ordering::Relaxed)).count();
        if self.parts.iter().zip(&self.used).all(|(part, used)| count(used) == part.leads.len()) {
            return None;
        }
        let mut orphans: Vec<(String, u64)> = Vec::new();
        let mut is_any_used = false;
        for (part, used) in self.parts.iter().zip(&self.used) {
            for (id, place, records) in part.leads.all() {
                let is_used = used.get(place as usize).is_some_and(|u| u.load(Ordering::Relaxed));
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
        Some(if is_any_used {
            say::orphans(records, ids, first, &self.name)
        } else {
            say::all_orphans(records, ids, first, &self.name)
        })
    }
}

/// The leads of a JSON Lines file, which know its columns; `None` where it is not made of usual lines, or has activity whose
/// kinds cannot be told.
fn line_leads(
    path: &str,
    properties: &HashSet<&str>,
    options: &Options,
    bar: &ProgressBar,
) -> Result<Option<Leads>, Diagnostic> {
    if !options.can_open_again(path_of(path)) || !have_kinds(properties) {
        return Ok(None);
    }
    let Opened::Streamed(file) = data::open_streamed(path_of(path), options)? else { return Ok(None) };
    let threads = threads(options, file.size, 4 * FOR_THREADS);
    let blocks = Mutex::new(blocks_of(*file, options));
    let sample = sample(&blocks, threads, &|bytes| bar.inc(bytes)).map_err(|e| say::not_read(path, &e))?;
    let Some(sample) = sample.filter(|s| std::str::from_utf8(s).is_ok()) else { return Ok(None) };
    let options = Options { format: Some(data::Format::JsonLines), ..options.clone() };
    Leads::new(data::Input::from_bytes(path, sample, &options)?, &options).map(Some)
}

/// Whether records can be told by their kinds: not where they differ in all that is read of them.
fn have_kinds(properties: &HashSet<&str>) -> bool {
    !["at", "event_id"].iter().any(|key| properties.contains(key))
}

fn blocks_of(file: Streamed, options: &Options) -> Blocks {
    let (is_lines, line) = (file.is_lines, file.line);
    let blocks = if is_lines {
        Blocks::of_lines(file.into_rows(), options.portions.block)
    } else {
        Blocks::new(file.into_rows(), options.portions.block, line)
    };
    blocks.with_bound(options.bound)
}

/// How many threads read: one where a file is small.
fn threads(options: &Options, size: Option<u64>, worth_it: u64) -> usize {
    let many = || std::thread::available_parallelism().map_or(1, usize::from).min(MOST_THREADS);
    options.portions.threads.unwrap_or_else(|| if size.is_some_and(|s| s < worth_it) { 1 } else { many() })
}

fn progress(shows: bool, talk: &Talk) -> ProgressBar {
    if !shows || talk.is_quiet() || talk.is_json() || !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new_spinner();
    if let Ok(style) = ProgressStyle::with_template("{spinner}{msg}, {elapsed}") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(100));
    bar
}

/// The bar of a run that goes row by row: bytes, rows and the time that is left; without an end where that is not known.
fn show_bytes(bar: &ProgressBar, total: Option<u64>) {
    let template = match total {
        Some(_) => "{bar:30} {bytes} of {total_bytes}{msg}, {eta} left",
        None => "{spinner} {bytes}{msg}, {elapsed}",
    };
    bar.set_position(0);
    if let Some(total) = total {
        bar.set_length(total);
    }
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
}

#[cfg(test)]
mod tests;
