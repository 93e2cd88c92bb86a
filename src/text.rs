//! Text as Merit compares it: folding, words, wildcards, pages.
//!
//! Owns how texts are compared, as `docs/reference.md` says under *Comparisons*, *Activity* and *Appendix: names and columns*.
//! Knows nothing of leads or models.

use std::borrow::Cow;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};
use unicode_properties::{GeneralCategory, GeneralCategoryGroup, UnicodeGeneralCategory};

/// White space, as Unicode has it: what is trimmed from both ends of a text, and counts as one space inside of it.
#[must_use]
pub fn is_space(c: char) -> bool {
    c.is_whitespace()
}

/// Signs that nobody sees and that say nothing: soft hyphens, joiners, spaces without width.
#[must_use]
pub fn is_unseen(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}')
}

/// A text without the white space around it.
#[must_use]
pub fn trim(text: &str) -> &str {
    // As a rule there is nothing to trim.
    let is_plain = |b: &u8| b.is_ascii_graphic();
    if text.as_bytes().first().is_some_and(is_plain) && text.as_bytes().last().is_some_and(is_plain) {
        return text;
    }
    text.trim_matches(is_space)
}

/// Whether there is nothing to see: white space, and signs that nobody sees.
#[must_use]
pub fn is_blank(text: &str) -> bool {
    text.chars().all(|c| is_space(c) || is_unseen(c))
}

/// The form in which two texts are compared: without signs that nobody sees, NFC, trimmed, runs of white space as one space,
/// lower-cased, with `İ` as `i` and final `ς` as `σ`.
#[must_use]
pub fn fold(text: &str) -> Cow<'_, str> {
    let text = trim(text);
    if is_plain(text) {
        return lower(text);
    }
    let mut plain = String::with_capacity(text.len());
    for c in text.chars().filter(|&c| !is_unseen(c)) {
        if !is_space(c) {
            plain.push(c);
        } else if !plain.is_empty() && !plain.ends_with(' ') {
            plain.push(' ');
        }
    }
    plain.truncate(plain.trim_end().len());
    Cow::Owned(lower(&plain).into_owned())
}

/// Whether a text is one of these words, which are folded.
#[must_use]
pub fn is_one_of(text: &str, words: &[String]) -> bool {
    if words.is_empty() {
        return false;
    }
    let folded = fold(text);
    words.iter().any(|word| **word == *folded)
}

/// Adds the form in which a text is compared; without memory of its own for texts that are as almost all are.
pub fn fold_into(text: &str, out: &mut String) {
    let from = out.len();
    out.push_str(trim(text));
    match out.get_mut(from..) {
        Some(plain) if plain.is_ascii() && is_plain(plain) => plain.make_ascii_lowercase(),
        _ => {
            out.truncate(from);
            out.push_str(&fold(text));
        }
    }
}

/// Whether all white space is single spaces between others, and nothing is unseen: so it is with almost all texts. `text` is trimmed.
fn is_plain(text: &str) -> bool {
    let is_one = |w: &[u8]| matches!(w, [b' ', b' ']);
    let bytes = text.as_bytes();
    bytes.iter().all(|&b| b >= b' ')
        && (!bytes.contains(&b' ') || !bytes.windows(2).any(is_one))
        && (text.is_ascii() || !text.chars().any(|c| is_unseen(c) || (c != ' ' && is_space(c))))
}

/// NFC, in small letters.
fn lower(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return if text.bytes().any(|b| b.is_ascii_uppercase()) {
            Cow::Owned(text.to_ascii_lowercase())
        } else {
            Cow::Borrowed(text)
        };
    }
    let composed: Cow<'_, str> = match is_nfc_quick(text.chars()) {
        IsNormalized::Yes => Cow::Borrowed(text),
        _ => Cow::Owned(text.nfc().collect()),
    };
    let mut out = String::with_capacity(composed.len());
    for c in composed.chars() {
        match c {
            'İ' => out.push('i'),
            'ς' => out.push('σ'),
            _ => out.extend(c.to_lowercase()),
        }
    }
    Cow::Owned(out)
}

/// The form in which a name and a column header are compared: lower-cased, every run of characters that are neither
/// letters nor digits one `_`, and none at the ends. A header without any letter or digit is compared as it is folded.
#[must_use]
pub fn name_key(name: &str) -> String {
    // What is unseen parts words here, as all that is no letter does.
    let folded = lower(trim(name));
    let mut key = String::with_capacity(folded.len());
    for c in folded.chars() {
        if is_word_char(c) {
            key.push(c);
        } else if !key.is_empty() && !key.ends_with('_') {
            key.push('_');
        }
    }
    if key.ends_with('_') {
        key.pop();
    }
    if key.is_empty() { folded.into_owned() } else { key }
}

/// The form in which a path such as `Company.Size` is compared: that of each segment, with dots between them.
#[must_use]
pub fn path_key(path: &str) -> String {
    path.split('.').map(name_key).collect::<Vec<_>>().join(".")
}

