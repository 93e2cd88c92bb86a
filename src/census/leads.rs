//! What stands in the cells of leads, field by field, beside what a model asks of them.

use std::collections::HashSet;

use super::asked::{Comparison, comparisons, fields_asked_for_blanks};
use super::blanks::stakes;
use super::counts::Counts;
use super::near::{Nearness, near};
use crate::bind::{Binding, is_missing};
use crate::data::{Tally, shown};
use crate::diagnostic::Diagnostic;
use crate::lead::Lead;
use crate::messages::against_data as say;
use crate::model::{Field, Model, Needle};
use crate::number::{NumberStyle, read_cell};
use crate::operators::TextTest;
use crate::source::Span;
use crate::text::{matches_wildcard, trim, words};
use crate::value::{Raw, Text, Type, Value};

/// More messages of one kind than this are left out: those of the first fields matter most.
const MOST_TOLD: usize = 12;

/// So many values are shown.
const MOST_SHOWN: usize = 8;

/// A field that rules compare is told by a run where it has so many values, whether or not they look like those that are sought.
const ENOUGH: u64 = 20;

/// What has been seen in the cells of leads.
pub struct LeadCensus<'m> {
    model: &'m Model,
    /// By field.
    fields: Vec<OfField>,
    comparisons: Vec<Comparison>,
    rows: u64,
    /// By column, how often it was blank.
    blank_columns: Vec<u64>,
}

#[derive(Debug, Default)]
struct OfField {
    columns: Vec<usize>,
    /// Whether a rule compares it with texts.
    is_compared: bool,
    counts: Counts,
    known: u64,
    blank: u64,
    /// Whole values that have not come yet, folded.
    unseen: HashSet<String>,
    /// Texts that no value has met yet: the comparison, and which of its texts.
    unmet: Vec<(usize, usize)>,
    /// Cells that hold arrays, in a field of texts.
    arrays: Tally,
    /// Cells of lists that hold one entry with a sign in it that may part several, and how often which sign.
    unparted: Tally,
    signs: [u64; 3],
    numbers: Numbers,
}

/// What the numbers of a column look like.
#[derive(Debug, Default)]
struct Numbers {
    /// Cells such as `15.000`.
    in_groups: Tally,
    /// Whether a cell has decided what the dot means.
    is_settled: bool,
}

/// The signs that may part entries, as messages and models write them.
const SIGNS: [(char, &str); 3] = [(',', "`,`"), ('|', "`|`"), ('\n', "a line break")];

