//! L508: what is defined in the root file and used nowhere.

use crate::diagnostic::Diagnostic;
use crate::messages::lints as say;
use crate::symbols::{SymbolId, SymbolKind, Symbols};

pub(super) fn lint(symbols: &Symbols) -> Vec<Diagnostic> {
    let mut is_used = vec![false; symbols.all.len()];
    for found in &symbols.uses {
        if let Some(is_used) = is_used.get_mut(found.symbol.0) {
            *is_used = true;
        }
    }
    let defined = symbols.all.iter().enumerate().filter_map(|(i, symbol)| Some((SymbolId(i), symbol, symbol.defined?)));
    // A file that is used by others defines for them.
    defined
        .filter(|(id, _, at)| at.file.0 == 0 && is_used.get(id.0) == Some(&false))
        .filter_map(|(_, symbol, at)| {
            let what = match symbol.kind {
                SymbolKind::Field => "field",
                SymbolKind::Let | SymbolKind::List | SymbolKind::Table => "let",
                SymbolKind::Profile => "profile",
                SymbolKind::ActivityType => "activity",
                // Groups, labels, stages and tests do something by themselves, and criteria in their profile.
                _ => return None,
            };
            // `activity a, b` defines two names.
            let is_alone = symbols.all.iter().filter(|other| other.whole == symbol.whole).count() == 1;
            Some(say::unused(at, symbol.whole.filter(|_| is_alone), what, &symbol.name))
        })
        .collect()
}
