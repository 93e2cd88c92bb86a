//! The entries of a JSON object on one line, as they stand there.
//!
//! Only the usual is taken apart here: texts without `\u`, numbers, flags, null, and one array of such objects. Whatever else
//! there is, an error among it, is left to the careful reader.

use std::borrow::Cow;

use wide::u8x16;

use crate::value::Raw;

/// So many keys are remembered.
const MOST_KEYS: usize = 200;

/// A value as it stands in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value<'t> {
    /// What stands between the quotes, and whether there are escapes in it.
    Text(&'t [u8], bool),
    /// A number as written.
    Number(&'t [u8]),
    /// True or false.
    Flag(bool),
    /// A `null`.
    Null,
    /// An array of objects, or an empty one, with its brackets.
    Objects(&'t [u8]),
}

/// The keys of the lines before, by their places: those of objects, and those of the objects in them. As a rule the next
/// line has the same, and need not be searched for where each ends.
#[derive(Debug, Default)]
pub struct Keys {
    of: [Vec<Vec<u8>>; 2],
}

/// Calls `found` with each key and value of the object that a line holds, and `event` with the entries of the objects in the
/// array `events`, with `None` behind each object. False where the line is not usual; then some may have been found already.
#[inline]
pub fn entries<'t>(
    line: &'t [u8],
    keys: &mut Keys,
    found: &mut impl FnMut(&'t [u8], Value<'t>) -> bool,
    event: &mut impl FnMut(Option<(&'t [u8], Value<'t>)>),
) -> bool {
    each_entry(line, keys, found, &mut |at| at.objects(event))
}

/// The same without what stands in the array, which is passed over.
///
/// It ends at the first `}]`. Where that stands inside of a text, the line does not go on as an object would: between quotes
/// there is no quote without a backslash, so what is taken for the next key is no name, or no key at all.
#[inline]
pub fn entries_alone<'t>(line: &'t [u8], keys: &mut Keys, found: &mut impl FnMut(&'t [u8], Value<'t>) -> bool) -> bool {
    each_entry(line, keys, found, &mut Cursor::past_objects)
}

#[inline]
fn each_entry<'t, 'k>(
    line: &'t [u8],
    keys: &'k mut Keys,
    found: &mut impl FnMut(&'t [u8], Value<'t>) -> bool,
    array: &mut impl FnMut(&mut Cursor<'t, 'k>) -> Option<&'t [u8]>,
) -> bool {
    let mut at = Cursor { text: line, at: 0, keys, depth: 0 };
    let mut has_events = false;
    let is_object = at.object(&mut |at, key| {
        if at.peek() != Some(b'[') {
            return at.scalar().is_some_and(|value| found(key, value));
        }
        // The last of several is not known to be the right one.
        if key != b"events" || std::mem::replace(&mut has_events, true) {
            return false;
        }
        array(at).is_some_and(|array| found(key, Value::Objects(array)))
    });
    is_object && at.is_end()
}

impl Value<'_> {
    /// As the careful reader gives it.
    #[must_use]
    pub fn raw(&self) -> Raw {
        match self {
            Value::Text(text, has_escapes) => Raw::cell(&decoded(text, *has_escapes)),
            Value::Number(n) => Raw::Number(String::from_utf8_lossy(n).into_owned()),
            Value::Flag(yes) => Raw::Flag(*yes),
            Value::Null | Value::Objects(_) => Raw::Missing,
        }
    }
}

/// What stands between quotes, its escapes undone.
#[inline]
#[must_use]
pub fn decoded(text: &[u8], has_escapes: bool) -> Cow<'_, str> {
    if !has_escapes {
        return String::from_utf8_lossy(text);
    }
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.iter();
    while let Some(&b) = bytes.next() {
        out.push(match b {
            b'\\' => match bytes.next() {
                Some(b'b') => 8,
                Some(b'f') => 12,
                Some(b'n') => b'\n',
                Some(b'r') => b'\r',
                Some(b't') => b'\t',
                Some(&other) => other,
                None => b'\\',
            },
            b => b,
        });
    }
    Cow::Owned(String::from_utf8_lossy(&out).into_owned())
}

struct Cursor<'t, 'k> {
    text: &'t [u8],
    at: usize,
    keys: &'k mut Keys,
    /// 0 in the object of the line, 1 in the objects of its array.
    depth: usize,
}

