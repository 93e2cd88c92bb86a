//! Leads as JSON Lines, with their activity inside.
//!
//! Owns the way from a line to facts. A line that is not usual is read by the careful reader, alone.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use super::blocks::{Block, lines};
use super::instants::usual;
use super::kinds::KnownKinds;
use super::leads::{Cells, Done, InGroup, Worker};
use super::objects::{Keys, Value, decoded, entries};
use crate::data::{ActivityProblems, EventColumns, LeadActivity, Leads, Part, shown};
use crate::eval::Interpreter;
use crate::eval::batch::{Program, WIDTH};
use crate::lead::{self, At, drop_copies};
use crate::text::name_key;
use crate::time::Instant;
use crate::value::{CellFormat, Raw, Text};

/// Where the entries of an object go.
pub struct LineShape<'l> {
    leads: &'l Leads,
    columns: HashMap<Vec<u8>, usize>,
    event_columns: &'l EventColumns,
    /// The keys of properties that the model reads, in one order.
    properties: Vec<String>,
}

/// Where an entry of a record goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Part(Part),
    Property(usize),
    Nowhere,
    /// Only the careful reader knows.
    Odd,
}

impl<'l> LineShape<'l> {
    /// For the columns of a file, and the properties of activity that are read.
    #[must_use]
    pub fn new(leads: &'l Leads, properties: impl Iterator<Item = String>) -> LineShape<'l> {
        let mut columns = HashMap::new();
        for (i, name) in leads.columns().names.iter().enumerate().filter(|(_, n)| !n.contains('.')) {
            columns.insert(name.as_bytes().to_vec(), i);
        }
        let mut properties: Vec<String> = properties.collect();
        properties.sort();
        properties.dedup();
        LineShape { leads, columns, event_columns: leads.event_columns(), properties }
    }

    fn place(&self, key: &[u8]) -> Place {
        let Ok(key) = std::str::from_utf8(key) else { return Place::Odd };
        if key.contains('.') {
            return Place::Odd;
        }
        let key = name_key(key);
        match self.event_columns.part_of(&key) {
            Some(part) => Place::Part(part),
            None => self.properties.iter().position(|p| *p == key).map_or(Place::Nowhere, Place::Property),
        }
    }
}

/// What one thread remembers of lines.
pub struct LineReader<'p> {
    /// The columns of keys, in the order in which lines had them lately.
    order: Vec<(Vec<u8>, usize)>,
    records: Records<'p>,
    keys: Keys,
}

/// What one thread remembers of records.
struct Records<'p> {
    program: &'p Program<'p>,
    interpreter: Interpreter<'p>,
    known: KnownKinds<'p>,
    /// The places of keys, in the order in which records had them lately.
    places: Vec<(Vec<u8>, Place)>,
    key: Vec<u8>,
}

/// A line of a block, read.
struct Line<'b> {
    /// By column.
    values: Vec<Value<'b>>,
    /// Whether it holds a list of activity.
    has_activity: bool,
}

