//! One lead from beginning to end: exclude, score, labels, stage, reviews, reasons, as `eval::decide` has it.

use super::expr::{Binary, Function, Kind, Sql};
use super::lower::{Ends, Lower, Lowered, Pass, Results, Seen, refused};
use super::points::{Fires, Sums};
use super::second::{Gaps, Outlook, surely};
use super::values::{DISQUALIFIED, EXCLUDED, V};
use crate::eval::FiredKind;
use crate::model::{
    Branch, Expr, ExprKind, FieldId, Group, LabelLine, LineId, StageLine, Template, TemplatePart, Verdict,
};
use crate::operators::CompareOp;
use crate::points::ONE;
use crate::source::Span;
use crate::value::Value;
use crate::words::Lines;

/// What a label says, now and once all data is known.
#[derive(Debug, Clone)]
pub(super) struct LabelColumns {
    pub folded: Sql,
    pub written: Sql,
    /// The texts that it may have; of a label that hangs on the stage none are asked for.
    pub choices: Vec<Choice>,
    /// Whether it may have more than one text; never NULL.
    pub is_open: Sql,
}

/// A text that a label may have.
#[derive(Debug, Clone)]
pub(super) struct Choice {
    /// Whether it may; never NULL.
    pub may_be: Sql,
    /// Whether what it says is itself not known; never NULL.
    pub is_open: Sql,
    pub text: V,
}

/// A line that took effect, for the list of reasons.
#[derive(Debug, Clone)]
pub(super) struct Told {
    pub kind: FiredKind,
    pub fires: Fires,
}

/// The answer for each lead.
pub(super) struct Answer {
    pub excluded: Sql,
    /// In ten-thousandths; NULL of an excluded lead.
    pub score: Sql,
    pub groups: Vec<Sql>,
    pub possible: Ends,
    pub stage: Sql,
    pub could_be: Sql,
    pub change: Sql,
    pub labels: Vec<Sql>,
    pub missing: Sql,
    pub review: Sql,
    pub reasons: Sql,
    /// Of an excluded lead.
    pub reasons_excluded: Sql,
}

/// What is asked for: the rest is not worked out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Asked {
    pub possible: bool,
    pub missing: bool,
    pub reviews: bool,
    pub reasons: bool,
    pub labels: bool,
}

