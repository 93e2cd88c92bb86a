//! Statements, block headers, and the lines inside blocks.

use pest::iterators::Pair;

use super::points::{item, table_from};
use super::{Build, Kids};
use crate::messages::syntax as say;
use crate::syntax::ast::{
    Activity, Choice, Criterion, Data, DataLine, DataLineKind, Did, EntryValue, Expr, ExprKind, Field, Item, ItemKind,
    Label, LabelLine, LeadEntry, Let, LetValue, Model, ModelEntry, Moment, Name, Profile, Reset, Score, StageLine,
    Stages, Table, TableLines, Test, TestItem, Text, Treat, Used, Verdict, Whole,
};
use crate::syntax::grammar::Rule;

/// A statement that is no block.
pub(in crate::syntax) fn statement(b: &mut Build<'_>, pair: Pair<'_, Rule>) -> Item {
    let span = b.span(&pair);
    let kind = b.statement(pair).unwrap_or(ItemKind::Broken(None));
    item(kind, span)
}

impl Build<'_> {
    /// `use "icp.merit"`, `use hubspot`
    fn used(&mut self, pair: Pair<'_, Rule>) -> Option<Used> {
        let what = Kids::of(pair).last()?;
        Some(match what.as_rule() {
            Rule::text => Used::File(self.text(&what)),
            _ => Used::Library(self.name(&what)),
        })
    }

    fn statement(&mut self, pair: Pair<'_, Rule>) -> Option<ItemKind> {
        let span = self.span(&pair);
        Some(match pair.as_rule() {
            Rule::points_rule => self.rule(pair),
            Rule::field => ItemKind::Field(self.field(pair)?),
            Rule::activity => self.activity(pair),
            Rule::let_line => ItemKind::Let(self.let_line(pair)?),
            Rule::score_formula => ItemKind::ScoreFormula(Kids::of(pair).find_rule(Rule::sum).map(|p| self.sum(p))?),
            Rule::score_bounds => {
                let mut whole = Whole::default();
                Kids::of(pair).for_each(|kid| self.of_sum(&mut whole, kid, ""));
                ItemKind::ScoreWhole(whole)
            }
            Rule::score_limit => ItemKind::Limit(Kids::of(pair).find_rule(Rule::limit).and_then(|p| self.limit(p))?),
            Rule::slip_limit_outside => {
                let written = pair.as_str().trim_end().to_owned();
                self.say(say::limit_outside(span, &written));
                ItemKind::Broken(None)
            }
            Rule::limit => ItemKind::Limit(self.limit(pair)?),
            Rule::fading => {
                let written = pair.as_str().trim_end().to_owned();
                self.say(say::fading_inside(span, &written));
                ItemKind::Broken(None)
            }
            Rule::table_from => table_from(self, pair),
            Rule::stages => ItemKind::Stages(self.stages(pair)),
            Rule::exclude => ItemKind::Exclude(self.verdict(pair)?),
            Rule::disqualify => ItemKind::Disqualify(self.verdict(pair)?),
            Rule::review => ItemKind::Review(self.verdict(pair)?),
            Rule::gate => ItemKind::Gate(self.stage_line(pair)?),
            Rule::stage_line => ItemKind::StageLine(self.stage_line(pair)?),
            Rule::reset => ItemKind::Reset(self.reset(pair)?),
            Rule::treat => ItemKind::Treat(self.treat(pair)),
            Rule::use_file => ItemKind::Use(self.used(pair)?),
            Rule::as_of => match self.date_among(pair) {
                Some(date) => ItemKind::AsOf(date, span),
                None => ItemKind::Broken(None),
            },
            _ => {
                let proper = self.slip_stage(pair);
                self.say(say::stage_words(span, &proper));
                ItemKind::Broken(None)
            }
        })
    }

    /// The proper form of `sql when …`, `sql: …`, `sql = 70+`.
    fn slip_stage(&mut self, pair: Pair<'_, Rule>) -> String {
        let (mut stage, mut condition) = (String::new(), String::new());
        let equals = pair.as_rule() == Rule::slip_stage_equals;
        for kid in Kids::of(pair) {
            let written = kid.as_str().trim();
            match kid.as_rule() {
                Rule::name => stage = written.to_owned(),
                Rule::condition | Rule::expr => condition = written.to_owned(),
                Rule::number if equals => condition = format!("score >= {written}"),
                _ => {}
            }
        }
        if condition.parse::<f64>().is_ok() {
            condition = format!("score >= {condition}");
        }
        if condition.chars().count() > 60 {
            condition = "…".to_owned();
        }
        format!("{stage} if {condition}")
    }

    fn date_among(&mut self, pair: Pair<'_, Rule>) -> Option<crate::time::Written> {
        let date = Kids::of(pair)
            .find_map(|p| matches!(p.as_rule(), Rule::date | Rule::slip_date | Rule::slip_month_date).then_some(p))?;
        self.date(&date)
    }

    fn field(&mut self, pair: Pair<'_, Rule>) -> Option<Field> {
        let mut kids = Kids::of(pair);
        let name = kids.find_rule(Rule::name).map(|p| self.name(&p))?;
        let mut field = Field { name, of_type: None, formats: Vec::new(), from: Vec::new() };
        for kid in kids {
            match kid.as_rule() {
                Rule::field_type => {
                    let mut kids = Kids::of(kid);
                    field.of_type = kids.find_rule(Rule::ident).map(|p| self.name(&p));
                    field.formats = kids.filter(|p| p.as_rule() == Rule::text).map(|p| self.text(&p)).collect();
                }
                Rule::slip_field_type => {
                    let span = self.span(&kid);
                    let of_type = Kids::of(kid).find_rule(Rule::type_name).map_or("number", |p| p.as_str());
                    self.say(say::type_without_colon(span, &field.name.text, of_type));
                    field.of_type = None;
                }
                Rule::text => field.from.push(self.text(&kid)),
                _ => {}
            }
        }
        Some(field)
    }

    fn activity(&mut self, pair: Pair<'_, Rule>) -> ItemKind {
        let mut activity = Activity { names: Vec::new(), from: Vec::new(), target: None, filter: None };
        for kid in Kids::of(pair) {
            match kid.as_rule() {
                Rule::name => activity.names.push(self.name(&kid)),
                Rule::not_engagement => return ItemKind::NotEngagement(activity.names),
                Rule::activity_from => {
                    activity.from = Kids::of(kid).filter(|p| p.as_rule() == Rule::text).map(|p| self.text(&p)).collect()
                }
                Rule::activity_target => activity.target = Kids::of(kid).find_rule(Rule::path).map(|p| self.name(&p)),
                Rule::where_clause => activity.filter = self.where_clause(kid),
                _ => {}
            }
        }
        ItemKind::Activity(activity)
    }

    fn let_line(&mut self, pair: Pair<'_, Rule>) -> Option<Let> {
        let mut kids = Kids::of(pair);
        let name = kids.find_rule(Rule::name).map(|p| self.name(&p))?;
        let value = kids.find_map(|p| {
            matches!(p.as_rule(), Rule::lines_of | Rule::table_file | Rule::slip_let_list | Rule::condition)
                .then_some(p)
        })?;
        let span = self.span(&value);
        let value = match value.as_rule() {
            Rule::slip_let_list => {
                let items: Vec<&str> =
                    Kids::of(value).filter(|p| p.as_rule() == Rule::text).map(|p| p.as_str().trim()).collect();
                self.say(say::let_without_brackets(span, &name.text, &items.join(", ")));
                LetValue::Expr(Expr { kind: ExprKind::Broken, span })
            }
            Rule::lines_of => LetValue::LinesOf(Kids::of(value).find_rule(Rule::text).map(|p| self.text(&p))?),
            Rule::table_file => LetValue::Table(Kids::of(value).find_rule(Rule::text).map(|p| self.text(&p))?),
            _ => LetValue::Expr(self.inner_condition(value)),
        };
        Some(Let { name, value })
    }

    fn stages(&mut self, pair: Pair<'_, Rule>) -> Stages {
        let mut stages = Stages { names: Vec::new(), from: None, never_lower: false };
        for kid in Kids::of(pair) {
            match kid.as_rule() {
                Rule::stage_name => {
                    let mut kids = Kids::of(kid);
                    if let Some(name) = kids.find_rule(Rule::name).map(|p| self.name(&p)) {
                        let spellings = kids.filter(|p| p.as_rule() == Rule::text).map(|p| self.text(&p)).collect();
                        stages.names.push((name, spellings));
                    }
                }
                Rule::path => stages.from = Some(self.name(&kid)),
                Rule::w_never => stages.never_lower = true,
                _ => {}
            }
        }
        stages
    }

    fn verdict(&mut self, pair: Pair<'_, Rule>) -> Option<Verdict> {
        let mut kids = Kids::of(pair);
        let condition = kids.find_rule(Rule::condition).map(|p| self.condition(p))?;
        let because = kids.find_rule(Rule::because).and_then(|p| self.because(p));
        Some(Verdict { condition, because })
    }

    fn stage_line(&mut self, pair: Pair<'_, Rule>) -> Option<StageLine> {
        let stage = Kids::of(pair.clone()).find_rule(Rule::name).map(|p| self.name(&p))?;
        let Verdict { condition, because } = self.verdict(pair)?;
        Some(StageLine { stage, condition, because })
    }

    fn reset(&mut self, pair: Pair<'_, Rule>) -> Option<Reset> {
        let (mut at, mut condition, mut because) = (false, None, None);
        for kid in Kids::of(pair) {
            match kid.as_rule() {
                Rule::condition => condition = Some(self.condition(kid)),
                Rule::activity_operand => {
                    at = true;
                    condition = Some(self.activity_operand(kid));
                }
                Rule::because => because = self.because(kid),
                _ => {}
            }
        }
        Some(Reset { at, condition: condition?, because })
    }

    fn treat(&mut self, pair: Pair<'_, Rule>) -> Treat {
        let (mut words, mut fields) = (Vec::new(), Vec::new());
        for kid in Kids::of(pair) {
            match kid.as_rule() {
                Rule::text => words.push(self.text(&kid)),
                Rule::path => fields.push(self.name(&kid)),
                Rule::list => words.extend(self.texts_of_list(kid)),
                _ => {}
            }
        }
        Treat { words, fields }
    }

    /// The texts of a list that may hold nothing else.
    fn texts_of_list(&mut self, pair: Pair<'_, Rule>) -> Vec<Text> {
        let mut texts = Vec::new();
        for item in self.list(pair) {
            match item.kind {
                ExprKind::Text(text) => texts.push(Text { text, span: item.span }),
                ExprKind::Broken => {}
                ExprKind::Name(name) => self.say(say::text_in_quotes(item.span, &name.text)),
                ExprKind::Number(n) => self.say(say::text_in_quotes(item.span, &crate::number::to_text(n))),
                _ => self.say(say::text_in_quotes(item.span, "N/A")),
            }
        }
        texts
    }
}

