//! The words that stand for lines and targets: what the model writes, whatever stands in its texts.

use merit::words::Lines;

use super::support;

/// The reasons of the rules of a model, in the order of the file.
fn reasons(rules: &str) -> Vec<String> {
    let model = support::model(rules);
    let lines = Lines::of(&model);
    (0..model.lines.len()).filter_map(|n| lines.get(merit::model::LineId(n))).map(|line| line.reason.clone()).collect()
}

#[test]
fn an_activity_stands_without_its_parentheses() {
    for (condition, words) in [
        (r#"visited("pricing")"#, r#"Visited "pricing""#),
        (
            r#"visited("pricing") at least 3 times in last 14 days"#,
            r#"Visited "pricing" at least 3 times in last 14 days"#,
        ),
        ("replied()", "Replied"),
        ("country is missing", "Country is missing"),
        // Signs of the language inside of texts are letters.
        (r#"visited("a)b")"#, r#"Visited "a)b""#),
        (r#"visited("a(b)c", "d")"#, r#"Visited "a(b)c", "d""#),
        (r#"visited("x" where note contains "(")"#, r#"Visited "x" where note contains "(""#),
        (r#"viewed_page("x  y") and country = "US""#, r#"Viewed page "x  y" and country = "US""#),
        (r#"not (country = "US")"#, r#"Not (country = "US")"#),
        (r#"not visited("x")"#, r#"Not visited("x")"#),
        (r#"(visited("x") or title = "(") and country = "US""#, r#"(visited("x") or title = "(") and country = "US""#),
        ("days_since(visited()) < 3", "Days_since(visited()) < 3"),
        (r#"`page view`("x")"#, r#"Page view "x""#),
    ] {
        assert_eq!(reasons(&format!("when {condition} add 1\n")), [words], "{condition}");
    }
    assert_eq!(reasons("add 5 per distinct visited(\"a)b\")\n"), ["Visited \"a)b\""]);
}

#[test]
fn a_named_activity_keeps_its_name() {
    assert_eq!(
        reasons("let pricing = visited(\"x\")\nwhen pricing at least 2 times add 1\n"),
        ["Pricing at least 2 times"]
    );
}

#[test]
fn doc_writes_targets_as_the_model_does() {
    let model = support::model(
        r#"let talks = ["Data where it lives", "C++ (advanced)"]
        when visited("Data where it lives", "Say \"no\" to silos", "A) and B)") add 10
        when attended(any talks) add 20
        "#,
    );
    let page = merit::book::page(&model, support::as_of("2025-06-30"), None).render(merit::page::Shape::Markdown);
    let page = page.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        page.contains(r#"visited "Data where it lives", "Say "no" to silos" or "A) and B)""#)
            || page.contains(r#"Visited "Data where it lives", "Say "no" to silos" or "A) and B)""#),
        "{page}"
    );
    assert!(page.contains(r#"ttended "Data where it lives" or "C++ (advanced)""#), "{page}");
}
