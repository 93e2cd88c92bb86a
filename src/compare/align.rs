//! Which statement of the old model is which of the new one.
//!
//! Lists are held against each other by what their members ask for, from equal meaning to mere nearness; never by line. What a
//! block holds is a list again, so that the outcome is one tree with both models in it.

use std::collections::{HashMap, HashSet};
use std::mem::{Discriminant, discriminant};

use super::meaning::{Side, content, nearness};
use super::tree::Written;
use crate::syntax::ast::{CaseLine, Criterion, Expr, HowOften, Item, ItemKind as I, LabelLine, TableLines, Text};
use crate::text::path_key;

/// Half of the words in common is not near enough.
const NEAR: f64 = 0.5;

/// More pairs than this are not looked at for nearness.
const MOST_COMPARED: usize = 1_000_000;

/// Both versions of a list.
#[derive(Debug, Clone)]
pub(super) struct List<T> {
    /// Each member in either or both.
    pub entries: Vec<Entry<T>>,
    /// The entries in the old order, new ones behind those that they follow.
    pub old_order: Vec<usize>,
    /// The entries in the new order, those that are gone behind those that they followed.
    pub new_order: Vec<usize>,
    /// Those that stand in another order among the others.
    pub moved: Vec<usize>,
    /// The change that says so.
    pub order: Option<usize>,
}

/// A member of a list in the old model, in the new one, or in both.
#[derive(Debug, Clone)]
pub(super) struct Entry<T> {
    pub old: Option<T>,
    pub new: Option<T>,
    /// The change that takes the one to the other; none where they mean the same.
    pub change: Option<usize>,
    /// What it holds, where both are blocks.
    pub inside: Option<Inside>,
}

/// What a block holds.
#[derive(Debug, Clone)]
pub(super) enum Inside {
    Items(List<Item>),
    Criteria(List<Criterion>),
    Cases(List<CaseLine>),
    Lines(List<LabelLine>),
}

/// What members have in common that may be the same.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Class {
    /// Lines of one block are all alike.
    Line,
    /// Statements of this kind.
    Statement(Discriminant<I>),
    /// `best of`, else `first of`.
    Choice { best: bool },
    /// `reset at`, else `reset if`.
    Reset { at: bool },
    /// Ways to this stage, or gates of it.
    Stage(Discriminant<I>, String),
}

/// What a member is known by: its class, within which alone it is compared; keys from strict to loose; its words.
pub(super) struct Marks {
    class: Class,
    keys: Vec<Option<String>>,
    words: Vec<String>,
    /// Whether it is the same if it is the last of its class on both sides.
    is_alone_the_same: bool,
}

