//! A chain of queries, each of which adds columns to the one before: an expression that is used several times is worked out once.
//!
//! Owns in which layer a column stands: the first in which all that it reads can be read.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::dialect::Dialect;
use super::expr::{Column, ENTRY, Function, Kind, Sql};
use super::lower::Lowered;

/// Smaller ones are written out.
const LEAST_SHARED: usize = 4;
/// With so many words a text is compared before it is folded.
const MOST_WORDS: usize = 16;

/// A chain of layers.
pub(super) struct Layers {
    /// What the names of its queries begin with, and those of its columns.
    prefix: &'static str,
    /// The columns that each layer adds; layer 0 is made by others.
    added: Vec<Vec<(Column, Sql)>>,
    known: HashMap<Sql, Column>,
    /// Where a column of ours stands: its layer and its place in it.
    places: HashMap<String, (usize, usize)>,
    shared: usize,
    /// So many columns may be added for expressions that could also be written out each time.
    most_shared: usize,
    /// The columns that are asked for by their names; the others are left out.
    asked: BTreeMap<String, Asked>,
}

/// What is asked of a column.
#[derive(Clone, Copy)]
struct Asked {
    /// The last layer that reads it.
    last: usize,
    /// Whether it makes a difference to some reader that it is unknown and not false.
    is_exact: bool,
}

/// The words that columns are compared with, by the names of the columns.
pub(super) type Compared = HashMap<String, Vec<String>>;

impl Layers {
    pub fn new(prefix: &'static str, dialect: Dialect) -> Layers {
        Layers {
            prefix,
            added: vec![Vec::new()],
            known: HashMap::new(),
            places: HashMap::new(),
            shared: 0,
            most_shared: dialect.most_shared(),
            asked: BTreeMap::new(),
        }
    }

    /// A column of layer 0.
    pub fn base(name: impl Into<String>, kind: Kind) -> Sql {
        Sql::Column(Column { name: name.into(), kind, level: 0 })
    }

    /// The expression as a column.
    pub fn keep(&mut self, sql: Sql) -> Sql {
        if sql.is_constant() || matches!(sql, Sql::Column(_)) {
            return sql;
        }
        if let Some(column) = self.known.get(&sql) {
            return Sql::Column(column.clone());
        }
        let level = sql.level() + 1;
        while self.added.len() <= level {
            self.added.push(Vec::new());
        }
        let column = Column { name: format!("{}{}", self.prefix, self.places.len()), kind: sql.kind(), level };
        self.known.insert(sql.clone(), column.clone());
        if let Some(layer) = self.added.get_mut(level) {
            self.places.insert(column.name.clone(), (level, layer.len()));
            layer.push((column.clone(), sql));
        }
        Sql::Column(column)
    }

    /// The expression as a column if that saves something, and as long as there are not too many.
    pub fn share(&mut self, sql: Sql) -> Sql {
        if sql.size(LEAST_SHARED) < LEAST_SHARED || self.shared >= self.most_shared {
            return sql;
        }
        self.shared += usize::from(!self.known.contains_key(&sql));
        self.keep(sql)
    }

    /// Asks for all columns that an expression reads, and for those that they read. Base columns are added to `base`.
    pub fn ask(&mut self, sql: &Sql, base: &mut HashSet<String>) {
        let mut waiting = Vec::new();
        sql.for_each_read(false, &mut |column, decides| {
            waiting.push((column.name.clone(), Asked { last: usize::MAX, is_exact: !decides }));
        });
        while let Some((name, asked)) = waiting.pop() {
            // An entry of a list stands in no layer.
            if name == ENTRY {
                continue;
            }
            let place = self.places.get(&name).and_then(|&(level, at)| self.added.get(level)?.get(at));
            let known = self.asked.get(&name).copied();
            let last = known.map_or(asked.last, |known| known.last.max(asked.last));
            let is_exact = asked.is_exact || known.is_some_and(|known| known.is_exact);
            self.asked.insert(name.clone(), Asked { last, is_exact });
            if known.is_some_and(|known| known.is_exact == is_exact) {
                continue;
            }
            match place {
                Some((column, sql)) => sql.for_each_read(!is_exact, &mut |read, decides| {
                    waiting.push((read.name.clone(), Asked { last: column.level, is_exact: !decides }));
                }),
                None => {
                    base.insert(name);
                }
            }
        }
    }

