//! `score = …`: groups added up, weighed, the least and greatest of them, exactly; as `eval::formula` has it.

use super::expr::{Binary, Function, Kind, Sql};
use super::lower::{Ends, Lower, Lowered, Pass, refused};
use super::points::Sums;
use crate::model::{Expr, ExprKind};
use crate::operators::CompareOp;
use crate::points::ONE;
use crate::value::Value;

/// Weights and what divides them are at most so large, so that points times them fit.
const MOST_WEIGHT: i64 = 1_000_000;

/// So many parts of which each is one of so many of a ten-thousandth.
#[derive(Clone)]
struct Share {
    parts: Sql,
    of: i64,
}

/// The ends of a part of a formula.
struct Shares {
    low: Share,
    high: Share,
}

impl Share {
    fn times(self, n: i64) -> Share {
        let parts = match self.parts {
            Sql::Whole(parts) => Sql::Whole(parts.saturating_mul(n)),
            parts if n == 1 => parts,
            parts => Sql::binary(Binary::Times, parts, Sql::Whole(n)),
        };
        Share { parts, ..self }
    }

    /// Both in parts of one size.
    fn alike(self, other: Share) -> Option<(Sql, Sql, i64)> {
        let (mut a, mut b) = (self.of, other.of);
        while b != 0 {
            (a, b) = (b, a % b);
        }
        let of = (self.of / a).checked_mul(other.of).filter(|of| *of <= MOST_WEIGHT)?;
        let (x, y) = (of / self.of, of / other.of);
        Some((self.times(x).parts, other.times(y).parts, of))
    }

    fn plus(self, other: Share) -> Option<Share> {
        let (a, b, of) = self.alike(other)?;
        Some(Share { parts: Sql::sum(Kind::Whole, [a, b]), of })
    }
}

/// A number as the fraction that it is in decimals, in lowest terms.
fn fraction(n: f64) -> Option<(i64, i64)> {
    let decimal = crate::number::Decimal::shortest(n);
    let (digits, size) = (i64::try_from(decimal.digits).ok()?, 10i64.checked_pow(decimal.scale)?);
    let (mut a, mut b) = (digits.abs().max(1), size);
    while b != 0 {
        (a, b) = (b, a % b);
    }
    let (n, d) = (digits / a, size / a);
    (n.abs() <= MOST_WEIGHT && d <= MOST_WEIGHT).then_some((n, d))
}

