//! Which columns results have.

use super::cells::Cells;
use super::write::{Form, Writer};
use crate::data::{Columns, Leads};
use crate::diagnostic::Diagnostic;
use crate::eval::batch::{ModelOf, Program};
use crate::messages::data as say;
use crate::model::Model;
use crate::text::{fold, name_key};
use crate::time::Instant;
use crate::words::Lines;

/// A column of results.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Column {
    /// The id, or what a row without one is called.
    LeadId,
    /// The score.
    Score,
    /// The stage; `error` where the row cannot be read.
    Stage,
    /// How the stage differs from where the lead stands today.
    Change,
    /// What a label says.
    Label(usize),
    /// The highest stage that missing data could bring.
    CouldBe,
    /// What is to be looked at, with `; ` between.
    Review,
    /// What took effect, with `; ` between.
    Reasons,
    /// The points of a group.
    Group(usize),
    /// The fields that are missing and matter.
    Missing,
    /// The highest score that missing data could bring.
    PossibleScore,
    /// As of when.
    AsOf,
    /// Why the row cannot be read.
    Error,
    /// A column of the leads.
    Input(usize),
}

impl Column {
    /// Whether no cell of it ever needs quotes; its name may.
    pub(super) fn is_number(&self) -> bool {
        matches!(self, Column::Score | Column::Group(_) | Column::PossibleScore)
    }
}

/// Which columns are asked for.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wanted<'w> {
    /// Their names; the usual ones where none are named.
    pub columns: Option<&'w [String]>,
    /// Whether all columns of the leads come first.
    pub keep: bool,
}

/// What is written of answers: the program that gives them, and the columns.
pub struct Results<'m> {
    program: Program<'m>,
    words: Lines,
    columns: Vec<(String, Column)>,
    form: Form,
}

impl<'m> Results<'m> {
    /// What is asked for of some leads.
    ///
    /// # Errors
    /// Where a column is asked for that there is not.
    pub fn new(
        model: impl Into<ModelOf<'m>>,
        as_of: Instant,
        leads: &Leads,
        wanted: Wanted<'_>,
        form: Form,
    ) -> Result<Results<'m>, Diagnostic> {
        let model = model.into();
        let columns = columns_of(&model, wanted, leads.columns())?;
        let words = Lines::of(&model);
        let asks_for_possible =
            columns.iter().any(|(_, c)| matches!(c, Column::CouldBe | Column::Missing | Column::PossibleScore));
        let mut program = Program::compile(model, as_of);
        if matches!(form, Form::Csv { .. }) && !asks_for_possible {
            program = program.without_possible();
        }
        Ok(Results { program, words, columns, form })
    }

    /// The program that gives the answers.
    #[must_use]
    pub fn program(&self) -> &Program<'m> {
        &self.program
    }

    /// The names of the columns.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(|(name, _)| name.as_str())
    }

    /// A sink for the cells of each row.
    #[must_use]
    pub fn cells(&self) -> Cells<'_> {
        Cells { program: &self.program, words: &self.words, columns: &self.columns }
    }

    /// A sink that writes.
    #[must_use]
    pub fn writer(&self) -> Writer<'_> {
        Writer { cells: self.cells(), form: self.form }
    }
}

/// The columns that are asked for.
fn columns_of(model: &Model, wanted: Wanted<'_>, input: &Columns) -> Result<Vec<(String, Column)>, Diagnostic> {
    let mut columns = Vec::new();
    if wanted.keep {
        columns.extend(input.names.iter().enumerate().map(|(i, n)| (n.clone(), Column::Input(i))));
    }
    match wanted.columns {
        None => columns.extend(usual(model)),
        Some(names) => {
            for name in names {
                columns.push((name.trim().to_owned(), find(model, input, name.trim())?));
            }
        }
    }
    Ok(columns)
}

/// `lead_id, score, stage`, the change where the model asks for it, the labels, `could_be, review, reasons`.
fn usual(model: &Model) -> Vec<(String, Column)> {
    let named = |name: &str, column| (name.to_owned(), column);
    let mut out = vec![named("lead_id", Column::LeadId), named("score", Column::Score), named("stage", Column::Stage)];
    out.extend(model.ladder.from.map(|_| named("change", Column::Change)));
    out.extend(model.labels.iter().enumerate().map(|(i, l)| (l.name.clone(), Column::Label(i))));
    out.extend([
        named("could_be", Column::CouldBe),
        named("review", Column::Review),
        named("reasons", Column::Reasons),
    ]);
    out
}

fn find(model: &Model, input: &Columns, name: &str) -> Result<Column, Diagnostic> {
    let folded = fold(name);
    let own = match &*folded {
        "lead_id" => Some(Column::LeadId),
        "score" => Some(Column::Score),
        "stage" => Some(Column::Stage),
        "change" if model.ladder.from.is_some() => Some(Column::Change),
        "could_be" => Some(Column::CouldBe),
        "review" => Some(Column::Review),
        "reasons" => Some(Column::Reasons),
        "missing" => Some(Column::Missing),
        "possible_score" => Some(Column::PossibleScore),
        "as_of" => Some(Column::AsOf),
        "error" => Some(Column::Error),
        _ => None,
    };
    let key = name_key(name);
    let label = || model.labels.iter().position(|l| name_key(&l.name) == key).map(Column::Label);
    let group = || model.groups.iter().position(|g| name_key(&g.name) == key).map(Column::Group);
    let cell = || input.find(name).map(Column::Input);
    own.or_else(label).or_else(group).or_else(cell).ok_or_else(|| {
        let fixed = [
            "lead_id",
            "score",
            "stage",
            "could_be",
            "review",
            "reasons",
            "missing",
            "possible_score",
            "as_of",
            "error",
        ];
        let mut known: Vec<String> = fixed.iter().map(|s| (*s).to_owned()).collect();
        known.extend(model.ladder.from.map(|_| "change".to_owned()));
        known.extend(model.labels.iter().map(|l| l.name.clone()));
        known.extend(model.groups.iter().map(|g| g.name.clone()));
        let others = input
            .names
            .iter()
            .filter(|name| !known.iter().any(|k| name_key(k) == name_key(name)))
            .cloned()
            .collect::<Vec<_>>();
        known.extend(others);
        let near = crate::suggest::nearest(name, known.iter().map(String::as_str)).map(str::to_owned);
        say::no_output_column(name, near.as_deref(), &known)
    })
}
