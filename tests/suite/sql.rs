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
use merit::sql::{AsOf, Dialect, Problem, Request, Schema, write};
use merit::time::{Date, Instant};
use merit::value::{Raw, Type, Value};
use merit::verify::{Asked, Failed, Place};
use merit::words::Lines;
use rusqlite::types::{Value as Cell, ValueRef};
use rusqlite::{Connection, params_from_iter};

use super::generate::{self, ActivityWants, LeadWants, Rng, Wants};
use super::run_command::Folder;
use super::support;

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
pub(super) fn has_two_types(model: &Model) -> bool {
    model.properties.iter().any(|p| {
        model.properties.iter().any(|q| p.key == q.key && p.of_type != q.of_type)
            || p.of_type != Type::Text
                && model.activity_types.iter().any(|t| {
                    t.target.as_deref() == Some(&p.key) || t.from.iter().any(|s| s.target.as_deref() == Some(&p.key))
                })
    })
}

/// A random model, and as of when it is asked; none whose columns would have to be of two types.
fn case(seed: u64) -> Option<(generate::Draft, Model, Instant)> {
    let mut rng = Rng::new(seed);
    let draft = generate::draft(&mut rng, Wants::ALL);
    let as_of = generate::as_of(&mut rng);
    let model = support::model(&draft.text());
    (!has_two_types(&model)).then_some((draft, model, as_of))
}

pub(super) fn leads(seed: u64, model: &Model, as_of: Instant) -> Vec<Lead> {
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
            let mut lead = typed(model, Lead { id: id(i), ..lead });
            if lead.id.is_empty() {
                // Without an id it has no activity.
                lead.activity = Arc::default();
            }
            lead
        })
        .collect()
}

/// An id as the table of leads has it: plain, an address, of 18 characters, or none.
fn id(i: usize) -> String {
    match i % 7 {
        1 => format!("Kim{i}@Acme.example"),
        2 => salesforce(&format!("00Q5g0000{i:02}AbCd")),
        3 if i == 3 => String::new(),
        _ => format!("lead {i}"),
    }
}

/// The same id as a record may have it.
fn id_in_activity(id: &str, record: usize) -> String {
    match record % 3 {
        1 if id.contains('@') => format!(" {}\t", id.to_uppercase()),
        1 if id.len() == 18 => id[..15].to_owned(),
        2 => format!(" {id} "),
        _ => id.to_owned(),
    }
}

