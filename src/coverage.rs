//! What the tests of a model have reached, and what not.
//!
//! Owns the counting: which lines took effect in some test, and which sides of their conditions were seen. Draws nothing.

use std::collections::{BTreeMap, HashSet};

use crate::eval::{Beside, FiredKind, Interpreter, Outcome, RuleState};
use crate::lead::Lead;
use crate::model::{Expr, Model, Scoring};
use crate::source::Span;
use crate::testing::TestResult;
use crate::time::Instant;

/// The kinds of lines that tests reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LineKind {
    /// A rule that gave points.
    Rule,
    /// A line of a table of points that held.
    TableLine,
    /// A reset that took effect.
    Reset,
    /// A stage line that was true.
    StageLine,
    /// A gate that let through.
    Gate,
    /// A `disqualify` line that was true.
    Disqualify,
    /// An `exclude` line that was true.
    Exclude,
    /// A review that was asked for.
    Review,
    /// A line of a label that was chosen.
    LabelLine,
}

/// The sides of a condition that were seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
pub struct Sides {
    /// It was true.
    pub yes: bool,
    /// It was false.
    pub no: bool,
    /// It was not known.
    pub unknown: bool,
}

impl Sides {
    fn see(&mut self, truth: Option<bool>) {
        match truth {
            Some(true) => self.yes = true,
            Some(false) => self.no = true,
            None => self.unknown = true,
        }
    }
}

/// A line of a model and what tests have seen of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// What kind of line.
    pub kind: LineKind,
    /// Where.
    pub span: Span,
    /// The label or stage that it belongs to, or nothing.
    pub of: String,
    /// Whether it took effect in some test.
    pub is_reached: bool,
    /// What was seen of its condition; `None` where it has none.
    pub sides: Option<Sides>,
    /// Whether its condition hangs on fields, so that it may not be known.
    pub can_be_unknown: bool,
}

/// All lines of a model.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Coverage {
    /// In the order of the file.
    pub lines: Vec<Line>,
}

impl Coverage {
    /// The share of lines that were reached, in per cent; 100 of a model without any.
    #[must_use]
    pub fn percent(&self) -> f64 {
        if self.lines.is_empty() {
            return 100.0;
        }
        let reached = self.lines.iter().filter(|l| l.is_reached).count();
        reached as f64 * 100.0 / self.lines.len() as f64
    }

    /// The lines that no test has reached.
    pub fn not_reached(&self) -> impl Iterator<Item = &Line> {
        self.lines.iter().filter(|l| !l.is_reached)
    }
}

/// What tests have reached so far.
pub struct Seen<'m> {
    model: &'m Model,
    /// Rules and tables by their order in results; all others without one.
    lines: Vec<(Option<u32>, Line)>,
    by_order: BTreeMap<u32, usize>,
}

/// All lines, in a fixed order that `Seen::conditions` follows.
fn lines(model: &Model) -> Vec<(Option<u32>, Line)> {
    let mut out = Vec::new();
    let groups = model.groups.iter().flat_map(|g| &g.items);
    for item in model.loose.iter().chain(groups) {
        scoring(model, item, &mut out);
    }
    for (kind, span, of, condition) in others(model) {
        let can_be_unknown = condition.is_some_and(|c| hangs_on_fields(model, c));
        out.push((
            None,
            Line { kind, span, of, is_reached: false, sides: condition.map(|_| Sides::default()), can_be_unknown },
        ));
    }
    out
}

fn hangs_on_fields(model: &Model, condition: &Expr) -> bool {
    let mut fields = Vec::new();
    model.collect_fields(condition, &mut fields);
    !fields.is_empty()
}

fn scoring(model: &Model, item: &Scoring, out: &mut Vec<(Option<u32>, Line)>) {
    let line =
        |kind, span, sides| Line { kind, span, of: String::new(), is_reached: false, sides, can_be_unknown: false };
    match item {
        Scoring::Rule(rule) => {
            let mut line = line(LineKind::Rule, rule.span, rule.when.as_ref().map(|_| Sides::default()));
            line.can_be_unknown = rule.when.as_ref().is_some_and(|c| hangs_on_fields(model, c));
            out.push((Some(rule.order), line));
        }
        // Lines of a file are data; the table as a whole is reached where one of them holds.
        Scoring::Table(table) if table.keyed.is_some() => {
            out.push((table.lines.first().map(|l| l.order), line(LineKind::TableLine, table.span, None)));
        }
        Scoring::Table(table) => {
            out.extend(table.lines.iter().map(|l| (Some(l.order), line(LineKind::TableLine, l.span, None))))
        }
        Scoring::Choice { items, .. } => items.iter().for_each(|i| scoring(model, i, out)),
    }
}

