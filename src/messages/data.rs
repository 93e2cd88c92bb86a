//! What there is to say about lead and activity files.
//!
//! Sentences name the file, or the line where it is a row of one.

use super::{counted, in_quotes, typed};
use crate::data::{Difference, Format, Seen, Stopped, Tally, Trouble, Values};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::model::Field;
use crate::number::{STYLES, read_cell};
use crate::shown::several;
use crate::time::{DateShape, shapes_of};
use crate::value::Type;

pub(super) fn warning(code: Code, message: String) -> Diagnostic {
    Diagnostic { severity: Severity::Warning, ..Diagnostic::new(code, message) }
}

/// Names in backticks, at most fifteen.
fn listed<T: AsRef<str>>(names: &[T]) -> String {
    let mut shown: Vec<String> = names.iter().take(15).map(|name| format!("`{}`", name.as_ref())).collect();
    if names.len() > shown.len() {
        shown.push(format!("and {} more", names.len() - shown.len()));
    }
    shown.join(", ")
}

pub(super) fn or_nothing(near: Option<&str>) -> String {
    near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default()
}

// Files.

pub(crate) fn no_such_file(name: &str, near: Option<&str>) -> Diagnostic {
    Diagnostic::new(Code::D901, format!("there is no file `{name}`{}", or_nothing(near)))
        .help("check the name and the folder; `-` reads from standard input")
        .of_file(name)
}

pub(crate) fn is_a_folder(name: &str) -> Diagnostic {
    Diagnostic::new(Code::D901, format!("`{name}` is a folder"))
        .help("give the file in it that holds the data")
        .of_file(name)
}

pub(crate) fn no_permission(name: &str) -> Diagnostic {
    Diagnostic::new(Code::D901, format!("`{name}` may not be read"))
        .help("ask its owner for permission to read it")
        .of_file(name)
}

pub(crate) fn cannot_read(name: &str, why: &str) -> Diagnostic {
    Diagnostic::new(Code::D901, format!("`{name}` cannot be read: {why}")).of_file(name)
}

/// A file that cannot be read any further.
pub(crate) fn not_read(name: &str, error: &std::io::Error) -> Diagnostic {
    match Stopped::of(error) {
        Some(Stopped::TooLarge(most)) => too_large(name, *most),
        Some(Stopped::Bursts) => bursts(name),
        Some(Stopped::Packed(how, why)) => cannot_unpack(name, how, why),
        Some(Stopped::Behind) => Diagnostic::new(
            Code::D901,
            format!("`{name}` has something behind its end that gzip did not write"),
        )
        .help(
            "the file may have been damaged on its way; `gzip -d` unpacks what stands before: see whether that is all",
        )
        .of_file(name),
        None => cannot_read(name, &reason(error)),
    }
}

pub(crate) fn too_large(name: &str, most: u64) -> Diagnostic {
    Diagnostic::new(
        Code::D932,
        format!("`{name}` has to be held in memory as a whole, and is larger than {}", size(most)),
    )
    .help(format!(
        "plain CSV and JSON Lines are read row by row, however large; else allow more: --max-unpacked {}",
        size(most.saturating_mul(4))
    ))
    .of_file(name)
}

pub(crate) fn bursts(name: &str) -> Diagnostic {
    Diagnostic::new(Code::D932, format!("`{name}` is compressed, and becomes far larger than any data would"))
        .help("if it is what you expect, say how large it may become: --max-unpacked 8G")
        .of_file(name)
}

/// A size in the largest unit in which it is whole.
fn size(bytes: u64) -> String {
    let (unit, shift) = [("T", 40), ("G", 30), ("M", 20), ("K", 10), ("", 0)]
        .into_iter()
        .find(|(_, shift)| bytes >> shift << shift == bytes)
        .unwrap_or(("", 0));
    format!("{}{unit}", bytes >> shift)
}

pub(crate) fn formulas_without_results(name: &str, count: u64, first: &Seen) -> Diagnostic {
    let says = if first.says.is_empty() { String::new() } else { format!(": `{}`", first.says) };
    let cells = if count == 1 {
        "1 cell has a formula whose result was".to_owned()
    } else {
        format!("{count} cells have formulas whose results were")
    };
    warning(Code::D933, format!("in `{name}` {cells} never saved, first in row {}{says}", first.line))
        .help("they count as empty; open the file in Excel and save it, so that the results stand in it")
        .of_file(name)
        .of_line(first.line)
}

pub(crate) fn cannot_unpack(name: &str, how: &str, why: &str) -> Diagnostic {
    Diagnostic::new(Code::D901, format!("`{name}` is compressed with {how} and cannot be unpacked: {why}"))
        .help("the file may have been cut off on its way: get it again")
        .of_file(name)
}

pub(crate) fn damaged_workbook(name: &str, why: &str) -> Diagnostic {
    Diagnostic::new(Code::D901, format!("`{name}` is an Excel file that cannot be read: {why}"))
        .help("open it in Excel and save it again as .xlsx or CSV")
        .of_file(name)
}

pub(crate) fn empty_file(name: &str) -> Diagnostic {
    Diagnostic::new(Code::D902, format!("`{name}` is empty"))
        .help("the file needs a header line, or JSON")
        .of_file(name)
}

