//! The hand-written conformance cases of `tests/conformance/`; where they stand beside the project too, the two are held equal.

use std::path::{Path, PathBuf};

use merit::eval::Interpreter;
use merit::time::read_iso;
use merit::words::Lines;
use serde_json::Value as Json;

use super::support;

/// The folders of cases that hold, and how many cases they have at least.
const FOLDERS: &[(&str, usize)] = &[("cases", 317), ("second-look", 22), ("additions", 128)];

/// The files of cases in a folder, in order.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<_> = std::fs::read_dir(folder).expect("the folder").map(|f| f.expect("a file").path()).collect();
    files.sort();
    files
}

#[test]
fn all_cases_hold() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conformance");
    let mut failures = Vec::new();
    for (name, least) in FOLDERS {
        let mut count = 0;
        for file in files(&folder.join(name)) {
            let cases: Vec<Json> =
                serde_json::from_str(&std::fs::read_to_string(&file).expect("a file")).expect("cases");
            for case in cases {
                count += 1;
                let Err(why) = run(&case) else { continue };
                failures.push(format!(
                    "{name}/{} / {}: {why}\n    {}",
                    file.file_stem().unwrap_or_default().to_string_lossy(),
                    case["name"],
                    case["model"]
                ));
            }
        }
        assert!(count >= *least, "only {count} cases were found in {name}");
    }
    assert!(failures.is_empty(), "{} cases fail:\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn the_cases_are_those_beside_the_project() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let beside = root.join("../shared/conformance");
    if !beside.is_dir() {
        eprintln!("skipped: there are no conformance cases beside this clone (../shared/conformance)");
        return;
    }
    for (name, _) in FOLDERS {
        let read = |folder: &Path| -> Vec<_> {
            files(&folder.join(name))
                .into_iter()
                .map(|f| (f.file_name().map(ToOwned::to_owned), std::fs::read(&f).expect("a file")))
                .collect()
        };
        assert!(
            read(&root.join("tests/conformance")) == read(&beside),
            "the cases of {name} differ from those beside the project: copy them anew"
        );
    }
}

fn run(case: &Json) -> Result<(), String> {
    let checked = support::checked(case["model"].as_str().ok_or("no model")?);
    let codes: Vec<String> = checked.diagnostics.iter().map(|d| format!("{} {}", d.code, d.message)).collect();
    if case["error"] == true {
        return if checked.model.is_none() && !codes.is_empty() { Ok(()) } else { Err("accepted".to_owned()) };
    }
    let model = checked.model.ok_or_else(|| format!("refused: {codes:?}"))?;
    let as_of = model.as_of(read_iso(case["as_of"].as_str().unwrap_or("2025-06-30")).expect("a date"));
    let empty = Vec::new();
    let activity = case["activity"].as_array().unwrap_or(&empty);
    let lead = if case["lead"].is_object() { case["lead"].clone() } else { serde_json::json!({}) };
    let (lead, _) = support::lead(&model, &lead, activity);
    let outcome = Interpreter::new(&model, as_of).evaluate(&lead);
    let lines = Lines::of(&model);
    let object = serde_json::to_value(merit::results::object(&model, &lines, &lead.id, &outcome, as_of))
        .map_err(|e| e.to_string())?;
    for (key, wanted) in case["expect"].as_object().ok_or("nothing is expected")? {
        let got = match key.as_str() {
            "tests" => Json::Array(merit::testing::run(&model, as_of).map(|t| t.passed().into()).collect()),
            _ => object[key].clone(),
        };
        let same = match key.as_str() {
            "missing" => sorted(&got) == sorted(wanted),
            "fired" => same_fired(wanted, &got),
            _ => same(wanted, &got),
        };
        if !same {
            return Err(format!("{key}: wanted {wanted}, got {got}"));
        }
    }
    Ok(())
}

fn sorted(list: &Json) -> Vec<String> {
    let mut out: Vec<String> = list.as_array().into_iter().flatten().map(ToString::to_string).collect();
    out.sort();
    out
}

/// Entry by entry in order, only among the kinds that the expectation names; none named means points and resets.
fn same_fired(wanted: &Json, got: &Json) -> bool {
    let (Some(wanted), Some(got)) = (wanted.as_array(), got.as_array()) else { return false };
    let mut kinds: Vec<&Json> = wanted.iter().map(|w| &w["kind"]).collect();
    let default = [Json::from("points"), Json::from("reset")];
    if kinds.is_empty() {
        kinds = default.iter().collect();
    }
    let got: Vec<&Json> = got.iter().filter(|g| kinds.contains(&&g["kind"])).collect();
    got.len() == wanted.len() && wanted.iter().zip(got).all(|(w, g)| same(w, g))
}

/// Objects key by key for the keys that are wanted; numbers as exact decimals.
fn same(wanted: &Json, got: &Json) -> bool {
    match (wanted, got) {
        (Json::Object(wanted), got) => wanted.iter().all(|(k, w)| same(w, &got[k])),
        (Json::Number(a), Json::Number(b)) => decimal(&a.to_string()) == decimal(&b.to_string()),
        _ => wanted == got,
    }
}

fn decimal(text: &str) -> String {
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text.to_owned() }
}
