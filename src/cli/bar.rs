//! The progress bar of long work, on a terminal.

use std::io::{self, IsTerminal};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use super::Talk;
use crate::run::Progress;

/// A bar that shows how far a run is.
pub struct Bar(ProgressBar);

impl Bar {
    /// A bar, hidden where none is wanted, nobody would see it, or a program reads what is said.
    pub fn new(is_wanted: bool, talk: &Talk) -> Bar {
        if !is_wanted || talk.is_quiet() || talk.is_json() || !io::stderr().is_terminal() {
            return Bar(ProgressBar::hidden());
        }
        Bar(ProgressBar::new_spinner())
    }
}

impl Progress for Bar {
    fn begin(&self) {
        if self.0.is_hidden() {
            return;
        }
        self.0.reset();
        self.0.unset_length();
        self.0.set_message("");
        if let Ok(style) = ProgressStyle::with_template("{spinner}{msg}, {elapsed}") {
            self.0.set_style(style);
        }
        self.0.enable_steady_tick(Duration::from_millis(100));
    }

    /// From here on with bytes, leads and the time that is left; without an end where that is not known.
    fn by_row(&self, size: Option<u64>) {
        let template = match size {
            Some(_) => "{bar:30} {bytes} of {total_bytes}{msg}, {eta} left",
            None => "{spinner} {bytes}{msg}, {elapsed}",
        };
        self.0.set_position(0);
        if let Some(size) = size {
            self.0.set_length(size);
        }
        if let Ok(style) = ProgressStyle::with_template(template) {
            self.0.set_style(style);
        }
    }

    fn read(&self, bytes: u64) {
        self.0.inc(bytes);
    }

    fn answered(&self, leads: u64) {
        if !self.0.is_hidden() {
            self.0.set_message(format!(", {leads} leads"));
        }
    }

    fn end(&self) {
        self.0.finish_and_clear();
    }
}
