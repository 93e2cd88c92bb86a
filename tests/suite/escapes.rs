//! What is printed cannot act: cells, ids, file names and rules may hold anything, and on no way to a terminal, a page or a
//! note does it steer a terminal, become a tag, a link or a line of its own. In a spreadsheet no cell becomes a formula, where
//! that is asked for. Data that goes on to a program stays as it is.

#![allow(clippy::expect_used, clippy::panic)] // A test that cannot set up its folder fails.

use std::io::Read;
use std::process::Command;

use merit::shown::is_unsafe;
use portable_pty::{CommandBuilder, PtySize, native_pty_system};

use super::run_command::{Folder, Ran};

/// A title, a tag and a link; the beginning of a control sequence in one character; a mark of direction.
const NASTY: &str = "\u{1b}]0;PWNED\u{7}\u{1b}[31m<img_src=x> [x](javascript:alert(1)) `b` *c* \u{9b}2J\u{202e}\u{7f}";

const MODEL: &str = r#"model "M\u{1b}[31m" { version "1\u{9b}2J" owner "\u{202e}O" }
field title from "Job\u{1b}[31m"
activity visited from "V\u{1b}[31m"
profile icp "P\u{1b}[31m\n# P" { title is known }
label l { "Call {title}" if yes }
score fit "S\u{1b}[31m\n" { when title is known add 10 because "{title}\nmql: score 100" }
when visited("a\u{1b}[31m", "b\nc") add 1
review if score >= 10 because "Look at {title}\u{7}"
mql if score >= 10 because "M {title}"
test "t\u{1b}[31m\nt" { lead { title: "\u{1b}[31m" } expect score = 5 expect "R\u{1b}" in reviews }
"#;

fn nasty(name: &str) -> Folder {
    let folder = Folder::new(name);
    // The last line of the test is wrong on purpose: it belongs to another model.
    let model = MODEL.replace(" expect \"R\\u{1b}\" in reviews", "");
    folder.write("m.merit", &model).write("n.merit", model.replace("add 10", "add 5"));
    let cell = NASTY.replace('"', "\"\"");
    folder.write(
        "l.csv",
        format!("lead_id,title,\"n\u{1b}[31m\"\n\"a\u{1b}[2J\nmql: score 100\",\"{cell}\",\"{cell}\"\nb,,x\n"),
    );
    folder.write(
        "a.csv",
        "lead_id,type,target,at\nb,\"V\u{1b}[31m\",\"a\u{1b}[31m\",2025-01-01\nz\u{1b}[2J,visited,x,2025-01-01\n",
    );
    folder
}

/// Nothing that was written acts.
#[track_caller]
fn is_harmless(ran: &Ran) {
    for (what, text) in [("stdout", &ran.stdout), ("stderr", &ran.stderr)] {
        let text = text.replace("\r\n", "\n");
        if let Some(c) = text.chars().find(|&c| is_unsafe(c) && !matches!(c, '\n' | '\t')) {
            panic!("{}: {c:?} in {what}:\n{}", ran.line, text.escape_debug().to_string().replace("\\n", "\n"));
        }
    }
}

