//! A model made ready for many leads: plain data, the same for all threads.
//!
//! Owns how a plan is laid out for lanes. Whatever has no shape in the plan is an *aside*: the interpreter is asked for that
//! one part, for those leads alone where it matters.

use std::ops::Deref;
use std::sync::Arc;

use super::activity::lay_out;
use crate::model::{AgeingKind, Branch, DefinitionId, LineId, Model, Template};
use crate::number::Decimal;
use crate::plan::{Atom, Plan, SlotPlan};
use crate::time::{Instant, Period, Zone};
use crate::value::Type;

/// A model that a program is made of: lent, or kept, for programs that outlive whoever compiled them.
#[derive(Debug, Clone)]
pub enum ModelOf<'m> {
    /// Somebody else's.
    Lent(&'m Model),
    /// The program's own, and that of others.
    Kept(Arc<Model>),
}

impl Deref for ModelOf<'_> {
    type Target = Model;

    fn deref(&self) -> &Model {
        match self {
            ModelOf::Lent(model) => model,
            ModelOf::Kept(model) => model,
        }
    }
}

impl<'m> From<&'m Model> for ModelOf<'m> {
    fn from(model: &'m Model) -> ModelOf<'m> {
        ModelOf::Lent(model)
    }
}

impl From<Arc<Model>> for ModelOf<'static> {
    fn from(model: Arc<Model>) -> ModelOf<'static> {
        ModelOf::Kept(model)
    }
}

/// A model made ready for many leads and one as-of.
#[derive(Debug)]
pub struct Program<'m> {
    pub(super) model: ModelOf<'m>,
    pub(super) as_of: Instant,
    pub(super) plan: Plan,
    /// How each field is read.
    pub(super) fields: Vec<FieldPlan>,
    pub(super) activity: ActivityLayout,
    /// The `because` of each line, by its branch, where it has one.
    pub(super) because: Vec<[Option<Because>; 2]>,
    /// Whether anybody wants to know what could be.
    pub(super) wants_possible: bool,
    /// A definition that is told beside the answers.
    pub(super) watched: Option<usize>,
}

impl<'m> Program<'m> {
    /// Makes a model ready. A program of an `Arc` keeps its model and can be kept itself.
    #[must_use]
    pub fn compile(model: impl Into<ModelOf<'m>>, as_of: Instant) -> Program<'m> {
        let of = model.into();
        let model: &Model = &of;
        let plan = Plan::of(model, as_of);
        let fields = plan.fields.iter().enumerate().map(|(id, atoms)| FieldPlan::of(model, &plan, id, atoms)).collect();
        let reason = |text: &Template| {
            super::answers::written_out(text).map_or(Because::Filled, |t| Because::Text(t.to_owned()))
        };
        let because = (model.lines.iter())
            .map(|line| [Branch::Then, Branch::IfNot].map(|branch| line.because(branch).map(reason)))
            .collect();
        let by_kind = !model.properties.iter().any(|p| matches!(p.key.as_str(), "event_id" | "at"));
        let activity = ActivityLayout { by_kind, ..lay_out(&plan, as_of, &model.zone) };
        Program { model: of, as_of, plan, fields, activity, because, wants_possible: true, watched: None }
    }

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
    pub fn model(&self) -> &Model {
        &self.model
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
        self.activity.keeps_all || self.plan.kept.contains(&true)
    }
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

impl FieldPlan {
    fn of(model: &Model, plan: &Plan, field: usize, atoms: &[usize]) -> FieldPlan {
        let is_current = model.ladder.from.is_some_and(|f| f.0 == field);
        let of_type = |t: Type| model.fields.get(field).is_some_and(|f| f.of_type == t);
        let all = |told: fn(&Atom) -> bool| atoms.iter().all(|&a| plan.atoms.get(a).is_some_and(told));
        let all_text = !is_current && of_type(Type::Text) && all(|a| a.text.is_some());
        let tail = |most: usize, atom: &usize| Some(plan.atoms.get(*atom)?.text.as_ref()?.tail()?.max(most));
        FieldPlan {
            atoms: atoms.to_vec(),
            all_text,
            all_number: !is_current && of_type(Type::Number) && all(|a| a.number.is_some()),
            is_unread: !is_current && atoms.is_empty(),
            tail: all_text.then(|| atoms.iter().try_fold(1, tail)).flatten(),
        }
    }
}

/// Why a line took effect, in its author's words.
#[derive(Debug, Clone)]
pub(super) enum Because {
    Text(String),
    /// Names stand in it, and it is filled for each lead.
    Filled,
}

/// What is kept of activity, and how it is kept.
#[derive(Debug, Default)]
pub(super) struct ActivityLayout {
    pub slots: Vec<SlotLayout>,
    pub ageings: Vec<AgeingLayout>,
    /// How many words a lead's row has.
    pub width: usize,
    /// The instants between which all records of a kind are worth the same, ascending: a record belongs behind all that are
    /// not later.
    pub steps: Vec<i64>,
    /// Whether all records are kept, whatever they are.
    pub keeps_all: bool,
    /// Whether a record's kind can be told from its type, target and properties alone.
    pub by_kind: bool,
}

/// Where a number is kept in a lead's row.
#[derive(Debug, Clone)]
pub(super) struct SlotLayout {
    /// What is kept.
    pub slot: SlotPlan,
    pub word: usize,
    pub shift: u32,
}

/// What is left of an amount after k periods.
#[derive(Debug)]
pub(super) struct AgeingLayout {
    /// What is given when new, in ten-thousandths, with its sign.
    pub full: i64,
    /// The same without sign.
    pub amount: Decimal,
    pub kind: AgeingKind,
    pub every: Period,
    /// Whose calendar it goes by.
    pub zone: Zone,
    /// The latest instants at which 1, 2, … periods are full; for calendar periods only.
    pub calendar: Vec<i64>,
    /// What is left after 0, 1, … periods, in ten-thousandths, without sign.
    pub left: Vec<i64>,
}