/// A member of a list.
pub(super) trait Member: Written {
    fn marks(&self, side: Side<'_>) -> Marks;
    /// The lists within two blocks that are paired.
    fn inside(&self, other: &Self, sides: (Side<'_>, Side<'_>)) -> Option<Inside>;
}

/// Holds two lists against each other.
pub(super) fn align<T: Member>(old: &[T], new: &[T], sides: (Side<'_>, Side<'_>)) -> List<T> {
    let old_marks: Vec<Marks> = old.iter().map(|t| t.marks(sides.0)).collect();
    let new_marks: Vec<Marks> = new.iter().map(|t| t.marks(sides.1)).collect();
    let partners = pairs(&old_marks, &new_marks);
    let mut entries = Vec::with_capacity(old.len());
    let mut of_new: Vec<Option<usize>> = vec![None; new.len()];
    for (at, (old, partner)) in old.iter().zip(&partners).enumerate() {
        let new = partner.and_then(|n| new.get(n));
        if let Some(place) = partner.and_then(|n| of_new.get_mut(n)) {
            *place = Some(at);
        }
        let inside = new.and_then(|new| old.inside(new, sides));
        entries.push(Entry { old: Some(old.clone()), new: new.cloned(), change: None, inside });
    }
    for (place, new) in of_new.iter_mut().zip(new) {
        if place.is_none() {
            *place = Some(entries.len());
            entries.push(Entry { old: None, new: Some(new.clone()), change: None, inside: None });
        }
    }
    let olds: Vec<usize> = (0..old.len()).collect();
    let news: Vec<usize> = of_new.into_iter().flatten().collect();
    let moved = moved(&news.iter().copied().filter(|&e| e < old.len()).collect::<Vec<_>>());
    List { old_order: merged(&olds, &news), new_order: merged(&news, &olds), entries, moved, order: None }
}

/// The first order, with those that only the second has behind those that they follow there.
fn merged(first: &[usize], second: &[usize]) -> Vec<usize> {
    let mut out = first.to_vec();
    let known: HashSet<usize> = first.iter().copied().collect();
    let mut place = 0;
    for &entry in second {
        if known.contains(&entry) {
            place = out.iter().position(|&e| e == entry).map_or(out.len(), |at| at + 1);
        } else {
            out.insert(place, entry);
            place += 1;
        }
    }
    out
}

/// Those numbers that have to move for the others to rise: all but a longest run that rises.
fn moved(numbers: &[usize]) -> Vec<usize> {
    // For each length the place of the least number that ends a run of it, and of each number the one before it in its run.
    let mut ends: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::with_capacity(numbers.len());
    for (at, number) in numbers.iter().enumerate() {
        let length = ends.partition_point(|&end| numbers.get(end).is_some_and(|n| n < number));
        before.push(length.checked_sub(1).and_then(|l| ends.get(l)).copied());
        match ends.get_mut(length) {
            Some(end) => *end = at,
            None => ends.push(at),
        }
    }
    let mut stays = HashSet::new();
    let mut next = ends.last().copied();
    while let Some(at) = next {
        stays.insert(at);
        next = before.get(at).copied().flatten();
    }
    numbers.iter().enumerate().filter(|(at, _)| !stays.contains(at)).map(|(_, n)| *n).collect()
}

/// The new member for each old one.
fn pairs(old: &[Marks], new: &[Marks]) -> Vec<Option<usize>> {
    let mut partners: Vec<Option<usize>> = vec![None; old.len()];
    let mut taken = vec![false; new.len()];
    let levels = old.iter().chain(new).map(|m| m.keys.len()).max().unwrap_or(0);
    let pair = |partners: &mut Vec<Option<usize>>, taken: &mut Vec<bool>, o: usize, n: usize| {
        if let (Some(partner @ None), Some(free @ false)) = (partners.get_mut(o), taken.get_mut(n)) {
            *partner = Some(n);
            *free = true;
        }
    };
    for level in 0..levels {
        let mut free: HashMap<(&Class, &str), Vec<usize>> = HashMap::new();
        for (n, marks) in new.iter().enumerate().rev() {
            if let (Some(Some(key)), Some(false)) = (marks.keys.get(level), taken.get(n)) {
                free.entry((&marks.class, key)).or_default().push(n);
            }
        }
        for (o, marks) in old.iter().enumerate() {
            if let (Some(Some(key)), Some(None)) = (marks.keys.get(level), partners.get(o))
                && let Some(n) = free.get_mut(&(&marks.class, key.as_str())).and_then(Vec::pop)
            {
                pair(&mut partners, &mut taken, o, n);
            }
        }
    }
    let left = |partners: &[Option<usize>], taken: &[bool]| -> (Vec<usize>, Vec<usize>) {
        let old = partners.iter().enumerate().filter(|(_, p)| p.is_none()).map(|(o, _)| o).collect();
        (old, taken.iter().enumerate().filter(|(_, t)| !**t).map(|(n, _)| n).collect())
    };
    let mut near: Vec<(f64, usize, usize)> = Vec::new();
    let (old_left, new_left) = left(&partners, &taken);
    if old_left.len() * new_left.len() <= MOST_COMPARED {
        for &o in &old_left {
            for &n in &new_left {
                if let (Some(a), Some(b)) = (old.get(o), new.get(n))
                    && a.class == b.class
                {
                    near.push((nearness(&a.words, &b.words), o, n));
                }
            }
        }
    }
    near.retain(|(how, ..)| *how > NEAR);
    near.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.abs_diff(a.2).cmp(&b.1.abs_diff(b.2))));
    near.into_iter().for_each(|(_, o, n)| pair(&mut partners, &mut taken, o, n));
    let (old_left, new_left) = left(&partners, &taken);
    for &o in &old_left {
        let Some(marks) = old.get(o).filter(|m| m.is_alone_the_same) else { continue };
        let same = |all: &[Marks], left: &[usize]| {
            left.iter().copied().filter(|&i| all.get(i).is_some_and(|m| m.class == marks.class)).collect::<Vec<_>>()
        };
        if let ([_], [n]) = (same(old, &old_left).as_slice(), same(new, &new_left).as_slice()) {
            pair(&mut partners, &mut taken, o, *n);
        }
    }
    partners
}

