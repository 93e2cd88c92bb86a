//! Instants of the usual shape, read in one go.
//!
//! `2025-06-30T14:00:00Z` and nothing else; all other shapes are read by `time`, and a test holds the two equal.

/// The first year whose months are known, and the first that is not.
const YEARS: (usize, usize) = (1900, 2200);

/// The days from 1970 to the beginning of each month.
static MONTHS: [i32; (YEARS.1 - YEARS.0) * 12 + 1] = {
    let mut out = [0; (YEARS.1 - YEARS.0) * 12 + 1];
    let (mut at, mut days) = (0, -25_567);
    while at < out.len() {
        out[at] = days;
        let (year, month) = (YEARS.0 + at / 12, at % 12);
        let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        days += match month {
            1 => 28 + is_leap as i32,
            3 | 5 | 8 | 10 => 30,
            _ => 31,
        };
        at += 1;
    }
    out
};

/// The microseconds of an instant of the usual shape; `None` for all other texts, which may be instants too.
#[inline]
#[must_use]
pub fn usual(text: &[u8]) -> Option<i64> {
    let text: &[u8; 20] = text.try_into().ok()?;
    let (first, rest) = text.split_first_chunk::<8>()?;
    let (second, third) = rest.split_first_chunk::<8>()?;
    let third: &[u8; 4] = third.try_into().ok()?;
    let third = [third[0], third[1], third[2], third[3], 0, 0, 0, 0];
    let date = Pairs::of(*first, *b"0000-00-", 0xff00_00ff_0000_0000);
    let hours = Pairs::of(*second, *b"00T00:00", 0x0000_ff00_00ff_0000);
    let seconds = Pairs::of(third, *b":00Z\0\0\0\0", 0xffff_ffff_ff00_00ff);
    if date.odd | hours.odd | seconds.odd != 0 {
        return None;
    }
    let month = (date.at(0) * 100 + date.at(2)) * 12 + date.at(5);
    let month = month.checked_sub(YEARS.0 * 12 + 1).filter(|_| (1..=12).contains(&date.at(5)))?;
    let (begins, ends) = (*MONTHS.get(month)?, *MONTHS.get(month + 1)?);
    let (day, hour, minute, second) = (hours.at(0) as i32, hours.at(3), hours.at(6), seconds.at(1));
    if day == 0 || begins + day > ends || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let of_day = (hour * 60 + minute) * 60 + second;
    Some((i64::from(begins + day - 1) * 86_400 + of_day as i64) * 1_000_000)
}

/// So many days are remembered: each has a place of its own within four years.
const DAYS: usize = 1 << 13;

const DAY: i64 = 86_400_000_000;

/// Days that were seen: where they begin, and in which step all of each lies. Steps follow one another; who asks knows where
/// they begin.
pub struct Days(Box<[Day; DAYS]>);

#[derive(Debug, Clone, Copy)]
struct Day {
    /// The first eleven characters: `2024-10-`, `02T`.
    month: u64,
    day: u32,
    /// The step of the whole day, or [`MIXED`].
    step: u32,
    /// In microseconds.
    start: i64,
}

/// A step of a day that does not lie in one.
const MIXED: u32 = u32::MAX;

impl Default for Days {
    /// None so far.
    fn default() -> Days {
        // No text is like this one.
        Days(Box::new([Day { month: 0, day: u32::MAX, step: MIXED, start: 0 }; DAYS]))
    }
}

