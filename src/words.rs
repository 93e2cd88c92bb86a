//! The lines of a model in words: what stands for each of them in results.
//!
//! Owns the way from a rule to `Visited "pricing"`. Reads the model's own text, so that people find the line again.

use crate::model::{self, Bounds, Expr, LineId, LineKind, Model, Scoring};
use crate::shown::one_line;
use crate::source::{Called, Span};
use crate::text::capital;

/// A line in words.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Line {
    /// The line as the model writes it: `visited("pricing")`.
    pub rule: String,
    /// For people: `Visited "pricing"`.
    pub reason: String,
    /// The line of the file, from 1.
    pub line: usize,
    /// The file, where it is not the root file.
    pub file: Option<String>,
}

/// The words of all lines of a model.
#[derive(Debug, Clone, Default)]
pub struct Lines(Vec<Line>);

impl Lines {
    /// The words of all lines of a model.
    #[must_use]
    pub fn of(model: &Model) -> Lines {
        let mut lines = Lines(model.lines.iter().map(|line| Line::of(model, line)).collect());
        for line in model.stage_lines.iter().chain(&model.gates) {
            if let (Some(words), Some(stage)) = (lines.0.get_mut(line.line.0), model.ladder.stages.get(line.stage)) {
                words.rule.clone_from(stage);
            }
        }
        let items = model.groups.iter().flat_map(|group| &group.items).chain(&model.loose);
        items.for_each(|item| lines.cases(model, item));
        lines
    }

    /// The words of a line.
    #[must_use]
    pub fn get(&self, line: LineId) -> Option<&Line> {
        self.0.get(line.0)
    }

    /// The lines of a table say what they are a case of.
    fn cases(&mut self, model: &Model, item: &Scoring) {
        match item {
            Scoring::Table(table) => {
                let by = model.sources.phrase(table.by.span);
                let title = table.title.clone().unwrap_or_else(|| capital(&by));
                for case in &table.lines {
                    if let Some(line) = self.0.get_mut(case.line.0) {
                        line.rule = format!("{by} {}", case.words);
                        line.reason = format!("{title}: {}", case.words);
                    }
                }
            }
            Scoring::Choice { items, .. } => items.iter().for_each(|item| self.cases(model, item)),
            Scoring::Rule(_) => {}
        }
    }
}

impl Line {
    fn of(model: &Model, line: &model::Line) -> Line {
        let phrase = |span: Span| model.sources.phrase(span);
        let group = line.group.and_then(|id| model.groups.get(id.0));
        let group_name = group.map_or("", |g| &g.name);
        // What a line of a table is about is known where the table is.
        let subject = if line.kind == LineKind::TableLine { String::new() } else { phrase(line.subject) };
        let said = || for_people(&phrase, line.subject, line.called);
        let bounds = || in_words(group.map_or(model.bounds, |g| g.bounds));
        let rule = match line.kind {
            LineKind::Fading | LineKind::Limit => phrase(line.span),
            LineKind::Bounds => [group_name, &bounds()]
                .iter()
                .filter(|w| !w.is_empty())
                .fold("score".to_owned(), |words, w| words + " " + w),
            LineKind::ResetIf => format!("reset if {subject}"),
            LineKind::ResetAt => format!("reset at {subject}"),
            LineKind::Disqualify => format!("disqualify if {subject}"),
            LineKind::Exclude => format!("exclude if {subject}"),
            LineKind::Review => format!("review if {subject}"),
            LineKind::Rule | LineKind::TableLine | LineKind::StageLine | LineKind::Gate | LineKind::LabelLine => {
                subject.clone()
            }
        };
        let what = if group.is_some() { group_name } else { "score" };
        let reason = match line.kind {
            LineKind::Bounds => {
                let bounds = bounds();
                if bounds.is_empty() { format!("{what} reset") } else { format!("{what} held {bounds}") }
            }
            LineKind::Fading => format!("{what} fades in silence"),
            LineKind::Limit => format!("{what} held {}: {}", limit_of(model, line), said()),
            LineKind::ResetIf | LineKind::ResetAt => format!("{group_name} reset: {}", said()),
            LineKind::TableLine => String::new(),
            _ => said(),
        };
        let source = model.sources.of(line.span);
        Line {
            rule,
            reason,
            line: source.map_or(0, |s| s.line_of(line.span.start)),
            file: source.filter(|_| line.span.file.0 > 0).map(|s| one_line(&s.name).into_owned()),
        }
    }
}

/// The end that a bound under a condition holds, in words.
fn limit_of(model: &Model, line: &model::Line) -> String {
    let groups = model.groups.iter().flat_map(|g| &g.limits);
    let limit = groups.chain(&model.limits).find(|l| model.line(l.line).span == line.span);
    limit.map_or(String::new(), |limit| in_words(limit.bounds))
}

/// A condition as people say it.
#[must_use]
pub fn words_of(model: &Model, condition: &Expr) -> String {
    let called = condition.leading_activity().and_then(|activity| activity.called);
    for_people(&|span| model.sources.phrase(span), condition.span, called)
}

/// A condition as people say it: the first letter large, the activity that it begins with without its parentheses. `phrase`
/// gives the words of a place.
#[must_use]
pub fn for_people(phrase: &dyn Fn(Span) -> String, subject: Span, called: Option<Called>) -> String {
    let words = match called.filter(|Called { whole, .. }| (whole.file, whole.start) == (subject.file, subject.start)) {
        Some(Called { name, whole }) => {
            let inside = phrase(Span { start: name.end, ..whole });
            let inside = inside.trim().strip_prefix('(').and_then(|text| text.strip_suffix(')')).unwrap_or(&inside);
            let behind = phrase(Span { start: whole.end, ..subject });
            let words = [phrase(name).trim_matches('`').replace('_', " "), inside.to_owned(), behind];
            let words: Vec<&str> = words.iter().map(|part| part.trim()).filter(|part| !part.is_empty()).collect();
            words.join(" ")
        }
        None => phrase(subject),
    };
    capital(&words)
}

fn in_words(bounds: Bounds) -> String {
    let text = crate::points::to_text;
    match (bounds.low, bounds.high) {
        (Some(low), Some(high)) => format!("between {} and {}", text(low), text(high)),
        (None, Some(high)) => format!("up to {}", text(high)),
        (Some(low), None) => format!("never below {}", text(low)),
        (None, None) => String::new(),
    }
}
