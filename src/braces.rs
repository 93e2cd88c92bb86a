//! Names in braces, in texts that are printed: `Looked at {page}`. Two open braces are one as such.
//!
//! The one scanner of them: `check` looks the names up, `compare` follows them when they are renamed.

use std::ops::Range;

/// A piece of a text with names in braces.
#[derive(Debug, PartialEq, Eq)]
pub enum Piece<'t> {
    /// As it is printed.
    Plain(&'t str),
    /// Where a name stands, without the blanks around it.
    Name(Range<usize>),
    /// A brace that opens no name; it is in the plain piece behind.
    Odd,
}

/// The pieces of a text, in order.
#[must_use]
pub fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut out = Vec::new();
    let (mut plain, mut from) = (0, 0);
    while let Some(open) = text.get(from..).and_then(|rest| rest.find('{')).map(|at| from + at) {
        let inside = text.get(open + 1..).unwrap_or("");
        if inside.starts_with('{') {
            out.push(Piece::Plain(text.get(plain..=open).unwrap_or("")));
            (plain, from) = (open + 2, open + 2);
            continue;
        }
        let name =
            inside.find(['{', '}', '\n']).filter(|&end| inside[end..].starts_with('}')).map(|end| &inside[..end]);
        let Some(name) = name.filter(|name| !name.trim().is_empty()) else {
            out.push(Piece::Odd);
            from = open + 1;
            continue;
        };
        out.push(Piece::Plain(text.get(plain..open).unwrap_or("")));
        let start = open + 1 + (name.len() - name.trim_start().len());
        out.push(Piece::Name(start..start + name.trim().len()));
        (plain, from) = (open + name.len() + 2, open + name.len() + 2);
    }
    out.push(Piece::Plain(text.get(plain..).unwrap_or("")));
    out
}

/// Where the names stand in a text.
#[must_use]
pub fn names(text: &str) -> Vec<Range<usize>> {
    pieces(text).into_iter().filter_map(|piece| if let Piece::Name(at) = piece { Some(at) } else { None }).collect()
}

/// Where the names stand in a text as it is written in a file, with its escapes.
#[must_use]
pub fn names_as_written(written: &str) -> Vec<Range<usize>> {
    // Escapes may have braces of their own: `\u{…}`. They are blotted out, each byte by one.
    let mut bare = String::with_capacity(written.len());
    let mut chars = written.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            bare.push(c);
            continue;
        }
        let escape = chars.next();
        let mut length = 1 + escape.map_or(0, char::len_utf8);
        if escape == Some('u') {
            for c in chars.by_ref() {
                length += c.len_utf8();
                if c == '}' {
                    break;
                }
            }
        }
        bare.extend(std::iter::repeat_n(if escape == Some('n') { '\n' } else { '\\' }, length));
    }
    names(&bare)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(text: &str) -> Vec<&str> {
        names(text).into_iter().map(|at| &text[at]).collect()
    }

    #[test]
    fn names_and_braces() {
        assert_eq!(named("at { page } of {`a b`}"), ["page", "`a b`"]);
        assert_eq!(named("{{no}} {a {b} {} {\n} }"), ["b"]);
        let printed: String =
            pieces("{{a}} {b}!").iter().map(|p| if let Piece::Plain(t) = p { t } else { "" }).collect();
        assert_eq!(printed, "{a}} !");
        assert_eq!(pieces("{ {x}"), [Piece::Odd, Piece::Plain("{ "), Piece::Name(3..4), Piece::Plain("")]);
    }

    #[test]
    fn names_behind_escapes() {
        let written = r#""\u{e9}\"{a}\\{b}""#;
        assert_eq!(names_as_written(written).into_iter().map(|at| &written[at]).collect::<Vec<_>>(), ["a", "b"]);
    }
}
