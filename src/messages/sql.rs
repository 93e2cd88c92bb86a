//! What there is to say of queries: parts that an engine cannot say, tables that do not fit.

use super::data::{or_nothing, shown, warning};
use crate::diagnostic::{Code, Diagnostic};
use crate::model::Field;
use crate::number::grouped;
use crate::shown::several;
use crate::source::Span;

/// A part of the model that has no SQL there.
pub(crate) fn cannot_be_said(at: Span, what: &str, engine: &str) -> Diagnostic {
    let told = Diagnostic::new(Code::D950, format!("the query for {engine} cannot say this: {what}"));
    at_its_place(told, at, "this has no SQL yet").help(
        "`merit run` scores leads from files with all of the model; a query never gives another answer than that"
            .to_owned(),
    )
}

/// Shows the part, where it stands in one place.
fn at_its_place(told: Diagnostic, at: Span, label: &str) -> Diagnostic {
    if at == Span::default() { told } else { told.label(at, label.to_owned()) }
}

/// Adapters of dbt for which the package has no query.
pub(crate) fn adapters_left_out(at: Span, what: &str, engines: &[String]) -> Diagnostic {
    let can = match engines.len() {
        1 => "which cannot",
        2 => "neither of which can",
        _ => "none of which can",
    };
    let engines = several(engines, "and");
    let told = warning(Code::D958, format!("the package has no query for {engines}, {can} say this: {what}"));
    at_its_place(told, at, "this has no SQL there yet")
        .help("it works with all other adapters; its README names them".to_owned())
}

/// `--name "Lead Scores"`
pub(crate) fn bad_package_name(name: &str) -> Diagnostic {
    let letters: String =
        name.to_lowercase().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    let letters = letters.trim_matches('_');
    let better = if letters.starts_with(|c: char| c.is_ascii_lowercase()) { letters } else { "lead_scores" };
    Diagnostic::new(Code::D959, format!("dbt takes no package called `{}`", shown(name)))
        .help(format!("small letters, digits and `_`, a letter first: --name {better}"))
}

/// `merit dbt` with a folder that holds a package.
pub(crate) fn package_is_there(folder: &str) -> Diagnostic {
    Diagnostic::new(Code::D959, format!("`{}` holds a package already, which stays as it is", shown(folder)))
        .help("name another folder with -o; `--overwrite` writes over its files".to_owned())
}

/// `merit dbt` with a folder that holds something else.
pub(crate) fn folder_is_not_ours(folder: &str) -> Diagnostic {
    Diagnostic::new(Code::D959, format!("`{}` is not empty, and holds no package of dbt", shown(folder)))
        .help("name a new folder with -o".to_owned())
}

/// A file that should say the columns of the tables.
pub(crate) fn bad_schema(file: &str, why: &str) -> Diagnostic {
    Diagnostic::new(Code::D951, format!("`{}` does not say the columns of the tables: {why}", shown(file))).help(
        "it is a CSV file with a line `column,type` at its top, or `table,column,type`, and a line for each column: `employees,DOUBLE`; or dbt's `catalog.json`, or a `schema.yml` with `data_type`"
            .to_owned(),
    )
}

/// A column whose type is not that of its field.
pub(crate) fn wrong_type(field: &Field, column: &str, of_type: &str) -> Diagnostic {
    let (wanted, cast) = match field.of_type {
        crate::value::Type::Number => ("a number", "DOUBLE"),
        crate::value::Type::Date => ("a date", "TIMESTAMP"),
        _ => ("a flag", "BOOLEAN"),
    };
    let column = shown(column);
    Diagnostic::new(
        Code::D952,
        format!("the column `{column}` holds {}, and the model reads {wanted} from it", shown(of_type)),
    )
    .label(field.span, format!("{wanted} here"))
    .help(format!(
        "write a view with `CAST({column} AS {cast})`, in the words of the engine; what `merit run` reads from texts beyond that, such as `51-200`, `10k` or `1,200`, is lost there"
    ))
}

/// A model whose blocks on data say more than the id of the lead.
pub(crate) fn no_sample_of_blocks() -> Diagnostic {
    Diagnostic::new(
        Code::D954,
        "a sample cannot be compared where the model names several ids of a lead, activity by a field, or rows to leave out"
            .to_owned(),
    )
    .help(
        "the query itself obeys these lines; compare the model without them, on views that have the right rows and ids"
            .to_owned(),
    )
}

/// Functions that the engine lacks.
pub(crate) fn functions_to_register(names: &[&str]) -> Diagnostic {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    warning(
        Code::D953,
        format!("SQLite has no functions for text in all languages: the query calls {}", several(&names, "and")),
    )
    .help("register them where the query is run; the page `merit code D953` says what each gives".to_owned())
}

// Databases, for `merit sql --verify`.

const PLACES: &str = "write `sqlite:crm.db` for a file of SQLite, or `postgres://user@host:5432/name`";

/// A text that names no database.
pub(crate) fn no_database(text: &str) -> Diagnostic {
    Diagnostic::new(Code::D954, format!("`{}` names no database that Merit can ask", shown(text))).help(PLACES)
}

/// A URL of PostgreSQL that is none. What it says is not shown: there may be a password in it.
pub(crate) fn unread_url(why: &str) -> Diagnostic {
    Diagnostic::new(Code::D954, format!("the URL of the database cannot be read: {}", shown(why))).help(
        "write `postgres://user@host:5432/name`; in names and passwords a `@`, `:` or `/` is written %40, %3A or %2F",
    )
}

