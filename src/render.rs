//! Diagnostics drawn for people, for screen readers and for programs.
//!
//! The only place that knows miette. Owns the look of a report; what it says comes from `messages`.

use std::fmt::{self, Write as _};
use std::io::{self, Write};
use std::ops::Range;

use miette::{
    GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError, MietteSpanContents, SourceCode, SourceSpan,
    SpanContents,
};

use crate::diagnostic::{Diagnostic, Label, Severity};
use crate::shown::{all_lines, cut, json, one_line, sign_of};
use crate::source::{Source, Sources, Span};

/// How diagnostics are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// With lines and arrows.
    Fancy,
    /// In sentences, for screen readers and logs.
    Plain,
    /// One JSON object a line.
    Json,
}

/// How much is drawn.
#[derive(Debug, Clone, Copy)]
struct Extent {
    /// Longer lines are shown only around the place that matters, in characters.
    longest_line: usize,
    /// So many lines above and below.
    context: usize,
    /// Longer texts lose their middle, in characters.
    longest_text: usize,
}

/// The first is how messages are drawn; those that are too long are drawn again with less.
const EXTENTS: [Extent; 3] = [
    Extent { longest_line: 240, context: 1, longest_text: usize::MAX },
    Extent { longest_line: 120, context: 1, longest_text: 300 },
    Extent { longest_line: 60, context: 0, longest_text: 120 },
];

/// No message is longer, in bytes.
const LONGEST: usize = 4096;

/// Labels that are more lines apart are told by their place, not drawn.
const FARTHEST: usize = 8;

/// Draws diagnostics about the files of a model.
pub struct Renderer<'s> {
    sources: &'s Sources,
    style: Style,
    color: bool,
    width: usize,
}

