//! Records what each name stands for while names are resolved.

use std::cell::RefCell;
use std::collections::HashMap;

use super::definitions::{Body, State};
use super::names::{Checker, Meaning};
use crate::model::{ActivityTypeId, FieldId, GroupId, LabelId, PropertyId};
use crate::source::Span;
use crate::symbols::{Symbol, SymbolId, SymbolKind, Symbols, Use, UseRole};
use crate::syntax::ast::{self, ItemKind};

/// What a name stands for, while the model is being built.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Referent {
    Field(FieldId),
    /// A `let` or profile, by its place among the drafts.
    Draft(usize),
    Group(GroupId),
    Label(LabelId),
    Stage(usize),
    ActivityType(ActivityTypeId),
    Property(PropertyId),
}

impl Referent {
    pub fn of(meaning: Meaning) -> Option<Referent> {
        Some(match meaning {
            Meaning::Field(id) => Referent::Field(id),
            Meaning::Draft(d) => Referent::Draft(d),
            Meaning::Group(id) => Referent::Group(id),
            Meaning::Label(id) => Referent::Label(id),
            Meaning::Broken => return None,
        })
    }
}

/// The uses so far. Names are looked up through shared references, hence the cell.
#[derive(Debug)]
pub(super) struct Uses {
    found: RefCell<Vec<(Span, Referent, UseRole)>>,
    /// Where names are being resolved.
    pub role: UseRole,
}

impl Uses {
    pub fn new() -> Uses {
        Uses { found: RefCell::default(), role: UseRole::Model }
    }

    /// One more use. A place that is looked at twice counts once, as what it stood for last.
    pub fn add(&self, span: Span, referent: Referent) {
        self.found.borrow_mut().push((span, referent, self.role));
    }
}