/// Every line that is no rule: its kind, place, what it belongs to, its condition.
fn others(model: &Model) -> Vec<(LineKind, Span, String, Option<&Expr>)> {
    let stage = |rank: usize| model.ladder.stages.get(rank).cloned().unwrap_or_default();
    let mut out = Vec::new();
    for group in &model.groups {
        out.extend(group.resets.iter().map(|r| (LineKind::Reset, r.span, group.name.clone(), Some(&r.condition))));
        out.extend(group.reset_at.iter().map(|r| (LineKind::Reset, r.span, group.name.clone(), None)));
    }
    out.extend(model.stage_lines.iter().map(|l| (LineKind::StageLine, l.span, stage(l.stage), Some(&l.condition))));
    out.extend(model.gates.iter().map(|l| (LineKind::Gate, l.span, stage(l.stage), Some(&l.condition))));
    out.extend(model.disqualify.iter().map(|v| (LineKind::Disqualify, v.span, String::new(), Some(&v.condition))));
    out.extend(model.exclude.iter().map(|v| (LineKind::Exclude, v.span, String::new(), Some(&v.condition))));
    out.extend(model.reviews.iter().map(|v| (LineKind::Review, v.span, String::new(), Some(&v.condition))));
    for label in &model.labels {
        out.extend(label.lines.iter().map(|(_, c, span)| (LineKind::LabelLine, *span, label.name.clone(), c.as_ref())));
    }
    out
}

impl<'m> Seen<'m> {
    /// Nothing so far.
    #[must_use]
    pub fn new(model: &'m Model) -> Seen<'m> {
        let lines = lines(model);
        let by_order = lines.iter().enumerate().filter_map(|(i, (order, _))| Some(((*order)?, i))).collect();
        Seen { model, lines, by_order }
    }

    /// One more test; one that says no date was run as of `now`.
    pub fn add(&mut self, result: &TestResult<'_>, now: Instant) {
        let interpreter = Interpreter::new(self.model, result.test.as_of.map_or(now, Model::as_of));
        self.test(&interpreter, &result.lead, &result.outcome);
    }

    /// All of it.
    #[must_use]
    pub fn coverage(self) -> Coverage {
        let mut lines: Vec<Line> = self.lines.into_iter().map(|(_, line)| line).collect();
        lines.sort_by_key(|l| l.span);
        Coverage { lines }
    }

    fn test(&mut self, interpreter: &Interpreter<'_>, lead: &Lead, outcome: &Outcome) {
        let (_, trace) = interpreter.trace(lead);
        for rule in &trace.rules {
            let at = self.by_order.range(..=rule.order).next_back().map(|(_, &i)| i);
            let Some((_, line)) = at.and_then(|i| self.lines.get_mut(i)) else { continue };
            let truth = match rule.state {
                RuleState::Fired | RuleState::NothingCounted | RuleState::AmountMissing => Some(Some(true)),
                RuleState::IfNot | RuleState::Not => Some(Some(false)),
                RuleState::Unknown => Some(None),
                RuleState::PassedOver => None,
            };
            if let (Some(sides), Some(truth)) = (&mut line.sides, truth) {
                sides.see(truth);
            }
            line.is_reached |= matches!(rule.state, RuleState::Fired | RuleState::IfNot);
        }
        let excluded = outcome.score.is_none();
        let first = self.lines.iter().position(|(order, _)| order.is_none()).unwrap_or(self.lines.len());
        interpreter.beside(lead, outcome, |beside| self.others(beside, outcome, (excluded, first)));
    }

    /// The lines that are no rules, which begin at `first`.
    fn others(&mut self, beside: &Beside<'_>, outcome: &Outcome, (excluded, first): (bool, usize)) {
        let mut chosen_labels: BTreeMap<String, bool> = BTreeMap::new();
        let fired: HashSet<u32> =
            outcome.fired.iter().filter(|f| f.kind == FiredKind::Reset).map(|f| f.order).collect();
        let resets =
            self.model.groups.iter().flat_map(|g| &g.reset_at).filter(|r| fired.contains(&r.order)).map(|r| r.span);
        let resets: HashSet<Span> = resets.collect();
        for (i, (kind, span, of, condition)) in others(self.model).into_iter().enumerate() {
            // An excluded lead is asked nothing else.
            if excluded && kind != LineKind::Exclude {
                continue;
            }
            let truth = match condition {
                Some(condition) => beside.expects(condition),
                None if kind == LineKind::Reset => Some(resets.contains(&span)),
                None => Some(true),
            };
            let Some((_, line)) = self.lines.get_mut(first + i) else { continue };
            if kind == LineKind::LabelLine {
                // Only the first line that is true is chosen, and those behind it are not asked.
                let chosen = chosen_labels.entry(of).or_default();
                if *chosen {
                    continue;
                }
                *chosen = truth == Some(true);
            }
            if let Some(sides) = &mut line.sides {
                sides.see(truth);
            }
            line.is_reached |= truth == Some(true);
        }
    }
}
