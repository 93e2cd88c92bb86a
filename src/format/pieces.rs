//! The tokens of a file with what the layout needs of them: the space before each, their widths, the comments between them.

use std::ops::Range;

use unicode_width::UnicodeWidthStr;

use crate::reserved;
use crate::source::is_blank;
use crate::syntax::outline::{Context, Kind, Outline, Part, PartKind, Token};

/// A token.
pub(super) struct Piece<'t> {
    /// As it is written; empty for the comma at the end of a list, which comes and goes with the line breaks.
    pub text: &'t str,
    pub kind: Kind,
    /// Of brackets: the other one.
    pub partner: Option<usize>,
    /// Whether there is a space before it, on one line.
    pub has_space: bool,
    /// Whether it was first on its line.
    pub starts_line: bool,
    /// The comments before it: which of all.
    pub comments: Range<usize>,
    /// Whether the line must end before it.
    pub must_break: bool,
}

/// A comment.
#[derive(Clone, Copy)]
pub(super) struct Comment<'t> {
    pub text: &'t str,
    /// Whether nothing stands before it on its line.
    pub is_alone: bool,
    pub start: usize,
    pub end: usize,
}

/// All of a file.
pub(super) struct Pieces<'t> {
    pub all: Vec<Piece<'t>>,
    pub comments: Vec<Comment<'t>>,
    /// How wide all pieces before one are, and how many of them must begin a line.
    sums: Vec<(usize, usize)>,
}

impl<'t> Pieces<'t> {
    pub(super) fn new(text: &'t str, outline: &Outline) -> Pieces<'t> {
        let (comments, ranges) = find_comments(text, outline);
        let mut all: Vec<Piece<'t>> = Vec::with_capacity(outline.tokens.len());
        for (token, comments) in outline.tokens.iter().zip(ranges) {
            all.push(Piece {
                text: slice(text, token.start, token.end),
                kind: token.kind,
                partner: token.partner.map(|p| p as usize),
                has_space: true,
                starts_line: token.starts_line,
                must_break: !comments.is_empty(),
                comments,
            });
        }
        let mut pieces = Pieces { all, comments, sums: Vec::new() };
        for part in outline.parts.iter().filter(|p| p.kind != PartKind::Broken) {
            pieces.prepare(part, &outline.tokens);
        }
        let mut sum = (0, 0);
        pieces.sums.push(sum);
        for piece in &pieces.all {
            sum = (sum.0 + usize::from(piece.has_space) + piece.text.width(), sum.1 + usize::from(piece.must_break));
            pieces.sums.push(sum);
        }
        pieces
    }

    /// Which comments stand right before a token; for the number of tokens, which stand behind the last.
    pub(super) fn comments_before(&self, k: usize) -> Range<usize> {
        let behind = self.all.last().map_or(0, |p| p.comments.end)..self.comments.len();
        self.all.get(k).map_or(behind, |p| p.comments.clone())
    }

    /// How wide some tokens are on one line.
    pub(super) fn width(&self, tokens: &Range<usize>) -> usize {
        let at = |k: usize| self.sums.get(k).map_or(0, |s| s.0);
        (at(tokens.end) - at(tokens.start))
            .saturating_sub(usize::from(self.all.get(tokens.start).is_some_and(|p| p.has_space)))
    }

    /// Whether the line must end somewhere between some tokens.
    pub(super) fn must_break(&self, tokens: &Range<usize>) -> bool {
        let at = |k: usize| self.sums.get(k).map_or(0, |s| s.1);
        at(tokens.end) > at(tokens.start + 1)
    }

    pub(super) fn text(&self, k: usize) -> &'t str {
        self.all.get(k).map_or("", |p| p.text)
    }

    pub(super) fn kind(&self, k: usize) -> Option<Kind> {
        self.all.get(k).map(|p| p.kind)
    }

    /// Whether a token is this word.
    pub(super) fn is_word(&self, k: usize, word: &str) -> bool {
        self.kind(k) == Some(Kind::Word) && self.text(k).eq_ignore_ascii_case(word)
    }

    /// The token that closes the bracket at `k`, where it stands before `end`.
    pub(super) fn close(&self, k: usize, end: usize) -> Option<usize> {
        let piece = self.all.get(k).filter(|p| matches!(p.kind, Kind::Open(_)))?;
        piece.partner.filter(|&p| p > k && p < end)
    }