impl Lower<'_> {
    /// `score = …`: groups added up, weighed, the least and greatest of them; exactly, rounded once. Other formulas are refused.
    pub fn formula(&mut self, formula: &Expr, second: bool) -> Lowered<Sums> {
        let now = self.share_of(formula, Pass::Now)?.low;
        let now = self.rounded_share(now);
        if !second {
            return Ok(Sums { now: now.clone(), possible: Ends::point(now) });
        }
        let may_be_open = self.results.groups.iter().any(|(_, ends)| ends.may_be_open);
        let Shares { low, high, .. } = self.share_of(formula, Pass::Possible)?;
        let (low, high) = (self.rounded_share(low), self.rounded_share(high));
        Ok(Sums { now, possible: Ends { low, high, may_be_open } })
    }

    /// A number of so many parts, rounded half away from zero to whole ones.
    fn rounded_share(&mut self, share: Share) -> Sql {
        let Share { parts, of } = share;
        if of == 1 {
            return self.facts.keep(parts);
        }
        let parts = self.facts.keep(parts);
        let near = Sql::sum(Kind::Whole, [Sql::call(Function::Abs, [parts.clone()]), Sql::Whole(of / 2)]);
        // Twice the half of an odd number is one less than it: a half itself does not occur there.
        let near = self.facts.keep(Sql::binary(Binary::IntDivide, near, Sql::Whole(of)));
        self.facts.keep(parts.below(Sql::Whole(0)).when(near.clone().negated(), near))
    }

    /// The ends of a part of a formula, in ten-thousandths.
    fn share_of(&mut self, expr: &Expr, pass: Pass) -> Lowered<Shares> {
        let refuse = || refused(expr.span, "a formula of scores that is more than groups added up and weighed");
        if self.is_fixed(expr) {
            let Value::Number(n) = self.nobody.value(expr) else { return refuse() };
            let Some(share) =
                fraction(n).and_then(|(n, d)| Some(Share { parts: Sql::Whole(n.checked_mul(ONE as i64)?), of: d }))
            else {
                return refuse();
            };
            return Ok(Shares { low: share.clone(), high: share });
        }
        Ok(match &expr.kind {
            ExprKind::Group(id) => {
                let Some((now, possible)) = self.results.groups.get(id.0).cloned() else { return refuse() };
                let whole = |parts| Share { parts, of: 1 };
                match pass {
                    Pass::Now => Shares { low: whole(now.clone()), high: whole(now) },
                    Pass::Possible => Shares { low: whole(possible.low), high: whole(possible.high) },
                }
            }
            ExprKind::Definition(id) => match self.model.definitions.get(id.0) {
                Some(definition) => self.share_of(&definition.value, pass)?,
                None => return refuse(),
            },
            ExprKind::Negate(inner) => {
                let Shares { low, high } = self.share_of(inner, pass)?;
                Shares { low: high.times(-1), high: low.times(-1) }
            }
            ExprKind::Sum(items) => {
                let mut total: Option<Shares> = None;
                for (minus, item) in items {
                    let mut item = self.share_of(item, pass)?;
                    if *minus {
                        item = Shares { low: item.high.times(-1), high: item.low.times(-1) };
                    }
                    total = Some(match total {
                        None => item,
                        Some(total) => {
                            let Some(low) = total.low.plus(item.low) else { return refuse() };
                            let Some(high) = total.high.plus(item.high) else { return refuse() };
                            Shares { low, high }
                        }
                    });
                }
                let Some(total) = total else { return refuse() };
                total
            }
            ExprKind::Product(items) => {
                let mut weight = (1i64, 1i64);
                let mut of: Option<Shares> = None;
                for (divides, item) in items {
                    if !self.is_fixed(item) {
                        if *divides || of.is_some() {
                            return refuse();
                        }
                        of = Some(self.share_of(item, pass)?);
                        continue;
                    }
                    let Value::Number(n) = self.nobody.value(item) else { return refuse() };
                    let Some((n, d)) = fraction(n).filter(|(n, _)| !*divides || *n != 0) else { return refuse() };
                    let (n, d) = if *divides { (d * n.signum(), n.abs()) } else { (n, d) };
                    let product = weight.0.checked_mul(n).zip(weight.1.checked_mul(d));
                    let Some(product) = product.filter(|(n, d)| n.abs() <= MOST_WEIGHT && *d <= MOST_WEIGHT) else {
                        return refuse();
                    };
                    weight = product;
                }
                let Some(Shares { low, high }) = of else { return refuse() };
                let (low, high) = if weight.0 < 0 { (high, low) } else { (low, high) };
                let weighed = |share: Share| {
                    let of = share.of.checked_mul(weight.1).filter(|of| *of <= MOST_WEIGHT)?;
                    Some(Share { of, ..share.times(weight.0) })
                };
                let (Some(low), Some(high)) = (weighed(low), weighed(high)) else { return refuse() };
                Shares { low, high }
            }
            ExprKind::Call(function, args) if matches!(function.name, "min" | "max") => {
                let op = if function.name == "min" { CompareOp::Less } else { CompareOp::Greater };
                let mut best: Option<Shares> = None;
                for arg in args {
                    let arg = self.share_of(arg, pass)?;
                    best = Some(match best {
                        None => arg,
                        Some(best) => {
                            let (Some(low), Some(high)) =
                                (self.better(op, best.low, arg.low), self.better(op, best.high, arg.high))
                            else {
                                return refuse();
                            };
                            Shares { low, high }
                        }
                    });
                }
                let Some(best) = best else { return refuse() };
                best
            }
            _ => return refuse(),
        })
    }

    /// The lesser or greater of two, NULL where one is: it has no bound.
    fn better(&mut self, op: CompareOp, a: Share, b: Share) -> Option<Share> {
        let (a, b, of) = a.alike(b)?;
        let (a, b) = (self.facts.keep(a), self.facts.keep(b));
        let is_open = Sql::any([a.clone().null(), b.clone().null()]);
        let better = Sql::compare(op, a.clone(), b.clone()).when(a, b);
        Some(Share { parts: self.facts.keep(is_open.when(Sql::Null(Kind::Whole), better)), of })
    }
}
