//! Worked examples: the tests of a model, each with its lead, what it did, the verdict and the reasons.

use super::say::{self, name};
use crate::eval::{FiredKind, Outcome, stage_name};
use crate::model::{Branch, Model, Moment, TestActivity};
use crate::page::{Item, Page, Phrase};
use crate::points::{to_signed_text, to_text};
use crate::shown::several;
use crate::testing::{self, TestResult};
use crate::text::capital;
use crate::time::Instant;
use crate::value::{Raw, Stage};
use crate::words::Lines;

/// The worked examples. Those that say no date are worked out as of `as_of`.
pub(super) fn examples(model: &Model, as_of: Instant, page: &mut Page) {
    page.heading("Worked examples");
    if model.tests.is_empty() {
        page.say("There are none yet. Each test in the rule file is shown here with its verdict and its reasons.");
        return;
    }
    page.say("Made-up leads that sales and marketing have agreed on. Every change of the rules is held against them.");
    let lines = Lines::of(model);
    for result in testing::run(model, as_of) {
        page.subheading(capital(&result.test.name));
        page.list(example(model, &lines, &result, as_of));
    }
}

fn example(model: &Model, lines: &Lines, result: &TestResult<'_>, as_of: Instant) -> Vec<Item> {
    let (test, outcome) = (result.test, &result.outcome);
    let mut out: Vec<Item> = Vec::new();
    let lead: Vec<String> =
        test.lead.iter().map(|e| format!("{} {}", field(model, &e.key), cell_words(&e.value))).collect();
    out.push(
        Phrase::new()
            .strong("Lead: ")
            .and(if lead.is_empty() { "nothing is known".to_owned() } else { lead.join(", ") })
            .into(),
    );
    let deeds = deeds(&test.activity);
    if !deeds.is_empty() {
        let at = test.as_of.map_or(model.zone.for_people(as_of), |date| date.to_string());
        out.push(Phrase::new().strong("Did: ").and(format!("{} (seen on {at})", deeds.join("; "))).into());
    }
    out.push(verdict(model, outcome).into());
    let labels: Vec<String> = model
        .labels
        .iter()
        .zip(&outcome.labels)
        .filter_map(|(l, text)| {
            Some(format!("{} “{}”", l.title.clone().unwrap_or_else(|| name(&l.name)), text.as_ref()?))
        })
        .collect();
    if !labels.is_empty() {
        out.push(Phrase::new().strong("Labels: ").and(labels.join(", ")).into());
    }
    let why = why(model, lines, outcome);
    if !why.is_empty() {
        out.push(Item { text: Phrase::new().strong("Why:"), under: why });
    }
    out.extend(outcome.reviews.iter().map(|r| Phrase::new().strong("Somebody should look: ").and(r).into()));
    if !result.passed() {
        out.push(
            Phrase::new()
                .strong("The rules do not give what this example expects.")
                .and(" One of the two must change.")
                .into(),
        );
    }
    out
}

fn verdict(model: &Model, outcome: &Outcome) -> Phrase {
    let phrase = Phrase::new().strong("Verdict: ").strong(stage_name(model, outcome.stage));
    let Some(score) = outcome.score else { return phrase.and(", and not scored") };
    let groups: Vec<String> = model
        .groups
        .iter()
        .zip(&outcome.groups)
        .map(|(g, points)| format!("{} {}", name(&g.name), to_text(*points)))
        .collect();
    let groups = if groups.len() < 2 { String::new() } else { format!(" ({})", groups.join(", ")) };
    let phrase = phrase.and(format!(" with a score of {}{groups}", to_text(score)));
    if outcome.could_be == outcome.stage {
        return phrase;
    }
    let missing: Vec<String> =
        outcome.missing.iter().filter_map(|f| model.fields.get(f.0)).map(|f| name(&f.name)).collect();
    phrase.and(format!(
        "; could be {} if {} turned out well",
        stage_name(model, outcome.could_be),
        several(&missing, "and")
    ))
}

/// What gave points, and what decided.
fn why(model: &Model, lines: &Lines, outcome: &Outcome) -> Vec<Phrase> {
    let mut out = Vec::new();
    for fired in &outcome.fired {
        let line = lines.get(fired.line).map_or(String::new(), |l| l.reason.clone());
        let words = fired.because.clone().unwrap_or_else(|| super::of_line(model, fired.line).unwrap_or(line));
        let words =
            if fired.branch == Branch::IfNot && fired.because.is_none() { format!("not: {words}") } else { words };
        let phrase = match fired.kind {
            FiredKind::Points | FiredKind::Fading | FiredKind::Bounds => {
                let Some(points) = fired.points else { continue };
                Phrase::new().and(format!("{} {words}", to_signed_text(points)))
            }
            FiredKind::Reset => Phrase::new().and(capital(&words)),
            FiredKind::Stage => Phrase::new().and(format!("{} because: {words}", stage_name(model, outcome.stage))),
            FiredKind::Disqualify | FiredKind::Exclude => {
                Phrase::new().and(format!("{} because: {words}", stage_name(model, outcome.stage)))
            }
        };
        out.push(phrase);
    }
    let is_on_ladder = matches!(outcome.stage, Stage::Rank(rank) if rank > 0);
    if is_on_ladder && !outcome.fired.iter().any(|f| f.kind == FiredKind::Stage) {
        out.push(
            format!("{} because the lead stands there today, and does not fall", stage_name(model, outcome.stage))
                .into(),
        );
    }
    out
}

/// The field of a column, as people say it.
fn field(model: &Model, key: &str) -> String {
    let field = model.fields.iter().find(|f| f.keys.iter().any(|k| k == key));
    name(field.map_or(key, |f| &f.name))
}

fn cell_words(cell: &Raw) -> String {
    match cell {
        Raw::Missing => "not known".to_owned(),
        Raw::Flag(yes) => (if *yes { "yes" } else { "no" }).to_owned(),
        Raw::Number(text) => text.parse().map_or_else(|_| text.to_string(), say::amount),
        cell => cell.as_text().into_owned(),
    }
}

/// What was done, each with all its days.
fn deeds(activity: &[TestActivity]) -> Vec<String> {
    let mut found: Vec<(String, Vec<(String, usize)>)> = Vec::new();
    for did in activity {
        let target = did.target.as_ref().map_or(String::new(), |t| format!(" {t}"));
        let properties: Vec<String> =
            did.properties.iter().map(|p| format!("{} {}", name(&p.key), cell_words(&p.value))).collect();
        let with = if properties.is_empty() { String::new() } else { format!(" ({})", properties.join(", ")) };
        let what = format!("{}{target}{with}", name(&did.kind));
        let when = match did.when {
            Moment::Ago(None) => "today".to_owned(),
            Moment::Ago(Some(period)) => format!("{} ago", say::period(period)),
            Moment::On(date) => format!("on {date}"),
        };
        match found.iter_mut().find(|(w, _)| *w == what) {
            Some((_, days)) => days.push((when, did.times)),
            None => found.push((what, vec![(when, did.times)])),
        }
    }
    found.into_iter().map(|(what, days)| format!("{what} {}", grouped(&days))).collect()
}

/// `3 days ago (5 times)` where it is the same again and again.
fn grouped(days: &[(String, usize)]) -> String {
    let mut out: Vec<(String, usize)> = Vec::new();
    for (day, times) in days {
        match out.last_mut() {
            Some((last, count)) if last == day => *count += times,
            _ => out.push((day.clone(), *times)),
        }
    }
    let words: Vec<String> =
        out.into_iter().map(|(day, n)| if n == 1 { day } else { format!("{day} ({n} times)") }).collect();
    words.join(", ")
}
