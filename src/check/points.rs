//! Rules, tables, choices, groups: everything that gives points.

use std::collections::BTreeMap;

use super::expressions::Place;
use super::files::{column_type, is_word, key_of};
use super::names::{Checker, Meaning, Needs};
use super::types::TypeVar;
use crate::messages::{meaning as say_meaning, syntax as say_syntax, types as say};
use crate::model::{
    Ageing, AgeingKind, Amount, Bounds, Branch, Case, CaseLine, Counting, Expr, ExprKind, Fading, Limit, LineKind,
    Query, Rate, ResetAt, Rule, Scoring, Table, Verdict,
};
use crate::number::Decimal;
use crate::operators::CompareOp;
use crate::points;
use crate::source::Span;
use crate::syntax::ast::{self, HowOften, ItemKind, TailKind};
use crate::value::{Type, Value};

/// The line of a table for each key, where the table is read from a file.
type Keyed = Option<BTreeMap<String, usize>>;

impl<'a> Checker<'a> {
    /// Rules outside of groups.
    pub(super) fn loose(&mut self, item: &'a ast::Item) {
        let scoring = self.scoring(item);
        self.model.loose.extend(scoring);
    }

    /// A group with its rules.
    pub(super) fn group(&mut self, score: &'a ast::Score) {
        let key = crate::text::name_key(&score.name.text);
        self.group = match self.names.get(&key) {
            Some(entry) if entry.span == score.name.span => match entry.meaning {
                Meaning::Group(id) => Some(id),
                _ => return,
            },
            // Its name is another's; the message has been given, and the rules are still looked at.
            _ => None,
        };
        let bounds = score.whole.bounds.as_ref().map(|b| self.bounds(b)).unwrap_or_default();
        let (mut items, mut resets, mut reset_at) = (Vec::new(), Vec::new(), Vec::new());
        for item in &score.items {
            match &item.kind {
                ItemKind::Reset(reset) => {
                    let kind = if reset.at { LineKind::ResetAt } else { LineKind::ResetIf };
                    let line = self.line_about(kind, item.span, &reset.condition);
                    self.because(line, Branch::Then, reset.because.as_ref());
                    if reset.at {
                        if let Some(activity) = self.counted_activity(&reset.condition, Place::Points) {
                            reset_at.push(ResetAt { activity, line });
                        }
                    } else {
                        let condition = self.condition(&reset.condition, Place::Points);
                        resets.push(Verdict { condition, line });
                    }
                }
                ItemKind::Limit(_) => {}
                _ => items.extend(self.scoring(item)),
            }
        }
        // What is done to the sum stands behind what makes it up.
        let fading = score.whole.fading.as_ref().map(|f| self.fading(f));
        let limits = score.items.iter().filter_map(|i| self.limit(i, Place::Points)).collect();
        let bounds_line = Some(self.line(LineKind::Bounds, score.name.span, score.name.span));
        if let Some(group) = self.group.take().and_then(|id| self.model.groups.get_mut(id.0)) {
            (group.bounds, group.items, group.resets, group.reset_at, group.bounds_line) =
                (bounds, items, resets, reset_at, bounds_line);
            (group.fading, group.limits) = (fading, limits);
        }
    }

    /// `keeping 90% every 30 days of silence`
    pub(super) fn fading(&mut self, fading: &'a ast::Ageing) -> Fading {
        let line = self.line(LineKind::Fading, fading.span, fading.span);
        let query = self.query(Query { kind: None, targets: Vec::new(), filter: None });
        Fading { ageing: self.ageing(fading), query, line }
    }

    /// `up to 50 if …`, `never below 10 if …`; none where the item is no such line.
    pub(super) fn limit(&mut self, item: &'a ast::Item, place: Place) -> Option<Limit> {
        let ItemKind::Limit(limit) = &item.kind else { return None };
        let line = self.line_about(LineKind::Limit, item.span, &limit.condition);
        let end = self.bound(&limit.amount);
        let condition = self.condition(&limit.condition, place);
        self.because(line, Branch::Then, limit.because.as_ref());
        let bounds = if limit.is_low { Bounds { low: end, high: None } } else { Bounds { low: None, high: end } };
        Some(Limit { bounds, condition, line })
    }

    fn scoring(&mut self, item: &'a ast::Item) -> Option<Scoring> {
        match &item.kind {
            ItemKind::Rule(rule) => self.rule(rule, item.span).map(|r| Scoring::Rule(Box::new(r))),
            ItemKind::Table(table) => self.table(table, item.span).map(|t| Scoring::Table(Box::new(t))),
            ItemKind::Choice(choice) => {
                let items = choice.items.iter().filter_map(|i| self.scoring(i)).collect();
                Some(Scoring::Choice { best: choice.best, items })
            }
            _ => None,
        }
    }

