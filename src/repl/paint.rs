//! Colours: of what is typed, and of answers.

use crate::syntax::{Look, looks};

const RESET: &str = "\x1b[0m";

fn colored(text: &str, code: &str) -> String {
    format!("\x1b[{code}m{text}{RESET}")
}

/// Something that matters little.
pub(super) fn dim(text: &str, color: bool) -> String {
    if color { colored(text, "2") } else { text.to_owned() }
}

/// The prompt: the lead at hand.
pub(super) fn prompt(text: &str, color: bool) -> String {
    if color { format!("{} {} ", colored(text, "1;36"), colored("›", "2")) } else { format!("{text} › ") }
}

/// What is typed, as it is typed.
pub(super) fn typed(text: &str) -> String {
    if text.starts_with(':') {
        let end = text.find(char::is_whitespace).unwrap_or(text.len());
        return format!("{}{}", colored(text.get(..end).unwrap_or(""), "1;36"), text.get(end..).unwrap_or(""));
    }
    let mut out = String::with_capacity(text.len() * 2);
    let mut done = 0;
    for (range, look) in looks(text) {
        if range.start < done {
            continue;
        }
        out.push_str(text.get(done..range.start).unwrap_or(""));
        let code = match look {
            Look::Word => "1;34",
            Look::Text => "32",
            Look::Number => "33",
            Look::Comment => "2",
        };
        out.push_str(&colored(text.get(range.clone()).unwrap_or(""), code));
        done = range.end;
    }
    out.push_str(text.get(done..).unwrap_or(""));
    out
}

/// An answer: what holds, what does not, and what is not known.
pub(super) fn answer(text: &str, color: bool) -> String {
    if !color {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len() + 64);
    for line in text.split_inclusive('\n') {
        let bare = line.trim_end_matches('\n');
        let sign = bare.trim_start();
        let painted = match sign {
            "yes" => colored(bare, "1;32"),
            "no" => colored(bare, "1;31"),
            _ if sign.starts_with("unknown") => colored(bare, "1;33"),
            _ => signed(bare, sign),
        };
        out.push_str(&painted);
        if line.ends_with('\n') {
            out.push('\n');
        }
    }
    out
}

fn signed(line: &str, bare: &str) -> String {
    let (code, sign) = match bare.chars().next() {
        Some('✓') => ("32", "✓"),
        Some('✗') => ("31", "✗"),
        Some('?') => ("33", "?"),
        _ if bare.starts_with("now  ") => ("32", "now"),
        _ if bare.starts_with("no longer  ") => ("31", "no longer"),
        _ => return line.to_owned(),
    };
    line.replacen(sign, &colored(sign, code), 1)
}