pub(crate) fn no_header(name: &str, line: u64) -> Diagnostic {
    Diagnostic::new(
        Code::D902,
        format!("`{name}` has no column names: line {line} should hold them, and all its cells are empty"),
    )
    .help("write the names of the columns into the first line")
    .of_file(name)
    .of_line(line)
}

pub(crate) fn unclosed_quote_in_header(name: &str, line: u64) -> Diagnostic {
    Diagnostic::new(
        Code::D902,
        format!("the column names of `{name}`, in line {line}, have a quote that is not closed"),
    )
    .help("add the missing `\"`, or take out the one that is too many")
    .of_file(name)
    .of_line(line)
}

pub(crate) fn empty_sheet(name: &str, sheet: &str, others: &[String]) -> Diagnostic {
    let d = Diagnostic::new(Code::D902, format!("the sheet `{sheet}` of `{name}` is empty")).of_file(name);
    match others {
        [] => d.help("the file needs a row of column names, and the leads below it"),
        [other, ..] => d.help(format!(
            "its other {} {}; name the one to read: --sheet \"{other}\"",
            if others.len() == 1 { "sheet is" } else { "sheets are" },
            listed(others)
        )),
    }
}

pub(crate) fn single_value(name: &str, text: &str) -> Diagnostic {
    Diagnostic::new(Code::D902, format!("`{name}` holds `{}` and nothing else", shown(text.trim())))
        .help("the file needs a header line with leads below it, or JSON objects")
        .of_file(name)
}

pub(crate) fn no_records(name: &str) -> Diagnostic {
    warning(Code::D902, format!("`{name}` is empty: there is no activity in it"))
        .help("all leads count as if nothing had happened; if that cannot be, export the activity again")
        .of_file(name)
}

pub(crate) fn too_many_columns(name: &str, most: usize) -> Diagnostic {
    Diagnostic::new(Code::D902, format!("`{name}` has more than {most} columns"))
        .help("leave out those that no rule reads; a file without line ends looks like this, too")
        .of_file(name)
}

pub(crate) fn too_many_names(name: &str, most: usize) -> Diagnostic {
    Diagnostic::new(Code::D902, format!("the objects in `{name}` have more than {most} different names in them"))
        .help("where names are data, such as ids or dates, put them into values")
        .of_file(name)
}

pub(crate) fn kind_not_read(name: &str, what: &str, advice: &str) -> Diagnostic {
    let message = match what {
        "a web page" => format!("`{name}` is a web page saved under that name"),
        _ => format!("`{name}` is {what}"),
    };
    Diagnostic::new(Code::D903, message).help(advice).of_file(name)
}

pub(crate) fn is_a_workbook(name: &str, asked: Format) -> Diagnostic {
    Diagnostic::new(Code::D904, format!("`{name}` is an Excel file, not {asked}"))
        .help("leave out `--input-format`, or say `--input-format xlsx`")
        .of_file(name)
}

pub(crate) fn is_no_workbook(name: &str) -> Diagnostic {
    Diagnostic::new(Code::D904, format!("`{name}` is not an Excel file"))
        .help("leave out `--input-format`")
        .of_file(name)
}

pub(crate) fn no_such_sheet(name: &str, sheet: &str, sheets: &[&str]) -> Diagnostic {
    Diagnostic::new(Code::D905, format!("`{name}` has no sheet `{sheet}`"))
        .help(format!("its sheets are {}", listed(sheets)))
        .of_file(name)
}

pub(crate) fn no_id_column(name: &str, column: &str, near: Option<&str>, columns: &[String]) -> Diagnostic {
    Diagnostic::new(Code::D906, format!("`{name}` has no column `{column}` for the lead's id{}", or_nothing(near)))
        .help(format!("its columns are {}", listed(columns)))
        .of_file(name)
}

pub(crate) fn not_utf8(name: &str, trouble: &Trouble) -> Diagnostic {
    match trouble {
        Trouble::Broken(encoding) => warning(
            Code::D908,
            format!("`{name}` is {encoding} in which some characters are broken; they are shown as `\u{fffd}`"),
        )
        .of_file(name),
        Trouble::Windows1252(Tally { count, first }) => {
            let lines = counted(*count, "line was", "lines were");
            let says = first.as_ref().map(|s| format!(", first line {}: `{}`", s.line, s.says)).unwrap_or_default();
            let d = warning(Code::D908, format!("`{name}` is not UTF-8; {lines} read as Windows-1252{says}"))
                .help("if that word looks wrong, save the file as UTF-8 and try again")
                .of_file(name);
            if let Some(first) = first { d.of_line(first.line) } else { d }
        }
    }
}

/// Columns that mean the same as one before them.
pub(crate) fn duplicate_columns(name: &str, columns: &[String]) -> Diagnostic {
    let what = if columns.len() == 1 { "a column" } else { "columns" };
    warning(Code::D909, format!("`{name}` has {what} twice: {}", listed(columns)))
        .help("of such columns the first that is not empty counts, lead by lead")
        .of_file(name)
}

