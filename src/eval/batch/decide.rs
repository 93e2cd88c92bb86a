//! A block of leads from beginning to end, in the order in which the interpreter goes about one.

use std::collections::BTreeSet;

use super::answers::{Answers, FiredLanes, Gave, TextOf, written_out};
use super::block::{Block, Whole};
use super::facts::Facts;
use super::lanes::{Lanes, Outlooks, PerLane, WIDTH, each, mask};
use super::program::*;
use super::scoring::Sum;
use crate::eval::Interpreter;
use crate::eval::decide::{fill, score_group};
use crate::eval::outcome::{Change, FiredKind};
use crate::eval::possible::{Interval, clamp};
use crate::eval::values::Pass;
use crate::model::{Bounds, Branch, GroupId, LabelLine, Limit, LineId};
use crate::plan::*;
use crate::points::{ALL, faded};
use crate::value::Stage;

impl Program<'_> {
    /// The answers for a block of leads.
    #[must_use]
    pub fn answer<'b>(&'b self, interpreter: &'b Interpreter<'b>, facts: &'b Facts, whole: &'b Whole<'b>) -> Answers {
        let mut block = Block::new(self, interpreter, facts, whole);
        block.decide();
        if let Some(definition) = self.watched {
            block.out.watched = block.definition(definition);
        }
        let beyond = block.beyond;
        let mut out = block.out;
        each(beyond, |lane| out.wholes.push((lane, interpreter.evaluate(&whole(lane)))));
        out
    }
}

