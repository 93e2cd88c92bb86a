//! Instants, days, periods and time zones.
//!
//! Owns calendar arithmetic and the reading and writing of dates, which lie in the years 1 to 9999. Never reads the clock: "as of" is always given.

mod shape;
mod zone;

use std::cmp::Ordering;
use std::fmt;

use jiff::{Span, Timestamp, civil};
pub use shape::{DateShape, NoShape, shapes_of};
pub use zone::Zone;

const MICROS_PER_DAY: i64 = 86_400_000_000;

/// 0001-01-01 and 9999-12-31, counted from 1970-01-01: all dates that are written lie in these years. An open end is often
/// written as the last of these days, so the calendar library's instants, which end a day earlier, are not enough.
const DAYS: (i64, i64) = (-719_162, 2_932_896);

/// The first and the last moment that can be written, in UTC.
const FIRST: Instant = Instant(DAYS.0 * MICROS_PER_DAY);
const LAST: Instant = Instant((DAYS.1 + 1) * MICROS_PER_DAY - 1);

/// A point in time: microseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(pub i64);

impl Instant {
    /// Far before every instant that can be written down.
    pub const EARLIEST: Instant = Instant(i64::MIN / 4);
    /// Far after every instant that can be written down.
    pub const LATEST: Instant = Instant(i64::MAX / 4);

    /// The day of its month in UTC, from 1.
    #[must_use]
    pub fn day_of_month(self) -> u32 {
        // Years begin in March here, so that the leap day is the last of its year.
        let of_era = (self.0.div_euclid(MICROS_PER_DAY) + 719_468).rem_euclid(146_097);
        let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year + year / 4 - year / 100);
        let month = (5 * of_year + 2) / 153;
        u32::try_from(of_year - (153 * month + 2) / 5 + 1).unwrap_or(1)
    }

    /// This instant and `times` periods more (fewer where negative). Months go by the calendar of the zone, at once, the day
    /// cut to the last of the month where it must be; a day is 24 hours. Beyond the calendar's ends it stays at `EARLIEST`
    /// or `LATEST`.
    #[must_use]
    pub fn plus(self, period: Period, times: i64, zone: &Zone) -> Instant {
        if period.months == 0 {
            return self.exactly(i128::from(period.micros()) * i128::from(times));
        }
        self.on_calendar(period, times, zone)
    }

    /// As [`Instant::plus`], but days too go by the calendar of the zone: the same time of day, so many days before or after.
    /// So is reckoned from the as-of.
    #[must_use]
    pub fn plus_days(self, period: Period, times: i64, zone: &Zone) -> Instant {
        if period.days == 0 || *zone == Zone::UTC {
            self.plus(period, times, zone)
        } else {
            self.on_calendar(period, times, zone)
        }
    }

    fn exactly(self, micros: i128) -> Instant {
        let moved = i128::from(self.0) + micros;
        Instant(i64::try_from(moved).unwrap_or(if moved < 0 { i64::MIN } else { i64::MAX }))
            .clamp(Instant::EARLIEST, Instant::LATEST)
    }

    fn on_calendar(self, period: Period, times: i64, zone: &Zone) -> Instant {
        let moved = || {
            let local = zone.local(self);
            let by = |n: i64| i64::try_from(i128::from(n) * i128::from(times)).ok();
            let span = Span::new().try_months(by(period.months)?).ok()?.try_days(by(period.days)?).ok()?;
            let day = civil_day(local.div_euclid(MICROS_PER_DAY))?.checked_add(span).ok()?;
            Some(zone.at_local(days_of(day) * MICROS_PER_DAY + local.rem_euclid(MICROS_PER_DAY)))
        };
        moved().unwrap_or(if times < 0 { Instant::EARLIEST } else { Instant::LATEST })
    }

    /// How many full periods lie between this instant and `end`: the largest k with `self + k·period <= end`.
    /// Zero where `end` is earlier.
    #[must_use]
    pub fn full_periods_until(self, end: Instant, period: Period, zone: &Zone) -> i64 {
        if end < self {
            return 0;
        }
        let gap = end.0 - self.0;
        if period.months == 0 {
            return gap / period.micros().max(1);
        }
        // No month is longer than 31 days or shorter than 28: start below (by a day, for a change of clocks) and walk up.
        let mut k = (gap - MICROS_PER_DAY).max(0) / (31 * MICROS_PER_DAY) / period.months.max(1);
        while self.plus(period, k + 1, zone) <= end.min(Instant(Instant::LATEST.0 - 1)) {
            k += 1;
        }
        k
    }

    /// The number of the calendar's day, week, month, quarter or year in which it lies there: equal for two instants of one.
    #[must_use]
    pub fn calendar_period(self, unit: CalendarUnit, zone: &Zone) -> i64 {
        let day = zone.day_number(self);
        let months =
            || civil_day(day.clamp(DAYS.0, DAYS.1)).map_or(0, |d| i64::from(d.year()) * 12 + i64::from(d.month()) - 1);
        match unit {
            CalendarUnit::Day => day,
            // 1970-01-01 was a Thursday; weeks begin on Monday.
            CalendarUnit::Week => (day + 3).div_euclid(7),
            CalendarUnit::Month => months(),
            CalendarUnit::Quarter => months().div_euclid(3),
            CalendarUnit::Year => months().div_euclid(12),
        }
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Instant(at) = (*self).clamp(FIRST, LAST);
        let (seconds, micros) = (at.div_euclid(1_000_000), at.rem_euclid(1_000_000));
        let of_day = seconds.rem_euclid(86_400);
        write!(f, "{}T{:02}:{:02}:{:02}", Zone::UTC.day_of(Instant(at)), of_day / 3600, of_day / 60 % 60, of_day % 60)?;
        if micros > 0 {
            write!(f, ".{}", format!("{micros:06}").trim_end_matches('0'))?;
        }
        f.write_str("Z")
    }
}

