//! What `merit diff` stands on: nothing that changes an answer goes untold, and all changes made one after the other are the
//! new model. Tried on random models and on changes of each kind.
//!
//! `MERIT_CASES` and `MERIT_SEED` are those of the other properties.

#![allow(clippy::expect_used, clippy::panic)] // A test that cannot set up its models fails.

use std::sync::Arc;

use merit::bind::Binding;
use merit::check::{Files, NoFiles};
use merit::compare::{Change, Comparison, Effects, Kind, Row, Version, What, attribute, compare};
use merit::data::{Input, Leads, Options};
use merit::eval::{Interpreter, Outcome, stage_name};
use merit::model::Model;
use merit::source::{FileProblem, Source};
use merit::time::Instant;
use serde_json::{Value as Json, json};

use super::generate::{self, ActivityWants, Draft, LeadWants, Rng, Wants};
use super::support;

/// Other files by their names.
struct Beside(Vec<(&'static str, &'static str)>);

impl Files for Beside {
    fn read(&self, _: &str, path: &str) -> Result<(String, String), FileProblem> {
        self.0
            .iter()
            .find(|(name, _)| *name == path)
            .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
            .ok_or(FileProblem::NotFound)
    }
}

fn version(text: &str) -> Version {
    read(text, NoFiles)
}

fn read(text: &str, files: impl Files + 'static) -> Version {
    let (version, checked) = Version::read(Source::new("model.merit", text), Box::new(files));
    let messages: Vec<&String> = checked.diagnostics.iter().map(|d| &d.message).collect();
    version.unwrap_or_else(|| panic!("{messages:?}\n{text}"))
}

fn told(old: &str, new: &str) -> Vec<String> {
    compare(&version(old), &version(new)).changes.iter().map(ToString::to_string).collect()
}

/// A draft with something changed: other numbers, words, orders, lines that are gone or come from another model.
fn changed(draft: &Draft, rng: &mut Rng) -> String {
    let mut draft = draft.clone();
    if rng.chance(30) {
        draft = draft.shuffled(rng);
    }
    for _ in 0..rng.below(3) {
        let at = rng.below(draft.size());
        draft = draft.without(at);
    }
    let mut text = draft.text();
    for _ in 0..rng.below(4) {
        let (from, to) = rng.pick(&[
            ("10", "11"),
            ("50", "49.5"),
            ("add 5", "add 7"),
            ("\"US\"", "\"DE\""),
            ("pricing", "demo"),
            ("at least", "at most"),
            (">=", ">"),
            (" and ", " or "),
            ("add", "subtract"),
            ("last", "next"),
            ("30 days", "2 weeks"),
            ("best of", "first of"),
            ("never below", "up to"),
            ("otherwise", "missing:"),
            ("because \"", "because \"so "),
            ("halving", "losing 25%"),
            ("each time", ""),
            ("employees", "seats"),
            ("mql", "sql"),
        ]);
        let places: Vec<usize> = text.match_indices(from).map(|(at, _)| at).collect();
        if let Some(&at) = places.get(rng.below(places.len())) {
            text.replace_range(at..at + from.len(), to);
        }
    }
    text
}

fn outcome(model: &Model, record: &Json, activity: &[Json], as_of: Instant) -> Outcome {
    Interpreter::new(model, as_of).evaluate(&support::lead(model, record, activity).0)
}

/// Leads as either model may read them.
fn leads(rng: &mut Rng, models: [&Model; 2], as_of: Instant) -> Vec<(Json, Vec<Json>)> {
    (0..3)
        .map(|at| {
            let model = models[at % 2];
            (
                generate::lead(rng, model, as_of, LeadWants::ALL),
                generate::activity(rng, model, as_of, ActivityWants::ALL),
            )
        })
        .collect()
}

