//! Conditions: what is asked of one field, of records, of results, and what is left to the interpreter.

use std::collections::HashMap;

use super::*;
use crate::builtins;
use crate::eval::Interpreter;
use crate::eval::{Nobody, compare};
use crate::model::{Activity, Count, Expr, ExprKind, LabelLine, Model, Verdict};
use crate::operators::CompareOp;
use crate::time::Instant;
use crate::value::{Text, Value};

impl Plan {
    /// Lowers a model.
    #[must_use]
    pub fn of(model: &Model, as_of: Instant) -> Plan {
        Interpreter::new(model, as_of).nobody(|nobody| Plan::with(model, as_of, nobody))
    }

    /// Lowers a model; `nobody` is a lead without fields and activity.
    fn with(model: &Model, as_of: Instant, nobody: Nobody<'_>) -> Plan {
        let plan = Plan {
            fields: vec![Vec::new(); model.fields.len()],
            kept: vec![false; model.queries.len()],
            asks_for_labels: asks_for_labels(model),
            ..Plan::default()
        };
        let mut c = Compiler { model, nobody, as_of, alike: HashMap::new(), plan };
        let definitions = model.definitions.iter().map(|d| c.cond(&d.value)).collect();
        let groups = model.groups.iter().map(|g| c.group(g)).collect();
        let loose = model.loose.iter().map(|i| c.item(i)).collect();
        let fading = model.fading.as_ref().map(|f| c.fading(f));
        let limits = model.limits.iter().map(|l| c.cond(&l.condition)).collect();
        let stage_lines = model.stage_lines.iter().map(|l| c.cond(&l.condition)).collect();
        let gates = model.gates.iter().map(|l| c.cond(&l.condition)).collect();
        let mut verdicts = |of: &[Verdict]| of.iter().map(|v| c.cond(&v.condition)).collect::<Vec<_>>();
        let (disqualify, exclude, reviews) =
            (verdicts(&model.disqualify), verdicts(&model.exclude), verdicts(&model.reviews));
        let line = |c: &mut Compiler<'_>, line: &LabelLine| line.condition.as_ref().map(|e| c.cond(e));
        let labels = model.labels.iter().map(|l| l.lines.iter().map(|l| line(&mut c, l)).collect()).collect();
        c.texts_of_all();
        Plan {
            definitions,
            groups,
            loose,
            fading,
            limits,
            stage_lines,
            gates,
            disqualify,
            exclude,
            reviews,
            labels,
            ..c.plan
        }
    }
}

pub(super) struct Compiler<'c> {
    pub model: &'c Model,
    /// A lead without fields and activity: what is the same for all leads is what it is for this one.
    nobody: Nobody<'c>,
    pub as_of: Instant,
    /// The slots that there are, by what tells them from others.
    alike: HashMap<(usize, i64, i64, bool), Vec<usize>>,
    /// What there is so far.
    plan: Plan,
}

