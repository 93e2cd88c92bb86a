//! Rules, tables and choices for 64 leads at once: what they give now, and what they could give.

use std::collections::BTreeSet;

use super::answers::{FiredLanes, Gave, Spread};
use super::block::Block;
use super::lanes::{Lanes, Points, WIDTH, each};
use super::program::*;
use crate::eval::outcome::FiredKind;
use crate::eval::possible::Interval;
use crate::eval::scoring::Report;
use crate::eval::values::Pass;
use crate::model::GroupId;

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
            self.fired.push(FiredLanes { kind: FiredKind::Points, order: line.order, group, if_not: false, lanes, gave: Gave::Same(line.points) });
        }
    }
}

/// What an item could give, as [`crate::eval::scoring`] has it for one lead.
struct Could {
    fires: Lanes,
    gives: Spread,
    alone: Spread,
}

impl Could {
    const NEVER: Could = Could { fires: Lanes::NO, gives: Spread::NOTHING, alone: Spread::NOTHING };

    fn put(&mut self, lane: usize, fires: Option<bool>, gives: Interval) -> bool {
        let alone = match fires {
            Some(true) => gives,
            Some(false) => Interval::point(0),
            None => gives.hull(Interval::point(0)),
        };
        self.put_all(lane, fires, gives, alone)
    }

    fn put_all(&mut self, lane: usize, fires: Option<bool>, gives: Interval, alone: Interval) -> bool {
        self.fires.set(lane, fires);
        let fits = self.gives.put(lane, gives);
        self.alone.put(lane, alone) && fits
    }
}

/// Points that have come together so far.
pub(super) struct Sum {
    pub now: Points,
    pub possible: Spread,
}

impl Sum {
    pub const NOTHING: Sum = Sum { now: [0; WIDTH], possible: Spread::NOTHING };

    fn add_possible(&mut self, more: &Spread) {
        for lane in 0..WIDTH {
            self.possible.low[lane] += more.low[lane];
            self.possible.high[lane] += more.high[lane];
        }
        self.possible.no_low |= more.no_low;
        self.possible.no_high |= more.no_high;
    }
}

