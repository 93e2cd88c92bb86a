//! What a model says of the files: `leads`, `activity log`, words for nothing.

use std::fmt::Write as _;

use super::columns::{Kind, common_name, dates_as};
use super::fields::{FieldOut, own_name};
use super::survey::Column;
use super::write::{Found, quoted, quoted_all, typed};
use crate::data::Part;
use crate::messages::start as say;
use crate::number::{NumberStyle, STYLES};
use crate::text::{fold, name_key};

pub fn leads_block(out: &mut String, found: &Found<'_>, fields: &[FieldOut<'_>], unsure: &mut Vec<String>) {
    let survey = found.leads;
    let mut lines = Vec::new();
    match survey.id.and_then(|at| survey.columns.get(at)) {
        Some(column) if survey.is_id_guessed => {
            lines.push(format!("id {}", quoted(&column.name)));
            unsure.push(say::taken_for_id(&column.name));
        }
        Some(_) => {}
        None => unsure.push(say::no_id()),
    }
    if let Some(sheet) = &found.asked.options.sheet {
        lines.push(format!("sheet {}", quoted(sheet)));
    }
    if let Some(row) = survey.header_row.or(found.asked.options.layout.header_row) {
        lines.push(format!("header in row {row}"));
    }
    lines.extend(survey.encoding.map(|encoding| format!("encoding {}", quoted(encoding))));
    lines.extend(survey.footer.as_ref().map(|condition| format!("ignore rows where {condition}")));
    if survey.odd_end {
        unsure.push(say::odd_end());
    }
    let styles: Vec<NumberStyle> =
        fields.iter().filter_map(|f| if let Kind::Number(style) = f.kind { Some(style) } else { None }).collect();
    if let Some(style) = styles.iter().find(|style| **style != NumberStyle::Point)
        && let Some((written, _)) = STYLES.iter().find(|(_, s)| s == style)
    {
        lines.push(format!("numbers {}", quoted(written)));
    }
    let shapes = shapes_to_say(fields, found);
    if !shapes.is_empty() {
        lines.push(format!("dates {}", quoted_all(shapes.iter().map(String::as_str))));
    }
    block(out, "leads", &lines);
}

/// The shapes of dates of leads (0) or activity (1) that the first library has which says any.
fn shapes_known<'f>(found: &Found<'f>, of: usize) -> &'f [String] {
    found.systems.iter().map(|system| system.dates[of].as_slice()).find(|dates| !dates.is_empty()).unwrap_or(&[])
}

