//! The checker's state, and what each name stands for.
//!
//! Owns the table of names: fields, lets, profiles, scores, labels, stages. One name is one thing.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::definitions::Draft;
use super::expressions::Place;
use super::gather::{Files, Gathered};
use super::symbols::{Referent, Uses};
use super::templates::TextSize;
use super::types::{TypeVar, Types};
use crate::diagnostic::Diagnostic;
use crate::messages::{lints as say_lints, names as say, types as say_types};
use crate::model::{
    self, ActivityTypeId, Branch, FieldId, GroupId, LabelId, Line, LineId, LineKind, LookupId, Model, PropertyId,
    Query, QueryId,
};
use crate::number::NumberStyle;
use crate::source::{FileId, Span};
use crate::suggest::nearest;
use crate::syntax::ast::{self, ItemKind};
use crate::text::{fold, name_key, path_key};
use crate::time::{DateShape, Zone};
use crate::value::{CellFormat, Type, Value};

/// What a name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    Field(FieldId),
    /// A `let` or profile, by its place among the drafts.
    Draft(usize),
    Group(GroupId),
    Label(LabelId),
    /// Its definition failed; nothing is said of its users.
    Broken,
}

#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub meaning: Meaning,
    pub name: String,
    pub span: Span,
    /// Whether it was defined in backticks, and so is meant in backticks too.
    pub is_quoted: bool,
}

/// A list that a `let` names.
#[derive(Debug, Clone)]
pub(super) struct ListValue {
    pub items: Arc<[Value]>,
    pub of_type: Option<Type>,
}

pub(super) struct Checker<'a> {
    pub gathered: &'a Gathered,
    pub files: &'a dyn Files,
    pub diagnostics: Vec<Diagnostic>,
    pub types: Types,
    pub model: Model,
    pub names: HashMap<String, Entry>,
    /// The places of the stages on the ladder, by their names, folded.
    pub ranks: HashMap<String, usize>,
    /// Names that nothing defines, by their keys: where each is first read as a column.
    pub bare: std::collections::BTreeMap<String, (ast::Name, super::expressions::Place)>,
    /// Whether a column says where a lead stands today; which one is looked up when all fields are known.
    pub has_current: bool,
    /// Lets and profiles, in the order of the file.
    pub drafts: Vec<Draft<'a>>,
    pub field_types: Vec<TypeVar>,
    pub fields_by_key: HashMap<String, FieldId>,
    pub property_types: Vec<TypeVar>,
    properties_by_key: HashMap<(Option<ActivityTypeId>, String), PropertyId>,
    types_by_name: HashMap<String, ActivityTypeId>,
    queries_by_key: HashMap<String, QueryId>,
    pub tables_read: HashMap<(FileId, String), Option<LookupId>>,
    /// What the lists and tables read hold; the flag says that Merit brings them.
    pub digests: BTreeMap<(bool, String), super::files::Digest>,
    /// Comparisons whose two sides must have an order, to be looked at when all types are known.
    pub ordered: Vec<(TypeVar, Span)>,
    /// `contains` and `length`: text or list.
    pub text_or_list: Vec<(TypeVar, Span)>,
    /// The group whose lines are being built.
    pub group: Option<GroupId>,
    pub rule_count: usize,
    /// What names have been used for.
    pub uses: Uses,
    /// The activities in each definition of the model, all written out; at most a few, as more than one is all that matters.
    pub definition_activities: Vec<Vec<model::Activity>>,
    /// The filters of activity declarations, still to be built: of which type, which of its sources.
    pub filters: Vec<(ActivityTypeId, usize, &'a ast::Expr)>,
    /// The type of each definition of the model.
    pub definition_types: Vec<TypeVar>,
    /// How deep each definition of the model is, all written out.
    pub depths: Vec<usize>,
    /// Of each label, whether it hangs on the stage, itself or through others.
    pub label_asks_for_stage: Vec<bool>,
    /// By label, how much it may be when it is written out.
    pub label_sizes: Vec<TextSize>,
    /// What the expression that is being built asks for beyond the lead.
    pub needs: Needs,
}

