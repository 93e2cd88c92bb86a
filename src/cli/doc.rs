//! `merit doc MODEL`: the rule book in plain English, for people who will not read rules.

use std::io;

use clap::builder::{PossibleValuesParser, TypedValueParser};

use super::input::open_version;
use super::pages::{self, Format};
use super::{Ending, Talk, name};
use crate::book::{self, Since};
use crate::compare::compare;
use crate::output::{Forms, Inputs};
use crate::page::Shape;
use crate::time::Written;

/// What a rule book is written as.
const BOOK: Forms = Forms { what: "a rule book", endings: &["html", "md", "txt"] };

/// Options of `merit doc`.
#[derive(clap::Args)]
pub struct Args {
    /// The rule file; `-` is standard input
    #[arg(value_name = "MODEL", value_hint = clap::ValueHint::FilePath, value_parser = name())]
    model: String,
    /// Also say what has changed since this older rule file, or since REV:PATH, what git has at a revision
    #[arg(long, value_name = "OLD", value_hint = clap::ValueHint::FilePath, value_parser = name())]
    since: Option<String>,
    /// Text for a terminal, Markdown for a wiki, or one HTML page; where nothing is said, as the file of -o is called, else text
    #[arg(long, value_name = "FORMAT", value_parser = PossibleValuesParser::new(["text", "markdown", "html"]).map(|name| of_name(&name)))]
    format: Option<Format>,
    /// Write to this file, whole or not at all
    #[arg(short, long, value_name = "FILE", value_hint = clap::ValueHint::FilePath, value_parser = name())]
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
pub fn run(args: &Args, talk: &Talk, as_of: Written) -> io::Result<Ending> {
    if args.model == "-" && args.since.as_deref() == Some("-") {
        talk.say(&crate::messages::data::stdin_twice());
        return Ok(Ending::CouldNotRun);
    }
    let open = |name| open_version(name, None, talk, true);
    let (new, old) = match (open(&args.model), args.since.as_deref().map(open).transpose()) {
        (Ok(new), Ok(old)) => (new, old),
        (Err(ending), _) | (_, Err(ending)) => return Ok(ending),
    };
    let output = args.output.as_deref();
    let inputs = [Some(&args.model), args.since.as_ref()]
        .into_iter()
        .flatten()
        .fold(Inputs::none(), |all, path| all.and_rules(path));
    let inputs = old.iter().fold(inputs.and_used(&new.model), |all, old| all.and_used(&old.model));
    let file = match BOOK.open(output, &inputs) {
        Ok(file) => file,
        Err(problem) => {
            talk.say(&problem);
            return Ok(Ending::CouldNotRun);
        }
    };
    let since = old.map(|old| Since {
        version: old.model.info.version.clone(),
        changes: compare(&old, &new).changes.iter().map(ToString::to_string).collect(),
    });
    let shape = pages::shape(pages::format(args.format, output), output).unwrap_or(Shape::Text(100));
    pages::put(&book::page(&new.model, new.model.as_of(as_of), since).render(shape), output, file, talk)
}
