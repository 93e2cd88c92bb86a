//! The second pass: how conditions could turn out once all data is known, as `eval::possible` and `eval::unknown` have it.

use super::expr::{Kind, Sql};
use super::lower::{Lower, Lowered, Pass, Seen};
use super::values::V;
use crate::model::{Expr, ExprKind, FieldId, LabelLine, OfProfile, TemplatePart};
use crate::source::Span;

/// How a condition could turn out, from the worst to the best: two truths, which are the same where no data is missing.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Outlook {
    pub low: Sql,
    pub high: Sql,
}

/// The fields that are missing and matter, each with when it is so.
pub(super) type Gaps = Vec<(FieldId, Sql)>;

impl Outlook {
    pub fn settled(truth: Sql) -> Outlook {
        Outlook { low: truth.clone(), high: truth }
    }

    /// Whether the two ends are surely the same.
    pub fn is_surely_settled(&self) -> bool {
        self.low == self.high
    }

    /// Whether it may turn out true; never NULL.
    pub fn may_hold(&self) -> Sql {
        surely(self.high.clone())
    }

    /// Whether it is true, however the data turns out; never NULL.
    pub fn holds(&self) -> Sql {
        surely(self.low.clone())
    }

    /// Whether it may turn out false; never NULL.
    pub fn may_fail(&self) -> Sql {
        surely(self.low.clone().not())
    }

    /// Whether the two ends are not the same; never NULL.
    pub fn is_unsettled(&self) -> Sql {
        if self.is_surely_settled() {
            return Sql::Flag(false);
        }
        // The order is false, unknown, true.
        Sql::any([
            Sql::all([self.holds().not(), self.may_hold()]),
            Sql::all([self.may_fail(), surely(self.high.clone().not()).not()]),
        ])
    }

    pub fn not(self) -> Outlook {
        Outlook { low: self.high.not(), high: self.low.not() }
    }

    /// See `eval::possible`.
    fn unless(self, other: Outlook) -> Outlook {
        if self.is_surely_settled() && other.is_surely_settled() {
            // What is unknown and stays so does not block.
            let holds = Sql::all([self.low.clone(), other.holds().not()]);
            return Outlook::settled(Sql::case([(self.low.null(), Sql::Null(Kind::Flag))], holds));
        }
        let surely_high = other.may_hold();
        let surely_low = other.holds();
        let holds = self.holds();
        let both = Sql::all([self.may_hold(), surely_high.clone()]);
        Outlook {
            low: Sql::case([(holds.clone(), surely_high.not()), (both, Sql::Flag(false))], self.low),
            high: Sql::case([(holds, surely_low.not())], self.high),
        }
    }
}

/// A truth that counts as false where it is unknown.
pub(super) fn surely(truth: Sql) -> Sql {
    match truth {
        Sql::Null(_) => Sql::Flag(false),
        Sql::Flag(_) | Sql::IsNull(_) => truth,
        Sql::Not(ref inner) if matches!(**inner, Sql::IsNull(_)) => truth,
        other => Sql::case([(other, Sql::Flag(true))], Sql::Flag(false)),
    }
}

