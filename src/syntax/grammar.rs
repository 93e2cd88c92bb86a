//! The pest parser made from `grammar/merit.pest`. Nothing outside `syntax` sees it.

use pest_derive::Parser;

#[derive(Parser)]
#[grammar = "../grammar/merit.pest"]
pub(super) struct MeritParser;
