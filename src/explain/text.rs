//! An explanation in words: for a terminal, or as Markdown for a note in a CRM.

use crate::page::Note;

use super::{Explanation, GroupReasons, Holds, NextStage, Part, Reason};

/// How many reasons of a group are listed; the others are summed.
const MOST_REASONS: usize = 12;

/// The explanation as text; as Markdown where that is asked for.
#[must_use]
pub fn to_text(e: &Explanation, markdown: bool) -> String {
    let mut out = Note::new(markdown);
    let score = e.score.as_deref().map_or("not scored".to_owned(), |s| format!("score {s}"));
    out.title(format!("{}: {}, {score}", e.lead_id, e.stage));
    out.line(format!("As of {}.", e.as_of));
    if let Some(change) = e.change {
        out.line(format!("Against where the lead stands today: {change}."));
    }
    if e.could_be != e.stage {
        out.line(format!("Could be {} if what is missing turned out well.", e.could_be));
    }
    match &e.possible_score {
        (Some(low), Some(high)) if low != high => {
            out.line(format!("With all data known, the score lies between {low} and {high}."))
        }
        (Some(low), None) if e.score.is_some() => out.line(format!("With all data known, the score is {low} or more.")),
        _ => {}
    }
    for (label, text) in &e.labels {
        out.line(format!("{label}: {text}"));
    }
    for review in &e.reviews {
        out.line(format!("For a human to look at: {review}"));
    }
    out.heading("What decided");
    out.item(e.decided.as_str());
    if e.score.is_some() {
        out.heading("Points");
        for group in &e.groups {
            points(&mut out, group);
        }
        if e.groups.iter().all(|g| g.reasons.is_empty()) {
            out.item("nothing gave points");
        }
        if let Some(formula) = &e.formula {
            out.item(formula.as_str());
        }
        for note in &e.notes {
            out.item(format!("score: {note}"));
        }
        if let Some(bounds) = &e.bounds {
            out.item(format!("{bounds} by the bounds of the whole score"));
        }
    }
    if !e.nearly.is_empty() {
        out.heading("What did not count, although nearly");
        for near in &e.nearly {
            out.item(format!("{} (line {}): {}", near.words, near.line, near.why));
        }
    }
    for next in &e.next {
        stage(&mut out, next);
    }
    if let Some(outlook) = &e.outlook {
        out.heading(format!("If nothing happens until {}", outlook.until));
        if outlook.steps.is_empty() {
            out.item("nothing ages away: score and stage stay as they are");
        }
        for (day, score, stage) in outlook.steps.iter().take(10) {
            out.item(format!("{day}: score {score}, {stage}"));
        }
        for keep in &outlook.keeps {
            out.item(format!("the stage stays with: {keep}"));
        }
    }
    if !e.missing.is_empty() {
        out.heading("Worth asking");
        out.item(e.missing.join("; "));
    }
    out.into_text()
}

/// What a stage would take, as text.
#[must_use]
pub fn toward(next: &NextStage) -> String {
    let mut out = Note::new(false);
    stage(&mut out, next);
    out.into_text().trim_start().to_owned()
}

/// A part of a condition in a line: whether it holds, its words, and what it is now.
#[must_use]
pub fn part(part: &Part) -> String {
    let sign = match part.holds {
        Holds::Yes => "✓",
        Holds::No => "✗",
        Holds::Unknown => "?",
    };
    let note = if part.note.is_empty() { String::new() } else { format!(" ({})", part.note) };
    format!("{sign} {}{note}", part.words)
}

fn points(out: &mut Note, group: &GroupReasons) {
    if group.reasons.is_empty() && group.notes.is_empty() && group.score == "0" {
        return;
    }
    let name = match (&group.title, group.name.as_str()) {
        (Some(title), _) => title.clone(),
        (None, "") => "other".to_owned(),
        (None, name) => name.to_owned(),
    };
    let notes = if group.notes.is_empty() { String::new() } else { format!(" ({})", group.notes.join("; ")) };
    out.item(format!("{name}: {}{notes}", group.score));
    for reason in group.reasons.iter().take(MOST_REASONS) {
        out.sub_item(reason_words(reason));
    }
    if group.reasons.len() > MOST_REASONS {
        out.sub_item(format!("and {} more", group.reasons.len() - MOST_REASONS));
    }
}

fn reason_words(reason: &Reason) -> String {
    let mut text = format!("{:>5}  {}", reason.points, reason.words);
    let when = match &reason.when {
        Some((a, b)) if a == b => format!("on {a}"),
        Some((a, b)) => format!("from {a} to {b}"),
        None => String::new(),
    };
    match reason.times {
        Some(1) if !when.is_empty() => text.push_str(&format!(", {when}")),
        Some(1) | None => {}
        Some(n) => text.push_str(&format!(", {n} times {when}")),
    }
    if let Some(before) = &reason.capped_from {
        text.push_str(&format!(", bounded from {before}"));
    }
    text.trim_end().to_owned()
}

fn stage(out: &mut Note, next: &NextStage) {
    out.heading(format!("To become {}", next.stage));
    let ways = next.lines.iter().filter(|w| !w.is_gate).count();
    for (i, way) in next.lines.iter().enumerate() {
        match (way.is_gate, i) {
            (true, _) => out.item(format!("and in any case {}", way.words)),
            (false, 0) if ways > 1 => out.item(format!("either {}", way.words)),
            (false, 0) => {}
            (false, _) => out.item(format!("or {}", way.words)),
        }
        for of_way in &way.parts {
            out.sub_item(part(of_way));
        }
    }
    match next.changes.as_slice() {
        [] => out.item("nothing that was tried would do: no activity, and no answer to what is missing"),
        [one] => out.item(format!("it would take: {}", one)),
        many if many.iter().all(|way| way.steps.len() == 1) => {
            let ways: Vec<String> = many.iter().map(ToString::to_string).collect();
            out.item(format!("any of these would do: {}", ways.join("; ")));
        }
        many => {
            out.item("any of these would do:");
            many.iter().for_each(|way| out.sub_item(way.to_string()));
        }
    }
}