/// What an expression asks for beyond the lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Needs {
    /// A score, and where.
    pub score: Option<Span>,
    /// The whole score, and where.
    pub whole: Option<Span>,
    /// The stage, and where.
    pub stage: Option<Span>,
    /// The lowest label of all that are asked for, and where.
    pub label: Option<(usize, Span)>,
    /// What only tests may ask for.
    pub test: Option<Span>,
    /// Whether it uses a definition that failed.
    pub is_broken: bool,
}

impl Needs {
    pub fn merge(&mut self, other: Needs) {
        self.score = self.score.or(other.score);
        self.whole = self.whole.or(other.whole);
        self.stage = self.stage.or(other.stage);
        self.test = self.test.or(other.test);
        self.is_broken |= other.is_broken;
        self.label = match (self.label, other.label) {
            (Some(a), Some(b)) => Some(if b.0 > a.0 { b } else { a }),
            (a, b) => a.or(b),
        };
    }

    /// The same, seen from the place that uses it.
    pub fn at(self, span: Span) -> Needs {
        Needs {
            score: self.score.map(|_| span),
            whole: self.whole.map(|_| span),
            stage: self.stage.map(|_| span),
            label: self.label.map(|(l, _)| (l, span)),
            test: self.test.map(|_| span),
            is_broken: self.is_broken,
        }
    }
}

