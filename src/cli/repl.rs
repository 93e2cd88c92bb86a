//! `merit repl [MODEL] [LEADS]`: explore rules on sample leads.

use std::io;

use super::input::looks_like_data;
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
    /// Activity: CSV or JSON Lines with lead_id, type, target, at and any other properties
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath, value_parser = name())]
    events: Option<String>,
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
    let (model, leads) = match (&args.model, &args.leads) {
        // Leads alone: rules will be typed.
        (Some(path), None) if looks_like_data(path) => (None, Some(path)),
        (model, leads) => (model.as_ref(), leads.as_ref()),
    };
    let mut session = Session::new(as_of);
    let first = session.begin(model.map(String::as_str), leads.map(String::as_str), args.events.as_deref());
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
