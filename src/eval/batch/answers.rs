//! The answers for a block of leads, by columns; and one of them as an outcome.

use super::lanes::{Lanes, PerLane, Points};
use super::program::{Because, Program};
use crate::eval::outcome::{Change, Fired, FiredKind, Outcome};
use crate::eval::possible::Interval;
use crate::model::{Branch, FieldId, GroupId, LineId, Model};
use crate::value::Stage;

/// The answers for a block of leads.
#[derive(Debug, Clone)]
pub struct Answers {
    /// How many leads there are.
    pub len: usize,
    /// The leads that are not scored.
    pub excluded: u64,
    /// In ten-thousandths.
    pub score: Points,
    /// By group.
    pub groups: Vec<Points>,
    /// The stage reached.
    pub stage: PerLane<Stage>,
    /// The highest stage that missing data leaves open.
    pub could_be: PerLane<Stage>,
    /// What the score could be.
    pub(super) possible: Spread,
    pub(super) possible_groups: Vec<Spread>,
    /// By label the number of the line that holds, from 1; 0 is none.
    pub labels: Vec<PerLane<u16>>,
    /// By field: where its absence matters.
    pub missing: Vec<u64>,
    /// By review: where it is asked for.
    pub reviews: Vec<u64>,
    /// Where the watched definition holds.
    pub(super) watched: Lanes,
    /// Where the lead stood.
    pub(super) change: PerLane<Option<Change>>,
    pub(super) fired: Vec<FiredLanes>,
    /// Outcomes that the interpreter gave as a whole.
    pub(super) wholes: Vec<(usize, Outcome)>,
    /// Texts with names in them, filled in: by what they belong to and the lane.
    pub(super) texts: std::collections::HashMap<(TextOf, usize), String>,
}

/// What a filled-in text belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TextOf {
    /// The `because` of a line, by its order and side.
    Because(LineId, Branch),
    /// A label.
    Label(usize),
    /// A review.
    Review(usize),
}

/// A line that took effect for one lead.
pub struct FiredLine<'a> {
    /// What it did.
    pub kind: FiredKind,
    /// Its order among the lines of the model.
    pub line: LineId,
    /// Whether it gave the points of its `if not` side.
    pub branch: Branch,
    /// What it gave, in ten-thousandths.
    pub points: Option<i128>,
    /// Its `because`, filled in.
    pub because: Option<&'a str>,
}

/// A line that took effect in some lanes.
#[derive(Debug, Clone)]
pub(super) struct FiredLanes {
    pub kind: FiredKind,
    pub line: LineId,
    pub group: Option<usize>,
    pub branch: Branch,
    pub lanes: u64,
    pub gave: Gave,
}

impl FiredLanes {
    fn points(&self, lane: usize) -> Option<i128> {
        match &self.gave {
            Gave::Nothing => None,
            Gave::Same(p) => Some(i128::from(*p)),
            Gave::Each(points) => Some(i128::from(points[lane])),
        }
    }
}

/// What a line gave.
#[derive(Debug, Clone)]
pub(super) enum Gave {
    Nothing,
    Same(i64),
    Each(Box<Points>),
}

/// What points could be, in each lane.
#[derive(Debug, Clone)]
pub(super) struct Spread {
    pub low: Points,
    pub high: Points,
    /// Where there is no end.
    pub no_low: u64,
    pub no_high: u64,
}

impl Spread {
    pub const NOTHING: Spread = Spread { low: PerLane::all(0), high: PerLane::all(0), no_low: 0, no_high: 0 };

    pub fn interval(&self, lane: usize) -> Interval {
        Interval {
            low: (self.no_low >> lane & 1 == 0).then_some(i128::from(self.low[lane])),
            high: (self.no_high >> lane & 1 == 0).then_some(i128::from(self.high[lane])),
        }
    }

    /// Says what one lane is; false where it does not fit.
    pub fn put(&mut self, lane: usize, interval: Interval) -> bool {
        let bit = 1 << lane;
        let mut fits = true;
        let mut end = |end: Option<i128>, points: &mut i64, without: &mut u64| match end {
            Some(p) => {
                fits &= p.unsigned_abs() < 1 << 60;
                *points = i64::try_from(p).unwrap_or(0);
                *without &= !bit;
            }
            None => *without |= bit,
        };
        end(interval.low, &mut self.low[lane], &mut self.no_low);
        end(interval.high, &mut self.high[lane], &mut self.no_high);
        fits
    }
}

