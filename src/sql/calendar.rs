//! Days, months, years and time zones in integers: engines need no function for them, and read nothing of their own.

use super::AsOf;
use super::expr::{Binary, Function, Kind, Sql};
use super::lower::{Lower, Lowered, Seen, refused};
use super::values::V;
use crate::source::Span;
use crate::time::{CalendarUnit, Instant, Period, Zone};

pub(super) const MICROS_PER_DAY: i64 = 86_400_000_000;
/// The first and the last moment of the years 1 to 9999.
const FIRST: i64 = -719_162 * MICROS_PER_DAY;
const LAST: i64 = 2_932_897 * MICROS_PER_DAY - 1;
/// The years for which changes of clocks are written out, after the last that no rule gives: they hold all kinds of years.
const FOLDED: (i16, i16) = (2038, 2065);
/// Windows of so many months reach years before the first.
const MOST_MONTHS: i64 = 12_000;
/// Days from 0000-03-01 to 1970-01-01: with them added no day of the years 1 to 9999 is below 0.
const BEFORE_1970: i64 = 719_468;

fn div(a: Sql, b: i64) -> Sql {
    Sql::binary(Binary::IntDivide, a, Sql::Whole(b))
}

fn rest(a: Sql, b: i64) -> Sql {
    Sql::binary(Binary::Modulo, a, Sql::Whole(b))
}

fn times(a: Sql, b: i64) -> Sql {
    Sql::binary(Binary::Times, a, Sql::Whole(b))
}

fn plus(items: impl IntoIterator<Item = Sql>) -> Sql {
    Sql::sum(Kind::Whole, items)
}

fn minus(a: Sql, b: Sql) -> Sql {
    Sql::binary(Binary::Minus, a, b)
}

/// The parts of a day.
#[derive(Debug, Clone)]
pub(super) struct Civil {
    pub year: Sql,
    pub month: Sql,
    pub day: Sql,
}

