//! A lead file, answered while it is read: blocks by several threads, answers in the order of the file.
//!
//! Owns the way from the rows of a block to facts, and what is counted on the way. What becomes of an answer is handed in:
//! each row is added to what its block gathers (`T`: lines of text, counts), and these are taken in the order of the file.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::HashMap;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, mpsc};

use super::blocks::{Block, Blocks};
use super::cells::FieldReader;
use super::events::Folded;
use super::by_lead::Key;
use super::nested::{LineReader, LineShape};
use super::rows::{Row, Rows, is_blank, unquoted};
use crate::bind::Binding;
use crate::data::{ActivityProblems, LeadActivity, Leads, Tally};
use crate::diagnostic::Diagnostic;
use crate::eval::batch::{Answers, Gatherer, Program, WIDTH};
use crate::lead::{Activity, Lead};
use crate::messages::data as messages;
use crate::value::{Raw, Stage};

/// What all threads share.
pub struct Job<'j, T> {
    /// The model, ready.
    pub program: &'j Program<'j>,
    /// Which column feeds which field.
    pub binding: &'j Binding<'j>,
    /// How many columns there are, and what stands between their cells.
    pub columns: usize,
    /// See above.
    pub delimiter: u8,
    /// Where the file is JSON Lines, what its lines hold.
    pub lines: Option<LineShape<'j>>,
    /// The column of the lead's id.
    pub id: Option<usize>,
    /// The activity, by the thread that read it.
    pub activity: &'j [Folded<'j>],
    /// Which rows of these have been asked for.
    pub used: &'j [Vec<AtomicBool>],
    /// Adds an answer to what its block gathers.
    pub add: &'j (dyn Fn(&mut T, &Answered<'_>) + Sync),
    /// Is told how many bytes have been read.
    pub seen: &'j (dyn Fn(u64) + Sync),
}

/// One row with its answer.
pub struct Answered<'a> {
    /// The lead's id, or the row's number.
    pub id: &'a str,
    /// The answer, and in which lane; or why there is none.
    pub answer: Result<(&'a Answers, usize), &'a Diagnostic>,
    /// The cells of the row.
    pub cell: &'a dyn Fn(usize) -> Raw,
    /// The lead, with at least those records that the program keeps.
    pub lead: &'a dyn Fn() -> Lead,
}

/// What came of one block, and what was counted.
#[derive(Default)]
pub struct Done<T> {
    block: Block,
    /// Whether it is not plain, so that nothing came of it.
    is_odd: bool,
    /// What was gathered.
    pub gathered: T,
    /// Rows read as leads, and rows in all.
    pub leads: u64,
    /// See above.
    pub rows: u64,
    /// Leads by stage: the ladder, then disqualified, then excluded.
    pub stages: Vec<u64>,
    /// Cells that could not be read, by field.
    pub unreadable: HashMap<usize, Tally>,
    /// Rows that could not be read; the first few say why.
    pub errors: Vec<Diagnostic>,
    /// How many these are.
    pub error_count: usize,
    /// Ids of rows that the careful reader gave, with their lines.
    pub(super) careful_ids: Vec<(u64, u64, String)>,
    /// What could not be read of activity inside of rows, and how many copies of records were left out.
    pub problems: ActivityProblems,
    /// See above.
    pub copies: u64,
    /// Whether a row holds activity of its own, if only an empty list.
    pub has_activity: bool,
    /// The ids: what tells them apart, the row's start, and where the id stands.
    ids: Vec<(u64, u32, (u32, u32))>,
}

impl<T: Default> Done<T> {
    fn new(job: &Job<'_, T>) -> Done<T> {
        Done { stages: vec![0; job.program.model().ladder.stages.len() + 2], ..Done::default() }
    }

    /// Calls `f` with what tells each lead from others.
    pub fn each_id(&self, mut f: impl FnMut(u64, &dyn Fn() -> (u64, String))) {
        for (fingerprint, line, id) in &self.careful_ids {
            f(*fingerprint, &|| (*line, id.clone()));
        }
        for &(fingerprint, start, (from, to)) in &self.ids {
            f(fingerprint, &|| {
                let id = String::from_utf8_lossy(self.block.text.get(from as usize..to as usize).unwrap_or(&[]));
                (self.block.line_of(start as usize), unquoted(&id, &mut String::new()).to_owned())
            });
        }
    }
}

/// Where reading stopped.
pub enum Rest {
    /// At the end.
    Nothing,
    /// Before a block that is not plain.
    Odd {
        /// The line where it begins.
        line: u64,
        /// How many rows came before it.
        rows: u64,
        /// All that is left.
        text: Vec<u8>,
    },
}

/// What becomes of blocks, in the order of the file.
pub type Take<'t, T> = dyn FnMut(&mut Done<T>) -> io::Result<()> + 't;

