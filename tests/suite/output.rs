//! What is written: never over what is read, whole or not at all, and nothing beside it.
//!
//! `MERIT_KILLS=300 cargo test --test main output::` kills so many runs instead of a few, and says what became of them.

#![allow(clippy::expect_used, clippy::panic)] // A test that cannot set up its folder fails.

use std::fs::{self, File};

use super::run_command::{EVENTS, Folder, LEADS, MODEL};

/// A model that uses a file, a list and a table, with leads and activity.
fn folder(name: &str) -> Folder {
    let folder = Folder::new(name);
    let more = "use \"parts/part.merit\"\nlet rivals = lines of \"rivals.txt\"\nlet tiers = table \"tiers.csv\"\nwhen domain(email) in rivals add 1\nwhen lookup(tiers, phone) = 1 add 1\n";
    folder.write("m.merit", format!("{more}{MODEL}")).write("leads.csv", LEADS).write("events.csv", EVENTS);
    folder
        .write("parts/part.merit", "let from_part = employees > 5\n")
        .write("rivals.txt", "rival.example\n")
        .write("tiers.csv", "key,tier\n1,1\n");
    folder.write("old.merit", MODEL);
    folder
}

/// The files that a run reads, in the order of their names.
const READ: [&str; 6] = ["events.csv", "leads.csv", "m.merit", "parts/part.merit", "rivals.txt", "tiers.csv"];

fn contents(folder: &Folder) -> Vec<String> {
    READ.iter().map(|name| folder.read(name)).collect()
}

#[test]
fn a_file_holds_what_its_ending_promises() {
    let folder = folder("output-endings");
    folder.merit("report m.merit leads.csv -o report.pdf").ends(2).is("output_report_as_pdf");
    folder.merit("run m.merit leads.csv -o scores.xlsx").ends(2).is("output_results_as_xlsx");
    for (line, can) in [
        ("report m.merit leads.csv -o r.csv", "a report can be .html, .md, .json or .txt"),
        ("report m.merit leads.csv --format html -o r.DOCX", "word processors open it"),
        ("doc m.merit -o rules.json", "a rule book can be .html, .md or .txt"),
        ("run m.merit leads.csv -o scores.csv.gz", "write .csv, and compress it then"),
        ("run m.merit leads.csv -o scores.html", "a file of results can be .csv, .jsonl or .json"),
        ("diff old.merit m.merit leads.csv --movers movers.ods", "the leads that move can be .csv"),
        ("sql old.merit --dialect duckdb -o query.json", "a query can be .sql or .txt"),
    ] {
        folder.merit(line).ends(2).says("D920").says(can);
    }
    for (name, begins) in [
        ("a.csv", "lead_id,"),
        ("a.JSON", "[\n"),
        ("a.ndjson", "{\"lead_id\""),
        ("a.2025", "lead_id,"),
        ("a", "lead_id,"),
    ] {
        folder.merit(&format!("run m.merit leads.csv --quiet -o {name}")).ends(0);
        let written = folder.read(name);
        assert!(written.starts_with(begins), "{name}: {written}");
    }
    folder.merit("run m.merit leads.csv --quiet --format csv -o b.json").ends(0);
    folder.merit("run m.merit leads.csv --safe-csv -o c.json").ends(2).says("D929");
}

#[test]
fn nothing_that_is_read_is_written_over() {
    let folder = folder("output-read");
    let before = contents(&folder);
    folder.merit("run m.merit leads.csv -o leads.csv").ends(2).is("output_over_the_leads");
    folder.merit("run m.merit leads.csv -o ./parts/../m.merit").ends(2).is("output_over_the_rules");
    for name in READ {
        for line in [
            "run m.merit leads.csv --events events.csv -o",
            "report m.merit leads.csv --events events.csv -o",
            "diff old.merit m.merit leads.csv --events events.csv --movers",
        ] {
            folder.merit(&format!("{line} {name}")).ends(2).says("D940");
        }
    }
    for name in &READ[2..] {
        folder.merit(&format!("doc m.merit -o {name}")).ends(2).says("D940");
        folder.merit(&format!("doc old.merit --since m.merit -o {name}")).ends(2).says("D940");
    }
    for name in ["old.merit", "m.merit"] {
        folder.merit(&format!("diff old.merit m.merit leads.csv --movers {name}")).ends(2).says("D940");
        folder
            .merit(&format!("diff old.merit old.merit leads.csv --beside m.merit --movers {name}"))
            .ends(2)
            .says("D940");
    }
    folder
        .merit_fed("repl m.merit leads.csv --events events.csv", b":save leads.csv\n")
        .ends(1)
        .says("writing to `leads.csv` would lose the leads");
    folder
        .merit_fed("repl m.merit leads.csv --events events.csv", b":save parts/part.merit\n")
        .ends(1)
        .says("would lose what the rules use");
    assert_eq!(contents(&folder), before);
    // What is not read may be written, and rules are formatted where they stand.
    folder.merit("run m.merit leads.csv -o events.csv").ends(0);
    folder.merit("fmt m.merit").ends(0);
}

