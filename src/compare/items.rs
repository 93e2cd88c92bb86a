//! Changes of what gives points, one after the other, without a model for each.
//!
//! A rule, a choice or a table adds to its group whatever stands beside it. So one model holds all forms that items have on
//! the way from the old model to the new one, side by side; and a step puts another form of an item in place of the one
//! before. Owns which changes can be made so, and that model. Asks no leads.

use std::collections::HashMap;

use super::Comparison;
use super::align::{Entry, Inside};
use super::steps::{member, set};
use crate::check::MOST_RULES;
use crate::model::Model;
use crate::syntax::ast::{Item, ItemKind as I, TableLines};

/// The changes that can be made so, each with the item that it changes.
pub(super) struct Slots(HashMap<usize, Slot>);

/// An item: its entry in the list of all statements, or in that of a score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
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
        let mut slots = HashMap::new();
        for (at, entry) in comparison.list.entries.iter().enumerate() {
            add(entry, Slot { score: None, entry: at }, &mut slots);
            let (Some(_), Some(_), Some(Inside::Items(list))) = (&entry.old, &entry.new, &entry.inside) else { continue };
            // What `reset at` hides from the rules of a group is no matter of a single one.
            let hides = |e: &Entry<Item>| [&e.old, &e.new].into_iter().flatten().any(|item| matches!(&item.kind, I::Reset(reset) if reset.at));
            if entry.new.as_ref().is_some_and(|item| matches!(item.kind, I::Score(_))) && !list.entries.iter().any(hides) {
                list.entries.iter().enumerate().for_each(|(inside, entry)| add(entry, Slot { score: Some(at), entry: inside }, &mut slots));
            }
        }
        Slots(slots)
    }

    /// Whether a change can be made so.
    pub fn has(&self, change: usize) -> bool {
        self.0.contains_key(&change)
    }
}

/// Adds all changes of an item that gives points.
fn add(entry: &Entry<Item>, slot: Slot, slots: &mut HashMap<usize, Slot>) {
    if !entry.new.as_ref().or(entry.old.as_ref()).is_some_and(gives_points) {
        return;
    }
    slots.extend(entry.change.map(|change| (change, slot)));
    match &entry.inside {
        Some(Inside::Items(list)) => list.entries.iter().for_each(|entry| add(entry, slot, slots)),
        Some(Inside::Cases(list)) => slots.extend(list.entries.iter().filter_map(|line| Some((line.change?, slot)))),
        _ => {}
    }
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
    pub fn of<'r>(comparison: &Comparison<'_>, slots: &Slots, run: impl Iterator<Item = &'r [usize]>, before: &[bool]) -> Option<(ItemSteps, Vec<bool>)> {
        let is_made = |change: usize| before.get(change).copied().unwrap_or(false);
        if !comparison.renames.iter().all(|(_, change)| is_made(*change)) {
            return None;
        }
        let mut forms = Forms::new(comparison, before);
        let mut steps = Vec::new();
        for changes in run {
            // What is too much for one model is left to the next.
            if forms.lines > MOST_RULES / 2 {
                break;
            }
            let step = changes.iter().map(|change| forms.change(*change, *slots.0.get(change)?));
            steps.push(step.collect::<Option<Vec<_>>>()?);
        }
        if steps.is_empty() {
            return None;
        }
        let made = forms.made.clone();
        let (items, group_of) = forms.items(before);
        let forms = comparison.model_of(items, before)?;
        let outside = forms.groups.len();
        let steps = steps.into_iter().map(|step| {
            step.into_iter().map(|(slot, from, to): (Slot, _, _)| {
                let group = slot.score.map_or(Some(outside), |score| group_of.get(&score).copied())?;
                Some(OtherForm { group, from, to })
            }).collect::<Option<Vec<_>>>()
        });
        Some((ItemSteps { steps: steps.collect::<Option<_>>()?, forms }, made))
    }

    /// Whether the model of all forms reads cells as the models before and behind do: what a column holds is told by all that
    /// is asked of it.
    pub fn reads_as(&self, models: [&Model; 2]) -> bool {
        let fields: HashMap<_, _> = self.forms.fields.iter().map(|f| (f.keys.first(), (f.of_type, &f.format))).collect();
        let properties: HashMap<_, _> = self.forms.properties.iter().map(|p| (&p.key, p.of_type)).collect();
        models.into_iter().all(|model| {
            model.fields.iter().all(|f| fields.get(&f.keys.first()).is_none_or(|known| *known == (f.of_type, &f.format)))
                && model.properties.iter().all(|p| properties.get(&p.key).is_none_or(|known| *known == p.of_type))
        })
    }
}

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

    /// Makes a change: the item, the place of its form before, and of the one behind.
    fn change(&mut self, change: usize, slot: Slot) -> Option<(Slot, Option<usize>, Option<usize>)> {
        let from = match self.now.get(&slot) {
            Some(now) => *now,
            None => self.form(slot)?,
        };
        set(&mut self.made, &[change], true);
        let to = self.form(slot)?;
        self.now.insert(slot, to);
        Some((slot, from, to))
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
            let Some(mut item) = list.entries.get(at).filter(|e| !e.new.as_ref().or(e.old.as_ref()).is_some_and(gives_points)).and_then(|e| member(e, &is_made)) else { continue };
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