impl<'p> LineReader<'p> {
    /// Nothing seen so far.
    #[must_use]
    pub fn new(program: &'p Program<'p>) -> LineReader<'p> {
        let interpreter = Interpreter::new(program.model(), program.as_of());
        LineReader {
            order: Vec::new(),
            keys: Keys::default(),
            records: Records {
                program,
                interpreter,
                known: KnownKinds::new(program),
                places: Vec::new(),
                key: Vec::new(),
            },
        }
    }

    /// Reads a line: its values, and its records into a row. False where it is not usual; then some may be read already.
    fn line<'b>(
        &mut self,
        shape: &LineShape<'_>,
        text: &'b [u8],
        number: u64,
        line: &mut Line<'b>,
        to: &mut RecordsTo<'_>,
    ) -> bool {
        line.values.fill(Value::Null);
        line.has_activity = false;
        let (mut at, mut last) = (0, None);
        let LineReader { order, records, keys } = self;
        let mut is_usual = true;
        let Line { values, has_activity } = line;
        let found = &mut |key: &'b [u8], value: Value<'b>| {
            if matches!(value, Value::Objects(_)) {
                *has_activity = true;
                return true;
            }
            let column = match order.get(at) {
                Some((usual, column)) if usual == key => {
                    at += 1;
                    *column
                }
                _ => {
                    let Some(&column) = shape.columns.get(key) else { return false };
                    match order.iter().position(|(k, _)| k == key) {
                        Some(place) => at = place + 1,
                        None => {
                            order.push((key.to_vec(), column));
                            at = order.len();
                        }
                    }
                    column
                }
            };
            // Keys in the order of the columns come once.
            if last.is_some_and(|last| column <= last) {
                return false;
            }
            last = Some(column);
            if let Some(slot) = values.get_mut(column) {
                *slot = value;
            }
            true
        };
        let mut parts = [Value::Null; 5];
        let mut properties: Vec<Value<'b>> = vec![Value::Null; shape.properties.len()];
        let mut nth = 0;
        let event = &mut |entry: Option<(&'b [u8], Value<'b>)>| {
            let Some((key, value)) = entry else {
                is_usual &= records.record(shape, &parts, &properties, number, to);
                parts = [Value::Null; 5];
                properties.fill(Value::Null);
                nth = 0;
                return;
            };
            let slot = match records.place(shape, nth, key) {
                Place::Part(part) => parts.get_mut(part as usize),
                Place::Property(p) => properties.get_mut(p),
                Place::Nowhere => None,
                Place::Odd => {
                    is_usual = false;
                    None
                }
            };
            nth += 1;
            // Of several in one place the first that is not missing counts.
            if let Some(slot) = slot
                && slot.raw_is_missing()
            {
                *slot = value;
            }
        };
        entries(text, keys, found, event) && is_usual
    }
}

/// Where records go.
struct RecordsTo<'t> {
    row: &'t mut [u32],
    problems: &'t mut ActivityProblems,
    /// How many lie after the as-of.
    later: &'t mut u64,
    /// Those that are held.
    keep: &'t mut Vec<lead::Activity>,
}

impl Records<'_> {
    #[inline]
    fn place(&mut self, shape: &LineShape<'_>, at: usize, key: &[u8]) -> Place {
        if let Some((usual, place)) = self.places.get(at)
            && usual == key
        {
            return *place;
        }
        if let Some((_, place)) = self.places.iter().find(|(k, _)| k == key) {
            return *place;
        }
        let place = shape.place(key);
        if self.places.len() < 1000 {
            self.places.push((key.to_vec(), place));
        }
        place
    }

    /// Adds a record to a row; false where only the careful reader can.
    fn record(
        &mut self,
        shape: &LineShape<'_>,
        parts: &[Value<'_>; 5],
        properties: &[Value<'_>],
        line: u64,
        to: &mut RecordsTo<'_>,
    ) -> bool {
        let [_, kind, target, at, event_id] = parts;
        if !event_id.raw_is_missing() {
            return false;
        }
        self.key.clear();
        for value in [kind, target].into_iter().chain(properties) {
            value.key_into(&mut self.key);
        }
        let Some(found) = self.known.of(&self.key, &self.interpreter, || record_of(shape, kind, target, properties))
        else {
            to.problems.without_type.add(line, || shown(&target.raw().as_text()));
            return true;
        };
        let at = instant(at, &shape.event_columns.format, line, to.problems);
        *to.later += u64::from(at.is_after(self.program.as_of()));
        self.known.kinds.add(to.row, found, at.instant().map(|at| at.0));
        if self.program.keeps_records()
            && let Some(record) = self.known.kinds.kept(found)
        {
            to.keep.push(record.clone().at(at));
        }
        true
    }

    /// Adds a record that the careful reader gave.
    fn add(&mut self, record: &lead::Activity, row: &mut [u32]) {
        let kind = self.known.kinds.of(&self.interpreter, record);
        self.known.kinds.add(row, kind, record.at.instant().map(|at| at.0));
    }
}

impl Value<'_> {
    fn raw_is_missing(&self) -> bool {
        match self {
            Value::Null => true,
            Value::Text(text, has_escapes) => super::rows::is_blank(decoded(text, *has_escapes).as_bytes()),
            _ => false,
        }
    }

    /// Adds bytes that tell this value from all others.
    fn key_into(&self, out: &mut Vec<u8>) {
        // None of these is in any text.
        let (tag, bytes): (u8, &[u8]) = match self {
            Value::Null | Value::Objects(_) => (0xff, &[]),
            Value::Text(text, false) => (0xfe, text),
            Value::Text(text, true) => (0xfd, text),
            Value::Number(n) => (0xfc, n),
            Value::Flag(yes) => (if *yes { 0xfb } else { 0xfa }, &[]),
        };
        out.push(tag);
        out.extend_from_slice(bytes);
    }
}

