//! `merit sql MODEL --dialect duckdb`: the model as one query, for where the leads live; with `--verify`, whether it is equal there.

use std::fs::File;
use std::io::{self, Read as _, Write as _};

use clap::builder::{PossibleValuesParser, TypedValueParser};

use super::input::open_version;
use super::{Ending, Talk, name, pages, stdout_of_results, terminal_width};
use crate::columns::Table;
use crate::messages::sql as say;
use crate::model::Model;
use crate::number::grouped;
use crate::output::{Forms, Inputs, Output};
use crate::page::counted;
use crate::paths::path_of;
use crate::source::Span;
use crate::sql::{self, AsOf, DIALECTS, Dialect, Problem, Request, Schema};
use crate::time::{self, Instant, Written};
use crate::verify::{self, Asked, Compared, Failed, Place};

/// What a query is written as.
const QUERY: Forms = Forms { what: "a query", endings: &["sql", "txt"] };

/// Options of `merit sql`.
#[derive(clap::Args)]
pub struct Args {
    /// The rule file; `-` is standard input
    #[arg(value_name = "MODEL", value_hint = clap::ValueHint::FilePath, value_parser = name())]
    model: String,
    /// The engine that will run the query; the text for snowflake and bigquery is checked, not executed
    #[arg(long, value_name = "ENGINE", required_unless_present_any = ["support", "verify"], value_parser = PossibleValuesParser::new(DIALECTS.map(|(name, _)| name)).map(|name| dialect_of(&name)))]
    dialect: Option<Dialect>,
    /// Say which engines can run the model, and which parts of it some cannot, instead of a query
    #[arg(long, conflicts_with_all = ["dialect", "verify"])]
    support: bool,
    #[command(flatten)]
    tables: Tables,
    /// Write to this file, whole or not at all
    #[arg(short, long, value_name = "FILE", value_hint = clap::ValueHint::FilePath, value_parser = name())]
    output: Option<String>,
    /// Answer a sample of the leads there and here, and compare every cell: sqlite:crm.db, postgres://user@host/name
    #[arg(long, value_name = "URL", conflicts_with = "schema", value_parser = name(), help_heading = "Comparison")]
    verify: Option<String>,
    /// How many leads are compared [default: 1000]
    #[arg(long, value_name = "LEADS", requires = "verify", value_parser = clap::value_parser!(u32).range(1..), help_heading = "Comparison")]
    sample: Option<u32>,
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
    /// A file that says the columns of the tables: CSV with table,column,type, or dbt's catalog.json or schema.yml
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
    pub fn schema(
        &self,
        model: &Model,
        dialect: Option<Dialect>,
        mut inputs: Inputs,
        talk: &Talk,
    ) -> Result<(Schema, Inputs), Ending> {
        let mut schema = Schema { leads: self.leads.clone(), events: self.events.clone(), ..Schema::default() };
        let Some(file) = &self.schema else { return Ok((schema, inputs)) };
        inputs = inputs.and_rules(file);
        if let Err(why) = text_of(file).and_then(|text| schema.read(file, &text)) {
            talk.say(&say::bad_schema(file, &why));
            return Err(Ending::CouldNotRun);
        }
        let problems = schema.problems(model, dialect);
        for (field, column, of_type) in &problems {
            talk.say(&say::wrong_type(field, column, of_type));
        }
        if problems.is_empty() { Ok((schema, inputs)) } else { Err(Ending::Found) }
    }
}

/// So large may a file be that says the columns of tables.
const LARGEST_SCHEMA: u64 = 64 << 20;

