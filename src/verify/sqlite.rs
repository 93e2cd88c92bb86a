//! SQLite: a file that is opened to be read, with the functions that a query calls.

use std::path::Path;

use rusqlite::config::DbConfig;
use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags, params_from_iter};
use sha2::{Digest, Sha256};

use super::engine::{Column, Engine, Got, IdColumn, Room, Why, quoted, table_of, texts};
use crate::diagnostic::Diagnostic;
use crate::lead::id_key;
use crate::messages::sql as say;
use crate::paths::path_of;
use crate::text::{fold, page_path, words};
use crate::value::Raw;

/// A file of SQLite.
pub(super) struct Sqlite {
    db: Connection,
    name: String,
}

impl Sqlite {
    /// Opens a file. Nothing can be written to it.
    pub fn open(name: &str) -> Result<Sqlite, Diagnostic> {
        let path: &Path = &path_of(name);
        if path.is_dir() {
            return Err(crate::messages::data::is_a_folder(name));
        }
        if !path.exists() {
            return Err(say::no_database_file(name));
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let begin = || {
            let db = Connection::open_with_flags(path, flags)?;
            // A column that is not there would be a text.
            db.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML, false)?;
            register(&db)?;
            // All that is read is of one moment.
            db.execute_batch("BEGIN")?;
            db.query_row("SELECT COUNT(*) FROM sqlite_schema", [], |_| Ok(()))?;
            Ok(db)
        };
        let db = begin().map_err(|error: rusqlite::Error| match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::NotADatabase) => say::not_a_database(name),
            _ => say::cannot_ask(name, &reason(&error)),
        })?;
        Ok(Sqlite { db, name: name.to_owned() })
    }
}

/// Gives a connection the functions that queries for SQLite call.
///
/// # Errors
/// Where SQLite takes none.
pub fn register(db: &Connection) -> rusqlite::Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    let something = |text: String| Some(text).filter(|text| !text.is_empty());
    db.create_scalar_function("merit_fold", 1, flags, move |c| {
        Ok(argument(c).and_then(|text| something(fold(&text).into_owned())))
    })?;
    db.create_scalar_function("merit_words", 1, flags, |c| Ok(argument(c).map(|text| words(&text))))?;
    db.create_scalar_function("merit_page", 1, flags, |c| {
        Ok(argument(c).and_then(|text| page_path(&text).map(str::to_owned)))
    })?;
    db.create_scalar_function("merit_key", 1, flags, move |c| {
        Ok(argument(c).and_then(|text| something(id_key(&text).into_owned())))
    })?;
    db.create_scalar_function("merit_spread", 1, flags, |c| {
        Ok(argument(c).map(|text| Sha256::digest(text.as_bytes()).to_vec()))
    })
}

/// What a function is given, as a text.
fn argument(context: &Context<'_>) -> Option<String> {
    match cell(context.get_raw(0)) {
        Raw::Missing => None,
        cell => Some(cell.as_text().into_owned()),
    }
}

fn cell(value: ValueRef<'_>) -> Raw {
    match value {
        ValueRef::Integer(n) => Raw::Number(n.to_string()),
        ValueRef::Real(n) if n.is_finite() => Raw::Number(format!("{n:?}")),
        ValueRef::Null | ValueRef::Real(_) => Raw::Missing,
        ValueRef::Text(text) | ValueRef::Blob(text) => Raw::Text(String::from_utf8_lossy(text).into_owned()),
    }
}

/// Why, without the query in it.
fn reason(error: &rusqlite::Error) -> String {
    match error {
        rusqlite::Error::SqliteFailure(_, Some(message)) => message.clone(),
        rusqlite::Error::SqlInputError { msg, .. } => msg.clone(),
        other => other.to_string(),
    }
}

impl From<rusqlite::Error> for Why {
    fn from(error: rusqlite::Error) -> Why {
        Why::Engine(reason(&error))
    }
}

/// Ids as a JSON array, in which texts and numbers stay apart.
fn array(ids: &[Raw]) -> String {
    let of = |id: &Raw| match id {
        Raw::Number(number) => number.clone(),
        id => serde_json::Value::from(id.as_text()).to_string(),
    };
    format!("[{}]", ids.iter().map(of).collect::<Vec<_>>().join(","))
}

