//! All statements of a model in one list: the root file and the files that it uses.

use std::collections::BTreeSet;

use crate::diagnostic::Diagnostic;
use crate::messages::{meaning as say, syntax};
use crate::source::{FileId, FileProblem, Source, Sources, Span};
use crate::syntax::{self as parser, ast};

/// Where the other files of a model come from.
pub trait Files {
    /// The file that a path in the file named `from` means: its name for messages (the same for the same file) and its text.
    ///
    /// # Errors
    /// Why it cannot be had.
    fn read(&self, from: &str, path: &str) -> Result<(String, String), FileProblem>;
}

/// No other files at all: a model that stands alone.
pub struct NoFiles;

impl Files for NoFiles {
    fn read(&self, _from: &str, _path: &str) -> Result<(String, String), FileProblem> {
        Err(FileProblem::NotFound)
    }
}

/// The statements of all files, in order; those of a used file stand where it is used.
#[derive(Clone)]
pub(crate) struct Gathered {
    pub items: Vec<ast::Item>,
    pub sources: Sources,
    pub diagnostics: Vec<Diagnostic>,
    /// `as of` at the top of the root file.
    pub as_of: Option<crate::time::Written>,
    /// What is asked beside the model.
    pub questions: Vec<ast::Expr>,
    /// What a lead is said to have done, beside the model.
    pub did: Vec<ast::TestItem>,
}

pub(crate) fn gather(root: Source, files: &dyn Files) -> Gathered {
    let mut out = Gathered {
        items: Vec::new(),
        sources: Sources::default(),
        diagnostics: Vec::new(),
        as_of: None,
        questions: Vec::new(),
        did: Vec::new(),
    };
    add_root(&mut out, root, files);
    out
}

/// Adds the statements of a root file, and of the files that it uses.
pub(super) fn add_root(out: &mut Gathered, root: Source, files: &dyn Files) {
    let mut seen: BTreeSet<String> = out.sources.files.iter().map(|s| s.name.clone()).collect();
    seen.insert(root.name.clone());
    // Files that are being read, outermost first, each with the statements still to come.
    let mut open: Vec<(FileId, std::vec::IntoIter<ast::Item>)> = vec![parse(out, root)];
    loop {
        let is_root = open.len() == 1;
        let Some((file, items)) = open.last_mut() else { return };
        let file = *file;
        let Some(item) = items.next() else {
            open.pop();
            continue;
        };
        match item.kind {
            ast::ItemKind::Use(ast::Used::File(path)) => {
                let from = out.sources.files[file.0 as usize].name.clone();
                match files.read(&from, &path.text) {
                    Ok((name, text)) => {
                        let circle: Vec<String> = open
                            .iter()
                            .map(|(f, _)| out.sources.files[f.0 as usize].name.clone())
                            .skip_while(|n| *n != name)
                            .collect();
                        if !circle.is_empty() {
                            out.diagnostics.push(say::use_circle(path.span, &circle));
                        } else if seen.insert(name.clone()) {
                            let next = parse(out, Source::new(name, text));
                            open.push(next);
                        }
                    }
                    Err(problem) => out.diagnostics.push(say::file_problem(path.span, &path.text, &problem)),
                }
            }
            ast::ItemKind::AsOf(date, span) if is_root => {
                if out.as_of.replace(date).is_some() {
                    out.diagnostics.push(say::only_once(span, "as of", None));
                }
            }
            // Brought in when the model is checked.
            ast::ItemKind::Use(ast::Used::Library(_)) => out.items.push(item),
            _ if is_root || comes_along(&item.kind) => out.items.push(item),
            ast::ItemKind::Test(_) | ast::ItemKind::Model(_) | ast::ItemKind::AsOf(..) => {}
            _ => out.diagnostics.push(say::not_brought_in(item.span)),
        }
    }
}

/// Whether `use` brings a statement along.
pub(super) fn comes_along(kind: &ast::ItemKind) -> bool {
    use ast::ItemKind as K;
    matches!(
        kind,
        K::Field(_)
            | K::Activity(_)
            | K::NotEngagement(_)
            | K::Treat(_)
            | K::Data(_)
            | K::Let(_)
            | K::Profile(_)
            | K::Score(_)
            | K::Label(_)
            | K::Broken(_)
    )
}

pub(super) fn parse(out: &mut Gathered, source: Source) -> (FileId, std::vec::IntoIter<ast::Item>) {
    let file = FileId(crate::source::offset(out.sources.files.len()));
    // Where a file is not UTF-8, the first such place is shown and nothing of it is read.
    if let Some(at) = source.text.find('\u{fffd}').filter(|_| source.is_lossy) {
        let at = crate::source::offset(at);
        let span = Span { file, start: at, end: at + 3 };
        out.diagnostics.push(syntax::not_utf8(span, source.line_of(at)));
        out.sources.files.push(source);
        return (file, Vec::new().into_iter());
    }
    let (tree, diagnostics) = parser::parse(file, &source);
    out.sources.files.push(source);
    out.diagnostics.extend(diagnostics);
    (file, tree.items.into_iter())
}
