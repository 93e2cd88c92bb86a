//! Where pages go, and in which shape: what `doc` and `report` share.

use std::io::{self, IsTerminal, Write};

use super::{Ending, Talk, terminal_width};
use crate::messages::data as say;
use crate::output::{self, Output};
use crate::page::Shape;

/// The shapes that can be asked for.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For a terminal.
    Text,
    /// For a wiki or a code host.
    Markdown,
    /// One page that needs nothing else.
    Html,
    /// For programs.
    Json,
}

/// The shape that was asked for; else what the name of the file says, and text where that says nothing.
pub fn format(asked: Option<Format>, output: Option<&str>) -> Format {
    asked.unwrap_or(match output.and_then(output::ending).as_deref() {
        Some("html") => Format::Html,
        Some("md") => Format::Markdown,
        Some("json") => Format::Json,
        _ => Format::Text,
    })
}

/// The shape as pages have it; none for JSON, which is no page.
pub fn shape(format: Format, output: Option<&str>) -> Option<Shape> {
    let is_terminal = output.is_none() && io::stdout().is_terminal();
    match format {
        Format::Text => Some(Shape::Text(terminal_width().filter(|_| is_terminal).unwrap_or(100))),
        Format::Markdown => Some(Shape::Markdown),
        Format::Html => Some(Shape::Html),
        Format::Json => None,
    }
}

/// Writes all of it, to a file whole or not at all.
///
/// # Errors
/// Where standard output cannot be written.
pub fn put(text: &str, name: Option<&str>, mut output: Output, talk: &Talk) -> io::Result<Ending> {
    let is_stdout = matches!(output, Output::Stdout(_));
    match output.write_all(text.as_bytes()).and_then(|()| output.finish()) {
        Err(error) if !is_stdout => {
            talk.say(&say::cannot_write(name.unwrap_or_default(), &say::reason(&error)));
            Ok(Ending::CouldNotRun)
        }
        written => written.map(|()| Ending::Done),
    }
}
