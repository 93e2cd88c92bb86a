//! Where messages point, and how they are drawn: on whole characters of the text as it was written, whatever was straightened,
//! cut or left out; short, and without anything that a terminal would act on. Tried on wrong and right models with random damage.
//!
//! `MERIT_CASES=20000 cargo test rendering` tries more, `MERIT_SEED=7` begins elsewhere.

#![allow(clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use merit::check::{Checked, NoFiles, check};
use merit::compare::{Version, compare};
use merit::model::LineId;
use merit::render::{Renderer, Style};
use merit::session::Session;
use merit::shown::is_unsafe;
use merit::source::{FileId, Source, Span};
use merit::words::Lines;
use serde_json::Value as Json;

use super::generate::{self, Rng, Wants};
use super::support;

/// No message is longer when it is drawn, in bytes.
const LONGEST: usize = 4096;

fn checked(text: &str) -> Checked {
    check(Source::new("m.merit", text), &NoFiles)
}

/// Models, right and wrong, without signs that only documents have.
fn models() -> Vec<String> {
    let files = support::rule_files(&["tests/diagnostics", "examples", "tests/language"]);
    let texts = files.iter().filter_map(|path| std::fs::read_to_string(path).ok());
    texts.filter(|text| text.is_ascii() && text.len() < 20_000 && !text.contains(['\'', '`', '\\', '\r'])).collect()
}

// ---- As a word processor writes it ------------------------------------------------------------------------------------

/// A text in which other signs stand for some, and where what was there stands now.
struct Dressed {
    text: String,
    /// By a place before: where the character there begins now, and where the one before it ends.
    places: BTreeMap<usize, (usize, usize)>,
}

impl Dressed {
    fn new(text: &str, rng: &mut Rng) -> Dressed {
        let pair = rng.pick(&[("“", "”"), ("„", "“"), ("«", "»"), ("»", "«"), ("”", "”"), ("\"", "\"")]);
        let mut dressed = Dressed { text: String::new(), places: BTreeMap::new() };
        if rng.chance(30) {
            dressed.text.push('\u{feff}');
        }
        let with_cr = rng.chance(30);
        let (mut in_text, mut in_comment) = (false, false);
        for (at, c) in text.char_indices() {
            let end = dressed.text.len();
            // Blanks that nobody sees, where there is one.
            if c == ' ' && !in_text && !in_comment && rng.chance(20) {
                dressed.text.push_str(rng.pick(&["\u{ad}", "\u{a0}", "\t", "\u{2003}", "\u{200b}"]));
            }
            dressed.places.insert(at, (dressed.text.len(), end));
            match c {
                '"' if !in_comment => {
                    in_text = !in_text;
                    dressed.text.push_str(if in_text { pair.0 } else { pair.1 });
                }
                ' ' if !in_text && !in_comment => dressed.text.push_str(rng.pick(&[" ", " ", "\u{a0}", "\u{202f}"])),
                '\n' => {
                    // A quote is closed by the end of its line.
                    (in_text, in_comment) = (false, false);
                    dressed.text.push_str(if with_cr { "\r\n" } else { "\n" });
                }
                '#' if !in_text => {
                    in_comment = true;
                    dressed.text.push(c);
                }
                c => dressed.text.push(c),
            }
        }
        let end = dressed.text.len();
        dressed.places.insert(text.len(), (end, end));
        dressed
    }

    fn moved(&self, span: Span) -> Span {
        let (start, end) = (self.places[&(span.start as usize)].0, self.places[&(span.end as usize)].1);
        Span { file: span.file, start: start as u32, end: end.max(start) as u32 }
    }
}

#[test]
fn messages_point_at_the_same_words_however_they_are_dressed() {
    for (n, text) in models().into_iter().enumerate() {
        for seed in support::seeds(support::cases(6).min(1_000)) {
            let mut rng = Rng::new(seed + 1_000 * n as u64);
            let dressed = Dressed::new(&text, &mut rng);
            let (plain, other) = (checked(&text), checked(&dressed.text));
            let told = |c: &Checked, moved: &dyn Fn(Span) -> Span| -> Vec<(String, Vec<Span>)> {
                let mut told: Vec<_> = c
                    .diagnostics
                    .iter()
                    .map(|d| {
                        (format!("{} {}", d.code, words(&d.message)), d.labels.iter().map(|l| moved(l.span)).collect())
                    })
                    .collect();
                told.sort();
                told
            };
            assert_eq!(told(&plain, &|s| dressed.moved(s)), told(&other, &|s| s), "seed {seed}:\n{}", dressed.text);
            if let (Some(a), Some(b)) = (&plain.model, &other.model) {
                consumers_agree(a, b, &text, &dressed.text);
            }
        }
    }
}

fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What is said of the rules is the same: quotes are straightened wherever words of the file are quoted.
fn consumers_agree(a: &merit::model::Model, b: &merit::model::Model, plain: &str, dressed: &str) {
    let lines = |model: &merit::model::Model| -> Vec<_> {
        let lines = Lines::of(model);
        (0..10_000).map_while(|line| lines.get(LineId(line)).cloned()).collect()
    };
    assert_eq!(lines(a), lines(b), "{dressed}");
    let as_of = support::as_of("2025-06-30");
    // But for the fingerprint of the file.
    let book = |model| {
        merit::book::page(model, as_of, None)
            .render(merit::page::Shape::Markdown)
            .split("\n---\n")
            .next()
            .map(str::to_owned)
    };
    assert_eq!(book(a), book(b), "{dressed}");
    assert_eq!(merit::reads::reads(a).to_string(), merit::reads::reads(b).to_string());
    let failures = |model| -> Vec<String> {
        merit::testing::run(model, as_of)
            .flat_map(|r| r.failures(model, as_of))
            .map(|d| format!("{d:?}"))
            .map(|d| d.split("span").next().unwrap_or("").to_owned())
            .collect()
    };
    assert_eq!(failures(a), failures(b), "{dressed}");
    let version = |text: &str| Version::read(Source::new("m.merit", text), Box::new(NoFiles)).0.expect("a model");
    let (old, new) = (version(plain), version(dressed));
    let changes: Vec<String> = compare(&old, &new).changes.iter().map(ToString::to_string).collect();
    assert!(changes.is_empty(), "{changes:?}\n{dressed}");
    let formatted = merit::format::format(dressed).expect("the same model").text;
    assert!(checked(&formatted).model.is_some(), "{formatted}");
}

// ---- Random damage ----------------------------------------------------------------------------------------------------

const ODD: &[&str] = &[
    "“",
    "”",
    "„",
    "‟",
    "«",
    "»",
    "‘",
    "’",
    "‚",
    "'",
    "\"",
    "`",
    "–",
    "—",
    "−",
    "≥",
    "≤",
    "≠",
    "\u{a0}",
    "\u{ad}",
    "\u{200b}",
    "\u{feff}",
    "\u{202e}",
    "\u{2066}",
    "\u{1b}[31m",
    "\u{7}",
    "\0",
    "\u{9b}",
    "\u{85}",
    "\u{2028}",
    "\r",
    "\r\n",
    "\n",
    "\t",
    "👩‍💻",
    "e\u{301}",
    "漢字",
    "\\",
    "\\u{1F600}",
    "\\q",
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    "#",
    "//",
    "/*",
    "--",
    ";",
    ",",
    ":",
    "%",
    "9",
    " and ",
    " or ",
    "@",
    "\u{fffd}",
    "\u{e000}",
];

fn damaged(text: &str, rng: &mut Rng) -> String {
    let mut text = text.to_owned();
    for _ in 0..rng.between(1, 6) {
        let at = text.floor_char_boundary(rng.below(text.len() + 1));
        match rng.below(6) {
            // Long lines of signs of every size.
            0 => text.insert_str(at, &rng.pick(ODD).repeat(rng.pick(&[100, 239, 240, 241, 300, 2_000]))),
            1 => {
                let end = text.ceil_char_boundary((at + rng.below(20)).min(text.len()));
                text.replace_range(at..end, "");
            }
            2 => text = text.replace(rng.pick(&["\"", " ", "-", ">=", "\n"]), rng.pick(ODD)),
            _ => text.insert_str(at, rng.pick(ODD)),
        }
    }
    text
}

/// Draws all messages in all ways, and holds what must hold of each.
fn drawn_well(checked: &Checked, rng: &mut Rng) -> Result<(), String> {
    for diagnostic in &checked.diagnostics {
        for label in &diagnostic.labels {
            let source = checked.sources.of(label.span).ok_or("a label of no file")?;
            let range = label.span.range();
            source
                .text
                .get(range.clone())
                .ok_or_else(|| format!("{} points at a part of a character: {range:?}", diagnostic.code))?;
        }
        let width = rng.pick(&[1, 20, 60, 80, 100, 120, 500]);
        for (style, color) in [(Style::Fancy, false), (Style::Fancy, true), (Style::Plain, false), (Style::Json, false)]
        {
            let mut out = Vec::new();
            Renderer::new(&checked.sources, style, color, width)
                .write(diagnostic, &mut out)
                .map_err(|e| e.to_string())?;
            let text = String::from_utf8(out).map_err(|e| e.to_string())?;
            if style == Style::Json {
                json_is_well(&text, checked)?;
            } else if text.len() > LONGEST {
                return Err(format!("{} bytes are drawn of {}", text.len(), diagnostic.code));
            }
            let own = if color { text.replace("\u{1b}[", "") } else { text };
            if let Some(c) = own.chars().find(|&c| is_unsafe(c) && !matches!(c, '\n' | '\t')) {
                return Err(format!("{c:?} is drawn in {own}"));
            }
        }
    }
    Ok(())
}

