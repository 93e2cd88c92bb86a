//! What a model reads: fields with their users, activity with targets and properties.
//!
//! Owns the list that is handed to whoever exports the data. Prints nothing.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fmt;

use serde::Serialize;

use crate::model::{ActivityTypeId, Expr, ExprKind, Model, Owner, Part, TargetTest};
use crate::shown::one_line;
use crate::source::Span;

/// All that a model reads.
#[derive(Debug, Clone, Serialize)]
pub struct Reads {
    /// Fields of the lead, in the order of the model.
    pub fields: Vec<FieldRead>,
    /// Activity types, by name; the first is any activity at all, where that is asked for.
    pub activity: Vec<ActivityRead>,
}

/// A field that is read.
#[derive(Debug, Clone, Serialize)]
pub struct FieldRead {
    /// Its name.
    pub name: String,
    /// Its type.
    #[serde(rename = "type")]
    pub of_type: crate::value::Type,
    /// Other columns that may hold it, as keys.
    pub other_names: Vec<String>,
    /// Who uses it.
    pub used_by: Vec<String>,
}

/// An activity type that is read.
#[derive(Debug, Clone, Serialize)]
pub struct ActivityRead {
    /// Its name; empty for any activity.
    pub name: String,
    /// Other systems' types that count as it.
    pub from: Vec<String>,
    /// The property that holds the target, where it is not `target`.
    pub target_property: Option<String>,
    /// The targets that are asked for; none where any will do.
    pub targets: Vec<String>,
    /// Properties that are asked for, with their types.
    #[serde(serialize_with = "names_and_types")]
    pub properties: Vec<(String, crate::value::Type)>,
    /// Whether `activity()`, `active` and `inactive` see it.
    pub is_engagement: bool,
    /// Who uses it.
    pub used_by: Vec<String>,
}

impl fmt::Display for Reads {
    /// For people: a line or two for each field and activity, with who uses it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "Fields of the lead")?;
        let names: Vec<_> = self.fields.iter().map(|field| one_line(&field.name)).collect();
        let width = names.iter().map(|name| name.chars().count()).max().unwrap_or(0);
        for (field, name) in self.fields.iter().zip(&names) {
            writeln!(f, "  {name:width$}  {:6}  {}", field.of_type.to_string(), users(&field.used_by))?;
            if !field.other_names.is_empty() {
                writeln!(f, "  {:width$}          also from {}", "", listed(&field.other_names))?;
            }
        }
        if !self.activity.is_empty() {
            writeln!(f, "\nActivity")?;
        }
        self.activity.iter().try_for_each(|activity| activity.fmt(f))
    }
}

impl fmt::Display for ActivityRead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = if self.name.is_empty() { "any activity" } else { &self.name };
        writeln!(f, "  {}: {}", one_line(name), users(&self.used_by))?;
        if !self.from.is_empty() {
            writeln!(f, "    also from {}", listed(&self.from))?;
        }
        if !self.targets.is_empty() {
            let of = self
                .target_property
                .as_deref()
                .map_or(String::new(), |p| format!(" (in {}, where a record has it)", one_line(p)));
            writeln!(f, "    targets {}{of}", listed(&self.targets))?;
        }
        for (property, of_type) in &self.properties {
            writeln!(f, "    property {} ({of_type})", one_line(property))?;
        }
        if !self.is_engagement {
            writeln!(f, "    is no engagement")?;
        }
        Ok(())
    }
}

fn listed(names: &[String]) -> String {
    one_line(&names.join(", ")).into_owned()
}

fn users(by: &[String]) -> String {
    if by.is_empty() { "not used".to_owned() } else { listed(by) }
}

fn names_and_types<S: serde::Serializer>(
    properties: &[(String, crate::value::Type)],
    to: S,
) -> Result<S::Ok, S::Error> {
    to.collect_seq(properties.iter().map(|(name, of_type)| serde_json::json!({"name": name, "type": of_type})))
}

/// What a model reads.
#[must_use]
pub fn reads(model: &Model) -> Reads {
    let uses = Uses::of(model);
    let fields = model.fields.iter().enumerate().map(|(i, field)| FieldRead {
        name: field.name.clone(),
        of_type: field.of_type,
        other_names: field.keys.iter().skip(1).cloned().collect(),
        used_by: uses.fields.get(i).cloned().unwrap_or_default(),
    });
    Reads { fields: fields.collect(), activity: activity(model, &uses) }
}

fn activity(model: &Model, uses: &Uses) -> Vec<ActivityRead> {
    let mut out: BTreeMap<Option<usize>, ActivityRead> = BTreeMap::new();
    let (mut targets, mut users): (HashSet<_>, HashSet<_>) = Default::default();
    for (q, query) in model.queries.iter().enumerate() {
        let Some(used_by) = uses.queries.get(q) else { continue };
        let kind = query.kind.map(|k| k.0);
        let entry = out.entry(kind).or_insert_with(|| named(model, query.kind));
        for pattern in &query.targets {
            let (TargetTest::Exact(text) | TargetTest::Wildcard(text) | TargetTest::Page(text)) = &pattern.test;
            if targets.insert((kind, text)) {
                entry.targets.push(pattern.written.clone());
            }
        }
        entry.used_by.extend(used_by.iter().filter(|user| users.insert((kind, *user))).cloned());
        let mut properties = BTreeSet::new();
        if let Some(filter) = &query.filter {
            properties_of(model, filter, &mut properties);
        }
        add_properties(model, &properties, entry);
    }
    let mut of_functions = functions(model);
    for (kind, entry) in &mut out {
        let mut properties = of_functions.remove(kind).unwrap_or_default();
        if let Some(kind) = kind.and_then(|k| model.activity_types.get(k)) {
            kind.from.iter().filter_map(|s| s.filter.as_ref()).for_each(|f| properties_of(model, f, &mut properties));
        }
        add_properties(model, &properties, entry);
    }
    out.into_values().collect()
}

