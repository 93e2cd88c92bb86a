//! From the cells of a row to the lead that a model is asked about.
//!
//! Owns which column feeds which field, and the reading of cells as the field's type. Knows nothing of files.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::lead::{Activity, Lead};
use crate::model::{Field, Model};
use crate::remembered::Remembered;
use crate::value::{CellFormat, Raw, Text, Type, Value};

/// Which columns feed which fields.
#[derive(Debug, Clone)]
pub struct Binding<'m> {
    model: &'m Model,
    /// For each field the columns that may hold it, the first wanted first.
    columns: Vec<Vec<usize>>,
}

impl<'m> Binding<'m> {
    /// Finds the columns of every field. `keys` are the columns' keys (see [`crate::text::name_key`]), in order.
    #[must_use]
    pub fn new(model: &'m Model, keys: &[String]) -> Binding<'m> {
        let mut by_key: HashMap<&str, Vec<usize>> = HashMap::new();
        keys.iter().enumerate().for_each(|(i, key)| by_key.entry(key).or_default().push(i));
        let columns_of = |field: &Field| {
            let mut columns: Vec<usize> = Vec::new();
            for column in field.keys.iter().filter_map(|key| by_key.get(key.as_str())).flatten().copied() {
                if !columns.contains(&column) {
                    columns.push(column);
                }
            }
            columns
        };
        let columns = model.fields.iter().map(columns_of).collect();
        Binding { model, columns }
    }

    /// The fields that no column feeds; those that only a library asks for are not missed.
    pub fn unfed(&self) -> impl Iterator<Item = &'m Field> {
        self.model.fields.iter().zip(&self.columns).filter(|(f, c)| c.is_empty() && !f.is_of_library).map(|(f, _)| f)
    }

    /// The columns that may hold a field, the first wanted first.
    #[must_use]
    pub fn columns_of(&self, field: usize) -> &[usize] {
        self.columns.get(field).map_or(&[], Vec::as_slice)
    }

    /// The columns that feed a field.
    #[must_use]
    pub fn fed(&self) -> HashSet<usize> {
        self.columns.iter().flatten().copied().collect()
    }

    /// A lead from the cells of a row. Of several columns the first that is not missing counts.
    #[must_use]
    pub fn lead(&self, id: String, cells: &[Raw], activity: Arc<Vec<Activity>>) -> Lead {
        self.lead_by(id, cells, activity, |_, field, cell| cell.read(field.of_type, &field.format))
    }

    /// To read many leads.
    #[must_use]
    pub fn reader(&self) -> LeadReader<'_, 'm> {
        LeadReader { binding: self, texts: self.columns.iter().map(|_| Remembered::default()).collect() }
    }

    fn lead_by(
        &self,
        id: String,
        cells: &[Raw],
        activity: Arc<Vec<Activity>>,
        mut read: impl FnMut(usize, &Field, &Raw) -> Option<Value>,
    ) -> Lead {
        let mut lead = Lead { id, values: Vec::with_capacity(self.columns.len()), unreadable: Vec::new(), activity };
        for (f, (field, columns)) in self.model.fields.iter().zip(&self.columns).enumerate() {
            let mut value = Value::Missing;
            for cell in columns.iter().filter_map(|&c| cells.get(c)) {
                if is_missing(field, cell) {
                    continue;
                }
                match read(f, field, cell) {
                    Some(Value::Missing) => {}
                    Some(read) => {
                        value = read;
                        break;
                    }
                    None => lead.unreadable.push((f, cell.as_text().into_owned())),
                }
            }
            lead.values.push(value);
        }
        lead
    }
}

/// Whether a cell says nothing, as far as it is told without its type.
pub fn is_missing(field: &Field, cell: &Raw) -> bool {
    match cell {
        Raw::Missing => true,
        Raw::Text(text) | Raw::Number(text) => field.is_missing_word(text),
        Raw::Flag(_) | Raw::List(_) | Raw::Nested(_) => false,
    }
}

/// Reads many leads: texts that come again and again, such as countries, are kept once.
pub struct LeadReader<'b, 'm> {
    binding: &'b Binding<'m>,
    /// By field.
    texts: Vec<Remembered<Arc<Text>>>,
}

impl LeadReader<'_, '_> {
    /// As [`Binding::lead`].
    #[must_use]
    pub fn lead(&mut self, id: String, cells: &[Raw], activity: Arc<Vec<Activity>>) -> Lead {
        let texts = &mut self.texts;
        self.binding.lead_by(id, cells, activity, |f, field, cell| match (field.of_type, cell, texts.get_mut(f)) {
            (Type::Text, Raw::Text(written), Some(texts)) if texts.is_worth_it() => {
                let place = Remembered::<Arc<Text>>::place(written.as_bytes());
                if let Some(text) = texts.get(&place, written.as_bytes()) {
                    return Some(Value::Text(Arc::clone(text)));
                }
                let read = cell.read(field.of_type, CellFormat::USUAL);
                if let Some(Value::Text(text)) = &read {
                    texts.keep(&place, written.as_bytes(), Arc::clone(text));
                }
                read
            }
            _ => cell.read(field.of_type, &field.format),
        })
    }
}
