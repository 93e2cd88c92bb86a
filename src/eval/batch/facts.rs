//! What is known of the fields of 64 leads: for each atom of the program where it holds.
//!
//! Owns the ways from a cell to the atoms of its field. Plain numbers are compared 64 at a time; plain texts are looked at
//! once, and remembered where they come again; all else is asked of the interpreter.

use super::lanes::{Lanes, PerLane, WIDTH, each, mask};
use super::program::*;
use super::told::{number_holds, text_bits};
use crate::eval::Interpreter;
use crate::eval::decide::with_evaluator;
use crate::eval::values::Results;
use crate::lead::Lead;
use crate::remembered::Remembered;
use crate::value::Value;

/// What is known of the fields of a block of leads.
#[derive(Debug)]
pub struct Facts {
    /// How many leads there are.
    pub len: usize,
    /// By atom, now and in the second pass.
    pub(super) atoms: [Vec<Lanes>; 2],
    /// By field: where it is missing or a range, or names no stage.
    pub(super) gaps: Vec<u64>,
    /// By stage: where the lead stands there today.
    pub(super) current: Vec<u64>,
    /// The rows of activity, one lead after the other.
    pub rows: Vec<u32>,
}

impl Facts {
    /// The lanes whose value of the field that says where leads stand today is missing, or names no stage.
    #[must_use]
    pub fn without_stage(&self, field: usize) -> u64 {
        let known = self.current.iter().fold(0, |all, lanes| all | lanes);
        self.gaps.get(field).copied().unwrap_or(0) & !known
    }
}

/// What a cell says about the atoms of its field: bits by the place of the atom in its field.
#[derive(Debug, Clone, Default)]
pub(super) struct Bits {
    /// True now, unknown now, true and unknown in the second pass.
    pub words: [u64; 4],
    /// The same for atoms beyond the first 64 of a field.
    pub more: [Vec<u64>; 4],
    pub is_gap: bool,
    pub current: Option<usize>,
}

/// Makes facts of cells; remembers what it has seen. One for each thread.
pub struct Gatherer<'p> {
    program: &'p Program<'p>,
    pub(super) interpreter: Interpreter<'p>,
    fields: Vec<Gathered>,
    scratch: Lead,
    facts: Facts,
    folded: String,
}

/// What is remembered of a cell.
enum Found {
    /// The atoms that hold, and nothing else to tell.
    Plain(u64),
    All(Box<Bits>),
}

impl Found {
    fn new(bits: Bits) -> Found {
        bits.plain().map_or_else(|| Found::All(Box::new(bits)), Found::Plain)
    }
}

/// A field on its way.
struct Gathered {
    remembered: Remembered<Found>,
    /// Whether new texts are kept.
    keeps: bool,
    missing: u64,
    plain: u64,
    numbers: Box<PerLane<f64>>,
}

impl<'p> Gatherer<'p> {
    /// For one program.
    #[must_use]
    pub fn new(program: &'p Program<'p>) -> Gatherer<'p> {
        let gathered = |_| Gathered {
            remembered: Remembered::default(),
            keeps: true,
            missing: 0,
            plain: 0,
            numbers: Box::new(PerLane::all(0.0)),
        };
        let fields = program.model.fields.len();
        let atoms = || vec![Lanes::NO; program.plan.atoms.len()];
        Gatherer {
            program,
            interpreter: Interpreter::new(program.model(), program.as_of),
            fields: (0..fields).map(gathered).collect(),
            scratch: Lead { values: vec![Value::Missing; fields], ..Lead::default() },
            facts: Facts {
                len: 0,
                atoms: [atoms(), atoms()],
                gaps: vec![0; fields],
                current: vec![0; program.model.ladder.stages.len()],
                rows: vec![0; WIDTH * program.activity.width],
            },
            folded: String::new(),
        }
    }

    /// Begins a block.
    pub fn begin(&mut self) {
        self.facts.atoms.iter_mut().for_each(|a| a.fill(Lanes::NO));
        self.facts.gaps.fill(0);
        self.facts.current.fill(0);
        self.facts.rows.fill(0);
        for field in &mut self.fields {
            (field.missing, field.plain) = (0, 0);
            field.keeps = field.remembered.is_worth_it();
        }
    }

    /// The row of activity of a lane.
    pub fn row(&mut self, lane: usize) -> &mut [u32] {
        let width = self.program.activity.width;
        self.facts.rows.get_mut(lane * width..(lane + 1) * width).unwrap_or(&mut [])
    }

    /// One of the fields, to put down what is known of it.
    #[inline]
    pub fn of(&mut self, field: usize) -> Option<OfField<'_, 'p>> {
        let Gatherer { program, interpreter, fields, scratch, facts, folded } = self;
        let (gathered, plan) = (fields.get_mut(field)?, program.fields.get(field)?);
        Some(OfField { program, plan, field, gathered, facts, interpreter, scratch, folded })
    }

    /// A field has this value.
    pub fn value(&mut self, lane: usize, field: usize, value: &Value) {
        self.of(field).into_iter().for_each(|mut of| of.value(lane, value));
    }

    /// Ends a block of so many leads.
    pub fn end(&mut self, len: usize) -> &mut Facts {
        self.facts.len = len;
        for (field, (gathered, plan)) in self.fields.iter().zip(&self.program.fields).enumerate() {
            let missing = gathered.missing;
            if let Some(gaps) = self.facts.gaps.get_mut(field) {
                *gaps |= missing;
            }
            for &id in &plan.atoms {
                let Some(atom) = self.program.plan.atoms.get(id) else { continue };
                if gathered.plain != 0
                    && let Some(test) = &atom.number
                {
                    let yes = gathered.plain & number_holds(test, &gathered.numbers);
                    for pass in &mut self.facts.atoms {
                        if let Some(lanes) = pass.get_mut(id) {
                            lanes.yes |= yes;
                        }
                    }
                }
                for (pass, known) in self.facts.atoms.iter_mut().zip(atom.where_missing) {
                    if let Some(lanes) = pass.get_mut(id) {
                        *lanes = Lanes::all(known).pick(missing, *lanes);
                    }
                }
            }
        }
        &mut self.facts
    }
}

