//! A model from files on disk.
//!
//! Owns the path rules of `use`, `lines of` and `table`: relative to the file that says them, and nothing outside of the
//! root model's folder, also not through symbolic links.

use std::borrow::Cow;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::check::{Checked, Files, check};
use crate::data::known_kind;
use crate::diagnostic::Diagnostic;
use crate::messages::data as say;
use crate::paths::{name_of, path_of};
use crate::source::{FileProblem, Source};

/// Lists and tables may not be larger than this, in bytes; of a rule file that is larger no more is read.
pub(crate) const LARGEST: u64 = 64 << 20;

/// So much tells what a file is.
const HEAD: u64 = 4 << 10;

/// Reads and checks the model in a file; `-` is standard input, which may use no other files.
///
/// # Errors
/// Where the file itself cannot be read. What is wrong in it is told by the result.
pub fn load(path: &str) -> Result<Checked, Diagnostic> {
    let (root, files) = open(path)?;
    Ok(check(root, &*files))
}

/// The root file of a model, and the way to the files that it uses.
///
/// # Errors
/// Where the file cannot be read.
pub fn open(path: &str) -> Result<(Source, Box<dyn Files>), Diagnostic> {
    if path == "-" {
        let bytes = rules("<stdin>", io::stdin().lock(), None)?;
        let bytes = bytes.map_err(|e| say::cannot_read("<stdin>", &say::reason(&e)))?;
        return Ok((Source::from_bytes("<stdin>", bytes), Box::new(NoFolder)));
    }
    Ok((Source::from_bytes(path, read(path)?), folder_of(path)?))
}

/// A file that stands for the one at `place`, such as a temporary copy of it: what it uses is looked for beside `place`.
///
/// # Errors
/// Where the file or the folder cannot be read.
pub fn open_for(path: &str, place: &str) -> Result<(Source, Box<dyn Files>), Diagnostic> {
    Ok((Source::from_bytes(place, read(path)?), folder_of(place)?))
}

/// The files that the model at a place may use.
fn folder_of(path: &str) -> Result<Box<dyn Files>, Diagnostic> {
    let file = Path::new(path);
    let real = fs::canonicalize(&*path_of(&folder_name(file))).map_err(|e| say::cannot_read(path, &say::reason(&e)))?;
    let named = file.parent().map(Path::to_path_buf).unwrap_or_default();
    Ok(Box::new(Folder { folder: real, named }))
}

fn read(path: &str) -> Result<Vec<u8>, Diagnostic> {
    let problem = |error: &io::Error| match error.kind() {
        io::ErrorKind::NotFound => say::no_such_file(path, nearest_file(path).as_deref()),
        io::ErrorKind::PermissionDenied => say::no_permission(path),
        _ if path_of(path).is_dir() => say::model_is_a_folder(path),
        _ => say::cannot_read(path, &say::reason(error)),
    };
    if path_of(path).is_dir() {
        return Err(say::model_is_a_folder(path));
    }
    let file = fs::File::open(path_of(path)).map_err(|e| problem(&e))?;
    let size = file.metadata().ok().map(|data| data.len());
    rules(path, file, size)?.map_err(|e| problem(&e))
}

/// The bytes of a rule file. One that is something else, or far too large, is not read.
fn rules(name: &str, mut input: impl Read, size: Option<u64>) -> Result<io::Result<Vec<u8>>, Diagnostic> {
    let mut bytes = Vec::new();
    if let Err(error) = input.by_ref().take(HEAD).read_to_end(&mut bytes) {
        return Ok(Err(error));
    }
    if let Some(what) = known_kind(&bytes) {
        return Err(say::is_no_rule_file(name, what));
    }
    if let Err(error) = input.take(if size > Some(LARGEST) { 0 } else { LARGEST }).read_to_end(&mut bytes) {
        return Ok(Err(error));
    }
    if size > Some(LARGEST) || bytes.len() as u64 > LARGEST {
        Err(say::rules_too_large(name, LARGEST))
    } else {
        Ok(Ok(bytes))
    }
}

/// The file beside a missing one whose name is nearest.
fn nearest_file(path: &str) -> Option<String> {
    let path = Path::new(path);
    let name = path.file_name()?.to_str()?;
    let mut names: Vec<String> = fs::read_dir(path_of(&folder_name(path)))
        .ok()?
        .filter_map(|f| f.ok()?.file_name().into_string().ok())
        .collect();
    names.sort();
    crate::suggest::nearest(name, names.iter().map(String::as_str))
        .map(|n| path.with_file_name(n).to_string_lossy().into_owned())
}

/// The name of the folder that a file lies in.
fn folder_name(file: &Path) -> Cow<'_, str> {
    // Names are texts, and so are the parts of one.
    file.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_string_lossy()
}

/// A model from standard input has no folder.
struct NoFolder;

impl Files for NoFolder {
    fn read(&self, _from: &str, _path: &str) -> Result<(String, String), FileProblem> {
        Err(FileProblem::NoFolder)
    }
}

/// The files under the root model's folder.
struct Folder {
    /// The folder, all links followed.
    folder: PathBuf,
    /// The folder as it was named: files are shown from where the user stands.
    named: PathBuf,
}

impl Files for Folder {
    fn read(&self, from: &str, path: &str) -> Result<(String, String), FileProblem> {
        let inside = Path::new(from).strip_prefix(&self.named).unwrap_or(Path::new(from));
        let base = inside.parent().map(Path::to_path_buf).unwrap_or_default();
        let wanted = Path::new(path);
        if wanted.is_absolute() {
            return Err(FileProblem::Absolute);
        }
        let full = self.folder.join(path_of(&base.join(wanted).to_string_lossy()));
        // What lies outside is not even looked for: an answer would tell whether it is there.
        if climbs_out(&base.join(wanted)) {
            return Err(FileProblem::Outside);
        }
        let real = fs::canonicalize(&full).map_err(|e| problem(&e))?;
        let Ok(inside) = real.strip_prefix(&self.folder) else { return Err(FileProblem::Outside) };
        let data = fs::metadata(&real).map_err(|e| problem(&e))?;
        if !data.is_file() {
            return Err(FileProblem::Other("it is no file".to_owned()));
        }
        if data.len() > LARGEST {
            return Err(FileProblem::TooLarge);
        }
        let bytes = fs::read(&real).map_err(|e| problem(&e))?;
        let text = String::from_utf8(bytes).map_err(|_| FileProblem::NotUtf8)?;
        Ok((self.named.join(name_of(inside.as_os_str())).to_string_lossy().into_owned(), text))
    }
}

fn problem(error: &io::Error) -> FileProblem {
    match error.kind() {
        io::ErrorKind::NotFound => FileProblem::NotFound,
        io::ErrorKind::PermissionDenied => FileProblem::Other("permission denied".to_owned()),
        _ => FileProblem::Other(say::reason(error)),
    }
}

/// Whether a relative path leaves the folder it begins in, by its `..` alone.
pub(crate) fn climbs_out(path: &Path) -> bool {
    let mut depth = 0i32;
    for part in path.components() {
        match part {
            std::path::Component::ParentDir => depth -= 1,
            std::path::Component::Normal(_) => depth += 1,
            _ => {}
        }
        if depth < 0 {
            return true;
        }
    }
    false
}