impl Compiler<'_> {
    /// The value of an expression that is the same for all leads.
    pub fn constant(&self, expr: &Expr) -> Option<Value> {
        Deps::of(self.model, expr).is_constant().then(|| self.nobody.value(expr))
    }

    fn number(&self, expr: &Expr) -> Option<f64> {
        match self.constant(expr)? {
            Value::Number(n) => Some(n),
            _ => None,
        }
    }

    /// What a condition is of a lead without fields and activity.
    fn of_nobody(&self, expr: &Expr) -> Option<bool> {
        self.nobody.truth(expr)
    }

    pub fn conds(&mut self, items: &[Expr]) -> Vec<Cond> {
        items.iter().map(|e| self.cond(e)).collect()
    }

    pub fn cond(&mut self, expr: &Expr) -> Cond {
        use ExprKind as K;
        match &expr.kind {
            K::Not(inner) => Cond::Not(Box::new(self.cond(inner))),
            K::All(items) => Cond::All(self.conds(items)),
            K::Any(items) => Cond::Any(self.conds(items)),
            K::AtLeast(n, items) => Cond::AtLeast(*n, self.conds(items)),
            K::Unless(a, b) => Cond::Unless(Box::new(self.cond(a)), Box::new(self.cond(b))),
            K::Definition(id) => Cond::Definition(id.0),
            K::OfProfile(of, id) => Cond::OfProfile(*of, id.0),
            _ => self.leaf(expr),
        }
    }

    fn leaf(&mut self, expr: &Expr) -> Cond {
        let deps = Deps::of(self.model, expr);
        if deps.is_constant() {
            return Cond::Constant(self.of_nobody(expr));
        }
        if let Some(field) = deps.single_field() {
            return Cond::Atom(self.atom(field, Asks::Truth(expr.clone())));
        }
        if let Some(cond) = self.counted(expr).or_else(|| self.of_results(expr)) {
            return cond;
        }
        let why = why(expr);
        Cond::Aside(Box::new(self.aside(expr, deps, why)))
    }

    fn aside(&mut self, expr: &Expr, deps: Deps, why: Why) -> Aside {
        let guard = (deps.fields.is_empty() && !deps.results).then(|| {
            let slots = deps.queries.iter().map(|&q| self.any_record(q)).collect();
            (slots, self.of_nobody(expr))
        });
        self.keep(&deps);
        Aside { why, expr: expr.clone(), fields: deps.fields.iter().copied().collect(), results: deps.results, guard }
    }

    /// Records of these queries will be asked for.
    pub fn keep(&mut self, deps: &Deps) {
        for &query in &deps.queries {
            if let Some(kept) = self.plan.kept.get_mut(query) {
                *kept = true;
            }
        }
    }

    pub fn atom(&mut self, field: usize, asks: Asks) -> usize {
        let where_missing = self.nobody.both_passes(&asks);
        let (text, number) = match &asks {
            Asks::Truth(expr) => (self.text_atom(field, expr), self.number_atom(field, expr)),
            Asks::IsMissing(expr) => {
                let part = if self.is_field(field, expr) { Some(Part::Whole) } else { self.domain_of(field, expr) };
                (
                    part.map(|part| TextAtom { part, test: TextAtomTest::Missing }),
                    self.is_field(field, expr).then_some(NumberAtom::Missing),
                )
            }
        };
        let id = self.plan.atoms.len();
        self.plan.atoms.push(Atom { field, asks, where_missing, text, number });
        if let Some(atoms) = self.plan.fields.get_mut(field) {
            atoms.push(id);
        }
        id
    }

    fn is_field(&self, field: usize, expr: &Expr) -> bool {
        matches!(expr.kind, ExprKind::Field(id) if id.0 == field)
    }

    fn domain_of(&self, field: usize, expr: &Expr) -> Option<Part> {
        let ExprKind::Call(function, args) = &expr.kind else { return None };
        let of_field = function.name == builtins::DOMAIN && args.first().is_some_and(|a| self.is_field(field, a));
        of_field.then_some(Part::Domain)
    }

    fn number_atom(&self, field: usize, expr: &Expr) -> Option<NumberAtom> {
        use ExprKind as K;
        match &expr.kind {
            K::Compare(op, a, b) if self.is_field(field, a) => Some(NumberAtom::Compare(*op, self.number(b)?)),
            K::Compare(op, a, b) if self.is_field(field, b) => Some(NumberAtom::Compare(op.turned(), self.number(a)?)),
            K::Between(x, low, high) if self.is_field(field, x) => {
                Some(NumberAtom::Between(self.number(low)?, self.number(high)?))
            }
            K::In(x, list) if self.is_field(field, x) => {
                let number = |v: &Value| if let Value::Number(n) = v { Some(*n) } else { None };
                Some(NumberAtom::OneOf(list.iter().map(number).collect::<Option<_>>()?))
            }
            K::Known(x) if self.is_field(field, x) => Some(NumberAtom::Known),
            _ => None,
        }
    }

    fn text_atom(&self, field: usize, expr: &Expr) -> Option<TextAtom> {
        use ExprKind as K;
        let part = |x: &Expr| if self.is_field(field, x) { Some(Part::Whole) } else { self.domain_of(field, x) };
        let text = |v: &Value| if let Value::Text(t) = v { Some(t.folded.clone()) } else { None };
        let (part, test) = match &expr.kind {
            K::Compare(op @ (CompareOp::Equal | CompareOp::NotEqual), a, b) => {
                let (part, other) = part(a).map(|p| (p, b)).or_else(|| part(b).map(|p| (p, a)))?;
                (part, TextAtomTest::OneOf(vec![text(&self.constant(other)?)?], *op == CompareOp::NotEqual))
            }
            K::In(x, list) => (part(x)?, TextAtomTest::OneOf(list.iter().map(text).collect::<Option<_>>()?, false)),
            K::Text(x, test, wants_all, needles) => {
                let needle = |n: &crate::model::Needle| {
                    if *test == crate::operators::TextTest::Mentions { n.words.clone() } else { n.folded.clone() }
                };
                (part(x)?, TextAtomTest::Test(*test, *wants_all, needles.iter().map(needle).collect()))
            }
            K::Known(x) => (part(x)?, TextAtomTest::Known),
            _ => return None,
        };
        Some(TextAtom { part, test })
    }

    /// The window's ends where they are the same for all leads, and whether records without an instant count.
    pub fn window(&self, activity: &Activity) -> Option<(i64, i64, bool)> {
        let Some(window) = activity.window.as_deref() else { return Some((i64::MIN, self.as_of.0, true)) };
        if !window.dates().all(|date| Deps::of(self.model, date).is_constant()) {
            return None;
        }
        let (low, high) = self.nobody.window(window)?;
        Some((low.0, high.0.min(self.as_of.0), false))
    }

    pub fn slot(&mut self, query: usize, (low, high, undated): (i64, i64, bool), keeps: Keeps) -> Slot {
        let plan = SlotPlan { query, low, high, undated, keeps };
        let alike = self.alike.entry((query, low, high, undated)).or_default();
        let same = alike.iter().copied().find(|&s| self.plan.slots.get(s) == Some(&plan));
        Slot(same.unwrap_or_else(|| {
            alike.push(self.plan.slots.len());
            self.plan.slots.push(plan);
            self.plan.slots.len() - 1
        }))
    }

    /// Whether there is any record of a query, with an instant or without.
    pub fn any_record(&mut self, query: usize) -> Slot {
        self.slot(query, (i64::MIN, self.as_of.0, true), Keeps::Any)
    }

    pub fn ageing(&mut self, amount: &crate::number::Decimal, by: &crate::model::Ageing) -> usize {
        self.plan.ageings.push(AgeingPlan { amount: amount.clone(), by: by.clone() });
        self.plan.ageings.len() - 1
    }

    /// A condition on how often, or how long ago.
    fn counted(&mut self, expr: &Expr) -> Option<Cond> {
        use ExprKind as K;
        match &expr.kind {
            K::Did(activity, None) => Some(Cond::Did(self.slot_of(activity, Keeps::Any)?)),
            K::Did(activity, Some(Count::Times(crate::operators::CountKind::AtLeast, 1, None))) => {
                Some(Cond::Did(self.slot_of(activity, Keeps::Any)?))
            }
            K::Did(activity, Some(Count::Times(kind, n, None))) => {
                let most = u32::try_from(n.saturating_add(1)).ok()?;
                Some(Cond::Count(*kind, *n, self.slot_of(activity, Keeps::Count(most))?))
            }
            K::Compare(op, a, b) => {
                let (op, of, n) = match (self.number(b), self.number(a)) {
                    (Some(n), _) => (*op, a, n),
                    (None, Some(n)) => (op.turned(), b, n),
                    (None, None) => return None,
                };
                match &of.kind {
                    K::OfRecords(f, activity, _) if f.name == builtins::COUNT => {
                        Some(Cond::CountIs(op, n, self.slot_of(activity, Keeps::Count(u32::MAX))?))
                    }
                    K::OfRecords(f, activity, _) if f.name == builtins::DAYS_SINCE => {
                        let (low, high, _) = self.window(activity)?;
                        Some(Cond::DaysAre(op, n, self.slot(activity.query.0, (low, high, false), Keeps::Newest)))
                    }
                    K::Score => Some(Cond::Score(None, ScoreTest::new(op, n))),
                    K::Group(id) => Some(Cond::Score(Some(id.0), ScoreTest::new(op, n))),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    pub fn slot_of(&mut self, activity: &Activity, keeps: Keeps) -> Option<Slot> {
        let window = self.window(activity)?;
        Some(self.slot(activity.query.0, window, keeps))
    }

    /// A condition on a label or on the stage.
    fn of_results(&mut self, expr: &Expr) -> Option<Cond> {
        use ExprKind as K;
        match &expr.kind {
            K::Compare(op, a, b) => {
                if let (K::Label(id), Some(text @ Value::Text(_))) = (&a.kind, self.constant(b)) {
                    return self.label_is(expr, id.0, |label| compare::compare(*op, label, &text));
                }
                match (&a.kind, self.constant(b), self.constant(a), &b.kind) {
                    (K::Stage, Some(Value::Stage(stage)), ..) => Some(Cond::Stage(*op, stage)),
                    (_, _, Some(Value::Stage(stage)), K::Stage) => Some(Cond::Stage(op.turned(), stage)),
                    _ => None,
                }
            }
            K::In(x, list) => match &x.kind {
                K::Label(id) => {
                    let texts: Vec<Value> = list.to_vec();
                    self.label_is(expr, id.0, |label| compare::any(texts.iter().map(|t| compare::equal(label, t))))
                }
                K::Stage => {
                    let stage = |v: &Value| {
                        if let Value::Stage(s) = v { Some(Cond::Stage(CompareOp::Equal, *s)) } else { None }
                    };
                    Some(Cond::Any(list.iter().map(stage).collect::<Option<_>>()?))
                }
                _ => None,
            },
            _ => None,
        }
    }

    fn label_is(&mut self, expr: &Expr, label: usize, test: impl Fn(&Value) -> Option<bool>) -> Option<Cond> {
        let of = self.model.labels.get(label).filter(|l| is_written_out(l))?;
        let text = |parts: &[crate::model::TemplatePart]| {
            parts
                .iter()
                .map(|p| if let crate::model::TemplatePart::Text(t) = p { t.as_str() } else { "" })
                .collect::<String>()
        };
        let lines = of.lines.iter().map(|l| test(&Value::Text(Text::new(&text(&l.text.parts)))));
        let lines = lines.chain([test(&Value::Missing)]).collect();
        let deps = Deps::of(self.model, expr);
        let aside = Aside { guard: None, ..self.aside(expr, deps, Why::SeveralParts) };
        Some(Cond::Label(label, lines, Box::new(aside)))
    }

    /// Records behind what is printed are kept too.
    fn texts_of_all(&mut self) {
        let model = self.model;
        let reasons = model.lines.iter().flat_map(|line| line.because.iter().chain(&line.because_not));
        let labels = model.labels.iter().flat_map(|label| label.lines.iter().map(|line| &line.text));
        for part in reasons.chain(labels).flat_map(|text| &text.parts) {
            if let crate::model::TemplatePart::Value(value) = part {
                self.keep(&Deps::of(model, value));
            }
        }
        if let Some(formula) = &model.formula {
            self.keep(&Deps::of(model, formula));
        }
        // What a label could be is worked out by the interpreter, for stage lines that ask for one.
        if asks_for_labels(model) {
            for LabelLine { condition, .. } in model.labels.iter().flat_map(|l| &l.lines) {
                condition.iter().for_each(|c| self.keep(&Deps::of(model, c)));
            }
        }
    }
}

/// Whether a line that is asked in the second pass asks for a label.
pub fn asks_for_labels(model: &Model) -> bool {
    let lines = model.stage_lines.iter().chain(&model.gates).map(|l| &l.condition);
    let verdicts = model.disqualify.iter().chain(&model.exclude).map(|v| &v.condition);
    lines.chain(verdicts).any(|condition| Deps::of(model, condition).labels)
}

/// Why a condition has no shape of its own.
fn why(expr: &Expr) -> Why {
    use ExprKind as K;
    match &expr.kind {
        K::Then(..) => Why::Sequence,
        K::Did(_, Some(Count::Days(..) | Count::Times(_, _, Some(_)))) => Why::SpreadOfRecords,
        K::Did(..) => Why::WindowOfLead,
        K::OfRecords(..) => Why::ValueOfRecords,
        K::Compare(_, a, b) => match (&a.kind, &b.kind) {
            (K::OfRecords(..), _) | (_, K::OfRecords(..)) => Why::ValueOfRecords,
            _ => Why::SeveralParts,
        },
        _ => Why::SeveralParts,
    }
}
