//! What the pages show is what the program does: the fenced blocks of a page are replayed in order, in a folder of its own.
//!
//! The first word behind a fence says what a block is. `merit` and `merit-wrong` are models, see `docs.rs`. `console` holds commands
//! behind `$ `, each with all that it writes; a line `…` stands for lines that are left out. `json` without a file is what the command
//! above wrote, laid out for reading. `sh` are commands that must succeed.
//!
//! A second word is a file, which holds the block from here on: `csv tiers.csv`. Words behind it change a file that is there:
//! `end`, `above LINE`, `below LINE`, `instead of LINE` (with its braces) take the beginning of a line; `change` puts each line in
//! place of the one with the same first two words; `now` shows the file as it has become. What a `merit-wrong` block does to a file is
//! undone behind the next `console`.
//!
//! `MERIT_RENEW=1` writes what commands show anew, with as many lines before and behind a `…` as were there.

#![allow(clippy::expect_used, clippy::panic)] // A test that cannot set up its folder fails.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value as Json;

use super::docs::{Block, divide, pages, root};
use super::run_command::{Folder, without_time};

/// Blocks that only show something: the page, what stands behind the fence, and how many of them there are.
const ONLY_SHOWN: [(&str, &str, usize); 5] = [
    ("ARCHITECTURE.md", "text", 1),   // the picture
    ("CONTRIBUTING.md", "text", 1),   // a message to learn from
    ("docs/sql.md", "python", 1),     // what somebody types to DuckDB
    ("docs/diff.md", "yaml", 1),      // what a service that builds reads
    ("docs/reference.md", "text", 1), // the shape of a rule, with words in place of parts
];

/// Commands that build Merit, and are not run by its own tests.
const NOT_RUN: [&str; 3] = ["cargo run ", "cargo install ", "./check"];

#[test]
fn every_block_is_run_or_on_the_list() {
    let mut unknown = Vec::new();
    for (page, text) in pages() {
        for block in divide(&text).0 {
            let is_run =
                matches!(&*block.language, "merit" | "merit-wrong" | "console" | "sh" | "json") || block.file.is_some();
            let is_shown = ONLY_SHOWN.iter().any(|(p, l, _)| *p == page && *l == block.language);
            if !is_run && !is_shown {
                unknown.push(format!("{page}:{}: nothing runs a block `{}`", block.line, block.language));
            }
        }
    }
    for (page, language, count) in ONLY_SHOWN {
        let there = pages()
            .get(page)
            .map_or(0, |text| divide(text).0.iter().filter(|b| b.language == language && b.file.is_none()).count());
        if there != count {
            unknown.push(format!(
                "{page} has {there} blocks `{language}` that are only shown, and {count} are on the list"
            ));
        }
    }
    assert!(unknown.is_empty(), "{}", unknown.join("\n"));
}

#[cfg(unix)]
#[test]
fn the_pages_show_what_the_program_writes() {
    let renew = std::env::var_os("MERIT_RENEW").is_some();
    let (mut commands, mut wrong) = (0, Vec::new());
    for (page, text) in pages() {
        let mut replay = Replay::new(&page);
        let renewed = replay.page(&text);
        commands += replay.commands;
        if renew && renewed != text {
            fs::write(root().join(&page), renewed).expect("the page is written");
        }
        wrong.extend(
            replay
                .wrong
                .into_iter()
                .filter(|w| !renew || !w.can_be_renewed)
                .map(|w| format!("{page}:{}: {}", w.line, w.what)),
        );
    }
    assert!(wrong.is_empty(), "{}\n\nMERIT_RENEW=1 writes anew what commands show", wrong.join("\n"));
    assert!(commands >= 40, "only {commands} commands were found");
}

struct Wrong {
    line: usize,
    what: String,
    can_be_renewed: bool,
}

/// One page on its way.
struct Replay {
    folder: Folder,
    /// Where in it commands are run; `cd` moves it.
    at: PathBuf,
    /// A file that a slip has changed, and what it held.
    slip: Option<(PathBuf, String)>,
    /// What the last command wrote.
    output: String,
    commands: usize,
    wrong: Vec<Wrong>,
}