/// A whole day in a time zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Day {
    /// Counted from 1970-01-01.
    number: i32,
    /// By how many seconds clocks are ahead of UTC when it begins, and when it ends.
    starts: i32,
    ends: i32,
}

impl Day {
    /// Its number, counted from 1970-01-01.
    #[must_use]
    pub fn number(self) -> i64 {
        i64::from(self.number)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        civil_day(self.number()).map_or(Ok(()), |day| day.fmt(f))
    }
}

/// A date value: a whole day or an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Date {
    /// A whole day.
    Day(Day),
    /// A point in time.
    Instant(Instant),
}

impl Date {
    /// The first moment of the day, or the instant itself.
    #[must_use]
    pub fn first(self) -> Instant {
        match self {
            Date::Day(day) => Instant(day.number() * MICROS_PER_DAY - i64::from(day.starts) * 1_000_000),
            Date::Instant(at) => at,
        }
    }

    /// The last moment of the day, or the instant itself.
    #[must_use]
    pub fn last(self) -> Instant {
        match self {
            Date::Day(day) => Instant((day.number() + 1) * MICROS_PER_DAY - i64::from(day.ends) * 1_000_000 - 1),
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

    /// The number of the day, counted from 1970-01-01; of an instant, that of the zone.
    #[must_use]
    pub fn day_number(self, zone: &Zone) -> i64 {
        match self {
            Date::Day(day) => day.number(),
            Date::Instant(at) => zone.day_number(at),
        }
    }

    /// The name of the day.
    #[must_use]
    pub fn weekday(self, zone: &Zone) -> &'static str {
        // 1970-01-01 was a Thursday.
        match self.day_number(zone).rem_euclid(7) {
            0 => "Thursday",
            1 => "Friday",
            2 => "Saturday",
            3 => "Sunday",
            4 => "Monday",
            5 => "Tuesday",
            _ => "Wednesday",
        }
    }

    /// From 0 to 23; none of a whole day.
    #[must_use]
    pub fn hour(self, zone: &Zone) -> Option<i32> {
        match self {
            Date::Day(_) => None,
            Date::Instant(at) => i32::try_from(zone.local(at).rem_euclid(MICROS_PER_DAY) / 3_600_000_000).ok(),
        }
    }

    /// From 1 to 12.
    #[must_use]
    pub fn month(self, zone: &Zone) -> i32 {
        self.civil(zone).map_or(1, |day| i32::from(day.month()))
    }

    /// Its year.
    #[must_use]
    pub fn year(self, zone: &Zone) -> i32 {
        self.civil(zone).map_or(1, |day| i32::from(day.year()))
    }

    fn civil(self, zone: &Zone) -> Option<civil::Date> {
        civil_day(self.day_number(zone).clamp(DAYS.0, DAYS.1))
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Date::Day(day) => day.fmt(f),
            Date::Instant(at) => at.fmt(f),
        }
    }
}

