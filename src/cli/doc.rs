//! `merit doc MODEL`: the rule book in plain English, for people who will not read rules.

use std::io;

use clap::builder::{PossibleValuesParser, TypedValueParser};

use super::input::open_model;
use super::pages::{self, Format};
use super::{Ending, Talk};
use crate::book;
use crate::page::Shape;
use crate::time::Instant;

/// Options of `merit doc`.
#[derive(clap::Args)]
pub struct Args {
    /// The rule file; `-` is standard input
    #[arg(value_name = "MODEL", value_hint = clap::ValueHint::FilePath)]
    model: String,
    /// Also say what has changed since this older rule file
    #[arg(long, value_name = "OLD", value_hint = clap::ValueHint::FilePath)]
    since: Option<String>,
    /// Text for a terminal, Markdown for a wiki, or one HTML page; where nothing is said, as the file of -o is called, else text
    #[arg(long, value_name = "FORMAT", value_parser = PossibleValuesParser::new(["text", "markdown", "html"]).map(|name| of_name(&name)))]
    format: Option<Format>,
    /// Write to this file, whole or not at all
    #[arg(short, long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    output: Option<String>,
}

fn of_name(name: &str) -> Format {
    match name {
        "markdown" => Format::Markdown,
        "html" => Format::Html,
        _ => Format::Text,
    }
}

/// # Errors
/// Where standard output cannot be written.
pub fn run(args: &Args, talk: &Talk, as_of: Instant) -> io::Result<Ending> {
    if args.model == "-" && args.since.as_deref() == Some("-") {
        talk.say(&crate::messages::data::stdin_twice());
        return Ok(Ending::CouldNotRun);
    }
    let model = match open_model(&args.model, talk) {
        Ok(model) => model,
        Err(ending) => return Ok(ending),
    };
    let old = match args.since.as_deref().map(|path| open_model(path, talk)).transpose() {
        Ok(old) => old,
        Err(ending) => return Ok(ending),
    };
    let output = args.output.as_deref();
    let shape = pages::shape(pages::format(args.format, output), output).unwrap_or(Shape::Text(100));
    pages::put(&book::page(&model, as_of, old.as_ref()).render(shape), output, talk)
}
