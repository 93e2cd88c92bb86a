//! The shipped examples hold: their models have nothing to be told of, their tests pass, their results are those that the
//! businesses agreed on, and what README shows is what the program writes.
//!
//! The results of the whole example stand in `tests/snapshots/`; `MERIT_RENEW=1` writes them anew.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::{Value as Json, json};

use super::support;

const MODEL: &str = "examples/saas-product-led/model.merit";
const LEADS: &str = "examples/saas-product-led/leads.csv";
const ACTIVITY: &str = "examples/saas-product-led/activity.csv";
const AS_OF: &str = "2025-09-30";
const SNAPSHOT: &str = "tests/snapshots/example_saas_product_led.csv";

/// Lead; fit, engagement, product; score; stage, could be; temperature, persona, next step; lowest and highest score.
type Lead = (&'static str, [i64; 3], i64, [&'static str; 2], [&'static str; 3], [i64; 2]);

/// What Plotline's marketing, growth and sales worked out by hand.
const AGREED: [Lead; 8] = [
    ("P-101", [55, 100, 0], 155, ["sql", "sql"], ["", "Champion", "Call today"], [155, 155]),
    ("P-102", [38, 32, 0], 70, ["mql", "mql"], ["Warm MQL", "User", "Nurture: case studies"], [70, 80]),
    ("P-103", [38, 26, 0], 64, ["mql", "mql"], ["Hot MQL", "User", "Rep calls within two days"], [64, 74]),
    ("P-104", [30, 0, 100], 130, ["pql", "sql"], ["", "Champion", "Product specialist writes within a day"], [130, 140]),
    ("P-105", [-10, 25, 0], 15, ["disqualified", "disqualified"], ["", "User", "None"], [10, 50]),
    ("P-106", [60, 0, 0], 60, ["sql", "sql"], ["", "Economic buyer", "Call today"], [60, 60]),
    ("P-107", [55, 55, 0], 110, ["disqualified", "disqualified"], ["", "Champion", "None"], [110, 110]),
    ("P-108", [17, 65, 0], 82, ["iql", "sql"], ["", "Champion", "Nurture: guides"], [77, 117]),
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Runs the program at the top of the project.
fn merit(args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_merit"));
    command.args(args).current_dir(root()).stdin(Stdio::null()).env_remove("CLICOLOR_FORCE").output().expect("merit runs")
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).expect("UTF-8")
}

#[test]
fn the_worked_leads_get_what_was_agreed() {
    let output = merit(&["run", MODEL, LEADS, "--events", ACTIVITY, "--as-of", AS_OF, "--format", "jsonl"]);
    assert!(output.status.success(), "{}", text(output.stderr));
    let results: Vec<Json> = text(output.stdout).lines().map(|l| serde_json::from_str(l).expect("JSON")).collect();
    for (got, (lead, [fit, engagement, product], score, [stage, could_be], labels, [low, high])) in results.iter().zip(AGREED) {
        let [temperature, persona, next_step] = labels.map(|l| if l.is_empty() { Json::Null } else { l.into() });
        let wanted = json!({
            "lead_id": lead, "score": score, "scores": {"fit": fit, "engagement": engagement, "product": product},
            "stage": stage, "could_be": could_be, "labels": {"temperature": temperature, "persona": persona, "next_step": next_step},
            "possible_score": {"low": low, "high": high}, "review": [],
        });
        for (key, wanted) in wanted.as_object().expect("an object") {
            assert_eq!(&got[key], wanted, "{key} of {lead}");
        }
    }
    let rows = std::fs::read_to_string(root().join(LEADS)).expect("the leads").lines().count() - 1;
    assert_eq!(results.len(), rows, "every row in gives one row out");
}

#[test]
fn the_worked_leads_stand_as_tests_in_the_model() {
    let checked = merit::load::load(root().join(MODEL).to_str().expect("a path")).expect("a file that can be read");
    let model = checked.model.expect("a model");
    for (lead, ..) in AGREED {
        assert!(model.tests.iter().any(|t| t.name.starts_with(lead)), "the model has no test for {lead}");
    }
}

#[test]
fn what_cannot_be_read_in_the_example_is_told() {
    let output = merit(&["run", MODEL, LEADS, "--events", ACTIVITY, "--as-of", AS_OF, "--diagnostics", "plain"]);
    let told = text(output.stderr);
    for words in ["about forty", "early next year", "10 Sept, evening", "P-077", "P-147"] {
        assert!(told.contains(words), "nothing is said about {words:?}:\n{told}");
    }
}

/// All rule files below `examples/`.
fn models() -> Vec<PathBuf> {
    let (mut folders, mut found) = (vec![root().join("examples")], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            match path.extension() {
                _ if path.is_dir() => folders.push(path),
                Some(end) if end == "merit" => found.push(path),
                _ => {}
            }
        }
    }
    found.sort();
    found
}

