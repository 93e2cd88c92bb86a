//! Which systems of Merit's library wrote some files.

use std::collections::HashMap;

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

/// All systems, those of CRMs first.
pub fn systems() -> Vec<System> {
    library::FILES[..library::SYSTEMS].iter().map(system).collect()
}

fn system(file: &library::File) -> System {
    let library::File { name, text } = *file;
    let title = file.about().split(':').next().unwrap_or(name);
    let mut out = System {
        name,
        title,
        fields: Vec::new(),
        ids: Vec::new(),
        log: Vec::new(),
        keyed: Vec::new(),
        dates: Default::default(),
        types: HashMap::new(),
        unengaged: Vec::new(),
    };
    let (tree, _) = syntax::parse(FileId(0), &Source::new(name, text));
    let keys = |texts: &[ast::Text]| texts.iter().map(|t| name_key(&t.text)).collect::<Vec<_>>();
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
                    let mut add =
                        |part, columns: &[ast::Text]| out.log.extend(keys(columns).into_iter().map(|key| (part, key)));
                    let texts = |texts: &[ast::Text]| texts.iter().map(|t| t.text.clone()).collect::<Vec<_>>();
                    match &line.kind {
                        K::Id(columns) => out.ids.extend(keys(columns)),
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

/// The system that wrote leads with these columns, if it is plain which one: columns that few systems have weigh more.
pub fn of_leads<'s>(all: &'s [System], columns: &[String]) -> Option<&'s System> {
    let has = |system: &System, key: &str| {
        system.ids.iter().any(|k| k == key) || system.fields.iter().any(|(_, keys)| keys.iter().any(|k| k == key))
    };
    best(all.iter().filter(|s| !s.fields.is_empty()).collect(), columns, &has)
}

/// The system that wrote activity with these columns and types.
pub fn of_activity<'s>(all: &'s [System], columns: &[String], types: &[String]) -> Option<&'s System> {
    let found: Vec<String> = columns.iter().chain(types).cloned().collect();
    let has =
        |system: &System, word: &str| system.log.iter().any(|(_, k)| k == word) || system.types.contains_key(word);
    best(all.iter().collect(), &found, &has)
}

/// The system that knows most, where it knows clearly more than all others.
fn best<'s>(systems: Vec<&'s System>, words: &[String], has: &dyn Fn(&System, &str) -> bool) -> Option<&'s System> {
    let mut scores: Vec<(f64, &System)> = systems
        .iter()
        .map(|system| {
            let weights = words.iter().filter(|word| has(system, word)).map(|word| {
                let known_by = systems.iter().filter(|other| has(other, word)).count();
                1.0 / (known_by * known_by) as f64
            });
            (weights.sum(), *system)
        })
        .collect();
    scores.sort_by(|a, b| b.0.total_cmp(&a.0));
    let (first, second) = (scores.first()?, scores.get(1).map_or(0.0, |s| s.0));
    (first.0 >= 1.0 && first.0 >= 1.3 * second).then_some(first.1)
}
