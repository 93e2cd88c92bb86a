//! `merit diff OLD NEW [LEADS]`: what changed, in words; with leads, who moves and which change moved them.

use std::io::{self, Write};

use super::input::{Input, none_given};
use super::summary::{Account, columns_not_there};
use super::{Ending, Talk};
use crate::bind::Binding;
use crate::compare::{Comparison, Effects, Row, Version, compare, object, text};
use crate::data::{self, ActivityProblems, LeadActivity, Leads};
use crate::diagnostic::{Diagnostic, Severity};
use crate::messages::data as say;
use crate::output::Output;
use crate::points::to_text;
use crate::source::Sources;
use crate::time::Instant;
use crate::{load, revision};

/// Options of `merit diff`.
#[derive(clap::Args)]
pub struct Args {
    /// The rule file before: a file, or REV:PATH for what git has at a revision, such as HEAD:model.merit
    #[arg(value_name = "OLD", value_hint = clap::ValueHint::FilePath)]
    old: String,
    /// The rule file after, likewise
    #[arg(value_name = "NEW", value_hint = clap::ValueHint::FilePath)]
    new: String,
    /// Leads, to see who moves
    #[arg(value_name = "LEADS", value_hint = clap::ValueHint::FilePath)]
    leads: Option<String>,
    #[command(flatten)]
    input: Input,
    /// Plain text, Markdown for a pull request, or JSON
    #[arg(long, value_enum, default_value = "text", help_heading = "Results")]
    format: Format,
    /// How many of the leads that move are listed
    #[arg(long, value_name = "N", default_value_t = 10, help_heading = "Results")]
    most: usize,
    /// Write all leads that move to this file, as CSV
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath, requires = "leads", help_heading = "Results")]
    movers: Option<String>,
    /// End with exit status 1 where a lead moves to another stage
    #[arg(long, requires = "leads", help_heading = "Results")]
    fail_on_moves: bool,
    /// OLD and NEW are copies of this file: what they use is looked for beside it, as with git difftool
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath, help_heading = "Input")]
    beside: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    Text,
    Markdown,
    Json,
}

/// # Errors
/// Where standard output cannot be written.
pub fn run(args: &Args, talk: &Talk, as_of: Instant) -> io::Result<Ending> {
    let names = [Some(args.old.as_str()), Some(args.new.as_str()), args.leads.as_deref()];
    if names.iter().flatten().filter(|n| **n == "-").count() > 1 {
        return Ok(could_not(talk, &say::stdin_for_several()));
    }
    let (old, new) = match (version(args, &args.old, talk), version(args, &args.new, talk)) {
        (Ok(old), Ok(new)) => (old, new),
        (Err(Ending::CouldNotRun), _) | (_, Err(Ending::CouldNotRun)) => return Ok(Ending::CouldNotRun),
        (Err(ending), _) | (_, Err(ending)) => return Ok(ending),
    };
    let comparison = compare(&old, &new);
    let mut read = None;
    if let Some(leads) = &args.leads {
        match effects(args, leads, talk, &comparison, as_of) {
            Ok(of_leads) => read = Some(of_leads),
            Err(Stopped::Problem(problem)) => return Ok(could_not(talk, &problem)),
            Err(Stopped::Refused(problem)) => {
                talk.say(&problem);
                talk.line("stopped by --strict; nothing was written");
                return Ok(Ending::Found);
            }
        }
    }
    let effects = read.as_ref().map(|r| &r.effects);
    if let (Some(name), Some(effects)) = (&args.movers, effects)
        && let Err(problem) = write_movers(name, &comparison, effects)
    {
        return Ok(could_not(talk, &problem));
    }
    let (as_of, errors) = (as_of.for_people(), read.as_ref().map_or(0, |r| r.errors));
    let mut out = io::BufWriter::new(io::stdout().lock());
    match args.format {
        Format::Json => {
            serde_json::to_writer(&mut out, &object(&comparison, effects, &as_of, errors))?;
            writeln!(out)?;
        }
        format => {
            let wording = text::Wording { markdown: format == Format::Markdown, most_movers: args.most, movers_file: args.movers.as_deref(), as_of: &as_of, errors };
            write!(out, "{}", text::to_text(&comparison, effects, wording))?;
        }
    }
    out.flush()?;
    let has_movers = effects.is_some_and(|e| !e.movers.is_empty());
    let is_found = read.as_ref().is_some_and(|r| r.has_errors) || args.fail_on_moves && has_movers;
    Ok(if is_found { Ending::Found } else { Ending::Done })
}

fn could_not(talk: &Talk, problem: &Diagnostic) -> Ending {
    talk.say(problem);
    Ending::CouldNotRun
}

