//! `score = (…)`: worked out in exact fractions and rounded once.

use std::collections::HashMap;

use num_bigint::BigInt;
use num_rational::Ratio;
use num_traits::{Signed, ToPrimitive, Zero};

use super::possible::Interval;
use super::values::{Evaluator, Pass};
use crate::model::{Expr, ExprKind, Function};
use crate::number::{Decimal, divide_rounded, ten_to};
use crate::points::ONE;
use crate::value::Value;

type Fraction = Ratio<BigInt>;

/// An exact number, or what it may be; `None` is without end.
#[derive(Clone)]
struct Exact {
    low: Option<Fraction>,
    high: Option<Fraction>,
}

impl Exact {
    fn point(n: Fraction) -> Exact {
        Exact { low: Some(n.clone()), high: Some(n) }
    }

    fn negated(self) -> Exact {
        Exact { low: self.high.map(|h| -h), high: self.low.map(|l| -l) }
    }
}

impl Evaluator<'_> {
    /// The whole score as the formula says. What is missing makes it 0; in the second pass it is unbounded where that may turn out
    /// another way.
    pub(super) fn formula(&self, formula: &Expr) -> Interval {
        match self.exact(formula, &mut HashMap::new()) {
            Some(exact) => Interval { low: exact.low.map(|n| rounded(&n)), high: exact.high.map(|n| rounded(&n)) },
            None if self.pass == Pass::Possible && self.is_open(formula) => Interval { low: None, high: None },
            None => Interval::point(0),
        }
    }

    /// `done` keeps what definitions give, so that each is worked out once.
    fn exact(&self, expr: &Expr, done: &mut HashMap<usize, Option<Exact>>) -> Option<Exact> {
        match &expr.kind {
            ExprKind::Group(id) => match self.pass {
                Pass::Now => self.results.groups.borrow().get(id.0).map(|&p| Exact::point(of_points(p))),
                Pass::Possible => {
                    let possible = *self.results.possible_groups.borrow().get(id.0)?;
                    Some(Exact { low: possible.low.map(of_points), high: possible.high.map(of_points) })
                }
            },
            ExprKind::Sum(items) => {
                let mut total = Exact::point(Fraction::zero());
                for (minus, item) in items {
                    let item = self.exact(item, done)?;
                    let item = if *minus { item.negated() } else { item };
                    total = Exact {
                        low: total.low.zip(item.low).map(|(a, b)| a + b),
                        high: total.high.zip(item.high).map(|(a, b)| a + b),
                    };
                }
                Some(total)
            }
            ExprKind::Product(items) => {
                let mut total = Exact::point(Fraction::from_integer(BigInt::from(1)));
                for (divides, item) in items {
                    let item = self.exact(item, done)?;
                    total = times(&total, &if *divides { Self::inverse(item)? } else { item });
                }
                Some(total)
            }
            ExprKind::Negate(inner) => Some(self.exact(inner, done)?.negated()),
            ExprKind::Call(function @ (Function::Min | Function::Max), args) => {
                let mut args = args.iter().map(|a| self.exact(a, done));
                let mut best = args.next()??;
                for arg in args {
                    best = extreme(best, arg?, *function == Function::Max);
                }
                Some(best)
            }
            ExprKind::Call(Function::Abs, args) => {
                let inner = self.exact(args.first()?, done)?;
                let crosses = inner.low.as_ref().is_none_or(Signed::is_negative)
                    && inner.high.as_ref().is_none_or(Signed::is_positive);
                let mirrored = inner.clone().negated();
                let mut out = extreme(inner, mirrored, true);
                if crosses {
                    out.low = Some(Fraction::zero());
                }
                Some(out)
            }
            ExprKind::Call(Function::Floor, args) => {
                let inner = self.exact(args.first()?, done)?;
                Some(Exact { low: inner.low.map(|n| n.floor()), high: inner.high.map(|n| n.floor()) })
            }
            ExprKind::Call(Function::Round, args) => {
                let inner = self.exact(args.first()?, done)?;
                let places = match args.get(1).map(|a| self.value(a)) {
                    Some(Value::Number(n)) => n as i32,
                    Some(_) => return None,
                    None => 0,
                };
                let round = |n: Fraction| {
                    let unit = ten_to(places.unsigned_abs());
                    let unit =
                        if places < 0 { Fraction::new(BigInt::from(1), unit) } else { Fraction::from_integer(unit) };
                    let scaled = n * &unit;
                    Fraction::from_integer(divide_rounded(scaled.numer(), scaled.denom())) / unit
                };
                Some(Exact { low: inner.low.map(round), high: inner.high.map(round) })
            }
            ExprKind::Definition(id) => {
                if let Some(known) = done.get(&id.0) {
                    return known.clone();
                }
                let value = self.exact(&self.model.definitions.get(id.0)?.value, done);
                done.insert(id.0, value.clone());
                value
            }
            _ => match self.value(expr) {
                Value::Number(n) => {
                    let decimal = Decimal::shortest(n);
                    Some(Exact::point(Fraction::new(BigInt::from(decimal.digits), ten_to(decimal.scale))))
                }
                _ => None,
            },
        }
    }

    /// One divided by a number. By 0 it is 0; by a range that holds 0 among others it is missing.
    fn inverse(n: Exact) -> Option<Exact> {
        match (&n.low, &n.high) {
            (Some(low), Some(high)) if low.is_positive() || high.is_negative() => {
                Some(Exact { low: Some(high.recip()), high: Some(low.recip()) })
            }
            (Some(low), Some(high)) if low.is_zero() && high.is_zero() => Some(Exact::point(Fraction::zero())),
            (Some(low), None) if low.is_positive() => {
                Some(Exact { low: Some(Fraction::zero()), high: Some(low.recip()) })
            }
            (None, Some(high)) if high.is_negative() => {
                Some(Exact { low: Some(high.recip()), high: Some(Fraction::zero()) })
            }
            _ => None,
        }
    }
}