    /// The tokens outside of brackets.
    pub(super) fn outer(&self, tokens: Range<usize>) -> impl Iterator<Item = usize> {
        let mut next = tokens.start;
        std::iter::from_fn(move || {
            let k = Some(next).filter(|&k| k < tokens.end)?;
            next = self.close(k, tokens.end).unwrap_or(k) + 1;
            Some(k)
        })
    }

    fn prepare(&mut self, part: &Part, tokens: &[Token]) {
        let Range { start, end } = part.tokens;
        for k in start..end {
            // A comment before a comma is one behind it: no line begins with a comma.
            if self.kind(k) == Some(Kind::Comma) && k > start {
                let mine = self.all.get(k).map(|p| p.comments.clone()).unwrap_or_default();
                if let Some(next) = self.all.get_mut(k + 1).filter(|_| !mine.is_empty()) {
                    next.comments.start = mine.start;
                    next.must_break = true;
                }
                if let Some(comma) = self.all.get_mut(k) {
                    (comma.comments, comma.must_break) = (mine.start..mine.start, false);
                }
            }
            let is_spare = is_spare(tokens, k);
            let has_space = k > start && !is_spare && self.has_space(part, tokens, k);
            if let Some(piece) = self.all.get_mut(k) {
                piece.has_space = has_space;
                if is_spare {
                    piece.text = "";
                }
            }
            if matches!(self.kind(k), Some(Kind::Open(_))) && k + 1 < end {
                self.keep_open(k, start);
            }
        }
    }

    /// A list that begins on a new line stays spread out: whoever wrote it so wants it so.
    fn keep_open(&mut self, open: usize, start: usize) {
        let Some(close) = self.all.get(open).and_then(|p| p.partner) else { return };
        let is_list = match self.kind(open) {
            Some(Kind::Open(b'(')) => open > start && self.is_word(open - 1, "of"),
            _ => true,
        };
        if close > open + 1
            && is_list
            && let Some(first) = self.all.get_mut(open + 1)
        {
            first.must_break |= first.starts_line;
        }
        if self.kind(open) == Some(Kind::Open(b'{')) {
            self.entries_apart(open, close);
        }
    }

    /// What a test says of its lead needs no commas: then each part of it has a line of its own.
    fn entries_apart(&mut self, open: usize, close: usize) {
        let begins_entry = |k: usize| {
            let mut k = k;
            while self.text(k + 1) == "." {
                k += 2;
            }
            self.kind(k + 1) == Some(Kind::Colon)
        };
        let is_apart = |k: usize| matches!(self.kind(k - 1), Some(Kind::Comma | Kind::Semi)) || self.text(k - 1) == ".";
        let starts: Vec<usize> =
            self.outer(open + 1..close).filter(|&k| k > open + 1 && begins_entry(k) && !is_apart(k)).collect();
        let first = starts.first().map(|_| open + 1);
        for k in first.into_iter().chain(starts) {
            if let Some(piece) = self.all.get_mut(k) {
                piece.must_break = true;
            }
        }
    }

    fn has_space(&self, part: &Part, tokens: &[Token], k: usize) -> bool {
        let touches = |k: usize| k > 0 && tokens.get(k - 1).zip(tokens.get(k)).is_some_and(|(a, b)| a.end == b.start);
        let (Some(before), Some(this)) = (self.kind(k - 1), self.kind(k)) else { return true };
        // `1-10: 5` in a table.
        let is_tight = |at: usize| {
            part.kind == PartKind::Line(Context::Table) && at == part.tokens.start + 1 && touches(at) && touches(at + 1)
        };
        match (before, this) {
            (_, Kind::Comma | Kind::Semi | Kind::Colon | Kind::Close(b')' | b']')) => false,
            (Kind::Open(b'{'), Kind::Close(_)) => false,
            (Kind::Open(b'(' | b'['), _) => false,
            (Kind::Other, _) | (_, Kind::Other) => !touches(k),
            // A call's parenthesis touches its name; behind a word such as `to` both can be.
            (Kind::Word | Kind::Quoted, Kind::Open(b'(')) => reserved::is_reserved(self.text(k - 1)) || !touches(k),
            (Kind::Operator, _) if self.is_sign(part, k - 1) || is_tight(k - 1) => false,
            (_, Kind::Operator) if is_tight(k) => false,
            _ => true,
        }
    }

