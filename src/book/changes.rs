//! What has changed since an older model.

use crate::model::Model;

/// What is told of the way from an older model to this one, a sentence each. What the two say about themselves, and whether the
/// rules are the same; a list of the rules that changed belongs here.
#[must_use]
pub fn changes_since(old: &Model, new: &Model) -> Vec<String> {
    if old.hash == new.hash {
        return vec!["Nothing: the rules are the same, to the letter.".to_owned()];
    }
    let said = |text: &Option<String>| text.clone().unwrap_or_else(|| "nothing".to_owned());
    let day = |date: Option<crate::time::Date>| date.map(|d| d.to_string());
    let (before, now) = (&old.info, &new.info);
    let all = [
        ("name", before.name.clone(), now.name.clone()),
        ("version", before.version.clone(), now.version.clone()),
        ("owner", before.owner.clone(), now.owner.clone()),
        ("date of the next review", day(before.revisit_by), day(now.revisit_by)),
    ];
    let mut out: Vec<String> =
        all.into_iter().filter(|(_, a, b)| a != b).map(|(what, a, b)| format!("The {what} was {} and is {}.", said(&a), said(&b))).collect();
    let counts = [
        ("stage", old.ladder.stages.len(), new.ladder.stages.len()),
        ("score", old.groups.len(), new.groups.len()),
        ("example", old.tests.len(), new.tests.len()),
    ];
    for (what, before, now) in counts.into_iter().filter(|(_, a, b)| a != b) {
        out.push(format!("There were {}, and there are {now}.", crate::page::counted(before as u64, what)));
    }
    out.push("The text of the rules has changed.".to_owned());
    out
}
