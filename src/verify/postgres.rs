//! PostgreSQL: a connection that only reads, without TLS so far. What stands in a column is read as a text that no setting of
//! the session changes.

use std::error::Error as _;
use std::path::PathBuf;
use std::time::Duration;
use std::{env, fs};

use postgres::config::{Config, Host, SslMode};
use postgres::error::SqlState;
use postgres::fallible_iterator::FallibleIterator;
use postgres::{Client, NoTls};

use super::engine::{Column, Engine, Got, IdColumn, Room, Why, quoted, table_of, texts};
use crate::diagnostic::Diagnostic;
use crate::lead::id_key;
use crate::messages::sql as say;
use crate::value::Raw;

/// A server is waited for so long, unless the URL says otherwise.
const PATIENCE: Duration = Duration::from_secs(10);

/// A database of a server.
pub(super) struct Postgres {
    client: Client,
    name: String,
}

impl Postgres {
    /// Connects.
    pub fn open(url: &str) -> Result<Postgres, Diagnostic> {
        let mut config: Config = url.parse().map_err(|error: postgres::Error| say::unread_url(&cause(&error)))?;
        let variable = |name: &str| env::var(name).ok().filter(|value| !value.is_empty());
        if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
            config.host(&variable("PGHOST").unwrap_or_else(|| "localhost".to_owned()));
        }
        if let (true, Some(port)) = (config.get_ports().is_empty(), variable("PGPORT").and_then(|p| p.parse().ok())) {
            config.port(port);
        }
        if let (None, Some(user)) = (config.get_user(), variable("PGUSER").or_else(|| variable("USER"))) {
            config.user(&user);
        }
        if let (None, Some(name)) = (config.get_dbname(), variable("PGDATABASE")) {
            config.dbname(&name);
        }
        if config.get_password().is_none()
            && let Some(password) = variable("PGPASSWORD").or_else(|| of_pass_file(&config))
        {
            config.password(password);
        }
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(PATIENCE);
        }
        config.application_name("merit");
        let name = name_of(&config);
        if config.get_ssl_mode() == SslMode::Require {
            return Err(say::no_tls(&name));
        }
        let mut client = config.connect(NoTls).map_err(|error| not_connected(&name, &error, &config))?;
        // All that is read is of one moment. Compiling a long query takes longer than answering it for a sample.
        let begin =
            "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL jit = off; SET LOCAL datestyle = 'ISO, YMD'";
        client.batch_execute(begin).map_err(|error| say::cannot_ask(&name, &reason(&error)))?;
        Ok(Postgres { client, name })
    }

    /// The rows of a query of texts, read by `read`, as far as there is room for them.
    fn all(
        &mut self,
        query: &str,
        given: Vec<Vec<String>>,
        read: &dyn Fn(usize, String) -> Raw,
        room: &mut Room,
    ) -> Got<Vec<Vec<Raw>>> {
        let mut rows = self.client.query_raw(query, given)?;
        let mut out = Vec::new();
        while let Some(row) = rows.next()? {
            let cells = (0..row.len())
                .map(|i| Ok(row.try_get::<_, Option<String>>(i)?.map_or(Raw::Missing, |text| read(i, text))))
                .collect::<Result<Vec<_>, postgres::Error>>()?;
            room.take(&cells)?;
            out.push(cells);
        }
        Ok(out)
    }

    /// The only column of a query of texts.
    fn column(&mut self, query: &str, given: Vec<Vec<String>>, room: &mut Room) -> Got<Vec<Raw>> {
        Ok(self.all(query, given, &|_, text| Raw::Text(text), room)?.into_iter().flatten().collect())
    }
}

/// What may be shown of a URL.
fn name_of(config: &Config) -> String {
    let host = match config.get_hosts().first() {
        Some(Host::Tcp(host)) => host.clone(),
        #[cfg(unix)]
        Some(Host::Unix(path)) => path.display().to_string(),
        None => config.get_hostaddrs().first().map(ToString::to_string).unwrap_or_default(),
    };
    let user = config.get_user().map(|user| format!("{user}@")).unwrap_or_default();
    let port = config.get_ports().first().map(|port| format!(":{port}")).unwrap_or_default();
    format!("postgres://{user}{host}{port}/{}", config.get_dbname().unwrap_or_default())
}

