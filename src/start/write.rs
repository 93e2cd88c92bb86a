//! The text of a first model.

use std::fmt::Write as _;

use super::FirstModel;
use super::blocks::{leads_block, log_block, treat};
use super::columns::Kind;
use super::fields::{field_lines, fields, newest};
use super::log::Log;
use super::rules::{activity_lines, profile, rules, stages, with_test};
use super::survey::{Column, SAMPLE, Survey};
use super::systems::System;
use crate::messages::start as say;
use crate::number::grouped;
use crate::reserved::is_reserved;
use crate::run::Input;
use crate::text::is_word_char;
use crate::time::Instant;
use crate::time::Written;

/// What was found out.
pub(super) struct Found<'f> {
    pub leads: &'f Survey,
    pub logs: &'f [Log],
    /// Of each file of activity, the row of its header and its encoding.
    pub layouts: &'f [(Option<u64>, Option<&'static str>)],
    pub systems: &'f [&'f System],
    pub zone: Option<&'f str>,
    pub asked: &'f Input,
    /// Dates behind this are still to come.
    pub as_of: Instant,
}

impl Found<'_> {
    /// The activity that stands in files of its own.
    pub fn files(&self) -> impl Iterator<Item = &Log> {
        self.logs.iter().filter(|log| !log.is_inside)
    }

    /// The names of the files, the leads first, without their folders, which may tell whose they are.
    fn names(&self) -> Vec<&str> {
        let paths = [self.leads.name.as_str()].into_iter().chain(self.files().map(|log| log.file.as_str()));
        paths.map(|path| path.rsplit(['/', '\\']).next().unwrap_or(path)).collect()
    }
}

pub(super) fn write(found: &Found<'_>, mut unsure: Vec<String>) -> FirstModel {
    let fields = fields(found, &mut unsure);
    let mut out = String::new();
    head(&mut out, found);
    if let Some(zone) = found.zone {
        let _ = writeln!(out, "model \"First model\" {{ time zone {} }}\n", quoted(zone));
    } else {
        let has_clock =
            |column: &Column| column.values.most_frequent(50).iter().any(|(v, _)| v.contains(':') && !v.ends_with('Z'));
        if fields.iter().any(|f| matches!(f.kind, Kind::Date(..)) && has_clock(f.column)) {
            unsure.push(say::times_without_zone());
        }
    }
    for system in found.systems {
        let _ = writeln!(out, "use {}", system.name);
    }
    let has = |name: &str| fields.iter().any(|f| f.name == name);
    if has("email") {
        out.push_str("use freemail\n");
    }
    if has("title") {
        out.push_str("use titles\n");
    }
    out.push('\n');
    leads_block(&mut out, found, &fields, &mut unsure);
    log_block(&mut out, found, &mut unsure);
    treat(&mut out, found);
    field_lines(&mut out, &fields);
    let types = activity_lines(&mut out, found, &mut unsure);
    let profile = profile(&mut out, &fields);
    rules(&mut out, &fields, &types, profile);
    stages(&mut out, found, &fields, profile, &mut unsure);
    let today = newest(found, &fields);
    let text = with_test(out, found, &fields, &types, today);
    let as_of = found.logs.iter().any(|log| log.last.is_some()).then(|| Written::Day(today).to_string());
    let text = with_next_steps(text, found, &unsure, as_of.as_deref());
    let text = match crate::format::format(&text) {
        Ok(formatted) => format!("{}\n", formatted.text.trim_end()),
        Err(_) => text,
    };
    let systems = found.systems.iter().map(|s| s.title).collect();
    FirstModel { text, as_of, systems, leads: found.leads.rows, types: types.len(), unsure }
}

fn head(out: &mut String, found: &Found<'_>) {
    let rows = if found.leads.rows > SAMPLE {
        format!("{} leads, of which the first {} were looked at closely", grouped(found.leads.rows), grouped(SAMPLE))
    } else {
        format!("{} lead{}", grouped(found.leads.rows), if found.leads.rows == 1 { "" } else { "s" })
    };
    let _ = writeln!(out, "# A first model, written by `merit start` from {}: {rows}.", found.names().join(", "));
    out.push_str("# Points, thresholds and profile are a beginning: put in what marketing and sales agree on.\n\n");
}

/// A name as a model has it.
pub fn typed(name: &str) -> String {
    let is_bare = name.chars().all(|c| is_word_char(c) || c == '_')
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && !is_reserved(name);
    if is_bare { name.to_owned() } else { format!("`{}`", name.replace('`', "")) }
}

/// A text as a model has it.
pub fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', " "))
}

/// Texts, with commas between them.
pub fn quoted_all<'t>(texts: impl IntoIterator<Item = &'t str>) -> String {
    texts.into_iter().map(quoted).collect::<Vec<_>>().join(", ")
}

/// On one line, so that it can stand behind `#`.
pub fn comment(text: &str) -> String {
    crate::shown::one_line(text).into_owned()
}

fn with_next_steps(mut text: String, found: &Found<'_>, unsure: &[String], as_of: Option<&str>) -> String {
    if !unsure.is_empty() {
        text.push_str("# Not sure of:\n");
        for line in unsure {
            let _ = writeln!(text, "# - {}", comment(line));
        }
        text.push('\n');
    }
    let files: Vec<String> = found.names().into_iter().map(typed_path).collect();
    let (leads, activity) = files.split_first().map_or((String::new(), String::new()), |(leads, rest)| {
        (leads.clone(), rest.iter().map(|file| format!(" --events {file}")).collect())
    });
    let _ = writeln!(text, "# What to do next, with this file as model.merit:");
    let _ = writeln!(text, "#   merit check model.merit --leads {leads}{activity}");
    let _ = writeln!(text, "#     what the data says about the rules");
    let _ = writeln!(text, "#   merit run model.merit {leads}{activity}");
    let _ = writeln!(text, "#     a score for every lead as of now");
    if let Some(day) = as_of {
        let _ = writeln!(text, "#   merit run model.merit {leads}{activity} --as-of {day}");
        let _ = writeln!(text, "#     the same as of the day of the newest activity");
    }
    let _ = writeln!(text, "#   merit repl model.merit {leads}{activity}");
    let _ = writeln!(text, "#     try out changes on some leads");
    text
}

/// A path as it is typed at a shell: in quotes where it has blanks.
pub fn typed_path(path: &str) -> String {
    if path.contains(char::is_whitespace) { format!("\"{path}\"") } else { path.to_owned() }
}
