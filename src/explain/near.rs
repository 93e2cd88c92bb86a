//! Which parts of a condition hold, and which rules nearly fired.

use std::collections::BTreeSet;

use super::{Nearly, Part, field_note};
use crate::eval::{Interpreter, Outcome, RuleState, RuleTrace, Trace};
use crate::lead::Lead;
use crate::model::{Activity, Expr, ExprKind, FieldId, Model, OfProfile, Rule, Scoring};
use crate::value::Value;
use crate::words::{Lines, for_people};

/// So many rules that did not fire are told.
const MOST_NEARLY: usize = 12;

/// The parts that must hold for a condition, each with how it stands now.
#[must_use]
pub fn parts(interpreter: &Interpreter<'_>, model: &Model, lead: &Lead, outcome: &Outcome, condition: &Expr) -> Vec<Part> {
    let pieces: Vec<&Expr> = match &condition.kind {
        ExprKind::All(parts) => parts.iter().collect(),
        ExprKind::Unless(a, _) => match &a.kind {
            ExprKind::All(parts) => parts.iter().collect(),
            _ => vec![a],
        },
        _ => vec![condition],
    };
    let mut out: Vec<Part> = pieces.into_iter().map(|piece| part(interpreter, model, lead, outcome, piece)).collect();
    if let ExprKind::Unless(_, b) = &condition.kind {
        let mut blocked = part(interpreter, model, lead, outcome, b);
        blocked.words = format!("Unless {}", blocked.words);
        blocked.holds = if blocked.holds == "yes" { "no" } else { "yes" };
        out.push(blocked);
    }
    out
}

fn part(interpreter: &Interpreter<'_>, model: &Model, lead: &Lead, outcome: &Outcome, piece: &Expr) -> Part {
    let truth = interpreter.expects(piece, lead, outcome);
    let holds = match truth {
        Some(true) => "yes",
        Some(false) => "no",
        None => "unknown",
    };
    let mut notes: Vec<String> = Vec::new();
    match &piece.kind {
        ExprKind::Compare(_, left, _) | ExprKind::Between(left, _, _) | ExprKind::In(left, _) | ExprKind::Text(left, ..) => {
            notes.extend(value_note(interpreter, model, lead, outcome, left));
        }
        ExprKind::OfProfile(OfProfile::AtLeast(_), id) | ExprKind::Definition(id) => {
            let criteria = model.criteria(*id);
            if !criteria.is_empty() {
                let (mut met, mut not_met) = (0, Vec::new());
                for criterion in criteria {
                    match interpreter.expects(criterion, lead, outcome) {
                        Some(true) => met += 1,
                        Some(false) => not_met.push(model.sources.phrase(criterion.span)),
                        None => {}
                    }
                }
                notes.push(format!("{met} of {}", criteria.len()));
                if !not_met.is_empty() {
                    notes.push(format!("not so: {}", not_met.join("; ")));
                }
            }
        }
        ExprKind::Did(activity, _) => notes.extend(activity_note(interpreter, lead, outcome, activity)),
        _ => {}
    }
    if truth.is_none() {
        let fields = interpreter.unknown_fields(piece, lead, outcome);
        notes.extend(fields.iter().map(|f| field_note(model, lead, *f)));
    }
    Part { words: for_people(&model.sources.phrase(piece.span)), holds, note: notes.join("; ") }
}

/// `score is 82`
fn value_note(interpreter: &Interpreter<'_>, model: &Model, lead: &Lead, outcome: &Outcome, left: &Expr) -> Option<String> {
    if matches!(left.kind, ExprKind::Value(_)) {
        return None;
    }
    let value = match interpreter.value(left, lead, outcome) {
        Value::Missing => return None,
        Value::Stage(stage) => crate::eval::stage_name(model, stage).to_owned(),
        value => value.to_string(),
    };
    Some(format!("{} is {value}", model.sources.phrase(left.span)))
}

/// How often an activity happened at all, where a window or count says that it is not enough.
fn activity_note(interpreter: &Interpreter<'_>, lead: &Lead, outcome: &Outcome, activity: &Activity) -> Option<String> {
    let everything = Activity { window: None, ..activity.clone() };
    let count = |activity: Activity| {
        let span = activity.span;
        match interpreter.value(&Expr { kind: ExprKind::CountOf(activity), span }, lead, outcome) {
            Value::Number(n) => n,
            _ => 0.0,
        }
    };
    let times = |n: f64| if n == 1.0 { "once".to_owned() } else { format!("{n} times") };
    let (all, inside) = (count(everything), count(activity.clone()));
    Some(match (all, inside) {
        (0.0, _) => "never happened".to_owned(),
        (all, inside) if activity.window.is_some() && inside < all => {
            let inside = if inside == 0.0 { "not".to_owned() } else { times(inside) };
            format!("{inside} in that time, {} in all", times(all))
        }
        (_, inside) => times(inside),
    })
}

