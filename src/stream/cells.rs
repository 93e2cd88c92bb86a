//! From the cells of a row to facts about its fields.
//!
//! Owns the short ways for plain texts and numbers; all other cells are read as `bind` and `value` read them.

use super::objects;
use super::rows::{Row, as_text, is_blank, unquoted};
use crate::bind::Binding;
use crate::eval::Interpreter;
use crate::eval::batch::{Gatherer, OfField, Program};
use crate::model::{Field, Model};
use crate::number::NumberStyle;
use crate::value::{Raw, Type};

/// Reads the fields of rows.
pub struct FieldReader<'m> {
    fields: Vec<FieldCells<'m>>,
    interpreter: Option<Interpreter<'m>>,
    room: Vec<u8>,
}

impl<'m> FieldReader<'m> {
    /// For one model and one file.
    #[must_use]
    pub fn new(model: &'m Model, binding: &'m Binding<'_>) -> FieldReader<'m> {
        let fields = model.fields.iter().enumerate().map(|(f, field)| FieldCells::new(field, binding.columns_of(f)));
        FieldReader { fields: fields.collect(), interpreter: None, room: Vec::new() }
    }

    /// The interpreter that answers what has no shape in the program.
    pub fn interpreter(&mut self, program: &'m Program<'m>) -> &Interpreter<'m> {
        self.interpreter.get_or_insert_with(|| Interpreter::new(program.model(), program.as_of()))
    }

    /// Puts down what the cells of some rows say, one field after the other; `unreadable` gets the lane, the field and the cell
    /// where that says nothing.
    #[inline]
    pub fn read(
        &mut self,
        gatherer: &mut Gatherer<'_>,
        rows: &[Row<'_>],
        mut unreadable: impl FnMut(usize, usize, &str),
    ) {
        let mut room = std::mem::take(&mut self.room);
        for (field, cells) in self.fields.iter().enumerate() {
            let Some(mut of) = gatherer.of(field) else { continue };
            for (lane, row) in rows.iter().enumerate() {
                let mut is_there = false;
                for &column in cells.columns {
                    let cell = unquoted(row.cell(column), &mut room);
                    match cells.read(&mut of, lane, cell) {
                        Some(true) => {
                            is_there = true;
                            break;
                        }
                        Some(false) => {}
                        None => unreadable(lane, field, as_text(cell)),
                    }
                }
                if !is_there {
                    of.missing(lane);
                }
            }
        }
        self.room = room;
    }

    /// Puts down what the values of a JSON object say, by column; `unreadable` gets the field and the value that says nothing.
    #[inline]
    pub fn read_values(
        &mut self,
        gatherer: &mut Gatherer<'_>,
        lane: usize,
        values: &[objects::Value<'_>],
        mut unreadable: impl FnMut(usize, &str),
    ) {
        for (field, cells) in self.fields.iter().enumerate() {
            let Some(mut of) = gatherer.of(field) else { continue };
            let is_there = cells.columns.iter().filter_map(|&c| values.get(c)).any(|value| {
                match cells.read_value(&mut of, lane, value) {
                    Some(is_there) => is_there,
                    None => {
                        unreadable(field, &value.raw().as_text());
                        false
                    }
                }
            });
            if !is_there {
                of.missing(lane);
            }
        }
    }
}

/// How the cells of one field are read.
struct FieldCells<'m> {
    field: &'m Field,
    /// The columns that may hold it, the first wanted first.
    columns: &'m [usize],
    /// How long the words are that count as missing, folded.
    missing_lengths: Vec<usize>,
    /// Whether digits alone are a number in a text, and in JSON.
    has_plain_numbers: (bool, bool),
}

impl<'m> FieldCells<'m> {
    fn new(field: &'m Field, columns: &'m [usize]) -> FieldCells<'m> {
        let words = &field.missing_words;
        // None of the words that count as missing is such a number.
        let is_plain = field.of_type == Type::Number && !words.iter().any(|w| plain_number(w.as_bytes()).is_some());
        let has_point = !matches!(field.format.numbers, Some(NumberStyle::Comma | NumberStyle::Blank));
        FieldCells {
            field,
            columns,
            missing_lengths: words.iter().map(String::len).collect(),
            has_plain_numbers: (is_plain && has_point, is_plain),
        }
    }

