//! What can be written, by the endings of the names of files.

use super::{Inputs, Output};
use crate::diagnostic::Diagnostic;
use crate::messages::data as say;

/// What a command can write. Names without an ending, or with one that says nothing here, hold what the command writes as text.
pub struct Forms {
    /// What is written, such as `a report`.
    pub what: &'static str,
    /// The endings that it can have.
    pub endings: &'static [&'static str],
}

/// Endings that promise a form: whoever opens the file would find something else in it.
const PROMISE: [&str; 44] = [
    "7z", "arrow", "avro", "bz2", "csv", "db", "doc", "docx", "duckdb", "eps", "feather", "gif", "gz", "html", "jpeg",
    "jpg", "json", "jsonl", "key", "md", "numbers", "odp", "ods", "odt", "orc", "pages", "parquet", "pdf", "png",
    "ppt", "pptx", "rtf", "sqlite", "sqlite3", "svg", "tar", "tsv", "webp", "xls", "xlsb", "xlsm", "xlsx", "zip",
    "zst",
];

impl Forms {
    /// Opens a place for one of these forms, see [`Output::open`].
    ///
    /// # Errors
    /// Where the ending of the name promises another form; where the file cannot be written, or is one of `inputs`.
    pub fn open(&self, name: Option<&str>, inputs: &Inputs) -> Result<Output, Diagnostic> {
        if let Some((name, ending)) = name.and_then(|name| Some((name, ending(name)?)))
            && PROMISE.contains(&ending.as_str())
            && !self.endings.contains(&ending.as_str())
        {
            inputs.allow(name)?;
            return Err(say::no_such_form(name, &ending, self.what, self.endings));
        }
        Output::open(name, inputs)
    }
}

/// The ending of the name of a file, in small letters and by its usual spelling.
#[must_use]
pub fn ending(name: &str) -> Option<String> {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase())?;
    Some(match ending.as_str() {
        "htm" => "html".to_owned(),
        "markdown" => "md".to_owned(),
        "ndjson" => "jsonl".to_owned(),
        _ => ending,
    })
}
