//! What holds of every model, lead and activity, tried on thousands of random ones.
//!
//! `MERIT_CASES=20000 cargo test properties` tries more, `MERIT_SEED=7` begins elsewhere. A failure is cut down to the least
//! model, lead and activity that still fail, and names its seed.

use std::panic::{AssertUnwindSafe, catch_unwind};

use merit::eval::{FiredKind, Interpreter, Outcome};
use merit::lead::Lead;
use merit::model::Model;
use merit::time::Instant;
use merit::value::{Stage, Value};
use merit::words::Lines;
use serde_json::{Value as Json, json};

use super::generate::{self, ActivityWants, Draft, LeadWants, Rng, Wants};
use super::support;

/// A model, one lead and its activity.
#[derive(Clone)]
struct Case {
    seed: u64,
    draft: Draft,
    as_of: Instant,
    lead: Json,
    activity: Vec<Json>,
}

/// What the cases of a property are made of.
#[derive(Clone, Copy)]
struct Kinds {
    model: Wants,
    lead: LeadWants,
    activity: ActivityWants,
}

const ALL: Kinds = Kinds { model: Wants::ALL, lead: LeadWants::ALL, activity: ActivityWants::ALL };

impl Case {
    fn new(seed: u64, kinds: Kinds) -> Case {
        let mut rng = Rng::new(seed);
        let draft = generate::draft(&mut rng, kinds.model);
        let as_of = generate::as_of(&mut rng);
        let model = support::model(&draft.text());
        let lead = generate::lead(&mut rng, &model, as_of, kinds.lead);
        let activity = generate::activity(&mut rng, &model, as_of, kinds.activity);
        Case { seed, draft, as_of, lead, activity }
    }

    /// Its model; none where the pieces that are left make none.
    fn model(&self) -> Option<Model> {
        support::checked(&self.draft.text()).model
    }

    fn bound(&self, model: &Model) -> Lead {
        support::lead(model, &self.lead, &self.activity).0
    }
}

type Property = dyn Fn(&Case, &Model) -> Result<(), String>;

/// Tries a property on many cases.
fn holds(kinds: Kinds, property: &Property) {
    for seed in support::seeds(support::cases(2000)) {
        let case = Case::new(seed, kinds);
        if let Err(why) = tried(&case, property) {
            let (case, why) = smallest(case, why, property);
            let lead = serde_json::to_string(&case.lead).expect("JSON");
            let activity: Vec<String> = case.activity.iter().map(|a| format!("  {a}")).collect();
            panic!(
                "seed {seed}: {why}\nas of {}\nlead {lead}\nactivity [\n{}\n]\n{}",
                case.as_of,
                activity.join(",\n"),
                case.draft.text()
            );
        }
    }
}

/// Whether it holds; a panic says no.
fn tried(case: &Case, property: &Property) -> Result<(), String> {
    let result = catch_unwind(AssertUnwindSafe(|| match case.model() {
        Some(model) => property(case, &model),
        None => Ok(()),
    }));
    result.unwrap_or_else(|panic| {
        Err(format!(
            "panicked: {:?}",
            panic.downcast_ref::<String>().map(String::as_str).or(panic.downcast_ref::<&str>().copied())
        ))
    })
}

/// Leaves out lines, columns and records for as long as the property still fails.
fn smallest(mut case: Case, mut why: String, property: &Property) -> (Case, String) {
    loop {
        let mut smaller: Vec<Case> =
            (0..case.draft.size()).map(|at| Case { draft: case.draft.without(at), ..case.clone() }).collect();
        for at in 0..case.activity.len() {
            let mut less = case.clone();
            less.activity.remove(at);
            smaller.push(less);
        }
        for column in case.lead.as_object().expect("an object").keys() {
            let mut less = case.clone();
            less.lead.as_object_mut().expect("an object").remove(column);
            smaller.push(less);
        }
        match smaller.into_iter().find_map(|c| tried(&c, property).err().map(|why| (c, why))) {
            Some(found) => (case, why) = found,
            None => return (case, why),
        }
    }
}

fn evaluate(model: &Model, lead: &Lead, as_of: Instant) -> Outcome {
    Interpreter::new(model, as_of).evaluate(lead)
}

