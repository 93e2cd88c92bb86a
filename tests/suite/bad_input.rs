//! What is wrong with what comes in, one test for each, with all that is said: files, rows, cells, options, and the files
//! that a model reads.

#![allow(clippy::expect_used, clippy::panic)] // A test that cannot set up its folder fails.

use super::run_command::{Folder, LEADS, MODEL};

/// A model that reads two numbers, a date and a flag, and a file of leads that is fine.
fn plain(name: &str) -> Folder {
    let folder = Folder::new(name);
    folder
        .write("m.merit", "field employees: number\nwhen employees >= 50 add 5\n")
        .write("leads.csv", "id,employees\na,60\nb,5\n");
    folder
}

/// Runs the model on leads that are these bytes.
fn leads(name: &str, bytes: impl AsRef<[u8]>, status: i32) {
    let folder = plain(name);
    folder.write("leads.csv", bytes);
    folder.merit("run m.merit leads.csv").ends(status).is(&name.replace('-', "_"));
}

/// Runs a model that is this text.
fn model(name: &str, text: impl AsRef<[u8]>, status: i32) {
    let folder = plain(name);
    folder.write("m.merit", text);
    folder.merit("run m.merit leads.csv").ends(status).is(&name.replace('-', "_"));
}

// Files.

#[test]
fn a_file_that_is_not_there() {
    let folder = plain("bad-missing-file");
    folder.merit("run m.merit laeds.csv").ends(2).is("bad_missing_file");
    folder.merit("run m.merit nothing/like/it.csv").ends(2).is("bad_missing_file_nothing_near");
    folder.write("events.csv", "lead_id,type\n");
    folder.merit("run m.merit leads.csv --events evnets.csv").ends(2).is("bad_missing_events");
    folder.merit("run n.merit leads.csv").ends(2).is("bad_missing_model");
}

#[test]
fn a_folder_instead_of_a_file() {
    let folder = plain("bad-folder");
    folder.write("export/x.csv", "");
    folder.merit("run m.merit export").ends(2).is("bad_leads_folder");
    folder.merit("run export leads.csv").ends(2).is("bad_model_folder");
    folder.merit("run m.merit leads.csv --events export").ends(2).is("bad_events_folder");
}

#[test]
fn an_empty_file() {
    leads("bad-empty-file", "", 2);
    leads("bad-blank-file", " \r\n\n", 2);
    leads("bad-only-a-mark", "\u{feff}", 2);
}

#[test]
fn a_header_and_nothing_else() {
    leads("bad-header-only", "id,employees\n", 0);
    leads("bad-header-only-without-line-end", "id,employees", 0);
}

#[test]
fn no_header() {
    leads("bad-no-names", ",,\na,b,c\n", 2);
}

#[test]
fn an_old_excel_file() {
    let mut bytes = vec![0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];
    bytes.resize(600, 0);
    leads("bad-xls", bytes, 2);
}

#[test]
fn a_web_page() {
    leads("bad-html", "\n<html><body><table><tr><td>id</td></tr></table></body></html>", 2);
}

#[test]
fn a_pdf() {
    leads("bad-pdf", "%PDF-1.7\n%\u{e2}\n1 0 obj", 2);
}

#[test]
fn a_zip_archive() {
    leads("bad-zip", b"PK\x03\x04\x14\0\0\0\x08\0leads.csv", 2);
}

#[test]
fn an_archive_that_was_cut_off() {
    let packed = zstd::encode_all(LEADS.repeat(50).as_bytes(), 3).expect("memory");
    leads("bad-zstd-cut-off", &packed[..packed.len() / 2], 2);
}

#[cfg(unix)]
#[test]
fn a_file_that_may_not_be_read() {
    use std::os::unix::fs::PermissionsExt;
    let folder = plain("bad-permission");
    for name in ["leads.csv", "m.merit"] {
        std::fs::set_permissions(folder.path(name), std::fs::Permissions::from_mode(0o000)).expect("permissions");
    }
    if std::fs::read(folder.path("leads.csv")).is_ok() {
        eprintln!("skipped: this user may read every file");
        return;
    }
    folder.merit("run m.merit leads.csv").ends(2).is("bad_permission_model");
    std::fs::set_permissions(folder.path("m.merit"), std::fs::Permissions::from_mode(0o600)).expect("permissions");
    folder.merit("run m.merit leads.csv").ends(2).is("bad_permission_leads");
}

