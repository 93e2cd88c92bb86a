//! Values, and how they are read from cells.
//!
//! Owns *The five types* of `docs/reference.md` and its *Appendix: reading cells*: what counts as missing, what cannot be read. The
//! comparison of values stands in `eval`.

use std::fmt;
use std::sync::Arc;

use crate::number::{self, NumberCell, NumberStyle, Range};
use crate::text;
use crate::time::{self, Date, DateShape, Written, Zone};

/// The type of a field, a property or an expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Type {
    /// Unicode text.
    Text,
    /// A float, or a range of them.
    Number,
    /// An instant or a whole day.
    Date,
    /// Yes or no; a condition is a flag too.
    Flag,
    /// Several texts, such as tags.
    List,
    /// A place on the ladder.
    Stage,
}

impl Type {
    /// The types that a field may have.
    const OF_FIELDS: [Type; 5] = [Type::Text, Type::Number, Type::Date, Type::Flag, Type::List];

    /// The type of a field that a word names, in letters of any size.
    #[must_use]
    pub fn by_name(word: &str) -> Option<Type> {
        Type::OF_FIELDS.into_iter().find(|t| t.to_string().eq_ignore_ascii_case(word))
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Type::Text => "text",
            Type::Number => "number",
            Type::Date => "date",
            Type::Flag => "flag",
            Type::List => "list",
            Type::Stage => "stage",
        })
    }
}

/// A text with the form in which it is compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// As it was written.
    pub written: String,
    /// As it is compared, see [`text::fold`].
    pub folded: String,
}

impl Text {
    /// A text as written, outer white space kept.
    #[must_use]
    pub fn new(written: &str) -> Arc<Text> {
        Arc::new(Text { folded: text::fold(written).into_owned(), written: written.to_owned() })
    }
}

/// A place where a lead can stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// A stage of the ladder, counted from the lowest, 0.
    Rank(usize),
    /// Outside the ladder, by a `disqualify` line.
    Disqualified,
    /// Not scored at all, by an `exclude` line.
    Excluded,
}

/// What an expression gives. A condition gives a flag; *unknown* is the missing flag.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Not known.
    Missing,
    /// Yes or no, true or false.
    Flag(bool),
    /// A number of at most 10^15 in size.
    Number(f64),
    /// A number cell that holds a range, with the cell.
    Range(Range, Arc<str>),
    /// In the second pass: a score of which only the bounds are known. Unlike a range, it can be calculated with.
    Between(Range),
    /// A day or an instant.
    Date(Date),
    /// A text.
    Text(Arc<Text>),
    /// Several texts, in the order of the cell.
    List(Arc<[Arc<Text>]>),
    /// A stage.
    Stage(Stage),
}

impl Value {
    /// Whether it is not known.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        matches!(self, Value::Missing)
    }

    /// Its type; none where it is missing.
    #[must_use]
    pub fn of_type(&self) -> Option<Type> {
        Some(match self {
            Value::Missing => return None,
            Value::Flag(_) => Type::Flag,
            Value::Number(_) | Value::Range(..) | Value::Between(_) => Type::Number,
            Value::Date(_) => Type::Date,
            Value::Text(_) => Type::Text,
            Value::List(_) => Type::List,
            Value::Stage(_) => Type::Stage,
        })
    }

    /// A number, or missing where it left 10^15 or is none.
    #[must_use]
    pub fn number(n: f64) -> Value {
        if n.abs() <= number::LARGEST { Value::Number(if n == 0.0 { 0.0 } else { n }) } else { Value::Missing }
    }
}

/// As a model prints it: nothing where missing, `yes` or `no`, the shortest decimal, the cell of a range, the text
/// trimmed, a list joined by `, `.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Missing => Ok(()),
            Value::Flag(yes) => f.write_str(if *yes { "yes" } else { "no" }),
            Value::Number(n) => f.write_str(&number::to_printed(*n)),
            Value::Range(_, cell) => f.write_str(text::trim(cell)),
            Value::Between(r) => write!(f, "{} to {}", number::to_printed(r.low), number::to_printed(r.high)),
            Value::Date(date) => date.fmt(f),
            Value::Text(text) => f.write_str(text::trim(&text.written)),
            Value::List(texts) => {
                for (i, text) in texts.iter().enumerate() {
                    write!(f, "{}{}", if i == 0 { "" } else { ", " }, text::trim(&text.written))?;
                }
                Ok(())
            }
            Value::Stage(stage) => write!(f, "{stage:?}"),
        }
    }
}

