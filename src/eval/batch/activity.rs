//! Activity as a row of a few numbers a lead: what is kept, and how a record is added.
//!
//! Every record has a *kind*: its type, target and the properties that the model reads, as they are written. What a kind
//! means to the model is worked out once, by the interpreter; then a record is one look into a table by kind and age.

use std::collections::HashMap;
use std::mem;
use std::sync::Arc;

use super::program::*;
use crate::eval::Interpreter;
use crate::eval::decide::with_evaluator;
use crate::eval::values::Results;
use crate::lead::{self, At, Lead};
use crate::number::Decimal;
use crate::plan::{AgeingPlan, Keeps, Plan, SlotPlan};
use crate::points::aged;
use crate::time::{Date, Instant, Period, Zone};
use crate::value::{Text, Value};

/// So many steps of ageing are worked out beforehand.
const MOST_STEPS: i64 = 400;

/// Works out an ageing.
fn ageing(AgeingPlan { amount, by }: &AgeingPlan, as_of: Instant, zone: &Zone) -> AgeingLayout {
    let full = i64::try_from(crate::points::from_decimal(amount)).unwrap_or(0);
    let amount = Decimal { digits: amount.digits.abs(), ..amount.clone() };
    let mut left = Vec::new();
    for k in 0..MOST_STEPS {
        let points = i64::try_from(aged(&amount, Some((&by.kind, k)))).unwrap_or(0);
        left.push(points);
        // Points only ever grow less.
        if points == 0 {
            break;
        }
    }
    let calendar = if by.every.months == 0 || *zone != Zone::UTC {
        Vec::new()
    } else {
        (1..left.len() as i64).map(|k| last_with(by.every, k, as_of)).collect()
    };
    AgeingLayout { full, amount, kind: by.kind.clone(), every: by.every, zone: zone.clone(), calendar, left }
}

/// The latest instant from which `k` periods of months are full by `as_of`, of those on the first 28 days of a month in UTC.
fn last_with(every: Period, k: i64, as_of: Instant) -> i64 {
    let back = as_of.plus(every, -k, &Zone::UTC);
    if back.plus(every, k, &Zone::UTC) == as_of {
        return back.0;
    }
    // The month has no such day: all of it counts.
    Date::Day(Zone::UTC.day_of(back)).last().0
}

impl AgeingLayout {
    /// What is left today of an amount that was given at this instant, in ten-thousandths, without sign.
    pub fn left(&self, at: i64, as_of: Instant) -> i64 {
        let k = if self.every.months == 0 {
            as_of.0.saturating_sub(at).max(0) / self.every.micros().max(1)
        } else if self.zone == Zone::UTC
            && self.calendar.last().is_none_or(|&last| at > last)
            && Instant(at).day_of_month() <= 28
        {
            self.calendar.partition_point(|&border| at <= border) as i64
        } else {
            Instant(at).full_periods_until(as_of, self.every, &self.zone)
        };
        match usize::try_from(k).ok().and_then(|k| self.left.get(k)) {
            Some(&left) => left,
            None if self.left.last() == Some(&0) => 0,
            None => i64::try_from(aged(&self.amount, Some((&self.kind, k)))).unwrap_or(0),
        }
    }
}