// Rows.

#[test]
fn too_few_and_too_many_cells() {
    leads("bad-cells", "id,employees\na,60\nb\nc,1,200\n\nd,70\n", 1);
}

#[test]
fn a_quote_that_is_never_closed() {
    leads("bad-quote", "id,employees\na,60\nb,\"7\nc,80\nd,\"90\"\n", 1);
    leads("bad-quote-in-header", "id,\"employees\na,60\n", 2);
}

#[test]
fn broken_json_lines() {
    leads(
        "bad-json-lines",
        "{\"id\":\"a\",\"employees\":60}\n{\"id\":\"b\",\"employees\":}\n{\"id\":\"c\" \"employees\":1}\n{id:\"d\"}\n[1]\n{\"id\":\"e\",\"employees\":70}\n",
        1,
    );
}

#[test]
fn a_json_array_that_was_cut_off() {
    leads("bad-json-cut-off", "[{\"id\":\"a\",\"employees\":60},{\"id\":\"b\",\"employees\":7", 1);
}

#[test]
fn very_many_bad_rows() {
    leads("bad-many-rows", format!("id,employees\n{}", "x\n".repeat(50)), 1);
}

#[test]
fn a_very_large_cell() {
    let folder = plain("bad-large-cell");
    let large = "x".repeat(10 << 20);
    folder.write("leads.csv", format!("id,employees\na,{large}\nb,60\n"));
    folder.merit("run m.merit leads.csv").ends(0).is("bad_large_cell");
    folder.write("leads.csv", format!("id,employees,note\na,60,\"{large}\"\n{large},5,x\n"));
    let ran = folder.merit("run m.merit leads.csv");
    ran.ends(0);
    assert!(
        ran.stdout.lines().count() == 3 && ran.stdout.len() < (10 << 20) + 200 && ran.stderr.len() < 500,
        "{}",
        ran.stderr
    );
}

// Cells.

#[test]
fn cells_that_cannot_be_read_are_accounted_for() {
    let folder = Folder::new("bad-values");
    folder.write(
        "m.merit",
        "field employees: number\nfield signup: date\nfield created: date \"DD.MM.YYYY\"\nfield opted_in: flag\n\
         when employees >= 50 add 5\nwhen signup in last 30 days add 3\nwhen created after 2025-01-01 add 2\nwhen opted_in add 1\n",
    );
    folder.write(
        "leads.csv",
        "id,employees,signup,created,opted_in\na,many,03/25/2025,25.03.2025,yes\nb,60,2025-03-25,2025-03-25,perhaps\nc,about 5,soon,31.02.2025,Y\nd,\"1,20\",2025-13-01,,on\n",
    );
    folder.merit("run m.merit leads.csv").ends(0).is("bad_values");
}

#[test]
fn a_long_cell_is_cut_in_the_account() {
    leads("bad-long-value", format!("id,employees\na,\"{}\nand more\"\n", "many ".repeat(40)), 0);
}

#[test]
fn times_of_activity_that_cannot_be_read() {
    let folder = Folder::new("bad-times");
    folder.write("m.merit", "when visited() add 5 each time\n").write("leads.csv", "id\na\n");
    folder.write("events.csv", "lead_id,type,target,at\na,visited,x,2025-03-01\na,visited,x,03/02/2025\na,visited,x,yesterday\n,visited,x,2025-03-01\na,,x,2025-03-01\na,visited\n");
    folder.merit("run m.merit leads.csv --events events.csv").ends(1).is("bad_times");
    folder.write(
        "leads.csv",
        "id,events\na,\"[{\"\"type\"\":\"\"visited\"\",\"\"at\"\":\"\"2025-03-01\"\"}]\"\nb,two\nc,[1]\nd,[\n",
    );
    folder.merit("run m.merit leads.csv").ends(0).is("bad_nested_events");
}

