//! What is asked of a database, whichever it is: its tables, a sample of leads, their rows, and the answers of a query.
//! Nothing here writes; why something fails is said in the engine's words.

use crate::value::Raw;

/// A column of a table, with its type as the engine calls it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Column {
    pub name: String,
    pub of_type: String,
}

impl Column {
    /// Columns from rows of their names and types.
    pub fn all(rows: Vec<Vec<Raw>>) -> Vec<Column> {
        let column = |row: Vec<Raw>| {
            let [name, of_type] = row.as_slice() else { return None };
            Some(Column { name: name.as_text().into_owned(), of_type: of_type.as_text().into_owned() })
        };
        rows.into_iter().filter_map(column).collect()
    }
}

/// The column of a table that holds the id of a lead.
#[derive(Debug, Clone)]
pub(super) struct IdColumn {
    /// The table, as it stands in a query.
    pub table: String,
    pub column: Column,
}

/// How much may be held of a sample: each cell takes some of it.
#[derive(Debug)]
pub(super) struct Room(pub usize);

/// Why something cannot be had.
#[derive(Debug, PartialEq)]
pub(super) enum Why {
    /// In the words of the engine.
    Engine(String),
    /// There is more than may be held.
    TooMuch,
}

pub(super) type Got<T> = Result<T, Why>;

impl Room {
    /// Takes what a row needs.
    pub fn take<'r>(&mut self, row: impl IntoIterator<Item = &'r Raw>) -> Got<()> {
        let of = |cell: &Raw| match cell {
            Raw::Missing | Raw::Flag(_) => 0,
            Raw::Text(text) | Raw::Number(text) | Raw::Nested(text) => text.len(),
            Raw::List(texts) => texts.iter().map(|text| text.len() + size_of::<String>()).sum(),
        };
        // A record that is made of it takes about as much again.
        let needs: usize = row.into_iter().map(|cell| 2 * (size_of::<Raw>() + of(cell))).sum();
        self.0 = self.0.checked_sub(needs).ok_or(Why::TooMuch)?;
        Ok(())
    }
}

/// A database that is open, all of it as it was at one moment.
pub(super) trait Engine {
    /// How messages call it.
    fn name(&self) -> String;

    /// The names of its tables and views.
    fn tables(&mut self) -> Got<Vec<String>>;

    /// The columns of a table; none where there is no such table.
    fn columns(&mut self, table: &str) -> Got<Vec<Column>>;

    /// How many rows a table has.
    fn count(&mut self, table: &str) -> Got<u64>;

    /// So many different ids: those whose hashes are the least, the same on every run.
    fn sample(&mut self, of: &IdColumn, most: usize) -> Got<Vec<Raw>>;

    /// How the ids of these leads stand in another table.
    fn spellings(&mut self, of: &IdColumn, leads: &IdColumn, ids: &[Raw], room: &mut Room) -> Got<Vec<Raw>>;

    /// The rows of these ids, by a column or as they come.
    fn rows(
        &mut self,
        of: &IdColumn,
        ids: &[Raw],
        columns: &[Column],
        by: Option<&str>,
        room: &mut Room,
    ) -> Got<Vec<Vec<Raw>>>;

    /// A condition that holds for the ids that are handed over in this place.
    fn among(&self, of: &IdColumn, place: usize) -> String;

    /// What a query answers, in so many columns; the ids it is about are handed over, place by place.
    fn answers(&mut self, query: &str, width: usize, ids: &[&[Raw]], room: &mut Room) -> Got<Vec<Vec<Raw>>>;
}

/// A name in quotes, as both engines have them.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Cells as texts.
pub(super) fn texts(cells: &[Raw]) -> Vec<String> {
    cells.iter().map(|cell| cell.as_text().into_owned()).collect()
}

/// A table, perhaps with its schema before a dot, as it stands in a query.
pub(super) fn table_of(name: &str) -> String {
    name.split('.').map(quoted).collect::<Vec<_>>().join(".")
}
