//! Number cells as people write them: `$1.5M`, `51-200 employees`, `EUR 1,200,000.00`, `1.234,56` where that style is declared.
//!
//! Owns *Appendix: reading cells* of `docs/reference.md` as far as it is about numbers. Knows nothing of leads or models.

use super::{NumberCell, Range, scaled};
use crate::text::is_space;

/// How numbers are written in a column, where a model says so. What is written otherwise is then unreadable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NumberStyle {
    /// `1,234.56`
    Point,
    /// `1.234,56`
    Comma,
    /// `1 234,56`
    Blank,
    /// `1'234.56`
    Apostrophe,
}

/// All styles, as they are declared.
pub const STYLES: [(&str, NumberStyle); 4] = [
    ("1,234.56", NumberStyle::Point),
    ("1.234,56", NumberStyle::Comma),
    ("1 234,56", NumberStyle::Blank),
    ("1'234.56", NumberStyle::Apostrophe),
];

impl NumberStyle {
    /// The style of which a text is the sample; white space and apostrophes of any kind.
    #[must_use]
    pub fn of(sample: &str) -> Option<NumberStyle> {
        let usual = |c| {
            if is_space(c) {
                ' '
            } else if c == '’' {
                '\''
            } else {
                c
            }
        };
        let sample: String = crate::text::trim(sample).chars().map(usual).collect();
        STYLES.iter().find(|(written, _)| *written == sample).map(|&(_, style)| style)
    }

    /// Its sample.
    #[must_use]
    pub fn sample(self) -> &'static str {
        STYLES.iter().find(|(_, style)| *style == self).map_or("", |(written, _)| written)
    }

    fn is_group(self, c: char) -> bool {
        match self {
            NumberStyle::Point => c == ',',
            NumberStyle::Comma => c == '.',
            NumberStyle::Blank => is_space(c),
            NumberStyle::Apostrophe => matches!(c, '\'' | '’'),
        }
    }

    fn decimal(self) -> char {
        match self {
            NumberStyle::Point | NumberStyle::Apostrophe => '.',
            NumberStyle::Comma | NumberStyle::Blank => ',',
        }
    }
}

/// Words behind a number that say nothing.
const UNITS: [&str; 12] = [
    "employees",
    "employee",
    "people",
    "persons",
    "staff",
    "fte",
    "users",
    "seats",
    "licenses",
    "contacts",
    "members",
    "accounts",
];

/// What multiplies: by ten to this power.
const MULTIPLIERS: [(&str, i32); 7] =
    [("k", 3), ("m", 6), ("b", 9), ("bn", 9), ("thousand", 3), ("million", 6), ("billion", 9)];

/// The codes of ISO 4217 in use for money, in order.
const CURRENCIES: [&str; 157] = [
    "AED", "AFN", "ALL", "AMD", "ANG", "AOA", "ARS", "AUD", "AWG", "AZN", "BAM", "BBD", "BDT", "BGN", "BHD", "BIF",
    "BMD", "BND", "BOB", "BRL", "BSD", "BTN", "BWP", "BYN", "BZD", "CAD", "CDF", "CHF", "CLP", "CNY", "COP", "CRC",
    "CUP", "CVE", "CZK", "DJF", "DKK", "DOP", "DZD", "EGP", "ERN", "ETB", "EUR", "FJD", "FKP", "GBP", "GEL", "GHS",
    "GIP", "GMD", "GNF", "GTQ", "GYD", "HKD", "HNL", "HTG", "HUF", "IDR", "ILS", "INR", "IQD", "IRR", "ISK", "JMD",
    "JOD", "JPY", "KES", "KGS", "KHR", "KMF", "KPW", "KRW", "KWD", "KYD", "KZT", "LAK", "LBP", "LKR", "LRD", "LSL",
    "LYD", "MAD", "MDL", "MGA", "MKD", "MMK", "MNT", "MOP", "MRU", "MUR", "MVR", "MWK", "MXN", "MYR", "MZN", "NAD",
    "NGN", "NIO", "NOK", "NPR", "NZD", "OMR", "PAB", "PEN", "PGK", "PHP", "PKR", "PLN", "PYG", "QAR", "RON", "RSD",
    "RUB", "RWF", "SAR", "SBD", "SCR", "SDG", "SEK", "SGD", "SHP", "SLE", "SOS", "SRD", "SSP", "STN", "SVC", "SYP",
    "SZL", "THB", "TJS", "TMT", "TND", "TOP", "TRY", "TTD", "TWD", "TZS", "UAH", "UGX", "USD", "UYU", "UZS", "VED",
    "VES", "VND", "VUV", "WST", "XAF", "XCD", "XCG", "XOF", "XPF", "YER", "ZAR", "ZMW", "ZWG",
];

