//! A first model for files of leads and activity, as they come: `merit start`.
//!
//! `survey` looks at each column, `columns` tells what it is, `systems` which system wrote it, `log` what a file of activity is;
//! `write` makes the text, of `blocks` on the files, `fields` and `rules`. Nothing of a person goes into it.

mod blocks;
mod columns;
mod fields;
mod log;
mod rules;
mod survey;
mod systems;
mod write;

use crate::data::Source;
use crate::diagnostic::Diagnostic;
use crate::messages::start as say;
use crate::run::Input;
use crate::time::Instant;

pub use survey::SAMPLE;
pub use write::typed_path;

/// A first model.
pub struct FirstModel {
    /// Its text, laid out.
    pub text: String,
    /// The day of the newest activity, where there is some.
    pub as_of: Option<String>,
    /// The systems that wrote the files, as far as it is plain.
    pub systems: Vec<&'static str>,
    /// How many leads there are, as far as they were counted.
    pub leads: u64,
    /// How many types of activity were seen.
    pub types: usize,
    /// What is not sure, each a sentence.
    pub unsure: Vec<String>,
}

/// Reads leads and activity and writes a first model for them. `zone` is that of their times, where it was told.
///
/// # Errors
/// Where a file cannot be read.
pub fn first_model(input: &Input, zone: Option<&str>, as_of: Instant) -> Result<FirstModel, Diagnostic> {
    let mut leads = survey::survey(&input.leads, &input.options)?;
    let options = input.activity_options();
    let surveys: Vec<(&Source, survey::Survey)> = input
        .activity
        .iter()
        .map(|source| Ok((source, survey::survey(source, &options)?)))
        .collect::<Result<_, Diagnostic>>()?;
    let all = systems::systems();
    let names = |survey: &survey::Survey| survey.columns.iter().map(|c| c.name.clone()).collect::<Vec<_>>();
    let of_leads = systems::of_leads(&all, &names(&leads));
    // The id, as the system names it; else a column that looks like one.
    let of_system =
        of_leads.iter().flat_map(|s| &s.ids).find_map(|key| leads.columns.iter().position(|c| c.key == *key));
    if input.options.id.is_none() {
        leads.id = of_system.or(leads.id);
        if leads.id.is_none() {
            leads.id = columns::looks_like_id(&leads.columns);
            leads.is_id_guessed = leads.id.is_some();
        }
    } else {
        leads.is_id_guessed = true;
    }
    let mut used: Vec<&systems::System> = of_leads.into_iter().collect();
    for (_, survey) in &surveys {
        let few = survey.columns.iter().filter(|c| !c.values.is_full && log::may_be_type(&c.key, &all));
        let types = few.flat_map(|c| c.values.most_frequent(200)).map(|(value, _)| value.to_owned());
        let words: Vec<String> = names(survey).into_iter().chain(types).collect();
        let found = systems::of_activity(&all, &words, of_leads);
        if let Some(system) = found.filter(|s| !used.iter().any(|u| u.name == s.name)) {
            used.push(system);
        }
    }
    let mut unsure = Vec::new();
    let mut logs = surveys
        .iter()
        .map(|(source, survey)| log::look(source, &options, survey, &leads, &used))
        .collect::<Result<Vec<_>, Diagnostic>>()?;
    let records = std::mem::take(&mut leads.records);
    if !records.types.is_empty() {
        logs.push(log::inside(&leads.name, records));
    }
    if let [(source, survey)] = surveys.as_slice()
        && log::is_log(&leads)
        && !log::is_log(survey)
    {
        unsure.push(say::swapped(&leads.name, &source.name()));
    }
    let layouts: Vec<_> = surveys.iter().map(|(_, survey)| (survey.header_row, survey.encoding)).collect();
    Ok(write::write(
        &write::Found { leads: &leads, logs: &logs, layouts: &layouts, systems: &used, zone, asked: input, as_of },
        unsure,
    ))
}
