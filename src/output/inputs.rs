//! The files that a command reads: none of them is written over.

use std::fs::{self, Metadata};
use std::path::Path;

use super::{Identity, identity};
use crate::diagnostic::Diagnostic;
use crate::messages::data as say;
use crate::model::Model;
use crate::paths::path_of;

/// The files that a command reads, each with what it holds.
#[derive(Debug, Clone, Default)]
pub struct Inputs(Vec<(Identity, String, &'static str)>);

impl Inputs {
    /// Nothing is read that has to stay.
    #[must_use]
    pub fn none() -> Inputs {
        Inputs::default()
    }

    /// One more file; `-` is what standard input comes from.
    #[must_use]
    pub fn and(mut self, path: &str, what: &'static str) -> Inputs {
        let found = if path == "-" { of_stdin() } else { fs::metadata(path_of(path)).ok() };
        let name = if path == "-" { "<stdin>" } else { path };
        if let Some(identity) = found.filter(Metadata::is_file).and_then(|data| identity(&path_of(path), &data)) {
            self.0.push((identity, name.to_owned(), what));
        }
        self
    }

    /// The files of leads and activity.
    #[must_use]
    pub fn and_leads<'a>(self, leads: Option<&str>, events: impl IntoIterator<Item = &'a str>) -> Inputs {
        let with = leads.into_iter().fold(self, |all, path| all.and(path, "the leads"));
        events.into_iter().fold(with, |all, path| all.and(path, "the activity"))
    }

    /// The file of a model.
    #[must_use]
    pub fn and_rules(self, path: &str) -> Inputs {
        self.and(path, "the rules")
    }

    /// The files that a model uses.
    #[must_use]
    pub fn and_used(self, model: &Model) -> Inputs {
        let rules = model.sources.files.iter().skip(1).map(|source| &source.name);
        rules.chain(&model.files).fold(self, |all, path| all.and(path, "what the rules use"))
    }

    /// Whether a file may be written.
    ///
    /// # Errors
    /// Where it is one of those that are read.
    pub fn allow(&self, name: &str) -> Result<(), Diagnostic> {
        let path = &path_of(name);
        let found = fs::metadata(path).ok().and_then(|data| self.among(&identity(path, &data)?));
        found.map_or(Ok(()), |(input, what)| Err(say::would_write_over(name, input, what)))
    }

    fn among(&self, wanted: &Identity) -> Option<(&str, &'static str)> {
        self.0.iter().find(|(identity, ..)| identity == wanted).map(|(_, name, what)| (name.as_str(), *what))
    }

    /// The file that standard output goes to: what is read would grow while it is read.
    #[cfg(unix)]
    pub(super) fn stdout(&self) -> Option<(&str, &'static str)> {
        use std::os::fd::AsFd;
        self.among(&identity(Path::new("-"), &opened(std::io::stdout().as_fd())?)?)
    }

    #[cfg(not(unix))]
    #[allow(clippy::unused_self)] // Here nobody can tell.
    pub(super) fn stdout(&self) -> Option<(&str, &'static str)> {
        None
    }
}

#[cfg(unix)]
fn of_stdin() -> Option<Metadata> {
    use std::os::fd::AsFd;
    opened(std::io::stdin().as_fd())
}

#[cfg(not(unix))]
fn of_stdin() -> Option<Metadata> {
    None
}

#[cfg(unix)]
fn opened(file: std::os::fd::BorrowedFd<'_>) -> Option<Metadata> {
    fs::File::from(file.try_clone_to_owned().ok()?).metadata().ok()
}
