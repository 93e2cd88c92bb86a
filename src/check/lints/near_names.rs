//! L505: `emplyees`, where the model also reads `employees`.

use std::collections::{HashMap, HashSet};

use crate::diagnostic::Diagnostic;
use crate::messages::lints as say;
use crate::model::Model;
use crate::source::Span;
use crate::suggest::is_one_slip;

/// Names of more letters than this are not compared.
const LONGEST: usize = 100;

pub(super) fn lint(model: &Model) -> Vec<Diagnostic> {
    let mut uses = vec![0usize; model.fields.len()];
    super::visit_all(model, &mut |expr| {
        if let crate::model::ExprKind::Field(id) = &expr.kind
            && let Some(count) = uses.get_mut(id.0)
        {
            *count += 1;
        }
    });
    // Candidates by what a letter more or less, another one, or two that changed places leave alike; the first one counts.
    let mut fields: HashMap<String, Vec<usize>> = HashMap::new();
    for (i, field) in model.fields.iter().enumerate() {
        neighbours(&field.name).into_iter().for_each(|n| fields.entry(n).or_default().push(i));
    }
    let named = model
        .groups
        .iter()
        .map(|g| (g.name.as_str(), g.span))
        .chain(model.labels.iter().map(|l| (l.name.as_str(), l.span)));
    let named: Vec<(&str, Span)> = named.chain(model.definitions.iter().map(|d| (d.name.as_str(), d.span))).collect();
    let mut others: HashMap<String, Vec<usize>> = HashMap::new();
    for (i, (name, _)) in named.iter().enumerate() {
        neighbours(name).into_iter().for_each(|n| others.entry(n).or_default().push(i));
    }
    let mut out = Vec::new();
    for (i, field) in model.fields.iter().enumerate().filter(|(_, f)| !f.is_declared && f.name.chars().count() > 4) {
        let near = |known: &HashMap<String, Vec<usize>>, fits: &dyn Fn(usize) -> bool| {
            neighbours(&field.name)
                .iter()
                .filter_map(|n| known.get(n))
                .flatten()
                .copied()
                .filter(|&other| fits(other))
                .min()
        };
        let is_near = |other: &str| is_one_slip(&field.name, other);
        // A name that is declared or used more often is the one that is meant.
        let is_better = |j: usize| {
            model
                .fields
                .get(j)
                .is_some_and(|other| j != i && (other.is_declared || uses.get(j) > uses.get(i)) && is_near(&other.name))
        };
        if let Some(other) = near(&fields, &is_better).and_then(|j| model.fields.get(j)) {
            out.push(say::near_name(field.span, &field.name, other.span, &other.name));
            continue;
        }
        // A score or label that is misspelt reads as a column that nobody has.
        let is_meant = |j: usize| named.get(j).is_some_and(|(name, _)| is_near(name));
        if let Some((name, span)) = near(&others, &is_meant).and_then(|j| named.get(j)) {
            out.push(say::near_name(field.span, &field.name, *span, name));
        }
    }
    out
}

/// A name, and what is left of it without each of its letters: two names of which one has a letter more, one is another, or
/// two have changed places, share one of these. Nothing of a name that is too long to have been typed.
fn neighbours(name: &str) -> HashSet<String> {
    let letters: Vec<char> = name.to_lowercase().chars().take(LONGEST + 1).collect();
    if letters.len() > LONGEST {
        return HashSet::new();
    }
    let without = |i: usize| letters.iter().enumerate().filter(|(at, _)| *at != i).map(|(_, c)| c).collect();
    (0..letters.len()).map(without).chain([letters.iter().collect()]).collect()
}
