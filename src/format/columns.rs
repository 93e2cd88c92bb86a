//! What stands below each other in neighbouring lines.

use std::ops::Range;

use unicode_width::UnicodeWidthStr;

use super::lines::WIDEST;
use super::pieces::Pieces;
use crate::syntax::outline::{Context, Kind};

/// What begins a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Column {
    /// The first word of a line.
    Start,
    /// The value of a line of a table.
    Value,
    /// What stands behind the name of a criterion.
    Criterion,
    /// `from`
    From,
    /// `=` of a `let`
    Equals,
    /// `if` of a stage or of a label
    If,
    /// `add`, `subtract`
    Give,
    /// `because`
    Because,
}

impl Column {
    /// Whether it stands at the beginning of a statement.
    pub(super) fn is_early(self) -> bool {
        matches!(self, Column::Criterion | Column::Equals | Column::If)
    }
}

/// So much wider may a line be for the sake of its columns.
const LEEWAY: usize = 4;

const COLUMNS: [Column; 7] =
    [Column::Value, Column::Criterion, Column::From, Column::Equals, Column::If, Column::Give, Column::Because];

/// A piece of a line, from where one column begins to the next.
#[derive(Debug)]
pub(super) struct Cell {
    pub column: Column,
    pub text: String,
    /// The spaces before it.
    pub space: usize,
}

/// A line of the page.
#[derive(Debug, Default)]
pub(super) struct Row {
    pub indent: usize,
    pub cells: Vec<Cell>,
    /// Whether a `;` stands behind them.
    pub has_semicolon: bool,
    pub comment: Option<String>,
    /// The spaces before its comment.
    pub comment_space: usize,
}

impl Row {
    /// Where a cell begins, without the spaces before it.
    fn end_before(&self, cell: usize) -> usize {
        self.indent + self.cells.iter().take(cell).map(|c| c.space + c.text.width()).sum::<usize>()
    }

    fn width(&self) -> usize {
        self.end_before(self.cells.len()) + usize::from(self.has_semicolon)
    }

    pub(super) fn is_blank(&self) -> bool {
        self.cells.is_empty() && self.comment.is_none()
    }

    pub(super) fn write(&self, out: &mut String) {
        let spaces = |out: &mut String, count: usize| out.extend(std::iter::repeat_n(' ', count));
        if !self.is_blank() {
            spaces(out, self.indent);
        }
        for cell in &self.cells {
            spaces(out, cell.space);
            out.push_str(&cell.text);
        }
        if self.has_semicolon {
            out.push(';');
        }
        if let Some(comment) = &self.comment {
            spaces(out, self.comment_space);
            out.push_str(comment);
        }
        out.push('\n');
    }

    fn find(&self, column: Column) -> Option<usize> {
        self.cells.iter().position(|c| c.column == column)
    }
}

/// Where the columns of a statement begin.
pub(super) fn cuts(pieces: &Pieces<'_>, tokens: &Range<usize>, context: Context) -> Vec<(usize, Column)> {
    let start = tokens.start;
    let is = |k: usize, word: &str| pieces.is_word(k, word);
    let find = |word: &str| {
        pieces.outer(start + 1..tokens.end).find(|&k| is(k, word) && pieces.all.get(k).is_some_and(|p| p.has_space))
    };
    let mut cuts = Vec::new();
    let mut cut = |place: Option<usize>, column: Column| cuts.extend(place.map(|k| (k, column)));
    let colon = || pieces.outer(tokens.clone()).find(|&k| pieces.kind(k) == Some(Kind::Colon)).map(|k| k + 1);
    match context {
        Context::Table => {
            cut(colon(), Column::Value);
            cut(find("because"), Column::Because);
        }
        Context::Profile if pieces.kind(start + 1) == Some(Kind::Colon) => cut(Some(start + 2), Column::Criterion),
        Context::Label if is(start + 1, "if") => cut(Some(start + 1), Column::If),
        Context::Top | Context::Score | Context::Choice => {
            if is(start, "let") {
                cut(Some(start + 2), Column::Equals);
            } else if is(start, "field") || is(start, "activity") {
                cut(find("from"), Column::From);
            } else {
                let is_verdict = ["disqualify", "exclude", "review", "reset"].iter().any(|w| is(start, w));
                if is(start + 1, "if") && !is_verdict {
                    cut(Some(start + 1), Column::If);
                }
                if is(start, "when") {
                    cut(find("add").into_iter().chain(find("subtract")).min(), Column::Give);
                }
                cut(find("because"), Column::Because);
            }
        }
        _ => {}
    }
    cuts
}

