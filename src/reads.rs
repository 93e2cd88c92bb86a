//! What a model reads: fields with their users, activity with targets and properties.
//!
//! Owns the list that is handed to whoever exports the data. Prints nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Serialize;

use crate::model::{ActivityTypeId, Expr, ExprKind, Model, Scoring, TargetPattern};
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
        let width = self.fields.iter().map(|field| field.name.chars().count()).max().unwrap_or(0);
        for field in &self.fields {
            writeln!(f, "  {:width$}  {:6}  {}", field.name, field.of_type.to_string(), users(&field.used_by))?;
            if !field.other_names.is_empty() {
                writeln!(f, "  {:width$}          also from {}", "", field.other_names.join(", "))?;
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
        writeln!(f, "  {name}: {}", users(&self.used_by))?;
        if !self.from.is_empty() {
            writeln!(f, "    also from {}", self.from.join(", "))?;
        }
        if !self.targets.is_empty() {
            let of = self.target_property.as_deref().map_or(String::new(), |p| format!(" (in {p}, where a record has it)"));
            writeln!(f, "    targets {}{of}", self.targets.join(", "))?;
        }
        for (property, of_type) in &self.properties {
            writeln!(f, "    property {property} ({of_type})")?;
        }
        if !self.is_engagement {
            writeln!(f, "    is no engagement")?;
        }
        Ok(())
    }
}

fn users(by: &[String]) -> String {
    if by.is_empty() { "not used".to_owned() } else { by.join(", ") }
}

fn names_and_types<S: serde::Serializer>(properties: &[(String, crate::value::Type)], to: S) -> Result<S::Ok, S::Error> {
    to.collect_seq(properties.iter().map(|(name, of_type)| serde_json::json!({"name": name, "type": of_type})))
}

/// What a model reads.
#[must_use]
pub fn reads(model: &Model) -> Reads {
    let mut uses = Uses { model, fields: BTreeMap::new(), queries: BTreeMap::new() };
    uses.all();
    let fields = model.fields.iter().enumerate().map(|(i, field)| FieldRead {
        name: field.name.clone(),
        of_type: field.of_type,
        other_names: field.keys.iter().skip(1).cloned().collect(),
        used_by: uses.fields.get(&i).cloned().unwrap_or_default(),
    });
    Reads { fields: fields.collect(), activity: activity(model, &uses) }
}

