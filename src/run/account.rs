//! What is counted in a run: what came out, and what could not be read.

use std::collections::{BTreeMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};

use crate::bind::Binding;
use crate::data::{Leads, Tally, Values};
use crate::diagnostic::{Diagnostic, Severity};
use crate::lead::Lead;
use crate::messages::{against_data, data as say};
use crate::model::{Field, Model};
use crate::reads::reads;
use crate::stream::{Done, Key, LeadKey, id_bytes};

/// More row errors than this are counted, not shown.
const MOST_SHOWN: usize = 20;

/// The hash of a word whose bits are spread already.
#[derive(Debug, Default)]
struct Spread(u64);

impl Hasher for Spread {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|&b| self.0 = self.0.rotate_left(8) ^ u64::from(b));
    }

    fn write_u64(&mut self, word: u64) {
        self.0 = word;
    }
}

/// So many ids are remembered to find those that come twice: some 40 MB.
const MOST_IDS: usize = 3_600_000;

/// The ids of leads that have come by, as far as they are remembered.
#[derive(Debug)]
struct SeenIds {
    /// A bit for each place of activity, by part.
    with_activity: Vec<Vec<u64>>,
    ids: HashSet<u64, BuildHasherDefault<Spread>>,
    most: usize,
    /// Whether an id was not remembered.
    is_full: bool,
}

impl Default for SeenIds {
    fn default() -> SeenIds {
        SeenIds { with_activity: Vec::new(), ids: HashSet::default(), most: MOST_IDS, is_full: false }
    }
}

impl SeenIds {
    /// Whether a lead that is remembered comes again.
    fn has(&mut self, lead: LeadKey) -> bool {
        let fingerprint = match lead {
            LeadKey::Activity(part, place) => return self.has_activity(part, place as usize),
            LeadKey::Id(fingerprint) => fingerprint,
        };
        if self.ids.len() < self.most {
            return !self.ids.insert(fingerprint);
        }
        let has = self.ids.contains(&fingerprint);
        self.is_full |= !has;
        has
    }

    /// Whether a lead with this id is remembered, which has no activity.
    fn is_remembered(&self, id: &str) -> bool {
        self.ids.contains(&Key::of(&id_bytes(id.as_bytes())).fingerprint())
    }

    fn has_activity(&mut self, part: usize, place: usize) -> bool {
        if self.with_activity.len() <= part {
            self.with_activity.resize(part + 1, Vec::new());
        }
        let Some(bits) = self.with_activity.get_mut(part) else { return false };
        let (word, bit) = (place / 64, 1 << (place % 64));
        if bits.len() <= word {
            bits.resize(word.max(1 << 10).next_power_of_two() + 1, 0);
        }
        let Some(word) = bits.get_mut(word) else { return false };
        let has = *word & bit != 0;
        *word |= bit;
        has
    }
}

/// All that is counted in a run.
#[derive(Debug, Default)]
pub struct Account {
    /// Rows in.
    pub leads: u64,
    /// Leads by the stage that they got; also `error`.
    pub stages: BTreeMap<String, u64>,
    /// Cells that could not be read, by field.
    unreadable: BTreeMap<usize, Values>,
    errors: Vec<Diagnostic>,
    error_count: usize,
    ids: SeenIds,
    same_id: Tally,
    /// Rows read as leads that have no id.
    without_id: Tally,
    /// Copies of records that were left out.
    pub copies: u64,
    /// Cells that should name the stage of today, and name none.
    off_ladder: Values,
    /// Records after the as-of.
    pub later: u64,
    /// Rows that the model leaves out, of leads and of activity.
    pub left_out: u64,
    /// Whether a row held activity of its own.
    pub has_activity: bool,
}

impl Account {
    /// A row that was read as a lead.
    pub(super) fn lead(&mut self, line: u64, lead: &Lead, has_id: bool) {
        self.leads += 1;
        for (field, cell) in &lead.unreadable {
            self.unreadable.entry(*field).or_default().add(|| line, cell);
        }
        if has_id {
            self.id(line, &lead.id);
        } else {
            self.without_id.add(line, || lead.id.clone());
        }
    }

    fn id(&mut self, line: u64, id: &str) {
        if self.ids.has(LeadKey::Id(Key::of(&id_bytes(id.as_bytes())).fingerprint())) {
            self.same_id.add(line, || id.to_owned());
        }
    }

    /// What was counted of a block of rows.
    pub(super) fn block<T: Default>(&mut self, model: &Model, done: &Done<T>) {
        self.leads += done.leads;
        self.copies += done.copies;
        self.has_activity |= done.has_activity;
        let names = model.ladder.stages.iter().map(String::as_str).chain(["disqualified", "excluded"]);
        for (name, &count) in names.zip(&done.stages).filter(|(_, n)| **n > 0) {
            *self.stages.entry(name.to_owned()).or_default() += count;
        }
        if done.error_count > 0 {
            *self.stages.entry("error".to_owned()).or_default() += done.error_count as u64;
            self.leads += done.error_count as u64;
            self.error_count += done.error_count;
            let room = MOST_SHOWN.saturating_sub(self.errors.len());
            self.errors.extend(done.errors.iter().take(room).cloned());
        }
        for (field, tally) in &done.unreadable {
            self.unreadable.entry(*field).or_default().merge(tally);
        }
        self.off_ladder.merge(&done.off_ladder);
        self.later += done.later;
        self.without_id.merge(&done.without_id);
        done.each_id(|lead, place| {
            if self.ids.has(lead) {
                let (line, id) = if self.same_id.first.is_none() { place() } else { (0, String::new()) };
                self.same_id.add(line, || id);
            }
        });
    }