/// Gives every slot its place in the row, and finds the steps.
pub(super) fn lay_out(plan: &Plan, as_of: Instant, zone: &Zone) -> ActivityLayout {
    let mut slots: Vec<SlotLayout> =
        plan.slots.iter().map(|slot| SlotLayout { slot: slot.clone(), word: 0, shift: 0 }).collect();
    let mut word = 0;
    let mut place = |wanted: fn(&Keeps) -> bool, bits: u32, words: usize| {
        let mut shift = 0;
        let mut is_open = false;
        for slot in slots.iter_mut().filter(|s| wanted(&s.slot.keeps)) {
            if !is_open || shift >= 32 {
                slot.word = word;
                word += words;
                shift = 0;
                is_open = bits < 32;
            } else {
                slot.word = word - 1;
            }
            slot.shift = shift;
            shift += bits;
        }
    };
    place(|k| *k == Keeps::Any, 1, 1);
    place(|k| matches!(k, Keeps::Count(most) if *most <= 255), 8, 1);
    place(|k| matches!(k, Keeps::Count(most) if *most > 255), 32, 1);
    place(|k| matches!(k, Keeps::Aged(_, most) if *most <= i64::from(u32::MAX)), 32, 1);
    place(|k| matches!(k, Keeps::Aged(_, most) if *most > i64::from(u32::MAX)) || *k == Keeps::Newest, 64, 2);
    let width = word;
    let mut steps: Vec<i64> = plan.slots.iter().flat_map(|s| [s.low, s.high.saturating_add(1)]).collect();
    steps.push(as_of.0.saturating_add(1));
    steps.retain(|&s| s > i64::MIN && s <= as_of.0.saturating_add(1));
    steps.sort_unstable();
    steps.dedup();
    let ageings = plan.ageings.iter().map(|a| ageing(a, as_of, zone)).collect();
    ActivityLayout { slots, ageings, width, steps, ..ActivityLayout::default() }
}

/// What a record does to a lead's row.
#[derive(Debug, Clone, Copy)]
enum Change {
    Set { word: usize, bits: u32 },
    CountByte { word: usize, shift: u32, most: u32 },
    CountWord { word: usize },
    Newest { word: usize },
    Age { word: usize, ageing: usize, most: i64 },
}

/// What records of one kind and age do: the bits of the first word, and changes of [`Kinds::changes`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Effect {
    bits: u32,
    from: u32,
    to: u32,
}

/// A kind of records: all that mean the same to the model.
#[derive(Debug)]
struct Kind {
    /// A record of this kind, where some aside asks for the records themselves.
    kept: Option<lead::Activity>,
}

/// The place of a kind in [`Kinds`].
pub type KindId = u32;

/// What a record does to a lead's row.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct EffectId(u32);

/// All kinds of records that have been seen, by one thread.
#[derive(Debug)]
pub struct Kinds<'p> {
    program: &'p Program<'p>,
    kinds: Vec<Kind>,
    /// By kind and step; behind the steps one for records without an instant.
    effects: Vec<Effect>,
    changes: Vec<Change>,
    /// Kinds whose records nobody asks for, by the queries that they meet.
    by_queries: HashMap<Vec<bool>, KindId>,
    by_words: HashMap<Vec<u8>, KindId>,
    recent: Box<[[Recent; 2]; RECENT]>,
    held: Box<[[Held; 2]; RECENT]>,
    /// Whether no property is asked for, so that type and target tell a kind.
    has_no_properties: bool,
    key: Vec<u8>,
}

/// A kind that was looked up lately.
#[derive(Debug, Clone, Copy, Default)]
struct Recent {
    /// Where its texts stand in memory; nowhere where there is none.
    texts: (u64, u64),
    id: KindId,
}

/// The texts of a kind, held so that their places are not used anew.
type Held = Option<(Arc<Text>, Option<Arc<Text>>)>;

/// At so many places two kinds each are remembered.
const RECENT: usize = 512;

/// So many ways to write a record are remembered; targets such as pages may be without number.
const MOST_WORDS: usize = 1 << 16;