#[cfg(unix)]
impl Replay {
    fn new(page: &str) -> Replay {
        let folder = Folder::new(&format!("page-{}", page.replace(['/', '.'], "-")));
        std::os::unix::fs::symlink(root().join("examples"), folder.path("examples")).expect("a link");
        // The page of an example stands beside its files.
        let at = if page.starts_with("examples/") {
            Path::new(page).parent().expect("a folder").to_owned()
        } else {
            PathBuf::new()
        };
        Replay { folder, at, slip: None, output: String::new(), commands: 0, wrong: Vec::new() }
    }

    /// Replays a page, and gives it back with what its commands write.
    fn page(&mut self, text: &str) -> String {
        let blocks = divide(text).0;
        let mut lines: Vec<&str> = text.split('\n').collect();
        let mut renewed: Vec<(usize, usize, String)> = Vec::new();
        for (i, block) in blocks.iter().enumerate() {
            let is_laid_out = blocks.get(i + 1).is_some_and(|next| next.language == "json" && next.file.is_none());
            let shown = match (&*block.language, &block.file) {
                ("console", _) => self.console(block, is_laid_out),
                ("json", None) => self.json(block),
                ("sh", _) => {
                    self.must_succeed(block);
                    continue;
                }
                (_, Some(file)) => self.file(block, file),
                _ => continue,
            };
            if shown != block.text {
                renewed.push((block.line, block.text.lines().count(), shown));
            }
        }
        for (fence, count, shown) in renewed.iter().rev() {
            lines.splice(*fence..fence + count, shown.trim_end_matches('\n').split('\n'));
        }
        lines.join("\n")
    }

    /// A file where commands are run.
    fn path(&self, name: &str) -> PathBuf {
        self.folder.path("").join(&self.at).join(name)
    }

    fn is_wrong(&mut self, block: &Block, can_be_renewed: bool, what: String) {
        self.wrong.push(Wrong { line: block.line, what, can_be_renewed });
    }