/// The header of a block, with an empty body.
pub(in crate::syntax) fn head(b: &mut Build<'_>, pair: Pair<'_, Rule>) -> Option<ItemKind> {
    let rule = pair.as_rule();
    let (mut name, mut text, mut by, mut best) = (None::<Name>, None::<Text>, None::<Expr>, false);
    let (mut whole, mut is_log) = (Whole::default(), false);
    for kid in Kids::of(pair) {
        match kid.as_rule() {
            Rule::name => name = Some(b.name(&kid)),
            Rule::text => text = Some(b.text(&kid)),
            Rule::bounds | Rule::fading | Rule::slip_fading => {
                b.of_sum(&mut whole, kid, name.as_ref().map_or("", |n| &n.text))
            }
            Rule::sum => by = Some(b.sum(kid)),
            Rule::w_best => best = true,
            Rule::w_log => is_log = true,
            _ => {}
        }
    }
    Some(match rule {
        Rule::data_head => ItemKind::Data(Data { is_log, lines: Vec::new() }),
        Rule::model_head => ItemKind::Model(Model { name: text, entries: Vec::new() }),
        Rule::profile_head => {
            ItemKind::Profile(Profile { name: name?, title: text, criteria: Vec::new(), broken: false })
        }
        Rule::score_head => ItemKind::Score(Score { name: name?, title: text, whole, items: Vec::new() }),
        Rule::label_head => ItemKind::Label(Label { name: name?, title: text, lines: Vec::new() }),
        Rule::test_head => ItemKind::Test(Test { name: text?, items: Vec::new(), broken: false }),
        Rule::choice_head => ItemKind::Choice(Choice { best, items: Vec::new() }),
        Rule::table_head => ItemKind::Table(Table { by: by?, title: text, lines: TableLines::Here(Vec::new()) }),
        _ => return None,
    })
}

