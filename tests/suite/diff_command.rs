//! `merit diff` as people see it: whole outputs, revisions of git, exit codes, and what cannot be had.

#![allow(clippy::expect_used)] // A test that cannot set up its folder fails.

use super::run_command::{Folder, Ran, run};

const OLD: &str = r#"let hot = visited("pricing") at least twice
profile icp {
  size: employees between 50 and 1000
  country = "US"
}
score interest up to 100 {
  when visited("pricing") add 30 because "Looked at prices"
  when hot add 20
}
when title mentions "VP" add 15
mql if score >= 30
sql if score >= 60 and fit(icp)
label next { "Call" if stage = sql; otherwise "Wait" }
"#;

const LEADS: &str = "lead_id,employees,country,title\nA,120,US,VP Sales\nB,30,US,VP\nC,80,US,\nD,9,FR,\nE,400,US,VP\n";
const ACTIVITY: &str = "lead_id,type,target,at\nA,visited,pricing,2025-03-01\nA,visited,pricing,2025-03-02\nB,visited,pricing,2025-03-01\nB,visited,pricing,2025-03-02\nC,visited,pricing,2025-03-05\nD,visited,pricing,2025-03-05\nE,visited,pricing,2025-03-05\nE,visited,pricing,2025-03-06\n";

fn new() -> String {
    let changes = [("hot", "keen"), ("between 50", "between 20"), ("add 30", "add 25"), ("score >= 60", "score >= 58")];
    changes.iter().fold(OLD.to_owned(), |text, (from, to)| text.replace(from, to))
}

fn folder(name: &str) -> Folder {
    let folder = Folder::new(name);
    folder.write("old.merit", OLD).write("new.merit", new()).write("leads.csv", LEADS).write("activity.csv", ACTIVITY);
    folder
}

/// Runs git in a folder, as nobody in particular.
fn git(folder: &Folder, line: &[&str]) {
    let mut command = std::process::Command::new("git");
    command
        .current_dir(folder.path(""))
        .args(["-c", "user.name=Ada", "-c", "user.email=ada@shop.example", "-c", "init.defaultBranch=main"])
        .args(line);
    command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_SYSTEM", "/dev/null");
    let ran = command.output().expect("git");
    assert!(ran.status.success(), "git {line:?}: {}", String::from_utf8_lossy(&ran.stderr));
}

fn keep(folder: &Folder) {
    git(folder, &["init", "-q"]);
    git(folder, &["add", "-A"]);
    git(folder, &["commit", "-qm", "one"]);
}

#[test]
fn in_words_with_leads_and_without() {
    let folder = folder("diff-words");
    folder.merit("diff old.merit new.merit").ends(0).is("diff_words");
    folder.merit("diff old.merit new.merit leads.csv --events activity.csv").ends(0).is("diff_leads");
    folder
        .merit("diff old.merit new.merit leads.csv --events activity.csv --most 1 --format markdown")
        .ends(0)
        .is("diff_markdown");
    folder.merit("diff old.merit new.merit leads.csv --events activity.csv --format json").ends(0).is("diff_json");
}

#[test]
fn what_does_not_change_is_said_so() {
    let folder = folder("diff-same");
    folder.write("spread.merit", OLD.replace("add", "\n    add").replace("let hot", "# Who is hot\nlet hot"));
    folder.merit("diff old.merit old.merit").ends(0).is("diff_same");
    folder
        .merit("diff old.merit spread.merit leads.csv --events activity.csv --fail-on-moves")
        .ends(0)
        .is("diff_laid_out");
}

#[test]
fn who_moves_can_be_written_and_refused() {
    let folder = folder("diff-movers");
    folder
        .merit("diff old.merit new.merit leads.csv --events activity.csv --fail-on-moves --movers movers.csv")
        .ends(1);
    let movers = folder.read("movers.csv");
    assert_eq!(movers.lines().next(), Some("lead_id,stage_before,stage_after,score_before,score_after,moved_by"));
    assert_eq!(movers.lines().count(), 4, "{movers}");
    folder.merit("diff old.merit new.merit --fail-on-moves").ends(2);
    folder.merit("diff old.merit new.merit leads.csv --movers no/such/folder.csv").ends(2).says("D920");
}

