//! `merit doc` and `merit report`: whole outputs of the examples in every shape, every model of the repository, bad input, and
//! counts that agree with the interpreter.

#![allow(clippy::expect_used, clippy::panic)] // A test that cannot set up its folder fails.

use std::fmt::Write as _;

use merit::book;
use merit::eval::Interpreter;
use merit::eval::batch::{Batch, Program};
use merit::lead::Lead;
use merit::model::{Expr, ExprKind, Model};
use merit::page::Shape;
use merit::report::{self, Axes, Beside, Report, Tally};
use merit::source::Span;
use merit::time::Instant;
use serde_json::Value as Json;

use super::docs::root;
use super::generate::{self, ActivityWants, LeadWants, Rng, Wants};
use super::run_command::Folder;
use super::support;

const EXAMPLES: [(&str, &str, &str); 3] = [
    ("saas-product-led", "2025-09-30", "lead_source"),
    ("agency-inbound", "2025-06-30", "country"),
    ("manufacturing-trade-shows", "2025-11-28", "tier"),
];

const SHAPES: [(&str, &str); 4] = [("text", "txt"), ("markdown", "md"), ("html", "html"), ("json", "json")];

/// Compares with a file in `tests/snapshots/`; `MERIT_RENEW=1` writes it.
fn is_stored(name: &str, got: &str) {
    let path = root().join("tests/snapshots").join(name);
    if std::env::var_os("MERIT_RENEW").is_some() {
        std::fs::write(&path, got).expect("the snapshot is written");
    }
    let wanted =
        std::fs::read_to_string(&path).unwrap_or_else(|_| panic!("there is no {name}; MERIT_RENEW=1 writes it"));
    let differing: Vec<(&str, &str)> = wanted.lines().zip(got.lines()).filter(|(w, g)| w != g).take(3).collect();
    assert!(
        wanted == got,
        "{name} differs; MERIT_RENEW=1 writes it anew; the first lines, wanted and got: {differing:#?}"
    );
}

fn with_examples(name: &str) -> Folder {
    let folder = Folder::new(name);
    for (example, ..) in EXAMPLES {
        for entry in std::fs::read_dir(root().join("examples").join(example)).expect("an example") {
            let entry = entry.expect("a file");
            folder.write(
                &format!("{example}/{}", entry.file_name().to_string_lossy()),
                std::fs::read(entry.path()).expect("a file"),
            );
        }
    }
    folder
}

#[test]
fn the_rule_books_of_the_examples() {
    let folder = with_examples("doc-examples");
    for (example, as_of, _) in EXAMPLES {
        for (format, ending) in SHAPES.into_iter().filter(|(f, _)| *f != "json") {
            let ran = folder.merit(&format!("doc {example}/model.merit --format {format} --as-of {as_of}"));
            ran.ends(0);
            if format == "html" {
                is_well_formed(&ran.stdout);
            }
            assert_eq!(ran.stderr, "");
            is_stored(&format!("doc_{}.{ending}", example.replace('-', "_")), &ran.stdout);
        }
    }
}

#[test]
fn the_reports_of_the_examples() {
    let folder = with_examples("report-examples");
    for (example, as_of, by) in EXAMPLES {
        for (format, ending) in SHAPES {
            let line = format!(
                "report {example}/model.merit {example}/leads.csv --events {example}/activity.csv --by {by} --format {format} --as-of {as_of}"
            );
            let run = folder.merit(&format!("run {example}/model.merit {example}/leads.csv --events {example}/activity.csv --format csv --as-of {as_of}"));
            let ran = folder.merit(&line);
            assert_eq!(ran.status, run.status, "{}", ran.stderr);
            if format == "html" {
                is_well_formed(&ran.stdout);
            }
            is_stored(&format!("report_{}.{ending}", example.replace('-', "_")), &ran.stdout);
        }
    }
}

