//! What a model compares the fields of leads with: texts as its rules have them.

use std::collections::HashSet;

use crate::model::{Expr, ExprKind, FieldId, Model, Needle, Owner, Part, Role};
use crate::operators::{CompareOp, TextTest};
use crate::source::Span;
use crate::syntax::names_in;
use crate::text::{name_key, words};
use crate::value::{Type, Value};

/// A list is looked at value by value up to this length; of a longer one it matters only whether any of it comes.
const LONGEST_BY_VALUE: usize = 20;

/// A place where a field is compared with texts.
#[derive(Debug)]
pub struct Comparison {
    /// The field.
    pub field: usize,
    /// Where.
    pub span: Span,
    /// How: `None` where whole values are compared.
    pub test: Option<TextTest>,
    /// With what; nothing where the list is too long.
    pub texts: Vec<Needle>,
    /// Whether the texts are a list of Merit's library, of which nobody expects anything.
    pub is_of_library: bool,
}

impl Comparison {
    /// Whether nobody meant each of its texts to come.
    pub fn is_long(&self) -> bool {
        self.texts.len() > LONGEST_BY_VALUE
    }
}

/// All places where fields are compared with texts, in the order of the model, tests left out. Lists of more than `most` texts are left
/// empty.
pub fn comparisons(model: &Model, most: usize) -> Vec<Comparison> {
    let mut out: Vec<Comparison> = Vec::new();
    let mut seen = HashSet::new();
    model.walk(&mut |owner, role, part| {
        if matches!(owner, Owner::Test(_)) {
            return;
        }
        // The lines of a file are one list.
        if let (Owner::Table(table), Role::Case) = (owner, role)
            && let Some(keyed) = &table.keyed
        {
            if let (Some(field), true) = (field_of(model, &table.by), seen.insert(table.span)) {
                let texts = if keyed.len() > most { Vec::new() } else { keyed.keys().map(|k| needle(k, k)).collect() };
                out.push(Comparison { field, span: table.span, test: None, texts, is_of_library: false });
            }
            return;
        }
        part.visit(model, &mut |expr| {
            if let Some(found) = comparison(model, expr, most)
                && seen.insert(found.span)
            {
                out.push(found);
            }
        });
    });
    out.retain(|c| model.fields.get(c.field).is_some_and(|f| matches!(f.of_type, Type::Text | Type::List)));
    let lists = library_lists(model);
    for found in &mut out {
        let phrase = model.sources.phrase(found.span);
        found.is_of_library = !phrase.contains('"') && names_in(&phrase).iter().any(|name| lists.contains(name));
    }
    out.sort_by_key(|c| (c.span.file.0, c.span.start));
    out
}

/// The names of lists that the libraries of a model define, and the model does not.
fn library_lists(model: &Model) -> HashSet<String> {
    let lets = |is_library: bool| {
        let files = model.sources.files.iter().filter(move |source| source.is_library == is_library);
        files
            .flat_map(|source| source.text.lines())
            .filter_map(|line| Some(name_key(line.trim_start().strip_prefix("let ")?.split(' ').next()?)))
    };
    let own: HashSet<String> = lets(false).collect();
    lets(true).filter(|name| !own.contains(name)).collect()
}

fn comparison(model: &Model, expr: &Expr, most: usize) -> Option<Comparison> {
    let few = |len: usize| if len > most { 0 } else { len };
    let text = |value: &Value| match value {
        Value::Text(text) => Some(needle(&text.written, &text.folded)),
        _ => None,
    };
    match &expr.kind {
        ExprKind::Compare(CompareOp::Equal | CompareOp::NotEqual, a, b) => {
            let (subject, value) = match (&a.kind, &b.kind) {
                (_, ExprKind::Value(value)) => (a, value),
                (ExprKind::Value(value), _) => (b, value),
                _ => return None,
            };
            let texts = vec![text(value)?];
            Some(Comparison {
                field: field_of(model, subject)?,
                span: expr.span,
                test: None,
                texts,
                is_of_library: false,
            })
        }
        ExprKind::In(subject, values) => {
            let field = field_of(model, subject)?;
            let texts = values.iter().take(few(values.len())).filter_map(text).collect();
            Some(Comparison { field, span: expr.span, test: None, texts, is_of_library: false })
        }
        ExprKind::Text(subject, test, _, needles) => {
            let field = field_of(model, subject)?;
            let is_list = model.fields.get(field).is_some_and(|f| f.of_type == Type::List);
            // A list contains what one of its entries is.
            let test = Some(*test).filter(|test| !(is_list && *test == TextTest::Contains));
            let texts = needles.iter().take(few(needles.len())).cloned().collect();
            Some(Comparison { field, span: expr.span, test, texts, is_of_library: false })
        }
        ExprKind::Lookup(table, subject) => {
            let field = field_of(model, subject)?;
            let rows = &model.tables.get(table.0)?.rows;
            let texts = rows.keys().take(few(rows.len())).map(|k| needle(k, k)).collect();
            Some(Comparison { field, span: expr.span, test: None, texts, is_of_library: false })
        }
        _ => None,
    }
}

fn needle(written: &str, folded: &str) -> Needle {
    Needle { written: written.to_owned(), folded: folded.to_owned(), words: words(folded) }
}

/// The field that an expression is, if only under another name.
pub fn field_of(model: &Model, expr: &Expr) -> Option<usize> {
    match &expr.kind {
        ExprKind::Field(FieldId(field)) => Some(*field),
        // Definitions stand behind those they use.
        ExprKind::Definition(id) => field_of(model, &model.definitions.get(id.0)?.value),
        _ => None,
    }
}

/// The fields of which something is said where nothing is known of them.
pub fn fields_asked_for_blanks(model: &Model) -> HashSet<usize> {
    let mut out = HashSet::new();
    model.walk(&mut |owner, _, part| {
        if matches!(owner, Owner::Test(_)) {
            return;
        }
        if let Owner::Table(table) = owner
            && table.lines.iter().any(|line| matches!(line.case, crate::model::Case::Missing))
        {
            out.extend(field_of(model, &table.by));
        }
        if let Part::Expr(_) = part {
            part.visit(model, &mut |expr| {
                if let ExprKind::Known(subject) = &expr.kind {
                    out.extend(field_of(model, subject));
                }
            });
        }
    });
    out
}
