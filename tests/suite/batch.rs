//! The batch engine gives the answers of the interpreter: all of them, on random models, leads and activity.
//!
//! `MERIT_CASES=200000 cargo test batch` tries more, `MERIT_SEED=7` begins elsewhere.

#![allow(clippy::expect_used, clippy::panic)] // A test that cannot set up its files fails.

use std::collections::{BTreeMap, BTreeSet};

use merit::eval::batch::{Batch, Program, WIDTH};
use merit::eval::{Interpreter, Outcome};
use merit::lead::Lead;
use merit::model::{Counting, Model, Rule, Scoring};
use merit::time::Instant;

use super::generate::{self, ActivityWants, LeadWants, Rng, Wants};
use super::support;

/// Leads of one model, more than one block of them, some without gaps and some without activity.
fn leads(seed: u64, model: &Model, as_of: Instant) -> Vec<Lead> {
    let mut rng = Rng::named(seed, "leads");
    let count = rng.pick(&[1, 7, WIDTH - 1, WIDTH, WIDTH + 1]);
    let some: Vec<Lead> = (0..count.min(12))
        .map(|_| {
            let gaps = rng.pick(&[0, 35, 100]);
            let lead = generate::lead(&mut rng, model, as_of, LeadWants { gaps, ..LeadWants::ALL });
            let most = rng.pick(&[0, 3, 14, 40]);
            let activity = generate::activity(&mut rng, model, as_of, ActivityWants { most, ..ActivityWants::ALL });
            support::lead(model, &lead, &activity).0
        })
        .collect();
    (0..count).map(|_| some[rng.below(some.len())].clone()).collect()
}

/// The first lead of which the two say different things.
fn difference(model: &Model, leads: &[Lead], as_of: Instant) -> Option<(usize, Outcome, Outcome)> {
    let interpreter = Interpreter::new(model, as_of);
    let program = Program::compile(model, as_of);
    let answers = Batch::new(&program).outcomes(leads);
    assert_eq!(answers.len(), leads.len());
    leads.iter().zip(answers).enumerate().find_map(|(i, (lead, batch))| {
        let wanted = interpreter.evaluate(lead);
        (batch != wanted).then_some((i, wanted, batch))
    })
}

#[test]
fn batch_answers_are_those_of_the_interpreter() {
    for seed in support::seeds(support::cases(2000)) {
        let mut rng = Rng::new(seed);
        let mut draft = generate::draft(&mut rng, Wants::ALL);
        let as_of = generate::as_of(&mut rng);
        let mut model = support::model(&draft.text());
        let leads_of = |model: &Model| leads(seed, model, as_of);
        if difference(&model, &leads_of(&model), as_of).is_none() {
            continue;
        }
        // Cut down to the least model that still shows it.
        while let Some((less, its_model)) = (0..draft.size()).map(|at| draft.without(at)).find_map(|d| {
            let model = support::checked(&d.text()).model?;
            difference(&model, &leads_of(&model), as_of).is_some().then_some((d, model))
        }) {
            (draft, model) = (less, its_model);
        }
        let leads = leads_of(&model);
        let (i, wanted, batch) = difference(&model, &leads, as_of).expect("a difference");
        panic!(
            "seed {seed}, lead {i} of {} as of {as_of}: {:?}\nwanted {wanted:?}\nbatch  {batch:?}\n{}",
            leads.len(),
            leads[i],
            draft.text()
        );
    }
}

