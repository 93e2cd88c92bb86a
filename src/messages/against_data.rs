//! What data says about rules: values that never come, cells that seem meant otherwise, columns that are mostly blank, rows that are
//! no leads.

use super::data::{different_values, named, shown, warning};
use super::{counted, in_quotes, typed};
use crate::data::Seen;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::Field;
use crate::operators::TextTest;
use crate::shown::{either, several};
use crate::source::Span;

/// More places than this are not pointed at.
const MOST_PLACES: usize = 4;

/// More names than this are counted.
const MOST_NAMES: usize = 6;

/// Names in backticks with a word before the last; of many the first.
fn quoted<T: AsRef<str>>(names: &[T], with: &str) -> String {
    let mut all: Vec<String> =
        names.iter().take(MOST_NAMES).map(|name| format!("`{}`", shown(name.as_ref()))).collect();
    if names.len() > all.len() {
        all.push(format!("{} more", names.len() - all.len()));
    }
    several(&all, with)
}

/// `, among the first 300 rows`
fn among_first(rows: Option<u64>) -> String {
    rows.map_or(String::new(), |rows| format!("; only the first {rows} rows were looked at"))
}

// Values.

/// What stands at a place where a field, or activity, is compared with texts that never come; `of` so many.
pub(crate) fn never_here(names: &[&str], of: usize) -> String {
    match (names, of) {
        ([_], 1) => "this never comes".to_owned(),
        _ if names.len() == of => "none of these ever comes".to_owned(),
        ([name], _) => format!("`{}` never comes", shown(name)),
        _ => format!("{} never come", quoted(names, "and")),
    }
}

fn with_places(mut d: Diagnostic, places: &[(Span, String)]) -> Diagnostic {
    for (span, text) in places.iter().take(MOST_PLACES) {
        d = d.label(*span, text.clone());
    }
    d
}

/// Rules ask for values that no lead has. `line` has a line of the model with another value in it, and that value.
pub(crate) fn values_not_there(
    field: &Field,
    test: Option<TextTest>,
    names: &[&str],
    (values, are_more): (&[(String, u64)], bool),
    places: &[(Span, String)],
    line: Option<(String, &str)>,
) -> Diagnostic {
    let (field, names) = (&field.name, quoted(names, "or"));
    let what = match test {
        None => format!("no lead has the `{field}` {names}"),
        Some(test) => format!("no `{field}` {} {names}", in_words(test)),
    };
    let d = warning(Code::D941, format!("{what}; {}", different_values("the values are", values, are_more)));
    with_places(d, places).help(match line {
        Some((line, value)) => format!("if `{}` is what is meant, write it as the data has it: {line}", shown(value)),
        None => {
            "if leads have it under another name, write that name; if none will ever have it, this can go".to_owned()
        }
    })
}

fn in_words(test: TextTest) -> &'static str {
    match test {
        TextTest::Contains => "contains",
        TextTest::Mentions => "mentions",
        TextTest::StartsWith => "starts with",
        TextTest::EndsWith => "ends with",
        TextTest::Matches => "matches",
    }
}

/// A field, the texts that it is compared with, and the values that it has, with whether there are more.
type InShort = (String, Vec<String>, Vec<(String, u64)>, bool);

/// Fields that have none of the values with which rules compare them, in one paragraph.
pub(crate) fn in_short(fields: &[InShort], file: &str, among: Option<u64>) -> Option<Diagnostic> {
    let say = |(field, texts, values, are_more): &InShort| {
        let texts: Vec<String> = texts.iter().take(2).map(|t| format!("`{}`", shown(t))).collect();
        let values = different_values("leads have", values, *are_more);
        format!("`{field}` is never {} ({values})", texts.join(" or "))
    };
    let all: Vec<String> = fields.iter().take(3).map(say).collect();
    let more = match fields.len().saturating_sub(all.len()) {
        0 => String::new(),
        n => format!("; {} more", counted(n as u64, "field", "fields")),
    };
    (!fields.is_empty()).then(|| {
        warning(
            Code::D941,
            format!("rules ask for values that no lead has: {}{more}{}", all.join("; "), among_first(among)),
        )
        .help(format!("`merit check MODEL --leads {}` says where, and what else does not fit", named(file)))
        .of_file(file)
    })
}

// Activity.