fn object(model: &Model, lead: &Lead, outcome: &Outcome, as_of: Instant) -> Json {
    let lines = Lines::of(model);
    serde_json::to_value(merit::results::object(model, &lines, &lead.id, outcome, as_of)).expect("a result")
}

/// What of a result must not hang on the order of the file: no `fired`, names in place of numbers.
fn answer(model: &Model, lead: &Lead, outcome: &Outcome, as_of: Instant) -> Json {
    let object = object(model, lead, outcome, as_of);
    let mut missing: Vec<String> = merit::results::missing(model, outcome).iter().map(|m| (*m).to_owned()).collect();
    missing.sort();
    let keep = ["score", "scores", "stage", "change", "labels", "could_be", "possible_score"];
    let mut answer: serde_json::Map<String, Json> =
        keep.iter().map(|k| ((*k).to_owned(), object[*k].clone())).collect();
    answer.insert("missing".to_owned(), json!(missing));
    Json::Object(answer)
}

/// The same answer, whatever the order of its keys.
fn same(what: &str, before: &Json, after: &Json) -> Result<(), String> {
    if before == after { Ok(()) } else { Err(format!("{what}\nbefore {before}\nafter  {after}")) }
}

fn rank(stage: Stage) -> Option<usize> {
    match stage {
        Stage::Rank(rank) => Some(rank),
        Stage::Disqualified | Stage::Excluded => None,
    }
}

/// Whether points lie within bounds, `None` being without end.
fn lies_within(points: i128, outcome: &Outcome) -> bool {
    outcome.possible_low.is_none_or(|low| low <= points) && outcome.possible_high.is_none_or(|high| points <= high)
}

/// The first error of a model: its code, the least model that still has it, and its message.
fn refused(draft: &Draft) -> Option<String> {
    let wrong = |draft: &Draft| {
        let checked = support::checked(&draft.text());
        checked.diagnostics.iter().find(|d| d.is_error()).map(|d| (d.code, format!("{} {}", d.code, d.message)))
    };
    let (code, mut why) = wrong(draft)?;
    let mut draft = draft.clone();
    let least = |draft: &Draft| {
        (0..draft.size()).map(|at| draft.without(at)).find_map(|d| wrong(&d).filter(|w| w.0 == code).map(|w| (d, w.1)))
    };
    while let Some(less) = least(&draft) {
        (draft, why) = less;
    }
    Some(format!("{why}\n{}", draft.text()))
}

#[test]
fn random_models_are_valid() {
    let seeds = support::seeds(support::cases(2000));
    let refused: Vec<String> = seeds
        .filter_map(|seed| {
            refused(&generate::draft(&mut Rng::new(seed), Wants::ALL)).map(|why| format!("seed {seed}: {why}"))
        })
        .collect();
    assert!(refused.is_empty(), "{} are refused, as\n{}", refused.len(), refused[..refused.len().min(20)].join("\n"));
}

#[test]
fn the_generator_is_worth_its_name() {
    // Models are valid, repeat with their seed, and leads reach every kind of answer.
    let (mut fired, mut higher, mut unbounded, mut excluded, mut disqualified, mut missing, mut above) =
        (0, 0, 0, 0, 0, 0, 0);
    for seed in 0..500 {
        assert_eq!(generate::model(&mut Rng::new(seed)), generate::model(&mut Rng::new(seed)));
        let case = Case::new(seed, ALL);
        let model = support::model(&case.draft.text());
        let outcome = evaluate(&model, &case.bound(&model), case.as_of);
        fired += outcome.fired.len();
        higher += usize::from(rank(outcome.stage) > Some(0));
        above += usize::from(rank(outcome.could_be) > rank(outcome.stage));
        unbounded += usize::from(outcome.score.is_some() && outcome.possible_high.is_none());
        excluded += usize::from(outcome.stage == Stage::Excluded);
        disqualified += usize::from(outcome.stage == Stage::Disqualified);
        missing += usize::from(!outcome.missing.is_empty());
    }
    let counts = [fired, higher, above, unbounded, excluded, disqualified, missing];
    assert!(
        fired > 1000 && counts.iter().all(|&n| n >= 8),
        "fired, higher, could be higher, unbounded, excluded, disqualified, missing: {counts:?}"
    );
}

