//! Where leads and activity come from: the options that several commands share, and the activity of each lead.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::{Ending, Talk};
use crate::data::{self, ActivityFile, EventColumns, Options, read_activity};
use crate::diagnostic::Diagnostic;
use crate::lead::{Activity, drop_copies};
use crate::load;
use crate::messages::data as say;
use crate::model::Model;

/// Where leads and activity come from, and how they are read.
#[derive(clap::Args)]
pub struct Input {
    /// Activity: CSV or JSON Lines with lead_id, type, target, at and any other properties
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath, help_heading = "Input")]
    events: Option<String>,
    /// Other names for the columns of activity: lead_id=contact,type=event
    #[arg(long, value_name = "NAMES", help_heading = "Input")]
    event_columns: Option<String>,
    /// The column that holds the lead's id
    #[arg(long, value_name = "COLUMN", help_heading = "Input")]
    id: Option<String>,
    /// What the lead file is, where its content does not tell
    #[arg(long, value_name = "FORMAT", value_parser = ["csv", "tsv", "json", "jsonl", "xlsx"], help_heading = "Input")]
    input_format: Option<String>,
    /// Which sheet of an .xlsx file; the first where nothing is said
    #[arg(long, value_name = "NAME", help_heading = "Input")]
    sheet: Option<String>,
    /// Refuse missing columns, and stop at the first row that cannot be read
    #[arg(long, help_heading = "Input")]
    pub strict: bool,
}

impl Input {
    /// The options for reading.
    ///
    /// # Errors
    /// Where the names of the activity's columns cannot be read.
    pub fn options(&self) -> Result<Options, Diagnostic> {
        let event_columns = self.event_columns.as_deref().map(EventColumns::parse).transpose()?.unwrap_or_default();
        let format = self.input_format.as_deref().and_then(data::Format::by_name);
        Ok(Options { format, sheet: self.sheet.clone(), id: self.id.clone(), event_columns })
    }

    /// The activity file's path, where one is named.
    pub fn events(&self) -> Option<&str> {
        self.events.as_deref()
    }

    /// The activity file, where one is named.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub fn activity(&self, model: &Model, options: &Options) -> Result<Option<ActivityFile>, Diagnostic> {
        let Some(path) = &self.events else { return Ok(None) };
        let wanted: HashSet<&str> = model.property_keys().collect();
        let input = data::open(path, &Options::default())?;
        read_activity(input, &options.event_columns, &|key| wanted.contains(key)).map(Some)
    }
}

/// A model that can be used, or how the command ends without one. What there is to say of it is said.
///
/// # Errors
/// `CouldNotRun` where the file cannot be read, `Found` where the model has errors.
pub fn open_model(path: &str, talk: &Talk) -> Result<Model, Ending> {
    let checked = load::load(path).map_err(|problem| {
        talk.say(&problem);
        Ending::CouldNotRun
    })?;
    talk.say_about(&checked.sources, &checked.diagnostics);
    checked.model.ok_or(Ending::Found)
}

/// The activity of a file, by lead, and which leads have come by.
#[derive(Default)]
pub struct LeadActivity {
    file: String,
    by_lead: HashMap<String, (Arc<Vec<Activity>>, bool)>,
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
        LeadActivity { file: file.name, by_lead, copies }
    }

    /// The activity of a lead: that of its row, then that of the file.
    pub fn of(&mut self, id: &str, row: Option<Vec<Activity>>) -> Arc<Vec<Activity>> {
        let of_file = self.by_lead.get_mut(id).map(|(records, used)| {
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

    /// What there is to say of activity whose lead has not come by.
    pub fn orphans(&self) -> Option<Diagnostic> {
        let mut orphans: Vec<(&String, usize)> = self.by_lead.iter().filter(|(_, (_, used))| !used).map(|(id, (r, _))| (id, r.len())).collect();
        orphans.sort();
        let (first, _) = orphans.first()?;
        let records = orphans.iter().map(|(_, n)| *n as u64).sum();
        if orphans.len() == self.by_lead.len() {
            return Some(say::all_orphans(records, orphans.len() as u64, first, &self.file));
        }
        Some(say::orphans(records, orphans.len() as u64, first, &self.file))
    }
}