#[cfg(unix)]
#[test]
fn a_file_is_known_under_each_of_its_names() {
    use std::os::unix::fs::symlink;
    let folder = folder("output-names");
    let before = contents(&folder);
    symlink("leads.csv", folder.path("soft.csv")).expect("a link");
    symlink("soft.csv", folder.path("soft soft.csv")).expect("a link");
    fs::hard_link(folder.path("leads.csv"), folder.path("hard.csv")).expect("a link");
    symlink(".", folder.path("here")).expect("a link");
    folder.merit("run m.merit leads.csv -o soft.csv").ends(2).is("output_over_the_leads_by_a_link");
    for (leads, out) in [
        ("leads.csv", "hard.csv"),
        ("hard.csv", "soft.csv"),
        ("soft.csv", "leads.csv"),
        ("leads.csv", "here/leads.csv"),
        ("here/soft.csv", "here/here/hard.csv"),
    ] {
        folder.merit(&format!("run m.merit {leads} -o {out}")).ends(2).says("D940");
    }
    // Standard input and output are files, too.
    let through = |line: &str| {
        let mut shell = std::process::Command::new("sh");
        let out = shell
            .current_dir(folder.path(""))
            .args(["-c", line, env!("CARGO_BIN_EXE_merit")])
            .output()
            .expect("a shell");
        (out.status.code(), String::from_utf8_lossy(&out.stderr).into_owned())
    };
    let (status, told) = through("\"$0\" run m.merit - -o leads.csv < leads.csv");
    assert!(
        status == Some(2)
            && told.contains("writing to `leads.csv` would lose the leads in `<stdin>`, which is the same file"),
        "{told}"
    );
    let (status, told) = through("\"$0\" run m.merit leads.csv >> leads.csv");
    assert!(status == Some(2) && told.contains("D940"), "{told}");
    assert_eq!(contents(&folder), before);
}

#[test]
fn names_may_be_as_long_as_the_system_allows() {
    let folder = folder("output-long");
    for length in [200, 235, 236, 245, 255] {
        let name = format!("{}.csv", "x".repeat(length - 4));
        folder.merit(&format!("run old.merit leads.csv -o {name}")).ends(0);
        folder.merit(&format!("run old.merit leads.csv -o {name}")).ends(0);
        assert!(folder.read(&name).starts_with("lead_id,"));
        fs::remove_file(folder.path(&name)).expect("the file");
    }
    // That it is too long is told before anything is worked out.
    let name = format!("{}.csv", "x".repeat(300));
    folder.merit(&format!("run old.merit leads.csv --strict -o {name}")).ends(2).says("name too long");
}

#[test]
fn places_that_cannot_be_written_are_told_first() {
    let folder = folder("output-places");
    let names = folder.names();
    folder.write("broken.csv", "id,a\n1,\"2\n");
    for line in [
        "run old.merit leads.csv -o",
        "report old.merit leads.csv -o",
        "doc old.merit -o",
        "diff old.merit m.merit leads.csv --movers",
    ] {
        folder
            .merit(&format!("{line} nowhere/out.txt"))
            .ends(2)
            .says("`nowhere/out.txt` cannot be written: there is no folder `nowhere`");
        folder.merit(&format!("{line} parts")).ends(2).says("it is a folder");
        folder.merit(&format!("{line} parts/")).ends(2).says("it is a folder");
        folder.merit(&format!("{line} new/")).ends(2).says("that is the name of no file");
        folder.merit(&format!("{line} leads.csv/out.txt")).ends(2).says("not a directory");
    }
    fs::remove_file(folder.path("broken.csv")).expect("the file");
    assert_eq!(folder.names(), names);
}

