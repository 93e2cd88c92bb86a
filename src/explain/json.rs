//! The parts of an explanation whose JSON differs from how they are held: numbers are numbers, and what has names is an object,
//! as in the results of `merit run`.

use serde::ser::{Error, SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};
use serde_json::Number;

/// A decimal, with or without its sign.
fn decimal<E: Error>(text: &str) -> Result<Number, E> {
    text.trim_start_matches('+').parse().map_err(E::custom)
}

pub(super) fn number<S: Serializer>(text: &str, to: S) -> Result<S::Ok, S::Error> {
    decimal::<S::Error>(text)?.serialize(to)
}

#[allow(clippy::ref_option)] // The shape that is asked for.
pub(super) fn number_or_null<S: Serializer>(text: &Option<String>, to: S) -> Result<S::Ok, S::Error> {
    text.as_deref().map(decimal::<S::Error>).transpose()?.serialize(to)
}

pub(super) fn low_and_high<S: Serializer>(
    (low, high): &(Option<String>, Option<String>),
    to: S,
) -> Result<S::Ok, S::Error> {
    let mut map = to.serialize_map(Some(2))?;
    map.serialize_entry("low", &low.as_deref().map(decimal::<S::Error>).transpose()?)?;
    map.serialize_entry("high", &high.as_deref().map(decimal::<S::Error>).transpose()?)?;
    map.end()
}

pub(super) fn object<S: Serializer>(pairs: &[(String, String)], to: S) -> Result<S::Ok, S::Error> {
    to.collect_map(pairs.iter().map(|(name, text)| (name, text)))
}

#[allow(clippy::ref_option)] // The shape that is asked for.
pub(super) fn first_and_last<S: Serializer>(days: &Option<(String, String)>, to: S) -> Result<S::Ok, S::Error> {
    days.as_ref().map(|(first, last)| serde_json::json!({"first": first, "last": last})).serialize(to)
}

pub(super) fn days<S: Serializer>(steps: &[(String, String, String)], to: S) -> Result<S::Ok, S::Error> {
    let mut list = to.serialize_seq(Some(steps.len()))?;
    for (day, score, stage) in steps {
        list.serialize_element(&serde_json::json!({"day": day, "score": decimal::<S::Error>(score)?, "stage": stage}))?;
    }
    list.end()
}