#[test]
fn never_a_panic_and_the_trace_agrees() {
    holds(ALL, &|case, model| {
        let lead = case.bound(model);
        let interpreter = Interpreter::new(model, case.as_of);
        let outcome = interpreter.evaluate(&lead);
        let (traced, trace) = interpreter.trace(&lead);
        if outcome != traced {
            return Err(format!("the trace comes to another answer\nevaluate {outcome:?}\ntrace    {traced:?}"));
        }
        let _ = object(model, &lead, &outcome, case.as_of);
        let _ = merit::results::reasons(&Lines::of(model), &outcome);
        // What the trace says of the rules adds up, too.
        for (i, group) in trace.groups.iter().enumerate() {
            let rules: i128 = trace
                .rules
                .iter()
                .filter(|r| r.group.is_some_and(|g| g.0 == i) && r.state != merit::eval::RuleState::PassedOver)
                .map(|r| r.points)
                .sum();
            if outcome.score.is_some() && (rules != group.sum || outcome.groups.get(i) != Some(&group.score)) {
                return Err(format!(
                    "the rules of group {i} come to {rules}, the trace says {group:?}, the outcome {:?}",
                    outcome.groups
                ));
            }
        }
        Ok(())
    });
}

#[test]
fn order_does_not_matter() {
    // "`latest`, `earliest` (of equal instants the later, the earlier, in the file)", "of equal ones [event ids] the first
    // in the file": instants and ids are distinct here.
    let kinds = Kinds { activity: ActivityWants { distinct: true, ..ActivityWants::ALL }, ..ALL };
    holds(kinds, &|case, model| {
        let lead = case.bound(model);
        let interpreter = Interpreter::new(model, case.as_of);
        let before = answer(model, &lead, &interpreter.evaluate(&lead), case.as_of);
        let mut rng = Rng::named(case.seed, "order");
        // Records.
        let mut shuffled = case.clone();
        rng.shuffle(&mut shuffled.activity);
        let other = shuffled.bound(model);
        same(
            "the activity in another order",
            &before,
            &answer(model, &other, &interpreter.evaluate(&other), case.as_of),
        )?;
        // Lines.
        shuffled.draft = case.draft.shuffled(&mut rng);
        let text = shuffled.draft.text();
        let Some(again) = shuffled.model() else { return Err(format!("refused in another order:\n{text}")) };
        let other = shuffled.bound(&again);
        let after = answer(&again, &other, &evaluate(&again, &other, case.as_of), case.as_of);
        same(&format!("the lines in another order:\n{text}"), &before, &after)?;
        // Leads: nothing of one is left for the next.
        let bare = support::lead(model, &json!({}), &[]).0;
        let first = (interpreter.evaluate(&bare), interpreter.evaluate(&lead));
        let second = Interpreter::new(model, case.as_of);
        let turned = (second.evaluate(&lead), second.evaluate(&bare));
        if (first.0, first.1) != (turned.1, turned.0) { Err("the leads in another order".to_owned()) } else { Ok(()) }
    });
}

