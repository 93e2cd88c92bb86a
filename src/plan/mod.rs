//! The lowered model: conditions over single fields, numbers kept of activity, rules, groups, ladder. What an engine that
//! looks at many leads at once, or writes the model in another language, begins with.
//!
//! Whatever has no such shape says why, and is left to the interpreter (in whole or in part). How an engine lays out and
//! answers a plan is its own affair.

mod conditions;
mod deps;
mod scoring;

pub(crate) use conditions::asks_for_labels;
pub use deps::Deps;

use crate::model::{Ageing, Case, Expr, Label, LineId, OfProfile, Scoring};
use crate::number::Decimal;
use crate::operators::{CompareOp, CountKind, TextTest};
use crate::points::to_float;
use crate::time::Period;

/// A model and an as-of, lowered.
#[derive(Debug, Default)]
pub struct Plan {
    /// What is asked of single fields.
    pub atoms: Vec<Atom>,
    /// By field, its atoms in order.
    pub fields: Vec<Vec<usize>>,
    /// The numbers that are kept of a lead's activity.
    pub slots: Vec<SlotPlan>,
    /// How amounts age.
    pub ageings: Vec<AgeingPlan>,
    /// By query: whether somebody asks for the records themselves.
    pub kept: Vec<bool>,
    /// By definition.
    pub definitions: Vec<Cond>,
    /// By group.
    pub groups: Vec<GroupPlan>,
    /// Points outside of groups.
    pub loose: Vec<Item>,
    /// How the whole score fades.
    pub fading: Option<FadingPlan>,
    /// The conditions of its bounds.
    pub limits: Vec<Cond>,
    /// What the conditions of stage lines, gates and verdicts are, in their order.
    pub stage_lines: Vec<Cond>,
    /// See `stage_lines`.
    pub gates: Vec<Cond>,
    /// See `stage_lines`.
    pub disqualify: Vec<Cond>,
    /// See `stage_lines`.
    pub exclude: Vec<Cond>,
    /// See `stage_lines`.
    pub reviews: Vec<Cond>,
    /// By label, the conditions of its lines; `None` is `otherwise`.
    pub labels: Vec<Vec<Option<Cond>>>,
    /// Whether a stage line or a gate asks for a label.
    pub asks_for_labels: bool,
}

/// Why something has no shape in a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// It compares fields with each other, with activity or with results.
    SeveralParts,
    /// `A then B`
    Sequence,
    /// Counts of days, or of records near each other.
    SpreadOfRecords,
    /// A value of records: `sum`, `latest`, `earliest`.
    ValueOfRecords,
    /// A window whose ends are not the same for all leads.
    WindowOfLead,
    /// An amount that is not the same for all leads, or a very large one.
    Amount,
    /// `at most N times every D`
    Rate,
    /// `per distinct`
    Distinct,
    /// `per D since DATE`
    SinceDate,
    /// `per D of silence`
    Silence,
    /// A table about more than one field, or a long one.
    Table,
    /// A group with `reset at`.
    ResetAt,
}

/// Something that is asked of one field.
#[derive(Debug)]
pub struct Atom {
    /// The field, by its place in the model.
    pub field: usize,
    /// What is asked of it.
    pub asks: Asks,
    /// What it is where the field is missing, now and in the second pass.
    pub where_missing: [Option<bool>; 2],
    /// Where it can be told from the text alone, how.
    pub text: Option<TextAtom>,
    /// Where it can be told from the number alone, how.
    pub number: Option<NumberAtom>,
}

/// What is asked.
#[derive(Debug)]
pub enum Asks {
    /// Whether a condition holds.
    Truth(Expr),
    /// Whether a value is missing. In the second pass unknown where the field is.
    IsMissing(Expr),
}

/// The whole text of a field, or the domain of an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The whole text.
    Whole,
    /// What stands behind the last `@`.
    Domain,
}

/// An atom that can be told from the folded text alone.
#[derive(Debug)]
pub struct TextAtom {
    /// Which part of the text is looked at.
    pub part: Part,
    /// What is asked of it.
    pub test: TextAtomTest,
}

/// A test of a folded text.
#[derive(Debug)]
pub enum TextAtomTest {
    /// Equal to one of these; the flag turns it round.
    OneOf(Vec<String>, bool),
    /// All or any of these needles.
    Test(TextTest, bool, Vec<String>),
    /// It is not missing.
    Known,
    /// It is missing.
    Missing,
}

impl TextAtom {
    /// How many bytes at the end of an address tell it, the domain and its `@` being among them.
    pub fn tail(&self) -> Option<usize> {
        match (&self.test, self.part) {
            (_, Part::Domain) | (TextAtomTest::Known | TextAtomTest::Missing, _) => Some(1),
            (TextAtomTest::Test(TextTest::EndsWith, _, needles), Part::Whole) => needles.iter().map(String::len).max(),
            _ => None,
        }
    }
}