#[test]
fn the_name_of_the_file_says_the_shape() {
    let folder = with_examples("pages-shape");
    let line = "saas-product-led/model.merit saas-product-led/leads.csv --events saas-product-led/activity.csv --as-of 2025-09-30 --quiet";
    for (name, start) in
        [("r.html", "<!DOCTYPE html>"), ("r.md", "# Report: "), ("r.json", "{\n"), ("r.txt", "Report: ")]
    {
        let ran = folder.merit(&format!("report {line} -o {name}"));
        assert_eq!(ran.stdout, "");
        assert!(folder.read(name).starts_with(start), "{}", folder.read(name));
    }
    folder.merit("doc saas-product-led/model.merit -o d.html").ends(0);
    assert!(folder.read("d.html").starts_with("<!DOCTYPE html>"));
    folder.merit("doc saas-product-led/model.merit -o d.html --format text").ends(0);
    assert!(folder.read("d.html").starts_with("Plotline: "));
}

/// What is compared is said by its type, also behind a name and of a record.
#[test]
fn dates_are_dates_behind_a_name() {
    let model = support::model(
        "field created: date\nlet start = created\nwhen start >= 2025-01-01 add 1\nwhen start < 2024-01-01 add 2\n",
    );
    let page = book::page(&model, support::as_of("2025-06-30"), None).render(Shape::Text(200));
    assert!(page.contains("Start is on or after 2025-01-01"), "{page}");
    assert!(page.contains("Start is before 2024-01-01"), "{page}");
}

/// Counts leads by the interpreter.
fn counted(model: &Model, leads: &[(Lead, Instant)]) -> Tally {
    let mut tally = Tally::new(model, Axes::of(model));
    let profile = tally.axes().profile().map(|id| Expr { kind: ExprKind::Definition(id), span: Span::default() });
    for (lead, as_of) in leads {
        let interpreter = Interpreter::new(model, *as_of);
        let outcome = interpreter.evaluate(lead);
        let fits = profile.as_ref().and_then(|p| interpreter.beside(lead, &outcome, |beside| beside.expects(p)));
        tally.add(&outcome, &Beside { id: &lead.id, by: lead.id.get(..1), fits });
    }
    tally
}

#[test]
fn every_model_of_the_repository_has_a_rule_book_and_a_report() {
    let as_of = support::as_of("2025-06-30");
    let (mut books, mut reports, mut models) = (String::new(), String::new(), 0);
    for path in support::rule_files(&["examples", "tests", "src"]) {
        let name = path.strip_prefix(root()).expect("a path below the top").to_string_lossy().replace('\\', "/");
        let Ok(checked) = merit::load::load(path.to_str().expect("a path")) else { continue };
        let Some(mut model) = checked.model else { continue };
        models += 1;
        for file in &mut model.sources.files {
            file.name = file.name.rsplit('/').next().unwrap_or_default().to_owned();
        }
        let page = book::page(&model, as_of, None);
        is_well_formed(&page.render(Shape::Html));
        let leads: Vec<(Lead, Instant)> =
            merit::testing::run(&model, as_of).map(|r| (r.lead, merit::testing::as_of(r.test, as_of))).collect();
        let told = report::report(&model, &counted(&model, &leads), as_of, Some("first letter"), Vec::new());
        let told = report::page(&told, "tests");
        is_well_formed(&told.render(Shape::Html));
        let none = report::report(&model, &counted(&model, &[]), as_of, None, Vec::new());
        is_well_formed(&report::page(&none, "nobody").render(Shape::Html));
        // The examples are stored in every shape of their own; what is in the library is no page that anybody reads.
        if !name.starts_with("examples/") && !name.starts_with("src/") {
            writeln!(books, "════════ {name}\n\n{}\n", page.render(Shape::Markdown)).expect("a text");
            writeln!(reports, "════════ {name}\n\n{}\n", told.render(Shape::Markdown)).expect("a text");
        }
    }
    assert!(models > 40, "only {models} models were found");
    is_stored("doc_every_model.txt", &books);
    is_stored("report_every_model.txt", &reports);
}

