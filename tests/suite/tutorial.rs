//! The tutorial, done as its reader does it: the lines that are typed, the commands, and all that they write.
//!
//! `tests/tutorial/` holds the reader's file after each step. Comments in the page, which no reader sees, say which one is
//! at hand (`the file is now: 2.merit`), which line a mistake stands `in place of`, and how much of what a command writes
//! is shown (`shows: results`, `the last line`, `the beginning`; else all). `MERIT_RENEW=1` writes anew what is shown.

#![cfg(unix)]
#![allow(clippy::expect_used, clippy::panic)] // A test that cannot set up its folder fails.

use std::path::Path;
use std::process::Command;

use super::run_command::Folder;

const PAGE: &str = "docs/tutorial.md";

/// A piece of the page.
enum Piece {
    /// What a comment says.
    Says(String, String),
    /// A fenced block: its language, its lines, and the number of the first.
    Block(String, Vec<String>, usize),
}

fn pieces(page: &str) -> Vec<Piece> {
    let mut out = Vec::new();
    let mut open: Option<(String, Vec<String>, usize)> = None;
    for (number, line) in page.lines().enumerate() {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(language)) => open = Some((language.trim().to_owned(), Vec::new(), number + 1)),
            (Some(_), Some(_)) => {
                let (language, lines, first) = open.take().expect("an open block");
                out.push(Piece::Block(language, lines, first));
            }
            (Some((_, lines, _)), None) => lines.push(line.to_owned()),
            (None, None) => {
                let comment = line.strip_prefix("<!-- ").and_then(|l| l.strip_suffix(" -->"));
                if let Some((what, value)) = comment.and_then(|c| c.split_once(": ")) {
                    out.push(Piece::Says(what.to_owned(), value.to_owned()));
                }
            }
        }
    }
    out
}

/// How the reader's folder looks, and what was typed into the file.
struct Reader {
    folder: Folder,
    /// The file after the last step.
    file: String,
    /// Lines that were to be typed and are not in the file yet.
    typed: Vec<String>,
}

impl Reader {
    /// What a line of the shell writes: results, messages.
    fn shell(&self, line: &str) -> (String, String) {
        let program = Path::new(env!("CARGO_BIN_EXE_merit"));
        let path = format!("{}:{}", program.parent().expect("a folder").display(), std::env::var("PATH").unwrap_or_default());
        let mut command = Command::new("bash");
        command.args(["-c", line]).current_dir(self.folder.path(".")).env("PATH", path).env("NO_COLOR", "1").env_remove("COLUMNS");
        let output = command.output().expect("bash");
        (String::from_utf8_lossy(&output.stdout).into_owned(), String::from_utf8_lossy(&output.stderr).into_owned())
    }

    fn steps_to(&mut self, name: &str) {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tutorial").join(name);
        self.file = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        self.folder.write("lesson.merit", &self.file);
        let bare = folded(&self.file);
        for line in self.typed.drain(..) {
            assert!(bare.contains(&folded(&line)), "{name} lacks a line that the reader types: {line}");
        }
    }
}