fn named(model: &Model, kind: Option<ActivityTypeId>) -> ActivityRead {
    let described = kind.and_then(|k| model.activity_types.get(k.0));
    ActivityRead {
        name: described.map_or(String::new(), |k| k.name.clone()),
        from: described.map_or(Vec::new(), |k| k.from.iter().map(|s| s.kind.clone()).collect()),
        target_property: described.and_then(|k| k.target.clone()),
        targets: Vec::new(),
        properties: Vec::new(),
        is_engagement: described.is_none_or(|k| k.is_engagement),
        used_by: Vec::new(),
    }
}

fn add_properties(model: &Model, properties: &BTreeSet<usize>, entry: &mut ActivityRead) {
    for property in properties.iter().filter_map(|&p| model.properties.get(p)) {
        let pair = (property.key.clone(), property.of_type);
        if !entry.properties.contains(&pair) {
            entry.properties.push(pair);
        }
    }
}

fn properties_of(model: &Model, expr: &Expr, out: &mut BTreeSet<usize>) {
    if let ExprKind::Property(id) = &expr.kind {
        out.insert(id.0);
    }
    expr.for_each_child(model, &mut |child| properties_of(model, child, out));
}

/// The properties that `sum`, `latest` and `earliest` ask of each type.
fn functions(model: &Model) -> BTreeMap<Option<usize>, BTreeSet<usize>> {
    let mut out: BTreeMap<Option<usize>, BTreeSet<usize>> = BTreeMap::new();
    model.walk(&mut |_, _, part| {
        part.visit(model, &mut |expr| {
            if let ExprKind::OfRecords(_, activity, Some(property)) = &expr.kind
                && let Some(query) = model.queries.get(activity.query.0)
            {
                out.entry(query.kind.map(|k| k.0)).or_default().insert(property.0);
            }
        });
    });
    out
}

/// Who uses which field and which query, without entering definitions: those are users themselves.
#[derive(Default)]
struct Uses {
    fields: Users,
    queries: Users,
}

/// Users by what they use, each once and in the order of the model.
#[derive(Default)]
struct Users {
    of: BTreeMap<usize, Vec<String>>,
    known: HashSet<(usize, String)>,
}

impl Users {
    fn add(&mut self, id: usize, user: &str) {
        if self.known.insert((id, user.to_owned())) {
            self.of.entry(id).or_default().push(user.to_owned());
        }
    }

    fn get(&self, id: usize) -> Option<&Vec<String>> {
        self.of.get(&id)
    }
}

impl Uses {
    fn of(model: &Model) -> Uses {
        let mut uses = Uses::default();
        model.walk(&mut |owner, _, part| {
            let user = user(model, owner);
            match part {
                Part::Activity(activity) => uses.queries.add(activity.query.0, &user),
                Part::Query(query) => uses.queries.add(query.0, &user),
                Part::Field(field) => uses.fields.add(field.0, &user),
                Part::Expr(_) => {}
            }
            part.visit(model, &mut |expr| match &expr.kind {
                ExprKind::Field(id) => uses.fields.add(id.0, &user),
                ExprKind::Current => model.ladder.from.iter().for_each(|f| uses.fields.add(f.0, &user)),
                ExprKind::Did(a, _) | ExprKind::OfRecords(_, a, _) => uses.queries.add(a.query.0, &user),
                ExprKind::Then(a, b, _) => [a, b].iter().for_each(|a| uses.queries.add(a.query.0, &user)),
                _ => {}
            });
        });
        uses
    }
}

/// What an owner is called in the list of users.
fn user(model: &Model, owner: Owner<'_>) -> String {
    let line = |what: &str, span: Span| {
        format!("{what} in line {}", model.sources.of(span).map_or(0, |s| s.line_of(span.start)))
    };
    let stage = |rank: usize| model.ladder.stages.get(rank).map_or("", String::as_str);
    match owner {
        // What a table is about is a definition without a name; the table is the user.
        Owner::Definition(d) if d.name.is_empty() => line("table", d.span),
        Owner::Definition(d) if d.profile.is_some() => format!("profile {}", d.name),
        Owner::Definition(d) => format!("let {}", d.name),
        Owner::ActivityType(kind) => format!("activity {}", kind.name),
        Owner::Rule(rule) => line("rule", model.line(rule.line).span),
        Owner::Table(table) => line("table", table.span),
        Owner::Fading(fading) => line("fading", model.line(fading.line).span),
        Owner::Limit(limit) => line("bounds", model.line(limit.line).span),
        Owner::ResetIf(reset) => line("reset", model.line(reset.line).span),
        Owner::ResetAt(reset) => line("reset", model.line(reset.line).span),
        Owner::Formula => "score =".to_owned(),
        Owner::Ladder => "stages".to_owned(),
        Owner::Log => "activity log".to_owned(),
        Owner::StageLine(l) => format!("stage {}", stage(l.stage)),
        Owner::Gate(l) => format!("gate of {}", stage(l.stage)),
        Owner::Disqualify(_) => "disqualify".to_owned(),
        Owner::Exclude(_) => "exclude".to_owned(),
        Owner::Review(_) => "review".to_owned(),
        Owner::Label(label) => format!("label {}", label.name),
        Owner::Test(test) => line("test", test.span),
    }
}
