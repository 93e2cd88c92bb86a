//! `let`s and profiles: put in the order in which they depend on each other, circles drawn.

use std::collections::HashMap;
use std::sync::Arc;

use super::expressions::Place;
use super::names::{Checker, ListValue, Meaning, Needs};
use super::types::TypeVar;
use crate::messages::{meaning as say_meaning, names as say};
use crate::model::{self, Definition, DefinitionId, Expr, ExprKind, FieldId, LookupId};
use crate::source::Span;
use crate::syntax::ast;
use crate::value::{Type, Value};

/// A `let` or profile on its way.
#[derive(Debug, Clone)]
pub(super) struct Draft<'a> {
    pub name: &'a ast::Name,
    pub body: Body<'a>,
    pub state: State,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Body<'a> {
    Let(&'a ast::Let),
    Profile(&'a ast::Profile),
}

/// What became of it.
#[derive(Debug, Clone)]
pub(super) enum State {
    Waiting,
    Broken,
    List(ListValue),
    Table(LookupId),
    Done(Done),
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Done {
    pub id: DefinitionId,
    pub of_type: TypeVar,
    pub needs: Needs,
    pub is_profile: bool,
}

impl<'a> Draft<'a> {
    pub fn of_let(line: &'a ast::Let) -> Draft<'a> {
        Draft { name: &line.name, body: Body::Let(line), state: State::Waiting }
    }

    pub fn of_profile(profile: &'a ast::Profile) -> Draft<'a> {
        Draft { name: &profile.name, body: Body::Profile(profile), state: State::Waiting }
    }

    fn expressions(&self) -> Vec<&'a ast::Expr> {
        match self.body {
            Body::Let(line) => match &line.value {
                ast::LetValue::Expr(expr) => vec![expr],
                _ => Vec::new(),
            },
            Body::Profile(profile) => profile.criteria.iter().map(|c| &c.condition).collect(),
        }
    }
}

impl<'a> Checker<'a> {
    /// Builds all lets and profiles, each behind those it uses.
    pub fn define(&mut self) {
        self.find_labels_of_stage();
        let uses: Vec<Vec<usize>> = self.drafts.iter().map(|d| self.drafts_used(d)).collect();
        let mut waiting: Vec<usize> = uses.iter().map(Vec::len).collect();
        let mut users: Vec<Vec<usize>> = vec![Vec::new(); uses.len()];
        for (user, used) in uses.iter().enumerate() {
            for &u in used {
                users[u].push(user);
            }
        }
        let mut ready: std::collections::VecDeque<usize> = (0..uses.len()).filter(|&i| waiting[i] == 0).collect();
        let mut built = 0;
        while let Some(i) = ready.pop_front() {
            self.build_draft(i);
            built += 1;
            for &user in &users[i] {
                waiting[user] -= 1;
                if waiting[user] == 0 {
                    ready.push_back(user);
                }
            }
        }
        if built < uses.len() {
            self.circles(&uses, &waiting);
        }
    }

    /// Which labels hang on the stage: those that say `stage`, or that use one that does, also through lets.
    fn find_labels_of_stage(&mut self) {
        // Labels first, then drafts. `uses` holds pairs of user and used; `open` those that say `stage` themselves.
        let labels = self.model.labels.len();
        let mut uses: Vec<(usize, usize)> = Vec::new();
        let mut open: Vec<usize> = Vec::new();
        let mut look = |user: usize, name: &ast::Name| {
            if !name.quoted && name.text.eq_ignore_ascii_case("stage") {
                open.push(user);
            }
            match self.look_up(name) {
                Some(Meaning::Label(l)) => uses.push((user, l.0)),
                Some(Meaning::Draft(d)) => uses.push((user, labels + d)),
                _ => {}
            }
        };
        for (d, draft) in self.drafts.iter().enumerate() {
            for expr in draft.expressions() {
                visit_names(expr, &mut |name| look(labels + d, name));
            }
        }
        for item in &self.gathered.items {
            let ast::ItemKind::Label(label) = &item.kind else { continue };
            let Some(Meaning::Label(own)) = self.look_up(&label.name) else { continue };
            for line in &label.lines {
                if let Some(condition) = &line.condition {
                    visit_names(condition, &mut |name| look(own.0, name));
                }
                for name in super::templates::names_in(&line.value) {
                    look(own.0, &name);
                }
            }
        }
        let mut users: Vec<Vec<usize>> = vec![Vec::new(); labels + self.drafts.len()];
        for (user, used) in uses {
            users[used].push(user);
        }
        let mut hangs = vec![false; users.len()];
        while let Some(next) = open.pop() {
            if !std::mem::replace(&mut hangs[next], true) {
                open.extend(&users[next]);
            }
        }
        hangs.truncate(labels);
        self.label_asks_for_stage = hangs;
    }

    /// The drafts that one uses, each once.
    fn drafts_used(&self, draft: &Draft<'a>) -> Vec<usize> {
        let mut used = Vec::new();
        for expr in draft.expressions() {
            visit_names(expr, &mut |name| {
                if let Some(Meaning::Draft(d)) = self.look_up(name) {
                    used.push(d);
                }
            });
        }
        used.sort_unstable();
        used.dedup();
        used
    }

    /// Tells the circles among the drafts that were never ready, one message each; those that only use them are silent.
    fn circles(&mut self, uses: &[Vec<usize>], waiting: &[usize]) {
        let mut seen = vec![false; uses.len()];
        for start in 0..uses.len() {
            if waiting[start] == 0 || seen[start] {
                continue;
            }
            // Everything that waits uses something that waits: walk along until a draft comes up again.
            let mut path: Vec<usize> = Vec::new();
            let mut at = start;
            while !seen[at] {
                seen[at] = true;
                path.push(at);
                at = uses[at].iter().copied().find(|&u| waiting[u] > 0).unwrap_or(at);
            }
            if let Some(from) = path.iter().position(|&p| p == at) {
                let circle: Vec<(String, Span)> = path[from..]
                    .iter()
                    .map(|&d| (self.drafts[d].name.text.clone(), self.drafts[d].name.span))
                    .collect();
                self.say(say::circle(&circle));
            }
        }
        for (i, &left) in waiting.iter().enumerate() {
            if left > 0 {
                self.drafts[i].state = State::Broken;
            }
        }
    }

    fn build_draft(&mut self, i: usize) {
        let body = self.drafts[i].body;
        let state = match body {
            Body::Let(line) => match &line.value {
                ast::LetValue::LinesOf(path) => self.lines_of(path).map_or(State::Broken, State::List),
                ast::LetValue::Table(path) => self.lookup_table(path).map_or(State::Broken, State::Table),
                ast::LetValue::Expr(expr) => match &expr.kind {
                    ast::ExprKind::List(items) => State::List(self.list_items(items)),
                    ast::ExprKind::Broken => State::Broken,
                    // Another name for a list or a table.
                    ast::ExprKind::Name(name) => match self.meaning(name) {
                        Some(Meaning::Draft(d))
                            if matches!(self.drafts[d].state, State::List(_) | State::Table(_) | State::Broken) =>
                        {
                            self.drafts[d].state.clone()
                        }
                        _ => self.build_let(line, expr),
                    },
                    _ => self.build_let(line, expr),
                },
            },
            Body::Profile(profile) => self.build_profile(profile),
        };
        self.drafts[i].state = state;
    }

    fn build_let(&mut self, line: &'a ast::Let, expr: &'a ast::Expr) -> State {
        self.needs = Needs::default();
        let (value, of_type) = self.value(expr, Place::Definition);
        if self.needs.is_broken || self.types.is_poisoned(of_type) {
            return State::Broken;
        }
        self.new_definition(&line.name, value, of_type, None)
    }

    fn build_profile(&mut self, profile: &'a ast::Profile) -> State {
        self.needs = Needs::default();
        if profile.criteria.is_empty() && !profile.broken {
            self.say(say_meaning::empty_profile(profile.name.span, &profile.name.text));
        }
        let mut firsts = HashMap::new();
        for name in profile.criteria.iter().filter_map(|c| c.name.as_ref()) {
            let first = *firsts.entry(crate::text::name_key(&name.text)).or_insert(name.span);
            if first != name.span {
                self.say(say::defined_twice(name.span, first, &name.text, "criterion"));
            }
        }
        let criteria: Vec<Expr> =
            profile.criteria.iter().map(|c| self.condition(&c.condition, Place::Definition)).collect();
        let described = model::Profile {
            title: profile.title.as_ref().map(|t| t.text.clone()),
            criteria: profile
                .criteria
                .iter()
                .map(|c| (c.name.as_ref().map(|n| n.text.clone()), c.condition.span))
                .collect(),
        };
        let span = profile.name.span;
        let of_type = self.types.known(Type::Flag, span);
        self.new_definition(&profile.name, Expr { kind: ExprKind::All(criteria), span }, of_type, Some(described))
    }

    pub(super) fn new_definition(
        &mut self,
        name: &ast::Name,
        value: Expr,
        of_type: TypeVar,
        profile: Option<model::Profile>,
    ) -> State {
        let depth = self.depth(&value);
        if depth > super::DEEPEST_WRITTEN_OUT {
            self.say(say_meaning::written_out_too_deep(name.span, super::DEEPEST_WRITTEN_OUT));
            return State::Broken;
        }
        let id = DefinitionId(self.model.definitions.len());
        let fields = self.fields_of(&[&value]);
        let is_profile = profile.is_some();
        let mut activities = Vec::new();
        self.activities_in(&value, &mut activities);
        activities.truncate(2);
        self.definition_activities.push(activities);
        self.model.definitions.push(Definition {
            name: name.text.clone(),
            value,
            of_type: Type::Text,
            span: name.span,
            profile,
            fields,
        });
        self.definition_types.push(of_type);
        self.depths.push(depth);
        State::Done(Done { id, of_type, needs: self.needs, is_profile })
    }

    /// How deep an expression is nested when all that it uses is written out.
    pub(super) fn depth(&self, expr: &Expr) -> usize {
        let own = match &expr.kind {
            ExprKind::Definition(id) | ExprKind::OfProfile(_, id) => self.depths.get(id.0).copied().unwrap_or(0),
            _ => 0,
        };
        let mut below = 0;
        expr.for_each_child(&self.model, &mut |child| below = below.max(self.depth(child)));
        1 + own.max(below)
    }

    /// The fields that expressions hang on, also through lets and profiles.
    pub(super) fn fields_of(&self, exprs: &[&Expr]) -> Vec<FieldId> {
        let mut fields = Vec::new();
        for expr in exprs {
            self.model.collect_fields(expr, &mut fields);
        }
        fields.sort_unstable();
        fields.dedup();
        fields
    }

    /// A list of literals.
    pub(super) fn list_items(&mut self, items: &'a [ast::Expr]) -> ListValue {
        let mut values = Vec::with_capacity(items.len());
        let mut first: Option<(Type, Span)> = None;
        let mut is_told = false;
        for item in items {
            let (expr, _) = match &item.kind {
                ast::ExprKind::Broken => continue,
                ast::ExprKind::Name(name) if self.meaning(name).is_none() => {
                    self.say(say::word_in_list(item.span, &name.text));
                    continue;
                }
                _ => self.value(item, Place::Definition),
            };
            let Some(value) = self.constant(&expr) else {
                if !matches!(expr.kind, ExprKind::Value(Value::Missing)) {
                    self.say(say::not_constant_in_list(item.span));
                }
                continue;
            };
            let of_type = match value {
                Value::Text(_) => Type::Text,
                Value::Number(_) => Type::Number,
                _ => {
                    // A list of dates is one fault.
                    if !std::mem::replace(&mut is_told, true) {
                        self.say(say::not_constant_in_list(item.span));
                    }
                    continue;
                }
            };
            match first {
                Some((t, at)) if t != of_type => {
                    self.say(crate::messages::types::mixed_list(item.span, at));
                    return ListValue { items: Arc::from([]), of_type: None };
                }
                _ => first = first.or(Some((of_type, item.span))),
            }
            values.push(value);
        }
        ListValue { items: values.into(), of_type: first.map(|(t, _)| t) }
    }

    /// The value of an expression that is the same for every lead.
    pub(super) fn constant(&self, expr: &Expr) -> Option<Value> {
        match &expr.kind {
            ExprKind::Value(Value::Missing) => None,
            ExprKind::Value(value) => Some(value.clone()),
            ExprKind::Negate(inner) => match self.constant(inner)? {
                Value::Number(n) => Some(Value::Number(-n)),
                _ => None,
            },
            ExprKind::Definition(id) => self.model.definitions.get(id.0).and_then(|d| self.constant(&d.value)),
            _ => None,
        }
    }
}

/// Calls `found` for each name in an expression that may stand for a definition.
fn visit_names<'a>(expr: &'a ast::Expr, found: &mut dyn FnMut(&'a ast::Name)) {
    use ast::ExprKind as K;
    match &expr.kind {
        K::Name(name) => found(name),
        K::List(items) | K::And(items) | K::Or(items) => items.iter().for_each(|e| visit_names(e, found)),
        K::Sum(items) | K::Product(items) => items.iter().for_each(|(_, e)| visit_names(e, found)),
        K::Not(e) | K::Negate(e) => visit_names(e, found),
        K::Unless(a, b) => {
            visit_names(a, found);
            visit_names(b, found);
        }
        K::Call(call) => {
            call.args.iter().for_each(|a| visit_names(&a.value, found));
            if let Some(filter) = &call.filter {
                visit_names(filter, found);
            }
        }
        K::Quantified(_, ast::Of::Conditions(items)) => items.iter().for_each(|e| visit_names(e, found)),
        K::Quantified(_, ast::Of::Profile(name)) => found(name),
        K::Tested(subject, tails) => {
            visit_names(subject, found);
            for tail in tails {
                use ast::TailKind as T;
                match &tail.kind {
                    T::Compare(_, e)
                    | T::In(_, e)
                    | T::Text(_, _, _, e)
                    | T::Since(e)
                    | T::Before(e)
                    | T::After(e)
                    | T::Then(e, _) => visit_names(e, found),
                    T::Between(a, b) => {
                        visit_names(a, found);
                        visit_names(b, found);
                    }
                    T::Known(_) | T::InLast(_) | T::InNext(_) | T::Ago(_) | T::Count(..) | T::Days(..) | T::Broken => {}
                }
            }
        }
        K::Text(_) | K::Number(_) | K::Date(_) | K::Flag(_) | K::Today | K::Missing | K::InactiveFor(_) | K::Broken => {
        }
    }
}