impl<'a> Checker<'a> {
    pub fn new(gathered: &'a Gathered, files: &'a dyn Files) -> Checker<'a> {
        Checker {
            gathered,
            files,
            diagnostics: Vec::new(),
            types: Types::default(),
            model: empty_model(),
            names: HashMap::new(),
            ranks: HashMap::new(),
            bare: std::collections::BTreeMap::new(),
            has_current: false,
            drafts: Vec::new(),
            field_types: Vec::new(),
            fields_by_key: HashMap::new(),
            property_types: Vec::new(),
            properties_by_key: HashMap::new(),
            types_by_name: HashMap::new(),
            queries_by_key: HashMap::new(),
            tables_read: HashMap::new(),
            digests: BTreeMap::new(),
            ordered: Vec::new(),
            text_or_list: Vec::new(),
            group: None,
            rule_count: 0,
            uses: Uses::new(),
            definition_activities: Vec::new(),
            filters: Vec::new(),
            definition_types: Vec::new(),
            depths: Vec::new(),
            label_asks_for_stage: Vec::new(),
            label_sizes: Vec::new(),
            needs: Needs::default(),
        }
    }

    pub fn say(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// Names everything that has a name, so that the order of the file does not matter.
    pub fn declare(&mut self) {
        let gathered = self.gathered;
        self.declare_ladder();
        for item in &gathered.items {
            match &item.kind {
                ItemKind::Field(field) => self.declare_field(field),
                ItemKind::Let(line) => {
                    let meaning = Meaning::Draft(self.drafts.len());
                    if self.declare_name(&line.name, meaning, "let") {
                        self.drafts.push(Draft::of_let(line));
                    }
                }
                ItemKind::Profile(profile) => {
                    let meaning = Meaning::Draft(self.drafts.len());
                    if self.declare_name(&profile.name, meaning, "profile") {
                        self.drafts.push(Draft::of_profile(profile));
                    }
                }
                ItemKind::Score(score) => {
                    let id = GroupId(self.model.groups.len());
                    if self.declare_name(&score.name, Meaning::Group(id), "score") {
                        self.model.groups.push(model::Group {
                            name: score.name.text.clone(),
                            title: score.title.as_ref().map(|t| t.text.clone()),
                            bounds: model::Bounds::default(),
                            items: Vec::new(),
                            fading: None,
                            limits: Vec::new(),
                            resets: Vec::new(),
                            reset_at: Vec::new(),
                            bounds_line: None,
                            span: score.name.span,
                        });
                    }
                }
                ItemKind::Label(label) => {
                    let id = LabelId(self.model.labels.len());
                    if self.declare_name(&label.name, Meaning::Label(id), "label") {
                        self.model.labels.push(model::Label {
                            name: label.name.text.clone(),
                            title: label.title.as_ref().map(|t| t.text.clone()),
                            lines: Vec::new(),
                            asks_for_stage: false,
                            span: label.name.span,
                        });
                    }
                }
                ItemKind::Broken(Some(name)) => {
                    let key = name_key(&name.text);
                    let entry = Entry {
                        meaning: Meaning::Broken,
                        name: name.text.clone(),
                        span: name.span,
                        is_quoted: name.quoted,
                    };
                    self.names.entry(key).or_insert(entry);
                }
                _ => {}
            }
        }
        for item in &gathered.items {
            match &item.kind {
                ItemKind::Activity(activity) => self.declare_activity(activity),
                ItemKind::NotEngagement(names) => {
                    for name in names {
                        let id = self.activity_type(&name.text);
                        self.uses.add(name.span, Referent::ActivityType(id));
                        self.model.activity_types[id.0].is_engagement = false;
                    }
                }
                ItemKind::Treat(treat) if treat.fields.is_empty() => {
                    self.model.missing_words.extend(treat.words.iter().map(|w| fold(&w.text).into_owned()))
                }
                _ => {}
            }
        }
    }

    /// Gives a name its meaning; false where it has another already, which is told.
    fn declare_name(&mut self, name: &ast::Name, meaning: Meaning, what: &str) -> bool {
        let key = name_key(&name.text);
        let special = ["score", "stage", "disqualified", "excluded"];
        if !name.quoted && (special.contains(&&*key) || key == "current" && self.has_current) {
            self.say(say::name_has_meaning(name.span, &name.text));
            // Whoever asks for it may mean either, so nothing more is said of it.
            self.names.insert(
                key,
                Entry { meaning: Meaning::Broken, name: name.text.clone(), span: name.span, is_quoted: false },
            );
            return false;
        }
        if let Some(entry) = self.names.get(&key) {
            // What the model defines hides what a library does, and so does a library that is used before another.
            if entry.meaning != Meaning::Broken && !self.gathered.is_library(name.span) {
                let (first, written) = (entry.span, entry.name.clone());
                self.say(say::defined_twice(name.span, first, &written, what));
            }
            return false;
        }
        self.names.insert(key, Entry { meaning, name: name.text.clone(), span: name.span, is_quoted: name.quoted });
        true
    }

    fn declare_field(&mut self, field: &ast::Field) {
        let key = name_key(&field.name.text);
        if let Some(Meaning::Field(id)) = self.names.get(&key).map(|entry| entry.meaning)
            && self.gathered.is_library(field.name.span)
        {
            self.join_field(id, field);
            return;
        }
        if !self.declare_name(&field.name, Meaning::Field(FieldId(self.model.fields.len())), "field") {
            return;
        }
        let id = self.new_field(&field.name, true);
        let declared = field.of_type.as_ref().and_then(|name| {
            let of_type = Type::by_name(&name.text);
            if of_type.is_none() {
                self.say(say::unknown_type(name.span, &name.text));
            }
            of_type.map(|t| (t, name.span))
        });
        if let Some((of_type, span)) = declared {
            let var = self.types.known(of_type, span);
            let _ = self.types.unify(self.field_types[id.0], var);
        } else if field.of_type.is_some() {
            self.field_types[id.0] = self.types.poisoned();
        }
        self.model.fields[id.0].keys.extend(field.from.iter().map(|t| name_key(&t.text)));
        let format = self.cell_format(&field.formats, declared.map(|(of_type, _)| of_type));
        self.model.fields[id.0].format = format;
    }

    /// A library's field that the model has too, or a library before it: it has the columns of both, and the type and the shapes of
    /// the first that says any.
    fn join_field(&mut self, id: FieldId, field: &ast::Field) {
        for key in field.from.iter().map(|t| name_key(&t.text)) {
            if !self.model.fields[id.0].keys.contains(&key) {
                self.model.fields[id.0].keys.push(key);
            }
        }
        let Some((of_type, span)) = field.of_type.as_ref().and_then(|n| Some((Type::by_name(&n.text)?, n.span))) else {
            return;
        };
        let own = self.field_types[id.0];
        if self.types.type_of(own).is_none() {
            let var = self.types.known(of_type, span);
            let _ = self.types.unify(own, var);
        }
        if self.types.type_of(own) == Some(of_type) && self.model.fields[id.0].format == self.usual_format() {
            self.model.fields[id.0].format = self.cell_format(&field.formats, Some(of_type));
        }
    }

    /// How cells are written where nothing is declared.
    pub(super) fn usual_format(&self) -> CellFormat {
        CellFormat { zone: self.model.zone.clone(), ..CellFormat::default() }
    }

    /// How the cells of a field of this type are written.
    pub(super) fn cell_format(&mut self, formats: &[ast::Text], of_type: Option<Type>) -> CellFormat {
        let mut format = self.usual_format();
        for (i, text) in formats.iter().enumerate() {
            match of_type {
                Some(Type::Date) => format.dates.extend(self.date_shape(text)),
                Some(Type::Number | Type::List) if i > 0 => self.say(say_types::one_format(text.span)),
                Some(Type::Number) => match NumberStyle::of(&text.text) {
                    Some(style) => format.numbers = Some(style),
                    None => self.say(say_types::no_number_style(text.span, &text.text)),
                },
                Some(Type::List) if text.text.is_empty() => self.say(say_types::no_separator(text.span)),
                Some(Type::List) => format.separator = Some(text.text.clone()),
                _ => self.say(say_types::no_format(text.span, &text.text)),
            }
        }
        format
    }

    /// A shape of dates; none where it is none, which is told.
    pub(super) fn date_shape(&mut self, text: &ast::Text) -> Option<DateShape> {
        DateShape::parse(&text.text).map_err(|why| self.say(say_types::no_date_shape(text.span, &text.text, why))).ok()
    }

    /// What counts as missing in each field: what does everywhere, and what does in this one alone.
    pub(super) fn treat_fields(&mut self) {
        let (leads, log) = (self.model.leads.clone(), &self.model.log);
        for field in &mut self.model.fields {
            field.missing_words.clone_from(&self.model.missing_words);
            field.missing_words.extend(leads.missing_words.iter().cloned());
            // What a field itself declares wins.
            field.format.numbers = field.format.numbers.or(leads.cells.numbers);
            if field.format.dates.is_empty() {
                field.format.dates.clone_from(&leads.cells.dates);
            }
        }
        for property in &mut self.model.properties {
            property.format.clone_from(&log.cells);
        }
        let mut in_vain = Vec::new();
        for item in &self.gathered.items {
            let ItemKind::Treat(treat) = &item.kind else { continue };
            for name in &treat.fields {
                if let Some(&id) = self.fields_by_key.get(&field_key(name)) {
                    self.uses.add(name.span, Referent::Field(id));
                    let words = treat.words.iter().map(|w| fold(&w.text).into_owned());
                    self.model.fields[id.0].missing_words.extend(words);
                } else if name.span.file.0 == 0 {
                    // A file that is used by others treats for them.
                    let near = nearest(&name.text, self.model.fields.iter().map(|f| f.name.as_str()));
                    in_vain.push(say_lints::unread_column(name.span, &name.text, near));
                }
            }
        }
        in_vain.into_iter().for_each(|d| self.say(d));
    }

    fn new_field(&mut self, name: &ast::Name, is_declared: bool) -> FieldId {
        let id = FieldId(self.model.fields.len());
        let key = field_key(name);
        let mut keys = vec![key.clone()];
        if key.contains('.') {
            keys.push(key.replace('.', "_"));
        }
        self.model.fields.push(model::Field {
            name: name.text.clone(),
            keys,
            of_type: Type::Text,
            format: self.usual_format(),
            missing_words: Vec::new(),
            span: name.span,
            is_declared,
            is_of_library: false,
        });
        let var = self.types.unknown();
        self.field_types.push(var);
        self.fields_by_key.insert(key, id);
        id
    }

    /// The field of a name that nothing else has.
    pub fn field(&mut self, name: &ast::Name) -> FieldId {
        let id = match self.fields_by_key.get(&field_key(name)) {
            Some(&id) => id,
            None => self.new_field(name, false),
        };
        self.uses.add(name.span, Referent::Field(id));
        id
    }

    /// What a name would stand for, if it is defined; see [`Self::meaning`], which counts as a use.
    pub fn look_up(&self, name: &ast::Name) -> Option<Meaning> {
        let entry = self.names.get(&field_key(name))?;
        let is_field = matches!(entry.meaning, Meaning::Field(_) | Meaning::Broken);
        (is_field || !name.quoted || entry.is_quoted).then_some(entry.meaning)
    }

    /// What a name stands for, if it is defined. A name in backticks is a column, unless it was defined in backticks.
    pub fn meaning(&self, name: &ast::Name) -> Option<Meaning> {
        let meaning = self.look_up(name)?;
        Referent::of(meaning).iter().for_each(|referent| self.uses.add(name.span, *referent));
        Some(meaning)
    }

    /// The defined name that is nearest to one that is not, of those with a wanted meaning.
    pub fn nearest_name(&self, typed: &str, wanted: impl Fn(Meaning) -> bool) -> Option<String> {
        let mut names: Vec<&str> = self.names.values().filter(|e| wanted(e.meaning)).map(|e| e.name.as_str()).collect();
        names.sort_unstable();
        nearest(typed, names).map(str::to_owned)
    }

    /// The activity type of a name that is declared or used.
    pub fn known_activity_type(&self, name: &str) -> Option<ActivityTypeId> {
        self.types_by_name.get(&*fold(name)).copied()
    }

    /// The activity type of a name, declared or not.
    pub fn activity_type(&mut self, name: &str) -> ActivityTypeId {
        let folded = fold(name).into_owned();
        if let Some(&id) = self.types_by_name.get(&folded) {
            return id;
        }
        let id = ActivityTypeId(self.model.activity_types.len());
        self.model.activity_types.push(model::ActivityType {
            name: name.to_owned(),
            folded: folded.clone(),
            from: Vec::new(),
            target: None,
            is_engagement: true,
        });
        self.types_by_name.insert(folded, id);
        id
    }

    fn declare_activity(&mut self, activity: &'a ast::Activity) {
        let target = activity.target.as_ref().map(|n| name_key(&n.text));
        if let (Some(_), [], Some(name)) = (&activity.filter, activity.from.as_slice(), activity.names.first()) {
            self.say(say::activity_filter_without_from(name.span));
        }
        if activity.names.len() > 1 && !activity.from.is_empty() {
            let span = activity.names[1].span;
            self.say(say::one_activity_name(span));
        }
        for name in &activity.names {
            if matches!(&*name.text.to_ascii_lowercase(), "activity" | "active" | "inactive") {
                self.say(say::name_has_meaning(name.span, &name.text));
                continue;
            }
            let id = self.activity_type(&name.text);
            if activity.from.is_empty() {
                self.model.activity_types[id.0].target = target.clone();
                continue;
            }
            // The property that holds the target is the name's own too.
            if let Some(target) = &target {
                self.model.activity_types[id.0].target.get_or_insert_with(|| target.clone());
            }
            for kind in &activity.from {
                let from = &mut self.model.activity_types[id.0].from;
                from.push(model::ActivitySource {
                    kind: fold(&kind.text).into_owned(),
                    filter: None,
                    target: target.clone(),
                });
                // Filters may use lists, which are not known yet.
                self.filters.extend(activity.filter.as_ref().map(|f| (id, from.len() - 1, f)));
            }
        }
    }

    /// A property of the activities of a type; of any activity where there is none.
    pub fn property(&mut self, kind: Option<ActivityTypeId>, name: &ast::Name) -> PropertyId {
        let id = self.property_called(kind, &name.text);
        self.uses.add(name.span, Referent::Property(id));
        id
    }

    fn property_called(&mut self, kind: Option<ActivityTypeId>, name: &str) -> PropertyId {
        let key = name_key(name);
        if let Some(&id) = self.properties_by_key.get(&(kind, key.clone())) {
            return id;
        }
        let id = PropertyId(self.model.properties.len());
        self.model.properties.push(model::Property {
            name: name.to_owned(),
            key: key.clone(),
            of_type: Type::Text,
            format: self.usual_format(),
        });
        let var = self.types.unknown();
        self.property_types.push(var);
        self.properties_by_key.insert((kind, key), id);
        id
    }

    /// The date of a record, as the property that it is.
    pub fn record_date(&mut self, kind: Option<ActivityTypeId>, span: Span) -> PropertyId {
        let id = self.property_called(kind, "at");
        let date = self.types.known(Type::Date, span);
        let _ = self.types.unify(self.property_types[id.0], date);
        id
    }

    /// The same query for the same question.
    pub fn query(&mut self, query: Query) -> QueryId {
        let key = format!(
            "{:?} {:?} {:?}",
            query.kind,
            query.targets,
            query.filter.as_ref().map(|f| format!("{:?}", f.kind))
        );
        if let Some(&id) = self.queries_by_key.get(&key) {
            return id;
        }
        let id = QueryId(self.model.queries.len());
        self.model.queries.push(query);
        self.queries_by_key.insert(key, id);
        id
    }

    /// One more line that can take effect.
    pub fn line(&mut self, kind: LineKind, span: Span, subject: Span) -> LineId {
        let id = LineId(self.model.lines.len());
        let group = self.group;
        self.model.lines.push(Line { kind, group, span, subject, called: None, because: None, because_not: None });
        id
    }

    /// One more line that can take effect, with what stands for it in results.
    pub fn line_about(&mut self, kind: LineKind, span: Span, subject: &ast::Expr) -> LineId {
        let id = self.line(kind, span, subject.span);
        if let Some(line) = self.model.lines.get_mut(id.0) {
            line.called = subject.leading_activity();
        }
        id
    }

    /// Says why a line takes effect.
    pub fn because(&mut self, line: LineId, branch: Branch, text: Option<&'a ast::Text>) {
        let because = text.map(|text| self.template(text, Place::Review));
        if let Some(line) = self.model.lines.get_mut(line.0) {
            match branch {
                Branch::Then => line.because = because,
                Branch::IfNot => line.because_not = because,
            }
        }
    }

    /// The model and all messages. Types that nothing tells are text.
    pub fn finish(mut self) -> (Model, Vec<Diagnostic>) {
        self.bare_words();
        for (var, span) in std::mem::take(&mut self.text_or_list) {
            match self.types.told(var) {
                Some((Type::Text | Type::List, _)) => {}
                Some((other, at)) if !self.types.is_poisoned(var) => {
                    self.say(say_types::conflict((other, at), (Type::Text, span), "text or a list"));
                }
                Some(_) => {}
                None => {
                    let text = self.types.known(Type::Text, span);
                    let _ = self.types.unify(var, text);
                }
            }
        }
        for (var, span) in std::mem::take(&mut self.ordered) {
            match self.types.told(var) {
                Some((Type::Number | Type::Date | Type::Stage, _)) => {}
                Some((other, at)) if !self.types.is_poisoned(var) => self.say(say_types::no_order(span, at, other)),
                Some(_) => {}
                None => {
                    let number = self.types.known(Type::Number, span);
                    let _ = self.types.unify(var, number);
                }
            }
        }
        for (i, &var) in self.field_types.iter().enumerate() {
            self.model.fields[i].of_type = self.types.type_of(var).unwrap_or(Type::Text);
        }
        for (i, &var) in self.property_types.iter().enumerate() {
            self.model.properties[i].of_type = self.types.type_of(var).unwrap_or(Type::Text);
        }
        for (i, &var) in self.definition_types.iter().enumerate() {
            self.model.definitions[i].of_type = self.types.type_of(var).unwrap_or(Type::Text);
        }
        (self.model, self.diagnostics)
    }
}