#[test]
fn nothing_goes_untold_and_all_changes_are_the_new_model() {
    let (mut silent, mut joint, mut steps) = (0, 0, 0);
    for seed in support::seeds(support::cases(400)) {
        let mut rng = Rng::new(seed);
        let draft = generate::draft(&mut rng, Wants::ALL);
        let old_text = draft.text();
        let new_text = if rng.chance(10) { generate::model(&mut rng) } else { changed(&draft, &mut rng) };
        if support::checked(&new_text).model.is_none() {
            continue;
        }
        let (old, new) = (version(&old_text), version(&new_text));
        let comparison = compare(&old, &new);
        let as_of = generate::as_of(&mut rng);
        let way = comparison.steps();
        let made: usize = way.iter().map(Vec::len).sum();
        let seen = comparison.changes.iter().filter(|c| c.can_be_seen()).count();
        assert_eq!(made, seen, "seed {seed}: not all changes are made\n{old_text}\n---\n{new_text}");
        joint += way.iter().filter(|s| s.len() > 1).count();
        steps += way.len();
        let last = comparison
            .with(&way.concat())
            .unwrap_or_else(|| panic!("seed {seed}: no model with all changes\n{old_text}\n---\n{new_text}"));
        silent += usize::from(comparison.changes.is_empty());
        for (record, activity) in leads(&mut rng, [&old.model, &new.model], as_of) {
            let wanted = outcome(&new.model, &record, &activity, as_of);
            let got = outcome(&last, &record, &activity, as_of);
            let changes: Vec<String> = comparison.changes.iter().map(ToString::to_string).collect();
            assert_eq!(got, wanted, "seed {seed}: {changes:#?}\n{record}\n{old_text}\n---\n{new_text}");
        }
    }
    assert!(
        silent > 0 && steps > 100 && joint * 4 < steps,
        "{silent} without a change, {joint} of {steps} steps make several"
    );
}

/// A model in which all gives points: the same for the same `shape`, but for the points and for lines that may be gone.
fn scored(shape: u64, rng: &mut Rng) -> String {
    let mut shape = Rng::new(shape);
    let mut rule = |rng: &mut Rng| {
        let condition = format!("f{} = {}", shape.below(8), shape.below(2));
        let more = shape.pick(&["", "", " because \"x\"", " if not subtract 3", " up to 7"]);
        if rng.chance(90) { format!("when {condition} add {}{more}\n", 1 + rng.below(12)) } else { String::new() }
    };
    let mut rules = |rng: &mut Rng, count: usize| (0..count).map(|_| rule(rng)).collect::<String>();
    let (of_x, first, best, loose) = (rules(rng, 6), rules(rng, 4), rules(rng, 4), rules(rng, 3));
    let points: Vec<usize> = (0..5).map(|_| rng.below(12)).collect();
    format!(
        "score x up to 25 {{\n{of_x}reset if f7 = 1\n}}\nscore y {{\nfirst of {{\n{first}when f0 = 0 add 1\n}}\nbest of {{\n{best}when f1 = 0 add 2\n}}\n\
         points by n {{\n1: {}\n2: {}\notherwise: {}\n}}\nwhen seen() add {} each time\n}}\nscore z {{\nwhen seen() add {}\nreset at gone()\n}}\n{loose}\
         pql if score >= 18\nmql if x >= 9 and score >= 24\nsql if score >= 34\ndisqualify if f6 = 1 and f5 = 1\n",
        points[0], points[1], points[2], points[3], points[4]
    )
}

/// Leads with their activity as they come from a file, and the columns.
fn rows(records: Vec<(Json, Vec<Json>)>) -> (Vec<String>, Vec<Row>) {
    let with_events = |(mut record, activity): (Json, Vec<Json>)| {
        record["events"] = json!(activity);
        record
    };
    let text = serde_json::to_vec(&records.into_iter().map(with_events).collect::<Vec<_>>()).expect("JSON");
    let options = Options::default();
    let leads = Leads::new(Input::from_bytes("leads.json", text, &options).expect("leads"), &options).expect("leads");
    let row = |mut row: merit::data::Row| Row {
        id: leads.lead_id(&row),
        activity: Arc::new(row.events.take().unwrap_or_default()),
        cells: row.cells,
    };
    (leads.columns().keys.clone(), leads.rows().map(row).collect())
}