#[test]
fn every_shipped_model_is_fine_and_passes_its_tests() {
    let (mut wrong, mut tests) = (Vec::new(), 0);
    for path in models() {
        let checked = merit::load::load(path.to_str().expect("a path")).expect("a file that can be read");
        let file = path.strip_prefix(root()).expect("a path below the top").display();
        wrong.extend(checked.diagnostics.iter().map(|d| format!("{file}: {} {}", d.code, d.message)));
        let Some(model) = &checked.model else { continue };
        for result in merit::testing::run(model, support::as_of(AS_OF)) {
            tests += 1;
            for (span, unknown) in &result.failed {
                let why = if *unknown { "is not known" } else { "does not hold" };
                wrong.push(format!("{file}: {:?}: `{}` {why}", result.test.name, checked.sources.phrase(*span)));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(tests >= AGREED.len(), "only {tests} tests were found");
}

fn readme() -> String {
    std::fs::read_to_string(root().join("README.md")).expect("README.md")
}

#[test]
fn the_first_command_of_the_readme_gives_the_stored_results() {
    let readme = readme();
    let command = readme.lines().find_map(|l| l.strip_prefix("cargo run --release -- ")).expect("README shows how to run the example");
    let args: Vec<&str> = command.split_whitespace().collect();
    assert_eq!(args[..5], ["run", MODEL, LEADS, "--events", ACTIVITY]);
    let output = merit(&args);
    assert!(output.status.success(), "{}", text(output.stderr));
    let (got, path) = (text(output.stdout), root().join(SNAPSHOT));
    if std::env::var_os("MERIT_RENEW").is_some() {
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("the folder of the snapshots");
        std::fs::write(&path, &got).expect("the snapshot is written");
    }
    let wanted = std::fs::read_to_string(&path).unwrap_or_else(|_| panic!("there is no {SNAPSHOT}; MERIT_RENEW=1 writes it"));
    let differing: Vec<(&str, &str)> = wanted.lines().zip(got.lines()).filter(|(w, g)| w != g).take(3).collect();
    assert!(wanted == got, "{SNAPSHOT} differs; MERIT_RENEW=1 writes it anew; the first lines, wanted and got: {differing:#?}");
}

/// The fenced blocks of a page: what stands behind the fence, and the text.
fn blocks(page: &str) -> Vec<(&str, String)> {
    let mut found: Vec<(&str, String)> = Vec::new();
    let mut inside = false;
    for line in page.lines() {
        match (line.strip_prefix("```"), inside) {
            (Some(info), false) => found.push((info, String::new())),
            (None, true) => found.last_mut().expect("a block is open").1.extend([line, "\n"]),
            (Some(_), true) | (None, false) => {}
        }
        inside ^= line.starts_with("```");
    }
    found
}

/// Blocks with a second word are files of that name; `console` blocks hold a command behind `$ ` and all that it writes.
#[cfg(unix)]
#[test]
fn the_readme_shows_what_the_program_writes() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("readme");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("a folder");
    std::os::unix::fs::symlink(root().join("examples"), folder.join("examples")).expect("a link");
    let programs = Path::new(env!("CARGO_BIN_EXE_merit")).parent().expect("a folder");
    let path = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap_or_default());
    let mut count = 0;
    for (info, block) in blocks(&readme()) {
        if let Some((_, file)) = info.split_once(' ') {
            std::fs::write(folder.join(file), &block).expect("a file of the README");
        }
        let Some(transcript) = (info == "console").then(|| block.strip_prefix("$ ")).flatten() else { continue };
        let (command, wanted) = transcript.split_once('\n').expect("a command on a line");
        let mut shell = Command::new("sh");
        shell.args(["-c", &format!("{{ {command}; }} 2>&1")]).current_dir(&folder).env("PATH", &path).env_remove("CLICOLOR_FORCE");
        let got = text(shell.stdin(Stdio::null()).output().expect("a shell").stdout);
        assert!(got.trim_end() == wanted.trim_end(), "README shows of `{command}`:\n{wanted}\nit writes:\n{got}");
        count += 1;
    }
    assert!(count >= 2, "only {count} commands were found in README.md");
}
