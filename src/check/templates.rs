//! Texts with `{name}` in them.

use super::expressions::Place;
use super::names::Checker;
use crate::braces::{self, Piece, names_as_written, pieces};
use crate::messages::{habits as say_habits, meaning as say};
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
        // Where the names stand in the file, in which escapes take more room than in the text.
        let mut places = names_as_written(self.gathered.sources.slice(text.span)).into_iter();
        let mut plain = String::new();
        for piece in pieces(&text.text) {
            match piece {
                Piece::Plain(piece) => plain.push_str(piece),
                Piece::Odd => self.say(say::brace_in_text(text.span)),
                Piece::Name(name) => {
                    if !plain.is_empty() {
                        parts.push(TemplatePart::Text(std::mem::take(&mut plain)));
                    }
                    let at = places.next().map_or(text.span, |at| Span {
                        file: text.span.file,
                        start: text.span.start + offset(at.start),
                        end: text.span.start + offset(at.end),
                    });
                    let written = &text.text[name];
                    if self.is_calculated(written) {
                        let may_ask = !matches!(place, Place::Points | Place::Exclude);
                        self.say(say_habits::calculated_in_braces(at, written, may_ask));
                        continue;
                    }
                    parts.push(TemplatePart::Value(self.template_value(written, at, place)));
                }
            }
        }
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

    /// `score / 20`, `round(score)`: what only looks like the name of a column. `City / State` may well be one.
    fn is_calculated(&self, written: &str) -> bool {
        let is_known =
            |name: &str| name.eq_ignore_ascii_case("score") || self.look_up(&name_of(name, Span::default())).is_some();
        if written.starts_with('`') || is_known(written) {
            return false;
        }
        if let Some((function, _)) = written.split_once('(').filter(|_| written.ends_with(')')) {
            return crate::builtins::is_function(&function.to_lowercase());
        }
        let parts: Vec<&str> = written.split(['*', '/', '+', '-']).map(str::trim).collect();
        let is_spaced = [" * ", " / ", " + ", " - "].iter().any(|op| written.contains(op));
        let is_number = |part: &str| crate::number::read_number(part).is_some();
        let is_name = |part: &str| {
            part.starts_with(char::is_alphabetic) && part.chars().all(|c| matches!(c, '_' | '.') || c.is_alphanumeric())
        };
        let is_sum = parts.len() > 1
            && parts.iter().all(|part| is_number(part) || is_name(part) && (is_spaced || is_known(part)))
            && parts.iter().any(|part| is_name(part));
        is_sum && (parts.iter().any(|part| is_number(part)) || parts.iter().all(|part| is_known(part)))
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

/// The names that stand in braces in a text.
pub(super) fn names_in(text: &ast::Text) -> Vec<ast::Name> {
    braces::names(&text.text).into_iter().map(|at| name_of(&text.text[at], text.span)).collect()
}