#[cfg(unix)]
#[test]
fn what_may_not_be_written_stays() {
    use std::os::unix::fs::PermissionsExt;
    let folder = folder("output-closed");
    folder.write("kept.csv", "kept").write("closed/out.csv", "kept");
    let set = |name: &str, mode| {
        fs::set_permissions(folder.path(name), fs::Permissions::from_mode(mode)).expect("permissions")
    };
    set("kept.csv", 0o444);
    set("closed", 0o555);
    // Whoever may do anything is not refused.
    if File::create(folder.path("closed/probe")).is_err() {
        folder
            .merit("run old.merit leads.csv -o kept.csv")
            .ends(2)
            .says("`kept.csv` cannot be written: permission denied");
        folder
            .merit("run old.merit leads.csv -o closed/out.csv")
            .ends(2)
            .says("no file may be made in the folder `closed`");
        assert_eq!((folder.read("kept.csv"), folder.read("closed/out.csv")), ("kept".to_owned(), "kept".to_owned()));
    }
    set("closed", 0o755);
    // Who may read and write a file may do so afterwards; a new one is as the system makes new files.
    folder.write("shared.csv", "").write("new by us", "");
    set("shared.csv", 0o664);
    folder.merit("run old.merit leads.csv -o shared.csv").ends(0);
    folder.merit("run old.merit leads.csv -o new.csv").ends(0);
    let mode = |name: &str| fs::metadata(folder.path(name)).expect("a file").permissions().mode() & 0o777;
    assert_eq!((mode("shared.csv"), mode("new.csv")), (0o664, mode("new by us")));
}

#[cfg(unix)]
#[test]
fn links_pipes_and_devices() {
    use std::io::Read;
    use std::os::unix::fs::symlink;
    use std::process::{Command, Stdio};
    let folder = folder("output-odd");
    let wanted = folder.merit("run old.merit leads.csv").ends(0).stdout.clone();
    // A link stays one, also where what it points to is not there yet.
    fs::create_dir(folder.path("real")).expect("a folder");
    symlink("real/out.csv", folder.path("link.csv")).expect("a link");
    symlink("../link.csv", folder.path("real/to link")).expect("a link");
    for _ in 0..2 {
        folder.merit("run old.merit leads.csv -o link.csv").ends(0);
        assert!(folder.path("link.csv").is_symlink());
        assert_eq!(folder.read("real/out.csv"), wanted);
    }
    symlink("round.csv", folder.path("round.csv")).expect("a link");
    folder.merit("run old.merit leads.csv -o round.csv").ends(2).says("its links lead in a circle");
    // Devices and pipes are written as they are.
    folder.merit("run old.merit leads.csv -o /dev/null").ends(0);
    assert_eq!(folder.merit("run old.merit leads.csv -o /dev/stdout").ends(0).stdout, wanted);
    assert!(Command::new("mkfifo").arg(folder.path("pipe")).status().expect("mkfifo").success());
    let mut reader = Command::new("cat").arg(folder.path("pipe")).stdout(Stdio::piped()).spawn().expect("cat");
    folder.merit("run old.merit leads.csv -o pipe").ends(0);
    let mut got = String::new();
    reader.stdout.take().expect("its output").read_to_string(&mut got).expect("its output");
    reader.wait().expect("its end");
    assert_eq!(got, wanted);
    // Standard output may be the end of a file: what is there stays.
    let mut log = File::create(folder.path("log")).expect("a file");
    std::io::Write::write_all(&mut log, b"begin\n").expect("a file");
    let mut command = folder.command(&["run", "old.merit", "leads.csv", "-o", "/dev/stdout", "--as-of", "2025-03-31"]);
    assert!(command.stdout(log).stderr(Stdio::null()).status().expect("the program").success());
    assert_eq!(folder.read("log"), format!("begin\n{wanted}"));
}

/// A name as temporary files have it.
const LEFT: &str = ".merit-aB3dE6gH9j.partial";

#[test]
fn what_dead_runs_left_is_cleared() {
    let folder = folder("output-left");
    let living = ".merit-0123456789.partial";
    folder
        .write(LEFT, "half a file")
        .write(living, "half a file")
        .write(".merit-1.partial", "")
        .write(".merit-aB3dE6gH9j.partial.csv", "");
    let held = File::open(folder.path(living)).expect("a file");
    held.lock().expect("a lock");
    folder.merit("run old.merit leads.csv -o out.csv").ends(0);
    let is_there = |name: &str| folder.path(name).exists();
    assert_eq!(
        [LEFT, living, ".merit-1.partial", ".merit-aB3dE6gH9j.partial.csv"].map(is_there),
        [false, true, true, true]
    );
    drop(held);
    folder.merit("doc old.merit -o out.txt").ends(0);
    assert!(!is_there(living));
}

#[cfg(unix)]
#[test]
fn a_link_laid_in_the_way_is_not_followed() {
    let folder = folder("output-laid");
    folder.write("victim", "precious\n");
    std::os::unix::fs::symlink("victim", folder.path(LEFT)).expect("a link");
    folder.merit("run old.merit leads.csv -o out.csv").ends(0);
    assert_eq!(folder.read("victim"), "precious\n");
    assert!(folder.path(LEFT).is_symlink() && !folder.path("out.csv").is_symlink());
}

/// Leads that take a while.
fn many() -> String {
    let rows: String = (0..20_000).map(|i| format!("L{i},k@x.example,{},1\n", i % 200)).collect();
    format!("id,email,employees,phone\n{rows}")
}

