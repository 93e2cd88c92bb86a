//! What a rule file means: names looked up, types known, everything that evaluation needs and nothing else.
//!
//! Owns only data; `check` makes it, `eval` walks it. Ids are indices into the vectors of [`Model`].

mod expr;
mod lines;
mod walk;

pub use crate::points::AgeingKind;
pub use expr::{Activity, Count, Expr, ExprKind, Needle, OfProfile, Window};
pub use lines::{Branch, Line, LineId, LineKind};
pub use walk::{Owner, Part, Role};

use std::collections::{BTreeMap, BTreeSet};

use crate::number::Decimal;
use crate::source::{Sources, Span};
use crate::text::is_one_of;
use crate::time::{Date, Instant, Period, RateWindow, Written, Zone};
use crate::value::{CellFormat, Type, Value};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident)*) => {
        $($(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub usize);)*
    };
}

ids! {
    /// A field of [`Model::fields`].
    FieldId
    /// A `let` or profile of [`Model::definitions`].
    DefinitionId
    /// A score group of [`Model::groups`].
    GroupId
    /// A label of [`Model::labels`].
    LabelId
    /// An activity query of [`Model::queries`].
    QueryId
    /// An activity type of [`Model::activity_types`].
    ActivityTypeId
    /// A property of [`Model::properties`].
    PropertyId
    /// A lookup table of [`Model::tables`].
    LookupId
}

/// A checked model.
#[derive(Debug, Clone)]
pub struct Model {
    /// What the model block says.
    pub info: Info,
    /// `sha256:…` over all its files.
    pub hash: String,
    /// Its files.
    pub sources: Sources,
    /// The lists and tables that it reads beside them, by their names.
    pub files: BTreeSet<String>,
    /// Where days begin, and times without an offset are meant.
    pub zone: Zone,
    /// How leads look.
    pub leads: DataFormat,
    /// How activity looks.
    pub log: DataFormat,
    /// The fields it reads.
    pub fields: Vec<Field>,
    /// Cells that count as missing, folded.
    pub missing_words: Vec<String>,
    /// Declared activity types, and those that are only used.
    pub activity_types: Vec<ActivityType>,
    /// Every different activity that is asked for.
    pub queries: Vec<Query>,
    /// Properties of activity that are read.
    pub properties: Vec<Property>,
    /// `let`s and profiles, each behind those it uses.
    pub definitions: Vec<Definition>,
    /// Tables for `lookup`.
    pub tables: Vec<LookupTable>,
    /// Score groups, in the order of the file.
    pub groups: Vec<Group>,
    /// What stands outside of groups: rules, choices, tables.
    pub loose: Vec<Scoring>,
    /// `score = (…)`.
    pub formula: Option<Expr>,
    /// `score BOUNDS`.
    pub bounds: Bounds,
    /// The line that says them.
    pub bounds_line: Option<LineId>,
    /// How the whole score fades in silence.
    pub fading: Option<Fading>,
    /// Bounds of the whole score under a condition, in the order of the file.
    pub limits: Vec<Limit>,
    /// The ladder.
    pub ladder: Ladder,
    /// `NAME if …`, in the order of the file.
    pub stage_lines: Vec<StageLine>,
    /// `NAME and above only if …`.
    pub gates: Vec<StageLine>,
    /// `disqualify if …`.
    pub disqualify: Vec<Verdict>,
    /// `exclude if …`.
    pub exclude: Vec<Verdict>,
    /// `review if …`.
    pub reviews: Vec<Verdict>,
    /// Labels, in the order of the file.
    pub labels: Vec<Label>,
    /// Every line that can take effect, in the order of the file.
    pub lines: Vec<Line>,
    /// Tests, in the order of the file.
    pub tests: Vec<Test>,
}

/// What the model block says.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Info {
    /// `model "…"`.
    pub name: Option<String>,
    /// `version "…"`.
    pub version: Option<String>,
    /// `owner "…"`.
    pub owner: Option<String>,
    /// `revisit by DATE`.
    pub revisit_by: Option<Date>,
}

