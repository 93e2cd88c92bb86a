//! Expressions of a model to values in SQL, as `eval::values` has them.

use super::expr::{Binary, Function, Kind, Piece, Sql};
use super::lower::{Ends, Lower, Lowered, Pass, Seen, refused};
use crate::builtins::{self, Builtin};
use crate::model::{DefinitionId, Expr, ExprKind, LookupId, Needle, OfProfile};
use crate::number;
use crate::operators::{CompareOp, TextTest};
use crate::plan::Deps;
use crate::points::to_float;
use crate::source::Span;
use crate::time::{Date, Instant};
use crate::value::{Stage, Type, Value};

/// What stands for a stage outside of the ladder.
pub(super) const DISQUALIFIED: i64 = -1;
/// Only the reason of an excluded lead asks for it.
pub(super) const EXCLUDED: i64 = -2;

/// A value: the expressions that it takes.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum V {
    /// Missing for every lead.
    Missing,
    /// A flag; NULL for unknown.
    Flag(Sql),
    /// A double.
    Number(Sql),
    /// Points that are surely there, now or between two ends.
    Points(Ends),
    /// Doubles between two ends that are there.
    Between(Sql, Sql),
    /// The first and the last moment, and whether it is a whole day.
    Date { first: Sql, last: Sql, is_day: Sql },
    /// As it is compared, and as it is written.
    Text { folded: Sql, written: Sql },
    /// Several texts.
    List(Sql),
    /// The rank.
    Stage(Sql),
    /// A label, whose texts hang on the pass.
    Label(usize),
}

impl V {
    /// Each of its expressions as another.
    pub fn map(self, f: &mut dyn FnMut(Sql) -> Sql) -> V {
        match self {
            V::Missing => V::Missing,
            V::Flag(sql) => V::Flag(f(sql)),
            V::Number(sql) => V::Number(f(sql)),
            V::Points(Ends { low, high, may_be_open }) => V::Points(Ends { low: f(low), high: f(high), may_be_open }),
            V::Between(low, high) => V::Between(f(low), f(high)),
            V::Date { first, last, is_day } => V::Date { first: f(first), last: f(last), is_day: f(is_day) },
            V::Text { folded, written } => V::Text { folded: f(folded), written: f(written) },
            V::Stage(sql) => V::Stage(f(sql)),
            V::List(sql) => V::List(f(sql)),
            V::Label(id) => V::Label(id),
        }
    }

    /// Whether it is not there. Of a label its own columns say it.
    pub fn is_missing(&self) -> Sql {
        match self {
            V::Missing => Sql::Flag(true),
            V::Flag(sql) | V::Number(sql) | V::Stage(sql) | V::List(sql) => sql.clone().null(),
            V::Points(_) | V::Label(_) => Sql::Flag(false),
            V::Between(low, _) => low.clone().null(),
            V::Date { first, .. } => first.clone().null(),
            V::Text { folded, .. } => folded.clone().null(),
        }
    }
}

/// A double of points.
pub(super) fn points_as_number(points: Sql) -> Sql {
    match points {
        Sql::Whole(n) => Sql::number(to_float(i128::from(n))),
        points => Sql::binary(Binary::Divide, Sql::call(Function::ToNumber, [points]), Sql::number(10_000.0)),
    }
}

