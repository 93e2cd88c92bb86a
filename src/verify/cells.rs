//! Cells of answers, and which of them differ.

use std::cmp::Ordering;
use std::collections::{BTreeMap, HashSet};

use unicode_normalization::is_nfc;

use super::Difference;
use super::engine::Column;
use crate::data::Rows;
use crate::eval::{Outcome, stage_name};
use crate::lead::id_key;
use crate::model::Model;
use crate::points::to_float;
use crate::results;
use crate::sql::Output;
use crate::text::{name_key, path_key};
use crate::time::Instant;
use crate::value::{Raw, Value};
use crate::words::Lines;

/// So many differences are kept to be shown.
const MOST_SHOWN: usize = 10;

/// The rows of a lead: what is said here, and what there. Several leads may have one id.
#[derive(Default)]
struct OfLead {
    here: Vec<Vec<String>>,
    there: Vec<Vec<String>>,
}

/// The answers of both, by lead.
pub(super) struct Answers<'t> {
    outputs: &'t [(String, Output)],
    by_lead: BTreeMap<String, OfLead>,
}

impl<'t> Answers<'t> {
    /// None so far.
    pub fn of(outputs: &'t [(String, Output)]) -> Answers<'t> {
        Answers { outputs, by_lead: BTreeMap::new() }
    }

    /// Adds what the interpreter says.
    pub fn here(&mut self, model: &Model, lines: &Lines, id: &str, outcome: &Outcome, as_of: Instant) {
        let points = |points: Option<i128>| points.map_or(String::new(), |p| to_float(p).to_string());
        let cell = |output: Output| match output {
            Output::LeadId => id.to_owned(),
            Output::Score => points(outcome.score),
            Output::Group(i) => points(outcome.groups.get(i).copied()),
            Output::Stage => stage_name(model, outcome.stage).to_owned(),
            Output::Change => outcome.change.map_or(String::new(), |c| results::change_name(c).to_owned()),
            Output::Label(i) => outcome.labels.get(i).cloned().flatten().unwrap_or_default(),
            Output::CouldBe => stage_name(model, outcome.could_be).to_owned(),
            Output::PossibleScore => points(outcome.possible_high),
            Output::PossibleScoreLow => points(outcome.possible_low),
            Output::Missing => results::missing(model, outcome).join("; "),
            Output::Review => outcome.reviews.join("; "),
            Output::Reasons => results::reasons(lines, outcome).join("; "),
            Output::AsOf => as_of.to_string(),
        };
        let row = self.outputs.iter().map(|(_, output)| cell(*output)).collect();
        self.by_lead.entry(id.to_owned()).or_default().here.push(row);
    }

    /// Adds a row of the database.
    pub fn there(&mut self, row: &[Raw]) {
        let is_number = |output: Output| {
            matches!(output, Output::Score | Output::Group(_) | Output::PossibleScore | Output::PossibleScoreLow)
        };
        let cells = self.outputs.iter().zip(row).map(|((_, output), cell)| {
            let text = cell.as_text();
            // Numbers are compared as such, whatever digits an engine prints.
            let number = is_number(*output).then(|| text.parse::<f64>().ok()).flatten();
            number.map_or_else(|| text.to_string(), |n| n.to_string())
        });
        let cells: Vec<String> = cells.collect();
        let at = self.outputs.iter().position(|(_, output)| *output == Output::LeadId);
        let id = at.and_then(|at| cells.get(at)).cloned().unwrap_or_default();
        self.by_lead.entry(id).or_default().there.push(cells);
    }

    /// How many cells differ, in which leads, and the first of them.
    pub fn differences(self) -> (u64, HashSet<String>, Vec<Difference>) {
        let (mut cells, mut leads, mut first) = (0, HashSet::new(), Vec::new());
        for (lead, OfLead { mut here, mut there }) in self.by_lead {
            here.sort();
            there.sort();
            let mut differs = |column: &str, here: Option<&String>, there: Option<&String>| {
                cells += 1;
                if !leads.contains(&lead) {
                    leads.insert(lead.clone());
                }
                if first.len() < MOST_SHOWN {
                    let (here, there, column) = (here.cloned(), there.cloned(), column.to_owned());
                    first.push(Difference { lead: lead.clone(), column, here, there });
                }
            };
            for i in 0..here.len().max(there.len()) {
                for (at, (column, _)) in self.outputs.iter().enumerate() {
                    let cell = |rows: &'_ [Vec<String>]| rows.get(i).and_then(|row| row.get(at)).cloned();
                    let (here, there) = (cell(&here), cell(&there));
                    if here != there {
                        differs(column, here.as_ref(), there.as_ref());
                    }
                }
            }
        }
        (cells, leads, first)
    }
}

/// Puts records of one instant into the order in which a query takes them, as far as one order can: by their values.
pub(super) fn in_order(model: &Model, columns: &[Column], at: Option<&str>, records: &mut [Vec<Raw>]) {
    let Some(at) = columns.iter().position(|column| Some(column.name.as_str()) == at) else { return };
    let has_key = |column: &Column, key: &str| name_key(&column.name) == key || path_key(&column.name) == key;
    let by: Vec<_> = model
        .properties
        .iter()
        .filter_map(|property| Some((columns.iter().position(|column| has_key(column, &property.key))?, property)))
        .collect();
    let value = |row: &[Raw], i: usize, property: &crate::model::Property| {
        row.get(i).and_then(|raw| raw.read(property.of_type, &property.format)).unwrap_or(Value::Missing)
    };
    for same in records.chunk_by_mut(|a, b| a.get(at) == b.get(at)) {
        same.sort_by(|a, b| {
            let orders = by.iter().map(|(i, property)| order(&value(a, *i, property), &value(b, *i, property)));
            orders.into_iter().find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
        });
    }
}

/// Which of two values is the greater, as a query has it.
fn order(a: &Value, b: &Value) -> Ordering {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a.total_cmp(b),
        (Value::Text(a), Value::Text(b)) => (&a.folded, &a.written).cmp(&(&b.folded, &b.written)),
        (Value::Date(a), Value::Date(b)) => (a.first(), a.last()).cmp(&(b.first(), b.last())),
        (Value::Flag(a), Value::Flag(b)) => a.cmp(b),
        _ => b.is_missing().cmp(&a.is_missing()),
    }
}

/// The first text that is not in NFC in a row of one of these leads: its column, and the id.
pub(super) fn not_nfc(rows: &Rows, id: &str, leads: &HashSet<String>) -> Option<(String, String)> {
    let at = rows.columns.iter().position(|column| column == id)?;
    let keys: HashSet<String> = leads.iter().map(|lead| id_key(lead).into_owned()).collect();
    let is_odd = |cell: &Raw| match cell {
        Raw::Text(text) => !is_nfc(text),
        Raw::List(texts) => texts.iter().any(|text| !is_nfc(text)),
        _ => false,
    };
    rows.rows.iter().find_map(|row| {
        let id = row.get(at)?.as_text();
        let odd = row.iter().position(is_odd).filter(|_| keys.contains(&*id_key(&id)))?;
        Some((rows.columns.get(odd)?.clone(), id.into_owned()))
    })
}
