//! Rules, tables and bounds: everything that gives points.

use pest::iterators::Pair;

use super::{Build, Kids};
use crate::messages::syntax as say;
use crate::operators::CompareOp;
use crate::syntax::ast::{
    Ageing, AgeingKind, Amount, Bounds, Case, CaseLine, Expr, ExprKind, HowOften, Item, ItemKind, Limit, Rate,
    Rule as RuleItem, Table, TableLines, Tail, Text, Whole,
};
use crate::syntax::grammar::Rule;
use crate::time::{CalendarUnit, Period, RateWindow};

impl Build<'_> {
    /// `when … add …`, `add … per …`, and what people type instead.
    pub(super) fn rule(&mut self, pair: Pair<'_, Rule>) -> ItemKind {
        let Some(pair) = Kids::of(pair).next() else { return ItemKind::Broken(None) };
        let span = self.span(&pair);
        match pair.as_rule() {
            Rule::when_rule => {
                let mut kids = Kids::of(pair);
                let condition = kids.find_rule(Rule::condition);
                let written = condition.as_ref().map_or("", |p| p.as_str().trim());
                let when = condition.map(|p| self.condition(p));
                match kids.find_rule(Rule::give) {
                    Some(give) => self.give(when, written, give),
                    None => ItemKind::Broken(None),
                }
            }
            Rule::add_rule => match Kids::of(pair).next() {
                Some(give) => self.give(None, "", give),
                None => ItemKind::Broken(None),
            },
            Rule::slip_add_when => {
                let mut kids = Kids::of(pair);
                let word = kids
                    .next()
                    .map_or("add", |p| if p.as_str().trim().eq_ignore_ascii_case("add") { "add" } else { "subtract" });
                let amount = kids.find_rule(Rule::amount).map_or("30", |p| p.as_str().trim());
                let condition = kids.find_rule(Rule::condition).map_or("", |p| p.as_str().trim());
                self.say(say::points_before_condition(span, word, amount, condition));
                ItemKind::Broken(None)
            }
            Rule::slip_if_add => {
                let mut kids = Kids::of(pair);
                let word = kids.next().map_or(span, |p| self.span(&p));
                let condition = kids.find_rule(Rule::condition).map_or("", |p| p.as_str().trim());
                let points = kids.find_rule(Rule::give).map_or("", |p| p.as_str().trim());
                self.say(say::if_before_points(word, condition, points));
                ItemKind::Broken(None)
            }
            _ => {
                let mut number = String::new();
                let mut condition = None;
                let mut at: Option<crate::source::Span> = None;
                for kid in Kids::of(pair) {
                    let here = self.span(&kid);
                    match kid.as_rule() {
                        Rule::sign | Rule::number => {
                            at = Some(at.map_or(here, |at| at.to(here)));
                            number.push_str(kid.as_str().trim());
                        }
                        Rule::condition => condition = Some(kid.as_str().trim().to_owned()),
                        _ => {}
                    }
                }
                self.say(say::bare_points(at.unwrap_or(span), &number, condition.as_deref()));
                ItemKind::Broken(None)
            }
        }
    }

    /// `add …` with all that may follow; the condition stands before it, as tree and as written.
    fn give(&mut self, when: Option<Expr>, condition: &str, pair: Pair<'_, Rule>) -> ItemKind {
        let give_span = self.span(&pair);
        let mut kids = Kids::of(pair);
        let Some(word) = kids.take_rule(Rule::add_word) else { return ItemKind::Broken(None) };
        let Some(amount) = kids.take_rule(Rule::amount) else { return ItemKind::Broken(None) };
        let written = format!("{} {}", word.as_str().trim().to_ascii_lowercase(), amount.as_str().trim());
        let amount = self.points(&word, amount);
        let mut rule = RuleItem {
            give_span: give_span.to(amount.value.span),
            when,
            amount,
            how_often: None,
            rate: None,
            ageing: None,
            up_to: None,
            because: None,
            if_not: None,
        };
        rule.give_span.end = rule.amount.value.span.end;
        for kid in kids {
            if kid.as_rule() == Rule::if_not {
                rule.if_not = self.if_not(kid);
            } else if kid.as_rule() == Rule::slip_expires {
                let span = self.span(&kid);
                let period = Kids::of(kid).find_rule(Rule::span).map_or("90 days", |p| p.as_str().trim());
                self.say(say::expires(span, period, condition, &written));
            } else {
                self.modifier(&mut rule, kid);
            }
        }
        ItemKind::Rule(rule)
    }

    fn if_not(&mut self, pair: Pair<'_, Rule>) -> Option<(Amount, Option<Text>)> {
        let mut kids = Kids::of(pair);
        let word = kids.find_rule(Rule::add_word)?;
        let amount = kids.find_rule(Rule::amount)?;
        let amount = self.points(&word, amount);
        let because = kids.find_rule(Rule::because).and_then(|p| self.because(p));
        Some((amount, because))
    }

    fn points(&mut self, word: &Pair<'_, Rule>, amount: Pair<'_, Rule>) -> Amount {
        let subtract = word.as_str().trim().eq_ignore_ascii_case("subtract");
        let value = self.amount(amount);
        if subtract && matches!(value.kind, ExprKind::Number(n) if n < 0.0) {
            self.say(say::subtract_negative(value.span));
        }
        Amount { subtract, value }
    }

    /// A number, a name, or an expression in parentheses.
    pub(super) fn amount(&mut self, pair: Pair<'_, Rule>) -> Expr {
        let span = self.span(&pair);
        let mut minus = false;
        let mut value = None;
        for kid in Kids::of(pair) {
            match kid.as_rule() {
                Rule::sign => minus ^= kid.as_str().trim() != "+",
                Rule::number => value = Some(self.number(&kid)),
                Rule::path => value = Some(self.named(&kid)),
                Rule::call => value = Some(Expr { span: self.span(&kid), kind: ExprKind::Call(self.call(kid)) }),
                Rule::condition => value = Some(self.inner_condition(kid)),
                Rule::lparen | Rule::rparen => {}
                Rule::slip_text_amount => {
                    self.say(say::points_in_quotes(span, kid.as_str().trim().trim_matches('"')));
                    value = Some(self.broken(&kid));
                }
                _ => value = Some(self.slip_number(&kid)),
            }
        }
        let value = value.unwrap_or(Expr { kind: ExprKind::Broken, span });
        match value.kind {
            ExprKind::Number(n) if minus && n != 0.0 => Expr { kind: ExprKind::Number(-n), span },
            _ if minus => Expr { kind: ExprKind::Negate(Box::new(value)), span },
            kind => Expr { kind, span },
        }
    }

    pub(super) fn because(&mut self, pair: Pair<'_, Rule>) -> Option<Text> {
        Kids::of(pair).find_rule(Rule::text).map(|p| self.text(&p))
    }

    fn modifier(&mut self, rule: &mut RuleItem, pair: Pair<'_, Rule>) {
        let span = self.span(&pair);
        let written = pair.as_str().trim_end().to_owned();
        let which = pair.as_rule();
        let twice = match which {
            Rule::each_time | Rule::per_activity | Rule::per_distinct | Rule::per_since | Rule::per_silence => {
                rule.how_often.is_some()
            }
            Rule::rate => rule.rate.is_some(),
            Rule::ageing => rule.ageing.is_some(),
            Rule::up_to => rule.up_to.is_some(),
            Rule::because => rule.because.is_some(),
            // Slips, which have messages of their own.
            _ => false,
        };
        if twice {
            self.say(say::said_twice(span, &written));
            return;
        }
        let mut kids = Kids::of(pair);
        match which {
            Rule::each_time => rule.how_often = Some(HowOften::EachTime(span)),
            Rule::per_activity => {
                rule.how_often = kids.find_rule(Rule::activity_operand).map(|p| HowOften::Per(self.activity_operand(p)))
            }
            Rule::per_distinct => {
                rule.how_often =
                    kids.find_rule(Rule::activity_operand).map(|p| HowOften::PerDistinct(self.activity_operand(p)));
            }
            Rule::per_since => {
                let period = kids.find_rule(Rule::span).map(|p| self.period(p));
                let since = kids.find_rule(Rule::comparison).map(|p| self.comparison(p));
                rule.how_often =
                    period.zip(since).map(|(period, since)| HowOften::PerSince(period, Box::new(since), span));
            }
            Rule::per_silence => {
                rule.how_often = kids.find_rule(Rule::span).map(|p| HowOften::PerSilence(self.period(p), span))
            }
            Rule::rate => rule.rate = self.rate(kids, span),
            Rule::ageing => rule.ageing = self.ageing(kids, span),
            Rule::up_to => rule.up_to = kids.find_rule(Rule::amount).map(|p| self.amount(p)),
            Rule::because => rule.because = kids.find_rule(Rule::text).map(|p| self.text(&p)),
            Rule::slip_rate => self.say(say::rate_words(span, &written)),
            Rule::slip_ageing => self.slip_ageing(kids, span, ""),
            Rule::slip_cap => {
                let amount = kids.find_rule(Rule::amount).map_or("15".to_owned(), |p| p.as_str().trim().to_owned());
                self.say(say::cap_words(span, &written, &format!("up to {amount}")));
            }
            Rule::slip_per_time => self.say(say::per_time(span, &written)),
            Rule::w_points | Rule::w_point => {}
            // A modifier that the grammar knows and the tree does not is told, not lost.
            _ => self.say(say::unexpected(span, &written, "a part of a rule", None)),
        }
    }

    /// `decay 50% every month`; what `behind` it makes it right.
    fn slip_ageing(&mut self, kids: Kids<'_>, span: crate::source::Span, behind: &str) {
        let (mut share, mut period) = (None, None);
        for kid in kids {
            match kid.as_rule() {
                Rule::number => share = Some(kid.as_str().trim().trim_end_matches([' ', '%']).to_owned()),
                Rule::span | Rule::unit => period = Some(kid.as_str().trim().to_owned()),
                Rule::slip_weekly => period = Some(say::unit_of(kid.as_str()).to_owned()),
                _ => {}
            }
        }
        self.say(say::ageing_words(span, share.as_deref(), period.as_deref().unwrap_or("month"), behind));
    }

    fn rate(&mut self, kids: Kids<'_>, span: crate::source::Span) -> Option<Rate> {
        let (mut times, mut within) = (None, None);
        for kid in kids {
            match kid.as_rule() {
                Rule::times => times = Some(self.count_of(kid)),
                // `every 1 day` is any 24 hours, `every day` and `a day` a day of the calendar.
                Rule::span if kid.as_str().starts_with(|c: char| c.is_ascii_digit()) => {
                    within = Some(RateWindow::Rolling(self.period(kid)));
                }
                Rule::span | Rule::unit => {
                    let unit = kid.as_str().trim();
                    within = CalendarUnit::of(unit)
                        .map(RateWindow::Calendar)
                        .or_else(|| Period::of(1, unit).map(RateWindow::Rolling));
                }
                _ => {}
            }
        }
        Some(Rate { times: times?, within: within?, span })
    }

    fn ageing(&mut self, kids: Kids<'_>, span: crate::source::Span) -> Option<Ageing> {
        let (mut word, mut share, mut every) = (Rule::kw_halving, None, None);
        for kid in kids {
            match kid.as_rule() {
                Rule::amount => share = Some(self.amount(kid)),
                Rule::span => every = Some(self.period(kid)),
                Rule::kw_halving | Rule::kw_keeping | Rule::kw_losing => word = kid.as_rule(),
                _ => {}
            }
        }
        let kind = match (word, share) {
            (Rule::kw_keeping, Some(share)) => AgeingKind::Keeping(share),
            (Rule::kw_losing, Some(share)) => AgeingKind::Losing(share),
            _ => AgeingKind::Halving,
        };
        Some(Ageing { kind, every: every?, span })
    }

    /// Bounds, or how a sum fades: what holds of the score that `of` names.
    pub(super) fn of_sum(&mut self, whole: &mut Whole, pair: Pair<'_, Rule>, of: &str) {
        let (span, written) = (self.span(&pair), pair.as_str().trim_end().to_owned());
        match pair.as_rule() {
            Rule::bounds if whole.bounds.is_none() => whole.bounds = Some(self.bounds(pair, of)),
            Rule::fading if whole.fading.is_none() => {
                let kids = Kids::of(pair);
                let is_of_silence = kids.any_rule(Rule::w_silence);
                whole.fading = self.ageing(kids, span);
                if !is_of_silence {
                    self.say(say::fading_without_silence(span, &written));
                }
            }
            Rule::bounds | Rule::fading => self.say(say::said_twice(span, &written)),
            Rule::slip_fading => {
                let kids = Kids::of(pair).next().map(Kids::of);
                kids.into_iter().for_each(|kids| self.slip_ageing(kids, span, " of silence"));
            }
            _ => {}
        }
    }

    /// `up to 50 if …`, `never below 10 if …`
    pub(super) fn limit(&mut self, pair: Pair<'_, Rule>) -> Option<Limit> {
        let mut span = self.span(&pair);
        let (mut is_low, mut amount, mut condition, mut because) = (false, None, None, None);
        for kid in Kids::of(pair) {
            match kid.as_rule() {
                Rule::w_never => is_low = true,
                Rule::amount => amount = Some(self.amount(kid)),
                Rule::limit_name => amount = Kids::of(kid).next().map(|path| self.named(&path)),
                Rule::slip_limit_end => amount = Some(self.slip_limit(kid)),
                Rule::slip_limit_when => self.say(say::limit_when(self.span(&kid))),
                Rule::condition => condition = Some(self.condition(kid)),
                Rule::because => because = self.because(kid),
                _ => {}
            }
        }
        let amount = amount?;
        span.end = amount.span.end;
        Some(Limit { is_low, amount, condition: condition?, because, span })
    }

    /// `max 30 if …`, `at least 10 if …`, `between 10 and 30 if …`
    fn slip_limit(&mut self, pair: Pair<'_, Rule>) -> Expr {
        let (span, written) = (self.span(&pair), pair.as_str().trim_end().to_owned());
        let kids = Kids::of(pair);
        let is_low = kids.any_rule(Rule::w_least);
        let amounts: Vec<String> =
            kids.filter(|k| k.as_rule() == Rule::amount).map(|k| k.as_str().trim().to_owned()).collect();
        self.say(match amounts.as_slice() {
            [low, high] => say::limit_between(span, low, high),
            [amount] if is_low => say::limit_words(span, &written, &format!("never below {amount}")),
            [amount] => say::limit_words(span, &written, &format!("up to {amount}")),
            _ => say::limit_words(span, &written, "up to 50"),
        });
        Expr { kind: ExprKind::Broken, span }
    }

    fn named(&mut self, path: &Pair<'_, Rule>) -> Expr {
        Expr { kind: ExprKind::Name(self.name(path)), span: self.span(path) }
    }

    /// The bounds of the score that `of` names.
    fn bounds(&mut self, pair: Pair<'_, Rule>, of: &str) -> Bounds {
        let span = self.span(&pair);
        let mut bounds = Bounds { low: None, high: None, span };
        let mut is_low = false;
        for kid in Kids::of(pair) {
            match kid.as_rule() {
                Rule::kw_between | Rule::w_never => is_low = true,
                Rule::kw_and => is_low = false,
                Rule::amount if is_low => bounds.low = Some(self.amount(kid)),
                Rule::amount => bounds.high = Some(self.amount(kid)),
                Rule::slip_bounds => {
                    let written = kid.as_str().trim_end().to_owned();
                    let amount = Kids::of(kid)
                        .find_rule(Rule::amount)
                        .map_or("150".to_owned(), |p| p.as_str().trim().to_owned());
                    let proper = if of.is_empty() {
                        format!("score up to {amount}")
                    } else {
                        format!("score {of} up to {amount} {{ … }}")
                    };
                    self.say(say::cap_words(span, &written, &proper));
                }
                _ => {}
            }
        }
        bounds
    }
}

