//! Activity: types, targets, filters, windows, counts, sequences.

use super::definitions::State;
use super::expressions::{Place, Typed};
use super::functions::is_of_tests;
use super::names::{Checker, Meaning};
use super::symbols::Referent;
use crate::builtins::{self, FUNCTIONS};
use crate::messages::{
    habits as say_habits, lints as say_lints, meaning as say_meaning, names as say_names, types as say,
};
use crate::model::{self, Activity, ActivityTypeId, Count, Expr, ExprKind, Query, TargetPattern, TargetTest, Window};
use crate::source::{Called, Span};
use crate::syntax::ast::{self, Tail, TailKind};
use crate::text::{fold, has_wildcard, page_path};
use crate::value::{Type, Value};

impl<'a> Checker<'a> {
    /// A call that is an activity, as a condition: it happened at least once.
    pub fn did(&mut self, call: &'a ast::Call, span: Span, place: Place) -> Typed {
        if let Place::Where(_) = place {
            self.say(say_names::activity_in_where(span));
            return self.broken(span);
        }
        match self.activity(call, span) {
            Some(activity) => (Expr { kind: ExprKind::Did(activity, None), span }, self.types.known(Type::Flag, span)),
            None => self.broken(span),
        }
    }

    /// `activity()`, perhaps with a window.
    pub fn any_activity(&mut self, window: Option<Window>, span: Span) -> Activity {
        let query = self.query(Query { kind: None, targets: Vec::new(), filter: None });
        Activity { query, window: window.map(Box::new), span, called: None }
    }

    /// An activity without window and count.
    fn activity(&mut self, call: &'a ast::Call, span: Span) -> Option<Activity> {
        let name = &call.name.text;
        let is_text = |arg: &ast::Arg| arg.any || matches!(arg.value.kind, ast::ExprKind::Text(_));
        if !call.name.quoted
            && call.args.iter().any(|arg| !is_text(arg))
            && self.known_activity_type(name).is_none()
            && let Some(instead) = say_names::instead_of_function(name)
        {
            self.say(say_names::no_function(call.name.span, name, instead));
            return None;
        }
        let kind = (call.name.quoted || !name.eq_ignore_ascii_case("activity")).then(|| self.activity_type(name));
        kind.iter().for_each(|id| self.uses.add(call.name.span, Referent::ActivityType(*id)));
        let mut targets = Vec::new();
        let mut fine = true;
        for arg in &call.args {
            match self.targets(call, arg) {
                Some(more) => targets.extend(more),
                None => fine = false,
            }
        }
        let filter = call.filter.as_ref().map(|f| self.filter(f, kind));
        let query = self.query(Query { kind, targets, filter });
        let called = Some(Called { name: call.name.span, whole: span });
        fine.then_some(Activity { query, window: None, span, called })
    }

    /// `where …`: a condition on the record's properties.
    pub fn filter(&mut self, filter: &'a ast::Expr, kind: Option<ActivityTypeId>) -> Expr {
        self.condition(filter, Place::Where(kind))
    }

