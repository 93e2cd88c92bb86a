//! Leads one by one, for those who want to see few of them, or each cell.

use super::account::{none_given, title_above};
use super::input::Input;
use crate::bind::Binding;
use crate::data::{LeadActivity, Leads, Tally, open};
use crate::diagnostic::Diagnostic;
use crate::lead::Lead;
use crate::model::Model;

/// Leads that are gone through one by one. They are read as a whole, by one thread.
pub struct OneByOne<'m> {
    model: &'m Model,
    leads: Leads,
    activity: LeadActivity,
    without_id: Tally,
}

impl<'m> OneByOne<'m> {
    /// Opens leads, and the activity that a model reads.
    ///
    /// # Errors
    /// Where a file cannot be read.
    pub fn open(input: &Input, model: &'m Model) -> Result<OneByOne<'m>, Diagnostic> {
        let input = &input.for_model(model);
        let leads = open_leads(input)?;
        let title = title_above(&Binding::new(model, &leads.columns().keys), &leads);
        if let Some(problem) = title.filter(Diagnostic::is_error) {
            return Err(problem);
        }
        let activity = input.read_activity(&model.property_keys().map(str::to_owned).collect())?;
        Ok(OneByOne {
            model,
            leads,
            activity: LeadActivity::new(activity, input.options.event_columns.is_keyed()),
            without_id: Tally::default(),
        })
    }

    /// The leads.
    #[must_use]
    pub fn leads(&self) -> &Leads {
        &self.leads
    }

    /// Calls `see` with what each lead is called, and with what reads it, where somebody wants to know more.
    ///
    /// # Errors
    /// Where `see` fails.
    pub fn each<E>(
        &mut self,
        mut see: impl FnMut(&str, &mut dyn FnMut() -> Result<Lead, Diagnostic>) -> Result<(), E>,
    ) -> Result<(), E> {
        let OneByOne { model, leads, activity, without_id } = self;
        let binding = Binding::new(model, &leads.columns().keys);
        for mut row in leads.rows() {
            let (id, has_id) = (leads.lead_id(&row), leads.has_id(&row));
            if !has_id && row.error.is_none() {
                without_id.add(row.line, || id.clone());
            }
            see(&id, &mut || match row.error.take() {
                Some(error) => Err(error),
                None => {
                    let records = activity.of(&leads.activity_keys(&row), row.events.take());
                    Ok(binding.lead(id.clone(), &row.cells, records))
                }
            })?;
        }
        Ok(())
    }

    /// What there is to say when the leads have come by.
    #[must_use]
    pub fn problems(&self) -> Vec<Diagnostic> {
        let missed = none_given(self.model, self.activity.is_missed());
        missed.into_iter().chain(self.activity.shared()).chain(self.leads.without_id(&self.without_id)).collect()
    }
}

/// Opens leads as a whole.
pub(super) fn open_leads(input: &Input) -> Result<Leads, Diagnostic> {
    Leads::new(open(input.leads.clone(), &input.options)?, &input.options)
}
