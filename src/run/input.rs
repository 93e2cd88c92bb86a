//! Where leads and activity come from, as plain data.

use std::collections::HashSet;

use crate::data::{ActivityFile, Options, Source, open, read_activity};
use crate::diagnostic::Diagnostic;
use crate::model::Model;

/// Where leads and activity come from, and how they are read.
#[derive(Debug, Clone)]
pub struct Input {
    /// The leads.
    pub leads: Source,
    /// The activity, where it does not stand inside of leads.
    pub activity: Option<Source>,
    /// How both are read. What is asked of the leads' format is not asked of the activity.
    pub options: Options,
    /// Whether a missing column, or a row that cannot be read, ends a run.
    pub strict: bool,
}

impl Input {
    /// Leads alone, read as usual.
    pub fn new(leads: impl Into<Source>) -> Input {
        Input { leads: leads.into(), activity: None, options: Options::default(), strict: false }
    }

    /// The same, where what can be read only once is read now.
    ///
    /// # Errors
    /// Where that fails.
    pub fn held(self) -> Result<Input, Diagnostic> {
        let leads = self.leads.held(&self.options)?;
        let activity = self.activity.map(|source| source.held(&self.options)).transpose()?;
        Ok(Input { leads, activity, ..self })
    }

    /// The same, read as the model says.
    #[must_use]
    pub fn for_model(&self, model: &Model) -> Input {
        let mut input = self.clone();
        input.options.event_columns.format.zone = model.zone.clone();
        input
    }

    /// How activity is opened.
    pub(super) fn activity_options(&self) -> Options {
        let Options { bound, portions, .. } = self.options;
        Options { may_be_empty: true, bound, portions, ..Options::default() }
    }

    /// The activity as a whole, with these properties of records.
    pub(super) fn read_activity(&self, properties: &HashSet<String>) -> Result<Option<ActivityFile>, Diagnostic> {
        let Some(source) = &self.activity else { return Ok(None) };
        let input = open(source.clone(), &self.activity_options())?;
        read_activity(input, &self.options.event_columns, &|key| properties.contains(key)).map(Some)
    }
}
