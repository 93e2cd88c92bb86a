//! Texts with `{name}` in them.

use std::ops::Range;

use super::expressions::Place;
use super::names::Checker;
use crate::messages::meaning as say;
use crate::model::{Expr, ExprKind, Template, TemplatePart};
use crate::source::{Span, offset};
use crate::symbols::UseRole;
use crate::syntax::ast;

/// A text that is written out is at most so long, and so many values stand in it. Labels in labels could double it with each step.
const MOST_CHARACTERS: usize = 10_000;
const MOST_NAMES: usize = 100;

/// How much a text is, at the most, when the labels in it are written out.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct TextSize {
    characters: usize,
    /// The values that are filled in.
    names: usize,
}

impl TextSize {
    fn plus(self, other: TextSize) -> TextSize {
        TextSize {
            characters: self.characters.saturating_add(other.characters),
            names: self.names.saturating_add(other.names),
        }
    }

    pub fn greatest(self, other: TextSize) -> TextSize {
        TextSize { characters: self.characters.max(other.characters), names: self.names.max(other.names) }
    }

    fn is_beyond(self) -> bool {
        self.characters > MOST_CHARACTERS || self.names > MOST_NAMES
    }

    /// What has been told of is not told again by its users.
    pub fn unless_told(self) -> TextSize {
        if self.is_beyond() { TextSize::default() } else { self }
    }
}

impl<'a> Checker<'a> {
    /// A text that is printed, its `{name}` looked up. `{{` is a brace.
    pub(super) fn template(&mut self, text: &'a ast::Text, place: Place) -> Template {
        let mut parts = Vec::new();
        let mut names = names_at(self.gathered.sources.slice(text.span)).into_iter();
        let mut plain = String::new();
        let mut rest = text.text.as_str();
        while let Some(at) = rest.find('{') {
            plain.push_str(&rest[..at]);
            rest = &rest[at + 1..];
            if let Some(after) = rest.strip_prefix('{') {
                plain.push('{');
                rest = after;
                continue;
            }
            let end = rest.find(['{', '}', '\n']).filter(|&end| rest[end..].starts_with('}'));
            let Some(end) = end.filter(|&end| !rest[..end].trim().is_empty()) else {
                self.say(say::brace_in_text(text.span));
                plain.push('{');
                continue;
            };
            if !plain.is_empty() {
                parts.push(TemplatePart::Text(std::mem::take(&mut plain)));
            }
            // Where the name stands in the file, in which escapes take more room than in the text.
            let at = names.next().map_or(text.span, |at| Span {
                file: text.span.file,
                start: text.span.start + offset(at.start),
                end: text.span.start + offset(at.end),
            });
            parts.push(TemplatePart::Value(self.template_value(rest[..end].trim(), at, place)));
            rest = &rest[end + 1..];
        }
        plain.push_str(rest);
        if !plain.is_empty() {
            parts.push(TemplatePart::Text(plain));
        }
        let template = Template { parts };
        let size = self.size_of(&template);
        if size.is_beyond() {
            self.say(say::text_too_long(text.span));
        }
        template
    }

    /// How much a text is when the labels in it are written out.
    pub(super) fn size_of(&self, template: &Template) -> TextSize {
        template.parts.iter().fold(TextSize::default(), |sum, part| match part {
            TemplatePart::Text(text) => sum.plus(TextSize { characters: text.chars().count(), names: 0 }),
            TemplatePart::Value(value) => sum.plus(self.size_of_value(value)),
        })
    }

    fn size_of_value(&self, value: &Expr) -> TextSize {
        match &value.kind {
            ExprKind::Label(id) => self.label_sizes.get(id.0).copied().unwrap_or_default(),
            ExprKind::Definition(id) => {
                self.model.definitions.get(id.0).map_or(TextSize::default(), |d| self.size_of_value(&d.value))
            }
            _ => TextSize { characters: 0, names: 1 },
        }
    }

    fn template_value(&mut self, name: &str, span: Span, place: Place) -> Expr {
        let name = name_of(name, span);
        let outer = std::mem::take(&mut self.needs);
        let role = self.uses.role;
        self.uses.role = if role == UseRole::Test { role } else { UseRole::Text };
        let value = self.name_value(&name, place);
        self.uses.role = role;
        let needs = std::mem::replace(&mut self.needs, outer);
        self.allow(needs, place);
        self.needs.merge(needs);
        value
    }
}

fn name_of(name: &str, span: Span) -> ast::Name {
    let is_bare = name.chars().all(|c| c == '_' || c == '.' || crate::text::is_word_char(c));
    ast::Name { text: name.trim_matches('`').to_owned(), quoted: !is_bare, span }
}

/// Where the names in the braces of a text stand in what was written.
fn names_at(written: &str) -> Vec<Range<usize>> {
    let mut out = Vec::new();
    let mut open = None;
    let mut chars = written.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        match (c, open) {
            ('\\', _) => {
                // `\u{…}` has braces of its own.
                if let Some((_, 'u')) = chars.next() {
                    chars.by_ref().find(|(_, c)| *c == '}');
                }
            }
            ('{', None) if chars.next_if(|(_, c)| *c == '{').is_some() => {}
            ('{', _) => open = Some(at + 1),
            ('}', Some(from)) => {
                let name = &written[from..at];
                let start = from + (name.len() - name.trim_start().len());
                out.extend((!name.trim().is_empty()).then(|| start..start + name.trim().len()));
                open = None;
            }
            _ => {}
        }
    }
    out
}

/// The names that stand in braces in a text; a rough look, for the order of labels.
pub(super) fn names_in(text: &ast::Text) -> Vec<ast::Name> {
    let inner = text.text.split('{').skip(1);
    inner.filter_map(|rest| rest.split_once('}')).map(|(name, _)| name_of(name.trim(), text.span)).collect()
}
