//! What the blocks on data say holds in queries, too: whose a record is, and which rows are left out. The same rows as files and as
//! tables.

#![allow(clippy::expect_used, clippy::panic)] // A test that cannot set up its database fails.

use std::collections::BTreeMap;

use merit::sql::{AsOf, Dialect, Request, Schema, write};
use rusqlite::types::Value as Cell;

use super::generate::Rng;
use super::run_command::Folder;
use super::sql::{empty_database, insert, quoted, rows};
use super::support;

const LEADS: [&str; 4] = ["Merged IDs", "email", "kind", "amount"];
const IDS: [&str; 8] = ["1", "2", " 3", "kim@acme.example", "Kim@ACME.example ", "00Q5g00000AbCdE", "null", ""];

/// Each line is in the block or not.
fn lines(rng: &mut Rng, name: &str, lines: &[&str]) -> String {
    let some: Vec<&str> = lines.iter().copied().filter(|_| rng.chance(60)).collect();
    format!("{name} {{\n  {}\n}}\n", some.join("\n  "))
}

fn model(rng: &mut Rng) -> String {
    let leads = [
        "id \"Record ID\"",
        "other ids \"Merged IDs\"",
        "ignore rows where `Record ID` is missing",
        "ignore rows where kind = \"total\" or amount > 100",
        "ignore rows where `not there` = 7",
        "treat [\"null\"] as missing",
    ];
    let log = [
        "lead \"Email Address\" = email",
        "lead \"Contact\"",
        "type \"event\", \"type\"",
        "target \"url\"",
        "at \"When\"",
        "event id \"GUID\"",
        "ignore rows where event = \"bounce\" or url contains \"spam\"",
        "treat [\"null\"] as missing",
    ];
    let blocks = lines(rng, "leads", &leads) + &lines(rng, "activity log", &log);
    format!(
        "{blocks}field nr: text\nfield email: text\nadd 1 per visited()\nadd 10 per visited(\"/pricing\") in last 30 days\n\
         add 100 per distinct visited()\nwhen visited() since created add 1000\nfield created: date\n\
         add 10000 per activity()\nlabel row {{ \"{{nr}}\" if nr is known }}\n"
    )
}

fn cells(rng: &mut Rng, columns: &[&str], nr: usize) -> Vec<String> {
    let cell = |rng: &mut Rng, column: &str| match column {
        "nr" => format!("r{nr}"),
        "Record ID" | "Contact" => rng.pick(&IDS).to_owned(),
        "Merged IDs" => (0..rng.below(3)).map(|_| rng.pick(&IDS)).collect::<Vec<_>>().join(";"),
        "email" | "Email Address" => {
            rng.pick(&["kim@acme.example", " KIM@acme.example", "eva@x.example", "null", ""]).to_owned()
        }
        "kind" => rng.pick(&["lead", "lead", "Total", ""]).to_owned(),
        "amount" => rng.pick(&["", "5", "100", "100.5"]).to_owned(),
        "created" => rng.pick(&["", "2025-06-01", "2025-06-15"]).to_owned(),
        "event" | "type" => rng.pick(&["visited", "Visited ", "bounce", "null", "", "opened"]).to_owned(),
        "url" | "target" => rng.pick(&["/pricing", "/PRICING", "/spam", "/about", "", "null"]).to_owned(),
        "When" | "at" => format!("2025-0{}-{:02}T10:00:00Z", rng.between(5, 6), rng.between(1, 28)),
        "GUID" => rng.pick(&["", "", "g1", "g2"]).to_owned(),
        other => panic!("{other}"),
    };
    columns.iter().map(|column| cell(rng, column)).collect()
}

/// Records with one id of their own differ only in whose they are.
fn make_copies_alike(columns: &[&str], records: &mut [Vec<String>]) {
    let Some(own) = columns.iter().position(|column| *column == "GUID") else { return };
    let mut firsts: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for record in records.iter_mut().filter(|record| !record[own].is_empty()) {
        let first = firsts.entry(record[own].clone()).or_insert_with(|| record.clone()).clone();
        for (at, cell) in
            first.into_iter().enumerate().filter(|(at, _)| !["Email Address", "Contact"].contains(&columns[*at]))
        {
            record[at] = cell;
        }
    }
}

