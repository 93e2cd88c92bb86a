//! Rules, tables and choices for 64 leads at once: what they give now, and what they could give.

use std::collections::BTreeSet;

use super::answers::{FiredLanes, Gave, Spread};
use super::block::Block;
use super::lanes::{Lanes, Outlooks, PerLane, Points, WIDTH, each, mask};
use crate::eval::could::{self, Side};
use crate::eval::outcome::FiredKind;
use crate::eval::possible::{Interval, Outlook};
use crate::eval::scoring::Report;
use crate::model::{Branch, FieldId, GroupId};
use crate::plan::*;

/// What a rule gives where its condition holds.
enum Amounts {
    Same(i64),
    Each(Box<Points>),
}

impl Amounts {
    fn of(&self, lane: usize) -> i64 {
        match self {
            Amounts::Same(p) => *p,
            Amounts::Each(points) => points[lane],
        }
    }
}

/// What an item gives now: in which lanes, and by which lines.
struct GivesNow {
    lanes: u64,
    points: Points,
    fired: Vec<FiredLanes>,
}

impl GivesNow {
    /// A line of a table holds in some lanes.
    fn fire(&mut self, line: &LinePlan, group: Option<usize>, lanes: u64) {
        if lanes != 0 {
            each(lanes, |lane| self.points[lane] = line.points);
            self.lanes |= lanes;
            self.fired.push(FiredLanes {
                kind: FiredKind::Points,
                line: line.line,
                group,
                branch: Branch::Then,
                lanes,
                gave: Gave::Same(line.points),
            });
        }
    }
}

/// What an item could give: a [`could::Could`] for each lane.
struct Could {
    fires: Lanes,
    gives: Spread,
    alone: Spread,
}

impl Could {
    const NEVER: Could = Could { fires: Lanes::NO, gives: Spread::NOTHING, alone: Spread::NOTHING };

    /// Whether its points fit.
    fn put(&mut self, lane: usize, could: &could::Could) -> bool {
        self.fires.set(lane, could.fires);
        let fits = self.gives.put(lane, could.gives);
        self.alone.put(lane, could.alone) && fits
    }
}

