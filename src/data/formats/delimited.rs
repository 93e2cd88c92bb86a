//! CSV and TSV as formats: rows with a delimiter between their cells.

use super::csv::{Dialect, Fault, Header, Records, RowShape, header};
use super::{ByRow, Reader};
use crate::data::source::Held;
use crate::data::table::{Body, Columns, Parsed, Table, TableRow, Wanted};
use crate::diagnostic::Diagnostic;
use crate::messages::data as messages;
use crate::value::Raw;

/// Cells with commas, semicolons or tabs between them; any text that is nothing else.
pub(super) static CSV: Reader = Reader {
    name: "csv",
    endings: &["csv"],
    is_like: |_| false,
    may_be_blank: false,
    read: |name, held, wanted| read(name, held, wanted, false),
    by_row: ByRow::Cells { tabs: false },
};

/// Cells with tabs between them, whatever else there is.
pub(super) static TSV: Reader = Reader {
    name: "tsv",
    endings: &["tsv"],
    is_like: |_| false,
    may_be_blank: false,
    read: |name, held, wanted| read(name, held, wanted, true),
    by_row: ByRow::Cells { tabs: true },
};

/// Reads the header of a text.
fn read(name: &str, held: Held, wanted: &Wanted<'_>, tabs: bool) -> Result<Parsed, Diagnostic> {
    let text = held.into_text();
    let Header { dialect, names, end, seems } = header(name, &text, tabs, wanted.layout)?;
    let columns = Columns::of(names);
    let wanted = columns.keys.iter().map(|key| (wanted.column)(key)).collect();
    Ok(Parsed { header_seems: seems, ..Parsed::new(columns, Rows { text, dialect, begin: end, wanted }) })
}

/// The last rows of a file stand in so many bytes at its end, as far as somebody asks for them.
pub(in crate::data) const LONGEST_END: usize = 1 << 14;

/// The text of a file, whose header was read.
#[derive(Debug)]
struct Rows {
    text: String,
    dialect: Dialect,
    /// Where its rows begin.
    begin: usize,
    /// By column, whether its cells are read.
    wanted: Vec<bool>,
}

impl Body for Rows {
    fn rows<'t>(&'t self, of: &'t Table) -> Box<dyn Iterator<Item = TableRow<'t>> + 't> {
        let (before, width) = (of.lines_before(), of.columns.names.len());
        let shape = RowShape { dialect: self.dialect, columns: width, id: of.id };
        Box::new(Records::new(&self.text, self.begin, shape).map(move |record| {
            let line = record.line + before;
            let cells = (record.cells.iter().zip(&self.wanted))
                .map(|(cell, &wanted)| if wanted { Raw::cell(cell) } else { Raw::Missing })
                .chain(std::iter::repeat(Raw::Missing))
                .take(width)
                .collect();
            let error = record.fault.map(|fault| match fault {
                Fault::Unclosed(line) => messages::unclosed_quote(line + before),
                Fault::Cells(found) => messages::wrong_cells(line, found, width),
            });
            TableRow { line, cells, events: None, error }
        }))
    }

    fn rest(&self, text: String) -> Box<dyn Body> {
        Box::new(Rows { text, dialect: self.dialect, begin: 0, wanted: self.wanted.clone() })
    }

    fn end(&self) -> Option<Box<dyn Body>> {
        let rows = self.text.get(self.begin..)?;
        let from = rows.floor_char_boundary(rows.len().saturating_sub(LONGEST_END));
        let text = if from == 0 { rows } else { rows.get(from..)?.split_once('\n')?.1 };
        Some(self.rest(text.to_owned()))
    }

    fn dialect(&self) -> Option<Dialect> {
        Some(self.dialect)
    }
}
