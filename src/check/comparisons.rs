//! Comparisons: what may be asked of a value, and what may stand on its right.

use std::sync::Arc;

use super::definitions::State;
use super::expressions::{Place, Typed};
use super::names::{Checker, ListValue, Meaning};
use super::symbols::Referent;
use super::types::TypeVar;
use crate::messages::{meaning as say_meaning, names as say_names, syntax as say_syntax, types as say};
use crate::model::{Expr, ExprKind, Needle};
use crate::operators::{CompareOp, TextTest};
use crate::source::Span;
use crate::syntax::ast::{self, AnyAll, Tail, TailKind};
use crate::text::{fold, words};
use crate::value::{Stage, Text, Type, Value};

impl<'a> Checker<'a> {
    pub fn tested(&mut self, subject: &'a ast::Expr, tails: &'a [Tail], span: Span, place: Place) -> Typed {
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
    pub fn tail(
        &mut self,
        left: Expr,
        var: TypeVar,
        subject: &'a ast::Expr,
        tail: &'a Tail,
        span: Span,
        place: Place,
    ) -> Typed {
        let left = Box::new(left);
        let kind = match &tail.kind {
            TailKind::Compare(op, right) => {
                let Some(right) = self.right_side(var, subject, *op, right, tail.span, place) else {
                    return self.broken(span);
                };
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
                let Some(kind) = self.text_test(left, var, *test, *any_all, operand, tail.span) else {
                    return self.broken(span);
                };
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
            TailKind::Count(..) | TailKind::Days(..) | TailKind::Then(..) | TailKind::Broken => {
                return self.broken(span);
            }
        };
        self.known(kind, span, Type::Flag)
    }

    fn is_date(&mut self, var: TypeVar, why: Span) {
        let date = self.types.known(Type::Date, why);
        self.unify(var, date);
    }

    /// The right side of a comparison. A bare name there must be defined.
    fn right_side(
        &mut self,
        left: TypeVar,
        subject: &ast::Expr,
        op: CompareOp,
        right: &'a ast::Expr,
        tail: Span,
        place: Place,
    ) -> Option<Expr> {
        if self.types.type_of(left) == Some(Type::Stage) {
            return self.stage_name(right, tail);
        }
        // What is calculated is compared with no text.
        let is_calculated = !matches!(subject.kind, ast::ExprKind::Name(_))
            && matches!(self.types.type_of(left), Some(Type::Number | Type::Date));
        if let ast::ExprKind::Name(name) = &right.kind
            && matches!(op, CompareOp::Equal | CompareOp::NotEqual)
            && !matches!(place, Place::Where(_))
            && self.meaning(name).is_none()
            && !name.quoted
            && !is_calculated
        {
            if matches!(&*name.text.to_ascii_lowercase(), "true" | "false") {
                self.say(say::true_or_false(right.span, &name.text));
                return None;
            }
            if let Some((special, var)) = self.special_name(name, place) {
                self.unify(left, var);
                return Some(special);
            }
            if let ast::ExprKind::Name(asked) = &subject.kind
                && self.is_known_to_tests(asked)
                && self.stage_of(&name.text).is_some()
            {
                self.say(say_names::only_in_tests(subject.span));
                return None;
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
                Some(stage) => {
                    if let Stage::Rank(rank) = stage {
                        self.uses.add(name.span, Referent::Stage(rank));
                    }
                    stage
                }
                None => {
                    let near = crate::suggest::nearest(&name.text, self.model.ladder.stages.iter().map(String::as_str))
                        .map(str::to_owned);
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

    /// Whether it is `could_be`, and no column that is declared under this name.
    fn is_known_to_tests(&self, name: &ast::Name) -> bool {
        !name.quoted && name.text.eq_ignore_ascii_case("could_be") && self.meaning(name).is_none()
    }

    pub fn stage_of(&self, name: &str) -> Option<Stage> {
        match &*name.to_ascii_lowercase() {
            "disqualified" => Some(Stage::Disqualified),
            "excluded" => Some(Stage::Excluded),
            _ => self.rank_of(name).map(Stage::Rank),
        }
    }

    pub fn rank_of(&self, name: &str) -> Option<usize> {
        self.ranks.get(&*fold(name)).copied()
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
                    let near = self
                        .nearest_name(&name.text, |m| matches!(m, Meaning::Draft(d) if lists.get(d) == Some(&true)));
                    self.say(say_names::unknown_list(list.span, &name.text, near.as_deref()));
                    None
                }
            },
            ast::ExprKind::Broken => None,
            ast::ExprKind::Text(_) => {
                let written = self.gathered.sources.phrase(list.span);
                self.say(crate::messages::habits::text_for_list(list.span, &written));
                None
            }
            _ => {
                let written = self.gathered.sources.phrase(list.span);
                self.say(say::no_list(list.span, &written));
                None
            }
        }
    }

    fn text_test(
        &mut self,
        left: Box<Expr>,
        var: TypeVar,
        test: TextTest,
        any_all: AnyAll,
        operand: &'a ast::Expr,
        tail: Span,
    ) -> Option<ExprKind> {
        self.text_or_list.push((var, tail));
        let texts = match any_all {
            AnyAll::One => self.text_operand(operand, left.span)?,
            AnyAll::Any | AnyAll::All => {
                let list = self.list(operand)?;
                if list.of_type == Some(Type::Number) {
                    self.say(say::texts_wanted(operand.span));
                    return None;
                }
                list.items
                    .iter()
                    .filter_map(|v| if let Value::Text(t) = v { Some(Arc::clone(t)) } else { None })
                    .collect()
            }
        };
        let needles: Vec<Needle> = texts
            .iter()
            .map(|t| Needle { written: t.written.clone(), folded: t.folded.clone(), words: words(&t.folded) })
            .collect();
        if test == TextTest::Mentions
            && let Some(at) = needles.iter().position(|n| n.words.is_empty())
        {
            self.say(say_meaning::no_word_in(operand.span, &texts[at].written));
            return None;
        }
        Some(ExprKind::Text(left, test, any_all == AnyAll::All, needles.into()))
    }

    /// The text behind `contains` and its kin: the same for every lead. `subject` is what is tested.
    fn text_operand(&mut self, operand: &'a ast::Expr, subject: Span) -> Option<Vec<Arc<Text>>> {
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
                    State::Done(done) => {
                        match self.constant(&Expr { kind: ExprKind::Definition(done.id), span: operand.span }) {
                            Some(Value::Text(text)) => Some(vec![text]),
                            _ => {
                                self.say(say::texts_wanted(operand.span));
                                None
                            }
                        }
                    }
                    State::Table(_) => {
                        self.say(say::texts_wanted(operand.span));
                        None
                    }
                    State::Broken | State::Waiting => None,
                },
                Some(Meaning::Broken) => None,
                _ => {
                    let subject = self.gathered.sources.phrase(subject);
                    self.say(say_names::word_compared(operand.span, &name.text, &subject));
                    None
                }
            },
            _ => {
                self.say(say::texts_wanted(operand.span));
                None
            }
        }
    }
}

fn negate_if(negated: bool, kind: ExprKind, span: Span) -> ExprKind {
    if negated { ExprKind::Not(Box::new(Expr { kind, span })) } else { kind }
}