/// The shapes of dates of leads that must be said: none where a library reads them all.
fn shapes_to_say(fields: &[FieldOut<'_>], found: &Found<'_>) -> Vec<String> {
    let format = dates_as(shapes_known(found, 0));
    let mut shapes: Vec<String> = Vec::new();
    let mut is_read = true;
    for field in fields {
        let Kind::Date(own, _) = &field.kind else { continue };
        is_read &= field.column.values.share(|v| format.read_date(v).is_some()) >= 0.97;
        for shape in own {
            if !shapes.contains(shape) {
                shapes.push(shape.clone());
            }
        }
    }
    if is_read { Vec::new() } else { shapes }
}

pub fn log_block(out: &mut String, found: &Found<'_>, unsure: &mut Vec<String>) {
    let mut lines = Vec::new();
    let knows = |part: Part, key: &str| {
        let mut of_systems = found.systems.iter().flat_map(|s| s.columns_of(part)).peekable();
        // Where a library names the columns of leads, the usual one does not count.
        let counts_usual = part != Part::LeadId || of_systems.peek().is_none();
        of_systems.any(|k| k == key) || counts_usual && part.name() == key
    };
    for part in [Part::LeadId, Part::Type, Part::Target, Part::At, Part::EventId] {
        let mut columns: Vec<&str> = Vec::new();
        for log in found.files() {
            let of_part: Vec<&String> =
                log.columns.iter().filter(|(p, _)| *p == part).map(|(_, column)| column).collect();
            let Some(column) = of_part.first() else {
                match part {
                    Part::LeadId => unsure.push(say::no_lead_column(&log.file)),
                    Part::Type => unsure.push(say::no_type_column(&log.file)),
                    _ => {}
                }
                continue;
            };
            if part == Part::LeadId {
                if log.known > 0.0 && log.known < 0.9 {
                    unsure.push(say::share_of_leads(log.known, &log.file, column));
                }
                let field = log.of.and_then(|of| found.leads.columns.get(of)).map(|c| lead_field(found, c));
                let is_said = knows(part, &name_key(column)) && says_field(found, &name_key(column)) == field;
                let line = match &field {
                    Some(field) => format!("lead {} = {}", quoted(column), typed(field)),
                    None => format!("lead {}", quoted(column)),
                };
                if !is_said && !lines.contains(&line) {
                    lines.push(line);
                }
                continue;
            }
            for column in of_part {
                if !knows(part, &name_key(column)) && !columns.contains(&column.as_str()) {
                    columns.push(column);
                }
            }
        }
        let word = if part == Part::EventId { "event id" } else { part.name() };
        if !columns.is_empty() {
            lines.push(format!("{word} {}", quoted_all(columns)));
        }
    }
    let mut shapes: Vec<&String> = Vec::new();
    let known = shapes_known(found, 1);
    for log in found.files() {
        if log.dates.1 && !log.dates.0.is_empty() && !log.dates.0.iter().all(|s| known.contains(s)) {
            unsure.push(say::dates_either_way(&log.file, &log.dates.0));
        }
        shapes.extend(log.dates.0.iter().filter(|s| !known.contains(s)));
    }
    shapes.dedup();
    if !shapes.is_empty() {
        lines.push(format!("dates {}", quoted_all(shapes.iter().map(|s| s.as_str()))));
    }
    if let Some(row) = found.layouts.iter().find_map(|(row, _)| *row) {
        lines.push(format!("header in row {row}"));
    }
    lines.extend(found.layouts.iter().find_map(|(_, encoding)| *encoding).map(|e| format!("encoding {}", quoted(e))));
    for log in found.files() {
        lines.extend(log.footer.as_ref().map(|condition| format!("ignore rows where {condition}")));
    }
    block(out, "activity log", &lines);
}

/// The field that a column of leads feeds.
fn lead_field(found: &Found<'_>, column: &Column) -> String {
    let known = found.systems.iter().flat_map(|s| &s.fields).find(|(_, keys)| keys.contains(&column.key));
    known
        .map(|(name, _)| name.clone())
        .or_else(|| common_name(&column.key).map(str::to_owned))
        .unwrap_or_else(|| own_name(&column.key))
}

/// The field that a library's `lead` line has for a column.
fn says_field(found: &Found<'_>, key: &str) -> Option<String> {
    found
        .systems
        .iter()
        .find_map(|system| system.keyed.iter().find(|(column, _)| column == key))
        .map(|(_, field)| field.clone())
}

fn block(out: &mut String, name: &str, lines: &[String]) {
    if !lines.is_empty() {
        let _ = writeln!(out, "{name} {{\n  {}\n}}\n", lines.join("\n  "));
    }
}

/// Words that stand for nothing; those that a library knows come along.
pub fn treat(out: &mut String, found: &Found<'_>) {
    let mut words: Vec<&str> = Vec::new();
    let is_place = |c: &Column| matches!(common_name(&c.key), Some("country" | "state"));
    for column in &found.leads.columns {
        let of_column = column
            .placeholders
            .iter()
            .map(String::as_str)
            .filter(|w| !is_place(column) || !w.eq_ignore_ascii_case("na"));
        for word in of_column {
            if !words.iter().any(|w| fold(w) == fold(word)) {
                words.push(word);
            }
        }
    }
    // Where `NA` is Namibia, it is not nothing.
    if found.leads.columns.iter().any(|c| is_place(c) && c.placeholders.iter().any(|w| w.eq_ignore_ascii_case("na"))) {
        words.retain(|w| !w.eq_ignore_ascii_case("na"));
    }
    words.retain(|word| !found.systems.iter().any(|system| system.missing.contains(&*fold(word))));
    if !words.is_empty() {
        let _ = writeln!(out, "treat [{}] as missing\n", quoted_all(words));
    }
}
