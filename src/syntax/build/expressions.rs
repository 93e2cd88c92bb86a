//! Conditions and values.

use pest::iterators::Pair;

use super::{Build, Kids};
use crate::messages::{habits as say_habits, syntax as say, types as say_types};
use crate::operators::{CompareOp, CountKind, TextTest};
use crate::source::Span;
use crate::syntax::ast::{AnyAll, Arg, Call, Expr, ExprKind, Name, Of, Quantifier, Tail, TailKind};
use crate::syntax::grammar::Rule;

impl Build<'_> {
    /// A condition that may end with `unless`.
    pub(super) fn condition(&mut self, pair: Pair<'_, Rule>) -> Expr {
        let span = self.span(&pair);
        let mut kids = Kids::of(pair);
        let first = kids.next().map(|p| self.expr(p));
        let second = kids.find_rule(Rule::expr).map(|p| self.expr(p));
        match (first, second) {
            (Some(a), Some(b)) => Expr { kind: ExprKind::Unless(Box::new(a), Box::new(b)), span },
            (Some(a), None) => a,
            _ => Expr { kind: ExprKind::Broken, span },
        }
    }

    /// A condition inside parentheses, an argument or a `let`, where `unless` may not stand.
    pub(super) fn inner_condition(&mut self, pair: Pair<'_, Rule>) -> Expr {
        let condition = self.condition(pair);
        match condition.kind {
            ExprKind::Unless(a, b) => {
                self.say(say::unless_inside(a.span.to(b.span)));
                Expr { kind: ExprKind::Broken, span: condition.span }
            }
            kind => Expr { kind, span: condition.span },
        }
    }

    /// `and`, `or` and `not` over comparisons: a flat run, grouped here.
    pub(super) fn expr(&mut self, pair: Pair<'_, Rule>) -> Expr {
        // Each operand with the place that it takes, its own parentheses included.
        let mut any: Vec<Vec<(Expr, Span)>> = vec![Vec::new()];
        let mut nots: Vec<Span> = Vec::new();
        for kid in Kids::of(pair) {
            let span = self.span(&kid);
            match kid.as_rule() {
                Rule::kw_and => {}
                Rule::kw_or => any.push(Vec::new()),
                Rule::slip_and => self.say(say::foreign_operator(span, kid.as_str(), "and")),
                Rule::slip_or => {
                    self.say(say::foreign_operator(span, kid.as_str(), "or"));
                    any.push(Vec::new());
                }
                Rule::kw_not => nots.push(span),
                Rule::slip_not => {
                    self.say(say::foreign_operator(span, "!", "not"));
                    nots.push(span);
                }
                _ => {
                    let mut operand = self.comparison(kid);
                    let mut place = span;
                    for not in nots.drain(..).rev() {
                        place = not.to(place);
                        operand = Expr { kind: ExprKind::Not(Box::new(operand)), span: place };
                    }
                    if let Some(all) = any.last_mut() {
                        all.push((operand, place));
                    }
                }
            }
        }
        for all in &mut any {
            self.bare_texts(all, true);
        }
        let mut any: Vec<(Expr, Span)> = any.into_iter().filter_map(|all| group(all, ExprKind::And)).collect();
        self.bare_texts(&mut any, false);
        group(any, ExprKind::Or).map_or(Expr { kind: ExprKind::Broken, span: Span::default() }, |(any, _)| any)
    }

    /// `industry = "SaaS" or "FinTech"`: texts behind `and` or `or` that seem to belong to the comparison before them.
    fn bare_texts(&mut self, operands: &mut [(Expr, Span)], is_and: bool) {
        let mut at = 0;
        while at < operands.len() {
            let texts: Vec<String> = operands[at + 1..]
                .iter()
                .map_while(|(e, _)| if let ExprKind::Text(t) = &e.kind { Some(t.clone()) } else { None })
                .collect();
            if let Some((begin, first)) = texts.first().and_then(|_| list_form(&operands[at].0, is_and)) {
                let list: Vec<String> = std::iter::once(&first).chain(&texts).map(|t| format!("\"{t}\"")).collect();
                self.say(say_types::text_alone(
                    operands[at + 1].0.span,
                    &texts[0],
                    &format!("{begin} [{}]", list.join(", ")),
                ));
                for (operand, _) in &mut operands[at..=at + texts.len()] {
                    operand.kind = ExprKind::Broken;
                }
            }
            at += texts.len() + 1;
        }
    }

    pub(super) fn comparison(&mut self, pair: Pair<'_, Rule>) -> Expr {
        let whole = self.span(&pair);
        let mut kids = Kids::of(pair);
        let Some(subject) = kids.next() else { return Expr { kind: ExprKind::Broken, span: whole } };
        let written = subject.as_str().trim();
        let subject = self.sum(subject);
        let mut tails = Vec::new();
        for kid in kids {
            match kid.as_rule() {
                Rule::kw_is => {}
                _ => tails.push(self.tail(kid, subject.span, written)),
            }
        }
        if tails.is_empty() {
            return subject;
        }
        if let Some((name, ends)) = chained_range(&subject, &tails)
            && let Some(proper) = say::range_of(&name, ends)
        {
            self.say(say::chained(tails[0].span, tails[1].span, Some(&proper)));
            return Expr { kind: ExprKind::Broken, span: whole };
        }
        Expr { kind: ExprKind::Tested(Box::new(subject), tails), span: whole }
    }

    pub(super) fn sum(&mut self, pair: Pair<'_, Rule>) -> Expr {
        let span = self.span(&pair);
        let mut sum: Vec<(bool, Vec<Factor>)> = vec![(false, Vec::new())];
        let mut minus: Vec<Span> = Vec::new();
        let mut divides = false;
        let mut kids = Kids::of(pair);
        while let Some(kid) = kids.next() {
            let here = self.span(&kid);
            match kid.as_rule() {
                Rule::sign if kid.as_str() == "+" => {}
                Rule::sign => minus.push(here),
                Rule::arith_op => match kid.as_str() {
                    "*" => divides = false,
                    "/" => divides = true,
                    op => {
                        divides = false;
                        sum.push((op != "+", Vec::new()));
                    }
                },
                _ => {
                    let mut operand = self.primary(kid, &mut kids);
                    let close = kids.take_rule(Rule::rparen).map(|close| self.span(&close));
                    let mut place = close.map_or(operand.span, |close| here.to(close));
                    for at in minus.drain(..).rev() {
                        place = at.to(place);
                        operand = Expr { kind: negated(operand), span: place };
                    }
                    if let Some((_, product)) = sum.last_mut() {
                        product.push((std::mem::take(&mut divides), operand, place));
                    }
                }
            }
        }
        let mut terms: Vec<(bool, Expr)> = sum.into_iter().map(|(minus, factors)| (minus, product(factors))).collect();
        if terms.len() == 1 && !terms[0].0 {
            return terms.remove(0).1;
        }
        Expr { kind: ExprKind::Sum(terms), span }
    }

    fn primary(&mut self, pair: Pair<'_, Rule>, rest: &mut Kids<'_>) -> Expr {
        let span = self.span(&pair);
        let kind = match pair.as_rule() {
            Rule::lparen => {
                let Some(inner) = rest.next() else { return self.broken(&pair) };
                return self.inner_condition(inner);
            }
            Rule::text => ExprKind::Text(self.text(&pair).text),
            Rule::number => return self.number(&pair),
            Rule::date | Rule::slip_date | Rule::slip_month_date => {
                self.date(&pair).map_or(ExprKind::Broken, ExprKind::Date)
            }
            Rule::kw_yes => ExprKind::Flag(true),
            Rule::kw_no => ExprKind::Flag(false),
            Rule::kw_today => ExprKind::Today,
            Rule::kw_missing => ExprKind::Missing,
            Rule::list => ExprKind::List(self.list(pair)),
            Rule::path | Rule::record_at => ExprKind::Name(self.name(&pair)),
            Rule::call => ExprKind::Call(self.call(pair)),
            Rule::quantified => return self.quantified(pair),
            Rule::inactive_for => match Kids::of(pair).find_rule(Rule::span) {
                Some(p) => ExprKind::InactiveFor(self.period(p)),
                None => ExprKind::Broken,
            },
            Rule::slip_has => {
                let name = Kids::of(pair).find_rule(Rule::path).map(|p| self.name(&p));
                self.say(say::has_field(span, name.as_ref().map(|n| n.text.as_str())));
                ExprKind::Broken
            }
            Rule::slip_match => {
                let name = Kids::of(pair).find_rule(Rule::bare_name).map(|p| self.name(&p));
                self.say(say::fit_without_parentheses(span, name.as_ref().map(|n| n.text.as_str())));
                ExprKind::Broken
            }
            Rule::slip_duration => {
                self.say(say::number_with_unit(span, pair.as_str().trim()));
                ExprKind::Broken
            }
            _ => return self.slip_number(&pair),
        };
        Expr { kind, span }
    }

    pub(super) fn list(&mut self, pair: Pair<'_, Rule>) -> Vec<Expr> {
        if let Some(proper) = grouped_list(pair.as_str()) {
            let span = self.span(&pair);
            self.say(say::grouped_numbers(span, &proper));
            return vec![Expr { kind: ExprKind::Broken, span }];
        }
        Kids::of(pair).filter(|p| p.as_rule() == Rule::expr).map(|p| self.expr(p)).collect()
    }

    fn quantified(&mut self, pair: Pair<'_, Rule>) -> Expr {
        let span = self.span(&pair);
        let mut quantifier = Quantifier::All;
        let mut of = Of::Conditions(Vec::new());
        for kid in Kids::of(pair) {
            match kid.as_rule() {
                Rule::kw_any => quantifier = Quantifier::Any,
                Rule::kw_none => quantifier = Quantifier::None,
                Rule::at_least_of => quantifier = Quantifier::AtLeast(self.count_of(kid)),
                Rule::of_what => {
                    let inside = self.span(&kid);
                    let mut conditions = Vec::new();
                    for kid in Kids::of(kid) {
                        match kid.as_rule() {
                            Rule::condition => conditions.push(self.inner_condition(kid)),
                            Rule::path => of = Of::Profile(self.name(&kid)),
                            Rule::list => {
                                self.say(say::conditions_in_brackets(inside));
                                return Expr { kind: ExprKind::Broken, span };
                            }
                            _ => {}
                        }
                    }
                    if !conditions.is_empty() {
                        of = Of::Conditions(conditions);
                    }
                }
                _ => {}
            }
        }
        Expr { kind: ExprKind::Quantified(quantifier, of), span }
    }

    /// `once`, `twice`, `3` or `3 times`, wherever it stands among the children.
    pub(super) fn count_of(&mut self, pair: Pair<'_, Rule>) -> u64 {
        for kid in pair.into_inner().flatten() {
            match kid.as_rule() {
                Rule::w_once => return 1,
                Rule::w_twice => return 2,
                Rule::whole => return self.whole(&kid),
                _ => {}
            }
        }
        1
    }

    pub(super) fn call(&mut self, pair: Pair<'_, Rule>) -> Call {
        let mut call = Call {
            name: Name { text: String::new(), quoted: false, span: self.span(&pair) },
            args: Vec::new(),
            filter: None,
        };
        for kid in Kids::of(pair) {
            match kid.as_rule() {
                Rule::args => {
                    for kid in Kids::of(kid) {
                        match kid.as_rule() {
                            Rule::arg => call.args.extend(self.arg(kid)),
                            Rule::where_clause => call.filter = self.where_clause(kid).map(Box::new),
                            _ => {}
                        }
                    }
                }
                _ => call.name = self.name(&kid),
            }
        }
        call
    }

    fn arg(&mut self, pair: Pair<'_, Rule>) -> Option<Arg> {
        let kid = Kids::of(pair).next()?;
        Some(match kid.as_rule() {
            Rule::any_of_list => Arg { any: true, value: Kids::of(kid).find_rule(Rule::sum).map(|p| self.sum(p))? },
            _ => Arg { any: false, value: self.inner_condition(kid) },
        })
    }

    pub(super) fn where_clause(&mut self, pair: Pair<'_, Rule>) -> Option<Expr> {
        Kids::of(pair).find_rule(Rule::condition).map(|p| self.inner_condition(p))
    }

    /// One thing asked of the value at `at`, which is written `subject`.
    pub(super) fn tail(&mut self, pair: Pair<'_, Rule>, at: Span, subject: &str) -> Tail {
        let span = self.span(&pair);
        Tail { kind: self.tail_kind(pair, span, at, subject).unwrap_or(TailKind::Broken), span }
    }

    fn tail_kind(&mut self, pair: Pair<'_, Rule>, span: Span, at: Span, subject: &str) -> Option<TailKind> {
        let rule = pair.as_rule();
        let written = pair.as_str().trim_end().to_owned();
        let mut kids = Kids::of(pair);
        Some(match rule {
            Rule::compare_tail => return self.compare_tail(kids, span, subject),
            Rule::known_tail => {
                let negated = kids.any_rule(Rule::kw_not);
                TailKind::Known(kids.any_rule(Rule::kw_known) != negated)
            }
            Rule::in_last => TailKind::InLast(self.period(kids.find_rule(Rule::span)?)),
            Rule::in_next => TailKind::InNext(self.period(kids.find_rule(Rule::span)?)),
            Rule::in_list => {
                let negated = kids.skip_rule(Rule::kw_not);
                TailKind::In(negated, Box::new(kids.find_rule(Rule::sum).map(|p| self.sum(p))?))
            }
            Rule::between_tail => {
                let mut ends = kids
                    .filter(|p| matches!(p.as_rule(), Rule::sum | Rule::slip_grouped))
                    .collect::<Vec<_>>()
                    .into_iter();
                let low = self.operand(ends.next()?);
                let high = self.operand(ends.next()?);
                TailKind::Between(Box::new(low), Box::new(high))
            }
            Rule::text_tail => return self.text_tail(kids),
            Rule::since_tail => TailKind::Since(Box::new(kids.find_rule(Rule::sum).map(|p| self.sum(p))?)),
            Rule::before_tail => TailKind::Before(Box::new(kids.find_rule(Rule::sum).map(|p| self.sum(p))?)),
            Rule::after_tail => TailKind::After(Box::new(kids.find_rule(Rule::sum).map(|p| self.sum(p))?)),
            Rule::ago_tail => TailKind::Ago(self.period(kids.find_rule(Rule::duration)?)),
            Rule::count_tail => {
                let words = kids.next()?;
                let kind = count_kind(&words);
                let times = self.count_of(words);
                TailKind::Count(kind, times, kids.find_rule(Rule::span).map(|p| self.period(p)))
            }
            Rule::days_tail => {
                let mut kind = CountKind::AtLeast;
                for kid in kids {
                    match kid.as_rule() {
                        Rule::w_most => kind = CountKind::AtMost,
                        Rule::w_exactly => kind = CountKind::Exactly,
                        Rule::whole => return Some(TailKind::Days(kind, self.whole(&kid))),
                        _ => {}
                    }
                }
                return None;
            }
            Rule::then_tail => {
                let second = kids.find_rule(Rule::then_activity).map(|p| self.then_activity(p))?;
                TailKind::Then(Box::new(second), kids.find_rule(Rule::span).map(|p| self.period(p)))
            }
            Rule::slip_times => {
                let n = kids.find_map(|p| match p.as_rule() {
                    Rule::w_once => Some(1),
                    Rule::w_twice => Some(2),
                    Rule::slip_3x => p.as_str().trim_end_matches(['x', 'X']).parse().ok(),
                    Rule::whole => p.as_str().replace('_', "").parse().ok(),
                    _ => None,
                });
                self.say(say::count_words(span, &written, n.unwrap_or(1)));
                return None;
            }
            Rule::slip_window | Rule::slip_in_past => {
                let period = kids.find_rule(Rule::span).map(|p| p.as_str().trim().to_owned());
                self.say(say::window_words(span, &written, period.as_deref().unwrap_or("30 days")));
                return None;
            }
            Rule::slip_empty => {
                let negated = kids.any_rule(Rule::kw_not);
                let means_known =
                    ["filled", "set", "present", "exist"].iter().any(|w| written.to_ascii_lowercase().contains(w));
                self.say(say::emptiness(at.to(span), subject, &written, means_known != negated));
                return None;
            }
            Rule::slip_one_of => {
                let negated = kids.any_rule(Rule::kw_not);
                let mut items = Vec::new();
                for kid in kids {
                    match kid.as_rule() {
                        Rule::text => items.push(kid.as_str().trim().to_owned()),
                        Rule::list => items.push(kid.as_str().trim().trim_matches(['[', ']']).to_owned()),
                        _ => {}
                    }
                }
                self.say(say::list_without_brackets(span, &items.join(", "), negated));
                return None;
            }
            Rule::slip_between => {
                let ends: Vec<&str> = kids.filter(|p| p.as_rule() == Rule::number).map(|p| p.as_str().trim()).collect();
                self.say(say::between_without_and(span, &ends.join(" and ")));
                return None;
            }
            Rule::slip_in_list => {
                let negated = kids.skip_rule(Rule::kw_not);
                let items: Vec<String> = kids
                    .filter(|p| matches!(p.as_rule(), Rule::literal | Rule::text))
                    .map(|p| p.as_str().trim().to_owned())
                    .collect();
                match items.as_slice() {
                    [one] if let Some((file, name)) = file_of(one) => {
                        self.say(say_habits::lines_of_file(span, file, &name, negated));
                    }
                    _ => self.say(say::list_without_brackets(span, &items.join(", "), negated)),
                }
                return None;
            }
            _ => return None,
        })
    }

    fn operand(&mut self, pair: Pair<'_, Rule>) -> Expr {
        if pair.as_rule() == Rule::slip_grouped { self.slip_number(&pair) } else { self.sum(pair) }
    }

    fn compare_tail(&mut self, kids: Kids<'_>, span: Span, subject: &str) -> Option<TailKind> {
        let mut op = CompareOp::Equal;
        let (mut right, mut number) = (None, String::new());
        for kid in kids {
            match kid.as_rule() {
                Rule::compare_op => op = self.compare_op(&kid),
                Rule::is_op => {
                    op = if Kids::of(kid).any_rule(Rule::kw_not) { CompareOp::NotEqual } else { CompareOp::Equal };
                }
                Rule::slip_times_count => {
                    let n: u64 =
                        kid.as_str().chars().take_while(char::is_ascii_digit).collect::<String>().parse().unwrap_or(1);
                    self.say(say::compared_count(span, op, n));
                    return None;
                }
                Rule::slip_plus => {
                    let number = kid.as_str().split('+').next().unwrap_or("");
                    self.say(say::or_more(span, subject, ">=", number));
                    return None;
                }
                Rule::slip_or_more => {
                    let op = if Kids::of(kid).any_rule(Rule::w_less) { "<=" } else { ">=" };
                    self.say(say::or_more(span, subject, op, &number));
                    return None;
                }
                Rule::sum | Rule::slip_grouped => {
                    number = kid.as_str().trim().to_owned();
                    right = Some(self.operand(kid));
                }
                _ => {}
            }
        }
        Some(TailKind::Compare(op, Box::new(right?)))
    }

    fn compare_op(&mut self, pair: &Pair<'_, Rule>) -> CompareOp {
        let written = pair.as_str();
        let (op, proper) = match written {
            "=" => (CompareOp::Equal, None),
            "==" => (CompareOp::Equal, Some("=")),
            "!=" | "≠" => (CompareOp::NotEqual, None),
            "<>" => (CompareOp::NotEqual, Some("!=")),
            "<" => (CompareOp::Less, None),
            "<=" | "≤" => (CompareOp::LessOrEqual, None),
            "=<" => (CompareOp::LessOrEqual, Some("<=")),
            ">" => (CompareOp::Greater, None),
            "=>" => (CompareOp::GreaterOrEqual, Some(">=")),
            _ => (CompareOp::GreaterOrEqual, None),
        };
        if let Some(proper) = proper {
            self.say(say::foreign_operator(self.span(pair), written, proper));
        }
        op
    }

    fn text_tail(&mut self, kids: Kids<'_>) -> Option<TailKind> {
        let (mut negated, mut test, mut any_all, mut operand) = (false, TextTest::Contains, AnyAll::One, None);
        for kid in kids {
            match kid.as_rule() {
                Rule::kw_not => negated = true,
                Rule::kw_any => any_all = AnyAll::Any,
                Rule::kw_all => any_all = AnyAll::All,
                Rule::text_test => {
                    test = match Kids::of(kid).next().map(|p| p.as_rule()) {
                        Some(Rule::kw_mentions) => TextTest::Mentions,
                        Some(Rule::w_starts) => TextTest::StartsWith,
                        Some(Rule::w_ends) => TextTest::EndsWith,
                        Some(Rule::kw_matches) => TextTest::Matches,
                        _ => TextTest::Contains,
                    }
                }
                Rule::sum => operand = Some(self.sum(kid)),
                _ => {}
            }
        }
        Some(TailKind::Text(negated, test, any_all, Box::new(operand?)))
    }

    /// An activity with its windows and counts: `visited("blog") in last 30 days`.
    pub(super) fn activity_operand(&mut self, pair: Pair<'_, Rule>) -> Expr {
        self.comparison(pair)
    }

    fn then_activity(&mut self, pair: Pair<'_, Rule>) -> Expr {
        self.comparison(pair)
    }
}

