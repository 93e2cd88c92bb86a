//! A page as data: headings, sentences, lists, tables with bars, pictures; rendered as text, as Markdown and as HTML.
//!
//! Owns the layout of all that is read on paper or on a screen, once for each shape. What a page says is made elsewhere, and
//! may hold anything: each renderer takes the sting out of it.

mod html;
mod markdown;
mod note;
mod picture;
mod text;

pub use note::Note;

use crate::number::grouped;
use crate::shown::one_line;
use crate::text::capital;

/// The shapes that a page has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// For a terminal that is so many columns wide.
    Text(usize),
    /// Markdown, as wikis and code hosts read it.
    Markdown,
    /// One HTML file that needs nothing else.
    Html,
}

/// A page.
#[derive(Debug, Clone, Default)]
pub struct Page {
    /// What it is about.
    pub title: String,
    /// What is said in short below the title: names and what they are.
    pub facts: Vec<(String, String)>,
    /// What it says.
    pub blocks: Vec<Block>,
    /// The last line.
    pub foot: String,
}

/// A part of a page.
#[derive(Debug, Clone)]
pub enum Block {
    /// The heading of a section.
    Heading(String),
    /// A heading inside of a section.
    Subheading(String),
    /// Some sentences.
    Paragraph(Phrase),
    /// Some sentences about a minor column, which stand where that does.
    OfMinor(Phrase),
    /// A list.
    List(Vec<Item>),
    /// A table.
    Table(Table),
    /// The stages as a picture.
    Ladder(Ladder),
    /// A distribution as a picture.
    Histogram(Histogram),
}

/// An entry of a list.
#[derive(Debug, Clone)]
pub struct Item {
    /// What it says.
    pub text: Phrase,
    /// What stands below it.
    pub under: Vec<Phrase>,
}

impl<P: Into<Phrase>> From<P> for Item {
    fn from(text: P) -> Item {
        Item { text: text.into(), under: Vec::new() }
    }
}

/// Text of which parts are set apart. It has no line breaks and nothing that steers a terminal.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Phrase(Vec<Run>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Run {
    kind: Kind,
    text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Plain,
    Strong,
    Code,
}

impl Phrase {
    /// Nothing yet.
    #[must_use]
    pub fn new() -> Phrase {
        Phrase::default()
    }

    /// And then this.
    #[must_use]
    pub fn and(self, text: impl AsRef<str>) -> Phrase {
        self.with(Kind::Plain, text.as_ref())
    }

    /// And then this, which matters more.
    #[must_use]
    pub fn strong(self, text: impl AsRef<str>) -> Phrase {
        self.with(Kind::Strong, text.as_ref())
    }

    /// And then this, as it stands in a file.
    #[must_use]
    pub fn code(self, text: impl AsRef<str>) -> Phrase {
        self.with(Kind::Code, text.as_ref())
    }

    fn with(mut self, kind: Kind, text: &str) -> Phrase {
        if !text.is_empty() {
            self.0.push(Run { kind, text: one_line(text).into_owned() });
        }
        self
    }

    fn plain(&self) -> String {
        self.0.iter().map(|r| r.text.as_str()).collect()
    }
}

impl From<&str> for Phrase {
    fn from(text: &str) -> Phrase {
        Phrase::new().and(text)
    }
}

impl From<String> for Phrase {
    fn from(text: String) -> Phrase {
        Phrase::new().and(text)
    }
}

/// A table.
#[derive(Debug, Clone, Default)]
pub struct Table {
    /// Its columns.
    pub columns: Vec<Column>,
    /// Its rows, a cell for each column.
    pub rows: Vec<Vec<Cell>>,
    /// Whether each row is read for itself: where there is little room its cells may stand below each other.
    pub can_stack: bool,
}

/// A column of a table.
#[derive(Debug, Clone)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Whether it holds numbers, which end below each other.
    pub is_number: bool,
    /// Whether it may be left out where there is little room.
    pub is_minor: bool,
}

impl Column {
    /// A column of words.
    #[must_use]
    pub fn words(name: impl Into<String>) -> Column {
        Column { name: name.into(), is_number: false, is_minor: false }
    }

    /// A column of numbers.
    #[must_use]
    pub fn numbers(name: impl Into<String>) -> Column {
        Column { name: name.into(), is_number: true, is_minor: false }
    }

    /// The same, and it may be left out.
    #[must_use]
    pub fn minor(self) -> Column {
        Column { is_minor: true, ..self }
    }
}

/// A cell of a table.
#[derive(Debug, Clone)]
pub enum Cell {
    /// Words or a number.
    Text(Phrase),
    /// A bar: a share of the longest, from -1 to 1.
    Bar(f64),
    /// A number on a ground that is the darker, the larger this share of the largest is.
    Shade(String, f64),
}

