//! Expressions: names looked up, types brought together.

use std::sync::Arc;

use super::definitions::State;
use super::names::{Checker, ListValue, Meaning, Needs};
use super::types::TypeVar;
use crate::messages::{meaning as say_meaning, names as say_names, syntax as say_syntax, types as say};
use crate::model::{ActivityTypeId, Expr, ExprKind, FieldId, Function, Needle, OfProfile};
use crate::source::Span;
use crate::syntax::ast::{self, AnyAll, CompareOp, Quantifier, Tail, TailKind, TextTest};
use crate::text::{fold, words};
use crate::value::{Stage, Text, Type, Value};

/// Where an expression stands: it decides what it may ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// A `let` or profile: anything; who uses it is asked.
    Definition,
    /// Conditions and amounts of points, resets: no scores, stages, labels.
    Points,
    /// `exclude if`: as for points.
    Exclude,
    /// Stage lines, gates, `disqualify if`: scores, and labels that do not hang on stages.
    Stage,
    /// A line of the label of this number: scores, stages, labels above it.
    Label(usize),
    /// Reviews and reasons: all but what only tests ask for.
    Review,
    /// `score = (…)`: scores of groups.
    Formula,
    /// `expect`: all.
    Expect,
    /// `where`: properties of the record.
    Where(Option<ActivityTypeId>),
}

pub(super) type Typed = (Expr, TypeVar);

impl<'a> Checker<'a> {
    /// A condition: an expression that gives a flag. What it may ask for is checked by its place.
    pub fn condition(&mut self, expr: &'a ast::Expr, place: Place) -> Expr {
        let outer = std::mem::take(&mut self.needs);
        let condition = self.flag(expr, place);
        let needs = std::mem::replace(&mut self.needs, outer);
        self.allow(needs, place);
        self.needs.merge(needs);
        condition
    }

    /// A number, with what it may ask for.
    pub fn number(&mut self, expr: &'a ast::Expr, place: Place) -> Expr {
        let outer = std::mem::take(&mut self.needs);
        let number = self.typed(expr, place, Type::Number, expr.span);
        let needs = std::mem::replace(&mut self.needs, outer);
        self.allow(needs, place);
        self.needs.merge(needs);
        number
    }

    /// Tells what an expression asks for although it may not, by its place.
    pub fn allow(&mut self, needs: Needs, place: Place) {
        if let Some(at) = needs.test
            && place != Place::Expect
            && place != Place::Definition
        {
            self.say(say_names::only_in_tests(at));
        }
        match place {
            Place::Points | Place::Exclude | Place::Formula => {
                let what = if place == Place::Exclude { "`exclude`" } else { "points" };
                if let Some(at) = needs.score.filter(|_| place != Place::Formula) {
                    self.say(say_names::asks_for_score(at, what));
                } else if let Some(at) = needs.stage {
                    self.say(say_names::asks_for_stage(at, what));
                } else if let Some((_, at)) = needs.label {
                    self.say(say_names::asks_for_label(at, what));
                }
            }
            Place::Stage => {
                if let Some(at) = needs.stage {
                    self.say(say_names::asks_for_stage(at, "a stage"));
                }
            }
            Place::Label(own) => {
                if let Some((label, at)) = needs.label.filter(|(l, _)| *l >= own) {
                    let name = self.model.labels[label].name.clone();
                    self.say(say_names::label_below(at, &name, label == own));
                }
            }
            Place::Definition | Place::Review | Place::Expect | Place::Where(_) => {}
        }
    }

    fn flag(&mut self, expr: &'a ast::Expr, place: Place) -> Expr {
        let (value, var) = self.value(expr, place);
        match self.types.told(var) {
            Some((Type::Flag, _)) => {}
            _ if self.types.is_poisoned(var) => {}
            Some((other, _)) => {
                let diagnostic = self.no_condition(expr, other);
                self.say(diagnostic);
            }
            None => {
                let known = self.types.known(Type::Flag, expr.span);
                let _ = self.types.unify(var, known);
            }
        }
        value
    }

    /// A value stands where a condition is wanted.
    fn no_condition(&mut self, expr: &ast::Expr, of_type: Type) -> crate::diagnostic::Diagnostic {
        let written = self.gathered.sources.phrase(expr.span);
        say::no_condition(expr.span, &written, of_type)
    }