/// `--dialect duckdb --verify crm.db`
pub(crate) fn other_dialect(dialect: &str, of_place: &str) -> Diagnostic {
    Diagnostic::new(
        Code::D954,
        format!("`--dialect {dialect}` is not the engine of this database, which is {of_place}"),
    )
    .help("leave `--dialect` out: with `--verify` it follows from the database")
}

/// A file that is not there.
pub(crate) fn no_database_file(name: &str) -> Diagnostic {
    Diagnostic::new(Code::D954, format!("there is no database `{name}`"))
        .help("check the name and the folder")
        .of_file(name)
}

/// A file that SQLite does not read.
pub(crate) fn not_a_database(name: &str) -> Diagnostic {
    Diagnostic::new(Code::D954, format!("`{name}` is no database of SQLite"))
        .help("leads in CSV, JSON or Excel are scored by `merit run`; `--verify` asks a database")
        .of_file(name)
}

/// A database that does not do what it is asked.
pub(crate) fn cannot_ask(name: &str, why: &str) -> Diagnostic {
    Diagnostic::new(Code::D954, format!("`{}` cannot be asked: {}", shown(name), said(why)))
        .help("check that it runs, that the name is right, and that you may read the tables")
}

/// A server that wants to know who it is.
pub(crate) fn not_let_in(name: &str, why: &str, has_password: bool) -> Diagnostic {
    let help = if has_password {
        "check the user and the password"
    } else {
        "give the password in PGPASSWORD, or in ~/.pgpass, which nobody else may read"
    };
    Diagnostic::new(Code::D954, format!("`{}` lets nobody in like this: {}", shown(name), said(why))).help(help)
}

/// A URL that asks for TLS.
pub(crate) fn no_tls(name: &str) -> Diagnostic {
    Diagnostic::new(Code::D954, format!("`{}` is to be reached by TLS, which Merit does not speak yet", shown(name)))
        .help("reach it through a tunnel, such as `ssh -L 5432:localhost:5432 HOST`, and leave `sslmode` out")
}

/// A program that has no such engine.
#[cfg(not(all(feature = "sqlite", feature = "postgres")))]
pub(crate) fn built_without(engine: &str) -> Diagnostic {
    Diagnostic::new(Code::D954, format!("this merit was built without {engine}"))
        .help(format!("build it with the feature `{}`", if engine == "SQLite" { "sqlite" } else { "postgres" }))
}

/// More than may be held.
pub(crate) fn sample_too_large(name: &str) -> Diagnostic {
    Diagnostic::new(
        Code::D954,
        format!("the leads of the sample in `{}` and their activity take more than 1 GB", shown(name)),
    )
    .help("take fewer leads: --sample 100")
}

/// A table that is not there.
pub(crate) fn no_table(name: &str, table: &str, option: &str, near: Option<&str>, tables: &[String]) -> Diagnostic {
    let tables: Vec<String> = tables.iter().map(|table| format!("`{}`", shown(table))).collect();
    let help = match near {
        Some(near) => format!("name it: {option} {}", shown(near)),
        None => format!("name one of its tables with {option}: {}", several(&tables, "or")),
    };
    let table = shown(table);
    Diagnostic::new(Code::D955, format!("there is no table `{table}` in `{}`{}", shown(name), or_nothing(near)))
        .help(help)
}

/// A table without a lead.
pub(crate) fn no_lead(name: &str, table: &str) -> Diagnostic {
    let message =
        format!("there is no lead with an id in `{}` of `{}`, so nothing can be compared", shown(table), shown(name));
    Diagnostic::new(Code::D955, message).help("name the table of leads with --leads")
}

/// A column that is not there.
pub(crate) fn no_column_in_table(table: &str, column: &str, near: Option<&str>, columns: &[&str]) -> Diagnostic {
    let columns: Vec<String> = columns.iter().map(|column| format!("`{}`", shown(column))).collect();
    let message = format!("the table `{}` has no column `{}`{}", shown(table), shown(column), or_nothing(near));
    Diagnostic::new(Code::D955, message).help(format!(
        "its columns are {}; where it goes by another name, write a view, or say so in the model, as `merit code D955` shows",
        several(&columns, "and")
    ))
}

/// A query that fails.
pub(crate) fn query_does_not_run(engine: &str, why: &str) -> Diagnostic {
    Diagnostic::new(Code::D957, format!("{engine} does not run the query: {}", said(why))).help(
        "see that each column has the type that the model reads from it: a view casts what differs, such as an id that is a number in one table and a text in the other",
    )
}

/// Answers that differ.
pub(crate) fn differs(cells: u64, of: u64, leads: u64, engine: &str, not_nfc: Option<&(String, String)>) -> Diagnostic {
    let (is, leads) = (if cells == 1 { "differs" } else { "differ" }, crate::page::counted(leads, "lead"));
    let message = format!(
        "{} of {} cells {is}, of {leads}: {engine} answers otherwise than `merit run`",
        grouped(cells),
        grouped(of)
    );
    let help = match not_nfc {
        Some((column, lead)) => format!(
            "`{}` of the lead `{}` is not in NFC, as texts in a table should be: write a view with NORMALIZE({})",
            shown(column),
            shown(lead),
            shown(column)
        ),
        None => "look at these leads in the table: a column should hold what its type says, times without a zone are of the model's zone, and no two records of one instant should differ".to_owned(),
    };
    Diagnostic::new(Code::D956, message).help(help)
}

/// What an engine says, on one line and no sentence of its own.
fn said(why: &str) -> String {
    shown(why.trim_end_matches('.'))
}
