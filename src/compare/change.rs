//! A change as data, and the sentence that says it.

use std::fmt;

use serde::Serialize;

/// What a change is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The model block: name, version, owner, the day to look at it again.
    Information,
    /// A field: its type, its columns.
    Field,
    /// How data looks: `leads { … }`, `activity log { … }`.
    Data,
    /// What counts as an activity, and which is engagement.
    Activity,
    /// Words that mean missing.
    MissingWords,
    /// A `let`.
    Let,
    /// A profile, or its title.
    Profile,
    /// A criterion of a profile.
    Criterion,
    /// A score group: its title, its bounds.
    Score,
    /// A rule.
    Rule,
    /// `first of` or `best of`.
    Choice,
    /// A table of points.
    Table,
    /// A line of a table.
    TableLine,
    /// What sets a group to nothing.
    Reset,
    /// `score = …`.
    Formula,
    /// The bounds of the whole score.
    Bounds,
    /// The ladder.
    Stages,
    /// A way to a stage.
    Stage,
    /// A gate.
    Gate,
    /// A line that disqualifies.
    Disqualify,
    /// A line that excludes.
    Exclude,
    /// A label, or its title.
    Label,
    /// A line of a label.
    LabelLine,
    /// A review.
    Review,
    /// A test, or as of when tests are.
    Test,
    /// The order of statements.
    Order,
}

/// What happened to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// It is in both models, and says something else.
    Changed,
    /// It is in the new model alone.
    New,
    /// It is in the old model alone.
    Gone,
    /// It means the same under another name.
    Renamed,
    /// It stands elsewhere.
    Moved,
}

/// One thing that differs between two models.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Change {
    /// What it is about.
    pub kind: Kind,
    /// What happened to it.
    pub what: What,
    /// The block that it belongs to, such as `profile icp`.
    pub within: Option<String>,
    /// Its name for people.
    pub subject: String,
    /// What differs, of what is in both models; of a rename the names.
    pub details: Vec<Detail>,
    /// What it said; none of what is new, and of blocks.
    pub before: Option<String>,
    /// What it says; none of what is gone, and of blocks.
    pub after: Option<String>,
    /// Where it stood.
    pub line_before: Option<Place>,
    /// Where it stands.
    pub line_after: Option<Place>,
}

/// A part that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Detail {
    /// Which: `points`, `threshold`, `up to`; empty where before and after say it themselves.
    pub what: String,
    /// What it was; of a list, what it no longer holds.
    pub before: Option<String>,
    /// What it is; of a list, what it holds besides.
    pub after: Option<String>,
    /// All of it for people.
    pub words: String,
}
/// A line of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Place {
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
}

impl Change {
    /// Whether it can do anything to the answer for a lead, be it a reason in other words.
    #[must_use]
    pub fn can_be_seen(&self) -> bool {
        match self.kind {
            Kind::Information | Kind::Test => false,
            Kind::Let | Kind::Profile => self.what != What::Renamed,
            _ => true,
        }
    }

    /// Its name with that of its block: `profile icp, size`.
    #[must_use]
    pub fn name(&self) -> String {
        match &self.within {
            Some(within) if self.subject.is_empty() => within.clone(),
            Some(within) => format!("{within}, {}", self.subject),
            None if self.what == What::Renamed => self.to_string(),
            None => self.subject.clone(),
        }
    }
}

impl fmt::Display for Change {
    /// `score engagement, Looked at prices: +30 → +25`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let details: Vec<String> = self.details.iter().map(|d| d.words.clone()).collect();
        let details = if details.is_empty() { String::new() } else { format!(": {}", details.join("; ")) };
        let name = if self.what == What::Renamed { self.subject.clone() } else { self.name() };
        match self.what {
            What::Changed => write!(f, "{name}{details}"),
            What::New => write!(f, "new: {name}{details}"),
            What::Gone => write!(f, "gone: {name}{details}"),
            What::Renamed => write!(f, "renamed: {name}{}", details.replacen(": ", " ", 1)),
            What::Moved => write!(f, "moved: {name}{details}"),
        }
    }
}

impl Detail {
    /// A part that was and is, or was not, or is no more.
    pub(super) fn new(what: &str, before: Option<String>, after: Option<String>) -> Detail {
        // That points are points need not be said.
        let named = if what.is_empty() || what == "points" { String::new() } else { format!("{what} ") };
        let words = match (&before, &after) {
            (Some(before), Some(after)) => format!("{named}{before} → {after}"),
            (Some(before), None) => format!("no longer {named}{before}"),
            (None, Some(after)) => format!("now {named}{after}"),
            (None, None) => what.to_owned(),
        };
        Detail { what: what.to_owned(), before, after, words }
    }

    /// What a list no longer holds, and what it holds besides.
    pub(super) fn members(what: &str, gone: Option<String>, new: Option<String>) -> Detail {
        // `country now also "DE"`, but `now also from "Staff"`.
        let (of, from) = match what {
            "" => (String::new(), ""),
            "from" => (String::new(), "from "),
            what => (format!("{what} "), ""),
        };
        let words = match (&gone, &new) {
            (Some(gone), Some(new)) => format!("{of}now also {from}{new}, no longer {from}{gone}"),
            (Some(gone), None) => format!("{of}no longer {from}{gone}"),
            (None, Some(new)) => format!("{of}now also {from}{new}"),
            (None, None) => what.to_owned(),
        };
        Detail { what: what.to_owned(), before: gone, after: new, words }
    }

    /// A part that is said by a sentence alone.
    pub(super) fn said(words: impl Into<String>) -> Detail {
        Detail { what: String::new(), before: None, after: None, words: words.into() }
    }
}