/// Answers all leads. `take` gets what came of each block, in the order of the file.
///
/// # Errors
/// Where the file cannot be read, or `take` fails.
pub fn answer<T: Default + Send>(job: &Job<'_, T>, blocks: &Mutex<Blocks>, threads: usize, take: &mut Take<'_, T>) -> io::Result<Rest> {
    let threads = if job.id.is_none() { 1 } else { threads };
    if threads < 2 {
        return alone(job, blocks, take);
    }
    let is_over = AtomicBool::new(false);
    let room: Mutex<Vec<Vec<u8>>> = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        let (sender, receiver) = mpsc::sync_channel::<io::Result<Done<T>>>(threads);
        for _ in 0..threads {
            let (sender, room, is_over) = (sender.clone(), &room, &is_over);
            scope.spawn(move || {
                let mut worker = Worker::new(job, None);
                while !is_over.load(Ordering::Relaxed) {
                    let text = room.lock().ok().and_then(|mut r| r.pop()).unwrap_or_default();
                    let block = match blocks.lock() {
                        Ok(mut blocks) => blocks.next(text),
                        Err(_) => return,
                    };
                    let done = match block {
                        Ok(None) => return,
                        Ok(Some(block)) => Ok(worker.block(block)),
                        Err(error) => Err(error),
                    };
                    if sender.send(done).is_err() {
                        return;
                    }
                }
            });
        }
        drop(sender);
        let result = in_order(&receiver, &room, &is_over, take);
        is_over.store(true, Ordering::Relaxed);
        // Blocks that were taken after the odd one belong to what is left.
        let Some((line, rows, mut left)) = result? else { return Ok(Rest::Nothing) };
        left.extend(receiver.iter().filter_map(Result::ok).map(|d| (d.block.number, d.block.text)));
        left.sort_by_key(|(number, _)| *number);
        let mut text: Vec<u8> = left.into_iter().flat_map(|(_, text)| text).collect();
        if let Ok(mut blocks) = blocks.lock() {
            text.append(&mut blocks.rest()?);
        }
        Ok(Rest::Odd { line, rows, text })
    })
}

/// The line of the first odd block, the number of rows before it, and the texts of it and of later blocks.
type Odd = (u64, u64, Vec<(u64, Vec<u8>)>);

fn in_order<T>(
    receiver: &mpsc::Receiver<io::Result<Done<T>>>,
    room: &Mutex<Vec<Vec<u8>>>,
    is_over: &AtomicBool,
    take: &mut Take<'_, T>,
) -> io::Result<Option<Odd>> {
    let mut waiting: HashMap<u64, Done<T>> = HashMap::new();
    let (mut next, mut rows) = (0, 0);
    for done in receiver {
        let done = match done {
            Ok(done) => done,
            Err(error) => {
                is_over.store(true, Ordering::Relaxed);
                return Err(error);
            }
        };
        waiting.insert(done.block.number, done);
        while let Some(mut done) = waiting.remove(&next) {
            if done.is_odd {
                is_over.store(true, Ordering::Relaxed);
                let mut left = vec![(done.block.number, done.block.text)];
                left.extend(waiting.into_values().map(|d| (d.block.number, d.block.text)));
                return Ok(Some((done.block.line, rows, left)));
            }
            take(&mut done).inspect_err(|_| is_over.store(true, Ordering::Relaxed))?;
            rows += done.rows;
            next += 1;
            if let Ok(mut room) = room.lock() {
                room.push(done.block.text);
            }
        }
    }
    Ok(None)
}

fn alone<T: Default>(job: &Job<'_, T>, blocks: &Mutex<Blocks>, take: &mut Take<'_, T>) -> io::Result<Rest> {
    let mut worker = Worker::new(job, Some(0));
    let Ok(mut blocks) = blocks.lock() else { return Ok(Rest::Nothing) };
    let mut text = Vec::new();
    let mut rows = 0;
    while let Some(block) = blocks.next(text)? {
        let mut done = worker.block(block);
        if done.is_odd {
            let mut text = done.block.text;
            text.append(&mut blocks.rest()?);
            return Ok(Rest::Odd { line: done.block.line, rows, text });
        }
        take(&mut done)?;
        rows += done.rows;
        text = done.block.text;
    }
    Ok(Rest::Nothing)
}

/// Answers rows that the careful reader gives, as [`answer`] does; `activity` has what was read as a whole.
///
/// # Errors
/// Where `take` fails.
pub fn answer_careful<T: Default>(job: &Job<'_, T>, leads: &Leads, mut activity: Option<&mut LeadActivity>, take: &mut Take<'_, T>) -> io::Result<()> {
    let mut worker = Worker::new(job, None);
    let mut rows = leads.rows().peekable();
    while rows.peek().is_some() {
        let mut done = worker.careful(leads, &mut rows.by_ref().take(WIDTH), activity.as_deref_mut());
        take(&mut done)?;
    }
    Ok(())
}