pub(crate) fn cut_off(name: &str) -> Diagnostic {
    warning(Code::D913, format!("`{name}` ends before its JSON array does; rows may be missing"))
        .help("the file may have been cut off on its way: get it again")
        .of_file(name)
}

pub(crate) fn one_object(name: &str, path: &str) -> Diagnostic {
    warning(
        Code::D914,
        format!("`{name}` holds a single object, which is read as one lead; its `{path}` is an array of objects"),
    )
    .help(format!("if those are the leads, save the array `{path}` alone"))
    .of_file(name)
}

// Rows.

pub(crate) fn unclosed_quote(line: u64) -> Diagnostic {
    Diagnostic::new(Code::D907, format!("line {line} has a quote that is not closed"))
        .help("add the missing `\"`, or write a quote inside a cell as `\"\"`")
        .of_line(line)
}

pub(crate) fn wrong_cells(line: u64, found: usize, wanted: usize) -> Diagnostic {
    let cells = counted(found as u64, "cell", "cells");
    Diagnostic::new(Code::D907, format!("line {line} has {cells}, the header {wanted}"))
        .help("a cell that holds a delimiter stands in quotes")
        .of_line(line)
}

pub(crate) fn cells_outside(line: u64) -> Diagnostic {
    Diagnostic::new(Code::D907, format!("row {line} has cells outside the columns of the header"))
        .help("give these columns names, or empty the cells")
        .of_line(line)
}

pub(crate) fn broken_json(line: u64, why: &str) -> Diagnostic {
    Diagnostic::new(Code::D907, format!("line {line} cannot be read as JSON: {why}")).of_line(line)
}

pub(crate) fn not_an_object(line: u64, what: &str) -> Diagnostic {
    Diagnostic::new(Code::D907, format!("line {line} holds {what}, a lead is an object"))
        .help("write each lead as `{\"name\": value, …}`")
        .of_line(line)
}

// Activity.

pub(crate) fn no_activity_column(name: &str, part: &str, column: &str, columns: &[&str]) -> Diagnostic {
    Diagnostic::new(
        Code::D910,
        format!("`{name}` has no column `{column}`, which activity needs as its {}", in_words(part)),
    )
    .help(format!("its columns are {}; say which one it is with `--event-columns {part}=COLUMN`", listed(columns)))
    .of_file(name)
}

fn in_words(part: &str) -> &str {
    match part {
        "lead_id" => "lead id",
        "event_id" => "event id",
        "at" => "time",
        other => other,
    }
}

pub(crate) fn event_columns_without_equals(piece: &str) -> Diagnostic {
    Diagnostic::new(Code::D911, format!("`{piece}` in `--event-columns` has no `=`"))
        .help("write it as in `--event-columns lead_id=contact,type=event,at=when`")
}

pub(crate) fn no_such_event_part(part: &str, near: Option<&str>, parts: &[&str]) -> Diagnostic {
    Diagnostic::new(Code::D911, format!("`--event-columns` has no part `{part}`{}", or_nothing(near))).help(format!(
        "the parts are {}; write the part first, then `=`, then the column; all other columns are properties",
        parts.join(", ")
    ))
}

pub(crate) fn event_part_without_column(part: &str) -> Diagnostic {
    Diagnostic::new(Code::D911, format!("`--event-columns` names no column for `{part}`"))
        .help(format!("write the column behind the `=`: `{part}=COLUMN`"))
}

pub(crate) fn event_columns_twice(piece: &str) -> Diagnostic {
    Diagnostic::new(Code::D911, format!("`{piece}` in `--event-columns` names a part or a column a second time"))
        .help("give each part one column, and no column to two parts")
}

/// Rows of an activity file.
pub(crate) fn activity_rows(file: &str, count: u64, first: &Seen) -> Diagnostic {
    let rows = counted(count, "activity record", "activity records");
    Diagnostic::new(Code::D907, format!("{rows} in `{file}` cannot be read; the first: {}", first.says))
        .of_file(file)
        .of_line(first.line)
}

pub(crate) fn unreadable_events(file: &str, count: u64, first: &Seen) -> Diagnostic {
    let what = counted(count, "piece of activity", "pieces of activity");
    about_activity(&what, "cannot be read", file, first)
        .help("`events` holds an array of objects: `[{\"type\": \"visited\", \"target\": \"pricing\", \"at\": \"2025-06-30\"}]`")
}

pub(crate) fn activity_without_lead(file: &str, count: u64, first: &Seen) -> Diagnostic {
    let what = counted(count, "activity record", "activity records");
    about_activity(&what, if count == 1 { "has no lead id" } else { "have no lead id" }, file, first)
}

pub(crate) fn activity_without_type(file: &str, count: u64, first: &Seen) -> Diagnostic {
    let what = counted(count, "activity record", "activity records");
    about_activity(&what, if count == 1 { "has no type" } else { "have no type" }, file, first)
}

pub(crate) fn unreadable_instants(file: &str, count: u64, first: &Seen) -> Diagnostic {
    let what = counted(count, "activity record", "activity records");
    about_activity(
        &what,
        if count == 1 { "has a time that cannot be read" } else { "have times that cannot be read" },
        file,
        first,
    )
    .help(
        match how_written("how the times", &shapes_of(&first.says), &|shape| {
            format!("activity log {{ dates \"{shape}\" }}")
        }) {
            Some(how) => format!("{how}; until then these records count only where no time is asked"),
            None => {
                "times are read as `2025-06-30` or `2025-06-30T14:00:00Z`; these records count only where no time is \
                 asked"
                    .to_owned()
            }
        },
    )
}

