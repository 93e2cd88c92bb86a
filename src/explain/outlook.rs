//! What ages away: the stage in the days to come if nothing happens.

use serde::Serialize;

use crate::eval::{Interpreter, stage_name};
use crate::lead::Lead;
use crate::model::Model;
use crate::points::to_text;
use crate::time::{Instant, Period};
use crate::value::Stage;

/// The days ahead.
#[derive(Debug, Clone, Serialize)]
pub struct Outlook {
    /// The last day that was looked at.
    pub until: String,
    /// The days on which score or stage changes: day, score, stage.
    #[serde(serialize_with = "super::json::days")]
    pub steps: Vec<(String, String, String)>,
    /// On the first day on which the stage would fall: what, done on the day before, keeps it.
    pub keeps: Vec<String>,
}

/// Looks ahead day by day. `None` of an excluded lead.
pub(super) fn outlook(model: &Model, lead: &Lead, as_of: Instant, period: Period) -> Option<Outlook> {
    let end = as_of.plus_days(period, 1, &model.zone);
    let day = |at: Instant| model.zone.day_of(at).to_string();
    let now = Interpreter::new(model, as_of).evaluate(lead);
    let mut last = (now.score?, now.stage);
    let mut steps = Vec::new();
    let mut keeps = Vec::new();
    // A year of days is more than anybody asks for.
    for k in 1..=366 {
        let at = as_of.plus_days(Period::DAY, k, &model.zone);
        if at > end {
            break;
        }
        let interpreter = Interpreter::new(model, at);
        let then = interpreter.evaluate(lead);
        let state = (then.score?, then.stage);
        if state != last {
            steps.push((day(at), to_text(state.0), stage_name(model, state.1).to_owned()));
            if let (Stage::Rank(before), Stage::Rank(after), true) = (last.1, state.1, keeps.is_empty())
                && after < before
            {
                keeps =
                    super::changes::ways(&interpreter, model, lead, before).iter().map(ToString::to_string).collect();
            }
            last = state;
        }
    }
    Some(Outlook { until: day(end), steps, keeps })
}
