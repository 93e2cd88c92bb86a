//! Where leads and activity come from, as plain data.

use std::collections::HashSet;

use std::sync::Arc;

use encoding_rs::Encoding;

use crate::bind::Binding;
use crate::data::{ActivityFile, Columns, Format, IsLeftOut, Options, Part, RowFilter, Source, open, read_activity};
use crate::diagnostic::Diagnostic;
use crate::eval::Interpreter;
use crate::model::{DataFormat, Model, RowTest};
use crate::time::Instant;

/// Where leads and activity come from, and how they are read.
#[derive(Debug, Clone)]
pub struct Input {
    /// The leads.
    pub leads: Source,
    /// The activity, where it does not stand inside of leads: one file, or several.
    pub activity: Vec<Source>,
    /// How activity is read; its columns stand in `options`.
    pub log: Options,
    /// How both are read. What is asked of the leads' format is not asked of the activity.
    pub options: Options,
    /// Whether a missing column, or a row that cannot be read, ends a run.
    pub strict: bool,
}

impl Input {
    /// Leads alone, read as usual.
    pub fn new(leads: impl Into<Source>) -> Input {
        Input {
            leads: leads.into(),
            activity: Vec::new(),
            log: Options::default(),
            options: Options::default(),
            strict: false,
        }
    }

    /// The same, where what can be read only once is read now.
    ///
    /// # Errors
    /// Where that fails.
    pub fn held(self) -> Result<Input, Diagnostic> {
        let leads = self.leads.held(&self.options)?;
        let activity = self.activity.into_iter().map(|source| source.held(&self.options)).collect::<Result<_, _>>()?;
        Ok(Input { leads, activity, ..self })
    }

    /// The same, read as the model says.
    #[must_use]
    pub fn for_model(&self, model: &Model) -> Input {
        let mut input = self.clone();
        as_said(&mut input.options, &model.leads);
        as_said(&mut input.log, &model.log);
        let columns = &mut input.options.event_columns;
        columns.format = model.log.cells.clone();
        for (part, names) in [
            (Part::Type, &model.log.kind),
            (Part::Target, &model.log.target),
            (Part::At, &model.log.at),
            (Part::EventId, &model.log.event_id),
        ] {
            columns.name(part, names);
        }
        // What the command line names is the id.
        let owners = if columns.names(Part::LeadId) { &[][..] } else { &model.log.lead };
        for owner in owners {
            let field = owner.field.and_then(|id| model.fields.get(id.0));
            columns.name_leads(&owner.columns, field.is_some());
            match field {
                Some(field) => input.options.owners.fields.push(field.keys.clone()),
                None => input.options.owners.or_id = true,
            }
        }
        columns.layout = input.log.layout.clone();
        // A sheet of the leads' workbook may hold the activity.
        if input.activity.is_empty() && input.log.sheet.is_some() && input.leads.is_archive() {
            input.activity.push(input.leads.clone());
        }
        input
    }

    /// Whether a row is taken as it stands, and belongs to its lead by the id.
    pub(super) fn is_plain(&self) -> bool {
        let Options { layout, owners, other_ids, .. } = &self.options;
        layout.is_plain() && owners.fields.is_empty() && other_ids.is_empty()
    }

    /// How activity is opened.
    pub(crate) fn activity_options(&self) -> Options {
        let Options { bound, portions, .. } = self.options;
        Options { may_be_empty: true, is_log: true, bound, portions, ..self.log.clone() }
    }

    /// The activity as a whole, with these properties of records.
    pub(super) fn read_activity(&self, properties: &HashSet<String>) -> Result<Vec<ActivityFile>, Diagnostic> {
        let read = |source: &Source| {
            let input = open(source.clone(), &self.activity_options())?;
            read_activity(input, &self.options.event_columns, &|key| properties.contains(key))
        };
        self.activity.iter().map(read).collect()
    }
}

/// Reads a file as a model says, where nobody said otherwise.
fn as_said(options: &mut Options, format: &DataFormat) {
    let layout = &mut options.layout;
    options.id = options.id.take().or_else(|| format.id.clone());
    options.sheet = options.sheet.take().or_else(|| format.sheet.clone());
    options.format = options.format.or_else(|| format.format.as_deref().and_then(Format::by_name));
    options.usual_ids.clone_from(&format.usual_ids);
    options.other_ids.clone_from(&format.other_ids);
    layout.header_row = layout.header_row.or(format.header_row);
    layout.delimiter = layout.delimiter.or(format.delimiter);
    layout.encoding = layout.encoding.or_else(|| Encoding::for_label(format.encoding.as_deref()?.as_bytes()));
    layout.missing_words = format.missing_words.clone().into();
    if !format.ignore.is_empty() {
        layout.ignore = Some(Arc::new(LeftOut(format.ignore.clone())));
    }
}

/// Rows that a model leaves out.
#[derive(Debug)]
struct LeftOut(Vec<RowTest>);

impl RowFilter for LeftOut {
    fn over<'f>(&'f self, columns: &Columns) -> IsLeftOut<'f> {
        let tests: Vec<_> = self
            .0
            .iter()
            .map(|test| (Binding::new(&test.model, &columns.keys), test))
            // A line that asks for a column that is not there leaves out no row.
            .filter(|(binding, _)| binding.unfed().next().is_none())
            .map(|(binding, test)| (binding, Interpreter::new(&test.model, Instant::EARLIEST)))
            .collect();
        Box::new(move |cells| {
            tests.iter().any(|(binding, interpreter)| {
                let row = binding.lead(String::new(), cells, Arc::default());
                interpreter.evaluate(&row).score.is_none()
            })
        })
    }

    fn lacks(&self, columns: &Columns) -> Vec<String> {
        let of = |test: &RowTest| -> Vec<String> {
            Binding::new(&test.model, &columns.keys).unfed().map(|field| field.name.clone()).collect()
        };
        self.0.iter().flat_map(of).collect()
    }
}
