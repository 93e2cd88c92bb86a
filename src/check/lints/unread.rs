//! L507: what a test says of a lead or an activity, and the model does not read.

use std::collections::HashSet;

use crate::diagnostic::Diagnostic;
use crate::messages::lints as say;
use crate::model::Model;
use crate::suggest::nearest;
use crate::text::fold;

pub(super) fn lint(model: &Model) -> Vec<Diagnostic> {
    let columns: HashSet<&str> = model.fields.iter().flat_map(|field| &field.keys).map(String::as_str).collect();
    let properties: HashSet<&str> = model.property_keys().collect();
    let sources = model.activity_types.iter().flat_map(|kind| &kind.from).map(|source| &source.kind);
    let types: HashSet<&str> =
        model.activity_types.iter().map(|kind| &kind.folded).chain(sources).map(String::as_str).collect();
    // `activity()` counts activity of any type.
    let counts_any = model.queries.iter().any(|query| query.kind.is_none());
    let mut out = Vec::new();
    for test in &model.tests {
        for entry in test.lead.iter().filter(|entry| !columns.contains(&*entry.key)) {
            let known = model.fields.iter().flat_map(|f| [&f.name].into_iter().chain(&f.keys)).map(String::as_str);
            let near = nearest(&entry.name, known);
            out.push(say::unread_column(entry.span, &entry.name, near));
        }
        for did in &test.activity {
            if !types.contains(&*fold(&did.kind)) {
                let near = nearest(&did.kind, model.activity_types.iter().map(|kind| kind.name.as_str()));
                if near.is_some() || !counts_any {
                    out.push(say::unread_activity(did.span, &did.kind, near));
                }
                continue;
            }
            for property in did.properties.iter().filter(|p| p.key != "event_id" && !properties.contains(&*p.key)) {
                let near = nearest(&property.name, model.properties.iter().map(|known| known.name.as_str()));
                out.push(say::unread_property(property.span, &property.name, near));
            }
        }
    }
    out
}