impl Lower<'_> {
    /// A condition.
    pub fn truth(&mut self, condition: &Expr, seen: Seen) -> Lowered<Sql> {
        Ok(match self.value(condition, seen)? {
            V::Flag(sql) => sql,
            _ => Sql::Null(Kind::Flag),
        })
    }

    fn truths(&mut self, items: &[Expr], seen: Seen) -> Lowered<Vec<Sql>> {
        items.iter().map(|e| self.truth(e, seen)).collect()
    }

    /// Any expression.
    pub fn value(&mut self, expr: &Expr, seen: Seen) -> Lowered<V> {
        use ExprKind as K;
        let span = expr.span;
        let is_part = !matches!(expr.kind, K::Property(_) | K::Value(_));
        if is_part && !asks_record(expr, self.model) && Deps::of(self.model, expr).is_constant() {
            return self.constant(&self.nobody.value(expr), span);
        }
        Ok(match &expr.kind {
            K::Value(value) => self.constant(value, span)?,
            K::Today => self.constant(&self.nobody.value(expr), span)?,
            K::Field(id) => {
                if seen.is_record() {
                    return refused(span, "a column of the lead inside of `where`");
                }
                self.field(*id, span)?
            }
            K::Property(id) => self.property(*id, span)?,
            K::Definition(id) => self.definition(*id, seen)?,
            K::Score => V::Points(self.score_of(None, seen.pass, span)?),
            K::Group(id) => V::Points(self.score_of(Some(id.0), seen.pass, span)?),
            K::Label(id) => V::Label(id.0),
            K::Stage => V::Stage(self.results.stage.clone().unwrap_or(Sql::Null(Kind::Whole))),
            K::CouldBe => V::Stage(self.results.could_be.clone().unwrap_or(Sql::Null(Kind::Whole))),
            K::Current => V::Stage(self.current(span)?),
            K::Disqualified | K::Excluded | K::Fired(_) | K::Review(_) => return refused(span, "a part of a test"),
            K::Not(inner) => V::Flag(self.truth(inner, seen)?.not()),
            K::All(items) => V::Flag(Sql::all(self.truths(items, seen)?)),
            K::Any(items) => V::Flag(Sql::any(self.truths(items, seen)?)),
            K::AtLeast(n, items) => {
                let items = self.truths(items, seen)?;
                V::Flag(self.at_least(*n, items, seen))
            }
            K::OfProfile(of, id) => {
                let criteria: Vec<Expr> = self.model.criteria(*id).to_vec();
                let items = self.truths(&criteria, seen)?;
                V::Flag(match of {
                    OfProfile::AtLeast(n) => self.at_least(*n, items, seen),
                    OfProfile::None => self.at_least(1, items, seen).not(),
                })
            }
            K::Unless(a, b) => {
                let (a, b) = (self.truth(a, seen)?, self.truth(b, seen)?);
                V::Flag(match seen.pass {
                    // A B that is not known does not block.
                    Pass::Now => {
                        let blocks = b.or(Sql::Flag(false));
                        let a = self.share(a, seen);
                        Sql::case([(a.clone().null(), Sql::Null(Kind::Flag))], Sql::all([a, blocks.not()]))
                    }
                    Pass::Possible => {
                        let a = self.share(a, seen);
                        Sql::case([(a.clone().null(), Sql::Null(Kind::Flag))], Sql::all([a, b.not()]))
                    }
                })
            }
            K::Compare(op, a, b) => {
                let (a, b) = (self.value(a, seen)?, self.value(b, seen)?);
                V::Flag(self.over_choices(&a, seen, span, &|lower, a| {
                    lower.over_choices(&b, seen, span, &|lower, b| lower.compare(*op, a, b, span))
                })?)
            }
            K::Between(x, low, high) => {
                let (x, low, high) = (self.value(x, seen)?, self.value(low, seen)?, self.value(high, seen)?);
                V::Flag(self.over_choices(&x, seen, span, &|lower, x| {
                    let least = lower.compare(CompareOp::GreaterOrEqual, x, &low, span)?;
                    Ok(Sql::all([least, lower.compare(CompareOp::LessOrEqual, x, &high, span)?]))
                })?)
            }
            K::In(x, list) => {
                let x = self.value(x, seen)?;
                V::Flag(self.over_choices(&x, seen, span, &|lower, x| lower.is_in(x, list, span))?)
            }
            K::Text(x, test, wants_all, needles) => {
                let x = self.value(x, seen)?;
                V::Flag(self.over_choices(&x, seen, span, &|lower, x| {
                    Ok(lower.text_test(x, *test, *wants_all, needles, seen))
                })?)
            }
            K::Known(x) => V::Flag(self.known(x, seen)?),
            K::InLast(x, period) => {
                let (from, to) = (self.as_of.plus_days(*period, -1, &self.model.zone), self.as_of);
                self.date_test(x, seen, &|first, _| {
                    Sql::all([first.clone().at_least(Sql::Whole(from.0)), first.at_most(Sql::Whole(to.0))])
                })?
            }
            K::InNext(x, period) => {
                let (from, to) = (self.as_of, self.as_of.plus_days(*period, 1, &self.model.zone));
                self.date_test(x, seen, &|_, last| {
                    Sql::all([last.clone().at_least(Sql::Whole(from.0)), last.at_most(Sql::Whole(to.0))])
                })?
            }
            K::Ago(x, period) => {
                let then = self.as_of.plus_days(*period, -1, &self.model.zone);
                self.date_test(x, seen, &|first, _| first.at_most(Sql::Whole(then.0)))?
            }
            K::Sum(items) => {
                let mut total: Option<V> = None;
                for (minus, item) in items {
                    let mut item = self.value(item, seen)?;
                    if *minus {
                        item = negated(item);
                    }
                    total = Some(match total {
                        None => item,
                        Some(total) => self.calculated(total, item, seen, span, &|lower, a, b| {
                            let sum = Sql::sum(Kind::Number, [a, b]);
                            lower.rounded(sum, seen)
                        })?,
                    });
                }
                total.unwrap_or(V::Missing)
            }
            K::Product(items) => {
                let mut total: Option<V> = None;
                for (divides, item) in items {
                    let item = self.value(item, seen)?;
                    total = Some(match total {
                        None => item,
                        Some(total) if *divides => {
                            let by = self.ends_of(item.clone(), seen, span)?;
                            let quotient =
                                self.calculated(total, item, seen, span, &|lower, a, b| lower.divided(a, b, seen))?;
                            // By what may be nothing nothing is divided.
                            match (quotient, by) {
                                (V::Between(low, high), Some((from, to))) if from != to => {
                                    let zero = || Sql::number(0.0);
                                    let holds_zero = Sql::all([from.at_most(zero()), to.at_least(zero())]);
                                    let none = || Sql::Null(Kind::Number);
                                    let end = |sql| holds_zero.clone().when(none(), sql);
                                    V::Between(end(low), end(high))
                                }
                                (quotient, _) => quotient,
                            }
                        }
                        Some(total) => {
                            self.calculated(total, item, seen, span, &|lower, a, b| lower.multiplied(a, b, seen))?
                        }
                    });
                }
                total.unwrap_or(V::Missing)
            }
            K::Negate(inner) => negated(self.value(inner, seen)?),
            K::Call(function, args) => self.call(function, args, seen, span)?,
            K::Lookup(table, x) => self.lookup(*table, x, seen, span)?,
            K::Did(activity, count) => V::Flag(self.did(activity, *count, seen)?),
            K::Then(first, second, within) => V::Flag(self.followed(first, second, *within, seen)?),
            K::OfRecords(function, activity, property) => self.of_records(function, activity, *property, seen)?,
        })
    }

    /// A value as written.
    pub fn constant(&self, value: &Value, span: Span) -> Lowered<V> {
        Ok(match value {
            Value::Missing => V::Missing,
            Value::Flag(yes) => V::Flag(Sql::Flag(*yes)),
            Value::Number(n) => V::Number(Sql::number(*n)),
            Value::Date(date) => {
                let (Instant(first), Instant(last)) = (date.first(), date.last());
                let is_day = Sql::Flag(matches!(date, Date::Day(_)));
                V::Date { first: Sql::Whole(first), last: Sql::Whole(last), is_day }
            }
            Value::Text(text) => {
                if text.written.contains('\0') {
                    return refused(span, "a text with a NUL");
                }
                V::Text { folded: Sql::text(&text.folded), written: Sql::text(&text.written) }
            }
            Value::Stage(stage) => V::Stage(Sql::Whole(rank_of(*stage))),
            Value::List(_) => return refused(span, "a list as a value"),
            Value::Range(..) | Value::Between(_) => return refused(span, "a range as a value"),
        })
    }

    fn definition(&mut self, id: DefinitionId, seen: Seen) -> Lowered<V> {
        if let Some(known) = self.definitions.get(&(seen, id.0)) {
            return Ok(known.clone());
        }
        let Some(definition) = self.model.definitions.get(id.0) else { return Ok(V::Missing) };
        // It does not see the record that it is used beside.
        if seen.is_record() {
            return refused(definition.span, "a `let` that hangs on the lead, used inside of `where`");
        }
        let value = self.value(&definition.value, seen)?;
        let value = value.map(&mut |sql| self.facts.share(sql));
        self.definitions.insert((seen, id.0), value.clone());
        Ok(value)
    }

    /// The points of a group, or of the whole.
    fn score_of(&self, group: Option<usize>, pass: Pass, span: Span) -> Lowered<Ends> {
        let result = match group {
            Some(id) => self.results.groups.get(id),
            None => self.results.score.as_ref(),
        };
        let Some((now, possible)) = result else { return refused(span, "a score before it is known") };
        Ok(match pass {
            Pass::Now => Ends::point(now.clone()),
            Pass::Possible => possible.clone(),
        })
    }

    /// At least so many of these.
    pub fn at_least(&mut self, n: u64, items: Vec<Sql>, seen: Seen) -> Sql {
        if n == 0 {
            return Sql::Flag(true);
        }
        if n == 1 {
            return Sql::any(items);
        }
        let n = Sql::Whole(i64::try_from(n).unwrap_or(i64::MAX));
        let items: Vec<Sql> = items.into_iter().map(|i| self.share(i, seen)).collect();
        let count = |yes: i64, unknown: i64, items: &[Sql]| {
            let one = |item: &Sql| {
                let unknown_or_no = Sql::case([(item.clone().null(), Sql::Whole(unknown))], Sql::Whole(0));
                Sql::case([(item.clone(), Sql::Whole(yes))], unknown_or_no)
            };
            Sql::sum(Kind::Whole, items.iter().map(one))
        };
        let (hold, may) = (count(1, 0, &items), count(1, 1, &items));
        Sql::case(
            [(hold.at_least(n.clone()), Sql::Flag(true)), (may.below(n), Sql::Flag(false))],
            Sql::Null(Kind::Flag),
        )
    }

    /// `a op b`
    fn compare(&mut self, op: CompareOp, a: &V, b: &V, span: Span) -> Lowered<Sql> {
        use CompareOp as Op;
        Ok(match (a, b) {
            (V::Missing, _) | (_, V::Missing) => Sql::Null(Kind::Flag),
            (V::Stage(a), V::Stage(b)) => compare_stages(op, a.clone(), b.clone()),
            (V::Text { folded: a, .. }, V::Text { folded: b, .. }) if matches!(op, Op::Equal | Op::NotEqual) => {
                Sql::compare(op, a.clone(), b.clone())
            }
            (V::Flag(a), V::Flag(b)) if matches!(op, Op::Equal | Op::NotEqual) => {
                Sql::compare(op, a.clone(), b.clone())
            }
            (V::Date { .. }, V::Date { .. }) => compare_dates(op, a, b),
            (V::Number(a), V::Number(b)) => Sql::compare(op, a.clone(), b.clone()),
            (V::Points(ends), V::Number(n)) => compare_points(op, ends, n),
            (V::Number(n), V::Points(ends)) => compare_points(turned(op), ends, n),
            (V::Points(a), V::Points(b)) if a.is_surely_point() && b.is_surely_point() => {
                Sql::compare(op, a.low.clone(), b.low.clone())
            }
            (V::Points(a), V::Points(b)) => compare_ends(op, a, b),
            (V::Between(low, high), V::Number(n)) => compare_between(op, (low, high), (n, n)),
            (V::Number(n), V::Between(low, high)) => compare_between(op, (n, n), (low, high)),
            (V::Between(a, b), V::Between(c, d)) => compare_between(op, (a, b), (c, d)),
            (V::Between(..), V::Points(ends)) | (V::Points(ends), V::Between(..)) if !ends.may_be_open => {
                let (low, high) = (points_as_number(ends.low.clone()), points_as_number(ends.high.clone()));
                let ends = V::Between(low, high);
                let (a, b) = if matches!(a, V::Points(_)) { (&ends, b) } else { (a, &ends) };
                return self.compare(op, a, b, span);
            }
            (V::Between(..) | V::Points(_), _) | (_, V::Between(..) | V::Points(_)) => {
                return refused(span, "a calculation on a score that has no bounds");
            }
            _ => Sql::Null(Kind::Flag),
        })
    }

    fn is_in(&mut self, x: &V, list: &[Value], span: Span) -> Lowered<Sql> {
        match x {
            V::Text { folded, .. } => {
                let texts = list.iter().filter_map(|v| if let Value::Text(t) = v { Some(&t.folded) } else { None });
                let texts: Vec<Sql> = texts.map(Sql::text).collect();
                Ok(match texts.len() {
                    0 => folded.clone().null().when(Sql::Null(Kind::Flag), Sql::Flag(false)),
                    _ => Sql::In(Box::new(folded.clone()), texts),
                })
            }
            V::Missing => Ok(if list.is_empty() { Sql::Flag(false) } else { Sql::Null(Kind::Flag) }),
            _ => {
                let mut any = Vec::with_capacity(list.len());
                for item in list {
                    let item = self.constant(item, span)?;
                    any.push(match (x, &item) {
                        (V::Stage(a), V::Stage(b)) => a.clone().equals(b.clone()),
                        _ => self.compare(CompareOp::Equal, x, &item, span)?,
                    });
                }
                Ok(Sql::any(any))
            }
        }
    }

    /// `x contains any […]` and its kin.
    fn text_test(&mut self, x: &V, test: TextTest, wants_all: bool, needles: &[Needle], seen: Seen) -> Sql {
        let (list, folded) = match x {
            V::Text { folded, .. } => (None, folded.clone()),
            V::List(list) => (Some(list.clone()), Sql::call(Function::Fold, [Sql::entry()])),
            _ => return Sql::Null(Kind::Flag),
        };
        let piece = |text: &str| Piece::Text(text.to_owned());
        let subject = match (test, &list) {
            (TextTest::Mentions, None) => self.keep(Sql::call(Function::Words, [folded.clone()]), seen),
            (TextTest::Mentions, Some(_)) => Sql::call(Function::Words, [folded.clone()]),
            _ => folded.clone(),
        };
        let one = |needle: &Needle| {
            let pattern = match test {
                TextTest::Contains => vec![Piece::Any, piece(&needle.folded), Piece::Any],
                TextTest::Mentions => vec![Piece::Any, piece(&needle.words), Piece::Any],
                TextTest::StartsWith => vec![piece(&needle.folded), Piece::Any],
                TextTest::EndsWith => vec![Piece::Any, piece(&needle.folded)],
                TextTest::Matches => wildcards(&needle.folded),
            };
            Sql::Like(Box::new(subject.clone()), pattern)
        };
        if let (Some(list), TextTest::Contains) = (&list, test) {
            // A list contains what is an entry of it.
            let is_entry = |needle: &Needle| folded.clone().equals(Sql::text(&needle.folded)).of_some(list.clone());
            let items: Vec<Sql> = needles.iter().map(is_entry).collect();
            let holds = if wants_all { Sql::all(items) } else { Sql::any(items) };
            return list.clone().null().when(Sql::Null(Kind::Flag), holds);
        }
        let items: Vec<Sql> = needles.iter().map(one).collect();
        let holds = if wants_all { Sql::all(items) } else { Sql::any(items) };
        if let Some(list) = list {
            return holds.of_some(list);
        }
        // With nothing to look for it is told for texts alone.
        if holds.is_constant() { subject.null().when(Sql::Null(Kind::Flag), holds) } else { holds }
    }

    /// Whether a value is there. In the second pass one that is missing may turn out to be there.
    fn known(&mut self, x: &Expr, seen: Seen) -> Lowered<Sql> {
        let value = self.value(x, seen)?;
        let known = self.over_choices(&value, seen, x.span, &|_, x| Ok(x.is_missing().not()))?;
        if seen.pass == Pass::Now {
            return Ok(known);
        }
        let gap = self.has_gap(x)?;
        Ok(Sql::case([(known.clone(), Sql::Flag(true)), (gap, Sql::Null(Kind::Flag))], known))
    }

    fn date_test(&mut self, x: &Expr, seen: Seen, test: &dyn Fn(Sql, Sql) -> Sql) -> Lowered<V> {
        Ok(match self.value(x, seen)? {
            V::Date { first, last, .. } => V::Flag(test(first, last)),
            _ => V::Missing,
        })
    }

    /// Two numbers, of which `f` makes a third. Between ends it is worked out at all of them.
    fn calculated(&mut self, a: V, b: V, seen: Seen, span: Span, f: &dyn Fn(&mut Self, Sql, Sql) -> Sql) -> Lowered<V> {
        if a == V::Missing || b == V::Missing {
            return Ok(V::Missing);
        }
        let (Some(a), Some(b)) = (self.ends_of(a, seen, span)?, self.ends_of(b, seen, span)?) else {
            return Ok(V::Missing);
        };
        if a.0 == a.1 && b.0 == b.1 {
            let result = f(self, a.0, b.0);
            let result = self.within_limit(result, seen);
            return Ok(V::Number(result));
        }
        let mut results = Vec::new();
        for (x, y) in [(&a.0, &b.0), (&a.0, &b.1), (&a.1, &b.0), (&a.1, &b.1)] {
            let result = f(self, x.clone(), y.clone());
            results.push(self.keep(result, seen));
        }
        let extreme = |lower: &mut Self, op: CompareOp| {
            let mut results = results.iter().cloned();
            let first = results.next().unwrap_or(Sql::Null(Kind::Number));
            results.fold(first, |best, n| {
                let better = Sql::compare(op, n.clone(), best.clone());
                // One that is not there makes nothing of all.
                let none = Sql::any([n.clone().null(), best.clone().null()]);
                let best = Sql::case([(none, Sql::Null(Kind::Number)), (better, n)], best);
                lower.keep(best, seen)
            })
        };
        Ok(V::Between(extreme(self, CompareOp::Less), extreme(self, CompareOp::Greater)))
    }

    /// The ends of a number, the same twice where it is one.
    fn ends_of(&mut self, value: V, seen: Seen, span: Span) -> Lowered<Option<(Sql, Sql)>> {
        let (low, high) = match value {
            V::Number(n) => (n.clone(), n),
            V::Between(low, high) => (low, high),
            V::Points(ends) if ends.is_surely_point() => {
                let n = points_as_number(ends.low);
                (n.clone(), n)
            }
            V::Points(ends) if ends.may_be_open => {
                return refused(span, "a calculation on a score that may have no bounds");
            }
            V::Points(ends) => (points_as_number(ends.low), points_as_number(ends.high)),
            _ => return Ok(None),
        };
        Ok(Some((self.keep(low, seen), self.keep(high, seen))))
    }

    /// A number that left 10^15 is missing.
    fn within_limit(&mut self, x: Sql, seen: Seen) -> Sql {
        let x = self.keep(x, seen);
        let in_range = Sql::all([
            x.clone().at_least(Sql::number(-number::LARGEST)),
            x.clone().at_most(Sql::number(number::LARGEST)),
        ]);
        self.keep(in_range.when(x, Sql::Null(Kind::Number)), seen)
    }

    /// A function of one number that keeps their order, at both ends.
    fn rising(&mut self, x: &V, seen: Seen, span: Span, f: &dyn Fn(&mut Self, Sql) -> Sql) -> Lowered<V> {
        let Some((low, high)) = self.ends_of(x.clone(), seen, span)? else { return Ok(V::Missing) };
        let is_one = low == high;
        let low = f(self, low);
        let low = self.keep(low, seen);
        if is_one {
            return Ok(V::Number(low));
        }
        let high = f(self, high);
        Ok(V::Between(low, self.keep(high, seen)))
    }

    /// What is calculated, as a decimal of 15 digits; see `number::rounded`.
    fn rounded(&mut self, x: Sql, seen: Seen) -> Sql {
        let x = self.keep(x, seen);
        let size = self.rounded_size(Sql::call(Function::Abs, [x.clone()]), seen);
        self.keep(x.below(Sql::number(0.0)).when(size.clone().negated(), size), seen)
    }

    /// The same of a sum that is worked out in the end; beyond 10^15 it is missing.
    pub fn rounded_within_limit(&mut self, x: Sql, seen: Seen) -> Sql {
        let x = self.rounded(x, seen);
        self.within_limit(x, seen)
    }

    /// Rounded to so many places, half away from zero, as the shortest decimal of the number has it.
    fn round_places(&mut self, x: Sql, places: i32, seen: Seen) -> Sql {
        // A decimal is on the side of a half on which its double is: so the half, as a double, decides.
        let power = Sql::number(10f64.powi(places.abs()));
        let up = |x: Sql| {
            let op = if places < 0 { Binary::Divide } else { Binary::Times };
            Sql::binary(op, x, power.clone())
        };
        let down = |x: Sql| {
            let op = if places < 0 { Binary::Times } else { Binary::Divide };
            Sql::binary(op, x, power.clone())
        };
        let size = self.keep(Sql::call(Function::Abs, [x.clone()]), seen);
        let scaled = self.keep(up(size.clone()), seen);
        let floor = Sql::call(Function::ToNumber, [Sql::call(Function::Floor, [scaled.clone()])]);
        let is_fine = scaled.clone().at_least(Sql::number(4.5e15));
        let floor = self.keep(is_fine.clone().when(Sql::number(0.0), floor), seen);
        let plus = |x: Sql, n: f64| Sql::sum(Kind::Number, [x, Sql::number(n)]);
        // Scaling may have rounded up to a whole number.
        let too_high = down(floor.clone()).above(size.clone());
        let floor = self.keep(too_high.when(plus(floor.clone(), -1.0), floor), seen);
        let half = down(plus(floor.clone(), 0.5));
        let whole = size.clone().at_least(half).when(plus(floor.clone(), 1.0), floor);
        let whole = self.keep(whole, seen);
        let rounded = self.keep(is_fine.when(size, down(whole)), seen);
        self.keep(x.below(Sql::number(0.0)).when(rounded.clone().negated(), rounded), seen)
    }

    /// A number that is not below 0, rounded to 15 digits, and NULL from 10^20 on.
    pub fn rounded_size(&mut self, size: Sql, seen: Seen) -> Sql {
        let power = |exponent: i32| format!("1e{exponent}").parse::<f64>().unwrap_or(1.0);
        let size = self.keep(size, seen);
        // The power of ten that leaves 15 digits before the point; what is divided by from 10^15 on.
        let reaches = |exponent: i32| size.clone().at_least(Sql::number(power(exponent)));
        let shifts = (-7..=14).rev().map(|e| (reaches(e), Sql::number(power(14 - e)))).collect::<Vec<_>>();
        let shift = self.keep(Sql::case(shifts, Sql::number(1e22)), seen);
        let large = (16..=19).rev().map(|e| (reaches(e), Sql::number(power(e - 14)))).collect::<Vec<_>>();
        let large = Sql::case(large, Sql::number(10.0));
        let floor = |n: Sql| {
            let half = Sql::sum(Kind::Number, [n, Sql::number(0.5)]);
            Sql::call(Function::ToNumber, [Sql::call(Function::Floor, [half])])
        };
        let up = Sql::binary(Binary::Times, size.clone(), shift.clone());
        let rounded = Sql::binary(Binary::Divide, floor(up), shift);
        let down = Sql::binary(Binary::Divide, size.clone(), large.clone());
        let whole = Sql::binary(Binary::Times, floor(down), large);
        let cases = [(reaches(20), Sql::Null(Kind::Number)), (reaches(15), whole)];
        self.keep(Sql::case(cases, rounded), seen)
    }

    /// A product, without the underflow that some engines take for an error.
    fn multiplied(&mut self, a: Sql, b: Sql, seen: Seen) -> Sql {
        let tiny = |x: &Sql| Sql::call(Function::Abs, [x.clone()]).below(Sql::number(1e-160));
        let product = Sql::binary(Binary::Times, a.clone(), b.clone());
        let is_missing = Sql::any([a.clone().null(), b.clone().null()]);
        let product = Sql::case(
            [(is_missing, Sql::Null(Kind::Number)), (Sql::any([tiny(&a), tiny(&b)]), Sql::number(0.0))],
            product,
        );
        self.rounded(product, seen)
    }

    /// A quotient; missing where it divides by 0, or leaves 10^15.
    fn divided(&mut self, a: Sql, b: Sql, seen: Seen) -> Sql {
        let size = |x: &Sql| Sql::call(Function::Abs, [x.clone()]);
        let (a_size, b_size) = (self.keep(size(&a), seen), self.keep(size(&b), seen));
        let is_missing = Sql::any([a.clone().null(), b.clone().null(), b.clone().equals(Sql::number(0.0))]);
        let is_large = a_size.clone().above(Sql::binary(Binary::Times, b_size.clone(), Sql::number(1e16)));
        let is_small = Sql::all([a_size.below(Sql::number(1e-160)), b_size.at_least(Sql::number(1e-130))]);
        let nothing = Sql::Null(Kind::Number);
        let quotient = Sql::case(
            [(Sql::any([is_missing, is_large]), nothing), (is_small, Sql::number(0.0))],
            Sql::binary(Binary::Divide, a, b),
        );
        self.rounded(quotient, seen)
    }

    fn call(&mut self, function: &Builtin, args: &[Expr], seen: Seen, span: Span) -> Lowered<V> {
        let mut values = Vec::with_capacity(args.len());
        for arg in args {
            values.push(self.value(arg, seen)?);
        }
        if values.contains(&V::Missing) {
            return Ok(V::Missing);
        }
        Ok(match (function.name, values.as_slice()) {
            ("min", _) => self.extreme(values, CompareOp::Less, seen, span)?,
            ("max", _) => self.extreme(values, CompareOp::Greater, seen, span)?,
            ("abs", [V::Number(x)]) => V::Number(Sql::call(Function::Abs, [x.clone()])),
            ("abs", [x]) => {
                let Some((low, high)) = self.ends_of(x.clone(), seen, span)? else { return Ok(V::Missing) };
                if low == high {
                    return Ok(V::Number(Sql::call(Function::Abs, [low])));
                }
                let zero = || Sql::number(0.0);
                let turned = low.clone().negated();
                let is_below = high.clone().at_most(zero());
                let is_above = low.clone().at_least(zero());
                let further = self.keep(turned.clone().above(high.clone()).when(turned.clone(), high.clone()), seen);
                V::Between(
                    Sql::case([(is_above.clone(), low), (is_below.clone(), high.clone().negated())], zero()),
                    Sql::case([(is_above, high), (is_below, turned)], further),
                )
            }
            ("round", [x, rest @ ..]) => {
                let places = match rest {
                    [] => 0.0,
                    [V::Number(Sql::Number(places))] => places.0,
                    _ => return refused(span, "places of `round` that are not written out"),
                };
                if !(-15.0..=15.0).contains(&places) {
                    return refused(span, "`round` to so many places");
                }
                self.rising(x, seen, span, &|lower, x| {
                    let x = lower.keep(x, seen);
                    lower.round_places(x, places as i32, seen)
                })?
            }
            ("floor", [x]) => self.rising(x, seen, span, &|lower, x| {
                // Rounded down where the size is rounded up.
                let x = lower.keep(x, seen);
                let size = lower.keep(Sql::call(Function::Abs, [x.clone()]), seen);
                let whole = Sql::call(Function::ToNumber, [Sql::call(Function::Floor, [size.clone()])]);
                let whole = lower.keep(whole, seen);
                let up = whole
                    .clone()
                    .equals(size)
                    .when(whole.clone().negated(), Sql::binary(Binary::Minus, Sql::number(-1.0), whole.clone()));
                x.below(Sql::number(0.0)).when(up, whole)
            })?,
            (builtins::DOMAIN, [V::Text { folded, written }]) => self.domain(folded, written, seen),
            ("length", [V::Text { folded, written }]) => {
                let length = Sql::call(Function::Length, [Sql::call(Function::Trim, [written.clone()])]);
                let length = Sql::call(Function::ToNumber, [length]);
                V::Number(folded.clone().null().when(Sql::Null(Kind::Number), length))
            }
            ("length", [V::List(list)]) => {
                V::Number(Sql::call(Function::ToNumber, [Sql::call(Function::Entries, [list.clone()])]))
            }
            (builtins::DAYS_SINCE, [V::Date { first, is_day, .. }]) => {
                V::Number(self.days_since(first.clone(), is_day.clone(), seen))
            }
            ("weekday" | "hour" | "month" | "year", [V::Date { first, is_day, .. }]) => {
                self.of_calendar(function.name, first.clone(), is_day.clone(), seen)
            }
            _ => return refused(span, format!("the function `{}`", function.name)),
        })
    }

    fn extreme(&mut self, values: Vec<V>, op: CompareOp, seen: Seen, span: Span) -> Lowered<V> {
        let mut best: Option<(Sql, Sql)> = None;
        for value in values {
            let Some((low, high)) = self.ends_of(value, seen, span)? else { return Ok(V::Missing) };
            let mut better = |best: Sql, n: Sql| {
                let is_missing = Sql::any([best.clone().null(), n.clone().null()]);
                let better = Sql::compare(op, n.clone(), best.clone()).when(n, best);
                self.keep(is_missing.when(Sql::Null(Kind::Number), better), seen)
            };
            best = Some(match best {
                None => (low, high),
                Some((a, b)) if a == b && low == high => {
                    let best = better(a, low);
                    (best.clone(), best)
                }
                Some((a, b)) => (better(a, low), better(b, high)),
            });
        }
        Ok(match best {
            None => V::Missing,
            Some((low, high)) if low == high => V::Number(low),
            Some((low, high)) => V::Between(low, high),
        })
    }

    /// What stands behind the last `@`.
    fn domain(&mut self, folded: &Sql, written: &Sql, seen: Seen) -> V {
        // All but the `@` are cut off the end.
        let behind = |lower: &mut Self, text: &Sql| {
            let others = Sql::call(Function::Replace, [text.clone(), Sql::text("@"), Sql::text("")]);
            let before = Sql::call(Function::TrimEnd, [text.clone(), others]);
            let before = lower.keep(Sql::call(Function::Length, [before]), seen);
            let from = Sql::sum(Kind::Whole, [before.clone(), Sql::Whole(1)]);
            let from = Sql::call(Function::Substring, [text.clone(), from]);
            // Without an `@` nothing is left of what stands before.
            let domain = before.equals(Sql::Whole(0)).when(Sql::Null(Kind::Text), from);
            lower.keep(domain, seen)
        };
        let plain = folded.clone().null().when(Sql::Null(Kind::Text), written.clone());
        let plain = self.keep(plain, seen);
        let written = behind(self, &plain);
        let folded = self.keep(Sql::call(Function::Fold, [written.clone()]), seen);
        V::Text { folded, written }
    }

    fn lookup(&mut self, table: LookupId, x: &Expr, seen: Seen, span: Span) -> Lowered<V> {
        let Some(table) = self.model.tables.get(table.0) else { return Ok(V::Missing) };
        let value = self.value(x, seen)?;
        let (key, is_missing) = match &value {
            V::Text { folded, .. } => (folded.clone(), folded.clone().null()),
            V::Number(n) => (n.clone(), n.clone().null()),
            V::Missing => (Sql::Null(Kind::Text), Sql::Flag(true)),
            _ => return refused(span, "a lookup of anything but a text or a number"),
        };
        let key = self.keep(key, seen);
        let kind = match table.value_type {
            Type::Number => Kind::Number,
            _ => Kind::Text,
        };
        let of = |value: Option<&Value>, folded: bool| match value {
            Some(Value::Number(n)) => Sql::number(*n),
            Some(Value::Text(text)) => Sql::text(if folded { &text.folded } else { &text.written }),
            _ => Sql::Null(kind),
        };
        let gap = if seen.pass == Pass::Possible { self.has_gap(x)? } else { Sql::Flag(false) };
        let mut written = |folded: bool| {
            let mut cases =
                vec![(is_missing.clone(), gap.clone().when(Sql::Null(kind), of(table.missing.as_ref(), folded)))];
            // Keys that give the same stand together.
            let mut by_value: Vec<(Sql, Vec<Sql>)> = Vec::new();
            for (text, value) in &table.rows {
                let key = match key.kind() {
                    Kind::Number => match text.parse::<f64>() {
                        Ok(n) if number::to_text(n) == *text => Sql::number(n),
                        _ => continue,
                    },
                    _ => Sql::text(text),
                };
                let gives = of(Some(value), folded);
                match by_value.iter_mut().find(|(v, _)| *v == gives) {
                    Some((_, keys)) => keys.push(key),
                    None => by_value.push((gives, vec![key])),
                }
            }
            cases.extend(by_value.into_iter().map(|(gives, keys)| (Sql::In(Box::new(key.clone()), keys), gives)));
            self.keep(Sql::case(cases, of(table.otherwise.as_ref(), folded)), seen)
        };
        Ok(match kind {
            Kind::Number => V::Number(written(false)),
            _ => V::Text { folded: written(true), written: written(false) },
        })
    }
}

