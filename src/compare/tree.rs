//! A walk through what was written: every place, name and text of a statement, to be read or put otherwise.
//!
//! Owns only the way; what is done on it is said by the callers.

use crate::source::Span;
use crate::syntax::ast::{
    self, Expr, ExprKind as E, HowOften, Item, ItemKind as I, LetValue, Name, TableLines, TailKind as T, Text,
};
use crate::time::Period;

/// What a walk comes by.
pub(super) enum Part<'t> {
    /// Where something stands.
    Place(&'t mut Span),
    /// A name, whatever it is of.
    Name(&'t mut Name),
    /// A text that is printed, perhaps with names in braces.
    Printed(&'t mut Text),
    /// A number.
    Number(&'t mut f64),
    /// A length of time.
    Period(&'t mut Period),
    /// A text that is compared with.
    Text(&'t mut String),
    /// What a `let` names.
    Let(&'t mut LetValue),
    /// The lines of a table of points.
    Lines(&'t mut TableLines),
}

/// What is done with each part.
pub(super) type See<'f> = &'f mut dyn FnMut(Part<'_>);

/// Anything written that can be walked through.
pub(super) trait Written: Clone + PartialEq + std::fmt::Debug {
    /// Comes by all parts.
    fn walk(&mut self, f: See<'_>);
}

impl Written for Item {
    fn walk(&mut self, f: See<'_>) {
        f(Part::Place(&mut self.span));
        match &mut self.kind {
            I::Model(model) => {
                model.name.iter_mut().for_each(|t| text(t, f));
                for entry in &mut model.entries {
                    name(&mut entry.key, f);
                    f(Part::Place(&mut entry.span));
                }
            }
            I::Field(field) => {
                name(&mut field.name, f);
                field.of_type.iter_mut().for_each(|n| name(n, f));
                field.formats.iter_mut().chain(&mut field.from).for_each(|t| text(t, f));
            }
            I::Activity(activity) => {
                activity.names.iter_mut().chain(&mut activity.target).for_each(|n| name(n, f));
                activity.from.iter_mut().for_each(|t| text(t, f));
                activity.filter.iter_mut().for_each(|e| e.walk(f));
            }
            I::NotEngagement(names) => names.iter_mut().for_each(|n| name(n, f)),
            I::Let(line) => {
                name(&mut line.name, f);
                f(Part::Let(&mut line.value));
                match &mut line.value {
                    LetValue::Expr(e) => e.walk(f),
                    LetValue::LinesOf(t) | LetValue::Table(t) => text(t, f),
                }
            }
            I::Data(data) => data.lines.iter_mut().for_each(|line| data_line(line, f)),
            I::Profile(profile) => {
                name(&mut profile.name, f);
                profile.title.iter_mut().for_each(|t| text(t, f));
                profile.criteria.iter_mut().for_each(|c| c.walk(f));
            }
            I::Score(score) => {
                name(&mut score.name, f);
                score.title.iter_mut().for_each(|t| text(t, f));
                of_sum(&mut score.whole, f);
                score.items.iter_mut().for_each(|i| i.walk(f));
            }
            I::ScoreFormula(e) => e.walk(f),
            I::ScoreWhole(parts) => of_sum(parts, f),
            I::Limit(limit) => {
                let ast::Limit { is_low: _, amount, condition, because, span } = limit;
                f(Part::Place(span));
                amount.walk(f);
                condition.walk(f);
                printed(because.as_mut(), f);
            }
            I::Rule(line) => rule(line, f),
            I::Choice(choice) => choice.items.iter_mut().for_each(|i| i.walk(f)),
            I::Table(table) => {
                table.by.walk(f);
                table.title.iter_mut().for_each(|t| text(t, f));
                f(Part::Lines(&mut table.lines));
                match &mut table.lines {
                    TableLines::Here(lines) => lines.iter_mut().for_each(|l| l.walk(f)),
                    TableLines::From(t) => text(t, f),
                }
            }
            I::Reset(reset) => {
                reset.condition.walk(f);
                printed(reset.because.as_mut(), f);
            }
            I::Stages(stages) => {
                for (stage, spellings) in &mut stages.names {
                    name(stage, f);
                    spellings.iter_mut().for_each(|t| text(t, f));
                }
                stages.from.iter_mut().for_each(|n| name(n, f));
            }
            I::StageLine(line) | I::Gate(line) => {
                name(&mut line.stage, f);
                line.condition.walk(f);
                printed(line.because.as_mut(), f);
            }
            I::Disqualify(verdict) | I::Exclude(verdict) | I::Review(verdict) => {
                verdict.condition.walk(f);
                printed(verdict.because.as_mut(), f);
            }
            I::Label(label) => {
                name(&mut label.name, f);
                label.title.iter_mut().for_each(|t| text(t, f));
                label.lines.iter_mut().for_each(|l| l.walk(f));
            }
            I::Test(test) => {
                text(&mut test.name, f);
                test.items.iter_mut().for_each(|i| test_line(i, f));
            }
            I::AsOf(_, span) => f(Part::Place(span)),
            I::Use(ast::Used::File(t)) => text(t, f),
            I::Use(ast::Used::Library(library)) => f(Part::Place(&mut library.span)),
            I::Treat(treat) => {
                treat.words.iter_mut().for_each(|t| text(t, f));
                treat.fields.iter_mut().for_each(|n| name(n, f));
            }
            I::Broken(n) => n.iter_mut().for_each(|n| name(n, f)),
        }
    }
}

impl Written for ast::Criterion {
    fn walk(&mut self, f: See<'_>) {
        self.name.iter_mut().for_each(|n| name(n, f));
        self.condition.walk(f);
    }
}

impl Written for ast::CaseLine {
    fn walk(&mut self, f: See<'_>) {
        f(Part::Place(&mut self.span));
        f(Part::Place(&mut self.case_span));
        match &mut self.case {
            ast::Case::Otherwise | ast::Case::Missing => {}
            ast::Case::Tail(t) => tail(t, f),
            ast::Case::Value(e) | ast::Case::Order(_, e) => e.walk(f),
            ast::Case::Between(a, b) => {
                a.walk(f);
                b.walk(f);
            }
        }
        self.amount.walk(f);
        printed(self.because.as_mut(), f);
    }
}

impl Written for ast::LabelLine {
    fn walk(&mut self, f: See<'_>) {
        f(Part::Place(&mut self.span));
        printed(Some(&mut self.value), f);
        self.condition.iter_mut().for_each(|e| e.walk(f));
    }
}

impl Written for Expr {
    fn walk(&mut self, f: See<'_>) {
        f(Part::Place(&mut self.span));
        match &mut self.kind {
            E::Text(t) => f(Part::Text(t)),
            E::Number(n) => f(Part::Number(n)),
            E::Name(n) => name(n, f),
            E::Call(c) => call(c, f),
            E::List(items) | E::And(items) | E::Or(items) => items.iter_mut().for_each(|e| e.walk(f)),
            E::Not(e) | E::Negate(e) => e.walk(f),
            E::Unless(a, b) => {
                a.walk(f);
                b.walk(f);
            }
            E::Tested(e, tails) => {
                e.walk(f);
                tails.iter_mut().for_each(|t| tail(t, f));
            }
            E::Quantified(quantifier, of) => {
                if let ast::Quantifier::AtLeast(n) = quantifier {
                    whole(n, f);
                }
                match of {
                    ast::Of::Conditions(items) => items.iter_mut().for_each(|e| e.walk(f)),
                    ast::Of::Profile(n) => name(n, f),
                }
            }
            E::Sum(items) | E::Product(items) => items.iter_mut().for_each(|(_, e)| e.walk(f)),
            E::InactiveFor(period) => f(Part::Period(period)),
            E::Date(_) | E::Flag(_) | E::Today | E::Missing | E::Broken => {}
        }
    }
}

/// A whole number, seen as any other.
fn whole(n: &mut u64, f: See<'_>) {
    let mut seen = *n as f64;
    f(Part::Number(&mut seen));
    *n = seen as u64;
}

fn name(n: &mut Name, f: See<'_>) {
    f(Part::Place(&mut n.span));
    f(Part::Name(n));
}

fn text(t: &mut Text, f: See<'_>) {
    f(Part::Place(&mut t.span));
}

fn printed(t: Option<&mut Text>, f: See<'_>) {
    if let Some(t) = t {
        text(t, f);
        f(Part::Printed(t));
    }
}

fn data_line(line: &mut ast::DataLine, f: See<'_>) {
    use ast::DataLineKind as K;
    f(Part::Place(&mut line.span));
    match &mut line.kind {
        K::Id(texts)
        | K::OtherIds(texts)
        | K::Dates(texts)
        | K::Treat(texts)
        | K::Type(texts)
        | K::Target(texts)
        | K::EventId(texts) => texts.iter_mut().for_each(|t| text(t, f)),
        K::Sheet(one) | K::Numbers(one) | K::Encoding(one) | K::Delimiter(one) | K::Format(one) => text(one, f),
        K::HeaderRow(row) => whole(row, f),
        K::IgnoreRows(condition) => condition.walk(f),
        K::Lead(texts, field) => {
            texts.iter_mut().for_each(|t| text(t, f));
            field.iter_mut().for_each(|n| name(n, f));
        }
        K::At(texts, shapes) => texts.iter_mut().chain(shapes).for_each(|t| text(t, f)),
    }
}

fn of_sum(whole: &mut ast::Whole, f: See<'_>) {
    let ast::Whole { bounds: ends, fading } = whole;
    ends.iter_mut().for_each(|b| bounds(b, f));
    fading.iter_mut().for_each(|a| fades(a, f));
}

fn fades(ageing: &mut ast::Ageing, f: See<'_>) {
    let ast::Ageing { kind, every: _, span } = ageing;
    f(Part::Place(span));
    match kind {
        ast::AgeingKind::Keeping(e) | ast::AgeingKind::Losing(e) => e.walk(f),
        ast::AgeingKind::Halving => {}
    }
}

fn bounds(b: &mut ast::Bounds, f: See<'_>) {
    f(Part::Place(&mut b.span));
    b.low.iter_mut().chain(&mut b.high).for_each(|e| e.walk(f));
}

fn rule(rule: &mut ast::Rule, f: See<'_>) {
    let ast::Rule { when, amount, how_often, rate, ageing, up_to, because, if_not, give_span } = rule;
    f(Part::Place(give_span));
    when.iter_mut().for_each(|e| e.walk(f));
    amount.value.walk(f);
    match how_often {
        Some(HowOften::EachTime(span) | HowOften::PerSilence(_, span)) => f(Part::Place(span)),
        Some(HowOften::Per(e) | HowOften::PerDistinct(e)) => e.walk(f),
        Some(HowOften::PerSince(_, e, span)) => {
            e.walk(f);
            f(Part::Place(span));
        }
        None => {}
    }
    if let Some(rate) = rate {
        f(Part::Place(&mut rate.span));
    }
    ageing.iter_mut().for_each(|a| fades(a, f));
    up_to.iter_mut().for_each(|e| e.walk(f));
    printed(because.as_mut(), f);
    if let Some((amount, because)) = if_not {
        amount.value.walk(f);
        printed(because.as_mut(), f);
    }
}

fn call(call: &mut ast::Call, f: See<'_>) {
    name(&mut call.name, f);
    call.args.iter_mut().for_each(|a| a.value.walk(f));
    call.filter.iter_mut().for_each(|e| e.walk(f));
}

fn tail(tail: &mut ast::Tail, f: See<'_>) {
    f(Part::Place(&mut tail.span));
    match &mut tail.kind {
        T::Compare(_, e) | T::In(_, e) | T::Text(_, _, _, e) | T::Since(e) | T::Before(e) | T::After(e) => e.walk(f),
        T::Then(e, within) => {
            e.walk(f);
            within.iter_mut().for_each(|p| f(Part::Period(p)));
        }
        T::Between(a, b) => {
            a.walk(f);
            b.walk(f);
        }
        T::Count(_, n, within) => {
            whole(n, f);
            within.iter_mut().for_each(|p| f(Part::Period(p)));
        }
        T::Days(_, n) => whole(n, f),
        T::InLast(period) | T::InNext(period) | T::Ago(period) => f(Part::Period(period)),
        T::Known(_) | T::Broken => {}
    }
}

fn test_line(line: &mut ast::TestItem, f: See<'_>) {
    match line {
        ast::TestItem::AsOf(_, span) => f(Part::Place(span)),
        ast::TestItem::Lead(entries) => {
            for entry in entries {
                name(&mut entry.name, f);
                entry.value.walk(f);
            }
        }
        ast::TestItem::Did(did) => {
            call(&mut did.call, f);
            f(Part::Place(&mut did.span));
        }
        ast::TestItem::Expect(e) => e.walk(f),
    }
}