impl Kids<'_> {
    /// Whether one of the children from here on is of this rule. None of them is taken.
    pub(super) fn any_rule(&self, rule: Rule) -> bool {
        self.0.clone().any(|p| p.as_rule() == rule)
    }
}

/// `industry = "SaaS"` as `industry in` and `SaaS`: how a comparison with a text begins when there are several texts.
fn list_form(operand: &Expr, is_and: bool) -> Option<(String, String)> {
    let ExprKind::Tested(subject, tails) = &operand.kind else { return None };
    let (ExprKind::Name(name), [tail]) = (&subject.kind, tails.as_slice()) else { return None };
    let (begin, right) = match &tail.kind {
        TailKind::Compare(CompareOp::Equal, right) if !is_and => ("in".to_owned(), right),
        TailKind::Compare(CompareOp::NotEqual, right) => ("not in".to_owned(), right),
        TailKind::Text(negated, test, AnyAll::One, right) => {
            let test = match test {
                TextTest::Contains => "contains",
                TextTest::Mentions => "mentions",
                TextTest::StartsWith => "starts with",
                TextTest::EndsWith => "ends with",
                TextTest::Matches => "matches",
            };
            let any = if is_and && !negated { "all" } else { "any" };
            (format!("{}{test} {any}", if *negated { "not " } else { "" }), right)
        }
        _ => return None,
    };
    let ExprKind::Text(text) = &right.kind else { return None };
    let subject = if name.quoted { format!("`{}`", name.text) } else { name.text.clone() };
    Some((format!("{subject} {begin}"), text.clone()))
}

