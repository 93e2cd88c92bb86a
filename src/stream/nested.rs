//! Leads as JSON Lines, with their activity inside.
//!
//! Owns the way from a line to facts. A line that is not usual is read by the careful reader, alone.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use super::blocks::Block;
use super::ids::Key;
use super::instants::usual;
use super::kinds::KnownKinds;
use super::leads::{Cells, Done, InGroup, Worker};
use super::objects::{Value, decoded, each_object, entries};
use crate::data::{ActivityProblems, EventColumns, Leads, Part, shown};
use crate::eval::Interpreter;
use crate::eval::batch::{KindId, Program, WIDTH};
use crate::lead::{self, At, drop_copies};
use crate::model::Model;
use crate::text::name_key;
use crate::time::{Instant, read_iso};
use crate::value::{Raw, Text};

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
    /// For the columns of a file, and the properties of activity that a model reads.
    #[must_use]
    pub fn new(leads: &'l Leads, model: &Model) -> LineShape<'l> {
        let mut columns = HashMap::new();
        for (i, name) in leads.columns().names.iter().enumerate().filter(|(_, n)| !n.contains('.')) {
            columns.insert(name.as_bytes().to_vec(), i);
        }
        let mut properties: Vec<String> = model.property_keys().map(str::to_owned).collect();
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
    program: &'p Program<'p>,
    interpreter: Interpreter<'p>,
    kinds: KnownKinds<'p>,
    /// The columns and places of keys as lines had them lately.
    order: Vec<(Vec<u8>, usize)>,
    places: Vec<(Vec<u8>, Place)>,
    key: Vec<u8>,
}

/// A line of a block, read.
struct Line<'b> {
    /// By column.
    values: Vec<Value<'b>>,
    events: Option<&'b [u8]>,
}

