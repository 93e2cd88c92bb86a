//! Files that are read in pieces give what they give as a whole, wherever the pieces end and whatever is in them; and no row
//! is lost.
//!
//! Files are made at random and then damaged: quotes, delimiters, line ends and other bytes are put in and taken out. `MERIT_CASES`
//! says how many files of each kind are tried, `MERIT_SEED` where to begin.

use std::collections::HashMap;
use std::sync::Arc;

use super::*;
use crate::data::{Options, Portions, Source};
use crate::model::Model;
use crate::time::read_iso;

const MODEL: &str = r#"
field employees: number
field created: date
treat ["N/A"] as missing
score many { add 1 per activity() }
score interest {
  when visited("pricing") at least 2 times in last 30 days add 100
  when clicked(where minutes >= 10) add 1000 halving every 1 month
}
when title mentions any ["CEO", "head of"] add 10000
when created in last 90 days add 20000
when employees between 50 and 1000 add 40000
label next { "Call {title}" if employees is known; otherwise "{notes}" }
mql if score >= 10000
"#;

/// What came of a file.
#[derive(Debug, PartialEq)]
struct Came {
    rows: Vec<Vec<String>>,
    /// In no order: what is told of a row far inside may come later.
    messages: Vec<String>,
    failed: Option<String>,
}

fn number(name: &str, usual: u64) -> u64 {
    std::env::var(name).ok().and_then(|n| n.parse().ok()).unwrap_or(usual)
}

fn read(model: &Model, leads: &[u8], events: Option<&[u8]>, portions: Portions) -> Came {
    let held = |name: &str, bytes: &[u8]| Source::Bytes(name.to_owned(), Arc::from(bytes));
    let options = Options { portions, ..Options::default() };
    let activity = events.map(|bytes| held("e", bytes));
    let input = Input { activity: activity.into_iter().collect(), options, ..Input::new(held("l", leads)) };
    let mut came = Came { rows: Vec::new(), messages: Vec::new(), failed: None };
    let result = Pass::open(&input, &[model], &()).map_err(Failed::Reading).and_then(|pass| {
        let as_of = model.as_of(read_iso("2025-06-30").unwrap());
        let names = ["lead_id", "many", "score", "stage", "next", "reasons", "error"].map(str::to_owned);
        let wanted = Wanted { columns: Some(&names), keep: true };
        let results = Results::new(model, as_of, pass.leads(), wanted, Form::Csv { is_safe: false })?;
        let ended = pass.with(results.program())?.answer(&results.cells(), &mut |row| {
            came.rows.push(row);
            Ok(())
        })?;
        came.messages =
            ended.notes.iter().chain(&ended.problems).map(|d| format!("{} {:?}", d.message, d.help)).collect();
        Ok(())
    });
    came.failed = result.err().map(|failed| match failed {
        Failed::Reading(problem) => problem.message,
        Failed::Refused(_) => "refused".to_owned(),
        Failed::Writing(error) => error.to_string(),
    });
    came.messages.sort();
    came
}

/// Files in pieces of several sizes, by one thread and several, against the file as a whole; what came of that.
fn same_in_pieces(random: &mut Random, model: &Model, leads: &[u8], events: Option<&[u8]>, what: &str) -> Came {
    let whole = read(model, leads, events, Portions { block: 0, ..Portions::default() });
    for _ in 0..3 {
        let portions = Portions {
            head: *random.of(&[2048, 3000, 1 << 20]),
            block: *random.of(&[96, 97, 128, 250, 1000, 5000]),
            threads: Some(1 + random.below(3)),
        };
        let pieces = read(model, leads, events, portions);
        let shown = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        if pieces != whole {
            let first = pieces.rows.iter().zip(&whole.rows).position(|(a, b)| a != b);
            let beside = first.map(|i| (&pieces.rows[i], &whole.rows[i]));
            panic!(
                "{what}, {portions:?}\n{}\n--- events\n{}\n--- rows {} and {}, first difference {beside:?}\n{:?}\n{:?}\n{:?} {:?}",
                shown(leads),
                events.map(shown).unwrap_or_default(),
                pieces.rows.len(),
                whole.rows.len(),
                pieces.messages,
                whole.messages,
                pieces.failed,
                whole.failed
            );
        }
    }
    whole
}

struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) % n as u64) as usize
    }

    fn of<'t, T>(&mut self, all: &'t [T]) -> &'t T {
        &all[self.below(all.len())]
    }

    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }
}

/// A row as it stands in a file, with its line end.
struct Line {
    id: String,
    text: Vec<u8>,
    /// Whether it is as it was, and begins a line.
    is_whole: bool,
}

