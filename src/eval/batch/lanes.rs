//! Truth of 64 leads at once, in three values, and points of 64 leads.
//!
//! A lane is a lead's place in its block. All connectives of the language are a few instructions on two words.

use std::ops::{Index, IndexMut};
use std::slice;

use crate::eval::possible::Outlook;

/// How many leads a block holds.
pub const WIDTH: usize = 64;

/// A value for each lane. Whatever the index, it is taken within the block, so none is out of range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PerLane<T>([T; WIDTH]);

impl<T: Copy> PerLane<T> {
    /// The same value in all lanes.
    pub const fn all(value: T) -> PerLane<T> {
        PerLane([value; WIDTH])
    }

    pub fn iter(&self) -> slice::Iter<'_, T> {
        self.0.iter()
    }

    pub fn iter_mut(&mut self) -> slice::IterMut<'_, T> {
        self.0.iter_mut()
    }
}

impl<T> Index<usize> for PerLane<T> {
    type Output = T;

    #[allow(clippy::indexing_slicing)] // Never more than WIDTH - 1.
    fn index(&self, lane: usize) -> &T {
        &self.0[lane & (WIDTH - 1)]
    }
}

impl<T> IndexMut<usize> for PerLane<T> {
    #[allow(clippy::indexing_slicing)] // Never more than WIDTH - 1.
    fn index_mut(&mut self, lane: usize) -> &mut T {
        &mut self.0[lane & (WIDTH - 1)]
    }
}

/// One number of points for each lane, in ten-thousandths.
pub type Points = PerLane<i64>;

/// For each lane true, false or unknown. No lane is in both words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Lanes {
    /// The lanes where it is true.
    pub yes: u64,
    /// The lanes where it is unknown.
    pub open: u64,
}

impl Lanes {
    pub const YES: Lanes = Lanes { yes: !0, open: 0 };
    pub const NO: Lanes = Lanes { yes: 0, open: 0 };
    pub const OPEN: Lanes = Lanes { yes: 0, open: !0 };

    /// The same in all lanes.
    pub fn all(known: Option<bool>) -> Lanes {
        match known {
            Some(true) => Lanes::YES,
            Some(false) => Lanes::NO,
            None => Lanes::OPEN,
        }
    }

    /// True in these lanes, false in all others.
    pub fn known(yes: u64) -> Lanes {
        Lanes { yes, open: 0 }
    }

    /// The lanes where it is false.
    pub fn no(self) -> u64 {
        !(self.yes | self.open)
    }

    /// What it is in one lane.
    pub fn at(self, lane: usize) -> Option<bool> {
        (self.open >> lane & 1 == 0).then_some(self.yes >> lane & 1 == 1)
    }

    pub fn not(self) -> Lanes {
        Lanes { yes: self.no(), open: self.open }
    }

    pub fn and(self, other: Lanes) -> Lanes {
        let yes = self.yes & other.yes;
        Lanes { yes, open: !(yes | self.no() | other.no()) }
    }

    pub fn or(self, other: Lanes) -> Lanes {
        let yes = self.yes | other.yes;
        Lanes { yes, open: (self.open | other.open) & !yes }
    }

    /// These lanes of `self`, all others of `other`.
    pub fn pick(self, lanes: u64, other: Lanes) -> Lanes {
        Lanes { yes: (self.yes & lanes) | (other.yes & !lanes), open: (self.open & lanes) | (other.open & !lanes) }
    }

    /// Says what one lane is.
    pub fn set(&mut self, lane: usize, known: Option<bool>) {
        let bit = 1 << lane;
        self.yes &= !bit;
        self.open &= !bit;
        match known {
            Some(true) => self.yes |= bit,
            Some(false) => {}
            None => self.open |= bit,
        }
    }
}

/// How many of some conditions are true in each lane, and how many may be.
#[derive(Debug, Clone)]
pub struct Counts {
    sure: PerLane<u32>,
    perhaps: PerLane<u32>,
}

impl Counts {
    pub const NONE: Counts = Counts { sure: PerLane::all(0), perhaps: PerLane::all(0) };

    /// One more condition.
    pub fn add(&mut self, item: Lanes) {
        each(item.yes, |lane| self.sure[lane] += 1);
        each(item.yes | item.open, |lane| self.perhaps[lane] += 1);
    }

    /// At least `n` of them, in each lane.
    pub fn at_least(&self, n: u64) -> Lanes {
        let reach = |counts: &PerLane<u32>| mask(|lane| u64::from(counts[lane]) >= n);
        let yes = reach(&self.sure);
        Lanes { yes, open: reach(&self.perhaps) & !yes }
    }
}

/// For each lane how a condition could turn out, from the worst to the best: an [`Outlook`] each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outlooks {
    pub low: Lanes,
    pub high: Lanes,
}

impl Outlooks {
    /// Missing data makes no difference.
    pub fn settled(known: Lanes) -> Outlooks {
        Outlooks { low: known, high: known }
    }

    /// What is unknown in these lanes hangs on missing data; elsewhere it stays so.
    pub fn of(possible: Lanes, gaps: u64) -> Outlooks {
        let open = possible.open & !gaps;
        Outlooks {
            low: Lanes { yes: possible.yes, open },
            high: Lanes { yes: possible.yes | possible.open & gaps, open },
        }
    }

