//! Whose a record is, and which rows are left out, as `data::leads` and `data::lead_activity` have it.

use super::dialect::Dialect;
use super::expr::{Binary, Function, Kind, Piece, Sql};
use super::fields::FieldColumns;
use super::layers::Layers;
use super::lower::{Lower, Lowered, Seen, refused};
use super::schema::is_text;
use super::second::surely;
use crate::model::{Field, RowTest};
use crate::plan::Deps;
use crate::source::Span;
use crate::text::name_key;

/// What one of a lead's other ids is called.
pub(super) const OTHER: &str = "other_id";

/// What the records of a lead are found by.
pub(super) struct Keys {
    /// Its keys, any of which may be NULL, as columns of the leads.
    pub single: Vec<Sql>,
    /// Lists of other ids, likewise.
    pub lists: Vec<Sql>,
    /// Whether an other id is a text that several leads may share.
    pub are_shared: bool,
}

impl Keys {
    /// The first, as a column in a dialect.
    pub fn first(&self, dialect: Dialect) -> String {
        self.single.first().map_or(String::new(), |key| dialect.print(key))
    }

    /// Whether a lead may have more than one.
    pub fn are_several(&self) -> bool {
        self.single.len() > 1 || !self.lists.is_empty()
    }
}

impl<'m> Lower<'m> {
    /// What the records of a lead are found by: its id, or what the model names instead, and its other ids.
    pub fn keys_of_lead(&mut self, id: &Sql) -> Lowered<Keys> {
        let (model, schema, dialect) = (self.model, self.schema, self.dialect);
        // A library names columns that only some tables have.
        let is_library = model.sources.use_a_library();
        let is_there = |name: &str| !is_library || schema.has(&schema.lead_columns, name);
        let mut single: Vec<Sql> = Vec::new();
        let mut add = |key: Sql| {
            if !single.contains(&key) {
                single.push(key);
            }
        };
        let fields: Vec<&Field> = model.log.lead.iter().filter_map(|owner| model.fields.get(owner.field?.0)).collect();
        let by_id = fields.is_empty() || model.log.lead.iter().any(|owner| owner.field.is_none());
        for field in fields {
            let column = schema.column_of(&field.name, &field.keys);
            if is_there(&column) {
                let cell = self.lead_column(&column, Kind::Text);
                let cell = self.without_words(as_text(cell), &model.leads.missing_words, Seen::LEAD);
                add(self.key_of(cell, true, Seen::LEAD));
            }
        }
        if by_id {
            let id = self.without_words(as_text(id.clone()), &model.leads.missing_words, Seen::LEAD);
            add(self.key_of(id, false, Seen::LEAD));
        }
        let mut lists = Vec::new();
        for name in model.leads.other_ids.iter().filter(|name| is_there(name)) {
            let column = schema.column_of(name, &[name_key(name)]);
            let has_text = schema.lead_columns.iter().any(|(c, of_type)| *c == column && is_text(of_type));
            if has_text && dialect != Dialect::Sqlite {
                let what = format!("other ids in a column of texts: make `{column}` an array in a view of your own");
                return refused(Span::default(), what);
            }
            lists.push(self.lead_column(&column, Kind::Text));
        }
        Ok(Keys { single, lists, are_shared: !by_id })
    }

    /// The key of an entry of a list of other ids.
    pub fn key_of_entry(&mut self, is_shared: bool) -> Sql {
        let entry =
            self.without_words(as_text(Layers::base(OTHER, Kind::Text)), &self.model.leads.missing_words, Seen::RECORD);
        self.key_of(entry, is_shared, Seen::RECORD)
    }

