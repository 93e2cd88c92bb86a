//! Which change moved whom.
//!
//! A lead moves where its stage is another one. Each lead that moves is asked of the models of all steps: the steps at which
//! its stage changed are named, in their order. Where a step took it away and a later one back to a stage where it had been
//! before, all between is left out. Where the named steps alone would not take it where it is now, those before them that it
//! takes besides are named, too: only together did they move it.

use std::cell::Cell;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::thread;

use super::Comparison;
use super::attribute::Row;
use super::items::ItemSteps;
use super::steps::{Limits, Stretch};
use crate::bind::{Binding, LeadReader};
use crate::eval::batch::{Batch, Known, Points, Program, Sums, WIDTH};
use crate::eval::stage_name;
use crate::lead::Lead;
use crate::model::Model;
use crate::time::Instant;
use crate::value::Stage;

/// So many models are asked at most for what moved leads together; then the steps at which they moved must do.
const MOST_TOGETHER: usize = 400;

/// So much is done for the steps, and as much for what moved leads together, before steps are made of several changes: a
/// condition for 64 leads is one, and takes a ten-millionth of a second or so.
const MOST_WORK: usize = 200_000_000;

/// To check a statement takes as long as to ask so many blocks of leads for it.
const TO_CHECK: usize = 32;

/// To ask where a block of leads stands takes as long as so many conditions.
const TO_STAND: usize = 20;

/// To ask a formula of a block of leads, one by one, likewise.
const FOR_FORMULA: usize = 2_000;

/// Fewer leads than this are asked by one thread, and no more threads than this are used.
const FOR_THREADS: usize = 1_000;
const MOST_THREADS: usize = 4;

/// The changes of each lead that moves, see [`attribute`].
pub type Attribution = Vec<Vec<usize>>;

/// Which changes moved each of these leads: all of them move.
#[must_use]
pub fn attribute(comparison: &Comparison<'_>, as_of: Instant, keys: &[String], rows: &[Row]) -> Attribution {
    if rows.is_empty() {
        return Vec::new();
    }
    let asked = Asked { comparison, as_of, keys, names: Names::of(comparison) };
    let start = asked.under(&comparison.old.model).stages(rows);
    let mut paths: Vec<Path> = start.into_iter().map(Path::new).collect();
    let blocks = rows.len().div_ceil(WIDTH);
    let steps = comparison.walk(asked.limits(blocks), &mut |first, stretch| match stretch {
        Stretch::Model(model) => asked.model(model, first, rows, &mut paths),
        Stretch::Items(steps, models) => asked.items(steps, models, first, rows, &mut paths),
    });
    let mut ways: Vec<Way> = paths.into_iter().map(Path::end).collect();
    asked.together(&steps, rows, &mut ways);
    let changes = |way: &Way| way.moved_by.iter().filter_map(|&at| steps.get(at)).flatten().copied().collect();
    ways.iter().map(changes).collect()
}

/// A stage by its name in the new model, as a number.
type StageId = u32;

/// All names that stages may have.
struct Names(HashMap<String, StageId>);

impl Names {
    fn of(comparison: &Comparison<'_>) -> Names {
        let old = comparison.old.model.ladder.stages.iter().map(|stage| comparison.stage_now(stage));
        let new = comparison.new.model.ladder.stages.iter().map(String::as_str);
        let mut names = HashMap::new();
        for name in ["disqualified", "excluded"].into_iter().chain(old).chain(new) {
            let next = StageId::try_from(names.len()).unwrap_or(StageId::MAX);
            names.entry(name.to_owned()).or_insert(next);
        }
        Names(names)
    }
}

/// What leads are asked, and of what they are made.
struct Asked<'c, 'v> {
    comparison: &'c Comparison<'v>,
    as_of: Instant,
    keys: &'c [String],
    names: Names,
}

impl Asked<'_, '_> {
    /// How many steps so many blocks of leads can be asked about.
    fn limits(&self, blocks: usize) -> Limits {
        let models = [&self.comparison.old.model, &self.comparison.new.model];
        let statements = models.map(|m| m.size()).into_iter().max().unwrap_or(0).max(1);
        let to_stand = models.map(to_stand).into_iter().max().unwrap_or(0);
        Limits {
            models: (MOST_WORK / (statements * (TO_CHECK + blocks))).max(8),
            items: (MOST_WORK / (to_stand * blocks)).max(8),
        }
    }

    /// A model that leads are asked of.
    fn under<'m>(&'m self, model: &'m Model) -> Under<'m> {
        let id = |stage: Stage| {
            self.names.0.get(self.comparison.stage_now(stage_name(model, stage))).copied().unwrap_or(StageId::MAX)
        };
        Under {
            model,
            as_of: self.as_of,
            keys: self.keys,
            ranks: (0..model.ladder.stages.len()).map(|rank| id(Stage::Rank(rank))).collect(),
            others: [Stage::Disqualified, Stage::Excluded].map(id),
        }
    }

