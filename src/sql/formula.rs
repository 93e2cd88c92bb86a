//! `score = …`: groups added up, weighed, multiplied, rounded, the least and greatest of them, exactly; as `eval::formula` has it.

use super::expr::{Binary, Function, Kind, Sql};
use super::lower::{Ends, Lower, Lowered, Pass, refused};
use super::points::Sums;
use crate::eval::Interval;
use crate::model::{Amount, Counting, Expr, ExprKind, Group, Scoring};
use crate::number::Decimal;
use crate::operators::CompareOp;
use crate::points::{ONE, from_decimal};
use crate::source::Span;
use crate::value::Value;

/// Weights and what divides them are at most so large, so that points times them fit.
const MOST_WEIGHT: i64 = 1_000_000;
/// So many parts of a ten-thousandth fit with room for the half that is added where they are rounded.
const MOST_PARTS: i128 = 1 << 61;
/// `round` to so many places at most, whose parts fit.
const MOST_PLACES: i32 = 9;

/// So many parts of which each is one of so many of a ten-thousandth; NULL where there is no end.
#[derive(Clone)]
struct Share {
    parts: Sql,
    of: i64,
    /// There are never more parts than this, above or below zero, where that is known.
    most: Option<i128>,
}

/// The ends of a part of a formula.
struct Shares {
    low: Share,
    high: Share,
    /// Whether an end may be NULL.
    may_be_open: bool,
}

impl Share {
    fn times(self, n: i64) -> Share {
        let parts = match self.parts {
            Sql::Whole(parts) => Sql::Whole(parts.saturating_mul(n)),
            // Nothing of what has no end is nothing.
            _ if n == 0 => Sql::Whole(0),
            parts if n == 1 => parts,
            parts => Sql::binary(Binary::Times, parts, Sql::Whole(n)),
        };
        Share { parts, most: self.most.map(|most| most.saturating_mul(i128::from(n).abs())), ..self }
    }

    /// Whether all its parts fit, whatever they are.
    fn fits(&self) -> bool {
        match self.most {
            Some(most) => most <= MOST_PARTS && i128::from(self.of) <= MOST_PARTS,
            None => self.of <= MOST_WEIGHT,
        }
    }

    /// Both in parts of one size.
    fn alike(self, other: Share) -> Option<(Share, Share)> {
        let of = (self.of / greatest_divisor(self.of, other.of)).checked_mul(other.of)?;
        let (x, y) = (of / self.of, of / other.of);
        let (a, b) = (Share { of, ..self.times(x) }, Share { of, ..other.times(y) });
        (a.fits() && b.fits()).then_some((a, b))
    }

    fn plus(self, other: Share) -> Option<Share> {
        let (a, b) = self.alike(other)?;
        let most = a.most.zip(b.most).map(|(a, b)| a + b);
        Some(Share { parts: Sql::sum(Kind::Whole, [a.parts, b.parts]), of: a.of, most }).filter(Share::fits)
    }

    fn product(&self, other: &Share) -> Option<Share> {
        let most = self.most?.checked_mul(other.most?)?;
        let of = self.of.checked_mul(other.of)?.checked_mul(ONE as i64)?;
        let parts = Sql::binary(Binary::Times, self.parts.clone(), other.parts.clone());
        Some(Share { parts, of, most: Some(most) }).filter(Share::fits)
    }

    /// The same with the weight `n / d`.
    fn weighed(self, (n, d): (i64, i64)) -> Option<Share> {
        let of = self.of.checked_mul(d)?;
        Some(Share { of, ..self.times(n) }).filter(Share::fits)
    }
}

impl Shares {
    fn point(share: Share) -> Shares {
        Shares { low: share.clone(), high: share, may_be_open: false }
    }

    fn is_point(&self) -> bool {
        self.low.parts == self.high.parts && !self.may_be_open
    }

    fn negated(self) -> Shares {
        Shares { low: self.high.times(-1), high: self.low.times(-1), ..self }
    }

    fn plus(self, other: Shares) -> Option<Shares> {
        let may_be_open = self.may_be_open || other.may_be_open;
        Some(Shares { low: self.low.plus(other.low)?, high: self.high.plus(other.high)?, may_be_open })
    }

    fn weighed(self, weight: (i64, i64)) -> Option<Shares> {
        let (low, high) = if weight.0 < 0 { (self.high, self.low) } else { (self.low, self.high) };
        let may_be_open = self.may_be_open && weight.0 != 0;
        Some(Shares { low: low.weighed(weight)?, high: high.weighed(weight)?, may_be_open })
    }
}

