//! A lead record: its values, in the order of the model's fields, and its activity.
//!
//! Owns what the evaluator is handed. How files become leads stands in `data`.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::Arc;

use crate::time::{Date, Day, Instant};
use crate::value::{Raw, Text, Value};

/// One lead, read for one model.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Lead {
    /// As it is in the file; the number of the row where there is none.
    pub id: String,
    /// One value for each field of the model, in its order.
    pub values: Vec<Value>,
    /// The cells that could not be read: the index of the field and what the cell says. Their values are missing.
    pub unreadable: Vec<(usize, String)>,
    /// In the order of the file, copies (of one `event_id`) taken out.
    pub activity: Arc<Vec<Activity>>,
}

/// One activity record.
#[derive(Debug, Clone, PartialEq)]
pub struct Activity {
    /// What was done, such as `visited`.
    pub kind: Arc<Text>,
    /// What it was done with, such as `pricing`.
    pub target: Option<Arc<Text>>,
    /// The instant at which it was done, if that is known.
    pub at: At,
    /// What only some records have. It lies apart, so that the many others are short.
    more: Option<Box<More>>,
}

/// A property of a record: its name as [`crate::text::name_key`] gives it, and its cell.
pub type Property = (Arc<str>, Raw);

#[derive(Debug, Clone, PartialEq)]
struct More {
    event_id: Option<Arc<str>>,
    properties: Vec<Property>,
}

impl Activity {
    /// A record that has neither an `event_id` nor properties.
    #[must_use]
    pub fn new(kind: Arc<Text>, target: Option<Arc<Text>>, at: At) -> Activity {
        Activity { kind, target, at, more: None }
    }

    /// The same with what tells copies of it, and with all other properties, missing ones left out.
    #[must_use]
    pub fn with(self, event_id: Option<Arc<str>>, properties: Vec<Property>) -> Activity {
        let has_more = event_id.is_some() || !properties.is_empty();
        Activity { more: has_more.then(|| Box::new(More { event_id, properties })), ..self }
    }

    /// The same at another time.
    #[must_use]
    pub fn at(self, at: At) -> Activity {
        Activity { at, ..self }
    }

    /// What tells copies of the record.
    #[must_use]
    pub fn event_id(&self) -> Option<&Arc<str>> {
        self.more.as_ref()?.event_id.as_ref()
    }

    /// All other properties.
    #[inline]
    #[must_use]
    pub fn properties(&self) -> &[Property] {
        self.more.as_ref().map_or(&[], |more| &more.properties)
    }
}

/// When an activity happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum At {
    /// At this instant.
    Instant(Instant),
    /// On this day, counted from 1970-01-01; it stands at its first moment.
    Day(Day),
    /// The record does not say.
    Missing,
    /// What the record says cannot be read.
    Unreadable,
}

impl At {
    /// The instant, where there is one.
    #[must_use]
    pub fn instant(self) -> Option<Instant> {
        self.date().map(Date::first)
    }

    /// Whether it is known to be later than an instant.
    #[must_use]
    pub fn is_after(self, than: Instant) -> bool {
        self.instant().is_some_and(|at| at > than)
    }

    /// The day or instant, where there is one.
    #[must_use]
    pub fn date(self) -> Option<Date> {
        match self {
            At::Instant(at) => Some(Date::Instant(at)),
            At::Day(day) => Some(Date::Day(day)),
            At::Missing | At::Unreadable => None,
        }
    }
}

impl From<Date> for At {
    fn from(date: Date) -> At {
        match date {
            Date::Instant(at) => At::Instant(at),
            Date::Day(day) => At::Day(day),
        }
    }
}

/// What an id is compared by: trimmed; one with an `@` as text is compared; the first 15 characters of one with 18 whose last 3
/// are their check sum, as Salesforce writes the same id.
#[must_use]
pub fn id_key(id: &str) -> Cow<'_, str> {
    let id = crate::text::trim(id);
    if id.contains('@') {
        return crate::text::fold(id);
    }
    Cow::Borrowed(id.get(..15).filter(|short| is_checked(short, id)).unwrap_or(id))
}

/// What activity is found by: an id (see [`id_key`]), or where it is keyed by a field that leads may share, a text.
#[must_use]
pub fn activity_key(text: &str, is_keyed: bool) -> Cow<'_, str> {
    if is_keyed { crate::text::fold(text) } else { id_key(text) }
}

/// Whether an id is a shorter one with its check sum behind it: three characters, each for five, of which it says the capitals.
fn is_checked(short: &str, id: &str) -> bool {
    const SIGNS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";
    if id.len() != 18 || !id.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return false;
    }
    let sums = short.as_bytes().chunks(5).map(|five| {
        let bits = five.iter().enumerate().map(|(i, b)| usize::from(b.is_ascii_uppercase()) << i);
        SIGNS.get(bits.sum::<usize>()).copied().unwrap_or(0)
    });
    sums.eq(id.bytes().skip(15).map(|b| b.to_ascii_uppercase()))
}

/// Takes copies out: of several records with one `event_id` the first stays. Returns how many were taken out.
pub fn drop_copies(activity: &mut Vec<Activity>) -> usize {
    let before = activity.len();
    if activity.iter().any(|a| a.event_id().is_some()) {
        let mut seen = HashSet::new();
        activity.retain(|a| a.event_id().is_none_or(|id| seen.insert(Arc::clone(id))));
    }
    before - activity.len()
}
