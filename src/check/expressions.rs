//! Expressions: names looked up, types brought together.

use super::definitions::State;
use super::names::{Checker, Meaning, Needs};
use super::types::TypeVar;
use crate::messages::{meaning as say_meaning, names as say_names, syntax as say_syntax, types as say};
use crate::model::{ActivityTypeId, Expr, ExprKind, FieldId, OfProfile};
use crate::operators::CompareOp;
use crate::source::Span;
use crate::syntax::ast::{self, Quantifier, TailKind};
use crate::value::{Text, Type, Value};

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
    /// A line of this label: scores, stages, labels above it. None where its name means something else.
    Label(Option<usize>),
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
                if let Some(at) = needs.whole.filter(|_| place == Place::Formula) {
                    self.say(say_names::score_of_itself(at));
                } else if let Some(at) = needs.score.filter(|_| place != Place::Formula) {
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
                if let (Some((label, at)), Some(own)) = (needs.label, own)
                    && label >= own
                {
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
            let texts =
                (self.gathered.sources.phrase(conflict.first.1), self.gathered.sources.phrase(conflict.second.1));
            self.say(say::disagree(conflict.first, conflict.second, &texts.0, &texts.1));
        }
    }

    pub fn known(&mut self, kind: ExprKind, span: Span, of_type: Type) -> Typed {
        (Expr { kind, span }, self.types.known(of_type, span))
    }

    /// What is decided only after the points. Among points it has its own message, so nothing is said of its type there.
    fn decided(&mut self, kind: ExprKind, span: Span, of_type: Type, place: Place) -> Typed {
        match place {
            Place::Points | Place::Exclude => self.broken(span),
            _ => self.known(kind, span, of_type),
        }
    }

    /// What stands in place of an expression that could not be understood; its message has been given.
    pub fn broken(&mut self, span: Span) -> Typed {
        (Expr { kind: ExprKind::Value(Value::Missing), span }, self.types.poisoned())
    }

    /// Whether a part could not be understood.
    pub fn has_hole(&self, expr: &Expr) -> bool {
        let mut found = matches!(expr.kind, ExprKind::Value(Value::Missing));
        expr.for_each_child(&self.model, &mut |child| found = found || self.has_hole(child));
        found
    }

    /// Any expression, with its type.
    pub fn value(&mut self, expr: &'a ast::Expr, place: Place) -> Typed {
        use ast::ExprKind as K;
        let span = expr.span;
        match &expr.kind {
            K::Text(text) => self.known(ExprKind::Value(Value::Text(Text::new(text))), span, Type::Text),
            K::Number(n) => self.known(ExprKind::Value(Value::Number(*n)), span, Type::Number),
            K::Date(date) => self.known(ExprKind::Value(Value::Date(date.in_zone(&self.model.zone))), span, Type::Date),
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
            // Its message has been given.
            K::Sum(items) | K::Product(items) if items.iter().any(|(_, e)| e.kind == K::Broken) => self.broken(span),
            K::Sum(items) => {
                if let Some((_, date)) = items.iter().find(|(_, e)| matches!(e.kind, K::Today | K::Date(_))) {
                    self.say(crate::messages::habits::date_in_sum(date.span));
                    return self.broken(span);
                }
                let items = items.iter().map(|(minus, e)| (*minus, self.typed(e, place, Type::Number, span))).collect();
                self.known(ExprKind::Sum(items), span, Type::Number)
            }
            K::Product(items) => {
                let items =
                    items.iter().map(|(divide, e)| (*divide, self.typed(e, place, Type::Number, span))).collect();
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
                    (ast::ExprKind::Name(name), Some(TailKind::Compare(CompareOp::Equal, right))) => {
                        match &right.kind {
                            ast::ExprKind::Text(first) => Some((name.text.clone(), first.clone())),
                            _ => None,
                        }
                    }
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
        // A reserved word everywhere else.
        if !name.quoted && name.text.eq_ignore_ascii_case("at") {
            let Place::Where(kind) = place else {
                self.say(say_names::at_outside_where(span));
                return self.broken(span);
            };
            let id = self.record_date(kind, span);
            return self.known(ExprKind::Property(id), span, Type::Date);
        }
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
        if meaning.is_none() && !name.quoted {
            self.bare.entry(super::names::field_key(name)).or_insert_with(|| (name.clone(), place));
        }
        match meaning {
            Some(Meaning::Field(id)) => self.field_value(id, span),
            Some(Meaning::Draft(d)) => self.draft(d, name),
            Some(Meaning::Group(id)) => {
                self.needs.score = self.needs.score.or(Some(span));
                self.decided(ExprKind::Group(id), span, Type::Number, place)
            }
            Some(Meaning::Label(id)) => {
                self.need_label(id.0, span);
                self.decided(ExprKind::Label(id), span, Type::Text, place)
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
    pub fn special_name(&mut self, name: &ast::Name, place: Place) -> Option<Typed> {
        if name.quoted || self.meaning(name) == Some(Meaning::Broken) {
            return None;
        }
        let span = name.span;
        let in_test = place == Place::Expect;
        Some(match &*name.text.to_ascii_lowercase() {
            "score" => {
                self.needs.score = self.needs.score.or(Some(span));
                self.needs.whole = self.needs.whole.or(Some(span));
                self.decided(ExprKind::Score, span, Type::Number, place)
            }
            "stage" => {
                self.needs.stage = self.needs.stage.or(Some(span));
                // Its type decides how the right side is read, also where it may not stand.
                self.known(ExprKind::Stage, span, Type::Stage)
            }
            "current" if self.has_current => self.known(ExprKind::Current, span, Type::Stage),
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
        let profiles: Vec<bool> =
            self.drafts.iter().map(|d| matches!(d.body, super::definitions::Body::Profile(_))).collect();
        self.nearest_name(typed, |m| matches!(m, Meaning::Draft(d) if profiles.get(d) == Some(&true)))
    }
}