#[test]
fn bytes_that_are_no_utf8() {
    leads("bad-bytes", b"id,employees,name\na,60,M\xfcller\nb,5,Zo\xeb\n", 0);
}

// Columns.

#[test]
fn columns_that_stand_twice() {
    leads("bad-columns-twice", "id,Employees,employees,Note\na,,60,x\nb,5,,y\n", 0);
}

#[test]
fn no_column_for_the_id() {
    leads("bad-no-id", "name,employees\nKim,60\nLee,5\n", 0);
}

#[test]
fn an_id_column_that_there_is_not() {
    let folder = plain("bad-id");
    folder.merit("run m.merit leads.csv --id employes").ends(2).is("bad_id_column");
    folder.merit("run m.merit leads.csv --id customer_number").ends(2).is("bad_id_column_nothing_near");
}

#[test]
fn columns_of_activity() {
    let folder = plain("bad-event-columns");
    folder.write("events.csv", "contact,event,at\na,visited,2025-03-01\n");
    folder.merit("run m.merit leads.csv --events events.csv").ends(2).is("bad_activity_columns");
    let slip = |columns: &str, name: &str| {
        folder.merit(&format!("run m.merit leads.csv --events events.csv --event-columns {columns}")).ends(2).is(name);
    };
    slip("lead_id", "bad_event_columns_no_equals");
    slip("lead=contact,type=event", "bad_event_columns_no_such_part");
    slip("lead_id=,type=event", "bad_event_columns_no_column");
    slip("lead_id=contact,lead_id=event", "bad_event_columns_twice");
    slip("lead_id=kontact,type=event", "bad_event_columns_not_there");
}

// Options.

#[test]
fn a_date_that_is_none() {
    let folder = plain("bad-as-of");
    for (date, name) in
        [("30/06/2025", "bad_as_of_slashes"), ("2025-02-30", "bad_as_of_no_such_day"), ("yesterday", "bad_as_of_word")]
    {
        folder.merit(&format!("run m.merit leads.csv --as-of {date}")).ends(2).is(name);
    }
}

#[test]
fn options_that_there_are_not() {
    let folder = plain("bad-options");
    folder.merit("run m.merit leads.csv --formt csv").ends(2).is("bad_option");
    folder.merit("run m.merit leads.csv --format xml").ends(2).is("bad_format");
    folder.merit("run m.merit").ends(2).is("bad_no_leads");
    folder.merit("rnu m.merit leads.csv").ends(2).is("bad_command");
}

#[test]
fn a_workbook_that_is_none() {
    let folder = plain("bad-workbook");
    folder.merit("run m.merit leads.csv --input-format xlsx").ends(2).is("bad_no_workbook");
}

#[test]
fn a_sheet_of_a_file_without_sheets() {
    let folder = plain("bad-sheet");
    folder.merit("run m.merit leads.csv --sheet Leads").is("bad_sheet");
}

// Models.

#[test]
fn a_model_that_is_no_utf8() {
    model("bad-model-bytes", b"when name = \"M\xfcller\" add 5\n", 1);
}

#[test]
fn a_model_that_is_empty() {
    model("bad-model-empty", "", 0);
}

#[test]
fn a_model_that_is_too_large() {
    model("bad-model-large", format!("# {}\n", "x".repeat(5 << 20)), 1);
}

#[test]
fn leads_where_the_model_should_be() {
    let folder = plain("bad-swapped");
    folder.merit("run leads.csv m.merit").ends(1).is("bad_swapped");
}

/// A folder with a model that uses a file, something outside of it, and a link that leads there.
fn used(name: &str, text: &str) -> Folder {
    let folder = Folder::new(name);
    folder
        .write("model/m.merit", text)
        .write("leads.csv", "id,country\na,AT\n")
        .write("secret.csv", "country,points\nAT,5\n")
        .write("secret.merit", "let x = 5\n");
    folder
}