#[test]
fn tables_are_read_as_the_model_says() {
    let folder = Folder::new("sql-blocks");
    for seed in 1..=120 {
        let mut rng = Rng::named(seed, "blocks");
        let text = model(&mut rng);
        let mut some = |columns: &[&'static str], always: &[&'static str]| -> Vec<&'static str> {
            let some = columns.iter().copied().filter(|_| rng.chance(75));
            always.iter().copied().chain(some).collect()
        };
        let lead_columns = some(&LEADS, &["nr", "Record ID", "created"]);
        let activity_columns = some(&["event", "url", "target", "GUID"], &["type"]);
        let mut activity_columns = activity_columns;
        // The usual columns are there where the model names no other.
        let named = |line: &str| text.contains(line);
        match (named("lead \"Email Address\""), named("lead \"Contact\"")) {
            (true, _) if rng.chance(70) => activity_columns.extend(["Email Address", "Contact"]),
            (_, true) => activity_columns.push("Contact"),
            _ => continue,
        }
        activity_columns.push(if named("at \"When\"") { "When" } else { "at" });
        if !named("id \"Record ID\"") {
            continue;
        }
        let leads: Vec<Vec<String>> = (0..12).map(|i| cells(&mut rng, &lead_columns, i)).collect();
        let mut records: Vec<Vec<String>> = (0..40).map(|i| cells(&mut rng, &activity_columns, i)).collect();
        make_copies_alike(&activity_columns, &mut records);
        let csv = |columns: &[&str], rows: &[Vec<String>]| {
            let line = |cells: &[String]| cells.iter().map(|c| format!("\"{c}\"")).collect::<Vec<_>>().join(",");
            let header = columns.join(",");
            std::iter::once(header).chain(rows.iter().map(|r| line(r))).collect::<Vec<_>>().join("\n") + "\n"
        };
        folder.write("m.merit", &text).write("l.csv", csv(&lead_columns, &leads));
        folder.write("a.csv", csv(&activity_columns, &records));
        let ran = folder.merit("run m.merit l.csv a.csv --as-of 2025-06-30 --columns row,score,reasons --quiet");
        let wanted = csv_rows(&ran.stdout);
        let db = empty_database();
        let schema = |columns: &[&str]| {
            let of =
                |column: &&str| ((*column).to_owned(), if *column == "amount" { "REAL" } else { "TEXT" }.to_owned());
            columns.iter().map(of).collect::<Vec<_>>()
        };
        for (table, columns, rows) in [("leads", &lead_columns, &leads), ("events", &activity_columns, &records)] {
            let names: Vec<String> = columns.iter().map(|c| quoted(c)).collect();
            db.execute_batch(&format!("CREATE TABLE {table} ({})", names.join(", "))).expect("a table");
            for row in rows {
                let of = |(text, column): (&String, &&str)| match (text.as_str(), *column) {
                    ("", _) => Cell::Null,
                    (text, "amount") => Cell::Real(text.parse().expect("a number")),
                    (text, _) => Cell::Text(text.to_owned()),
                };
                insert(&db, table, row.iter().zip(columns).map(of).collect());
            }
        }
        let schema = Schema {
            lead_columns: schema(&lead_columns),
            event_columns: schema(&activity_columns),
            ..Schema::default()
        };
        let columns = ["row", "score", "reasons"].map(str::to_owned);
        let as_of = AsOf::At(support::as_of("2025-06-30"));
        let request = Request { dialect: Dialect::Sqlite, schema: &schema, as_of, columns: Some(&columns) };
        let query = write(&support::model(&text), &request).unwrap_or_else(|why| panic!("{text}: {why:?}"));
        let got: BTreeMap<String, Vec<String>> =
            rows(&db, &query).expect("rows").into_iter().map(|row| (row[0].clone(), row)).collect();
        assert_eq!(got, wanted, "seed {seed}\n{text}\n{}\n{}\n{query}", folder.read("l.csv"), folder.read("a.csv"));
    }
}

fn csv_rows(text: &str) -> BTreeMap<String, Vec<String>> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let rows = reader.records().map(|row| row.expect("a row").iter().map(str::to_owned).collect::<Vec<_>>());
    rows.map(|row| (row[0].clone(), row)).collect()
}
