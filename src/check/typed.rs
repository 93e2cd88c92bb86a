//! What is typed beside a model: more statements, a question, or what a lead is said to have done.
//!
//! The model is checked together with it, so that all its names are known; what is wrong with it is shown where it was typed.

use super::expressions::Place;
use super::gather::{self, Files};
use super::{Checked, check_gathered};
use crate::messages::meaning as say;
use crate::model::{Expr, TestActivity};
use crate::source::{FileId, Source, Span, offset};
use crate::syntax::{self, ast};

/// What somebody types.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TypedKind {
    /// Statements of a model.
    Statements,
    /// A value or a condition.
    Question,
    /// `visited("pricing") 3 days ago`, as in a test.
    Did,
}

/// A model together with what was typed.
#[derive(Debug)]
pub struct Typed {
    /// The model, with all that the typed text adds; its file is the last of the sources that are roots.
    pub checked: Checked,
    /// The file that was typed.
    pub file: FileId,
    /// The questions.
    pub questions: Vec<Expr>,
    /// What was done.
    pub did: Vec<TestActivity>,
}

/// Checks a model together with what is typed beside it.
#[must_use]
pub fn check_typed(root: Source, files: &dyn Files, typed: Source, kind: TypedKind) -> Typed {
    let mut gathered = gather::gather(root, files);
    let file = FileId(offset(gathered.sources.files.len()));
    match kind {
        TypedKind::Statements => gather::add_root(&mut gathered, typed, files),
        TypedKind::Question => {
            let (questions, diagnostics) = syntax::parse_questions(file, &typed);
            gathered.questions = questions;
            gathered.diagnostics.extend(diagnostics);
            gathered.sources.files.push(typed);
        }
        TypedKind::Did => {
            let (lines, diagnostics) = syntax::parse_test_lines(file, &typed);
            gathered.did = lines;
            gathered.diagnostics.extend(diagnostics);
            gathered.sources.files.push(typed);
        }
    }
    let gathered = &*super::library::with_libraries(&gathered);
    let (checked, (questions, did)) = check_gathered(gathered, files, |checker| {
        let questions = gathered.questions.iter().map(|question| checker.question(question)).collect();
        let (mut did, mut records) = (Vec::new(), 0);
        for line in &gathered.did {
            match line {
                ast::TestItem::Did(line) => checker.did_line(line, &mut records, &mut did),
                ast::TestItem::AsOf(_, span) => checker.say(say::did_wanted(*span)),
                ast::TestItem::Expect(condition) => checker.say(say::did_wanted(condition.span)),
                ast::TestItem::Lead(entries) => {
                    let span = entries.first().map_or(Span { file, start: 0, end: 0 }, |e| e.name.span);
                    checker.say(say::did_wanted(span));
                }
            }
        }
        (questions, did)
    });
    Typed { checked, file, questions, did }
}

impl<'a> super::names::Checker<'a> {
    fn question(&mut self, question: &'a ast::Expr) -> Expr {
        let (value, _) = self.value(question, Place::Expect);
        value
    }
}