/// An atom that can be told from the number alone.
#[derive(Debug)]
pub enum NumberAtom {
    /// Against a number.
    Compare(CompareOp, f64),
    /// Between two numbers, both included.
    Between(f64, f64),
    /// Equal to one of these.
    OneOf(Vec<f64>),
    /// It is not missing.
    Known,
    /// It is missing.
    Missing,
}

/// A condition.
#[derive(Debug)]
pub enum Cond {
    /// The same for all leads.
    Constant(Option<bool>),
    /// An atom, by its number.
    Atom(usize),
    /// Turned round.
    Not(Box<Cond>),
    /// All of these.
    All(Vec<Cond>),
    /// Any of these.
    Any(Vec<Cond>),
    /// At least so many of these.
    AtLeast(u64, Vec<Cond>),
    /// The first, and not the second.
    Unless(Box<Cond>, Box<Cond>),
    /// A definition, by its place in the model.
    Definition(usize),
    /// So many criteria of a profile, by its place among the definitions.
    OfProfile(OfProfile, usize),
    /// Some record.
    Did(Slot),
    /// So many records.
    Count(CountKind, u64, Slot),
    /// The number of records against a number.
    CountIs(CompareOp, f64, Slot),
    /// The days since the newest record against a number.
    DaysAre(CompareOp, f64, Slot),
    /// The whole score, or that of a group, against a number.
    Score(Option<usize>, ScoreTest),
    /// A label against texts, now: for each of its lines and for none what holds. In the second pass as the aside says.
    Label(usize, Vec<Option<bool>>, Box<Aside>),
    /// The stage against a stage of the ladder, or against the verdict.
    Stage(CompareOp, crate::value::Stage),
    /// Asked of the interpreter, lead by lead.
    Aside(Box<Aside>),
}

/// A condition that the interpreter answers.
#[derive(Debug)]
pub struct Aside {
    /// Why it has no shape.
    pub why: Why,
    /// The condition.
    pub expr: Expr,
    /// The fields that it hangs on.
    pub fields: Vec<usize>,
    /// Whether it asks for results.
    pub results: bool,
    /// Only leads that have a record in all of these are asked about; of all others it is this.
    pub guard: Option<(Vec<Slot>, Option<bool>)>,
}

/// A number that is kept of a lead's activity, by its place in [`Plan::slots`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slot(pub usize);

/// Points outside or inside of a group.
#[derive(Debug)]
pub enum Item {
    /// A rule.
    Rule(RulePlan),
    /// A table of points.
    Table(TablePlan),
    /// `best of`, else `first of`.
    Choice(bool, Vec<Item>),
    /// Asked of the interpreter: where the condition may hold, and where there is a record.
    Aside(AsideItem),
}

/// Points that the interpreter gives.
#[derive(Debug)]
pub struct AsideItem {
    /// Why it has no shape.
    pub why: Why,
    /// The rule or table.
    pub item: Scoring,
    /// Its condition.
    pub when: Option<Cond>,
    /// Whether it may give points where its condition is false.
    pub if_not: bool,
    /// Where this holds no record, it gives nothing.
    pub guard: Option<Slot>,
    /// The fields that its points hang on.
    pub fields: Vec<usize>,
}

/// A rule.
#[derive(Debug)]
pub struct RulePlan {
    /// When it fires; always where there is none.
    pub when: Option<Cond>,
    /// What it gives.
    pub gives: Gives,
    /// In ten-thousandths, the sign of `subtract` not yet applied.
    pub up_to: Option<i64>,
    /// Whether it takes what it gives.
    pub subtract: bool,
    /// What the other side gives, its sign applied.
    pub if_not: Option<i64>,
    /// The fields that its points hang on.
    pub fields: Vec<usize>,
    /// Its line.
    pub line: LineId,
}

/// What a rule gives where its condition holds, in ten-thousandths.
#[derive(Debug)]
pub enum Gives {
    /// Once.
    Once(i64),
    /// For each record; `through` with its full points where there is none.
    Each {
        /// What each gives.
        amount: i64,
        /// How many there are.
        count: Slot,
        /// Whether there may be none.
        through: bool,
    },
    /// The sum of what each record is worth today. `any` counts records without an instant too.
    EachAged {
        /// What each gives when new.
        full: i64,
        /// Whether that is less than nothing.
        negative: bool,
        /// What all are worth today.
        sum: Slot,
        /// Whether there is one with an instant.
        dated: Slot,
        /// Whether there is one.
        any: Slot,
        /// Whether there may be none.
        through: bool,
    },
    /// What the newest record is worth today.
    OnceAged {
        /// How it ages, by its place in the plan.
        ageing: usize,
        /// The newest.
        newest: Slot,
        /// Whether there is one, with an instant or without.
        any: Slot,
    },
    /// The full periods since the newest record.
    Since {
        /// What each period gives.
        amount: i64,
        /// How long a period is.
        period: Period,
        /// The newest.
        newest: Slot,
    },
}

