//! Rows of JSON and JSON Lines: columns, nesting, broken elements.

use super::*;
use crate::lead::At;

#[test]
fn columns_are_the_union_of_keys() {
    let leads = leads(
        "{\"id\":1,\"a\":\"x\"}\n\n{\"b\":true,\"id\":\"2\",\"a\":null}\n{\"Company\":{\"Size\":5,\"HQ \":{\"city\":\"Ulm\"}}}\n",
    );
    assert_eq!(leads.columns().names, ["id", "a", "b", "Company.Size", "Company.HQ .city"]);
    assert_eq!(leads.columns().keys, ["id", "a", "b", "company.size", "company.hq.city"]);
    assert_eq!(rows(&leads), ["1: 1|x|||", "3: 2||true||", "4: |||5|Ulm"]);
    assert_eq!(ids(&leads), ["1", "2", "[row 3]"]);
    assert_eq!(leads.columns().find("company.size"), Some(3));
}

#[test]
fn numbers_stay_as_written() {
    let row = leads("{\"id\":00,\"n\":1.50}").rows().next().unwrap();
    assert!(row.error.is_some());
    let row = leads("{\"id\":12345678901234567890,\"n\":1.50,\"m\":1e3}").rows().next().unwrap();
    assert_eq!(row.cells, ["12345678901234567890", "1.50", "1e3"].map(|n| Raw::Number(n.into())));
}

#[test]
fn arrays_and_nulls() {
    let leads =
        leads("[{\"id\":1,\"tags\":[\"a\",2],\"co\":null},\n {\"id\":2,\"tags\":[{\"x\":1}],\"co\":{\"n\":1}}]");
    assert_eq!(leads.columns().names, ["id", "tags", "co.n"]);
    let rows: Vec<Row> = leads.rows().collect();
    assert_eq!(rows[0].cells[1], Raw::List(vec!["a".into(), "2".into()]));
    assert_eq!(rows[1].cells[1], Raw::Nested("[{\"x\":1}]".into()));
    assert_eq!((rows[0].line, rows[1].line), (1, 2));
    let mixed = super::leads("[{\"co\":\"Acme\"},{\"co\":{\"n\":1}}]");
    assert_eq!(super::rows(&mixed), ["1: Acme|", "1: {\"n\":1}|1"]);
}

#[test]
fn single_objects_and_objects_in_a_row() {
    assert_eq!(rows_of("{\n  \"id\": 1,\n  \"a\": {\n    \"b\": 2\n  }\n}\n"), ["1: 1|2"]);
    assert_eq!(rows_of("{\n  \"id\": 1\n}\n{\n  \"id\": 2\n}\n"), ["1: 1", "4: 2"]);
    assert_eq!(rows_of("[{\"id\":1}]\n[{\"id\":2}]"), ["1: 1", "2: 2"]);
    assert_eq!(rows_of("{\"id\":1}\r{\"id\":2}\r"), ["1: 1", "2: 2"]);
}

#[test]
fn leads_one_level_down_are_told() {
    let wrapped = leads("{\"results\": [{\"id\": 1}, {\"id\": 2}], \"paging\": {\"next\": null}}");
    assert_eq!(
        wrapped.notes()[0].message,
        "`leads.csv` holds a single object, which is read as one lead; its `results` is an array of objects"
    );
    assert!(leads("{\"id\": 1, \"events\": [{\"type\": \"a\"}]}").notes().is_empty());
    assert!(leads("{\"id\": 1, \"contacts\": [{\"n\": 1}]}").notes().is_empty());
    assert!(leads("{\"a\": [{}]}\n{\"a\": [{}]}").notes().is_empty());
}

#[test]
fn a_bad_line_costs_one_row() {
    let leads = leads(
        "{\"id\":\"a\"}\n{\"id\":\"b\",\"name\":\"x\n{\"id\":\"c\" \"name\":1}\n[1]\n17\n{\"id\":\"d\",}\n{\"id\":\"e\"}\n",
    );
    assert_eq!(
        rows(&leads),
        [
            "1: a",
            "2: b !! line 2 cannot be read as JSON: it ends too early",
            "3: c !! line 3 cannot be read as JSON: expected `,` or `}`, at character 11",
            "4:  !! line 4 holds an array, a lead is an object",
            "5:  !! line 5 holds a number, a lead is an object",
            "6: d !! line 6 cannot be read as JSON: a comma stands before the end, at character 11",
            "7: e",
        ]
    );
    assert_eq!(ids(&leads), ["a", "b", "c", "4", "5", "d", "e"]);
}

