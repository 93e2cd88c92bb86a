//! What is worth how many points: a table for each score, sorted by points, with how often, since when and how it ages.

use super::say::{did, in_window, name, one_left_out, rolling, say, template};
use crate::model::{
    Activity, Ageing, AgeingKind, Amount, Bounds, Case, CaseLine, Counting, Expr, ExprKind, Fading, Limit, LineId,
    Model, Rate, Rule, Scoring,
};
use crate::page::{Column, Page, Phrase, Table, counted};
use crate::points::{from_decimal, percent, to_signed_text, to_text};
use crate::shown::several;
use crate::text::capital;
use crate::time::RateWindow;

/// More lines of a file than this are counted, not shown.
const MOST_LINES: usize = 40;

/// A line of the table.
struct Row {
    /// What it is sorted by; what is calculated stands first.
    points: Option<i128>,
    cells: [Phrase; 5],
}

/// All that gives points.
pub(super) fn points(model: &Model, page: &mut Page) {
    if model.groups.is_empty() && model.loose.is_empty() {
        return;
    }
    page.heading("What is worth how many points");
    page.say(whole(model));
    done_to_sum(model, "the score", model.fading.as_ref(), &model.limits, page);
    for group in &model.groups {
        let called = name(&group.name);
        // Other sentences name the group by its name: it is added where the title does not hold it.
        let title = match &group.title {
            Some(title) if title.to_lowercase().contains(&called.to_lowercase()) => title.clone(),
            Some(title) => format!("{title} ({called})"),
            None => capital(&called),
        };
        page.subheading(title);
        if let Some(bounds) = bounded(group.bounds) {
            page.say(format!("These points add up to a score of their own, {bounds}."));
        }
        done_to_sum(model, "these points", group.fading.as_ref(), &group.limits, page);
        items(model, &group.items, page);
        let because = |line: LineId| {
            model.line(line).because.as_ref().map_or(String::new(), |b| format!(" ({})", template(model, b)))
        };
        let mut resets: Vec<crate::page::Item> = Vec::new();
        resets.extend(
            group
                .resets
                .iter()
                .map(|r| format!("All of it is set to 0 if {}{}.", say(model, &r.condition), because(r.line)).into()),
        );
        resets.extend(group.reset_at.iter().map(|r| {
            format!(
                "Whatever happened up to this counts no more: {}{}.",
                did(model, &r.activity, None, true),
                because(r.line)
            )
            .into()
        }));
        page.list(resets);
    }
    if !model.loose.is_empty() {
        if !model.groups.is_empty() {
            page.subheading("Other points");
        }
        items(model, &model.loose, page);
    }
}

/// How the score of a lead comes about.
fn whole(model: &Model) -> String {
    let others = Some("all other points".to_owned()).filter(|_| !model.loose.is_empty());
    let names: Vec<String> = model.groups.iter().map(|g| name(&g.name)).chain(others).collect();
    let sum = match (&model.formula, names.len()) {
        (Some(formula), _) => format!("The score of a lead is {}", say(model, formula)),
        (None, _) if model.groups.is_empty() => "The score of a lead is the sum of its points".to_owned(),
        (None, 1) => format!("The score of a lead is its points for {}", names.join("")),
        (None, _) => {
            format!("The score of a lead is the sum of {}", several(&names, "and"))
        }
    };
    let bounds = bounded(model.bounds).map_or(String::new(), |b| format!(", {b}"));
    format!("{sum}{bounds}. What is not known gives no points, and takes none.")
}

/// How a sum fades, and its bounds under a condition.
fn done_to_sum(model: &Model, of: &str, fading: Option<&Fading>, limits: &[Limit], page: &mut Page) {
    if let Some(fading) = fading {
        let every = one_left_out(fading.ageing.every);
        let [are, keep, lose, they_were] =
            if of == "the score" { ["is", "keeps", "loses", "it was"] } else { ["are", "keep", "lose", "they were"] };
        let how = match &fading.ageing.kind {
            AgeingKind::Keeping(share) if from_decimal(share) == 5_000 => format!("{are} halved for every {every}"),
            AgeingKind::Keeping(share) => format!("{keep} {}% for every {every}", percent(share)),
            AgeingKind::Losing(share) => format!("{lose} {}% of what {they_were} for every {every}", percent(share)),
        };
        page.say(format!("Where nothing has happened for a while, {of} {how} since the last activity."));
    }
    let line = |limit: &Limit| {
        let because =
            model.line(limit.line).because.as_ref().map_or(String::new(), |b| format!(" ({})", template(model, b)));
        let held = bounded(limit.bounds).unwrap_or_default();
        format!("{} if {}{because}.", capital(&held), say(model, &limit.condition)).into()
    };
    page.list(limits.iter().map(line).collect());
}

