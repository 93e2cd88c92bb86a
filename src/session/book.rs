//! The leads at hand: their rows, their activity, and what was changed about them to see what would be.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use crate::bind::Binding;
use crate::data::{self, LeadActivity, Leads, Options, read_activity};
use crate::diagnostic::Diagnostic;
use crate::eval::{Interpreter, Outcome, stage_name};
use crate::lead::{Activity, Lead};
use crate::model::Model;
use crate::paths::path_of;
use crate::run::Input;
use crate::text::name_key;
use crate::time::Instant;
use crate::value::Raw;

/// The id of the lead that is made up where no leads are at hand.
const MADE_UP: &str = "new";

/// So many leads are worth a second thread.
const WORTH_THREADS: usize = 500;

/// The leads at hand.
pub(super) struct Book {
    /// The file of the leads, as it is shown.
    pub name: String,
    /// The files, to read them again.
    pub leads_path: Option<String>,
    pub events_paths: Vec<String>,
    /// How they were read, in words that differ where that does.
    read_as: String,
    /// The columns, as written.
    pub names: Vec<String>,
    keys: Vec<String>,
    rows: Vec<Row>,
}

/// One lead as it is in its file.
struct Row {
    id: String,
    cells: Vec<Raw>,
    activity: Arc<Vec<Activity>>,
    error: Option<Diagnostic>,
}

/// What was changed about a lead.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Edits {
    /// Cells by the key of their column.
    pub cells: Vec<(String, Raw)>,
    /// What it did beside what is in its file.
    pub did: Vec<Arc<[Activity]>>,
}

impl Edits {
    /// How many records it did.
    pub fn records(&self) -> usize {
        self.did.iter().map(|did| did.len()).sum()
    }
}

/// What was changed, by lead.
pub(super) type AllEdits = BTreeMap<usize, Edits>;

/// How a lead stands under some rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Standing {
    /// `error` where its row cannot be read.
    pub stage: Arc<str>,
    pub could_be: Arc<str>,
    /// None of an excluded lead, and of a row that cannot be read.
    pub score: Option<i128>,
}

impl Standing {
    pub fn of(model: &Model, outcome: &Outcome) -> Standing {
        let name = |stage| Arc::from(stage_name(model, stage));
        Standing { stage: name(outcome.stage), could_be: name(outcome.could_be), score: outcome.score }
    }
}

/// How files are read, in words that differ where that does.
fn read_as(input: &Input) -> String {
    format!("{:?}{:?}", input.options, input.log)
}

impl Book {
    /// Whether these rules would have the files read otherwise.
    pub fn is_read_otherwise(&self, reading: &Input, model: Option<&Model>) -> bool {
        self.leads_path.is_some() && model.is_some_and(|model| read_as(&reading.for_model(model)) != self.read_as)
    }

    /// One made-up lead of which nothing is known.
    pub fn empty() -> Book {
        let row = Row { id: MADE_UP.to_owned(), cells: Vec::new(), activity: Arc::default(), error: None };
        Book {
            name: String::new(),
            leads_path: None,
            events_paths: Vec::new(),
            read_as: String::new(),
            names: Vec::new(),
            keys: Vec::new(),
            rows: vec![row],
        }
    }

    /// The leads of a file with their activity, and what there is to say about the two files.
    ///
    /// # Errors
    /// Where one of the files cannot be read.
    pub fn load(
        leads_path: &str,
        events: &[&str],
        reading: &Input,
        model: Option<&Model>,
    ) -> Result<(Book, Vec<Diagnostic>), Diagnostic> {
        let input = Input {
            leads: path_of(leads_path).into(),
            activity: events.iter().map(|path| path_of(path).into()).collect(),
            ..reading.clone()
        };
        let input = model.map_or_else(|| input.clone(), |model| input.for_model(model));
        let leads = data::open(input.leads.clone(), &input.options)?;
        let log = input.activity_options();
        let files = input.activity.iter().map(|source| data::open(source.clone(), &log)).collect::<Result<_, _>>()?;
        let (mut book, notes) = Book::read(leads, files, &input.options)?;
        book.leads_path = Some(leads_path.to_owned());
        book.events_paths = events.iter().map(|path| (*path).to_owned()).collect();
        book.read_as = read_as(&input);
        Ok((book, notes))
    }

