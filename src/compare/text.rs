//! A comparison in words: for a terminal, or as Markdown for a pull request.

use std::collections::BTreeMap;

use super::{Change, Comparison, Effects, Kind, Mover, What};
use crate::messages::counted;
use crate::page::{Note, Phrase};
use crate::points::to_signed_text;

/// So many changes that moved a lead together are named.
const MOST_TOGETHER: usize = 3;
/// So many ways in which leads were moved are told one by one.
const MOST_WAYS: usize = 12;

/// What is to be said, and how.
#[derive(Debug, Clone, Copy)]
pub struct Wording<'w> {
    /// As Markdown.
    pub markdown: bool,
    /// So many leads that move are listed.
    pub most_movers: usize,
    /// The file in which all of them stand.
    pub movers_file: Option<&'w str>,
    /// As of when leads are evaluated.
    pub as_of: &'w str,
    /// Rows that could not be read.
    pub errors: u64,
}

/// The comparison as text.
#[must_use]
pub fn to_text(comparison: &Comparison<'_>, effects: Option<&Effects>, wording: Wording<'_>) -> String {
    let mut page = Note::new(wording.markdown);
    let (old, new) = (&comparison.old.name, &comparison.new.name);
    page.title(if old == new { new.clone() } else { format!("{old} → {new}") });
    changes(&mut page, comparison);
    if let Some(effects) = effects {
        leads(&mut page, comparison, effects, wording);
    }
    page.into_text()
}

fn changes(page: &mut Note, comparison: &Comparison<'_>) {
    let (of_tests, mut of_rules): (Vec<_>, Vec<_>) = comparison.changes.iter().partition(|c| c.kind == Kind::Test);
    in_place(&mut of_rules);
    if comparison.changes.is_empty() {
        page.heading("What changed");
        page.item(if comparison.old.is_same_text(comparison.new) {
            "nothing: the same text"
        } else {
            "nothing: the same rules, laid out anew"
        });
        return;
    }
    page.heading("What changed");
    let several =
        comparison.changes.iter().flat_map(|c| [&c.line_before, &c.line_after]).flatten().map(|p| p.file.as_str());
    let roots = [comparison.old.name.as_str(), comparison.new.name.as_str()];
    let has_files = several.clone().any(|f| !roots.contains(&f));
    for change in &of_rules {
        let place = |p: &Option<super::Place>| {
            p.as_ref().map(|p| {
                if has_files && !roots.contains(&p.file.as_str()) {
                    format!("{} line {}", p.file, p.line)
                } else {
                    format!("line {}", p.line)
                }
            })
        };
        let place = match (place(&change.line_before), place(&change.line_after)) {
            (_, Some(after)) => format!("  ({after})"),
            (Some(before), None) => format!("  (was {before})"),
            (None, None) => String::new(),
        };
        page.item(format!("{change}{place}"));
    }
    if !of_tests.is_empty() {
        let count = |what: What, words: &str| {
            let n = of_tests.iter().filter(|c| c.what == what).count();
            (n > 0).then(|| format!("{n} {words}"))
        };
        let told: Vec<String> = [count(What::New, "new"), count(What::Changed, "changed"), count(What::Gone, "gone")]
            .into_iter()
            .flatten()
            .collect();
        page.item(format!("tests: {}", told.join(", ")));
    }
}

/// Puts what was moved between blocks where it stands now.
fn in_place(changes: &mut Vec<&Change>) {
    let is_moved = |c: &&Change| c.what == What::Moved && c.kind != Kind::Order;
    let (moved, others): (Vec<&Change>, Vec<&Change>) = changes.iter().partition(|c| is_moved(c));
    *changes = others;
    for change in moved {
        let line = |c: &Change| c.line_after.as_ref().map(|p| (p.file.clone(), p.line));
        let own = line(change);
        let behind = |c: &&Change| {
            c.what != What::Renamed
                && line(c).is_some_and(|l| own.as_ref().is_some_and(|own| l.0 == own.0 && l.1 > own.1))
        };
        let place = changes.iter().position(behind).unwrap_or(changes.len());
        changes.insert(place, change);
    }
}

fn leads(page: &mut Note, comparison: &Comparison<'_>, effects: &Effects, wording: Wording<'_>) {
    page.heading("Leads");
    let moved = effects.movers.len() as u64;
    let (up, down) = effects.up_and_down();
    let all = counted(effects.leads, "lead", "leads");
    if moved == 0 {
        page.line(format!("None of {all} moves to another stage (as of {}).", wording.as_of));
    } else {
        let verb = if moved == 1 { "moves" } else { "move" };
        let where_to = match (up, down) {
            (_, 0) => "up".to_owned(),
            (0, _) => "down".to_owned(),
            (up, down) => format!("{up} up and {down} down"),
        };
        page.line(format!("{moved} of {all} {verb} to another stage, {where_to} (as of {}).", wording.as_of));
    }
    match effects.median_and_largest() {
        None => page.line("No score changes."),
        Some((median, largest)) => {
            let n = effects.score_moves.len() as u64;
            let words = if n == 1 {
                format!("1 score changes, by {}", to_signed_text(largest))
            } else {
                format!(
                    "{n} scores change: the median by {}, the largest by {}",
                    to_signed_text(median),
                    to_signed_text(largest)
                )
            };
            page.line(format!("{words}."));
        }
    }
    for (label, count) in effects.labels.iter().filter(|(_, n)| *n > 0) {
        page.line(format!("The label {label} changes for {}.", counted(*count, "lead", "leads")));
    }
    if effects.reviews > 0 {
        page.line(format!("What is to be looked at changes for {}.", counted(effects.reviews, "lead", "leads")));
    }
    if wording.errors > 0 {
        page.line(format!(
            "{} cannot be read and {} not compared.",
            counted(wording.errors, "row", "rows"),
            if wording.errors == 1 { "is" } else { "are" }
        ));
    }
    if moved == 0 {
        return;
    }
    page.heading("Stages before and after");
    matrix(page, effects);
    page.heading("Which change moved them");
    by_change(page, comparison, effects);
    page.heading(if effects.movers.len() > wording.most_movers { "The first who move" } else { "Who moves" });
    movers(page, comparison, effects, wording);
}

