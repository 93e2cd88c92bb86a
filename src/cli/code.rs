//! `merit code E203`: the page on a code.

use std::io::{self, Write};

use super::{Ending, Talk, stdout_of_results};
use crate::diagnostic::Code;

#[derive(clap::Args)]
pub struct Args {
    /// The code, such as E203; all codes are listed where none is given
    code: Option<String>,
}

/// # Errors
/// Where standard output cannot be written.
pub fn run(args: &Args, talk: &Talk) -> io::Result<Ending> {
    let mut out = stdout_of_results()?;
    let Some(name) = &args.code else {
        for code in Code::ALL {
            writeln!(out, "{code}  {}", code.title())?;
        }
        return out.flush().map(|()| Ending::Done);
    };
    match Code::by_name(name) {
        Some(code) => {
            writeln!(out, "{}", code.page().trim_end())?;
            out.flush().map(|()| Ending::Done)
        }
        None => {
            let near = crate::suggest::nearest(name, Code::ALL.iter().map(|c| c.name()));
            talk.say(&crate::messages::data::no_such_code(name, near));
            Ok(Ending::CouldNotRun)
        }
    }
}
