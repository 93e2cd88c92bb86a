//! The documents hold: every example in them is run, every link leads somewhere, every list of names is complete.
//!
//! A fenced block `merit` is a model that must be fine and whose tests must pass; `merit-wrong` must give an error. A second
//! word behind either, or behind any other language, is a file name: later blocks of the same page may `use` that file. What else
//! is done with the blocks of a page stands in `replay.rs`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use merit::builtins::FUNCTIONS;
use merit::check::{Checked, Files, check};
use merit::diagnostic::Code;
use merit::source::{FileProblem, Source};
use merit::time::read_iso;

/// Tests in the documents that name no date are run as of this one.
const AS_OF: &str = "2025-06-30";

/// The list of codes in `docs/README.md` stands between these lines. `MERIT_RENEW=1` writes it anew.
const CODES: (&str, &str) =
    ("<!-- codes: this list is written by the tests, MERIT_RENEW=1 renews it -->", "<!-- end of codes -->");

pub(super) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
}

/// All Markdown files at the top, under `docs/` and under `examples/`, by their paths from the top.
pub(super) fn pages() -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut folders = vec![PathBuf::from("docs"), PathBuf::from("examples")];
    let mut files: Vec<PathBuf> = entries(Path::new(""));
    while let Some(folder) = folders.pop() {
        for path in entries(&folder) {
            if root().join(&path).is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    for path in files.into_iter().filter(|p| p.extension().is_some_and(|e| e == "md")) {
        let name = path.to_string_lossy().replace('\\', "/");
        let text = read(&name);
        found.insert(name, text);
    }
    found
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let full = root().join(folder);
    fs::read_dir(&full)
        .unwrap_or_else(|e| panic!("{}: {e}", full.display()))
        .map(|f| folder.join(f.expect("an entry").file_name()))
        .collect()
}

/// A fenced block of a page.
pub(super) struct Block {
    /// The line of its first fence, from 1.
    pub line: usize,
    pub language: String,
    /// The file that it stands for, if it says one.
    pub file: Option<String>,
    /// How it changes that file; empty where it is the whole file.
    pub edit: String,
    pub text: String,
}

/// The fenced blocks of a page, and the page without them.
pub(super) fn divide(page: &str) -> (Vec<Block>, String) {
    let (mut blocks, mut prose): (Vec<Block>, String) = (Vec::new(), String::new());
    let mut fence: Option<usize> = None;
    for (number, line) in page.lines().enumerate() {
        let ticks = line.trim_start().bytes().take_while(|&b| b == b'`').count();
        match fence {
            None if ticks >= 3 => {
                let mut words = line.trim_start()[ticks..].split_whitespace().map(str::to_owned);
                let (language, file) = (words.next().unwrap_or_default(), words.next());
                let edit = words.collect::<Vec<_>>().join(" ");
                blocks.push(Block { line: number + 1, language, file, edit, text: String::new() });
                fence = Some(ticks);
            }
            None => prose.push_str(line),
            Some(open) if ticks >= open && line.trim().bytes().all(|b| b == b'`') => fence = None,
            Some(_) => {
                let block = blocks.last_mut().expect("a block is open");
                block.text.push_str(line);
                block.text.push('\n');
            }
        }
        prose.push('\n');
    }
    (blocks, prose)
}

/// The files of one page.
#[derive(Default)]
struct Beside(BTreeMap<String, String>);

impl Files for Beside {
    fn read(&self, _from: &str, path: &str) -> Result<(String, String), FileProblem> {
        self.0.get(path).map(|text| (path.to_owned(), text.clone())).ok_or(FileProblem::NotFound)
    }
}

fn messages(checked: &Checked) -> String {
    checked.diagnostics.iter().map(|d| format!("  {} {}\n", d.code, d.message)).collect()
}

#[test]
fn every_example_is_run() {
    let now = read_iso(AS_OF).expect("a date");
    let (mut models, mut tests) = (0, 0);
    let mut wrong = Vec::new();
    for (page, text) in pages() {
        let is_of_lint = page.starts_with("docs/errors/L");
        let mut beside = Beside::default();
        for block in divide(&text).0.into_iter().filter(|b| matches!(&*b.edit, "" | "now")) {
            let place = format!("{page}:{}", block.line);
            if matches!(&*block.language, "merit" | "merit-wrong") {
                models += 1;
                let checked = check(Source::new(block.file.as_deref().unwrap_or("model.merit"), &*block.text), &beside);
                if block.language == "merit-wrong" {
                    let told = checked.diagnostics.iter().any(|d| d.is_error() || is_of_lint);
                    if !told {
                        wrong.push(format!("{place}: nothing is found wrong with\n{}", block.text));
                    }
                } else if let Some(model) = &checked.model {
                    for result in merit::testing::run(model, model.as_of(now)) {
                        tests += 1;
                        for (span, unknown) in &result.failed {
                            let line =
                                block.line + checked.sources.of(*span).map_or(0, |s| s.line_column(span.start).0);
                            let why = if *unknown { "is not known" } else { "does not hold" };
                            wrong.push(format!(
                                "{page}:{line}: \"{}\": `{}` {why}",
                                result.test.name,
                                checked.sources.phrase(*span)
                            ));
                        }
                    }
                } else {
                    wrong.push(format!("{place}: the model is refused\n{}", messages(&checked)));
                }
            }
            if let Some(file) = block.file {
                beside.0.insert(file, block.text);
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(models >= 40 && tests >= 40, "only {models} models and {tests} tests were found");
}

/// The targets of the links of a page, outside of code.
fn links(prose: &str) -> Vec<String> {
    let mut found = Vec::new();
    for line in prose.lines() {
        // What stands between backticks is no link.
        let text: String = line.split('`').step_by(2).collect::<Vec<_>>().join("`");
        for rest in text.split("](").skip(1) {
            if let Some((target, _)) = rest.split_once(')') {
                found.push(target.to_owned());
            }
        }
    }
    found
}

/// The anchors of a page, one for each heading.
fn anchors(prose: &str) -> BTreeSet<String> {
    let headings = prose.lines().filter(|l| l.starts_with('#')).map(|l| l.trim_start_matches('#').trim());
    let slug = |heading: &str| -> String {
        let kept = heading
            .to_lowercase()
            .chars()
            .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
            .collect::<String>();
        kept.replace(' ', "-")
    };
    headings.map(slug).collect()
}

#[test]
fn links_lead_somewhere() {
    let pages = pages();
    let mut broken = Vec::new();
    for (page, text) in &pages {
        let (_, prose) = divide(text);
        for link in links(&prose).into_iter().filter(|l| !l.contains("://") && !l.starts_with("mailto:")) {
            let (path, anchor) = link.split_once('#').map_or((&*link, None), |(p, a)| (p, Some(a)));
            let target = if path.is_empty() {
                root().join(page)
            } else {
                root().join(page).parent().expect("a folder").join(path)
            };
            if !target.exists() {
                broken.push(format!("{page}: there is no `{link}`"));
            } else if let Some(anchor) = anchor
                && target.is_file()
                && !anchors(&divide(&fs::read_to_string(&target).expect("a page")).1).contains(anchor)
            {
                broken.push(format!("{page}: there is no heading for `{link}`"));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

/// The codes with their pages, a list for each block.
fn list_of_codes() -> String {
    let titles = [
        ("E1", "Syntax"),
        ("E2", "Names"),
        ("E3", "Types"),
        ("E4", "Meaning"),
        ("L5", "Lints"),
        ("T6", "Tests"),
        ("R7", "The session"),
        ("D9", "Data"),
    ];
    let mut blocks: Vec<&str> = Code::ALL.iter().filter_map(|c| c.name().get(..2)).collect();
    blocks.dedup();
    let mut out = String::new();
    for prefix in blocks {
        let title = titles.iter().find(|(p, _)| *p == prefix).map_or("Others", |(_, title)| title);
        out.push_str(&format!("\n### {title}: {prefix}xx\n\n"));
        for code in Code::ALL.iter().filter(|c| c.name().starts_with(prefix)) {
            out.push_str(&format!("- [{code}](errors/{code}.md) {}\n", code.title()));
        }
    }
    out
}

#[test]
fn the_index_names_every_page() {
    let index = read("docs/README.md");
    let (before, rest) = index.split_once(CODES.0).expect("the line before the list of codes");
    let (list, after) = rest.split_once(CODES.1).expect("the line behind the list of codes");
    let wanted = format!("\n{}\n", list_of_codes());
    if list != wanted {
        assert!(
            std::env::var_os("MERIT_RENEW").is_some(),
            "docs/README.md does not list the codes as they are; MERIT_RENEW=1 renews it"
        );
        fs::write(root().join("docs/README.md"), format!("{before}{}{wanted}{}{after}", CODES.0, CODES.1))
            .expect("docs/README.md is written");
    }
    for page in pages()
        .keys()
        .filter_map(|p| p.strip_prefix("docs/"))
        .filter(|p| *p != "README.md" && !p.starts_with("errors/"))
    {
        assert!(index.contains(&format!("]({page})")), "docs/README.md does not name {page}");
    }
}

#[test]
fn every_page_on_a_code_has_its_code() {
    for name in entries(Path::new("docs/errors")) {
        let stem = name.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        assert!(Code::by_name(&stem).is_some(), "{} is the page of no code", name.display());
    }
}

/// The words in backticks of a part of a page.
fn in_backticks(text: &str) -> BTreeSet<String> {
    text.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

#[test]
fn the_reference_lists_the_reserved_words() {
    let reference = read("docs/reference.md");
    let part = reference
        .split("### Reserved words")
        .nth(1)
        .and_then(|r| r.split("\n### ").next())
        .expect("a part on reserved words");
    let table: String = part.lines().filter(|l| l.starts_with('|')).collect();
    let words: BTreeSet<String> = merit::reserved::RESERVED.iter().map(|w| (*w).to_owned()).collect();
    assert_eq!(in_backticks(&table), words);
}

#[test]
fn the_reference_shows_every_function_and_statement() {
    let reference = read("docs/reference.md");
    let functions = [
        "fit",
        "domain",
        "length",
        "min",
        "max",
        "abs",
        "round",
        "floor",
        "days_since",
        "count",
        "sum",
        "latest",
        "earliest",
        "lookup",
        "fired",
        "review",
    ];
    for function in functions {
        assert!(reference.contains(&format!("`{function}(")), "docs/reference.md does not show `{function}(…)`");
    }
    let examples: String = divide(&reference).0.into_iter().filter(|b| b.language == "merit").map(|b| b.text).collect();
    for statement in merit::reserved::STATEMENTS {
        assert!(examples.contains(&format!("{statement} ")), "docs/reference.md has no example with `{statement}`");
    }
}

/// What may follow the points of a rule, by its rule of the grammar, as it begins.
const MODIFIERS: [(&str, &str); 9] = [
    ("each_time", "each time"),
    ("per_distinct", "per distinct"),
    ("per_silence", "per D of silence"),
    ("per_since", "per D since"),
    ("per_activity", "per ACTIVITY"),
    ("rate", "at most N times every D"),
    ("ageing", "halving every D"),
    ("up_to", "up to M"),
    ("because", "because"),
];

#[test]
fn the_reference_shows_every_modifier() {
    let grammar = read("grammar/merit.pest");
    let rule =
        grammar.split("\nmodifier ").nth(1).and_then(|rest| rest.split('}').next()).expect("the rule `modifier`");
    let words = |c: char| !(c.is_ascii_lowercase() || c == '_');
    let in_grammar: BTreeSet<&str> =
        rule.split(words).filter(|w| !w.is_empty() && *w != "_" && !w.starts_with("slip_")).collect();
    assert_eq!(in_grammar, MODIFIERS.iter().map(|(rule, _)| *rule).collect());
    let reference = in_backticks(&read("docs/reference.md"));
    for (rule, begins) in MODIFIERS {
        assert!(
            reference.iter().any(|shown| shown.starts_with(begins)),
            "docs/reference.md does not show `{begins}` ({rule})"
        );
        let word = begins.split(' ').next().expect("a word");
        let is_told_apart = ["at", "because"].contains(&word);
        assert!(
            is_told_apart || merit::reserved::MODIFIERS.contains(&word),
            "`{word}` is not in `reserved::MODIFIERS`"
        );
    }
}

#[test]
fn every_dependency_has_its_reason() {
    let manifest = read("Cargo.toml");
    let reasons = read("docs/design/dependencies.md");
    let mut is_inside = false;
    for line in manifest.lines() {
        if line.starts_with('[') {
            is_inside = matches!(line, "[dependencies]" | "[dev-dependencies]");
        } else if let Some((name, _)) = line.split_once('=').filter(|_| is_inside) {
            assert!(
                reasons.contains(&format!("`{}`", name.trim())),
                "docs/design/dependencies.md says nothing of {}",
                name.trim()
            );
        }
    }
}

#[test]
fn the_architecture_names_every_room() {
    let architecture = read("ARCHITECTURE.md");
    let lines = architecture.lines().count();
    assert!(lines <= 150, "ARCHITECTURE.md has {lines} lines, and at most 150 are read");
    let mut rooms: Vec<String> = Vec::new();
    for line in read("src/lib.rs").lines() {
        let line = line.trim();
        let module = ["pub mod ", "pub(crate) mod ", "mod "].iter().find_map(|start| line.strip_prefix(start));
        if let Some(module) = module.and_then(|m| m.strip_suffix(';')) {
            let is_folder = root().join("src").join(module).is_dir();
            rooms.push(if is_folder { format!("`{module}/`") } else { format!("`{module}.rs`") });
        }
    }
    for top in ["src", "grammar", "tests", "docs", "examples"] {
        rooms.push(format!("`{top}/`"));
        for entry in entries(Path::new(top)) {
            let name = entry.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if root().join(&entry).is_dir() && top != "examples" {
                rooms.push(format!("`{name}/`"));
            }
        }
    }
    let unnamed: Vec<String> = rooms.into_iter().filter(|r| !architecture.contains(r.as_str())).collect();
    assert!(unnamed.is_empty(), "ARCHITECTURE.md does not name {}", unnamed.join(", "));
}

/// The Rust files of a folder of `src/`, or one file of it, by their paths.
fn sources(under: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut open = vec![Path::new("src").join(under)];
    while let Some(path) = open.pop() {
        if root().join(&path).is_dir() {
            open.extend(entries(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            let name = path.to_string_lossy().replace('\\', "/");
            let text = read(&name);
            found.push((name, text));
        }
    }
    found
}

/// The reference's table of functions is the rows, in their order; whether a profile fits stands among the conditions.
#[test]
fn the_functions_of_the_reference_are_the_rows() {
    let reference = std::fs::read_to_string(root().join("docs/reference.md")).expect("the reference");
    let table = reference.split("| function | gives |\n| --- | --- |\n").nth(1).expect("the table of functions");
    let told: Vec<&str> = table.lines().take_while(|l| l.starts_with('|')).collect();
    let (conditions, functions): (Vec<_>, Vec<_>) =
        FUNCTIONS.iter().partition(|f| matches!(f.kind, merit::builtins::Kind::Profile));
    assert_eq!(told, functions.iter().map(|f| f.line()).collect::<Vec<_>>());
    for condition in conditions {
        assert!(reference.lines().any(|l| l == condition.line()), "{}", condition.line());
    }
    // An example is a call of the function.
    for function in FUNCTIONS {
        assert!(function.example.starts_with(&format!("{}(", function.name)), "{}", function.example);
    }
}

/// The lines of code that hold one of these words.
fn lines_with(text: &str, words: &[&str]) -> Vec<String> {
    let code = text.lines().map(|l| l.split("//").next().unwrap_or(""));
    code.filter(|l| words.iter().any(|w| l.contains(w))).map(|l| l.trim().to_owned()).collect()
}

#[test]
fn the_fences_hold() {
    let mut broken = Vec::new();
    let mut forbid = |path: &str, text: &str, words: &[&str], fence: &str| {
        broken.extend(lines_with(text, words).into_iter().map(|line| format!("{path}: {fence}: {line}")));
    };
    for (path, text) in sources("") {
        if !path.starts_with("src/syntax/") {
            forbid(&path, &text, &["pest::", "pest_derive", "use pest"], "pest stays inside of src/syntax/");
        }
        if !path.starts_with("src/verify/") {
            forbid(&path, &text, &["rusqlite", "postgres::"], "databases are opened inside of src/verify/");
        }
        if path != "src/render.rs" {
            forbid(&path, &text, &["miette::", "use miette"], "miette stays inside of src/render.rs");
        }
        // A closed output would not be noticed.
        forbid(
            &path,
            &text,
            &["stdout().lock()", " print!(", " println!("],
            "what is written to standard output goes by src/stdout.rs",
        );
    }
    for room in ["syntax", "check", "eval", "format"] {
        for (path, text) in sources(room) {
            let io = [
                "std::fs",
                "std::io",
                "std::net",
                "std::env",
                "std::process",
                "print!(",
                "println!(",
                "eprint!(",
                "eprintln!(",
                "dbg!(",
            ];
            forbid(&path, &text, &io, "no files, no streams, no printing here");
            forbid(&path, &text, &["::now(", "SystemTime", "std::time", "jiff::"], "no clock here");
        }
    }
    for (path, text) in sources("run") {
        let command_line = [
            "clap",
            "indicatif",
            "crate::cli",
            "crate::output",
            "crate::stdout",
            "terminal_size",
            "IsTerminal",
            "stdout()",
            "stderr()",
            "std::process",
            "std::env",
            "print!(",
            "println!(",
        ];
        let code = text.split("#[cfg(test)]").next().unwrap_or("");
        if !path.ends_with("/tests.rs") {
            forbid(&path, code, &command_line, "a run is for programs, too");
        }
    }
    for (path, text) in sources("eval") {
        // Tests stand behind the code of a file.
        let code = text.split("#[cfg(test)]").next().unwrap_or("");
        let endings = [".unwrap()", ".expect(\"", "panic!(", "unreachable!(", "todo!(", "unimplemented!("];
        forbid(&path, code, &endings, "evaluation cannot fail");
        forbid(&path, code, &["-> Result<"], "evaluation has no errors to hand on");
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

/// The rooms from the ground up: each uses those before it alone.
const FLOORS: &[&str] = &[
    "paths",
    "shown",
    "text",
    "time",
    "number",
    "value",
    "lead",
    "source",
    "library",
    "symbols",
    "diagnostic",
    "suggest",
    "columns",
    "page",
    "operators",
    "reserved",
    "braces",
    "points",
    "calculate",
    "exact",
    "builtins",
    "model",
    "remembered",
    "bind",
    "messages",
    "syntax",
    "format",
    "data",
    "check",
    "words",
    "eval",
    "plan",
    "sql",
    "testing",
    "coverage",
    "results",
    "reads",
    "book",
    "dbt",
    "explain",
    "load",
    "revision",
    "compare",
    "report",
    "stdout",
    "output",
    "render",
    "stream",
    "census",
    "run",
    "complete",
    "session",
    "repl",
    "front",
    "start",
    "verify",
    "cli",
];

/// The messages about files name what went wrong by the types of `data`. The batch engine, which answers plans, shares the inside of
/// `eval`, and `eval` says what is asked of a field as plans do.
const UPWARDS: &[(&str, &str)] = &[("messages", "data"), ("eval", "plan")];

#[test]
fn no_room_needs_one_above_it() {
    let mut wrong = Vec::new();
    for (path, text) in sources("") {
        let room = path.trim_start_matches("src/").split('/').next().unwrap_or("").trim_end_matches(".rs");
        let is_test = path.starts_with("src/data/tests/") || path.ends_with("/tests.rs") && room != "check";
        if matches!(room, "main" | "lib") || is_test {
            continue;
        }
        let floor = |room: &str| FLOORS.iter().position(|r| *r == room);
        let Some(own) = floor(room) else {
            wrong.push(format!("{path}: FLOORS does not have `{room}`"));
            continue;
        };
        let code = text.split("#[cfg(test)]").next().and_then(|t| t.split("#[cfg(all(test").next()).unwrap_or("");
        for line in code.lines().map(|l| l.split("//").next().unwrap_or("")) {
            let word = |text: &str| {
                let end = text.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(text.len());
                text[..end].to_owned()
            };
            let used = line.split("crate::").skip(1).flat_map(|rest| match rest.strip_prefix('{') {
                Some(list) => list.split('}').next().unwrap_or("").split(',').map(|w| word(w.trim())).collect(),
                None => vec![word(rest)],
            });
            for used in used {
                if floor(&used).is_none_or(|used| used > own) && !UPWARDS.contains(&(room, &*used)) {
                    wrong.push(format!("{path}: `{room}` uses `{used}`: {}", line.trim()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
