//! Instants of the usual shape, read in one go.
//!
//! `2025-06-30T14:00:00Z` and nothing else; all other shapes are read by `time`, and a test holds the two equal.

/// The microseconds of an instant of the usual shape; `None` for all other texts, which may be instants too.
#[inline]
#[must_use]
pub fn usual(text: &[u8]) -> Option<i64> {
    let text: &[u8; 20] = text.try_into().ok()?;
    let two = |at: usize| -> u32 {
        let (a, b) = (text[at].wrapping_sub(b'0'), text[at + 1].wrapping_sub(b'0'));
        // Anything but two digits is far too large for its place.
        if a > 9 || b > 9 { 1000 } else { u32::from(a) * 10 + u32::from(b) }
    };
    let signs = text[4] == b'-' && text[7] == b'-' && text[10] == b'T' && text[13] == b':' && text[16] == b':' && text[19] == b'Z';
    let (century, year, month, day) = (two(0), two(2), two(5), two(8));
    let (hour, minute, second) = (two(11), two(14), two(17));
    if !signs || !(19..22).contains(&century) || year > 99 || !(1..=12).contains(&month) || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let year = century * 100 + year;
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    const DAYS: [u32; 12] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    const BEFORE: [u32; 12] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
    let m = month as usize - 1;
    if day == 0 || day > DAYS[m] + u32::from(is_leap && month == 2) {
        return None;
    }
    let past = year - 1;
    let days = past * 365 + past / 4 - past / 100 + past / 400 + BEFORE[m] + u32::from(is_leap && month > 2) + day - 1;
    let days = i64::from(days) - 719_162;
    Some((((days * 24 + i64::from(hour)) * 60 + i64::from(minute)) * 60 + i64::from(second)) * 1_000_000)
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
            if pick(20) == 0 {
                text.replace_range(4..5, "/");
            }
            if let Some(at) = super::usual(text.as_bytes()) {
                read += 1;
                assert_eq!(read_iso(&text).map(|d| d.first().0), Some(at), "{text}");
            }
        }
        assert!(read > 100_000);
    }
}