impl Checker<'_> {
    /// All names, with their uses.
    pub(super) fn symbols(&self) -> Symbols {
        self.uses_of_tests();
        let mut found = self.uses.found.take();
        // The last of those at one place counts.
        found.reverse();
        found.sort_by_key(|(span, ..)| *span);
        found.dedup_by_key(|(span, ..)| *span);
        let mut defined: Vec<(Option<Referent>, Symbol)> = Vec::new();
        let mut define = |referent: Option<Referent>, kind, name: &str, at: Span, whole: Span| {
            defined.push((referent, Symbol { kind, name: name.to_owned(), defined: Some(at), whole: Some(whole) }));
        };
        for item in &self.gathered.items {
            let meaning = |name: &ast::Name| {
                let entry = self.names.get(&super::names::field_key(name)).filter(|entry| entry.span == name.span)?;
                Referent::of(entry.meaning)
            };
            match &item.kind {
                ItemKind::Field(x) => define(meaning(&x.name), SymbolKind::Field, &x.name.text, x.name.span, item.span),
                ItemKind::Let(x) => {
                    let referent = meaning(&x.name);
                    let kind = match referent {
                        Some(Referent::Draft(d)) => self.drafts.get(d).map(|draft| match draft.state {
                            State::List(_) => SymbolKind::List,
                            State::Table(_) => SymbolKind::Table,
                            _ => SymbolKind::Let,
                        }),
                        _ => None,
                    };
                    define(referent, kind.unwrap_or(SymbolKind::Let), &x.name.text, x.name.span, item.span);
                }
                ItemKind::Profile(x) => {
                    define(meaning(&x.name), SymbolKind::Profile, &x.name.text, x.name.span, item.span);
                    for criterion in &x.criteria {
                        if let Some(name) = &criterion.name {
                            let whole = name.span.to(criterion.condition.span);
                            define(None, SymbolKind::Criterion, &name.text, name.span, whole);
                        }
                    }
                }
                ItemKind::Score(x) => define(meaning(&x.name), SymbolKind::Group, &x.name.text, x.name.span, item.span),
                ItemKind::Label(x) => define(meaning(&x.name), SymbolKind::Label, &x.name.text, x.name.span, item.span),
                ItemKind::Test(x) => define(None, SymbolKind::Test, &x.name.text, x.name.span, item.span),
                ItemKind::Stages(x) => {
                    for (name, _) in &x.names {
                        let rank = self.rank_of(&name.text).map(Referent::Stage);
                        define(rank, SymbolKind::Stage, &name.text, name.span, name.span);
                    }
                }
                ItemKind::Activity(x) => {
                    for name in &x.names {
                        let id = self.known_activity_type(&name.text).map(Referent::ActivityType);
                        define(id, SymbolKind::ActivityType, &name.text, name.span, item.span);
                    }
                }
                _ => {}
            }
        }
        defined.sort_by_key(|(_, symbol)| symbol.defined);
        let mut ids: HashMap<Referent, SymbolId> = HashMap::new();
        for (at, (referent, _)) in defined.iter().enumerate() {
            // What is defined twice is what it was first.
            if let Some(referent) = *referent {
                ids.entry(referent).or_insert(SymbolId(at));
            }
        }
        let mut all: Vec<Symbol> = defined.into_iter().map(|(_, symbol)| symbol).collect();
        let uses = found.into_iter().map(|(span, referent, role)| {
            let symbol = *ids.entry(referent).or_insert_with(|| {
                all.push(self.undefined(referent));
                SymbolId(all.len() - 1)
            });
            Use { span, symbol, role }
        });
        let uses = uses.collect();
        // The ladder is known also where no line says it.
        let ranks = (0..self.model.ladder.stages.len()).map(Referent::Stage).filter(|rank| !ids.contains_key(rank));
        all.extend(ranks.map(|rank| self.undefined(rank)));
        Symbols { all, uses }
    }

    /// The columns, activity and properties that tests make up.
    fn uses_of_tests(&self) {
        let model = &self.model;
        let mut found = self.uses.found.borrow_mut();
        let mut columns: HashMap<&str, FieldId> = HashMap::new();
        let mut named: HashMap<&str, PropertyId> = HashMap::new();
        for (i, field) in model.fields.iter().enumerate() {
            for key in &field.keys {
                columns.entry(key).or_insert(FieldId(i));
            }
        }
        for (i, property) in model.properties.iter().enumerate() {
            named.entry(&property.key).or_insert(PropertyId(i));
        }
        for test in &model.tests {
            for entry in &test.lead {
                let id = columns.get(&*entry.key);
                found.extend(id.map(|id| (entry.span, Referent::Field(*id), UseRole::Test)));
            }
            for did in &test.activity {
                let id = self.known_activity_type(&did.kind);
                found.extend(id.map(|id| (did.span, Referent::ActivityType(id), UseRole::Test)));
                for property in &did.properties {
                    let id = named.get(&*property.key);
                    found.extend(id.map(|id| (property.span, Referent::Property(*id), UseRole::Test)));
                }
            }
        }
    }

    /// A name that is used without a definition.
    fn undefined(&self, referent: Referent) -> Symbol {
        let model = &self.model;
        let (kind, name) = match referent {
            Referent::Field(id) => (SymbolKind::Field, model.fields.get(id.0).map(|f| &f.name)),
            Referent::Draft(d) => {
                let draft = self.drafts.get(d);
                let is_profile = draft.is_some_and(|draft| matches!(draft.body, Body::Profile(_)));
                (if is_profile { SymbolKind::Profile } else { SymbolKind::Let }, draft.map(|d| &d.name.text))
            }
            Referent::Group(id) => (SymbolKind::Group, model.groups.get(id.0).map(|g| &g.name)),
            Referent::Label(id) => (SymbolKind::Label, model.labels.get(id.0).map(|l| &l.name)),
            Referent::Stage(rank) => (SymbolKind::Stage, model.ladder.stages.get(rank)),
            Referent::ActivityType(id) => (SymbolKind::ActivityType, model.activity_types.get(id.0).map(|t| &t.name)),
            Referent::Property(id) => (SymbolKind::Property, model.properties.get(id.0).map(|p| &p.name)),
        };
        Symbol { kind, name: name.cloned().unwrap_or_default(), defined: None, whole: None }
    }
}
