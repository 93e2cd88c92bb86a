//! Files that are read row by row give what files read as a whole give: the same answers, the same messages.
//!
//! Activity with a column `event_id`, even an empty one, is read as a whole, and the leads beside it too; without one, files go row
//! by row. `MERIT_CASES` says how many random files are tried.

#![allow(clippy::expect_used, clippy::panic)] // A test that cannot set up its files fails.

use serde_json::{Value as Json, json};

use super::generate::Rng;
use super::run_command::{Folder, Ran};
use super::support;

const MODEL: &str = r#"
field employees: number
field created: date
treat ["N/A", "0"] as missing
activity visited from "page_view" target url
let free = ["gmail.com", "yahoo.com"]
profile icp { industry in ["software", "fintech"] employees between 50 and 1000 country = "DE" }
score interest between -5 and 40 {
  when visited("pricing") at least 2 times in last 30 days add 10
  add 3 per clicked() at most once every 7 days up to 9
  add 4 per distinct downloaded() up to 12 because "Read {title}"
  add 5 per visited("blog") halving every 1 month up to 20
  when downloaded("ebook" where minutes >= 10) add 1.5 because "Read it"
}
when fit(icp) add 25
when domain(email) in free subtract 15 if not add 2
points by title { mentions any ["CEO", "head of"]: 10; contains "intern": -5; missing: 1 }
when created in last 90 days add 4
stages lead, mql, sql
mql if score >= 10
sql if score >= 30 and at least 2 of icp
disqualify if title contains "student" because "Not a buyer"
exclude if email = "me@acme.com"
label next { "Call {title}" if stage = sql; "Write" if score >= 10; otherwise "Wait" }
review if stage >= mql and email is missing because "No way to reach them"
"#;

/// Random leads, as the cells of a table.
fn leads(rng: &mut Rng, count: usize) -> Vec<Vec<String>> {
    let pools: [&[&str]; 6] = [
        &["CEO", "Head of \"IT\"", "Intern, sales", "Student", "", "Ingénieur\nplus", "n/a"],
        &["a@gmail.com", "b@acme.com", "me@acme.com", "", "c@YAHOO.com", "no address"],
        &["Software", "fintech", "Retail", ""],
        &["50", "1,200", "10-100", "many", "", "0", "75.5", "51-200"],
        &["DE", "FR", "", " de "],
        &["2025-03-01", "2024-01-01T10:00:00Z", "soon", ""],
    ];
    (0..count)
        .map(|i| {
            let id = if rng.chance(5) {
                "L1".to_owned()
            } else {
                format!("{}{i}", rng.pick(&["L", "a-long-lead-id-", "7"]))
            };
            std::iter::once(id).chain(pools.iter().map(|p| rng.pick(p).to_owned())).collect()
        })
        .collect()
}

const EVENTS: [&str; 5] = ["lead_id", "type", "target", "at", "minutes"];
const COLUMNS: [&str; 7] = ["lead_id", "title", "email", "industry", "employees", "country", "created"];

fn records(rng: &mut Rng, leads: &[Vec<String>]) -> Vec<[String; 5]> {
    let mut out = Vec::new();
    for _ in 0..leads.len() * 4 {
        let lead = if rng.chance(3) { "nobody".to_owned() } else { leads[rng.below(leads.len())][0].clone() };
        let kind = rng.pick(&["visited", "page_view", "clicked", "downloaded", "Downloaded", "other", ""]);
        let target = rng.pick(&["pricing", "blog", "ebook", "a, b", "", "/pricing"]);
        let day = rng.between(1, 28);
        let at = match rng.below(12) {
            0 => "soon".to_owned(),
            1 => String::new(),
            2 => format!("2025-02-{day:02}"),
            3 => format!("2025-03-{day:02} 10:00:00+02:00"),
            _ => format!("2025-0{}-{day:02}T08:30:00Z", rng.between(1, 4)),
        };
        out.push([lead, kind.to_owned(), target.to_owned(), at, rng.pick(&["5", "10", "", "long"]).to_owned()]);
    }
    out
}

