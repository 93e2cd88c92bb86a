//! `merit run MODEL LEADS`: evaluates every lead and writes the results.

use std::io::{self, IsTerminal, Write as _};
use std::time::Duration;

use clap::ValueEnum;

use super::bar::Bar;
use super::input::{Input, looks_like_data};
use super::{Ending, Talk, name, terminal_width};
use crate::columns::Table;
use crate::diagnostic::Diagnostic;
use crate::load;
use crate::messages::data as say;
use crate::model::Model;
use crate::output::{self, Forms, Inputs};
use crate::run::{self, Account, Ended, Failed, Form, Pass, Results, Wanted, Written};
use crate::shown::{all_lines, json};
use crate::time::{self, Instant};

/// What results are written as.
const RESULTS: Forms = Forms { what: "a file of results", endings: &["csv", "jsonl", "json"] };

/// The shapes of results.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// Comma-separated values with a header
    Csv,
    /// One JSON object a line
    Jsonl,
    /// One JSON array
    Json,
    /// A table for people
    Table,
}

#[derive(clap::Args)]
pub struct Args {
    /// The rule file; `-` is standard input
    #[arg(value_name = "MODEL", value_hint = clap::ValueHint::FilePath, value_parser = name())]
    model: String,
    /// The leads: CSV, TSV, JSON, JSON Lines or .xlsx, perhaps compressed; `-` is standard input
    #[arg(value_name = "LEADS", value_hint = clap::ValueHint::FilePath, value_parser = name())]
    leads: String,
    #[command(flatten)]
    input: Input,
    /// Refuse missing columns, and stop at the first row that cannot be read
    #[arg(long, help_heading = "Input")]
    strict: bool,
    /// The shape of the results; where nothing is said, as the file of -o is called, else a table on a terminal and csv elsewhere
    #[arg(long, value_enum, help_heading = "Results")]
    format: Option<Format>,
    /// Write to this file, whole or not at all
    #[arg(short, long, value_name = "FILE", value_hint = clap::ValueHint::FilePath, value_parser = name(), help_heading = "Results")]
    output: Option<String>,
    /// Which columns, with commas: also score groups, missing, possible_score, as_of, error and any input column
    #[arg(long, value_name = "A,B,C", value_delimiter = ',', help_heading = "Results")]
    columns: Option<Vec<String>>,
    /// Put all input columns first
    #[arg(long, help_heading = "Results")]
    keep: bool,
    /// In CSV, put ' before cells that a spreadsheet would take for formulas: for files that people open
    #[arg(long, help_heading = "Results")]
    safe_csv: bool,
}

/// # Errors
/// Where standard output cannot be written.
pub fn run(args: &Args, talk: &Talk, as_of: time::Written) -> io::Result<Ending> {
    let started = std::time::Instant::now();
    if args.model == "-" && args.leads == "-" {
        return Ok(could_not(talk, &say::stdin_twice()));
    }
    let to_terminal = is_stdout(args) && io::stdout().is_terminal();
    let asked = args.format.or(match args.output.as_deref().and_then(output::ending).as_deref() {
        Some("csv") => Some(Format::Csv),
        Some("jsonl") => Some(Format::Jsonl),
        Some("json") => Some(Format::Json),
        _ => None,
    });
    if let Some(format) = asked.filter(|&format| args.safe_csv && format != Format::Csv) {
        let name = format.to_possible_value().map(|v| v.get_name().to_owned()).unwrap_or_default();
        return Ok(could_not(talk, &say::safe_csv_without_csv(&name)));
    }
    let checked = match load::load(&args.model) {
        Ok(checked) => checked,
        Err(problem) => return Ok(could_not(talk, &problem)),
    };
    talk.say_about(&checked.sources, &checked.diagnostics);
    let Some(model) = checked.model else {
        let errors = checked.diagnostics.iter().filter(|d| d.is_error()).count();
        if looks_like_data(&args.model) {
            talk.say(&say::data_as_model(&args.model));
        }
        let name = if args.model == "-" { "<stdin>" } else { &args.model };
        talk.line(&format!("{name}: {errors} error{}; nothing was evaluated", if errors == 1 { "" } else { "s" }));
        return Ok(Ending::Found);
    };
    let as_of = model.as_of(as_of);
    let format = asked.unwrap_or(if to_terminal && !args.safe_csv { Format::Table } else { Format::Csv });
    let bar = Bar::new(!to_terminal, talk);
    let input = match args.input.of(&args.leads) {
        Ok(input) => run::Input { strict: args.strict, ..input },
        Err(problem) => return Ok(could_not(talk, &problem)),
    };
    let pass = match Pass::open(&input, &[&model], &bar) {
        Ok(pass) => pass,
        Err(problem) => return Ok(could_not(talk, &problem)),
    };
    let inputs = args.input.inputs(Some(&args.leads)).and_rules(&args.model).and_used(&model);
    match write(args, (&model, &inputs), as_of, format, pass, talk) {
        Ok(ended) => {
            ended.problems.iter().for_each(|d| talk.say(d));
            summarise(talk, &model, &ended.account, as_of, started.elapsed());
            Ok(if ended.has_errors { Ending::Found } else { Ending::Done })
        }
        Err(Failed::Refused(problems)) => {
            problems.iter().for_each(|d| talk.say(d));
            talk.line(if is_stdout(args) { "stopped by --strict" } else { "stopped by --strict; nothing was written" });
            Ok(Ending::Found)
        }
        Err(Failed::Reading(problem)) => Ok(could_not(talk, &problem)),
        // A reader that went away is no error.
        Err(Failed::Writing(error)) if error.kind() == io::ErrorKind::BrokenPipe => Err(error),
        Err(Failed::Writing(error)) => {
            Ok(could_not(talk, &say::cannot_write(args.output.as_deref().unwrap_or("<stdout>"), &say::reason(&error))))
        }
    }
}

