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
use super::by_lead::{Fetching, Found, Key};
use super::cells::FieldReader;
use super::events::Folded;
use super::ids::{id_bytes, plain_key};
use super::nested::{LineReader, LineShape};
use super::rows::{Row, Rows, as_text, is_blank, unquoted};
use crate::bind::{Binding, is_missing};
use crate::data::{ActivityProblems, LeadActivity, Leads, RowShape, Tally, Values, row_without_id};
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
    /// How many columns there are.
    pub columns: usize,
    /// What the rows, or the lines, of the file are like.
    pub shape: Shape<'j>,
    /// The column of the lead's id.
    pub id: Option<usize>,
    /// The activity, by the thread that read it.
    pub activity: &'j [Folded<'j>],
    /// Which places of these have been asked for.
    pub used: &'j [Vec<AtomicBool>],
    /// Adds an answer to what its block gathers.
    pub add: &'j (dyn Fn(&mut T, &Answered<'_>) + Sync),
    /// Is told how many bytes have been read.
    pub seen: &'j (dyn Fn(u64) + Sync),
}

/// What a file is made of that is read block by block.
pub enum Shape<'j> {
    /// Rows of CSV.
    Rows(RowShape),
    /// Lines of JSON.
    Lines(LineShape<'j>),
    /// Nothing: it is read by the careful reader.
    Nothing,
}

/// One row with its answer.
pub struct Answered<'a> {
    /// The lead's id, or the row's number, in UTF-8.
    pub id: &'a [u8],
    /// The answer, and in which lane; or why there is none.
    pub answer: Result<(&'a Answers, usize), &'a Diagnostic>,
    /// The cells of the row.
    pub cell: &'a dyn Fn(usize) -> Raw,
    /// The lead, with at least those records that the program keeps.
    pub lead: &'a dyn Fn() -> Lead,
}

impl<'a> Answered<'a> {
    /// The lead's id as text.
    #[must_use]
    pub fn id(&self) -> &'a str {
        as_text(self.id)
    }
}

/// What came of one block, and what was counted.
#[derive(Default)]
pub struct Done<T> {
    block: Block,
    /// Whether it is not plain, so that nothing came of it.
    is_odd: bool,
    /// Whether a row needs its number, which only those know who have seen all rows before; then nothing came of it, either.
    needs_number: bool,
    /// What was gathered.
    pub gathered: T,
    /// Rows read as leads, and rows in all.
    pub leads: u64,
    /// See above.
    pub rows: u64,
    /// Leads by stage: the ladder, then disqualified, then excluded.
    pub stages: Vec<u64>,
    /// Cells that could not be read, by field.
    pub unreadable: HashMap<usize, Values>,
    /// Cells that should name the stage of today, and name none.
    pub off_ladder: Values,
    /// Records after the as-of.
    pub later: u64,
    /// Rows that could not be read; the first few say why.
    pub errors: Vec<Diagnostic>,
    /// How many these are.
    pub error_count: usize,
    /// Rows read as leads that have no id.
    pub without_id: Tally,
    /// What could not be read of activity inside of rows, and how many copies of records were left out.
    pub problems: ActivityProblems,
    /// See above.
    pub copies: u64,
    /// Whether a row holds activity of its own, if only an empty list.
    pub has_activity: bool,
    /// What tells each lead from others, and where it stands.
    ids: Vec<(LeadKey, IdAt)>,
}

impl<T: Default> Done<T> {
    fn new(job: &Job<'_, T>) -> Done<T> {
        Done { stages: vec![0; job.program.model().ladder.stages.len() + 2], ..Done::default() }
    }

    /// Calls `f` with what tells each lead from others, and for its line and its id.
    pub fn each_id(&self, mut f: impl FnMut(LeadKey, &dyn Fn() -> (u64, String))) {
        for (key, at) in &self.ids {
            f(*key, &|| match at {
                IdAt::Block(start, (from, to)) => {
                    let id = self.block.text.get(*from as usize..*to as usize).unwrap_or(&[]);
                    (self.block.line_of(*start as usize), as_text(unquoted(id, &mut Vec::new())).to_owned())
                }
                IdAt::Line(line, id) => (*line, id.to_string()),
            });
        }
    }
}

/// What tells a lead from all others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LeadKey {
    /// It has activity: the part and the place of that.
    Activity(usize, u32),
    /// It has none: the fingerprint of its id.
    Id(u64),
}

