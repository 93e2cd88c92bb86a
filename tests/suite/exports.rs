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

#[test]
fn nothing_of_a_person_goes_into_the_model() {
    // Eighty leads, so that values come often: names, addresses and the like stay out nevertheless.
    let mut leads = "Lead ID,First Name,Last Name,Email,Phone,Street,Zip,Owner,Job Title,Industry,Notes\n".to_owned();
    for i in 0..80 {
        leads.push_str(&format!(
            "L{i},Ada,Lovelace,ada{}@engine.example,+44 20 7946 0{i:03},12 Analytical Row,E1 6AN,Charles Babbage,VP Data,Software,call Ada\n",
            i % 3
        ));
    }
    let activity: String = (0..80)
        .map(|i| {
            format!(
                "L{i},visited,{},2025-06-{:02}\n",
                if i % 2 == 0 { "/pricing" } else { "ada0@engine.example" },
                i % 28 + 1
            )
        })
        .collect();
    let here = Folder::new("start-privacy");
    here.write("leads.csv", leads).write("activity.csv", format!("lead_id,type,target,at\n{activity}"));
    let started = here.merit("start leads.csv activity.csv");
    for word in ["Ada", "Lovelace", "engine", "7946", "Analytical", "E1 6AN", "Babbage", "L1", "L7"] {
        assert!(!started.stdout.contains(word) && !started.stderr.contains(word), "{word}: {}", started.stdout);
    }
    for word in ["VP Data (80)", "Software (80)", "/pricing (40)"] {
        assert!(started.stdout.contains(word), "{word}: {}", started.stdout);
    }
}

#[test]
fn what_cannot_be_started_is_told() {
    let here = Folder::new("start-wrong");
    here.write("leads.csv", "id,email\n1,a@b.example\n").write("empty.csv", "").write("model.merit", "mine\n");
    here.merit("start none.csv").says("there is no file `none.csv`").ends(2);
    here.merit("start empty.csv").says("`empty.csv` is empty").ends(2);
    here.merit("start leads.csv none.csv").says("there is no file `none.csv`").ends(2);
    here.merit("start leads.csv --time-zone Berlin").says("there is no time zone").ends(2);
    here.merit("start leads.csv -o model.merit").says("`model.merit` is there already, and stays as it is").ends(2);
    assert_eq!(here.read("model.merit"), "mine\n");
    // What the help says to type.
    here.merit("start leads.csv -o model.merit --overwrite").ends(0);
    assert!(here.read("model.merit").contains("merit start"));
    here.merit("start leads.csv -o leads.csv --overwrite").ends(2);
    assert_eq!(here.read("leads.csv"), "id,email\n1,a@b.example\n");
}

#[test]
fn models_for_odd_files_check_and_their_tests_pass() {
    let odd: &[(&str, &str)] = &[
        ("header.csv", "id,email\n"),
        (
            "names.csv",
            "score,stage,current,when,add,icp,fit,2nd line,``,`x`,\"a \"\"b\"\"\",a.b,Über Größe\n1,a,b,1,2,x,y,3,4,5,6,7,8\n2,a,b,3,4,x,y,3,4,5,6,7,8\n3,a,b,3,4,x,y,3,4,5,6,7,8\n",
        ),
        (
            "values.csv",
            "id,kind\n1,\"a \"\"quoted\"\" {brace} \\\"\n2,\"a \"\"quoted\"\" {brace} \\\"\n3,# no comment\n4,# no comment\n5,# no comment\n",
        ),
        (
            "nested.json",
            r#"[{"id":1,"company":{"name":"A","size":"51-200"},"tags":["a","b"],"events":[{"type":"visited","target":"/pricing","at":"2025-06-01"}]},{"id":2,"tags":[]}]"#,
        ),
        (
            "lines.jsonl",
            "{\"id\":\"a\",\"plan\":\"pro\"}\n{\"id\":\"b\",\"plan\":\"pro\"}\n{\"id\":\"c\",\"plan\":\"pro\"}\n",
        ),
        ("dates.csv", "id;wann;betrag\n1;01.02.2025;1.234,50\n2;13.02.2025;12,00\n3;14.02.2025;900,1\n"),
        ("blank.csv", "id,empty,dash\n1,,-\n2,,n/a\n3,,-\n"),
    ];
    for (name, content) in odd {
        let here = Folder::new("start-odd");
        here.write(name, content);
        let started = here.merit(&format!("start {name} -o model.merit"));
        assert_eq!(started.status, Some(0), "{name}: {}", started.stderr);
        let model = here.read("model.merit");
        let checked = here.merit("check model.merit");
        assert!(checked.stderr.contains("no errors\n"), "{name}: {}\n{model}", checked.stderr);
        assert!(here.merit("test model.merit").stdout.contains("1 passed, 0 failed"), "{name}: {model}");
        assert_eq!(here.merit("fmt --check model.merit").status, Some(0), "{name}: {model}");
        assert_eq!(here.merit(&format!("run model.merit {name}")).status, Some(0), "{name}: {model}");
    }
}
