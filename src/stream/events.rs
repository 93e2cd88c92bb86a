//! An activity file, folded into one row of numbers a lead while it is read.
//!
//! Owns the way from the rows of the file to the rows of [`Ids`]. Records are not held, but for those that the interpreter
//! will be asked about.

use std::sync::{Arc, Mutex};

use super::blocks::{Block, Blocks};
use super::ids::{Ids, Key};
use super::instants::usual;
use super::kinds::KnownKinds;
use super::rows::{Row, Rows, is_blank, unquoted};
use crate::data::{ActivityPlaces, ActivityProblems, shown};
use crate::eval::Interpreter;
use crate::eval::batch::{KindId, Program};
use crate::lead::{self, At};
use crate::messages::data as messages;
use crate::time::{Instant, read_iso};
use crate::value::{Raw, Text};

/// So many records are looked up together.
const TOGETHER: usize = 32;

/// The activity of all leads, as far as one thread has read it.
pub struct Folded<'p> {
    program: &'p Program<'p>,
    places: &'p ActivityPlaces,
    /// Which lead has which row.
    pub ids: Ids,
    rows: Vec<u32>,
    kinds: KnownKinds<'p>,
    /// What could not be read.
    pub problems: ActivityProblems,
    kept: Vec<Kept>,
    scratch: Scratch,
    /// How many rows the file had.
    pub count: u64,
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
    id: Vec<u8>,
    cell: Vec<u8>,
}

/// Why a file was not folded.
pub enum Stopped {
    /// It is not plain CSV throughout.
    NotPlain,
    /// It could not be read.
    Unreadable(std::io::Error),
}

/// Folds a file, each thread its own blocks.
///
/// # Errors
/// Where it cannot be read, or is not plain.
pub fn fold<'p>(
    program: &'p Program<'p>,
    places: &'p ActivityPlaces,
    delimiter: u8,
    blocks: &Mutex<Blocks>,
    threads: usize,
    seen: &(dyn Fn(u64) + Sync),
) -> Result<Vec<Folded<'p>>, Stopped> {
    let work = || -> Result<Folded<'p>, Stopped> {
        let mut folded = Folded::new(program, places);
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

/// A record on its way to its row.
#[derive(Clone, Copy)]
struct Waiting {
    key: Key,
    kind: KindId,
    at: At,
    order: u64,
    /// Where its id stands in the block, where it is long.
    id: (u32, u32),
}

