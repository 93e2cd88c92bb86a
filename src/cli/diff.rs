//! `merit diff OLD NEW [LEADS]`: what changed, in words; with leads, who moves and which change moved them.

use std::io::{self, Write};

use super::bar::Bar;
use super::input::{Input, open_version};
use super::{Ending, Talk, name, put_json, stdout_of_results};
use crate::compare::{Comparison, Effects, Version, compare, object, text};
use crate::diagnostic::Diagnostic;
use crate::messages::data as say;
use crate::output::{Forms, Output};
use crate::points::to_text;
use crate::run::{self, Failed, guarded, moves};
use crate::time::Written;

/// What the leads that move are written as.
const MOVERS: Forms = Forms { what: "the leads that move", endings: &["csv"] };

/// Options of `merit diff`.
#[derive(clap::Args)]
pub struct Args {
    /// The rule file before: a file, or REV:PATH for what git has at a revision, such as HEAD:model.merit
    #[arg(value_name = "OLD", value_hint = clap::ValueHint::FilePath, value_parser = name())]
    old: String,
    /// The rule file after, likewise
    #[arg(value_name = "NEW", value_hint = clap::ValueHint::FilePath, value_parser = name())]
    new: String,
    /// Leads, to see who moves
    #[arg(value_name = "LEADS", value_hint = clap::ValueHint::FilePath, value_parser = name())]
    leads: Option<String>,
    #[command(flatten)]
    input: Input,
    /// Refuse missing columns, and stop at the first row that cannot be read
    #[arg(long, help_heading = "Input")]
    strict: bool,
    /// Plain text, Markdown for a pull request, or JSON
    #[arg(long, value_enum, default_value = "text", help_heading = "Results")]
    format: Format,
    /// How many of the leads that move are listed
    #[arg(long, value_name = "N", default_value_t = 10, help_heading = "Results")]
    most: usize,
    /// Write all leads that move to this file, as CSV
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath, value_parser = name(), requires = "leads", help_heading = "Results")]
    movers: Option<String>,
    /// In that file, put ' before cells that a spreadsheet would take for formulas
    #[arg(long, help_heading = "Results")]
    safe_csv: bool,
    /// End with exit status 1 where a lead moves to another stage
    #[arg(long, requires = "leads", help_heading = "Results")]
    fail_on_moves: bool,
    /// OLD and NEW are copies of this file: what they use is looked for beside it, as with git difftool
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath, value_parser = name(), help_heading = "Input")]
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
pub fn run(args: &Args, talk: &Talk, as_of: Written) -> io::Result<Ending> {
    let names = [Some(args.old.as_str()), Some(args.new.as_str()), args.leads.as_deref()];
    if names.iter().flatten().filter(|n| **n == "-").count() > 1 {
        return Ok(could_not(talk, &say::stdin_for_several()));
    }
    if args.safe_csv && args.movers.is_none() {
        return Ok(could_not(talk, &say::safe_csv_without_movers()));
    }
    // Warnings are for those who write rules; here they would be told twice.
    let version = |name| open_version(name, args.beside.as_deref(), talk, false);
    let (old, new) = match (version(&args.old), version(&args.new)) {
        (Ok(old), Ok(new)) => (old, new),
        (Err(Ending::CouldNotRun), _) | (_, Err(Ending::CouldNotRun)) => return Ok(Ending::CouldNotRun),
        (Err(ending), _) | (_, Err(ending)) => return Ok(ending),
    };
    let as_of = new.model.as_of(as_of);
    let movers = match open_movers(args, &old, &new) {
        Ok(movers) => movers,
        Err(problem) => return Ok(could_not(talk, &problem)),
    };
    let comparison = compare(&old, &new);
    let mut read = None;
    if let Some(leads) = &args.leads {
        let moves = args.input.of(leads).map_err(Failed::from).and_then(|input| {
            let input = run::Input { strict: args.strict, ..input };
            moves(&comparison, as_of, &input, &Bar::new(true, talk), &mut |problem| talk.say(problem))
        });
        match moves {
            Ok(moves) => read = Some(moves),
            Err(Failed::Reading(problem)) => return Ok(could_not(talk, &problem)),
            Err(Failed::Writing(error)) => return Err(error),
            Err(Failed::Refused(problems)) => {
                problems.iter().for_each(|d| talk.say(d));
                talk.line("stopped by --strict; nothing was written");
                return Ok(Ending::Found);
            }
        }
    }
    let effects = read.as_ref().map(|r| &r.effects);
    if let (Some((name, output)), Some(effects)) = (movers, effects)
        && let Err(problem) = write_movers(name, output, &comparison, effects, args.safe_csv)
    {
        return Ok(could_not(talk, &problem));
    }
    let (as_of, errors) = (new.model.zone.for_people(as_of), read.as_ref().map_or(0, |r| r.errors));
    let mut out = stdout_of_results()?;
    match args.format {
        Format::Json => put_json(&mut out, &object(&comparison, effects, &as_of, errors))?,
        format => {
            let wording = text::Wording {
                markdown: format == Format::Markdown,
                most_movers: args.most,
                movers_file: args.movers.as_deref(),
                as_of: &as_of,
                errors,
            };
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

/// The file for the leads that move, if one is named: before anything is read, since that may take long.
fn open_movers<'a>(args: &'a Args, old: &Version, new: &Version) -> Result<Option<(&'a str, Output)>, Diagnostic> {
    let Some(name) = args.movers.as_deref() else { return Ok(None) };
    let rules = [Some(&args.old), Some(&args.new), args.beside.as_ref()];
    let inputs =
        rules.into_iter().flatten().fold(args.input.inputs(args.leads.as_deref()), |all, path| all.and_rules(path));
    let inputs = inputs.and_used(&old.model).and_used(&new.model);
    Ok(Some((name, MOVERS.open(Some(name), &inputs)?)))
}

/// All leads that move, as CSV.
fn write_movers(
    name: &str,
    output: Output,
    comparison: &Comparison<'_>,
    effects: &Effects,
    is_safe: bool,
) -> Result<(), Diagnostic> {
    let guarded = |cell: &str| if is_safe { guarded(cell).into_owned() } else { cell.to_owned() };
    let failed = |why: String| say::cannot_write(name, &why);
    let mut out = csv::Writer::from_writer(output);
    let score = |s: Option<i128>| s.map_or(String::new(), to_text);
    let header =
        out.write_record(["lead_id", "stage_before", "stage_after", "score_before", "score_after", "moved_by"]);
    let rows = effects.movers.iter().try_for_each(|m| {
        let moved_by: Vec<String> =
            m.moved_by.iter().filter_map(|&c| comparison.changes.get(c)).map(ToString::to_string).collect();
        let [before, after] = [&m.before, &m.after].map(|s| (guarded(&s.stage), score(s.score)));
        out.write_record([guarded(&m.id), before.0, after.0, before.1, after.1, guarded(&moved_by.join("; "))])
    });
    header.and(rows).map_err(|e| failed(e.to_string()))?;
    let output = out.into_inner().map_err(|e| failed(say::reason(e.error())))?;
    output.finish().map_err(|e| failed(say::reason(&e)))
}
