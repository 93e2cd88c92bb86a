//! The functions of the language, a row each: how they are called, what they take and give, in words and in both passes.
//!
//! `check` looks up calls here, `eval` works them out, completion and help offer them, `book` says them, and a test holds the
//! reference equal to the rows. A new function is its row, and its line in `docs/reference.md`. Owns no syntax: a call is
//! whatever has parentheses, and what is no row is an activity.

use std::fmt;
use std::ops::RangeInclusive;

use crate::calculate;
use crate::exact::Exact;
use crate::number::{round_places, sum};
use crate::shown::several;
use crate::time::{Date, Instant, Zone};
use crate::value::{Text, Type, Value};

/// `domain(email)`: fast paths and advice know it by name.
pub const DOMAIN: &str = "domain";
/// `count(visited())`, likewise.
pub const COUNT: &str = "count";
/// `days_since(created)`, likewise.
pub const DAYS_SINCE: &str = "days_since";

/// A function of the language.
pub struct Builtin {
    /// Its name.
    pub name: &'static str,
    /// How it is called, as the reference shows it; more than one where something may be left out.
    pub forms: &'static [&'static str],
    /// What it gives, as the reference says it.
    pub gives: &'static str,
    /// What it wants, for somebody who gave it something else.
    pub wants: &'static str,
    /// A call as somebody would write it.
    pub example: &'static str,
    /// What its arguments are, and how it is worked out.
    pub kind: Kind,
}

/// What a function is about.
pub enum Kind {
    /// Values: `round(x, 2)`.
    Values(OfValues),
    /// The records of an activity: `sum(bought(), amount)`.
    Records(OfRecords),
    /// A profile: whether it fits.
    Profile,
    /// A table, and what is looked up in it.
    Table,
}

/// How a function of values works.
pub struct OfValues {
    /// Its arguments; the last stands for all further ones.
    pub takes: &'static [Argument],
    /// How many there may be.
    pub count: RangeInclusive<usize>,
    /// The type of what it gives.
    pub of_type: Type,
    /// A call in plain English, from its arguments in words.
    pub words: fn(&[String]) -> String,
    /// What it gives, as of an instant: of numbers now, and of what lies between two of them in the second pass.
    pub value: fn(&[Value], Instant, &Zone) -> Value,
    /// The same in exact numbers, where it may stand in a formula of scores.
    pub exact: Option<fn(Vec<Exact>) -> Option<Exact>>,
}

/// An argument of a function of values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Argument {
    /// A value of this type.
    Of(Type),
    /// A text or a list.
    TextOrList,
    /// How many digits: a whole number, the same for every lead.
    Digits,
}

/// How a function of records works.
pub struct OfRecords {
    /// The property that it reads, if it reads one.
    pub property: Option<OfProperty>,
    /// A call in plain English, from the activity and the property in words.
    pub words: fn(&[String]) -> String,
    /// What it gives.
    pub value: fn(&Records) -> Value,
}

impl OfRecords {
    /// How many arguments it takes: an activity, and perhaps a property.
    #[must_use]
    pub fn count(&self) -> RangeInclusive<usize> {
        let count = 1 + usize::from(matches!(self.property, Some(OfProperty::Number | OfProperty::Any)));
        count..=count
    }
}

/// What a property must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OfProperty {
    /// A number.
    Number,
    /// Anything: the function gives what the property is.
    Any,
    /// The date of the record itself, which no argument names.
    At,
}

/// The records that a function is asked about.
pub struct Records<'r> {
    /// Those with an instant, by instant and then by their places in the file.
    pub dated: &'r [(Instant, usize)],
    /// The places of those without an instant.
    pub undated: &'r [usize],
    /// The property of the record at a place.
    pub property: &'r dyn Fn(usize) -> Value,
    /// As-of.
    pub as_of: Instant,
}

impl Records<'_> {
    /// The property of the oldest; of equal instants the first in the file.
    fn oldest(&self) -> Value {
        self.dated.first().map_or(Value::Missing, |(_, i)| (self.property)(*i))
    }

    /// The property of the newest; of equal instants the later in the file.
    fn newest(&self) -> Value {
        self.dated.last().map_or(Value::Missing, |(_, i)| (self.property)(*i))
    }
}

