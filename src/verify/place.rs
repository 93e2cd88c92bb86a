//! Which database is meant: the URL, read. Owns what may be shown of it, which is never the password.

use crate::diagnostic::Diagnostic;
use crate::messages::sql as say;
use crate::sql::Dialect;

/// Where a database is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A file of SQLite.
    Sqlite(String),
    /// A server of PostgreSQL, with all that the URL says.
    Postgres(String),
}

impl Place {
    /// Reads `sqlite:crm.db`, `crm.db`, `postgres://user@host:port/name`.
    ///
    /// # Errors
    /// Where it is neither.
    pub fn read(text: &str) -> Result<Place, Diagnostic> {
        if let Some(path) = text.strip_prefix("sqlite:") {
            return Ok(Place::Sqlite(path.strip_prefix("//").unwrap_or(path).to_owned()));
        }
        match text.split_once("://") {
            Some(("postgres" | "postgresql", _)) => Ok(Place::Postgres(text.to_owned())),
            // What stands behind may hold a password.
            Some((scheme, _)) => Err(say::no_database(&format!("{scheme}://…"))),
            None => {
                let ending = text.rsplit('.').next().unwrap_or_default().to_lowercase();
                let is_file = matches!(ending.as_str(), "db" | "sqlite" | "sqlite3");
                if is_file { Ok(Place::Sqlite(text.to_owned())) } else { Err(say::no_database(text)) }
            }
        }
    }

    /// The dialect of its queries.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        match self {
            Place::Sqlite(_) => Dialect::Sqlite,
            Place::Postgres(_) => Dialect::Postgres,
        }
    }

    /// The file, where it is one.
    #[must_use]
    pub fn file(&self) -> Option<&str> {
        match self {
            Place::Sqlite(path) => Some(path),
            Place::Postgres(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Place;

    #[test]
    fn places() {
        let sqlite = |path: &str| Place::Sqlite(path.to_owned());
        for (text, path) in [
            ("sqlite:crm", "crm"),
            ("sqlite:///data/crm.db", "/data/crm.db"),
            ("a/CRM.DB", "a/CRM.DB"),
            ("crm.sqlite3", "crm.sqlite3"),
        ] {
            assert_eq!(Place::read(text).unwrap(), sqlite(path), "{text}");
        }
        assert!(matches!(Place::read("postgresql://kim@db/crm"), Ok(Place::Postgres(_))));
        let problem = Place::read("mysql://kim:secret@db/crm").unwrap_err();
        assert!(!format!("{problem:?}").contains("secret"));
    }
}