impl Lower<'_> {
    /// The answer for a lead.
    pub fn decide(&mut self, asked: Asked) -> Lowered<Answer> {
        let model = self.model;
        let second = asked.possible || asked.missing || crate::plan::Plan::of(model, self.as_of).asks_for_labels;
        let mut told: Vec<Told> = Vec::new();
        let mut gaps: Gaps = Vec::new();
        let excluded = self.verdict(&model.exclude, FiredKind::Exclude, &mut told)?;
        let excluded = self.facts.keep(excluded);
        // What the reason of an excluded lead says of its score and stage.
        let of_excluded = std::mem::take(&mut told);
        let reasons_excluded = match asked.reasons {
            true => {
                let nothing = (Sql::Whole(0), Ends::point(Sql::Whole(0)));
                let stage = Some(Sql::Whole(EXCLUDED));
                self.results = Results { score: Some(nothing), stage, ..Results::default() };
                let reasons = self.reasons(of_excluded)?;
                self.results = Results::default();
                self.definitions.clear();
                reasons
            }
            false => Sql::text(""),
        };
        self.score(second, &mut told, &mut gaps)?;
        let Some((score, possible)) = self.results.score.clone() else {
            return refused(Span::default(), "a model without a score");
        };
        for i in 0..model.labels.len() {
            self.results.labels.push(None);
            if model.labels.get(i).is_some_and(|l| !l.asks_for_stage) {
                let label = self.label(i, second)?;
                if let Some(slot) = self.results.labels.get_mut(i) {
                    *slot = Some(label);
                }
            }
        }

        // The stage: the highest line that holds, below the lowest gate that does not.
        let mut holds = Vec::new();
        for line in model.stage_lines.iter().chain(&model.gates) {
            let truth = self.truth(&line.condition, Seen::NOW)?;
            holds.push(self.facts.keep(surely(truth)));
        }
        let reached = self.highest(&holds);
        let reached = self.facts.keep(reached);
        let current = self.current(Span::default())?;
        let rank = if model.ladder.never_lower && model.ladder.from.is_some() {
            let floor = current.clone().or(Sql::Whole(0));
            let floor = self.facts.keep(floor);
            self.facts.keep(reached.clone().greater(floor))
        } else {
            reached.clone()
        };
        let disqualified = self.verdict(&model.disqualify, FiredKind::Disqualify, &mut told)?;
        let disqualified = self.facts.keep(disqualified);
        let stage = disqualified.clone().when(Sql::Whole(DISQUALIFIED), rank.clone());
        let stage = self.facts.keep(stage);
        let decided =
            Sql::all([disqualified.clone().not(), rank.clone().equals(reached), rank.clone().above(Sql::Whole(0))]);
        let decided = self.facts.keep(decided);
        for (i, line) in model.stage_lines.iter().enumerate() {
            let above = model.stage_lines.iter().enumerate().take(i).filter(|(_, l)| l.stage == line.stage);
            let above: Vec<Sql> = above.filter_map(|(j, _)| holds.get(j)).cloned().collect();
            let here = rank.clone().equals(Sql::Whole(line.stage as i64));
            let Some(this) = holds.get(i) else { continue };
            let fires = Sql::all([decided.clone(), here, this.clone(), Sql::any(above).not()]);
            told.push(tell(FiredKind::Stage, line.line, fires));
        }
        let could_be = if asked.possible || asked.missing {
            let mut may = Vec::new();
            for line in model.stage_lines.iter().chain(&model.gates) {
                may.push(self.outlook(&line.condition, Seen::POSSIBLE)?.may_hold());
            }
            let could = self.highest(&may);
            let could = self.facts.keep(could);
            let could = could.greater(rank.clone());
            self.facts.keep(disqualified.clone().when(Sql::Whole(DISQUALIFIED), could))
        } else {
            stage.clone()
        };
        self.results.stage = Some(stage.clone());
        self.results.could_be = Some(could_be.clone());
        if asked.missing {
            self.missing_of_lines(&rank, &disqualified, &mut gaps)?;
        }
        for i in 0..model.labels.len() {
            let hangs_on_stage = model.labels.get(i).is_some_and(|l| l.asks_for_stage);
            if hangs_on_stage && (asked.labels || asked.reviews || asked.reasons) {
                let label = self.label(i, false)?;
                if let Some(slot) = self.results.labels.get_mut(i) {
                    *slot = Some(label);
                }
            }
        }
        let review = if asked.reviews { self.reviews()? } else { Sql::text("") };
        let reasons = if asked.reasons { self.reasons(told)? } else { Sql::text("") };
        let missing = self.missing(gaps);
        let labels = self.results.labels.iter().map(|l| match l {
            Some(label) => label.written.clone(),
            None => Sql::Null(Kind::Text),
        });
        let labels: Vec<Sql> = labels.collect();
        let change = self.change(current, &rank, &disqualified);
        let groups = self.results.groups.iter().map(|(now, _)| now.clone()).collect();
        Ok(Answer {
            excluded,
            score,
            groups,
            possible,
            stage,
            could_be,
            change,
            labels,
            missing,
            review,
            reasons,
            reasons_excluded,
        })
    }

    /// Whether one of some lines holds; the first is told.
    fn verdict(&mut self, lines: &[Verdict], kind: FiredKind, told: &mut Vec<Told>) -> Lowered<Sql> {
        let mut above: Vec<Sql> = Vec::new();
        for line in lines {
            let truth = self.truth(&line.condition, Seen::NOW)?;
            let holds = self.facts.keep(surely(truth));
            let fires = Sql::all([holds.clone(), Sql::any(above.iter().cloned()).not()]);
            told.push(tell(kind, line.line, fires));
            above.push(holds);
        }
        Ok(Sql::any(above))
    }

    /// The highest stage of which a line passes, and all gates up to it; `passes` of the lines and then of the gates.
    fn highest(&self, passes: &[Sql]) -> Sql {
        let (lines, gates) = passes.split_at(self.model.stage_lines.len().min(passes.len()));
        let mut by_stage: Vec<(usize, Vec<Sql>)> = Vec::new();
        for (StageLine { stage, .. }, passes) in self.model.stage_lines.iter().zip(lines) {
            match by_stage.iter_mut().find(|(s, _)| s == stage) {
                Some((_, any)) => any.push(passes.clone()),
                None => by_stage.push((*stage, vec![passes.clone()])),
            }
        }
        by_stage.sort_by_key(|(stage, _)| std::cmp::Reverse(*stage));
        let cases = by_stage.into_iter().map(|(stage, any)| {
            let below = self.model.gates.iter().zip(gates).filter(|(gate, _)| gate.stage <= stage);
            let open = below.map(|(_, passes)| passes.clone());
            (Sql::all(std::iter::once(Sql::any(any)).chain(open)), Sql::Whole(stage as i64))
        });
        Sql::case(cases.collect::<Vec<_>>(), Sql::Whole(0))
    }

    /// All groups and the whole score.
    fn score(&mut self, second: bool, told: &mut Vec<Told>, gaps: &mut Gaps) -> Lowered<()> {
        let model = self.model;
        let (mut now, mut low, mut high) = (Vec::new(), Vec::new(), Vec::new());
        let mut may_be_open = false;
        for (i, group) in model.groups.iter().enumerate() {
            let sums = self.group(i, group, second, told, gaps)?;
            now.push(sums.now.clone());
            low.push(sums.possible.low.clone());
            high.push(sums.possible.high.clone());
            may_be_open |= sums.possible.may_be_open;
            self.results.groups.push((sums.now, sums.possible));
        }
        let mut fires = Vec::new();
        let loose = self.items(&model.loose, Seen::NOW, second, &mut fires, gaps)?;
        told.extend(fires.into_iter().map(|fires| Told { kind: FiredKind::Points, fires }));
        now.push(loose.now);
        low.push(loose.possible.low);
        high.push(loose.possible.high);
        may_be_open |= loose.possible.may_be_open;
        let total = |items| Sql::sum(Kind::Whole, items);
        let mut sums = Sums {
            now: self.facts.keep(total(now)),
            possible: Ends { low: self.facts.keep(total(low)), high: self.facts.keep(total(high)), may_be_open },
        };
        if let Some(formula) = &model.formula {
            sums = self.formula(formula, second)?;
            let differs = surely(Sql::all([
                sums.possible.low.clone().equals(sums.now.clone()),
                sums.possible.high.clone().equals(sums.now.clone()),
            ]));
            self.add_gaps(formula, &differs.not(), gaps)?;
        }
        let mut of_sum: Vec<Fires> = Vec::new();
        if let Some(fading) = &model.fading {
            if model.formula.is_some() {
                return refused(model.line(fading.line).span, "a formula of scores that fades");
            }
            let left = self.left(fading)?;
            let faded = self.faded(sums.now.clone(), &left);
            let mut lines = Vec::new();
            sums.now = self.becomes(sums.now, faded, fading.line, &mut lines);
            told.extend(lines.into_iter().map(|fires| Told { kind: FiredKind::Fading, fires }));
            sums.possible = self.faded_ends(sums.possible, &left);
        }
        let sums = self.limit(&model.limits, sums, second, &mut of_sum, gaps)?;
        let sums = self.bound(model.bounds, model.bounds_line, sums, &mut of_sum)?;
        told.extend(of_sum.into_iter().map(|fires| Told { kind: FiredKind::Bounds, fires }));
        self.results.score = Some((sums.now, sums.possible));
        Ok(())
    }

    fn group(
        &mut self,
        id: usize,
        group: &Group,
        second: bool,
        told: &mut Vec<Told>,
        gaps: &mut Gaps,
    ) -> Lowered<Sums> {
        let seen = Seen { group: (!group.reset_at.is_empty()).then_some(id), ..Seen::NOW };
        for reset in &group.reset_at {
            let selected = self.select(&reset.activity, Seen::NOW)?;
            let fires = self.count(selected.dated).above(Sql::Whole(0));
            told.push(tell(FiredKind::Reset, reset.line, Sql::all([selected.known, fires])));
        }
        let mut fires = Vec::new();
        let sums = self.items(&group.items, seen, second, &mut fires, gaps)?;
        told.extend(fires.into_iter().map(|fires| Told { kind: FiredKind::Points, fires }));
        let sum = sums.now.clone();
        let mut sums = sums;
        let mut of_sum: Vec<Told> = Vec::new();
        if let Some(fading) = &group.fading {
            let left = self.left(fading)?;
            let faded = self.faded(sums.now.clone(), &left);
            let mut lines = Vec::new();
            sums.now = self.becomes(sums.now, faded, fading.line, &mut lines);
            of_sum.extend(lines.into_iter().map(|fires| Told { kind: FiredKind::Fading, fires }));
            sums.possible = self.faded_ends(sums.possible, &left);
        }
        let mut bounds: Vec<Fires> = Vec::new();
        let sums = self.limit(&group.limits, sums, second, &mut bounds, gaps)?;
        let mut sums = self.bound(group.bounds, group.bounds_line, sums, &mut bounds)?;
        of_sum.extend(bounds.into_iter().map(|fires| Told { kind: FiredKind::Bounds, fires }));
        if group.resets.is_empty() {
            told.append(&mut of_sum);
            if second {
                self.open_resets(group, &mut sums, gaps)?;
            }
            return Ok(sums);
        }
        let mut any = Vec::new();
        for reset in &group.resets {
            let truth = self.truth(&reset.condition, Seen::NOW)?;
            let holds = self.facts.keep(surely(truth));
            told.push(tell(FiredKind::Reset, reset.line, holds.clone()));
            any.push(holds);
        }
        let is_reset = self.facts.keep(Sql::any(any));
        if second {
            let mut outlooks = Vec::new();
            for reset in &group.resets {
                let outlook = self.outlook(&reset.condition, Seen::POSSIBLE)?;
                outlooks.push(self.kept(outlook, Seen::POSSIBLE));
            }
            let resets = Outlook {
                low: Sql::any(outlooks.iter().map(|o| o.low.clone())),
                high: Sql::any(outlooks.iter().map(|o| o.high.clone())),
            };
            let resets = self.kept(resets, Seen::POSSIBLE);
            let before = sums.possible.clone();
            let is_nothing = Sql::all([
                surely(before.low.clone().equals(Sql::Whole(0))),
                surely(before.high.clone().equals(Sql::Whole(0))),
            ]);
            let may = Sql::all([resets.holds().not(), resets.may_hold(), is_nothing.not()]);
            let may = self.facts.keep(may);
            for (reset, outlook) in group.resets.iter().zip(&outlooks) {
                if !outlook.is_surely_settled() {
                    let in_doubt = Sql::all([may.clone(), outlook.may_hold(), outlook.holds().not()]);
                    self.unknown_fields(&reset.condition, in_doubt, Seen::POSSIBLE, gaps)?;
                }
            }
            sums.possible = self.reset_ends(&before, &resets);
            self.open_resets(group, &mut sums, gaps)?;
        }
        // Whatever its floors are; told at once.
        for Told { fires, .. } in &mut of_sum {
            fires.fires = Sql::all([is_reset.clone().not(), fires.fires.clone()]);
        }
        told.append(&mut of_sum);
        if let Some(line) = group.bounds_line {
            let fires = Sql::all([is_reset.clone(), sum.clone().equals(Sql::Whole(0)).not()]);
            let points = sum.negated();
            told.push(Told { kind: FiredKind::Bounds, fires: Fires { line, branch: Branch::Then, fires, points } });
        }
        sums.now = self.facts.keep(is_reset.when(Sql::Whole(0), sums.now));
        Ok(sums)
    }

    /// A `reset at` in a window of which a date is missing may take everything away.
    fn open_resets(&mut self, group: &Group, sums: &mut Sums, gaps: &mut Gaps) -> Lowered<()> {
        for reset in &group.reset_at {
            let known = self.select(&reset.activity, Seen::NOW)?.known;
            if known == Sql::Flag(true) {
                continue;
            }
            let did = Expr { kind: ExprKind::Did(reset.activity.clone(), None), span: reset.activity.span };
            let may = self.outlook(&did, Seen::POSSIBLE)?.may_hold();
            let may = self.facts.keep(Sql::all([known.not(), may]));
            let before = sums.possible.clone();
            let is_nothing = Sql::all([
                surely(before.low.clone().equals(Sql::Whole(0))),
                surely(before.high.clone().equals(Sql::Whole(0))),
            ]);
            self.unknown_fields(&did, Sql::all([may.clone(), is_nothing.not()]), Seen::POSSIBLE, gaps)?;
            let open = Outlook { low: Sql::Flag(false), high: may };
            sums.possible = self.reset_ends(&before, &open);
        }
        Ok(())
    }

    /// What is left of a group that may be reset.
    fn reset_ends(&mut self, before: &Ends, resets: &Outlook) -> Ends {
        let zero = || Sql::Whole(0);
        let end = |end: &Sql, least: bool| {
            let hull = if least { end.clone().lesser(zero()) } else { end.clone().greater(zero()) };
            let hull = if before.may_be_open { end.clone().null().when(Sql::Null(Kind::Whole), hull) } else { hull };
            Sql::case([(resets.holds(), zero()), (resets.may_hold(), hull)], end.clone())
        };
        let (low, high) = (end(&before.low, true), end(&before.high, false));
        Ends { low: self.facts.keep(low), high: self.facts.keep(high), may_be_open: before.may_be_open }
    }

    /// `score = …`: groups added up, weighed, the least and greatest of them; exactly, rounded once. Other formulas are refused.
    fn formula(&mut self, formula: &Expr, second: bool) -> Lowered<Sums> {
        let now = self.share_of(formula, Pass::Now)?.low;
        let now = self.rounded_share(now);
        if !second {
            return Ok(Sums { now: now.clone(), possible: Ends::point(now) });
        }
        let may_be_open = self.results.groups.iter().any(|(_, ends)| ends.may_be_open);
        let Shares { low, high, .. } = self.share_of(formula, Pass::Possible)?;
        let (low, high) = (self.rounded_share(low), self.rounded_share(high));
        Ok(Sums { now, possible: Ends { low, high, may_be_open } })
    }

    /// A number of so many parts, rounded half away from zero to whole ones.
    fn rounded_share(&mut self, share: Share) -> Sql {
        let Share { parts, of } = share;
        if of == 1 {
            return self.facts.keep(parts);
        }
        let parts = self.facts.keep(parts);
        let near = Sql::sum(Kind::Whole, [Sql::call(Function::Abs, [parts.clone()]), Sql::Whole(of / 2)]);
        // Twice the half of an odd number is one less than it: a half itself does not occur there.
        let near = self.facts.keep(Sql::binary(Binary::IntDivide, near, Sql::Whole(of)));
        self.facts.keep(parts.below(Sql::Whole(0)).when(near.clone().negated(), near))
    }

    /// The ends of a part of a formula, in ten-thousandths.
    fn share_of(&mut self, expr: &Expr, pass: Pass) -> Lowered<Shares> {
        let refuse = || refused(expr.span, "a formula of scores that is more than groups added up and weighed");
        let constant = crate::plan::Deps::of(self.model, expr).is_constant();
        if constant {
            let Value::Number(n) = self.nobody.value(expr) else { return refuse() };
            let Some(share) =
                fraction(n).and_then(|(n, d)| Some(Share { parts: Sql::Whole(n.checked_mul(ONE as i64)?), of: d }))
            else {
                return refuse();
            };
            return Ok(Shares { low: share.clone(), high: share });
        }
        Ok(match &expr.kind {
            ExprKind::Group(id) => {
                let Some((now, possible)) = self.results.groups.get(id.0).cloned() else { return refuse() };
                let whole = |parts| Share { parts, of: 1 };
                match pass {
                    Pass::Now => Shares { low: whole(now.clone()), high: whole(now) },
                    Pass::Possible => Shares { low: whole(possible.low), high: whole(possible.high) },
                }
            }
            ExprKind::Definition(id) => match self.model.definitions.get(id.0) {
                Some(definition) => self.share_of(&definition.value, pass)?,
                None => return refuse(),
            },
            ExprKind::Negate(inner) => {
                let Shares { low, high } = self.share_of(inner, pass)?;
                Shares { low: high.times(-1), high: low.times(-1) }
            }
            ExprKind::Sum(items) => {
                let mut total: Option<Shares> = None;
                for (minus, item) in items {
                    let mut item = self.share_of(item, pass)?;
                    if *minus {
                        item = Shares { low: item.high.times(-1), high: item.low.times(-1) };
                    }
                    total = Some(match total {
                        None => item,
                        Some(total) => {
                            let Some(low) = total.low.plus(item.low) else { return refuse() };
                            let Some(high) = total.high.plus(item.high) else { return refuse() };
                            Shares { low, high }
                        }
                    });
                }
                let Some(total) = total else { return refuse() };
                total
            }
            ExprKind::Product(items) => {
                let mut weight = (1i64, 1i64);
                let mut of: Option<Shares> = None;
                for (divides, item) in items {
                    if !crate::plan::Deps::of(self.model, item).is_constant() {
                        if *divides || of.is_some() {
                            return refuse();
                        }
                        of = Some(self.share_of(item, pass)?);
                        continue;
                    }
                    let Value::Number(n) = self.nobody.value(item) else { return refuse() };
                    let Some((n, d)) = fraction(n).filter(|(n, _)| !*divides || *n != 0) else { return refuse() };
                    let (n, d) = if *divides { (d * n.signum(), n.abs()) } else { (n, d) };
                    let product = weight.0.checked_mul(n).zip(weight.1.checked_mul(d));
                    let Some(product) = product.filter(|(n, d)| n.abs() <= MOST_WEIGHT && *d <= MOST_WEIGHT) else {
                        return refuse();
                    };
                    weight = product;
                }
                let Some(Shares { low, high }) = of else { return refuse() };
                let (low, high) = if weight.0 < 0 { (high, low) } else { (low, high) };
                let weighed = |share: Share| {
                    let of = share.of.checked_mul(weight.1).filter(|of| *of <= MOST_WEIGHT)?;
                    Some(Share { of, ..share.times(weight.0) })
                };
                let (Some(low), Some(high)) = (weighed(low), weighed(high)) else { return refuse() };
                Shares { low, high }
            }
            ExprKind::Call(function, args) if matches!(function.name, "min" | "max") => {
                let op = if function.name == "min" { CompareOp::Less } else { CompareOp::Greater };
                let mut best: Option<Shares> = None;
                for arg in args {
                    let arg = self.share_of(arg, pass)?;
                    best = Some(match best {
                        None => arg,
                        Some(best) => {
                            let (Some(low), Some(high)) =
                                (self.better(op, best.low, arg.low), self.better(op, best.high, arg.high))
                            else {
                                return refuse();
                            };
                            Shares { low, high }
                        }
                    });
                }
                let Some(best) = best else { return refuse() };
                best
            }
            _ => return refuse(),
        })
    }

    /// The lesser or greater of two, NULL where one is: it has no bound.
    fn better(&mut self, op: CompareOp, a: Share, b: Share) -> Option<Share> {
        let (a, b, of) = a.alike(b)?;
        let (a, b) = (self.facts.keep(a), self.facts.keep(b));
        let is_open = Sql::any([a.clone().null(), b.clone().null()]);
        let better = Sql::compare(op, a.clone(), b.clone()).when(a, b);
        Some(Share { parts: self.facts.keep(is_open.when(Sql::Null(Kind::Whole), better)), of })
    }

    /// A label: the first line that holds, and what it may say.
    fn label(&mut self, id: usize, second: bool) -> Lowered<LabelColumns> {
        let Some(label) = self.model.labels.get(id) else { return refused(Span::default(), "such a label") };
        let (mut written, mut folded) = (Vec::new(), Vec::new());
        let mut choices = Vec::new();
        // Whether a line above surely holds.
        let mut settled = Sql::Flag(false);
        for LabelLine { text, condition, line: _ } in &label.lines {
            let says = self.filled(text, label.span)?;
            let V::Text { folded: of_text, written: as_text } = &says else { continue };
            let holds = match condition {
                Some(condition) => {
                    let truth = self.truth(condition, Seen::NOW)?;
                    self.facts.share(truth)
                }
                None => Sql::Flag(true),
            };
            written.push((holds.clone(), as_text.clone()));
            folded.push((holds, of_text.clone()));
            if !second {
                continue;
            }
            let outlook = match condition {
                Some(condition) => self.outlook(condition, Seen::POSSIBLE)?,
                None => Outlook::settled(Sql::Flag(true)),
            };
            let may_be = Sql::all([settled.clone().not(), outlook.may_hold()]);
            let may_be = self.facts.share(may_be);
            settled = self.facts.share(Sql::any([settled, outlook.holds()]));
            let mut is_open = Vec::new();
            for part in &text.parts {
                let TemplatePart::Value(value) = part else { continue };
                is_open.push(match &value.kind {
                    ExprKind::Label(id) => match self.results.labels.get(id.0) {
                        Some(Some(label)) => label.is_open.clone(),
                        _ => Sql::Flag(true),
                    },
                    _ => self.is_open(value)?,
                });
            }
            choices.push(Choice { may_be, is_open: Sql::any(is_open), text: says });
        }
        let none = V::Text { folded: Sql::Null(Kind::Text), written: Sql::Null(Kind::Text) };
        if second && settled != Sql::Flag(true) {
            choices.push(Choice { may_be: settled.not(), is_open: Sql::Flag(false), text: none });
        }
        let is_open = self.has_several(&choices);
        Ok(LabelColumns {
            written: self.facts.keep(Sql::case(written, Sql::Null(Kind::Text))),
            folded: self.facts.keep(Sql::case(folded, Sql::Null(Kind::Text))),
            choices,
            is_open,
        })
    }

    /// Whether a label may have several texts, or one that is not known.
    fn has_several(&mut self, choices: &[Choice]) -> Sql {
        let mut any = Vec::new();
        for (i, choice) in choices.iter().enumerate() {
            any.push(Sql::all([choice.may_be.clone(), choice.is_open.clone()]));
            for other in choices.iter().skip(i + 1) {
                let (V::Text { written: a, .. }, V::Text { written: b, .. }) = (&choice.text, &other.text) else {
                    continue;
                };
                let differ = match (a, b) {
                    (Sql::Text(a), Sql::Text(b)) => Sql::Flag(a != b),
                    (Sql::Null(_), Sql::Null(_)) => Sql::Flag(false),
                    (Sql::Null(_), _) | (_, Sql::Null(_)) => Sql::Flag(true),
                    _ => a.clone().equals(b.clone()).not(),
                };
                any.push(Sql::all([choice.may_be.clone(), other.may_be.clone(), differ]));
            }
        }
        self.facts.keep(Sql::any(any))
    }

    /// A text with its names filled in.
    fn filled(&mut self, template: &Template, span: Span) -> Lowered<V> {
        let mut parts = Vec::new();
        let mut run = String::new();
        for part in &template.parts {
            match part {
                TemplatePart::Text(text) => run.push_str(text),
                TemplatePart::Value(value) => {
                    if !run.is_empty() {
                        parts.push(Sql::text(std::mem::take(&mut run)));
                    }
                    parts.push(self.printed(value)?);
                }
            }
        }
        if run.contains('\0') {
            return refused(span, "a text with a NUL");
        }
        if parts.is_empty() {
            let folded = crate::text::fold(&run).into_owned();
            return Ok(V::Text { folded: Sql::text(folded), written: Sql::text(run) });
        }
        if !run.is_empty() {
            parts.push(Sql::text(run));
        }
        let written = if parts.len() == 1 { parts.remove(0) } else { Sql::Concat(parts) };
        let written = self.facts.keep(written);
        // A label that says nothing but white space is a text all the same.
        let folded = Sql::call(Function::Fold, [written.clone()]).or(Sql::text(""));
        Ok(V::Text { folded: self.facts.keep(folded), written })
    }

    /// A value as it is printed; never NULL.
    fn printed(&mut self, value: &Expr) -> Lowered<Sql> {
        Ok(match &value.kind {
            ExprKind::Score => {
                let Some((now, _)) = self.results.score.clone() else {
                    return refused(value.span, "a score before it is known");
                };
                self.points_text(now)
            }
            ExprKind::Group(id) => match self.results.groups.get(id.0).cloned() {
                Some((now, _)) => self.points_text(now),
                None => Sql::text(""),
            },
            ExprKind::Label(id) => match self.results.labels.get(id.0) {
                Some(Some(label)) => label.written.clone().or(Sql::text("")),
                _ => Sql::text(""),
            },
            _ => match self.value(value, Seen::NOW)? {
                V::Missing => Sql::text(""),
                V::Text { folded, written } => {
                    let text = Sql::call(Function::Trim, [written]);
                    self.facts.keep(folded.null().when(Sql::text(""), text))
                }
                V::Flag(flag) => {
                    let flag = self.facts.keep(flag);
                    let no = Sql::case([(flag.clone().not(), Sql::text("no"))], Sql::text(""));
                    Sql::case([(flag, Sql::text("yes"))], no)
                }
                V::Stage(rank) => self.stage_name(rank).or(Sql::text("")),
                V::List(list) => Sql::call(Function::Joined, [list]).or(Sql::text("")),
                V::Number(x) => self.number_text(x),
                V::Date { first, is_day, .. } => self.date_text(first, is_day),
                V::Points(_) | V::Between(..) | V::Label(_) => return refused(value.span, "such a value in a text"),
            },
        })
    }

    /// Points as the shortest decimal.
    fn points_text(&mut self, points: Sql) -> Sql {
        let points = self.facts.keep(points);
        let size = self.facts.keep(Sql::call(Function::Abs, [points.clone()]));
        let text = self.decimal_text(size, Sql::Whole(4), 4);
        let sign = points.below(Sql::Whole(0)).when(Sql::text("-"), Sql::text(""));
        self.facts.keep(Sql::Concat(vec![sign, text]))
    }

    /// `digits` over ten to the power of `places`, of which there are at most so many: without zeros at the end.
    fn decimal_text(&mut self, digits: Sql, places: Sql, most: i64) -> Sql {
        let text = |sql: Sql| Sql::call(Function::ToText, [sql]);
        if let Sql::Whole(places) = places {
            let size = 10i64.pow(u32::try_from(places.min(most)).unwrap_or(0));
            let whole = Sql::binary(Binary::IntDivide, digits.clone(), Sql::Whole(size));
            let rest = self.facts.keep(Sql::binary(Binary::Modulo, digits, Sql::Whole(size)));
            // With a one in front all zeros of the fraction are written.
            let padded = text(Sql::sum(Kind::Whole, [rest.clone(), Sql::Whole(size)]));
            let fraction = Sql::call(Function::Substring, [padded, Sql::Whole(2)]);
            let fraction = Sql::call(Function::TrimEnd, [fraction, Sql::text("0")]);
            let fraction = Sql::Concat(vec![Sql::text("."), fraction]);
            let fraction = rest.equals(Sql::Whole(0)).when(Sql::text(""), fraction);
            return Sql::Concat(vec![text(whole), fraction]);
        }
        // All digits in a row, and the point so many from the right.
        let zeros = "0".repeat(usize::try_from(most).unwrap_or(0));
        let row = self.facts.keep(Sql::Concat(vec![Sql::text(zeros), text(digits)]));
        let length = self.facts.keep(Sql::call(Function::Length, [row.clone()]));
        let split = self.facts.keep(Sql::binary(Binary::Minus, length, places));
        let whole = Sql::call(Function::Substring, [row.clone(), Sql::Whole(1), split.clone()]);
        let whole = Sql::call(Function::TrimStart, [whole, Sql::text("0")]);
        let whole = self.facts.keep(whole);
        let whole = whole.clone().equals(Sql::text("")).when(Sql::text("0"), whole);
        let from = Sql::sum(Kind::Whole, [split, Sql::Whole(1)]);
        let fraction = Sql::call(Function::Substring, [row, from]);
        let fraction = self.facts.keep(Sql::call(Function::TrimEnd, [fraction, Sql::text("0")]));
        let shown = Sql::Concat(vec![Sql::text("."), fraction.clone()]);
        Sql::Concat(vec![whole, fraction.equals(Sql::text("")).when(Sql::text(""), shown)])
    }

    /// A double as its shortest decimal, of 15 digits at most; nothing where it is NULL.
    fn number_text(&mut self, x: Sql) -> Sql {
        let seen = Seen::NOW;
        let x = self.facts.keep(x);
        let size = self.rounded_size(Sql::call(Function::Abs, [x.clone()]), seen);
        let power = |e: i32| format!("1e{e}").parse::<f64>().unwrap_or(1.0);
        let reaches = |e: i32| size.clone().at_least(Sql::number(power(e)));
        let shifts = (-7..=14).rev().map(|e| (reaches(e), Sql::number(power(14 - e)))).collect::<Vec<_>>();
        let places = (-7..=14).rev().map(|e| (reaches(e), Sql::Whole(i64::from(14 - e)))).collect::<Vec<_>>();
        let shift = self.facts.keep(Sql::case(shifts, Sql::number(1e22)));
        let places = self.facts.keep(Sql::case(places, Sql::Whole(22)));
        let near = Sql::binary(Binary::Times, size.clone(), shift);
        let digits = Sql::call(Function::Floor, [Sql::sum(Kind::Number, [near, Sql::number(0.5)])]);
        // 10^15 itself has a digit more.
        let is_largest = size.clone().at_least(Sql::number(1e15));
        let digits = is_largest.clone().when(Sql::Whole(1_000_000_000_000_000), digits);
        let digits = self.facts.keep(digits);
        let places = self.facts.keep(is_largest.when(Sql::Whole(0), places));
        let text = self.decimal_text(digits, places, 22);
        let is_negative = Sql::all([x.clone().below(Sql::number(0.0)), size.above(Sql::number(0.0))]);
        let sign = is_negative.when(Sql::text("-"), Sql::text(""));
        self.facts.keep(x.null().when(Sql::text(""), Sql::Concat(vec![sign, text])))
    }

    /// A day as `2025-06-30`, an instant as RFC 3339; nothing where it is NULL.
    fn date_text(&mut self, first: Sql, is_day: Sql) -> Sql {
        let first = self.facts.keep(first);
        let padded = |n: Sql, size: i64| {
            let text = Sql::call(Function::ToText, [Sql::sum(Kind::Whole, [n, Sql::Whole(size)])]);
            Sql::call(Function::Substring, [text, Sql::Whole(2)])
        };
        let day_of = |lower: &mut Self, local: Sql| {
            let civil = lower.civil_of(local, Seen::NOW);
            let dash = || Sql::text("-");
            let parts =
                vec![padded(civil.year, 10_000), dash(), padded(civil.month, 100), dash(), padded(civil.day, 100)];
            lower.facts.keep(Sql::Concat(parts))
        };
        // A day is printed as it is there, an instant in UTC.
        let day = match is_day {
            Sql::Flag(false) => Sql::Null(Kind::Text),
            _ => {
                let local = self.local(first.clone(), Seen::NOW);
                day_of(self, local)
            }
        };
        let day_in_utc = day_of(self, first.clone());
        let shifted = Sql::sum(Kind::Whole, [first.clone(), Sql::Whole(719_468 * super::calendar::MICROS_PER_DAY)]);
        let of_day = Sql::binary(Binary::Modulo, shifted, Sql::Whole(super::calendar::MICROS_PER_DAY));
        let of_day = self.facts.keep(of_day);
        let part = |size: i64, of: i64| {
            let n = Sql::binary(Binary::IntDivide, of_day.clone(), Sql::Whole(size));
            Sql::binary(Binary::Modulo, n, Sql::Whole(of))
        };
        let micros = self.facts.keep(Sql::binary(Binary::Modulo, of_day.clone(), Sql::Whole(1_000_000)));
        let fraction = padded(micros.clone(), 1_000_000);
        let fraction = Sql::call(Function::TrimEnd, [fraction, Sql::text("0")]);
        let fraction = Sql::Concat(vec![Sql::text("."), fraction]);
        let fraction = micros.equals(Sql::Whole(0)).when(Sql::text(""), fraction);
        let instant = Sql::Concat(vec![
            day_in_utc,
            Sql::text("T"),
            padded(part(3_600_000_000, 24), 100),
            Sql::text(":"),
            padded(part(60_000_000, 60), 100),
            Sql::text(":"),
            padded(part(1_000_000, 60), 100),
            fraction,
            Sql::text("Z"),
        ]);
        let text = is_day.when(day, instant);
        self.facts.keep(first.null().when(Sql::text(""), text))
    }

    /// The name of a stage by its rank; NULL where it is.
    pub fn stage_name(&self, rank: Sql) -> Sql {
        let names = self.model.ladder.stages.iter().enumerate();
        let cases = names.map(|(i, name)| (rank.clone().equals(Sql::Whole(i as i64)), Sql::text(name)));
        let others = [(DISQUALIFIED, "disqualified"), (EXCLUDED, "excluded")];
        let cases = cases.chain(others.map(|(n, name)| (rank.clone().equals(Sql::Whole(n)), Sql::text(name))));
        Sql::case(cases.collect::<Vec<_>>(), Sql::Null(Kind::Text))
    }

    fn change(&self, current: Sql, rank: &Sql, disqualified: &Sql) -> Sql {
        if self.model.ladder.from.is_none() {
            return Sql::Null(Kind::Text);
        }
        let compared = |op| Sql::compare(op, rank.clone(), current.clone());
        Sql::case(
            [
                (disqualified.clone(), Sql::Null(Kind::Text)),
                (compared(CompareOp::Greater), Sql::text("raised")),
                (compared(CompareOp::Equal), Sql::text("same")),
                (compared(CompareOp::Less), Sql::text("lowered")),
            ],
            Sql::Null(Kind::Text),
        )
    }

    /// The fields behind unknown lines: verdicts, and lines and gates of stages above the one reached.
    fn missing_of_lines(&mut self, rank: &Sql, disqualified: &Sql, gaps: &mut Gaps) -> Lowered<()> {
        let model = self.model;
        for verdict in model.disqualify.iter().chain(&model.exclude) {
            self.missing_of_line(&verdict.condition, Sql::Flag(true), gaps)?;
        }
        let counts = disqualified.clone().not();
        for line in &model.stage_lines {
            let above = rank.clone().below(Sql::Whole(line.stage as i64));
            self.missing_of_line(&line.condition, Sql::all([counts.clone(), above]), gaps)?;
        }
        let top = Sql::Whole(model.ladder.stages.len() as i64 - 1);
        let has_higher = Sql::all([counts, rank.clone().below(top)]);
        for gate in &model.gates {
            self.missing_of_line(&gate.condition, has_higher.clone(), gaps)?;
        }
        Ok(())
    }

    fn missing_of_line(&mut self, condition: &Expr, when: Sql, gaps: &mut Gaps) -> Lowered<()> {
        let outlook = self.outlook(condition, Seen::POSSIBLE)?;
        if outlook.is_surely_settled() {
            return Ok(());
        }
        let in_doubt = self.facts.share(Sql::all([when, outlook.may_hold(), outlook.holds().not()]));
        self.unknown_fields(condition, in_doubt, Seen::POSSIBLE, gaps)
    }

    /// The names of the fields that matter, in the order of the model.
    fn missing(&mut self, gaps: Gaps) -> Sql {
        let mut by_field: Vec<(FieldId, Vec<Sql>)> = Vec::new();
        for (field, when) in gaps {
            match by_field.iter_mut().find(|(f, _)| *f == field) {
                Some((_, any)) => any.push(when),
                None => by_field.push((field, vec![when])),
            }
        }
        by_field.sort_by_key(|(field, _)| *field);
        let parts = by_field.into_iter().filter_map(|(field, any)| {
            let name = &self.model.fields.get(field.0)?.name;
            Some(Sql::any(any).when(Sql::text(format!("; {name}")), Sql::text("")))
        });
        let parts: Vec<Sql> = parts.collect();
        self.joined(parts)
    }

    /// Texts that begin with `; `, without the first of these.
    fn joined(&mut self, parts: Vec<Sql>) -> Sql {
        if parts.is_empty() {
            return Sql::text("");
        }
        let all =
            if parts.len() == 1 { Sql::Concat(vec![parts[0].clone(), Sql::text("")]) } else { Sql::Concat(parts) };
        let all = self.facts.keep(all);
        Sql::call(Function::Substring, [all, Sql::Whole(3)])
    }

    fn reviews(&mut self) -> Lowered<Sql> {
        let model = self.model;
        let mut parts = Vec::new();
        for review in &model.reviews {
            let truth = self.truth(&review.condition, Seen::NOW)?;
            let text = match &model.line(review.line).because {
                Some(because) => self.filled(because, model.line(review.line).span)?,
                None => V::Text { folded: Sql::text(""), written: Sql::text("") },
            };
            let V::Text { written, .. } = text else { continue };
            let text = Sql::Concat(vec![Sql::text("; "), written]);
            parts.push(truth.when(text, Sql::text("")));
        }
        Ok(self.joined(parts))
    }

    /// What took effect, in the order of the file.
    fn reasons(&mut self, mut told: Vec<Told>) -> Lowered<Sql> {
        let model = self.model;
        let words = Lines::of(model);
        told.sort_by_key(|t| t.fires.line);
        let mut parts = Vec::new();
        for Told { kind, fires: Fires { line, branch, fires, points } } in told {
            let of_line = model.line(line);
            let because = of_line.because(branch);
            if kind == FiredKind::Stage && because.is_none() {
                continue;
            }
            let mut text = Vec::new();
            let mut given = None;
            if kind.changes_points() {
                text.push(match points {
                    Sql::Whole(0) => continue,
                    Sql::Whole(n) => Sql::text(format!("; {} ", crate::points::to_signed_text(i128::from(n)))),
                    points => {
                        let points = self.facts.share(points);
                        given = Some(points.clone());
                        let shown = self.points_text(points.clone());
                        let sign = points.below(Sql::Whole(0)).when(Sql::text("; "), Sql::text("; +"));
                        Sql::Concat(vec![sign, shown, Sql::text(" ")])
                    }
                });
                if kind == FiredKind::Points && branch == Branch::IfNot && because.is_none() {
                    text.push(Sql::text("Not: "));
                }
            } else {
                text.push(Sql::text("; "));
            }
            text.push(match because {
                Some(because) => match self.filled(because, of_line.span)? {
                    V::Text { written, .. } => written,
                    _ => Sql::text(""),
                },
                None => Sql::text(words.get(line).map_or("", |l| l.reason.as_str())),
            });
            // What is written out stands in one text.
            let mut joined: Vec<Sql> = Vec::new();
            for part in text {
                match (joined.last_mut(), part) {
                    (Some(Sql::Text(before)), Sql::Text(more)) => before.push_str(&more),
                    (_, part) => joined.push(part),
                }
            }
            let text = if joined.len() == 1 { joined.remove(0) } else { Sql::Concat(joined) };
            // A rule that gives 0 is not told.
            let fires = match (kind, given) {
                (FiredKind::Points, Some(points)) => Sql::all([fires, points.equals(Sql::Whole(0)).not()]),
                _ => fires,
            };
            parts.push((fires, text));
        }
        let parts = parts.into_iter().map(|(fires, text)| fires.when(text, Sql::text(""))).collect();
        Ok(self.joined(parts))
    }
}

