//! Exports as systems write them: `merit start`, then rules, then `merit run`, with no hand editing but the rules.
//!
//! A folder each in `tests/exports/`: `leads`, perhaps `activity`, `options` of `merit start`, `rules.merit` that stand for those that start
//! wrote, `expected.csv` worked out by hand, `model.merit` that start wrote, and `account.txt`, what there was to say of the data.

use std::fs;
use std::path::{Path, PathBuf};

use super::run_command::{Folder, snapshot_in};

/// What the rules of the model begin with, which people put their own in place of.
const RULES: [&str; 2] = ["# Who fits", "# What interest is worth"];

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/exports").join(name)
}

fn export(name: &str) {
    let at = folder(name);
    let here = Folder::new(&format!("export-{name}"));
    let mut files: Vec<String> = Vec::new();
    for entry in fs::read_dir(&at).expect("the folder").map(|e| e.expect("a file").path()) {
        let file = entry.file_name().expect("a name").to_string_lossy().into_owned();
        if file.starts_with("leads") || file.starts_with("activity") {
            here.write(&file, fs::read(&entry).expect("the file"));
            files.push(file);
        }
    }
    files.sort_by_key(|file| !file.starts_with("leads"));
    let options = fs::read_to_string(at.join("options")).unwrap_or_default();
    let files = files.join(" ");
    let started = here.merit(&format!("start {files} {} -o model.merit", options.trim()));
    assert_eq!(started.status, Some(0), "{name}: {}", started.stderr);
    let model = here.read("model.merit");
    // What start wrote checks without a word, and its test passes.
    assert!(here.merit("check model.merit").stderr.contains("no errors\n"), "{name}");
    let tested = here.merit("test model.merit");
    assert!(tested.status == Some(0) && tested.stdout.contains("1 passed"), "{name}: {}", tested.stdout);
    assert_eq!(here.merit("fmt --check model.merit").status, Some(0), "{name}");
    snapshot_in(&at, "model.merit", &model);

    let end = RULES.iter().filter_map(|rules| model.find(rules)).min().expect("rules");
    let rules = fs::read_to_string(at.join("rules.merit")).expect("rules");
    here.write("mine.merit", format!("{}{rules}", &model[..end]));
    let ran = here.merit(&format!(
        "run mine.merit {files} --as-of 2025-06-30 --format csv --columns lead_id,score,stage,could_be,reasons"
    ));
    let expected = fs::read_to_string(at.join("expected.csv")).expect("what is right");
    assert_eq!(ran.stdout, expected, "{name}: {}", ran.stderr);
    let account = ran.stderr.lines().map(|line| match line.rfind(" (").filter(|_| line.ends_with(" s)")) {
        Some(at) => &line[..at],
        None => line,
    });
    snapshot_in(&at, "account.txt", &format!("{}\n", account.collect::<Vec<_>>().join("\n")));
}

#[test]
fn contacts_from_hubspot() {
    export("hubspot");
}

#[test]
fn a_report_from_salesforce() {
    export("salesforce");
}

#[test]
fn people_and_activity_from_marketo() {
    export("marketo");
}

#[test]
fn a_german_export() {
    export("german");
}

#[test]
fn company_sizes_from_linkedin() {
    export("linkedin");
}

#[test]
fn events_from_segment() {
    export("segment");
}

#[test]
fn events_from_posthog() {
    export("posthog");
}

#[test]
fn events_from_google_analytics() {
    export("ga4");
}
