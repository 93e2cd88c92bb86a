//! `merit library hubspot`: what comes with Merit, for `use`.

use std::io::{self, Write};

use super::{Ending, Talk, stdout_of_results};
use crate::library;
use crate::suggest::nearest;

#[derive(clap::Args)]
pub struct Args {
    /// What to print, such as hubspot or countries.csv; all files are listed where none is named
    name: Option<String>,
}

/// # Errors
/// Where standard output cannot be written.
pub fn run(args: &Args, talk: &Talk) -> io::Result<Ending> {
    let mut out = stdout_of_results()?;
    let Some(name) = &args.name else {
        let width = library::names().map(str::len).max().unwrap_or(0);
        for file in library::FILES {
            writeln!(out, "{:width$}  {}", file.name, file.about())?;
        }
        return out.flush().map(|()| Ending::Done);
    };
    let bare = name.strip_suffix(".merit").unwrap_or(name);
    match library::find(bare).map(|file| file.text).or_else(|| library::beside(name)) {
        Some(text) => {
            write!(out, "{text}")?;
            out.flush().map(|()| Ending::Done)
        }
        None => {
            let near = nearest(bare, library::names().chain(library::names_beside()));
            talk.say(&crate::messages::data::no_such_library(name, near));
            Ok(Ending::CouldNotRun)
        }
    }
}
