//! What was written: one tree for a rule file, names not yet looked up.
//!
//! Owns only data. Every node that a message may point at has a span.

use crate::builtins;
use crate::operators::{CompareOp, CountKind, TextTest};
use crate::source::{Called, Span};
use crate::time::{Period, RateWindow, Written};

/// A rule file.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct File {
    /// The statements, in order; broken ones are [`ItemKind::Broken`].
    pub items: Vec<Item>,
    /// The comments, each from its `#` to the end of its line.
    pub comments: Vec<Span>,
}

/// A statement.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// What it says.
    pub kind: ItemKind,
    /// Where, from its first word to its last.
    pub span: Span,
}

/// The kinds of statements.
#[derive(Debug, Clone, PartialEq)]
pub enum ItemKind {
    /// `model "…" { … }`
    Model(Model),
    /// `leads { … }`, `activity log { … }`
    Data(Data),
    /// `field employees: number from "…"`
    Field(Field),
    /// `activity visited from "page_view" target url where …`
    Activity(Activity),
    /// `activity sent, bounced are not engagement`
    NotEngagement(Vec<Name>),
    /// `let freemail = […]`
    Let(Let),
    /// `profile icp "…" { … }`
    Profile(Profile),
    /// `score engagement "…" between 0 and 150 { … }`
    Score(Score),
    /// `score = (0.4 * firmographic + 0.6 * engagement)`
    ScoreFormula(Expr),
    /// `score between 0 and 100`, `score keeping 90% every 30 days of silence`
    ScoreWhole(Whole),
    /// `up to 50 if …`, `never below 10 if …`, in a group or behind `score`
    Limit(Limit),
    /// `when … add …`, `add … per …`
    Rule(Rule),
    /// `first of { … }`, `best of { … }`
    Choice(Choice),
    /// `points by title { … }`
    Table(Table),
    /// `reset if …`, `reset at …`
    Reset(Reset),
    /// `stages lead, mql, sql`
    Stages(Stages),
    /// `sql if …`
    StageLine(StageLine),
    /// `mql and above only if …`
    Gate(StageLine),
    /// `disqualify if …`
    Disqualify(Verdict),
    /// `exclude if …`
    Exclude(Verdict),
    /// `review if …`
    Review(Verdict),
    /// `label grade { … }`
    Label(Label),
    /// `test "…" { … }`
    Test(Test),
    /// `as of 2025-06-30`
    AsOf(Written, Span),
    /// `use "icp.merit"`
    Use(Used),
    /// `treat ["N/A"] as missing in employees, revenue`
    Treat(Treat),
    /// A statement that could not be read; what it would have defined is known but not what it is.
    Broken(Option<Name>),
}

/// A name as written, without backticks.
#[derive(Debug, Clone, PartialEq)]
pub struct Name {
    /// The name.
    pub text: String,
    /// Whether it stood in backticks.
    pub quoted: bool,
    /// Its place in the file.
    pub span: Span,
}

/// What `use` brings in.
#[derive(Debug, Clone, PartialEq)]
pub enum Used {
    /// A file, by its path.
    File(Text),
    /// One of Merit's own library, by its name.
    Library(Name),
}

/// A text with its escapes resolved.
#[derive(Debug, Clone, PartialEq)]
pub struct Text {
    /// The text.
    pub text: String,
    /// Where, quotes included.
    pub span: Span,
}

/// The model block.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Model {
    /// `model "…"`
    pub name: Option<Text>,
    /// Its lines.
    pub entries: Vec<ModelEntry>,
}

/// One line of the model block.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelEntry {
    /// `version`, `owner`, `revisit`, `language`.
    pub key: Name,
    /// What it says.
    pub value: EntryValue,
    /// Where the value stands.
    pub span: Span,
}

/// The value of a line in the model block.
#[derive(Debug, Clone, PartialEq)]
pub enum EntryValue {
    /// A text.
    Text(String),
    /// A date.
    Date(Written),
    /// A whole number.
    Whole(u64),
}

/// `leads { … }`, `activity log { … }`: how data looks.
#[derive(Debug, Clone, PartialEq)]
pub struct Data {
    /// Of the activity, else of the leads.
    pub is_log: bool,
    /// Its lines.
    pub lines: Vec<DataLine>,
}

