//! Two models held against each other: what changed, by meaning and not by line, and what each change does to leads.
//!
//! [`compare`] gives the list of changes. The statements of both models stand in one tree (`align`), so that a model with some
//! of the changes made can be put together from it (`steps`); `ways` asks those models who moves at which change. Does no
//! I/O: other files come through [`Files`], leads as rows of cells.

mod align;
mod attribute;
mod change;
mod items;
mod json;
mod meaning;
mod renames;
mod steps;
mod tell;
pub mod text;
mod tree;
mod ways;
mod words;

pub use attribute::{Answer, Effects, Mover, OneSide, Row, Standing};
pub use change::{Change, Detail, Kind, Place, What};
pub use json::object;
pub use ways::{Attribution, attribute};

use crate::check::{Checked, Files, Gathered, check_statements, gather};
use crate::model::Model;
use crate::source::{FileId, FileProblem, Source, Sources, offset};
use crate::syntax::ast::Item;
use align::{List, align};
use meaning::Side;
use renames::{Named, Rename};
use tree::{Part, Written};

/// A model together with its statements: what can be compared.
pub struct Version {
    /// The model.
    pub model: Model,
    /// Its root file, as it is shown.
    pub name: String,
    gathered: Gathered,
    files: Box<dyn Files>,
}

impl Version {
    /// Reads and checks a model. Where it has errors there is only what there is to say about it.
    #[must_use]
    pub fn read(root: Source, files: Box<dyn Files>) -> (Option<Version>, Checked) {
        let name = root.name.clone();
        let gathered = gather(root, &*files);
        let mut checked = check_statements(&gathered, &*files);
        let version = checked.model.take().map(|model| Version { model, name, gathered, files });
        (version, checked)
    }

    /// Whether the text of all files is the same.
    #[must_use]
    pub fn is_same_text(&self, other: &Version) -> bool {
        self.model.hash == other.model.hash
    }
}

/// What two models have in common and what not.
pub struct Comparison<'v> {
    /// The old model.
    pub old: &'v Version,
    /// The new model.
    pub new: &'v Version,
    /// What changed, in the order of the new file.
    pub changes: Vec<Change>,
    renames: Vec<(Rename, usize)>,
    list: List<Item>,
    /// The change of the date that tests are as of.
    as_of: Option<usize>,
    /// The files of both, the old ones first.
    sources: Sources,
    old_items: Vec<Item>,
}

/// What changed from one model to another.
#[must_use]
pub fn compare<'v>(old: &'v Version, new: &'v Version) -> Comparison<'v> {
    let both =
        Sources { files: old.gathered.sources.files.iter().chain(&new.gathered.sources.files).cloned().collect() };
    // Both are told by places in one list of files.
    let mut before = Gathered { sources: both.clone(), ..old.gathered.clone() };
    let mut after = Gathered { sources: both.clone(), ..new.gathered.clone() };
    let behind = offset(old.gathered.sources.files.len());
    after.items.iter_mut().for_each(|item| {
        item.walk(&mut |part| {
            if let Part::Place(span) = part {
                span.file = FileId(span.file.0 + behind);
            }
        });
    });
    let renames =
        renames::renames(Side { gathered: &before, files: &*old.files }, Side { gathered: &after, files: &*new.files });
    let old_items = before.items.clone();
    renames.iter().for_each(|rename| renames::apply(&mut before.items, rename));
    let sides = (Side { gathered: &before, files: &*old.files }, Side { gathered: &after, files: &*new.files });
    let mut changes: Vec<Change> = renames.iter().map(|r| renamed(r, sides)).collect();
    let renames = renames.into_iter().enumerate().map(|(at, r)| (r, at)).collect();
    let mut list = align(&before.items, &after.items, sides);
    tell::tell(&mut list, sides, &mut changes);
    let as_of = (old.gathered.as_of != new.gathered.as_of).then(|| {
        let date = |g: &Gathered| g.as_of.map(|d| d.to_string());
        changes.push(Change {
            kind: Kind::Test,
            what: What::Changed,
            within: None,
            subject: "tests".to_owned(),
            details: vec![Detail::new("as of", date(&old.gathered), date(&new.gathered))],
            before: date(&old.gathered),
            after: date(&new.gathered),
            line_before: None,
            line_after: None,
        });
        changes.len() - 1
    });
    Comparison { old, new, changes, renames, list, as_of, sources: both, old_items }
}

impl Comparison<'_> {
    /// The name that a stage of the old model has in the new one.
    #[must_use]
    pub fn stage_now<'s>(&'s self, stage: &'s str) -> &'s str {
        self.renames.iter().find(|(r, _)| r.what == Named::Stage && r.old == stage).map_or(stage, |(r, _)| &r.new)
    }

    /// The name that a label of the old model has in the new one.
    fn label_now<'s>(&'s self, label: &'s str) -> &'s str {
        self.renames.iter().find(|(r, _)| r.what == Named::Label && r.old == label).map_or(label, |(r, _)| &r.new)
    }
}

fn renamed(rename: &Rename, sides: (Side<'_>, Side<'_>)) -> Change {
    let place = |side: Side<'_>, name: &str| {
        let item = side.gathered.items.iter().find(|i| renames::defines(i, rename.what, name))?;
        let source = side.gathered.sources.of(item.span)?;
        Some(Place { file: source.name.clone(), line: source.line_of(item.span.start) })
    };
    Change {
        kind: rename.what.kind(),
        what: What::Renamed,
        within: None,
        subject: rename.what.word().to_owned(),
        details: vec![Detail::new("", Some(rename.old.clone()), Some(rename.new.clone()))],
        before: Some(rename.old.clone()),
        after: Some(rename.new.clone()),
        // The old side carries the new name already.
        line_before: place(sides.0, &rename.new),
        line_after: place(sides.1, &rename.new),
    }
}

/// The files of both models: whose they are is told by the name of the file that asks.
struct Both<'v> {
    old: &'v dyn Files,
    new: &'v dyn Files,
}

/// Before the names of the old model's files while both are checked as one.
const OLD: char = '<';
/// Before those of the new one.
const NEW: char = '>';

impl Files for Both<'_> {
    fn read(&self, from: &str, path: &str) -> Result<(String, String), FileProblem> {
        match from.strip_prefix(OLD) {
            Some(from) => self.old.read(from, path),
            None => self.new.read(from.strip_prefix(NEW).unwrap_or(from), path),
        }
    }
}
