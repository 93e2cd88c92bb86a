//! `merit report MODEL LEADS`: what became of all leads, and what missing data costs.

use std::borrow::Cow;
use std::io;

use super::input::{Input, looks_like_data, none_given, open_model};
use super::pages::{self, Format};
use super::summary::{self, Account};
use super::{Ending, Talk};
use crate::bind::Binding;
use crate::data::{self, ActivityProblems, LeadActivity, Leads, Row};
use crate::diagnostic::{Diagnostic, Severity};
use crate::eval::batch::{Batch, Program, WIDTH};
use crate::eval::{Interpreter, Outcome};
use crate::lead::Lead;
use crate::messages::data as say;
use crate::model::{Expr, ExprKind, Model};
use crate::report::{self, Axes, Beside, Tally};
use crate::source::{Sources, Span};
use crate::time::Instant;
use crate::value::{Raw, Stage, Value};

/// Options of `merit report`.
#[derive(clap::Args)]
pub struct Args {
    /// The rule file; `-` is standard input
    #[arg(value_name = "MODEL", value_hint = clap::ValueHint::FilePath)]
    model: String,
    /// The leads: CSV, TSV, JSON, JSON Lines or .xlsx, perhaps compressed; `-` is standard input
    #[arg(value_name = "LEADS", value_hint = clap::ValueHint::FilePath)]
    leads: String,
    #[command(flatten)]
    input: Input,
    /// Tell leads apart by this field, column or label: source, for inbound against outbound
    #[arg(long, value_name = "FIELD", help_heading = "Report")]
    by: Option<String>,
    /// Text for a terminal, Markdown, one HTML page, or JSON; where nothing is said, as the file of -o is called, else text
    #[arg(long, value_enum, help_heading = "Report")]
    format: Option<Format>,
    /// Write to this file, whole or not at all
    #[arg(short, long, value_name = "FILE", value_hint = clap::ValueHint::FilePath, help_heading = "Report")]
    output: Option<String>,
}

/// # Errors
/// Where standard output cannot be written.
pub fn run(args: &Args, talk: &Talk, as_of: Instant) -> io::Result<Ending> {
    if args.model == "-" && args.leads == "-" {
        return Ok(could_not(talk, &say::stdin_twice()));
    }
    let model = match open_model(&args.model, talk) {
        Ok(model) => model,
        Err(ending) => {
            if ending == Ending::Found && looks_like_data(&args.model) {
                talk.say(&say::data_as_model(&args.model));
            }
            return Ok(ending);
        }
    };
    let counted = match count(args, talk, &model, as_of) {
        Ok(Some(counted)) => counted,
        Ok(None) => return Ok(Ending::Found),
        Err(problem) => return Ok(could_not(talk, &problem)),
    };
    let messages = counted.messages.iter().map(sentence).collect();
    let report = report::report(&model, &counted.tally, as_of, args.by.as_deref(), messages);
    let output = args.output.as_deref();
    let text = match pages::shape(pages::format(args.format, output), output) {
        Some(shape) => report::page(&report, &counted.file).render(shape),
        None => format!("{}\n", serde_json::to_string_pretty(&report)?),
    };
    talk.say_about(&Sources::default(), &counted.messages);
    let ending = pages::put(&text, output, talk)?;
    Ok(if ending == Ending::Done && counted.has_errors { Ending::Found } else { ending })
}

fn could_not(talk: &Talk, problem: &Diagnostic) -> Ending {
    talk.say(problem);
    Ending::CouldNotRun
}

/// A message in one sentence.
fn sentence(d: &Diagnostic) -> String {
    d.message.clone()
}

/// What was counted of a file.
struct CountedFile {
    tally: Tally,
    /// What the file is called.
    file: String,
    /// What there is to say of its rows and cells.
    messages: Vec<Diagnostic>,
    has_errors: bool,
}

/// Reads all leads and counts them. `None` where `--strict` stopped it.
fn count(args: &Args, talk: &Talk, model: &Model, as_of: Instant) -> Result<Option<CountedFile>, Diagnostic> {
    let options = args.input.options()?;
    let leads = Leads::new(data::open(&args.leads, &options)?, &options)?;
    let by = args.by.as_deref().map(|name| By::find(model, &leads, name)).transpose()?;
    let activity = args.input.activity(model, &options)?;
    let binding = Binding::new(model, &leads.columns().keys);
    let notes: Vec<Diagnostic> = leads.notes().iter().chain(activity.iter().flat_map(|a| &a.notes)).cloned().collect();
    talk.say_about(&Sources::default(), &notes);
    let not_there = summary::columns_not_there(&binding, &leads);
    if args.input.strict && !not_there.is_empty() {
        not_there.into_iter().for_each(|d| talk.say(&Diagnostic { severity: Severity::Error, ..d }));
        return Ok(None);
    }
    talk.say_about(&Sources::default(), &not_there);
    let of_file = activity.as_ref().map_or(Vec::new(), |a| a.problems.messages(&a.name));
    let mut activity = LeadActivity::new(activity);
    let mut account = Account::default();
    let mut problems = ActivityProblems::default();
    let program = Program::compile(model, as_of);
    let mut counter = Counter::new(model, &program, by, as_of);
    for mut row in leads.rows() {
        let id = leads.lead_id(&row);
        if let Some(error) = row.error.take() {
            if args.input.strict {
                talk.say(&error);
                return Ok(None);
            }
            account.row_error(error);
            counter.tally.error();
            continue;
        }
        let Row { line, cells, events, event_problems, .. } = row;
        problems.merge(&event_problems);
        let records = activity.of(&id, events);
        let lead = binding.lead(id, &cells, records);
        account.lead(line, &lead);
        counter.add(lead, &cells);
    }
    account.copies = activity.copies;
    let mut messages = account.messages(model, leads.name());
    messages.extend(problems.messages(leads.name()));
    messages.extend(of_file);
    none_given(model, activity.is_missed()).iter().chain(&activity.orphans()).for_each(|d| talk.say(d));
    let has_errors = messages.iter().any(Diagnostic::is_error);
    Ok(Some(CountedFile { tally: counter.finish(), file: leads.name().to_owned(), messages, has_errors }))
}

