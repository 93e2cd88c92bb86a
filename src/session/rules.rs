//! The model at hand: its text, and what becomes of it when statements are typed at it.
//!
//! The text is the truth. A typed statement takes the place of the one that says the same thing, or stands behind its
//! like; only what checks without an error becomes the model.

use std::fmt::Write as _;
use std::rc::Rc;
use std::time::SystemTime;

use crate::check::{Checked, Files, NoFiles, Typed, TypedKind, check, check_typed};
use crate::diagnostic::{Code, Diagnostic};
use crate::load;
use crate::messages::session as say;
use crate::model::Model;
use crate::paths::path_of;
use crate::source::{FileId, Source, Sources, Span};
use crate::symbols::Symbols;
use crate::syntax::{self, ast};
use crate::text::name_key;

/// The name under which what was typed stands in messages.
pub(super) const TYPED: &str = "typed";

/// The model at hand.
#[derive(Clone)]
pub(super) struct Rules {
    /// The file it comes from; none of a model that was only typed.
    pub path: Option<String>,
    source: Source,
    files: Rc<dyn Files>,
    model: Option<Model>,
    /// The names, also where there are errors.
    symbols: Symbols,
    /// The text as it stands in the file.
    loaded: String,
    stamp: Option<SystemTime>,
}

/// What became of typed statements.
pub(super) struct Change {
    /// Lines in words: what was added, what was replaced.
    pub told: Vec<String>,
    /// What there is to say about it.
    pub diagnostics: Vec<Diagnostic>,
    /// For drawing that.
    pub sources: Sources,
}

/// Typed statements that cannot be taken.
pub(super) struct Refused {
    pub diagnostics: Vec<Diagnostic>,
    pub sources: Sources,
}

impl Rules {
    /// No rules at all.
    pub fn empty() -> Rules {
        Rules::of_text("model.merit", "")
    }

    /// Rules that come from no file.
    pub fn of_text(name: &str, text: &str) -> Rules {
        let Checked { model, symbols, .. } = check(Source::new(name, text), &NoFiles);
        Rules {
            path: None,
            source: Source::new(name, text),
            files: Rc::new(NoFiles),
            model,
            symbols,
            loaded: text.to_owned(),
            stamp: None,
        }
    }

    /// The rules of a file, and what there is to say about them. Where they have errors there is no model, but they stay at
    /// hand: the file is read again when it changes.
    ///
    /// # Errors
    /// Where the file cannot be read.
    pub fn load(path: &str) -> Result<(Rules, Checked), Diagnostic> {
        let (source, files) = load::open(path)?;
        let mut checked = check(source.clone(), &*files);
        let (model, symbols) = (checked.model.take(), checked.symbols.clone());
        let loaded = source.text.clone();
        let (path, stamp) = (Some(path.to_owned()), stamp(path));
        let rules = Rules { path, source, files: Rc::from(files), model, symbols, loaded, stamp };
        Ok((rules, checked))
    }

    pub fn model(&self) -> Option<&Model> {
        self.model.as_ref()
    }

    /// The names of the rules.
    pub fn symbols(&self) -> &Symbols {
        &self.symbols
    }

    pub fn text(&self) -> &str {
        &self.source.text
    }

    pub fn source(&self) -> &Source {
        &self.source
    }

    /// Whether something was typed that is in no file.
    pub fn is_changed(&self) -> bool {
        self.source.text != self.loaded
    }

    /// The text is in the file at `path` now.
    pub fn saved(&mut self, path: &str, text: String) {
        if self.path.is_none() {
            self.path = Some(path.to_owned());
        }
        if self.path.as_deref() == Some(path) {
            *self = Rules { loaded: text.clone(), stamp: stamp(path), ..self.with_text(text) };
        }
    }

    /// When the file changed, where it is another than the one that was read.
    pub fn file_changed(&self) -> Option<SystemTime> {
        self.path.as_deref().and_then(stamp).filter(|now| Some(*now) != self.stamp)
    }

