//! What ids are compared by, without looking at those that are their own key.

use std::borrow::Cow;

use crate::lead::id_key;

/// What an id is compared by (see [`id_key`]).
#[inline(always)]
#[must_use]
pub fn id_bytes(id: &[u8]) -> Cow<'_, [u8]> {
    if is_own_key(id) { Cow::Borrowed(id) } else { other_key(id) }
}

/// Whether an id is surely what it is compared by: no blank around it, no `@` in it, no check sum behind it.
#[inline(always)]
pub(super) fn is_own_key(id: &[u8]) -> bool {
    let is_blank = |end: Option<&u8>| end.is_some_and(|b| *b <= b' ' || *b >= 0x80);
    id.len() != 18 && !is_blank(id.first()) && !is_blank(id.last()) && memchr::memchr(b'@', id).is_none()
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

/// Whether an id is what it is compared by.
#[inline(always)]
pub(super) fn is_key(id: &[u8]) -> bool {
    is_own_key(id) || matches!(other_key(id), Cow::Borrowed(key) if key.len() == id.len())
}