/// One thread's way from blocks to answers.
pub(super) struct Worker<'j, T> {
    pub job: &'j Job<'j, T>,
    pub gatherer: Gatherer<'j>,
    pub reader: FieldReader<'j>,
    pub line_reader: LineReader<'j>,
    rows: Rows,
    /// How many rows came before, where one thread sees all.
    pub number: Option<u64>,
    room: String,
    pub no_records: Arc<Vec<Activity>>,
}

/// A row of a group: a lead in its lane, or a row that cannot be read.
pub(super) struct InGroup<'b> {
    pub cells: Cells<'b>,
    pub id: Cow<'b, str>,
    pub error: Option<Diagnostic>,
    /// Records that stand in the row, at least those that are held.
    pub records: Arc<Vec<Activity>>,
}

/// The cells of a row: where they stand in a block, or as the careful reader gave them.
pub(super) enum Cells<'b> {
    Plain(Row<'b>),
    Read(Vec<Raw>),
    /// A line of JSON, read when somebody asks.
    Line(&'b [u8], &'b Leads, OnceCell<Vec<Raw>>),
}

impl Cells<'_> {
    fn get(&self, column: usize) -> Raw {
        match self {
            Cells::Plain(row) => {
                Raw::cell(unquoted(row.cell(column), &mut String::new()))
            }
            Cells::Line(line, leads, cells) => {
                let read = || leads.rest(line.to_vec(), 0, 0).rows().next().map_or(Vec::new(), |row| row.cells);
                cells.get_or_init(read).get(column).cloned().unwrap_or(Raw::Missing)
            }
            Cells::Read(cells) => cells.get(column).cloned().unwrap_or(Raw::Missing),
        }
    }
}

