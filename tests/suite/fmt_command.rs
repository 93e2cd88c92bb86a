//! `merit fmt`: in place, from standard input, and with `--check`.

#![allow(clippy::expect_used, clippy::panic)] // A test that cannot set up its folder fails.

use super::run_command::{Folder, MODEL};

const UGLY: &str = "mql  if score>=30 # enough\nwhen visited(\"pricing\")\n  add 30; when   visited(\"blog\") add 5\n";
const NEAT: &str = "mql if score >= 30  # enough\nwhen visited(\"pricing\") add 30\nwhen visited(\"blog\")    add 5\n";

fn folder(name: &str) -> Folder {
    let folder = Folder::new(name);
    folder
        .write("ugly.merit", UGLY)
        .write("neat.merit", NEAT)
        .write("wrong.merit", "mql  if score>=30\nwhen   employees > add 5\n");
    folder
}

#[test]
fn in_place() {
    let folder = folder("fmt-place");
    folder.merit("fmt ugly.merit neat.merit").ends(0).is("fmt_place");
    assert_eq!(folder.read("ugly.merit"), NEAT);
    folder.merit("fmt ugly.merit --quiet").ends(0).is("fmt_again");
    assert_eq!(folder.names(), ["neat.merit", "ugly.merit", "wrong.merit"]);
}

#[test]
fn check_prints_a_difference_and_changes_nothing() {
    let folder = folder("fmt-check");
    folder.merit("fmt --check ugly.merit neat.merit").ends(1).is("fmt_check");
    assert_eq!(folder.read("ugly.merit"), UGLY);
    assert_eq!(folder.merit("fmt --check neat.merit").ends(0).stdout, "");
}

#[test]
fn standard_input() {
    let folder = folder("fmt-stdin");
    assert_eq!(folder.merit_fed("fmt -", UGLY.as_bytes()).ends(0).stdout, NEAT);
    folder.merit_fed("fmt - --check", UGLY.as_bytes()).ends(1).is("fmt_stdin_check");
    assert_eq!(folder.merit_fed("fmt -", b"").ends(0).stdout, "");
}

#[test]
fn a_model_with_errors_is_formatted_as_far_as_it_can_be() {
    let folder = folder("fmt-wrong");
    folder.merit("fmt wrong.merit").ends(1).is("fmt_wrong");
    assert_eq!(folder.read("wrong.merit"), "mql if score >= 30\nwhen   employees > add 5\n");
    folder.merit("fmt wrong.merit --check").ends(1);
}

#[test]
fn marks_and_line_ends_of_other_systems() {
    let folder = folder("fmt-windows");
    folder.write("windows.merit", format!("\u{feff}{}", NEAT.replace('\n', "\r\n")));
    folder.merit("fmt windows.merit").ends(0);
    assert_eq!(folder.read("windows.merit"), NEAT);
}

#[test]
fn files_that_cannot_be_formatted() {
    let folder = folder("fmt-none");
    folder.write("bytes.merit", b"# caf\xe9\nmql   if score >= 3\n".as_slice());
    folder.merit("fmt bytes.merit").ends(1).is("fmt_bytes");
    folder.merit("fmt uglly.merit ugly.merit").ends(2).is("fmt_missing");
    assert_eq!(folder.read("ugly.merit"), NEAT);
    folder.merit("fmt").ends(2);
}

#[test]
fn what_a_file_uses_is_not_touched() {
    let folder = folder("fmt-use");
    folder.write("root.merit", "use   \"ugly.merit\"\n");
    folder.merit("fmt root.merit").ends(0);
    assert_eq!(
        (folder.read("root.merit").as_str(), folder.read("ugly.merit").as_str()),
        ("use \"ugly.merit\"\n", UGLY)
    );
}

#[cfg(unix)]
#[test]
fn links_and_permissions_stay() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let folder = folder("fmt-links");
    std::fs::set_permissions(folder.path("ugly.merit"), PermissionsExt::from_mode(0o640)).expect("permissions");
    symlink("ugly.merit", folder.path("link.merit")).expect("a link");
    folder.merit("fmt link.merit").ends(0);
    assert_eq!(folder.read("ugly.merit"), NEAT);
    assert!(folder.path("link.merit").symlink_metadata().expect("a link").is_symlink());
    assert_eq!(folder.path("ugly.merit").metadata().expect("a file").permissions().mode() & 0o777, 0o640);
}

#[test]
fn a_session_saves_rules_formatted() {
    let folder = folder("fmt-save");
    folder.write("model.merit", MODEL);
    folder.merit_fed("repl model.merit", b"when   visited( \"demo\" )   add 7\n:save saved.merit\n").ends(0);
    let saved = folder.read("saved.merit");
    assert!(saved.contains("\nwhen visited(\"demo\") add 7\n"), "{saved}");
    assert!(saved.starts_with("model \"Small\" {\n  version \"3\"\n}\n"), "{saved}");
}
