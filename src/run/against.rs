//! A model held against data: what leads and activity have to say to it.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;

use super::account::{Account, columns_not_there, other_sheet, title_above};
use super::each::open_leads;
use super::footers::{LastRow, footer_of};
use super::input::Input;
use crate::bind::Binding;
use crate::census::{ActivityCensus, Emails, LeadCensus, email_column};
use crate::data::{LONGEST_FOOTER, Leads, Orphans, each_activity, open};
use crate::diagnostic::Diagnostic;
use crate::model::Model;
use crate::remembered::hash;

/// What leads have to say to a model: columns that are not there, cells that cannot be read, rows that are none, values that rules ask for
/// and that never come; and what activity has to say, where some is given.
///
/// # Errors
/// Where a file cannot be read.
pub fn against(model: &Model, input: &Input) -> Result<Vec<Diagnostic>, Diagnostic> {
    let input = &input.for_model(model);
    let leads = open_leads(input)?;
    let mut account = Account::default();
    let binding = Binding::new(model, &leads.columns().keys);
    let mut found: Vec<Diagnostic> = leads.notes().to_vec();
    found.extend(title_above(&binding, &leads));
    found.extend(columns_not_there(&binding, &leads));
    found.extend(other_sheet(&binding, &leads));
    found.extend(leads.same_columns());
    let mut census = LeadCensus::new(model, &binding, leads.columns().names.len(), usize::MAX);
    let mut activity = ActivityCensus::new(model);
    let mut emails = Emails::default();
    let email = email_column(model, leads.columns(), leads.id_column());
    let mut last: VecDeque<LastRow> = VecDeque::with_capacity(LONGEST_FOOTER + 1);
    let mut keys: HashSet<u64> = HashSet::new();
    for row in leads.rows() {
        let is_read = row.error.is_none();
        let (id, has_id) = (leads.lead_id(&row), leads.has_id(&row));
        match row.error {
            Some(error) => account.row_error(error),
            None => {
                if !input.activity.is_empty() {
                    keys.extend(leads.activity_keys(&row).iter().map(|key| hash(key.as_bytes())));
                }
                if let Some(address) = email.and_then(|at| row.cells.get(at)) {
                    emails.add(row.line, &address.as_text(), &id);
                }
                row.events.iter().flatten().for_each(|record| activity.record(record));
                let lead = binding.lead(id, &row.cells, Arc::default());
                census.lead(row.line, &row.cells, &lead);
                account.lead(row.line, &lead, has_id);
            }
        }
        if last.len() == LONGEST_FOOTER {
            last.pop_front();
        }
        last.push_back((row.cells, is_read));
    }
    found.extend(account.messages(model, &leads));
    found.extend(emails.message(leads.name(), None, leads.columns()));
    found.extend(footer_of(&leads, last.make_contiguous(), &|column, rows| !census.is_blank_in(column, rows)));
    found.extend(census.messages(leads.name()));
    if activity.is_wanted() {
        of_activity(model, input, &mut activity, &keys, &mut found)?;
        found.extend(activity.messages());
    }
    Ok(found)
}

/// Goes through the files of activity. `keys` are those of the leads, as hashes.
fn of_activity(
    model: &Model,
    input: &Input,
    activity: &mut ActivityCensus<'_>,
    keys: &HashSet<u64>,
    found: &mut Vec<Diagnostic>,
) -> Result<(), Diagnostic> {
    let properties: HashSet<String> = model.property_keys().map(str::to_owned).collect();
    let has = |id: &str| keys.contains(&hash(id.as_bytes()));
    for source in &input.activity {
        let mut orphans = Orphans::default();
        let mut is_any_used = false;
        let opened = open(source.clone(), &input.activity_options())?;
        let columns = &input.options.event_columns;
        let file = each_activity(opened, columns, &|key| properties.contains(key), &mut |key, record| {
            activity.record(&record);
            if has(&key) {
                is_any_used = true;
            } else {
                orphans.add(&key, 1, &has);
            }
        })?;
        found.extend(file.notes.iter().cloned());
        found.extend(file.problems.messages(&file.name));
        found.extend(orphans.message(is_any_used, &file.name));
    }
    Ok(())
}

/// So many rows at the beginning of a file are looked at by a run.
pub(super) const FIRST: usize = 300;

/// Lists of more texts are passed over by a run: making them ready would cost more than looking.
const LONGEST_LIST: usize = 1_000;

/// What the first of some leads have to say to a model, in few words. `rows` holds the first rows of a file, or all of them.
pub(super) fn at_a_glance(model: &Model, binding: &Binding<'_>, rows: &Leads) -> Vec<Diagnostic> {
    let mut census = LeadCensus::new(model, binding, rows.columns().names.len(), LONGEST_LIST);
    let email = email_column(model, rows.columns(), rows.id_column());
    if !census.is_wanted() && email.is_none() {
        return Vec::new();
    }
    let mut emails = Emails::default();
    let mut all = rows.rows();
    for row in all.by_ref().take(FIRST).filter(|row| row.error.is_none()) {
        if let Some(address) = email.and_then(|at| row.cells.get(at)) {
            emails.add(row.line, &address.as_text(), &rows.lead_id(&row));
        }
        let lead = binding.lead(String::new(), &row.cells, Arc::default());
        census.lead(row.line, &row.cells, &lead);
    }
    let among = all.next().is_some().then_some(census.rows());
    let mut out = census.in_short(rows.name(), among);
    out.extend(emails.message(rows.name(), among, rows.columns()));
    out
}
