//! L503: `title contains "cto"`. Also true of "director".

use super::visit_all;
use crate::diagnostic::Diagnostic;
use crate::messages::lints as say;
use crate::model::{ExprKind, Model};
use crate::syntax::ast::TextTest;
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
        let ExprKind::Field(field) = &x.kind else { return };
        if model.fields.get(field.0).is_none_or(|f| f.of_type != Type::Text) {
            return;
        }
        // One word of a few letters, or one that is known to hide in another.
        let hidden = needles.iter().find_map(|n| {
            let known = KNOWN.iter().find(|(word, _)| *word == n.folded).map(|(_, longer)| *longer);
            let is_short = n.folded.chars().count() <= 3 && n.folded.chars().all(char::is_alphabetic);
            (known.is_some() || is_short).then_some((n.folded.as_str(), known))
        });
        if let Some((word, longer)) = hidden {
            out.push(say::part_of_word(expr.span, word, longer));
        }
    });
    out
}
