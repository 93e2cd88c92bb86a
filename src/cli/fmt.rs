//! `merit fmt MODEL…`: the one layout for rule files, in place; or with `--check` what it would change.

use std::io::{self, Write};
use std::time::Duration;

use similar::TextDiff;

use super::{Ending, Talk, for_whoever_reads, name, stdout_of_results};
use crate::diagnostic::Diagnostic;
use crate::format;
use crate::load;
use crate::messages::{data as say, syntax};
use crate::output::{Inputs, write_whole};
use crate::shown::all_lines;
use crate::source::{FileId, Source, Sources, Span, offset};

/// After so long a difference need not be the shortest.
const LONGEST_COMPARISON: Duration = Duration::from_secs(2);

#[derive(clap::Args)]
pub struct Args {
    /// Rule files, written anew where their layout changes; `-` reads standard input and writes standard output
    #[arg(required = true, value_name = "MODEL", value_hint = clap::ValueHint::FilePath, value_parser = name())]
    models: Vec<String>,
    /// Change nothing: print what would change, and end with 1 where anything would
    #[arg(long)]
    check: bool,
}

/// # Errors
/// Where standard output cannot be written.
pub fn run(args: &Args, talk: &Talk) -> io::Result<Ending> {
    let mut ending = Ending::Done;
    for path in &args.models {
        match (one(path, args.check, talk)?, ending) {
            (_, Ending::CouldNotRun) | (Ending::Done, _) => {}
            (worse, _) => ending = worse,
        }
    }
    Ok(ending)
}

fn one(path: &str, is_check: bool, talk: &Talk) -> io::Result<Ending> {
    let source = match load::open(path) {
        Ok((source, _)) => source,
        Err(problem) => {
            talk.say(&problem);
            return Ok(Ending::CouldNotRun);
        }
    };
    let name = source.name.clone();
    if let Some(problem) = not_utf8(&source) {
        talk.say_about(&Sources { files: vec![source] }, &[problem]);
        return Ok(Ending::Found);
    }
    let Ok(formatted) = format::format(&source.text) else {
        talk.say(&say::cannot_format(&name));
        return Ok(Ending::CouldNotRun);
    };
    let is_changed = formatted.text != source.text;
    let has_errors = !formatted.errors.is_empty();
    if is_check {
        write_difference(&name, &source.text, &formatted.text)?;
    } else if path == "-" {
        put(&for_whoever_reads(&formatted.text))?;
    } else if is_changed && let Err(problem) = write_whole(path, &formatted.text, &Inputs::none()) {
        talk.say(&problem);
        return Ok(Ending::CouldNotRun);
    }
    talk.say_about(&Sources { files: vec![source] }, &formatted.errors);
    let what = match (is_changed, is_check) {
        (false, _) => "needs no formatting",
        (true, true) => "is not formatted",
        (true, false) => "formatted",
    };
    let but = if has_errors { "; what has errors stays as it is" } else { "" };
    talk.line(&format!("{name}: {what}{but}"));
    Ok(if has_errors || is_check && is_changed { Ending::Found } else { Ending::Done })
}

/// What there is to say of a file that is not UTF-8: nothing of it is touched.
fn not_utf8(source: &Source) -> Option<Diagnostic> {
    let at = offset(source.text.find('\u{fffd}').filter(|_| source.is_lossy)?);
    Some(syntax::not_utf8(Span { file: FileId(0), start: at, end: at + 3 }, source.line_of(at)))
}

/// The difference as `diff -u` prints it.
fn write_difference(name: &str, old: &str, new: &str) -> io::Result<()> {
    let difference = TextDiff::configure().timeout(LONGEST_COMPARISON).diff_lines(old, new);
    let text = difference.unified_diff().header(name, &format!("{name} (formatted)")).to_string();
    put(&all_lines(&text))
}

fn put(text: &str) -> io::Result<()> {
    let mut out = stdout_of_results()?;
    out.write_all(text.as_bytes())?;
    out.flush()
}
