//! A page as text, for a terminal or a mail: no wider than it may be, bars made of blocks.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::{Block, Cell, Item, Ladder, Page, Table};
use crate::shown::one_line;

/// The longest bar, in columns.
pub(super) const BAR: usize = 24;
const EIGHTHS: [char; 8] = ['▏', '▎', '▍', '▌', '▋', '▊', '▉', '█'];

/// The page as text of this width.
pub(super) fn render(page: &Page, width: usize) -> String {
    let width = width.clamp(40, 120);
    let mut out = String::new();
    underlined(&one_line(&page.title), '═', width, &mut out);
    let facts: Vec<(String, &String)> =
        page.facts.iter().map(|(name, value)| (cut(&one_line(name), width / 3), value)).collect();
    let widest = facts.iter().map(|(name, _)| name.width()).max().unwrap_or(0);
    for (name, value) in &facts {
        let lines = wrapped(&one_line(value), width.saturating_sub(widest + 2));
        for (i, line) in lines.iter().enumerate() {
            let name = if i == 0 { name.as_str() } else { "" };
            put_line(&format!("{name}{}  {line}", " ".repeat(widest - name.width())), &mut out);
        }
    }
    for block in &page.blocks {
        out.push('\n');
        match block {
            Block::Heading(text) => {
                out.push('\n');
                underlined(&one_line(text), '─', width, &mut out);
                // What follows stands right below the line.
                out.truncate(out.trim_end_matches('\n').len() + 1);
            }
            Block::Subheading(text) => put_lines(&wrapped(&one_line(text), width), "", "", &mut out),
            Block::Paragraph(text) | Block::OfMinor(text) => {
                put_lines(&wrapped(&text.plain(), width), "", "", &mut out)
            }
            Block::List(items) => items.iter().for_each(|item| entry(item, width, &mut out)),
            Block::Table(table) => lay(table, width, &mut out),
            Block::Histogram(histogram) => lay(&histogram.table(), width, &mut out),
            Block::Ladder(ladder) => stairs(ladder, width, &mut out),
        }
    }
    if !page.foot.is_empty() {
        out.push('\n');
        put_lines(&wrapped(&one_line(&page.foot), width), "", "", &mut out);
    }
    out
}

fn put_line(line: &str, out: &mut String) {
    out.push_str(line.trim_end());
    out.push('\n');
}

fn put_lines(lines: &[String], first: &str, others: &str, out: &mut String) {
    for (i, line) in lines.iter().enumerate() {
        put_line(&format!("{}{line}", if i == 0 { first } else { others }), out);
    }
}

fn underlined(text: &str, with: char, width: usize, out: &mut String) {
    let lines = wrapped(text, width);
    put_lines(&lines, "", "", out);
    let widest = lines.iter().map(|l| l.width()).max().unwrap_or(0);
    put_line(&with.to_string().repeat(widest), out);
}

fn entry(item: &Item, width: usize, out: &mut String) {
    put_lines(&wrapped(&item.text.plain(), width.saturating_sub(2)), "• ", "  ", out);
    for under in &item.under {
        put_lines(&wrapped(&under.plain(), width.saturating_sub(4)), "  – ", "    ", out);
    }
}

/// The ladder: the highest step on top and farthest to the right.
fn stairs(ladder: &Ladder, width: usize, out: &mut String) {
    let steps: Vec<_> = ladder.steps.iter().map(|s| (one_line(&s.name), one_line(&s.note))).collect();
    let widest = steps.iter().map(|(name, _)| name.width()).max().unwrap_or(0);
    // Of many steps the highest must not begin beyond the edge.
    let (last, most) = (steps.len().saturating_sub(1).max(1), width / 3);
    let indent = |i: usize| if 2 * last > most { most * i / last } else { 2 * i };
    for (i, (name, note)) in steps.iter().enumerate().rev() {
        let start = format!("{}┌ {name}  ", " ".repeat(indent(i)));
        let note = if note.is_empty() { String::new() } else { format!("{}{note}", " ".repeat(widest - name.width())) };
        put_line(&cut(&format!("{start}{note}"), width), out);
    }
    for step in &ladder.beside {
        put_line(&cut(&format!("× {}  {}", one_line(&step.name), one_line(&step.note)), width), out);
    }
}

/// A line that is cut where it is too long.
fn cut(line: &str, width: usize) -> String {
    if line.width() <= width {
        line.to_owned()
    } else {
        wrapped(line, width.saturating_sub(1)).first().map_or(String::new(), |l| format!("{l}…"))
    }
}

