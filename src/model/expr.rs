//! Expressions with their names looked up, and the activity that they ask for.

use std::sync::Arc;

use super::{DefinitionId, FieldId, GroupId, LabelId, LookupId, Model, PropertyId, QueryId};
use crate::builtins::Builtin;
use crate::operators::{CompareOp, CountKind, TextTest};
use crate::source::{Called, Span};
use crate::time::Period;
use crate::value::{Text, Type, Value};

/// An activity with its window.
#[derive(Debug, Clone, PartialEq)]
pub struct Activity {
    /// What is asked for.
    pub query: QueryId,
    /// When it must have happened.
    pub window: Option<Box<Window>>,
    /// Where it is asked for.
    pub span: Span,
    /// Its name and what stands in the parentheses; `active` and `inactive` have none.
    pub called: Option<Called>,
}

/// When an activity must have happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Window {
    /// `in last D`
    InLast(Period),
    /// `since DATE`
    Since(Expr),
    /// `before DATE`
    Before(Expr),
    /// `after DATE`
    After(Expr),
    /// `between DATE and DATE`
    Between(Expr, Expr),
}

/// How many records there must be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Count {
    /// So many; within some time of each other where that is said.
    Times(CountKind, u64, Option<Period>),
    /// On so many different days.
    Days(CountKind, u64),
}

/// An expression with its names looked up.
#[derive(Debug, Clone, PartialEq)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Its place in the file, whose text is what people read of it.
    pub span: Span,
}

/// The kinds of expressions. All give a [`Value`]; conditions give a flag, missing for *unknown*.
#[derive(Debug, Clone, PartialEq)]
pub enum ExprKind {
    /// A value as written.
    Value(Value),
    /// As-of's day.
    Today,
    /// A field of the lead.
    Field(FieldId),
    /// A property of the record that a `where` looks at.
    Property(PropertyId),
    /// A `let`, or whether a profile fits.
    Definition(DefinitionId),
    /// The whole score.
    Score,
    /// The score of a group.
    Group(GroupId),
    /// A label.
    Label(LabelId),
    /// The stage reached.
    Stage,
    /// What the stage could be.
    CouldBe,
    /// Where the lead stands today.
    Current,
    /// Whether the lead is disqualified.
    Disqualified,
    /// Whether the lead is excluded.
    Excluded,
    /// Whether a reason of this text is among those that fired.
    Fired(Arc<Text>),
    /// Whether a review of this text is asked for.
    Review(Arc<Text>),
    /// `not A`
    Not(Box<Expr>),
    /// All of these.
    All(Vec<Expr>),
    /// Any of these.
    Any(Vec<Expr>),
    /// At least so many of these.
    AtLeast(u64, Vec<Expr>),
    /// At least so many criteria of a profile, or of any number, all or none where `n` says so.
    OfProfile(OfProfile, DefinitionId),
    /// `A unless B`
    Unless(Box<Expr>, Box<Expr>),
    /// `A = B`
    Compare(CompareOp, Box<Expr>, Box<Expr>),
    /// `x between A and B`
    Between(Box<Expr>, Box<Expr>, Box<Expr>),
    /// `x in LIST`: equal to one of these values.
    In(Box<Expr>, Arc<[Value]>),
    /// `x contains any LIST`; the flag says all.
    Text(Box<Expr>, TextTest, bool, Arc<[Needle]>),
    /// `x is known`
    Known(Box<Expr>),
    /// `x in last D`
    InLast(Box<Expr>, Period),
    /// `x in next D`
    InNext(Box<Expr>, Period),
    /// `x at least D ago`
    Ago(Box<Expr>, Period),
    /// `A + B - C`
    Sum(Vec<(bool, Expr)>),
    /// `A * B / C`
    Product(Vec<(bool, Expr)>),
    /// `-A`
    Negate(Box<Expr>),
    /// A function of values.
    Call(&'static Builtin, Vec<Expr>),
    /// `lookup(table, x)`
    Lookup(LookupId, Box<Expr>),
    /// An activity happened, so often.
    Did(Activity, Option<Count>),
    /// `A then B within D`
    Then(Activity, Activity, Option<Period>),
    /// A function of the records of an activity, and of a property of theirs.
    OfRecords(&'static Builtin, Activity, Option<PropertyId>),
}

/// How many criteria of a profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OfProfile {
    /// At least so many.
    AtLeast(u64),
    /// None of them.
    None,
}

/// A text that is looked for, in the forms that the tests need.
#[derive(Debug, Clone, PartialEq)]
pub struct Needle {
    /// As it is written.
    pub written: String,
    /// As it is compared, see [`crate::text::fold`].
    pub folded: String,
    /// As words, see [`crate::text::words`].
    pub words: String,
}

impl Expr {
    /// Calls `f` for each expression right below this one: parts, windows, filters. Definitions are not entered.
    pub fn for_each_child<'m>(&'m self, model: &'m Model, f: &mut dyn FnMut(&'m Expr)) {
        use ExprKind as K;
        match &self.kind {
            K::Not(e)
            | K::Negate(e)
            | K::Known(e)
            | K::InLast(e, _)
            | K::InNext(e, _)
            | K::Ago(e, _)
            | K::In(e, _)
            | K::Text(e, ..)
            | K::Lookup(_, e) => f(e),
            K::All(items) | K::Any(items) | K::AtLeast(_, items) | K::Call(_, items) => items.iter().for_each(f),
            K::Sum(items) | K::Product(items) => items.iter().for_each(|(_, e)| f(e)),
            K::Unless(a, b) | K::Compare(_, a, b) => {
                f(a);
                f(b);
            }
            K::Between(x, a, b) => {
                f(x);
                f(a);
                f(b);
            }
            K::Did(a, _) | K::OfRecords(_, a, _) => a.for_each_child(model, f),
            K::Then(a, b, _) => {
                a.for_each_child(model, f);
                b.for_each_child(model, f);
            }
            K::Value(_)
            | K::Today
            | K::Field(_)
            | K::Property(_)
            | K::Definition(_)
            | K::Score
            | K::Group(_)
            | K::Label(_)
            | K::Stage
            | K::CouldBe
            | K::Current
            | K::Disqualified
            | K::Excluded
            | K::Fired(_)
            | K::Review(_)
            | K::OfProfile(..) => {}
        }
    }
}

