//! The library that comes with Merit: what `use hubspot` brings in.
//!
//! Owns the files and their names. A file is Merit text, with lists and tables beside it; its first comment says what it is.

/// A rule file of the library.
#[derive(Debug, Clone, Copy)]
pub struct File {
    /// As `use` names it.
    pub name: &'static str,
    /// What it says.
    pub text: &'static str,
}

macro_rules! files {
    ($($name:literal)*) => {
        &[$(File { name: $name, text: include_str!(concat!($name, ".merit")) }),*]
    };
}

/// The rule files: systems that hold leads, systems that hold activity, lists.
pub const FILES: &[File] = files! {
    "hubspot" "salesforce" "marketo" "pardot" "dynamics" "zoho" "pipedrive"
    "segment" "ga4" "snowplow" "posthog"
    "freemail" "disposable" "countries" "titles"
};

/// The lists and tables beside them.
const BESIDE: &[(&str, &str)] = &[
    ("freemail.txt", include_str!("freemail.txt")),
    ("disposable.txt", include_str!("disposable.txt")),
    ("countries.csv", include_str!("countries.csv")),
];

impl File {
    /// As messages show it.
    #[must_use]
    pub fn shown(&self) -> String {
        format!("{} (Merit's library)", self.name)
    }

    /// What it is, in a sentence: its first comment.
    #[must_use]
    pub fn about(&self) -> &'static str {
        self.text.lines().next().unwrap_or("").trim_start_matches(['#', ' '])
    }

    /// Of a system, the columns and types of activity that it writes and few others do, parted by `, `.
    #[must_use]
    pub fn known_by(&self) -> Option<&'static str> {
        let line = self.text.lines().find_map(|line| line.strip_prefix("# Known by: "))?;
        Some(line.trim_end_matches('.'))
    }
}

/// The names of all files.
pub fn names() -> impl Iterator<Item = &'static str> {
    FILES.iter().map(|file| file.name)
}

/// A rule file by its name, in letters of any size.
#[must_use]
pub fn find(name: &str) -> Option<File> {
    FILES.iter().find(|file| file.name.eq_ignore_ascii_case(name)).copied()
}

/// A list or table beside the rule files.
#[must_use]
pub fn beside(name: &str) -> Option<&'static str> {
    BESIDE.iter().find(|(file, _)| *file == name).map(|(_, text)| *text)
}

/// The names of the lists and tables.
pub fn names_beside() -> impl Iterator<Item = &'static str> {
    BESIDE.iter().map(|(file, _)| *file)
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;
    use crate::source::FileId;
    use crate::syntax::ast::ItemKind;
    use crate::text::name_key;

    /// The fields that move from one system to another.
    const COMMON: &str = "email first_name last_name title company domain industry employees revenue country state city phone website \
        source campaign lifecycle_stage lead_status owner consent created last_activity customer_since";
    const ACTIVITY: &str = "visited downloaded submitted opened clicked attended registered replied booked called requested \
        unsubscribed bounced signed_up logged_in";

    fn items(file: &File) -> Vec<ItemKind> {
        let source = crate::source::Source::new(file.name, file.text);
        let (tree, problems) = crate::syntax::parse(FileId(0), &source);
        assert!(problems.is_empty(), "{}: {problems:?}", file.name);
        tree.items.into_iter().map(|item| item.kind).collect()
    }

    #[test]
    fn systems_have_the_same_fields() {
        for file in &FILES[..7] {
            let mut types: BTreeMap<String, String> = BTreeMap::new();
            let mut columns: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
            for item in items(file) {
                if let ItemKind::Field(field) = item {
                    let name = &field.name.text;
                    types.insert(name.clone(), field.of_type.as_ref().unwrap().text.clone());
                    for column in field.from.iter().map(|t| name_key(&t.text)).chain([name_key(name)]) {
                        columns.entry(column).or_default().insert(name.clone());
                    }
                }
            }
            for name in COMMON.split_whitespace() {
                assert!(types.contains_key(name), "{} has no {name}", file.name);
            }
            for number in ["employees", "revenue"] {
                assert_eq!(types[number], "number", "{}", file.name);
            }
            for date in ["created", "last_activity", "customer_since"] {
                assert_eq!(types[date], "date", "{}", file.name);
            }
            // A status may stand for the stage where no column of its own does.
            columns.retain(|_, fields| fields.len() > 1 && !fields.contains("lead_status"));
            assert!(columns.is_empty(), "{}: {columns:?}", file.name);
        }
    }

    #[test]
    fn types_of_activity_stand_once() {
        for file in FILES {
            let mut seen: BTreeMap<String, String> = BTreeMap::new();
            for item in items(file) {
                let ItemKind::Activity(activity) = item else { continue };
                for from in activity.from.iter().filter(|_| activity.filter.is_none()) {
                    let before = seen.insert(from.text.clone(), activity.names[0].text.clone());
                    assert!(before.is_none(), "{}: `{}` is {before:?} too", file.name, from.text);
                }
            }
        }
        let all: String = FILES.iter().map(|file| file.text).collect();
        for name in ACTIVITY.split_whitespace() {
            assert!(all.contains(&format!("activity {name} from")), "{name}");
        }
    }

    #[test]
    fn lists_and_tables_are_there() {
        for file in FILES {
            assert!(file.text.starts_with("# ") && file.about().ends_with('.'), "{}", file.name);
        }
        let domains = beside("freemail.txt").unwrap();
        assert!(domains.lines().any(|line| line == "gmail.com") && !domains.contains("acme"));
        let countries = beside("countries.csv").unwrap();
        for (name, code) in [("Germany", "DE"), ("Deutschland", "DE"), ("USA", "US"), ("UK", "GB"), ("España", "ES")] {
            assert!(countries.contains(&format!("\n{name},{code}\n")), "{name}");
        }
    }
}
