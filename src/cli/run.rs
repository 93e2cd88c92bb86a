//! `merit run MODEL LEADS`: evaluates every lead and writes the results.

use std::io::{self, IsTerminal};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use super::input::{Input, looks_like_data, none_given};
use super::lines::AnswerLines;
use super::streamed::{self, Failed};
use super::summary::{self, Account};
use super::write::{Answer, Format, Wanted, Writer, asks_for_possible, columns_of};
use super::{Ending, Talk};
use crate::bind::Binding;
use crate::data::{self, ActivityFile, ActivityProblems, LeadActivity, Leads, Row};
use crate::diagnostic::Diagnostic;
use crate::eval::batch::Program;
use crate::eval::{Interpreter, stage_name};
use crate::load;
use crate::messages::data as say;
use crate::model::Model;
use crate::output::Output;
use crate::time::Instant;
use crate::words::Lines;

#[derive(clap::Args)]
pub struct Args {
    /// The rule file; `-` is standard input
    #[arg(value_name = "MODEL", value_hint = clap::ValueHint::FilePath)]
    model: String,
    /// The leads: CSV, TSV, JSON, JSON Lines or .xlsx, perhaps compressed; `-` is standard input
    #[arg(value_name = "LEADS", value_hint = clap::ValueHint::FilePath)]
    leads: String,
    #[command(flatten)]
    input: Input,
    /// The shape of the results; a table on a terminal, else csv
    #[arg(long, value_enum, help_heading = "Results")]
    format: Option<Format>,
    /// Write to this file, whole or not at all
    #[arg(short, long, value_name = "FILE", value_hint = clap::ValueHint::FilePath, help_heading = "Results")]
    output: Option<String>,
    /// Which columns, with commas: also score groups, missing, possible_score, as_of, error and any input column
    #[arg(long, value_name = "A,B,C", value_delimiter = ',', help_heading = "Results")]
    columns: Option<Vec<String>>,
    /// Put all input columns first
    #[arg(long, help_heading = "Results")]
    keep: bool,
}

/// # Errors
/// Where standard output cannot be written.
pub fn run(args: &Args, talk: &Talk, as_of: Instant) -> io::Result<Ending> {
    let started = std::time::Instant::now();
    if args.model == "-" && args.leads == "-" {
        return Ok(could_not(talk, &say::stdin_twice()));
    }
    let checked = match load::load(&args.model) {
        Ok(checked) => checked,
        Err(problem) => return Ok(could_not(talk, &problem)),
    };
    talk.say_about(&checked.sources, &checked.diagnostics);
    let Some(model) = checked.model else {
        let errors = checked.diagnostics.iter().filter(|d| d.is_error()).count();
        if looks_like_data(&args.model) {
            talk.say(&say::data_as_model(&args.model));
        }
        let name = if args.model == "-" { "<stdin>" } else { &args.model };
        talk.line(&format!("{name}: {errors} error{}; nothing was evaluated", if errors == 1 { "" } else { "s" }));
        return Ok(Ending::Found);
    };
    let to_terminal = args.output.is_none() && io::stdout().is_terminal();
    let format = args.format.unwrap_or(if to_terminal { Format::Table } else { Format::Csv });
    let bar = progress(to_terminal, talk);
    let mut opened = match open(args, &model, format, &bar) {
        Ok(opened) => opened,
        Err(problem) => return Ok(could_not(talk, &problem)),
    };
    if let Some(file) = &opened.file {
        show_bytes(&bar, file.size.map(|size| size + opened.events.as_ref().map_or(0, streamed::Events::size)));
    }
    let mut program = Program::compile(&model, as_of);
    let wanted = Wanted { format, columns: args.columns.as_deref(), keep: args.keep };
    if format == Format::Csv && columns_of(&model, &wanted, opened.leads.columns()).is_ok_and(|columns| !asks_for_possible(&columns)) {
        program = program.without_possible();
    }
    let mut events = opened.events.take();
    let events_name = events.as_ref().map(|e| e.name.clone());
    let folded = events.as_mut().map(|e| e.read(&program, &bar)).transpose().map(Option::flatten);
    let folded = folded.and_then(|folded| {
        // What cannot be read row by row is read as a whole, the leads beside it too.
        if events_name.is_some() && folded.is_none() || opened.file.is_none() {
            opened.read_whole(args, &model)?;
        }
        Ok(folded)
    });
    let folded = match folded {
        Ok(folded) => folded,
        Err(problem) => return Ok(could_not(talk, &problem)),
    };
    let Opened { leads, activity, file, .. } = opened;
    let notes: Vec<Diagnostic> = leads.notes().iter().chain(activity.iter().flat_map(|a| &a.notes)).cloned().collect();
    talk.say_about(&crate::source::Sources::default(), &notes);
    let binding = Binding::new(&model, &leads.columns().keys);
    let not_there = summary::columns_not_there(&binding, &leads);
    if args.input.strict && !not_there.is_empty() {
        not_there.iter().for_each(|d| talk.say(&refused(d)));
        return Ok(Ending::Found);
    }
    talk.say_about(&crate::source::Sources::default(), &not_there);
    let duplicates = leads.duplicate_columns();
    if !duplicates.is_empty() && !talk.is_quiet() {
        talk.say(&say::duplicate_columns(leads.name(), &duplicates));
    }
    let mut run = Run { model: &model, leads: &leads, binding, account: Account::default(), problems: ActivityProblems::default(), of_file: Vec::new() };
    if args.input.strict
        && let Some(problem) = activity.as_ref().and_then(|a| a.problems.messages(&a.name).into_iter().find(Diagnostic::is_error))
    {
        talk.say(&problem);
        talk.line("stopped by --strict; nothing was written");
        return Ok(Ending::Found);
    }
    let written = match file {
        Some(file) => run.stream(args, talk, &program, Streams { file, activity: folded, events: events_name.as_deref(), format, bar: &bar }).map(Some),
        None => run.write(args, talk, as_of, activity, format, &bar),
    };
    let Some(ending) = written? else {
        talk.line(if args.output.is_some() { "stopped by --strict; nothing was written" } else { "stopped by --strict" });
        return Ok(Ending::Found);
    };
    if ending == Ending::CouldNotRun {
        return Ok(ending);
    }
    run.tell(talk, as_of, started.elapsed());
    Ok(ending)
}

