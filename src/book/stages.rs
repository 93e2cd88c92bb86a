//! What each stage takes, who is turned away, and what is written on a lead.

use super::reasoned;
use super::say::{name, say, template};
use crate::model::{Expr, ExprKind, Label, LabelLine, Model, StageLine};
use crate::operators::CompareOp;
use crate::page::{Block, Item, Ladder, Page, Phrase, Step};
use crate::points::to_text;
use crate::text::capital;
use crate::value::Value;

/// What is said of a way to a stage below a step of the picture is no longer than this.
const LONGEST_NOTE: usize = 48;

/// The ladder.
pub(super) fn picture(model: &Model, page: &mut Page) {
    let lines = by_stage(model, &model.stage_lines);
    let step = |((i, stage), lines): ((usize, &String), &Vec<&StageLine>)| Step {
        name: stage.clone(),
        note: note(model, i, lines),
    };
    let mut ladder =
        Ladder { steps: model.ladder.stages.iter().enumerate().zip(&lines).map(step).collect(), beside: Vec::new() };
    let ways = |n: usize| if n == 1 { "for one reason".to_owned() } else { format!("for one of {n} reasons") };
    if !model.disqualify.is_empty() {
        ladder.beside.push(Step { name: "disqualified".to_owned(), note: ways(model.disqualify.len()) });
    }
    if !model.exclude.is_empty() {
        ladder.beside.push(Step { name: "excluded".to_owned(), note: ways(model.exclude.len()) });
    }
    page.put(Block::Ladder(ladder));
}

/// Stage lines or gates, by the stage that they are about.
fn by_stage<'m>(model: &Model, lines: &'m [StageLine]) -> Vec<Vec<&'m StageLine>> {
    let mut out = vec![Vec::new(); model.ladder.stages.len()];
    for line in lines {
        out.get_mut(line.stage).into_iter().for_each(|of_stage| of_stage.push(line));
    }
    out
}

/// What a stage takes, in a few words.
fn note(model: &Model, stage: usize, lines: &[&StageLine]) -> String {
    let Some(first) = lines.first() else {
        return if stage == 0 {
            "where every lead begins".to_owned()
        } else {
            "set by people, not by rules".to_owned()
        };
    };
    let others = match lines.len() {
        1 => String::new(),
        2 => "; or another way".to_owned(),
        n => format!("; or {} other ways", n - 1),
    };
    let what = match (threshold(first), &model.line(first.line).because) {
        (Some((points, 0)), _) => format!("from {} points", to_text(points)),
        (Some((points, more)), _) => {
            format!("from {} points, and {}", to_text(points), crate::page::counted(more as u64, "condition"))
        }
        (None, Some(because)) => template(model, because),
        (None, None) => capital(&say(model, &first.condition)),
    };
    if what.chars().count() <= LONGEST_NOTE {
        return format!("{what}{others}");
    }
    // A word that is cut says less than none.
    let mut short = String::new();
    for word in what.split(' ') {
        if short.chars().count() + word.chars().count() + 2 > LONGEST_NOTE {
            break;
        }
        short.push_str(word);
        short.push(' ');
    }
    format!("{}…{others}", short.trim_end_matches([' ', ',']))
}

/// The least score that a stage line asks for, and how much it asks for beside that.
pub(crate) fn threshold(line: &StageLine) -> Option<(i128, usize)> {
    let least = |expr: &Expr| match &expr.kind {
        ExprKind::Compare(CompareOp::GreaterOrEqual | CompareOp::Greater, a, b) if a.kind == ExprKind::Score => {
            match b.kind {
                ExprKind::Value(Value::Number(n)) => {
                    Some(crate::points::from_decimal(&crate::number::Decimal::shortest(n)))
                }
                _ => None,
            }
        }
        _ => None,
    };
    match &line.condition.kind {
        ExprKind::All(items) => items.iter().find_map(least).map(|points| (points, items.len() - 1)),
        _ => least(&line.condition).map(|points| (points, 0)),
    }
}

/// What each stage takes.
pub(super) fn takes(model: &Model, page: &mut Page) {
    page.heading("What each stage takes");
    page.say("A lead stands at the highest stage of which one line holds; it need not pass through those below.");
    let field = model.ladder.from.and_then(|f| model.fields.get(f.0)).map(|f| name(&f.name));
    if let Some(field) = field {
        let falls = if model.ladder.never_lower { " It never falls below that." } else { "" };
        page.say(format!("Where a lead stands today is read from {field}.{falls}"));
    }
    let (lines, gates) = (by_stage(model, &model.stage_lines), by_stage(model, &model.gates));
    for ((i, stage), (lines, gates)) in model.ladder.stages.iter().enumerate().zip(lines.iter().zip(&gates)).rev() {
        page.subheading(stage);
        let ways: Vec<Item> = lines.iter().map(|l| reasoned(model, l.line, &l.condition).into()).collect();
        if ways.len() > 1 {
            page.say("Any of these will do:");
        } else if ways.is_empty() {
            page.say(if i == 0 { "Where every lead begins." } else { "No rule leads here: people set it." });
        }
        page.list(ways);
        let gates: Vec<Item> = gates.iter().map(|g| capital(&say(model, &g.condition)).into()).collect();
        if !gates.is_empty() {
            let from_here = if i + 1 == model.ladder.stages.len() {
                format!("{stage} is")
            } else {
                format!("{stage} and all above are")
            };
            page.say(format!("And {from_here} open only to those of whom this is known:"));
            page.list(gates);
        }
    }
}

/// Who is turned away.
pub(super) fn turned_away(model: &Model, page: &mut Page) {
    if model.disqualify.is_empty() && model.exclude.is_empty() {
        return;
    }
    page.heading("Who is turned away");
    if !model.disqualify.is_empty() {
        page.say(Phrase::new().strong("Disqualified").and(", whatever the score:"));
        page.list(model.disqualify.iter().map(|v| reasoned(model, v.line, &v.condition).into()).collect());
    }
    if !model.exclude.is_empty() {
        page.say(Phrase::new().strong("Excluded").and(", which means not scored at all:"));
        page.list(model.exclude.iter().map(|v| reasoned(model, v.line, &v.condition).into()).collect());
    }
}

/// What is written on a lead, and what asks for somebody to look.
pub(super) fn labels(model: &Model, page: &mut Page) {
    if !model.labels.is_empty() {
        page.heading("What is written on a lead");
        page.say("Of each label the first line that holds counts.");
    }
    for label in &model.labels {
        page.subheading(label.title.clone().unwrap_or_else(|| capital(&name(&label.name))));
        page.list(label_lines(model, label));
    }
    if !model.reviews.is_empty() {
        page.heading("When somebody should look");
        page.list(model.reviews.iter().map(|v| reasoned(model, v.line, &v.condition).into()).collect());
    }
}

fn label_lines(model: &Model, label: &Label) -> Vec<Item> {
    let line = |LabelLine { text, condition, line: _ }: &LabelLine| -> Item {
        let when = condition.as_ref().map_or("in all other cases".to_owned(), |c| format!("if {}", say(model, c)));
        Phrase::new().and("“").strong(template(model, text)).and("”").and(format!(" {when}")).into()
    };
    label.lines.iter().map(line).collect()
}
