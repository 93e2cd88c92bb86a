//! A session of exploring: rules that can be typed at, leads that can be changed, an answer for each input.
//!
//! Owns what a place to ask "what if" has to remember. Knows nothing of terminals: an input is a text, an answer is a text
//! with messages. No input ends the session or loses the model, but for `:quit`.

mod answers;
mod book;
pub mod commands;
pub mod complete;
mod files;
mod leads;
mod rules;
mod sample;
mod tell;
mod typed;
mod what_if;

use std::rc::Rc;

use book::{AllEdits, Book, Standing};
use commands::Kind;
use rules::{Refused, Rules};

use crate::diagnostic::Diagnostic;
use crate::eval::Interpreter;
use crate::lead::Lead;
use crate::messages::session as say;
use crate::model::Model;
use crate::run;
use crate::source::Sources;
use crate::time::{Instant, Written, Zone};

/// More changes than this cannot be undone.
const MOST_UNDONE: usize = 1000;

/// What is answered to an input.
#[derive(Debug, Default)]
pub struct Reply {
    /// The answer, for people; lines end with a line break.
    pub text: String,
    /// What there is to say beside it.
    pub problems: Vec<Diagnostic>,
    /// For drawing the problems.
    pub sources: Sources,
    /// Whether the session is over.
    pub is_over: bool,
    /// A question that must be answered with yes or no, by [`Session::answer`].
    pub question: Option<String>,
}

impl Reply {
    fn text(text: impl Into<String>) -> Reply {
        Reply { text: text.into(), ..Reply::default() }
    }

    fn problem(problem: Diagnostic) -> Reply {
        Reply { problems: vec![problem], ..Reply::default() }
    }

    fn problems(problems: Vec<Diagnostic>, sources: Sources) -> Reply {
        Reply { problems, sources, ..Reply::default() }
    }

    /// Whether something could not be done.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.problems.iter().any(Diagnostic::is_error)
    }
}

/// An answer, or what stands in its way.
type Answered = Result<Reply, Box<Reply>>;

impl From<Box<Refused>> for Box<Reply> {
    fn from(refused: Box<Refused>) -> Box<Reply> {
        let Refused { diagnostics, sources } = *refused;
        Box::new(Reply::problems(diagnostics, sources))
    }
}

/// What stands in the way of an answer.
fn refused(problem: Diagnostic) -> Box<Reply> {
    Box::new(Reply::problem(problem))
}

/// A session.
pub struct Session {
    rules: Rc<Rules>,
    book: Book,
    edits: AllEdits,
    as_of: Written,
    /// How files of leads and activity are read, where the rules say nothing else.
    reading: run::Input,
    /// The lead at hand.
    current: usize,
    past: Vec<Past>,
    /// How all leads stand now, where that was worked out.
    standings: Option<Rc<Vec<Standing>>>,
    /// How they stood before the last rule was typed.
    before: Option<Rc<Vec<Standing>>>,
    /// The leads that `:leads more` goes on with.
    listing: Vec<usize>,
    /// What waits for a yes.
    waiting: Option<Waiting>,
    /// How wide a table may be, in columns.
    width: usize,
}

/// What waits for a yes.
enum Waiting {
    /// A file to be written.
    Save(files::Save),
    /// The end of the session.
    Quit,
}

/// What a change can be taken back to.
struct Past {
    /// What would be undone, in words.
    what: String,
    rules: Rc<Rules>,
    edits: AllEdits,
    as_of: Written,
    before: Option<Rc<Vec<Standing>>>,
}

/// How things stand before a change: what it does is told against that.
struct Before {
    answer: Option<tell::Answer>,
    /// None where no leads are loaded, or no model says how they stand.
    all: Option<Rc<Vec<Standing>>>,
}

impl Session {
    /// A session without rules, with one lead of which nothing is known.
    #[must_use]
    pub fn new(as_of: impl Into<Written>) -> Session {
        Session {
            rules: Rc::new(Rules::empty()),
            book: Book::empty(),
            edits: AllEdits::new(),
            as_of: as_of.into(),
            reading: run::Input::new(""),
            current: 0,
            past: Vec::new(),
            standings: None,
            before: None,
            listing: Vec::new(),
            waiting: None,
            width: 100,
        }
    }

    /// Answers one input: a command, statements, or a question.
    pub fn handle(&mut self, input: &str) -> Reply {
        self.waiting = None;
        let input = input.trim();
        if input.is_empty() || input.lines().all(|l| l.trim().is_empty() || l.trim_start().starts_with('#')) {
            return Reply::default();
        }
        // A command ends what was begun above it.
        let last = input.lines().next_back().unwrap_or("");
        let input = if last.starts_with(':') { last } else { input };
        match input.strip_prefix(':') {
            Some(command) => self.command(command),
            None => match input.to_ascii_lowercase().as_str() {
                // Nobody who wants out, or help, should have to know how.
                "quit" | "exit" | "q" => self.command("quit"),
                "help" | "?" => self.command("help"),
                _ => self.typed(input),
            },
        }
    }