const SIGNS: [char; 3] = ['$', '€', '£'];

/// Reads a number cell: `1200`, `1,200`, `$1.5M`, `10k`, `45%`, `51-200`, `51 to 200 employees`, `10,000+`, `<10`, `>=5`.
///
/// `None` where it is no number: other words, exponents, accounting brackets, reversed ranges, more than 10^15 in size.
#[must_use]
pub fn read_cell(cell: &str, style: NumberStyle) -> Option<NumberCell> {
    let cell = cell.trim_matches(is_space);
    if cell.is_empty() || cell.len() > 80 {
        return None;
    }
    if let Some(written) = Written::read(cell, style) {
        let n = written.number(written.shift)?;
        return Some(if written.is_open { range(n, f64::INFINITY, false, false) } else { NumberCell::Number(n) });
    }
    let below = [("<=", false), ("≤", false), ("<", true)];
    let above = [(">=", false), ("≥", false), (">", true)];
    fn one(rest: &str, style: NumberStyle) -> Option<f64> {
        let written = Written::read(rest.trim_start_matches(is_space), style).filter(|w| !w.is_open)?;
        written.number(written.shift)
    }
    for (sign, is_open) in below {
        if let Some(rest) = cell.strip_prefix(sign) {
            return Some(range(f64::NEG_INFINITY, one(rest, style)?, false, is_open));
        }
    }
    for (sign, is_open) in above {
        if let Some(rest) = cell.strip_prefix(sign) {
            return Some(range(one(rest, style)?, f64::INFINITY, is_open, false));
        }
    }
    // `A to B`, then the dashes; a minus at the very start is a sign, and one behind a dash too.
    let to = cell.to_ascii_lowercase().find(" to ").map(|at| (at, 4));
    let dashes = cell.char_indices().skip(1).filter(|(_, c)| matches!(c, '-' | '–' | '—' | '‑' | '−'));
    to.into_iter()
        .chain(dashes.map(|(at, c)| (at, c.len_utf8())))
        .find_map(|(at, length)| between(cell.get(..at)?, cell.get(at + length..)?, style))
}

fn between(low: &str, high: &str, style: NumberStyle) -> Option<NumberCell> {
    let low = Written::read(low.trim_end_matches(is_space), style)?;
    let high = Written::read(high.trim_start_matches(is_space), style)?;
    // A code stands before the range, behind it, or with both numbers.
    let is_one_code = low.code.is_none() || (high.code.is_none() && !high.has_unit) || low.code == high.code;
    if low.is_open || high.is_open || low.has_unit || !is_one_code {
        return None;
    }
    // What multiplies the second alone counts for both where the first is smaller as written: `10-50k`, not `500-1k`.
    let is_shared = low.shift == 0 && low.number(0)? < high.number(0)?;
    let (low, high) = (low.number(if is_shared { high.shift } else { low.shift })?, high.number(high.shift)?);
    (low <= high).then(|| range(low, high, false, false))
}

fn range(low: f64, high: f64, low_open: bool, high_open: bool) -> NumberCell {
    NumberCell::Range(Range { low, high, low_open, high_open })
}

/// Reads one number as rule files and tables have it: currency sign, thousands in groups of three, and `k`, `M` or `%`; no words.
#[must_use]
pub fn read_number(text: &str) -> Option<f64> {
    let written = Written::read(text.trim_matches(is_space), NumberStyle::Point)?;
    let is_plain = !written.is_open && !written.has_unit && !written.has_word && written.code.is_none();
    if is_plain { written.number(written.shift) } else { None }
}