fn bounded(bounds: Bounds) -> Option<String> {
    match (bounds.low, bounds.high) {
        (Some(low), Some(high)) => Some(format!("held between {} and {}", to_text(low), to_text(high))),
        (None, Some(high)) => Some(format!("never more than {}", to_text(high))),
        (Some(low), None) => Some(format!("never less than {}", to_text(low))),
        (None, None) => None,
    }
}

/// Rules first, all in one table; then what has an order of its own.
fn items(model: &Model, items: &[Scoring], page: &mut Page) {
    let rules = items.iter().filter_map(|i| if let Scoring::Rule(rule) = i { Some(&**rule) } else { None });
    let mut rows: Vec<Row> = rules.flat_map(|rule| rows(model, rule)).collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.points.unwrap_or(i128::MAX)));
    page.table(table(rows));
    for item in items {
        match item {
            Scoring::Rule(_) => {}
            Scoring::Table(table) => lines(model, table, page),
            Scoring::Choice { best, items } => {
                page.say(Phrase::new().strong(if *best {
                    "Only the one that gives most counts:"
                } else {
                    "Only the first of these that holds counts:"
                }));
                let rules = items.iter().filter_map(|i| if let Scoring::Rule(rule) = i { Some(&**rule) } else { None });
                page.table(table(rules.flat_map(|rule| self::rows(model, rule)).collect()));
                items.iter().for_each(|i| {
                    if let Scoring::Table(table) = i {
                        lines(model, table, page)
                    }
                });
            }
        }
    }
}

/// The table of some rules, without the columns that say nothing.
fn table(rows: Vec<Row>) -> Table {
    let columns = [
        Column::numbers("Points"),
        Column::words("For"),
        Column::words("How often"),
        Column::words("Since when"),
        Column::words("How it ages"),
    ];
    let is_said =
        |c: usize| c < 2 || rows.iter().any(|row| row.cells.get(c).is_some_and(|cell| *cell != Phrase::new()));
    let said: Vec<usize> = (0..columns.len()).filter(|&c| is_said(c)).collect();
    let cells = |row: Row| {
        row.cells.into_iter().enumerate().filter(|(c, _)| said.contains(c)).map(|(_, cell)| cell.into()).collect()
    };
    Table {
        columns: columns.into_iter().enumerate().filter(|(c, _)| said.contains(c)).map(|(_, column)| column).collect(),
        rows: rows.into_iter().map(cells).collect(),
        can_stack: true,
    }
}

/// The lines of a rule: what it gives, and what it gives if not.
fn rows(model: &Model, rule: &Rule) -> Vec<Row> {
    // Each part by name; `how_often` says the rate and the bound, `about` the condition.
    let Rule { amount: gives, ageing: ages, if_not, line, when: _, counting: _, rate: _, up_to: _, fields: _ } = rule;
    let about = about(model, rule);
    let line = model.line(*line);
    let because = line.because.as_ref().map(|b| template(model, b));
    let (points, shown) = amount(model, gives);
    let activity = activity_of(rule);
    let since =
        if about.has_window_inside { String::new() } else { activity.map_or(String::new(), |a| since_when(model, a)) };
    let stays = if activity.is_some() { "stays" } else { "" };
    let ages = ages.as_ref().map_or(stays.to_owned(), ageing);
    let mut out = vec![Row {
        points,
        cells: [
            shown.into(),
            with_reason(because.as_deref(), &about.words),
            how_often(model, rule).into(),
            since.into(),
            ages.into(),
        ],
    }];
    if let Some(amount_of_other) = if_not {
        let because = line.because_not.as_ref().map(|b| template(model, b));
        let (points, shown) = amount(model, amount_of_other);
        let words = with_reason(because.as_deref(), &format!("Where this is known not to be so: {}", about.words));
        out.push(Row { points, cells: [shown.into(), words, Phrase::new(), Phrase::new(), Phrase::new()] });
    }
    out
}

fn with_reason(because: Option<&str>, words: &str) -> Phrase {
    match because {
        Some(because) if because.to_lowercase() == words.to_lowercase() => Phrase::new().strong(because),
        Some(because) => {
            Phrase::new().strong(because).and(if words.is_empty() { String::new() } else { format!(": {words}") })
        }
        None => Phrase::new().and(capital(words)),
    }
}

fn amount(model: &Model, amount: &Amount) -> (Option<i128>, String) {
    match &amount.literal {
        Some(literal) => {
            let points = from_decimal(literal) * if amount.subtract { -1 } else { 1 };
            (Some(points), to_signed_text(points))
        }
        None => {
            (None, format!("{} {}", if amount.subtract { "less" } else { "as many as" }, say(model, &amount.value)))
        }
    }
}

/// What a rule is about, in words.
struct About {
    words: String,
    /// Whether the words say since when.
    has_window_inside: bool,
}

