//! A model as one query, for the engine where the leads live: the same answer as here, or a refusal that says which part of the
//! model cannot be said.
//!
//! From the model to typed expressions go `fields`, `events`, `calendar`, `values` with `comparisons` and `numbers`, `points` with
//! `sums`, `could` and `second` for what could be, `formula`, `labels`, `texts`, and `decide` over all of them; `lower` is what they
//! share. `owners` says whose a record is and which rows are
//! left out. `layers` puts expressions into a chain of queries, `whole` all queries into one, `print` and `dialect` write them. No text
//! of a model becomes SQL but as a text in quotes that holds nothing that acts, and no name but in the quotes of names. Owns how
//! tables look; opens no connection.
//!
//! Begins with the model and not with the plan, which leaves to the interpreter what has no shape there: here is nobody to ask.

mod calendar;
mod comparisons;
mod could;
mod decide;
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
mod second;
mod sums;
mod texts;
mod values;
mod whole;

pub use dialect::{DIALECTS, Dialect, REGISTERED};
pub use lower::Refused;

use self::decide::Asked;
use self::lower::Lower;
use crate::eval::Interpreter;
use crate::model::{Field, Model};
use crate::text::name_key;
use crate::time::Instant;
use crate::value::Type;

/// How dates stand in a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stored {
    /// As days.
    Day,
    /// As instants.
    Instant,
    /// As what clocks show, without a zone.
    Local,
    /// Nobody has said.
    Unknown,
}

/// The tables: what they are called, and which columns they have.
#[derive(Debug, Clone)]
pub struct Schema {
    /// The table of leads, perhaps with its schema before a dot.
    pub leads: String,
    /// The table of activity.
    pub events: String,
    /// The columns of the leads with their types, where they are known.
    pub lead_columns: Vec<(String, String)>,
    /// The columns of activity.
    pub event_columns: Vec<(String, String)>,
}

impl Default for Schema {
    fn default() -> Schema {
        let (leads, events) = ("leads".to_owned(), "events".to_owned());
        Schema { leads, events, lead_columns: Vec::new(), event_columns: Vec::new() }
    }
}

impl Schema {
    /// Takes the columns from a CSV text: `column,type` or `table,column,type`, by its header; without a table they are those of leads.
    ///
    /// # Errors
    /// Why it does not say them.
    pub fn read(&mut self, text: &str) -> Result<(), String> {
        let mut reader = csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(text.as_bytes());
        let header = reader.headers().map_err(|_| "its first line cannot be read".to_owned())?.clone();
        let place = |names: &[&str]| header.iter().position(|h| names.contains(&&*name_key(h)));
        let table = place(&["table", "table_name"]);
        let column = place(&["column", "column_name", "name"]).ok_or("there is no column `column` in it")?;
        let of_type = place(&["type", "data_type", "column_type"]).ok_or("there is no column `type` in it")?;
        let last = |name: &str| name.rsplit('.').next().unwrap_or(name).to_lowercase();
        let (leads, events) = (last(&self.leads), last(&self.events));
        for (row, line) in reader.records().zip(2..) {
            let row = row.map_err(|_| format!("line {line} cannot be read"))?;
            let (Some(name), Some(of_type)) = (row.get(column).filter(|n| !n.is_empty()), row.get(of_type)) else {
                return Err(format!("line {line} has no column or no type"));
            };
            let entry = (name.to_owned(), of_type.to_owned());
            match table.and_then(|at| row.get(at)).map(last) {
                Some(table) if table == events => self.event_columns.push(entry),
                Some(table) if table != leads => {}
                _ => self.lead_columns.push(entry),
            }
        }
        Ok(())
    }

