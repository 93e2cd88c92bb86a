//! `merit check MODEL…`: all errors and lints of rule files.

use std::io;

use super::input::bound;
use super::{Ending, Talk, name, summary};
use crate::bind::Binding;
use crate::data::{self, Bound, Leads, Options};
use crate::diagnostic::{Diagnostic, MOST_SHOWN};
use crate::load;
use crate::paths::path_of;

#[derive(clap::Args)]
pub struct Args {
    /// Rule files; `-` is standard input
    #[arg(required = true, value_name = "MODEL", value_hint = clap::ValueHint::FilePath, value_parser = name())]
    models: Vec<String>,
    /// Check also against the columns and cells of this file of leads
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath, value_parser = name())]
    leads: Option<String>,
    /// How large that file may be if it has to be held in memory, and what a compressed one may become: 8G, 500M [default: 4G]
    #[arg(long, value_name = "SIZE", value_parser = bound, requires = "leads")]
    max_unpacked: Option<Bound>,
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
            match against_leads(model, leads, args.max_unpacked.unwrap_or_default()) {
                Ok(found) => {
                    data_errors = found.iter().filter(|d| d.is_error()).count();
                    data_warnings = found.len() - data_errors;
                    found.iter().for_each(|d| {
                        if d.is_error() || !talk.is_quiet() {
                            talk.say(d)
                        }
                    });
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

/// What a file of leads has to say to a model: columns that are not there, cells that cannot be read, rows that are none.
fn against_leads(model: &crate::model::Model, path: &str, bound: Bound) -> Result<Vec<Diagnostic>, Diagnostic> {
    let options = Options { bound, ..Options::default() };
    let leads = Leads::new(data::open(path_of(path), &options)?, &options)?;
    let mut account = summary::Account::default();
    let binding = Binding::new(model, &leads.columns().keys);
    let mut found: Vec<Diagnostic> = leads.notes().to_vec();
    found.extend(summary::columns_not_there(&binding, &leads));
    let duplicates = leads.duplicate_columns();
    if !duplicates.is_empty() {
        found.push(crate::messages::data::duplicate_columns(leads.name(), &duplicates));
    }
    for row in leads.rows() {
        match row.error {
            Some(error) => account.row_error(error),
            None => account.lead(
                row.line,
                &binding.lead(leads.lead_id(&row), &row.cells, std::sync::Arc::default()),
                leads.has_id(&row),
            ),
        }
    }
    found.extend(account.messages(model, &leads));
    Ok(found)
}
