//! Messy exports, and what becomes of them.
//!
//! Owns the helpers of the tests of this room; each file beside this one tests one side of it.

#![allow(clippy::cast_possible_truncation, clippy::format_collect)]

mod activity;
mod files;
mod json_rows;
mod real;
mod rows;
mod workbook;

use super::{Input, Leads, Options, Row};
use crate::diagnostic::Diagnostic;
use crate::value::Raw;

fn leads_with(bytes: impl Into<Vec<u8>>, options: &Options) -> Leads {
    try_leads(bytes, options).unwrap_or_else(|d| panic!("{}", d.message))
}

fn try_leads(bytes: impl Into<Vec<u8>>, options: &Options) -> Result<Leads, Diagnostic> {
    Leads::new(Input::from_bytes("leads.csv", bytes.into(), options)?, options)
}

fn leads(bytes: impl Into<Vec<u8>>) -> Leads {
    leads_with(bytes, &Options::default())
}

/// The message with which a file is refused.
fn refused(bytes: impl Into<Vec<u8>>) -> String {
    try_leads(bytes, &Options::default()).unwrap_err().message
}

/// A row on one line: where it starts, its cells, its error.
fn shown(row: &Row) -> String {
    let cells: Vec<_> = row.cells.iter().map(Raw::as_text).collect();
    let error = row.error.as_ref().map(|e| format!(" !! {}", e.message)).unwrap_or_default();
    format!("{}: {}{error}", row.line, cells.join("|"))
}

fn rows(leads: &Leads) -> Vec<String> {
    leads.rows().map(|row| shown(&row)).collect()
}

fn rows_of(bytes: impl Into<Vec<u8>>) -> Vec<String> {
    rows(&leads(bytes))
}

fn ids(leads: &Leads) -> Vec<String> {
    leads.rows().map(|row| leads.lead_id(&row)).collect()
}
