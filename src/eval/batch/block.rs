//! Conditions of 64 leads at once, and the interpreter for what has no shape in the program.

use std::borrow::Cow;
use std::cell::{Cell, OnceCell};
use std::collections::BTreeSet;
use std::rc::Rc;

use super::activity::{instant_of, read_long};
use super::answers::Answers;
use super::facts::Facts;
use super::lanes::{Counts, Lanes, OutlookCounts, Outlooks, PerLane, Points, WIDTH, each, mask};
use super::program::*;
use crate::eval::Interpreter;
use crate::eval::activity::Records;
use crate::eval::compare::compare;
use crate::eval::decide::possible_labels;
use crate::eval::values::{Evaluator, Pass, Results, View};
use crate::lead::Lead;
use crate::model::{FieldId, OfProfile};
use crate::operators::{CompareOp, CountKind};
use crate::plan::*;
use crate::value::{Stage, Value};

/// The whole lead of a lane: its values, and of its activity at least the records that the program keeps.
pub type Whole<'w> = dyn Fn(usize) -> Cow<'w, Lead> + 'w;

/// A block of leads while it is worked out.
pub(super) struct Block<'b> {
    pub program: &'b Program<'b>,
    pub interpreter: &'b Interpreter<'b>,
    pub facts: &'b Facts,
    pub whole: &'b Whole<'b>,
    pub out: Answers,
    /// The lanes that are leads, and are scored.
    pub live: u64,
    /// The lanes whose points are too many: the interpreter answers for the whole lead.
    pub beyond: u64,
    /// Which results are there.
    pub is_scored: bool,
    pub is_staged: bool,
    /// The labels that have been chosen, in the order in which they were, and whether all are that do not hang on the stage.
    pub chosen_labels: Vec<usize>,
    pub has_first_labels: bool,
    definitions: Vec<Option<Lanes>>,
    outlooks: Vec<Option<Outlooks>>,
    /// By profile, how many of its criteria hold.
    criteria: Vec<Option<Rc<Counts>>>,
    criteria_outlooks: Vec<Option<Rc<OutlookCounts>>>,
    /// By definition, the lanes where the fields that leave it open have been named.
    named: Vec<u64>,
    /// The same of the criteria of a profile.
    named_criteria: Vec<u64>,
    asides: Vec<OnceCell<Box<AsideLead<'b>>>>,
}

/// A lead that the interpreter is asked about.
pub(super) struct AsideLead<'l> {
    lead: Cow<'l, Lead>,
    records: Records,
    view: View,
    results: Results,
    /// How many of the chosen labels it has been told.
    told_labels: Cell<usize>,
}

impl AsideLead<'_> {
    pub fn evaluator<'e>(&'e self, interpreter: &'e Interpreter<'e>) -> Evaluator<'e> {
        Evaluator {
            interpreter,
            model: interpreter.model,
            lead: &self.lead,
            records: &self.records,
            view: &self.view,
            full_view: &self.view,
            pass: Pass::Now,
            record: None,
            results: &self.results,
        }
    }
}

