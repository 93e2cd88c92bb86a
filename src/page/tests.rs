//! What a page says may be anything, and never becomes a tag, a cell, a heading or a command to a terminal.

use super::{Block, Cell, Column, Histogram, Item, Ladder, Mark, Note, Page, Phrase, Shape, Step, Table, share};
use crate::number::grouped;

const NASTY: &str = "<script>alert('1')</script> \"q\" | `tick` [x](y) *b*\r\nsecond\u{1b}[31m line\u{202e}";

fn page() -> Page {
    let mut page =
        Page { title: NASTY.into(), facts: vec![(NASTY.into(), NASTY.into())], foot: NASTY.into(), ..Page::default() };
    page.heading(NASTY);
    page.subheading(NASTY);
    page.say(Phrase::new().and(NASTY).strong(NASTY).code(NASTY));
    page.say_of_minor(NASTY);
    page.list(vec![Item { text: NASTY.into(), under: vec![NASTY.into()] }]);
    let columns = vec![Column::words(NASTY), Column::numbers("n"), Column::words("")];
    page.table(Table {
        columns,
        rows: vec![vec![Phrase::new().code(NASTY).into(), Cell::Shade(NASTY.into(), 0.5), Cell::Bar(-0.3)]],
        can_stack: true,
    });
    let step = Step { name: NASTY.into(), note: NASTY.into() };
    page.put(Block::Ladder(Ladder { steps: vec![step.clone()], beside: vec![step] }));
    page.put(Block::Histogram(Histogram {
        of: NASTY.into(),
        counts: NASTY.into(),
        bins: vec![super::Bin { from: 0, to: 10, count: 3 }],
        marks: vec![Mark { at: 5.0, name: NASTY.into() }],
    }));
    page
}

#[test]
fn html_holds_no_tag_that_is_not_its_own() {
    let html = page().render(Shape::Html);
    assert!(!html.contains("<script") && !html.contains("alert('1')"), "{html}");
    assert!(html.contains("&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt; &quot;q&quot;"));
    assert!(!html.contains('\u{1b}') && !html.contains('\u{202e}'));
}

#[test]
fn markdown_keeps_its_lines_and_cells() {
    let markdown = page().render(Shape::Markdown);
    // Between backticks a tag is text.
    let outside = |line: &str| line.split("``").step_by(2).collect::<String>();
    for line in markdown.lines() {
        assert!(!outside(line).contains("<script"), "{line}");
    }
    let rows: Vec<&str> = markdown.lines().filter(|l| l.starts_with('|')).collect();
    for row in rows.iter().take(3) {
        let bars = row.char_indices().filter(|&(i, c)| c == '|' && !row[..i].ends_with('\\')).count();
        assert_eq!(bars, 4, "{row}");
    }
    assert!(!markdown.contains('\u{1b}'));
    assert!(markdown.contains("\\[x\\](y) \\*b\\* second"), "{markdown}");
}

#[test]
fn markdown_lines_begin_with_no_sign() {
    let mut page = Page::default();
    for text in
        ["+30 points", "-5 points", "+ yes", "---", "- no", "1. first", "12) so", "# not", "> not", "2025 is a year"]
    {
        page.list(vec![text.into()]);
    }
    let markdown = page.render(Shape::Markdown);
    let items: Vec<&str> = markdown.lines().filter_map(|l| l.strip_prefix("- ")).collect();
    assert_eq!(
        items,
        [
            "+30 points",
            "-5 points",
            "\\+ yes",
            "\\---",
            "\\- no",
            "1\\. first",
            "12\\) so",
            "\\# not",
            "\\> not",
            "2025 is a year"
        ]
    );
}

#[test]
fn text_holds_nothing_that_steers_a_terminal_and_fits() {
    let text = page().render(Shape::Text(60));
    assert!(text.chars().all(|c| c == '\n' || !c.is_control()), "{text:?}");
    // A table of columns that cannot be narrower may be wider than the terminal.
    for line in text.lines().filter(|l| !l.contains("  ")) {
        assert!(unicode_width::UnicodeWidthStr::width(line) <= 60, "{line}");
    }
}

#[test]
fn tables_wrap_words_and_align_numbers() {
    let mut page = Page { title: "T".into(), ..Page::default() };
    let columns = vec![Column::words("What it is"), Column::numbers("Leads"), Column::words("")];
    let row = |words: &str, n: u64, share: f64| vec![words.into(), grouped(n).into(), Cell::Bar(share)];
    let rows = vec![
        row("a long sentence that does not fit into one line of this", 1204, 0.5),
        row("short", 7, -0.1),
        row("none", 0, 0.0),
    ];
    page.table(Table { columns, rows, can_stack: false });
    assert_eq!(
        page.render(Shape::Text(44)),
        "T\n═\n\nWhat it is               Leads\n───────────────────────  ─────  ────────────\na long sentence that     1,204  ██████\ndoes not fit into one\nline of this\nshort                        7  ░░\nnone                         0\n"
    );
}

#[test]
fn what_is_said_of_a_minor_column_stands_where_that_does() {
    let mut page = Page::default();
    page.heading("h");
    page.say("said of all");
    page.say_of_minor("said of one");
    let html = page.render(Shape::Html);
    // Whatever has this class is hidden on narrow screens.
    assert!(html.contains("<p>said of all</p>") && html.contains("<p class=\"minor\">said of one</p>"), "{html}");
    for shape in [Shape::Markdown, Shape::Text(60)] {
        assert!(page.render(shape).contains("\nsaid of one\n"), "{}", page.render(shape));
    }
}

#[test]
fn numbers_and_shares() {
    assert_eq!([grouped(0), grouped(999), grouped(1204), grouped(1_000_000)], ["0", "999", "1,204", "1,000,000"]);
    assert_eq!(
        [share(0, 9), share(1, 3), share(1, 300), share(999, 1000), share(3, 3), share(0, 0)],
        ["0%", "33%", "0.3%", "99.9%", "100%", "0%"]
    );
    assert_eq!(share(1, 100_000), "<0.1%");
}

#[test]
fn notes_stand_for_themselves() {
    for is_markdown in [false, true] {
        let mut note = Note::new(is_markdown);
        note.title(NASTY);
        note.line(NASTY);
        note.heading(NASTY);
        note.line(NASTY);
        note.item(NASTY);
        note.sub_item(NASTY);
        note.table(&[vec![NASTY.to_owned(), "b".to_owned()], vec![NASTY.to_owned(), NASTY.to_owned()]]);
        let text = note.into_text();
        assert!(text.chars().all(|c| c == '\n' || !crate::shown::is_unsafe(c)), "{text:?}");
        // A line each for what is said, and three for the table.
        assert_eq!(text.lines().filter(|l| l.contains("second")).count(), 8, "{text}");
        assert!(!is_markdown || !text.contains("<script") && !text.contains("[x]") && !text.contains(" *b*"), "{text}");
    }
}