impl<P: Into<Phrase>> From<P> for Cell {
    fn from(text: P) -> Cell {
        Cell::Text(text.into())
    }
}

/// The stages of a model as a picture.
#[derive(Debug, Clone, Default)]
pub struct Ladder {
    /// From low to high.
    pub steps: Vec<Step>,
    /// What stands beside the ladder.
    pub beside: Vec<Step>,
}

/// A step of the ladder.
#[derive(Debug, Clone)]
pub struct Step {
    /// The stage.
    pub name: String,
    /// What it takes, in a few words.
    pub note: String,
}

/// How many there are of what size.
#[derive(Debug, Clone, Default)]
pub struct Histogram {
    /// What is measured.
    pub of: String,
    /// What is counted.
    pub counts: String,
    /// From low to high, without gaps.
    pub bins: Vec<Bin>,
    /// Places with a name.
    pub marks: Vec<Mark>,
}

/// A bar of a histogram.
#[derive(Debug, Clone, Copy)]
pub struct Bin {
    /// The least that belongs into it.
    pub from: i64,
    /// The least that does not any more.
    pub to: i64,
    /// How many.
    pub count: u64,
}

/// A place with a name.
#[derive(Debug, Clone)]
pub struct Mark {
    /// The number at which it stands.
    pub at: f64,
    /// Its name.
    pub name: String,
}

impl Page {
    /// Adds a part.
    pub fn put(&mut self, block: Block) {
        self.blocks.push(block);
    }

    /// Begins a section.
    pub fn heading(&mut self, text: impl Into<String>) {
        self.put(Block::Heading(text.into()));
    }

    /// Begins a part of a section.
    pub fn subheading(&mut self, text: impl Into<String>) {
        self.put(Block::Subheading(text.into()));
    }

    /// Adds sentences.
    pub fn say(&mut self, text: impl Into<Phrase>) {
        self.put(Block::Paragraph(text.into()));
    }

    /// Adds sentences about a minor column.
    pub fn say_of_minor(&mut self, text: impl Into<Phrase>) {
        self.put(Block::OfMinor(text.into()));
    }

    /// Adds a list; nothing where it is empty.
    pub fn list(&mut self, items: Vec<Item>) {
        if !items.is_empty() {
            self.put(Block::List(items));
        }
    }

    /// Adds a table; nothing where it has no rows.
    pub fn table(&mut self, table: Table) {
        if !table.rows.is_empty() {
            self.put(Block::Table(table));
        }
    }

    /// The page in one of its shapes.
    #[must_use]
    pub fn render(&self, shape: Shape) -> String {
        match shape {
            Shape::Text(width) => text::render(self, width),
            Shape::Markdown => markdown::render(self),
            Shape::Html => html::render(self),
        }
    }
}

impl Histogram {
    /// The same as a table: where there are no pictures, and for those who cannot see them.
    fn table(&self) -> Table {
        let most = self.bins.iter().map(|b| b.count).max().unwrap_or(0).max(1) as f64;
        let mut columns =
            vec![Column::words(capital(&self.of)), Column::numbers(capital(&self.counts)), Column::words("")];
        if !self.marks.is_empty() {
            columns.push(Column::words("Begins here"));
        }
        let rows = self.bins.iter().enumerate().map(|(i, bin)| {
            let mut row: Vec<Cell> =
                vec![bin.words().into(), grouped(bin.count).into(), Cell::Bar(bin.count as f64 / most)];
            if !self.marks.is_empty() {
                let (is_first, is_last) = (i == 0, i + 1 == self.bins.len());
                let is_here = |at: f64| (at >= bin.from as f64 || is_first) && (at < bin.to as f64 || is_last);
                let names: Vec<&str> = self.marks.iter().filter(|m| is_here(m.at)).map(|m| m.name.as_str()).collect();
                row.push(names.join(", ").into());
            }
            row
        });
        Table { rows: rows.collect(), columns, can_stack: false }
    }
}

impl Bin {
    /// `0 to 9`
    fn words(&self) -> String {
        if self.to - self.from == 1 { self.from.to_string() } else { format!("{} to {}", self.from, self.to - 1) }
    }
}

/// A share for people: `34%`, `0.4%`.
#[must_use]
pub fn share(part: u64, of: u64) -> String {
    let percent = if of == 0 { 0.0 } else { part as f64 * 100.0 / of as f64 };
    if percent > 0.0 && percent < 0.1 {
        return "<0.1%".to_owned();
    }
    if percent > 0.0 && percent < 9.95 || percent > 99.0 && percent < 100.0 {
        format!("{percent:.1}%")
    } else {
        format!("{percent:.0}%")
    }
}

/// `1 lead`, `1,204 leads`
#[must_use]
pub fn counted(n: u64, what: &str) -> String {
    format!("{} {what}{}", grouped(n), if n == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests;
