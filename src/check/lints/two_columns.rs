//! L511: `industry = software`, where both are columns.

use super::visit_all;
use crate::diagnostic::Diagnostic;
use crate::messages::lints as say;
use crate::model::{ExprKind, Model};
use crate::operators::CompareOp;
use crate::value::Type;

pub(super) fn lint(model: &Model) -> Vec<Diagnostic> {
    let mut out = Vec::new();
    visit_all(model, &mut |expr| {
        let ExprKind::Compare(CompareOp::Equal | CompareOp::NotEqual, left, right) = &expr.kind else { return };
        let field = |kind: &ExprKind| if let ExprKind::Field(id) = kind { model.fields.get(id.0) } else { None };
        if let (Some(a), Some(b)) = (field(&left.kind), field(&right.kind))
            && a.of_type == Type::Text
            && a.name != b.name
        {
            out.push(say::two_columns(expr.span, &a.name, &b.name));
        }
    });
    out
}