    /// An expression of a given type; `why` is the place that asks for it.
    pub fn typed(&mut self, expr: &'a ast::Expr, place: Place, of_type: Type, why: Span) -> Expr {
        let (value, var) = self.value(expr, place);
        let wanted = self.types.known(of_type, why);
        self.unify(var, wanted);
        value
    }

    pub fn unify(&mut self, a: TypeVar, b: TypeVar) {
        if let Err(conflict) = self.types.unify(a, b) {
            let texts = (self.gathered.sources.phrase(conflict.first.1), self.gathered.sources.phrase(conflict.second.1));
            self.say(say::disagree(conflict.first, conflict.second, &texts.0, &texts.1));
        }
    }

    fn known(&mut self, kind: ExprKind, span: Span, of_type: Type) -> Typed {
        (Expr { kind, span }, self.types.known(of_type, span))
    }

    fn broken(&mut self, span: Span) -> Typed {
        (Expr { kind: ExprKind::Value(Value::Missing), span }, self.types.poisoned())
    }

    /// Any expression, with its type.
    pub fn value(&mut self, expr: &'a ast::Expr, place: Place) -> Typed {
        use ast::ExprKind as K;
        let span = expr.span;
        match &expr.kind {
            K::Text(text) => self.known(ExprKind::Value(Value::Text(Text::new(text))), span, Type::Text),
            K::Number(n) => self.known(ExprKind::Value(Value::Number(*n)), span, Type::Number),
            K::Date(date) => self.known(ExprKind::Value(Value::Date(*date)), span, Type::Date),
            K::Flag(yes) => self.known(ExprKind::Value(Value::Flag(*yes)), span, Type::Flag),
            K::Today => self.known(ExprKind::Today, span, Type::Date),
            K::Missing => {
                self.say(say_syntax::reserved_name(span, "missing"));
                self.broken(span)
            }
            K::List(_) => {
                self.say(say::list_as_value(span));
                self.broken(span)
            }
            K::Name(name) => self.name(name, place),
            K::Call(call) => self.call(call, span, place),
            K::Not(inner) => {
                let inner = self.flag(inner, place);
                self.known(ExprKind::Not(Box::new(inner)), span, Type::Flag)
            }
            K::And(items) => {
                let items = items.iter().map(|e| self.flag(e, place)).collect();
                self.known(ExprKind::All(items), span, Type::Flag)
            }
            K::Or(items) => {
                let items = items.iter().map(|e| self.or_operand(e, items, place)).collect();
                self.known(ExprKind::Any(items), span, Type::Flag)
            }
            K::Unless(a, b) => {
                let (a, b) = (self.flag(a, place), self.flag(b, place));
                self.known(ExprKind::Unless(Box::new(a), Box::new(b)), span, Type::Flag)
            }
            K::Tested(subject, tails) => self.tested(subject, tails, span, place),
            K::Quantified(quantifier, of) => self.quantified(*quantifier, of, span, place),
            K::InactiveFor(period) => {
                let did = self.any_activity(Some(crate::model::Window::InLast(*period)), span);
                let active = Expr { kind: ExprKind::Did(did, None), span };
                self.known(ExprKind::Not(Box::new(active)), span, Type::Flag)
            }
            K::Sum(items) => {
                let items = items.iter().map(|(minus, e)| (*minus, self.typed(e, place, Type::Number, span))).collect();
                self.known(ExprKind::Sum(items), span, Type::Number)
            }
            K::Product(items) => {
                let items = items.iter().map(|(divide, e)| (*divide, self.typed(e, place, Type::Number, span))).collect();
                self.known(ExprKind::Product(items), span, Type::Number)
            }
            K::Negate(inner) => {
                let inner = self.typed(inner, place, Type::Number, span);
                self.known(ExprKind::Negate(Box::new(inner)), span, Type::Number)
            }
            K::Broken => self.broken(span),
        }
    }

    /// `industry = "SaaS" or "FinTech"`: the text alone gets a message of its own.
    fn or_operand(&mut self, operand: &'a ast::Expr, all: &'a [ast::Expr], place: Place) -> Expr {
        if let ast::ExprKind::Text(text) = &operand.kind {
            let compared = all.iter().find_map(|e| match &e.kind {
                ast::ExprKind::Tested(subject, tails) => match (&subject.kind, tails.first().map(|t| &t.kind)) {
                    (ast::ExprKind::Name(name), Some(TailKind::Compare(CompareOp::Equal, right))) => match &right.kind {
                        ast::ExprKind::Text(first) => Some((name.text.clone(), first.clone())),
                        _ => None,
                    },
                    _ => None,
                },
                _ => None,
            });
            if let Some((name, first)) = compared {
                self.say(say::text_after_or(operand.span, &name, &first, text));
                return self.broken(operand.span).0;
            }
        }
        self.flag(operand, place)
    }