#[test]
fn no_command_lets_data_act() {
    let folder = nasty("escapes");
    for line in [
        "run m.merit l.csv --events a.csv --format table",
        "run m.merit l.csv --events a.csv --format table --keep",
        "run m.merit l.csv --format table --columns lead_id,nope\u{1b}[31m",
        "explain m.merit l.csv --events a.csv --stage mql",
        "explain m.merit l.csv --events a.csv --stage mql --format markdown",
        "explain m.merit l.csv --events a.csv --stage mql --format json",
        "explain m.merit l.csv --stage lead --outlook 30\u{a0}days",
        "explain m.merit l.csv --lead c\u{1b}[31m",
        "diff m.merit n.merit l.csv --events a.csv",
        "diff m.merit n.merit l.csv --events a.csv --format markdown",
        "diff m.merit n.merit l.csv --events a.csv --format json",
        "test m.merit",
        "test m.merit --format json",
        "test m.merit --format junit",
        "test m.merit --diagnostics plain",
        "fields m.merit",
        "fields m.merit --format json",
        "doc m.merit",
        "doc m.merit --format markdown",
        "doc m.merit --format html",
        "doc m.merit --since n.merit",
        "report m.merit l.csv --by title",
        "report m.merit l.csv --by title --format markdown",
        "report m.merit l.csv --by title --format html",
        "report m.merit l.csv --by title --format json",
        "check m.merit --leads l.csv",
        "check m.merit --leads l.csv --diagnostics json",
        "check x\u{1b}[31m.merit",
        "check m.merit --nope\u{1b}[31m",
        "run m.merit l.csv --id x\u{1b}[31m --diagnostics plain",
        "code E1\u{1b}[31m",
    ] {
        let ran = folder.merit(line);
        is_harmless(&ran);
        // An id with a line end is no line of its own.
        assert!(!ran.stdout.lines().any(|l| l.trim_start().starts_with("mql: score 100")), "{line}:\n{}", ran.stdout);
    }
}

#[test]
fn rules_that_would_act_are_drawn_harmless() {
    let folder = nasty("escapes-rules");
    folder.write("w.merit", "when  a = \"x\u{1b}[31m\u{9b}2J\" add 1 # \u{202e}\u{7}\r\nwhen b = 1  add \u{1b}\n");
    for line in [
        "check w.merit",
        "check w.merit --diagnostics plain",
        "check w.merit --diagnostics json",
        "fmt --check w.merit",
    ] {
        is_harmless(folder.merit(line).ends(1));
    }
    folder.write("w\u{1b}[31m.merit", "when a = 1 add 1\nmql if score >= 1\nlet x = nope(\n");
    for line in ["check w\u{1b}[31m.merit", "test w\u{1b}[31m.merit", "fmt --check w\u{1b}[31m.merit"] {
        is_harmless(folder.merit(line).ends(1));
    }
}

#[test]
fn a_session_lets_nothing_act() {
    let folder = nasty("escapes-session");
    let typed = ":leads\n:leads mql\n:lead a\u{1b}[2J\ntitle\nl\nscore >= 5\n:why\n:why not mql\n:explain\n:set title = x\u{1b}[31m\n:undo\n:did visited(\"z\u{1b}[31m\")\n:undo\n:all\n:fields\n:test\n:model\n:model fit\nwhen title = \"a\\u{1b}b\" add 3\n:reset\n:nope\u{1b}[31m\n:load x\u{1b}[31m.csv\n:save\n";
    let ran = folder.merit_fed("repl m.merit l.csv --events a.csv --keep-going", typed.as_bytes());
    is_harmless(&ran);
    assert!(ran.stdout.contains("  ␛]0;PWNED␇␛[31m<img_src=x>"), "{}", ran.stdout);
}

#[test]
fn markdown_holds_no_tag_and_no_link_of_a_cell() {
    let folder = nasty("escapes-markdown");
    for line in [
        "explain m.merit l.csv --stage mql --format markdown",
        "diff m.merit n.merit l.csv --format markdown",
        "doc m.merit --format markdown",
        "report m.merit l.csv --by title --format markdown",
    ] {
        let ran = folder.merit(line);
        assert!(
            !ran.stdout.contains("<img")
                && !ran.stdout.contains("[x](")
                && !ran.stdout.contains(" *c*")
                && !ran.stdout.contains("\n# P"),
            "{line}\n{}",
            ran.stdout
        );
    }
    let ran = folder.merit("explain m.merit l.csv --stage mql --format markdown");
    assert!(
        ran.stdout.contains("  - +10  ␛\\]0;PWNED␇␛\\[31m&lt;img_src=x> \\[x\\](javascript:alert(1)) \\`b\\` \\*c\\*"),
        "{}",
        ran.stdout
    );
}