impl Block<'_> {
    /// Adds what the items of a group give.
    pub fn items(&mut self, items: &[Item], group: Option<usize>, sum: &mut Sum) {
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
            let could = self.possible_item(item);
            sum.add_possible(&could);
        }
    }

    /// A rule outside of choices. Where its condition is known, what it could give is what it gives.
    fn rule_alone(&mut self, rule: &RulePlan, group: Option<usize>, sum: &mut Sum) {
        let now = self.when(rule.when.as_ref(), Pass::Now);
        let (gives, amounts) = self.amounts(rule);
        let fires = now.yes & gives & self.live;
        let other = rule.if_not.map_or(0, |_| now.no() & self.live);
        each(fires, |lane| sum.now[lane] += amounts.of(lane));
        each(other, |lane| sum.now[lane] += rule.if_not.unwrap_or(0));
        if self.program.wants_possible {
            self.rule_could_alone(rule, now, gives, &amounts, sum);
        }
        self.fire(rule, group, fires, amounts, other);
    }

    fn rule_could_alone(&mut self, rule: &RulePlan, now: Lanes, gives: u64, amounts: &Amounts, sum: &mut Sum) {
        let gaps = self.gaps(&rule.fields);
        let holds = if gaps == 0 { now } else { self.when(rule.when.as_ref(), Pass::Possible).pick(gaps, now) };
        let open = holds.open & self.live;
        let mut add = |lanes: u64, points: &dyn Fn(usize) -> i64| {
            each(lanes, |lane| {
                sum.possible.low[lane] += points(lane);
                sum.possible.high[lane] += points(lane);
            });
        };
        add(holds.yes & gives & self.live, &|lane| amounts.of(lane));
        if let Some(points) = rule.if_not {
            add(holds.no() & self.live, &|_| points);
        }
        if open == 0 {
            return;
        }
        let mut not_one = 0;
        each(open, |lane| {
            let gives = if gives >> lane & 1 == 1 { amounts.of(lane) } else { 0 };
            let other = rule.if_not.unwrap_or(0);
            // By itself it gives one of the two, or nothing.
            let (low, high) = if rule.if_not.is_some() { (gives.min(other), gives.max(other)) } else { (gives.min(0), gives.max(0)) };
            sum.possible.low[lane] += low;
            sum.possible.high[lane] += high;
            not_one |= u64::from(low != high) << lane;
        });
        self.open_condition(rule.when.as_ref(), gaps, not_one);
    }

    /// The fields behind a condition that is not known.
    fn open_condition(&mut self, when: Option<&Cond>, gaps: u64, lanes: u64) {
        if let Some(when) = when {
            self.unknown_fields(when, Pass::Possible, lanes & gaps);
            self.unknown_fields(when, Pass::Now, lanes & !gaps);
        }
    }

    fn when(&mut self, when: Option<&Cond>, pass: Pass) -> Lanes {
        when.map_or(Lanes::YES, |c| self.cond(c, pass, self.live))
    }

    fn fire(&mut self, rule: &RulePlan, group: Option<usize>, fires: u64, amounts: Amounts, other: u64) {
        let gave = match amounts {
            Amounts::Same(p) => Gave::Same(p),
            Amounts::Each(points) => Gave::Each(points),
        };
        let fired = |lanes, if_not, gave| FiredLanes { kind: FiredKind::Points, order: rule.order, group, if_not, lanes, gave };
        if fires != 0 {
            self.out.fired.push(fired(fires, false, gave));
        }
        if let Some(points) = rule.if_not.filter(|_| other != 0) {
            self.out.fired.push(fired(other, true, Gave::Same(points)));
        }
    }

    /// What a rule gives where its condition holds, after `up to` and with its sign; and the lanes where it gives anything.
    fn amounts(&self, rule: &RulePlan) -> (u64, Amounts) {
        let signed = |points: i64| {
            let capped = rule.up_to.map_or(points, |most| points.clamp(-most, most));
            if rule.subtract { -capped } else { capped }
        };
        let mut points = [0; WIDTH];
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
                    let k = self.newest(*newest, lane).map_or(0, |at| at.full_periods_until(self.program.as_of, *period));
                    give(lane, (k > 0).then(|| amount.saturating_mul(k)));
                }
            }
        }
        (lanes, Amounts::Each(Box::new(points)))
    }

    fn gives_now(&mut self, item: &Item, group: Option<usize>) -> GivesNow {
        let mut out = GivesNow { lanes: 0, points: [0; WIDTH], fired: Vec::new() };
        match item {
            Item::Rule(rule) => {
                let now = self.when(rule.when.as_ref(), Pass::Now);
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
                        super::lanes::mask(|i| one.lanes >> i & 1 == 1 && (out.lanes >> i & 1 == 0 || one.points[i] > out.points[i]))
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
                    let lanes = self.cond(c, Pass::Now, left);
                    unknown |= lanes.open & left;
                    lanes.yes & left
                }
                CasePlan::Missing => self.cond(&table.is_missing, Pass::Now, left).yes & left,
                CasePlan::Otherwise(takes_unknown) => if *takes_unknown { left } else { left & !unknown },
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
            let now = self.cond(when, Pass::Now, lanes);
            let gaps = self.gaps(&aside.fields);
            let possible = if gaps == 0 { now } else { self.cond(when, Pass::Possible, lanes) };
            lanes &= !(now.no() & possible.no());
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
            let Some((gave, (order, if_not))) = gave.and_then(|g| g.fired.map(|f| (g, f))) else { return };
            let points = self.fitted(lane, gave.points);
            out.points[lane] = points;
            out.lanes |= 1 << lane;
            let gave = Gave::Same(points);
            out.fired.push(FiredLanes { kind: FiredKind::Points, order, group, if_not, lanes: 1 << lane, gave });
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

    fn possible_item(&mut self, item: &Item) -> Spread {
        let Item::Choice(best, items) = item else { return self.could(item, self.live).alone };
        let (mut sure, mut seen) = (0u64, 0u64);
        let mut hull = Spread::NOTHING;
        let mut surest = Spread::NOTHING;
        let mut left = self.live;
        for item in items {
            let could = self.could(item, left);
            each(could.fires.yes & left, |lane| {
                let gives = could.gives.interval(lane);
                let so_far = surest.interval(lane);
                let best = if sure >> lane & 1 == 0 {
                    gives
                } else {
                    Interval { low: so_far.low.zip(gives.low).map(|(a, b)| a.max(b)), high: so_far.high.zip(gives.high).map(|(a, b)| a.max(b)) }
                };
                surest.put(lane, best);
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

    /// What an item could give, in some lanes; the fields because of which it is not one number are added.
    fn could(&mut self, item: &Item, lanes: u64) -> Could {
        match item {
            Item::Rule(rule) => self.could_rule(rule, lanes),
            Item::Table(table) => self.could_table(table, lanes),
            Item::Choice(..) => Could::NEVER,
            Item::Aside(aside) => {
                let mut out = Could::NEVER;
                let asked = self.asked(aside) & lanes;
                each(asked, |lane| {
                    let could = self.ask(lane, |now| {
                        let mut missing = BTreeSet::new();
                        (now.could(&aside.item, &mut missing), missing)
                    });
                    if let Some((could, missing)) = could {
                        if !out.put_all(lane, could.fires, could.gives, could.alone) {
                            self.beyond |= 1 << lane;
                        }
                        self.miss_all(lane, missing);
                    }
                });
                out
            }
        }
    }

    fn could_rule(&mut self, rule: &RulePlan, lanes: u64) -> Could {
        let gaps = self.gaps(&rule.fields);
        let now = self.when(rule.when.as_ref(), Pass::Now);
        let holds = if gaps == 0 { now } else { self.when(rule.when.as_ref(), Pass::Possible).pick(gaps, now) };
        let (gives, amounts) = self.amounts(rule);
        let mut out = Could::NEVER;
        let mut not_one = 0;
        each(lanes, |lane| {
            let has = |lanes: u64| lanes >> lane & 1 == 1;
            let point = |points: i64| Interval::point(i128::from(points));
            let given = has(gives).then(|| point(amounts.of(lane)));
            let other = rule.if_not.map(point);
            match (has(holds.yes), has(holds.open)) {
                (true, _) => given.map(|g| out.put(lane, Some(true), g)),
                (false, false) => other.map(|o| out.put(lane, Some(true), o)),
                (false, true) => {
                    let nothing = Interval::point(0);
                    let fits = match (given, other) {
                        (given, Some(other)) => {
                            let both = given.unwrap_or(nothing).hull(other);
                            out.put_all(lane, None, both, both)
                        }
                        (Some(given), None) => out.put(lane, None, given),
                        (None, None) => true,
                    };
                    not_one |= u64::from(!out.alone.interval(lane).is_point()) << lane;
                    Some(fits)
                }
            };
        });
        self.open_condition(rule.when.as_ref(), gaps, not_one);
        out
    }

    fn could_table(&mut self, table: &TablePlan, lanes: u64) -> Could {
        let mut out = Could::NEVER;
        let gaps = self.gaps(&table.fields);
        let by_missing = self.cond(&table.is_missing, Pass::Now, lanes);
        let plain = lanes & !gaps & by_missing.no();
        // All is known: what it gives now.
        if plain != 0 {
            self.lines_now(table, plain, |line, holds| {
                each(holds, |lane| {
                    out.put(lane, Some(true), Interval::point(i128::from(line.points)));
                });
            });
        }
        let mut left = lanes & !plain;
        if left == 0 {
            return out;
        }
        let (mut seen, mut sure) = (0u64, 0u64);
        let mut gives = Spread::NOTHING;
        let mut opens = Vec::new();
        for line in &table.lines {
            let holds = match &line.case {
                CasePlan::When(c) => self.cond(c, Pass::Possible, left),
                CasePlan::Missing => self.cond(&table.is_missing, Pass::Possible, left),
                CasePlan::Otherwise(_) => Lanes::YES,
            };
            let may = left & !holds.no();
            if holds.open & left != 0 {
                opens.push((line, holds.open & left));
            }
            let points = Interval::point(i128::from(line.points));
            each(may, |lane| {
                gives.put(lane, if seen >> lane & 1 == 1 { gives.interval(lane).hull(points) } else { points });
            });
            seen |= may;
            sure |= holds.yes & left;
            left &= !holds.yes;
        }
        let mut not_one = 0;
        each(seen, |lane| {
            out.put(lane, (sure >> lane & 1 == 1).then_some(true), gives.interval(lane));
            not_one |= u64::from(!out.alone.interval(lane).is_point()) << lane;
        });
        for (line, lanes) in opens {
            match &line.case {
                CasePlan::When(c) => self.unknown_fields(c, Pass::Possible, lanes & not_one),
                _ => table.by_fields.iter().for_each(|&f| self.miss(f, lanes & not_one)),
            }
        }
        out
    }
}
