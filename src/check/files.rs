//! Lists and tables that stand in files of their own.

use std::collections::BTreeMap;
use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use super::names::{Checker, ListValue};
use crate::library;
use crate::messages::meaning as say;
use crate::model::{LookupId, LookupTable};
use crate::number;
use crate::source::Span;
use crate::syntax::ast;
use crate::text::{fold, trim};
use crate::value::{Text, Type, Value};

/// A file of two columns: the header is left out, cells are trimmed.
pub(super) struct Columns {
    /// What is looked up and what it gives, with the number of the line.
    pub rows: Vec<(String, String, usize)>,
}

/// What tells a text from all others.
pub(super) type Digest = [u8; 32];

fn digest(text: &str) -> Digest {
    Sha256::digest(text.as_bytes()).into()
}

impl<'a> Checker<'a> {
    /// `lines of "competitors.txt"`: one entry a line; empty lines are none.
    pub(super) fn lines_of(&mut self, path: &'a ast::Text) -> Option<ListValue> {
        let text = self.read_file(path)?;
        let items: Vec<Value> =
            text.lines().map(trim).filter(|l| !l.is_empty()).map(|l| Value::Text(Text::new(l))).collect();
        Some(ListValue { items: Arc::from(items), of_type: Some(Type::Text) })
    }

    fn read_file(&mut self, path: &'a ast::Text) -> Option<String> {
        if self.gathered.is_library(path.span) {
            let text = library::beside(&path.text)?;
            self.digests.insert((true, path.text.clone()), digest(text));
            return Some(text.to_owned());
        }
        let from = self.gathered.sources.of(path.span).map(|s| s.name.clone()).unwrap_or_default();
        match self.files.read(&from, &path.text) {
            Ok((name, text)) => {
                self.digests.insert((false, name.clone()), digest(&text));
                self.model.files.insert(name);
                Some(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
            }
            Err(problem) => {
                self.say(say::file_problem(path.span, &path.text, &problem));
                None
            }
        }
    }

    /// Reads a file of two columns.
    pub(super) fn two_columns(&mut self, path: &'a ast::Text) -> Option<Columns> {
        let text = self.read_file(path)?;
        let header = text.lines().next().unwrap_or("");
        let delimiter =
            [b',', b';', b'\t'].into_iter().max_by_key(|&d| header.bytes().filter(|&b| b == d).count()).unwrap_or(b',');
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(delimiter)
            .flexible(true)
            .has_headers(true)
            .from_reader(text.as_bytes());
        let mut rows = Vec::new();
        for record in reader.records() {
            let Ok(record) = record else {
                self.say(say::bad_table(path.span, &path.text, 0, "a line that cannot be read"));
                return None;
            };
            let line = record.position().map_or(0, |p| usize::try_from(p.line()).unwrap_or(0));
            let cells: Vec<&str> = record.iter().map(trim).collect();
            match cells.as_slice() {
                [key, value] => rows.push(((*key).to_owned(), (*value).to_owned(), line)),
                [""] => {}
                _ => {
                    self.say(say::bad_table(
                        path.span,
                        &path.text,
                        line,
                        &format!(
                            "{} cell{} where two are wanted",
                            cells.len(),
                            if cells.len() == 1 { "" } else { "s" }
                        ),
                    ));
                    return None;
                }
            }
        }
        if rows.is_empty() {
            self.say(say::bad_table(path.span, &path.text, 1, "a header at most, and no line behind it"));
            return None;
        }
        Some(Columns { rows })
    }

    /// `table "tiers.csv"`
    pub(super) fn lookup_table(&mut self, path: &'a ast::Text) -> Option<LookupId> {
        // A path begins at the file that says it.
        let place = (path.span.file, path.text.clone());
        if let Some(done) = self.tables_read.get(&place) {
            return *done;
        }
        let id = self.two_columns(path).map(|columns| {
            let key_type = column_type(columns.rows.iter().map(|(k, _, _)| k).filter(|k| !is_word(k)));
            let value_type = column_type(columns.rows.iter().map(|(_, v, _)| v).filter(|v| !v.is_empty()));
            let mut table = LookupTable { rows: BTreeMap::new(), missing: None, otherwise: None, key_type, value_type };
            for (key, value, _) in &columns.rows {
                let value = match value_type {
                    _ if value.is_empty() => Value::Missing,
                    Type::Number => number::read_number(value).map_or(Value::Missing, Value::Number),
                    _ => Value::Text(Text::new(value)),
                };
                match &*fold(key) {
                    "missing" => table.missing = table.missing.take().or(Some(value)),
                    "otherwise" => table.otherwise = table.otherwise.take().or(Some(value)),
                    _ => {
                        table.rows.entry(key_of(key, key_type)).or_insert(value);
                    }
                }
            }
            self.model.tables.push(table);
            LookupId(self.model.tables.len() - 1)
        });
        self.tables_read.insert(place, id);
        id
    }

    /// A number in a table of points.
    pub(super) fn file_points(&mut self, path: Span, file: &str, line: usize, cell: &str) -> Option<f64> {
        let points = number::read_number(cell);
        if points.is_none() {
            self.say(say::bad_table(path, file, line, &format!("`{cell}`, which is no number of points")));
        }
        points
    }
}

/// Number if all are numbers, else text.
pub(super) fn column_type<'c>(cells: impl Iterator<Item = &'c String>) -> Type {
    let mut any = false;
    for cell in cells {
        if number::read_number(cell).is_none() {
            return Type::Text;
        }
        any = true;
    }
    if any { Type::Number } else { Type::Text }
}

/// Whether a key is one of the words that stand for themselves.
pub(super) fn is_word(key: &str) -> bool {
    matches!(&*fold(key), "missing" | "otherwise")
}

/// The form in which keys are compared.
pub(super) fn key_of(cell: &str, key_type: Type) -> String {
    match key_type {
        Type::Number => number::read_number(cell).map_or_else(|| fold(cell).into_owned(), number::to_text),
        _ => fold(cell).into_owned(),
    }
}
