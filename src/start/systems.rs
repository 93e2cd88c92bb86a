//! Which systems of Merit's library wrote some files.

use std::collections::{HashMap, HashSet};

use crate::data::Part;
use crate::library;
use crate::source::{FileId, Source};
use crate::syntax::{self, ast};
use crate::text::{fold, name_key};

/// What a library says of a system.
pub struct System {
    /// As `use` names it.
    pub name: &'static str,
    /// As people write it.
    pub title: &'static str,
    /// The fields, each with the keys of its columns.
    pub fields: Vec<(String, Vec<String>)>,
    /// Keys of columns of ids.
    pub ids: Vec<String>,
    /// Columns and types of activity that the system writes, and few others.
    signs: HashSet<&'static str>,
    /// Words that count as missing, folded.
    pub missing: HashSet<String>,
    /// Columns of activity, by their keys, in the order in which they are tried.
    pub log: Vec<(Part, String)>,
    /// Of the columns of the lead, those that hold a field of leads instead of their id, each with that field.
    pub keyed: Vec<(String, String)>,
    /// How dates of leads and of activity are written.
    pub dates: [Vec<String>; 2],
    /// Types of activity, folded, with the names that they have here.
    pub types: HashMap<String, String>,
    /// Types that are no engagement.
    pub unengaged: Vec<String>,
}

impl System {
    /// The columns of activity for a part, by their keys, in the order in which they are tried.
    pub fn columns_of(&self, part: Part) -> impl Iterator<Item = &str> {
        self.log.iter().filter(move |(p, _)| *p == part).map(|(_, key)| key.as_str())
    }
}

/// All systems, those of CRMs first.
pub fn systems() -> Vec<System> {
    library::FILES.iter().filter(|file| file.known_by().is_some()).map(system).collect()
}

fn system(file: &library::File) -> System {
    let library::File { name, text } = *file;
    let title = file.about().split(':').next().unwrap_or(name);
    let mut out = System {
        name,
        title,
        fields: Vec::new(),
        ids: Vec::new(),
        signs: file.known_by().unwrap_or("").split(", ").collect(),
        missing: HashSet::new(),
        log: Vec::new(),
        keyed: Vec::new(),
        dates: Default::default(),
        types: HashMap::new(),
        unengaged: Vec::new(),
    };
    let (tree, _) = syntax::parse(FileId(0), &Source::new(name, text));
    let keys = |texts: &[ast::Text]| texts.iter().map(|t| name_key(&t.text)).collect::<Vec<_>>();
    let texts = |texts: &[ast::Text]| texts.iter().map(|t| t.text.clone()).collect::<Vec<_>>();
    for item in tree.items {
        use ast::DataLineKind as K;
        match item.kind {
            ast::ItemKind::Field(field) => {
                let mut columns = vec![name_key(&field.name.text)];
                columns.extend(keys(&field.from));
                out.fields.push((field.name.text, columns));
            }
            ast::ItemKind::Activity(activity) => {
                let name = activity.names.first().map(|n| n.text.clone()).unwrap_or_default();
                out.types.insert(fold(&name).into_owned(), name.clone());
                out.types.extend(activity.from.iter().map(|t| (fold(&t.text).into_owned(), name.clone())));
            }
            ast::ItemKind::NotEngagement(names) => out.unengaged.extend(names.into_iter().map(|n| n.text)),
            ast::ItemKind::Data(data) => {
                for line in data.lines {
                    let mut add = |part, columns: &[ast::Text]| {
                        out.log.extend(keys(columns).into_iter().map(|key| (part, key)));
                    };
                    match &line.kind {
                        K::Id(columns) => out.ids.extend(keys(columns)),
                        K::Treat(words) if !data.is_log => {
                            out.missing.extend(words.iter().map(|w| fold(&w.text).into_owned()))
                        }
                        K::Dates(shapes) => out.dates[usize::from(data.is_log)].extend(texts(shapes)),
                        K::Lead(columns, field) => {
                            add(Part::LeadId, columns);
                            let field = field.iter().map(|f| f.text.clone());
                            out.keyed
                                .extend(field.flat_map(|f| keys(columns).into_iter().map(move |key| (key, f.clone()))));
                        }
                        K::Type(columns) => add(Part::Type, columns),
                        K::Target(columns) => add(Part::Target, columns),
                        K::At(columns, shapes) => {
                            add(Part::At, columns);
                            out.dates[1].extend(texts(shapes));
                        }
                        K::EventId(columns) => add(Part::EventId, columns),
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }
    out
}

/// The system that wrote leads with these columns, if it is plain which one.
pub fn of_leads<'s>(all: &'s [System], columns: &[String]) -> Option<&'s System> {
    best(all.iter().filter(|system| !system.fields.is_empty()), columns)
}

/// The system that wrote activity with these columns and types. Of CRMs it is that of the leads, where that is known.
pub fn of_activity<'s>(all: &'s [System], words: &[String], of_leads: Option<&System>) -> Option<&'s System> {
    let may_be = |s: &&System| s.fields.is_empty() || of_leads.is_none_or(|leads| leads.name == s.name);
    best(all.iter().filter(may_be), words)
}

/// The system of which most signs are there: two at least, and more than of any other.
fn best<'s>(systems: impl Iterator<Item = &'s System>, words: &[String]) -> Option<&'s System> {
    let count = |system: &System| words.iter().filter(|word| system.signs.contains(word.as_str())).count();
    let mut found: Vec<(usize, &System)> = systems.map(|system| (count(system), system)).collect();
    found.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
    let (first, second) = (found.first()?, found.get(1).map_or(0, |s| s.0));
    (first.0 >= 2 && first.0 > second).then_some(first.1)
}
