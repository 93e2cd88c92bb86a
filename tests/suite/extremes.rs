//! Large and deep things: each has an answer, exact where it can be known, and none of these would end in time if the work
//! grew with the square of the size or doubled with each level.

use std::fmt::Write;
use std::sync::Arc;

use merit::eval::batch::{Batch, Program};
use merit::eval::{Interpreter, Outcome};
use merit::lead::{Activity, At, Lead};
use merit::model::Model;
use merit::points::to_text;
use merit::time::Instant;
use merit::value::{Raw, Stage, Text, Value};
use merit::words::Lines;
use serde_json::json;

use super::support;

const MINUTE: i64 = 60_000_000;
const DAY: i64 = 1440 * MINUTE;

/// The codes of what is wrong with a model.
fn errors(text: &str) -> Vec<String> {
    support::checked(text).diagnostics.iter().filter(|d| d.is_error()).map(|d| d.code.to_string()).collect()
}

/// A lead without values, its records made of type, target and instant.
fn lead_of(model: &Model, records: impl Iterator<Item = (Arc<Text>, Option<Arc<Text>>, i64)>) -> Lead {
    let activity = records.map(|(kind, target, at)| Activity::new(kind, target, At::Instant(Instant(at)))).collect();
    Lead {
        id: "1".to_owned(),
        values: vec![Value::Missing; model.fields.len()],
        unreadable: Vec::new(),
        activity: Arc::new(activity),
    }
}

/// A record a minute from `start` on, by turns `visited` and `booked`, of a thousand targets `t0` to `t999`.
fn a_record_a_minute(model: &Model, records: usize, start: i64) -> Lead {
    let kinds = [Text::new("visited"), Text::new("booked")];
    let targets: Vec<_> = (0..1000).map(|i| Text::new(&format!("t{i}"))).collect();
    lead_of(
        model,
        (0..records)
            .map(|i| (Arc::clone(&kinds[i % 2]), Some(Arc::clone(&targets[i % 1000])), start + i as i64 * MINUTE)),
    )
}

fn first_moment(day: &str) -> i64 {
    merit::time::read_iso(day).expect("a day").in_zone(&merit::time::Zone::UTC).first().0
}

/// The answer of both engines; the trace and the result object are made too.
fn answer(model: &Model, lead: &Lead, as_of: i64) -> Outcome {
    let interpreter = Interpreter::new(model, Instant(as_of));
    let outcome = interpreter.evaluate(lead);
    assert_eq!(interpreter.trace(lead).0, outcome);
    let program = Program::compile(model, Instant(as_of));
    assert_eq!(Batch::new(&program).outcomes(std::slice::from_ref(lead)), std::slice::from_ref(&outcome));
    let lines = Lines::of(model);
    serde_json::to_string(&merit::results::object(model, &lines, "1", &outcome, Instant(as_of))).expect("a result");
    outcome
}

fn groups(model: &Model, outcome: &Outcome) -> Vec<(String, String)> {
    model.groups.iter().zip(&outcome.groups).map(|(g, p)| (g.name.clone(), to_text(*p))).collect()
}

