//! What differs between engines: how names, texts, numbers and functions are written.
//!
//! Every function name that can be written stands here, so that a test can hold them against what an engine has.

use super::expr::{Binary, ENTRY, Function, Kind};
use super::lower::{Lowered, refused};
use super::{AsOf, FILLED};
use crate::source::Span;

/// An engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// DuckDB.
    DuckDb,
    /// PostgreSQL, 14 or later.
    Postgres,
    /// SQLite, 3.35 or later.
    Sqlite,
    /// Apache Spark, 3.4 or later.
    Spark,
    /// Databricks.
    Databricks,
    /// Snowflake. Its text is checked, not executed.
    Snowflake,
    /// BigQuery. Its text is checked, not executed.
    BigQuery,
}

/// All engines with their names, as `--dialect` takes them.
pub const DIALECTS: [(&str, Dialect); 7] = [
    ("duckdb", Dialect::DuckDb),
    ("postgres", Dialect::Postgres),
    ("sqlite", Dialect::Sqlite),
    ("spark", Dialect::Spark),
    ("databricks", Dialect::Databricks),
    ("snowflake", Dialect::Snowflake),
    ("bigquery", Dialect::BigQuery),
];

/// White space as Unicode has it, besides the space.
const SPACES: &[char] = &[
    '\t', '\n', '\u{b}', '\u{c}', '\r', '\u{85}', '\u{a0}', '\u{1680}', '\u{2000}', '\u{2001}', '\u{2002}', '\u{2003}',
    '\u{2004}', '\u{2005}', '\u{2006}', '\u{2007}', '\u{2008}', '\u{2009}', '\u{200a}', '\u{2028}', '\u{2029}',
    '\u{202f}', '\u{205f}', '\u{3000}',
];

/// Signs that nobody sees, see `text::is_unseen`.
const UNSEEN: &[char] = &['\u{ad}', '\u{200b}', '\u{200c}', '\u{200d}', '\u{2060}', '\u{feff}'];

/// Functions that SQLite lacks, which whoever runs the query registers: the form in which texts are compared,
/// their words, the path of a page, and what an id is compared by.
pub const REGISTERED: [&str; 4] = ["merit_fold", "merit_words", "merit_page", "merit_key"];

