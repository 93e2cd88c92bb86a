//! What would have to change to reach a stage: every change that is offered has been evaluated.
//!
//! Two kinds of changes are tried: activity that the model asks for, done now, and answers to what is missing. What is
//! known is taken as it is: nobody moves a lead to another country.

use std::sync::Arc;

use crate::eval::{Interpreter, Outcome};
use crate::lead::{Activity, At, Lead};
use crate::model::{Expr, ExprKind, FieldId, Model, Query, TargetPattern};
use crate::points::to_signed_text;
use crate::syntax::ast::CompareOp;
use crate::time::{Date, Instant, Period};
use crate::value::{Raw, Stage, Text, Type, Value};

/// So many ways are offered.
const MOST_WAYS: usize = 5;

/// A change that can be tried.
#[derive(Clone)]
enum Change {
    /// These records, now.
    Did(Vec<Activity>, String),
    /// This answer to a missing field.
    Known(FieldId, Value, String),
}

/// Ways to reach a stage, the fewest steps first. Each is a list of steps in words.
pub(super) fn changes(interpreter: &Interpreter<'_>, model: &Model, lead: &Lead, target: usize) -> Vec<Vec<String>> {
    let before = interpreter.evaluate(lead);
    let reaches = |outcome: &Outcome| matches!(outcome.stage, Stage::Rank(rank) if rank >= target);
    let candidates = candidates(model, lead, interpreter.as_of());
    let mut singles: Vec<(i128, Vec<String>)> = Vec::new();
    let mut enough: Vec<&str> = Vec::new();
    for change in &candidates {
        // Where one would do, three are not offered.
        if let Change::Did(records, words) = change
            && records.len() > 1
            && enough.iter().any(|one| words.starts_with(one))
        {
            continue;
        }
        let after = interpreter.evaluate(&with(lead, std::slice::from_ref(change)));
        if reaches(&after) {
            let gain = after.score.unwrap_or(0) - before.score.unwrap_or(0);
            if let Change::Did(_, words) = change {
                enough.push(words);
            }
            singles.push((gain, vec![words(change, gain)]));
        }
    }
    if !singles.is_empty() {
        // The least effort first: an answer to a question, then the activity that gives least beyond what is needed.
        singles.sort_by_key(|(gain, _)| *gain);
        singles.dedup_by(|a, b| a.1 == b.1);
        return singles.into_iter().map(|(_, steps)| steps).take(MOST_WAYS).collect();
    }
    together(interpreter, lead, &candidates, &reaches).into_iter().collect()
}

/// All changes at once, then as few of them as still reach the stage.
fn together(interpreter: &Interpreter<'_>, lead: &Lead, candidates: &[Change], reaches: &impl Fn(&Outcome) -> bool) -> Option<Vec<String>> {
    // One answer for each field: the first that is tried.
    let mut kept: Vec<Change> = Vec::new();
    for change in candidates {
        let again = matches!(change, Change::Known(f, _, _) if kept.iter().any(|k| matches!(k, Change::Known(g, _, _) if g == f)));
        if !again {
            kept.push(change.clone());
        }
    }
    if !reaches(&interpreter.evaluate(&with(lead, &kept))) {
        return None;
    }
    let mut i = 0;
    while i < kept.len() {
        let mut fewer = kept.clone();
        fewer.remove(i);
        if reaches(&interpreter.evaluate(&with(lead, &fewer))) {
            kept = fewer;
        } else {
            i += 1;
        }
    }
    Some(kept.iter().map(|c| words(c, 0)).collect())
}

fn words(change: &Change, gain: i128) -> String {
    let points = if gain == 0 { String::new() } else { format!(" ({})", to_signed_text(gain)) };
    match change {
        Change::Did(_, words) | Change::Known(_, _, words) => format!("{words}{points}"),
    }
}

/// The lead after changes.
fn with(lead: &Lead, changes: &[Change]) -> Lead {
    let mut changed = lead.clone();
    for change in changes {
        match change {
            Change::Did(records, _) => Arc::make_mut(&mut changed.activity).extend(records.iter().cloned()),
            Change::Known(field, value, _) => {
                if let Some(slot) = changed.values.get_mut(field.0) {
                    *slot = value.clone();
                }
            }
        }
    }
    changed
}

/// Answers to what is missing first, then activity.
fn candidates(model: &Model, lead: &Lead, as_of: Instant) -> Vec<Change> {
    let mut out = answers(model, lead, as_of);
    for query in &model.queries {
        if let Some((record, words)) = record(model, query, as_of) {
            out.push(Change::Did(vec![record.clone()], words.clone()));
            // Where one is not enough, several may be: `at least 3 times`.
            out.push(Change::Did(vec![record; 3], format!("{words} 3 times")));
        }
    }
    // The single one stands before its multiples.
    out.sort_by_key(|c| matches!(c, Change::Did(records, _) if records.len() > 1));
    out
}