/// How a file of leads or of activity looks, where the model says so.
#[derive(Debug, Clone, Default)]
pub struct DataFormat {
    /// The column of the lead's id.
    pub id: Option<String>,
    /// Columns that hold it in files of the libraries that are used, where `id` says nothing.
    pub usual_ids: Vec<String>,
    /// Columns of other ids, whose activity counts as well.
    pub other_ids: Vec<String>,
    /// The sheet of a workbook.
    pub sheet: Option<String>,
    /// The row of the header, from 1.
    pub header_row: Option<u64>,
    /// Rows that are left out.
    pub ignore: Vec<RowTest>,
    /// How cells are written.
    pub cells: CellFormat,
    /// Cells that count as missing, folded.
    pub missing_words: Vec<String>,
    /// The encoding.
    pub encoding: Option<String>,
    /// What stands between cells.
    pub delimiter: Option<u8>,
    /// What the file is.
    pub format: Option<String>,
    /// Of activity: the columns that say whose it is; in each file the first that is there counts.
    pub lead: Vec<LeadColumns>,
    /// Of activity: the columns of the type.
    pub kind: Vec<String>,
    /// Of activity: the columns of the target.
    pub target: Vec<String>,
    /// Of activity: the columns of the date.
    pub at: Vec<String>,
    /// Of activity: the columns of what tells copies.
    pub event_id: Vec<String>,
}

/// `lead "Email Address" = email`: columns of activity that say whose it is.
#[derive(Debug, Clone, PartialEq)]
pub struct LeadColumns {
    /// The columns.
    pub columns: Vec<String>,
    /// The field of leads that holds the same; the id where there is none.
    pub field: Option<FieldId>,
}

/// `ignore rows where …`: a condition over the columns of a file alone.
#[derive(Debug, Clone)]
pub struct RowTest {
    /// A model whose fields are the columns, and which excludes the rows.
    pub model: Box<Model>,
    /// The line.
    pub span: Span,
}

/// A field: where its value comes from and how cells are read.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// The name, as the model writes it.
    pub name: String,
    /// The keys of the columns that may hold it, the field's own first (see [`crate::text::name_key`]); a nested path
    /// has its segments joined by dots.
    pub keys: Vec<String>,
    /// The type of its values.
    pub of_type: Type,
    /// How its cells are written.
    pub format: CellFormat,
    /// What counts as missing in it, folded.
    pub missing_words: Vec<String>,
    /// Where it is declared, or first used.
    pub span: Span,
    /// Whether there is a `field` line for it.
    pub is_declared: bool,
    /// Whether it comes from Merit's library, and nothing but the library asks for it.
    pub is_of_library: bool,
}

impl Field {
    /// Whether a text counts as missing in it.
    #[must_use]
    pub fn is_missing_word(&self, text: &str) -> bool {
        is_one_of(text, &self.missing_words)
    }
}

/// An activity type by its name in the model.
#[derive(Debug, Clone, PartialEq)]
pub struct ActivityType {
    /// The name, as the model writes it.
    pub name: String,
    /// The name, folded.
    pub folded: String,
    /// Other systems' types that count as this one.
    pub from: Vec<ActivitySource>,
    /// The key of the property that holds the target, where a record has it.
    pub target: Option<String>,
    /// Whether `activity()` sees it.
    pub is_engagement: bool,
}

impl ActivityType {
    /// The key of the property in which its records have their targets, by one of its sources.
    #[must_use]
    pub fn target_key(&self, source: Option<usize>) -> Option<&str> {
        source.and_then(|s| self.from.get(s)?.target.as_deref()).or(self.target.as_deref())
    }
}

/// Another system's type.
#[derive(Debug, Clone, PartialEq)]
pub struct ActivitySource {
    /// The type, folded.
    pub kind: String,
    /// Which of its records.
    pub filter: Option<Expr>,
    /// The key of the property that holds the target.
    pub target: Option<String>,
}

/// An activity that is asked for, without window and count.
#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    /// The type; `None` for `activity()`.
    pub kind: Option<ActivityTypeId>,
    /// The targets; empty for any.
    pub targets: Vec<TargetPattern>,
    /// `where …`.
    pub filter: Option<Expr>,
}

/// A target that is asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct TargetPattern {
    /// As the model writes it.
    pub written: String,
    /// What it is compared with, folded.
    pub test: TargetTest,
}

