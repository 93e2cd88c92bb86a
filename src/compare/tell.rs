//! From the tree of both models to the list of what differs.
//!
//! Owns what a statement is called, and that nothing which differs goes untold: where no part can be named, the whole is.

use super::align::{Entry, Inside, List, Member};
use super::change::{Change, Detail, Kind, Place, What};
use super::meaning::Side;
use super::words::{Differences, how_often, signed};
use crate::source::Span;
use crate::syntax::ast::{CaseLine, Criterion, Expr, HowOften, Item, ItemKind as I, LabelLine, Rule, TableLines};
use crate::text::capital;
use crate::words::for_people;

/// A statement is shown with so many characters.
const LONGEST: usize = 120;

/// What a statement is called.
struct Name {
    kind: Kind,
    /// The block, or the kind where the subject does not tell it.
    within: Option<String>,
    subject: String,
}

/// A member of a list that can be told of.
trait Told: Member {
    fn name(&self, side: Side<'_>, within: Option<&str>) -> Name;
    fn place(&self) -> Span;
    /// All of it, where it is new or gone.
    fn whole(&self, side: Side<'_>) -> String;
    /// What differs; of blocks without what they hold.
    fn differences(&self, new: &Self, found: &mut Differences<'_>);
    /// The same without what it holds.
    fn head(&self) -> Self;
    /// Whether it is called otherwise than by its own words.
    fn has_name(&self) -> bool {
        true
    }
    /// What is printed as it is written, beyond its meaning.
    fn printed(&self) -> Vec<String> {
        Vec::new()
    }
}

/// Tells all that differs, and puts the number of its change to each entry.
pub(super) fn tell(list: &mut List<Item>, sides: (Side<'_>, Side<'_>), changes: &mut Vec<Change>) {
    let mut teller = Teller { sides, changes };
    teller.moved_elsewhere(list);
    teller.list(list, None, false);
}

struct Teller<'t, 'v> {
    sides: (Side<'v>, Side<'v>),
    changes: &'t mut Vec<Change>,
}

/// A rule that is in one model at this place only.
struct Loose<'t> {
    item: &'t Item,
    block: Option<String>,
    change: &'t mut Option<usize>,
}

impl<'v> Teller<'_, 'v> {
    fn push(&mut self, change: Change) -> usize {
        self.changes.push(change);
        self.changes.len() - 1
    }

    /// Rules that stand in another block now.
    fn moved_elsewhere(&mut self, list: &mut List<Item>) {
        let (mut old, mut new) = (Vec::new(), Vec::new());
        loose(list, None, self.sides.0, (&mut old, &mut new));
        for level in 0..2 {
            for gone in &mut old {
                if gone.change.is_some() {
                    continue;
                }
                let mark = gone.item.marks(self.sides.0);
                let found = new
                    .iter_mut()
                    .find(|come| come.change.is_none() && mark.agrees(&come.item.marks(self.sides.1), level));
                let Some(come) = found else { continue };
                let mut between = Differences::between(self.sides);
                gone.item.differences(come.item, &mut between);
                let block = |b: &Option<String>| b.clone().unwrap_or_else(|| "outside of scores".to_owned());
                let mut details = vec![Detail::new("from", Some(block(&gone.block)), Some(block(&come.block)))];
                details.extend(between.found);
                let mut change = self.change(What::Moved, Some(gone.item), Some(come.item), None, details);
                change.within = None;
                let id = self.push(change);
                (*gone.change, *come.change) = (Some(id), Some(id));
            }
        }
    }

    fn list<T: Told>(&mut self, list: &mut List<T>, within: Option<&str>, in_order: bool) {
        for at in list.new_order.clone() {
            let Some(entry) = list.entries.get_mut(at) else { continue };
            if entry.change.is_none() {
                entry.change = self.entry(entry, within);
            }
            let block = entry.new.as_ref().map(|new| {
                let subject = new.name(self.sides.1, None).subject;
                within.map_or(subject.clone(), |w| format!("{w}, {subject}"))
            });
            let first_only =
                entry.old.as_ref().is_some_and(|old| matches!(old.name(self.sides.0, None).kind, Kind::Choice));
            match &mut entry.inside {
                Some(Inside::Items(inner)) => self.list(inner, block.as_deref(), first_only),
                Some(Inside::Criteria(inner)) => self.list(inner, block.as_deref(), false),
                Some(Inside::Cases(inner)) => self.list(inner, block.as_deref(), true),
                Some(Inside::Lines(inner)) => self.list(inner, block.as_deref(), true),
                None => {}
            }
        }
        if !list.moved.is_empty() {
            list.order = Some(self.order(list, within, in_order));
        }
    }

    fn order<T: Told>(&mut self, list: &List<T>, within: Option<&str>, in_order: bool) -> usize {
        let moved: Vec<&T> = list.moved.iter().filter_map(|&at| list.entries.get(at)?.new.as_ref()).collect();
        let mut names: Vec<String> = moved
            .iter()
            .take(4)
            .map(|t| t.name(self.sides.1, None))
            .map(|n| n.within.map_or(n.subject.clone(), |w| format!("{w} {}", n.subject)))
            .collect();
        if moved.len() > names.len() {
            names.push(format!("and {} more", moved.len() - names.len()));
        }
        let effect = if in_order {
            "the first that holds counts, so this may matter"
        } else {
            "without effect on points and stages"
        };
        self.push(Change {
            kind: Kind::Order,
            what: What::Moved,
            within: within.map(str::to_owned),
            subject: names.join(", "),
            details: vec![Detail::said(effect)],
            before: None,
            after: None,
            line_before: None,
            line_after: None,
        })
    }

    /// The change of one entry, if there is any.
    fn entry<T: Told>(&mut self, entry: &Entry<T>, within: Option<&str>) -> Option<usize> {
        let (old, new) = (entry.old.as_ref(), entry.new.as_ref());
        let change = match (old, new) {
            (Some(old), Some(new)) => {
                let has_parts = entry.inside.is_some();
                let is_same = if has_parts {
                    self.sides.0.key(&old.head()) == self.sides.1.key(&new.head())
                } else {
                    self.sides.0.key(old) == self.sides.1.key(new)
                };
                if is_same && old.printed() == new.printed() {
                    return None;
                }
                let mut between = Differences::between(self.sides);
                old.differences(new, &mut between);
                if is_same {
                    between.found.push(Detail::new(
                        "written",
                        Some(old.printed().join(", ")),
                        Some(new.printed().join(", ")),
                    ));
                }
                if between.found.is_empty() {
                    let words = |side: Side<'_>, t: &T| Some(shortened(&side.phrase(t.place())));
                    between.found.push(Detail::new("", words(self.sides.0, old), words(self.sides.1, new)));
                }
                self.change(What::Changed, Some(old), Some(new), within, between.found)
            }
            (None, Some(new)) => {
                let details = vec![Detail::said(shortened(&new.whole(self.sides.1)))];
                self.change(What::New, None, Some(new), within, details)
            }
            (Some(old), None) => {
                let details = vec![Detail::said(shortened(&old.whole(self.sides.0)))];
                self.change(What::Gone, Some(old), None, within, details)
            }
            (None, None) => return None,
        };
        Some(self.push(change))
    }

    fn change<T: Told>(
        &self,
        what: What,
        old: Option<&T>,
        new: Option<&T>,
        within: Option<&str>,
        mut details: Vec<Detail>,
    ) -> Change {
        details.retain(|d| !d.words.is_empty());
        let name = match (old, new) {
            // What people know it by.
            (Some(old), Some(_)) if !old.has_name() => {
                Name { subject: String::new(), ..old.name(self.sides.0, within) }
            }
            (Some(old), _) => old.name(self.sides.0, within),
            (None, Some(new)) => new.name(self.sides.1, within),
            (None, None) => Name { kind: Kind::Order, within: None, subject: String::new() },
        };
        let phrase = |side: Side<'_>, t: Option<&T>| t.map(|t| side.phrase(t.place()));
        Change {
            kind: name.kind,
            what,
            within: name.within,
            subject: name.subject,
            details,
            before: phrase(self.sides.0, old),
            after: phrase(self.sides.1, new),
            line_before: old.and_then(|t| self.place(t.place())),
            line_after: new.and_then(|t| self.place(t.place())),
        }
    }

    fn place(&self, span: Span) -> Option<Place> {
        let source = self.sides.0.gathered.sources.of(span)?;
        Some(Place { file: source.name.clone(), line: source.line_of(span.start) })
    }
}

/// Collects the rules that one model alone has at their place.
fn loose<'t>(
    list: &'t mut List<Item>,
    block: Option<&str>,
    side: Side<'_>,
    (gone, come): (&mut Vec<Loose<'t>>, &mut Vec<Loose<'t>>),
) {
    for entry in &mut list.entries {
        let Entry { old, new: now, change, inside } = entry;
        let (was, is): (&'t Option<Item>, &'t Option<Item>) = (old, now);
        match (was, is) {
            (Some(item), None) if is_rule(item) => gone.push(Loose { item, block: block.map(str::to_owned), change }),
            (None, Some(item)) if is_rule(item) => come.push(Loose { item, block: block.map(str::to_owned), change }),
            (Some(item), Some(_)) => {
                if let Some(Inside::Items(inner)) = inside {
                    let name = item.name(side, None);
                    loose(inner, Some(&name.subject), side, (&mut *gone, &mut *come));
                }
            }
            _ => {}
        }
    }
}

