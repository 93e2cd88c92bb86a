//! Files that once lost rows, gave one lead the activity of another, or were read without end: each of them as a test.

#![allow(clippy::expect_used, clippy::panic)] // A test that cannot set up its files fails.

use super::run_command::{Folder, Ran};

/// The rows of a CSV result, each as its cells.
fn rows(ran: &Ran) -> Vec<Vec<String>> {
    csv::Reader::from_reader(ran.stdout.as_bytes()).records().map(|r| r.expect("a row").iter().map(str::to_owned).collect()).collect()
}

#[test]
fn an_open_end_is_a_date() {
    let folder = Folder::new("files-open-end");
    folder.write("m.merit", "field until: date\nwhen until in next 30 days add 10\nwhen until = 9999-12-31 add 1\nlabel end { \"{until}\" if until is known; otherwise \"none\" }\n");
    folder.write("l.csv", "id,until\n1,9999-12-31\n2,9999-12-30\n3,9999-12-31T23:59:59Z\n4,2999-12-31\n5,9999-12-31T23:30:00-02:00\n");
    let ran = folder.merit("run m.merit l.csv --columns lead_id,score,end");
    let out = [["1", "1", "9999-12-31"], ["2", "0", "9999-12-30"], ["3", "1", "9999-12-31T23:59:59Z"], ["4", "0", "2999-12-31"], ["5", "1", "9999-12-31T23:59:59.999999Z"]];
    assert_eq!(rows(ran.ends(0)), out);
    let ran = folder.merit("run m.merit l.csv --as-of 9999-12-31 --format jsonl");
    assert_eq!(ran.ends(0).objects()[0]["as_of"], "9999-12-31T23:59:59.999999Z");
    ran.says("5 leads as of 9999-12-31:");
}

#[test]
fn as_of_the_last_day_both_engines_agree() {
    let folder = Folder::new("files-last-day");
    folder.write("l.csv", "lead_id,x\n1,1\n").write("e.csv", "lead_id,type,target,at\n1,clicked,p,2024-01-01\n1,visited,p,9999-12-30\n1,booked,p,9999-09-15T10:00:00Z\n");
    let model = "when clicked() add 10 each time keeping 80% every month\nwhen visited() in last 1 month add 100\nwhen booked() add 1000 each time keeping 80% every month\n";
    folder.write("m.merit", model);
    let ran = folder.merit("run m.merit l.csv --events e.csv --as-of 9999-12-31 --columns score");
    // Three full months: 1000 * 0.512.
    assert_eq!(rows(ran.ends(0)), [["612"]]);
    let ran = folder.merit("explain m.merit l.csv --events e.csv --as-of 9999-12-31 --lead 1 --outlook 3_months");
    assert!(ran.status == Some(2), "{}", ran.stdout);
    let out = folder.command(&["explain", "m.merit", "l.csv", "--events", "e.csv", "--as-of", "9999-12-31", "--lead", "1", "--outlook", "3 months"]).output().expect("the program");
    let text = String::from_utf8(out.stdout).expect("UTF-8");
    assert!(text.starts_with("1: lead, score 612") && !text.contains("day 29"), "{text}");
}

#[cfg(target_os = "linux")]
#[test]
fn what_is_no_data_is_not_read_to_its_end() {
    let folder = Folder::new("files-endless");
    folder.write("m.merit", "when a = 1 add 1\n").write("big.csv", "%PDF-1.7").write("zip.xlsx", b"PK\x03\x04\x14\0\0\0\x08\0leads.csv").write("page", "<html><table>");
    for name in ["big.csv", "zip.xlsx", "page"] {
        let file = std::fs::OpenOptions::new().write(true).open(folder.path(name)).expect("a file");
        file.set_len(3 << 30).expect("a hole in it");
    }
    for (line, told) in [
        ("run m.merit big.csv", "`big.csv` is a PDF document"),
        ("run m.merit zip.xlsx", "`zip.xlsx` is a zip archive"),
        ("run m.merit page", "`page` is a binary file"),
        ("run m.merit /dev/zero", "`/dev/zero` is a binary file"),
        ("run m.merit m.merit --events big.csv", "`big.csv` is a PDF document"),
        ("check big.csv", "`big.csv` is a PDF document, and no rule file"),
        ("check page", "`page` is larger than 64 MiB, and so is no rule file"),
        ("check /dev/zero", "`/dev/zero` is larger than 64 MiB, and so is no rule file"),
        ("fmt --check big.csv", "`big.csv` is a PDF document, and no rule file"),
        ("check m.merit --leads big.csv", "`big.csv` is a PDF document"),
        ("explain m.merit zip.xlsx --lead 1", "`zip.xlsx` is a zip archive"),
    ] {
        let mut command = std::process::Command::new("sh");
        let merit = env!("CARGO_BIN_EXE_merit");
        command.current_dir(folder.path(".")).args(["-c", &format!("ulimit -v 1500000; exec {merit} {line} --color never")]);
        let ran = super::run_command::run(command, line, b"");
        ran.ends(2).says(told);
    }
    // A rule file of many zeros through a pipe.
    let ran = super::run_command::run(folder.command(&["check", "-", "--color", "never"]), "check -", &vec![b'#'; 70 << 20]);
    ran.ends(2).says("`<stdin>` is larger than 64 MiB");
}

