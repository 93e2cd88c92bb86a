//! The tables of a database beside what a model reads: which columns are read, and the query, with two queries before it that
//! put a sample in place of the tables.

use super::engine::{Column, Engine, IdColumn, quoted, table_of};
use super::{Asked, Failed, told};
use crate::data::{EventColumns, Part};
use crate::diagnostic::Diagnostic;
use crate::messages::sql as say;
use crate::model::LeadColumns;
use crate::run::Input;
use crate::sql::{self, AsOf, Dialect, Output, Request, Schema};
use crate::suggest::nearest_of_data;
use crate::text::{name_key, path_key};

/// What stands in place of the tables.
const SAMPLES: [&str; 2] = ["merit_sample_leads", "merit_sample_events"];

/// What is known of the tables, and what is asked of them.
pub(super) struct Tables {
    /// The leads.
    pub leads: IdColumn,
    /// The activity, where the query reads any.
    pub events: Option<IdColumn>,
    /// The columns that are read.
    pub lead_columns: Vec<Column>,
    pub event_columns: Vec<Column>,
    /// The columns of activity with the id of the lead, and with the time.
    pub of_record: String,
    pub at: Option<String>,
    /// The columns of results.
    pub outputs: Vec<(String, Output)>,
    /// The query, and the same over samples.
    pub query: String,
    sampled: String,
}

impl Tables {
    /// Looks at the tables.
    pub fn of(asked: &Asked<'_>, engine: &mut dyn Engine) -> Result<Tables, Failed> {
        let (model, dialect) = (asked.model, asked.place.dialect());
        let (leads, events) = asked.tables;
        let name = engine.name();
        let lead_columns = engine.columns(leads).map_err(|why| told(&name, why))?;
        if lead_columns.is_empty() {
            return Err(no_table(leads, "--leads", engine)?.into());
        }
        let event_columns = engine.columns(events).map_err(|why| told(&name, why))?;
        let schema = schema(dialect, asked.tables, &lead_columns, &event_columns);
        let is_keyed = |lead: &LeadColumns| lead.columns.iter().any(|name| schema.has(&schema.event_columns, name));
        let is_keyed = model.log.lead.iter().filter(|lead| lead.field.is_some()).any(is_keyed);
        let has_others = model.leads.other_ids.iter().any(|name| schema.has(&schema.lead_columns, name));
        if is_keyed || has_others || !model.leads.ignore.is_empty() || !model.log.ignore.is_empty() {
            return Err(say::no_sample_of_blocks().into());
        }
        let wrong = schema.problems(model, Some(dialect));
        if !wrong.is_empty() {
            let told = wrong.iter().map(|(field, column, of_type)| say::wrong_type(field, column, of_type));
            return Err(Failed::Types(told.collect()));
        }
        let mut outputs = sql::outputs(model, asked.columns).map_err(Failed::Problem)?;
        if !outputs.iter().any(|(_, output)| *output == Output::LeadId) {
            outputs.push(("lead_id".to_owned(), Output::LeadId));
        }
        let names: Vec<String> = outputs.iter().map(|(name, _)| name.clone()).collect();
        let write = |schema: &Schema, columns| {
            sql::write(model, &Request { dialect, schema, as_of: AsOf::At(asked.as_of), columns })
                .map_err(Failed::Problem)
        };
        let [sample_leads, sample_events] = SAMPLES.map(str::to_owned);
        let samples = Schema { leads: sample_leads, events: sample_events, ..schema.clone() };
        let sampled = write(&samples, Some(&names))?;
        let has_activity = sampled.contains(&quoted(SAMPLES[1]));
        if has_activity && event_columns.is_empty() {
            return Err(no_table(events, "--events", engine)?.into());
        }
        let (of_lead, of_record) = schema.ids(model);
        let find = |columns: &[Column], name: &str| columns.iter().find(|column| column.name == name).cloned();
        let is_read = |name: &str| sampled.contains(&quoted(name));
        let mut wanted: Vec<String> = model
            .fields
            .iter()
            .map(|field| schema.column_of(&field.name, &field.keys))
            .filter(|c| is_read(c))
            .collect();
        wanted.insert(0, of_lead.clone());
        check(leads, &lead_columns, &wanted)?;
        let at = schema.event("at", &model.log.at);
        if has_activity {
            let parts = [("type", &model.log.kind), ("target", &model.log.target)];
            let parts = parts.into_iter().map(|(name, others)| schema.event(name, others));
            let is_part = |key: &str| matches!(key, "type" | "target" | "at" | "event_id");
            let properties = model.properties.iter().filter(|property| !is_part(&property.key));
            let properties = properties.map(|property| schema.property(&property.name, &property.key));
            let mut wanted: Vec<String> = parts.chain([at.clone()]).chain(properties).filter(|c| is_read(c)).collect();
            wanted.insert(0, of_record.clone());
            check(events, &event_columns, &wanted)?;
        }
        let id = |table: &str, column: Option<Column>| Some(IdColumn { table: table_of(table), column: column? });
        let Some(of_leads) = id(leads, find(&lead_columns, &of_lead)) else {
            return Err(no_column(leads, &lead_columns, &of_lead).into());
        };
        let of_events = id(events, find(&event_columns, &of_record)).filter(|_| has_activity);
        let feeds = |column: &&Column| {
            column.name == of_lead || model.fields.iter().any(|field| field.keys.contains(&name_key(&column.name)))
        };
        let parts = Input { options: options(&of_record), ..Input::new("") }.for_model(model).options.event_columns;
        let is_of_record = |column: &&Column| {
            let keys = [name_key(&column.name), path_key(&column.name)];
            column.name == of_record
                || keys.iter().any(|key| parts.part_of(key).is_some() || model.property_keys().any(|p| p == key))
        };
        Ok(Tables {
            lead_columns: lead_columns.iter().filter(feeds).cloned().collect(),
            event_columns: event_columns.iter().filter(is_of_record).cloned().collect(),
            at: find(&event_columns, &at).map(|column| column.name),
            query: write(&schema, asked.columns)?,
            leads: of_leads,
            events: of_events,
            of_record,
            outputs,
            sampled,
        })
    }