/// The rules that nearly fired, and those of which it is not known.
pub(super) fn nearly(interpreter: &Interpreter<'_>, model: &Model, lines: &Lines, lead: &Lead, outcome: &Outcome, trace: &Trace) -> Vec<Nearly> {
    if outcome.score.is_none() {
        return Vec::new();
    }
    let mut unknown = Vec::new();
    let mut near = Vec::new();
    for told in &trace.rules {
        let line = lines.get(told.order).cloned().unwrap_or_default();
        let entry = |why: String, is_unknown: bool| Nearly { words: line.reason.clone(), why, is_unknown, line: line.line };
        match told.state {
            RuleState::Unknown => unknown.push(entry(unknown_why(model, lead, told), true)),
            RuleState::AmountMissing => unknown.push(entry(format!("holds, but how many points it gives is open: {}", unknown_why(model, lead, told)), true)),
            RuleState::NothingCounted => near.extend(rule_of(model, told).and_then(|r| nothing_counted(interpreter, lead, outcome, r)).map(|why| entry(why, false))),
            RuleState::Not => {
                // A loss that nearly happened is no news.
                let gives = rule_of(model, told).filter(|r| !r.amount.subtract);
                let why = gives.and_then(|r| r.when.as_ref()).and_then(|c| almost(interpreter, model, lead, outcome, c));
                near.extend(why.map(|why| entry(why, false)));
            }
            RuleState::PassedOver if told.points != 0 => near.push(entry("holds, but another line of the same choice counts".to_owned(), false)),
            RuleState::PassedOver => {}
            RuleState::Fired | RuleState::IfNot => {}
        }
    }
    unknown.extend(near);
    unknown.truncate(MOST_NEARLY);
    unknown
}

fn unknown_why(model: &Model, lead: &Lead, told: &RuleTrace) -> String {
    let fields: BTreeSet<FieldId> = told.unknown.iter().copied().collect();
    let notes: Vec<String> = fields.iter().map(|f| field_note(model, lead, *f)).collect();
    if notes.is_empty() { "it cannot be calculated".to_owned() } else { format!("not known: {}", notes.join(", ")) }
}

/// Why a condition is false although all but one of its parts hold, or although the activity happened, but not so often.
fn almost(interpreter: &Interpreter<'_>, model: &Model, lead: &Lead, outcome: &Outcome, condition: &Expr) -> Option<String> {
    let parts = parts(interpreter, model, lead, outcome, condition);
    let missing: Vec<&Part> = parts.iter().filter(|p| p.holds != "yes").collect();
    let [only] = missing.as_slice() else { return None };
    let happened = !only.note.is_empty() && only.note != "never happened";
    if parts.len() > 1 {
        let note = if only.note.is_empty() { String::new() } else { format!(" ({})", only.note) };
        return Some(format!("all but one holds: not {}{note}", lower_first(&only.words)));
    }
    (happened && matches!(condition.kind, ExprKind::Did(..))).then(|| format!("not so: {}", only.note))
}

fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or(String::new(), |c| c.to_lowercase().chain(chars).collect())
}

fn nothing_counted(interpreter: &Interpreter<'_>, lead: &Lead, outcome: &Outcome, rule: &Rule) -> Option<String> {
    use crate::model::Counting as C;
    match &rule.counting {
        C::Each { activity, .. } | C::Distinct(activity) => {
            let note = activity_note(interpreter, lead, outcome, activity)?;
            (note != "never happened").then_some(note)
        }
        _ => None,
    }
}

fn rule_of<'m>(model: &'m Model, told: &RuleTrace) -> Option<&'m Rule> {
    fn find(items: &[Scoring], order: u32) -> Option<&Rule> {
        items.iter().find_map(|item| match item {
            Scoring::Rule(rule) => (rule.order == order).then_some(&**rule),
            Scoring::Table(_) => None,
            Scoring::Choice { items, .. } => find(items, order),
        })
    }
    let items = match told.group {
        Some(group) => model.groups.get(group.0).map(|g| g.items.as_slice())?,
        None => &model.loose,
    };
    find(items, told.order)
}
