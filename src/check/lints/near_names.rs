//! L505: `emplyees`, where the model also reads `employees`.

use crate::diagnostic::Diagnostic;
use crate::messages::lints as say;
use crate::model::Model;

pub(super) fn lint(model: &Model) -> Vec<Diagnostic> {
    let mut uses = vec![0usize; model.fields.len()];
    super::visit_all(model, &mut |expr| {
        if let crate::model::ExprKind::Field(id) = &expr.kind
            && let Some(count) = uses.get_mut(id.0)
        {
            *count += 1;
        }
    });
    let mut out = Vec::new();
    for (i, field) in model.fields.iter().enumerate().filter(|(_, f)| !f.is_declared && f.name.chars().count() > 4) {
        // A name that is declared or used more often is the one that is meant.
        let better = model.fields.iter().enumerate().filter(|(j, other)| *j != i && (other.is_declared || uses.get(*j) > uses.get(i)));
        let near = better.filter(|(_, other)| strsim::osa_distance(&field.name.to_lowercase(), &other.name.to_lowercase()) == 1).map(|(_, o)| o).next();
        if let Some(other) = near {
            out.push(say::near_name(field.span, &field.name, other.span, &other.name));
            continue;
        }
        // A score or label that is misspelt reads as a column that nobody has.
        let named = model.groups.iter().map(|g| (g.name.as_str(), g.span)).chain(model.labels.iter().map(|l| (l.name.as_str(), l.span)));
        let named = named.chain(model.definitions.iter().map(|d| (d.name.as_str(), d.span)));
        let near = named.into_iter().find(|(name, _)| strsim::osa_distance(&field.name.to_lowercase(), &name.to_lowercase()) == 1);
        if let Some((name, span)) = near {
            out.push(say::near_name(field.span, &field.name, span, name));
        }
    }
    out
}