/// Whether an expression asks for the record that a `where` looks at.
fn asks_record(expr: &Expr, model: &crate::model::Model) -> bool {
    if matches!(expr.kind, ExprKind::Property(_)) {
        return true;
    }
    let mut asks = false;
    expr.for_each_child(model, &mut |child| asks |= asks_record(child, model));
    asks
}

/// A pattern with `*` and `?`.
pub(super) fn wildcards(pattern: &str) -> Vec<Piece> {
    let mut out = Vec::new();
    let mut run = String::new();
    for c in pattern.chars() {
        if matches!(c, '*' | '?') {
            if !run.is_empty() {
                out.push(Piece::Text(std::mem::take(&mut run)));
            }
            out.push(if c == '*' { Piece::Any } else { Piece::One });
        } else {
            run.push(c);
        }
    }
    if !run.is_empty() {
        out.push(Piece::Text(run));
    }
    out
}

/// The rank of a stage.
pub(super) fn rank_of(stage: Stage) -> i64 {
    match stage {
        Stage::Rank(rank) => i64::try_from(rank).unwrap_or(i64::MAX),
        Stage::Disqualified => DISQUALIFIED,
        Stage::Excluded => EXCLUDED,
    }
}

fn negated(x: V) -> V {
    match x {
        V::Number(n) => V::Number(n.negated()),
        V::Points(Ends { low, high, may_be_open }) => {
            V::Points(Ends { low: high.negated(), high: low.negated(), may_be_open })
        }
        V::Between(low, high) => V::Between(high.negated(), low.negated()),
        _ => V::Missing,
    }
}

