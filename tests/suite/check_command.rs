//! `merit check`: several files, leads, statuses, and the three ways of talking.

#![allow(clippy::expect_used, clippy::panic)] // A test that cannot set up its folder fails.

use serde_json::Value as Json;

use super::run_command::{Folder, MODEL};

fn folder(name: &str) -> Folder {
    let folder = Folder::new(name);
    folder
        .write("fine.merit", MODEL)
        .write("wrong.merit", "when employees > add 5\nwhen fit(icp) add 30\n")
        .write("doubtful.merit", "field title\nwhen title = \"VP*\" add 5\nwhen title contains \"cto\" add 3\n")
        .write("leads.csv", "id,email,employees,phone\na,k@x.example,60,1\n");
    folder
}

#[test]
fn a_model_without_errors() {
    folder("check-fine").merit("check fine.merit").ends(0).is("check_fine");
}

#[test]
fn all_errors_of_a_model() {
    folder("check-wrong").merit("check wrong.merit").ends(1).is("check_wrong");
}

#[test]
fn warnings_are_no_errors() {
    folder("check-doubtful").merit("check doubtful.merit").ends(0);
}

#[test]
fn several_files() {
    let folder = folder("check-several");
    folder.merit("check fine.merit wrong.merit fine.merit").ends(1).is("check_several");
}

#[test]
fn a_file_that_is_not_there_does_not_stop_the_others() {
    let folder = folder("check-missing");
    folder.merit("check wrogn.merit wrong.merit fine.merit").ends(2).is("check_missing_file");
    folder.merit("check wrong.merit wrogn.merit").ends(2);
}

#[test]
fn no_file_at_all() {
    folder("check-none").merit("check").ends(2);
}

#[test]
fn standard_input() {
    let folder = folder("check-stdin");
    folder.merit_fed("check -", b"when employees > add 5\n").ends(1).is("check_stdin");
    folder.merit_fed("check -", MODEL.as_bytes()).ends(0);
}

#[test]
fn against_leads_that_fit() {
    let ran = folder("check-leads").merit("check fine.merit --leads leads.csv");
    ran.ends(0).says("fine.merit: no errors");
}

#[test]
fn against_leads_that_do_not_fit() {
    let folder = folder("check-leads-bad");
    folder.write("leads.csv", "id,mail,Employees,employees\na,k@x.example,many,1\nb\nc,x,,\nc,x,,\n");
    folder.merit("check fine.merit --leads leads.csv").ends(1).is("check_leads");
}

#[test]
fn columns_and_cells_alone_are_warnings() {
    let folder = folder("check-leads-warnings");
    folder.write("leads.csv", "id,emial,employees,phone\na,k@x.example,many,1\n");
    folder.merit("check fine.merit --leads leads.csv").ends(0).is("check_leads_warnings");
}

#[test]
fn leads_that_are_not_there() {
    folder("check-no-leads").merit("check fine.merit --leads leads.cvs").ends(2).is("check_no_leads");
}

#[test]
fn quiet_says_errors_alone() {
    let folder = folder("check-quiet");
    assert_eq!(folder.merit("check fine.merit doubtful.merit --quiet").ends(0).stderr, "");
    folder.merit("check wrong.merit --quiet").ends(1).is("check_quiet");
    folder.write("leads.csv", "id,emial,employees,phone\na,k@x.example,many,1\n");
    assert_eq!(folder.merit("check fine.merit --leads leads.csv -q").ends(0).stderr, "");
}

#[test]
fn plain_words() {
    folder("check-plain").merit("check wrong.merit --diagnostics plain").ends(1).is("check_plain");
}

#[test]
fn objects_for_programs() {
    let folder = folder("check-json");
    let ran = folder.merit("check wrong.merit fine.merit --diagnostics json");
    ran.ends(1).is("check_json");
    let objects: Vec<Json> = ran.stderr.lines().map(|l| serde_json::from_str(l).expect("JSON")).collect();
    assert_eq!(objects.len(), 2);
    let text = folder.read("wrong.merit");
    for object in &objects {
        assert_eq!((&object["severity"], &object["file"]), (&"error".into(), &"wrong.merit".into()));
        for label in object["labels"].as_array().expect("an array") {
            let number = |key: &str| label[key].as_u64().and_then(|n| usize::try_from(n).ok()).expect("a number");
            let (start, end) = (number("start"), number("end"));
            assert!(start <= end && end <= text.len());
            assert_eq!(number("line"), text[..start].matches('\n').count() + 1);
            assert_eq!(number("column"), text[..start].rsplit('\n').next().unwrap_or("").chars().count() + 1);
        }
    }
}

#[test]
fn nothing_stands_on_standard_output() {
    let folder = folder("check-stdout");
    for line in ["check fine.merit", "check wrong.merit", "check fine.merit --leads leads.csv"] {
        assert_eq!(folder.merit(line).stdout, "");
    }
}

#[test]
fn pages_on_codes() {
    let folder = folder("check-code");
    let page = folder.merit("code e201");
    page.ends(0);
    assert!(page.stdout.contains("E201") && page.stderr.is_empty());
    let all = folder.merit("code");
    assert!(all.ends(0).stdout.lines().count() > 40);
    folder.merit("code E999").ends(2).is("check_no_such_code");
}