    /// Whether a value is there; `None` where it cannot be read.
    #[inline(always)]
    fn read(&self, of: &mut OfField<'_, '_>, lane: usize, cell: &[u8]) -> Option<bool> {
        if is_blank(cell) {
            return Some(false);
        }
        if self.has_plain_numbers.0
            && let Some(n) = plain_number(cell)
        {
            of.number(lane, n);
            return Some(true);
        }
        let text = || as_text(cell);
        if self.is_missing(text) {
            return Some(false);
        }
        if self.field.of_type == Type::Text {
            of.text(lane, cell, text);
            return Some(true);
        }
        of.cell(lane, cell, || Raw::Text(text().to_owned()).read(self.field.of_type, &self.field.format))
    }

    /// Whether a value is there; `None` where it cannot be read.
    #[inline]
    fn read_value(&self, of: &mut OfField<'_, '_>, lane: usize, value: &objects::Value<'_>) -> Option<bool> {
        match value {
            objects::Value::Null | objects::Value::Objects(_) => Some(false),
            objects::Value::Text(text, has_escapes) => {
                let text = objects::decoded(text, *has_escapes);
                if is_blank(text.as_bytes()) || self.is_missing(|| &text) {
                    return Some(false);
                }
                if self.field.of_type == Type::Text {
                    of.text(lane, text.as_bytes(), || &text);
                    return Some(true);
                }
                of.cell(lane, text.as_bytes(), || {
                    Raw::Text(text.as_ref().to_owned()).read(self.field.of_type, &self.field.format)
                })
            }
            objects::Value::Number(digits) => {
                if self.has_plain_numbers.1
                    && let Some(n) = plain_number(digits)
                {
                    of.number(lane, n);
                    return Some(true);
                }
                let text = String::from_utf8_lossy(digits);
                if self.is_missing(|| &text) {
                    return Some(false);
                }
                let value = Raw::Number(text.into_owned()).read(self.field.of_type, &self.field.format)?;
                of.value(lane, &value);
                Some(!value.is_missing())
            }
            objects::Value::Flag(yes) => {
                let value = Raw::Flag(*yes).read(self.field.of_type, &self.field.format)?;
                of.value(lane, &value);
                Some(!value.is_missing())
            }
        }
    }

    #[inline]
    fn is_missing<'t>(&self, text: impl FnOnce() -> &'t str) -> bool {
        if self.missing_lengths.is_empty() {
            return false;
        }
        let text = crate::text::trim(text());
        // Folding keeps the length of plain words.
        if text.bytes().all(|b| b.is_ascii_graphic()) && !self.missing_lengths.contains(&text.len()) {
            return false;
        }
        self.field.is_missing_word(text)
    }
}

/// A number written with digits alone, perhaps with a point, as `number` reads it.
#[inline]
#[must_use]
pub fn plain_number(cell: &[u8]) -> Option<f64> {
    if cell.len() > 16 {
        return None;
    }
    let (mut digits, mut behind, mut has_point) = (0u64, 0u32, false);
    let mut count = 0;
    for &b in cell {
        match b {
            b'0'..=b'9' => {
                digits = digits * 10 + u64::from(b - b'0');
                behind += u32::from(has_point);
                count += 1;
            }
            b'.' if !has_point && count > 0 => has_point = true,
            _ => return None,
        }
    }
    // Up to fifteen digits and a power of ten are exact, so the division rounds once.
    if count == 0 || count > 15 || (has_point && behind == 0) {
        return None;
    }
    const TENS: [f64; 16] = [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];
    let ten = TENS.get(behind as usize)?;
    Some(digits as f64 / ten)
}

#[cfg(test)]
mod tests {
    use super::plain_number;
    use crate::number::{NumberCell, NumberStyle, read_cell};

    #[test]
    fn plain_numbers_are_read_as_all_others() {
        let mut seed = 7u64;
        for _ in 0..100_000 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let n = (seed >> 20) % 1_000_000_000_000;
            let digits = n.to_string();
            let text = match seed % 3 {
                0 => digits,
                1 => format!("{}.{:03}", n / 1000, n % 1000),
                _ => format!("0{digits}"),
            };
            if let Some(n) = plain_number(text.as_bytes()) {
                assert_eq!(read_cell(&text, NumberStyle::Point), Some(NumberCell::Number(n)), "{text}");
            }
        }
        for odd in ["", ".", "5.", ".5", "1e5", "1,000", "-1", "12345678901234567"] {
            assert_eq!(plain_number(odd.as_bytes()), None, "{odd}");
        }
    }
}