fn activity(model: &Model, uses: &Uses<'_>) -> Vec<ActivityRead> {
    let mut out: BTreeMap<Option<usize>, ActivityRead> = BTreeMap::new();
    for (q, query) in model.queries.iter().enumerate() {
        let Some(users) = uses.queries.get(&q) else { continue };
        let entry = out.entry(query.kind.map(|k| k.0)).or_insert_with(|| named(model, query.kind));
        for pattern in &query.targets {
            let (TargetPattern::Exact(text) | TargetPattern::Wildcard(text) | TargetPattern::Page(text)) = pattern;
            if !entry.targets.contains(text) {
                entry.targets.push(text.clone());
            }
        }
        for user in users {
            if !entry.used_by.contains(user) {
                entry.used_by.push(user.clone());
            }
        }
        let mut properties = BTreeSet::new();
        if let Some(filter) = &query.filter {
            properties_of(model, filter, &mut properties);
        }
        add_properties(model, &properties, entry);
    }
    for (kind, entry) in &mut out {
        let mut properties = BTreeSet::new();
        if let Some(kind) = kind.and_then(|k| model.activity_types.get(k)) {
            kind.from.iter().filter_map(|s| s.filter.as_ref()).for_each(|f| properties_of(model, f, &mut properties));
        }
        for condition in model.conditions() {
            of_functions(model, condition, *kind, &mut properties);
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

/// The properties that `sum`, `latest` and `earliest` ask of a type.
fn of_functions(model: &Model, expr: &Expr, kind: Option<usize>, out: &mut BTreeSet<usize>) {
    if let ExprKind::SumOf(activity, property) | ExprKind::Latest(activity, property) | ExprKind::Earliest(activity, property) = &expr.kind
        && model.queries.get(activity.query.0).is_some_and(|q| q.kind.map(|k| k.0) == kind)
    {
        out.insert(property.0);
    }
    expr.for_each_child(model, &mut |child| of_functions(model, child, kind, out));
}

/// Who uses which field and which query, without entering definitions: those are users themselves.
struct Uses<'m> {
    model: &'m Model,
    fields: BTreeMap<usize, Vec<String>>,
    queries: BTreeMap<usize, Vec<String>>,
}

impl Uses<'_> {
    fn all(&mut self) {
        let model = self.model;
        for definition in &model.definitions {
            let what = if definition.profile.is_some() { "profile" } else { "let" };
            // What a table is about is a definition without a name; the table is the user.
            let user = if definition.name.is_empty() { self.line("table", definition.span) } else { format!("{what} {}", definition.name) };
            self.see(&definition.value, &user);
        }
        for item in &model.loose {
            self.scoring(item);
        }
        for group in &model.groups {
            for item in &group.items {
                self.scoring(item);
            }
            for reset in &group.resets {
                self.see(&reset.condition, &self.line("reset", reset.span));
            }
            for reset in &group.reset_at {
                let user = self.line("reset", reset.span);
                self.query(reset.activity.query.0, &user);
            }
        }
        if let Some(formula) = &model.formula {
            self.see(formula, "score =");
        }
        for line in &model.stage_lines {
            let stage = model.ladder.stages.get(line.stage).cloned().unwrap_or_default();
            self.see(&line.condition, &format!("stage {stage}"));
        }
        for line in &model.gates {
            let stage = model.ladder.stages.get(line.stage).cloned().unwrap_or_default();
            self.see(&line.condition, &format!("gate of {stage}"));
        }
        for (what, verdicts) in [("disqualify", &model.disqualify), ("exclude", &model.exclude), ("review", &model.reviews)] {
            for verdict in verdicts {
                self.see(&verdict.condition, what);
            }
        }
        for label in &model.labels {
            for (text, condition, _) in &label.lines {
                let user = format!("label {}", label.name);
                for part in &text.parts {
                    if let crate::model::TemplatePart::Value(value) = part {
                        self.see(value, &user);
                    }
                }
                if let Some(condition) = condition {
                    self.see(condition, &user);
                }
            }
        }
        if let Some(field) = model.ladder.from {
            self.fields.entry(field.0).or_default().push("stages".to_owned());
        }
    }

    fn line(&self, what: &str, span: Span) -> String {
        format!("{what} in line {}", self.model.sources.of(span).map_or(0, |s| s.line_of(span.start)))
    }

    fn scoring(&mut self, item: &Scoring) {
        match item {
            Scoring::Rule(rule) => {
                let user = self.line("rule", rule.span);
                rule.when.iter().for_each(|c| self.see(c, &user));
                self.see(&rule.amount.value, &user);
                use crate::model::Counting as C;
                match &rule.counting {
                    C::Each { activity, .. } | C::Distinct(activity) | C::SinceActivity(_, activity) | C::Once(Some(activity)) => {
                        let did = Expr { kind: ExprKind::Did(activity.clone(), None), span: activity.span };
                        self.see(&did, &user);
                    }
                    C::SinceDate(_, date) => self.see(date, &user),
                    C::Silence(_, query) => self.query(query.0, &user),
                    C::Once(None) => {}
                }
            }
            Scoring::Table(table) => {
                let user = self.line("table", table.span);
                self.see(&table.by, &user);
            }
            Scoring::Choice { items, .. } => items.iter().for_each(|i| self.scoring(i)),
        }
    }

    fn query(&mut self, query: usize, user: &str) {
        let users = self.queries.entry(query).or_default();
        if !users.iter().any(|u| u == user) {
            users.push(user.to_owned());
        }
    }

    fn see(&mut self, expr: &Expr, user: &str) {
        match &expr.kind {
            ExprKind::Field(id) => {
                let users = self.fields.entry(id.0).or_default();
                if !users.iter().any(|u| u == user) {
                    users.push(user.to_owned());
                }
            }
            ExprKind::Did(a, _) | ExprKind::CountOf(a) | ExprKind::DaysSince(a) | ExprKind::SumOf(a, _) | ExprKind::Latest(a, _) | ExprKind::Earliest(a, _) => {
                self.query(a.query.0, user);
            }
            ExprKind::Then(a, b, _) => {
                self.query(a.query.0, user);
                self.query(b.query.0, user);
            }
            _ => {}
        }
        let model = self.model;
        let mut children: Vec<Expr> = Vec::new();
        expr.for_each_child(model, &mut |child| children.push(child.clone()));
        children.iter().for_each(|child| self.see(child, user));
    }
}