/// What a run reads.
struct Opened {
    leads: Leads,
    options: data::Options,
    /// The rows of the leads, where they are read row by row; then `leads` knows the columns alone.
    file: Option<Box<data::Streamed>>,
    /// Activity that can be read row by row.
    events: Option<streamed::Events>,
    /// Activity that was read as a whole.
    activity: Option<ActivityFile>,
}

fn open(args: &Args, model: &Model, format: Format, bar: &ProgressBar) -> Result<Opened, Diagnostic> {
    let options = args.input.options()?;
    let (leads, mut file) = match data::open_streamed(&args.leads, &options)? {
        data::Opened::Whole(input) => (Leads::new(input, &options)?, None),
        data::Opened::Streamed(file) if file.is_lines => return open_lines(args, model, format, bar, options, file),
        data::Opened::Streamed(mut file) => (Leads::new(file.take_head(), &options)?, Some(file)),
    };
    let is_plain = matches!(format, Format::Csv | Format::Jsonl) && !args.input.strict && !leads.has_events();
    let mut opened = Opened { leads, options, file: None, events: None, activity: None };
    if is_plain && file.is_some() {
        opened.events = streamed::events(&args.input, model, &opened.options)?;
    }
    let has_all = is_plain && (args.input.events().is_none() || opened.events.is_some());
    match file.take() {
        Some(rows) if has_all => opened.file = Some(rows),
        Some(rows) => opened.leads = Leads::new(rows.whole(&opened.options)?, &opened.options)?,
        None => {}
    }
    Ok(opened)
}

/// Leads in JSON Lines: read row by row if their activity stands in them, or they have none.
fn open_lines(
    args: &Args,
    model: &Model,
    format: Format,
    bar: &ProgressBar,
    options: data::Options,
    rows: Box<data::Streamed>,
) -> Result<Opened, Diagnostic> {
    let is_plain = matches!(format, Format::Csv | Format::Jsonl) && !args.input.strict && args.input.events().is_none();
    let columns = if is_plain { streamed::line_leads(&args.leads, model, &options, bar)? } else { None };
    let (leads, file) = match columns {
        Some(leads) if !leads.has_events() => (leads, Some(rows)),
        _ => (Leads::new(rows.whole(&options)?, &options)?, None),
    };
    Ok(Opened { leads, options, file, events: None, activity: None })
}

