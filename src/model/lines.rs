//! The lines of a model that can take effect: one list, in the order of the file. Results, words, counts and coverage refer
//! to a line by its place there.

use super::{GroupId, Model, Template};
use crate::source::{Called, Span};

/// A line's place in [`Model::lines`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LineId(pub usize);

/// What kind of line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LineKind {
    /// A rule.
    Rule,
    /// A line of a table of points.
    TableLine,
    /// `reset if …`
    #[serde(rename = "reset")]
    ResetIf,
    /// `reset at …`
    #[serde(rename = "reset")]
    ResetAt,
    /// How a group fades in silence, or the whole score where it belongs to no group.
    Fading,
    /// `up to 50 if …`, `never below 10 if …`
    #[serde(rename = "bounds")]
    Limit,
    /// The bounds of a group, or of the whole score where it belongs to no group.
    Bounds,
    /// `NAME if …`
    StageLine,
    /// `NAME and above only if …`
    Gate,
    /// `disqualify if …`
    Disqualify,
    /// `exclude if …`
    Exclude,
    /// `review if …`
    Review,
    /// A line of a label.
    LabelLine,
}

/// Which of the amounts of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Branch {
    /// What it gives where its condition holds. Lines that are no rules have this branch alone.
    Then,
    /// What it gives behind `if not`.
    IfNot,
}

/// A line that can take effect.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// What kind of line.
    pub kind: LineKind,
    /// The group that it stands in.
    pub group: Option<GroupId>,
    /// The whole line; of a file read as a table its path.
    pub span: Span,
    /// What stands for it in results: a condition, what is counted, the case of a table.
    pub subject: Span,
    /// The activity that the subject begins with.
    pub called: Option<Called>,
    /// `because "…"`
    pub because: Option<Template>,
    /// The `because "…"` behind `if not`.
    pub because_not: Option<Template>,
}

impl Line {
    /// The `because` of a branch.
    #[must_use]
    pub fn because(&self, branch: Branch) -> Option<&Template> {
        match branch {
            Branch::Then => self.because.as_ref(),
            Branch::IfNot => self.because_not.as_ref(),
        }
    }
}

/// What a line is that another model has.
static NO_LINE: Line = Line {
    kind: LineKind::Rule,
    group: None,
    span: Span { file: crate::source::FileId(0), start: 0, end: 0 },
    subject: Span { file: crate::source::FileId(0), start: 0, end: 0 },
    called: None,
    because: None,
    because_not: None,
};

impl Model {
    /// A line of this model.
    #[must_use]
    pub fn line(&self, id: LineId) -> &Line {
        self.lines.get(id.0).unwrap_or(&NO_LINE)
    }
}
