//! Rule files as text, and places in them.
//!
//! Owns file ids, spans, the way from a byte offset to line and column, and why a file cannot be had. Reads no files.

/// Which file of a model: the root file is 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct FileId(pub u32);

/// A place in a file: byte offsets, half open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span {
    /// The file.
    pub file: FileId,
    /// The first byte.
    pub start: u32,
    /// The byte after the last.
    pub end: u32,
}

/// Where a call stands, and its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Called {
    /// The name.
    pub name: Span,
    /// Name and parentheses.
    pub whole: Span,
}

impl Span {
    /// The place that holds both.
    #[must_use]
    pub fn to(self, end: Span) -> Span {
        Span { file: self.file, start: self.start.min(end.start), end: self.end.max(end.end) }
    }

    /// The bytes as a range of `usize`.
    #[must_use]
    pub fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// A rule file: its name and its text.
#[derive(Debug, Clone)]
pub struct Source {
    /// As it is shown, e.g. `model.merit`.
    pub name: String,
    /// The text as it is in the file.
    pub text: String,
    /// Whether the file was not UTF-8: what could not be read is U+FFFD in the text.
    pub is_lossy: bool,
    /// Whether the file is one of Merit's own library.
    pub is_library: bool,
    line_starts: Vec<u32>,
}

impl Source {
    /// A file with its line index. The text is at most 4 GiB.
    #[must_use]
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Source {
        let text = text.into();
        let mut line_starts = vec![0];
        line_starts.extend(text.bytes().enumerate().filter(|&(_, b)| b == b'\n').map(|(at, _)| offset(at + 1)));
        Source { name: name.into(), text, is_lossy: false, is_library: false, line_starts }
    }

    /// A file from its bytes.
    #[must_use]
    pub fn from_bytes(name: impl Into<String>, bytes: Vec<u8>) -> Source {
        match String::from_utf8(bytes) {
            Ok(text) => Source::new(name, text),
            Err(error) => {
                let mut source = Source::new(name, String::from_utf8_lossy(error.as_bytes()).into_owned());
                source.is_lossy = true;
                source
            }
        }
    }

    /// Line and column (in characters) of a byte offset, both from 1. Offsets behind the end are the end, one inside of a
    /// character is that of the character. A byte order mark stands in no column.
    #[must_use]
    pub fn line_column(&self, at: u32) -> (usize, usize) {
        let end = self.text.floor_char_boundary(at as usize);
        let line = self.line_of(offset(end));
        let before = self.text.get(self.line_start(line)..end).unwrap_or("");
        let before = if line == 1 { before.strip_prefix('\u{feff}').unwrap_or(before) } else { before };
        (line, before.chars().count() + 1)
    }

    /// The line of a byte offset, from 1.
    #[must_use]
    pub fn line_of(&self, at: u32) -> usize {
        self.line_starts.partition_point(|&start| start <= at).max(1)
    }

    /// The byte offset at which a line (from 1) begins; the end of the text where there is no such line.
    #[must_use]
    pub fn line_start(&self, line: usize) -> usize {
        self.line_starts.get(line.saturating_sub(1)).map_or(self.text.len(), |&s| s as usize)
    }

    /// A line (from 1) without its end.
    #[must_use]
    pub fn line(&self, line: usize) -> &str {
        let text = self.text.get(self.line_start(line)..self.line_start(line + 1)).unwrap_or("");
        let text = text.strip_suffix('\n').unwrap_or(text);
        text.strip_suffix('\r').unwrap_or(text)
    }

    /// How many lines there are.
    #[must_use]
    pub fn line_count(&self) -> usize {
        self.line_starts.len()
    }

    /// A span that lies within the text and takes no character in part.
    #[must_use]
    pub fn whole(&self, span: Span) -> Span {
        let start = self.text.floor_char_boundary(span.start as usize);
        Span {
            file: span.file,
            start: offset(start),
            end: offset(self.text.ceil_char_boundary(span.end as usize).max(start)),
        }
    }

    /// The text of a span.
    #[must_use]
    pub fn slice(&self, span: Span) -> &str {
        self.text.get(span.range()).unwrap_or("")
    }

