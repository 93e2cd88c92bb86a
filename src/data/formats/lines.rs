//! Line numbers of byte offsets, counted forward.
//!
//! Owns what a line is: CRLF, LF, or in files of old Macs a lone CR.

/// Counts lines up to offsets that only grow, so that a file is gone through once.
#[derive(Debug)]
pub(super) struct Lines<'t> {
    text: &'t str,
    at: usize,
    line: u64,
    /// Whether a CR without LF ends a line.
    lone_cr: bool,
}

impl<'t> Lines<'t> {
    /// At the start of a text.
    pub(super) fn new(text: &'t str, lone_cr: bool) -> Lines<'t> {
        Lines { text, at: 0, line: 1, lone_cr }
    }

    /// The line of an offset, from 1. Offsets before the last one asked for give its line.
    pub(super) fn line_of(&mut self, offset: usize) -> u64 {
        let bytes = self.text.as_bytes();
        let ends = if self.lone_cr {
            let ends_line = |&at: &usize| match bytes.get(at) {
                Some(b'\r') => true,
                Some(b'\n') => at.checked_sub(1).and_then(|before| bytes.get(before)) != Some(&b'\r'),
                _ => false,
            };
            (self.at..offset).filter(ends_line).count()
        } else {
            let passed = bytes.get(self.at..offset).unwrap_or(&[]);
            // Fast enough as it is: the compiler makes wide instructions of it.
            #[allow(clippy::naive_bytecount)]
            passed.iter().filter(|&&b| b == b'\n').count()
        };
        self.line += ends as u64;
        self.at = self.at.max(offset.min(bytes.len()));
        self.line
    }
}

/// CR or LF.
pub(super) fn is_line_end(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r')
}