fn csv(header: &[&str], rows: impl Iterator<Item = Vec<String>>) -> String {
    let mut out = csv::Writer::from_writer(Vec::new());
    out.write_record(header).expect("a row");
    rows.for_each(|row| out.write_record(row).expect("a row"));
    String::from_utf8(out.into_inner().expect("all of it")).expect("UTF-8")
}

fn objects(ran: &Ran) -> Vec<Json> {
    ran.stdout.lines().map(|l| serde_json::from_str(l).expect("an object")).collect()
}

/// Both give the same objects, say the same and end the same.
fn same(streamed: &Ran, whole: &Ran, what: &str) {
    assert_eq!(streamed.stderr, whole.stderr, "{what}");
    assert_eq!(streamed.status, whole.status, "{what}");
    let (streamed, whole) = (objects(streamed), objects(whole));
    assert_eq!(streamed.len(), whole.len(), "{what}");
    for (streamed, whole) in streamed.iter().zip(&whole) {
        assert_eq!(streamed, whole, "{what}");
    }
}

const RUN: &str = "run m.merit l.csv --events e.csv --format jsonl";

/// Leads of `l.csv` with these records, a line each, are the same read both ways.
fn same_both_ways(folder: &Folder, events: &str, what: &str) {
    let streamed = folder.write("e.csv", events).merit(RUN);
    same(&streamed, &folder.write("e.csv", with_ids(events)).merit(RUN), what);
}

/// The same records with a column of ids, all missing.
fn with_ids(events: &str) -> String {
    events.lines().enumerate().map(|(i, line)| format!("{line},{}\n", if i == 0 { "event_id" } else { "" })).collect()
}

#[test]
fn csv_read_row_by_row_is_csv_read_as_a_whole() {
    let folder = Folder::new("streamed-csv");
    folder.write("m.merit", MODEL);
    for seed in 0..support::cases(1200).div_ceil(100) {
        let mut rng = Rng::new(seed);
        let count = rng.pick(&[3, 64, 130, 300]);
        let leads = leads(&mut rng, count);
        let records = records(&mut rng, &leads);
        let mut text = csv(&COLUMNS, leads.iter().cloned());
        if rng.chance(30) {
            text = text.replace('\n', "\r\n");
        }
        // Rows of the wrong length, blank lines, quotes where none belong.
        for _ in 0..rng.below(4) {
            let at = rng.below(text.len());
            if let Some(end) = text.get(at..).and_then(|rest| rest.find('\n')) {
                text.insert_str(
                    at + end + 1,
                    rng.pick(&[
                        "x,y\n",
                        "\n",
                        "  \n",
                        "z\"z,1,2,3,4,5,6\n",
                        "\"open,1,2,3,4,5,6\n",
                        "L9\"9\",1,2,3,4,5,6\n",
                    ]),
                );
            }
        }
        folder.write("l.csv", &text);
        let events = csv(&EVENTS, records.iter().map(|r| r.to_vec()));
        same_both_ways(&folder, &events, &format!("seed {seed}\n{text}"));
        same_both_ways(&folder, &csv(&EVENTS, std::iter::empty()), &format!("seed {seed}, no activity\n{text}"));
        // All cells in quotes, as some exports have them.
        let mut quoted = csv::WriterBuilder::new().quote_style(csv::QuoteStyle::Always).from_writer(Vec::new());
        quoted.write_record(EVENTS).expect("a row");
        records.iter().for_each(|r| quoted.write_record(r).expect("a row"));
        let quoted = String::from_utf8(quoted.into_inner().expect("all of it")).expect("UTF-8");
        let (plain, quoted) = (folder.write("e.csv", events).merit(RUN), folder.write("e.csv", quoted).merit(RUN));
        same(&plain, &quoted, &format!("seed {seed}, quoted\n{text}"));
    }
}

