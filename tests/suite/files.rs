//! Files that once lost rows, gave one lead the activity of another, or were read without end: each of them as a test.

#![allow(clippy::expect_used, clippy::panic)] // A test that cannot set up its files fails.

use super::run_command::{Folder, Ran};

/// The rows of a CSV result, each as its cells.
fn rows(ran: &Ran) -> Vec<Vec<String>> {
    csv::Reader::from_reader(ran.stdout.as_bytes())
        .records()
        .map(|r| r.expect("a row").iter().map(str::to_owned).collect())
        .collect()
}

fn utf16(text: &str) -> Vec<u8> {
    [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect()
}

#[test]
fn two_stray_quotes_far_apart_cost_one_row() {
    let folder = Folder::new("files-swallow");
    let count = 200_000;
    let mut text = "lead_id,company,title\n".to_owned();
    for i in 0..count {
        text.push_str(&match i {
            10 => "L10,\"Acme,CEO\n".to_owned(),
            _ if i == count - 10 => format!("L{i},Foo\",CEO\n"),
            _ => format!("L{i},Comp {i},CEO\n"),
        });
    }
    folder.write("m.merit", "when title = \"CEO\" add 10\n").write("a.csv", &text).write("b.csv", utf16(&text));
    for file in ["a.csv", "b.csv"] {
        let ran = folder.merit(&format!("run m.merit {file} --columns lead_id,score,error"));
        ran.ends(1).says("line 12 has a quote that is not closed").says("199999 lead, 1 error");
        let rows = rows(&ran);
        assert_eq!(rows.len(), count);
        assert_eq!(rows[10], ["L10", "", "line 12 has a quote that is not closed"]);
        assert!(rows.iter().enumerate().all(|(i, row)| row[0] == format!("L{i}") && (i == 10 || row[1] == "10")));
    }
}

#[test]
fn two_stray_quotes_in_activity_cost_one_record() {
    let folder = Folder::new("files-swallow-activity");
    let mut text = "lead_id,type,target,at\nL1,visited,\"pri,2025-03-01\n".to_owned();
    (0..60_000).for_each(|i| text.push_str(&format!("L{i},visited,pricing,2025-03-01\n")));
    text.push_str("L2,vis,cing\",2025-03-01\n");
    let leads: String =
        std::iter::once("lead_id,title\n".to_owned()).chain((0..60_000).map(|i| format!("L{i},x\n"))).collect();
    folder
        .write("m.merit", "when visited(\"pricing\") add 1\n")
        .write("l.csv", leads)
        .write("e.csv", &text)
        .write("e16.csv", utf16(&text));
    for file in ["e.csv", "e16.csv"] {
        let ran = folder.merit(&format!("run m.merit l.csv --events {file} --columns score"));
        ran.ends(1).says("1 activity record in").says("line 2 has a quote that is not closed");
        assert!(rows(&ran).iter().all(|row| row == &["1"]));
    }
}

#[test]
fn line_breaks_in_quotes_are_read_as_before() {
    let folder = Folder::new("files-line-breaks");
    folder.write(
        "m.merit",
        "field employees: number\nwhen employees >= 50 add 5\nlabel says { \"{notes}\" if notes is known }\n",
    );
    let note = "Dear all,\n\n1,200 employees in 3 offices; see below.\nBerlin, Hauptstr. 5\n\"Bob\" <bob@example.com>, 030 12345, office\n";
    let mut out = csv::Writer::from_writer(Vec::new());
    out.write_record(["id", "notes", "employees", "city"]).expect("a row");
    (0..5000).for_each(|i| out.write_record([&format!("{}", 10_000 + i), note, "60", "Ulm, or so"]).expect("a row"));
    folder.write("l.csv", out.into_inner().expect("all of it"));
    let ran = folder.merit("run m.merit l.csv --columns lead_id,score,says");
    ran.ends(0);
    let rows = rows(&ran);
    assert_eq!(rows.len(), 5000);
    assert!(rows.iter().all(|row| row[1] == "5" && row[2].contains("Berlin, Hauptstr. 5")));
}

#[test]
fn a_cell_too_many_and_a_line_break_are_one_row() {
    let folder = Folder::new("files-cell-too-many");
    let text = "id,a,b\n1,\"x\ny\",2,3\n4,5,6\n";
    folder.write("m.merit", "when a = \"5\" add 1\n").write("a.csv", text).write("b.csv", utf16(text));
    for file in ["a.csv", "b.csv"] {
        let ran = folder.merit(&format!("run m.merit {file} --columns lead_id,score,error"));
        assert_eq!(rows(ran.ends(1)), [["1", "", "line 2 has 4 cells, the header 3"], ["4", "1", ""]]);
    }
}

#[test]
fn a_row_without_an_id_has_no_activity_of_others() {
    let folder = Folder::new("files-blank-id");
    folder.write("m.merit", "when visited(\"pricing\") add 30\nmql if score >= 30\n");
    folder.write("e.csv", "lead_id,type,target,at\n1,visited,pricing,2025-03-01\n2,visited,pricing,2025-03-01\n3,visited,pricing,2025-03-01\n[row 3],visited,pricing,2025-03-01\n");
    folder.write("l.csv", "lead_id,title\n,CEO\n2,CTO\n \u{a0},CFO\n");
    folder.write("l.tsv", "lead_id\ttitle\n\tCEO\n2\tCTO\n\" \"\tCFO\n");
    folder.write("l.json", "[{\"lead_id\":null,\"title\":\"CEO\"},{\"lead_id\":2},\n{\"title\":\"CFO\"}]");
    folder.write("l.jsonl", "{\"lead_id\":null,\"title\":\"CEO\"}\n{\"lead_id\":2}\n{\"title\":\"CFO\"}\n");
    folder.write("l16.csv", utf16("lead_id,title\n,CEO\n2,CTO\n,CFO\n"));
    for file in ["l.csv", "l.tsv", "l.json", "l.jsonl", "l16.csv"] {
        for events in ["", " --events e.csv"] {
            let ran = folder.merit(&format!("run m.merit {file}{events} --columns lead_id,score"));
            let score = if events.is_empty() { "0" } else { "30" };
            assert_eq!(rows(ran.ends(0)), [["[row 1]", "0"], ["2", score], ["[row 3]", "0"]], "{file}");
            let line = if file == "l.json" || file == "l.jsonl" { 1 } else { 2 };
            ran.says(&format!("2 rows have no id in the column `lead_id` of `{file}`, first in line {line}"))
                .says("`[row 1]`");
        }
        folder
            .merit(&format!("run m.merit {file} --events e.csv --strict"))
            .ends(1)
            .says("have no id")
            .says("stopped by --strict");
        folder.merit(&format!("check m.merit --leads {file}")).ends(0).says("2 rows have no id");
        folder.merit(&format!("report m.merit {file} --events e.csv")).ends(0).says("2 rows have no id");
        folder.merit(&format!("diff m.merit m.merit {file} --events e.csv")).ends(0).says("2 rows have no id");
        folder.merit(&format!("repl m.merit {file} --events e.csv")).says("2 rows have no id");
        let mut explain = folder.command(&[
            "explain",
            "m.merit",
            file,
            "--events",
            "e.csv",
            "--lead",
            "[row 3]",
            "--as-of",
            "2025-03-31",
        ]);
        let out = explain.output().expect("the program");
        assert!(String::from_utf8_lossy(&out.stdout).starts_with("[row 3]: lead, score 0"), "{out:?}");
    }
    // Records of its own a lead has in any case.
    folder.write(
        "own.jsonl",
        "{\"lead_id\":\"\",\"events\":[{\"type\":\"visited\",\"target\":\"pricing\"}]}\n{\"lead_id\":\"1\"}\n",
    );
    assert_eq!(
        rows(folder.merit("run m.merit own.jsonl --columns lead_id,score").ends(0)),
        [["[row 1]", "30"], ["1", "0"]]
    );
    // In a file without ids the number is the id, as ever.
    folder.write("none.csv", "name,title\na,CEO\nb,\n");
    assert_eq!(
        rows(folder.merit("run m.merit none.csv --events e.csv --columns lead_id,score").ends(0)),
        [["1", "30"], ["2", "30"]]
    );
}

#[test]
fn blank_ids_far_inside_of_a_large_file() {
    let folder = Folder::new("files-blank-ids-large");
    folder.write("m.merit", "when visited() add 1\n");
    let mut leads = "lead_id,title,other\n".to_owned();
    let mut events = "lead_id,type\n".to_owned();
    for i in 1..=150_000 {
        let id = if i % 50_000 == 777 { String::new() } else { format!("{i}") };
        leads.push_str(&format!("{id},CEO,\"some text, so that the file is cut\nin pieces\"\n"));
        events.push_str(&format!("{i},visited\n"));
    }
    folder.write("l.csv", leads).write("e.csv", events);
    let ran = folder.merit("run m.merit l.csv --events e.csv --columns lead_id,score");
    let rows = rows(ran.ends(0).says("3 rows have no id in the column `lead_id` of `l.csv`, first in line 1554"));
    for (i, row) in rows.iter().enumerate() {
        let is_blank = (i + 1) % 50_000 == 777;
        assert_eq!(
            *row,
            [
                if is_blank { format!("[row {}]", i + 1) } else { (i + 1).to_string() },
                if is_blank { "0" } else { "1" }.to_owned()
            ]
        );
    }
}

#[test]
fn an_open_end_is_a_date() {
    let folder = Folder::new("files-open-end");
    folder.write("m.merit", "field until: date\nwhen until in next 30 days add 10\nwhen until = 9999-12-31 add 1\nlabel end { \"{until}\" if until is known; otherwise \"none\" }\n");
    folder.write(
        "l.csv",
        "id,until\n1,9999-12-31\n2,9999-12-30\n3,9999-12-31T23:59:59Z\n4,2999-12-31\n5,9999-12-31T23:30:00-02:00\n",
    );
    let ran = folder.merit("run m.merit l.csv --columns lead_id,score,end");
    let out = [
        ["1", "1", "9999-12-31"],
        ["2", "0", "9999-12-30"],
        ["3", "1", "9999-12-31T23:59:59Z"],
        ["4", "0", "2999-12-31"],
        ["5", "1", "9999-12-31T23:59:59.999999Z"],
    ];
    assert_eq!(rows(ran.ends(0)), out);
    let ran = folder.merit("run m.merit l.csv --as-of 9999-12-31 --format jsonl");
    assert_eq!(ran.ends(0).objects()[0]["as_of"], "9999-12-31T23:59:59.999999Z");
    ran.says("5 leads as of 9999-12-31:");
}

#[test]
fn as_of_the_last_day_both_engines_agree() {
    let folder = Folder::new("files-last-day");
    folder.write("l.csv", "lead_id,x\n1,1\n").write(
        "e.csv",
        "lead_id,type,target,at\n1,clicked,p,2024-01-01\n1,visited,p,9999-12-30\n1,booked,p,9999-09-15T10:00:00Z\n",
    );
    let model = "when clicked() add 10 each time keeping 80% every month\nwhen visited() in last 1 month add 100\nwhen booked() add 1000 each time keeping 80% every month\n";
    folder.write("m.merit", model);
    let ran = folder.merit("run m.merit l.csv --events e.csv --as-of 9999-12-31 --columns score");
    // Three full months: 1000 * 0.512.
    assert_eq!(rows(ran.ends(0)), [["612"]]);
    let ran = folder.merit("explain m.merit l.csv --events e.csv --as-of 9999-12-31 --lead 1 --outlook 3_months");
    assert!(ran.status == Some(2), "{}", ran.stdout);
    let out = folder
        .command(&[
            "explain",
            "m.merit",
            "l.csv",
            "--events",
            "e.csv",
            "--as-of",
            "9999-12-31",
            "--lead",
            "1",
            "--outlook",
            "3 months",
        ])
        .output()
        .expect("the program");
    let text = String::from_utf8(out.stdout).expect("UTF-8");
    assert!(text.starts_with("1: lead, score 612") && !text.contains("day 29"), "{text}");
}

#[cfg(target_os = "linux")]
#[test]
fn what_is_no_data_is_not_read_to_its_end() {
    let folder = Folder::new("files-endless");
    folder
        .write("m.merit", "when a = 1 add 1\n")
        .write("big.csv", "%PDF-1.7")
        .write("zip.xlsx", b"PK\x03\x04\x14\0\0\0\x08\0leads.csv")
        .write("page", "<html><table>");
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
        command
            .current_dir(folder.path("."))
            .args(["-c", &format!("ulimit -v 1500000; exec {merit} {line} --color never")]);
        let ran = super::run_command::run(command, line, b"");
        ran.ends(2).says(told);
    }
    // A rule file of many zeros through a pipe.
    let ran =
        super::run_command::run(folder.command(&["check", "-", "--color", "never"]), "check -", &vec![b'#'; 70 << 20]);
    ran.ends(2).says("`<stdin>` is larger than 64 MiB");
}

