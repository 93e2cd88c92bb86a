//! The text of a first model.

use std::fmt::Write as _;

use super::FirstModel;
use super::columns::{Kind, UNSHOWN, common_name, common_values, is_personal, kind};
use super::log::{Log, name_of};
use super::survey::{Column, SAMPLE, Survey};
use super::systems::System;
use crate::data::Part;
use crate::front::Rules;
use crate::number::{NumberStyle, STYLES, grouped};
use crate::reserved::is_reserved;
use crate::run::Input;
use crate::text::{fold, is_word_char, name_key, spelling_key};
use crate::time::{Date, DateShape, Written, Zone, now};
use crate::value::{CellFormat, Raw, Type, Value};

/// More fields than these are left to be asked for by name.
const MOST_FIELDS: usize = 40;

/// What the types of activity are worth to begin with: points each, and at most.
const WORTH: &[(&str, u32, u32, &str)] = &[
    ("booked", 100, 100, "Booked a meeting"),
    ("requested", 50, 50, "Asked for something"),
    ("replied", 30, 60, "Replied"),
    ("signed_up", 30, 30, "Signed up"),
    ("attended", 20, 40, "Attended an event"),
    ("downloaded", 10, 30, "Downloaded content"),
    ("submitted", 10, 30, "Filled in a form"),
    ("registered", 10, 20, "Registered for an event"),
    ("called", 10, 20, "Talked on the phone"),
    ("clicked", 3, 15, "Clicks in e-mails"),
    ("visited", 2, 20, "Visits the website"),
    ("logged_in", 2, 20, "Uses the product"),
    ("opened", 1, 5, "Opens e-mails"),
];

/// Parts of pages that people look at before they buy.
const PRICING: &[&str] = &["pricing", "price", "preis", "tarif", "precio", "prix", "plans", "demo", "buy", "kaufen"];

/// Names that mean something else.
const TAKEN: &[&str] =
    &["score", "stage", "current", "disqualified", "excluded", "could_be", "points", "icp", "next_step"];

/// The usual stages, low to high, with how systems write them.
const STAGES: &[(&str, &[&str])] = &[
    ("subscriber", &["subscriber"]),
    ("lead", &["lead", "open lead", "new lead"]),
    ("iql", &["iql", "information qualified lead"]),
    ("mql", &["mql", "marketing qualified lead"]),
    ("pql", &["pql", "product qualified lead"]),
    ("sql", &["sql", "sales qualified lead", "sal", "sales accepted lead"]),
    ("opportunity", &["opportunity"]),
    ("customer", &["customer", "closed won"]),
    ("evangelist", &["evangelist"]),
];

/// What was found out.
pub(super) struct Found<'f> {
    pub leads: &'f Survey,
    pub logs: &'f [Log],
    /// Of each file of activity, the row of its header and its encoding.
    pub layouts: &'f [(Option<u64>, Option<&'static str>)],
    pub systems: &'f [&'f System],
    pub zone: Option<&'f str>,
    pub asked: &'f Input,
}

impl Found<'_> {
    /// The activity that stands in files of its own.
    fn files(&self) -> impl Iterator<Item = &Log> {
        self.logs.iter().filter(|log| !log.is_inside)
    }
}

/// A column that becomes a field.
struct FieldOut<'f> {
    column: &'f Column,
    name: String,
    kind: Kind,
    /// Whether a library has it.
    is_known: bool,
    values: Vec<(String, u64)>,
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
            unsure.push("times without a zone are read as UTC; if they are of your own clock, write `model \"…\" { time zone \"Europe/Berlin\" }`".to_owned());
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
    let text = with_test(out, found, &fields, &types);
    let as_of =
        found.logs.iter().any(|log| log.last.is_some()).then(|| Written::Day(newest(found, &fields)).to_string());
    let text = with_next_steps(text, found, &unsure, as_of.as_deref());
    let text = match crate::format::format(&text) {
        Ok(formatted) => format!("{}\n", formatted.text.trim_end()),
        Err(_) => text,
    };
    let systems = found.systems.iter().map(|s| s.title).collect();
    FirstModel { text, as_of, systems, leads: found.leads.rows, types: types.len(), unsure }
}

