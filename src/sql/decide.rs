//! One lead from beginning to end: exclude, score, labels, stage, reviews, reasons, as `eval::decide` has it.

use super::expr::{Function, Kind, Sql};
use super::lower::{Ends, Lower, Lowered, Results, Seen, refused};
use super::points::{Fires, Sums};
use super::second::{Gaps, Outlook, surely};
use super::values::{DISQUALIFIED, EXCLUDED, V};
use crate::eval::FiredKind;
use crate::model::{Branch, Expr, ExprKind, FieldId, Group, LineId, StageLine, Verdict};
use crate::operators::CompareOp;
use crate::source::Span;
use crate::words::Lines;

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
        let second = asked.possible || asked.missing || crate::plan::asks_for_labels(model);
        if !model.queries.is_empty() {
            for column in self.schema.events("at", &model.log.at) {
                let known = self.knows_zone(&column, Span::default());
                self.or_noted(known, || ())?;
            }
        }
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
            let found = self.formula(formula, second);
            let nothing = || Sums { now: Sql::Whole(0), possible: Ends::nothing() };
            sums = self.or_noted(found, nothing)?;
            let differs = surely(Sql::all([
                sums.possible.low.clone().equals(sums.now.clone()),
                sums.possible.high.clone().equals(sums.now.clone()),
            ]));
            self.add_gaps(formula, &differs.not(), gaps)?;
        }
        let mut of_sum: Vec<Fires> = Vec::new();
        if let Some(fading) = &model.fading {
            if model.formula.is_some() {
                self.or_noted(refused(model.line(fading.line).span, "a formula of scores that fades"), || ())?;
            }
            let left = self.left(fading)?;
            let faded = self.faded(sums.now.clone(), &left);
            let mut lines = Vec::new();
            sums.now = self.becomes(sums.now, faded, fading.line, &mut lines);
            told.extend(lines.into_iter().map(|fires| Told { kind: FiredKind::Fading, fires }));
            sums.possible = self.faded_ends(sums.possible, &left);
        }
        let sums = self.limit(&model.limits, sums, second, &mut of_sum, gaps)?;
        let sums = self.bound(model.bounds, model.bounds_line, sums, &mut of_sum);
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
        let mut sums = self.bound(group.bounds, group.bounds_line, sums, &mut bounds);
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

fn tell(kind: FiredKind, line: LineId, fires: Sql) -> Told {
    Told { kind, fires: Fires { line, branch: Branch::Then, fires, points: Sql::Whole(0) } }
}