impl<'m> LeadCensus<'m> {
    /// For leads with these columns; lists of more than `most` texts are passed over.
    #[must_use]
    pub fn new(model: &'m Model, binding: &Binding<'_>, columns: usize, most: usize) -> LeadCensus<'m> {
        let mut fields: Vec<OfField> = (0..model.fields.len())
            .map(|f| OfField { columns: binding.columns_of(f).to_vec(), ..OfField::default() })
            .collect();
        let comparisons = comparisons(model, most);
        for (c, comparison) in comparisons.iter().enumerate() {
            let Some(field) = fields.get_mut(comparison.field) else { continue };
            field.is_compared = true;
            match comparison.test {
                None => field.unseen.extend(comparison.texts.iter().map(|t| t.folded.clone())),
                Some(_) => field.unmet.extend((0..comparison.texts.len()).map(|t| (c, t))),
            }
        }
        LeadCensus { model, fields, comparisons, rows: 0, blank_columns: vec![0; columns] }
    }

    /// Whether there is something to look at.
    #[must_use]
    pub fn is_wanted(&self) -> bool {
        self.fields.iter().zip(&self.model.fields).any(|(of, field)| {
            !of.columns.is_empty()
                && (of.is_compared || matches!(field.of_type, Type::Text | Type::List | Type::Number))
        })
    }

    /// A row that was read as a lead.
    pub fn lead(&mut self, line: u64, cells: &[Raw], lead: &Lead) {
        self.rows += 1;
        for (blank, cell) in self.blank_columns.iter_mut().zip(cells) {
            *blank += u64::from(*cell == Raw::Missing);
        }
        for (f, (of, field)) in self.fields.iter_mut().zip(&self.model.fields).enumerate() {
            let Some(value) = lead.values.get(f).filter(|_| !of.columns.is_empty()) else { continue };
            let cell = || of.columns.iter().filter_map(|&c| cells.get(c)).find(|cell| !is_missing(field, cell));
            match value {
                Value::Missing if lead.unreadable.iter().any(|(u, _)| *u == f) => {
                    if field.of_type == Type::Number {
                        let cells = of.columns.iter().filter_map(|&c| cells.get(c));
                        let is_of_comma = |c: &Raw| read_cell(&c.as_text(), NumberStyle::Comma).is_some();
                        of.numbers.is_settled |= cells.into_iter().any(is_of_comma);
                    }
                }
                Value::Missing => of.blank += 1,
                Value::Text(text) => {
                    of.known += 1;
                    if of.is_compared {
                        of.value(text, &self.comparisons);
                    }
                }
                Value::List(texts) => {
                    of.known += 1;
                    if field.of_type == Type::Text {
                        let says = cell().map_or(String::new(), |c| shown(&c.as_text()));
                        of.arrays.add(line, || says);
                    } else if let ([text], None, Some(Raw::Text(written))) = (&**texts, &field.format.separator, cell())
                        && !trim(written).starts_with('[')
                    {
                        let signs = SIGNS.map(|(sign, _)| text.written.contains(sign));
                        if signs.contains(&true) {
                            of.unparted.add(line, || shown(&text.written));
                            of.signs.iter_mut().zip(signs).for_each(|(n, is)| *n += u64::from(is));
                        }
                    }
                    if of.is_compared {
                        texts.iter().for_each(|text| of.value(text, &self.comparisons));
                    }
                }
                Value::Number(_) | Value::Range(..) if !of.numbers.is_settled && field.format.numbers.is_none() => {
                    of.known += 1;
                    if let Some(Raw::Text(written)) = cell() {
                        let written = written.clone();
                        of.numbers.look(line, &written);
                    }
                }
                _ => of.known += 1,
            }
        }
    }

    /// How many rows it has seen.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Whether a column is blank in these many of the rows, and no others.
    #[must_use]
    pub fn is_blank_in(&self, column: usize, rows: u64) -> bool {
        self.blank_columns.get(column) == Some(&rows)
    }

    /// All that there is to say, with its places in the model.
    #[must_use]
    pub fn messages(&self, file: &str) -> Vec<Diagnostic> {
        let mut out = self.shapes(file, None);
        out.extend(self.values().into_iter().take(MOST_TOLD));
        out.extend(self.blanks().into_iter().take(MOST_TOLD).map(|d| d.of_file(file)));
        out
    }

    /// The same in few words; `among` has how many rows there were, where they are the first of a file.
    #[must_use]
    pub fn in_short(&self, file: &str, among: Option<u64>) -> Vec<Diagnostic> {
        let mut out = self.shapes(file, among);
        let fields = self.model.fields.iter().zip(&self.fields).enumerate();
        let mut told = Vec::new();
        for (f, (field, of)) in fields {
            let asked: Vec<&Needle> = self.of_field(f).flat_map(|(_, c)| &c.texts).collect();
            let is_any_met = self
                .of_field(f)
                .any(|(c, of_field)| of_field.texts.is_empty() || self.unmet(c, of_field).len() < of_field.texts.len());
            if asked.is_empty() || of.counts.values().is_empty() || is_any_met {
                continue;
            }
            let nears: Vec<usize> = asked
                .iter()
                .take(MOST_SHOWN)
                .flat_map(|text| near(&text.folded, &of.counts))
                .filter(|(nearness, _)| *nearness <= Nearness::Words)
                .map(|(_, at)| at)
                .fold(Vec::new(), |mut all, at| {
                    if !all.contains(&at) {
                        all.push(at);
                    }
                    all
                });
            // Where nearly every lead has another value, as with addresses, the first of them prove nothing.
            let are_few = of.counts.values().len() as u64 * 2 <= of.known;
            let is_proved = of.known >= ENOUGH && are_few || !nears.is_empty() && (are_few || among.is_none());
            if !is_proved {
                continue;
            }
            let texts = asked.iter().map(|text| text.written.clone()).collect();
            told.push((field.name.clone(), texts, of.counts.beginning_with(&nears, 3), of.counts.values().len() > 3));
        }
        out.extend(say::in_short(&told, file, among));
        out
    }

    /// Cells that are read otherwise than they seem meant.
    fn shapes(&self, file: &str, among: Option<u64>) -> Vec<Diagnostic> {
        let mut out = Vec::new();
        for (f, (of, field)) in self.fields.iter().zip(&self.model.fields).enumerate() {
            if let Some(first) = &of.arrays.first {
                let equal = self.of_field(f).find(|(_, c)| c.test.is_none()).and_then(|(_, c)| c.texts.first());
                out.push(say::arrays_in_text(field, (of.arrays.count, first), equal.map(|t| &*t.written), among));
            }
            if let Some(first) = &of.unparted.first {
                let most = SIGNS.iter().zip(of.signs).max_by_key(|(_, n)| *n).map_or(',', |((sign, _), _)| *sign);
                let signs: Vec<String> = SIGNS
                    .iter()
                    .zip(of.signs)
                    .filter(|(_, n)| *n > 0)
                    .map(|((_, name), _)| (*name).to_owned())
                    .collect();
                out.push(say::unparted(field, (of.unparted.count, first), &signs, most, among));
            }
            if let (Some(first), false) = (&of.numbers.in_groups.first, of.numbers.is_settled) {
                out.push(say::dots_in_numbers(field, (of.numbers.in_groups.count, first), among));
            }
        }
        out.into_iter().take(MOST_TOLD).map(|d| d.of_file(file)).collect()
    }

    fn of_field(&self, field: usize) -> impl Iterator<Item = (usize, &Comparison)> {
        self.comparisons.iter().enumerate().filter(move |(_, c)| c.field == field)
    }

    /// Which texts of a comparison no value has met.
    fn unmet(&self, at: usize, comparison: &Comparison) -> Vec<usize> {
        let Some(of) = self.fields.get(comparison.field) else { return Vec::new() };
        let is_unmet = |t: usize, text: &Needle| match comparison.test {
            None => of.unseen.contains(&text.folded),
            Some(_) => of.unmet.contains(&(at, t)),
        };
        comparison.texts.iter().enumerate().filter(|(t, text)| is_unmet(*t, text)).map(|(t, _)| t).collect()
    }

    /// Values that rules ask for and that never come, a message for each field and way to compare.
    fn values(&self) -> Vec<Diagnostic> {
        let mut out = Vec::new();
        for (f, (of, field)) in self.fields.iter().zip(&self.model.fields).enumerate() {
            if of.counts.values().is_empty() {
                continue;
            }
            let mut tests: Vec<Option<TextTest>> = Vec::new();
            for (_, comparison) in self.of_field(f) {
                if !tests.contains(&comparison.test) {
                    tests.push(comparison.test);
                }
            }
            out.extend(tests.into_iter().filter_map(|test| self.never(f, of, field, test)));
        }
        out
    }

    fn never(&self, f: usize, of: &OfField, field: &Field, test: Option<TextTest>) -> Option<Diagnostic> {
        let mut sought: Vec<&Needle> = Vec::new();
        let mut places: Vec<(Span, String)> = Vec::new();
        let mut nears: Vec<usize> = Vec::new();
        let mut instead: Option<(Span, &str, &str)> = None;
        for (c, comparison) in self.of_field(f).filter(|(_, c)| c.test == test) {
            let told = self.told(of, comparison, &self.unmet(c, comparison));
            if told.is_empty() {
                continue;
            }
            let names: Vec<&str> = told.iter().map(|text| text.written.as_str()).collect();
            places.push((comparison.span, say::never_here(&names, comparison.texts.len())));
            for text in told.iter().take(MOST_SHOWN) {
                for (nearness, at) in near(&text.folded, &of.counts).into_iter().take(3) {
                    if nearness != Nearness::Part && instead.is_none() && test.is_none() {
                        let value = of.counts.values().get(at).map_or("", |v| v.written.as_str());
                        instead = Some((comparison.span, &text.written, value));
                    }
                    if !nears.contains(&at) {
                        nears.push(at);
                    }
                }
            }
            for text in told {
                if !sought.iter().any(|s| s.folded == text.folded) {
                    sought.push(text);
                }
            }
        }
        if sought.is_empty() {
            return None;
        }
        let names: Vec<&str> = sought.iter().map(|text| text.written.as_str()).collect();
        let values = of.counts.beginning_with(&nears, MOST_SHOWN);
        let are_more = of.counts.values().len() > values.len() || of.counts.is_full;
        let line = instead.and_then(|(span, from, to)| Some((self.line_with(span, from, to)?, to)));
        Some(say::values_not_there(field, test, &names, (&values, are_more), &places, line))
    }

    /// The texts of a comparison that are worth a word: one that stands alone and never comes; of a list all, where none comes, else
    /// those for which the data has something like it that the list lacks. Nobody expects all of a long list to come.
    fn told<'c>(&self, of: &OfField, comparison: &'c Comparison, unmet: &[usize]) -> Vec<&'c Needle> {
        let texts = || unmet.iter().filter_map(|&t| comparison.texts.get(t));
        if comparison.is_of_library {
            return Vec::new();
        }
        if unmet.len() == comparison.texts.len() {
            // Of a field with more values than are told apart it cannot be said that none is in a long list.
            let is_known = !(comparison.is_long() && comparison.test.is_some() && of.counts.is_full);
            return if is_known { texts().collect() } else { Vec::new() };
        }
        if comparison.is_long() || comparison.test.is_some() {
            return Vec::new();
        }
        let has = |folded: &str| comparison.texts.iter().any(|t| t.folded == folded);
        let is_missed = |text: &&Needle| {
            near(&text.folded, &of.counts).iter().any(|(nearness, at)| {
                *nearness != Nearness::Part && of.counts.values().get(*at).is_some_and(|v| !has(&v.folded))
            })
        };
        texts().filter(is_missed).collect()
    }

    /// The line of the model with another text in this place, where that can be typed.
    fn line_with(&self, span: Span, from: &str, to: &str) -> Option<String> {
        super::line_with(self.model, span, from, to)
    }

    /// Columns that are mostly blank, and what hangs on them.
    fn blanks(&self) -> Vec<Diagnostic> {
        let asked = fields_asked_for_blanks(self.model);
        let mut out = Vec::new();
        for (f, (of, field)) in self.fields.iter().zip(&self.model.fields).enumerate() {
            // Where a flag, a date or a list is blank, that says something: it did not happen, there are none.
            let may_say_no = matches!(field.of_type, Type::Flag | Type::Date | Type::List) || asked.contains(&f);
            let is_told = if may_say_no { of.blank == self.rows } else { of.blank * 2 > self.rows };
            if of.columns.is_empty() || self.rows == 0 || !is_told || asked.contains(&f) {
                continue;
            }
            let stakes = stakes(self.model, f);
            if stakes.is_empty() {
                continue;
            }
            let points = stakes.iter().filter_map(|stake| stake.points).filter(|p| *p > 0.0).sum();
            let places: Vec<(Span, Option<f64>)> = stakes.iter().map(|s| (s.span, s.points)).collect();
            out.push(say::mostly_blank(field, of.blank, self.rows, points, &places));
        }
        out
    }
}