/// The password that `~/.pgpass` has for a connection. As with the programs of PostgreSQL, nobody else may read that file.
fn of_pass_file(config: &Config) -> Option<String> {
    let path = env::var_os("PGPASSFILE").map(PathBuf::from).or_else(|| Some(env::home_dir()?.join(".pgpass")))?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(&path).ok()?.permissions().mode();
        if mode & 0o077 != 0 {
            return None;
        }
    }
    let text = fs::read_to_string(&path).ok()?;
    let host = match config.get_hosts().first() {
        Some(Host::Tcp(host)) => host.clone(),
        _ => "localhost".to_owned(),
    };
    let port = config.get_ports().first().copied().unwrap_or(5432).to_string();
    let user = config.get_user().unwrap_or_default();
    let wanted = [host.as_str(), &port, config.get_dbname().unwrap_or(user), user];
    text.lines().filter(|line| !line.starts_with('#')).find_map(|line| {
        let mut parts = pass_parts(line);
        let password = parts.pop()?;
        let fits = parts.len() == 4 && parts.iter().zip(wanted).all(|(part, wanted)| part == "*" || part == wanted);
        fits.then_some(password)
    })
}

/// The five parts of a line of `~/.pgpass`: a `:` or `\` in one of them has a `\` before it.
fn pass_parts(line: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        let is_full = parts.len() == 5;
        match (c, parts.last_mut()) {
            (':', _) if !is_full => parts.push(String::new()),
            ('\\', Some(part)) => part.extend(chars.next()),
            (c, Some(part)) => part.push(c),
            (_, None) => {}
        }
    }
    parts
}

/// Why there is no connection.
fn not_connected(name: &str, error: &postgres::Error, config: &Config) -> Diagnostic {
    let has_password = config.get_password().is_some();
    match error.code() {
        Some(code) if [SqlState::INVALID_PASSWORD, SqlState::INVALID_AUTHORIZATION_SPECIFICATION].contains(code) => {
            say::not_let_in(name, &reason(error), has_password)
        }
        None if !has_password && cause(error).contains("password missing") => {
            say::not_let_in(name, "it wants a password", false)
        }
        _ => say::cannot_ask(name, &reason(error)),
    }
}

/// What the server says, or what lies below.
fn reason(error: &postgres::Error) -> String {
    match error.as_db_error() {
        Some(said) => said.message().to_owned(),
        None => cause(error),
    }
}

/// The innermost reason.
fn cause(error: &postgres::Error) -> String {
    let mut cause: Option<&dyn std::error::Error> = error.source();
    while let Some(below) = cause.and_then(|c| c.source()) {
        cause = Some(below);
    }
    match cause {
        Some(cause) => {
            cause.downcast_ref::<std::io::Error>().map_or_else(|| cause.to_string(), crate::messages::data::reason)
        }
        None => error.to_string(),
    }
}

impl From<postgres::Error> for Why {
    fn from(error: postgres::Error) -> Why {
        Why::Engine(reason(&error))
    }
}

/// How a column is read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reads {
    Text,
    Flag,
    Number,
    Moment,
    List,
}

impl Reads {
    fn of(column: &Column) -> Reads {
        match column.of_type.as_str() {
            "boolean" => Reads::Flag,
            "smallint" | "integer" | "bigint" | "real" | "double precision" | "numeric" => Reads::Number,
            "timestamp with time zone" => Reads::Moment,
            of_type if of_type.ends_with("[]") => Reads::List,
            _ => Reads::Text,
        }
    }

    /// The column as a text.
    fn text_of(self, column: &Column) -> String {
        let name = quoted(&column.name);
        match (self, column.of_type.as_str()) {
            // As the query takes it.
            (Reads::Number, "real" | "numeric") => format!("CAST(CAST({name} AS double precision) AS text)"),
            (Reads::Moment, _) => format!("CAST({name} AT TIME ZONE 'UTC' AS text) || 'Z'"),
            (Reads::List, _) => format!("CAST(array_to_json(CAST({name} AS text[])) AS text)"),
            _ => format!("CAST({name} AS text)"),
        }
    }

    fn cell(self, text: String) -> Raw {
        match self {
            Reads::Text | Reads::Moment => Raw::Text(text),
            Reads::Flag => Raw::Flag(text == "true"),
            // There is no number that is none, or without end.
            Reads::Number if text.parse().is_ok_and(f64::is_finite) => Raw::Number(text),
            Reads::Number => Raw::Missing,
            Reads::List => serde_json::from_str(&text).map_or(Raw::Missing, |value| Raw::from_json(&value)),
        }
    }
}

impl Engine for Postgres {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn tables(&mut self) -> Got<Vec<String>> {
        let query = "SELECT CASE WHEN pg_table_is_visible(c.oid) THEN CAST(c.relname AS text) ELSE n.nspname || '.' || c.relname END
            FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
            WHERE c.relkind IN ('r', 'v', 'm', 'f', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
            ORDER BY 1 LIMIT 1000";
        let names = self.column(query, Vec::new(), &mut Room(usize::MAX))?;
        Ok(texts(&names))
    }

    fn columns(&mut self, table: &str) -> Got<Vec<Column>> {
        let query = "SELECT CAST(attname AS text), format_type(atttypid, NULL) FROM pg_attribute
            WHERE attrelid = to_regclass((CAST($1 AS text[]))[1]) AND attnum > 0 AND NOT attisdropped ORDER BY attnum";
        let rows = self.all(query, vec![vec![table_of(table)]], &|_, text| Raw::Text(text), &mut Room(usize::MAX))?;
        Ok(Column::all(rows))
    }

