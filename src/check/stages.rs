//! Stages, labels, verdicts, the model block: everything that is decided once the points are known.

use std::collections::{BTreeMap, HashMap};

use super::expressions::Place;
use super::names::{Checker, Meaning};
use super::symbols::Referent;
use super::templates::TextSize;
use crate::messages::{habits as say_habits, meaning as say_meaning, names as say, syntax as say_syntax};
use crate::model::{Branch, LabelLine, Ladder, LineKind, StageLine, Verdict};
use crate::source::Span;
use crate::suggest::nearest;
use crate::syntax::ast::{self, EntryValue, ItemKind};
use crate::text::{fold, name_key, spelling_key};
use crate::time::Zone;

/// HubSpot's order. The middle five are the default ladder.
pub const KNOWN_STAGES: [&str; 9] =
    ["subscriber", "lead", "iql", "mql", "pql", "sql", "opportunity", "customer", "evangelist"];
const DEFAULT_LADDER: [&str; 5] = ["lead", "iql", "mql", "pql", "sql"];

/// How HubSpot and Salesforce write stages.
const SPELLINGS: [(&str, &[&str]); 9] = [
    ("subscriber", &["subscribed"]),
    ("lead", &["open lead", "new lead", "open - not contacted", "open not contacted", "working - contacted"]),
    ("iql", &["information qualified lead", "information qualified"]),
    ("mql", &["marketing qualified lead", "marketing qualified", "marketing accepted lead"]),
    ("pql", &["product qualified lead", "product qualified"]),
    ("sql", &["sales qualified lead", "sales qualified", "sales accepted lead", "sal"]),
    ("opportunity", &["open opportunity", "opportunities"]),
    ("customer", &["customers", "closed won", "closed - converted"]),
    ("evangelist", &["evangelists"]),
];

/// How systems write a usual stage, beside its name.
fn usual_spellings(stage: &str) -> &'static [&'static str] {
    SPELLINGS.iter().find(|(s, _)| *s == stage).map_or(&[], |(_, spellings)| spellings)
}

/// The place among [`KNOWN_STAGES`] of the stage that a text means, as the ladder of a model reads it.
#[must_use]
pub fn known_stage(text: &str) -> Option<usize> {
    let key = spelling_key(text);
    let is = |written: &&str| spelling_key(written) == key;
    KNOWN_STAGES.iter().position(|stage| [stage].into_iter().chain(usual_spellings(stage)).any(is))
}

impl<'a> Checker<'a> {
    /// The stages, low to high, before anything is looked up among them.
    pub(super) fn declare_ladder(&mut self) {
        let gathered = self.gathered;
        let mut lines = gathered.items.iter().filter_map(|i| match &i.kind {
            ItemKind::Stages(stages) => Some((stages, i.span)),
            _ => None,
        });
        let mut spellings: BTreeMap<String, usize> = BTreeMap::new();
        let mut stages: Vec<String> = Vec::new();
        let declared = lines.next();
        if let Some((_, first)) = declared {
            for (_, span) in lines {
                self.say(say_meaning::only_once(span, "stages", Some(first)));
            }
        }
        if let Some((declared, _)) = declared {
            let mut firsts: HashMap<String, Span> = HashMap::new();
            for (name, others) in &declared.names {
                let key = fold(&name.text).into_owned();
                if matches!(&*key, "disqualified" | "excluded") {
                    self.say(say::name_has_meaning(name.span, &name.text));
                } else if let Some(first) = firsts.get(&key) {
                    self.say(say::defined_twice(name.span, *first, &name.text, "stage"));
                } else {
                    firsts.insert(key, name.span);
                    for other in others {
                        spellings.entry(spelling_key(&other.text)).or_insert(stages.len());
                    }
                    stages.push(name.text.clone());
                }
            }
        } else {
            let named: Vec<String> = gathered
                .items
                .iter()
                .filter_map(|i| match &i.kind {
                    ItemKind::StageLine(line) | ItemKind::Gate(line) => Some(fold(&line.stage.text).into_owned()),
                    _ => None,
                })
                .collect();
            let joins = |s: &str| DEFAULT_LADDER.contains(&s) || named.iter().any(|n| n == s);
            stages = KNOWN_STAGES.iter().filter(|s| joins(s)).map(|s| (*s).to_owned()).collect();
        }
        for (rank, stage) in stages.iter().enumerate() {
            self.ranks.entry(fold(stage).into_owned()).or_insert(rank);
            spellings.entry(spelling_key(stage)).or_insert(rank);
            for spelling in usual_spellings(&fold(stage)) {
                spellings.entry(spelling_key(spelling)).or_insert(rank);
            }
        }
        self.model.ladder =
            Ladder { stages, spellings, from: None, never_lower: declared.is_some_and(|(s, _)| s.never_lower) };
        if let Some((stages, span)) = declared {
            self.has_current = stages.from.is_some();
            if stages.never_lower && !self.has_current {
                self.say(say_meaning::never_lower_without_field(span));
            }
        }
    }

