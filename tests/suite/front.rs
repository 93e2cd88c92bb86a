//! The library as a program uses it: rules, answers, explanations, files, what changed.

use merit::{Ended, Rules};
use serde::Serialize;
use serde_json::json;

use super::docs::root;
use super::run_command::Folder;

#[derive(Serialize)]
struct Contact {
    lead_id: &'static str,
    employees: u32,
    country: Option<&'static str>,
    events: Vec<Event>,
}

#[derive(Serialize)]
struct Event {
    r#type: &'static str,
    target: &'static str,
    at: &'static str,
}

const RULES: &str = "when employees >= 50 and country = \"US\" add 10\nwhen visited(\"pricing\") add 30\nmql if score >= 30\nsql if score >= 40\nlabel next { \"Call {country}\" if stage = sql otherwise \"Wait\" }\n";

#[test]
fn a_struct_is_scored_and_explained() {
    let rules = Rules::parse(RULES).expect("rules");
    assert!(rules.warnings().all.is_empty());
    let scorer = rules.scorer("2025-06-30").expect("a date");
    let event = |at| Event { r#type: "visited", target: "Pricing", at };
    let mut contact = Contact { lead_id: "c-1", employees: 60, country: None, events: vec![event("2025-06-01")] };
    let answer = scorer.score(&contact).expect("a lead");
    assert_eq!((answer.lead_id.as_str(), answer.score, answer.stage.as_str()), ("c-1", Some(30.0), "mql"));
    assert_eq!((answer.could_be.as_str(), answer.missing), ("sql", vec!["country".to_owned()]));
    assert_eq!(answer.labels, [("next".to_owned(), Some("Wait".to_owned()))]);
    assert_eq!(answer.reasons, ["+30 Visited \"pricing\""]);
    assert_eq!(answer.result["possible_score"], json!({"low": 30, "high": 40}));
    let why = scorer.explain(&contact).expect("a lead");
    assert_eq!((why.lead_id.as_str(), why.stage.as_str()), ("c-1", "mql"));
    // Activity after as-of has not happened yet.
    contact.events = vec![event("2025-07-01")];
    assert_eq!(scorer.score(&contact).expect("a lead").score, Some(0.0));
}

#[test]
fn what_is_wrong_is_drawn() {
    let problems = Rules::parse("when visted > 3 times add 5\nmql if score > = 3\n").err().expect("errors");
    assert!(problems.all.len() > 1 && problems.all.iter().all(merit::Diagnostic::is_error), "{problems}");
    assert!(problems.to_string().contains("model.merit"), "{problems}");
    let error: Box<dyn std::error::Error> = Box::new(problems);
    assert!(error.to_string().contains("when visted > 3 times add 5"));

    assert!(Rules::load("no such folder/m.merit").err().expect("an error").to_string().contains("no such folder"));
    let rules = Rules::parse(RULES).expect("rules");
    assert!(rules.scorer("soon").err().expect("an error").to_string().contains("soon"));
    let scorer = rules.scorer("2025-06-30").expect("a date");
    for lead in [json!(5), json!("x"), json!([]), json!(null), json!([{"country": "US"}, {"country": "DE"}])] {
        assert!(!scorer.score(&lead).expect_err("an error").all.is_empty(), "{lead}");
    }
    assert!(scorer.score(&json!({"events": 5})).is_ok_and(|answer| answer.score == Some(0.0)));
}

#[test]
fn a_file_is_scored_as_by_the_command() {
    let folder = root().join("examples/saas-product-led");
    let rules = Rules::load(folder.join("model.merit")).expect("rules");
    let scorer = rules.scorer("2025-09-30").expect("a date");
    let mut out = Vec::new();
    let (leads, activity) = (folder.join("leads.csv"), folder.join("activity.csv"));
    let ended: Ended = scorer.score_file(leads, Some(&activity), &mut out).expect("a run");
    let command = Folder::new("front");
    let place = folder.to_string_lossy();
    let line = format!(
        "run {place}/model.merit {place}/leads.csv --events {place}/activity.csv --as-of 2025-09-30 --format csv"
    );
    assert_eq!(String::from_utf8(out).expect("UTF-8"), command.merit(&line).stdout);
    assert!(ended.account.leads > 100 && !ended.problems.is_empty());
}

#[test]
fn rules_tell_what_changed() {
    let old = Rules::parse(RULES).expect("rules");
    let new = Rules::parse(&RULES.replace("add 30", "add 35")).expect("rules");
    let told = new.changes_since(&old);
    assert!(told.contains("30") && told.contains("35") && told.contains("Visited \"pricing\""), "{told}");
}
