//! One pass over leads: read with their activity, the fastest way that their files allow, and answered.
//!
//! Owns the ways. Plain CSV and JSON Lines go row by row, by all cores; whatever else there is, is read as a whole. The
//! answers are the same, and so is what there is to say about files, columns and rows, whoever asks.

use std::collections::HashSet;
use std::fmt;
use std::io;
use std::sync::Mutex;

use super::account::{Account, columns_not_there, none_given, other_sheet, title_above};
use super::activity::{Activity, Events};
use super::against::{FIRST, at_a_glance};
use super::footers::footer_of;
use super::input::Input;
use super::progress::Progress;
use super::sink::Sink;
use crate::bind::Binding;
use crate::data::{
    self, ActivityFile, ActivityProblems, Format, LONGEST_FOOTER, LeadActivity, Leads, Opened, Options, Streamed,
    open_streamed,
};
use crate::diagnostic::{Diagnostic, Severity};
use crate::eval::batch::Program;
use crate::messages::data as say;
use crate::model::Model;
use crate::stream::{Answered, Blocks, Done, Job, LineShape, Rest, Shape, answer, answer_careful, sample};

/// More threads than this do not help: each keeps its own numbers of each lead.
const MOST_THREADS: usize = 4;

/// Files that are smaller are read before a second thread is up.
pub(super) const FOR_THREADS: u64 = 1 << 20;

/// Leads that are opened, with their activity.
pub struct Pass<'a> {
    input: Input,
    progress: &'a dyn Progress,
    /// The properties of activity that are read.
    properties: HashSet<String>,
    /// The leads; where they are read row by row, their columns alone.
    leads: Leads,
    file: Option<Box<Streamed>>,
    events: Option<Events>,
    /// Whose records are held, where not everybody's are wanted: the fingerprints of their ids.
    wanted: Option<&'a HashSet<u64>>,
}

