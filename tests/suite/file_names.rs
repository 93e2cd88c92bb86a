//! Files that are called anything: names that are no UTF-8, names as long as the system allows, in every command.

#![cfg(unix)]
#![allow(clippy::expect_used, clippy::panic)] // A test that cannot set up its folder fails.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::process::Stdio;

use super::run_command::Folder;

const MODEL: &str = "use \"part.merit\"\nlet of_country = table \"t.csv\"\nwhen title is known add 10\nwhen lookup(of_country, country) = \"x\" add 5\nwhen visited() add 1\nmql if score >= 10\ntest \"a\" { lead { title: \"x\" } expect score = 10 }\n";

struct Files {
    folder: Folder,
    /// What names begin with.
    begin: Vec<u8>,
}

impl Files {
    /// A model, what it uses, leads and activity, all under such a name.
    fn new(folder: &str, begin: &[u8]) -> Option<Files> {
        let files = Files { folder: Folder::new(folder), begin: begin.to_vec() };
        // Some systems allow no such names.
        fs::create_dir(files.path(".d")).ok()?;
        files.write(".d/m.merit", MODEL);
        files.write(
            ".merit",
            &MODEL
                .replace("use \"part.merit\"\n", "")
                .replace("table \"t.csv\"", "[\"x\"]")
                .replace("lookup(of_country, country) = \"x\"", "country in of_country"),
        );
        files.write(".new.merit", &fs::read_to_string(files.path(".merit")).ok()?.replace("add 10", "add 5"));
        files.write(".d/part.merit", "let part = 5\n");
        files.write(".d/t.csv", "country,v\nUS,x\n");
        files.write(".csv", "lead_id,title,country\na,CEO,US\nb,,DE\n");
        files.write(".jsonl", "{\"lead_id\":\"a\",\"title\":\"CEO\"}\n");
        files.write(".events.csv", "lead_id,type,target,at\na,visited,pricing,2025-01-01\n");
        Some(files)
    }

    fn name(&self, end: &str) -> OsString {
        OsString::from_vec([&self.begin, end.as_bytes()].concat())
    }

    fn path(&self, end: &str) -> std::path::PathBuf {
        self.folder.path(".").join(self.name(end))
    }

    fn write(&self, end: &str, text: &str) {
        fs::write(self.path(end), text).expect("a file");
    }

    /// Runs a command; what begins with `@` is the end of a name.
    fn runs(&self, line: &str, wanted: i32) -> (String, String) {
        let mut command = self.folder.command(&[]);
        command.args(
            line.split_whitespace()
                .map(|word| word.strip_prefix('@').map_or_else(|| OsString::from(word), |end| self.name(end))),
        );
        command.args(["--as-of", "2025-06-30", "--color", "never"]).stdin(Stdio::null());
        let out = command.output().expect("the program");
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
        let (stdout, stderr) = (text(out.stdout), text(out.stderr));
        assert_eq!(out.status.code(), Some(wanted), "{line}\n{stdout}\n{stderr}");
        (stdout, stderr)
    }
}

fn all_commands(files: &Files) {
    for line in [
        "run @.merit @.csv --events @.events.csv",
        "run @.d/m.merit @.csv",
        "run @.merit @.jsonl --format jsonl",
        "run @.merit @.csv -o @.out.csv",
        "run @.merit @.csv --format table",
        "check @.merit @.d/m.merit",
        "check @.merit --leads @.csv",
        "test @.merit @.d/m.merit",
        "test @.merit --format json",
        "test @.merit --format junit",
        "fmt @.new.merit",
        "fields @.d/m.merit",
        "explain @.merit @.csv --events @.events.csv --lead a",
        "doc @.merit --since @.new.merit",
        "doc @.merit -o @.out.html",
        "report @.merit @.csv --events @.events.csv",
        "report @.merit @.csv -o @.out.md",
        "diff @.merit @.new.merit @.csv --movers @.movers.csv",
        "diff @.merit @.new.merit --beside @.d/m.merit",
        "repl @.merit @.csv --events @.events.csv",
    ] {
        files.runs(line, 0);
    }
    assert!(fs::read_to_string(files.path(".out.csv")).expect("results").contains("\na,10,mql"));
    assert!(fs::read_to_string(files.path(".out.html")).expect("a page").starts_with("<!DOCTYPE html>"));
    assert!(fs::read_to_string(files.path(".out.md")).expect("a page").starts_with("# "));
    assert!(fs::read_to_string(files.path(".movers.csv")).expect("movers").contains("\na,mql,lead"));
    // What is read is not written over, under whatever name.
    let (_, told) = files.runs("run @.merit @.csv -o @.csv", 2);
    assert!(told.contains("D940"), "{told}");
    let (_, told) = files.runs("run @.d/m.merit @.csv -o @.d/t.csv", 2);
    assert!(told.contains("D940"), "{told}");
    let names: Vec<OsString> =
        fs::read_dir(files.folder.path(".")).expect("a folder").map(|e| e.expect("a file").file_name()).collect();
    assert!(names.iter().all(|n| n.as_bytes().starts_with(&files.begin)), "{names:?}");
}

