//! Columns of the tables as values: texts folded, numbers that are none left out, dates in microseconds.

use super::dialect::Dialect;
use super::expr::{Function, Kind, Sql};
use super::layers::Layers;
use super::lower::{Lower, Lowered, Seen, refused};
use super::schema::Stored;
use super::values::V;
use crate::model::FieldId;
use crate::number::LARGEST;
use crate::source::Span;
use crate::time::Zone;
use crate::value::Type;

/// What is made of a column.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct FieldColumns {
    pub value: V,
    /// Whether it is missing.
    pub is_gap: Sql,
}

impl Lower<'_> {
    /// The value of a field.
    pub fn field(&mut self, id: FieldId, span: Span) -> Lowered<V> {
        Ok(self.field_columns(id.0, span)?.value)
    }

    /// Whether a field is missing, for what is not known.
    pub fn gap(&mut self, id: FieldId, span: Span) -> Lowered<Sql> {
        let is_gap = self.field_columns(id.0, span)?.is_gap;
        if self.model.ladder.from != Some(id) {
            return Ok(is_gap);
        }
        // Where the lead stands is not known where its field names no stage.
        let current = self.current(span)?;
        Ok(Sql::any([is_gap, current.null()]))
    }

    fn field_columns(&mut self, id: usize, span: Span) -> Lowered<FieldColumns> {
        if let Some(known) = self.fields.get(&id) {
            return Ok(known.clone());
        }
        let Some(field) = self.model.fields.get(id) else { return refused(span, "a field that is not there") };
        let column = self.schema.column_of(&field.name, &field.keys);
        if let Some(why) = self.dialect.refuses_name(&column) {
            return refused(span, format!("a column `{column}`: {why}"));
        }
        let value = self.column_value(&column, field.of_type, &field.missing_words, false, span)?;
        // Behind the layers of leads it is a column that is there from the start.
        let value = value.map(&mut |sql| based(&self.leads.keep(sql)));
        let is_gap = value.is_missing();
        let columns = FieldColumns { value, is_gap };
        self.fields.insert(id, columns.clone());
        Ok(columns)
    }

    /// What is made of a column of leads or of records.
    pub fn column_value(
        &mut self,
        column: &str,
        of_type: Type,
        missing: &[String],
        of_record: bool,
        span: Span,
    ) -> Lowered<V> {
        let raw = |lower: &mut Self, kind| {
            if of_record { lower.event_column(column, kind) } else { lower.lead_column(column, kind) }
        };
        let keep = |lower: &mut Self, sql: Sql| {
            if of_record { lower.events.keep(sql) } else { lower.leads.keep(sql) }
        };
        Ok(match of_type {
            Type::Text => {
                let mut written = raw(self, Kind::Text);
                if self.tests_rows || self.schema.holds_integers(column) {
                    written = keep(self, Sql::call(Function::ToText, [written]));
                }
                let mut folded = keep(self, Sql::call(Function::Fold, [written.clone()]));
                if !missing.is_empty() {
                    let words = missing.iter().map(Sql::text).collect();
                    let is_missing = Sql::In(Box::new(folded.clone()), words);
                    folded = keep(self, is_missing.when(Sql::Null(Kind::Text), folded));
                }
                V::Text { folded, written }
            }
            Type::Number => {
                let x = raw(self, Kind::Number);
                let x = keep(self, Sql::call(Function::ToNumber, [x]));
                let in_range =
                    Sql::all([x.clone().at_least(Sql::number(-LARGEST)), x.clone().at_most(Sql::number(LARGEST))]);
                // NaN and what is too large count as missing.
                V::Number(keep(self, in_range.when(x, Sql::Null(Kind::Number))))
            }
            Type::Flag => {
                let x = raw(self, Kind::Flag);
                V::Flag(keep(self, Sql::call(Function::ToFlag, [x])))
            }
            Type::Date => {
                let x = raw(self, Kind::Text);
                self.knows_zone(column, span)?;
                self.date_column(column, x, of_record)
            }
            Type::List => {
                if self.model.fields.iter().any(|f| f.format.separator.is_some() && self.dialect == Dialect::Sqlite) {
                    return refused(span, "a list that is parted by anything but `;`");
                }
                V::List(raw(self, Kind::Text))
            }
            Type::Stage => return refused(span, "a stage in a column"),
        })
    }

    /// Refuses a column of dates of which nobody has said whether they are local, where that matters and cannot be asked for.
    pub fn knows_zone(&self, column: &str, span: Span) -> Lowered<()> {
        let is_known = self.schema.stored(column) != Stored::Unknown;
        if is_known || self.dialect.knows_types() || self.model.zone == Zone::UTC {
            return Ok(());
        }
        let what = format!(
            "the dates in `{column}`, of which nobody says whether they are in the model's time zone or have their own; `--schema` says it"
        );
        refused(span, what)
    }

    /// A column of days or times. What clocks show there is read in the model's zone, unless it says its own.
    pub fn date_column(&mut self, column: &str, x: Sql, of_record: bool) -> V {
        let seen = if of_record { Seen::RECORD } else { Seen::LEAD };
        let stored = self.schema.stored(column);
        let shown = self.keep(Sql::call(Function::Micros, [x.clone()]), seen);
        let text = |lower: &mut Self| lower.keep(Sql::call(Function::ToText, [x.clone()]), seen);
        let is_day = match stored {
            Stored::Day => Sql::Flag(true),
            Stored::Instant | Stored::Local => Sql::Flag(false),
            Stored::Unknown => {
                let text = text(self);
                self.keep(Sql::call(Function::Length, [text]).equals(Sql::Whole(10)), seen)
            }
        };
        let instant = match stored {
            Stored::Instant => shown.clone(),
            Stored::Unknown if self.model.zone != Zone::UTC => {
                let is_instant = Sql::call(Function::HasZone, [x.clone()]);
                let local = self.at_local(shown.clone(), seen);
                self.keep(is_instant.when(shown.clone(), local), seen)
            }
            _ => self.at_local(shown.clone(), seen),
        };
        if is_day == Sql::Flag(false) {
            return V::Date { first: instant.clone(), last: instant, is_day };
        }
        let (first, last) = self.moments_of_day(shown, seen);
        let first = self.keep(is_day.clone().when(first, instant.clone()), seen);
        let last = self.keep(is_day.clone().when(last, instant), seen);
        V::Date { first, last, is_day }
    }

    /// The rank on the ladder where the lead stands today; NULL where its field names no stage.
    pub fn current(&mut self, span: Span) -> Lowered<Sql> {
        let Some(field) = self.model.ladder.from else { return Ok(Sql::Null(Kind::Whole)) };
        let V::Text { folded, .. } = self.field(field, span)? else { return Ok(Sql::Null(Kind::Whole)) };
        // Spellings are compared by letters and digits alone.
        let key = self.spelling(folded);
        let mut by_rank: Vec<Vec<Sql>> = vec![Vec::new(); self.model.ladder.stages.len()];
        for (spelling, &rank) in &self.model.ladder.spellings {
            if let Some(of_rank) = by_rank.get_mut(rank) {
                of_rank.push(Sql::text(spelling));
            }
        }
        let cases = by_rank.into_iter().enumerate().filter(|(_, spellings)| !spellings.is_empty());
        let cases: Vec<(Sql, Sql)> =
            cases.map(|(rank, s)| (Sql::In(Box::new(key.clone()), s), Sql::Whole(rank as i64))).collect();
        Ok(self.facts.keep(Sql::case(cases, Sql::Null(Kind::Whole))))
    }

    /// A folded text as spellings of stages are compared: letters, marks and digits alone; itself where it has none.
    fn spelling(&mut self, folded: Sql) -> Sql {
        let words = self.facts.keep(Sql::call(Function::Words, [folded.clone()]));
        let key = Sql::call(Function::Replace, [words.clone(), Sql::text(" "), Sql::text("")]);
        let key = self.facts.keep(key);
        let is_empty = Sql::any([key.clone().null(), key.clone().equals(Sql::text(""))]);
        self.facts.keep(is_empty.when(folded, key))
    }
}

/// A column of the leads, as the queries behind them see it.
pub(super) fn based(sql: &Sql) -> Sql {
    match sql {
        Sql::Column(column) => Layers::base(column.name.clone(), column.kind),
        other => other.clone(),
    }
}
