//! Numbers as people write them in cells, and exact decimals.
//!
//! Owns the reading of number cells (*Appendix: reading cells* in `docs/reference.md`) and the way from a float to its shortest decimal and
//! back. Knows nothing of leads or models.

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

/// Reads a number cell: `1200`, `1,200`, `$1.5M`, `10k`, `45%`, `51-200`, `51 to 200`, `10,000+`, `<10`, `>=5`.
///
/// `None` where it is no number: letters, exponents, accounting brackets, reversed ranges, more than 10^15 in size.
#[must_use]
pub fn read_cell(cell: &str) -> Option<NumberCell> {
    let cell = cell.trim_matches(crate::text::is_space);
    if cell.is_empty() || cell.len() > 80 {
        return None;
    }
    if let Some(n) = read_number(cell) {
        return Some(NumberCell::Number(n));
    }
    let range = |low, high, low_open, high_open| Some(NumberCell::Range(Range { low, high, low_open, high_open }));
    let inf = f64::INFINITY;
    for (sign, low_side, open) in [
        ("<=", false, false),
        ("≤", false, false),
        (">=", true, false),
        ("≥", true, false),
        ("<", false, true),
        (">", true, true),
    ] {
        if let Some(rest) = cell.strip_prefix(sign) {
            let n = read_number(rest.trim_start_matches(crate::text::is_space))?;
            return if low_side { range(n, inf, open, false) } else { range(-inf, n, false, open) };
        }
    }
    if let Some(rest) = cell.strip_suffix('+') {
        return range(read_number(rest.trim_end_matches(crate::text::is_space))?, inf, false, false);
    }
    // `A to B`, then `A–B` and `A-B`; a minus at the very start is a sign.
    let lower = cell.to_ascii_lowercase();
    let split = lower
        .find(" to ")
        .map(|at| (at, 4))
        .or_else(|| {
            ['–', '—', '‑', '−']
                .iter()
                .find_map(|c| cell.char_indices().skip(1).find(|(_, x)| x == c).map(|(at, x)| (at, x.len_utf8())))
        })
        .or_else(|| {
            cell.char_indices().skip(1).find(|&(at, x)| x == '-' && ends_number(&cell[..at])).map(|(at, _)| (at, 1))
        });
    let (at, len) = split?;
    let low = read_number(cell[..at].trim_end_matches(crate::text::is_space))?;
    let high = read_number(cell[at + len..].trim_start_matches(crate::text::is_space))?;
    if low > high { None } else { range(low, high, false, false) }
}

fn ends_number(before: &str) -> bool {
    before
        .trim_end_matches(crate::text::is_space)
        .chars()
        .next_back()
        .is_some_and(|c| c.is_ascii_digit() || matches!(c, '%' | 'k' | 'K' | 'm' | 'M' | '$' | '€' | '£'))
}

