//! What leads have done, type by type and target by target, beside what a model asks of it.

use std::collections::{BTreeSet, HashMap};

use super::counts::Counts;
use super::near::{Nearness, near};
use crate::diagnostic::Diagnostic;
use crate::lead::Activity;
use crate::messages::against_data as say;
use crate::model::{ExprKind, Model, Owner, Part, TargetTest};
use crate::source::Span;
use crate::text::{fold, page_path};

/// More messages of one kind than this are left out.
const MOST_TOLD: usize = 12;

/// So many values are shown.
const MOST_SHOWN: usize = 8;

/// What has been seen of activity.
pub struct ActivityCensus<'m> {
    model: &'m Model,
    kinds: Counts,
    records: u64,
    /// The types of a model that a record of a kind (folded) belongs to, and by which of their sources.
    types_of: HashMap<&'m str, Vec<(usize, Option<usize>)>>,
    /// By type, and behind them for any type at all.
    types: Vec<OfType>,
}

#[derive(Debug, Default)]
struct OfType {
    records: u64,
    targets: Counts,
    /// Where it is asked for: the place, and which of its patterns.
    uses: Vec<Use>,
    /// Patterns that no target has met, by use and place in it.
    unmet: BTreeSet<(usize, usize)>,
}

#[derive(Debug)]
struct Use {
    query: usize,
    span: Span,
}