#[test]
fn a_lead_with_a_hundred_thousand_records() {
    const RECORDS: usize = 100_000;
    let model = support::model(
        r#"
        score every_one { add 1 per visited() }
        score two_an_hour { add 1 per visited() at most 2 times every 1 hour }
        score one_a_day { add 1 per activity() at most once every 1 day }
        score different { add 1 per distinct visited() }
        score of_one { add 1 per visited("t10") }
        score silent { subtract 1 per 1 minute of silence }
        score not_silent { subtract 1 per 2 minutes of silence }
        score worn { add 1 per visited() losing 1% every 1 day }
        score halved { add 0.0001 per visited() halving every 1 year }
        score close {
          when visited() at least 31 times within 1 hour add 1
          when visited() at least 32 times within 1 hour add 10
          when visited() on at least 70 days add 100
          when activity() on at least 71 days add 1000
        }
        score sequences {
          when visited("t998") then booked("t999") within 1 minute add 1
          when visited("t0") then booked("t3") within 2 minutes add 10
          when visited() then visited() within 2 minutes add 100
          when visited() then visited() within 1 minute add 1000
          when booked("t999") then visited("nowhere") add 10000
        }
        score fresh { add 1 per visited() reset at booked("t999") }
        score numbers { when count(visited()) = 50_000 and days_since(visited()) = 0 add 1 }
        "#,
    );
    let start = first_moment("2025-01-01");
    let as_of = start + RECORDS as i64 * MINUTE;
    let outcome = answer(&model, &a_record_a_minute(&model, RECORDS, start), as_of);
    // Each record by itself: 1 less a hundredth for each full day.
    let losing: i64 = (0..RECORDS as i64).step_by(2).map(|i| 10_000 - 100 * ((RECORDS as i64 - i) / 1440)).sum();
    let wanted = [
        ("every_one", "50000".to_owned()),
        // Minutes 0 and 2 of each of 1,667 hours.
        ("two_an_hour", "3334".to_owned()),
        ("one_a_day", "70".to_owned()),
        ("different", "500".to_owned()),
        ("of_one", "100".to_owned()),
        ("silent", "-100000".to_owned()),
        ("not_silent", "0".to_owned()),
        ("worn", to_text(i128::from(losing))),
        ("halved", "5".to_owned()),
        ("close", "101".to_owned()),
        ("sequences", "101".to_owned()),
        // The last record of all is a `booked("t999")`.
        ("fresh", "0".to_owned()),
        ("numbers", "1".to_owned()),
    ];
    assert_eq!(groups(&model, &outcome), wanted.map(|(name, points)| (name.to_owned(), points)));
}

#[test]
fn a_hundred_thousand_records_at_one_instant() {
    const RECORDS: usize = 100_000;
    let model = support::model(
        r#"
        score limited { add 1 per visited() at most 3 times every 1 day }
        score different { add 1 per distinct visited() }
        score silent { subtract 1 per 1 day of silence }
        score sequences {
          when visited() then visited() add 1
          when visited("p0") then visited("p0") add 10
          when visited() then booked() add 100
          when visited() at least 100_000 times within 1 minute add 1000
        }
        "#,
    );
    let (at, visited) = (first_moment("2025-06-01"), Text::new("visited"));
    let lead = lead_of(&model, (0..RECORDS).map(|i| (Arc::clone(&visited), Some(Text::new(&format!("p{i}"))), at)));
    let outcome = answer(&model, &lead, at + 3 * DAY);
    let wanted = [("limited", "3"), ("different", "100000"), ("silent", "-3"), ("sequences", "1001")];
    assert_eq!(groups(&model, &outcome), wanted.map(|(name, points)| (name.to_owned(), points.to_owned())));
}

#[test]
fn ten_thousand_rules() {
    let mut text = String::new();
    for i in 0..10_000 {
        writeln!(text, "when visited(\"t{i}\") add 1 because \"Page {i}\"").expect("text");
    }
    let model = support::model(&text);
    let start = first_moment("2025-01-01");
    let outcome = answer(&model, &a_record_a_minute(&model, 1000, start), start + 1000 * MINUTE);
    // Every other of a thousand targets was visited.
    assert_eq!((outcome.score, outcome.fired.len()), (Some(5_000_000), 500));

    text.push_str("when visited() add 1\n");
    assert_eq!(errors(&text), ["E410"]);
}

#[test]
fn ten_thousand_rules_about_unknown_fields() {
    let mut text = String::new();
    for i in 0..10_000 {
        writeln!(text, "when f{} >= {i} and g = 1 add 1", i % 100).expect("text");
    }
    text.push_str("sql if score >= 10_000");
    let model = support::model(&text);
    let lead = support::lead(&model, &json!({}), &[]).0;
    let outcome = answer(&model, &lead, 0);
    assert_eq!((outcome.score, outcome.possible_low, outcome.possible_high), (Some(0), Some(0), Some(100_000_000)));
    assert_eq!((outcome.missing.len(), outcome.could_be), (101, Stage::Rank(4)));
}

