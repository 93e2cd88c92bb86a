//! Activity: which records meet a query, and what is kept of them for each lead, as `eval::activity` has it.

use std::collections::HashMap;

use super::AsOf;
use super::dialect::Dialect;
use super::expr::{Aggregate, Binary, Function, Kind, Over, Sql, Window};
use super::layers::Layers;
use super::lower::{Lower, Lowered, Seen, refused};
use super::owners::first_known;
use super::second::surely;
use super::values::{V, wildcards};
use crate::builtins::{self, Builtin};
use crate::model::{self, Activity, ActivityTypeId, Count, Expr, ExprKind, PropertyId, Query, TargetTest};
use crate::operators::CountKind;
use crate::source::Span;
use crate::time::Period;
use crate::value::Type;

/// The column by which records are told apart by lead.
pub(super) const PARTITION: &str = "p";

/// What is kept of the records of a lead: columns by their names, with what stands there for a lead without records.
#[derive(Default)]
pub(super) struct Sides {
    pub columns: Vec<(String, Sql, Option<Sql>)>,
    known: HashMap<Sql, Sql>,
}

/// Records that are walked from old to new: one counts where fewer than so many counted ones lie in the time before it.
pub(super) struct Walk {
    /// Whether a record is one of them.
    pub is_one: Sql,
    pub at: Sql,
    /// Up to which instant a counted one no longer stands in its way.
    pub from: Sql,
    pub times: usize,
    /// What a record gives that counts.
    pub gives: Sql,
}

/// Engines bound how many columns a recursion can carry along, and how long its text may be.
const MOST_TIMES: u64 = 50;

/// The records of an activity in its window.
pub(super) struct Selected {
    /// Whether a record is one of them; never NULL.
    pub any: Sql,
    /// Whether a record is one of them, and has an instant; never NULL.
    pub dated: Sql,
    /// Whether a record is one of them and has none; never NULL.
    pub undated: Sql,
    /// Whether the dates of the window are known, asked of the lead; never NULL.
    pub known: Sql,
}