impl Lower<'_> {
    /// How a condition could turn out once all data is known.
    pub fn outlook(&mut self, condition: &Expr, seen: Seen) -> Lowered<Outlook> {
        let outlook = self.outlook_of(condition, seen);
        self.or_noted(outlook, || Outlook::settled(Sql::Flag(false)))
    }

    fn outlook_of(&mut self, condition: &Expr, seen: Seen) -> Lowered<Outlook> {
        use ExprKind as K;
        let seen = seen.with_pass(Pass::Possible);
        Ok(match &condition.kind {
            K::Not(inner) => self.outlook(inner, seen)?.not(),
            K::All(items) => {
                let items = self.outlooks(items, seen)?;
                Outlook {
                    low: Sql::all(items.iter().map(|o| o.low.clone())),
                    high: Sql::all(items.into_iter().map(|o| o.high)),
                }
            }
            K::Any(items) => {
                let items = self.outlooks(items, seen)?;
                Outlook {
                    low: Sql::any(items.iter().map(|o| o.low.clone())),
                    high: Sql::any(items.into_iter().map(|o| o.high)),
                }
            }
            K::AtLeast(n, items) => {
                let items = self.outlooks(items, seen)?;
                self.outlook_at_least(*n, items, seen)
            }
            K::OfProfile(of, id) => {
                let criteria: Vec<Expr> = self.model.criteria(*id).to_vec();
                let items = self.outlooks(&criteria, seen)?;
                match of {
                    OfProfile::AtLeast(n) => self.outlook_at_least(*n, items, seen),
                    OfProfile::None => self.outlook_at_least(1, items, seen).not(),
                }
            }
            K::Unless(a, b) => {
                let (a, b) = (self.outlook(a, seen)?, self.outlook(b, seen)?);
                let (a, b) = (self.kept(a, seen), self.kept(b, seen));
                a.unless(b)
            }
            K::Definition(id) => {
                if let Some(known) = self.outlooks.get(&(seen, id.0)) {
                    return Ok(known.clone());
                }
                let Some(definition) = self.model.definitions.get(id.0) else {
                    return Ok(Outlook::settled(Sql::Null(Kind::Flag)));
                };
                let outlook = self.outlook(&definition.value, seen)?;
                let outlook = self.kept(outlook, seen);
                self.outlooks.insert((seen, id.0), outlook.clone());
                outlook
            }
            _ => {
                let truth = self.truth(condition, seen)?;
                let truth = self.share(truth, seen);
                let open = self.is_open(condition)?;
                if matches!(open, Sql::Flag(false)) {
                    return Ok(Outlook::settled(truth));
                }
                if let Sql::Null(_) = truth {
                    let end = |yes| open.clone().when(Sql::Flag(yes), Sql::Null(Kind::Flag));
                    return Ok(Outlook { low: end(false), high: end(true) });
                }
                // What is unknown for missing data alone need not be asked for it.
                if is_plain(condition) {
                    return Ok(Outlook { low: truth.clone().or(Sql::Flag(false)), high: truth.or(Sql::Flag(true)) });
                }
                let unknown = self.share(Sql::all([truth.clone().null(), open]), seen);
                Outlook {
                    low: unknown.clone().when(Sql::Flag(false), truth.clone()),
                    high: unknown.when(Sql::Flag(true), truth),
                }
            }
        })
    }

    fn outlooks(&mut self, items: &[Expr], seen: Seen) -> Lowered<Vec<Outlook>> {
        items.iter().map(|e| self.outlook(e, seen)).collect()
    }

    fn outlook_at_least(&mut self, n: u64, items: Vec<Outlook>, seen: Seen) -> Outlook {
        let (low, high): (Vec<Sql>, Vec<Sql>) = items.into_iter().map(|o| (o.low, o.high)).unzip();
        Outlook { low: self.at_least(n, low, seen), high: self.at_least(n, high, seen) }
    }

    /// Its ends as columns, if that saves something.
    pub fn kept(&mut self, outlook: Outlook, seen: Seen) -> Outlook {
        if outlook.is_surely_settled() {
            return Outlook::settled(self.share(outlook.low, seen));
        }
        Outlook { low: self.share(outlook.low, seen), high: self.share(outlook.high, seen) }
    }

    /// Whether missing data, or a result that hangs on it, stands anywhere inside.
    fn hangs_on_gaps(&self, x: &Expr) -> bool {
        let deps = crate::plan::Deps::of(self.model, x);
        !deps.fields.is_empty() || deps.results
    }

    /// Whether a field that is missing stands anywhere inside; never NULL.
    pub fn has_gap(&mut self, x: &Expr) -> Lowered<Sql> {
        let fields = self.fields_of(x);
        let gaps = fields.into_iter().map(|f| self.gap(f, x.span)).collect::<Lowered<Vec<Sql>>>()?;
        Ok(Sql::any(gaps))
    }

    fn fields_of(&self, x: &Expr) -> Vec<FieldId> {
        let mut fields = Vec::new();
        self.model.collect_fields(x, &mut fields);
        fields.sort_unstable();
        fields.dedup();
        fields
    }

    /// Whether something inside may turn out another way; never NULL.
    pub fn is_open(&mut self, x: &Expr) -> Lowered<Sql> {
        let gap = self.has_gap(x)?;
        let result = self.has_open_result(x)?;
        Ok(Sql::any([gap, result]))
    }

    fn has_open_result(&mut self, x: &Expr) -> Lowered<Sql> {
        let of = |ends: Option<&(Sql, super::lower::Ends)>| match ends {
            Some((_, ends)) if ends.is_surely_point() => Sql::Flag(false),
            // An end without a bound is NULL, and equal to nothing.
            Some((_, ends)) => surely(ends.low.clone().equals(ends.high.clone())).not(),
            None => Sql::Flag(false),
        };
        Ok(match &x.kind {
            ExprKind::Score => of(self.results.score.as_ref()),
            ExprKind::Group(id) => of(self.results.groups.get(id.0)),
            ExprKind::Label(id) => match self.results.labels.get(id.0) {
                Some(Some(label)) => label.is_open.clone(),
                _ => Sql::Flag(true),
            },
            ExprKind::Definition(id) => match self.model.definitions.get(id.0) {
                Some(definition) => self.has_open_result(&definition.value)?,
                None => Sql::Flag(false),
            },
            _ => {
                let mut children: Vec<&Expr> = Vec::new();
                x.for_each_child(self.model, &mut |child| children.push(child));
                let open = children.into_iter().map(|c| self.has_open_result(c)).collect::<Lowered<Vec<Sql>>>()?;
                Sql::any(open)
            }
        })
    }

    /// A test of a value. In the second pass a label may have several texts: then it holds where it holds for all.
    pub fn over_choices(
        &mut self,
        x: &V,
        seen: Seen,
        span: Span,
        test: &dyn Fn(&mut Self, &V) -> Lowered<Sql>,
    ) -> Lowered<Sql> {
        let V::Label(id) = x else { return test(self, x) };
        let Some(Some(label)) = self.results.labels.get(*id).cloned() else {
            return super::lower::refused(span, "a label before it is known");
        };
        if seen.pass == Pass::Now {
            return test(self, &V::Text { folded: label.folded, written: label.written });
        }
        let (mut all_true, mut all_false, mut any_open) = (Vec::new(), Vec::new(), Vec::new());
        for choice in &label.choices {
            let result = test(self, &choice.text)?;
            let result = self.share(result, seen);
            all_true.push(Sql::any([choice.may_be.clone().not(), surely(result.clone())]));
            all_false.push(Sql::any([choice.may_be.clone().not(), surely(result.not())]));
            any_open.push(Sql::all([choice.may_be.clone(), choice.is_open.clone()]));
        }
        Ok(Sql::case(
            [
                (Sql::any(any_open), Sql::Null(Kind::Flag)),
                (Sql::all(all_true), Sql::Flag(true)),
                (Sql::all(all_false), Sql::Flag(false)),
            ],
            Sql::Null(Kind::Flag),
        ))
    }

    /// Adds the fields that are missing inside the parts of a condition that are not settled, where `when` holds.
    pub fn unknown_fields(&mut self, condition: &Expr, when: Sql, seen: Seen, gaps: &mut Gaps) -> Lowered<()> {
        use ExprKind as K;
        let seen = seen.with_pass(Pass::Possible);
        if matches!(when, Sql::Flag(false)) || !self.hangs_on_gaps(condition) {
            return Ok(());
        }
        let unsettled = self.outlook(condition, seen)?.is_unsettled();
        let when = Sql::all([when, unsettled]);
        let when = self.share(when, seen);
        match &condition.kind {
            K::Not(inner) => self.unknown_fields(inner, when, seen, gaps)?,
            K::All(items) | K::Any(items) | K::AtLeast(_, items) => {
                for item in items {
                    self.unknown_fields(item, when.clone(), seen, gaps)?;
                }
            }
            K::Unless(a, b) => {
                self.unknown_fields(a, when.clone(), seen, gaps)?;
                self.unknown_fields(b, when, seen, gaps)?;
            }
            K::Definition(id) => {
                if let Some(definition) = self.model.definitions.get(id.0) {
                    self.unknown_fields(&definition.value, when, seen, gaps)?;
                }
            }
            K::OfProfile(_, id) => {
                for criterion in self.model.criteria(*id) {
                    self.unknown_fields(criterion, when.clone(), seen, gaps)?;
                }
            }
            _ => {
                self.label_fields(condition, &when, seen, gaps)?;
                self.add_gaps(condition, &when, gaps)?;
            }
        }
        Ok(())
    }

    /// Adds the missing fields behind a label that a comparison asks for.
    fn label_fields(&mut self, x: &Expr, when: &Sql, seen: Seen, gaps: &mut Gaps) -> Lowered<()> {
        if let ExprKind::Label(id) = &x.kind
            && let Some(label) = self.model.labels.get(id.0)
        {
            let mut when = when.clone();
            for LabelLine { text, condition, line: _ } in &label.lines {
                let outlook = match condition {
                    Some(condition) => self.outlook(condition, seen)?,
                    None => Outlook::settled(Sql::Flag(true)),
                };
                let here = self.share(Sql::all([when.clone(), outlook.may_hold()]), seen);
                if let Some(condition) = condition {
                    self.unknown_fields(condition, here.clone(), seen, gaps)?;
                }
                for part in &text.parts {
                    if let TemplatePart::Value(value) = part {
                        self.label_fields(value, &here, seen, gaps)?;
                        self.add_gaps(value, &here, gaps)?;
                    }
                }
                when = self.share(Sql::all([when, outlook.holds().not()]), seen);
            }
        }
        let mut children: Vec<&Expr> = Vec::new();
        x.for_each_child(self.model, &mut |child| children.push(child));
        children.into_iter().try_for_each(|child| self.label_fields(child, when, seen, gaps))
    }

    /// Adds all fields of an expression that are missing.
    pub fn add_gaps(&mut self, x: &Expr, when: &Sql, gaps: &mut Gaps) -> Lowered<()> {
        for field in self.fields_of(x) {
            let gap = self.gap(field, x.span)?;
            gaps.push((field, Sql::all([when.clone(), gap])));
        }
        Ok(())
    }
}

/// Whether a condition is unknown only where a field in it is missing: a comparison of a field with what is written.
fn is_plain(condition: &Expr) -> bool {
    use ExprKind as K;
    let field = |e: &Expr| matches!(e.kind, K::Field(_));
    let written = |e: &Expr| matches!(&e.kind, K::Value(v) if !v.is_missing()) || matches!(e.kind, K::Today);
    match &condition.kind {
        K::Field(_) => true,
        K::Compare(_, a, b) => field(a) && (written(b) || field(b)) || written(a) && field(b),
        K::Between(x, a, b) => field(x) && written(a) && written(b),
        K::In(x, list) => field(x) && !list.is_empty(),
        K::Text(x, _, _, needles) => field(x) && !needles.is_empty(),
        K::InLast(x, _) | K::InNext(x, _) | K::Ago(x, _) => field(x),
        _ => false,
    }
}
