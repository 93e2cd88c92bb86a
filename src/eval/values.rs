//! Expressions to values, for one lead.
//!
//! One evaluator serves both passes: *now*, what the lead is, and *possible*, what it could be if missing data were known.
//! In the second, scores are ranges, and a condition has an [`Outlook`].

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::rc::Rc;

use super::Interpreter;
use super::activity::{Matches, Records};
use super::compare::{Tally, all, any, as_truth, at_least, compare, equal, not, text_test, truth};
use super::possible::{Interval, Outlook};
use crate::builtins::{self, Builtin};
use crate::calculate;
use crate::lead::{Activity, Lead};
use crate::model::{self, DefinitionId, Expr, ExprKind, FieldId, LabelId, LookupId, Model, OfProfile, PropertyId};
use crate::number::{self, Range};
use crate::time::{Date, Instant};
use crate::value::{Raw, Stage, Text, Type, Value};

/// Which question is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pass {
    /// What the lead is.
    Now,
    /// What it could be.
    Possible,
}

/// A value for each pass.
struct PerPass<T> {
    now: T,
    possible: T,
}

impl<T> PerPass<T> {
    fn of(&self, pass: Pass) -> &T {
        match pass {
            Pass::Now => &self.now,
            Pass::Possible => &self.possible,
        }
    }
}

/// The activity as a group sees it: after a `reset at`, what came before does not exist. Keeps what has been worked out.
pub(super) struct View {
    pub blind_until: Option<Instant>,
    pub queries: Memo<Rc<Matches>>,
    /// By definition.
    definitions: PerPass<Memo<Value>>,
    outlooks: Memo<Outlook>,
    /// By profile, how many of its criteria hold, and how many may.
    criteria: PerPass<Memo<Tally>>,
    /// The same from the worst to the best.
    criteria_outlooks: Memo<[Tally; 2]>,
}

/// What has been worked out, by id: each once, however often it is asked for.
pub(super) struct Memo<T>(RefCell<Vec<Option<T>>>);

impl<T: Clone> Memo<T> {
    fn new(len: usize) -> Memo<T> {
        Memo(RefCell::new(vec![None; len]))
    }

    pub fn get(&self, id: usize, work_out: impl FnOnce() -> T) -> T {
        if let Some(Some(done)) = self.0.borrow().get(id) {
            return done.clone();
        }
        let value = work_out();
        if let Some(slot) = self.0.borrow_mut().get_mut(id) {
            *slot = Some(value.clone());
        }
        value
    }
}

impl View {
    pub fn new(model: &Model, blind_until: Option<Instant>) -> View {
        let len = model.definitions.len();
        View {
            blind_until,
            queries: Memo::new(model.queries.len()),
            definitions: PerPass { now: Memo::new(len), possible: Memo::new(len) },
            outlooks: Memo::new(len),
            criteria: PerPass { now: Memo::new(len), possible: Memo::new(len) },
            criteria_outlooks: Memo::new(len),
        }
    }
}

/// What has been decided so far; later conditions ask for it.
#[derive(Default)]
pub(super) struct Results {
    /// An excluded lead is not scored: its scores are missing.
    pub is_excluded: Cell<bool>,
    pub score: Cell<i128>,
    pub groups: RefCell<Vec<i128>>,
    pub possible_score: Cell<Interval>,
    pub possible_groups: RefCell<Vec<Interval>>,
    pub labels: RefCell<Vec<Option<String>>>,
    /// For each label the texts that it may have; `None` where that is not known at all.
    pub possible_labels: RefCell<Vec<Option<Vec<Option<String>>>>>,
    pub stage: Cell<Option<Stage>>,
    pub could_be: Cell<Option<Stage>>,
    /// The reasons that fired, folded.
    pub reasons: RefCell<Vec<String>>,
    /// The reviews, folded.
    pub reviews: RefCell<Vec<String>>,
}

