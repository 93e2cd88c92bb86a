//! `merit test MODEL…`: runs the `test` blocks, and names what no test has reached.

use std::io::{self, Write};

use serde_json::Value as Json;

use super::{Ending, Talk, name, put_json, stdout_of_results};
use crate::coverage::{Coverage, Line, Seen, Sides};
use crate::load;
use crate::model::LineKind;
use crate::model::Model;
use crate::shown::{self, one_line};
use crate::testing::{self, TestResult};
use crate::time::{Instant, Written};

/// Options of `merit test`.
#[derive(clap::Args)]
pub struct Args {
    /// Rule files; `-` is standard input
    #[arg(required = true, value_name = "MODEL", value_hint = clap::ValueHint::FilePath, value_parser = name())]
    models: Vec<String>,
    /// Only tests whose name holds this text
    #[arg(long, value_name = "TEXT")]
    filter: Option<String>,
    /// Fail where there is no test to run
    #[arg(long)]
    fail_on_empty: bool,
    /// Fail where fewer per cent of the lines are reached by tests
    #[arg(long, value_name = "PERCENT", value_parser = per_cent, allow_negative_numbers = true)]
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

fn per_cent(text: &str) -> Result<f64, String> {
    let share = text.trim().strip_suffix('%').unwrap_or(text).trim().parse();
    share
        .ok()
        .filter(|share| (0.0..=100.0).contains(share))
        .ok_or_else(|| "write a share of the lines from 0 to 100, such as 80".to_owned())
}

/// # Errors
/// Where standard output cannot be written.
pub fn run(args: &Args, talk: &Talk, now: Written) -> io::Result<Ending> {
    let mut out = stdout_of_results()?;
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
        let now = model.as_of(now);
        let wanted = args.filter.as_ref().map(|f| crate::text::fold(f).into_owned());
        if args.format == Format::Text {
            writeln!(out, "{}", one_line(path))?;
        }
        let mut seen = Seen::new(&model);
        let (mut passed, mut failed) = (0, 0);
        // What there is to say of each test; of a test itself nothing is kept.
        let (mut objects, mut cases) = (Vec::new(), String::new());
        for result in testing::run(&model, now) {
            seen.add(&result, now);
            if wanted.as_ref().is_some_and(|w| !crate::text::fold(&result.test.name).contains(w.as_str())) {
                continue;
            }
            *(if result.passed() { &mut passed } else { &mut failed }) += 1;
            match args.format {
                Format::Text => text(&mut out, talk, &model, &result, now)?,
                Format::Json => objects.push(object(&model, &result)),
                Format::Junit => case(&mut cases, path, &model, &result),
            }
        }
        let coverage = seen.coverage();
        let counts = (passed, failed);
        match args.format {
            Format::Text => text_end(&mut out, &model, counts, Some(&coverage).filter(|_| wanted.is_none()))?,
            Format::Json => json(&mut out, path, &model, counts, (&objects, &coverage))?,
            Format::Junit => {
                writeln!(
                    out,
                    "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{failed}\">",
                    xml(path),
                    passed + failed
                )?;
                writeln!(out, "{cases}  </testsuite>")?;
            }
        }
        let is_empty = passed + failed == 0;
        let too_few = args.min_coverage.is_some_and(|min| coverage.percent() < min);
        if too_few {
            talk.line(&format!(
                "{path}: tests reach {:.0} % of the lines, and {} % are wanted",
                coverage.percent().floor(),
                args.min_coverage.unwrap_or(0.0)
            ));
        }
        if is_empty && args.fail_on_empty {
            talk.line(&format!("{path}: there is no test to run"));
        }
        let found = failed > 0 || too_few || (is_empty && args.fail_on_empty);
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

/// One test.
fn text(out: &mut impl Write, talk: &Talk, model: &Model, result: &TestResult<'_>, now: Instant) -> io::Result<()> {
    writeln!(out, "  {} {}", if result.passed() { "✓" } else { "✗" }, one_line(&result.test.name))?;
    out.flush()?;
    result.failures(model, now).iter().try_for_each(|failure| talk.write_about(&model.sources, failure, out))
}

/// How many passed, and what they reach: what a part of the tests does not reach says nothing.
fn text_end(
    out: &mut impl Write,
    model: &Model,
    (passed, failed): (usize, usize),
    coverage: Option<&Coverage>,
) -> io::Result<()> {
    writeln!(out, "{passed} passed, {failed} failed")?;
    let Some(coverage) = coverage.filter(|c| !c.lines.is_empty()) else { return Ok(()) };
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
        LineKind::ResetIf | LineKind::ResetAt => "reset",
        LineKind::StageLine => "stage",
        LineKind::Gate => "gate",
        LineKind::Disqualify => "disqualify",
        LineKind::Exclude => "exclude",
        LineKind::Review => "review",
        LineKind::LabelLine => "label",
        LineKind::Fading => "fading",
        LineKind::Limit | LineKind::Bounds => "bounds",
    };
    let of = if line.of.is_empty() { String::new() } else { format!(" of {}", line.of) };
    let text = model.sources.phrase(line.span);
    let text: String = if text.chars().count() > 80 { text.chars().take(79).chain(['…']).collect() } else { text };
    one_line(&format!("line {number}, {kind}{of}: {text}")).into_owned()
}

fn place(model: &Model, line: &Line) -> (usize, String) {
    model.sources.of(line.span).map_or((0, String::new()), |s| (s.line_of(line.span.start), s.name.clone()))
}

/// One test as JSON.
fn object(model: &Model, result: &TestResult<'_>) -> Json {
    let failed = result.failed.iter().map(|(span, is_unknown)| {
        let line = model.sources.of(*span).map_or(0, |s| s.line_of(span.start));
        serde_json::json!({"expect": model.sources.phrase(*span), "line": line, "unknown": is_unknown})
    });
    serde_json::json!({"name": result.test.name, "passed": result.passed(), "failed": failed.collect::<Vec<_>>()})
}

fn json(
    out: &mut impl Write,
    path: &str,
    model: &Model,
    (passed, failed): (usize, usize),
    (tests, coverage): (&[Json], &Coverage),
) -> io::Result<()> {
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
        "passed": passed,
        "failed": failed,
        "coverage": {"percent": coverage.percent(), "reached": reached, "of": coverage.lines.len(), "lines": lines},
    });
    put_json(out, &object)
}

/// One test as JUnit has it.
fn case(out: &mut String, path: &str, model: &Model, result: &TestResult<'_>) {
    let head = format!("    <testcase name=\"{}\" classname=\"{}\"", xml(&result.test.name), xml(path));
    if result.passed() {
        out.push_str(&format!("{head}/>\n"));
        return;
    }
    out.push_str(&format!("{head}>\n"));
    for (span, is_unknown) in &result.failed {
        let what = if *is_unknown { "is not known" } else { "does not hold" };
        let line = model.sources.of(*span).map_or(0, |s| s.line_of(span.start));
        out.push_str(&format!(
            "      <failure message=\"{} {what} (line {line})\"/>\n",
            xml(&model.sources.phrase(*span))
        ));
    }
    out.push_str("    </testcase>\n");
}

/// A text inside of XML, on one line.
fn xml(text: &str) -> String {
    shown::xml(&one_line(text))
}
