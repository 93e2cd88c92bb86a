//! All queries of a model in their order, and what is asked for at the end. What nothing asks for is left out.

use std::collections::HashSet;

use super::decide::Answer;
use super::dialect::Dialect;
use super::events::PARTITION;
use super::expr::{Kind, Over, Sql};
use super::layers::{Compared, Layers};
use super::lower::{AS_OF, Lower, Lowered, Seen, refused};
use super::owners::{Keys, OTHER};
use super::values::points_as_number;
use super::{AsOf, FILLED, Output};
use crate::source::Span;

/// The key of a row of what is kept for each lead.
const KEY: &str = "k";
/// The number of a lead, where leads that share an id may differ in the dates of windows.
const NUMBER: &str = "n";
/// What is kept of the records of each lead.
const SIDES: &str = "kept_of_records";
/// Which keys each lead has, where it may have several.
const OWNERS: &str = "owners";

/// So long may a query be; what has more text than engines take would be no use.
const MOST_TEXT: usize = 16 << 20;
/// SQLite puts queries into each other up to some depth; so many of ours it takes.
const MOST_IN_SQLITE: usize = 115;

/// What is asked of leads and records.
struct Asks {
    /// What is kept of the records of each lead, see `Sides`.
    kept: Vec<(String, Sql, Option<Sql>)>,
    /// The walks whose counts are asked for.
    walks: Vec<usize>,
    /// Columns of the first layer of records.
    of_events: HashSet<String>,
    /// Columns of the leads that stand beside their records.
    row_columns: Vec<String>,
    /// What the records of a lead are found by; none where nothing is asked of them.
    keys: Option<Keys>,
}

impl Asks {
    /// Whether a lead may have several keys.
    fn has_several(&self) -> bool {
        self.keys.as_ref().is_some_and(Keys::are_several)
    }

    /// Whether leads are told apart by their row, and not by their key.
    fn by_row(&self) -> bool {
        self.has_several() || !self.row_columns.is_empty()
    }
}

/// Named queries, each of which may read those before it.
#[derive(Default)]
struct Queries {
    all: Vec<(String, String)>,
    /// Those that are worked out as they stand before anything reads them.
    apart: HashSet<String>,
    /// What columns are compared with.
    words: Compared,
}

impl Queries {
    fn add(&mut self, name: impl Into<String>, query: String) {
        self.all.push((name.into(), query));
    }
}