#[derive(Clone, Copy)]
pub(super) struct Evaluator<'e> {
    pub interpreter: &'e Interpreter<'e>,
    pub model: &'e Model,
    pub lead: &'e Lead,
    pub records: &'e Records,
    pub view: &'e View,
    pub full_view: &'e View,
    pub pass: Pass,
    /// The record that a `where` looks at.
    pub record: Option<&'e Activity>,
    pub results: &'e Results,
}

impl<'e> Evaluator<'e> {
    pub fn with_pass(self, pass: Pass) -> Evaluator<'e> {
        Evaluator { pass, ..self }
    }

    pub fn with_view<'v>(self, view: &'v View) -> Evaluator<'v>
    where
        'e: 'v,
    {
        Evaluator { view, ..self }
    }

    pub fn with_record<'v>(self, record: &'v Activity) -> Evaluator<'v>
    where
        'e: 'v,
    {
        Evaluator { record: Some(record), ..self }
    }

    /// A condition.
    pub fn truth(&self, condition: &Expr) -> Option<bool> {
        as_truth(&self.value(condition))
    }

    /// Any expression.
    pub fn value(&self, expr: &Expr) -> Value {
        use ExprKind as K;
        match &expr.kind {
            K::Value(value) => value.clone(),
            K::Today => Value::Date(Date::Day(self.model.zone.day_of(self.interpreter.as_of))),
            K::Field(id) => self.field(*id),
            K::Property(id) => self.record.map_or(Value::Missing, |r| self.property(r, *id)),
            K::Definition(id) => self.definition(*id),
            K::Score => self.score(self.results.score.get(), self.results.possible_score.get()),
            K::Group(id) => {
                let now = self.results.groups.borrow().get(id.0).copied().unwrap_or(0);
                let possible = self.results.possible_groups.borrow().get(id.0).copied().unwrap_or_default();
                self.score(now, possible)
            }
            K::Label(id) => self.label(*id),
            K::Stage => self.results.stage.get().map_or(Value::Missing, Value::Stage),
            K::CouldBe => self.results.could_be.get().map_or(Value::Missing, Value::Stage),
            K::Current => self.current().map_or(Value::Missing, |rank| Value::Stage(Stage::Rank(rank))),
            K::Disqualified => Value::Flag(self.results.stage.get() == Some(Stage::Disqualified)),
            K::Excluded => Value::Flag(self.results.stage.get() == Some(Stage::Excluded)),
            K::Fired(text) => Value::Flag(self.results.reasons.borrow().contains(&text.folded)),
            K::Review(text) => Value::Flag(self.results.reviews.borrow().contains(&text.folded)),
            K::Not(inner) => truth(not(self.truth(inner))),
            K::All(items) => truth(all(items.iter().map(|e| self.truth(e)))),
            K::Any(items) => truth(any(items.iter().map(|e| self.truth(e)))),
            K::AtLeast(n, items) => truth(at_least(*n, items.iter().map(|e| self.truth(e)))),
            K::OfProfile(of, id) => truth(self.of_profile(*of, *id)),
            K::Unless(a, b) => truth(self.unless(a, b)),
            K::Compare(op, a, b) => truth(self.over_choices(a, |a| self.over_choices(b, |b| compare(*op, a, b)))),
            K::Between(x, low, high) => {
                let (low, high) = (self.value(low), self.value(high));
                truth(self.over_choices(x, |x| {
                    use crate::operators::CompareOp as Op;
                    all([compare(Op::GreaterOrEqual, x, &low), compare(Op::LessOrEqual, x, &high)].into_iter())
                }))
            }
            K::In(x, list) => truth(self.over_choices(x, |x| any(list.iter().map(|item| is_item(x, item))))),
            K::Text(x, test, wants_all, needles) => {
                truth(self.over_choices(x, |x| text_test(x, *test, *wants_all, needles)))
            }
            K::Known(x) => truth(self.known(x)),
            K::InLast(x, period) => self.date_test(x, |date| {
                let as_of = self.interpreter.as_of;
                (as_of.plus_days(*period, -1, &self.model.zone)..=as_of).contains(&date.first())
            }),
            K::InNext(x, period) => self.date_test(x, |date| {
                let as_of = self.interpreter.as_of;
                (as_of..=as_of.plus_days(*period, 1, &self.model.zone)).contains(&date.last())
            }),
            K::Ago(x, period) => {
                let then = self.interpreter.as_of.plus_days(*period, -1, &self.model.zone);
                self.date_test(x, |date| date.first() <= then)
            }
            K::Sum(items) => self.sum(items),
            K::Product(items) => self.product(items),
            K::Negate(inner) => calculate::negated(&self.value(inner)),
            K::Call(function, args) => {
                let values: Vec<Value> = args.iter().map(|a| self.value(a)).collect();
                function.of_values(&values, self.interpreter.as_of, &self.model.zone)
            }
            K::Lookup(table, x) => self.lookup(*table, x),
            K::Did(activity, count) => truth(self.did(activity, *count)),
            K::Then(first, second, within) => truth(self.followed(first, second, *within)),
            K::OfRecords(function, activity, property) => self.of_records(function, activity, *property),
        }
    }

    pub fn field(&self, id: FieldId) -> Value {
        self.lead.values.get(id.0).cloned().unwrap_or(Value::Missing)
    }

    fn score(&self, now: i128, possible: Interval) -> Value {
        match self.pass {
            _ if self.results.is_excluded.get() => Value::Missing,
            Pass::Now => Value::Number(crate::points::to_float(now)),
            Pass::Possible => match (possible.low, possible.high) {
                (Some(low), Some(high)) if low == high => Value::Number(crate::points::to_float(low)),
                (low, high) => Value::Between(Range::closed(
                    low.map_or(f64::NEG_INFINITY, crate::points::to_float),
                    high.map_or(f64::INFINITY, crate::points::to_float),
                )),
            },
        }
    }

    fn definition(&self, id: DefinitionId) -> Value {
        self.view
            .definitions
            .of(self.pass)
            .get(id.0, || self.model.definitions.get(id.0).map_or(Value::Missing, |d| self.outside().value(&d.value)))
    }

    /// Outside of any `where`: a definition does not see the record that it is used beside.
    fn outside(&self) -> Evaluator<'e> {
        Evaluator { record: None, ..*self }
    }

    fn of_profile(&self, of: OfProfile, id: DefinitionId) -> Option<bool> {
        let count = || Tally::of(self.model.criteria(id).iter().map(|c| self.outside().truth(c)));
        self.view.criteria.of(self.pass).get(id.0, count).meets(of)
    }

    /// Holds where A is true and B is not. Now, a B that is not known does not block.
    fn unless(&self, a: &Expr, b: &Expr) -> Option<bool> {
        match (self.truth(a)?, self.truth(b)) {
            (false, _) | (true, Some(true)) => Some(false),
            (true, Some(false)) => Some(true),
            (true, None) => (self.pass == Pass::Now).then_some(true),
        }
    }

    /// How a condition could turn out once all data is known.
    pub fn outlook(&self, condition: &Expr) -> Outlook {
        use ExprKind as K;
        let of = |items: &'_ [Expr]| items.iter().map(|e| self.outlook(e)).collect::<Vec<_>>();
        match &condition.kind {
            K::Not(inner) => self.outlook(inner).not(),
            K::All(items) => Outlook::all(&of(items)),
            K::Any(items) => Outlook::any(&of(items)),
            K::AtLeast(n, items) => Outlook::at_least(*n, &of(items)),
            K::OfProfile(profile, id) => {
                let count = || {
                    let criteria = of(self.model.criteria(*id));
                    [Tally::of(criteria.iter().map(|o| o.low)), Tally::of(criteria.iter().map(|o| o.high))]
                };
                let [low, high] = self.view.criteria_outlooks.get(id.0, count);
                let (low, high) = (low.meets(*profile), high.meets(*profile));
                // None of them turns it round.
                if *profile == OfProfile::None { Outlook { low: high, high: low } } else { Outlook { low, high } }
            }
            K::Unless(a, b) => self.outlook(a).unless(self.outlook(b)),
            K::Definition(id) => {
                let work_out = || {
                    self.model
                        .definitions
                        .get(id.0)
                        .map_or(Outlook::settled(None), |d| self.outside().outlook(&d.value))
                };
                self.view.outlooks.get(id.0, work_out)
            }
            _ => match self.with_pass(Pass::Possible).truth(condition) {
                None if self.is_open(condition) => Outlook::OPEN,
                known => Outlook::settled(known),
            },
        }
    }

    /// How a condition could turn out, as this pass sees it: now, what is not known may be either.
    pub fn prospect(&self, condition: &Expr) -> Outlook {
        match self.pass {
            Pass::Now => self.truth(condition).map_or(Outlook::OPEN, |known| Outlook::settled(Some(known))),
            Pass::Possible => self.outlook(condition),
        }
    }

    /// Whether something inside may turn out another way: a gap, or a score or label that missing data leaves open.
    pub fn is_open(&self, x: &Expr) -> bool {
        self.has_gap(x) || self.has_open_result(x, &mut BTreeSet::new())
    }

    fn has_open_result(&self, x: &Expr, seen: &mut BTreeSet<DefinitionId>) -> bool {
        match &x.kind {
            ExprKind::Score => !self.results.possible_score.get().is_point(),
            ExprKind::Group(id) => self.results.possible_groups.borrow().get(id.0).is_some_and(|i| !i.is_point()),
            ExprKind::Label(id) => {
                self.results.possible_labels.borrow().get(id.0).is_none_or(|t| t.as_ref().is_none_or(|t| t.len() != 1))
            }
            ExprKind::Definition(id) => {
                seen.insert(*id)
                    && self.model.definitions.get(id.0).is_some_and(|d| self.has_open_result(&d.value, seen))
            }
            _ => {
                let mut open = false;
                x.for_each_child(self.model, &mut |child| open = open || self.has_open_result(child, seen));
                open
            }
        }
    }

    /// Whether a value is there. In the second pass one that is missing may turn out to be there where a gap stands inside.
    fn known(&self, x: &Expr) -> Option<bool> {
        match self.over_choices(x, |x| Some(!x.is_missing())) {
            Some(false) if self.pass == Pass::Possible && self.has_gap(x) => None,
            known => known,
        }
    }

    /// Whether a field that is missing or a range stands anywhere inside.
    pub fn has_gap(&self, x: &Expr) -> bool {
        let mut fields = Vec::new();
        self.model.collect_fields(x, &mut fields);
        fields.iter().any(|&f| self.is_gap(f))
    }

    /// Whether a field is missing or a range; the field of `current` also where it names no stage.
    pub fn is_gap(&self, id: FieldId) -> bool {
        matches!(self.lead.values.get(id.0), None | Some(Value::Missing | Value::Range(..)))
            || (self.model.ladder.from == Some(id) && self.current().is_none())
    }

    /// Where the lead stands today.
    pub fn current(&self) -> Option<usize> {
        match self.field(self.model.ladder.from?) {
            Value::Text(text) => self.model.ladder.spellings.get(&crate::text::spelling_key(&text.written)).copied(),
            _ => None,
        }
    }

    fn label(&self, id: LabelId) -> Value {
        let text = |t: &Option<String>| t.as_ref().map_or(Value::Missing, |t| Value::Text(Text::new(t)));
        match self.pass {
            Pass::Now => self.results.labels.borrow().get(id.0).map_or(Value::Missing, text),
            Pass::Possible => match self.results.possible_labels.borrow().get(id.0) {
                Some(Some(texts)) if texts.len() == 1 => texts.first().map_or(Value::Missing, text),
                _ => Value::Missing,
            },
        }
    }

    /// A test of a value. In the second pass a label may have several texts: then it holds where it holds for all.
    fn over_choices(&self, x: &Expr, test: impl Fn(&Value) -> Option<bool>) -> Option<bool> {
        if let (ExprKind::Label(id), Pass::Possible) = (&x.kind, self.pass) {
            let texts = self.results.possible_labels.borrow().get(id.0).cloned().flatten()?;
            let mut results =
                texts.iter().map(|t| test(&t.as_ref().map_or(Value::Missing, |t| Value::Text(Text::new(t)))));
            let first = results.next()??;
            return results.all(|r| r == Some(first)).then_some(first);
        }
        test(&self.value(x))
    }

    fn date_test(&self, x: &Expr, test: impl Fn(Date) -> bool) -> Value {
        match self.value(x) {
            Value::Date(date) => Value::Flag(test(date)),
            _ => Value::Missing,
        }
    }

    fn sum(&self, items: &[(bool, Expr)]) -> Value {
        let terms = items.iter().map(|(minus, item)| {
            let item = self.value(item);
            if *minus { calculate::negated(&item) } else { item }
        });
        // From the first on: a cell is rounded only by what is done with it.
        terms.reduce(|total, item| calculate::plus(&total, &item)).unwrap_or(Value::Missing)
    }

    fn product(&self, items: &[(bool, Expr)]) -> Value {
        let Some(((_, first), rest)) = items.split_first() else { return Value::Missing };
        rest.iter().fold(self.value(first), |total, (divides, item)| {
            let item = self.value(item);
            if *divides { calculate::divided(&total, &item) } else { calculate::times(&total, &item) }
        })
    }

    fn lookup(&self, id: LookupId, x: &Expr) -> Value {
        let Some(table) = self.model.tables.get(id.0) else { return Value::Missing };
        let x_value = self.value(x);
        let key = match &x_value {
            Value::Text(text) => Some(text.folded.clone()),
            Value::Number(n) => Some(number::to_text(*n)),
            _ => None,
        };
        match key {
            Some(key) => table.rows.get(&key).or(table.otherwise.as_ref()).cloned().unwrap_or(Value::Missing),
            None if !x_value.is_missing() || (self.pass == Pass::Possible && self.has_gap(x)) => Value::Missing,
            None => table.missing.clone().unwrap_or(Value::Missing),
        }
    }

    fn of_records(&self, function: &Builtin, activity: &model::Activity, property: Option<PropertyId>) -> Value {
        let Some(selected) = self.select(activity) else { return Value::Missing };
        let property = |i: usize| match (self.lead.activity.get(i), property) {
            (Some(record), Some(property)) => self.property(record, property),
            _ => Value::Missing,
        };
        function.of_records(&builtins::Records {
            dated: selected.dated(),
            undated: selected.undated(),
            property: &property,
            as_of: self.interpreter.as_of,
        })
    }

    /// A property of a record, read as its type.
    fn property(&self, record: &Activity, id: PropertyId) -> Value {
        let Some(property) = self.model.properties.get(id.0) else { return Value::Missing };
        if let Some((_, raw)) = record.properties().iter().find(|(k, _)| **k == *property.key) {
            return raw.read(property.of_type, &property.format).unwrap_or(Value::Missing);
        }
        if property.key == "at" && property.of_type == Type::Date {
            return record.at.date().map_or(Value::Missing, Value::Date);
        }
        let text = match property.key.as_str() {
            "type" => Some(record.kind.written.clone()),
            "target" => record.target.as_ref().map(|t| t.written.clone()),
            "event_id" => record.event_id().map(|t| t.to_string()),
            "at" => record.at.date().map(|at| at.to_string()),
            _ => None,
        };
        text.and_then(|t| Raw::Text(t).read(property.of_type, &property.format)).unwrap_or(Value::Missing)
    }
}

/// Whether a value is an item of a list.
fn is_item(x: &Value, item: &Value) -> Option<bool> {
    match (x, item) {
        (Value::Stage(a), Value::Stage(b)) => Some(a == b),
        _ => equal(x, item),
    }
}
