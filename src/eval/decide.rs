//! One lead from beginning to end: exclude, score, bounds, labels, stage, reviews, reasons.

use std::collections::BTreeSet;

use super::Interpreter;
use super::activity::Records;
use super::outcome::{Change, Fired, FiredKind, GroupTrace, Outcome, Trace};
use super::possible::{Interval, Outlook, clamp};
use super::scoring::Report;
use super::values::{Evaluator, Pass, Results, View};
use crate::lead::Lead;
use crate::model::{
    Bounds, Branch, Expr, Fading, FieldId, Group, GroupId, Label, LabelLine, Limit, LineId, Model, Template,
    TemplatePart,
};
use crate::points::{ALL, faded, left};
use crate::time::Instant;
use crate::value::{Stage, Value};

pub(super) fn decide(interpreter: &Interpreter<'_>, lead: &Lead, trace: Option<&mut Trace>) -> Outcome {
    with_evaluator(interpreter, lead, &Results::default(), |now| decide_with(&now, trace))
}

/// Sorts the lead's records and calls `f` with an evaluator that sees them all.
pub(super) fn with_evaluator<T>(
    interpreter: &Interpreter<'_>,
    lead: &Lead,
    results: &Results,
    f: impl FnOnce(Evaluator<'_>) -> T,
) -> T {
    let model = interpreter.model;
    let no_records = Records::none();
    let view = View::new(model, None);
    let bare = Evaluator {
        interpreter,
        model,
        lead,
        records: &no_records,
        view: &view,
        full_view: &view,
        pass: Pass::Now,
        record: None,
        results,
    };
    let records = bare.sort_records();
    // What was worked out to sort the records may be worked out again with them in place.
    let view = View::new(model, None);
    f(Evaluator { records: &records, view: &view, full_view: &view, ..bare })
}

fn decide_with(now: &Evaluator<'_>, trace: Option<&mut Trace>) -> Outcome {
    let (model, results) = (now.model, now.results);
    let possible = now.with_pass(Pass::Possible);

    if let Some(line) = model.exclude.iter().find(|v| now.truth(&v.condition) == Some(true)) {
        results.stage.set(Some(Stage::Excluded));
        let fired = line_fired(FiredKind::Exclude, line.line);
        return excluded(now, vec![fired]);
    }

    let mut fired: Vec<Fired> = Vec::new();
    let mut missing: BTreeSet<FieldId> = BTreeSet::new();
    score(now, &mut fired, &mut missing, trace);
    labels(now, false);
    possible_labels(&possible);

    // The stage: the highest line that holds, below the lowest gate that does not.
    let reached = highest(model, |condition| now.truth(condition) == Some(true));
    let could_reach = highest(model, |condition| possible.outlook(condition).may_hold());
    let current = now.current();
    let floor = current.filter(|_| model.ladder.never_lower).unwrap_or(0);
    let rank = reached.max(floor);
    let disqualified = model.disqualify.iter().find(|v| now.truth(&v.condition) == Some(true));
    let (stage, could_be) = match disqualified {
        Some(line) => {
            fired.push(line_fired(FiredKind::Disqualify, line.line));
            (Stage::Disqualified, Stage::Disqualified)
        }
        None => {
            // No line decided a stage that is kept, or the first.
            if rank == reached && rank > 0 {
                let line = model.stage_lines.iter().find(|l| l.stage == rank && now.truth(&l.condition) == Some(true));
                fired.extend(line.map(|l| line_fired(FiredKind::Stage, l.line)));
            }
            (Stage::Rank(rank), Stage::Rank(could_reach.max(rank)))
        }
    };
    results.stage.set(Some(stage));
    results.could_be.set(Some(could_be));
    let above = if disqualified.is_some() { usize::MAX } else { rank };
    missing_of_lines(&possible, above, &mut missing);

    labels(now, true);
    let reviews: Vec<String> = model
        .reviews
        .iter()
        .filter(|v| now.truth(&v.condition) == Some(true))
        .map(|v| model.line(v.line).because.as_ref().map_or(String::new(), |t| fill(now, t)))
        .collect();
    let fired = filled(now, fired);
    let possible_score = results.possible_score.get();
    let groups = results.groups.borrow().clone();
    let labels = results.labels.borrow().clone();
    Outcome {
        score: Some(results.score.get()),
        groups,
        stage,
        change: change(current.filter(|_| disqualified.is_none()), rank),
        labels,
        could_be,
        possible_low: possible_score.low,
        possible_high: possible_score.high,
        missing: missing.into_iter().collect(),
        reviews,
        fired,
    }
}

/// The highest stage of which a line passes, and all gates up to it.
fn highest(model: &Model, passes: impl Fn(&Expr) -> bool) -> usize {
    let shut = model.gates.iter().filter(|g| !passes(&g.condition)).map(|g| g.stage).min().unwrap_or(usize::MAX);
    model.stage_lines.iter().filter(|l| l.stage < shut && passes(&l.condition)).map(|l| l.stage).max().unwrap_or(0)
}

fn line_fired(kind: FiredKind, line: LineId) -> Fired {
    Fired { kind, line, because: None, group: None, points: None, branch: Branch::Then }
}

fn excluded(now: &Evaluator<'_>, fired: Vec<Fired>) -> Outcome {
    Outcome {
        score: None,
        groups: Vec::new(),
        stage: Stage::Excluded,
        change: None,
        labels: vec![None; now.model.labels.len()],
        could_be: Stage::Excluded,
        possible_low: None,
        possible_high: None,
        missing: Vec::new(),
        reviews: Vec::new(),
        fired: filled(now, fired),
    }
}

/// The reasons in the order of the file, their `because` filled in.
fn filled(now: &Evaluator<'_>, mut fired: Vec<Fired>) -> Vec<Fired> {
    fired.sort_by_key(|f| f.line);
    for f in &mut fired {
        f.because = now.model.line(f.line).because(f.branch).map(|t| fill(now, t));
    }
    fired
}

fn change(current: Option<usize>, rank: usize) -> Option<Change> {
    current.map(|current| match rank.cmp(&current) {
        std::cmp::Ordering::Greater => Change::Raised,
        std::cmp::Ordering::Equal => Change::Same,
        std::cmp::Ordering::Less => Change::Lowered,
    })
}

/// All groups and the whole score, now and possible.
fn score(now: &Evaluator<'_>, fired: &mut Vec<Fired>, missing: &mut BTreeSet<FieldId>, mut trace: Option<&mut Trace>) {
    let model = now.model;
    let mut sum = 0i128;
    let mut possible_sum = Interval::point(0);
    let mut groups = Vec::with_capacity(model.groups.len());
    let mut possible_groups = Vec::with_capacity(model.groups.len());
    for (i, group) in model.groups.iter().enumerate() {
        let (points, possible) = score_group(now, GroupId(i), group, fired, missing, trace.as_deref_mut());
        sum += points;
        possible_sum = possible_sum.plus(possible);
        groups.push(points);
        possible_groups.push(possible);
    }
    let mut report = Report { group: None, fired, rules: trace.as_deref_mut().map(|t| &mut t.rules) };
    sum += now.scored(&model.loose, &mut report);
    possible_sum = possible_sum.plus(now.possible(&model.loose, missing));
    *now.results.groups.borrow_mut() = groups;
    *now.results.possible_groups.borrow_mut() = possible_groups;
    if let Some(formula) = &model.formula {
        sum = now.formula(formula, ALL).low.unwrap_or(0);
        possible_sum = now.with_pass(Pass::Possible).formula(formula, ALL);
        if possible_sum != Interval::point(sum) {
            now.gaps(formula, missing);
        }
    }
    let mut whole = Held { now, group: None, points: sum, possible: possible_sum, fired: Vec::new() };
    if let Some(fading) = &model.fading {
        let left = now.left(fading);
        match &model.formula {
            None => whole.fade(fading, faded(sum, left), possible_sum.faded(left)),
            // A formula is rounded once.
            Some(formula) => {
                let points = now.formula(formula, left).low.unwrap_or(0);
                whole.fade(fading, points, now.with_pass(Pass::Possible).formula(formula, left));
            }
        }
    }
    whole.limit(&model.limits, missing);
    whole.bound(model.bounds, model.bounds_line);
    now.results.score.set(whole.points);
    now.results.possible_score.set(whole.possible);
    fired.append(&mut whole.fired);
    if let Some(trace) = trace {
        trace.sum = sum;
        let fading = model.fading.iter().chain(model.groups.iter().filter_map(|g| g.fading.as_ref())).next();
        trace.newest_engagement = fading.and_then(|f| now.matches(f.query).dated.last().map(|(at, _)| *at));
        trace.rules.sort_by_key(|r| r.line);
    }
}

/// A sum, of a group or the whole, on its way through what is done to it: now, once all data is known, and what took effect.
struct Held<'e, 'n> {
    now: &'n Evaluator<'e>,
    group: Option<GroupId>,
    points: i128,
    possible: Interval,
    fired: Vec<Fired>,
}

impl Held<'_, '_> {
    /// The sum is another now; what changes nothing is not told.
    fn becomes(&mut self, points: i128, kind: FiredKind, line: LineId) {
        if points != self.points {
            let difference = Some(points - self.points);
            self.fired.push(Fired { group: self.group, points: difference, ..line_fired(kind, line) });
            self.points = points;
        }
    }

    fn fade(&mut self, fading: &Fading, points: i128, possible: Interval) {
        self.becomes(points, FiredKind::Fading, fading.line);
        self.possible = possible;
    }

    /// Bounds under a condition, in their order. One of which it is not known may bound or not, once all data is known.
    fn limit(&mut self, limits: &[Limit], missing: &mut BTreeSet<FieldId>) {
        let second = self.now.with_pass(Pass::Possible);
        for limit in limits {
            if self.now.truth(&limit.condition) == Some(true) {
                self.becomes(clamp(self.points, limit.bounds), FiredKind::Bounds, limit.line);
            }
            let outlook = second.outlook(&limit.condition);
            let bounded = self.possible.clamp(limit.bounds);
            if outlook.holds() {
                self.possible = bounded;
            } else if outlook.may_hold() {
                let either = self.possible.hull(bounded);
                if either != self.possible && outlook.is_in_doubt() {
                    second.unknown_fields(&limit.condition, missing);
                }
                self.possible = either;
            }
        }
    }

    fn bound(&mut self, bounds: Bounds, line: Option<LineId>) {
        if let Some(line) = line {
            self.becomes(clamp(self.points, bounds), FiredKind::Bounds, line);
        }
        self.possible = self.possible.clamp(bounds);
    }
}

impl Evaluator<'_> {
    /// What is left of a sum after the silence up to now, in billionths. Where nothing has happened at all, all of it.
    pub(super) fn left(&self, fading: &Fading) -> i128 {
        self.matches(fading.query).dated.last().map_or(ALL, |(at, _)| {
            let k = at.full_periods_until(self.interpreter.as_of, fading.ageing.every, &self.model.zone);
            left(&fading.ageing.kind, k)
        })
    }
}