fn about(model: &Model, rule: &Rule) -> About {
    let counted = match &rule.counting {
        Counting::Each { activity, through: false } => Some(did(model, activity, None, false)),
        Counting::Distinct(activity) => Some(did(model, activity, None, false)),
        Counting::SinceDate(..)
        | Counting::SinceActivity(..)
        | Counting::Silence(..)
        | Counting::Once(_)
        | Counting::Each { .. } => None,
    };
    match (&rule.when, counted) {
        (None, counted) => About { words: counted.unwrap_or_default(), has_window_inside: false },
        (Some(Expr { kind: ExprKind::Did(activity, count), .. }), None) => {
            About { words: did(model, activity, *count, false), has_window_inside: false }
        }
        (Some(condition), None) => About { words: say(model, condition), has_window_inside: true },
        (Some(condition), Some(counted)) => {
            About { words: format!("{counted}, if {}", say(model, condition)), has_window_inside: false }
        }
    }
}

/// The one activity that a rule looks for, where it is one.
fn activity_of(rule: &Rule) -> Option<&Activity> {
    match &rule.counting {
        Counting::Each { activity, .. } | Counting::Distinct(activity) => Some(activity),
        Counting::SinceDate(..) | Counting::SinceActivity(..) | Counting::Silence(..) => None,
        Counting::Once(_) => match &rule.when {
            Some(Expr { kind: ExprKind::Did(activity, _), .. }) => Some(activity),
            _ => None,
        },
    }
}

fn since_when(model: &Model, activity: &Activity) -> String {
    activity.window.as_ref().map_or("any time".to_owned(), |window| in_window(model, window))
}

fn how_often(model: &Model, rule: &Rule) -> String {
    let mut out = match &rule.counting {
        Counting::Once(_) => String::new(),
        Counting::Each { .. } => "each time".to_owned(),
        Counting::Distinct(_) => "for each different one".to_owned(),
        Counting::SinceDate(every, date) => format!("for every {} since {}", one_left_out(*every), say(model, date)),
        Counting::SinceActivity(every, activity) => {
            format!("for every {} since the last: {}", one_left_out(*every), did(model, activity, None, true))
        }
        Counting::Silence(every, _) => format!("for every {} of silence", one_left_out(*every)),
    };
    if let Some(Rate { times, within, span: _ }) = rule.rate {
        let times = match times {
            1 => "once".to_owned(),
            2 => "twice".to_owned(),
            n => format!("{n} times"),
        };
        let within = match within {
            RateWindow::Calendar(unit) => format!("a calendar {}", unit.name()),
            RateWindow::Rolling(every) => format!("any {}", rolling(every)),
        };
        out.push_str(&format!(", but at most {times} in {within}"));
    }
    if let Some(most) = &rule.up_to {
        out.push_str(&format!("{}up to {}", if out.is_empty() { "" } else { ", " }, say(model, most)));
    }
    out
}

fn ageing(ageing: &Ageing) -> String {
    let every = one_left_out(ageing.every);
    match &ageing.kind {
        AgeingKind::Keeping(share) if from_decimal(share) == 5_000 => format!("halves every {every}"),
        AgeingKind::Keeping(share) => format!("keeps {}% every {every}", percent(share)),
        AgeingKind::Losing(share) => format!("loses {}% of what it was every {every}", percent(share)),
    }
}

/// A table of points.
fn lines(model: &Model, table: &crate::model::Table, page: &mut Page) {
    let title = table.title.clone().unwrap_or_else(|| capital(&say(model, &table.by)));
    page.say(Phrase::new().strong(title).and(if table.keyed.is_some() {
        ", from a file:"
    } else {
        ". The first line that holds counts:"
    }));
    let row = |line: &CaseLine| -> Vec<crate::page::Cell> {
        let because = model.line(line.line).because.as_ref().map(|b| template(model, b));
        vec![amount(model, &line.amount).1.into(), with_reason(because.as_deref(), &case(model, table, line)).into()]
    };
    page.table(Table {
        columns: vec![Column::numbers("Points"), Column::words("For")],
        rows: table.lines.iter().take(MOST_LINES).map(row).collect(),
        can_stack: true,
    });
    if table.lines.len() > MOST_LINES {
        page.say(format!("And {} more.", counted((table.lines.len() - MOST_LINES) as u64, "line")));
    }
}

fn case(model: &Model, table: &crate::model::Table, line: &CaseLine) -> String {
    let by = say(model, &table.by);
    match &line.case {
        Case::When(condition) => say(model, condition),
        Case::Missing => format!("{by} is not known"),
        Case::Otherwise { takes_unknown: true } => format!("anything else, also where {by} is not known"),
        Case::Otherwise { takes_unknown: false } => "anything else".to_owned(),
    }
}