/// White space does not matter in what is typed.
fn folded(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What is shown of what was written: no times that differ, no spaces at the ends of lines.
fn shown(written: &str, how_much: &str) -> Vec<String> {
    let mut lines: Vec<String> = written.trim_matches('\n').lines().map(|l| without_seconds(l.trim_end())).collect();
    if how_much == "the last line" {
        lines = lines.split_off(lines.len().saturating_sub(1));
    }
    lines
}

/// `(0.02 s)` is `(0.01 s)`.
fn without_seconds(line: &str) -> String {
    match line.rsplit_once(" (") {
        Some((head, time)) if time.ends_with(" s)") && time.trim_end_matches(" s)").parse::<f64>().is_ok() => format!("{head} (0.01 s)"),
        _ => line.to_owned(),
    }
}

#[test]
fn the_tutorial_shows_what_its_reader_sees() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = std::fs::read_to_string(root.join(PAGE)).expect("the tutorial");
    let mut reader = Reader { folder: Folder::new("tutorial"), file: String::new(), typed: Vec::new() };
    for name in ["leads.csv", "activity.csv"] {
        reader.folder.write(name, std::fs::read(root.join("examples/saas-product-led").join(name)).expect("the example"));
    }
    // What the next block of text must say: lines, where the block stands, and whether they are all.
    let mut wanted: Option<(Vec<String>, bool)> = None;
    let mut how_much = String::new();
    let mut in_place_of: Option<String> = None;
    let mut changed: Vec<(usize, usize, Vec<String>)> = Vec::new();
    let mut wrong = Vec::new();
    let (mut commands, mut compared) = (0, 0);
    for piece in pieces(&page) {
        match piece {
            Piece::Says(what, value) => match what.as_str() {
                "the file is now" => reader.steps_to(&value),
                "shows" => how_much = value,
                "in place of" => in_place_of = Some(value),
                _ => {}
            },
            Piece::Block(language, lines, first) => match language.as_str() {
                "merit" => {
                    // A block that shows the file as it is types nothing new.
                    let bare = folded(&reader.file);
                    reader.typed.extend(lines.into_iter().filter(|l| !l.trim().is_empty() && l.trim() != "}" && !bare.contains(&folded(l))));
                }
                "sh" if lines.iter().any(|l| l.starts_with("alias ")) => {}
                "sh" => {
                    commands += 1;
                    let (results, messages) = reader.shell(&lines.join("\n"));
                    let what = std::mem::take(&mut how_much);
                    let written = match what.as_str() {
                        "results" => results,
                        "the last line" => messages,
                        _ => results + &messages,
                    };
                    wanted = Some((shown(&written, &what), what != "the beginning"));
                    reader.folder.write("lesson.merit", &reader.file);
                }
                "merit-wrong" | "text" if in_place_of.is_some() => {
                    let old = in_place_of.take().expect("a line");
                    assert!(reader.file.contains(&old), "{PAGE}:{first}: the file has no `{old}`");
                    reader.folder.write("lesson.merit", reader.file.replacen(&old, &lines.join("\n"), 1));
                    if how_much.is_empty() && !page.lines().skip(first + lines.len()).take(6).any(|l| l.starts_with("<!-- shows: the beginning")) {
                        let (results, messages) = reader.shell("merit check lesson.merit");
                        wanted = Some((shown(&(messages + &results), ""), true));
                        reader.folder.write("lesson.merit", &reader.file);
                    }
                }
                "text" => {
                    // Lines that are no model by themselves, to be typed.
                    let Some((wanted, is_all)) = wanted.take() else {
                        reader.typed.extend(lines);
                        continue;
                    };
                    compared += 1;
                    let same = if is_all { lines == wanted } else { wanted.starts_with(&lines) };
                    if !same {
                        let new = if is_all { wanted } else { wanted.into_iter().take(lines.len()).collect() };
                        wrong.push(format!("{PAGE}:{first}: shown\n{}\nand is now\n{}", lines.join("\n"), new.join("\n")));
                        changed.push((first, lines.len(), new));
                    }
                }
                other => panic!("{PAGE}:{first}: nothing runs a block `{other}`"),
            },
        }
    }
    assert!(reader.typed.is_empty(), "typed, and in no later file: {:?}", reader.typed);
    assert!(commands >= 20 && compared >= 25, "only {commands} commands and {compared} blocks");
    if std::env::var_os("MERIT_RENEW").is_some() && !changed.is_empty() {
        let mut all: Vec<String> = page.lines().map(str::to_owned).collect();
        for (first, count, new) in changed.into_iter().rev() {
            all.splice(first..first + count, new);
        }
        std::fs::write(root.join(PAGE), all.join("\n") + "\n").expect("the tutorial");
        return;
    }
    assert!(wrong.is_empty(), "MERIT_RENEW=1 writes anew what is shown\n{}", wrong.join("\n\n"));
}
