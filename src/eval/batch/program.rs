//! A model made ready for many leads: plain data, the same for all threads.
//!
//! Owns the shapes; `compile` makes them. Whatever has no shape here is an *aside*: the interpreter is asked for that one
//! part, for those leads alone where it matters.

use crate::model::{AgeingKind, Branch, Case, DefinitionId, Expr, Label, LineId, Model, OfProfile, Scoring};
use crate::number::Decimal;
use crate::operators::{CompareOp, CountKind, TextTest};
use crate::time::{Instant, Period};

/// A model made ready for many leads and one as-of.
#[derive(Debug)]
pub struct Program<'m> {
    pub(super) model: &'m Model,
    pub(super) as_of: Instant,
    /// What is asked of single fields.
    pub(super) atoms: Vec<Atom>,
    /// By field.
    pub(super) fields: Vec<FieldPlan>,
    pub(super) activity: ActivityPlan,
    /// By definition.
    pub(super) definitions: Vec<Cond>,
    pub(super) groups: Vec<GroupPlan>,
    pub(super) loose: Vec<Item>,
    /// What the conditions of stage lines, gates and verdicts are, in their order.
    pub(super) stage_lines: Vec<Cond>,
    pub(super) gates: Vec<Cond>,
    pub(super) disqualify: Vec<Cond>,
    pub(super) exclude: Vec<Cond>,
    pub(super) reviews: Vec<Cond>,
    /// By label, the conditions of its lines; `None` is `otherwise`.
    pub(super) labels: Vec<Vec<Option<Cond>>>,
    /// The `because` of each line, by its order and side, where it has one.
    pub(super) because: Vec<[Option<Because>; 2]>,
    /// Whether a stage line or a gate asks for a label.
    pub(super) asks_for_labels: bool,
    /// Whether anybody wants to know what could be.
    pub(super) wants_possible: bool,
    /// A definition that is told beside the answers.
    pub(super) watched: Option<usize>,
}

impl<'m> Program<'m> {
    pub(super) fn because(&self, line: LineId, branch: Branch) -> Option<&Because> {
        let [then, if_not] = self.because.get(line.0)?;
        match branch {
            Branch::Then => then.as_ref(),
            Branch::IfNot => if_not.as_ref(),
        }
    }

    /// The same program for those who do not want to know what could be: `could_be`, the possible scores and `missing` are
    /// then as if nothing were missing.
    #[must_use]
    pub fn without_possible(self) -> Program<'m> {
        Program { wants_possible: false, ..self }
    }

    /// The same program, which also tells of which leads a definition holds.
    #[must_use]
    pub fn watching(self, definition: DefinitionId) -> Program<'m> {
        Program { watched: Some(definition.0), ..self }
    }

    /// The model.
    #[must_use]
    pub fn model(&self) -> &'m Model {
        self.model
    }

    /// As of when.
    #[must_use]
    pub fn as_of(&self) -> Instant {
        self.as_of
    }

    /// How many numbers are kept of a lead's activity.
    #[must_use]
    pub fn width(&self) -> usize {
        self.activity.width
    }

    /// The same program for those who want the records of leads as they are.
    #[must_use]
    pub fn keeping_all(mut self) -> Program<'m> {
        self.activity.keeps_all = true;
        self
    }

    /// Whether anybody may ask about records themselves.
    #[must_use]
    pub fn keeps_records(&self) -> bool {
        self.activity.keeps_all || self.activity.kept.contains(&true)
    }
}

/// Something that is asked of one field.
#[derive(Debug)]
pub(super) struct Atom {
    pub field: usize,
    pub asks: Asks,
    /// What it is where the field is missing, now and in the second pass.
    pub where_missing: [Option<bool>; 2],
    pub text: Option<TextAtom>,
    pub number: Option<NumberAtom>,
}

/// What is asked.
#[derive(Debug)]
pub(super) enum Asks {
    /// Whether a condition holds.
    Truth(Expr),
    /// Whether a value is missing. In the second pass unknown where the field is.
    IsMissing(Expr),
}

