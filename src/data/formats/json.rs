//! JSON objects as rows: nested objects flattened to dotted paths, one column for each path.
//!
//! Owns JSON and JSON Lines as formats, and the two passes over JSON: the first finds the columns, the second reads one object at a time, so that memory
//! stays near the text itself. Where objects begin and end is told by `elements`.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::fmt;

use serde::de::{Deserializer as _, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::elements::{Element, Elements};
use super::lines::Lines;
use super::{ByRow, Reader};
use crate::data::source::Held;
use crate::data::table::{Body, Columns, Parsed, Table, TableRow, Wanted};
use crate::diagnostic::Diagnostic;
use crate::messages::data as messages;
use crate::text::name_key;
use crate::value::Raw;

/// An array of objects, or objects one after the other.
pub(super) static OBJECTS: Reader = Reader {
    name: "json",
    endings: &["json"],
    is_like: |text| array_begins(text) || text.starts_with('{') && goes_on(text),
    may_be_blank: false,
    read: |name, held, wanted| read(name, held, wanted, false),
    by_row: ByRow::No,
};

/// One object a line.
pub(super) static LINES: Reader = Reader {
    name: "jsonl",
    endings: &["jsonl", "ndjson"],
    // Of what `OBJECTS` does not take.
    is_like: |text| text.starts_with('{'),
    may_be_blank: true,
    read: |name, held, wanted| read(name, held, wanted, true),
    by_row: ByRow::Lines,
};

/// Objects deeper than this are cells.
const DEEPEST: usize = 16;
/// More columns than this are no table: their keys are data.
const MOST_COLUMNS: usize = 10_000;
/// Between the keys of a path; in no key that anybody writes.
const SEPARATOR: char = '\0';

/// Whether a text begins with an array of JSON; `[Lead ID],[Name]` is the header of a database export.
fn array_begins(text: &str) -> bool {
    let Some(rest) = text.strip_prefix('[').map(str::trim_start) else { return false };
    match rest.bytes().next() {
        None | Some(b'{' | b'[' | b']' | b'"' | b'-' | b'0'..=b'9') => true,
        Some(_) => ["null", "true", "false"].iter().any(|word| rest.starts_with(word)),
    }
}

/// Whether the object with which a text begins goes on in the next line. Where that begins an object of its own, the first is
/// one that was cut off.
fn goes_on(text: &str) -> bool {
    let mut lines = text.split(['\n', '\r']).map(str::trim).filter(|line| !line.is_empty());
    let first = serde_json::from_str::<serde::de::IgnoredAny>(lines.next().unwrap_or(""));
    first.is_err_and(|e| e.is_eof()) && lines.next().is_some_and(|line| !line.starts_with('{'))
}

/// Finds the columns of a text.
fn read(name: &str, held: Held, wanted: &Wanted<'_>, by_line: bool) -> Result<Parsed, Diagnostic> {
    let text = held.into_text();
    let found = columns(name, &text, by_line, wanted)?;
    Ok(Parsed {
        columns: found.columns,
        notes: found.is_cut_off.then(|| messages::cut_off(name)).into_iter().collect(),
        unwanted: found.unwanted,
        is_empty: found.is_empty,
        empty: None,
        array_within: found.array_within,
        header_seems: None,
        other_sheets: Vec::new(),
        body: Box::new(Objects { text, by_line, shape: found.shape }),
    })
}

/// The text of a JSON file, whose columns are known.
#[derive(Debug)]
struct Objects {
    text: String,
    by_line: bool,
    shape: Shape,
}

impl Body for Objects {
    fn rows<'t>(&'t self, of: &'t Table) -> Box<dyn Iterator<Item = TableRow<'t>> + 't> {
        let Objects { text, by_line, shape } = self;
        // Where a CR may stand in JSON, it ends a line.
        let mut lines = Lines::new(text, true);
        Box::new(Elements::new(text, *by_line).map(move |element| {
            let line = lines.line_of(element.at) + of.lines_before();
            let object = shape.read(element, &of.columns, line);
            TableRow { line, cells: object.cells, events: object.events, error: object.error }
        }))
    }

    fn rest(&self, text: String) -> Box<dyn Body> {
        Box::new(Objects { text, by_line: self.by_line, shape: self.shape.clone() })
    }
}

/// Where the values of an object go.
#[derive(Debug, Default, Clone)]
struct Shape {
    /// The number of the column of each path, the keys with [`SEPARATOR`] between them.
    columns: HashMap<String, usize>,
    /// By column the first one of the same name, where there are several of one name.
    same_name: Vec<usize>,
    /// Whether an array of objects under `events` is the activity of the lead.
    events: bool,
}

