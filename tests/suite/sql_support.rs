//! The table in `docs/sql.md` of what each engine can say: asked of the program, part by part. `MERIT_RENEW=1` writes it anew.

#![allow(clippy::expect_used, clippy::panic)] // A test that cannot read the page fails.

use std::fmt::Write as _;

use merit::sql::{AsOf, DIALECTS, Dialect, Problem, Schema, unsaid};

use super::docs::root;
use super::sql::{difference, has_two_types, leads, query_of};
use super::support;

/// Parts of the language, each with a model that has it.
const PARTS: [(&str, &str); 42] = [
    ("comparisons, lists of values, ranges", "when employees between 50 and 100 or country in [\"US\", \"CA\"] add 5"),
    (
        "`contains`, `mentions`, `starts with`, patterns",
        "when title mentions \"head of\" or title matches \"vp*\" add 5",
    ),
    ("lists of a lead (`tags contains …`)", "field tags: list\nwhen tags contains \"vip\" add 5"),
    ("dates of a lead, `in last`, `in next`", "when renewal in next 3 months add 5"),
    ("calculations", "when budget / employees > 100 and round(budget, 2) > 3 add 5"),
    (
        "`domain`, `length`, `days_since` and their kin",
        "when domain(email) = \"a.b\" and days_since(created) > 3 add 5",
    ),
    (
        "profiles, `fit`, `at least N of`",
        "profile icp {\n  employees > 5\n  country = \"US\"\n}\nwhen at least 1 of icp add 5",
    ),
    ("`let`", "let big = employees > 500\nwhen big add 5"),
    (
        "tables and `first of`, `best of`",
        "points by country { \"US\": 5; otherwise: 1 }\nfirst of {\n  when employees > 5 add 3\n  when budget > 5 add 2\n}",
    ),
    ("amounts of fields", "when employees > 5 add (budget / 1000)"),
    (
        "activity with windows, counts, distinct days",
        "when visited(\"/pricing\") at least 3 times in last 14 days add 5\nwhen visited() on at least 2 days add 5",
    ),
    ("windows from a date of the lead", "when visited() since created add 5"),
    ("windows from a date that is worked out (`since first(booked())`)", "when visited() since first(booked()) add 5"),
    ("`A then B within`", "when booked(\"demo\") then replied() within 7 days add 5"),
    ("several near each other", "when visited() at least 3 times within 7 days add 5"),
    ("`where` on properties", "when submitted(where budget >= 5) add 5"),
    (
        "`first`, `last`, `latest`, `earliest`, `sum`, `count`",
        "when latest(submitted(), plan) = \"pro\" and sum(purchased(), value) > 9 add 5",
    ),
    ("each time, bounds, `per distinct`", "add 5 per visited() up to 20\nadd 3 per distinct visited()"),
    ("rates by the calendar", "add 5 per visited() at most 2 times a day"),
    ("rates over a rolling stretch", "add 5 per visited() at most 2 times every 7 days"),
    (
        "ageing by days and by months",
        "add 5 per visited() halving every 30 days\nadd 8 per attended() losing 10% every month",
    ),
    ("ageing of amounts that are not written out", "add (budget / 1000) per booked() halving every month"),
    ("silence (`inactive for`, `per month without`)", "when inactive for 90 days subtract 5"),
    (
        "groups, bounds, bounds under a condition",
        "score a between 0 and 50 {\n  add 5 per visited()\n  up to 20 if country is missing\n}",
    ),
    ("groups that fade", "score a keeping 50% every 30 days of silence { add 5 per visited() }"),
    ("resets", "score a {\n  add 5 per visited()\n  reset at converted()\n}"),
    (
        "formulas that add and weigh groups",
        "score a { when x = 1 add 5 }\nscore b { when y = 1 add 5 }\nscore = 0.4 * a + 0.6 * b",
    ),
    (
        "formulas that multiply groups with bounds, `round`, `floor`, `abs`, `min`, `max`",
        "score a { when x = 1 add 5 }\nscore b up to 50 { add 5 per visited() }\nscore = round(a * b / 10, 1)",
    ),
    ("formulas that divide by groups or ask for fields", "score a { when x = 1 add 5 }\nscore = 9 / a"),
    (
        "ladders, gates, `current stage`",
        "stages lead, mql, sql\nmql if score >= 5\nsql and above only if email is known",
    ),
    ("what could be, missing fields", "when employees > 5 add 5\nmql if score >= 5"),
    ("labels, templates, reasons", "label tier { \"{score} of {country}\" if score > 5 }"),
    (
        "reviews, disqualify, exclude",
        "review if employees > 9 because \"Large\"\nexclude if email ends with \"@us.com\"\ndisqualify if country = \"XX\"",
    ),
    ("time zones", "model \"m\" { time zone \"Europe/Berlin\" }\nadd 5 per visited() at most once a day"),
    ("`other ids`", "leads { other ids \"Merged\" }\nadd 5 per visited()"),
    ("activity by a field (`lead … = email`)", "activity log { lead \"Email\" = email }\nadd 5 per visited()"),
    ("`ignore rows where`", "leads { ignore rows where kind = \"total\" }\nwhen employees > 5 add 5"),
    ("libraries (`use hubspot`)", "use hubspot\nadd 5 per visited()"),
    ("lists of values by name", "let big = [\"US\", \"CA\"]\nwhen country in big add 5"),
    ("a list compared with a list", "field a: list\nfield b: list\nwhen a = b add 5"),
    (
        "activity of types with their own sources",
        "activity visited from \"page_view\" target url\nadd 5 per visited(\"/a\")",
    ),
    ("sources, conditions on records of a type", "activity won from \"deal\" where stage = \"won\"\nadd 5 per won()"),
];

