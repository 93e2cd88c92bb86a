//! `merit repl [MODEL] [LEADS]`: explore rules on sample leads.

use std::io;

use super::input::{Reading, looks_like_data};
use super::{Ending, Talk, name};
use crate::repl::{self, Settings};
use crate::session::Session;
use crate::time::Written;

/// Options of `merit repl`.
#[derive(clap::Args)]
pub struct Args {
    /// The rule file; without files a small sample is at hand
    #[arg(value_name = "MODEL", value_hint = clap::ValueHint::FilePath, value_parser = name())]
    model: Option<String>,
    /// The leads
    #[arg(value_name = "LEADS", value_hint = clap::ValueHint::FilePath, value_parser = name())]
    leads: Option<String>,
    /// Activity, as with --events
    #[arg(value_name = "ACTIVITY", value_hint = clap::ValueHint::FilePath, value_parser = name())]
    activity: Option<String>,
    #[command(flatten)]
    reading: Reading,
    /// Of piped input: go on after an error
    #[arg(long)]
    keep_going: bool,
    /// Remember nothing that is typed for the next session
    #[arg(long)]
    no_history: bool,
}

/// # Errors
/// Where standard output cannot be written.
pub fn run(args: &Args, talk: &Talk, as_of: Written, is_given: bool) -> io::Result<Ending> {
    let (model, leads, activity) = match (&args.model, &args.leads) {
        // Leads alone, perhaps with their activity: rules will be typed.
        (Some(path), behind) if looks_like_data(path) => (None, Some(path), behind.as_ref()),
        (model, leads) => (model.as_ref(), leads.as_ref(), args.activity.as_ref()),
    };
    let mut session = Session::new(as_of);
    match args.reading.of("", None) {
        Ok(reading) => session.set_reading(reading),
        Err(problem) => {
            talk.say(&problem);
            return Ok(Ending::CouldNotRun);
        }
    }
    let events: Vec<&str> = args.reading.activity(activity.map(String::as_str)).collect();
    let first = session.begin(model.map(String::as_str), leads.map(String::as_str), &events);
    if is_given {
        session.set_as_of(as_of);
    }
    let draw = |reply: &crate::session::Reply| talk.say_about(&reply.sources, &reply.problems);
    let settings = Settings {
        draw: &draw,
        color: talk.color_out,
        quiet: talk.quiet,
        keep_going: args.keep_going,
        with_history: !args.no_history,
    };
    let is_fine = repl::run(session, &first, &settings)?;
    Ok(if is_fine { Ending::Done } else { Ending::Found })
}
