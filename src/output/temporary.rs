//! A file that is not yet what it will be: written under a name of its own, it takes its name when all is on the disk.
//!
//! As long as it is written it is locked, so that any run can tell which of them belong to nobody: those that can be locked
//! are what killed runs left behind, and go.

use std::fs::{self, File, Metadata, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile, TempPath};

use super::signals::{Watched, watched};

/// What the names of temporary files begin and end with. Between them stand a few letters and digits, as chance has it.
const BEGIN: &str = ".merit-";
const END: &str = ".partial";
const LETTERS: usize = 10;

/// So often another name is tried.
const MOST_TRIED: usize = 100;

/// A file under a name that nobody asks for, and the one that it takes.
pub struct Temporary {
    file: File,
    temporary: TempPath,
    path: PathBuf,
    watched: Watched,
}

impl Temporary {
    /// A new file in the same folder, for which those may be asked who may be asked for the one that is there.
    pub fn beside(path: &Path, there: Option<&Metadata>) -> io::Result<Temporary> {
        let folder = folder_of(path);
        clear(folder);
        for _ in 0..MOST_TRIED {
            let (file, watched) = watched(|| create(folder, there.is_none()))?;
            let (file, temporary) = file.into_parts();
            // Another run is clearing just now; or took the file away before it was locked.
            if matches!(file.try_lock(), Err(TryLockError::WouldBlock)) || fs::symlink_metadata(&temporary).is_err() {
                continue;
            }
            let made = Temporary { file, temporary, path: path.to_path_buf(), watched };
            if let Some(there) = there {
                made.take_after(there)?;
            }
            return Ok(made);
        }
        Err(io::Error::other("its folder is cleared all the time"))
    }

    /// Whoever may read and write the file that is there may do so afterwards.
    fn take_after(&self, there: &Metadata) -> io::Result<()> {
        #[cfg(unix)]
        {
            use std::os::unix::fs::{MetadataExt, fchown};
            // Not everybody may give files away.
            let _ = fchown(&self.file, None, Some(there.gid()));
            let _ = fchown(&self.file, Some(there.uid()), None);
        }
        self.file.set_permissions(there.permissions())
    }

    /// All is written: the file takes its name. It does so when all is on the disk, so that there is no moment with half a file.
    pub fn finish(self) -> io::Result<()> {
        self.file.sync_all()?;
        let Temporary { file, temporary, path, watched } = self;
        temporary.persist(&path).map_err(|e| e.error)?;
        drop((file, watched));
        // Not all systems can do this to a folder; the file has its name either way.
        let _ = File::open(folder_of(&path)).and_then(|folder| folder.sync_all());
        Ok(())
    }
}

impl Write for Temporary {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// The folder of a file.
pub fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// A file that was not there before. A new one may be read by whom the system lets read new files; one that takes the place
/// of another, by nobody else until it is known by whom.
#[cfg_attr(not(unix), allow(unused_variables))] // There new files have no permissions of their own.
fn create(folder: &Path, is_new: bool) -> io::Result<NamedTempFile> {
    let mut builder = Builder::new();
    builder.prefix(BEGIN).suffix(END).rand_bytes(LETTERS);
    #[cfg(unix)]
    if is_new {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder)
}

/// Takes away what runs left behind that were killed: what looks like a temporary file and can be locked.
fn clear(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let is_ours = entry.file_name().to_str().is_some_and(|name| {
            let letters = name.strip_prefix(BEGIN).and_then(|rest| rest.strip_suffix(END));
            letters.is_some_and(|l| l.len() == LETTERS && l.bytes().all(|b| b.is_ascii_alphanumeric()))
        });
        if is_ours
            && entry.file_type().is_ok_and(|t| t.is_file())
            && let Ok(file) = File::options().write(true).open(entry.path())
            && file.try_lock().is_ok()
        {
            let _ = fs::remove_file(entry.path());
        }
    }
}