#[test]
fn files_outside_of_the_folder_of_the_model() {
    for (kind, text) in [
        ("use", "use \"../secret.merit\"\n"),
        ("lines", "let x = lines of \"../secret.csv\"\nwhen country in x add 1\n"),
        ("table", "let x = table \"../secret.csv\"\nwhen country = \"AT\" add (lookup(x, country))\n"),
        ("points", "points by country from \"../secret.csv\"\n"),
        ("within", "use \"parts/../../secret.merit\"\n"),
    ] {
        let folder = used(&format!("bad-outside-{kind}"), text);
        let ran = folder.merit("run model/m.merit leads.csv");
        ran.ends(1).is(&format!("bad_outside_{kind}"));
    }
}

#[test]
fn files_by_their_whole_path() {
    let folder = used("bad-absolute", "");
    let secret = folder.path("secret.merit");
    folder.write("model/m.merit", format!("use \"{}\"\n", secret.display()));
    folder.merit("run model/m.merit leads.csv").ends(1).says("begins at the root of the disk");
    // Not even where it lies in the folder: the path is relative.
    folder.write("model/part.merit", "let y = 1\n");
    folder.write("model/m.merit", format!("use \"{}\"\n", folder.path("model/part.merit").display()));
    folder.merit("run model/m.merit leads.csv").ends(1).says("begins at the root of the disk");
}

#[cfg(unix)]
#[test]
fn links_that_lead_out() {
    let folder = used("bad-link", "use \"link.merit\"\n");
    std::os::unix::fs::symlink("../secret.merit", folder.path("model/link.merit")).expect("a link");
    folder.merit("run model/m.merit leads.csv").ends(1).is("bad_link_out");
    std::os::unix::fs::symlink("..", folder.path("model/up")).expect("a link");
    folder.write("model/m.merit", "let x = lines of \"up/secret.csv\"\nwhen country in x add 1\n");
    folder.merit("run model/m.merit leads.csv").ends(1).is("bad_linked_folder_out");
    // A link that stays inside is fine.
    folder
        .write("model/real.merit", "let x = 5\n")
        .write("model/m.merit", "use \"inside.merit\"\nwhen country = \"AT\" add x\n");
    std::os::unix::fs::symlink("real.merit", folder.path("model/inside.merit")).expect("a link");
    folder.merit("run model/m.merit leads.csv").ends(0);
}

#[test]
fn up_and_down_within_the_folder() {
    let folder = used("bad-up-and-down", "use \"parts/a.merit\"\nwhen country = \"AT\" add x\n");
    folder.write("model/parts/a.merit", "use \"../b.merit\"\n").write("model/b.merit", "let x = 5\n");
    folder.merit("run model/m.merit leads.csv").ends(0);
}

#[test]
fn files_that_use_each_other() {
    let folder = used("bad-circle", "use \"a.merit\"\n");
    folder.write("model/a.merit", "use \"b.merit\"\n").write("model/b.merit", "use \"a.merit\"\n");
    folder.merit("run model/m.merit leads.csv").ends(1).is("bad_circle");
    folder.write("model/m.merit", "use \"m.merit\"\n");
    folder.merit("run model/m.merit leads.csv").ends(1).is("bad_circle_of_one");
}

#[test]
fn files_of_a_model_that_are_not_there() {
    let folder = used(
        "bad-used-missing",
        "use \"icp.merit\"\nlet x = lines of \"rivals.txt\"\nwhen country in x add 1\npoints by country from \"tiers.csv\"\n",
    );
    folder.merit("run model/m.merit leads.csv").ends(1).is("bad_used_missing");
}

#[test]
fn a_folder_where_a_file_is_used() {
    let folder = used("bad-used-folder", "use \"parts\"\nlet x = lines of \"parts\"\nwhen country in x add 1\n");
    folder.write("model/parts/a.merit", "");
    folder.merit("run model/m.merit leads.csv").ends(1).is("bad_used_folder");
}

#[test]
fn a_used_file_that_is_no_utf8() {
    let folder = used("bad-used-bytes", "use \"a.merit\"\nlet x = lines of \"x.txt\"\nwhen country in x add 1\n");
    folder.write("model/a.merit", b"let y = \"\xff\"\n").write("model/x.txt", b"\xfc\n");
    folder.merit("run model/m.merit leads.csv").ends(1).is("bad_used_bytes");
}

