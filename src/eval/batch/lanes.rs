//! Truth of 64 leads at once, in three values, and points of 64 leads.
//!
//! A lane is a lead's place in its block. All connectives of the language are a few instructions on two words.

/// How many leads a block holds.
pub const WIDTH: usize = 64;

/// One number of points for each lane, in ten-thousandths.
pub type Points = [i64; WIDTH];

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

    /// At least `n` of these, in each lane.
    pub fn at_least(n: u64, items: &[Lanes]) -> Lanes {
        let (mut sure, mut perhaps) = ([0u32; WIDTH], [0u32; WIDTH]);
        for item in items {
            each(item.yes, |lane| sure[lane] += 1);
            each(item.yes | item.open, |lane| perhaps[lane] += 1);
        }
        let reach = |counts: &[u32; WIDTH]| mask(|lane| u64::from(counts[lane]) >= n);
        let yes = reach(&sure);
        Lanes { yes, open: reach(&perhaps) & !yes }
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
        assert_eq!(Lanes::at_least(2, &[a, b]), a.and(b));
        assert_eq!(Lanes::at_least(1, &[a, b]), a.or(b));
    }
}
