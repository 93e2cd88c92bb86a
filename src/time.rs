//! Instants, days and periods, all UTC.
//!
//! Owns calendar arithmetic and the reading and writing of dates. Never reads the clock: "as of" is always given.

use std::cmp::Ordering;
use std::fmt;

use jiff::civil;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};

const MICROS_PER_DAY: i64 = 86_400_000_000;

/// A point in time: microseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(pub i64);

impl Instant {
    /// Far before every instant that can be written down.
    pub const EARLIEST: Instant = Instant(i64::MIN / 4);
    /// Far after every instant that can be written down.
    pub const LATEST: Instant = Instant(i64::MAX / 4);

    /// The number of the day this instant lies in, counted from 1970-01-01.
    #[must_use]
    pub fn day(self) -> i64 {
        self.0.div_euclid(MICROS_PER_DAY)
    }

    /// The day of its month, from 1.
    #[must_use]
    pub fn day_of_month(self) -> u32 {
        // Years begin in March here, so that the leap day is the last of its year.
        let of_era = (self.day() + 719_468).rem_euclid(146_097);
        let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year + year / 4 - year / 100);
        let month = (5 * of_year + 2) / 153;
        u32::try_from(of_year - (153 * month + 2) / 5 + 1).unwrap_or(1)
    }

    /// This instant and `times` periods more (fewer where negative). Months are reckoned at once, the day cut to the
    /// last of the month where it must be. Beyond the calendar's ends it stays at `EARLIEST` or `LATEST`.
    #[must_use]
    pub fn plus(self, period: Period, times: i64) -> Instant {
        if period.months == 0 {
            let moved = i128::from(self.0) + i128::from(period.micros) * i128::from(times);
            return Instant(i64::try_from(moved).unwrap_or(if moved < 0 { i64::MIN } else { i64::MAX }))
                .clamp(Instant::EARLIEST, Instant::LATEST);
        }
        let beyond = if times < 0 { Instant::EARLIEST } else { Instant::LATEST };
        let months = i128::from(period.months) * i128::from(times);
        let (Ok(stamp), Ok(months)) = (Timestamp::from_microsecond(self.0), i64::try_from(months)) else { return beyond };
        let Ok(span) = Span::new().try_months(months) else { return beyond };
        let Ok(moved) = TimeZone::UTC.to_datetime(stamp).checked_add(span) else { return beyond };
        match TimeZone::UTC.to_timestamp(moved) {
            Ok(t) => Instant(t.as_microsecond()),
            Err(_) => beyond,
        }
    }

    /// How many full periods lie between this instant and `end`: the largest k with `self + k·period <= end`.
    /// Zero where `end` is earlier.
    #[must_use]
    pub fn full_periods_until(self, end: Instant, period: Period) -> i64 {
        if end < self {
            return 0;
        }
        let gap = end.0 - self.0;
        if period.months == 0 {
            return gap / period.micros.max(1);
        }
        // No month is longer than 31 days or shorter than 28: start below and walk up.
        let mut k = gap / (31 * MICROS_PER_DAY) / period.months.max(1);
        while self.plus(period, k + 1) <= end {
            k += 1;
        }
        k
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Timestamp::from_microsecond(self.0) {
            Ok(t) => write!(f, "{t}"),
            Err(_) => write!(f, "{}", self.0),
        }
    }
}

/// A date value: a whole day or an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Date {
    /// A whole day, counted from 1970-01-01.
    Day(i64),
    /// A point in time.
    Instant(Instant),
}

impl Date {
    /// The first moment of the day, or the instant itself.
    #[must_use]
    pub fn first(self) -> Instant {
        match self {
            Date::Day(day) => Instant(day.saturating_mul(MICROS_PER_DAY)),
            Date::Instant(at) => at,
        }
    }

    /// The last moment of the day, or the instant itself.
    #[must_use]
    pub fn last(self) -> Instant {
        match self {
            Date::Day(day) => Instant(day.saturating_add(1).saturating_mul(MICROS_PER_DAY) - 1),
            Date::Instant(at) => at,
        }
    }

    /// Before when its last moment is before the other's first, after when its first is after the other's last, else equal.
    #[must_use]
    pub fn compare(self, other: Date) -> Ordering {
        if self.last() < other.first() {
            Ordering::Less
        } else if self.first() > other.last() {
            Ordering::Greater
        } else {
            Ordering::Equal
        }
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Date::Day(_) => match Timestamp::from_microsecond(self.first().0) {
                Ok(t) => write!(f, "{}", TimeZone::UTC.to_datetime(t).date()),
                Err(_) => write!(f, "day {}", self.first().day()),
            },
            Date::Instant(at) => at.fmt(f),
        }
    }
}