impl Opened {
    /// Reads as a whole what has not been read so far.
    fn read_whole(&mut self, args: &Args, model: &Model) -> Result<(), Diagnostic> {
        if let Some(rows) = self.file.take() {
            self.leads = Leads::new(rows.whole(&self.options)?, &self.options)?;
        }
        self.activity = args.input.activity(model, &self.options)?;
        Ok(())
    }
}

/// What a run that goes row by row reads and shows.
struct Streams<'s> {
    file: Box<data::Streamed>,
    activity: Option<streamed::Activity<'s>>,
    events: Option<&'s str>,
    format: Format,
    bar: &'s ProgressBar,
}

fn could_not(talk: &Talk, problem: &Diagnostic) -> Ending {
    talk.say(problem);
    Ending::CouldNotRun
}

/// What `--strict` refuses is an error.
fn refused(d: &Diagnostic) -> Diagnostic {
    Diagnostic { severity: crate::diagnostic::Severity::Error, ..d.clone() }
}

/// A run on its way.
struct Run<'r> {
    model: &'r Model,
    leads: &'r Leads,
    binding: Binding<'r>,
    account: Account,
    /// What could not be read of the `events` of rows.
    problems: ActivityProblems,
    /// What there is to say of the activity file.
    of_file: Vec<Diagnostic>,
}

