//! The activity of each lead, from its row and from the activity file.

use std::collections::HashMap;
use std::sync::Arc;

use super::ActivityFile;
use crate::diagnostic::Diagnostic;
use crate::lead::{Activity, drop_copies};
use crate::messages::data as say;

/// The activity of a file, by lead, and which leads have come by.
#[derive(Default)]
pub struct LeadActivity {
    file: String,
    by_lead: HashMap<String, (Arc<Vec<Activity>>, bool)>,
    /// Whether there is a file, or a lead that holds its own.
    is_given: bool,
    /// Whether a lead has come by.
    is_asked: bool,
    /// Copies of records that were left out.
    pub copies: u64,
}

impl LeadActivity {
    /// The activity of a file, copies taken out; none where there is no file.
    pub fn new(file: Option<ActivityFile>) -> LeadActivity {
        let Some(file) = file else { return LeadActivity::default() };
        let mut copies = 0;
        let by_lead = file.by_lead.into_iter().map(|(id, mut records)| {
            copies += drop_copies(&mut records) as u64;
            (id, (Arc::new(records), false))
        });
        let by_lead = by_lead.collect();
        LeadActivity { file: file.name, by_lead, is_given: true, copies, ..LeadActivity::default() }
    }

    /// The activity of a lead: that of its row, then that of the file, if it has an id.
    pub fn of(&mut self, id: Option<&str>, row: Option<Vec<Activity>>) -> Arc<Vec<Activity>> {
        self.is_asked = true;
        self.is_given |= row.is_some();
        let of_file = id.and_then(|id| self.by_lead.get_mut(id)).map(|(records, used)| {
            *used = true;
            Arc::clone(records)
        });
        match (row, of_file) {
            (None, of_file) => of_file.unwrap_or_default(),
            (Some(mut records), of_file) => {
                records.extend(of_file.iter().flat_map(|r| r.iter().cloned()));
                self.copies += drop_copies(&mut records) as u64;
                Arc::new(records)
            }
        }
    }

    /// Whether leads have come by, and there was no activity for any.
    #[must_use]
    pub fn is_missed(&self) -> bool {
        self.is_asked && !self.is_given
    }

    /// What there is to say of activity whose lead has not come by.
    pub fn orphans(&self) -> Option<Diagnostic> {
        let mut orphans: Vec<(&String, usize)> =
            self.by_lead.iter().filter(|(_, (_, used))| !used).map(|(id, (r, _))| (id, r.len())).collect();
        orphans.sort();
        let (first, _) = orphans.first()?;
        let records = orphans.iter().map(|(_, n)| *n as u64).sum();
        if orphans.len() == self.by_lead.len() {
            return Some(say::all_orphans(records, orphans.len() as u64, first, &self.file));
        }
        Some(say::orphans(records, orphans.len() as u64, first, &self.file))
    }
}
