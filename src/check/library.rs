//! `use hubspot`: what a model asks for of Merit's own library.
//!
//! Owns which of a library's statements come in. They stand behind all others, so that what the model says of a name comes first.

use std::borrow::Cow;
use std::collections::HashSet;

use super::gather::{self, Gathered};
use crate::library;
use crate::messages::names as say;
use crate::model::Model;
use crate::source::{Source, Span};
use crate::suggest::nearest;
use crate::symbols::{SymbolId, Symbols};
use crate::syntax::ast::{Item, ItemKind, Name, Used};
use crate::syntax::names_in;
use crate::text::name_key;

/// The statements of a model, and behind them those that it asks for of the libraries that it uses.
pub(super) fn with_libraries(gathered: &Gathered) -> Cow<'_, Gathered> {
    let wanted: Vec<&Name> = gathered.items.iter().filter_map(used).collect();
    if wanted.is_empty() {
        return Cow::Borrowed(gathered);
    }
    let mut asked: HashSet<String> = gathered.sources.files.iter().flat_map(|source| names_in(&source.text)).collect();
    let mut out = gathered.clone();
    let mut waiting: Vec<Item> = Vec::new();
    let mut seen: HashSet<&str> = HashSet::new();
    for name in wanted {
        let Some(found) = library::find(&name.text) else {
            let near = nearest(&name.text, library::names());
            out.diagnostics.push(say::no_library(name.span, &name.text, near));
            continue;
        };
        if seen.insert(found.name) {
            let mut source = Source::new(found.shown(), found.text);
            source.is_library = true;
            let (_, items) = gather::parse(&mut out, source);
            waiting.extend(items.filter(|item| gather::comes_along(&item.kind)));
        }
    }
    // What comes in may ask for more.
    loop {
        let before = waiting.len();
        let (coming, rest): (Vec<Item>, Vec<Item>) = waiting.into_iter().partition(|item| is_asked(item, &asked));
        for item in &coming {
            let range = item.span.range();
            asked.extend(out.sources.of(item.span).and_then(|s| s.text.get(range)).map(names_in).unwrap_or_default());
        }
        out.items.extend(coming);
        waiting = rest;
        if waiting.len() == before {
            return Cow::Owned(out);
        }
    }
}

/// The library that a statement brings in.
fn used(item: &Item) -> Option<&Name> {
    match &item.kind {
        ItemKind::Use(Used::Library(name)) => Some(name),
        _ => None,
    }
}

/// Whether a library's statement comes in: what has a name does where the name is asked for, all else always.
fn is_asked(item: &Item, asked: &HashSet<String>) -> bool {
    let name = match &item.kind {
        ItemKind::Field(field) => &field.name,
        ItemKind::Let(line) => &line.name,
        ItemKind::Profile(profile) => &profile.name,
        ItemKind::Score(score) => &score.name,
        ItemKind::Label(label) => &label.name,
        _ => return true,
    };
    asked.contains(&name_key(&name.text))
}

/// Marks the fields for which only a library asks: nobody misses their columns.
pub(super) fn mark_fields(model: &mut Model, symbols: &Symbols, gathered: &Gathered) {
    for field in model.fields.iter_mut().filter(|field| gathered.is_library(field.span)) {
        let is_field = |id: SymbolId| symbols.all.get(id.0).is_some_and(|symbol| symbol.defined == Some(field.span));
        field.is_of_library =
            !symbols.uses.iter().any(|found| is_field(found.symbol) && !gathered.is_library(found.span));
    }
}

impl Gathered {
    /// Whether a place is in Merit's own library.
    pub(super) fn is_library(&self, at: Span) -> bool {
        self.sources.of(at).is_some_and(|source| source.is_library)
    }
}