fn about_activity(what: &str, trouble: &str, file: &str, first: &Seen) -> Diagnostic {
    let says = if first.says.is_empty() { String::new() } else { format!(", `{}`", first.says) };
    warning(Code::D912, format!("{what} in `{file}` {trouble}; the first in line {}{says}", first.line))
        .of_file(file)
        .of_line(first.line)
}

// Models and runs.

pub(crate) fn model_is_a_folder(name: &str) -> Diagnostic {
    Diagnostic::new(Code::D901, format!("`{name}` is a folder")).help("give the rule file in it, such as model.merit")
}

/// Cells that could not be read as their field's type.
pub(crate) fn unreadable_cells(field: &Field, values: &Values, first: &Seen) -> Diagnostic {
    let (name, of_type, count) = (&field.name, field.of_type, values.tally.count);
    let (cells, counts) =
        if count == 1 { ("1 cell".to_owned(), "counts") } else { (format!("{count} cells"), "count") };
    let says = shown(&first.says);
    let different = different(values);
    let d = warning(
        Code::D915,
        format!(
            "{cells} of `{name}` cannot be read as a {of_type} and {counts} as missing, first in line {}: `{says}`{different}",
            first.line
        ),
    )
    .of_line(first.line)
    .of_column(name);
    // A file has one way to write its numbers.
    let style = STYLES.iter().find(|(_, style)| {
        of_type == Type::Number
            && field.format.numbers.is_none()
            && values.share(|value| read_cell(value, *style).is_some()) >= 0.5
    });
    if let Some((sample, _)) = style {
        let line = format!("number \"{sample}\"");
        // Cells of the same column that are read, and otherwise than they are meant.
        let until = if *sample == "1.234,56" { "; until then `15.000` in this column is 15" } else { "" };
        let help = if field.is_declared { line } else { format!("field {}: {line}", typed(name)) };
        return d.help(format!(
            "say how the file writes its numbers: {help}; or for all of it: leads {{ numbers \"{sample}\" }}{until}"
        ));
    }
    let shapes = if of_type == Type::Date { shapes_of(&first.says) } else { Vec::new() };
    match of_type {
        Type::Date if !shapes.is_empty() => d.help(written_as(field, &shapes)),
        Type::Number if says.contains(|c: char| c.is_ascii_digit()) => d.help(
            "numbers are read as 1200, 1,200, $1.5M, 10k, 45%, 51-200 or 10,000+; mend the cells, or export them so",
        ),
        Type::Flag => d.help("a flag is one of yes, no, true, false, y, n, 1, 0"),
        // A treated value cannot be an object.
        Type::Text | Type::List if says.starts_with('{') => {
            d.help("a text or a list is read; of an object, ask for what is in it, such as `company.size`")
        }
        Type::Text | Type::List if !field.is_declared => {
            d.help(format!("say what `{name}` holds: field {}: list", typed(name)))
        }
        _ => {
            // A number or a date that is miswritten is known.
            let is_word = |value: &String| !value.contains(|c: char| c.is_ascii_digit());
            let quoted = quoted(values, 8).into_iter().filter(is_word).take(3).collect::<Vec<_>>().join(", ");
            d.help(if quoted.is_empty() {
                "mend the cells".to_owned()
            } else {
                format!("mend the cells, or if such cells mean that nothing is known: treat [{quoted}] as missing")
            })
        }
    }
}

/// The most frequent ones as a model writes them, where they are whole and need no backslash.
fn quoted(values: &Values, most: usize) -> Vec<String> {
    let whole = |value: &str| in_quotes(value).filter(|_| !value.ends_with('…'));
    values.most_frequent(most).iter().filter_map(|(value, _)| whole(value)).collect()
}

/// `; 3 different values: …`, the most frequent first, where there are several.
fn different(values: &Values) -> String {
    match values.different() {
        0 | 1 => String::new(),
        n => {
            let listed = values.most_frequent(8);
            let at_least = if values.is_full { "at least " } else { "" };
            let what = format!("{at_least}{n} different values:");
            format!("; {}", different_values(&what, &listed, n > listed.len() || values.is_full))
        }
    }
}

/// Values with how often each comes, behind some words; whether there are more.
pub(super) fn different_values<T: AsRef<str>>(what: &str, values: &[(T, u64)], are_more: bool) -> String {
    let listed: Vec<String> =
        values.iter().map(|(value, times)| format!("`{}` ({times})", shown(value.as_ref()))).collect();
    format!("{what} {}{}", listed.join(", "), if are_more { ", …" } else { "" })
}

/// The name of a file as it is typed.
pub(super) fn named(file: &str) -> String {
    if file.contains([' ', '\'']) { format!("\"{file}\"") } else { file.to_owned() }
}