fn is_rule(item: &Item) -> bool {
    matches!(item.kind, I::Rule(_) | I::Table(_))
}

impl Told for Item {
    fn name(&self, side: Side<'_>, within: Option<&str>) -> Name {
        let plain = |kind: Kind, subject: String| Name { kind, within: within.map(str::to_owned), subject };
        let of = |kind: Kind, what: &str, subject: String| Name { kind, within: Some(what.to_owned()), subject };
        let words =
            |condition: &Expr| for_people(&|span| side.phrase(span), condition.span, condition.leading_activity());
        let said = |because: Option<&crate::syntax::ast::Text>, condition: &Expr| {
            because.map_or_else(|| words(condition), |b| b.text.clone())
        };
        match &self.kind {
            I::Model(_) => plain(Kind::Information, "model".to_owned()),
            I::Data(data) => plain(Kind::Data, if data.is_log { "activity log" } else { "leads" }.to_owned()),
            I::Field(x) => plain(Kind::Field, format!("field {}", x.name.text)),
            I::Activity(x) => plain(
                Kind::Activity,
                format!("activity {}", x.names.iter().map(|n| n.text.as_str()).collect::<Vec<_>>().join(", ")),
            ),
            I::NotEngagement(_) => plain(Kind::Activity, "what is no engagement".to_owned()),
            I::Treat(_) => plain(Kind::MissingWords, "what counts as missing".to_owned()),
            I::Let(x) => plain(Kind::Let, format!("let {}", x.name.text)),
            I::Profile(x) => plain(Kind::Profile, format!("profile {}", x.name.text)),
            I::Score(x) => plain(Kind::Score, format!("score {}", x.name.text)),
            I::ScoreFormula(_) => plain(Kind::Formula, "score =".to_owned()),
            I::ScoreWhole(_) => plain(Kind::Bounds, "score".to_owned()),
            I::Limit(limit) => plain(Kind::Bounds, said(limit.because.as_ref(), &limit.condition)),
            I::Rule(rule) => {
                let asked = || match (&rule.when, &rule.how_often) {
                    (Some(e), _) | (None, Some(HowOften::Per(e) | HowOften::PerDistinct(e))) => words(e),
                    (None, Some(how)) => capital(how_often(side, how).trim_start_matches("per ")),
                    (None, None) => String::new(),
                };
                plain(Kind::Rule, rule.because.as_ref().map_or_else(asked, |b| b.text.clone()))
            }
            I::Choice(choice) => plain(Kind::Choice, if choice.best { "best of" } else { "first of" }.to_owned()),
            I::Table(table) => plain(
                Kind::Table,
                table
                    .title
                    .as_ref()
                    .map_or_else(|| format!("points by {}", side.phrase(table.by.span)), |t| t.text.clone()),
            ),
            I::Reset(reset) => {
                plain(Kind::Reset, reset.because.as_ref().map_or_else(|| side.phrase(self.span), |b| b.text.clone()))
            }
            I::Stages(_) => plain(Kind::Stages, "stages".to_owned()),
            I::StageLine(line) => plain(Kind::Stage, format!("stage {}", line.stage.text)),
            I::Gate(line) => plain(Kind::Gate, format!("gate of {}", line.stage.text)),
            I::Disqualify(v) => of(Kind::Disqualify, "disqualify", said(v.because.as_ref(), &v.condition)),
            I::Exclude(v) => of(Kind::Exclude, "exclude", said(v.because.as_ref(), &v.condition)),
            I::Review(v) => of(Kind::Review, "review", said(v.because.as_ref(), &v.condition)),
            I::Label(x) => plain(Kind::Label, format!("label {}", x.name.text)),
            I::Test(x) => of(Kind::Test, "test", x.name.text.clone()),
            I::Use(_) => plain(Kind::Data, side.phrase(self.span)),
            I::AsOf(..) | I::Broken(_) => plain(Kind::Test, side.phrase(self.span)),
        }
    }

