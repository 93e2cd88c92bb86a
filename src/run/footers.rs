//! Totals and footers at the end of a file of leads, and the line that leaves them out.

use crate::data::{Footer, Leads, footer};
use crate::diagnostic::Diagnostic;
use crate::messages::against_data as say;
use crate::value::Raw;

/// A row at the end of a file: its cells, and whether it could be read.
pub(crate) type LastRow = (Vec<Raw>, bool);

/// What there is to say of the last rows of a file. `is_blank_elsewhere` tells of a column whether another row than so many of these
/// is blank in it, or may be.
pub(super) fn footer_of(
    leads: &Leads,
    last: &[LastRow],
    is_blank_elsewhere: &dyn Fn(usize, u64) -> bool,
) -> Option<Diagnostic> {
    let rows: Vec<&[Raw]> = last.iter().map(|(cells, _)| cells.as_slice()).collect();
    let found = footer(&rows, leads.id_column())?;
    let condition = footer_condition(leads, last, is_blank_elsewhere, &found);
    Some(say::footer(leads.name(), &found.says, condition.as_deref()))
}

/// A condition that holds for the rows of a footer alone: the id is blank in them and in no other row; they begin with some words;
/// or another column is blank in them alone.
pub(crate) fn footer_condition(
    leads: &Leads,
    last: &[LastRow],
    is_blank_elsewhere: &dyn Fn(usize, u64) -> bool,
    found: &Footer,
) -> Option<String> {
    let rows = || last.iter().rev().take(found.rows);
    let names = &leads.columns().names;
    let column = |at: usize| say::column_in_a_condition(names.get(at)?);
    let read = rows().filter(|(_, is_read)| *is_read).count() as u64;
    let is_blank = |at: &usize| {
        let is_blank_here = rows().all(|(cells, _)| cells.get(*at).is_none_or(|cell| *cell == Raw::Missing));
        is_blank_here && !is_blank_elsewhere(*at, read)
    };
    let missing = |at: usize| column(at).map(|column| format!("{column} is missing"));
    let by_words = || {
        let column = found.column.and_then(column)?;
        let mut begin = Vec::new();
        for text in &found.says {
            let words = beginning(text);
            let words = say::in_a_condition(words).filter(|_| words.contains(char::is_alphabetic))?;
            if !begin.contains(&words) {
                begin.push(words);
            }
        }
        Some(match begin.as_slice() {
            [one] => format!("{column} starts with {one}"),
            _ => format!("{column} starts with any [{}]", begin.join(", ")),
        })
    };
    let id = leads.id_column().filter(is_blank).and_then(missing);
    id.or_else(by_words).or_else(|| (0..names.len()).find(is_blank).and_then(missing))
}

/// The words with which a total or a footer begins each time: what stands before numbers and names.
fn beginning(text: &str) -> &str {
    let end = text.find(|c: char| c.is_ascii_digit() || matches!(c, '(' | ':')).filter(|&at| at > 3);
    text.get(..end.unwrap_or(text.len())).unwrap_or(text).trim_end()
}
