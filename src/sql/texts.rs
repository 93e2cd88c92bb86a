//! What is printed: values in reasons and labels, as `eval::decide` fills them in.

use super::expr::{Binary, Function, Kind, Sql};
use super::lower::{Lower, Lowered, Seen, refused};
use super::values::{DISQUALIFIED, EXCLUDED, V};
use crate::model::{Expr, ExprKind, Template, TemplatePart};
use crate::source::Span;
use crate::value::Value;

impl Lower<'_> {
    /// A text with its names filled in.
    pub fn filled(&mut self, template: &Template, span: Span) -> Lowered<V> {
        let mut parts = Vec::new();
        let mut run = String::new();
        for part in &template.parts {
            match part {
                TemplatePart::Text(text) => run.push_str(text),
                TemplatePart::Value(value) => {
                    if !run.is_empty() {
                        parts.push(Sql::text(std::mem::take(&mut run)));
                    }
                    parts.push(self.printed(value)?);
                }
            }
        }
        if run.contains('\0') {
            return refused(span, "a text with a NUL");
        }
        if parts.is_empty() {
            let folded = crate::text::fold(&run).into_owned();
            return Ok(V::Text { folded: Sql::text(folded), written: Sql::text(run) });
        }
        if !run.is_empty() {
            parts.push(Sql::text(run));
        }
        let written = if parts.len() == 1 { parts.remove(0) } else { Sql::Concat(parts) };
        let written = self.facts.keep(written);
        // A label that says nothing but white space is a text all the same.
        let folded = Sql::call(Function::Fold, [written.clone()]).or(Sql::text(""));
        Ok(V::Text { folded: self.facts.keep(folded), written })
    }

    /// A value as it is printed; never NULL.
    fn printed(&mut self, value: &Expr) -> Lowered<Sql> {
        Ok(match &value.kind {
            ExprKind::Score => {
                let Some((now, _)) = self.results.score.clone() else {
                    return refused(value.span, "a score before it is known");
                };
                self.points_text(now)
            }
            ExprKind::Group(id) => match self.results.groups.get(id.0).cloned() {
                Some((now, _)) => self.points_text(now),
                None => Sql::text(""),
            },
            ExprKind::Label(id) => match self.results.labels.get(id.0) {
                Some(Some(label)) => label.written.clone().or(Sql::text("")),
                _ => Sql::text(""),
            },
            // What is the same for all leads is printed now.
            _ if self.is_fixed(value) => match self.nobody.value(value) {
                Value::Stage(_) => return refused(value.span, "such a value in a text"),
                text if text.to_string().contains('\0') => return refused(value.span, "a text with a NUL"),
                text => Sql::text(text.to_string()),
            },
            _ => match self.value(value, Seen::NOW)? {
                V::Missing => Sql::text(""),
                V::Text { folded, written } => {
                    let text = Sql::call(Function::Trim, [written]);
                    self.facts.keep(folded.null().when(Sql::text(""), text))
                }
                V::Flag(flag) => {
                    let flag = self.facts.keep(flag);
                    let no = Sql::case([(flag.clone().not(), Sql::text("no"))], Sql::text(""));
                    Sql::case([(flag, Sql::text("yes"))], no)
                }
                V::Stage(rank) => self.stage_name(rank).or(Sql::text("")),
                V::List(list) => Sql::call(Function::Joined, [list]).or(Sql::text("")),
                V::Number(x) => self.number_text(x),
                V::Date { first, is_day, .. } => self.date_text(first, is_day),
                V::Points(_) | V::Between(..) | V::Label(_) => return refused(value.span, "such a value in a text"),
            },
        })
    }

    /// Points as the shortest decimal.
    pub fn points_text(&mut self, points: Sql) -> Sql {
        let points = self.facts.keep(points);
        let size = self.facts.keep(Sql::call(Function::Abs, [points.clone()]));
        let text = self.decimal_text(size, Sql::Whole(4), 4);
        let sign = points.below(Sql::Whole(0)).when(Sql::text("-"), Sql::text(""));
        self.facts.keep(Sql::Concat(vec![sign, text]))
    }

    /// `digits` over ten to the power of `places`, of which there are at most so many: without zeros at the end.
    fn decimal_text(&mut self, digits: Sql, places: Sql, most: i64) -> Sql {
        let text = |sql: Sql| Sql::call(Function::ToText, [sql]);
        if let Sql::Whole(places) = places {
            let size = 10i64.pow(u32::try_from(places.min(most)).unwrap_or(0));
            let whole = Sql::binary(Binary::IntDivide, digits.clone(), Sql::Whole(size));
            let rest = self.facts.keep(Sql::binary(Binary::Modulo, digits, Sql::Whole(size)));
            // With a one in front all zeros of the fraction are written.
            let padded = text(Sql::sum(Kind::Whole, [rest.clone(), Sql::Whole(size)]));
            let fraction = Sql::call(Function::Substring, [padded, Sql::Whole(2)]);
            let fraction = Sql::call(Function::TrimEnd, [fraction, Sql::text("0")]);
            let fraction = Sql::Concat(vec![Sql::text("."), fraction]);
            let fraction = rest.equals(Sql::Whole(0)).when(Sql::text(""), fraction);
            return Sql::Concat(vec![text(whole), fraction]);
        }
        // All digits in a row, and the point so many from the right.
        let zeros = "0".repeat(usize::try_from(most).unwrap_or(0));
        let row = self.facts.keep(Sql::Concat(vec![Sql::text(zeros), text(digits)]));
        let length = self.facts.keep(Sql::call(Function::Length, [row.clone()]));
        let split = self.facts.keep(Sql::binary(Binary::Minus, length, places));
        let whole = Sql::call(Function::Substring, [row.clone(), Sql::Whole(1), split.clone()]);
        let whole = Sql::call(Function::TrimStart, [whole, Sql::text("0")]);
        let whole = self.facts.keep(whole);
        let whole = whole.clone().equals(Sql::text("")).when(Sql::text("0"), whole);
        let from = Sql::sum(Kind::Whole, [split, Sql::Whole(1)]);
        let fraction = Sql::call(Function::Substring, [row, from]);
        let fraction = self.facts.keep(Sql::call(Function::TrimEnd, [fraction, Sql::text("0")]));
        let shown = Sql::Concat(vec![Sql::text("."), fraction.clone()]);
        Sql::Concat(vec![whole, fraction.equals(Sql::text("")).when(Sql::text(""), shown)])
    }

    /// A double as its shortest decimal, of 15 digits at most; nothing where it is NULL.
    fn number_text(&mut self, x: Sql) -> Sql {
        let seen = Seen::NOW;
        let x = self.facts.keep(x);
        let size = self.rounded_size(Sql::call(Function::Abs, [x.clone()]), seen);
        let power = |e: i32| format!("1e{e}").parse::<f64>().unwrap_or(1.0);
        let reaches = |e: i32| size.clone().at_least(Sql::number(power(e)));
        let shifts = (-7..=14).rev().map(|e| (reaches(e), Sql::number(power(14 - e)))).collect::<Vec<_>>();
        let places = (-7..=14).rev().map(|e| (reaches(e), Sql::Whole(i64::from(14 - e)))).collect::<Vec<_>>();
        let shift = self.facts.keep(Sql::case(shifts, Sql::number(1e22)));
        let places = self.facts.keep(Sql::case(places, Sql::Whole(22)));
        let near = Sql::binary(Binary::Times, size.clone(), shift);
        let digits = Sql::call(Function::Floor, [Sql::sum(Kind::Number, [near, Sql::number(0.5)])]);
        // 10^15 itself has a digit more.
        let is_largest = size.clone().at_least(Sql::number(1e15));
        let digits = is_largest.clone().when(Sql::Whole(1_000_000_000_000_000), digits);
        let digits = self.facts.keep(digits);
        let places = self.facts.keep(is_largest.when(Sql::Whole(0), places));
        let text = self.decimal_text(digits, places, 22);
        let is_negative = Sql::all([x.clone().below(Sql::number(0.0)), size.above(Sql::number(0.0))]);
        let sign = is_negative.when(Sql::text("-"), Sql::text(""));
        self.facts.keep(x.null().when(Sql::text(""), Sql::Concat(vec![sign, text])))
    }

    /// A day as `2025-06-30`, an instant as RFC 3339; nothing where it is NULL.
    pub fn date_text(&mut self, first: Sql, is_day: Sql) -> Sql {
        let first = self.facts.keep(first);
        let padded = |n: Sql, size: i64| {
            let text = Sql::call(Function::ToText, [Sql::sum(Kind::Whole, [n, Sql::Whole(size)])]);
            Sql::call(Function::Substring, [text, Sql::Whole(2)])
        };
        let day_of = |lower: &mut Self, local: Sql| {
            let civil = lower.civil_of(local, Seen::NOW);
            let dash = || Sql::text("-");
            let parts =
                vec![padded(civil.year, 10_000), dash(), padded(civil.month, 100), dash(), padded(civil.day, 100)];
            lower.facts.keep(Sql::Concat(parts))
        };
        // A day is printed as it is there, an instant in UTC.
        let day = match is_day {
            Sql::Flag(false) => Sql::Null(Kind::Text),
            _ => {
                let local = self.local(first.clone(), Seen::NOW);
                day_of(self, local)
            }
        };
        let day_in_utc = day_of(self, first.clone());
        let shifted = Sql::sum(Kind::Whole, [first.clone(), Sql::Whole(719_468 * super::calendar::MICROS_PER_DAY)]);
        let of_day = Sql::binary(Binary::Modulo, shifted, Sql::Whole(super::calendar::MICROS_PER_DAY));
        let of_day = self.facts.keep(of_day);
        let part = |size: i64, of: i64| {
            let n = Sql::binary(Binary::IntDivide, of_day.clone(), Sql::Whole(size));
            Sql::binary(Binary::Modulo, n, Sql::Whole(of))
        };
        let micros = self.facts.keep(Sql::binary(Binary::Modulo, of_day.clone(), Sql::Whole(1_000_000)));
        let fraction = padded(micros.clone(), 1_000_000);
        let fraction = Sql::call(Function::TrimEnd, [fraction, Sql::text("0")]);
        let fraction = Sql::Concat(vec![Sql::text("."), fraction]);
        let fraction = micros.equals(Sql::Whole(0)).when(Sql::text(""), fraction);
        let instant = Sql::Concat(vec![
            day_in_utc,
            Sql::text("T"),
            padded(part(3_600_000_000, 24), 100),
            Sql::text(":"),
            padded(part(60_000_000, 60), 100),
            Sql::text(":"),
            padded(part(1_000_000, 60), 100),
            fraction,
            Sql::text("Z"),
        ]);
        let text = is_day.when(day, instant);
        self.facts.keep(first.null().when(Sql::text(""), text))
    }

    /// The name of a stage by its rank; NULL where it is.
    pub fn stage_name(&self, rank: Sql) -> Sql {
        let names = self.model.ladder.stages.iter().enumerate();
        let cases = names.map(|(i, name)| (rank.clone().equals(Sql::Whole(i as i64)), Sql::text(name)));
        let others = [(DISQUALIFIED, "disqualified"), (EXCLUDED, "excluded")];
        let cases = cases.chain(others.map(|(n, name)| (rank.clone().equals(Sql::Whole(n)), Sql::text(name))));
        Sql::case(cases.collect::<Vec<_>>(), Sql::Null(Kind::Text))
    }
}