    /// A change of the file that was told is not told again.
    pub fn told_of(&mut self, change: SystemTime) {
        self.stamp = Some(change);
    }

    /// The same rules as they were read or saved last.
    pub fn as_loaded(&self) -> Rules {
        self.with_text(self.loaded.clone())
    }

    fn with_text(&self, text: String) -> Rules {
        let (source, checked) = self.checked(text);
        self.with(source, checked.model, checked.symbols)
    }

    /// The same rules with another text, which means this model.
    fn with(&self, source: Source, model: Option<Model>, symbols: Symbols) -> Rules {
        Rules {
            source,
            model,
            symbols,
            path: self.path.clone(),
            files: Rc::clone(&self.files),
            loaded: self.loaded.clone(),
            stamp: self.stamp,
        }
    }

    /// What the root file would mean with another text.
    fn checked(&self, text: String) -> (Source, Checked) {
        let source = Source::new(self.source.name.clone(), text);
        (source.clone(), check(source, &*self.files))
    }

    /// The model together with a question or something that a lead did.
    ///
    /// # Errors
    /// Where that cannot be read.
    pub fn beside(&self, text: &str, kind: TypedKind) -> Result<Typed, Box<Refused>> {
        let typed = check_typed(self.source.clone(), &*self.files, Source::new(TYPED, text), kind);
        if typed.checked.model.is_none() { Err(Refused::errors(typed.checked)) } else { Ok(typed) }
    }

    /// The rules with typed statements among them.
    ///
    /// # Errors
    /// Where the model would have errors.
    pub fn take(&self, typed: &str) -> Result<(Rules, Change), Box<Refused>> {
        let plan = Plan::new(&self.source, typed);
        let root = Source::new(self.source.name.clone(), plan.without_replaced(&self.source.text));
        let Typed { checked, file, .. } =
            check_typed(root, &*self.files, Source::new(TYPED, typed), TypedKind::Statements);
        if checked.model.is_none() {
            return Err(Refused::errors(checked));
        }
        // What was typed just now may be used by what comes next.
        let is_typed = |d: &Diagnostic| d.code != Code::L508 && d.labels.iter().any(|l| l.span.file == file);
        let diagnostics = checked.diagnostics.into_iter().filter(is_typed).collect();
        let (source, mut merged) = self.checked(plan.merged(&self.source.text));
        let Some(model) = merged.model.take() else { return Err(Refused::errors(merged)) };
        Ok((
            self.with(source, Some(model), merged.symbols),
            Change { told: plan.told, diagnostics, sources: checked.sources },
        ))
    }

    /// The rules without a statement: the one at a line, or the one that is about a name. Also says which it was.
    ///
    /// # Errors
    /// Where there is none or more than one, where others use it, or where the model without it has errors.
    pub fn without(&self, what: &str) -> Result<(Rules, String), Box<Refused>> {
        let (tree, _) = syntax::parse(FileId(0), &self.source);
        let spans = self.about(&tree, what);
        let span = match spans.as_slice() {
            [one] => *one,
            [] => return Err(Refused::one(say::no_such_statement(what))),
            many => {
                return Err(Refused::one(say::several_statements(
                    what,
                    &many.iter().map(|s| self.source.line_of(s.start)).collect::<Vec<_>>(),
                )));
            }
        };
        let mut text = self.source.text.clone();
        text.replace_range(whole_lines(&text, span), "");
        let (source, mut checked) = self.checked(text);
        let Some(model) = checked.model.take() else { return Err(Refused::errors(checked)) };
        // A name without a meaning would be read as a column.
        let is_field = |model: &Model, name: &str| model.fields.iter().any(|f| name_key(&f.name) == name_key(name));
        let name = tree.items.iter().find(|i| i.span == span).and_then(defines);
        if let Some(name) =
            name.filter(|n| is_field(&model, &n.text) && self.model.as_ref().is_some_and(|m| !is_field(m, &n.text)))
        {
            return Err(Refused::one(say::still_used(&name.text)));
        }
        let told =
            format!("dropped line {}: {}", self.source.line_of(span.start), shortened(&self.source.phrase(span)));
        Ok((self.with(source, Some(model), checked.symbols), told))
    }