impl<'s> Renderer<'s> {
    /// `width` is that of the terminal, in columns.
    #[must_use]
    pub fn new(sources: &'s Sources, style: Style, color: bool, width: usize) -> Renderer<'s> {
        Renderer { sources, style, color, width }
    }

    /// Writes one diagnostic.
    ///
    /// # Errors
    /// Where `out` cannot be written.
    pub fn write(&self, diagnostic: &Diagnostic, out: &mut dyn Write) -> io::Result<()> {
        if self.style == Style::Json {
            return writeln!(out, "{}", json(&serde_json::to_string(&diagnostic.within(self.sources))?));
        }
        let is_long = |text: &String| text.len() + "\n\n".len() > LONGEST;
        let mut text = String::new();
        for extent in EXTENTS {
            text = self.drawn(diagnostic, extent);
            if !is_long(&text) {
                break;
            }
        }
        if is_long(&text) {
            // Signs of four bytes in every place: whole lines for as long as there is room.
            let room = text.floor_char_boundary(LONGEST - "\n…\n\n".len());
            let end = text.get(..room).and_then(|t| t.rfind('\n')).unwrap_or(0);
            text.truncate(end);
            text.push_str("\n…");
        }
        writeln!(out, "{text}\n")
    }

    fn drawn(&self, diagnostic: &Diagnostic, extent: Extent) -> String {
        let report = self.report(diagnostic, extent);
        let mut text = String::new();
        let drawn = match self.style {
            Style::Fancy => {
                let theme = if self.color { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
                let handler = GraphicalReportHandler::new_themed(theme).with_links(false).with_width(self.width);
                handler.with_context_lines(1).with_cause_chain().render_report(&mut text, &report)
            }
            _ => report.say(&mut text),
        };
        if drawn.is_err() {
            // A report that cannot be drawn is still said.
            text = format!("{} {}\n", report.code, report.message);
        }
        let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
        lines.join("\n").trim_matches('\n').to_owned()
    }

    fn report(&self, diagnostic: &Diagnostic, extent: Extent) -> Report {
        let words = |text: &str| cut(&one_line(text), extent.longest_text).into_owned();
        let first = diagnostic.labels.first().map(|l| l.span);
        let excerpt = first.and_then(|first| Some(Excerpt::new(self.sources.of(first)?, first, diagnostic, extent)));
        let (mut labels, mut elsewhere) = (Vec::new(), Vec::new());
        for label in &diagnostic.labels {
            let is_here = first.is_some_and(|first| first.file == label.span.file);
            match excerpt.as_ref().filter(|_| is_here).and_then(|e| e.place(label.span)) {
                Some((start, len)) => labels.push(LabeledSpan::new(Some(words(&label.text)), start, len)),
                None => {
                    let place = self.sources.of(label.span).map_or(String::new(), |s| place(s, label.span));
                    elsewhere.push(format!("{}: {place}", words(&label.text)));
                }
            }
        }
        let mut help = diagnostic
            .help
            .as_deref()
            .map(|h| cut(&all_lines(h), extent.longest_text).into_owned())
            .unwrap_or_default();
        for place in elsewhere {
            help.push_str(if help.is_empty() { "" } else { "\n" });
            help.push_str(&place);
        }
        Report {
            message: words(&diagnostic.message),
            code: diagnostic.code.name(),
            severity: diagnostic.severity,
            help: (!help.is_empty()).then_some(help),
            labels,
            source: excerpt,
        }
    }
}

fn place(source: &Source, span: Span) -> String {
    let (at, column) = source.line_column(span.start);
    format!("{}:{at}:{column}", one_line(&source.name))
}

/// Some lines of a file as they are drawn: what a terminal would act on is made visible, and of long lines there is only what
/// stands around the place that matters.
#[derive(Debug)]
struct Excerpt {
    name: String,
    /// The number of its first line, from 0.
    first_line: usize,
    text: String,
    lines: Vec<Drawn>,
}

/// A line of an excerpt.
#[derive(Debug)]
struct Drawn {
    /// Its bytes in the file, with its end.
    written: Range<usize>,
    /// Whether something is left out behind it.
    is_cut: bool,
    /// Where it begins in the text of the excerpt.
    start: usize,
    /// The columns of the file that are left out before it.
    skipped: usize,
    /// Where each character that is drawn begins, in the file and in the excerpt; at the end, where the last one ends.
    places: Vec<(usize, usize)>,
}

impl Excerpt {
    /// The lines from the first label to the last that is not far from it, with some around them.
    fn new(source: &Source, first: Span, diagnostic: &Diagnostic, extent: Extent) -> Excerpt {
        let line_of = |span: Span| source.line_of(source.whole(span).start);
        let middle = line_of(first);
        let near = |label: &&Label| label.span.file == first.file && line_of(label.span).abs_diff(middle) <= FARTHEST;
        let near: Vec<&Label> = diagnostic.labels.iter().filter(near).collect();
        let from = near.iter().map(|l| line_of(l.span)).min().unwrap_or(middle).saturating_sub(extent.context).max(1);
        let to =
            (near.iter().map(|l| line_of(l.span)).max().unwrap_or(middle) + extent.context).min(source.line_count());
        let mut excerpt = Excerpt {
            name: cut(&one_line(&source.name), extent.longest_line).into_owned(),
            first_line: from - 1,
            text: String::new(),
            lines: Vec::new(),
        };
        for number in from..=to {
            let around = near.iter().find(|l| line_of(l.span) == number).map(|l| source.whole(l.span).start as usize);
            excerpt.add(source, number, around, extent.longest_line);
        }
        excerpt
    }

    /// Adds a line, cut `around` a place in it.
    fn add(&mut self, source: &Source, number: usize, around: Option<usize>, longest: usize) {
        let (begin, written) = (source.line_start(number), source.line(number));
        let around = around.map_or(0, |at| at.saturating_sub(begin).min(written.len()));
        let is_long = written.len() > longest && written.chars().nth(longest).is_some();
        let (before, behind) = written.split_at(written.floor_char_boundary(around));
        let boundary = |n: usize, chars: &mut dyn Iterator<Item = (usize, char)>| chars.nth(n).map(|(at, _)| at);
        let (mut from, mut to) = (0, written.len());
        if is_long {
            from = boundary(longest / 4, &mut before.char_indices().rev()).unwrap_or(0);
            to = boundary(longest / 2, &mut behind.char_indices()).map_or(to, |at| before.len() + at);
        }
        let start = self.text.len();
        self.text.push_str(if from > 0 { "…" } else { "" });
        let mut places = Vec::new();
        for (at, c) in written.get(from..to).unwrap_or("").char_indices() {
            places.push((begin + from + at, self.text.len()));
            match c {
                '\t' => self.text.push(c),
                '\u{feff}' if begin + from + at == 0 => {}
                c => self.text.push(sign_of(c).unwrap_or(c)),
            }
        }
        places.push((begin + to, self.text.len()));
        self.text.push_str(if to < written.len() { "…\n" } else { "\n" });
        let skipped = written.get(..from).map_or(0, |t| t.chars().count().saturating_sub(1));
        let is_cut = to < written.len();
        self.lines.push(Drawn { written: begin..source.line_start(number + 1), is_cut, start, skipped, places });
    }

    /// Where a place of the file is drawn: offset and length. A place of several lines is drawn on the first.
    fn place(&self, span: Span) -> Option<(usize, usize)> {
        let (start, end) = (span.start as usize, span.end as usize);
        let last_line = self.lines.len().saturating_sub(1);
        let holds =
            |(i, line): &(usize, &Drawn)| line.written.contains(&start) || *i == last_line && line.written.end == start;
        let (_, drawn) = self.lines.iter().enumerate().find(holds)?;
        let (first, last) = (drawn.places.first()?, drawn.places.last()?);
        if end < first.0 || drawn.is_cut && start > last.0 {
            return None;
        }
        let at = drawn.places.partition_point(|p| p.0 <= start).saturating_sub(1);
        let behind = drawn.places.partition_point(|p| p.0 < end).max(at);
        let (from, to) = (drawn.places.get(at)?.1, drawn.places.get(behind).unwrap_or(last).1);
        Some((from, to - from))
    }

    /// The line in which a place of the excerpt lies.
    fn line_at(&self, at: usize) -> usize {
        self.lines.partition_point(|l| l.start <= at).saturating_sub(1)
    }

    /// The column of the file at which a place of the excerpt lies, from 0.
    fn column(&self, at: usize) -> usize {
        let line = self.line_at(at);
        let drawn = self.text.get(self.line_start(line)..at).map_or(0, |t| t.chars().count());
        drawn + self.lines.get(line).map_or(0, |l| l.skipped)
    }

    fn line_start(&self, line: usize) -> usize {
        self.lines.get(line).map_or(self.text.len(), |l| l.start)
    }
}

impl SourceCode for Excerpt {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let start = span.offset().min(self.text.len());
        let end = (span.offset() + span.len()).clamp(start, self.text.len());
        let line = self.line_at(start);
        let (from, to, first, column) = if before == 0 && after == 0 {
            (start, end, line, self.column(start))
        } else {
            let first = line.saturating_sub(before);
            (
                self.line_start(first),
                self.line_start(self.line_at(end.saturating_sub(1).max(start)) + after + 1),
                first,
                0,
            )
        };
        let data = self.text.get(from..to).ok_or(MietteError::OutOfBounds)?;
        let contents = MietteSpanContents::new_named(
            self.name.clone(),
            data.as_bytes(),
            SourceSpan::from((from, data.len())),
            self.first_line + first,
            column,
            self.lines.len(),
        );
        Ok(Box::new(contents))
    }
}

#[derive(Debug)]
struct Report {
    message: String,
    code: &'static str,
    severity: Severity,
    help: Option<String>,
    labels: Vec<LabeledSpan>,
    source: Option<Excerpt>,
}

impl Report {
    /// In sentences: each line that matters, and what there is to say about it.
    fn say(&self, out: &mut String) -> fmt::Result {
        let severity = if self.severity == Severity::Error { "error" } else { "warning" };
        writeln!(out, "{}\n    Diagnostic severity: {severity}", self.message)?;
        if let Some(excerpt) = &self.source {
            writeln!(
                out,
                "Begin snippet for {} starting at line {}, column 1\n",
                excerpt.name,
                excerpt.first_line + 1
            )?;
            let mut labels: Vec<&LabeledSpan> = self.labels.iter().collect();
            labels.sort_by_key(|l| l.offset());
            for (i, _) in excerpt.lines.iter().enumerate() {
                let number = excerpt.first_line + i + 1;
                let text = excerpt.text.get(excerpt.line_start(i)..excerpt.line_start(i + 1)).unwrap_or("");
                writeln!(out, "snippet line {number}: {}", text.trim_end())?;
                for label in labels.iter().filter(|l| excerpt.line_at(l.offset()) == i) {
                    let (from, to) = (excerpt.column(label.offset()) + 1, excerpt.column(label.offset() + label.len()));
                    let columns = if to > from { format!("columns {from} to {to}") } else { format!("column {from}") };
                    writeln!(out, "    label at line {number}, {columns}: {}", label.label().unwrap_or(""))?;
                }
            }
        }
        if let Some(help) = &self.help {
            writeln!(out, "diagnostic help: {help}")?;
        }
        writeln!(out, "diagnostic code: {}", self.code)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Report {}

impl miette::Diagnostic for Report {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(self.code))
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
        })
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.help.as_ref().map(|h| Box::new(h) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.source.as_ref().map(|s| s as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        (!self.labels.is_empty())
            .then(|| Box::new(self.labels.iter().cloned()) as Box<dyn Iterator<Item = LabeledSpan>>)
    }
}
