//! What ids are compared by, without looking at those that are their own key.

use std::borrow::Cow;

use super::by_lead::{Key, short_word};
use super::rows::is_blank;
use crate::lead::id_key;

/// What an id is compared by (see [`id_key`]).
#[inline(always)]
#[must_use]
pub fn id_bytes(id: &[u8]) -> Cow<'_, [u8]> {
    if is_own_key(id) { Cow::Borrowed(id) } else { other_key(id) }
}

/// The key of an id that is short and surely what it is compared by, as almost all are.
#[inline(always)]
pub(super) fn plain_key(id: &[u8]) -> Option<Key> {
    let word = short_word(id)?;
    (has_plain_ends(id) && !has_byte(word, b'@')).then(|| Key::short(word))
}

/// Whether an id is surely what it is compared by: not empty, no blank around it, no `@` in it, no check sum behind it.
#[inline(always)]
fn is_own_key(id: &[u8]) -> bool {
    let has_at = || match short_word(id) {
        Some(word) => has_byte(word, b'@'),
        None => id.len() == 18 || memchr::memchr(b'@', id).is_some(),
    };
    has_plain_ends(id) && !has_at()
}

#[inline(always)]
fn has_plain_ends(id: &[u8]) -> bool {
    let is_plain = |end: Option<&u8>| end.is_some_and(u8::is_ascii_graphic);
    is_plain(id.first()) && is_plain(id.last())
}

/// Whether one of the eight bytes of a word is this one.
#[inline(always)]
const fn has_byte(word: u64, byte: u8) -> bool {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    let zero_there = word ^ (ONES * byte as u64);
    zero_there.wrapping_sub(ONES) & !zero_there & (ONES << 7) != 0
}

#[cold]
fn other_key(id: &[u8]) -> Cow<'_, [u8]> {
    match std::str::from_utf8(id) {
        Ok(text) => match id_key(text) {
            Cow::Borrowed(key) => Cow::Borrowed(key.as_bytes()),
            Cow::Owned(key) => Cow::Owned(key.into_bytes()),
        },
        Err(_) => Cow::Borrowed(id),
    }
}

/// Whether an id is what it is compared by, and not blank.
#[inline(always)]
pub(super) fn is_key(id: &[u8]) -> bool {
    is_own_key(id) || !is_blank(id) && matches!(other_key(id), Cow::Borrowed(key) if key.len() == id.len())
}