impl Answers {
    pub(super) fn new(model: &Model, len: usize) -> Answers {
        Answers {
            len,
            excluded: 0,
            score: PerLane::all(0),
            groups: Vec::with_capacity(model.groups.len()),
            stage: PerLane::all(super::block::NOWHERE),
            could_be: PerLane::all(super::block::NOWHERE),
            possible: Spread::NOTHING,
            possible_groups: Vec::new(),
            labels: vec![PerLane::all(0); model.labels.len()],
            missing: vec![0; model.fields.len()],
            reviews: vec![0; model.reviews.len()],
            watched: Lanes::OPEN,
            change: PerLane::all(None),
            fired: Vec::new(),
            wholes: Vec::new(),
            texts: std::collections::HashMap::new(),
        }
    }

    /// The stage of one lead.
    #[must_use]
    pub fn stage_of(&self, lane: usize) -> Stage {
        match self.wholes.iter().find(|(l, _)| *l == lane) {
            Some((_, whole)) => whole.stage,
            None => self.stage[lane],
        }
    }

    fn whole(&self, lane: usize) -> Option<&Outcome> {
        if self.wholes.is_empty() { None } else { self.wholes.iter().find(|(l, _)| *l == lane).map(|(_, whole)| whole) }
    }

    fn is_excluded(&self, lane: usize) -> bool {
        self.excluded >> lane & 1 == 1
    }

    /// The score of one lead; none where it is excluded.
    #[must_use]
    pub fn score_of(&self, lane: usize) -> Option<i128> {
        match self.whole(lane) {
            Some(whole) => whole.score,
            None => (!self.is_excluded(lane)).then(|| i128::from(self.score[lane])),
        }
    }

    /// The score of a group of one lead.
    #[must_use]
    pub fn group_of(&self, group: usize, lane: usize) -> Option<i128> {
        match self.whole(lane) {
            Some(whole) => whole.groups.get(group).copied(),
            None if self.is_excluded(lane) => None,
            None => self.groups.get(group).map(|p| i128::from(p[lane])),
        }
    }

    /// The highest score that missing data leaves open to one lead.
    #[must_use]
    pub fn possible_high_of(&self, lane: usize) -> Option<i128> {
        match self.whole(lane) {
            Some(whole) => whole.possible_high,
            None if self.is_excluded(lane) => None,
            None => self.possible.interval(lane).high,
        }
    }

    /// What the stage of one lead could be.
    #[must_use]
    pub fn could_be_of(&self, lane: usize) -> Stage {
        self.whole(lane).map_or(self.could_be[lane], |w| w.could_be)
    }

    /// How the stage of one lead changed.
    #[must_use]
    pub fn change_of(&self, lane: usize) -> Option<Change> {
        self.whole(lane).map_or(self.change[lane], |w| w.change)
    }

    /// Whether the watched definition holds of one lead, if that is known.
    #[must_use]
    pub fn watched_of(&self, lane: usize) -> Option<bool> {
        self.watched.at(lane)
    }

