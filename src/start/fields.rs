//! The columns worth asking about, as fields of the model.

use std::fmt::Write as _;

use super::columns::{Kind, UNSHOWN, common_name, common_values, dates_as, is_personal, kind};
use super::survey::Column;
use super::write::{Found, comment, quoted, typed};
use crate::messages::start as say;
use crate::number::{NumberStyle, grouped, to_text};
use crate::text::name_key;
use crate::time::{Date, Written, Zone};
use crate::value::{CellFormat, Raw, Type, Value};

/// More fields than these are left to be asked for by name.
const MOST_FIELDS: usize = 40;

/// Names that mean something else.
const TAKEN: &[&str] =
    &["score", "stage", "current", "disqualified", "excluded", "could_be", "points", "icp", "next_step"];

/// A column that becomes a field.
pub struct FieldOut<'f> {
    /// The column.
    pub column: &'f Column,
    /// The name of the field.
    pub name: String,
    /// What its cells are.
    pub kind: Kind,
    /// Whether a library has it.
    pub is_known: bool,
    /// The values that many leads share.
    pub values: Vec<(String, u64)>,
}

/// The columns worth asking about.
pub fn fields<'f>(found: &Found<'f>, unsure: &mut Vec<String>) -> Vec<FieldOut<'f>> {
    let survey = found.leads;
    let kinds: Vec<Kind> = survey.columns.iter().map(|column| kind(column, false)).collect();
    let is_comma = kinds.iter().any(|kind| matches!(kind, Kind::Number(NumberStyle::Comma)));
    let system = found.systems.iter().find(|s| !s.fields.is_empty());
    let system_field = |key: &str| {
        let mut fields = system.into_iter().flat_map(|s| &s.fields);
        fields.find(|(_, keys)| keys.iter().any(|k| k == key)).map(|(name, _)| name.clone())
    };
    let mut out: Vec<FieldOut<'f>> = Vec::new();
    let mut left = 0;
    for ((at, column), usual) in survey.columns.iter().enumerate().zip(kinds) {
        if column.filled == 0 || !column.key.contains(char::is_alphanumeric) || column.key == "events" {
            continue;
        }
        let known = system_field(&column.key);
        let common = common_name(&column.key).filter(|name| !out.iter().any(|f| f.name == *name));
        let is_known = known.is_some();
        let name = known.or_else(|| common.map(str::to_owned)).unwrap_or_else(|| own_name(&column.key));
        let is_common = is_known || common.is_some();
        if out.iter().any(|f| f.name == name) || Some(at) == survey.id && name != "email" {
            continue;
        }
        // Where a column has commas, those of others that look like points have them, too.
        let kind = if is_comma && matches!(usual, Kind::Number(_)) { kind(column, true) } else { usual };
        let values = match kind {
            Kind::Text | Kind::List(_) => common_values(column, &name, 8),
            _ => Vec::new(),
        };
        let is_wanted = match name.as_str() {
            "email" | "title" | "company" | "domain" => true,
            _ if (UNSHOWN.contains(&name.as_str()) || !is_known) && is_personal(column, &name) => false,
            _ => is_common || !values.is_empty() || !matches!(kind, Kind::Text),
        };
        if !is_wanted {
            continue;
        }
        if out.len() >= MOST_FIELDS && !is_common {
            left += 1;
            continue;
        }
        if let Kind::Date(shapes, true) = &kind {
            unsure.push(say::dates_either_way(&format!("`{}`", column.name), shapes));
        }
        out.push(FieldOut { column, name, kind, is_known, values });
    }
    if left > 0 {
        unsure.push(say::more_columns(left));
    }
    out
}

/// A name for a column of no common meaning.
pub fn own_name(key: &str) -> String {
    let key = key.replace('.', "_");
    if TAKEN.contains(&key.as_str()) { format!("crm_{key}") } else { key }
}