/// The text of a file, in UTF-8 or, where its first bytes say so, UTF-16.
fn text_of(file: &str) -> Result<String, String> {
    let read = || {
        let mut bytes = Vec::new();
        File::open(path_of(file))?.take(LARGEST_SCHEMA + 1).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    let bytes = read().map_err(|error: io::Error| crate::messages::data::reason(&error))?;
    if bytes.len() as u64 > LARGEST_SCHEMA {
        return Err("it is larger than 64 MB".to_owned());
    }
    Ok(encoding_rs::UTF_8.decode(&bytes).0.into_owned())
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
    let place = match args.verify.as_deref().map(|text| place_of(text, args.dialect)).transpose() {
        Ok(place) => place,
        Err(problem) => {
            talk.say(&problem);
            return Ok(Ending::CouldNotRun);
        }
    };
    let version = match open_version(&args.model, None, talk, true) {
        Ok(version) => version,
        Err(ending) => return Ok(ending),
    };
    let model = &version.model;
    match place {
        // Both sides answer as of one moment.
        Some(place) => compare(args, model, &place, talk, model.as_of(as_of.unwrap_or_else(|| time::now().into()))),
        None => write(args, model, talk, as_of.map_or(AsOf::Now, |date| AsOf::At(model.as_of(date)))),
    }
}

/// The database, whose engine is that of `--dialect` where both are given.
fn place_of(text: &str, dialect: Option<Dialect>) -> Result<Place, crate::diagnostic::Diagnostic> {
    let place = Place::read(text)?;
    match dialect.filter(|dialect| *dialect != place.dialect()) {
        Some(other) => Err(say::other_dialect(other.name(), place.dialect().title())),
        None => Ok(place),
    }
}

/// Writes the query, or which engines have one.
fn write(args: &Args, model: &Model, talk: &Talk, as_of: AsOf) -> io::Result<Ending> {
    let inputs = Inputs::none().and_rules(&args.model).and_used(model);
    let (schema, inputs) = match args.tables.schema(model, args.dialect, inputs, talk) {
        Ok(found) => found,
        Err(ending) => return Ok(ending),
    };
    let output = match QUERY.open(args.output.as_deref(), &inputs) {
        Ok(output) => output,
        Err(problem) => {
            talk.say(&problem);
            return Ok(Ending::CouldNotRun);
        }
    };
    let Some(dialect) = args.dialect else {
        return pages::put(&support(model, &schema, as_of), args.output.as_deref(), output, talk);
    };
    let request = Request { dialect, schema: &schema, as_of, columns: args.tables.columns() };
    match sql::write(model, &request) {
        Ok(query) => put(args, &query, output, talk),
        Err(problem) => Ok(refused(&problem, model, dialect.title(), talk)),
    }
}

/// Puts the query where it is wanted.
fn put(args: &Args, query: &str, output: Output, talk: &Talk) -> io::Result<Ending> {
    let called: Vec<&str> = sql::REGISTERED.into_iter().filter(|function| query.contains(function)).collect();
    if !called.is_empty() {
        talk.say(&say::functions_to_register(&called));
    }
    pages::put(query, args.output.as_deref(), output, talk)
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

/// Compares the answers of a database with those of the interpreter. Where they are equal, the query is written if a file is named.
fn compare(args: &Args, model: &Model, place: &Place, talk: &Talk, as_of: Instant) -> io::Result<Ending> {
    let inputs = Inputs::none().and_rules(&args.model).and_used(model);
    let inputs = place.file().into_iter().fold(inputs, |inputs, file| inputs.and(file, "the database"));
    let output = match args.output.as_deref().map(|name| QUERY.open(Some(name), &inputs)).transpose() {
        Ok(output) => output,
        Err(problem) => {
            talk.say(&problem);
            return Ok(Ending::CouldNotRun);
        }
    };
    let sample = args.sample.map_or(1000, |n| usize::try_from(n).unwrap_or(usize::MAX));
    let columns = args.tables.columns();
    let asked = Asked { model, place, tables: (&args.tables.leads, &args.tables.events), sample, as_of, columns };
    let compared = match verify::compare(&asked) {
        Ok(compared) => compared,
        Err(Failed::Told(problem)) => {
            talk.say(&problem);
            return Ok(Ending::CouldNotRun);
        }
        Err(Failed::Types(problems)) => {
            talk.say_about(&model.sources, &problems);
            return Ok(Ending::Found);
        }
        Err(Failed::Problem(problem)) => return Ok(refused(&problem, model, place.dialect().title(), talk)),
    };
    if compared.cells > 0 {
        show(&compared)?;
        let Compared { cells, differing, .. } = compared;
        let of = compared.leads.0.saturating_mul(compared.columns).max(cells);
        talk.say(&say::differs(cells, of, differing, place.dialect().title(), compared.not_nfc.as_ref()));
        return Ok(Ending::Found);
    }
    let said = sentence(&compared);
    match output {
        Some(output) => {
            talk.line(&said);
            put(args, &compared.query, output, talk)
        }
        None => {
            let mut out = stdout_of_results()?;
            writeln!(out, "{said}")?;
            out.flush()?;
            Ok(Ending::Done)
        }
    }
}

/// The first cells that differ, as a table.
fn show(compared: &Compared) -> io::Result<()> {
    let mut table = Table::new(stdout_of_results()?, terminal_width());
    table.header(["lead_id", "column", "here", "there"].map(str::to_owned).to_vec());
    let cell = |cell: &Option<String>| match cell {
        None => "(no row)".to_owned(),
        Some(text) if text.is_empty() => "(nothing)".to_owned(),
        Some(text) => text.clone(),
    };
    for difference in &compared.first {
        let (here, there) = (cell(&difference.here), cell(&difference.there));
        table.row(vec![difference.lead.clone(), difference.column.clone(), here, there])?;
    }
    table.finish()?.flush()
}

/// What was compared, where nothing differs.
fn sentence(compared: &Compared) -> String {
    let ((leads, of), records) = (compared.leads, compared.records);
    let leads =
        if leads == of { counted(of, "lead") } else { format!("{} of {}", grouped(leads), counted(of, "lead")) };
    let records = if records == 0 { String::new() } else { format!(" and their {}", counted(records, "record")) };
    format!("{leads}{records} compared in {}: no difference.", counted(compared.columns, "column"))
}