    /// The statement at a line, or those that define a name or decide on a stage, as they are written.
    pub fn statement(&self, what: &str) -> Option<String> {
        let (tree, _) = syntax::parse(FileId(0), &self.source);
        let written: Vec<&str> = self.about(&tree, what).iter().map(|span| self.source.slice(*span)).collect();
        (!written.is_empty()).then(|| written.join("\n"))
    }

    /// Where the statement at a line stands, or those that define a name or decide on a stage.
    fn about(&self, tree: &ast::File, what: &str) -> Vec<Span> {
        match what.parse::<usize>() {
            Ok(line) => at_line(&self.source, &tree.items, line).into_iter().collect(),
            Err(_) => tree.items.iter().filter(|i| is_about(i, &name_key(what))).map(|i| i.span).collect(),
        }
    }
}

impl Refused {
    fn one(problem: Diagnostic) -> Box<Refused> {
        Box::new(Refused { diagnostics: vec![problem], sources: Sources::default() })
    }

    fn errors(mut checked: Checked) -> Box<Refused> {
        checked.diagnostics.retain(Diagnostic::is_error);
        Box::new(Refused { diagnostics: checked.diagnostics, sources: checked.sources })
    }
}

fn stamp(path: &str) -> Option<SystemTime> {
    std::fs::metadata(path_of(path)).and_then(|m| m.modified()).ok()
}

/// What typed statements do to a text.
struct Plan {
    /// What is replaced, and by what; in the order of the text. An insertion replaces nothing.
    edits: Vec<(std::ops::Range<usize>, String)>,
    told: Vec<String>,
}

impl Plan {
    fn new(root: &Source, typed: &str) -> Plan {
        let typed = Source::new(TYPED, typed);
        let sources = Sources { files: vec![root.clone(), typed.clone()] };
        let (there, _) = syntax::parse(FileId(0), root);
        let (new, _) = syntax::parse(FileId(1), &typed);
        let mut plan = Plan { edits: Vec::new(), told: Vec::new() };
        let mut behind = 0;
        for item in &new.items {
            let written = typed.slice(item.span);
            let line_rest = typed.text.get(item.span.range().end..).unwrap_or("").lines().next().unwrap_or("");
            let remark = Some(line_rest.trim_start_matches(';').trim()).filter(|r| r.starts_with('#')).unwrap_or("");
            // What is said about the statement stands before it.
            let before = typed.text.get(behind..item.span.range().start).unwrap_or("");
            let comments: Vec<&str> = before.lines().map(str::trim).filter(|l| l.starts_with('#')).collect();
            behind = item.span.range().end + if remark.is_empty() { 0 } else { line_rest.len() };
            match same_thing(&sources, &there.items, item)
                .filter(|span| !plan.edits.iter().any(|(r, _)| *r == span.range()))
            {
                Some(span) => {
                    let line = root.line_of(span.start);
                    let (was, is) = (root.phrase(span), typed.phrase(item.span));
                    if was == is {
                        plan.told.push(format!("the model says so already (line {line})"));
                    } else {
                        plan.told.push(format!(
                            "line {line} was: {}\n{:>width$}: {}",
                            shortened(&was),
                            "now",
                            shortened(&is),
                            width = 8 + line.to_string().len()
                        ));
                    }
                    let indent = indent_of(&root.text, span.range().start);
                    // Who changes the points of a rule means its reason to stay.
                    let reason = because_of(&there.items, span)
                        .filter(|_| because(&item.kind) == Some(None))
                        .map_or("", |r| root.slice(r));
                    let kept = if reason.is_empty() { String::new() } else { format!(" because {reason}") };
                    if !kept.is_empty()
                        && let Some(told) = plan.told.last_mut()
                    {
                        told.push_str(&kept);
                    }
                    plan.edits.push((span.range(), indented(written, indent) + &kept));
                }
                None => {
                    let at = behind_its_like(root, &there.items, item);
                    let mut text = String::new();
                    for comment in comments {
                        let _ = writeln!(text, "{comment}");
                    }
                    text.push_str(written);
                    if !remark.is_empty() {
                        let _ = write!(text, "  {remark}");
                    }
                    let text = if at == 0 || root.text.get(..at).is_some_and(|t| t.ends_with('\n')) {
                        format!("{text}\n")
                    } else {
                        format!("\n{text}")
                    };
                    let others = ways_to_the_same(root, &there.items, item);
                    let also = if others.is_empty() {
                        String::new()
                    } else {
                        format!(
                            "\n       beside {}: each is a way; `:drop` and the line takes one out",
                            others.join(", ")
                        )
                    };
                    plan.told.push(format!("added: {}{also}", shortened(&typed.phrase(item.span))));
                    plan.edits.push((at..at, text));
                }
            }
        }
        plan.edits.sort_by_key(|(range, _)| range.start);
        plan
    }

