//! The language, proven by the `test` blocks of the models in `tests/language/`.
//!
//! Every expectation there is written from the language's page, not from what the program prints.

#![allow(clippy::expect_used, clippy::panic)] // A test that cannot set up its folder fails.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use merit::diagnostic::Severity;
use merit::source::{Sources, Span};

use super::support;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/language")
}

fn models() -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder()).expect("the folder");
    let mut models: Vec<PathBuf> =
        entries.map(|e| e.expect("a file").path()).filter(|p| p.extension().is_some_and(|e| e == "merit")).collect();
    models.sort();
    models
}

/// The line and the words of a span.
fn words(sources: &Sources, span: Span) -> String {
    let line = sources.of(span).map_or(0, |s| s.line_column(span.start).0);
    format!("line {line}: {}", sources.slice(span).split_whitespace().collect::<Vec<_>>().join(" "))
}

#[test]
fn all_tests_of_the_language_pass() {
    let (mut count, mut failures) = (0, Vec::new());
    for path in models() {
        let file = path.file_name().expect("a name").to_string_lossy().into_owned();
        let checked = merit::load::load(path.to_str().expect("a path")).expect("a file that can be read");
        let Some(model) = checked.model else {
            let errors = checked.diagnostics.iter().filter(|d| d.severity == Severity::Error);
            failures.extend(errors.map(|d| {
                format!(
                    "{file} is refused: {} {} {:?}",
                    d.code,
                    d.message,
                    d.labels.first().map(|l| words(&checked.sources, l.span))
                )
            }));
            continue;
        };
        let mut names = BTreeSet::new();
        for result in merit::testing::run(&model, support::as_of("2025-03-31")) {
            count += 1;
            let name = &result.test.name;
            assert!(names.insert(name.clone()), "{file} has two tests with the name {name:?}");
            for (span, unknown) in &result.failed {
                let how = if *unknown { "is unknown" } else { "does not hold" };
                failures.push(format!("{file} / {name}: {how}: {}", words(&checked.sources, *span)));
            }
        }
    }
    assert!(
        failures.is_empty(),
        "{} of the expectations in {count} tests fail:\n{}",
        failures.len(),
        failures.join("\n")
    );
    assert!(count >= 150, "only {count} tests were found");
}

/// What is not known is not what was expected, and the failure says which it was.
#[test]
fn an_expectation_that_is_unknown_fails() {
    let model = support::model(
        "as of 2025-03-31\n\
         test \"unknown\" { expect country = \"AT\" }\n\
         test \"false\" { lead { country: \"DE\" } expect country = \"AT\" expect country = \"DE\" }\n\
         test \"true\" { lead { country: \"at\" } expect country = \"AT\" }\n",
    );
    let results = merit::testing::run(&model, support::as_of("2025-03-31"));
    let failed: Vec<Vec<bool>> = results.map(|r| r.failed.iter().map(|(_, unknown)| *unknown).collect()).collect();
    assert_eq!(failed, [vec![true], vec![false], vec![]]);
}

/// Refused, each for the reason that the language's page gives.
#[test]
fn models_that_are_refused() {
    for (model, why) in [
        ("when fit(nobody) add 5", "no such profile"),
        ("when a = 1 add 5 each time", "no activity to count"),
        ("when visited() and clicked() add 5 each time", "two activities to count"),
        ("when visited() and clicked() add 5 halving every 30 days", "two activities to age"),
        ("when score >= 5 add 1", "rules do not ask for scores"),
        ("when stage = sql add 1", "nor for stages"),
        ("label g { \"A\" if score >= 5 }\nwhen g = \"A\" add 1", "nor for labels"),
        ("exclude if score > 5 because \"x\"", "exclude does not ask for scores"),
        ("mql if stage = sql", "stages do not ask for stages"),
        ("label g { \"A\" if stage = sql }\nmql if g = \"A\"", "nor for labels that do"),
        ("label a { \"x\" if b = \"y\" }\nlabel b { \"y\" if yes }", "labels ask for those above"),
        ("let a = b\nlet b = a\nwhen a = 1 add 1", "a circle of lets"),
        ("profile p { fit(q) }\nprofile q { fit(p) }", "a circle of profiles"),
        ("when at least 3 of (a = 1, b = 2) add 5", "more than there are"),
        ("let x = 1\nlet x = 2", "one name twice"),
        ("field a: number\nwhen a = \"x\" add 1", "two uses that disagree"),
        ("when a > 5 and a = \"x\" add 1", "two uses that disagree"),
        ("when a < b < c add 1", "comparisons do not chain"),
        ("when a mentions \"&\" add 1", "no word to look for"),
        ("when title < \"b\" add 1", "texts have no order"),
        ("when title is CEO add 1", "a text stands in quotes"),
        ("warm if score >= 5", "no such stage"),
        ("when visited() in last 3 days since 2025-01-01 add 1", "two windows"),
        ("when visited() once add 1", "at least or exactly"),
        ("reset at visited()", "a reset stands in a score"),
        ("when visited() add 5 per 30 days since visited() halving every 30 days", "no ageing of periods"),
        ("when visited() add 5 per 30 days of silence at most once a week", "no limit of silence"),
        ("language 2", "no statement"),
        ("model \"x\" { language 2 }", "a version of the language that is not known"),
        ("stages lead, mql never lower\nmql if a = 1", "never lower needs a field"),
        ("stages lead, mql from s\nmql if current = sql", "no such stage to stand in"),
        ("when a = 1 add 5 because \"{\"", "a brace that names nothing"),
    ] {
        let checked = support::checked(model);
        assert!(
            checked.model.is_none() && checked.diagnostics.iter().any(|d| d.severity == Severity::Error),
            "accepted ({why}): {model}"
        );
    }
}