/// The one sign that a text is, as may stand between cells: none that a cell is made of.
#[must_use]
pub fn one_sign(text: &str) -> Option<u8> {
    match text.as_bytes() {
        [sign] if !sign.is_ascii_alphanumeric() && *sign != b'"' => Some(*sign),
        _ => None,
    }
}

/// The form in which spellings of stages are compared: letters and digits alone.
#[must_use]
pub fn spelling_key(text: &str) -> String {
    name_key(text).replace('_', "")
}

/// Whether a character belongs to a word: a letter, a mark or a digit.
#[must_use]
pub fn is_word_char(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_alphanumeric();
    }
    matches!(c.general_category_group(), GeneralCategoryGroup::Letter | GeneralCategoryGroup::Mark)
        || c.general_category() == GeneralCategory::DecimalNumber
}

/// Whether a character is a letter.
#[must_use]
pub fn is_letter(c: char) -> bool {
    c.is_ascii_alphabetic() || (!c.is_ascii() && c.general_category_group() == GeneralCategoryGroup::Letter)
}

/// Whether a character is a mark, which belongs to the letter before it.
#[must_use]
pub fn is_mark(c: char) -> bool {
    !c.is_ascii() && c.general_category_group() == GeneralCategoryGroup::Mark
}

/// A folded text as its words, each with one space before and one space after it (`" vp of sales "`), so that a phrase is
/// found by a plain substring search. Empty where there is no word.
///
/// Words are runs of letters, marks and digits; a dot between two single letters is dropped (`v.p.` is `vp`).
#[must_use]
pub fn words(folded: &str) -> String {
    let mut out = String::with_capacity(folded.len() + 2);
    let mut chars = folded.char_indices().peekable();
    let mut last_end = None;
    let mut last_single = false;
    while let Some((start, c)) = chars.next() {
        if !is_word_char(c) {
            continue;
        }
        let mut end = start + c.len_utf8();
        let mut letters = usize::from(is_letter(c));
        let mut all = 1;
        while let Some(&(at, next)) = chars.peek() {
            if !is_word_char(next) {
                break;
            }
            letters += usize::from(is_letter(next));
            // A mark belongs to the letter before it.
            all += usize::from(!is_mark(next));
            end = at + next.len_utf8();
            chars.next();
        }
        let single = letters == 1 && all == 1;
        let joined = single && last_single && last_end.is_some_and(|e| folded.get(e..start) == Some("."));
        if joined {
            out.pop();
        } else if out.is_empty() {
            out.push(' ');
        }
        out.push_str(&folded[start..end]);
        out.push(' ');
        last_end = Some(end);
        last_single = single;
    }
    out
}

/// Whether a folded text matches a folded pattern as a whole; `*` is any run of characters, `?` one character.
#[must_use]
pub fn matches_wildcard(pattern: &str, text: &str) -> bool {
    let (p, t) = (pattern.as_bytes(), text.as_bytes());
    let (mut pi, mut ti) = (0, 0);
    // Where to go on when a guess fails: behind the last star, and how much of the text that star has taken.
    let mut retry: Option<(usize, usize)> = None;
    while ti < t.len() {
        match p.get(pi) {
            Some(b'*') => {
                retry = Some((pi + 1, ti));
                pi += 1;
            }
            Some(b'?') => {
                pi += 1;
                ti += char_len(t, ti);
            }
            Some(&b) if b == t[ti] => {
                pi += 1;
                ti += 1;
            }
            _ => match retry {
                Some((star, taken)) => {
                    let taken = taken + char_len(t, taken);
                    retry = Some((star, taken));
                    pi = star;
                    ti = taken;
                }
                None => return false,
            },
        }
    }
    p[pi..].iter().all(|&b| b == b'*')
}

fn char_len(text: &[u8], at: usize) -> usize {
    match text[at] {
        b if b < 0x80 => 1,
        b if b >= 0xf0 => 4,
        b if b >= 0xe0 => 3,
        _ => 2,
    }
}

/// Whether a pattern holds a wildcard.
#[must_use]
pub fn has_wildcard(pattern: &str) -> bool {
    pattern.contains(['*', '?'])
}

/// Endings of files that could be taken for the last part of a host.
pub(crate) const FILE_ENDINGS: &[&str] = &[
    "pdf", "html", "htm", "php", "aspx", "doc", "docx", "xls", "xlsx", "ppt", "pptx", "csv", "tsv", "txt", "json",
    "xml", "zip", "png", "jpg", "jpeg", "gif", "svg", "webp", "mp3", "mp4", "mov",
];