/// All functions, in the order of the reference.
pub static FUNCTIONS: &[Builtin] = &[
    Builtin {
        name: "fit",
        forms: &["fit(PROFILE)"],
        gives: "all criteria of the profile are met",
        wants: "the name of a profile",
        example: "fit(icp)",
        kind: Kind::Profile,
    },
    Builtin {
        name: DOMAIN,
        forms: &["domain(email)"],
        gives: "what stands behind the last `@`",
        wants: "a text",
        example: "domain(email)",
        kind: Kind::Values(OfValues {
            takes: &[Argument::Of(Type::Text)],
            count: 1..=1,
            of_type: Type::Text,
            words: |args| format!("the domain of {}", first(args)),
            value: |args, _, _| match args {
                [Value::Text(text)] => domain(&text.written),
                _ => Value::Missing,
            },
            exact: None,
        }),
    },
    Builtin {
        name: "length",
        forms: &["length(x)"],
        gives: "the characters of a text without white space at its ends; the entries of a list",
        wants: "a text or list",
        example: "length(title)",
        kind: Kind::Values(OfValues {
            takes: &[Argument::TextOrList],
            count: 1..=1,
            of_type: Type::Number,
            words: |args| format!("the length of {}", first(args)),
            value: |args, _, _| match args {
                [Value::Text(text)] => Value::Number(crate::text::trim(&text.written).chars().count() as f64),
                [Value::List(texts)] => Value::Number(texts.len() as f64),
                _ => Value::Missing,
            },
            exact: None,
        }),
    },
    Builtin {
        name: "min",
        forms: &["min(a, b, …)"],
        gives: "the least; missing if one is missing",
        wants: "numbers",
        example: "min(a, b)",
        kind: Kind::Values(OfValues {
            takes: &[Argument::Of(Type::Number)],
            count: 1..=1000,
            of_type: Type::Number,
            words: |args| format!("the least of {}", several(args, "and")),
            value: |args, _, _| fold(args, calculate::least),
            exact: Some(|args| args.into_iter().reduce(|a, b| a.extreme(b, false))),
        }),
    },
    Builtin {
        name: "max",
        forms: &["max(a, b, …)"],
        gives: "the greatest; missing if one is missing",
        wants: "numbers",
        example: "max(a, b)",
        kind: Kind::Values(OfValues {
            takes: &[Argument::Of(Type::Number)],
            count: 1..=1000,
            of_type: Type::Number,
            words: |args| format!("the greatest of {}", several(args, "and")),
            value: |args, _, _| fold(args, calculate::greatest),
            exact: Some(|args| args.into_iter().reduce(|a, b| a.extreme(b, true))),
        }),
    },
    Builtin {
        name: "abs",
        forms: &["abs(x)"],
        gives: "the number without its sign",
        wants: "a number",
        example: "abs(x)",
        kind: Kind::Values(OfValues {
            takes: &[Argument::Of(Type::Number)],
            count: 1..=1,
            of_type: Type::Number,
            words: |args| format!("the size of {}", first(args)),
            value: |args, _, _| args.first().map_or(Value::Missing, calculate::size),
            exact: Some(|args| Some(args.into_iter().next()?.size())),
        }),
    },
    Builtin {
        name: "round",
        forms: &["round(x)", "round(x, 2)"],
        gives: "rounded to whole numbers, or to so many digits; half goes away from zero",
        wants: "a number, and perhaps how many digits",
        example: "round(x, 2)",
        kind: Kind::Values(OfValues {
            takes: &[Argument::Of(Type::Number), Argument::Digits],
            count: 1..=2,
            of_type: Type::Number,
            words: |args| format!("{}, rounded", first(args)),
            value: |args, _, _| match args {
                [x] => rounded(x, 0),
                [x, Value::Number(places)] => rounded(x, *places as i32),
                _ => Value::Missing,
            },
            exact: Some(|args| {
                let mut args = args.into_iter();
                let x = args.next()?;
                Some(x.rounded(args.next().map_or(Some(0), |places| places.as_whole())?))
            }),
        }),
    },
    Builtin {
        name: "floor",
        forms: &["floor(x)"],
        gives: "rounded down",
        wants: "a number",
        example: "floor(x)",
        kind: Kind::Values(OfValues {
            takes: &[Argument::Of(Type::Number)],
            count: 1..=1,
            of_type: Type::Number,
            words: |args| format!("{}, rounded down", first(args)),
            value: |args, _, _| args.first().map_or(Value::Missing, |x| calculate::rising(x, f64::floor)),
            exact: Some(|args| Some(args.into_iter().next()?.rising(|n| n.floor()))),
        }),
    },
    Builtin {
        name: DAYS_SINCE,
        forms: &["days_since(DATE)"],
        gives: "whole days from the date to as-of, rounded down; calendar days where the date is a whole day; negative where it is still to come",
        wants: "a date or an activity",
        example: "days_since(created)",
        kind: Kind::Values(OfValues {
            takes: &[Argument::Of(Type::Date)],
            count: 1..=1,
            of_type: Type::Number,
            words: |args| format!("the days since {}", first(args)),
            value: |args, as_of, zone| of_date(args, |date| days_since(date, as_of, zone)),
            exact: None,
        }),
    },
    Builtin {
        name: DAYS_SINCE,
        forms: &["days_since(ACTIVITY)"],
        gives: "whole days since the newest such record; missing where it never happened",
        wants: "a date or an activity",
        example: "days_since(bought())",
        kind: Kind::Records(OfRecords {
            property: None,
            words: |args| format!("the days since: {}", first(args)),
            value: |of| {
                of.dated.last().map_or(Value::Missing, |(at, _)| days_since(Date::Instant(*at), of.as_of, &Zone::UTC))
            },
        }),
    },
    Builtin {
        name: COUNT,
        forms: &["count(ACTIVITY)"],
        gives: "how many records there are",
        wants: "an activity",
        example: "count(visited())",
        kind: Kind::Records(OfRecords {
            property: None,
            words: |args| format!("the number of times: {}", first(args)),
            value: |of| Value::number((of.dated.len() + of.undated.len()) as f64),
        }),
    },
    Builtin {
        name: "sum",
        forms: &["sum(ACTIVITY, property)"],
        gives: "the property added up over the records; those without it are left out; 0 of none",
        wants: "an activity and a property",
        example: "sum(bought(), amount)",
        kind: Kind::Records(OfRecords {
            property: Some(OfProperty::Number),
            words: |args| format!("the sum of {} over: {}", second(args), first(args)),
            value: |of| {
                let places = of.dated.iter().map(|(_, i)| *i).chain(of.undated.iter().copied());
                let number = |i| if let Value::Number(n) = (of.property)(i) { Some(n) } else { None };
                Value::number(sum(places.filter_map(number)))
            },
        }),
    },
    Builtin {
        name: "latest",
        forms: &["latest(ACTIVITY, property)"],
        gives: "the property of the newest record",
        wants: "an activity and a property",
        example: "latest(moved(), plan)",
        kind: Kind::Records(OfRecords {
            property: Some(OfProperty::Any),
            words: |args| format!("the latest {} of: {}", second(args), first(args)),
            value: |of| of.newest(),
        }),
    },
    Builtin {
        name: "earliest",
        forms: &["earliest(ACTIVITY, property)"],
        gives: "the property of the oldest record",
        wants: "an activity and a property",
        example: "earliest(moved(), plan)",
        kind: Kind::Records(OfRecords {
            property: Some(OfProperty::Any),
            words: |args| format!("the earliest {} of: {}", second(args), first(args)),
            value: |of| of.oldest(),
        }),
    },
    Builtin {
        name: "first",
        forms: &["first(ACTIVITY)"],
        gives: "the date of the oldest record; missing where there is none",
        wants: "an activity",
        example: "first(visited())",
        kind: Kind::Records(OfRecords {
            property: Some(OfProperty::At),
            words: |args| format!("the first time of: {}", first(args)),
            value: |of| of.oldest(),
        }),
    },
    Builtin {
        name: "last",
        forms: &["last(ACTIVITY)"],
        gives: "the date of the newest record; missing where there is none",
        wants: "an activity",
        example: "last(visited())",
        kind: Kind::Records(OfRecords {
            property: Some(OfProperty::At),
            words: |args| format!("the last time of: {}", first(args)),
            value: |of| of.newest(),
        }),
    },
    Builtin {
        name: "weekday",
        forms: &["weekday(DATE)"],
        gives: "the name of its day: `\"Monday\"` to `\"Sunday\"`",
        wants: "a date",
        example: "weekday(created)",
        kind: Kind::Values(OfValues {
            takes: &[Argument::Of(Type::Date)],
            count: 1..=1,
            of_type: Type::Text,
            words: |args| format!("the weekday of {}", first(args)),
            value: |args, _, zone| of_date(args, |date| Value::Text(Text::new(date.weekday(zone)))),
            exact: None,
        }),
    },
    Builtin {
        name: "hour",
        forms: &["hour(DATE)"],
        gives: "its hour, 0 to 23; missing of a whole day",
        wants: "a date",
        example: "hour(created)",
        kind: Kind::Values(OfValues {
            takes: &[Argument::Of(Type::Date)],
            count: 1..=1,
            of_type: Type::Number,
            words: |args| format!("the hour of {}", first(args)),
            value: |args, _, zone| {
                of_date(args, |date| date.hour(zone).map_or(Value::Missing, |hour| Value::Number(f64::from(hour))))
            },
            exact: None,
        }),
    },
    Builtin {
        name: "month",
        forms: &["month(DATE)"],
        gives: "its month, 1 to 12",
        wants: "a date",
        example: "month(created)",
        kind: Kind::Values(OfValues {
            takes: &[Argument::Of(Type::Date)],
            count: 1..=1,
            of_type: Type::Number,
            words: |args| format!("the month of {}", first(args)),
            value: |args, _, zone| of_date(args, |date| Value::Number(f64::from(date.month(zone)))),
            exact: None,
        }),
    },
    Builtin {
        name: "year",
        forms: &["year(DATE)"],
        gives: "its year",
        wants: "a date",
        example: "year(created)",
        kind: Kind::Values(OfValues {
            takes: &[Argument::Of(Type::Date)],
            count: 1..=1,
            of_type: Type::Number,
            words: |args| format!("the year of {}", first(args)),
            value: |args, _, zone| of_date(args, |date| Value::Number(f64::from(date.year(zone)))),
            exact: None,
        }),
    },
    Builtin {
        name: "lookup",
        forms: &["lookup(TABLE, x)"],
        gives: "what the [table](#let) gives for x; missing where it gives nothing",
        wants: "a table and a value",
        example: "lookup(tiers, country)",
        kind: Kind::Table,
    },
];

