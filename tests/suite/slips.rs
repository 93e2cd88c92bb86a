//! What marketers type from habit: each form is either understood, or gives exactly one message with the right words.
//!
//! The forms are those of the list of slips, every variant a case of its own, between two good statements.

use super::docs::{divide, root};
use super::support;

/// A row of the list: its name, and its cases. A case without words is understood; with words, it gives one message
/// that holds all of them.
pub(super) type Row = (&'static str, &'static [(&'static str, &'static [&'static str])]);

pub(super) const ROWS: &[Row] = &[
    (
        "some of several conditions",
        &[
            (
                "sql if two of these: title is known, email is known",
                &["`at least 2 of (title is known, email is known)`", "at least 2 of icp"],
            ),
            ("when at least two of icp add 5", &["at least 2 of icp"]),
        ],
    ),
    (
        "one after the other",
        &[(
            r#"when visited("pricing") followed by booked("demo") add 20"#,
            &["`then`", r#"visited("pricing") then booked("demo")"#],
        )],
    ),
    (
        "points that are given",
        &[
            (r#"when visited("pricing") give 15 points"#, &["`give` is written `add` in Merit", "`add 15`"]),
            (r#"when visited("pricing") gets 15"#, &["`add 15`"]),
        ],
    ),
    (
        "half of it",
        &[
            (r#"add 10 per visited("blog") half every month"#, &["`halving every month`"]),
            (r#"when visited("blog") add 5 halved each 30 days"#, &["`halving every 30 days`"]),
            (r#"when visited("blog") add 5 each time half every month"#, &["`halving every month`"]),
        ],
    ),
    (
        "on so many days",
        &[
            (r#"when visited("blog") on 4 days add 5"#, &["`on at least 4 days` or `on exactly 4 days`"]),
            (r#"when visited("blog") on 4 different days add 5"#, &["`on at least 4 days`"]),
        ],
    ),
    (
        "a text after `or`",
        &[
            (
                r#"when industry = "SaaS" or "FinTech" add 10"#,
                &[r#"`"FinTech"` alone is no condition"#, r#"industry in ["SaaS", "FinTech"]"#],
            ),
            (r#"when industry is "SaaS" or "FinTech" add 10"#, &[r#"industry in ["SaaS", "FinTech"]"#]),
            (r#"when title mentions "CEO" or "CTO" add 10"#, &[r#"title mentions any ["CEO", "CTO"]"#]),
            (r#"sql if country != "US" and "CA""#, &[r#"country not in ["US", "CA"]"#]),
            (
                r#"profile p { industry = "SaaS" or "FinTech" or "Media" }"#,
                &[r#"industry in ["SaaS", "FinTech", "Media"]"#],
            ),
        ],
    ),
    (
        "a text without quotes",
        &[
            ("when title is CEO add 10", &["is `CEO` a column or a text", r#"`"CEO"`"#]),
            ("when title = CEO add 10", &[r#"`"CEO"`"#]),
            ("sql if title is not CEO", &[r#"`"CEO"`"#]),
        ],
    ),
    (
        "functions of other tools",
        &[
            ("when age(created) > 30 add 1", &["no function `age`", "`days_since(created)`"]),
            ("when days_between(created, closed) > 3 add 1", &["`days_since(created) - days_since(closed)`"]),
            (r#"when lower(title) = "ceo" add 1"#, &["no function `lower`", "never matter"]),
            ("when coalesce(budget, 0) > 3 add 1", &["no function `coalesce`", "`is missing`"]),
            ("when avg(x) > 3 add 1", &["`sum(bought(), amount) / count(bought())`"]),
            ("when rank(score) <= 10 add 1", &["judged by itself"]),
            ("score = 3 * pow(0.9, 2)", &["no function `pow`", "`keeping 90% every 30 days`"]),
        ],
    ),
    (
        "a page without quotes",
        &[
            ("when visited(pricing) add 30", &["quotes", r#"visited("pricing")"#]),
            ("when visited pricing add 30", &[r#"visited("pricing")"#]),
            ("sql if visited pricing", &[r#"visited("pricing")"#]),
            (r#"when visited "pricing" add 30"#, &[r#"visited("pricing")"#]),
        ],
    ),
    (
        "numbers with commas and currency signs",
        &[
            ("when budget >= 10,000 add 5", &["`10_000`", "`10k`"]),
            ("sql if budget >= 10,000", &["`10_000`", "`10k`"]),
            ("when budget >= $10,000 add 5", &["currency signs stay out", "`10_000`", "`10k`"]),
            ("when budget >= €10,000 and fit(icp) add 5", &["currency signs stay out", "`10_000`"]),
            ("when budget >= $10k add 5", &["currency signs stay out", "`10k`"]),
            ("when budget in [1,000, 5,000] add 5", &["`[1_000, 5_000]`", "`[1k, 5k]`"]),
            ("when budget between 1,000 and 5k add 5", &["`1_000`", "`1k`"]),
            ("when budget between 1k and 5,000 add 5", &["`5_000`", "`5k`"]),
            ("when budget >= 1,500,000 add 5", &["`1_500_000`"]),
            ("profile p { budget >= 10,000 }", &["`10_000`"]),
            (r#"when visited("pricing") add 1,000"#, &["`1_000`"]),
        ],
    ),
    (
        "a range in two comparisons",
        &[
            ("when employees > 50 and < 500 add 5", &["`employees between 51 and 499`"]),
            ("when 50 < employees < 500 add 5", &["`employees between 51 and 499`"]),
            ("when 50 <= employees <= 500 add 5", &["`employees between 50 and 500`"]),
            ("when 500 > employees > 50 add 5", &["`employees between 51 and 499`"]),
            ("sql if employees >= 50 and <= 500", &["`employees between 50 and 500`"]),
            ("profile p { employees > 50 and < 500 }", &["`employees between 51 and 499`"]),
        ],
    ),
    (
        "how many times",
        &[
            (r#"when visited("pricing") > 3 times add 5"#, &["`at least 4 times`"]),
            (r#"when visited("pricing") >= 3 times add 5"#, &["`at least 3 times`"]),
            (r#"when visited("pricing") 3+ times add 5"#, &["`at least 3 times`"]),
            (r#"when visited("pricing") 3x add 5"#, &["`at least 3 times`"]),
            (r#"when visited("pricing") 3 times add 5"#, &["`at least 3 times`"]),
            (r#"when visited("pricing") more than 3 times add 5"#, &["`at least 4 times`"]),
            (r#"sql if visited("pricing") 3x and fit(icp)"#, &["`at least 3 times`"]),
            (r#"when visited("pricing") twice add 5"#, &["`at least twice`", "`exactly twice`"]),
        ],
    ),
    (
        "`in the last`",
        &[
            (r#"when visited("pricing") in the last 30 days add 5"#, &[]),
            ("when created in the last 30 days add 5", &[]),
        ],
    ),
    (
        "a window in other words",
        &[
            (r#"when visited("pricing") within last 30 days add 5"#, &["`in last 30 days`"]),
            (r#"when visited("pricing") within the last 30 days add 5"#, &["`in last 30 days`"]),
            (r#"when visited("pricing") within 30 days add 5"#, &["`in last 30 days`"]),
            (r#"when visited("pricing") past month add 5"#, &["`in last month`"]),
            (r#"when visited("pricing") in the past month add 5"#, &["`in last month`"]),
            (r#"when visited("pricing") last 30 days add 5"#, &["`in last 30 days`"]),
            ("when created within last 30 days add 5", &["`in last 30 days`"]),
            ("sql if created past 30 days", &["`in last 30 days`"]),
            (r#"add 5 per visited("blog") last 30 days"#, &["`in last 30 days`"]),
        ],
    ),
    (
        "a stage in other words",
        &[
            ("if score >= 70 then sql", &["`sql if score >= 70`"]),
            ("sql: score >= 70", &["`sql if score >= 70`"]),
            ("sql = 70+", &["`sql if score >= 70`"]),
            ("sql >= 70", &["`sql if score >= 70`"]),
            ("sql when score >= 70", &["`sql if score >= 70`"]),
            ("sql: 70", &["`sql if score >= 70`"]),
            ("sql at 70", &["`sql if score >= 70`"]),
            ("when score >= 70 then sql", &["`sql if score >= 70`"]),
            ("sql if score >= 70+", &["`score >= 70`"]),
            ("sql if score is 70 or more", &["`score >= 70`"]),
        ],
    ),
    (
        "words around points that are understood",
        &[
            (r#"when visited("pricing") add 30 points"#, &[]),
            (r#"when visited("pricing") add +30"#, &[]),
            (r#"when visited("pricing") add 1 point"#, &[]),
        ],
    ),
    (
        "points in other words",
        &[
            ("+30", &[r#"`when visited("pricing") add 30`"#]),
            (r#"when visited("pricing") +30"#, &[r#"`when visited("pricing") add 30`"#]),
            (r#"when visited("pricing") -30"#, &[r#"`when visited("pricing") subtract 30`"#]),
            (r#"when visited("pricing"): +30"#, &[r#"`when visited("pricing") add 30`"#]),
            (r#"+30 when visited("pricing")"#, &[r#"`when visited("pricing") add 30`"#]),
            ("points 30", &[r#"`when visited("pricing") add 30`"#]),
            (r#"when visited("pricing") points 30"#, &[r#"`when visited("pricing") add 30`"#]),
            (r#"when visited("pricing") 30 points"#, &[r#"`when visited("pricing") add 30`"#]),
            (r#"add 30 when visited("pricing")"#, &[r#"`when visited("pricing") add 30`"#]),
            (r#"add 30 if visited("pricing")"#, &[r#"`when visited("pricing") add 30`"#]),
            (r#"if visited("pricing") add 30"#, &[r#"`when visited("pricing") add 30`"#]),
            (r#"when visited("pricing") then add 30"#, &[r#"`when visited("pricing") add 30`"#]),
        ],
    ),
    (
        "two minus signs",
        &[(r#"when visited("jobs") subtract -10"#, &["two minus signs add", "`subtract 10`", "`add 10`"])],
    ),
    (
        "empty and known in other words",
        &[
            ("when email is empty add 5", &["`email is missing`"]),
            ("when email is blank add 5", &["`email is missing`"]),
            ("when email is null add 5", &["`email is missing`"]),
            ("when email is not empty add 5", &["`email is known`"]),
            ("when email exists add 5", &["`email is known`"]),
            ("when has email add 5", &["`email is known`"]),
            ("sql if score >= 70 and has email", &["`email is known`"]),
            ("profile p { email exists }", &["`email is known`"]),
            (r#"review if email is empty because "No address""#, &["`email is missing`"]),
        ],
    ),
    (
        "signs from documents",
        &[
            ("when title mentions “CEO” add 5", &[]),
            ("when employees ≥ 50 add 5", &[]),
            ("when employees ≤ 50 add 5", &[]),
            ("when country ≠ \"US\" add 5", &[]),
            ("points by employees { 1–10: 5; 11 – 50: 10 }", &[]),
            ("when employees – 10 > 50 add 5", &[]),
            ("when\u{a0}employees\u{a0}>=\u{a0}50\u{a0}add\u{a0}5", &[]),
            ("when employees between 50–500 add 5", &["`between 50 and 500`"]),
        ],
    ),
    (
        "single quotes",
        &[
            ("when industry = 'SaaS' add 5", &["double quotes", r#""SaaS""#]),
            ("when visited('pricing') add 5", &["double quotes", r#""pricing""#]),
            ("when industry = ‘SaaS’ add 5", &["double quotes", r#""SaaS""#]),
        ],
    ),
    (
        "signs of other languages",
        &[
            ("when employees > 50 && employees < 99 add 5", &["`and`"]),
            (r#"when replied() || visited("pricing") add 5"#, &["`or`"]),
            ("when !fit(icp) add 5", &["`not`"]),
            (r#"when country == "US" add 5"#, &["`=`"]),
            (r#"when country <> "US" add 5"#, &["`!=`"]),
            ("when employees => 50 add 5", &["`>=`"]),
            ("when employees =< 50 add 5", &["`<=`"]),
        ],
    ),
    (
        "comments of other languages",
        &[
            ("// note", &["a comment starts with `#`"]),
            ("-- note", &["a comment starts with `#`"]),
            ("/* note */", &["a comment starts with `#`"]),
            (r#"when visited("pricing") add 30 // hot"#, &["a comment starts with `#`"]),
            (r#"when visited("pricing") add 30 -- hot"#, &["a comment starts with `#`"]),
            ("/* note\n   over two lines */", &["a comment starts with `#`"]),
        ],
    ),
    (
        "the last line of a label",
        &[
            ("label grade {\n  \"A\" if score >= 50\n  else \"C\"\n}", &[r#"`otherwise "C"`"#]),
            ("label grade {\n  \"A\" if score >= 50\n  default \"C\"\n}", &[r#"`otherwise "C"`"#]),
            ("label grade {\n  \"A\" if score >= 50\n  else: \"C\"\n}", &[r#"`otherwise "C"`"#]),
            ("label grade {\n  \"A\" if score >= 50\n  otherwise: \"C\"\n}", &[]),
        ],
    ),
    (
        "misspelled words",
        &[
            ("sqll if score >= 70", &["did you mean `sql`"]),
            (r#"whne visited("pricing") add 30"#, &["did you mean `when`"]),
            ("proflie p { employees > 5 }", &["did you mean `profile`"]),
            (r#"when visited("pricing") ad 30"#, &["did you mean `add`"]),
            (r#"when visited("pricing") add 30 becuase "Hot""#, &["did you mean `because`"]),
        ],
    ),
    (
        "dates in other forms",
        &[
            ("when created after 10/01/2025 add 5", &["which is the month", "`2025-10-01`", "`2025-01-10`"]),
            ("when created after 30/06/2025 add 5", &["`2025-06-30`"]),
            ("when created after 30.06.2025 add 5", &["`2025-06-30`"]),
            ("when created after Oct 1 add 5", &["`2025-10-01`"]),
            ("when created after October 1, 2024 add 5", &["`2024-10-01`"]),
            ("when created before 1 Oct 2024 add 5", &["`2024-10-01`"]),
            ("model \"m\" { revisit by 10/01/2025 }", &["`2025-10-01`"]),
            (r#"when visited("pricing") since 10/01/2025 add 5"#, &["`2025-10-01`"]),
        ],
    ),
    (
        "how often in other words",
        &[
            (r#"when clicked() add 3 at most once per week"#, &["`at most once a week`"]),
            (r#"when clicked() add 3 max 1/day"#, &["`at most once a day`"]),
            (r#"when clicked() add 3 weekly"#, &["`at most once a week`"]),
            (r#"when clicked() add 3 once a week"#, &["`at most once a week`"]),
            (r#"when clicked() add 3 daily"#, &["`at most once a day`"]),
            (r#"when clicked() add 3 max once per day"#, &["`at most once a day`"]),
            (r#"when clicked() add 3 at most 2 times per week"#, &["`at most twice a week`"]),
            (r#"when clicked() add 3 once per 7 days"#, &["`at most once every 7 days`"]),
        ],
    ),
    (
        "a bound in other words",
        &[
            ("score e { when clicked() add 3; max 50 if a = 1 }", &["`up to 50`"]),
            ("score e { when clicked() add 3; at most 50 if a = 1 }", &["`up to 50`"]),
            ("score e { when clicked() add 3; at least 10 if a = 1 }", &["`never below 10`"]),
            ("score e { when clicked() add 3; up to 50 when a = 1 }", &["`if`"]),
            (
                "score e { when clicked() add 3; between 5 and 10 if a = 1 }",
                &["`never below 5 if …`", "`up to 10 if …`"],
            ),
            ("when clicked() add 3; up to 50 if a = 1", &["`score up to 50 if a = 1`"]),
            ("score up to 30 when a = 1\nwhen clicked()\n  add 3", &["`if`"]),
            ("score e fading 10% every month { when clicked() add 3 }", &["`losing 10% every month of silence`"]),
            ("score decays 10% every month\nwhen clicked() add 3", &["`losing 10% every month of silence`"]),
            ("score e keeping 90% every month { when clicked() add 3 }", &["`keeping 90% every month of silence`"]),
            ("score engagement max 150 { when clicked() add 3 }", &["`score engagement up to 150 { … }`"]),
            ("score engagement cap 150 { when clicked() add 3 }", &["`score engagement up to 150 { … }`"]),
            ("score engagement limit 150 { when clicked() add 3 }", &["`score engagement up to 150 { … }`"]),
            ("score engagement capped at 150 { when clicked() add 3 }", &["`score engagement up to 150 { … }`"]),
            ("when clicked() add 3 each time max 15", &["`up to 15`"]),
            ("when clicked() add 3 each time capped at 15", &["`up to 15`"]),
        ],
    ),
    (
        "ageing in other words",
        &[
            (
                "when clicked() add 10 decay 50% every month",
                &["`losing 50% every month` (10, 5, 0)", "`keeping 50% every month` (10, 5, 2.5)"],
            ),
            ("when clicked() add 10 decaying", &["`losing 50% every month`", "`keeping 50% every month`"]),
            (
                "when clicked() add 10 decaying 25% monthly",
                &["`losing 25% every month` (10, 7.5, 5)", "`keeping 75% every month` (10, 7.5, 5.625)"],
            ),
        ],
    ),
    (
        "points that expire",
        &[
            (
                "when clicked() add 5 expires after 90 days",
                &["behind the activity", "`when clicked() in last 90 days add 5`"],
            ),
            ("when replied() add 8 expire after 1 month", &["`when replied() in last 1 month add 8`"]),
        ],
    ),
    (
        "a list without brackets",
        &[
            (r#"when country in ("US", "CA") add 5"#, &["brackets", r#"`in ["US", "CA"]`"#]),
            (r#"when country in "US", "CA" add 5"#, &["brackets", r#"`in ["US", "CA"]`"#]),
            (r#"when country one of "US" add 5"#, &["brackets", r#"`in ["US"]`"#]),
            (r#"when country is one of "US", "CA" add 5"#, &["brackets", r#"`in ["US", "CA"]`"#]),
            (r#"profile p { country in "US", "CA" }"#, &[r#"`in ["US", "CA"]`"#]),
            (r#"sql if country not in ("US", "CA")"#, &[r#"`not in ["US", "CA"]`"#]),
        ],
    ),
    (
        "a profile without `fit( )`",
        &[
            ("when fit icp add 25", &["`fit(icp)`"]),
            ("when icp add 25", &["`fit(icp)`"]),
            ("when matches icp add 25", &["`fit(icp)`"]),
            ("sql if score >= 70 and icp", &["`fit(icp)`"]),
            ("sql if score >= 70 and fits icp", &["`fit(icp)`"]),
        ],
    ),
    (
        "no such profile",
        &[(
            "sql if score >= 70 and fit(midmarket)",
            &[
                "there is no profile `midmarket`",
                "profile midmarket",
                "industry in [",
                "employees between 50 and 1000",
                "}",
            ],
        )],
    ),
    (
        "points that ask for points",
        &[
            ("when score >= 50 add 10", &["points cannot depend on points", "repeat the conditions", "stage or label"]),
            ("score a { when clicked() add 3 }\nwhen a >= 50 add 10", &["points cannot depend on points"]),
        ],
    ),
    (
        "a flag in other words",
        &[
            ("field opted_in: flag\nwhen opted_in = \"yes\" add 5", &["flag", "`opted_in`", "`opted_in = yes`"]),
            ("field opted_in: flag\nwhen opted_in = 1 add 5", &["`opted_in`", "`opted_in = yes`"]),
            ("field opted_in: flag\nwhen opted_in = true add 5", &["`opted_in`", "`opted_in = yes`"]),
            ("when opted_in = true add 5", &["`opted_in`", "`opted_in = yes`"]),
            ("when opted_in = false add 5", &["`opted_in = no`"]),
        ],
    ),
    (
        "a number in quotes",
        &[
            (r#"when visited("pricing") add "30""#, &["without quotes", "`30`"]),
            (r#"sql if score >= "70""#, &["a number stands without quotes", "`70`"]),
        ],
    ),
    (
        "never closed",
        &[
            ("when title mentions \"CEO add 5", &["never closed"]),
            (r#"when visited("pricing) add 5"#, &["never closed"]),
            ("score engagement {\n  when clicked() add 3", &["`{` is never closed"]),
            ("profile p {\n  employees > 50\n  country = \"US\"", &["`{` is never closed"]),
            ("label grade {\n  \"A\" if score >= 50", &["`{` is never closed"]),
            ("when (clicked() or replied() add 3", &["`(` is never closed"]),
            ("when country in [\"US\", \"CA\" add 3", &["`[` is never closed"]),
            ("when visited(\"pricing\" add 3", &["`(` is never closed"]),
        ],
    ),
    (
        "valid, but hardly meant",
        &[
            ("stages lead, iql, mql, sql\niql if score between 40 and 69", &["highest stage", "69.5", "`score >= 40`"]),
            (r#"when title = "VP*" add 5"#, &["letter by letter", r#"`matches "VP*"`"#, r#"`mentions "VP"`"#]),
            (r#"when title contains "cto" add 5"#, &["director", r#"`mentions "cto"`"#]),
            ("field employees: number\nwhen emplyees > 50 add 5", &["did you mean `employees`"]),
        ],
    ),
    (
        "lengths of time",
        &[
            (r#"when visited("pricing") in last 30 day add 5"#, &[]),
            (r#"when visited("pricing") in last 1 days add 5"#, &[]),
            (r#"when visited("pricing") in last 30days add 5"#, &["`30 days`"]),
            (r#"when visited("pricing") in last 30d add 5"#, &["`30 days`"]),
            (r#"when visited("pricing") in last 2w add 5"#, &["`2 weeks`"]),
        ],
    ),
];

/// What is valid as it stands, because the columns are known only with the leads.
const WITHOUT_LEADS: &[&str] = &[r#"when page = "/pricing" add 5"#];

pub(super) const BEFORE: &str = "profile icp { employees between 50 and 1000 }\nwhen booked(\"demo\") add 100\n";
pub(super) const AFTER: &str =
    "\nmql if score >= 40\ndisqualify if domain(email) = \"rival.com\" because \"Competitor\"\n";

#[test]
fn every_slip_is_understood_or_told_once() {
    let first = BEFORE.lines().count() + 1;
    let mut failures = Vec::new();
    for (row, cases) in ROWS {
        for (typed, words) in *cases {
            let mut checked = support::checked(&format!("{BEFORE}{typed}{AFTER}"));
            // What stands before is there for those who use it.
            checked.diagnostics.retain(|d| d.code != merit::diagnostic::Code::L508);
            let lines = first..first + typed.lines().count();
            let said: Vec<String> = checked
                .diagnostics
                .iter()
                .map(|d| {
                    format!(
                        "{} {}\n      {}\n      help: {}",
                        d.code,
                        d.message,
                        labels(d),
                        d.help.as_deref().unwrap_or("")
                    )
                })
                .collect();
            let fine = match (words, checked.diagnostics.as_slice()) {
                ([], []) => true,
                ([], _) => false,
                (words, [one]) => {
                    let here = one
                        .labels
                        .first()
                        .and_then(|l| checked.sources.of(l.span))
                        .is_some_and(|s| lines.contains(&s.line_of(one.labels[0].span.start)));
                    here && words.iter().all(|w| said[0].contains(w))
                }
                _ => false,
            };
            if !fine {
                failures.push(format!("{row}: {typed}\n    wanted {words:?}\n    got {}", said.join("\n    and ")));
            }
        }
    }
    assert!(failures.is_empty(), "{} slips are not told well:\n\n{}", failures.len(), failures.join("\n\n"));
}

#[test]
fn what_only_the_leads_can_tell_is_valid() {
    for typed in WITHOUT_LEADS {
        let checked = support::checked(&format!("{BEFORE}{typed}{AFTER}"));
        assert!(checked.model.is_some(), "{typed} is refused");
    }
}

fn labels(d: &merit::diagnostic::Diagnostic) -> String {
    d.labels.iter().map(|l| l.text.as_str()).collect::<Vec<_>>().join(" | ")
}

/// What is learnt for slips must not cost valid models: those of the reference, the shipped examples, and, where they lie
/// beside this clone, the whole model of the language's page and the benchmark's.
#[test]
fn whole_models_stay_valid() {
    let reference = std::fs::read_to_string(root().join("docs/reference.md")).expect("the reference");
    // What needs a file beside it is left to `every_example_is_run`.
    let alone = |text: &str| !text.contains(".csv\"") && !text.contains(".merit\"");
    let blocks = divide(&reference).0.into_iter().filter(|b| b.language == "merit" && alone(&b.text));
    let mut models: Vec<String> = blocks.map(|b| b.text).collect();
    for name in ["agency-inbound", "saas-product-led", "manufacturing-trade-shows"] {
        let path = root().join("examples").join(name).join("model.merit");
        let checked = merit::load::load(&path.to_string_lossy()).expect("an example");
        assert!(checked.model.is_some_and(|m| !m.stage_lines.is_empty()), "{name}: {:?}", checked.diagnostics);
    }
    let shared = root().join("../shared");
    match std::fs::read_to_string(shared.join("spec/language.md")) {
        Ok(page) => {
            let section =
                page.split("## 1. A whole model").nth(1).and_then(|s| s.split("\n## 2.").next()).expect("section 1");
            models.push(section.lines().map(|l| format!("{}\n", l.strip_prefix("    ").unwrap_or(l))).collect());
            models.push(std::fs::read_to_string(shared.join("bench/b2b.merit")).expect("the benchmark"));
        }
        Err(_) => {
            eprintln!("without the page on the language: it is not beside this clone (../shared/spec/language.md)")
        }
    }
    assert!(models.len() > 30, "the reference has models");
    for text in &models {
        let checked = support::checked(text);
        assert!(checked.model.is_some(), "{:?}\n{text}", checked.diagnostics);
    }
}