fn matrix(page: &mut Note, effects: &Effects) {
    let used = |at: &usize| effects.matrix.keys().any(|(a, b)| a == at || b == at);
    let stages: Vec<usize> = (0..effects.stages.len()).filter(used).collect();
    let name = |at: usize| effects.stages.get(at).cloned().unwrap_or_default();
    let mut rows =
        vec![std::iter::once("from ↓ to →".to_owned()).chain(stages.iter().map(|&s| name(s))).collect::<Vec<_>>()];
    for &a in &stages {
        let cells = stages.iter().map(|&b| effects.matrix.get(&(a, b)).map_or("·".to_owned(), ToString::to_string));
        rows.push(std::iter::once(name(a)).chain(cells).collect());
    }
    page.table(&rows);
}

/// How many leads each change moved, and from where to where.
fn by_change(page: &mut Note, comparison: &Comparison<'_>, effects: &Effects) {
    let mut groups: BTreeMap<&[usize], Vec<&Mover>> = BTreeMap::new();
    for mover in &effects.movers {
        groups.entry(&mover.moved_by).or_default().push(mover);
    }
    let mut groups: Vec<(&[usize], Vec<&Mover>)> = groups.into_iter().collect();
    groups.sort_by_key(|(changes, movers)| (std::cmp::Reverse(movers.len()), changes.len()));
    for (changes, movers) in groups.iter().take(MOST_WAYS) {
        let mut pairs: BTreeMap<(&str, &str), u64> = BTreeMap::new();
        for mover in movers {
            *pairs.entry((&mover.before.stage, &mover.after.stage)).or_default() += 1;
        }
        let mut pairs: Vec<_> = pairs.into_iter().collect();
        pairs.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
        let is_one = pairs.len() == 1;
        let told: Vec<String> = pairs
            .iter()
            .map(|((a, b), n)| if is_one { format!("{a} → {b}") } else { format!("{n} {a} → {b}") })
            .collect();
        page.item(in_words(comparison, changes));
        page.sub_item(format!("{}: {}", counted(movers.len() as u64, "lead", "leads"), told.join(", ")));
    }
    if groups.len() > MOST_WAYS {
        let others: usize = groups.iter().skip(MOST_WAYS).map(|(_, movers)| movers.len()).sum();
        page.item(format!("and {} more in other ways", counted(others as u64, "lead", "leads")));
    }
}

/// Several changes in a line.
fn in_words(comparison: &Comparison<'_>, changes: &[usize]) -> String {
    let mut words: Vec<String> =
        changes.iter().filter_map(|&c| comparison.changes.get(c)).map(ToString::to_string).collect();
    let more = words.len().saturating_sub(MOST_TOGETHER);
    words.truncate(MOST_TOGETHER);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{more}", words.join(", together with "))
}

fn movers(page: &mut Note, comparison: &Comparison<'_>, effects: &Effects, wording: Wording<'_>) {
    let most = wording.most_movers;
    let names = |changes: &[usize]| {
        let names: Vec<String> =
            changes.iter().filter_map(|&c| comparison.changes.get(c)).take(MOST_TOGETHER).map(Change::name).collect();
        let more = changes.len().saturating_sub(MOST_TOGETHER);
        names.join(" + ") + &if more > 0 { format!(" + {more} more") } else { String::new() }
    };
    let score = |s: Option<i128>| s.map_or("not scored".to_owned(), crate::points::to_text);
    let mut rows = vec![["lead", "stage", "score", "moved by"].map(str::to_owned).to_vec()];
    for mover in effects.movers.iter().take(most) {
        let scores = if mover.before.score == mover.after.score {
            score(mover.after.score)
        } else {
            format!("{} → {}", score(mover.before.score), score(mover.after.score))
        };
        rows.push(vec![
            mover.id.clone(),
            format!("{} → {}", mover.before.stage, mover.after.stage),
            scores,
            names(&mover.moved_by),
        ]);
    }
    page.table(&rows);
    if effects.movers.len() > most {
        let more = Phrase::new().and(format!("… and {} more; ", effects.movers.len() - most));
        page.line(match wording.movers_file {
            Some(name) => more.and(format!("all are in {name}.")),
            None => more.code("--movers FILE").and(" writes all of them."),
        });
    }
}