/// A date as it is written, before it is known in which zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// A whole day, counted from 1970-01-01.
    Day(i64),
    /// A time without an offset: microseconds from 1970-01-01T00:00:00 there.
    Local(i64),
    /// A time with an offset or a zone of its own.
    Instant(Instant),
}

impl Written {
    /// What it means in a zone.
    #[must_use]
    pub fn in_zone(self, zone: &Zone) -> Date {
        match self {
            Written::Day(number) => Date::Day(zone.day(number)),
            Written::Local(local) => Date::Instant(zone.at_local(local)),
            Written::Instant(at) => Date::Instant(at),
        }
    }
}

impl From<Instant> for Written {
    fn from(at: Instant) -> Written {
        Written::Instant(at)
    }
}

impl fmt::Display for Written {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Written::Day(number) => Zone::UTC.day(*number).fmt(f),
            Written::Local(local) => f.write_str(Instant(*local).to_string().trim_end_matches('Z')),
            Written::Instant(at) => at.fmt(f),
        }
    }
}

/// A length of time: calendar months, days, or exact microseconds, of which one is not zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Period {
    /// Calendar months (a quarter is three, a year twelve).
    pub months: i64,
    /// Days (a week is seven).
    pub days: i64,
    /// Microseconds, beside both.
    pub exact: i64,
}

impl Period {
    /// A day.
    pub const DAY: Period = Period { months: 0, days: 1, exact: 0 };

    /// `count` of a unit, named as in `30 days` (singular or plural, any case). `None` where there is no such unit or
    /// the count is beyond all calendars.
    #[must_use]
    pub fn of(count: u64, unit: &str) -> Option<Period> {
        let count = i64::try_from(count).ok().filter(|&n| n <= 1_000_000_000)?;
        let unit = unit.to_ascii_lowercase();
        let unit = unit.strip_suffix('s').unwrap_or(&unit);
        let (months, days, exact) = match unit {
            "minute" => (0, 0, 60_000_000),
            "hour" => (0, 0, 3_600_000_000),
            "day" => (0, 1, 0),
            "week" => (0, 7, 0),
            "month" => (1, 0, 0),
            "quarter" => (3, 0, 0),
            "year" => (12, 0, 0),
            _ => return None,
        };
        // So that its microseconds fit, too.
        count.checked_mul(exact + days * MICROS_PER_DAY)?;
        Some(Period { months: months * count, days: days * count, exact: exact * count })
    }

    /// Its microseconds where a day is 24 hours; without its months.
    #[must_use]
    pub fn micros(self) -> i64 {
        self.exact + self.days * MICROS_PER_DAY
    }
}

/// A period of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CalendarUnit {
    /// Midnight to midnight.
    Day,
    /// From Monday.
    Week,
    /// From the first.
    Month,
    /// From the first of January, April, July, October.
    Quarter,
    /// From the first of January.
    Year,
}

/// Within what a rate limit counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RateWindow {
    /// Any stretch of this length: `every 7 days`.
    Rolling(Period),
    /// Each period of the calendar: `a day`, `every month`.
    Calendar(CalendarUnit),
}

