//! `leads { … }` and `activity log { … }`: how the data looks.

use super::gather::Gathered;
use super::names::{Checker, Meaning, field_key};
use crate::diagnostic::Code;
use crate::messages::{data_blocks as say, meaning as say_meaning, types as say_types};
use crate::model::{DataFormat, LeadColumns, RowTest};
use crate::number::NumberStyle;
use crate::source::{FileId, Span};
use crate::suggest::nearest;
use crate::syntax::ast::{self, DataLineKind as K, ItemKind};
use crate::text::{fold, one_sign};
use crate::time::DateShape;
use crate::value::CellFormat;

/// The encodings that files are read in, besides UTF-8 and UTF-16, which show themselves.
const ENCODINGS: [&str; 4] = ["utf-8", "windows-1252", "utf-16le", "utf-16be"];

/// The formats of files.
const FORMATS: [&str; 5] = ["csv", "tsv", "json", "jsonl", "xlsx"];

impl<'a> Checker<'a> {
    /// The blocks on data. Fields are known by now.
    pub(super) fn data(&mut self) {
        let gathered = self.gathered;
        let mut seen: Vec<(bool, Span)> = Vec::new();
        for item in &gathered.items {
            let ItemKind::Data(data) = &item.kind else { continue };
            let name = if data.is_log { "activity log" } else { "leads" };
            let twice = |(is_log, first): &&(bool, Span)| *is_log == data.is_log && first.file == item.span.file;
            if let Some((_, first)) = seen.iter().find(twice) {
                self.say(say_meaning::only_once(item.span, name, Some(*first)));
                continue;
            }
            seen.push((data.is_log, item.span));
            let mut format = self.data_format(data, name);
            let of = if data.is_log { &mut self.model.log } else { &mut self.model.leads };
            // A library's shapes of dates are for where nobody says how they are written.
            if self.gathered.is_library(item.span) && !of.cells.dates.is_empty() {
                format.cells.dates.clear();
            }
            // What the model itself says wins over what comes along with `use`.
            if item.span.file == FileId(0) {
                *of = merged(format, std::mem::take(of));
            } else {
                *of = merged(std::mem::take(of), format);
            }
        }
        // A block may be left out, but not its zone.
        for format in [&mut self.model.leads, &mut self.model.log] {
            format.cells.zone = self.model.zone.clone();
        }
        for test in self.model.leads.ignore.iter_mut() {
            with_cells(test, &self.model.leads.cells);
        }
        for test in self.model.log.ignore.iter_mut() {
            with_cells(test, &self.model.log.cells);
        }
    }

    fn data_format(&mut self, data: &'a ast::Data, name: &str) -> DataFormat {
        let mut out = DataFormat::default();
        let texts = |texts: &[ast::Text]| texts.iter().map(|t| t.text.clone()).collect::<Vec<_>>();
        let mut seen: Vec<(&str, Span)> = Vec::new();
        for line in &data.lines {
            let words = line.kind.words();
            // Rows may be left out for several reasons, and files may name leads by different things.
            let may_repeat = matches!(line.kind, K::IgnoreRows(_) | K::Treat(_) | K::Lead(..));
            if let Some((_, first)) = seen.iter().find(|(w, _)| *w == words && !may_repeat) {
                self.say(say_meaning::only_once(line.span, words, Some(*first)));
                continue;
            }
            seen.push((words, line.span));
            let of_leads = matches!(line.kind, K::Id(_) | K::OtherIds(_));
            let of_log = matches!(line.kind, K::Lead(..) | K::Type(_) | K::Target(_) | K::At(..) | K::EventId(_));
            if of_leads && data.is_log || of_log && !data.is_log {
                self.say(say::of_the_other_block(line.span, name, words));
                continue;
            }
            match &line.kind {
                K::Id(columns) => {
                    if self.gathered.is_library(line.span) {
                        out.usual_ids = texts(columns);
                        continue;
                    }
                    if let Some(second) = columns.get(1) {
                        self.say(say::one_id(second.span));
                    }
                    out.id = columns.first().map(|t| t.text.clone());
                }
                K::OtherIds(columns) => out.other_ids = texts(columns),
                K::Sheet(sheet) => out.sheet = Some(sheet.text.clone()),
                K::HeaderRow(0) => self.say(say::row_from_one(line.span)),
                K::HeaderRow(row) => out.header_row = Some(*row),
                K::IgnoreRows(condition) => out.ignore.extend(self.row_test(condition, line.span)),
                K::Numbers(style) => match NumberStyle::of(&style.text) {
                    Some(known) => out.cells.numbers = Some(known),
                    None => self.say(say_types::no_number_style(style.span, &style.text)),
                },
                K::Dates(shapes) => out.cells.dates = self.date_shapes(shapes),
                K::Treat(words) => out.missing_words.extend(words.iter().map(|w| fold(&w.text).into_owned())),
                K::Encoding(encoding) => out.encoding = self.one_of(encoding, "encoding", &ENCODINGS),
                K::Format(format) => out.format = self.one_of(format, "format", &FORMATS),
                K::Delimiter(delimiter) => {
                    let text = if delimiter.text.eq_ignore_ascii_case("tab") { "\t" } else { &*delimiter.text };
                    out.delimiter = one_sign(text);
                    if out.delimiter.is_none() {
                        self.say(say::no_delimiter(delimiter.span, &delimiter.text));
                    }
                }
                K::Lead(columns, field) => {
                    let field = field.as_ref().map(|name| self.field(name));
                    out.lead.push(LeadColumns { columns: texts(columns), field });
                }
                K::Type(columns) => out.kind = texts(columns),
                K::Target(columns) => out.target = texts(columns),
                K::At(columns, shapes) => {
                    out.at = texts(columns);
                    let shapes = self.date_shapes(shapes);
                    out.cells.dates.splice(0..0, shapes);
                }
                K::EventId(columns) => out.event_id = texts(columns),
            }
        }
        out
    }