/// `stages … from lifecycle_stage`, where cells name no stage.
pub(crate) fn off_ladder(field: &Field, values: &Values, first: &Seen) -> Diagnostic {
    let name = &field.name;
    let cells = if values.tally.count == 1 { "1 cell" } else { &*format!("{} cells", values.tally.count) };
    let names = if values.tally.count == 1 { "names" } else { "name" };
    let example = quoted(values, 1).pop().unwrap_or_else(|| "\"…\"".to_owned());
    warning(
        Code::D915,
        format!(
            "{cells} of `{name}` {names} no stage of the ladder, first in line {}: `{}`{}",
            first.line,
            shown(&first.says),
            different(values)
        ),
    )
    .of_line(first.line)
    .of_column(name)
    .help(format!(
        "these leads count as if nobody knew where they stand; if it is a spelling of a stage, say so behind that stage: stages …, customer = {example}"
    ))
}

/// The line to type for dates that one of these shapes reads, beside those that are declared.
fn written_as(field: &Field, shapes: &[String]) -> String {
    let line = |shape: &String| {
        let all: Vec<String> = field
            .format
            .dates
            .iter()
            .map(DateShape::written)
            .chain([shape.as_str()])
            .map(|s| format!("\"{s}\""))
            .collect();
        let line = format!("date {}", all.join(", "));
        if field.is_declared { line } else { format!("field {}: {line}", typed(&field.name)) }
    };
    let what = if field.is_declared { "in its `field` line how the dates" } else { "how the dates" };
    how_written(what, shapes, &|shape| line(shape)).unwrap_or_default()
}

/// What to write where cells have one of these shapes; none where there is no shape.
fn how_written(what: &str, shapes: &[String], line: &dyn Fn(&String) -> String) -> Option<String> {
    let first = line(shapes.first()?);
    // `06/12/2025`: nobody knows.
    Some(match shapes {
        [month_first, day_first, ..] if month_first.starts_with("MM") && day_first.starts_with("DD") => {
            format!("say {what} are written: {first}; or, where the day stands first, {}", line(day_first))
        }
        _ => format!("say {what} are written: {first}"),
    })
}

/// A field that no column feeds.
pub(crate) fn no_column(field: &Field, near: Option<&str>, file: &str) -> Diagnostic {
    let name = &field.name;
    let others = if field.keys.len() > 1 && field.is_declared {
        format!(", nor one of its other names ({})", field.keys[1..].join(", "))
    } else {
        String::new()
    };
    let d = warning(Code::D916, format!("`{file}` has no column `{name}`{others}{}", or_nothing(near)))
        .of_file(file)
        .of_column(name);
    match (near, field.is_declared) {
        (Some(near), true) => d.help(format!("if that is the column, add it to the `field` line: from \"{near}\"")),
        (Some(near), false) => d.help(format!("if that is the column, say so: field {} from \"{near}\"", typed(name))),
        (None, _) => d.help(format!(
            "all leads count as if `{name}` were empty; other names of a column are given by: field {} from \"…\"",
            typed(name)
        )),
    }
}

/// Fields that no column gives, told at once.
pub(crate) fn no_columns(fields: &[(&Field, Option<String>)], file: &str) -> Option<Diagnostic> {
    const MOST: usize = 12;
    match fields {
        [] => None,
        [(field, near)] => Some(no_column(field, near.as_deref(), file)),
        _ => {
            let mut names: Vec<String> =
                fields.iter().take(MOST).map(|(field, _)| format!("`{}`", field.name)).collect();
            if fields.len() > MOST {
                names.push(format!("{} more", fields.len() - MOST));
            }
            let near = |(field, near): &(&Field, Option<String>)| {
                Some(format!("field {} from \"{}\"", typed(&field.name), near.as_ref()?))
            };
            let lines: Vec<String> = fields.iter().filter_map(near).take(MOST).collect();
            let d = warning(
                Code::D916,
                format!("`{file}` has no column for {} fields: {}", fields.len(), crate::shown::several(&names, "and")),
            )
            .of_file(file);
            Some(if lines.is_empty() {
                d.help("all leads count as if these were empty; other names of a column are given by: field employees from \"Number of Employees\"")
            } else {
                d.help(format!(
                    "if these are the columns, say so: {}; all leads count as if the others were empty",
                    lines.join("; ")
                ))
            })
        }
    }
}

/// A title where the header is looked for.
pub(crate) fn title_above(file: &str, row: u64) -> Diagnostic {
    warning(Code::D902, format!("the first line of `{file}` looks like a title; the header seems to be line {row}"))
        .help(format!("write `leads {{ header in row {row} }}` into the model, or give `--header-row {row}`"))
        .of_file(file)
}