/// Lines neighbours up.
pub(super) fn align(rows: &mut [Row]) {
    for column in COLUMNS {
        if column == Column::Give {
            // What rules give, where one rule with a condition follows another.
            let has = |r: &Row| r.find(column).is_some();
            rows.chunk_by_mut(|a, b| has(a) && has(b)).for_each(|rows| align_column(rows, column));
        } else {
            align_column(rows, column);
        }
    }
}

/// A line that has a cell of the column: where that would begin, and how much stands from there on.
struct Entry {
    row: usize,
    cell: usize,
    at: usize,
    rest: usize,
}

fn align_column(rows: &mut [Row], column: Column) {
    let entry = |(row, r): (usize, &Row)| r.find(column).map(|cell| (row, cell, r.end_before(cell), r.width()));
    let mut entries: Vec<Entry> = rows
        .iter()
        .enumerate()
        .filter_map(entry)
        .map(|(row, cell, at, width)| Entry { row, cell, at, rest: width - at })
        .collect();
    entries.sort_by_key(|e| std::cmp::Reverse(e.at));
    let aligned = match column {
        // All or none: rules differ too much.
        Column::Give => entries
            .first()
            .zip(entries.last())
            .filter(|(far, near)| far.at - near.at <= 12)
            .map_or(entries.len(), |_| 0),
        Column::Value => first_fit(&entries, usize::MAX, usize::MAX),
        Column::If => first_fit(&entries, 24, usize::MAX),
        Column::Because => first_fit(&entries, 16, 24),
        _ => first_fit(&entries, 16, usize::MAX),
    };
    let Some(aligned) = entries.get(aligned..).filter(|e| e.len() > 1) else { return };
    let at = aligned.first().map_or(0, |e| e.at);
    if column == Column::Give && aligned.iter().any(|e| at + e.rest > WIDEST + LEEWAY) {
        return;
    }
    let text = |e: &Entry| rows.get(e.row).and_then(|r| r.cells.get(e.cell)).map_or(0, |c| c.text.width());
    let widest = aligned.iter().map(text).max().unwrap_or(0);
    // Numbers stand right, so that ones stand below ones.
    let paddings: Vec<usize> =
        aligned.iter().map(|e| if column == Column::Value && widest <= 8 { widest - text(e) } else { 0 }).collect();
    for (entry, padding) in aligned.iter().zip(paddings) {
        if let Some(cell) = rows.get_mut(entry.row).and_then(|r| r.cells.get_mut(entry.cell)) {
            cell.space = at - entry.at + 1 + padding;
        }
    }
}

/// The first line that does not stand out: all from there on have room, none is further than `jump` from the next, and
/// spaces are no more than `mean` on average. The entries come widest first.
fn first_fit(entries: &[Entry], jump: usize, mean: usize) -> usize {
    // For each: the longest rest and the sum of widths from there on.
    let mut behind: Vec<(usize, usize)> = Vec::with_capacity(entries.len());
    for entry in entries.iter().rev() {
        let (rest, sum) = behind.last().copied().unwrap_or_default();
        behind.push((rest.max(entry.rest), sum + entry.at));
    }
    behind.reverse();
    let stands_out = |k: usize| -> bool {
        let (Some(entry), Some(&(rest, sum))) = (entries.get(k), behind.get(k)) else { return false };
        let next = entries.get(k + 1).map_or(entry.at, |e| e.at);
        let count = entries.len() - k;
        entry.at + rest > WIDEST + LEEWAY || entry.at - next > jump || entry.at - sum / count > mean
    };
    (0..entries.len()).find(|&k| !stands_out(k)).unwrap_or(entries.len())
}

/// Lines up the comments at the ends of lines that follow one another.
pub(super) fn align_comments(rows: &mut [Row]) {
    let has = |r: &Row| !r.cells.is_empty() && r.comment.is_some();
    for run in
        rows.chunk_by_mut(|a, b| has(a) && has(b) && a.indent == b.indent).filter(|run| run.first().is_some_and(has))
    {
        let widths = || run.iter().map(Row::width);
        let (near, far) = (widths().min().unwrap_or(0), widths().max().unwrap_or(0));
        // One long line does not push all others away.
        let far = if far - near > 40 { 0 } else { far };
        for row in run {
            row.comment_space = far.saturating_sub(row.width()) + 2;
        }
    }
}
