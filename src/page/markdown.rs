//! A page as Markdown, as wikis and code hosts read it.

use super::{Block, Cell, Item, Kind, Page, Phrase, Table};
use crate::shown::one_line;

/// The page as Markdown.
pub(super) fn render(page: &Page) -> String {
    let mut out = format!("# {}\n", escaped(&one_line(&page.title)));
    if !page.facts.is_empty() {
        out.push('\n');
        for (name, value) in &page.facts {
            out.push_str(&format!("- **{}:** {}\n", escaped(&one_line(name)), escaped(&one_line(value))));
        }
    }
    for block in &page.blocks {
        out.push('\n');
        match block {
            Block::Heading(text) => out.push_str(&format!("## {}\n", escaped(&one_line(text)))),
            Block::Subheading(text) => out.push_str(&format!("### {}\n", escaped(&one_line(text)))),
            Block::Paragraph(text) | Block::OfMinor(text) => out.push_str(&format!("{}\n", at_start(phrase(text)))),
            Block::List(items) => items.iter().for_each(|item| entry(item, &mut out)),
            Block::Table(table) => lay(table, &mut out),
            Block::Histogram(histogram) => lay(&histogram.table(), &mut out),
            Block::Ladder(ladder) => {
                let names: Vec<String> = ladder.steps.iter().map(|s| escaped(&one_line(&s.name))).collect();
                out.push_str(&format!("{}\n", at_start(names.join(" → "))));
            }
        }
    }
    if !page.foot.is_empty() {
        out.push_str(&format!("\n---\n\n{}\n", at_start(escaped(&one_line(&page.foot)))));
    }
    out
}

fn entry(item: &Item, out: &mut String) {
    out.push_str(&format!("- {}\n", at_start(phrase(&item.text))));
    for under in &item.under {
        out.push_str(&format!("  - {}\n", at_start(phrase(under))));
    }
}

fn lay(table: &Table, out: &mut String) {
    let row = |cells: Vec<String>, out: &mut String| out.push_str(&format!("| {} |\n", cells.join(" | ")));
    row(table.columns.iter().map(|c| escaped(&one_line(&c.name))).collect(), out);
    row(table.columns.iter().map(|c| if c.is_number { "---:" } else { "---" }.to_owned()).collect(), out);
    for cells in &table.rows {
        let shown = cells.iter().map(|cell| match cell {
            // In a table a bar divides cells even between backticks.
            Cell::Text(text) => phrase_of_cell(text),
            Cell::Shade(text, _) => escaped(&one_line(text)),
            Cell::Bar(share) => super::text::bar(*share, super::text::BAR),
        });
        row(shown.collect(), out);
    }
}

pub(super) fn phrase(phrase: &Phrase) -> String {
    phrase.0.iter().map(|run| run_of(run.kind, &run.text)).collect()
}

fn phrase_of_cell(phrase: &Phrase) -> String {
    let run = |kind: Kind, text: &str| {
        if kind == Kind::Code { run_of(kind, text).replace('|', "\\|") } else { run_of(kind, text) }
    };
    phrase.0.iter().map(|r| run(r.kind, &r.text)).collect()
}

fn run_of(kind: Kind, text: &str) -> String {
    match kind {
        Kind::Plain => escaped(text),
        Kind::Strong if text.trim().is_empty() => escaped(text),
        // Signs of strength stand right at what is strong, spaces outside.
        Kind::Strong => {
            let inside = text.trim();
            let start = text.len() - text.trim_start().len();
            let (before, after) = (text.get(..start).unwrap_or(""), text.get(start + inside.len()..).unwrap_or(""));
            format!("{before}**{}**{after}", escaped(inside))
        }
        Kind::Code => code(text),
    }
}

/// Between more backticks than there are in it.
fn code(text: &str) -> String {
    let most = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(most + 1);
    let space = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{space}{text}{space}{fence}")
}

/// A text that stands for itself.
fn escaped(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    for (i, &c) in chars.iter().enumerate() {
        let is_word = |at: Option<usize>| at.and_then(|at| chars.get(at)).is_some_and(|c| c.is_alphanumeric());
        match c {
            // Inside of a word it says nothing.
            '_' if is_word(i.checked_sub(1)) && is_word(Some(i + 1)) => out.push('_'),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '$' => out.extend(['\\', c]),
            '<' => out.push_str("&lt;"),
            '&' => out.push_str("&amp;"),
            c => out.push(c),
        }
    }
    out
}

/// A line whose beginning is no sign of a heading, list, quote or rule. Points may stand there with their sign.
pub(super) fn at_start(line: String) -> String {
    let digits = line.find(|c: char| !c.is_ascii_digit()).unwrap_or(line.len());
    let is_number = line.strip_prefix(['+', '-']).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    if line.starts_with(['+', '-', '#', '=', '>']) && !is_number {
        return format!("\\{line}");
    }
    match line.get(digits..) {
        Some(rest) if digits > 0 && rest.starts_with(['.', ')']) => {
            format!("{}\\{rest}", line.get(..digits).unwrap_or(""))
        }
        _ => line,
    }
}
