//! What is large costs memory in its measure: commands run with little of it, and end. Linux alone has the limit that is set here.

#![allow(clippy::expect_used, clippy::panic)] // A test that cannot set up its folder fails.
#![cfg(target_os = "linux")]

use std::fmt::Write as _;
use std::process::Command;

use super::run_command::{Folder, Ran, run};

/// Runs the program with so many megabytes of address space.
fn within(megabytes: usize, folder: &Folder, line: &str) -> Ran {
    let mut shell = Command::new("sh");
    let limited = format!("ulimit -v {}; exec \"$0\" {line} --as-of 2025-06-30", megabytes * 1024);
    shell.current_dir(folder.path("")).args(["-c", &limited, env!("CARGO_BIN_EXE_merit")]);
    run(shell, line, b"")
}

fn lines(count: usize, line: impl Fn(usize) -> String) -> String {
    (0..count).fold(String::new(), |mut text, i| {
        let _ = writeln!(text, "{}", line(i));
        text
    })
}

#[test]
fn activity_of_tests_is_bounded() {
    let folder = Folder::new("limits-tests");
    let many = lines(300, |i| format!("  visited(\"p{i}\") 100000 times today"));
    folder.write(
        "one.merit",
        format!("when visited() add 1 each time\ntest \"t\" {{\n  as of 2025-06-30\n{many}  expect score = 1\n}}\n"),
    );
    for command in ["check", "test", "doc"] {
        within(400, &folder, &format!("{command} one.merit"))
            .ends(1)
            .says("a test has 100,000 records of activity at most");
    }
    // As many as may be, in many tests: of each only the outcome is kept.
    let tests = lines(30, |i| {
        format!("test \"t{i}\" {{ as of 2025-06-30; visited(\"p\") 100000 times today; expect score = 100000 }}")
    });
    folder.write("many.merit", format!("when visited() add 1 each time\n{tests}"));
    for command in ["check", "test", "doc"] {
        within(400, &folder, &format!("{command} many.merit")).ends(0);
    }
}

#[test]
fn a_session_is_bounded_too() {
    let folder = Folder::new("limits-session");
    folder.write("m.merit", "when visited() add 1 each time\nmql if score >= 5\n").write("l.csv", "lead_id,a\nx,1\n");
    let done =
        folder.merit_fed("repl m.merit l.csv", b":did visited() 60000 times today\n:did visited() 60000 times today\n");
    done.ends(1).says("a lead does 100,000 things here at most, and `x` would have done more");
    assert!(done.stdout.contains("60000"), "{}", done.stdout);
}

#[test]
fn no_model_is_held_for_each_step() {
    const RULES: usize = 2000;
    let folder = Folder::new("limits-diff");
    let rules = |points: usize, kind: &str| {
        lines(RULES, |i| format!("when a = {i} add {points} because \"{kind}{i}\"")) + "mql if score >= 5\n"
    };
    folder
        .write("none.merit", "when a = 0 add 1\nmql if score >= 5\n")
        .write("old.merit", rules(1, "r"))
        .write("new.merit", rules(9, "r"));
    folder.write("leads.csv", format!("lead_id,a\n{}", lines(500, |i| format!("{i},{i}"))));
    for (old, first) in
        [("none.merit", "7,lead,mql,0,9,\"new: r7: +9, when a = 7\""), ("old.merit", "7,lead,mql,1,9,r7: +1 → +9")]
    {
        within(600, &folder, &format!("diff {old} new.merit leads.csv --movers movers.csv")).ends(0);
        let movers = folder.read("movers.csv");
        assert_eq!((movers.lines().count(), movers.lines().nth(8)), (501, Some(first)));
    }
    // Where each step needs a model, there are fewer steps.
    let lets =
        |more: usize| lines(RULES, |i| format!("let x{i} = a = {}\nwhen x{i} add 9", i + more)) + "mql if score >= 5\n";
    folder.write("old.merit", lets(0)).write("new.merit", lets(1)).write("leads.csv", "lead_id,a\nout,0\nin,2000\n");
    within(600, &folder, "diff old.merit new.merit leads.csv --movers movers.csv").ends(0);
    let movers = folder.read("movers.csv");
    let named: Vec<(&str, bool)> = movers
        .lines()
        .skip(1)
        .map(|l| (l.split(',').next().unwrap_or_default(), l.contains("let x0: ") || l.contains("let x1999: ")))
        .collect();
    assert_eq!(named, [("out", true), ("in", true)], "{movers}");
}

