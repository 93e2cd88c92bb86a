//! One statement over as many lines as it needs.

use std::ops::Range;

use unicode_width::UnicodeWidthStr;

use super::breaks::{self, Break};
use super::pieces::Pieces;
use crate::syntax::outline::Kind;

/// So wide may a line be, its comment aside.
pub(super) const WIDEST: usize = 110;

/// So far is a line moved in against the one above it.
pub(super) const STEP: usize = 2;

/// A line as it will stand on the page.
#[derive(Debug, Default)]
pub(super) struct Line {
    pub indent: usize,
    pub text: String,
    /// The comment at its end, or the only thing on it.
    pub comment: Option<String>,
    width: usize,
}

/// The lines of some tokens that belong together.
pub(super) fn lines(pieces: &Pieces<'_>, tokens: Range<usize>, indent: usize) -> Vec<Line> {
    let mut setter = Setter { pieces, lines: vec![Line { indent, width: indent, ..Line::default() }] };
    setter.set(tokens, indent);
    setter.lines
}

/// Some tokens on one line.
pub(super) fn flat(pieces: &Pieces<'_>, tokens: Range<usize>) -> String {
    let mut text = String::new();
    for k in tokens {
        if !text.is_empty() && pieces.all.get(k).is_some_and(|p| p.has_space) {
            text.push(' ');
        }
        text.push_str(pieces.text(k));
    }
    text
}

struct Setter<'p, 't> {
    pieces: &'p Pieces<'t>,
    lines: Vec<Line>,
}

impl Setter<'_, '_> {
    /// Sets tokens from where the last line ends; further lines stand one step right of `indent`.
    fn set(&mut self, tokens: Range<usize>, indent: usize) {
        if self.fits(&tokens) {
            return self.put(tokens);
        }
        let bracket = breaks::bracket(self.pieces, &tokens);
        match breaks::best(self.pieces, &tokens) {
            Some((kind, places)) => {
                let opens = kind <= Break::Because
                    && !breaks::has_logic(self.pieces, &tokens)
                    && !self.fit(&tokens, &places, indent + STEP);
                match bracket.filter(|pair| opens && self.is_enough(&tokens, *pair)) {
                    Some(pair) => self.open(tokens, pair, indent),
                    None if kind == Break::Comma => self.fill(&tokens, &places, indent + STEP, false),
                    None => self.split(&tokens, &places, indent + STEP),
                }
            }
            None => match bracket {
                Some(pair) => self.open(tokens, pair, indent),
                None => self.put(tokens),
            },
        }
    }

    fn last(&self) -> (usize, usize) {
        self.lines.last().map_or((0, 0), |l| (l.indent, l.width))
    }

    /// Whether these tokens have room on the last line.
    fn fits(&self, tokens: &Range<usize>) -> bool {
        let (indent, width) = self.last();
        let space = usize::from(width > indent && self.pieces.all.get(tokens.start).is_some_and(|p| p.has_space));
        !self.pieces.must_break(tokens) && width + space + self.pieces.width(tokens) <= WIDEST
    }

    /// Whether all parts that begin at `places` have room on a line each.
    fn fit(&self, tokens: &Range<usize>, places: &[usize], indent: usize) -> bool {
        let ends = places.iter().copied().chain([tokens.end]);
        let starts = std::iter::once(tokens.start).chain(places.iter().copied());
        starts.zip(ends).all(|(start, end)| {
            let at = if start == tokens.start { self.last().1 } else { indent };
            !self.pieces.must_break(&(start..end)) && at + self.pieces.width(&(start..end)) <= WIDEST
        })
    }

    /// Whether all has room once this bracket is opened.
    fn is_enough(&self, tokens: &Range<usize>, (open, close): (usize, usize)) -> bool {
        let (indent, _) = self.last();
        let rest = close..tokens.end;
        self.fits(&(tokens.start..open + 1))
            && !self.pieces.must_break(&rest)
            && indent + self.pieces.width(&rest) <= WIDEST
    }

    fn put(&mut self, tokens: Range<usize>) {
        let has_space = self.pieces.all.get(tokens.start).is_some_and(|p| p.has_space);
        let text = flat(self.pieces, tokens);
        if let Some(line) = self.lines.last_mut() {
            if has_space && !line.text.is_empty() {
                line.text.push(' ');
                line.width += 1;
            }
            line.width += text.width();
            line.text.push_str(&text);
        }
    }

