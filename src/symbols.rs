//! The names of a model: what each stands for, where it is defined and where it is used.
//!
//! Recorded while `check` resolves names, and kept where the file has errors: hover, rename, completion and lints look it up
//! here.

use crate::source::{FileId, Span};

/// A symbol's place in [`Symbols::all`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SymbolId(pub usize);

/// What a name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SymbolKind {
    /// A field of leads: a column, declared or not.
    Field,
    /// A `let` that names a value or condition.
    Let,
    /// A `let` that names a list.
    List,
    /// A `let` that names a table for `lookup`.
    Table,
    /// A profile.
    Profile,
    /// A criterion of a profile.
    Criterion,
    /// A score group.
    Group,
    /// A label.
    Label,
    /// A stage of the ladder.
    Stage,
    /// An activity type.
    ActivityType,
    /// A property of activity.
    Property,
    /// A test.
    Test,
}

/// A name of the model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Symbol {
    /// What it stands for.
    pub kind: SymbolKind,
    /// The name, as it is defined, else as it is first used.
    pub name: String,
    /// Where it is defined: the name alone. `None` of what is only used: a column without a `field` line, an activity type
    /// without an `activity` line.
    pub defined: Option<Span>,
    /// The whole definition.
    pub whole: Option<Span>,
}

/// Where a name is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum UseRole {
    /// In what the model says.
    Model,
    /// In the braces of a text.
    Text,
    /// In a test.
    Test,
}

/// A use of a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Use {
    /// The name alone, with its backticks.
    pub span: Span,
    /// What it stands for.
    pub symbol: SymbolId,
    /// What for.
    pub role: UseRole,
}

/// All names of a model.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Symbols {
    /// The definitions, by their place; behind them what is only used.
    pub all: Vec<Symbol>,
    /// The uses, by their place.
    pub uses: Vec<Use>,
}

impl Symbols {
    /// A symbol.
    #[must_use]
    pub fn get(&self, id: SymbolId) -> Option<&Symbol> {
        self.all.get(id.0)
    }

    /// What stands at a byte of a file, and the place of the name: its definition or a use.
    #[must_use]
    pub fn at(&self, file: FileId, byte: u32) -> Option<(Span, SymbolId)> {
        let holds = |span: &Span| span.file == file && span.start <= byte && byte <= span.end;
        let behind = self.uses.partition_point(|u| (u.span.file, u.span.start) <= (file, byte));
        let used = self.uses.get(..behind)?.iter().rev().take(2).find(|u| holds(&u.span));
        used.map(|u| (u.span, u.symbol)).or_else(|| {
            let mut defined = self.all.iter().enumerate().filter_map(|(i, s)| Some((s.defined?, SymbolId(i))));
            defined.find(|(span, _)| holds(span))
        })
    }

    /// Where a symbol is used.
    pub fn uses_of(&self, id: SymbolId) -> impl Iterator<Item = &Use> {
        self.uses.iter().filter(move |u| u.symbol == id)
    }

    /// The symbols of some kinds.
    pub fn of(&self, kinds: &'static [SymbolKind]) -> impl Iterator<Item = &Symbol> {
        self.all.iter().filter(|s| kinds.contains(&s.kind))
    }
}