#[test]
fn two_thousand_labels() {
    let mut text = String::from("label l0 { \"yes\" if a = 1; otherwise \"no\" }\n");
    for i in 1..2000 {
        writeln!(text, "label l{i} {{ \"yes\" if l{} = \"yes\"; otherwise \"no\" }}", i - 1).expect("text");
    }
    text.push_str("mql if l1999 = \"yes\"\nsql if l1999 = \"other\"\n");
    let model = support::model(&text);
    let of = |lead| answer(&model, &support::lead(&model, &lead, &[]).0, 0);
    let known = of(json!({ "a": 1 }));
    assert_eq!((known.labels[1999].as_deref(), known.stage), (Some("yes"), Stage::Rank(2)));
    let unknown = of(json!({}));
    assert_eq!(
        (unknown.labels[1999].as_deref(), unknown.stage, unknown.could_be),
        (Some("no"), Stage::Rank(0), Stage::Rank(2))
    );
    assert_eq!(unknown.missing.len(), 1);
}

#[test]
fn five_thousand_lets() {
    // Twenty-five chains, each as long as may be with room to spare.
    let mut text = String::new();
    for chain in 0..25 {
        writeln!(text, "let c{chain}_0 = a").expect("text");
        for i in 1..200 {
            writeln!(text, "let c{chain}_{i} = c{chain}_{} + 1", i - 1).expect("text");
        }
        writeln!(text, "when c{chain}_199 = 200 add 1").expect("text");
    }
    let model = support::model(&text);
    let outcome = answer(&model, &support::lead(&model, &json!({ "a": 1 }), &[]).0, 0);
    assert_eq!(outcome.score, Some(250_000));
    let outcome = answer(&model, &support::lead(&model, &json!({}), &[]).0, 0);
    assert_eq!((outcome.score, outcome.possible_high, outcome.missing.len()), (Some(0), Some(250_000), 1));
}

/// 200 lets, each made of the one before twice.
fn doubled(first: &str, joined: &str) -> String {
    let mut text = format!("let d0 = {first}\n");
    for i in 1..=200 {
        writeln!(text, "let d{i} = d{} {joined} d{}", i - 1, i - 1).expect("text");
    }
    text
}

#[test]
fn lets_that_double_two_hundred_times() {
    let text = doubled("a = 1", "and") + "when d200 add 1\nsql if d200 or score > 0\n";
    let model = support::model(&text);
    let of = |lead| answer(&model, &support::lead(&model, &lead, &[]).0, 0);
    let known = of(json!({ "a": 1 }));
    assert_eq!((known.score, known.stage), (Some(10_000), Stage::Rank(4)));
    let unknown = of(json!({}));
    assert_eq!((unknown.possible_high, unknown.could_be, unknown.missing.len()), (Some(10_000), Stage::Rank(4), 1));

    // Two to the power of 49 still is a number that Merit has; of 50 it is not.
    let model = support::model(
        &(doubled("a", "+") + "when d49 > 0 add 1\nwhen d50 > 0 add 10\nwhen d200 is missing add 100\n"),
    );
    let outcome = answer(&model, &support::lead(&model, &json!({ "a": 1 }), &[]).0, 0);
    assert_eq!(outcome.score, Some(1_010_000));
}

#[test]
fn a_condition_that_doubles_and_is_counted() {
    let model = support::model(&(doubled("a = 1", "and") + "when d200 and visited() add 1 each time"));
    let lead =
        support::lead(&model, &json!({ "a": 1 }), &[json!({ "type": "visited" }), json!({ "type": "visited" })]).0;
    assert_eq!(answer(&model, &lead, 0).score, Some(20_000));
}

#[test]
fn a_formula_that_doubles() {
    let mut text = String::from("score g { when a = 1 add 8 }\nlet s0 = g\n");
    for i in 1..=100 {
        writeln!(text, "let s{i} = (s{0} + s{0}) / 2", i - 1).expect("text");
    }
    let model = support::model(&(text + "score = (s100)"));
    let of = |lead| answer(&model, &support::lead(&model, &lead, &[]).0, 0);
    assert_eq!(of(json!({ "a": 1 })).score, Some(80_000));
    assert_eq!((of(json!({})).possible_low, of(json!({})).possible_high), (Some(0), Some(80_000)));
}

