//! Texts, numbers, dates, periods.

use pest::iterators::Pair;

use super::{Build, Kids};
use crate::messages::syntax as say;
use crate::number;
use crate::syntax::ast::{Expr, ExprKind, Text};
use crate::syntax::grammar::Rule;
use crate::time::{self, Period, Written};

impl Build<'_> {
    pub(super) fn text(&mut self, pair: &Pair<'_, Rule>) -> Text {
        let span = self.span(pair);
        let written = pair.as_str();
        let body = written.strip_prefix('"').unwrap_or(written);
        let body = body.strip_suffix('"').unwrap_or(body);
        let mut text = String::with_capacity(body.len());
        let mut chars = body.char_indices();
        while let Some((at, c)) = chars.next() {
            if c != '\\' {
                text.push(c);
                continue;
            }
            let from = self.base as usize + pair.as_span().start() + 1 + at;
            let here = |len: usize| self.scan.place(self.file, from, from + len);
            match chars.next().map(|(_, c)| c) {
                Some('n') => text.push('\n'),
                Some('t') => text.push('\t'),
                Some(c @ ('"' | '\\')) => text.push(c),
                Some('u') => {
                    let rest = chars.as_str();
                    let end = rest.find('}');
                    let code = end
                        .and_then(|end| rest[..end].strip_prefix('{'))
                        .and_then(|hex| u32::from_str_radix(hex, 16).ok());
                    match (code.and_then(char::from_u32), end) {
                        (Some(c), Some(end)) => {
                            text.push(c);
                            chars.nth(end);
                        }
                        _ => self.say(say::unknown_escape(here(2), "u")),
                    }
                }
                Some(c) => {
                    text.push(c);
                    self.say(say::unknown_escape(here(1 + c.len_utf8()), &c.to_string()));
                }
                None => {}
            }
        }
        Text { text, span }
    }

    /// `10`, `2.5`, `10_000`, `10k`, `1.5M`, `75%`
    pub(super) fn number(&mut self, pair: &Pair<'_, Rule>) -> Expr {
        let written = pair.as_str();
        let digits = written.replace('_', "");
        let grouped =
            written.len() > 1 && written.starts_with('0') && written.as_bytes().get(1).is_some_and(u8::is_ascii_digit);
        let kind = match number::read_number(&digits) {
            Some(_) if grouped => {
                self.say(say::leading_zero(self.span(pair), written));
                ExprKind::Broken
            }
            Some(n) => ExprKind::Number(n),
            None => {
                self.say(say::number_too_large(self.span(pair)));
                ExprKind::Broken
            }
        };
        Expr { kind, span: self.span(pair) }
    }

    /// Numbers as other people write them.
    pub(super) fn slip_number(&mut self, pair: &Pair<'_, Rule>) -> Expr {
        let written = pair.as_str();
        let span = self.span(pair);
        self.say(match pair.as_rule() {
            Rule::slip_grouped => say::grouped_number(span, written),
            Rule::slip_currency => say::currency(span, written),
            Rule::slip_duration => say::short_duration(span, written),
            _ => say::odd_number(span, written),
        });
        self.broken(pair)
    }

    pub(super) fn whole(&mut self, pair: &Pair<'_, Rule>) -> u64 {
        let digits = pair.as_str().replace('_', "");
        match digits.parse::<u64>() {
            Ok(n) if n <= 1_000_000_000 => n,
            _ => {
                self.say(say::number_too_large(self.span(pair)));
                1
            }
        }
    }

    pub(super) fn date(&mut self, pair: &Pair<'_, Rule>) -> Option<Written> {
        let written = pair.as_str();
        let date = match pair.as_rule() {
            Rule::date => time::read_iso(written),
            _ => None,
        };
        if date.is_none() {
            let span = self.span(pair);
            self.say(match pair.as_rule() {
                Rule::date => say::no_such_day(span, written),
                _ => say::odd_date(span, written),
            });
        }
        date
    }

    /// `30 days`, or `month` where the 1 is left out, or a slip.
    pub(super) fn period(&mut self, pair: Pair<'_, Rule>) -> Period {
        let span = self.span(&pair);
        let day = Period::DAY;
        let mut count = 1;
        for kid in Kids::of(pair) {
            match kid.as_rule() {
                Rule::whole => count = self.whole(&kid),
                Rule::slip_duration => {
                    self.slip_number(&kid);
                    return day;
                }
                Rule::unit if count == 0 => {
                    self.say(say::zero_period(span));
                    return day;
                }
                Rule::unit => {
                    return Period::of(count, kid.as_str()).unwrap_or_else(|| {
                        self.say(say::number_too_large(span));
                        day
                    });
                }
                _ => {}
            }
        }
        day
    }
}