impl<'m> ActivityCensus<'m> {
    /// For a model.
    #[must_use]
    pub fn new(model: &'m Model) -> ActivityCensus<'m> {
        let mut types_of: HashMap<&str, Vec<(usize, Option<usize>)>> = HashMap::new();
        for (t, kind) in model.activity_types.iter().enumerate() {
            types_of.entry(&kind.folded).or_default().push((t, None));
            for (s, source) in kind.from.iter().enumerate() {
                types_of.entry(&source.kind).or_default().push((t, Some(s)));
            }
        }
        let mut types: Vec<OfType> = model.activity_types.iter().map(|_| OfType::default()).collect();
        types.push(OfType::default());
        let mut spans: BTreeSet<(u32, u32, usize)> = BTreeSet::new();
        let mut uses: Vec<Use> = Vec::new();
        let mut add = |activity: &crate::model::Activity| {
            let span = activity.span;
            if spans.insert((span.file.0, span.start, activity.query.0)) {
                uses.push(Use { query: activity.query.0, span });
            }
        };
        model.walk(&mut |owner, _, part| {
            if matches!(owner, Owner::Test(_)) {
                return;
            }
            if let Part::Activity(activity) = part {
                add(activity);
            }
            part.visit(model, &mut |expr| match &expr.kind {
                ExprKind::Did(a, _) | ExprKind::OfRecords(_, a, _) => add(a),
                ExprKind::Then(a, b, _) => [a, b].into_iter().for_each(&mut add),
                _ => {}
            });
        });
        uses.sort_by_key(|u| (u.span.file.0, u.span.start));
        for u in uses {
            let Some(query) = model.queries.get(u.query) else { continue };
            let at = query.kind.map_or(model.activity_types.len(), |k| k.0);
            let Some(of) = types.get_mut(at) else { continue };
            let number = of.uses.len();
            of.unmet.extend((0..query.targets.len()).map(|t| (number, t)));
            of.uses.push(u);
        }
        ActivityCensus { model, kinds: Counts::default(), records: 0, types_of, types }
    }

    /// Whether the model asks for activity.
    #[must_use]
    pub fn is_wanted(&self) -> bool {
        self.types.iter().any(|of| !of.uses.is_empty())
    }

    /// A record.
    pub fn record(&mut self, record: &Activity) {
        self.records += 1;
        self.kinds.add(&record.kind);
        let any = (self.model.activity_types.len(), None);
        let types = self.types_of.get(record.kind.folded.as_str()).map_or(&[][..], Vec::as_slice);
        for &(t, source) in types.iter().chain([&any]) {
            let Some(of) = self.types.get_mut(t) else { continue };
            of.records += 1;
            if of.uses.is_empty() {
                continue;
            }
            let kind = self.model.activity_types.get(t);
            let property = kind.and_then(|kind| kind.target_key(source));
            let cell = property.and_then(|key| record.properties().iter().find(|(k, _)| &**k == key));
            let is_new = match (cell, &record.target) {
                (Some((_, cell)), _) => {
                    let written = cell.as_text();
                    let folded = fold(&written);
                    of.targets.add_folded(&folded, &written).then(|| folded.into_owned())
                }
                (None, Some(target)) => of.targets.add(target).then(|| target.folded.clone()),
                (None, None) => None,
            };
            if let Some(target) = is_new
                && !of.unmet.is_empty()
            {
                let (uses, model) = (&of.uses, self.model);
                of.unmet.retain(|&(u, p)| {
                    let query = uses.get(u).and_then(|u| model.queries.get(u.query));
                    !query.and_then(|q| q.targets.get(p)).is_some_and(|pattern| pattern.matches(&target))
                });
            }
        }
    }

    /// All that there is to say, with its places in the model.
    #[must_use]
    pub fn messages(&self) -> Vec<Diagnostic> {
        if self.records == 0 {
            return Vec::new();
        }
        let of = |(t, of): (usize, &OfType)| {
            if of.uses.is_empty() {
                None
            } else if of.records == 0 {
                self.no_type(t, of)
            } else {
                self.no_target(t, of)
            }
        };
        self.types.iter().enumerate().filter_map(of).take(MOST_TOLD).collect()
    }

    fn no_type(&self, t: usize, of: &OfType) -> Option<Diagnostic> {
        let kind = self.model.activity_types.get(t)?;
        let mut nears: Vec<usize> = Vec::new();
        for name in std::iter::once(&kind.folded).chain(kind.from.iter().map(|s| &s.kind)) {
            for (_, at) in near(name, &self.kinds) {
                if !nears.contains(&at) {
                    nears.push(at);
                }
            }
        }
        let types = self.kinds.beginning_with(&nears, MOST_SHOWN);
        let are_more = self.kinds.values().len() > types.len() || self.kinds.is_full;
        let first = nears.first().and_then(|&at| self.kinds.values().get(at)).map(|v| v.written.as_str());
        let from: Vec<&str> = kind.from.iter().map(|s| s.kind.as_str()).collect();
        let places: Vec<Span> = of.uses.iter().map(|u| u.span).collect();
        Some(say::type_not_there(&kind.name, &from, (&types, are_more), first, &places))
    }

    fn no_target(&self, t: usize, of: &OfType) -> Option<Diagnostic> {
        let (mut sought, mut places, mut nears) = (Vec::new(), Vec::new(), Vec::new());
        let mut instead = None;
        for (number, u) in of.uses.iter().enumerate() {
            let Some(query) = self.model.queries.get(u.query) else { continue };
            let unmet = || query.targets.iter().enumerate().filter(|(p, _)| of.unmet.contains(&(number, *p)));
            let are_all = unmet().count() == query.targets.len();
            let mut here: Vec<&str> = Vec::new();
            for (_, pattern) in unmet() {
                let (TargetTest::Exact(text) | TargetTest::Wildcard(text) | TargetTest::Page(text)) = &pattern.test;
                let bare = text.trim_matches(['*', '?', '/']);
                let found = near(bare, &of.targets);
                // Of several targets some may be there for the sake of completeness.
                let is_missed = found.first().is_some_and(|(nearness, _)| *nearness < Nearness::Part);
                if !are_all && !is_missed {
                    continue;
                }
                here.push(&pattern.written);
                for (nearness, at) in found.into_iter().take(3) {
                    let value = of.targets.values().get(at).map_or("", |v| v.written.as_str());
                    let page = page_path(&fold(value)).filter(|path| *path != "/").map(str::to_owned);
                    if instead.is_none() && (nearness <= Nearness::Slip || page.is_some()) {
                        let value = page.unwrap_or_else(|| value.to_owned());
                        instead = Some((u.span, pattern.written.as_str(), value));
                    }
                    if !nears.contains(&at) {
                        nears.push(at);
                    }
                }
            }
            if !here.is_empty() {
                places.push((u.span, say::never_here(&here, query.targets.len())));
                for name in here {
                    if !sought.contains(&name) {
                        sought.push(name);
                    }
                }
            }
        }
        if sought.is_empty() {
            return None;
        }
        let targets = of.targets.beginning_with(&nears, MOST_SHOWN);
        let are_more = of.targets.values().len() > targets.len() || of.targets.is_full;
        let line = instead.and_then(|(span, from, to)| super::line_with(self.model, span, from, &to));
        let name = self.model.activity_types.get(t).map(|kind| kind.name.as_str());
        Some(say::targets_not_there(name, &sought, (&targets, are_more), of.records, &places, line))
    }
}