#[test]
fn rows_that_cannot_be_read_are_told() {
    let folder = folder("diff-rows");
    folder.write("leads.csv", format!("{LEADS}F,\"12,US\nG,many,US,\n"));
    folder.merit("diff old.merit new.merit leads.csv --events activity.csv").ends(1).is("diff_rows");
    folder.merit("diff old.merit new.merit leads.csv --strict").ends(1).says("D907");
}

#[test]
fn files_of_git() {
    let folder = Folder::new("diff-git");
    folder.write(
        "rules/model.merit",
        format!(
            "use \"shared/icp.merit\"\nlet rivals = lines of \"rivals.txt\"\ndisqualify if company in rivals\n{}",
            OLD.replace("profile icp {\n  size: employees between 50 and 1000\n  country = \"US\"\n}\n", "")
        ),
    );
    folder
        .write("rules/shared/icp.merit", "profile icp { employees between 50 and 1000 }\n")
        .write("rules/rivals.txt", "Acme\n");
    keep(&folder);
    folder
        .write("rules/shared/icp.merit", "profile icp { employees between 20 and 1000 }\n")
        .write("rules/rivals.txt", "Acme\nOther\n");
    folder.merit("diff HEAD:rules/model.merit rules/model.merit").ends(0).is("diff_git");
    folder.merit("diff HEAD:./rules/model.merit HEAD:rules/model.merit").ends(0).says_out("the same text");
    // What is staged; the path as it is from here.
    git(&folder, &["add", "-A"]);
    folder.merit("diff HEAD:rules/model.merit :rules/model.merit").ends(0).says_out("Other");
    let below = |line: &[&str]| {
        let mut command = folder.command(line);
        command.current_dir(folder.path("rules"));
        run(command, "", b"")
    };
    below(&["diff", "HEAD:model.merit", "model.merit"]).ends(0).says_out("Other");
    // A copy, as git difftool hands it over.
    folder.write("copies/left.merit", folder.read("rules/model.merit").replace("score >= 60", "score >= 50"));
    folder.merit("diff --beside rules/model.merit copies/left.merit rules/model.merit").ends(0).is("diff_beside");
    folder.merit("diff copies/left.merit rules/model.merit").ends(1).says("E412");
}

#[test]
fn what_git_cannot_give() {
    let folder = folder("diff-no-git");
    let ceiling = folder.path("..").canonicalize().expect("a folder");
    let outside = |line: &[&str]| {
        let mut command = folder.command(line);
        command.env("GIT_CEILING_DIRECTORIES", &ceiling);
        run(command, "", b"")
    };
    outside(&["diff", "HEAD:old.merit", "old.merit"]).ends(2).says("D928").says("in a folder that git does not keep");
    keep(&folder);
    folder.merit("diff HEDA:old.merit old.merit").ends(2).is("diff_no_revision");
    folder.merit("diff HEAD:olt.merit old.merit").ends(2).is("diff_no_file_at");
    outside(&["diff", "--", "--output=x:old.merit", "old.merit"]).ends(2).says("D928");
    let mut command = folder.command(&["diff", "HEAD:old.merit", "old.merit"]);
    command.env("PATH", "");
    run(command, "", b"").ends(2).says("D928").says("cannot be run");
}

#[test]
fn other_files_that_cannot_be_had() {
    let folder = folder("diff-files");
    folder.merit("diff olt.merit new.merit").ends(2).says("D901").says("did you mean `old.merit`?");
    folder.merit("diff old.merit new.merit laeds.csv").ends(2).says("D901");
    folder.merit("diff - -").ends(2).says("one file only");
    folder.merit_fed("diff old.merit -", new().as_bytes()).ends(0).says_out("renamed: let hot → keen");
    folder.write("wrong.merit", "when a = add 5\n");
    folder.merit("diff old.merit wrong.merit").ends(1).says("wrong.merit");
    folder.write("empty.merit", "");
    folder.merit("diff empty.merit old.merit").ends(0).is("diff_from_nothing");
}

impl Ran {
    /// Standard output holds this.
    #[track_caller]
    fn says_out(&self, words: &str) -> &Ran {
        assert!(self.stdout.contains(words), "{words} is not in\n{}\n{}", self.stdout, self.stderr);
        self
    }
}
