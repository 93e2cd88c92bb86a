//! From the old model to the new one, one change at a time.
//!
//! The order is fixed: renames; what is read; definitions; points; bounds and formulas; the ladder; labels; ways to stages and
//! gates; who is disqualified and excluded; reviews; what is gone of what has a name; the order of statements. A change
//! that makes no model by itself waits, and is made together with the one that completes it.

use super::align::{Entry, Inside, List};
use super::change::{Kind, What};
use super::meaning::key;
use super::tree::Written;
use super::{Both, Comparison, NEW, OLD, renames};
use crate::check::{Gathered, check_statements};
use crate::model::Model;
use crate::source::{Source, Sources};
use crate::syntax::ast::{CaseLine, Criterion, Item, ItemKind as I, LabelLine, TableLines};

/// So many waiting changes are tried one by one when another has been made.
const MOST_TRIED: usize = 8;

/// One step on the way.
#[derive(Debug)]
pub struct Step {
    /// The changes that are made at it, mostly one.
    pub changes: Vec<usize>,
    /// The model behind it.
    pub model: Model,
}

/// All steps, and the way to a model with any of the changes made.
pub struct Steps<'c, 'v> {
    comparison: &'c Comparison<'v>,
    /// The steps, in order.
    pub steps: Vec<Step>,
}

impl<'v> Comparison<'v> {
    /// The steps from the old model to the new one.
    #[must_use]
    pub fn steps(&self) -> Steps<'_, 'v> {
        let mut steps = Steps { comparison: self, steps: Vec::new() };
        steps.take();
        steps
    }

    /// The model with some of the changes made, where they make one.
    fn model(&self, made: &[bool]) -> Option<Model> {
        let is_made = |change: usize| made.get(change).copied().unwrap_or(false);
        let as_of = if self.as_of.is_some_and(is_made) { self.new.gathered.as_of } else { self.old.gathered.as_of };
        let missing = self.renames.iter().position(|(_, change)| !is_made(*change));
        let items = match missing {
            // Names come first, so that all else stands as it was.
            Some(done) => {
                let mut items = self.old_items.clone();
                self.renames.iter().take(done).for_each(|(rename, _)| renames::apply(&mut items, rename));
                items
            }
            None => chosen(&self.list, &is_made),
        };
        let olds = self.old.gathered.sources.files.len();
        let marked = self.sources.files.iter().enumerate().map(|(at, s)| Source::new(format!("{}{}", if at < olds { OLD } else { NEW }, s.name), s.text.clone()));
        let sources = Sources { files: marked.collect() };
        let mut gathered = Gathered { items, sources, diagnostics: Vec::new(), as_of, questions: Vec::new(), did: Vec::new() };
        let files = Both { old: &*self.old.files, new: &*self.new.files };
        // What only says something about the answer does not stand in the way of one: tests, and then labels and reviews.
        let mut checked = check_statements(&gathered, &files).model;
        for is_said in [is_test, is_said] {
            if checked.is_none() {
                let asked = renames::names(gathered.items.iter().filter(|i| !is_said(i)));
                gathered.items.retain(|item| !is_said(item) || label(item).is_some_and(|name| asked.contains(&name)));
                checked = check_statements(&gathered, &files).model;
            }
        }
        checked
    }

    /// The changes in the order in which they are made.
    #[must_use]
    pub fn order(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.changes.len()).collect();
        order.sort_by_key(|&at| self.changes.get(at).map(|c| rank(c.kind, c.what)));
        order
    }
}

fn is_test(item: &Item) -> bool {
    matches!(item.kind, I::Test(_))
}

fn is_said(item: &Item) -> bool {
    matches!(item.kind, I::Test(_) | I::Review(_) | I::Label(_))
}

/// The name of a label, as it is compared.
fn label(item: &Item) -> Option<String> {
    if let I::Label(label) = &item.kind { Some(key(&label.name)) } else { None }
}

impl Steps<'_, '_> {
    fn take(&mut self) {
        let mut made = vec![false; self.comparison.changes.len()];
        let mut waiting: Vec<usize> = Vec::new();
        for change in self.comparison.order() {
            let is_silent = self.comparison.changes.get(change).is_some_and(|c| !c.can_be_seen());
            if is_silent {
                set(&mut made, &[change], true);
                continue;
            }
            if self.tried(&mut made, &[change]) {
                self.take_waiting(&mut made, &mut waiting);
                continue;
            }
            waiting.push(change);
            if waiting.len() > 1 && self.tried(&mut made, &waiting) {
                waiting.clear();
            }
        }
        if !waiting.is_empty() {
            self.tried(&mut made, &waiting);
        }
    }

