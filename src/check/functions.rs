//! Calls: the functions of the language by their rows, and what only tests may ask.

use super::definitions::State;
use super::expressions::{Place, Typed};
use super::names::{Checker, Meaning};
use crate::builtins::{self, Argument, Builtin, Kind, OfProperty, OfRecords, OfValues};
use crate::messages::{names as say_names, types as say};
use crate::model::{Activity, Expr, ExprKind};
use crate::source::Span;
use crate::syntax::ast;
use crate::value::{Text, Type, Value};

impl<'a> Checker<'a> {
    /// A function, an activity, or what only tests may ask.
    pub fn call(&mut self, call: &'a ast::Call, span: Span, place: Place) -> Typed {
        let name = call.name.text.to_ascii_lowercase();
        if call.name.quoted {
            return self.did(call, span, place);
        }
        match builtins::named(&name).next() {
            Some(function) => match &function.kind {
                Kind::Profile => self.fit(function, call, span),
                Kind::Values(f) if self.has_args(call, function, f.count.clone()) => {
                    self.of_values(function, f, call, span, place)
                }
                Kind::Records(_) if matches!(&*call.args, [arg] if matches!(arg.value.kind, ast::ExprKind::Text(_))) => {
                    self.say(say::activity_like_a_function(call.name.span, function.name));
                    self.broken(span)
                }
                Kind::Records(f) if self.has_args(call, function, f.count()) => {
                    match self.counted_activity(&call.args[0].value, place) {
                        Some(activity) => self.of_records(function, f, activity, call, span),
                        None => self.broken(span),
                    }
                }
                Kind::Table if self.has_args(call, function, 2..=2) => self.lookup(call, span, place),
                Kind::Values(_) | Kind::Records(_) | Kind::Table => self.broken(span),
            },
            None if is_of_tests(&name, place) => self.of_reasons(call, &name, span),
            None => self.did(call, span, place),
        }
    }

    fn has_args(&mut self, call: &ast::Call, function: &Builtin, count: std::ops::RangeInclusive<usize>) -> bool {
        let fine = count.contains(&call.args.len()) && call.filter.is_none() && call.args.iter().all(|a| !a.any);
        if !fine {
            self.say(say::wrong_arguments(call.name.span, &call.name.text, &function.wanted()));
        }
        fine
    }

    fn of_values(
        &mut self,
        function: &'static Builtin,
        of: &OfValues,
        call: &'a ast::Call,
        span: Span,
        place: Place,
    ) -> Typed {
        // Where the name has a row for activity too, the argument decides.
        let of_records = builtins::named(function.name).find_map(|row| match &row.kind {
            Kind::Records(f) => Some((row, f)),
            _ => None,
        });
        if let Some((row, f)) = of_records
            && let Some(activity) = self.activity_argument(&call.args[0].value, place)
        {
            return match activity {
                Some(activity) => self.of_records(row, f, activity, call, span),
                None => self.broken(span),
            };
        }
        let arguments = of.takes.iter().chain(std::iter::repeat(of.takes.last().unwrap_or(&Argument::TextOrList)));
        let args = call.args.iter().zip(arguments).map(|(arg, takes)| self.argument(&arg.value, *takes, span, place));
        let args = args.collect();
        self.known(ExprKind::Call(function, args), span, of.of_type)
    }

    fn argument(&mut self, value: &'a ast::Expr, takes: Argument, span: Span, place: Place) -> Expr {
        match takes {
            Argument::Of(of_type) => self.typed(value, place, of_type, span),
            Argument::TextOrList => {
                let (value, var) = self.value(value, place);
                self.text_or_list.push((var, span));
                value
            }
            Argument::Digits => {
                let digits = self.typed(value, place, Type::Number, span);
                if !matches!(self.constant(&digits), Some(Value::Number(n)) if n.fract() == 0.0 && n.abs() <= 30.0) {
                    self.say(say::round_digits(digits.span));
                }
                digits
            }
        }
    }

    fn of_records(
        &mut self,
        function: &'static Builtin,
        of: &OfRecords,
        activity: Activity,
        call: &'a ast::Call,
        span: Span,
    ) -> Typed {
        let Some(wanted) = of.property else {
            return self.known(ExprKind::OfRecords(function, activity, None), span, Type::Number);
        };
        let kind = self.model.queries.get(activity.query.0).and_then(|q| q.kind);
        if wanted == OfProperty::At {
            let at = self.record_date(kind, call.name.span);
            return self.known(ExprKind::OfRecords(function, activity, Some(at)), span, Type::Date);
        }
        let ast::ExprKind::Name(name) = &call.args[1].value.kind else {
            self.say(say::wrong_arguments(
                call.args[1].value.span,
                function.name,
                "the name of a property: `sum(bought(), amount)`",
            ));
            return self.broken(span);
        };
        let property = self.property(kind, name);
        let mut var = self.property_types[property.0];
        if wanted == OfProperty::Number {
            let number = self.types.known(Type::Number, span);
            self.unify(var, number);
            var = self.types.known(Type::Number, span);
        }
        (Expr { kind: ExprKind::OfRecords(function, activity, Some(property)), span }, var)
    }

    fn fit(&mut self, function: &Builtin, call: &'a ast::Call, span: Span) -> Typed {
        let [ast::Arg { any: false, value: ast::Expr { kind: ast::ExprKind::Name(profile), .. } }] = &*call.args else {
            self.say(say::wrong_arguments(span, function.name, &function.wanted()));
            return self.broken(span);
        };
        match self.profile(profile) {
            Some(id) => self.known(ExprKind::Definition(id), span, Type::Flag),
            None => self.broken(span),
        }
    }

    /// `fired("…")`, `review("…")`
    fn of_reasons(&mut self, call: &ast::Call, name: &str, span: Span) -> Typed {
        let [ast::Arg { any: false, value: ast::Expr { kind: ast::ExprKind::Text(text), .. } }] = &*call.args else {
            self.say(say::wrong_arguments(span, name, "the text of a reason: `fired(\"Keeps coming back\")`"));
            return self.broken(span);
        };
        self.needs.test = Some(span);
        let kind = if name == "fired" { ExprKind::Fired(Text::new(text)) } else { ExprKind::Review(Text::new(text)) };
        self.known(kind, span, Type::Flag)
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

/// Whether a name is a function of tests: elsewhere it is an activity like any other.
pub(super) fn is_of_tests(name: &str, place: Place) -> bool {
    place == Place::Expect && matches!(name, "fired" | "review")
}
