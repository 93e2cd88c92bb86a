//! The shipped examples hold: their models have nothing to be told of, their tests pass, and their results are those that the
//! businesses agreed on.
//!
//! The results of the whole example stand in `tests/snapshots/`; `MERIT_RENEW=1` writes them anew.

use std::process::{Command, Output, Stdio};

use serde_json::{Value as Json, json};

use super::docs::root;
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
    (
        "P-104",
        [30, 0, 100],
        130,
        ["pql", "sql"],
        ["", "Champion", "Product specialist writes within a day"],
        [130, 140],
    ),
    ("P-105", [-10, 25, 0], 15, ["disqualified", "disqualified"], ["", "User", "None"], [10, 50]),
    ("P-106", [60, 0, 0], 60, ["sql", "sql"], ["", "Economic buyer", "Call today"], [60, 60]),
    ("P-107", [55, 55, 0], 110, ["disqualified", "disqualified"], ["", "Champion", "None"], [110, 110]),
    ("P-108", [17, 65, 0], 82, ["iql", "sql"], ["", "Champion", "Nurture: guides"], [77, 117]),
];

/// Runs the program at the top of the project.
fn merit(args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_merit"));
    command
        .args(args)
        .current_dir(root())
        .stdin(Stdio::null())
        .env_remove("CLICOLOR_FORCE")
        .output()
        .expect("merit runs")
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).expect("UTF-8")
}