    /// Ends the line before token `k`, with the comments that stand there.
    fn end_line(&mut self, k: usize, indent: usize) {
        self.put_comments(k, indent);
        self.lines.push(Line { indent, width: indent, ..Line::default() });
    }

    fn put_comments(&mut self, k: usize, indent: usize) {
        let comments = self.pieces.all.get(k).map(|p| p.comments.clone()).unwrap_or_default();
        for comment in self.pieces.comments.get(comments).unwrap_or_default() {
            match self.lines.last_mut() {
                Some(line) if !comment.is_alone && line.comment.is_none() => {
                    line.comment = Some(comment.text.to_owned())
                }
                _ => self.lines.push(Line {
                    indent,
                    width: indent,
                    comment: Some(comment.text.to_owned()),
                    ..Line::default()
                }),
            }
        }
    }

    /// A line for each part.
    fn split(&mut self, tokens: &Range<usize>, places: &[usize], indent: usize) {
        let mut start = tokens.start;
        for &place in places.iter().chain([&tokens.end]) {
            if start > tokens.start {
                self.end_line(start, indent);
            }
            self.set(start..place, indent);
            start = place;
        }
    }

    /// As many parts on a line as have room; where lines are kept, a part that began a line does so again.
    fn fill(&mut self, tokens: &Range<usize>, places: &[usize], indent: usize, keeps_lines: bool) {
        let mut start = tokens.start;
        for &place in places.iter().chain([&tokens.end]) {
            let piece = self.pieces.all.get(start);
            let begins = piece.is_some_and(|p| p.must_break || keeps_lines && p.starts_line);
            if start > tokens.start && (begins || !self.fits(&(start..place))) {
                self.end_line(start, indent);
            }
            self.set(start..place, indent);
            start = place;
        }
    }

    /// Sets tokens with what stands in one of their brackets on lines of its own.
    fn open(&mut self, tokens: Range<usize>, (open, close): (usize, usize), indent: usize) {
        self.set(tokens.start..open + 1, indent);
        let (outer, _) = self.last();
        let (inner, inside) = (outer + STEP, open + 1..close);
        let commas: Vec<usize> = self
            .pieces
            .outer(inside.clone())
            .filter(|&k| k > inside.start && matches!(self.pieces.kind(k - 1), Some(Kind::Comma | Kind::Semi)))
            .collect();
        let is_empty = inside.is_empty();
        match self.pieces.kind(open) {
            Some(Kind::Open(b'{')) if !self.pieces.must_break(&(open..close + 1)) => {
                // What a test says of its lead hangs from the brace.
                let hang = self.last().1 + 1;
                self.fill(&inside, &commas, hang, false);
                return self.set(close..tokens.end, indent);
            }
            Some(Kind::Open(b'{')) if !is_empty => {
                let starts = self.entries(&inside);
                self.end_line(inside.start, inner);
                self.fill(&inside, &starts, inner, true);
                let by_commas = !inside.clone().any(|k| self.pieces.kind(k) == Some(Kind::Semi));
                if by_commas && !commas.is_empty() && starts.len() == commas.len() {
                    self.put_comma();
                }
            }
            Some(Kind::Open(b'[')) if !is_empty => {
                self.end_line(inside.start, inner);
                self.fill(&inside, &commas, inner, true);
                self.put_comma();
            }
            Some(_) if !is_empty => {
                self.end_line(inside.start, inner);
                if open > 0 && self.pieces.is_word(open - 1, "of") && !commas.is_empty() {
                    self.split(&inside, &commas, inner);
                    self.put_comma();
                } else {
                    self.set(inside, outer);
                }
            }
            _ => {}
        }
        self.put_comments(close, inner);
        self.lines.push(Line { indent: outer, width: outer, ..Line::default() });
        self.set(close..tokens.end, indent);
    }

    /// Where the entries of a lead begin, but for the first.
    fn entries(&self, inside: &Range<usize>) -> Vec<usize> {
        let begins = |k: usize| {
            matches!(self.pieces.kind(k - 1), Some(Kind::Comma | Kind::Semi))
                || self.pieces.all.get(k).is_some_and(|p| p.must_break)
        };
        self.pieces.outer(inside.clone()).filter(|&k| k > inside.start && begins(k)).collect()
    }

    fn put_comma(&mut self) {
        if let Some(line) = self.lines.last_mut() {
            line.text.push(',');
            line.width += 1;
        }
    }
}