#[test]
fn what_has_changed_since() {
    let folder = with_examples("doc-since");
    let model = folder.read("saas-product-led/model.merit");
    folder.write(
        "old.merit",
        model
            .replace("2025-Q4", "2025-Q3")
            .replace("add 40 ", "add 35 ")
            .replace("iql if score >= 10", "iql if score >= 15"),
    );
    let ran = folder.merit("doc saas-product-led/model.merit --since old.merit --as-of 2025-09-30");
    ran.ends(0);
    let part = ran
        .stdout
        .split("Changes since version 2025-Q3")
        .nth(1)
        .and_then(|p| p.split("\n\n\n").next())
        .expect("a part");
    for told in ["2025-Q3", "2025-Q4", "Booked a demo: +35 → +40", "stage iql: threshold 15 → 10"] {
        assert!(part.contains(told), "{told}: {part}");
    }
    let ran = folder.merit("doc old.merit --since old.merit");
    ran.ends(0);
    assert!(ran.stdout.contains("Nothing: the rules mean the same.\n"));
}

#[test]
fn bad_input() {
    let folder = with_examples("pages-bad");
    folder
        .write("wrong.merit", "sql if score >= 70 and fit(icp)\n")
        .write("m.merit", "when a = 1 add 5\nmql if score >= 5\n");
    folder.write("leads.csv", "id,a,Lead Source\n1,1,x\n2\n").write("empty.csv", "id,a\n");
    folder.merit("doc wrong.merit").ends(1).is("doc_wrong");
    folder.merit("doc nowhere.merit").ends(2).is("doc_nowhere");
    folder.merit("doc m.merit --since nowhere.merit").ends(2).is("doc_since_nowhere");
    folder.merit("doc - --since -").ends(2).is("doc_stdin_twice");
    folder.merit("doc m.merit -o no/such/folder.html").ends(2).is("doc_no_folder");
    folder.merit("doc m.merit --format json").ends(2);
    folder.merit("report wrong.merit leads.csv").ends(1).is("report_wrong");
    folder.merit("report leads.csv m.merit").ends(1);
    folder.merit("report m.merit nowhere.csv").ends(2).is("report_nowhere");
    folder.merit("report - -").ends(2).is("report_stdin_twice");
    folder.merit("report m.merit leads.csv --by sorce").ends(2).is("report_by_nothing");
    folder.merit("report m.merit leads.csv --strict").ends(1).is("report_strict");
    folder.merit("report m.merit leads.csv -o no/such/folder.html").ends(2);
    folder.merit("report m.merit leads.csv --by lead_source").ends(1).is("report_bad_row");
    folder.merit("report m.merit empty.csv").ends(0).is("report_no_leads");
    assert!(!folder.names().iter().any(|n| n.contains("partial")), "{:?}", folder.names());
}