#[test]
fn a_bad_element_costs_one_row() {
    let pretty = "[\n  {\n    \"id\": 1\n  },\n  {\n    \"id\": 2,\n    \"a\": [\n  },\n  {\n    \"id\": 3,\n    \"b\": \"x\n  },\n  {\n    \"id\": 4\n  }\n]\n";
    let leads = leads(pretty);
    assert_eq!(ids(&leads), ["1", "2", "3", "4"]);
    let lines: Vec<_> = leads.rows().map(|row| (row.line, row.error.is_some())).collect();
    assert_eq!(lines, [(2, false), (5, true), (9, true), (13, false)]);
    // Brackets that are never closed.
    let leads = super::leads(
        "[\n {\"id\": 1},\n {\"id\": 2, \"a\": {\"b\": 1,\n {\"id\": 3},\n {\"id\": 4, \"a\": {,\n {\"id\": 5}\n]",
    );
    assert_eq!(ids(&leads), ["1", "2", "3", "4", "5"]);
    assert_eq!(leads.rows().filter(|row| row.error.is_some()).count(), 2);
    assert_eq!(ids(&super::leads("[{\"id\": 1},\n{\"id\": 2, {\n{\"id\": 3}]")), ["1", "2", "3"]);
    assert_eq!(ids(&super::leads("[{\"id\":1},{\"id\":},{\"id\":3},5,]")), ["1", "2", "3", "4"]);
}

#[test]
fn a_cr_ends_a_line_of_json_lines() {
    let text = "{\"id\":1}\r{\"id\":2}\n{\"id\":3,\r\n{\"id\":4}\r\r\n{\"id\":\r";
    assert_eq!(
        rows_of(text),
        [
            "1: 1",
            "2: 2",
            "3: 3 !! line 3 cannot be read as JSON: it ends too early",
            "4: 4",
            "6:  !! line 6 cannot be read as JSON: it ends too early"
        ]
    );
    assert_eq!(rows_of("[{\"id\":1},\r{\"id\":2},\r\n{\"id\":3}]"), ["1: 1", "2: 2", "3: 3"]);
}

#[test]
fn of_one_name_the_first_of_the_object_counts() {
    let leads = leads(
        "{\"id\":1,\"title\":\"a\",\"Title\":\"b\"}\n{\"Title\":\"c\",\"id\":2,\"title\":\"d\"}\n{\"id\":3,\"TITLE\":\"e\",\"Title\":null,\"title\":\"f\"}\n{\"id\":4,\"title\":null,\"title\":\"g\",\"title\":\"h\"}\n",
    );
    assert_eq!(leads.columns().names, ["id", "title", "Title", "TITLE"]);
    assert_eq!(rows(&leads), ["1: 1|a|b|", "2: 2|c|d|", "3: 3|e||f", "4: 4|g||"]);
}

#[test]
fn a_file_that_was_cut_off_is_told() {
    let leads = leads("[{\"id\":1},\n{\"id\":2");
    assert_eq!(rows(&leads), ["1: 1", "2:  !! line 2 cannot be read as JSON: it ends too early"]);
    assert_eq!(leads.notes()[0].message, "`leads.csv` ends before its JSON array does; rows may be missing");
    assert!(super::leads("[{\"id\":1}]").notes().is_empty());
}

#[test]
fn deep_and_wide_objects() {
    let deep = format!("{}1{}", "{\"a\":".repeat(5000), "}".repeat(5000));
    let leads = leads(format!("{{\"id\":7,\"x\":{deep}}}"));
    assert_eq!(ids(&leads), ["7"]);
    assert!(matches!(leads.rows().next().unwrap().cells[1], Raw::Nested(_)));
    let brackets = "[".repeat(100_000);
    assert_eq!(
        super::leads(format!("{{\"id\":7}}\n{{\"id\":8,\"x\":{brackets}\n"))
            .rows()
            .filter(|r| r.error.is_some())
            .count(),
        1
    );
    let wide: String = (0..20_000).map(|i| format!("{{\"k{i}\":1}}\n")).collect();
    assert!(refused(wide).contains("more than 10000 different names"));
}

#[test]
fn nested_activity() {
    let leads = leads(
        "[{\"id\":1,\"Events\":[{\"type\":\"Visited\",\"at\":\"2025-06-30\",\"page\":{\"url\":\"/x\"}},{\"type\":\"\"},7,\
         {\"type\":\"clicked\",\"at\":\"soon\",\"event_id\":5}]},\n{\"id\":2,\"Events\":[]},\n{\"id\":3}]",
    );
    assert_eq!(leads.columns().names, ["id"]);
    let rows: Vec<Row> = leads.rows().collect();
    let [visited, clicked] = rows[0].events.as_deref().unwrap() else { panic!() };
    assert_eq!((visited.kind.folded.as_str(), visited.target.as_ref()), ("visited", None));
    assert_eq!(visited.properties(), [("page_url".into(), Raw::Text("/x".into()))]);
    assert_eq!((clicked.at, clicked.event_id().map(|id| &**id)), (At::Unreadable, Some("5")));
    let told: Vec<_> = rows[0].event_problems.messages("leads.json").into_iter().map(|d| d.message).collect();
    assert_eq!(
        told,
        [
            "1 piece of activity in `leads.json` cannot be read; the first in line 1, `7`",
            "1 activity record in `leads.json` has no type; the first in line 1",
            "1 activity record in `leads.json` has a time that cannot be read; the first in line 1, `soon`",
        ]
    );
    assert_eq!((rows[1].events.as_deref(), rows[2].events.as_deref()), (Some(&[][..]), None));
}