/// The key of a name: of a path, or of a column as it is written.
pub(super) fn field_key(name: &ast::Name) -> String {
    if name.quoted { name_key(&name.text) } else { path_key(&name.text) }
}

fn empty_model() -> Model {
    Model {
        info: model::Info::default(),
        hash: String::new(),
        sources: crate::source::Sources::default(),
        zone: Zone::UTC,
        leads: model::DataFormat::default(),
        log: model::DataFormat::default(),
        files: std::collections::BTreeSet::new(),
        fields: Vec::new(),
        missing_words: Vec::new(),
        activity_types: Vec::new(),
        queries: Vec::new(),
        properties: Vec::new(),
        definitions: Vec::new(),
        tables: Vec::new(),
        groups: Vec::new(),
        loose: Vec::new(),
        formula: None,
        bounds: model::Bounds::default(),
        bounds_line: None,
        fading: None,
        limits: Vec::new(),
        ladder: model::Ladder {
            stages: Vec::new(),
            spellings: std::collections::BTreeMap::new(),
            from: None,
            never_lower: false,
        },
        stage_lines: Vec::new(),
        gates: Vec::new(),
        disqualify: Vec::new(),
        exclude: Vec::new(),
        reviews: Vec::new(),
        labels: Vec::new(),
        lines: Vec::new(),
        tests: Vec::new(),
    }
}
