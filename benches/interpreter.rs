//! How many leads a second the interpreter answers, one thread, leads and activity in memory.
//!
//! `cargo bench --bench interpreter`. The model is the benchmark's (`../shared/bench/b2b.merit`) where that folder is there,
//! else the shipped example. `MERIT_BENCH_DATA` names a folder with `leads.csv` and `events.csv`; without it, leads of the
//! same shape are made up.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)] // A measurement that cannot set up its files fails.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use divan::counter::ItemsCount;
use merit::bind::Binding;
use merit::data::{EventColumns, Input, Leads, Options, open, read_activity};
use merit::eval::Interpreter;
use merit::lead::{Activity, Lead};
use merit::model::Model;

fn main() {
    divan::main();
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The model that is measured.
pub fn model() -> Model {
    let shared =
        std::env::var("MERIT_BENCH_MODEL").map_or_else(|_| root().join("../shared/bench/b2b.merit"), PathBuf::from);
    let path = if shared.is_file() { shared } else { root().join("examples/saas-product-led/model.merit") };
    let checked = merit::load::load(&path.to_string_lossy()).unwrap_or_else(|d| panic!("{}", d.message));
    checked.model.unwrap_or_else(|| panic!("the benchmark model has errors"))
}

/// At most 20,000 leads with their activity.
pub fn leads(model: &Model) -> Vec<Lead> {
    const MOST: usize = 20_000;
    let options = Options::default();
    let (leads, activity) = match std::env::var("MERIT_BENCH_DATA") {
        Ok(folder) => {
            let file =
                |name: &str| open(Path::new(&folder).join(name), &options).unwrap_or_else(|d| panic!("{}", d.message));
            (file("leads.csv"), file("events.csv"))
        }
        Err(_) => {
            let (leads, events) = made_up(MOST);
            let input = |name: &str, text: String| {
                Input::from_bytes(name, text.into_bytes(), &options).unwrap_or_else(|d| panic!("{}", d.message))
            };
            (input("leads.csv", leads), input("events.csv", events))
        }
    };
    let file = read_activity(activity, &EventColumns::default(), &|_| true);
    let mut by_lead: HashMap<String, Vec<Activity>> = file.unwrap_or_else(|d| panic!("{}", d.message)).by_lead;
    let leads = Leads::new(leads, &options).unwrap_or_else(|d| panic!("{}", d.message));
    let binding = Binding::new(model, &leads.columns().keys);
    let mut reader = binding.reader();
    leads
        .rows()
        .take(MOST)
        .map(|row| {
            let id = leads.lead_id(&row);
            let records = by_lead.remove(&id).unwrap_or_default();
            reader.lead(id, &row.cells, Arc::new(records))
        })
        .collect()
}

/// Leads with ten activities each, by a small generator of its own.
fn made_up(count: usize) -> (String, String) {
    let mut state = 1u64;
    let mut pick = move |n: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % n
    };
    let titles = ["CEO", "VP Sales", "Director of IT", "Engineer", "Intern", "Head of Marketing"];
    let industries = ["software", "fintech", "retail", "logistics"];
    let kinds = [
        ("downloaded", "ebook"),
        ("visited", "pricing"),
        ("visited", "blog"),
        ("opened", "newsletter"),
        ("clicked", "x"),
        ("attended", "webinar"),
    ];
    let mut leads = "lead_id,email,title,industry,employees,country,budget,authority,timeline_days,source\n".to_owned();
    let mut events = "lead_id,type,target,at\n".to_owned();
    for i in 0..count {
        let at = |pick: &mut dyn FnMut(u64) -> u64, of: &[&'static str]| {
            of[usize::try_from(pick(of.len() as u64)).unwrap_or(0)]
        };
        leads.push_str(&format!(
            "L{i},a{i}@x{}.com,{},{},{},{},{},{},{},web\n",
            pick(500),
            at(&mut pick, &titles),
            at(&mut pick, &industries),
            pick(2000),
            at(&mut pick, &["United States", "Germany", ""]),
            pick(30_000),
            at(&mut pick, &["decision_maker", "user"]),
            pick(200)
        ));
        for _ in 0..10 {
            let (kind, target) = kinds[usize::try_from(pick(kinds.len() as u64)).unwrap_or(0)];
            events.push_str(&format!("L{i},{kind},{target},2025-{:02}-{:02}T10:00:00Z\n", pick(6) + 1, pick(28) + 1));
        }
    }
    (leads, events)
}

#[divan::bench(sample_count = 10)]
fn evaluate(bencher: divan::Bencher<'_, '_>) {
    let model = model();
    let leads = leads(&model);
    let as_of = model.as_of(merit::time::read_iso("2025-06-30T00:00:00Z").unwrap_or_else(|| panic!("a date")));
    let interpreter = Interpreter::new(&model, as_of);
    bencher
        .counter(ItemsCount::new(leads.len()))
        .bench_local(|| leads.iter().filter(|lead| interpreter.evaluate(lead).score.is_some()).count());
}