#[test]
fn what_is_filled_in_stays_within_what_could_be() {
    let kinds = Kinds {
        model: Wants {
            // "a missing amount is taken as not negative"
            negative_amounts: false,
            // "where it is unknown neither side gives any", but what could be is "with `if not`: between the two": nothing
            // lies there only where the two have different signs. "`otherwise` also takes what is unknown, unless a
            // `missing` line stands above": then the table gives nothing now.
            nothing_while_unknown: false,
            // `reset at` with a window whose date is missing: the page does not say what could be.
            reset_window_of_field: false,
            ..Wants::ALL
        },
        // The same sentence: an amount may be a field.
        lead: LeadWants { negative: false, ..LeadWants::ALL },
        activity: ActivityWants::ALL,
    };
    holds(kinds, &|case, model| {
        let lead = case.bound(model);
        let before = evaluate(model, &lead, case.as_of);
        // "of a disqualified lead [could_be] is `disqualified`", of an excluded one all is empty.
        if rank(before.stage).is_none() {
            return Ok(());
        }
        for (round, share) in [(0, 40), (1, 100)] {
            let mut filled = case.lead.clone();
            for (i, field) in model.fields.iter().enumerate() {
                let mut rng = Rng::named(case.seed ^ round, &field.name);
                let is_gap = matches!(lead.values[i], Value::Missing | Value::Range(..));
                // "where the lead stands today is not part of what it could be", and it bounds the stage.
                if !is_gap
                    || !rng.chance(share)
                    || model.ladder.from.is_some_and(|f| f.0 == i) && model.ladder.never_lower
                {
                    continue;
                }
                let value = match &lead.values[i] {
                    Value::Range(range, _) => generate::number_in(&mut rng, range),
                    _ => Some(generate::readable(&mut rng, field, model, case.as_of, false)),
                };
                if let Some(value) = value {
                    generate::fill(&mut filled, field, value);
                }
            }
            let other = support::lead(model, &filled, &case.activity).0;
            let after = evaluate(model, &other, case.as_of);
            let Some(score) = after.score else { continue };
            if !lies_within(score, &before) {
                return Err(format!(
                    "filled in {filled}: the score {score} lies outside of {:?} to {:?}",
                    before.possible_low, before.possible_high
                ));
            }
            if let Some(reached) = rank(after.stage)
                && Some(reached) > rank(before.could_be)
            {
                return Err(format!(
                    "filled in {filled}: the stage {reached} lies above what it could be, {:?}",
                    before.could_be
                ));
            }
        }
        Ok(())
    });
}

#[test]
fn points_add_up() {
    holds(ALL, &|case, model| {
        let lead = case.bound(model);
        let outcome = evaluate(model, &lead, case.as_of);
        let Some(score) = outcome.score else { return Ok(()) };
        let of = |group: Option<usize>| -> i128 {
            let counts = |k: FiredKind| k.changes_points();
            outcome
                .fired
                .iter()
                .filter(|f| counts(f.kind) && group.is_none_or(|g| f.group.is_some_and(|f| f.0 == g)))
                .filter_map(|f| f.points)
                .sum()
        };
        // "so that the points add up to the score (unless `score =` says otherwise)"
        if model.formula.is_none() && of(None) != score {
            return Err(format!("the points come to {}, the score is {score}: {:?}", of(None), outcome.fired));
        }
        for (i, points) in outcome.groups.iter().enumerate() {
            if of(Some(i)) != *points {
                return Err(format!(
                    "the points of group {i} come to {}, its score is {points}: {:?}",
                    of(Some(i)),
                    outcome.fired
                ));
            }
        }
        Ok(())
    });
}

#[test]
fn nothing_is_open_where_nothing_is_missing() {
    let kinds = Kinds {
        // What is missing though no field is leaves conditions unknown: "Where a condition is unknown, its rule gives
        // somewhere between nothing and its points".
        model: Wants { computed_missing: false, ..Wants::ALL },
        // An array in a field of text cannot be compared with text, and so on.
        lead: LeadWants { gaps: 0, arrays: false, ..LeadWants::ALL },
        activity: ActivityWants::ALL,
    };
    holds(kinds, &|case, model| {
        let lead = case.bound(model);
        // A lead that is cut down has gaps.
        if lead.values.iter().any(|v| matches!(v, Value::Missing | Value::Range(..))) {
            return Ok(());
        }
        let outcome = evaluate(model, &lead, case.as_of);
        if outcome.could_be != outcome.stage || !outcome.missing.is_empty() {
            return Err(format!(
                "{:?} could be {:?}, missing {:?}",
                outcome.stage,
                outcome.could_be,
                merit::results::missing(model, &outcome)
            ));
        }
        if outcome.possible_low != outcome.score || outcome.possible_high != outcome.score {
            return Err(format!(
                "the score {:?} could be {:?} to {:?}",
                outcome.score, outcome.possible_low, outcome.possible_high
            ));
        }
        Ok(())
    });
}