/// A line of a block on data.
#[derive(Debug, Clone, PartialEq)]
pub struct DataLine {
    /// What it says.
    pub kind: DataLineKind,
    /// Its place in the file.
    pub span: Span,
}

/// What a line of a block on data says.
#[derive(Debug, Clone, PartialEq)]
pub enum DataLineKind {
    /// `id "Record ID"`
    Id(Vec<Text>),
    /// `other ids "Merged record IDs"`
    OtherIds(Vec<Text>),
    /// `sheet "Contacts"`
    Sheet(Text),
    /// `header in row 3`
    HeaderRow(u64),
    /// `ignore rows where CONDITION`
    IgnoreRows(Expr),
    /// `numbers "1.234,56"`
    Numbers(Text),
    /// `dates "MM/DD/YYYY", "YYYY-MM-DD"`
    Dates(Vec<Text>),
    /// `treat ["null"] as missing`
    Treat(Vec<Text>),
    /// `encoding "windows-1252"`
    Encoding(Text),
    /// `delimiter ";"`
    Delimiter(Text),
    /// `format "csv"`
    Format(Text),
    /// `lead "Email Address" = email`
    Lead(Vec<Text>, Option<Name>),
    /// `type "event", "type"`
    Type(Vec<Text>),
    /// `target "properties.url"`
    Target(Vec<Text>),
    /// `at "Activity Date" as "MM/DD/YYYY"`
    At(Vec<Text>, Vec<Text>),
    /// `event id "GUID"`
    EventId(Vec<Text>),
}

impl DataLineKind {
    /// The words that it begins with.
    #[must_use]
    pub fn words(&self) -> &'static str {
        match self {
            DataLineKind::Id(_) => "id",
            DataLineKind::OtherIds(_) => "other ids",
            DataLineKind::Sheet(_) => "sheet",
            DataLineKind::HeaderRow(_) => "header in row",
            DataLineKind::IgnoreRows(_) => "ignore rows where",
            DataLineKind::Numbers(_) => "numbers",
            DataLineKind::Dates(_) => "dates",
            DataLineKind::Treat(_) => "treat",
            DataLineKind::Encoding(_) => "encoding",
            DataLineKind::Delimiter(_) => "delimiter",
            DataLineKind::Format(_) => "format",
            DataLineKind::Lead(..) => "lead",
            DataLineKind::Type(_) => "type",
            DataLineKind::Target(_) => "target",
            DataLineKind::At(..) => "at",
            DataLineKind::EventId(_) => "event id",
        }
    }
}

/// `treat ["N/A", "-"] as missing in employees, revenue`
#[derive(Debug, Clone, PartialEq)]
pub struct Treat {
    /// What stands for nothing.
    pub words: Vec<Text>,
    /// The fields that it is for; none are all.
    pub fields: Vec<Name>,
}

/// `field NAME: TYPE "FORMAT", "FORMAT" from "A", "B"`
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// The name.
    pub name: Name,
    /// The type as written.
    pub of_type: Option<Name>,
    /// The shape of dates.
    pub formats: Vec<Text>,
    /// Other column names.
    pub from: Vec<Text>,
}

/// `activity NAME from "A", "B" target PROPERTY where CONDITION`
#[derive(Debug, Clone, PartialEq)]
pub struct Activity {
    /// The name, several where only `target` is said.
    pub names: Vec<Name>,
    /// Types of other systems.
    pub from: Vec<Text>,
    /// The property that holds the target.
    pub target: Option<Name>,
    /// Which of them.
    pub filter: Option<Expr>,
}

/// `let NAME = VALUE`
#[derive(Debug, Clone, PartialEq)]
pub struct Let {
    /// The name.
    pub name: Name,
    /// What it names.
    pub value: LetValue,
}

/// What a `let` names.
#[derive(Debug, Clone, PartialEq)]
pub enum LetValue {
    /// A value or condition.
    Expr(Expr),
    /// `lines of "competitors.txt"`
    LinesOf(Text),
    /// `table "tiers.csv"`
    Table(Text),
}

/// `profile NAME "TITLE" { … }`
#[derive(Debug, Clone, PartialEq)]
pub struct Profile {
    /// The name.
    pub name: Name,
    /// The title.
    pub title: Option<Text>,
    /// What must hold.
    pub criteria: Vec<Criterion>,
    /// Whether some of it could not be read.
    pub broken: bool,
}

