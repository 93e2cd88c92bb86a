//! What the tests share: checking a model and evaluating one lead, without files; and which rule files there are.

use std::ops::Range;
use std::path::PathBuf;

use merit::bind::Binding;
use merit::check::{Checked, NoFiles, check};
use merit::data::{Input, Leads, read_activity};
use merit::lead::{Lead, drop_copies};
use merit::model::Model;
use merit::source::Source;
use merit::time::{Instant, Zone, read_iso};
use serde_json::{Value as Json, json};

use super::docs::root;

/// On how many cases a property is tried: `MERIT_CASES`, or the usual number.
pub fn cases(usual: u64) -> u64 {
    setting("MERIT_CASES", usual)
}

/// The seeds of so many cases, from `MERIT_SEED` on.
pub fn seeds(cases: u64) -> Range<u64> {
    let first = setting("MERIT_SEED", 1);
    first..first + cases
}

fn setting(name: &str, usual: u64) -> u64 {
    std::env::var(name).ok().and_then(|n| n.parse().ok()).unwrap_or(usual)
}

/// Checks a model that stands alone.
pub fn checked(model: &str) -> Checked {
    check(Source::new("model.merit", model), &NoFiles)
}

/// A model that must be fine.
pub fn model(text: &str) -> Model {
    let checked = checked(text);
    let messages: Vec<String> = checked.diagnostics.iter().map(|d| format!("{} {}", d.code, d.message)).collect();
    checked.model.unwrap_or_else(|| panic!("the model is refused: {messages:?}\n{text}"))
}

/// As-of from a text.
pub fn as_of(text: &str) -> Instant {
    read_iso(text).expect("a date").in_zone(&Zone::UTC).last()
}

/// One lead with its activity, read as a file would be. Returns how many copies of records were taken out, too.
pub fn lead(model: &Model, record: &Json, activity: &[Json]) -> (Lead, usize) {
    let mut record = record.clone();
    let object = record.as_object_mut().expect("a lead is an object");
    object.entry("lead_id").or_insert_with(|| json!("1"));
    let mut options = merit::run::Input::new("lead.json").for_model(model).options;
    // The id of a made-up lead stands in the usual column.
    options.id = None;
    let text = serde_json::to_vec(&json!([record])).expect("JSON");
    let leads = Leads::new(Input::from_bytes("lead.json", text, &options).expect("a lead"), &options).expect("leads");
    let row = leads.rows().next().expect("one row");
    let id = leads.lead_id(&row);
    let mut events = row.events.clone().unwrap_or_default();
    if !activity.is_empty() {
        let lines: Vec<String> = activity
            .iter()
            .map(|a| {
                let mut a = a.clone();
                a["lead_id"] = json!(id);
                a.to_string()
            })
            .collect();
        let input = Input::from_bytes("activity.jsonl", lines.join("\n").into_bytes(), &options).expect("activity");
        let file = read_activity(input, &options.event_columns, &|_| true).expect("activity");
        events.extend(file.by_lead.into_values().flatten());
    }
    let copies = drop_copies(&mut events);
    (Binding::new(model, &leads.columns().keys).lead(id, &row.cells, std::sync::Arc::new(events)), copies)
}

/// All rule files below some folders of the repository, by their paths.
pub fn rule_files(folders: &[&str]) -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = folders.iter().map(|f| root().join(f)).collect();
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "merit") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}
