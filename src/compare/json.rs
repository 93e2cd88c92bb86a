//! A comparison for other programs; its keys stand in `docs/json.md`.

use serde_json::{Value as Json, json};

use super::{Comparison, Effects, Standing};
use crate::points::to_text;

/// The comparison as one object. `leads` is null where there are none; all that move are listed.
#[must_use]
pub fn object(comparison: &Comparison<'_>, effects: Option<&Effects>, as_of: &str, errors: u64) -> Json {
    let changes: Vec<Json> = comparison
        .changes
        .iter()
        .enumerate()
        .map(|(at, change)| {
            let mut object = serde_json::to_value(change).unwrap_or(Json::Null);
            if let Json::Object(keys) = &mut object {
                keys.insert("change".to_owned(), json!(at + 1));
                keys.insert("words".to_owned(), json!(change.to_string()));
            }
            object
        })
        .collect();
    let version = |v: &super::Version| json!({"name": v.name, "model": v.model.info.name, "version": v.model.info.version, "hash": v.model.hash});
    json!({
        "old": version(comparison.old),
        "new": version(comparison.new),
        "changes": changes,
        "leads": effects.map(|e| leads(e, as_of, errors)),
    })
}

fn leads(effects: &Effects, as_of: &str, errors: u64) -> Json {
    let stage = |at: usize| effects.stages.get(at).cloned().unwrap_or_default();
    let matrix: Vec<Json> =
        effects.matrix.iter().map(|((a, b), n)| json!({"before": stage(*a), "after": stage(*b), "leads": n})).collect();
    let labels: serde_json::Map<String, Json> =
        effects.labels.iter().map(|(label, n)| (label.clone(), json!(n))).collect();
    let (median, largest) = effects.median_and_largest().unzip();
    let standing = |s: &Standing| json!({"stage": s.stage, "score": number(s.score)});
    let (up, down) = effects.up_and_down();
    let movers: Vec<Json> = effects
        .movers
        .iter()
        .map(|m| json!({"lead_id": m.id, "before": standing(&m.before), "after": standing(&m.after), "moved_by": m.moved_by.iter().map(|c| c + 1).collect::<Vec<_>>()}))
        .collect();
    json!({
        "as_of": as_of,
        "count": effects.leads,
        "errors": errors,
        "up": up,
        "down": down,
        "matrix": matrix,
        "score_moves": {"count": effects.score_moves.len(), "median": number(median), "largest": number(largest)},
        "labels": labels,
        "review": effects.reviews,
        "movers": movers,
    })
}

/// Points as a number.
fn number(points: Option<i128>) -> Json {
    points.and_then(|p| serde_json::from_str(&to_text(p)).ok()).unwrap_or(Json::Null)
}
