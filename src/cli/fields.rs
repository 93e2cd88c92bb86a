//! `merit fields MODEL`: what the model reads, for whoever exports the data.

use std::io::{self, Write};

use super::input::open_model;
use super::{Ending, Talk, for_whoever_reads, name, stdout_of_results};
use crate::reads::{Reads, reads};
use crate::shown::json;

/// Options of `merit fields`.
#[derive(clap::Args)]
pub struct Args {
    /// The rule file; `-` is standard input
    #[arg(value_name = "MODEL", value_hint = clap::ValueHint::FilePath, value_parser = name())]
    model: String,
    /// Text for people, JSON, or an empty CSV file: the header of the leads
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// With csv: the header of the activity file instead
    #[arg(long)]
    activity: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    Text,
    Json,
    Csv,
}

/// # Errors
/// Where standard output cannot be written.
pub fn run(args: &Args, talk: &Talk) -> io::Result<Ending> {
    let model = match open_model(&args.model, talk) {
        Ok(model) => model,
        Err(ending) => return Ok(ending),
    };
    let reads = reads(&model);
    let mut out = stdout_of_results()?;
    match args.format {
        Format::Json => writeln!(out, "{}", json(&serde_json::to_string_pretty(&reads)?))?,
        Format::Csv => write!(out, "{}", for_whoever_reads(&header(&reads, args.activity)?))?,
        Format::Text => write!(out, "{reads}")?,
    }
    out.flush()?;
    Ok(Ending::Done)
}

fn header(reads: &Reads, of_activity: bool) -> io::Result<String> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let names: Vec<&str> = if of_activity {
        let mut names = vec!["lead_id", "type", "target", "at", "event_id"];
        for activity in &reads.activity {
            for name in activity.properties.iter().map(|(p, _)| p.as_str()).chain(activity.target_property.as_deref()) {
                if !names.contains(&name) {
                    names.push(name);
                }
            }
        }
        names
    } else {
        std::iter::once("lead_id").chain(reads.fields.iter().map(|f| f.name.as_str())).collect()
    };
    writer.write_record(names).map_err(|e| io::Error::other(e.to_string()))?;
    let line = writer.into_inner().map_err(|e| io::Error::other(e.to_string()))?;
    Ok(String::from_utf8_lossy(&line).into_owned())
}
