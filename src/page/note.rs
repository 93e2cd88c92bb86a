//! A short text with headings and lists: for a terminal, or as Markdown for a note in a CRM or a pull request.
//!
//! Owns how such a text is laid out. What it says may be anything, as on a page: it is made to stand for itself.

use super::markdown::{at_start, phrase};
use super::{Kind, Phrase};
use crate::columns::Table;

/// A short text in the making.
#[derive(Debug, Clone)]
pub struct Note {
    text: String,
    is_markdown: bool,
    /// Whether it stands below a heading: there, lines are indented in a terminal.
    is_below: bool,
}

impl Note {
    /// Nothing yet; Markdown where that is asked for.
    #[must_use]
    pub fn new(is_markdown: bool) -> Note {
        Note { text: String::new(), is_markdown, is_below: false }
    }

    /// What it says.
    #[must_use]
    pub fn into_text(self) -> String {
        self.text
    }

    /// A phrase that stands for itself.
    fn said(&self, words: impl Into<Phrase>) -> String {
        let words = words.into();
        if self.is_markdown {
            return phrase(&words);
        }
        words
            .0
            .iter()
            .map(|run| if run.kind == Kind::Code { format!("`{}`", run.text) } else { run.text.clone() })
            .collect()
    }

    /// The first line.
    pub fn title(&mut self, words: impl Into<Phrase>) {
        let words = self.said(words);
        self.text.push_str(&if self.is_markdown { format!("## {words}\n\n") } else { format!("{words}\n") });
    }

    /// A heading below that.
    pub fn heading(&mut self, words: impl Into<Phrase>) {
        let words = self.said(words);
        if !self.text.ends_with("\n\n") {
            self.text.push('\n');
        }
        self.text.push_str(&if self.is_markdown { format!("### {words}\n\n") } else { format!("{words}\n") });
        self.is_below = true;
    }

    /// A sentence on a line of its own.
    pub fn line(&mut self, words: impl Into<Phrase>) {
        let words = self.said(words);
        let indent = if self.is_below { "  " } else { "" };
        self.text.push_str(&if self.is_markdown {
            format!("{}  \n", at_start(words))
        } else {
            format!("{indent}{words}\n")
        });
    }

    /// An entry of a list.
    pub fn item(&mut self, words: impl Into<Phrase>) {
        self.entry("- ", "  ", words);
    }

    /// An entry below an entry.
    pub fn sub_item(&mut self, words: impl Into<Phrase>) {
        self.entry("  - ", "    ", words);
    }

    fn entry(&mut self, sign: &str, indent: &str, words: impl Into<Phrase>) {
        let words = self.said(words);
        self.text.push_str(&if self.is_markdown {
            format!("{sign}{}\n", at_start(words.trim_start().to_owned()))
        } else {
            format!("{indent}{words}\n")
        });
    }

    /// Rows, the first of which are the names of the columns.
    pub fn table(&mut self, rows: &[Vec<String>]) {
        let Some((header, rest)) = rows.split_first() else { return };
        if self.is_markdown {
            let line = |cells: &[String]| {
                format!("| {} |\n", cells.iter().map(|c| self.said(c.as_str())).collect::<Vec<_>>().join(" | "))
            };
            let rule = format!("|{}\n", " --- |".repeat(header.len()));
            let lines: String =
                std::iter::once(line(header)).chain([rule]).chain(rest.iter().map(|r| line(r))).collect();
            self.text.push_str(&lines);
            self.text.push('\n');
            return;
        }
        let mut table = Table::new(Vec::new(), None);
        table.header(header.clone());
        let written = rest.iter().try_for_each(|row| table.row(row.clone())).and_then(|()| table.finish());
        // Nothing that is written to memory fails.
        for line in String::from_utf8_lossy(&written.unwrap_or_default()).lines() {
            self.text.push_str(format!("  {line}").trim_end());
            self.text.push('\n');
        }
    }
}
