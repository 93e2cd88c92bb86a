//! Where a line that is too long ends best.

use std::ops::Range;

use super::pieces::Pieces;
use crate::reserved::MODIFIERS;
use crate::syntax::outline::Kind;

/// The places where a line may end, the best first. A sign or word begins the next line; a comma ends the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Break {
    /// Before what a rule gives.
    Give,
    /// Before `because`, and before `if not add`.
    Because,
    Unless,
    Or,
    And,
    /// Behind a comma.
    Comma,
    Sum,
    Product,
    /// Before `per`, `halving`, `up to`, `where` and the like.
    Turn,
    /// Where a comment ends the line.
    Comment,
}

/// The best places outside of brackets: the tokens that begin a line.
pub(super) fn best(pieces: &Pieces<'_>, tokens: &Range<usize>) -> Option<(Break, Vec<usize>)> {
    let all = all(pieces, tokens);
    let best = all.iter().map(|&(kind, _)| kind).min()?;
    Some((best, all.into_iter().filter(|&(kind, _)| kind == best).map(|(_, k)| k).collect()))
}

/// Whether conditions stand side by side outside of brackets.
pub(super) fn has_logic(pieces: &Pieces<'_>, tokens: &Range<usize>) -> bool {
    all(pieces, tokens).iter().any(|(kind, _)| matches!(kind, Break::Unless | Break::Or | Break::And))
}

fn all(pieces: &Pieces<'_>, tokens: &Range<usize>) -> Vec<(Break, usize)> {
    let mut all = Vec::new();
    let mut in_between = false;
    for k in pieces.outer(tokens.clone()) {
        in_between |= pieces.is_word(k, "between");
        match (k > tokens.start).then(|| at(pieces, tokens, k)).flatten() {
            // The `and` of `between 1 and 5`.
            Some(Break::And) if std::mem::take(&mut in_between) => {
                all.extend(must_break(pieces, k).then_some((Break::Comment, k)));
            }
            Some(kind) => all.push((kind, k)),
            None => {}
        }
    }
    all
}

fn at(pieces: &Pieces<'_>, tokens: &Range<usize>, k: usize) -> Option<Break> {
    // What touches the token before it is a part of that, as in `company.because`.
    if !pieces.all.get(k).is_some_and(|p| p.has_space || p.must_break) {
        return None;
    }
    let next = |word: &str| pieces.is_word(k + 1, word);
    let gives = |k: usize| pieces.is_word(k, "add") || pieces.is_word(k, "subtract");
    let kind = match pieces.kind(k) {
        Some(Kind::Word) => match pieces.text(k).to_ascii_lowercase().as_str() {
            "add" | "subtract" if pieces.is_word(tokens.start, "when") && !pieces.is_word(k - 1, "not") => {
                Some(Break::Give)
            }
            "because" => Some(Break::Because),
            "if" if next("not") && gives(k + 2) => Some(Break::Because),
            "unless" => Some(Break::Unless),
            "or" if !["more", "less", "above", "below"].iter().any(|w| next(w)) => Some(Break::Or),
            "and" if !next("above") => Some(Break::And),
            "where" | "then" => Some(Break::Turn),
            // `each time` is short, and stays with its points.
            word => (word != "each" && MODIFIERS.contains(&word)).then_some(Break::Turn),
        },
        Some(Kind::Operator) if pieces.all.get(k + 1).is_some_and(|p| p.has_space) => match pieces.text(k) {
            "+" | "-" | "–" | "−" | "—" => Some(Break::Sum),
            "*" | "/" => Some(Break::Product),
            _ => None,
        },
        _ => None,
    };
    let behind_comma = matches!(pieces.kind(k - 1), Some(Kind::Comma)).then_some(Break::Comma);
    kind.or(behind_comma).or(must_break(pieces, k).then_some(Break::Comment))
}

fn must_break(pieces: &Pieces<'_>, k: usize) -> bool {
    pieces.all.get(k).is_some_and(|p| p.must_break)
}

/// The bracket to open: one that must be, else the widest that holds more than a word.
pub(super) fn bracket(pieces: &Pieces<'_>, tokens: &Range<usize>) -> Option<(usize, usize)> {
    let pairs = pieces.outer(tokens.clone()).filter_map(|k| pieces.close(k, tokens.end).map(|close| (k, close)));
    let weight =
        |&(open, close): &(usize, usize)| (pieces.must_break(&(open..close + 1)), pieces.width(&(open..close)));
    let words =
        |&(open, close): &(usize, usize)| (open + 1..close).filter(|&k| !pieces.text(k).is_empty()).take(2).count();
    pairs.filter(|pair| weight(pair).0 || words(pair) > 1).max_by_key(weight)
}