#[test]
fn json_lines_read_line_by_line_are_those_read_as_a_whole() {
    let folder = Folder::new("streamed-jsonl");
    folder.write("m.merit", MODEL);
    for seed in 0..support::cases(1200).div_ceil(100) {
        let mut rng = Rng::new(seed ^ 0x55);
        let leads = leads(&mut rng, 100);
        let records = records(&mut rng, &leads);
        let mut text = String::new();
        for lead in &leads {
            let mut object = serde_json::Map::new();
            for (column, cell) in COLUMNS.iter().zip(lead) {
                let value = match cell.parse::<f64>() {
                    Ok(_) if rng.chance(50) => serde_json::from_str(cell).unwrap_or_else(|_| json!(cell)),
                    _ if cell.is_empty() && rng.chance(50) => Json::Null,
                    _ => json!(cell),
                };
                object.insert((*column).to_owned(), value);
            }
            let own = records.iter().filter(|r| r[0] == lead[0]).map(|[_, kind, target, at, minutes]| {
                let mut event = json!({"type": kind, "target": target, "at": at, "minutes": minutes});
                if rng.chance(5) {
                    event["event_id"] = json!(rng.pick(&["x", "y"]));
                }
                event
            });
            let events: Vec<Json> = own.collect();
            if !rng.chance(10) {
                object.insert("events".to_owned(), json!(events));
            }
            match rng.below(30) {
                0 => text.push_str("{\"lead_id\": \"broken\",\n"),
                1 => text.push_str("[1]\n\n"),
                2 => text.push_str("{\"email\":\"b@acme.com\",\"lead_id\":\"other-order\",\"company\":{\"size\":5}}\n"),
                _ => {}
            }
            text.push_str(&Json::Object(object).to_string());
            text.push('\n');
        }
        folder.write("l.jsonl", &text);
        folder.write("e.csv", with_ids(&csv(&EVENTS, std::iter::empty())));
        let streamed = folder.merit("run m.merit l.jsonl --format jsonl");
        same(
            &streamed,
            &folder.merit("run m.merit l.jsonl --events e.csv --format jsonl"),
            &format!("seed {seed}\n{text}"),
        );
    }
}

#[test]
fn a_stray_quote_in_a_large_file_costs_no_more_than_in_a_small_one() {
    let folder = Folder::new("streamed-large");
    folder.write("m.merit", "when visited() add 1 each time\nwhen title contains \"ceo\" add 10\nmql if score >= 10");
    let mut leads = "lead_id,title,notes\n".to_owned();
    let mut events = "lead_id,type,target,at\n".to_owned();
    for i in 0..40_000 {
        let title = if i % 7 == 0 { "CEO" } else { "Clerk" };
        leads.push_str(&format!("lead-number-{i},{title},\"notes of\nlead {i}, which take some room in the file so that it is cut into blocks\"\n"));
        match i {
            21_000 => leads.push_str("odd,5\" pipe,x\nopen,\"never closed,x\n"),
            21_500 => leads.push_str("short,1\n\n"),
            _ => {}
        }
        events.push_str(&format!("lead-number-{},visited,pricing,2025-01-01T00:00:00Z\n", i / 2));
    }
    folder.write("l.csv", &leads);
    same_both_ways(&folder, &events, "a large file");
    // A stray quote among the records, too.
    let stray = events.replace("lead-number-9000,visited", "lead-number-9000,vis\"ited");
    same_both_ways(&folder, &stray, "stray quotes in both");
    // And bytes that are no UTF-8, far behind the beginning.
    let mut bytes = leads.into_bytes();
    let at = bytes.len() - 50_000;
    let at = at + bytes[at..].iter().position(|&b| b == b'\n').unwrap_or(0) + 1;
    bytes.splice(at..at, b"x,Gesch\xe4ftsf\xfchrer,y\n".iter().copied());
    folder.write("l.csv", &bytes);
    let streamed = folder.write("e.csv", &events).merit(RUN);
    let whole = folder.write("e.csv", with_ids(&events)).merit(RUN);
    assert!(objects(&whole) == objects(&streamed));
    assert!(streamed.stderr.contains("Geschäftsführer"), "{}", streamed.stderr);
}
