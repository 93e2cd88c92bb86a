//! The command line: `merit`, its options, its exit codes.
//!
//! A file for each command, each with its `Args` and its `run`. What a command does lies in the library; here are options,
//! standard streams, and what is said to whom.

mod bar;
mod check;
mod code;
mod dbt;
mod diff;
mod doc;
mod explain;
mod fields;
mod fmt;
mod input;
mod library;
mod pages;
mod repl;
mod report;
mod run;
mod sql;
mod start;
mod test;

use std::borrow::Cow;
use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use clap::builder::{OsStringValueParser, TypedValueParser};
use clap::error::ErrorKind;
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};

use crate::diagnostic::Diagnostic;
use crate::render::{Renderer, Style};
use crate::shown::{self, all_lines, one_line};
use crate::source::Sources;
use crate::{paths, stdout, time};

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// It did what it should.
    Done,
    /// It found something: errors in the model, a row that cannot be read.
    Found,
    /// It could not run.
    CouldNotRun,
}

impl From<Ending> for ExitCode {
    fn from(ending: Ending) -> ExitCode {
        ExitCode::from(match ending {
            Ending::Done => 0,
            Ending::Found => 1,
            Ending::CouldNotRun => 2,
        })
    }
}

/// Lead qualification as text: marketing and sales agree, in a file that both can read, on when a lead is worth a call
#[derive(Parser)]
#[command(name = "merit", version, disable_help_subcommand = false)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    global: Global,
}

/// Options of every command.
#[derive(clap::Args)]
pub struct Global {
    /// Evaluate as of this date (its last moment) or instant; now where nothing is said
    #[arg(long, global = true, value_name = "DATE")]
    as_of: Option<String>,
    /// Colours: auto is on a terminal, unless NO_COLOR is set
    #[arg(long, global = true, value_enum, default_value = "auto", alias = "colour", value_name = "WHEN")]
    color: ColorWhen,
    /// How messages look: drawn, in plain sentences, or one JSON object a line
    #[arg(long, global = true, value_enum, default_value = "fancy", value_name = "HOW")]
    diagnostics: DiagnosticStyle,
    /// Say nothing but errors
    #[arg(long, short, global = true)]
    quiet: bool,
    /// With --version: also which time zone data is built in
    #[arg(long, global = true)]
    verbose: bool,
}

#[derive(Clone, Copy, ValueEnum, PartialEq, Eq)]
enum ColorWhen {
    Auto,
    Always,
    Never,
}

#[derive(Clone, Copy, ValueEnum)]
enum DiagnosticStyle {
    Fancy,
    Plain,
    Json,
}

#[derive(Subcommand)]
enum Command {
    /// Write a first model for exports of leads and activity as they come
    Start(start::Args),
    /// Evaluate every lead of a file and write the results
    Run(run::Args),
    /// Find all errors in rule files, without leads or against a file of them
    Check(check::Args),
    /// Run the tests in rule files, and name what no test has reached
    Test(test::Args),
    /// Give rule files their one layout: line breaks, indentation, columns
    Fmt(fmt::Args),
    /// List what a model reads: fields, activity, properties, and who uses each
    Fields(fields::Args),
    /// Say why a lead got its answer, and what would change it
    Explain(explain::Args),
    /// The rule book in plain English, with worked examples: text, Markdown or one HTML page
    Doc(doc::Args),
    /// Count all leads: funnel, scores, rules, what missing data costs, to a terminal or as one HTML page
    Report(report::Args),
    /// Explore rules on sample leads: what if this lead also booked a demo?
    Repl(repl::Args),
    /// Say what changed between two rule files, and whom it moves
    Diff(diff::Args),
    /// Write the model as one SQL query, for DuckDB, PostgreSQL, SQLite, Spark or a warehouse
    Sql(sql::Args),
    /// Write the model as a package for dbt, with tests and documentation
    Dbt(dbt::Args),
    /// Print what comes with Merit for `use`: fields and activity of CRMs and logs, lists of domains and countries
    Library(library::Args),
    /// Print the page on a code such as E203
    Code(code::Args),
}

