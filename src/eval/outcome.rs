//! What evaluation gives: the outcome, and the trace behind it.

use crate::model::{Branch, FieldId, GroupId, LineId};
use crate::time::Instant;
use crate::value::Stage;

/// The answer for one lead.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// The score in ten-thousandths; none of an excluded lead.
    pub score: Option<i128>,
    /// The scores of the groups, in the order of the model; empty of an excluded lead.
    pub groups: Vec<i128>,
    /// The stage reached.
    pub stage: Stage,
    /// Against where the lead stood, where the model asks for it and the lead says it.
    pub change: Option<Change>,
    /// The labels, in the order of the model.
    pub labels: Vec<Option<String>>,
    /// The highest stage that missing data leaves open.
    pub could_be: Stage,
    /// The lowest score that missing data leaves open; `None` where it is unbounded, or of an excluded lead.
    pub possible_low: Option<i128>,
    /// The highest score that missing data leaves open.
    pub possible_high: Option<i128>,
    /// The fields whose absence matters, in the order of the model.
    pub missing: Vec<FieldId>,
    /// The reviews that are asked for.
    pub reviews: Vec<String>,
    /// What took effect, in the order of the file.
    pub fired: Vec<Fired>,
}

/// Whether the stage is higher than where the lead stood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// It is higher.
    Raised,
    /// It is the same.
    Same,
    /// It is lower.
    Lowered,
}

/// A line that took effect.
#[derive(Debug, Clone, PartialEq)]
pub struct Fired {
    /// What it did.
    pub kind: FiredKind,
    /// Which line of the model.
    pub line: LineId,
    /// Its `because`, filled in.
    pub because: Option<String>,
    /// The group it belongs to.
    pub group: Option<GroupId>,
    /// What it gave, in ten-thousandths.
    pub points: Option<i128>,
    /// Which of its amounts it gave.
    pub branch: Branch,
}

/// What a line did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FiredKind {
    /// A rule or table line gave points.
    Points,
    /// A reset took effect.
    Reset,
    /// A sum faded in silence, by so many points.
    Fading,
    /// A bound or reset changed a sum by so many points.
    Bounds,
    /// The stage line that decided.
    Stage,
    /// The lead is disqualified.
    Disqualify,
    /// The lead is excluded.
    Exclude,
}

impl FiredKind {
    /// Whether it says how many points came or went.
    #[must_use]
    pub fn changes_points(self) -> bool {
        matches!(self, FiredKind::Points | FiredKind::Fading | FiredKind::Bounds)
    }
}

/// How every rule came to what it gave.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Trace {
    /// Rules and tables, in the order of the file.
    pub rules: Vec<RuleTrace>,
    /// Groups, in the order of the model.
    pub groups: Vec<GroupTrace>,
    /// The sum, or what the formula gave, before anything was done to the whole score.
    pub sum: i128,
    /// The newest engagement, where something fades in silence.
    pub newest_engagement: Option<Instant>,
}

/// How one rule came to what it gave.
#[derive(Debug, Clone, PartialEq)]
pub struct RuleTrace {
    /// Which line of the model; of a table the line that held, else its first.
    pub line: LineId,
    /// The group it belongs to.
    pub group: Option<GroupId>,
    /// What became of it.
    pub state: RuleState,
    /// Points before `up to`.
    pub before_cap: i128,
    /// Points after it.
    pub points: i128,
    /// The records that counted, oldest first; those without an instant first of all.
    pub counted: Vec<Counted>,
    /// The fields because of which it is not known.
    pub unknown: Vec<FieldId>,
}

/// What became of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RuleState {
    /// Its condition holds, and it gave points.
    Fired,
    /// Its condition is false, and it gave the points of its `if not` side.
    IfNot,
    /// Its condition is false.
    Not,
    /// Its condition is not known.
    Unknown,
    /// Its condition holds, but nothing counted.
    NothingCounted,
    /// Its condition holds, but how much it gives is not known.
    AmountMissing,
    /// Another rule of the same choice came first or gave more.
    PassedOver,
}

/// A record that counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted {
    /// Which of the lead's activity.
    pub activity: usize,
    /// The instant at which it happened, if that is known.
    pub at: Option<Instant>,
    /// What it gave, in ten-thousandths.
    pub points: i128,
}

/// How one group came to its score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct GroupTrace {
    /// The sum of its rules.
    pub sum: i128,
    /// After its resets, fading and bounds.
    pub score: i128,
    /// Whether a `reset if` made it 0.
    pub is_reset: bool,
    /// The instant up to which it is blind.
    pub blind_until: Option<Instant>,
}