    /// Which column of activity holds the id of the lead; the others have their usual names, or those that the model says.
    pub fn parts(&self) -> EventColumns {
        options(&self.of_record).event_columns
    }

    /// The query over samples of the tables.
    pub fn over_samples(&self, engine: &dyn Engine) -> String {
        let tables = [Some(&self.leads), self.events.as_ref()];
        let samples = SAMPLES.iter().zip(tables.into_iter().flatten()).zip(1..).map(|((name, of), place)| {
            format!("{} AS (\n  SELECT * FROM {} WHERE {}\n)", quoted(name), of.table, engine.among(of, place))
        });
        let samples = samples.collect::<Vec<_>>().join(",\n");
        let (with, rest) = match self.sampled.strip_prefix("WITH RECURSIVE ") {
            Some(rest) => ("WITH RECURSIVE", rest),
            None => ("WITH", self.sampled.strip_prefix("WITH ").unwrap_or(&self.sampled)),
        };
        format!("{with} {samples},\n{rest}")
    }
}

fn options(of_record: &str) -> crate::data::Options {
    let mut options = crate::data::Options::default();
    options.event_columns.name(Part::LeadId, &[of_record.to_owned()]);
    options
}

/// The tables as the query is told of them.
fn schema(dialect: Dialect, (leads, events): (&str, &str), of_leads: &[Column], of_events: &[Column]) -> Schema {
    let columns = |columns: &[Column]| columns.iter().map(|c| (c.name.clone(), of_type(dialect, c))).collect();
    Schema {
        leads: leads.to_owned(),
        events: events.to_owned(),
        lead_columns: columns(of_leads),
        event_columns: columns(of_events),
    }
}

/// The type of a column. In SQLite a date is a text, whatever its column is declared as, and each says what it is.
fn of_type(dialect: Dialect, column: &Column) -> String {
    let declared = column.of_type.to_lowercase();
    let is_of_dates = dialect == Dialect::Sqlite && ["date", "time"].iter().any(|word| declared.contains(word));
    if is_of_dates { String::new() } else { column.of_type.clone() }
}

/// The first column that is asked for and not there.
fn check(table: &str, columns: &[Column], wanted: &[String]) -> Result<(), Diagnostic> {
    let is_there = |name: &str| columns.iter().any(|column| column.name == name);
    wanted.iter().find(|name| !is_there(name)).map_or(Ok(()), |name| Err(no_column(table, columns, name)))
}

fn no_column(table: &str, columns: &[Column], name: &str) -> Diagnostic {
    let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
    say::no_column_in_table(table, name, nearest_of_data(name, names.iter().copied()), &names)
}

fn no_table(table: &str, option: &str, engine: &mut dyn Engine) -> Result<Diagnostic, Diagnostic> {
    let name = engine.name();
    let tables = engine.tables().map_err(|why| told(&name, why))?;
    let near = nearest_of_data(table, tables.iter().map(String::as_str));
    Ok(say::no_table(&name, table, option, near, &tables))
}
