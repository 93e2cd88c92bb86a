//! Scores in bands: the bars of the picture, and the table of fit against intent.

use serde::Serialize;

use super::axes::{Fit, Intent};
use super::{ScoreBin, Tally};
use crate::model::{Group, Model};

/// Fit against intent.
#[derive(Debug, Clone, Serialize)]
pub struct FitAndIntent {
    /// What stands for fit: a group or a profile.
    pub fit: String,
    /// What stands for intent: a group, or `stage`.
    pub intent: String,
    /// The bands of intent, from low to high.
    pub columns: Vec<String>,
    /// From good to bad.
    pub rows: Vec<FitRow>,
}

/// The leads of one band of fit.
#[derive(Debug, Clone, Serialize)]
pub struct FitRow {
    /// The band.
    pub fit: String,
    /// By band of intent.
    pub leads: Vec<u64>,
}

/// At most so many bars.
const MOST_BINS: i64 = 24;
/// Where the scores lie far enough apart, at least so many.
const FEWEST_BINS: i64 = 8;
/// Widths of bars, times a power of ten.
const WIDTHS: [i64; 4] = [1, 2, 5, 25];

/// The bars for whole points with their counts: widths that people count in, thresholds at the edges of bars where that can be.
pub(super) fn bins(scores: &[(i64, u64)], thresholds: &[i128]) -> Vec<ScoreBin> {
    let (Some((low, _)), Some((high, _))) = (scores.first(), scores.last()) else { return Vec::new() };
    let count_of = |width: i64| high.div_euclid(width) - low.div_euclid(width) + 1;
    let mut widths: Vec<i64> = (0..18)
        .flat_map(|power| WIDTHS.iter().map(move |w| w * 10_i64.pow(power)))
        .filter(|&w| count_of(w) <= MOST_BINS)
        .collect();
    widths.sort_unstable();
    let is_even = |width: i64| thresholds.iter().all(|t| t % (i128::from(width) * 10_000) == 0);
    let are_enough = |width: &i64| count_of(*width) >= FEWEST_BINS;
    let even = widths.iter().rev().copied().find(|w| are_enough(w) && is_even(*w));
    let width = even
        .or_else(|| widths.iter().rev().copied().find(are_enough))
        .or_else(|| widths.first().copied())
        .unwrap_or(i64::MAX / 8);
    let first = low.div_euclid(width) * width;
    let mut bins: Vec<ScoreBin> = (0..count_of(width))
        .map(|i| ScoreBin { from: first + i * width, below: first + (i + 1) * width, leads: 0 })
        .collect();
    for (whole, count) in scores {
        let at = usize::try_from((whole - first).div_euclid(width)).ok();
        if let Some(bin) = at.and_then(|at| bins.get_mut(at)) {
            bin.leads += count;
        }
    }
    bins
}

/// A way to put numbers into bands: where each begins but the first, and how they are called.
struct Bands {
    edges: Vec<i32>,
    names: Vec<String>,
}

impl Bands {
    fn of(&self, number: i32) -> usize {
        self.edges.partition_point(|edge| *edge <= number)
    }
}

/// Fit against intent; none where the model tells no fit, or no lead stands on the ladder.
pub(super) fn fit_and_intent(model: &Model, tally: &Tally) -> Option<FitAndIntent> {
    let axes = tally.axes();
    let most = |of: &dyn Fn(&(i32, i32)) -> i32| tally.pairs.keys().map(of).max();
    let (fit, fit_bands) = match axes.fit? {
        Fit::Group(g) => {
            let group = model.groups.get(g)?;
            (group.name.clone(), thirds(group, most(&|(fit, _)| *fit)?))
        }
        Fit::Profile(profile) => {
            let names = ["fits", "not known", "does not fit"].map(str::to_owned).to_vec();
            (crate::book::say::profile(model, profile), Bands { edges: vec![1, 2], names })
        }
    };
    let (intent, intent_bands) = match axes.intent {
        Intent::Group(g) => {
            let group = model.groups.get(g)?;
            (group.name.clone(), thirds(group, most(&|(_, intent)| *intent)?))
        }
        Intent::Stage => {
            let edges = (1..model.ladder.stages.len()).filter_map(|i| i32::try_from(i).ok()).collect();
            ("stage".to_owned(), Bands { edges, names: model.ladder.stages.clone() })
        }
    };
    let mut counts = vec![vec![0; intent_bands.names.len()]; fit_bands.names.len()];
    for ((fit, intent), count) in &tally.pairs {
        if let Some(cell) = counts.get_mut(fit_bands.of(*fit)).and_then(|row| row.get_mut(intent_bands.of(*intent))) {
            *cell += count;
        }
    }
    let mut rows: Vec<FitRow> =
        fit_bands.names.iter().zip(counts).map(|(name, leads)| FitRow { fit: name.clone(), leads }).collect();
    if matches!(axes.fit, Some(Fit::Group(_))) {
        rows.reverse();
    }
    (!tally.pairs.is_empty()).then_some(FitAndIntent { fit, intent, columns: intent_bands.names, rows })
}

/// Three bands of the points that a group can have; where it has no upper bound, of the most that a lead has.
fn thirds(group: &Group, most: i32) -> Bands {
    let whole = |points: i128| i32::try_from(points.div_euclid(10_000)).ok();
    let high = group.bounds.high.and_then(whole).unwrap_or(most).max(3);
    let third = high / 3 + i32::from(high % 3 > 0);
    // People count in fives.
    let step = if high >= 30 { (third / 5 + i32::from(third % 5 > 0)).saturating_mul(5) } else { third };
    let (one, two) = (step, step.saturating_mul(2));
    Bands {
        edges: vec![one, two],
        names: vec![format!("below {one}"), format!("{one} to {}", two - 1), format!("{two} or more")],
    }
}

#[cfg(test)]
mod tests {
    use super::bins;

    #[test]
    fn thresholds_stand_at_edges() {
        let found = bins(&[(-15, 2), (0, 5), (49, 1), (50, 1), (155, 3)], &[10 * 10_000, 50 * 10_000, 100 * 10_000]);
        assert_eq!((found.first().map(|b| b.from), found.len()), (Some(-20), 18));
        assert_eq!(found.iter().map(|b| b.leads).sum::<u64>(), 12);
        assert!(found.iter().any(|b| b.from == 50 && b.leads == 1));
    }

    #[test]
    fn one_score_and_far_away_scores() {
        assert_eq!(bins(&[(7, 3)], &[]).len(), 1);
        assert_eq!(bins(&[], &[]).len(), 0);
        let far = bins(&[(i64::MIN / 8, 1), (i64::MAX / 8, 1)], &[10_000]);
        assert_eq!(far.iter().map(|b| b.leads).sum::<u64>(), 2);
    }
}
