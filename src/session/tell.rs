//! Answers as text: how a lead stands, what changed about it, tables of leads, the funnel.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::book::Standing;
use crate::eval::{Interpreter, Outcome, stage_name};
use crate::lead::Lead;
use crate::messages::counted;
use crate::model::Model;
use crate::points::{to_signed_text, to_text};
use crate::results;
use crate::shown::one_line;
use crate::words::Lines;

/// So many leads that moved are listed.
const MOST_MOVERS: usize = 10;
/// The widest bar of the funnel.
const WIDEST_BAR: usize = 40;

/// One lead's answer under one state of the rules: what is compared before and after a change.
pub(super) struct Answer {
    pub stage: String,
    pub could_be: String,
    pub score: Option<i128>,
    reasons: Vec<String>,
    reviews: Vec<String>,
}

impl Answer {
    pub fn of(model: &Model, interpreter: &Interpreter<'_>, lead: &Lead) -> Answer {
        let outcome = interpreter.evaluate(lead);
        Answer::new(model, &outcome)
    }

    pub fn new(model: &Model, outcome: &Outcome) -> Answer {
        Answer {
            stage: stage_name(model, outcome.stage).to_owned(),
            could_be: stage_name(model, outcome.could_be).to_owned(),
            score: outcome.score,
            reasons: results::reasons(&Lines::of(model), outcome).iter().map(|r| one_line(r).into_owned()).collect(),
            reviews: outcome.reviews.iter().map(|r| one_line(r).into_owned()).collect(),
        }
    }

    /// `P-104: mql, score 75, could be sql`
    pub fn in_a_line(&self, id: &str) -> String {
        let score = self.score.map_or("not scored".to_owned(), |s| format!("score {}", to_text(s)));
        let could_be =
            if self.could_be == self.stage { String::new() } else { format!(", could be {}", self.could_be) };
        format!("{}: {}, {score}{could_be}", one_line(id), self.stage)
    }
}

/// What changed about a lead's answer.
pub(super) fn difference(id: &str, before: &Answer, after: &Answer) -> String {
    let mut out = String::new();
    let moved = |a: &str, b: &str| if a == b { a.to_owned() } else { format!("{a} → {b}") };
    let score = match (before.score, after.score) {
        (Some(a), Some(b)) if a == b => format!("score {}", to_text(a)),
        (Some(a), Some(b)) => format!("score {} → {} ({})", to_text(a), to_text(b), to_signed_text(b - a)),
        (None, None) => "not scored".to_owned(),
        (Some(a), None) => format!("score {} → not scored", to_text(a)),
        (None, Some(b)) => format!("not scored → score {}", to_text(b)),
    };
    let _ = write!(out, "{}: {}, {score}", one_line(id), moved(&before.stage, &after.stage));
    if after.could_be != after.stage
        || before.could_be != after.could_be && before.could_be != before.stage && before.stage == after.stage
    {
        let _ = write!(out, ", could be {}", moved(&before.could_be, &after.could_be));
    }
    out.push('\n');
    let gone = missing_from(&before.reasons, &after.reasons);
    let new = missing_from(&after.reasons, &before.reasons);
    for reason in &gone {
        let _ = writeln!(out, "  no longer  {reason}");
    }
    for reason in &new {
        let _ = writeln!(out, "  now        {reason}");
    }
    for review in missing_from(&after.reviews, &before.reviews) {
        let _ = writeln!(out, "  to look at {review}");
    }
    if gone.is_empty()
        && new.is_empty()
        && before.score == after.score
        && before.stage == after.stage
        && before.could_be == after.could_be
    {
        out.push_str("  nothing changes for this lead\n");
    }
    out
}

/// Those of `a` that are not in `b`, each as often as it is missing.
fn missing_from(a: &[String], b: &[String]) -> Vec<String> {
    let mut left: Vec<&String> = b.iter().collect();
    let mut out = Vec::new();
    for text in a {
        match left.iter().position(|l| *l == text) {
            Some(at) => drop(left.swap_remove(at)),
            None => out.push(text.clone()),
        }
    }
    out
}

/// How many leads move between which stages, in a line; then, where asked for, who.
pub(super) fn moves<'i>(ids: &dyn Fn(usize) -> &'i str, before: &[Standing], after: &[Standing], list: bool) -> String {
    let mut pairs: BTreeMap<(String, String), usize> = BTreeMap::new();
    let mut movers: Vec<usize> = Vec::new();
    let mut scores = 0;
    for (i, (a, b)) in before.iter().zip(after).enumerate() {
        if a.stage != b.stage {
            *pairs.entry((a.stage.to_string(), b.stage.to_string())).or_default() += 1;
            movers.push(i);
        } else if a.score != b.score {
            scores += 1;
        }
    }
    let of = format!("of {}", counted(after.len() as u64, "lead", "leads"));
    let also = match scores {
        0 => String::new(),
        1 => format!("; the score of {}1 changes", if movers.is_empty() { "" } else { "another " }),
        n => format!("; the scores of {n}{} change", if movers.is_empty() { "" } else { " more" }),
    };
    if movers.is_empty() {
        return format!("none {of} moves to another stage{also}\n");
    }
    let mut pairs: Vec<_> = pairs.into_iter().collect();
    pairs.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
    let told: Vec<String> = pairs.iter().map(|((a, b), n)| format!("{n} {a} → {b}")).collect();
    let mut out =
        format!("{} {of} move{}: {}{also}\n", movers.len(), if movers.len() == 1 { "s" } else { "" }, told.join(", "));
    if list {
        for &i in movers.iter().take(MOST_MOVERS) {
            if let (Some(a), Some(b)) = (before.get(i), after.get(i)) {
                let score = |s: &Standing| s.score.map_or("none".to_owned(), to_text);
                let _ = writeln!(
                    out,
                    "  {}: {} → {}, score {} → {}",
                    one_line(ids(i)),
                    a.stage,
                    b.stage,
                    score(a),
                    score(b)
                );
            }
        }
        if movers.len() > MOST_MOVERS {
            let _ = writeln!(out, "  and {} more", movers.len() - MOST_MOVERS);
        }
    }
    out
}

/// How many leads are at which stage, the highest first, with bars.
pub(super) fn funnel(model: &Model, standings: &[Standing]) -> String {
    let known = model.ladder.stages.iter().rev().map(String::as_str).chain(["disqualified", "excluded", "error"]);
    let counts: Vec<(&str, usize)> =
        known.map(|stage| (stage, standings.iter().filter(|s| &*s.stage == stage).count())).collect();
    let most = counts.iter().map(|(_, n)| *n).max().unwrap_or(0).max(1);
    // Outside of the ladder, what nobody is says nothing.
    let counts: Vec<_> = counts
        .into_iter()
        .enumerate()
        .filter(|(i, (_, n))| *i < model.ladder.stages.len() || *n > 0)
        .map(|(_, c)| c)
        .collect();
    let width = counts.iter().map(|(s, _)| s.chars().count()).max().unwrap_or(0);
    let digits = most.to_string().len();
    let mut out = String::new();
    for (stage, count) in &counts {
        let could = standings.iter().filter(|s| &*s.could_be == *stage && &*s.stage != *stage).count();
        let could = if could == 0 { String::new() } else { format!("  {could} more could be") };
        let bar = "█".repeat((count * WIDEST_BAR).div_ceil(most));
        out.push_str(format!("  {stage:width$}  {count:>digits$}  {bar}{could}").trim_end());
        out.push('\n');
    }
    out
}