/// Who uses which commands; `merit help` groups them so.
const GROUPS: [(&str, &[&str]); 4] = [
    ("Marketing operations", &["start", "run", "check", "test", "fmt", "fields", "report"]),
    ("Sales", &["explain", "doc"]),
    ("Analytics", &["sql", "dbt"]),
    ("Everybody", &["diff", "repl", "library", "code", "help"]),
];

/// Runs the program on its arguments.
#[must_use]
pub fn main() -> ExitCode {
    let matches = match command().try_get_matches() {
        Ok(matches) => matches,
        Err(error) => return help_or_complaint(&error),
    };
    let cli = match Cli::from_arg_matches(&matches) {
        Ok(cli) => cli,
        Err(error) => return help_or_complaint(&error),
    };
    let talk = Talk::new(&cli.global);
    let given = cli.global.as_of.as_deref().filter(|text| !text.trim().eq_ignore_ascii_case("now"));
    let as_of = match given.map(|text| time::read_iso(text).ok_or_else(|| crate::messages::data::bad_as_of(text))) {
        None => time::now().into(),
        Some(Ok(date)) => date,
        Some(Err(problem)) => {
            talk.say(&problem);
            return Ending::CouldNotRun.into();
        }
    };
    let ending = match &cli.command {
        Command::Start(args) => start::run(args, &talk, as_of),
        Command::Run(args) => run::run(args, &talk, as_of),
        Command::Check(args) => check::run(args, &talk),
        Command::Test(args) => test::run(args, &talk, as_of),
        Command::Fmt(args) => fmt::run(args, &talk),
        Command::Fields(args) => fields::run(args, &talk),
        Command::Explain(args) => explain::run(args, &talk, as_of),
        Command::Report(args) => report::run(args, &talk, as_of),
        Command::Doc(args) => doc::run(args, &talk, as_of),
        Command::Repl(args) => repl::run(args, &talk, as_of, given.is_some()),
        Command::Diff(args) => diff::run(args, &talk, as_of),
        Command::Sql(args) => sql::run(args, &talk, given.map(|_| as_of)),
        Command::Dbt(args) => dbt::run(args, &talk),
        Command::Library(args) => library::run(args, &talk),
        Command::Code(args) => code::run(args, &talk),
    };
    match ending {
        Ok(ending) => ending.into(),
        // The reader went away: that is its good right.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            talk.say(&crate::messages::data::no_stdout(&crate::messages::data::reason(&error)));
            Ending::CouldNotRun.into()
        }
    }
}

/// What clap has to say: help and the version are no errors, and a pipe that is closed is none either.
fn help_or_complaint(error: &clap::Error) -> ExitCode {
    if !error.use_stderr() {
        let print = |mut out: io::Stdout| {
            error.print()?;
            // What is asked for beside the version cannot come from the arguments, which did not fit.
            if error.kind() == ErrorKind::DisplayVersion && std::env::args_os().any(|arg| arg == "--verbose") {
                writeln!(out, "time zone data {}", time::Zone::data_version())?;
            }
            Ok(())
        };
        return match stdout::stdout().and_then(print) {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                let problem = crate::messages::data::no_stdout(&crate::messages::data::reason(&error));
                let _ = writeln!(io::stderr().lock(), "{}", problem.message);
                Ending::CouldNotRun.into()
            }
            _ => ExitCode::SUCCESS,
        };
    }
    // It quotes what was given, which may hold anything.
    let text = error.render().to_string();
    let shown = all_lines(&text);
    let _ = if shown == text { error.print() } else { write!(io::stderr().lock(), "{shown}") };
    Ending::CouldNotRun.into()
}

/// Reads the name of a file, which may be any bytes.
pub fn name() -> impl TypedValueParser<Value = String> {
    OsStringValueParser::new().map(|name| paths::name_of(&name))
}

/// Standard output, for what a command has to say.
///
/// # Errors
/// Where it is closed.
pub fn stdout_of_results() -> io::Result<io::BufWriter<io::Stdout>> {
    stdout::stdout().map(io::BufWriter::new)
}

/// Writes a value as JSON, on a line.
///
/// # Errors
/// Where `out` cannot be written.
pub fn put_json(out: &mut impl Write, value: &impl serde::Serialize) -> io::Result<()> {
    writeln!(out, "{}", shown::json(&serde_json::to_string(value)?))
}

