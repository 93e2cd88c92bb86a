//! A lead record: its values, in the order of the model's fields, and its activity.
//!
//! Owns what the evaluator is handed. How files become leads stands in `data`.

use std::collections::HashSet;
use std::sync::Arc;

use crate::time::Instant;
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
    /// When.
    pub at: At,
    /// What tells copies of one record.
    pub event_id: Option<Arc<str>>,
    /// All other properties: their names as [`crate::text::name_key`] gives them, and their cells. Missing ones are left out.
    pub properties: Vec<(Arc<str>, Raw)>,
}

/// When an activity happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum At {
    /// At this instant; a whole day stands at its first moment.
    Instant(Instant),
    /// The record does not say.
    Missing,
    /// What the record says cannot be read.
    Unreadable,
}

impl At {
    /// The instant, where there is one.
    #[must_use]
    pub fn instant(self) -> Option<Instant> {
        match self {
            At::Instant(at) => Some(at),
            At::Missing | At::Unreadable => None,
        }
    }
}

/// Takes copies out: of several records with one `event_id` the first stays. Returns how many were taken out.
pub fn drop_copies(activity: &mut Vec<Activity>) -> usize {
    let before = activity.len();
    if activity.iter().any(|a| a.event_id.is_some()) {
        let mut seen = HashSet::new();
        activity.retain(|a| a.event_id.as_ref().is_none_or(|id| seen.insert(Arc::clone(id))));
    }
    before - activity.len()
}