/// What the sums of points say is what the models of all steps say.
#[test]
fn who_moves_at_which_step_is_as_its_model_has_it() {
    let (mut moved, mut of_several, mut added) = (0, 0, 0);
    for seed in support::seeds(support::cases(400) / 4) {
        let mut rng = Rng::new(seed);
        let (old_text, new_text) = (scored(seed, &mut rng), scored(seed, &mut rng));
        let (old, new) = (version(&old_text), version(&new_text));
        let comparison = compare(&old, &new);
        let as_of = generate::as_of(&mut rng);
        let record = |rng: &mut Rng| {
            let fields =
                (0..8).map(|f| (format!("f{f}"), if rng.chance(90) { json!(rng.below(2)) } else { Json::Null }));
            let mut record: serde_json::Map<String, Json> = fields.collect();
            record.insert("n".to_owned(), json!(rng.below(4)));
            let kinds: Vec<&str> = (0..rng.below(3)).map(|_| rng.pick(&["seen", "gone"])).collect();
            (Json::Object(record), kinds.into_iter().map(|kind| json!({ "type": kind, "at": "2025-01-01" })).collect())
        };
        let (keys, rows) = rows((0..80).map(|_| record(&mut rng)).collect());
        let steps = comparison.steps();
        let stages = |model: &Model| -> Vec<String> {
            let binding = Binding::new(model, &keys);
            let interpreter = Interpreter::new(model, as_of);
            let stage = |row: &Row| {
                stage_name(
                    model,
                    interpreter.evaluate(&binding.lead(row.id.clone(), &row.cells, Arc::clone(&row.activity))).stage,
                )
                .to_owned()
            };
            rows.iter().map(|row| comparison.stage_now(&stage(row)).to_owned()).collect()
        };
        // The ways of the leads from stage to stage, each with the step that took them there.
        let mut ways: Vec<Vec<(String, Vec<usize>)>> =
            stages(&old.model).into_iter().map(|stage| vec![(stage, Vec::new())]).collect();
        for (at, step) in steps.iter().enumerate() {
            let Some(model) = comparison.with(&steps[..=at].concat()) else { continue };
            for (way, stage) in ways.iter_mut().zip(stages(&model)) {
                match way.iter().position(|(other, _)| *other == stage) {
                    Some(place) => way.truncate(place + 1),
                    None => way.push((stage, step.clone())),
                }
            }
        }
        let movers: Vec<usize> = (0..rows.len()).filter(|&r| ways[r].len() > 1).collect();
        let of_movers: Vec<Row> = movers.iter().map(|&r| rows[r].clone()).collect();
        for (lead, got) in movers.iter().zip(attribute(&comparison, as_of, &keys, &of_movers)) {
            let wanted: Vec<usize> = ways[*lead].iter().flat_map(|(_, changes)| changes.clone()).collect();
            let words =
                |changes: &[usize]| changes.iter().map(|&c| comparison.changes[c].to_string()).collect::<Vec<_>>();
            assert!(
                wanted.iter().all(|c| got.contains(c)),
                "seed {seed}: {:?} moved it, and {:?} are named\n{old_text}\n---\n{new_text}",
                words(&wanted),
                words(&got)
            );
            moved += 1;
            of_several += usize::from(steps.len() > 3);
            added += usize::from(got.len() > wanted.len());
        }
    }
    assert!(
        moved > 100 && of_several * 2 > moved && added < moved,
        "{moved} leads moved, {of_several} of them with many steps; of {added} more was named"
    );
}

#[test]
fn what_is_laid_out_anew_is_the_same() {
    for seed in support::seeds(support::cases(400)) {
        let text = generate::model(&mut Rng::new(seed));
        let formatted = merit::format::format(&text).expect("a layout").text;
        let spread = text.replace('\n', "\n\n# a remark\n");
        for other in [&formatted, &spread] {
            assert_eq!(told(&text, other), [] as [&str; 0], "seed {seed}\n{text}\n---\n{other}");
        }
    }
}

#[test]
fn names_are_followed() {
    // All names of a random model, each under another one.
    for seed in support::seeds(support::cases(400) / 4) {
        let draft = generate::draft(&mut Rng::new(seed), Wants::ALL);
        let text = draft.text();
        let model = support::model(&text);
        let Some(name) =
            model.definitions.iter().map(|d| d.name.clone()).find(|n| !n.is_empty() && text.matches(&**n).count() > 1)
        else {
            continue;
        };
        let renamed = text.replace(&name, "quite_another_name");
        if support::checked(&renamed).model.is_none() {
            continue;
        }
        let (old, new) = (version(&text), version(&renamed));
        let changes = compare(&old, &new).changes;
        let is_rename = |c: &Change| c.what == What::Renamed && c.before.as_deref() == Some(&name);
        assert!(changes.len() == 1 && changes.iter().all(is_rename), "seed {seed}: {name}: {changes:#?}\n{text}");
    }
}

