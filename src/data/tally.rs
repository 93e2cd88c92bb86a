//! How often something was seen, and where first.
//!
//! Owns the counting of small troubles that are told once, in a summary, rather than row by row.

/// How often something was seen, and where first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tally {
    /// How often.
    pub count: u64,
    /// The first time.
    pub first: Option<Seen>,
}

/// A place in a data file and what stands there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// The line, from 1; the row of a workbook.
    pub line: u64,
    /// What stands there, or what there is to say about it; short.
    pub says: String,
}

impl Tally {
    /// Counts one more; `says` is asked for the first time only.
    pub fn add(&mut self, line: u64, says: impl FnOnce() -> String) {
        self.add_at(|| line, says);
    }

    /// The same where the line is not known without looking for it, which is done for the first time only.
    pub fn add_at(&mut self, line: impl FnOnce() -> u64, says: impl FnOnce() -> String) {
        self.count += 1;
        self.first.get_or_insert_with(|| Seen { line: line(), says: says() });
    }

    /// Adds what was counted elsewhere in the same file; the first is that of the lowest line.
    pub fn merge_any(&mut self, other: &Tally) {
        self.count += other.count;
        if let Some(theirs) = &other.first
            && self.first.as_ref().is_none_or(|ours| theirs.line < ours.line)
        {
            self.first = Some(theirs.clone());
        }
    }

    /// Adds what was counted later in the same file.
    pub fn merge(&mut self, later: &Tally) {
        self.count += later.count;
        if self.first.is_none() {
            self.first.clone_from(&later.first);
        }
    }
}

/// A cell as it is quoted in a message: on one line, at most 60 characters.
pub(crate) fn shown(cell: &str) -> String {
    let mut chars = cell.trim().chars().map(|c| if c.is_control() { ' ' } else { c });
    let mut out: String = chars.by_ref().take(60).collect();
    if chars.next().is_some() {
        out.push('…');
    }
    out
}
