//! Items that are refused for a habit: the line to type is read here before it is put forward.

use pest::iterators::Pair;

use super::super::build::{self, Build};
use super::super::grammar::Rule;
use super::super::{habits, scan};
use super::{Context, Reader};
use crate::diagnostic::MOST_SHOWN;
use crate::source::FileId;
use crate::syntax::outline::{Part, PartKind};
use crate::syntax::scan::Kind;

/// The byte at which the item at the beginning of a text ends, if it is read without a message and nothing goes on behind it.
fn trial(file: FileId, context: Context, text: &str) -> Option<usize> {
    let scan = scan::scan(file, text);
    let mut reader = Reader { is_trial: true, is_placed: false, ..Reader::new(file, &scan) };
    let end = scan.tokens.len();
    reader.one(context, end);
    let last = scan.tokens.get(reader.at.checked_sub(1)?)?;
    let ends = reader.at >= end
        || reader.starts_line(reader.at)
        || reader.is_start(context, reader.at)
        || matches!(scan.kind(reader.at), Some(Kind::Semi | Kind::Close(_)));
    (ends && scan.diagnostics.is_empty() && reader.diagnostics.is_empty()).then_some(last.end as usize)
}

impl Reader<'_> {
    /// Whether the item at token `i` is refused for a habit, in which case it is told and left behind.
    pub(super) fn habit(&mut self, context: Context, i: usize, end: usize) -> bool {
        match self.habit_at(context, i, end) {
            Some(told) => {
                self.leave(context, i, end, told);
                true
            }
            None => false,
        }
    }

    /// `when a = 1 add 5 otherwise add 2`: the habit begins in what could be read, on the line of token `i`. That is taken back.
    pub(super) fn habit_behind(&mut self, context: Context, i: usize, end: usize) -> bool {
        let before = self.parts.last().filter(|p| p.tokens.end == i && matches!(p.kind, PartKind::Line(_)));
        let Some(start) = before.map(|p| p.tokens.start).filter(|_| !self.starts_line(i)) else { return false };
        let Some(told) = self.habit_at(context, start, end) else { return false };
        // Where it begins behind that, it is a habit of this item alone, unless only the whole line can be put forward.
        let here = self.scan.tokens.get(i).map_or(0, |t| t.start as usize);
        if told.start >= here && (!told.is_whole || self.habit_at(context, i, end).is_some()) {
            return false;
        }
        self.diagnostics.truncate(self.before_last);
        self.takes_back = true;
        self.leave(context, i, end, told);
        true
    }

    fn habit_at(&self, context: Context, start: usize, end: usize) -> Option<habits::Told> {
        if self.is_trial || self.diagnostics.len() > MOST_SHOWN || self.asks_left.get() == 0 {
            return None;
        }
        let is_statement = context.holds_statements();
        let told = habits::told(self.file, self.scan, start, end, is_statement, |text| trial(self.file, context, text));
        self.asks_left.set(self.asks_left.get() - usize::from(told.is_none()));
        told
    }

    fn leave(&mut self, context: Context, i: usize, end: usize, told: habits::Told) {
        self.diagnostics.push(told.diagnostic);
        let mut behind = self.scan.tokens.partition_point(|t| (t.start as usize) < told.end).max(i + 1);
        // What nobody can put right is left behind with the rest of its line.
        while !told.is_whole && behind < end && !self.starts_line(behind) {
            match self.scan.tokens.get(behind) {
                Some(t) if matches!(t.kind, Kind::Semi | Kind::Close(b'}')) => break,
                Some(t) if matches!(t.kind, Kind::Open(_)) => {
                    behind = t.partner.map_or(behind + 1, |p| p as usize + 1);
                }
                _ => behind += 1,
            }
        }
        self.at = match told.is_whole {
            true => behind.min(end.max(i + 1)),
            false => self.resume(context, i, behind, end),
        };
        self.last_error = Some(self.at - 1);
        self.parts.push(Part { tokens: i..self.at, kind: PartKind::Broken });
    }

    /// Where the refused item at token `i` ends instead: before `cap 50` or `decay 10% every month` on a line of its own, which was read
    /// as part of the rule above it, and before a `when` below a name that is alone on its line.
    pub(super) fn before_habit(&self, context: Context, i: usize, end: usize) -> Option<usize> {
        if self.is_trial || !context.holds_statements() {
            return None;
        }
        if context == Context::Top
            && self.scan.is_name(i)
            && self.scan.is_word(i + 1, "when")
            && self.starts_line(i + 1)
            && end > i + 1
        {
            return Some(i + 1);
        }
        let begins = |k: usize| {
            self.starts_line(k)
                && (habits::BEGIN_LINES.iter().any(|w| self.scan.is_word(k, w))
                    || self.scan.kind(k) == Some(Kind::Number)
                        && ["points", "point", "per", "for"].iter().any(|w| self.scan.is_word(k + 1, w)))
        };
        (i + 1..end.min(i + 60)).find(|&k| begins(k) && self.habit_at(context, k, end).is_some())
    }

    /// Reads the first item.
    fn one(&mut self, context: Context, end: usize) {
        match context {
            Context::Top | Context::Score | Context::Choice => {
                match self.block_at(0).or_else(|| self.head_at(0, end)) {
                    Some(block) => drop(self.block(block, context, end)),
                    None => drop(self.item(context, 0, end, &|b: &mut Build<'_>, pair: Pair<'_, Rule>| {
                        Some(build::statement(b, pair))
                    })),
                }
            }
            Context::Model => drop(self.item(context, 0, end, &build::model_entry)),
            Context::Data => drop(self.item(context, 0, end, &build::data_line)),
            Context::Profile => drop(self.item(context, 0, end, &build::criterion)),
            Context::Table => drop(self.item(context, 0, end, &build::case_line)),
            Context::Label => drop(self.item(context, 0, end, &build::label_line)),
            Context::Test => drop(self.item(context, 0, end, &build::test_item)),
            Context::Asked => drop(self.item(context, 0, end, &build::asked)),
        }
    }
}