    /// The text of a span on one line: comments taken out, white space folded, quotes straightened.
    #[must_use]
    pub fn phrase(&self, span: Span) -> String {
        let mut out = String::new();
        let mut rest = self.slice(span);
        while let Some(c) = rest.chars().next() {
            let behind = rest.get(c.len_utf8()..).unwrap_or("");
            let line = || behind.get(..behind.find(['\n', '\r']).unwrap_or(behind.len())).unwrap_or("");
            let taken = match c {
                '#' => line().len(),
                '`' => {
                    let line = line();
                    let name = line.find('`').map_or(line.len(), |at| at + 1);
                    out.push('`');
                    out.push_str(line.get(..name).unwrap_or(""));
                    name
                }
                _ if opens_text(c) => {
                    let line = line();
                    let (body, close) = closing_quote(c, line).unwrap_or((line.len(), 0));
                    out.push('"');
                    out.push_str(line.get(..body).unwrap_or(""));
                    out.push('"');
                    body + close
                }
                _ if is_blank(c) => {
                    if !out.ends_with(' ') && !out.is_empty() {
                        out.push(' ');
                    }
                    0
                }
                _ => {
                    out.push(c);
                    0
                }
            };
            rest = behind.get(taken..).unwrap_or("");
        }
        out.truncate(out.trim_end().len());
        out
    }
}

/// Whether a character opens a text: a double quote, also as documents write it.
#[must_use]
pub fn opens_text(c: char) -> bool {
    matches!(c, '"' | '“' | '”' | '„' | '‟' | '«' | '»')
}

/// The quote that closes a text, in the rest of the line behind the quote that opens it: where it begins, and its length.
#[must_use]
pub fn closing_quote(open: char, line: &str) -> Option<(usize, usize)> {
    let mut curly = None;
    let mut escaped = false;
    for (at, c) in line.char_indices() {
        if escaped {
            escaped = false;
            continue;
        }
        match c {
            '\\' => escaped = true,
            '"' => return Some((at, 1)),
            '“' | '”' | '«' | '»' if curly.is_none() => {
                curly = Some((at, c.len_utf8()));
                if open != '"' {
                    break;
                }
            }
            _ => {}
        }
    }
    curly
}

/// White space between words, and what is as good as none.
#[must_use]
pub fn is_blank(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{feff}' | '\u{200b}' | '\u{2060}' | '\u{ad}')
}

/// A length or place in a text as the 32 bits that spans hold.
#[must_use]
pub fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// Why a file cannot be had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileProblem {
    /// There is none.
    NotFound,
    /// It is not under the root model's folder.
    Outside,
    /// The path begins at the root of the disk.
    Absolute,
    /// The model comes from standard input, so that there is no folder to look in.
    NoFolder,
    /// It is not UTF-8.
    NotUtf8,
    /// It is too large.
    TooLarge,
    /// Anything else, in the system's words.
    Other(String),
}

/// All files of a model, by [`FileId`].
#[derive(Debug, Clone, Default)]
pub struct Sources {
    /// The files, the root file first.
    pub files: Vec<Source>,
}

impl Sources {
    /// The file of a span. There always is one: spans are made from files.
    #[must_use]
    pub fn of(&self, span: Span) -> Option<&Source> {
        self.files.get(span.file.0 as usize)
    }

    /// Whether a file of Merit's own library is among them.
    #[must_use]
    pub fn use_a_library(&self) -> bool {
        self.files.iter().any(|source| source.is_library)
    }

    /// The text of a span.
    #[must_use]
    pub fn slice(&self, span: Span) -> &str {
        self.of(span).map_or("", |s| s.slice(span))
    }

    /// The text of a span on one line, see [`Source::phrase`].
    #[must_use]
    pub fn phrase(&self, span: Span) -> String {
        self.of(span).map_or(String::new(), |s| s.phrase(span))
    }
}

#[cfg(test)]
mod tests {
    use super::{FileId, Source, Span};

    #[test]
    fn phrases_are_on_one_line_with_straight_quotes() {
        let phrase =
            |text: &str| Source::new("", text).phrase(Span { file: FileId(0), start: 0, end: text.len() as u32 });
        assert_eq!(phrase("a  =\n\tb # no more\n and c"), "a = b and c");
        assert_eq!(phrase("title\u{a0}= “C# dev”\u{ad} or „x  y“"), "title = \"C# dev\" or \"x  y\"");
        assert_eq!(phrase(r#"a = "q \" # q" # c"#), r#"a = "q \" # q""#);
        assert_eq!(phrase("`Score # old` = 5"), "`Score # old` = 5");
        assert_eq!(phrase("a = \"“quoted”\""), "a = \"“quoted”\"");
    }

    #[test]
    fn places_are_those_of_whole_characters() {
        let source = Source::new("", "\u{feff}äö\n漢“x”");
        assert_eq!(source.line_column(5), (1, 2));
        assert_eq!([source.line_column(4), source.line_column(99)], [(1, 1), (2, 5)]);
        let span = source.whole(Span { file: FileId(0), start: 9, end: 13 });
        assert_eq!(source.slice(span), "漢“");
        assert_eq!([source.line(1), source.line(2), source.line(3)], ["\u{feff}äö", "漢“x”", ""]);
    }
}
