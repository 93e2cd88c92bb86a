//! `merit explain`: transcripts of many situations, and what must hold of every explanation.

#![allow(clippy::expect_used, clippy::panic)] // A test that cannot set up its folder fails.

use merit::explain::{explain, text};
use serde_json::json;

use super::run_command::{Folder, same_as_snapshot};
use super::{generate, support};

const MODEL: &str = r#"
field stage_today from "Lifecycle Stage"
profile icp "Mid-market software" {
  industry in ["SaaS", "FinTech"]
  employees between 50 and 1000
  country in ["US", "DE"]
}
let competitors = ["rival.example"]
score interest "What they do" between 0 and 100 {
  when visited("/pricing") add 30 because "Looked at prices"
  when visited("/pricing") at least 3 times in last 14 days add 15 because "Keeps coming back"
  add 5 per visited("/blog/*") halving every 30 days up to 12 because "Reads the blog"
  when clicked("newsletter") add 3 at most once a week up to 9 because "Clicks in the newsletter"
  when booked("demo") add 60 because "Booked a demo"
  when attended("webinar" where minutes >= 30) add 20 because "Stayed in a webinar"
  when activity() and inactive for 60 days subtract 10 because "Silent for 60 days"
  reset at unsubscribed() because "Unsubscribed"
}
score fit_points "Who they are" {
  when fit(icp) add 25 because "Fits us"
  points by title "Seniority" { mentions any ["CEO", "founder"]: 20; mentions any ["VP", "head of"]: 15; mentions "director": 10 }
}
stages lead, iql, mql, sql, customer from stage_today never lower
iql if score >= 10
mql if score >= 40
sql if score >= 70 and fit(icp)
sql if replied("outreach" where answer = "yes") and fit(icp) because "Said yes to our outreach"
mql and above only if country in ["US", "DE"] because "Not a market"
disqualify if domain(email) in competitors because "Competitor"
exclude if domain(email) = "ours.example" because "Our own staff"
label next_step { "Call today" if stage = sql; "Write" if stage = mql; otherwise "Nurture" }
review if stage = sql and phone is missing because "No phone number"
"#;

/// Explains one lead of the model above as of 2025-06-30.
fn told(name: &str, lead: &serde_json::Value, activity: &[serde_json::Value]) -> String {
    let model = support::model(MODEL);
    let (lead, _) = support::lead(&model, lead, activity);
    let outlook = name.contains("ages").then(|| merit::time::Period::of(30, "days").expect("a time"));
    text::to_text(&explain(&model, &lead, support::as_of("2025-06-30"), outlook), false)
}

fn did(kind: &str, target: &str, at: &str) -> serde_json::Value {
    json!({"type": kind, "target": target, "at": format!("{at}T10:00:00Z")})
}

#[test]
fn transcripts() {
    let fits = json!({"lead_id": "A-1", "title": "VP Sales", "industry": "SaaS", "employees": 120, "country": "US", "email": "a@x.example"});
    let with = |more: serde_json::Value| {
        let mut lead = fits.clone();
        for (k, v) in more.as_object().expect("an object") {
            lead[k] = v.clone();
        }
        lead
    };
    let demo = did("booked", "demo", "2025-06-25");
    let prices = |days: &[&str]| days.iter().map(|d| did("visited", "https://us.example/pricing", d)).collect::<Vec<_>>();
    let cases = [
        ("fired", fits.clone(), vec![demo.clone(), did("visited", "/pricing", "2025-06-24")]),
        ("capped", fits.clone(), [prices(&["2025-06-20", "2025-06-22", "2025-06-24"]), vec![demo.clone()]].concat()),
        ("reset", fits.clone(), vec![demo.clone(), did("unsubscribed", "", "2025-06-26"), did("visited", "/pricing", "2025-06-28")]),
        ("aged", fits.clone(), ["2025-04-20", "2025-05-25", "2025-06-20"].iter().enumerate().map(|(i, d)| did("visited", &format!("/blog/{i}"), d)).collect()),
        ("rate_limited", fits.clone(), ["2025-06-02", "2025-06-03", "2025-06-20"].iter().map(|d| did("clicked", "newsletter", d)).collect()),
        ("unknown", with(json!({"employees": null, "industry": ""})), vec![demo.clone(), did("visited", "/pricing", "2025-06-24")]),
        ("range", with(json!({"employees": "11-200"})), vec![demo.clone()]),
        ("unreadable", with(json!({"employees": "many"})), vec![demo.clone()]),
        ("gate_closed", with(json!({"country": "FR"})), vec![demo.clone()]),
        ("disqualified", with(json!({"email": "b@rival.example"})), vec![demo.clone()]),
        ("excluded", with(json!({"email": "me@ours.example"})), vec![demo.clone()]),
        ("kept", with(json!({"Lifecycle Stage": "Customer"})), vec![did("visited", "/pricing", "2025-06-24")]),
        ("several_ways", fits.clone(), vec![did("visited", "/pricing", "2025-06-24")]),
        ("none", json!({"lead_id": "B-1", "country": "FR", "industry": "Retail", "employees": 3, "title": "Clerk"}), vec![]),
        ("nearly", fits.clone(), [prices(&["2025-06-20", "2025-06-22"]), vec![json!({"type": "attended", "target": "webinar", "at": "2025-06-20", "minutes": 12})]].concat()),
        ("ages_away", fits.clone(), vec![did("visited", "/pricing", "2025-06-18"), did("visited", "/blog/a", "2025-06-10"), did("visited", "/blog/b", "2025-06-11")]),
    ];
    for (name, lead, activity) in cases {
        same_as_snapshot(&format!("explain_{name}.txt"), &told(name, &lead, &activity));
    }
}

