//! Points: exact decimals with four places, and how they age.
//!
//! Owns the arithmetic of *Points* and *Ageing* in `docs/reference.md`. Points are counted in ten-thousandths and never become floats on the way.

use num_bigint::BigInt;
use num_traits::{Signed, ToPrimitive, Zero};

use crate::number::{Decimal, divide_rounded, ten_to};

/// How many ten-thousandths one point has.
pub const ONE: i128 = 10_000;

/// The ways in which points age.
#[derive(Debug, Clone, PartialEq)]
pub enum AgeingKind {
    /// This share to the power of k.
    Keeping(Decimal),
    /// One less k times this share, never below nothing.
    Losing(Decimal),
}

/// A decimal as points, rounded half away from zero.
#[must_use]
pub fn from_decimal(decimal: &Decimal) -> i128 {
    aged(decimal, None)
}

/// What is left of an amount after k full periods, rounded once, half away from zero. In ten-thousandths.
#[must_use]
pub fn aged(amount: &Decimal, ageing: Option<(&AgeingKind, i64)>) -> i128 {
    let is_new = matches!(ageing, None | Some((_, i64::MIN..=0)));
    if is_new
        && amount.scale <= 4
        && let Some(points) = amount.digits.checked_mul(10i128.pow(4 - amount.scale))
    {
        return points;
    }
    let digits = BigInt::from(amount.digits);
    let (numerator, scale) = match ageing {
        None | Some((_, i64::MIN..=0)) => (digits, u64::from(amount.scale)),
        Some((AgeingKind::Losing(share), k)) => {
            let left = ten_to(share.scale) - BigInt::from(share.digits) * k;
            if !left.is_positive() {
                return 0;
            }
            (digits * left, u64::from(amount.scale) + u64::from(share.scale))
        }
        Some((AgeingKind::Keeping(share), k)) => {
            if share.digits == 0 || amount.digits == 0 || rounds_to_nothing(amount, share, k) {
                return 0;
            }
            let k = u32::try_from(k).unwrap_or(u32::MAX);
            if let Some(points) = aged_by_bounds(amount, share, k) {
                return points;
            }
            (
                digits * BigInt::from(share.digits).pow(k),
                u64::from(amount.scale) + u64::from(share.scale) * u64::from(k),
            )
        }
    };
    // Ten-thousandths: four places are kept.
    let points = if scale <= 4 {
        numerator * ten_to(u32::try_from(4 - scale).unwrap_or(0))
    } else {
        divide_rounded(&numerator, &ten_to(u32::try_from(scale - 4).unwrap_or(u32::MAX)))
    };
    points.to_i128().unwrap_or(0)
}

/// All of a sum: what is left of it is counted in billionths.
pub const ALL: i128 = 1_000_000_000;

/// An amount that has as many ten-thousandths as there are billionths: how it ages says what is left of a sum.
pub const WHOLE: Decimal = Decimal { digits: ALL / ONE, scale: 0 };

/// What is left of a sum after k full periods, in billionths, rounded once, half up.
#[must_use]
pub fn left(ageing: &AgeingKind, k: i64) -> i128 {
    aged(&WHOLE, Some((ageing, k)))
}

/// A sum of which so many billionths are left, rounded half away from zero. In ten-thousandths, as the sum.
#[must_use]
pub fn faded(points: i128, left: i128) -> i128 {
    if left == ALL {
        return points;
    }
    divide_rounded(&(BigInt::from(points) * left), &BigInt::from(ALL)).to_i128().unwrap_or(0)
}

/// Whether what is left is surely below half a ten-thousandth. Leaves a wide margin, so that it is never wrong.
fn rounds_to_nothing(amount: &Decimal, share: &Decimal, k: i64) -> bool {
    let log = |d: &Decimal| (d.digits.unsigned_abs() as f64).ln() - f64::from(d.scale) * std::f64::consts::LN_10;
    log(amount) + log(share) * (k as f64) < -12.0
}