/// One number, taken apart.
struct Written<'t> {
    negative: bool,
    /// The digits before the decimal mark, without marks between groups.
    whole: String,
    fraction: &'t str,
    /// The power of ten that stands behind it.
    shift: i32,
    code: Option<&'t str>,
    has_unit: bool,
    /// Whether what multiplies is a word, `B` or `bn`.
    has_word: bool,
    /// `10,001+`
    is_open: bool,
}

impl<'t> Written<'t> {
    fn read(text: &'t str, style: NumberStyle) -> Option<Written<'t>> {
        let mut out = Written {
            negative: false,
            whole: String::new(),
            fraction: "",
            shift: 0,
            code: None,
            has_unit: false,
            has_word: false,
            is_open: false,
        };
        let (rest, has_sign) = out.before(text)?;
        let rest = out.behind(rest, has_sign)?;
        out.digits(rest, style)?;
        Some(out)
    }

    /// Takes signs and a code of money from the front; says whether there was a currency sign.
    fn before(&mut self, text: &'t str) -> Option<(&'t str, bool)> {
        let (mut rest, mut has_sign, mut is_signed) = (text, false, false);
        loop {
            if let Some(r) = rest.strip_prefix(['-', '−']).or_else(|| rest.strip_prefix('+').filter(|_| !has_sign)) {
                if is_signed {
                    return None;
                }
                (is_signed, self.negative) = (true, !rest.starts_with('+'));
                rest = r;
            } else if let Some(r) = rest.strip_prefix(SIGNS) {
                if has_sign {
                    return None;
                }
                has_sign = true;
                rest = r.trim_start_matches(is_space);
            } else if rest.starts_with(|c: char| c.is_ascii_uppercase()) && self.code.is_none() {
                let end = rest.find(|c: char| !c.is_ascii_uppercase()).unwrap_or(rest.len());
                let (code, r) = rest.split_at_checked(end)?;
                self.code = Some(currency(code)?);
                rest = r.trim_start_matches(is_space);
            } else {
                return Some((rest, has_sign));
            }
        }
    }

    /// Takes words, suffixes, a code and signs from the end.
    fn behind(&mut self, text: &'t str, has_sign: bool) -> Option<&'t str> {
        let (mut rest, mut has_sign) = (text, has_sign);
        let mut is_multiplied = false;
        loop {
            rest = rest.trim_end_matches(is_space);
            let last = rest.chars().next_back()?;
            if last == '+' {
                if self.is_open || is_multiplied {
                    // `10+k` is no number; `1k+` is.
                    return None;
                }
                self.is_open = true;
                rest = rest.strip_suffix('+')?;
            } else if SIGNS.contains(&last) {
                if has_sign || is_multiplied {
                    return None;
                }
                has_sign = true;
                rest = rest.strip_suffix(SIGNS)?;
            } else if last == '%' {
                if is_multiplied || self.code.is_some() || self.has_unit {
                    return None;
                }
                (self.shift, is_multiplied) = (-2, true);
                rest = rest.strip_suffix('%')?;
            } else if last.is_ascii_alphabetic() {
                let start = rest.rfind(|c: char| !c.is_ascii_alphabetic()).map_or(0, |at| at + 1);
                // What stands before it may be a letter of another alphabet, of more bytes than one.
                let (before, word) = rest.split_at_checked(start)?;
                let multiplier = MULTIPLIERS.iter().find(|(name, _)| word.eq_ignore_ascii_case(name));
                if is_multiplied {
                    return None;
                } else if let Some(&(name, shift)) = multiplier {
                    (self.shift, is_multiplied) = (shift, true);
                    self.has_word = !matches!(name, "k" | "m");
                } else if self.code.is_none()
                    && !self.has_unit
                    && let Some(code) = currency(word)
                {
                    self.code = Some(code);
                } else if self.code.is_none()
                    && !self.has_unit
                    && UNITS.iter().any(|unit| word.eq_ignore_ascii_case(unit))
                {
                    self.has_unit = true;
                } else {
                    return None;
                }
                rest = before;
            } else {
                return Some(rest);
            }
        }
    }

    fn digits(&mut self, text: &'t str, style: NumberStyle) -> Option<()> {
        let are_digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
        let (whole, fraction) = match text.split_once(style.decimal()) {
            Some((whole, fraction)) if !fraction.is_empty() => (whole, fraction),
            Some(_) => return None,
            None => (text, ""),
        };
        if !are_digits(fraction) || (whole.is_empty() && fraction.is_empty()) {
            return None;
        }
        self.fraction = fraction;
        for (i, group) in whole.split(|c| style.is_group(c)).enumerate() {
            let is_first = i == 0;
            let is_alone = is_first && group.len() == whole.len();
            if !are_digits(group) || !(is_alone || is_first && matches!(group.len(), 1..=3) || group.len() == 3) {
                return None;
            }
            self.whole.push_str(group);
        }
        Some(())
    }

    fn number(&self, shift: i32) -> Option<f64> {
        scaled(&self.whole, self.fraction, shift, self.negative)
    }
}

/// A code of money.
fn currency(word: &str) -> Option<&'static str> {
    CURRENCIES.binary_search(&word).ok().and_then(|i| CURRENCIES.get(i)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn n(cell: &str) -> Option<f64> {
        match read_cell(cell, NumberStyle::Point) {
            Some(NumberCell::Number(n)) => Some(n),
            _ => None,
        }
    }

    fn r(cell: &str) -> Option<(f64, f64, bool, bool)> {
        match read_cell(cell, NumberStyle::Point) {
            Some(NumberCell::Range(r)) => Some((r.low, r.high, r.low_open, r.high_open)),
            _ => None,
        }
    }

    #[test]
    fn number_cells() {
        assert_eq!(n("1200"), Some(1200.0));
        assert_eq!(n("1,200"), Some(1200.0));
        assert_eq!(n("$1.5M"), Some(1_500_000.0));
        assert_eq!(n("2.3M"), Some(2_300_000.0));
        assert_eq!(n("10k"), Some(10_000.0));
        assert_eq!(n("45%"), Some(0.45));
        assert_eq!(n("-$5"), Some(-5.0));
        assert_eq!(n("5 €"), Some(5.0));
        assert_eq!(n(".5"), Some(0.5));
        assert_eq!(n("1000000000000000"), Some(1e15));
        for bad in
            ["twelve", "1,20", "1e5", "(5)", "1000000000000001", "10kg", "", "--5", "5.", "1 200", "1,2,3", "$$5"]
        {
            assert_eq!(read_cell(bad, NumberStyle::Point), None, "{bad}");
        }
    }

    #[test]
    fn range_cells() {
        let inf = f64::INFINITY;
        assert_eq!(r("51-200"), Some((51.0, 200.0, false, false)));
        assert_eq!(r("51–200"), Some((51.0, 200.0, false, false)));
        assert_eq!(r("51 to 200"), Some((51.0, 200.0, false, false)));
        assert_eq!(r("$100M-$500M"), Some((1e8, 5e8, false, false)));
        assert_eq!(r("1k - 5k"), Some((1000.0, 5000.0, false, false)));
        assert_eq!(r("-5--1"), Some((-5.0, -1.0, false, false)));
        assert_eq!(r("10,000+"), Some((10_000.0, inf, false, false)));
        assert_eq!(r("<10"), Some((-inf, 10.0, false, true)));
        assert_eq!(r(">= 5"), Some((5.0, inf, false, false)));
        assert_eq!(r("200-51"), None);
    }

    #[test]
    fn words_and_codes() {
        assert_eq!(n("12500 EUR"), Some(12_500.0));
        assert_eq!(n("EUR12500"), Some(12_500.0));
        assert_eq!(n("EUR 1,200,000.00"), Some(1_200_000.0));
        assert_eq!(n("-EUR 5"), Some(-5.0));
        assert_eq!(n("EUR -5"), Some(-5.0));
        assert_eq!(n("$1,200 USD"), Some(1200.0));
        assert_eq!(n("1.5 million EUR"), Some(1_500_000.0));
        assert_eq!(n("2 thousand employees"), Some(2000.0));
        assert_eq!(n("2bn"), Some(2e9));
        assert_eq!(n("1.5 B"), Some(1.5e9));
        assert_eq!(n("3 Employees"), Some(3.0));
        for bad in [
            "2 months",
            "eur 5",
            "EUR 5 EUR",
            "EUR 5 USD",
            "5 employees EUR",
            "top 10",
            "XAU 5",
            "5k million",
            "5% EUR",
            "employees",
            "EUR",
            "€€5",
            "10+k",
            "5 kg",
            "ß5",
            "5ß",
            "5 éemployees",
        ] {
            assert_eq!(read_cell(bad, NumberStyle::Point), None, "{bad}");
        }
        let inf = f64::INFINITY;
        assert_eq!(r("10,001+ employees"), Some((10_001.0, inf, false, false)));
        assert_eq!(r("10,001 employees+"), Some((10_001.0, inf, false, false)));
        assert_eq!(r("1 million+"), Some((1e6, inf, false, false)));
        assert_eq!(r("51-200 employees"), Some((51.0, 200.0, false, false)));
        assert_eq!(r("< 1 million USD"), Some((-inf, 1e6, false, true)));
        assert_eq!(r("10-50k"), Some((10_000.0, 50_000.0, false, false)));
        assert_eq!(r("10-50 thousand"), Some((10_000.0, 50_000.0, false, false)));
        assert_eq!(r("500-1k"), Some((500.0, 1000.0, false, false)));
        assert_eq!(r("500 thousand to 1 million"), Some((5e5, 1e6, false, false)));
        assert_eq!(r("EUR 10k - EUR 50k"), Some((10_000.0, 50_000.0, false, false)));
        assert_eq!(r("10-50%"), Some((0.1, 0.5, false, false)));
        assert_eq!(r("EUR 10 - USD 50"), None);
        assert_eq!(r("EUR 10 - 50"), Some((10.0, 50.0, false, false)));
        assert_eq!(r("EUR 10-50 seats"), None);
    }

    #[test]
    fn words_are_none_of_rule_files() {
        assert_eq!(read_number("$1.5M"), Some(1_500_000.0));
        for word in ["5 employees", "5 million", "5bn", "EUR 5", "5+", "5-6"] {
            assert_eq!(read_number(word), None, "{word}");
        }
    }

    #[test]
    fn styles() {
        let read = |cell, style| match read_cell(cell, style) {
            Some(NumberCell::Number(n)) => Some(n),
            _ => None,
        };
        assert_eq!(read("1.234,56", NumberStyle::Comma), Some(1234.56));
        assert_eq!(read("15.000", NumberStyle::Comma), Some(15_000.0));
        assert_eq!(read("15000", NumberStyle::Comma), Some(15_000.0));
        assert_eq!(read("-4,25 €", NumberStyle::Comma), Some(-4.25));
        assert_eq!(read("1,5 Million", NumberStyle::Comma), Some(1_500_000.0));
        assert_eq!(read("12.5", NumberStyle::Comma), None);
        assert_eq!(read("1,234.56", NumberStyle::Comma), None);
        assert_eq!(read("1 234\u{202f}567,5 €", NumberStyle::Blank), Some(1_234_567.5));
        assert_eq!(read("1 234 Employees", NumberStyle::Blank), Some(1234.0));
        assert_eq!(read("1’234.5", NumberStyle::Apostrophe), Some(1234.5));
        assert_eq!(read("1'234'567", NumberStyle::Apostrophe), Some(1_234_567.0));
        assert_eq!(read("1,234", NumberStyle::Apostrophe), None);
        for (sample, style) in STYLES {
            assert_eq!((NumberStyle::of(sample), read(sample, style)), (Some(style), Some(1234.56)));
        }
    }

    #[test]
    fn codes_are_in_order() {
        assert!(CURRENCIES.is_sorted());
    }
}