    /// A name on its own.
    fn name(&mut self, name: &ast::Name, place: Place) -> Typed {
        let span = name.span;
        let meaning = self.meaning(name);
        if let Place::Where(kind) = place {
            if let Some(Meaning::Draft(d)) = meaning {
                return self.draft(d, name);
            }
            let id = self.property(kind, name);
            return (Expr { kind: ExprKind::Property(id), span }, self.property_types[id.0]);
        }
        if let Some(special) = self.special_name(name, place) {
            return special;
        }
        match meaning {
            Some(Meaning::Field(id)) => self.field_value(id, span),
            Some(Meaning::Draft(d)) => self.draft(d, name),
            Some(Meaning::Group(id)) => {
                self.needs.score = self.needs.score.or(Some(span));
                self.known(ExprKind::Group(id), span, Type::Number)
            }
            Some(Meaning::Label(id)) => {
                self.need_label(id.0, span);
                self.known(ExprKind::Label(id), span, Type::Text)
            }
            Some(Meaning::Broken) => self.broken(span),
            None => {
                let id = self.field(name);
                self.field_value(id, span)
            }
        }
    }

    /// A name in a text that is printed: also a list, joined by commas.
    pub fn name_value(&mut self, name: &ast::Name, place: Place) -> Expr {
        if let Some(Meaning::Draft(d)) = self.meaning(name)
            && let State::List(list) = &self.drafts[d].state
        {
            let texts = list.items.iter().map(|v| Text::new(&v.to_string())).collect();
            return Expr { kind: ExprKind::Value(Value::List(texts)), span: name.span };
        }
        self.name(name, place).0
    }

    pub fn need_label(&mut self, label: usize, span: Span) {
        let stage = self.label_asks_for_stage.get(label).copied().unwrap_or(false).then_some(span);
        self.needs.merge(Needs { label: Some((label, span)), stage, ..Needs::default() });
    }

    fn field_value(&mut self, id: FieldId, span: Span) -> Typed {
        (Expr { kind: ExprKind::Field(id), span }, self.field_types[id.0])
    }

    /// `score`, `stage`, `current`, and what only tests know.
    fn special_name(&mut self, name: &ast::Name, place: Place) -> Option<Typed> {
        if name.quoted {
            return None;
        }
        let span = name.span;
        let in_test = place == Place::Expect;
        Some(match &*name.text.to_ascii_lowercase() {
            "score" => {
                self.needs.score = self.needs.score.or(Some(span));
                if place == Place::Formula {
                    self.say(say_names::score_of_itself(span));
                }
                self.known(ExprKind::Score, span, Type::Number)
            }
            "stage" => {
                self.needs.stage = self.needs.stage.or(Some(span));
                self.known(ExprKind::Stage, span, Type::Stage)
            }
            "current" if self.model.ladder.from.is_some() => self.known(ExprKind::Current, span, Type::Stage),
            "could_be" if in_test => {
                self.needs.test = Some(span);
                self.known(ExprKind::CouldBe, span, Type::Stage)
            }
            "disqualified" if in_test => {
                self.needs.test = Some(span);
                self.known(ExprKind::Disqualified, span, Type::Flag)
            }
            "excluded" if in_test => {
                self.needs.test = Some(span);
                self.known(ExprKind::Excluded, span, Type::Flag)
            }
            _ => return None,
        })
    }

    fn draft(&mut self, d: usize, name: &ast::Name) -> Typed {
        let span = name.span;
        match self.drafts[d].state.clone() {
            State::Done(done) if done.is_profile => {
                self.say(say_names::profile_as_condition(span, &name.text));
                self.broken(span)
            }
            State::Done(done) => {
                self.needs.merge(done.needs.at(span));
                (Expr { kind: ExprKind::Definition(done.id), span }, done.of_type)
            }
            State::List(_) => {
                self.say(say::list_as_value(span));
                self.broken(span)
            }
            State::Table(_) => {
                self.say(say::table_as_value(span, &name.text));
                self.broken(span)
            }
            State::Broken | State::Waiting => {
                self.needs.is_broken = true;
                self.broken(span)
            }
        }
    }

