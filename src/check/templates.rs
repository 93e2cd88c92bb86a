//! Texts with `{name}` in them.

use super::expressions::Place;
use super::names::Checker;
use crate::messages::meaning as say;
use crate::model::{Expr, Template, TemplatePart};
use crate::source::Span;
use crate::syntax::ast;

impl<'a> Checker<'a> {
    /// A text that is printed, its `{name}` looked up. `{{` is a brace.
    pub(super) fn template(&mut self, text: &'a ast::Text, place: Place) -> Template {
        let mut parts = Vec::new();
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
            parts.push(TemplatePart::Value(self.template_value(rest[..end].trim(), text.span, place)));
            rest = &rest[end + 1..];
        }
        plain.push_str(rest);
        if !plain.is_empty() {
            parts.push(TemplatePart::Text(plain));
        }
        Template { parts }
    }

    fn template_value(&mut self, name: &str, span: Span, place: Place) -> Expr {
        let name = name_of(name, span);
        let outer = std::mem::take(&mut self.needs);
        let value = self.name_value(&name, place);
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

/// The names that stand in braces in a text; a rough look, for the order of labels.
pub(super) fn names_in(text: &ast::Text) -> Vec<ast::Name> {
    let inner = text.text.split('{').skip(1);
    inner.filter_map(|rest| rest.split_once('}')).map(|(name, _)| name_of(name.trim(), text.span)).collect()
}