impl Instant {
    /// As people say it: the day alone where it is the day's last moment, as `--as-of` gives it.
    #[must_use]
    pub fn for_people(self) -> String {
        let day = Date::Day(self.day());
        if day.last() == self { day.to_string() } else { self.to_string() }
    }
}

/// A length of time: calendar months and exact microseconds, of which one is zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Period {
    /// Calendar months (a quarter is three, a year twelve).
    pub months: i64,
    /// Microseconds.
    pub micros: i64,
}

impl Period {
    /// `count` of a unit, named as in `30 days` (singular or plural, any case). `None` where there is no such unit or
    /// the count is beyond all calendars.
    #[must_use]
    pub fn of(count: u64, unit: &str) -> Option<Period> {
        let count = i64::try_from(count).ok().filter(|&n| n <= 1_000_000_000)?;
        let unit = unit.to_ascii_lowercase();
        let unit = unit.strip_suffix('s').unwrap_or(&unit);
        let (months, micros) = match unit {
            "minute" => (0, 60_000_000),
            "hour" => (0, 3_600_000_000),
            "day" => (0, MICROS_PER_DAY),
            "week" => (0, 7 * MICROS_PER_DAY),
            "month" => (1, 0),
            "quarter" => (3, 0),
            "year" => (12, 0),
            _ => return None,
        };
        Some(Period { months: months * count, micros: count.checked_mul(micros)? })
    }
}

/// Reads an ISO 8601 / RFC 3339 date or time. Without an offset it is UTC; a date alone is a whole day.
#[must_use]
pub fn read_iso(text: &str) -> Option<Date> {
    let text = text.trim_matches(crate::text::is_space);
    if text.len() > 64 || !text.as_bytes().first()?.is_ascii_digit() {
        return None;
    }
    let text = text.strip_suffix(" UTC").unwrap_or(text);
    if text.len() <= 10 {
        let date: civil::Date = text.parse().ok()?;
        return Some(Date::Day(days_of(date)));
    }
    // A date and nothing but a date, although long, is not read: the 11th byte must begin the time.
    if !matches!(text.as_bytes().get(10), Some(b'T' | b't' | b' ')) && !text.contains(['T', 't']) {
        return None;
    }
    if let Ok(stamp) = text.parse::<Timestamp>() {
        return Some(Date::Instant(Instant(floor_micros(stamp.as_nanosecond()))));
    }
    let time: civil::DateTime = text.parse().ok()?;
    instant_of(time).map(Date::Instant)
}

fn instant_of(time: civil::DateTime) -> Option<Instant> {
    let stamp = TimeZone::UTC.to_timestamp(time).ok()?;
    Some(Instant(floor_micros(stamp.as_nanosecond())))
}

fn floor_micros(nanos: i128) -> i64 {
    i64::try_from(nanos.div_euclid(1000)).unwrap_or(0)
}

fn days_of(date: civil::Date) -> i64 {
    let epoch = civil::date(1970, 1, 1);
    i64::from(epoch.until(date).map_or(0, |s| s.get_days()))
}

/// A shape of dates that a field declares, such as `MM/DD/YYYY` or `DD.MM.YYYY HH:mm`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DateFormat {
    strptime: String,
    has_time: bool,
}

impl DateFormat {
    /// Reads a shape made of `YYYY YY MM M MMM DD D HH mm ss AM`; everything else stands for itself. An `MM` behind an
    /// hour is minutes. `None` where there is no day, month or year in it.
    #[must_use]
    pub fn parse(shape: &str) -> Option<DateFormat> {
        let mut out = String::new();
        let (mut has_time, mut has) = (false, [false; 3]);
        let chars: Vec<char> = shape.chars().collect();
        let mut i = 0;
        while i < chars.len() {
            let c = chars[i].to_ascii_uppercase();
            let mut run = 1;
            while chars.get(i + run).is_some_and(|x| x.to_ascii_uppercase() == c) {
                run += 1;
            }
            match (c, run) {
                ('Y', 4) => (out.push_str("%Y"), has[0] = true).0,
                ('Y', 2) => (out.push_str("%y"), has[0] = true).0,
                ('M', 1 | 2) if has_time => out.push_str("%M"),
                ('M', 1 | 2) => (out.push_str("%m"), has[1] = true).0,
                ('M', 3) => (out.push_str("%b"), has[1] = true).0,
                ('M', 4) => (out.push_str("%B"), has[1] = true).0,
                ('D', 1 | 2) => (out.push_str("%d"), has[2] = true).0,
                ('H', 1 | 2) => {
                    let twelve = shape.to_ascii_uppercase().contains("AM") || shape.to_ascii_uppercase().contains("PM");
                    out.push_str(if twelve { "%I" } else { "%H" });
                    has_time = true;
                }
                ('S', 1 | 2) => out.push_str("%S"),
                ('A' | 'P', 1) if chars.get(i + 1).is_some_and(|x| x.eq_ignore_ascii_case(&'m')) => {
                    out.push_str("%p");
                    run = 2;
                }
                ('%', _) => out.push_str("%%"),
                _ if c.is_ascii_alphabetic() && c != 'T' && c != 'Z' => return None,
                _ => chars[i..i + run].iter().for_each(|&x| out.push(x)),
            }
            i += run;
        }
        has.iter().all(|&x| x).then_some(DateFormat { strptime: out, has_time })
    }

