//! The tables: what they are called, which columns they have, and which of them play a part.

use super::dialect::Dialect;
use crate::model::{Field, Model};
use crate::text::name_key;
use crate::value::Type;

/// How dates stand in a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stored {
    /// As days.
    Day,
    /// As instants.
    Instant,
    /// As what clocks show, without a zone.
    Local,
    /// Nobody has said.
    Unknown,
}

/// The tables: what they are called, and which columns they have.
#[derive(Debug, Clone)]
pub struct Schema {
    /// The table of leads, perhaps with its schema before a dot.
    pub leads: String,
    /// The table of activity.
    pub events: String,
    /// The columns of the leads with their types, where they are known.
    pub lead_columns: Vec<(String, String)>,
    /// The columns of activity.
    pub event_columns: Vec<(String, String)>,
}

impl Default for Schema {
    fn default() -> Schema {
        let (leads, events) = ("leads".to_owned(), "events".to_owned());
        Schema { leads, events, lead_columns: Vec::new(), event_columns: Vec::new() }
    }
}

impl Schema {
    /// The fields whose columns hold another type, with the column and its type. A text is no number, date or flag; in SQLite it may
    /// be a date.
    #[must_use]
    pub fn problems<'m>(&self, model: &'m Model, dialect: Option<Dialect>) -> Vec<(&'m Field, String, String)> {
        let has_dates = dialect != Some(Dialect::Sqlite);
        let wrong = |field: &&'m Field| {
            let column = self.column_of(&field.name, &field.keys);
            let (_, of_type) = self.lead_columns.iter().find(|(name, _)| *name == column)?;
            let wants = matches!(field.of_type, Type::Number | Type::Flag) || field.of_type == Type::Date && has_dates;
            (wants && is_text(of_type)).then(|| (*field, column, of_type.clone()))
        };
        model.fields.iter().filter_map(|field| wrong(&field)).collect()
    }

    /// The column that feeds a field.
    pub(crate) fn column_of(&self, name: &str, keys: &[String]) -> String {
        let of = |key: &String| self.lead_columns.iter().find(|(column, _)| name_key(column) == *key);
        keys.iter().find_map(of).map_or_else(|| name.to_owned(), |(column, _)| column.clone())
    }

    /// The columns of activity that play a part, of which the first that says something counts: those that the model names and the
    /// table has, then the usual one.
    pub(super) fn events(&self, name: &str, others: &[String]) -> Vec<String> {
        if let ([only], true) = (others, self.event_columns.is_empty()) {
            return vec![only.clone()];
        }
        let others = others.iter().filter(|other| self.has(&self.event_columns, other));
        let mut columns: Vec<String> = others.map(|other| self.property(other, &name_key(other))).collect();
        let usual = self.property(name, name);
        // Whose a record is says what the model names, or the usual column.
        let counts = name != "lead_id" && self.has(&self.event_columns, name) && !columns.contains(&usual);
        if counts || columns.is_empty() {
            columns.push(usual);
        }
        columns
    }

    /// The first of these columns.
    pub(crate) fn event(&self, name: &str, others: &[String]) -> String {
        self.events(name, others).swap_remove(0)
    }

    /// The columns that hold the id of a lead: in the leads, and in the activity.
    pub(crate) fn ids(&self, model: &Model) -> (String, String) {
        let keys = ["lead_id".to_owned()];
        let of_lead = model.leads.id.clone().unwrap_or_else(|| self.column_of("lead_id", &keys));
        let by_id = model.log.lead.iter().filter(|lead| lead.field.is_none());
        let others: Vec<String> = by_id.flat_map(|lead| lead.columns.clone()).collect();
        (of_lead, self.event("lead_id", &others))
    }

    pub(crate) fn has(&self, columns: &[(String, String)], wanted: &str) -> bool {
        columns.iter().any(|(column, _)| name_key(column) == name_key(wanted))
    }

    /// A column of activity that holds a property.
    pub(crate) fn property(&self, name: &str, key: &str) -> String {
        let found = self.event_columns.iter().find(|(column, _)| name_key(column) == key);
        found.map_or_else(|| name.to_owned(), |(column, _)| column.clone())
    }

    /// Whether a column surely holds integers, which are texts as well.
    pub(super) fn holds_integers(&self, column: &str) -> bool {
        let columns = self.lead_columns.iter().chain(&self.event_columns);
        let is_one = |of_type: &str| {
            let of_type = of_type.to_ascii_lowercase();
            of_type.contains("int") && !of_type.contains("interval") && !is_list(&of_type)
        };
        columns.into_iter().any(|(name, of_type)| name == column && is_one(of_type))
    }

    /// How dates stand in a column, by its type.
    pub(super) fn stored(&self, column: &str) -> Stored {
        let columns = self.lead_columns.iter().chain(&self.event_columns);
        let Some((_, of_type)) = columns.into_iter().find(|(name, _)| name == column) else { return Stored::Unknown };
        let of_type = of_type.to_ascii_lowercase();
        if of_type.contains("tz") && !of_type.contains("ntz") || of_type.contains("with time zone") {
            Stored::Instant
        } else if of_type.contains("time") {
            Stored::Local
        } else if of_type.contains("date") {
            Stored::Day
        } else {
            Stored::Unknown
        }
    }
}

/// Whether a type is one of texts.
pub(super) fn is_text(of_type: &str) -> bool {
    let of_type = of_type.to_ascii_lowercase();
    ["char", "text", "string", "clob"].iter().any(|word| of_type.contains(word)) && !is_list(&of_type)
}

/// Whether a type, in small letters, is one of lists.
fn is_list(of_type: &str) -> bool {
    of_type.contains('[') || of_type.contains("array") || of_type.contains("list")
}