    /// Runs one command as in a terminal, where results are a table. Both streams, and whether it succeeded.
    fn run(&mut self, command: &str) -> (String, bool) {
        if let Some(folder) = command.strip_prefix("cd ") {
            self.at.push(folder);
            return (String::new(), self.path("").is_dir());
        }
        self.commands += 1;
        let says_where = [" --format", " --output", " | ", " > "].iter().any(|w| command.contains(w));
        let command = if command.starts_with("merit run ") && !says_where {
            format!("{command} --format table")
        } else {
            command.to_owned()
        };
        let programs = Path::new(env!("CARGO_BIN_EXE_merit")).parent().expect("a folder");
        let path = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap_or_default());
        let mut shell = Command::new("sh");
        shell
            .args(["-c", &format!("{{ {command}; }} 2>&1")])
            .current_dir(self.path(""))
            .stdin(Stdio::null())
            .env("PATH", path);
        for name in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "COLUMNS", "FORCE_COLOR"] {
            shell.env_remove(name);
        }
        let ran = shell.output().expect("a shell");
        // A time is never the same twice.
        let text = without_time(&String::from_utf8(ran.stdout).expect("UTF-8")).replace("(… s)", "(0.01 s)");
        (text.lines().map(|l| format!("{}\n", l.trim_end())).collect(), ran.status.success())
    }

    fn console(&mut self, block: &Block, is_laid_out: bool) -> String {
        let mut out = String::new();
        if !block.text.starts_with("$ ") {
            self.is_wrong(block, false, "a block `console` begins with a command behind `$ `".to_owned());
        }
        for part in block.text.split_inclusive('\n').fold(Vec::<String>::new(), by_command) {
            let (command, shown) = part.split_once('\n').unwrap_or((&part, ""));
            let command = command.trim_start_matches("$ ");
            (self.output, _) = self.run(command);
            let got = self.output.trim_matches('\n').to_owned();
            writeln!(out, "$ {command}").expect("a text");
            if is_laid_out {
                continue;
            }
            if fits(shown.trim_end(), &got) {
                out.push_str(shown);
                continue;
            }
            let renewed = like(shown, &got);
            let can_be_renewed = renewed.is_some();
            self.is_wrong(block, can_be_renewed, format!("`{command}` is shown with\n{shown}\nand writes\n{got}\n"));
            out.push_str(&renewed.unwrap_or_else(|| shown.to_owned()));
        }
        if let Some((path, text)) = self.slip.take() {
            fs::write(path, text).expect("a file");
        }
        out
    }

    fn json(&mut self, block: &Block) -> String {
        let got: Result<Json, _> = serde_json::from_str(&self.output);
        let Ok(got) = got else {
            self.is_wrong(block, false, format!("the command above writes no JSON:\n{}", self.output));
            return block.text.clone();
        };
        if serde_json::from_str::<Json>(&block.text).is_ok_and(|shown| shown == got) {
            return block.text.clone();
        }
        let laid_out = format!("{}\n", laid_out(&got));
        self.is_wrong(block, true, format!("this is shown:\n{}\nand this is written:\n{laid_out}", block.text));
        laid_out
    }

    fn must_succeed(&mut self, block: &Block) {
        for command in block.text.lines().filter(|c| !NOT_RUN.iter().any(|n| c.starts_with(n))) {
            let (output, is_fine) = self.run(command);
            if !is_fine {
                self.is_wrong(block, false, format!("`{command}` fails:\n{output}"));
            }
        }
    }

    fn file(&mut self, block: &Block, name: &str) -> String {
        let path = self.path(name);
        if block.language == "sql" {
            let done = rusqlite::Connection::open(&path).and_then(|db| db.execute_batch(&block.text));
            if let Err(error) = done {
                self.is_wrong(block, false, format!("{name}: {error}"));
            }
            return block.text.clone();
        }
        let before = fs::read_to_string(&path).ok();
        let text = match (&before, &*block.edit) {
            (_, "") => block.text.clone(),
            (Some(text), "now") => {
                let filled =
                    |text: &str| text.lines().filter(|l| !l.trim().is_empty()).map(str::to_owned).collect::<Vec<_>>();
                if filled(text) != filled(&block.text) {
                    self.is_wrong(block, true, format!("{name} has become\n{text}"));
                    return text.clone();
                }
                return block.text.clone();
            }
            (Some(text), edit) => match edited(text, edit, &block.text) {
                Ok(text) => text,
                Err(why) => {
                    self.is_wrong(block, false, why);
                    return block.text.clone();
                }
            },
            (None, _) => {
                self.is_wrong(block, false, format!("there is no {name} yet"));
                return block.text.clone();
            }
        };
        if let (Some(before), "merit-wrong") = (before, &*block.language) {
            self.slip = Some((path.clone(), before));
        }
        fs::write(path, text).expect("a file");
        block.text.clone()
    }
}

/// Puts a line to the command that it belongs to.
fn by_command(mut parts: Vec<String>, line: &str) -> Vec<String> {
    match parts.last_mut() {
        Some(last) if !line.starts_with("$ ") => last.push_str(line),
        _ => parts.push(line.to_owned()),
    }
    parts
}

