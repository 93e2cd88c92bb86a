//! An activity file, folded into one row of numbers a lead while it is read.
//!
//! Owns the way from the rows of the file to the numbers of each lead. Records are not held, but for those that the interpreter
//! will be asked about.

use std::sync::{Arc, Mutex};

use super::blocks::{Block, Blocks};
use super::by_lead::{ByLead, Key};
use super::instants::usual;
use super::kinds::KnownKinds;
use super::rows::{Row, Rows, is_blank, unquoted};
use crate::data::{ActivityPlaces, ActivityProblems, shown};
use crate::eval::Interpreter;
use crate::eval::batch::{EffectId, KindId, Program};
use crate::lead::{self, At};
use crate::messages::data as messages;
use crate::time::{Instant, read_iso};
use crate::value::{Raw, Text};

/// So many records are looked up together.
const TOGETHER: usize = 32;

/// The activity of all leads, as far as one thread has read it.
pub struct Folded<'p> {
    places: Arc<ActivityPlaces>,
    /// The numbers of each lead.
    pub leads: ByLead,
    kinds: KnownKinds<'p>,
    /// What could not be read.
    pub problems: ActivityProblems,
    kept: Vec<Kept>,
    keeps_records: bool,
    scratch: Scratch,
}

/// A record that is held.
#[derive(Debug, Clone, Copy)]
struct Kept {
    row: u32,
    kind: KindId,
    /// Its place in the file.
    order: u64,
    at: At,
}

#[derive(Default)]
struct Scratch {
    rows: Rows,
    key: Vec<u8>,
    id: String,
    cell: String,
}

/// Why a file was not folded.
pub enum Stopped {
    /// It is not plain CSV throughout.
    NotPlain,
    /// It could not be read.
    Unreadable(std::io::Error),
}

/// Folds a file, each thread its own blocks; so many leads are expected.
///
/// # Errors
/// Where it cannot be read, or is not plain.
pub fn fold<'p>(
    program: &'p Program<'p>,
    places: &Arc<ActivityPlaces>,
    delimiter: u8,
    blocks: &Mutex<Blocks>,
    threads: usize,
    expected: usize,
    seen: &(dyn Fn(u64) + Sync),
) -> Result<Vec<Folded<'p>>, Stopped> {
    let work = || -> Result<Folded<'p>, Stopped> {
        let mut folded = Folded::new(program, places, expected);
        let interpreter = Interpreter::new(program.model(), program.as_of());
        let mut text = Vec::new();
        loop {
            let block = match blocks.lock() {
                Ok(mut blocks) => blocks.next(text).map_err(Stopped::Unreadable)?,
                Err(_) => return Err(Stopped::NotPlain),
            };
            let Some(block) = block else { break };
            if !folded.block(&block, delimiter, &interpreter) {
                return Err(Stopped::NotPlain);
            }
            seen(block.text.len() as u64);
            text = block.text;
        }
        folded.kept.sort_by_key(|k| (k.row, k.order));
        Ok(folded)
    };
    std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
        let mut all = vec![work()];
        all.extend(others.into_iter().map(|o| o.join().unwrap_or(Err(Stopped::NotPlain))));
        all.into_iter().collect()
    })
}

/// A record on its way to its lead.
#[derive(Clone, Copy)]
struct Waiting {
    key: Key,
    /// Where its id stands in the block.
    id: (u32, u32),
    kind: KindId,
    effect: EffectId,
    at: At,
    order: u64,
}