/// The functions of a name: two where a date and an activity have one each.
pub fn named(name: &str) -> impl Iterator<Item = &'static Builtin> {
    FUNCTIONS.iter().filter(move |f| f.name == name)
}

/// Whether a name is a function's.
#[must_use]
pub fn is_function(name: &str) -> bool {
    FUNCTIONS.iter().any(|f| f.name == name)
}

impl Builtin {
    /// Its line in the reference.
    #[must_use]
    pub fn line(&self) -> String {
        let forms: Vec<String> = self.forms.iter().map(|f| format!("`{f}`")).collect();
        format!("| {} | {} |", forms.join(", "), self.gives)
    }

    /// What it takes, with an example: `a number: ``abs(x)```.
    #[must_use]
    pub fn wanted(&self) -> String {
        format!("{}: `{}`", self.wants, self.example)
    }

    /// The type of what it gives; none where that is the property's, or the table's.
    #[must_use]
    pub fn of_type(&self) -> Option<Type> {
        match &self.kind {
            Kind::Values(f) => Some(f.of_type),
            Kind::Records(OfRecords { property: Some(OfProperty::Any), .. }) | Kind::Table => None,
            Kind::Records(OfRecords { property: Some(OfProperty::At), .. }) => Some(Type::Date),
            Kind::Records(_) => Some(Type::Number),
            Kind::Profile => Some(Type::Flag),
        }
    }