impl CalendarUnit {
    /// The unit of this name, singular or plural, in any case.
    #[must_use]
    pub fn of(unit: &str) -> Option<CalendarUnit> {
        let unit = unit.to_ascii_lowercase();
        Some(match unit.strip_suffix('s').unwrap_or(&unit) {
            "day" => CalendarUnit::Day,
            "week" => CalendarUnit::Week,
            "month" => CalendarUnit::Month,
            "quarter" => CalendarUnit::Quarter,
            "year" => CalendarUnit::Year,
            _ => return None,
        })
    }

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            CalendarUnit::Day => "day",
            CalendarUnit::Week => "week",
            CalendarUnit::Month => "month",
            CalendarUnit::Quarter => "quarter",
            CalendarUnit::Year => "year",
        }
    }
}

/// Reads an ISO 8601 / RFC 3339 date or time of the years 1 to 9999; a date alone is a whole day. An offset wins over a zone in
/// brackets. What they carry out of these years is their first or last moment.
#[must_use]
pub fn read_iso(text: &str) -> Option<Written> {
    let text = text.trim_matches(crate::text::is_space);
    if !text.as_bytes().first()?.is_ascii_digit() {
        return None;
    }
    let day = text.strip_suffix(" UTC").unwrap_or(text);
    if day.len() <= 10 {
        return day_of(day.parse().ok()?).map(Written::Day);
    }
    // A date and nothing but a date, although long, is not read: the 11th byte must begin the time.
    if !matches!(text.as_bytes().get(10), Some(b'T' | b't' | b' ')) && !text.contains(['T', 't']) {
        return None;
    }
    let (time, shift) = split_offset(text)?;
    let (time, micros) = split_fraction(time)?;
    let of_day = time.get(time.find(['T', 't', ' '])?..)?;
    if !of_day.bytes().skip(1).all(|b| b.is_ascii_digit() || b == b':') {
        return None;
    }
    let local = local_of(time.parse().ok()?)? + micros;
    Some(match shift {
        Shift::None => Written::Local(local),
        Shift::Offset(offset) => Written::Instant(Instant((local - offset).clamp(FIRST.0, LAST.0))),
        Shift::Zone(zone) => Written::Instant(zone.at_local(local)),
    })
}

/// What stands behind a time of day.
enum Shift {
    None,
    /// Microseconds ahead of UTC.
    Offset(i64),
    Zone(Zone),
}

/// What stands behind a time of day, and the text before it.
fn split_offset(text: &str) -> Option<(&str, Shift)> {
    // An offset wins over the name of a zone behind it.
    let (text, zone) = match text.find('[') {
        Some(at) if text.ends_with(']') => (text.get(..at)?, text.get(at + 1..text.len() - 1)),
        _ => (text, None),
    };
    if let Some(time) = text.strip_suffix(['Z', 'z']).or_else(|| text.strip_suffix(" UTC")) {
        return Some((time, Shift::Offset(0)));
    }
    let time_at = text.find(['T', 't', ' '])?;
    let Some(at) = text.rfind(['+', '-']).filter(|&at| at > time_at) else {
        return match zone {
            None => Some((text, Shift::None)),
            Some(name) => Zone::named(name).map(|zone| (text, Shift::Zone(zone))),
        };
    };
    let (time, offset) = text.split_at(at);
    let (sign, offset) = offset.split_at(1);
    let (hours, minutes) = match offset.len() {
        2 => (offset, "00"),
        4 => offset.split_at_checked(2)?,
        _ => offset.split_once(':')?,
    };
    let digits = |text: &str, most: i64| {
        let is_right = text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit());
        text.parse().ok().filter(|&n: &i64| is_right && n <= most)
    };
    let minutes = digits(hours, 23)? * 60 + digits(minutes, 59)?;
    let offset = minutes * 60_000_000;
    Some((time.trim_end(), Shift::Offset(if sign == "-" { -offset } else { offset })))
}

