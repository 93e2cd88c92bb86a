//! Rows that share an e-mail address, though their ids differ: one person in two rows.

use std::collections::HashMap;

use crate::data::{Columns, Seen};
use crate::diagnostic::Diagnostic;
use crate::messages::against_data as say;
use crate::model::Model;
use crate::remembered::hash;
use crate::text::{fold, name_key};

/// So many addresses are remembered: some 40 MB.
const MOST: usize = 1_000_000;

/// Names of columns that plainly hold the address of a lead.
const NAMES: &[&str] = &["email", "e_mail", "email_address", "e_mail_address", "work_email", "business_email"];

/// The column that holds the addresses of leads: the one that the model reads as `email`, or one that is plainly called so. None where
/// it is the id: then it is told that an id comes twice.
#[must_use]
pub fn email_column(model: &Model, columns: &Columns, id: Option<usize>) -> Option<usize> {
    let field = model.fields.iter().find(|f| NAMES.contains(&&*name_key(&f.name)));
    let keys = field.map_or(&[][..], |f| f.keys.as_slice()).iter().map(String::as_str).chain(NAMES.iter().copied());
    let column = keys.into_iter().find_map(|key| columns.keys.iter().position(|k| k == key))?;
    (id != Some(column)).then_some(column)
}

/// The addresses that have come by.
#[derive(Debug, Default)]
pub struct Emails {
    /// By address, as hashes: the line of the first row, the id of it, and whether it is counted.
    seen: HashMap<u64, (u64, u64, bool)>,
    /// Rows that share their address with another.
    rows: u64,
    first: Option<(Seen, u64)>,
    is_full: bool,
}

impl Emails {
    /// A row with this address and this id.
    pub fn add(&mut self, line: u64, email: &str, id: &str) {
        if !email.contains('@') {
            return;
        }
        self.add_hashed(hash(fold(email).as_bytes()), hash(id.trim().as_bytes()), line, || fold(email).into_owned());
    }

    fn add_hashed(&mut self, email: u64, id: u64, line: u64, says: impl FnOnce() -> String) {
        if let Some((first, its_id, is_counted)) = self.seen.get_mut(&email) {
            // Rows of one id are told as such.
            if *its_id == id {
                return;
            }
            self.rows += if *is_counted { 1 } else { 2 };
            *is_counted = true;
            let first = *first;
            self.first.get_or_insert_with(|| (Seen { line: first, says: says() }, line));
        } else if self.seen.len() < MOST {
            self.seen.insert(email, (line, id, false));
        } else {
            self.is_full = true;
        }
    }

    /// What there is to say; `among` has how many rows were looked at, where these are not all.
    #[must_use]
    pub fn message(&self, file: &str, among: Option<u64>, columns: &Columns) -> Option<Diagnostic> {
        let (first, second) = self.first.as_ref()?;
        let merged = columns.names.iter().zip(&columns.keys).find(|(_, key)| key.contains("merged")).map(|(n, _)| &**n);
        let among = among.or(self.is_full.then_some(MOST as u64));
        Some(say::same_email(self.rows, (first, *second), among, merged).of_file(file))
    }
}