/// A table of points.
#[derive(Debug)]
pub struct TablePlan {
    /// Whether what it is about is missing.
    pub is_missing: Cond,
    /// The fields that it is about.
    pub by_fields: Vec<usize>,
    /// Its lines.
    pub lines: Vec<LinePlan>,
    /// The fields that its points hang on.
    pub fields: Vec<usize>,
}

/// A line of a table.
#[derive(Debug)]
pub struct LinePlan {
    /// When it holds.
    pub case: CasePlan,
    /// What it gives, in ten-thousandths, its sign applied.
    pub points: i64,
    /// Its line.
    pub line: LineId,
}

/// When a line of a table holds.
#[derive(Debug)]
pub enum CasePlan {
    /// A condition.
    When(Cond),
    /// Where what the table is about is missing.
    Missing,
    /// In all other cases; the flag says also where a line above is unknown.
    Otherwise(bool),
}

/// A score group.
#[derive(Debug)]
pub struct GroupPlan {
    /// Its points; why not where the interpreter is asked for the whole group.
    pub items: Result<Vec<Item>, Why>,
    /// How it fades.
    pub fading: Option<FadingPlan>,
    /// The conditions of its bounds.
    pub limits: Vec<Cond>,
    /// The conditions of its resets.
    pub resets: Vec<Cond>,
}

/// What is left of a sum in silence, in billionths.
#[derive(Debug, Clone, Copy)]
pub struct FadingPlan {
    /// How [`crate::points::ALL`] of it ages.
    pub ageing: usize,
    /// The newest engagement.
    pub newest: Slot,
}

/// One number that is kept of a lead's activity.
#[derive(Debug, Clone, PartialEq)]
pub struct SlotPlan {
    /// The query.
    pub query: usize,
    /// The window, ends included, in microseconds since 1970.
    pub low: i64,
    /// See `low`.
    pub high: i64,
    /// Whether records without an instant count.
    pub undated: bool,
    /// What is kept.
    pub keeps: Keeps,
}

/// What is kept of the records of a query in a window.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Keeps {
    /// Whether there is one.
    Any,
    /// How many there are; beyond so many they need not be told apart.
    Count(u32),
    /// The newest instant.
    Newest,
    /// What all are worth today as an ageing of the plan has it; beyond so much it need not be told apart.
    Aged(usize, i64),
}

/// An amount that ages.
#[derive(Debug)]
pub struct AgeingPlan {
    /// What is given when new.
    pub amount: Decimal,
    /// How it ages.
    pub by: Ageing,
}

/// Whether all lines of a label are written out, so that it can be told by its line alone.
pub fn is_written_out(label: &Label) -> bool {
    label.lines.iter().all(|line| line.text.parts.iter().all(|p| matches!(p, crate::model::TemplatePart::Text(_))))
}

/// Whether a line of a table is one of a condition.
pub fn condition(case: &Case) -> Option<&Expr> {
    match case {
        Case::When(condition) => Some(condition),
        Case::Missing | Case::Otherwise { .. } => None,
    }
}

/// A comparison of points with a number: the least points that reach it, and the least that exceed it.
#[derive(Debug, Clone, Copy)]
pub struct ScoreTest {
    /// The comparison.
    pub op: CompareOp,
    /// The least points, in ten-thousandths, that are not below the number.
    pub reach: i64,
    /// The least points that are above it.
    pub exceed: i64,
}

impl ScoreTest {
    /// Of a comparison with a number of points.
    #[must_use]
    pub fn new(op: CompareOp, n: f64) -> ScoreTest {
        ScoreTest { op, reach: least(n, false), exceed: least(n, true) }
    }
}

/// The least points that are worth at least this number; `beyond` asks for more than it. As [`to_float`] has it, points being
/// in ten-thousandths.
fn least(n: f64, beyond: bool) -> i64 {
    let reaches =
        |points: i64| if beyond { to_float(i128::from(points)) > n } else { to_float(i128::from(points)) >= n };
    // No lead has more or fewer.
    let (mut low, mut high) = (-(1 << 61), 1 << 61);
    while low < high {
        let middle = low + (high - low) / 2;
        if reaches(middle) { high = middle } else { low = middle + 1 }
    }
    low
}