/// The whole text of a field, or the domain of an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Whole,
    Domain,
}

/// An atom that can be told from the folded text alone.
#[derive(Debug)]
pub(super) struct TextAtom {
    pub part: Part,
    pub test: TextAtomTest,
}

#[derive(Debug)]
pub(super) enum TextAtomTest {
    /// Equal to one of these; the flag turns it round.
    OneOf(Vec<String>, bool),
    /// All or any of these needles.
    Test(TextTest, bool, Vec<String>),
    Known,
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
pub(super) enum NumberAtom {
    Compare(CompareOp, f64),
    Between(f64, f64),
    OneOf(Vec<f64>),
    Known,
    Missing,
}

/// What is read of a field.
#[derive(Debug, Default)]
pub(super) struct FieldPlan {
    /// Its atoms, in order.
    pub atoms: Vec<usize>,
    /// Whether all of them can be told from the text, or from the number.
    pub all_text: bool,
    pub all_number: bool,
    /// Whether nothing is asked of it but where it is missing.
    pub is_unread: bool,
    /// Where all of them can be told from what stands behind the last `@` of a text, the `@` with it: how long that must be.
    pub tail: Option<usize>,
}

/// Why a line took effect, in its author's words.
#[derive(Debug, Clone)]
pub(super) enum Because {
    Text(String),
    /// Names stand in it, and it is filled for each lead.
    Filled,
}

/// A condition.
#[derive(Debug)]
pub(super) enum Cond {
    Constant(Option<bool>),
    /// An atom, by its number.
    Atom(usize),
    Not(Box<Cond>),
    All(Vec<Cond>),
    Any(Vec<Cond>),
    AtLeast(u64, Vec<Cond>),
    Unless(Box<Cond>, Box<Cond>),
    Definition(usize),
    OfProfile(OfProfile, usize),
    /// Some record.
    Did(Slot),
    /// So many records.
    Count(CountKind, u64, Slot),
    /// The number of records, or the days since the newest, against a number.
    CountIs(CompareOp, f64, Slot),
    DaysAre(CompareOp, f64, Slot),
    /// The whole score, or that of a group, against a number.
    Score(Option<usize>, super::block::ScoreTest),
    /// A label against texts, now: for each of its lines and for none what holds. In the second pass as the aside says.
    Label(usize, Vec<Option<bool>>, Box<Aside>),
    /// The stage against a stage of the ladder, or against the verdict.
    Stage(CompareOp, crate::value::Stage),
    /// Asked of the interpreter, lead by lead.
    Aside(Box<Aside>),
}

/// A condition that the interpreter answers.
#[derive(Debug)]
pub(super) struct Aside {
    pub expr: Expr,
    pub fields: Vec<usize>,
    /// Whether it asks for results.
    pub results: bool,
    /// Only leads that have a record in all of these are asked about; of all others it is this.
    pub guard: Option<(Vec<Slot>, Option<bool>)>,
}

/// A place in the row of numbers that is kept of a lead's activity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Slot(pub usize);

/// Points outside or inside of a group.
#[derive(Debug)]
pub(super) enum Item {
    Rule(RulePlan),
    Table(TablePlan),
    /// `best of`, else `first of`.
    Choice(bool, Vec<Item>),
    /// Asked of the interpreter: where the condition may hold, and where there is a record.
    Aside(AsideItem),
}

#[derive(Debug)]
pub(super) struct AsideItem {
    pub item: Scoring,
    pub when: Option<Cond>,
    /// Whether it may give points where its condition is false.
    pub if_not: bool,
    pub guard: Option<Slot>,
    pub fields: Vec<usize>,
}

#[derive(Debug)]
pub(super) struct RulePlan {
    pub when: Option<Cond>,
    pub gives: Gives,
    /// In ten-thousandths, the sign of `subtract` not yet applied.
    pub up_to: Option<i64>,
    pub subtract: bool,
    /// What the other side gives, its sign applied.
    pub if_not: Option<i64>,
    pub fields: Vec<usize>,
    pub line: LineId,
}

/// What a rule gives where its condition holds, in ten-thousandths.
#[derive(Debug)]
pub(super) enum Gives {
    Once(i64),
    /// For each record; `through` with its full points where there is none.
    Each {
        amount: i64,
        count: Slot,
        through: bool,
    },
    /// The sum of what each record is worth today. `any` counts records without an instant too.
    EachAged {
        full: i64,
        negative: bool,
        sum: Slot,
        dated: Slot,
        any: Slot,
        through: bool,
    },
    /// What the newest record is worth today.
    OnceAged {
        ageing: usize,
        newest: Slot,
        any: Slot,
    },
    /// The full periods since the newest record.
    Since {
        amount: i64,
        period: Period,
        newest: Slot,
    },
}

#[derive(Debug)]
pub(super) struct TablePlan {
    /// Whether what it is about is missing.
    pub is_missing: Cond,
    pub by_fields: Vec<usize>,
    pub lines: Vec<LinePlan>,
    pub fields: Vec<usize>,
}

#[derive(Debug)]
pub(super) struct LinePlan {
    pub case: CasePlan,
    pub points: i64,
    pub line: LineId,
}

#[derive(Debug)]
pub(super) enum CasePlan {
    When(Cond),
    Missing,
    Otherwise(bool),
}

#[derive(Debug)]
pub(super) struct GroupPlan {
    /// `None` where the interpreter is asked for the whole group.
    pub items: Option<Vec<Item>>,
    pub resets: Vec<Cond>,
}

/// What is kept of activity, and how it is kept.
#[derive(Debug, Default)]
pub(super) struct ActivityPlan {
    pub slots: Vec<SlotPlan>,
    pub ageings: Vec<AgeingPlan>,
    /// How many words a lead's row has.
    pub width: usize,
    /// The instants between which all records of a kind are worth the same, ascending: a record belongs behind all that are
    /// not later.
    pub steps: Vec<i64>,
    /// By query: whether some aside asks for the records themselves.
    pub kept: Vec<bool>,
    /// Whether all records are kept, whatever they are.
    pub keeps_all: bool,
    /// Whether a record's kind can be told from its type, target and properties alone.
    pub by_kind: bool,
}

/// One number kept of a lead's activity.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct SlotPlan {
    pub query: usize,
    /// The window, ends included.
    pub low: i64,
    pub high: i64,
    /// Whether records without an instant count.
    pub undated: bool,
    pub keeps: Keeps,
    pub word: usize,
    pub shift: u32,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Keeps {
    /// Whether there is one: a bit.
    Any,
    /// How many there are, at most so many: a byte up to 255, else a word.
    Count(u32),
    /// The newest instant: two words, offset so that 0 is none.
    Newest,
    /// What all are worth today, at most so much: two words.
    Aged(usize, i64),
}

/// What is left of an amount after k periods.
#[derive(Debug)]
pub(super) struct AgeingPlan {
    /// What is given when new, in ten-thousandths, with its sign.
    pub full: i64,
    /// The same without sign.
    pub amount: Decimal,
    pub kind: AgeingKind,
    pub every: Period,
    /// The latest instants at which 1, 2, … periods are full; for calendar periods only.
    pub calendar: Vec<i64>,
    /// What is left after 0, 1, … periods, in ten-thousandths, without sign.
    pub left: Vec<i64>,
}

/// Whether all lines of a label are written out, so that it can be told by its line alone.
pub(super) fn is_written_out(label: &Label) -> bool {
    label.lines.iter().all(|line| line.text.parts.iter().all(|p| matches!(p, crate::model::TemplatePart::Text(_))))
}

/// Whether a line of a table is one of a condition.
pub(super) fn condition(case: &Case) -> Option<&Expr> {
    match case {
        Case::When(condition) => Some(condition),
        Case::Missing | Case::Otherwise { .. } => None,
    }
}
