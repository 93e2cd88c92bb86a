//! What the line editor asks while somebody types: proposals, hints, colours, and whether more is to come.

use std::borrow::Cow;
use std::cell::RefCell;
use std::rc::Rc;

use rustyline::Context;
use rustyline::completion::{Completer, FilenameCompleter, Pair};
use rustyline::highlight::{CmdKind, Highlighter};
use rustyline::hint::{Hinter, HistoryHinter};
use rustyline::validate::{ValidationContext, ValidationResult, Validator};

use super::{is_unfinished, paint};
use crate::session::Session;
use crate::shown::sign_of;

#[derive(rustyline::Helper)]
pub(super) struct Helper {
    session: Rc<RefCell<Session>>,
    files: FilenameCompleter,
    history: HistoryHinter,
    color: bool,
}

impl Helper {
    pub fn new(session: Rc<RefCell<Session>>, color: bool) -> Helper {
        Helper { session, files: FilenameCompleter::new(), history: HistoryHinter::new(), color }
    }
}

impl Completer for Helper {
    type Candidate = Pair;

    fn complete(&self, line: &str, pos: usize, ctx: &Context<'_>) -> rustyline::Result<(usize, Vec<Pair>)> {
        let Ok(session) = self.session.try_borrow() else { return Ok((pos, Vec::new())) };
        let found = session.complete(line.get(..pos).unwrap_or(line));
        if found.wants_file {
            let (start, mut files) = self.files.complete(line, pos, ctx)?;
            files.retain(|pair| !is_odd(&pair.replacement));
            return Ok((start, files));
        }
        let pairs = found
            .words
            .into_iter()
            .filter(|word| !is_odd(word))
            .map(|word| Pair { display: word.trim_end_matches('"').to_owned(), replacement: word });
        Ok((found.start, pairs.collect()))
    }
}

/// Whether a proposal holds what a terminal would act on: nobody could type it either.
fn is_odd(word: &str) -> bool {
    word.chars().any(|c| sign_of(c).is_some())
}

impl Hinter for Helper {
    type Hint = String;

    fn hint(&self, line: &str, pos: usize, ctx: &Context<'_>) -> Option<String> {
        // Only where it fits behind what is typed.
        self.history.hint(line, pos, ctx).filter(|hint| !line.contains('\n') && !hint.contains('\n'))
    }
}

impl Highlighter for Helper {
    fn highlight<'l>(&self, line: &'l str, _pos: usize) -> Cow<'l, str> {
        if self.color { Cow::Owned(paint::typed(line)) } else { Cow::Borrowed(line) }
    }

    fn highlight_hint<'h>(&self, hint: &'h str) -> Cow<'h, str> {
        Cow::Owned(paint::dim(hint, self.color))
    }

    fn highlight_char(&self, _line: &str, _pos: usize, kind: CmdKind) -> bool {
        self.color && kind != CmdKind::MoveCursor
    }
}

impl Validator for Helper {
    fn validate(&self, ctx: &mut ValidationContext<'_>) -> rustyline::Result<ValidationResult> {
        let input = ctx.input();
        // An empty line is always a way out.
        let more = is_unfinished(input) && !input.ends_with('\n');
        Ok(if more { ValidationResult::Incomplete } else { ValidationResult::Valid(None) })
    }
}