#[test]
fn names_that_are_no_utf8() {
    let Some(files) = Files::new("names-bytes", b"caf\xe9\xff") else { return };
    all_commands(&files);
    // They are shown as far as they are characters.
    let (stdout, _) = files.runs("test @.merit", 0);
    assert!(stdout.starts_with("caf\u{fffd}\u{fffd}.merit\n"), "{stdout}");
    let (_, told) = files.runs("run @.nothing @.csv", 2);
    assert!(told.contains("there is no file `caf\u{fffd}\u{fffd}.nothing`"), "{told}");
    let (_, told) = files.runs("run @.merit @.nothing", 2);
    assert!(told.contains("there is no file `caf\u{fffd}\u{fffd}.nothing`"), "{told}");
    fs::write(files.path(".wrong.merit"), "when a = 1 ad 1\n").expect("a file");
    let (_, told) = files.runs("check @.wrong.merit --diagnostics json", 1);
    let object: serde_json::Value = serde_json::from_str(&told).expect("JSON");
    assert_eq!(object["file"], "caf\u{fffd}\u{fffd}.wrong.merit");
}

#[test]
fn long_names() {
    for length in [200, 236, 237, 242] {
        // The longest end of a name has 13 bytes, and 255 is as long as names get.
        let Some(files) = Files::new(&format!("names-{length}"), &vec![b'n'; length]) else { continue };
        assert!(files.name(".new.merit").len() <= 255 && OsStr::from_bytes(b".movers.csv").len() <= 13);
        all_commands(&files);
    }
}

#[test]
fn long_columns() {
    let folder = Folder::new("names-columns");
    for length in [236, 255, 256, 5_000] {
        let column = format!("C {}", "é".repeat((length - 2) / 2));
        folder
            .write("l.csv", format!("lead_id,{column}\na,5\n"))
            .write("m.merit", format!("when `{column}` >= 5 add 10\nlabel l {{ \"{{`{column}`}}\" if yes }}\n"));
        let run = |line: &str| {
            let line = line.replace('@', &column.replace(' ', "\u{1}"));
            let words: Vec<String> = line.split(' ').map(|word| word.replace('\u{1}', " ")).collect();
            let mut arguments: Vec<&str> = words.iter().map(String::as_str).collect();
            arguments.extend(["--as-of", "2025-06-30", "-q"]);
            let out = folder.command(&arguments).stdin(Stdio::null()).output().expect("the program");
            assert_eq!(out.status.code(), Some(0), "{line}: {}", String::from_utf8_lossy(&out.stderr));
            String::from_utf8(out.stdout).expect("UTF-8")
        };
        assert_eq!(run("run m.merit l.csv --columns score,l,@"), format!("score,l,{column}\n10,5,5\n"));
        assert!(run("report m.merit l.csv --by @ --format json").contains(&column));
        for line in [
            "fields m.merit",
            "explain m.merit l.csv --lead a",
            "doc m.merit",
            "report m.merit l.csv --by @",
            "run m.merit l.csv --keep --format table",
            "check m.merit --leads l.csv",
            "diff m.merit m.merit l.csv",
            "fmt m.merit",
        ] {
            run(line);
        }
    }
}

#[test]
fn revisions_know_such_names() {
    let Some(files) = Files::new("names-revision", b"r\xe9") else { return };
    let git = |arguments: &[&OsStr]| {
        let mut command = std::process::Command::new("git");
        command
            .current_dir(files.folder.path("."))
            .args(["-c", "user.name=a", "-c", "user.email=a@a.example"])
            .args(arguments);
        command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|s| s.success())
    };
    let words = |line: &str| -> bool { git(&line.split(' ').map(OsStr::new).collect::<Vec<_>>()) };
    if !words("init -q .") || !git(&[OsStr::new("add"), &files.name(".merit")]) || !words("commit -qm x") {
        return;
    }
    let mut at = OsString::from("HEAD:");
    at.push(files.name(".merit"));
    let out = files.folder.command(&["diff"]).arg(&at).arg(files.name(".new.merit")).output().expect("the program");
    assert_eq!(out.status.code(), Some(0), "{}", String::from_utf8_lossy(&out.stderr));
    assert!(
        String::from_utf8_lossy(&out.stdout).starts_with("HEAD:r\u{fffd}.merit → r\u{fffd}.new.merit\n"),
        "{}",
        String::from_utf8_lossy(&out.stdout)
    );
}
