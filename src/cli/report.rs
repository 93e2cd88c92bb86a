//! `merit report MODEL LEADS`: what became of all leads, and what missing data costs.

use std::io;

use super::bar::Bar;
use super::input::{Input, looks_like_data, open_model};
use super::pages::{self, Format};
use super::{Ending, Talk, name};
use crate::diagnostic::Diagnostic;
use crate::eval::batch::Program;
use crate::messages::data as say;
use crate::output::Forms;
use crate::report::{self, Tally};
use crate::run::{self, By, Counting, Ended, Failed, Pass};
use crate::shown::json;
use crate::time::Written;

/// What a report is written as.
const REPORT: Forms = Forms { what: "a report", endings: &["html", "md", "json", "txt"] };

/// Options of `merit report`.
#[derive(clap::Args)]
pub struct Args {
    /// The rule file; `-` is standard input
    #[arg(value_name = "MODEL", value_hint = clap::ValueHint::FilePath, value_parser = name())]
    model: String,
    /// The leads: CSV, TSV, JSON, JSON Lines or .xlsx, perhaps compressed; `-` is standard input
    #[arg(value_name = "LEADS", value_hint = clap::ValueHint::FilePath, value_parser = name())]
    leads: String,
    #[command(flatten)]
    input: Input,
    /// Refuse missing columns, and stop at the first row that cannot be read
    #[arg(long, help_heading = "Input")]
    strict: bool,
    /// Tell leads apart by this field, column or label: source, for inbound against outbound
    #[arg(long, value_name = "FIELD", help_heading = "Report")]
    by: Option<String>,
    /// Text for a terminal, Markdown, one HTML page, or JSON; where nothing is said, as the file of -o is called, else text
    #[arg(long, value_enum, help_heading = "Report")]
    format: Option<Format>,
    /// Write to this file, whole or not at all
    #[arg(short, long, value_name = "FILE", value_hint = clap::ValueHint::FilePath, value_parser = name(), help_heading = "Report")]
    output: Option<String>,
}

/// # Errors
/// Where standard output cannot be written.
pub fn run(args: &Args, talk: &Talk, as_of: Written) -> io::Result<Ending> {
    if args.model == "-" && args.leads == "-" {
        return Ok(could_not(talk, &say::stdin_twice()));
    }
    let model = match open_model(&args.model, talk) {
        Ok(model) => model,
        Err(ending) => {
            if ending == Ending::Found && looks_like_data(&args.model) {
                talk.say(&say::data_as_model(&args.model));
            }
            return Ok(ending);
        }
    };
    let as_of = model.as_of(as_of);
    let bar = Bar::new(true, talk);
    let input = match args.input.of(&args.leads) {
        Ok(input) => run::Input { strict: args.strict, ..input },
        Err(problem) => return Ok(could_not(talk, &problem)),
    };
    let pass = match Pass::open(&input, &[&model], &bar) {
        Ok(pass) => pass,
        Err(problem) => return Ok(could_not(talk, &problem)),
    };
    let output = args.output.as_deref();
    let inputs = args.input.inputs(Some(&args.leads)).and_rules(&args.model).and_used(&model);
    let file = match REPORT.open(output, &inputs) {
        Ok(file) => file,
        Err(problem) => return Ok(could_not(talk, &problem)),
    };
    let program = Counting::program(&model, as_of);
    let (tally, ended) = match count(args, &program, pass, talk) {
        Ok(counted) => counted,
        Err(Failed::Refused(problems)) => {
            problems.iter().for_each(|d| talk.say(d));
            return Ok(Ending::Found);
        }
        Err(Failed::Reading(problem)) => return Ok(could_not(talk, &problem)),
        Err(Failed::Writing(error)) => return Err(error),
    };
    let messages = ended.problems.iter().map(|d| d.message.clone()).collect();
    let report = report::report(&model, &tally, as_of, args.by.as_deref(), messages);
    let text = match pages::shape(pages::format(args.format, output), output) {
        Some(shape) => report::page(&report, ended.leads.name()).render(shape),
        None => format!("{}\n", json(&serde_json::to_string_pretty(&report)?)),
    };
    ended.problems.iter().for_each(|d| talk.say(d));
    let ending = pages::put(&text, output, file, talk)?;
    Ok(if ending == Ending::Done && ended.has_errors { Ending::Found } else { ending })
}

fn could_not(talk: &Talk, problem: &Diagnostic) -> Ending {
    talk.say(problem);
    Ending::CouldNotRun
}

/// Reads all leads and counts them.
fn count(args: &Args, program: &Program<'_>, pass: Pass<'_>, talk: &Talk) -> Result<(Tally, Ended), Failed> {
    let by = args.by.as_deref().map(|name| By::find(program.model(), pass.leads(), name)).transpose()?;
    let run = pass.with(program)?;
    run.notes().iter().for_each(|d| talk.say(d));
    let counting = Counting::new(program, by);
    let mut tally = counting.nothing();
    let ended = run.answer(&counting, &mut tally)?;
    Ok((tally, ended))
}