    fn count_rule(&mut self, span: Span) {
        self.rule_count += 1;
        if self.rule_count == super::MOST_RULES + 1 {
            self.say(say_meaning::too_many_rules(span, super::MOST_RULES));
        }
    }

    fn rule(&mut self, rule: &'a ast::Rule, span: Span) -> Option<Rule> {
        let ast::Rule { when, amount, how_often, rate, ageing, up_to, because, if_not, give_span } = rule;
        self.count_rule(span);
        let line = match (when, how_often) {
            (Some(subject), _) | (None, Some(HowOften::Per(subject) | HowOften::PerDistinct(subject))) => {
                self.line_about(LineKind::Rule, span, subject)
            }
            (None, Some(HowOften::PerSilence(_, at) | HowOften::PerSince(_, _, at) | HowOften::EachTime(at))) => {
                self.line(LineKind::Rule, span, *at)
            }
            (None, None) => self.line(LineKind::Rule, span, rate.as_ref().map_or(*give_span, |r| r.span)),
        };
        self.needs = Needs::default();
        let when = when.as_ref().map(|c| self.condition(c, Place::Points));
        let amount = self.amount(&amount.value, amount.subtract);
        let up_to = up_to.as_ref().and_then(|e| self.up_to(e));
        let ageing = ageing.as_ref().map(|a| self.ageing(a));
        self.because(line, Branch::Then, because.as_ref());
        let if_not = if_not.as_ref().map(|(amount, because)| {
            let amount = self.amount(&amount.value, amount.subtract);
            self.because(line, Branch::IfNot, because.as_ref());
            amount
        });
        if when.is_none() && if_not.is_some() {
            self.say(say_syntax::if_not_without_condition(*give_span));
        }
        let counting = self.counting(rule, when.as_ref(), ageing.is_some())?;
        let mut hangs_on: Vec<&Expr> = when.iter().collect();
        hangs_on.push(&amount.value);
        hangs_on.extend(if_not.iter().map(|a| &a.value));
        let since = match &counting {
            Counting::SinceDate(_, date) => Some(date),
            _ => None,
        };
        hangs_on.extend(since);
        let mut fields = self.fields_of(&hangs_on);
        if let Counting::Each { activity, .. } | Counting::Distinct(activity) | Counting::SinceActivity(_, activity) =
            &counting
        {
            let did = Expr { kind: ExprKind::Did(activity.clone(), None), span: activity.span };
            fields.extend(self.fields_of(&[&did]));
            fields.sort_unstable();
            fields.dedup();
        }
        let rate = rate.as_ref().map(|r| Rate { times: r.times, within: r.within, span: r.span });
        Some(Rule { when, amount, counting, rate, ageing, up_to, if_not, fields, line })
    }

    /// What a rule counts.
    fn counting(&mut self, rule: &'a ast::Rule, when: Option<&Expr>, ages: bool) -> Option<Counting> {
        let no_rate = |c: &mut Self, at: Span| {
            if let Some(rate) = &rule.rate {
                c.say(say_meaning::rate_without_records(rate.span, at));
            }
            if let Some(ageing) = &rule.ageing {
                c.say(say_meaning::ageing_without_records(ageing.span, at));
            }
        };
        Some(match &rule.how_often {
            Some(HowOften::Per(activity)) => {
                Counting::Each { activity: self.counted_activity(activity, Place::Points)?, through: false }
            }
            Some(HowOften::PerDistinct(activity)) => {
                Counting::Distinct(self.counted_activity(activity, Place::Points)?)
            }
            Some(HowOften::PerSilence(period, at)) => {
                no_rate(self, *at);
                let query = self.query(Query { kind: None, targets: Vec::new(), filter: None });
                Counting::Silence(*period, query)
            }
            Some(HowOften::PerSince(period, since, at)) => {
                no_rate(self, *at);
                match self.activity_argument(since, Place::Points) {
                    Some(activity) => Counting::SinceActivity(*period, activity?),
                    None => {
                        let why = since.span;
                        Counting::SinceDate(*period, self.typed(since, Place::Points, Type::Date, why))
                    }
                }
            }
            Some(HowOften::EachTime(at)) => {
                let activity = self.the_activity(when, *at, "each time", rule)?;
                Counting::Each { activity, through: true }
            }
            None => match &rule.rate {
                Some(rate) => {
                    let activity = self.the_activity(when, rate.span, "at most … every …", rule)?;
                    Counting::Each { activity, through: true }
                }
                None => {
                    if rule.when.is_none() {
                        let field = match &rule.amount.value.kind {
                            ast::ExprKind::Name(name) => Some(self.gathered.sources.phrase(rule.amount.value.span))
                                .filter(|_| matches!(self.look_up(name), None | Some(Meaning::Field(_)))),
                            _ => None,
                        };
                        let end = rule.because.as_ref().map_or(rule.give_span, |b| b.span);
                        let written = self.gathered.sources.phrase(rule.give_span.to(end));
                        self.say(say_syntax::unconditional(rule.give_span, field.as_deref(), &written));
                        return None;
                    }
                    let newest = match (&rule.ageing, ages) {
                        (Some(ageing), true) => Some(self.the_activity(when, ageing.span, "ageing", rule)?),
                        _ => None,
                    };
                    Counting::Once(newest)
                }
            },
        })
    }