    /// A step with a model of its own.
    fn model(&self, model: &Model, step: usize, rows: &[Row], paths: &mut [Path]) {
        let under = self.under(model);
        in_threads(rows, paths, &|rows, paths| {
            paths.iter_mut().zip(under.stages(rows)).for_each(|(path, stage)| path.step(step, stage))
        });
    }

    /// Steps at which items change.
    fn items(&self, steps: &ItemSteps, [before, behind]: [&Model; 2], first: usize, rows: &[Row], paths: &mut [Path]) {
        let (before, of_forms) = (self.under(before), self.under(&steps.forms));
        let (program, forms) = (before.program(), of_forms.program());
        in_threads(rows, paths, &|rows, paths| {
            let (mut batch, mut batch_of_forms) = (Batch::new(&program), Batch::new(&forms));
            let (binding, binding_of_forms) = (before.binding(), of_forms.binding());
            let (mut reader, mut reader_of_forms) = (binding.reader(), binding_of_forms.reader());
            for (rows, paths) in rows.chunks(WIDTH).zip(paths.chunks_mut(WIDTH)) {
                let leads: Vec<Lead> = rows.iter().map(|row| lead(&mut reader_of_forms, row)).collect();
                let gives = batch_of_forms.known(&leads, Gives::of);
                let leads: Vec<Lead> = rows.iter().map(|row| lead(&mut reader, row)).collect();
                batch.known(&leads, |known| {
                    gives.walk(known, steps, &mut |step, lane, stage| {
                        if let Some(path) = paths.get_mut(lane) {
                            path.step(first + step, before.id(stage));
                        }
                    })
                });
            }
        });
        // The model behind has the last word: of a lead whose points cannot be told apart, and of what else there may be.
        self.model(behind, first + steps.steps.len() - 1, rows, paths);
    }

    /// Names those steps, too, without which the others would not have moved a lead.
    fn together(&self, steps: &[Vec<usize>], rows: &[Row], ways: &mut [Way]) {
        let mut groups: BTreeMap<Vec<usize>, Vec<usize>> = BTreeMap::new();
        for (lead, way) in ways.iter().enumerate() {
            groups.entry(way.moved_by.clone()).or_default().push(lead);
        }
        let left = Cell::new(self.limits(1).models.min(MOST_TOGETHER));
        for (moved_by, leads) in groups {
            if left.get() == 0 {
                return;
            }
            // Whom these steps take where they stand now, and whom not.
            let divide = |made: &[usize], leads: Vec<usize>, ways: &[Way]| -> (Vec<usize>, Vec<usize>) {
                left.set(left.get().saturating_sub(1));
                let Some(model) = self.comparison.alone(made.iter().filter_map(|&s| steps.get(s))) else {
                    return (Vec::new(), leads);
                };
                let stages = self.under(&model).stages(leads.iter().filter_map(|&lead| rows.get(lead)));
                let (there, not): (Vec<_>, Vec<_>) = leads
                    .into_iter()
                    .zip(stages)
                    .partition(|(lead, stage)| ways.get(*lead).is_some_and(|w| w.now == *stage));
                (there.into_iter().map(|(lead, _)| lead).collect(), not.into_iter().map(|(lead, _)| lead).collect())
            };
            let (_, others) = divide(&moved_by, leads, ways);
            let last = moved_by.last().copied().unwrap_or(0);
            // All steps up to the last one do; those that can be left out are.
            let before: Vec<usize> = (0..=last).collect();
            let mut open = vec![(before, 0, others)];
            while let Some((made, at, leads)) = open.pop().filter(|_| left.get() > 0) {
                let Some(step) = made.get(at).filter(|_| !leads.is_empty()) else {
                    for lead in leads {
                        if let Some(way) = ways.get_mut(lead) {
                            way.moved_by.clone_from(&made);
                        }
                    }
                    continue;
                };
                if moved_by.contains(step) {
                    open.push((made, at + 1, leads));
                    continue;
                }
                let without: Vec<usize> = made.iter().copied().filter(|s| s != step).collect();
                let (there, not) = divide(&without, leads, ways);
                open.push((without, at, there));
                open.push((made, at + 1, not));
            }
        }
    }
}

/// A model that leads are asked of, with the numbers of its stages.
struct Under<'m> {
    model: &'m Model,
    as_of: Instant,
    keys: &'m [String],
    ranks: Vec<StageId>,
    others: [StageId; 2],
}