/// The same by a lower and an upper bound of the share's power, 128 bits each; `None` where they round differently, which
/// leaves the exact way. Keeps long series of periods from growing numbers without end.
fn aged_by_bounds(amount: &Decimal, share: &Decimal, k: u32) -> Option<i128> {
    const BITS: u64 = 128;
    if k < 64 {
        return None;
    }
    let one = BigInt::from(1) << BITS;
    let mut low: BigInt = one.clone();
    let mut high: BigInt = one.clone();
    let (mut base_low, mut base_high) = {
        let share_scaled: BigInt = BigInt::from(share.digits) << BITS;
        let floor: BigInt = share_scaled / ten_to(share.scale);
        (floor.clone(), floor + 1)
    };
    let mut left = k;
    while left > 0 {
        if left & 1 == 1 {
            low = (&low * &base_low) >> BITS;
            high = ((&high * &base_high) >> BITS) + 1;
        }
        base_low = (&base_low * &base_low) >> BITS;
        base_high = ((&base_high * &base_high) >> BITS) + 1;
        left >>= 1;
    }
    let round = |factor: &BigInt| {
        let numerator = BigInt::from(amount.digits) * factor * ONE;
        divide_rounded(&numerator, &(ten_to(amount.scale) << BITS))
    };
    let (a, b) = (round(&low), round(&high));
    if a == b && !(a.is_zero() && amount.digits.unsigned_abs() > u128::MAX / 2) { a.to_i128() } else { None }
}

/// A share in per cent, for people: `90` of 0.9.
#[must_use]
pub fn percent(share: &Decimal) -> String {
    to_text(from_decimal(share) * 100)
}

/// Points as the shortest decimal: `130`, `12.5`, `-3.1415`.
#[must_use]
pub fn to_text(points: i128) -> String {
    let (sign, size) = (if points < 0 { "-" } else { "" }, points.unsigned_abs());
    let (whole, rest) = (size / 10_000, size % 10_000);
    if rest == 0 {
        return format!("{sign}{whole}");
    }
    let fraction = format!("{rest:04}");
    format!("{sign}{whole}.{}", fraction.trim_end_matches('0'))
}

/// Points with their sign, for reasons: `+30`, `-15`.
#[must_use]
pub fn to_signed_text(points: i128) -> String {
    if points < 0 { to_text(points) } else { format!("+{}", to_text(points)) }
}

/// The float nearest to these points.
#[must_use]
pub fn to_float(points: i128) -> f64 {
    // Up to 2^53 ten-thousandths the division is correctly rounded as it is.
    if points.unsigned_abs() <= 1 << 53 {
        points as f64 / 10_000.0
    } else {
        crate::number::nearest_float(&BigInt::from(points), 4)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn d(n: f64) -> Decimal {
        Decimal::shortest(n)
    }

    fn keeping(amount: f64, share: f64, k: i64) -> String {
        to_text(aged(&d(amount), Some((&AgeingKind::Keeping(d(share)), k))))
    }

    #[test]
    fn rounding() {
        assert_eq!(to_text(from_decimal(&d(0.00005))), "0.0001");
        assert_eq!(to_text(from_decimal(&d(-0.00005))), "-0.0001");
        assert_eq!(to_text(from_decimal(&d(0.00004))), "0");
        assert_eq!(to_text(from_decimal(&d(0.00015))), "0.0002");
        assert_eq!(to_text(from_decimal(&d(1e15))), "1000000000000000");
    }

    #[test]
    fn ageing() {
        assert_eq!(keeping(10.0, 0.8, 3), "5.12");
        assert_eq!(keeping(0.5, 0.85, 2), "0.3613");
        assert_eq!(keeping(1.0, 0.5, 5), "0.0313");
        assert_eq!(keeping(-1.0, 0.5, 5), "-0.0313");
        assert_eq!(keeping(10.0, 0.99, 1000), "0.0004");
        assert_eq!(keeping(1e15, 0.9999, 300_000), "93.436");
        assert_eq!(keeping(1e15, 0.5, 1_000_000_000), "0");
        assert_eq!(keeping(10.0, 1.0, 1_000_000), "10");
        let losing = AgeingKind::Losing(d(0.25));
        assert_eq!(to_text(aged(&d(10.0), Some((&losing, 3)))), "2.5");
        assert_eq!(to_text(aged(&d(10.0), Some((&losing, 9)))), "0");
    }

    #[test]
    fn bounds_and_the_exact_way_agree() {
        for k in [64u32, 65, 100, 200, 333] {
            for share in [0.5, 0.9, 0.97, 0.999, 1.0, 0.123] {
                for amount in [1.0, 0.0001, 123.456, 1e15, -7.0] {
                    let exact = {
                        let share = d(share);
                        let a = d(amount);
                        let n = BigInt::from(a.digits) * BigInt::from(share.digits).pow(k) * ONE;
                        divide_rounded(&n, &ten_to(a.scale + share.scale * k)).to_i128().unwrap()
                    };
                    if let Some(bounded) = aged_by_bounds(&d(amount), &d(share), k) {
                        assert_eq!(bounded, exact, "{amount} * {share}^{k}");
                    }
                }
            }
        }
    }
}