impl Days {
    /// As [`usual`], with the step in which the instant lies, as `step` gives it; that is always the same.
    #[inline]
    pub fn read(&mut self, text: &[u8], step: impl Fn(i64) -> u32) -> Option<(i64, u32)> {
        let text: &[u8; 20] = text.try_into().ok()?;
        let (first, rest) = text.split_first_chunk::<8>()?;
        let (time, z) = rest.get(3..)?.split_first_chunk::<8>()?;
        let (month, day) = (u64::from_le_bytes(*first), u32::from_le_bytes(*rest.first_chunk()?) & 0xff_ffff);
        let time = Pairs::of(*time, *b"00:00:00", 0x0000_ff00_00ff_0000);
        let (hour, minute, second) = (time.at(0), time.at(3), time.at(6));
        if time.odd != 0 || hour > 23 || minute > 59 || second > 59 || z != b"Z" {
            return None;
        }
        let of_day = ((hour * 60 + minute) * 60 + second) as i64 * 1_000_000;
        // The digits of the day, those of the month, and the last two bits of the year.
        let place =
            u64::from(day & 3 | day >> 6 & 0x3c) | month >> 34 & 0x40 | month >> 41 & 0x780 | month >> 13 & 0x1800;
        let place = place as usize % DAYS;
        let known = &mut self.0[place];
        if known.month != month || known.day != day {
            let start = usual(text)? - of_day;
            let (first, last) = (step(start), step(start + DAY - 1));
            *known = Day { month, day, step: if first == last { first } else { MIXED }, start };
        }
        let at = known.start + of_day;
        Some((at, if known.step == MIXED { step(at) } else { known.step }))
    }
}

/// Eight characters as digits, and what two of them are that stand side by side.
struct Pairs {
    pairs: u64,
    /// 0 where all are as they should be.
    odd: u64,
}

impl Pairs {
    /// Of a text that should be like a pattern, which has a 0 for a digit; `signs` are the bytes of all other characters.
    #[inline]
    fn of(text: [u8; 8], pattern: [u8; 8], signs: u64) -> Pairs {
        let digits = u64::from_le_bytes(text) ^ u64::from_le_bytes(pattern);
        // A digit has no high half, and has none when six are added.
        let odd = (digits | digits.wrapping_add(0x0606_0606_0606_0606)) & 0xf0f0_f0f0_f0f0_f0f0 | digits & signs;
        Pairs { pairs: digits.wrapping_mul(10).wrapping_add(digits >> 8), odd }
    }

    /// The number whose first digit stands there.
    #[inline]
    fn at(&self, place: usize) -> usize {
        (self.pairs >> (8 * place)) as usize & 0xff
    }
}

#[cfg(test)]
mod tests {
    use crate::time::{Zone, read_iso};

    #[test]
    fn the_usual_shape_is_read_as_all_others() {
        let mut seed = 1u64;
        let mut pick = |n: u64| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) % n
        };
        let steps = [read_iso("2031-02-28T11:00:00Z"), read_iso("2031-03-01"), read_iso("2031-03-02")]
            .map(|d| d.unwrap().in_zone(&Zone::UTC).first().0);
        let step = |at: i64| steps.iter().filter(|&&s| s <= at).count() as u32;
        let mut days = super::Days::default();
        let (mut read, mut mixed) = (0, 0);
        for i in 0..200_000 {
            let (y, m, d) =
                if i % 2 == 0 { (2031, 2 + pick(2), pick(33)) } else { (1890 + pick(320), pick(14), pick(33)) };
            let mut text = format!("{y}-{m:02}-{d:02}T{:02}:{:02}:{:02}Z", pick(26), pick(62), pick(62));
            if pick(10) == 0 {
                let at = pick(20) as usize;
                text.replace_range(at..=at, ["/", ":", "-", "T", "Z", " ", "0", "9", "\u{1}", "p"][pick(10) as usize]);
            }
            let usual = super::usual(text.as_bytes());
            assert_eq!(days.read(text.as_bytes(), step).map(|(at, _)| at), usual, "{text}");
            if let Some(at) = usual {
                read += 1;
                assert_eq!(read_iso(&text).map(|d| d.in_zone(&Zone::UTC).first().0), Some(at), "{text}");
                assert_eq!(days.read(text.as_bytes(), step), Some((at, step(at))), "{text}");
                mixed += usize::from(text.starts_with("2031-02-28"));
            }
        }
        assert!(read > 100_000 && mixed > 100);
    }
}