/// Rules ask for a type that no record has. `first` is one that may be meant.
pub(crate) fn type_not_there(
    name: &str,
    from: &[&str],
    (types, are_more): (&[(String, u64)], bool),
    first: Option<&str>,
    places: &[Span],
) -> Diagnostic {
    let others =
        if from.is_empty() { String::new() } else { format!(", nor one that counts as it ({})", quoted(from, "and")) };
    let types = different_values("the types are", types, are_more);
    let mut d = warning(Code::D942, format!("no activity has the type `{name}`{others}; {types}"));
    for span in places.iter().take(MOST_PLACES) {
        d = d.label(*span, "this never comes");
    }
    let also = first.and_then(in_quotes).map(|first| {
        let all: Vec<String> = from.iter().filter_map(|f| in_quotes(f)).chain([first]).collect();
        format!("activity {} from {}", typed(name), all.join(", "))
    });
    d.help(match (also, first) {
        (Some(also), Some(first)) => format!("if `{}` is the same, say so: {also}", shown(first)),
        _ => format!("if it goes by another name there, say so: activity {} from \"…\"", typed(name)),
    })
}

/// Rules ask for targets that no record of a type has, or of any type. `line` has a line of the model with another target in it.
pub(crate) fn targets_not_there(
    name: Option<&str>,
    sought: &[&str],
    (targets, are_more): (&[(String, u64)], bool),
    records: u64,
    places: &[(Span, String)],
    line: Option<String>,
) -> Diagnostic {
    let what = name.map_or("no activity".to_owned(), |name| format!("no `{name}`"));
    let has = if targets.is_empty() {
        let records = counted(records, "such record has", "such records have");
        format!("{records} no target at all")
    } else {
        different_values("the targets are", targets, are_more)
    };
    let d = warning(Code::D942, format!("{what} has the target {}; {has}", quoted(sought, "or")));
    with_places(d, places).help(match (line, targets) {
        (Some(line), _) => format!("if that is what is meant, write it as the activity has it: {line}"),
        (None, []) => "say in which column the targets stand: activity log { target \"…\" }".to_owned(),
        (None, _) => {
            "if it goes by another name there, write that; `*` stands for any signs, and `/pricing/*` for pages"
                .to_owned()
        }
    })
}

// Cells.

/// What to write of a field: the whole line, or what belongs into the one that there is.
fn of_type(field: &Field, written: &str) -> String {
    if field.is_declared {
        format!("write in its `field` line: field {}: {written}", typed(&field.name))
    } else {
        format!("write field {}: {written}", typed(&field.name))
    }
}

/// Arrays where a text is asked for.
pub(crate) fn arrays_in_text(
    field: &Field,
    (count, first): (u64, &Seen),
    equal: Option<&str>,
    among: Option<u64>,
) -> Diagnostic {
    let name = &field.name;
    let cells = counted(count, "cell", "cells");
    let hold = if count == 1 { "holds a list" } else { "hold lists" };
    let also = match equal.and_then(in_quotes) {
        Some(text) => format!(", and {0} contains {text} where it says {0} = {text}", typed(name)),
        None => String::new(),
    };
    warning(
        Code::D944,
        format!(
            "{cells} of `{name}` {hold}, and the model asks for a text, first in line {}: `{}`{}",
            first.line,
            shown(&first.says),
            among_first(among)
        ),
    )
    .help(format!("{}{also}", of_type(field, "list")))
    .of_line(first.line)
    .of_column(name)
}

/// Lists that have one entry, in which something may stand between several. `most` is the sign that is most frequent.
pub(crate) fn unparted(
    field: &Field,
    (count, first): (u64, &Seen),
    signs: &[String],
    most: char,
    among: Option<u64>,
) -> Diagnostic {
    let name = &field.name;
    let hold = if count == 1 { "1 cell holds".to_owned() } else { format!("{count} cells hold") };
    let d = warning(
        Code::D944,
        format!(
            "{hold} one entry of the list `{name}` with {} in it, first in line {}: `{}`{}",
            either(signs),
            first.line,
            shown(&first.says),
            among_first(among)
        ),
    )
    .of_line(first.line)
    .of_column(name);
    d.help(if most == '\n' {
        "entries are parted by `;`, or by what a `field` line says; export them so".to_owned()
    } else {
        format!("if that stands between entries, {}", of_type(field, &format!("list \"{most}\"")))
    })
}

/// Numbers such as `15.000`, in a column in which nothing says what the dot means.
pub(crate) fn dots_in_numbers(field: &Field, (count, first): (u64, &Seen), among: Option<u64>) -> Diagnostic {
    let name = &field.name;
    let digits: String = first.says.chars().filter(|c| c.is_ascii_digit() || *c == '.').collect();
    let (before, behind) = digits.split_once('.').unwrap_or((&digits, ""));
    let read = digits.trim_end_matches('0').trim_end_matches('.');
    let cells = if count == 1 { "1 cell".to_owned() } else { format!("{count} cells") };
    let may = if count == 1 { "is read as a fraction, and may mean" } else { "are read as fractions, and may mean" };
    let line = |sample: &str| {
        let line = format!("number \"{sample}\"");
        if field.is_declared { line } else { format!("field {}: {line}", typed(name)) }
    };
    warning(
        Code::D944,
        format!(
            "{cells} of `{name}` {may} thousands: `{}`, first in line {}, is {read}, and nothing in the column tells it from {before}{behind}{}",
            shown(&first.says),
            first.line,
            among_first(among)
        ),
    )
    .help(format!(
        "say {}how numbers are written: {} where it is {before}{behind}, {} where it is {read}",
        if field.is_declared { "in its `field` line " } else { "" },
        line("1.234,56"),
        line("1,234.56")
    ))
    .of_line(first.line)
    .of_column(name)
}