impl<'t> Cursor<'t, '_> {
    #[inline]
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    #[inline]
    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t')) {
            self.at += 1;
        }
    }

    #[inline]
    fn takes(&mut self, wanted: u8) -> bool {
        let is = self.peek() == Some(wanted);
        self.at += usize::from(is);
        is
    }

    fn is_end(&mut self) -> bool {
        self.space();
        self.at == self.text.len()
    }

    /// An object; `entry` reads the value behind each key.
    #[inline]
    fn object(&mut self, entry: &mut impl FnMut(&mut Self, &'t [u8]) -> bool) -> bool {
        if !self.takes(b'{') {
            return false;
        }
        self.space();
        if self.takes(b'}') {
            return true;
        }
        for nth in 0.. {
            self.space();
            if !self.takes(b'"') {
                return false;
            }
            let Some(key) = self.key(nth) else { return false };
            self.space();
            if !self.takes(b':') {
                return false;
            }
            self.space();
            if !entry(self, key) {
                return false;
            }
            self.space();
            if self.takes(b',') {
                continue;
            }
            return self.takes(b'}');
        }
        false
    }

    /// Behind the closing quote of a key.
    #[inline]
    fn key(&mut self, nth: usize) -> Option<&'t [u8]> {
        let rest = self.text.get(self.at..)?;
        let keys = self.keys.of.get_mut(self.depth)?;
        if let Some(usual) = keys.get(nth)
            && rest.get(usual.len()) == Some(&b'"')
            && rest.starts_with(usual)
        {
            self.at += usual.len() + 1;
            return rest.get(..usual.len());
        }
        let (key, false) = self.text_end()? else { return None };
        let keys = self.keys.of.get_mut(self.depth)?;
        if nth == keys.len() && nth < MOST_KEYS {
            keys.push(Vec::new());
        }
        if let Some(usual) = keys.get_mut(nth) {
            usual.clear();
            usual.extend_from_slice(key);
        }
        Some(key)
    }

    #[inline]
    fn scalar(&mut self) -> Option<Value<'t>> {
        match self.peek()? {
            b'"' => {
                self.at += 1;
                self.text_end().map(|(text, has_escapes)| Value::Text(text, has_escapes))
            }
            b'n' => self.word(b"null", Value::Null),
            b't' => self.word(b"true", Value::Flag(true)),
            b'f' => self.word(b"false", Value::Flag(false)),
            _ => self.number(),
        }
    }

    fn word(&mut self, word: &[u8], value: Value<'t>) -> Option<Value<'t>> {
        let is = self.text.get(self.at..)?.starts_with(word);
        self.at += word.len();
        is.then_some(value)
    }

    /// Behind the closing quote; what stands before it, and whether there are escapes in it.
    #[inline]
    fn text_end(&mut self) -> Option<(&'t [u8], bool)> {
        let start = self.at;
        let mut has_escapes = false;
        loop {
            self.at += special(self.text.get(self.at..)?)?;
            match self.peek()? {
                b'"' => {
                    let text = self.text.get(start..self.at)?;
                    self.at += 1;
                    return Some((text, has_escapes));
                }
                b'\\' => {
                    has_escapes = true;
                    if !matches!(self.text.get(self.at + 1)?, b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') {
                        return None;
                    }
                    self.at += 2;
                }
                // A control character has no place in a text.
                _ => return None,
            }
        }
    }

    #[inline]
    fn number(&mut self) -> Option<Value<'t>> {
        let start = self.at;
        self.takes(b'-');
        let whole = self.digits();
        if whole == 0 || whole > 1 && self.text.get(self.at - whole) == Some(&b'0') {
            return None;
        }
        if self.takes(b'.') && self.digits() == 0 {
            return None;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            return None;
        }
        Some(Value::Number(self.text.get(start..self.at)?))
    }

    #[inline]
    fn digits(&mut self) -> usize {
        let start = self.at;
        while self.peek().is_some_and(|b| b.is_ascii_digit()) {
            self.at += 1;
        }
        self.at - start
    }

    /// Behind an array of objects, or an empty one; its brackets and what stands between them.
    fn past_objects(&mut self) -> Option<&'t [u8]> {
        let start = self.at;
        self.at += 1;
        self.space();
        if !self.takes(b']') {
            self.at += memchr::memmem::find(self.text.get(self.at..)?, b"}]")? + 2;
        }
        self.text.get(start..self.at)
    }

    /// An array of objects, with its brackets.
    #[inline]
    fn objects(&mut self, event: &mut impl FnMut(Option<(&'t [u8], Value<'t>)>)) -> Option<&'t [u8]> {
        let start = self.at;
        self.at += 1;
        self.space();
        if !self.takes(b']') {
            self.depth = 1;
            loop {
                self.space();
                let is_object = self.object(&mut |at, key| {
                    let value = at.scalar();
                    event(value.map(|value| (key, value)));
                    value.is_some()
                });
                if !is_object {
                    return None;
                }
                event(None);
                self.space();
                if self.takes(b']') {
                    self.depth = 0;
                    break;
                }
                if !self.takes(b',') {
                    return None;
                }
            }
        }
        self.text.get(start..self.at)
    }
}

