//! `score = (…)`: worked out in exact fractions and rounded once.

use std::collections::HashMap;

use num_bigint::BigInt;
use num_traits::ToPrimitive;

use super::possible::Interval;
use super::values::{Evaluator, Pass};
use crate::exact::{Exact, Fraction};
use crate::model::{Expr, ExprKind};
use crate::number::divide_rounded;
use crate::points::{ALL, ONE};
use crate::value::Value;

impl Evaluator<'_> {
    /// The whole score as the formula says, of which so many billionths are left; rounded once. What is missing makes it 0; in
    /// the second pass it is unbounded where that may turn out another way.
    pub(super) fn formula(&self, formula: &Expr, left: i128) -> Interval {
        if left == 0 {
            return Interval::point(0);
        }
        let left = Fraction::new(BigInt::from(left), BigInt::from(ALL));
        let rounded = |n: Fraction| rounded(&(n * &left));
        match self.exact(formula, &mut HashMap::new()) {
            Some(exact) => Interval { low: exact.low.map(rounded), high: exact.high.map(rounded) },
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
                let mut total = Exact::whole(0);
                for (minus, item) in items {
                    let item = self.exact(item, done)?;
                    total = total.plus(if *minus { item.negated() } else { item });
                }
                Some(total)
            }
            ExprKind::Product(items) => {
                let mut total = Exact::whole(1);
                for (divides, item) in items {
                    let item = self.exact(item, done)?;
                    total = total.times(&if *divides { item.inverse()? } else { item });
                }
                Some(total)
            }
            ExprKind::Negate(inner) => Some(self.exact(inner, done)?.negated()),
            ExprKind::Call(function, args) if let Some(exact) = function.exact() => {
                exact(args.iter().map(|a| self.exact(a, done)).collect::<Option<_>>()?)
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
                Value::Number(n) => Some(Exact::of_float(n)),
                _ => None,
            },
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
