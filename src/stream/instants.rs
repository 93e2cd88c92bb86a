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
    use crate::time::read_iso;

    #[test]
    fn the_usual_shape_is_read_as_all_others() {
        let mut seed = 1u64;
        let mut pick = |n: u64| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) % n
        };
        let mut read = 0;
        for _ in 0..200_000 {
            let (y, m, d) = (1890 + pick(320), pick(14), pick(33));
            let mut text = format!("{y}-{m:02}-{d:02}T{:02}:{:02}:{:02}Z", pick(26), pick(62), pick(62));
            if pick(10) == 0 {
                let at = pick(20) as usize;
                text.replace_range(at..=at, ["/", ":", "-", "T", "Z", " ", "0", "9", "\u{1}", "p"][pick(10) as usize]);
            }
            if let Some(at) = super::usual(text.as_bytes()) {
                read += 1;
                assert_eq!(read_iso(&text).map(|d| d.first().0), Some(at), "{text}");
            }
        }
        assert!(read > 100_000);
    }
}