/// Rows of a CSV file, in a dialect of its own.
struct Table {
    header: Vec<u8>,
    rows: Vec<Line>,
}

impl Table {
    fn bytes(&self) -> Vec<u8> {
        self.header.iter().chain(self.rows.iter().flat_map(|row| &row.text)).copied().collect()
    }

    /// The rows that are not as they were, with what stands around them.
    fn damaged(&self) -> String {
        let text = |rows: &[Line]| {
            rows.iter().map(|row| format!("{:?}\n", String::from_utf8_lossy(&row.text))).collect::<String>()
        };
        let places = self.rows.iter().enumerate().filter(|(_, row)| !row.is_whole).map(|(i, _)| i);
        let around = places.map(|i| text(&self.rows[i.saturating_sub(1)..(i + 4).min(self.rows.len())]));
        format!("{}\n{}", String::from_utf8_lossy(&self.header), around.collect::<Vec<_>>().join("…\n"))
    }

    /// Rows of these cells, the first of which is the id and comes to stand anywhere.
    fn of(random: &mut Random, names: &[&str], rows: Vec<Vec<String>>) -> Table {
        let delimiter = *random.of(b",,;\t");
        let end = if random.chance(30) { ::csv::Terminator::CRLF } else { ::csv::Terminator::Any(b'\n') };
        let style =
            *random.of(&[::csv::QuoteStyle::Necessary, ::csv::QuoteStyle::Necessary, ::csv::QuoteStyle::Always]);
        let place = random.below(names.len());
        let line = |mut cells: Vec<String>| {
            cells.swap(0, place);
            let mut out = ::csv::WriterBuilder::new()
                .delimiter(delimiter)
                .terminator(end)
                .quote_style(style)
                .from_writer(Vec::new());
            out.write_record(&cells).unwrap();
            out.into_inner().unwrap()
        };
        let header = line(names.iter().map(|&name| name.to_owned()).collect());
        let rows = rows.into_iter().map(|cells| Line { id: cells[0].clone(), text: line(cells), is_whole: true });
        Table { header, rows: rows.collect() }
    }

    /// Changes a few bytes of the rows.
    fn damage(&mut self, random: &mut Random, pieces: &[&[u8]]) {
        for _ in 0..random.below(6) {
            let at = random.below(self.rows.len());
            let is_last = at + 1 == self.rows.len();
            // Two damaged rows side by side may be one in every reading.
            if self.rows[at.saturating_sub(2)..(at + 3).min(self.rows.len())].iter().any(|row| !row.is_whole) {
                continue;
            }
            let row = &mut self.rows[at];
            row.is_whole = false;
            let place = random.below(row.text.len() + 1);
            let mut reaches_end = place + 2 >= row.text.len();
            match random.below(4) {
                0 if place < row.text.len() => drop(row.text.remove(place)),
                1 => {
                    // At the border of a cell, where quotes mean most.
                    let border = row.text.iter().position(|b| b",;\t".contains(b)).unwrap_or(place);
                    row.text.splice(border + random.below(2)..border + 1, random.of(pieces).iter().copied());
                }
                2 if is_last => {
                    row.text.truncate(place);
                    reaches_end = true;
                }
                _ => drop(row.text.splice(place..place, random.of(pieces).iter().copied())),
            }
            reaches_end |= !row.text.ends_with(b"\n");
            if reaches_end && !is_last {
                self.rows[at + 1].is_whole = false;
            }
        }
    }
}

const IDS: [fn(usize) -> String; 5] = [
    |i| format!("L{i}"),
    |i| format!("{}", 1000 + i),
    |i| format!("someone.{i}@example.com"),
    |i| format!("{:08x}-a1b2-{:04x}", i * 7_919 + 0x1a00_0000, i),
    |i| format!("a rather long id, no. {i}"),
];

fn leads(random: &mut Random, id: fn(usize) -> String, count: usize) -> Vec<Vec<String>> {
    let pools: [&[&str]; 5] = [
        &["CEO", "Head of \"IT\"", "Clerk", "Ingénieur", ""],
        &[
            "",
            "short",
            "two lines:\nof a note, and more of it",
            "5\" pipe",
            "Main Street 12\r\n10115 Berlin, Germany\n",
        ],
        &["50", "1,200", "10-100", "many", "N/A"],
        &["2025-06-01", "2024-01-01T10:00:00Z", "soon", ""],
        &["x", "y"],
    ];
    (0..count)
        .map(|i| {
            std::iter::once(if random.chance(2) { String::new() } else { id(i) })
                .chain(pools.iter().map(|pool| (*random.of(pool)).to_owned()))
                .collect()
        })
        .collect()
}

