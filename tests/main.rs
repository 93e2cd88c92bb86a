//! All integration tests: one binary, a file for each subject in `suite/`.

#[path = "suite/conformance.rs"]
mod conformance;
#[path = "suite/support.rs"]
mod support;
