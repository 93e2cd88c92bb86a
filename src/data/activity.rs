//! Activity: records in files of their own, or inside leads.
//!
//! Owns the way from the cells of a record to an [`Activity`], the same for both. Order never matters here, and copies of
//! one `event_id` stay in: they are taken out when a lead's activity is complete.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use super::event_columns::{EventColumns, Part};
use super::formats::csv::RowShape;
use super::formats::json;
use super::source::Input;
use super::table::{Table, Wanted};
use super::tally::{Tally, shown};
use crate::diagnostic::Diagnostic;
use crate::lead::{Activity, At, activity_key};
use crate::messages::data as messages;
use crate::text::{name_key, path_key};
use crate::time::Instant;
use crate::value::{CellFormat, Raw, Text};

/// So many different texts are kept once; beyond that each record has its own.
const MOST_SHARED: usize = 100_000;

/// What an activity file holds.
#[derive(Debug)]
pub struct ActivityFile {
    /// The file as it is shown in messages.
    pub name: String,
    /// The records of each lead, in the order of the file.
    pub by_lead: HashMap<String, Vec<Activity>>,
    /// How many rows the file has, readable or not.
    pub rows: u64,
    /// How many rows were left out.
    pub ignored: u64,
    /// What could not be read.
    pub problems: ActivityProblems,
    /// What there is to say about the file as a whole, all warnings.
    pub notes: Vec<Diagnostic>,
}

impl ActivityFile {
    /// How many records lie after an instant.
    #[must_use]
    pub fn later(&self, than: Instant) -> u64 {
        self.by_lead.values().flatten().filter(|record| record.at.is_after(than)).count() as u64
    }
}

/// What could not be read of activity. The lines are those of the file; for nested records, those of the lead.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ActivityProblems {
    /// Rows that cannot be read; the first says why. They are left out.
    pub rows: Tally,
    /// `events` cells that are no array of objects, or elements that are no objects. They are left out.
    pub events: Tally,
    /// Records without a lead. They are left out.
    pub without_lead: Tally,
    /// Records without a type. They are left out.
    pub without_type: Tally,
    /// Instants that cannot be read. Their records stay.
    pub instants: Tally,
}

impl ActivityProblems {
    /// The instant of a record whose time is not missing.
    pub fn read_at(&mut self, text: &str, format: &CellFormat, line: impl Fn() -> u64) -> At {
        match format.read_date(text) {
            Some(date) => At::from(date),
            None => {
                self.instants.add_at(line, || shown(text));
                At::Unreadable
            }
        }
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        [&self.rows, &self.events, &self.without_lead, &self.without_type, &self.instants].iter().all(|t| t.count == 0)
    }

    /// Adds what was seen elsewhere in the same file.
    pub fn merge_any(&mut self, other: &ActivityProblems) {
        self.rows.merge_any(&other.rows);
        self.events.merge_any(&other.events);
        self.without_lead.merge_any(&other.without_lead);
        self.without_type.merge_any(&other.without_type);
        self.instants.merge_any(&other.instants);
    }

    /// Adds what was seen later in the same file.
    pub fn merge(&mut self, later: &ActivityProblems) {
        self.rows.merge(&later.rows);
        self.events.merge(&later.events);
        self.without_lead.merge(&later.without_lead);
        self.without_type.merge(&later.without_type);
        self.instants.merge(&later.instants);
    }

