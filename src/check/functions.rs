//! Calls: functions of values, `fit`, and what only tests may ask.

use super::definitions::State;
use super::expressions::{Place, Typed};
use super::names::{Checker, Meaning};
use crate::messages::{names as say_names, types as say};
use crate::model::{ExprKind, Function};
use crate::source::Span;
use crate::syntax::ast;
use crate::value::{Text, Type, Value};

impl<'a> Checker<'a> {
    /// A function, an activity, `fit`, or what only tests may ask.
    pub fn call(&mut self, call: &'a ast::Call, span: Span, place: Place) -> Typed {
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
            "count" if self.has_args(call, 1..=1, "an activity: `count(visited())`") => {
                self.of_activity(call, span, place, "count")
            }
            "sum" if self.has_args(call, 2..=2, "an activity and a property: `sum(bought(), amount)`") => {
                self.of_activity(call, span, place, "sum")
            }
            "latest" if self.has_args(call, 2..=2, "an activity and a property: `latest(moved(), plan)`") => {
                self.of_activity(call, span, place, "latest")
            }
            "earliest" if self.has_args(call, 2..=2, "an activity and a property: `earliest(moved(), plan)`") => {
                self.of_activity(call, span, place, "earliest")
            }
            "lookup" if self.has_args(call, 2..=2, "a table and a value: `lookup(tiers, country)`") => {
                self.lookup(call, span, place)
            }
            "fired" | "review" if place == Place::Expect => match call.args.as_slice() {
                [ast::Arg { any: false, value }] if matches!(value.kind, ast::ExprKind::Text(_)) => {
                    let ast::ExprKind::Text(text) = &value.kind else { return self.broken(span) };
                    self.needs.test = Some(span);
                    let kind = if name == "fired" {
                        ExprKind::Fired(Text::new(text))
                    } else {
                        ExprKind::Review(Text::new(text))
                    };
                    self.known(kind, span, Type::Flag)
                }
                _ => {
                    self.say(say::wrong_arguments(span, &name, "the text of a reason: `fired(\"Keeps coming back\")`"));
                    self.broken(span)
                }
            },
            "domain" | "length" | "min" | "max" | "abs" | "floor" | "round" | "days_since" | "count" | "sum"
            | "latest" | "earliest" | "lookup" => self.broken(span),
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
        let (key_type, value_type) =
            self.model.tables.get(table.0).map_or((Type::Text, Type::Text), |t| (t.key_type, t.value_type));
        let key = self.typed(&call.args[1].value, place, key_type, call.args[0].value.span);
        self.known(ExprKind::Lookup(table, Box::new(key)), span, value_type)
    }
}