    fn quantified(&mut self, quantifier: Quantifier, of: &'a ast::Of, span: Span, place: Place) -> Typed {
        let kind = match of {
            ast::Of::Conditions(conditions) => {
                let mut parts = Vec::with_capacity(conditions.len());
                for condition in conditions {
                    parts.push(self.counted_condition(condition, place));
                }
                match quantifier {
                    Quantifier::AtLeast(n) => {
                        if n > parts.len() as u64 {
                            self.say(say_meaning::counts_too_many(span, n, parts.len()));
                        }
                        ExprKind::AtLeast(n, parts)
                    }
                    Quantifier::Any => ExprKind::Any(parts),
                    Quantifier::All => ExprKind::All(parts),
                    Quantifier::None => ExprKind::Not(Box::new(Expr { kind: ExprKind::Any(parts), span })),
                }
            }
            ast::Of::Profile(name) => {
                let Some(id) = self.profile(name) else { return self.broken(span) };
                let size = self.model.criteria(id).len();
                match quantifier {
                    Quantifier::AtLeast(n) => {
                        if n > size as u64 {
                            self.say(say_meaning::counts_too_many(span, n, size));
                        }
                        ExprKind::OfProfile(OfProfile::AtLeast(n), id)
                    }
                    Quantifier::Any => ExprKind::OfProfile(OfProfile::AtLeast(1), id),
                    Quantifier::All => ExprKind::Definition(id),
                    Quantifier::None => ExprKind::OfProfile(OfProfile::None, id),
                }
            }
        };
        self.known(kind, span, Type::Flag)
    }

    /// A condition that is counted; a profile's name stands for its fit there.
    fn counted_condition(&mut self, expr: &'a ast::Expr, place: Place) -> Expr {
        if let ast::ExprKind::Name(name) = &expr.kind
            && let Some(Meaning::Draft(d)) = self.meaning(name)
            && let State::Done(done) = self.drafts[d].state
            && done.is_profile
        {
            self.needs.merge(done.needs.at(name.span));
            return Expr { kind: ExprKind::Definition(done.id), span: name.span };
        }
        self.flag(expr, place)
    }

    /// The profile of a name. Told where there is none.
    pub fn profile(&mut self, name: &ast::Name) -> Option<crate::model::DefinitionId> {
        match self.meaning(name) {
            Some(Meaning::Draft(d)) => match self.drafts[d].state {
                State::Done(done) if done.is_profile => {
                    self.needs.merge(done.needs.at(name.span));
                    return Some(done.id);
                }
                State::Broken | State::Waiting => {}
                _ => self.say(say_names::no_profile(name.span, &name.text, None, true)),
            },
            Some(Meaning::Broken) => {}
            other => {
                let near = self.nearest_profile(&name.text);
                self.say(say_names::no_profile(name.span, &name.text, near.as_deref(), other.is_some()));
            }
        }
        None
    }

    fn nearest_profile(&self, typed: &str) -> Option<String> {
        let profiles: Vec<bool> = self.drafts.iter().map(|d| matches!(d.body, super::definitions::Body::Profile(_))).collect();
        self.nearest_name(typed, |m| matches!(m, Meaning::Draft(d) if profiles.get(d) == Some(&true)))
    }

    fn tested(&mut self, subject: &'a ast::Expr, tails: &'a [Tail], span: Span, place: Place) -> Typed {
        if tails.iter().any(|t| t.kind == TailKind::Broken) {
            // Its message has been given; the rest of the condition is still looked at.
            let _ = self.activity_subject(subject, tails, place);
            return self.broken(span);
        }
        if let Some(activity) = self.activity_subject(subject, tails, place) {
            return match activity {
                Ok(kind) => self.known(kind, span, Type::Flag),
                Err(()) => self.broken(span),
            };
        }
        let [tail] = tails else {
            let second = tails.get(1).map_or(span, |t| t.span);
            let first = tails.first().map_or(span, |t| t.span);
            let proper = self.between_for(subject, tails);
            self.say(say_syntax::chained(first, second, proper.as_deref()));
            return self.broken(span);
        };
        if let TailKind::Count(..) | TailKind::Days(..) | TailKind::Then(..) = tail.kind {
            let written = self.gathered.sources.phrase(subject.span);
            self.say(say_meaning::only_for_activity(tail.span, &written));
            return self.broken(span);
        }
        let (left, var) = self.value(subject, place);
        self.tail(left, var, subject, tail, span, place)
    }