/// `need: requested("quote")`
pub(in crate::syntax) fn criterion(b: &mut Build<'_>, pair: Pair<'_, Rule>) -> Option<Criterion> {
    let mut kids = Kids::of(pair);
    let name = kids.take_rule(Rule::name).map(|p| b.name(&p));
    let condition = kids.find_rule(Rule::condition).map(|p| b.condition(p))?;
    Some(Criterion { name, condition })
}

/// `score >= 70 and fit(icp)`, alone
pub(in crate::syntax) fn asked(b: &mut Build<'_>, pair: Pair<'_, Rule>) -> Option<Expr> {
    Some(b.condition(pair))
}

/// `"A" if firmographic >= 35`, `otherwise "C"`
pub(in crate::syntax) fn label_line(b: &mut Build<'_>, pair: Pair<'_, Rule>) -> Option<LabelLine> {
    let span = b.span(&pair);
    let (mut value, mut condition) = (None, None);
    for kid in Kids::of(pair) {
        match kid.as_rule() {
            Rule::label_value => value = b.label_value(kid),
            Rule::condition => condition = Some(b.condition(kid)),
            Rule::slip_else => {
                let here = b.span(&kid);
                b.say(say::label_else(here, kid.as_str().trim()));
            }
            _ => {}
        }
    }
    Some(LabelLine { value: value?, condition, span })
}

