//! L503: `title contains "cto"`. Also true of "director".

use super::visit_all;
use crate::diagnostic::Diagnostic;
use crate::messages::lints as say;
use crate::model::{ExprKind, Model};
use crate::operators::TextTest;
use crate::value::Type;

/// Words that people look for, and longer words that hold them.
const KNOWN: [(&str, &str); 8] = [
    ("cto", "director"),
    ("coo", "coordinator"),
    ("intern", "international"),
    ("it", "recruiter"),
    ("vp", "svp"),
    ("hr", "chris"),
    ("pr", "president"),
    ("lead", "leadership"),
];

pub(super) fn lint(model: &Model) -> Vec<Diagnostic> {
    let mut out = Vec::new();
    visit_all(model, &mut |expr| {
        let ExprKind::Text(x, TextTest::Contains, _, needles) = &expr.kind else { return };
        let of_type = match &x.kind {
            ExprKind::Field(id) => model.fields.get(id.0).map(|f| f.of_type),
            ExprKind::Property(id) => model.properties.get(id.0).map(|p| p.of_type),
            _ => None,
        };
        if of_type != Some(Type::Text) {
            return;
        }
        // A word that is known to hide in another, or one of a few letters.
        let words = || needles.iter().map(|n| n.folded.as_str());
        let known =
            KNOWN.iter().find(|(word, _)| words().any(|w| w == *word)).map(|(word, longer)| (*word, Some(*longer)));
        let short =
            || words().find(|w| w.chars().count() <= 3 && w.chars().all(char::is_alphabetic)).map(|w| (w, None));
        if let Some((word, longer)) = known.or_else(short) {
            out.push(say::part_of_word(expr.span, word, longer));
        }
    });
    out
}