#[test]
fn data_that_goes_on_stays_as_it_is() {
    let folder = nasty("escapes-data");
    let ran = folder.merit("run m.merit l.csv --columns lead_id,l,title");
    assert!(ran.stdout.contains(&format!("\"a\u{1b}[2J\nmql: score 100\",Call {NASTY},{NASTY}\n")), "{:?}", ran.stdout);
    let ran = folder.merit("run m.merit l.csv --format jsonl");
    assert_eq!(ran.objects()[0]["labels"]["l"], format!("Call {NASTY}"));
    let ran = folder.merit("explain m.merit l.csv --stage mql --format json");
    assert_eq!(ran.objects()[0]["labels"]["l"], format!("Call {NASTY}"));
}

/// What a command writes to a terminal.
fn on_a_terminal(folder: &Folder, arguments: &[&str]) -> String {
    let pty = native_pty_system()
        .openpty(PtySize { rows: 50, cols: 200, pixel_width: 0, pixel_height: 0 })
        .expect("a pseudo-terminal");
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_merit"));
    command.args(arguments);
    command.cwd(folder.path("."));
    command.env("NO_COLOR", "1");
    let mut child = pty.slave.spawn_command(command).expect("the program");
    let mut reader = pty.master.try_clone_reader().expect("a reader");
    let read = std::thread::spawn(move || {
        let mut bytes = Vec::new();
        // The end of a terminal may be an error.
        let _ = reader.read_to_end(&mut bytes);
        String::from_utf8_lossy(&bytes).into_owned()
    });
    child.wait().expect("its end");
    drop(pty);
    read.join().expect("what was written")
}

#[test]
fn on_a_terminal_data_does_not_act_either() {
    let folder = nasty("escapes-terminal");
    for format in ["csv", "jsonl", "json", "table"] {
        let text = on_a_terminal(
            &folder,
            &["run", "m.merit", "l.csv", "--keep", "--format", format, "--quiet", "--as-of", "2025-01-01"],
        );
        assert!(text.contains("PWNED"), "{text}");
        let odd = text.chars().find(|&c| is_unsafe(c) && !matches!(c, '\n' | '\r' | '\t'));
        assert!(odd.is_none(), "{format}: {odd:?} in {text:?}");
    }
    let text = on_a_terminal(&folder, &["fields", "m.merit", "--format", "csv"]);
    assert!(!text.contains('\u{1b}'), "{text:?}");
}

// ---- Spreadsheets -----------------------------------------------------------------------------------------------------

#[test]
fn cells_become_no_formulas_where_that_is_asked_for() {
    let folder = Folder::new("safe-csv");
    folder.write("l.csv", "lead_id,title,phone,change,note\n\"=HYPERLINK(\"\"http://evil\"\",\"\"x\"\")\",=cmd|calc,+49 30 1,-5,\"\ta\"\n-7,-1+1,5,-3.5,@x\nc,ok,,x,\n");
    folder.write(
        "m.merit",
        "label next { \"{title}\" if yes }\nlabel `+x` { \"a\" if yes }\nwhen title is known subtract 3\nwhen title = \"-1+1\" add 5 because \"*2+{title}\"\nreview if phone = \"5\" because \"={title}\"\ndisqualify if title = \"ok\" because \"+30 Fine\"\n",
    );
    let ran = folder.merit(
        "run m.merit l.csv --keep --safe-csv -q --columns lead_id,score,next,+x,review,reasons,phone,change,note",
    );
    ran.ends(0);
    assert_eq!(
        ran.stdout,
        "lead_id,title,phone,change,note,lead_id,score,next,'+x,review,reasons,phone,change,note\n\
         \"'=HYPERLINK(\"\"http://evil\"\",\"\"x\"\")\",'=cmd|calc,'+49 30 1,-5,'\ta,\"'=HYPERLINK(\"\"http://evil\"\",\"\"x\"\")\",-3,'=cmd|calc,a,,-3 Title is known,'+49 30 1,-5,'\ta\n\
         -7,'-1+1,5,-3.5,'@x,-7,2,'-1+1,a,'=-1+1,-3 Title is known; +5 *2+-1+1,5,-3.5,'@x\n\
         c,ok,,x,,c,-3,ok,a,,-3 Title is known; +30 Fine,,x,\n"
    );
    // Where it is not asked for, data is as it was.
    let ran = folder.merit("run m.merit l.csv -q --columns title,next");
    ran.ends(0);
    assert_eq!(ran.stdout, "title,next\n=cmd|calc,=cmd|calc\n-1+1,-1+1\nok,ok\n");
}

