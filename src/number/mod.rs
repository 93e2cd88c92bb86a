//! Numbers as people write them in cells, and exact decimals.
//!
//! Owns how what is calculated is rounded, and the way from a float to its shortest decimal and back; `cell` reads number cells.
//! Knows nothing of leads or models.

mod cell;

pub use cell::{NumberStyle, STYLES, read_cell, read_number};
use num_bigint::BigInt;
use num_traits::{Signed, ToPrimitive, Zero};

/// The largest size of a number in Merit; what lies beyond is unreadable or missing.
pub const LARGEST: f64 = 1e15;

/// A range of numbers, such as `51-200`, `10,000+` or `<10`: every number between its ends.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Range {
    /// The lower end; `-inf` where there is none.
    pub low: f64,
    /// The upper end; `inf` where there is none.
    pub high: f64,
    /// Whether the lower end itself lies outside.
    pub low_open: bool,
    /// Whether the upper end itself lies outside.
    pub high_open: bool,
}

impl Range {
    /// The range that holds one number alone.
    #[must_use]
    pub fn point(n: f64) -> Range {
        Range::closed(n, n)
    }

    /// The range from `low` to `high`, both included.
    #[must_use]
    pub fn closed(low: f64, high: f64) -> Range {
        Range { low, high, low_open: false, high_open: false }
    }

    /// Whether every number of this range is below every number of the other; `None` where it depends.
    #[must_use]
    pub fn is_below(&self, other: &Range) -> Option<bool> {
        if self.high < other.low || (self.high == other.low && (self.high_open || other.low_open)) {
            Some(true)
        } else if self.low >= other.high {
            Some(false)
        } else {
            None
        }
    }

    /// Whether the two are the same number; `None` where it depends.
    #[must_use]
    pub fn is_equal(&self, other: &Range) -> Option<bool> {
        if self.is_below(other) == Some(true) || other.is_below(self) == Some(true) {
            Some(false)
        } else if self.low == self.high && other.low == other.high && self.low == other.low {
            Some(true)
        } else {
            None
        }
    }
}

/// What a number cell holds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum NumberCell {
    /// One number.
    Number(f64),
    /// A range of numbers.
    Range(Range),
}

/// The float of the decimal digits `whole.fraction`, times ten to the `shift`, rounded once; `None` beyond 10^15.
#[must_use]
pub fn scaled(whole: &str, fraction: &str, shift: i32, negative: bool) -> Option<f64> {
    let sign = if negative { "-" } else { "" };
    let n: f64 = format!("{sign}{whole}.{fraction}0e{shift}").parse().ok()?;
    (n.abs() <= LARGEST).then_some(if n == 0.0 { 0.0 } else { n })
}

/// An exact decimal: `digits` × 10^-`scale`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decimal {
    /// All digits, with the sign.
    pub digits: i128,
    /// How many of them stand behind the point.
    pub scale: u32,
}

impl Decimal {
    /// The shortest decimal that reads back as this float. Floats up to 10^15 in size fit; finer than 10^-30 is zero.
    #[must_use]
    pub fn shortest(n: f64) -> Decimal {
        let text = format!("{n:e}");
        let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let exponent: i32 = exponent.parse().unwrap_or(0);
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits: i128 = format!("{whole}{fraction}").parse().unwrap_or(0);
        let scale = i32::try_from(fraction.len()).unwrap_or(0) - exponent;
        if scale < 0 {
            let up = 10i128.checked_pow(scale.unsigned_abs()).and_then(|p| digits.checked_mul(p));
            return Decimal { digits: up.unwrap_or(0), scale: 0 };
        }
        if scale > 50 {
            return Decimal { digits: 0, scale: 0 };
        }
        Decimal { digits, scale: scale.unsigned_abs() }
    }
}

/// Ten to the `n`.
#[must_use]
pub fn ten_to(n: u32) -> BigInt {
    BigInt::from(10).pow(n)
}

/// `numerator / denominator` rounded to a whole number, half away from zero. The denominator is not zero.
#[must_use]
pub fn divide_rounded(numerator: &BigInt, denominator: &BigInt) -> BigInt {
    let (n, d) = (numerator.abs() * 2, denominator.abs());
    let rounded: BigInt = (n + &d) / (d * 2);
    if numerator.is_negative() == denominator.is_negative() { rounded } else { -rounded }
}