    fn place(&self) -> Span {
        self.span
    }

    fn whole(&self, side: Side<'_>) -> String {
        match &self.kind {
            I::Rule(rule) => {
                // What it gives where its condition is false is a change of its own.
                let Rule { when, amount, how_often: how, rate, ageing, up_to, because, if_not: _, give_span: _ } = rule;
                let mut words = signed(side, amount.subtract, &amount.value);
                let how = how.as_ref().map(|h| how_often(side, h));
                let spans = [rate.as_ref().map(|r| r.span), ageing.as_ref().map(|a| a.span)];
                for part in how.into_iter().chain(spans.into_iter().flatten().map(|s| side.phrase(s))) {
                    words.push_str(&format!(" {part}"));
                }
                if let Some(most) = up_to {
                    words.push_str(&format!(" up to {}", side.phrase(most.span)));
                }
                match when {
                    Some(when) if because.is_some() => format!("{words}, when {}", side.phrase(when.span)),
                    _ => words,
                }
            }
            I::StageLine(line) | I::Gate(line) => format!("if {}", side.phrase(line.condition.span)),
            I::Limit(limit) => {
                format!("{} if {}", side.phrase(limit.span), side.phrase(limit.condition.span))
            }
            I::Disqualify(v) | I::Exclude(v) | I::Review(v) if v.because.is_some() => {
                format!("if {}", side.phrase(v.condition.span))
            }
            I::Reset(reset) if reset.because.is_some() => {
                format!("reset {} {}", if reset.at { "at" } else { "if" }, side.phrase(reset.condition.span))
            }
            I::Disqualify(_) | I::Exclude(_) | I::Review(_) | I::Reset(_) | I::Test(_) => String::new(),
            I::Profile(x) => x.criteria.iter().map(|c| side.phrase(c.condition.span)).collect::<Vec<_>>().join("; "),
            I::Score(x) => crate::messages::counted(x.items.len() as u64, "rule", "rules"),
            I::Label(x) => x.lines.iter().map(|l| format!("\"{}\"", l.value.text)).collect::<Vec<_>>().join(", "),
            _ => {
                let (subject, phrase) = (self.name(side, None).subject, side.phrase(self.span));
                phrase
                    .strip_prefix(&subject)
                    .map_or(phrase.clone(), |rest| rest.trim_start_matches([' ', ':', '=']).to_owned())
            }
        }
    }