fn head(out: &mut String, found: &Found<'_>) {
    let files: Vec<&str> =
        [found.leads.name.as_str()].into_iter().chain(found.files().map(|l| l.file.as_str())).collect();
    let files: Vec<&str> = files.iter().map(|path| path.rsplit(['/', '\\']).next().unwrap_or(path)).collect();
    let rows = if found.leads.is_sample {
        format!("{} leads, of which the first {} were looked at closely", grouped(found.leads.rows), grouped(SAMPLE))
    } else {
        format!("{} lead{}", grouped(found.leads.rows), if found.leads.rows == 1 { "" } else { "s" })
    };
    let _ = writeln!(out, "# A first model, written by `merit start` from {}: {rows}.", files.join(", "));
    out.push_str("# Points, thresholds and profile are a beginning: put in what marketing and sales agree on.\n\n");
}

/// The columns worth asking about.
fn fields<'f>(found: &Found<'f>, unsure: &mut Vec<String>) -> Vec<FieldOut<'f>> {
    let survey = found.leads;
    let is_comma = survey.columns.iter().any(|c| matches!(kind(c, false), Kind::Number(NumberStyle::Comma)));
    let system = found.systems.iter().find(|s| !s.fields.is_empty());
    let system_field = |key: &str| {
        let mut fields = system.into_iter().flat_map(|s| &s.fields);
        fields.find(|(_, keys)| keys.iter().any(|k| k == key)).map(|(name, _)| name.clone())
    };
    let mut out: Vec<FieldOut<'f>> = Vec::new();
    let mut left = 0;
    for (at, column) in survey.columns.iter().enumerate() {
        if column.filled == 0 || !column.key.contains(char::is_alphanumeric) || column.key == "events" {
            continue;
        }
        let known = system_field(&column.key);
        let common = common_name(&column.key).filter(|name| !out.iter().any(|f| f.name == *name));
        let is_known = known.is_some();
        let name = known.or_else(|| common.map(str::to_owned)).unwrap_or_else(|| own_name(&column.key));
        let is_common = is_known || common.is_some();
        if out.iter().any(|f| f.name == name) || Some(at) == survey.id && name != "email" {
            continue;
        }
        let kind = kind(column, is_comma);
        let values = match kind {
            Kind::Text | Kind::List(_) => common_values(column, &name, 8),
            _ => Vec::new(),
        };
        let is_wanted = match name.as_str() {
            "email" | "title" | "company" | "domain" => true,
            _ if (UNSHOWN.contains(&name.as_str()) || !is_known) && is_personal(column, &name) => false,
            _ => is_common || !values.is_empty() || !matches!(kind, Kind::Text),
        };
        if !is_wanted {
            continue;
        }
        if out.len() >= MOST_FIELDS && !is_common {
            left += 1;
            continue;
        }
        if let Kind::Date(shapes, true) = &kind {
            unsure.push(format!(
                "dates of `{}` are read as {}: day and month could be the other way round",
                column.name,
                shapes.join(", ")
            ));
        }
        out.push(FieldOut { column, name, kind, is_known, values });
    }
    if left > 0 {
        unsure.push(format!("{left} more columns are not listed; rules may ask for them by their names"));
    }
    out
}

/// A name for a column of no common meaning.
fn own_name(key: &str) -> String {
    let key = key.replace('.', "_");
    if TAKEN.contains(&key.as_str()) { format!("crm_{key}") } else { key }
}

/// A name as a model has it.
fn typed(name: &str) -> String {
    let is_bare = name.chars().all(|c| is_word_char(c) || c == '_')
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && !is_reserved(name);
    if is_bare { name.to_owned() } else { format!("`{}`", name.replace('`', "")) }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', " "))
}

