//! What is no error but probably not meant.

use super::gather::Gathered;
use crate::diagnostic::Diagnostic;
use crate::model::Model;

/// All lints of a model that has no error.
pub(super) fn lints(_gathered: &Gathered, _model: &Model) -> Vec<Diagnostic> {
    Vec::new()
}
