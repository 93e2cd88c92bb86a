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
    assert_eq!(leads.format(), Format::Xlsx);
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
    assert_eq!(refused(workbook("", "")), "`leads.csv` is empty");
    let options = Options { format: Some(Format::Csv), ..Options::default() };
    assert_eq!(try_leads(sample(), &options).unwrap_err().message, "`leads.csv` is an Excel file, not csv");
}