/// Why a run did not come to its end.
#[derive(Debug)]
pub enum Failed {
    /// It is strict, and this is why: the errors, behind what else there was to say.
    Refused(Vec<Diagnostic>),
    /// A file cannot be read.
    Reading(Diagnostic),
    /// What takes the answers failed.
    Writing(io::Error),
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failed::Refused(problems) => problems.last().map_or(Ok(()), |problem| problem.fmt(f)),
            Failed::Reading(problem) => problem.fmt(f),
            Failed::Writing(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Failed {}

impl From<Diagnostic> for Failed {
    fn from(problem: Diagnostic) -> Failed {
        Failed::Reading(problem)
    }
}

impl<'a> Pass<'a> {
    /// Opens leads and their activity, as far as these models read them; how, says the last of them.
    ///
    /// # Errors
    /// Where a file cannot be read, or lacks a column.
    pub fn open(input: &Input, models: &[&Model], progress: &'a dyn Progress) -> Result<Pass<'a>, Diagnostic> {
        progress.begin();
        Pass::opened(input, models, progress).inspect_err(|_| progress.end())
    }

    fn opened(input: &Input, models: &[&Model], progress: &'a dyn Progress) -> Result<Pass<'a>, Diagnostic> {
        let input = models.last().map_or_else(|| input.clone(), |model| input.for_model(model));
        let properties: HashSet<String> =
            models.iter().flat_map(|model| model.property_keys()).map(str::to_owned).collect();
        let options = &input.options;
        let whole = |input, properties, leads| Pass {
            input,
            progress,
            properties,
            leads,
            file: None,
            events: None,
            wanted: None,
        };
        let is_plain = !input.strict && input.is_plain();
        let mut file = match open_streamed(&input.leads, options)? {
            Opened::Whole(content) => {
                let leads = Leads::new(content, options)?;
                return Ok(whole(input, properties, leads));
            }
            Opened::Streamed(file) => file,
        };
        let mut events = None;
        let head = if !file.is_lines {
            let head = Leads::new(file.take_head(), options)?;
            events = if is_plain { Events::open(&input, &properties)? } else { None };
            Some(head).filter(|_| is_plain && (input.activity.is_empty() || events.is_some()))
        } else if is_plain && input.activity.is_empty() {
            line_leads(&input, &properties, progress)?
        } else {
            None
        };
        let Some(leads) = head.filter(|leads| !leads.has_events()) else {
            let leads = Leads::new(file.whole(options)?, options)?;
            return Ok(whole(input, properties, leads));
        };
        progress.by_row(file.size.map(|size| size + events.as_ref().map_or(0, |e| e.size().unwrap_or(0))));
        Ok(Pass { file: Some(file), events, ..whole(input, properties, leads) })
    }

    /// The same, which holds the records of these leads alone.
    #[must_use]
    pub fn of_those(self, ids: &'a HashSet<u64>) -> Pass<'a> {
        Pass { wanted: Some(ids), ..self }
    }

    /// The leads, of which perhaps only the columns are known.
    #[must_use]
    pub fn leads(&self) -> &Leads {
        &self.leads
    }

    /// Reads the activity for a program, which then can be asked about the leads.
    ///
    /// # Errors
    /// Where a file cannot be read, or the run is strict and refuses it.
    pub fn with<'p>(self, program: &'p Program<'p>) -> Result<Run<'a, 'p>, Failed> {
        let progress = self.progress;
        Run::new(self, program).inspect_err(|_| progress.end())
    }

    /// The activity: row by row, or as a whole where it is not plain; then the leads beside it too.
    fn activity<'p>(
        &mut self,
        program: &'p Program<'p>,
    ) -> Result<(Option<Activity<'p>>, Vec<ActivityFile>), Diagnostic> {
        let options = &self.input.options;
        if let Some(events) = self.events.take() {
            if let Some(folded) = events.read(program, options, self.progress, self.wanted)? {
                return Ok((Some(folded), Vec::new()));
            }
            if let Some(rows) = self.file.take() {
                self.leads = Leads::new(rows.whole(options)?, options)?;
            }
        }
        Ok((None, self.input.read_activity(&self.properties)?))
    }
}

/// A run that has begun: leads whose activity is read, and a program that is asked about them.
pub struct Run<'a, 'p> {
    pass: Pass<'a>,
    program: &'p Program<'p>,
    binding: Binding<'p>,
    activity: Option<Activity<'p>>,
    /// What was read as a whole.
    whole: Vec<ActivityFile>,
    /// What there is to say of files and columns, before any row; and of the activity file.
    notes: Vec<Diagnostic>,
    of_file: Vec<Diagnostic>,
    /// What the first rows have to say to the model.
    at_a_glance: Vec<Diagnostic>,
}

/// What came of a run, beside the answers.
#[derive(Debug)]
pub struct Ended {
    /// The leads, of which perhaps only the columns are known.
    pub leads: Leads,
    /// What was counted.
    pub account: Account,
    /// What there was to say of files and columns: see [`Run::notes`].
    pub notes: Vec<Diagnostic>,
    /// What there is to say of rows and activity.
    pub problems: Vec<Diagnostic>,
    /// Whether a row, of leads or of activity, could not be read.
    pub has_errors: bool,
}

impl<'a, 'p> Run<'a, 'p> {
    fn new(mut pass: Pass<'a>, program: &'p Program<'p>) -> Result<Run<'a, 'p>, Failed> {
        let (activity, whole) = pass.activity(program)?;
        let binding = Binding::new(program.model(), &pass.leads.columns().keys);
        let mut notes = pass.leads.notes().to_vec();
        notes.extend(whole.iter().flat_map(|file| &file.notes).cloned());
        if let Some(title) = title_above(&binding, &pass.leads) {
            if title.is_error() {
                return Err(title.into());
            }
            notes.push(title);
        }
        let not_there = columns_not_there(&binding, &pass.leads);
        notes.extend(other_sheet(&binding, &pass.leads));
        if pass.input.strict && not_there.is_some() {
            notes.extend(not_there.into_iter().map(|d| Diagnostic { severity: Severity::Error, ..d }));
            return Err(Failed::Refused(notes));
        }
        notes.extend(not_there);
        let in_vain = pass.leads.ignores_in_vain();
        if !in_vain.is_empty() {
            let told = say::ignores_in_vain(pass.leads.name(), &in_vain);
            if pass.input.strict {
                notes.push(Diagnostic { severity: Severity::Error, ..told });
                return Err(Failed::Refused(notes));
            }
            notes.push(told);
        }
        notes.extend(pass.leads.same_columns());
        let of_file = match &activity {
            Some(activity) => activity.problems.messages(&activity.name),
            None => whole.iter().flat_map(|file| file.problems.messages(&file.name)).collect(),
        };
        if pass.input.strict
            && let Some(problem) = of_file.iter().find(|d| d.is_error())
        {
            notes.push(problem.clone());
            return Err(Failed::Refused(notes));
        }
        let at_a_glance = match &pass.file {
            Some(file) if file.is_lines => {
                let lines = pass.leads.rest(first_lines(&file.read, pass.input.options.portions.head), 0, 0);
                at_a_glance(program.model(), &binding, &lines)
            }
            _ => at_a_glance(program.model(), &binding, &pass.leads),
        };
        Ok(Run { pass, program, binding, activity, whole, notes, of_file, at_a_glance })
    }

    /// What there is to say of files and columns, known before any lead is answered.
    #[must_use]
    pub fn notes(&self) -> &[Diagnostic] {
        &self.notes
    }

    /// Answers all leads. The sink gets the answers in the order of the leads.
    ///
    /// # Errors
    /// Where a file cannot be read, the run is strict and refuses a row, or the sink fails.
    pub fn answer<S: Sink>(self, sink: &S, out: &mut S::Out) -> Result<Ended, Failed> {
        let progress = self.pass.progress;
        let ended = self.answers(sink, out);
        progress.end();
        ended
    }

    fn answers<S: Sink>(self, sink: &S, out: &mut S::Out) -> Result<Ended, Failed> {
        let Run { pass, program, binding, activity, whole, notes, of_file, at_a_glance } = self;
        let Pass { input, progress, properties, leads, file, .. } = pass;
        let model = program.model();
        let has_file = activity.is_some() || !whole.is_empty();
        let of_activity: u64 = whole.iter().map(|file| file.ignored).sum();
        let later: u64 = whole.iter().map(|file| file.later(program.as_of())).sum();
        let mut of_leads = LeadActivity::new(whole, input.options.event_columns.is_keyed());
        let (parts, used) = activity.as_ref().map_or((&[][..], &[][..]), |a| (a.parts.as_slice(), a.used.as_slice()));
        let shape = match (&file, leads.row_shape()) {
            (Some(file), _) if file.is_lines => Shape::Lines(LineShape::new(&leads, properties.into_iter())),
            (Some(_), Some(shape)) => Shape::Rows(shape),
            _ => Shape::Nothing,
        };
        let seen = |bytes| progress.read(bytes);
        let add = |block: &mut S::Block, answered: &Answered<'_>| sink.add(block, answered);
        let job = Job {
            program,
            binding: &binding,
            columns: leads.columns().names.len(),
            shape,
            id: leads.id_column(),
            activity: parts,
            used,
            add: &add,
            seen: &seen,
        };
        let (mut account, mut problems) = (Account::default(), ActivityProblems::default());
        let (mut failed, mut refused) = (None, None);
        let mut take = |done: &mut Done<S::Block>| {
            done.errors = done.errors.drain(..).map(|error| error.of_file(leads.name())).collect();
            if input.strict
                && let Some(error) = done.errors.first().cloned().or_else(|| leads.without_id(&done.without_id))
            {
                refused = Some(Diagnostic { severity: Severity::Error, ..error });
                return Err(io::ErrorKind::Interrupted.into());
            }
            account.block(model, done);
            problems.merge(&done.problems);
            progress.answered(account.leads);
            sink.take(out, std::mem::take(&mut done.gathered))
                .inspect_err(|e| failed = Some(io::Error::new(e.kind(), e.to_string())))
        };
        let is_on_disk = file.as_ref().is_some_and(|file| file.size.is_some() && !file.is_lines);
        let is_streamed = file.is_some();
        let result = match file {
            Some(file) => {
                let threads = threads(&input.options, file.size, FOR_THREADS);
                let blocks = Mutex::new(blocks_of(*file, &input.options));
                match answer(&job, &blocks, threads, &mut take) {
                    Ok(Rest::Nothing) => Ok(Vec::new()),
                    Ok(Rest::Odd { line, rows, text }) => {
                        let rest = leads.rest(text, line - 1, rows);
                        answer_careful(&job, &rest, None, &mut take).map(|()| rest.notes().to_vec())
                    }
                    Err(error) => Err(error),
                }
            }
            None => answer_careful(&job, &leads, Some(&mut of_leads), &mut take).map(|()| Vec::new()),
        };
        let mut messages = match (refused, failed, result) {
            (Some(problem), ..) => return Err(Failed::Refused(vec![problem])),
            (None, Some(error), _) => return Err(Failed::Writing(error)),
            (None, None, Err(error)) => return Err(say::not_read(leads.name(), &error).into()),
            (None, None, Ok(messages)) => messages,
        };
        account.copies += of_leads.copies;
        account.left_out = leads.ignored() + of_activity;
        account.later += later + activity.as_ref().map_or(0, |a| a.parts.iter().map(|part| part.later).sum());
        let is_missed = account.has_leads() && !has_file && !account.has_activity;
        let has_errors = account.has_errors() || problems.rows.count > 0 || of_file.iter().any(Diagnostic::is_error);
        messages.extend(none_given(model, is_missed));
        let has = |id: &str| account.has_lead(id);
        messages.extend(activity.as_ref().map_or_else(|| of_leads.orphans(&has), |activity| activity.orphans(&has)));
        messages.extend(of_leads.shared());
        messages.extend(account.messages(model, &leads));
        messages.extend(problems.messages(leads.name()));
        messages.extend(at_a_glance);
        let last = match is_streamed {
            true if is_on_disk => {
                let end = input.leads.last_lines(END).map(|end| leads.rest(end, 0, 0));
                end.map_or(Vec::new(), |end| end.last_rows(LONGEST_FOOTER))
            }
            true => Vec::new(),
            false => leads.last_rows(LONGEST_FOOTER),
        };
        messages.extend(footer_of(&leads, &last, &|column, rows| {
            leads.id_column() != Some(column) || account.rows_without_id() > rows
        }));
        messages.extend(of_file);
        Ok(Ended { leads, account, notes, problems: messages, has_errors })
    }
}

/// So many bytes at the end of a file are looked at for a footer.
const END: u64 = 1 << 14;

/// The first lines of what has been read of a file: whole ones, where there are more.
fn first_lines(read: &[u8], head: usize) -> Vec<u8> {
    let mut ends = memchr::memchr_iter(b'\n', read).skip(FIRST);
    let end = ends.next().map_or(read.len(), |at| at + 1);
    let is_cut = end == read.len() && read.len() >= head;
    let end = if is_cut { memchr::memrchr(b'\n', read).map_or(0, |at| at + 1) } else { end };
    read.get(..end).unwrap_or(&[]).to_vec()
}

/// The leads of JSON Lines, which know their columns; `None` where the file is not made of usual lines, or has activity whose
/// kinds cannot be told.
fn line_leads(
    input: &Input,
    properties: &HashSet<String>,
    progress: &dyn Progress,
) -> Result<Option<Leads>, Diagnostic> {
    let options = &input.options;
    if !input.leads.can_open_again() || !have_kinds(properties) {
        return Ok(None);
    }
    let Opened::Streamed(file) = open_streamed(&input.leads, options)? else { return Ok(None) };
    let name = input.leads.name();
    let threads = threads(options, file.size, 4 * FOR_THREADS);
    let blocks = Mutex::new(blocks_of(*file, options));
    let sample = sample(&blocks, threads, &|bytes| progress.read(bytes)).map_err(|e| say::not_read(&name, &e))?;
    let Some(sample) = sample.filter(|s| std::str::from_utf8(s).is_ok()) else { return Ok(None) };
    let options = Options { format: Some(Format::JsonLines), ..options.clone() };
    Leads::new(data::Input::from_bytes(&name, sample, &options)?, &options).map(Some)
}

/// Whether records can be told by their kinds: not where they differ in all that is read of them.
pub(super) fn have_kinds(properties: &HashSet<String>) -> bool {
    !["at", "event_id"].iter().any(|key| properties.contains(*key))
}

pub(super) fn blocks_of(file: Streamed, options: &Options) -> Blocks {
    let (is_lines, line) = (file.is_lines, file.line);
    let blocks = if is_lines {
        Blocks::of_lines(file.into_rows(), options.portions.block)
    } else {
        Blocks::new(file.into_rows(), options.portions.block, line)
    };
    blocks.with_bound(options.bound)
}

/// How many threads read: one where a file is small.
pub(super) fn threads(options: &Options, size: Option<u64>, worth_it: u64) -> usize {
    let many = || std::thread::available_parallelism().map_or(1, usize::from).min(MOST_THREADS);
    options.portions.threads.unwrap_or_else(|| if size.is_some_and(|s| s < worth_it) { 1 } else { many() })
}