/// Where an id stands: in a block, behind where its row begins; or in a line, as itself.
enum IdAt {
    Block(u32, (u32, u32)),
    Line(u64, Box<str>),
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
pub fn answer<T: Default + Send>(
    job: &Job<'_, T>,
    blocks: &Mutex<Blocks>,
    threads: usize,
    take: &mut Take<'_, T>,
) -> io::Result<Rest> {
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
        let result = in_order(job, &receiver, &room, &is_over, take);
        is_over.store(true, Ordering::Relaxed);
        // Blocks that were taken after the odd one belong to what is left.
        let Some((line, rows, mut left)) = result? else { return Ok(Rest::Nothing) };
        left.extend(receiver.iter().filter_map(Result::ok).map(|d| (d.block.number, d.block.text)));
        left.sort_by_key(|(number, _)| *number);
        let mut text: Vec<u8> = left.into_iter().flat_map(|(_, text)| text).collect();
        if let Ok(mut blocks) = blocks.lock() {
            blocks.rest(&mut text)?;
        }
        Ok(Rest::Odd { line, rows, text })
    })
}

/// The line of the first odd block, the number of rows before it, and the texts of it and of later blocks.
type Odd = (u64, u64, Vec<(u64, Vec<u8>)>);

fn in_order<T: Default>(
    job: &Job<'_, T>,
    receiver: &mpsc::Receiver<io::Result<Done<T>>>,
    room: &Mutex<Vec<Vec<u8>>>,
    is_over: &AtomicBool,
    take: &mut Take<'_, T>,
) -> io::Result<Option<Odd>> {
    let mut waiting: HashMap<u64, Done<T>> = HashMap::new();
    let (mut next, mut rows) = (0, 0);
    // For blocks with a row that needs its number.
    let mut counting = None;
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
            if done.needs_number {
                let worker = counting.get_or_insert_with(|| Worker::new(job, None));
                worker.number = Some(rows);
                done = worker.answer(done.block);
            }
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
            blocks.rest(&mut text)?;
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
pub fn answer_careful<T: Default>(
    job: &Job<'_, T>,
    leads: &Leads,
    mut activity: Option<&mut LeadActivity>,
    take: &mut Take<'_, T>,
) -> io::Result<()> {
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
    tables: Vec<Fetching<'j>>,
    rows: Rows,
    /// How many rows came before, where one thread sees all.
    pub number: Option<u64>,
    room: Vec<u8>,
}

/// A row of a group: a lead in its lane, or a row that cannot be read.
pub(super) struct InGroup<'b> {
    pub cells: Cells<'b>,
    /// What it is called.
    pub id: Cow<'b, [u8]>,
    /// The key of that, where it is an id.
    pub key: Option<Key>,
    /// Its line, where somebody will ask for it.
    pub line: u64,
    pub error: Option<Box<Diagnostic>>,
    /// Records that stand in the row, at least those that are held.
    pub records: Option<Arc<Vec<Activity>>>,
}

impl<T> Job<'_, T> {
    /// What a row says of where its lead stands today, where it says something.
    fn names_no_stage(&self, field: usize, cells: &Cells<'_>) -> Option<String> {
        let of = self.program.model().fields.get(field)?;
        let says = |cell: &Raw| !is_missing(of, cell) && !crate::text::is_blank(&cell.as_text());
        let mut columns = self.binding.columns_of(field).iter().map(|&column| cells.get(column));
        columns.find(says).map(|cell| cell.as_text().into_owned())
    }
}