impl Lower<'_> {
    /// By how much clocks are ahead of UTC, in microseconds, at an instant; or where they show it, before a change where they show it twice
    /// or never. As `Zone::ahead_at` and `ahead_when`.
    fn ahead(&mut self, at: Sql, is_local: bool, seen: Seen) -> Sql {
        let (first, changes) = self.model.zone.changes(FOLDED.1);
        if changes.is_empty() {
            return Sql::Whole(first);
        }
        let at = self.keep(at, seen);
        // Later years are as the year there that begins on the same weekday, and is as long.
        let year = self.civil_of(at.clone(), seen).year;
        let before = self.keep(minus(year.clone(), Sql::Whole(1)), seen);
        let leaps = minus(div(before.clone(), 4), div(before.clone(), 100));
        let new_year = plus([times(before.clone(), 365), leaps, div(before, 400)]);
        let new_year = self.keep(new_year, seen);
        let is_leap = Sql::all([
            rest(year.clone(), 4).equals(Sql::Whole(0)),
            Sql::any([rest(year.clone(), 100).equals(Sql::Whole(0)).not(), rest(year, 400).equals(Sql::Whole(0))]),
        ]);
        let is_leap = self.keep(is_leap, seen);
        let weekday = self.keep(rest(new_year.clone(), 7), seen);
        let days_before = |year: i64| 365 * (year - 1) + (year - 1) / 4 - (year - 1) / 100 + (year - 1) / 400;
        let of = |leap: bool| {
            let like = |day: i64| {
                let years = i64::from(FOLDED.0)..=i64::from(FOLDED.1);
                let mut like = years.filter(|&y| days_before(y) % 7 == day && (days_in_month(y, 2) == 29) == leap);
                like.next().map_or(0, days_before)
            };
            let cases = (0..7).map(|day| (weekday.clone().equals(Sql::Whole(day)), Sql::Whole(like(day))));
            Sql::case(cases.collect::<Vec<_>>(), new_year.clone())
        };
        let days = minus(new_year.clone(), is_leap.when(of(true), of(false)));
        let days = self.keep(days, seen);
        let first_folded = Sql::Whole((days_before(i64::from(FOLDED.0)) - days_before(1970)) * MICROS_PER_DAY);
        let folded = minus(at.clone(), times(days, MICROS_PER_DAY));
        let folded = self.keep(at.clone().below(first_folded).when(at, folded), seen);
        let mut previous = first;
        let steps: Vec<(i64, i64)> = changes
            .into_iter()
            .map(|(Instant(change), next)| {
                let from = if is_local { change + previous.max(next) } else { change };
                previous = next;
                (from, next)
            })
            .collect();
        let ahead = ladder(&folded, first, &steps);
        self.keep(ahead, seen)
    }

    /// What clocks show at an instant: microseconds since 1970-01-01T00:00:00 there.
    pub fn local(&mut self, at: Sql, seen: Seen) -> Sql {
        if self.model.zone == Zone::UTC {
            return at;
        }
        let ahead = self.ahead(at.clone(), false, seen);
        self.keep(plus([at, ahead]), seen)
    }

    /// The instant at which clocks show this.
    pub fn at_local(&mut self, local: Sql, seen: Seen) -> Sql {
        if self.model.zone == Zone::UTC {
            return local;
        }
        let ahead = self.ahead(local.clone(), true, seen);
        let at = self.keep(minus(local, ahead), seen);
        let (first, last) = (Sql::Whole(FIRST), Sql::Whole(LAST));
        let held = Sql::case([(at.clone().below(first.clone()), first), (at.clone().above(last.clone()), last)], at);
        self.keep(held, seen)
    }

    /// The first and the last moment of a day, from what clocks show at its first.
    pub fn moments_of_day(&mut self, midnight: Sql, seen: Seen) -> (Sql, Sql) {
        let next = self.keep(plus([midnight.clone(), Sql::Whole(MICROS_PER_DAY)]), seen);
        let first = self.at_local(midnight, seen);
        if self.model.zone == Zone::UTC {
            return (first, self.keep(minus(next, Sql::Whole(1)), seen));
        }
        let ahead = self.ahead(next.clone(), true, seen);
        let last = self.keep(minus(minus(next, ahead), Sql::Whole(1)), seen);
        let last = last.clone().above(Sql::Whole(LAST)).when(Sql::Whole(LAST), last);
        (first, self.keep(last, seen))
    }

    /// The number of the day, from 0000-03-01, of microseconds since 1970.
    fn day_from_march(&mut self, at: Sql, seen: Seen) -> Sql {
        let shifted = plus([at, Sql::Whole(BEFORE_1970 * MICROS_PER_DAY)]);
        self.keep(div(shifted, MICROS_PER_DAY), seen)
    }

    /// The number of the day, from 1970-01-01.
    pub fn day_number(&mut self, at: Sql, seen: Seen) -> Sql {
        let local = self.local(at, seen);
        let day = self.day_from_march(local, seen);
        self.keep(minus(day, Sql::Whole(BEFORE_1970)), seen)
    }

    /// Microseconds since midnight.
    fn of_day(&mut self, at: Sql, seen: Seen) -> Sql {
        let shifted = plus([at, Sql::Whole(BEFORE_1970 * MICROS_PER_DAY)]);
        self.keep(rest(shifted, MICROS_PER_DAY), seen)
    }

    /// Year, month and day: years begin in March here, so that the leap day is the last of its year.
    pub fn civil(&mut self, at: Sql, seen: Seen) -> Civil {
        let local = self.local(at, seen);
        self.civil_of(local, seen)
    }

    /// The same of what clocks show.
    pub fn civil_of(&mut self, local: Sql, seen: Seen) -> Civil {
        let day = self.day_from_march(local, seen);
        let of_era = self.keep(rest(day.clone(), 146_097), seen);
        let leaps = plus([
            minus(of_era.clone(), div(of_era.clone(), 1460)),
            minus(div(of_era.clone(), 36_524), div(of_era.clone(), 146_096)),
        ]);
        let year = self.keep(div(leaps, 365), seen);
        let before = minus(plus([times(year.clone(), 365), div(year.clone(), 4)]), div(year.clone(), 100));
        let of_year = self.keep(minus(of_era, before), seen);
        let from_march = self.keep(div(plus([times(of_year.clone(), 5), Sql::Whole(2)]), 153), seen);
        let before = div(plus([times(from_march.clone(), 153), Sql::Whole(2)]), 5);
        let day_of_month = self.keep(plus([minus(of_year, before), Sql::Whole(1)]), seen);
        let is_late = from_march.clone().at_least(Sql::Whole(10));
        let month = is_late.when(minus(from_march.clone(), Sql::Whole(9)), plus([from_march, Sql::Whole(3)]));
        let month = self.keep(month, seen);
        let year = plus([year, times(div(day, 146_097), 400)]);
        let is_early = month.clone().at_most(Sql::Whole(2));
        let year = self.keep(plus([year, is_early.when(Sql::Whole(1), Sql::Whole(0))]), seen);
        Civil { year, month, day: day_of_month }
    }

    /// Months since the year 0.
    fn months(&mut self, civil: &Civil, seen: Seen) -> Sql {
        let months = plus([times(civil.year.clone(), 12), civil.month.clone(), Sql::Whole(-1)]);
        self.keep(months, seen)
    }

    /// The number of the calendar's period, as `Instant::calendar_period` but for where they are counted from.
    pub fn calendar_period(&mut self, at: Sql, unit: CalendarUnit, seen: Seen) -> Sql {
        let local = self.local(at, seen);
        match unit {
            CalendarUnit::Day => self.day_from_march(local, seen),
            CalendarUnit::Week => {
                // 0000-03-01 was a Wednesday.
                let day = self.day_from_march(local, seen);
                self.keep(div(plus([day, Sql::Whole(2)]), 7), seen)
            }
            CalendarUnit::Month | CalendarUnit::Quarter | CalendarUnit::Year => {
                let civil = self.civil_of(local, seen);
                let months = self.months(&civil, seen);
                let length = match unit {
                    CalendarUnit::Quarter => 3,
                    CalendarUnit::Year => 12,
                    _ => 1,
                };
                self.keep(div(months, length), seen)
            }
        }
    }

    /// How many full periods lie between an instant, not behind as-of, and as-of.
    pub fn full_periods(&mut self, at: Sql, period: Period, seen: Seen) -> Sql {
        self.periods_between(at, self.as_of(), period, seen)
    }

    /// How many full periods lie between two instants, of which the first is not behind the second.
    pub fn periods_between(&mut self, at: Sql, end: Sql, period: Period, seen: Seen) -> Sql {
        if period.months == 0 {
            return self.keep(div(minus(end, at), period.micros().max(1)), seen);
        }
        let (local, local_end) = (self.local(at, seen), self.local(end.clone(), seen));
        let (local, local_end) = (self.keep(local, seen), self.keep(local_end, seen));
        let (civil, civil_end) = (self.civil_of(local.clone(), seen), self.civil_of(local_end.clone(), seen));
        let time = self.of_day(local, seen);
        let months = self.months(&civil, seen);
        let months_end = self.months(&civil_end, seen);
        let between = self.keep(minus(months_end, months), seen);
        let k = self.keep(div(between.clone(), period.months), seen);
        // In the month of the end the day, cut to the month's last, and the time of day decide.
        let last = self.days_of(&civil_end, seen);
        let cut = self.keep(civil.day.lesser(last), seen);
        let first_of_month = minus(self.day_from_march(local_end, seen), civil_end.day);
        let day = plus([first_of_month, cut, Sql::Whole(-BEFORE_1970)]);
        let reached = self.keep(plus([times(day, MICROS_PER_DAY), time]), seen);
        let reached = self.at_local(reached, seen);
        let is_same = times(k.clone(), period.months).equals(between);
        let is_short = Sql::all([is_same, k.clone().above(Sql::Whole(0)), reached.above(end)]);
        self.keep(is_short.when(minus(k.clone(), Sql::Whole(1)), k), seen)
    }

    /// An instant so many months on, the day cut to the month's last.
    pub fn plus_months(&mut self, at: Sql, more: i64, seen: Seen) -> Sql {
        let local = self.local(at, seen);
        let local = self.keep(local, seen);
        let civil = self.civil_of(local.clone(), seen);
        let time = self.of_day(local, seen);
        let months = self.months(&civil, seen);
        let months = self.keep(plus([months, Sql::Whole(more)]), seen);
        let year = self.keep(div(months.clone(), 12), seen);
        let month = self.keep(plus([rest(months, 12), Sql::Whole(1)]), seen);
        let there = Civil { year: year.clone(), month: month.clone(), day: Sql::Whole(1) };
        let last = self.days_of(&there, seen);
        let cut = self.keep(civil.day.lesser(last), seen);
        // Days of the years before, and of the months before in a year whose February stands last.
        let is_early = month.clone().at_most(Sql::Whole(2));
        let of_year = self.keep(minus(year, is_early.clone().when(Sql::Whole(1), Sql::Whole(0))), seen);
        let from_march = plus([month, is_early.when(Sql::Whole(9), Sql::Whole(-3))]);
        let from_march = self.keep(from_march, seen);
        let years = plus([
            times(of_year.clone(), 365),
            minus(div(of_year.clone(), 4), div(of_year.clone(), 100)),
            div(of_year, 400),
        ]);
        let months = div(plus([times(from_march, 153), Sql::Whole(2)]), 5);
        let day = plus([years, months, cut, Sql::Whole(-1 - BEFORE_1970)]);
        let reached = self.keep(plus([times(day, MICROS_PER_DAY), time]), seen);
        self.at_local(reached, seen)
    }

    /// An instant a period on.
    pub fn later(&mut self, at: Sql, period: Period, seen: Seen) -> Sql {
        match period.months {
            0 => plus([at, Sql::Whole(period.micros())]),
            months => self.plus_months(at, months, seen),
        }
    }

    /// The as-of, so many periods later (or earlier, where negative), as `Instant::plus_days`.
    pub fn as_of_plus(&mut self, period: Period, count: i64, seen: Seen, span: Span) -> Lowered<Sql> {
        if let AsOf::At(at) = self.as_of {
            return Ok(Sql::Whole(at.plus_days(period, count, &self.model.zone).0));
        }
        let Period { months, days, exact } = period;
        if months >= MOST_MONTHS || days >= MOST_MONTHS * 30 {
            return refused(span, "a window of more than a thousand years, of the day on which the query runs");
        }
        let exact = Sql::Whole(exact * count);
        let on = if months != 0 { self.plus_months(self.as_of(), months * count, seen) } else { self.as_of() };
        let days = Sql::Whole(days * count * MICROS_PER_DAY);
        if period.days == 0 || self.model.zone == Zone::UTC {
            return Ok(plus([on, days, exact]));
        }
        let local = self.local(on, seen);
        let local = self.keep(plus([local, days]), seen);
        Ok(plus([self.at_local(local, seen), exact]))
    }

    /// The day of the as-of.
    pub fn today(&mut self, seen: Seen) -> V {
        let local = self.local(self.as_of(), seen);
        let local = self.keep(local, seen);
        let time = self.of_day(local.clone(), seen);
        let midnight = self.keep(minus(local, time), seen);
        let (first, last) = self.moments_of_day(midnight, seen);
        V::Date { first, last, is_day: Sql::Flag(true) }
    }

    /// How many days the month has.
    fn days_of(&mut self, civil: &Civil, seen: Seen) -> Sql {
        let Civil { year, month, .. } = civil;
        let none = |n: i64| rest(year.clone(), n).equals(Sql::Whole(0));
        let is_leap = Sql::all([none(4), Sql::any([none(100).not(), none(400)])]);
        let is_short = Sql::In(Box::new(month.clone()), [4, 6, 9, 11].map(Sql::Whole).to_vec());
        let february = is_leap.when(Sql::Whole(29), Sql::Whole(28));
        let days =
            Sql::case([(month.clone().equals(Sql::Whole(2)), february), (is_short, Sql::Whole(30))], Sql::Whole(31));
        self.keep(days, seen)
    }

    /// Whole days up to as-of, rounded down; of a whole day calendar days. A double.
    pub fn days_since(&mut self, first: Sql, is_day: Sql, seen: Seen) -> Sql {
        // Shifted, so that what is divided is not below 0.
        let shift = 4_000_000;
        let gap = plus([minus(self.as_of(), first.clone()), Sql::Whole(shift * MICROS_PER_DAY)]);
        let of_instant = minus(div(gap, MICROS_PER_DAY), Sql::Whole(shift));
        let today = match self.as_of {
            AsOf::At(at) => Sql::Whole(self.model.zone.day_number(at)),
            AsOf::Now | AsOf::Filled => self.day_number(self.as_of(), seen),
        };
        let day = self.day_number(first, seen);
        let days = is_day.when(minus(today, day), of_instant);
        let days = self.keep(days, seen);
        Sql::call(Function::ToNumber, [days])
    }

    /// `weekday`, `hour`, `month`, `year` of a date.
    pub fn of_calendar(&mut self, function: &str, first: Sql, is_day: Sql, seen: Seen) -> V {
        let number = |sql: Sql| V::Number(Sql::call(Function::ToNumber, [sql]));
        match function {
            "hour" => {
                let local = self.local(first, seen);
                let of_day = self.of_day(local, seen);
                let hour = self.keep(div(of_day, 3_600_000_000), seen);
                V::Number(is_day.when(Sql::Null(Kind::Number), Sql::call(Function::ToNumber, [hour])))
            }
            "month" => number(self.civil(first, seen).month),
            "year" => number(self.civil(first, seen).year),
            _ => {
                // 0000-03-01 was a Wednesday.
                let local = self.local(first, seen);
                let day = self.day_from_march(local, seen);
                let of_week = self.keep(rest(day, 7), seen);
                let names = ["Wednesday", "Thursday", "Friday", "Saturday", "Sunday", "Monday", "Tuesday"];
                let name = |fold: bool| {
                    let cases = names.iter().enumerate().map(|(i, name)| {
                        let name = if fold { name.to_lowercase() } else { (*name).to_owned() };
                        (of_week.clone().equals(Sql::Whole(i as i64)), Sql::text(name))
                    });
                    Sql::case(cases.collect::<Vec<_>>(), Sql::Null(Kind::Text))
                };
                V::Text { folded: self.keep(name(true), seen), written: self.keep(name(false), seen) }
            }
        }
    }
}

/// What stands from the last step on that is reached, by halves: depth is what engines bound.
fn ladder(at: &Sql, first: i64, steps: &[(i64, i64)]) -> Sql {
    let (before, behind) = steps.split_at(steps.len() / 2);
    match (before, behind) {
        (_, []) => Sql::Whole(first),
        ([], [(from, ahead), ..]) => at.clone().below(Sql::Whole(*from)).when(Sql::Whole(first), Sql::Whole(*ahead)),
        (_, [(from, ahead), rest @ ..]) => {
            at.clone().below(Sql::Whole(*from)).when(ladder(at, first, before), ladder(at, *ahead, rest))
        }
    }
}

fn days_in_month(year: i64, month: i64) -> i64 {
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 => 28 + i64::from(is_leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}
