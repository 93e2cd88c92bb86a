//! From the old model to the new one, one change at a time.
//!
//! The order is fixed: renames; what is read; definitions; points; bounds and formulas; the ladder; labels; ways to stages and
//! gates; who is disqualified and excluded; reviews; what is gone of what has a name; the order of statements. A change
//! that makes no model by itself waits, and is made together with the one that completes it.
//!
//! No model is kept: who walks along sees each and lets it go. Changes of points need none of their own, see `items`.

use super::align::{Entry, Inside, List};
use super::change::{Kind, What};
use super::items::{ItemSteps, Slots};
use super::meaning::key;
use super::tree::Written;
use super::{Both, Comparison, NEW, OLD, renames};
use crate::check::{Gathered, check_statements};
use crate::model::Model;
use crate::source::{Source, Sources};
use crate::syntax::ast::{CaseLine, Criterion, Item, ItemKind as I, LabelLine, TableLines};

/// So many waiting changes are tried one by one when another has been made.
const MOST_TRIED: usize = 8;

/// How many steps there may be before several changes are made at one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// Steps for which a model is put together, and tries of that.
    pub models: usize,
    /// Steps at which items of points change, without a model for each.
    pub items: usize,
}

impl Limits {
    /// None that matter.
    pub const NONE: Limits = Limits { models: usize::MAX, items: usize::MAX };
}

/// What whoever walks from the old model to the new one comes by.
pub(super) enum Stretch<'s> {
    /// One step, and the model behind it.
    Model(&'s Model),
    /// Many steps, at each of which an item gives other points, with the models before the first and behind the last.
    Items(&'s ItemSteps, [&'s Model; 2]),
}

