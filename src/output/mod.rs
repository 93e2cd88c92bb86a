//! Where results go: standard output, or a file that is written whole or not at all.
//!
//! Owns what may be written to: never what the command reads ([`Inputs`]), nor under an ending that promises another form
//! ([`Forms`]). What is written stands in a temporary file in the same folder until all is there (`temporary`), which is gone when
//! the program is told to end (`signals`).

mod forms;
mod inputs;
mod signals;
mod temporary;

use std::fs::{self, File, Metadata};
use std::io::{self, BufWriter, Stdout, Write};
use std::path::{Path, PathBuf};

pub use forms::{Forms, ending};
pub use inputs::Inputs;

use crate::diagnostic::Diagnostic;
use crate::messages::data as say;
use crate::paths::path_of;
use crate::stdout::stdout;
use temporary::Temporary;

/// So many links are followed at most.
const MOST_LINKS: usize = 40;

/// A place for results.
pub enum Output {
    /// Standard output.
    Stdout(BufWriter<Stdout>),
    /// A file that takes its name when all is written.
    Whole(BufWriter<Temporary>),
    /// Something that is no plain file, such as a pipe with a name.
    Direct(BufWriter<File>),
}

impl Output {
    /// Standard output, also for `-`; else a file. Nothing that is read is written over.
    ///
    /// # Errors
    /// Where the file cannot be written, or is one of `inputs`.
    pub fn open(name: Option<&str>, inputs: &Inputs) -> Result<Output, Diagnostic> {
        match name.filter(|p| *p != "-") {
            Some(name) => Output::file(name, inputs),
            None => match inputs.stdout() {
                Some((input, what)) => Err(say::stdout_is_read(input, what)),
                None => stdout()
                    .map(|out| Output::Stdout(BufWriter::new(out)))
                    .map_err(|e| say::no_stdout(&say::reason(&e))),
            },
        }
    }

    /// A file, whatever its name.
    fn file(name: &str, inputs: &Inputs) -> Result<Output, Diagnostic> {
        let problem = |error: &io::Error| say::cannot_write(name, &say::reason(error));
        let path = &*path_of(name);
        if path.file_name().is_none() || name.ends_with(std::path::is_separator) {
            return Err(say::cannot_write(
                name,
                if path.is_dir() { "it is a folder" } else { "that is the name of no file" },
            ));
        }
        inputs.allow(name)?;
        // A link keeps pointing to the file that is written.
        let Some(path) = followed(path).map_err(|e| problem(&e))? else { return direct(path).map_err(|e| problem(&e)) };
        let there = match fs::metadata(&path) {
            Ok(data) if data.is_dir() => return Err(say::cannot_write(name, "it is a folder")),
            Ok(data) if !data.is_file() => return direct(&path).map_err(|e| problem(&e)),
            Ok(data) => Some(data),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(problem(&error)),
        };
        if there.is_some() {
            // Another one takes its place, so the system would not say that this one may not be written.
            File::options().write(true).open(&path).map_err(|e| problem(&e))?;
        }
        Temporary::beside(&path, there.as_ref())
            .map(|t| Output::Whole(BufWriter::with_capacity(1 << 16, t)))
            .map_err(|error| unmade(name, &path, &error))
    }

    /// Everything is written: the file takes its name.
    ///
    /// # Errors
    /// Where that fails; then the file that was there before is still there.
    pub fn finish(mut self) -> io::Result<()> {
        self.flush()?;
        match self {
            Output::Whole(writer) => writer.into_inner().map_err(io::IntoInnerError::into_error)?.finish(),
            Output::Stdout(_) | Output::Direct(_) => Ok(()),
        }
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Output::Stdout(w) => w.write(bytes),
            Output::Whole(w) => w.write(bytes),
            Output::Direct(w) => w.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Output::Stdout(w) => w.flush(),
            Output::Whole(w) => w.flush(),
            Output::Direct(w) => w.flush(),
        }
    }
}

/// Writes a file, whole or not at all; a file that is there keeps its permissions.
///
/// # Errors
/// Where it cannot be written, or is one of `inputs`.
pub fn write_whole(name: &str, text: &str, inputs: &Inputs) -> Result<(), Diagnostic> {
    let mut output = Output::file(name, inputs)?;
    output
        .write_all(text.as_bytes())
        .and_then(|()| output.finish())
        .map_err(|e| say::cannot_write(name, &say::reason(&e)))
}

/// A pipe, a device, or an end of one that is open already. What is there stays: `/dev/stdout` may be the end of a file.
fn direct(path: &Path) -> io::Result<Output> {
    File::options().append(true).open(path).map(|file| Output::Direct(BufWriter::new(file)))
}

/// The file that a path means, which need not be there yet, through all links; none where it is one that the program has open.
fn followed(path: &Path) -> io::Result<Option<PathBuf>> {
    let mut path = path.to_path_buf();
    for _ in 0..MOST_LINKS {
        if path.starts_with("/proc") || path.starts_with("/dev/fd") {
            return Ok(None);
        }
        match fs::symlink_metadata(&path) {
            Ok(data) if data.is_symlink() => path = path.parent().unwrap_or(Path::new("")).join(fs::read_link(&path)?),
            _ => return Ok(Some(path)),
        }
    }
    Err(io::Error::other("its links lead in a circle"))
}

/// Why there is no temporary file.
fn unmade(name: &str, path: &Path, error: &io::Error) -> Diagnostic {
    let folder = temporary::folder_of(path);
    match error.kind() {
        io::ErrorKind::NotFound => say::no_folder_to_write(name, &folder.to_string_lossy()),
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            say::closed_folder(name, &folder.to_string_lossy())
        }
        _ => say::cannot_write(name, &say::reason(error)),
    }
}

/// What tells a file from all others, whatever name it goes by.
#[cfg(unix)]
type Identity = (u64, u64);

#[cfg(unix)]
#[allow(clippy::unnecessary_wraps)] // Elsewhere there may be none.
fn identity(_: &Path, data: &Metadata) -> Option<Identity> {
    use std::os::unix::fs::MetadataExt;
    Some((data.dev(), data.ino()))
}

#[cfg(not(unix))]
type Identity = PathBuf;

#[cfg(not(unix))]
fn identity(path: &Path, _: &Metadata) -> Option<Identity> {
    fs::canonicalize(path).ok()
}