impl Lower<'_> {
    /// Something that is worked out over the records of a lead, as a column of the lead.
    pub fn kept_of_records(&mut self, of: Sql, without: Option<Sql>) -> Sql {
        if let Some(known) = self.sides.known.get(&of) {
            return known.clone();
        }
        let name = format!("a{}", self.sides.columns.len());
        let column = Layers::base(name.clone(), of.kind());
        self.sides.known.insert(of.clone(), column.clone());
        self.sides.columns.push((name, of, without));
        column
    }

    /// How many records.
    pub fn count(&mut self, records: Sql) -> Sql {
        self.kept_of_records(Sql::Aggregate(Aggregate::Count, Box::new(records)), Some(Sql::Whole(0)))
    }

    /// The newest instant of some records; NULL where there is none.
    pub fn newest(&mut self, records: Sql) -> Sql {
        let at = self.at();
        let at = records.when(at, Sql::Null(Kind::Whole));
        self.kept_of_records(Sql::Aggregate(Aggregate::Max, Box::new(at)), None)
    }

    /// What the records of one lead have in common.
    pub fn event_key(&mut self) -> Sql {
        Layers::base(PARTITION, Kind::Text)
    }

    /// The instant of a record; NULL where it has none.
    pub fn at(&mut self) -> Sql {
        match self.date_of_record() {
            V::Date { first, .. } => first,
            _ => Sql::Null(Kind::Whole),
        }
    }

    /// A column of records as it is compared; what counts as missing in them is NULL.
    fn folded(&mut self, column: &str) -> Sql {
        let raw = self.event_column(column, Kind::Text);
        let folded = self.events.keep(Sql::call(Function::Fold, [raw]));
        let words: Vec<Sql> = self.model.log.missing_words.iter().map(Sql::text).collect();
        if words.is_empty() {
            return folded;
        }
        let is_missing = Sql::In(Box::new(folded.clone()), words);
        self.events.keep(is_missing.when(Sql::Null(Kind::Text), folded))
    }

    /// The same of the first column of a part that says something.
    fn folded_part(&mut self, part: &str, named: &[String]) -> Sql {
        let columns = self.schema.events(part, named);
        let texts: Vec<Sql> = columns.iter().map(|column| self.folded(column)).collect();
        self.events.keep(first_known(texts))
    }

    fn kind_of_record(&mut self) -> Sql {
        self.folded_part("type", &self.model.log.kind)
    }

    /// A property of a record, read as its type.
    pub fn property(&mut self, id: PropertyId, span: Span) -> Lowered<V> {
        let Some(property) = self.model.properties.get(id.0) else { return Ok(V::Missing) };
        let (name, key, of_type) = (property.name.clone(), property.key.clone(), property.of_type);
        if key == "at" && of_type == Type::Date {
            return Ok(self.date_of_record());
        }
        let columns = match key.as_str() {
            "at" => return refused(span, "the date of a record as anything but a date"),
            "type" => self.schema.events(&key, &self.model.log.kind),
            "target" => self.schema.events(&key, &self.model.log.target),
            _ => vec![self.schema.property(&name, &key)],
        };
        let mut values = Vec::with_capacity(columns.len());
        for column in columns {
            if let Some(why) = self.dialect.refuses_name(&column) {
                return refused(span, format!("a column `{column}`: {why}"));
            }
            values.push(self.column_value(&column, of_type, &self.model.log.missing_words, true, span)?);
        }
        Ok(self.first_value(values))
    }

    /// The first value that is there.
    fn first_value(&mut self, values: Vec<V>) -> V {
        let mut values = values.into_iter().rev();
        let last = values.next().unwrap_or(V::Missing);
        values.fold(last, |behind, value| {
            let is_there = self.events.keep(value.is_missing().not());
            let mut rest = Vec::new();
            behind.map(&mut |sql| {
                rest.push(sql.clone());
                sql
            });
            let mut rest = rest.into_iter();
            value.map(&mut |sql| {
                let other = rest.next().unwrap_or_else(|| Sql::Null(sql.kind()));
                self.events.keep(is_there.clone().when(sql, other))
            })
        })
    }

    /// The date of a record: its day, or the instant.
    fn date_of_record(&mut self) -> V {
        let columns = self.schema.events("at", &self.model.log.at);
        let dates = columns.iter().map(|column| {
            let raw = self.event_column(column, Kind::Text);
            self.date_column(column, raw, true)
        });
        let dates = dates.collect();
        self.first_value(dates)
    }

    /// The target of a record as it is compared.
    fn plain_target(&mut self) -> Sql {
        self.folded_part("target", &self.model.log.target)
    }

    /// Whether a record is of a type by one of its sources; never NULL.
    fn is_of(&mut self, kind: &str, id: ActivityTypeId, source: Option<usize>) -> Lowered<Sql> {
        let of_record = self.kind_of_record();
        let is_kind = surely(of_record.equals(Sql::text(kind)));
        let filter = source.and_then(|s| self.model.activity_types.get(id.0)?.from.get(s)?.filter.as_ref());
        let Some(filter) = filter else { return Ok(is_kind) };
        let filter = self.truth(filter, Seen::RECORD)?;
        Ok(self.events.keep(Sql::all([is_kind, surely(filter)])))
    }

    /// The column in which a type has its targets.
    fn target_column(&self, id: ActivityTypeId, source: Option<usize>) -> Option<String> {
        let key = self.model.activity_types.get(id.0)?.target_key(source)?;
        Some(self.schema.property(key, key))
    }

    /// The target as a type sees it: in the column that the type names where the record has it.
    fn target_by(&mut self, id: ActivityTypeId, source: Option<usize>) -> Sql {
        let plain = self.plain_target();
        let Some(column) = self.target_column(id, source) else { return plain };
        let raw = self.event_column(&column, Kind::Text);
        let folded = self.events.keep(Sql::call(Function::Fold, [raw.clone()]));
        self.events.keep(raw.null().when(plain, folded))
    }

    /// Whether a record meets a query by its type, and its target as that type sees it.
    fn kind_and_target(&mut self, kind: Option<ActivityTypeId>) -> Lowered<(Sql, Sql)> {
        let plain = self.plain_target();
        let kinds = self.model.kinds_of_records();
        let mut targets: Vec<(Sql, Sql)> = Vec::new();
        match kind {
            Some(wanted) => {
                let mut any = Vec::new();
                for (text, id, source) in kinds.filter(|(_, id, _)| *id == wanted) {
                    let holds = self.is_of(text, id, source)?;
                    targets.push((holds.clone(), self.target_by(id, source)));
                    any.push(holds);
                }
                let is_it = self.events.keep(Sql::any(any));
                Ok((is_it, self.events.keep(Sql::case(targets, plain))))
            }
            None => {
                let mut silent = Vec::new();
                let mut others: Vec<(Sql, Sql)> = Vec::new();
                for (text, id, source) in kinds {
                    let is_engagement = self.model.activity_types.get(id.0).is_none_or(|t| t.is_engagement);
                    let named = self.target_column(id, source).is_some();
                    if is_engagement && !named {
                        continue;
                    }
                    let holds = self.is_of(text, id, source)?;
                    if !is_engagement {
                        silent.push(holds.clone());
                    }
                    if named {
                        others.push((holds, self.target_by(id, source)));
                    }
                }
                // A record without a type is none.
                let is_one = self.kind_of_record().known();
                let is_engagement = self.events.keep(Sql::all([is_one, Sql::any(silent).not()]));
                Ok((is_engagement, self.events.keep(Sql::case(others, plain))))
            }
        }
    }

    /// Whether a record meets a query and has happened; never NULL.
    fn meets(&mut self, group: Option<usize>, id: usize) -> Lowered<Sql> {
        if let Some(known) = self.queries.get(&(group, id)) {
            return Ok(known.clone());
        }
        let at = self.at();
        let meets = if let Some(of) = group {
            // Behind the newest reset; records without an instant are not seen.
            let all = self.meets(None, id)?;
            let blind = self.blind_until(of)?;
            let is_seen = Sql::any([blind.clone().null(), surely(at.above(blind))]);
            Sql::all([all, is_seen])
        } else {
            let Some(Query { kind, targets, filter }) = self.model.queries.get(id) else {
                return Ok(Sql::Flag(false));
            };
            let (is_kind, target) = self.kind_and_target(*kind)?;
            let has_happened = Sql::any([at.clone().null(), surely(at.at_most(self.as_of()))]);
            let has_happened = self.events.keep(has_happened);
            let mut all = vec![is_kind, has_happened];
            if !targets.is_empty() {
                let mut any = Vec::new();
                for pattern in targets {
                    any.push(match &pattern.test {
                        TargetTest::Exact(text) => target.clone().equals(Sql::text(text)),
                        TargetTest::Wildcard(text) => Sql::Like(Box::new(target.clone()), wildcards(text)),
                        TargetTest::Page(text) => {
                            let page = self.page(target.clone());
                            let like = |text: &str| Sql::Like(Box::new(page.clone()), wildcards(text));
                            let folder = text.strip_suffix("/*").map(like);
                            Sql::any(std::iter::once(like(text)).chain(folder))
                        }
                    });
                }
                all.push(surely(Sql::any(any)));
            }
            if let Some(filter) = filter {
                all.push(surely(self.truth(filter, Seen::RECORD)?));
            }
            Sql::all(all)
        };
        let meets = self.events.keep(meets);
        self.queries.insert((group, id), meets.clone());
        Ok(meets)
    }

    /// Up to which instant the rules of a group see no activity, by lead; NULL where they see all.
    fn blind_until(&mut self, group: usize) -> Lowered<Sql> {
        let Some(group) = self.model.groups.get(group) else { return Ok(Sql::Null(Kind::Whole)) };
        let at = self.at();
        let mut any = Vec::new();
        for reset in &group.reset_at {
            any.push(self.select(&reset.activity, Seen::NOW)?.dated);
        }
        let resets = self.events.keep(Sql::any(any).when(at, Sql::Null(Kind::Whole)));
        let key = self.event_key();
        let of = Over::All(Aggregate::Max, resets);
        Ok(self.events.keep(Sql::over(of, [key], [])))
    }

    /// The path of a page; NULL of what is none. See `text::page_path`.
    fn page(&mut self, target: Sql) -> Sql {
        if self.dialect == Dialect::Sqlite {
            return self.events.keep(Sql::call(Function::Page, [target]));
        }
        const NAMES: &str = "abcdefghijklmnopqrstuvwxyz0123456789";
        let text = |t: &str| Sql::text(t);
        let position = |x: &Sql, t: &str| Sql::call(Function::Position, [x.clone(), Sql::text(t)]);
        let from = |x: &Sql, n: Sql| Sql::call(Function::Substring, [x.clone(), n]);
        let first = |x: &Sql, n: Sql| Sql::call(Function::Substring, [x.clone(), Sql::Whole(1), n]);
        // What stands before a place from 1; nothing where there is no such place.
        let up_to = |x: &Sql, at: &Sql| {
            let part = first(x, Sql::sum(Kind::Whole, [at.clone(), Sql::Whole(-1)]));
            at.clone().above(Sql::Whole(0)).when(part, Sql::text(""))
        };
        let plus = |n: &Sql, m: i64| Sql::sum(Kind::Whole, [n.clone(), Sql::Whole(m)]);
        let is_there = |n: &Sql| n.clone().above(Sql::Whole(0));
        let mut keep = |sql: Sql| self.events.keep(sql);
        let mut address = target;
        for sign in ["?", "#"] {
            let at = keep(position(&address, sign));
            address = keep(is_there(&at).when(up_to(&address, &at), address));
        }
        let at = keep(position(&address, "://"));
        let scheme = keep(up_to(&address, &at));
        let others = Sql::call(Function::TrimStart, [scheme, text(&format!("{NAMES}+-."))]);
        let has_host = keep(Sql::all([at.clone().above(Sql::Whole(1)), surely(others.equals(text("")))]));
        let rest = keep(has_host.clone().when(from(&address, plus(&at, 3)), address));
        let slash = keep(position(&rest, "/"));
        let before = keep(is_there(&slash).when(up_to(&rest, &slash), rest.clone()));
        let path = keep(is_there(&slash).when(from(&rest, slash.clone()), text("")));
        // A host, perhaps with a port.
        let colon = keep(position(&before, ":"));
        let port = keep(from(&before, plus(&colon, 1)));
        let digits = Sql::call(Function::TrimStart, [port.clone(), text("0123456789")]);
        let has_port = Sql::all([is_there(&colon), port.equals(text("")).not(), digits.equals(text(""))]);
        let name = keep(has_port.when(up_to(&before, &colon), before.clone()));
        let others = keep(Sql::call(Function::Replace, [name.clone(), text("."), text("")]));
        let dot = Sql::call(Function::Length, [Sql::call(Function::TrimEnd, [name.clone(), others])]);
        let dot = keep(dot);
        let front = keep(up_to(&name, &dot));
        let last = keep(from(&name, plus(&dot, 1)));
        let opens = keep(first(&front, Sql::Whole(1)));
        let opens_well = Sql::all([
            opens.clone().equals(text("")).not(),
            opens.clone().equals(text(".")).not(),
            opens.equals(text("-")).not(),
        ]);
        let is_file = Sql::In(Box::new(last.clone()), crate::text::FILE_ENDINGS.iter().map(|e| text(e)).collect());
        let is_alone = path.clone().equals(text(""));
        let is_host = Sql::all([
            dot.above(Sql::Whole(1)),
            opens_well,
            Sql::call(Function::AreOfHost, [front]),
            Sql::call(Function::AreLetters, [last.clone()]),
            Sql::call(Function::Length, [last]).at_least(Sql::Whole(2)),
            Sql::all([is_alone.clone(), is_file]).not(),
        ]);
        let is_host = keep(surely(is_host));
        let is_path = Sql::all([before.equals(text("")), is_alone.not()]);
        let is_page = keep(surely(Sql::any([has_host, is_path, is_host])));
        let path = keep(Sql::call(Function::TrimEnd, [path, text("/")]));
        let path =
            Sql::case([(is_page.not(), Sql::Null(Kind::Text)), (path.clone().equals(text("")), text("/"))], path);
        keep(path)
    }

    /// The records of an activity in its window.
    pub fn select(&mut self, activity: &Activity, seen: Seen) -> Lowered<Selected> {
        let meets = self.meets(seen.group, activity.query.0)?;
        let at = self.at();
        let Some(window) = activity.window.as_deref() else {
            let dated = self.events.keep(Sql::all([meets.clone(), at.clone().known()]));
            let undated = self.events.keep(Sql::all([meets.clone(), at.null()]));
            return Ok(Selected { any: meets, dated, undated, known: Sql::Flag(true) });
        };
        let (low, high, known) = if let (model::Window::InLast(period), AsOf::Now | AsOf::Filled) = (window, self.as_of)
        {
            (Some(self.as_of_plus(*period, -1, Seen::RECORD, activity.span)?), None, Sql::Flag(true))
        } else if window.dates().all(|date| self.is_fixed(date)) {
            match self.nobody.window(window) {
                Some((low, high)) => {
                    let low = (low.0 > i64::MIN / 8).then_some(Sql::Whole(low.0));
                    (
                        low,
                        (!matches!(self.as_of, AsOf::At(as_of) if high >= as_of)).then_some(Sql::Whole(high.0)),
                        Sql::Flag(true),
                    )
                }
                None => (None, None, Sql::Flag(false)),
            }
        } else {
            self.window_of_lead(window)?
        };
        let mut all = vec![meets, at.clone().known()];
        all.extend(low.map(|low| surely(at.clone().at_least(low))));
        all.extend(high.map(|high| surely(at.at_most(high))));
        let dated = self.events.keep(Sql::all(all));
        Ok(Selected { any: dated.clone(), dated, undated: Sql::Flag(false), known })
    }

    /// The ends of a window whose dates are fields of the lead, as columns of its records, and whether they are known.
    fn window_of_lead(&mut self, window: &model::Window) -> Lowered<(Option<Sql>, Option<Sql>, Sql)> {
        use crate::model::Window as W;
        let mut known = Vec::new();
        let mut moments = |lower: &mut Self, date: &Expr| -> Lowered<(Sql, Sql)> {
            if !lower.is_column(date) {
                return refused(date.span, "a window whose date is worked out for each lead");
            }
            // One that hangs on the as-of alone is worked out beside the records.
            let is_of_lead = !crate::plan::Deps::of(lower.model, date).is_constant();
            let seen = if is_of_lead { Seen::NOW } else { Seen::RECORD };
            let V::Date { first, last, .. } = lower.value(date, seen)? else {
                known.push(Sql::Flag(false));
                return Ok((Sql::Null(Kind::Whole), Sql::Null(Kind::Whole)));
            };
            if is_of_lead {
                known.push(first.clone().known());
            }
            for moment in [&first, &last] {
                if let Sql::Column(column) = moment
                    && is_of_lead
                    && !lower.row_columns.contains(&column.name)
                {
                    lower.row_columns.push(column.name.clone());
                }
            }
            Ok((first, last))
        };
        let shifted = |moment: Sql, by: i64| Sql::sum(Kind::Whole, [moment, Sql::Whole(by)]);
        let (low, high) = match window {
            W::InLast(_) => (None, None),
            W::Since(date) => (Some(moments(self, date)?.0), None),
            W::Before(date) => (None, Some(shifted(moments(self, date)?.0, -1))),
            W::After(date) => (Some(shifted(moments(self, date)?.1, 1)), None),
            W::Between(a, b) => (Some(moments(self, a)?.0), Some(moments(self, b)?.1)),
        };
        Ok((low, high, Sql::all(known)))
    }

    /// Whether a date is a column of the leads, or the same for all of them.
    fn is_column(&self, date: &Expr) -> bool {
        match &date.kind {
            ExprKind::Field(_) => true,
            ExprKind::Definition(id) => self.model.definitions.get(id.0).is_some_and(|d| self.is_column(&d.value)),
            _ => crate::plan::Deps::of(self.model, date).is_constant(),
        }
    }

    /// Whether an activity happened as often as is asked.
    pub fn did(&mut self, activity: &Activity, count: Option<Count>, seen: Seen) -> Lowered<Sql> {
        if seen.is_record() {
            return refused(activity.span, "activity inside of `where`");
        }
        let selected = self.select(activity, seen)?;
        let holds = |found: Sql, kind: CountKind, n: u64| {
            let n = Sql::Whole(i64::try_from(n).unwrap_or(i64::MAX));
            match kind {
                CountKind::AtLeast => found.at_least(n),
                CountKind::AtMost => found.at_most(n),
                CountKind::Exactly => found.equals(n),
            }
        };
        let known = selected.known.clone();
        let did = match count {
            None => self.count(selected.any.clone()).above(Sql::Whole(0)),
            Some(Count::Times(kind, n, None)) => holds(self.count(selected.any.clone()), kind, n),
            Some(Count::Days(kind, n)) => {
                let at = self.at();
                let day = self.day_number(at, Seen::RECORD);
                let day = selected.dated.when(day, Sql::Null(Kind::Whole));
                let days = Sql::Aggregate(Aggregate::Different, Box::new(day));
                holds(self.kept_of_records(days, Some(Sql::Whole(0))), kind, n)
            }
            Some(Count::Times(kind, n, Some(within))) => {
                // Whether so many lie near each other; none always do.
                let some = |lower: &mut Self, n: u64| match n {
                    0 => Ok(Sql::Flag(true)),
                    n => lower.are_near(&selected, n, within),
                };
                match kind {
                    CountKind::AtLeast => some(self, n)?,
                    CountKind::AtMost => some(self, n.saturating_add(1))?.not(),
                    CountKind::Exactly => {
                        let (at_least, more) = (some(self, n)?, some(self, n.saturating_add(1))?);
                        Sql::all([at_least, more.not()])
                    }
                }
            }
        };
        Ok(known.when(did, Sql::Null(Kind::Flag)))
    }

    /// Whether so many records lie within a period of each other.
    fn are_near(&mut self, selected: &Selected, n: u64, within: Period) -> Lowered<Sql> {
        let Ok(n) = i64::try_from(n) else { return Ok(Sql::Flag(false)) };
        let (key, at) = (self.event_key(), self.at());
        let of = if n == 1 {
            at.clone()
        } else {
            let over = Sql::over(Over::Lead(at.clone(), n - 1), [key, selected.dated.clone()], [at.clone()]);
            self.events.keep(over)
        };
        let past = self.events.keep(selected.dated.clone().when(at, self.as_of()));
        let last = self.later(past, within, Seen::RECORD);
        let near = self.events.keep(Sql::all([selected.dated.clone(), surely(of.at_most(last))]));
        Ok(self.count(near).above(Sql::Whole(0)))
    }

    /// Whether some record of the first is followed by another of the second.
    pub fn followed(&mut self, a: &Activity, b: &Activity, within: Option<Period>, seen: Seen) -> Lowered<Sql> {
        if seen.is_record() {
            return refused(a.span, "activity inside of `where`");
        }
        let (first, second) = (self.select(a, seen)?, self.select(b, seen)?);
        let (key, at) = (self.event_key(), self.at());
        let of_second = self.events.keep(second.dated.clone().when(at.clone(), Sql::Null(Kind::Whole)));
        // From this instant on, of which the record itself may be one; and those behind it, or beside it at its instant.
        let from = Sql::over(Over::From(Aggregate::Min, of_second.clone()), vec![key.clone()], vec![at.clone()]);
        let behind = Sql::over(Over::Behind(Aggregate::Min, of_second.clone()), vec![key.clone()], vec![at.clone()]);
        let one = second.dated.clone().when(Sql::Whole(1), Sql::Whole(0));
        let beside = Sql::over(Over::All(Aggregate::Sum, one), vec![key, at.clone()], Vec::new());
        let (from, behind, beside) = (self.events.keep(from), self.events.keep(behind), self.events.keep(beside));
        let next =
            Sql::case([(second.dated.clone().not(), from), (beside.at_least(Sql::Whole(2)), at.clone())], behind);
        let next = self.events.keep(next);
        let is_near = match within {
            None => next.known(),
            Some(period) => {
                let past = self.events.keep(first.dated.clone().when(at, self.as_of()));
                let last = self.later(past, period, Seen::RECORD);
                surely(next.at_most(last))
            }
        };
        let pairs = self.events.keep(Sql::all([first.dated, is_near]));
        let known = Sql::all([first.known, second.known]);
        Ok(known.when(self.count(pairs).above(Sql::Whole(0)), Sql::Null(Kind::Flag)))
    }

    /// A function of the records of an activity.
    pub fn of_records(
        &mut self,
        function: &Builtin,
        activity: &model::Activity,
        property: Option<PropertyId>,
        seen: Seen,
    ) -> Lowered<V> {
        let span = activity.span;
        if seen.is_record() {
            return refused(span, "activity inside of `where`");
        }
        let selected = self.select(activity, seen)?;
        let known = selected.known.clone();
        let value = self.of_selected(function, selected, property, seen, span)?;
        Ok(value.map(&mut |sql| {
            let none = Sql::Null(sql.kind());
            known.clone().when(sql, none)
        }))
    }

    fn of_selected(
        &mut self,
        function: &Builtin,
        selected: Selected,
        property: Option<PropertyId>,
        seen: Seen,
        span: Span,
    ) -> Lowered<V> {
        match function.name {
            builtins::COUNT => {
                let count = self.count(selected.any.clone());
                Ok(V::Number(Sql::call(Function::ToNumber, [count])))
            }
            builtins::DAYS_SINCE => {
                let newest = self.newest(selected.dated);
                let days = self.days_since(newest, Sql::Flag(false), seen);
                Ok(V::Number(days))
            }
            "sum" => {
                let Some(property) = property else { return Ok(V::Missing) };
                let V::Number(x) = self.property(property, span)? else { return Ok(V::Missing) };
                Ok(V::Number(self.sum_of(&selected, x, seen)))
            }
            "latest" | "earliest" | "first" | "last" => {
                let value = match property {
                    Some(property) => self.property(property, span)?,
                    None => self.date_of_record(),
                };
                let newest = matches!(function.name, "latest" | "last");
                self.of_one(&selected, value, newest, span)
            }
            name => refused(span, format!("the function `{name}` of records")),
        }
    }

    /// Whole parts and millionths added up as integers, and rounded once.
    fn sum_of(&mut self, selected: &Selected, x: Sql, seen: Seen) -> Sql {
        let size = self.events.keep(Sql::call(Function::Abs, [x.clone()]));
        let whole = self.events.keep(Sql::call(Function::Floor, [size.clone()]));
        let fraction = Sql::binary(Binary::Minus, size, Sql::call(Function::ToNumber, [whole.clone()]));
        let millionths = Sql::binary(Binary::Times, fraction, Sql::number(1e6));
        let millionths = Sql::call(Function::Floor, [Sql::sum(Kind::Number, [millionths, Sql::number(0.5)])]);
        let millionths = self.events.keep(millionths);
        let counts = Sql::all([selected.any.clone(), x.clone().known()]);
        let counts = self.events.keep(counts);
        let mut sum = |part: Sql| {
            let signed = x.clone().below(Sql::number(0.0)).when(part.clone().negated(), part);
            let signed = counts.clone().when(signed, Sql::Whole(0));
            let sum = Sql::Aggregate(Aggregate::Sum, Box::new(signed));
            Sql::call(Function::ToNumber, [self.kept_of_records(sum, Some(Sql::Whole(0)))])
        };
        let (whole, millionths) = (sum(whole), sum(millionths));
        let millionths = Sql::binary(Binary::Divide, millionths, Sql::number(1e6));
        self.rounded_within_limit(Sql::sum(Kind::Number, [whole, millionths]), seen)
    }

    /// What a value is of the newest or the oldest record.
    fn of_one(&mut self, selected: &Selected, value: V, newest: bool, span: Span) -> Lowered<V> {
        let (key, at) = (self.event_key(), self.at());
        let mut order = vec![at];
        // Of one instant the value decides, so that the answer is the same on every run.
        let tie = match &value {
            V::Number(x) => vec![x.clone()],
            V::Text { folded, written } => vec![folded.clone(), written.clone()],
            V::Date { first, last, .. } => vec![first.clone(), last.clone()],
            V::Flag(x) => vec![x.clone().when(Sql::Whole(1), Sql::Whole(0))],
            _ => return refused(span, "such a property of one record"),
        };
        order.extend(tie);
        let by = vec![key, selected.dated.clone()];
        let window = Window { of: Over::RowNumber, by, order, descending: newest };
        let number = self.events.keep(Sql::Over(Box::new(window)));
        let is_it = Sql::all([selected.dated.clone(), number.equals(Sql::Whole(1))]);
        let is_it = self.events.keep(is_it);
        Ok(value.map(&mut |sql| {
            // There is no greatest flag everywhere.
            let is_flag = sql.kind() == Kind::Flag;
            let sql = if is_flag {
                Sql::case([(sql.clone(), Sql::Whole(1)), (sql.not(), Sql::Whole(0))], Sql::Null(Kind::Whole))
            } else {
                sql
            };
            let of = is_it.clone().when(sql.clone(), Sql::Null(sql.kind()));
            let kept = self.kept_of_records(Sql::Aggregate(Aggregate::Max, Box::new(of)), None);
            if is_flag { kept.equals(Sql::Whole(1)) } else { kept }
        }))
    }

    /// How many records count under a rate over a rolling stretch of time, and the sum of what those give.
    pub fn walked(&mut self, records: Sql, times: u64, every: Period, gives: Sql, span: Span) -> Lowered<(Sql, Sql)> {
        if matches!(self.dialect, Dialect::Spark | Dialect::Databricks) {
            return refused(span, "a rate over a rolling stretch of time");
        }
        let Some(times) = usize::try_from(times).ok().filter(|_| times <= MOST_TIMES) else {
            return refused(span, "a rate over a rolling stretch of time with more than 50 times");
        };
        let at = self.at();
        let past = self.events.keep(records.clone().when(at.clone(), self.as_of()));
        let from = match every.months {
            0 => Sql::sum(Kind::Whole, [past, Sql::Whole(-every.micros())]),
            months => self.plus_months(past, -months, Seen::RECORD),
        };
        let (from, gives) = (self.events.keep(from), self.events.keep(gives));
        let walk = Walk { is_one: self.events.keep(records), at, from, times, gives };
        self.walks.push(walk);
        let i = self.walks.len() - 1;
        Ok((Layers::base(format!("n{i}"), Kind::Whole), Layers::base(format!("s{i}"), Kind::Whole)))
    }

    /// The queries of a walk: its records with their numbers, the walk itself, and what it comes to for each lead.
    pub fn walk_queries(&self, i: usize, walk: &Walk, events: &str) -> Vec<(String, String)> {
        let (dialect, name) = (self.dialect, |n: &str| self.dialect.name_of(n));
        let Walk { is_one, at, from, times, gives } = walk;
        let (rows, steps, sums) = (format!("walk{i}_rows"), format!("walk{i}"), format!("walk{i}_sums"));
        let (p, n, at_name, from_name, gives_name) =
            (name(PARTITION), name("n"), name("at"), name("from"), name("gives"));
        let numbered = format!(
            "SELECT {p},\n    {} AS {at_name},\n    {} AS {from_name},\n    {} AS {gives_name},\n    ROW_NUMBER() OVER (PARTITION BY {p} ORDER BY {}) AS {n}\n  FROM {}\n  WHERE {}",
            dialect.print(at),
            dialect.print(from),
            dialect.print(gives),
            dialect.print(at),
            name(events),
            dialect.print(is_one)
        );
        let none = dialect.print(&Sql::Null(Kind::Whole));
        let t = |k: usize| name(&format!("t{k}"));
        let first: Vec<String> = (1..=*times)
            .map(|k| format!("{} AS {}", if k == 1 { at_name.clone() } else { none.clone() }, t(k)))
            .collect();
        // The last of the times that are carried along is the oldest that can stand in the way.
        let counts = format!("(w.{last} IS NULL OR w.{last} <= r.{from_name})", last = t(*times));
        let next: Vec<String> = (1..=*times)
            .map(|k| {
                let before = if k == 1 { format!("r.{at_name}") } else { format!("w.{}", t(k - 1)) };
                format!("CASE WHEN {counts} THEN {before} ELSE w.{} END", t(k))
            })
            .collect();
        let (zero, one) = (dialect.print(&Sql::Whole(0)), dialect.print(&Sql::Whole(1)));
        let walked = format!(
            "SELECT {p}, {n}, {gives_name}, {one} AS {c}, {}\n  FROM {r}\n  WHERE {n} = 1\n  UNION ALL\n  SELECT r.{p}, r.{n}, r.{gives_name}, CASE WHEN {counts} THEN {one} ELSE {zero} END, {}\n  FROM {w} AS w JOIN {r} AS r ON r.{p} = w.{p} AND r.{n} = w.{n} + 1",
            first.join(", "),
            next.join(", "),
            c = name("counts"),
            r = name(&rows),
            w = name(&steps),
        );
        let whole = dialect.type_of(Kind::Whole);
        let sum = format!(
            "SELECT {p} AS {k},\n    CAST(SUM({c}) AS {whole}) AS {},\n    CAST(SUM({c} * {gives_name}) AS {whole}) AS {}\n  FROM {}\n  GROUP BY {p}",
            name(&format!("n{i}")),
            name(&format!("s{i}")),
            name(&steps),
            k = name("k"),
            c = name("counts"),
        );
        vec![(rows, numbered), (steps, walked), (sums, sum)]
    }

    /// The target of a record for counting different ones, and whether it has one.
    pub fn counted_target(&mut self, activity: &Activity) -> Lowered<Sql> {
        let kind = self.model.queries.get(activity.query.0).and_then(|q| q.kind);
        Ok(self.kind_and_target(kind)?.1)
    }

    /// The newest record of each different target; no target is one of them.
    pub fn newest_of_each(&mut self, activity: &Activity, selected: &Selected) -> Lowered<Selected> {
        let target = self.counted_target(activity)?;
        let (key, at) = (self.event_key(), self.at());
        let number = |lower: &mut Self, flag: &Sql, order: Vec<Sql>| {
            let by = vec![key.clone(), flag.clone(), target.clone()];
            lower.events.keep(Sql::over(Over::RowNumber, by, order))
        };
        let newest = number(self, &selected.dated, vec![at.negated()]);
        let dated = self.events.keep(Sql::all([selected.dated.clone(), newest.equals(Sql::Whole(1))]));
        if selected.undated == Sql::Flag(false) {
            return Ok(Selected {
                any: dated.clone(),
                dated,
                undated: Sql::Flag(false),
                known: selected.known.clone(),
            });
        }
        let one = selected.dated.clone().when(Sql::Whole(1), Sql::Whole(0));
        let of_target = Sql::over(Over::All(Aggregate::Max, one), vec![key.clone(), target.clone()], Vec::new());
        let of_target = self.events.keep(of_target);
        let first = number(self, &selected.undated, vec![Sql::Whole(0)]);
        let undated =
            Sql::all([selected.undated.clone(), of_target.equals(Sql::Whole(0)), first.equals(Sql::Whole(1))]);
        let undated = self.events.keep(undated);
        let any = Sql::any([dated.clone(), undated.clone()]);
        Ok(Selected { any, dated, undated, known: selected.known.clone() })
    }
}
