//! `merit check MODEL…`: all errors and lints of rule files.

use std::io;

use super::input::Reading;
use super::{Ending, Talk, name};
use crate::diagnostic::{Diagnostic, MOST_SHOWN};
use crate::{load, run};

#[derive(clap::Args)]
pub struct Args {
    /// Rule files; `-` is standard input
    #[arg(required = true, value_name = "MODEL", value_hint = clap::ValueHint::FilePath, value_parser = name())]
    models: Vec<String>,
    /// Check also against the columns and cells of this file of leads
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath, value_parser = name())]
    leads: Option<String>,
    #[command(flatten)]
    reading: Reading,
}

/// # Errors
/// Where standard output cannot be written.
pub fn run(args: &Args, talk: &Talk) -> io::Result<Ending> {
    let mut ending = Ending::Done;
    for path in &args.models {
        let checked = match load::load(path) {
            Ok(checked) => checked,
            Err(problem) => {
                talk.say(&problem);
                ending = Ending::CouldNotRun;
                continue;
            }
        };
        talk.say_about(&checked.sources, &checked.diagnostics);
        let errors = checked.diagnostics.iter().filter(|d| d.is_error()).count();
        let warnings = checked.diagnostics.len() - errors;
        let (mut data_errors, mut data_warnings) = (0, 0);
        if let (Some(leads), Some(model)) = (&args.leads, &checked.model) {
            match args.reading.of(leads, None).and_then(|input| run::against(model, &input)) {
                Ok(found) => {
                    data_errors = found.iter().filter(|d| d.is_error()).count();
                    data_warnings = found.len() - data_errors;
                    talk.say_about(&model.sources, &found);
                    if found.iter().any(Diagnostic::is_error) && ending == Ending::Done {
                        ending = Ending::Found;
                    }
                }
                Err(problem) => {
                    talk.say(&problem);
                    ending = Ending::CouldNotRun;
                }
            }
        }
        if errors > 0 && ending == Ending::Done {
            ending = Ending::Found;
        }
        let name = if path == "-" { "<stdin>" } else { path };
        talk.line(&format!("{name}: {}", counted(errors + data_errors, warnings + data_warnings)));
    }
    Ok(ending)
}

/// How many there are; of more than are shown only that.
fn counted(errors: usize, warnings: usize) -> String {
    let many = |n: usize, what: &str| {
        if n > MOST_SHOWN {
            format!("more than {MOST_SHOWN} {what}s")
        } else {
            format!("{n} {what}{}", if n == 1 { "" } else { "s" })
        }
    };
    match (errors, warnings) {
        (0, 0) => "no errors".to_owned(),
        (0, w) => format!("no errors, {}", many(w, "warning")),
        (e, 0) => many(e, "error"),
        (e, w) => format!("{}, {}", many(e, "error"), many(w, "warning")),
    }
}