/// What a target must be. All texts are folded.
#[derive(Debug, Clone, PartialEq)]
pub enum TargetTest {
    /// The whole target.
    Exact(String),
    /// With `*` and `?`.
    Wildcard(String),
    /// Against the path of the target alone, with `*` and `?`. `/x/*` includes `/x`.
    Page(String),
}

/// A property of activity records, read as a type.
#[derive(Debug, Clone, PartialEq)]
pub struct Property {
    /// The name, as the model writes it.
    pub name: String,
    /// The key, see [`crate::text::name_key`].
    pub key: String,
    /// The type of its values.
    pub of_type: Type,
    /// How its values are written.
    pub format: CellFormat,
}

/// A `let`, or a profile: all of its criteria.
#[derive(Debug, Clone, PartialEq)]
pub struct Definition {
    /// The name.
    pub name: String,
    /// What it stands for.
    pub value: Expr,
    /// The type of that.
    pub of_type: Type,
    /// Where it is defined.
    pub span: Span,
    /// The title and the criteria of a profile.
    pub profile: Option<Profile>,
    /// The fields that it reads, itself or through others.
    pub fields: Vec<FieldId>,
}

/// What a profile says beyond its fit.
#[derive(Debug, Clone, PartialEq)]
pub struct Profile {
    /// The title.
    pub title: Option<String>,
    /// The name and text of each criterion; their conditions are the parts of the definition's value.
    pub criteria: Vec<(Option<String>, Span)>,
}

/// A file of two columns.
#[derive(Debug, Clone, PartialEq)]
pub struct LookupTable {
    /// What is looked up, folded (numbers as their shortest decimal), and what it gives.
    pub rows: BTreeMap<String, Value>,
    /// What the line `missing` gives.
    pub missing: Option<Value>,
    /// What the line `otherwise` gives.
    pub otherwise: Option<Value>,
    /// The type of the first column.
    pub key_type: Type,
    /// The type of the second column.
    pub value_type: Type,
}

/// The bounds of a group or of the whole score.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Bounds {
    /// Ten-thousandths.
    pub low: Option<i128>,
    /// Ten-thousandths.
    pub high: Option<i128>,
}

/// `keeping 90% every 30 days of silence`: what is left of a sum after the full periods since the newest engagement.
#[derive(Debug, Clone, PartialEq)]
pub struct Fading {
    /// How.
    pub ageing: Ageing,
    /// All engagement.
    pub query: QueryId,
    /// Its line.
    pub line: LineId,
}

/// A bound under a condition: `up to 50 if …`, `never below 10 if …`.
#[derive(Debug, Clone, PartialEq)]
pub struct Limit {
    /// The one end.
    pub bounds: Bounds,
    /// When it bounds.
    pub condition: Expr,
    /// Its line.
    pub line: LineId,
}

/// A score group.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// The name.
    pub name: String,
    /// The title.
    pub title: Option<String>,
    /// Its bounds.
    pub bounds: Bounds,
    /// How it fades in silence.
    pub fading: Option<Fading>,
    /// Bounds under a condition, in the order of the file.
    pub limits: Vec<Limit>,
    /// Rules, choices, tables.
    pub items: Vec<Scoring>,
    /// `reset if …`.
    pub resets: Vec<Verdict>,
    /// `reset at …`.
    pub reset_at: Vec<ResetAt>,
    /// Its bounds and resets, as a line behind all others of it.
    pub bounds_line: Option<LineId>,
    /// Its header.
    pub span: Span,
}

/// `reset at ACTIVITY`.
#[derive(Debug, Clone, PartialEq)]
pub struct ResetAt {
    /// The newest of these takes all activity before it away.
    pub activity: Activity,
    /// Its line.
    pub line: LineId,
}

/// What gives points.
#[derive(Debug, Clone, PartialEq)]
pub enum Scoring {
    /// A rule.
    Rule(Box<Rule>),
    /// `first of`, `best of`.
    Choice {
        /// `best of`, else `first of`.
        best: bool,
        /// Rules and tables.
        items: Vec<Scoring>,
    },
    /// `points by …`.
    Table(Box<Table>),
}

impl Scoring {
    /// The first of its lines.
    #[must_use]
    pub fn first_line(&self) -> Option<LineId> {
        match self {
            Scoring::Rule(rule) => Some(rule.line),
            Scoring::Table(table) => table.lines.first().map(|l| l.line),
            Scoring::Choice { items, .. } => items.iter().find_map(Scoring::first_line),
        }
    }
}