/// Where the first quote, backslash or control character stands.
#[inline]
fn special(text: &[u8]) -> Option<usize> {
    let is_special = |b: u8| b == b'"' || b == b'\\' || b < b' ';
    let mut rest = text;
    let mut passed = 0;
    while let Some((chunk, more)) = rest.split_first_chunk::<16>() {
        let bytes = u8x16::from(*chunk);
        let found = bytes.simd_eq(u8x16::splat(b'"'))
            | bytes.simd_eq(u8x16::splat(b'\\'))
            | bytes.min(u8x16::splat(0x1f)).simd_eq(bytes);
        let mask = found.to_bitmask();
        if mask != 0 {
            return Some(passed + mask.trailing_zeros() as usize);
        }
        passed += 16;
        rest = more;
    }
    rest.iter().position(|&b| is_special(b)).map(|at| passed + at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shown(key: &[u8], value: Value<'_>) -> (String, String) {
        let text = |b: &[u8]| String::from_utf8_lossy(b).into_owned();
        (
            text(key),
            match value {
                Value::Text(t, _) => format!("\"{}\"", text(t)),
                Value::Number(n) | Value::Objects(n) => text(n),
                Value::Flag(yes) => yes.to_string(),
                Value::Null => "null".to_owned(),
            },
        )
    }

    fn found(line: &str) -> Option<Vec<(String, String)>> {
        let mut out = Vec::new();
        let usual = entries(
            line.as_bytes(),
            &mut Keys::default(),
            &mut |key, value| {
                out.push(shown(key, value));
                true
            },
            &mut |_| {},
        );
        usual.then_some(out)
    }

    fn found_alone(line: &str) -> Option<Vec<(String, String)>> {
        let mut out = Vec::new();
        let usual = entries_alone(line.as_bytes(), &mut Keys::default(), &mut |key, value| {
            out.push(shown(key, value));
            true
        });
        usual.then_some(out)
    }

    proptest! {
        /// What is usual is JSON, and its entries are those of serde_json.
        #[test]
        fn entries_are_those_of_serde(pieces in prop::collection::vec(prop::sample::select(vec![
            "{", "}", "\"a\"", "\"b\":", ":", ",", "1", "-2.5", "01", "null", "true", "\"x\\\"y\"", "\"\\u00e9\"", "\"\\q\"", "[", "]", " ", "\"events\":[{\"c\":1}]", "1e5", "{\"a\":", "\"k\":\"v\"",
        ]), 0..12)) {
            let line = pieces.concat();
            if let Some(ours) = found(&line) {
                let theirs: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&line).expect("an object");
                for (key, value) in &ours {
                    prop_assert!(theirs.contains_key(key));
                    let value: serde_json::Value = serde_json::from_str(value).expect("a value");
                    prop_assert!(theirs[key] == value || ours.iter().filter(|(k, _)| k == key).count() > 1);
                }
            }
        }
    }

    proptest! {
        /// Where the array is passed over, the other entries are the same; or it can be seen that something is odd.
        #[test]
        fn entries_alone_are_the_same(pieces in prop::collection::vec(prop::sample::select(vec![
            "\"a\":1", "\"b\":\"x}],\"", ",", ",", "}", "\"events\":[{\"c\":\"v\"}]", "\"events\":[{\"c\":\"x}],\"},{\"d\":\"}]\"}]", "\"events\":[{\"c\":\"}]}\"}]", "\"events\":[]",
        ]), 0..6)) {
            let line = format!("{{{}}}", pieces.concat());
            if let Some(all) = found(&line) {
                let alone = found_alone(&line);
                let is_odd = alone.as_ref().is_none_or(|found| found.iter().any(|(key, _)| !["a", "b", "events"].contains(&key.as_str())));
                prop_assert!(is_odd || alone == Some(all), "{line}");
            }
        }
    }

    #[test]
    fn usual_lines() {
        assert_eq!(
            found(
                r#"{"a":"x, and more than sixteen bytes of it","n": 5 ,"z":null,"events":[{"type":"v","at":"t"},{}]}"#
            )
            .unwrap()
            .len(),
            4
        );
        for odd in [
            "",
            "[]",
            "{",
            r#"{"a":1}x"#,
            r#"{"a":{"b":1}}"#,
            r#"{"a":[1]}"#,
            "{\"a\":\"\u{1}\"}",
            r#"{"a":.5}"#,
            r#"{"a":1,}"#,
        ] {
            assert_eq!(found(odd), None, "{odd}");
        }
    }
}
