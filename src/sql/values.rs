//! Expressions of a model to values in SQL, as `eval::values` has them.

use super::expr::{Binary, Function, Kind, Piece, Sql};
use super::lower::{Ends, Lower, Lowered, Pass, Seen, refused};
use super::numbers::negated;
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
        let value = self.value_of(expr, seen);
        self.or_noted(value, || V::Missing)
    }

    fn value_of(&mut self, expr: &Expr, seen: Seen) -> Lowered<V> {
        use ExprKind as K;
        let span = expr.span;
        let is_part = !matches!(expr.kind, K::Property(_) | K::Value(_));
        if is_part && !asks_record(expr, self.model) && self.is_fixed(expr) {
            return self.constant(&self.nobody.value(expr), span);
        }
        Ok(match &expr.kind {
            K::Value(value) => self.constant(value, span)?,
            K::Today => self.today(seen),
            K::Field(id) => {
                if seen.is_record() && !self.tests_rows {
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
                let (from, to) = (self.as_of_plus(*period, -1, seen, span)?, self.as_of());
                self.date_test(x, seen, &|first, _| {
                    Sql::all([first.clone().at_least(from.clone()), first.at_most(to.clone())])
                })?
            }
            K::InNext(x, period) => {
                let (from, to) = (self.as_of(), self.as_of_plus(*period, 1, seen, span)?);
                self.date_test(x, seen, &|_, last| {
                    Sql::all([last.clone().at_least(from.clone()), last.at_most(to.clone())])
                })?
            }
            K::Ago(x, period) => {
                let then = self.as_of_plus(*period, -1, seen, span)?;
                self.date_test(x, seen, &|first, _| first.at_most(then.clone()))?
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
    fn constant(&self, value: &Value, span: Span) -> Lowered<V> {
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
        let hangs_on_lead = !Deps::of(self.model, &definition.value).is_constant();
        if seen.is_record() && hangs_on_lead {
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

    /// What stands behind the last `@`.
    pub fn domain(&mut self, folded: &Sql, written: &Sql, seen: Seen) -> V {
        // Where there are several, all but the `@` are cut off the end.
        let behind = |lower: &mut Self, text: &Sql| {
            let others = Sql::call(Function::Replace, [text.clone(), Sql::text("@"), Sql::text("")]);
            let before = Sql::call(Function::TrimEnd, [text.clone(), others]);
            let before = Sql::call(Function::Length, [before]);
            // Almost all have one `@`, whose place is quickly found.
            let first = lower.keep(Sql::call(Function::Position, [text.clone(), Sql::text("@")]), seen);
            let behind = Sql::sum(Kind::Whole, [first.clone(), Sql::Whole(1)]);
            let behind = Sql::call(Function::Substring, [text.clone(), behind]);
            let has_others = Sql::call(Function::Position, [behind, Sql::text("@")]).above(Sql::Whole(0));
            let has_others = Sql::all([first.clone().above(Sql::Whole(0)), has_others]);
            let before = lower.keep(has_others.when(before, first), seen);
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