#[test]
fn profiles_that_double_two_hundred_times() {
    let mut text = String::from("profile p0 { a = 1; b = 2 }\n");
    for i in 1..=100 {
        writeln!(text, "profile p{i} {{ fit(p{0}); at least 1 of p{0} }}", i - 1).expect("text");
    }
    text.push_str("when at least 2 of p100 add 1\nlabel l { \"yes\" if none of p100; otherwise \"no\" }\n");
    let model = support::model(&text);
    let of = |lead| answer(&model, &support::lead(&model, &lead, &[]).0, 0);
    assert_eq!(of(json!({ "a": 1, "b": 2 })).score, Some(10_000));
    let unknown = of(json!({ "a": 1 }));
    assert_eq!((unknown.score, unknown.possible_high, unknown.missing.len()), (Some(0), Some(10_000), 1));
}

#[test]
fn profiles_that_count_each_other() {
    let mut text = String::from("profile p0 { a = 1; b = 2 }\n");
    for i in 1..=100 {
        writeln!(text, "profile p{i} {{ at least 1 of p{0}; at least 1 of p{0} }}", i - 1).expect("text");
    }
    text.push_str("when at least 2 of p100 add 1 if not subtract 1\nmql if none of p100 unless at least 1 of p100\n");
    let model = support::model(&text);
    let of = |lead| answer(&model, &support::lead(&model, &lead, &[]).0, 0);
    assert_eq!(of(json!({ "a": 1, "b": 0 })).score, Some(10_000));
    let unknown = of(json!({ "a": 0 }));
    assert_eq!((unknown.possible_low, unknown.possible_high, unknown.missing.len()), (Some(-10_000), Some(10_000), 1));
}

#[test]
fn two_thousand_labels_that_are_written_out() {
    let mut text = String::from("label l0 { \"x\" if a = 1; otherwise \"y\" }\n");
    for i in 1..2000 {
        writeln!(text, "label l{i} {{ \"{{l{0}}}\" if l{0} = \"x\"; otherwise \"n{{a}}\" }}", i - 1).expect("text");
    }
    text.push_str("mql if l1999 = \"x\"\n");
    let model = support::model(&text);
    let outcome = answer(&model, &support::lead(&model, &json!({ "a": 1 }), &[]).0, 0);
    assert_eq!((outcome.labels[1999].as_deref(), outcome.stage), (Some("x"), Stage::Rank(2)));
    assert_eq!(answer(&model, &support::lead(&model, &json!({}), &[]).0, 0).could_be, Stage::Rank(2));
}

#[test]
fn thousands_of_stages_with_gates() {
    let mut text = String::from("stages s0");
    (1..3000).for_each(|i| write!(text, ", s{i}").expect("text"));
    (1..3000).for_each(|i| write!(text, "\ns{i} if a >= {i}\ns{i} and above only if b >= {i}").expect("text"));
    let model = support::model(&text);
    let of = |lead| answer(&model, &support::lead(&model, &lead, &[]).0, 0);
    assert_eq!(of(json!({ "a": 2500, "b": 2000 })).stage, Stage::Rank(2000));
    let unknown = of(json!({ "a": 2500 }));
    assert_eq!((unknown.stage, unknown.could_be, unknown.missing.len()), (Stage::Rank(0), Stage::Rank(2500), 1));
}

#[test]
fn what_is_nested_too_deep_is_refused() {
    // Each let adds two levels: itself and its sum.
    let chain = |length: usize| {
        let mut text = String::from("let c0 = a\n");
        for i in 1..length {
            writeln!(text, "let c{i} = c{} + 1", i - 1).expect("text");
        }
        text + &format!("when c{} = 1 add 1\n", length - 1)
    };
    assert_eq!(errors(&chain(250)), [""; 0]);
    assert_eq!(errors(&chain(300)), ["E410"]);
    assert_eq!(errors(&chain(5000)), ["E410"]);

    let parens = |depth: usize| format!("when {}a = 1{} add 1", "(".repeat(depth), ")".repeat(depth));
    assert_eq!(errors(&parens(120)), [""; 0]);
    assert_eq!(errors(&parens(129)), ["E106"]);
    assert_eq!(errors(&parens(100_000)), ["E106"]);
    let nots = |depth: usize| format!("when {}a add 1", "not ".repeat(depth));
    assert_eq!(errors(&nots(120)), [""; 0]);
    assert_eq!(errors(&nots(100_000)), ["E106"]);

    let comment = format!("when a = 1 add 1 # {}", "x".repeat(4 << 20));
    assert_eq!(errors(&comment), ["E107"]);
}