    /// `50 < employees < 500` as a range: `employees between 51 and 499`.
    fn between_for(&self, subject: &ast::Expr, tails: &[Tail]) -> Option<String> {
        let (ast::ExprKind::Number(low), [a, b]) = (&subject.kind, tails) else { return None };
        let (TailKind::Compare(op_a, middle), TailKind::Compare(op_b, high)) = (&a.kind, &b.kind) else { return None };
        let (ast::ExprKind::Name(name), ast::ExprKind::Number(high)) = (&middle.kind, &high.kind) else { return None };
        let low = match op_a {
            CompareOp::Less => low + 1.0,
            CompareOp::LessOrEqual => *low,
            _ => return None,
        };
        let high = match op_b {
            CompareOp::Less => high - 1.0,
            CompareOp::LessOrEqual => *high,
            _ => return None,
        };
        Some(format!("{} between {low} and {high}", name.text))
    }

    /// One thing asked of a value.
    pub fn tail(&mut self, left: Expr, var: TypeVar, subject: &'a ast::Expr, tail: &'a Tail, span: Span, place: Place) -> Typed {
        let left = Box::new(left);
        let kind = match &tail.kind {
            TailKind::Compare(op, right) => {
                let Some(right) = self.right_side(var, subject, *op, right, tail.span, place) else { return self.broken(span) };
                if !matches!(op, CompareOp::Equal | CompareOp::NotEqual) {
                    self.ordered.push((var, tail.span));
                }
                ExprKind::Compare(*op, left, Box::new(right))
            }
            TailKind::Known(true) => ExprKind::Known(left),
            TailKind::Known(false) => ExprKind::Not(Box::new(Expr { kind: ExprKind::Known(left), span })),
            TailKind::In(negated, list) => {
                let Some(list) = self.list_for(var, list) else { return self.broken(span) };
                if let Some(of_type) = list.of_type {
                    let items = self.types.known(of_type, tail.span);
                    self.unify(var, items);
                }
                negate_if(*negated, ExprKind::In(left, list.items), span)
            }
            TailKind::Between(low, high) => {
                let (low, low_var) = self.value(low, place);
                self.unify(var, low_var);
                let (high, high_var) = self.value(high, place);
                self.unify(var, high_var);
                self.ordered.push((var, tail.span));
                ExprKind::Between(left, Box::new(low), Box::new(high))
            }
            TailKind::Text(negated, test, any_all, operand) => {
                let Some(kind) = self.text_test(left, var, *test, *any_all, operand, tail.span) else { return self.broken(span) };
                negate_if(*negated, kind, span)
            }
            TailKind::InLast(period) => {
                self.is_date(var, tail.span);
                ExprKind::InLast(left, *period)
            }
            TailKind::InNext(period) => {
                self.is_date(var, tail.span);
                ExprKind::InNext(left, *period)
            }
            TailKind::Ago(period) => {
                self.is_date(var, tail.span);
                ExprKind::Ago(left, *period)
            }
            TailKind::Since(date) | TailKind::Before(date) | TailKind::After(date) => {
                self.is_date(var, tail.span);
                let date = self.typed(date, place, Type::Date, tail.span);
                let op = match &tail.kind {
                    TailKind::Since(_) => CompareOp::GreaterOrEqual,
                    TailKind::Before(_) => CompareOp::Less,
                    _ => CompareOp::Greater,
                };
                ExprKind::Compare(op, left, Box::new(date))
            }
            TailKind::Count(..) | TailKind::Days(..) | TailKind::Then(..) | TailKind::Broken => return self.broken(span),
        };
        self.known(kind, span, Type::Flag)
    }

    fn is_date(&mut self, var: TypeVar, why: Span) {
        let date = self.types.known(Type::Date, why);
        self.unify(var, date);
    }

    /// The right side of a comparison. A bare name there must be defined.
    fn right_side(&mut self, left: TypeVar, subject: &ast::Expr, op: CompareOp, right: &'a ast::Expr, tail: Span, place: Place) -> Option<Expr> {
        if self.types.type_of(left) == Some(Type::Stage) {
            return self.stage_name(right, tail);
        }
        if let ast::ExprKind::Name(name) = &right.kind
            && matches!(op, CompareOp::Equal | CompareOp::NotEqual)
            && !matches!(place, Place::Where(_))
            && self.meaning(name).is_none()
            && !name.quoted
        {
            if matches!(&*name.text.to_ascii_lowercase(), "true" | "false") {
                self.say(say::true_or_false(right.span, &name.text));
                return None;
            }
            if let Some((special, var)) = self.special_name(name, place) {
                self.unify(left, var);
                return Some(special);
            }
            let subject = self.gathered.sources.phrase(subject.span);
            self.say(say_names::word_compared(right.span, &name.text, &subject));
            return None;
        }
        if let (Some((Type::Flag, told)), literal) = (self.types.told(left), &right.kind)
            && matches!(literal, ast::ExprKind::Text(_) | ast::ExprKind::Number(_))
        {
            let subject = self.gathered.sources.phrase(subject.span);
            self.say(say::flag_compared(right.span, told, &subject));
            return None;
        }
        let (value, var) = self.value(right, place);
        if let (ast::ExprKind::Text(text), Some((Type::Number, _))) = (&right.kind, self.types.told(left))
            && crate::number::read_number(text).is_some()
        {
            self.say(say::number_in_quotes(right.span, text));
            return None;
        }
        self.unify(left, var);
        Some(value)
    }

