//! Real files by other people; skipped where they are not there.

use super::*;
use crate::data::{EventColumns, open, read_activity};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data");

fn is_there() -> bool {
    let there = std::path::Path::new(FOLDER).is_dir();
    if !there {
        eprintln!("skipped: {FOLDER} is not there");
    }
    there
}

fn real(name: &str) -> Leads {
    let options = Options::default();
    Leads::new(open(format!("{FOLDER}/{name}"), &options).unwrap(), &options).unwrap()
}

#[test]
fn tables_of_other_people() {
    if !is_there() {
        return;
    }
    for (name, columns, count) in [("bank-full.csv", 17, 45_211), ("online_shoppers_intention.csv", 18, 12_330)] {
        let leads = real(name);
        assert_eq!(leads.columns().names.len(), columns);
        assert_eq!(leads.rows().filter(|row| row.error.is_none()).count(), count);
        assert_eq!(leads.rows().last().unwrap().line, count as u64 + 1);
    }
}

#[test]
fn every_connector_file_reads_without_a_fault() {
    if !is_there() {
        return;
    }
    let mut files = 0;
    for system in ["hubspot", "marketo", "pardot"] {
        for file in std::fs::read_dir(format!("{FOLDER}/crm_connector_rows/{system}")).unwrap() {
            let path = file.unwrap().path();
            let leads = real(path.strip_prefix(FOLDER).unwrap().to_str().unwrap());
            assert!(!leads.columns().names[0].starts_with('\u{feff}'));
            for row in leads.rows() {
                assert_eq!(row.error, None, "{}", path.display());
            }
            // The rows of the `csv` crate, and as many.
            let text = std::fs::read(&path).unwrap();
            assert_eq!(
                leads.rows().count(),
                ::csv::Reader::from_reader(text.as_slice()).records().count(),
                "{}",
                path.display()
            );
            files += 1;
        }
    }
    assert_eq!(files, 42);
}

#[test]
fn real_activity() {
    if !is_there() {
        return;
    }
    let options = Options::default();
    let input = open(format!("{FOLDER}/crm_connector_rows/hubspot/email_event_data.csv"), &options).unwrap();
    let columns = EventColumns::parse("lead_id=recipient,at=created,event_id=id").unwrap();
    let file = read_activity(input, &columns, &|_| false).unwrap();
    assert!(file.rows > 0 && file.problems.is_empty(), "{:?}", file.problems);
}
