//! Activity by name, and rules to begin with: profile, points, stages, a test.

use std::fmt::Write as _;

use super::columns::Kind;
use super::fields::{FieldOut, typical};
use super::log::name_of;
use super::survey::Column;
use super::write::{Found, comment, quoted, quoted_all, typed};
use crate::check::{KNOWN_STAGES, known_stage};
use crate::front::Rules;
use crate::messages::start as say;
use crate::number::grouped;
use crate::text::{fold, is_word_char};
use crate::time::Written;

/// What the types of activity are worth to begin with: points each, and at most.
const WORTH: &[(&str, u32, u32, &str)] = &[
    ("booked", 100, 100, "Booked a meeting"),
    ("requested", 50, 50, "Asked for something"),
    ("replied", 30, 60, "Replied"),
    ("signed_up", 30, 30, "Signed up"),
    ("attended", 20, 40, "Attended an event"),
    ("downloaded", 10, 30, "Downloaded content"),
    ("submitted", 10, 30, "Filled in a form"),
    ("registered", 10, 20, "Registered for an event"),
    ("called", 10, 20, "Talked on the phone"),
    ("clicked", 3, 15, "Clicks in e-mails"),
    ("visited", 2, 20, "Visits the website"),
    ("logged_in", 2, 20, "Uses the product"),
    ("opened", 1, 5, "Opens e-mails"),
];

/// Parts of pages that people look at before they buy.
const PRICING: &[&str] = &["pricing", "price", "preis", "tarif", "precio", "prix", "plans", "demo", "buy", "kaufen"];

/// A type of activity that rules may ask for.
pub struct TypeOut {
    name: String,
    count: u64,
    targets: Vec<(String, u64)>,
    is_engagement: bool,
}

/// `activity` lines for the types that no library knows; and all types, by their names here.
pub fn activity_lines(out: &mut String, found: &Found<'_>, unsure: &mut Vec<String>) -> Vec<TypeOut> {
    let mut types: Vec<TypeOut> = Vec::new();
    let mut sources: Vec<(String, Vec<String>)> = Vec::new();
    let mut unnamed = Vec::new();
    for log in found.logs {
        for (kind, (count, targets)) in &log.types {
            let (name, is_said) = name_of(kind, found.systems);
            if name.is_none() {
                unnamed.push(kind.clone());
            }
            let name = name.unwrap_or_else(|| kind.clone());
            if !is_said && fold(&name) != fold(kind) {
                match sources.iter_mut().find(|(n, _)| *n == name) {
                    Some((_, from)) => from.push(kind.clone()),
                    None => sources.push((name.clone(), vec![kind.clone()])),
                }
            }
            let targets: Vec<(String, u64)> = targets
                .most_frequent(5)
                .into_iter()
                .filter(|(t, n)| *n >= 2 && !t.contains('@'))
                .map(|(t, n)| (t.to_owned(), n))
                .collect();
            let is_idle = matches!(name.as_str(), "sent" | "bounced" | "unsubscribed" | "record_change" | "noticed")
                || found.systems.iter().any(|s| s.unengaged.contains(&name));
            match types.iter_mut().find(|t| t.name == name) {
                Some(known) => {
                    known.count += count;
                    known.targets.extend(targets);
                }
                None => types.push(TypeOut { name, count: *count, targets, is_engagement: !is_idle }),
            }
        }
    }
    types.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.name.cmp(&b.name)));
    for kind in &mut types {
        kind.targets.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    }
    if !types.is_empty() {
        out.push_str("# Activity, with how often it came and what it was about:\n");
        for kind in types.iter().take(25) {
            let about: Vec<String> =
                kind.targets.iter().take(4).map(|(target, n)| format!("{target} ({})", grouped(*n))).collect();
            let about = if about.is_empty() { String::new() } else { format!(": {}", about.join(", ")) };
            let _ =
                writeln!(out, "#   {} {}", comment(&kind.name), comment(&format!("({}){about}", grouped(kind.count))));
        }
    }
    for (name, from) in &sources {
        let _ = writeln!(out, "activity {} from {}", typed(name), quoted_all(from.iter().map(String::as_str)));
    }
    let idle: Vec<String> = types
        .iter()
        .filter(|t| !t.is_engagement && !found.systems.iter().any(|s| s.unengaged.contains(&t.name)))
        .map(|t| typed(&t.name))
        .collect();
    if !idle.is_empty() {
        let _ = writeln!(out, "activity {} are not engagement", idle.join(", "));
    }
    out.push('\n');
    if !unnamed.is_empty() {
        unnamed.truncate(6);
        unsure.push(say::types_without_meaning(&unnamed));
    }
    types
}