    fn targets(&mut self, call: &ast::Call, arg: &'a ast::Arg) -> Option<Vec<TargetPattern>> {
        let span = arg.value.span;
        let texts: Vec<String> = if arg.any {
            let list = self.list(&arg.value)?;
            if list.of_type == Some(Type::Number) {
                self.say(say::texts_wanted(span));
                return None;
            }
            list.items
                .iter()
                .filter_map(|v| if let Value::Text(t) = v { Some(t.written.clone()) } else { None })
                .collect()
        } else {
            match &arg.value.kind {
                ast::ExprKind::Text(text) => vec![text.clone()],
                ast::ExprKind::Broken => return None,
                ast::ExprKind::Name(name) => match self.meaning(name) {
                    Some(Meaning::Draft(d)) => match self.drafts[d].state.clone() {
                        State::Done(done) => match self.constant(&Expr { kind: ExprKind::Definition(done.id), span }) {
                            Some(Value::Text(text)) => vec![text.written.clone()],
                            _ => {
                                self.say(say::texts_wanted(span));
                                return None;
                            }
                        },
                        State::List(_) => {
                            self.say(say_names::list_needs_any(span, &call.name.text, &name.text));
                            return None;
                        }
                        State::Table(_) => {
                            self.say(say::texts_wanted(span));
                            return None;
                        }
                        State::Broken | State::Waiting => return None,
                    },
                    Some(Meaning::Broken) => return None,
                    _ => {
                        let function = crate::suggest::nearest(&call.name.text, FUNCTIONS.iter().map(|f| f.name));
                        self.say(say_names::target_without_quotes(span, &call.name.text, &name.text, function));
                        return None;
                    }
                },
                _ => {
                    self.say(say::texts_wanted(span));
                    return None;
                }
            }
        };
        let patterns: Vec<TargetPattern> = texts.iter().map(|t| target_pattern(t)).collect();
        for pattern in &patterns {
            if let Some(page) = page_meant(pattern) {
                self.say(say_lints::not_a_page(span, &pattern.written, page));
            }
        }
        Some(patterns)
    }

    /// Whether a subject with its tails is about activity. `None` where it is a plain value; `Err` where it is about
    /// activity but wrong, which has been told.
    pub fn activity_subject(
        &mut self,
        subject: &'a ast::Expr,
        tails: &'a [Tail],
        place: Place,
    ) -> Option<Result<ExprKind, ()>> {
        let span = subject.span;
        let activity = match &subject.kind {
            ast::ExprKind::Call(call) if self.is_activity(call, place) => {
                if let Place::Where(_) = place {
                    self.say(say_names::activity_in_where(span));
                    return Some(Err(()));
                }
                self.activity(call, span)
            }
            ast::ExprKind::Name(name)
                if !name.quoted
                    && name.text.eq_ignore_ascii_case("active")
                    && matches!(tails.first().map(|t| &t.kind), Some(TailKind::InLast(_))) =>
            {
                Some(self.any_activity(None, span))
            }
            // A `let` that names a plain activity stands for it.
            ast::ExprKind::Name(name) => match self.named_activity(name) {
                Some(activity) if tails.iter().any(|t| is_activity_tail(&t.kind)) => Some(activity),
                _ => return None,
            },
            _ => return None,
        };
        let Some(activity) = activity else { return Some(Err(())) };
        let span = tails.last().map_or(span, |t| span.to(t.span));
        Some(self.activity_tails(activity, tails, span, place))
    }

    fn is_activity(&self, call: &ast::Call, place: Place) -> bool {
        let name = call.name.text.to_ascii_lowercase();
        call.name.quoted || !(builtins::is_function(&name) || is_of_tests(&name, place))
    }

    fn named_activity(&self, name: &ast::Name) -> Option<Activity> {
        let Some(Meaning::Draft(d)) = self.meaning(name) else { return None };
        let State::Done(done) = self.drafts[d].state else { return None };
        match &self.model.definitions.get(done.id.0)?.value.kind {
            ExprKind::Did(activity, None) => Some(activity.clone()),
            _ => None,
        }
    }