    fn count(&mut self, table: &str) -> Got<u64> {
        let query = format!("SELECT CAST(COUNT(*) AS text) FROM {}", table_of(table));
        let count = self.column(&query, Vec::new(), &mut Room(usize::MAX))?;
        Ok(count.first().and_then(|n| n.as_text().parse().ok()).unwrap_or(0))
    }

    fn sample(&mut self, of: &IdColumn, most: usize) -> Got<Vec<Raw>> {
        let (id, table) = (quoted(&of.column.name), &of.table);
        let query = format!(
            "SELECT id FROM (SELECT DISTINCT CAST({id} AS text) AS id FROM {table} WHERE BTRIM(CAST({id} AS text)) <> '') AS ids
            ORDER BY sha256(convert_to(id, 'UTF8')), id COLLATE \"C\" LIMIT {most}"
        );
        self.column(&query, Vec::new(), &mut Room(usize::MAX))
    }

    fn spellings(&mut self, of: &IdColumn, leads: &IdColumn, ids: &[Raw], room: &mut Room) -> Got<Vec<Raw>> {
        let is_text = |of_type: &str| ["text", "char"].iter().any(|word| of_type.contains(word));
        if of.column.of_type == leads.column.of_type && !is_text(&of.column.of_type) {
            // Nothing else is the same.
            return Ok(ids.to_vec());
        }
        let keys: std::collections::HashSet<String> = ids.iter().map(|id| id_key(&id.as_text()).into_owned()).collect();
        // A condition that holds for more than these ids, and is not the one of the query that is looked at.
        let signs = |key: &String| -> String {
            key.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
        };
        let (id, table) = (quoted(&of.column.name), &of.table);
        let query = format!(
            "SELECT id FROM (
                SELECT id, regexp_replace(LOWER(id COLLATE \"C\"), '[^a-z0-9]', '', 'g') AS signs
                FROM (SELECT DISTINCT CAST({id} AS text) AS id FROM {table}) AS ids
            ) AS ids WHERE signs = ANY(CAST($1 AS text[])) OR LENGTH(signs) = 18 AND SUBSTR(signs, 1, 15) = ANY(CAST($1 AS text[]))"
        );
        let found = self.column(&query, vec![keys.iter().map(signs).collect()], room)?;
        Ok(found.into_iter().filter(|id| keys.contains(&*id_key(&id.as_text()))).collect())
    }

    fn rows(
        &mut self,
        of: &IdColumn,
        ids: &[Raw],
        columns: &[Column],
        by: Option<&str>,
        room: &mut Room,
    ) -> Got<Vec<Vec<Raw>>> {
        let read: Vec<Reads> =
            columns.iter().map(|column| if *column == of.column { Reads::Text } else { Reads::of(column) }).collect();
        let texts_of: Vec<String> = columns.iter().zip(&read).map(|(column, read)| read.text_of(column)).collect();
        let order = by.map(|by| format!(" ORDER BY {}", quoted(by))).unwrap_or_default();
        let query = format!("SELECT {} FROM {} WHERE {}{order}", texts_of.join(", "), of.table, self.among(of, 1));
        let cell = |i: usize, text| read.get(i).copied().unwrap_or(Reads::Text).cell(text);
        self.all(&query, vec![texts(ids)], &cell, room)
    }

    fn among(&self, of: &IdColumn, place: usize) -> String {
        let Column { name, of_type } = &of.column;
        format!("{} = ANY(CAST(CAST(${place} AS text[]) AS {of_type}[]))", quoted(name))
    }

    fn answers(&mut self, query: &str, width: usize, ids: &[&[Raw]], room: &mut Room) -> Got<Vec<Vec<Raw>>> {
        let names: Vec<String> = (0..width).map(|i| format!("c{i}")).collect();
        let texts_of: Vec<String> = names.iter().map(|name| format!("CAST({name} AS text)")).collect();
        let query = format!("SELECT {} FROM ({query}) AS answers({})", texts_of.join(", "), names.join(", "));
        let given = ids.iter().map(|ids| texts(ids)).collect();
        self.all(&query, given, &|_, text| Raw::Text(text), room)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_the_pass_file() {
        assert_eq!(pass_parts(r"db\:1:5432:*:kim:a:b\\c\:d"), ["db:1", "5432", "*", "kim", r"a:b\c:d"]);
    }

    #[test]
    fn a_password_is_never_shown() {
        let config: Config = "postgres://kim:secret@db.example:5433/crm".parse().unwrap();
        assert_eq!(name_of(&config), "postgres://kim@db.example:5433/crm");
    }
}