/// A file after a change, see above.
fn edited(text: &str, edit: &str, new: &str) -> Result<String, String> {
    let mut lines: Vec<&str> = text.lines().collect();
    let find = |lines: &[&str], start: &str| {
        let mut found = lines.iter().enumerate().filter(|(_, l)| l.trim_start().starts_with(start)).map(|(i, _)| i);
        match (found.next(), found.next()) {
            (Some(one), None) => Ok(one),
            (None, _) => Err(format!("no line begins with `{start}`")),
            (Some(_), Some(_)) => Err(format!("several lines begin with `{start}`")),
        }
    };
    if edit == "end" {
        return Ok(format!("{text}{}{new}", if text.is_empty() { "" } else { "\n" }));
    } else if edit == "change" {
        for line in new.lines().filter(|l| !l.trim().is_empty()) {
            let words: Vec<&str> = line.split_whitespace().take(2).collect();
            let place = find(&lines, &words.join(" "))?;
            lines[place] = line;
        }
    } else if let Some(start) = edit.strip_prefix("above ") {
        let place = find(&lines, start)?;
        lines.splice(place..place, new.lines());
    } else if let Some(start) = edit.strip_prefix("below ") {
        let place = find(&lines, start)? + 1;
        lines.splice(place..place, new.lines());
    } else if let Some(start) = edit.strip_prefix("instead of ") {
        let place = find(&lines, start)?;
        let mut depth = 0;
        let is_last = |line: &&str| {
            depth += line.matches('{').count();
            depth -= line.matches('}').count();
            depth == 0
        };
        let count = lines[place..].iter().position(is_last).ok_or("a brace is never closed")? + 1;
        lines.splice(place..place + count, new.lines());
    } else {
        return Err(format!("`{edit}` is no way to change a file"));
    }
    Ok(lines.join("\n") + "\n")
}

/// Whether an output is what is shown, where `…` stands for any lines.
fn fits(shown: &str, got: &str) -> bool {
    let times = |text: &str| without_time(text);
    let (shown, got) = (times(shown), times(got));
    let got: Vec<&str> = got.lines().collect();
    let lines: Vec<&str> = shown.lines().map(str::trim_end).collect();
    let parts: Vec<&[&str]> = lines.split(|l| *l == "…").collect();
    let [first, middle @ .., last] = parts.as_slice() else { return lines == got };
    let Some(mut rest) = got.strip_prefix(*first).and_then(|r| r.strip_suffix(*last)) else { return false };
    for part in middle.iter().filter(|p| !p.is_empty()) {
        let Some(place) = rest.windows(part.len()).position(|w| w == *part) else { return false };
        rest = &rest[place + part.len()..];
    }
    true
}

/// An output cut as the one that is shown. `None` where several `…` leave open what to show.
fn like(shown: &str, got: &str) -> Option<String> {
    let lines: Vec<&str> = shown.trim_end().lines().collect();
    let parts: Vec<&[&str]> = lines.split(|l| *l == "…").collect();
    let all: Vec<&str> = got.lines().collect();
    let kept = match parts.as_slice() {
        [first, last] if first.len() + last.len() < all.len() => {
            [&all[..first.len()], &["…"], &all[all.len() - last.len()..]].concat()
        }
        [_] | [_, _] => all,
        _ => return None,
    };
    Some(kept.iter().map(|l| format!("{l}\n")).collect::<String>() + if shown.ends_with("\n\n") { "\n" } else { "" })
}

/// JSON for reading: what fits into a line stands in one.
fn laid_out(value: &Json) -> String {
    fn write(value: &Json, indent: usize, out: &mut String) {
        let flat = flat(value);
        let parts: Vec<(String, &Json)> = match value {
            Json::Object(map) => map.iter().map(|(k, v)| (format!("{}: ", Json::from(k.as_str())), v)).collect(),
            Json::Array(items) => items.iter().map(|v| (String::new(), v)).collect(),
            _ => Vec::new(),
        };
        if parts.is_empty() || (indent > 0 && indent + flat.chars().count() <= 110) {
            out.push_str(&flat);
            return;
        }
        let (open, close) = if value.is_object() { ('{', '}') } else { ('[', ']') };
        out.push(open);
        for (i, (key, part)) in parts.iter().enumerate() {
            write!(out, "{}\n{}{key}", if i == 0 { "" } else { "," }, " ".repeat(indent + 2)).expect("a text");
            write(part, indent + 2, out);
        }
        write!(out, "\n{}{close}", " ".repeat(indent)).expect("a text");
    }
    fn flat(value: &Json) -> String {
        match value {
            Json::Object(map) if !map.is_empty() => {
                format!(
                    "{{ {} }}",
                    map.iter()
                        .map(|(k, v)| format!("{}: {}", Json::from(k.as_str()), flat(v)))
                        .collect::<Vec<_>>()
                        .join(", ")
                )
            }
            Json::Array(items) => format!("[{}]", items.iter().map(flat).collect::<Vec<_>>().join(", ")),
            value => value.to_string(),
        }
    }
    let mut out = String::new();
    write(value, 0, &mut out);
    out
}