#[test]
fn more_is_allowed_by_an_option() {
    let folder = Folder::new("files-bound");
    folder
        .write("m.merit", "when a = 1 add 1\n")
        .write("l.json", format!("[{}{{\"id\":0}}]", "{\"id\":1,\"a\":1},\n".repeat(1000)));
    folder
        .merit("run m.merit l.json --max-unpacked 1K")
        .ends(2)
        .says("`l.json` has to be held in memory as a whole, and is larger than 1K")
        .says("unpacked 4K");
    folder.merit("run m.merit l.json --max-unpacked 1M").ends(0);
    folder.merit("run m.merit l.json --max-unpacked much").ends(2).says("write a number and a unit: 8G, 500M");
    // What is read row by row has no bound.
    let rows = "1,1\n".repeat(200_000);
    folder.write("l.csv", format!("id,a\n{rows}")).merit("run m.merit l.csv --max-unpacked 1K -q").ends(0);
    // From the first stray quote on it is held.
    folder
        .write("l.csv", format!("id,a\n1,5\" or 6\" pipe\n{rows}"))
        .merit("run m.merit l.csv --max-unpacked 1K -q")
        .ends(2)
        .says("D932");
}

#[test]
fn what_bursts_is_refused_row_by_row_too() {
    let folder = Folder::new("files-bursts");
    folder.write("m.merit", "when visited() add 1\n").write("l.csv", "lead_id,a\n1,2\n");
    let long = "x".repeat(5000);
    let packed = |header: &str, row: &str| {
        zstd::encode_all(format!("{header}{}", row.repeat((90 << 20) / row.len())).as_bytes(), 1).expect("memory")
    };
    folder
        .write("l.zst", packed("lead_id,a\n", &format!("1,{long}\n")))
        .write("e.zst", packed("lead_id,type\n", &format!("1,{long}\n")))
        .write("l.jsonl.zst", packed("", &format!("{{\"lead_id\":\"{long}\"}}\n")));
    for line in [
        "run m.merit l.zst -q",
        "run m.merit l.csv --events e.zst -q",
        "run m.merit l.jsonl.zst -q",
        "check m.merit --leads l.zst",
    ] {
        folder
            .merit(&format!("{line} --diagnostics plain"))
            .ends(2)
            .says("is compressed, and becomes far larger than any data would")
            .says("--max-unpacked");
    }
    folder.merit("run m.merit l.csv --events e.zst -q --max-unpacked 1G").ends(0);
    folder.merit("check m.merit --leads l.zst --max-unpacked 1G").ends(0);
}

#[test]
fn activity_without_records_is_no_error() {
    let folder = Folder::new("files-no-records");
    folder.write("m.merit", "when visited() add 1\n").write("l.csv", "lead_id,a\n1,2\n");
    for (name, text, is_told) in
        [("a.csv", "", true), ("b.csv", "\n \n", true), ("c.csv", "lead_id,type\n", false), ("d.json", "[]", false)]
    {
        let ran = folder.write(name, text).merit(&format!("run m.merit l.csv --events {name} --columns score"));
        assert_eq!(rows(ran.ends(0)), [["0"]], "{name}");
        assert_eq!(ran.stderr.contains("there is no activity in it"), is_told, "{}", ran.stderr);
    }
    folder.merit("run m.merit a.csv").ends(2).says("`a.csv` is empty");
}
