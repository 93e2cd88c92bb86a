//! Kinds of files: what is read, what is refused, encodings, compression.

use std::io::Write;

use super::*;
use crate::data::{Format, open};

fn format_of(text: &str) -> Format {
    Input::from_bytes("x", text.into(), &Options::default()).unwrap().format().unwrap()
}

#[test]
fn formats_are_told_by_content() {
    assert_eq!(format_of("id,name\n1,a\n"), Format::Csv);
    assert_eq!(format_of("[Lead ID],[Name]\n1,a\n"), Format::Csv);
    assert_eq!(format_of("  [ {\"id\": 1} ]"), Format::Json);
    assert_eq!(format_of("[]"), Format::Json);
    assert_eq!(format_of("{\"id\": 1}\n{\"id\": 2}\n"), Format::JsonLines);
    assert_eq!(format_of("{\n  \"id\": 1\n}\n"), Format::Json);
    // The first line was cut off; the others are good.
    assert_eq!(format_of("{\"id\": 1, \"na\n{\"id\": 2}\n"), Format::JsonLines);
}

#[test]
fn a_given_format_wins_over_content() {
    let options = Options { format: Some(Format::Tsv), ..Options::default() };
    assert_eq!(leads_with("id\ta,b,c\n1\t2\n", &options).columns().names, ["id", "a,b,c"]);
    let options = Options { format: Some(Format::Xlsx), ..Options::default() };
    assert_eq!(try_leads("id\n1\n", &options).unwrap_err().message, "`leads.csv` is not an Excel file");
    assert_eq!(Format::by_name("JSONL"), Some(Format::JsonLines));
    assert_eq!(Format::by_name("xml"), None);
}