impl<'b> Block<'b> {
    pub fn new(
        program: &'b Program<'b>,
        interpreter: &'b Interpreter<'b>,
        facts: &'b Facts,
        whole: &'b Whole<'b>,
    ) -> Block<'b> {
        let definitions = program.plan.definitions.len();
        Block {
            program,
            interpreter,
            facts,
            whole,
            out: Answers::new(program.model(), facts.len),
            live: super::facts::first(facts.len),
            beyond: 0,
            is_scored: false,
            is_staged: false,
            chosen_labels: Vec::new(),
            has_first_labels: false,
            definitions: vec![None; definitions],
            outlooks: vec![None; definitions],
            criteria: vec![None; definitions],
            criteria_outlooks: vec![None; definitions],
            named: vec![0; definitions],
            named_criteria: vec![0; definitions],
            asides: (0..WIDTH).map(|_| OnceCell::new()).collect(),
        }
    }

    /// The lanes where any of these fields is a gap.
    pub fn gaps(&self, fields: &[usize]) -> u64 {
        fields.iter().fold(0, |gaps, &f| gaps | self.facts.gaps.get(f).copied().unwrap_or(0))
    }

    /// A condition now, at least in the lanes that are wanted.
    pub fn cond(&mut self, cond: &Cond, wanted: u64) -> Lanes {
        match cond {
            Cond::Constant(known) => Lanes::all(*known),
            Cond::Atom(atom) => self.facts.atoms[0].get(*atom).copied().unwrap_or(Lanes::OPEN),
            Cond::Not(inner) => self.cond(inner, wanted).not(),
            Cond::All(items) => {
                let mut all = Lanes::YES;
                for item in items {
                    all = all.and(self.cond(item, wanted & !all.no()));
                }
                all
            }
            Cond::Any(items) => {
                let mut any = Lanes::NO;
                for item in items {
                    any = any.or(self.cond(item, wanted & !any.yes));
                }
                any
            }
            Cond::AtLeast(n, items) => {
                let mut counts = Counts::NONE;
                items.iter().for_each(|i| counts.add(self.cond(i, wanted)));
                counts.at_least(*n)
            }
            Cond::Unless(a, b) => {
                let a = self.cond(a, wanted);
                let b = self.cond(b, wanted & a.yes);
                // What is not known does not block.
                Lanes { yes: a.yes & !b.yes, open: a.open }
            }
            Cond::Definition(id) => self.definition(*id),
            Cond::OfProfile(of, id) => {
                let counts = self.count_criteria(*id);
                match of {
                    OfProfile::AtLeast(n) => counts.at_least(*n),
                    OfProfile::None => counts.at_least(1).not(),
                }
            }
            Cond::Did(slot) => Lanes::known(self.any(*slot)),
            Cond::Count(kind, n, slot) => {
                let counts = self.counts(*slot);
                Lanes::known(match kind {
                    CountKind::AtLeast => mask(|i| u64::from(counts[i]) >= *n),
                    CountKind::AtMost => mask(|i| u64::from(counts[i]) <= *n),
                    CountKind::Exactly => mask(|i| u64::from(counts[i]) == *n),
                })
            }
            Cond::CountIs(op, n, slot) => {
                let counts = self.counts(*slot);
                Lanes::known(mask(|i| {
                    compare(*op, &Value::number(f64::from(counts[i])), &Value::Number(*n)) == Some(true)
                }))
            }
            Cond::DaysAre(op, n, slot) => {
                let mut out = Lanes::NO;
                for lane in 0..self.facts.len {
                    let days =
                        self.newest(*slot, lane).map(|at| (self.program.as_of.0 - at.0).div_euclid(86_400_000_000));
                    out.set(lane, days.and_then(|d| compare(*op, &Value::number(d as f64), &Value::Number(*n))));
                }
                out
            }
            Cond::Score(group, test) => self.score_is(*group, test, Pass::Now),
            Cond::Label(label, lines, _) => {
                let mut out = Lanes::NO;
                if let Some(chosen) = self.out.labels.get(*label) {
                    for (lane, &line) in chosen.iter().enumerate().take(self.facts.len) {
                        let line = usize::from(line).checked_sub(1).unwrap_or(lines.len() - 1);
                        out.set(lane, lines.get(line).copied().flatten());
                    }
                }
                out
            }
            Cond::Stage(op, wanted) => {
                let right = Value::Stage(*wanted);
                Lanes::known(mask(|i| compare(*op, &Value::Stage(self.out.stage[i]), &right) == Some(true)))
            }
            Cond::Aside(aside) => self.aside(aside, wanted),
        }
    }

    /// How a condition could turn out, at least in the lanes that are wanted.
    pub fn outlook(&mut self, cond: &Cond, wanted: u64) -> Outlooks {
        match cond {
            Cond::Atom(id) => {
                let program = self.program;
                let possible = self.facts.atoms[1].get(*id).copied().unwrap_or(Lanes::OPEN);
                let gaps = program.plan.atoms.get(*id).and_then(|a| self.facts.gaps.get(a.field)).copied().unwrap_or(0);
                Outlooks::of(possible, gaps)
            }
            Cond::Not(inner) => self.outlook(inner, wanted).not(),
            Cond::All(items) => {
                let mut all = Outlooks::settled(Lanes::YES);
                for item in items {
                    all = all.and(self.outlook(item, wanted & !all.high.no()));
                }
                all
            }
            Cond::Any(items) => {
                let mut any = Outlooks::settled(Lanes::NO);
                for item in items {
                    any = any.or(self.outlook(item, wanted & !any.low.yes));
                }
                any
            }
            Cond::AtLeast(n, items) => {
                let mut counts = OutlookCounts::NONE;
                items.iter().for_each(|i| counts.add(self.outlook(i, wanted)));
                counts.at_least(*n)
            }
            Cond::Unless(a, b) => {
                let a = self.outlook(a, wanted);
                a.unless(self.outlook(b, wanted))
            }
            Cond::Definition(id) => {
                if let Some(Some(done)) = self.outlooks.get(*id) {
                    return *done;
                }
                let program = self.program;
                let outlook = program
                    .plan
                    .definitions
                    .get(*id)
                    .map_or(Outlooks::settled(Lanes::OPEN), |d| self.outlook(d, self.live));
                if let Some(slot) = self.outlooks.get_mut(*id) {
                    *slot = Some(outlook);
                }
                outlook
            }
            Cond::OfProfile(of, id) => {
                let counts = self.count_criteria_outlooks(*id);
                match of {
                    OfProfile::AtLeast(n) => counts.at_least(*n),
                    OfProfile::None => counts.at_least(1).not(),
                }
            }
            Cond::Score(group, test) => Outlooks::of(self.score_is(*group, test, Pass::Possible), !0),
            Cond::Label(_, _, aside) => self.aside_outlook(aside, wanted),
            Cond::Aside(aside) if aside.results || self.gaps(&aside.fields) & wanted != 0 => {
                self.aside_outlook(aside, wanted)
            }
            Cond::Constant(_)
            | Cond::Did(_)
            | Cond::Count(..)
            | Cond::CountIs(..)
            | Cond::DaysAre(..)
            | Cond::Stage(..)
            | Cond::Aside(_) => Outlooks::settled(self.cond(cond, wanted)),
        }
    }

    fn count_criteria(&mut self, profile: usize) -> Rc<Counts> {
        if let Some(Some(done)) = self.criteria.get(profile) {
            return Rc::clone(done);
        }
        let mut counts = Counts::NONE;
        self.conditions_of(profile).iter().for_each(|c| counts.add(self.cond(c, self.live)));
        let counts = Rc::new(counts);
        if let Some(slot) = self.criteria.get_mut(profile) {
            *slot = Some(Rc::clone(&counts));
        }
        counts
    }

    fn count_criteria_outlooks(&mut self, profile: usize) -> Rc<OutlookCounts> {
        if let Some(Some(done)) = self.criteria_outlooks.get(profile) {
            return Rc::clone(done);
        }
        let mut counts = OutlookCounts::NONE;
        self.conditions_of(profile).iter().for_each(|c| counts.add(self.outlook(c, self.live)));
        let counts = Rc::new(counts);
        if let Some(slot) = self.criteria_outlooks.get_mut(profile) {
            *slot = Some(Rc::clone(&counts));
        }
        counts
    }

    /// The criteria of a profile.
    fn conditions_of(&self, profile: usize) -> &'b [Cond] {
        match self.program.plan.definitions.get(profile) {
            Some(Cond::All(criteria)) => criteria,
            _ => &[],
        }
    }

    pub fn definition(&mut self, id: usize) -> Lanes {
        if let Some(Some(done)) = self.definitions.get(id) {
            return *done;
        }
        let program = self.program;
        let lanes = program.plan.definitions.get(id).map_or(Lanes::OPEN, |d| self.cond(d, self.live));
        if let Some(slot) = self.definitions.get_mut(id) {
            *slot = Some(lanes);
        }
        lanes
    }

    fn plan(&self, slot: Slot) -> Option<&'b SlotLayout> {
        self.program.activity.slots.get(slot.0)
    }

    fn word(&self, lane: usize, word: usize) -> u32 {
        self.facts.rows.get(lane * self.program.activity.width + word).copied().unwrap_or(0)
    }

    /// The lanes that have a record of a slot.
    pub fn any(&self, slot: Slot) -> u64 {
        let Some(plan) = self.plan(slot) else { return 0 };
        let width = self.program.activity.width.max(1);
        let mut out = 0;
        for (lane, row) in self.facts.rows.chunks_exact(width).enumerate() {
            out |= u64::from(row.get(plan.word).map_or(0, |w| w >> plan.shift & 1)) << (lane & (WIDTH - 1));
        }
        out
    }

    /// How many records of a slot each lane has.
    pub fn counts(&self, slot: Slot) -> PerLane<u32> {
        let mut out = PerLane::all(0);
        if let Some(plan) = self.plan(slot) {
            let bits = if matches!(plan.slot.keeps, Keeps::Count(most) if most <= 255) { 0xff } else { u32::MAX };
            for (lane, count) in out.iter_mut().enumerate() {
                *count = self.word(lane, plan.word) >> plan.shift & bits;
            }
        }
        out
    }

    /// The newest record of a slot.
    pub fn newest(&self, slot: Slot, lane: usize) -> Option<crate::time::Instant> {
        let plan = self.plan(slot)?;
        let width = self.program.activity.width;
        instant_of(read_long(self.facts.rows.get(lane * width..(lane + 1) * width)?, plan.word))
    }

    /// What the records of a slot are worth, without sign.
    pub fn worth(&self, slot: Slot, lane: usize) -> i64 {
        let Some(plan) = self.plan(slot) else { return 0 };
        match plan.slot.keeps {
            Keeps::Aged(_, most) if most <= i64::from(u32::MAX) => i64::from(self.word(lane, plan.word)),
            _ => {
                let width = self.program.activity.width;
                self.facts.rows.get(lane * width..(lane + 1) * width).map_or(0, |row| read_long(row, plan.word) as i64)
            }
        }
    }

    fn score_is(&self, group: Option<usize>, test: &ScoreTest, pass: Pass) -> Lanes {
        let endless;
        let (low, high) = match (pass, group) {
            (Pass::Now, None) => (&self.out.score, &self.out.score),
            (Pass::Now, Some(g)) => {
                self.out.groups.get(g).map_or((const { &PerLane::all(0) }, const { &PerLane::all(0) }), |p| (p, p))
            }
            (Pass::Possible, _) => {
                let spread = match group {
                    None => &self.out.possible,
                    Some(g) => match self.out.possible_groups.get(g) {
                        Some(spread) => spread,
                        None => return Lanes::OPEN,
                    },
                };
                if spread.no_low | spread.no_high == 0 {
                    (&spread.low, &spread.high)
                } else {
                    let (mut low, mut high) = (spread.low, spread.high);
                    each(spread.no_low, |lane| low[lane] = i64::MIN);
                    each(spread.no_high, |lane| high[lane] = i64::MAX);
                    endless = (low, high);
                    (&endless.0, &endless.1)
                }
            }
        };
        // Where it holds for one end and not for the other, it is not known.
        let below = |end: &Points, bound: i64| mask(|i| end[i] < bound);
        let ScoreTest { op, reach, exceed } = *test;
        let (yes, no) = match op {
            CompareOp::Less => (below(high, reach), !below(low, reach)),
            CompareOp::GreaterOrEqual => (!below(low, reach), below(high, reach)),
            CompareOp::Greater => (!below(low, exceed), below(high, exceed)),
            CompareOp::LessOrEqual => (below(high, exceed), !below(low, exceed)),
            CompareOp::Equal => (!below(low, reach) & below(high, exceed), below(high, reach) | !below(low, exceed)),
            CompareOp::NotEqual => (below(high, reach) | !below(low, exceed), !below(low, reach) & below(high, exceed)),
        };
        Lanes { yes, open: !(yes | no) }
    }

    /// Asks the interpreter, lead by lead.
    fn aside(&mut self, aside: &Aside, wanted: u64) -> Lanes {
        let (mut out, mut asked) = (Lanes::OPEN, wanted & self.live);
        if let Some((slots, otherwise)) = &aside.guard {
            let some = slots.iter().fold(0, |some, &s| some | self.any(s));
            out = Lanes::all(*otherwise);
            asked &= some;
        }
        each(asked, |lane| {
            let known = self.ask(lane, |now| now.truth(&aside.expr));
            out.set(lane, known.flatten());
        });
        out
    }

    fn aside_outlook(&mut self, aside: &Aside, wanted: u64) -> Outlooks {
        let mut out = Outlooks::settled(Lanes::OPEN);
        each(wanted & self.live, |lane| {
            if let Some(outlook) = self.ask(lane, |now| now.outlook(&aside.expr)) {
                out.set(lane, outlook);
            }
        });
        out
    }

    /// Asks the interpreter about one lead, with the results so far.
    pub fn ask<T>(&self, lane: usize, f: impl FnOnce(Evaluator<'_>) -> T) -> Option<T>
    where
        T: Sized,
    {
        let lead = self.asides.get(lane)?.get_or_init(|| Box::new(self.aside_lead(lane)));
        self.tell(lane, lead);
        Some(f(lead.evaluator(self.interpreter)))
    }

    fn aside_lead(&self, lane: usize) -> AsideLead<'b> {
        let lead = (self.whole)(lane);
        let model = self.program.model();
        let mut aside = AsideLead {
            lead,
            records: Records::none(),
            view: View::new(model, None),
            results: Results::default(),
            told_labels: Cell::new(0),
        };
        aside.records = aside.evaluator(self.interpreter).sort_records();
        // What was worked out without the records in place is worked out again.
        aside.view = View::new(model, None);
        aside
    }

    /// Tells a lead that stands aside what has been decided so far.
    fn tell(&self, lane: usize, aside: &AsideLead<'_>) {
        let results = &aside.results;
        if self.out.excluded >> lane & 1 == 1 {
            // It is not scored: names of scores stand for nothing.
            results.stage.set(Some(Stage::Excluded));
            return;
        }
        *results.groups.borrow_mut() = self.out.groups.iter().map(|p| i128::from(p[lane])).collect();
        *results.possible_groups.borrow_mut() = self.out.possible_groups.iter().map(|s| s.interval(lane)).collect();
        if !self.is_scored {
            return;
        }
        results.score.set(i128::from(self.out.score[lane]));
        results.possible_score.set(self.out.possible.interval(lane));
        if self.is_staged {
            results.stage.set(Some(self.out.stage[lane]));
            results.could_be.set(Some(self.out.could_be[lane]));
        }
        self.tell_labels(lane, aside);
    }

    /// Each label is written out once, when it is first asked for.
    fn tell_labels(&self, lane: usize, aside: &AsideLead<'_>) {
        let labels = &self.program.model.labels;
        aside.results.labels.borrow_mut().resize(labels.len(), None);
        for &i in self.chosen_labels.get(aside.told_labels.get()..).unwrap_or(&[]) {
            let line = self.out.labels.get(i).and_then(|l| usize::from(l[lane]).checked_sub(1));
            let text = line
                .and_then(|l| labels.get(i)?.lines.get(l))
                .map(|l| crate::eval::decide::fill(&aside.evaluator(self.interpreter), &l.text));
            if let Some(slot) = aside.results.labels.borrow_mut().get_mut(i) {
                *slot = text;
            }
        }
        aside.told_labels.set(self.chosen_labels.len());
        if self.has_first_labels
            && self.program.plan.asks_for_labels
            && aside.results.possible_labels.borrow().is_empty()
        {
            possible_labels(&aside.evaluator(self.interpreter).with_pass(Pass::Possible));
        }
    }

    /// Adds the fields that leave a condition open, for some lanes.
    pub fn unknown_fields(&mut self, cond: &Cond, lanes: u64) {
        if lanes == 0 {
            return;
        }
        let lanes = lanes & self.outlook(cond, lanes).open();
        if lanes == 0 {
            return;
        }
        let program = self.program;
        match cond {
            Cond::Not(inner) => self.unknown_fields(inner, lanes),
            Cond::All(items) | Cond::Any(items) | Cond::AtLeast(_, items) => {
                items.iter().for_each(|c| self.unknown_fields(c, lanes))
            }
            Cond::Unless(a, b) => {
                self.unknown_fields(a, lanes);
                self.unknown_fields(b, lanes);
            }
            Cond::Definition(id) => {
                let lanes = not_yet_named(&mut self.named, *id, lanes);
                if let Some(definition) = program.plan.definitions.get(*id) {
                    self.unknown_fields(definition, lanes);
                }
            }
            Cond::OfProfile(_, id) => {
                let lanes = not_yet_named(&mut self.named_criteria, *id, lanes);
                self.conditions_of(*id).iter().for_each(|c| self.unknown_fields(c, lanes));
            }
            Cond::Atom(atom) => {
                if let Some(atom) = program.plan.atoms.get(*atom) {
                    self.miss(atom.field, lanes);
                }
            }
            Cond::Label(_, _, aside) | Cond::Aside(aside) => {
                if aside.results {
                    each(lanes, |lane| {
                        let fields = self.ask(lane, |now| {
                            let mut fields = BTreeSet::new();
                            now.with_pass(Pass::Possible).unknown_fields(&aside.expr, &mut fields);
                            fields
                        });
                        self.miss_all(lane, fields.unwrap_or_default());
                    });
                } else {
                    aside.fields.iter().for_each(|&f| self.miss(f, lanes));
                }
            }
            Cond::Constant(_)
            | Cond::Did(_)
            | Cond::Count(..)
            | Cond::CountIs(..)
            | Cond::DaysAre(..)
            | Cond::Score(..)
            | Cond::Stage(..) => {}
        }
    }

    /// A field matters in some lanes, where it is a gap.
    pub fn miss(&mut self, field: usize, lanes: u64) {
        let gaps = self.facts.gaps.get(field).copied().unwrap_or(0);
        if let Some(missing) = self.out.missing.get_mut(field) {
            *missing |= lanes & gaps;
        }
    }

    pub fn miss_all(&mut self, lane: usize, fields: BTreeSet<FieldId>) {
        for field in fields {
            if let Some(missing) = self.out.missing.get_mut(field.0) {
                *missing |= 1 << lane;
            }
        }
    }

    /// The stage of a lane, as a place on the ladder.
    pub fn current(&self, lane: usize) -> Option<usize> {
        self.facts.current.iter().position(|lanes| lanes >> lane & 1 == 1)
    }
}

/// Where a stage stands for a lane that is no lead.
pub(super) const NOWHERE: Stage = Stage::Rank(0);

/// The lanes where a definition is gone through for the first time: it may be used again and again.
fn not_yet_named(named: &mut [u64], id: usize, lanes: u64) -> u64 {
    let Some(named) = named.get_mut(id) else { return 0 };
    let fresh = lanes & !*named;
    *named |= lanes;
    fresh
}