    /// One message for each kind that there is: an error for rows, warnings for the others.
    #[must_use]
    pub fn messages(&self, file: &str) -> Vec<Diagnostic> {
        let message = |tally: &Tally, about: fn(&str, u64, &super::Seen) -> Diagnostic| {
            tally.first.as_ref().map(|first| about(file, tally.count, first))
        };
        [
            message(&self.rows, messages::activity_rows),
            message(&self.events, messages::unreadable_events),
            message(&self.without_lead, messages::activity_without_lead),
            message(&self.without_type, messages::activity_without_type),
            message(&self.instants, messages::unreadable_instants),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

/// Where the parts of activity stand among the columns of a file, each in one column at most.
#[derive(Debug, Clone)]
pub struct ActivityPlaces {
    /// What the rows are like.
    pub(crate) shape: RowShape,
    /// The column of the lead's id.
    pub lead_id: usize,
    /// The column of the type.
    pub kind: usize,
    /// The column of the target.
    pub target: Option<usize>,
    /// The column of the instant.
    pub at: Option<usize>,
    /// How instants are written.
    pub format: CellFormat,
    /// The columns of properties that are wanted, and their keys.
    pub properties: Vec<(Arc<str>, usize)>,
}

impl ActivityPlaces {
    /// Finds the places in a file's header; none where a part has several columns, or where records have an `event_id`.
    /// Warnings about the file come along.
    ///
    /// # Errors
    /// As [`read_activity`].
    pub fn of(
        header: Input,
        columns: &EventColumns,
        wanted: &dyn Fn(&str) -> bool,
    ) -> Result<Option<ActivityPlaces>, Diagnostic> {
        if !columns.layout.is_plain() || columns.is_keyed() {
            return Ok(None);
        }
        let table = activity_table(header, columns, wanted)?;
        let places: Vec<Place> = table.columns.keys.iter().map(|key| Place::of(key, columns, wanted)).collect();
        let all = |part: Part| {
            places.iter().enumerate().filter(move |(_, p)| matches!(p, Place::Part(x, _) if *x == part)).map(|(i, _)| i)
        };
        let one = |part: Part| (all(part).count() < 2).then(|| all(part).next());
        let mut properties: Vec<(Arc<str>, usize)> = Vec::new();
        for (i, place) in places.iter().enumerate() {
            if matches!(place, Place::Records(_)) {
                return Ok(None);
            }
            if let Place::Property(key) = place {
                if properties.iter().any(|(k, _)| k == key) {
                    return Ok(None);
                }
                properties.push((Arc::clone(key), i));
            }
        }
        let (Some(Some(lead_id)), Some(Some(kind)), Some(target), Some(at), Some(None)) =
            (one(Part::LeadId), one(Part::Type), one(Part::Target), one(Part::At), one(Part::EventId))
        else {
            return Ok(None);
        };
        let Some(shape) = table.row_shape() else { return Ok(None) };
        Ok(Some(ActivityPlaces { shape, lead_id, kind, target, at, format: columns.format.clone(), properties }))
    }
}

/// Reads the header of an activity file.
fn activity_table(input: Input, columns: &EventColumns, wanted: &dyn Fn(&str) -> bool) -> Result<Table, Diagnostic> {
    let ignored = columns.layout.ignore.is_some();
    let is_wanted =
        |key: &str| ignored || columns.part_of(key).is_some() || columns.is_above(key) || wanted(&property_key(key));
    let mut table = Table::new(input, &Wanted { column: &is_wanted, events: false, layout: &columns.layout })?;
    table.id = table.columns.keys.iter().position(|key| columns.part_of(key) == Some(Part::LeadId));
    if !table.is_empty {
        let names = || table.columns.names.iter().chain(&table.unwanted).map(String::as_str).collect::<Vec<_>>();
        let is_there =
            |part| table.columns.keys.iter().any(|key| columns.part_of(key) == Some(part) || columns.is_above(key));
        for part in Part::ALL {
            if (part.is_required() || columns.is_bound(part)) && !is_there(part) {
                return Err(messages::no_activity_column(&table.name, part.name(), columns.column(part), &names()));
            }
        }
    }
    Ok(table)
}

/// Reads an activity file. Of the properties, those are kept whose key is `wanted`.
///
/// # Errors
/// Where the file has no header, or no column for the lead or the type, or none that `columns` names.
pub fn read_activity(
    input: Input,
    columns: &EventColumns,
    wanted: &dyn Fn(&str) -> bool,
) -> Result<ActivityFile, Diagnostic> {
    let mut by_lead: HashMap<String, Vec<Activity>> = HashMap::new();
    let file = each_activity(input, columns, wanted, &mut |key, activity| match by_lead.get_mut(&*key) {
        Some(records) => records.push(activity),
        None => drop(by_lead.insert(key.into_owned(), vec![activity])),
    })?;
    by_lead.values_mut().for_each(Vec::shrink_to_fit);
    Ok(ActivityFile { by_lead, ..file })
}

/// The same record by record, in the order of the file: `see` gets what it belongs to a lead by. What comes back holds none.
///
/// # Errors
/// As [`read_activity`].
pub fn each_activity(
    input: Input,
    columns: &EventColumns,
    wanted: &dyn Fn(&str) -> bool,
    see: &mut dyn FnMut(Cow<'_, str>, Activity),
) -> Result<ActivityFile, Diagnostic> {
    let table = activity_table(input, columns, wanted)?;
    let places: Vec<Place> = table.columns.keys.iter().map(|key| Place::of(key, columns, wanted)).collect();
    let is_keyed = columns.is_keyed_in(&table.columns.keys);
    let mut recorder = Recorder::new(columns);
    let mut problems = ActivityProblems::default();
    let (mut rows, mut ignored) = (0, 0);
    let is_left_out = columns.layout.is_left_out(&table.columns);
    for (_, row) in table.rows() {
        if is_left_out.as_ref().is_some_and(|is| is(&row.cells)) {
            ignored += 1;
            continue;
        }
        rows += 1;
        if let Some(error) = row.error {
            problems.rows.add(row.line, || error.message);
            continue;
        }
        let mut cells = Cells::new();
        places.iter().zip(row.cells).for_each(|(place, cell)| recorder.put(&mut cells, place, cell));
        let Some(lead) = into_text(std::mem::replace(&mut cells.lead_id, Raw::Missing)) else {
            problems.without_lead.add(row.line, || shown(&cells.kind.as_text()));
            continue;
        };
        if let Some(activity) = recorder.activity(cells, row.line, &mut problems) {
            see(activity_key(&lead, is_keyed), activity);
        }
    }
    let lacks = columns.layout.lacks(&table.columns);
    let mut notes = table.notes;
    notes.extend((!lacks.is_empty()).then(|| messages::ignores_in_vain(&table.name, &lacks)));
    Ok(ActivityFile { name: table.name, by_lead: HashMap::new(), rows, ignored, problems, notes })
}

/// Where a cell of a record goes.
#[derive(Debug, Clone)]
enum Place {
    /// A part, and its place among the columns of that part.
    Part(Part, usize),
    Property(Arc<str>),
    /// Records, as JSON in a cell, below a column with this key.
    Records(Arc<str>),
    Nowhere,
}

impl Place {
    fn of(key: &str, columns: &EventColumns, wanted: &dyn Fn(&str) -> bool) -> Place {
        if let Some((part, rank)) = columns.rank_of(key) {
            return Place::Part(part, rank);
        }
        if columns.is_above(key) {
            return Place::Records(key.into());
        }
        let property = property_key(key);
        if wanted(&property) { Place::Property((&*property).into()) } else { Place::Nowhere }
    }
}

/// What a property of records is called by: `properties_url`, whether it stands in a column `properties.url` or as `url` in an object
/// `properties`.
fn property_key(key: &str) -> Cow<'_, str> {
    if key.contains('.') { Cow::Owned(name_key(key)) } else { Cow::Borrowed(key) }
}

/// The cells of one record. Of several in one place the first that is not missing counts, by the order of their columns.
struct Cells {
    lead_id: Raw,
    kind: Raw,
    target: Raw,
    at: Raw,
    event_id: Raw,
    /// By part, the place of the column that was taken.
    ranks: [usize; 5],
    properties: Vec<(Arc<str>, Raw)>,
}

impl Cells {
    fn new() -> Cells {
        let missing = || Raw::Missing;
        Cells {
            lead_id: missing(),
            kind: missing(),
            target: missing(),
            at: missing(),
            event_id: missing(),
            ranks: [usize::MAX; 5],
            properties: Vec::new(),
        }
    }

    fn put(&mut self, place: &Place, cell: Raw) {
        if cell == Raw::Missing {
            return;
        }
        let (part, rank) = match place {
            Place::Part(part, rank) => (*part, *rank),
            Place::Property(key) => {
                if !self.properties.iter().any(|(k, _)| k == key) {
                    self.properties.push((Arc::clone(key), cell));
                }
                return;
            }
            Place::Records(_) | Place::Nowhere => return,
        };
        let slot = match part {
            Part::LeadId => &mut self.lead_id,
            Part::Type => &mut self.kind,
            Part::Target => &mut self.target,
            Part::At => &mut self.at,
            Part::EventId => &mut self.event_id,
        };
        let Some(taken) = self.ranks.get_mut(part as usize) else { return };
        if *slot == Raw::Missing || rank < *taken {
            (*slot, *taken) = (cell, rank);
        }
    }
}

/// Makes activity records of cells; the texts that they share are kept once.
#[derive(Debug)]
pub(super) struct Recorder {
    columns: EventColumns,
    kinds: Shared,
    targets: Shared,
    /// Where the keys of nested records go.
    places: HashMap<String, Place>,
}

impl Recorder {
    pub(super) fn new(columns: &EventColumns) -> Recorder {
        Recorder {
            columns: columns.clone(),
            kinds: Shared::default(),
            targets: Shared::default(),
            places: HashMap::new(),
        }
    }

    /// Puts a cell where it belongs; of records in it, each value.
    fn put(&mut self, cells: &mut Cells, place: &Place, cell: Raw) {
        match (place, &cell) {
            (Place::Records(above), Raw::Text(json)) if json.trim_start().starts_with('{') => {
                let mut found = Vec::new();
                let read =
                    json::each_cell(json.trim(), true, |name, cell| found.push((format!("{above}.{name}"), cell)));
                if read.is_ok() {
                    for (name, cell) in found {
                        let place = self.place_of(&name);
                        self.put(cells, &place, cell);
                    }
                }
            }
            _ if self.columns.layout.is_missing(&cell) => {}
            _ => cells.put(place, cell),
        }
    }

    fn place_of(&mut self, name: &str) -> Place {
        match self.places.get(name) {
            Some(place) => place.clone(),
            None => self.new_place(name),
        }
    }

    /// A record; none where it has no type.
    fn activity(&mut self, cells: Cells, line: u64, problems: &mut ActivityProblems) -> Option<Activity> {
        if cells.kind == Raw::Missing {
            problems.without_type.add(line, || shown(&cells.target.as_text()));
            return None;
        }
        let at = match &cells.at {
            Raw::Missing => At::Missing,
            cell => problems.read_at(&cell.as_text(), &self.columns.format, || line),
        };
        let mut properties = cells.properties;
        properties.shrink_to_fit();
        let target = (cells.target != Raw::Missing).then(|| self.targets.text(&cells.target.as_text()));
        let event_id = (cells.event_id != Raw::Missing).then(|| cells.event_id.as_text().into());
        Some(Activity::new(self.kinds.text(&cells.kind.as_text()), target, at).with(event_id, properties))
    }

    /// The records of an array of objects; none where it is no array.
    pub(super) fn nested(&mut self, json: &str, line: u64, problems: &mut ActivityProblems) -> Option<Vec<Activity>> {
        let Ok(elements) = json::array(json) else {
            problems.events.add(line, || shown(json));
            return None;
        };
        let mut activity = Vec::with_capacity(elements.len());
        for element in elements {
            let mut cells = Cells::new();
            let read = json::each_cell(element, false, |name, cell| {
                let place = self.place_of(name);
                self.put(&mut cells, &place, cell);
            });
            match read {
                Ok(()) => activity.extend(self.activity(cells, line, problems)),
                Err(_) => problems.events.add(line, || shown(element)),
            }
        }
        Some(activity)
    }

    fn new_place(&mut self, name: &str) -> Place {
        let place = Place::of(&path_key(name), &self.columns, &|_| true);
        if self.places.len() < MOST_SHARED {
            self.places.insert(name.to_owned(), place.clone());
        }
        place
    }
}

/// Texts that many records share.
#[derive(Debug, Default)]
struct Shared(HashMap<String, Arc<Text>>);

impl Shared {
    fn text(&mut self, written: &str) -> Arc<Text> {
        if let Some(text) = self.0.get(written) {
            return Arc::clone(text);
        }
        let text = Text::new(written);
        if self.0.len() < MOST_SHARED {
            self.0.insert(written.to_owned(), Arc::clone(&text));
        }
        text
    }
}

/// A cell as text, without copying where it is one; none where it is missing.
fn into_text(cell: Raw) -> Option<String> {
    match cell {
        Raw::Missing => None,
        Raw::Text(text) | Raw::Number(text) => Some(text),
        other => Some(other.as_text().into_owned()),
    }
}