    /// The text with what is replaced blanked out: every line keeps its number.
    fn without_replaced(&self, text: &str) -> String {
        let mut bytes = text.to_owned().into_bytes();
        for (range, _) in &self.edits {
            for byte in bytes.get_mut(range.clone()).unwrap_or_default() {
                if *byte != b'\n' {
                    *byte = b' ';
                }
            }
        }
        String::from_utf8(bytes).unwrap_or_default()
    }

    fn merged(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len() + 200);
        let mut done = 0;
        for (range, new) in &self.edits {
            out.push_str(text.get(done..range.start).unwrap_or(""));
            out.push_str(new);
            done = range.end;
        }
        out.push_str(text.get(done..).unwrap_or(""));
        out
    }
}

/// The reason of a statement: none of a kind that has none, `Some(None)` where it could have one.
#[allow(clippy::option_option)] // Both say something.
fn because(kind: &ast::ItemKind) -> Option<Option<Span>> {
    use ast::ItemKind as K;
    let text = match kind {
        K::Rule(rule) => &rule.because,
        K::StageLine(line) | K::Gate(line) => &line.because,
        K::Disqualify(verdict) | K::Exclude(verdict) | K::Review(verdict) => &verdict.because,
        K::Limit(limit) => &limit.because,
        _ => return None,
    };
    Some(text.as_ref().map(|t| t.span))
}

/// The reason of the statement at a place.
fn because_of(items: &[ast::Item], at: Span) -> Option<Span> {
    items.iter().find_map(|item| match &item.kind {
        _ if item.span == at => because(&item.kind).flatten(),
        ast::ItemKind::Score(score) => because_of(&score.items, at),
        _ => None,
    })
}

/// The lines that lead to the stage of a typed line already.
fn ways_to_the_same(root: &Source, items: &[ast::Item], typed: &ast::Item) -> Vec<String> {
    let ast::ItemKind::StageLine(typed) = &typed.kind else { return Vec::new() };
    let same = items.iter().filter(|i| matches!(&i.kind, ast::ItemKind::StageLine(line) if name_key(&line.stage.text) == name_key(&typed.stage.text)));
    same.map(|i| format!("line {}: {}", root.line_of(i.span.start), shortened(&root.phrase(i.span)))).collect()
}