impl<'p> Kinds<'p> {
    /// None seen so far.
    #[must_use]
    pub fn new(program: &'p Program<'p>) -> Kinds<'p> {
        Kinds {
            program,
            kinds: Vec::new(),
            effects: Vec::new(),
            changes: Vec::new(),
            by_queries: HashMap::new(),
            by_words: HashMap::new(),
            recent: Box::new([[Recent::default(); 2]; RECENT]),
            held: Box::new([const { [const { None }; 2] }; RECENT]),
            has_no_properties: program.model.properties.is_empty(),
            key: Vec::new(),
        }
    }

    /// A record of a kind that was given out, where the interpreter may ask for it.
    #[must_use]
    pub fn kept(&self, id: KindId) -> Option<&lead::Activity> {
        self.kinds.get(id as usize)?.kept.as_ref()
    }

    /// The kind of a record.
    #[inline]
    pub fn of(&mut self, interpreter: &Interpreter<'_>, record: &lead::Activity) -> KindId {
        if !self.has_no_properties || !record.properties().is_empty() {
            return self.look_up(interpreter, record);
        }
        let address = |t: &Arc<Text>| Arc::as_ptr(t) as u64;
        let texts = (address(&record.kind), record.target.as_ref().map_or(0, address));
        let mixed = (texts.0 ^ texts.1.rotate_left(21)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let place = (mixed >> 40) as usize % RECENT;
        let Some([first, second]) = self.recent.get(place) else {
            return self.look_up(interpreter, record);
        };
        if first.texts == texts {
            first.id
        } else if second.texts == texts {
            second.id
        } else {
            self.look_up_recent(interpreter, record, texts, place)
        }
    }

    #[cold]
    fn look_up_recent(
        &mut self,
        interpreter: &Interpreter<'_>,
        record: &lead::Activity,
        texts: (u64, u64),
        place: usize,
    ) -> KindId {
        let id = self.look_up(interpreter, record);
        // The one that came before last goes.
        if let (Some([first, second]), Some([held, held_second])) =
            (self.recent.get_mut(place), self.held.get_mut(place))
        {
            *second = mem::replace(first, Recent { texts, id });
            *held_second = held.replace((Arc::clone(&record.kind), record.target.clone()));
        }
        id
    }

    fn look_up(&mut self, interpreter: &Interpreter<'_>, record: &lead::Activity) -> KindId {
        let mut key = mem::take(&mut self.key);
        words_of(record, self.program.activity.by_kind, &mut key);
        let id = match self.by_words.get(&key) {
            Some(&id) => id,
            None => {
                let id = self.new_kind(interpreter, record);
                if self.by_words.len() >= MOST_WORDS {
                    self.by_words.clear();
                }
                self.by_words.insert(key.clone(), id);
                id
            }
        };
        self.key = key;
        id
    }

    /// The kind of a record whose words are new: one that is known where it meets the same queries and nobody asks for it.
    fn new_kind(&mut self, interpreter: &Interpreter<'_>, record: &lead::Activity) -> KindId {
        let (record, meets) = meets(self.program, interpreter, record);
        let is_kept = self.program.activity.keeps_all
            || self.program.plan.kept.iter().zip(&meets).any(|(kept, met)| *kept && *met);
        if !is_kept && let Some(&known) = self.by_queries.get(&meets) {
            return known;
        }
        let id = KindId::try_from(self.kinds.len()).unwrap_or(KindId::MAX);
        for changes in changes_by_step(self.program, &meets) {
            self.put_effect(changes);
        }
        self.kinds.push(Kind { kept: is_kept.then_some(record) });
        if !is_kept {
            self.by_queries.insert(meets, id);
        }
        id
    }

    fn put_effect(&mut self, changes: Vec<Change>) {
        let mut effect = Effect { from: self.changes.len() as u32, ..Effect::default() };
        for change in changes {
            match change {
                Change::Set { word: 0, bits } => effect.bits |= bits,
                other => self.changes.push(other),
            }
        }
        effect.to = self.changes.len() as u32;
        self.effects.push(effect);
    }

    /// The step of a record: how many begin at its instant or before; one more than there are where it has none. Records of a
    /// kind in one step do the same.
    #[must_use]
    pub fn step(&self, at: Option<i64>) -> u32 {
        let steps = &self.program.activity.steps;
        at.map_or(steps.len() + 1, |at| steps.partition_point(|&step| step <= at)) as u32
    }

    /// What a record of a kind does that lies in a step. Records after as-of have not happened.
    #[inline]
    #[must_use]
    pub fn effect(&self, id: KindId, step: u32) -> EffectId {
        EffectId((id as usize * (self.program.activity.steps.len() + 2)) as u32 + step)
    }

    /// Adds what a record does to a lead's row; `at` is its instant.
    #[inline]
    pub fn apply(&self, row: &mut [u32], effect: EffectId, at: i64) {
        let Some(effect) = self.effects.get(effect.0 as usize) else { return };
        if let Some(first) = row.first_mut() {
            *first |= effect.bits;
        }
        for change in self.changes.get(effect.from as usize..effect.to as usize).unwrap_or(&[]) {
            apply(&self.program.activity, row, change, at, self.program.as_of);
        }
    }

    /// Adds a record to a lead's row.
    #[inline]
    pub fn add(&self, row: &mut [u32], id: KindId, at: Option<i64>) {
        self.apply(row, self.effect(id, self.step(at)), at.unwrap_or(0));
    }
}

