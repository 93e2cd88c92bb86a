//! The lines of a model in words: what stands for each of them in results.
//!
//! Owns the way from a rule to `Visited "pricing"`. Reads the model's own text, so that people find the line again.

use crate::model::{Bounds, Model, Scoring};
use crate::shown::one_line;
use crate::source::Span;

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

/// All lines of a model, by their order.
#[derive(Debug, Clone, Default)]
pub struct Lines(Vec<Line>);

impl Lines {
    /// The lines of a model.
    #[must_use]
    pub fn of(model: &Model) -> Lines {
        let mut lines = Lines(Vec::new());
        lines.scoring(model, &model.loose);
        for group in &model.groups {
            lines.scoring(model, &group.items);
            for reset in &group.resets {
                let condition = model.sources.phrase(reset.condition.span);
                lines.put(
                    model,
                    reset.order,
                    reset.span,
                    format!("reset if {condition}"),
                    format!("{} reset: {}", group.name, for_people(&condition)),
                );
            }
            for reset in &group.reset_at {
                let activity = model.sources.phrase(reset.activity.span);
                lines.put(
                    model,
                    reset.order,
                    reset.span,
                    format!("reset at {activity}"),
                    format!("{} reset: {}", group.name, for_people(&activity)),
                );
            }
            let bounds = in_words(group.bounds);
            let why = if bounds.is_empty() { "reset".to_owned() } else { format!("held {bounds}") };
            lines.put(
                model,
                group.end_order,
                group.span,
                format!("score {} {bounds}", group.name).trim_end().to_owned(),
                format!("{} {why}", group.name),
            );
        }
        let bounds = in_words(model.bounds);
        lines.put(
            model,
            model.bounds_order,
            Span::default(),
            format!("score {bounds}"),
            format!("score held {bounds}"),
        );
        for line in &model.stage_lines {
            let stage = model.ladder.stages.get(line.stage).map_or("", String::as_str);
            lines.put(
                model,
                line.order,
                line.span,
                stage.to_owned(),
                for_people(&model.sources.phrase(line.condition.span)),
            );
        }
        for (word, verdicts) in [("disqualify", &model.disqualify), ("exclude", &model.exclude)] {
            for verdict in verdicts {
                let condition = model.sources.phrase(verdict.condition.span);
                lines.put(model, verdict.order, verdict.span, format!("{word} if {condition}"), for_people(&condition));
            }
        }
        lines
    }

    /// The line of this order.
    #[must_use]
    pub fn get(&self, order: u32) -> Option<&Line> {
        self.0.get(order as usize)
    }

    fn scoring(&mut self, model: &Model, items: &[Scoring]) {
        for item in items {
            match item {
                Scoring::Rule(rule) => {
                    let words = model.sources.phrase(rule.subject);
                    let reason = for_people(&words);
                    self.put(model, rule.order, rule.span, words, reason);
                }
                Scoring::Table(table) => {
                    let by = model.sources.phrase(table.by.span);
                    let title = table.title.clone().unwrap_or_else(|| for_people(&by));
                    for line in &table.lines {
                        self.put(
                            model,
                            line.order,
                            line.span,
                            format!("{by} {}", line.words),
                            format!("{title}: {}", line.words),
                        );
                    }
                }
                Scoring::Choice { items, .. } => self.scoring(model, items),
            }
        }
    }

    fn put(&mut self, model: &Model, order: u32, span: Span, rule: String, reason: String) {
        let at = order as usize;
        if self.0.len() <= at {
            self.0.resize(at + 1, Line::default());
        }
        let source = model.sources.of(span);
        let line = source.map_or(0, |s| s.line_of(span.start));
        let file = source.filter(|_| span.file.0 > 0).map(|s| one_line(&s.name).into_owned());
        self.0[at] = Line { rule, reason, line, file };
    }
}

/// A condition as people say it: the first letter large, an activity without its parentheses.
#[must_use]
pub fn for_people(phrase: &str) -> String {
    let mut words = phrase.to_owned();
    if let Some((name, rest)) = phrase.split_once('(')
        && let Some((inside, behind)) = rest.split_once(')')
        && !name.is_empty()
        && name.chars().all(|c| c == '_' || c.is_alphanumeric())
        && !crate::check::FUNCTIONS.contains(&name)
        && !inside.contains('(')
    {
        words = format!("{} {}{}", name.replace('_', " "), inside, behind);
        words = words.split_whitespace().collect::<Vec<_>>().join(" ");
    }
    let mut chars = words.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => words,
    }
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

#[cfg(test)]
mod tests {
    use super::for_people;

    #[test]
    fn activities_and_conditions() {
        assert_eq!(for_people(r#"visited("pricing")"#), r#"Visited "pricing""#);
        assert_eq!(
            for_people(r#"visited("pricing") at least 3 times in last 14 days"#),
            r#"Visited "pricing" at least 3 times in last 14 days"#
        );
        assert_eq!(for_people("replied()"), "Replied");
        assert_eq!(for_people("fit(icp)"), "Fit(icp)");
        assert_eq!(for_people("country is missing"), "Country is missing");
    }
}
