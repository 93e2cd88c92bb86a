//! Excel workbooks, made by hand here.

use super::*;
use crate::data::Format;

/// A zip archive of files that are not compressed.
fn zip(files: &[(&str, &str)]) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for (name, text) in files {
        let mut crc = flate2::Crc::new();
        crc.update(text.as_bytes());
        let (crc, size, length) = (crc.sum(), text.len() as u32, name.len() as u16);
        // Version, flags, method, time and date; then checksum, sizes, lengths of name and extra.
        let mut about = vec![20, 0, 0, 0, 0, 0, 0, 0, 0x21, 0];
        about.extend([crc, size, size].iter().flat_map(|n| n.to_le_bytes()));
        about.extend([length, 0].iter().flat_map(|n| n.to_le_bytes()));
        directory.extend(b"PK\x01\x02\x14\x00");
        directory.extend(&about);
        directory.extend([0; 10]);
        directory.extend((out.len() as u32).to_le_bytes());
        directory.extend(name.as_bytes());
        out.extend(b"PK\x03\x04");
        out.extend(&about);
        out.extend(name.as_bytes());
        out.extend(text.as_bytes());
    }
    let (start, count) = (out.len() as u32, files.len() as u16);
    out.extend(&directory);
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend([count, count].iter().flat_map(|n| n.to_le_bytes()));
    out.extend((directory.len() as u32).to_le_bytes());
    out.extend(start.to_le_bytes());
    out.extend([0, 0]);
    out
}

fn workbook(first: &str, second: &str) -> Vec<u8> {
    const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    const RELATIONS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let sheet = |rows: &str| format!("<worksheet xmlns=\"{MAIN}\"><sheetData>{rows}</sheetData></worksheet>");
    let book = format!(
        "<workbook xmlns=\"{MAIN}\" xmlns:r=\"{RELATIONS}\"><sheets><sheet name=\"Old\" sheetId=\"1\" state=\"hidden\" r:id=\"r2\"/>\
         <sheet name=\"Leads\" sheetId=\"2\" r:id=\"r1\"/></sheets></workbook>"
    );
    let relation = |id: &str, kind: &str, target: &str| {
        format!("<Relationship Id=\"{id}\" Type=\"{RELATIONS}/{kind}\" Target=\"{target}\"/>")
    };
    let relations = format!(
        "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">{}{}{}</Relationships>",
        relation("r1", "worksheet", "worksheets/sheet1.xml"),
        relation("r2", "worksheet", "worksheets/sheet2.xml"),
        relation("r3", "styles", "styles.xml"),
    );
    let styles = format!(
        "<styleSheet xmlns=\"{MAIN}\"><cellXfs count=\"2\"><xf numFmtId=\"0\"/><xf numFmtId=\"22\"/></cellXfs></styleSheet>"
    );
    let root = "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">".to_owned()
        + &relation("r0", "officeDocument", "xl/workbook.xml")
        + "</Relationships>";
    zip(&[
        ("_rels/.rels", &root),
        ("xl/workbook.xml", &book),
        ("xl/_rels/workbook.xml.rels", &relations),
        ("xl/styles.xml", &styles),
        ("xl/worksheets/sheet1.xml", &sheet(first)),
        ("xl/worksheets/sheet2.xml", &sheet(second)),
    ])
}

/// A workbook of one sheet with a list of texts that says that it has so many.
fn with_texts(claims: &str) -> Vec<u8> {
    const RELATIONS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let relation = |kind: &str, target: &str| {
        format!(
            "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship Id=\"r1\" Type=\"{RELATIONS}/{kind}\" Target=\"{target}\"/></Relationships>"
        )
    };
    let book = format!(
        "<workbook xmlns:r=\"{RELATIONS}\"><sheets><sheet name=\"Leads\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>"
    );
    let texts = format!("<sst {claims}><si><t>id</t></si><si><t>a</t></si></sst>");
    let sheet = "<worksheet><sheetData><row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c></row><row r=\"2\"><c r=\"A2\" t=\"s\"><v>1</v></c></row></sheetData></worksheet>";
    zip(&[
        ("_rels/.rels", &relation("officeDocument", "xl/workbook.xml")),
        ("xl/workbook.xml", &book),
        ("xl/_rels/workbook.xml.rels", &relation("worksheet", "worksheets/sheet1.xml")),
        ("xl/sharedStrings.xml", &texts),
        ("xl/worksheets/sheet1.xml", sheet),
    ])
}

#[test]
fn a_list_of_texts_that_lies_about_its_length() {
    assert_eq!(rows_of(with_texts("count=\"2\" uniqueCount=\"2\"")), ["2: a"]);
    assert_eq!(rows_of(with_texts("")), ["2: a"]);
    for claims in
        ["uniqueCount=\"4294967295\"", "count=\"1\"\n  uniqueCount = '99999999999999999999999'", "uniqueCount=\"5000\""]
    {
        let told = refused(with_texts(claims));
        assert!(told.contains("texts, and is too small for so many"), "{told}");
    }
}

#[test]
fn formulas_without_results() {
    let rows = format!(
        "<row r=\"1\">{}{}</row><row r=\"2\"><c r=\"A2\"><v>1</v></c><c r=\"B2\"><f>A2*2</f><v>2</v></c></row>\
         <row r=\"3\"><c r=\"A3\"><v>2</v></c><c r=\"B3\"><f>A3*2</f></c></row>\
         <row r=\"4\"><c r=\"A4\"><v>3</v></c><c r=\"B4\" t=\"str\"><f>\"\"</f><v></v></c></row><row r=\"5\"><c r=\"A5\"><v>4</v></c><c r=\"B5\"><f>1</f></c></row>",
        text("A1", "id"),
        text("B1", "n")
    );
    let leads = leads(workbook(&rows, ""));
    assert_eq!(super::rows(&leads), ["2: 1|2", "3: 2|", "4: 3|", "5: 4|"]);
    let [note] = leads.notes() else { panic!("{:?}", leads.notes()) };
    assert_eq!(
        note.message,
        "in `leads.csv` 2 cells have formulas whose results were never saved, first in row 3: `=A3*2`"
    );
    assert!(!note.is_error());
}

