//! `merit run MODEL LEADS`: evaluates every lead and writes the results.

use std::io::{self, IsTerminal};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use super::input::{Input, looks_like_data, none_given};
use super::summary::{self, Account};
use super::write::{Answer, Format, Wanted, Writer};
use super::{Ending, Talk};
use crate::bind::Binding;
use crate::data::{self, ActivityFile, ActivityProblems, LeadActivity, Leads, Row};
use crate::diagnostic::Diagnostic;
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
    let opened = args.input.options().and_then(|options| {
        let leads = Leads::new(data::open(&args.leads, &options)?, &options)?;
        let activity = args.input.activity(&model, &options)?;
        Ok((leads, activity))
    });
    let (leads, activity) = match opened {
        Ok(opened) => opened,
        Err(problem) => return Ok(could_not(talk, &problem)),
    };
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
    let Some(ending) = run.write(args, talk, as_of, activity)? else {
        talk.line(if args.output.is_some() { "stopped by --strict; nothing was written" } else { "stopped by --strict" });
        return Ok(Ending::Found);
    };
    if ending == Ending::CouldNotRun {
        return Ok(ending);
    }
    run.tell(talk, as_of, started.elapsed());
    Ok(ending)
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
    /// Writes all results; nothing where `--strict` stopped it.
    fn write(&mut self, args: &Args, talk: &Talk, as_of: Instant, activity: Option<ActivityFile>) -> io::Result<Option<Ending>> {
        let to_terminal = args.output.is_none() && io::stdout().is_terminal();
        let format = args.format.unwrap_or(if to_terminal { Format::Table } else { Format::Csv });
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
        let bar = progress(to_terminal, talk);
        let result = self.rows(args, talk, &interpreter, &mut activity, &mut writer, &bar);
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
        none_given(self.model, &activity).iter().chain(&activity.orphans()).for_each(|d| talk.say(d));
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