    /// A stage on the right of `stage = …`.
    fn stage_name(&mut self, right: &ast::Expr, tail: Span) -> Option<Expr> {
        let span = right.span;
        let stage = match &right.kind {
            ast::ExprKind::Name(name) => match self.stage_of(&name.text) {
                Some(stage) => stage,
                None => {
                    let near = crate::suggest::nearest(&name.text, self.model.ladder.stages.iter().map(String::as_str)).map(str::to_owned);
                    let stages = self.model.ladder.stages.join(", ");
                    self.say(say_names::unknown_stage(span, &name.text, near.as_deref(), &stages));
                    return None;
                }
            },
            ast::ExprKind::Text(text) => {
                self.say(say::stage_in_quotes(span, text));
                return None;
            }
            ast::ExprKind::Broken => return None,
            _ => {
                self.say(say::stage_compared(span, tail));
                return None;
            }
        };
        Some(Expr { kind: ExprKind::Value(Value::Stage(stage)), span })
    }

    pub fn stage_of(&self, name: &str) -> Option<Stage> {
        match &*name.to_ascii_lowercase() {
            "disqualified" => Some(Stage::Disqualified),
            "excluded" => Some(Stage::Excluded),
            _ => self.rank_of(name).map(Stage::Rank),
        }
    }

    pub fn rank_of(&self, name: &str) -> Option<usize> {
        let folded = fold(name);
        self.model.ladder.stages.iter().position(|s| fold(s) == folded)
    }

    /// The list on the right of `in`.
    fn list_for(&mut self, left: TypeVar, list: &'a ast::Expr) -> Option<ListValue> {
        if self.types.type_of(left) == Some(Type::Stage) {
            let ast::ExprKind::List(items) = &list.kind else {
                self.say(say::stage_compared(list.span, list.span));
                return None;
            };
            let stages: Option<Vec<Value>> = items
                .iter()
                .map(|item| {
                    self.stage_name(item, list.span).and_then(|e| match e.kind {
                        ExprKind::Value(value) => Some(value),
                        _ => None,
                    })
                })
                .collect();
            return stages.map(|s| ListValue { items: s.into(), of_type: None });
        }
        self.list(list)
    }

    /// A list as written, or the one that a name stands for.
    pub fn list(&mut self, list: &'a ast::Expr) -> Option<ListValue> {
        match &list.kind {
            ast::ExprKind::List(items) => Some(self.list_items(items)),
            ast::ExprKind::Name(name) => match self.meaning(name) {
                Some(Meaning::Draft(d)) => match self.drafts[d].state.clone() {
                    State::List(list) => Some(list),
                    State::Broken | State::Waiting => None,
                    State::Done(_) | State::Table(_) => {
                        self.say(say::no_list(list.span, &name.text));
                        None
                    }
                },
                Some(Meaning::Broken) => None,
                Some(_) => {
                    self.say(say::no_list(list.span, &name.text));
                    None
                }
                None => {
                    let lists: Vec<bool> = self.drafts.iter().map(|d| matches!(d.state, State::List(_))).collect();
                    let near = self.nearest_name(&name.text, |m| matches!(m, Meaning::Draft(d) if lists.get(d) == Some(&true)));
                    self.say(say_names::unknown_list(list.span, &name.text, near.as_deref()));
                    None
                }
            },
            ast::ExprKind::Broken => None,
            _ => {
                let written = self.gathered.sources.phrase(list.span);
                self.say(say::no_list(list.span, &written));
                None
            }
        }
    }

