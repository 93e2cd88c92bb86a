//! L501: `mql if score between 40 and 69`. The highest stage wins, so no upper bound is needed, and 69.5 falls through.

use crate::diagnostic::Diagnostic;
use crate::messages::lints as say;
use crate::model::{Expr, ExprKind, Model};

pub(super) fn lint(model: &Model) -> Vec<Diagnostic> {
    let mut out = Vec::new();
    let top = model.ladder.stages.len().saturating_sub(1);
    for line in model.stage_lines.iter().filter(|l| l.stage < top) {
        let parts: &[Expr] = match &line.condition.kind {
            ExprKind::All(parts) => parts,
            _ => std::slice::from_ref(&line.condition),
        };
        for part in parts {
            if let ExprKind::Between(x, low, _) = &part.kind
                && matches!(x.kind, ExprKind::Score | ExprKind::Group(_))
            {
                let (x, low) = (model.sources.phrase(x.span), model.sources.phrase(low.span));
                out.push(say::stage_upper_bound(part.span, &x, &low));
            }
        }
    }
    out
}