/// What the first pass finds.
#[derive(Debug)]
struct Found {
    pub columns: Columns,
    pub shape: Shape,
    /// The names of some columns that nobody wants, for messages.
    pub unwanted: Vec<String>,
    /// Whether there is any object at all.
    pub is_empty: bool,
    /// Whether the text ends before its array does.
    pub is_cut_off: bool,
    /// Of a single object, the name of an array of objects in it: perhaps the leads themselves.
    pub array_within: Option<String>,
}

#[derive(Debug, Default)]
struct Path {
    /// Somewhere it holds a value, that is no object and not null.
    value: bool,
    /// Somewhere it holds an object.
    object: bool,
}

/// The first pass: which columns there are, in the order in which they first appear.
fn columns(name: &str, text: &str, by_line: bool, wanted: &Wanted) -> Result<Found, Diagnostic> {
    let mut order: Vec<Path> = Vec::new();
    let mut numbers: HashMap<String, usize> = HashMap::new();
    let mut elements = Elements::new(text, by_line);
    let mut count = 0_u64;
    let mut array_within = None;
    for element in &mut elements {
        count += 1;
        // What is wrong with an element is told in the second pass.
        let _ = walk(element.text, &mut String::new(), 0, !wanted.events, &mut |path, value, branch| {
            if wanted.events && is_events(path, value) {
                return;
            }
            if count == 1 && is_array_of_objects(value) && !path.contains(SEPARATOR) {
                array_within.get_or_insert_with(|| path.to_owned());
            }
            let number = numbers.get(path).copied().unwrap_or_else(|| {
                numbers.insert(path.to_owned(), order.len());
                order.push(Path::default());
                order.len() - 1
            });
            if let Some(seen) = order.get_mut(number) {
                seen.object |= branch;
                seen.value |= !branch && value != "null";
            }
        });
        if order.len() > MOST_COLUMNS * 10 {
            return Err(messages::too_many_names(name, MOST_COLUMNS));
        }
    }
    let is_cut_off = elements.is_cut_off();
    let mut paths: Vec<(String, usize)> = numbers.into_iter().collect();
    paths.sort_unstable_by_key(|&(_, number)| number);
    // A path that is an object here and null there is no column; one that is nothing but null is.
    let paths = paths.into_iter().filter(|(_, n)| order.get(*n).is_some_and(|seen| seen.value || !seen.object));
    let mut found = Found {
        columns: Columns::default(),
        shape: Shape { columns: HashMap::new(), same_name: Vec::new(), events: wanted.events },
        unwanted: Vec::new(),
        is_empty: count == 0,
        is_cut_off,
        array_within: array_within.filter(|_| count == 1),
    };
    for (path, _) in paths {
        let name = path.replace(SEPARATOR, ".");
        let key = path.split(SEPARATOR).map(name_key).collect::<Vec<_>>().join(".");
        if (wanted.column)(&key) {
            found.shape.columns.insert(path, found.columns.names.len());
            found.columns.names.push(name);
            found.columns.keys.push(key);
        } else if found.unwanted.len() < 30 {
            found.unwanted.push(name);
        }
    }
    if found.columns.names.len() > MOST_COLUMNS {
        return Err(messages::too_many_names(name, MOST_COLUMNS));
    }
    let mut first: HashMap<&str, usize> = HashMap::new();
    let same_name: Vec<usize> =
        found.columns.keys.iter().enumerate().map(|(i, key)| *first.entry(key).or_insert(i)).collect();
    if first.len() < same_name.len() {
        found.shape.same_name = same_name;
    }
    Ok(found)
}

/// An object as a row.
#[derive(Debug)]
struct Object<'t> {
    /// By column; where the object is broken, what stands before the break.
    pub cells: Vec<Raw>,
    /// The array under `events`, as JSON.
    pub events: Option<&'t str>,
    pub error: Option<Diagnostic>,
}