pub(super) fn score_group(
    now: &Evaluator<'_>,
    id: GroupId,
    group: &Group,
    fired: &mut Vec<Fired>,
    missing: &mut BTreeSet<FieldId>,
    trace: Option<&mut Trace>,
) -> (i128, Interval) {
    // `reset at`: the newest such record, whichever line asks for it.
    let mut blind_until: Option<Instant> = None;
    for reset in &group.reset_at {
        if let Some((at, _)) = now.select(&reset.activity).and_then(|s| s.newest()) {
            blind_until = blind_until.max(Some(at));
            fired.push(Fired { group: Some(id), ..line_fired(FiredKind::Reset, reset.line) });
        }
    }
    let blind_view;
    let view = match blind_until {
        None => now.view,
        Some(until) => {
            blind_view = View::new(now.model, Some(until));
            &blind_view
        }
    };
    let mut rules = trace.is_some().then(Vec::new);
    let mut report = Report { group: Some(id), fired, rules: rules.as_mut() };
    let sum = now.with_view(view).scored(&group.items, &mut report);
    let possible = now.with_view(view).possible(&group.items, missing);
    let mut held = Held { now, group: Some(id), points: sum, possible, fired: Vec::new() };
    if let Some(fading) = &group.fading {
        let left = now.left(fading);
        held.fade(fading, faded(sum, left), possible.faded(left));
    }
    held.limit(&group.limits, missing);
    held.bound(group.bounds, group.bounds_line);
    let Held { mut points, mut possible, fired: mut of_sum, .. } = held;
    let mut is_reset = false;
    for reset in &group.resets {
        if now.truth(&reset.condition) == Some(true) {
            is_reset = true;
            fired.push(Fired { group: Some(id), ..line_fired(FiredKind::Reset, reset.line) });
        }
    }
    let second = now.with_pass(Pass::Possible);
    let nothing = Interval::point(0);
    let outlooks: Vec<Outlook> = group.resets.iter().map(|r| second.outlook(&r.condition)).collect();
    let resets = Outlook::any(&outlooks);
    if resets.holds() {
        possible = nothing;
    } else if resets.may_hold() {
        if possible != nothing {
            let in_doubt = group.resets.iter().zip(&outlooks).filter(|(_, o)| o.is_in_doubt());
            in_doubt.for_each(|(r, _)| second.unknown_fields(&r.condition, missing));
        }
        possible = possible.hull(nothing);
    }
    // A `reset at` in a window of which a date is missing may take everything away.
    for reset in &group.reset_at {
        let did = Expr { kind: crate::model::ExprKind::Did(reset.activity.clone(), None), span: reset.activity.span };
        if now.select(&reset.activity).is_some() || !second.outlook(&did).may_hold() {
            continue;
        }
        if possible != nothing {
            second.unknown_fields(&did, missing);
        }
        possible = possible.hull(nothing);
    }
    if is_reset {
        // Whatever its floors are; told at once.
        points = 0;
        of_sum.clear();
        let line = group.bounds_line.filter(|_| sum != 0);
        let reset = |line| Fired { group: Some(id), points: Some(-sum), ..line_fired(FiredKind::Bounds, line) };
        of_sum.extend(line.map(reset));
    }
    fired.append(&mut of_sum);
    if let (Some(trace), Some(rules)) = (trace, rules) {
        trace.rules.extend(rules);
        trace.groups.push(GroupTrace { sum, score: points, is_reset, blind_until });
    }
    (points, possible)
}

