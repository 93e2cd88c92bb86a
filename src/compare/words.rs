//! What differs between two statements of one kind, in words: the smallest parts, each before and after.

use std::collections::{BTreeMap, BTreeSet};

use super::change::Detail;
use super::meaning::{Side, content, nearness};
use crate::operators::CompareOp;
use crate::source::Span;
use crate::syntax::ast::{
    self, CaseLine, Criterion, Expr, ExprKind as E, HowOften, Item, ItemKind as I, LabelLine, LetValue, TableLines,
    TailKind as T, Text,
};

/// So many entries of a list are named.
const MOST_NAMED: usize = 6;

/// Finds what differs, between the old side and the new one.
pub(super) struct Differences<'v> {
    pub old: Side<'v>,
    pub new: Side<'v>,
    pub found: Vec<Detail>,
}

impl<'v> Differences<'v> {
    pub fn between(sides: (Side<'v>, Side<'v>)) -> Differences<'v> {
        Differences { old: sides.0, new: sides.1, found: Vec::new() }
    }

    fn put(&mut self, what: &str, before: Option<String>, after: Option<String>) {
        if before != after {
            self.found.push(Detail::new(what, before, after));
        }
    }

    fn quoted(&mut self, what: &str, before: Option<&Text>, after: Option<&Text>) {
        let quoted = |t: Option<&Text>| t.map(|t| format!("\"{}\"", t.text));
        self.put(what, quoted(before), quoted(after));
    }

    /// Two values or conditions, one of which may be missing.
    fn exprs(&mut self, what: &str, before: Option<&Expr>, after: Option<&Expr>) {
        match (before, after) {
            (Some(a), Some(b)) if self.same(a, b) => {}
            (a, b) => self.put(what, a.map(|e| self.old.phrase(e.span)), b.map(|e| self.new.phrase(e.span))),
        }
    }

    fn same(&self, a: &Expr, b: &Expr) -> bool {
        self.old.meaning(a) == self.new.meaning(b)
    }

    /// Two conditions: the smallest parts that differ.
    pub fn condition(&mut self, a: &Expr, b: &Expr) {
        if self.same(a, b) {
            return;
        }
        match (&a.kind, &b.kind) {
            (E::Or(_), _) | (_, E::Or(_)) if !matches!((&a.kind, &b.kind), (E::And(_), _) | (_, E::And(_))) => {
                self.parts(&or_parts(a), &or_parts(b), "or also ", "is no longer a way");
            }
            (E::And(_), _) | (_, E::And(_)) if !matches!((&a.kind, &b.kind), (E::Or(_), _) | (_, E::Or(_))) => {
                self.parts(&and_parts(a), &and_parts(b), "and also ", "is no longer asked for");
            }
            (E::Quantified(p, ast::Of::Conditions(x)), E::Quantified(q, ast::Of::Conditions(y))) if p == q => {
                self.parts(
                    &x.iter().collect::<Vec<_>>(),
                    &y.iter().collect::<Vec<_>>(),
                    "counts also ",
                    "no longer counts",
                );
            }
            (E::Not(x), E::Not(y)) => {
                let from = self.found.len();
                self.condition(x, y);
                if self.found.len() == from {
                    self.exprs("", Some(a), Some(b));
                }
            }
            (E::Tested(x, p), E::Tested(y, q)) if self.same(x, y) => self.tested((a, x, p), (b, q)),
            (E::List(x), E::List(y)) => self.members("", x, y),
            _ => self.exprs("", Some(a), Some(b)),
        }
    }

    /// Two comparisons of one subject.
    fn tested(&mut self, (a, subject, p): (&Expr, &Expr, &[ast::Tail]), (b, q): (&Expr, &[ast::Tail])) {
        if let ([p], [q]) = (p, q) {
            match (&p.kind, &q.kind) {
                (T::Compare(o, x), T::Compare(r, y))
                    if o == r && is_score(subject) && matches!(o, CompareOp::GreaterOrEqual | CompareOp::Greater) =>
                {
                    return self.exprs("threshold", Some(x), Some(y));
                }
                (T::In(is_not, x), T::In(other, y)) if is_not == other => {
                    if let (E::List(x), E::List(y)) = (&x.kind, &y.kind) {
                        return self.members(&self.old.phrase(subject.span), x, y);
                    }
                }
                (T::Text(is_not, test, any, x), T::Text(other, as_test, as_any, y))
                    if (is_not, test, any) == (other, as_test, as_any) =>
                {
                    if let (E::List(x), E::List(y)) = (&x.kind, &y.kind) {
                        return self.members(&self.old.phrase(subject.span), x, y);
                    }
                }
                _ => {}
            }
        }
        self.exprs("", Some(a), Some(b));
    }

    /// The members of two lists.
    fn members(&mut self, of: &str, x: &[Expr], y: &[Expr]) {
        let keys = |side: Side<'_>, items: &[Expr]| items.iter().map(|e| side.key(e)).collect::<BTreeSet<_>>();
        let (before, after) = (keys(self.old, x), keys(self.new, y));
        let named = |side: Side<'_>, items: &[Expr], other: &BTreeSet<String>| {
            let words = |e: &Expr| if let E::Text(t) = &e.kind { format!("\"{t}\"") } else { side.phrase(e.span) };
            items.iter().filter(|e| !other.contains(&side.key(*e))).map(words).collect::<Vec<_>>()
        };
        let (gone, new) = (named(self.old, x, &after), named(self.new, y, &before));
        self.listed(of, &gone, &new);
        if gone.is_empty() && new.is_empty() {
            self.found.push(Detail::said("the list in another order or with copies"));
        }
    }

    /// The parts of two conditions; what differs little is one part that changed.
    fn parts(&mut self, x: &[&Expr], y: &[&Expr], also: &str, no_longer: &str) {
        let from = self.found.len();
        let mut gone: Vec<&Expr> = Vec::new();
        let mut new: Vec<&Expr> = y.to_vec();
        for a in x {
            match new.iter().position(|b| self.same(a, b)) {
                Some(at) => drop(new.remove(at)),
                None => gone.push(a),
            }
        }
        let mut left = Vec::new();
        for a in gone {
            let shape = self.old.shape(a);
            let words = content(a);
            let near = |b: &Expr| if self.new.shape(b) == shape { 2.0 } else { nearness(&words, &content(b)) };
            let best = new
                .iter()
                .enumerate()
                .map(|(at, b)| (near(b), at))
                .max_by(|p, q| p.0.total_cmp(&q.0).then(q.1.cmp(&p.1)));
            match best.filter(|(how, _)| *how > 0.5) {
                Some((_, at)) => {
                    let b = new.remove(at);
                    self.condition(a, b);
                }
                None => left.push(a),
            }
        }
        for b in new {
            self.found.push(Detail::said(format!("{also}{}", self.new.phrase(b.span))));
        }
        for a in left {
            self.found.push(Detail::said(format!("{} {no_longer}", self.old.phrase(a.span))));
        }
        if self.found.len() == from {
            self.found.push(Detail::said("the parts of the condition in another order"));
        }
    }

    /// Two statements of one kind; of blocks what stands before the brace.
    pub fn items(&mut self, a: &Item, b: &Item) {
        match (&a.kind, &b.kind) {
            (I::Model(a), I::Model(b)) => self.information(a, b),
            (I::Field(a), I::Field(b)) => {
                let name = |n: Option<&ast::Name>| n.map(|n| n.text.clone());
                self.put("", name(a.of_type.as_ref()), name(b.of_type.as_ref()));
                self.texts("written as", &a.formats, &b.formats);
                self.texts("from", &a.from, &b.from);
            }
            (I::Activity(a), I::Activity(b)) => {
                self.texts("from", &a.from, &b.from);
                let name = |n: Option<&ast::Name>| n.map(|n| n.text.clone());
                self.put("target", name(a.target.as_ref()), name(b.target.as_ref()));
                self.maybe_condition("where", a.filter.as_ref(), b.filter.as_ref());
            }
            (I::NotEngagement(a), I::NotEngagement(b)) => {
                self.texts("", &texts_of(a), &texts_of(b));
            }
            (I::Treat(a), I::Treat(b)) => {
                self.texts("", &a.words, &b.words);
                self.texts("in", &texts_of(&a.fields), &texts_of(&b.fields));
            }
            (I::Let(_), I::Let(_)) => self.lets(a, b),
            (I::Profile(a), I::Profile(b)) => self.quoted("title", a.title.as_ref(), b.title.as_ref()),
            (I::Label(a), I::Label(b)) => self.quoted("title", a.title.as_ref(), b.title.as_ref()),
            (I::Data(a), I::Data(b)) => self.data(a, b),
            (I::Score(a), I::Score(b)) => {
                self.quoted("title", a.title.as_ref(), b.title.as_ref());
                self.wholes(&a.whole, &b.whole);
            }
            (I::ScoreFormula(a), I::ScoreFormula(b)) => self.exprs("", Some(a), Some(b)),
            (I::ScoreWhole(a), I::ScoreWhole(b)) => self.wholes(a, b),
            (I::Limit(a), I::Limit(b)) => {
                self.put("", Some(self.old.phrase(a.span)), Some(self.new.phrase(b.span)));
                self.condition(&a.condition, &b.condition);
                self.quoted("reason", a.because.as_ref(), b.because.as_ref());
            }
            (I::Rule(a), I::Rule(b)) => self.rules(a, b),
            (I::Table(a), I::Table(b)) => {
                self.exprs("by", Some(&a.by), Some(&b.by));
                self.quoted("title", a.title.as_ref(), b.title.as_ref());
                if let (TableLines::From(a), TableLines::From(b)) = (&a.lines, &b.lines) {
                    self.rows(&self.old.rows(a), &self.new.rows(b));
                }
            }
            (I::Reset(a), I::Reset(b)) => {
                self.condition(&a.condition, &b.condition);
                self.quoted("reason", a.because.as_ref(), b.because.as_ref());
            }
            (I::Stages(a), I::Stages(b)) => self.stages(a, b),
            (I::StageLine(a), I::StageLine(b)) | (I::Gate(a), I::Gate(b)) => {
                self.condition(&a.condition, &b.condition);
                self.quoted("reason", a.because.as_ref(), b.because.as_ref());
            }
            (I::Disqualify(a), I::Disqualify(b)) | (I::Exclude(a), I::Exclude(b)) | (I::Review(a), I::Review(b)) => {
                self.condition(&a.condition, &b.condition);
                self.quoted("reason", a.because.as_ref(), b.because.as_ref());
            }
            _ => {}
        }
    }

    pub fn criteria(&mut self, a: &Criterion, b: &Criterion) {
        let name = |c: &Criterion| c.name.as_ref().map(|n| n.text.clone());
        self.put("name", name(a), name(b));
        self.condition(&a.condition, &b.condition);
    }

    pub fn cases(&mut self, a: &CaseLine, b: &CaseLine) {
        let case = |side: Side<'_>, line: &CaseLine| Some(side.phrase(line.case_span));
        self.put("", case(self.old, a), case(self.new, b));
        let points = |side: Side<'_>, e: &Expr| Some(signed(side, false, e));
        self.put("points", points(self.old, &a.amount), points(self.new, &b.amount));
        self.quoted("reason", a.because.as_ref(), b.because.as_ref());
    }

    pub fn label_lines(&mut self, a: &LabelLine, b: &LabelLine) {
        self.quoted("", Some(&a.value), Some(&b.value));
        match (&a.condition, &b.condition) {
            (Some(a), Some(b)) => self.condition(a, b),
            (a, b) => self.exprs("if", a.as_ref(), b.as_ref()),
        }
    }

    fn maybe_condition(&mut self, what: &str, a: Option<&Expr>, b: Option<&Expr>) {
        match (a, b) {
            (Some(a), Some(b)) => self.condition(a, b),
            (a, b) => self.exprs(what, a, b),
        }
    }

    fn rules(&mut self, a: &ast::Rule, b: &ast::Rule) {
        // Each part by name, so that none changes without a word.
        let ast::Rule { when, amount, how_often: often, rate, ageing, up_to, because, if_not, give_span: _ } = a;
        let points = |side: Side<'_>, amount: &ast::Amount| Some(signed(side, amount.subtract, &amount.value));
        self.put("points", points(self.old, amount), points(self.new, &b.amount));
        self.maybe_condition("when", when.as_ref(), b.when.as_ref());
        let how = |side: Side<'_>, how: Option<&HowOften>| how.map(|h| how_often(side, h));
        self.put("", how(self.old, often.as_ref()), how(self.new, b.how_often.as_ref()));
        self.put("", rate.as_ref().map(|r| self.old.phrase(r.span)), b.rate.as_ref().map(|r| self.new.phrase(r.span)));
        self.put(
            "",
            ageing.as_ref().map(|r| self.old.phrase(r.span)),
            b.ageing.as_ref().map(|r| self.new.phrase(r.span)),
        );
        self.exprs("up to", up_to.as_ref(), b.up_to.as_ref());
        self.quoted("reason", because.as_ref(), b.because.as_ref());
        let other = |side: Side<'_>, other: Option<&(ast::Amount, Option<Text>)>| {
            other.and_then(|(amount, _)| points(side, amount))
        };
        self.put("if not", other(self.old, if_not.as_ref()), other(self.new, b.if_not.as_ref()));
        let reason =
            |if_not: &Option<(ast::Amount, Option<Text>)>| if_not.as_ref().and_then(|(_, because)| because.clone());
        self.quoted("reason if not", reason(if_not).as_ref(), reason(&b.if_not).as_ref());
    }

    fn wholes(&mut self, a: &ast::Whole, b: &ast::Whole) {
        let ast::Whole { bounds, fading } = a;
        let phrase = |side: Side<'_>, span: Option<Span>| span.map(|span| side.phrase(span));
        let of_bounds = |bounds: &Option<ast::Bounds>| bounds.as_ref().map(|b| b.span);
        let of_fading = |fading: &Option<ast::Ageing>| fading.as_ref().map(|f| f.span);
        self.put("", phrase(self.old, of_bounds(bounds)), phrase(self.new, of_bounds(&b.bounds)));
        self.put("", phrase(self.old, of_fading(fading)), phrase(self.new, of_fading(&b.fading)));
    }

    fn data(&mut self, a: &ast::Data, b: &ast::Data) {
        // Rows may be left out by several lines.
        let lines = |side: Side<'_>, data: &ast::Data| {
            let mut lines: BTreeMap<&'static str, Vec<String>> = BTreeMap::new();
            data.lines.iter().for_each(|l| lines.entry(l.kind.words()).or_default().push(side.phrase(l.span)));
            lines
        };
        let (before, after) = (lines(self.old, a), lines(self.new, b));
        let words: BTreeSet<&str> = before.keys().chain(after.keys()).copied().collect();
        for word in words {
            self.put("", before.get(word).map(|l| l.join("; ")), after.get(word).map(|l| l.join("; ")));
        }
    }

    fn information(&mut self, a: &ast::Model, b: &ast::Model) {
        self.quoted("name", a.name.as_ref(), b.name.as_ref());
        let lines = |side: Side<'_>, model: &ast::Model| -> BTreeMap<String, String> {
            model.entries.iter().map(|e| (e.key.text.to_lowercase(), side.phrase(e.span))).collect()
        };
        let (before, after) = (lines(self.old, a), lines(self.new, b));
        let keys: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
        for key in keys {
            let what = if key == "revisit" { "revisit by" } else { key };
            self.put(what, before.get(key).cloned(), after.get(key).cloned());
        }
    }

    fn lets(&mut self, a: &Item, b: &Item) {
        // With lists in files as what they hold.
        let (before, after) = (self.old.meaning(a), self.new.meaning(b));
        let (I::Let(before), I::Let(after), I::Let(a), I::Let(b)) = (&before.kind, &after.kind, &a.kind, &b.kind)
        else {
            return;
        };
        let list = |value: &'_ LetValue, plain: &'_ LetValue| -> Option<Vec<Expr>> {
            match (value, plain) {
                (LetValue::Expr(Expr { kind: E::List(items), .. }), _)
                | (_, LetValue::Expr(Expr { kind: E::List(items), .. })) => Some(items.clone()),
                _ => None,
            }
        };
        match (list(&a.value, &before.value), list(&b.value, &after.value)) {
            (Some(x), Some(y)) => return self.members("", &x, &y),
            (None, None) => {}
            _ => return,
        }
        match (&a.value, &b.value) {
            (LetValue::Expr(a), LetValue::Expr(b)) => self.condition(a, b),
            (LetValue::Table(_), LetValue::Table(_)) => {
                if let (LetValue::Table(a), LetValue::Table(b)) = (&before.value, &after.value) {
                    self.rows(&a.text, &b.text);
                }
            }
            _ => {}
        }
    }

    /// The rows of two tables in files.
    fn rows(&mut self, a: &str, b: &str) {
        let rows = |text: &str| -> Vec<(String, String)> {
            let cells =
                |line: &str| line.split_once([',', ';', '\t']).map(|(k, v)| (k.trim().to_owned(), v.trim().to_owned()));
            text.lines().skip(1).filter_map(cells).collect()
        };
        let (before, after) = (rows(a), rows(b));
        let find = |rows: &[(String, String)], key: &str| rows.iter().find(|(k, _)| k == key).map(|(_, v)| v.clone());
        let mut told: Vec<Detail> = Vec::new();
        for (key, was) in &before {
            let is = find(&after, key);
            if is.as_ref() != Some(was) {
                told.push(Detail::new(key, Some(was.clone()), is));
            }
        }
        told.extend(
            after
                .iter()
                .filter(|(k, _)| find(&before, k).is_none())
                .map(|(k, v)| Detail::new(k, None, Some(v.clone()))),
        );
        let more = told.len().saturating_sub(MOST_NAMED);
        told.truncate(MOST_NAMED);
        self.found.extend(told);
        if more > 0 {
            self.found.push(Detail::said(format!("and {more} more rows")));
        }
    }

    /// Two lists of texts.
    fn texts(&mut self, what: &str, a: &[Text], b: &[Text]) {
        let missing = |x: &[Text], y: &[Text]| {
            x.iter()
                .filter(|t| !y.iter().any(|u| u.text == t.text))
                .map(|t| format!("\"{}\"", t.text))
                .collect::<Vec<_>>()
        };
        let (gone, new) = (missing(a, b), missing(b, a));
        self.listed(what, &gone, &new);
    }

    fn listed(&mut self, what: &str, gone: &[String], new: &[String]) {
        if !gone.is_empty() || !new.is_empty() {
            self.found.push(Detail::members(what, listed(gone), listed(new)));
        }
    }

    fn stages(&mut self, a: &ast::Stages, b: &ast::Stages) {
        let names = |s: &ast::Stages| s.names.iter().map(|(n, _)| n.text.clone()).collect::<Vec<_>>();
        let (before, after) = (names(a), names(b));
        self.put("", Some(before.join(", ")), Some(after.join(", ")));
        for (name, spellings) in &b.names {
            if let Some((_, old)) = a.names.iter().find(|(n, _)| n.text == name.text) {
                self.texts(&format!("{} =", name.text), old, spellings);
            }
        }
        let from = |s: &ast::Stages| s.from.as_ref().map(|n| n.text.clone());
        self.put("from", from(a), from(b));
        let floor = |s: &ast::Stages| s.never_lower.then(|| "never lower".to_owned());
        self.put("", floor(a), floor(b));
    }
}

