//! Changes of what gives points, one after the other, without a model for each.
//!
//! A rule, a choice or a table adds to its group whatever stands beside it. So one model holds all forms that items have on
//! the way from the old model to the new one, side by side; and a step puts another form of an item in place of the one
//! before. Owns which changes can be made so, and that model. Asks no leads.

use std::collections::{HashMap, HashSet};

use super::Comparison;
use super::align::{Entry, Inside};
use super::steps::{member, set};
use crate::check::MOST_RULES;
use crate::model::Model;
use crate::syntax::ast::{Item, ItemKind as I, TableLines};

/// One model holds about so many rules and lines of forms.
const MOST_FORMS: usize = MOST_RULES / 2;

/// The changes that can be made so, each with the items that it changes: one, or two where something moved.
pub(super) struct Slots {
    of: HashMap<usize, Vec<Slot>>,
    /// How many rules and lines each item has.
    lines: HashMap<Slot, usize>,
    /// Changes of anything else.
    others: HashSet<usize>,
}

/// An item: its entry in the list of all statements, or in that of a score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Slot {
    score: Option<usize>,
    entry: usize,
}

/// Steps at which items give something else.
pub(super) struct ItemSteps {
    /// All forms of the items that change, in their groups.
    pub forms: Model,
    /// What is changed at each step.
    pub steps: Vec<Vec<OtherForm>>,
}

/// Another form of an item takes the place of the one before.
#[derive(Debug, Clone, Copy)]
pub(super) struct OtherForm {
    /// The group; one more than there are for what stands outside of groups.
    pub group: usize,
    /// The place of the form before in the group, where there was one.
    pub from: Option<usize>,
    /// The place of the one that takes its place.
    pub to: Option<usize>,
}

impl Slots {
    pub fn of(comparison: &Comparison<'_>) -> Slots {
        let mut slots = Slots { of: HashMap::new(), lines: HashMap::new(), others: HashSet::new() };
        for (at, entry) in comparison.list.entries.iter().enumerate() {
            slots.add(entry, Some(Slot { score: None, entry: at }).filter(|_| gives_points_in(entry)));
            let Some(Inside::Items(list)) = entry.inside.as_ref().filter(|_| !gives_points_in(entry)) else { continue };
            // What `reset at` hides from the rules of a group is no matter of a single one.
            let hides = |e: &Entry<Item>| {
                [&e.old, &e.new].into_iter().flatten().any(|item| matches!(&item.kind, I::Reset(reset) if reset.at))
            };
            let is_plain = !list.entries.iter().any(hides);
            for (inside, entry) in list.entries.iter().enumerate() {
                slots.add(
                    entry,
                    Some(Slot { score: Some(at), entry: inside }).filter(|_| is_plain && gives_points_in(entry)),
                );
            }
        }
        slots
    }

    /// Whether a change can be made so.
    pub fn has(&self, change: usize) -> bool {
        self.of.contains_key(&change) && !self.others.contains(&change)
    }

    /// How many rules and lines the forms have that a change adds.
    fn lines(&self, change: usize) -> usize {
        self.of.get(&change).map_or(0, |slots| slots.iter().filter_map(|slot| self.lines.get(slot)).sum())
    }

    /// How many models all forms of a run take.
    pub fn models(&self, run: &[usize]) -> usize {
        run.iter().map(|change| self.lines(*change)).sum::<usize>() / MOST_FORMS + 1
    }

    /// Adds the changes of an entry, and of all that it holds where it is an item; where it is none, its own.
    fn add(&mut self, entry: &Entry<Item>, slot: Option<Slot>) {
        if let Some(slot) = slot {
            let lines = [&entry.old, &entry.new].into_iter().flatten().map(lines).max().unwrap_or(0);
            self.lines.entry(slot).and_modify(|most| *most = lines.max(*most)).or_insert(lines);
        }
        self.add_change(entry.change, slot);
        match (&entry.inside, slot) {
            (Some(Inside::Items(list)), Some(_)) => list.entries.iter().for_each(|entry| self.add(entry, slot)),
            (Some(Inside::Cases(list)), Some(_)) => {
                list.entries.iter().for_each(|line| self.add_change(line.change, slot))
            }
            _ => {}
        }
    }

    fn add_change(&mut self, change: Option<usize>, slot: Option<Slot>) {
        match (change, slot) {
            (Some(change), Some(slot)) => {
                let slots = self.of.entry(change).or_default();
                if !slots.contains(&slot) {
                    slots.push(slot);
                }
            }
            (Some(change), None) => drop(self.others.insert(change)),
            (None, _) => {}
        }
    }
}

fn gives_points_in(entry: &Entry<Item>) -> bool {
    entry.new.as_ref().or(entry.old.as_ref()).is_some_and(gives_points)
}

fn gives_points(item: &Item) -> bool {
    matches!(item.kind, I::Rule(_) | I::Choice(_) | I::Table(_))
}

/// How many rules and lines an item has.
fn lines(item: &Item) -> usize {
    match &item.kind {
        I::Choice(choice) => choice.items.iter().map(lines).sum(),
        I::Table(table) => match &table.lines {
            TableLines::Here(lines) => lines.len(),
            // Nobody knows before it is read.
            TableLines::From(_) => MOST_RULES / 4,
        },
        _ => 1,
    }
}