fn of_points(points: i128) -> Fraction {
    Fraction::new(BigInt::from(points), BigInt::from(ONE))
}

fn rounded(n: &Fraction) -> i128 {
    let scaled = n * BigInt::from(ONE);
    divide_rounded(scaled.numer(), scaled.denom()).to_i128().unwrap_or(0)
}

/// The greater (or lesser) of two, end by end.
fn extreme(a: Exact, b: Exact, greater: bool) -> Exact {
    let pick = |a: Fraction, b: Fraction| if (a > b) == greater { a } else { b };
    // Without end on the side that is asked for wins; on the other side it gives way.
    let end = |a: Option<Fraction>, b: Option<Fraction>, endless_wins: bool| match (a, b) {
        (Some(a), Some(b)) => Some(pick(a, b)),
        (a, b) if !endless_wins => a.or(b),
        _ => None,
    };
    Exact { low: end(a.low, b.low, !greater), high: end(a.high, b.high, greater) }
}

fn times(a: &Exact, b: &Exact) -> Exact {
    // An end, in order from the least to the greatest.
    #[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
    enum End {
        Lowest,
        At(Fraction),
        Highest,
    }
    impl End {
        fn is_zero(&self) -> bool {
            matches!(self, End::At(n) if n.is_zero())
        }

        fn is_positive(&self) -> bool {
            *self > End::At(Fraction::zero())
        }

        fn times(&self, other: &End) -> End {
            match (self, other) {
                (End::At(a), End::At(b)) => End::At(a * b),
                // Nothing times without end is nothing.
                _ if self.is_zero() || other.is_zero() => End::At(Fraction::zero()),
                _ if self.is_positive() == other.is_positive() => End::Highest,
                _ => End::Lowest,
            }
        }

        fn number(self) -> Option<Fraction> {
            if let End::At(n) = self { Some(n) } else { None }
        }
    }
    let ends = |e: &Exact| [e.low.clone().map_or(End::Lowest, End::At), e.high.clone().map_or(End::Highest, End::At)];
    let ([a, b], [c, d]) = (ends(a), ends(b));
    let mut products = [a.times(&c), a.times(&d), b.times(&c), b.times(&d)];
    products.sort();
    let [low, _, _, high] = products;
    Exact { low: low.number(), high: high.number() }
}
