//! Rows that a program holds in memory, as a table like any other.

use std::sync::Arc;

use super::table::{Body, Columns, Parsed, Table, TableRow};
use crate::messages::data as messages;
use crate::value::Raw;

/// Rows under columns: leads, or activity with `lead_id`, `type`, `target` and `at`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Rows {
    /// What messages call them.
    pub name: String,
    /// The names of the columns.
    pub columns: Vec<String>,
    /// By column. A row that is shorter has nothing in its last columns.
    pub rows: Vec<Vec<Raw>>,
}

pub(super) fn read(rows: Arc<Rows>) -> Parsed {
    Parsed::new(Columns::of(rows.columns.clone()), rows)
}

impl Body for Arc<Rows> {
    fn rows<'t>(&'t self, of: &'t Table) -> Box<dyn Iterator<Item = TableRow<'t>> + 't> {
        let width = of.columns.names.len();
        Box::new((1..).zip(&self.rows).map(move |(line, row)| {
            let cells = row.iter().cloned().chain(std::iter::repeat(Raw::Missing)).take(width).collect();
            let error = (row.len() > width).then(|| messages::cells_outside(line));
            TableRow { line, cells, events: None, error }
        }))
    }
}