/// One field of the leads of a block.
pub struct OfField<'g, 'p> {
    program: &'p Program<'p>,
    plan: &'p FieldPlan,
    field: usize,
    gathered: &'g mut Gathered,
    facts: &'g mut Facts,
    interpreter: &'g Interpreter<'p>,
    scratch: &'g mut Lead,
    folded: &'g mut String,
}

impl OfField<'_, '_> {
    /// It is missing.
    #[inline]
    pub fn missing(&mut self, lane: usize) {
        self.gathered.missing |= 1 << lane;
    }

    /// It is a plain number.
    #[inline]
    pub fn number(&mut self, lane: usize, n: f64) {
        if self.plan.all_number {
            self.gathered.plain |= 1 << lane;
            self.gathered.numbers[lane] = n;
            return;
        }
        let [a, b, c, d, e, f, g, h] = n.to_le_bytes();
        // No cell begins with this byte.
        self.remember(lane, &[0xff, a, b, c, d, e, f, g, h], || None, || Value::Number(n));
    }

    /// It is a text, as written: its bytes, and on demand as a text.
    #[inline]
    pub fn text<'t>(&mut self, lane: usize, bytes: &[u8], written: impl Fn() -> &'t str) {
        if self.plan.is_unread {
            return;
        }
        let bytes = self.plan.tail.and_then(|least| tail(bytes, least)).unwrap_or(bytes);
        self.remember(lane, bytes, || Some(written()), || Value::Text(crate::value::Text::new(written())));
    }

    /// It has a cell that `read` reads, if it can. Whether a value is there; `None` where it cannot be read.
    pub fn cell(&mut self, lane: usize, bytes: &[u8], read: impl FnOnce() -> Option<Value>) -> Option<bool> {
        let place = Remembered::<Found>::place(bytes);
        if let Some(found) = self.gathered.remembered.get(&place, bytes) {
            put(self.facts, self.plan, lane, self.field, found);
            return Some(true);
        }
        let keeps = self.gathered.remembered.is_worth_it();
        let value = read()?;
        if let Value::Number(n) = value {
            self.number(lane, n);
            return Some(true);
        }
        if value.is_missing() {
            return Some(false);
        }
        let found = Found::new(self.exact(value));
        put(self.facts, self.plan, lane, self.field, &found);
        if keeps {
            self.gathered.remembered.keep(&place, bytes, found);
        }
        Some(true)
    }

    /// It has this value.
    pub fn value(&mut self, lane: usize, value: &Value) {
        match value {
            Value::Missing => self.missing(lane),
            Value::Number(n) => self.number(lane, *n),
            Value::Text(text) => self.text(lane, text.written.as_bytes(), || &text.written),
            other => {
                let found = Found::new(self.exact(other.clone()));
                put(self.facts, self.plan, lane, self.field, &found);
            }
        }
    }

    /// Puts what is remembered of some bytes, which stand for a text; works it out where they are new.
    #[inline]
    fn remember<'t>(
        &mut self,
        lane: usize,
        bytes: &[u8],
        text: impl FnOnce() -> Option<&'t str>,
        value: impl FnOnce() -> Value,
    ) {
        let keeps = self.gathered.keeps;
        let place = Remembered::<Found>::place(bytes);
        if keeps && let Some(found) = self.gathered.remembered.get(&place, bytes) {
            put(self.facts, self.plan, lane, self.field, found);
            return;
        }
        let told = text().filter(|t| self.plan.all_text && t.is_ascii()).map(|text| {
            self.folded.clear();
            crate::text::fold_into(text, self.folded);
            text_bits(&self.program.plan.atoms, self.plan, self.folded)
        });
        let found = Found::new(told.unwrap_or_else(|| self.exact(value())));
        put(self.facts, self.plan, lane, self.field, &found);
        if keeps {
            self.gathered.remembered.keep(&place, bytes, found);
        }
    }

    /// Asks the interpreter about all atoms.
    fn exact(&mut self, value: Value) -> Bits {
        let OfField { program, plan, field, .. } = *self;
        let mut bits = Bits::for_atoms(plan.atoms.len());
        if let Some(slot) = self.scratch.values.get_mut(field) {
            *slot = value;
        }
        with_evaluator(self.interpreter, self.scratch, &Results::default(), |now| {
            for (i, atom) in plan.atoms.iter().enumerate() {
                if let Some(atom) = program.plan.atoms.get(*atom) {
                    bits.set(i, now.both_passes(&atom.asks));
                }
            }
            bits.is_gap = now.is_gap(crate::model::FieldId(field));
            if program.model.ladder.from.is_some_and(|f| f.0 == field) {
                bits.current = now.current();
            }
        });
        if let Some(slot) = self.scratch.values.get_mut(field) {
            *slot = Value::Missing;
        }
        bits
    }
}

