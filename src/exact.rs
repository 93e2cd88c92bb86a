//! Exact numbers, or what lies between two of them: what a formula of scores is worked out in.
//!
//! Owns arithmetic in fractions, so that a score is rounded once, at the end. `None` at an end is without end.

use num_bigint::BigInt;
use num_rational::Ratio;
use num_traits::{Signed, ToPrimitive, Zero};

use crate::number::{Decimal, divide_rounded, ten_to};

/// A fraction of whole numbers of any size.
pub type Fraction = Ratio<BigInt>;

/// An exact number, or what it may be.
#[derive(Debug, Clone)]
pub struct Exact {
    /// The lower end.
    pub low: Option<Fraction>,
    /// The upper end.
    pub high: Option<Fraction>,
}

impl Exact {
    /// One number.
    #[must_use]
    pub fn point(n: Fraction) -> Exact {
        Exact { low: Some(n.clone()), high: Some(n) }
    }

    /// A whole number.
    #[must_use]
    pub fn whole(n: i64) -> Exact {
        Exact::point(Fraction::from_integer(BigInt::from(n)))
    }

    /// A float, as its shortest decimal.
    #[must_use]
    pub fn of_float(n: f64) -> Exact {
        let decimal = Decimal::shortest(n);
        Exact::point(Fraction::new(BigInt::from(decimal.digits), ten_to(decimal.scale)))
    }

    /// `-x`
    #[must_use]
    pub fn negated(self) -> Exact {
        Exact { low: self.high.map(|h| -h), high: self.low.map(|l| -l) }
    }

    /// `a + b`
    #[must_use]
    pub fn plus(self, other: Exact) -> Exact {
        Exact { low: self.low.zip(other.low).map(|(a, b)| a + b), high: self.high.zip(other.high).map(|(a, b)| a + b) }
    }

    /// `a * b`
    #[must_use]
    pub fn times(&self, other: &Exact) -> Exact {
        let ends =
            |e: &Exact| [e.low.clone().map_or(End::Lowest, End::At), e.high.clone().map_or(End::Highest, End::At)];
        let ([a, b], [c, d]) = (ends(self), ends(other));
        let mut products = [a.times(&c), a.times(&d), b.times(&c), b.times(&d)];
        products.sort();
        let [low, _, _, high] = products;
        Exact { low: low.number(), high: high.number() }
    }

    /// One divided by this. By 0 it is 0; by a range that holds 0 among others it is missing.
    #[must_use]
    pub fn inverse(&self) -> Option<Exact> {
        match (&self.low, &self.high) {
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

    /// The greater (or lesser) of two, end by end.
    #[must_use]
    pub fn extreme(self, other: Exact, greater: bool) -> Exact {
        let pick = |a: Fraction, b: Fraction| if (a > b) == greater { a } else { b };
        // Without end on the side that is asked for wins; on the other side it gives way.
        let end = |a: Option<Fraction>, b: Option<Fraction>, endless_wins: bool| match (a, b) {
            (Some(a), Some(b)) => Some(pick(a, b)),
            (a, b) if !endless_wins => a.or(b),
            _ => None,
        };
        Exact { low: end(self.low, other.low, !greater), high: end(self.high, other.high, greater) }
    }

    /// The number without its sign.
    #[must_use]
    pub fn size(self) -> Exact {
        let crosses =
            self.low.as_ref().is_none_or(Signed::is_negative) && self.high.as_ref().is_none_or(Signed::is_positive);
        let mirrored = self.clone().negated();
        let mut out = self.extreme(mirrored, true);
        if crosses {
            out.low = Some(Fraction::zero());
        }
        out
    }

    /// A function that keeps the order of numbers.
    #[must_use]
    pub fn rising(self, f: impl Fn(Fraction) -> Fraction) -> Exact {
        Exact { low: self.low.map(&f), high: self.high.map(&f) }
    }

    /// Rounded to so many places, half away from zero.
    #[must_use]
    pub fn rounded(self, places: i32) -> Exact {
        self.rising(|n| {
            let unit = ten_to(places.unsigned_abs());
            let unit = if places < 0 { Fraction::new(BigInt::from(1), unit) } else { Fraction::from_integer(unit) };
            let scaled = n * &unit;
            Fraction::from_integer(divide_rounded(scaled.numer(), scaled.denom())) / unit
        })
    }

    /// The whole number that it is, if it is one.
    #[must_use]
    pub fn as_whole(&self) -> Option<i32> {
        let n = self.low.as_ref().filter(|n| n.is_integer() && self.low == self.high)?;
        n.to_integer().to_i32()
    }
}

/// An end, in order from the least to the greatest.
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