/// The statement of the model that says the same thing as a typed one: of the same name, or with the same condition.
fn same_thing(sources: &Sources, items: &[ast::Item], typed: &ast::Item) -> Option<Span> {
    let here = |item: &&ast::Item| is_same(sources, &item.kind, &typed.kind);
    if let Some(found) = items.iter().find(here) {
        return Some(found.span);
    }
    // A rule stands in a score, too.
    items.iter().find_map(|item| match &item.kind {
        ast::ItemKind::Score(score) => same_thing(sources, &score.items, typed),
        _ => None,
    })
}

fn is_same(sources: &Sources, a: &ast::ItemKind, b: &ast::ItemKind) -> bool {
    use ast::ItemKind as K;
    let named = |a: &ast::Name, b: &ast::Name| name_key(&a.text) == name_key(&b.text);
    let phrase = |e: &ast::Expr| sources.phrase(e.span).to_lowercase();
    let condition = |a: &ast::Expr, b: &ast::Expr| phrase(a) == phrase(b);
    match (a, b) {
        (K::Model(_), K::Model(_)) | (K::ScoreFormula(_), K::ScoreFormula(_)) => true,
        (K::ScoreWhole(a), K::ScoreWhole(b)) => {
            a.bounds.is_some() == b.bounds.is_some() && a.fading.is_some() == b.fading.is_some()
        }
        (K::Limit(a), K::Limit(b)) => a.is_low == b.is_low && condition(&a.condition, &b.condition),
        (K::Stages(_), K::Stages(_)) | (K::AsOf(..), K::AsOf(..)) => true,
        (K::Field(a), K::Field(b)) => named(&a.name, &b.name),
        (K::Let(a), K::Let(b)) => named(&a.name, &b.name),
        (K::Profile(a), K::Profile(b)) => named(&a.name, &b.name),
        (K::Score(a), K::Score(b)) => named(&a.name, &b.name),
        (K::Data(a), K::Data(b)) => a.is_log == b.is_log,
        (K::Label(a), K::Label(b)) => named(&a.name, &b.name),
        (K::Test(a), K::Test(b)) => a.name.text == b.name.text,
        (K::Use(ast::Used::File(a)), K::Use(ast::Used::File(b))) => a.text == b.text,
        (K::Use(ast::Used::Library(a)), K::Use(ast::Used::Library(b))) => named(a, b),
        (K::Activity(a), K::Activity(b)) => {
            a.names.len() == b.names.len() && a.names.iter().zip(&b.names).all(|(a, b)| named(a, b))
        }
        // A threshold that moves is the same line.
        (K::StageLine(a), K::StageLine(b)) | (K::Gate(a), K::Gate(b)) => {
            named(&a.stage, &b.stage)
                && without_numbers(&phrase(&a.condition)) == without_numbers(&phrase(&b.condition))
        }
        (K::Disqualify(a), K::Disqualify(b)) | (K::Exclude(a), K::Exclude(b)) | (K::Review(a), K::Review(b)) => {
            condition(&a.condition, &b.condition)
        }
        (K::Rule(a), K::Rule(b)) => {
            let when = |r: &ast::Rule| r.when.as_ref().map(phrase);
            let per = |r: &ast::Rule| match &r.how_often {
                Some(ast::HowOften::Per(e) | ast::HowOften::PerDistinct(e)) => Some(phrase(e)),
                Some(ast::HowOften::PerSince(_, e, _)) => Some(phrase(e)),
                Some(ast::HowOften::EachTime(_) | ast::HowOften::PerSilence(..)) | None => None,
            };
            when(a) == when(b) && per(a) == per(b)
        }
        (K::Table(a), K::Table(b)) => condition(&a.by, &b.by),
        (K::Reset(a), K::Reset(b)) => a.at == b.at && condition(&a.condition, &b.condition),
        _ => false,
    }
}