/// A rule.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// When it fires; always where there is none.
    pub when: Option<Expr>,
    /// What it gives.
    pub amount: Amount,
    /// How often.
    pub counting: Counting,
    /// `at most N times every D`, `at most N times a day`.
    pub rate: Option<Rate>,
    /// How points age.
    pub ageing: Option<Ageing>,
    /// `up to M`.
    pub up_to: Option<Expr>,
    /// What it gives where the condition is false.
    pub if_not: Option<Amount>,
    /// The fields that its points hang on.
    pub fields: Vec<FieldId>,
    /// Its line.
    pub line: LineId,
}

/// `at most N times every D`, `at most N times a day`.
#[derive(Debug, Clone, PartialEq)]
pub struct Rate {
    /// How many records count.
    pub times: u64,
    /// Within what.
    pub within: RateWindow,
    /// Where it stands.
    pub span: Span,
}

/// How much.
#[derive(Debug, Clone, PartialEq)]
pub struct Amount {
    /// Whether it is subtracted.
    pub subtract: bool,
    /// How much: a number, perhaps missing.
    pub value: Expr,
    /// Where it is a number as written.
    pub literal: Option<Decimal>,
}

/// What a rule counts.
#[derive(Debug, Clone, PartialEq)]
pub enum Counting {
    /// Once, aged by the newest record of this activity where the rule ages.
    Once(Option<Activity>),
    /// Each record. `through` says that it is the activity of the rule's condition: true without a record gives the
    /// full points.
    Each {
        /// The activity whose records count.
        activity: Activity,
        /// Whether it is the activity of the rule's own condition.
        through: bool,
    },
    /// The newest record of each target.
    Distinct(Activity),
    /// The full periods since a date.
    SinceDate(Period, Expr),
    /// The full periods since the newest record.
    SinceActivity(Period, Activity),
    /// The full periods in all gaps between engagements.
    Silence(Period, QueryId),
}

/// How points age: what is left after k full periods.
#[derive(Debug, Clone, PartialEq)]
pub struct Ageing {
    /// The length of a period.
    pub every: Period,
    /// Which way.
    pub kind: AgeingKind,
}

/// A table of points.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// What it is about.
    pub by: Expr,
    /// The title.
    pub title: Option<String>,
    /// Its lines.
    pub lines: Vec<CaseLine>,
    /// Where it is read from a file: the number of the line for each key.
    pub keyed: Option<BTreeMap<String, usize>>,
    /// The fields that its points hang on.
    pub fields: Vec<FieldId>,
    /// Its header.
    pub span: Span,
}

/// A line of a table.
#[derive(Debug, Clone, PartialEq)]
pub struct CaseLine {
    /// When it holds.
    pub case: Case,
    /// What it gives.
    pub amount: Amount,
    /// The case in words.
    pub words: String,
    /// Its line.
    pub line: LineId,
}

/// When a line of a table holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Case {
    /// A condition on what the table is about.
    When(Expr),
    /// What the table is about is missing.
    Missing,
    /// Always; `takes_unknown` unless a `missing` line stands above.
    Otherwise {
        /// Whether it also holds where a line above is unknown.
        takes_unknown: bool,
    },
}

/// A text with `{name}` in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Template {
    /// Its parts.
    pub parts: Vec<TemplatePart>,
}

/// A part of a template.
#[derive(Debug, Clone, PartialEq)]
pub enum TemplatePart {
    /// As written.
    Text(String),
    /// What stands for `{name}`.
    Value(Expr),
}

/// The stages, low to high.
#[derive(Debug, Clone, PartialEq)]
pub struct Ladder {
    /// As they are printed.
    pub stages: Vec<String>,
    /// The stage of each spelling (see [`crate::text::name_key`]).
    pub spellings: BTreeMap<String, usize>,
    /// The field that says where the lead stands today.
    pub from: Option<FieldId>,
    /// Whether a lead never falls below that.
    pub never_lower: bool,
}

