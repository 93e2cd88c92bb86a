//! Which parts of a condition hold, and which rules nearly fired.

use std::collections::{BTreeSet, HashMap};

use super::{Holds, Nearly, Part, field_note};
use crate::eval::{Beside, RuleState, RuleTrace, Trace};
use crate::lead::Lead;
use crate::model::{Activity, Expr, ExprKind, FieldId, LineId, Model, OfProfile, Rule, Scoring};
use crate::value::Value;
use crate::words::{Lines, words_of};

/// So many rules that did not fire are told.
const MOST_NEARLY: usize = 12;

/// The parts that must hold for a condition, each with how it stands now.
#[must_use]
pub fn parts(beside: &Beside<'_>, model: &Model, lead: &Lead, condition: &Expr) -> Vec<Part> {
    let (pieces, unless) = pieces(condition);
    let mut out: Vec<Part> = pieces.into_iter().map(|piece| part(beside, model, lead, piece)).collect();
    out.extend(unless.map(|b| blocking(beside, model, lead, b)));
    out
}

/// The parts that must hold for a condition, and the one that must not.
fn pieces(condition: &Expr) -> (Vec<&Expr>, Option<&Expr>) {
    fn all(condition: &Expr) -> Vec<&Expr> {
        if let ExprKind::All(parts) = &condition.kind { parts.iter().collect() } else { vec![condition] }
    }
    match &condition.kind {
        ExprKind::Unless(a, b) => (all(a), Some(b)),
        _ => (all(condition), None),
    }
}

/// The part that must not hold.
fn blocking(beside: &Beside<'_>, model: &Model, lead: &Lead, unless: &Expr) -> Part {
    let blocked = part(beside, model, lead, unless);
    Part {
        words: format!("Unless {}", blocked.words),
        // What is unknown blocks nothing.
        holds: if blocked.holds == Holds::Yes { Holds::No } else { Holds::Yes },
        ..blocked
    }
}

