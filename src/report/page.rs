//! The report laid out as a page.

use super::{ByCount, FitAndIntent, LabelCount, Report, RuleCount, StageCount};
use crate::number::grouped;
use crate::page::{Bin, Block, Cell, Column, Histogram, Item, Mark, Page, Phrase, Table, counted, share};
use crate::points::to_text;
use crate::text::capital;

/// More values of a field or label than this are told together.
const MOST_VALUES: usize = 12;
/// More rules than this are told together.
const MOST_RULES: usize = 40;

/// The page of a report. `file` is what the leads are called.
#[must_use]
pub fn page(report: &Report, file: &str) -> Page {
    let title = report.model.name.as_ref().map_or("Report".to_owned(), |name| format!("Report: {name}"));
    let mut page = Page { title, ..Page::default() };
    page.facts.push(("Leads".to_owned(), grouped(report.rows)));
    page.facts.push(("As of".to_owned(), report.as_of.clone()));
    page.facts.extend(report.model.version.iter().map(|v| ("Rules".to_owned(), v.clone())));
    page.facts.push(("From".to_owned(), file.to_owned()));
    page.list(in_short(report));
    funnel(report, &mut page);
    scores(report, &mut page);
    rules(report, &mut page);
    fields(report, &mut page);
    if let Some(pairs) = &report.fit_and_intent {
        fit_and_intent(pairs, &mut page);
    }
    if let Some(by) = &report.by {
        by_value(by, &mut page);
    }
    labels(&report.labels, &mut page);
    unread(report, &mut page);
    let hash = report.model.hash.strip_prefix("sha256:").and_then(|h| h.get(..12)).unwrap_or("");
    page.foot = format!("Written by Merit. Fingerprint of the rules: {hash}.");
    page
}

/// Points with their sign, for people: `+1,065`.
fn signed(points: i128) -> String {
    let text = to_text(points.abs());
    let (whole, rest) =
        text.split_once('.').map_or((text.as_str(), String::new()), |(whole, rest)| (whole, format!(".{rest}")));
    let whole = whole.parse().map_or_else(|_| whole.to_owned(), grouped);
    format!("{}{whole}{rest}", if points < 0 { "-" } else { "+" })
}

fn is_on_ladder(stage: &&StageCount) -> bool {
    stage.reached.is_some()
}

/// What matters most, in sentences.
fn in_short(report: &Report) -> Vec<Item> {
    let mut out = Vec::new();
    let answered = report.rows - report.errors;
    if answered == 0 {
        out.push("No lead could be read.".into());
    }
    // Stages that are set by people alone say nothing about rules.
    let is_reached = |s: &&StageCount| is_on_ladder(s) && s.leads + s.could_be > 0;
    if let Some(top) = report.stages.iter().find(is_reached).or_else(|| report.stages.iter().find(is_on_ladder))
        && answered > 0
    {
        out.push(
            Phrase::new()
                .strong(counted(top.leads, "lead"))
                .and(format!(" of {} reached {} ({}).", grouped(answered), top.stage, share(top.leads, answered)))
                .into(),
        );
    }
    if report.could_be_higher > 0 {
        let first = report.fields.iter().find(|f| f.keeps > 0);
        let ask = first.map_or(String::new(), |f| format!("; {} is missing most often", f.field));
        out.push(
            Phrase::new()
                .strong(counted(report.could_be_higher, "lead"))
                .and(format!(" could stand higher if what is not known turned out well{ask}."))
                .into(),
        );
    }
    let never = report.rules.iter().filter(|r| r.leads == 0).count();
    if never > 0 && answered > 0 {
        out.push(
            Phrase::new()
                .strong(format!("{never} of {}", counted(report.rules.len() as u64, "rule")))
                .and(" never fired.")
                .into(),
        );
    }
    if report.errors > 0 {
        out.push(
            Phrase::new()
                .strong(counted(report.errors, "row"))
                .and(" could not be read; what is wrong stands at the end.")
                .into(),
        );
    }
    out
}

