//! What is no error but probably not meant: one lint a file.
//!
//! Lints look at a model that has no error, and never change what it means.

mod near_names;
mod part_of_word;
mod rolling_rate;
mod same_score;
mod stage_upper_bound;
mod table_lines;
mod two_columns;
mod unread;
mod unused;
mod wildcard_in_equals;

use std::collections::HashSet;

use crate::diagnostic::Diagnostic;
use crate::model::{Expr, Model, Scoring};
use crate::symbols::Symbols;

/// All lints of a model that has no error.
pub(super) fn lints(model: &Model, symbols: &Symbols) -> Vec<Diagnostic> {
    let mut out = stage_upper_bound::lint(model);
    out.extend(wildcard_in_equals::lint(model));
    out.extend(part_of_word::lint(model));
    out.extend(table_lines::lint(model));
    out.extend(near_names::lint(model));
    out.extend(rolling_rate::lint(model));
    out.extend(same_score::lint(model));
    out.extend(two_columns::lint(model));
    out.extend(unread::lint(model));
    out.extend(unused::lint(symbols));
    // A filter stands in each place that asks for its activity, and is told of once.
    let mut told = HashSet::new();
    out.retain(|d| told.insert((d.code, d.labels.first().map(|l| l.span), d.message.clone())));
    out
}

/// Calls `f` for every rule, table and choice of a model, and for those of which one is chosen.
fn each_scoring<'m>(model: &'m Model, f: &mut dyn FnMut(&'m Scoring)) {
    fn each<'m>(item: &'m Scoring, f: &mut dyn FnMut(&'m Scoring)) {
        f(item);
        if let Scoring::Choice { items, .. } = item {
            items.iter().for_each(|item| each(item, f));
        }
    }
    let groups = model.groups.iter().flat_map(|g| &g.items);
    model.loose.iter().chain(groups).for_each(|item| each(item, f));
}

/// Calls `f` for every expression of a model that somebody wrote, and all below it.
fn visit_all<'m>(model: &'m Model, f: &mut dyn FnMut(&'m Expr)) {
    model.walk(&mut |_, _, part| part.visit(model, f));
}
