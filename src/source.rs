//! Rule files as text, and places in them.
//!
//! Owns file ids, spans and the way from a byte offset to line and column. Reads no files.

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
    line_starts: Vec<u32>,
}

impl Source {
    /// A file with its line index. The text is at most 4 GiB.
    #[must_use]
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Source {
        let text = text.into();
        let mut line_starts = vec![0];
        line_starts.extend(text.bytes().enumerate().filter(|&(_, b)| b == b'\n').map(|(at, _)| offset(at + 1)));
        Source { name: name.into(), text, is_lossy: false, line_starts }
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

    /// Line and column (in characters) of a byte offset, both from 1. Offsets behind the end are the end.
    #[must_use]
    pub fn line_column(&self, at: u32) -> (usize, usize) {
        let line = self.line_of(at);
        let start = self.line_starts.get(line - 1).copied().unwrap_or(0) as usize;
        let end = (at as usize).min(self.text.len());
        let column = self.text.get(start..end).map_or(end.saturating_sub(start), |t| t.chars().count());
        (line, column + 1)
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

    /// How many lines there are.
    #[must_use]
    pub fn line_count(&self) -> usize {
        self.line_starts.len()
    }

    /// The text of a span.
    #[must_use]
    pub fn slice(&self, span: Span) -> &str {
        self.text.get(span.range()).unwrap_or("")
    }

    /// The text of a span on one line: comments taken out, white space folded.
    #[must_use]
    pub fn phrase(&self, span: Span) -> String {
        let mut out = String::new();
        let mut in_text = false;
        let mut in_comment = false;
        let mut escaped = false;
        for c in self.slice(span).chars() {
            if in_comment {
                in_comment = c != '\n';
            } else if in_text {
                out.push(c);
                in_text = escaped || c != '"';
                escaped = !escaped && c == '\\';
            } else if c == '#' {
                in_comment = true;
            } else if c.is_whitespace() {
                if !out.ends_with(' ') && !out.is_empty() {
                    out.push(' ');
                }
            } else {
                in_text = c == '"';
                out.push(c);
            }
        }
        out.truncate(out.trim_end().len());
        out
    }
}

/// A length or place in a text as the 32 bits that spans hold.
#[must_use]
pub fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
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