/// `50 < employees < 500`: the name, and both ends with their signs as seen from the name.
fn chained_range(subject: &Expr, tails: &[Tail]) -> Option<(String, [(CompareOp, f64); 2])> {
    let (ExprKind::Number(first), [a, b]) = (&subject.kind, tails) else { return None };
    let (TailKind::Compare(op_a, middle), TailKind::Compare(op_b, last)) = (&a.kind, &b.kind) else { return None };
    let (ExprKind::Name(name), ExprKind::Number(last)) = (&middle.kind, &last.kind) else { return None };
    let turned = match op_a {
        CompareOp::Less => CompareOp::Greater,
        CompareOp::LessOrEqual => CompareOp::GreaterOrEqual,
        CompareOp::Greater => CompareOp::Less,
        CompareOp::GreaterOrEqual => CompareOp::LessOrEqual,
        op => *op,
    };
    Some((name.text.clone(), [(turned, *first), (*op_b, *last)]))
}

/// `[1,000, 5,000]` as `[1_000, 5_000]`: groups of three digits of which one begins with 0 belong to the number before them.
fn grouped_list(written: &str) -> Option<String> {
    let items: Vec<&str> = written.trim().strip_prefix('[')?.strip_suffix(']')?.split(',').collect();
    let is_group = |item: &str| item.len() == 3 && item.bytes().all(|b| b.is_ascii_digit());
    if !items.iter().any(|i| is_group(i) && i.starts_with('0')) {
        return None;
    }
    let mut out: Vec<String> = Vec::new();
    for item in &items {
        match out.last_mut() {
            Some(last) if is_group(item) => {
                last.push('_');
                last.push_str(item);
            }
            _ => out.push(item.trim().to_owned()),
        }
    }
    Some(format!("[{}]", out.join(", ")))
}

