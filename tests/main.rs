//! All integration tests: one binary, a file for each subject in `suite/`.

#[path = "suite/conformance.rs"]
mod conformance;
#[path = "suite/language.rs"]
mod language;
#[path = "suite/docs.rs"]
mod docs;
#[path = "suite/support.rs"]
mod support;
