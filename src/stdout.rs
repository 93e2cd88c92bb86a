//! Standard output, and whether there is one.
//!
//! Where a program is started with its output closed (`>&-`), the standard library puts `/dev/null` in its place before
//! anything of ours runs, and results would be lost without a word. So it is looked at before that, while the program is loaded.

use std::io::{self, Stdout};

#[cfg(unix)]
mod unix {
    use std::io;
    use std::os::fd::AsFd;
    use std::sync::atomic::{AtomicBool, Ordering};

    static IS_CLOSED: AtomicBool = AtomicBool::new(false);

    #[ctor::ctor]
    fn look() {
        // What is closed has no copy.
        IS_CLOSED.store(io::stdout().as_fd().try_clone_to_owned().is_err(), Ordering::Relaxed);
    }

    pub fn is_closed() -> bool {
        IS_CLOSED.load(Ordering::Relaxed)
    }
}

#[cfg(not(unix))]
mod unix {
    pub fn is_closed() -> bool {
        false
    }
}

/// Standard output, for results.
///
/// # Errors
/// Where it is closed.
pub fn stdout() -> io::Result<Stdout> {
    if unix::is_closed() { Err(io::Error::other("it is closed")) } else { Ok(io::stdout()) }
}