/// `need: requested("quote") or need is known`
#[derive(Debug, Clone, PartialEq)]
pub struct Criterion {
    /// The name before the colon.
    pub name: Option<Name>,
    /// The condition.
    pub condition: Expr,
}

/// `score NAME "TITLE" BOUNDS { … }`
#[derive(Debug, Clone, PartialEq)]
pub struct Score {
    /// The name.
    pub name: Name,
    /// The title.
    pub title: Option<Text>,
    /// Its bounds, and how it fades.
    pub whole: Whole,
    /// Rules, choices, tables, bounds under a condition, resets.
    pub items: Vec<Item>,
}

/// What holds of a sum as a whole.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Whole {
    /// Its bounds.
    pub bounds: Option<Bounds>,
    /// `keeping 90% every 30 days of silence`
    pub fading: Option<Ageing>,
}

/// `up to 50 if CONDITION because "…"`, `never below 10 if …`
#[derive(Debug, Clone, PartialEq)]
pub struct Limit {
    /// `never below`, else `up to`.
    pub is_low: bool,
    /// Which points.
    pub amount: Expr,
    /// When it bounds.
    pub condition: Expr,
    /// `because "…"`
    pub because: Option<Text>,
    /// `up to 50`
    pub span: Span,
}

/// `up to N`, `never below M`, `between M and N`
#[derive(Debug, Clone, PartialEq)]
pub struct Bounds {
    /// The lower end.
    pub low: Option<Expr>,
    /// The upper end.
    pub high: Option<Expr>,
    /// Its place in the file.
    pub span: Span,
}

/// `when CONDITION add AMOUNT …`
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// The condition, if any.
    pub when: Option<Expr>,
    /// What it gives.
    pub amount: Amount,
    /// How often.
    pub how_often: Option<HowOften>,
    /// `at most N times every D`
    pub rate: Option<Rate>,
    /// How points age.
    pub ageing: Option<Ageing>,
    /// `up to M`
    pub up_to: Option<Expr>,
    /// `because "…"`
    pub because: Option<Text>,
    /// `if not add AMOUNT because "…"`
    pub if_not: Option<(Amount, Option<Text>)>,
    /// Whether it is a rule at all is clear only here: the span of `add AMOUNT`.
    pub give_span: Span,
}

/// `add AMOUNT` or `subtract AMOUNT`
#[derive(Debug, Clone, PartialEq)]
pub struct Amount {
    /// Whether it is subtracted.
    pub subtract: bool,
    /// How much.
    pub value: Expr,
}

/// How often a rule gives its points.
#[derive(Debug, Clone, PartialEq)]
pub enum HowOften {
    /// `each time`
    EachTime(Span),
    /// `per ACTIVITY`
    Per(Expr),
    /// `per distinct ACTIVITY`
    PerDistinct(Expr),
    /// `per D since X`
    PerSince(Period, Box<Expr>, Span),
    /// `per D of silence`
    PerSilence(Period, Span),
}

/// `at most N times every D`
#[derive(Debug, Clone, PartialEq)]
pub struct Rate {
    /// How many count.
    pub times: u64,
    /// Within what.
    pub within: RateWindow,
    /// Its place in the file.
    pub span: Span,
}

/// `halving every D`, `keeping P every D`, `losing P every D`
#[derive(Debug, Clone, PartialEq)]
pub struct Ageing {
    /// Which way.
    pub kind: AgeingKind,
    /// The length of a period.
    pub every: Period,
    /// Its place in the file.
    pub span: Span,
}

/// The ways in which points age.
#[derive(Debug, Clone, PartialEq)]
pub enum AgeingKind {
    /// Half of it is left after each period.
    Halving,
    /// This share is left after each period.
    Keeping(Expr),
    /// This share of the first value is lost in each period.
    Losing(Expr),
}

/// `first of { … }`, `best of { … }`
#[derive(Debug, Clone, PartialEq)]
pub struct Choice {
    /// `best of`, else `first of`.
    pub best: bool,
    /// Rules and tables.
    pub items: Vec<Item>,
}

/// `points by X "TITLE" { … }`
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// What it is about.
    pub by: Expr,
    /// The title.
    pub title: Option<Text>,
    /// Its lines, or the file that holds them.
    pub lines: TableLines,
}