#[test]
fn what_is_is_within_what_could_be() {
    let kinds = Kinds {
        // As above: what gives nothing now, and something once all is known.
        model: Wants { negative_amounts: false, nothing_while_unknown: false, ..Wants::ALL },
        lead: LeadWants { negative: false, ..LeadWants::ALL },
        activity: ActivityWants::ALL,
    };
    holds(kinds, &|case, model| {
        let outcome = evaluate(model, &case.bound(model), case.as_of);
        let Some(score) = outcome.score else { return Ok(()) };
        if !lies_within(score, &outcome) {
            return Err(format!(
                "the score {score} lies outside of {:?} to {:?}",
                outcome.possible_low, outcome.possible_high
            ));
        }
        if rank(outcome.stage) > rank(outcome.could_be) {
            return Err(format!("the stage {:?} lies above what it could be, {:?}", outcome.stage, outcome.could_be));
        }
        Ok(())
    });
}

#[test]
fn days_later_it_is_the_same() {
    // Months differ in length, and dates as written or printed stand where they are.
    let kinds = Kinds {
        model: Wants { calendar: false, dates: false, ..Wants::ALL },
        activity: ActivityWants { calendar: false, ..ActivityWants::ALL },
        ..ALL
    };
    holds(kinds, &move |case, model| {
        let days = Rng::named(case.seed, "days").between(1, 4000) as i64 - 2000;
        let at = |later: i64| {
            let as_of = Instant(case.as_of.0 + later * 86_400_000_000);
            let mut rng = Rng::named(case.seed, "lead");
            let lead = generate::lead(&mut rng, model, as_of, kinds.lead);
            let activity = generate::activity(&mut rng, model, as_of, kinds.activity);
            let bound = support::lead(model, &lead, &activity).0;
            answer(model, &bound, &evaluate(model, &bound, as_of), as_of)
        };
        same(&format!("{days} days later"), &at(0), &at(days))
    });
}

#[test]
fn copies_and_the_future_change_nothing() {
    holds(ALL, &|case, model| {
        let lead = case.bound(model);
        let interpreter = Interpreter::new(model, case.as_of);
        let before = interpreter.evaluate(&lead);
        let mut rng = Rng::named(case.seed, "more");
        let mut more = case.activity.clone();
        // "Records that carry the same `event_id` are one (the first in the file)"
        let with_id: Vec<Json> = more.iter().filter(|a| a["event_id"].is_string()).cloned().collect();
        for record in with_id {
            let mut copy = record.clone();
            if rng.chance(50) {
                (copy["type"], copy["minutes"], copy["at"]) = (json!("booked"), json!(99), json!("2025-01-01"));
            }
            // Behind all, so that the first stays the first.
            more.push(copy);
        }
        // "Activity after *as of* has not happened yet and is never seen"
        for i in 0..rng.between(1, 4) {
            let at = Instant(case.as_of.0 + 1 + rng.below(100) as i64 * 3_600_000_000 * i64::from(i > 0));
            let kind =
                rng.pick(&["visited", "booked", "form", "page_view", "form_sent", "sent", "downloaded", "clicked"]);
            let record = json!({ "type": kind, "target": "pricing", "at": at.to_string(), "minutes": 50, "plan": "pro", "name": "contact" });
            more.insert(rng.below(more.len() + 1), record);
        }
        let (other, _) = support::lead(model, &case.lead, &more);
        let after = interpreter.evaluate(&other);
        if before != after { Err(format!("with {more:?}\nbefore {before:?}\nafter  {after:?}")) } else { Ok(()) }
    });
}

/// What the model says of the type of an expression is what evaluating it gives, if it gives anything.
#[test]
fn every_value_is_of_its_type() {
    // An array is a list, whatever the model takes its column for.
    let kinds = Kinds { lead: LeadWants { arrays: false, ..LeadWants::ALL }, ..ALL };
    holds(kinds, &|case, model| {
        let lead = case.bound(model);
        let interpreter = Interpreter::new(model, case.as_of);
        let outcome = interpreter.evaluate(&lead);
        let mut wrong = Ok(());
        interpreter.beside(&lead, &outcome, |beside| {
            model.walk(&mut |_, _, part| {
                part.visit(model, &mut |expr| {
                    let (value, of_type) = (beside.value(expr), model.type_of(expr));
                    if value.of_type().is_some_and(|t| t != of_type) {
                        wrong = Err(format!("{value:?} is no {of_type}: {:?}", expr.kind));
                    }
                });
            });
        });
        wrong
    });
}