    fn command(&mut self, text: &str) -> Reply {
        let (word, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        let rest = rest.trim();
        let command = match commands::find(word.trim()) {
            Ok(command) => command,
            Err(problem) => return Reply::problem(problem),
        };
        if command.usage.is_empty() && !rest.is_empty() {
            return Reply::problem(say::command_wants_nothing(command.name, rest));
        }
        let reply = match command.kind {
            Kind::Help => answers::help(rest),
            Kind::Load => self.load(rest),
            Kind::Reload => self.reload(),
            Kind::Leads => self.leads(rest),
            Kind::Lead => self.lead(rest),
            Kind::Next => self.next(),
            Kind::Explain => self.explain(rest),
            Kind::Why => self.why(rest),
            Kind::Set => self.set(rest),
            Kind::Did => self.did(rest),
            Kind::Undo => self.undo(),
            Kind::Reset => self.reset(rest),
            Kind::AsOf => self.as_of_day(rest),
            Kind::All => self.all(),
            Kind::Model => self.show_model(rest),
            Kind::Drop => self.drop_statement(rest),
            Kind::Save => self.save(rest),
            Kind::Test => self.test(rest),
            Kind::Fields => self.fields(),
            Kind::Quit => Ok(self.leave()),
        };
        reply.unwrap_or_else(|reply| *reply)
    }

    /// The model, or what to say where there is none.
    fn model(&self) -> Result<&Model, Box<Reply>> {
        self.rules.model().ok_or_else(|| refused(say::no_model(self.rules.path.as_deref())))
    }

    /// The lead at hand, or what to say where its row cannot be read.
    fn lead_at_hand(&self, model: &Model) -> Result<Lead, Box<Reply>> {
        self.book.lead(model, self.current, &self.edits).ok_or_else(|| {
            let mut problems: Vec<Diagnostic> = self.book.error(self.current).cloned().into_iter().collect();
            problems.push(say::lead_cannot_be_read(self.book.id(self.current)));
            Box::new(Reply::problems(problems, Sources::default()))
        })
    }

    /// The answer for the lead at hand; none where its row cannot be read or there is no model.
    fn answer_at_hand(&self) -> Option<tell::Answer> {
        let model = self.rules.model()?;
        let lead = self.book.lead(model, self.current, &self.edits)?;
        Some(tell::Answer::of(model, &Interpreter::new(model, self.as_of()), &lead))
    }

    /// How all leads stand, worked out where it is not known.
    fn standings(&mut self) -> Rc<Vec<Standing>> {
        let (Some(model), None) = (self.rules.model(), &self.standings) else {
            return self.standings.clone().unwrap_or_default();
        };
        let all = Rc::new(self.book.standings(model, self.as_of(), &self.edits));
        self.standings = Some(Rc::clone(&all));
        all
    }

    /// How things stand.
    fn now(&mut self) -> Before {
        let all = (self.rules.model().is_some() && self.book.is_loaded()).then(|| self.standings());
        Before { answer: self.answer_at_hand(), all }
    }

    /// What a change of the rules or of the day did: to the lead at hand, and to all.
    fn effects(&mut self, before: &Before) -> String {
        self.standings = None;
        let mut out = String::new();
        if let (Some(before), Some(after)) = (&before.answer, self.answer_at_hand()) {
            out.push_str(&tell::difference(self.id(), before, &after));
        }
        if let Some(before) = before.all.as_ref().filter(|_| self.book.len() > 1) {
            let after = self.standings();
            out.push_str(&tell::moves(&|i| self.book.id(i), before, &after, false));
        }
        out
    }

    /// Remembers how things are before a change.
    fn remember(&mut self, what: String) {
        if self.past.len() >= MOST_UNDONE {
            self.past.remove(0);
        }
        self.past.push(Past {
            what,
            rules: Rc::clone(&self.rules),
            edits: self.edits.clone(),
            as_of: self.as_of,
            before: self.before.clone(),
        });
    }

    fn id(&self) -> &str {
        self.book.id(self.current)
    }

    /// The end, or the question whether what was typed may be lost.
    pub fn leave(&mut self) -> Reply {
        if self.rules.is_changed() && self.rules.path.is_some() {
            self.waiting = Some(Waiting::Quit);
            return Reply {
                question: Some("The rules were changed and are not saved. Leave them?".to_owned()),
                ..Reply::default()
            };
        }
        Reply { is_over: true, ..Reply::default() }
    }

    /// How wide a table may be, in columns of the terminal.
    pub fn set_width(&mut self, columns: usize) {
        self.width = columns;
    }

    /// Whether it waits for a yes to being left.
    #[must_use]
    pub fn is_leaving(&self) -> bool {
        matches!(self.waiting, Some(Waiting::Quit))
    }

    /// Looks at everything as of another instant.
    pub fn set_as_of(&mut self, as_of: impl Into<Written>) {
        self.as_of = as_of.into();
        self.standings = None;
    }

    /// Reads files as the command line says.
    pub fn set_reading(&mut self, reading: run::Input) {
        self.reading = reading;
    }

    /// As of when, in the zone of the rules at hand.
    fn as_of(&self) -> Instant {
        self.as_of.in_zone(self.zone()).last()
    }

    fn as_of_for_people(&self) -> String {
        self.zone().for_people(self.as_of())
    }

    fn zone(&self) -> &Zone {
        self.rules.model().map_or(&Zone::UTC, |model| &model.zone)
    }

    /// As of when, and which lead is at hand.
    #[must_use]
    pub fn where_we_are(&self) -> String {
        let lead = self.answer_at_hand().map_or_else(|| self.id().to_owned(), |a| a.in_a_line(self.id()));
        let place =
            if self.book.len() > 1 { format!(" ({} of {})", self.current + 1, self.book.len()) } else { String::new() };
        format!("As of {}. {lead}{place}", self.as_of_for_people())
    }

    /// What stands before the cursor: the lead at hand and its stage.
    #[must_use]
    pub fn prompt(&self) -> String {
        match self.answer_at_hand() {
            Some(answer) if self.rules.model().is_some_and(|m| m.ladder.stages.len() > 1) => {
                format!("{} {}", self.id(), answer.stage)
            }
            _ => self.id().to_owned(),
        }
    }
}