/// One of the two models. What there is to say of it is said.
fn version(args: &Args, name: &str, talk: &Talk) -> Result<Version, Ending> {
    let opened = match (revision::split(name), &args.beside) {
        (Some((at, path)), _) => revision::open(at, path),
        (None, Some(place)) => load::open_for(name, place),
        (None, None) => load::open(name),
    };
    let (source, files) = opened.map_err(|problem| could_not(talk, &problem))?;
    let (version, checked) = Version::read(source, files);
    // Warnings are for those who write rules; here they would be told twice.
    let errors: Vec<Diagnostic> = checked.diagnostics.into_iter().filter(Diagnostic::is_error).collect();
    talk.say_about(&checked.sources, &errors);
    version.ok_or(Ending::Found)
}

/// What was read of leads.
struct OfLeads {
    effects: Effects,
    /// Rows that could not be read.
    errors: u64,
    /// Whether anything could not be read that makes the program end with 1.
    has_errors: bool,
}

enum Stopped {
    Problem(Diagnostic),
    /// By `--strict`.
    Refused(Diagnostic),
}

impl From<Diagnostic> for Stopped {
    fn from(problem: Diagnostic) -> Stopped {
        Stopped::Problem(problem)
    }
}

/// Reads the leads as a whole, and says of them what `merit run` would say.
fn effects(args: &Args, path: &str, talk: &Talk, comparison: &Comparison<'_>, as_of: Instant) -> Result<OfLeads, Stopped> {
    let (old, new) = (&comparison.old.model, &comparison.new.model);
    let options = args.input.options()?;
    let leads = Leads::new(data::open(path, &options)?, &options)?;
    let file = args.input.activity_for(&[old, new], &options)?;
    let mut notes: Vec<Diagnostic> = leads.notes().iter().chain(file.iter().flat_map(|f| &f.notes)).cloned().collect();
    let of_file = file.as_ref().map(|f| f.problems.messages(&f.name)).unwrap_or_default();
    let columns = leads.columns();
    let mut not_there = columns_not_there(&Binding::new(new, &columns.keys), &leads);
    for of_old in columns_not_there(&Binding::new(old, &columns.keys), &leads) {
        if !not_there.contains(&of_old) {
            not_there.push(of_old);
        }
    }
    if args.input.strict
        && let Some(first) = not_there.first()
    {
        talk.say_about(&Sources::default(), &notes);
        return Err(Stopped::Refused(Diagnostic { severity: Severity::Error, ..first.clone() }));
    }
    notes.extend(not_there);
    let duplicates = leads.duplicate_columns();
    notes.extend((!duplicates.is_empty()).then(|| say::duplicate_columns(leads.name(), &duplicates)));
    talk.say_about(&Sources::default(), &notes);
    let mut activity = LeadActivity::new(file);
    let mut account = Account::default();
    let mut errors: Vec<Diagnostic> = Vec::new();
    let mut problems = ActivityProblems::default();
    let rows = leads.rows().filter_map(|mut row| {
        let id = leads.lead_id(&row);
        if let Some(error) = row.error.take() {
            errors.push(error);
            return None;
        }
        problems.merge(&row.event_problems);
        let records = activity.of(&id, row.events);
        Some(Row { line: row.line, id, cells: row.cells, activity: records })
    });
    let effects = Effects::of(comparison, as_of, &leads.columns().keys, rows, &mut |row, lead| account.lead(row.line, lead));
    if args.input.strict && !errors.is_empty() {
        return Err(Stopped::Refused(errors.swap_remove(0)));
    }
    let count = errors.len() as u64;
    errors.into_iter().for_each(|error| account.row_error(error));
    account.copies = activity.copies;
    none_given(new, activity.is_missed()).iter().chain(&activity.orphans()).for_each(|d| talk.say(d));
    let mut messages = account.messages(new, leads.name());
    messages.extend(problems.messages(leads.name()));
    messages.extend(of_file.iter().cloned());
    talk.say_about(&Sources::default(), &messages);
    let has_errors = account.has_errors() || problems.rows.count > 0 || of_file.iter().any(Diagnostic::is_error);
    Ok(OfLeads { effects, errors: count, has_errors })
}

/// All leads that move, as CSV.
fn write_movers(name: &str, comparison: &Comparison<'_>, effects: &Effects) -> Result<(), Diagnostic> {
    let failed = |why: String| say::cannot_write(name, &why);
    let mut out = csv::Writer::from_writer(Output::open(Some(name))?);
    let score = |s: Option<i128>| s.map_or(String::new(), to_text);
    let header = out.write_record(["lead_id", "stage_before", "stage_after", "score_before", "score_after", "moved_by"]);
    let rows = effects.movers.iter().try_for_each(|m| {
        let moved_by: Vec<String> = m.moved_by.iter().filter_map(|&c| comparison.changes.get(c)).map(ToString::to_string).collect();
        out.write_record([&m.id, &m.before.stage, &m.after.stage, &score(m.before.score), &score(m.after.score), &moved_by.join("; ")])
    });
    header.and(rows).map_err(|e| failed(e.to_string()))?;
    let output = out.into_inner().map_err(|e| failed(say::reason(e.error())))?;
    output.finish().map_err(|e| failed(say::reason(&e)))
}