/// What leaves open whether or how much an item gives. Its fields are named where that makes a difference.
enum Open<'b> {
    Condition(&'b Cond, u64),
    Fields(&'b [usize], u64),
    OfLane(usize, BTreeSet<FieldId>),
}

fn point(points: i64) -> Interval {
    Interval::point(i128::from(points))
}

/// Points that have come together so far.
pub(super) struct Sum {
    pub now: Points,
    pub possible: Spread,
}

impl Sum {
    pub const NOTHING: Sum = Sum { now: PerLane::all(0), possible: Spread::NOTHING };

    fn add_possible(&mut self, more: &Spread) {
        for lane in 0..WIDTH {
            self.possible.low[lane] += more.low[lane];
            self.possible.high[lane] += more.high[lane];
        }
        self.possible.no_low |= more.no_low;
        self.possible.no_high |= more.no_high;
    }
}

impl<'b> Block<'b> {
    /// Adds what the items of a group give.
    pub fn items(&mut self, items: &'b [Item], group: Option<usize>, sum: &mut Sum) {
        for item in items {
            if let Item::Rule(rule) = item {
                self.rule_alone(rule, group, sum);
                continue;
            }
            let now = self.gives_now(item, group);
            each(now.lanes & self.live, |lane| sum.now[lane] += now.points[lane]);
            self.out.fired.extend(now.fired);
            if !self.program.wants_possible {
                continue;
            }
            let mut open = Vec::new();
            let could = self.possible_item(item, &mut open);
            sum.add_possible(&could);
            if !open.is_empty() {
                // Fields matter where lowest, highest and present points are not all the same.
                let given = |lane: usize| if now.lanes >> lane & 1 == 1 { now.points[lane] } else { 0 };
                let matters = mask(|lane| could.interval(lane) != point(given(lane)));
                self.name(open, matters & self.live);
            }
        }
    }

    /// A rule outside of choices. Where no field of it is missing, what it could give is what it gives.
    fn rule_alone(&mut self, rule: &'b RulePlan, group: Option<usize>, sum: &mut Sum) {
        let now = self.when(rule);
        let (gives, amounts) = self.amounts(rule);
        let fires = now.yes & gives & self.live;
        let other = rule.if_not.map_or(0, |_| now.no() & self.live);
        each(fires, |lane| sum.now[lane] += amounts.of(lane));
        each(other, |lane| sum.now[lane] += rule.if_not.unwrap_or(0));
        if self.program.wants_possible {
            self.rule_could_alone(rule, [fires, other], gives, &amounts, sum);
        }
        self.fire(rule, group, fires, amounts, other);
    }

    fn rule_could_alone(
        &mut self,
        rule: &'b RulePlan,
        [fires, other]: [u64; 2],
        gives: u64,
        amounts: &Amounts,
        sum: &mut Sum,
    ) {
        let gaps = self.gaps(&rule.fields) & self.live;
        let outlooks = if gaps == 0 { Outlooks::settled(Lanes::NO) } else { self.when_outlook(rule, gaps) };
        let open = outlooks.open() & gaps;
        let mut add = |lane: usize, low: i64, high: i64| {
            sum.possible.low[lane] += low;
            sum.possible.high[lane] += high;
        };
        // What is settled gives what it gives now.
        each(fires & !open, |lane| add(lane, amounts.of(lane), amounts.of(lane)));
        each(other & !open, |lane| add(lane, rule.if_not.unwrap_or(0), rule.if_not.unwrap_or(0)));
        if open == 0 {
            return;
        }
        let mut matters = 0;
        if rule.if_not.is_none() {
            // Something or nothing.
            each(open & outlooks.high.yes & gives, |lane| {
                let points = amounts.of(lane);
                add(lane, points.min(0), points.max(0));
                matters |= u64::from(points != 0) << lane;
            });
        } else {
            each(open, |lane| {
                let has = |lanes: u64| lanes >> lane & 1 == 1;
                let could = rule_could(rule, outlooks.at(lane), has(gives), amounts.of(lane)).alone;
                // Amounts that are written out have ends that fit.
                let end = |end: Option<i128>| end.and_then(|p| i64::try_from(p).ok()).unwrap_or(0);
                add(lane, end(could.low), end(could.high));
                let given = if has(fires) {
                    amounts.of(lane)
                } else if has(other) {
                    rule.if_not.unwrap_or(0)
                } else {
                    0
                };
                matters |= u64::from(could != point(given)) << lane;
            });
        }
        if let Some(when) = &rule.when {
            self.unknown_fields(when, matters);
        }
    }

    /// Names the fields that leave something open, in the lanes where it matters.
    fn name(&mut self, open: Vec<Open<'b>>, matters: u64) {
        for open in open {
            match open {
                Open::Condition(when, lanes) => self.unknown_fields(when, lanes & matters),
                Open::Fields(fields, lanes) => fields.iter().for_each(|&f| self.miss(f, lanes & matters)),
                Open::OfLane(lane, fields) if matters >> lane & 1 == 1 => self.miss_all(lane, fields),
                Open::OfLane(..) => {}
            }
        }
    }

    fn when(&mut self, rule: &RulePlan) -> Lanes {
        rule.when.as_ref().map_or(Lanes::YES, |c| self.cond(c, self.live))
    }

    /// How a rule's condition could turn out where fields of it are missing.
    fn when_outlook(&mut self, rule: &RulePlan, gaps: u64) -> Outlooks {
        match &rule.when {
            Some(when) if gaps != 0 => self.outlook(when, gaps),
            _ => Outlooks::settled(Lanes::YES),
        }
    }

    fn fire(&mut self, rule: &RulePlan, group: Option<usize>, fires: u64, amounts: Amounts, other: u64) {
        let gave = match amounts {
            Amounts::Same(p) => Gave::Same(p),
            Amounts::Each(points) => Gave::Each(points),
        };
        let fired =
            |lanes, branch, gave| FiredLanes { kind: FiredKind::Points, line: rule.line, group, branch, lanes, gave };
        if fires != 0 {
            self.out.fired.push(fired(fires, Branch::Then, gave));
        }
        if let Some(points) = rule.if_not.filter(|_| other != 0) {
            self.out.fired.push(fired(other, Branch::IfNot, Gave::Same(points)));
        }
    }

    /// What a rule gives where its condition holds, after `up to` and with its sign; and the lanes where it gives anything.
    fn amounts(&self, rule: &RulePlan) -> (u64, Amounts) {
        let signed = |points: i64| {
            let capped = rule.up_to.map_or(points, |most| points.clamp(-most, most));
            if rule.subtract { -capped } else { capped }
        };
        let mut points = PerLane::all(0);
        let mut lanes = 0u64;
        let mut give = |lane: usize, amount: Option<i64>| {
            if let Some(amount) = amount {
                points[lane] = signed(amount);
                lanes |= 1 << lane;
            }
        };
        match &rule.gives {
            Gives::Once(amount) => return (!0, Amounts::Same(signed(*amount))),
            Gives::Each { amount, count, through } => {
                for (lane, &n) in self.counts(*count).iter().enumerate() {
                    if n > 0 {
                        give(lane, Some(amount * i64::from(n)));
                    } else if *through {
                        give(lane, Some(*amount));
                    }
                }
            }
            Gives::EachAged { full, negative, sum, dated, any, through } => {
                let (dated, any) = (self.any(*dated), self.any(*any));
                each(dated, |lane| {
                    let worth = self.worth(*sum, lane);
                    give(lane, Some(if *negative { -worth } else { worth }));
                });
                if *through {
                    each(!any, |lane| give(lane, Some(*full)));
                }
            }
            Gives::OnceAged { ageing, newest, any } => {
                let any = self.any(*any);
                let ageing = self.program.activity.ageings.get(*ageing);
                for lane in 0..WIDTH {
                    let Some(ageing) = ageing else { continue };
                    if any >> lane & 1 == 0 {
                        give(lane, Some(ageing.full));
                    } else if let Some(at) = self.newest(*newest, lane) {
                        give(lane, Some(ageing.left(at.0, self.program.as_of) * ageing.full.signum()));
                    }
                }
            }
            Gives::Since { amount, period, newest } => {
                for lane in 0..WIDTH {
                    let k = self
                        .newest(*newest, lane)
                        .map_or(0, |at| at.full_periods_until(self.program.as_of, *period, &self.program.model.zone));
                    give(lane, (k > 0).then(|| amount.saturating_mul(k)));
                }
            }
        }
        (lanes, Amounts::Each(Box::new(points)))
    }

    /// What an item gives now, and where.
    pub fn points_of(&mut self, item: &Item) -> (u64, Points) {
        let gives = self.gives_now(item, None);
        (gives.lanes & self.live, gives.points)
    }

    fn gives_now(&mut self, item: &Item, group: Option<usize>) -> GivesNow {
        let mut out = GivesNow { lanes: 0, points: PerLane::all(0), fired: Vec::new() };
        match item {
            Item::Rule(rule) => {
                let now = self.when(rule);
                let (gives, amounts) = self.amounts(rule);
                let fires = now.yes & gives & self.live;
                let other = rule.if_not.map_or(0, |_| now.no() & self.live);
                each(fires, |lane| out.points[lane] = amounts.of(lane));
                each(other, |lane| out.points[lane] = rule.if_not.unwrap_or(0));
                let before = self.out.fired.len();
                self.fire(rule, group, fires, amounts, other);
                out.fired = self.out.fired.split_off(before);
                out.lanes = fires | other;
            }
            Item::Table(table) => {
                self.lines_now(table, self.live, |line, holds| out.fire(line, group, holds));
            }
            Item::Choice(best, items) => {
                for item in items {
                    let one = self.gives_now(item, group);
                    let takes = if *best {
                        super::lanes::mask(|i| {
                            one.lanes >> i & 1 == 1 && (out.lanes >> i & 1 == 0 || one.points[i] > out.points[i])
                        })
                    } else {
                        one.lanes & !out.lanes
                    };
                    each(takes, |lane| out.points[lane] = one.points[lane]);
                    out.lanes |= one.lanes;
                    out.fired.iter_mut().for_each(|f| f.lanes &= !takes);
                    out.fired.extend(one.fired.into_iter().map(|f| FiredLanes { lanes: f.lanes & takes, ..f }));
                    out.fired.retain(|f| f.lanes != 0);
                }
            }
            Item::Aside(aside) => self.aside_now(aside, group, &mut out),
        }
        out
    }

    /// The lines of a table that hold now, each with its lanes; of each lane the first that holds.
    fn lines_now(&mut self, table: &TablePlan, lanes: u64, mut found: impl FnMut(&LinePlan, u64)) {
        let (mut left, mut unknown) = (lanes, 0);
        for line in &table.lines {
            let holds = match &line.case {
                CasePlan::When(c) => {
                    let lanes = self.cond(c, left);
                    unknown |= lanes.open & left;
                    lanes.yes & left
                }
                CasePlan::Missing => self.cond(&table.is_missing, left).yes & left,
                CasePlan::Otherwise(takes_unknown) => {
                    if *takes_unknown {
                        left
                    } else {
                        left & !unknown
                    }
                }
            };
            found(line, holds);
            left &= !holds;
            if matches!(line.case, CasePlan::Otherwise(_)) {
                break;
            }
        }
    }

    /// The lanes where the interpreter has to be asked about an item at all.
    fn asked(&mut self, aside: &AsideItem) -> u64 {
        let mut lanes = self.live;
        if let (Some(when), false) = (&aside.when, aside.if_not) {
            let gaps = self.gaps(&aside.fields) & lanes;
            let could = if gaps == 0 { 0 } else { self.outlook(when, gaps).high.yes & gaps };
            lanes &= self.cond(when, lanes).yes | could;
        }
        if let (Some(guard), false) = (aside.guard, aside.if_not) {
            lanes &= self.any(guard);
        }
        lanes
    }

    fn aside_now(&mut self, aside: &AsideItem, group: Option<usize>, out: &mut GivesNow) {
        let lanes = self.asked(aside);
        each(lanes, |lane| {
            let gave = self.ask(lane, |now| {
                let mut fired = Vec::new();
                now.single(&aside.item, &mut Report { group: group.map(GroupId), fired: &mut fired, rules: None })
            });
            let Some((gave, (line, branch))) = gave.and_then(|g| g.fired.map(|f| (g, f))) else { return };
            let points = self.fitted(lane, gave.points);
            out.points[lane] = points;
            out.lanes |= 1 << lane;
            let gave = Gave::Same(points);
            out.fired.push(FiredLanes { kind: FiredKind::Points, line, group, branch, lanes: 1 << lane, gave });
        });
    }

    /// Points as a word; a lead whose points do not fit is left to the interpreter as a whole.
    pub fn fitted(&mut self, lane: usize, points: i128) -> i64 {
        match i64::try_from(points) {
            Ok(p) if p.unsigned_abs() < 1 << 60 => p,
            _ => {
                self.beyond |= 1 << lane;
                0
            }
        }
    }

    fn possible_item(&mut self, item: &'b Item, open: &mut Vec<Open<'b>>) -> Spread {
        let Item::Choice(best, items) = item else { return self.could(item, self.live, open).alone };
        let (mut sure, mut seen) = (0u64, 0u64);
        let mut hull = Spread::NOTHING;
        let mut surest = Spread::NOTHING;
        let mut left = self.live;
        for item in items {
            let could = self.could(item, left, open);
            each(could.fires.yes & left, |lane| {
                let gives = could.gives.interval(lane);
                surest.put(lane, if sure >> lane & 1 == 0 { gives } else { surest.interval(lane).greatest(gives) });
            });
            let fires = (could.fires.yes | could.fires.open) & left;
            each(fires, |lane| {
                let gives = could.gives.interval(lane);
                hull.put(lane, if seen >> lane & 1 == 0 { gives } else { hull.interval(lane).hull(gives) });
            });
            seen |= fires;
            sure |= could.fires.yes & left;
            if !best {
                left &= !could.fires.yes;
            }
        }
        let mut out = Spread::NOTHING;
        each(seen, |lane| {
            let is_sure = sure >> lane & 1 == 1;
            let hull = hull.interval(lane);
            let interval = match (is_sure, best) {
                (true, true) => Interval { low: surest.interval(lane).low, high: hull.high },
                (true, false) => hull,
                (false, _) => hull.hull(Interval::point(0)),
            };
            out.put(lane, interval);
        });
        out
    }

    /// What an item could give, in some lanes.
    fn could(&mut self, item: &'b Item, lanes: u64, open: &mut Vec<Open<'b>>) -> Could {
        match item {
            Item::Rule(rule) => self.could_rule(rule, lanes, open),
            Item::Table(table) => self.could_table(table, lanes, open),
            Item::Choice(..) => Could::NEVER,
            Item::Aside(aside) => {
                let mut out = Could::NEVER;
                let asked = self.asked(aside) & lanes;
                each(asked, |lane| {
                    let mut fields = BTreeSet::new();
                    let Some(could) = self.ask(lane, |now| now.could(&aside.item, &mut fields)) else { return };
                    if !out.put(lane, &could) {
                        self.beyond |= 1 << lane;
                    }
                    if !fields.is_empty() {
                        open.push(Open::OfLane(lane, fields));
                    }
                });
                out
            }
        }
    }

    fn could_rule(&mut self, rule: &'b RulePlan, lanes: u64, open: &mut Vec<Open<'b>>) -> Could {
        let gaps = self.gaps(&rule.fields) & lanes;
        let now = Outlooks::settled(self.when(rule));
        let outlooks = self.when_outlook(rule, gaps).pick(gaps, now);
        let (gives, amounts) = self.amounts(rule);
        let mut out = Could::NEVER;
        each(lanes, |lane| {
            out.put(lane, &rule_could(rule, outlooks.at(lane), gives >> lane & 1 == 1, amounts.of(lane)));
        });
        if let Some(when) = &rule.when {
            note(open, Open::Condition, when, outlooks.open() & gaps & (out.fires.yes | out.fires.open));
        }
        out
    }

    fn could_table(&mut self, table: &'b TablePlan, lanes: u64, open: &mut Vec<Open<'b>>) -> Could {
        let mut out = Could::NEVER;
        let mut left = self.gaps(&table.fields) & lanes;
        // All is known: what it gives now.
        if lanes & !left != 0 {
            self.lines_now(table, lanes & !left, |line, holds| {
                each(holds, |lane| {
                    out.put(lane, &could::Could::new(Some(true), point(line.points)));
                });
            });
        }
        // The lanes where some line may hold, where one surely does, and where one above is unknown and stays so.
        let (mut seen, mut sure, mut blocked) = (0u64, 0u64, 0u64);
        let mut gives = Spread::NOTHING;
        for line in &table.lines {
            if left == 0 {
                break;
            }
            let holds = match &line.case {
                CasePlan::When(c) => self.outlook(c, left),
                CasePlan::Missing => self.outlook(&table.is_missing, left),
                CasePlan::Otherwise(takes_unknown) => {
                    Outlooks::settled(Lanes::known(if *takes_unknown { left } else { left & !blocked }))
                }
            };
            blocked |= holds.low.open & left;
            let may = holds.high.yes & left;
            match &line.case {
                CasePlan::When(c) => note(open, Open::Condition, c, holds.open() & may),
                _ => note(open, Open::Fields, &table.by_fields[..], holds.open() & may),
            }
            each(may, |lane| {
                gives.put(
                    lane,
                    if seen >> lane & 1 == 1 {
                        gives.interval(lane).hull(point(line.points))
                    } else {
                        point(line.points)
                    },
                );
            });
            seen |= may;
            sure |= holds.low.yes & left;
            left &= !holds.low.yes;
        }
        each(seen, |lane| {
            let fires = (sure >> lane & 1 == 1).then_some(true);
            out.put(lane, &could::Could::new(fires, gives.interval(lane)));
        });
        out
    }
}

fn note<'b, T: ?Sized>(open: &mut Vec<Open<'b>>, of: fn(&'b T, u64) -> Open<'b>, what: &'b T, lanes: u64) {
    if lanes != 0 {
        open.push(of(what, lanes));
    }
}

/// What a rule with written amounts could give in one lane.
fn rule_could(rule: &RulePlan, when: Outlook, counts: bool, points: i64) -> could::Could {
    let side = |points: Option<i64>| points.map_or(Side::Nothing, |p| Side::Fires(point(p)));
    could::Could::of_sides(when, side(counts.then_some(points)), side(rule.if_not))
}
