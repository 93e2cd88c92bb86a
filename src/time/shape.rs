//! Shapes of dates that a field declares: `MM/DD/YYYY hh:mm AM`, `YYYYMMDD`, `milliseconds`.
//!
//! Owns what the letters of a shape mean, and reading cells by them.

use jiff::civil;

use super::{Instant, Written, Zone, day_of, local_of};
use crate::text::{is_space, trim};

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// A shape of dates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DateShape {
    /// As it is declared.
    written: String,
    kind: Kind,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    /// A number of so many microseconds each, since 1970-01-01T00:00:00Z.
    Epoch(i64),
    Parts(Vec<Part>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// A number, with how many digits at least and at most.
    Digits(Unit, usize, usize),
    /// The name of a month: its first three letters, or all of it.
    Month { is_short: bool },
    /// `AM`, `pm`
    Half,
    /// White space of any kind and length.
    Blank,
    /// Itself, in any case.
    Sign(char),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    Year,
    /// Of a hundred years, from 1969 on.
    ShortYear,
    Month,
    Day,
    Hour,
    /// From 1 to 12.
    HalfHour,
    Minute,
    Second,
}

/// Why a text is no shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoShape {
    /// A letter that means nothing there.
    Letters,
    /// Year, month and day are not there once each.
    NoDay,
    /// Hours from 1 to 12 without `AM`, or `AM` without them.
    Half,
    /// Minutes without hours, or seconds without minutes; or one of them twice.
    Time,
}

impl DateShape {
    /// Reads a shape made of `YYYY YY MM M MMM MMMM DD D HH H hh h mm ss AM`; text between `'…'` and everything else stands for
    /// itself. An `MM` behind an hour is minutes. Or one of the words `seconds`, `milliseconds`, `microseconds`.
    ///
    /// # Errors
    /// Why it is none.
    pub fn parse(shape: &str) -> Result<DateShape, NoShape> {
        let shape = trim(shape);
        let epoch = match &*shape.to_ascii_lowercase() {
            "seconds" => Some(1_000_000),
            "milliseconds" => Some(1000),
            "microseconds" => Some(1),
            _ => None,
        };
        if let Some(micros) = epoch {
            return Ok(DateShape { written: shape.to_owned(), kind: Kind::Epoch(micros) });
        }
        let mut parts = pieces(shape)?;
        close_up(&mut parts);
        let count = |wanted: &[Unit]| {
            parts.iter().filter(|part| matches!(part, Part::Digits(unit, ..) if wanted.contains(unit))).count()
        };
        let names = parts.iter().filter(|part| matches!(part, Part::Month { .. })).count();
        if [count(&[Unit::Year, Unit::ShortYear]), count(&[Unit::Month]) + names, count(&[Unit::Day])] != [1, 1, 1] {
            return Err(NoShape::NoDay);
        }
        let halves = parts.iter().filter(|part| **part == Part::Half).count();
        let (hours, half_hours) = (count(&[Unit::Hour]), count(&[Unit::HalfHour]));
        if halves != half_hours {
            return Err(NoShape::Half);
        }
        let (minutes, seconds) = (count(&[Unit::Minute]), count(&[Unit::Second]));
        if hours + half_hours > 1 || minutes > hours + half_hours || seconds > minutes {
            return Err(NoShape::Time);
        }
        Ok(DateShape { written: shape.to_owned(), kind: Kind::Parts(parts) })
    }

    /// As it is declared.
    #[must_use]
    pub fn written(&self) -> &str {
        &self.written
    }

    /// Reads a cell of this shape; its digits alone where it is a JSON number.
    #[must_use]
    pub fn read(&self, cell: &str) -> Option<Written> {
        match &self.kind {
            Kind::Epoch(micros) => epoch(trim(cell), *micros).map(Written::Instant),
            Kind::Parts(parts) => read(parts, trim(cell)),
        }
    }
}

/// The days and times of day that exports have; what goes before month or day in numbers alone, both ways.
const DAY_SHAPES: [&str; 17] = [
    "MM/DD/YYYY",
    "DD/MM/YYYY",
    "DD.MM.YYYY",
    "DD-MM-YYYY",
    "MM-DD-YYYY",
    "YYYY/MM/DD",
    "YYYY.MM.DD",
    "YYYYMMDD",
    "MMM D, YYYY",
    "MMMM D, YYYY",
    "D MMM YYYY",
    "D MMMM YYYY",
    "D-MMM-YYYY",
    "MM/DD/YY",
    "DD/MM/YY",
    "DD.MM.YY",
    "YYYY-MM-DD",
];
const TIME_SHAPES: [&str; 9] =
    ["", " hh:mm AM", " HH:mm", " HH:mm:ss", " hh:mm:ss AM", ", hh:mm AM", ", HH:mm", "THH:mm:ss", " 'at' hh:mm AM"];

