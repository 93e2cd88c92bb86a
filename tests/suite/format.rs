//! `format`: one layout, in which nothing is lost.

use std::fs;
use std::path::{Path, PathBuf};

use merit::format::format;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All rule files of the repository, by their paths.
fn rule_files() -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders: Vec<PathBuf> = ["examples", "tests", "src", "docs"].iter().map(|f| root().join(f)).collect();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "merit") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

#[test]
fn every_rule_file_of_the_repository() {
    let files = rule_files();
    assert!(files.len() > 200, "only {} files were found", files.len());
    for path in files {
        let text = String::from_utf8_lossy(&fs::read(&path).expect("a file")).into_owned();
        let once = format(&text).unwrap_or_else(|_| panic!("{}: the formatted text is another model", path.display()));
        let twice = format(&once.text).unwrap_or_else(|_| panic!("{}: formatted twice, it is another model", path.display()));
        assert_eq!(once.text, twice.text, "{}", path.display());
        assert_eq!(once.errors.len(), twice.errors.len(), "{}", path.display());
    }
}
