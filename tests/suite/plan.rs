//! The lowered model: what has a shape in it, and why not where it has none.

use merit::plan::{Cond, Item, Plan, Why};

use super::support;

/// Reasons by a number: a new one does not compile before it has one, and fails before a line below shows it.
const fn number(why: Why) -> usize {
    match why {
        Why::SeveralParts => 0,
        Why::Sequence => 1,
        Why::SpreadOfRecords => 2,
        Why::ValueOfRecords => 3,
        Why::WindowOfLead => 4,
        Why::Amount => 5,
        Why::Rate => 6,
        Why::Distinct => 7,
        Why::SinceDate => 8,
        Why::Silence => 9,
        Why::Table => 10,
        Why::ResetAt => 11,
    }
}

const RULES: &[(&str, Option<Why>)] = &[
    ("when visited(\"x\") add 5", None),
    ("add 5 per visited(\"x\") halving every 30 days up to 20", None),
    ("add 2 per 7 days since visited() up to 10", None),
    ("points by employees { above 50: 10 }", None),
    ("first of { when a = 1 add 5 }", None),
    ("when a = 1 add (bonus)", Some(Why::Amount)),
    ("when visited() add 3 at most once every 7 days", Some(Why::Rate)),
    ("add 5 per distinct visited()", Some(Why::Distinct)),
    ("subtract 1 per 7 days since created", Some(Why::SinceDate)),
    ("subtract 1 per 7 days of silence", Some(Why::Silence)),
    ("when visited() since created add 5 each time", Some(Why::WindowOfLead)),
    ("points by a + b { above 50: 10 }", Some(Why::Table)),
];

const CONDITIONS: &[(&str, Option<Why>)] = &[
    ("a = 1", None),
    ("visited() at least 3 times in last 30 days", None),
    ("days_since(visited()) < 3", None),
    ("score >= 5", None),
    ("a > b", Some(Why::SeveralParts)),
    ("visited(\"a\") then booked(\"b\") within 3 days", Some(Why::Sequence)),
    ("visited() on at least 3 days", Some(Why::SpreadOfRecords)),
    ("visited() at least 3 times within 2 days", Some(Why::SpreadOfRecords)),
    ("visited() since created", Some(Why::WindowOfLead)),
    ("sum(bought(), amount) > 100", Some(Why::ValueOfRecords)),
];

/// The plan of a model, and why its rules, in their order, have no shape; `None` where they have one.
fn rules(text: &str) -> Vec<Option<Why>> {
    let model = support::model(text);
    let plan = Plan::of(&model, support::as_of("2025-06-30"));
    let why = |item: &Item| match item {
        Item::Aside(aside) => Some(aside.why),
        Item::Rule(_) | Item::Table(_) | Item::Choice(..) => None,
    };
    plan.loose.iter().map(why).collect()
}

#[test]
fn rules_say_why_they_have_no_shape() {
    for &(rule, why) in RULES {
        assert_eq!(rules(rule), [why], "{rule}");
    }
}

#[test]
fn conditions_say_why_they_have_no_shape() {
    for &(condition, why) in CONDITIONS {
        let model = support::model(&format!("mql if {condition}\n"));
        let plan = Plan::of(&model, support::as_of("2025-06-30"));
        let found =
            plan.stage_lines.iter().map(|cond| if let Cond::Aside(aside) = cond { Some(aside.why) } else { None });
        assert_eq!(found.collect::<Vec<_>>(), [why], "{condition}");
    }
}

#[test]
fn a_group_that_forgets_is_left_to_the_interpreter() {
    let model = support::model("score g { when visited() add 5 reset at unsubscribed() }\n");
    let plan = Plan::of(&model, support::as_of("2025-06-30"));
    assert_eq!(plan.groups.iter().map(|g| g.items.as_ref().err()).collect::<Vec<_>>(), [Some(&Why::ResetAt)]);
    assert_eq!(plan.kept, [true, true]);
}

#[test]
fn every_reason_is_shown_here() {
    let whole_groups = Some(Why::ResetAt);
    let mut shown: Vec<usize> =
        RULES.iter().chain(CONDITIONS).filter_map(|(_, why)| *why).chain(whole_groups).map(number).collect();
    shown.sort_unstable();
    shown.dedup();
    assert_eq!(shown, (0..=number(Why::ResetAt)).collect::<Vec<_>>());
}