fn funnel(report: &Report, page: &mut Page) {
    page.heading("Funnel");
    page.say("Each lead stands at one stage. A bar shows how many stand there or higher.");
    let answered = report.rows - report.errors;
    let most = report.stages.iter().filter_map(|s| s.reached).max().unwrap_or(0).max(1) as f64;
    let columns = vec![
        Column::words("Stage"),
        Column::numbers("Leads"),
        Column::numbers("Share").minor(),
        Column::numbers("There or higher"),
        Column::words(""),
        Column::numbers("Could be there").minor(),
    ];
    let row = |stage: &StageCount| -> Vec<Cell> {
        vec![
            stage.stage.as_str().into(),
            grouped(stage.leads).into(),
            share(stage.leads, answered).into(),
            stage.reached.map_or(String::new(), grouped).into(),
            Cell::Bar(stage.reached.map_or(0.0, |n| n as f64 / most)),
            if stage.could_be > 0 { format!("+{}", grouped(stage.could_be)).into() } else { "".into() },
        ]
    };
    let mut rows: Vec<Vec<Cell>> = report.stages.iter().map(row).collect();
    if report.errors > 0 {
        rows.push(vec![
            "not read".into(),
            grouped(report.errors).into(),
            "".into(),
            "".into(),
            Cell::Bar(0.0),
            "".into(),
        ]);
    }
    page.table(Table { columns, rows, can_stack: false });
    if report.could_be_higher > 0 {
        page.say_of_minor("“Could be there” counts the leads that stand lower, and could stand there if what is not known turned out well.");
    }
}

fn scores(report: &Report, page: &mut Page) {
    let scores = &report.scores;
    let (Some(lowest), Some(highest), Some(mean), Some(half)) =
        (scores.lowest, scores.highest, scores.mean, scores.half_have)
    else {
        return;
    };
    page.heading("Scores");
    page.say(format!(
        "{} on the ladder: from {} to {}, {} on average. Half of them have {half} or more.",
        counted(scores.leads, "lead"),
        to_text(lowest),
        to_text(highest),
        to_text(mean)
    ));
    let mark = |t: &super::Threshold| Mark {
        at: crate::points::to_float(t.score),
        name: format!("{} {}", t.stage, to_text(t.score)),
    };
    page.put(Block::Histogram(Histogram {
        of: "score".to_owned(),
        counts: "leads".to_owned(),
        bins: scores.bins.iter().map(|b| Bin { from: b.from, to: b.below, count: b.leads }).collect(),
        marks: scores.thresholds.iter().map(mark).collect(),
    }));
    let begins = |t: &super::Threshold| {
        format!("{} from {}{}", t.stage, to_text(t.score), if t.is_all { "" } else { " where more holds" })
    };
    let begin: Vec<String> = scores.thresholds.iter().map(begins).collect();
    if !begin.is_empty() {
        page.say(format!("Stages that ask for a score: {}.", begin.join(", ")));
    }
}

fn rules(report: &Report, page: &mut Page) {
    let (fired, never): (Vec<&RuleCount>, Vec<&RuleCount>) = report.rules.iter().partition(|r| r.leads > 0);
    page.heading("Rules");
    if fired.is_empty() {
        page.say("No rule fired.");
    }
    let most = fired.iter().map(|r| r.points.unsigned_abs()).max().unwrap_or(0).max(1) as f64;
    let row = |rule: &&RuleCount| -> Vec<Cell> {
        vec![
            rule.words.as_str().into(),
            rule.group.clone().unwrap_or_default().into(),
            grouped(rule.leads).into(),
            signed(rule.points).into(),
            Cell::Bar(crate::points::to_float(rule.points) / (most / 10_000.0)),
        ]
    };
    let columns = vec![
        Column::words("Rule"),
        Column::words("Score").minor(),
        Column::numbers("Leads"),
        Column::numbers("Points given"),
        Column::words(""),
    ];
    if !fired.is_empty() {
        page.say("Those that give or take most points first, over all leads that are scored, also those disqualified.");
    }
    page.table(Table { columns, rows: fired.iter().take(MOST_RULES).map(row).collect(), can_stack: false });
    if fired.len() > MOST_RULES {
        page.say(format!("And {} that give less.", counted((fired.len() - MOST_RULES) as u64, "rule")));
    }
    if !never.is_empty() {
        page.subheading("Never fired");
        let place = |r: &RuleCount| match &r.file {
            Some(file) => format!(" ({file}, line {})", r.line),
            None => format!(" (line {})", r.line),
        };
        page.list(never.iter().take(MOST_RULES).map(|r| Phrase::new().and(&r.words).and(place(r)).into()).collect());
        if never.len() > MOST_RULES {
            page.say(format!("And {} more.", counted((never.len() - MOST_RULES) as u64, "line")));
        }
    }
}

