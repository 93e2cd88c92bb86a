//! From a model to expressions of SQL: the state that all parts share, and what cannot be said.

use std::collections::HashMap;

use super::dialect::Dialect;
use super::events::{Sides, Walk};
use super::expr::{Kind, Sql};
use super::fields::FieldColumns;
use super::layers::Layers;
use super::second::Outlook;
use super::values::V;
use super::{AsOf, Request, Schema};
use crate::eval::Nobody;
use crate::model::{Expr, Model};
use crate::plan::Deps;
use crate::source::Span;

/// Why a part of a model cannot be said in a dialect, and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Refused {
    /// The part.
    pub span: Span,
    /// What it is, for people: `a rate over a rolling stretch of time`.
    pub what: String,
}

pub(super) type Lowered<T> = Result<T, Refused>;

/// What cannot be said.
pub(super) fn refused<T>(span: Span, what: impl Into<String>) -> Lowered<T> {
    Err(Refused { span, what: what.into() })
}

/// Which question is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Pass {
    /// What the lead is.
    Now,
    /// What it could be once all data is known.
    Possible,
}

/// From where something is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Seen {
    pub pass: Pass,
    /// The group whose `reset at` hides older activity.
    pub group: Option<usize>,
    /// What is looked at.
    pub of: Of,
}

/// What is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Of {
    /// A lead with its activity.
    Facts,
    /// A record, of which `where` and `from … where` ask.
    Record,
    /// A lead alone.
    Lead,
}

impl Seen {
    pub const NOW: Seen = Seen { pass: Pass::Now, group: None, of: Of::Facts };
    pub const POSSIBLE: Seen = Seen { pass: Pass::Possible, ..Seen::NOW };
    pub const RECORD: Seen = Seen { of: Of::Record, ..Seen::NOW };
    pub const LEAD: Seen = Seen { of: Of::Lead, ..Seen::NOW };

    /// Whether it is a record.
    pub fn is_record(self) -> bool {
        self.of == Of::Record
    }

    pub fn with_pass(self, pass: Pass) -> Seen {
        Seen { pass, ..self }
    }
}

/// Points between a lowest and a highest end, in ten-thousandths; an end that may be NULL has no bound there.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Ends {
    pub low: Sql,
    pub high: Sql,
    /// Whether an end may be NULL.
    pub may_be_open: bool,
}

impl Ends {
    pub fn point(points: Sql) -> Ends {
        Ends { low: points.clone(), high: points, may_be_open: false }
    }

    pub fn is_surely_point(&self) -> bool {
        self.low == self.high && !self.may_be_open
    }
}

/// What has been decided so far.
#[derive(Default)]
pub(super) struct Results {
    /// The points of each group, and of the whole, now and possible.
    pub groups: Vec<(Sql, Ends)>,
    pub score: Option<(Sql, Ends)>,
    pub labels: Vec<Option<super::labels::LabelColumns>>,
    /// The rank of the stage; -1 disqualified.
    pub stage: Option<Sql>,
    pub could_be: Option<Sql>,
}

/// The column of layer 0 of leads and of records that holds the as-of where it is known only when the query runs.
pub(super) const AS_OF: &str = "as_of";

pub(super) struct Lower<'m> {
    pub model: &'m Model,
    pub as_of: AsOf,
    pub dialect: Dialect,
    pub schema: &'m Schema,
    /// A lead without fields and activity: what is the same for all leads is what it is for this one.
    pub nobody: Nobody<'m>,
    /// The leads as they are in their table, and what is made of each alone.
    pub leads: Layers,
    /// Likewise the records.
    pub events: Layers,
    /// What is known of each lead with its activity.
    pub facts: Layers,
    pub sides: Sides,
    pub walks: Vec<Walk>,
    pub results: Results,
    /// The columns of the table of leads that are read: by field.
    pub fields: HashMap<usize, FieldColumns>,
    /// Columns of layer 0 of leads and of records: what each is called in the query, and in the table.
    pub lead_columns: Vec<(String, String)>,
    pub event_columns: Vec<(String, String)>,
    /// Columns of the leads that are asked for beside each of their records.
    pub row_columns: Vec<String>,
    /// What cannot be said, where all of it is asked for.
    pub noted: Option<Vec<Refused>>,
    /// Whether rows are looked at, to leave some out: fields are columns of theirs.
    pub tests_rows: bool,
    pub definitions: HashMap<(Seen, usize), V>,
    pub outlooks: HashMap<(Seen, usize), Outlook>,
    /// By what is seen and query, whether a record meets it.
    pub queries: HashMap<(Option<usize>, usize), Sql>,
}

