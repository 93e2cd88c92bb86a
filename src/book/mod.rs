//! The rule book: a model in plain English, for people who will not read rules.
//!
//! Makes a page of a model: whom we sell to, what is worth how many points, what each stage takes, who is turned away, and the
//! tests as worked examples. Reads no files and no clock.

mod data;
mod examples;
mod points;
pub mod say;
mod stages;

pub(crate) use stages::threshold;

use say::{name, say, template};

use crate::model::{DefinitionId, Expr, LineId, LineKind, Model, Scoring};
use crate::page::{Item, Page, Phrase};
use crate::shown::either;
use crate::text::capital;
use crate::time::{Instant, Zone};

/// What has changed since an older model.
pub struct Since {
    /// The version of the older one.
    pub version: Option<String>,
    /// The changes, in words.
    pub changes: Vec<String>,
}

/// The rule book of a model, perhaps with what has changed. Examples that say no date are worked out as of `as_of`.
#[must_use]
pub fn page(model: &Model, as_of: Instant, since: Option<Since>) -> Page {
    let file = model.sources.files.first().map_or("the rule file", |f| f.name.as_str());
    let mut page = Page { title: model.info.name.clone().unwrap_or_else(|| file.to_owned()), ..Page::default() };
    let info = &model.info;
    page.facts.extend(info.version.iter().map(|v| ("Version".to_owned(), v.clone())));
    page.facts.extend(info.owner.iter().map(|o| ("Owner".to_owned(), o.clone())));
    page.facts.extend(
        (model.zone != Zone::UTC).then(|| ("Days and times are those of".to_owned(), model.zone.name().to_owned())),
    );
    page.facts.extend(info.revisit_by.iter().map(|d| ("To be reviewed by".to_owned(), d.to_string())));
    page.say("This page says what the rules say, for people who will not read rules: who counts as a good lead, and when somebody calls.");
    stages::picture(model, &mut page);
    if let Some(since) = since {
        page.heading(since.version.map_or("Changes".to_owned(), |v| format!("Changes since version {v}")));
        if since.changes.is_empty() {
            page.say("Nothing: the rules mean the same.");
        }
        page.list(since.changes.into_iter().map(Item::from).collect());
    }
    profiles(model, &mut page);
    points::points(model, &mut page);
    stages::takes(model, &mut page);
    stages::turned_away(model, &mut page);
    stages::labels(model, &mut page);
    words(model, &mut page);
    data::data(model, &mut page);
    examples::examples(model, as_of, &mut page);
    let hash = model.hash.strip_prefix("sha256:").and_then(|h| h.get(..12)).unwrap_or("");
    page.foot = format!("Written by Merit from {file}. Fingerprint of the rules: {hash}.");
    page
}

/// Whom we sell to.
fn profiles(model: &Model, page: &mut Page) {
    let mut profiles: Vec<(crate::source::Span, usize)> =
        model.definitions.iter().enumerate().filter(|(_, d)| d.profile.is_some()).map(|(i, d)| (d.span, i)).collect();
    profiles.sort();
    if profiles.is_empty() {
        return;
    }
    page.heading("Who we sell to");
    page.say("A lead fits a description when all of its points are met. What is not known is not met, and is not held against anybody either.");
    for id in profiles.into_iter().map(|(_, i)| DefinitionId(i)) {
        let called = say::profile(model, id);
        page.subheading(&called);
        let named = model.definitions.get(id.0).and_then(|d| d.profile.as_ref());
        let names = named.map_or(&[][..], |p| p.criteria.as_slice());
        let items = model.criteria(id).iter().enumerate().map(|(i, criterion)| {
            let words = say(model, criterion);
            match names.get(i).and_then(|(name, _)| name.as_deref()) {
                Some(named) => Phrase::new().strong(format!("{}: ", capital(&name(named)))).and(words).into(),
                None => Item::from(capital(&words)),
            }
        });
        page.list(items.collect());
    }
}

/// What the words of the model stand for.
fn words(model: &Model, page: &mut Page) {
    let lets = model.definitions.iter().filter(|d| d.profile.is_none() && !d.name.is_empty());
    let mut items: Vec<Item> = lets
        .map(|d| Phrase::new().strong(capital(&name(&d.name))).and(format!(": {}", say(model, &d.value))).into())
        .collect();
    for kind in model.activity_types.iter().filter(|k| k.from.iter().any(|s| s.filter.is_some())) {
        let sources = kind.from.iter().map(|s| {
            let filter = s.filter.as_ref().map_or(String::new(), |f| format!(", where {}", say(model, f)));
            format!("“{}”{filter}", s.kind)
        });
        let sources: Vec<String> = sources.collect();
        items.push(
            Phrase::new()
                .strong(capital(&name(&kind.name)))
                .and(format!(": what other systems call {}", either(&sources)))
                .into(),
        );
    }
    if !items.is_empty() {
        page.heading("What we mean by");
        page.list(items);
    }
}

/// The words of a line; `None` where it has no condition.
fn of_line(model: &Model, line: LineId) -> Option<String> {
    fn of_items(model: &Model, items: &[Scoring], line: LineId) -> Option<String> {
        items.iter().find_map(|item| match item {
            Scoring::Rule(rule) if rule.line == line => rule.when.as_ref().map(|c| capital(&say(model, c))),
            Scoring::Choice { items, .. } => of_items(model, items, line),
            Scoring::Rule(_) | Scoring::Table(_) => None,
        })
    }
    match model.line(line).kind {
        LineKind::Rule => of_items(model, &model.loose, line)
            .or_else(|| model.groups.iter().find_map(|g| of_items(model, &g.items, line))),
        LineKind::StageLine => model.stage_lines.iter().find(|l| l.line == line).map(|l| say(model, &l.condition)),
        LineKind::Disqualify | LineKind::Exclude => {
            let mut verdicts = model.disqualify.iter().chain(&model.exclude);
            verdicts.find(|v| v.line == line).map(|v| say(model, &v.condition))
        }
        _ => None,
    }
}

/// A condition with the reason of its line in front.
fn reasoned(model: &Model, line: LineId, condition: &Expr) -> Phrase {
    let words = say(model, condition);
    match &model.line(line).because {
        Some(because) => Phrase::new().strong(template(model, because)).and(format!(": {words}")),
        None => Phrase::new().and(capital(&words)),
    }
}