fn quoted_all<'t>(texts: impl IntoIterator<Item = &'t str>) -> String {
    texts.into_iter().map(quoted).collect::<Vec<_>>().join(", ")
}

/// On one line, so that it can stand behind `#`.
fn comment(text: &str) -> String {
    crate::shown::one_line(text).into_owned()
}

fn leads_block(out: &mut String, found: &Found<'_>, fields: &[FieldOut<'_>], unsure: &mut Vec<String>) {
    let survey = found.leads;
    let mut lines = Vec::new();
    match survey.id.and_then(|at| survey.columns.get(at)) {
        Some(column) if survey.is_id_guessed => {
            lines.push(format!("id {}", quoted(&column.name)));
            unsure.push(format!("`{}` is taken for the id of leads", column.name));
        }
        Some(_) => {}
        None => unsure.push("no column looks like an id: leads are called by the number of their row".to_owned()),
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
        unsure.push(
            "the last rows of the leads look like totals or a footer; write `ignore rows where …` for them".to_owned(),
        );
    }
    let styles: Vec<NumberStyle> =
        fields.iter().filter_map(|f| if let Kind::Number(style) = f.kind { Some(style) } else { None }).collect();
    if let Some(style) = styles.iter().find(|style| **style != NumberStyle::Point)
        && let Some((written, _)) = STYLES.iter().find(|(_, s)| s == style)
    {
        lines.push(format!("numbers {}", quoted(written)));
    }
    let shapes = shapes_of(
        fields.iter().filter_map(|f| if let Kind::Date(shapes, _) = &f.kind { Some((shapes, f.column)) } else { None }),
        found,
        0,
    );
    if !shapes.is_empty() {
        lines.push(format!("dates {}", quoted_all(shapes.iter().map(String::as_str))));
    }
    block(out, "leads", &lines);
}

/// The shapes of dates that must be said: none where a library reads them all.
fn shapes_of<'c>(
    columns: impl Iterator<Item = (&'c Vec<String>, &'c Column)>,
    found: &Found<'_>,
    of: usize,
) -> Vec<String> {
    let written: Vec<&String> =
        found.systems.iter().map(|s| &s.dates[of]).find(|d| !d.is_empty()).into_iter().flatten().collect();
    let format = CellFormat {
        dates: written.iter().filter_map(|s| DateShape::parse(s).ok()).collect(),
        ..CellFormat::default()
    };
    let mut shapes: Vec<String> = Vec::new();
    let mut is_read = true;
    for (own, column) in columns {
        is_read &= column.values.share(|v| format.read_date(v).is_some()) >= 0.97;
        for shape in own {
            if !shapes.contains(shape) {
                shapes.push(shape.clone());
            }
        }
    }
    if is_read { Vec::new() } else { shapes }
}

