//! Activity files.

use crate::data::{ActivityFile, EventColumns, Input, Options, read_activity};
use crate::diagnostic::Diagnostic;
use crate::lead::At;
use crate::value::Raw;

fn try_read(text: &str, columns: &str, wanted: &[&str]) -> Result<ActivityFile, Diagnostic> {
    let input = Input::from_bytes("events.csv", text.into(), &Options::default())?;
    read_activity(input, &EventColumns::parse(columns)?, &|key| wanted.contains(&key))
}

fn read(text: &str, columns: &str, wanted: &[&str]) -> ActivityFile {
    try_read(text, columns, wanted).unwrap_or_else(|d| panic!("{}", d.message))
}

#[test]
fn csv_with_properties() {
    let file = read(
        "Lead ID,Type,target,At,Event ID,Minutes,other\n1,visited,pricing,2025-06-30T10:00:00Z,e1,4,x\n2,visited,,2025-06-30,,,y\n1,clicked,,,,,\n",
        "",
        &["minutes", "page"],
    );
    assert_eq!((file.rows, file.problems.is_empty()), (3, true));
    let [visited, clicked] = file.by_lead["1"].as_slice() else { panic!() };
    assert_eq!(visited.target.as_ref().unwrap().written, "pricing");
    assert_eq!(visited.event_id().map(|id| &**id), Some("e1"));
    assert_eq!(visited.properties(), [("minutes".into(), Raw::Text("4".into()))]);
    assert_eq!((clicked.at, clicked.properties().len(), clicked.event_id()), (At::Missing, 0, None));
    let other = &file.by_lead["2"][0];
    assert!(std::sync::Arc::ptr_eq(&other.kind, &visited.kind));
    assert_eq!(other.at.instant().unwrap().to_string(), "2025-06-30T00:00:00Z");
}

#[test]
fn json_lines_with_other_names() {
    let file = read(
        "{\"contact\":17,\"event\":\"Viewed Page\",\"when\":\"2025-06-30\",\"properties\":{\"url\":\"/x\",\"y\":1},\"type\":\"track\"}\n",
        "lead_id=contact,type=event,at=when,target=properties.url",
        &["type"],
    );
    let [viewed] = file.by_lead["17"].as_slice() else { panic!() };
    assert_eq!((viewed.kind.written.as_str(), viewed.target.as_ref().unwrap().written.as_str()), ("Viewed Page", "/x"));
    assert_eq!(viewed.properties(), [("type".into(), Raw::Text("track".into()))]);
}

#[test]
fn what_cannot_be_read_is_counted() {
    let file = read(
        "lead_id,type,at\n1,visited,07/04/2025\n,visited,\n1,,2025-06-30\n1,visited\n2,visited,yesterday\n",
        "",
        &[],
    );
    assert_eq!((file.rows, file.by_lead["1"].len(), file.by_lead["2"].len()), (5, 1, 1));
    let told: Vec<_> = file.problems.messages(&file.name).into_iter().map(|d| (d.is_error(), d.message)).collect();
    assert_eq!(
        told,
        [
            (
                true,
                "1 activity record in `events.csv` cannot be read; the first: line 5 has 2 cells, the header 3"
                    .to_owned()
            ),
            (false, "1 activity record in `events.csv` has no lead id; the first in line 3, `visited`".to_owned()),
            (false, "1 activity record in `events.csv` has no type; the first in line 4".to_owned()),
            (
                false,
                "2 activity records in `events.csv` have times that cannot be read; the first in line 2, `07/04/2025`"
                    .to_owned()
            ),
        ]
    );
}

#[test]
fn columns_that_are_not_there() {
    let error = try_read("contact,event,at\n1,a,\n", "", &[]).unwrap_err();
    assert_eq!(error.message, "`events.csv` has no column `lead_id`, which activity needs as its lead id");
    assert_eq!(
        error.help.unwrap(),
        "its columns are `contact`, `event`, `at`; say which one it is with `--event-columns lead_id=COLUMN`"
    );
    let error = try_read("{\"lead_id\":1,\"event\":\"a\"}\n", "", &[]).unwrap_err();
    assert_eq!(
        error.help.unwrap(),
        "its columns are `lead_id`, `event`; say which one it is with `--event-columns type=COLUMN`"
    );
    // One that was named must be there, whatever its part.
    assert!(try_read("lead_id,type\n1,a\n", "at=when", &[]).unwrap_err().message.contains("`when`"));
    assert_eq!(read("[]", "", &[]).rows, 0);
    assert_eq!(read("lead_id,type\n", "", &[]).rows, 0);
}

#[test]
fn a_file_without_records_is_no_error() {
    let options = Options { may_be_empty: true, ..Options::default() };
    let empty = |bytes: &[u8]| {
        read_activity(Input::from_bytes("e.csv", bytes.to_vec(), &options).unwrap(), &EventColumns::default(), &|_| {
            true
        })
        .unwrap()
    };
    for text in ["", " \r\n\n", "\u{feff}"] {
        let file = empty(text.as_bytes());
        assert_eq!((file.rows, file.notes.len()), (0, 1), "{text:?}");
        assert_eq!(file.notes[0].message, "`e.csv` is empty: there is no activity in it");
        assert!(!file.notes[0].is_error());
    }
    for text in ["[]", "lead_id,type\n"] {
        assert_eq!((empty(text.as_bytes()).rows, empty(text.as_bytes()).notes.len()), (0, 0));
    }
}

#[test]
fn a_quoted_cell_that_holds_records_costs_one() {
    let mut text = "lead_id,type,target,at\nL1,visited,\"pri,2025-06-01\n".to_owned();
    (0..60_000).for_each(|i| text.push_str(&format!("L{i},visited,pricing,2025-06-01\n")));
    text.push_str("L2,vis,cing\",2025-06-01\n");
    let file = read(&text, "", &[]);
    assert_eq!((file.rows, file.problems.rows.count, file.by_lead.len()), (60_002, 1, 60_000));
    assert!(file.problems.rows.first.unwrap().says.starts_with("line 2 has a quote that is not closed"));
}

/// Run by hand, with `--release -- --ignored --nocapture`: a million records, for time and memory.
#[test]
#[ignore = "takes seconds"]
fn a_million_records() {
    for json in [false, true] {
        let mut text = if json { String::new() } else { "lead_id,type,target,at,event_id,minutes\n".to_owned() };
        for i in 0..1_000_000_u64 {
            use std::fmt::Write;
            let (lead, day, target) = (i * 7919 % 100_000, i % 28 + 1, i % 500);
            if json {
                writeln!(text, "{{\"lead_id\":\"{lead}\",\"type\":\"visited\",\"target\":\"/page/{target}\",\"at\":\"2025-06-{day:02}T10:00:00Z\",\"event_id\":\"e{i}\",\"minutes\":{}}}", i % 60).unwrap();
            } else {
                writeln!(text, "{lead},visited,/page/{target},2025-06-{day:02}T10:00:00Z,e{i},{}", i % 60).unwrap();
            }
        }
        let size = text.len();
        let before = std::time::Instant::now();
        let file = read(&text, "", &["minutes"]);
        eprintln!("json {json}: {} MB, {} leads, {:?}", size >> 20, file.by_lead.len(), before.elapsed());
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        eprintln!(
            "{:?}",
            status.lines().filter(|l| l.starts_with("VmHWM") || l.starts_with("VmRSS")).collect::<Vec<_>>()
        );
    }
}