#[inline]
fn apply(plan: &ActivityLayout, row: &mut [u32], change: &Change, at: i64, as_of: Instant) {
    match *change {
        Change::Set { word, bits } => {
            if let Some(w) = row.get_mut(word) {
                *w |= bits;
            }
        }
        Change::CountByte { word, shift, most } => {
            if let Some(w) = row.get_mut(word)
                && (*w >> shift) & 0xff < most
            {
                *w += 1 << shift;
            }
        }
        Change::CountWord { word } => {
            if let Some(w) = row.get_mut(word) {
                *w = w.saturating_add(1);
            }
        }
        Change::Newest { word } => {
            let newest = read_long(row, word).max(newest_word(at));
            write_long(row, word, newest);
        }
        Change::Age { word, ageing, most } => {
            let left = plan.ageings.get(ageing).map_or(0, |a| a.left(at, as_of));
            if most <= i64::from(u32::MAX) {
                if let Some(w) = row.get_mut(word) {
                    *w = (i64::from(*w) + left.min(most)).min(most) as u32;
                }
            } else {
                let sum = (read_long(row, word) as i64).saturating_add(left).min(most);
                write_long(row, word, sum as u64);
            }
        }
    }
}

/// An instant as a word that grows with it; 0 is none.
fn newest_word(at: i64) -> u64 {
    (at as u64) ^ (1 << 63)
}

/// The instant of a word.
pub(super) fn instant_of(word: u64) -> Option<Instant> {
    (word != 0).then_some(Instant((word ^ (1 << 63)) as i64))
}

pub(super) fn read_long(row: &[u32], word: usize) -> u64 {
    match row.get(word..word + 2) {
        Some(&[low, high]) => u64::from(low) | u64::from(high) << 32,
        _ => 0,
    }
}

fn write_long(row: &mut [u32], word: usize, value: u64) {
    if let Some([low, high]) = row.get_mut(word..word + 2) {
        (*low, *high) = (value as u32, (value >> 32) as u32);
    }
}

impl Program<'_> {
    /// Adds the row of one part of a lead's activity to that of another.
    pub fn join(&self, row: &mut [u32], other: &[u32]) {
        for slot in &self.activity.slots {
            let (Some(&theirs), w) = (other.get(slot.word), slot.word) else { continue };
            match slot.slot.keeps {
                Keeps::Any => {
                    if let Some(ours) = row.get_mut(w) {
                        *ours |= theirs & (1 << slot.shift);
                    }
                }
                Keeps::Count(most) if most <= 255 => {
                    if let Some(ours) = row.get_mut(w) {
                        let sum = ((*ours >> slot.shift & 0xff) + (theirs >> slot.shift & 0xff)).min(most);
                        *ours = *ours & !(0xff << slot.shift) | sum << slot.shift;
                    }
                }
                Keeps::Count(_) => {
                    if let Some(ours) = row.get_mut(w) {
                        *ours = ours.saturating_add(theirs);
                    }
                }
                Keeps::Newest => write_long(row, w, read_long(row, w).max(read_long(other, w))),
                Keeps::Aged(_, most) if most <= i64::from(u32::MAX) => {
                    if let Some(ours) = row.get_mut(w) {
                        *ours = (i64::from(*ours) + i64::from(theirs)).min(most) as u32;
                    }
                }
                Keeps::Aged(_, most) => {
                    let sum = (read_long(row, w) as i64).saturating_add(read_long(other, w) as i64).min(most);
                    write_long(row, w, sum as u64);
                }
            }
        }
    }
}

