//! Cells of CSV: quotes as the `csv` crate puts them, and nothing that a spreadsheet would take for a formula.

use std::borrow::Cow;

/// Whether a spreadsheet would take a cell for a formula. A number that is less than nothing is none.
fn acts(cell: &[u8]) -> bool {
    // Where people write wide signs, spreadsheets take those too.
    const WIDE: [&str; 4] = ["＝", "＋", "－", "＠"];
    match cell.first() {
        Some(b'=' | b'+' | b'@' | b'\t' | b'\r' | b'\n') => true,
        Some(b'-') => {
            let is_digits = |part: &[u8]| !part.is_empty() && part.iter().all(u8::is_ascii_digit);
            !cell.get(1..).is_some_and(|number| number.splitn(2, |&b| b == b'.').all(is_digits))
        }
        _ => WIDE.iter().any(|sign| cell.starts_with(sign.as_bytes())),
    }
}

/// A cell that no spreadsheet takes for a formula: with `'` before it, as spreadsheets themselves mark texts.
pub fn guarded(cell: &str) -> Cow<'_, str> {
    if acts(cell.as_bytes()) { Cow::Owned(format!("'{cell}")) } else { Cow::Borrowed(cell) }
}

/// The same for what stands behind `start`. Points of Merit's own are no formula with a word behind them; with a sign that
/// goes on they would be one.
pub(super) fn guard_from(out: &mut Vec<u8>, start: usize, begins_with_points: bool) {
    let cell = out.get(start..).unwrap_or(&[]);
    let is_formula = if begins_with_points {
        let words = cell.splitn(2, |&b| b == b' ').nth(1).and_then(|words| std::str::from_utf8(words).ok());
        words.and_then(|words| words.chars().next()).is_some_and(|c| !c.is_alphanumeric() && c != '"')
    } else {
        acts(cell)
    };
    if is_formula {
        out.insert(start, b'\'');
    }
}

/// Puts quotes around what stands behind `start`, where it needs them.
pub(super) fn quote_from(out: &mut Vec<u8>, start: usize) {
    const NEEDS: [bool; 256] = {
        let mut needs = [false; 256];
        (needs[b',' as usize], needs[b'"' as usize], needs[b'\n' as usize], needs[b'\r' as usize]) =
            (true, true, true, true);
        needs
    };
    if !out.get(start..).is_some_and(|cell| cell.iter().any(|&b| NEEDS[usize::from(b)])) {
        return;
    }
    let cell = out.split_off(start);
    out.push(b'"');
    for b in cell {
        if b == b'"' {
            out.push(b'"');
        }
        out.push(b);
    }
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::{guard_from, guarded};

    #[test]
    fn formulas_are_guarded_and_numbers_are_not() {
        for cell in [
            "=1+1",
            "+49 30 1234",
            "+4930",
            "-cmd",
            "-",
            "-5 %",
            "-1-1",
            "-1.2.3",
            "-.5",
            "-5.",
            "@SUM(A1)",
            "\t=1",
            "\r=1",
            "\n=1",
            "＝1",
            "－1",
        ] {
            assert_eq!(guarded(cell), format!("'{cell}"));
        }
        for cell in ["", "5", "-5", "-3.25", "a=b", "2025-01-01", "'=1", "–5"] {
            assert_eq!(guarded(cell), cell);
        }
    }

    #[test]
    fn points_are_told_apart_from_what_follows_them() {
        let after = |cell: &str, begins_with_points: bool| {
            let mut out = format!("x,{cell}").into_bytes();
            guard_from(&mut out, 2, begins_with_points);
            String::from_utf8(out).unwrap_or_default()
        };
        assert_eq!(after("+30 Visited \"pricing\"", true), "x,+30 Visited \"pricing\"");
        assert_eq!(after("-5 Überraschung", true), "x,-5 Überraschung");
        assert_eq!(after("+30 -1+cmd|' /C calc'!A0", true), "x,'+30 -1+cmd|' /C calc'!A0");
        assert_eq!(after("+30 *1+A1", true), "x,'+30 *1+A1");
        // A reason without points, whose text looks like some.
        assert_eq!(after("+30 Visited", false), "x,'+30 Visited");
    }
}