impl Marks {
    fn new(class: Class, keys: Vec<Option<String>>, words: Vec<String>) -> Marks {
        Marks { class, keys, words, is_alone_the_same: false }
    }

    /// Whether both have the same key of this level.
    pub fn agrees(&self, other: &Marks, level: usize) -> bool {
        self.class == other.class
            && self.keys.get(level).is_some_and(|key| key.is_some() && other.keys.get(level) == Some(key))
    }

    fn alone(self) -> Marks {
        Marks { is_alone_the_same: true, ..self }
    }
}

fn because(text: Option<&Text>) -> Option<String> {
    text.map(|t| t.text.to_lowercase())
}

impl Member for Item {
    fn marks(&self, side: Side<'_>) -> Marks {
        let all = Some(side.key(self));
        let kind = discriminant(&self.kind);
        let class = Class::Statement(kind);
        let named = |name: &str| Marks::new(class.clone(), vec![all.clone(), Some(path_key(name))], Vec::new());
        let conditioned = |class: Class, condition: &Expr, reason: Option<&Text>| {
            let keys = vec![all.clone(), Some(side.key(condition)), Some(side.shape(condition)), because(reason)];
            Marks::new(class, keys, content(condition))
        };
        match &self.kind {
            I::Data(data) => named(if data.is_log { "activity log" } else { "leads" }),
            I::Model(_)
            | I::ScoreFormula(_)
            | I::ScoreWhole(_)
            | I::Stages(_)
            | I::NotEngagement(_)
            | I::Treat(_)
            | I::AsOf(..)
            | I::Use(_)
            | I::Broken(_) => Marks::new(class, vec![all], Vec::new()).alone(),
            I::Field(field) => named(&field.name.text),
            I::Activity(activity) => {
                named(&activity.names.iter().map(|n| path_key(&n.text)).collect::<Vec<_>>().join(" "))
            }
            I::Let(line) => named(&line.name.text),
            I::Profile(profile) => named(&profile.name.text),
            I::Score(score) => named(&score.name.text),
            I::Label(label) => named(&label.name.text),
            I::Test(test) => Marks::new(class, vec![all, Some(test.name.text.clone())], Vec::new()),
            I::Rule(rule) => {
                let per = rule.how_often.as_ref().and_then(|how| match how {
                    HowOften::Per(e) | HowOften::PerDistinct(e) => Some(e),
                    HowOften::PerSince(_, e, _) => Some(&**e),
                    HowOften::EachTime(_) | HowOften::PerSilence(..) => None,
                });
                let asked = rule.when.iter().chain(per);
                let how = rule.how_often.as_ref().map(discriminant);
                let key = format!("{how:?}{:?}", asked.clone().map(|e| side.key(e)).collect::<Vec<_>>());
                let shape = format!("{:?}", asked.clone().map(|e| side.shape(e)).collect::<Vec<_>>());
                let keys = vec![all, Some(key), Some(shape), because(rule.because.as_ref())];
                Marks::new(class, keys, asked.flat_map(content).collect())
            }
            I::Choice(choice) => {
                let words = choice.items.iter().flat_map(content).collect();
                Marks::new(Class::Choice { best: choice.best }, vec![all], words).alone()
            }
            I::Table(table) => {
                let title = table.title.as_ref().map(|t| t.text.to_lowercase());
                Marks::new(
                    class,
                    vec![all, Some(side.key(&table.by)), Some(side.shape(&table.by)), title],
                    content(&table.by),
                )
            }
            I::Reset(reset) => conditioned(Class::Reset { at: reset.at }, &reset.condition, reset.because.as_ref()),
            I::Limit(limit) => conditioned(class, &limit.condition, limit.because.as_ref()),
            I::StageLine(line) | I::Gate(line) => {
                let class = Class::Stage(kind, path_key(&line.stage.text));
                conditioned(class, &line.condition, line.because.as_ref()).alone()
            }
            I::Disqualify(verdict) | I::Exclude(verdict) | I::Review(verdict) => {
                conditioned(class, &verdict.condition, verdict.because.as_ref())
            }
        }
    }