/// What engines are most likely to differ in stands in many of the random models.
#[test]
fn what_is_hard_is_common() {
    let models: Vec<String> = (1..=1000).map(|seed| generate::draft(&mut Rng::new(seed), Wants::ALL).text()).collect();
    let share = |holds: &dyn Fn(&str) -> bool| models.iter().filter(|text| holds(text)).count() / 10;
    let column_behind = |text: &str, word: &str| {
        text.split(word).skip(1).any(|rest| rest.starts_with(|c: char| c.is_ascii_lowercase() || c == '`'))
    };
    let shares = [
        ("score =", share(&|text| text.contains("\nscore = ")), 15),
        ("choices", share(&|text| text.contains(" of {")), 30),
        (
            "amounts that may be missing",
            share(&|text| ["add ", "subtract "].iter().any(|word| column_behind(text, word))),
            30,
        ),
        (
            "windows that may be unknown",
            share(&|text| [") before ", ") since ", ") after "].iter().any(|word| column_behind(text, word))),
            25,
        ),
    ];
    for (what, share, least) in shares {
        assert!(share >= least, "{what}: {share} % of the models; {shares:?}");
    }
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    for text in &models {
        let model = support::model(text);
        let mut here = BTreeSet::new();
        model.groups.iter().flat_map(|g| &g.items).chain(&model.loose).for_each(|item| parts_of_rules(item, &mut here));
        here.into_iter().for_each(|part| *seen.entry(part).or_default() += 1);
    }
    let share = |holds: &dyn Fn(&Model) -> bool| models.iter().filter(|text| holds(&support::model(text))).count();
    for (what, count) in [
        ("groups that fade", share(&|m| m.groups.iter().any(|g| g.fading.is_some()))),
        ("groups with a bound under a condition", share(&|m| m.groups.iter().any(|g| !g.limits.is_empty()))),
        ("scores that fade", share(&|m| m.fading.is_some())),
        ("scores with a bound under a condition", share(&|m| !m.limits.is_empty())),
    ] {
        assert!(count >= 50, "{what}: in {count} of {} models", models.len());
    }
    for part in RULE_PARTS {
        let count = seen.remove(part).unwrap_or_default();
        assert!(count >= 50, "{part}: in {count} of {} models", models.len());
    }
    assert!(seen.is_empty(), "no list of what is common holds {seen:?}");
}

const RULE_PARTS: [&str; 13] = [
    "when",
    "once",
    "the newest",
    "each",
    "each time",
    "distinct",
    "since a date",
    "since activity",
    "silence",
    "rate",
    "ageing",
    "up to",
    "if not",
];

/// The parts of the rules of an item. A new part does not compile before it has a name here.
fn parts_of_rules(item: &Scoring, seen: &mut BTreeSet<&'static str>) {
    match item {
        Scoring::Choice { best: _, items } => items.iter().for_each(|i| parts_of_rules(i, seen)),
        Scoring::Table(_) => {}
        Scoring::Rule(rule) => {
            let Rule { when, amount: _, counting, rate, ageing, up_to, if_not, fields: _, line: _ } = &**rule;
            seen.insert(match counting {
                Counting::Once(None) => "once",
                Counting::Once(Some(_)) => "the newest",
                Counting::Each { activity: _, through: false } => "each",
                Counting::Each { activity: _, through: true } => "each time",
                Counting::Distinct(_) => "distinct",
                Counting::SinceDate(..) => "since a date",
                Counting::SinceActivity(..) => "since activity",
                Counting::Silence(..) => "silence",
            });
            let has = [
                ("when", when.is_some()),
                ("rate", rate.is_some()),
                ("ageing", ageing.is_some()),
                ("up to", up_to.is_some()),
                ("if not", if_not.is_some()),
            ];
            seen.extend(has.iter().filter(|(_, has)| *has).map(|(part, _)| *part));
        }
    }
}

/// Where only the end of an address is asked for, the end alone is remembered; it must tell as much as the whole.
#[test]
fn ends_of_addresses_tell_what_whole_ones_tell() {
    let model = support::model(
        r#"
        when domain(email) in ["gmail.com", "acme.edu"] add 1
        when email ends with any [".edu", "an-address@acme.edu"] add 2
        when domain(email) contains "acme" add 4
        when domain(email) is missing add 8
        when email is missing add 16
        when not (domain(email) = "gmail.com") add 32
        mql if score >= 1
        "#,
    );
    let ends = [
        "gmail.com",
        "GMAIL.com",
        "acme.edu",
        "acme.edu ",
        "a.edu\u{a0}",
        "",
        " ",
        ".edu",
        "ex\u{e4}mple.edu",
        "x@gmail.com",
    ];
    let begins = ["", "a", " a", "an-address", "\u{fc}", "x@y"];
    let mut addresses: Vec<String> = ends.iter().flat_map(|end| begins.map(|begin| format!("{begin}@{end}"))).collect();
    addresses.extend(["", " ", ".edu", "gmail.com", "no address"].map(str::to_owned));
    let as_of = support::as_of("2025-06-30T00:00:00Z");
    // More than once, so that what is remembered is asked for.
    let leads: Vec<Lead> = (0..3)
        .flat_map(|_| &addresses)
        .map(|a| support::lead(&model, &serde_json::json!({"email": a}), &[]).0)
        .collect();
    if let Some((i, wanted, batch)) = difference(&model, &leads, as_of) {
        panic!("{:?}: wanted {wanted:?}, batch {batch:?}", leads[i].values);
    }
}
