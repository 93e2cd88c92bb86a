//! The edits of messages do what their help says: whoever makes one is rid of its message, and has no new one.

use std::collections::{BTreeMap, BTreeSet};

use merit::check::{Checked, check};
use merit::diagnostic::{Code, Diagnostic};
use merit::source::Source;

use super::{diagnostics, slips};

fn checked(text: &str) -> Checked {
    check(Source::new("m.merit", text), &diagnostics::Folder)
}

/// All texts with something wrong in them.
fn texts() -> BTreeMap<String, String> {
    let programs = diagnostics::programs().into_iter().filter(|(_, bytes)| bytes.len() < 5_000);
    let programs = programs.filter_map(|(name, bytes)| Some((name, String::from_utf8(bytes).ok()?)));
    let typed = slips::ROWS.iter().flat_map(|(_, cases)| cases.iter()).map(|(typed, _)| {
        let text = format!("{}{typed}{}", slips::BEFORE, slips::AFTER);
        ((*typed).to_owned(), text)
    });
    programs.chain(typed).collect()
}

fn count(checked: &Checked) -> BTreeMap<(Code, &str), usize> {
    let mut counts = BTreeMap::new();
    checked.diagnostics.iter().for_each(|d| *counts.entry((d.code, &*d.message)).or_default() += 1);
    counts
}

/// What is wrong with an edit.
fn trouble(text: &str, before: &Checked, problem: &Diagnostic) -> Option<String> {
    let edit = problem.edit.as_ref()?;
    if edit.span.file != merit::source::FileId(0) {
        return None;
    }
    let mut after = text.to_owned();
    after.replace_range(edit.span.range(), &edit.text);
    let now = checked(&after);
    let (old, new) = (count(before), count(&now));
    let is_gone = new.get(&(problem.code, &*problem.message)) < old.get(&(problem.code, &*problem.message));
    let errors = |of: &Checked| of.diagnostics.iter().filter(|d| d.is_error()).count();
    // What stood behind it may now be looked at for the first time.
    let is_better = errors(&now) < errors(before) || !problem.is_error();
    let line = after.get(edit.span.start as usize..).and_then(|t| t.lines().next()).unwrap_or("");
    let said: Vec<&str> = now.diagnostics.iter().map(|d| &*d.message).collect();
    (!is_gone || !is_better).then(|| format!("{}: {:?}\n    gives `{line}`, then {said:?}", problem.message, edit.text))
}

#[test]
fn edits_take_their_message_away() {
    let mut troubles = Vec::new();
    let mut codes = BTreeSet::new();
    let mut edits = 0;
    for (name, text) in texts() {
        let before = checked(&text);
        for problem in before.diagnostics.iter().filter(|d| d.edit.is_some()) {
            edits += 1;
            codes.insert(problem.code);
            troubles.extend(trouble(&text, &before, problem).map(|trouble| format!("{name}: {trouble}")));
        }
    }
    assert!(troubles.is_empty(), "{} of {edits} edits:\n{}", troubles.len(), troubles.join("\n"));
    assert!(edits >= 120 && codes.len() >= 20, "only {edits} edits of {} codes", codes.len());
}