fn fields(report: &Report, page: &mut Page) {
    page.heading("What missing data costs");
    if report.fields.is_empty() {
        page.say("Nothing that is missing would change a score or a stage.");
        return;
    }
    if let Some(first) = report.fields.iter().find(|f| f.keeps > 0) {
        let could: Vec<String> =
            first.could_be.iter().map(|s| format!("{} could reach {}", grouped(s.leads), s.stage)).collect();
        page.say(Phrase::new().code(&first.field).and(format!(
            " is not known for {}; {} if this and what else they lack turned out well.",
            counted(first.missing, "lead"),
            could.join(", ")
        )));
    }
    let most = report.fields.iter().map(|f| f.keeps).max().unwrap_or(0).max(1) as f64;
    let columns = vec![
        Column::words("Field"),
        Column::numbers("Not known"),
        Column::numbers("Could be higher"),
        Column::words(""),
        Column::numbers("Lack only this").minor(),
        Column::words("Could reach").minor(),
    ];
    let row = |field: &super::FieldCount| -> Vec<Cell> {
        let could: Vec<String> = field.could_be.iter().map(|s| format!("{} {}", grouped(s.leads), s.stage)).collect();
        vec![
            Phrase::new().code(&field.field).into(),
            grouped(field.missing).into(),
            grouped(field.keeps).into(),
            Cell::Bar(field.keeps as f64 / most),
            if field.alone > 0 { grouped(field.alone).into() } else { "".into() },
            could.join(", ").into(),
        ]
    };
    page.table(Table { columns, rows: report.fields.iter().map(row).collect(), can_stack: false });
    page.say("Counted are leads of which the field is blank, unreadable or only known as a range, and where that matters for score or stage.");
    if report.worth_asking.is_empty() {
        return;
    }
    page.subheading("Whom to ask first");
    let columns = vec![
        Column::words("Lead"),
        Column::words("Stage"),
        Column::words("Could be"),
        Column::numbers("Score"),
        Column::words("What to ask"),
    ];
    let row = |w: &super::WorthAsking| -> Vec<Cell> {
        vec![
            w.lead_id.as_str().into(),
            w.stage.as_str().into(),
            w.could_be.as_str().into(),
            to_text(w.score).into(),
            w.missing.join(", ").into(),
        ]
    };
    page.table(Table { columns, rows: report.worth_asking.iter().map(row).collect(), can_stack: true });
}

fn fit_and_intent(pairs: &FitAndIntent, page: &mut Page) {
    page.heading("Fit and intent");
    let intent = if pairs.intent == "stage" {
        "the stage that it reached".to_owned()
    } else {
        format!("its points for {}", pairs.intent)
    };
    let is_points = pairs.rows.first().is_some_and(|r| r.fit != "fits");
    let fit = if is_points {
        format!("its points for {}", pairs.fit)
    } else {
        format!("whether it fits “{}”", pairs.fit)
    };
    page.say(format!("Who a lead is, by {fit}, against what it does, by {intent}. Leads on the ladder alone."));
    let most = pairs.rows.iter().flat_map(|r| &r.leads).max().copied().unwrap_or(0).max(1) as f64;
    let corner =
        if is_points { format!("{} ↓  {} →", pairs.fit, pairs.intent) } else { format!("{} →", pairs.intent) };
    let mut columns = vec![Column::words(corner)];
    columns.extend(pairs.columns.iter().map(Column::numbers));
    let row = |row: &super::bands::FitRow| -> Vec<Cell> {
        let cells = row.leads.iter().map(|n| Cell::Shade(grouped(*n), *n as f64 / most));
        std::iter::once(row.fit.as_str().into()).chain(cells).collect()
    };
    page.table(Table { columns, rows: pairs.rows.iter().map(row).collect(), can_stack: false });
}