    /// The same, of what was opened.
    ///
    /// # Errors
    /// Where it holds no leads, or no activity.
    pub fn read(
        leads: data::Input,
        events: Vec<data::Input>,
        options: &Options,
    ) -> Result<(Book, Vec<Diagnostic>), Diagnostic> {
        let mut notes = Vec::new();
        let leads = Leads::new(leads, options)?;
        notes.extend(leads.notes().iter().cloned());
        // Rules that are typed later may ask for any property.
        let read = |input| read_activity(input, &options.event_columns, &|_| true);
        let files: Vec<data::ActivityFile> = events.into_iter().map(read).collect::<Result<_, _>>()?;
        for file in &files {
            notes.extend(file.notes.iter().cloned());
            notes.extend(file.problems.messages(&file.name));
        }
        let mut activity = LeadActivity::new(files, options.event_columns.is_keyed());
        let mut problems = data::ActivityProblems::default();
        let mut rows = Vec::new();
        let (mut errors, mut without_id) = (0, data::Tally::default());
        for row in leads.rows() {
            let (id, has_id) = (leads.lead_id(&row), leads.has_id(&row));
            problems.merge(&row.event_problems);
            let records = activity.of(&leads.activity_keys(&row), row.events.clone());
            if !has_id && row.error.is_none() {
                without_id.add(row.line, || id.clone());
            }
            errors += usize::from(row.error.is_some());
            if errors <= 3 {
                notes.extend(row.error.iter().cloned());
            }
            rows.push(Row { id, cells: row.cells, activity: records, error: row.error });
        }
        notes.extend(leads.without_id(&without_id));
        notes.extend(problems.messages(leads.name()));
        let ids: HashSet<&str> = rows.iter().map(|row| row.id.as_str()).collect();
        notes.extend(activity.orphans(&|id| ids.contains(id)));
        let mut book = Book { name: leads.name().to_owned(), rows, ..Book::empty() };
        (book.names, book.keys) = (leads.columns().names.clone(), leads.columns().keys.clone());
        if book.rows.is_empty() {
            book.rows = Book::empty().rows;
        }
        Ok((book, notes))
    }

    /// Whether these are leads from a file.
    pub fn is_loaded(&self) -> bool {
        !self.name.is_empty()
    }

    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// How many records of activity all leads have.
    pub fn records(&self) -> usize {
        self.rows.iter().map(|r| r.activity.len()).sum()
    }