#[test]
fn cells_far_out_cost_no_more_than_themselves() {
    // As a table, this would be 1.6 billion cells.
    let far: String =
        (2..100_002).map(|row| format!("<row r=\"{row}\"><c r=\"XFD{row}\"><v>1</v></c></row>")).collect();
    let leads = leads(workbook(&format!("<row r=\"1\">{}{}</row>{far}", text("A1", "id"), text("XFD1", "last")), ""));
    assert_eq!(leads.columns().names.len(), 16_384);
    assert_eq!(
        leads.rows().take(3).map(|row| row.cells[16_383].as_text().into_owned()).collect::<Vec<_>>(),
        ["1", "1", "1"]
    );
}

#[test]
fn a_workbook_has_a_bound() {
    let options = |most: &str| Options { bound: crate::data::Bound::parse(most).unwrap(), ..Options::default() };
    let size = sample().len();
    assert_eq!(leads_with(sample(), &options(&(size + 100).to_string())).columns().names.len(), 4);
    assert!(
        try_leads(sample(), &options(&(size - 1).to_string()))
            .unwrap_err()
            .message
            .contains("has to be held in memory as a whole")
    );
}

fn text(at: &str, text: &str) -> String {
    format!("<c r=\"{at}\" t=\"inlineStr\"><is><t>{text}</t></is></c>")
}

fn sample() -> Vec<u8> {
    let first = format!(
        "<row r=\"2\">{}{}{}{}</row>\
         <row r=\"3\"><c r=\"B3\"><v>42</v></c>{}<c r=\"D3\" s=\"1\"><v>45838</v></c><c r=\"E3\" t=\"b\"><v>1</v></c></row>\
         <row r=\"5\"><c r=\"B5\"><v>12.5</v></c><c r=\"D5\" s=\"1\"><v>45838.583333333336</v></c><c r=\"E5\" t=\"e\"><v>#N/A</v></c></row>\
         <row r=\"6\"><c r=\"B6\"><v>7</v></c><c r=\"XFD1048576\"><v>9</v></c></row>",
        text("B2", "Lead ID"),
        text("C2", "Name"),
        text("D2", "Created"),
        text("E2", "Customer"),
        text("C3", "Ann &amp; Co"),
    );
    workbook(&first, &format!("<row r=\"1\">{}</row>", text("A1", "id")))
}

#[test]
fn the_first_visible_sheet() {
    let leads = leads(sample());
    assert_eq!(leads.format(), Some(Format::Xlsx));
    assert_eq!(leads.columns().names, ["Lead ID", "Name", "Created", "Customer"]);
    assert_eq!(
        rows(&leads),
        [
            "3: 42|Ann & Co|2025-06-30|true",
            "5: 12.5||2025-06-30T14:00:00|#N/A",
            "6: 7|||",
            "1048576: ||| !! row 1048576 has cells outside the columns of the header",
        ]
    );
    assert_eq!(ids(&leads), ["42", "12.5", "7", "4"]);
}

#[test]
fn a_named_sheet() {
    let options = |sheet: &str| Options { sheet: Some(sheet.into()), ..Options::default() };
    assert_eq!(leads_with(sample(), &options("old")).columns().names, ["id"]);
    let error = try_leads(sample(), &options("Sheet1")).unwrap_err();
    assert_eq!(error.message, "`leads.csv` has no sheet `Sheet1`");
    assert_eq!(error.help.unwrap(), "its sheets are `Old`, `Leads`");
}

#[test]
fn damaged_and_misnamed() {
    let whole = sample();
    assert!(refused(&whole[..whole.len() - 300]).starts_with("`leads.csv` is an Excel file that cannot be read"));
    let empty = try_leads(workbook("", ""), &Options::default()).unwrap_err();
    assert_eq!(empty.message, "the sheet `Leads` of `leads.csv` is empty");
    assert_eq!(empty.help.unwrap(), "its other sheet is `Old`; name the one to read: --sheet \"Old\"");
    let options = Options { format: Some(Format::Csv), ..Options::default() };
    assert_eq!(try_leads(sample(), &options).unwrap_err().message, "`leads.csv` is an Excel file, not csv");
}

#[test]
fn what_stands_on_other_sheets_and_at_the_end() {
    let rows: String = (2..40).map(|row| format!("<row r=\"{row}\"><c r=\"A{row}\"><v>{row}</v></c></row>")).collect();
    let first =
        format!("<row r=\"1\">{}</row>{rows}<row r=\"40\">{}</row>", text("A1", "id"), text("A40", "Grand Totals"));
    let second = format!(
        "<row r=\"2\">{}{}</row><row r=\"3\">{}</row>",
        text("A2", "Email"),
        text("C2", "Industry"),
        text("A3", "k@x.example")
    );
    let leads = leads(workbook(&first, &second));
    assert_eq!(leads.other_sheets(), [("Old".to_owned(), vec!["Email".to_owned(), "Industry".to_owned()])]);
    let last = leads.last_rows(3);
    let cells: Vec<String> = last.iter().map(|(cells, _)| cells[0].as_text().into_owned()).collect();
    assert_eq!(cells, ["38", "39", "Grand Totals"]);
    // What is left out is not among the last.
    let leads = super::leads("id,n\n1,2\n\nTotal,2\n");
    assert_eq!(leads.last_rows(16).len(), 2);
}
