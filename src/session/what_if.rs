//! What would be: a field set, an activity done, another day; and back again.

use std::rc::Rc;
use std::sync::Arc;

use super::book::{Edits, Standing};
use super::{Answered, Past, Reply, Session, refused, tell};
use crate::check::TypedKind;
use crate::diagnostic::{Code, Diagnostic};
use crate::eval::Interpreter;
use crate::messages::session as say;
use crate::model::{MOST_RECORDS, Query, TargetTest, TestActivity};
use crate::shown::one_line;
use crate::suggest::nearest;
use crate::testing;
use crate::text::{fold, name_key};
use crate::time::read_iso;
use crate::value::Raw;

impl Session {
    pub(super) fn set(&mut self, rest: &str) -> Answered {
        let wants = || refused(say::command_wants("set", "a field and what it should say", ":set employees = 200"));
        let (name, value) = rest.split_once('=').or_else(|| rest.split_once(':')).ok_or_else(wants)?;
        let name = name.trim().trim_matches('`');
        let value = value.trim();
        if name.is_empty() {
            return Err(wants());
        }
        self.model()?;
        let key = self.key_of(name)?;
        let cell = cell(value);
        self.readable(name, &key, &cell)?;
        let words = format!("{name} = {}", if matches!(cell, Raw::Missing) { "missing" } else { value });
        self.change(words, |session| {
            let edits = session.edits.entry(session.current).or_default();
            edits.cells.retain(|(k, _)| *k != key);
            edits.cells.push((key, cell));
        })
    }

    /// The key of the field or column of this name.
    fn key_of(&self, name: &str) -> Result<String, Box<Reply>> {
        let key = name.split('.').map(|part| name_key(part.trim_matches('`'))).collect::<Vec<_>>().join(".");
        let model = self.model()?;
        let field = model.fields.iter().find(|f| f.keys.contains(&key));
        if let Some(first) = field.and_then(|f| f.keys.first()) {
            return Ok(first.clone());
        }
        if self.book.column(name).is_some() {
            return Ok(key);
        }
        let mut names: Vec<&str> = model.fields.iter().map(|f| f.name.as_str()).collect();
        names.extend(self.book.names.iter().map(String::as_str));
        names.sort_unstable();
        Err(refused(say::no_field_to_set(name, crate::suggest::nearest(name, names))))
    }

    /// Whether the field can read what is to stand there.
    fn readable(&self, name: &str, key: &str, cell: &Raw) -> Result<(), Box<Reply>> {
        let model = self.model()?;
        let field = model.fields.iter().find(|f| f.keys.iter().any(|k| k == key));
        match field {
            Some(f) if cell.read(f.of_type, &f.format).is_none() => {
                Err(refused(say::value_cannot_be_read(name, &cell.as_text(), &f.of_type.to_string())))
            }
            _ => Ok(()),
        }
    }

    pub(super) fn did(&mut self, rest: &str) -> Answered {
        if rest.is_empty() {
            return Err(refused(say::command_wants("did", "an activity", ":did visited(\"pricing\") 3 days ago")));
        }
        self.model()?;
        // Without a time it is now.
        let text = in_days(rest);
        let typed = self.rules.beside(&text, TypedKind::Did).map_err(|problems| {
            // What could stand in a test is no help here.
            let is_no_activity = problems.diagnostics.iter().any(|d| matches!(d.code, Code::E101 | Code::E105));
            if is_no_activity {
                refused(say::command_wants("did", "an activity and when", ":did visited(\"pricing\") 3 days ago"))
            } else {
                problems.into()
            }
        })?;
        let warnings: Vec<Diagnostic> = typed.did.iter().take(1).filter_map(|did| self.nobody_asks(did)).collect();
        let as_of = self.as_of();
        let before = self.edits.get(&self.current).map_or(0, Edits::records);
        if before + typed.did.iter().map(|did| did.times).sum::<usize>() > MOST_RECORDS {
            return Err(refused(say::did_too_much(self.id())));
        }
        let records: Arc<[_]> = typed.did.iter().flat_map(|did| testing::records(did, as_of, self.zone())).collect();
        let mut reply = self.change(format!("did {rest}"), |session| {
            session.edits.entry(session.current).or_default().did.push(records)
        })?;
        reply.problems = warnings;
        Ok(reply)
    }

    /// What there is to say of an activity that no rule asks for and no lead has.
    fn nobody_asks(&self, did: &TestActivity) -> Option<Diagnostic> {
        let model = self.rules.model()?;
        let kind = fold(&did.kind).into_owned();
        let of_model =
            model.activity_types.iter().flat_map(|t| std::iter::once(&t.folded).chain(t.from.iter().map(|s| &s.kind)));
        let kinds: Vec<&str> = of_model.map(String::as_str).collect();
        let seen = self.book.activity_types(usize::MAX);
        if !kinds.contains(&kind.as_str()) && !seen.iter().any(|s| fold(s) == kind) {
            return Some(say::nobody_asks(&did.kind, nearest(&kind, kinds)));
        }
        let target = fold(did.target.as_deref()?).into_owned();
        let of_kind = |q: &&Query| {
            q.kind
                .and_then(|k| model.activity_types.get(k.0))
                .is_none_or(|t| t.folded == kind || t.from.iter().any(|s| s.kind == kind))
        };
        let queries: Vec<&Query> = model.queries.iter().filter(of_kind).collect();
        let patterns = queries.iter().flat_map(|q| &q.targets);
        let exact: Vec<&str> =
            patterns.filter_map(|p| if let TargetTest::Exact(t) = &p.test { Some(t.as_str()) } else { None }).collect();
        // Where any target will do, or a pattern, nothing can be said.
        let is_open = queries
            .iter()
            .any(|q| q.targets.is_empty() || q.targets.iter().any(|p| !matches!(p.test, TargetTest::Exact(_))));
        let is_seen = exact.contains(&target.as_str())
            || self.book.targets_of(&kind, usize::MAX).iter().any(|t| fold(t) == target);
        let near = nearest(&target, exact);
        (!is_seen && (near.is_some() || !is_open)).then(|| say::nobody_asks(did.target.as_deref().unwrap_or(""), near))
    }