#[test]
fn two_runs_to_one_file_are_each_whole() {
    let folder = folder("output-two");
    folder
        .write("leads.csv", many())
        .write("b.merit", MODEL.replace("\"Huge", "\"A much longer reason than in the other model: huge"));
    let wanted = ["old.merit", "b.merit"]
        .map(|model| folder.merit(&format!("run {model} leads.csv --keep")).ends(0).stdout.clone());
    for _ in 0..5 {
        let runs = ["old.merit", "b.merit"].map(|model| {
            let arguments = ["run", model, "leads.csv", "--keep", "--quiet", "--as-of", "2025-03-31", "-o", "out.csv"];
            folder.command(&arguments).spawn().expect("the program")
        });
        for mut run in runs {
            assert!(run.wait().expect("its end").success());
        }
        assert!(wanted.contains(&folder.read("out.csv")));
        assert!(folder.names().iter().all(|name| !name.starts_with('.')), "{:?}", folder.names());
    }
}

#[cfg(unix)]
mod killed {
    use std::os::unix::process::ExitStatusExt;
    use std::process::{Child, Command, Stdio};
    use std::thread::sleep;
    use std::time::{Duration, Instant};

    use super::*;
    use crate::generate::Rng;

    const SIGNALS: [(&str, i32); 4] = [("INT", 2), ("TERM", 15), ("HUP", 1), ("KILL", 9)];

    fn start(folder: &Folder) -> Child {
        let arguments = ["run", "old.merit", "leads.csv", "--quiet", "--as-of", "2025-03-31", "-o", "out.csv"];
        folder
            .command(&arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program")
    }

    fn kill(child: &Child, signal: &str) {
        // It may be over by now.
        let _ = Command::new("kill")
            .args(["-s", signal, &child.id().to_string()])
            .stderr(Stdio::null())
            .status()
            .expect("kill");
    }

    fn left(folder: &Folder) -> usize {
        folder.names().iter().filter(|name| name.starts_with('.')).count()
    }

    #[test]
    fn the_old_file_or_the_new_one_and_nothing_beside_it() {
        let kills: u64 = std::env::var("MERIT_KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(12);
        let folder = folder("output-killed");
        folder.write("leads.csv", many());
        let started = Instant::now();
        assert!(start(&folder).wait().expect("its end").success());
        let takes = started.elapsed();
        let (old, new) = ("what was there\n".to_owned(), folder.read("out.csv"));
        let mut random = Rng::new(kills);
        let (mut by_signal, mut finished, mut cleared) = (0, 0, 0);
        for n in 0..kills {
            let (name, number) = SIGNALS[usize::try_from(n).expect("few") % SIGNALS.len()];
            folder.write("out.csv", &old);
            let before = left(&folder);
            let mut child = start(&folder);
            sleep(takes.mul_f64(random.below(1000) as f64 / 900.0));
            kill(&child, name);
            let status = child.wait().expect("its end");
            // It ends as if nobody had caught the signal, or was done before it came.
            match status.signal() {
                Some(by) => assert_eq!(by, number),
                None => assert_eq!(status.code(), Some(0)),
            }
            by_signal += u64::from(status.signal().is_some());
            let now = folder.read("out.csv");
            assert!(now == old || now == new, "{name}: neither the old file nor the new one");
            assert!(status.signal().is_some() || now == new, "{name}: done, and not written");
            finished += u64::from(now == new);
            // Only who is killed outright leaves something, for the next run to clear; one that ends before it looks has not cleared it.
            let after = left(&folder);
            assert!(after <= if name == "KILL" { before.max(1) } else { before }, "{name}: {:?}", folder.names());
            cleared += u64::from(before > 0 && after == 0);
        }
        assert!(start(&folder).wait().expect("its end").success());
        assert_eq!((left(&folder), folder.read("out.csv")), (0, new));
        eprintln!(
            "{kills} runs killed: {by_signal} ended by the signal, {finished} with the new file, {cleared} cleared what one before had left; nothing is left"
        );
    }

    #[test]
    fn what_is_to_be_overlooked_is() {
        let folder = folder("output-nohup");
        folder.write("leads.csv", many());
        let line = "trap '' HUP; exec \"$0\" run old.merit leads.csv --quiet -o out.csv";
        let mut child = Command::new("sh")
            .current_dir(folder.path(""))
            .args(["-c", line, env!("CARGO_BIN_EXE_merit")])
            .spawn()
            .expect("a shell");
        for _ in 0..50 {
            sleep(Duration::from_millis(2));
            kill(&child, "HUP");
        }
        if cfg!(target_os = "linux") {
            assert!(child.wait().expect("its end").success());
            assert!(folder.path("out.csv").exists());
        } else {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
