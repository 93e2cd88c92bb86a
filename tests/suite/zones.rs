//! Time zones and calendar periods, held against the calendar library and against plain counts.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use jiff::{Span, ToSpan, ZonedDateTime, civil};
use merit::eval::Interpreter;
use merit::time::{Date, Instant, Period, Zone, read_iso};

use super::generate::Rng;
use super::support;

const ZONES: [&str; 6] =
    ["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Apia", "Australia/Lord_Howe", "America/Sao_Paulo"];

/// Days on which clocks change in one of them, and the days beside them.
const DAYS: [&str; 12] = [
    "2025-03-29",
    "2025-03-30",
    "2025-10-26",
    "2025-03-09",
    "2025-11-02",
    "2011-12-29",
    "2011-12-31",
    "2025-04-06",
    "2025-10-05",
    "2018-11-04",
    "2018-02-18",
    "2024-02-29",
];

fn instant(at: &ZonedDateTime) -> Instant {
    Instant(at.timestamp().as_microsecond())
}

#[test]
fn dates_are_those_of_the_calendar_library() {
    let mut rng = Rng::named(1, "zones");
    for _ in 0..20_000 {
        let name = rng.pick(&ZONES);
        let (ours, theirs) = (Zone::named(name).expect("a zone"), TimeZone::get(name).expect("a zone"));
        let day: civil::Date = rng.pick(&DAYS).parse().expect("a day");
        let time = civil::time(rng.between(0, 23) as i8, rng.between(0, 59) as i8, rng.between(0, 59) as i8, 0);
        let local = day.to_datetime(time);
        // A time without an offset, also one that clocks leave out or show twice.
        let read = read_iso(&local.to_string()).expect("a time").in_zone(&ours);
        let wanted = theirs.to_ambiguous_zoned_datetime(local).compatible().expect("a time");
        assert_eq!(read, Date::Instant(instant(&wanted)), "{local} in {name}");
        // The day, its ends, and what clocks show.
        let whole = Date::Day(ours.day_of(instant(&wanted)));
        let begins = wanted.date().to_zoned_datetime(theirs.clone()).expect("a day");
        let ends = wanted.date().tomorrow().and_then(|day| day.to_zoned_datetime(theirs.clone())).expect("a day");
        assert_eq!(whole.first(), instant(&begins), "{} in {name}", wanted.date());
        assert_eq!(whole.last().0 + 1, instant(&ends).0, "{} in {name}", wanted.date());
        assert_eq!(whole.to_string(), wanted.date().to_string());
        assert_eq!(read.hour(&ours), Some(i32::from(wanted.hour())), "{wanted}");
        assert_eq!(read.weekday(&ours), format!("{:?}", wanted.weekday()), "{wanted}");
        // Months and days, there and back, as the calendar has them; days between records are 24 hours.
        let n = rng.between(0, 60) as i64 - 30;
        let moved = |span: Span| wanted.checked_add(span).map(|at| instant(&at)).expect("an instant");
        let at = instant(&wanted);
        let month = Period::of(1, "month").expect("a period");
        assert_eq!(at.plus(month, n, &ours), moved(n.months()), "{wanted} and {n} months");
        assert_eq!(at.plus_days(Period::DAY, n, &ours), moved(n.days()), "{wanted} and {n} days");
        assert_eq!(at.plus(Period::DAY, n, &ours), moved((24 * n).hours()), "{wanted} and {n} times 24 hours");
        let end = at.plus(month, n.abs(), &ours);
        assert_eq!(at.full_periods_until(end, month, &ours), n.abs(), "{n} months from {wanted}");
        if n != 0 {
            assert_eq!(
                at.full_periods_until(Instant(end.0 - 1), month, &ours),
                n.abs() - 1,
                "{n} months from {wanted}"
            );
        }
    }
}

#[test]
fn calendar_rates_are_plain_counts() {
    let mut rng = Rng::named(2, "rates");
    let units = ["day", "week", "month", "quarter", "year"];
    for _ in 0..300 {
        let (name, word, most) = (rng.pick(&ZONES), rng.pick(&units), rng.between(1, 3));
        let zone = TimeZone::get(name).expect("a zone");
        let model = support::model(&format!(
            "model \"m\" {{ time zone \"{name}\" }}\nadd 1 per clicked() at most {most} times a {word}\n"
        ));
        let mut activity = Vec::new();
        let mut counted: BTreeMap<String, usize> = BTreeMap::new();
        for _ in 0..rng.below(30) {
            let begin =
                rng.pick(&DAYS).parse::<civil::Date>().expect("a day").to_zoned_datetime(zone.clone()).expect("a day");
            let at = begin.checked_add((rng.between(0, 60 * 24 * 20) as i64).minutes()).expect("an instant");
            let key = match word {
                "day" => at.date().to_string(),
                "week" => {
                    let since_monday = i64::from(at.weekday().to_monday_zero_offset());
                    at.date().checked_sub(since_monday.days()).expect("a Monday").to_string()
                }
                "month" => format!("{}-{}", at.year(), at.month()),
                "quarter" => format!("{}-{}", at.year(), (at.month() - 1) / 3),
                _ => at.year().to_string(),
            };
            *counted.entry(key).or_default() += 1;
            activity.push(serde_json::json!({ "type": "clicked", "at": at.timestamp().to_string() }));
        }
        let wanted: usize = counted.values().map(|&n| n.min(most)).sum();
        let (lead, _) = support::lead(&model, &serde_json::json!({}), &activity);
        let score = Interpreter::new(&model, support::as_of("2030-01-01")).evaluate(&lead).score;
        assert_eq!(score, Some(wanted as i128 * 10_000), "{most} a {word} in {name}: {activity:?}");
    }
}

#[test]
fn names_of_zones() {
    assert_eq!(Zone::named("europe/berlin").expect("a zone").name(), "Europe/Berlin");
    assert_eq!(Zone::named("UTC"), Some(Zone::UTC));
    for none in ["Berlin", "", "CEST+2", "Etc/Unknown", "../../etc/localtime"] {
        assert_eq!(Zone::named(none), None, "{none}");
    }
    assert!(Zone::names().len() > 400);
    assert!(Zone::data_version().starts_with("20"));
}