impl<'p> Folded<'p> {
    fn new(program: &'p Program<'p>, places: &Arc<ActivityPlaces>, expected: usize) -> Folded<'p> {
        Folded {
            places: Arc::clone(places),
            leads: ByLead::new(program.width(), expected),
            kinds: KnownKinds::new(program),
            problems: ActivityProblems::default(),
            kept: Vec::new(),
            keeps_records: program.keeps_records(),
            scratch: Scratch::default(),
        }
    }

    /// Adds the records of a block; false where it is not plain.
    fn block(&mut self, block: &Block, delimiter: u8, interpreter: &Interpreter<'_>) -> bool {
        let mut scratch = std::mem::take(&mut self.scratch);
        let text = scratch.rows.split(block, delimiter, self.places.columns);
        if let Some(text) = text {
            self.read(block, text, &mut scratch, interpreter);
        }
        self.scratch = scratch;
        text.is_some()
    }

    fn read(&mut self, block: &Block, text: &str, scratch: &mut Scratch, interpreter: &Interpreter<'_>) {
        let Scratch { rows, key, id, cell } = scratch;
        let nobody = Waiting { key: Key::default(), id: (0, 0), kind: 0, effect: EffectId::default(), at: At::Missing, order: 0 };
        let mut waiting = [nobody; TOGETHER];
        let mut count = 0;
        let line_of = |row: &Row<'_>| block.line_of(row.start());
        let mut order = block.number << 32;
        let places = Arc::clone(&self.places);
        let places = places.as_ref();
        let (columns, lead_id) = (places.columns, places.lead_id);
        for row in rows.iter(text) {
            if row.len() != columns {
                if !row.is_blank() {
                    let line = line_of(&row);
                    let error = messages::wrong_cells(line, row.len(), columns);
                    self.problems.rows.add(line, || error.message);
                }
                continue;
            }
            order += 1;
            let lead = row.bytes(lead_id);
            let is_quoted = lead.first() == Some(&b'"');
            if is_blank(lead) || is_quoted && is_blank(unquoted(row.cell(lead_id), cell).as_bytes()) {
                let line = line_of(&row);
                self.problems.without_lead.add(line, || shown(unquoted(row.cell(places.kind), cell)));
                continue;
            }
            let Some(kind) = self.kind(&row, places, key, cell, interpreter) else {
                let line = line_of(&row);
                let target = unquoted(places.target.map_or("", |t| row.cell(t)), cell);
                self.problems.without_type.add(line, || if is_blank(target.as_bytes()) { String::new() } else { shown(target) });
                continue;
            };
            let at = self.at(&row, cell, || line_of(&row));
            let effect = self.kinds.effect(kind, at.instant().map(|at| at.0));
            if is_quoted {
                // A quoted id is rare; it goes in by itself.
                let lead = unquoted(row.cell(lead_id), id).as_bytes();
                self.leads.reserve(1);
                self.add(&Waiting { key: Key::of(lead), id: (0, 0), kind, effect, at, order }, lead);
                continue;
            }
            let start = lead.as_ptr().addr() - block.text.as_ptr().addr();
            let key = Key::of(lead);
            self.leads.fetch(key);
            waiting[count] = Waiting { key, id: (start as u32, (start + lead.len()) as u32), kind, effect, at, order };
            count += 1;
            if count == TOGETHER {
                self.put(&waiting, &block.text);
                count = 0;
            }
        }
        self.put(waiting.get(..count).unwrap_or(&[]), &block.text);
    }

    /// Adds some records whose places have been asked for.
    fn put(&mut self, waiting: &[Waiting], text: &[u8]) {
        self.leads.reserve(waiting.len());
        for w in waiting {
            self.add(w, text.get(w.id.0 as usize..w.id.1 as usize).unwrap_or(&[]));
        }
    }

    #[inline]
    fn add(&mut self, record: &Waiting, id: &[u8]) {
        let place = self.leads.count(record.key, id);
        self.kinds.apply(self.leads.numbers_mut(place), record.effect, record.at.instant().map_or(0, |at| at.0));
        if self.keeps_records && self.kinds.kept(record.kind).is_some() {
            self.kept.push(Kept { row: self.leads.row(place), kind: record.kind, order: record.order, at: record.at });
        }
    }

    #[inline]
    fn at(&mut self, row: &Row<'_>, room: &mut String, line: impl Fn() -> u64) -> At {
        let Some(column) = self.places.at else { return At::Missing };
        if let Some(at) = usual(row.bytes(column)) {
            return At::Instant(Instant(at));
        }
        let text = unquoted(row.cell(column), room);
        if is_blank(text.as_bytes()) {
            return At::Missing;
        }
        match read_iso(text) {
            Some(date) => At::Instant(date.first()),
            None => {
                self.problems.instants.add(line(), || shown(text));
                At::Unreadable
            }
        }
    }

    /// The kind of a record; none where it has no type.
    #[inline]
    fn kind(&mut self, row: &Row<'_>, places: &ActivityPlaces, key: &mut Vec<u8>, room: &mut String, interpreter: &Interpreter<'_>) -> Option<KindId> {
        // As a rule the target stands right behind the type.
        let bytes = match places.target {
            Some(target) if places.properties.is_empty() && target == places.kind + 1 => row.cells(places.kind, target),
            _ => {
                key.clear();
                key.extend_from_slice(row.bytes(places.kind));
                for &column in places.target.iter().chain(places.properties.iter().map(|(_, c)| c)) {
                    key.push(0xff);
                    key.extend_from_slice(row.bytes(column));
                }
                key.as_slice()
            }
        };
        self.kinds.of(bytes, interpreter, || record(places, row, room))
    }

    /// Adds the records of a row that are held, each with its place in the file.
    pub fn records(&self, row: u32, out: &mut Vec<(u64, lead::Activity)>) {
        let from = self.kept.partition_point(|k| k.row < row);
        for kept in self.kept.get(from..).unwrap_or(&[]).iter().take_while(|k| k.row == row) {
            if let Some(record) = self.kinds.kept(kept.kind) {
                out.push((kept.order, lead::Activity { at: kept.at, ..record.clone() }));
            }
        }
    }
}

/// The record of a row, without its instant; none where it has no type.
#[cold]
fn record(places: &ActivityPlaces, row: &Row<'_>, room: &mut String) -> Option<lead::Activity> {
    let mut read = |column: usize| Raw::cell(unquoted(row.cell(column), room));
    let text = |cell: Raw| if cell == Raw::Missing { None } else { Some(Text::new(&cell.as_text())) };
    let kind = text(read(places.kind))?;
    let target = places.target.and_then(|t| text(read(t)));
    let mut properties = Vec::new();
    for (key, column) in &places.properties {
        let cell = read(*column);
        if cell != Raw::Missing {
            properties.push((Arc::clone(key), cell));
        }
    }
    Some(lead::Activity { kind, target, at: At::Missing, event_id: None, properties })
}
