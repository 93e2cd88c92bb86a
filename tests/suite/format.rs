//! `format`: one layout, in which nothing is lost.
//!
//! `tests/format/` holds ugly files, `NAME.merit`, each with what becomes of it, `NAME.out`; `MERIT_RENEW=1` writes that anew.

#![allow(clippy::expect_used, clippy::panic)] // A file that cannot be read fails the test.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use merit::diagnostic::Diagnostic;
use merit::format::format;
use merit::syntax::outline::{Kind, Outline, PartKind, outline};

use super::docs::root;
use super::generate::{self, Rng, Wants};
use super::support;

/// All rule files of the repository, by their paths.
fn rule_files() -> Vec<PathBuf> {
    support::rule_files(&["examples", "tests", "src", "docs"])
}

fn formatted(text: &str) -> String {
    format(text).unwrap_or_else(|_| panic!("the formatted text is another model:\n{text}")).text
}

/// Line ends as they are counted everywhere else.
fn plain(text: &str) -> String {
    text.trim_start_matches('\u{feff}').replace("\r\n", "\n").replace('\r', "\n")
}

fn comments<'t>(text: &'t str, outline: &Outline) -> Vec<&'t str> {
    outline.comments.iter().map(|c| text[c.range()].trim_end()).collect()
}

/// The broken parts of a text.
fn broken<'t>(text: &'t str, outline: &Outline) -> Vec<&'t str> {
    let place = |k: usize| &outline.tokens[k];
    let parts = outline.parts.iter().filter(|p| p.kind == PartKind::Broken);
    parts.map(|p| &text[place(p.tokens.start).start as usize..place(p.tokens.end - 1).end as usize]).collect()
}

/// What must hold of every text. Gives the formatted one.
fn holds(text: &str, place: &str) -> String {
    let once = format(text).unwrap_or_else(|_| panic!("{place}: the formatted text is another model\n{text}"));
    let twice = formatted(&once.text);
    assert_eq!(once.text, twice, "{place}: formatted twice, it differs\n{text}");
    let before = plain(text);
    let after = plain(&once.text);
    let (a, b) = (outline(&before), outline(&after));
    assert_eq!(a.items, b.items, "{place}: the tree differs\n{text}\n{}", once.text);
    assert_eq!(comments(&before, &a), comments(&after, &b), "{place}: the comments differ\n{text}\n{}", once.text);
    assert_eq!(broken(&before, &a), broken(&after, &b), "{place}: what is broken differs\n{text}\n{}", once.text);
    assert_eq!(once.errors.iter().any(Diagnostic::is_error), a.has_errors, "{place}\n{text}");
    once.text
}

#[test]
fn every_rule_file_of_the_repository() {
    let files = rule_files();
    assert!(files.len() > 200, "only {} files were found", files.len());
    for path in files {
        let text = String::from_utf8_lossy(&fs::read(&path).expect("a file")).into_owned();
        holds(&text, &path.display().to_string());
    }
}

/// What people read first looks as `merit fmt` has it.
#[test]
fn shipped_models_are_laid_out() {
    let shown = ["examples/", "src/session/sample/", "tests/real_data/"];
    let files = rule_files().into_iter().filter(|path| shown.iter().any(|place| path.starts_with(root().join(place))));
    let mut count = 0;
    for path in files {
        let text = fs::read_to_string(&path).expect("a rule file");
        assert_eq!(formatted(&text), text, "{}: merit fmt lays it out", path.display());
        count += 1;
    }
    assert!(count > 6, "{count}");
}

#[test]
fn whole_files() {
    let mut differ = Vec::new();
    let ugly = rule_files().into_iter().filter(|p| p.parent().is_some_and(|f| f.ends_with("tests/format")));
    let examples = rule_files().into_iter().filter(|p| p.starts_with(root().join("examples")));
    for path in ugly.chain(examples) {
        let text = formatted(&fs::read_to_string(&path).expect("a file"));
        let name = if path.starts_with(root().join("examples")) {
            path.parent().and_then(Path::file_name)
        } else {
            path.file_stem()
        };
        let out = root().join("tests/format").join(format!("{}.out", name.expect("a name").to_string_lossy()));
        if std::env::var_os("MERIT_RENEW").is_some() {
            fs::write(&out, &text).expect("a file");
        } else if fs::read_to_string(&out).unwrap_or_default() != text {
            differ.push(format!("{}: MERIT_RENEW=1 writes it anew\n{text}", out.display()));
        }
    }
    assert!(differ.is_empty(), "{}", differ.join("\n"));
}

/// The same tokens with other white space between them, and with comments, each of which names the statement that it stands
/// in: its number, or that of the next one where it stands above.
fn scrambled(rng: &mut Rng, text: &str, with_comments: bool) -> String {
    let outline = outline(text);
    let mut out = String::new();
    let mut end = 0;
    for (number, part) in outline.parts.iter().enumerate() {
        for k in part.tokens.clone() {
            let token = outline.tokens[k];
            let gap = &text[end..token.start as usize];
            let is_first = k == part.tokens.start;
            let may_touch = gap.is_empty() && !is_first;
            // A call touches its name, a percent sign its number.
            let is_free = !may_touch || matches!(token.kind, Kind::Comma | Kind::Colon | Kind::Close(_));
            let is_free = is_free && (k == 0 || outline.tokens[k - 1].kind != Kind::Other) && token.kind != Kind::Other;
            if is_first && part.tokens.start > 0 {
                // A sign at the beginning would go on with what stands above.
                out.push_str(if gap.contains(';') || rng.chance(20) { " ;\n" } else { "\n" });
            }
            if is_free {
                let space = [" ", " ", "  ", "\t", "\n", "\n\n\n", "\r\n", "   \n "];
                out.push_str(rng.pick(&space));
                if with_comments && rng.chance(8) {
                    if is_first {
                        out.push('\n');
                    }
                    out.push_str(&format!("# {number}\n"));
                }
            }
            out.push_str(&text[token.start as usize..token.end as usize]);
            end = token.end as usize;
        }
    }
    if rng.chance(50) { out + "\n" } else { out }
}