impl Lower<'_> {
    /// The whole query.
    pub fn query(&mut self, outputs: &[(String, Output)], answer: &Answer) -> Lowered<String> {
        let dialect = self.dialect;
        let name = |name: &str| dialect.name_of(name);
        let (id_column, _) = self.schema.ids(self.model);
        let id = self.lead_column(&id_column, Kind::Text);
        let outputs: Vec<(String, Sql)> =
            outputs.iter().map(|(name, output)| (name.clone(), self.output(*output, answer, &id))).collect();
        // What is asked of the facts: columns of the leads, and what is kept of their records.
        let mut of_facts = HashSet::new();
        outputs.iter().for_each(|(_, sql)| self.facts.ask(sql, &mut of_facts));
        let mut queries = Queries::default();
        self.leads_and_records(&id, &of_facts, &mut queries)?;
        queries.all.extend(self.facts.queries(dialect, &queries.words)?);
        let tables = [&self.schema.leads, &self.schema.events];
        let is_ours = |table: &&&String| queries.all.iter().any(|(called, _)| called == **table);
        if let Some(table) = tables.iter().find(is_ours).filter(|_| self.as_of != AsOf::Filled) {
            let what = format!("a table called `{table}`, as one of the queries in it; name a view of the table");
            return refused(Span::default(), what);
        }
        if dialect == Dialect::Sqlite && queries.all.len() > MOST_IN_SQLITE {
            return refused(
                Span::default(),
                "a model of so many steps: SQLite bounds how deep queries stand in each other",
            );
        }
        let mut out = if self.walks.is_empty() { "WITH " } else { "WITH RECURSIVE " }.to_owned();
        for (i, (called, query)) in queries.all.iter().enumerate() {
            let apart = if queries.apart.contains(called) { " MATERIALIZED" } else { "" };
            out.push_str(&format!("{}{} AS{apart} (\n  {query}\n)", if i == 0 { "" } else { ",\n" }, name(called)));
        }
        let columns: Vec<String> = outputs
            .iter()
            .map(|(called, sql)| format!("{} AS {}", dialect.print(sql), dialect.outer_name(called)))
            .collect();
        out.push_str(&format!("\nSELECT {}\nFROM {}\n", columns.join(",\n  "), name(&self.facts.last())));
        if out.len() > MOST_TEXT {
            return refused(Span::default(), "a model of so many rules: the query would have more than 16 MB of text");
        }
        Ok(out)
    }

    /// The queries up to the first of the facts: leads, records, what is kept of the records, both together.
    fn leads_and_records(&mut self, id: &Sql, of_facts: &HashSet<String>, queries: &mut Queries) -> Lowered<()> {
        let mut asks = self.asks(id, of_facts)?;
        self.facts.compared(&mut queries.words);
        self.events.compared(&mut queries.words);
        let leads = self.lead_queries(&asks, of_facts, queries)?;
        if asks.keys.is_none() {
            let query = format!("SELECT l.*\n  FROM {leads} AS l{}", self.dialect.fence());
            queries.add(self.facts.name(0), query);
            return Ok(());
        }
        self.record_queries(&mut asks, &leads, queries)?;
        self.leads_with_sides(&asks, &leads, queries)
    }

    /// What is asked of the records, and through them of the leads.
    fn asks(&mut self, id: &Sql, of_facts: &HashSet<String>) -> Lowered<Asks> {
        let columns = std::mem::take(&mut self.sides.columns);
        let kept: Vec<_> = columns.into_iter().filter(|(column, ..)| of_facts.contains(column)).collect();
        let is_asked = |i: usize| of_facts.contains(&format!("n{i}")) || of_facts.contains(&format!("s{i}"));
        let walks: Vec<usize> = (0..self.walks.len()).filter(|&i| is_asked(i)).collect();
        let mut of_events = HashSet::new();
        kept.iter().for_each(|(_, sql, _)| self.events.ask(sql, &mut of_events));
        for walk in walks.iter().filter_map(|&i| self.walks.get(i)) {
            for sql in [&walk.is_one, &walk.at, &walk.from, &walk.gives] {
                self.events.ask(sql, &mut of_events);
            }
        }
        // By it records are put together.
        self.events.ask(&Layers::base(PARTITION, Kind::Text), &mut of_events);
        let row_columns = self.row_columns.iter().filter(|c| of_events.contains(*c)).cloned().collect();
        let has_activity = !kept.is_empty() || !walks.is_empty();
        let keys = if has_activity { Some(self.keys_of_lead(id)?) } else { None };
        Ok(Asks { kept, walks, of_events, row_columns, keys })
    }

    /// A table with the columns that are asked for, and the as-of where it is; `filled` stands for it in a template.
    fn read_table(&self, columns: &[(String, String)], asked: &HashSet<String>, table: &str, filled: &str) -> String {
        let (dialect, as_of) = (self.dialect, self.as_of);
        let columns = columns.iter().filter(|(ours, _)| asked.contains(ours));
        let cell = columns.clone().next().map_or_else(|| "''".to_owned(), |(_, theirs)| dialect.outer_name(theirs));
        let columns =
            columns.map(|(ours, theirs)| format!("{} AS {}", dialect.outer_name(theirs), dialect.name_of(ours)));
        let now = || format!("{} AS {}", dialect.micros_of(as_of, &cell), dialect.name_of(AS_OF));
        let columns: Vec<String> = columns.chain(asked.contains(AS_OF).then(now)).collect();
        let table = if as_of == AsOf::Filled { filled.to_owned() } else { dialect.table(table) };
        format!("SELECT {}\n  FROM {table}{}", columns.join(",\n    "), dialect.fence())
    }

    /// The leads with what is made of each alone. Gives the name of the last query, in quotes.
    fn lead_queries(&mut self, asks: &Asks, of_facts: &HashSet<String>, queries: &mut Queries) -> Lowered<String> {
        let dialect = self.dialect;
        let model = self.model;
        let left_out = self.left_out(&model.leads.ignore, Seen::LEAD)?;
        // What is kept of records is not in the leads.
        let is_of_leads = |column: &&String| !asks.kept.iter().any(|(called, ..)| called == *column);
        let wanted = of_facts.iter().filter(is_of_leads).chain(&asks.row_columns);
        let wanted = wanted.map(|column| Layers::base(column.clone(), Kind::Text));
        let of_keys = asks.keys.iter().flat_map(|keys| keys.single.iter().chain(&keys.lists).cloned());
        let mut of_leads = HashSet::new();
        for sql in wanted.chain(of_keys).chain([left_out.clone()]) {
            self.leads.ask(&sql, &mut of_leads);
        }
        let query = self.read_table(&self.lead_columns, &of_leads, &self.schema.leads, FILLED[0]);
        queries.add(self.leads.name(0), query);
        if asks.by_row() {
            // Leads are numbered by all that is read.
            carry(&mut self.leads, &self.lead_columns, &of_leads);
        }
        queries.all.extend(self.leads.queries(dialect, &queries.words)?);
        let mut leads = self.leads.last();
        if left_out != Sql::Flag(false) {
            queries.add("kept_leads", kept_rows(dialect, &leads, &left_out));
            leads = "kept_leads".to_owned();
        }
        if asks.by_row() {
            // Rows that are the same in all that is read can change places.
            let order = ours(&self.lead_columns, &of_leads).map(|column| dialect.name_of(column));
            let order = order.collect::<Vec<_>>().join(", ");
            let number = format!("ROW_NUMBER() OVER (ORDER BY {order}) AS {}", dialect.name_of(NUMBER));
            let (from, fence) = (dialect.name_of(&leads), dialect.fence());
            leads = "numbered_leads".to_owned();
            queries.add(leads.clone(), format!("SELECT x.*,\n    {number}\n  FROM {from} AS x{fence}"));
        }
        Ok(dialect.name_of(&leads))
    }

    /// The records that count, each beside its lead, with what is made of them.
    fn record_queries(&mut self, asks: &mut Asks, leads: &str, queries: &mut Queries) -> Lowered<()> {
        let (model, dialect) = (self.model, self.dialect);
        let name = |name: &str| dialect.name_of(name);
        let fence = dialect.fence();
        let (by_row, has_several) = (asks.by_row(), asks.has_several());
        let Asks { of_events, row_columns, keys: Some(keys), .. } = asks else { return Ok(()) };
        // What is asked of each record alone: whether it is left out, whose it is, whether it is a copy.
        let mut rows = Layers::new("row", dialect);
        let left_out = self.over(&mut rows, |lower| lower.left_out(&model.log.ignore, Seen::RECORD))?;
        let mut records = Layers::new("record", dialect);
        let event_key = self.over(&mut records, Lower::key_of_record);
        records.ask(&event_key, of_events);
        let mut owned = Layers::new("owned", dialect);
        let copy = self.schema.events("event_id", &model.log.event_id);
        let copy = copy.into_iter().next().filter(|copy| self.schema.has(&self.schema.event_columns, copy));
        let is_first = copy.map(|copy| {
            // Of records with one id of their own the oldest counts.
            let own = self.event_column(&copy, Kind::Text);
            let (layers, key) = match has_several {
                true => (&mut owned, Layers::base(PARTITION, Kind::Text)),
                false => (&mut records, event_key.clone()),
            };
            let order = self.over(layers, Lower::order_of_copies);
            let number = layers.keep(Sql::over(Over::RowNumber, [key, own.clone()], order));
            let is_first = layers.keep(Sql::any([own.null(), number.equals(Sql::Whole(1))]));
            layers.ask(&is_first, of_events);
            is_first
        });
        of_events.remove(PARTITION);
        let event_key = dialect.print(&event_key);
        let is_plain = left_out == Sql::Flag(false);
        if !is_plain {
            rows.ask(&left_out, of_events);
            carry(&mut rows, &self.event_columns, of_events);
        }
        carry(&mut records, &self.event_columns, of_events);
        carry(&mut owned, &self.event_columns, of_events);
        for column in [PARTITION].into_iter().chain(row_columns.iter().map(String::as_str)) {
            owned.ask(&Layers::base(column, Kind::Text), &mut HashSet::new());
        }
        let first = if is_plain { records.name(0) } else { rows.name(0) };
        queries.add(first, self.read_table(&self.event_columns, of_events, &self.schema.events, FILLED[1]));
        if !is_plain {
            queries.all.extend(rows.queries(dialect, &queries.words)?);
            queries.add(records.name(0), kept_rows(dialect, &rows.last(), &left_out));
        }
        queries.all.extend(records.queries(dialect, &queries.words)?);
        let (partition, from) = (name(PARTITION), name(&records.last()));
        let of_row: String = row_columns.iter().map(|c| format!(",\n    l.{}", name(c))).collect();
        let (number, key) = (name(NUMBER), name(KEY));
        let is_counted = |table: &str| {
            is_first.as_ref().map_or(String::new(), |is_first| format!(" AND {table}.{}", dialect.print(is_first)))
        };
        let of_event = if has_several {
            self.owners(keys, leads, queries)?;
            let owners = name(OWNERS);
            let join = format!("FROM {from} AS r JOIN {owners} AS o ON r.{event_key} = o.{key}");
            let join = format!("{join} JOIN {leads} AS l ON l.{number} = o.{number}");
            let of_lead = format!("SELECT r.*,\n    l.{number} AS {partition}{of_row}\n  {join}{fence}");
            if is_first.is_some() {
                queries.add(owned.name(0), of_lead);
                queries.all.extend(owned.queries(dialect, &queries.words)?);
                let from = name(&owned.last());
                format!("SELECT x.*\n  FROM {from} AS x\n  WHERE TRUE{}{fence}", is_counted("x"))
            } else {
                of_lead
            }
        } else if by_row {
            let lead_key = keys.first(dialect);
            let join = format!("FROM {from} AS r JOIN {leads} AS l ON r.{event_key} = l.{lead_key}{}", is_counted("r"));
            format!("SELECT r.*,\n    l.{number} AS {partition}{of_row}\n  {join}{fence}")
        } else {
            let condition = format!("r.{event_key} IS NOT NULL{}", is_counted("r"));
            format!("SELECT r.*,\n    r.{event_key} AS {partition}\n  FROM {from} AS r\n  WHERE {condition}{fence}")
        };
        if by_row && dialect == Dialect::DuckDb {
            // It would push conditions of the join through all layers, which takes it minutes.
            queries.apart.insert(self.events.name(0));
        }
        queries.add(self.events.name(0), of_event);
        queries.all.extend(self.events.queries(dialect, &queries.words)?);
        Ok(())
    }

    /// What is made over other layers of records.
    fn over<T>(&mut self, layers: &mut Layers, f: impl FnOnce(&mut Self) -> T) -> T {
        std::mem::swap(&mut self.events, layers);
        let made = f(self);
        std::mem::swap(&mut self.events, layers);
        made
    }

    /// The leads, each with what is kept of its records.
    fn leads_with_sides(&mut self, asks: &Asks, leads: &str, queries: &mut Queries) -> Lowered<()> {
        let dialect = self.dialect;
        let name = |name: &str| dialect.name_of(name);
        let Asks { kept, walks, keys: Some(keys), .. } = asks else { return Ok(()) };
        let events = self.events.last();
        let on = if asks.by_row() { name(NUMBER) } else { keys.first(dialect) };
        let (mut columns, mut joins) = (String::new(), format!("{leads} AS l"));
        let mut column = |table: &str, column: &str, without: Option<&Sql>| {
            let column = name(column);
            let value = match without {
                Some(without) => format!("COALESCE({table}.{column}, {})", dialect.print(without)),
                None => format!("{table}.{column}"),
            };
            columns.push_str(&format!(",\n    {value} AS {column}"));
        };
        dialect.takes_columns(self.lead_columns.len() + kept.len() + 2 * walks.len())?;
        if !kept.is_empty() {
            let partition = name(PARTITION);
            let mut of_lead = format!("SELECT {partition} AS {}", name(KEY));
            for (called, sql, without) in kept {
                of_lead.push_str(&format!(",\n    {} AS {}", dialect.print(sql), name(called)));
                column("a", called, without.as_ref());
            }
            queries.add(SIDES, format!("{of_lead}\n  FROM {}\n  GROUP BY {partition}", name(&events)));
            joins.push_str(&format!(" LEFT JOIN {} AS a ON a.{} = l.{on}", name(SIDES), name(KEY)));
        }
        for (i, walk) in walks.iter().filter_map(|&i| Some((i, self.walks.get(i)?))) {
            queries.all.extend(self.walk_queries(i, walk, &events));
            let table = format!("w{i}");
            column(&table, &format!("n{i}"), Some(&Sql::Whole(0)));
            column(&table, &format!("s{i}"), Some(&Sql::Whole(0)));
            let sums = name(&format!("walk{i}_sums"));
            joins.push_str(&format!(" LEFT JOIN {sums} AS {table} ON {table}.{} = l.{on}", name(KEY)));
        }
        queries.add(self.facts.name(0), format!("SELECT l.*{columns}\n  FROM {joins}{}", dialect.fence()));
        Ok(())
    }

    /// Each lead, by its number, with each of its keys.
    fn owners(&mut self, keys: &Keys, leads: &str, queries: &mut Queries) -> Lowered<()> {
        let dialect = self.dialect;
        let (number, key) = (dialect.name_of(NUMBER), dialect.name_of(KEY));
        let of = |column: &str, from: &str| {
            format!("SELECT x.{number}, x.{column} AS {key}\n  FROM {from} AS x\n  WHERE x.{column} IS NOT NULL")
        };
        let mut parts: Vec<String> = keys.single.iter().map(|key| of(&dialect.print(key), leads)).collect();
        if !keys.lists.is_empty() {
            let lists = keys.lists.iter().map(|list| dialect.entries_of(leads, &number, &dialect.print(list), OTHER));
            let mut others = Layers::new("other", dialect);
            others.ask(&Layers::base(NUMBER, Kind::Whole), &mut HashSet::new());
            queries.add(others.name(0), lists.collect::<Vec<_>>().join("\n  UNION ALL\n  "));
            let key = self.over(&mut others, |lower| lower.key_of_entry(keys.are_shared));
            others.ask(&key, &mut HashSet::new());
            queries.all.extend(others.queries(dialect, &queries.words)?);
            parts.push(of(&dialect.print(&key), &dialect.name_of(&others.last())));
        }
        queries.add(OWNERS, parts.join("\n  UNION\n  "));
        Ok(())
    }

    fn output(&mut self, output: Output, answer: &Answer, id: &Sql) -> Sql {
        let unless = |sql: Sql, excluded: Sql| answer.excluded.clone().when(excluded, sql);
        let number = |points: Sql| unless(points_as_number(points), Sql::Null(Kind::Number));
        let nothing = || Sql::Null(Kind::Text);
        match output {
            Output::LeadId => id.clone(),
            Output::Score => number(answer.score.clone()),
            Output::Group(i) => number(answer.groups.get(i).cloned().unwrap_or(Sql::Whole(0))),
            Output::PossibleScore => number(answer.possible.high.clone()),
            Output::PossibleScoreLow => number(answer.possible.low.clone()),
            Output::Stage => unless(self.stage_name(answer.stage.clone()), Sql::text("excluded")),
            Output::CouldBe => unless(self.stage_name(answer.could_be.clone()), Sql::text("excluded")),
            Output::Change => unless(answer.change.clone(), nothing()),
            Output::Label(i) => unless(answer.labels.get(i).cloned().unwrap_or_else(nothing), nothing()),
            Output::Missing => unless(answer.missing.clone(), Sql::text("")),
            Output::Review => unless(answer.review.clone(), Sql::text("")),
            Output::Reasons => answer.excluded.clone().when(answer.reasons_excluded.clone(), answer.reasons.clone()),
            Output::AsOf => match self.as_of {
                AsOf::At(at) => Sql::text(at.to_string()),
                AsOf::Now | AsOf::Filled => self.date_text(self.as_of(), Sql::Flag(false)),
            },
        }
    }
}

/// Our names of the columns of a table that are asked for.
fn ours<'c>(columns: &'c [(String, String)], asked: &HashSet<String>) -> impl Iterator<Item = &'c str> {
    columns.iter().map(|(ours, _)| ours.as_str()).filter(|ours| asked.contains(*ours))
}

/// The rows that are not left out.
fn kept_rows(dialect: Dialect, rows: &str, left_out: &Sql) -> String {
    let (from, fence) = (dialect.name_of(rows), dialect.fence());
    format!("SELECT x.*\n  FROM {from} AS x\n  WHERE NOT {}{fence}", dialect.print(left_out))
}

/// Asks the layers to pass on columns of a table, and the as-of.
fn carry(layers: &mut Layers, columns: &[(String, String)], asked: &HashSet<String>) {
    let as_of = Some(AS_OF).filter(|column| asked.contains(*column));
    for column in ours(columns, asked).chain(as_of) {
        layers.ask(&Layers::base(column, Kind::Text), &mut HashSet::new());
    }
}