impl<'p> Folded<'p> {
    fn new(program: &'p Program<'p>, places: &'p ActivityPlaces) -> Folded<'p> {
        Folded {
            program,
            places,
            ids: Ids::default(),
            rows: Vec::new(),
            kinds: KnownKinds::new(program),
            problems: ActivityProblems::default(),
            kept: Vec::new(),
            scratch: Scratch::default(),
            count: 0,
        }
    }

    /// Adds the records of a block; false where it is not plain.
    fn block(&mut self, block: &Block, delimiter: u8, interpreter: &Interpreter<'_>) -> bool {
        let mut scratch = std::mem::take(&mut self.scratch);
        let is_plain = !block.is_cut && scratch.rows.split(&block.text, delimiter);
        if is_plain {
            self.read(block, &mut scratch, interpreter);
        }
        self.scratch = scratch;
        is_plain
    }

    fn read(&mut self, block: &Block, scratch: &mut Scratch, interpreter: &Interpreter<'_>) {
        let Scratch { rows, key, id, cell } = scratch;
        let nobody = Waiting { key: Key::default(), kind: 0, at: At::Missing, order: 0, id: (0, 0) };
        let mut waiting = [nobody; TOGETHER];
        let mut count = 0;
        let line_of = |row: &Row<'_>| block.line + memchr::memchr_iter(b'\n', block.text.get(..row.start()).unwrap_or(&[])).count() as u64;
        let mut order = block.number << 32;
        for row in rows.iter(&block.text, self.places.columns) {
            if row.len() != self.places.columns {
                if !row.is_blank() {
                    self.count += 1;
                    let line = line_of(&row);
                    let error = messages::wrong_cells(line, row.len(), self.places.columns);
                    self.problems.rows.add(line, || error.message);
                }
                continue;
            }
            self.count += 1;
            order += 1;
            let lead = row.cell(self.places.lead_id);
            let kind_cell = row.cell(self.places.kind);
            if is_blank(lead) || lead.first() == Some(&b'"') && is_blank(unquoted(lead, cell)) {
                let line = line_of(&row);
                self.problems.without_lead.add(line, || shown(&String::from_utf8_lossy(unquoted(kind_cell, cell))));
                continue;
            }
            let Some(kind) = self.kind(&row, key, cell, interpreter) else {
                let line = line_of(&row);
                let target = self.places.target.map_or(&[][..], |t| row.cell(t));
                let target = unquoted(target, cell);
                self.problems.without_type.add(line, || if is_blank(target) { String::new() } else { shown(&String::from_utf8_lossy(target)) });
                continue;
            };
            let at = self.at(&row, cell, || line_of(&row));
            if lead.first() == Some(&b'"') {
                // A quoted id is rare; it goes in by itself.
                let lead = unquoted(lead, id);
                let row = self.ids.count(Key::of(lead), lead);
                self.add(row, kind, at, order);
                continue;
            }
            let start = lead.as_ptr().addr() - block.text.as_ptr().addr();
            let place = (start as u32, (start + lead.len()) as u32);
            waiting[count] = Waiting { key: Key::of(lead), kind, at, order, id: place };
            count += 1;
            if count == TOGETHER {
                self.put(&waiting, &block.text);
                count = 0;
            }
        }
        self.put(waiting.get(..count).unwrap_or(&[]), &block.text);
    }

    /// Adds some records to their rows. All places are asked for before the first is used.
    fn put(&mut self, waiting: &[Waiting], text: &[u8]) {
        let mut keys = [Key::default(); TOGETHER];
        keys.iter_mut().zip(waiting).for_each(|(key, w)| *key = w.key);
        self.ids.touch(keys.get(..waiting.len()).unwrap_or(&[]));
        let mut found = [0u32; TOGETHER];
        let width = self.program.width();
        for (row, w) in found.iter_mut().zip(waiting) {
            let id = text.get(w.id.0 as usize..w.id.1 as usize).unwrap_or(&[]);
            *row = self.ids.count(w.key, id);
        }
        self.rows.resize(self.ids.len() * width, 0);
        let seen = found.iter().zip(waiting).fold(0, |seen, (&row, _)| seen ^ self.rows.get(row as usize * width).copied().unwrap_or(0));
        std::hint::black_box(seen);
        for (&row, w) in found.iter().zip(waiting) {
            self.add(row, w.kind, w.at, w.order);
        }
    }

    #[inline]
    fn add(&mut self, row: u32, kind: KindId, at: At, order: u64) {
        let width = self.program.width();
        let start = row as usize * width;
        if self.rows.len() < start + width {
            self.rows.resize(start + width, 0);
        }
        if let Some(numbers) = self.rows.get_mut(start..start + width) {
            self.kinds.add(numbers, kind, at.instant().map(|at| at.0));
        }
        if self.program.keeps_records() && self.kinds.get(kind).is_some_and(|k| k.kept) {
            self.kept.push(Kept { row, kind, order, at });
        }
    }

    #[inline]
    fn at(&mut self, row: &Row<'_>, room: &mut Vec<u8>, line: impl Fn() -> u64) -> At {
        let Some(column) = self.places.at else { return At::Missing };
        let cell = row.cell(column);
        if let Some(at) = usual(cell) {
            return At::Instant(Instant(at));
        }
        let cell = unquoted(cell, room);
        if is_blank(cell) {
            return At::Missing;
        }
        let text = String::from_utf8_lossy(cell);
        match read_iso(&text) {
            Some(date) => At::Instant(date.first()),
            None => {
                self.problems.instants.add(line(), || shown(&text));
                At::Unreadable
            }
        }
    }

    /// The kind of a record; none where it has no type.
    #[inline]
    fn kind(&mut self, row: &Row<'_>, key: &mut Vec<u8>, room: &mut Vec<u8>, interpreter: &Interpreter<'_>) -> Option<KindId> {
        let places = self.places;
        // As a rule the target stands right behind the type.
        let bytes = match places.target {
            Some(target) if places.properties.is_empty() && target == places.kind + 1 => row.cells(places.kind, target),
            _ => {
                key.clear();
                key.extend_from_slice(row.cell(places.kind));
                for &column in places.target.iter().chain(places.properties.iter().map(|(_, c)| c)) {
                    key.push(0xff);
                    key.extend_from_slice(row.cell(column));
                }
                key.as_slice()
            }
        };
        self.kinds.of(bytes, interpreter, || record(places, row, room))
    }

    /// The numbers of a row.
    #[inline]
    #[must_use]
    pub fn row(&self, row: u32) -> &[u32] {
        let width = self.program.width();
        self.rows.get(row as usize * width..(row as usize + 1) * width).unwrap_or(&[])
    }

    /// Adds the records of a row that are held, each with its place in the file.
    pub fn records(&self, row: u32, out: &mut Vec<(u64, lead::Activity)>) {
        let from = self.kept.partition_point(|k| k.row < row);
        for kept in self.kept.get(from..).unwrap_or(&[]).iter().take_while(|k| k.row == row) {
            if let Some(kind) = self.kinds.get(kept.kind) {
                out.push((kept.order, lead::Activity { at: kept.at, ..kind.record.clone() }));
            }
        }
    }
}

/// The record of a row, without its instant; none where it has no type.
#[cold]
fn record(places: &ActivityPlaces, row: &Row<'_>, room: &mut Vec<u8>) -> Option<lead::Activity> {
    let mut read = |column: usize| Raw::cell(&String::from_utf8_lossy(unquoted(row.cell(column), room)));
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
