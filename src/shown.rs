//! Texts as people may see them: what a terminal would act on is made visible, what is too long is cut.
//!
//! Cells, ids, file names and rules may hold anything. Whatever is written for people goes through here, once; what is written
//! for programs keeps its characters. Knows nothing of what a text means.

use std::borrow::Cow;

use crate::paths::is_byte;

/// Whether a character steers a terminal, or turns the direction of what stands around it.
#[must_use]
pub fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// What is seen in place of a character that cannot be shown: `␛` for an escape, `�` where there is no sign for it.
#[must_use]
pub fn sign_of(c: char) -> Option<char> {
    match c {
        '\0'..='\x1f' => char::from_u32(0x2400 + u32::from(c)),
        '\x7f' => Some('␡'),
        '\u{2028}' | '\u{2029}' | '\u{fffe}' | '\u{ffff}' => Some('\u{fffd}'),
        c if is_unsafe(c) || is_byte(c) => Some('\u{fffd}'),
        _ => None,
    }
}

fn is_break(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\t' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// A text on one line: line ends and tabs are a space.
#[must_use]
pub fn one_line(text: &str) -> Cow<'_, str> {
    if !text.chars().any(|c| sign_of(c).is_some()) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut is_behind_break = false;
    for c in text.chars() {
        match is_break(c) {
            true if is_behind_break => {}
            true => out.push(' '),
            false => out.push(sign_of(c).unwrap_or(c)),
        }
        is_behind_break = is_break(c);
    }
    Cow::Owned(out)
}

/// A text of several lines: their ends and tabs stay.
#[must_use]
pub fn all_lines(text: &str) -> Cow<'_, str> {
    let stays = |c: char| matches!(c, '\n' | '\t');
    if !text.chars().any(|c| sign_of(c).is_some() && !stays(c)) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let is_line_end = c == '\r' && chars.peek() == Some(&'\n');
        out.push(if stays(c) || is_line_end { c } else { sign_of(c).unwrap_or(c) });
    }
    Cow::Owned(out)
}

/// JSON with escapes for what a terminal would act on: the same values to whoever reads it.
#[must_use]
pub fn json(text: &str) -> Cow<'_, str> {
    // Line ends between values are not part of any.
    let is_odd = |c: char| sign_of(c).is_some() && !matches!(c, '\n' | '\r' | '\t');
    if !text.chars().any(is_odd) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            // A byte of the name of a file is no text.
            c if is_byte(c) => out.push('\u{fffd}'),
            // All others have four digits.
            c if is_odd(c) => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// A text of at most so many characters: of a longer one the middle is left out, for what matters stands at both ends.
#[must_use]
pub fn cut(text: &str, most: usize) -> Cow<'_, str> {
    // No text has more characters than bytes.
    if text.len() <= most || text.chars().nth(most).is_none() {
        return Cow::Borrowed(text);
    }
    let behind = most.saturating_sub(1) / 3;
    let before = most.saturating_sub(1) - behind;
    let at = |n: usize, chars: &mut dyn Iterator<Item = (usize, char)>| chars.nth(n).map_or(0, |(at, _)| at);
    let end = at(before, &mut text.char_indices());
    let start = if behind == 0 { text.len() } else { at(behind - 1, &mut text.char_indices().rev()) };
    Cow::Owned(format!("{}…{}", text.get(..end).unwrap_or(""), text.get(start..).unwrap_or("")))
}

/// A text inside of XML, also between double quotes.
#[must_use]
pub fn xml(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c => out.push(c),
        }
    }
    out
}

/// More than this of a list is counted, not said.
const MOST_OF_A_LIST: usize = 12;

/// `a`, `a or b`, `a, b or c`
#[must_use]
pub fn either(items: &[String]) -> String {
    several(items, "or")
}

/// `a`, `a and b`, `a, b and c`
#[must_use]
pub fn several(items: &[String], with: &str) -> String {
    match items {
        [] => "nothing".to_owned(),
        [one] => one.clone(),
        many if many.len() > MOST_OF_A_LIST => {
            let said = many.get(..MOST_OF_A_LIST - 2).unwrap_or(many);
            format!("{} {with} {} more", said.join(", "), many.len() - said.len())
        }
        [first @ .., last] => format!("{} {with} {last}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_is_shown_acts() {
        assert_eq!(one_line("a\u{1b}[31m\u{7}\u{7f}\u{9b}\u{202e}b"), "a␛[31m␇␡\u{fffd}\u{fffd}b");
        assert_eq!(one_line("a\r\n\tb\u{2028}"), "a b ");
        assert_eq!(all_lines("a\r\n\tb\rc\u{1b}\n"), "a\r\n\tb␍c␛\n");
        assert_eq!(one_line("Größe 漢字 👩‍💻"), "Größe 漢字 👩‍💻");
    }

    #[test]
    fn json_keeps_its_values() {
        let text = serde_json::to_string(&"a\u{1b}\u{9b}\u{7f}\u{202e}\u{ffff}\n").unwrap();
        let shown = json(&text);
        assert!(!shown.chars().any(is_unsafe));
        assert_eq!(serde_json::from_str::<String>(&shown).unwrap(), "a\u{1b}\u{9b}\u{7f}\u{202e}\u{ffff}\n");
    }

    #[test]
    fn long_texts_lose_their_middle() {
        assert_eq!(cut("abcdefghij", 10), "abcdefghij");
        assert_eq!(cut("abcdefghijk", 10), "abcdef…ijk");
        assert_eq!(cut("äöüäöüäöüäöü", 4), "äö…ü");
        assert_eq!(cut("äöü", 3), "äöü");
        assert_eq!([cut("äöü", 1), cut("äöü", 2)], ["…", "ä…"]);
    }
}
