//! An activity file, folded into one row of numbers a lead while it is read.
//!
//! Owns the way from the rows of the file to the numbers of each lead. Records are not held, but for those that the interpreter
//! will be asked about.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};

use super::blocks::{Block, Blocks};
use super::by_lead::{ByLead, Key, Owner};
use super::ids::{id_bytes, is_key, plain_key};
use super::instants::Days;
use super::kinds::KnownKinds;
use super::rows::{Row, Rows, is_blank, unquoted};
use crate::data::{ActivityPlaces, ActivityProblems, shown};
use crate::eval::Interpreter;
use crate::eval::batch::{EffectId, KindId, Kinds, Program};
use crate::lead::{self, At};
use crate::messages::data as messages;
use crate::time::Instant;
use crate::value::{Raw, Text};

/// So many records are looked up together.
const TOGETHER: usize = 64;

/// The activity of all leads, as far as one thread has read it.
pub struct Folded<'p> {
    /// The numbers of each lead.
    pub leads: ByLead,
    /// What could not be read.
    pub problems: ActivityProblems,
    kinds: Kinds<'p>,
    /// By lead, and for each in the order of the file.
    kept: Vec<Kept>,
    /// How many records lie after the as-of.
    pub later: u64,
}

/// A record that is held.
#[derive(Debug, Clone, Copy)]
struct Kept {
    of: Owner,
    kind: KindId,
    /// Its place in the file.
    order: u64,
    at: At,
}

/// Why a file was not folded.
pub enum Stopped {
    /// It is not plain CSV throughout.
    NotPlain,
    /// It could not be read.
    Unreadable(std::io::Error),
}

/// Folds a file, each thread its own blocks; so many leads are expected. Where records are held, it is those of the leads that
/// are wanted, by the fingerprints of their ids.
///
/// # Errors
/// Where it cannot be read, or is not plain.
pub fn fold<'p>(
    program: &'p Program<'p>,
    places: &ActivityPlaces,
    blocks: &Mutex<Blocks>,
    threads: usize,
    (expected, wanted): (usize, Option<&HashSet<u64>>),
    seen: &(dyn Fn(u64) + Sync),
) -> Result<Vec<Folded<'p>>, Stopped> {
    let work = || -> Result<Folded<'p>, Stopped> {
        let mut reader = Reader::new(program, places, expected, wanted);
        let mut rows = Rows::default();
        let mut text = Vec::new();
        loop {
            let block = match blocks.lock() {
                Ok(mut blocks) => blocks.next(text).map_err(Stopped::Unreadable)?,
                Err(_) => return Err(Stopped::NotPlain),
            };
            let Some(block) = block else { return Ok(reader.finish()) };
            if !rows.split(&block, &places.shape) {
                return Err(Stopped::NotPlain);
            }
            reader.read(&block, &rows);
            seen(block.text.len() as u64);
            text = block.text;
        }
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

impl Folded<'_> {
    /// Adds the records of a lead that are held, each with its place in the file.
    pub fn records(&self, of: Owner, out: &mut Vec<(u64, lead::Activity)>) {
        let from = self.kept.partition_point(|k| k.of < of);
        for kept in self.kept.get(from..).unwrap_or(&[]).iter().take_while(|k| k.of == of) {
            if let Some(record) = self.kinds.kept(kept.kind) {
                out.push((kept.order, record.clone().at(kept.at)));
            }
        }
    }
}

/// A file on its way into the numbers of leads, as far as one thread reads it.
struct Reader<'r, 'p> {
    places: &'r ActivityPlaces,
    interpreter: Interpreter<'p>,
    leads: ByLead,
    known: KnownKinds<'p>,
    days: Days,
    problems: ActivityProblems,
    kept: Vec<Kept>,
    keeps_records: bool,
    wanted: Option<&'r HashSet<u64>>,
    as_of: i64,
    later: u64,
    waiting: Vec<Waiting>,
    key: Vec<u8>,
    room: Vec<u8>,
}

impl<'r, 'p> Reader<'r, 'p> {
    fn new(
        program: &'p Program<'p>,
        places: &'r ActivityPlaces,
        expected: usize,
        wanted: Option<&'r HashSet<u64>>,
    ) -> Reader<'r, 'p> {
        Reader {
            places,
            interpreter: Interpreter::new(program.model(), program.as_of()),
            leads: ByLead::new(program.width(), expected),
            days: Days::default(),
            as_of: program.as_of().0,
            later: 0,
            known: KnownKinds::new(program),
            problems: ActivityProblems::default(),
            kept: Vec::new(),
            keeps_records: program.keeps_records(),
            wanted,
            waiting: Vec::with_capacity(TOGETHER),
            key: Vec::new(),
            room: Vec::new(),
        }
    }

