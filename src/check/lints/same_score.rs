//! L510: `score = 100`, which makes everybody equal.

use crate::diagnostic::Diagnostic;
use crate::messages::lints as say;
use crate::model::{ExprKind, Model};
use crate::value::Value;

pub(super) fn lint(model: &Model) -> Option<Diagnostic> {
    let formula = model.formula.as_ref()?;
    match formula.kind {
        ExprKind::Value(Value::Number(n)) => Some(say::same_score(formula.span, &crate::number::to_text(n))),
        _ => None,
    }
}