impl Run<'_> {
    /// Writes all results of leads that are read row by row.
    fn stream(&mut self, args: &Args, talk: &Talk, program: &Program<'_>, streams: Streams<'_>) -> io::Result<Ending> {
        let words = Lines::of(self.model);
        let mut output = match Output::open(args.output.as_deref()) {
            Ok(output) => output,
            Err(problem) => return Ok(could_not(talk, &problem)),
        };
        let wanted = Wanted { format: streams.format, columns: args.columns.as_deref(), keep: args.keep };
        let columns = match columns_of(self.model, &wanted, self.leads.columns()) {
            Ok(columns) => columns,
            Err(problem) => return Ok(could_not(talk, &problem)),
        };
        let lines = AnswerLines { program, words: &words, as_of: program.as_of(), columns: &columns, format: streams.format };
        if let (Some(activity), Some(name)) = (&streams.activity, streams.events) {
            self.of_file = activity.problems.messages(name);
        }
        let run = streamed::Run { program, binding: &self.binding, leads: self.leads, activity: streams.activity.as_ref(), lines: &lines };
        let result = lines.header(&mut output).map_err(Failed::Writing);
        let result = result.and_then(|()| streamed::leads(&run, streams.file, &mut output, &mut self.account, &mut self.problems, streams.bar));
        streams.bar.finish_and_clear();
        let notes = match result {
            Ok(notes) => notes,
            Err(Failed::Writing(error)) => return failed(args, talk, error),
            Err(Failed::Reading(error)) => return Ok(could_not(talk, &say::cannot_read(self.leads.name(), &say::reason(&error)))),
        };
        if let Err(error) = output.finish() {
            return failed(args, talk, error);
        }
        talk.say_about(&crate::source::Sources::default(), &notes);
        let is_missed = streams.activity.is_none() && !self.account.has_activity && self.account.has_leads();
        none_given(self.model, is_missed).iter().for_each(|d| talk.say(d));
        if let (Some(activity), Some(name)) = (&streams.activity, streams.events)
            && !talk.is_quiet()
            && let Some(orphans) = activity.orphans(name)
        {
            talk.say(&orphans);
        }
        let bad_rows = self.account.has_errors() || self.problems.rows.count > 0 || self.of_file.iter().any(Diagnostic::is_error);
        Ok(if bad_rows { Ending::Found } else { Ending::Done })
    }

    /// Writes all results; nothing where `--strict` stopped it.
    fn write(&mut self, args: &Args, talk: &Talk, as_of: Instant, activity: Option<ActivityFile>, format: Format, bar: &ProgressBar) -> io::Result<Option<Ending>> {
        let lines = Lines::of(self.model);
        let output = match Output::open(args.output.as_deref()) {
            Ok(output) => output,
            Err(problem) => return Ok(Some(could_not(talk, &problem))),
        };
        let wanted = Wanted { format, columns: args.columns.as_deref(), keep: args.keep };
        let writer = Writer::new(self.model, &lines, as_of, &wanted, self.leads.columns(), output);
        let mut writer = match writer {
            Ok(writer) => writer,
            Err(problem) => return Ok(Some(could_not(talk, &problem))),
        };
        if let Some(file) = &activity {
            self.of_file = file.problems.messages(&file.name);
        }
        let mut activity = LeadActivity::new(activity);
        let interpreter = Interpreter::new(self.model, as_of);
        let result = self.rows(args, talk, &interpreter, &mut activity, &mut writer, bar);
        bar.finish_and_clear();
        let stopped = match result {
            Ok(stopped) => stopped,
            Err(error) => return failed(args, talk, error).map(Some),
        };
        if stopped {
            return Ok(None);
        }
        match writer.finish().and_then(Output::finish) {
            Ok(()) => {}
            Err(error) => return failed(args, talk, error).map(Some),
        }
        self.account.copies = activity.copies;
        none_given(self.model, activity.is_missed()).iter().chain(&activity.orphans()).for_each(|d| talk.say(d));
        let bad_rows = self.account.has_errors() || self.problems.rows.count > 0 || self.of_file.iter().any(Diagnostic::is_error);
        Ok(Some(if bad_rows { Ending::Found } else { Ending::Done }))
    }

    /// Every row in, one row out. True where `--strict` stopped at the first that cannot be read.
    fn rows(
        &mut self,
        args: &Args,
        talk: &Talk,
        interpreter: &Interpreter<'_>,
        activity: &mut LeadActivity,
        writer: &mut Writer<'_, Output>,
        bar: &ProgressBar,
    ) -> io::Result<bool> {
        writer.begin()?;
        for mut row in self.leads.rows() {
            bar.inc(1);
            let id = self.leads.lead_id(&row);
            if let Some(error) = row.error.take() {
                if args.input.strict {
                    talk.say(&error);
                    return Ok(true);
                }
                writer.write(&Answer { id: &id, cells: &row.cells, outcome: Err(&error) })?;
                *self.account.stages.entry("error".to_owned()).or_default() += 1;
                self.account.row_error(error);
                continue;
            }
            let Row { line, cells, events, event_problems, .. } = row;
            self.problems.merge(&event_problems);
            let records = activity.of(&id, events);
            let lead = self.binding.lead(id, &cells, records);
            self.account.lead(line, &lead);
            let outcome = interpreter.evaluate(&lead);
            *self.account.stages.entry(stage_name(self.model, outcome.stage).to_owned()).or_default() += 1;
            writer.write(&Answer { id: &lead.id, cells: &cells, outcome: Ok(&outcome) })?;
        }
        Ok(false)
    }

    /// What could not be read, and a summary.
    fn tell(&self, talk: &Talk, as_of: Instant, took: Duration) {
        let mut messages = self.account.messages(self.model, self.leads.name());
        messages.extend(self.problems.messages(self.leads.name()));
        messages.extend(self.of_file.iter().cloned());
        talk.say_about(&crate::source::Sources::default(), &messages);
        let mut stages: Vec<(String, u64)> = Vec::new();
        let known = self.model.ladder.stages.iter().rev().map(String::as_str).chain(["disqualified", "excluded", "error"]);
        for stage in known {
            if let Some(&count) = self.account.stages.get(stage) {
                stages.push((stage.to_owned(), count));
            }
        }
        let stages: Vec<String> = stages.iter().map(|(s, n)| format!("{n} {s}")).collect();
        let leads = self.account.leads;
        let what = if stages.is_empty() { String::new() } else { format!(": {}", stages.join(", ")) };
        let seconds = took.as_secs_f64();
        let as_of = as_of.for_people();
        talk.line(&format!("{leads} lead{} as of {as_of}{what} ({seconds:.2} s)", if leads == 1 { "" } else { "s" }));
    }
}

/// The results could not be written. A reader that went away is no error.
fn failed(args: &Args, talk: &Talk, error: io::Error) -> io::Result<Ending> {
    if error.kind() == io::ErrorKind::BrokenPipe {
        return Err(error);
    }
    Ok(could_not(talk, &say::cannot_write(args.output.as_deref().unwrap_or("<stdout>"), &say::reason(&error))))
}

fn progress(to_terminal: bool, talk: &Talk) -> ProgressBar {
    if to_terminal || talk.is_quiet() || talk.is_json() || !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new_spinner();
    if let Ok(style) = ProgressStyle::with_template("{spinner} {human_pos} leads, {per_sec}, {elapsed}") {
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