/// The labels, in their order: first those that do not hang on the stage, then the others.
fn labels(now: &Evaluator<'_>, of_stage: bool) {
    now.results.labels.borrow_mut().resize(now.model.labels.len(), None);
    for (i, label) in now.model.labels.iter().enumerate().filter(|(_, l)| l.asks_for_stage == of_stage) {
        let line = label.lines.iter().find(|l| l.condition.as_ref().is_none_or(|c| now.truth(c) == Some(true)));
        let text = line.map(|line| fill(now, &line.text));
        if let Some(slot) = now.results.labels.borrow_mut().get_mut(i) {
            *slot = text;
        }
    }
}

/// The texts that each label could have, for stage lines that ask for one.
pub(super) fn possible_labels(possible: &Evaluator<'_>) {
    for label in &possible.model.labels {
        let texts = if label.asks_for_stage { None } else { texts_of(possible, label) };
        possible.results.possible_labels.borrow_mut().push(texts);
    }
}

fn texts_of(possible: &Evaluator<'_>, label: &Label) -> Option<Vec<Option<String>>> {
    let mut texts: Vec<Option<String>> = Vec::new();
    for LabelLine { text, condition, line: _ } in &label.lines {
        let holds = condition.as_ref().map_or(Outlook::YES, |c| possible.outlook(c));
        if !holds.may_hold() {
            continue;
        }
        // What the text says may itself not be known.
        for part in &text.parts {
            let TemplatePart::Value(value) = part else { continue };
            let is_open = match &value.kind {
                crate::model::ExprKind::Label(id) => possible
                    .results
                    .possible_labels
                    .borrow()
                    .get(id.0)
                    .is_none_or(|t| t.as_ref().is_none_or(|t| t.len() != 1)),
                _ => possible.has_gap(value) || matches!(possible.value(value), Value::Between(_)),
            };
            if is_open {
                return None;
            }
        }
        texts.push(Some(fill(&possible.with_pass(Pass::Now), text)));
        if holds.holds() {
            texts.dedup();
            return Some(texts);
        }
    }
    texts.push(None);
    texts.dedup();
    Some(texts)
}

