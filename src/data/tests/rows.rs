//! Rows of CSV and TSV: delimiters, line ends, quotes, wrong numbers of cells, ids.

use proptest::prelude::*;

use super::*;
use crate::data::Format;

#[test]
fn delimiters() {
    assert_eq!(rows_of("id;name, first\n1;a\n"), ["2: 1|a"]);
    assert_eq!(rows_of("id\tname\n1\ta;b\n"), ["2: 1|a;b"]);
    assert_eq!(rows_of("\"a;b;c\",id\nx,1\n"), ["2: x|1"]);
    assert_eq!(rows_of("id\n1\n"), ["2: 1"]);
    assert_eq!(rows_of("sep=;\r\nid;a,b,c\r\n1;2\r\n"), ["3: 1|2"]);
    let options = Options { format: Some(Format::Csv), ..Options::default() };
    assert_eq!(rows(&leads_with("id;x\n1;2\n", &options)), ["2: 1|2"]);
}

#[test]
fn line_ends_and_line_numbers() {
    let expected = ["2: 1|a", "4: 2|b"];
    assert_eq!(rows_of("id,name\n1,a\n\n2,b\n"), expected);
    assert_eq!(rows_of("id,name\r\n1,a\r\n\r\n2,b"), expected);
    assert_eq!(rows_of("id,name\r1,a\r\r2,b\r"), expected);
    assert_eq!(rows_of("\n\nid,name\n1,a\n"), ["4: 1|a"]);
    assert_eq!(rows_of("id,name\r\r\n1,a\r\r\n2,b\r\r\n"), ["2: 1|a", "3: 2|b"]);
    // A stray CR is text where lines end in LF.
    assert_eq!(rows_of("id,name\n1,a\rb\n2,b\n"), ["2: 1|a\rb", "3: 2|b"]);
    assert_eq!(rows_of("id,name\n   \n1,a\n"), ["3: 1|a"]);
}

#[test]
fn quoted_newlines() {
    let text = "id,note\n1,\"one\ntwo, \"\"three\"\"\"\n2,\"a\r\nb\"\n3,x\n";
    assert_eq!(rows_of(text), ["2: 1|one\ntwo, \"three\"", "4: 2|a\r\nb", "6: 3|x"]);
    assert_eq!(rows_of("id,note\r1,\"a\rb\nc\"\r2,x\r"), ["2: 1|a\rb\nc", "5: 2|x"]);
    // Headers with line breaks come from Excel.
    let leads = leads("id,\"Number of\nEmployees\"\n1,5\n");
    assert_eq!(leads.columns().keys, ["id", "number_of_employees"]);
    assert_eq!(rows(&leads), ["3: 1|5"]);
}

#[test]
fn an_unclosed_quote_costs_one_row() {
    // No other quote in the file.
    let text = "id,company,country\n1,Acme,US\n2,\"Beta,GB\n3,Gamma,DE\n4,Delta,FR\n";
    assert_eq!(
        rows_of(text),
        ["2: 1|Acme|US", "3: 2|Beta|GB !! line 3 has a quote that is not closed", "4: 3|Gamma|DE", "5: 4|Delta|FR"]
    );
    // The next quote is a good one, rows later.
    let text = "id,company,country\n2,\"Beta,GB\n3,Gamma,DE\n4,\"Delta, Inc\",FR\n5,Eps,IT\n";
    assert_eq!(
        rows_of(text),
        ["2: 2|Beta|GB !! line 2 has a quote that is not closed", "3: 3|Gamma|DE", "4: 4|Delta, Inc|FR", "5: 5|Eps|IT"]
    );
    // Two of them, one after the other, and one at the end.
    let text = "id,company,country\n2,\"Beta,GB\n3,\"Gamma,DE\n4,Delta,FR\n5,\"Eps,IT";
    let errors = leads(text).rows().filter_map(|row| row.error).map(|e| e.message).collect::<Vec<_>>();
    assert_eq!(errors.len(), 3);
    assert!(errors[2].starts_with("line 5"));
    // The quote opens in the second line of its row.
    let text = "id,note,x\n1,\"a\nb\",\"c\n2,d,e\n";
    assert_eq!(rows_of(text), ["2: 1|a\nb|c !! line 3 has a quote that is not closed", "4: 2|d|e"]);
    assert!(refused("id,\"name\n1,a\n").contains("line 1, have a quote that is not closed"));
}

#[test]
fn a_quoted_cell_that_holds_rows_costs_one_row() {
    // Both quotes stand where quotes may stand, so that everything between them would be one cell.
    let text = "id,company,title\nL1,\"Acme,CEO\nL2,Beta,CTO\n\nL3,Gamma\",CFO\nL4,Delta,x\n";
    let out = [
        "2: L1|Acme|CEO !! line 2 has a quote that is not closed",
        "3: L2|Beta|CTO",
        "5: L3|Gamma\"|CFO",
        "6: L4|Delta|x",
    ];
    assert_eq!(rows_of(text), out);
    assert_eq!(rows_of(text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>()), out);
    // A row with a cell too many and a line break in quotes is one row, and what follows is another.
    assert_eq!(
        rows_of("id,a,b\n1,\"x\ny\",2,3\n4,5,6\n"),
        ["2: 1|x\ny|2 !! line 2 has 4 cells, the header 3", "4: 4|5|6"]
    );
    // The header, too.
    assert!(refused("id,\"name,title\nL1,Ann\",CEO\nL2,Bob,CTO\n").contains("line 1, have a quote that is not closed"));
    assert_eq!(leads("id,\"name\nof it\"\n1,a\n").columns().names, ["id", "name\nof it"]);
}

#[test]
fn too_many_columns() {
    let header = (0..20_000).map(|i| format!("c{i},")).collect::<String>();
    assert_eq!(refused(format!("{header}x\n")), "`leads.csv` has more than 16384 columns");
}