    fn date_shapes(&mut self, shapes: &'a [ast::Text]) -> Vec<DateShape> {
        shapes.iter().filter_map(|text| self.date_shape(text)).collect()
    }

    fn one_of(&mut self, text: &ast::Text, what: &str, known: &[&'static str]) -> Option<String> {
        let found = known.iter().find(|k| k.eq_ignore_ascii_case(text.text.trim()));
        if found.is_none() {
            self.say(say::not_one_of(text.span, what, &text.text, known, nearest(&text.text, known.iter().copied())));
        }
        found.map(|k| (*k).to_owned())
    }

    /// A condition over the columns of a file alone, as a model of its own that excludes rows.
    fn row_test(&mut self, condition: &'a ast::Expr, span: Span) -> Option<RowTest> {
        let verdict = ast::Verdict { condition: condition.clone(), because: None };
        let alone = Gathered {
            items: vec![ast::Item { kind: ItemKind::Exclude(verdict), span }],
            sources: self.gathered.sources.clone(),
            diagnostics: Vec::new(),
            as_of: None,
            questions: Vec::new(),
            did: Vec::new(),
        };
        let checked = super::check_statements(&alone, &super::NoFiles);
        for diagnostic in checked.diagnostics.into_iter().filter(crate::diagnostic::Diagnostic::is_error) {
            if diagnostic.code == Code::E209 {
                self.say(say::columns_alone(span, "a score or a stage"));
            } else {
                self.say(diagnostic);
            }
        }
        let mut model = checked.model?;
        if !model.queries.is_empty() {
            self.say(say::columns_alone(span, "activity"));
            return None;
        }
        for field in &model.fields {
            let name = ast::Name { text: field.name.clone(), quoted: false, span: field.span };
            let defined = self.names.get(&field_key(&name)).filter(|e| !matches!(e.meaning, Meaning::Field(_)));
            if defined.is_some() && !self.gathered.sources.phrase(field.span).starts_with('`') {
                self.say(say::columns_alone(field.span, &format!("`{}`", field.name)));
                return None;
            }
        }
        model.zone = self.model.zone.clone();
        Some(RowTest { model: Box::new(model), span })
    }
}

/// One block over another: what the first says wins; of columns of activity, those of the second are tried behind those of the first.
fn merged(first: DataFormat, second: DataFormat) -> DataFormat {
    let both = |mut a: Vec<String>, b: Vec<String>| {
        a.extend(b);
        a
    };
    let mut cells = first.cells;
    cells.numbers = cells.numbers.or(second.cells.numbers);
    cells.dates.extend(second.cells.dates);
    DataFormat {
        id: first.id.or(second.id),
        usual_ids: both(first.usual_ids, second.usual_ids),
        other_ids: both(first.other_ids, second.other_ids),
        sheet: first.sheet.or(second.sheet),
        header_row: first.header_row.or(second.header_row),
        ignore: first.ignore.into_iter().chain(second.ignore).collect(),
        cells,
        missing_words: both(first.missing_words, second.missing_words),
        encoding: first.encoding.or(second.encoding),
        delimiter: first.delimiter.or(second.delimiter),
        format: first.format.or(second.format),
        lead: first.lead.into_iter().chain(second.lead).collect(),
        kind: both(first.kind, second.kind),
        target: both(first.target, second.target),
        at: both(first.at, second.at),
        event_id: both(first.event_id, second.event_id),
    }
}

/// Cells of a row that may be left out are read as all others of the file.
fn with_cells(test: &mut RowTest, cells: &CellFormat) {
    for field in &mut test.model.fields {
        field.format = cells.clone();
    }
}