    /// What a record says of whose it is.
    pub fn key_of_record(&mut self) -> Sql {
        let model = self.model;
        let named: Vec<String> = model.log.lead.iter().flat_map(|owner| owner.columns.iter().cloned()).collect();
        let columns = self.schema.events("lead_id", &named);
        // The first column that is there says by what all of them name leads.
        let is_first = |c: &String| columns.first().is_some_and(|first| name_key(first) == name_key(c));
        let is_shared = model.log.lead.iter().any(|owner| owner.field.is_some() && owner.columns.iter().any(is_first));
        let mut keys = Vec::with_capacity(columns.len());
        for column in &columns {
            let cell = self.event_column(column, Kind::Text);
            let cell = self.without_words(as_text(cell), &model.log.missing_words, Seen::RECORD);
            keys.push(self.key_of(cell, is_shared, Seen::RECORD));
        }
        self.keep(first_known(keys), Seen::RECORD)
    }

    /// By what copies of records come in order: one without a type is no record, of the others the oldest counts.
    pub fn order_of_copies(&mut self) -> Vec<Sql> {
        let model = self.model;
        let mut has_none = Vec::new();
        for column in self.schema.events("type", &model.log.kind) {
            let cell = self.event_column(&column, Kind::Text);
            let cell = self.without_words(cell, &model.log.missing_words, Seen::RECORD);
            let is_blank = Sql::call(Function::Trim, [cell.clone()]).equals(Sql::text(""));
            has_none.push(Sql::any([cell.null(), is_blank]));
        }
        let has_none = self.keep(Sql::all(has_none).when(Sql::Whole(1), Sql::Whole(0)), Seen::RECORD);
        let at = self.schema.events("at", &model.log.at);
        let at: Vec<Sql> = at.iter().map(|column| self.event_column(column, Kind::Text)).collect();
        std::iter::once(has_none).chain(at).collect()
    }

    /// A text, NULL where it is one of the words for nothing.
    fn without_words(&mut self, text: Sql, words: &[String], seen: Seen) -> Sql {
        if words.is_empty() {
            return text;
        }
        let folded = self.keep(Sql::call(Function::Fold, [text.clone()]), seen);
        let is_missing = Sql::In(Box::new(folded), words.iter().map(Sql::text).collect());
        self.keep(is_missing.when(Sql::Null(Kind::Text), text), seen)
    }

    /// As `lead::activity_key`; NULL of a blank text.
    fn key_of(&mut self, text: Sql, is_shared: bool, seen: Seen) -> Sql {
        match is_shared {
            true => self.keep(Sql::call(Function::Fold, [text]), seen),
            false => key_of_id(self.dialect, text, &mut |sql| self.keep(sql, seen)),
        }
    }

    /// Whether one of these lines leaves out a row; never NULL.
    pub fn left_out(&mut self, lines: &'m [RowTest], seen: Seen) -> Lowered<Sql> {
        let columns = if seen.is_record() { &self.schema.event_columns } else { &self.schema.lead_columns };
        let column_of = |key: &String| columns.iter().find(|(column, _)| name_key(column) == *key);
        // A line that asks for a column that is not there leaves out no row.
        let is_there = |field: &Field| columns.is_empty() || field.keys.iter().any(|key| column_of(key).is_some());
        let mut any = Vec::new();
        for line in lines.iter().filter(|line| line.model.fields.iter().all(is_there)) {
            if line.model.exclude.iter().any(|verdict| Deps::of(&line.model, &verdict.condition).as_of) {
                return refused(line.span, "rows that are left out by the date of the run");
            }
            let model = std::mem::replace(&mut self.model, &line.model);
            let fields = std::mem::take(&mut self.fields);
            self.tests_rows = true;
            let holds = self.row_test(seen, &column_of);
            self.tests_rows = false;
            (self.model, self.fields) = (model, fields);
            any.push(holds?);
        }
        Ok(self.keep(Sql::any(any), seen))
    }