#[test]
fn quotes_that_are_merely_odd() {
    assert_eq!(rows_of("id,size\n1,5\"\n2,\"a\"b\n3,a \"b\" c\n"), ["2: 1|5\"", "3: 2|ab", "4: 3|a \"b\" c"]);
    // Prose in several lines with something behind its quote.
    assert_eq!(rows_of("id,note,x\n1,\"one\ntwo\" three,4\n2,b,5\n"), ["2: 1|one\ntwo three|4", "4: 2|b|5"]);
}

#[test]
fn wrong_numbers_of_cells() {
    let leads = leads("name,id,city\na,7\nb,8,Bonn,x\n,,\nc,9,Ulm\n");
    assert_eq!(
        rows(&leads),
        [
            "2: a|7| !! line 2 has 2 cells, the header 3",
            "3: b|8|Bonn !! line 3 has 4 cells, the header 3",
            "4: ||",
            "5: c|9|Ulm"
        ]
    );
    assert_eq!(ids(&leads), ["7", "8", "[row 3]", "9"]);
}

#[test]
fn large_cells() {
    let large = "x".repeat(10 << 20);
    assert_eq!(
        leads(format!("id,note\n1,{large}\n2,b\n")).rows().map(|r| r.cells[1].as_text().len()).collect::<Vec<_>>(),
        [10 << 20, 1]
    );
    let prose = "some words\n".repeat(1 << 20);
    let leads = leads(format!("id,note\n1,\"{prose}\"\n2,b\n"));
    let rows: Vec<Row> = leads.rows().collect();
    assert_eq!((rows.len(), rows[0].cells[1].as_text().len(), rows[1].line), (2, prose.len(), (1 << 20) + 3));
    // The same size, but what it holds are rows.
    let many = "3,b,c\n".repeat(200_000);
    assert_eq!(super::leads(format!("id,note,x\n1,\"a,b\n{many}4,\"c\",d\n")).rows().count(), 200_002);
}

#[test]
fn the_id_is_found_and_kept_as_it_is() {
    assert_eq!(ids(&leads("email,Record ID\na@x.com, 0042 \nb@x.com,\n")), [" 0042 ", "[row 2]"]);
    assert_eq!(ids(&leads("email,name\nA@x.com,a\n")), ["A@x.com"]);
    let none = leads("name,city\na,b\nc,d\n");
    assert_eq!((none.id_column(), ids(&none)), (None, vec!["1".to_owned(), "2".to_owned()]));
    let options = Options { id: Some("lead number".into()), ..Options::default() };
    assert_eq!(ids(&leads_with("id,Lead Number\n1,77\n", &options)), ["77"]);
    let error = try_leads("id,LeadNumbr\n1,77\n", &Options { id: Some("LeadNumber".into()), ..Options::default() })
        .unwrap_err();
    assert_eq!(error.message, "`leads.csv` has no column `LeadNumber` for the lead's id; did you mean `LeadNumbr`?");
    assert_eq!(error.help.unwrap(), "its columns are `id`, `LeadNumbr`");
}

#[test]
fn columns_of_one_name_stay() {
    let leads = leads("id,E-mail,e mail,,\n1,a,b,,\n");
    assert_eq!(leads.columns().keys, ["id", "e_mail", "e_mail", "", ""]);
    assert_eq!(leads.same_columns().unwrap().message, "`leads.csv` has a column twice: `e mail`");
    assert_eq!(rows(&leads), ["2: 1|a|b||"]);
}

#[test]
fn activity_in_a_cell() {
    let text = "id,events\n1,\"[{\"\"type\"\":\"\"visited\"\",\"\"target\"\":\"\"pricing\"\",\"\"at\"\":\"\"2025-06-30\"\",\"\"Minutes\"\":4}]\"\n2,\n3,lots\n4,[1]\n";
    let rows: Vec<Row> = leads(text).rows().collect();
    let [activity] = rows[0].events.as_deref().unwrap() else { panic!() };
    assert_eq!((&*activity.kind.written, &*activity.target.as_ref().unwrap().written), ("visited", "pricing"));
    assert_eq!(activity.properties(), [("minutes".into(), Raw::Number("4".into()))]);
    assert_eq!((rows[1].events.as_ref(), rows[1].event_problems.is_empty()), (None, true));
    assert_eq!((rows[2].error.as_ref(), rows[2].event_problems.events.count), (None, 1));
    let mut problems = rows[2].event_problems.clone();
    problems.merge(&rows[3].event_problems);
    assert_eq!(
        problems.messages("leads.csv")[0].message,
        "2 pieces of activity in `leads.csv` cannot be read; the first in line 4, `lots`"
    );
}

proptest! {
    /// Whatever a file holds, reading it ends, every good row is complete, and going through it again gives the same.
    #[test]
    fn nothing_panics(pieces in prop::collection::vec(prop::sample::select(vec![
        "a", "é", ",", ";", "\t", "\"", "\n", "\r", "\r\n", "{", "}", "[", "]", ":", "\\", "\"id\":1", "{\"id\":1}", "1", "\0", "events", "  ",
    ]), 0..40)) {
        let text = pieces.concat();
        for format in [None, Some(Format::Csv), Some(Format::Json), Some(Format::JsonLines)] {
            let options = Options { format, ..Options::default() };
            let Ok(leads) = try_leads(text.as_str(), &options) else { continue };
            let mut number = 0;
            for row in leads.rows() {
                number += 1;
                prop_assert_eq!((row.number, row.cells.len()), (number, leads.columns().names.len()));
                prop_assert!(row.line as usize <= text.len() + 1);
            }
            prop_assert_eq!(rows(&leads), rows(&leads));
        }
    }
}