#[test]
fn reasons_that_would_be_formulas_are_guarded() {
    let folder = Folder::new("safe-csv-reasons");
    folder.write("l.csv", "lead_id,title\na,-1+cmd|' /C calc'!A0\nb,Chief\n");
    folder.write("m.merit", "when title is known add 30 because \"{title}\"\n");
    let ran = folder.merit("run m.merit l.csv --safe-csv -q --columns lead_id,reasons");
    ran.ends(0);
    assert_eq!(ran.stdout, "lead_id,reasons\na,'+30 -1+cmd|' /C calc'!A0\nb,+30 Chief\n");
    folder.write("m.merit", "exclude if title is known because \"+30 {title}\"\n");
    let ran = folder.merit("run m.merit l.csv --safe-csv -q --columns lead_id,reasons");
    ran.ends(0);
    assert_eq!(ran.stdout, "lead_id,reasons\na,'+30 -1+cmd|' /C calc'!A0\nb,'+30 Chief\n");
}

#[test]
fn movers_are_guarded_too() {
    let folder = Folder::new("safe-csv-movers");
    folder
        .write("l.csv", "lead_id,title\n=a,x\n-5,x\n")
        .write("o.merit", "mql if score >= 10\nwhen title is known add 5\n");
    folder.write("m.merit", "mql if score >= 10\nwhen title is known add 10\n");
    folder.merit("diff o.merit m.merit l.csv --movers out.csv --safe-csv").ends(0);
    let ids: Vec<String> =
        folder.read("out.csv").lines().map(|l| l.split(',').next().unwrap_or("").to_owned()).collect();
    assert_eq!(ids, ["lead_id", "'=a", "-5"]);
    folder.merit("diff o.merit m.merit l.csv --safe-csv").ends(2).is("safe_csv_without_movers");
}

#[test]
fn only_csv_is_guarded() {
    let folder = Folder::new("safe-csv-format");
    folder.write("l.csv", "lead_id\na\n").write("m.merit", "when title is known add 30\n");
    folder.merit("run m.merit l.csv --safe-csv --format json").ends(2).is("safe_csv_json");
    folder
        .merit("run m.merit l.csv --safe-csv --format table")
        .ends(2)
        .says("`--safe-csv` guards the cells of CSV, and the format is `table`");
    folder.merit("run m.merit l.csv --safe-csv --format csv -q").ends(0);
}

// ---- Where results cannot go ------------------------------------------------------------------------------------------