/// The greatest common divisor of two numbers above 0.
fn greatest_divisor(a: i64, b: i64) -> i64 {
    if b == 0 { a } else { greatest_divisor(b, a % b) }
}

/// A number as the fraction that it is in decimals, in lowest terms.
fn fraction(n: f64) -> Option<(i64, i64)> {
    let decimal = Decimal::shortest(n);
    let (digits, size) = (i64::try_from(decimal.digits).ok()?, 10i64.checked_pow(decimal.scale)?);
    let divisor = greatest_divisor(digits.abs().max(1), size);
    let (n, d) = (digits / divisor, size / divisor);
    (n.abs() <= MOST_WEIGHT && d <= MOST_WEIGHT).then_some((n, d))
}

impl Lower<'_> {
    /// `score = …`: groups added up, weighed, multiplied, rounded, the least and greatest of them; exactly, rounded once. Other
    /// formulas are refused.
    pub fn formula(&mut self, formula: &Expr, second: bool) -> Lowered<Sums> {
        let now = self.share_of(formula, Pass::Now)?.low;
        let now = self.rounded_share(now);
        if !second {
            return Ok(Sums { now: now.clone(), possible: Ends::point(now) });
        }
        let Shares { low, high, may_be_open } = self.share_of(formula, Pass::Possible)?;
        let (low, high) = (self.rounded_share(low), self.rounded_share(high));
        Ok(Sums { now, possible: Ends { low, high, may_be_open } })
    }

    /// Rounded half away from zero to whole ten-thousandths.
    fn rounded_share(&mut self, share: Share) -> Sql {
        self.divided_parts(share.parts, share.of, Rounding::Nearest)
    }

    /// How many times `unit` parts there are.
    fn divided_parts(&mut self, parts: Sql, unit: i64, rounding: Rounding) -> Sql {
        let parts = self.facts.keep(parts);
        if unit == 1 {
            return parts;
        }
        let size = self.facts.keep(Sql::call(Function::Abs, [parts.clone()]));
        let mut times = |more: i64| {
            let size = Sql::sum(Kind::Whole, [size.clone(), Sql::Whole(more)]);
            self.facts.keep(Sql::binary(Binary::IntDivide, size, Sql::Whole(unit)))
        };
        let (above, below) = match rounding {
            // Twice the half of an odd number is one less than it: a half itself does not occur there.
            Rounding::Nearest => {
                let nearest = times(unit / 2);
                (nearest.clone(), nearest)
            }
            Rounding::Down => (times(0), times(unit - 1)),
        };
        self.facts.keep(parts.below(Sql::Whole(0)).when(below.negated(), above))
    }

    /// The ends of a part of a formula, in ten-thousandths.
    fn share_of(&mut self, expr: &Expr, pass: Pass) -> Lowered<Shares> {
        match self.found_share(expr, pass)? {
            Some(shares) => Ok(shares),
            None => refused(expr.span, "a formula of scores that divides by one or asks for a field"),
        }
    }

    /// The same; nothing where it has no form in whole numbers that surely fit.
    fn found_share(&mut self, expr: &Expr, pass: Pass) -> Lowered<Option<Shares>> {
        if self.is_fixed(expr) {
            let Value::Number(n) = self.nobody.value(expr) else { return Ok(None) };
            let whole = fraction(n).and_then(|(n, d)| Some((n.checked_mul(ONE as i64)?, d)));
            let share = |(n, of)| Share { parts: Sql::Whole(n), of, most: Some(i128::from(n).abs()) };
            return Ok(whole.map(|whole| Shares::point(share(whole))));
        }
        Ok(match &expr.kind {
            ExprKind::Group(id) => {
                let Some((now, possible)) = self.results.groups.get(id.0).cloned() else { return Ok(None) };
                let most = self.model.groups.get(id.0).and_then(most_of_group);
                let share = |parts| Share { parts, of: 1, most };
                Some(match pass {
                    Pass::Now => Shares::point(share(now)),
                    Pass::Possible => {
                        let Ends { low, high, may_be_open } = possible;
                        Shares { low: share(low), high: share(high), may_be_open }
                    }
                })
            }
            ExprKind::Definition(id) => match self.model.definitions.get(id.0) {
                Some(definition) => Some(self.share_of(&definition.value, pass)?),
                None => None,
            },
            ExprKind::Negate(inner) => Some(self.share_of(inner, pass)?.negated()),
            ExprKind::Sum(items) => {
                let mut total: Option<Shares> = None;
                for (minus, item) in items {
                    let item = self.share_of(item, pass)?;
                    let item = if *minus { item.negated() } else { item };
                    total = match total {
                        None => Some(item),
                        Some(total) => {
                            let Some(sum) = total.plus(item) else { return Ok(None) };
                            Some(sum)
                        }
                    };
                }
                total
            }
            ExprKind::Product(items) => self.product_of(items, pass, expr.span)?,
            ExprKind::Call(function, args) => {
                let mut shares = Vec::with_capacity(args.len());
                for arg in args {
                    shares.push(self.share_of(arg, pass)?);
                }
                self.called(function.name, shares)
            }
            _ => None,
        })
    }

    /// A product of weights and of parts that are surely not too large.
    fn product_of(&mut self, items: &[(bool, Expr)], pass: Pass, span: Span) -> Lowered<Option<Shares>> {
        let mut weight = (1i64, 1i64);
        let mut product: Option<Shares> = None;
        for (divides, item) in items {
            if self.is_fixed(item) {
                let Value::Number(n) = self.nobody.value(item) else { return Ok(None) };
                let Some((n, d)) = fraction(n).filter(|(n, _)| !*divides || *n != 0) else { return Ok(None) };
                let (n, d) = if *divides { (d * n.signum(), n.abs()) } else { (n, d) };
                let all = weight.0.checked_mul(n).zip(weight.1.checked_mul(d));
                let Some(all) = all.filter(|(n, d)| n.abs() <= MOST_WEIGHT && *d <= MOST_WEIGHT) else {
                    return Ok(None);
                };
                weight = all;
                continue;
            }
            if *divides {
                return Ok(None);
            }
            let item = self.share_of(item, pass)?;
            product = match product {
                None => Some(item),
                Some(product) if product.high.most.is_none() || item.high.most.is_none() => {
                    let what = "a product of scores of which one has no bounds, as `score fit up to 100` has";
                    return refused(span, what);
                }
                Some(product) => {
                    let Some(product) = self.multiplied_shares(&product, &item) else { return Ok(None) };
                    Some(product)
                }
            };
        }
        Ok(product.and_then(|product| product.weighed(weight)))
    }

    /// Two parts multiplied: between the least and the greatest product of their ends.
    fn multiplied_shares(&mut self, a: &Shares, b: &Shares) -> Option<Shares> {
        if a.is_point() && b.is_point() {
            return Some(Shares::point(a.low.product(&b.low)?));
        }
        if a.may_be_open || b.may_be_open {
            return None;
        }
        let mut ends: Option<(Share, Share)> = None;
        for (x, y) in [(&a.low, &b.low), (&a.low, &b.high), (&a.high, &b.low), (&a.high, &b.high)] {
            let mut end = x.product(y)?;
            end.parts = self.facts.keep(end.parts);
            ends = Some(match ends {
                None => (end.clone(), end),
                Some((low, high)) => (self.better(false, low, end.clone(), true)?, self.better(true, high, end, true)?),
            });
        }
        let (low, high) = ends?;
        Some(Shares { low, high, may_be_open: false })
    }

    /// A function of parts.
    fn called(&mut self, name: &str, mut args: Vec<Shares>) -> Option<Shares> {
        match name {
            "min" | "max" => {
                let greater = name == "max";
                let first = args.remove(0);
                args.into_iter().try_fold(first, |best, arg| {
                    Some(Shares {
                        // What has no end wins on its own side, and gives way on the other.
                        low: self.better(greater, best.low, arg.low, !greater)?,
                        high: self.better(greater, best.high, arg.high, greater)?,
                        may_be_open: best.may_be_open || arg.may_be_open,
                    })
                })
            }
            "abs" => {
                let x = args.pop()?;
                let is_point = x.is_point();
                let Shares { low, high, may_be_open } = x;
                if is_point {
                    let parts = self.facts.keep(Sql::call(Function::Abs, [low.parts.clone()]));
                    return Some(Shares::point(Share { parts, ..low }));
                }
                let is_below = |end: &Share, open: bool| {
                    let end = end.parts.clone();
                    Sql::any([if open { end.clone().null() } else { Sql::Flag(false) }, end.below(Sql::Whole(0))])
                };
                let crosses = Sql::all([is_below(&low, may_be_open), is_below(&high.clone().times(-1), may_be_open)]);
                let nearest = self.better(true, low.clone(), high.clone().times(-1), false)?;
                let low_parts = crosses.when(Sql::Whole(0), nearest.parts.clone());
                let furthest = self.better(true, high, low.times(-1), true)?;
                Some(Shares {
                    low: Share { parts: self.facts.keep(low_parts), ..nearest },
                    high: furthest,
                    may_be_open,
                })
            }
            "round" => {
                let places = match args.get(1).map(|places| (&places.low.parts, places.low.of)) {
                    None => 0,
                    Some((Sql::Whole(n), 1)) if n % ONE as i64 == 0 => i32::try_from(n / ONE as i64).ok()?,
                    Some(_) => return None,
                };
                self.rounded_ends(args.swap_remove(0), places, Rounding::Nearest)
            }
            "floor" => self.rounded_ends(args.pop()?, 0, Rounding::Down),
            _ => None,
        }
    }

    /// Both ends rounded to so many places.
    fn rounded_ends(&mut self, x: Shares, places: i32, rounding: Rounding) -> Option<Shares> {
        Some(Shares {
            low: self.rounded_to(x.low, places, rounding)?,
            high: self.rounded_to(x.high, places, rounding)?,
            ..x
        })
    }

    fn rounded_to(&mut self, share: Share, places: i32, rounding: Rounding) -> Option<Share> {
        if !(-MOST_PLACES..=MOST_PLACES).contains(&places) {
            return None;
        }
        // A unit of the last place is so many ten-thousandths, or so many units are one.
        let (more, of) = if places <= 4 {
            (10i64.pow((4 - places).unsigned_abs()), 1)
        } else {
            (1, 10i64.pow((places - 4).unsigned_abs()))
        };
        let unit = share.of.checked_mul(more)?;
        let share = share.times(of);
        if !share.fits() || i128::from(unit) > MOST_PARTS {
            return None;
        }
        let most = share.most.map(|most| most / i128::from(unit) + 1);
        let parts = self.divided_parts(share.parts, unit, rounding);
        let rounded = Share { parts, of, most }.times(more);
        rounded.fits().then_some(rounded)
    }

    /// The lesser or greater of two. One that has no end is the one where that wins, else the other is.
    fn better(&mut self, greater: bool, a: Share, b: Share, endless_wins: bool) -> Option<Share> {
        let (a, b) = a.alike(b)?;
        let most = a.most.zip(b.most).map(|(a, b)| a.max(b));
        let of = a.of;
        let (a, b) = (self.facts.keep(a.parts), self.facts.keep(b.parts));
        let op = if greater { CompareOp::Greater } else { CompareOp::Less };
        let is_better = Sql::compare(op, a.clone(), b.clone());
        let (of_a, of_b) = if endless_wins { (a.clone(), b.clone()) } else { (b.clone(), a.clone()) };
        let cases = [(a.clone().null(), of_a), (b.clone().null(), of_b), (is_better, a)];
        Some(Share { parts: self.facts.keep(Sql::case(cases, b)), of, most })
    }
}

