//! A model as one query, for the engine where the leads live: the same answer as here, or a refusal that says which part of the
//! model cannot be said.
//!
//! From the model to typed expressions go `fields`, `events`, `calendar`, `values` with `comparisons` and `numbers`, `points` with
//! `sums`, `could` and `second` for what could be, `formula`, `labels`, `texts`, and `decide` over all of them; `lower` is what they
//! share. `schema` is how tables look, as files of `described` say it; `owners` whose a record is, and which rows are left out. `layers`
//! puts expressions into a chain of queries, `whole` all queries into one, `print` and `dialect` write them. No text of a model becomes
//! SQL but as a text in quotes that holds nothing that acts, and no name but in the quotes of names. Opens no connection.
//!
//! Begins with the model and not with the plan, which leaves to the interpreter what has no shape there: here is nobody to ask.

mod calendar;
mod comparisons;
mod could;
mod decide;
#[cfg(feature = "cli")]
mod described;
mod dialect;
mod events;
mod expr;
mod fields;
mod formula;
mod labels;
mod layers;
mod lower;
mod numbers;
mod owners;
mod points;
mod print;
mod schema;
mod second;
mod sums;
mod texts;
mod values;
mod whole;

pub use dialect::{DIALECTS, Dialect, REGISTERED};
pub use lower::Refused;
pub use schema::Schema;

use self::decide::Asked;
use self::lower::Lower;
use crate::eval::Interpreter;
use crate::model::Model;
use crate::text::name_key;
use crate::time::Instant;

/// As of when a query answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AsOf {
    /// This instant, written into the query.
    At(Instant),
    /// When it runs.
    Now,
    /// Whenever a template says, which also names the tables, see [`FILLED`].
    Filled,
}

/// What is asked of the query.
#[derive(Debug, Clone)]
pub struct Request<'r> {
    /// For which engine.
    pub dialect: Dialect,
    /// The tables.
    pub schema: &'r Schema,
    /// As of when.
    pub as_of: AsOf,
    /// The columns of the result; the usual ones where none are named.
    pub columns: Option<&'r [String]>,
}

/// A column of the result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Output {
    LeadId,
    Score,
    Group(usize),
    Stage,
    Change,
    Label(usize),
    CouldBe,
    PossibleScore,
    PossibleScoreLow,
    Missing,
    Review,
    Reasons,
    AsOf,
}

/// Why there is no query.
#[derive(Debug, Clone, PartialEq)]
pub enum Problem {
    /// Parts of the model cannot be said in the dialect: all that are found, in the order of the file.
    Refused(Vec<Refused>),
    /// There is no such column of results; the names that there are.
    NoColumn(String, Vec<String>),
}

/// What a template fills in where the as-of is [`AsOf::Filled`]: the tables of leads and of activity, and the as-of in microseconds.
pub const FILLED: [&str; 3] = ["{{ merit_leads }}", "{{ merit_events }}", "{{ merit_as_of }}"];

/// What the columns of the result are called; the usual ones where none are named.
///
/// # Errors
/// Which column there is not.
pub fn column_names(model: &Model, named: Option<&[String]>) -> Result<Vec<String>, Problem> {
    Ok(outputs(model, named)?.into_iter().map(|(name, _)| name).collect())
}

/// The query, without a `;` at its end.
///
/// # Errors
/// Which part of the model cannot be said in the dialect, or which column of results there is not.
pub fn write(model: &Model, request: &Request<'_>) -> Result<String, Problem> {
    let outputs = outputs(model, request.columns)?;
    let asks = |wanted: &dyn Fn(Output) -> bool| outputs.iter().any(|(_, o)| wanted(*o));
    let asked = Asked {
        possible: asks(&|o| matches!(o, Output::CouldBe | Output::PossibleScore | Output::PossibleScoreLow)),
        missing: asks(&|o| o == Output::Missing),
        reviews: asks(&|o| o == Output::Review),
        reasons: asks(&|o| o == Output::Reasons),
        labels: asks(&|o| matches!(o, Output::Label(_))),
    };
    // What hangs on an as-of that is not known is not asked of it.
    // What hangs on an as-of that is not known is not asked of it.
    let interpreter = Interpreter::new(model, if let AsOf::At(at) = request.as_of { at } else { Instant(0) });
    let query = |noted: Option<Vec<Refused>>| {
        interpreter.nobody(|nobody| {
            let mut lower = Lower::new(model, request, nobody, noted);
            let query = lower.decide(asked).and_then(|answer| lower.query(&outputs, &answer));
            (query, lower.noted.unwrap_or_default())
        })
    };
    let first = match query(None).0 {
        Ok(query) => return Ok(query),
        Err(first) => first,
    };
    let (last, mut all) = query(Some(Vec::new()));
    all.extend(last.err());
    all.sort_by_key(|refused| refused.span);
    all.dedup();
    Err(Problem::Refused(if all.is_empty() { vec![first] } else { all }))
}

