//! What people type in the words of other tools or of plain English: each gives one message, and what that says to type is typed here,
//! and understood without a word more.

use merit::check::{Checked, Files, NoFiles, check};
use merit::diagnostic::Code;
use merit::source::{FileProblem, Source};

use super::slips::{AFTER, BEFORE};

/// What was typed, and what the help says to type: the whole of it stands in its place.
type Case = (&'static str, &'static str);

pub(super) const WHEN: &[Case] = &[
    // How long ago.
    ("created more than 365 days ago", "created at least 365 days ago"),
    ("last_activity_date older than 90 days", "last_activity_date at least 90 days ago"),
    ("created is older than 30 days", "created at least 30 days ago"),
    ("created > 30 days ago", "created at least 30 days ago"),
    ("created >= 3 months ago", "created at least 3 months ago"),
    ("created longer than a year ago", "created at least 1 year ago"),
    ("created over 30 days ago", "created at least 30 days ago"),
    ("created before 30 days ago", "created at least 30 days ago"),
    ("created is at least 30 days ago", "created at least 30 days ago"),
    ("created at least 30 days old", "created at least 30 days ago"),
    ("created < today - 30 days", "created at least 30 days ago"),
    ("created < now() - 30 days", "created at least 30 days ago"),
    ("created earlier than 2025-01-01", "created before 2025-01-01"),
    ("created prior to 2025-01-01", "created before 2025-01-01"),
    ("created later than 2025-01-01", "created after 2025-01-01"),
    ("created is after 2025-01-01", "created after 2025-01-01"),
    ("created less than 30 days ago", "created in last 30 days"),
    ("created < 3 months ago", "created in last 3 months"),
    ("created newer than 30 days", "created in last 30 days"),
    ("created at most 30 days ago", "created in last 30 days"),
    ("created since 30 days ago", "created in last 30 days"),
    ("created after a month ago", "created in last month"),
    ("created > today - 30 days", "created in last 30 days"),
    ("created 30 days ago", "created at least 30 days ago"),
    // Windows.
    ("created not in last 30 days", "not created in last 30 days"),
    ("created not in the past week", "not created in last week"),
    (r#"visited("x") not in last 30 days"#, r#"not visited("x") in last 30 days"#),
    (r#"not in last 30 days visited("x")"#, r#"not visited("x") in last 30 days"#),
    (r#"visited("x") in the previous 30 days"#, r#"visited("x") in last 30 days"#),
    (r#"visited("x") during the last month"#, r#"visited("x") in last month"#),
    (r#"visited("x") over the past 2 weeks"#, r#"visited("x") in last 2 weeks"#),
    (r#"visited("x") in 7 days"#, r#"visited("x") in last 7 days"#),
    (r#"visited("x") within a week"#, r#"visited("x") in last week"#),
    (r#"visited("x") at least 5 times in 30 days"#, r#"visited("x") at least 5 times in last 30 days"#),
    (r#"visited("x") twice within a week"#, r#"visited("x") at least twice in last week"#),
    (r#"visited("x") at least twice within a week"#, r#"visited("x") at least twice in last week"#),
    (r#"visited("x") 3 times within 30 days"#, r#"visited("x") at least 3 times in last 30 days"#),
    ("created is within the last 30 days", "created in last 30 days"),
    ("renewal is within the next quarter", "renewal in next quarter"),
    ("renewal in 30 days", "renewal in next 30 days"),
    (r#"visited("x") this month"#, r#"visited("x" where year(at) = year(today) and month(at) = month(today))"#),
    ("visited() this month", "visited(where year(at) = year(today) and month(at) = month(today))"),
    (r#"visited("x") this year"#, r#"visited("x" where year(at) = year(today))"#),
    (r#"visited("x") today"#, r#"visited("x") since today"#),
    (r#"visited("x") this week"#, r#"visited("x") in last week"#),
    (r#"visited("x") yesterday"#, r#"visited("x") in last 2 days"#),
    ("created this month", "year(created) = year(today) and month(created) = month(today)"),
    ("created today", "created = today"),
    (r#"visited("x") more than 30 days ago"#, r#"visited("x") and not visited("x") in last 30 days"#),
    (r#"visited("x") before 1 year ago"#, r#"visited("x") and not visited("x") in last year"#),
    // Silence.
    ("no activity in the last 90 days", "inactive for 90 days"),
    ("no activity for 90 days", "inactive for 90 days"),
    ("last activity > 30 days ago", "inactive for 30 days"),
    ("last activity more than 30 days ago", "inactive for 30 days"),
    ("last activity within 30 days", "active in last 30 days"),
    ("inactive 90 days", "inactive for 90 days"),
    ("inactive for at least 90 days", "inactive for 90 days"),
    ("not active for 90 days", "inactive for 90 days"),
    ("silent for 3 months", "inactive for 3 months"),
    ("active for 90 days", "active in last 90 days"),
    ("no activity", "not activity()"),
    // How many times.
    (r#"visited("x") 3 or more times"#, r#"visited("x") at least 3 times"#),
    (r#"visited("x") twice or more"#, r#"visited("x") at least twice"#),
    (r#"visited("x") more than once"#, r#"visited("x") at least twice"#),
    (r#"visited("x") several times"#, r#"visited("x") at least twice"#),
    (r#"visited("x") no more than 3 times"#, r#"visited("x") at most 3 times"#),
    (r#"visited("x") fewer than 3 times"#, r#"visited("x") at most 2 times"#),
    (r#"visited("x") at least 3"#, r#"visited("x") at least 3 times"#),
    // Comparing.
    ("employees greater than 50", "employees > 50"),
    ("employees is greater than 50", "employees > 50"),
    ("employees over 50", "employees > 50"),
    ("employees above 50", "employees > 50"),
    ("employees more than 50", "employees > 50"),
    ("employees is more than 50", "employees > 50"),
    ("employees less than 50", "employees < 50"),
    ("employees under 50", "employees < 50"),
    ("employees below 50", "employees < 50"),
    ("employees fewer than 50", "employees < 50"),
    ("employees greater than or equal to 50", "employees >= 50"),
    ("employees no less than 50", "employees >= 50"),
    ("employees equals 50", "employees = 50"),
    ("employees is equal to 50", "employees = 50"),
    ("employees is not equal to 50", "employees != 50"),
    ("employees is at least 50", "employees >= 50"),
    ("employees at most 50", "employees <= 50"),
    ("employees is between 50 and 100", "employees between 50 and 100"),
    ("employees over 50 and industry equals \"SaaS\"", "employees > 50 and industry = \"SaaS\""),
    ("revenue > 1 million", "revenue > 1M"),
    ("revenue > 1.5 mio", "revenue > 1.5M"),
    ("revenue > 2bn", "revenue > 2000M"),
    ("revenue > 50 thousand", "revenue > 50k"),
    ("budget ^ 2 > 3", "(budget * budget) > 3"),
    ("budget ** 2 > 3", "(budget * budget) > 3"),
    (r#"title has "CEO""#, r#"title mentions "CEO""#),
    (r#"title includes "CEO""#, r#"title mentions "CEO""#),
    (r#"title like "CEO""#, r#"title mentions "CEO""#),
    (r#"title like "VP%""#, r#"title matches "VP*""#),
    (r#"title does not contain "CEOs""#, r#"title not contains "CEOs""#),
    (r#"title doesn't include "CEO""#, r#"title not mentions "CEO""#),
    (r#"title begins with "CEO""#, r#"title starts with "CEO""#),
    (r#"title mentions any of "a", "b""#, r#"title mentions any ["a", "b"]"#),
    (r#"title mentions "a", "b""#, r#"title mentions any ["a", "b"]"#),
    (r#"title has any of ["a", "b"]"#, r#"title mentions any ["a", "b"]"#),
    (r#"country is either "US" or "CA""#, r#"country in ["US", "CA"]"#),
    (r#"country = "US", "CA""#, r#"country in ["US", "CA"]"#),
    (r#"country is any of ["US", "CA"]"#, r#"country in ["US", "CA"]"#),
    // Activity.
    (r#"never visited("x")"#, r#"not visited("x")"#),
    (r#"has never visited("x")"#, r#"not visited("x")"#),
    (r#"hasn't visited("x")"#, r#"not visited("x")"#),
    (r#"did not visit("x")"#, r#"not visited("x")"#),
    (r#"no visited("x")"#, r#"not visited("x")"#),
    (r#"has visited("x")"#, r#"visited("x")"#),
    (r#"first visited("x") at least 30 days ago"#, r#"first(visited("x")) at least 30 days ago"#),
    (r#"last visited("x") in last 30 days"#, r#"last(visited("x")) in last 30 days"#),
    (r#"first visited("x")"#, r#"visited("x")"#),
    ("email opened", r#"opened("email")"#),
    ("number of times visited(\"x\") > 3", "count(visited(\"x\")) > 3"),
    // Two words in a row.
    (r#"email domain in ["x.com"]"#, r#"domain(email) in ["x.com"]"#),
    (r#"domain of email in ["x.com"]"#, r#"domain(email) in ["x.com"]"#),
    (r#"job title mentions "VP""#, r#"job_title mentions "VP""#),
    (r#"lead source is "Ads""#, r#"lead_source is "Ads""#),
    ("page views > 5", "page_views > 5"),
    ("number of employees over 5", "number_of_employees > 5"),
    ("employees 50", "employees >= 50"),
];

/// Whole statements.
const STATEMENTS: &[Case] = &[
    ("sql if score is at least 50", "sql if score >= 50"),
    (r#"disqualify if email domain in ["x.com"]"#, r#"disqualify if domain(email) in ["x.com"]"#),
    (r#"add 10 for each booked("demo")"#, r#"add 10 per booked("demo")"#),
    (r#"add 10 each booked("demo")"#, r#"add 10 per booked("demo")"#),
    (r#"5 points per visited("blog")"#, r#"add 5 per visited("blog")"#),
    (r#"5 for every visited("blog")"#, r#"add 5 per visited("blog")"#),
    (r#"when booked("demo") add 10 for each"#, r#"when booked("demo") add 10 each time"#),
    ("add 1 per opened() up to 10 per month", "add 1 per opened() at most 10 times a month"),
    (r#"when bounced("email") disqualify"#, r#"disqualify if bounced("email")"#),
    (r#"when bounced("email") then disqualify because "No""#, r#"disqualify if bounced("email") because "No""#),
    (r#"disqualify when status = "Bad""#, r#"disqualify if status = "Bad""#),
    (r#"disqualify status = "Bad""#, r#"disqualify if status = "Bad""#),
    (r#"disqualify unless status = "Good""#, r#"disqualify if not (status = "Good")"#),
    (r#"exclude where status = "Bad""#, r#"exclude if status = "Bad""#),
    (r#"review when status = "Bad""#, r#"review if status = "Bad" because "Look at this""#),
    ("stage sql if score >= 70", "sql if score >= 70"),
    ("stage mql { score >= 50 }", "mql if score >= 50"),
    ("stage sql: score >= 70", "sql if score >= 70"),
    ("sql only if fit(icp)", "sql and above only if fit(icp)"),
    ("sql requires fit(icp)", "sql and above only if fit(icp)"),
    ("stages lead < mql < sql", "stages lead, mql, sql"),
    ("stages sql > mql > lead", "stages lead, mql, sql"),
    ("stages lead -> mql -> sql", "stages lead, mql, sql"),
    ("stages lead mql sql", "stages lead, mql, sql"),
    ("stages [lead, mql, sql]", "stages lead, mql, sql"),
    (r#"when visited("jobs") subtract 5 otherwise add 10"#, r#"when visited("jobs") subtract 5 if not add 10"#),
    (r#"when visited("jobs") add 10 else subtract 5"#, r#"when visited("jobs") add 10 if not subtract 5"#),
    (r#"add manual_points because "Rep says""#, r#"when manual_points is known add manual_points because "Rep says""#),
    ("add revenue / 1000", "when revenue is known add (revenue / 1000)"),
    ("when revenue is known add revenue / 1000", "when revenue is known add (revenue / 1000)"),
    ("whenever employees > 5 add 5", "when employees > 5 add 5"),
    ("score <= 100", "score between 0 and 100"),
    ("score: 100", "score between 0 and 100"),
    ("cap score at 100", "score between 0 and 100"),
    ("limit score to 100", "score between 0 and 100"),
    ("max score 100", "score between 0 and 100"),
    ("score from 0 to 100", "score between 0 and 100"),
    ("score >= 0", "score never below 0"),
    ("cap 100", "score up to 100"),
    ("limit 100", "score up to 100"),
    ("decay 10% every month", "score losing 10% every month of silence"),
    ("fade score by 10% per week", "score losing 10% every week of silence"),
    ("score = 3 * 0.9 ^ 2", "score = 3 * (0.9 * 0.9)"),
    // Words that begin no statement.
    (r#"route "Anna" if country = "DE""#, r#"label owner { "Anna" if country = "DE" }"#),
    (r#"assign to "Anna" when country = "DE""#, r#"label owner { "Anna" if country = "DE" }"#),
    (r#"owner = "Anna" if country = "DE""#, r#"label owner { "Anna" if country = "DE" }"#),
    (r#"territory { "North" if country = "DE" }"#, r#"label territory { "North" if country = "DE" }"#),
    (r#"grade "A" if score >= 80"#, r#"label grade { "A" if score >= 80 }"#),
    ("grade A if score >= 80", r#"label grade { "A" if score >= 80 }"#),
    ("tier 1 if score >= 80", r#"label tier { "1" if score >= 80 }"#),
    (r#"set grade = "A" if score >= 80"#, r#"label grade { "A" if score >= 80 }"#),
    (r#"set grade to "A""#, r#"label grade { otherwise "A" }"#),
    (r#"tag "hot" if score >= 80"#, r#"label tag { "hot" if score >= 80 }"#),
    ("bant { budget > 1 }", "profile bant { budget > 1 }"),
    (r#"list dach = ["DE", "AT"]"#, r#"let dach = ["DE", "AT"]"#),
    (r#"list dach: "DE", "AT""#, r#"let dach = ["DE", "AT"]"#),
    ("var ready = score >= 50", "let ready = score >= 50"),
    (r#"suppress if domain(email) = "x.com""#, r#"exclude if domain(email) = "x.com""#),
    ("skip when email is missing", "exclude if email is missing"),
    ("reject if email is missing", "disqualify if email is missing"),
    ("flag if email is missing", r#"review if email is missing because "Look at this""#),
    (r#"hold if email is missing because "Why""#, r#"review if email is missing"#),
    // Before and after.
    (r#"when visited("pricing") before booked("demo") add 1"#, r#"visited("pricing") then booked("demo")"#),
    (r#"when visited("pricing") after booked("demo") add 1"#, r#"booked("demo") then visited("pricing")"#),
];

/// Lines of blocks: the block with `@` for the line.
const LINES: &[(&str, &str, &str)] = &[
    ("label next { \"Call\" if score > 10; @ }", "\"User\" otherwise", "otherwise \"User\""),
    ("label rating { @ }", "\"{points}\"", "otherwise \"{points}\""),
    ("label rating { @; otherwise \"B\" }", "\"A\" when score > 10", "\"A\" if score > 10"),
    ("label rating { @; otherwise \"B\" }", "if score > 10 then \"A\"", "\"A\" if score > 10"),
    ("label rating { @; otherwise \"B\" }", "score > 10: \"A\"", "\"A\" if score > 10"),
    ("points by country { @; otherwise: 0 }", "US, CA: 5", "in [\"US\", \"CA\"]: 5"),
    ("points by country { @; otherwise: 0 }", "\"US\", \"CA\": 5", "in [\"US\", \"CA\"]: 5"),
    ("points by country { \"US\": 5; @: 0 }", "other", "otherwise"),
    ("points by country { \"US\": 5; @: 0 }", "else", "otherwise"),
    ("points by country { \"US\": 5; @: 0 }", "default", "otherwise"),
    ("points by employees { @; otherwise: 0 }", "at least 50: 5", ">= 50: 5"),
    ("profile p { @ }", "title has \"VP\"", "title mentions \"VP\""),
    ("profile p { budget > 1; @ }", "employees over 50", "employees > 50"),
    ("score e { @ }", "add 1 for each opened()", "add 1 per opened()"),
    ("test \"t\" { as of 2025-06-30; expect @ }", "mql", "stage = mql"),
    ("label x { \"Call\" if @ and booked(\"demo\") }", "mql", "stage = mql"),
    ("when title contains any @ add 5", "\"chief\"", "[\"chief\"]"),
];

/// Any file, with one line.
struct OneLine;

impl Files for OneLine {
    fn read(&self, _from: &str, path: &str) -> Result<(String, String), FileProblem> {
        Ok((path.to_owned(), "rival.com\n".to_owned()))
    }
}

#[test]
fn a_list_in_a_file_gets_a_name_first() {
    let (checked, said) = diagnostics("exclude if domain(email) in \"lists/our-customers.csv\"");
    assert_eq!(checked.diagnostics.len(), 1, "{said:?}");
    for words in ["`let our_customers = lines of \"lists/our-customers.csv\"`", "`in our_customers`"] {
        assert!(said[0].contains(words), "{said:?}");
    }
    let proper = "let our_customers = lines of \"lists/our-customers.csv\"\nexclude if domain(email) in our_customers";
    let checked = check(Source::new("model.merit", proper), &OneLine);
    assert!(checked.diagnostics.is_empty(), "{:?}", checked.diagnostics);
}

fn diagnostics(typed: &str) -> (Checked, Vec<String>) {
    let mut checked = check(Source::new("model.merit", format!("{BEFORE}{typed}{AFTER}")), &NoFiles);
    // What stands before is there for those who use it, and some words are compared as they are.
    checked.diagnostics.retain(|d| ![Code::L508, Code::L503, Code::L501].contains(&d.code));
    let said = checked
        .diagnostics
        .iter()
        .map(|d| format!("{} {}; help: {}", d.code, d.message, d.help.as_deref().unwrap_or("")));
    let said = said.collect();
    (checked, said)
}

#[test]
fn what_the_help_says_is_accepted() {
    let mut cases: Vec<(String, String, String)> = Vec::new();
    for (typed, proper) in WHEN {
        let whole = |what: &str| format!("when {what} add 5");
        cases.push((whole(typed), whole(proper), whole(proper)));
    }
    for (typed, proper) in STATEMENTS {
        let whole = if proper.contains(" then ") { format!("when {proper} add 1") } else { (*proper).to_owned() };
        let whole = if typed.ends_with("\"Why\"") { format!("{whole} because \"Why\"") } else { whole };
        cases.push(((*typed).to_owned(), (*proper).to_owned(), whole));
    }
    for (block, typed, proper) in LINES {
        cases.push((block.replace('@', typed), (*proper).to_owned(), block.replace('@', proper)));
    }
    let mut failures = Vec::new();
    for (typed, help, proper) in &cases {
        let (checked, said) = diagnostics(typed);
        let is_told = matches!(checked.diagnostics.as_slice(), [one] if one.is_error()
            && one.help.as_deref().is_some_and(|h| h.contains(&format!("`{help}`"))));
        if !is_told {
            failures.push(format!("{typed}\n    wanted `{help}`\n    got {}", said.join("\n    and ")));
        }
        let (_, said) = diagnostics(proper);
        if !said.is_empty() {
            failures.push(format!("{typed}\n    the help `{proper}` is refused: {}", said.join("\n    and ")));
        }
    }
    assert!(failures.is_empty(), "{} of {}:\n\n{}", failures.len(), cases.len(), failures.join("\n\n"));
}

/// What is told without a line to type, with the words that it holds.
const ADVICE: &[(&str, &[&str])] = &[
    ("sql if score in top 10%", &["E135", "merit report"]),
    ("sql if score in the top 10%", &["E135"]),
    ("sql if top 10%", &["E135"]),
    ("sql if score is in top 10", &["E135"]),
    ("when rank(score) <= 10 add 1", &["judged by itself", "merit report"]),
    ("sql if percentile(score) >= 90", &["judged by itself"]),
    ("round robin \"Anna\", \"Ben\"", &["E135", "CRM"]),
    ("notify \"sales\" if score >= 70", &["E135", "review if"]),
    ("alert sales when score >= 70", &["E135"]),
    ("sla 2 days", &["E135", "not called() in last 2 days"]),
    ("group by company", &["E135", "merit report --by company"]),
    ("account score { add 1 }", &["E135"]),
    ("let year_ago = today - 1 year", &["created at least 1 year ago"]),
    ("when created > today - 30 add 1", &["`created in last 30 days`"]),
    ("when today - created > 30 add 1", &["`days_since(created) - days_since(closed) > 30`"]),
    ("when a % 2 = 0 add 1", &["no remainder"]),
    ("when a ^ b > 0 add 1", &["no powers"]),
    ("cap engagement at 50", &["`score engagement up to 50 {`"]),
    ("bant: 3 of 4", &["`sql if at least 3 of bant`"]),
    ("matrix fit by engagement", &["E105", "label grade"]),
    ("rule \"x\" { when y = 1 add 5 }", &["E105", "a rule has no name"]),
    ("route by country", &["E105", "label owner"]),
    ("label x { \"{score / 20}\" if score > 1 }", &["E415", "let result = score / 20"]),
    ("when x = 1 add 5 because \"Has {score / 2}\"", &["E415"]),
    ("when pow(x, 2) > 3 add 1", &["multiply"]),
    ("when title \"CEO\" add 5", &["`title = \"CEO\"`", "`title mentions \"CEO\"`"]),
];

#[test]
fn what_cannot_be_typed_is_told_once() {
    let mut failures = Vec::new();
    for (typed, words) in ADVICE {
        let (checked, said) = diagnostics(typed);
        let is_told = checked.diagnostics.len() == 1 && words.iter().all(|w| said[0].contains(w));
        if !is_told {
            failures.push(format!("{typed}\n    wanted {words:?}\n    got {}", said.join("\n    and ")));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
}

/// No help proposes an activity that is called like an English word.
#[test]
fn english_words_are_no_activity() {
    for word in ["ago", "than", "days", "never", "first", "last", "week", "month", "year", "the", "on", "with"] {
        for typed in [format!("when {word} \"pricing\" add 1"), format!("when {word} pricing add 1")] {
            let (_, said) = diagnostics(&typed);
            assert!(!said.is_empty(), "{typed}");
            assert!(said.iter().all(|s| !s.contains(&format!("`{word}("))), "{typed}: {said:?}");
        }
    }
}

/// A slip in one line is told there, and the good line below it is left alone.
#[test]
fn the_next_line_is_left_alone() {
    for slip in [
        "whenever visited(\"x\") add 5",
        "if score > 70 sql",
        "add 10 for each booked(\"demo\")",
        "sql if score >= 70 fit(icp)",
        "when title has \"CEO\"",
        "score: 100",
        "grade A if score > 5",
        "pricing",
        "let x = 5 million euros",
        "stages lead mql",
        "let freemail \"gmail.com\"",
        "score engagement 100",
        "profile icp2",
        "when visited(\"x\")",
        "persona \"x\"",
    ] {
        let typed = format!("{slip}\nwhen title = \"Boss\" add 5");
        let (checked, said) = diagnostics(&typed);
        let text = format!("{BEFORE}{typed}");
        let line = |at: u32| text[..(at as usize).min(text.len())].lines().count();
        let lines: Vec<usize> = checked.diagnostics.iter().map(|d| line(d.labels[0].span.start + 1)).collect();
        assert_eq!(lines, [3], "{typed}: {said:?}");
    }
}

#[test]
fn usual_activity_without_parentheses_is_told_of() {
    for typed in [
        "when unsubscribed subtract 30",
        "when not visited in last 30 days subtract 10",
        "when inactive in last 90 days subtract 5",
    ] {
        let (checked, said) = diagnostics(typed);
        assert!(checked.model.is_some(), "{typed}: it may be a column");
        assert!(matches!(checked.diagnostics.as_slice(), [one] if one.code == Code::L514), "{typed}: {said:?}");
    }
    for typed in ["field unsubscribed: flag\nwhen unsubscribed subtract 30", "when unsubscribed = \"yes\" subtract 30"]
    {
        assert_eq!(diagnostics(typed).1, [""; 0], "{typed}");
    }
}