/// How parts become whole ones.
#[derive(Clone, Copy)]
enum Rounding {
    /// Half away from zero.
    Nearest,
    /// To the next whole one below.
    Down,
}

/// The most points that a group can be above or below zero, in ten-thousandths, where its rules say so. What fades and what is reset
/// comes nearer to zero.
fn most_of_group(group: &Group) -> Option<i128> {
    let sum = group.items.iter().map(ends_of_item).fold(Interval::default(), Interval::plus);
    let limited = group.limits.iter().fold(sum, |sum, limit| sum.hull(sum.clamp(limit.bounds)));
    let Interval { low, high } = limited.clamp(group.bounds);
    Some(low?.abs().max(high?.abs()))
}

/// Between which points an item surely is; nothing is one of them.
fn ends_of_item(item: &Scoring) -> Interval {
    let once = |amount: &Amount| match &amount.literal {
        Some(literal) => {
            let points = from_decimal(literal);
            Interval::from_nothing(Some(points.abs()), amount.subtract != (points < 0))
        }
        None => Interval { low: None, high: None },
    };
    let nothing = Interval::default();
    match item {
        Scoring::Rule(rule) => {
            let mut given = once(&rule.amount);
            if !matches!(rule.counting, Counting::Once(_)) {
                // What is given each time has a bound of its own, or no end but where it gives nothing.
                let most = match rule.up_to.as_ref().map(|most| &most.kind) {
                    Some(ExprKind::Value(Value::Number(most))) => Some(from_decimal(&Decimal::shortest(*most)).max(0)),
                    _ => None,
                };
                let often = |end: i128| match end {
                    0 => Some(0),
                    end => most.map(|most| end.signum() * most.max(end.abs())),
                };
                given = Interval { low: given.low.and_then(often), high: given.high.and_then(often) };
            }
            rule.if_not.iter().map(once).fold(given, Interval::hull)
        }
        Scoring::Table(table) => table.lines.iter().map(|line| once(&line.amount)).fold(nothing, Interval::hull),
        Scoring::Choice { items, .. } => items.iter().map(ends_of_item).fold(nothing, Interval::hull),
    }
}