impl Sqlite {
    /// The rows of a query, as far as there is room for them.
    fn all(&mut self, query: &str, given: &[String], room: &mut Room) -> Got<Vec<Vec<Raw>>> {
        let mut statement = self.db.prepare(query)?;
        let width = statement.column_count();
        let mut rows = statement.query(params_from_iter(given))?;
        let mut out = Vec::new();
        while let Some(row) = rows.next()? {
            let cells = (0..width).map(|i| row.get_ref(i).map(cell)).collect::<Result<Vec<_>, _>>()?;
            room.take(&cells)?;
            out.push(cells);
        }
        Ok(out)
    }

    /// The only column of a query.
    fn column(&mut self, query: &str, given: &[String], room: &mut Room) -> Got<Vec<Raw>> {
        Ok(self.all(query, given, room)?.into_iter().flatten().collect())
    }
}

impl Engine for Sqlite {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn tables(&mut self) -> Got<Vec<String>> {
        let query = "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite!_%' ESCAPE '!' ORDER BY name LIMIT 1000";
        let names = self.column(query, &[], &mut Room(usize::MAX))?;
        Ok(texts(&names))
    }

    fn columns(&mut self, table: &str) -> Got<Vec<Column>> {
        let (schema, table) = table.rsplit_once('.').map_or((None, table), |(schema, table)| (Some(schema), table));
        // Hidden are the arguments of tables that are functions.
        let query = format!(
            "SELECT name, type FROM pragma_table_xinfo(?1{}) WHERE hidden <> 1",
            if schema.is_some() { ", ?2" } else { "" }
        );
        let given: Vec<String> = std::iter::once(table).chain(schema).map(str::to_owned).collect();
        let rows = self.all(&query, &given, &mut Room(usize::MAX))?;
        Ok(Column::all(rows))
    }

    fn count(&mut self, table: &str) -> Got<u64> {
        let query = format!("SELECT COUNT(*) FROM {}", table_of(table));
        let count: i64 = self.db.query_row(&query, [], |row| row.get(0))?;
        Ok(count.unsigned_abs())
    }

    fn sample(&mut self, of: &IdColumn, most: usize) -> Got<Vec<Raw>> {
        let (id, table) = (quoted(&of.column.name), &of.table);
        let query = format!(
            "SELECT id FROM (SELECT DISTINCT {id} AS id FROM {table} WHERE merit_key({id}) IS NOT NULL) ORDER BY merit_spread(id), id LIMIT {most}"
        );
        self.column(&query, &[], &mut Room(usize::MAX))
    }

    fn spellings(&mut self, of: &IdColumn, _: &IdColumn, ids: &[Raw], room: &mut Room) -> Got<Vec<Raw>> {
        let (id, table) = (quoted(&of.column.name), &of.table);
        let keys: Vec<Raw> = ids.iter().map(|id| Raw::Text(id_key(&id.as_text()).into_owned())).collect();
        let query =
            format!("SELECT DISTINCT {id} FROM {table} WHERE merit_key({id}) IN (SELECT value FROM JSON_EACH(?1))");
        self.column(&query, &[array(&keys)], room)
    }

    fn rows(
        &mut self,
        of: &IdColumn,
        ids: &[Raw],
        columns: &[Column],
        by: Option<&str>,
        room: &mut Room,
    ) -> Got<Vec<Vec<Raw>>> {
        let columns: Vec<String> = columns.iter().map(|column| quoted(&column.name)).collect();
        let order = by.map(|by| format!(" ORDER BY {}", quoted(by))).unwrap_or_default();
        let query = format!("SELECT {} FROM {} WHERE {}{order}", columns.join(", "), of.table, self.among(of, 1));
        self.all(&query, &[array(ids)], room)
    }

    fn among(&self, of: &IdColumn, place: usize) -> String {
        format!("{} IN (SELECT value FROM JSON_EACH(?{place}))", quoted(&of.column.name))
    }

    fn answers(&mut self, query: &str, _: usize, ids: &[&[Raw]], room: &mut Room) -> Got<Vec<Vec<Raw>>> {
        let given: Vec<String> = ids.iter().map(|ids| array(ids)).collect();
        self.all(query, &given, room)
    }
}
