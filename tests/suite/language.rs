//! The language, proven by the `test` blocks of the models in `tests/language/`.
//!
//! Every expectation there is written from the language's page, not from what the program prints.

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
    let mut models: Vec<PathBuf> = entries.map(|e| e.expect("a file").path()).filter(|p| p.extension().is_some_and(|e| e == "merit")).collect();
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
            failures.extend(errors.map(|d| format!("{file} is refused: {} {} {:?}", d.code, d.message, d.labels.first().map(|l| words(&checked.sources, l.span)))));
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
    assert!(failures.is_empty(), "{} of the expectations in {count} tests fail:\n{}", failures.len(), failures.join("\n"));
    assert!(count >= 150, "only {count} tests were found");
}
