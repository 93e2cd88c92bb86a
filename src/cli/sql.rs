//! `merit sql MODEL --dialect duckdb`: the model as one query, for where the leads live.

use std::io;

use clap::builder::{PossibleValuesParser, TypedValueParser};

use super::input::open_version;
use super::{Ending, Talk, name, pages};
use crate::columns::Table;
use crate::messages::sql as say;
use crate::model::Model;
use crate::output::{Inputs, Output};
use crate::source::Span;
use crate::sql::{self, AsOf, DIALECTS, Dialect, Problem, Request, Schema};
use crate::time::Written;

/// Options of `merit sql`.
#[derive(clap::Args)]
pub struct Args {
    /// The rule file; `-` is standard input
    #[arg(value_name = "MODEL", value_hint = clap::ValueHint::FilePath, value_parser = name())]
    model: String,
    /// The engine that will run the query; the text for snowflake and bigquery is checked, not executed
    #[arg(long, value_name = "ENGINE", required_unless_present = "support", value_parser = PossibleValuesParser::new(DIALECTS.map(|(name, _)| name)).map(|name| dialect_of(&name)))]
    dialect: Option<Dialect>,
    /// Say which engines can run the model, and which parts of it some cannot, instead of a query
    #[arg(long, conflicts_with = "dialect")]
    support: bool,
    #[command(flatten)]
    tables: Tables,
    /// Write to this file, whole or not at all
    #[arg(short, long, value_name = "FILE", value_hint = clap::ValueHint::FilePath, value_parser = name())]
    output: Option<String>,
}

/// Where the leads live, and which columns are asked for.
#[derive(clap::Args)]
pub(super) struct Tables {
    /// The table of leads, perhaps with its schema before a dot
    #[arg(long, value_name = "TABLE", default_value = "leads")]
    leads: String,
    /// The table of activity, with the columns lead_id, type, target and at
    #[arg(long, value_name = "TABLE", default_value = "events")]
    events: String,
    /// A CSV file that says the columns of the tables: column,type or table,column,type
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath, value_parser = name())]
    schema: Option<String>,
    /// Which columns the result has, as of `merit run`; also possible_score_low
    #[arg(long, value_name = "COLUMNS", value_delimiter = ',')]
    columns: Option<Vec<String>>,
}

impl Tables {
    /// The columns that are named.
    pub fn columns(&self) -> Option<&[String]> {
        self.columns.as_deref()
    }

    /// The tables as they are said to be. Says what does not fit the model.
    pub fn schema(&self, model: &Model, mut inputs: Inputs, talk: &Talk) -> Result<(Schema, Inputs), Ending> {
        let mut schema = Schema { leads: self.leads.clone(), events: self.events.clone(), ..Schema::default() };
        let Some(file) = &self.schema else { return Ok((schema, inputs)) };
        inputs = inputs.and_rules(file);
        let read = std::fs::read_to_string(file).map_err(|error| crate::messages::data::reason(&error));
        if let Err(why) = read.and_then(|text| schema.read(&text)) {
            talk.say(&say::bad_schema(file, &why));
            return Err(Ending::CouldNotRun);
        }
        let problems = schema.problems(model);
        for (field, column, of_type) in &problems {
            talk.say(&say::wrong_type(field, column, of_type));
        }
        if problems.is_empty() { Ok((schema, inputs)) } else { Err(Ending::Found) }
    }
}

/// Says why there is no query.
pub(super) fn refused(problem: &Problem, model: &Model, engine: &str, talk: &Talk) -> Ending {
    match problem {
        Problem::NoColumn(name, known) => {
            let near = crate::suggest::nearest(name, known.iter().map(String::as_str)).map(str::to_owned);
            talk.say(&crate::messages::data::no_output_column(name, near.as_deref(), known));
            Ending::CouldNotRun
        }
        Problem::Refused(all) => {
            let all: Vec<_> = all.iter().map(|r| say::cannot_be_said(r.span, &r.what, engine)).collect();
            talk.say_about(&model.sources, &all);
            Ending::Found
        }
    }
}

fn dialect_of(name: &str) -> Dialect {
    DIALECTS.iter().find(|(n, _)| *n == name).map_or(Dialect::DuckDb, |(_, dialect)| *dialect)
}

/// # Errors
/// Where standard output cannot be written.
pub fn run(args: &Args, talk: &Talk, as_of: Option<Written>) -> io::Result<Ending> {
    let version = match open_version(&args.model, None, talk, true) {
        Ok(version) => version,
        Err(ending) => return Ok(ending),
    };
    let model = &version.model;
    let inputs = Inputs::none().and_rules(&args.model).and_used(model);
    let (schema, inputs) = match args.tables.schema(model, inputs, talk) {
        Ok(found) => found,
        Err(ending) => return Ok(ending),
    };
    let output = match Output::open(args.output.as_deref(), &inputs) {
        Ok(output) => output,
        Err(problem) => {
            talk.say(&problem);
            return Ok(Ending::CouldNotRun);
        }
    };
    let as_of = as_of.map_or(AsOf::Now, |date| AsOf::At(model.as_of(date)));
    let Some(dialect) = args.dialect else {
        return pages::put(&support(model, &schema, as_of), args.output.as_deref(), output, talk);
    };
    let request = Request { dialect, schema: &schema, as_of, columns: args.tables.columns() };
    match sql::write(model, &request) {
        Ok(query) => {
            let called: Vec<&str> = sql::REGISTERED.into_iter().filter(|function| query.contains(function)).collect();
            if !called.is_empty() {
                talk.say(&say::functions_to_register(&called));
            }
            pages::put(&query, args.output.as_deref(), output, talk)
        }
        Err(problem) => Ok(refused(&problem, model, dialect.title(), talk)),
    }
}

/// Which engines can run a model: a row for each part that some cannot say, and one for the rest.
fn support(model: &Model, schema: &Schema, as_of: AsOf) -> String {
    let unsaid = sql::unsaid(model, schema, as_of);
    let mut table = Table::new(Vec::new(), None);
    let names = DIALECTS.map(|(name, _)| name.to_owned());
    table.header(["line", "what"].map(str::to_owned).into_iter().chain(names).collect());
    let row = |line: String, what: String, by: &[Dialect]| {
        let says = DIALECTS.map(|(_, dialect)| if by.contains(&dialect) { "no" } else { "yes" }.to_owned());
        [line, what].into_iter().chain(says).collect::<Vec<_>>()
    };
    let whole: Vec<Dialect> = unsaid.iter().flat_map(|part| part.by.iter().copied()).collect();
    let rest = if unsaid.is_empty() { "everything in it" } else { "everything else in it" };
    let parts = unsaid.iter().map(|part| {
        let span = part.refused.span;
        let file = model.sources.of(span);
        let line =
            file.filter(|_| span != Span::default()).map_or(String::new(), |f| f.line_of(span.start).to_string());
        row(line, part.refused.what.clone(), &part.by)
    });
    let last = (!unsaid.is_empty()).then(|| row(String::new(), "the whole model".to_owned(), &whole));
    let rows = parts.chain([row(String::new(), rest.to_owned(), &[])]).chain(last);
    // A list in memory takes all.
    let mut written = Ok(());
    for cells in rows {
        written = written.and_then(|()| table.row(cells));
    }
    let text = written.and_then(|()| table.finish()).unwrap_or_default();
    String::from_utf8(text).unwrap_or_default() + "\n"
}
