//! A model as it was at a revision of git: `HEAD~1:model.merit`.
//!
//! Owns the talk with the `git` command. What the model uses comes from the same revision, by the path rules of `load`.

use std::path::{Component, Path};
use std::process::{Command, Stdio};

use crate::check::Files;
use crate::diagnostic::Diagnostic;
use crate::load::{LARGEST, climbs_out};
use crate::messages::data as say;
use crate::paths::{name_of_bytes, path_of};
use crate::source::{FileProblem, Source};
use crate::suggest::nearest;

/// Revision and path of `REV:PATH`, where it is that and no file. Without a revision it is what is staged.
#[must_use]
pub fn split(name: &str) -> Option<(&str, &str)> {
    let (revision, path) = name.split_once(':').filter(|(_, path)| !path.is_empty())?;
    // `C:\models\a.merit` begins with a drive.
    let is_drive = revision.len() == 1 && path.starts_with(['\\', '/']);
    (!is_drive && !path_of(name).exists()).then_some((revision, path))
}

/// The root file of a model at a revision, and the way to the files that it uses.
///
/// # Errors
/// Where git cannot be run, or knows no such revision or file.
pub fn open(revision: &str, path: &str) -> Result<(Source, Box<dyn Files>), Diagnostic> {
    let name = format!("{revision}:{path}");
    let top = git(&["rev-parse", "--show-toplevel"]).map_err(|why| say::no_git(&name, &why))?;
    if top.is_none() {
        return Err(say::no_repository(&name));
    }
    // What begins like an option would be taken for one.
    let is_known = !revision.starts_with('-')
        && git(&["rev-parse", "--verify", "--quiet", &format!("{revision}^{{tree}}")]).is_ok_and(|r| r.is_some());
    if !revision.is_empty() && !is_known {
        return Err(say::no_revision(revision));
    }
    let root = from_top(path).ok_or_else(|| say::no_file_at(revision, path, None))?;
    // As git has it from the top, else from here.
    let here = from_top(&format!("./{path}")).filter(|here| *here != root);
    let found =
        std::iter::once(root.clone()).chain(here).find_map(|path| blob(revision, &path).map(|bytes| (path, bytes)));
    let Some((inside, bytes)) = found else {
        let known = files(revision);
        return Err(say::no_file_at(revision, path, nearest(&root, known.iter().map(String::as_str))));
    };
    let bytes = bytes.map_err(|TooLarge| say::rules_too_large(&format!("{revision}:{inside}"), LARGEST))?;
    let folder = Path::new(&inside).parent().map(|p| p.to_string_lossy().into_owned()).unwrap_or_default();
    let files = AtRevision { revision: revision.to_owned(), folder };
    Ok((Source::from_bytes(format!("{revision}:{inside}"), bytes), Box::new(files)))
}

/// The files of one folder at one revision.
struct AtRevision {
    revision: String,
    /// From the top of the repository.
    folder: String,
}

impl Files for AtRevision {
    fn read(&self, from: &str, path: &str) -> Result<(String, String), FileProblem> {
        if Path::new(path).is_absolute() {
            return Err(FileProblem::Absolute);
        }
        let from = from.strip_prefix(&format!("{}:", self.revision)).unwrap_or(from);
        let base = Path::new(from).parent().unwrap_or(Path::new(""));
        let wanted = base.join(path);
        let inside = wanted.strip_prefix(&self.folder).unwrap_or(&wanted);
        if climbs_out(inside) {
            return Err(FileProblem::Outside);
        }
        let full = plain(&wanted).ok_or(FileProblem::Outside)?;
        let bytes =
            blob(&self.revision, &full).ok_or(FileProblem::NotFound)?.map_err(|TooLarge| FileProblem::TooLarge)?;
        let text = String::from_utf8(bytes).map_err(|_| FileProblem::NotUtf8)?;
        Ok((format!("{}:{full}", self.revision), text))
    }
}

/// A path from the top of the repository; one that begins with `./` or `../` is seen from here.
fn from_top(path: &str) -> Option<String> {
    if !path.starts_with("./") && !path.starts_with("../") {
        return plain(Path::new(path));
    }
    let prefix = git(&["rev-parse", "--show-prefix"]).ok()??;
    plain(&Path::new(name_of_bytes(&prefix).trim_end_matches(['\n', '\r'])).join(path))
}

/// A path without `.` and `..`, its parts joined by `/`; none where it leaves the top.
fn plain(path: &Path) -> Option<String> {
    let mut parts: Vec<String> = Vec::new();
    for part in path.components() {
        match part {
            Component::Normal(name) => parts.push(name.to_string_lossy().into_owned()),
            Component::ParentDir => {
                parts.pop()?;
            }
            Component::CurDir => {}
            Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(parts.join("/"))
}

/// What a file holds at a revision; none where there is no such file. One that is too large is not asked for.
fn blob(revision: &str, path: &str) -> Option<Result<Vec<u8>, TooLarge>> {
    let name = format!("{revision}:{path}");
    let size = git(&["cat-file", "-s", &name]).ok().flatten()?;
    if String::from_utf8_lossy(&size).trim().parse().is_ok_and(|size: u64| size > LARGEST) {
        return Some(Err(TooLarge));
    }
    git(&["cat-file", "blob", &name]).ok().flatten().map(Ok)
}

struct TooLarge;

/// The files of a revision.
fn files(revision: &str) -> Vec<String> {
    let listed = if revision.is_empty() {
        git(&["ls-files", "--full-name", ":/"])
    } else {
        git(&["ls-tree", "-r", "--name-only", "--full-tree", revision])
    };
    String::from_utf8_lossy(&listed.ok().flatten().unwrap_or_default()).lines().map(str::to_owned).collect()
}

/// What git writes; none where it says no.
fn git(arguments: &[&str]) -> Result<Option<Vec<u8>>, String> {
    let ran = Command::new("git")
        .args(arguments.iter().map(|a| path_of(a).into_owned()))
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .map_err(|e| say::reason(&e))?;
    Ok(ran.status.success().then_some(ran.stdout))
}

#[cfg(test)]
mod tests {
    use super::{plain, split};
    use std::path::Path;

    #[test]
    fn names() {
        assert_eq!(split("HEAD~1:models/a.merit"), Some(("HEAD~1", "models/a.merit")));
        assert_eq!(split(":a.merit"), Some(("", "a.merit")));
        assert_eq!(split("a.merit"), None);
        assert_eq!(split("C:\\models\\a.merit"), None);
        assert_eq!(plain(Path::new("a/./b/../c.merit")).as_deref(), Some("a/c.merit"));
        assert_eq!(plain(Path::new("../c.merit")), None);
    }
}
