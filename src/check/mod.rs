//! From tree to model: names, types, limits.
//!
//! `check` takes the text of the root file and a way to get the others, and gives the model or all that is wrong. It does
//! no I/O itself. A definition that failed silences what depends on it.

mod activity;
mod bare_words;
mod comparisons;
mod data;
mod definitions;
mod expressions;
mod files;
mod functions;
mod gather;
mod library;
mod lints;
mod names;
mod points;
mod stages;
mod symbols;
mod templates;
mod tests;
mod typed;
mod types;

pub use gather::{Files, NoFiles};
pub(crate) use gather::{Gathered, gather};
pub use stages::{KNOWN_STAGES, known_stage};
pub use typed::{Typed, TypedKind, check_typed};

use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};

use crate::diagnostic::{Code, Diagnostic, MOST_SHOWN};
use crate::messages::syntax as say;
use crate::model::Model;
use crate::source::{Source, Sources};
use crate::symbols::Symbols;

/// More rules than this are refused.
pub const MOST_RULES: usize = 10_000;

/// Definitions that use definitions may be nested this deep, all written out.
pub const DEEPEST_WRITTEN_OUT: usize = 512;

/// What became of a model.
#[derive(Debug)]
pub struct Checked {
    /// The model, where there is no error.
    pub model: Option<Model>,
    /// Its names, also where there are errors.
    pub symbols: Symbols,
    /// Its files, for drawing the messages.
    pub sources: Sources,
    /// All that there is to say, in the order of the files.
    pub diagnostics: Vec<Diagnostic>,
}

/// Checks a model: the root file, and those that it uses.
#[must_use]
pub fn check(root: Source, files: &dyn Files) -> Checked {
    check_statements(&gather(root, files), files)
}

/// Checks statements that have been gathered.
#[must_use]
pub(crate) fn check_statements(gathered: &Gathered, files: &dyn Files) -> Checked {
    check_gathered(&library::with_libraries(gathered), files, |_| {}).0
}

/// Checks what was gathered; `beside` may ask for more when all of the model is known.
fn check_gathered<'a, T>(
    gathered: &'a gather::Gathered,
    files: &'a dyn Files,
    beside: impl FnOnce(&mut names::Checker<'a>) -> T,
) -> (Checked, T) {
    let mut checker = names::Checker::new(gathered, files);
    checker.time_zone();
    checker.declare();
    checker.define();
    checker.data();
    checker.build();
    checker.treat_fields();
    let more = beside(&mut checker);
    let symbols = checker.symbols();
    let digests = std::mem::take(&mut checker.digests);
    let (mut model, mut diagnostics) = checker.finish();
    diagnostics.extend(gathered.diagnostics.iter().cloned());
    model.sources = gathered.sources.clone();
    library::mark_fields(&mut model, &symbols, gathered);
    let has_errors = diagnostics.iter().any(Diagnostic::is_error);
    if !has_errors {
        diagnostics.extend(lints::lints(&model, &symbols));
    } else {
        // What a refused line reads as a column may be the half of something else.
        diagnostics.retain(|d| d.code != Code::L514);
    }
    diagnostics.sort_by_key(|d| d.labels.first().map(|l| l.span));
    model.hash = hash(&gathered.sources, &digests);
    (
        Checked {
            model: (!has_errors).then_some(model),
            symbols,
            sources: gathered.sources.clone(),
            diagnostics: bounded(diagnostics),
        },
        more,
    )
}

/// As many as are shown, errors and warnings each for themselves; what there is to say of the others stands at the end.
fn bounded(all: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut shown = Vec::with_capacity(all.len().min(2 * MOST_SHOWN + 2));
    let mut counts = [0; 2];
    let mut next = [None; 2];
    let mut is_told = false;
    for diagnostic in all {
        // Reading stopped there: that more is wrong has been said.
        if diagnostic.code == Code::E133 {
            is_told = true;
            shown.push(diagnostic);
            continue;
        }
        let kind = usize::from(!diagnostic.is_error());
        counts[kind] += 1;
        if counts[kind] <= MOST_SHOWN {
            shown.push(diagnostic);
        } else if next[kind].is_none() {
            next[kind] = diagnostic.labels.first().map(|l| l.span);
        }
    }
    let [of_errors, of_warnings] = next;
    shown.extend(of_errors.filter(|_| !is_told).map(|at| say::too_many(at, MOST_SHOWN)));
    shown.extend(of_warnings.map(|at| say::too_many_warnings(at, counts[1] - MOST_SHOWN)));
    shown
}

/// The hash over all files, also lists and tables beside them, so that a result can be traced to what made it.
fn hash(sources: &Sources, beside: &BTreeMap<(bool, String), files::Digest>) -> String {
    let mut hasher = Sha256::new();
    for source in &sources.files {
        hasher.update(source.text.as_bytes());
        hasher.update([0]);
    }
    beside.values().for_each(|digest| hasher.update(digest));
    let digest = hasher.finalize();
    let hex: String = digest.iter().map(|b| format!("{b:02x}")).collect();
    format!("sha256:{hex}")
}