    fn differences(&self, new: &Item, found: &mut Differences<'_>) {
        found.items(self, new);
    }

    fn head(&self) -> Item {
        let mut head = self.clone();
        match &mut head.kind {
            I::Score(x) => x.items.clear(),
            I::Choice(x) => x.items.clear(),
            I::Profile(x) => x.criteria.clear(),
            I::Label(x) => x.lines.clear(),
            I::Table(x) => {
                if let TableLines::Here(lines) = &mut x.lines {
                    lines.clear();
                }
            }
            _ => {}
        }
        head
    }

    fn printed(&self) -> Vec<String> {
        match &self.kind {
            I::Field(x) => vec![x.name.text.clone()],
            I::Score(x) => vec![x.name.text.clone()],
            I::Label(x) => vec![x.name.text.clone()],
            I::Stages(x) => x.names.iter().map(|(n, _)| n.text.clone()).collect(),
            _ => Vec::new(),
        }
    }
}

impl Told for Criterion {
    fn name(&self, side: Side<'_>, within: Option<&str>) -> Name {
        let subject = self.name.as_ref().map_or_else(|| side.phrase(self.condition.span), |n| n.text.clone());
        Name { kind: Kind::Criterion, within: within.map(str::to_owned), subject }
    }

    fn place(&self) -> Span {
        self.condition.span
    }

