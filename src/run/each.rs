//! Leads one by one, for those who want to see few of them, or each cell.

use std::sync::Arc;

use super::account::{Account, columns_not_there, none_given, title_above};
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

/// What leads have to say to a model: columns that are not there, cells that cannot be read, rows that are none. Their activity
/// is left alone.
///
/// # Errors
/// Where the leads cannot be read.
pub fn against(model: &Model, input: &Input) -> Result<Vec<Diagnostic>, Diagnostic> {
    let leads = open_leads(&input.for_model(model))?;
    let mut account = Account::default();
    let binding = Binding::new(model, &leads.columns().keys);
    let mut found: Vec<Diagnostic> = leads.notes().to_vec();
    found.extend(title_above(&binding, &leads));
    found.extend(columns_not_there(&binding, &leads));
    found.extend(leads.same_columns());
    for row in leads.rows() {
        match row.error {
            Some(error) => account.row_error(error),
            None => account.lead(
                row.line,
                &binding.lead(leads.lead_id(&row), &row.cells, Arc::default()),
                leads.has_id(&row),
            ),
        }
    }
    found.extend(account.messages(model, &leads));
    Ok(found)
}

fn open_leads(input: &Input) -> Result<Leads, Diagnostic> {
    Leads::new(open(input.leads.clone(), &input.options)?, &input.options)
}