    fn text_test(&mut self, left: Box<Expr>, var: TypeVar, test: TextTest, any_all: AnyAll, operand: &'a ast::Expr, tail: Span) -> Option<ExprKind> {
        if test == TextTest::Contains {
            self.text_or_list.push((var, tail));
        } else {
            let text = self.types.known(Type::Text, tail);
            self.unify(var, text);
        }
        let texts = match any_all {
            AnyAll::One => self.text_operand(operand)?,
            AnyAll::Any | AnyAll::All => {
                let list = self.list(operand)?;
                if list.of_type == Some(Type::Number) {
                    self.say(say::texts_wanted(operand.span));
                    return None;
                }
                list.items.iter().filter_map(|v| if let Value::Text(t) = v { Some(Arc::clone(t)) } else { None }).collect()
            }
        };
        let needles: Vec<Needle> = texts.iter().map(|t| Needle { folded: t.folded.clone(), words: words(&t.folded) }).collect();
        if test == TextTest::Mentions
            && let Some(at) = needles.iter().position(|n| n.words.is_empty())
        {
            self.say(say_meaning::no_word_in(operand.span, &texts[at].written));
            return None;
        }
        Some(ExprKind::Text(left, test, any_all == AnyAll::All, needles.into()))
    }

    /// The text behind `contains` and its kin: the same for every lead.
    fn text_operand(&mut self, operand: &'a ast::Expr) -> Option<Vec<Arc<Text>>> {
        match &operand.kind {
            ast::ExprKind::Text(text) => Some(vec![Text::new(text)]),
            ast::ExprKind::List(_) => {
                self.say(say::any_or_all(operand.span));
                None
            }
            ast::ExprKind::Broken => None,
            ast::ExprKind::Name(name) => match self.meaning(name) {
                Some(Meaning::Draft(d)) => match self.drafts[d].state.clone() {
                    State::List(_) => {
                        self.say(say::any_or_all(operand.span));
                        None
                    }
                    State::Done(done) => match self.constant(&Expr { kind: ExprKind::Definition(done.id), span: operand.span }) {
                        Some(Value::Text(text)) => Some(vec![text]),
                        _ => {
                            self.say(say::texts_wanted(operand.span));
                            None
                        }
                    },
                    State::Table(_) => {
                        self.say(say::texts_wanted(operand.span));
                        None
                    }
                    State::Broken | State::Waiting => None,
                },
                Some(Meaning::Broken) => None,
                _ => {
                    self.say(say_names::word_compared(operand.span, &name.text, "title"));
                    None
                }
            },
            _ => {
                self.say(say::texts_wanted(operand.span));
                None
            }
        }
    }