impl InGroup<'_> {
    /// Its line, in the block that it was read from.
    fn line_in(&self, block: Option<&Block>) -> u64 {
        match (&self.cells, block) {
            (Cells::Plain(row), Some(block)) => block.line_of(row.start()),
            _ => self.line,
        }
    }

    /// Where the id of a lead stands; none where it has only a number.
    #[inline]
    fn id_at(&self, column: Option<usize>) -> Option<IdAt> {
        match &self.cells {
            Cells::Plain(row) => Some(IdAt::Block(row.start() as u32, row.cell_at(column?).0)),
            Cells::Line(..) | Cells::Read(_) => Some(IdAt::Line(self.line, as_text(&self.id).into())),
        }
    }
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
            Cells::Plain(row) => Raw::cell(row.text(column, &mut Vec::new())),
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
            tables: job.activity.iter().map(|part| part.leads.fetching()).collect(),
            rows: Rows::default(),
            number,
            room: Vec::new(),
        }
    }

    fn block(&mut self, block: Block) -> Done<T> {
        (self.job.seen)(block.text.len() as u64);
        self.answer(block)
    }

    fn answer(&mut self, block: Block) -> Done<T> {
        let mut done = Done::new(self.job);
        let mut rows = std::mem::take(&mut self.rows);
        let number = self.number;
        let is_plain = match &self.job.shape {
            Shape::Rows(shape) => rows.split(&block, shape),
            Shape::Lines(_) => {
                !block.is_cut && !block.has_lone_return && simdutf8::basic::from_utf8(&block.text).is_ok()
            }
            Shape::Nothing => false,
        };
        let is_known = is_plain
            && match &self.job.shape {
                Shape::Lines(shape) => self.lines(shape, &block, &mut done),
                _ => self.leads(&block, &rows, &mut done),
            };
        if !is_known {
            self.number = number;
            done = Done { is_odd: !is_plain, needs_number: is_plain, ..Done::new(self.job) };
        }
        self.rows = rows;
        done.block = block;
        done
    }

    /// Answers the rows of a block; false where a row would need its number and nobody knows it.
    fn leads(&mut self, block: &Block, rows: &Rows, done: &mut Done<T>) -> bool {
        let mut group: Vec<InGroup<'_>> = Vec::with_capacity(WIDTH);
        let mut lanes = 0;
        let mut lines = block.lines();
        done.ids.reserve(rows.line_ends());
        for row in rows.iter(&block.text) {
            let is_right = row.len() == self.job.columns;
            if !is_right && row.is_blank() {
                continue;
            }
            done.rows += 1;
            self.number = self.number.map(|n| n + 1);
            let Some((id, key)) = self.id(&row, is_right) else { return false };
            // As a rule nobody asks for the line of a row.
            let line = if is_right && key.is_some() { 0 } else { lines.line_of(row.start()) };
            let error = (!is_right).then(|| Box::new(messages::wrong_cells(line, row.len(), self.job.columns)));
            group.push(InGroup { cells: Cells::Plain(row), id, key, line, error, records: None });
            lanes += usize::from(is_right);
            if lanes == WIDTH {
                self.plain_group(block, &mut group, lanes, done);
                lanes = 0;
            }
        }
        self.plain_group(block, &mut group, lanes, done);
        true
    }

    /// Reads and answers the leads of a group of rows.
    fn plain_group(&mut self, block: &Block, group: &mut Vec<InGroup<'_>>, lanes: usize, done: &mut Done<T>) {
        let rows = group
            .iter()
            .filter(|g| g.error.is_none())
            .filter_map(|g| if let Cells::Plain(row) = g.cells { Some(row) } else { None });
        let rows: Vec<Row<'_>> = rows.collect();
        self.gatherer.begin();
        self.reader.read(&mut self.gatherer, &rows, |lane, field, cell| {
            let line = || rows.get(lane).map_or(0, |row| block.line_of(row.start()));
            done.unreadable.entry(field).or_default().add(line, cell);
        });
        self.group(group, lanes, Some(block), done);
    }

    /// Answers at most as many rows as there are lanes.
    fn careful(
        &mut self,
        leads: &Leads,
        rows: &mut dyn Iterator<Item = crate::data::Row>,
        mut activity: Option<&mut LeadActivity>,
    ) -> Done<T> {
        let mut done = Done::new(self.job);
        let mut group = Vec::with_capacity(WIDTH);
        let mut lanes = 0;
        self.gatherer.begin();
        for row in rows {
            done.rows += 1;
            lanes += usize::from(self.careful_row(leads, row, activity.as_deref_mut(), lanes, &mut done, &mut group));
        }
        self.group(&mut group, lanes, None, &mut done);
        done
    }

    /// What a row is called, with the key of its id; none where its number would be needed and is not known.
    fn id<'b>(&mut self, row: &Row<'b>, is_right: bool) -> Option<(Cow<'b, [u8]>, Option<Key>)> {
        let cell = self.job.id.map_or(&[][..], |column| row.cell(column));
        let is_quoted = cell.first() == Some(&b'"');
        let id = if is_quoted { Cow::Owned(unquoted(cell, &mut self.room).to_owned()) } else { Cow::Borrowed(cell) };
        if is_blank(&id) {
            return self.by_number(is_right);
        }
        let key = self.key(&id);
        Some((id, Some(key)))
    }

    /// What a row of which no id is known is called, as [`Leads::lead_id`] has it.
    pub(super) fn by_number<'b>(&self, is_right: bool) -> Option<(Cow<'b, [u8]>, Option<Key>)> {
        let number = self.number?;
        if self.job.id.is_some() && is_right {
            return Some((Cow::Owned(row_without_id(number).into_bytes()), None));
        }
        let id = number.to_string().into_bytes();
        let key = self.key(&id);
        Some((Cow::Owned(id), Some(key)))
    }

    /// The key of an id, whose activity is asked for, so that it is there when the cells are read.
    #[inline]
    pub(super) fn key(&self, id: &[u8]) -> Key {
        let key = plain_key(id).unwrap_or_else(|| Key::of(&id_bytes(id)));
        self.tables.iter().for_each(|table| table.fetch(key));
        key
    }

    /// Answers the leads of a group that is full, and begins the next.
    pub(super) fn group_if_full(&mut self, group: &mut Vec<InGroup<'_>>, lanes: &mut usize, done: &mut Done<T>) {
        if *lanes == WIDTH {
            self.group(group, WIDTH, None, done);
            *lanes = 0;
            self.gatherer.begin();
        }
    }

    /// Answers the leads of a group and adds its rows to what is gathered.
    pub(super) fn group(
        &mut self,
        group: &mut Vec<InGroup<'_>>,
        lanes: usize,
        block: Option<&Block>,
        done: &mut Done<T>,
    ) {
        let job = self.job;
        let leads: Vec<usize> = group.iter().enumerate().filter(|(_, g)| g.error.is_none()).map(|(i, _)| i).collect();
        let found = self.join_activity(group, &leads);
        let facts = self.gatherer.end(lanes);
        let whole = |lane: usize| -> Cow<'_, Lead> {
            let Some(of) = leads.get(lane).and_then(|&i| group.get(i)) else { return Cow::Owned(Lead::default()) };
            let mut records = Vec::new();
            for (part, rows) in job.activity.iter().zip(&found) {
                if let Some(Some(row)) = rows.get(lane) {
                    part.records(row.owner, &mut records);
                }
            }
            records.sort_by_key(|(order, _)| *order);
            let records =
                of.records.iter().flat_map(|r| r.iter()).cloned().chain(records.into_iter().map(|(_, r)| r)).collect();
            let cells: Vec<Raw> = (0..job.columns).map(|c| of.cells.get(c)).collect();
            Cow::Owned(job.binding.lead(as_text(&of.id).to_owned(), &cells, Arc::new(records)))
        };
        let facts = &*facts;
        if let Some(from) = job.program.model().ladder.from {
            let without = facts.without_stage(from.0);
            for (lane, of) in leads.iter().filter_map(|&i| group.get(i)).enumerate() {
                if without >> lane & 1 == 1
                    && let Some(cell) = job.names_no_stage(from.0, &of.cells)
                {
                    done.off_ladder.add(|| of.line_in(block), &cell);
                }
            }
        }
        let answers = job.program.answer(self.reader.interpreter(job.program), facts, &whole);
        let mut lane = 0;
        for of in group.iter() {
            let cell = |column: usize| of.cells.get(column);
            let answer = match &of.error {
                Some(error) => Err(error.as_ref()),
                None => Ok((&answers, lane)),
            };
            (job.add)(
                &mut done.gathered,
                &Answered { id: &of.id, answer, cell: &cell, lead: &|| whole(lane).into_owned() },
            );
            if let Some(error) = &of.error {
                done.error_count += 1;
                if done.errors.len() < 20 {
                    done.errors.push(error.as_ref().clone());
                }
                continue;
            }
            match (of.key, of.id_at(job.id)) {
                (Some(key), Some(at)) => {
                    let with = found
                        .iter()
                        .enumerate()
                        .find_map(|(part, rows)| Some(LeadKey::Activity(part, rows.get(lane)?.as_ref()?.place)));
                    done.ids.push((with.unwrap_or_else(|| LeadKey::Id(key.fingerprint())), at));
                }
                (None, _) => done.without_id.add(of.line, || as_text(&of.id).to_owned()),
                (Some(_), None) => {}
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

    /// Adds the activity of each lead to its row; where it was found, by part.
    fn join_activity(&mut self, group: &[InGroup<'_>], leads: &[usize]) -> Vec<Vec<Option<Found<'j>>>> {
        let mut found = Vec::new();
        for (part, used) in self.job.activity.iter().zip(self.job.used) {
            let mut rows = Vec::with_capacity(leads.len());
            for (lane, of) in leads.iter().filter_map(|&i| group.get(i)).enumerate() {
                let found = of.key.and_then(|key| part.leads.find(key, || id_bytes(&of.id)));
                if let Some(found) = &found {
                    used.get(found.place as usize).into_iter().for_each(|used| used.store(true, Ordering::Relaxed));
                    self.job.program.join(self.gatherer.row(lane), found.numbers);
                }
                rows.push(found);
            }
            found.push(rows);
        }
        found
    }
}