/// The lines of a table.
#[derive(Debug, Clone, PartialEq)]
pub enum TableLines {
    /// Written out.
    Here(Vec<CaseLine>),
    /// `from "tiers.csv"`
    From(Text),
}

/// `mentions "VP": 15 because "…"`
#[derive(Debug, Clone, PartialEq)]
pub struct CaseLine {
    /// When it holds.
    pub case: Case,
    /// Where the case stands.
    pub case_span: Span,
    /// What it gives.
    pub amount: Expr,
    /// `because "…"`
    pub because: Option<Text>,
    /// The line.
    pub span: Span,
}

/// When a line of a table holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Case {
    /// `otherwise`
    Otherwise,
    /// `missing`
    Missing,
    /// A comparison without its left side.
    Tail(Tail),
    /// A value or a list: equality.
    Value(Expr),
    /// `A to B`
    Between(Expr, Expr),
    /// `N or more`, `N or less`, `above N`, `below N`
    Order(CompareOp, Expr),
}

/// `reset if CONDITION`, `reset at ACTIVITY`
#[derive(Debug, Clone, PartialEq)]
pub struct Reset {
    /// `at` an activity, else `if` a condition.
    pub at: bool,
    /// The activity, or the condition.
    pub condition: Expr,
    /// `because "…"`
    pub because: Option<Text>,
}

/// `stages a, b = "B" from FIELD never lower`
#[derive(Debug, Clone, PartialEq)]
pub struct Stages {
    /// The ladder, low to high, with other spellings.
    pub names: Vec<(Name, Vec<Text>)>,
    /// The field that says where the lead stands today.
    pub from: Option<Name>,
    /// `never lower`
    pub never_lower: bool,
}

/// `sql if CONDITION because "…"`, also a gate
#[derive(Debug, Clone, PartialEq)]
pub struct StageLine {
    /// The stage.
    pub stage: Name,
    /// When it is reached.
    pub condition: Expr,
    /// `because "…"`
    pub because: Option<Text>,
}

/// `disqualify if CONDITION because "…"`, also `exclude` and `review`
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// The condition under which it decides.
    pub condition: Expr,
    /// `because "…"`
    pub because: Option<Text>,
}

/// `label NAME { … }`
#[derive(Debug, Clone, PartialEq)]
pub struct Label {
    /// The name.
    pub name: Name,
    /// The title.
    pub title: Option<Text>,
    /// `VALUE if CONDITION`; no condition is `otherwise`.
    pub lines: Vec<LabelLine>,
}

/// A line of a label.
#[derive(Debug, Clone, PartialEq)]
pub struct LabelLine {
    /// What the label says.
    pub value: Text,
    /// When; `None` for `otherwise`.
    pub condition: Option<Expr>,
    /// The line.
    pub span: Span,
}

/// `test "…" { … }`
#[derive(Debug, Clone, PartialEq)]
pub struct Test {
    /// What it shows.
    pub name: Text,
    /// Its lines.
    pub items: Vec<TestItem>,
    /// Whether some of it could not be read.
    pub broken: bool,
}

/// A line of a test.
#[derive(Debug, Clone, PartialEq)]
pub enum TestItem {
    /// `as of DATE`
    AsOf(Written, Span),
    /// `lead { … }`
    Lead(Vec<LeadEntry>),
    /// `visited("pricing") 3 days ago`
    Did(Did),
    /// `expect CONDITION`
    Expect(Expr),
}

/// `name: value` of a test's lead
#[derive(Debug, Clone, PartialEq)]
pub struct LeadEntry {
    /// The field.
    pub name: Name,
    /// The value: a literal.
    pub value: Expr,
}

/// An activity of a test.
#[derive(Debug, Clone, PartialEq)]
pub struct Did {
    /// The activity, with what it was done with.
    pub call: Call,
    /// When: how many times at which moment.
    pub when: Vec<(u64, Moment)>,
    /// The line.
    pub span: Span,
}

/// When a test's activity happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Moment {
    /// As-of itself.
    Today,
    /// So long before as-of.
    Ago(Period),
    /// On this date.
    On(Written),
}

/// An expression.
#[derive(Debug, Clone, PartialEq)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Its place in the file.
    pub span: Span,
}

