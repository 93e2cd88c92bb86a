//! Leads counted for a report.

use std::io;

use super::sink::Sink;
use crate::data::Leads;
use crate::diagnostic::Diagnostic;
use crate::eval::batch::Program;
use crate::messages::data as say;
use crate::model::Model;
use crate::report::{Axes, Beside, Tally};
use crate::stream::Answered;
use crate::time::Instant;
use crate::value::{Raw, Value};

/// Counts leads for a report, told apart by something.
pub struct Counting<'p> {
    program: &'p Program<'p>,
    axes: Axes,
    by: Option<By>,
}

impl<'p> Counting<'p> {
    /// What answers with all that a report asks for.
    #[must_use]
    pub fn program(model: &Model, as_of: Instant) -> Program<'_> {
        let program = Program::compile(model, as_of);
        match Axes::of(model).profile() {
            Some(profile) => program.watching(profile),
            None => program,
        }
    }

    /// Counts the answers of such a program.
    #[must_use]
    pub fn new(program: &'p Program<'p>, by: Option<By>) -> Counting<'p> {
        Counting { axes: Axes::of(program.model()), program, by }
    }

    /// Nothing counted so far.
    #[must_use]
    pub fn nothing(&self) -> Tally {
        Tally::new(self.program.model(), self.axes)
    }
}

impl Sink for Counting<'_> {
    type Block = Option<Tally>;
    type Out = Tally;

    fn add(&self, block: &mut Option<Tally>, answered: &Answered<'_>) {
        let model = self.program.model();
        let tally = block.get_or_insert_with(|| self.nothing());
        let Ok((answers, lane)) = answered.answer else { return tally.error() };
        let by = match &self.by {
            Some(By::Label(label)) => answers.label_of(self.program, *label, lane).map(str::to_owned),
            Some(By::Field(field)) => (answered.lead)().values.get(*field).and_then(said),
            Some(By::Column(column)) => {
                Some((answered.cell)(*column)).filter(|c| !is_missing(model, c)).map(|c| c.as_text().into_owned())
            }
            None => None,
        };
        let beside = Beside { id: answered.id(), by: by.as_deref(), fits: answers.watched_of(lane) };
        tally.add_lane(self.program, answers, lane, &beside);
    }

    fn take(&self, tally: &mut Tally, block: Option<Tally>) -> io::Result<()> {
        block.into_iter().for_each(|block| tally.merge(block));
        Ok(())
    }
}

/// What leads are told apart by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// A label of the model, by its number.
    Label(usize),
    /// A field of the model.
    Field(usize),
    /// A column of the leads.
    Column(usize),
}

impl By {
    /// A label or field of the model, else a column of the leads.
    ///
    /// # Errors
    /// Where nothing is called so.
    pub fn find(model: &Model, leads: &Leads, name: &str) -> Result<By, Diagnostic> {
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
            let known = names
                .clone()
                .chain(model.fields.iter().map(|f| f.name.as_str()))
                .chain(model.labels.iter().map(|l| l.name.as_str()));
            say::nothing_to_tell_apart_by(name, crate::suggest::nearest(name, known), leads.name(), &columns.names)
        })
    }
}

/// What a field says.
fn said(value: &Value) -> Option<String> {
    match value {
        Value::Missing => None,
        Value::Text(text) => Some(crate::text::trim(&text.written).to_owned()),
        value => Some(value.to_string()),
    }
}

/// Whether a cell of any column says nothing in the model's words.
fn is_missing(model: &Model, cell: &Raw) -> bool {
    match cell {
        Raw::Missing => true,
        Raw::Text(text) | Raw::Number(text) => crate::text::is_one_of(text, &model.missing_words),
        Raw::Flag(_) | Raw::List(_) | Raw::Nested(_) => false,
    }
}