/// The usual shapes that read a cell, the commonest first; of numbers since 1970 those that lie in the years 1990 to 2099.
#[must_use]
pub fn shapes_of(cell: &str) -> Vec<String> {
    let reads = |written: &String| DateShape::parse(written).is_ok_and(|shape| shape.read(cell).is_some());
    let mut found: Vec<String> = DAY_SHAPES
        .iter()
        .flat_map(|day| TIME_SHAPES.iter().map(move |time| format!("{day}{time}")))
        .filter(reads)
        .collect();
    if found.is_empty() {
        let is_now = |written: &&str| {
            let date = DateShape::parse(written).ok().and_then(|shape| shape.read(cell));
            date.is_some_and(|date| (1990..2100).contains(&date.in_zone(&Zone::UTC).year(&Zone::UTC)))
        };
        found.extend(["seconds", "milliseconds", "microseconds"].iter().filter(|w| is_now(w)).map(|w| (*w).to_owned()));
    }
    found
}

/// The parts of a shape, numbers with the digits that they have where they stand apart.
fn pieces(shape: &str) -> Result<Vec<Part>, NoShape> {
    let mut parts: Vec<Part> = Vec::new();
    let has_half = {
        let lower = shape.to_ascii_lowercase();
        lower.contains("am") || lower.contains("pm")
    };
    let mut rest = shape;
    while let Some(c) = rest.chars().next() {
        let run = rest.chars().take_while(|x| x.eq_ignore_ascii_case(&c)).count();
        let is_digit = |unit, least| Part::Digits(unit, least, 2);
        let is_month = |p: &Part| matches!(p, Part::Digits(Unit::Month, ..) | Part::Month { .. });
        let last = parts.iter().rev().find_map(|p| if let Part::Digits(unit, ..) = p { Some(*unit) } else { None });
        let is_behind_hour = matches!(last, Some(Unit::Hour | Unit::HalfHour));
        let (part, length) = match (c.to_ascii_uppercase(), run) {
            ('\'', _) => {
                let (text, behind) = rest.get(1..).and_then(|r| r.split_once('\'')).ok_or(NoShape::Letters)?;
                // `''` is the sign itself.
                let signs = if text.is_empty() { "'" } else { text };
                parts.extend(signs.chars().map(|c| if is_space(c) { Part::Blank } else { Part::Sign(c) }));
                rest = behind;
                continue;
            }
            ('Y', 4) => (Part::Digits(Unit::Year, 4, 4), 4),
            ('Y', 2) => (Part::Digits(Unit::ShortYear, 2, 2), 2),
            ('M', 3) if c == 'M' => (Part::Month { is_short: true }, 3),
            ('M', 4) if c == 'M' => (Part::Month { is_short: false }, 4),
            // People write minutes large and months small, too.
            ('M', 1 | 2) if is_behind_hour || (c == 'm' && parts.iter().any(is_month)) => {
                (Part::Digits(Unit::Minute, 2, 2), run)
            }
            ('M', 1 | 2) => (is_digit(Unit::Month, run), run),
            ('D', 1 | 2) => (is_digit(Unit::Day, run), run),
            ('H', 1 | 2) if c == 'h' && !has_half => return Err(NoShape::Half),
            ('H', 1 | 2) => (is_digit(if c == 'h' { Unit::HalfHour } else { Unit::Hour }, run), run),
            ('S', 2) => (Part::Digits(Unit::Second, 2, 2), 2),
            ('A' | 'P', 1) if rest.chars().nth(1).is_some_and(|x| x.eq_ignore_ascii_case(&'m')) => (Part::Half, 2),
            ('Y' | 'M' | 'D' | 'H' | 'S', _) => return Err(NoShape::Letters),
            _ if is_space(c) => (Part::Blank, 1),
            _ => (Part::Sign(c), 1),
        };
        parts.push(part);
        let end = rest.char_indices().nth(length).map_or(rest.len(), |(at, _)| at);
        rest = rest.get(end..).unwrap_or("");
    }
    Ok(parts)
}

/// Digits that touch others have exactly as many as the shape; elsewhere one or two are read alike.
fn close_up(parts: &mut [Part]) {
    let is_number: Vec<bool> = parts.iter().map(|part| matches!(part, Part::Digits(..))).collect();
    let touches = |i: usize| {
        let before = i.checked_sub(1).and_then(|i| is_number.get(i));
        [before, is_number.get(i + 1)].into_iter().flatten().any(|&n| n)
    };
    for (i, part) in parts.iter_mut().enumerate() {
        if let Part::Digits(Unit::Month | Unit::Day | Unit::Hour | Unit::HalfHour, least, most) = part {
            (*least, *most) = if touches(i) { (*least, *least) } else { (1, 2) };
        }
    }
}

