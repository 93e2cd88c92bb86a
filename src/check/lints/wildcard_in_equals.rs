//! L502: `title = "VP*"`. `=` compares letter by letter.

use super::visit_all;
use crate::diagnostic::Diagnostic;
use crate::messages::lints as say;
use crate::model::{ExprKind, Model};
use crate::operators::CompareOp;
use crate::text::has_wildcard;
use crate::value::Value;

pub(super) fn lint(model: &Model) -> Vec<Diagnostic> {
    let mut out = Vec::new();
    visit_all(model, &mut |expr| {
        if let ExprKind::Compare(CompareOp::Equal | CompareOp::NotEqual, left, right) = &expr.kind
            && let (ExprKind::Field(_) | ExprKind::Property(_), ExprKind::Value(Value::Text(text))) =
                (&left.kind, &right.kind)
            && has_wildcard(&text.written)
        {
            out.push(say::wildcard_in_equals(right.span, &text.written));
        }
    });
    out
}
