//! The lowered model: what has a shape in it, and why not where it has none.

use merit::plan::{Cond, Item, Plan, Why};

use super::support;

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
    for (rule, why) in [
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
    ] {
        assert_eq!(rules(rule), [why], "{rule}");
    }
}

#[test]
fn conditions_say_why_they_have_no_shape() {
    for (condition, why) in [
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
    ] {
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