/// The path of a page: without scheme, host, query, fragment and trailing slash; `/` is the home page. `None` where it is no page: it
/// begins neither with `/`, a scheme nor a host.
///
/// `target` is folded.
#[must_use]
pub fn page_path(target: &str) -> Option<&str> {
    let address = &target[..target.find(['?', '#']).unwrap_or(target.len())];
    let is_scheme =
        |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'));
    let (rest, has_host) = match address.split_once("://") {
        Some((scheme, rest)) if is_scheme(scheme) => (rest, true),
        _ => (address, false),
    };
    let slash = rest.find('/').unwrap_or(rest.len());
    let (before, path) = rest.split_at(slash);
    if !(has_host || before.is_empty() && !path.is_empty() || is_host(before, path.is_empty())) {
        return None;
    }
    let path = path.trim_end_matches('/');
    Some(if path.is_empty() { "/" } else { path })
}

/// Whether this is a host, perhaps with a port: parts with dots between them, the last of letters. Standing alone it is none where it ends as a
/// file does.
fn is_host(text: &str, is_alone: bool) -> bool {
    let name = match text.split_once(':') {
        Some((name, port)) if !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => text,
    };
    let Some((front, last)) = name.rsplit_once('.') else { return false };
    front.chars().next().is_some_and(char::is_alphanumeric)
        && front.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '.'))
        && last.chars().all(char::is_alphabetic)
        && last.chars().nth(1).is_some()
        && !(is_alone && FILE_ENDINGS.contains(&last))
}

/// The first letter large.
#[must_use]
pub fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or(String::new(), |first| first.to_uppercase().chain(chars).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folding() {
        assert_eq!(fold("  CEO\u{a0}"), "ceo");
        assert_eq!(fold("MÜNCHEN"), "münchen");
        assert_eq!(fold("mu\u{308}nchen"), "münchen");
        assert_eq!(fold("İstanbul"), "istanbul");
        assert_eq!(fold("ΟΔΟΣ"), fold("οδος"));
        assert_eq!(fold("\u{3000}IT  \t\u{2009}services\u{85}"), "it services");
        assert_eq!(fold("Mar\u{ad}ke\u{200b}ting\u{feff}"), "marketing");
        assert_eq!(fold("\u{feff} a \u{200b} b"), "a b");
        assert!(is_blank(" \u{3000}\u{200b}\u{feff}") && !is_blank("."));
        assert_eq!(fold("\u{200b}\u{feff}"), "");
        for text in ["  IT Services ", "IT  services", "MÜNCHEN", "", "a\tB"] {
            let mut out = "before".to_owned();
            fold_into(text, &mut out);
            assert_eq!(out, format!("before{}", fold(text)));
        }
    }

    #[test]
    fn names_and_headers() {
        assert_eq!(name_key("Number of Employees"), "number_of_employees");
        assert_eq!(name_key("  Lead Score (old) "), "lead_score_old");
        assert_eq!(name_key("__a--b"), "a_b");
        assert_eq!(name_key("%"), "%");
    }

    #[test]
    fn words_of_titles() {
        assert_eq!(words("v.p., sales"), " vp sales ");
        assert_eq!(words("co-founder"), " co founder ");
        assert_eq!(words("acme.com"), " acme com ");
        assert_eq!(words("u.s.a"), " usa ");
        assert_eq!(words("j. smith"), " j smith ");
        assert_eq!(words("..."), "");
        assert_eq!(words("v.2"), " v 2 ");
    }

    #[test]
    fn wildcards() {
        assert!(matches_wildcard("vp *", "vp sales"));
        assert!(!matches_wildcard("vp", "vp sales"));
        assert!(matches_wildcard("v? s*", "vp sales"));
        assert!(matches_wildcard("?", "é"));
        assert!(matches_wildcard("*é*", "café au"));
        assert!(!matches_wildcard("a?", "a"));
        assert!(matches_wildcard("*", ""));
        assert!(!matches_wildcard(&"*a".repeat(50), &"b".repeat(100_000)));
    }

    #[test]
    fn pages() {
        let path = |target| page_path(target).unwrap_or("no page");
        assert_eq!(path("https://www.acme.com/pricing/?utm_source=x"), "/pricing");
        assert_eq!(path("http://acme.com/pricing#plans"), "/pricing");
        assert_eq!(path("http://localhost:8080/pricing"), "/pricing");
        assert_eq!(path("acme.com"), "/");
        assert_eq!(path("acme.com:8080"), "/");
        assert_eq!(path("acme.com?utm_source=x"), "/");
        assert_eq!(path("https://acme.com/?a=b"), "/");
        assert_eq!(path("/pricing-guide"), "/pricing-guide");
        assert_eq!(path("/"), "/");
        assert_eq!(path("acme.com/x/"), "/x");
        assert_eq!(path("acme.com/x.pdf"), "/x.pdf");
        for target in
            ["pricing", "guide v2.0", "brochure.pdf", "v2.0/notes", "q4 report.final/x", "", "?a=b", ".com", "a.b"]
        {
            assert_eq!(page_path(target), None, "{target}");
        }
    }
}