/// A phrase with a sign for each number outside of its texts, and with one sign for `>` and `>=`, `<` and `<=`.
fn without_numbers(phrase: &str) -> String {
    let phrase = phrase.replace(">=", ">").replace("<=", "<");
    let mut out = String::with_capacity(phrase.len());
    let (mut in_text, mut in_number, mut in_word) = (false, false, false);
    for c in phrase.chars() {
        let goes_on = c.is_ascii_digit() || (in_number && matches!(c, '.' | '_' | ',' | '%' | 'k' | 'm'));
        if !in_text && !in_word && goes_on {
            if !in_number {
                out.push('0');
            }
            in_number = true;
            continue;
        }
        in_number = false;
        in_word = crate::text::is_word_char(c);
        in_text ^= c == '"';
        out.push(c);
    }
    out
}

/// The byte behind the line of the last statement of the same kind; behind the whole text where there is none.
fn behind_its_like(root: &Source, items: &[ast::Item], typed: &ast::Item) -> usize {
    let like =
        items.iter().rev().find(|item| std::mem::discriminant(&item.kind) == std::mem::discriminant(&typed.kind));
    let Some(like) = like else { return root.text.len() };
    let end = like.span.range().end;
    let rest = root.text.get(end..).unwrap_or("");
    let line = rest.find('\n').map_or(rest.len(), |at| at + 1);
    let is_free = rest.get(..line).is_some_and(|l| l.trim().is_empty() || l.trim_start().starts_with('#'));
    if is_free { end + line } else { end }
}

/// The smallest statement at a line.
fn at_line(source: &Source, items: &[ast::Item], line: usize) -> Option<Span> {
    let holds = |span: Span| (source.line_of(span.start)..=source.line_of(span.end)).contains(&line);
    let item = items.iter().find(|i| holds(i.span))?;
    let inner = match &item.kind {
        ast::ItemKind::Score(score) => at_line(source, &score.items, line),
        ast::ItemKind::Choice(choice) => at_line(source, &choice.items, line),
        _ => None,
    };
    Some(inner.unwrap_or(item.span))
}

fn defines(item: &ast::Item) -> Option<&ast::Name> {
    use ast::ItemKind as K;
    match &item.kind {
        K::Field(x) => Some(&x.name),
        K::Let(x) => Some(&x.name),
        K::Profile(x) => Some(&x.name),
        K::Score(x) => Some(&x.name),
        K::Label(x) => Some(&x.name),
        _ => None,
    }
}

fn is_about(item: &ast::Item, key: &str) -> bool {
    match &item.kind {
        ast::ItemKind::StageLine(line) | ast::ItemKind::Gate(line) => name_key(&line.stage.text) == key,
        _ => defines(item).is_some_and(|n| name_key(&n.text) == key),
    }
}

/// A statement with the rest of its lines, where nothing else stands on them.
fn whole_lines(text: &str, span: Span) -> std::ops::Range<usize> {
    let range = span.range();
    let start = text.get(..range.start).and_then(|t| t.rfind('\n')).map_or(0, |at| at + 1);
    let is_first = text.get(start..range.start).is_some_and(|t| t.trim().is_empty());
    let rest = text.get(range.end..).unwrap_or("");
    let line = rest.find('\n').map_or(rest.len(), |at| at + 1);
    let is_last = rest.get(..line).is_some_and(|t| t.trim().is_empty() || t.trim_start().starts_with('#'));
    if is_first && is_last { start..range.end + line } else { range }
}

fn indent_of(text: &str, at: usize) -> &str {
    let line = text.get(..at).and_then(|t| t.rfind('\n')).map_or(0, |n| n + 1);
    let before = text.get(line..at).unwrap_or("");
    if before.trim().is_empty() { before } else { "" }
}

/// Lines behind the first moved in as far as the first.
fn indented(written: &str, indent: &str) -> String {
    written.replace('\n', &format!("\n{indent}"))
}

fn shortened(phrase: &str) -> String {
    const LONGEST: usize = 90;
    if phrase.chars().count() <= LONGEST {
        phrase.to_owned()
    } else {
        phrase.chars().take(LONGEST - 1).chain(['…']).collect()
    }
}
