//! `merit test MODEL…`: runs the `test` blocks, and names what no test has reached.

use std::io::{self, Write};

use super::{Ending, Talk};
use crate::coverage::{Coverage, Line, LineKind, Sides};
use crate::load;
use crate::model::Model;
use crate::testing::{self, TestResult};
use crate::time::Instant;

/// Options of `merit test`.
#[derive(clap::Args)]
pub struct Args {
    /// Rule files; `-` is standard input
    #[arg(required = true, value_name = "MODEL", value_hint = clap::ValueHint::FilePath)]
    models: Vec<String>,
    /// Only tests whose name holds this text
    #[arg(long, value_name = "TEXT")]
    filter: Option<String>,
    /// Fail where there is no test to run
    #[arg(long)]
    fail_on_empty: bool,
    /// Fail where fewer per cent of the lines are reached by tests
    #[arg(long, value_name = "PERCENT")]
    min_coverage: Option<f64>,
    /// Text for people, JSON (one object a model), or JUnit XML for a build server
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    Text,
    Json,
    Junit,
}

/// # Errors
/// Where standard output cannot be written.
pub fn run(args: &Args, talk: &Talk, now: Instant) -> io::Result<Ending> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    let mut ending = Ending::Done;
    if args.format == Format::Junit {
        writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>")?;
    }
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
        let Some(model) = checked.model else {
            ending = if ending == Ending::Done { Ending::Found } else { ending };
            continue;
        };
        let all = testing::run(&model, now);
        let coverage = Coverage::of(&model, &all, now);
        let wanted = args.filter.as_ref().map(|f| crate::text::fold(f).into_owned());
        let shown: Vec<&TestResult<'_>> = all.iter().filter(|r| wanted.as_ref().is_none_or(|w| crate::text::fold(&r.test.name).contains(w.as_str()))).collect();
        let failed = shown.iter().filter(|r| !r.passed()).count();
        match args.format {
            Format::Text => text(&mut out, talk, path, &model, &shown, &coverage, args.filter.is_some(), now)?,
            Format::Json => json(&mut out, path, &model, &shown, &coverage)?,
            Format::Junit => junit(&mut out, path, &model, &shown)?,
        }
        let too_few = args.min_coverage.is_some_and(|min| coverage.percent() < min);
        if too_few {
            talk.line(&format!("{path}: tests reach {:.0} % of the lines, and {} % are wanted", coverage.percent().floor(), args.min_coverage.unwrap_or(0.0)));
        }
        if shown.is_empty() && args.fail_on_empty {
            talk.line(&format!("{path}: there is no test to run"));
        }
        let found = failed > 0 || too_few || (shown.is_empty() && args.fail_on_empty);
        if found && ending == Ending::Done {
            ending = Ending::Found;
        }
    }
    if args.format == Format::Junit {
        writeln!(out, "</testsuites>")?;
    }
    out.flush()?;
    Ok(ending)
}

#[allow(clippy::too_many_arguments)]
fn text(
    out: &mut impl Write,
    talk: &Talk,
    path: &str,
    model: &Model,
    results: &[&TestResult<'_>],
    coverage: &Coverage,
    is_filtered: bool,
    now: Instant,
) -> io::Result<()> {
    writeln!(out, "{path}")?;
    for result in results {
        writeln!(out, "  {} {}", if result.passed() { "✓" } else { "✗" }, result.test.name)?;
        out.flush()?;
        for failure in result.failures(model, now) {
            talk.write_about(&model.sources, &failure, out)?;
        }
    }
    let failed = results.iter().filter(|r| !r.passed()).count();
    writeln!(out, "{} passed, {failed} failed", results.len() - failed)?;
    // What a part of the tests does not reach says nothing.
    if is_filtered || coverage.lines.is_empty() {
        return Ok(());
    }
    let reached = coverage.lines.iter().filter(|l| l.is_reached).count();
    writeln!(out, "\ntests reach {reached} of {} lines ({:.0} %)", coverage.lines.len(), coverage.percent().floor())?;
    for line in coverage.not_reached() {
        writeln!(out, "  not reached: {}", describe(model, line))?;
    }
    for line in coverage.lines.iter().filter(|l| l.is_reached) {
        let unseen = line.sides.map(|s| unseen(s, line.can_be_unknown)).unwrap_or_default();
        if !unseen.is_empty() {
            writeln!(out, "  never {}: {}", unseen.join(", never "), describe(model, line))?;
        }
    }
    Ok(())
}

/// The sides of a condition that no test has seen.
fn unseen(sides: Sides, can_be_unknown: bool) -> Vec<&'static str> {
    let mut out = Vec::new();
    if !sides.yes {
        out.push("true");
    }
    if !sides.no {
        out.push("false");
    }
    if !sides.unknown && can_be_unknown {
        out.push("unknown");
    }
    out
}