/// `sql if …`, or a gate.
#[derive(Debug, Clone, PartialEq)]
pub struct StageLine {
    /// The stage's place on the ladder.
    pub stage: usize,
    /// The condition that leads there, or without which nobody passes.
    pub condition: Expr,
    /// Its line.
    pub line: LineId,
}

/// A line that decides: exclude, disqualify, review, reset.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// The condition under which it decides.
    pub condition: Expr,
    /// Its line.
    pub line: LineId,
}

/// A label.
#[derive(Debug, Clone, PartialEq)]
pub struct Label {
    /// The name.
    pub name: String,
    /// The title.
    pub title: Option<String>,
    /// Its lines, in the order of the file.
    pub lines: Vec<LabelLine>,
    /// Whether it hangs on the stage.
    pub asks_for_stage: bool,
    /// Where its name is defined.
    pub span: Span,
}

/// A line of a label.
#[derive(Debug, Clone, PartialEq)]
pub struct LabelLine {
    /// What the label says where this line is the first that holds.
    pub text: Template,
    /// When it holds; `otherwise` has none.
    pub condition: Option<Expr>,
    /// Its line.
    pub line: LineId,
}

/// A test.
#[derive(Debug, Clone, PartialEq)]
pub struct Test {
    /// What it shows.
    pub name: String,
    /// As of when; `None` where the file says nothing, then it is now.
    pub as_of: Option<Date>,
    /// The lead's values, by columns.
    pub lead: Vec<TestValue>,
    /// Its activity.
    pub activity: Vec<TestActivity>,
    /// What must hold.
    pub expect: Vec<(Expr, Span)>,
    /// Its place in the file.
    pub span: Span,
}

/// A cell of a test, or a property of an activity that is made up.
#[derive(Debug, Clone, PartialEq)]
pub struct TestValue {
    /// The column or property, as written.
    pub name: String,
    /// Its key, see [`crate::text::name_key`].
    pub key: String,
    /// What the cell holds.
    pub value: crate::value::Raw,
    /// Where its name stands.
    pub span: Span,
}

/// A lead may have done no more than so much that is made up: in a test, or in a session.
pub const MOST_RECORDS: usize = 100_000;

/// An activity of a test.
#[derive(Debug, Clone, PartialEq)]
pub struct TestActivity {
    /// The type.
    pub kind: String,
    /// Where its name stands.
    pub span: Span,
    /// The target.
    pub target: Option<String>,
    /// The properties.
    pub properties: Vec<TestValue>,
    /// The moment at which it happened.
    pub when: Moment,
    /// How often; see [`MOST_RECORDS`].
    pub times: usize,
}

/// When a test's activity happened.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Moment {
    /// So long before as-of; `None` for as-of itself.
    Ago(Option<Period>),
    /// On this date.
    On(Date),
}

impl Model {
    /// As-of from a date: the last moment of a whole day, in the model's zone.
    #[must_use]
    pub fn as_of(&self, date: Written) -> Instant {
        date.in_zone(&self.zone).last()
    }

    /// The property keys of activity that the model reads, without `type`, `target` and `at`.
    pub fn property_keys(&self) -> impl Iterator<Item = &str> {
        let targets = self
            .activity_types
            .iter()
            .flat_map(|t| t.target.as_deref().into_iter().chain(t.from.iter().filter_map(|s| s.target.as_deref())));
        self.properties.iter().map(|p| p.key.as_str()).chain(targets)
    }

    /// The kinds of records, folded, each with a type that it belongs to, and by which of its sources; in the order in which they count.
    pub fn kinds_of_records(&self) -> impl Iterator<Item = (&str, ActivityTypeId, Option<usize>)> {
        self.activity_types.iter().enumerate().flat_map(|(i, kind)| {
            let others = kind.from.iter().enumerate().filter(|(_, source)| source.kind != kind.folded);
            let others = others.map(move |(s, source)| (&*source.kind, ActivityTypeId(i), Some(s)));
            std::iter::once((&*kind.folded, ActivityTypeId(i), None)).chain(others)
        })
    }

    /// The criteria of a profile.
    #[must_use]
    pub fn criteria(&self, profile: DefinitionId) -> &[Expr] {
        match self.definitions.get(profile.0).map(|d| &d.value.kind) {
            Some(ExprKind::All(criteria)) => criteria,
            _ => &[],
        }
    }
}
