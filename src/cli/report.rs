//! `merit report MODEL LEADS`: what became of all leads, and what missing data costs.

use std::io;

use super::input::{Input, looks_like_data, open_model};
use super::pages::{self, Format};
use super::pass::{Failed, Pass};
use super::{Ending, Talk, name};
use crate::data::Leads;
use crate::diagnostic::Diagnostic;
use crate::eval::batch::Program;
use crate::messages::data as say;
use crate::model::Model;
use crate::output::Output;
use crate::report::{self, Axes, Beside, Tally};
use crate::shown::json;
use crate::stream::Answered;
use crate::time::Instant;
use crate::value::{Raw, Value};

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
pub fn run(args: &Args, talk: &Talk, as_of: Instant) -> io::Result<Ending> {
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
    let opened =
        args.input.options().and_then(|options| Pass::open(&args.input, options, &args.leads, &[&model], talk, true));
    let mut pass = match opened {
        Ok(pass) => pass,
        Err(problem) => return Ok(could_not(talk, &problem)),
    };
    let output = args.output.as_deref();
    let inputs = args.input.inputs(Some(&args.leads)).and_rules(&args.model).and_used(&model);
    let file = match Output::open(output, &inputs) {
        Ok(file) => file,
        Err(problem) => return Ok(could_not(talk, &problem)),
    };
    let tally = match count(args, &model, as_of, &mut pass) {
        Ok(tally) => tally,
        Err(Failed::Refused) => return Ok(Ending::Found),
        Err(Failed::Reading(problem)) => return Ok(could_not(talk, &problem)),
        Err(Failed::Writing(error)) => return Err(error),
    };
    let messages = pass.messages(&model).iter().map(|d| d.message.clone()).collect();
    let report = report::report(&model, &tally, as_of, args.by.as_deref(), messages);
    let text = match pages::shape(pages::format(args.format, output), output) {
        Some(shape) => report::page(&report, pass.leads.name()).render(shape),
        None => format!("{}\n", json(&serde_json::to_string_pretty(&report)?)),
    };
    pass.tell(&model);
    let ending = pages::put(&text, output, file, talk)?;
    Ok(if ending == Ending::Done && pass.has_errors() { Ending::Found } else { ending })
}

fn could_not(talk: &Talk, problem: &Diagnostic) -> Ending {
    talk.say(problem);
    Ending::CouldNotRun
}

/// Reads all leads and counts them.
fn count(args: &Args, model: &Model, as_of: Instant, pass: &mut Pass<'_>) -> Result<Tally, Failed> {
    let by = args.by.as_deref().map(|name| By::find(model, &pass.leads, name)).transpose()?;
    let axes = Axes::of(model);
    let mut program = Program::compile(model, as_of);
    if let Some(profile) = axes.profile() {
        program = program.watching(profile);
    }
    let add = |block: &mut Option<Tally>, answered: &Answered<'_>| {
        let tally = block.get_or_insert_with(|| Tally::new(model, axes));
        let Ok((answers, lane)) = answered.answer else { return tally.error() };
        let by = match &by {
            Some(By::Label(label)) => answers.label_of(&program, *label, lane).map(str::to_owned),
            Some(By::Field(field)) => (answered.lead)().values.get(*field).and_then(said),
            Some(By::Column(column)) => {
                Some((answered.cell)(*column)).filter(|c| !is_missing(model, c)).map(|c| c.as_text().into_owned())
            }
            None => None,
        };
        tally.add_lane(
            &program,
            answers,
            lane,
            &Beside { id: answered.id(), by: by.as_deref(), fits: answers.watched_of(lane) },
        );
    };
    let mut tally = Tally::new(model, axes);
    pass.answer(&program, &add, &mut |block| {
        block.into_iter().for_each(|block| tally.merge(block));
        Ok(())
    })?;
    Ok(tally)
}

/// What leads are told apart by.
enum By {
    Label(usize),
    Field(usize),
    Column(usize),
}

impl By {
    /// A label or field of the model, else a column of the file.
    fn find(model: &Model, leads: &Leads, name: &str) -> Result<By, Diagnostic> {
        let key = crate::text::name_key(name);
        let is_called = |other: &str| crate::text::name_key(other) == key;
        if let Some(label) = model.labels.iter().position(|l| is_called(&l.name)) {
            return Ok(By::Label(label));
        }
        if let Some(field) = model.fields.iter().position(|f| is_called(&f.name)) {
            return Ok(By::Field(field));
        }
        let columns = leads.columns();
        columns.find(name).map(By::Column).ok_or_else(|| {
            let names = columns.names.iter().map(String::as_str);
            let known = names
                .clone()
                .chain(model.fields.iter().map(|f| f.name.as_str()))
                .chain(model.labels.iter().map(|l| l.name.as_str()));
            say::nothing_to_tell_apart_by(name, crate::suggest::nearest(name, known), leads.name(), &columns.names)
        })
    }
}

/// What a field says.
fn said(value: &Value) -> Option<String> {
    match value {
        Value::Missing => None,
        Value::Text(text) => Some(crate::text::trim(&text.written).to_owned()),
        value => Some(value.to_string()),
    }
}

/// Whether a cell of any column says nothing in the model's words.
fn is_missing(model: &Model, cell: &Raw) -> bool {
    let folded = |text: &str| crate::text::fold(text).into_owned();
    match cell {
        Raw::Missing => true,
        Raw::Text(text) | Raw::Number(text) => {
            !model.missing_words.is_empty() && model.missing_words.contains(&folded(text))
        }
        Raw::Flag(_) | Raw::List(_) | Raw::Nested(_) => false,
    }
}