/// The fraction of a second in microseconds, cut, and what stands before it.
fn split_fraction(time: &str) -> Option<(&str, i64)> {
    let Some((time, digits)) = time.split_once(['.', ',']) else { return Some((time, 0)) };
    let is_right = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    // Only seconds have one: behind them stand no fewer than six digits.
    let of_time = time.get(time.find(['T', 't', ' '])? + 1..)?;
    if !is_right || of_time.bytes().filter(u8::is_ascii_digit).count() != 6 {
        return None;
    }
    let micros: String = digits.chars().chain("000000".chars()).take(6).collect();
    Some((time, micros.parse().ok()?))
}

/// What clocks show, in microseconds from 1970-01-01T00:00:00.
fn local_of(time: civil::DateTime) -> Option<i64> {
    let seconds = (i64::from(time.hour()) * 60 + i64::from(time.minute())) * 60 + i64::from(time.second());
    Some(day_of(time.date())? * MICROS_PER_DAY + seconds * 1_000_000)
}

/// A day of the years 1 to 9999, counted from 1970-01-01.
fn day_of(date: civil::Date) -> Option<i64> {
    (date.year() > 0).then(|| days_of(date))
}

fn days_of(date: civil::Date) -> i64 {
    let epoch = civil::date(1970, 1, 1);
    i64::from(epoch.until(date).map_or(0, |s| s.get_days()))
}

fn civil_day(day: i64) -> Option<civil::Date> {
    civil::date(1970, 1, 1).checked_add(Span::new().try_days(day).ok()?).ok()
}