fn read(parts: &[Part], cell: &str) -> Option<Written> {
    let (mut year, mut month, mut day) = (0i16, 0i8, 0i8);
    let (mut hour, mut minute, mut second, mut half) = (None::<i8>, 0i8, 0i8, None);
    let mut rest = cell;
    for part in parts {
        match *part {
            Part::Digits(unit, least, most) => {
                let digits = rest.bytes().take(most).take_while(u8::is_ascii_digit).count();
                if digits < least {
                    return None;
                }
                let (number, behind) = rest.split_at_checked(digits)?;
                let n: i16 = number.parse().ok()?;
                let small = i8::try_from(n).ok();
                match unit {
                    Unit::Year => year = n,
                    Unit::ShortYear => year = if n < 69 { 2000 + n } else { 1900 + n },
                    Unit::Month => month = small?,
                    Unit::Day => day = small?,
                    Unit::Hour => hour = Some(small?),
                    Unit::HalfHour => hour = Some(small.filter(|h| (1..=12).contains(h))? % 12),
                    Unit::Minute => minute = small?,
                    Unit::Second => second = small?,
                }
                rest = behind;
            }
            Part::Month { is_short } => {
                let (i, name) = MONTHS
                    .iter()
                    .map(|name| if is_short { name.get(..3).unwrap_or(name) } else { *name })
                    .enumerate()
                    .find(|(_, name)| rest.get(..name.len()).is_some_and(|r| r.eq_ignore_ascii_case(name)))?;
                month = i8::try_from(i + 1).ok()?;
                rest = rest.get(name.len()..)?;
            }
            Part::Half => {
                let (word, behind) = rest.split_at_checked(2)?;
                half = Some(match &*word.to_ascii_lowercase() {
                    "am" => 0,
                    "pm" => 12,
                    _ => return None,
                });
                rest = behind;
            }
            Part::Blank => {
                let behind = rest.trim_start_matches(is_space);
                // The blank before it may have taken this one too.
                if behind.len() == rest.len()
                    && cell.get(..cell.len() - rest.len()).is_none_or(|b| !b.ends_with(is_space))
                {
                    return None;
                }
                rest = behind;
            }
            Part::Sign(sign) => {
                let c = rest.chars().next().filter(|c| c.to_lowercase().eq(sign.to_lowercase()))?;
                rest = rest.get(c.len_utf8()..)?;
            }
        }
    }
    if !rest.is_empty() || year == 0 {
        return None;
    }
    let date = civil::Date::new(year, month, day).ok()?;
    match hour {
        None => day_of(date).map(Written::Day),
        Some(hour) => {
            let time = civil::Time::new(hour + half.unwrap_or(0), minute, second, 0).ok()?;
            local_of(date.to_datetime(time)).map(Written::Local)
        }
    }
}

/// A number of units since 1970, perhaps with decimals, which are cut to microseconds.
fn epoch(cell: &str, micros: i64) -> Option<Instant> {
    let (sign, digits) = cell.strip_prefix('-').map_or((1, cell), |rest| (-1, rest));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let is_number = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || !is_number(whole) || !is_number(fraction) || digits.ends_with('.') {
        return None;
    }
    // As many places as the unit has microseconds.
    let places = micros.ilog10() as usize;
    let fraction: String = fraction.chars().chain("000000".chars()).take(places).collect();
    let micros: i128 = format!("{whole}{fraction}").parse().ok()?;
    let at = Instant(i64::try_from(micros * sign).ok()?);
    (super::FIRST..=super::LAST).contains(&at).then_some(at)
}

#[cfg(test)]
mod tests {
    use super::super::read_iso;
    use super::*;

    fn read(shape: &str, cell: &str) -> Option<Written> {
        DateShape::parse(shape).unwrap().read(cell)
    }

    #[test]
    fn days() {
        let us = "MM/DD/YYYY";
        for cell in ["07/04/2025", "7/4/2025", "7/04/2025"] {
            assert_eq!(read(us, cell), read_iso("2025-07-04"), "{cell}");
        }
        for cell in ["13/04/2025", "07/04/25", "07/04/+2025", "07/04/02025", "07/04/2025 ", "/04/2025", "07-04-2025"] {
            assert_eq!(read(us, cell), if cell.ends_with(' ') { read_iso("2025-07-04") } else { None }, "{cell}");
        }
        assert_eq!(read(us, "12/31/9999"), read_iso("9999-12-31"));
        assert_eq!(read("MM/DD/YY", "7/4/25"), read_iso("2025-07-04"));
        assert_eq!(read("D.M.YY", "4.7.69"), read_iso("1969-07-04"));
        assert_eq!(read("D.M.YY", "4.7.68"), read_iso("2068-07-04"));
        assert_eq!(read("MMM D, YYYY", "jul 4, 2025"), read_iso("2025-07-04"));
        assert_eq!(read("MMMM D, YYYY", "July  4, 2025"), read_iso("2025-07-04"));
        assert_eq!(read("D MMM YYYY", "4 sept 2025"), None);
        assert_eq!(read("YYYYMMDD", "20251101"), read_iso("2025-11-01"));
        assert_eq!(read("YYYYMMDD", "2025111"), None);
        assert_eq!(read("dd.mm.yyyy", "04.07.2025"), read_iso("2025-07-04"));
    }