    /// A row that could not be read.
    pub(super) fn row_error(&mut self, error: Diagnostic) {
        self.leads += 1;
        self.error_count += 1;
        if self.errors.len() < MOST_SHOWN {
            self.errors.push(error);
        }
    }

    /// Whether a row could be read.
    #[must_use]
    pub fn has_leads(&self) -> bool {
        self.leads > self.error_count as u64
    }

    /// Whether a row could not be read.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.error_count > 0
    }

    /// How many rows were read as leads that have no id.
    pub(super) fn rows_without_id(&self) -> u64 {
        self.without_id.count
    }

    /// Whether a lead without activity had this id.
    pub(super) fn has_lead(&self, id: &str) -> bool {
        self.ids.is_remembered(id)
    }

    /// All that there is to say about the rows.
    pub(super) fn messages(&self, model: &Model, leads: &Leads) -> Vec<Diagnostic> {
        let mut out = self.errors.clone();
        if self.error_count > self.errors.len() {
            out.push(say::more_row_errors((self.error_count - self.errors.len()) as u64, leads.name()));
        }
        out.extend(leads.without_id(&self.without_id));
        for (&field, values) in &self.unreadable {
            if let (Some(field), Some(first)) = (model.fields.get(field), &values.tally.first) {
                out.push(say::unreadable_cells(field, values, first).of_file(leads.name()));
            }
        }
        if let (Some(field), Some(first)) =
            (model.ladder.from.and_then(|f| model.fields.get(f.0)), &self.off_ladder.tally.first)
        {
            out.push(say::off_ladder(field, &self.off_ladder, first).of_file(leads.name()));
        }
        if let Some(first) = &self.same_id.first {
            let looked_at = self.ids.is_full.then_some(self.ids.most);
            out.push(say::same_id(self.same_id.count, first, looked_at).of_file(leads.name()));
        }
        if self.copies > 0 {
            out.push(say::copies(self.copies));
        }
        out
    }
}

/// The fields that no column gives, each with the nearest column.
pub fn without_column<'m>(binding: &Binding<'m>, leads: &Leads) -> Vec<(&'m Field, Option<String>)> {
    // Names are compared without signs and spaces: `Jobtitle` is near to `Job Title`.
    let bare = |name: &str| crate::text::name_key(name).replace(['_', '.'], "");
    let fed = binding.fed();
    let free = leads.columns().names.iter().enumerate().filter(|(i, _)| !fed.contains(i));
    let mut columns: BTreeMap<String, &str> = BTreeMap::new();
    let mut in_order = Vec::new();
    for (_, name) in free {
        let key = bare(name);
        in_order.push(key.clone());
        columns.entry(key).or_insert(name);
    }
    let near = |field: &Field| {
        field.keys.iter().map(|key| bare(key)).find_map(|key| {
            columns
                .get(&key)
                .or_else(|| columns.get(crate::suggest::nearest(&key, in_order.iter().map(String::as_str))?))
                .map(|name| (*name).to_owned())
        })
    };
    binding.unfed().map(|field| (field, near(field))).collect()
}

/// What there is to say of all fields that no column gives.
pub fn columns_not_there(binding: &Binding<'_>, leads: &Leads) -> Option<Diagnostic> {
    say::no_columns(&without_column(binding, leads), leads.name())
}

/// What there is to say of another sheet that has most of the columns which this one lacks.
pub fn other_sheet(binding: &Binding<'_>, leads: &Leads) -> Option<Diagnostic> {
    let unfed: Vec<&Field> = binding.unfed().collect();
    let found = |names: &'_ [String]| -> Vec<String> {
        let keys: Vec<String> = names.iter().map(|name| crate::text::name_key(name)).collect();
        let is_there = |field: &&&Field| field.keys.iter().any(|key| keys.contains(key));
        unfed.iter().filter(is_there).map(|field| field.name.clone()).collect()
    };
    let sheets = leads.other_sheets().iter().map(|(sheet, names)| (sheet, found(names)));
    let (sheet, columns) = sheets.rev().max_by_key(|(_, columns)| columns.len())?;
    (!columns.is_empty() && columns.len() * 2 >= unfed.len())
        .then(|| against_data::other_sheet(leads.name(), sheet, &columns))
}

/// What there is to say of a title that stands where the header is looked for. It is an error where the model would read
/// nothing of such a file.
pub fn title_above(binding: &Binding<'_>, leads: &Leads) -> Option<Diagnostic> {
    let told = say::title_above(leads.name(), leads.header_seems()?);
    Some(if binding.fed().is_empty() { Diagnostic { severity: Severity::Error, ..told } } else { told })
}

/// What there is to say where leads came by, and none could have had activity: whether the model reads any.
pub(super) fn none_given(model: &Model, is_missed: bool) -> Option<Diagnostic> {
    is_missed.then(|| reads(model).activity.first().map(|a| say::no_activity(&a.name))).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_remembered_up_to_a_limit() {
        let mut seen = SeenIds { most: 2, ..SeenIds::default() };
        assert_eq!([1, 2, 1].map(|id| seen.has(LeadKey::Id(id))), [false, false, true]);
        assert!(!seen.is_full);
        assert_eq!([3, 3, 2].map(|id| seen.has(LeadKey::Id(id))), [false, false, true]);
        assert!(seen.is_full);
    }
}
