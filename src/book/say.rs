//! Conditions in plain English, for people who do not read rules.
//!
//! Owns the sentences of the rule book. They are made from what the model means, so that they say what is evaluated.

use crate::model::{
    Activity, Count, DefinitionId, Expr, ExprKind, GroupId, LabelId, Model, Needle, OfProfile, TargetPattern,
    TargetTest, Template, TemplatePart, Window,
};
use crate::operators::{CompareOp, CountKind, TextTest};
use crate::shown::{either, several};
use crate::time::Period;
use crate::value::{Stage, Type, Value};

/// A condition or value in words.
#[must_use]
pub fn say(model: &Model, expr: &Expr) -> String {
    use ExprKind as K;
    let words = |e: &Expr| say(model, e);
    match &expr.kind {
        K::Value(value) => value_words(model, value),
        K::Today => "today".to_owned(),
        K::Field(id) => model.fields.get(id.0).map_or(String::new(), |f| name(&f.name)),
        K::Property(id) => model.properties.get(id.0).map_or(String::new(), |p| name(&p.name)),
        K::Definition(id) => definition(model, *id),
        K::Score => "the score".to_owned(),
        K::Group(GroupId(id)) => model.groups.get(*id).map_or(String::new(), |g| name(&g.name)),
        K::Label(LabelId(id)) => model.labels.get(*id).map_or(String::new(), |l| name(&l.name)),
        K::Stage => "the stage".to_owned(),
        K::CouldBe => "what the stage could be".to_owned(),
        K::Current => "the stage where the lead stands today".to_owned(),
        K::Disqualified => "disqualified".to_owned(),
        K::Excluded => "excluded".to_owned(),
        K::Fired(text) => format!("the reason \"{}\" is given", text.written),
        K::Review(text) => format!("the review \"{}\" is asked for", text.written),
        K::Not(inner) => not(model, inner),
        K::All(items) => joined(model, items, "and"),
        K::Any(items) => joined(model, items, "or"),
        K::AtLeast(n, items) => {
            let items: Vec<String> = items.iter().map(words).collect();
            format!("at least {n} of these: {}", items.join("; "))
        }
        K::OfProfile(how, id) => of_profile(model, *how, *id),
        K::Unless(a, b) => format!("{}, unless {}", words(a), words(b)),
        K::Compare(op, a, b) => compared(model, *op, a, b),
        K::Between(x, a, b) => format!("{} is between {} and {}", words(x), words(a), words(b)),
        K::In(x, values) => {
            let values: Vec<String> = values.iter().map(|v| value_words(model, v)).collect();
            format!("{} is {}", words(x), either(&values))
        }
        K::Text(x, test, all, needles) => format!("{} {} {}", words(x), tested(*test, true), texts(needles, *all)),
        K::Known(x) => format!("{} is known", words(x)),
        K::InLast(x, d) => format!("{} is in the last {}", words(x), one_left_out(*d)),
        K::InNext(x, d) => format!("{} is in the next {}", words(x), one_left_out(*d)),
        K::Ago(x, d) => format!("{} is at least {} ago", words(x), period(*d)),
        K::Sum(items) => calculated(model, items, ["+", "-"]),
        K::Product(items) => calculated(model, items, ["×", "/"]),
        K::Negate(x) => format!("-{}", inside(model, x)),
        K::Call(function, arguments) => function.words(&arguments.iter().map(words).collect::<Vec<_>>()),
        K::Lookup(_, x) => format!("what the table says for {}", words(x)),
        K::Did(activity, count) => did(model, activity, *count, true),
        K::Then(a, b, within) => {
            let within = within.map_or(String::new(), |d| format!(" within {}", period(d)));
            format!("{}, followed by {}{within}", did(model, a, None, true), did(model, b, None, true))
        }
        K::OfRecords(function, a, p) => {
            let property = p.map_or(String::new(), |p| property(model, p.0));
            function.words(&[did(model, a, None, true), property])
        }
    }
}

/// A name as people say it.
#[must_use]
pub fn name(written: &str) -> String {
    written.replace('_', " ").trim().to_owned()
}

