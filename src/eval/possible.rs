//! The second pass: what a score could be, and how a condition could turn out.

use super::compare::{all, any, at_least, not};

/// Points between a lowest and a highest value; `None` is without end. In ten-thousandths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Interval {
    pub low: Option<i128>,
    pub high: Option<i128>,
}

impl Default for Interval {
    fn default() -> Interval {
        Interval::point(0)
    }
}

impl Interval {
    pub fn point(points: i128) -> Interval {
        Interval { low: Some(points), high: Some(points) }
    }

    /// Between nothing and an end that may be unbounded, on one side of nothing.
    pub fn from_nothing(end: Option<i128>, subtract: bool) -> Interval {
        if subtract { Interval { low: end.map(|e| -e), high: Some(0) } } else { Interval { low: Some(0), high: end } }
    }

    pub fn is_point(self) -> bool {
        self.low.is_some() && self.low == self.high
    }

    /// The least interval that holds both.
    pub fn hull(self, other: Interval) -> Interval {
        Interval {
            low: self.low.zip(other.low).map(|(a, b)| a.min(b)),
            high: self.high.zip(other.high).map(|(a, b)| a.max(b)),
        }
    }

    /// The greater of two, end by end.
    pub fn greatest(self, other: Interval) -> Interval {
        Interval {
            low: self.low.zip(other.low).map(|(a, b)| a.max(b)),
            high: self.high.zip(other.high).map(|(a, b)| a.max(b)),
        }
    }

    pub fn plus(self, other: Interval) -> Interval {
        Interval {
            low: self.low.zip(other.low).map(|(a, b)| a + b),
            high: self.high.zip(other.high).map(|(a, b)| a + b),
        }
    }

    /// Both ends, so many billionths of which are left. Nothing is left of an end that has no end only where nothing is left of all.
    pub fn faded(self, left: i128) -> Interval {
        if left == 0 {
            return Interval::point(0);
        }
        let faded = |end: i128| crate::points::faded(end, left);
        Interval { low: self.low.map(faded), high: self.high.map(faded) }
    }

    /// Both ends held between bounds.
    pub fn clamp(self, bounds: crate::model::Bounds) -> Interval {
        Interval {
            low: match self.low {
                Some(low) => Some(clamp(low, bounds)),
                None => bounds.low,
            },
            high: match self.high {
                Some(high) => Some(clamp(high, bounds)),
                None => bounds.high,
            },
        }
    }
}

/// Points held between bounds.
pub(super) fn clamp(points: i128, bounds: crate::model::Bounds) -> i128 {
    let points = bounds.high.map_or(points, |high| points.min(high));
    bounds.low.map_or(points, |low| points.max(low))
}

/// How a condition could turn out once all data is known: from the worst to the best, in the order false, unknown, true.
///
/// An interval of truth, as [`Interval`] is one of points. Where no field inside is missing the two ends are the same, also where
/// both are unknown: what never happened is no missing data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Outlook {
    pub low: Option<bool>,
    pub high: Option<bool>,
}

impl Outlook {
    /// It is true, whatever is missing.
    pub const YES: Outlook = Outlook { low: Some(true), high: Some(true) };

    /// It hangs on missing data.
    pub const OPEN: Outlook = Outlook { low: Some(false), high: Some(true) };

    /// Missing data makes no difference.
    pub fn settled(known: Option<bool>) -> Outlook {
        Outlook { low: known, high: known }
    }

    pub fn is_settled(self) -> bool {
        self.low == self.high
    }

    /// Whether it may turn out true.
    pub fn may_hold(self) -> bool {
        self.high == Some(true)
    }

    /// Whether it is true, however the data turns out.
    pub fn holds(self) -> bool {
        self.low == Some(true)
    }

    /// Whether it may turn out false.
    pub fn may_fail(self) -> bool {
        self.low == Some(false)
    }

    /// Whether it may turn out true, and may not.
    pub fn is_in_doubt(self) -> bool {
        self.may_hold() && !self.holds()
    }

    pub fn not(self) -> Outlook {
        Outlook { low: not(self.high), high: not(self.low) }
    }

    pub fn all(items: &[Outlook]) -> Outlook {
        Outlook { low: all(items.iter().map(|o| o.low)), high: all(items.iter().map(|o| o.high)) }
    }

    pub fn any(items: &[Outlook]) -> Outlook {
        Outlook { low: any(items.iter().map(|o| o.low)), high: any(items.iter().map(|o| o.high)) }
    }

    pub fn at_least(n: u64, items: &[Outlook]) -> Outlook {
        Outlook { low: at_least(n, items.iter().map(|o| o.low)), high: at_least(n, items.iter().map(|o| o.high)) }
    }

    /// `self unless other`: where the first is surely true, it hangs on the second, and a second that is unknown and stays so does
    /// not block. Where the first is not known, neither is the whole; where both may turn out true, it may turn out false.
    pub fn unless(self, other: Outlook) -> Outlook {
        if self.holds() {
            Outlook { low: Some(!other.may_hold()), high: Some(!other.holds()) }
        } else if self.may_hold() && other.may_hold() {
            Outlook { low: Some(false), ..self }
        } else {
            self
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const UNKNOWN: Outlook = Outlook { low: None, high: None };

    fn settled(yes: bool) -> Outlook {
        Outlook::settled(Some(yes))
    }

    #[test]
    fn what_stays_unknown_can_make_nothing_true() {
        let both = |a: Outlook, b: Outlook| Outlook::all(&[a, b]);
        let either = |a: Outlook, b: Outlook| Outlook::any(&[a, b]);
        assert!(!both(UNKNOWN, Outlook::OPEN).may_hold());
        assert!(both(UNKNOWN, Outlook::OPEN).may_fail());
        assert!(either(UNKNOWN, Outlook::OPEN).is_in_doubt());
        assert!(!either(UNKNOWN, Outlook::OPEN).may_fail());
        assert_eq!(both(settled(true), UNKNOWN).not(), UNKNOWN);
    }

    #[test]
    fn unless() {
        assert_eq!(settled(true).unless(UNKNOWN), settled(true));
        assert_eq!(settled(true).unless(Outlook::OPEN), Outlook::OPEN);
        assert_eq!(settled(true).unless(settled(true)), settled(false));
        assert_eq!(UNKNOWN.unless(settled(false)), UNKNOWN);
        assert_eq!(Outlook::OPEN.unless(settled(true)), Outlook::OPEN);
        assert_eq!(settled(false).unless(settled(true)), settled(false));
        assert_eq!(Outlook::OPEN.unless(UNKNOWN), Outlook::OPEN);
        let at_least_unknown = Outlook { low: None, high: Some(true) };
        assert_eq!(at_least_unknown.unless(settled(true)), Outlook::OPEN);
        assert_eq!(at_least_unknown.unless(settled(false)), at_least_unknown);
    }
}
