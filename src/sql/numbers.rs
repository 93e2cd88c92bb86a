//! Calculations and functions of numbers: in doubles, rounded to 15 digits, as `calculate` and `number` have it.

use super::expr::{Binary, Function, Kind, Sql};
use super::lower::{Ends, Lower, Lowered, Seen, refused};
use super::values::{V, points_as_number};
use crate::builtins::{self, Builtin};
use crate::model::Expr;
use crate::number;
use crate::operators::CompareOp;
use crate::source::Span;

pub(super) fn negated(x: V) -> V {
    match x {
        V::Number(n) => V::Number(n.negated()),
        V::Points(Ends { low, high, may_be_open }) => {
            V::Points(Ends { low: high.negated(), high: low.negated(), may_be_open })
        }
        V::Between(low, high) => V::Between(high.negated(), low.negated()),
        _ => V::Missing,
    }
}

impl Lower<'_> {
    /// Two numbers, of which `f` makes a third. Between ends it is worked out at all of them.
    pub fn calculated(
        &mut self,
        a: V,
        b: V,
        seen: Seen,
        span: Span,
        f: &dyn Fn(&mut Self, Sql, Sql) -> Sql,
    ) -> Lowered<V> {
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
    pub fn ends_of(&mut self, value: V, seen: Seen, span: Span) -> Lowered<Option<(Sql, Sql)>> {
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
    pub fn rounded(&mut self, x: Sql, seen: Seen) -> Sql {
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
    pub fn multiplied(&mut self, a: Sql, b: Sql, seen: Seen) -> Sql {
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
    pub fn divided(&mut self, a: Sql, b: Sql, seen: Seen) -> Sql {
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

    pub fn call(&mut self, function: &Builtin, args: &[Expr], seen: Seen, span: Span) -> Lowered<V> {
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
}