/// A length of time: `30 days`, `1 year`.
#[must_use]
pub fn period(period: Period) -> String {
    let (count, unit) = parts(period);
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

/// Any stretch of that length: `24 hours` where it is no day of the calendar.
#[must_use]
pub fn rolling(of: Period) -> String {
    if of == Period::DAY { "24 hours".to_owned() } else { period(of) }
}

/// The same where a 1 is not said: `in the last month`.
#[must_use]
pub fn one_left_out(of: Period) -> String {
    let (count, unit) = parts(of);
    if count == 1 { unit.to_owned() } else { period(of) }
}

fn parts(period: Period) -> (i64, &'static str) {
    const MINUTE: i64 = 60_000_000;
    match period {
        Period { months, .. } if months != 0 && months % 12 == 0 => (months / 12, "year"),
        Period { months, .. } if months != 0 => (months, "month"),
        Period { days, .. } if days != 0 => (days, "day"),
        Period { exact, .. } if exact % (60 * MINUTE) == 0 => (exact / (60 * MINUTE), "hour"),
        Period { exact, .. } => (exact / MINUTE, "minute"),
    }
}

/// A text of the model; what is filled in stands in brackets.
#[must_use]
pub fn template(model: &Model, template: &Template) -> String {
    let part = |part: &TemplatePart| match part {
        TemplatePart::Text(text) => text.clone(),
        TemplatePart::Value(value) => format!("[{}]", say(model, value)),
    };
    template.parts.iter().map(part).collect()
}

/// What a profile is called.
#[must_use]
pub fn profile(model: &Model, id: DefinitionId) -> String {
    let definition = model.definitions.get(id.0);
    let title = definition.and_then(|d| d.profile.as_ref()).and_then(|p| p.title.clone());
    title.unwrap_or_else(|| definition.map_or(String::new(), |d| name(&d.name)))
}

/// An activity in words, with its window where that is wanted.
#[must_use]
pub fn did(model: &Model, activity: &Activity, count: Option<Count>, with_window: bool) -> String {
    let Some(query) = model.queries.get(activity.query.0) else { return String::new() };
    let kind = query.kind.and_then(|k| model.activity_types.get(k.0));
    let mut out = kind.map_or("any activity".to_owned(), |k| name(&k.name));
    if !query.targets.is_empty() {
        let targets: Vec<String> = query.targets.iter().map(target).collect();
        out.push_str(&format!(" {}", either(&targets)));
    }
    if let Some(filter) = &query.filter {
        out.push_str(&format!(" (where {})", say(model, filter)));
    }
    if let Some(count) = count {
        out.push_str(&counted(count));
    }
    if with_window && let Some(window) = &activity.window {
        out.push_str(&format!(" {}", in_window(model, window)));
    }
    out
}

/// When an activity must have happened.
#[must_use]
pub fn in_window(model: &Model, window: &Window) -> String {
    match window {
        Window::InLast(d) => format!("in the last {}", one_left_out(*d)),
        Window::Since(date) => format!("since {}", say(model, date)),
        Window::Before(date) => format!("before {}", say(model, date)),
        Window::After(date) => format!("after {}", say(model, date)),
        Window::Between(a, b) => format!("between {} and {}", say(model, a), say(model, b)),
    }
}

fn target(pattern: &TargetPattern) -> String {
    let text = pattern.written.as_str();
    let has_signs = |text: &str| text.contains(['*', '?']);
    match pattern.test {
        TargetTest::Exact(_) => format!("\"{text}\""),
        TargetTest::Page(_) => match (text.strip_suffix("/?*"), text.strip_suffix("/*")) {
            _ if text == "/" => "the home page".to_owned(),
            (Some(above), _) if !has_signs(above) => format!("a page below {above}"),
            (_, Some(above)) if !has_signs(above) => format!("{above} or a page below it"),
            _ if has_signs(text) => format!("a page like {text}"),
            _ => format!("the page {text}"),
        },
        TargetTest::Wildcard(_) => match (text.strip_prefix('*'), text.strip_suffix('*')) {
            (Some(""), _) => "anything".to_owned(),
            (Some(rest), Some(_)) if rest.strip_suffix('*').is_some_and(|middle| !has_signs(middle)) => {
                format!("anything with \"{}\" in it", rest.trim_end_matches('*').trim())
            }
            (None, Some(start)) if !has_signs(start) => format!("anything that begins with \"{}\"", start.trim()),
            (Some(end), None) if !has_signs(end) => format!("anything that ends with \"{}\"", end.trim()),
            _ => format!("anything like \"{text}\""),
        },
    }
}

fn counted(count: Count) -> String {
    let how = |kind: CountKind| match kind {
        CountKind::AtLeast => "at least",
        CountKind::AtMost => "at most",
        CountKind::Exactly => "exactly",
    };
    match count {
        Count::Times(CountKind::AtLeast, 1, _) => String::new(),
        Count::Times(kind, n, within) => {
            let times = if n == 1 { "once".to_owned() } else { format!("{n} times") };
            let within = within.map_or(String::new(), |d| format!(" within {} of each other", period(d)));
            format!(" {} {times}{within}", how(kind))
        }
        Count::Days(kind, n) => format!(" on {} {n} different day{}", how(kind), if n == 1 { "" } else { "s" }),
    }
}

fn property(model: &Model, id: usize) -> String {
    model.properties.get(id).map_or(String::new(), |p| name(&p.name))
}

fn definition(model: &Model, id: DefinitionId) -> String {
    match model.definitions.get(id.0) {
        Some(d) if d.profile.is_some() => format!("the lead fits \"{}\"", profile(model, id)),
        // What a table is about is a definition without a name.
        Some(d) if d.name.is_empty() => say(model, &d.value),
        Some(d) => name(&d.name),
        None => String::new(),
    }
}

fn of_profile(model: &Model, how: OfProfile, id: DefinitionId) -> String {
    let (all, title) = (model.criteria(id).len(), profile(model, id));
    match how {
        OfProfile::AtLeast(n) => format!("at least {n} of the {all} points of \"{title}\" hold"),
        OfProfile::None => format!("none of the {all} points of \"{title}\" hold"),
    }
}

/// What does not hold.
fn not(model: &Model, inner: &Expr) -> String {
    use ExprKind as K;
    match &inner.kind {
        K::Did(activity, None) => {
            let words = did(model, activity, None, true);
            match (words.strip_prefix("any activity"), &activity.window) {
                (Some(rest), _) => format!("no activity{}", if rest.is_empty() { " at all" } else { rest }),
                (None, None) => format!("never {words}"),
                (None, Some(_)) => format!("not {words}"),
            }
        }
        K::Not(twice) => say(model, twice),
        K::Known(x) => format!("{} is not known", say(model, x)),
        K::Compare(CompareOp::Equal, a, b) => format!("{} is not {}", say(model, a), say(model, b)),
        K::In(x, values) => {
            let values: Vec<String> = values.iter().map(|v| value_words(model, v)).collect();
            format!("{} is not {}", say(model, x), either(&values))
        }
        K::Between(x, a, b) => format!("{} is not between {} and {}", say(model, x), say(model, a), say(model, b)),
        K::Text(x, test, all, needles) => {
            format!("{} does not {} {}", say(model, x), tested(*test, false), texts(needles, *all))
        }
        K::InLast(x, d) => format!("{} is not in the last {}", say(model, x), one_left_out(*d)),
        K::InNext(x, d) => format!("{} is not in the next {}", say(model, x), one_left_out(*d)),
        K::Definition(id) if model.definitions.get(id.0).is_some_and(|d| d.profile.is_some()) => {
            format!("the lead does not fit \"{}\"", profile(model, *id))
        }
        K::Field(_) | K::Definition(_) => format!("not {}", say(model, inner)),
        _ => format!("it is not so that {}", inside(model, inner)),
    }
}

/// Several conditions. Those that are made of several themselves stand in parentheses.
fn joined(model: &Model, items: &[Expr], with: &str) -> String {
    let words: Vec<String> = items.iter().map(|e| inside(model, e)).collect();
    match words.as_slice() {
        [a] => a.clone(),
        _ => words.join(&format!(" {with} ")),
    }
}

/// In parentheses, where it is made of several parts.
fn inside(model: &Model, expr: &Expr) -> String {
    use ExprKind as K;
    let words = say(model, expr);
    let is_whole = match &expr.kind {
        K::All(items) | K::Any(items) => items.len() < 2,
        K::AtLeast(..) | K::Unless(..) | K::Sum(_) | K::Then(..) => false,
        _ => true,
    };
    if is_whole { words } else { format!("({words})") }
}

fn compared(model: &Model, op: CompareOp, a: &Expr, b: &Expr) -> String {
    let (left, right) = (say(model, a), say(model, b));
    let of_type = model.type_of(a);
    let (is_date, is_stage) = (of_type == Type::Date, of_type == Type::Stage);
    match op {
        CompareOp::Equal => format!("{left} is {right}"),
        CompareOp::NotEqual => format!("{left} is not {right}"),
        CompareOp::GreaterOrEqual if is_stage => format!("{left} is {right} or higher"),
        CompareOp::LessOrEqual if is_stage => format!("{left} is {right} or lower"),
        CompareOp::Greater if is_stage => format!("{left} is higher than {right}"),
        CompareOp::Less if is_stage => format!("{left} is lower than {right}"),
        CompareOp::GreaterOrEqual if is_date => format!("{left} is on or after {right}"),
        CompareOp::LessOrEqual if is_date => format!("{left} is on or before {right}"),
        CompareOp::Greater if is_date => format!("{left} is after {right}"),
        CompareOp::Less if is_date => format!("{left} is before {right}"),
        CompareOp::GreaterOrEqual => format!("{left} is at least {right}"),
        CompareOp::LessOrEqual => format!("{left} is at most {right}"),
        CompareOp::Greater => format!("{left} is more than {right}"),
        CompareOp::Less => format!("{left} is less than {right}"),
    }
}

fn tested(test: TextTest, is_positive: bool) -> &'static str {
    match (test, is_positive) {
        (TextTest::Contains, true) => "contains",
        (TextTest::Contains, false) => "contain",
        (TextTest::Mentions, true) => "mentions",
        (TextTest::Mentions, false) => "mention",
        (TextTest::StartsWith, true) => "starts with",
        (TextTest::StartsWith, false) => "start with",
        (TextTest::EndsWith, true) => "ends with",
        (TextTest::EndsWith, false) => "end with",
        (TextTest::Matches, true) => "looks like",
        (TextTest::Matches, false) => "look like",
    }
}

