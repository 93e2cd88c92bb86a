//! `merit explain MODEL LEADS --lead ID`: why this lead got this answer, and what would change it.

use std::io::{self, Write};
use std::sync::Arc;

use super::input::{Input, none_given, open_model};
use super::{Ending, Talk, name, put_json, stdout_of_results};
use crate::bind::Binding;
use crate::data::{self, LeadActivity, Leads};
use crate::diagnostic::Diagnostic;
use crate::eval::{Interpreter, stage_name};
use crate::explain::{explain, text};
use crate::messages::data as say;
use crate::paths::path_of;
use crate::time::{Instant, Period};

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
pub fn run(args: &Args, talk: &Talk, as_of: Instant) -> io::Result<Ending> {
    let model = match open_model(&args.model, talk) {
        Ok(model) => model,
        Err(ending) => return Ok(ending),
    };
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
    let opened = args.input.options().and_then(|options| {
        let leads = Leads::new(data::open(path_of(&args.leads), &options)?, &options)?;
        let activity = args.input.activity(&model, &options)?;
        Ok((leads, activity))
    });
    let (leads, activity) = match opened {
        Ok(opened) => opened,
        Err(problem) => return Ok(could_not(talk, &problem)),
    };
    let mut activity = LeadActivity::new(activity);
    let binding = Binding::new(&model, &leads.columns().keys);
    let interpreter = Interpreter::new(&model, as_of);
    let mut out = stdout_of_results()?;
    let mut ids: Vec<String> = Vec::new();
    let mut without_id = data::Tally::default();
    let mut found: Vec<String> = Vec::new();
    for mut row in leads.rows() {
        let (id, has_id) = (leads.lead_id(&row), leads.has_id(&row));
        if !has_id && row.error.is_none() {
            without_id.add(row.line, || id.clone());
        }
        let is_wanted = args.lead.contains(&id);
        if !is_wanted && args.stage.is_none() {
            ids.push(id);
            continue;
        }
        if let Some(error) = row.error.take() {
            if is_wanted {
                talk.say(&error);
                found.push(id);
            }
            continue;
        }
        let records = activity.of(has_id.then_some(id.as_str()), row.events.take());
        let lead = binding.lead(id.clone(), &row.cells, Arc::clone(&records));
        let of_stage = args
            .stage
            .as_ref()
            .is_some_and(|s| stage_name(&model, interpreter.evaluate(&lead).stage).eq_ignore_ascii_case(s));
        if !is_wanted && !of_stage {
            continue;
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
        found.push(id);
    }
    out.flush()?;
    none_given(&model, activity.is_missed())
        .into_iter()
        .chain(leads.without_id(&without_id))
        .for_each(|d| talk.say(&d));
    let mut ending = Ending::Done;
    for wanted in args.lead.iter().filter(|l| !found.contains(l)) {
        let same = ids.iter().find(|id| id.eq_ignore_ascii_case(wanted)).map(String::as_str);
        let near = same.or_else(|| crate::suggest::nearest(wanted, ids.iter().map(String::as_str)));
        talk.say(&say::no_such_lead(wanted, near, leads.name()));
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