impl Comparison<'_> {
    /// The steps from the old model to the new one: the changes that are made at each, mostly one.
    #[must_use]
    pub fn steps(&self) -> Vec<Vec<usize>> {
        self.walk(Limits::NONE, &mut |_, _| {})
    }

    /// The old model with these changes made, and what nobody sees; none where that is no model.
    #[must_use]
    pub fn with(&self, changes: &[usize]) -> Option<Model> {
        let mut made: Vec<bool> = self.changes.iter().map(|change| !change.can_be_seen()).collect();
        set(&mut made, changes, true);
        self.model(&made)
    }

    /// Walks from the old model to the new one. `see` is told the number of the first step of each stretch.
    pub(super) fn walk(&self, limits: Limits, see: &mut dyn FnMut(usize, Stretch<'_>)) -> Vec<Vec<usize>> {
        let order = self.order();
        let slots = Slots::of(self);
        let is_seen = |change: usize| self.changes.get(change).is_some_and(super::Change::can_be_seen);
        let (of_items, others): (Vec<usize>, Vec<usize>) =
            order.iter().filter(|c| is_seen(**c)).partition(|c| slots.has(**c));
        let at_once = others.len().div_ceil(limits.models);
        // Three models for as many steps as one holds the forms of; of long tables and choices those are few.
        let items_at_once =
            of_items.len().div_ceil(limits.items).max((3 * slots.models(&of_items)).div_ceil(limits.models)).max(1);
        let mut walk = Walk {
            comparison: self,
            items_at_once,
            made: vec![false; self.changes.len()],
            steps: Vec::new(),
            waiting: Vec::new(),
            tries: 0,
            see,
        };
        let mut rest = order.as_slice();
        while let [first, behind @ ..] = rest {
            if !is_seen(*first) {
                set(&mut walk.made, &[*first], true);
                rest = behind;
                continue;
            }
            let items = rest.iter().take_while(|c| slots.has(**c)).count();
            let run = rest.get(..items).unwrap_or_default();
            if run.len() > 1
                && walk.waiting.is_empty()
                && let Some(taken) = walk.items(&slots, run)
            {
                rest = rest.get(taken..).unwrap_or_default();
                continue;
            }
            // Changes of points that cannot be told apart so are made like any others, as many at once as it takes.
            let wanted = if run.is_empty() { at_once } else { run.len().div_ceil(limits.models) };
            let others = rest.iter().take_while(|&&c| is_seen(c)).count();
            let some =
                rest.get(..if walk.tries >= limits.models { others } else { wanted.clamp(1, others) }).unwrap_or(rest);
            walk.one(some);
            rest = rest.get(some.len()..).unwrap_or_default();
        }
        if !walk.waiting.is_empty() {
            let waiting = std::mem::take(&mut walk.waiting);
            walk.tried(&waiting);
        }
        walk.steps
    }

    /// The model with some of the changes made, where they make one.
    pub(super) fn model(&self, made: &[bool]) -> Option<Model> {
        let is_made = |change: usize| made.get(change).copied().unwrap_or(false);
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
        self.model_of(items, made)
    }

    /// The model of some statements.
    pub(super) fn model_of(&self, items: Vec<Item>, made: &[bool]) -> Option<Model> {
        let is_made = |change: usize| made.get(change).copied().unwrap_or(false);
        let as_of = if self.as_of.is_some_and(is_made) { self.new.gathered.as_of } else { self.old.gathered.as_of };
        let olds = self.old.gathered.sources.files.len();
        let marked = self
            .sources
            .files
            .iter()
            .enumerate()
            .map(|(at, s)| Source::new(format!("{}{}", if at < olds { OLD } else { NEW }, s.name), s.text.clone()));
        let sources = Sources { files: marked.collect() };
        let mut gathered =
            Gathered { items, sources, diagnostics: Vec::new(), as_of, questions: Vec::new(), did: Vec::new() };
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

    /// The old model with these steps alone, where they make one.
    pub(super) fn alone<'s>(&self, steps: impl Iterator<Item = &'s Vec<usize>>) -> Option<Model> {
        let mut made = vec![false; self.changes.len()];
        // Names, and what is defined anew: what is made of them shows what they do.
        for (at, change) in self.changes.iter().enumerate() {
            let is_defined = change.what == What::New
                && matches!(change.kind, Kind::Let | Kind::Profile | Kind::Field | Kind::Activity);
            if is_defined || change.what == What::Renamed {
                set(&mut made, &[at], true);
            }
        }
        steps.for_each(|step| set(&mut made, step, true));
        self.model(&made)
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

/// Somebody on the way from the old model to the new one.
struct Walk<'c, 'v> {
    comparison: &'c Comparison<'v>,
    /// What is made so far.
    made: Vec<bool>,
    steps: Vec<Vec<usize>>,
    waiting: Vec<usize>,
    /// So many changes of points are made at a step.
    items_at_once: usize,
    /// How many models have been put together; beyond the limit, all that is left is made at once.
    tries: usize,
    see: &'c mut dyn FnMut(usize, Stretch<'_>),
}

impl Walk<'_, '_> {
    /// Makes some changes that need a model.
    fn one(&mut self, changes: &[usize]) {
        if self.tried(changes) {
            self.take_waiting();
            return;
        }
        self.waiting.extend(changes);
        if self.waiting.len() > changes.len() {
            let waiting = std::mem::take(&mut self.waiting);
            if !self.tried(&waiting) {
                self.waiting = waiting;
            }
        }
    }

    /// Makes those waiting changes for which the time has come.
    fn take_waiting(&mut self) {
        if self.waiting.len() > MOST_TRIED {
            return;
        }
        while let Some(at) = (0..self.waiting.len())
            .find(|&at| self.waiting.get(at).copied().is_some_and(|change| self.tried(&[change])))
        {
            self.waiting.remove(at);
        }
    }

    /// Makes changes, where the model with them is one.
    fn tried(&mut self, changes: &[usize]) -> bool {
        set(&mut self.made, changes, true);
        self.tries += 1;
        match self.comparison.model(&self.made) {
            Some(model) => {
                (self.see)(self.steps.len(), Stretch::Model(&model));
                self.steps.push(changes.to_vec());
                true
            }
            None => {
                set(&mut self.made, changes, false);
                false
            }
        }
    }

    /// Makes changes of points, as many of them as one model holds; none where they cannot be told apart so.
    fn items(&mut self, slots: &Slots, run: &[usize]) -> Option<usize> {
        let at_once = self.items_at_once;
        let before = self.comparison.model(&self.made)?;
        let (steps, made) = ItemSteps::of(self.comparison, slots, run.chunks(at_once), &self.made)?;
        let behind = self.comparison.model(&made)?;
        if !steps.reads_as([&before, &behind]) {
            return None;
        }
        (self.see)(self.steps.len(), Stretch::Items(&steps, [&before, &behind]));
        self.steps.extend(run.chunks(at_once).take(steps.steps.len()).map(<[usize]>::to_vec));
        self.made = made;
        Some((steps.steps.len() * at_once).min(run.len()))
    }
}

pub(super) fn set(made: &mut [bool], changes: &[usize], to: bool) {
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
        Kind::Data | Kind::Field | Kind::Activity | Kind::MissingWords if is_gone => 19,
        Kind::Data | Kind::Field | Kind::Activity | Kind::MissingWords => 2,
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
pub(super) trait Chosen: Written {
    fn with(self, inside: &Inside, is_made: &dyn Fn(usize) -> bool) -> Self;
}

impl<T> List<T> {
    /// The order of the entries with some of the changes made.
    pub fn in_order(&self, is_made: &dyn Fn(usize) -> bool) -> &[usize] {
        if self.order.is_none_or(is_made) { &self.new_order } else { &self.old_order }
    }
}

/// A list with some of the changes made.
fn chosen<T: Chosen>(list: &List<T>, is_made: &dyn Fn(usize) -> bool) -> Vec<T> {
    list.in_order(is_made)
        .iter()
        .filter_map(|&at| list.entries.get(at))
        .filter_map(|entry| member(entry, is_made))
        .collect()
}

pub(super) fn member<T: Chosen>(entry: &Entry<T>, is_made: &dyn Fn(usize) -> bool) -> Option<T> {
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

#[cfg(test)]
mod tests {
    #![allow(clippy::expect_used)] // A model that is not valid fails the test.

    use super::{Limits, Stretch};
    use crate::check::NoFiles;
    use crate::compare::{Version, compare};
    use crate::source::Source;

    fn version(text: &str) -> Version {
        Version::read(Source::new("m.merit", text), Box::new(NoFiles)).0.expect("a model")
    }

    /// The changes that are made at each step, and how many of the steps had a model of their own.
    fn walked(old: &str, new: &str, models: usize, items: usize) -> (Vec<usize>, usize) {
        let (old, new) = (version(old), version(new));
        let comparison = compare(&old, &new);
        let mut own = 0;
        let steps = comparison
            .walk(Limits { models, items }, &mut |_, stretch| own += usize::from(matches!(stretch, Stretch::Model(_))));
        let mut all = steps.concat();
        all.sort_unstable();
        assert_eq!(all, (0..comparison.changes.len()).collect::<Vec<_>>(), "each change is made once");
        (steps.iter().map(Vec::len).collect(), own)
    }

    #[test]
    fn there_are_no_more_steps_than_there_may_be() {
        let rules = |points: usize| (0..40).map(|i| format!("when a = {i} add {points}\n")).collect::<String>();
        let text = |points: usize, least: usize| {
            let choice: String = (0..10).map(|i| format!("  when b = {i} add {points}\n")).collect();
            let lines: String = (0..20).map(|i| format!("mql if score >= {} and a = {i}\n", least + i)).collect();
            format!("{}first of {{\n{choice}}}\n{lines}", rules(points))
        };
        let (old, new) = (text(1, 100), text(2, 200));
        assert_eq!(walked(&old, &new, 100, 100), (vec![1; 70], 20));
        // Fifty changes of points in ten steps of five, twenty others in four of five.
        assert_eq!(walked(&old, &new, 4, 10), (vec![5; 14], 4));
        let (steps, own) = walked(&old, &new, 1, 1);
        assert_eq!((steps, own), (vec![50, 20], 1));
        // What makes no model is tried so often and no more, and then made all at once.
        let typed = |value: &str| {
            (0..40).map(|i| format!("when a = {value} and b = {i} add {i}\n")).collect::<String>()
                + "mql if score >= 5\n"
        };
        let (steps, own) = walked(&typed("1"), &typed("\"x\""), 10, 10);
        assert_eq!((steps, own), (vec![40], 1));
    }
}
