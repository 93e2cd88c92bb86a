//! How far a run is, for those who show it.

/// Is told how far a run is, by the thread that happens to read.
pub trait Progress: Sync {
    /// Files are opened for a pass.
    fn begin(&self) {}

    /// They are read row by row from here on: so many bytes, where that is known.
    fn by_row(&self, size: Option<u64>) {
        let _ = size;
    }

    /// So many bytes more have been read.
    fn read(&self, bytes: u64) {
        let _ = bytes;
    }

    /// So many leads have been answered so far.
    fn answered(&self, leads: u64) {
        let _ = leads;
    }

    /// The pass has ended.
    fn end(&self) {}
}

/// Nobody is told.
impl Progress for () {}