    /// Changes the lead at hand, and says what that does to it.
    fn change(&mut self, what: String, f: impl FnOnce(&mut Session)) -> Answered {
        let before = self.answer_at_hand();
        self.remember(format!("{}: {what}", self.id()));
        f(self);
        self.one_changed();
        Ok(Reply::text(match (before, self.answer_at_hand()) {
            (Some(before), Some(after)) => tell::difference(self.id(), &before, &after),
            _ => String::new(),
        }))
    }

    /// The lead at hand stands otherwise now.
    fn one_changed(&mut self) {
        let as_of = self.as_of();
        let (Some(model), Some(standings)) = (self.rules.model(), &mut self.standings) else { return };
        let Some(lead) = self.book.lead(model, self.current, &self.edits) else { return };
        let outcome = Interpreter::new(model, as_of).evaluate(&lead);
        if let Some(standing) = Rc::make_mut(standings).get_mut(self.current) {
            *standing = Standing::of(model, &outcome);
        }
    }

    pub(super) fn undo(&mut self) -> Answered {
        let Some(Past { what, rules, edits, as_of, before }) = self.past.pop() else {
            return Err(refused(say::nothing_to_undo()));
        };
        let now = self.now();
        (self.edits, self.as_of, self.rules) = (edits, as_of, rules);
        let effects = self.effects(&now);
        self.before = before;
        Ok(Reply::text(format!("taken back: {}\n{effects}", one_line(&what))))
    }

    pub(super) fn reset(&mut self, rest: &str) -> Answered {
        match rest {
            "" => {
                if !self.edits.contains_key(&self.current) {
                    return Ok(Reply::text(format!("nothing was changed about {}\n", one_line(self.id()))));
                }
                let what = "all its changes taken back".to_owned();
                self.change(what, |session| {
                    session.edits.remove(&session.current);
                })
            }
            "all" => {
                let before = self.now();
                self.remember(":reset all".to_owned());
                self.edits.clear();
                self.rules = Rc::new(self.rules.as_loaded());
                let effects = self.effects(&before);
                self.before = None;
                Ok(Reply::text(format!("rules and leads are as in their files\n{effects}")))
            }
            other => {
                Err(refused(say::command_wants("reset", &format!("nothing or `all`, not `{other}`,"), ":reset all")))
            }
        }
    }

    pub(super) fn as_of_day(&mut self, rest: &str) -> Answered {
        if rest.is_empty() {
            return Ok(Reply::text(format!("as of {}\n", self.as_of_for_people())));
        }
        let date = match rest.to_ascii_lowercase().as_str() {
            "now" | "today" => crate::time::now().into(),
            _ => read_iso(rest).ok_or_else(|| refused(say::bad_date(rest)))?,
        };
        let before = self.now();
        self.remember(format!("as of {}", self.zone().for_people(date.in_zone(self.zone()).last())));
        self.as_of = date;
        let effects = self.effects(&before);
        Ok(Reply::text(format!("as of {}\n{effects}", self.as_of_for_people())))
    }
}

/// When, as somebody types it: without a time it is now.
fn in_days(did: &str) -> String {
    // `booked "demo"`, as explanations say it.
    let quoted = did
        .split_once('"')
        .filter(|(head, _)| !head.contains('('))
        .and_then(|(head, rest)| Some((head.trim(), rest.split_once('"')?)));
    let called = quoted.map(|(kind, (target, rest))| format!("{kind}(\"{target}\"){rest}"));
    let did = called.as_deref().unwrap_or(did);
    let lower = did.to_ascii_lowercase();
    for (word, instead) in [(" yesterday", " 1 day ago"), (" now", " today")] {
        if let Some(head) = lower.strip_suffix(word) {
            return format!("{}{instead}", did.get(..head.len()).unwrap_or(did));
        }
    }
    if did.ends_with(')') { format!("{did} today") } else { did.to_owned() }
}

/// A cell as somebody types it: in quotes or not, a list in brackets, missing or nothing.
fn cell(value: &str) -> Raw {
    let bare = value.strip_prefix('"').and_then(|v| v.strip_suffix('"'));
    if let Some(list) = value.strip_prefix('[').and_then(|v| v.strip_suffix(']')) {
        return Raw::List(
            list.split(',')
                .map(|item| item.trim().trim_matches('"').to_owned())
                .filter(|item| !item.is_empty())
                .collect(),
        );
    }
    match value.to_ascii_lowercase().as_str() {
        "" | "missing" | "unknown" => Raw::Missing,
        _ => Raw::cell(bare.unwrap_or(value)),
    }
}