/// The instant of now. Only the command line calls this.
#[must_use]
pub fn now() -> Instant {
    Instant(Timestamp::now().as_microsecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> Date {
        read_iso(text).unwrap().in_zone(&Zone::UTC)
    }

    fn at(text: &str) -> Instant {
        read_iso(text).unwrap().in_zone(&Zone::UTC).first()
    }

    fn months(n: u64) -> Period {
        Period::of(n, "months").unwrap()
    }

    #[test]
    fn months_are_calendar_months() {
        assert_eq!(at("2025-03-31T12:00:00Z").plus(months(1), -1, &Zone::UTC), at("2025-02-28T12:00:00Z"));
        assert_eq!(at("2025-01-31").plus(months(1), 2, &Zone::UTC), at("2025-03-31"));
        assert_eq!(at("2025-01-31").full_periods_until(at("2025-02-28"), months(1), &Zone::UTC), 1);
        assert_eq!(at("2025-01-31").full_periods_until(at("2025-03-30T12:00:00Z"), months(1), &Zone::UTC), 1);
        assert_eq!(at("1600-01-31").full_periods_until(at("2025-03-30"), months(1), &Zone::UTC), 5101);
        assert_eq!(at("2024-02-29").plus(Period::of(1, "year").unwrap(), -1, &Zone::UTC), at("2023-02-28"));
        assert_eq!(
            at("2025-01-01").plus(Period::of(1_000_000_000, "years").unwrap(), -1, &Zone::UTC),
            Instant::EARLIEST
        );
    }

    #[test]
    fn days_of_months() {
        for (day, wanted) in
            [("2024-02-29", 29), ("2025-03-01", 1), ("1969-12-31", 31), ("2000-02-28", 28), ("1900-03-01", 1)]
        {
            assert_eq!(at(day).day_of_month(), wanted, "{day}");
        }
    }

    #[test]
    fn reading_dates() {
        assert_eq!(read_iso("2025-06-30"), Some(Written::Day(20_269)));
        assert_eq!(read_iso("2025-06-30 14:00:00"), Some(Written::Local(at("2025-06-30T14:00:00Z").0)));
        assert_eq!(read_iso("2025-06-30T14:00"), read_iso("2025-06-30T14:00:00"));
        assert_eq!(read_iso("2025-06-30 14:00:00.123 UTC"), read_iso("2025-06-30T14:00:00.123Z"));
        assert_eq!(read_iso("2025-06-30T23:30:00-02:00"), read_iso("2025-07-01T01:30:00Z"));
        for bad in [
            "2025-02-30",
            "07/04/2025",
            "soon",
            "",
            "2025",
            "2025-06",
            "1751241600000",
            "2025-06-30x",
            "0000-12-31",
            "10000-01-01",
            "2025-06-30T14:00:00Z!",
        ] {
            assert_eq!(read_iso(bad), None, "{bad}");
        }
    }

    #[test]
    fn offsets_and_fractions() {
        let same = |text: &str, as_utc: &str| assert_eq!(read_iso(text), Some(Written::Instant(at(as_utc))), "{text}");
        same("2025-06-30T14:00:00+23:59", "2025-06-29T14:01:00Z");
        same("2025-06-30T14:00:00-0230", "2025-06-30T16:30:00Z");
        same("2025-06-30 14:00 +02", "2025-06-30T12:00:00Z");
        same("2025-06-30T14:00:00+02:00[Europe/Paris]", "2025-06-30T12:00:00Z");
        same("2025-06-30T14:00:00.123456789012Z", "2025-06-30T14:00:00.123456Z");
        same(&format!("2025-06-30T14:00:00.{}Z", "9".repeat(100)), "2025-06-30T14:00:00.999999Z");
        same("1969-12-31T23:59:59.9999999Z", "1969-12-31T23:59:59.999999Z");
        same("2025-06-30T14:00:00,5Z", "2025-06-30T14:00:00.5Z");
        // A zone in brackets, where no offset stands.
        same("2025-06-30T14:00[Europe/Paris]", "2025-06-30T12:00:00Z");
        same("2025-06-30 14:00:00.5[america/new_york]", "2025-06-30T18:00:00.5Z");
        for bad in [
            "+24:00",
            "+12:60",
            "+2",
            "+2:00",
            "+02:00:30",
            "+02:00+02:00",
            "+",
            "[Europe/Nowhere]",
            "[]",
            ".Z",
            ".5x",
            "Zx",
            "+02:00Z",
        ] {
            assert_eq!(read_iso(&format!("2025-06-30T14:00:00{bad}")), None, "{bad}");
        }
        for bad in
            ["2025-06-30T14:00.5Z", "2025-06-30T24:00:00Z", "2025-06-30T14:60:00Z", "2025-06-30.5", "2025-06-30T.5"]
        {
            assert_eq!(read_iso(bad), None, "{bad}");
        }
    }

    #[test]
    fn the_first_and_the_last_of_all_days() {
        assert_eq!(read_iso("9999-12-31"), Some(Written::Day(DAYS.1)));
        assert_eq!(read_iso("0001-01-01"), Some(Written::Day(DAYS.0)));
        let shown = |text: &str| date(text).to_string();
        for text in [
            "9999-12-31",
            "9999-12-30",
            "9999-12-31T23:59:59Z",
            "9999-12-31T23:59:59.999999Z",
            "0001-01-01",
            "0001-01-01T00:00:00Z",
            "2999-12-31",
        ] {
            assert_eq!(shown(text), text);
        }
        // What an offset carries beyond is the last or the first moment.
        assert_eq!(shown("9999-12-31T23:30:00-02:00"), "9999-12-31T23:59:59.999999Z");
        assert_eq!(shown("0001-01-01T00:30:00+02:00"), "0001-01-01T00:00:00Z");
        assert_eq!(Zone::UTC.for_people(date("9999-12-31").last()), "9999-12-31");
        let last = date("9999-12-31").last();
        assert_eq!(last.plus(months(1), 1, &Zone::UTC), Instant::LATEST);
        assert_eq!(last.plus(months(1), -1, &Zone::UTC), at("9999-11-30T23:59:59.999999Z"));
        assert_eq!(at("2024-01-01").full_periods_until(last, months(1), &Zone::UTC), 95_711);
        assert_eq!(Zone::UTC.day_of(Instant::LATEST).to_string(), "9999-12-31");
        assert_eq!(Instant::EARLIEST.to_string(), "0001-01-01T00:00:00Z");
    }
}
