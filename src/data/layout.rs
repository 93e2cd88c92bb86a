//! How a file looks, where somebody says so: a model, or the command line.

use std::fmt;
use std::sync::Arc;

use encoding_rs::Encoding;

use super::Columns;
use crate::text::is_one_of;
use crate::value::Raw;

/// Which rows of a file are none: totals, footers.
pub trait RowFilter: fmt::Debug + Send + Sync {
    /// Whether a row with these cells is left out, for a file with these columns.
    fn over<'f>(&'f self, columns: &Columns) -> IsLeftOut<'f>;

    /// The columns that it asks for and that are not among these: what asks for one leaves out no row.
    fn lacks(&self, columns: &Columns) -> Vec<String>;
}

/// Whether a row with these cells is left out.
pub type IsLeftOut<'f> = Box<dyn Fn(&[Raw]) -> bool + 'f>;

/// How a file looks, beside its format.
#[derive(Debug, Clone, Default)]
pub struct Layout {
    /// The row of the header, from 1; what stands above it is left out.
    pub header_row: Option<u64>,
    /// What stands between cells.
    pub delimiter: Option<u8>,
    /// Instead of the one that the bytes show.
    pub encoding: Option<&'static Encoding>,
    /// Rows that are none.
    pub ignore: Option<Arc<dyn RowFilter>>,
    /// Cells that say nothing, folded.
    pub missing_words: Arc<[String]>,
}

impl Layout {
    /// Whether rows and cells are taken as they stand.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        self.ignore.is_none() && self.missing_words.is_empty() && self.encoding.is_none()
    }

    /// Tells which rows are left out, where some are.
    #[must_use]
    pub fn is_left_out(&self, columns: &Columns) -> Option<IsLeftOut<'_>> {
        self.ignore.as_ref().map(|filter| filter.over(columns))
    }

    /// The columns by which rows should be left out, and which are not among these.
    #[must_use]
    pub fn lacks(&self, columns: &Columns) -> Vec<String> {
        self.ignore.as_ref().map_or(Vec::new(), |filter| filter.lacks(columns))
    }

    /// Whether a cell says nothing.
    #[must_use]
    pub fn is_missing(&self, cell: &Raw) -> bool {
        match cell {
            Raw::Missing => true,
            Raw::Text(text) | Raw::Number(text) => self.is_missing_text(text),
            _ => false,
        }
    }

    /// Whether a text is a word for nothing.
    #[must_use]
    pub fn is_missing_text(&self, text: &str) -> bool {
        is_one_of(text, &self.missing_words)
    }
}