/// The comparison with its sides turned.
fn turned(op: CompareOp) -> CompareOp {
    match op {
        CompareOp::Less => CompareOp::Greater,
        CompareOp::Greater => CompareOp::Less,
        CompareOp::LessOrEqual => CompareOp::GreaterOrEqual,
        CompareOp::GreaterOrEqual => CompareOp::LessOrEqual,
        same => same,
    }
}

/// A disqualified lead has no order on the ladder.
fn compare_stages(op: CompareOp, a: Sql, b: Sql) -> Sql {
    let compared = Sql::compare(op, a.clone(), b.clone());
    if matches!(op, CompareOp::Equal | CompareOp::NotEqual) {
        return compared;
    }
    let on_ladder = |rank: Sql| match rank {
        Sql::Whole(n) => Sql::Flag(n >= 0),
        rank => rank.at_least(Sql::Whole(0)),
    };
    Sql::all([compared, on_ladder(a), on_ladder(b)])
}

/// Before where its last moment is before the first of the other.
fn compare_dates(op: CompareOp, a: &V, b: &V) -> Sql {
    let (V::Date { first: a_first, last: a_last, .. }, V::Date { first: b_first, last: b_last, .. }) = (a, b) else {
        return Sql::Null(Kind::Flag);
    };
    let before = || a_last.clone().below(b_first.clone());
    let after = || a_first.clone().above(b_last.clone());
    match op {
        CompareOp::Less => before(),
        CompareOp::Greater => after(),
        CompareOp::GreaterOrEqual => before().not(),
        CompareOp::LessOrEqual => after().not(),
        CompareOp::Equal => Sql::all([before().not(), after().not()]),
        CompareOp::NotEqual => Sql::any([before(), after()]),
    }
}

