//! A comparison in words: for a terminal, or as Markdown for a pull request.

use std::collections::BTreeMap;

use super::{Comparison, Effects, Kind, Mover, What};
use crate::messages::counted;
use crate::columns::Table;
use crate::points::to_signed_text;

/// What is to be said, and how.
#[derive(Debug, Clone, Copy)]
pub struct Wording<'w> {
    /// As Markdown.
    pub markdown: bool,
    /// So many leads that move are listed.
    pub most_movers: usize,
    /// As of when leads are evaluated.
    pub as_of: &'w str,
    /// Rows that could not be read.
    pub errors: u64,
}

/// The comparison as text.
#[must_use]
pub fn to_text(comparison: &Comparison<'_>, effects: Option<&Effects>, wording: Wording<'_>) -> String {
    let mut page = Page { text: String::new(), markdown: wording.markdown };
    page.title(&format!("{} → {}", comparison.old.name, comparison.new.name));
    changes(&mut page, comparison);
    if let Some(effects) = effects {
        leads(&mut page, comparison, effects, wording);
    }
    page.text
}

fn changes(page: &mut Page, comparison: &Comparison<'_>) {
    let (of_tests, of_rules): (Vec<_>, Vec<_>) = comparison.changes.iter().partition(|c| c.kind == Kind::Test);
    if comparison.changes.is_empty() {
        let same = if comparison.old.is_same_text(comparison.new) { "nothing: the same text" } else { "nothing but the layout or comments: the same rules, laid out anew" };
        page.line(&format!("What changed: {same}."));
        return;
    }
    page.heading("What changed");
    let several = comparison.changes.iter().flat_map(|c| [&c.line_before, &c.line_after]).flatten().map(|p| p.file.as_str());
    let roots = [comparison.old.name.as_str(), comparison.new.name.as_str()];
    let has_files = several.clone().any(|f| !roots.contains(&f));
    for change in &of_rules {
        let place = |p: &Option<super::Place>| p.as_ref().map(|p| if has_files && !roots.contains(&p.file.as_str()) { format!("{} line {}", p.file, p.line) } else { format!("line {}", p.line) });
        let place = match (place(&change.line_before), place(&change.line_after)) {
            (_, Some(after)) => format!("  ({after})"),
            (Some(before), None) => format!("  (was {before})"),
            (None, None) => String::new(),
        };
        page.item(&format!("{}{place}", page.plain(&change.to_string())));
    }
    if !of_tests.is_empty() {
        let count = |what: What, words: &str| {
            let n = of_tests.iter().filter(|c| c.what == what).count();
            (n > 0).then(|| format!("{n} {words}"))
        };
        let told: Vec<String> = [count(What::New, "new"), count(What::Changed, "changed"), count(What::Gone, "gone")].into_iter().flatten().collect();
        page.item(&format!("tests: {}", told.join(", ")));
    }
}

fn leads(page: &mut Page, comparison: &Comparison<'_>, effects: &Effects, wording: Wording<'_>) {
    page.heading("Leads");
    let moved = effects.movers.len() as u64;
    let (up, down) = effects.up_and_down();
    let all = counted(effects.leads, "lead", "leads");
    if moved == 0 {
        page.line(&format!("None of {all} moves to another stage (as of {}).", wording.as_of));
    } else {
        let verb = if moved == 1 { "moves" } else { "move" };
        let where_to = match (up, down) {
            (_, 0) => "up".to_owned(),
            (0, _) => "down".to_owned(),
            (up, down) => format!("{up} up and {down} down"),
        };
        page.line(&format!("{moved} of {all} {verb} to another stage, {where_to} (as of {}).", wording.as_of));
    }
    match effects.median_and_largest() {
        None => page.line("No score changes."),
        Some((median, largest)) => {
            let n = effects.score_moves.len() as u64;
            let words = if n == 1 { format!("1 score changes, by {}", to_signed_text(largest)) } else { format!("{n} scores change: the median by {}, the largest by {}", to_signed_text(median), to_signed_text(largest)) };
            page.line(&format!("{words}."));
        }
    }
    for (label, count) in effects.labels.iter().filter(|(_, n)| *n > 0) {
        page.line(&format!("The label {label} changes for {}.", counted(*count, "lead", "leads")));
    }
    if effects.reviews > 0 {
        page.line(&format!("What is to be looked at changes for {}.", counted(effects.reviews, "lead", "leads")));
    }
    if wording.errors > 0 {
        page.line(&format!("{} cannot be read and {} not counted.", counted(wording.errors, "row", "rows"), if wording.errors == 1 { "is" } else { "are" }));
    }
    if moved == 0 {
        return;
    }
    page.heading("Stages before and after");
    matrix(page, effects);
    page.heading("Which change moved them");
    by_change(page, comparison, effects);
    page.heading(if effects.movers.len() > wording.most_movers { "The first who move" } else { "Who moves" });
    movers(page, comparison, effects, wording.most_movers);
}