#[test]
fn leads_are_told_apart_by_fields_columns_and_labels() {
    let folder = Folder::new("report-by");
    folder.write("m.merit", "treat [\"n/a\"] as missing\nwhen size >= 10 add 5\nmql if score >= 5\nlabel grade { \"A {size}\" if score >= 5 }\n");
    folder
        .write("leads.csv", "id,size,Lead Source\n1,12,Inbound\n2,5,inbound \n3,20,\n4,,N/A\n5,12,<b>\"x\"</b>|`y`\n");
    let by = |by: &str| -> Json {
        let ran = folder.merit(&format!("report m.merit leads.csv --format json --by {by}"));
        ran.ends(0);
        let report: Json = serde_json::from_str(&ran.stdout).expect("JSON");
        report["by"]["values"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|v| Json::from(vec![v["value"].clone(), v["leads"].clone()]))
            .collect()
    };
    // Case and outer spaces aside; what the model takes as missing is blank.
    assert_eq!(by("lead_source").to_string(), r#"[["Inbound",2],[null,2],["<b>\"x\"</b>|`y`",1]]"#);
    assert_eq!(by("size").to_string(), r#"[["12",2],["5",1],["20",1],[null,1]]"#);
    assert_eq!(by("grade").to_string(), r#"[["A 12",2],[null,2],["A 20",1]]"#);
    let html = folder.merit("report m.merit leads.csv --format html --by lead_source").ends(0).stdout.clone();
    is_well_formed(&html);
    assert!(html.contains("&lt;b&gt;&quot;x&quot;&lt;/b&gt;|`y`") && !html.contains("<b>"));
    let markdown = folder.merit("report m.merit leads.csv --format markdown --by lead_source").ends(0).stdout.clone();
    assert!(markdown.contains("| &lt;b>\"x\"&lt;/b>\\|\\`y\\` | 1 |"), "{markdown}");
}

fn told(model: &Model, tally: &Tally, as_of: Instant) -> Json {
    let report: Report = report::report(model, tally, as_of, Some("id"), Vec::new());
    serde_json::to_value(&report).expect("JSON")
}

/// On random models: the sums of a report are those of the outcomes, whether they are counted one by one, by the columns of the
/// batch engine, or in parts that are joined.
#[test]
fn counts_agree_with_the_interpreter() {
    for seed in 1..=120 {
        let mut rng = Rng::new(seed);
        let draft = generate::draft(&mut rng, Wants::ALL);
        let as_of = generate::as_of(&mut rng);
        let model = support::model(&draft.text());
        let leads: Vec<(Lead, Instant)> = (0..9)
            .map(|i| {
                let lead = generate::lead(&mut rng, &model, as_of, LeadWants::ALL);
                let activity = generate::activity(&mut rng, &model, as_of, ActivityWants::ALL);
                (Lead { id: format!("{}-{i}", i % 3), ..support::lead(&model, &lead, &activity).0 }, as_of)
            })
            .collect();
        let tally = counted(&model, &leads);
        let whole = told(&model, &tally, as_of);
        let mut parts = counted(&model, &leads[..4]);
        parts.merge(counted(&model, &leads[4..]));
        assert_eq!(told(&model, &parts, as_of), whole, "seed {seed}: parts that are joined");
        assert_eq!(by_columns(&model, &leads, as_of), whole, "seed {seed}: by the columns of the batch engine");
        sums_agree(&model, &leads, as_of, &whole, seed);
        is_well_formed(
            &report::page(&report::report(&model, &tally, as_of, Some("id"), Vec::new()), "random").render(Shape::Html),
        );
        is_well_formed(&book::page(&model, as_of, None).render(Shape::Html));
    }
}

fn by_columns(model: &Model, leads: &[(Lead, Instant)], as_of: Instant) -> Json {
    let program = Program::compile(model, as_of);
    let mut batch = Batch::new(&program);
    let only: Vec<Lead> = leads.iter().map(|(lead, _)| lead.clone()).collect();
    let answers = batch.answer(&only);
    let mut tally = Tally::new(model, Axes::of(model));
    let interpreter = Interpreter::new(model, as_of);
    let profile = tally.axes().profile().map(|id| Expr { kind: ExprKind::Definition(id), span: Span::default() });
    for (lane, lead) in only.iter().enumerate() {
        let fits = profile
            .as_ref()
            .and_then(|p| interpreter.beside(lead, &answers.outcome(&program, lane), |beside| beside.expects(p)));
        tally.add_lane(&program, &answers, lane, &Beside { id: &lead.id, by: lead.id.get(..1), fits });
    }
    told(model, &tally, as_of)
}

fn sums_agree(model: &Model, leads: &[(Lead, Instant)], as_of: Instant, report: &Json, seed: u64) {
    let interpreter = Interpreter::new(model, as_of);
    let outcomes: Vec<merit::eval::Outcome> = leads.iter().map(|(lead, _)| interpreter.evaluate(lead)).collect();
    let number = |json: &Json| json.as_u64().unwrap_or_else(|| panic!("seed {seed}: {json} is no number"));
    let of = |key: &str, number_of: &str| {
        report[key].as_array().expect("a list").iter().map(|v| number(&v[number_of])).sum::<u64>()
    };
    assert_eq!(of("stages", "leads"), outcomes.len() as u64, "seed {seed}: each lead stands at one stage");
    let higher = outcomes.iter().filter(|o| o.could_be != o.stage).count() as u64;
    assert_eq!(
        (of("stages", "could_be"), number(&report["could_be_higher"])),
        (higher, higher),
        "seed {seed}: what could be"
    );
    let fired =
        outcomes.iter().flat_map(|o| &o.fired).filter(|f| f.kind == merit::eval::FiredKind::Points).count() as u64;
    assert_eq!(of("rules", "leads"), fired, "seed {seed}: rules that fired");
    let points: i128 = outcomes
        .iter()
        .flat_map(|o| &o.fired)
        .filter(|f| f.kind == merit::eval::FiredKind::Points)
        .filter_map(|f| f.points)
        .sum();
    let given: f64 =
        report["rules"].as_array().expect("a list").iter().map(|r| r["points"].as_f64().expect("points")).sum();
    assert!((given - points as f64 / 10_000.0).abs() < 1e-6 * (1.0 + given.abs()), "seed {seed}: {given} points");
    let on_ladder = outcomes.iter().filter(|o| matches!(o.stage, merit::value::Stage::Rank(_))).count() as u64;
    let bins: u64 = report["scores"]["bins"].as_array().expect("a list").iter().map(|b| number(&b["leads"])).sum();
    assert_eq!((bins, number(&report["scores"]["leads"])), (on_ladder, on_ladder), "seed {seed}: the bars");
    if let Some(rows) = report["fit_and_intent"]["rows"].as_array() {
        let cells: u64 = rows.iter().flat_map(|r| r["leads"].as_array().expect("a list")).map(number).sum();
        assert_eq!(cells, on_ladder, "seed {seed}: fit and intent");
    }
    let missing: u64 = outcomes
        .iter()
        .filter(|o| matches!(o.stage, merit::value::Stage::Rank(_)))
        .map(|o| o.missing.len() as u64)
        .sum();
    assert_eq!(of("fields", "missing"), missing, "seed {seed}: missing fields");
}

/// Pages are well-formed XML: every tag is closed by its own, values stand in quotes, and no sign stands for itself that may not.
fn is_well_formed(html: &str) {
    let body = html.strip_prefix("<!DOCTYPE html>\n").expect("a doctype");
    let (before, rest) = body.split_once("<style>").expect("a style");
    let (_, behind) = rest.split_once("</style>").expect("the end of the style");
    let text = format!("{before}<style>{behind}").replacen("<style>", "<style></style>", 1);
    let mut open: Vec<&str> = Vec::new();
    let mut rest = text.as_str();
    while let Some(at) = rest.find('<') {
        are_references(&rest[..at]);
        let end = rest[at..].find('>').expect("the end of a tag") + at;
        let tag = &rest[at + 1..end];
        rest = &rest[end + 1..];
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name), "a tag is closed that is not open");
            continue;
        }
        let (inside, is_empty) = tag.strip_suffix('/').map_or((tag, false), |inside| (inside, true));
        let name = inside.split(' ').next().expect("a name");
        assert!(!name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric()), "<{tag}>");
        let mut attributes = inside[name.len()..].trim_start();
        while !attributes.is_empty() {
            let (key, after) = attributes.split_once("=\"").unwrap_or_else(|| panic!("<{tag}>"));
            let (value, after) = after.split_once('"').unwrap_or_else(|| panic!("<{tag}>"));
            assert!(key.chars().all(|c| c.is_ascii_alphanumeric() || c == '-'), "<{tag}>");
            assert!(!key.starts_with("on") && !value.contains('<'), "<{tag}>");
            assert!(key != "src" && (key != "href" || value.starts_with('#')), "<{tag}> asks for something else");
            are_references(value);
            attributes = after.trim_start();
        }
        if !is_empty {
            open.push(name);
        }
    }
    are_references(rest);
    assert!(open.is_empty(), "never closed: {open:?}");
    assert!(!html.contains("<script") && !html.contains("url("), "a page needs nothing else");
}

/// Every `&` begins one of the few references that are used.
fn are_references(text: &str) {
    for (at, _) in text.match_indices('&') {
        assert!(
            ["&amp;", "&lt;", "&gt;", "&quot;", "&#39;"].iter().any(|r| text[at..].starts_with(r)),
            "{}",
            &text[at..]
        );
    }
}
