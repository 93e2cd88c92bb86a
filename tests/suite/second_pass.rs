//! What could be, where the second pass is easily got wrong: choices, tables, labels, resets.

#![allow(clippy::expect_used)] // A case that is no JSON fails.

use merit::eval::{Interpreter, stage_name};
use merit::results;
use serde_json::{Value as Json, json};

use super::support;

/// Score, lowest, highest, `could_be` and missing of one lead as of 2025-06-30.
fn could(model: &str, lead: &Json, activity: &[Json]) -> (String, String, String, String, Vec<String>) {
    let model = support::model(model);
    let (lead, _) = support::lead(&model, lead, activity);
    let outcome = Interpreter::new(&model, support::as_of("2025-06-30")).evaluate(&lead);
    let text = |p: Option<i128>| p.map_or("open".to_owned(), merit::points::to_text);
    let missing = results::missing(&model, &outcome).iter().map(|m| (*m).to_owned()).collect();
    (
        text(outcome.score),
        text(outcome.possible_low),
        text(outcome.possible_high),
        stage_name(&model, outcome.could_be).to_owned(),
        missing,
    )
}

#[track_caller]
fn holds(model: &str, lead: &Json, activity: &[Json], wanted: (&str, &str, &str, &str, &[&str])) {
    let got = could(model, lead, activity);
    let missing: Vec<&str> = got.4.iter().map(String::as_str).collect();
    assert_eq!((got.0.as_str(), got.1.as_str(), got.2.as_str(), got.3.as_str(), missing.as_slice()), wanted, "{model}");
}

#[test]
fn an_unknown_rule_with_two_sides_does_not_end_a_choice() {
    let model = "first of { when a = 1 add 5 if not subtract 3; when b = 1 add 50 }";
    holds(model, &json!({"b": 1}), &[], ("50", "-3", "50", "lead", &["a"]));
    holds("when a = 1 add 5 if not add 2", &json!({}), &[], ("0", "2", "5", "lead", &["a"]));
}

#[test]
fn a_line_without_a_known_amount_may_give_nothing() {
    holds(
        "first of { points by a { >= 1: amt } when b = 1 subtract 50 }",
        &json!({"a": 1, "b": 1}),
        &[],
        ("-50", "-50", "open", "lead", &["amt"]),
    );
}

#[test]
fn what_cannot_be_known_is_the_same_in_a_rule_and_in_a_table() {
    holds("when days_since(visited()) > 5 add 10", &json!({}), &[], ("0", "0", "0", "lead", &[]));
    holds("points by days_since(visited()) { above 5: 10 }", &json!({}), &[], ("0", "0", "0", "lead", &[]));
}

#[test]
fn labels_inside_of_labels() {
    let model =
        r#"label a { "1" if x = 1; otherwise "2" } label b { "v{a}" if y = 1; otherwise "none" } sql if b = "v1""#;
    holds(model, &json!({"y": 1}), &[], ("0", "0", "0", "sql", &["x"]));
    let model = r#"let d = domain(email) label b { "v{d}" if y = 1; otherwise "none" } sql if b = "vacme.com""#;
    holds(model, &json!({"y": 1}), &[], ("0", "0", "0", "sql", &["email"]));
}

#[test]
fn a_reset_at_a_date_that_is_missing() {
    let visit = [json!({"type": "visited", "at": "2025-06-01"})];
    let model = "score g { when visited() add 5 reset at visited() since d }";
    holds(model, &json!({}), &visit, ("5", "0", "5", "lead", &["d"]));
    holds(model, &json!({"d": "2025-01-01"}), &visit, ("0", "0", "0", "lead", &[]));
}

#[test]
fn instants_before_a_colon() {
    holds(
        "points by created { before 2025-06-15T12:00:00Z: 2; 2025-06-15T12:00:00+02:00: 3 }",
        &json!({"created": "2025-06-01"}),
        &[],
        ("2", "2", "2", "lead", &[]),
    );
}

#[test]
fn what_stays_unknown_can_make_nothing_true() {
    let never = "sql if days_since(booked()) < 14 and country = \"US\"";
    holds(never, &json!({}), &[], ("0", "0", "0", "lead", &[]));
    holds(never, &json!({}), &[json!({"type": "booked", "at": "2025-06-29"})], ("0", "0", "0", "sql", &["country"]));
    // Turned round it stays unknown, and so it blocks nothing.
    holds("sql if not (days_since(booked()) < 14 or country = \"US\")", &json!({}), &[], ("0", "0", "0", "lead", &[]));
    holds("sql if a = 1 unless days_since(booked()) < 14", &json!({"a": 1}), &[], ("0", "0", "0", "sql", &[]));
    holds(
        "sql if score = 0 score = 5 / lookup_of let lookup_of = days_since(booked())",
        &json!({}),
        &[],
        ("0", "0", "0", "sql", &[]),
    );
}

#[test]
fn a_choice_names_its_fields_as_one() {
    let model = "best of { when a = 1 add 5 when b = 1 add 50 }";
    holds(model, &json!({"b": 1}), &[], ("50", "50", "50", "lead", &[]));
    holds(model, &json!({}), &[], ("0", "0", "50", "lead", &["a", "b"]));
    // A rule that may take the place of another matters, though it gives nothing itself.
    holds("first of { when a = 1 add 0 when b = 1 add 10 }", &json!({"b": 1}), &[], ("10", "0", "10", "lead", &["a"]));
}

#[test]
fn products_without_end() {
    let twice = [json!({"type": "replied", "at": "2025-06-01"})];
    let both = "score a { when replied() subtract n } score b { when replied() subtract m } ";
    holds(&format!("{both} score = a * b"), &json!({}), &twice, ("0", "0", "open", "lead", &["n", "m"]));
    holds(&format!("{both} score = a * b / -2"), &json!({}), &twice, ("0", "open", "0", "lead", &["n", "m"]));
    holds(&format!("{both} score = a * (b + 3)"), &json!({}), &twice, ("0", "open", "open", "lead", &["n", "m"]));
}

#[test]
fn any_activity_has_the_target_of_its_declaration() {
    let model = "activity clicked activity opened_link from \"clicked\" target url when activity(\"/pricing\") add 5";
    holds(
        model,
        &json!({}),
        &[json!({"type": "clicked", "url": "https://acme.com/pricing", "at": "2025-06-01"})],
        ("5", "5", "5", "lead", &[]),
    );
}
