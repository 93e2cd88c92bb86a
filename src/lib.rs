//! Merit.
pub mod data;
pub mod diagnostic;
pub mod lead;
pub mod messages;
pub mod number;
pub mod source;
pub mod suggest;
pub mod syntax;
pub mod text;
pub mod time;
pub mod value;