#[test]
fn more_is_allowed_by_an_option() {
    let folder = Folder::new("files-bound");
    folder.write("m.merit", "when a = 1 add 1\n").write("l.json", format!("[{}{{\"id\":0}}]", "{\"id\":1,\"a\":1},\n".repeat(1000)));
    folder.merit("run m.merit l.json --max-unpacked 1K").ends(2).says("`l.json` has to be held in memory as a whole, and is larger than 1K").says("unpacked 4K");
    folder.merit("run m.merit l.json --max-unpacked 1M").ends(0);
    folder.merit("run m.merit l.json --max-unpacked much").ends(2).says("write a number and a unit: 8G, 500M");
    // What is read row by row has no bound.
    let rows = "1,1\n".repeat(200_000);
    folder.write("l.csv", format!("id,a\n{rows}")).merit("run m.merit l.csv --max-unpacked 1K -q").ends(0);
    // From the first stray quote on it is held.
    folder.write("l.csv", format!("id,a\n1,5\" or 6\" pipe\n{rows}")).merit("run m.merit l.csv --max-unpacked 1K -q").ends(2).says("D932");
}

#[test]
fn what_bursts_is_refused_row_by_row_too() {
    let folder = Folder::new("files-bursts");
    folder.write("m.merit", "when visited() add 1\n").write("l.csv", "lead_id,a\n1,2\n");
    let long = "x".repeat(5000);
    let packed = |header: &str, row: &str| zstd::encode_all(format!("{header}{}", row.repeat((90 << 20) / row.len())).as_bytes(), 1).expect("memory");
    folder.write("l.zst", packed("lead_id,a\n", &format!("1,{long}\n"))).write("e.zst", packed("lead_id,type\n", &format!("1,{long}\n"))).write("l.jsonl.zst", packed("", &format!("{{\"lead_id\":\"{long}\"}}\n")));
    for line in ["run m.merit l.zst -q", "run m.merit l.csv --events e.zst -q", "run m.merit l.jsonl.zst -q", "check m.merit --leads l.zst"] {
        folder.merit(&format!("{line} --diagnostics plain")).ends(2).says("is compressed, and becomes far larger than any data would").says("--max-unpacked");
    }
    folder.merit("run m.merit l.csv --events e.zst -q --max-unpacked 1G").ends(0);
    folder.merit("check m.merit --leads l.zst --max-unpacked 1G").ends(0);
}

#[test]
fn activity_without_records_is_no_error() {
    let folder = Folder::new("files-no-records");
    folder.write("m.merit", "when visited() add 1\n").write("l.csv", "lead_id,a\n1,2\n");
    for (name, text, is_told) in [("a.csv", "", true), ("b.csv", "\n \n", true), ("c.csv", "lead_id,type\n", false), ("d.json", "[]", false)] {
        let ran = folder.write(name, text).merit(&format!("run m.merit l.csv --events {name} --columns score"));
        assert_eq!(rows(ran.ends(0)), [["0"]], "{name}");
        assert_eq!(ran.stderr.contains("there is no activity in it"), is_told, "{}", ran.stderr);
    }
    folder.merit("run m.merit a.csv").ends(2).says("`a.csv` is empty");
}