/// How the cells of a field are written, where a model says so.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CellFormat {
    /// How numbers are written; as `1,234.56` where nothing is said.
    pub numbers: Option<NumberStyle>,
    /// The shapes of dates, tried in order; ISO is the last.
    pub dates: Vec<DateShape>,
    /// What stands between the entries of a list, instead of `;`.
    pub separator: Option<String>,
    /// Where times without an offset are meant.
    pub zone: Zone,
}

impl CellFormat {
    /// A date in one of the shapes, the first that reads it.
    fn date(&self, cell: &str) -> Option<Written> {
        self.dates.iter().find_map(|shape| shape.read(cell))
    }

    /// Reads a text as a date: in one of the shapes, else as ISO.
    #[must_use]
    pub fn read_date(&self, text: &str) -> Option<Date> {
        self.date(text).or_else(|| time::read_iso(text)).map(|date| date.in_zone(&self.zone))
    }

    /// What is read where nothing is declared.
    pub const USUAL: &'static CellFormat =
        &CellFormat { numbers: None, dates: Vec::new(), separator: None, zone: Zone::UTC };
}

/// A cell as the file gives it, before it is read as a type.
#[derive(Debug, Clone, PartialEq)]
pub enum Raw {
    /// An empty cell, a JSON null, an absent column.
    Missing,
    /// A CSV cell or a JSON text.
    Text(String),
    /// A JSON number, as it was written.
    Number(String),
    /// A JSON true or false.
    Flag(bool),
    /// A JSON array of texts, numbers and flags, each as text.
    List(Vec<String>),
    /// A JSON object, or an array that holds one: readable as no type. As it was written, cut at 200 characters.
    Nested(String),
}

impl Raw {
    /// A text cell; missing where there is nothing to see.
    #[must_use]
    pub fn cell(text: &str) -> Raw {
        if text::is_blank(text) { Raw::Missing } else { Raw::Text(text.to_owned()) }
    }