#[test]
fn ten_thousand_activities_fit_on_a_screen() {
    let activity: Vec<_> = (0..10_000).map(|i| did("visited", &format!("/blog/{i}"), &format!("2025-0{}-{:02}", i % 6 + 1, i % 28 + 1))).collect();
    let text = told("many", &json!({"lead_id": "M", "country": "US"}), &activity);
    assert!(text.lines().count() <= 40, "{text}");
    assert!(text.contains("bounded from"), "{text}");
}

/// Points and bounds add up to the score; a field that is named as missing really is; what is said to hold holds.
#[test]
fn explanations_of_random_leads_are_true() {
    let mut tried = 0;
    for seed in 0..400 {
        let mut rng = generate::Rng::new(seed);
        let text = generate::model(&mut rng);
        let Some(model) = support::checked(&text).model else { continue };
        let as_of = generate::as_of(&mut rng);
        let record = generate::lead(&mut rng, &model, as_of, generate::LeadWants { gaps: 40, negative: false, arrays: false });
        let activity = generate::activity(&mut rng, &model, as_of, generate::ActivityWants { most: 12, distinct: false, calendar: false });
        let (lead, _) = support::lead(&model, &record, &activity);
        let explanation = explain(&model, &lead, as_of, None);
        let number = |t: &str| t.parse::<f64>().expect("a number");
        if let (Some(score), None) = (&explanation.score, &model.formula) {
            let groups: f64 = explanation.groups.iter().map(|g| number(&g.score)).sum();
            let bounds = explanation.bounds.as_deref().map_or(0.0, number);
            assert!((groups + bounds - number(score)).abs() < 1e-6 * (1.0 + number(score).abs()), "seed {seed}: {explanation:#?}\n{text}");
            for group in &explanation.groups {
                let reasons: f64 = group.reasons.iter().map(|r| number(&r.points)).sum();
                assert!((reasons - number(&group.sum)).abs() < 1e-6 * (1.0 + reasons.abs()), "seed {seed}: {group:#?}\n{text}");
            }
        }
        for near in explanation.nearly.iter().filter(|n| n.is_unknown) {
            assert!(near.why.contains("missing") || near.why.contains("cannot be read") || near.why.contains("only known as") || near.why.contains("cannot be calculated"), "seed {seed}: {near:?}\n{text}");
        }
        tried += 1;
    }
    assert!(tried > 350, "only {tried} models were fine");
}

const LEADS: &str = "lead_id,title,industry,employees,country,email\nA-1,VP Sales,SaaS,120,US,a@x.example\nA-2,CEO,SaaS,,DE,b@x.example\n";
const EVENTS: &str = "lead_id,type,target,at\nA-1,booked,demo,2025-06-25\nA-2,visited,/pricing,2025-06-24\n";

fn folder(name: &str) -> Folder {
    let folder = Folder::new(name);
    folder.write("m.merit", MODEL).write("leads.csv", LEADS).write("events.csv", EVENTS);
    folder
}

#[test]
fn the_command() {
    let folder = folder("explain");
    let run = |more: &str| folder.merit(&format!("explain m.merit leads.csv --events events.csv --as-of 2025-06-30 -q {more}"));
    run("--lead A-2").ends(0).is("explain_one");
    run("--lead A-1,A-2").ends(0);
    run("--lead A-1 --format markdown").ends(0).is("explain_markdown");
    let json = run("--lead A-1,A-2 --format json");
    json.ends(0);
    assert_eq!(json.objects().len(), 2);
    assert_eq!(json.objects()[0]["stage"], "sql");
    run("--stage sql").ends(0).is("explain_stage");
    run("--lead a-1").ends(1).says("there is no lead `a-1` in `leads.csv`; did you mean `A-1`?");
    run("").ends(2).is("explain_without_lead");
    assert!(run("--lead A-1 --outlook 30").stderr.contains("write a number and a unit"));
}