    /// A label of one lead.
    #[must_use]
    pub fn label_of<'a>(&'a self, program: &'a Program<'_>, label: usize, lane: usize) -> Option<&'a str> {
        match self.whole(lane) {
            Some(whole) => whole.labels.get(label)?.as_deref(),
            None if self.is_excluded(lane) => None,
            None => self.label(program.model(), label, lane),
        }
    }

    /// The reviews that are asked for of one lead.
    #[must_use]
    pub fn reviews_of<'a>(&'a self, program: &'a Program<'_>, lane: usize) -> Vec<&'a str> {
        match self.whole(lane) {
            Some(whole) => whole.reviews.iter().map(String::as_str).collect(),
            None => self
                .reviews
                .iter()
                .enumerate()
                .filter(|(_, l)| *l >> lane & 1 == 1)
                .map(|(r, _)| self.review(program.model(), r, lane))
                .collect(),
        }
    }

    /// The fields whose absence matters for one lead.
    #[must_use]
    pub fn missing_of(&self, lane: usize) -> Vec<FieldId> {
        match self.whole(lane) {
            Some(whole) => whole.missing.clone(),
            None if self.is_excluded(lane) => Vec::new(),
            None => {
                self.missing.iter().enumerate().filter(|(_, l)| *l >> lane & 1 == 1).map(|(f, _)| FieldId(f)).collect()
            }
        }
    }

    /// Calls `f` with what took effect for one lead, in the order of the file.
    pub fn each_fired(&self, program: &Program<'_>, lane: usize, mut f: impl FnMut(&FiredLine<'_>)) {
        if let Some(whole) = self.whole(lane) {
            for fired in &whole.fired {
                f(&FiredLine {
                    kind: fired.kind,
                    line: fired.line,
                    branch: fired.branch,
                    points: fired.points,
                    because: fired.because.as_deref(),
                });
            }
            return;
        }
        for fired in self.fired.iter().filter(|f| f.lanes >> lane & 1 == 1) {
            let because = self.because(program, fired.line, fired.branch, lane);
            f(&FiredLine {
                kind: fired.kind,
                line: fired.line,
                branch: fired.branch,
                points: fired.points(lane),
                because,
            });
        }
    }

    /// What the interpreter would say of one lead.
    #[must_use]
    pub fn outcome(&self, program: &Program<'_>, lane: usize) -> Outcome {
        let model = program.model();
        if let Some((_, whole)) = self.wholes.iter().find(|(l, _)| *l == lane) {
            return whole.clone();
        }
        let fired = self.fired(program, lane);
        if self.excluded >> lane & 1 == 1 {
            return Outcome {
                score: None,
                groups: Vec::new(),
                stage: Stage::Excluded,
                change: None,
                labels: vec![None; model.labels.len()],
                could_be: Stage::Excluded,
                possible_low: None,
                possible_high: None,
                missing: Vec::new(),
                reviews: Vec::new(),
                fired,
            };
        }
        let Interval { low, high } = self.possible.interval(lane);
        let has = |lanes: &u64| lanes >> lane & 1 == 1;
        Outcome {
            score: Some(i128::from(self.score[lane])),
            groups: self.groups.iter().map(|p| i128::from(p[lane])).collect(),
            stage: self.stage[lane],
            change: self.change[lane],
            labels: (0..model.labels.len()).map(|l| self.label(model, l, lane).map(str::to_owned)).collect(),
            could_be: self.could_be[lane],
            possible_low: low,
            possible_high: high,
            missing: self.missing.iter().enumerate().filter(|(_, l)| has(l)).map(|(f, _)| FieldId(f)).collect(),
            reviews: (self.reviews.iter().enumerate())
                .filter(|(_, lanes)| has(lanes))
                .map(|(r, _)| self.review(model, r, lane).to_owned())
                .collect(),
            fired,
        }
    }

    fn fired(&self, program: &Program<'_>, lane: usize) -> Vec<Fired> {
        let mut out = Vec::new();
        for f in self.fired.iter().filter(|f| f.lanes >> lane & 1 == 1) {
            let because = self.because(program, f.line, f.branch, lane).map(str::to_owned);
            out.push(Fired {
                kind: f.kind,
                line: f.line,
                because,
                group: f.group.map(GroupId),
                points: f.points(lane),
                branch: f.branch,
            });
        }
        out
    }

    fn because<'a>(&'a self, program: &'a Program<'_>, line: LineId, branch: Branch, lane: usize) -> Option<&'a str> {
        match program.because(line, branch)? {
            Because::Text(text) => Some(text),
            Because::Filled => self.texts.get(&(TextOf::Because(line, branch), lane)).map(String::as_str),
        }
    }

    fn label<'a>(&'a self, model: &'a Model, label: usize, lane: usize) -> Option<&'a str> {
        let line = usize::from(self.labels.get(label)?[lane]).checked_sub(1)?;
        if let Some(text) = self.texts.get(&(TextOf::Label(label), lane)) {
            return Some(text);
        }
        let text = &model.labels.get(label)?.lines.get(line)?.text;
        written_out(text)
    }

    fn review<'a>(&'a self, model: &'a Model, review: usize, lane: usize) -> &'a str {
        if let Some(text) = self.texts.get(&(TextOf::Review(review), lane)) {
            return text;
        }
        model.reviews.get(review).and_then(|r| model.line(r.line).because.as_ref()).and_then(written_out).unwrap_or("")
    }
}

/// A text without names in it.
pub(super) fn written_out(text: &crate::model::Template) -> Option<&str> {
    match text.parts.as_slice() {
        [] => Some(""),
        [crate::model::TemplatePart::Text(t)] => Some(t),
        _ => None,
    }
}