/// A line in words: where, what kind, and its text.
fn describe(model: &Model, line: &Line) -> String {
    let (number, _) = place(model, line);
    let kind = match line.kind {
        LineKind::Rule => "rule",
        LineKind::TableLine => "line of a table",
        LineKind::Reset => "reset",
        LineKind::StageLine => "stage",
        LineKind::Gate => "gate",
        LineKind::Disqualify => "disqualify",
        LineKind::Exclude => "exclude",
        LineKind::Review => "review",
        LineKind::LabelLine => "label",
    };
    let of = if line.of.is_empty() { String::new() } else { format!(" of {}", line.of) };
    let text = model.sources.phrase(line.span);
    let text: String = if text.chars().count() > 80 { text.chars().take(79).chain(['…']).collect() } else { text };
    format!("line {number}, {kind}{of}: {text}")
}

fn place(model: &Model, line: &Line) -> (usize, String) {
    model.sources.of(line.span).map_or((0, String::new()), |s| (s.line_of(line.span.start), s.name.clone()))
}

fn json(out: &mut impl Write, path: &str, model: &Model, results: &[&TestResult<'_>], coverage: &Coverage) -> io::Result<()> {
    let tests: Vec<_> = results
        .iter()
        .map(|r| {
            let failed: Vec<_> = r
                .failed
                .iter()
                .map(|(span, is_unknown)| {
                    let line = model.sources.of(*span).map_or(0, |s| s.line_of(span.start));
                    serde_json::json!({"expect": model.sources.phrase(*span), "line": line, "unknown": is_unknown})
                })
                .collect();
            serde_json::json!({"name": r.test.name, "passed": r.passed(), "failed": failed})
        })
        .collect();
    let lines: Vec<_> = coverage
        .lines
        .iter()
        .map(|l| {
            let (line, file) = place(model, l);
            serde_json::json!({"kind": l.kind, "file": file, "line": line, "of": l.of, "text": model.sources.phrase(l.span), "reached": l.is_reached, "sides": l.sides})
        })
        .collect();
    let reached = coverage.lines.iter().filter(|l| l.is_reached).count();
    let object = serde_json::json!({
        "model": path,
        "tests": tests,
        "passed": results.iter().filter(|r| r.passed()).count(),
        "failed": results.iter().filter(|r| !r.passed()).count(),
        "coverage": {"percent": coverage.percent(), "reached": reached, "of": coverage.lines.len(), "lines": lines},
    });
    serde_json::to_writer(&mut *out, &object)?;
    writeln!(out)
}

fn junit(out: &mut impl Write, path: &str, model: &Model, results: &[&TestResult<'_>]) -> io::Result<()> {
    let failed = results.iter().filter(|r| !r.passed()).count();
    writeln!(out, "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{failed}\">", xml(path), results.len())?;
    for result in results {
        if result.passed() {
            writeln!(out, "    <testcase name=\"{}\" classname=\"{}\"/>", xml(&result.test.name), xml(path))?;
            continue;
        }
        writeln!(out, "    <testcase name=\"{}\" classname=\"{}\">", xml(&result.test.name), xml(path))?;
        for (span, is_unknown) in &result.failed {
            let what = if *is_unknown { "is not known" } else { "does not hold" };
            let line = model.sources.of(*span).map_or(0, |s| s.line_of(span.start));
            writeln!(out, "      <failure message=\"{} {what} (line {line})\"/>", xml(&model.sources.phrase(*span)))?;
        }
        writeln!(out, "    </testcase>")?;
    }
    writeln!(out, "  </testsuite>")
}

/// A text inside of XML.
fn xml(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c if c.is_control() && c != '\t' => out.push(' '),
            c => out.push(c),
        }
    }
    out
}
