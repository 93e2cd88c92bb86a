//! The page: all statements of a file, with their comments and blank lines.

use std::ops::Range;

use super::columns::{self, Cell, Column, Row};
use super::lines::{self, STEP};
use super::pieces::{Pieces, verbatim};
use crate::syntax::outline::{Context, Kind, Outline, Part, PartKind};

/// Sets a text that has this outline.
pub(super) fn page(text: &str, outline: &Outline) -> String {
    let mut page = Page {
        text,
        outline,
        pieces: Pieces::new(text, outline),
        rows: Vec::new(),
        groups: vec![0],
        depth: 0,
        token: 0,
        at: 0,
        must_part: false,
        is_fresh: true,
    };
    for part in &outline.parts {
        page.comments(part.tokens.start);
        page.part(part);
        page.token = part.tokens.end;
    }
    page.comments(outline.tokens.len());
    page.finish()
}

struct Page<'p> {
    text: &'p str,
    outline: &'p Outline,
    pieces: Pieces<'p>,
    /// The lines; a blank one has neither cells nor a comment.
    rows: Vec<Row>,
    /// Where lines begin that have nothing to do with those above.
    groups: Vec<usize>,
    /// How many blocks are open.
    depth: usize,
    /// The first token that is not on the page yet.
    token: usize,
    /// The first byte of the text that is not on the page yet.
    at: usize,
    /// Whether a blank line must come next.
    must_part: bool,
    /// Whether a brace has just opened a block: no blank line follows it.
    is_fresh: bool,
}