fn part(beside: &Beside<'_>, model: &Model, lead: &Lead, piece: &Expr) -> Part {
    let truth = beside.expects(piece);
    let holds = match truth {
        Some(true) => Holds::Yes,
        Some(false) => Holds::No,
        None => Holds::Unknown,
    };
    let mut notes: Vec<String> = Vec::new();
    match &piece.kind {
        ExprKind::Compare(_, left, _)
        | ExprKind::Between(left, _, _)
        | ExprKind::In(left, _)
        | ExprKind::Text(left, ..) => {
            notes.extend(value_note(beside, model, left));
        }
        ExprKind::OfProfile(OfProfile::AtLeast(_), id) | ExprKind::Definition(id) => {
            let criteria = model.criteria(*id);
            if !criteria.is_empty() {
                let (mut met, mut not_met) = (0, Vec::new());
                for criterion in criteria {
                    match beside.expects(criterion) {
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
        ExprKind::Did(activity, _) => notes.extend(activity_note(beside, activity)),
        _ => {}
    }
    if truth.is_none() {
        let fields = beside.unknown_fields(piece);
        notes.extend(fields.iter().map(|f| field_note(model, lead, *f)));
    }
    Part { words: words_of(model, piece), holds, note: notes.join("; ") }
}

/// `score is 82`
fn value_note(beside: &Beside<'_>, model: &Model, left: &Expr) -> Option<String> {
    if matches!(left.kind, ExprKind::Value(_)) {
        return None;
    }
    let value = match beside.value(left) {
        Value::Missing => return None,
        Value::Stage(stage) => crate::eval::stage_name(model, stage).to_owned(),
        value => value.to_string(),
    };
    Some(format!("{} is {value}", model.sources.phrase(left.span)))
}

/// How often an activity happened at all, where a window or count says that it is not enough.
fn activity_note(beside: &Beside<'_>, activity: &Activity) -> Option<String> {
    let everything = Activity { window: None, ..activity.clone() };
    let times = |n: usize| if n == 1 { "once".to_owned() } else { format!("{n} times") };
    let (all, inside) = (beside.count(&everything), beside.count(activity));
    Some(match (all, inside) {
        (0, _) => "never happened".to_owned(),
        (all, inside) if activity.window.is_some() && inside < all => {
            let inside = if inside == 0 { "not".to_owned() } else { times(inside) };
            format!("{inside} in that time, {} in all", times(all))
        }
        (_, inside) => times(inside),
    })
}

/// The rules that nearly fired, and those of which it is not known; these come first.
pub(super) fn nearly(beside: &Beside<'_>, model: &Model, lines: &Lines, lead: &Lead, trace: &Trace) -> Vec<Nearly> {
    let rules = rules_of(model);
    let entry = |told: &RuleTrace, why: String, is_unknown: bool| {
        let line = lines.get(told.line).cloned().unwrap_or_default();
        Nearly { words: line.reason, why, is_unknown, line: line.line }
    };
    let unknown = trace.rules.iter().filter_map(|told| match told.state {
        RuleState::Unknown => Some(entry(told, unknown_why(model, lead, told), true)),
        RuleState::AmountMissing => Some(entry(
            told,
            format!("holds, but how many points it gives is open: {}", unknown_why(model, lead, told)),
            true,
        )),
        _ => None,
    });
    let near = trace.rules.iter().filter_map(|told| {
        let rule = rules.get(&told.line).copied();
        let why = match told.state {
            RuleState::NothingCounted => nothing_counted(beside, rule?)?,
            // A loss that nearly happened is no news.
            RuleState::Not => almost(beside, model, lead, rule.filter(|r| !r.amount.subtract)?.when.as_ref()?)?,
            RuleState::PassedOver if told.points != 0 => "holds, but another line of the same choice counts".to_owned(),
            _ => return None,
        };
        Some(entry(told, why, false))
    });
    unknown.chain(near).take(MOST_NEARLY).collect()
}

fn unknown_why(model: &Model, lead: &Lead, told: &RuleTrace) -> String {
    let fields: BTreeSet<FieldId> = told.unknown.iter().copied().collect();
    let notes: Vec<String> = fields.iter().map(|f| field_note(model, lead, *f)).collect();
    if notes.is_empty() { "it cannot be calculated".to_owned() } else { format!("not known: {}", notes.join(", ")) }
}

/// Why a condition is false although all but one of its parts hold, or although the activity happened, but not so often.
fn almost(beside: &Beside<'_>, model: &Model, lead: &Lead, condition: &Expr) -> Option<String> {
    let (pieces, unless) = pieces(condition);
    let count = pieces.len() + usize::from(unless.is_some());
    let blocked = unless.filter(|b| beside.expects(b) == Some(true));
    let mut not_met = pieces.into_iter().filter(|piece| beside.expects(piece) != Some(true));
    // Words are made of the one part alone.
    let only = match (not_met.next(), blocked) {
        (Some(piece), None) => part(beside, model, lead, piece),
        (None, Some(b)) => blocking(beside, model, lead, b),
        _ => return None,
    };
    if not_met.next().is_some() {
        return None;
    }
    if count > 1 {
        let note = if only.note.is_empty() { String::new() } else { format!(" ({})", only.note) };
        return Some(format!("all but one holds: not {}{note}", lower_first(&only.words)));
    }
    let happened = !only.note.is_empty() && only.note != "never happened";
    (happened && matches!(condition.kind, ExprKind::Did(..))).then(|| format!("not so: {}", only.note))
}

fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or(String::new(), |c| c.to_lowercase().chain(chars).collect())
}

fn nothing_counted(beside: &Beside<'_>, rule: &Rule) -> Option<String> {
    use crate::model::Counting as C;
    match &rule.counting {
        C::Each { activity, .. } | C::Distinct(activity) => {
            let note = activity_note(beside, activity)?;
            (note != "never happened").then_some(note)
        }
        _ => None,
    }
}

/// All rules, by their lines.
fn rules_of(model: &Model) -> HashMap<LineId, &Rule> {
    fn gather<'m>(items: &'m [Scoring], out: &mut HashMap<LineId, &'m Rule>) {
        for item in items {
            match item {
                Scoring::Rule(rule) => drop(out.insert(rule.line, &**rule)),
                Scoring::Table(_) => {}
                Scoring::Choice { items, .. } => gather(items, out),
            }
        }
    }
    let mut out = HashMap::new();
    gather(&model.loose, &mut out);
    model.groups.iter().for_each(|group| gather(&group.items, &mut out));
    out
}