    /// The field that says where a lead stands today.
    fn current_field(&mut self) {
        let gathered = self.gathered;
        let from = gathered.items.iter().find_map(|i| match &i.kind {
            ItemKind::Stages(stages) => stages.from.as_ref(),
            _ => None,
        });
        let Some(name) = from else { return };
        let id = match self.meaning(name) {
            Some(Meaning::Field(id)) => id,
            None | Some(Meaning::Broken) => self.field(name),
            Some(_) => {
                self.say(say::column_wanted(name.span, &name.text));
                self.field(name)
            }
        };
        let text = self.types.known(crate::value::Type::Text, name.span);
        self.unify(self.field_types[id.0], text);
        self.model.ladder.from = Some(id);
        // Definitions that ask for `current` were made before it had its field.
        for i in 0..self.model.definitions.len() {
            self.model.definitions[i].fields = self.fields_of(&[&self.model.definitions[i].value]);
        }
    }

    /// Everything but definitions, in the order of the file.
    pub fn build(&mut self) {
        let gathered = self.gathered;
        self.current_field();
        for (kind, source, filter) in std::mem::take(&mut self.filters) {
            let filter = self.filter(filter, Some(kind));
            self.model.activity_types[kind.0].from[source].filter = Some(filter);
        }
        let mut model_block = None;
        let mut formula = None;
        let (mut bounds, mut fading) = (None, None);
        self.label_sizes = vec![TextSize::default(); self.model.labels.len()];
        // Labels first, in their own order, so that a message about one comes once.
        for item in &gathered.items {
            if let ItemKind::Label(label) = &item.kind {
                self.label(label);
            }
        }
        // What is done to the whole score stands behind all that makes it up.
        let gives = |item: &ast::Item| {
            matches!(item.kind, ItemKind::Rule(_) | ItemKind::Table(_) | ItemKind::Choice(_) | ItemKind::Score(_))
        };
        let last = gathered.items.iter().rposition(gives);
        if last.is_none() {
            self.whole();
        }
        for (i, item) in gathered.items.iter().enumerate() {
            match &item.kind {
                ItemKind::Model(model) => {
                    if let Some(first) = model_block.replace(item.span) {
                        self.say(say_meaning::only_once(item.span, "model", Some(first)));
                    }
                    self.model_block(model);
                }
                ItemKind::Rule(_) | ItemKind::Table(_) | ItemKind::Choice(_) => self.loose(item),
                ItemKind::Score(score) => self.group(score),
                ItemKind::ScoreFormula(expr) => {
                    if let Some(first) = formula.replace(item.span) {
                        self.say(say_meaning::only_once(item.span, "score =", Some(first)));
                    }
                    self.model.formula = Some(self.number(expr, Place::Formula));
                }
                ItemKind::ScoreWhole(whole) => {
                    if let Some(first) = whole.bounds.as_ref().and_then(|_| bounds.replace(item.span)) {
                        self.say(say_meaning::only_once(item.span, "score with bounds", Some(first)));
                    }
                    if let Some(first) = whole.fading.as_ref().and_then(|_| fading.replace(item.span)) {
                        self.say(say_meaning::only_once(item.span, "score that fades", Some(first)));
                    }
                }
                ItemKind::Reset(_) => self.say(say_syntax::misplaced(item.span, "reset", "the file")),
                ItemKind::StageLine(line) => {
                    let line = self.stage_line(line, LineKind::StageLine, item.span);
                    self.model.stage_lines.extend(line);
                }
                ItemKind::Gate(line) => {
                    let line = self.stage_line(line, LineKind::Gate, item.span);
                    self.model.gates.extend(line);
                }
                ItemKind::Disqualify(v) => {
                    let verdict = self.verdict(v, LineKind::Disqualify, item.span, Place::Stage);
                    self.model.disqualify.push(verdict);
                }
                ItemKind::Exclude(v) => {
                    let verdict = self.verdict(v, LineKind::Exclude, item.span, Place::Exclude);
                    self.model.exclude.push(verdict);
                }
                ItemKind::Review(v) => {
                    if v.because.is_none() {
                        self.say(say_meaning::because_wanted(item.span));
                    }
                    let verdict = self.verdict(v, LineKind::Review, item.span, Place::Review);
                    self.model.reviews.push(verdict);
                }
                ItemKind::Test(test) => self.test(test, item.span),
                _ => {}
            }
            if last == Some(i) {
                self.whole();
            }
        }
    }