    fn inside(&self, other: &Item, sides: (Side<'_>, Side<'_>)) -> Option<Inside> {
        match (&self.kind, &other.kind) {
            (I::Score(a), I::Score(b)) => Some(Inside::Items(align(&a.items, &b.items, sides))),
            (I::Choice(a), I::Choice(b)) => Some(Inside::Items(align(&a.items, &b.items, sides))),
            (I::Profile(a), I::Profile(b)) => Some(Inside::Criteria(align(&a.criteria, &b.criteria, sides))),
            (I::Label(a), I::Label(b)) => Some(Inside::Lines(align(&a.lines, &b.lines, sides))),
            (I::Table(a), I::Table(b)) => match (&a.lines, &b.lines) {
                (TableLines::Here(a), TableLines::Here(b)) => Some(Inside::Cases(align(a, b, sides))),
                _ => None,
            },
            _ => None,
        }
    }
}

impl Member for Criterion {
    fn marks(&self, side: Side<'_>) -> Marks {
        let name = self.name.as_ref().map(|n| path_key(&n.text));
        let keys = vec![Some(side.key(self)), name, Some(side.key(&self.condition)), Some(side.shape(&self.condition))];
        Marks::new(Class::Line, keys, content(&self.condition)).alone()
    }

    fn inside(&self, _: &Criterion, _: (Side<'_>, Side<'_>)) -> Option<Inside> {
        None
    }
}

impl Member for CaseLine {
    fn marks(&self, side: Side<'_>) -> Marks {
        // The same case with other points is the same line.
        let case = CaseLine {
            amount: crate::syntax::ast::Expr { kind: crate::syntax::ast::ExprKind::Number(0.0), span: self.span },
            because: None,
            ..self.clone()
        };
        let keys =
            vec![Some(side.key(self)), Some(side.key(&case)), Some(side.shape(&case)), because(self.because.as_ref())];
        Marks::new(Class::Line, keys, content(&case))
    }

    fn inside(&self, _: &CaseLine, _: (Side<'_>, Side<'_>)) -> Option<Inside> {
        None
    }
}

impl Member for LabelLine {
    fn marks(&self, side: Side<'_>) -> Marks {
        let asked = self.condition.as_ref();
        let key = asked.map_or_else(|| "otherwise".to_owned(), |c| side.key(c));
        let keys =
            vec![Some(side.key(self)), Some(self.value.text.to_lowercase()), Some(key), asked.map(|c| side.shape(c))];
        Marks::new(Class::Line, keys, asked.map(content).unwrap_or_default())
    }

    fn inside(&self, _: &LabelLine, _: (Side<'_>, Side<'_>)) -> Option<Inside> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::{merged, moved};

    #[test]
    fn orders() {
        assert_eq!(moved(&[0, 1, 2]), [] as [usize; 0]);
        assert_eq!(moved(&[2, 0, 1]), [2]);
        assert_eq!(merged(&[0, 1, 2], &[0, 3, 2, 4]), [0, 3, 1, 2, 4]);
        assert_eq!(merged(&[1, 0], &[5, 0, 6, 1]), [5, 1, 0, 6]);
    }
}