fn could_not(talk: &Talk, problem: &Diagnostic) -> Ending {
    talk.say(problem);
    Ending::CouldNotRun
}

/// Whether results go to standard output.
fn is_stdout(args: &Args) -> bool {
    args.output.as_deref().is_none_or(|name| name == "-")
}

/// Writes all results.
fn write(
    args: &Args,
    (model, inputs): (&Model, &Inputs),
    as_of: Instant,
    format: Format,
    pass: Pass<'_>,
    talk: &Talk,
) -> Result<Ended, Failed> {
    let wanted = Wanted { columns: args.columns.as_deref(), keep: args.keep };
    let form = match format {
        Format::Csv | Format::Table => Form::Csv { is_safe: args.safe_csv },
        Format::Jsonl => Form::JsonLines,
        Format::Json => Form::Json,
    };
    let results = Results::new(model, as_of, pass.leads(), wanted, form)?;
    let mut output = RESULTS.open(args.output.as_deref(), inputs)?;
    let begin = || {
        let run = pass.with(results.program())?;
        run.notes().iter().for_each(|d| talk.say(d));
        Ok(run)
    };
    let ended;
    if format == Format::Table {
        let mut table = Table::new(output, terminal_width());
        table.header(results.names().map(str::to_owned).collect());
        ended = begin()?.answer(&results.cells(), &mut |cells| table.row(cells))?;
        output = table.finish().map_err(Failed::Writing)?;
    } else {
        let mut to =
            Seen { to: &mut output, on_terminal: (is_stdout(args) && io::stdout().is_terminal()).then_some(format) };
        let (writer, mut rows) = (results.writer(), Written::new(&mut to));
        let answered = begin().and_then(|run| run.answer(&writer, &mut rows));
        // What has been written already is an array all the same.
        let is_cut = matches!(answered, Err(Failed::Refused(_))) && format == Format::Json && is_stdout(args);
        if answered.is_ok() || is_cut {
            writer.end(&mut rows).map_err(Failed::Writing)?;
        }
        if is_cut {
            to.flush().map_err(Failed::Writing)?;
        }
        ended = answered?;
    }
    output.finish().map_err(Failed::Writing)?;
    Ok(ended)
}

/// Writes to where results go; on a terminal nothing of them acts.
struct Seen<'o, W> {
    /// Where they go.
    to: &'o mut W,
    /// Their shape, where that is a terminal.
    on_terminal: Option<Format>,
}

impl<W: io::Write> io::Write for Seen<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let Some(format) = self.on_terminal else { return self.to.write(bytes) };
        let text = String::from_utf8_lossy(bytes);
        let shown = if matches!(format, Format::Json | Format::Jsonl) { json(&text) } else { all_lines(&text) };
        self.to.write_all(shown.as_bytes()).map(|()| bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

/// How many leads there were, and where they stand.
fn summarise(talk: &Talk, model: &Model, account: &Account, as_of: Instant, took: Duration) {
    let known = model.ladder.stages.iter().rev().map(String::as_str).chain(["disqualified", "excluded", "error"]);
    let stages: Vec<String> =
        known.filter_map(|stage| account.stages.get(stage).map(|n| format!("{n} {stage}"))).collect();
    let leads = account.leads;
    let what = if stages.is_empty() { String::new() } else { format!(": {}", stages.join(", ")) };
    let (seconds, as_of) = (took.as_secs_f64(), model.zone.for_people(as_of));
    let later = match account.later {
        0 => String::new(),
        1 => "; 1 activity lies after that".to_owned(),
        n => format!("; {n} activities lie after that"),
    };
    let left_out = match account.left_out {
        0 => String::new(),
        1 => "; 1 row left out".to_owned(),
        n => format!("; {n} rows left out"),
    };
    talk.line(&format!(
        "{leads} lead{} as of {as_of}{what}{left_out}{later} ({seconds:.2} s)",
        if leads == 1 { "" } else { "s" }
    ));
}