const LEAD_COLUMNS: [&str; 6] = ["lead_id", "title", "notes", "employees", "created", "other"];

const DAMAGE: &[&[u8]] = &[
    b"\"",
    b"\"",
    b"\"",
    b"\"\"",
    b",",
    b";",
    b"\t",
    b"\n",
    b"\r",
    b"\r\n",
    b"\0",
    b"\xff",
    "é".as_bytes(),
    b" ",
    b"\n\n",
    b",\"",
    b"\",",
];

fn records(random: &mut Random, leads: &[Vec<String>]) -> Vec<Vec<String>> {
    (0..leads.len() * 2)
        .map(|_| {
            let lead = if random.chance(3) { "nobody" } else { &leads[random.below(leads.len())][0] };
            let kind = *random.of(&["visited", "clicked", "Visited", ""]);
            let at = *random.of(&["2025-06-01T10:00:00Z", "2025-06-20", "soon", "", "2025-05-01T10:00:00+02:00"]);
            [lead, kind, *random.of(&["pricing", "a, b", "line\nbreak", ""]), at, *random.of(&["5", "20", ""])]
                .map(str::to_owned)
                .to_vec()
        })
        .collect()
}

const RECORD_COLUMNS: [&str; 5] = ["lead_id", "type", "target", "at", "minutes"];

fn model() -> Model {
    let checked = crate::check::check(crate::source::Source::new("m.merit", MODEL), &crate::check::NoFiles);
    checked.model.unwrap_or_else(|| panic!("{:?}", checked.diagnostics))
}

/// The rows that are as they were come out by their ids, in their order.
fn assert_no_row_is_lost(table: &Table, came: &Came, what: &str) {
    let mut out = came.rows.iter().map(|row| row.iter());
    for row in table.rows.iter().filter(|row| row.is_whole && !row.id.is_empty()) {
        assert!(
            out.any(|mut cells| cells.any(|cell| *cell == row.id)),
            "{what}: `{}` is lost\n{}",
            row.id,
            table.damaged()
        );
    }
}

#[test]
fn damaged_csv_in_pieces_is_damaged_csv_as_a_whole() {
    let model = model();
    for case in 0..number("MERIT_CASES", 300) {
        let mut random = Random(number("MERIT_SEED", 1) << 32 | case);
        let id = *random.of(&IDS);
        let count = 5 + random.below(60);
        let leads = leads(&mut random, id, count);
        let mut table = Table::of(&mut random, &LEAD_COLUMNS, leads);
        table.damage(&mut random, DAMAGE);
        let what = format!("case {case}");
        let came = same_in_pieces(&mut random, &model, &table.bytes(), None, &what);
        assert_no_row_is_lost(&table, &came, &what);
    }
}

/// Where nothing but quotes went wrong, and every row is a line, there are as many rows as lines.
#[test]
fn stray_quotes_cost_no_row() {
    let model = model();
    for case in 0..number("MERIT_CASES", 300) {
        let mut random = Random(number("MERIT_SEED", 1) << 32 | 1 << 31 | case);
        let id = *random.of(&IDS[..4]);
        let count = 5 + random.below(60);
        let mut leads = leads(&mut random, id, count);
        for (i, cells) in leads.iter_mut().enumerate() {
            // No row of several lines, and none without an id.
            cells[2].clear();
            cells[0] = id(i);
        }
        let mut table = Table::of(&mut random, &LEAD_COLUMNS, leads);
        for _ in 0..random.below(6) {
            let row = random.below(count);
            if table.rows[row.saturating_sub(1)..(row + 2).min(count)].iter().any(|row| !row.is_whole) {
                continue;
            }
            table.rows[row].is_whole = false;
            let text = &mut table.rows[row].text;
            let ends: Vec<usize> = (0..text.len())
                .filter(|&at| at == 0 || b",;\t\r\n".contains(&text[at]) || b",;\t".contains(&text[at - 1]))
                .collect();
            text.insert(*random.of(&ends), b'"');
        }
        let what = format!("case {case}");
        let came = same_in_pieces(&mut random, &model, &table.bytes(), None, &what);
        assert_eq!(came.rows.len(), count, "{what}\n{}", table.damaged());
    }
}

