//! The records of one lead: which meet a query, which lie in a window, how they count.

use std::collections::{BTreeMap, HashSet};
use std::rc::Rc;

use super::values::Evaluator;
use crate::lead;
use crate::model::{Activity, ActivityTypeId, Count, Query, QueryId, Window};
use crate::operators::CountKind;
use crate::time::{Instant, Period, Zone};
use crate::value::Value;

/// The records that meet a query: by instant and then by place in the file, and those without an instant.
#[derive(Debug, Default, Clone, PartialEq)]
pub(super) struct Matches {
    pub dated: Vec<(Instant, usize)>,
    pub undated: Vec<usize>,
}

/// The records of a query that lie in a window.
#[derive(Debug, Clone)]
pub(super) struct Selected {
    matches: Rc<Matches>,
    from: usize,
    to: usize,
    /// Records without an instant count where no window is asked for.
    takes_undated: bool,
}

impl Selected {
    pub fn dated(&self) -> &[(Instant, usize)] {
        self.matches.dated.get(self.from..self.to).unwrap_or(&[])
    }

    pub fn undated(&self) -> &[usize] {
        if self.takes_undated { &self.matches.undated } else { &[] }
    }

    pub fn len(&self) -> usize {
        self.dated().len() + self.undated().len()
    }

    pub fn newest(&self) -> Option<(Instant, usize)> {
        self.dated().last().copied()
    }
}

/// All records of a lead that have happened by as-of, sorted once, by type.
pub(super) struct Records {
    /// By instant and then by place in the file.
    dated: Vec<(Instant, usize)>,
    undated: Vec<usize>,
    /// The types of each record, and by which of their sources.
    types: Vec<Vec<(ActivityTypeId, Option<usize>)>>,
}

impl Records {
    /// No records at all.
    pub fn none() -> Records {
        Records { dated: Vec::new(), undated: Vec::new(), types: Vec::new() }
    }
}