impl Under<'_> {
    fn program(&self) -> Program<'_> {
        Program::compile(self.model, self.as_of).without_possible()
    }

    fn binding(&self) -> Binding<'_> {
        Binding::new(self.model, self.keys)
    }

    fn id(&self, stage: Stage) -> StageId {
        match stage {
            Stage::Rank(rank) => self.ranks.get(rank).copied().unwrap_or(StageId::MAX),
            Stage::Disqualified => self.others[0],
            Stage::Excluded => self.others[1],
        }
    }

    /// Where leads stand.
    fn stages<'r>(&self, rows: impl IntoIterator<Item = &'r Row>) -> Vec<StageId> {
        let (program, binding) = (self.program(), self.binding());
        let (mut batch, mut reader) = (Batch::new(&program), binding.reader());
        let mut rows = rows.into_iter();
        let mut out = Vec::new();
        loop {
            let block: Vec<Lead> = rows.by_ref().take(WIDTH).map(|row| lead(&mut reader, row)).collect();
            if block.is_empty() {
                return out;
            }
            let answers = batch.answer(&block);
            out.extend((0..block.len()).map(|lane| self.id(answers.stage_of(lane))));
        }
    }
}

fn lead(reader: &mut LeadReader<'_, '_>, row: &Row) -> Lead {
    reader.lead(row.id.clone(), &row.cells, Arc::clone(&row.activity))
}

/// What it takes to say where a block of leads stands, in conditions.
fn to_stand(model: &Model) -> usize {
    let verdicts = model.exclude.len() + model.disqualify.len();
    let formula = if model.formula.is_some() { FOR_FORMULA } else { 0 };
    let laid_out = model.labels.len() + model.definitions.len() + model.reviews.len();
    TO_STAND + model.groups.len() + model.stage_lines.len() + model.gates.len() + verdicts + formula + laid_out / 4
}

/// Shares leads and their ways among threads.
fn in_threads(rows: &[Row], paths: &mut [Path], f: &(dyn Fn(&[Row], &mut [Path]) + Sync)) {
    let threads = thread::available_parallelism().map_or(1, usize::from).min(MOST_THREADS);
    if rows.len() < FOR_THREADS || threads < 2 {
        return f(rows, paths);
    }
    let each = rows.len().div_ceil(threads).next_multiple_of(WIDTH);
    thread::scope(|scope| {
        for (rows, paths) in rows.chunks(each).zip(paths.chunks_mut(each)) {
            scope.spawn(move || f(rows, paths));
        }
    });
}

/// What all forms of items give a block of leads, by group and place; nothing where it is nothing.
struct Gives {
    of: HashMap<(usize, usize), Box<Points>>,
    /// The lanes of which it cannot be told.
    untold: u64,
}

impl Gives {
    fn of(known: &Known<'_>) -> Gives {
        let mut of = HashMap::new();
        let untold = known.items(&mut |group, at, points| drop(of.insert((group, at), Box::new(*points))));
        Gives { of, untold }
    }

    /// Goes from step to step; `moves` is told where a lane may stand somewhere else behind one.
    fn walk(&self, known: &Known<'_>, steps: &ItemSteps, moves: &mut dyn FnMut(usize, usize, Stage)) {
        let (mut sums, beyond): (Sums, u64) = known.sums();
        let untold = self.untold | beyond;
        for (at, step) in steps.steps.iter().enumerate() {
            let mut lanes = 0u64;
            for form in step {
                let Some(sum) = sums.get_mut(form.group) else { continue };
                for (place, sign) in [(form.from, -1), (form.to, 1)] {
                    let Some(points) = place.and_then(|place| self.of.get(&(form.group, place))) else { continue };
                    for (lane, (sum, points)) in sum.iter_mut().zip(points.iter()).enumerate() {
                        *sum += sign * points;
                        lanes |= u64::from(*points != 0) << lane;
                    }
                }
            }
            if lanes & !untold == 0 {
                continue;
            }
            let (stages, beyond) = known.stages(&sums);
            let told = lanes & !untold & !beyond;
            stages
                .iter()
                .enumerate()
                .filter(|(lane, _)| told >> lane & 1 == 1)
                .for_each(|(lane, stage)| moves(at, lane, *stage));
        }
    }
}

/// The way of one lead from step to step.
struct Path {
    /// The stages it came by, each with the step that took it there.
    stages: Vec<(StageId, Option<usize>)>,
}

/// What became of it.
struct Way {
    /// The steps that moved it.
    moved_by: Vec<usize>,
    /// Where it stands.
    now: StageId,
}

impl Path {
    fn new(start: StageId) -> Path {
        Path { stages: vec![(start, None)] }
    }

    fn step(&mut self, at: usize, stage: StageId) {
        match self.stages.iter().position(|(other, _)| *other == stage) {
            // It stays, or is back where it was.
            Some(place) => self.stages.truncate(place + 1),
            None => self.stages.push((stage, Some(at))),
        }
    }

    fn end(self) -> Way {
        let now = self.stages.last().map_or(StageId::MAX, |(stage, _)| *stage);
        Way { moved_by: self.stages.into_iter().filter_map(|(_, step)| step).collect(), now }
    }
}