    /// Adds the words with which its columns, and those below, are compared.
    pub fn compared(&self, words: &mut Compared) {
        for (column, sql) in self.added.iter().flatten() {
            if self.asked.contains_key(&column.name) {
                sql.for_each_word(&mut |column, word| {
                    let known = words.entry(column.name.clone()).or_default();
                    if !known.iter().any(|known| known == word) {
                        known.push(word.to_owned());
                    }
                });
            }
        }
    }

    /// The name of a layer.
    pub fn name(&self, level: usize) -> String {
        format!("{}_{level}", self.prefix)
    }

    /// Whether a layer adds anything that is asked for.
    fn adds(&self, level: usize) -> bool {
        self.added
            .get(level)
            .is_some_and(|columns| columns.iter().any(|(column, _)| self.asked.contains_key(&column.name)))
    }

    /// The name of the last layer. What is asked for is known by now.
    pub fn last(&self) -> String {
        self.name((1..self.added.len()).rev().find(|&level| self.adds(level)).unwrap_or(0))
    }

    /// The columns of earlier layers that a later one than this reads.
    fn carried(&self, level: usize) -> impl Iterator<Item = &String> {
        let is_earlier = move |name: &String| self.places.get(name).is_none_or(|(its, _)| *its < level);
        self.asked.iter().filter(move |(name, asked)| asked.last > level && is_earlier(name)).map(|(name, _)| name)
    }

    /// A column as it is asked for.
    fn written(&self, column: &Column, sql: &Sql, words: &Compared) -> Sql {
        let is_exact = self.asked.get(&column.name).is_none_or(|asked| asked.is_exact);
        match (sql, words.get(&column.name)) {
            // A text that is one of the words as it stands is its own folded form, which takes a multiple of that to make.
            (Sql::Call(Function::Fold, args), Some(words)) if words.len() <= MOST_WORDS => {
                let Some(text @ Sql::Column(_)) = args.first() else { return sql.clone() };
                let is_word = Sql::any(words.iter().map(|word| text.clone().equals(Sql::text(word))));
                is_word.when(text.clone(), sql.clone())
            }
            _ => sql.told_apart(!is_exact),
        }
    }

    /// All queries behind layer 0 that add anything, with their names.
    pub fn queries(&self, dialect: Dialect, words: &Compared) -> Lowered<Vec<(String, String)>> {
        let mut out = Vec::new();
        // With all columns passed on, large models have more than some engines take.
        let lists = dialect.nests() || self.asked.len() > dialect.most_columns();
        let mut from = dialect.name_of(&self.name(0));
        for (level, columns) in self.added.iter().enumerate().skip(1).filter(|(level, _)| self.adds(*level)) {
            let mut listed: Vec<String> = if lists {
                self.carried(level).map(|name| dialect.name_of(name)).collect()
            } else {
                vec!["x.*".to_owned()]
            };
            let added = columns.iter().filter(|(column, _)| self.asked.contains_key(&column.name));
            listed.extend(added.map(|(column, sql)| {
                let sql = dialect.print(&self.written(column, sql, words));
                format!("{sql} AS {}", dialect.name_of(&column.name))
            }));
            dialect.takes_columns(listed.len())?;
            let query = format!("SELECT {}\n  FROM {from} AS x{}", listed.join(",\n    "), dialect.fence());
            let name = self.name(level);
            if dialect.nests() {
                out.clear();
                from = format!("({query})");
            } else {
                from = dialect.name_of(&name);
            }
            out.push((name, query));
        }
        Ok(out)
    }
}