/// A model that has one of everything.
const OLD: &str = r#"model "Leads" { version "1"; owner "Marketing" }
field employees: number from "Size"
treat ["N/A"] as missing
activity visited from "page_view" target url
activity sent are not engagement
let markets = ["US", "CA"]
let rivals = lines of "rivals.txt"
let prices = visited("/pricing")
profile icp "Fits" {
  size: employees between 50 and 1000
  country in markets
}
score interest "What they do" up to 100 {
  when prices add 30 because "Looked at prices"
  add 5 per visited("/blog/*") halving every 30 days up to 20 because "Reads the blog"
  when not attended("webinar") and registered("webinar") subtract 5
  reset if unsubscribed()
}
score person {
  points by title "Role" { mentions "CEO": 20; mentions "VP": 10 }
  first of { when title mentions "sales" add 3; when title mentions "data" add 2 }
}
points by country from "tiers.csv"
score between 0 and 200
stages lead, mql, sql
mql if score >= 30
sql if score >= 70 and fit(icp)
sql and above only if email is known
disqualify if domain(email) in rivals because "Competitor"
exclude if email ends with "@us.example"
review if score > 150 because "Too good"
label grade { "A" if score >= 70; otherwise "B" }
test "nobody" { expect score = 0 }
"#;

fn files(rivals: &'static str, tiers: &'static str) -> Beside {
    Beside(vec![("rivals.txt", rivals), ("tiers.csv", tiers)])
}

#[track_caller]
fn says(change: (&str, &str), wanted: &[&str]) {
    assert!(OLD.contains(change.0), "{}", change.0);
    let of = |text: &str| read(text, files("rival.example", "country,points\nUS,5\nCA,4"));
    let (old, new) = (of(OLD), of(&OLD.replacen(change.0, change.1, 1)));
    let told: Vec<String> = compare(&old, &new).changes.iter().map(ToString::to_string).collect();
    assert_eq!(told, wanted);
}