fn count_kind(pair: &Pair<'_, Rule>) -> CountKind {
    let mut kind = CountKind::AtLeast;
    for kid in pair.clone().into_inner() {
        match kid.as_rule() {
            Rule::w_most => kind = CountKind::AtMost,
            Rule::w_exactly => kind = CountKind::Exactly,
            _ => {}
        }
    }
    kind
}

/// One operand as it is, several as one, with the place that they take.
fn group(mut items: Vec<(Expr, Span)>, kind: fn(Vec<Expr>) -> ExprKind) -> Option<(Expr, Span)> {
    if items.len() == 1 {
        return items.pop();
    }
    let span = items.first()?.1.to(items.last()?.1);
    let items = items.into_iter().map(|(item, _)| item).collect();
    Some((Expr { kind: kind(items), span }, span))
}

/// Whether it divides, and the place that it takes.
type Factor = (bool, Expr, Span);

fn product(mut factors: Vec<Factor>) -> Expr {
    match (factors.as_slice(), factors.first(), factors.last()) {
        ([_], ..) => factors.remove(0).1,
        (_, Some((.., first)), Some((.., last))) => {
            let span = first.to(*last);
            let factors = factors.into_iter().map(|(divides, factor, _)| (divides, factor)).collect();
            Expr { kind: ExprKind::Product(factors), span }
        }
        _ => Expr { kind: ExprKind::Broken, span: Span::default() },
    }
}

/// `-5` is a number, everything else a negation.
fn negated(operand: Expr) -> ExprKind {
    match operand.kind {
        ExprKind::Number(n) if n > 0.0 => ExprKind::Number(-n),
        _ => ExprKind::Negate(Box::new(operand)),
    }
}

/// The file that a text in quotes names, and a name for what is in it.
fn file_of(text: &str) -> Option<(&str, String)> {
    let file = text.trim_matches('"');
    let (stem, ending) = file.rsplit('/').next()?.rsplit_once('.')?;
    let is_list = ["csv", "txt", "tsv", "lst"].iter().any(|e| ending.eq_ignore_ascii_case(e));
    let name: String =
        stem.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' }).collect();
    let name = if name.starts_with(|c: char| c.is_ascii_alphabetic()) { name } else { format!("list_{name}") };
    is_list.then_some((file, name))
}
