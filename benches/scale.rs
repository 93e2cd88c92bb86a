//! How whole runs of `merit run` grow with leads, with rules and with processors.
//!
//! `cargo bench --bench scale` writes its own files below `target/`, at most `MERIT_MOST` leads (3,000,000), and prints
//! Markdown. Seconds of the clock, the median of five runs that are taken in turn; lines through them by least squares.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)] // A measurement that cannot set up its files fails.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

const ROUNDS: usize = 5;

const MODEL: &str = r#"
profile icp { industry in ["software", "fintech", "logistics"] employees between 50 and 1000 country in ["US", "DE", "FR", "NL"] }
when downloaded("ebook") add 10
when attended("webinar") add 20
when visited("pricing") add 30
when booked("demo") add 100
when visited("pricing") at least 3 times in last 14 days add 15
when opened("newsletter") add 2 each time up to 10
when active in last 7 days add 10
when inactive for 90 days subtract 20
when fit(icp) add 25
when title contains any ["ceo", "chief", "vp", "head of"] add 20
when domain(email) in ["gmail.com", "yahoo.com"] subtract 15
when budget >= 10000 add 20
when country is missing subtract 5
add 5 per visited("blog") halving every 90 days up to 20
stages lead, iql, mql, sql
disqualify if title contains "student"
iql if score >= 10
mql if score >= 40
sql if score >= 70 and fit(icp)
"#;

/// Numbers that look random, and are the same each time.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }

    fn pick<'t>(&mut self, texts: &[&'t str]) -> &'t str {
        texts[self.below(texts.len() as u64) as usize]
    }
}

/// Leads with ten records each.
fn files(folder: &Path, leads: u64) -> std::io::Result<()> {
    fs::create_dir_all(folder)?;
    let mut random = Numbers(leads);
    let mut out = BufWriter::new(File::create(folder.join("leads.csv"))?);
    writeln!(out, "lead_id,email,title,industry,employees,country,budget,notes")?;
    for i in 0..leads {
        let domain = random.pick(&["gmail.com", "acme.example", "initech.example", "yahoo.com", "globex.example"]);
        let title =
            random.pick(&["CEO", "VP of Sales", "Head of IT", "Student", "Engineer", "Buyer", "Chief Data Officer"]);
        let industry = random.pick(&["Software", "fintech", "Retail", "logistics", ""]);
        let country = random.pick(&["US", "DE", "FR", "BR", "JP", ""]);
        let (employees, budget) = (random.below(2_000), random.below(30) * 1_000);
        writeln!(
            out,
            "L{i},user{i}@{domain},{title},{industry},{employees},{country},{budget},\"met at a fair, wants a call\""
        )?;
    }
    out.flush()?;
    let mut out = BufWriter::new(File::create(folder.join("activity.csv"))?);
    writeln!(out, "lead_id,type,target,at")?;
    for _ in 0..leads * 10 {
        let kind = random.pick(&[
            "visited,pricing",
            "visited,blog",
            "visited,page-7",
            "downloaded,ebook",
            "attended,webinar",
            "opened,newsletter",
            "clicked,mail",
            "booked,demo",
        ]);
        let (lead, month, day) = (random.below(leads), 1 + random.below(6), 1 + random.below(28));
        writeln!(out, "L{lead},{kind},2025-{month:02}-{day:02}T{:02}:15:00Z", random.below(24))?;
    }
    out.flush()
}

/// So many rules, on activity and on fields.
fn rules(count: u64) -> String {
    let mut out = String::from("stages lead, mql\nmql if score >= 40\n");
    for i in 0..count {
        let _ = match i % 3 {
            0 => writeln!(out, "when visited(\"page-{i}\") in last {} days add 1", 1 + i % 60),
            1 => writeln!(
                out,
                "when employees >= {i} and title contains \"{}\" add 1",
                ["vp", "head", "chief", "eng"][(i % 4) as usize]
            ),
            _ => writeln!(out, "when opened(\"newsletter\") at least {} times add 1", 1 + i % 5),
        };
    }
    out
}