impl Shape {
    /// The second pass: reads one element. `line` is where it starts.
    fn read<'t>(&self, element: Element<'t>, columns: &Columns, line: u64) -> Object<'t> {
        let mut object = Object { cells: vec![Raw::Missing; columns.names.len()], events: None, error: None };
        let mut bad_cell = None;
        // The columns in the order of this object, where that matters.
        let mut order = Vec::new();
        let end = element.text.as_bytes().as_ptr_range().end;
        let read = walk(element.text, &mut String::new(), 0, !self.events, &mut |path, value, _| {
            if value.as_bytes().as_ptr_range().end == end {
                // The object was cut off here, and who knows how this number went on.
                return;
            }
            if self.events && is_events(path, value) {
                object.events.get_or_insert(value);
            } else if let Some((&number, cell)) =
                self.columns.get(path).and_then(|number| Some((number, object.cells.get_mut(*number)?)))
            {
                match raw(value) {
                    // Of several values of one name the first that is not missing counts.
                    Ok(read) if *cell == Raw::Missing && read != Raw::Missing => {
                        *cell = read;
                        if !self.same_name.is_empty() {
                            order.push(number);
                        }
                    }
                    Ok(_) => {}
                    Err(error) => bad_cell = Some(error),
                }
            }
        });
        self.put_in_order(order, &mut object.cells);
        object.error = match read.err() {
            Some(Broken::NoObject(what)) => Some(messages::not_an_object(line, what)),
            Some(Broken::Json(error)) => {
                Some(messages::broken_json(line + (error.line() as u64).saturating_sub(1), &why(&error)))
            }
            None => bad_cell.map(|error| messages::broken_json(line, &why(&error))),
        };
        object
    }
}

impl Shape {
    /// Puts the values of columns of one name into the order in which the object has them, whatever other objects have.
    fn put_in_order(&self, order: Vec<usize>, cells: &mut [Raw]) {
        let mut by_name: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for column in order {
            by_name.entry(self.same_name.get(column).copied().unwrap_or(column)).or_default().push(column);
        }
        for columns in by_name.into_values().filter(|columns| !columns.is_sorted()) {
            let values: Vec<Raw> = columns.iter().map(|&c| cells.get(c).cloned().unwrap_or(Raw::Missing)).collect();
            let mut sorted = columns;
            sorted.sort_unstable();
            for (column, value) in sorted.into_iter().zip(values) {
                if let Some(cell) = cells.get_mut(column) {
                    *cell = value;
                }
            }
        }
    }
}

/// Whether a value at the top of an object is the activity of the lead: an array of objects, or an empty one.
fn is_events(path: &str, value: &str) -> bool {
    let is_empty = || value.strip_prefix('[').is_some_and(|rest| rest.trim_start() == "]");
    (is_array_of_objects(value) || is_empty()) && name_key(path) == "events"
}

fn is_array_of_objects(value: &str) -> bool {
    value.strip_prefix('[').is_some_and(|rest| rest.trim_start().starts_with('{'))
}

/// Goes through an element of an array of activity records: calls `found` with each key and cell. For `pairs` see [`walk`].
pub(in crate::data) fn each_cell(json: &str, pairs: bool, mut found: impl FnMut(&str, Raw)) -> Result<(), String> {
    let mut bad_cell = None;
    let mut name = String::new();
    walk(json, &mut String::new(), 0, pairs, &mut |path, value, branch| {
        if branch {
            return;
        }
        match raw(value) {
            Ok(cell) => {
                name.clear();
                name.extend(path.chars().map(|c| if c == SEPARATOR { '.' } else { c }));
                found(&name, cell);
            }
            Err(error) => bad_cell = Some(error),
        }
    })
    .map_err(|broken| broken.to_string())?;
    bad_cell.map_or(Ok(()), |error| Err(why(&error)))
}

/// The elements of a JSON array, each as JSON.
pub(in crate::data) fn array(json: &str) -> Result<Vec<&str>, String> {
    let values: Vec<&RawValue> = serde_json::from_str(json).map_err(|error| why(&error))?;
    Ok(values.into_iter().map(RawValue::get).collect())
}

/// Why an element is no row.
enum Broken {
    Json(serde_json::Error),
    /// What it is.
    NoObject(&'static str),
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Broken::Json(error) => f.write_str(&why(error)),
            Broken::NoObject(what) => write!(f, "{what} instead of an object"),
        }
    }
}

