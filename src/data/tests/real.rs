//! Files in the shape of other people's: the made-up ones of `tests/real_data/rows`, and real ones where they are there.

use std::path::{Path, PathBuf};

use super::*;
use crate::data::{EventColumns, open, read_activity};

/// Made-up rows, which are always there, and real ones.
const FOLDERS: [&str; 2] = ["tests/real_data/rows", "../shared/data"];

/// The folders that are there, and whether their rows are made up.
fn folders() -> impl Iterator<Item = (PathBuf, bool)> {
    let there = FOLDERS.map(|folder| Path::new(env!("CARGO_MANIFEST_DIR")).join(folder));
    there.into_iter().zip([true, false]).filter(|(folder, made_up)| {
        if !folder.is_dir() && !made_up {
            eprintln!("on made-up rows only: there are no real ones beside this clone (../shared/data)");
        }
        folder.is_dir() || *made_up
    })
}

fn leads_of(path: &Path) -> Leads {
    let options = Options::default();
    Leads::new(open(path, &options).unwrap(), &options).unwrap()
}

#[test]
fn tables_of_other_people() {
    for (folder, made_up) in folders() {
        let counts = if made_up { [60, 60] } else { [45_211, 12_330] };
        let tables = [("bank-full.csv", 17), ("online_shoppers_intention.csv", 18)];
        for ((name, columns), count) in tables.into_iter().zip(counts) {
            let leads = leads_of(&folder.join(name));
            assert_eq!(leads.columns().names.len(), columns);
            assert_eq!(leads.rows().filter(|row| row.error.is_none()).count(), count);
            assert_eq!(leads.rows().last().unwrap().line, count as u64 + 1);
        }
    }
}

#[test]
fn every_connector_file_reads_without_a_fault() {
    for (folder, made_up) in folders() {
        let mut files = 0;
        for system in ["hubspot", "marketo", "pardot"] {
            for file in std::fs::read_dir(folder.join("crm_connector_rows").join(system)).unwrap() {
                let path = file.unwrap().path();
                let leads = leads_of(&path);
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
        assert_eq!(files, if made_up { 9 } else { 42 });
    }
}

#[test]
fn real_activity() {
    for (folder, _) in folders() {
        let options = Options::default();
        let input = open(folder.join("crm_connector_rows/hubspot/email_event_data.csv"), &options).unwrap();
        let columns = EventColumns::parse("lead_id=recipient,at=created,event_id=id").unwrap();
        let file = read_activity(input, &columns, &|_| false).unwrap();
        assert!(file.rows > 0 && file.problems.is_empty(), "{:?}", file.problems);
    }
}
