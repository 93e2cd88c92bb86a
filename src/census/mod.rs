//! What stands in data, held against what a model asks of it: values that never come, columns that are mostly blank, cells that are
//! read otherwise than they seem meant, people in two rows.
//!
//! Owns what is counted of leads and of activity, in bounded memory: at most [`MOST_VALUES`](crate::data::MOST_VALUES) different values of a
//! field. Opens no file; what there is to say comes back as diagnostics with their places in the model.

mod activity;
mod asked;
mod blanks;
mod counts;
mod emails;
mod leads;
mod near;

pub use activity::ActivityCensus;
pub use emails::{Emails, email_column};
pub use leads::LeadCensus;

use crate::model::Model;
use crate::source::Span;

/// The line of a model that holds this place, with another text in quotes instead of this one, where that can be typed.
fn line_with(model: &Model, span: Span, from: &str, to: &str) -> Option<String> {
    let source = model.sources.of(span)?;
    let at = source.slice(span).find(&format!("\"{from}\""))? + span.start as usize;
    let number = source.line_of(crate::source::offset(at));
    let (start, line) = (source.line_start(number), source.line(number));
    let (before, behind) = (line.get(..at.checked_sub(start)? + 1)?, line.get(at - start + 1 + from.len()..)?);
    let can_be_typed = !to.contains(['"', '\\', '{', '}', '\n', '“', '”', '«', '»', '…']);
    can_be_typed.then(|| format!("{before}{to}{behind}").trim().to_owned())
}
