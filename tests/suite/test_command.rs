//! `merit test` and `merit fields`: what passes, what fails, what no test has reached, what a model reads.

#![allow(clippy::expect_used)] // A test that cannot set up its folder fails.

use super::run_command::Folder;

/// Gaps are planted: the second rule, the lower table line, the stage mql, the label's otherwise, the gate, the review.
const MODEL: &str = r#"when visited("pricing") add 30
when replied() add 20
points by employees { 50 or more: 10; 10 or more: 5 }
mql if score >= 100
sql if score >= 30
iql and above only if country = "US" because "Not a market"
label grade { "A" if score >= 30; otherwise "C" }
review if email is missing and score >= 1000 because "No address"
as of 2025-06-30
test "a large company looks at prices" {
  lead { employees: 120, country: "US" }
  visited("pricing") today
  expect score = 40 and grade = "A"
  expect stage = sql
}
"#;

fn folder(name: &str, model: &str) -> Folder {
    let folder = Folder::new(name);
    folder.write("m.merit", model);
    folder
}

#[test]
fn planted_gaps_are_named_and_nothing_else() {
    let folder = folder("test-gaps", MODEL);
    let ran = folder.merit("test m.merit");
    ran.ends(0).is("test_gaps");
    let gaps: Vec<&str> = ran.stdout.lines().filter(|l| l.contains("not reached")).collect();
    let wanted = [
        "line 2, rule",
        "line 3, line of a table: 10 or more",
        "line 4, stage of mql",
        "line 7, label of grade: otherwise",
        "line 8, review",
    ];
    assert_eq!(gaps.len(), wanted.len(), "{gaps:#?}");
    for (gap, wanted) in gaps.iter().zip(wanted) {
        assert!(gap.contains(wanted), "{gap} / {wanted}");
    }
}

#[test]
fn coverage_can_be_demanded() {
    let folder = folder("test-coverage", MODEL);
    folder.merit("test m.merit --min-coverage 50").ends(0);
    folder.merit("test m.merit --min-coverage 90").ends(1).says("are wanted");
}

#[test]
fn a_failed_expectation_shows_the_values_of_its_parts() {
    let model = MODEL.replace("expect stage = sql", "expect stage = mql and employees > 200\n  expect country = city");
    let folder = folder("test-failed", &format!("field city\n{model}"));
    folder.merit("test m.merit").ends(1).is("test_failed");
}

#[test]
fn other_shapes() {
    let folder = folder("test-shapes", &MODEL.replace("grade = \"A\"", "grade = \"B\""));
    folder.merit("test m.merit --format junit").ends(1).is("test_junit");
    let json = folder.merit("test m.merit --format json");
    json.ends(1);
    let object = &json.objects()[0];
    assert_eq!((&object["passed"], &object["failed"]), (&0.into(), &1.into()));
    assert_eq!(object["tests"][0]["failed"][0]["line"], 13);
    assert_eq!(object["coverage"]["of"], 10);
}

#[test]
fn filters_and_empty_files() {
    let folder = folder("test-filter", MODEL);
    folder.merit("test m.merit --filter LARGE").ends(0);
    folder.merit("test m.merit --filter nothing").ends(0);
    folder.merit("test m.merit --filter nothing --fail-on-empty").ends(1).says("there is no test to run");
    folder.write("none.merit", "when a = 1 add 5\n");
    folder.merit("test none.merit").ends(0);
    folder.merit("test none.merit --fail-on-empty").ends(1);
    folder.write("broken.merit", "when a = add 5\n");
    folder.merit("test broken.merit m.merit").ends(1);
    folder.merit("test nowhere.merit m.merit").ends(2);
}

#[test]
fn fields() {
    let model = r#"field employees: number from "Number of Employees", "Headcount"
activity visited from "page_view" target url
let big = employees >= 50
profile icp { big country = "US" }
when attended("webinar" where minutes >= 30) add sum_of_it
let sum_of_it = sum(bought(), amount)
when visited("/pricing") and created in last 30 days add 5 because "Hi {first_name}"
when inactive for 30 days subtract 1
sql if fit(icp) and opted_in
activity sent are not engagement
when sent() add 1
"#;
    let folder = folder("fields", model);
    folder.merit("fields m.merit").ends(0).is("fields_text");
    folder.merit("fields m.merit --format json").ends(0).is("fields_json");
    assert_eq!(
        folder.merit("fields m.merit --format csv").stdout,
        "lead_id,employees,country,created,first_name,opted_in\n"
    );
    assert_eq!(
        folder.merit("fields m.merit --format csv --activity").stdout,
        "lead_id,type,target,at,event_id,url,amount,minutes\n"
    );
    folder.merit("fields nowhere.merit").ends(2);
}