fn json_is_well(text: &str, checked: &Checked) -> Result<(), String> {
    let object: Json = serde_json::from_str(text).map_err(|e| e.to_string())?;
    // A message is an object on a line.
    if text.trim_end().contains('\n') || text.len() > 4 * LONGEST {
        return Err(format!("{} bytes of JSON: {text}", text.len()));
    }
    for label in object["labels"].as_array().ok_or("no labels")? {
        let range = label["start"].as_u64().unwrap_or(0) as usize..label["end"].as_u64().unwrap_or(0) as usize;
        let name = label["file"].as_str().ok_or("no file")?;
        let source = checked.sources.files.iter().find(|f| f.name == name).ok_or("no such file")?;
        let before = source.text.get(..range.start).ok_or("the label begins inside of a character")?;
        source.text.get(range).ok_or("the label ends inside of a character")?;
        let line = before.matches('\n').count() + 1;
        let start = before.rfind('\n').map_or(0, |at| at + 1);
        let before = &before[start..];
        let before = if line == 1 { before.strip_prefix('\u{feff}').unwrap_or(before) } else { before };
        let column = before.chars().count() + 1;
        if (label["line"].as_u64(), label["column"].as_u64()) != (Some(line as u64), Some(column as u64)) {
            return Err(format!("line {line}, column {column}, not {label}"));
        }
    }
    Ok(())
}

/// Everything else that takes a text apart by places.
fn taken_apart(text: &str, rng: &mut Rng) {
    for (range, _) in merit::syntax::looks(text) {
        assert!(text.get(range).is_some());
    }
    let _ = merit::syntax::wants_more(text);
    let (tree, _) = merit::syntax::parse(FileId(0), &Source::new("m.merit", text));
    let source = Source::new("m.merit", text);
    for item in &tree.items {
        assert!(source.text.get(item.span.range()).is_some());
        let _ = source.phrase(item.span);
    }
    if let Ok(formatted) = merit::format::format(text) {
        assert!(merit::format::format(&formatted.text).is_ok_and(|again| again.text == formatted.text));
    }
    let mut session = Session::new(support::as_of("2025-06-30"));
    for part in text.split_inclusive('\n').take(8) {
        session.handle(part);
        let end = part.floor_char_boundary(rng.below(part.len() + 1));
        let found = session.complete(&part[..end]);
        assert!(part.is_char_boundary(found.start) && found.start <= end);
    }
    session.handle(text);
    session.handle(&format!(":drop {}", rng.between(1, 4)));
}

#[test]
fn whatever_is_written_is_drawn_well() {
    let models = models();
    for seed in support::seeds(support::cases(600)) {
        let mut rng = Rng::new(seed);
        let text = if rng.chance(30) {
            generate::draft(&mut rng, Wants::ALL).text()
        } else {
            models[rng.below(models.len())].clone()
        };
        let text = damaged(&text, &mut rng);
        let tried = catch_unwind(AssertUnwindSafe(|| {
            let checked = checked(&text);
            drawn_well(&checked, &mut rng)?;
            if let Some(model) = &checked.model {
                let _ =
                    merit::book::page(model, support::as_of("2025-06-30"), None).render(merit::page::Shape::Text(80));
            }
            taken_apart(&text, &mut rng);
            Ok::<(), String>(())
        }));
        match tried {
            Ok(Ok(())) => {}
            Ok(Err(why)) => panic!("seed {seed}: {why}\n{text:?}"),
            Err(_) => panic!("seed {seed}: a panic\n{text:?}"),
        }
    }
}

// ---- What broke it ----------------------------------------------------------------------------------------------------

#[test]
fn labels_at_the_end_of_long_lines() {
    for n in [60, 119, 120, 121, 122, 240, 241, 5_000] {
        let behind = format!("{}# é{}", " ".repeat(130), "y".repeat(40));
        let error = format!("when a = 1 add 1 {}{behind}\n", "x".repeat(n));
        let warning = format!("when t = \"{}*\" add 1{behind}\n", "V".repeat(n - 3));
        for text in [error, warning] {
            let checked = checked(&text);
            assert_eq!(checked.diagnostics.len(), 1, "{text}");
            drawn_well(&checked, &mut Rng::new(n as u64)).expect("a drawing");
        }
    }
}