impl OfField {
    fn value(&mut self, text: &Text, comparisons: &[Comparison]) {
        self.unseen.remove(&text.folded);
        if !self.counts.add(text) || self.unmet.is_empty() {
            return;
        }
        let is_full = self.counts.is_full;
        let its_words = words(&text.folded);
        let mut met = HashSet::new();
        self.unmet.retain(|&(c, t)| {
            let Some((comparison, needle)) =
                comparisons.get(c).and_then(|comparison| Some((comparison, comparison.texts.get(t)?)))
            else {
                return false;
            };
            if comparison.is_long() && (is_full || met.contains(&c)) {
                return !met.contains(&c);
            }
            let is_met = match comparison.test {
                None => true,
                Some(TextTest::Contains) => text.folded.contains(&needle.folded),
                Some(TextTest::StartsWith) => text.folded.starts_with(&needle.folded),
                Some(TextTest::EndsWith) => text.folded.ends_with(&needle.folded),
                Some(TextTest::Matches) => matches_wildcard(&needle.folded, &text.folded),
                Some(TextTest::Mentions) => its_words.contains(&needle.words),
            };
            if is_met {
                met.insert(c);
            }
            !is_met
        });
        // Of a long list it matters whether any of it comes.
        self.unmet.retain(|(c, _)| !(met.contains(c) && comparisons.get(*c).is_some_and(Comparison::is_long)));
    }
}