/// An id of 15 characters with its check sum: three signs, each for five, of which it says the capitals.
fn salesforce(id: &str) -> String {
    assert_eq!(id.len(), 15);
    let sign = |five: &[u8]| {
        let bits = five.iter().enumerate().map(|(i, b)| usize::from(b.is_ascii_uppercase()) << i).sum::<usize>();
        char::from(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"[bits])
    };
    id.chars().chain(id.as_bytes().chunks(5).map(sign)).collect()
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

pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A database with the functions that a query may need.
pub(super) fn empty_database() -> Connection {
    let db = Connection::open_in_memory().expect("a database");
    merit::verify::register(&db).expect("functions");
    db
}

/// A database with the leads and their activity.
fn database(model: &Model, leads: &[Lead]) -> Connection {
    let db = empty_database();
    let columns = |names: Vec<String>| names.join(", ");
    let fields: Vec<String> = model.fields.iter().map(|f| quoted(&f.name)).collect();
    let properties: Vec<&str> = property_types(model).into_keys().filter(|k| !is_usual(k)).collect();
    let lead_columns = columns(std::iter::once("lead_id".to_owned()).chain(fields).collect());
    let event_columns = ["lead_id", "type", "target", "at", "event_id"].map(quoted).into_iter();
    let event_columns = columns(event_columns.chain(properties.iter().map(|p| quoted(p))).collect());
    db.execute_batch(&format!("CREATE TABLE leads ({lead_columns}); CREATE TABLE events ({event_columns});"))
        .expect("two tables");
    let types = property_types(model);
    for lead in leads {
        let id = if lead.id.is_empty() { Cell::Null } else { Cell::Text(lead.id.clone()) };
        insert(&db, "leads", std::iter::once(id).chain(lead.values.iter().map(cell)).collect());
        for (i, record) in lead.activity.iter().enumerate() {
            let at = record.at.instant().map_or(Cell::Null, |at| Cell::Text(moment(at)));
            let target = record.target.as_ref().map_or(Cell::Null, |t| Cell::Text(t.written.clone()));
            let own = if i % 2 == 0 { Cell::Text(format!("e{i}")) } else { Cell::Null };
            let id = Cell::Text(id_in_activity(&lead.id, i));
            let mut cells = vec![id, Cell::Text(record.kind.written.clone()), target, at, own];
            for key in &properties {
                let raw = record.properties().iter().find(|(k, _)| &**k == *key).map(|(_, raw)| raw);
                let value = raw.and_then(|raw| raw.read(types[key], &Default::default()));
                cells.push(value.map_or(Cell::Null, |v| cell(&v)));
            }
            if i % 4 == 0 {
                // A copy, which has the same id of its own.
                insert(&db, "events", cells.clone());
            }
            insert(&db, "events", cells);
        }
    }
    db
}

fn is_usual(key: &str) -> bool {
    ["lead_id", "type", "target", "at", "event_id"].contains(&key)
}

pub(super) fn insert(db: &Connection, table: &str, cells: Vec<Cell>) {
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

pub(super) fn rows(db: &Connection, query: &str) -> Result<Vec<Vec<String>>, rusqlite::Error> {
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
pub(super) fn difference(model: &Model, leads: &[Lead], as_of: Instant, query: &str) -> Option<String> {
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

/// The query as of an instant; of every other one the query is written before that is known.
pub(super) fn query_of(model: &Model, dialect: Dialect, as_of: Instant) -> Result<String, Problem> {
    let kind = if as_of.0 / 1_000_000 % 2 == 0 { AsOf::At(as_of) } else { AsOf::Filled };
    let [leads, events, filled] = merit::sql::FILLED;
    let query = query_as_of(model, dialect, kind)?.replace(filled, &as_of.0.to_string());
    Ok(query.replace(leads, "leads").replace(events, "events"))
}

fn query_as_of(model: &Model, dialect: Dialect, as_of: AsOf) -> Result<String, Problem> {
    let names = columns(model);
    let schema = match dialect {
        Dialect::Sqlite => {
            Schema { event_columns: vec![("event_id".to_owned(), "TEXT".to_owned())], ..Schema::default() }
        }
        _ => typed_schema(model),
    };
    write(model, &Request { dialect, schema: &schema, as_of, columns: Some(&names) })
}

#[test]
fn sqlite_answers_are_those_of_the_interpreter() {
    let cases = support::cases(2000);
    let mut refused: BTreeMap<String, u64> = BTreeMap::new();
    let mut said = 0;
    for seed in support::seeds(cases) {
        let Some((mut draft, mut model, as_of)) = case(seed) else { continue };
        let mut query = match query_of(&model, Dialect::Sqlite, as_of) {
            Ok(query) => query,
            Err(Problem::Refused(why)) => {
                *refused.entry(why[0].what.clone()).or_default() += 1;
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

/// What `merit sql --verify` compares is read from the tables as a file is read, and the query runs over a sample.
#[test]
fn a_sample_of_a_database_gives_the_same_answers() {
    let folder = Folder::new("sql-verify");
    let (mut compared, mut records) = (0, 0);
    let cases = support::cases(60).min(1000);
    for seed in support::seeds(cases) {
        let Some((draft, model, as_of)) = case(seed) else { continue };
        let path = folder.path(&format!("{seed}.db"));
        let db = database(&model, &leads(seed, &model, as_of));
        db.execute("VACUUM INTO ?1", [path.to_str().expect("a name")]).expect("a file");
        let place = Place::Sqlite(path.to_str().expect("a name").to_owned());
        let names = columns(&model);
        let tables = ("leads", "events");
        let asked = Asked { model: &model, place: &place, tables, sample: 25, as_of, columns: Some(&names) };
        match merit::verify::compare(&asked) {
            Ok(found) => {
                assert_eq!(found.cells, 0, "seed {seed}: {:?}\n{}", found.first, draft.text());
                compared += found.leads.0;
                records += found.records;
            }
            Err(Failed::Problem(Problem::Refused(_))) => {}
            Err(problem) => panic!("seed {seed}: {problem:?}\n{}", draft.text()),
        }
        std::fs::remove_file(path).expect("no file");
    }
    assert!(compared > 5 * cases && records > 10 * cases, "{compared} leads, {records} records");
}

#[test]
fn formulas_of_scores_are_worked_out_exactly() {
    let as_of = support::as_of("2025-06-30");
    let groups =
        "score a { when x = 1 add 10 if not add 3 }\nscore b between -5 and 9 { add (y) per visited() up to 20 }\n";
    // `d` has no upper end where `budget` is missing; `e` has its bounds.
    let groups = format!(
        "{groups}score c {{ when z add 0.0001 }}\nscore d {{ when x = 1 add budget }}\nscore e between -40 and 40.5 {{ when z subtract budget }}\n"
    );
    for formula in [
        "(a + b) / 2",
        "0.4 * a + 0.6 * b",
        "min(a + 2 * b, 15) - max(a, -b) / 3",
        "-(a - 100%) / -7 + c",
        "min(a, b, 4)",
        "c / 3 + 2.5",
        "min(d, a) - 3",
        "max(d, a) - 3",
        "abs(-d) * 0 + abs(b - 2) - min(abs(d), abs(e))",
        "a * b / 100",
        "-e * b * a / 7",
        "0.6 * a + a * b / 100 - c * e",
        "round(a * b / 7, 1) + round(d / 3, 5) - floor(-e / 3) + round(b * 100, -2)",
    ] {
        let model = support::model(&format!("{groups}score = {formula}\nmql if score >= 5\nsql if score > 9.5\n"));
        let query = query_of(&model, Dialect::Sqlite, as_of).expect("a query");
        let difference = difference(&model, &leads(7, &model, as_of), as_of, &query);
        assert_eq!(difference, None, "{formula}");
    }
}

#[test]
fn each_word_for_nothing_is_asked_for_once() {
    let model = support::model(
        "treat [\"n/a\", \"-\"] as missing\ntreat [\"none\"] as missing in industry\nleads { treat [\"x\"] as missing }\n\
        field industry: text\nwhen industry = \"saas\" add 3\n",
    );
    let query = query_of(&model, Dialect::Postgres, support::as_of("2025-06-30")).expect("a query");
    assert!(query.contains("IN ('n/a', '-', 'x', 'none')"), "{query}");
}

/// Texts that end a text, begin a comment or a template, or are read as something else somewhere.
const HOSTILE: [&str; 16] = [
    "it's",
    "a\"b",
    "back\\slash",
    "back\\",
    "{{ var('x') }}",
    "{% raw %}",
    "{# note #}",
    "; DROP TABLE leads; --",
    "a -- b",
    "/* a */",
    "`tick`",
    "line\nline",
    "100 % of_it!",
    "$1 :name ? @x",
    "''; --",
    "ıİßΣς",
];

#[test]
fn hostile_texts_and_names_stay_texts_and_names() {
    let escaped = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
    let braces = |text: &str| escaped(text).replace('{', "{{");
    let mut text = "field `order`: text\nfield `a\"b; --`: number\nfield `select`: flag\n".to_owned();
    for (i, hostile) in HOSTILE.iter().enumerate() {
        text.push_str(&format!(
            "when `order` = \"{}\" or `order` contains \"{}\" add {} because \"{}\"\n",
            escaped(hostile),
            escaped(hostile),
            i + 1,
            braces(hostile)
        ));
    }
    text.push_str("when `a\"b; --` > 1 and `select` add 100\nlabel `group` { \"{order}\" if `order` is known }\n");
    let model = support::model(&text);
    let as_of = support::as_of("2025-06-30");
    let query = query_of(&model, Dialect::Sqlite, as_of).expect("a query");
    let leads: Vec<Lead> = HOSTILE
        .iter()
        .enumerate()
        .map(|(i, hostile)| {
            let values = vec![
                Value::Text(merit::value::Text::new(hostile)),
                Value::Number(i as f64),
                Value::Flag(i.is_multiple_of(2)),
            ];
            Lead { id: (*hostile).to_owned() + "x", values, ..Lead::default() }
        })
        .collect();
    assert_eq!(difference(&model, &leads, as_of, &query), None);
    // Nothing in it is read by a template or ends a statement, in any dialect.
    for (name, dialect) in merit::sql::DIALECTS {
        let Ok(query) = query_of(&model, dialect, as_of) else { continue };
        for sign in ["{{", "{%", "{#", "--", ";", "\\"] {
            let names = query.replace("a\"\"b; --", "").replace("a\"b; --", "");
            assert!(!names.contains(sign), "{name}: {sign} in {names}");
        }
    }
}

#[test]
fn what_a_table_cannot_give_is_refused() {
    let as_of = support::as_of("2025-06-30");
    let refused = |text: &str, schema: &Schema| {
        let model = support::model(text);
        let request = Request { dialect: Dialect::DuckDb, schema, as_of: AsOf::At(as_of), columns: None };
        match write(&model, &request) {
            Err(Problem::Refused(why)) => why[0].what.clone(),
            other => panic!("{text}: {other:?}"),
        }
    };
    let plain = Schema::default();
    let by_date = "leads { ignore rows where created in last 3 days }\nwhen a = 1 add 1";
    assert!(refused(by_date, &plain).contains("date of the run"));
    let lead_columns = vec![("Merged".to_owned(), "VARCHAR".to_owned())];
    let texts = Schema { lead_columns, ..Schema::default() };
    assert!(refused("leads { other ids \"Merged\" }\nwhen visited() add 1", &texts).contains("an array"));
    let ours = Schema { events: "kept_of_records".to_owned(), ..Schema::default() };
    assert!(refused("add 1 per visited()", &ours).contains("a table called `kept_of_records`"));
    let lists = "field a: list\nfield b: list\nwhen a = b add 1";
    assert!(refused(lists, &plain).contains("a list compared with a list"));
    let long = format!("when `{}` = 1 add 1", "x".repeat(64));
    let model = support::model(&long);
    let request = Request { dialect: Dialect::Postgres, schema: &plain, as_of: AsOf::At(as_of), columns: None };
    assert!(matches!(write(&model, &request), Err(Problem::Refused(why)) if why[0].what.contains("63 bytes")));
}

/// Each named query and each star takes Spark a round of its analyser, which has 100.
#[test]
fn layers_stand_in_each_other_for_spark() {
    let mut deepest = 0;
    for seed in 1..=40 {
        let mut rng = Rng::new(seed);
        let model = support::model(&generate::draft(&mut rng, Wants::ALL).text());
        let as_of = generate::as_of(&mut rng);
        let Ok(query) = query_of(&model, Dialect::Spark, as_of) else { continue };
        let count = |text: &str| query.matches(text).count();
        assert!(count("` AS (\n  SELECT ") <= 10, "seed {seed}: named queries");
        assert!(count("SELECT x.*") <= 1, "seed {seed}: stars");
        deepest = deepest.max(count("FROM (SELECT "));
    }
    assert!(deepest > 50, "{deepest}");
}

/// A model of so many rules about fields, all of whose conditions are told apart.
fn with_rules(count: usize) -> Model {
    let rule = |i: usize| format!("when employees between {i} and {} or country = \"c{i}\" add {i}\n", i + 50);
    support::model(&((1..=count).map(rule).collect::<String>() + "mql if score >= 30\n"))
}

#[test]
fn large_models_run_or_are_refused() {
    let as_of = support::as_of("2025-06-30");
    let model = with_rules(300);
    let query = query_of(&model, Dialect::Sqlite, as_of).expect("a query");
    assert_eq!(difference(&model, &leads(3, &model, as_of), as_of, &query), None);
    // More than an engine takes is told.
    let model = with_rules(3000);
    for dialect in [Dialect::Sqlite, Dialect::Postgres] {
        match query_of(&model, dialect, as_of) {
            Err(Problem::Refused(why)) => assert!(why[0].what.contains("MB of text"), "{why:?}"),
            other => panic!("{} bytes", other.map_or(0, |query| query.len())),
        }
    }
    let of_activity = |i: usize| format!("add {i} per visited(\"/p{i}\") in last {i} days\n");
    let model = support::model(&(1..=2000).map(of_activity).collect::<String>());
    match query_of(&model, Dialect::Postgres, as_of) {
        Err(Problem::Refused(why)) => assert!(why[0].what.contains("so many rules"), "{why:?}"),
        other => panic!("{} bytes", other.map_or(0, |query| query.len())),
    }
    let columns = ["lead_id", "score", "stage"].map(str::to_owned);
    let (schema, as_of) = (Schema::default(), AsOf::At(as_of));
    let request = Request { dialect: Dialect::DuckDb, schema: &schema, as_of, columns: Some(&columns) };
    let query = write(&with_rules(1000), &request).expect("a query");
    assert!(query.len() < 1_000_000, "{} bytes", query.len());
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
    let usual = ["lead_id", "type", "target", "event_id"].map(|name| (name.to_owned(), "VARCHAR".to_owned()));
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
    for seed in support::seeds(support::cases(200)) {
        let Some((draft, model, as_of)) = case(seed) else { continue };
        let Ok(query) = query_of(&model, dialect, as_of) else { continue };
        let (schema, lines, interpreter) = (typed_schema(&model), Lines::of(&model), Interpreter::new(&model, as_of));
        let leads = leads(seed, &model, as_of);
        let id = |id: &str| (!id.is_empty()).then(|| id.to_owned());
        let rows: Vec<Vec<serde_json::Value>> = leads
            .iter()
            .map(|lead| std::iter::once(serde_json::json!(id(&lead.id))).chain(lead.values.iter().map(json)).collect())
            .collect();
        let types = property_types(&model);
        let mut records = Vec::new();
        let all =
            leads.iter().flat_map(|lead| lead.activity.iter().enumerate().map(move |(i, record)| (lead, i, record)));
        for (lead, i, record) in all {
            let mut row = vec![
                serde_json::json!(id_in_activity(&lead.id, i)),
                serde_json::json!(record.kind.written),
                serde_json::json!(record.target.as_ref().map(|t| t.written.clone())),
                serde_json::json!(i.is_multiple_of(2).then(|| format!("e{i}"))),
                serde_json::json!(record.at.instant().map(|at| at.to_string())),
            ];
            for key in types.keys().filter(|key| !is_usual(key)) {
                let raw = record.properties().iter().find(|(k, _)| &**k == *key).map(|(_, raw)| raw);
                let value = raw.and_then(|raw| raw.read(types[key], &Default::default()));
                row.push(value.map_or(serde_json::Value::Null, |v| json(&v)));
            }
            if i % 4 == 0 {
                records.push(row.clone());
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
