//! Where results go: standard output, or a file that is written whole or not at all.

use std::fs::{self, File};
use std::io::{self, BufWriter, Stdout, Write};
use std::path::{Path, PathBuf};

use crate::diagnostic::Diagnostic;
use crate::messages::data as say;

/// A place for results.
pub enum Output {
    /// Standard output.
    Stdout(BufWriter<Stdout>),
    /// A file that takes its name when all is written.
    Whole {
        /// What is written so far.
        writer: BufWriter<File>,
        /// The name that it has until then.
        temporary: PathBuf,
        /// The name that it takes.
        path: PathBuf,
    },
    /// Something that is no plain file, such as a pipe with a name.
    Direct(BufWriter<File>),
}

impl Output {
    /// Standard output, also for `-`; else a file.
    ///
    /// # Errors
    /// Where the file cannot be written.
    pub fn open(path: Option<&str>) -> Result<Output, Diagnostic> {
        match path.filter(|p| *p != "-") {
            Some(name) => Output::file(name),
            None => Ok(Output::Stdout(BufWriter::new(io::stdout()))),
        }
    }

    /// A file, whatever its name.
    fn file(name: &str) -> Result<Output, Diagnostic> {
        let problem = |error: &io::Error| say::cannot_write(name, &say::reason(error));
        let path = PathBuf::from(name);
        let mut permissions = None;
        if let Ok(data) = fs::metadata(&path) {
            if data.is_dir() {
                return Err(say::cannot_write(name, "it is a folder"));
            }
            if !data.is_file() {
                let file = File::options().write(true).open(&path).map_err(|e| problem(&e))?;
                return Ok(Output::Direct(BufWriter::new(file)));
            }
            permissions = Some(data.permissions());
        }
        // A link keeps pointing to the file that is written.
        let path = fs::canonicalize(&path).unwrap_or(path);
        let temporary = beside(&path);
        let file = File::create(&temporary).map_err(|e| problem(&e))?;
        let output = Output::Whole { writer: BufWriter::with_capacity(1 << 16, file), temporary: temporary.clone(), path };
        // Whoever may read and write the file that was there may do so afterwards.
        if let Some(permissions) = permissions {
            fs::set_permissions(&temporary, permissions).map_err(|e| problem(&e))?;
        }
        Ok(output)
    }

    /// Everything is written: the file takes its name.
    ///
    /// # Errors
    /// Where that fails; then the file that was there before is still there.
    pub fn finish(mut self) -> io::Result<()> {
        self.flush()?;
        if let Output::Whole { temporary, path, .. } = &self {
            fs::rename(temporary, path)?;
        }
        Ok(())
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Output::Stdout(w) => w.write(bytes),
            Output::Whole { writer, .. } | Output::Direct(writer) => writer.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Output::Stdout(w) => w.flush(),
            Output::Whole { writer, .. } | Output::Direct(writer) => writer.flush(),
        }
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        // After `finish` it has its name and is no longer there under this one.
        if let Output::Whole { temporary, .. } = self {
            let _ = fs::remove_file(temporary);
        }
    }
}

/// Writes a file, whole or not at all; a file that is there keeps its permissions.
///
/// # Errors
/// Where it cannot be written.
pub fn write_whole(name: &str, text: &str) -> Result<(), Diagnostic> {
    let mut output = Output::file(name)?;
    output.write_all(text.as_bytes()).and_then(|()| output.finish()).map_err(|e| say::cannot_write(name, &say::reason(&e)))
}

/// A name beside a file that nothing else has.
fn beside(path: &Path) -> PathBuf {
    let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    path.with_file_name(format!(".{name}.{}.partial", std::process::id()))
}