impl Evaluator<'_> {
    pub(super) fn sort_records(&self) -> Records {
        let mut records =
            Records { dated: Vec::new(), undated: Vec::new(), types: Vec::with_capacity(self.lead.activity.len()) };
        for (i, record) in self.lead.activity.iter().enumerate() {
            match record.at.instant() {
                Some(at) if at > self.interpreter.as_of => {}
                Some(at) => records.dated.push((at, i)),
                None => records.undated.push(i),
            }
            records.types.push(self.types_of(record));
        }
        records.dated.sort_unstable();
        records
    }

    fn types_of(&self, record: &lead::Activity) -> Vec<(ActivityTypeId, Option<usize>)> {
        let Some(types) = self.interpreter.kinds.get(record.kind.folded.as_str()) else { return Vec::new() };
        let belongs = |&&(kind, source): &&(ActivityTypeId, Option<usize>)| {
            let filter = source.and_then(|s| self.model.activity_types.get(kind.0)?.from.get(s)?.filter.as_ref());
            filter.is_none_or(|filter| self.with_record(record).truth(filter) == Some(true))
        };
        types.iter().filter(belongs).copied().collect()
    }

    /// The records that meet a query, as far as this view sees them.
    pub(super) fn matches(&self, id: QueryId) -> Rc<Matches> {
        self.view.queries.get(id.0, || {
            Rc::new(match (self.model.queries.get(id.0), self.view.blind_until) {
                (None, _) => Matches::default(),
                (Some(query), None) => self.find_matches(query),
                (Some(_), Some(until)) => {
                    let all = self.with_view(self.full_view).matches(id);
                    let from = all.dated.partition_point(|&(at, _)| at <= until);
                    Matches { dated: all.dated.iter().skip(from).copied().collect(), undated: Vec::new() }
                }
            })
        })
    }

    fn find_matches(&self, query: &Query) -> Matches {
        let meets = |&i: &usize| self.meets(query, i);
        Matches {
            dated: self.records.dated.iter().filter(|(_, i)| meets(i)).copied().collect(),
            undated: self.records.undated.iter().copied().filter(|i| meets(i)).collect(),
        }
    }

    pub(super) fn meets(&self, query: &Query, i: usize) -> bool {
        let (Some(record), Some(types)) = (self.lead.activity.get(i), self.records.types.get(i)) else { return false };
        let source = match query.kind {
            Some(kind) => match types.iter().find(|(t, _)| *t == kind) {
                Some(found) => Some(*found),
                None => return false,
            },
            None => {
                let is_engagement =
                    |(t, _): &(ActivityTypeId, _)| self.model.activity_types.get(t.0).is_none_or(|t| t.is_engagement);
                if !types.iter().all(is_engagement) {
                    return false;
                }
                self.declared(types)
            }
        };
        if !query.targets.is_empty() {
            let Some(target) = self.target(record, source) else { return false };
            if !query.targets.iter().any(|p| p.matches(&target)) {
                return false;
            }
        }
        query.filter.as_ref().is_none_or(|filter| self.with_record(record).truth(filter) == Some(true))
    }

    /// The type by which `activity()` sees the target of a record: the first that says which property holds it.
    fn declared(&self, types: &[(ActivityTypeId, Option<usize>)]) -> Option<(ActivityTypeId, Option<usize>)> {
        types.iter().find(|source| self.target_property(**source).is_some()).or(types.first()).copied()
    }

    /// The key of the property in which a type has its targets.
    fn target_property(&self, (kind, source): (ActivityTypeId, Option<usize>)) -> Option<&str> {
        self.model.activity_types.get(kind.0)?.target_key(source)
    }

    /// The target of a record as a type sees it, folded: the property that the type names where the record has it.
    fn target(&self, record: &lead::Activity, source: Option<(ActivityTypeId, Option<usize>)>) -> Option<String> {
        let property = source
            .and_then(|s| self.target_property(s))
            .and_then(|key| record.properties().iter().find(|(k, _)| &**k == key));
        match property {
            Some((_, raw)) => Some(crate::text::fold(&raw.as_text()).into_owned()),
            None => record.target.as_ref().map(|t| t.folded.clone()),
        }
    }

    /// The target of a record for counting different ones.
    fn counted_target(&self, query: QueryId, i: usize) -> Option<String> {
        let record = self.lead.activity.get(i)?;
        let kind = self.model.queries.get(query.0)?.kind;
        let types = self.records.types.get(i)?;
        let source = match kind {
            Some(kind) => types.iter().find(|(t, _)| *t == kind).copied(),
            None => self.declared(types),
        };
        self.target(record, source).filter(|t| !t.is_empty())
    }

    /// The records of an activity in its window; `None` where a date of the window is not known.
    pub(super) fn select(&self, activity: &Activity) -> Option<Selected> {
        let matches = self.matches(activity.query);
        let Some(window) = activity.window.as_deref() else {
            let to = matches.dated.len();
            return Some(Selected { matches, from: 0, to, takes_undated: true });
        };
        let (low, high) = self.window(window)?;
        let from = matches.dated.partition_point(|&(at, _)| at < low);
        let to = matches.dated.partition_point(|&(at, _)| at <= high).max(from);
        Some(Selected { matches, from, to, takes_undated: false })
    }

    /// No records, where there is none at all: whatever the dates of the window are, there is nothing to count.
    pub(super) fn no_record(&self, activity: &Activity) -> Option<Selected> {
        let matches = self.matches(activity.query);
        let is_empty = matches.dated.is_empty() && matches.undated.is_empty();
        is_empty.then_some(Selected { matches, from: 0, to: 0, takes_undated: false })
    }

    /// The first and the last instant of a window.
    pub(super) fn window(&self, window: &Window) -> Option<(Instant, Instant)> {
        let date = |e| match self.value(e) {
            Value::Date(date) => Some(date),
            _ => None,
        };
        let as_of = self.interpreter.as_of;
        Some(match window {
            Window::InLast(period) => (as_of.plus_days(*period, -1, &self.model.zone), as_of),
            Window::Since(e) => (date(e)?.first(), Instant::LATEST),
            Window::Before(e) => (Instant::EARLIEST, Instant(date(e)?.first().0.saturating_sub(1))),
            Window::After(e) => (Instant(date(e)?.last().0.saturating_add(1)), Instant::LATEST),
            Window::Between(a, b) => {
                // Both are asked, so that both can be named as missing.
                let (a, b) = (date(a), date(b));
                (a?.first(), b?.last())
            }
        })
    }

    /// Whether an activity happened as often as is asked.
    pub(super) fn did(&self, activity: &Activity, count: Option<Count>) -> Option<bool> {
        let selected = self.select(activity)?;
        let (kind, wanted, found) = match count {
            None => return Some(selected.len() > 0),
            Some(Count::Times(kind, n, None)) => (kind, n, selected.len()),
            Some(Count::Times(kind, n, Some(within))) => {
                (kind, n, largest_cluster(selected.dated(), within, &self.model.zone))
            }
            Some(Count::Days(kind, n)) => {
                let mut days: Vec<i64> =
                    selected.dated().iter().map(|(at, _)| self.model.zone.day_number(*at)).collect();
                days.dedup();
                (kind, n, days.len())
            }
        };
        let found = found as u64;
        Some(match kind {
            CountKind::AtLeast => found >= wanted,
            CountKind::AtMost => found <= wanted,
            CountKind::Exactly => found == wanted,
        })
    }

    /// Whether some record of the first is followed by another of the second.
    pub(super) fn followed(&self, first: &Activity, second: &Activity, within: Option<Period>) -> Option<bool> {
        let (first, second) = (self.select(first), self.select(second));
        let (first, second) = (first?, second?);
        let seconds = second.dated();
        Some(first.dated().iter().any(|&(at, i)| {
            let from = seconds.partition_point(|&(b, _)| b < at);
            // The earliest that is not the record itself is the best.
            let next = seconds.iter().skip(from).find(|&&(_, j)| j != i);
            next.is_some_and(|&(b, _)| within.is_none_or(|d| b <= at.plus(d, 1, &self.model.zone)))
        }))
    }

    /// The newest record of each different target; no target is one of them.
    pub(super) fn newest_of_each(&self, query: QueryId, selected: &Selected) -> Selected {
        let mut newest: BTreeMap<Option<String>, Instant> = BTreeMap::new();
        let mut by_target: BTreeMap<Option<String>, (Instant, usize)> = BTreeMap::new();
        for &(at, i) in selected.dated() {
            let target = self.counted_target(query, i);
            newest.insert(target.clone(), at);
            by_target.insert(target, (at, i));
        }
        let mut seen = HashSet::new();
        let undated: Vec<usize> = selected
            .undated()
            .iter()
            .copied()
            .filter(|&i| {
                let target = self.counted_target(query, i);
                !newest.contains_key(&target) && seen.insert(target)
            })
            .collect();
        let mut dated: Vec<(Instant, usize)> = by_target.into_values().collect();
        dated.sort_unstable();
        let to = dated.len();
        Selected { matches: Rc::new(Matches { dated, undated }), from: 0, to, takes_undated: true }
    }
}

/// How many records lie within a period of each other at the most.
fn largest_cluster(dated: &[(Instant, usize)], within: Period, zone: &Zone) -> usize {
    let mut largest = 0;
    let mut end = 0;
    for (start, &(at, _)) in dated.iter().enumerate() {
        let limit = at.plus(within, 1, zone);
        while dated.get(end).is_some_and(|&(b, _)| b <= limit) {
            end += 1;
        }
        largest = largest.max(end.saturating_sub(start));
    }
    largest
}
