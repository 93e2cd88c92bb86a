//! JSON: from text to one piece for each element.
//!
//! Owns where an element of an array, an object among others, or a line begins and ends, also where the JSON is broken:
//! one bad element costs no other. Does not read the elements.

use super::lines::is_line_end;

/// The elements of a JSON text: of an array (or several), objects one after the other, or one a line.
#[derive(Debug)]
pub(super) struct Elements<'t> {
    text: &'t str,
    at: usize,
    by_line: bool,
    /// Inside an array.
    inside: bool,
    /// Whether an element that has no end was met. From then on, a line that begins an element as deep as this one ends
    /// this one: looking for its end through the whole file each time would take for ever.
    careful: bool,
}

/// A piece of a JSON text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Element<'t> {
    /// Where it begins.
    pub at: usize,
    /// From its first to its last character.
    pub text: &'t str,
}

impl<'t> Elements<'t> {
    /// The elements of a text; `by_line` where each line is one.
    pub(super) fn new(text: &'t str, by_line: bool) -> Elements<'t> {
        Elements { text, at: 0, by_line, inside: false, careful: false }
    }

    /// Whether, at the end, an array was left open: the file was cut off.
    pub(super) fn is_cut_off(&self) -> bool {
        self.inside && self.at >= self.text.len()
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn next_line(&mut self) -> Option<Element<'t>> {
        while self.at < self.text.len() {
            let start = self.at;
            let rest = self.text.get(start..)?;
            let length = rest.bytes().position(is_line_end).unwrap_or(rest.len());
            self.at = start + length + 1;
            let line = rest.get(..length)?;
            let text = line.trim();
            if !text.is_empty() {
                return Some(Element { at: start + (line.len() - line.trim_start().len()), text });
            }
        }
        None
    }

    /// Passes what stands between elements. Arrays may follow one another.
    fn skip_between(&mut self) {
        while let Some(byte) = self.peek() {
            match byte {
                b' ' | b'\t' | b'\n' | b'\r' | b',' => {}
                b'[' if !self.inside => self.inside = true,
                b']' if self.inside => self.inside = false,
                _ => return,
            }
            self.at += 1;
        }
    }

    /// Where the element that begins here ends, in good order or not.
    fn end_of_element(&mut self) -> usize {
        let bytes = self.text.as_bytes();
        let start = self.at;
        if !matches!(self.peek(), Some(b'{' | b'[')) {
            return scalar_end(bytes, start);
        }
        if !self.careful {
            if let Bracket::Closed(end) = bracket_end(bytes, start) {
                return end;
            }
            self.careful = true;
        }
        let limit = next_at_this_depth(self.text, start).unwrap_or(bytes.len());
        match bracket_end(bytes.get(..limit).unwrap_or(bytes), start) {
            Bracket::Closed(end) | Bracket::Left(end) => end,
            Bracket::Open => limit,
        }
    }
}

impl<'t> Iterator for Elements<'t> {
    type Item = Element<'t>;

    fn next(&mut self) -> Option<Element<'t>> {
        if self.by_line {
            return self.next_line();
        }
        self.skip_between();
        self.peek()?;
        let at = self.at;
        let end = self.end_of_element();
        self.at = end;
        let text = self.text.get(at..end).unwrap_or("");
        Some(Element { at, text: text.trim_end_matches([' ', '\t', '\n', '\r', ',']) })
    }
}

/// The end of something that is no object and no array: before the next comma, bracket or line end, behind one character
/// at least.
fn scalar_end(bytes: &[u8], start: usize) -> usize {
    let mut at = start;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'"' => at = string_end(bytes, at),
            b',' | b']' | b'}' | b'\n' | b'\r' | b'{' | b'[' if at > start => return at,
            _ => at += 1,
        }
    }
    bytes.len()
}

/// How a bracket ends.
enum Bracket {
    /// Behind this, its closing bracket.
    Closed(usize),
    /// Before this, the closing bracket of the array around it.
    Left(usize),
    /// Not at all.
    Open,
}

/// How the bracket at `start` ends. Brackets that were forgotten inside are taken as closed.
fn bracket_end(bytes: &[u8], start: usize) -> Bracket {
    let mut open = Vec::new();
    let mut at = start;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'"' => {
                at = string_end(bytes, at);
                continue;
            }
            b'{' | b'[' => open.push(byte),
            b'}' | b']' => {
                let opening = if byte == b'}' { b'{' } else { b'[' };
                match open.iter().rposition(|&b| b == opening) {
                    Some(depth) => open.truncate(depth),
                    None if byte == b']' => return Bracket::Left(at),
                    // One too many.
                    None => {}
                }
                if open.is_empty() {
                    return Bracket::Closed(at + 1);
                }
            }
            _ => {}
        }
        at += 1;
    }
    Bracket::Open
}

/// Behind the string that opens at `start`; at the line end where it is not closed, since none can stand in a string.
fn string_end(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'"' => return at + 1,
            b'\\' if !bytes.get(at + 1).copied().is_some_and(is_line_end) => at += 2,
            _ if is_line_end(byte) => return at,
            _ => at += 1,
        }
    }
    bytes.len()
}

/// The next line that begins an object and is indented like the one at `start`, where that one begins its line.
fn next_at_this_depth(text: &str, start: usize) -> Option<usize> {
    let before = text.get(..start)?;
    let indent = before.get(before.rfind(['\n', '\r']).map_or(0, |at| at + 1)..)?;
    if !indent.trim_start_matches('[').trim().is_empty() {
        return None;
    }
    // `[{` on the first line: the others are indented by at most as much.
    let first = indent.contains('[');
    let mut at = start;
    while let Some(found) = text.get(at..)?.find(['\n', '\r']) {
        at += found + 1;
        let line = text.get(at..)?;
        let spaces = line.len() - line.trim_start_matches([' ', '\t']).len();
        let as_deep = if first { spaces <= indent.len() } else { line.get(..spaces) == Some(indent) };
        if as_deep && line.get(spaces..)?.starts_with('{') {
            return Some(at + spaces);
        }
    }
    None
}
