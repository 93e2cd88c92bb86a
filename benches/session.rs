//! How long somebody waits in `merit repl`: for the first prompt, and for each kind of answer on 10,000 loaded leads.
//!
//! `cargo bench --bench session`. The leads are those of the first example, over and over under other ids, with their
//! activity.

#![allow(clippy::expect_used, clippy::panic)] // A measurement that cannot set up its files fails.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use divan::Bencher;
use merit::session::Session;
use merit::time::read_iso;

const LEADS: usize = 10_000;

fn main() {
    divan::main();
}

fn example(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/saas-product-led").join(name)
}

/// The whole program, from its start to the end of one input.
#[divan::bench(sample_count = 20, args = ["saas-product-led", "agency-inbound", "manufacturing-trade-shows"])]
fn start(example: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(example);
    let path = |name: &str| folder.join(name).to_string_lossy().into_owned();
    let mut child = Command::new(env!("CARGO_BIN_EXE_merit"))
        .args(["repl", &path("model.merit"), &path("leads.csv"), "--events", &path("activity.csv"), "--quiet"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program");
    std::io::Write::write_all(child.stdin.as_mut().expect("its input"), b":lead\n").expect("an input");
    assert!(child.wait().expect("its end").success());
}

/// The example's leads, so often that there are enough.
fn many() -> (PathBuf, PathBuf) {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let (leads, events) = (folder.join("many-leads.csv"), folder.join("many-events.csv"));
    let read = |name: &str| std::fs::read_to_string(example(name)).expect("the example");
    let copy = |text: &str, times: usize| {
        let (header, rows) = text.split_once('\n').expect("a header");
        let mut out = format!("{header}\n");
        for i in 0..times {
            for row in rows.lines() {
                let _ = writeln!(out, "{i}-{row}");
            }
        }
        out
    };
    let text = read("leads.csv");
    let times = LEADS.div_ceil(text.lines().count() - 1);
    std::fs::write(&leads, copy(&text, times)).expect("a file");
    std::fs::write(&events, copy(&read("activity.csv"), times)).expect("a file");
    (leads, events)
}

fn session() -> Session {
    let (leads, events) = many();
    let mut session = Session::new(read_iso("2025-09-30").expect("a date"));
    let path = |p: &Path| p.to_string_lossy().into_owned();
    session.begin(Some(&path(&example("model.merit"))), Some(&path(&leads)), &[&path(&events)]);
    session
}

/// One input on 10,000 leads.
#[divan::bench(sample_count = 10, args = [
    ":lead",
    "score >= 50 and fit(icp)",
    ":explain",
    ":why not sql",
    ":set employees = 200",
    ":did booked(\"demo\")",
    "when visited(\"/pricing\") add 25",
    "sql if score >= 80 and fit(icp)",
    ":leads stage = mql and could_be = sql",
    ":leads by score",
    ":as-of 2025-06-30",
    ":all",
    ":test",
    ":fields",
])]
fn answer(bencher: Bencher<'_, '_>, input: &str) {
    let mut session = session();
    // All leads are worked out once, as they are when somebody has typed a rule.
    session.handle(":all");
    let is_error = |reply: merit::session::Reply| assert!(!reply.is_error(), "{input}: {:?}", reply.problems);
    // A rule that is there already changes nothing: two take turns.
    let other = input.replace("25", "26").replace("80", "81").replace("200", "300").replace("06-30", "07-31");
    let mut turn = false;
    bencher.bench_local(|| {
        turn = !turn;
        is_error(session.handle(if turn { input } else { &other }));
    });
}