/// Models of many of a kind, by the kind.
fn large() -> Vec<(&'static str, String)> {
    const N: usize = 500;
    let points = "when a is known add a\n";
    vec![
        (
            "stages",
            format!(
                "stages {}\n{points}{}",
                (0..N).map(|i| format!("s{i}")).collect::<Vec<_>>().join(", "),
                lines(N - 1, |i| format!("s{} if score >= {i}", i + 1))
            ),
        ),
        (
            "stage lines",
            format!(
                "{points}{}",
                lines(N, |i| format!("{} if score >= {i} and b = {i}", if i % 2 == 0 { "mql" } else { "sql" }))
            ),
        ),
        (
            "gates",
            format!(
                "{points}{}{}",
                lines(N, |i| format!("mql if score >= {}", i + 9)),
                lines(N, |i| format!("mql and above only if b != {}", i + 9))
            ),
        ),
        (
            "criteria",
            format!(
                "profile icp {{\n{}}}\nwhen fit(icp) add 9\n{}mql if score >= 5\n",
                lines(N, |i| format!("  n{i}: c{i} = 1 or b = {i}")),
                lines(N, |i| format!("when at least {} of icp add 1", i + 1))
            ),
        ),
        (
            "profiles",
            format!(
                "profile p0 {{ a = 1 }}\n{}when fit(p99) add 5\nmql if score >= 5\n",
                lines(N, |i| format!("profile p{} {{ fit(p{}); d{i} = 1 }}", i + 1, i % 100))
            ),
        ),
        (
            "lets",
            format!(
                "{}{}mql if score >= 5\n",
                lines(N, |i| format!("let x{i} = b = {i} or a > {i}")),
                lines(N, |i| format!("when x{i} add 1"))
            ),
        ),
        (
            "label lines",
            format!(
                "{points}label l {{\n{}  otherwise \"y\"\n}}\nmql if score >= 5\n",
                lines(N, |i| format!("  \"x{i}\" if b = {i}"))
            ),
        ),
        (
            "verdicts",
            format!(
                "{points}mql if score >= 5\n{}{}{}",
                lines(N, |i| format!("disqualify if b = {}", i + 50)),
                lines(N, |i| format!("exclude if b = {}", i + 5000)),
                lines(N, |i| format!("review if b = {i} because \"r{i}\""))
            ),
        ),
        (
            "fields",
            format!(
                "{}{}mql if score >= 5\n",
                lines(N, |i| format!("field longname{i} from \"Column {i}\"")),
                lines(N, |i| format!("when longname{i} = \"x\" add 1\nwhen lognname{i} = \"x\" add 1"))
            ),
        ),
        (
            "activity",
            format!(
                "{}{}mql if score >= 5\n",
                lines(N, |i| format!("activity t{i} from \"T {i}\"")),
                lines(N, |i| format!("when t{i}(\"p{i}\") add 1 each time"))
            ),
        ),
        (
            "groups",
            format!(
                "{}mql if score >= 5\n",
                lines(N, |i| format!(
                    "score g{i} up to 10 {{ when a >= {i} add 1; reset if b = {}; reset at t{i}() }}",
                    i + 5000
                ))
            ),
        ),
    ]
}

#[test]
fn many_of_a_kind() {
    let folder = Folder::new("limits-large");
    folder.write(
        "leads.csv",
        format!(
            "lead_id,a,b,c1\n{}",
            lines(20, |i| format!(
                "{i},{},{},{}",
                i * 37,
                if i % 3 == 0 { String::new() } else { (i * 5).to_string() },
                i % 2
            ))
        ),
    );
    for (kind, model) in large() {
        let new = model
            .replace("add 1", "add 2")
            .replace(" b = ", " b = 1")
            .replace("\"x", "\"z")
            .replace("from \"", "from \"S");
        folder.write("m.merit", &model).write("new.merit", &new);
        for line in [
            "check m.merit",
            "run m.merit leads.csv",
            "explain m.merit leads.csv --lead 3",
            "report m.merit leads.csv",
            "doc m.merit",
            "fields m.merit",
            "test m.merit",
            "diff m.merit new.merit leads.csv",
        ] {
            let ran = within(700, &folder, line);
            assert!(
                matches!(ran.status, Some(0)),
                "{kind}: {line} ended with {:?}\n{}",
                ran.status,
                ran.stderr.chars().take(2000).collect::<String>()
            );
        }
    }
}
