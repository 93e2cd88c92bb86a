//! From pest's pairs to the tree: one function for each grammar rule, of the same name.
//!
//! Owns nothing but the way from one shape to the other; `slip_…` rules become messages here. Names are not looked up.

mod expressions;
mod literals;
mod points;
mod statements;

use pest::iterators::{Pair, Pairs};

use super::ast::{Expr, ExprKind, Name};
use super::grammar::Rule;
use super::scan::Scan;
use crate::diagnostic::Diagnostic;
use crate::source::{FileId, Span};

pub(super) use points::case_line;
pub(super) use statements::{asked, criterion, data_line, head, label_line, model_entry, statement, test_item};

/// What the builders need: where the piece stands in its file, and where messages go.
pub(super) struct Build<'d> {
    pub file: FileId,
    /// The text, as it is written and as it was parsed.
    pub scan: &'d Scan<'d>,
    /// The offset of the piece that was parsed.
    pub base: u32,
    /// Whether the tree says where things stand.
    pub is_placed: bool,
    pub diagnostics: &'d mut Vec<Diagnostic>,
}

impl Build<'_> {
    fn span(&self, pair: &Pair<'_, Rule>) -> Span {
        if !self.is_placed {
            return Span::default();
        }
        let span = pair.as_span();
        // pest's spans take in white space behind a rule that ends with optional parts.
        let text = span.as_str();
        let end = span.start() + text.trim_end().len();
        let base = self.base as usize;
        self.scan.place(self.file, base + span.start(), base + end)
    }

    fn say(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    fn broken(&self, pair: &Pair<'_, Rule>) -> Expr {
        Expr { kind: ExprKind::Broken, span: self.span(pair) }
    }

    fn name(&self, pair: &Pair<'_, Rule>) -> Name {
        let written = pair.as_str().trim_end();
        let quoted = written.contains('`');
        Name { text: if quoted { written.replace('`', "") } else { written.to_owned() }, quoted, span: self.span(pair) }
    }
}

/// The children of a pair, taken one by one.
pub(super) struct Kids<'i>(std::iter::Peekable<Pairs<'i, Rule>>);

impl<'i> Kids<'i> {
    fn of(pair: Pair<'i, Rule>) -> Kids<'i> {
        Kids(pair.into_inner().peekable())
    }

    fn peek(&mut self) -> Option<Rule> {
        self.0.peek().map(Pair::as_rule)
    }

    /// The next child, if it is of this rule.
    fn take_rule(&mut self, rule: Rule) -> Option<Pair<'i, Rule>> {
        self.0.next_if(|p| p.as_rule() == rule)
    }

    /// Whether the next child was of this rule; it is gone then.
    fn skip_rule(&mut self, rule: Rule) -> bool {
        self.take_rule(rule).is_some()
    }

    /// The first child of this rule from here on; those before it are gone.
    fn find_rule(&mut self, rule: Rule) -> Option<Pair<'i, Rule>> {
        self.0.find(|p| p.as_rule() == rule)
    }
}

impl<'i> Iterator for Kids<'i> {
    type Item = Pair<'i, Rule>;

    fn next(&mut self) -> Option<Pair<'i, Rule>> {
        self.0.next()
    }
}