    /// Whether the plus or minus at `k` belongs to the number behind it.
    fn is_sign(&self, part: &Part, k: usize) -> bool {
        if !matches!(self.text(k), "-" | "+" | "–" | "−" | "—") {
            return false;
        }
        if k == part.tokens.start {
            return true;
        }
        match self.kind(k - 1) {
            Some(Kind::Word) => {
                reserved::is_reserved(self.text(k - 1))
                    || ["to", "above", "below"].iter().any(|w| self.is_word(k - 1, w))
            }
            Some(Kind::Number | Kind::Text | Kind::Quoted | Kind::Close(_) | Kind::Other) => false,
            _ => true,
        }
    }
}

/// The bytes from `start` to `end`.
pub(super) fn slice(text: &str, start: u32, end: u32) -> &str {
    text.get(start as usize..end as usize).unwrap_or("")
}

/// Some tokens as they stand in the file.
pub(super) fn verbatim<'t>(text: &'t str, outline: &Outline, tokens: &Range<usize>) -> &'t str {
    let token = |k: usize| outline.tokens.get(k);
    token(tokens.start)
        .zip(token(tokens.end.saturating_sub(1)))
        .map_or("", |(first, last)| slice(text, first.start, last.end))
}

/// Whether a token is a comma or `;` right before what closes its list.
pub(super) fn is_spare(tokens: &[Token], k: usize) -> bool {
    let separates = |t: &&Token| matches!(t.kind, Kind::Comma | Kind::Semi);
    let rest = tokens.get(k..).unwrap_or_default();
    rest.first().is_some_and(|t| separates(&t))
        && matches!(rest.iter().find(|t| !separates(t)).map(|t| t.kind), Some(Kind::Close(_)))
}

/// The comments of a file as they are written.
pub(super) fn comments<'t>(text: &'t str, outline: &Outline) -> Vec<&'t str> {
    find_comments(text, outline).0.into_iter().map(|c| c.text).collect()
}

/// The comments, and for each token which of them stand right before it; those behind the last token belong to none. What
/// other languages take for comments is an error, and is kept like one.
fn find_comments<'t>(text: &'t str, outline: &Outline) -> (Vec<Comment<'t>>, Vec<Range<usize>>) {
    let mut found: Vec<Comment<'t>> = Vec::new();
    let mut ranges = Vec::with_capacity(outline.tokens.len());
    let mut marked = outline.comments.iter().map(|c| c.range()).peekable();
    let mut end = 0;
    for k in 0..=outline.tokens.len() {
        let gap_end = outline.tokens.get(k).map_or(text.len(), |t| t.start as usize);
        let (first, mut at) = (found.len(), end);
        while let Some(comment) = marked.next_if(|c| c.start < gap_end) {
            strange(text, at..comment.start, end, &mut found);
            add(text, comment.clone(), end, &mut found);
            at = comment.end;
        }
        strange(text, at..gap_end, end, &mut found);
        ranges.push(first..found.len());
        end = outline.tokens.get(k).map_or(text.len(), |t| t.end as usize);
    }
    (found, ranges)
}

/// What stands between tokens and is neither white space nor a comment, line by line.
fn strange<'t>(text: &'t str, place: Range<usize>, token_end: usize, found: &mut Vec<Comment<'t>>) {
    let mut start = place.start;
    for line in text.get(place).unwrap_or("").split_inclusive('\n') {
        let lead = line.len() - line.trim_start_matches(is_blank).len();
        let len = line.trim_matches(is_blank).len();
        if len > 0 {
            add(text, start + lead..start + lead + len, token_end, found);
        }
        start += line.len();
    }
}

fn add<'t>(text: &'t str, place: Range<usize>, token_end: usize, found: &mut Vec<Comment<'t>>) {
    let before = found.last().map_or(0, |c| c.end).max(token_end);
    let is_alone = before == 0 || text.get(before..place.start).is_some_and(|gap| gap.contains('\n'));
    let (start, end) = (place.start, place.end);
    found.push(Comment { text: text.get(place).unwrap_or("").trim_end(), is_alone, start, end });
}
