//! `merit diff OLD NEW [LEADS]`: what changed, in words; with leads, who moves and which change moved them.

use std::collections::HashSet;
use std::io::{self, Write};

use super::input::{Input, open_version};
use super::pass::{Failed, Pass};
use super::summary::columns_not_there;
use super::write::guarded;
use super::{Ending, Talk, name, put_json, stdout_of_results};
use crate::bind::Binding;
use crate::compare::{Answer, Comparison, Effects, Mover, OneSide, Row, Version, compare, object, text};
use crate::diagnostic::{Diagnostic, Severity};
use crate::eval::batch::Program;
use crate::messages::data as say;
use crate::output::Output;
use crate::paths::path_of;
use crate::points::to_text;
use crate::stream::{Answered, Key};
use crate::time::Instant;

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
pub fn run(args: &Args, talk: &Talk, as_of: Instant) -> io::Result<Ending> {
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
    let movers = match open_movers(args, &old, &new) {
        Ok(movers) => movers,
        Err(problem) => return Ok(could_not(talk, &problem)),
    };
    let comparison = compare(&old, &new);
    let mut read = None;
    if let Some(leads) = &args.leads {
        match effects(args, leads, talk, &comparison, as_of) {
            Ok(of_leads) => read = Some(of_leads),
            Err(Failed::Reading(problem)) => return Ok(could_not(talk, &problem)),
            Err(Failed::Writing(error)) => return Err(error),
            Err(Failed::Refused) => {
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
    let (as_of, errors) = (as_of.for_people(), read.as_ref().map_or(0, |r| r.errors));
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

/// What was read of leads.
struct OfLeads {
    effects: Effects,
    /// Rows that could not be read.
    errors: u64,
    /// Whether anything could not be read that makes the program end with 1.
    has_errors: bool,
}

/// How the leads stood and stand. Three passes: one with each model, and one for those that move as they are in the files.
fn effects(
    args: &Args,
    path: &str,
    talk: &Talk,
    comparison: &Comparison<'_>,
    as_of: Instant,
) -> Result<OfLeads, Failed> {
    let (old, new) = (&comparison.old.model, &comparison.new.model);
    let mut options = args.input.options()?;
    for path in [Some(path), args.input.events()].into_iter().flatten() {
        options.hold(path_of(path))?;
    }
    let open = || Pass::open(&args.input, options.clone(), path, &[old, new], talk, true);
    let [before, after] = comparison.sides(as_of);
    let mut pass = open()?;
    of_old(&pass, talk, comparison, args.input.strict)?;
    let mut afters = Vec::new();
    answers(&mut pass, &after, &mut |_, answer| afters.push(answer))?;
    let mut effects = Effects::new(comparison);
    // Of those that move: which of all leads, how they stood and stand.
    let mut moved = Vec::new();
    let mut ids = HashSet::new();
    let mut all = afters.iter().enumerate();
    answers(&mut open()?.silently(), &before, &mut |id, before| {
        if let Some((number, after)) = all.next()
            && let Some(standings) = effects.count(comparison, &before, after)
        {
            moved.push((number, standings));
            ids.insert(id);
        }
    })?;
    drop(afters);
    pass.tell(new);
    let rows = if moved.is_empty() {
        Vec::new()
    } else {
        rows(open()?.silently().of_those(&ids), after.program, &ids, &moved)?
    };
    let movers = rows
        .iter()
        .zip(moved)
        .map(|(row, (_, (before, after)))| Mover { id: row.id.clone(), before, after, moved_by: Vec::new() })
        .collect();
    effects.moved(comparison, as_of, &pass.leads.columns().keys, movers, &rows);
    let errors = pass.account.stages.get("error").copied().unwrap_or(0);
    Ok(OfLeads { effects, errors, has_errors: pass.has_errors() })
}

/// Says what the old model alone reads and no column gives; what the new one does is said by its pass.
fn of_old(pass: &Pass<'_>, talk: &Talk, comparison: &Comparison<'_>, is_strict: bool) -> Result<(), Failed> {
    let keys = &pass.leads.columns().keys;
    let (old, new) = (Binding::new(&comparison.old.model, keys), Binding::new(&comparison.new.model, keys));
    let of_new = columns_not_there(&new, &pass.leads);
    let of_old: Vec<Diagnostic> =
        columns_not_there(&old, &pass.leads).into_iter().filter(|d| !of_new.contains(d)).collect();
    for d in &of_old {
        talk.say(&if is_strict { Diagnostic { severity: Severity::Error, ..d.clone() } } else { d.clone() });
    }
    if is_strict && !of_old.is_empty() { Err(Failed::Refused) } else { Ok(()) }
}

/// Calls `see` with what is compared of each lead, and with what tells its id from others.
fn answers(pass: &mut Pass<'_>, side: &OneSide<'_>, see: &mut dyn FnMut(u64, Answer)) -> Result<(), Failed> {
    let add = |block: &mut Vec<(u64, Answer)>, answered: &Answered<'_>| {
        if let Ok((answers, lane)) = answered.answer {
            block.push((Key::of(answered.id).fingerprint(), side.answer(answers, lane)));
        }
    };
    pass.answer(&side.program, &add, &mut |block| {
        block.into_iter().for_each(|(id, answer)| see(id, answer));
        Ok(())
    })
}

/// The leads that move, as they are in the files.
fn rows<M>(
    mut pass: Pass<'_>,
    program: Program<'_>,
    ids: &HashSet<u64>,
    moved: &[(usize, M)],
) -> Result<Vec<Row>, Failed> {
    let columns = pass.leads.columns().names.len();
    let add = |block: &mut Vec<Option<Row>>, answered: &Answered<'_>| {
        if answered.answer.is_err() {
            return;
        }
        let is_wanted = ids.contains(&Key::of(answered.id).fingerprint());
        block.push(is_wanted.then(|| {
            let lead = (answered.lead)();
            Row { id: lead.id, cells: (0..columns).map(answered.cell).collect(), activity: lead.activity }
        }));
    };
    let mut rows = Vec::with_capacity(moved.len());
    let (mut number, mut wanted) = (0, moved.iter().map(|(number, _)| *number).peekable());
    pass.answer(&program.keeping_all(), &add, &mut |block: Vec<Option<Row>>| {
        for row in block {
            // Several leads may have one id; not all of them move.
            if wanted.next_if_eq(&number).is_some() {
                rows.extend(row);
            }
            number += 1;
        }
        Ok(())
    })?;
    Ok(rows)
}

/// The file for the leads that move, if one is named: before anything is read, since that may take long.
fn open_movers<'a>(args: &'a Args, old: &Version, new: &Version) -> Result<Option<(&'a str, Output)>, Diagnostic> {
    let Some(name) = args.movers.as_deref() else { return Ok(None) };
    let rules = [Some(&args.old), Some(&args.new), args.beside.as_ref()];
    let inputs =
        rules.into_iter().flatten().fold(args.input.inputs(args.leads.as_deref()), |all, path| all.and_rules(path));
    let inputs = inputs.and_used(&old.model).and_used(&new.model);
    Ok(Some((name, Output::open(Some(name), &inputs)?)))
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