#[cfg(unix)]
#[test]
fn a_closed_output_is_an_error_and_a_closed_pipe_is_none() {
    let folder = Folder::new("closed-output");
    folder
        .write("l.csv", "lead_id,title\na,x\n")
        .write("m.merit", "when title is known add 30\ntest \"a\" { lead { title: \"x\" } expect score = 30 }\n");
    folder.merit("fmt m.merit").ends(0);
    let shell = |line: &str| {
        let script = format!("merit() {{ '{}' \"$@\"; }}; {line}", env!("CARGO_BIN_EXE_merit"));
        let out = Command::new("sh").args(["-c", &script]).current_dir(folder.path(".")).output().expect("a shell");
        (out.status.code(), String::from_utf8_lossy(&out.stderr).into_owned())
    };
    let prints = [
        "run m.merit l.csv",
        "run m.merit l.csv --format table",
        "explain m.merit l.csv --lead a",
        "diff m.merit m.merit",
        "test m.merit",
        "fields m.merit",
        "doc m.merit",
        "report m.merit l.csv",
        "code",
        "code E101",
        "fmt --check m.merit",
        "repl m.merit l.csv </dev/null",
        "--help",
    ];
    for command in prints {
        let (status, told) = shell(&format!("merit {command} >&-"));
        assert_eq!(status, Some(2), "{command}: {told}");
        assert!(told.contains("`<stdout>` cannot be written: it is closed"), "{command}: {told}");
        let (status, told) = shell(&format!("merit {command} 2>&1 >/dev/null"));
        assert_eq!(status, Some(0), "{command}: {told}");
    }
    // Whoever reads the results may stop; who asked for no results needs no output.
    for fine in [
        "merit code | true",
        "merit run m.merit l.csv -q | true",
        "merit run m.merit l.csv -o out.csv >&-",
        "merit doc m.merit -o out.md >&-",
        "merit check m.merit >&-",
        "merit fmt m.merit >&-",
    ] {
        let (status, told) = shell(fine);
        assert_eq!(status, Some(0), "{fine}: {told}");
    }
    if folder.path("/dev/full").exists() {
        for command in prints.iter().filter(|c| !c.starts_with("repl") && !c.starts_with("fmt")) {
            let (status, told) = shell(&format!("merit {command} >/dev/full"));
            assert_eq!(status, Some(2), "{command}: {told}");
            assert!(told.contains("no space left"), "{command}: {told}");
        }
    }
}

#[test]
fn strict_results_are_json_also_where_they_stop() {
    let folder = Folder::new("strict-json");
    folder.write("m.merit", "when a = \"1\" add 1\n").write("l.csv", "lead_id,a\nx,1\ny,1\nz,1,too,many\nu,1\n");
    let ran = folder.merit("run m.merit l.csv --strict --format json");
    assert_eq!(ran.status, Some(1), "{}", ran.stderr);
    let rows: Vec<serde_json::Value> = serde_json::from_str(&ran.stdout).expect("an array");
    assert!(rows.len() <= 2 && rows.iter().all(|r| r["score"] == 1), "{}", ran.stdout);
    // Also where the first row is the one.
    folder.write("l.csv", "lead_id,a\nz,1,too,many\nu,1\n");
    assert_eq!(folder.merit("run m.merit l.csv --strict --format json").ends(1).stdout, "[]\n");
    assert_eq!(folder.merit("run m.merit l.csv --strict --format jsonl").ends(1).stdout, "");
    folder.merit("run m.merit l.csv --strict --format json -o out.json").ends(1);
    // Also where it stops before the first row.
    folder.write("l.csv", "lead_id,other\na,b\n");
    assert_eq!(folder.merit("run m.merit l.csv --strict --format json").ends(1).stdout, "[]\n");
    assert!(!folder.path("out.json").exists());
}

#[test]
fn shares_of_coverage_are_shares() {
    let folder = Folder::new("min-coverage");
    folder.write("m.merit", "when a = 1 add 1\ntest \"a\" { lead { a: 1 } expect score = 1 }\n");
    for share in ["nan", "NaN", "inf", "-inf", "-1", "100.1", "1e9", "x", ""] {
        let ran = folder.merit(&format!("test m.merit --min-coverage={share}"));
        ran.ends(2);
        assert!(ran.stderr.contains("write a share of the lines from 0 to 100, such as 80"), "{share}: {}", ran.stderr);
    }
    for share in ["0", "80", "100", "99.5", "80%"] {
        folder.merit(&format!("test m.merit --min-coverage {share}")).ends(0);
    }
}