/// `round(x, places)`: half away from zero, worked on the shortest decimal. `places` may be negative.
#[must_use]
pub fn round_places(n: f64, places: i32) -> f64 {
    let d = Decimal::shortest(n);
    let scale = i32::try_from(d.scale).unwrap_or(i32::MAX);
    if places >= scale {
        return n;
    }
    let drop = u32::try_from(scale.saturating_sub(places)).unwrap_or(0).min(400);
    let kept = divide_rounded(&BigInt::from(d.digits), &ten_to(drop));
    if kept.is_zero() {
        return 0.0;
    }
    // The decimal is written out and read back, so that it is rounded to a float once.
    format!("{kept}e{}", -places).parse().unwrap_or(n)
}

/// The doubles nearest to the powers of ten from 10^-8 to 10^31.
const POWERS: [f64; 40] = [
    1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12,
    1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22, 1e23, 1e24, 1e25, 1e26, 1e27, 1e28, 1e29, 1e30, 1e31,
];

/// A calculated number as a decimal, as in a spreadsheet: 15 significant digits, and 22 places at most; half away from zero.
///
/// By comparisons and operations of doubles alone, so that every engine that has them gives the same bits. What has no end
/// stays without one.
#[must_use]
pub fn rounded(x: f64) -> f64 {
    let size = x.abs();
    // Most are whole, and stay so.
    if !size.is_finite() || (size < 1e15 && size.trunc() == size) {
        return x;
    }
    // The exponent is one less than the place of the first power above it, counted from 10^-8.
    let above = POWERS.partition_point(|&power| power <= size);
    let places = 14 - (above as i32 - 9);
    let power = |n: i32| usize::try_from(n + 8).ok().and_then(|i| POWERS.get(i)).copied().unwrap_or(f64::INFINITY);
    let size = match places {
        0.. => (size * power(places.min(22)) + 0.5).floor() / power(places.min(22)),
        _ => (size / power(-places) + 0.5).floor() * power(-places),
    };
    if size == 0.0 { 0.0 } else { size.copysign(x) }
}

/// The sum of numbers: whole parts and millionths are added up as integers and rounded once, so that their order makes no difference.
#[must_use]
pub fn sum(numbers: impl Iterator<Item = f64>) -> f64 {
    let (mut whole, mut millionths) = (0i128, 0i128);
    for n in numbers {
        let size = n.abs();
        let sign = if n < 0.0 { -1 } else { 1 };
        whole += sign * size.floor() as i128;
        millionths += sign * ((size - size.floor()) * 1e6 + 0.5).floor() as i128;
    }
    rounded(whole as f64 + millionths as f64 / 1e6)
}

/// A number for people and in texts: rounded as what is calculated.
#[must_use]
pub fn to_printed(n: f64) -> String {
    to_text(rounded(n))
}

/// A float as its shortest decimal, never in exponent form.
#[must_use]
pub fn to_text(n: f64) -> String {
    if n == 0.0 { "0".to_owned() } else { format!("{n}") }
}

/// The float nearest to `digits` / 10^`scale`.
#[must_use]
pub fn nearest_float(digits: &BigInt, scale: u32) -> f64 {
    format!("{digits}e-{scale}").parse().unwrap_or_else(|_| digits.to_f64().unwrap_or(0.0))
}

/// A count for people: `1,204`.
#[must_use]
pub fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals() {
        assert_eq!(Decimal::shortest(0.00015), Decimal { digits: 15, scale: 5 });
        assert_eq!(Decimal::shortest(1e15), Decimal { digits: 1_000_000_000_000_000, scale: 0 });
        assert_eq!(Decimal::shortest(-2.5), Decimal { digits: -25, scale: 1 });
        assert_eq!(round_places(1.125, 2), 1.13);
        assert_eq!(round_places(-2.5, 0), -3.0);
        assert_eq!(round_places(1234.0, -2), 1200.0);
        assert_eq!(sum([0.1, 0.2, 0.3].into_iter()), 0.6);
        assert_eq!(sum([1e15, 0.000_000_4, -1e15, 2.5].into_iter()), 2.5);
    }
}