/// The profile of companies that fit; false where nothing tells of companies.
pub fn profile(out: &mut String, fields: &[FieldOut<'_>]) -> bool {
    let mut criteria = Vec::new();
    for name in ["industry", "country"] {
        if let Some(field) =
            fields.iter().find(|f| f.name == name && !f.values.is_empty() && matches!(f.kind, Kind::Text))
        {
            criteria.push(format!("{name} in [{}]", quoted_all(field.values.iter().take(3).map(|(v, _)| v.as_str()))));
        }
    }
    if fields.iter().any(|f| f.name == "employees" && matches!(f.kind, Kind::Number(_))) {
        criteria.push("employees >= 50".to_owned());
    }
    if !criteria.is_empty() {
        let _ = writeln!(
            out,
            "# Who fits: the commonest values of the export stand here to be replaced.\nprofile icp \"Companies that fit\" {{\n  {}\n}}\n",
            criteria.join("\n  ")
        );
    }
    !criteria.is_empty()
}

pub fn rules(out: &mut String, fields: &[FieldOut<'_>], types: &[TypeOut], has_profile: bool) {
    out.push_str("# What interest is worth.\n");
    let has = |name: &str| types.iter().any(|t| t.name == name);
    for (name, points, most, because) in WORTH.iter().filter(|(name, ..)| has(name)) {
        if let Some((page, _)) = types.iter().find(|t| t.name == *name && *name == "visited").and_then(pricing) {
            let _ = writeln!(out, "when visited({}) in last 30 days add 30 because \"Looked at prices\"", quoted(page));
        }
        if points == most {
            let _ = writeln!(out, "when {name}() in last 90 days add {points} because {}", quoted(because));
        } else {
            let _ = writeln!(out, "add {points} per {name}() in last 90 days up to {most} because {}", quoted(because));
        }
    }
    let is_own = |t: &&TypeOut| t.is_engagement && !WORTH.iter().any(|(name, ..)| *name == t.name);
    for kind in types.iter().filter(is_own).take(10) {
        let because = quoted(&crate::text::capital(&kind.name.replace('_', " ")));
        let _ = writeln!(out, "add 5 per {}() in last 90 days up to 20 because {because}", called(&kind.name));
    }
    let field = |name: &str| fields.iter().any(|f| f.name == name);
    if field("title") {
        out.push_str("when title mentions any c_level or title mentions any vp_level or title mentions any owners and title not mentions any not_owners add 15 because \"Decides\"\n");
        out.push_str("when title mentions any juniors subtract 20 because \"Intern or student\"\n");
    }
    if field("email") {
        out.push_str("when domain(email) in freemail subtract 10 because \"Private e-mail address\"\n");
    }
    if !types.is_empty() {
        out.push_str("when activity() and inactive for 90 days subtract 10 because \"Quiet for three months\"\n");
    } else if has_profile {
        out.push_str("when fit(icp) add 30 because \"Fits\"\n");
    } else {
        // Something to begin with.
        let valued =
            fields.iter().filter_map(|f| Some((f, f.values.first()?))).filter(|(f, _)| matches!(f.kind, Kind::Text));
        for (field, (value, _)) in valued.take(2) {
            let _ = writeln!(out, "when {} = {} add 10", typed(&field.name), quoted(value));
        }
    }
    out.push('\n');
}

/// The commonest page of prices.
fn pricing(kind: &TypeOut) -> Option<&(String, u64)> {
    kind.targets.iter().find(|(target, _)| PRICING.iter().any(|word| fold(target).contains(word)))
}

/// A type as it is called in a rule.
fn called(name: &str) -> String {
    let is_word =
        name.chars().all(|c| is_word_char(c) || c == '_') && !crate::builtins::is_function(&name.to_ascii_lowercase());
    let is_special = matches!(name.to_ascii_lowercase().as_str(), "activity" | "active" | "inactive" | "fit" | "at");
    if is_word && !is_special { typed(name) } else { format!("`{}`", name.replace('`', "")) }
}

pub fn stages(
    out: &mut String,
    found: &Found<'_>,
    fields: &[FieldOut<'_>],
    has_profile: bool,
    unsure: &mut Vec<String>,
) {
    let of = |column: &Column| -> (Vec<&'static str>, f64) {
        let mut seen: Vec<usize> =
            column.values.most_frequent(100).iter().filter_map(|(v, _)| known_stage(v)).collect();
        seen.sort_unstable();
        seen.dedup();
        (
            seen.into_iter().filter_map(|i| KNOWN_STAGES.get(i).copied()).collect(),
            column.values.share(|v| known_stage(v).is_some()),
        )
    };
    let current = fields
        .iter()
        .filter(|f| matches!(f.name.as_str(), "lifecycle_stage" | "lead_status") || f.name.ends_with("stage"));
    let best = current
        .map(|f| (f, of(f.column)))
        .filter(|(_, (seen, share))| seen.len() > 1 && *share >= 0.5)
        .max_by(|a, b| a.1.1.total_cmp(&b.1.1));
    let fit = if has_profile { " and fit(icp)" } else { "" };
    match best {
        Some((field, (seen, share))) => {
            let ladder: Vec<&str> = KNOWN_STAGES
                .into_iter()
                .filter(|name| seen.contains(name) || matches!(*name, "lead" | "mql" | "sql"))
                .collect();
            let _ = writeln!(
                out,
                "# Where leads stand today comes from `{}`.\nstages {} from {}\n",
                comment(&field.column.name),
                ladder.join(", "),
                typed(&field.name)
            );
            if share < 1.0 {
                unsure.push(say::values_no_stage(&field.column.name));
            }
        }
        None => out.push_str("stages lead, mql, sql\n\n"),
    }
    let _ = writeln!(out, "mql if score >= 30\nsql if score >= 60{fit}\n");
    let has_type = |name: &str| {
        found.logs.iter().any(|log| log.types.keys().any(|k| name_of(k, found.systems).0.as_deref() == Some(name)))
    };
    let mut verdicts = Vec::new();
    if fields.iter().any(|f| f.name == "opted_out" && matches!(f.kind, Kind::Flag)) {
        verdicts.push("disqualify if opted_out because \"Opted out of e-mail\"");
    }
    if has_type("unsubscribed") {
        verdicts.push("disqualify if unsubscribed() because \"Unsubscribed\"");
    }
    if has_type("bounced") {
        verdicts.push("review if bounced() in last 90 days because \"E-mail bounced\"");
    }
    for line in verdicts {
        let _ = writeln!(out, "{line}");
    }
    out.push('\n');
}

/// The model with a test: a lead as many in the export, and what becomes of it today.
pub fn with_test(text: String, found: &Found<'_>, fields: &[FieldOut<'_>], types: &[TypeOut], today: i64) -> String {
    let as_of = Written::Day(today).to_string();
    let mut entries: Vec<(String, String)> = Vec::new();
    let mut lead = serde_json::Map::new();
    let mut add = |name: &str, value: &str, shown: String| {
        entries.push((typed(name), shown));
        lead.insert(name.to_owned(), value.into());
    };
    // Of fields that a library brings, those that rules ask for; of all others each, so that nothing is declared in vain.
    let of_rules = ["industry", "country", "title", "employees"];
    for field in fields.iter().filter(|f| !f.is_known || of_rules.contains(&f.name.as_str())) {
        if let Some((value, shown)) = typical(field, today) {
            add(&field.name, &value, shown);
        }
    }
    let mut did = Vec::new();
    let mut events = Vec::new();
    let mut days = 1;
    for kind in types.iter().filter(|t| t.is_engagement && WORTH.iter().any(|(name, ..)| *name == t.name)).take(2) {
        let target = if kind.name == "visited" { pricing(kind).or(kind.targets.first()) } else { kind.targets.first() };
        let argument = target.map(|(t, _)| quoted(t)).unwrap_or_default();
        did.push(format!("{}({argument}) {days} day{} ago", kind.name, if days == 1 { "" } else { "s" }));
        events.push(serde_json::json!({ "type": kind.name, "target": target.map(|(t, _)| t), "at": Written::Day(today - days).to_string() }));
        days += 2;
    }
    lead.insert("events".to_owned(), events.into());
    if let Some(id) = found.leads.id.and_then(|at| found.leads.columns.get(at)) {
        lead.entry(id.name.clone()).or_insert("1".into());
    }
    let Ok(rules) = Rules::parse(&text) else { return text };
    let Ok(score) = rules.scorer(&as_of).and_then(|scorer| scorer.score(&lead)) else { return text };
    let entries: Vec<String> = entries.iter().map(|(name, value)| format!("{name}: {value}")).collect();
    let mut out = text;
    let _ = writeln!(out, "test \"a lead as many in the export\" {{\n  as of {as_of}");
    if !entries.is_empty() {
        let _ = writeln!(out, "  lead {{ {} }}", entries.join(", "));
    }
    for line in did {
        let _ = writeln!(out, "  {line}");
    }
    let points = score.score.map_or_else(|| "0".to_owned(), crate::number::to_text);
    let stage = match score.stage.as_str() {
        "disqualified" => "disqualified".to_owned(),
        stage => format!("stage = {stage}"),
    };
    let _ = writeln!(out, "  expect score = {points} and {stage}\n}}\n");
    out
}
