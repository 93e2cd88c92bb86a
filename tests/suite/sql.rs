//! The query of a model gives the answers of the interpreter: every column, on random models, leads and activity.
//!
//! `MERIT_CASES=50000 cargo test sql` tries more, `MERIT_SEED=7` begins elsewhere.

#![allow(clippy::expect_used, clippy::panic)] // A test that cannot set up its database fails.

use std::collections::BTreeMap;
use std::sync::Arc;

use merit::eval::{Interpreter, Outcome, stage_name};
use merit::lead::{Activity, At, Lead};
use merit::model::Model;
use merit::points::to_float;
use merit::sql::{Dialect, Problem, Request, Schema, write};
use merit::time::{Date, Instant};
use merit::value::{Raw, Type, Value};
use merit::words::Lines;
use rusqlite::functions::FunctionFlags;
use rusqlite::types::{Value as Cell, ValueRef};
use rusqlite::{Connection, params_from_iter};

use super::generate::{self, ActivityWants, LeadWants, Rng, Wants};
use super::support;

fn setting(name: &str, usual: u64) -> u64 {
    std::env::var(name).ok().and_then(|n| n.parse().ok()).unwrap_or(usual)
}

/// Leads as a table holds them: no ranges, dates throughout of one kind.
fn typed(model: &Model, mut lead: Lead) -> Lead {
    for (i, value) in lead.values.iter_mut().enumerate() {
        *value = match std::mem::replace(value, Value::Missing) {
            Value::Range(..) => Value::Missing,
            Value::Date(date) => Value::Date(if i.is_multiple_of(2) {
                Date::Day(model.zone.day_of(date.first()))
            } else {
                Date::Instant(date.first())
            }),
            // Here a list is a text parted by `;`, and one without entries is none.
            Value::List(texts) if texts.is_empty() || texts.iter().any(|t| t.written.contains(';')) => Value::Missing,
            value => value,
        };
    }
    let types = property_types(model);
    let activity = lead.activity.iter().map(|record| {
        let properties = record.properties().iter().filter_map(|(key, raw)| {
            let value = raw.read(*types.get(&**key)?, &Default::default())?;
            let text = match value {
                Value::Missing | Value::Range(..) => return None,
                Value::Text(text) => text.written.clone(),
                Value::Date(date) => date.first().to_string(),
                value => value.to_string(),
            };
            Some((Arc::clone(key), Raw::Text(text)))
        });
        let at = match record.at {
            At::Day(day) => At::Instant(Date::Day(day).first()),
            at => at,
        };
        Activity::new(Arc::clone(&record.kind), record.target.clone(), at).with(None, properties.collect())
    });
    let activity = activity.collect();
    lead.activity = Arc::new(activity);
    lead
}

/// The properties of records that a model reads; those that are read as several types are left out.
fn property_types(model: &Model) -> BTreeMap<&str, Type> {
    let mut types: BTreeMap<&str, Type> = model.property_keys().map(|key| (key, Type::Text)).collect();
    types.extend(model.properties.iter().map(|p| (p.key.as_str(), p.of_type)));
    types
}

/// Whether a column would have to be of two types.
fn has_two_types(model: &Model) -> bool {
    model.properties.iter().any(|p| {
        model.properties.iter().any(|q| p.key == q.key && p.of_type != q.of_type)
            || p.of_type != Type::Text
                && model.activity_types.iter().any(|t| {
                    t.target.as_deref() == Some(&p.key) || t.from.iter().any(|s| s.target.as_deref() == Some(&p.key))
                })
    })
}

fn leads(seed: u64, model: &Model, as_of: Instant) -> Vec<Lead> {
    let mut rng = Rng::named(seed, "leads");
    (0..40)
        .map(|i| {
            let gaps = rng.pick(&[0, 35, 100]);
            let wants = LeadWants { gaps, arrays: false, ..LeadWants::ALL };
            let lead = generate::lead(&mut rng, model, as_of, wants);
            let most = rng.pick(&[0, 3, 14, 40]);
            let wants = ActivityWants { most, distinct: true, ..ActivityWants::ALL };
            let activity = generate::activity(&mut rng, model, as_of, wants);
            let lead = support::lead(model, &lead, &activity).0;
            typed(model, Lead { id: format!("lead {i}"), ..lead })
        })
        .collect()
}

fn cell(value: &Value) -> Cell {
    match value {
        Value::Number(n) => Cell::Real(*n),
        Value::Flag(yes) => Cell::Integer(i64::from(*yes)),
        Value::Text(text) => Cell::Text(text.written.clone()),
        Value::Date(Date::Day(day)) => Cell::Text(day.to_string()),
        Value::Date(Date::Instant(at)) => Cell::Text(moment(*at)),
        Value::List(texts) => Cell::Text(texts.iter().map(|t| t.written.as_str()).collect::<Vec<_>>().join("; ")),
        _ => Cell::Null,
    }
}