fn texts(needles: &[Needle], all: bool) -> String {
    let texts: Vec<String> = needles.iter().map(|n| text_words(&n.written)).collect();
    if all { several(&texts, "and") } else { either(&texts) }
}

fn value_words(model: &Model, value: &Value) -> String {
    match value {
        Value::Missing => "not known".to_owned(),
        Value::Number(n) => amount(*n),
        Value::Text(text) => text_words(&text.written),
        Value::Stage(Stage::Rank(rank)) => model.ladder.stages.get(*rank).cloned().unwrap_or_default(),
        Value::Stage(stage) => crate::eval::stage_name(model, *stage).to_owned(),
        value => value.to_string(),
    }
}

/// A text; in quotes where it would be lost among other words.
fn text_words(text: &str) -> String {
    if text.trim().is_empty() || text.contains([',', '"', ';']) { format!("\"{text}\"") } else { text.to_owned() }
}

/// A number for people: `1,000`, `0.75`.
#[must_use]
pub fn amount(n: f64) -> String {
    let text = crate::number::to_text(n);
    let (sign, size) = text.strip_prefix('-').map_or(("", text.as_str()), |size| ("-", size));
    let (whole, rest) = size.split_once('.').map_or((size, String::new()), |(whole, rest)| (whole, format!(".{rest}")));
    whole.parse::<u64>().map_or(text.clone(), |whole| format!("{sign}{}{rest}", crate::number::grouped(whole)))
}

fn calculated(model: &Model, items: &[(bool, Expr)], signs: [&str; 2]) -> String {
    let mut out = String::new();
    for (i, (is_second, item)) in items.iter().enumerate() {
        if i > 0 {
            out.push_str(&format!(" {} ", if *is_second { signs[1] } else { signs[0] }));
        } else if *is_second {
            out.push_str(signs[1]);
        }
        out.push_str(&inside(model, item));
    }
    out
}
