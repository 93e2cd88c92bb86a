//! A run: leads are read with their activity, answered and counted, and the answers go where somebody wants them.
//!
//! Owns what happens between an input and a sink, for a command line, a server or a program alike. An [`Input`] says where
//! leads and activity come from; [`Pass::open`] opens them, [`Pass::with`] reads the activity for a program, and
//! [`Run::answer`] answers all leads into a [`Sink`] and tells what was counted. As of when is the program's. Draws nothing,
//! prints nothing and asks nobody: what there is to say comes back as diagnostics, how far it is goes to a [`Progress`].

mod account;
mod activity;
mod against;
mod cells;
mod columns;
mod csv;
mod diff;
mod each;
mod footers;
mod input;
mod pass;
mod progress;
mod report;
mod sink;
mod write;

pub use account::Account;
pub use against::against;
pub use cells::Cells;
pub use columns::{Results, Wanted};
pub use csv::guarded;
pub use diff::{Moves, moves};
pub use each::OneByOne;
#[cfg(feature = "cli")]
pub(crate) use footers::footer_condition;
pub use input::Input;
pub use pass::{Ended, Failed, Pass, Run};
pub use progress::Progress;
pub use report::{By, Counting};
pub use sink::Sink;
pub use write::{Form, Writer, Written};

pub use crate::stream::Answered;

#[cfg(test)]
mod tests;