/// What is written for programs: as it is, but for a terminal, where nothing may act.
pub fn for_whoever_reads(text: &str) -> Cow<'_, str> {
    if io::stdout().is_terminal() { all_lines(text) } else { Cow::Borrowed(text) }
}

/// The command line with its commands grouped by who uses them.
fn command() -> clap::Command {
    let mut command = Cli::command();
    command.build();
    let mut groups = String::new();
    for (title, names) in GROUPS {
        groups.push_str(&format!("{title}:\n"));
        for name in names {
            if let Some(sub) = command.find_subcommand(name) {
                let about = sub.get_about().map(ToString::to_string).unwrap_or_default();
                groups.push_str(&format!("  {name:<8} {about}\n"));
            }
        }
        groups.push('\n');
    }
    let exit = "Exit status: 0 done, 1 it found something (an error in a model, a row that cannot be read), 2 it could not run.";
    Cli::command()
        .help_template(format!("{{about}}\n\n{{usage-heading}} {{usage}}\n\n{groups}Options:\n{{options}}\n\n{exit}\n"))
}

/// How the program talks: to standard error, in the style and colour that was asked for.
pub struct Talk {
    style: Style,
    color: bool,
    color_out: bool,
    quiet: bool,
    width: usize,
}

impl Talk {
    fn new(global: &Global) -> Talk {
        let color_on = |is_terminal: bool| match global.color {
            ColorWhen::Always => true,
            ColorWhen::Never => false,
            ColorWhen::Auto => is_terminal && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty()),
        };
        let (color, color_out) = (color_on(io::stderr().is_terminal()), color_on(io::stdout().is_terminal()));
        let style = match global.diagnostics {
            DiagnosticStyle::Fancy => Style::Fancy,
            DiagnosticStyle::Plain => Style::Plain,
            DiagnosticStyle::Json => Style::Json,
        };
        Talk { style, color, color_out, quiet: global.quiet, width: terminal_width().unwrap_or(100).clamp(60, 120) }
    }

    /// Says one thing that has no place in a rule file.
    pub fn say(&self, diagnostic: &Diagnostic) {
        self.say_about(&Sources::default(), std::slice::from_ref(diagnostic));
    }

    /// Says all there is to say about rule files. Warnings are left out where quiet was asked for.
    pub fn say_about(&self, sources: &Sources, diagnostics: &[Diagnostic]) {
        let renderer = Renderer::new(sources, self.style, self.color, self.width);
        let mut out = io::BufWriter::new(io::stderr().lock());
        for diagnostic in diagnostics.iter().filter(|d| d.is_error() || !self.quiet) {
            if renderer.write(diagnostic, &mut out).is_err() {
                return;
            }
        }
        let _ = out.flush();
    }

    /// Writes something about rule files to where results go.
    ///
    /// # Errors
    /// Where `out` cannot be written.
    pub fn write_about(&self, sources: &Sources, diagnostic: &Diagnostic, out: &mut dyn Write) -> io::Result<()> {
        Renderer::new(sources, self.style, self.color_out, self.width).write(diagnostic, out)
    }

    /// Whether to say more than errors.
    pub fn is_quiet(&self) -> bool {
        self.quiet
    }

    /// Whether a program reads what is said.
    pub fn is_json(&self) -> bool {
        self.style == Style::Json
    }

    /// One line for people.
    pub fn line(&self, text: &str) {
        if !self.quiet && !self.is_json() {
            let _ = writeln!(io::stderr().lock(), "{}", one_line(text));
        }
    }
}

/// The width of the terminal, where there is one.
pub fn terminal_width() -> Option<usize> {
    terminal_size::terminal_size().map(|(width, _)| usize::from(width.0))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_sound() {
        super::Cli::command().debug_assert();
    }

    #[test]
    fn every_command_is_in_a_group() {
        let command = super::Cli::command();
        for sub in command.get_subcommands() {
            assert!(
                super::GROUPS.iter().any(|(_, names)| names.contains(&sub.get_name())),
                "{} is in no group",
                sub.get_name()
            );
        }
    }
}