fn by_value(by: &ByCount, page: &mut Page) {
    page.heading(format!("By {}", by.field.replace('_', " ")));
    let stages: Vec<&str> =
        by.values.first().map_or(Vec::new(), |v| v.stages.iter().map(|s| s.stage.as_str()).collect());
    let mut columns = vec![Column::words(capital(&by.field.replace('_', " "))), Column::numbers("Leads")];
    columns.extend(stages.iter().map(|s| Column::numbers(*s)));
    let row = |name: &str, leads: u64, counts: Vec<u64>| -> Vec<Cell> {
        let cells =
            counts.iter().map(|n| Cell::Shade(grouped(*n), if leads == 0 { 0.0 } else { *n as f64 / leads as f64 }));
        [name.into(), grouped(leads).into()].into_iter().chain(cells).collect()
    };
    let counts = |v: &super::ByValue| v.stages.iter().map(|s| s.leads).collect::<Vec<u64>>();
    let shown = if by.values.len() > MOST_VALUES + 1 { MOST_VALUES } else { by.values.len() };
    let mut rows: Vec<Vec<Cell>> = by
        .values
        .iter()
        .take(shown)
        .map(|v| row(v.value.as_deref().unwrap_or("(blank)"), v.leads, counts(v)))
        .collect();
    let others = by.values.get(shown..).unwrap_or(&[]);
    if !others.is_empty() {
        let mut sums = vec![0; stages.len()];
        others.iter().for_each(|v| sums.iter_mut().zip(&v.stages).for_each(|(sum, s)| *sum += s.leads));
        rows.push(row(&format!("{} others", grouped(others.len() as u64)), others.iter().map(|v| v.leads).sum(), sums));
    }
    page.table(Table { columns, rows, can_stack: false });
}

fn labels(labels: &[LabelCount], page: &mut Page) {
    let said: Vec<&LabelCount> = labels.iter().filter(|l| !l.values.is_empty()).collect();
    if said.is_empty() {
        return;
    }
    page.heading("Labels");
    for label in said {
        page.subheading(label.title.clone().unwrap_or_else(|| capital(&label.label.replace('_', " "))));
        let most = label.values.iter().map(|v| v.leads).max().unwrap_or(0).max(1) as f64;
        let all: u64 = label.values.iter().map(|v| v.leads).sum();
        let row = |name: &str, leads: u64| -> Vec<Cell> {
            vec![
                name.into(),
                grouped(leads).into(),
                share(leads, all).into(),
                Cell::Bar((leads as f64 / most).min(1.0)),
            ]
        };
        let shown = if label.values.len() > MOST_VALUES + 1 { MOST_VALUES } else { label.values.len() };
        let mut rows: Vec<Vec<Cell>> =
            label.values.iter().take(shown).map(|v| row(v.value.as_deref().unwrap_or("(none)"), v.leads)).collect();
        let others = label.values.get(shown..).unwrap_or(&[]);
        if !others.is_empty() {
            rows.push(row(&format!("{} others", grouped(others.len() as u64)), others.iter().map(|v| v.leads).sum()));
        }
        let columns =
            vec![Column::words("Says"), Column::numbers("Leads"), Column::numbers("Share").minor(), Column::words("")];
        page.table(Table { columns, rows, can_stack: false });
    }
}

/// What there is to say of the data.
fn unread(report: &Report, page: &mut Page) {
    if report.messages.is_empty() {
        return;
    }
    page.heading("About the data");
    page.list(report.messages.iter().map(|m| capital(m).into()).collect());
}