#[test]
fn the_page_shows_what_each_engine_can_say() {
    let mut table = "| part |".to_owned();
    DIALECTS.iter().for_each(|(name, _)| write!(table, " {name} |").expect("a text"));
    table.push_str("\n| --- |");
    table.push_str(&" --- |".repeat(DIALECTS.len()));
    let columns = |of_type: &str| ("at".to_owned(), of_type.to_owned());
    let schema = Schema { event_columns: vec![columns("TIMESTAMP")], ..Schema::default() };
    let mut wrong = Vec::new();
    for (part, text) in PARTS {
        let Some(model) = support::checked(text).model else {
            wrong.push(format!("{part}: {text}"));
            continue;
        };
        let unsaid = unsaid(&model, &schema, AsOf::Now);
        write!(table, "\n| {part} |").expect("a text");
        for (_, dialect) in DIALECTS {
            let says = if unsaid.iter().any(|part| part.by.contains(&dialect)) { "no" } else { "yes" };
            write!(table, " {says} |").expect("a text");
        }
    }
    assert!(wrong.is_empty(), "no models: {wrong:#?}");
    let path = root().join("docs/sql.md");
    let page = std::fs::read_to_string(&path).expect("the page");
    let (begin, end) = ("<!-- what each engine can say -->\n", "\n<!-- end of it -->");
    let from = page.find(begin).expect("the beginning of the table") + begin.len();
    let to = page.find(end).expect("the end of the table");
    if std::env::var_os("MERIT_RENEW").is_some() {
        std::fs::write(&path, format!("{}{table}{}", &page[..from], &page[to..])).expect("the page");
    } else {
        assert_eq!(&page[from..to], table, "MERIT_RENEW=1 writes it anew");
    }
}

#[test]
fn each_part_gives_the_answers_of_the_interpreter() {
    let as_of = support::as_of("2025-06-30");
    for (part, text) in PARTS {
        let model = support::checked(text).model.expect("a model");
        // Blocks on data are a matter of `sql_blocks`.
        if text.contains("leads {") || text.contains("log {") || text.contains("use ") || has_two_types(&model) {
            continue;
        }
        let query = match query_of(&model, Dialect::Sqlite, as_of) {
            Ok(query) => query,
            Err(Problem::Refused(_)) => continue,
            Err(problem) => panic!("{part}: {problem:?}"),
        };
        for seed in 1..=3 {
            let difference = difference(&model, &leads(seed, &model, as_of), as_of, &query);
            assert_eq!(difference, None, "{part}: {text}");
        }
    }
}