fn matrix(page: &mut Page, effects: &Effects) {
    let used = |at: &usize| effects.matrix.keys().any(|(a, b)| a == at || b == at);
    let stages: Vec<usize> = (0..effects.stages.len()).filter(used).collect();
    let name = |at: usize| effects.stages.get(at).cloned().unwrap_or_default();
    let mut rows = vec![std::iter::once("from ↓ to →".to_owned()).chain(stages.iter().map(|&s| name(s))).collect::<Vec<_>>()];
    for &a in &stages {
        let cells = stages.iter().map(|&b| effects.matrix.get(&(a, b)).map_or("·".to_owned(), ToString::to_string));
        rows.push(std::iter::once(name(a)).chain(cells).collect());
    }
    page.table(&rows);
}

/// How many leads each change moved, and from where to where.
fn by_change(page: &mut Page, comparison: &Comparison<'_>, effects: &Effects) {
    let mut groups: BTreeMap<&[usize], Vec<&Mover>> = BTreeMap::new();
    for mover in &effects.movers {
        groups.entry(&mover.moved_by).or_default().push(mover);
    }
    let mut groups: Vec<(&[usize], Vec<&Mover>)> = groups.into_iter().collect();
    groups.sort_by_key(|(changes, movers)| (std::cmp::Reverse(movers.len()), changes.len()));
    for (changes, movers) in groups {
        let mut pairs: BTreeMap<(&str, &str), u64> = BTreeMap::new();
        for mover in &movers {
            *pairs.entry((&mover.before.stage, &mover.after.stage)).or_default() += 1;
        }
        let mut pairs: Vec<_> = pairs.into_iter().collect();
        pairs.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
        let told: Vec<String> = pairs.iter().map(|((a, b), n)| format!("{n} {a} → {b}")).collect();
        let words = page.plain(&in_words(comparison, changes));
        page.item(&words);
        page.sub_item(&format!("{}: {}", counted(movers.len() as u64, "lead", "leads"), told.join(", ")));
    }
}

/// Several changes in a line.
#[must_use]
pub fn in_words(comparison: &Comparison<'_>, changes: &[usize]) -> String {
    let words: Vec<String> = changes.iter().filter_map(|&c| comparison.changes.get(c)).map(ToString::to_string).collect();
    words.join(" + ")
}

fn movers(page: &mut Page, comparison: &Comparison<'_>, effects: &Effects, most: usize) {
    let score = |s: Option<i128>| s.map_or("not scored".to_owned(), crate::points::to_text);
    let mut rows = vec![["lead", "stage", "score", "moved by"].map(str::to_owned).to_vec()];
    for mover in effects.movers.iter().take(most) {
        let scores = if mover.before.score == mover.after.score { score(mover.after.score) } else { format!("{} → {}", score(mover.before.score), score(mover.after.score)) };
        rows.push(vec![mover.id.clone(), format!("{} → {}", mover.before.stage, mover.after.stage), scores, in_words(comparison, &mover.moved_by)]);
    }
    page.table(&rows);
    if effects.movers.len() > most {
        page.line(&format!("… and {} more; `--movers FILE` writes all of them.", effects.movers.len() - most));
    }
}

struct Page {
    text: String,
    markdown: bool,
}

impl Page {
    fn title(&mut self, text: &str) {
        let text = if self.markdown { format!("## {}\n\n", self.plain(text)) } else { format!("{text}\n") };
        self.text.push_str(&text);
    }

    fn heading(&mut self, text: &str) {
        let text = if self.markdown { format!("\n### {text}\n\n") } else { format!("\n{text}\n") };
        self.text.push_str(text.trim_start_matches(if self.text.ends_with("\n\n") { "\n" } else { "" }));
    }

    fn line(&mut self, text: &str) {
        let text = if self.markdown { format!("{text}  \n") } else { format!("  {text}\n") };
        self.text.push_str(&text);
    }

    fn item(&mut self, text: &str) {
        let sign = if self.markdown { "- " } else { "  " };
        self.text.push_str(&format!("{sign}{text}\n"));
    }

    fn sub_item(&mut self, text: &str) {
        let sign = if self.markdown { "  - " } else { "    " };
        self.text.push_str(&format!("{sign}{text}\n"));
    }

    /// Rows, the first of which are the names of the columns.
    fn table(&mut self, rows: &[Vec<String>]) {
        let Some((header, rest)) = rows.split_first() else { return };
        if self.markdown {
            let line = |cells: &[String]| format!("| {} |\n", cells.iter().map(|c| self.plain(c)).collect::<Vec<_>>().join(" | "));
            let rule = format!("|{}\n", " --- |".repeat(header.len()));
            let lines: String = std::iter::once(line(header)).chain([rule]).chain(rest.iter().map(|r| line(r))).collect();
            self.text.push_str(&lines);
            self.text.push('\n');
            return;
        }
        let mut table = Table::new(Vec::new(), None);
        table.header(header.clone());
        let written = rest.iter().try_for_each(|row| table.row(row.clone())).and_then(|()| table.finish());
        // Nothing that is written to memory fails.
        for line in String::from_utf8_lossy(&written.unwrap_or_default()).lines() {
            self.text.push_str(format!("  {line}").trim_end());
            self.text.push('\n');
        }
    }

    /// A text in which nothing is taken for a mark.
    fn plain(&self, text: &str) -> String {
        if !self.markdown {
            return text.to_owned();
        }
        let mut out = String::with_capacity(text.len());
        for c in text.chars() {
            if matches!(c, '*' | '_' | '<' | '|' | '`' | '[' | '\\') {
                out.push('\\');
            }
            out.push(c);
        }
        out
    }
}