/// The fields behind unknown lines: disqualify and exclude, and lines and gates of stages above the current one.
fn missing_of_lines(possible: &Evaluator<'_>, rank: usize, missing: &mut BTreeSet<FieldId>) {
    let model = possible.model;
    let has_higher = rank < model.ladder.stages.len().saturating_sub(1);
    let verdicts = model.disqualify.iter().chain(&model.exclude).map(|v| &v.condition);
    let lines = model.stage_lines.iter().filter(|l| l.stage > rank).map(|l| &l.condition);
    let gates = model.gates.iter().filter(|_| has_higher).map(|g| &g.condition);
    for condition in verdicts.chain(lines).chain(gates).filter(|c| possible.outlook(c).is_in_doubt()) {
        possible.unknown_fields(condition, missing);
    }
}

/// A text with its names filled in.
pub(super) fn fill(now: &Evaluator<'_>, template: &Template) -> String {
    let mut out = String::new();
    for part in &template.parts {
        match part {
            TemplatePart::Text(text) => out.push_str(text),
            TemplatePart::Value(value) => out.push_str(&printed(now, value)),
        }
    }
    out
}

fn printed(now: &Evaluator<'_>, value: &Expr) -> String {
    use crate::model::ExprKind as K;
    match &value.kind {
        K::Score => crate::points::to_text(now.results.score.get()),
        K::Group(id) => now.results.groups.borrow().get(id.0).map_or(String::new(), |p| crate::points::to_text(*p)),
        // A label is printed as it was written, outer space kept.
        K::Label(id) => now.results.labels.borrow().get(id.0).cloned().flatten().unwrap_or_default(),
        _ => match now.value(value) {
            Value::Stage(stage) => stage_name(now.model, stage).to_owned(),
            value => value.to_string(),
        },
    }
}

/// The name of a stage, as it is printed.
pub fn stage_name(model: &Model, stage: Stage) -> &str {
    match stage {
        Stage::Rank(rank) => model.ladder.stages.get(rank).map_or("", String::as_str),
        Stage::Disqualified => "disqualified",
        Stage::Excluded => "excluded",
    }
}