/// Points between two ends against a double; unknown where it depends.
fn compare_points(op: CompareOp, ends: &Ends, n: &Sql) -> Sql {
    let point = |op: CompareOp, points: &Sql| match n {
        Sql::Number(n) => {
            let test = crate::plan::ScoreTest::new(op, n.0);
            let (reach, exceed) = (Sql::Whole(test.reach), Sql::Whole(test.exceed));
            let points = points.clone();
            match op {
                CompareOp::GreaterOrEqual => points.at_least(reach),
                CompareOp::Less => points.below(reach),
                CompareOp::Greater => points.at_least(exceed),
                CompareOp::LessOrEqual => points.below(exceed),
                CompareOp::Equal => Sql::all([points.clone().at_least(reach), points.below(exceed)]),
                CompareOp::NotEqual => Sql::any([points.clone().below(reach), points.at_least(exceed)]),
            }
        }
        n => Sql::compare(op, points_as_number(points.clone()), n.clone()),
    };
    if ends.is_surely_point() {
        return point(op, &ends.low);
    }
    let (low, high) = (&ends.low, &ends.high);
    // Where an end is NULL nothing is above or below it.
    let below =
        |n_above: bool| if n_above { point(CompareOp::Less, high) } else { point(CompareOp::LessOrEqual, high) };
    let above =
        |strict: bool| if strict { point(CompareOp::Greater, low) } else { point(CompareOp::GreaterOrEqual, low) };
    let flag = |yes: Sql, no: Sql| Sql::case([(yes, Sql::Flag(true)), (no, Sql::Flag(false))], Sql::Null(Kind::Flag));
    let is_point = || low.clone().equals(high.clone());
    match op {
        CompareOp::Less => flag(below(true), above(false)),
        CompareOp::GreaterOrEqual => flag(above(false), below(true)),
        CompareOp::Greater => flag(above(true), below(false)),
        CompareOp::LessOrEqual => flag(below(false), above(true)),
        CompareOp::Equal => {
            flag(Sql::all([is_point(), point(CompareOp::Equal, low)]), Sql::any([below(true), above(true)]))
        }
        CompareOp::NotEqual => {
            flag(Sql::any([below(true), above(true)]), Sql::all([is_point(), point(CompareOp::Equal, low)]))
        }
    }
}