#[test]
fn the_worked_leads_get_what_was_agreed() {
    let output = merit(&["run", MODEL, LEADS, "--events", ACTIVITY, "--as-of", AS_OF, "--format", "jsonl"]);
    assert!(output.status.success(), "{}", text(output.stderr));
    let results: Vec<Json> = text(output.stdout).lines().map(|l| serde_json::from_str(l).expect("JSON")).collect();
    for (got, (lead, [fit, engagement, product], score, [stage, could_be], labels, [low, high])) in
        results.iter().zip(AGREED)
    {
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

#[test]
fn every_shipped_model_is_fine_and_passes_its_tests() {
    let (mut wrong, mut tests) = (Vec::new(), 0);
    for path in support::rule_files(&["examples"]) {
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
    let command = readme
        .lines()
        .find_map(|l| l.strip_prefix("cargo run --release -- "))
        .expect("README shows how to run the example");
    let args: Vec<&str> = command.split_whitespace().collect();
    assert_eq!(args[..5], ["run", MODEL, LEADS, "--events", ACTIVITY]);
    let output = merit(&args);
    assert!(output.status.success(), "{}", text(output.stderr));
    let (got, path) = (text(output.stdout), root().join(SNAPSHOT));
    if std::env::var_os("MERIT_RENEW").is_some() {
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("the folder of the snapshots");
        std::fs::write(&path, &got).expect("the snapshot is written");
    }
    let wanted =
        std::fs::read_to_string(&path).unwrap_or_else(|_| panic!("there is no {SNAPSHOT}; MERIT_RENEW=1 writes it"));
    let differing: Vec<(&str, &str)> = wanted.lines().zip(got.lines()).filter(|(w, g)| w != g).take(3).collect();
    assert!(
        wanted == got,
        "{SNAPSHOT} differs; MERIT_RENEW=1 writes it anew; the first lines, wanted and got: {differing:#?}"
    );
}

/// What one worked lead of a brief gets: id, score, stage, lowest and highest score, `could_be`, the rest in order.
type Worked =
    (&'static str, &'static str, &'static str, (&'static str, &'static str), &'static str, &'static [&'static str]);

/// Runs an example and compares its first eight leads. `labels` name the score groups, then the labels, that follow in each row.
#[track_caller]
fn worked(folder: &str, as_of: &str, groups: &[&str], labels: &[&str], wanted: &[Worked]) {
    let file = |name: &str| format!("examples/{folder}/{name}");
    let out = merit(&[
        "run",
        &file("model.merit"),
        &file("leads.csv"),
        "--events",
        &file("activity.csv"),
        "--as-of",
        as_of,
        "--format",
        "jsonl",
        "-q",
    ]);
    let stdout = text(out.stdout);
    let rows: Vec<serde_json::Value> = stdout.lines().map(|l| serde_json::from_str(l).expect("JSON")).collect();
    assert!(rows.len() > 60, "{} leads", rows.len());
    let shown = |v: &serde_json::Value| v.as_str().map_or_else(|| v.to_string(), str::to_owned);
    for ((id, score, stage, (low, high), could_be, rest), row) in wanted.iter().zip(&rows) {
        let got = (
            shown(&row["lead_id"]),
            shown(&row["score"]),
            shown(&row["stage"]),
            shown(&row["possible_score"]["low"]),
            shown(&row["possible_score"]["high"]),
            shown(&row["could_be"]),
        );
        let agreed = (
            (*id).to_owned(),
            (*score).to_owned(),
            (*stage).to_owned(),
            (*low).to_owned(),
            (*high).to_owned(),
            (*could_be).to_owned(),
        );
        assert_eq!(got, agreed);
        let mut others: Vec<String> = groups.iter().map(|g| shown(&row["scores"][*g])).collect();
        others.extend(labels.iter().map(|l| shown(&row["labels"][*l])));
        if row.get("change").is_some() {
            others.push(shown(&row["change"]));
        }
        others.extend(row["review"].as_array().into_iter().flatten().map(shown));
        assert_eq!(others, *rest, "{id}");
    }
}

#[test]
fn the_agency_gets_what_was_agreed() {
    const WRITE: &str = "Nurture: case studies";
    worked(
        "agency-inbound",
        "2025-06-30",
        &["fit", "interest"],
        &["priority", "funnel", "next_step"],
        &[
            (
                "F-201",
                "81",
                "mql",
                ("81", "81"),
                "sql",
                &["40", "41", "A", "BOFU", "Sales calls within one working day", "raised"],
            ),
            (
                "F-202",
                "80",
                "sql",
                ("80", "80"),
                "sql",
                &["40", "40", "A", "BOFU", "Propose a date for the scoping workshop", "raised"],
            ),
            (
                "F-203",
                "0",
                "subscriber",
                ("0", "15"),
                "subscriber",
                &["-5", "0", "C", "TOFU", "Newsletter only", "same"],
            ),
            (
                "F-204",
                "52",
                "lead",
                ("52", "62"),
                "sql",
                &["23", "29", "B", "BOFU", WRITE, "same", "Look this company up"],
            ),
            ("F-205", "48", "lead", ("48", "48"), "lead", &["23", "25", "B", "BOFU", WRITE, "same"]),
            ("F-206", "40", "lead", ("40", "40"), "lead", &["33", "7", "B", "MOFU", WRITE, "same"]),
            (
                "F-207",
                "65",
                "disqualified",
                ("65", "65"),
                "disqualified",
                &["40", "25", "None", "BOFU", "None", "null"],
            ),
            (
                "F-208",
                "40",
                "customer",
                ("40", "40"),
                "customer",
                &["40", "0", "B", "TOFU", "Leave to the account team", "same"],
            ),
        ],
    );
}

#[test]
fn the_maker_of_presses_gets_what_was_agreed() {
    const PHONE: &str = "Inside sales qualifies by phone";
    worked(
        "manufacturing-trade-shows",
        "2025-11-28",
        &["account", "person", "interest"],
        &["tier", "next_step"],
        &[
            (
                "H-01",
                "175",
                "sql",
                ("175", "180"),
                "sql",
                &["55", "20", "100", "A", "Field sales calls within 4 hours", "No phone number"],
            ),
            ("H-02", "97", "mql", ("97", "107"), "sql", &["45", "12", "40", "A", PHONE]),
            ("H-03", "52.5", "prospect", ("52.5", "62.5"), "mql", &["40", "10", "2.5", "B", "Invite to the next show"]),
            ("H-04", "130", "mql", ("130", "140"), "sql", &["50", "25", "55", "A", PHONE]),
            ("H-05", "-5", "suspect", ("-5", "45"), "prospect", &["10", "-20", "5", "C", "None"]),
            (
                "H-06",
                "125",
                "disqualified",
                ("125", "135"),
                "disqualified",
                &["45", "20", "60", "A", "None", "Legal answers this quote"],
            ),
            ("H-07", "105", "prospect", ("105", "115"), "sql", &["20", "25", "60", "C", "Hand to the distributor"]),
            ("H-08", "127.5", "mql", ("127.5", "127.5"), "sql", &["60", "20", "47.5", "A", PHONE]),
        ],
    );
}