    /// A call in plain English, from its arguments in words.
    #[must_use]
    pub fn words(&self, arguments: &[String]) -> String {
        match &self.kind {
            Kind::Values(f) => (f.words)(arguments),
            Kind::Records(f) => (f.words)(arguments),
            // These have words of their own in a model.
            Kind::Profile | Kind::Table => String::new(),
        }
    }

    /// What it gives of values.
    #[must_use]
    pub fn of_values(&self, values: &[Value], as_of: Instant, zone: &Zone) -> Value {
        if let Kind::Values(f) = &self.kind { (f.value)(values, as_of, zone) } else { Value::Missing }
    }

    /// What it gives of records.
    #[must_use]
    pub fn of_records(&self, records: &Records) -> Value {
        if let Kind::Records(f) = &self.kind { (f.value)(records) } else { Value::Missing }
    }

    /// How it is worked out in exact numbers, where it is.
    #[must_use]
    pub fn exact(&self) -> Option<fn(Vec<Exact>) -> Option<Exact>> {
        if let Kind::Values(f) = &self.kind { f.exact } else { None }
    }
}

/// The same function.
impl PartialEq for Builtin {
    fn eq(&self, other: &Builtin) -> bool {
        self.forms == other.forms
    }
}

impl fmt::Debug for Builtin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.forms.first().unwrap_or(&self.name))
    }
}

fn first(args: &[String]) -> &str {
    args.first().map_or("", String::as_str)
}

fn second(args: &[String]) -> &str {
    args.get(1).map_or("", String::as_str)
}

fn fold(args: &[Value], f: fn(&Value, &Value) -> Value) -> Value {
    args.split_first().map_or(Value::Missing, |(first, rest)| rest.iter().fold(first.clone(), |a, b| f(&a, b)))
}

fn of_date(args: &[Value], f: impl Fn(Date) -> Value) -> Value {
    match args {
        [Value::Date(date)] => f(*date),
        _ => Value::Missing,
    }
}

fn domain(address: &str) -> Value {
    match address.rsplit_once('@').map(|(_, domain)| crate::text::trim(domain)) {
        Some(domain) if !domain.is_empty() => Value::Text(Text::new(domain)),
        _ => Value::Missing,
    }
}

fn rounded(x: &Value, places: i32) -> Value {
    calculate::rising(x, |n| if n.is_finite() { round_places(n, places) } else { n })
}

/// Whole days, rounded down; of a whole day calendar days.
fn days_since(date: Date, as_of: Instant, zone: &Zone) -> Value {
    let days = match date {
        Date::Day(day) => zone.day_number(as_of) - day.number(),
        Date::Instant(at) => (as_of.0 - at.0).div_euclid(86_400_000_000),
    };
    Value::number(days as f64)
}