    /// How the whole score fades, its bounds under a condition, and its bounds.
    fn whole(&mut self) {
        let items = &self.gathered.items;
        let parts = || {
            items.iter().filter_map(|item| match &item.kind {
                ItemKind::ScoreWhole(whole) => Some((whole, item.span)),
                _ => None,
            })
        };
        if let Some(fading) = parts().find_map(|(whole, _)| whole.fading.as_ref()) {
            self.model.fading = Some(self.fading(fading));
        }
        self.model.limits = items.iter().filter_map(|item| self.limit(item, Place::Formula)).collect();
        if let Some((bounds, span)) = parts().find_map(|(whole, span)| Some((whole.bounds.as_ref()?, span))) {
            self.model.bounds = self.bounds(bounds);
            self.model.bounds_line = Some(self.line(LineKind::Bounds, span, span));
        }
    }

    fn stage_line(&mut self, line: &'a ast::StageLine, kind: LineKind, span: Span) -> Option<StageLine> {
        let id = self.line_about(kind, span, &line.condition);
        let condition = self.condition(&line.condition, Place::Stage);
        self.because(id, Branch::Then, line.because.as_ref());
        let Some(stage) = self.rank_of(&line.stage.text) else {
            let name = &line.stage;
            if let Some((proper, what)) = say_habits::instead_of_stage(&name.text) {
                let condition = self.gathered.sources.phrase(line.condition.span);
                let lacks_reason = proper == "review" && line.because.is_none();
                self.say(say_habits::verdict_in_other_words(
                    name.span,
                    &name.text,
                    proper,
                    what,
                    &condition,
                    lacks_reason,
                ));
                return None;
            }
            let words = crate::reserved::STATEMENTS;
            let near =
                nearest(&name.text, self.model.ladder.stages.iter().map(String::as_str).chain(words.iter().copied()))
                    .map(str::to_owned);
            let stages = self.model.ladder.stages.join(", ");
            self.say(say::unknown_stage(name.span, &name.text, near.as_deref(), &stages));
            return None;
        };
        self.uses.add(line.stage.span, Referent::Stage(stage));
        Some(StageLine { stage, condition, line: id })
    }

    fn verdict(&mut self, verdict: &'a ast::Verdict, kind: LineKind, span: Span, place: Place) -> Verdict {
        let line = self.line_about(kind, span, &verdict.condition);
        let condition = self.condition(&verdict.condition, place);
        self.because(line, Branch::Then, verdict.because.as_ref());
        Verdict { condition, line }
    }