    /// A function, an activity, `fit`, or what only tests may ask.
    fn call(&mut self, call: &'a ast::Call, span: Span, place: Place) -> Typed {
        let name = call.name.text.to_ascii_lowercase();
        if call.name.quoted {
            return self.did(call, span, place);
        }
        let numbers = |c: &mut Self, function: Function| {
            let args = call.args.iter().map(|a| c.typed(&a.value, place, Type::Number, span)).collect();
            c.known(ExprKind::Call(function, args), span, Type::Number)
        };
        match &*name {
            "fit" => match call.args.as_slice() {
                [ast::Arg { any: false, value }] => match &value.kind {
                    ast::ExprKind::Name(profile) => match self.profile(profile) {
                        Some(id) => self.known(ExprKind::Definition(id), span, Type::Flag),
                        None => self.broken(span),
                    },
                    _ => {
                        self.say(say::wrong_arguments(span, "fit", "the name of a profile: `fit(icp)`"));
                        self.broken(span)
                    }
                },
                _ => {
                    self.say(say::wrong_arguments(span, "fit", "the name of a profile: `fit(icp)`"));
                    self.broken(span)
                }
            },
            "domain" if self.has_args(call, 1..=1, "a text: `domain(email)`") => {
                let arg = self.typed(&call.args[0].value, place, Type::Text, span);
                self.known(ExprKind::Call(Function::Domain, vec![arg]), span, Type::Text)
            }
            "length" if self.has_args(call, 1..=1, "a text or list: `length(title)`") => {
                let (arg, var) = self.value(&call.args[0].value, place);
                self.text_or_list.push((var, span));
                self.known(ExprKind::Call(Function::Length, vec![arg]), span, Type::Number)
            }
            "min" if self.has_args(call, 1..=1000, "numbers: `min(a, b)`") => numbers(self, Function::Min),
            "max" if self.has_args(call, 1..=1000, "numbers: `max(a, b)`") => numbers(self, Function::Max),
            "abs" if self.has_args(call, 1..=1, "a number: `abs(x)`") => numbers(self, Function::Abs),
            "floor" if self.has_args(call, 1..=1, "a number: `floor(x)`") => numbers(self, Function::Floor),
            "round" if self.has_args(call, 1..=2, "a number, and perhaps how many digits: `round(x, 2)`") => {
                let rounded = numbers(self, Function::Round);
                if let ExprKind::Call(_, args) = &rounded.0.kind
                    && let Some(digits) = args.get(1)
                    && !matches!(self.constant(digits), Some(Value::Number(n)) if n.fract() == 0.0 && n.abs() <= 30.0)
                {
                    let at = digits.span;
                    self.say(say::round_digits(at));
                }
                rounded
            }
            "days_since" if self.has_args(call, 1..=1, "a date or an activity: `days_since(created)`") => {
                if let Some(activity) = self.activity_argument(&call.args[0].value, place) {
                    return match activity {
                        Some(activity) => self.known(ExprKind::DaysSince(activity), span, Type::Number),
                        None => self.broken(span),
                    };
                }
                let arg = self.typed(&call.args[0].value, place, Type::Date, span);
                self.known(ExprKind::Call(Function::DaysSince, vec![arg]), span, Type::Number)
            }
            "count" if self.has_args(call, 1..=1, "an activity: `count(visited())`") => self.of_activity(call, span, place, "count"),
            "sum" if self.has_args(call, 2..=2, "an activity and a property: `sum(bought(), amount)`") => self.of_activity(call, span, place, "sum"),
            "latest" if self.has_args(call, 2..=2, "an activity and a property: `latest(moved(), plan)`") => self.of_activity(call, span, place, "latest"),
            "earliest" if self.has_args(call, 2..=2, "an activity and a property: `earliest(moved(), plan)`") => {
                self.of_activity(call, span, place, "earliest")
            }
            "lookup" if self.has_args(call, 2..=2, "a table and a value: `lookup(tiers, country)`") => self.lookup(call, span, place),
            "fired" | "review" if place == Place::Expect => match call.args.as_slice() {
                [ast::Arg { any: false, value }] if matches!(value.kind, ast::ExprKind::Text(_)) => {
                    let ast::ExprKind::Text(text) = &value.kind else { return self.broken(span) };
                    self.needs.test = Some(span);
                    let kind = if name == "fired" { ExprKind::Fired(Text::new(text)) } else { ExprKind::Review(Text::new(text)) };
                    self.known(kind, span, Type::Flag)
                }
                _ => {
                    self.say(say::wrong_arguments(span, &name, "the text of a reason: `fired(\"Keeps coming back\")`"));
                    self.broken(span)
                }
            },
            "domain" | "length" | "min" | "max" | "abs" | "floor" | "round" | "days_since" | "count" | "sum" | "latest" | "earliest" | "lookup" => {
                self.broken(span)
            }
            _ => self.did(call, span, place),
        }
    }

    fn has_args(&mut self, call: &ast::Call, count: std::ops::RangeInclusive<usize>, wanted: &str) -> bool {
        let fine = count.contains(&call.args.len()) && call.filter.is_none() && call.args.iter().all(|a| !a.any);
        if !fine {
            self.say(say::wrong_arguments(call.name.span, &call.name.text, wanted));
        }
        fine
    }

    fn lookup(&mut self, call: &'a ast::Call, span: Span, place: Place) -> Typed {
        let table = match &call.args[0].value.kind {
            ast::ExprKind::Name(name) => match self.meaning(name) {
                Some(Meaning::Draft(d)) => match self.drafts[d].state {
                    State::Table(id) => Some(id),
                    State::Broken | State::Waiting => return self.broken(span),
                    _ => None,
                },
                Some(Meaning::Broken) => return self.broken(span),
                _ => None,
            },
            _ => None,
        };
        let Some(table) = table else {
            self.say(say_names::unknown_table(call.args[0].value.span));
            return self.broken(span);
        };
        let (key_type, value_type) = self.model.tables.get(table.0).map_or((Type::Text, Type::Text), |t| (t.key_type, t.value_type));
        let key = self.typed(&call.args[1].value, place, key_type, call.args[0].value.span);
        self.known(ExprKind::Lookup(table, Box::new(key)), span, value_type)
    }
}

fn negate_if(negated: bool, kind: ExprKind, span: Span) -> ExprKind {
    if negated { ExprKind::Not(Box::new(Expr { kind, span })) } else { kind }
}