    fn activity_tails(
        &mut self,
        mut activity: Activity,
        tails: &'a [Tail],
        span: Span,
        place: Place,
    ) -> Result<ExprKind, ()> {
        let mut count: Option<(Count, Span)> = None;
        let mut window_at = None;
        let mut then = None;
        for tail in tails {
            if let Some(count_here) = count_of(&tail.kind) {
                if let Some((_, first)) = count.replace((count_here, tail.span)) {
                    self.say(say_meaning::two_counts(tail.span, first));
                    return Err(());
                }
                continue;
            }
            match &tail.kind {
                TailKind::Then(second, within) => {
                    if then.replace((second, *within, tail.span)).is_some() {
                        self.say(say_meaning::long_sequence(tail.span));
                        return Err(());
                    }
                    continue;
                }
                TailKind::Broken => return Err(()),
                _ => {}
            }
            if let Some((second, is_before)) = self.other_activity(&tail.kind, place) {
                let first = self.gathered.sources.phrase(activity.span);
                let (first, second) = if is_before { (first, second) } else { (second, first) };
                self.say(say_habits::activity_as_date(tail.span, &first, &second));
                return Err(());
            }
            let Some(window) = self.window(&tail.kind, tail.span, place) else {
                let written = self.gathered.sources.phrase(activity.span);
                self.say(say_meaning::not_for_activity(tail.span, &written));
                return Err(());
            };
            if let Some(first) = window_at.replace(tail.span) {
                self.say(say_meaning::two_windows(tail.span, first));
                return Err(());
            }
            if activity.window.is_some() {
                self.say(say_meaning::two_windows(tail.span, activity.span));
                return Err(());
            }
            activity.window = Some(Box::new(window));
        }
        activity.span = span;
        let Some((second, within, at)) = then else {
            return Ok(ExprKind::Did(activity, count.map(|(c, _)| c)));
        };
        if let Some((_, at)) = count {
            self.say(say_meaning::count_in_sequence(at));
            return Err(());
        }
        let (second, var) = self.value(second, place);
        match second.kind {
            ExprKind::Did(second, None) => Ok(ExprKind::Then(activity, second, within)),
            _ if self.types.is_poisoned(var) => Err(()),
            ExprKind::Did(_, Some(_)) => {
                self.say(say_meaning::count_in_sequence(second.span));
                Err(())
            }
            _ => {
                self.say(say_meaning::activity_wanted(at));
                Err(())
            }
        }
    }

    /// `before booked("demo")`, `after booked("demo")`: the activity, and whether it came later.
    fn other_activity(&self, tail: &TailKind, place: Place) -> Option<(String, bool)> {
        let (other, is_before) = match tail {
            TailKind::Before(e) => (e, true),
            TailKind::After(e) | TailKind::Since(e) => (e, false),
            _ => return None,
        };
        match &other.kind {
            ast::ExprKind::Call(call) if self.is_activity(call, place) => {
                Some((self.gathered.sources.phrase(other.span), is_before))
            }
            _ => None,
        }
    }

    fn window(&mut self, tail: &'a TailKind, why: Span, place: Place) -> Option<Window> {
        let date = |c: &mut Self, e: &'a ast::Expr| c.typed(e, place, Type::Date, why);
        Some(match tail {
            TailKind::InLast(period) => Window::InLast(*period),
            TailKind::Since(e) => Window::Since(date(self, e)),
            TailKind::Before(e) => Window::Before(date(self, e)),
            TailKind::After(e) => Window::After(date(self, e)),
            TailKind::Between(a, b) => {
                let a = date(self, a);
                Window::Between(a, date(self, b))
            }
            _ => return None,
        })
    }

    /// What `per` counts: an activity with a window, no count.
    pub fn counted_activity(&mut self, expr: &'a ast::Expr, place: Place) -> Option<Activity> {
        if let ast::ExprKind::Name(name) = &expr.kind
            && let Some(activity) = self.named_activity(name)
        {
            return Some(activity);
        }
        let outer = std::mem::take(&mut self.needs);
        let (value, var) = self.value(expr, place);
        let needs = std::mem::replace(&mut self.needs, outer);
        self.allow(needs, place);
        match value.kind {
            ExprKind::Did(activity, None) => return Some(activity),
            _ if self.types.is_poisoned(var) => {}
            ExprKind::Did(_, Some(_)) => self.say(say_meaning::count_behind_per(expr.span)),
            _ => self.say(say_meaning::activity_wanted(expr.span)),
        }
        None
    }

