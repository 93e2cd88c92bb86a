//! What stands for fit and for intent in a model: who a lead is, and what it does.
//!
//! A group of points that is called so, else a profile; against another group, else the stage. Written down in
//! `docs/design/decisions.md`.

use crate::model::{DefinitionId, Model};

/// What stands for fit and for intent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Axes {
    /// Who a lead is; none where the model does not tell.
    pub fit: Option<Fit>,
    /// What a lead does.
    pub intent: Intent,
}

/// What stands for fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fit {
    /// The points of a group.
    Group(usize),
    /// Whether a profile fits.
    Profile(DefinitionId),
}

/// What stands for intent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Intent {
    /// The points of a group.
    Group(usize),
    /// The stage.
    Stage,
}

/// How groups that say who a lead is are called.
const FIT: [&str; 12] = [
    "fit",
    "firmographic",
    "firmographics",
    "demographic",
    "demographics",
    "account",
    "company",
    "profile",
    "icp",
    "explicit",
    "suitability",
    "who",
];

/// How groups that say what a lead does are called.
const INTENT: [&str; 12] = [
    "intent",
    "interest",
    "engagement",
    "behavior",
    "behaviour",
    "behavioral",
    "behavioural",
    "activity",
    "activities",
    "actions",
    "implicit",
    "usage",
];

impl Axes {
    /// What stands for them in a model.
    #[must_use]
    pub fn of(model: &Model) -> Axes {
        let called = |words: &[&str]| {
            let is_called = |name: &str| crate::text::name_key(name).split('_').any(|word| words.contains(&word));
            model.groups.iter().position(|g| is_called(&g.name))
        };
        let (fit, intent) = (called(&FIT), called(&INTENT).filter(|i| called(&FIT) != Some(*i)));
        let profiles = || model.definitions.iter().enumerate().filter(|(_, d)| d.profile.is_some());
        // The first of the file.
        let profile = || profiles().min_by_key(|(_, d)| d.span).map(|(p, _)| Fit::Profile(DefinitionId(p)));
        // Of two groups, one of which is known, the other is the other.
        let other = |known: Option<usize>| known.filter(|_| model.groups.len() == 2).map(|k| 1 - k);
        let fit = fit.or_else(|| other(intent));
        let intent = intent.or_else(|| other(fit));
        Axes { fit: fit.map(Fit::Group).or_else(profile), intent: intent.map_or(Intent::Stage, Intent::Group) }
    }

    /// The profile that stands for fit, where it is one: then each lead must say whether it fits.
    #[must_use]
    pub fn profile(self) -> Option<DefinitionId> {
        match self.fit {
            Some(Fit::Profile(profile)) => Some(profile),
            Some(Fit::Group(_)) | None => None,
        }
    }
}