fn log_block(out: &mut String, found: &Found<'_>, unsure: &mut Vec<String>) {
    let mut lines = Vec::new();
    let knows = |part: Part, key: &str| {
        let of_systems = found.systems.iter().flat_map(|s| &s.log);
        of_systems.clone().any(|(p, k)| *p == part && k == key)
            || part.name() == key && !of_systems.clone().any(|(p, _)| *p == part && part == Part::LeadId)
    };
    for part in [Part::LeadId, Part::Type, Part::Target, Part::At, Part::EventId] {
        let mut columns: Vec<&str> = Vec::new();
        for log in found.files() {
            let of_part: Vec<&String> =
                log.columns.iter().filter(|(p, _)| *p == part).map(|(_, column)| column).collect();
            let Some(column) = of_part.first() else {
                match part {
                    Part::LeadId => unsure.push(format!(
                        "no column of {} was found that says whose a record is; write `lead \"…\"` into `activity log`",
                        log.file
                    )),
                    Part::Type => unsure.push(format!(
                        "no column of {} was found that says what happened; write `type \"…\"` into `activity log`",
                        log.file
                    )),
                    _ => {}
                }
                continue;
            };
            if part == Part::LeadId {
                if log.known > 0.0 && log.known < 0.9 {
                    unsure.push(format!(
                        "{:.0} % of the leads that {} names in `{column}` are in the leads",
                        log.known * 100.0,
                        log.file
                    ));
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
    let known: Vec<&String> =
        found.systems.iter().map(|s| &s.dates[1]).find(|d| !d.is_empty()).into_iter().flatten().collect();
    for log in found.files() {
        if log.dates.1 && !log.dates.0.is_empty() && !log.dates.0.iter().all(|s| known.contains(&s)) {
            unsure.push(format!(
                "dates of {} are read as {}: day and month could be the other way round",
                log.file,
                log.dates.0.join(", ")
            ));
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
fn treat(out: &mut String, found: &Found<'_>) {
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

fn field_lines(out: &mut String, fields: &[FieldOut<'_>]) {
    let about = |field: &FieldOut<'_>| {
        let mut about = format!("{:.0} % filled", field.column.share_filled() * 100.0);
        if !field.values.is_empty() {
            let values: Vec<String> =
                field.values.iter().map(|(value, n)| format!("{value} ({})", grouped(*n))).collect();
            let _ = write!(about, ": {}", values.join(", "));
            if field.column.values.different() > field.values.len() {
                about.push_str(", …");
            }
        } else if let Kind::Number(style) = field.kind
            && let Some([low, high]) = quarters(field.column, style)
        {
            let _ = write!(
                about,
                ", half of them from {} to {}",
                crate::number::to_text(low),
                crate::number::to_text(high)
            );
        }
        comment(&about)
    };
    let (known, own): (Vec<_>, Vec<_>) = fields.iter().partition(|f| f.is_known);
    if !known.is_empty() {
        out.push_str("# Fields that come with the library, as your export has them:\n");
        for field in known {
            let _ = writeln!(out, "#   {} (`{}`), {}", field.name, comment(&field.column.name), about(field));
            if let Kind::List(separator) = &field.kind {
                let _ = writeln!(
                    out,
                    "field {}: list{}",
                    typed(&field.name),
                    separator.map(|s| format!(" {}", quoted(s))).unwrap_or_default()
                );
            }
        }
        out.push('\n');
    }
    for field in own {
        let _ = writeln!(out, "# {}\n{}", about(field), declared(field));
    }
    out.push('\n');
}

/// The line that declares a field.
fn declared(field: &FieldOut<'_>) -> String {
    let of_type = match &field.kind {
        Kind::Text => "text".to_owned(),
        Kind::Number(_) => "number".to_owned(),
        Kind::Date(..) => "date".to_owned(),
        Kind::Flag => "flag".to_owned(),
        Kind::List(None) => "list".to_owned(),
        Kind::List(Some(separator)) => format!("list {}", quoted(separator)),
    };
    let from = if name_key(&field.name) == field.column.key {
        String::new()
    } else {
        format!(" from {}", quoted(&field.column.name))
    };
    format!("field {}: {of_type}{from}", typed(&field.name))
}

/// A type of activity that rules may ask for.
struct TypeOut {
    name: String,
    count: u64,
    targets: Vec<(String, u64)>,
    is_engagement: bool,
}

/// `activity` lines for the types that no library knows; and all types, by their names here.
fn activity_lines(out: &mut String, found: &Found<'_>, unsure: &mut Vec<String>) -> Vec<TypeOut> {
    let mut types: Vec<TypeOut> = Vec::new();
    let mut sources: Vec<(String, Vec<String>)> = Vec::new();
    let mut unnamed = Vec::new();
    for log in found.logs {
        for (kind, (count, targets)) in &log.types {
            let (name, is_said) = name_of(kind, found.systems);
            if name.is_none() {
                unnamed.push(kind.clone());
            }
            let name = name.unwrap_or_else(|| kind.clone());
            if !is_said && fold(&name) != fold(kind) {
                match sources.iter_mut().find(|(n, _)| *n == name) {
                    Some((_, from)) => from.push(kind.clone()),
                    None => sources.push((name.clone(), vec![kind.clone()])),
                }
            }
            let targets: Vec<(String, u64)> = targets
                .most_frequent(5)
                .into_iter()
                .filter(|(t, n)| *n >= 2 && !t.contains('@'))
                .map(|(t, n)| (t.to_owned(), n))
                .collect();
            let is_idle = matches!(name.as_str(), "sent" | "bounced" | "unsubscribed" | "record_change" | "noticed")
                || found.systems.iter().any(|s| s.unengaged.contains(&name));
            match types.iter_mut().find(|t| t.name == name) {
                Some(known) => {
                    known.count += count;
                    known.targets.extend(targets);
                }
                None => types.push(TypeOut { name, count: *count, targets, is_engagement: !is_idle }),
            }
        }
    }
    types.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.name.cmp(&b.name)));
    for kind in &mut types {
        kind.targets.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    }
    if !types.is_empty() {
        out.push_str("# Activity, with how often it came and what it was about:\n");
        for kind in types.iter().take(25) {
            let about: Vec<String> =
                kind.targets.iter().take(4).map(|(target, n)| format!("{target} ({})", grouped(*n))).collect();
            let about = if about.is_empty() { String::new() } else { format!(": {}", about.join(", ")) };
            let _ =
                writeln!(out, "#   {} {}", comment(&kind.name), comment(&format!("({}){about}", grouped(kind.count))));
        }
    }
    for (name, from) in &sources {
        let _ = writeln!(out, "activity {} from {}", typed(name), quoted_all(from.iter().map(String::as_str)));
    }
    let idle: Vec<String> = types
        .iter()
        .filter(|t| !t.is_engagement && !found.systems.iter().any(|s| s.unengaged.contains(&t.name)))
        .map(|t| typed(&t.name))
        .collect();
    if !idle.is_empty() {
        let _ = writeln!(out, "activity {} are not engagement", idle.join(", "));
    }
    out.push('\n');
    if !unnamed.is_empty() {
        unnamed.truncate(6);
        unsure.push(format!(
            "what these types of activity mean: {}",
            unnamed.iter().map(|t| format!("`{t}`")).collect::<Vec<_>>().join(", ")
        ));
    }
    types
}

/// The profile of companies that fit; false where nothing tells of companies.
fn profile(out: &mut String, fields: &[FieldOut<'_>]) -> bool {
    let mut criteria = Vec::new();
    for name in ["industry", "country"] {
        if let Some(field) =
            fields.iter().find(|f| f.name == name && !f.values.is_empty() && matches!(f.kind, Kind::Text))
        {
            criteria.push(format!("{name} in [{}]", quoted_all(field.values.iter().take(3).map(|(v, _)| v.as_str()))));
        }
    }
    if fields.iter().any(|f| f.name == "employees" && matches!(f.kind, Kind::Number(_))) {
        criteria.push("employees >= 50".to_owned());
    }
    if !criteria.is_empty() {
        let _ = writeln!(
            out,
            "# Who fits: the commonest values of the export stand here to be replaced.\nprofile icp \"Companies that fit\" {{\n  {}\n}}\n",
            criteria.join("\n  ")
        );
    }
    !criteria.is_empty()
}

fn rules(out: &mut String, fields: &[FieldOut<'_>], types: &[TypeOut], has_profile: bool) {
    out.push_str("# What interest is worth.\n");
    let has = |name: &str| types.iter().any(|t| t.name == name);
    for (name, points, most, because) in WORTH.iter().filter(|(name, ..)| has(name)) {
        if let Some((page, _)) = types.iter().find(|t| t.name == *name && *name == "visited").and_then(pricing) {
            let _ = writeln!(out, "when visited({}) in last 30 days add 30 because \"Looked at prices\"", quoted(page));
        }
        if points == most {
            let _ = writeln!(out, "when {name}() in last 90 days add {points} because {}", quoted(because));
        } else {
            let _ = writeln!(out, "add {points} per {name}() in last 90 days up to {most} because {}", quoted(because));
        }
    }
    let is_own = |t: &&TypeOut| t.is_engagement && !WORTH.iter().any(|(name, ..)| *name == t.name);
    for kind in types.iter().filter(is_own).take(10) {
        let because = quoted(&crate::text::capital(&kind.name.replace('_', " ")));
        let _ = writeln!(out, "add 5 per {}() in last 90 days up to 20 because {because}", called(&kind.name));
    }
    let field = |name: &str| fields.iter().any(|f| f.name == name);
    if field("title") {
        out.push_str("when title mentions any c_level or title mentions any vp_level or title mentions any owners and title not mentions any not_owners add 15 because \"Decides\"\n");
        out.push_str("when title mentions any juniors subtract 20 because \"Intern or student\"\n");
    }
    if field("email") {
        out.push_str("when domain(email) in freemail subtract 10 because \"Private e-mail address\"\n");
    }
    if !types.is_empty() {
        out.push_str("when activity() and inactive for 90 days subtract 10 because \"Quiet for three months\"\n");
    } else if has_profile {
        out.push_str("when fit(icp) add 30 because \"Fits\"\n");
    } else {
        // Something to begin with.
        let valued =
            fields.iter().filter_map(|f| Some((f, f.values.first()?))).filter(|(f, _)| matches!(f.kind, Kind::Text));
        for (field, (value, _)) in valued.take(2) {
            let _ = writeln!(out, "when {} = {} add 10", typed(&field.name), quoted(value));
        }
    }
    out.push('\n');
}

/// The commonest page of prices.
fn pricing(kind: &TypeOut) -> Option<&(String, u64)> {
    kind.targets.iter().find(|(target, _)| PRICING.iter().any(|word| fold(target).contains(word)))
}

/// A type as it is called in a rule.
fn called(name: &str) -> String {
    let is_word =
        name.chars().all(|c| is_word_char(c) || c == '_') && !crate::builtins::is_function(&name.to_ascii_lowercase());
    let is_special = matches!(name.to_ascii_lowercase().as_str(), "activity" | "active" | "inactive" | "fit" | "at");
    if is_word && !is_special { typed(name) } else { format!("`{}`", name.replace('`', "")) }
}

fn stages(out: &mut String, found: &Found<'_>, fields: &[FieldOut<'_>], has_profile: bool, unsure: &mut Vec<String>) {
    let of = |column: &Column| -> (Vec<&'static str>, f64) {
        let rank = |value: &str| {
            STAGES.iter().position(|(_, spellings)| spellings.iter().any(|s| spelling_key(s) == spelling_key(value)))
        };
        let mut seen: Vec<usize> = column.values.most_frequent(100).iter().filter_map(|(v, _)| rank(v)).collect();
        seen.sort_unstable();
        seen.dedup();
        (
            seen.into_iter().filter_map(|i| STAGES.get(i)).map(|(name, _)| *name).collect(),
            column.values.share(|v| rank(v).is_some()),
        )
    };
    let current = fields
        .iter()
        .filter(|f| matches!(f.name.as_str(), "lifecycle_stage" | "lead_status") || f.name.ends_with("stage"));
    let best = current
        .map(|f| (f, of(f.column)))
        .filter(|(_, (seen, share))| seen.len() > 1 && *share >= 0.5)
        .max_by(|a, b| a.1.1.total_cmp(&b.1.1));
    let fit = if has_profile { " and fit(icp)" } else { "" };
    match best {
        Some((field, (seen, share))) => {
            let ladder: Vec<&str> = STAGES
                .iter()
                .map(|(name, _)| *name)
                .filter(|name| seen.contains(name) || matches!(*name, "lead" | "mql" | "sql"))
                .collect();
            let _ = writeln!(
                out,
                "# Where leads stand today comes from `{}`.\nstages {} from {}\n",
                comment(&field.column.name),
                ladder.join(", "),
                typed(&field.name)
            );
            if share < 1.0 {
                unsure.push(format!(
                    "some values of `{}` are no usual stage; `merit run` counts them",
                    field.column.name
                ));
            }
        }
        None => out.push_str("stages lead, mql, sql\n\n"),
    }
    let _ = writeln!(out, "mql if score >= 30\nsql if score >= 60{fit}\n");
    let has_type = |name: &str| {
        found.logs.iter().any(|log| log.types.keys().any(|k| name_of(k, found.systems).0.as_deref() == Some(name)))
    };
    let mut verdicts = Vec::new();
    if fields.iter().any(|f| f.name == "opted_out" && matches!(f.kind, Kind::Flag)) {
        verdicts.push("disqualify if opted_out because \"Opted out of e-mail\"");
    }
    if has_type("unsubscribed") {
        verdicts.push("disqualify if unsubscribed() because \"Unsubscribed\"");
    }
    if has_type("bounced") {
        verdicts.push("review if bounced() in last 90 days because \"E-mail bounced\"");
    }
    for line in verdicts {
        let _ = writeln!(out, "{line}");
    }
    out.push('\n');
}

/// The model with a test: a lead as many in the export, and what becomes of it today.
fn with_test(text: String, found: &Found<'_>, fields: &[FieldOut<'_>], types: &[TypeOut]) -> String {
    let today = newest(found, fields);
    let as_of = Written::Day(today).to_string();
    let mut entries: Vec<(String, String)> = Vec::new();
    let mut lead = serde_json::Map::new();
    let mut add = |name: &str, value: &str, shown: String| {
        entries.push((typed(name), shown));
        lead.insert(name.to_owned(), value.into());
    };
    // Of fields that a library brings, those that rules ask for; of all others each, so that nothing is declared in vain.
    let of_rules = ["industry", "country", "title", "employees"];
    for field in fields.iter().filter(|f| !f.is_known || of_rules.contains(&f.name.as_str())) {
        if let Some((value, shown)) = typical(field, today) {
            add(&field.name, &value, shown);
        }
    }
    let mut did = Vec::new();
    let mut events = Vec::new();
    let mut days = 1;
    for kind in types.iter().filter(|t| t.is_engagement && WORTH.iter().any(|(name, ..)| *name == t.name)).take(2) {
        let target = if kind.name == "visited" { pricing(kind).or(kind.targets.first()) } else { kind.targets.first() };
        let argument = target.map(|(t, _)| quoted(t)).unwrap_or_default();
        did.push(format!("{}({argument}) {days} day{} ago", kind.name, if days == 1 { "" } else { "s" }));
        events.push(serde_json::json!({ "type": kind.name, "target": target.map(|(t, _)| t), "at": Written::Day(today - days).to_string() }));
        days += 2;
    }
    lead.insert("events".to_owned(), events.into());
    if let Some(id) = found.leads.id.and_then(|at| found.leads.columns.get(at)) {
        lead.entry(id.name.clone()).or_insert("1".into());
    }
    let Ok(rules) = Rules::parse(&text) else { return text };
    let Ok(score) = rules.scorer(&as_of).and_then(|scorer| scorer.score(&lead)) else { return text };
    let entries: Vec<String> = entries.iter().map(|(name, value)| format!("{name}: {value}")).collect();
    let mut out = text;
    let _ = writeln!(out, "test \"a lead as many in the export\" {{\n  as of {as_of}");
    if !entries.is_empty() {
        let _ = writeln!(out, "  lead {{ {} }}", entries.join(", "));
    }
    for line in did {
        let _ = writeln!(out, "  {line}");
    }
    let points = score.score.map_or_else(|| "0".to_owned(), crate::number::to_text);
    let stage = match score.stage.as_str() {
        "disqualified" => "disqualified".to_owned(),
        stage => format!("stage = {stage}"),
    };
    let _ = writeln!(out, "  expect score = {points} and {stage}\n}}\n");
    out
}

/// The day of the newest activity; else of the newest date of a lead; else today.
fn newest(found: &Found<'_>, fields: &[FieldOut<'_>]) -> i64 {
    let of_leads = || {
        let of = |field: &FieldOut<'_>| {
            let Kind::Date(shapes, _) = &field.kind else { return None };
            let dates = shapes.iter().filter_map(|s| DateShape::parse(s).ok()).collect();
            let format = CellFormat { dates, ..CellFormat::default() };
            let values = field.column.values.most_frequent(usize::MAX);
            values.iter().filter_map(|(v, _)| format.read_date(v)).map(Date::first).max()
        };
        fields.iter().filter_map(of).filter(|date| *date <= now()).max()
    };
    let last = found.logs.iter().filter_map(|log| log.last).max();
    Date::Instant(last.or_else(of_leads).unwrap_or_else(now)).day_number(&Zone::UTC)
}

/// What a cell of a field may hold, of nobody in particular: as data has it, and as a test does.
fn typical(field: &FieldOut<'_>, today: i64) -> Option<(String, String)> {
    let written = |text: &str| Some((text.to_owned(), quoted(text)));
    match (&field.kind, field.values.first()) {
        (Kind::Number(style), _) => median(field.column, *style).map(|n| (format!("{n}"), crate::number::to_text(n))),
        (Kind::Flag, _) => Some(("no".to_owned(), "no".to_owned())),
        (Kind::Date(..), _) => {
            let day = Written::Day(today - 30).to_string();
            Some((day.clone(), day))
        }
        (_, Some((value, _))) => written(value),
        _ => match field.name.as_str() {
            "email" => written("kim@company.example"),
            "title" => written("Head of Operations"),
            "company" => written("Example Ltd"),
            "domain" => written("company.example"),
            _ => written("Other"),
        },
    }
}

/// The numbers of a column in order, ranges left out.
fn numbers(column: &Column, style: NumberStyle) -> Vec<f64> {
    let format = CellFormat { numbers: Some(style), ..CellFormat::default() };
    let mut all: Vec<f64> = Vec::new();
    for (value, n) in column.values.most_frequent(usize::MAX) {
        if let Some(Value::Number(number)) = Raw::Text(value.to_owned()).read(Type::Number, &format) {
            all.extend(std::iter::repeat_n(number, usize::try_from(n.min(1000)).unwrap_or(1)));
        }
    }
    all.sort_by(f64::total_cmp);
    all
}

/// The number in the middle.
fn median(column: &Column, style: NumberStyle) -> Option<f64> {
    let all = numbers(column, style);
    all.get(all.len() / 2).copied()
}

/// Between which numbers the middle half lies; none of few.
fn quarters(column: &Column, style: NumberStyle) -> Option<[f64; 2]> {
    let all = numbers(column, style);
    (all.len() >= 20).then_some([*all.get(all.len() / 4)?, *all.get(all.len() * 3 / 4)?])
}

fn with_next_steps(mut text: String, found: &Found<'_>, unsure: &[String], as_of: Option<&str>) -> String {
    if !unsure.is_empty() {
        text.push_str("# Not sure of:\n");
        for line in unsure {
            let _ = writeln!(text, "# - {}", comment(line));
        }
        text.push('\n');
    }
    let name = |path: &str| typed_path(path.rsplit(['/', '\\']).next().unwrap_or(path));
    let files: Vec<String> =
        [name(&found.leads.name)].into_iter().chain(found.files().map(|l| name(&l.file))).collect();
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