#[test]
fn what_is_refused_is_refused_by_name() {
    assert_eq!(refused(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest".to_vec()), "`leads.csv` is an old Excel file");
    let locked: Vec<u8> = [0xd0, 0xcf, 0x11, 0xe0]
        .into_iter()
        .chain("EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes))
        .collect();
    assert_eq!(refused(locked), "`leads.csv` is an Excel file protected by a password");
    for page in ["<!DOCTYPE HTML><p>", "\n <html>", "<TABLE border=1><tr>", "\u{feff}<html>"] {
        assert_eq!(refused(page), "`leads.csv` is a web page saved under that name");
    }
    assert_eq!(refused("<?xml version=\"1.0\"?><Workbook/>"), "`leads.csv` is an XML file");
    assert_eq!(refused("%PDF-1.7 …"), "`leads.csv` is a PDF document");
    assert_eq!(refused(b"PK\x03\x04....word/document.xml".to_vec()), "`leads.csv` is a Word document");
    assert_eq!(refused(b"PK\x03\x04....leads.csv".to_vec()), "`leads.csv` is a zip archive");
    assert_eq!(refused(b"\x89PNG\r\n\x1a\n".to_vec()), "`leads.csv` is a picture");
    let noise: Vec<u8> = (0..4000_u32).map(|i| (i * i % 251) as u8 & 0x9f).collect();
    assert_eq!(refused(noise), "`leads.csv` is a binary file");
}

#[test]
fn empty_files() {
    assert_eq!(refused(""), "`leads.csv` is empty");
    assert_eq!(refused(" \r\n\n"), "`leads.csv` is empty");
    assert_eq!(refused("\u{feff}"), "`leads.csv` is empty");
    assert!(refused(",,\n1,2,3\n").contains("has no column names: line 1"));
    let options = Options { format: Some(Format::JsonLines), ..Options::default() };
    assert_eq!(rows(&leads_with("", &options)), [""; 0]);
    assert_eq!(rows_of("id,name\n"), [""; 0]);
    assert_eq!(rows_of("id,name"), [""; 0]);
    assert_eq!(rows_of("[]"), [""; 0]);
}

#[test]
fn encodings() {
    let text = "id,city\n1,München\n";
    assert_eq!(rows_of(text), ["2: 1|München"]);
    assert_eq!(rows_of(format!("\u{feff}{text}")), ["2: 1|München"]);
    let units = |bytes: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(bytes).collect::<Vec<u8>>();
    let (little, big) = (units(u16::to_le_bytes), units(u16::to_be_bytes));
    assert_eq!(rows_of(little.clone()), ["2: 1|München"]);
    assert_eq!(rows_of(big.clone()), ["2: 1|München"]);
    assert_eq!(rows_of([vec![0xff, 0xfe], little].concat()), ["2: 1|München"]);
    assert_eq!(rows_of([vec![0xfe, 0xff], big].concat()), ["2: 1|München"]);
    let wide = |bytes: fn(u32) -> [u8; 4]| text.chars().flat_map(|c| bytes(c as u32)).collect::<Vec<u8>>();
    let (little, big) = (wide(u32::to_le_bytes), wide(u32::to_be_bytes));
    assert_eq!(rows_of(little.clone()), ["2: 1|München"]);
    assert_eq!(rows_of(big.clone()), ["2: 1|München"]);
    assert_eq!(rows_of([vec![0xff, 0xfe, 0, 0], little.clone()].concat()), ["2: 1|München"]);
    assert_eq!(rows_of([vec![0, 0, 0xfe, 0xff], big].concat()), ["2: 1|München"]);
    let broken = leads([little, vec![0xff, 0xff, 0xff, 0xff]].concat());
    assert_eq!(
        broken.notes()[0].message,
        "`leads.csv` is UTF-32 in which some characters are broken; they are shown as `\u{fffd}`"
    );
    assert!(leads(text).notes().is_empty());
}

#[test]
fn windows_1252_is_read_and_told() {
    let latin = leads(b"id,city,note\n1,M\xfcnchen,\x80 5\n2,Bonn,\n".to_vec());
    assert_eq!(rows(&latin), ["2: 1|München|€ 5", "3: 2|Bonn|"]);
    let [note] = latin.notes() else { panic!() };
    assert!(!note.is_error());
    assert_eq!(note.message, "`leads.csv` is not UTF-8; 1 line was read as Windows-1252, first line 2: `München`");
    // One file of two systems, and one that ends within a character.
    assert_eq!(rows_of(b"id,city\n1,M\xfcnchen\n2,K\xc3\xb6ln\n".to_vec()), ["2: 1|München", "3: 2|Köln"]);
    assert_eq!(rows_of(b"id,city\n1,K\xc3\xb6ln\n2,M\xc3".to_vec()), ["2: 1|Köln", "3: 2|MÃ"]);
}

#[test]
fn a_few_nuls_are_text() {
    assert_eq!(rows_of("id,name\n1,a\0b\n2,a long enough name\n"), ["2: 1|a\0b", "3: 2|a long enough name"]);
}

#[test]
fn compressed_files() {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(b"id,name\n1,a\n").unwrap();
    let gzip = gzip.finish().unwrap();
    assert_eq!(rows_of(gzip.clone()), ["2: 1|a"]);
    let zstd = zstd::encode_all(&b"{\"id\":1}\n"[..], 0).unwrap();
    assert_eq!(rows_of(zstd.clone()), ["1: 1"]);
    // Two members, as `cat a.gz b.gz` makes them.
    assert_eq!(rows_of([gzip.clone(), gzip.clone()].concat()).len(), 3);
    assert_eq!(rows_of(zstd::encode_all(gzip.as_slice(), 0).unwrap()), ["2: 1|a"]);
    for cut in [&gzip[..gzip.len() - 9], &zstd[..zstd.len() - 3]] {
        assert!(refused(cut).contains("cannot be unpacked"), "{}", refused(cut));
    }
}

#[test]
fn what_stands_behind_gzip() {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(b"id,name\n1,a\n").unwrap();
    let gzip = gzip.finish().unwrap();
    // Blocks of a tape or of a transfer are filled up with zeros.
    assert_eq!(rows_of([gzip.clone(), vec![0; 500]].concat()), ["2: 1|a"]);
    assert_eq!(rows_of([gzip.clone(), vec![0; 5], gzip.clone()].concat()).len(), 3);
    assert_eq!(
        refused([gzip.clone(), b"rubbish".to_vec()].concat()),
        "`leads.csv` has something behind its end that gzip did not write"
    );
    assert!(refused([gzip.clone(), vec![0x1f, 0x8b, 8]].concat()).contains("cannot be unpacked"));
}

#[test]
fn what_becomes_too_large() {
    // Rows, so that it is refused for nothing else.
    let text = format!("id,name\n{}", "1,a\n".repeat(25 << 20));
    let packed = zstd::encode_all(text.as_bytes(), 1).unwrap();
    assert!(packed.len() * 250 < text.len());
    assert_eq!(refused(packed.clone()), "`leads.csv` is compressed, and becomes far larger than any data would");
    let options = |most: &str| Options { bound: crate::data::Bound::parse(most).unwrap(), ..Options::default() };
    let error = try_leads(packed.clone(), &options("50M")).unwrap_err();
    assert_eq!(error.message, "`leads.csv` has to be held in memory as a whole, and is larger than 50M");
    assert!(error.help.unwrap().ends_with("--max-unpacked 200M"));
    assert_eq!(leads_with(packed, &options("200M")).columns().names, ["id", "name"]);
    assert!(try_leads("id,name\n1,a\n", &options("5")).unwrap_err().message.ends_with("larger than 5"));
}

#[test]
fn a_single_value_is_no_table() {
    for text in ["null", "5", " true\n", "-1.5e3"] {
        assert_eq!(refused(text), format!("`leads.csv` holds `{}` and nothing else", text.trim()));
    }
    for text in ["\"email\"\n", "email", "5\n6\n", "null\n1\n"] {
        assert!(try_leads(text, &Options::default()).is_ok(), "{text}");
    }
    let options = Options { format: Some(Format::Csv), ..Options::default() };
    assert_eq!(leads_with("5\n", &options).columns().names, ["5"]);
}

#[cfg(unix)]
#[test]
fn names_that_are_no_utf8() {
    use std::os::unix::ffi::OsStrExt;
    let folder = std::env::temp_dir().join(format!("merit-names-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join(std::ffi::OsStr::from_bytes(b"l\xffads.csv"));
    std::fs::write(&path, "id\n1\n").unwrap();
    let input = open(&path, &Options::default()).unwrap();
    assert!(input.name.ends_with("l\u{fffd}ads.csv"), "{}", input.name);
    let missing = open(folder.join(std::ffi::OsStr::from_bytes(b"l\xfeads.csv")), &Options::default()).unwrap_err();
    assert!(missing.message.starts_with("there is no file"), "{}", missing.message);
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn files_on_disk() {
    let folder = std::env::temp_dir().join(format!("merit-files-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    std::fs::write(path("leads.csv"), "id\n1\n").unwrap();
    let options = Options::default();
    assert_eq!(open(path("leads.csv"), &options).unwrap().format(), Some(Format::Csv));
    let missing = open(path("lead.csv"), &options).unwrap_err().message;
    assert!(missing.starts_with("there is no file"), "{missing}");
    assert!(missing.ends_with("did you mean `leads.csv`?"), "{missing}");
    assert!(open(path(""), &options).unwrap_err().message.ends_with("is a folder"));
    assert!(open(path("leads.csv/x"), &options).unwrap_err().message.contains("cannot be read: not a directory"));
    std::fs::remove_dir_all(&folder).unwrap();
}
