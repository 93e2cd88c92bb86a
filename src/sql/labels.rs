//! Labels: the first line that holds, and the texts that it may come to.

use super::expr::{Kind, Sql};
use super::lower::{Lower, Lowered, Seen, refused};
use super::second::Outlook;
use super::values::V;
use crate::model::{ExprKind, LabelLine, TemplatePart};
use crate::source::Span;

/// What a label says, now and once all data is known.
#[derive(Debug, Clone)]
pub(super) struct LabelColumns {
    pub folded: Sql,
    pub written: Sql,
    /// The texts that it may have; of a label that hangs on the stage none are asked for.
    pub choices: Vec<Choice>,
    /// Whether it may have more than one text; never NULL.
    pub is_open: Sql,
}

/// A text that a label may have.
#[derive(Debug, Clone)]
pub(super) struct Choice {
    /// Whether it may; never NULL.
    pub may_be: Sql,
    /// Whether what it says is itself not known; never NULL.
    pub is_open: Sql,
    pub text: V,
}

impl Lower<'_> {
    /// A label: the first line that holds, and what it may say.
    pub fn label(&mut self, id: usize, second: bool) -> Lowered<LabelColumns> {
        let Some(label) = self.model.labels.get(id) else { return refused(Span::default(), "such a label") };
        let (mut written, mut folded) = (Vec::new(), Vec::new());
        let mut choices = Vec::new();
        // Whether a line above surely holds.
        let mut settled = Sql::Flag(false);
        for LabelLine { text, condition, line: _ } in &label.lines {
            let says = self.filled(text, label.span)?;
            let V::Text { folded: of_text, written: as_text } = &says else { continue };
            let holds = match condition {
                Some(condition) => {
                    let truth = self.truth(condition, Seen::NOW)?;
                    self.facts.share(truth)
                }
                None => Sql::Flag(true),
            };
            written.push((holds.clone(), as_text.clone()));
            folded.push((holds, of_text.clone()));
            if !second {
                continue;
            }
            let outlook = match condition {
                Some(condition) => self.outlook(condition, Seen::POSSIBLE)?,
                None => Outlook::settled(Sql::Flag(true)),
            };
            let may_be = Sql::all([settled.clone().not(), outlook.may_hold()]);
            let may_be = self.facts.share(may_be);
            settled = self.facts.share(Sql::any([settled, outlook.holds()]));
            let mut is_open = Vec::new();
            for part in &text.parts {
                let TemplatePart::Value(value) = part else { continue };
                is_open.push(match &value.kind {
                    ExprKind::Label(id) => match self.results.labels.get(id.0) {
                        Some(Some(label)) => label.is_open.clone(),
                        _ => Sql::Flag(true),
                    },
                    _ => self.is_open(value)?,
                });
            }
            choices.push(Choice { may_be, is_open: Sql::any(is_open), text: says });
        }
        let none = V::Text { folded: Sql::Null(Kind::Text), written: Sql::Null(Kind::Text) };
        if second && settled != Sql::Flag(true) {
            choices.push(Choice { may_be: settled.not(), is_open: Sql::Flag(false), text: none });
        }
        let is_open = self.has_several(&choices);
        Ok(LabelColumns {
            written: self.facts.keep(Sql::case(written, Sql::Null(Kind::Text))),
            folded: self.facts.keep(Sql::case(folded, Sql::Null(Kind::Text))),
            choices,
            is_open,
        })
    }

    /// Whether a label may have several texts, or one that is not known.
    fn has_several(&mut self, choices: &[Choice]) -> Sql {
        let mut any = Vec::new();
        for (i, choice) in choices.iter().enumerate() {
            any.push(Sql::all([choice.may_be.clone(), choice.is_open.clone()]));
            for other in choices.iter().skip(i + 1) {
                let (V::Text { written: a, .. }, V::Text { written: b, .. }) = (&choice.text, &other.text) else {
                    continue;
                };
                let differ = match (a, b) {
                    (Sql::Text(a), Sql::Text(b)) => Sql::Flag(a != b),
                    (Sql::Null(_), Sql::Null(_)) => Sql::Flag(false),
                    (Sql::Null(_), _) | (_, Sql::Null(_)) => Sql::Flag(true),
                    _ => a.clone().equals(b.clone()).not(),
                };
                any.push(Sql::all([choice.may_be.clone(), other.may_be.clone(), differ]));
            }
        }
        self.facts.keep(Sql::any(any))
    }
}