    /// The one activity of a condition, through lets and profiles.
    fn the_activity(
        &mut self,
        when: Option<&Expr>,
        at: Span,
        what: &str,
        rule: &ast::Rule,
    ) -> Option<crate::model::Activity> {
        let mut found = Vec::new();
        if let Some(when) = when {
            self.activities_in(when, &mut found);
            // What could not be read may hide an activity.
            if found.is_empty() && self.has_hole(when) {
                return None;
            }
        }
        match found.len() {
            1 => found.pop(),
            n => {
                let when = rule.when.as_ref().map(|c| c.span);
                self.say(say_meaning::one_activity_wanted(at, what, n, when));
                None
            }
        }
    }

    /// `up to M`: the same for every lead, not negative.
    fn up_to(&mut self, expr: &'a ast::Expr) -> Option<Expr> {
        let value = self.number(expr, Place::Points);
        match self.constant(&value) {
            Some(Value::Number(n)) if n < 0.0 => self.say(say_meaning::negative_bound(expr.span)),
            Some(Value::Number(_)) => {
                return Some(Expr { kind: ExprKind::Value(self.constant(&value)?), span: expr.span });
            }
            _ if matches!(value.kind, ExprKind::Value(Value::Missing)) => {}
            _ => self.say(say_meaning::bound_not_constant(expr.span)),
        }
        None
    }

    fn amount(&mut self, expr: &'a ast::Expr, subtract: bool) -> Amount {
        let value = self.number(expr, Place::Points);
        let literal = match self.constant(&value) {
            Some(Value::Number(n)) => Some(Decimal::shortest(n)),
            _ => None,
        };
        Amount { subtract, value, literal }
    }