/// A record that meets a query, if one can be made up.
fn record(model: &Model, query: &Query, as_of: Instant) -> Option<(Activity, String)> {
    let kind = model.activity_types.get(query.kind?.0).filter(|k| k.is_engagement)?;
    let target = match query.targets.first() {
        None => None,
        Some(TargetPattern::Exact(text)) => Some(text.clone()),
        Some(TargetPattern::Wildcard(text) | TargetPattern::Page(text)) => Some(text.replace("/*", "/x").replace('*', "").replace('?', "x")),
    };
    let mut properties = Vec::new();
    if let Some(filter) = &query.filter {
        needed(model, filter, &mut properties)?;
    }
    let mut words = kind.name.replace('_', " ");
    if let Some(target) = &target {
        words.push_str(&format!(" \"{target}\""));
    }
    for (key, raw) in &properties {
        words.push_str(&format!(", {key} {}", raw.as_text()));
    }
    if let (Some(key), Some(target)) = (&kind.target, &target) {
        properties.push((Arc::from(key.as_str()), Raw::Text(target.clone())));
    }
    let activity = Activity {
        kind: Text::new(&kind.name),
        target: target.as_deref().map(Text::new),
        at: At::Instant(as_of),
        event_id: None,
        properties,
    };
    Some((activity, words))
}

/// Properties that meet a filter; `None` where none can be told.
fn needed(model: &Model, filter: &Expr, out: &mut Vec<(Arc<str>, Raw)>) -> Option<()> {
    match &filter.kind {
        ExprKind::All(parts) => parts.iter().try_for_each(|p| needed(model, p, out)),
        ExprKind::Any(parts) => needed(model, parts.first()?, out),
        _ => {
            let (subject, value) = met_by(filter, Instant(0))?;
            let ExprKind::Property(id) = subject.kind else { return None };
            let key = model.properties.get(id.0)?.key.as_str();
            out.push((Arc::from(key), Raw::Text(value.to_string())));
            Some(())
        }
    }
}

/// Answers to missing fields that some condition of the model asks for.
fn answers(model: &Model, lead: &Lead, as_of: Instant) -> Vec<Change> {
    let mut out: Vec<Change> = Vec::new();
    let mut look = |expr: &Expr| {
        let Some((subject, value)) = met_by(expr, as_of) else { return };
        let (field, value) = match &subject.kind {
            ExprKind::Field(field) => (*field, value),
            // `domain(email) = "x.com"`: an address there.
            ExprKind::Call(crate::model::Function::Domain, _) => return,
            _ => return,
        };
        let Some(described) = model.fields.get(field.0) else { return };
        let fits = matches!(
            (&value, described.of_type),
            (Value::Flag(_), Type::Flag) | (Value::Text(_), Type::Text) | (Value::Number(_), Type::Number) | (Value::Date(_), Type::Date)
        );
        if !fits {
            return;
        }
        if !lead.values.get(field.0).is_none_or(|v| matches!(v, Value::Missing | Value::Range(..))) {
            return;
        }
        let words = match (&value, described.of_type) {
            (Value::Flag(yes), _) => format!("{} = {}", described.name, if *yes { "yes" } else { "no" }),
            (Value::Text(text), _) => format!("{} = \"{}\"", described.name, text.written),
            (_, Type::Date) => format!("{} on {value}", described.name),
            _ => format!("{} = {value}", described.name),
        };
        if !out.iter().any(|c| matches!(c, Change::Known(_, _, w) if *w == words)) {
            out.push(Change::Known(field, value, words));
        }
    };
    for condition in model.conditions() {
        visit(model, condition, &mut look);
    }
    out
}

fn visit(model: &Model, expr: &Expr, f: &mut dyn FnMut(&Expr)) {
    f(expr);
    expr.for_each_child(model, &mut |child| visit(model, child, f));
}

/// A value of its subject for which a plain condition holds.
fn met_by(condition: &Expr, as_of: Instant) -> Option<(&Expr, Value)> {
    let literal = |e: &Expr| match &e.kind {
        ExprKind::Value(value) => Some(value.clone()),
        _ => None,
    };
    Some(match &condition.kind {
        ExprKind::Compare(op, left, right) => {
            let right = literal(right)?;
            let value = match (op, right) {
                (CompareOp::Equal | CompareOp::GreaterOrEqual | CompareOp::LessOrEqual, value) => value,
                (CompareOp::Greater, Value::Number(n)) => Value::Number(n + 1.0),
                (CompareOp::Less, Value::Number(n)) => Value::Number(n - 1.0),
                (CompareOp::Greater, Value::Date(d)) => Value::Date(Date::Instant(Instant(d.last().0 + 1))),
                (CompareOp::Less, Value::Date(d)) => Value::Date(Date::Instant(Instant(d.first().0 - 1))),
                _ => return None,
            };
            (&**left, value)
        }
        ExprKind::Between(x, low, _) => (&**x, literal(low)?),
        ExprKind::In(x, list) => (&**x, list.first()?.clone()),
        ExprKind::Text(x, _, _, needles) => (&**x, Value::Text(Text::new(needles.first()?.folded.trim_matches('*')))),
        ExprKind::InNext(x, _) => (&**x, Value::Date(Date::Day(as_of.plus(Period { months: 0, micros: 86_400_000_000 }, 1).day()))),
        ExprKind::InLast(x, _) => (&**x, Value::Date(Date::Instant(as_of))),
        ExprKind::Known(x) => (&**x, Value::Text(Text::new("filled in"))),
        ExprKind::Field(_) => (condition, Value::Flag(true)),
        _ => return None,
    })
    .filter(|(x, value): &(&Expr, Value)| !matches!((&x.kind, value), (ExprKind::Field(_), Value::Stage(_))))
}