/// The keys of what commands write. What stands below a key that holds names of the model is no key.
fn keys(value: &Json, found: &mut std::collections::BTreeSet<String>) {
    match value {
        Json::Object(map) => {
            for (key, value) in map {
                found.insert(key.clone());
                let holds_names = matches!(key.as_str(), "scores") || (key == "labels" && value.is_object());
                if !holds_names {
                    keys(value, found);
                }
            }
        }
        Json::Array(items) => items.iter().for_each(|item| keys(item, found)),
        _ => {}
    }
}

#[test]
fn the_page_on_json_names_every_key() {
    let page = &pages()["docs/json.md"];
    let folder = Folder::new("keys");
    let examples = [
        ("saas-product-led", "2025-09-30", "P-103,P-104,P-105,P-108"),
        ("agency-inbound", "2025-06-30", "F-201,F-204,F-206,F-208"),
        ("manufacturing-trade-shows", "2025-11-28", "H-01,H-03,H-07"),
    ];
    let mut lines: Vec<(&str, String)> = Vec::new();
    for (name, as_of, leads) in examples {
        let place = root().join("examples").join(name).display().to_string();
        let data = format!("{place}/model.merit {place}/leads.csv --events {place}/activity.csv --as-of {as_of}");
        lines.push(("merit explain", format!("explain {data} --lead {leads} --format json")));
        lines.push(("merit run", format!("run {data} --format jsonl")));
        lines.push(("merit report", format!("report {data} --by country --format json")));
        lines.push(("merit diff", format!("diff other.merit {data} --format json")));
        lines.push(("merit test", format!("test {place}/model.merit --format json")));
        lines.push(("merit fields", format!("fields {place}/model.merit --format json")));
        lines.push(("Messages", format!("run {data} --diagnostics json --columns lead_id")));
    }
    folder
        .write("m.merit", "when fit(icp) add 5\nwhen a > b < c add 5\ntest \"t\" { lead { a: 1 } expect score = 5 }\n");
    folder
        .write("n.merit", "use \"m2.merit\"\nwhen a = 1 add 5\ntest \"t\" { lead { a: 1 } expect score = 9 }\n")
        .write("m2.merit", "when b = 1 add 5\n");
    folder
        .write("leads.csv", "id,a,b\n1,1,1\n2\n")
        .write("other.merit", "label next_step { \"None\" if score >= 0 }\nmql if score >= 1000\n");
    lines.push(("Messages", "check m.merit --diagnostics json".to_owned()));
    lines.push(("merit test", "test n.merit --format json".to_owned()));
    lines.push(("merit run", "run n.merit leads.csv --format jsonl".to_owned()));
    lines.push(("merit report", "report n.merit leads.csv --format json".to_owned()));
    let mut unnamed = Vec::new();
    for (heading, line) in lines {
        let ran = folder.merit(&line);
        let part = page
            .split(&format!("\n## {heading}\n"))
            .nth(1)
            .and_then(|p| p.split("\n## ").next())
            .expect("a part of the page");
        let rows: String = divide(part).1.lines().filter(|l| l.starts_with('|') || l.contains("gives only")).collect();
        let text = if heading == "Messages" { &ran.stderr } else { &ran.stdout };
        let mut found = std::collections::BTreeSet::new();
        let objects = serde_json::Deserializer::from_str(text).into_iter::<Json>();
        objects.for_each(|object| keys(&object.unwrap_or_else(|e| panic!("{line}: {e}\n{text}")), &mut found));
        assert!(!found.is_empty(), "{line} writes nothing: {}", ran.stderr);
        unnamed.extend(
            found
                .into_iter()
                .filter(|key| !rows.contains(&format!("`{key}`")))
                .map(|key| format!("{heading}: `{key}`")),
        );
    }
    assert!(unnamed.is_empty(), "docs/json.md does not name {}", unnamed.join(", "));
}