#[test]
fn damaged_activity_in_pieces_is_damaged_activity_as_a_whole() {
    let model = model();
    for case in 0..number("MERIT_CASES", 300) {
        let mut random = Random(number("MERIT_SEED", 1) << 32 | 1 << 30 | case);
        let id = *random.of(&IDS[..4]);
        let count = 5 + random.below(30);
        let leads = leads(&mut random, id, count);
        let records = records(&mut random, &leads);
        let kinds: Vec<String> = records.iter().map(|record| record[1].clone()).collect();
        let mut table = Table::of(&mut random, &RECORD_COLUMNS, records);
        table.damage(&mut random, DAMAGE);
        let what = format!("case {case}");
        let file = Table::of(&mut random, &LEAD_COLUMNS, leads.clone()).bytes();
        let came = same_in_pieces(&mut random, &model, &file, Some(&table.bytes()), &what);
        // Each record that is as it was counts for its lead: one point.
        let scores: HashMap<&String, u64> = came
            .rows
            .iter()
            .filter_map(|row| Some((row.get(LEAD_COLUMNS.len())?, row.get(LEAD_COLUMNS.len() + 1)?.parse().ok()?)))
            .collect();
        let mut least: HashMap<&String, u64> = HashMap::new();
        for (row, _) in
            table.rows.iter().zip(&kinds).filter(|(row, kind)| row.is_whole && !row.id.is_empty() && !kind.is_empty())
        {
            *least.entry(&row.id).or_default() += 1;
        }
        for (id, least) in least {
            assert!(
                id == "nobody" || scores.get(id).is_some_and(|&score| score >= least),
                "{what}: {id} has fewer than {least} records\n{}",
                table.damaged()
            );
        }
    }
}

#[test]
fn damaged_json_lines_in_pieces_are_damaged_json_lines_as_a_whole() {
    let model = model();
    for case in 0..number("MERIT_CASES", 300) {
        let mut random = Random(number("MERIT_SEED", 1) << 32 | 1 << 29 | case);
        let id = *random.of(&IDS);
        let count = 5 + random.below(60);
        let leads = leads(&mut random, id, count);
        let records = records(&mut random, &leads);
        let mut text: Vec<u8> = Vec::new();
        for (i, lead) in leads.iter().enumerate() {
            let mut object = serde_json::Map::new();
            for (name, cell) in LEAD_COLUMNS.iter().zip(lead) {
                let value = match cell.parse::<u32>() {
                    Ok(n) if random.chance(50) => n.into(),
                    _ if cell.is_empty() && random.chance(50) => serde_json::Value::Null,
                    _ => cell.as_str().into(),
                };
                object.insert((*name).to_owned(), value);
            }
            let own = records.iter().skip(i).take(random.below(3)).map(|cells| {
                RECORD_COLUMNS
                    .iter()
                    .map(|&n| n.to_owned())
                    .zip(cells.iter().map(|c| c.as_str().into()))
                    .skip(1)
                    .collect()
            });
            object.insert("events".to_owned(), serde_json::Value::Array(own.map(serde_json::Value::Object).collect()));
            let mut line = serde_json::Value::Object(object).to_string();
            if random.chance(5) {
                // A name that stands twice, or is written in another way.
                line = line.replacen(
                    "\"other\":",
                    random.of::<&str>(&[
                        "\"title\":\"CEO\",\"other\":",
                        "\"Title\":\"Clerk\",\"other\":",
                        "\"title\":null,\"Title\":\"x\",\"other\":",
                    ]),
                    1,
                );
            }
            text.extend(line.bytes());
            text.extend(if random.chance(10) { &b"\r\n"[..] } else { b"\n" });
        }
        const JSON_DAMAGE: &[&[u8]] = &[
            b"\"",
            b"\\",
            b"{",
            b"}",
            b"[",
            b"]",
            b",",
            b":",
            b"\n",
            b"\r",
            b"\r\n",
            b"\0",
            b"\xff",
            "é".as_bytes(),
            b" ",
            b"\"title\":\"y\",",
            b"\\u00e9",
            b"1e3",
        ];
        // Its first line tells that it is JSON Lines.
        let first = text.iter().position(|&b| b == b'\n').map_or(0, |at| at + 1);
        for _ in 0..random.below(6) {
            let place = first + random.below(text.len() - first);
            if random.chance(30) {
                text.remove(place);
            } else {
                text.splice(place..place, random.of(JSON_DAMAGE).iter().copied());
            }
        }
        let what = format!("case {case}");
        let came = same_in_pieces(&mut random, &model, &text, None, &what);
        let lines = text
            .split(|b| matches!(b, b'\n' | b'\r'))
            .filter(|line| !String::from_utf8_lossy(line).trim().is_empty())
            .count();
        assert_eq!((came.rows.len(), came.failed), (lines, None), "{what}\n{}", String::from_utf8_lossy(&text));
    }
}