    #[test]
    fn times() {
        let german = "DD.MM.YYYY HH:mm";
        assert_eq!(read(german, "04.07.2025 13:30"), read_iso("2025-07-04T13:30:00"));
        assert_eq!(read("DD.MM.YYYY HH:MM", "04.07.2025\u{a0} 9:30"), read_iso("2025-07-04T09:30:00"));
        assert_eq!(read(german, "31.12.9999 23:59"), read_iso("9999-12-31T23:59:00"));
        assert_eq!(read(german, "04.07.2025 24:00"), None);
        let us = "M/D/YYYY h:mm AM";
        assert_eq!(read(us, "7/4/2025 1:30 PM"), read_iso("2025-07-04T13:30:00"));
        assert_eq!(read(us, "7/4/2025 12:05 am"), read_iso("2025-07-04T00:05:00"));
        assert_eq!(read(us, "7/4/2025 12:05 PM"), read_iso("2025-07-04T12:05:00"));
        assert_eq!(read(us, "7/4/2025 13:05 PM"), None);
        assert_eq!(read("YYYY-MM-DD 'at' HH:mm", "2025-01-02 at 9:05"), read_iso("2025-01-02T09:05:00"));
        assert_eq!(read("MM/DD/YYYY hh:mm AM 'GMT'", "07/04/2025 01:30 PM gmt"), read_iso("2025-07-04T13:30:00"));
        assert_eq!(read("HH:MM DD.MM.YYYY", "13:30 04.07.2025"), read_iso("2025-07-04T13:30:00"));
        assert_eq!(read("YYYYMMDDTHHmmss", "20250704T013005"), read_iso("2025-07-04T01:30:05"));
    }

    #[test]
    fn numbers_since_1970() {
        let at = read_iso("2017-04-26T23:40:00Z");
        assert_eq!(read("seconds", "1493250000"), at);
        assert_eq!(read("milliseconds", "1493250000000"), at);
        assert_eq!(read("microseconds", "1493250000000000.9"), at);
        assert_eq!(read("seconds", "1493250000.0000009"), at);
        assert_eq!(read("seconds", "-1.5"), read_iso("1969-12-31T23:59:58.5Z"));
        for cell in ["1493250000000", "soon", "", "1.", ".5", "1e9"] {
            assert_eq!(read("seconds", cell), None, "{cell}");
        }
    }

    #[test]
    fn shapes_that_read_a_cell() {
        assert_eq!(shapes_of("06/12/2025 2:30 PM"), ["MM/DD/YYYY hh:mm AM", "DD/MM/YYYY hh:mm AM"]);
        assert_eq!(shapes_of("06/13/2025 14:30"), ["MM/DD/YYYY HH:mm"]);
        assert_eq!(shapes_of("30.06.2025"), ["DD.MM.YYYY"]);
        assert_eq!(shapes_of("Jun 3, 2025"), ["MMM D, YYYY"]);
        assert_eq!(shapes_of("20250630"), ["YYYYMMDD"]);
        assert_eq!(shapes_of("1750000000000"), ["milliseconds"]);
        assert_eq!(shapes_of("soon"), [""; 0]);
        assert_eq!(shapes_of("7"), [""; 0]);
    }

    #[test]
    fn what_is_no_shape() {
        let why = |shape| DateShape::parse(shape).unwrap_err();
        for shape in ["hello", "MM/DD", "DD.MM.YYYY YYYY", "", "MMM MM DD YYYY"] {
            assert!(matches!(why(shape), NoShape::NoDay | NoShape::Half), "{shape}");
        }
        assert_eq!(why("MM/DD/YYYY hh:mm"), NoShape::Half);
        assert_eq!(why("MM/DD/YYYY HH:mm AM"), NoShape::Half);
        assert_eq!(why("YYY-MM-DD"), NoShape::Letters);
        assert_eq!(why("YYYY-MM-DD 'at"), NoShape::Letters);
        assert_eq!(why("YYYY-MM-DD ss"), NoShape::Time);
        assert_eq!(why("YYYY-MM-DD HH:ss"), NoShape::Time);
    }
}