    fn ageing(&mut self, ageing: &'a ast::Ageing) -> Ageing {
        let share = |c: &mut Self, expr: &'a ast::Expr| {
            let value = c.number(expr, Place::Points);
            match c.constant(&value) {
                Some(Value::Number(n)) if (0.0..=1.0).contains(&n) => Decimal::shortest(n),
                Some(_) => {
                    let written = c.gathered.sources.phrase(expr.span);
                    c.say(say_meaning::share_out_of_range(expr.span, &written));
                    Decimal { digits: 0, scale: 0 }
                }
                None => {
                    if !matches!(value.kind, ExprKind::Value(Value::Missing)) {
                        c.say(say_meaning::bound_not_constant(expr.span));
                    }
                    Decimal { digits: 0, scale: 0 }
                }
            }
        };
        let kind = match &ageing.kind {
            ast::AgeingKind::Halving => AgeingKind::Keeping(Decimal { digits: 5, scale: 1 }),
            ast::AgeingKind::Keeping(e) => AgeingKind::Keeping(share(self, e)),
            ast::AgeingKind::Losing(e) => AgeingKind::Losing(share(self, e)),
        };
        Ageing { every: ageing.every, kind }
    }

    /// An end of bounds: the same for every lead.
    fn bound(&mut self, expr: &'a ast::Expr) -> Option<i128> {
        let value = self.number(expr, Place::Points);
        match self.constant(&value) {
            Some(Value::Number(n)) => Some(points::from_decimal(&Decimal::shortest(n))),
            _ => {
                if !matches!(value.kind, ExprKind::Value(Value::Missing)) {
                    self.say(say_meaning::bound_not_constant(expr.span));
                }
                None
            }
        }
    }

    pub(super) fn bounds(&mut self, bounds: &'a ast::Bounds) -> Bounds {
        let low = bounds.low.as_ref().and_then(|e| self.bound(e));
        let high = bounds.high.as_ref().and_then(|e| self.bound(e));
        if let (Some(l), Some(h)) = (low, high)
            && l > h
        {
            self.say(say_meaning::bounds_reversed(bounds.span));
        }
        Bounds { low, high }
    }

    fn table(&mut self, table: &'a ast::Table, span: Span) -> Option<Table> {
        let outer = std::mem::take(&mut self.needs);
        let (by, var) = self.value(&table.by, Place::Points);
        let needs = std::mem::replace(&mut self.needs, outer);
        self.allow(needs, Place::Points);
        // What is asked of every line is worked out once.
        let by = match by.kind {
            ExprKind::Field(_) | ExprKind::Definition(_) | ExprKind::Value(_) => by,
            _ => {
                let name = ast::Name { text: String::new(), quoted: false, span: by.span };
                let at = by.span;
                match self.new_definition(&name, by, var, None) {
                    super::definitions::State::Done(done) => Expr { kind: ExprKind::Definition(done.id), span: at },
                    _ => return None,
                }
            }
        };
        let (lines, keyed) = match &table.lines {
            ast::TableLines::Here(lines) => {
                if lines.is_empty() {
                    self.say(say_meaning::empty_table(span));
                }
                (self.case_lines(lines, &by, var, table), None)
            }
            ast::TableLines::From(path) => self.file_lines(path, &by, var)?,
        };
        let mut hangs_on = vec![&by];
        for line in &lines {
            hangs_on.push(&line.amount.value);
            if let Case::When(condition) = &line.case {
                hangs_on.push(condition);
            }
        }
        let fields = self.fields_of(&hangs_on);
        let head = Span {
            file: span.file,
            start: span.start,
            end: table.title.as_ref().map_or(table.by.span.end, |t| t.span.end),
        };
        Some(Table { by, title: table.title.as_ref().map(|t| t.text.clone()), lines, keyed, fields, span: head })
    }

    fn case_lines(
        &mut self,
        lines: &'a [ast::CaseLine],
        by: &Expr,
        var: TypeVar,
        table: &'a ast::Table,
    ) -> Vec<CaseLine> {
        let mut has_missing = false;
        let mut otherwise: Option<Span> = None;
        let mut out = Vec::with_capacity(lines.len());
        for line in lines {
            self.count_rule(line.span);
            let id = self.line(LineKind::TableLine, line.span, line.case_span);
            if let Some(first) = otherwise {
                self.say(say_meaning::behind_otherwise(line.span, first));
                continue;
            }
            let case = match &line.case {
                ast::Case::Missing => {
                    has_missing = true;
                    Some(Case::Missing)
                }
                ast::Case::Otherwise => {
                    otherwise = Some(line.span);
                    Some(Case::Otherwise { takes_unknown: !has_missing })
                }
                other => self.case_condition(other, by, var, table, line.case_span).map(Case::When),
            };
            let amount = self.amount(&line.amount, false);
            self.because(id, Branch::Then, line.because.as_ref());
            if let Some(case) = case {
                let words = self.gathered.sources.phrase(line.case_span);
                out.push(CaseLine { case, amount, words, line: id });
            }
        }
        out
    }

    fn case_condition(
        &mut self,
        case: &'a ast::Case,
        by: &Expr,
        var: TypeVar,
        table: &'a ast::Table,
        span: Span,
    ) -> Option<Expr> {
        let left = Box::new(by.clone());
        let kind = match case {
            ast::Case::Tail(tail) => {
                if matches!(tail.kind, TailKind::Count(..) | TailKind::Days(..) | TailKind::Then(..)) {
                    let written = self.gathered.sources.phrase(by.span);
                    self.say(say_meaning::only_for_activity(tail.span, &written));
                    return None;
                }
                let (condition, var) = self.tail(by.clone(), var, &table.by, tail, span, Place::Points);
                return (!self.types.is_poisoned(var)).then_some(condition);
            }
            ast::Case::Value(value) => match &value.kind {
                ast::ExprKind::List(items) => {
                    let list = self.list_items(items);
                    self.is_item_type(var, list.of_type, span);
                    ExprKind::In(left, list.items)
                }
                ast::ExprKind::Name(name) => match self.meaning(name) {
                    Some(Meaning::Draft(d)) if matches!(self.drafts[d].state, super::definitions::State::List(_)) => {
                        let list = self.list(value)?;
                        self.is_item_type(var, list.of_type, span);
                        ExprKind::In(left, list.items)
                    }
                    Some(_) => self.case_equal(left, var, value, CompareOp::Equal)?,
                    None if is_the_rest(&name.text) => {
                        self.say(crate::messages::habits::otherwise_in_table(value.span, &name.text));
                        return None;
                    }
                    None => {
                        let subject = self.gathered.sources.phrase(by.span);
                        self.say(crate::messages::names::word_compared(value.span, &name.text, &subject));
                        return None;
                    }
                },
                _ => self.case_equal(left, var, value, CompareOp::Equal)?,
            },
            ast::Case::Between(low, high) => {
                let low = self.case_end(low, var, span);
                let high = self.case_end(high, var, span);
                if let (Some(Value::Number(l)), Some(Value::Number(h))) = (self.constant(&low), self.constant(&high))
                    && l > h
                {
                    self.say(say_meaning::bounds_reversed(span));
                }
                ExprKind::Between(left, Box::new(low), Box::new(high))
            }
            ast::Case::Order(op, value) => {
                let value = self.case_end(value, var, span);
                ExprKind::Compare(*op, left, Box::new(value))
            }
            ast::Case::Missing | ast::Case::Otherwise => return None,
        };
        Some(Expr { kind, span })
    }

    fn is_item_type(&mut self, var: TypeVar, of_type: Option<Type>, span: Span) {
        if let Some(of_type) = of_type {
            let items = self.types.known(of_type, span);
            self.unify(var, items);
        }
    }

    fn case_equal(&mut self, left: Box<Expr>, var: TypeVar, value: &'a ast::Expr, op: CompareOp) -> Option<ExprKind> {
        let (right, right_var) = self.value(value, Place::Points);
        if let (ast::ExprKind::Text(text), Some((Type::Number, _))) = (&value.kind, self.types.told(var))
            && crate::number::read_number(text).is_some()
        {
            self.say(say::number_in_quotes(value.span, text));
            return None;
        }
        self.unify(var, right_var);
        Some(ExprKind::Compare(op, left, Box::new(right)))
    }

    fn case_end(&mut self, value: &'a ast::Expr, var: TypeVar, span: Span) -> Expr {
        let (end, end_var) = self.value(value, Place::Points);
        self.unify(var, end_var);
        self.ordered.push((var, span));
        end
    }

    /// Lines that stand in a file of two columns: by equality, of equal keys the first.
    fn file_lines(&mut self, path: &'a ast::Text, by: &Expr, var: TypeVar) -> Option<(Vec<CaseLine>, Keyed)> {
        let columns = self.two_columns(path)?;
        let key_type = column_type(columns.rows.iter().map(|(k, _, _)| k).filter(|k| !is_word(k)));
        let keys = self.types.known(key_type, path.span);
        self.unify(var, keys);
        let mut lines: Vec<CaseLine> = Vec::new();
        let mut keyed = BTreeMap::new();
        let (mut missing, mut otherwise) = (None, None);
        for (key, cell, line) in &columns.rows {
            let points = self.file_points(path.span, &path.text, *line, cell)?;
            let word = is_word(key).then(|| crate::text::fold(key).into_owned());
            let text_key = key_of(key, key_type);
            let case = match word.as_deref() {
                Some("missing") if missing.is_none() => Case::Missing,
                Some("otherwise") if otherwise.is_none() => Case::Otherwise { takes_unknown: true },
                Some(_) => continue,
                None if keyed.contains_key(&text_key) => continue,
                None => {
                    let right = match key_type {
                        Type::Number => Value::Number(crate::number::read_number(key)?),
                        _ => Value::Text(crate::value::Text::new(key)),
                    };
                    let right = Expr { kind: ExprKind::Value(right), span: path.span };
                    Case::When(Expr {
                        kind: ExprKind::Compare(CompareOp::Equal, Box::new(by.clone()), Box::new(right)),
                        span: path.span,
                    })
                }
            };
            let id = self.line(LineKind::TableLine, path.span, path.span);
            let literal = Some(Decimal::shortest(points));
            let value = Expr { kind: ExprKind::Value(Value::Number(points)), span: path.span };
            let line =
                CaseLine { case, amount: Amount { subtract: false, value, literal }, words: key.clone(), line: id };
            match word.as_deref() {
                Some("missing") => missing = Some(line),
                Some(_) => otherwise = Some(line),
                None => {
                    keyed.insert(text_key, lines.len());
                    lines.push(line);
                }
            }
        }
        // The words stand for themselves wherever they are in the file.
        let takes_unknown = missing.is_none();
        lines.extend(missing);
        if let Some(mut line) = otherwise {
            line.case = Case::Otherwise { takes_unknown };
            lines.push(line);
        }
        Some((lines, Some(keyed)))
    }
}

/// Words that people use for `otherwise` in a table.
fn is_the_rest(word: &str) -> bool {
    ["other", "others", "else", "default", "rest", "anything", "everything"]
        .iter()
        .any(|w| word.eq_ignore_ascii_case(w))
}