/// For each comment, whether it stands in, above or at the end of the statement whose number it names.
fn comments_are_where_they_belong(text: &str) -> Result<(), String> {
    let outline = outline(text);
    for comment in &outline.comments {
        let number: usize =
            text[comment.range()].trim_start_matches("# ").trim_end().parse().map_err(|_| "no number".to_owned())?;
        let part = &outline.parts[number];
        let start = if number == 0 { 0 } else { outline.tokens[outline.parts[number - 1].tokens.end - 1].end };
        if comment.start < start || comment.end > outline.tokens[part.tokens.end - 1].start {
            return Err(format!("the comment of statement {number} stands elsewhere"));
        }
    }
    Ok(())
}

#[test]
fn random_models_in_any_layout() {
    for seed in support::seeds(support::cases(400)) {
        let mut rng = Rng::new(seed);
        let model = generate::draft(&mut rng, Wants::ALL).text();
        let set = holds(&model, &format!("seed {seed}"));
        let with_comments = seed % 4 != 0;
        let other = scrambled(&mut rng, &model, with_comments);
        assert!(!outline(&plain(&other)).has_errors, "seed {seed}: scrambled, it has errors\n{model}\n{other}");
        let again = holds(&other, &format!("seed {seed}, scrambled"));
        if let Err(why) = comments_are_where_they_belong(&again) {
            panic!("seed {seed}: {why}\n{other}\n{again}");
        }
        assert_eq!(outline(&set).items, outline(&again).items, "seed {seed}");
    }
}

#[test]
fn broken_files_stay_broken_as_they_are() {
    let (mut all, mut untouched) = (0, 0);
    for seed in support::seeds(support::cases(600)) {
        let mut rng = Rng::new(seed);
        let model = generate::draft(&mut rng, Wants::ALL).text();
        let model = scrambled(&mut rng, &model, true);
        let tokens = outline(&model).tokens;
        let mut text = model.clone();
        let mut gone: Vec<usize> = (0..rng.between(1, 4)).map(|_| rng.below(tokens.len())).collect();
        gone.sort_unstable();
        gone.dedup();
        for k in gone.into_iter().rev() {
            text.replace_range(
                tokens[k].start as usize..tokens[k].end as usize,
                rng.pick(&["", "", " ", "(", "}", "\"", "//", "and"]),
            );
        }
        all += 1;
        untouched += usize::from(holds(&text, &format!("seed {seed}")) == text);
    }
    assert!(untouched * 5 < all, "{untouched} of {all} files were not formatted at all");
}

#[test]
fn white_space_alone() {
    assert_eq!(formatted(""), "");
    assert_eq!(formatted(" \n\t\r\n"), "");
    assert_eq!(formatted("\u{feff}# a"), "# a\n");
    assert_eq!(formatted("when visited(\"a\") add 5;;;"), "when visited(\"a\") add 5\n");
}

#[test]
fn a_broken_statement_keeps_its_lines() {
    let text = "when   visited( \"a\" add\n      5   # why\nmql   if score>=30\n";
    let formatted = format(text).expect("a text");
    assert_eq!(formatted.text, "when   visited( \"a\" add\n      5  # why\nmql if score >= 30\n");
    assert_eq!(formatted.errors.len(), 1);
}

#[test]
fn a_part_of_a_name_is_no_word() {
    let text = "when company.and = 1 and company.because = 2 add 1 because \"b\"\nwhen x = 1 add 1 because \"c\"\n";
    assert!(formatted(text).contains("company.because = 2 add 1 because"));
    let long = format!("when {} add 1\n", ["company.or = \"a rather long text\""; 6].join(" and "));
    assert!(formatted(&long).contains("\n    and company.or = "));
}

#[test]
fn a_line_that_begins_with_a_sign_keeps_its_semicolon() {
    let text = "profile p { a > 1 # one\n;-b > 2 }\npoints by n { 1: 5; -1: 3 }\n";
    assert_eq!(formatted(text), "profile p {\n  a > 1;  # one\n  -b > 2\n}\n\npoints by n {\n  1:  5;\n  -1: 3\n}\n");
}

#[test]
fn large_files_and_long_lines() {
    let all = |count: usize, piece: &dyn Fn(usize) -> String, between: &str| {
        (0..count).map(piece).collect::<Vec<_>>().join(between)
    };
    let deep = |open: &str, close: &str| format!("when {}a = 1{} add 1\n", open.repeat(100), close.repeat(100));
    let texts = [
        all(
            6000,
            &|i| format!("when visited(\"/pages/{i}\")   in last {i} days add 5 because \"Page {i}\" # {i}"),
            "\n",
        ),
        format!("when {} add 1", all(20_000, &|i| format!("a = {i}"), " or ")),
        format!("let x = [{}]", all(50_000, &|i| format!("\"{i}\""), ",")),
        format!("score = ({})", all(20_000, &|i| format!("(a{i})"), " * ")),
        deep("(", ")"),
        deep("not (b = 2 and ", ")"),
        format!("let x = {}1{}", "[".repeat(100), "]".repeat(100)),
    ];
    for text in texts {
        let start = Instant::now();
        holds(&text, "large");
        assert!(start.elapsed() < Duration::from_secs(60), "{:?} for {}…", start.elapsed(), &text[..40]);
    }
}
