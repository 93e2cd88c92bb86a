//! What a model reads: every field, activity and property has a user.

use merit::model::{ExprKind, Model};
use merit::reads::{Reads, reads};

use super::generate::{self, Rng, Wants};
use super::support;

fn users(reads: &Reads, field: &str) -> Vec<String> {
    reads.fields.iter().find(|f| f.name == field).map(|f| f.used_by.clone()).unwrap_or_default()
}

#[test]
fn amounts_cases_reasons_resets_and_tests_are_users() {
    let model = support::model(
        r#"when a = 1 add 5 because "From {region}" if not add (penalty) because "In {city}"
           points by title {
             = `Other title`: (bonus)
             otherwise: 1 because "{country}"
           }
           score g { when b = 1 add 1 reset at unsubscribed() since reset_date because "{why}" }
           review if c = 1 because "Ask {owner}"
           stages lead, mql from standing
           mql if score > 5 because "{detail}"
           label l { "{text}" if d = 1 }
           test "t" { as of 2025-06-30; lead { a: 1 } expect only_here is missing }"#,
    );
    let reads = reads(&model);
    for (field, user) in [
        ("region", "rule in line 1"),
        ("penalty", "rule in line 1"),
        ("city", "rule in line 1"),
        ("Other title", "table in line 2"),
        ("bonus", "table in line 2"),
        ("country", "table in line 2"),
        ("reset_date", "reset in line 6"),
        ("why", "reset in line 6"),
        ("owner", "review"),
        ("standing", "stages"),
        ("detail", "stage mql"),
        ("text", "label l"),
        ("only_here", "test in line 11"),
    ] {
        assert!(users(&reads, field).iter().any(|u| u == user), "{field}: {:?}", users(&reads, field));
    }
}

/// The properties that somebody asks a record for whose type is itself asked for.
fn properties_asked(model: &Model) -> Vec<usize> {
    let mut asked = Vec::new();
    model.walk(&mut |owner, _, part| {
        if matches!(owner, merit::model::Owner::ActivityType(_)) {
            return;
        }
        part.visit(model, &mut |expr| match &expr.kind {
            ExprKind::Property(id) | ExprKind::OfRecords(_, _, Some(id)) => asked.push(id.0),
            _ => {}
        });
    });
    asked
}

#[test]
fn whatever_a_random_model_reads_has_a_user() {
    for seed in 1..=2000 {
        let text = generate::draft(&mut Rng::new(seed), Wants::ALL).text();
        let model = support::model(&text);
        let reads = reads(&model);
        // A field without a declaration is there because somebody asks for it.
        for (field, read) in model.fields.iter().zip(&reads.fields).filter(|(f, _)| !f.is_declared) {
            assert!(!read.used_by.is_empty(), "seed {seed}: nobody uses {}\n{text}", field.name);
        }
        for query in &model.queries {
            let name = query.kind.map_or("", |k| model.activity_types[k.0].name.as_str());
            let read = reads.activity.iter().find(|a| a.name == name);
            assert!(
                read.is_some_and(|a| !a.used_by.is_empty()),
                "seed {seed}: nobody uses the activity {name}\n{text}"
            );
        }
        for id in properties_asked(&model) {
            let key = &model.properties[id].key;
            assert!(
                reads.activity.iter().any(|a| a.properties.iter().any(|(k, _)| k == key)),
                "seed {seed}: nobody uses the property {key}\n{text}"
            );
        }
    }
}