pub fn field_lines(out: &mut String, fields: &[FieldOut<'_>]) {
    let about = |field: &FieldOut<'_>| {
        let mut about = format!("{:.0} % filled", field.column.share_filled() * 100.0);
        if !field.values.is_empty() {
            let values: Vec<String> =
                field.values.iter().map(|(value, n)| format!("{value} ({})", grouped(*n))).collect();
            let _ = write!(about, ": {}", values.join(", "));
            if field.column.values.different() > field.values.len() {
                about.push_str(", …");
            }
        } else if let Kind::Number(style) = field.kind
            && let Some([low, high]) = quarters(field.column, style)
        {
            let _ = write!(about, ", half of them from {} to {}", to_text(low), to_text(high));
        }
        comment(&about)
    };
    let (known, own): (Vec<_>, Vec<_>) = fields.iter().partition(|f| f.is_known);
    if !known.is_empty() {
        out.push_str("# Fields that come with the library, as your export has them:\n");
        for field in known {
            let _ = writeln!(out, "#   {} (`{}`), {}", field.name, comment(&field.column.name), about(field));
            if let Kind::List(_) = &field.kind {
                let _ = writeln!(out, "field {}: {}", typed(&field.name), type_of(field));
            }
        }
        out.push('\n');
    }
    for field in own {
        let _ = writeln!(out, "# {}\n{}", about(field), declared(field));
    }
    out.push('\n');
}

/// The type of a field, as it is declared.
fn type_of(field: &FieldOut<'_>) -> String {
    match &field.kind {
        Kind::Text => "text".to_owned(),
        Kind::Number(_) => "number".to_owned(),
        Kind::Date(..) => "date".to_owned(),
        Kind::Flag => "flag".to_owned(),
        Kind::List(None) => "list".to_owned(),
        Kind::List(Some(separator)) => format!("list {}", quoted(separator)),
    }
}

/// The line that declares a field.
fn declared(field: &FieldOut<'_>) -> String {
    let from = if name_key(&field.name) == field.column.key {
        String::new()
    } else {
        format!(" from {}", quoted(&field.column.name))
    };
    format!("field {}: {}{from}", typed(&field.name), type_of(field))
}

/// What a cell of a field may hold, of nobody in particular: as data has it, and as a test does.
pub fn typical(field: &FieldOut<'_>, today: i64) -> Option<(String, String)> {
    let written = |text: &str| Some((text.to_owned(), quoted(text)));
    match (&field.kind, field.values.first()) {
        (Kind::Number(style), _) => median(field.column, *style).map(|n| (format!("{n}"), to_text(n))),
        (Kind::Flag, _) => Some(("no".to_owned(), "no".to_owned())),
        (Kind::Date(..), _) => {
            let day = Written::Day(today - 30).to_string();
            Some((day.clone(), day))
        }
        (_, Some((value, _))) => written(value),
        _ => match field.name.as_str() {
            "email" => written("kim@company.example"),
            "title" => written("Head of Operations"),
            "company" => written("Example Ltd"),
            "domain" => written("company.example"),
            _ => written("Other"),
        },
    }
}

/// The numbers of a column in order, ranges left out.
fn numbers(column: &Column, style: NumberStyle) -> Vec<f64> {
    let format = CellFormat { numbers: Some(style), ..CellFormat::default() };
    let mut all: Vec<f64> = Vec::new();
    for (value, n) in column.values.most_frequent(usize::MAX) {
        if let Some(Value::Number(number)) = Raw::Text(value.to_owned()).read(Type::Number, &format) {
            all.extend(std::iter::repeat_n(number, usize::try_from(n.min(1000)).unwrap_or(1)));
        }
    }
    all.sort_by(f64::total_cmp);
    all
}

/// The number in the middle.
fn median(column: &Column, style: NumberStyle) -> Option<f64> {
    let all = numbers(column, style);
    all.get(all.len() / 2).copied()
}

/// Between which numbers the middle half lies; none of few.
fn quarters(column: &Column, style: NumberStyle) -> Option<[f64; 2]> {
    let all = numbers(column, style);
    (all.len() >= 20).then_some([*all.get(all.len() / 4)?, *all.get(all.len() * 3 / 4)?])
}

/// The day of the newest activity; else of the newest date of a lead; else as-of.
pub fn newest(found: &Found<'_>, fields: &[FieldOut<'_>]) -> i64 {
    let of_leads = || {
        let of = |field: &FieldOut<'_>| {
            let Kind::Date(shapes, _) = &field.kind else { return None };
            let format = dates_as(shapes);
            let values = field.column.values.most_frequent(usize::MAX);
            values.iter().filter_map(|(v, _)| format.read_date(v)).map(Date::first).max()
        };
        fields.iter().filter_map(of).filter(|date| *date <= found.as_of).max()
    };
    let last = found.logs.iter().filter_map(|log| log.last).max();
    Date::Instant(last.or_else(of_leads).unwrap_or(found.as_of)).day_number(&Zone::UTC)
}