impl Expr {
    /// The activity that a condition begins with.
    #[must_use]
    pub fn leading_activity(&self) -> Option<&Activity> {
        match &self.kind {
            ExprKind::Did(activity, _) | ExprKind::Then(activity, ..) => Some(activity),
            ExprKind::All(items) | ExprKind::Any(items) => items.first()?.leading_activity(),
            ExprKind::Unless(condition, _) => condition.leading_activity(),
            _ => None,
        }
    }
}

impl Window {
    /// The dates that it is reckoned from.
    pub fn dates(&self) -> impl Iterator<Item = &Expr> {
        let (first, second) = match self {
            Window::Since(date) | Window::Before(date) | Window::After(date) => (Some(date), None),
            Window::Between(first, last) => (Some(first), Some(last)),
            Window::InLast(_) => (None, None),
        };
        first.into_iter().chain(second)
    }
}

impl Activity {
    /// Calls `f` for the dates of the window and for the filters.
    pub fn for_each_child<'m>(&'m self, model: &'m Model, f: &mut dyn FnMut(&'m Expr)) {
        if let Some(window) = self.window.as_deref() {
            window.dates().for_each(&mut *f);
        }
        if let Some(query) = model.queries.get(self.query.0) {
            if let Some(filter) = &query.filter {
                f(filter);
            }
            if let Some(kind) = query.kind.and_then(|k| model.activity_types.get(k.0)) {
                kind.from.iter().filter_map(|s| s.filter.as_ref()).for_each(f);
            }
        }
    }
}

impl Model {
    /// The type of an expression. What nothing tells the type of is a text.
    #[must_use]
    pub fn type_of(&self, expr: &Expr) -> Type {
        use ExprKind as K;
        match &expr.kind {
            K::Value(value) => value.of_type(),
            K::Field(id) => self.fields.get(id.0).map(|f| f.of_type),
            K::Property(id) => self.properties.get(id.0).map(|p| p.of_type),
            K::Definition(id) => self.definitions.get(id.0).map(|d| d.of_type),
            K::Lookup(id, _) => self.tables.get(id.0).map(|t| t.value_type),
            K::Call(function, _) => function.of_type(),
            K::OfRecords(function, _, property) => {
                function.of_type().or_else(|| property.and_then(|p| self.properties.get(p.0)).map(|p| p.of_type))
            }
            K::Today => Some(Type::Date),
            K::Label(_) => Some(Type::Text),
            K::Stage | K::CouldBe | K::Current => Some(Type::Stage),
            K::Score | K::Group(_) | K::Sum(_) | K::Product(_) | K::Negate(_) => Some(Type::Number),
            K::Disqualified
            | K::Excluded
            | K::Fired(_)
            | K::Review(_)
            | K::Not(_)
            | K::All(_)
            | K::Any(_)
            | K::AtLeast(..)
            | K::OfProfile(..)
            | K::Unless(..)
            | K::Compare(..)
            | K::Between(..)
            | K::In(..)
            | K::Text(..)
            | K::Known(_)
            | K::InLast(..)
            | K::InNext(..)
            | K::Ago(..)
            | K::Did(..)
            | K::Then(..) => Some(Type::Flag),
        }
        .unwrap_or(Type::Text)
    }

    /// Adds the fields that an expression hangs on, also through lets and profiles; some perhaps several times.
    pub fn collect_fields(&self, expr: &Expr, fields: &mut Vec<FieldId>) {
        match &expr.kind {
            ExprKind::Field(id) => fields.push(*id),
            ExprKind::Current => fields.extend(self.ladder.from),
            ExprKind::Definition(id) | ExprKind::OfProfile(_, id) => {
                if let Some(definition) = self.definitions.get(id.0) {
                    fields.extend(&definition.fields);
                }
            }
            _ => expr.for_each_child(self, &mut |child| self.collect_fields(child, fields)),
        }
    }
}