#[test]
fn errors_in_a_used_file_are_shown_there() {
    let folder = used("bad-used-errors", "use \"parts/a.merit\"\nwhen fit(icp) add 5\n");
    folder.write("model/parts/a.merit", "# ICP\nprofile icp {\n  country in [\"AT\" \n}\n");
    folder.merit("run model/m.merit leads.csv").ends(1).is("bad_used_errors");
}

#[test]
fn tables_that_are_none() {
    for (kind, content) in [
        ("three", "country,points,note\nAT,5,x\n"),
        ("one", "country\nAT\n"),
        ("empty", ""),
        ("header", "country,points\n"),
        ("words", "country,points\nAT,5\nDE,many\n"),
    ] {
        let folder = used(&format!("bad-table-{kind}"), "points by country from \"tiers.csv\"\n");
        folder.write("model/tiers.csv", content);
        folder.merit("run model/m.merit leads.csv").ends(1).is(&format!("bad_table_{kind}"));
    }
}

#[test]
fn a_model_on_standard_input_uses_no_files() {
    let folder = used("bad-stdin-use", "");
    folder.write("part.merit", "let x = 5\n");
    folder
        .merit_fed("run - leads.csv", b"use \"part.merit\"\nwhen country = \"AT\" add x\n")
        .ends(1)
        .is("bad_stdin_use");
}

#[test]
fn every_wrong_thing_at_once_is_told_at_once() {
    let folder = Folder::new("bad-all");
    folder.write("m.merit", MODEL);
    folder.write("leads.csv", "id,mail,employees,employees,phone\na,k@x.example,many,,1\na,k@x.example,60,,\nb\n");
    folder.write("events.csv", "lead_id,type,at\nzz,visited,2025-03-01\na,visited,soon\n");
    folder
        .merit("run m.merit leads.csv --events events.csv --columns lead_id,score,error")
        .ends(1)
        .is("bad_all_at_once");
}

/// The line that a message on unreadable dates gives is typed, and the dates are read.
#[test]
fn the_line_given_for_dates_reads_them() {
    for (cell, line) in [
        ("06/13/2025 2:30 PM", r#"field created: date "MM/DD/YYYY hh:mm AM""#),
        ("06/12/2025", r#"field created: date "MM/DD/YYYY""#),
        ("13.06.2025 14:30", r#"field created: date "DD.MM.YYYY HH:mm""#),
        ("Jun 13, 2025", r#"field created: date "MMM D, YYYY""#),
        ("1749825000", r#"field created: date "seconds""#),
    ] {
        let folder = Folder::new("dates");
        let rules = "when created in last 60 days add 1\n";
        folder.write("m.merit", rules).write("l.csv", format!("lead_id,created\n1,\"{cell}\"\n"));
        let run = "run m.merit l.csv --as-of 2025-06-30 --columns lead_id,score";
        let ran = folder.merit(run);
        let said = ran.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains(&format!("help: say how the dates are written: {line}")), "{cell}: {said}");
        assert!(!said.contains("treat"), "{cell}: {said}");
        folder.write("m.merit", format!("{line}\n{rules}"));
        let ran = folder.merit(run);
        assert_eq!(ran.stdout, "lead_id,score\n1,1\n", "{cell}: {}", ran.stderr);
        assert!(!ran.stderr.contains("D915"), "{cell}: {}", ran.stderr);
    }
}

/// What fits beside a shape that is declared is added to it; where the day may stand first, both are said.
#[test]
fn another_shape_is_added_to_the_field_line() {
    let folder = Folder::new("more-dates");
    folder.write("m.merit", "field created: date \"YYYY/MM/DD\"\nwhen created in last 60 days add 1\n");
    folder.write("l.csv", "lead_id,created\n1,06/12/2025\n");
    let ran = folder.merit("run m.merit l.csv --as-of 2025-06-30");
    let said = ran.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
    let wanted = "say in its `field` line how the dates are written: date \"YYYY/MM/DD\", \"MM/DD/YYYY\"; or, where the day stands \
                  first, date \"YYYY/MM/DD\", \"DD/MM/YYYY\"";
    assert!(said.contains(wanted), "{said}");
}
