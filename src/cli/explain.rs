//! `merit explain MODEL LEADS --lead ID`: why this lead got this answer, and what would change it.

use std::io::{self, Write};

use super::input::{Input, open_model};
use super::{Ending, Talk, name, put_json, stdout_of_results};
use crate::diagnostic::Diagnostic;
use crate::eval::{Interpreter, stage_name};
use crate::explain::{explain, text};
use crate::messages::data as say;
use crate::run::OneByOne;
use crate::time::{Period, Written};

/// Options of `merit explain`.
#[derive(clap::Args)]
#[command(group(clap::ArgGroup::new("which leads").args(["lead", "stage"]).required(true).multiple(true)))]
pub struct Args {
    /// The rule file
    #[arg(value_name = "MODEL", value_hint = clap::ValueHint::FilePath, value_parser = name())]
    model: String,
    /// The leads
    #[arg(value_name = "LEADS", value_hint = clap::ValueHint::FilePath, value_parser = name())]
    leads: String,
    /// Which leads: one id, or several with commas
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    lead: Vec<String>,
    /// All leads of this stage
    #[arg(long, value_name = "STAGE")]
    stage: Option<String>,
    /// Also what ages away within this time, such as "30 days"
    #[arg(long, value_name = "TIME", value_parser = period)]
    outlook: Option<Period>,
    #[command(flatten)]
    input: Input,
    /// Plain text, Markdown for a note in a CRM, or JSON
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    Text,
    Markdown,
    Json,
}

fn period(text: &str) -> Result<Period, String> {
    let (count, unit) = text.trim().split_once(' ').ok_or("write a number and a unit: 30 days")?;
    let count = count.parse().map_err(|_| "write a number and a unit: 30 days".to_owned())?;
    Period::of(count, unit.trim())
        .ok_or_else(|| "the units are minutes, hours, days, weeks, months, quarters and years".to_owned())
}

/// # Errors
/// Where standard output cannot be written.
pub fn run(args: &Args, talk: &Talk, as_of: Written) -> io::Result<Ending> {
    let model = match open_model(&args.model, talk) {
        Ok(model) => model,
        Err(ending) => return Ok(ending),
    };
    let as_of = model.as_of(as_of);
    if let Some(name) = &args.stage
        && !model
            .ladder
            .stages
            .iter()
            .map(String::as_str)
            .chain(["disqualified", "excluded"])
            .any(|s| s.eq_ignore_ascii_case(name))
    {
        let near = crate::suggest::nearest(name, model.ladder.stages.iter().map(String::as_str));
        return Ok(could_not(talk, &crate::messages::session::no_such_stage(name, &model.ladder.stages, near)));
    }
    let mut leads = match args.input.of(&args.leads).and_then(|input| OneByOne::open(&input, &model)) {
        Ok(leads) => leads,
        Err(problem) => return Ok(could_not(talk, &problem)),
    };
    let interpreter = Interpreter::new(&model, as_of);
    let mut out = stdout_of_results()?;
    let (mut ids, mut found): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
    leads.each(|id, read| -> io::Result<()> {
        let is_wanted = args.lead.iter().any(|wanted| wanted == id);
        if !is_wanted && args.stage.is_none() {
            ids.push(id.to_owned());
            return Ok(());
        }
        let lead = match read() {
            Ok(lead) => lead,
            Err(error) => {
                if is_wanted {
                    talk.say(&error);
                    found.push(id.to_owned());
                }
                return Ok(());
            }
        };
        let is_of = |stage: &String| stage_name(&model, interpreter.evaluate(&lead).stage).eq_ignore_ascii_case(stage);
        if !args.stage.as_ref().is_some_and(is_of) && !is_wanted {
            return Ok(());
        }
        let explanation = explain(&model, &lead, as_of, args.outlook);
        match args.format {
            Format::Json => put_json(&mut out, &explanation)?,
            format => {
                if !found.is_empty() {
                    writeln!(out)?;
                }
                write!(out, "{}", text::to_text(&explanation, format == Format::Markdown))?;
            }
        }
        found.push(id.to_owned());
        Ok(())
    })?;
    out.flush()?;
    leads.problems().iter().for_each(|d| talk.say(d));
    let mut ending = Ending::Done;
    for wanted in args.lead.iter().filter(|l| !found.contains(l)) {
        let same = ids.iter().find(|id| id.eq_ignore_ascii_case(wanted)).map(String::as_str);
        let near = same.or_else(|| crate::suggest::nearest(wanted, ids.iter().map(String::as_str)));
        talk.say(&say::no_such_lead(wanted, near, leads.leads().name()));
        ending = Ending::Found;
    }
    if args.lead.is_empty() && found.is_empty() {
        talk.line("no lead is of this stage");
    }
    Ok(ending)
}

fn could_not(talk: &Talk, problem: &Diagnostic) -> Ending {
    talk.say(problem);
    Ending::CouldNotRun
}