/// A column that is mostly blank, with the lines that hang on it.
pub(crate) fn mostly_blank(
    field: &Field,
    blank: u64,
    rows: u64,
    points: f64,
    places: &[(Span, Option<f64>)],
) -> Diagnostic {
    let name = &field.name;
    let share =
        if blank == rows && rows > 1 { format!("all {rows} leads") } else { format!("{blank} of {rows} leads") };
    let hang = if places.len() == 1 { "1 line hangs".to_owned() } else { format!("{} lines hang", places.len()) };
    let printed = crate::number::to_printed(points);
    let worth = if points > 0.0 { format!(", with up to {}", points_of(&printed)) } else { String::new() };
    let mut d = warning(Code::D943, format!("`{name}` is blank in {share}; {hang} on it{worth}")).of_column(name);
    for (span, points) in places.iter().take(MOST_PLACES) {
        d = d.label(
            *span,
            match points {
                Some(points) if *points > 0.0 => format!("up to {}", points_of(&crate::number::to_printed(*points))),
                Some(_) => "hangs on it".to_owned(),
                None => "decides by it".to_owned(),
            },
        );
    }
    d.help(format!(
        "where it is blank these lines give nothing; if a blank tells you something, ask for it: when {} is missing subtract 5",
        typed(name)
    ))
}

fn points_of(printed: &str) -> String {
    format!("{printed} {}", if printed == "1" { "point" } else { "points" })
}

// Rows.

/// Rows of several ids that share an address: the first of them, and the line of the second.
pub(crate) fn same_email(
    rows: u64,
    (first, second): (&Seen, u64),
    among: Option<u64>,
    merged: Option<&str>,
) -> Diagnostic {
    let what = if rows == 2 { "have the same e-mail address," } else { "share an e-mail address with another row," };
    let also = merged.and_then(in_quotes).map_or(String::new(), |column| {
        format!(", or let the activity of all their ids count: leads {{ other ids {column} }}")
    });
    warning(
        Code::D945,
        format!(
            "{rows} rows {what} first `{}` in lines {} and {second}; each is scored by itself{}",
            shown(&first.says),
            first.line,
            among_first(among)
        ),
    )
    .help(format!(
        "one person may stand in several rows, each with a part of what they did: merge them in the CRM{also}"
    ))
    .of_line(second)
}

/// Rows at the end of a file that are totals or a footer, with the condition that leaves them out, where there is one.
pub(crate) fn footer(file: &str, says: &[String], condition: Option<&str>) -> Diagnostic {
    let rows = if says.len() == 1 { "the last row".to_owned() } else { format!("the last {} rows", says.len()) };
    let looks = if says.len() == 1 { "looks like a total or a footer" } else { "look like totals or a footer" };
    let shown: Vec<String> =
        says.iter().filter(|text| !text.is_empty()).map(|text| format!("`{}`", shown(text))).collect();
    warning(Code::D946, format!("{rows} of `{file}` {looks}: {}", several(&shown, "and")))
        .help(match condition {
            Some(condition) => format!("leave such rows out: leads {{ ignore rows where {condition} }}"),
            None => "take them out of the file, so that they are no leads".to_owned(),
        })
        .of_file(file)
}

/// Another sheet of the workbook that has columns which this one lacks.
pub(crate) fn other_sheet(file: &str, sheet: &str, columns: &[String]) -> Diagnostic {
    let has = if columns.len() == 1 { "a column" } else { "columns" };
    warning(
        Code::D916,
        format!(
            "the sheet `{sheet}` of `{file}` has {has} that the model reads and this one lacks: {}",
            quoted(columns, "and")
        ),
    )
    .help(format!(
        "if the leads stand there, say so: --sheet \"{sheet}\", or in the model: leads {{ sheet \"{sheet}\" }}"
    ))
    .of_file(file)
}

/// A column as a condition names it, where it can be typed.
pub(crate) fn column_in_a_condition(name: &str) -> Option<String> {
    (!name.is_empty() && !name.contains(['`', '\n'])).then(|| typed(name))
}

/// A text as a condition has it, where it can be typed.
pub(crate) fn in_a_condition(text: &str) -> Option<String> {
    in_quotes(text)
}