    fn whole(&self, side: Side<'_>) -> String {
        self.name.as_ref().map(|_| side.phrase(self.condition.span)).unwrap_or_default()
    }

    fn has_name(&self) -> bool {
        self.name.is_some()
    }

    fn differences(&self, new: &Criterion, found: &mut Differences<'_>) {
        found.criteria(self, new);
    }

    fn head(&self) -> Criterion {
        self.clone()
    }
}

impl Told for CaseLine {
    fn name(&self, side: Side<'_>, within: Option<&str>) -> Name {
        let subject = self.because.as_ref().map_or_else(|| side.phrase(self.case_span), |b| b.text.clone());
        Name { kind: Kind::TableLine, within: within.map(str::to_owned), subject }
    }

    fn place(&self) -> Span {
        self.span
    }

    fn whole(&self, side: Side<'_>) -> String {
        let points = signed(side, false, &self.amount);
        if self.because.is_some() { format!("{points}, {}", side.phrase(self.case_span)) } else { points }
    }

    fn differences(&self, new: &CaseLine, found: &mut Differences<'_>) {
        found.cases(self, new);
    }

    fn head(&self) -> CaseLine {
        self.clone()
    }
}

impl Told for LabelLine {
    fn name(&self, _: Side<'_>, within: Option<&str>) -> Name {
        Name { kind: Kind::LabelLine, within: within.map(str::to_owned), subject: format!("\"{}\"", self.value.text) }
    }

    fn place(&self) -> Span {
        self.span
    }

    fn whole(&self, side: Side<'_>) -> String {
        self.condition.as_ref().map_or_else(|| "otherwise".to_owned(), |c| format!("if {}", side.phrase(c.span)))
    }

    fn differences(&self, new: &LabelLine, found: &mut Differences<'_>) {
        found.label_lines(self, new);
    }

    fn head(&self) -> LabelLine {
        self.clone()
    }
}

fn shortened(phrase: &str) -> String {
    if phrase.chars().count() <= LONGEST {
        phrase.to_owned()
    } else {
        phrase.chars().take(LONGEST - 1).chain(['…']).collect()
    }
}