impl Build<'_> {
    fn label_value(&mut self, pair: Pair<'_, Rule>) -> Option<Text> {
        let span = self.span(&pair);
        let written = pair.as_str().trim().to_owned();
        let kid = Kids::of(pair).last()?;
        Some(match kid.as_rule() {
            Rule::text => self.text(&kid),
            Rule::bare_name => {
                self.say(say::label_without_quotes(span, &written));
                Text { text: written, span }
            }
            _ => Text { text: written, span },
        })
    }
}

/// `header in row 3`, `at "Activity Date" as "MM/DD/YYYY"`
pub(in crate::syntax) fn data_line(b: &mut Build<'_>, pair: Pair<'_, Rule>) -> Option<DataLine> {
    let span = b.span(&pair);
    let line = Kids::of(pair).next()?;
    let rule = line.as_rule();
    let (mut texts, mut shapes, mut field, mut condition, mut row) = (Vec::new(), Vec::new(), None, None, 0);
    for kid in Kids::of(line) {
        match kid.as_rule() {
            Rule::text => texts.push(b.text(&kid)),
            Rule::data_shapes => shapes.extend(Kids::of(kid).filter(|k| k.as_rule() == Rule::text).map(|k| b.text(&k))),
            Rule::list => texts.extend(b.texts_of_list(kid)),
            Rule::path => field = Some(b.name(&kid)),
            Rule::condition => condition = Some(b.condition(kid)),
            Rule::whole => row = b.whole(&kid),
            _ => {}
        }
    }
    let one = |texts: Vec<Text>| texts.into_iter().next();
    use DataLineKind as K;
    let kind = match rule {
        Rule::data_id => K::Id(texts),
        Rule::data_other_ids => K::OtherIds(texts),
        Rule::data_sheet => K::Sheet(one(texts)?),
        Rule::data_header => K::HeaderRow(row),
        Rule::data_ignore => K::IgnoreRows(condition?),
        Rule::data_numbers => K::Numbers(one(texts)?),
        Rule::data_dates => K::Dates(texts),
        Rule::data_treat => K::Treat(texts),
        Rule::data_encoding => K::Encoding(one(texts)?),
        Rule::data_delimiter => K::Delimiter(one(texts)?),
        Rule::data_format => K::Format(one(texts)?),
        Rule::data_lead => K::Lead(texts, field),
        Rule::data_type => K::Type(texts),
        Rule::data_target => K::Target(texts),
        Rule::data_at => K::At(texts, shapes),
        _ => K::EventId(texts),
    };
    Some(DataLine { kind, span })
}