/// `points by X "…" from "tiers.csv"`
pub(in crate::syntax) fn table_from(b: &mut Build<'_>, pair: Pair<'_, Rule>) -> ItemKind {
    let (mut by, mut texts) = (None, Vec::new());
    for kid in Kids::of(pair) {
        match kid.as_rule() {
            Rule::sum => by = Some(b.sum(kid)),
            Rule::text => texts.push(b.text(&kid)),
            _ => {}
        }
    }
    match (by, texts.pop()) {
        (Some(by), Some(file)) => ItemKind::Table(Table { by, title: texts.pop(), lines: TableLines::From(file) }),
        _ => ItemKind::Broken(None),
    }
}

/// `mentions "VP": 15 because "…"`
pub(in crate::syntax) fn case_line(b: &mut Build<'_>, pair: Pair<'_, Rule>) -> Option<CaseLine> {
    let span = b.span(&pair);
    let mut kids = Kids::of(pair);
    let case = kids.find_rule(Rule::case)?;
    let case_span = b.span(&case);
    let case = b.case(case)?;
    let amount = kids.find_rule(Rule::amount).map(|p| b.amount(p))?;
    let because = kids.find_rule(Rule::because).and_then(|p| b.because(p));
    Some(CaseLine { case, case_span, amount, because, span })
}

