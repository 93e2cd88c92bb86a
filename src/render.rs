//! Diagnostics drawn for people, for screen readers and for programs.
//!
//! The only place that knows miette. Owns the look of a report; what it says comes from `messages`.

use std::fmt;
use std::io::{self, Write};

use miette::{
    GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError, MietteSpanContents, NarratableReportHandler, SourceCode, SourceSpan, SpanContents,
};
use serde::Serialize;

use crate::diagnostic::{Diagnostic, Severity};
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

/// Longer lines are shown only around the place that matters, in characters.
const LONGEST_LINE: usize = 240;

/// Labels that are more lines apart are told by their place, not drawn.
const FARTHEST: usize = 8;

/// Draws diagnostics about the files of a model.
pub struct Renderer<'s> {
    sources: &'s Sources,
    style: Style,
    color: bool,
    width: usize,
    /// The text of each file with everything masked that a terminal would act on; made when first needed.
    masked: Vec<std::cell::OnceCell<Masked>>,
}

impl<'s> Renderer<'s> {
    /// `width` is that of the terminal, in columns.
    #[must_use]
    pub fn new(sources: &'s Sources, style: Style, color: bool, width: usize) -> Renderer<'s> {
        let masked = sources.files.iter().map(|_| std::cell::OnceCell::new()).collect();
        Renderer { sources, style, color, width, masked }
    }

    /// Writes one diagnostic.
    ///
    /// # Errors
    /// Where `out` cannot be written.
    pub fn write(&self, diagnostic: &Diagnostic, out: &mut dyn Write) -> io::Result<()> {
        if self.style == Style::Json {
            return self.write_json(diagnostic, out);
        }
        let report = self.report(diagnostic);
        let mut text = String::new();
        let drawn = match self.style {
            Style::Fancy => {
                let theme = if self.color { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
                let handler = GraphicalReportHandler::new_themed(theme).with_links(false).with_width(self.width).with_context_lines(1).with_cause_chain();
                handler.render_report(&mut text, &report)
            }
            _ => NarratableReportHandler::new().with_context_lines(1).with_cause_chain().render_report(&mut text, &report),
        };
        if drawn.is_err() {
            // A report that cannot be drawn is still said.
            text = format!("{} {}\n", diagnostic.code, clean(&diagnostic.message));
        }
        let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
        writeln!(out, "{}\n", lines.join("\n").trim_matches('\n'))
    }

    fn report(&self, diagnostic: &Diagnostic) -> Report {
        let file = diagnostic.labels.first().map(|l| l.span.file);
        let excerpt = file.and_then(|f| {
            let at = f.0 as usize;
            let source = self.sources.files.get(at)?;
            let masked = self.masked.get(at)?.get_or_init(|| Masked::of(source));
            Some((source, masked))
        });
        let (mut labels, mut elsewhere) = (Vec::new(), Vec::new());
        let mut shown: Option<Masked> = None;
        if let Some((source, masked)) = excerpt {
            let first = diagnostic.labels.first().map(|l| l.span).unwrap_or_default();
            let cut = masked.cut_around(first);
            for label in &diagnostic.labels {
                if Some(label.span.file) != file {
                    let place = self.sources.of(label.span).map_or(String::new(), |s| place(s, label.span));
                    elsewhere.push(format!("{}: {place}", clean(&label.text)));
                } else if let Some(span) = cut.shift(label.span, first) {
                    labels.push(LabeledSpan::new(Some(clean(&label.text)), span.0, span.1));
                } else {
                    elsewhere.push(format!("{}: {}", clean(&label.text), place(source, label.span)));
                }
            }
            shown = Some(cut);
        }
        let mut help = diagnostic.help.as_deref().map(clean).unwrap_or_default();
        for place in elsewhere {
            help.push_str(if help.is_empty() { "" } else { "\n" });
            help.push_str(&place);
        }
        Report {
            message: clean(&diagnostic.message),
            code: diagnostic.code.name(),
            severity: diagnostic.severity,
            help: (!help.is_empty()).then_some(help),
            labels,
            source: shown,
        }
    }

    fn write_json(&self, diagnostic: &Diagnostic, out: &mut dyn Write) -> io::Result<()> {
        let labels = diagnostic.labels.iter().map(|label| {
            let (line, column) = self.sources.of(label.span).map_or((0, 0), |s| s.line_column(label.span.start));
            JsonLabel { start: label.span.start, end: label.span.end, line, column, text: &label.text, file: self.sources.of(label.span).map(|s| s.name.as_str()) }
        });
        let object = JsonDiagnostic {
            code: diagnostic.code.name(),
            severity: diagnostic.severity,
            message: &diagnostic.message,
            file: diagnostic.labels.first().and_then(|l| self.sources.of(l.span)).map(|s| s.name.as_str()),
            labels: labels.collect(),
            help: diagnostic.help.as_deref(),
        };
        serde_json::to_writer(&mut *out, &object)?;
        writeln!(out)
    }
}

#[derive(Serialize)]
struct JsonDiagnostic<'a> {
    code: &'a str,
    severity: Severity,
    message: &'a str,
    file: Option<&'a str>,
    labels: Vec<JsonLabel<'a>>,
    help: Option<&'a str>,
}

#[derive(Serialize)]
struct JsonLabel<'a> {
    start: u32,
    end: u32,
    line: usize,
    column: usize,
    text: &'a str,
    file: Option<&'a str>,
}