impl Page<'_> {
    /// The comments that stand before token `end`, and behind the last part.
    fn comments(&mut self, end: usize) {
        let first = self.pieces.comments_before(self.token).start;
        let range = first..self.pieces.comments_before(end).end;
        for k in range {
            let Some(&comment) = self.pieces.comments.get(k) else { return };
            match self.rows.last_mut().filter(|r| !r.cells.is_empty() && r.comment.is_none() && !comment.is_alone) {
                Some(row) => row.comment = Some(comment.text.to_owned()),
                None => {
                    self.blank(comment.start);
                    self.rows.push(Row {
                        indent: self.depth * STEP,
                        comment: Some(comment.text.to_owned()),
                        ..Row::default()
                    });
                }
            }
            self.at = comment.end;
        }
    }

    fn part(&mut self, part: &Part) {
        let (start, end) = self.bytes(&part.tokens);
        match part.kind {
            PartKind::Close => {
                self.depth = self.depth.saturating_sub(1);
                (self.must_part, self.is_fresh) = (false, false);
                self.groups.push(self.rows.len());
                self.row(self.depth * STEP, "}".to_owned());
                self.groups.push(self.rows.len());
                self.must_part = self.depth == 0
                    && self.is_named_block(self.outline.tokens.get(part.tokens.start).and_then(|t| t.partner));
            }
            PartKind::Open => {
                self.blank(start);
                if self.depth == 0 && self.opens_named(&part.tokens) {
                    self.part_from_above();
                }
                self.groups.push(self.rows.len());
                self.statement(part.tokens.clone(), Context::Model);
                self.depth += 1;
                self.is_fresh = true;
                self.groups.push(self.rows.len());
            }
            PartKind::Line(context) => {
                self.keep_semicolon(part.tokens.start);
                self.blank(start);
                self.statement(part.tokens.clone(), context);
            }
            PartKind::Broken => {
                self.blank(start);
                self.groups.push(self.rows.len());
                let line = self.text.get(..start).and_then(|t| t.rsplit('\n').next()).unwrap_or("");
                let (indent, lead) = if line.trim().is_empty() { (0, line) } else { (self.depth * STEP, "") };
                self.row(indent, format!("{lead}{}", verbatim(self.text, self.outline, &part.tokens)));
                self.groups.push(self.rows.len());
            }
        }
        self.at = end;
    }

    /// A line that begins with a sign would go on with the one above, were there no `;` between them.
    fn keep_semicolon(&mut self, start: usize) {
        let between = self.outline.tokens.get(self.token..start).unwrap_or_default();
        if between.iter().any(|t| t.kind == Kind::Semi)
            && self.pieces.kind(start) == Some(Kind::Operator)
            && let Some(row) = self.rows.iter_mut().rev().find(|r| !r.cells.is_empty())
        {
            row.has_semicolon = true;
        }
    }

    fn row(&mut self, indent: usize, text: String) {
        self.rows.push(Row { indent, cells: vec![Cell { column: Column::Start, text, space: 0 }], ..Row::default() });
    }

    /// A statement on one line has columns.
    fn statement(&mut self, tokens: Range<usize>, context: Context) {
        let lines = lines::lines(&self.pieces, tokens.clone(), self.depth * STEP);
        let is_alone = lines.len() == 1;
        let cuts = columns::cuts(&self.pieces, &tokens, context);
        for (number, line) in lines.into_iter().enumerate() {
            let mut row = Row { indent: line.indent, comment: line.comment, ..Row::default() };
            let mut rest = line.text.as_str();
            let mut start = (tokens.start, Column::Start);
            // Of several lines, the first has the columns of its beginning.
            for &cut in cuts.iter().filter(|c| is_alone || number == 0 && c.1.is_early()) {
                let text = lines::flat(&self.pieces, start.0..cut.0);
                let Some(more) = rest.strip_prefix(&*text).and_then(|r| r.strip_prefix(' ')) else { break };
                row.cells.push(Cell { column: start.1, text, space: usize::from(start.0 > tokens.start) });
                (rest, start) = (more, cut);
            }
            if !rest.is_empty() {
                row.cells.push(Cell {
                    column: start.1,
                    text: rest.to_owned(),
                    space: usize::from(start.0 > tokens.start),
                });
            }
            self.rows.push(row);
        }
    }

    /// A blank line where there was one before the byte `start`, or where one must be.
    fn blank(&mut self, start: usize) {
        let was_blank =
            self.text.get(self.at..start).is_some_and(|gap| gap.bytes().filter(|&b| b == b'\n').count() > 1);
        if (was_blank || self.must_part) && !self.is_fresh {
            self.rows.push(Row::default());
            self.groups.push(self.rows.len());
        }
        (self.must_part, self.is_fresh) = (false, false);
    }

    /// A blank line above, and above the comments that stand right above.
    fn part_from_above(&mut self) {
        let comments = self.rows.iter().rev().take_while(|r| r.cells.is_empty() && r.comment.is_some()).count();
        let place = self.rows.len() - comments;
        if place > 0 && self.rows.get(place - 1).is_some_and(|r| !r.is_blank()) {
            self.rows.insert(place, Row::default());
            self.groups.retain(|&g| g <= place);
            self.groups.push(place + 1);
        }
    }

    /// Whether a head is one of those that define something, and not a choice or table among rules.
    fn opens_named(&self, tokens: &Range<usize>) -> bool {
        !["first", "best", "points"].iter().any(|w| self.pieces.is_word(tokens.start, w))
    }

    fn is_named_block(&self, brace: Option<u32>) -> bool {
        let Some(brace) = brace.map(|b| b as usize) else { return false };
        let at = self.outline.parts.partition_point(|p| p.tokens.end <= brace);
        self.outline.parts.get(at).is_some_and(|p| self.opens_named(&p.tokens))
    }

    fn bytes(&self, tokens: &Range<usize>) -> (usize, usize) {
        let token = |k: usize| self.outline.tokens.get(k);
        (
            token(tokens.start).map_or(0, |t| t.start as usize),
            token(tokens.end.saturating_sub(1)).map_or(0, |t| t.end as usize),
        )
    }

    fn finish(mut self) -> String {
        self.groups.push(self.rows.len());
        for pair in self.groups.windows(2) {
            if let [from, to] = pair
                && let Some(rows) = self.rows.get_mut(*from..*to)
            {
                columns::align(rows);
            }
        }
        columns::align_comments(&mut self.rows);
        let mut out = String::with_capacity(self.text.len() + self.text.len() / 4);
        for row in &self.rows {
            row.write(&mut out);
        }
        out
    }
}