    fn finish(self) -> Folded<'p> {
        let Reader { leads, problems, known, mut kept, later, .. } = self;
        kept.sort_by_key(|k| (k.of, k.order));
        Folded { leads, problems, kinds: known.kinds, kept, later }
    }

    /// Adds the records of a block.
    fn read(&mut self, block: &Block, rows: &Rows) {
        let mut odd = Vec::new();
        let mut rows = rows.iter(&block.text).zip(block.number << 32..).peekable();
        while rows.peek().is_some() {
            let mut waiting = std::mem::take(&mut self.waiting);
            let fetching = self.leads.fetching();
            for (row, order) in rows.by_ref().take(TOGETHER) {
                match usual(self.places, &mut self.known, &mut self.days, &mut self.key, &row, order) {
                    Some(record) => {
                        fetching.fetch(record.key);
                        waiting.push(record);
                    }
                    None => odd.push((row, order)),
                }
            }
            self.add(&waiting, |w| block.text.get(w.id.0 as usize..w.id.1 as usize).unwrap_or(&[]));
            waiting.clear();
            self.waiting = waiting;
            odd.drain(..).for_each(|(row, order)| self.odd(&row, order, || block.line_of(row.start())));
        }
    }

    /// Adds records, as a rule to places that have been asked for; `id` gives that of a record's lead.
    #[inline]
    fn add<'i>(&mut self, records: &[Waiting], id: impl Fn(&Waiting) -> &'i [u8]) {
        let Reader { leads, known: KnownKinds { kinds, .. }, kept, keeps_records, wanted, later, as_of, .. } = self;
        leads.count_all(
            records.iter().map(|record| (record.key, record)),
            |record| id(record),
            |record, of, numbers| {
                let at = record.at.instant().map_or(0, |at| at.0);
                *later += u64::from(at > *as_of);
                kinds.apply(numbers, record.effect, at);
                if *keeps_records
                    && kinds.kept(record.kind).is_some()
                    && wanted.is_none_or(|w| w.contains(&record.key.fingerprint()))
                {
                    kept.push(Kept { of, kind: record.kind, order: record.order, at: record.at });
                }
            },
        );
    }

    /// Adds the record of a row that is not [`usual`], or says why there is none.
    #[cold]
    fn odd(&mut self, row: &Row<'_>, order: u64, line: impl Fn() -> u64) {
        let Reader { places, interpreter, known, problems, key, room, .. } = self;
        let places = *places;
        if row.len() != places.shape.columns {
            if !row.is_blank() {
                problems.rows.add_at(&line, || messages::wrong_cells(line(), row.len(), places.shape.columns).message);
            }
            return;
        }
        let mut id = Vec::new();
        let lead = unquoted(row.cell(places.lead_id), &mut id);
        if is_blank(lead) {
            problems.without_lead.add_at(line, || shown(row.text(places.kind, room)));
            return;
        }
        let Some(kind) = known.of(kind_bytes(places, row, key), interpreter, || record(places, row, room)) else {
            let target = places.target.map_or("", |t| row.text(t, room));
            problems
                .without_type
                .add_at(line, || if is_blank(target.as_bytes()) { String::new() } else { shown(target) });
            return;
        };
        let at = places.at.map_or(At::Missing, |column| {
            let text = row.text(column, room);
            if is_blank(text.as_bytes()) { At::Missing } else { problems.read_at(text, &places.format, line) }
        });
        let effect = known.kinds.effect(kind, known.kinds.step(at.instant().map(|at| at.0)));
        let lead = id_bytes(lead);
        self.add(&[Waiting { key: Key::of(&lead), id: (0, 0), kind, effect, at, order }], |_| &lead);
    }
}

/// The record of a row as most are: an id, a kind that has been seen, and an instant of the usual shape.
#[inline(always)]
fn usual(
    places: &ActivityPlaces,
    known: &mut KnownKinds<'_>,
    days: &mut Days,
    key: &mut Vec<u8>,
    row: &Row<'_>,
    order: u64,
) -> Option<Waiting> {
    if row.len() != places.shape.columns {
        return None;
    }
    let (id, lead) = row.plain_cell(places.lead_id)?;
    if !places.format.dates.is_empty() {
        return None;
    }
    let of = plain_key(lead).or_else(|| is_key(lead).then(|| Key::of(lead)))?;
    let kind = known.known(kind_bytes(places, row, key))??;
    let kinds = &known.kinds;
    let (at, step) = match places.at {
        Some(column) => days
            .read(row.plain_cell(column)?.1, |at| kinds.step(Some(at)))
            .map(|(at, step)| (At::Instant(Instant(at)), step))?,
        None => (At::Missing, kinds.step(None)),
    };
    Some(Waiting { key: of, id, kind, effect: kinds.effect(kind, step), at, order })
}

/// The bytes that tell a record's kind.
#[inline(always)]
fn kind_bytes<'r>(places: &ActivityPlaces, row: &Row<'r>, key: &'r mut Vec<u8>) -> &'r [u8] {
    match places.target {
        // As a rule the target stands right behind the type.
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
    }
}

/// The record of a row, without its instant; none where it has no type.
#[cold]
fn record(places: &ActivityPlaces, row: &Row<'_>, room: &mut Vec<u8>) -> Option<lead::Activity> {
    let mut read = |column: usize| Raw::cell(row.text(column, room));
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
    Some(lead::Activity::new(kind, target, At::Missing).with(None, properties))
}