impl<'p> LineReader<'p> {
    /// Nothing seen so far.
    #[must_use]
    pub fn new(program: &'p Program<'p>) -> LineReader<'p> {
        LineReader {
            program,
            interpreter: Interpreter::new(program.model(), program.as_of()),
            kinds: KnownKinds::new(program),
            order: Vec::new(),
            places: Vec::new(),
            key: Vec::new(),
        }
    }

    /// The values of a line; false where it is not usual.
    fn line<'b>(&mut self, shape: &LineShape<'_>, text: &'b [u8], line: &mut Line<'b>) -> bool {
        line.values.fill(Value::Null);
        line.events = None;
        let (mut at, mut last) = (0, None);
        entries(text, &mut |key, value| {
            if let (Value::Objects(array), b"events") = (value, key) {
                // The last of several is not known to be the right one.
                return line.events.replace(array).is_none();
            }
            if matches!(value, Value::Objects(_)) {
                return false;
            }
            let column = match self.order.get(at) {
                Some((usual, column)) if usual == key => {
                    at += 1;
                    *column
                }
                _ => {
                    let Some(&column) = shape.columns.get(key) else { return false };
                    match self.order.iter().position(|(k, _)| k == key) {
                        Some(place) => at = place + 1,
                        None => {
                            self.order.push((key.to_vec(), column));
                            at = self.order.len();
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
            if let Some(slot) = line.values.get_mut(column) {
                *slot = value;
            }
            true
        })
    }

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

    /// Adds the records of an array to a row; false where only the careful reader can. `keep` gets those that are held.
    fn events(
        &mut self,
        shape: &LineShape<'_>,
        array: &[u8],
        line: u64,
        row: &mut [u32],
        problems: &mut ActivityProblems,
        keep: &mut Vec<lead::Activity>,
    ) -> bool {
        let mut is_usual = true;
        let mut parts = [Value::Null; 5];
        let mut properties: Vec<Value<'_>> = vec![Value::Null; shape.properties.len()];
        let mut at = 0;
        each_object(array, &mut |entry| {
            let Some((key, value)) = entry else {
                is_usual &= self.record(shape, &parts, &properties, line, row, problems, keep);
                parts = [Value::Null; 5];
                properties.fill(Value::Null);
                at = 0;
                return;
            };
            let slot = match self.place(shape, at, key) {
                Place::Part(part) => parts.get_mut(part as usize),
                Place::Property(p) => properties.get_mut(p),
                Place::Nowhere => None,
                Place::Odd => {
                    is_usual = false;
                    None
                }
            };
            at += 1;
            // Of several in one place the first that is not missing counts.
            if let Some(slot) = slot
                && slot.raw_is_missing()
            {
                *slot = value;
            }
        });
        is_usual
    }

    #[allow(clippy::too_many_arguments)]
    fn record(
        &mut self,
        shape: &LineShape<'_>,
        parts: &[Value<'_>; 5],
        properties: &[Value<'_>],
        line: u64,
        row: &mut [u32],
        problems: &mut ActivityProblems,
        keep: &mut Vec<lead::Activity>,
    ) -> bool {
        let [_, kind, target, at, event_id] = parts;
        if !event_id.raw_is_missing() {
            return false;
        }
        let mut bytes = std::mem::take(&mut self.key);
        bytes.clear();
        for value in [kind, target].into_iter().chain(properties) {
            value.key_into(&mut bytes);
        }
        let found = self.kinds.of(&bytes, &self.interpreter, || record_of(shape, kind, target, properties));
        self.key = bytes;
        let Some(found) = found else {
            problems.without_type.add(line, || shown(&target.raw().as_text()));
            return true;
        };
        let at = instant(at, line, problems);
        self.put(found, at, row, keep);
        true
    }

    fn put(&self, kind: KindId, at: At, row: &mut [u32], keep: &mut Vec<lead::Activity>) {
        self.kinds.add(row, kind, at.instant().map(|at| at.0));
        if self.program.keeps_records()
            && let Some(kind) = self.kinds.get(kind).filter(|k| k.kept)
        {
            keep.push(lead::Activity { at, ..kind.record.clone() });
        }
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
fn record_of(shape: &LineShape<'_>, kind: &Value<'_>, target: &Value<'_>, properties: &[Value<'_>]) -> Option<lead::Activity> {
    let text = |value: &Value<'_>| match value.raw() {
        Raw::Missing => None,
        raw => Some(Text::new(&raw.as_text())),
    };
    let with_keys = shape.properties.iter().zip(properties).filter(|(_, v)| !v.raw_is_missing());
    let properties = with_keys.map(|(key, value)| (Arc::from(key.as_str()), value.raw())).collect();
    Some(lead::Activity { kind: text(kind)?, target: text(target), at: At::Missing, event_id: None, properties })
}

fn instant(value: &Value<'_>, line: u64, problems: &mut ActivityProblems) -> At {
    if let Value::Text(text, false) = value
        && let Some(at) = usual(text)
    {
        return At::Instant(Instant(at));
    }
    if value.raw_is_missing() {
        return At::Missing;
    }
    let raw = value.raw();
    match read_iso(&raw.as_text()) {
        Some(date) => At::Instant(date.first()),
        None => {
            problems.instants.add(line, || shown(&raw.as_text()));
            At::Unreadable
        }
    }
}

impl Worker<'_> {
    /// Answers the lines of a block; false where a lead would need its number and nobody knows it.
    pub(super) fn lines(&mut self, shape: &LineShape<'_>, block: &Block, done: &mut Done) -> bool {
        let mut group: Vec<InGroup<'_>> = Vec::with_capacity(WIDTH);
        let mut lanes = 0;
        let mut line = Line { values: vec![Value::Null; self.job.columns], events: None };
        self.gatherer.begin();
        for (number, text) in (block.line..).zip(block.text.split(|&b| b == b'\n')) {
            let text = text.trim_ascii();
            if text.is_empty() {
                continue;
            }
            let mut keep = Vec::new();
            if self.line_reader.line(shape, text, &mut line) && self.usual_events(shape, &line, number, lanes, done, &mut keep) {
                done.rows += 1;
                self.number = self.number.map(|n| n + 1);
                let value = self.job.id.and_then(|c| line.values.get(c)).copied().unwrap_or(Value::Null);
                let id = match value {
                    _ if value.raw_is_missing() => self.number.map(|n| Cow::Owned(n.to_string())),
                    Value::Text(text, has_escapes) => Some(decoded(text, has_escapes)),
                    other => Some(Cow::Owned(other.raw().as_text().into_owned())),
                };
                let Some(id) = id else { return false };
                let Worker { gatherer, reader, .. } = self;
                reader.read_values(gatherer, lanes, &line.values, |field, cell| done.unreadable.entry(field).or_default().add(number, || cell.to_owned()));
                done.careful_ids.push((Key::of(id.as_bytes()).fingerprint(), number, id.as_ref().to_owned()));
                let cells = Cells::Line(text, shape.leads, std::cell::OnceCell::new());
                group.push(InGroup { cells, id, error: None, records: keep });
                lanes += 1;
            } else {
                // A line may hold several rows where a CR ends one.
                let rest = shape.leads.rest(text.to_vec(), number - 1, self.number.unwrap_or(0));
                for row in rest.rows() {
                    let has_id = self.job.id.and_then(|c| row.cells.get(c)).is_some_and(|c| *c != Raw::Missing);
                    if self.number.is_none() && !has_id {
                        return false;
                    }
                    done.rows += 1;
                    self.number = self.number.map(|n| n + 1);
                    lanes += usize::from(self.careful_row(&rest, row, lanes, done, &mut group));
                    if lanes == WIDTH {
                        self.group(&mut group, lanes, done);
                        lanes = 0;
                        self.gatherer.begin();
                    }
                }
            }
            if lanes == WIDTH {
                self.group(&mut group, lanes, done);
                lanes = 0;
                self.gatherer.begin();
            }
        }
        self.group(&mut group, lanes, done);
        true
    }

    fn usual_events(&mut self, shape: &LineShape<'_>, line: &Line<'_>, number: u64, lane: usize, done: &mut Done, keep: &mut Vec<lead::Activity>) -> bool {
        let Some(array) = line.events else { return true };
        let before = done.problems.clone();
        let is_usual = self.line_reader.events(shape, array, number, self.gatherer.row(lane), &mut done.problems, keep);
        if !is_usual {
            // All of it is read anew.
            done.problems = before;
            self.gatherer.row(lane).fill(0);
        }
        is_usual
    }

    /// Puts down a row that the careful reader gave; whether it is a lead.
    pub(super) fn careful_row<'b>(&mut self, leads: &Leads, row: crate::data::Row, lane: usize, done: &mut Done, group: &mut Vec<InGroup<'b>>) -> bool {
        let id = leads.lead_id(&row);
        let is_lead = row.error.is_none();
        let mut records = row.events.unwrap_or_default();
        done.problems.merge(&row.event_problems);
        if is_lead {
            done.copies += drop_copies(&mut records) as u64;
            for record in &records {
                let LineReader { kinds, interpreter, .. } = &mut self.line_reader;
                let kind = kinds.of_record(interpreter, record);
                kinds.add(self.gatherer.row(lane), kind, record.at.instant().map(|at| at.0));
            }
            let lead = self.job.binding.lead(id.clone(), &row.cells, Arc::default());
            for (field, value) in lead.values.iter().enumerate() {
                self.gatherer.value(lane, field, value);
            }
            for (field, cell) in lead.unreadable {
                done.unreadable.entry(field).or_default().add(row.line, || cell);
            }
            done.careful_ids.push((Key::of(id.as_bytes()).fingerprint(), row.line, id.clone()));
        }
        group.push(InGroup { cells: Cells::Read(row.cells), id: Cow::Owned(id), error: row.error, records });
        is_lead
    }
}
