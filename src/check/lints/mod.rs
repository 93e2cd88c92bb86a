//! What is no error but probably not meant: one lint a file.
//!
//! Lints look at a model that has no error, and never change what it means.

mod near_names;
mod part_of_word;
mod stage_upper_bound;
mod table_lines;
mod wildcard_in_equals;

use crate::diagnostic::Diagnostic;
use crate::model::{Expr, Model};

/// All lints of a model that has no error.
pub(super) fn lints(model: &Model) -> Vec<Diagnostic> {
    let mut out = stage_upper_bound::lint(model);
    out.extend(wildcard_in_equals::lint(model));
    out.extend(part_of_word::lint(model));
    out.extend(table_lines::lint(model));
    out.extend(near_names::lint(model));
    out
}

/// Calls `f` for an expression and all below it.
fn visit<'m>(model: &'m Model, expr: &'m Expr, f: &mut dyn FnMut(&'m Expr)) {
    f(expr);
    expr.for_each_child(model, &mut |child| visit(model, child, f));
}

/// Calls `f` for every expression of a model that somebody wrote, and all below it.
fn visit_all<'m>(model: &'m Model, f: &mut dyn FnMut(&'m Expr)) {
    for expr in model.conditions() {
        visit(model, expr, f);
    }
}
