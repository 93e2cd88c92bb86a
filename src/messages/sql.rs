//! What there is to say of queries: parts that an engine cannot say, tables that do not fit.

use super::data::{shown, warning};
use crate::diagnostic::{Code, Diagnostic};
use crate::model::Field;
use crate::shown::several;
use crate::source::Span;

/// A part of the model that has no SQL there.
pub(crate) fn cannot_be_said(at: Span, what: &str, engine: &str) -> Diagnostic {
    Diagnostic::new(Code::D950, format!("the query for {engine} cannot say this: {what}"))
        .label(at, "this has no SQL yet".to_owned())
        .help(
            "`merit run` scores leads from files with all of the model; a query never gives another answer than that"
                .to_owned(),
        )
}

/// Adapters of dbt for which the package has no query.
pub(crate) fn adapters_left_out(at: Span, what: &str, engines: &[String]) -> Diagnostic {
    let can = match engines.len() {
        1 => "which cannot",
        2 => "neither of which can",
        _ => "none of which can",
    };
    let engines = several(engines, "and");
    warning(Code::D958, format!("the package has no query for {engines}, {can} say this: {what}"))
        .label(at, "this has no SQL there yet".to_owned())
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
        "it is a CSV file with a line `column,type` at its top, or `table,column,type`, and a line for each column: `employees,DOUBLE`"
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

/// Functions that the engine lacks.
pub(crate) fn functions_to_register(names: &[&str]) -> Diagnostic {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    warning(
        Code::D953,
        format!("SQLite has no functions for text in all languages: the query calls {}", several(&names, "and")),
    )
    .help("register them where the query is run; the page `merit code D953` says what each gives".to_owned())
}