    /// The fields whose columns hold another type, with the column and its type. A text is no number, date or flag.
    #[must_use]
    pub fn problems<'m>(&self, model: &'m Model) -> Vec<(&'m Field, String, String)> {
        let wrong = |field: &&'m Field| {
            let column = self.column_of(&field.name, &field.keys);
            let (_, of_type) = self.lead_columns.iter().find(|(name, _)| *name == column)?;
            let wants = matches!(field.of_type, Type::Number | Type::Date | Type::Flag);
            (wants && is_text(of_type)).then(|| (*field, column, of_type.clone()))
        };
        model.fields.iter().filter_map(|field| wrong(&field)).collect()
    }

    /// The column that feeds a field.
    pub(crate) fn column_of(&self, name: &str, keys: &[String]) -> String {
        let of = |key: &String| self.lead_columns.iter().find(|(column, _)| name_key(column) == *key);
        keys.iter().find_map(of).map_or_else(|| name.to_owned(), |(column, _)| column.clone())
    }

    /// The columns of activity that play a part, of which the first that says something counts: those that the model names and the
    /// table has, then the usual one.
    fn events(&self, name: &str, others: &[String]) -> Vec<String> {
        if let ([only], true) = (others, self.event_columns.is_empty()) {
            return vec![only.clone()];
        }
        let others = others.iter().filter(|other| self.has(&self.event_columns, other));
        let mut columns: Vec<String> = others.map(|other| self.property(other, &name_key(other))).collect();
        let usual = self.property(name, name);
        // Whose a record is says what the model names, or the usual column.
        let counts = name != "lead_id" && self.has(&self.event_columns, name) && !columns.contains(&usual);
        if counts || columns.is_empty() {
            columns.push(usual);
        }
        columns
    }

    /// The first of these columns.
    pub(crate) fn event(&self, name: &str, others: &[String]) -> String {
        self.events(name, others).swap_remove(0)
    }

    /// The columns that hold the id of a lead: in the leads, and in the activity.
    pub(crate) fn ids(&self, model: &Model) -> (String, String) {
        let keys = ["lead_id".to_owned()];
        let of_lead = model.leads.id.clone().unwrap_or_else(|| self.column_of("lead_id", &keys));
        let by_id = model.log.lead.iter().filter(|lead| lead.field.is_none());
        let others: Vec<String> = by_id.flat_map(|lead| lead.columns.clone()).collect();
        (of_lead, self.event("lead_id", &others))
    }

    pub(crate) fn has(&self, columns: &[(String, String)], wanted: &str) -> bool {
        columns.iter().any(|(column, _)| name_key(column) == name_key(wanted))
    }

    /// A column of activity that holds a property.
    pub(crate) fn property(&self, name: &str, key: &str) -> String {
        let found = self.event_columns.iter().find(|(column, _)| name_key(column) == key);
        found.map_or_else(|| name.to_owned(), |(column, _)| column.clone())
    }

    /// Whether a column surely holds integers, which are texts as well.
    fn holds_integers(&self, column: &str) -> bool {
        let columns = self.lead_columns.iter().chain(&self.event_columns);
        let is_one = |of_type: &str| {
            let of_type = of_type.to_ascii_lowercase();
            of_type.contains("int") && !of_type.contains("interval") && !is_list(&of_type)
        };
        columns.into_iter().any(|(name, of_type)| name == column && is_one(of_type))
    }

    /// How dates stand in a column, by its type.
    fn stored(&self, column: &str) -> Stored {
        let columns = self.lead_columns.iter().chain(&self.event_columns);
        let Some((_, of_type)) = columns.into_iter().find(|(name, _)| name == column) else { return Stored::Unknown };
        let of_type = of_type.to_ascii_lowercase();
        if of_type.contains("tz") && !of_type.contains("ntz") || of_type.contains("with time zone") {
            Stored::Instant
        } else if of_type.contains("time") {
            Stored::Local
        } else if of_type.contains("date") {
            Stored::Day
        } else {
            Stored::Unknown
        }
    }
}

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

/// Whether a type is one of texts.
fn is_text(of_type: &str) -> bool {
    let of_type = of_type.to_ascii_lowercase();
    ["char", "text", "string", "clob"].iter().any(|word| of_type.contains(word)) && !is_list(&of_type)
}

/// Whether a type, in small letters, is one of lists.
fn is_list(of_type: &str) -> bool {
    of_type.contains('[') || of_type.contains("array") || of_type.contains("list")
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