impl Dialect {
    /// Its name, as `--dialect` takes it.
    #[must_use]
    pub fn name(self) -> &'static str {
        DIALECTS.iter().find(|(_, d)| *d == self).map_or("", |(name, _)| name)
    }

    /// Its name, as its makers write it.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Dialect::DuckDb => "DuckDB",
            Dialect::Postgres => "PostgreSQL",
            Dialect::Sqlite => "SQLite",
            Dialect::Spark => "Spark",
            Dialect::Databricks => "Databricks",
            Dialect::Snowflake => "Snowflake",
            Dialect::BigQuery => "BigQuery",
        }
    }

    pub(super) fn is_spark(self) -> bool {
        matches!(self, Dialect::Spark | Dialect::Databricks)
    }

    /// A name in the quotes of the dialect.
    pub(super) fn name_of(self, name: &str) -> String {
        match self {
            Dialect::Spark | Dialect::Databricks => format!("`{}`", name.replace('`', "``")),
            // A backtick cannot stand in a name there.
            Dialect::BigQuery => format!("`{}`", name.replace('`', "")),
            _ => format!("\"{}\"", name.replace('"', "\"\"")),
        }
    }

    /// Why the engine can have no column of this name.
    pub(super) fn refuses_name(self, name: &str) -> Option<&'static str> {
        if name.contains('\0') {
            return Some("a name cannot hold a NUL");
        }
        match self {
            Dialect::Postgres if name.len() > 63 => Some("PostgreSQL cuts names behind 63 bytes"),
            Dialect::BigQuery if !name.chars().all(|c| c.is_alphanumeric() || c == '_') => {
                Some("BigQuery has letters, digits and `_` in names")
            }
            _ => None,
        }
    }

    /// A text: in quotes stands nothing that ends them, begins a comment or a template, or that some engine reads as something
    /// else; such signs are written as their numbers.
    pub(super) fn text(self, text: &str) -> String {
        let mut parts: Vec<String> = Vec::new();
        let mut run = String::new();
        let mut previous = ' ';
        for c in text.chars() {
            let acts = matches!(c, '\'' | '\\' | '{' | '}' | '"' | ';' | '`') || c == '-' && previous == '-';
            if acts || c.is_control() {
                if !run.is_empty() {
                    parts.push(format!("'{run}'"));
                    run.clear();
                }
                parts.push(self.sign(c));
            } else {
                run.push(c);
            }
            previous = c;
        }
        if !run.is_empty() || parts.is_empty() {
            parts.push(format!("'{run}'"));
        }
        if parts.len() == 1 { parts.remove(0) } else { format!("({})", parts.join(" || ")) }
    }

    /// A character by its number. Below 256 all engines agree.
    fn sign(self, c: char) -> String {
        let function = if self == Dialect::Sqlite { "CHAR" } else { "CHR" };
        format!("{function}({})", u32::from(c))
    }

    /// A type, as `CAST` takes it.
    pub(super) fn type_of(self, kind: Kind) -> &'static str {
        use Dialect as D;
        match (kind, self) {
            (Kind::Flag, D::Sqlite) => "INTEGER",
            (Kind::Flag, D::BigQuery) => "BOOL",
            (Kind::Flag, _) => "BOOLEAN",
            (Kind::Number, D::Sqlite) => "REAL",
            (Kind::Number, D::Postgres) => "DOUBLE PRECISION",
            (Kind::Number, D::BigQuery) => "FLOAT64",
            (Kind::Number, _) => "DOUBLE",
            (Kind::Whole, D::Sqlite) => "INTEGER",
            (Kind::Whole, D::Snowflake) => "NUMBER(38,0)",
            (Kind::Whole, D::BigQuery) => "INT64",
            (Kind::Whole, _) => "BIGINT",
            (Kind::Text, D::Sqlite | D::Postgres) => "TEXT",
            (Kind::Text, D::DuckDb | D::Snowflake) => "VARCHAR",
            (Kind::Text, _) => "STRING",
        }
    }

    /// An integer, 64 bits wide from the start: a sum of narrower ones would overflow.
    pub(super) fn whole(self, n: i64) -> String {
        match self {
            Dialect::DuckDb | Dialect::Postgres if n == i64::MIN => format!("CAST('{n}' AS BIGINT)"),
            Dialect::DuckDb | Dialect::Postgres => format!("CAST({n} AS BIGINT)"),
            Dialect::Spark | Dialect::Databricks if n != i64::MIN => {
                if n < 0 {
                    format!("({n}L)")
                } else {
                    format!("{n}L")
                }
            }
            _ if n < 0 => format!("({n})"),
            _ => n.to_string(),
        }
    }

    /// A double. As a text it is read by the engine once, without a detour over decimals.
    pub(super) fn number(self, n: f64) -> String {
        let text = if n.abs() < 1e15 && n.trunc() == n { format!("{n}") } else { format!("'{n:e}'") };
        format!("CAST({text} AS {})", self.type_of(Kind::Number))
    }

    /// `a op b`
    pub(super) fn binary(self, op: Binary, a: &str, b: &str) -> String {
        match op {
            Binary::Minus => format!("({a} - {b})"),
            Binary::Times => format!("({a} * {b})"),
            Binary::Divide => format!("({a} / {b})"),
            Binary::IntDivide => match self {
                Dialect::DuckDb => format!("({a} // {b})"),
                Dialect::Spark | Dialect::Databricks => format!("({a} DIV {b})"),
                Dialect::Snowflake => format!("CAST(({a} - MOD({a}, {b})) / {b} AS NUMBER(38,0))"),
                Dialect::BigQuery => format!("DIV({a}, {b})"),
                Dialect::Postgres | Dialect::Sqlite => format!("({a} / {b})"),
            },
            Binary::Modulo => match self {
                Dialect::Snowflake | Dialect::BigQuery => format!("MOD({a}, {b})"),
                _ => format!("({a} % {b})"),
            },
        }
    }

    /// A function of arguments that are written already.
    pub(super) fn call(self, function: Function, args: &[String]) -> String {
        use Dialect as D;
        let x = args.first().map_or("", String::as_str);
        let listed = args.join(", ");
        match function {
            Function::Fold => self.fold(x),
            Function::Words => self.words(x),
            Function::Trim => {
                let set = format!("({} || {})", self.text(" "), self.characters(SPACES));
                match self {
                    D::Spark | D::Databricks => format!("TRIM(BOTH {set} FROM {x})"),
                    D::Postgres => format!("BTRIM({x}, {set})"),
                    _ => format!("TRIM({x}, {set})"),
                }
            }
            Function::Length => self.whole_of(&format!("LENGTH({x})")),
            Function::Substring if self == D::Postgres || self.is_spark() => {
                // Places are narrow integers there.
                let places = args.iter().skip(1).map(|n| format!(", CAST({n} AS INTEGER)"));
                format!("SUBSTR({x}{})", places.collect::<String>())
            }
            Function::Substring => format!("SUBSTR({listed})"),
            Function::Position => self.whole_of(&match self {
                D::Sqlite | D::Spark | D::Databricks => format!("INSTR({listed})"),
                D::Snowflake => format!("CHARINDEX({}, {x})", args.get(1).map_or("", String::as_str)),
                _ => format!("STRPOS({listed})"),
            }),
            Function::Replace => format!("REPLACE({listed})"),
            Function::Translate => format!("TRANSLATE({listed})"),
            Function::Key => format!("merit_key({x})"),
            Function::TrimEnd | Function::TrimStart if self.is_spark() => {
                let side = if function == Function::TrimEnd { "TRAILING" } else { "LEADING" };
                format!("TRIM({side} {} FROM {x})", args.get(1).map_or("", String::as_str))
            }
            Function::TrimEnd => format!("RTRIM({listed})"),
            Function::TrimStart => format!("LTRIM({listed})"),
            Function::Floor => match self {
                D::Sqlite => format!("CAST({x} AS INTEGER)"),
                D::Spark | D::Databricks => format!("CAST({x} AS BIGINT)"),
                _ => format!("CAST(FLOOR({x}) AS {})", self.type_of(Kind::Whole)),
            },
            Function::Abs => format!("ABS({x})"),
            Function::ToNumber => format!("CAST({x} AS {})", self.type_of(Kind::Number)),
            Function::ToWhole => format!("CAST({x} AS {})", self.type_of(Kind::Whole)),
            Function::ToText => format!("CAST({x} AS {})", self.type_of(Kind::Text)),
            Function::Micros => self.micros(x),
            Function::HasZone => match self {
                D::DuckDb => format!("(TYPEOF({x}) = 'TIMESTAMP WITH TIME ZONE')"),
                D::Postgres => format!("(CAST(PG_TYPEOF({x}) AS TEXT) = 'timestamp with time zone')"),
                D::Spark | D::Databricks => format!("(TYPEOF({x}) = 'timestamp')"),
                // A text says it itself; there the type of a column cannot be asked for.
                D::Sqlite => format!("({x} LIKE '%Z')"),
                D::Snowflake | D::BigQuery => "FALSE".to_owned(),
            },
            Function::ToFlag => match self {
                D::Sqlite => format!("({x} <> 0)"),
                _ => x.to_owned(),
            },
            Function::IsPlainId if self == D::DuckDb => {
                let has_none = format!("NOT CONTAINS({x}, ' ') AND NOT CONTAINS({x}, '@')");
                format!("({} AND {x} > '' AND STRLEN({x}) <> 18 AND {has_none})", is_printable(x))
            }
            Function::IsPlainId => self.has_none(x, "[^!-?A-~]|^$|^.{18}$"),
            Function::Page => format!("merit_page({x})"),
            Function::Entries => self.whole_of(&match self {
                D::DuckDb => format!("LEN({x})"),
                D::Postgres => format!("CARDINALITY({x})"),
                D::Sqlite => of_entries(x, "COUNT(*)"),
                D::Spark | D::Databricks | D::Snowflake => format!("ARRAY_SIZE({x})"),
                D::BigQuery => format!("ARRAY_LENGTH({x})"),
            }),
            Function::Joined => match self {
                D::Sqlite => {
                    let trimmed = self.call(Function::Trim, &["value".to_owned()]);
                    of_entries(x, &format!("GROUP_CONCAT({trimmed}, ', ')"))
                }
                D::Spark | D::Databricks => format!("ARRAY_JOIN({x}, ', ')"),
                _ => format!("ARRAY_TO_STRING({x}, ', ')"),
            },
            Function::AreLetters => self.consists_of(x, "", char::is_alphabetic, "\\p{IsAlphabetic}"),
            Function::AreOfHost => self.consists_of(x, "-.", char::is_alphanumeric, "\\p{IsAlphabetic}\\p{N}"),
        }
    }

    /// Whether all characters of a text are of a class, or among `more`.
    fn consists_of(self, x: &str, more: &str, is: fn(char) -> bool, java: &str) -> String {
        let class = if self.is_spark() { java.to_owned() } else { ranges(is) };
        // A `-` at the end stands for itself.
        let more: String = more.chars().rev().collect();
        let pattern = self.text(&format!("^[{class}{more}]*$"));
        match self {
            Dialect::Postgres => format!("({x} ~ {pattern})"),
            Dialect::DuckDb => format!("REGEXP_MATCHES({x}, {pattern})"),
            Dialect::BigQuery => format!("REGEXP_CONTAINS({x}, {pattern})"),
            Dialect::Snowflake => format!("REGEXP_LIKE({x}, {pattern})"),
            // What is registered there sees to pages.
            Dialect::Sqlite | Dialect::Spark | Dialect::Databricks => format!("({x} RLIKE {pattern})"),
        }
    }

    /// Some functions give narrower integers.
    fn whole_of(self, x: &str) -> String {
        match self {
            Dialect::DuckDb | Dialect::Sqlite | Dialect::Snowflake | Dialect::BigQuery => x.to_owned(),
            Dialect::Postgres | Dialect::Spark | Dialect::Databricks => format!("CAST({x} AS BIGINT)"),
        }
    }

    /// Some characters as a text.
    fn characters(self, of: &[char]) -> String {
        self.text(&of.iter().collect::<String>())
    }

    fn fold(self, x: &str) -> String {
        if self == Dialect::Sqlite {
            return format!("merit_fold({x})");
        }
        // White space becomes blanks, and `İ` a small letter, before all is made small; what is unseen stands last and is left out.
        let from: String = ['İ'].iter().chain(SPACES).chain(UNSEEN).collect();
        let to: String = std::iter::once('i').chain(SPACES.iter().map(|_| ' ')).collect();
        let collate = if self == Dialect::Postgres { " COLLATE \"und-x-icu\"" } else { "" };
        let plain = format!("TRANSLATE({x}, {}, {})", self.text(&from), self.text(&to));
        let lower = format!("LOWER({plain}{collate})");
        let sigma = format!("REPLACE({lower}, 'ς', 'σ')");
        let single = self.replaced(&sigma, "'  +'", "' '");
        let trimmed = match self {
            Dialect::Postgres => format!("BTRIM({single}, ' ')"),
            _ => format!("TRIM({single})"),
        };
        // Almost all texts are plain: small letters are all that these need. The rest takes fifteen times as long.
        let is_plain = match self {
            Dialect::DuckDb => {
                format!("({} AND {x} >= '!' AND NOT SUFFIX({x}, ' ') AND NOT CONTAINS({x}, '  '))", is_printable(x))
            }
            _ => self.has_none(x, "[^!-~ ]|^ | $|  |^$"),
        };
        let plain = format!("LOWER({x}{collate})");
        format!("CASE WHEN {is_plain} THEN {plain} ELSE NULLIF({trimmed}, '') END")
    }

    /// Whether a regular expression, without signs that some engine reads otherwise, finds nothing in a text.
    fn has_none(self, x: &str, pattern: &str) -> String {
        let pattern = self.text(pattern);
        match self {
            Dialect::Postgres => format!("({x} !~ {pattern})"),
            Dialect::DuckDb => format!("(NOT REGEXP_MATCHES({x}, {pattern}))"),
            Dialect::BigQuery => format!("(NOT REGEXP_CONTAINS({x}, {pattern}))"),
            Dialect::Snowflake => format!("(REGEXP_INSTR({x}, {pattern}) = 0)"),
            Dialect::Sqlite | Dialect::Spark | Dialect::Databricks => format!("(NOT {x} RLIKE {pattern})"),
        }
    }

    /// All runs that a regular expression finds, replaced.
    fn replaced(self, x: &str, pattern: &str, with: &str) -> String {
        match self {
            Dialect::DuckDb | Dialect::Postgres => format!("REGEXP_REPLACE({x}, {pattern}, {with}, 'g')"),
            _ => format!("REGEXP_REPLACE({x}, {pattern}, {with})"),
        }
    }

    /// As `text::words`. A dot between two words of one letter each joins them: all words are put in `<` and `>`, those of one letter in
    /// `(` and `)`; then `).(` is left out.
    fn words(self, x: &str) -> String {
        if self == Dialect::Sqlite {
            return format!("merit_words({x})");
        }
        let (word, letter, mark) = self.classes();
        let group = |n: u8| {
            if self == Dialect::DuckDb || self == Dialect::Postgres || self == Dialect::BigQuery {
                self.text(&format!("\\{n}"))
            } else {
                format!("'${n}'")
            }
        };
        let not = |class: &str, more: &str| format!("'[^' || {class} || '{more}]'");
        let gaps = self.replaced(
            x,
            &format!("({} || {} || '*|[.]' || {} || '+')", not(&word, "."), not(&word, ""), not(&word, "")),
            "' '",
        );
        let bracketed =
            self.replaced(&gaps, &format!("('([' || {word} || ']+)')"), &format!("('<' || {} || '>')", group(1)));
        let singles = self.replaced(
            &bracketed,
            &format!("('<([' || {letter} || '][' || {mark} || ']*)>')"),
            &format!("('(' || {} || ')')", group(1)),
        );
        let joined = format!("REPLACE({singles}, ').(', '')");
        self.replaced(&format!("(' ' || {joined} || ' ')"), "'[<>(). ]+'", "' '")
    }

    /// The characters of words, letters and marks, as they stand between brackets of a regular expression.
    fn classes(self) -> (String, String, String) {
        match self {
            Dialect::Postgres => {
                let class = |is: fn(char) -> bool| self.text(&ranges(is));
                (class(crate::text::is_word_char), class(crate::text::is_letter), class(crate::text::is_mark))
            }
            _ => {
                let class = |name: &str| self.text(&format!("\\p{{{name}}}"));
                (format!("({} || {} || {})", class("L"), class("M"), class("Nd")), class("L"), class("M"))
            }
        }
    }

    /// Whether some entry of a list meets a condition; NULL where there is no list.
    pub(super) fn some(self, list: &str, condition: &str) -> String {
        let entry = self.name_of(ENTRY);
        let exists = match self {
            Dialect::DuckDb | Dialect::Postgres => {
                format!("EXISTS (SELECT 1 FROM UNNEST({list}) AS entries({entry}) WHERE {condition})")
            }
            Dialect::Sqlite => {
                let entries = entries(list);
                format!("EXISTS (SELECT 1 FROM (SELECT value AS {entry} FROM JSON_EACH({entries})) WHERE {condition})")
            }
            Dialect::Spark | Dialect::Databricks => format!("EXISTS({list}, {entry} -> {})", self.is_true(condition)),
            Dialect::Snowflake => format!("(ARRAY_SIZE(FILTER({list}, {entry} -> {condition})) > 0)"),
            Dialect::BigQuery => format!("EXISTS (SELECT 1 FROM UNNEST({list}) AS {entry} WHERE {condition})"),
        };
        let unknown = self.type_of(Kind::Flag);
        format!("CASE WHEN {list} IS NULL THEN CAST(NULL AS {unknown}) ELSE {exists} END")
    }

    /// An as-of that is known only when the query runs, in microseconds; one that is known as it is. `cell` is one of the same row.
    pub(super) fn micros_of(self, as_of: AsOf, cell: &str) -> String {
        let micros = self.moment(as_of);
        if !self.is_spark() {
            return micros;
        }
        // What is the same in all rows is written out wherever it is read there, and what is made of it, too: a text twice as long
        // with each layer. So it hangs on the row, which adds nothing.
        format!("({micros} + CAST(COALESCE(LENGTH(SUBSTR(CAST({cell} AS STRING), 1, 0)), 0) AS BIGINT))")
    }

    fn moment(self, as_of: AsOf) -> String {
        match (as_of, self) {
            (AsOf::At(at), _) => at.0.to_string(),
            (AsOf::Filled, _) => FILLED[2].to_owned(),
            (AsOf::Now, Dialect::Sqlite) => "(CAST(STRFTIME('%s', 'now') AS INTEGER) * 1000000)".to_owned(),
            (AsOf::Now, Dialect::Snowflake) => "DATE_PART(EPOCH_MICROSECOND, CURRENT_TIMESTAMP())".to_owned(),
            (AsOf::Now, Dialect::DuckDb | Dialect::Postgres) => self.micros("CURRENT_TIMESTAMP"),
            (AsOf::Now, _) => self.micros("CURRENT_TIMESTAMP()"),
        }
    }

    /// A table, perhaps with its schema before a dot.
    pub(super) fn table(self, name: &str) -> String {
        name.split('.').map(|part| self.outer_name(part)).collect::<Vec<_>>().join(".")
    }

    /// A name that people use outside of the query. Snowflake makes those in capitals that nobody puts in quotes.
    pub(super) fn outer_name(self, name: &str) -> String {
        let is_usual = name.starts_with(|c: char| c.is_ascii_lowercase() || c == '_')
            && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
        match self {
            Dialect::Snowflake if is_usual => self.name_of(&name.to_ascii_uppercase()),
            _ => self.name_of(name),
        }
    }

    /// Whether a query can ask for the type of a column.
    pub(super) fn knows_types(self) -> bool {
        !matches!(self, Dialect::Snowflake | Dialect::BigQuery)
    }

    /// So many columns may be added to a chain of queries for expressions that could also be written out each time: some engines
    /// bound how many columns a query has.
    pub(super) fn most_shared(self) -> usize {
        match self {
            Dialect::Postgres | Dialect::Sqlite => 700,
            _ => 20_000,
        }
    }

    /// The entries of a list, each beside the number of its row.
    pub(super) fn entries_of(self, rows: &str, number: &str, list: &str, called: &str) -> String {
        let entry = self.name_of(called);
        let (value, joined) = match self {
            Dialect::DuckDb | Dialect::Postgres => (format!("e.{entry}"), format!(", UNNEST(x.{list}) AS e({entry})")),
            Dialect::Sqlite => ("e.value".to_owned(), format!(", JSON_EACH({}) AS e", entries(&format!("x.{list}")))),
            Dialect::Spark | Dialect::Databricks => {
                (format!("e.{entry}"), format!(" LATERAL VIEW EXPLODE(x.{list}) e AS {entry}"))
            }
            Dialect::Snowflake => ("CAST(e.value AS VARCHAR)".to_owned(), format!(", LATERAL FLATTEN(x.{list}) AS e")),
            Dialect::BigQuery => (entry.clone(), format!(", UNNEST(x.{list}) AS {entry}")),
        };
        format!("SELECT x.{number}, {value} AS {entry}\n  FROM {rows} AS x{joined}")
    }

    /// A condition that is false where it is unknown.
    pub(super) fn is_true(self, condition: &str) -> String {
        if self.is_spark() { format!("({condition} IS TRUE)") } else { format!("COALESCE({condition}, FALSE)") }
    }

    fn micros(self, x: &str) -> String {
        match self {
            Dialect::DuckDb => format!("EPOCH_US({x})"),
            Dialect::Postgres => format!("CAST(EXTRACT(EPOCH FROM {x}) * 1000000 AS BIGINT)"),
            Dialect::Sqlite => {
                let fraction = format!("CAST(SUBSTR(RTRIM(SUBSTR({x}, 21), 'Zz') || '000000', 1, 6) AS INTEGER)");
                format!("(CAST(STRFTIME('%s', SUBSTR({x}, 1, 19)) AS INTEGER) * 1000000 + {fraction})")
            }
            Dialect::Spark | Dialect::Databricks => format!("UNIX_MICROS(CAST({x} AS TIMESTAMP))"),
            Dialect::Snowflake => format!("DATE_PART(EPOCH_MICROSECOND, {x}::TIMESTAMP_NTZ)"),
            Dialect::BigQuery => format!("UNIX_MICROS(CAST({x} AS TIMESTAMP))"),
        }
    }

    /// Whether layers stand in each other and list their columns. Spark's analyser takes a round for each named query, and one for
    /// each `*`; it has 100.
    pub(super) fn nests(self) -> bool {
        self.is_spark()
    }

    /// How many columns a query may have.
    pub(super) fn most_columns(self) -> usize {
        match self {
            Dialect::Postgres => 1600,
            Dialect::Sqlite => 1950,
            _ => usize::MAX,
        }
    }

    /// Refuses a query of more columns than the engine takes.
    pub(super) fn takes_columns(self, columns: usize) -> Lowered<()> {
        if columns <= self.most_columns() {
            return Ok(());
        }
        refused(
            Span::default(),
            format!("a model of so many rules: a query has at most {} columns there", self.most_columns()),
        )
    }

    /// What keeps an engine from putting one query into the next: expressions would be copied wherever a column is used.
    pub(super) fn fence(self) -> &'static str {
        match self {
            Dialect::Postgres => " OFFSET 0",
            Dialect::Sqlite => " LIMIT -1 OFFSET 0",
            _ => "",
        }
    }
}