/// Reads one number, with currency sign, thousands in groups of three, and `k`, `M` or `%`; not a range.
#[must_use]
pub fn read_number(text: &str) -> Option<f64> {
    let is_space = crate::text::is_space;
    let mut rest = text.trim_matches(is_space);
    let mut negative = false;
    let mut currency = false;
    loop {
        if let Some(r) = rest.strip_prefix('-').or_else(|| rest.strip_prefix('−')) {
            if negative {
                return None;
            }
            negative = true;
            rest = r;
        } else if let Some(r) = rest.strip_prefix('+') {
            if negative || currency {
                return None;
            }
            rest = r;
            if rest.starts_with(['+', '-']) {
                return None;
            }
        } else if let Some(r) = rest.strip_prefix(['$', '€', '£']) {
            if currency {
                return None;
            }
            currency = true;
            rest = r.trim_start_matches(is_space);
        } else {
            break;
        }
    }
    if let Some(r) = rest.strip_suffix(['$', '€', '£']) {
        if currency {
            return None;
        }
        rest = r.trim_end_matches(is_space);
    }
    let (rest, shift) = match rest.chars().next_back()? {
        '%' => (rest[..rest.len() - 1].trim_end_matches(is_space), -2),
        'k' | 'K' => (&rest[..rest.len() - 1], 3),
        'm' | 'M' => (&rest[..rest.len() - 1], 6),
        _ => (rest, 0),
    };
    let rest = rest.trim_end_matches(is_space);
    let (whole, fraction) = match rest.split_once('.') {
        Some((w, f)) if !f.is_empty() && f.bytes().all(|b| b.is_ascii_digit()) => (w, f),
        Some(_) => return None,
        None => (rest, ""),
    };
    let mut digits = String::with_capacity(rest.len());
    if whole.contains(',') {
        let mut groups = whole.split(',');
        let first = groups.next()?;
        if first.is_empty() || first.len() > 3 || !first.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        digits.push_str(first);
        for group in groups {
            if group.len() != 3 || !group.bytes().all(|b| b.is_ascii_digit()) {
                return None;
            }
            digits.push_str(group);
        }
    } else {
        if !whole.bytes().all(|b| b.is_ascii_digit()) || (whole.is_empty() && fraction.is_empty()) {
            return None;
        }
        digits.push_str(whole);
    }
    scaled(&digits, fraction, shift, negative)
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

/// The sum of floats, exact in their shortest decimals and rounded once at the end.
#[must_use]
pub fn exact_sum(numbers: impl Iterator<Item = f64>) -> f64 {
    let mut total = BigInt::zero();
    let mut scale = 0u32;
    for n in numbers {
        let d = Decimal::shortest(n);
        if d.scale > scale {
            total *= ten_to(d.scale - scale);
            scale = d.scale;
        }
        total += BigInt::from(d.digits) * ten_to(scale - d.scale);
    }
    format!("{total}e-{scale}").parse().unwrap_or(0.0)
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

    fn n(cell: &str) -> Option<f64> {
        match read_cell(cell) {
            Some(NumberCell::Number(n)) => Some(n),
            _ => None,
        }
    }

    fn r(cell: &str) -> Option<(f64, f64, bool, bool)> {
        match read_cell(cell) {
            Some(NumberCell::Range(r)) => Some((r.low, r.high, r.low_open, r.high_open)),
            _ => None,
        }
    }

    #[test]
    fn number_cells() {
        assert_eq!(n("1200"), Some(1200.0));
        assert_eq!(n("1,200"), Some(1200.0));
        assert_eq!(n("$1.5M"), Some(1_500_000.0));
        assert_eq!(n("2.3M"), Some(2_300_000.0));
        assert_eq!(n("10k"), Some(10_000.0));
        assert_eq!(n("45%"), Some(0.45));
        assert_eq!(n("-$5"), Some(-5.0));
        assert_eq!(n("5 €"), Some(5.0));
        assert_eq!(n(".5"), Some(0.5));
        assert_eq!(n("1000000000000000"), Some(1e15));
        for bad in
            ["twelve", "1,20", "1e5", "(5)", "1000000000000001", "10kg", "", "--5", "5.", "1 200", "1,2,3", "$$5"]
        {
            assert_eq!(read_cell(bad), None, "{bad}");
        }
    }

    #[test]
    fn range_cells() {
        let inf = f64::INFINITY;
        assert_eq!(r("51-200"), Some((51.0, 200.0, false, false)));
        assert_eq!(r("51–200"), Some((51.0, 200.0, false, false)));
        assert_eq!(r("51 to 200"), Some((51.0, 200.0, false, false)));
        assert_eq!(r("$100M-$500M"), Some((1e8, 5e8, false, false)));
        assert_eq!(r("1k - 5k"), Some((1000.0, 5000.0, false, false)));
        assert_eq!(r("-5--1"), Some((-5.0, -1.0, false, false)));
        assert_eq!(r("10,000+"), Some((10_000.0, inf, false, false)));
        assert_eq!(r("<10"), Some((-inf, 10.0, false, true)));
        assert_eq!(r(">= 5"), Some((5.0, inf, false, false)));
        assert_eq!(r("200-51"), None);
    }

    #[test]
    fn decimals() {
        assert_eq!(Decimal::shortest(0.00015), Decimal { digits: 15, scale: 5 });
        assert_eq!(Decimal::shortest(1e15), Decimal { digits: 1_000_000_000_000_000, scale: 0 });
        assert_eq!(Decimal::shortest(-2.5), Decimal { digits: -25, scale: 1 });
        assert_eq!(round_places(1.125, 2), 1.13);
        assert_eq!(round_places(-2.5, 0), -3.0);
        assert_eq!(round_places(1234.0, -2), 1200.0);
        assert_eq!(exact_sum([0.1, 0.2, 0.3].into_iter()), 0.6);
    }
}