    pub fn id(&self, lead: usize) -> &str {
        self.rows.get(lead).map_or("", |r| &r.id)
    }

    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.rows.iter().map(|r| r.id.as_str())
    }

    /// The lead of an id, in any case where none is spelled so.
    pub fn find(&self, id: &str) -> Option<usize> {
        let exact = self.rows.iter().position(|r| r.id == id);
        exact.or_else(|| self.rows.iter().position(|r| r.id.eq_ignore_ascii_case(id)))
    }

    /// Adds a lead of which nothing is known, and says which it is.
    pub fn add_made_up(&mut self) -> usize {
        self.rows.extend(Book::empty().rows);
        self.rows.len() - 1
    }

    /// Why a row cannot be read.
    pub fn error(&self, lead: usize) -> Option<&Diagnostic> {
        self.rows.get(lead)?.error.as_ref()
    }

    /// What a cell of a lead says, changed or not.
    pub fn cell(&self, lead: usize, key: &str, edits: &AllEdits) -> Option<String> {
        let edited = edits.get(&lead).and_then(|e| e.cells.iter().find(|(k, _)| k == key)).map(|(_, cell)| cell);
        let of_row = || self.keys.iter().position(|k| k == key).and_then(|at| self.rows.get(lead)?.cells.get(at));
        edited.or_else(of_row).filter(|cell| !matches!(cell, Raw::Missing)).map(|cell| cell.as_text().into_owned())
    }

    /// The column with this key.
    pub fn column(&self, name: &str) -> Option<&str> {
        let key = name_key(name);
        self.keys.iter().position(|k| *k == key).and_then(|at| self.names.get(at)).map(String::as_str)
    }

    /// The different texts that a column holds, the first so many.
    pub fn values_of(&self, key: &str, most: usize) -> Vec<String> {
        let Some(at) = self.keys.iter().position(|k| k == key) else { return Vec::new() };
        let texts = self
            .rows
            .iter()
            .filter_map(|r| r.cells.get(at))
            .filter(|c| !matches!(c, Raw::Missing))
            .map(|c| c.as_text().into_owned());
        distinct(texts, most)
    }

    /// The types of activity that all leads have, and the targets of one.
    pub fn activity_types(&self, most: usize) -> Vec<String> {
        distinct(self.rows.iter().flat_map(|r| r.activity.iter()).map(|a| a.kind.written.clone()), most)
    }

    /// The targets of activity of a type (folded).
    pub fn targets_of(&self, kind: &str, most: usize) -> Vec<String> {
        let of_kind = self.rows.iter().flat_map(|r| r.activity.iter()).filter(|a| a.kind.folded == kind);
        distinct(of_kind.filter_map(|a| a.target.as_ref()).map(|t| t.written.clone()), most)
    }

    /// A lead as a model reads it; none where its row cannot be read.
    pub fn lead(&self, model: &Model, lead: usize, edits: &AllEdits) -> Option<Lead> {
        self.bound(&Binding::new(model, &self.keys), model, lead, edits)
    }

    fn bound(&self, binding: &Binding<'_>, model: &Model, lead: usize, edits: &AllEdits) -> Option<Lead> {
        let row = self.rows.get(lead).filter(|r| r.error.is_none())?;
        let Some(edits) = edits.get(&lead) else {
            return Some(binding.lead(row.id.clone(), &row.cells, Arc::clone(&row.activity)));
        };
        // What was set comes first: of several columns of a field the first counts.
        let mut keys: Vec<String> = Vec::new();
        let mut cells: Vec<Raw> = Vec::new();
        for (key, cell) in &edits.cells {
            // All columns of a field that was set are out of the way, also where it was set to missing.
            keys.push(key.clone());
            cells.push(cell.clone());
        }
        let hidden: Vec<&String> = edits.cells.iter().flat_map(|(key, _)| fields_of(model, key)).collect();
        for (key, cell) in self.keys.iter().zip(&row.cells) {
            if !keys.contains(key) && !hidden.contains(&key) {
                keys.push(key.clone());
                cells.push(cell.clone());
            }
        }
        let mut activity = Arc::clone(&row.activity);
        if !edits.did.is_empty() {
            Arc::make_mut(&mut activity).extend(edits.did.iter().flat_map(|did| did.iter().cloned()));
        }
        Some(Binding::new(model, &keys).lead(row.id.clone(), &cells, activity))
    }

    /// How all leads stand.
    pub fn standings(&self, model: &Model, as_of: Instant, edits: &AllEdits) -> Vec<Standing> {
        self.each(model, as_of, edits, &|interpreter, lead| match lead {
            None => Standing { stage: Arc::from("error"), could_be: Arc::from("error"), score: None },
            Some(lead) => Standing::of(model, &interpreter.evaluate(lead)),
        })
    }

    /// What `f` says of each lead, in their order; on all cores where there are many.
    pub fn each<T: Send>(
        &self,
        model: &Model,
        as_of: Instant,
        edits: &AllEdits,
        f: &(dyn Fn(&Interpreter<'_>, Option<&Lead>) -> T + Sync),
    ) -> Vec<T> {
        let part = |from: usize, to: usize| -> Vec<T> {
            let interpreter = Interpreter::new(model, as_of);
            let binding = Binding::new(model, &self.keys);
            (from..to).map(|i| f(&interpreter, self.bound(&binding, model, i, edits).as_ref())).collect()
        };
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        if self.rows.len() < WORTH_THREADS || threads == 1 {
            return part(0, self.rows.len());
        }
        let step = self.rows.len().div_ceil(threads);
        let part = &part;
        std::thread::scope(|scope| {
            let starts = (0..self.rows.len()).step_by(step);
            let parts: Vec<_> =
                starts.map(|from| scope.spawn(move || part(from, (from + step).min(self.rows.len())))).collect();
            // A part that panicked panics here: its rows would be missing otherwise.
            parts.into_iter().flat_map(|p| p.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect()
        })
    }
}

/// The columns that feed the fields which a key feeds.
fn fields_of<'m>(model: &'m Model, key: &'m str) -> impl Iterator<Item = &'m String> {
    model.fields.iter().filter(move |f| f.keys.iter().any(|k| k == key)).flat_map(|f| &f.keys)
}

fn distinct(texts: impl Iterator<Item = String>, most: usize) -> Vec<String> {
    let mut seen = std::collections::BTreeSet::new();
    for text in texts {
        seen.insert(text);
        if seen.len() >= most {
            break;
        }
    }
    seen.into_iter().collect()
}