/// What is made of the entries of a text parted by `;` that are not blank, in SQLite.
fn of_entries(list: &str, what: &str) -> String {
    let all = format!("SELECT {what} FROM JSON_EACH({}) WHERE merit_fold(value) IS NOT NULL", entries(list));
    format!("CASE WHEN {list} IS NULL THEN NULL ELSE ({all}) END")
}

/// A text parted by `;` as a JSON array: in quotes no `;` is part of anything else.
fn entries(list: &str) -> String {
    format!("'[' || REPLACE(JSON_QUOTE({list}), CHAR(59), CHAR(34) || ',' || CHAR(34)) || ']'")
}

/// The characters of a class as ranges.
fn ranges(is: fn(char) -> bool) -> String {
    let mut out = String::new();
    let mut open: Option<(char, char)> = None;
    let mut close = |open: Option<(char, char)>| match open {
        Some((a, b)) if a == b => out.push(a),
        Some((a, b)) => out.extend([a, '-', b]),
        None => {}
    };
    for c in ('\u{1}'..=char::MAX).filter(|&c| is(c)) {
        match &mut open {
            Some((_, last)) if u32::from(*last) + 1 == u32::from(c) => *last = c,
            _ => {
                close(open);
                open = Some((c, c));
            }
        }
    }
    close(open);
    out
}

/// Whether a text of DuckDB is printable ASCII, without quotes and backslashes: as bytes it prints all others longer. A regular
/// expression takes twice as long.
fn is_printable(x: &str) -> String {
    format!("STRLEN(CAST(ENCODE({x}) AS VARCHAR)) = STRLEN({x})")
}
