//! Where a model's data comes from: the libraries that it uses, and what its blocks say of leads and activity.

use super::say::{name, say};
use crate::library;
use crate::model::{DataFormat, Model};
use crate::page::{Item, Page, Phrase};
use crate::shown::{either, several};
use crate::text::capital;

/// Nothing where a model says nothing of it.
pub(super) fn data(model: &Model, page: &mut Page) {
    let mut items: Vec<Item> = Vec::new();
    for file in library::FILES {
        let is_used = model.sources.files.iter().any(|s| s.is_library && s.name == file.shown());
        items.extend(is_used.then(|| line(&format!("Merit's library {}", file.name), &file.about().replace('`', ""))));
    }
    for (what, format, parts) in [("leads", &model.leads, of_leads(model)), ("activity", &model.log, of_log(model))] {
        items.extend((!parts.is_empty()).then(|| line(&capital(what), &parts.join("; "))));
        let left_out = format.ignore.iter().filter_map(|test| Some((&test.model, test.model.exclude.first()?)));
        items.extend(left_out.map(|(own, verdict)| {
            line(&format!("Rows that are no {what}"), &format!("those where {}", say(own, &verdict.condition)))
        }));
    }
    if !model.missing_words.is_empty() {
        let words: Vec<String> = model.missing_words.iter().map(|w| format!("“{w}”")).collect();
        items.push(line("Cells that count as empty", &several(&words, "and")));
    }
    if !items.is_empty() {
        page.heading("Where the data comes from");
        page.list(items);
    }
}

fn line(what: &str, says: &str) -> Item {
    Phrase::new().strong(format!("{what}: ")).and(says).into()
}

fn columns(columns: &[String]) -> String {
    let quoted: Vec<String> = columns.iter().map(|c| format!("“{c}”")).collect();
    either(&quoted)
}

/// What both blocks may say.
fn of_both(format: &DataFormat) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    out.extend(format.sheet.iter().map(|s| format!("the sheet “{s}” of a workbook")));
    out.extend(format.header_row.map(|n| format!("the names of the columns stand in row {n}")));
    out.extend(format.cells.numbers.map(|s| format!("numbers are written as {}", s.sample())));
    out
}

fn of_leads(model: &Model) -> Vec<String> {
    let format = &model.leads;
    let mut out: Vec<String> = Vec::new();
    out.extend(format.id.iter().map(|id| format!("told apart by “{id}”")));
    if !format.other_ids.is_empty() && !model.sources.use_a_library() {
        out.push(format!("also known by {}", columns(&format.other_ids)));
    }
    out.extend(of_both(format));
    out
}

fn of_log(model: &Model) -> Vec<String> {
    let format = &model.log;
    // What a library says of many columns is the library's matter.
    if model.sources.use_a_library() {
        return of_both(format);
    }
    let mut out: Vec<String> = Vec::new();
    for lead in &format.lead {
        let field = lead.field.and_then(|f| model.fields.get(f.0)).map_or("id".to_owned(), |f| name(&f.name));
        out.push(format!("belongs to the lead whose {field} stands in {}", columns(&lead.columns)));
    }
    for (what, of) in [("what it is", &format.kind), ("what it is about", &format.target), ("when it was", &format.at)]
    {
        if !of.is_empty() {
            out.push(format!("{what} stands in {}", columns(of)));
        }
    }
    if !format.event_id.is_empty() {
        out.push(format!("records of the same {} count once", columns(&format.event_id)));
    }
    out.extend(of_both(format));
    out
}