/// Weights and what divides them are at most so large, so that points times them fit.
const MOST_WEIGHT: i64 = 1_000_000;

/// So many parts of which each is one of so many of a ten-thousandth.
#[derive(Clone)]
struct Share {
    parts: Sql,
    of: i64,
}

/// The ends of a part of a formula.
struct Shares {
    low: Share,
    high: Share,
}

impl Share {
    fn times(self, n: i64) -> Share {
        let parts = match self.parts {
            Sql::Whole(parts) => Sql::Whole(parts.saturating_mul(n)),
            parts if n == 1 => parts,
            parts => Sql::binary(Binary::Times, parts, Sql::Whole(n)),
        };
        Share { parts, ..self }
    }

    /// Both in parts of one size.
    fn alike(self, other: Share) -> Option<(Sql, Sql, i64)> {
        let (mut a, mut b) = (self.of, other.of);
        while b != 0 {
            (a, b) = (b, a % b);
        }
        let of = (self.of / a).checked_mul(other.of).filter(|of| *of <= MOST_WEIGHT)?;
        let (x, y) = (of / self.of, of / other.of);
        Some((self.times(x).parts, other.times(y).parts, of))
    }

    fn plus(self, other: Share) -> Option<Share> {
        let (a, b, of) = self.alike(other)?;
        Some(Share { parts: Sql::sum(Kind::Whole, [a, b]), of })
    }
}

/// A number as the fraction that it is in decimals, in lowest terms.
fn fraction(n: f64) -> Option<(i64, i64)> {
    let decimal = crate::number::Decimal::shortest(n);
    let (digits, size) = (i64::try_from(decimal.digits).ok()?, 10i64.checked_pow(decimal.scale)?);
    let (mut a, mut b) = (digits.abs().max(1), size);
    while b != 0 {
        (a, b) = (b, a % b);
    }
    let (n, d) = (digits / a, size / a);
    (n.abs() <= MOST_WEIGHT && d <= MOST_WEIGHT).then_some((n, d))
}

fn tell(kind: FiredKind, line: LineId, fires: Sql) -> Told {
    Told { kind, fires: Fires { line, branch: Branch::Then, fires, points: Sql::Whole(0) } }
}