impl ItemSteps {
    /// As many of these steps as one model holds, and what is made behind them; none where there is no such model.
    pub fn of<'r>(
        comparison: &Comparison<'_>,
        slots: &Slots,
        run: impl Iterator<Item = &'r [usize]>,
        before: &[bool],
    ) -> Option<(ItemSteps, Vec<bool>)> {
        let is_made = |change: usize| before.get(change).copied().unwrap_or(false);
        if !comparison.renames.iter().all(|(_, change)| is_made(*change)) {
            return None;
        }
        let mut forms = Forms::new(comparison, before);
        let mut steps = Vec::new();
        for changes in run {
            // What is too much for one model is left to the next.
            if forms.lines > MOST_FORMS {
                break;
            }
            let mut touched: Vec<Slot> =
                changes.iter().filter_map(|change| slots.of.get(change)).flatten().copied().collect();
            touched.sort_unstable();
            touched.dedup();
            steps.push(forms.step(changes, &touched)?);
        }
        if steps.is_empty() {
            return None;
        }
        let made = forms.made.clone();
        let (items, group_of) = forms.items(before);
        let forms = comparison.model_of(items, before)?;
        let outside = forms.groups.len();
        let steps = steps.into_iter().map(|step| {
            step.into_iter()
                .map(|(slot, from, to): FormOf| {
                    let group = slot.score.map_or(Some(outside), |score| group_of.get(&score).copied())?;
                    Some(OtherForm { group, from, to })
                })
                .collect::<Option<Vec<_>>>()
        });
        Some((ItemSteps { steps: steps.collect::<Option<_>>()?, forms }, made))
    }

    /// Whether the model of all forms reads cells as the models before and behind do: what a column holds is told by all that
    /// is asked of it.
    pub fn reads_as(&self, models: [&Model; 2]) -> bool {
        let fields: HashMap<_, _> =
            self.forms.fields.iter().map(|f| (f.keys.first(), (f.of_type, &f.format))).collect();
        let properties: HashMap<_, _> = self.forms.properties.iter().map(|p| (&p.key, p.of_type)).collect();
        models.into_iter().all(|model| {
            model
                .fields
                .iter()
                .all(|f| fields.get(&f.keys.first()).is_none_or(|known| *known == (f.of_type, &f.format)))
                && model.properties.iter().all(|p| properties.get(&p.key).is_none_or(|known| *known == p.of_type))
        })
    }
}

/// An item, the place of its form before a step, and of the one behind.
type FormOf = (Slot, Option<usize>, Option<usize>);

/// The forms that items have on the way, while they are gathered.
struct Forms<'c, 'v> {
    comparison: &'c Comparison<'v>,
    made: Vec<bool>,
    /// By score, and outside of all, all forms in their order.
    of: HashMap<Option<usize>, Vec<Item>>,
    /// The place of the form that each item has now.
    now: HashMap<Slot, Option<usize>>,
    lines: usize,
}

impl<'c, 'v> Forms<'c, 'v> {
    fn new(comparison: &'c Comparison<'v>, made: &[bool]) -> Forms<'c, 'v> {
        Forms { comparison, made: made.to_vec(), of: HashMap::new(), now: HashMap::new(), lines: 0 }
    }

    /// Makes some changes: of each item that they touch the place of its form before, and of the one behind.
    fn step(&mut self, changes: &[usize], slots: &[Slot]) -> Option<Vec<FormOf>> {
        let from = |forms: &mut Self, slot: Slot| match forms.now.get(&slot) {
            Some(now) => Some(*now),
            None => forms.form(slot),
        };
        let before: Vec<Option<usize>> = slots.iter().map(|&slot| from(self, slot)).collect::<Option<_>>()?;
        set(&mut self.made, changes, true);
        let mut out = Vec::new();
        for (&slot, from) in slots.iter().zip(before) {
            let to = self.form(slot)?;
            self.now.insert(slot, to);
            out.push((slot, from, to));
        }
        Some(out)
    }

    /// Adds the form that an item has now, if it is there; none where there is no such item.
    #[allow(clippy::option_option)] // Both say something.
    fn form(&mut self, slot: Slot) -> Option<Option<usize>> {
        let list = match slot.score {
            None => &self.comparison.list,
            Some(score) => match &self.comparison.list.entries.get(score)?.inside {
                Some(Inside::Items(list)) => list,
                _ => return None,
            },
        };
        let made = &self.made;
        let item = member(list.entries.get(slot.entry)?, &|change| made.get(change).copied().unwrap_or(false));
        let Some(item) = item else { return Some(None) };
        self.lines += lines(&item);
        let forms = self.of.entry(slot.score).or_default();
        forms.push(item);
        Some(Some(forms.len() - 1))
    }

    /// The statements as they were before, with all forms in place of what gives points; and the number of each score.
    fn items(mut self, before: &[bool]) -> (Vec<Item>, HashMap<usize, usize>) {
        let is_made = |change: usize| before.get(change).copied().unwrap_or(false);
        let list = &self.comparison.list;
        let mut out = Vec::new();
        let mut group_of = HashMap::new();
        for &at in list.in_order(&is_made) {
            let Some(mut item) = list.entries.get(at).filter(|e| !gives_points_in(e)).and_then(|e| member(e, &is_made))
            else {
                continue;
            };
            if let I::Score(score) = &mut item.kind {
                group_of.insert(at, group_of.len());
                score.items.retain(|item| !gives_points(item));
                score.items.extend(self.of.remove(&Some(at)).unwrap_or_default());
            }
            out.push(item);
        }
        out.extend(self.of.remove(&None).unwrap_or_default());
        (out, group_of)
    }
}