fn or_parts(e: &Expr) -> Vec<&Expr> {
    if let E::Or(items) = &e.kind { items.iter().collect() } else { vec![e] }
}

fn and_parts(e: &Expr) -> Vec<&Expr> {
    if let E::And(items) = &e.kind { items.iter().collect() } else { vec![e] }
}

fn is_score(e: &Expr) -> bool {
    matches!(&e.kind, E::Name(name) if name.text.eq_ignore_ascii_case("score"))
}

fn listed(items: &[String]) -> Option<String> {
    let more = items.len().saturating_sub(MOST_NAMED);
    let shown = items.iter().take(MOST_NAMED).cloned().collect::<Vec<_>>().join(", ");
    (!items.is_empty()).then(|| if more > 0 { format!("{shown} and {more} more") } else { shown })
}

/// An amount with its sign: `+30`, `-5`.
pub(super) fn signed(side: Side<'_>, subtract: bool, value: &Expr) -> String {
    let words = side.phrase(value.span);
    match (subtract, words.strip_prefix('-')) {
        (true, Some(rest)) => format!("+{}", rest.trim_start()),
        (false, Some(_)) => words,
        (true, None) => format!("-{words}"),
        (false, None) => format!("+{words}"),
    }
}

/// How often a rule counts: `per visited("blog")`.
pub(super) fn how_often(side: Side<'_>, how: &HowOften) -> String {
    match how {
        HowOften::EachTime(_) => "each time".to_owned(),
        HowOften::Per(e) => format!("per {}", side.phrase(e.span)),
        HowOften::PerDistinct(e) => format!("per distinct {}", side.phrase(e.span)),
        HowOften::PerSince(_, _, span) | HowOften::PerSilence(_, span) => side.phrase(*span),
    }
}

/// Names, to be told like texts.
fn texts_of(names: &[ast::Name]) -> Vec<Text> {
    names.iter().map(|n| Text { text: n.text.clone(), span: n.span }).collect()
}