#[test]
fn each_kind_of_change_has_its_words() {
    says(
        ("version \"1\"; owner \"Marketing\"", "version \"2\"; revisit by 2026-01-01"),
        &[r#"model: no longer owner "Marketing"; now revisit by 2026-01-01; version "1" → "2""#],
    );
    says(("from \"Size\"", "from \"Size\", \"Staff\""), &[r#"field employees: now also from "Staff""#]);
    says(("[\"N/A\"] as", "[\"N/A\", \"-\"] as"), &[r#"what counts as missing: now also "-""#]);
    says(("target url", "target path"), &["activity visited: target url → path"]);
    says(("activity sent are", "activity sent, bounced are"), &[r#"what is no engagement: now also "bounced""#]);
    says(("[\"US\", \"CA\"]", "[\"US\", \"DE\", \"GB\"]"), &[r#"let markets: now also "DE", "GB", no longer "CA""#]);
    says(
        ("between 50 and 1000", "between 20 and 1000"),
        &["profile icp, size: employees between 50 and 1000 → employees between 20 and 1000"],
    );
    says(("  country in markets\n", ""), &["gone: profile icp, country in markets"]);
    says(("country in markets\n", "country in markets\n  budget >= 10k\n"), &["new: profile icp, budget >= 10k"]);
    says(("\"Fits\"", "\"Fits us\""), &[r#"profile icp: title "Fits" → "Fits us""#]);
    says(("add 30", "add 25"), &["score interest, Looked at prices: +30 → +25"]);
    says(
        ("when prices add", "when prices at least twice add"),
        &["score interest, Looked at prices: prices → prices at least twice"],
    );
    says(
        ("halving every 30 days up to 20", "halving every 60 days"),
        &["score interest, Reads the blog: halving every 30 days → halving every 60 days; no longer up to 20"],
    );
    says(
        ("because \"Reads the blog\"", "because \"Reads\""),
        &[r#"score interest, Reads the blog: reason "Reads the blog" → "Reads""#],
    );
    says(
        ("not attended(\"webinar\") and registered(\"webinar\")", "registered(\"webinar\")"),
        &[
            r#"score interest, Not attended("webinar") and registered("webinar"): not attended("webinar") is no longer asked for"#,
        ],
    );
    says(("  reset if unsubscribed()\n", ""), &["gone: score interest, reset if unsubscribed()"]);
    says(("up to 100", "between 0 and 80"), &["score interest: up to 100 → between 0 and 80"]);
    says(("mentions \"VP\": 10", "mentions \"VP\": 12"), &[r#"score person, Role, mentions "VP": +10 → +12"#]);
    says(("add 3;", "add 4;"), &[r#"score person, first of, Title mentions "sales": +3 → +4"#]);
    says(("score between 0 and 200", "score up to 200"), &["score: between 0 and 200 → up to 200"]);
    says(("stages lead, mql, sql", "stages lead, mql, pql, sql"), &["stages: lead, mql, sql → lead, mql, pql, sql"]);
    says(("score >= 70 and fit(icp)", "score >= 80 and fit(icp)"), &["stage sql: threshold 70 → 80"]);
    says(("score >= 70 and fit(icp)", "score >= 70"), &["stage sql: fit(icp) is no longer asked for"]);
    says(("email is known", "email is known and country is known"), &["gate of sql: and also country is known"]);
    says(
        ("because \"Competitor\"", "because \"Rival\""),
        &[r#"disqualify, Competitor: reason "Competitor" → "Rival""#],
    );
    says(
        ("\"@us.example\"", "\"@we.example\""),
        &[r#"gone: exclude, Email ends with "@us.example""#, r#"new: exclude, Email ends with "@we.example""#],
    );
    says(("score > 150", "score > 120"), &["review, Too good: threshold 150 → 120"]);
    says(("\"A\" if score >= 70", "\"A\" if score >= 60"), &[r#"label grade, "A": threshold 70 → 60"#]);
    says(
        ("otherwise \"B\"", "\"B\" if score >= 30; otherwise \"C\""),
        &[r#"label grade, "B": now if score >= 30"#, r#"new: label grade, "C": otherwise"#],
    );
    says(
        ("expect score = 0", "expect score < 1"),
        &["test, nobody: test \"nobody\" { expect score = 0 } → test \"nobody\" { expect score < 1 }"],
    );
    says(("test \"nobody\"", "as of 2025-06-30\ntest \"nobody\""), &["tests: now as of 2025-06-30"]);
}

#[test]
fn new_gone_moved_and_renamed() {
    says(("  reset if", "  when booked(\"demo\") add 40\n  reset if"), &[r#"new: score interest, Booked "demo": +40"#]);
    says(
        ("  when prices add 30 because \"Looked at prices\"\n", ""),
        &["gone: score interest, Looked at prices: +30, when prices"],
    );
    // From one score to another, with other points.
    let moved = OLD.replacen("  when prices add 30 because \"Looked at prices\"\n", "", 1).replacen(
        "score person {",
        "score person {\n  when prices add 20 because \"Looked at prices\"",
        1,
    );
    let of = |text: &str| read(text, files("rival.example", "country,points\nUS,5\nCA,4"));
    let changes = |new: &str| compare(&of(OLD), &of(new)).changes.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(changes(&moved), ["moved: Looked at prices: from score interest → score person; +30 → +20"]);
    assert_eq!(
        changes(&OLD.replace("prices", "price_page").replace("Looked at price_page", "Looked at prices")),
        ["renamed: let prices → price_page"]
    );
    assert_eq!(changes(&OLD.replace("icp", "fits_us")), ["renamed: profile icp → fits_us"]);
    assert_eq!(changes(&OLD.replace("score interest", "score doing")), ["renamed: score interest → doing"]);
    assert_eq!(changes(&OLD.replace("mql", "qualified")), ["renamed: stage mql → qualified"]);
    assert_eq!(changes(&OLD.replace("label grade", "label tier")), ["renamed: label grade → tier"]);
    // A block that is mostly the same.
    assert_eq!(
        changes(&OLD.replace("score interest", "score doing").replace("add 30", "add 35")),
        ["renamed: score interest → doing", "score doing, Looked at prices: +30 → +35"]
    );
    // Elsewhere in the file.
    let line = "mql if score >= 30\n";
    assert_eq!(
        changes(&format!("{line}{}", OLD.replacen(line, "", 1))),
        ["moved: stage mql: without effect on points and stages"]
    );
    assert_eq!(
        changes(&OLD.replacen(
            "mentions \"CEO\": 20; mentions \"VP\": 10",
            "mentions \"VP\": 10; mentions \"CEO\": 20",
            1
        ))
        .len(),
        1
    );
}

#[test]
fn tests_stand_in_no_ones_way() {
    let with = |rules: &str, stage: &str| {
        format!(
            "{rules}\nstages lead, {stage}, sql\n{stage} if score >= 10\ntest \"t\" {{ lead {{ a: 1 }} expect stage = {stage} }}"
        )
    };
    let (old, new) =
        (version(&with("when a = 1 add 10", "mql")), version(&with("when a = 1 add 12\nwhen b = 1 add 5", "pql")));
    let comparison = compare(&old, &new);
    let steps: Vec<Vec<usize>> = comparison.steps();
    let words: Vec<String> = steps
        .iter()
        .map(|s| s.iter().map(|&c| comparison.changes[c].to_string()).collect::<Vec<_>>().join(" + "))
        .collect();
    assert_eq!(words, ["renamed: stage mql → pql", "A = 1: +10 → +12", "new: B = 1: +5"]);
}

#[test]
fn what_files_hold_is_compared() {
    let old = read(OLD, files("rival.example\nother.example", "country,points\nUS,5\nCA,4"));
    let new = read(OLD, files("rival.example\nthird.example", "country,points\nUS,8\nDE,2"));
    let told: Vec<String> = compare(&old, &new).changes.iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            r#"let rivals: now also "third.example", no longer "other.example""#,
            "points by country: US 5 → 8; no longer CA 4; now DE 2"
        ]
    );
}

/// A lead as a row of cells.
fn row(id: &str, cells: &[&str], done: &[&str]) -> Row {
    let done: Vec<Json> =
        done.iter().map(|target| json!({"type": "visited", "target": target, "at": "2025-06-20"})).collect();
    let lead = support::lead(&support::model("when a = 1 add 1"), &json!({}), &done).0;
    Row {
        id: id.to_owned(),
        cells: cells.iter().map(|c| merit::value::Raw::cell(c)).collect(),
        activity: lead.activity,
    }
}

fn effects(comparison: &Comparison<'_>, columns: &[&str], rows: Vec<Row>) -> Effects {
    let keys: Vec<String> = columns.iter().map(|c| merit::text::name_key(c)).collect();
    Effects::of(comparison, support::as_of("2025-06-30"), &keys, rows)
}

/// Who moves, each with the changes that moved it.
fn movers(old: &str, new: &str, columns: &[&str], rows: Vec<Row>) -> Vec<String> {
    let (old, new) = (version(old), version(new));
    let comparison = compare(&old, &new);
    let words =
        |changes: &[usize]| changes.iter().map(|&c| comparison.changes[c].to_string()).collect::<Vec<_>>().join(" + ");
    let effects = effects(&comparison, columns, rows);
    effects
        .movers
        .iter()
        .map(|m| format!("{}: {} → {} by {}", m.id, m.before.stage, m.after.stage, words(&m.moved_by)))
        .collect()
}

#[test]
fn four_changes_at_once_are_told_apart() {
    let old = r#"
let hot = visited("/pricing")
profile icp { size: employees between 50 and 1000; country = "US" }
when hot add 30 because "Looked at prices"
when visited("/blog") add 40
mql if score >= 30
sql if score >= 70
sql if fit(icp) and hot
"#;
    let new = r#"
let keen = visited("/pricing")
profile icp { size: employees between 20 and 1000; country = "US" }
when keen add 25 because "Looked at prices"
when visited("/blog") add 40
mql if score >= 30
sql if score >= 75
sql if fit(icp) and keen
"#;
    assert_eq!(
        told(old, new),
        [
            "renamed: let hot → keen",
            "profile icp, size: employees between 50 and 1000 → employees between 20 and 1000",
            "Looked at prices: +30 → +25",
            "stage sql: threshold 70 → 75"
        ]
    );
    let rows = vec![
        row("smaller", &["30", "US", ""], &["/pricing"]),
        row("prices alone", &["10", "DE", ""], &["/pricing"]),
        row("blog and prices", &["10", "DE", ""], &["/pricing", "/blog"]),
        row("fits anyway", &["100", "US", ""], &["/pricing", "/blog"]),
        row("blog alone", &["100", "US", ""], &["/blog"]),
        row("seventy", &["10", "DE", "30"], &["/blog"]),
    ];
    let moved = |line: &str| format!("{line}\nwhen extra is known add (extra)");
    assert_eq!(
        movers(&moved(old), &moved(new), &["employees", "country", "extra"], rows),
        [
            "smaller: mql → sql by profile icp, size: employees between 50 and 1000 → employees between 20 and 1000",
            "prices alone: mql → lead by Looked at prices: +30 → +25",
            "blog and prices: sql → mql by Looked at prices: +30 → +25",
            "seventy: sql → mql by stage sql: threshold 70 → 75",
        ]
    );
}

#[test]
fn there_and_back_is_not_named_and_together_is() {
    let old = "when a = 1 add 30\nwhen b = 1 add 30\nwhen c = 1 add 30\nmql if score >= 50";
    let columns = ["a", "b", "c"];
    // The first change takes it away, the second one back.
    let new = old.replace("a = 1 add 30", "a = 1 add 10").replace("b = 1 add 30", "b = 1 add 50");
    assert_eq!(movers(old, &new, &columns, vec![row("x", &["1", "1", "0"], &[])]), [] as [&str; 0]);
    let new = new.replace("score >= 50", "score >= 70");
    assert_eq!(
        movers(old, &new, &columns, vec![row("x", &["1", "1", "0"], &[])]),
        ["x: mql → lead by stage mql: threshold 50 → 70"]
    );
    // Neither alone would do.
    let new = old.replace("a = 1 add 30", "a = 1 add 22").replace("b = 1 add 30", "b = 1 add 22");
    let moved = movers(old, &new, &columns, vec![row("x", &["1", "1", "0"], &[]), row("y", &["1", "0", "1"], &[])]);
    assert_eq!(moved, ["x: mql → lead by A = 1: +30 → +22 + B = 1: +30 → +22"]);
}

#[test]
fn what_opens_the_way_without_points_is_named() {
    // The wider profile alone does not do, and neither does the lower threshold. `y` is there and back in between.
    let old = "profile icp { size between 50 and 100 }\nwhen b = 1 add 65\nwhen c = 1 add 5\nmql if score >= 100\nsql if score >= 70 and fit(icp)";
    let new =
        old.replace("between 50", "between 20").replace("score >= 70", "score >= 60").replace("add 5\n", "add 4\n");
    let moved = movers(
        old,
        &new,
        &["size", "b", "c"],
        vec![row("x", &["30", "1", "0"], &[]), row("y", &["30", "1", "1"], &[]), row("z", &["60", "1", "0"], &[])],
    );
    let (wider, lower) =
        ("profile icp: size between 50 and 100 → size between 20 and 100", "stage sql: threshold 70 → 60");
    assert_eq!(
        moved,
        [
            format!("x: lead → sql by {wider} + {lower}"),
            format!("y: lead → sql by {wider} + {lower}"),
            format!("z: lead → sql by {lower}")
        ]
    );
}

#[test]
fn what_makes_no_model_alone_is_made_together() {
    // A text column becomes a number in both of its uses.
    let old = "when size = \"big\" add 10\nwhen size = \"huge\" add 20\nmql if score >= 10";
    let new = "when size = 100 add 10\nwhen size = 1000 add 20\nmql if score >= 10";
    let (old, new) = (version(old), version(new));
    let comparison = compare(&old, &new);
    let steps: Vec<usize> = comparison.steps().iter().map(Vec::len).collect();
    assert_eq!((comparison.changes.len(), steps), (2, vec![2]));
    assert!(comparison.changes.iter().all(|c| c.kind == Kind::Rule));
}