fn place(source: &Source, span: Span) -> String {
    let (line, column) = source.line_column(span.start);
    format!("{}:{line}:{column}", clean(&source.name))
}

/// A text without anything that a terminal would act on.
fn clean(text: &str) -> String {
    text.chars().map(|c| if is_unsafe(c) { '\u{fffd}' } else { c }).collect()
}

fn is_unsafe(c: char) -> bool {
    (c.is_control() && c != '\n') || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A text as it is shown, with a line index.
#[derive(Debug, Clone)]
struct Masked {
    name: String,
    text: String,
    line_starts: Vec<usize>,
    /// The number of the first line, from 0, and where the text begins in the file.
    first_line: usize,
    start: usize,
    /// How many bytes stand before the text of the file (an ellipsis).
    shift: usize,
}

impl Masked {
    /// The whole file, byte for byte, unsafe characters as spaces; a line end stands at the end, so that a label there shows.
    fn of(source: &Source) -> Masked {
        let mut text = String::with_capacity(source.text.len() + 1);
        for c in source.text.chars() {
            if c == '\n' || c == '\t' {
                text.push(c);
            } else if is_unsafe(c) || c == '\u{feff}' {
                text.extend(std::iter::repeat_n(' ', c.len_utf8()));
            } else {
                text.push(c);
            }
        }
        text.push('\n');
        Masked::new(clean(&source.name), text, 0, 0, 0)
    }

    fn new(name: String, text: String, first_line: usize, start: usize, shift: usize) -> Masked {
        let mut line_starts = vec![0];
        line_starts.extend(text.bytes().enumerate().filter(|&(_, b)| b == b'\n').map(|(at, _)| at + 1));
        Masked { name, text, line_starts, first_line, start, shift }
    }

    fn line_of(&self, at: usize) -> usize {
        self.line_starts.partition_point(|&s| s <= at).saturating_sub(1)
    }

    /// The same, or where the line is very long, only what stands around the place.
    fn cut_around(&self, span: Span) -> Masked {
        let at = (span.start as usize).min(self.text.len().saturating_sub(1));
        let line = self.line_of(at);
        let start = self.line_starts[line];
        let end = self.line_starts.get(line + 1).copied().unwrap_or(self.text.len());
        if end - start <= LONGEST_LINE {
            return self.clone_window(line);
        }
        let mut from = at.saturating_sub(60).max(start);
        while !self.text.is_char_boundary(from) {
            from -= 1;
        }
        let mut to = (at + 120).min(end.saturating_sub(1));
        while !self.text.is_char_boundary(to) {
            to += 1;
        }
        let before = if from > start { "…" } else { "" };
        let after = if to + 1 < end { "…" } else { "" };
        let text = format!("{before}{}{after}\n", &self.text[from..to]);
        Masked::new(self.name.clone(), text, line, from, before.len())
    }

    /// A few lines around one, so that drawing does not walk over the whole file.
    fn clone_window(&self, line: usize) -> Masked {
        let first = line.saturating_sub(200);
        let last = (line + 200).min(self.line_starts.len() - 1);
        let from = self.line_starts[first];
        let to = self.line_starts.get(last + 1).copied().unwrap_or(self.text.len());
        Masked::new(self.name.clone(), self.text[from..to].to_owned(), first, from, 0)
    }

    /// Where a span of the file stands in this text: offset and length.
    fn shift(&self, span: Span, near: Span) -> Option<(usize, usize)> {
        // Two places far apart are not drawn with all lines between them.
        let line = |at: u32| (at as usize).checked_sub(self.start).map(|at| self.line_of((at + self.shift).min(self.text.len() - 1)));
        if line(span.start)?.abs_diff(line(near.start)?) > FARTHEST {
            return None;
        }
        let start = (span.start as usize).checked_sub(self.start)? + self.shift;
        let end = (span.end as usize).checked_sub(self.start)? + self.shift;
        let last = self.text.len() - 1;
        if start > last {
            return None;
        }
        let mut end = end.clamp(start, last);
        // A label over several lines is drawn on the first.
        if let Some(at) = self.text.get(start..end).and_then(|t| t.find('\n')) {
            end = start + at;
        }
        Some((start, end - start))
    }
}

impl SourceCode for Masked {
    fn read_span<'a>(&'a self, span: &SourceSpan, before: usize, after: usize) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let start = span.offset().min(self.text.len() - 1);
        let end = (span.offset() + span.len()).clamp(start, self.text.len());
        let line = self.line_of(start);
        let (data, from, first, column) = if before == 0 && after == 0 {
            let column = self.text[self.line_starts[line]..start].chars().count();
            (&self.text[start..end], start, line, column)
        } else {
            let first = line.saturating_sub(before);
            let last = (self.line_of(end.saturating_sub(1).max(start)) + after).min(self.line_starts.len().saturating_sub(2));
            let from = self.line_starts[first];
            let to = self.line_starts.get(last + 1).copied().unwrap_or(self.text.len());
            (&self.text[from..to], from, first, 0)
        };
        let span = SourceSpan::from((from, data.len()));
        let contents = MietteSpanContents::new_named(self.name.clone(), data.as_bytes(), span, self.first_line + first, column, self.line_starts.len());
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
    source: Option<Masked>,
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
        (!self.labels.is_empty()).then(|| Box::new(self.labels.iter().cloned()) as Box<dyn Iterator<Item = LabeledSpan>>)
    }
}
