//! Every sentence that Merit says, one function each, so that its tone can be read from top to bottom.
//!
//! The style is written down in `CONTRIBUTING.md`.

pub mod data;
pub mod syntax;