impl Numbers {
    /// Looks at a cell that is read as a number in the usual way.
    fn look(&mut self, line: u64, cell: &str) {
        let cell = trim(cell);
        if !cell.contains(['.', ',']) {
            return;
        }
        if is_in_groups(cell) { self.in_groups.add(line, || shown(cell)) } else { self.is_settled = true }
    }
}

/// Whether a number has nothing but a group of three behind a single dot: it may be fifteen, or fifteen thousand. A sign or a code
/// of money may stand around it.
fn is_in_groups(cell: &str) -> bool {
    let is_around = |c: char| !c.is_ascii_digit();
    let number = cell.trim_matches(is_around);
    let Some((before, behind)) = number.split_once('.') else { return false };
    let are_digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    matches!(before.len(), 1..=3)
        && !before.starts_with('0')
        && behind.len() == 3
        && are_digits(before)
        && are_digits(behind)
}

#[cfg(test)]
mod tests {
    use super::is_in_groups;

    #[test]
    fn numbers_that_may_be_thousands() {
        for cell in ["15.000", "1.200", "€ 12.500", "512.770 EUR", "-3.000"] {
            assert!(is_in_groups(cell), "{cell}");
        }
        for cell in ["15.00", "0.125", "1234.567", "1.5", "1,200", "15.0000", "1.200.000"] {
            assert!(!is_in_groups(cell), "{cell}");
        }
    }
}