    /// The lanes where missing data makes a difference.
    pub fn open(self) -> u64 {
        (self.low.yes ^ self.high.yes) | (self.low.open ^ self.high.open)
    }

    /// The lanes where it may turn out true, and may not.
    pub fn in_doubt(self) -> u64 {
        self.high.yes & !self.low.yes
    }

    /// What it is in one lane.
    pub fn at(self, lane: usize) -> Outlook {
        Outlook { low: self.low.at(lane), high: self.high.at(lane) }
    }

    pub fn set(&mut self, lane: usize, outlook: Outlook) {
        self.low.set(lane, outlook.low);
        self.high.set(lane, outlook.high);
    }

    pub fn not(self) -> Outlooks {
        Outlooks { low: self.high.not(), high: self.low.not() }
    }

    pub fn and(self, other: Outlooks) -> Outlooks {
        Outlooks { low: self.low.and(other.low), high: self.high.and(other.high) }
    }

    pub fn or(self, other: Outlooks) -> Outlooks {
        Outlooks { low: self.low.or(other.low), high: self.high.or(other.high) }
    }

    /// As [`Outlook::unless`].
    pub fn unless(self, other: Outlooks) -> Outlooks {
        let blocked = Outlooks { low: Lanes::known(!other.high.yes), high: Lanes::known(!other.low.yes) };
        let fails = Lanes { open: self.low.open & !(self.high.yes & other.high.yes), ..self.low };
        blocked.pick(self.low.yes, Outlooks { low: fails, high: self.high })
    }

    /// These lanes of `self`, all others of `other`.
    pub fn pick(self, lanes: u64, other: Outlooks) -> Outlooks {
        Outlooks { low: self.low.pick(lanes, other.low), high: self.high.pick(lanes, other.high) }
    }
}

/// How many of some conditions could turn out true in each lane, from the worst to the best.
#[derive(Debug, Clone)]
pub struct OutlookCounts {
    low: Counts,
    high: Counts,
}

impl OutlookCounts {
    pub const NONE: OutlookCounts = OutlookCounts { low: Counts::NONE, high: Counts::NONE };

    /// One more condition.
    pub fn add(&mut self, item: Outlooks) {
        self.low.add(item.low);
        self.high.add(item.high);
    }

    /// At least `n` of them, in each lane.
    pub fn at_least(&self, n: u64) -> Outlooks {
        Outlooks { low: self.low.at_least(n), high: self.high.at_least(n) }
    }
}

/// Calls `f` for each lane of a set.
#[inline]
pub fn each(mut lanes: u64, mut f: impl FnMut(usize)) {
    while lanes != 0 {
        f(lanes.trailing_zeros() as usize & (WIDTH - 1));
        lanes &= lanes - 1;
    }
}

/// The lanes where something holds.
#[inline]
pub fn mask(mut holds: impl FnMut(usize) -> bool) -> u64 {
    let mut out = 0;
    for lane in 0..WIDTH {
        out |= u64::from(holds(lane)) << lane;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_values() {
        let a = Lanes { yes: 0b000_000_111, open: 0b000_111_000 };
        let b = Lanes { yes: 0b001_001_001, open: 0b010_010_010 };
        assert_eq!(a.and(b), Lanes { yes: 0b000_000_001, open: 0b000_011_010 });
        assert_eq!(a.or(b).yes, 0b001_001_111);
        assert_eq!(a.or(b).open, 0b010_110_000);
        assert_eq!(a.not().yes & 0x1ff, 0b111_000_000);
        let mut counts = Counts::NONE;
        counts.add(a);
        counts.add(b);
        assert_eq!((counts.at_least(2), counts.at_least(1)), (a.and(b), a.or(b)));
    }

    /// Lane by lane what the interpreter says.
    #[test]
    fn outlooks() {
        let all: Vec<Outlook> = [Some(false), None, Some(true)]
            .iter()
            .flat_map(|&low| [Some(false), None, Some(true)].map(|high| Outlook { low, high }))
            .filter(|o| o.low.map_or(1, |l| 2 * u8::from(l)) <= o.high.map_or(1, |h| 2 * u8::from(h)))
            .collect();
        let count = all.len();
        let (mut a, mut b) = (Outlooks::settled(Lanes::NO), Outlooks::settled(Lanes::NO));
        for lane in 0..WIDTH {
            a.set(lane, all[lane % count]);
            b.set(lane, all[lane / count % count]);
        }
        let mut counts = OutlookCounts::NONE;
        counts.add(a);
        counts.add(b);
        for lane in 0..WIDTH {
            let (x, y) = (a.at(lane), b.at(lane));
            assert_eq!(a.unless(b).at(lane), x.unless(y), "{x:?} unless {y:?}");
            assert_eq!(a.and(b).at(lane), Outlook::all(&[x, y]));
            assert_eq!(a.or(b).at(lane), Outlook::any(&[x, y]));
            assert_eq!(a.not().at(lane), x.not());
            assert_eq!(counts.at_least(2).at(lane), Outlook::at_least(2, &[x, y]));
            assert_eq!(a.open() >> lane & 1 == 0, x.is_settled());
            assert_eq!(a.in_doubt() >> lane & 1 == 1, x.is_in_doubt());
        }
    }
}