/// Points between two ends against others.
fn compare_ends(op: CompareOp, a: &Ends, b: &Ends) -> Sql {
    compare_between(op, (&a.low, &a.high), (&b.low, &b.high))
}

fn compare_between(op: CompareOp, a: (&Sql, &Sql), b: (&Sql, &Sql)) -> Sql {
    let flag = |yes: Sql, no: Sql| Sql::case([(yes, Sql::Flag(true)), (no, Sql::Flag(false))], Sql::Null(Kind::Flag));
    let (a_low, a_high, b_low, b_high) = (a.0.clone(), a.1.clone(), b.0.clone(), b.1.clone());
    let below = a_high.clone().below(b_low.clone());
    let not_below = a_low.clone().at_least(b_high.clone());
    let above = b_high.clone().below(a_low.clone());
    let not_above = b_low.clone().at_least(a_high.clone());
    let same = Sql::all([a_low.clone().equals(a_high), b_low.clone().equals(b_high), a_low.equals(b_low)]);
    match op {
        CompareOp::Less => flag(below, not_below),
        CompareOp::GreaterOrEqual => flag(not_below, below),
        CompareOp::Greater => flag(above, not_above),
        CompareOp::LessOrEqual => flag(not_above, above),
        CompareOp::Equal => flag(same, Sql::any([below, above])),
        CompareOp::NotEqual => flag(Sql::any([below, above]), same),
    }
}