    /// Reads a cell of this shape.
    #[must_use]
    pub fn read(&self, cell: &str) -> Option<Date> {
        let cell = crate::text::trim(cell);
        if self.has_time {
            instant_of(civil::DateTime::strptime(&self.strptime, cell).ok()?).map(Date::Instant)
        } else {
            Some(Date::Day(days_of(civil::Date::strptime(&self.strptime, cell).ok()?)))
        }
    }
}

/// The instant of now. Only the command line calls this.
#[must_use]
pub fn now() -> Instant {
    Instant(Timestamp::now().as_microsecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Instant {
        read_iso(text).unwrap().first()
    }

    fn months(n: u64) -> Period {
        Period::of(n, "months").unwrap()
    }

    #[test]
    fn months_are_calendar_months() {
        assert_eq!(at("2025-03-31T12:00:00Z").plus(months(1), -1), at("2025-02-28T12:00:00Z"));
        assert_eq!(at("2025-01-31").plus(months(1), 2), at("2025-03-31"));
        assert_eq!(at("2025-01-31").full_periods_until(at("2025-02-28"), months(1)), 1);
        assert_eq!(at("2025-01-31").full_periods_until(at("2025-03-30T12:00:00Z"), months(1)), 1);
        assert_eq!(at("1600-01-31").full_periods_until(at("2025-03-30"), months(1)), 5101);
        assert_eq!(at("2024-02-29").plus(Period::of(1, "year").unwrap(), -1), at("2023-02-28"));
        assert_eq!(at("2025-01-01").plus(Period::of(1_000_000_000, "years").unwrap(), -1), Instant::EARLIEST);
    }

    #[test]
    fn days_of_months() {
        for (day, wanted) in [("2024-02-29", 29), ("2025-03-01", 1), ("1969-12-31", 31), ("2000-02-28", 28), ("1900-03-01", 1)] {
            assert_eq!(at(day).day_of_month(), wanted, "{day}");
        }
    }

    #[test]
    fn reading_dates() {
        assert_eq!(read_iso("2025-06-30"), Some(Date::Day(20_269)));
        assert_eq!(read_iso("2025-06-30 14:00:00"), read_iso("2025-06-30T14:00:00Z"));
        assert_eq!(read_iso("2025-06-30T14:00"), read_iso("2025-06-30T14:00:00Z"));
        assert_eq!(read_iso("2025-06-30 14:00:00.123 UTC"), read_iso("2025-06-30T14:00:00.123Z"));
        assert_eq!(read_iso("2025-06-30T23:30:00-02:00"), read_iso("2025-07-01T01:30:00Z"));
        for bad in ["2025-02-30", "07/04/2025", "soon", "", "2025", "2025-06", "1751241600000", "2025-06-30x"] {
            assert_eq!(read_iso(bad), None, "{bad}");
        }
    }

    #[test]
    fn declared_shapes() {
        let us = DateFormat::parse("MM/DD/YYYY").unwrap();
        assert_eq!(us.read("07/04/2025"), read_iso("2025-07-04"));
        assert_eq!(us.read("7/4/2025"), read_iso("2025-07-04"));
        assert_eq!(us.read("13/04/2025"), None);
        let german = DateFormat::parse("DD.MM.YYYY HH:MM").unwrap();
        assert_eq!(german.read("04.07.2025 13:30"), read_iso("2025-07-04T13:30:00Z"));
        assert_eq!(DateFormat::parse("MMM D, YYYY").unwrap().read("Jul 4, 2025"), read_iso("2025-07-04"));
        assert_eq!(DateFormat::parse("M/D/YYYY h:mm AM").unwrap().read("7/4/2025 1:30 PM"), read_iso("2025-07-04T13:30:00Z"));
        assert!(DateFormat::parse("hello").is_none());
    }
}