/// One run, in seconds of the clock.
fn seconds(model: &Path, folder: &Path, one_thread: bool) -> f64 {
    let merit = env!("CARGO_BIN_EXE_merit");
    let mut command = if one_thread { Command::new("taskset") } else { Command::new(merit) };
    if one_thread {
        command.args(["-c", "0", merit]);
    }
    command.arg("run").arg(model).arg(folder.join("leads.csv")).arg("--events").arg(folder.join("activity.csv"));
    // Each model has an output of its own: to write over a large one takes time that belongs to the run before.
    let output = folder.join(model.with_extension("csv").file_name().unwrap_or_default());
    command.args(["--as-of", "2025-06-30", "--quiet", "-o"]).arg(output).stdout(Stdio::null());
    let started = Instant::now();
    let status = command.status().unwrap_or_else(|e| panic!("{merit}: {e}"));
    assert!(status.success(), "{status}");
    started.elapsed().as_secs_f64()
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

/// The medians of several kinds of runs, taken in turn.
fn medians(runs: &[&dyn Fn() -> f64]) -> Vec<f64> {
    runs.iter().for_each(|run| {
        run();
    });
    let rounds: Vec<Vec<f64>> = (0..ROUNDS).map(|_| runs.iter().map(|run| run()).collect()).collect();
    (0..runs.len()).map(|i| median(rounds.iter().map(|round| round[i]).collect())).collect()
}

/// The line through some points: what each more costs, and how much of the differences it explains.
fn line(points: &[(f64, f64)]) -> (f64, f64) {
    let n = points.len() as f64;
    let mean = |f: &dyn Fn(&(f64, f64)) -> f64| points.iter().map(f).sum::<f64>() / n;
    let (x, y) = (mean(&|p| p.0), mean(&|p| p.1));
    let (xy, xx, yy) = (mean(&|p| (p.0 - x) * (p.1 - y)), mean(&|p| (p.0 - x).powi(2)), mean(&|p| (p.1 - y).powi(2)));
    (xy / xx, xy * xy / (xx * yy))
}

fn main() {
    let most: u64 = std::env::var("MERIT_MOST").ok().and_then(|n| n.parse().ok()).unwrap_or(3_000_000);
    let place = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("scale");
    let folder = |leads: u64| place.join(leads.to_string());
    let sizes: Vec<u64> = [1_000, 10_000, 100_000, 1_000_000, 3_000_000].into_iter().filter(|&n| n <= most).collect();
    for &leads in &sizes {
        files(&folder(leads), leads).unwrap_or_else(|e| panic!("{}: {e}", place.display()));
    }
    let model = place.join("model.merit");
    fs::write(&model, MODEL).unwrap_or_else(|e| panic!("{e}"));
    let runs: Vec<Box<dyn Fn() -> f64>> = sizes
        .iter()
        .map(|&n| {
            Box::new({
                let (model, folder) = (model.clone(), folder(n));
                move || seconds(&model, &folder, false)
            }) as Box<_>
        })
        .collect();
    let times = medians(&runs.iter().map(AsRef::as_ref).collect::<Vec<_>>());
    println!("| leads, ten activities each | seconds | microseconds a lead |\n| --- | --- | --- |");
    for (leads, time) in sizes.iter().zip(&times) {
        println!("| {leads} | {time:.3} | {:.2} |", time / *leads as f64 * 1e6);
    }
    let (slope, explained) = line(&sizes.iter().map(|&n| n as f64).zip(times.iter().copied()).collect::<Vec<_>>());
    println!(
        "\nSlope: {:.2} microseconds a lead; the line explains {:.2} % of the differences.\n",
        slope * 1e6,
        explained * 100.0
    );

    let leads = 100_000.min(most);
    let counts = [10, 30, 100, 300, 1_000];
    let models: Vec<PathBuf> = counts.iter().map(|n| place.join(format!("rules-{n}.merit"))).collect();
    for (count, path) in counts.iter().zip(&models) {
        fs::write(path, rules(*count)).unwrap_or_else(|e| panic!("{e}"));
    }
    let runs: Vec<Box<dyn Fn() -> f64>> = models
        .iter()
        .map(|m| {
            Box::new({
                let (m, folder) = (m.clone(), folder(leads));
                move || seconds(&m, &folder, false)
            }) as Box<_>
        })
        .collect();
    let times = medians(&runs.iter().map(AsRef::as_ref).collect::<Vec<_>>());
    println!("| rules, {leads} leads | seconds | microseconds a rule more |\n| --- | --- | --- |");
    let mut before: Option<(u64, f64)> = None;
    for (&count, &time) in counts.iter().zip(&times) {
        let more = before.map_or(String::new(), |(n, t)| format!("{:.0}", (time - t) / (count - n) as f64 * 1e6));
        println!("| {count} | {time:.3} | {more} |");
        before = Some((count, time));
    }

    if Command::new("taskset").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_err() {
        println!("\nOne processor against all: skipped, there is no `taskset` here.");
        return;
    }
    let thousand = &models[4];
    let times = medians(&[&|| seconds(thousand, &folder(leads), true), &|| seconds(thousand, &folder(leads), false)]);
    println!(
        "\n| 1000 rules, {leads} leads | seconds |\n| --- | --- |\n| one processor | {:.3} |\n| all | {:.3}, {:.2} times as fast |",
        times[0],
        times[1],
        times[0] / times[1]
    );
}
