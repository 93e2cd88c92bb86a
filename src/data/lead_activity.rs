//! The activity of each lead, from its row and from the activity file.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::{ActivityFile, Orphans};
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
    /// Whether several leads may share activity, and by what they did.
    is_keyed: bool,
    shared: BTreeSet<String>,
    /// Copies of records that were left out.
    pub copies: u64,
}

impl LeadActivity {
    /// The activity of files, copies taken out; none where there is no file. `is_keyed` says that it belongs to leads by something
    /// that several may share.
    pub fn new(files: Vec<ActivityFile>, is_keyed: bool) -> LeadActivity {
        let is_given = !files.is_empty();
        let file = files.iter().map(|f| f.name.clone()).collect::<Vec<_>>().join(", ");
        let mut all: HashMap<String, Vec<Activity>> = HashMap::new();
        for of_file in files.into_iter().map(|f| f.by_lead) {
            if all.is_empty() {
                all = of_file;
            } else {
                of_file.into_iter().for_each(|(id, records)| all.entry(id).or_default().extend(records));
            }
        }
        let mut copies = 0;
        let by_lead = all.into_iter().map(|(id, mut records)| {
            copies += drop_copies(&mut records) as u64;
            (id, (Arc::new(records), false))
        });
        let by_lead = by_lead.collect();
        LeadActivity { file, by_lead, is_given, is_keyed, copies, ..LeadActivity::default() }
    }

    /// The activity of a lead: that of its row, then that of the file under its ids (see [`crate::lead::activity_key`]).
    pub fn of(&mut self, ids: &[String], row: Option<Vec<Activity>>) -> Arc<Vec<Activity>> {
        self.is_asked = true;
        self.is_given |= row.is_some();
        let mut of_file: Vec<Arc<Vec<Activity>>> = Vec::new();
        for (i, id) in ids.iter().enumerate() {
            if let Some((records, used)) = self.by_lead.get_mut(id) {
                if *used && i == 0 && self.is_keyed {
                    self.shared.insert(id.clone());
                }
                *used = true;
                of_file.push(Arc::clone(records));
            }
        }
        if let (None, [] | [_]) = (&row, of_file.as_slice()) {
            return of_file.pop().unwrap_or_default();
        }
        let mut records = row.unwrap_or_default();
        records.extend(of_file.iter().flat_map(|r| r.iter().cloned()));
        self.copies += drop_copies(&mut records) as u64;
        Arc::new(records)
    }

    /// What there is to say of activity that counts for several leads.
    pub fn shared(&self) -> Option<Diagnostic> {
        let first = self.shared.first()?;
        Some(say::shared_activity(self.shared.len() as u64, first, &self.file))
    }

    /// Whether leads have come by, and there was no activity for any.
    #[must_use]
    pub fn is_missed(&self) -> bool {
        self.is_asked && !self.is_given
    }

    /// What there is to say of activity whose lead has not come by; `has` tells whether a lead has an id.
    pub fn orphans(&self, has: &dyn Fn(&str) -> bool) -> Option<Diagnostic> {
        let mut orphans = Orphans::default();
        let mut left: Vec<(&String, usize)> =
            self.by_lead.iter().filter(|(_, (_, used))| !used).map(|(id, (r, _))| (id, r.len())).collect();
        left.sort();
        for (id, records) in &left {
            orphans.add(id, *records as u64, has);
        }
        orphans.message(left.len() < self.by_lead.len(), &self.file)
    }
}