impl<'m> Lower<'m> {
    /// At the beginning; `noted` where all that cannot be said is asked for.
    pub fn new(model: &'m Model, request: &Request<'m>, nobody: Nobody<'m>, noted: Option<Vec<Refused>>) -> Lower<'m> {
        Lower {
            model,
            as_of: request.as_of,
            dialect: request.dialect,
            schema: request.schema,
            nobody,
            leads: Layers::new("lead", request.dialect),
            events: Layers::new("event", request.dialect),
            facts: Layers::new("f", request.dialect),
            sides: Sides::default(),
            walks: Vec::new(),
            results: Results::default(),
            fields: HashMap::new(),
            lead_columns: Vec::new(),
            event_columns: Vec::new(),
            row_columns: Vec::new(),
            noted,
            tests_rows: false,
            definitions: HashMap::new(),
            outlooks: HashMap::new(),
            queries: HashMap::new(),
        }
    }
}

impl Lower<'_> {
    /// The as-of.
    pub fn as_of(&self) -> Sql {
        match self.as_of {
            AsOf::At(at) => Sql::Whole(at.0),
            AsOf::Now | AsOf::Filled => Layers::base(AS_OF, Kind::Whole),
        }
    }

    /// Where all that cannot be said is asked for, notes it and goes on with something else.
    pub fn or_noted<T>(&mut self, found: Lowered<T>, instead: impl FnOnce() -> T) -> Lowered<T> {
        match (found, &mut self.noted) {
            (Err(refused), Some(noted)) => {
                if !noted.contains(&refused) {
                    noted.push(refused);
                }
                Ok(instead())
            }
            (found, _) => found,
        }
    }

    /// Whether an expression has one value, which is known while the query is written.
    pub fn is_fixed(&self, expr: &Expr) -> bool {
        let deps = Deps::of(self.model, expr);
        deps.is_constant() && (!deps.as_of || matches!(self.as_of, AsOf::At(_)))
    }

    fn layers(&mut self, seen: Seen) -> &mut Layers {
        match seen.of {
            Of::Facts => &mut self.facts,
            Of::Record => &mut self.events,
            Of::Lead => &mut self.leads,
        }
    }

    /// An expression as a column of whatever is looked at, if that saves something.
    pub fn share(&mut self, sql: Sql, seen: Seen) -> Sql {
        self.layers(seen).share(sql)
    }

    pub fn keep(&mut self, sql: Sql, seen: Seen) -> Sql {
        self.layers(seen).keep(sql)
    }

    /// A column of the table of leads, as the query calls it.
    pub fn lead_column(&mut self, column: &str, kind: Kind) -> Sql {
        let count = self.lead_columns.len();
        let known = self.lead_columns.iter().find(|(_, c)| c == column).map(|(name, _)| name.clone());
        let name = known.unwrap_or_else(|| {
            self.lead_columns.push((format!("c{count}"), column.to_owned()));
            format!("c{count}")
        });
        Layers::base(name, kind)
    }

    /// A column of the table of activity, as the query calls it.
    pub fn event_column(&mut self, column: &str, kind: Kind) -> Sql {
        let count = self.event_columns.len();
        let known = self.event_columns.iter().find(|(_, c)| c == column).map(|(name, _)| name.clone());
        let name = known.unwrap_or_else(|| {
            self.event_columns.push((format!("r{count}"), column.to_owned()));
            format!("r{count}")
        });
        Layers::base(name, kind)
    }
}