/// The kinds of expressions.
#[derive(Debug, Clone, PartialEq)]
pub enum ExprKind {
    /// `"…"`
    Text(String),
    /// `10k`
    Number(f64),
    /// `2025-06-30`
    Date(Written),
    /// `yes`, `no`
    Flag(bool),
    /// `today`
    Today,
    /// `missing`, as a value of a test's lead
    Missing,
    /// `[a, b]`
    List(Vec<Expr>),
    /// `employees`, `company.size`
    Name(Name),
    /// `visited("pricing")`, `domain(email)`
    Call(Call),
    /// `not A`
    Not(Box<Expr>),
    /// `A and B and …`
    And(Vec<Expr>),
    /// `A or B or …`
    Or(Vec<Expr>),
    /// `A unless B`
    Unless(Box<Expr>, Box<Expr>),
    /// A value or activity with what is asked of it.
    Tested(Box<Expr>, Vec<Tail>),
    /// `at least N of …`, `any of …`, `all of …`, `none of …`
    Quantified(Quantifier, Of),
    /// `inactive for D`
    InactiveFor(Period),
    /// `A + B - C`; the flag says whether it is subtracted
    Sum(Vec<(bool, Expr)>),
    /// `A * B / C`; the flag says whether it divides
    Product(Vec<(bool, Expr)>),
    /// `-A`
    Negate(Box<Expr>),
    /// What could not be read; its message has been given.
    Broken,
}

/// How many of several conditions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quantifier {
    /// `at least N of`
    AtLeast(u64),
    /// `any of`
    Any,
    /// `all of`
    All,
    /// `none of`
    None,
}

/// What is counted.
#[derive(Debug, Clone, PartialEq)]
pub enum Of {
    /// `(A, B, …)`
    Conditions(Vec<Expr>),
    /// A profile's criteria.
    Profile(Name),
}

/// A call: a function or an activity.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// Its name.
    pub name: Name,
    /// What stands in the parentheses.
    pub args: Vec<Arg>,
    /// `where CONDITION`
    pub filter: Option<Box<Expr>>,
}

impl Expr {
    /// The activity that an expression begins with.
    #[must_use]
    pub fn leading_activity(&self) -> Option<Called> {
        use ExprKind as K;
        let first = match &self.kind {
            K::Call(call) => {
                let is_activity = call.name.quoted || !builtins::is_function(&call.name.text.to_ascii_lowercase());
                return is_activity.then_some(Called { name: call.name.span, whole: self.span });
            }
            K::Tested(subject, _) => subject,
            K::Unless(a, _) => a,
            K::And(items) | K::Or(items) => items.first()?,
            K::Sum(items) | K::Product(items) => &items.first()?.1,
            _ => return None,
        };
        first.leading_activity().filter(|called| called.whole.start == self.span.start)
    }
}

/// An argument.
#[derive(Debug, Clone, PartialEq)]
pub struct Arg {
    /// Whether `any` stands before it.
    pub any: bool,
    /// The value.
    pub value: Expr,
}

/// Something asked of a value or activity.
#[derive(Debug, Clone, PartialEq)]
pub struct Tail {
    /// What is asked.
    pub kind: TailKind,
    /// Its place in the file.
    pub span: Span,
}

/// What may be asked.
#[derive(Debug, Clone, PartialEq)]
pub enum TailKind {
    /// `>= X`
    Compare(CompareOp, Box<Expr>),
    /// `is known`, `is missing`; the flag says whether it must be known
    Known(bool),
    /// `in LIST`; the flag says `not in`
    In(bool, Box<Expr>),
    /// `between A and B`
    Between(Box<Expr>, Box<Expr>),
    /// `contains any LIST`; the flag says `not`
    Text(bool, TextTest, AnyAll, Box<Expr>),
    /// `in last D`
    InLast(Period),
    /// `in next D`
    InNext(Period),
    /// `since DATE`
    Since(Box<Expr>),
    /// `before DATE`
    Before(Box<Expr>),
    /// `after DATE`
    After(Box<Expr>),
    /// `at least D ago`
    Ago(Period),
    /// `at least N times [within D]`
    Count(CountKind, u64, Option<Period>),
    /// `on at least N days`
    Days(CountKind, u64),
    /// `then B [within D]`
    Then(Box<Expr>, Option<Period>),
    /// What could not be read; its message has been given.
    Broken,
}

/// Whether one, any or all must hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnyAll {
    /// One text.
    One,
    /// Any of a list.
    Any,
    /// All of a list.
    All,
}
