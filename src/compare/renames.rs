//! Names that were given to the same thing anew: a definition that vanished, and one of equal meaning that came.
//!
//! A rename is only taken for one where the new name was used for nothing before and the old one is used for nothing any
//! more: then putting the new name in place of the old one everywhere cannot make two things one.

use std::collections::BTreeSet;

use super::change::Kind;
use super::meaning::{Side, nearness};
use super::tree::{Part, Written};
use crate::braces;
use crate::syntax::ast::{Item, ItemKind as I};
use crate::text::path_key;

/// What has a name that can be given anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Named {
    Let,
    Profile,
    Score,
    Label,
    Field,
    Activity,
    Stage,
}

impl Named {
    /// What it is called.
    pub fn word(self) -> &'static str {
        match self {
            Named::Let => "let",
            Named::Profile => "profile",
            Named::Score => "score",
            Named::Label => "label",
            Named::Field => "field",
            Named::Activity => "activity",
            Named::Stage => "stage",
        }
    }

    /// What a change of it is about.
    pub fn kind(self) -> Kind {
        match self {
            Named::Let => Kind::Let,
            Named::Profile => Kind::Profile,
            Named::Score => Kind::Score,
            Named::Label => Kind::Label,
            Named::Field => Kind::Field,
            Named::Activity => Kind::Activity,
            Named::Stage => Kind::Stages,
        }
    }
}

/// One rename.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Rename {
    pub what: Named,
    pub old: String,
    pub new: String,
}

/// So much of a block must be the same for it to be the same block under another name.
const SAME_BLOCK: f64 = 0.5;

/// What was renamed, in the order in which it is to be done.
pub(super) fn renames(old: Side<'_>, new: Side<'_>) -> Vec<Rename> {
    let mut items = old.gathered.items.clone();
    let mut out = Vec::new();
    let in_new = names(&new.gathered.items);
    loop {
        let in_old = names(&items);
        let is_free = |r: &Rename| !in_old.contains(&path_key(&r.new)) && !in_new.contains(&path_key(&r.old));
        let found = stages(&items, &new.gathered.items).into_iter().find(is_free).or_else(|| {
            let vanished: Vec<&Item> =
                items.iter().filter(|i| named(i).is_some_and(|(_, n)| !in_new.contains(&path_key(n)))).collect();
            let come: Vec<&Item> = new
                .gathered
                .items
                .iter()
                .filter(|i| named(i).is_some_and(|(_, n)| !in_old.contains(&path_key(n))))
                .collect();
            same(&vanished, &come, old, new)
        });
        let Some(rename) = found else { return out };
        apply(&mut items, &rename);
        out.push(rename);
    }
}

/// The first of those that vanished for which there is one that came: of equal meaning, or a block that is mostly the same.
fn same(vanished: &[&Item], come: &[&Item], old: Side<'_>, new: Side<'_>) -> Option<Rename> {
    let rename = |a: &Item, b: &Item| {
        let ((what, old), (kind, new)) = (named(a)?, named(b)?);
        (what == kind).then(|| Rename { what, old: old.to_owned(), new: new.to_owned() })
    };
    let candidates = || vanished.iter().flat_map(|a| come.iter().filter_map(move |b| Some((*a, *b, rename(a, b)?))));
    let equal = candidates().find(|(a, b, r)| {
        let mut one = vec![(*a).clone()];
        apply(&mut one, r);
        one.first().is_some_and(|a| old.key(a) == new.key(*b))
    });
    let mostly = || {
        let near = |a: &Item, b: &Item| nearness(&parts(a, old), &parts(b, new));
        let best = candidates().map(|(a, b, r)| (near(a, b), r)).max_by(|a, b| a.0.total_cmp(&b.0));
        best.filter(|(how, _)| *how >= SAME_BLOCK).map(|(_, r)| r)
    };
    equal.map(|(_, _, r)| r).or_else(mostly)
}

/// The parts of a block as they are compared; none of what is no block.
fn parts(item: &Item, side: Side<'_>) -> Vec<String> {
    match &item.kind {
        I::Profile(profile) => profile.criteria.iter().map(|c| side.key(c)).collect(),
        I::Score(score) => score.items.iter().map(|i| side.key(i)).collect(),
        I::Label(label) => label.lines.iter().map(|l| side.key(l)).collect(),
        _ => Vec::new(),
    }
}

/// Stages of other names at the same places of two ladders of one length.
fn stages(old: &[Item], new: &[Item]) -> Vec<Rename> {
    let ladder = |items: &[Item]| -> Vec<String> {
        let stages = items.iter().find_map(|i| if let I::Stages(stages) = &i.kind { Some(stages) } else { None });
        stages.map(|s| s.names.iter().map(|(n, _)| n.text.clone()).collect()).unwrap_or_default()
    };
    let (old, new) = (ladder(old), ladder(new));
    if old.len() != new.len() {
        return Vec::new();
    }
    let differ = old.iter().zip(&new).filter(|(a, b)| path_key(a) != path_key(b));
    differ.map(|(old, new)| Rename { what: Named::Stage, old: old.clone(), new: new.clone() }).collect()
}

/// What kind of definition it is, and its name.
fn named(item: &Item) -> Option<(Named, &str)> {
    Some(match &item.kind {
        I::Let(x) => (Named::Let, &x.name.text),
        I::Profile(x) => (Named::Profile, &x.name.text),
        I::Score(x) => (Named::Score, &x.name.text),
        I::Label(x) => (Named::Label, &x.name.text),
        I::Field(x) => (Named::Field, &x.name.text),
        I::Activity(x) => match x.names.as_slice() {
            [name] => (Named::Activity, &name.text),
            _ => return None,
        },
        _ => return None,
    })
}

/// All names that are used for anything, in braces too.
pub(super) fn names<'i>(items: impl IntoIterator<Item = &'i Item>) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    for item in items {
        item.clone().walk(&mut |part| match part {
            Part::Name(name) => {
                out.insert(path_key(&name.text));
                // `company.size` uses `company`, too.
                out.extend(name.text.split('.').next().map(path_key));
            }
            Part::Printed(text) => {
                let names = braces::names(&text.text).into_iter().filter_map(|at| text.text.get(at));
                out.extend(names.map(|n| path_key(n.trim_matches('`'))));
            }
            _ => {}
        });
    }
    out
}

/// Puts the new name in place of the old one, wherever it stands.
pub(super) fn apply(items: &mut [Item], rename: &Rename) {
    let old = path_key(&rename.old);
    let mut see = |part: Part<'_>| match part {
        Part::Name(name) if path_key(&name.text) == old => name.text.clone_from(&rename.new),
        Part::Printed(text) => {
            for range in braces::names(&text.text).into_iter().rev() {
                if text.text.get(range.clone()).is_some_and(|n| path_key(n.trim_matches('`')) == old) {
                    text.text.replace_range(range, &rename.new);
                }
            }
        }
        _ => {}
    };
    items.iter_mut().for_each(|item| item.walk(&mut see));
}

/// Whether a statement is the definition of a name; the ladder that of its stages.
pub(super) fn defines(item: &Item, what: Named, name: &str) -> bool {
    match &item.kind {
        I::Stages(stages) if what == Named::Stage => stages.names.iter().any(|(n, _)| n.text == name),
        _ => named(item).is_some_and(|(kind, n)| kind == what && path_key(n) == path_key(name)),
    }
}