#[test]
fn lines_above_and_below_are_cut_as_well() {
    let long = "x".repeat(1_000_000);
    let checked = checked(&format!("# {long}\nwhne a = 1 add 1\n# {long}"));
    drawn_well(&checked, &mut Rng::new(1)).expect("a drawing");
    let mut out = Vec::new();
    Renderer::new(&checked.sources, Style::Fancy, false, 80).write(&checked.diagnostics[0], &mut out).expect("memory");
    let text = String::from_utf8(out).expect("UTF-8");
    let line = format!("│ # {}…", "x".repeat(118));
    assert!(text.len() < 1_500 && text.matches(&line).count() == 2, "{text}");
}

#[test]
fn texts_in_curly_quotes_are_pointed_at() {
    let said = |text: &str| -> Vec<String> {
        let checked = checked(text);
        drawn_well(&checked, &mut Rng::new(1)).expect("a drawing");
        checked.diagnostics.iter().flat_map(|d| &d.labels).map(|l| checked.sources.slice(l.span).to_owned()).collect()
    };
    assert_eq!(said("when industry = “SaaS” or “FinTech” add 1"), ["“FinTech”"]);
    assert_eq!(said("mql if “SaaS”"), ["“SaaS”"]);
    assert_eq!(said("when employees >= “70” add 1"), [">= “70”", "“70”"]);
    assert_eq!(said("when a = 1 add “30”"), ["“30”"]);
    assert_eq!(said("when title = „VP*“ add 1"), ["„VP*“"]);
    assert_eq!(said("when title contains «cto» add 1"), ["title contains «cto»"]);
    assert_eq!(said("use “x.merit”"), ["“x.merit”"]);
    assert_eq!(said("profile icp {\n  country = “US”\n  “SaaS\n}"), ["“", "“SaaS"]);
    assert_eq!(said("when title = “a\\q” add 1"), ["\\q"]);
    assert_eq!(said("when title = 'x’ add 1"), ["'x’"]);
}

#[test]
fn texts_in_curly_quotes_are_quoted() {
    let model = support::model("when title = “C# dev” or title = “b” add 1\ndisqualify if title = „rival“\n");
    let lines = Lines::of(&model);
    let reasons: Vec<String> =
        (0..10).filter_map(|n| lines.get(LineId(n))).map(|l| l.reason.clone()).filter(|r| !r.is_empty()).collect();
    assert!(reasons.contains(&"Title = \"C# dev\" or title = \"b\"".to_owned()), "{reasons:?}");
}

#[test]
fn what_is_quoted_is_short() {
    let long = "漢".repeat(100_000);
    let texts = [
        format!("when a = \"{long}\" or \"b\" add 1"),
        format!("when `{long}` add 1"),
        format!("profile {long} {{ a = 1 }}\nprofile {long} {{ a = 1 }}"),
        format!("when a in [{}] and a add 1", vec![format!("\"{long}\""); 30].join(", ")),
        format!("when {long} = 1 and {long} = \"x\" add 1"),
        format!(
            "test \"{long}\" {{ lead {{ a: \"{long}\" }} expect a = \"b\" and score = 7 }}\nlabel x {{ \"{long}\" if yes }}"
        ),
        format!("stages lead, {long}\nsql if score > 1"),
        format!("use \"{long}\""),
        format!("let {long} = {long} + 1\nwhen {long} > 1 add 1"),
        "👩".repeat(200_000),
    ];
    for text in texts {
        let mut checked = checked(&text);
        if let Some(model) = &checked.model {
            let as_of = support::as_of("2025-06-30");
            checked.diagnostics.extend(merit::testing::run(model, as_of).flat_map(|r| r.failures(model, as_of)));
        }
        drawn_well(&checked, &mut Rng::new(1))
            .unwrap_or_else(|why| panic!("{}: {why}", text.chars().take(60).collect::<String>()));
    }
}

#[test]
fn warnings_have_a_bound() {
    let checked = checked(&"when title = \"VP*\" add 5\n".repeat(10_000));
    assert!(checked.model.is_some());
    assert_eq!(checked.diagnostics.len(), 1_001);
    let last = checked.diagnostics.last().expect("a message");
    assert_eq!((last.message.as_str(), last.is_error()), ("there are 9000 more warnings that are not shown", false));
    // Errors and warnings are counted each for themselves, also those that the grammar does not find.
    let checked = self::checked(&"when a = \"x\" or \"y\" add 5\n".repeat(2_000));
    assert_eq!(checked.diagnostics.len(), 1_001);
    assert_eq!(checked.diagnostics.last().map(|d| d.code), Some(merit::diagnostic::Code::E133));
}

#[test]
fn a_file_that_is_just_too_large_is_told_so() {
    let just = format!("when a = 1 add 1\n#{}", "x".repeat((4 << 20) - 18));
    assert!(checked(&just).model.is_some() && just.len() == 4 << 20);
    let checked = checked(&format!("{just}x"));
    assert_eq!(
        checked.diagnostics[0].message,
        "this rule file has 4,194,305 bytes, and 4,194,304 (4 MiB) are the most"
    );
}