impl<'j, T: Default> Worker<'j, T> {
    fn new(job: &'j Job<'j, T>, number: Option<u64>) -> Worker<'j, T> {
        Worker {
            job,
            gatherer: Gatherer::new(job.program),
            reader: FieldReader::new(job.program.model(), job.binding),
            line_reader: LineReader::new(job.program),
            rows: Rows::default(),
            number,
            room: String::new(),
            no_records: Arc::default(),
        }
    }

    fn block(&mut self, block: Block) -> Done<T> {
        (self.job.seen)(block.text.len() as u64);
        let mut done = Done::new(self.job);
        let mut rows = std::mem::take(&mut self.rows);
        let number = self.number;
        let is_plain = match &self.job.lines {
            Some(shape) => !block.is_cut && std::str::from_utf8(&block.text).is_ok() && self.lines(shape, &block, &mut done),
            None => rows.split(&block, self.job.delimiter, self.job.columns).is_some_and(|text| self.leads(&block, text, &rows, &mut done)),
        };
        if !is_plain {
            done = Done { is_odd: true, ..Done::new(self.job) };
        }
        if done.is_odd {
            self.number = number;
        }
        self.rows = rows;
        done.block = block;
        done
    }

    /// Answers the rows of a block; false where a row would need its number and nobody knows it.
    fn leads(&mut self, block: &Block, text: &str, rows: &Rows, done: &mut Done<T>) -> bool {
        let mut group: Vec<InGroup<'_>> = Vec::with_capacity(WIDTH);
        let mut lanes = 0;
        self.gatherer.begin();
        for row in rows.iter(text) {
            let is_right = row.len() == self.job.columns;
            if !is_right && row.is_blank() {
                continue;
            }
            done.rows += 1;
            self.number = self.number.map(|n| n + 1);
            let Some(id) = self.id(&row) else { return false };
            let line = || block.line_of(row.start());
            if !is_right {
                let error = messages::wrong_cells(line(), row.len(), self.job.columns);
                group.push(InGroup { cells: Cells::Plain(row), id, error: Some(error), records: Arc::clone(&self.no_records) });
                continue;
            }
            let Worker { gatherer, reader, .. } = self;
            reader.read(gatherer, lanes, &row, |field, cell| done.unreadable.entry(field).or_default().add(line(), || cell.to_owned()));
            if let Some(column) = self.job.id {
                let cell = row.cell(column);
                let from = cell.as_ptr().addr() - block.text.as_ptr().addr();
                done.ids.push((Key::of(id.as_bytes()).fingerprint(), row.start() as u32, (from as u32, (from + cell.len()) as u32)));
            }
            group.push(InGroup { cells: Cells::Plain(row), id, error: None, records: Arc::clone(&self.no_records) });
            lanes += 1;
            self.group_if_full(&mut group, &mut lanes, done);
        }
        self.group(&mut group, lanes, done);
        true
    }

    /// Answers at most as many rows as there are lanes.
    fn careful(&mut self, leads: &Leads, rows: &mut dyn Iterator<Item = crate::data::Row>, mut activity: Option<&mut LeadActivity>) -> Done<T> {
        let mut done = Done::new(self.job);
        let mut group = Vec::with_capacity(WIDTH);
        let mut lanes = 0;
        self.gatherer.begin();
        for row in rows {
            done.rows += 1;
            lanes += usize::from(self.careful_row(leads, row, activity.as_deref_mut(), lanes, &mut done, &mut group));
        }
        self.group(&mut group, lanes, &mut done);
        done
    }

    fn id<'b>(&mut self, row: &Row<'b>) -> Option<Cow<'b, str>> {
        let cell = self.job.id.map_or("", |column| row.cell(column));
        let text = if cell.starts_with('"') { Cow::Owned(unquoted(cell, &mut self.room).to_owned()) } else { Cow::Borrowed(cell) };
        if is_blank(text.as_bytes()) { self.number.map(|n| Cow::Owned(n.to_string())) } else { Some(text) }
    }

    /// Answers the leads of a group that is full, and begins the next.
    pub(super) fn group_if_full(&mut self, group: &mut Vec<InGroup<'_>>, lanes: &mut usize, done: &mut Done<T>) {
        if *lanes == WIDTH {
            self.group(group, WIDTH, done);
            *lanes = 0;
            self.gatherer.begin();
        }
    }

    /// Answers the leads of a group and adds its rows to what is gathered.
    pub(super) fn group(&mut self, group: &mut Vec<InGroup<'_>>, lanes: usize, done: &mut Done<T>) {
        let job = self.job;
        let leads: Vec<usize> = group.iter().enumerate().filter(|(_, g)| g.error.is_none()).map(|(i, _)| i).collect();
        let found = self.join_activity(group, &leads);
        let facts = self.gatherer.end(lanes);
        let whole = |lane: usize| -> Cow<'_, Lead> {
            let Some(of) = leads.get(lane).and_then(|&i| group.get(i)) else { return Cow::Owned(Lead::default()) };
            let mut records = Vec::new();
            for (part, rows) in job.activity.iter().zip(&found) {
                if let Some(Some(row)) = rows.get(lane) {
                    part.records(*row, &mut records);
                }
            }
            records.sort_by_key(|(order, _)| *order);
            let records = of.records.iter().cloned().chain(records.into_iter().map(|(_, r)| r)).collect();
            let cells: Vec<Raw> = (0..job.columns).map(|c| of.cells.get(c)).collect();
            Cow::Owned(job.binding.lead(of.id.as_ref().to_owned(), &cells, Arc::new(records)))
        };
        let facts = &*facts;
        let answers = job.program.answer(self.reader.interpreter(job.program), facts, &whole);
        let mut lane = 0;
        for of in group.iter() {
            let cell = |column: usize| of.cells.get(column);
            let answer = match &of.error {
                Some(error) => Err(error),
                None => Ok((&answers, lane)),
            };
            (job.add)(&mut done.gathered, &Answered { id: &of.id, answer, cell: &cell, lead: &|| whole(lane).into_owned() });
            if let Some(error) = &of.error {
                done.error_count += 1;
                if done.errors.len() < 20 {
                    done.errors.push(error.clone());
                }
                continue;
            }
            let ladder = done.stages.len() - 2;
            let place = match answers.stage_of(lane) {
                Stage::Rank(rank) => rank,
                Stage::Disqualified => ladder,
                Stage::Excluded => ladder + 1,
            };
            if let Some(count) = done.stages.get_mut(place) {
                *count += 1;
            }
            done.leads += 1;
            lane += 1;
        }
        group.clear();
    }

    /// Adds the activity of each lead to its row; the rows where it was found, by part.
    fn join_activity(&mut self, group: &[InGroup<'_>], leads: &[usize]) -> Vec<Vec<Option<u32>>> {
        let mut found = Vec::new();
        if self.job.activity.is_empty() {
            return found;
        }
        let ids = || leads.iter().filter_map(|&i| group.get(i)).map(|g| g.id.as_bytes());
        let keys: Vec<Key> = ids().map(Key::of).collect();
        for (part, used) in self.job.activity.iter().zip(self.job.used) {
            keys.iter().for_each(|&key| part.leads.fetch(key));
            let mut rows = Vec::with_capacity(keys.len());
            for (lane, (&key, id)) in keys.iter().zip(ids()).enumerate() {
                let place = part.leads.find(key, id);
                rows.push(place.map(|(_, row)| row));
                let Some((place, row)) = place else { continue };
                if let Some(used) = used.get(row as usize) {
                    used.store(true, Ordering::Relaxed);
                }
                self.job.program.join(self.gatherer.row(lane), part.leads.numbers(place));
            }
            found.push(rows);
        }
        found
    }
}