/// Calls `found` with the path and the JSON of every value of an object, and whether it is an object whose own values
/// follow. What stands before a break is found too. With `pairs`, an array of objects with `key` and `value` is an object with these keys,
/// as the exports of Google Analytics have it.
fn walk<'t>(
    json: &'t str,
    path: &mut String,
    depth: usize,
    pairs: bool,
    found: &mut dyn FnMut(&str, &'t str, bool),
) -> Result<(), Broken> {
    if !json.starts_with('{') {
        // What is no JSON at all is called that; what is JSON, but no object, is called what it is.
        serde_json::from_str::<serde::de::IgnoredAny>(json).map_err(Broken::Json)?;
        return Err(Broken::NoObject(match json.bytes().next() {
            Some(b'[') => "an array",
            Some(b'"') => "a text",
            Some(b'n') => "null",
            Some(b't' | b'f') => "a flag",
            _ => "a number",
        }));
    }
    let mut nested = Ok(());
    let mut each = |key: &str, value: &'t str| {
        let length = path.len();
        if depth > 0 {
            path.push(SEPARATOR);
        }
        path.push_str(key);
        let branch = value.starts_with('{') && depth < DEEPEST;
        found(path, value, branch);
        if branch {
            nested = walk(value, path, depth + 1, pairs, found);
        } else if pairs && value.starts_with('[') {
            for (key, value) in pairs_of(value).unwrap_or_default() {
                let length = path.len();
                path.push(SEPARATOR);
                path.push_str(&key);
                found(path, value, false);
                path.truncate(length);
            }
        }
        path.truncate(length);
        nested.is_ok()
    };
    let mut json = serde_json::Deserializer::from_str(json);
    json.deserialize_map(Entries(&mut each)).and_then(|()| json.end()).map_err(Broken::Json)?;
    nested
}

/// The keys and values of an array of pairs: `[{"key": "page", "value": {"string_value": "/pricing", "int_value": null}}]`; none where an element
/// is something else.
fn pairs_of(json: &str) -> Option<Vec<(Cow<'_, str>, &str)>> {
    #[derive(serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Pair<'t> {
        #[serde(borrow)]
        key: Cow<'t, str>,
        #[serde(borrow)]
        value: &'t RawValue,
    }
    if !json.contains("\"key\"") {
        return None;
    }
    let pairs: Vec<Pair<'_>> = serde_json::from_str(json).ok()?;
    Some(pairs.into_iter().map(|pair| (pair.key, typed_value(pair.value.get()))).collect())
}

/// Of an object with a value for each type, the one that is there; any other value as it is.
fn typed_value(json: &str) -> &str {
    if !json.starts_with('{') {
        return json;
    }
    let mut said = None;
    let mut is_typed = true;
    let mut each = |key: &str, value| {
        is_typed &= key.ends_with("_value");
        if value != "null" {
            said.get_or_insert(value);
        }
        true
    };
    let read = serde_json::Deserializer::from_str(json).deserialize_map(Entries(&mut each));
    if read.is_ok() && is_typed { said.unwrap_or("null") } else { json }
}

/// A visitor that hands on each key and the JSON of its value as soon as it is read.
struct Entries<'f, 't>(&'f mut dyn FnMut(&str, &'t str) -> bool);

#[derive(serde::Deserialize)]
struct Key<'t>(#[serde(borrow)] Cow<'t, str>);

impl<'t> Visitor<'t> for Entries<'_, 't> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'t>>(self, mut entries: A) -> Result<(), A::Error> {
        let mut goes_on = true;
        while let Some((key, value)) = entries.next_entry::<Key<'t>, &'t RawValue>()? {
            goes_on = goes_on && (self.0)(&key.0, value.get());
        }
        Ok(())
    }
}

/// The JSON of a value as a cell.
fn raw(json: &str) -> Result<Raw, serde_json::Error> {
    Ok(match json.bytes().next() {
        Some(b'n') | None => Raw::Missing,
        Some(b't') => Raw::Flag(true),
        Some(b'f') => Raw::Flag(false),
        Some(b'"') => Raw::cell(&serde_json::from_str::<Key>(json)?.0),
        Some(b'[') => match serde_json::from_str::<serde_json::Value>(json) {
            Ok(value) => Raw::from_json(&value),
            Err(_) => Raw::Nested(json.chars().take(200).collect()),
        },
        Some(b'{') => Raw::Nested(json.chars().take(200).collect()),
        Some(_) => Raw::Number(json.to_owned()),
    })
}

/// What is wrong with a JSON text, in our words as far as it goes.
fn why(error: &serde_json::Error) -> String {
    if error.is_eof() {
        return "it ends too early".to_owned();
    }
    let words = error.to_string();
    let words = words.split(" at line ").next().unwrap_or("");
    let words = match words {
        "expected value" => "there is no value",
        "key must be a string" => "a name stands without double quotes",
        "trailing comma" => "a comma stands before the end",
        "trailing characters" => "something follows the end",
        "recursion limit exceeded" => "it is nested too deeply",
        w if w.starts_with("control character") => "a text is not closed before the end of its line",
        other => other,
    };
    format!("{words}, at character {}", error.column())
}