#[test]
fn amounts_at_the_edge() {
    let model = support::model(
        r#"
        field b: number
        score large { add 1_000_000_000_000_000 per visited() }
        score small { subtract 1_000_000_000_000_000 per visited() keeping 99.99% every 1 minute }
        score twice { when a = 1_000_000_000_000_000 add a; when a * 2 is missing add 0.0001; when b is missing add 1; when a + 10 - 10 is missing add 2 }
        sql if large >= 1_000_000_000_000_000 and score < large
        "#,
    );
    let start = first_moment("2025-01-01");
    let mut lead = a_record_a_minute(&model, 2000, start);
    let cells = support::lead(&model, &json!({ "a": "1,000,000,000,000,000", "b": "1000000000000001" }), &[]).0;
    (lead.values, lead.unreadable) = (cells.values, cells.unreadable);
    assert_eq!(lead.unreadable.len(), 1);
    let outcome = answer(&model, &lead, start + 1998 * MINUTE);
    let groups = groups(&model, &outcome);
    assert_eq!(groups[0].1, "1000000000000000000");
    assert_eq!(groups[2].1, "1000000000000003.0001");
    assert_eq!(outcome.stage, Stage::Rank(4));

    // One of them alone, aged 20 times: 10^15 / 2^20, all its digits.
    let model = support::model("subtract 1_000_000_000_000_000 per visited() halving every 1 minute");
    let outcome = answer(&model, &a_record_a_minute(&model, 1, start), start + 20 * MINUTE);
    assert_eq!(outcome.score.map(to_text).as_deref(), Some("-953674316.4063"));
}

#[test]
fn a_million_periods() {
    let model = support::model(
        r#"
        score kept { add 1000 per visited() keeping 99.9999% every 1 minute }
        score lost { add 1000 per visited() losing 0.0001% every 1 minute }
        score halved { add 1_000_000_000_000_000 per visited() halving every 1 minute }
        score large { add 1_000_000_000_000_000 per booked() keeping 99.99% every 1 minute }
        score waited { add 0.5 per 1 minute since visited() }
        score silent { subtract 0.25 per 1 minute of silence }
        score monthly { add 1 per 1 month since old }
        "#,
    );
    let as_of = first_moment("2025-06-30");
    let kinds = (Text::new("visited"), Text::new("booked"));
    let mut lead = lead_of(
        &model,
        [(kinds.0, None, as_of - 1_000_000 * MINUTE), (kinds.1, None, as_of - 100_000 * MINUTE)].into_iter(),
    );
    lead.values = vec![
        Raw::Text("0001-01-30".to_owned())
            .read(merit::value::Type::Date, merit::value::CellFormat::USUAL)
            .expect("a day"),
    ];
    let outcome = answer(&model, &lead, as_of);
    let wanted = [
        // 1000 × 0.999999^1000000 = 367.879257…
        ("kept", "367.8793"),
        ("lost", "0"),
        ("halved", "0"),
        // 10^15 × 0.9999^100000 = 45377233958.96117…
        ("large", "45377233958.9612"),
        ("waited", "500000"),
        ("silent", "-250000"),
        // 2,024 years and 5 months.
        ("monthly", "24293"),
    ];
    assert_eq!(groups(&model, &outcome), wanted.map(|(name, points)| (name.to_owned(), points.to_owned())));
}

#[test]
fn ten_thousand_different_ages() {
    let model = support::model(
        "score kept { add 7 per visited() keeping 99.999% every 1 minute }\nscore named { add x per visited() keeping 99.999% every 1 minute }",
    );
    let start = first_moment("2025-01-01");
    let mut lead = a_record_a_minute(&model, 20_000, start);
    lead.values = vec![Value::Number(7.0)];
    let outcome = answer(&model, &lead, start + 200_000 * MINUTE);
    // Each by itself, 7 × 0.99999^k rounded to four places, k from 180,002 to 200,000.
    assert_eq!(outcome.groups[0], 104_870_557);
    assert_eq!(outcome.groups[0], outcome.groups[1]);
}