    fn label(&mut self, label: &'a ast::Label) {
        let key = name_key(&label.name.text);
        let own = match self.names.get(&key) {
            Some(entry) if entry.span == label.name.span => match entry.meaning {
                Meaning::Label(id) => Some(id.0),
                _ => return,
            },
            _ => None,
        };
        if label.lines.is_empty() {
            self.say(say_meaning::empty_label(label.name.span, &label.name.text));
        }
        let mut lines = Vec::with_capacity(label.lines.len());
        let mut otherwise = None;
        let mut size = TextSize::default();
        for line in &label.lines {
            if let Some(first) = otherwise {
                self.say(say_meaning::behind_otherwise(line.span, first));
            }
            if line.condition.is_none() {
                otherwise = Some(line.span);
            }
            let text = self.template(&line.value, Place::Label(own));
            size = size.greatest(self.size_of(&text).unless_told());
            let condition = line.condition.as_ref().map(|c| self.condition(c, Place::Label(own)));
            let subject = line.condition.as_ref().map_or(line.span, |c| c.span);
            let line = self.line(LineKind::LabelLine, line.span, subject);
            lines.push(LabelLine { text, condition, line });
        }
        let Some(own) = own else { return };
        let asks_for_stage = self.label_asks_for_stage.get(own).copied().unwrap_or(false);
        if let Some(of_label) = self.label_sizes.get_mut(own) {
            *of_label = size;
        }
        if let Some(built) = self.model.labels.get_mut(own) {
            (built.lines, built.asks_for_stage) = (lines, asks_for_stage);
        }
    }

    /// The time zone that the model block says: no date can be read before it is known.
    pub(super) fn time_zone(&mut self) {
        let gathered = self.gathered;
        for item in &gathered.items {
            let ItemKind::Model(model) = &item.kind else { continue };
            for entry in model.entries.iter().filter(|e| e.key.text.eq_ignore_ascii_case("time zone")) {
                match &entry.value {
                    EntryValue::Text(name) => match Zone::named(name) {
                        Some(zone) => self.model.zone = zone,
                        None => self.say(say_meaning::no_such_zone(entry.span, name, &zones_like(name))),
                    },
                    _ => self.say(say_meaning::wrong_entry(entry.span, "time zone")),
                }
            }
        }
    }

    fn model_block(&mut self, model: &'a ast::Model) {
        self.model.info.name = model.name.as_ref().map(|t| t.text.clone());
        for entry in &model.entries {
            let key = entry.key.text.to_ascii_lowercase();
            match (&*key, &entry.value) {
                ("version", EntryValue::Text(text)) => self.model.info.version = Some(text.clone()),
                ("version", EntryValue::Whole(n)) => self.model.info.version = Some(n.to_string()),
                ("version", EntryValue::Date(date)) => self.model.info.version = Some(date.to_string()),
                ("owner", EntryValue::Text(text)) => self.model.info.owner = Some(text.clone()),
                ("revisit", EntryValue::Date(date)) => {
                    self.model.info.revisit_by = Some(date.in_zone(&self.model.zone))
                }
                // Read before all else.
                ("time zone", _) => {}
                ("language", EntryValue::Whole(1)) => {}
                ("language", EntryValue::Whole(n)) => self.say(say_meaning::unknown_language(entry.span, *n)),
                ("owner" | "revisit" | "language", _) => self.say(say_meaning::wrong_entry(entry.span, &key)),
                _ => {
                    let near = nearest(&key, ["version", "owner", "revisit", "language", "time zone"]);
                    self.say(say::unknown_entry(entry.key.span, &entry.key.text, near));
                }
            }
        }
    }
}

/// Zones that somebody may have meant: of that city first, else of a similar name.
fn zones_like(name: &str) -> Vec<String> {
    let key = |text: &str| name_key(text.rsplit('/').next().unwrap_or(text));
    let (names, wanted) = (Zone::names(), key(name));
    let of_city: Vec<String> = names.iter().filter(|n| key(n) == wanted).take(3).cloned().collect();
    if !of_city.is_empty() {
        return of_city;
    }
    nearest(name, names.iter().map(String::as_str)).map(str::to_owned).into_iter().collect()
}