impl Block<'_> {
    fn decide(&mut self) {
        let program = self.program;
        self.exclude();
        self.score();
        self.labels(false);
        self.stage();
        self.labels(true);
        for (r, review) in program.plan.reviews.iter().enumerate() {
            let holds = self.cond(review, self.live).yes & self.live;
            if let Some(lanes) = self.out.reviews.get_mut(r) {
                *lanes = holds;
            }
        }
        self.out.fired.sort_by_key(|f| f.line);
        self.texts();
    }

    /// The leads that are not scored.
    pub fn exclude(&mut self) {
        let program = self.program;
        let mut left = self.live;
        for (line, verdict) in program.plan.exclude.iter().zip(&program.model.exclude) {
            let holds = self.cond(line, left).yes & left;
            self.line_fires(FiredKind::Exclude, verdict.line, None, holds);
            left &= !holds;
        }
        self.out.excluded = self.live & !left;
        each(self.out.excluded, |lane| {
            self.out.stage[lane] = Stage::Excluded;
            self.out.could_be[lane] = Stage::Excluded;
        });
        self.live = left;
    }

    fn line_fires(&mut self, kind: FiredKind, line: LineId, group: Option<usize>, lanes: u64) {
        if lanes != 0 {
            self.out.fired.push(FiredLanes { kind, line, group, branch: Branch::Then, lanes, gave: Gave::Nothing });
        }
    }

    /// All groups and the whole score, now and possible.
    fn score(&mut self) {
        let program = self.program;
        let mut sum = Sum::NOTHING;
        for (i, (plan, group)) in program.plan.groups.iter().zip(&program.model.groups).enumerate() {
            let mut of_group = Sum::NOTHING;
            match &plan.items {
                Err(_) => self.aside_group(i, &mut of_group),
                Ok(items) => {
                    self.items(items, Some(i), &mut of_group);
                    self.bound_group(i, plan, group, &mut of_group);
                }
            }
            self.add_group(of_group, &mut sum);
        }
        self.items(&program.plan.loose, None, &mut sum);
        self.whole_score(sum);
    }

    /// Adds a group to the whole.
    pub fn add_group(&mut self, group: Sum, sum: &mut Sum) {
        for lane in 0..WIDTH {
            sum.now[lane] += group.now[lane];
            sum.possible.low[lane] += group.possible.low[lane];
            sum.possible.high[lane] += group.possible.high[lane];
        }
        sum.possible.no_low |= group.possible.no_low;
        sum.possible.no_high |= group.possible.no_high;
        self.out.groups.push(group.now);
        self.out.possible_groups.push(group.possible);
    }

    /// What the formula makes of the whole, between its bounds.
    pub fn whole_score(&mut self, mut sum: Sum) {
        let program = self.program;
        if let Some(formula) = &program.model.formula {
            each(self.live, |lane| {
                let worked = self.ask(lane, |now| {
                    let possible = now.with_pass(Pass::Possible);
                    let spread = possible.formula(formula, ALL);
                    let mut missing = BTreeSet::new();
                    let points = now.formula(formula, ALL).low.unwrap_or(0);
                    if spread != Interval::point(points) {
                        possible.gaps(formula, &mut missing);
                    }
                    (points, spread, missing)
                });
                let Some((points, spread, missing)) = worked else { return };
                sum.now[lane] = self.fitted(lane, points);
                if !sum.possible.put(lane, spread) {
                    self.beyond |= 1 << lane;
                }
                self.miss_all(lane, missing);
            });
        }
        if let (Some(plan), Some(fading)) = (program.plan.fading, &program.model.fading) {
            let before = sum.now;
            match &program.model.formula {
                None => self.fade(plan, &mut sum),
                // A formula is rounded once.
                Some(formula) => each(self.live, |lane| {
                    let left = i128::from(self.left(plan, lane));
                    let worked = self.ask(lane, |now| {
                        let spread = now.with_pass(Pass::Possible).formula(formula, left);
                        (now.formula(formula, left).low.unwrap_or(0), spread)
                    });
                    let Some((points, spread)) = worked else { return };
                    sum.now[lane] = self.fitted(lane, points);
                    if !sum.possible.put(lane, spread) {
                        self.beyond |= 1 << lane;
                    }
                }),
            }
            self.sum_changes(FiredKind::Fading, fading.line, None, self.live, &before, &sum.now);
        }
        self.limit(&program.plan.limits, &program.model.limits, None, self.live, &mut sum);
        self.bound(program.model.bounds, program.model.bounds_line, None, self.live, &mut sum);
        self.out.score = sum.now;
        self.out.possible = sum.possible;
        self.is_scored = true;
    }

    /// A line took effect where it changed a sum.
    fn sum_changes(
        &mut self,
        kind: FiredKind,
        line: LineId,
        group: Option<usize>,
        of: u64,
        before: &PerLane<i64>,
        after: &PerLane<i64>,
    ) {
        let lanes = of & mask(|i| before[i] != after[i]);
        if lanes != 0 {
            let mut difference = Box::new(PerLane::all(0));
            each(lanes, |lane| difference[lane] = after[lane] - before[lane]);
            let gave = Gave::Each(difference);
            self.out.fired.push(FiredLanes { kind, line, group, branch: Branch::Then, lanes, gave });
        }
    }

    /// What is left of a sum after the silence up to now, in billionths.
    fn left(&self, plan: FadingPlan, lane: usize) -> i64 {
        let layout = self.program.activity.ageings.get(plan.ageing);
        let newest = self.newest(plan.newest, lane).zip(layout);
        newest.map_or(ALL as i64, |(at, layout)| layout.left(at.0, self.program.as_of))
    }

    fn fade(&self, plan: FadingPlan, sum: &mut Sum) {
        each(self.live, |lane| {
            let left = i128::from(self.left(plan, lane));
            sum.now[lane] = less(sum.now[lane], left);
            sum.possible.put(lane, sum.possible.interval(lane).faded(left));
        });
    }

    /// Bounds under a condition, in their order; they take effect in some lanes.
    fn limit(&mut self, conds: &[Cond], limits: &[Limit], group: Option<usize>, of: u64, sum: &mut Sum) {
        for (cond, limit) in conds.iter().zip(limits) {
            let before = sum.now;
            let holds = self.cond(cond, self.live).yes & self.live;
            each(holds, |lane| sum.now[lane] = held(sum.now[lane], limit.bounds));
            self.sum_changes(FiredKind::Bounds, limit.line, group, of, &before, &sum.now);
            if !self.program.wants_possible {
                continue;
            }
            let outlook = self.outlook(cond, self.live);
            let mut matters = 0;
            each(self.live & outlook.high.yes, |lane| {
                let possible = sum.possible.interval(lane);
                let bounded = possible.clamp(limit.bounds);
                let is_sure = outlook.low.yes >> lane & 1 == 1;
                let bounded = if is_sure { bounded } else { possible.hull(bounded) };
                matters |= u64::from(bounded != possible) << lane;
                sum.possible.put(lane, bounded);
            });
            self.unknown_fields(cond, outlook.in_doubt() & matters);
        }
    }

    /// Bounds; they take effect in some lanes.
    fn bound(&mut self, bounds: Bounds, line: Option<LineId>, group: Option<usize>, of: u64, sum: &mut Sum) {
        let before = sum.now;
        for lane in 0..WIDTH {
            sum.now[lane] = held(sum.now[lane], bounds);
            sum.possible.put(lane, sum.possible.interval(lane).clamp(bounds));
        }
        if let Some(line) = line {
            self.sum_changes(FiredKind::Bounds, line, group, of, &before, &sum.now);
        }
    }

    /// How a group fades, its bounds and its resets.
    pub fn bound_group(&mut self, i: usize, plan: &GroupPlan, group: &crate::model::Group, sum: &mut Sum) {
        let before = sum.now;
        let mut reset = 0;
        let mut outlooks = Vec::with_capacity(plan.resets.len());
        for (cond, verdict) in plan.resets.iter().zip(&group.resets) {
            let holds = self.cond(cond, self.live).yes & self.live;
            self.line_fires(FiredKind::Reset, verdict.line, Some(i), holds);
            reset |= holds;
            if self.program.wants_possible {
                outlooks.push(self.outlook(cond, self.live));
            }
        }
        // What a reset makes 0 is told at once.
        let held = self.live & !reset;
        if let (Some(plan), Some(fading)) = (plan.fading, &group.fading) {
            let before = sum.now;
            self.fade(plan, sum);
            self.sum_changes(FiredKind::Fading, fading.line, Some(i), held, &before, &sum.now);
        }
        self.limit(&plan.limits, &group.limits, Some(i), held, sum);
        self.bound(group.bounds, group.bounds_line, Some(i), held, sum);
        let nothing = Interval::point(0);
        let resets = outlooks.iter().fold(Outlooks::settled(Lanes::NO), |any, o| any.or(*o));
        let matters = resets.in_doubt() & self.live & mask(|lane| sum.possible.interval(lane) != nothing);
        for (cond, outlook) in plan.resets.iter().zip(&outlooks) {
            self.unknown_fields(cond, outlook.in_doubt() & matters);
        }
        each(self.live & resets.high.yes, |lane| {
            let of_lane =
                if resets.low.yes >> lane & 1 == 1 { nothing } else { sum.possible.interval(lane).hull(nothing) };
            sum.possible.put(lane, of_lane);
        });
        each(reset, |lane| sum.now[lane] = 0);
        if let Some(line) = group.bounds_line {
            self.sum_changes(FiredKind::Bounds, line, Some(i), reset, &before, &sum.now);
        }
    }

    /// A group that the interpreter works out.
    pub fn aside_group(&mut self, i: usize, sum: &mut Sum) {
        let Some(group) = self.program.model.groups.get(i) else { return };
        each(self.live, |lane| {
            let worked = self.ask(lane, |now| {
                let (mut fired, mut missing) = (Vec::new(), BTreeSet::new());
                let (points, possible) = score_group(&now, GroupId(i), group, &mut fired, &mut missing, None);
                (points, possible, fired, missing)
            });
            let Some((points, possible, fired, missing)) = worked else { return };
            sum.now[lane] = self.fitted(lane, points);
            if !sum.possible.put(lane, possible) {
                self.beyond |= 1 << lane;
            }
            self.miss_all(lane, missing);
            for f in fired {
                let gave = f.points.map_or(Gave::Nothing, |p| Gave::Same(self.fitted(lane, p)));
                self.out.fired.push(FiredLanes {
                    kind: f.kind,
                    line: f.line,
                    group: Some(i),
                    branch: f.branch,
                    lanes: 1 << lane,
                    gave,
                });
            }
        });
    }

    pub fn labels(&mut self, of_stage: bool) {
        let program = self.program;
        for (l, (lines, label)) in program.plan.labels.iter().zip(&program.model.labels).enumerate() {
            if label.asks_for_stage != of_stage {
                continue;
            }
            let mut left = self.live;
            let mut chosen = PerLane::all(0u16);
            for (number, line) in (1u16..).zip(lines) {
                let holds = left & line.as_ref().map_or(!0, |c| self.cond(c, left).yes);
                each(holds, |lane| chosen[lane] = number);
                left &= !holds;
            }
            if let Some(slot) = self.out.labels.get_mut(l) {
                *slot = chosen;
            }
            self.chosen_labels.push(l);
        }
        self.has_first_labels = true;
    }

    pub fn stage(&mut self) {
        let program = self.program;
        let ladder = &program.model.ladder;
        let (mut reached, mut could_reach) = (PerLane::all(0usize), PerLane::all(0usize));
        // The lanes that pass all gates up to a stage, now and perhaps.
        let mut passes = vec![[!0u64; 2]; ladder.stages.len()];
        for (gate, line) in program.plan.gates.iter().zip(&program.model.gates) {
            let pass = [self.cond(gate, self.live).yes, self.may_hold(gate)];
            if let Some([now, could]) = passes.get_mut(line.stage) {
                *now &= pass[0];
                *could &= pass[1];
            }
        }
        let mut below = [!0u64; 2];
        for pass in &mut passes {
            below = [below[0] & pass[0], below[1] & pass[1]];
            *pass = below;
        }
        for (cond, line) in program.plan.stage_lines.iter().zip(&program.model.stage_lines) {
            let [now, could] = passes.get(line.stage).copied().unwrap_or_default();
            let holds = self.cond(cond, self.live).yes & now;
            let could = self.may_hold(cond) & could;
            each(holds & self.live, |lane| reached[lane] = reached[lane].max(line.stage));
            each(could & self.live, |lane| could_reach[lane] = could_reach[lane].max(line.stage));
        }
        let mut disqualified = 0;
        for (cond, verdict) in program.plan.disqualify.iter().zip(&program.model.disqualify) {
            let holds = self.cond(cond, self.live).yes & self.live & !disqualified;
            self.line_fires(FiredKind::Disqualify, verdict.line, None, holds);
            disqualified |= holds;
        }
        // The lanes where a line decided the stage, by stage.
        let mut decided = vec![0u64; ladder.stages.len()];
        let mut ranks = PerLane::all(0usize);
        each(self.live, |lane| {
            let current = if ladder.from.is_some() { self.current(lane) } else { None };
            let rank = reached[lane].max(current.filter(|_| ladder.never_lower).unwrap_or(0));
            ranks[lane] = rank;
            if disqualified >> lane & 1 == 1 {
                self.out.stage[lane] = Stage::Disqualified;
                self.out.could_be[lane] = Stage::Disqualified;
                return;
            }
            if rank == reached[lane]
                && rank > 0
                && let Some(lanes) = decided.get_mut(rank)
            {
                *lanes |= 1 << lane;
            }
            self.out.stage[lane] = Stage::Rank(rank);
            self.out.could_be[lane] = Stage::Rank(could_reach[lane].max(rank));
            self.out.change[lane] = current.map(|current| match rank.cmp(&current) {
                std::cmp::Ordering::Greater => Change::Raised,
                std::cmp::Ordering::Equal => Change::Same,
                std::cmp::Ordering::Less => Change::Lowered,
            });
        });
        for (cond, line) in program.plan.stage_lines.iter().zip(&program.model.stage_lines) {
            let open = decided.get(line.stage).copied().unwrap_or(0);
            if open != 0 {
                let holds = self.cond(cond, open).yes & open;
                self.line_fires(FiredKind::Stage, line.line, None, holds);
                if let Some(lanes) = decided.get_mut(line.stage) {
                    *lanes &= !holds;
                }
            }
        }
        if program.wants_possible {
            self.missing_of_lines(&ranks, disqualified);
        }
        self.is_staged = true;
    }

    /// The lanes where a condition may turn out true; none where nobody asks.
    fn may_hold(&mut self, cond: &Cond) -> u64 {
        if self.program.wants_possible { self.outlook(cond, self.live).high.yes } else { 0 }
    }

    /// The fields that leave a line in doubt.
    fn name_in_doubt(&mut self, cond: &Cond, lanes: u64) {
        let lanes = lanes & self.outlook(cond, lanes).in_doubt();
        self.unknown_fields(cond, lanes);
    }

    /// The fields behind unknown lines: disqualify and exclude, and lines and gates of stages above the current one.
    fn missing_of_lines(&mut self, ranks: &PerLane<usize>, disqualified: u64) {
        let program = self.program;
        for cond in program.plan.disqualify.iter().chain(&program.plan.exclude) {
            self.name_in_doubt(cond, self.live);
        }
        let free = self.live & !disqualified;
        for (cond, line) in program.plan.stage_lines.iter().zip(&program.model.stage_lines) {
            let below = free & mask(|lane| ranks[lane] < line.stage);
            self.name_in_doubt(cond, below);
        }
        let top = program.model.ladder.stages.len().saturating_sub(1);
        let below = free & mask(|lane| ranks[lane] < top);
        for gate in &program.plan.gates {
            self.name_in_doubt(gate, below);
        }
    }

    /// Fills the texts that have names in them.
    fn texts(&mut self) {
        let program = self.program;
        let mut wanted: Vec<(TextOf, u64, &crate::model::Template)> = Vec::new();
        for f in &self.out.fired {
            if let Some(Because::Filled) = program.because(f.line, f.branch)
                && let Some(text) = program.model.line(f.line).because(f.branch)
            {
                wanted.push((TextOf::Because(f.line, f.branch), f.lanes, text));
            }
        }
        for (l, label) in program.model.labels.iter().enumerate() {
            for (number, LabelLine { text, .. }) in
                (1u16..).zip(&label.lines).filter(|(_, l)| written_out(&l.text).is_none())
            {
                let lanes = self.out.labels.get(l).map_or(0, |chosen| mask(|i| chosen[i] == number));
                wanted.push((TextOf::Label(l), lanes & self.live, text));
            }
        }
        for (r, review) in program.model.reviews.iter().enumerate() {
            if let Some(text) = program.model.line(review.line).because.as_ref().filter(|t| written_out(t).is_none()) {
                wanted.push((TextOf::Review(r), self.out.reviews.get(r).copied().unwrap_or(0), text));
            }
        }
        for (of, lanes, text) in wanted {
            each(lanes, |lane| {
                if let Some(filled) = self.ask(lane, |now| fill(&now, text)) {
                    self.out.texts.insert((of, lane), filled);
                }
            });
        }
    }
}

/// Points of which so many billionths are left.
fn less(points: i64, left: i128) -> i64 {
    i64::try_from(faded(i128::from(points), left)).unwrap_or(points)
}

/// Points held between bounds.
fn held(points: i64, bounds: Bounds) -> i64 {
    i64::try_from(clamp(i128::from(points), bounds)).unwrap_or(points)
}
