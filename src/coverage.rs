//! What the tests of a model have reached, and what not.
//!
//! Owns the counting: which lines took effect in some test, and which sides of their conditions were seen. Draws nothing.

use std::collections::{BTreeMap, HashSet};

use crate::eval::{Beside, FiredKind, Interpreter, Outcome, RuleState};
use crate::lead::Lead;
use crate::model::{Expr, LineId, LineKind, Model, Scoring};
use crate::source::Span;
use crate::testing::TestResult;
use crate::time::Instant;

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
    /// What kind of line; bounds are none.
    pub kind: LineKind,
    /// Its place in the file.
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
    lines: Vec<Line>,
    /// By line of the model, which of `lines` stands for it.
    place: Vec<Option<usize>>,
    /// The lines with a condition that are no rules, and what they are about.
    others: Vec<(LineId, Option<&'m Expr>)>,
}

fn hangs_on_fields(model: &Model, condition: &Expr) -> bool {
    let mut fields = Vec::new();
    model.collect_fields(condition, &mut fields);
    !fields.is_empty()
}

impl<'m> Seen<'m> {
    /// Nothing so far.
    #[must_use]
    pub fn new(model: &'m Model) -> Seen<'m> {
        let mut seen = Seen { model, lines: Vec::new(), place: vec![None; model.lines.len()], others: Vec::new() };
        let items = model.loose.iter().chain(model.groups.iter().flat_map(|g| &g.items));
        items.for_each(|item| seen.scoring(item));
        for group in &model.groups {
            group.limits.iter().for_each(|l| seen.other(l.line, &group.name, Some(&l.condition)));
            group.resets.iter().for_each(|r| seen.other(r.line, &group.name, Some(&r.condition)));
            group.reset_at.iter().for_each(|r| seen.other(r.line, &group.name, None));
        }
        model.limits.iter().for_each(|l| seen.other(l.line, "", Some(&l.condition)));
        let stage = |rank: usize| model.ladder.stages.get(rank).map_or("", String::as_str);
        for line in model.stage_lines.iter().chain(&model.gates) {
            seen.other(line.line, stage(line.stage), Some(&line.condition));
        }
        for verdict in model.disqualify.iter().chain(&model.exclude).chain(&model.reviews) {
            seen.other(verdict.line, "", Some(&verdict.condition));
        }
        for label in &model.labels {
            label.lines.iter().for_each(|l| seen.other(l.line, &label.name, l.condition.as_ref()));
        }
        seen
    }

    fn scoring(&mut self, item: &'m Scoring) {
        match item {
            Scoring::Rule(rule) => {
                self.line(rule.line, "", rule.when.as_ref());
            }
            // Lines of a file are data; the table as a whole is reached where one of them holds.
            Scoring::Table(table) if table.keyed.is_some() => {
                let Some(first) = table.lines.first() else { return };
                let at = self.line(first.line, "", None);
                if let Some(line) = self.lines.get_mut(at) {
                    line.span = table.span;
                }
                for case in &table.lines {
                    if let Some(place) = self.place.get_mut(case.line.0) {
                        *place = Some(at);
                    }
                }
            }
            Scoring::Table(table) => {
                for case in &table.lines {
                    self.line(case.line, "", None);
                }
            }
            Scoring::Choice { items, .. } => items.iter().for_each(|i| self.scoring(i)),
        }
    }

    fn other(&mut self, line: LineId, of: &str, condition: Option<&'m Expr>) {
        self.line(line, of, condition);
        self.others.push((line, condition));
    }

    /// One more line, and its place among them.
    fn line(&mut self, id: LineId, of: &str, condition: Option<&Expr>) -> usize {
        let line = self.model.line(id);
        let at = self.lines.len();
        self.lines.push(Line {
            kind: line.kind,
            span: line.span,
            of: of.to_owned(),
            is_reached: false,
            sides: condition.map(|_| Sides::default()),
            can_be_unknown: condition.is_some_and(|c| hangs_on_fields(self.model, c)),
        });
        if let Some(place) = self.place.get_mut(id.0) {
            *place = Some(at);
        }
        at
    }

    fn of(&mut self, line: LineId) -> Option<&mut Line> {
        let at = self.place.get(line.0).copied().flatten()?;
        self.lines.get_mut(at)
    }

    /// One more test; one that says no date was run as of `now`.
    pub fn add(&mut self, result: &TestResult<'_>, now: Instant) {
        let interpreter = Interpreter::new(self.model, crate::testing::as_of(result.test, now));
        self.test(&interpreter, &result.lead, &result.outcome);
    }

    /// All of it.
    #[must_use]
    pub fn coverage(self) -> Coverage {
        let mut lines = self.lines;
        lines.sort_by_key(|l| l.span);
        Coverage { lines }
    }

    fn test(&mut self, interpreter: &Interpreter<'_>, lead: &Lead, outcome: &Outcome) {
        let (_, trace) = interpreter.trace(lead);
        for rule in &trace.rules {
            let Some(line) = self.of(rule.line) else { continue };
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
        interpreter.beside(lead, outcome, |beside| self.others(beside, outcome));
    }

    /// The lines that are no rules.
    fn others(&mut self, beside: &Beside<'_>, outcome: &Outcome) {
        let fired: HashSet<LineId> =
            outcome.fired.iter().filter(|f| f.kind == FiredKind::Reset).map(|f| f.line).collect();
        let mut chosen_labels: BTreeMap<String, bool> = BTreeMap::new();
        for (id, condition) in self.others.clone() {
            let Some(line) = self.of(id) else { continue };
            // An excluded lead is asked nothing else.
            if outcome.score.is_none() && line.kind != LineKind::Exclude {
                continue;
            }
            let truth = match condition {
                Some(condition) => beside.expects(condition),
                None if line.kind == LineKind::ResetAt => Some(fired.contains(&id)),
                None => Some(true),
            };
            if line.kind == LineKind::LabelLine {
                // Only the first line that is true is chosen, and those behind it are not asked.
                let chosen = chosen_labels.entry(line.of.clone()).or_default();
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