/// What stands at the end of an address from its `@` on, at least so many bytes that are ASCII and no white space at the end.
#[inline]
fn tail(bytes: &[u8], least: usize) -> Option<&[u8]> {
    let tail = bytes.get(bytes.iter().rposition(|&b| b == b'@')?..)?;
    (tail.len() >= least && tail.is_ascii() && tail.last().is_some_and(|&b| b > b' ')).then_some(tail)
}

#[inline]
fn put(facts: &mut Facts, plan: &FieldPlan, lane: usize, field: usize, found: &Found) {
    match found {
        Found::Plain(yes) => each(*yes, |bit| {
            let atom = plan.atoms.get(bit).copied().unwrap_or(usize::MAX);
            for pass in &mut facts.atoms {
                if let Some(lanes) = pass.get_mut(atom) {
                    lanes.yes |= 1 << lane;
                }
            }
        }),
        Found::All(bits) => put_all(facts, plan, lane, field, bits),
    }
}

fn put_all(facts: &mut Facts, plan: &FieldPlan, lane: usize, field: usize, bits: &Bits) {
    let lane_bit = 1u64 << lane;
    let [now, possible] = &mut facts.atoms;
    let mut set = |first: usize, [yes, open, could, may]: [u64; 4]| {
        let atom = |bit: usize| plan.atoms.get(first + bit).copied().unwrap_or(usize::MAX);
        each(yes, |bit| {
            if let Some(l) = now.get_mut(atom(bit)) {
                l.yes |= lane_bit
            }
        });
        each(open, |bit| {
            if let Some(l) = now.get_mut(atom(bit)) {
                l.open |= lane_bit
            }
        });
        each(could, |bit| {
            if let Some(l) = possible.get_mut(atom(bit)) {
                l.yes |= lane_bit
            }
        });
        each(may, |bit| {
            if let Some(l) = possible.get_mut(atom(bit)) {
                l.open |= lane_bit
            }
        });
    };
    set(0, bits.words);
    for w in 0..bits.more[0].len() {
        set((w + 1) * WIDTH, bits.more.each_ref().map(|words| words.get(w).copied().unwrap_or(0)));
    }
    if bits.is_gap
        && let Some(gaps) = facts.gaps.get_mut(field)
    {
        *gaps |= lane_bit;
    }
    if let Some(current) = bits.current.and_then(|rank| facts.current.get_mut(rank)) {
        *current |= lane_bit;
    }
}

impl Bits {
    pub fn for_atoms(count: usize) -> Bits {
        let more = || vec![0; count.div_ceil(WIDTH).saturating_sub(1)];
        Bits { words: [0; 4], more: [more(), more(), more(), more()], is_gap: false, current: None }
    }

    /// The atoms that hold, where all are known, the same in both passes, and there is nothing else to tell.
    fn plain(&self) -> Option<u64> {
        let [yes, open, could, may] = self.words;
        let is_plain =
            open | may == 0 && yes == could && !self.is_gap && self.current.is_none() && self.more[0].is_empty();
        is_plain.then_some(yes)
    }

    pub fn set(&mut self, atom: usize, [now, possible]: [Option<bool>; 2]) {
        let (word, bit) = (atom / WIDTH, 1u64 << (atom % WIDTH));
        for (known, of) in [(now, 0), (possible, 2)] {
            let of = match known {
                Some(true) => of,
                Some(false) => continue,
                None => of + 1,
            };
            let to = match word.checked_sub(1) {
                None => self.words.get_mut(of),
                Some(word) => self.more.get_mut(of).and_then(|words| words.get_mut(word)),
            };
            if let Some(to) = to {
                *to |= bit;
            }
        }
    }
}

/// The lanes below a count.
pub(super) fn first(len: usize) -> u64 {
    mask(|lane| lane < len)
}