/// What leads are told apart by.
enum By {
    Label(usize),
    Field(usize),
    Column(usize),
}

impl By {
    /// A label or field of the model, else a column of the file.
    fn find(model: &Model, leads: &Leads, name: &str) -> Result<By, Diagnostic> {
        let key = crate::text::name_key(name);
        let is_called = |other: &str| crate::text::name_key(other) == key;
        if let Some(label) = model.labels.iter().position(|l| is_called(&l.name)) {
            return Ok(By::Label(label));
        }
        if let Some(field) = model.fields.iter().position(|f| is_called(&f.name)) {
            return Ok(By::Field(field));
        }
        let columns = leads.columns();
        columns.find(name).map(By::Column).ok_or_else(|| {
            let names = columns.names.iter().map(String::as_str);
            let known = names.clone().chain(model.fields.iter().map(|f| f.name.as_str())).chain(model.labels.iter().map(|l| l.name.as_str()));
            say::nothing_to_tell_apart_by(name, crate::suggest::nearest(name, known), leads.name(), &columns.names)
        })
    }
}

/// Leads on their way into the tally, a block at a time.
struct Counter<'p> {
    model: &'p Model,
    program: &'p Program<'p>,
    batch: Batch<'p>,
    interpreter: Interpreter<'p>,
    /// The profile that stands for fit.
    profile: Option<Expr>,
    by: Option<By>,
    tally: Tally,
    leads: Vec<Lead>,
    /// What the column says, of the leads that wait.
    said: Vec<Option<String>>,
}

impl<'p> Counter<'p> {
    fn new(model: &'p Model, program: &'p Program<'p>, by: Option<By>, as_of: Instant) -> Counter<'p> {
        let axes = Axes::of(model);
        let profile = axes.profile().map(|id| Expr { kind: ExprKind::Definition(id), span: Span::default() });
        Counter {
            model,
            program,
            batch: Batch::new(program),
            interpreter: Interpreter::new(model, as_of),
            profile,
            by,
            tally: Tally::new(model, axes),
            leads: Vec::with_capacity(WIDTH),
            said: Vec::with_capacity(WIDTH),
        }
    }

    fn add(&mut self, lead: Lead, cells: &[Raw]) {
        let said = match &self.by {
            Some(By::Column(column)) => cells.get(*column).filter(|c| !is_missing(self.model, c)).map(|c| c.as_text().into_owned()),
            _ => None,
        };
        self.said.push(said);
        self.leads.push(lead);
        if self.leads.len() == WIDTH {
            self.block();
        }
    }

    fn block(&mut self) {
        let answers = self.batch.answer(&self.leads);
        // A profile asks for nothing that an outcome holds.
        let nothing = self.profile.as_ref().map(|_| nothing());
        for (lane, lead) in self.leads.iter().enumerate() {
            let by: Option<Cow<'_, str>> = match &self.by {
                Some(By::Label(label)) => answers.label_of(self.program, *label, lane).map(Cow::Borrowed),
                Some(By::Field(field)) => lead.values.get(*field).and_then(said),
                Some(By::Column(_)) | None => self.said.get(lane).and_then(Option::as_deref).map(Cow::Borrowed),
            };
            let fits = self.profile.as_ref().zip(nothing.as_ref()).and_then(|(profile, nothing)| self.interpreter.expects(profile, lead, nothing));
            let beside = Beside { id: &lead.id, by: by.as_deref(), fits };
            self.tally.add_lane(self.program, &answers, lane, &beside);
        }
        self.leads.clear();
        self.said.clear();
    }

    fn finish(mut self) -> Tally {
        if !self.leads.is_empty() {
            self.block();
        }
        self.tally
    }
}

/// An outcome that says nothing.
fn nothing() -> Outcome {
    let stage = Stage::Rank(0);
    Outcome {
        score: None,
        groups: Vec::new(),
        stage,
        change: None,
        labels: Vec::new(),
        could_be: stage,
        possible_low: None,
        possible_high: None,
        missing: Vec::new(),
        reviews: Vec::new(),
        fired: Vec::new(),
    }
}

/// What a field says.
fn said(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::Missing => None,
        Value::Text(text) => Some(Cow::Borrowed(crate::text::trim(&text.written))),
        value => Some(Cow::Owned(value.to_string())),
    }
}

/// Whether a cell of any column says nothing in the model's words.
fn is_missing(model: &Model, cell: &Raw) -> bool {
    let folded = |text: &str| crate::text::fold(text).into_owned();
    match cell {
        Raw::Missing => true,
        Raw::Text(text) | Raw::Number(text) => !model.missing_words.is_empty() && model.missing_words.contains(&folded(text)),
        Raw::Flag(_) | Raw::List(_) | Raw::Nested(_) => false,
    }
}