/// A part of a model that some engine cannot say.
#[derive(Debug, Clone, PartialEq)]
pub struct Unsaid {
    /// The part, and what it is.
    pub refused: Refused,
    /// Those that cannot.
    pub by: Vec<Dialect>,
}

impl Unsaid {
    /// Adds what an engine cannot say.
    pub(crate) fn add(all: &mut Vec<Unsaid>, dialect: Dialect, refused: Vec<Refused>) {
        for refused in refused {
            match all.iter_mut().find(|unsaid| unsaid.refused == refused) {
                Some(unsaid) => unsaid.by.push(dialect),
                None => all.push(Unsaid { refused, by: vec![dialect] }),
            }
        }
    }

    /// The names of the engines, as their makers write them.
    #[must_use]
    pub fn engines(&self) -> Vec<String> {
        self.by.iter().map(|dialect| dialect.title().to_owned()).collect()
    }
}

/// The parts of a model that some engine cannot say, in the order of the file: all columns of the result are asked for.
#[must_use]
pub fn unsaid(model: &Model, schema: &Schema, as_of: AsOf) -> Vec<Unsaid> {
    let columns = all_outputs(model).into_iter().map(|(name, _)| name).collect::<Vec<_>>();
    let mut out: Vec<Unsaid> = Vec::new();
    for (_, dialect) in DIALECTS {
        let request = Request { dialect, schema, as_of, columns: Some(&columns) };
        if let Err(Problem::Refused(all)) = write(model, &request) {
            Unsaid::add(&mut out, dialect, all);
        }
    }
    out.sort_by_key(|unsaid| unsaid.refused.span);
    out
}

/// `lead_id, score, stage`, the change where the model asks for it, the labels, `could_be, review, reasons`; or those that are named.
pub(crate) fn outputs(model: &Model, named: Option<&[String]>) -> Result<Vec<(String, Output)>, Problem> {
    let Some(named) = named else { return Ok(usual_outputs(model)) };
    let known = all_outputs(model);
    named
        .iter()
        .map(|name| {
            let key = name_key(name);
            let found = known.iter().find(|(known, _)| name_key(known) == key);
            let names = || known.iter().map(|(name, _)| name.clone()).collect();
            found
                .map(|(_, output)| (name.trim().to_owned(), *output))
                .ok_or_else(|| Problem::NoColumn(name.clone(), names()))
        })
        .collect()
}

fn usual_outputs(model: &Model) -> Vec<(String, Output)> {
    let mut known = vec![("lead_id".to_owned(), Output::LeadId), ("score".to_owned(), Output::Score)];
    known.push(("stage".to_owned(), Output::Stage));
    known.extend(model.ladder.from.map(|_| ("change".to_owned(), Output::Change)));
    known.extend(model.labels.iter().enumerate().map(|(i, l)| (l.name.clone(), Output::Label(i))));
    known.extend(
        [("could_be", Output::CouldBe), ("review", Output::Review), ("reasons", Output::Reasons)]
            .map(|(name, output)| (name.to_owned(), output)),
    );
    known
}

fn all_outputs(model: &Model) -> Vec<(String, Output)> {
    let mut known = usual_outputs(model);
    let more = [
        ("possible_score", Output::PossibleScore),
        ("possible_score_low", Output::PossibleScoreLow),
        ("missing", Output::Missing),
        ("as_of", Output::AsOf),
    ];
    known.extend(more.map(|(name, output)| (name.to_owned(), output)));
    known.extend(model.groups.iter().enumerate().map(|(i, g)| (g.name.clone(), Output::Group(i))));
    known
}