fn moment(at: Instant) -> String {
    at.to_string().replace('T', " ")
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A database with the leads and their activity.
fn database(model: &Model, leads: &[Lead]) -> Connection {
    let db = Connection::open_in_memory().expect("a database");
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    db.create_scalar_function("merit_fold", 1, flags, |c| {
        let text: Option<String> = c.get(0)?;
        Ok(text.map(|t| merit::text::fold(&t).into_owned()).filter(|t| !t.is_empty()))
    })
    .expect("a function");
    db.create_scalar_function("merit_words", 1, flags, |c| {
        let text: Option<String> = c.get(0)?;
        Ok(text.map(|t| merit::text::words(&t)))
    })
    .expect("a function");
    db.create_scalar_function("merit_page", 1, flags, |c| {
        let text: Option<String> = c.get(0)?;
        Ok(text.and_then(|t| merit::text::page_path(&t).map(str::to_owned)))
    })
    .expect("a function");
    db.create_scalar_function("merit_key", 1, flags, |c| {
        let text: Option<String> = c.get(0)?;
        Ok(text.map(|t| merit::lead::id_key(&t).into_owned()).filter(|t| !t.is_empty()))
    })
    .expect("a function");
    let columns = |names: Vec<String>| names.join(", ");
    let fields: Vec<String> = model.fields.iter().map(|f| quoted(&f.name)).collect();
    let properties: Vec<&str> = property_types(model).into_keys().filter(|k| !is_usual(k)).collect();
    let lead_columns = columns(std::iter::once("lead_id".to_owned()).chain(fields).collect());
    let event_columns = ["lead_id", "type", "target", "at"].map(quoted).into_iter();
    let event_columns = columns(event_columns.chain(properties.iter().map(|p| quoted(p))).collect());
    db.execute_batch(&format!("CREATE TABLE leads ({lead_columns}); CREATE TABLE events ({event_columns});"))
        .expect("two tables");
    let types = property_types(model);
    for lead in leads {
        let cells = std::iter::once(Cell::Text(lead.id.clone())).chain(lead.values.iter().map(cell));
        insert(&db, "leads", cells.collect());
        for record in lead.activity.iter() {
            let at = record.at.instant().map_or(Cell::Null, |at| Cell::Text(moment(at)));
            let target = record.target.as_ref().map_or(Cell::Null, |t| Cell::Text(t.written.clone()));
            let mut cells = vec![Cell::Text(lead.id.clone()), Cell::Text(record.kind.written.clone()), target, at];
            for key in &properties {
                let raw = record.properties().iter().find(|(k, _)| &**k == *key).map(|(_, raw)| raw);
                let value = raw.and_then(|raw| raw.read(types[key], &Default::default()));
                cells.push(value.map_or(Cell::Null, |v| cell(&v)));
            }
            insert(&db, "events", cells);
        }
    }
    db
}

fn is_usual(key: &str) -> bool {
    ["lead_id", "type", "target", "at", "event_id"].contains(&key)
}

fn insert(db: &Connection, table: &str, cells: Vec<Cell>) {
    let marks = vec!["?"; cells.len()].join(", ");
    db.prepare_cached(&format!("INSERT INTO {table} VALUES ({marks})"))
        .expect("an insert")
        .execute(params_from_iter(cells))
        .expect("a row");
}

fn columns(model: &Model) -> Vec<String> {
    let mut names: Vec<String> = ["lead_id", "score", "stage"].map(str::to_owned).to_vec();
    names.extend(model.ladder.from.map(|_| "change".to_owned()));
    names.extend(model.labels.iter().map(|l| l.name.clone()));
    names.extend(
        ["could_be", "possible_score", "possible_score_low", "review", "reasons", "missing"].map(str::to_owned),
    );
    names.extend(model.groups.iter().map(|g| g.name.clone()));
    names
}

/// What the interpreter says, in the columns of the query.
fn wanted(model: &Model, lines: &Lines, id: &str, outcome: &Outcome) -> Vec<String> {
    let points = |p: Option<i128>| p.map_or(String::new(), |p| to_float(p).to_string());
    let mut out = vec![id.to_owned(), points(outcome.score), stage_name(model, outcome.stage).to_owned()];
    out.extend(
        model.ladder.from.map(|_| outcome.change.map_or(String::new(), |c| merit::results::change_name(c).to_owned())),
    );
    out.extend(outcome.labels.iter().map(|l| l.clone().unwrap_or_default()));
    out.extend([
        stage_name(model, outcome.could_be).to_owned(),
        points(outcome.possible_high),
        points(outcome.possible_low),
        outcome.reviews.join("; "),
        merit::results::reasons(lines, outcome).join("; "),
        outcome.missing.iter().map(|f| model.fields[f.0].name.clone()).collect::<Vec<_>>().join("; "),
    ]);
    out.extend((0..model.groups.len()).map(|i| points(outcome.groups.get(i).copied())));
    out
}

fn rows(db: &Connection, query: &str) -> Result<Vec<Vec<String>>, rusqlite::Error> {
    let mut statement = db.prepare(query)?;
    let count = statement.column_count();
    let mut rows = statement.query([])?;
    let mut out = Vec::new();
    while let Some(row) = rows.next()? {
        let cells = (0..count).map(|i| match row.get_ref(i).expect("a cell") {
            ValueRef::Null => String::new(),
            ValueRef::Integer(n) => n.to_string(),
            ValueRef::Real(n) => n.to_string(),
            ValueRef::Text(text) | ValueRef::Blob(text) => String::from_utf8_lossy(text).into_owned(),
        });
        out.push(cells.collect());
    }
    Ok(out)
}

/// What the two say differently of some leads: the column, the lead, what is wanted and what is there.
fn difference(model: &Model, leads: &[Lead], as_of: Instant, query: &str) -> Option<String> {
    let db = database(model, leads);
    let rows = match rows(&db, query) {
        Ok(rows) => rows,
        Err(error) => return Some(format!("the engine: {error}")),
    };
    let names = columns(model);
    let lines = Lines::of(model);
    let interpreter = Interpreter::new(model, as_of);
    if rows.len() != leads.len() {
        return Some(format!("{} rows of {}", rows.len(), leads.len()));
    }
    let by_id: BTreeMap<&str, &Vec<String>> = rows.iter().map(|row| (row[0].as_str(), row)).collect();
    leads.iter().find_map(|lead| {
        let wanted = wanted(model, &lines, &lead.id, &interpreter.evaluate(lead));
        let row = by_id.get(lead.id.as_str())?;
        let at = wanted.iter().zip(row.iter()).position(|(a, b)| a != b)?;
        Some(format!("{}: wanted {:?}, got {:?}\n{lead:?}", names[at], wanted[at], row[at]))
    })
}

fn query_of(model: &Model, dialect: Dialect, as_of: Instant) -> Result<String, Problem> {
    let names = columns(model);
    let schema = if dialect == Dialect::Sqlite { Schema::default() } else { typed_schema(model) };
    write(model, &Request { dialect, schema: &schema, as_of, columns: Some(&names) })
}

#[test]
fn sqlite_answers_are_those_of_the_interpreter() {
    let first = setting("MERIT_SEED", 1);
    let cases = setting("MERIT_CASES", 300);
    let mut refused: BTreeMap<String, u64> = BTreeMap::new();
    let mut said = 0;
    for seed in first..first + cases {
        let mut rng = Rng::new(seed);
        let mut draft = generate::draft(&mut rng, Wants::ALL);
        let as_of = generate::as_of(&mut rng);
        let mut model = support::model(&draft.text());
        if has_two_types(&model) {
            continue;
        }
        let mut query = match query_of(&model, Dialect::Sqlite, as_of) {
            Ok(query) => query,
            Err(Problem::Refused(why)) => {
                *refused.entry(why.what).or_default() += 1;
                continue;
            }
            Err(problem) => panic!("seed {seed}: {problem:?}"),
        };
        said += 1;
        if difference(&model, &leads(seed, &model, as_of), as_of, &query).is_none() {
            continue;
        }
        while let Some((less, its_model, its_query)) = (0..draft.size()).map(|at| draft.without(at)).find_map(|d| {
            let model = support::checked(&d.text()).model?;
            let query = query_of(&model, Dialect::Sqlite, as_of).ok()?;
            difference(&model, &leads(seed, &model, as_of), as_of, &query).map(|_| (d, model, query))
        }) {
            (draft, model, query) = (less, its_model, its_query);
        }
        let said = difference(&model, &leads(seed, &model, as_of), as_of, &query).expect("a difference");
        panic!("seed {seed} as of {as_of}: {said}\n{}\n{query}", draft.text());
    }
    println!("{said} of {cases} models; refused: {refused:#?}");
}

/// The types of the columns in the words of DuckDB.
fn typed_schema(model: &Model) -> Schema {
    let of = |of_type: Type, i: usize| match of_type {
        Type::Number => "DOUBLE",
        Type::Flag => "BOOLEAN",
        Type::Date if i.is_multiple_of(2) => "DATE",
        Type::Date => "TIMESTAMP WITH TIME ZONE",
        Type::List => "VARCHAR[]",
        _ => "VARCHAR",
    };
    let fields = model.fields.iter().enumerate().map(|(i, f)| (f.name.clone(), of(f.of_type, i).to_owned()));
    let lead_columns = std::iter::once(("lead_id".to_owned(), "VARCHAR".to_owned())).chain(fields).collect();
    let usual = ["lead_id", "type", "target"].map(|name| (name.to_owned(), "VARCHAR".to_owned()));
    let at = ("at".to_owned(), "TIMESTAMP WITH TIME ZONE".to_owned());
    let properties = property_types(model).into_iter().filter(|(key, _)| !is_usual(key));
    let properties = properties.map(|(key, of_type)| (key.to_owned(), of(of_type, 1).to_owned()));
    let event_columns = usual.into_iter().chain([at]).chain(properties).collect();
    Schema { lead_columns, event_columns, ..Schema::default() }
}

/// Writes models, leads and answers for other engines, one JSON object a line, where `MERIT_SQL_CASES` names a file: what
/// `tests/engines/run.py` runs and compares. `MERIT_SQL_DIALECT` says for which engine.
#[test]
fn cases_for_other_engines() {
    let Ok(path) = std::env::var("MERIT_SQL_CASES") else { return };
    let named = std::env::var("MERIT_SQL_DIALECT").expect("a dialect");
    let (_, dialect) = merit::sql::DIALECTS.into_iter().find(|(name, _)| *name == named).expect("an engine");
    let mut out = std::io::BufWriter::new(std::fs::File::create(path).expect("a file"));
    let (first, cases) = (setting("MERIT_SEED", 1), setting("MERIT_CASES", 200));
    for seed in first..first + cases {
        let mut rng = Rng::new(seed);
        let draft = generate::draft(&mut rng, Wants::ALL);
        let as_of = generate::as_of(&mut rng);
        let model = support::model(&draft.text());
        if has_two_types(&model) {
            continue;
        }
        let Ok(query) = query_of(&model, dialect, as_of) else { continue };
        let (schema, lines, interpreter) = (typed_schema(&model), Lines::of(&model), Interpreter::new(&model, as_of));
        let leads = leads(seed, &model, as_of);
        let rows: Vec<Vec<serde_json::Value>> = leads
            .iter()
            .map(|lead| std::iter::once(serde_json::json!(lead.id)).chain(lead.values.iter().map(json)).collect())
            .collect();
        let types = property_types(&model);
        let mut records = Vec::new();
        for (lead, record) in leads.iter().flat_map(|lead| lead.activity.iter().map(move |record| (lead, record))) {
            let mut row = vec![
                serde_json::json!(lead.id),
                serde_json::json!(record.kind.written),
                serde_json::json!(record.target.as_ref().map(|t| t.written.clone())),
                serde_json::json!(record.at.instant().map(|at| at.to_string())),
            ];
            for key in types.keys().filter(|key| !is_usual(key)) {
                let raw = record.properties().iter().find(|(k, _)| &**k == *key).map(|(_, raw)| raw);
                let value = raw.and_then(|raw| raw.read(types[key], &Default::default()));
                row.push(value.map_or(serde_json::Value::Null, |v| json(&v)));
            }
            records.push(row);
        }
        let wanted: Vec<Vec<String>> =
            leads.iter().map(|lead| wanted(&model, &lines, &lead.id, &interpreter.evaluate(lead))).collect();
        let case = serde_json::json!({
            "seed": seed, "model": draft.text(), "query": query, "columns": columns(&model), "wanted": wanted,
            "leads": {"columns": schema.lead_columns, "rows": rows},
            "events": {"columns": schema.event_columns, "rows": records},
        });
        std::io::Write::write_all(&mut out, format!("{case}\n").as_bytes()).expect("a line");
    }
}

fn json(value: &Value) -> serde_json::Value {
    match value {
        Value::Number(n) => serde_json::json!(n),
        Value::Flag(yes) => serde_json::json!(yes),
        Value::Text(text) => serde_json::json!(text.written),
        Value::Date(Date::Day(day)) => serde_json::json!(day.to_string()),
        Value::Date(Date::Instant(at)) => serde_json::json!(at.to_string()),
        Value::List(texts) => texts.iter().map(|t| t.written.clone()).collect(),
        _ => serde_json::Value::Null,
    }
}