    fn row_test(&mut self, seen: Seen, column_of: &dyn Fn(&String) -> Option<&'m (String, String)>) -> Lowered<Sql> {
        let model = self.model;
        for (i, field) in model.fields.iter().enumerate() {
            let column = field.keys.iter().find_map(column_of).map_or(&field.name, |(column, _)| column);
            let value = self.column_value(column, field.of_type, &field.missing_words, seen.is_record(), field.span)?;
            let is_gap = value.is_missing();
            self.fields.insert(i, FieldColumns { value, is_gap });
        }
        let mut any = Vec::new();
        for line in &model.exclude {
            any.push(surely(self.truth(&line.condition, seen)?));
        }
        Ok(Sql::any(any))
    }
}

/// An id, which may be a number in its table.
fn as_text(sql: Sql) -> Sql {
    Sql::call(Function::ToText, [sql])
}

/// The first of some texts that is not NULL.
pub(super) fn first_known(texts: Vec<Sql>) -> Sql {
    texts.into_iter().rev().reduce(|behind, text| text.or(behind)).unwrap_or(Sql::Null(Kind::Text))
}

/// What an id is compared by, see `lead::id_key`; NULL of a blank one.
fn key_of_id(dialect: Dialect, id: Sql, keep: &mut dyn FnMut(Sql) -> Sql) -> Sql {
    if dialect == Dialect::Sqlite {
        return keep(Sql::call(Function::Key, [id]));
    }
    const UPPER: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    const SIGNS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";
    // So are almost all, and need nothing of what follows.
    let is_plain = keep(Sql::call(Function::IsPlainId, [id.clone()]));
    let trimmed = keep(is_plain.clone().when(id.clone(), Sql::call(Function::Trim, [id])));
    let all = format!("{UPPER}{}0123456789", UPPER.to_lowercase());
    // The check sum of 15 characters: three more, each for five, of which it says the capitals.
    let capitals: String = all.chars().map(|c| if c.is_ascii_uppercase() { '1' } else { '0' }).collect();
    let bits = Sql::call(Function::Translate, [trimmed.clone(), Sql::text(&all), Sql::Text(capitals)]);
    let fives: Vec<String> =
        (0..32).map(|n| (0..5).map(|i| if n >> i & 1 == 1 { '1' } else { '0' }).collect()).collect();
    let part = |x: &Sql, from: i64, count: i64| {
        Sql::call(Function::Substring, [x.clone(), Sql::Whole(from), Sql::Whole(count)])
    };
    let is_sum = |n: i64| {
        let place = Sql::call(Function::Position, [Sql::text(fives.join(" ")), part(&bits, n * 5 + 1, 5)]);
        let place = Sql::sum(Kind::Whole, [place, Sql::Whole(5)]);
        let place = Sql::binary(Binary::IntDivide, place, Sql::Whole(6));
        let of = |signs: String| Sql::call(Function::Substring, [Sql::Text(signs), place.clone(), Sql::Whole(1)]);
        Sql::In(Box::new(part(&trimmed, 16 + n, 1)), vec![of(SIGNS.to_owned()), of(SIGNS.to_lowercase())])
    };
    let others = Sql::call(Function::TrimStart, [trimmed.clone(), Sql::text(all.clone())]);
    let is_long = Sql::all([
        Sql::call(Function::Length, [trimmed.clone()]).equals(Sql::Whole(18)),
        others.equals(Sql::text("")),
        is_sum(0),
        is_sum(1),
        is_sum(2),
    ]);
    let has_at = Sql::Like(Box::new(trimmed.clone()), vec![Piece::Any, Piece::Text("@".to_owned()), Piece::Any]);
    let folded = Sql::call(Function::Fold, [trimmed.clone()]);
    // What few ids need is asked for of those alone.
    keep(Sql::case(
        [
            (is_plain, trimmed.clone()),
            (trimmed.clone().equals(Sql::text("")), Sql::Null(Kind::Text)),
            (has_at, folded),
            (is_long, part(&trimmed, 1, 15)),
        ],
        trimmed,
    ))
}
