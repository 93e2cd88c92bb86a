//! Bounds: what a score could be.

/// Points between a lowest and a highest value; `None` is without end. In ten-thousandths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Interval {
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
        Interval { low: self.low.zip(other.low).map(|(a, b)| a.min(b)), high: self.high.zip(other.high).map(|(a, b)| a.max(b)) }
    }

    pub fn plus(self, other: Interval) -> Interval {
        Interval { low: self.low.zip(other.low).map(|(a, b)| a + b), high: self.high.zip(other.high).map(|(a, b)| a + b) }
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