    /// The argument of `days_since`, where it is an activity; `Some(None)` where it is one but wrong.
    pub fn activity_argument(&mut self, expr: &'a ast::Expr, place: Place) -> Option<Option<Activity>> {
        let call = match &expr.kind {
            ast::ExprKind::Call(call) => call,
            ast::ExprKind::Tested(subject, _) => match &subject.kind {
                ast::ExprKind::Call(call) => call,
                _ => return None,
            },
            ast::ExprKind::Name(name) => return self.named_activity(name).map(Some),
            _ => return None,
        };
        self.is_activity(call, place).then(|| self.counted_activity(expr, place))
    }

    /// All activities in an expression, also through lets and profiles, as if written out; at most two.
    pub fn activities_in(&self, expr: &Expr, found: &mut Vec<Activity>) {
        if found.len() > 1 {
            return;
        }
        match &expr.kind {
            ExprKind::Did(a, _) | ExprKind::OfRecords(_, a, _) => {
                found.push(a.clone());
            }
            ExprKind::Then(a, b, _) => found.extend([a.clone(), b.clone()]),
            ExprKind::Definition(id) | ExprKind::OfProfile(_, id) => {
                found.extend(self.definition_activities.get(id.0).into_iter().flatten().cloned())
            }
            _ => expr.for_each_child(&self.model, &mut |child| self.activities_in(child, found)),
        }
    }
}

fn is_activity_tail(tail: &TailKind) -> bool {
    matches!(
        tail,
        TailKind::InLast(_)
            | TailKind::Since(_)
            | TailKind::Before(_)
            | TailKind::After(_)
            | TailKind::Between(..)
            | TailKind::Then(..)
    ) || count_of(tail).is_some()
}

fn count_of(tail: &TailKind) -> Option<Count> {
    match tail {
        TailKind::Count(kind, n, within) => Some(Count::Times(*kind, *n, *within)),
        TailKind::Days(kind, n) => Some(Count::Days(*kind, *n)),
        _ => None,
    }
}

/// The page of a pattern that can hold for no page, or for one spelling of its address alone.
fn page_meant(pattern: &TargetPattern) -> Option<&str> {
    // A `?` without a `=` behind it stands for a character.
    let has_query = |text: &str| text.split_once('?').is_some_and(|(_, query)| query.contains('='));
    match &pattern.test {
        TargetTest::Page(page) => {
            let end = page.find('?').filter(|_| has_query(page)).or_else(|| page.find('#'))?;
            page.get(..end)
        }
        TargetTest::Exact(address) if address.contains('/') => page_path(address),
        TargetTest::Wildcard(address) if address.contains('/') && !address.contains('*') && has_query(address) => {
            page_path(address)
        }
        TargetTest::Exact(_) | TargetTest::Wildcard(_) => None,
    }
}

/// A target as it is asked for.
pub(super) fn target_pattern(text: &str) -> TargetPattern {
    let folded = fold(text).into_owned();
    let test = if folded.starts_with('/') {
        let trimmed = folded.trim_end_matches('/');
        TargetTest::Page(if trimmed.is_empty() { "/".to_owned() } else { trimmed.to_owned() })
    } else if has_wildcard(&folded) {
        TargetTest::Wildcard(folded)
    } else {
        TargetTest::Exact(folded)
    };
    TargetPattern { written: text.to_owned(), test }
}

impl model::TargetPattern {
    /// Whether a folded target meets the pattern.
    #[must_use]
    pub fn matches(&self, target: &str) -> bool {
        match &self.test {
            TargetTest::Exact(text) => text == target,
            TargetTest::Wildcard(pattern) => crate::text::matches_wildcard(pattern, target),
            TargetTest::Page(pattern) => page_path(target).is_some_and(|path| {
                crate::text::matches_wildcard(pattern, path)
                    || pattern.strip_suffix("/*").is_some_and(|folder| crate::text::matches_wildcard(folder, path))
            }),
        }
    }
}