/// Activity whose lead is not in the lead file; how ids differ from those of leads, of how many, and the first with that of a lead.
pub(crate) fn orphans(records: u64, leads: u64, first: &str, file: &str, near: &[Near<'_>]) -> Diagnostic {
    warning(
        Code::D917,
        format!(
            "{} in `{file}` {} that {} not among the leads, first `{}`",
            counted(records, "record", "records"),
            if records == 1 {
                "belongs to a lead".to_owned()
            } else {
                format!("belong to {}", counted(leads, "lead", "leads"))
            },
            if leads == 1 { "is" } else { "are" },
            shown(first)
        ),
    )
    .help(match nearly(near) {
        Some(near) => format!("they are not used; {near}"),
        None => "they are not used; check that both files name leads by the same id".to_owned(),
    })
    .of_file(file)
}

/// How ids differ from those of leads, of how many ids, and the first of them with that of a lead.
type Near<'n> = (Difference, u64, &'n str, &'n str);

/// What nearly matched.
fn nearly(near: &[Near<'_>]) -> Option<String> {
    let say = |(difference, count, id, lead): &Near<'_>| {
        let how = match difference {
            Difference::Case => "in capitals",
            Difference::Zeros => "in leading zeros",
            Difference::Decimal => "in a `.0`",
            Difference::CheckSum => "in the last 3 of 18 characters",
            Difference::Signs => "in blanks and signs",
        };
        let differ = if *count == 1 { "differs" } else { "differ" };
        format!("{count} {differ} from an id of the leads only {how}, such as `{}` and `{}`", shown(id), shown(lead))
    };
    let all: Vec<String> = near.iter().map(say).collect();
    (!all.is_empty()).then(|| format!("{}: export both files with ids as they are", all.join("; ")))
}

/// Two rows with one id.
pub(crate) fn same_id(count: u64, first: &Seen, looked_at: Option<usize>) -> Diagnostic {
    let help = "each row is scored by itself, with all activity of that id";
    let help = looked_at.map_or(help.to_owned(), |most| {
        format!("{help}; only the first {most} ids were looked for again, so there may be more")
    });
    warning(
        Code::D918,
        format!(
            "{} the id of an earlier row, first `{}` in line {}",
            if count == 1 { "1 row has".to_owned() } else { format!("{count} rows have") },
            shown(&first.says),
            first.line
        ),
    )
    .help(help)
    .of_line(first.line)
}

/// Rows whose cell in the column of ids is blank.
pub(crate) fn rows_without_id(file: &str, column: &str, count: u64, first: &Seen) -> Diagnostic {
    let rows = if count == 1 { "1 row has".to_owned() } else { format!("{count} rows have") };
    warning(Code::D934, format!("{rows} no id in the column `{column}` of `{file}`, first in line {}", first.line))
        .help(format!(
            "such a row is scored without any activity of others, and comes out under its number: `{}`",
            first.says
        ))
        .of_file(file)
        .of_line(first.line)
        .of_column(column)
}

/// Copies of records with one event_id.
pub(crate) fn copies(count: u64) -> Diagnostic {
    warning(
        Code::D918,
        format!(
            "{} of activity with an `event_id` that its lead has already {} left out",
            counted(count, "copy", "copies"),
            if count == 1 { "was" } else { "were" }
        ),
    )
}

/// A column that cannot be written.
pub(crate) fn no_output_column(name: &str, near: Option<&str>, known: &[String]) -> Diagnostic {
    Diagnostic::new(Code::D919, format!("there is no column `{name}` to write{}", or_nothing(near)))
        .help(format!("there are {}", listed(known)))
}

/// A file that cannot be written.
pub(crate) fn cannot_write(name: &str, why: &str) -> Diagnostic {
    Diagnostic::new(Code::D920, format!("`{name}` cannot be written: {why}"))
        .help("check the folder and its permissions; what was there before is unchanged")
        .of_file(name)
}

/// `merit report … -o report.pdf`
pub(crate) fn no_such_form(name: &str, ending: &str, what: &str, endings: &[&str]) -> Diagnostic {
    let can: Vec<String> = endings.iter().map(|ending| format!(".{ending}")).collect();
    let first = can.first().cloned().unwrap_or_default();
    let help = match ending {
        "pdf" | "doc" | "docx" | "odt" | "rtf" | "pages" if first == ".html" => {
            "write .html: a browser prints it to PDF, and word processors open it".to_owned()
        }
        "xls" | "xlsb" | "xlsm" | "xlsx" | "ods" | "numbers" | "tsv" if first == ".csv" => {
            "write .csv: spreadsheets open it".to_owned()
        }
        "7z" | "bz2" | "gz" | "tar" | "zip" | "zst" => format!("write {first}, and compress it then"),
        _ => format!("write {first}"),
    };
    Diagnostic::new(Code::D920, format!("`{name}` cannot be written: {what} can be {}", several(&can, "or")))
        .help(help)
        .of_file(name)
}

/// A model that `merit start` would write over.
pub(crate) fn model_is_there(name: &str) -> Diagnostic {
    Diagnostic::new(Code::D920, format!("`{name}` is there already, and stays as it is"))
        .help("name another file with -o; `--overwrite` writes over it")
        .of_file(name)
}

/// `--time-zone Berlin`
pub(crate) fn no_zone(name: &str) -> Diagnostic {
    Diagnostic::new(Code::E411, format!("there is no time zone \"{}\"", shown(name)))
        .help("name a region and a city, such as America/New_York or Europe/Berlin")
}

/// Standard output that takes nothing.
pub(crate) fn no_stdout(why: &str) -> Diagnostic {
    Diagnostic::new(Code::D920, format!("`<stdout>` cannot be written: {why}"))
        .help("send what is written somewhere else: `> results.txt`")
}

/// A file in a folder that is not there.
pub(crate) fn no_folder_to_write(name: &str, folder: &str) -> Diagnostic {
    Diagnostic::new(Code::D920, format!("`{name}` cannot be written: there is no folder `{folder}`"))
        .help("make the folder first, or write to another one")
        .of_file(name)
}

/// A folder in which no file may be made.
pub(crate) fn closed_folder(name: &str, folder: &str) -> Diagnostic {
    Diagnostic::new(Code::D920, format!("`{name}` cannot be written: no file may be made in the folder `{folder}`"))
        .help("results are written beside their file, and take its name when all is there; write to another folder")
        .of_file(name)
}

/// A file that is read and would be written.
pub(crate) fn would_write_over(name: &str, input: &str, what: &str) -> Diagnostic {
    let other = if name == input { String::new() } else { format!(" in `{input}`, which is the same file") };
    Diagnostic::new(Code::D940, format!("writing to `{name}` would lose {what}{other}"))
        .help("write to another file; nothing was changed")
        .of_file(name)
}

/// Standard output into a file that is read.
pub(crate) fn stdout_is_read(input: &str, what: &str) -> Diagnostic {
    Diagnostic::new(Code::D940, format!("what is written goes to the end of {what} in `{input}`, while they are read"))
        .help("write to another file: -o results.csv")
}

/// `merit run --safe-csv --format json`
pub(crate) fn safe_csv_without_csv(format: &str) -> Diagnostic {
    Diagnostic::new(Code::D929, format!("`--safe-csv` guards the cells of CSV, and the format is `{format}`"))
        .help("leave out one of the two; no program takes what is in JSON for a formula")
}

/// `merit diff OLD NEW LEADS --safe-csv`
pub(crate) fn safe_csv_without_movers() -> Diagnostic {
    Diagnostic::new(Code::D929, "`--safe-csv` guards the cells of CSV, and no file of CSV is written")
        .help("name the file for the leads that move: --movers movers.csv --safe-csv")
}

/// Leads where the rule file stands.
pub(crate) fn data_as_model(path: &str) -> Diagnostic {
    Diagnostic::new(Code::D924, format!("`{path}` looks like data, not like rules"))
        .help("the rule file comes first, then the leads: merit run model.merit leads.csv")
}

/// A model that reads activity, and neither a file nor a lead that gives any. The name is empty where any activity will do.
pub(crate) fn no_activity(name: &str) -> Diagnostic {
    let such = if name.is_empty() { String::new() } else { format!(", such as `{name}`,") };
    warning(Code::D925, format!("the model reads activity{such} and none is given"))
        .help("all leads count as if nothing had happened; name the file of activity: --events activity.csv")
}

/// A file that is no text where the rule file stands.
pub(crate) fn is_no_rule_file(name: &str, what: &str) -> Diagnostic {
    Diagnostic::new(Code::E107, format!("`{name}` is {what}, and no rule file"))
        .help("rules are plain text; the rule file comes first, then the leads: merit run model.merit leads.csv")
}

/// A file that is far too large for rules.
pub(crate) fn rules_too_large(name: &str, most: u64) -> Diagnostic {
    Diagnostic::new(Code::E107, format!("`{name}` is larger than {} MiB, and so is no rule file", most >> 20))
        .help("a rule file has 4 MiB at most; long lists belong into text files of their own")
}

/// A rule file that would not be the same afterwards.
pub(crate) fn cannot_format(name: &str) -> Diagnostic {
    Diagnostic::new(
        Code::D926,
        format!("`{name}` would not be the same model once it is formatted, so it is left as it is"),
    )
    .help("this is a fault of Merit, not of the file: please report it, with the file if you may share it")
}

/// A date that cannot be read.
pub(crate) fn bad_as_of(text: &str) -> Diagnostic {
    let what = if text.contains('/') { "which is the month in" } else { "there is no date" };
    let end = if text.contains('/') { "?" } else { "" };
    Diagnostic::new(Code::D921, format!("{what} `{}`{end}", shown(text)))
        .help("write --as-of 2025-06-30, or an instant: --as-of 2025-06-30T14:00:00Z")
}

/// A cell that is short enough for a message, on one line.
pub(super) fn shown(text: &str) -> String {
    let line = text.replace(['\n', '\r'], " ");
    if line.chars().count() > 60 { format!("{}…", line.chars().take(59).collect::<String>()) } else { line }
}

/// More rows that cannot be read than are shown.
pub(crate) fn more_row_errors(count: u64, file: &str) -> Diagnostic {
    Diagnostic::new(Code::D907, format!("{} in `{file}` cannot be read", counted(count, "more row", "more rows")))
        .of_file(file)
}

/// A code that is none.
pub(crate) fn no_such_code(name: &str, near: Option<&str>) -> Diagnostic {
    Diagnostic::new(Code::D922, format!("there is no code `{}`{}", shown(name), or_nothing(near)))
        .help("`merit code` lists them all")
}

/// A file that Merit's library has not.
pub(crate) fn no_such_library(name: &str, near: Option<&str>) -> Diagnostic {
    Diagnostic::new(Code::E412, format!("Merit's library has no file `{}`{}", shown(name), or_nothing(near)))
        .help("`merit library` lists them all")
}

/// A lead that is not in the file.
pub(crate) fn no_such_lead(id: &str, near: Option<&str>, file: &str) -> Diagnostic {
    Diagnostic::new(Code::D923, format!("there is no lead `{}` in `{file}`{}", shown(id), or_nothing(near)))
        .help("leads are named as in the file, letter by letter; `--id COLUMN` says which column holds their ids")
        .of_file(file)
}

/// An error of the system in words, without its number.
pub(crate) fn reason(error: &std::io::Error) -> String {
    let mut words = error.to_string();
    if let Some(at) = words.find(" (os error") {
        words.truncate(at);
    }
    let mut chars = words.chars();
    match chars.next() {
        // Lower-case, as all our sentences, but for an abbreviation such as `I/O`.
        Some(first) if chars.clone().next().is_some_and(char::is_lowercase) => {
            first.to_lowercase().chain(chars).collect()
        }
        _ => words,
    }
}

/// `merit run - -`
pub(crate) fn nothing_to_tell_apart_by(name: &str, near: Option<&str>, file: &str, columns: &[String]) -> Diagnostic {
    Diagnostic::new(
        Code::D927,
        format!("neither `{file}` has a column nor the model a field or label `{name}`{}", or_nothing(near)),
    )
    .help(format!("`--by` tells leads apart by one of them; the columns are {}", listed(columns)))
    .of_file(file)
}

pub(crate) fn stdin_twice() -> Diagnostic {
    Diagnostic::new(Code::D901, "standard input cannot be both the model and the leads")
        .help("give one of the two as a file")
}

/// An activity file of which nothing belongs to any lead.
pub(crate) fn all_orphans(records: u64, leads: u64, first: &str, file: &str, near: &[Near<'_>]) -> Diagnostic {
    let d = warning(
        Code::D917,
        format!(
            "none of the {} in `{file}` belongs to any of the leads, but to {}, first `{}`",
            counted(records, "record", "records"),
            counted(leads, "other", "others"),
            shown(first)
        ),
    );
    d.help(match nearly(near) {
        Some(near) => format!("all leads count as if nothing had happened; {near}"),
        None => "all leads count as if nothing had happened; check that both files name leads by the same id, or say which column: --id, --event-columns lead_id=…".to_owned(),
    })
    .of_file(file)
}

/// `merit diff - -`
pub(crate) fn stdin_for_several() -> Diagnostic {
    Diagnostic::new(Code::D901, "standard input can be one file only: the old model, the new one, or the leads")
        .help("give the others as files")
}

// Files at a revision.

pub(crate) fn no_git(name: &str, why: &str) -> Diagnostic {
    Diagnostic::new(Code::D928, format!("`{name}` is asked of `git`, which cannot be run: {why}"))
        .help("install git, or save the old file beside the new one: `merit diff old.merit new.merit`")
}

pub(crate) fn no_repository(name: &str) -> Diagnostic {
    Diagnostic::new(
        Code::D928,
        format!("`{name}` is no file, and asks for a revision in a folder that git does not keep"),
    )
    .help("check the name, or go to the folder of the repository")
}

pub(crate) fn no_revision(revision: &str) -> Diagnostic {
    Diagnostic::new(Code::D928, format!("git knows no revision `{}`", shown(revision)))
        .help("`git log --oneline` lists them; HEAD~1 is the one before the last")
}

pub(crate) fn no_file_at(revision: &str, path: &str, near: Option<&str>) -> Diagnostic {
    let at = if revision.is_empty() { "among what is staged".to_owned() } else { format!("at `{revision}`") };
    let near = near.map(|near| format!("; did you mean `{revision}:{near}`?")).unwrap_or_default();
    Diagnostic::new(Code::D928, format!("there is no file `{}` {at}{near}", shown(path)))
        .help("behind the `:` stands the path from the top of the repository, or ./ and the path from here")
}

/// `header in row 30` of a file of ten rows
pub(crate) fn no_such_row(name: &str, row: u64) -> Diagnostic {
    Diagnostic::new(Code::D902, format!("`{name}` has nothing in row {row}, where its header should be"))
        .help("rows are counted from 1, blank ones too: look at the file, and change `header in row …`")
        .of_file(name)
}

/// `ignore rows where `Record ID` is missing` of a file without that column
pub(crate) fn ignores_in_vain(name: &str, columns: &[String]) -> Diagnostic {
    let columns: Vec<String> = columns.iter().map(|c| format!("`{c}`")).collect();
    warning(
        Code::D916,
        format!("no row was left out by {}, which `{name}` does not have", crate::shown::several(&columns, "and")),
    )
    .help("change `ignore rows where …` in the model, or look whether this is the right file")
    .of_file(name)
}

/// Activity that is keyed by an address that two leads have.
pub(crate) fn shared_activity(count: u64, first: &str, name: &str) -> Diagnostic {
    let values = if count == 1 { "one value is" } else { &*format!("{count} values are") };
    warning(
        Code::D918,
        format!(
            "{values} that of several leads, and the activity counts for each of them, such as that of `{}`",
            shown(first)
        ),
    )
    .help("one person may stand in two rows: merge them in the CRM, or key the activity by the id")
    .of_file(name)
}
