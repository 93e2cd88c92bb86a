//! L509: `at most once every 1 day`, which is any 24 hours and not a day of the calendar.

use super::each_scoring;
use crate::diagnostic::Diagnostic;
use crate::messages::lints as say;
use crate::model::{Model, Rule, Scoring};
use crate::time::RateWindow;

pub(super) fn lint(model: &Model) -> Vec<Diagnostic> {
    let mut out = Vec::new();
    each_scoring(model, &mut |item| {
        if let Scoring::Rule(rule) = item {
            out.extend(of_rule(model, rule));
        }
    });
    out
}

fn of_rule(model: &Model, rule: &Rule) -> Option<Diagnostic> {
    let rate = rule.rate.as_ref().filter(|rate| matches!(rate.within, RateWindow::Rolling(_)))?;
    let written = model.sources.phrase(rate.span);
    // Only who writes the 1 may have meant the calendar.
    let (before, unit) = written.rsplit_once(" 1 ")?;
    let same = match unit.trim_end_matches('s') {
        "day" => "every 24 hours",
        "week" => "every 7 days",
        "month" => "every 30 days",
        "quarter" => "every 3 months",
        "year" => "every 12 months",
        _ => return None,
    };
    let times = before.strip_suffix("every").unwrap_or(before).trim_end();
    Some(say::rolling_rate(rate.span, unit, times, same))
}