fn words_of(record: &lead::Activity, by_kind: bool, key: &mut Vec<u8>) {
    use std::fmt::Write;
    key.clear();
    key.extend_from_slice(record.kind.written.as_bytes());
    if let Some(target) = &record.target {
        key.push(0xff);
        key.extend_from_slice(target.written.as_bytes());
    }
    let mut more = String::new();
    for (name, cell) in record.properties() {
        let _ = write!(more, "\0{name}\0{cell:?}");
    }
    if !by_kind {
        let _ = write!(more, "\0{:?}\0{:?}", record.at, record.event_id());
    }
    if !more.is_empty() {
        key.push(0xfe);
        key.extend_from_slice(more.as_bytes());
    }
}

/// Asks the interpreter which queries a record meets; the record comes back as all of its kind are.
fn meets(program: &Program<'_>, interpreter: &Interpreter<'_>, record: &lead::Activity) -> (lead::Activity, Vec<bool>) {
    let mut record = record.clone();
    if program.activity.by_kind {
        record.at = At::Instant(program.as_of);
        let properties = record.properties().to_vec();
        record = record.with(None, properties);
    } else if record.at.instant().is_some_and(|at| at > program.as_of) {
        // It is never seen.
        return (record, vec![false; program.model.queries.len()]);
    }
    let lead = Lead {
        values: vec![Value::Missing; program.model.fields.len()],
        activity: Arc::new(vec![record.clone()]),
        ..Lead::default()
    };
    let meets = with_evaluator(interpreter, &lead, &Results::default(), |now| {
        program.model.queries.iter().map(|q| now.meets(q, 0)).collect()
    });
    (record, meets)
}

/// What a record does that meets some queries, by step.
fn changes_by_step(program: &Program<'_>, meets: &[bool]) -> Vec<Vec<Change>> {
    let is_met = |query: usize| meets.get(query).copied().unwrap_or(false);
    let steps = &program.activity.steps;
    // All instants of a step lie in the same windows; its first stands for all.
    let firsts = [i64::MIN].into_iter().chain(steps.iter().copied());
    let as_of = program.as_of.0;
    let mut changes: Vec<Vec<Change>> = firsts
        .map(|first| changes_of(program, &is_met, |slot| slot.low <= first && first <= slot.high.min(as_of)))
        .collect();
    changes.push(changes_of(program, &is_met, |slot| slot.undated));
    changes
}

fn changes_of(
    program: &Program<'_>,
    is_met: &dyn Fn(usize) -> bool,
    lies_in: impl Fn(&SlotPlan) -> bool,
) -> Vec<Change> {
    let mut changes: Vec<Change> = Vec::new();
    for slot in program.activity.slots.iter().filter(|s| is_met(s.slot.query) && lies_in(&s.slot)) {
        let word = slot.word;
        match slot.slot.keeps {
            Keeps::Any => {
                let bit = 1 << slot.shift;
                match changes.iter_mut().find_map(|c| {
                    if let Change::Set { word: w, bits } = c { (*w == word).then_some(bits) } else { None }
                }) {
                    Some(bits) => *bits |= bit,
                    None => changes.push(Change::Set { word, bits: bit }),
                }
            }
            Keeps::Count(most) if most <= 255 => changes.push(Change::CountByte { word, shift: slot.shift, most }),
            Keeps::Count(_) => changes.push(Change::CountWord { word }),
            Keeps::Newest => changes.push(Change::Newest { word }),
            Keeps::Aged(ageing, most) => changes.push(Change::Age { word, ageing, most }),
        }
    }
    changes
}