/// `version "2025-Q3"`
pub(in crate::syntax) fn model_entry(b: &mut Build<'_>, pair: Pair<'_, Rule>) -> Option<ModelEntry> {
    let mut kids = Kids::of(pair);
    let key = kids.find_rule(Rule::entry_key)?;
    let is_zone = Kids::of(key.clone()).any_rule(Rule::w_zone);
    let mut key = b.name(&key);
    if is_zone {
        // Two words, whatever stands between them.
        "time zone".clone_into(&mut key.text);
    }
    let value = kids.last()?;
    let span = b.span(&value);
    let value = match value.as_rule() {
        Rule::text => EntryValue::Text(b.text(&value).text),
        Rule::whole => EntryValue::Whole(b.whole(&value)),
        _ => EntryValue::Date(b.date(&value)?),
    };
    Some(ModelEntry { key, value, span })
}

/// A line of a test.
pub(in crate::syntax) fn test_item(b: &mut Build<'_>, pair: Pair<'_, Rule>) -> Option<TestItem> {
    let span = b.span(&pair);
    Some(match pair.as_rule() {
        Rule::as_of => TestItem::AsOf(b.date_among(pair)?, span),
        Rule::lead_record => {
            let entries = Kids::of(pair).filter(|p| p.as_rule() == Rule::lead_entry);
            TestItem::Lead(entries.filter_map(|p| b.lead_entry(p)).collect())
        }
        Rule::expect => TestItem::Expect(Kids::of(pair).find_rule(Rule::condition).map(|p| b.condition(p))?),
        _ => TestItem::Did(b.did(pair, span)?),
    })
}

impl Build<'_> {
    fn lead_entry(&mut self, pair: Pair<'_, Rule>) -> Option<LeadEntry> {
        let mut kids = Kids::of(pair);
        let name = kids.find_rule(Rule::path).map(|p| self.name(&p))?;
        let value = kids.find_rule(Rule::lead_value)?;
        let span = self.span(&value);
        let mut minus = false;
        let mut kind = ExprKind::Broken;
        for kid in Kids::of(value) {
            kind = match kid.as_rule() {
                Rule::sign => {
                    minus ^= kid.as_str().trim() != "+";
                    continue;
                }
                Rule::text => ExprKind::Text(self.text(&kid).text),
                Rule::number => match self.number(&kid).kind {
                    ExprKind::Number(n) if minus => ExprKind::Number(-n),
                    kind => kind,
                },
                Rule::date | Rule::slip_date => self.date(&kid).map_or(ExprKind::Broken, ExprKind::Date),
                Rule::kw_yes => ExprKind::Flag(true),
                Rule::kw_no => ExprKind::Flag(false),
                Rule::kw_missing => ExprKind::Missing,
                Rule::list => ExprKind::List(self.list(kid)),
                Rule::path => {
                    self.say(say::value_without_quotes(span, kid.as_str().trim()));
                    ExprKind::Broken
                }
                _ => self.slip_number(&kid).kind,
            };
        }
        Some(LeadEntry { name, value: Expr { kind, span } })
    }

    fn did(&mut self, pair: Pair<'_, Rule>, span: crate::source::Span) -> Option<Did> {
        let mut kids = Kids::of(pair);
        let call = kids.find_rule(Rule::call).map(|p| self.call(p))?;
        let mut when = Vec::new();
        for kid in kids.filter(|p| p.as_rule() == Rule::when_done) {
            let times = match Kids::of(kid.clone()).peek() {
                Some(Rule::moment) => 1,
                _ => self.count_of_first(kid.clone()),
            };
            let moment = Kids::of(kid).find_rule(Rule::moment).and_then(|p| self.moment(p))?;
            when.push((times, moment));
        }
        Some(Did { call, when, span })
    }

    fn count_of_first(&mut self, pair: Pair<'_, Rule>) -> u64 {
        match Kids::of(pair).next() {
            Some(p) if p.as_rule() == Rule::whole => self.whole(&p),
            Some(p) if p.as_rule() == Rule::w_twice => 2,
            _ => 1,
        }
    }

    fn moment(&mut self, pair: Pair<'_, Rule>) -> Option<Moment> {
        let kid = Kids::of(pair).find_map(|p| (p.as_rule() != Rule::w_on).then_some(p))?;
        Some(match kid.as_rule() {
            Rule::kw_today => Moment::Today,
            Rule::duration => Moment::Ago(self.period(kid)),
            Rule::date | Rule::slip_date => Moment::On(self.date(&kid)?),
            _ => {
                self.slip_number(&kid);
                return None;
            }
        })
    }
}
