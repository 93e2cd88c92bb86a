//! `merit sql MODEL --dialect duckdb`: the model as one query, for where the leads live.

use std::io;

use clap::builder::{PossibleValuesParser, TypedValueParser};

use super::input::open_version;
use super::{Ending, Talk, name, pages};
use crate::messages::sql as say;
use crate::output::{Inputs, Output};
use crate::sql::{self, AsOf, DIALECTS, Dialect, Problem, Request, Schema};
use crate::time::Written;

/// Options of `merit sql`.
#[derive(clap::Args)]
pub struct Args {
    /// The rule file; `-` is standard input
    #[arg(value_name = "MODEL", value_hint = clap::ValueHint::FilePath, value_parser = name())]
    model: String,
    /// The engine that will run the query; the text for snowflake and bigquery is checked, not executed
    #[arg(long, value_name = "ENGINE", value_parser = PossibleValuesParser::new(DIALECTS.map(|(name, _)| name)).map(|name| dialect_of(&name)))]
    dialect: Dialect,
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
    /// Write to this file, whole or not at all
    #[arg(short, long, value_name = "FILE", value_hint = clap::ValueHint::FilePath, value_parser = name())]
    output: Option<String>,
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
    let mut schema = Schema { leads: args.leads.clone(), events: args.events.clone(), ..Schema::default() };
    let mut inputs = Inputs::none().and_rules(&args.model).and_used(model);
    if let Some(file) = &args.schema {
        inputs = inputs.and_rules(file);
        let read = std::fs::read_to_string(file).map_err(|error| crate::messages::data::reason(&error));
        if let Err(why) = read.and_then(|text| schema.read(&text)) {
            talk.say(&say::bad_schema(file, &why));
            return Ok(Ending::CouldNotRun);
        }
        let problems = schema.problems(model);
        for (field, column, of_type) in &problems {
            talk.say(&say::wrong_type(field, column, of_type));
        }
        if !problems.is_empty() {
            return Ok(Ending::Found);
        }
    }
    let output = match Output::open(args.output.as_deref(), &inputs) {
        Ok(output) => output,
        Err(problem) => {
            talk.say(&problem);
            return Ok(Ending::CouldNotRun);
        }
    };
    let as_of = as_of.map_or(AsOf::Now, |date| AsOf::At(model.as_of(date)));
    let request = Request { dialect: args.dialect, schema: &schema, as_of, columns: args.columns.as_deref() };
    match sql::write(model, &request) {
        Ok(query) => {
            let called: Vec<&str> = sql::REGISTERED.into_iter().filter(|function| query.contains(function)).collect();
            if !called.is_empty() {
                talk.say(&say::functions_to_register(&called));
            }
            pages::put(&query, args.output.as_deref(), output, talk)
        }
        Err(Problem::NoColumn(name, known)) => {
            let near = crate::suggest::nearest(&name, known.iter().map(String::as_str)).map(str::to_owned);
            talk.say(&crate::messages::data::no_output_column(&name, near.as_deref(), &known));
            Ok(Ending::CouldNotRun)
        }
        Err(Problem::Refused(refused)) => {
            let told = say::cannot_be_said(refused.span, &refused.what, args.dialect.title());
            talk.say_about(&model.sources, &[told]);
            Ok(Ending::Found)
        }
    }
}