    /// Makes those waiting changes for which the time has come.
    fn take_waiting(&mut self, made: &mut [bool], waiting: &mut Vec<usize>) {
        if waiting.len() > MOST_TRIED {
            return;
        }
        while let Some(at) = waiting.iter().position(|&change| self.tried(made, &[change])) {
            waiting.remove(at);
        }
    }

    /// Makes changes, where the model with them is one.
    fn tried(&mut self, made: &mut [bool], changes: &[usize]) -> bool {
        set(made, changes, true);
        match self.comparison.model(made) {
            Some(model) => {
                self.steps.push(Step { changes: changes.to_vec(), model });
                true
            }
            None => {
                set(made, changes, false);
                false
            }
        }
    }

    /// The old model with these steps alone, where they make one.
    #[must_use]
    pub fn alone(&self, steps: &[usize]) -> Option<Model> {
        let mut made = vec![false; self.comparison.changes.len()];
        // Names, and what is defined anew: what is made of them shows what they do.
        for (at, change) in self.comparison.changes.iter().enumerate() {
            let is_defined = change.what == What::New && matches!(change.kind, Kind::Let | Kind::Profile | Kind::Field | Kind::Activity);
            if is_defined || change.what == What::Renamed {
                set(&mut made, &[at], true);
            }
        }
        for step in steps.iter().filter_map(|&s| self.steps.get(s)) {
            set(&mut made, &step.changes, true);
        }
        self.comparison.model(&made)
    }
}

fn set(made: &mut [bool], changes: &[usize], to: bool) {
    for &change in changes {
        if let Some(place) = made.get_mut(change) {
            *place = to;
        }
    }
}

fn rank(kind: Kind, what: What) -> u8 {
    let is_gone = what == What::Gone;
    match kind {
        _ if what == What::Renamed => 0,
        Kind::Information => 1,
        Kind::Field | Kind::Activity | Kind::MissingWords if is_gone => 19,
        Kind::Field | Kind::Activity | Kind::MissingWords => 2,
        Kind::Let | Kind::Profile if is_gone => 18,
        Kind::Let | Kind::Profile | Kind::Criterion => 3,
        Kind::Score if is_gone => 17,
        Kind::Rule | Kind::Choice | Kind::Table | Kind::TableLine | Kind::Reset => 4,
        Kind::Score if what == What::New => 4,
        Kind::Score => 5,
        Kind::Bounds | Kind::Formula => 6,
        Kind::Stages => 7,
        Kind::Label if is_gone => 16,
        Kind::Label | Kind::LabelLine => 8,
        Kind::Stage => 9,
        Kind::Gate => 10,
        Kind::Disqualify => 11,
        Kind::Exclude => 12,
        Kind::Review => 13,
        Kind::Test => 14,
        Kind::Order => 20,
    }
}

/// A member with some of the changes made.
trait Chosen: Written {
    fn with(self, inside: &Inside, is_made: &dyn Fn(usize) -> bool) -> Self;
}

/// A list with some of the changes made.
fn chosen<T: Chosen>(list: &List<T>, is_made: &dyn Fn(usize) -> bool) -> Vec<T> {
    let order = if list.order.is_none_or(is_made) { &list.new_order } else { &list.old_order };
    order.iter().filter_map(|&at| list.entries.get(at)).filter_map(|entry| member(entry, is_made)).collect()
}

fn member<T: Chosen>(entry: &Entry<T>, is_made: &dyn Fn(usize) -> bool) -> Option<T> {
    let side = if entry.change.is_none_or(is_made) { &entry.new } else { &entry.old };
    let member = side.clone()?;
    Some(match &entry.inside {
        Some(inside) => member.with(inside, is_made),
        None => member,
    })
}

impl Chosen for Item {
    fn with(mut self, inside: &Inside, is_made: &dyn Fn(usize) -> bool) -> Item {
        match (&mut self.kind, inside) {
            (I::Score(x), Inside::Items(list)) => x.items = chosen(list, is_made),
            (I::Choice(x), Inside::Items(list)) => x.items = chosen(list, is_made),
            (I::Profile(x), Inside::Criteria(list)) => x.criteria = chosen(list, is_made),
            (I::Label(x), Inside::Lines(list)) => x.lines = chosen(list, is_made),
            (I::Table(x), Inside::Cases(list)) => x.lines = TableLines::Here(chosen(list, is_made)),
            _ => {}
        }
        self
    }
}

impl Chosen for Criterion {
    fn with(self, _: &Inside, _: &dyn Fn(usize) -> bool) -> Criterion {
        self
    }
}

impl Chosen for CaseLine {
    fn with(self, _: &Inside, _: &dyn Fn(usize) -> bool) -> CaseLine {
        self
    }
}

impl Chosen for LabelLine {
    fn with(self, _: &Inside, _: &dyn Fn(usize) -> bool) -> LabelLine {
        self
    }
}