    /// The cell as people see it.
    #[must_use]
    pub fn as_text(&self) -> std::borrow::Cow<'_, str> {
        match self {
            Raw::Missing => "".into(),
            Raw::Text(t) | Raw::Number(t) | Raw::Nested(t) => t.as_str().into(),
            Raw::Flag(yes) => if *yes { "true" } else { "false" }.into(),
            Raw::List(texts) => texts.join(", ").into(),
        }
    }

    /// Reads the cell as a type: the value, [`Value::Missing`] where there is none, or `None` where it cannot be read.
    /// What `format` says of how cells are written holds for texts; its dates for numbers, too.
    #[must_use]
    pub fn read(&self, as_type: Type, format: &CellFormat) -> Option<Value> {
        match (as_type, self) {
            (_, Raw::Missing) => Some(Value::Missing),
            (_, Raw::Text(t)) if text::is_blank(t) => Some(Value::Missing),
            (_, Raw::Nested(_)) | (Type::Stage, _) => None,
            // An array is a list, whatever the model's uses of the field say of its type.
            (Type::Text | Type::List, Raw::List(texts)) => Some(list(texts.iter().map(String::as_str))),
            (Type::List, Raw::Text(t)) => {
                let trimmed = text::trim(t);
                if trimmed.starts_with('[')
                    && let Ok(texts) = serde_json::from_str::<Vec<serde_json::Value>>(trimmed)
                {
                    return Raw::array(&texts).read(Type::List, format);
                }
                Some(match &format.separator {
                    Some(separator) => list(t.split(separator.as_str())),
                    None => list(t.split(';')),
                })
            }
            (Type::List, Raw::Number(_) | Raw::Flag(_)) => Some(list(std::iter::once(&*self.as_text()))),
            (_, Raw::List(_)) => None,
            (Type::Text, _) => Some(Value::Text(Text::new(&self.as_text()))),
            (Type::Number, Raw::Text(t)) => match number::read_cell(t, format.numbers.unwrap_or(NumberStyle::Point))? {
                NumberCell::Number(n) => Some(Value::number(n)),
                NumberCell::Range(r) => Some(Value::Range(r, t.as_str().into())),
            },
            (Type::Number, Raw::Number(t)) => {
                let n: f64 = t.parse().ok()?;
                (n.abs() <= number::LARGEST).then(|| Value::number(n))
            }
            (Type::Date, Raw::Text(t)) => format.read_date(t).map(Value::Date),
            // A number alone is no date; as a declared shape has it, it may be.
            (Type::Date, Raw::Number(t)) => format.date(t).map(|date| Value::Date(date.in_zone(&format.zone))),
            (Type::Flag, Raw::Flag(yes)) => Some(Value::Flag(*yes)),
            (Type::Flag, Raw::Text(t) | Raw::Number(t)) => match &*text::fold(t) {
                "yes" | "true" | "y" | "1" => Some(Value::Flag(true)),
                "no" | "false" | "n" | "0" => Some(Value::Flag(false)),
                _ => None,
            },
            (Type::Number | Type::Date, Raw::Flag(_)) => None,
        }
    }

    /// A JSON value as a cell.
    #[must_use]
    pub fn from_json(value: &serde_json::Value) -> Raw {
        match value {
            serde_json::Value::Null => Raw::Missing,
            serde_json::Value::Bool(yes) => Raw::Flag(*yes),
            serde_json::Value::Number(n) => Raw::Number(n.to_string()),
            serde_json::Value::String(t) => Raw::Text(t.clone()),
            serde_json::Value::Array(values) => Raw::array(values),
            serde_json::Value::Object(_) => Raw::nested(value),
        }
    }

    fn array(values: &[serde_json::Value]) -> Raw {
        let mut texts = Vec::with_capacity(values.len());
        for value in values {
            match Raw::from_json(value) {
                Raw::Missing => {}
                Raw::List(_) | Raw::Nested(_) => return Raw::nested(&serde_json::Value::Array(values.to_vec())),
                scalar => texts.push(scalar.as_text().into_owned()),
            }
        }
        Raw::List(texts)
    }

    fn nested(value: &serde_json::Value) -> Raw {
        Raw::Nested(value.to_string().chars().take(200).collect())
    }
}

fn list<'a>(texts: impl Iterator<Item = &'a str>) -> Value {
    Value::List(texts.map(text::trim).filter(|t| !text::is_blank(t)).map(Text::new).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_that_cannot_be_read() {
        assert_eq!(Raw::cell("twelve").read(Type::Number, CellFormat::USUAL), None);
        assert_eq!(Raw::cell("maybe").read(Type::Flag, CellFormat::USUAL), None);
        assert_eq!(Raw::cell("07/04/2025").read(Type::Date, CellFormat::USUAL), None);
        assert_eq!(Raw::Number("1e16".into()).read(Type::Number, CellFormat::USUAL), None);
        assert_eq!(Raw::cell(" \u{a0}").read(Type::Number, CellFormat::USUAL), Some(Value::Missing));
    }

    #[test]
    fn lists() {
        let Some(Value::List(texts)) = Raw::cell("vip; Early Bird ;").read(Type::List, CellFormat::USUAL) else {
            panic!()
        };
        assert_eq!(texts.iter().map(|t| t.folded.as_str()).collect::<Vec<_>>(), ["vip", "early bird"]);
        assert_eq!(
            Raw::cell(r#"["a", 1]"#).read(Type::List, CellFormat::USUAL),
            Raw::List(vec!["a".into(), "1".into()]).read(Type::List, CellFormat::USUAL)
        );
        assert_eq!(Raw::List(vec![]).read(Type::List, CellFormat::USUAL), Some(Value::List(Arc::new([]))));
    }
}