/// The record of some values, without its instant; none where it has no type.
fn record_of(
    shape: &LineShape<'_>,
    kind: &Value<'_>,
    target: &Value<'_>,
    properties: &[Value<'_>],
) -> Option<lead::Activity> {
    let text = |value: &Value<'_>| match value.raw() {
        Raw::Missing => None,
        raw => Some(Text::new(&raw.as_text())),
    };
    let with_keys = shape.properties.iter().zip(properties).filter(|(_, v)| !v.raw_is_missing());
    let properties = with_keys.map(|(key, value)| (Arc::from(key.as_str()), value.raw())).collect();
    Some(lead::Activity::new(text(kind)?, text(target), At::Missing).with(None, properties))
}

fn instant(value: &Value<'_>, format: &CellFormat, line: u64, problems: &mut ActivityProblems) -> At {
    if let Value::Text(text, false) = value
        && let Some(at) = usual(text)
    {
        return At::Instant(Instant(at));
    }
    if value.raw_is_missing() {
        return At::Missing;
    }
    problems.read_at(&value.raw().as_text(), format, || line)
}

impl<T: Default> Worker<'_, T> {
    /// Answers the lines of a block; false where a lead would need its number and nobody knows it.
    pub(super) fn lines(&mut self, shape: &LineShape<'_>, block: &Block, done: &mut Done<T>) -> bool {
        let mut group: Vec<InGroup<'_>> = Vec::with_capacity(WIDTH);
        let mut lanes = 0;
        let mut line = Line { values: vec![Value::Null; self.job.columns], has_activity: false };
        self.gatherer.begin();
        for (number, text) in (block.line..).zip(lines(&block.text)) {
            let text = text.trim_ascii();
            if text.is_empty() {
                continue;
            }
            let mut keep = Vec::new();
            if self.usual_line(shape, text, number, &mut line, lanes, done, &mut keep) {
                done.rows += 1;
                done.has_activity |= line.has_activity;
                self.number = self.number.map(|n| n + 1);
                let value = self.job.id.and_then(|c| line.values.get(c)).copied().unwrap_or(Value::Null);
                let id: Option<Cow<'_, [u8]>> = match value {
                    _ if value.raw_is_missing() => None,
                    Value::Text(text, has_escapes) => Some(match decoded(text, has_escapes) {
                        Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
                        Cow::Owned(text) => Cow::Owned(text.into_bytes()),
                    }),
                    other => Some(Cow::Owned(other.raw().as_text().into_owned().into_bytes())),
                };
                let (id, key) = match id {
                    Some(id) => {
                        let key = self.key(&id);
                        (id, Some(key))
                    }
                    None => match self.by_number(true) {
                        Some(called) => called,
                        None => return false,
                    },
                };
                let Worker { gatherer, reader, .. } = self;
                reader.read_values(gatherer, lanes, &line.values, |field, cell| {
                    done.unreadable.entry(field).or_default().add(|| number, cell)
                });
                let cells = Cells::Line(text, shape.leads, std::cell::OnceCell::new());
                let records = (!keep.is_empty()).then(|| Arc::new(keep));
                group.push(InGroup { cells, key, id, line: number, error: None, records });
                lanes += 1;
            } else {
                // It is one row: a line in which a CR stands alone is not read here.
                let rest = shape.leads.rest(text.to_vec(), number - 1, self.number.unwrap_or(0));
                for row in rest.rows() {
                    let has_id = self.job.id.and_then(|c| row.cells.get(c)).is_some_and(|c| *c != Raw::Missing);
                    if self.number.is_none() && !has_id {
                        return false;
                    }
                    done.rows += 1;
                    self.number = self.number.map(|n| n + 1);
                    lanes += usize::from(self.careful_row(&rest, row, None, lanes, done, &mut group));
                    self.group_if_full(&mut group, &mut lanes, done);
                }
            }
            self.group_if_full(&mut group, &mut lanes, done);
        }
        self.group(&mut group, lanes, None, done);
        true
    }

    /// Reads a usual line; of one that is not, nothing is left.
    #[allow(clippy::too_many_arguments)]
    fn usual_line<'b>(
        &mut self,
        shape: &LineShape<'_>,
        text: &'b [u8],
        number: u64,
        line: &mut Line<'b>,
        lane: usize,
        done: &mut Done<T>,
        keep: &mut Vec<lead::Activity>,
    ) -> bool {
        let (mut problems, mut later) = (ActivityProblems::default(), 0);
        let mut to = RecordsTo { row: self.gatherer.row(lane), problems: &mut problems, later: &mut later, keep };
        let is_usual = self.line_reader.line(shape, text, number, line, &mut to);
        if is_usual {
            done.later += later;
            if !problems.is_empty() {
                done.problems.merge(&problems);
            }
        } else {
            // All of it is read anew.
            self.gatherer.row(lane).fill(0);
        }
        is_usual
    }

    /// Puts down a row that the careful reader gave; whether it is a lead.
    pub(super) fn careful_row<'b>(
        &mut self,
        leads: &Leads,
        row: crate::data::Row,
        activity: Option<&mut LeadActivity>,
        lane: usize,
        done: &mut Done<T>,
        group: &mut Vec<InGroup<'b>>,
    ) -> bool {
        let id = leads.lead_id(&row);
        let has_id = leads.has_id(&row);
        let is_lead = row.error.is_none();
        done.problems.merge(&row.event_problems);
        let mut records = None;
        if is_lead {
            done.has_activity |= row.events.is_some();
            let as_of = self.job.program.as_of();
            done.later += row.events.iter().flatten().filter(|record| record.at.is_after(as_of)).count() as u64;
            let held = match activity {
                Some(activity) => activity.of(&leads.activity_keys(&row), row.events),
                None => {
                    let mut records = row.events.unwrap_or_default();
                    done.copies += drop_copies(&mut records) as u64;
                    Arc::new(records)
                }
            };
            for record in held.iter() {
                self.line_reader.records.add(record, self.gatherer.row(lane));
            }
            records = Some(held);
            let lead = self.job.binding.lead(id.clone(), &row.cells, Arc::default());
            for (field, value) in lead.values.iter().enumerate() {
                self.gatherer.value(lane, field, value);
            }
            for (field, cell) in lead.unreadable {
                done.unreadable.entry(field).or_default().add(|| row.line, &cell);
            }
        }
        let key = has_id.then(|| self.key(id.as_bytes()));
        group.push(InGroup {
            cells: Cells::Read(row.cells),
            key,
            id: Cow::Owned(id.into_bytes()),
            line: row.line,
            error: row.error.map(Box::new),
            records,
        });
        is_lead
    }
}
