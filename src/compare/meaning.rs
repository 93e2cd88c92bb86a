//! What a statement means, whatever its layout: the form in which two of them are held against each other.
//!
//! Places are gone, names stand as they are compared, lists and tables in files stand as what they hold. Nothing of this is
//! evaluated.

use crate::check::{Files, Gathered};
use crate::source::Span;
use crate::syntax::ast::{Expr, ExprKind, LetValue, Name, TableLines, Text};
use crate::text::{path_key, trim};
use crate::time::Period;

use super::tree::{Part, Written};

/// The statements of one of the two models, and how to get at their files.
#[derive(Clone, Copy)]
pub(super) struct Side<'v> {
    pub gathered: &'v Gathered,
    pub files: &'v dyn Files,
}

impl Side<'_> {
    /// Something written as it is compared.
    pub fn meaning<T: Written>(&self, written: &T) -> T {
        let mut plain = written.clone();
        // What a file is called from is told by its place, which is still known when its name comes by.
        plain.walk(&mut |part| match part {
            Part::Let(value) => self.of_files(value),
            Part::Lines(TableLines::From(path)) => *path = Text { text: self.rows(path), ..path.clone() },
            _ => {}
        });
        plain.walk(&mut |part| match part {
            Part::Place(span) => *span = Span::default(),
            Part::Name(name) => name.text = key(name),
            _ => {}
        });
        plain
    }

    /// A text that is the same for equal meanings alone.
    pub fn key<T: Written>(&self, written: &T) -> String {
        format!("{:?}", self.meaning(written))
    }

    /// The same without its numbers: what is asked, not how much of it.
    pub fn shape<T: Written>(&self, written: &T) -> String {
        let mut plain = self.meaning(written);
        plain.walk(&mut |part| match part {
            Part::Number(n) => *n = 0.0,
            Part::Period(period) => *period = Period { months: 0, days: 0, exact: 0 },
            _ => {}
        });
        format!("{plain:?}")
    }

    /// Its words for a person.
    pub fn phrase(&self, span: Span) -> String {
        self.gathered.sources.phrase(span)
    }

    /// The entries of a list that stands in a file.
    pub fn entries(&self, path: &Text) -> Vec<String> {
        self.read(path).lines().map(trim).filter(|l| !l.is_empty()).map(str::to_owned).collect()
    }

    /// The rows of a table that stands in a file, as they are written.
    pub fn rows(&self, path: &Text) -> String {
        self.read(path).lines().map(trim).filter(|l| !l.is_empty()).collect::<Vec<_>>().join("\n")
    }

    fn read(&self, path: &Text) -> String {
        let from = self.gathered.sources.of(path.span).map(|s| s.name.clone()).unwrap_or_default();
        // A model whose files cannot be had does not come so far.
        let text = self.files.read(&from, &path.text).map(|(_, text)| text).unwrap_or_default();
        text.trim_start_matches('\u{feff}').to_owned()
    }

    fn of_files(&self, value: &mut LetValue) {
        match value {
            LetValue::LinesOf(path) => {
                let items = self
                    .entries(path)
                    .into_iter()
                    .map(|text| Expr { kind: ExprKind::Text(text), span: Span::default() });
                *value = LetValue::Expr(Expr { kind: ExprKind::List(items.collect()), span: Span::default() });
            }
            LetValue::Table(path) => *path = Text { text: self.rows(path), ..path.clone() },
            LetValue::Expr(_) => {}
        }
    }
}

/// A name as it is compared.
pub(super) fn key(name: &Name) -> String {
    path_key(&name.text)
}

/// The words that a condition is about: its names and texts, without numbers.
pub(super) fn content<T: Written>(written: &T) -> Vec<String> {
    let mut words = Vec::new();
    written.clone().walk(&mut |part| match part {
        Part::Name(name) => words.push(key(name)),
        Part::Text(text) => words.push(format!("\"{}\"", text.to_lowercase())),
        _ => {}
    });
    words
}

/// How much two lists of words have in common, from 0 to 1.
pub(super) fn nearness(a: &[String], b: &[String]) -> f64 {
    if a.is_empty() && b.is_empty() {
        return 0.0;
    }
    let mut left: Vec<&String> = b.iter().collect();
    let mut shared = 0;
    for word in a {
        if let Some(at) = left.iter().position(|l| *l == word) {
            left.swap_remove(at);
            shared += 1;
        }
    }
    2.0 * f64::from(shared) / (a.len() + b.len()) as f64
}
