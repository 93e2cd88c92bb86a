//! `merit start LEADS [ACTIVITY]`: a first model from exports as they come.

use std::io::{self, Write};

use super::input::Input;
use super::{Ending, Talk, name, stdout_of_results};
use crate::messages::{counted, data as say};
use crate::number::grouped;
use crate::output::write_whole;
use crate::paths::path_of;
use crate::start::{FirstModel, SAMPLE, first_model, typed_path};
use crate::time::{Written, Zone};

#[derive(clap::Args)]
pub struct Args {
    /// The leads, as they were exported
    #[arg(value_name = "LEADS", value_hint = clap::ValueHint::FilePath, value_parser = name())]
    leads: String,
    #[command(flatten)]
    input: Input,
    /// The zone of times that say none, such as Europe/Berlin
    #[arg(long, value_name = "ZONE")]
    time_zone: Option<String>,
    /// Write the model to this file, which must not be there yet; else to standard output
    #[arg(short, long, value_name = "FILE", value_hint = clap::ValueHint::FilePath, value_parser = name())]
    output: Option<String>,
    /// Write over the file of -o
    #[arg(long)]
    overwrite: bool,
}

impl Args {
    /// The file that the model goes into; none where that is standard output.
    fn file(&self) -> Option<&str> {
        self.output.as_deref().filter(|output| *output != "-")
    }
}

/// # Errors
/// Where standard output cannot be written.
pub fn run(args: &Args, talk: &Talk, as_of: Written) -> io::Result<Ending> {
    let as_of = as_of.in_zone(&Zone::UTC).last();
    if let Some(zone) = args.time_zone.as_deref().filter(|zone| Zone::named(zone).is_none()) {
        talk.say(&say::no_zone(zone));
        return Ok(Ending::CouldNotRun);
    }
    if let Some(output) = args.file().filter(|path| path_of(path).exists() && !args.overwrite) {
        talk.say(&say::model_is_there(output));
        return Ok(Ending::CouldNotRun);
    }
    let found = args.input.of(&args.leads).and_then(|input| first_model(&input, args.time_zone.as_deref(), as_of));
    let model = match found {
        Ok(model) => model,
        Err(problem) => {
            talk.say(&problem);
            return Ok(Ending::CouldNotRun);
        }
    };
    match args.file() {
        Some(output) => {
            if let Err(problem) = write_whole(output, &model.text, &args.input.inputs(Some(&args.leads))) {
                talk.say(&problem);
                return Ok(Ending::CouldNotRun);
            }
        }
        None => {
            let mut out = stdout_of_results()?;
            out.write_all(model.text.as_bytes())?;
            out.flush()?;
        }
    }
    summary(&model, args, talk);
    Ok(Ending::Done)
}

/// Says what was found, what is not sure, and what to do next.
fn summary(model: &FirstModel, args: &Args, talk: &Talk) {
    let from = match model.systems.as_slice() {
        [] => "of no system that Merit's library knows".to_owned(),
        systems => format!("as {} writes them", systems.join(" and ")),
    };
    let leads = counted(model.leads, "lead", "leads");
    let types = counted(model.types as u64, "type of activity", "types of activity");
    let sample = if model.leads > SAMPLE {
        format!("; the first {} leads were looked at closely", grouped(SAMPLE))
    } else {
        String::new()
    };
    talk.line(&format!("{leads}, {from}; {types}{sample}"));
    if !model.unsure.is_empty() {
        talk.line("Not sure of:");
        model.unsure.iter().for_each(|line| talk.line(&format!("  - {line}")));
    }
    if let Some(output) = args.file() {
        let events: String = args.input.activity().map(|file| format!(" --events {}", typed_path(file))).collect();
        let (output, leads) = (typed_path(output), typed_path(&args.leads));
        let as_of = model.as_of.as_ref().map(|day| format!(" --as-of {day}")).unwrap_or_default();
        talk.line(&format!("Next: merit check {output} --leads {leads}{events}"));
        talk.line(&format!("then: merit run {output} {leads}{events}{as_of}"));
    }
}
