//! What stands on a field: the lines whose points, or whose stage, hang on it.

use crate::model::{Amount, ExprKind, FieldId, Model, Scoring, StageLine};
use crate::source::Span;
use crate::value::Value;

/// A line that hangs on a field.
#[derive(Debug)]
pub struct Stake {
    /// Where it stands.
    pub span: Span,
    /// What it gives at most, where that is written; nothing of a line that decides on a stage.
    pub points: Option<f64>,
}

/// The lines that hang on a field, in the order of the file.
pub fn stakes(model: &Model, field: usize) -> Vec<Stake> {
    let field = FieldId(field);
    let mut out = Vec::new();
    model.groups.iter().for_each(|group| of_items(model, &group.items, field, &mut out));
    of_items(model, &model.loose, field, &mut out);
    let hangs = |line: &&StageLine| {
        let mut fields = Vec::new();
        model.collect_fields(&line.condition, &mut fields);
        fields.contains(&field)
    };
    let decide = model.stage_lines.iter().chain(&model.gates).filter(hangs);
    out.extend(decide.map(|line| Stake { span: model.line(line.line).span, points: None }));
    out.sort_by_key(|stake| (stake.span.file.0, stake.span.start));
    out
}

fn of_items(model: &Model, items: &[Scoring], field: FieldId, out: &mut Vec<Stake>) {
    for item in items {
        match item {
            Scoring::Rule(rule) if rule.fields.contains(&field) => {
                let amounts = [Some(&rule.amount), rule.if_not.as_ref()];
                out.push(Stake {
                    span: model.line(rule.line).span,
                    points: highest(amounts.into_iter().flatten()).or(Some(0.0)),
                });
            }
            Scoring::Table(table) if table.fields.contains(&field) => {
                let points = highest(table.lines.iter().map(|line| &line.amount)).or(Some(0.0));
                out.push(Stake { span: table.span, points });
            }
            Scoring::Choice { items, .. } => of_items(model, items, field, out),
            Scoring::Rule(_) | Scoring::Table(_) => {}
        }
    }
}

/// The highest of these, as far as they are written as numbers.
fn highest<'m>(amounts: impl Iterator<Item = &'m Amount>) -> Option<f64> {
    let written = amounts.filter_map(|amount| match amount.value.kind {
        ExprKind::Value(Value::Number(n)) => Some(if amount.subtract { -n } else { n }),
        _ => None,
    });
    written.reduce(f64::max)
}
