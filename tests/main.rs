//! All integration tests: one binary, a file for each subject in `suite/`.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)] // A test that cannot go on fails.

#[path = "suite/against_data.rs"]
mod against_data;
#[path = "suite/bad_input.rs"]
mod bad_input;
#[path = "suite/batch.rs"]
mod batch;
#[path = "suite/check_command.rs"]
mod check_command;
#[path = "suite/compare.rs"]
mod compare;
#[path = "suite/conformance.rs"]
mod conformance;
#[path = "suite/data_blocks.rs"]
mod data_blocks;
#[path = "suite/dbt.rs"]
mod dbt;
#[path = "suite/diagnostics.rs"]
mod diagnostics;
#[path = "suite/diff_command.rs"]
mod diff_command;
#[path = "suite/docs.rs"]
mod docs;
#[path = "suite/edits.rs"]
mod edits;
#[path = "suite/escapes.rs"]
mod escapes;
#[path = "suite/examples.rs"]
mod examples;
#[path = "suite/explain.rs"]
mod explain;
#[path = "suite/exports.rs"]
mod exports;
#[path = "suite/extremes.rs"]
mod extremes;
#[path = "suite/file_names.rs"]
mod file_names;
#[path = "suite/files.rs"]
mod files;
#[path = "suite/fmt_command.rs"]
mod fmt_command;
#[path = "suite/format.rs"]
mod format;
#[path = "suite/front.rs"]
mod front;
#[path = "suite/generate.rs"]
mod generate;
#[path = "suite/habits.rs"]
mod habits;
#[path = "suite/language.rs"]
mod language;
#[path = "suite/library_files.rs"]
mod library_files;
#[path = "suite/library_run.rs"]
mod library_run;
#[path = "suite/limits.rs"]
mod limits;
#[path = "suite/output.rs"]
mod output;
#[path = "suite/pages.rs"]
mod pages;
#[path = "suite/plan.rs"]
mod plan;
#[path = "suite/properties.rs"]
mod properties;
#[path = "suite/reads.rs"]
mod reads;
#[path = "suite/real_data.rs"]
mod real_data;
#[path = "suite/rendering.rs"]
mod rendering;
#[path = "suite/replay.rs"]
mod replay;
#[path = "suite/run_command.rs"]
mod run_command;
#[path = "suite/second_pass.rs"]
mod second_pass;
#[path = "suite/session.rs"]
mod session;
#[path = "suite/slips.rs"]
mod slips;
#[path = "suite/sql.rs"]
mod sql;
#[path = "suite/sql_blocks.rs"]
mod sql_blocks;
#[path = "suite/sql_support.rs"]
mod sql_support;
#[path = "suite/streamed.rs"]
mod streamed;
#[path = "suite/sums.rs"]
mod sums;
#[path = "suite/support.rs"]
mod support;
#[path = "suite/symbols.rs"]
mod symbols;
#[path = "suite/terminal.rs"]
mod terminal;
#[path = "suite/test_command.rs"]
mod test_command;
#[path = "suite/verify.rs"]
mod verify;
#[path = "suite/words.rs"]
mod words;
#[path = "suite/zones.rs"]
mod zones;