impl Build<'_> {
    fn case(&mut self, pair: Pair<'_, Rule>) -> Option<Case> {
        let kid = Kids::of(pair).next()?;
        let span = self.span(&kid);
        Some(match kid.as_rule() {
            Rule::kw_otherwise => Case::Otherwise,
            Rule::kw_missing => Case::Missing,
            Rule::slip_case_words => {
                let written = kid.as_str().trim().to_owned();
                let mut kids = Kids::of(kid);
                let word = if kids.any_rule(Rule::slip_less_than) { "below" } else { "above" };
                let value = kids.find_rule(Rule::signed).map_or("", |p| p.as_str().trim());
                self.say(say::case_words(span, &written, &format!("{word} {value}")));
                Case::Value(Expr { kind: ExprKind::Broken, span })
            }
            Rule::list => Case::Value(Expr { kind: ExprKind::List(self.list(kid)), span }),
            Rule::case_value => Case::Value(self.sum(Kids::of(kid).next()?)),
            Rule::case_tail => {
                let tail = Kids::of(kid).find_tail()?;
                let Tail { kind, span } = self.tail(tail, span, "x");
                Case::Tail(Tail { kind, span })
            }
            Rule::a_to_b => {
                let mut ends = Kids::of(kid).filter(|p| p.as_rule() == Rule::signed);
                let (low, high) = (ends.next()?, ends.next()?);
                Case::Between(self.signed(low), self.signed(high))
            }
            rule => {
                let value = Kids::of(kid).find_rule(Rule::signed)?;
                let op = match rule {
                    Rule::or_more => CompareOp::GreaterOrEqual,
                    Rule::or_less => CompareOp::LessOrEqual,
                    Rule::above => CompareOp::Greater,
                    _ => CompareOp::Less,
                };
                Case::Order(op, self.signed(value))
            }
        })
    }

    /// A number, date or name with signs before it.
    fn signed(&mut self, pair: Pair<'_, Rule>) -> Expr {
        let span = self.span(&pair);
        let mut minus = false;
        let mut value = ExprKind::Broken;
        for kid in Kids::of(pair) {
            value = match kid.as_rule() {
                Rule::sign => {
                    minus ^= kid.as_str().trim() != "+";
                    continue;
                }
                Rule::number => self.number(&kid).kind,
                Rule::date | Rule::slip_date => self.date(&kid).map_or(ExprKind::Broken, ExprKind::Date),
                Rule::path => ExprKind::Name(self.name(&kid)),
                Rule::call => ExprKind::Call(self.call(kid)),
                _ => self.slip_number(&kid).kind,
            };
        }
        match value {
            ExprKind::Number(n) if minus && n != 0.0 => Expr { kind: ExprKind::Number(-n), span },
            kind if minus => Expr { kind: ExprKind::Negate(Box::new(Expr { kind, span })), span },
            kind => Expr { kind, span },
        }
    }
}

impl<'i> Kids<'i> {
    /// The tail of a table's case; the word `is` before it says nothing.
    fn find_tail(&mut self) -> Option<Pair<'i, Rule>> {
        self.find_map(|p| (p.as_rule() != Rule::kw_is).then_some(p))
    }
}

impl RuleItem {
    /// Whether anything says how often the points are given.
    #[must_use]
    pub fn counts(&self) -> bool {
        self.how_often.is_some() || self.rate.is_some()
    }
}

/// An item of a known kind and place.
pub(super) fn item(kind: ItemKind, span: crate::source::Span) -> Item {
    Item { kind, span }
}
