//! Arithmetic on values, in both passes: a number now, and in the second pass what may lie between two.
//!
//! Owns what calculating makes of missing values and of ranges. What is calculated is rounded to 15 digits, both ends alike. A
//! cell that holds a range can be compared, but not calculated with.

use crate::number::{Range, rounded};
use crate::value::Value;

/// The numbers that a value may be.
#[must_use]
pub fn as_range(value: &Value) -> Option<Range> {
    match value {
        Value::Number(n) => Some(Range::point(*n)),
        Value::Range(range, _) | Value::Between(range) => Some(*range),
        _ => None,
    }
}

/// `-x`
#[must_use]
pub fn negated(x: &Value) -> Value {
    match x {
        Value::Number(n) => Value::number(-n),
        Value::Between(r) => Value::Between(Range::closed(-r.high, -r.low)),
        _ => Value::Missing,
    }
}

/// `a + b`
#[must_use]
pub fn plus(a: &Value, b: &Value) -> Value {
    combine(a, b, |a, b| Range::closed(rounded(a.low + b.low), rounded(a.high + b.high)))
}

/// `a * b`
#[must_use]
pub fn times(a: &Value, b: &Value) -> Value {
    // Nothing times without end is nothing.
    let times = |a: f64, b: f64| if a == 0.0 || b == 0.0 { 0.0 } else { rounded(a * b) };
    combine(a, b, |a, b| ends([times(a.low, b.low), times(a.low, b.high), times(a.high, b.low), times(a.high, b.high)]))
}

/// `a / b`
#[must_use]
pub fn divided(a: &Value, b: &Value) -> Value {
    // By something without end next to nothing is left.
    let divided = |a: f64, b: f64| if b.is_infinite() { 0.0 } else { rounded(a / b) };
    match b {
        Value::Number(0.0) => Value::Missing,
        Value::Between(r) if r.low <= 0.0 && r.high >= 0.0 => Value::Missing,
        Value::Number(_) | Value::Between(_) => combine(a, b, |a, b| {
            ends([divided(a.low, b.low), divided(a.low, b.high), divided(a.high, b.low), divided(a.high, b.high)])
        }),
        _ => Value::Missing,
    }
}

/// The lesser of two, end by end.
#[must_use]
pub fn least(a: &Value, b: &Value) -> Value {
    combine(a, b, |a, b| Range::closed(a.low.min(b.low), a.high.min(b.high)))
}

/// The greater of two, end by end.
#[must_use]
pub fn greatest(a: &Value, b: &Value) -> Value {
    combine(a, b, |a, b| Range::closed(a.low.max(b.low), a.high.max(b.high)))
}

/// A number without its sign.
#[must_use]
pub fn size(x: &Value) -> Value {
    match x {
        Value::Between(r) if r.low < 0.0 && r.high > 0.0 => Value::Between(Range::closed(0.0, r.high.max(-r.low))),
        Value::Between(r) if r.low < 0.0 => Value::Between(Range::closed(-r.high, -r.low)),
        _ => rising(x, f64::abs),
    }
}

/// A function of one number that keeps the order of numbers.
#[must_use]
pub fn rising(x: &Value, f: impl Fn(f64) -> f64) -> Value {
    match x {
        Value::Number(n) => Value::number(f(*n)),
        Value::Between(r) => Value::Between(Range::closed(f(r.low), f(r.high))),
        _ => Value::Missing,
    }
}

/// A function of two numbers, end by end.
fn combine(a: &Value, b: &Value, f: impl Fn(Range, Range) -> Range) -> Value {
    if matches!(a, Value::Range(..)) || matches!(b, Value::Range(..)) {
        return Value::Missing;
    }
    let (Some(x), Some(y)) = (as_range(a), as_range(b)) else { return Value::Missing };
    let result = f(x, y);
    match (a, b) {
        (Value::Number(_), Value::Number(_)) => Value::number(result.low),
        _ => Value::Between(result),
    }
}

/// The range from the least to the greatest of these.
fn ends<const N: usize>(numbers: [f64; N]) -> Range {
    let low = numbers.iter().copied().fold(f64::INFINITY, f64::min);
    let high = numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    Range::closed(low, high)
}