/// A text in lines of this width at most. A word that is longer is broken.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let width = width.max(1);
    let mut lines = vec![String::new()];
    let mut used = 0;
    for word in text.split(' ') {
        let wide = word.width();
        let gap = usize::from(used > 0);
        if used + gap + wide <= width {
            if let Some(line) = lines.last_mut() {
                line.push_str(if gap == 1 { " " } else { "" });
                line.push_str(word);
            }
            used += gap + wide;
            continue;
        }
        if used > 0 {
            lines.push(String::new());
            used = 0;
        }
        for c in word.chars() {
            let wide = c.width().unwrap_or(0);
            if used + wide > width {
                lines.push(String::new());
                used = 0;
            }
            if let Some(line) = lines.last_mut() {
                line.push(c);
            }
            used += wide;
        }
    }
    lines
}

fn lay(table: &Table, width: usize, out: &mut String) {
    let shown = |cell: &Cell| match cell {
        Cell::Text(phrase) => phrase.plain(),
        Cell::Shade(text, _) => one_line(text).into_owned(),
        Cell::Bar(share) => bar(*share, BAR),
    };
    let header: Vec<String> = table.columns.iter().map(|c| one_line(&c.name).into_owned()).collect();
    let mut rows: Vec<Vec<String>> = table.rows.iter().map(|row| row.iter().map(shown).collect()).collect();
    let widths = widths(table, &header, &rows, width);
    // A bar is as long as its column is wide, and never goes over two lines.
    for (texts, cells) in rows.iter_mut().zip(&table.rows) {
        for (c, (text, cell)) in texts.iter_mut().zip(cells).enumerate() {
            if let (Cell::Bar(share), Some(width)) = (cell, widths.get(c)) {
                *text = bar(*share, (*width).min(BAR));
            }
        }
    }
    let has_names = header.iter().any(|name| !name.is_empty());
    if has_names {
        row(table, &header, &widths, out);
        let rules: Vec<String> = widths.iter().map(|w| "─".repeat(*w)).collect();
        put_line(&rules.join("  "), out);
    }
    rows.iter().for_each(|cells| row(table, cells, &widths, out));
}

/// How wide the columns are: as wide as what they hold, and less for the widest ones of words where there is too little room.
fn widths(table: &Table, header: &[String], rows: &[Vec<String>], room: usize) -> Vec<usize> {
    let longest_word = |text: &String| text.split(' ').map(UnicodeWidthStr::width).max().unwrap_or(0);
    let is_bar = |text: &String| text.starts_with(['█', '░']);
    let mut widths = vec![0; header.len()];
    let mut least = vec![0; header.len()];
    for row in std::iter::once(header).chain(rows.iter().map(Vec::as_slice)) {
        for (c, cell) in row.iter().enumerate().take(header.len()) {
            let is_fixed = table.columns.get(c).is_some_and(|c| c.is_number);
            widths[c] = widths[c].max(cell.width());
            least[c] = least[c].max(if is_fixed {
                cell.width().min(24)
            } else if is_bar(cell) {
                6
            } else {
                longest_word(cell).min(16)
            });
        }
    }
    let room = room.saturating_sub(2 * widths.len().saturating_sub(1));
    while widths.iter().sum::<usize>() > room {
        let widest = (0..widths.len()).filter(|&c| widths[c] > least[c]).max_by_key(|&c| widths[c]);
        match widest {
            Some(c) => widths[c] -= 1,
            None => break,
        }
    }
    widths
}

fn row(table: &Table, cells: &[String], widths: &[usize], out: &mut String) {
    let lines: Vec<Vec<String>> = cells.iter().zip(widths).map(|(cell, &width)| wrapped(cell, width)).collect();
    let height = lines.iter().map(Vec::len).max().unwrap_or(0);
    for i in 0..height {
        let mut line = String::new();
        for (c, &width) in widths.iter().enumerate() {
            let text = lines.get(c).and_then(|l| l.get(i)).map_or("", String::as_str);
            let space = " ".repeat(width.saturating_sub(text.width()));
            let is_number = table.columns.get(c).is_some_and(|c| c.is_number);
            line.push_str(&if is_number { format!("{space}{text}") } else { format!("{text}{space}") });
            line.push_str("  ");
        }
        put_line(&line, out);
    }
}

/// A bar of blocks; one that stands for less than nothing is paler.
pub(super) fn bar(share: f64, longest: usize) -> String {
    let eighths = (share.abs().min(1.0) * (longest * 8) as f64).round() as usize;
    let eighths = if share == 0.0 { 0 } else { eighths.max(1) };
    if share < 0.0 {
        return "░".repeat(eighths.div_ceil(8));
    }
    let mut out = "█".repeat(eighths / 8);
    if let Some(rest) = (eighths % 8).checked_sub(1).and_then(|r| EIGHTHS.get(r)) {
        out.push(*rest);
    }
    out
}
