//! Temporary files are gone when the program is told to end: by Ctrl-C, by `kill`, by a terminal that is closed.
//!
//! Nothing is caught before there is such a file, and what the program was started to overlook (`nohup`) it overlooks.

use std::collections::BTreeSet;
use std::io;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tempfile::NamedTempFile;

/// The temporary files that there are.
static FILES: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

fn files() -> MutexGuard<'static, BTreeSet<PathBuf>> {
    FILES.lock().unwrap_or_else(PoisonError::into_inner)
}

/// As long as it is there, a temporary file is taken away when the program is told to end.
pub struct Watched(PathBuf);

impl Drop for Watched {
    fn drop(&mut self) {
        files().remove(&self.0);
    }
}

/// Makes a temporary file that does not outlive the program, unless that is killed outright.
pub fn watched(create: impl FnOnce() -> io::Result<NamedTempFile>) -> io::Result<(NamedTempFile, Watched)> {
    #[cfg(unix)]
    unix::listen();
    // Held while it is made: no signal comes between the file and its place in the list.
    let mut files = files();
    let file = create()?;
    let path = file.path().to_path_buf();
    files.insert(path.clone());
    Ok((file, Watched(path)))
}

#[cfg(unix)]
mod unix {
    use std::fs;
    use std::sync::{Once, mpsc};
    use std::thread;

    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    use signal_hook::iterator::Signals;
    use signal_hook::low_level::emulate_default_handler;

    /// Listens from now on. Where that is not possible, the next run clears what this one leaves.
    pub fn listen() {
        static ONCE: Once = Once::new();
        ONCE.call_once(|| {
            let (ready, is_ready) = mpsc::channel();
            let listen = move || {
                let Ok(mut signals) = Signals::new(wanted()) else { return };
                let _ = ready.send(());
                for signal in signals.forever() {
                    // It stays locked: nobody makes a file any more.
                    let files = super::files();
                    files.iter().for_each(|path| drop(fs::remove_file(path)));
                    // The program ends as it would have without us, and whoever waits for it is told why.
                    let _ = emulate_default_handler(signal);
                }
            };
            if thread::Builder::new().name("signals".to_owned()).spawn(listen).is_ok() {
                let _ = is_ready.recv();
            }
        });
    }

    /// What ends the program, without what it was started to overlook. Where the system does not say what that is, a terminal
    /// that is closed counts as overlooked: better a file too many than work that is lost.
    fn wanted() -> Vec<i32> {
        let status = fs::read_to_string("/proc/self/status").ok();
        let ignored = status
            .as_deref()
            .and_then(|s| s.lines().find_map(|l| l.strip_prefix("SigIgn:")))
            .and_then(|m| u64::from_str_radix(m.trim(), 16).ok());
        let is_wanted = |signal: &i32| ignored.map_or(*signal != SIGHUP, |mask| mask >> (signal - 1) & 1 == 0);
        [SIGINT, SIGTERM, SIGHUP].into_iter().filter(is_wanted).collect()
    }
}
