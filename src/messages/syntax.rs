//! What there is to say about syntax (E1xx).

use super::{bare, in_quotes, short};
use crate::diagnostic::{Code, Diagnostic};
use crate::number::grouped;
use crate::operators::CompareOp;
use crate::source::Span;

/// Something stands where something else is wanted.
pub fn unexpected(at: Span, found: &str, wanted: &str, help: Option<&str>) -> Diagnostic {
    let message = format!("expected {wanted}, found `{}`", short(found));
    let d = Diagnostic::new(Code::E101, message).label(at, "this does not belong here");
    match help {
        Some(help) => d.help(help),
        None => d.help(format!("write {wanted} here, or take `{}` out", short(found))),
    }
}

/// A statement ends too early.
pub fn incomplete(last: Span, word: &str, wanted: &str) -> Diagnostic {
    Diagnostic::new(Code::E101, format!("expected {wanted} after `{}`", short(word)))
        .label(last, "something is missing after this")
        .help(format!("go on with {wanted}"))
}

/// A character that has no meaning in Merit.
pub fn unexpected_character(at: Span, found: &str) -> Diagnostic {
    Diagnostic::new(Code::E101, format!("`{found}` has no meaning here")).label(at, "this character").help(
        match found {
            "'" | "’" | "‘" => "texts stand in double quotes: `\"CEO\"`".to_owned(),
            "@" | "%" | "&" | "§" | "?" => format!("if `{found}` belongs to a text, put the text in quotes: `\"…\"`"),
            _ => format!(
                "take `{found}` out; if it belongs to a column's name, put the name in backticks: `Lead Score (old)`"
            ),
        },
    )
}

/// A word that belongs inside a statement stands at the beginning of one.
pub fn out_of_place(at: Span, word: &str) -> Diagnostic {
    let lower = word.to_lowercase();
    let help = match lower.as_str() {
        "else" | "otherwise" => {
            "only a label and a table of points have an `otherwise` line; a rule says `if not add …` at its end"
        }
        "expect" => "`expect` stands inside a test: `test \"…\" { expect stage = sql }`",
        "where" => "`where` stands inside the parentheses of an activity: `attended(\"webinar\" where minutes >= 30)`",
        "then" => "write the points right after the condition: `when visited(\"pricing\") add 30`",
        _ => "this word goes on with a statement; check that the line before it is complete",
    };
    Diagnostic::new(Code::E101, format!("`{word}` cannot begin a statement"))
        .label(at, "nothing comes before it")
        .help(help)
}

/// A text whose quote is never closed.
pub fn unclosed_text(open: Span) -> Diagnostic {
    Diagnostic::new(Code::E102, "this text is never closed")
        .label(open, "the quote that opens it")
        .help("put a `\"` at the end of the text, on the same line")
}

/// A name in backticks that is never closed.
pub fn unclosed_name(open: Span) -> Diagnostic {
    Diagnostic::new(Code::E102, "this name in backticks is never closed")
        .label(open, "the backtick that opens it")
        .help("put a ` at the end of the name, on the same line")
}

/// A bracket that is never closed.
pub fn unclosed_bracket(open: Span, bracket: &str, proof: Option<Span>) -> Diagnostic {
    let close = match bracket {
        "(" => ")",
        "[" => "]",
        _ => "}",
    };
    let d = Diagnostic::new(Code::E103, format!("this `{bracket}` is never closed"))
        .label(open, format!("`{bracket}` opens here"));
    let d = match proof {
        Some(at) => d.label(at, format!("`{close}` is missing before this")),
        None => d,
    };
    d.help(format!("put a `{close}` where it ends"))
}

/// `field employees number`
pub fn type_without_colon(at: Span, name: &str, of_type: &str) -> Diagnostic {
    Diagnostic::new(Code::E101, "the type of a field stands behind a colon")
        .label(at, "no colon before this")
        .help(format!("write `field {}: {}`", short(name), of_type.to_lowercase()))
        .edit(at, format!(": {}", of_type.to_lowercase()))
}

/// `profile icp` without `{`
pub fn unopened(at: Span, word: &str, head: &str) -> Diagnostic {
    Diagnostic::new(Code::E101, format!("a `{word}` has its lines between `{{` and `}}`", word = word.to_lowercase()))
        .label(at, "no `{` behind this")
        .help(format!("write `{} {{`, then the lines, then `}}`", short(head)))
}

/// `profile "Mid-market" {`
pub fn title_before_name(at: Span, word: &str, title: &str) -> Diagnostic {
    let word = word.to_lowercase();
    Diagnostic::new(Code::E101, format!("a `{word}` has a name, and a title in quotes may follow it"))
        .label(at, "a name is missing before this")
        .help(format!("write `{word} NAME {} {{`, the name without quotes and blanks", short(title)))
}

/// A closing bracket that closes nothing.
pub fn stray_close(at: Span, bracket: &str) -> Diagnostic {
    let open = match bracket {
        ")" => "(",
        "]" => "[",
        _ => "{",
    };
    Diagnostic::new(Code::E104, format!("this `{bracket}` closes nothing"))
        .label(at, format!("no `{open}` is open here"))
        .help(format!("take it out, or put the `{open}` where it should begin"))
}

/// A word that is nearly another.
pub fn unknown_word(at: Span, word: &str, proper: &str) -> Diagnostic {
    Diagnostic::new(Code::E105, format!("`{}` is no word of Merit", short(word)))
        .label(at, format!("did you mean `{proper}`?"))
        .help(format!("write `{proper}`"))
        .edit(at, proper)
}

/// A word that begins no statement.
pub fn no_statement(at: Span, word: &str, place: &str, instead: Option<&str>) -> Diagnostic {
    Diagnostic::new(Code::E105, format!("`{}` begins no statement", short(word)))
        .label(at, format!("no line of {place} begins with this"))
        .help(instead.unwrap_or("statements begin with words such as `when`, `let`, `profile`, `score`, `label`, or with a stage: `sql if score >= 70`"))
}

/// Nesting beyond the limit.
pub fn too_deep(at: Span, limit: usize) -> Diagnostic {
    Diagnostic::new(Code::E106, format!("this is nested more than {limit} deep"))
        .label(at, "here it becomes too deep")
        .help("give parts of the condition a name with `let`, and use the names")
}

/// A file beyond the limit.
pub fn file_too_large(at: Span, size: usize, limit: usize) -> Diagnostic {
    let (size, most) = (grouped(size as u64), grouped(limit as u64));
    Diagnostic::new(
        Code::E107,
        format!("this rule file has {size} bytes, and {most} ({} MiB) are the most", limit >> 20),
    )
    .label(at, "the whole file")
    .help("move long lists into text files and read them with `let competitors = lines of \"competitors.txt\"`")
}

/// A file that is not UTF-8.
pub fn not_utf8(at: Span, line: usize) -> Diagnostic {
    Diagnostic::new(Code::E107, format!("this file is not UTF-8 text: line {line} holds bytes that are no characters"))
        .label(at, "the first of them")
        .help("save the file as UTF-8: most editors have this in their Save As window")
}

/// A character that nobody sees.
pub fn invisible_character(at: Span, c: char) -> Diagnostic {
    Diagnostic::new(Code::E108, format!("an invisible character (U+{:04X}) stands here", u32::from(c)))
        .label(at, "here, between the characters that are seen")
        .help(format!("delete it; if a text needs it, write \\u{{{:x}}}", u32::from(c)))
}

/// A comment as other languages write it.
pub fn comment_sign(at: Span, sign: &str) -> Diagnostic {
    Diagnostic::new(Code::E109, format!("`{sign}` starts no comment in Merit"))
        .label(at, "a comment starts with `#`")
        .help("write `# note`")
        .edit_if(at, (sign != "/*").then_some("#"))
}

/// An operator as other languages write it.
pub fn foreign_operator(at: Span, written: &str, proper: &str) -> Diagnostic {
    Diagnostic::new(Code::E110, format!("`{written}` is written `{proper}` in Merit"))
        .label(at, format!("write `{proper}`"))
        .help(format!("replace `{written}` by `{proper}`"))
        .edit_if(at, (!proper.chars().all(char::is_alphabetic)).then_some(proper))
}

/// A text in single quotes.
pub fn single_quotes(at: Span, body: &str) -> Diagnostic {
    Diagnostic::new(Code::E111, "text stands in double quotes")
        .label(at, "single quotes here")
        .help(format!("write `\"{}\"`", short(body)))
        .edit_if(at, in_quotes(body))
}

/// An item of a list of texts that is no text.
pub fn text_in_quotes(at: Span, written: &str) -> Diagnostic {
    Diagnostic::new(Code::E111, "only texts can stand here")
        .label(at, "this is no text in quotes")
        .help(format!("write `\"{}\"`", short(written)))
        .edit_if(at, bare(written).and_then(in_quotes))
}

/// A value of a test's lead without quotes.
pub fn value_without_quotes(at: Span, word: &str) -> Diagnostic {
    Diagnostic::new(Code::E111, format!("`{}` needs quotes if it is a text", short(word)))
        .label(at, "a name cannot be a value here")
        .help(format!("write `\"{}\"`", short(word)))
        .edit_if(at, bare(word).and_then(in_quotes))
}

/// A number with commas.
pub fn grouped_number(at: Span, written: &str) -> Diagnostic {
    Diagnostic::new(Code::E112, format!("a number has no commas: `{}`", short(written)))
        .label(at, "a comma separates two values")
        .help(format!("write {}", plain_number(written)))
        .edit(at, written.replace(',', "_"))
}

/// `[1,000, 5,000]`
pub fn grouped_numbers(at: Span, proper: &str) -> Diagnostic {
    let help = match proper.strip_suffix("_000]") {
        Some(_) if proper.split(", ").all(|n| n.trim_matches(['[', ']']).ends_with("_000")) => {
            format!("write `{}` or `{}`", short(proper), short(&proper.replace("_000", "k")))
        }
        _ => format!("write `{}`", short(proper)),
    };
    Diagnostic::new(Code::E112, "numbers have no commas in them")
        .label(at, "a comma separates two values")
        .help(help)
        .edit(at, proper)
}

/// `10,000` as `10_000` or `10k`.
fn plain_number(written: &str) -> String {
    let plain = written.replace(',', "_");
    let short_form =
        plain.strip_suffix("_000").filter(|p| !p.contains('_')).map(|p| format!(" or `{p}k`")).unwrap_or_default();
    format!("`{}`{short_form}", short(&plain))
}

/// `000`, the rest of a number with commas.
pub fn leading_zero(at: Span, written: &str) -> Diagnostic {
    let number = written.trim_start_matches('0');
    let number = if number.is_empty() { "0" } else { number };
    let help = match written.len() {
        3 => "write numbers without commas: `10_000` or `10k`".to_owned(),
        _ => {
            format!("write `\"{0}\"` if it is a text such as a postcode, `{number}` if it is a number", short(written))
        }
    };
    let message = match written.len() {
        3 => format!("`{written}` looks like the rest of a number with a comma in it"),
        _ => format!("`{}` begins with a 0, as no number does", short(written)),
    };
    Diagnostic::new(Code::E112, message).label(at, "no number begins with 0").help(help)
}

/// A number with a currency sign.
pub fn currency(at: Span, written: &str) -> Diagnostic {
    let plain: String = written.chars().filter(|c| !matches!(c, '$' | '€' | '£' | ' ')).collect();
    let help = if plain.is_empty() {
        "write the number alone: `10k`".to_owned()
    } else {
        format!("write {}", plain_number(&plain))
    };
    Diagnostic::new(Code::E112, "currency signs stay out of rules").label(at, "the number alone is enough").help(help)
}

/// Digits and letters in one.
pub fn odd_number(at: Span, written: &str) -> Diagnostic {
    let digits: String = written.chars().take_while(|c| c.is_ascii_digit() || *c == '.' || *c == '_').collect();
    Diagnostic::new(Code::E112, format!("`{}` is no number", short(written)))
        .label(at, "a number may end with `k`, `M` or `%`")
        .help(format!("write `{digits}`, or put it in quotes if it is a text: `\"{}\"`", short(written)))
}

/// A number beyond 10^15, or a count beyond a billion.
pub fn number_too_large(at: Span) -> Diagnostic {
    Diagnostic::new(Code::E112, "this number is too large")
        .label(at, "numbers go up to 10^15, counts up to a billion")
        .help("write a smaller number")
}

/// A date that the calendar does not have.
pub fn no_such_day(at: Span, written: &str) -> Diagnostic {
    Diagnostic::new(Code::E113, format!("there is no day or time `{}`", short(written)))
        .label(at, "not in the calendar, or not in this form")
        .help("days are written `2025-06-30`, instants `2025-06-30T14:00:00Z`")
}

/// A date in another form.
pub fn odd_date(at: Span, written: &str) -> Diagnostic {
    let help = match readings(written).as_slice() {
        [] => "write the year, the month and the day: `2025-10-01`".to_owned(),
        [one] => format!("write `{one}`"),
        [first, second, ..] => format!("write `{first}` or `{second}`, whichever is meant"),
    };
    Diagnostic::new(Code::E113, format!("which is the month in `{}`?", short(written)))
        .label(at, "dates are written year-month-day")
        .help(help)
}

/// The days that a date in another form can mean, the likeliest first.
fn readings(written: &str) -> Vec<String> {
    const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let lower = written.to_lowercase();
    let numbers: Vec<u32> = lower.split(|c: char| !c.is_ascii_digit()).filter_map(|n| n.parse().ok()).collect();
    let day = |year: u32, month: u32, day: u32| -> Option<String> {
        let year = if year < 100 { year + 2000 } else { year };
        ((1..=12).contains(&month) && (1..=31).contains(&day)).then(|| format!("{year}-{month:02}-{day:02}"))
    };
    let named = MONTHS.iter().position(|m| lower.contains(m)).and_then(|i| u32::try_from(i + 1).ok());
    let mut found: Vec<String> = match (named, numbers.as_slice()) {
        (Some(month), [d]) => vec![day(2025, month, *d)],
        (Some(month), [d, year]) => vec![day(*year, month, *d)],
        (None, [a, b, year]) => vec![day(*year, *a, *b), day(*year, *b, *a)],
        _ => Vec::new(),
    }
    .into_iter()
    .flatten()
    .collect();
    found.dedup();
    found
}

/// `30d`, `30days`
pub fn short_duration(at: Span, written: &str) -> Diagnostic {
    let digits: String = written.chars().take_while(char::is_ascii_digit).collect();
    let unit = unit_in(written, &digits);
    // A lone `m` may be minutes or months.
    let is_sure = unit != "minutes" || written.contains("min");
    Diagnostic::new(Code::E114, format!("`{}` is no length of time", short(written)))
        .label(at, "number and unit stand apart")
        .help(format!("write `{digits} {unit}`"))
        .edit_if(at, is_sure.then(|| format!("{digits} {unit}")))
}

/// The unit behind the digits of `30d`, as Merit writes it.
fn unit_in(written: &str, digits: &str) -> &'static str {
    let letters = written.get(digits.len()..).unwrap_or("").trim().to_lowercase();
    let unit = match letters.as_str() {
        "d" | "day" | "days" => "days",
        "h" | "hr" | "hrs" | "hour" | "hours" => "hours",
        "w" | "wk" | "wks" | "week" | "weeks" => "weeks",
        "mo" | "mos" | "month" | "months" => "months",
        "q" | "quarter" | "quarters" => "quarters",
        "y" | "yr" | "yrs" | "year" | "years" => "years",
        _ => "minutes",
    };
    if digits == "1" { unit.trim_end_matches('s') } else { unit }
}

/// `0 days`
pub fn zero_period(at: Span) -> Diagnostic {
    Diagnostic::new(Code::E114, "a length of time is at least 1")
        .label(at, "no time at all")
        .help("write `1 day` or more")
}

/// `days_since(x) > 30 days`
pub fn number_with_unit(at: Span, written: &str) -> Diagnostic {
    let number: String = written.chars().take_while(char::is_ascii_digit).collect();
    let period = format!("{number} {}", unit_in(written, &number));
    Diagnostic::new(Code::E114, format!("`{}` is a length of time, and a value stands here", short(written)))
        .label(at, "a number stands without a unit")
        .help(format!(
            "write `in last {period}` to ask whether a date is that near, `at least {period} ago` whether it is further back; `days_since(created) > {number}` counts days"
        ))
}

/// A list without brackets.
pub fn list_without_brackets(at: Span, items: &str, negated: bool) -> Diagnostic {
    let not = if negated { "not " } else { "" };
    Diagnostic::new(Code::E115, "a list stands in brackets")
        .label(at, "no brackets here")
        .help(format!("write `{not}in [{}]`", short(items)))
        .edit(at, format!("{not}in [{items}]"))
}

/// `let freemail = "gmail.com", "yahoo.com"`
pub fn let_without_brackets(at: Span, name: &str, items: &str) -> Diagnostic {
    Diagnostic::new(Code::E115, "a list stands in brackets").label(at, "no brackets here").help(format!(
        "write `let {} = [{}]`",
        short(name),
        short(items)
    ))
}

/// `at least 2 of [a, b]`
pub fn conditions_in_brackets(at: Span) -> Diagnostic {
    Diagnostic::new(Code::E115, "conditions that are counted stand in parentheses")
        .label(at, "brackets make a list of values")
        .help("put them in parentheses: `at least 2 of (replied(), booked(\"demo\"))`")
}

/// `between 50-500`
pub fn between_without_and(at: Span, ends: &str) -> Diagnostic {
    Diagnostic::new(Code::E101, "`between` joins its two ends with `and`")
        .label(at, "no `and` here")
        .help(format!("write `between {ends}`"))
        .edit(at, format!("between {ends}"))
}

/// `employees between 51 and 499` for a name and two comparisons with numbers, if they are the ends of a range.
#[must_use]
pub fn range_of(name: &str, ends: [(CompareOp, f64); 2]) -> Option<String> {
    let (mut low, mut high) = (None, None);
    for (op, number) in ends {
        match op {
            CompareOp::Greater => low = Some((number, 1.0)),
            CompareOp::GreaterOrEqual => low = Some((number, 0.0)),
            CompareOp::Less => high = Some((number, 1.0)),
            CompareOp::LessOrEqual => high = Some((number, 0.0)),
            CompareOp::Equal | CompareOp::NotEqual => {}
        }
    }
    let ((low, low_step), (high, high_step)) = (low?, high?);
    let whole = low.fract() == 0.0 && high.fract() == 0.0;
    if whole || low_step + high_step == 0.0 {
        return Some(format!("{} between {} and {}", short(name), low + low_step, high - high_step));
    }
    let sign = |sign: &str, step: f64| if step > 0.0 { sign.to_owned() } else { format!("{sign}=") };
    Some(format!("{name} {} {low} and {name} {} {high}", sign(">", low_step), sign("<", high_step), name = short(name)))
}

/// `50 < employees < 500`, `a = b = c`
pub fn chained(at: Span, second: Span, proper: Option<&str>) -> Diagnostic {
    Diagnostic::new(Code::E117, "comparisons do not chain")
        .label(second, "a second comparison")
        .label(at, "the first")
        .help(match proper {
            Some(proper) => format!("write `{proper}`"),
            None => "write two comparisons, with `and` between them".to_owned(),
        })
}

/// `employees > 50 and < 500`
pub fn comparison_without_left_side(at: Span, op: &str, left: Option<&str>, proper: Option<&str>) -> Diagnostic {
    let help = match (proper, left) {
        (Some(proper), _) => format!("write `{proper}`"),
        (None, Some(left)) => format!("say it once more: `{} {op} …`", short(left)),
        (None, None) => format!("write what is compared: `employees {op} …`"),
    };
    Diagnostic::new(Code::E117, format!("what is compared with `{op}` here?"))
        .label(at, "the left side is missing")
        .help(help)
}

/// `3 times`, `3x`, `once`
pub fn count_words(at: Span, written: &str, n: u64) -> Diagnostic {
    let lower = written.to_lowercase();
    let proper = if lower.starts_with("more than") || lower.starts_with("over") {
        format!("`at least {} times`", n.saturating_add(1))
    } else if lower.contains('+') || lower.contains("more") {
        format!("`at least {n} times`")
    } else {
        let times = match n {
            1 => "once".to_owned(),
            2 => "twice".to_owned(),
            n => format!("{n} times"),
        };
        format!("`at least {times}` or `exactly {times}`")
    };
    Diagnostic::new(Code::E118, format!("`{}` does not say whether more would do", short(written)))
        .label(at, "how many times?")
        .help(format!("write {proper}"))
}

/// `on 4 days`
pub fn on_days(at: Span, written: &str, n: &str) -> Diagnostic {
    Diagnostic::new(Code::E118, format!("`{}` does not say whether more would do", short(written)))
        .label(at, "how many days?")
        .help(format!("write `on at least {n} days` or `on exactly {n} days`"))
}

/// `two of these: …`
pub fn some_of(at: Span, n: u64) -> Diagnostic {
    Diagnostic::new(Code::E101, "how many must hold is written with `at least`, before parentheses")
        .label(at, "some of several conditions")
        .help(format!(
            "write `at least {n} of (title is known, email is known)`, or name a profile: `at least {n} of icp`"
        ))
}

/// `visited("pricing") followed by booked("demo")`
pub fn followed_by(at: Span) -> Diagnostic {
    Diagnostic::new(Code::E101, "what comes after something is written with `then`")
        .label(at, "write `then`")
        .help("write for example `visited(\"pricing\") then booked(\"demo\") within 7 days`")
}

/// `visited("pricing") > 3 times`
pub fn compared_count(at: Span, op: CompareOp, n: u64) -> Diagnostic {
    let proper = match op {
        CompareOp::Greater => format!("at least {} times", n.saturating_add(1)),
        CompareOp::GreaterOrEqual => format!("at least {n} times"),
        CompareOp::Less => format!("at most {} times", n.saturating_sub(1)),
        CompareOp::LessOrEqual => format!("at most {n} times"),
        CompareOp::Equal | CompareOp::NotEqual => format!("exactly {n} times"),
    };
    Diagnostic::new(Code::E118, "an activity is counted in words")
        .label(at, "say it in words")
        .help(format!("write `{proper}`"))
        .edit(at, proper)
}

/// `within last 30 days`, `past month`, `last 30 days`
pub fn window_words(at: Span, written: &str, period: &str) -> Diagnostic {
    Diagnostic::new(Code::E119, format!("`{}` is written `in last {period}` in Merit", short(written)))
        .label(at, "a window of time")
        .help(format!("write `in last {period}`"))
        .edit_if(at, written.contains(period).then(|| format!("in last {period}")))
}

/// `score >= 70+`, `score is 70 or more`
pub fn or_more(at: Span, subject: &str, op: &str, number: &str) -> Diagnostic {
    Diagnostic::new(
        Code::E117,
        "`+`, `or more` and `or less` belong to tables of points; a condition compares with a sign",
    )
    .label(at, "a sign alone is enough")
    .help(format!("write `{} {op} {}`", short(subject), short(number)))
}

/// `is empty`, `exists`
pub fn emptiness(at: Span, subject: &str, written: &str, known: bool) -> Diagnostic {
    let proper = if known { "is known" } else { "is missing" };
    Diagnostic::new(Code::E120, format!("`{}` is written `{proper}` in Merit", short(written)))
        .label(at, "asks whether there is a value")
        .help(format!("write `{} {proper}`", short(subject)))
        .edit_if(at, bare(subject).map(|subject| format!("{subject} {proper}")))
}

/// `has email`
pub fn has_field(at: Span, name: Option<&str>) -> Diagnostic {
    let shown = name.unwrap_or("email");
    Diagnostic::new(Code::E120, format!("`has {shown}` is written `{shown} is known` in Merit"))
        .label(at, "asks whether there is a value")
        .help(format!("write `{shown} is known`"))
        .edit_if(at, name.and_then(bare).map(|name| format!("{name} is known")))
}

/// `if score >= 70 then sql`, `sql when …`
pub fn stage_words(at: Span, proper: &str) -> Diagnostic {
    Diagnostic::new(Code::E121, "a stage is written with `if`, the stage first")
        .label(at, "says when a lead is at a stage")
        .help(format!("write `{proper}`"))
}

/// `add 30 when …`
pub fn points_before_condition(at: Span, word: &str, amount: &str, condition: &str) -> Diagnostic {
    Diagnostic::new(Code::E122, "the condition comes first, then the points")
        .label(at, "the other way round")
        .help(format!("write `when {} {word} {amount}`", short(condition)))
}

/// `+30`, `points 30`
pub fn bare_points(at: Span, number: &str, condition: Option<&str>) -> Diagnostic {
    let (word, amount) = match number.strip_prefix('-') {
        Some(n) => ("subtract", n),
        None => ("add", number.trim_start_matches('+')),
    };
    let condition = condition.map_or("visited(\"pricing\")".to_owned(), short);
    Diagnostic::new(Code::E122, "points are given with `add` or `subtract`, behind a condition")
        .label(at, "points alone")
        .help(format!("write `when {condition} {word} {amount}`"))
}

/// `give 15 points`
pub fn give_words(at: Span, word: &str, number: &str) -> Diagnostic {
    Diagnostic::new(Code::E122, format!("`{}` is written `add` in Merit", short(word)))
        .label(at, "write `add`")
        .help(format!("write `add {number}`"))
        .edit(at, "add")
}

/// `add 30` without a condition
pub fn unconditional(at: Span, field: Option<&str>, rule: &str) -> Diagnostic {
    let d = Diagnostic::new(Code::E122, "these points have no condition").label(at, "when are they given?");
    match field {
        Some(field) => d.help(format!("write `when {field} is known {rule}`")),
        None => d.help(
            "say when, as in `when visited(\"pricing\") add 30`, or count something: `add 5 per visited(\"blog\")`",
        ),
    }
}

/// `if not` behind a rule without a condition
pub fn if_not_without_condition(at: Span) -> Diagnostic {
    Diagnostic::new(Code::E122, "`if not` needs a condition that can be false")
        .label(at, "this rule has none")
        .help("write for example `when opted_in add 5 if not subtract 5`")
}

/// `add "30"`
pub fn points_in_quotes(at: Span, number: &str) -> Diagnostic {
    Diagnostic::new(Code::E122, "points stand without quotes")
        .label(at, "this is a text")
        .help(format!("write `{}`", short(number)))
        .edit_if(at, number.parse::<f64>().is_ok().then_some(number))
}

/// `subtract -10`
pub fn subtract_negative(at: Span) -> Diagnostic {
    Diagnostic::new(Code::E122, "two minus signs add")
        .label(at, "subtracting a negative number")
        .help("write `subtract 10` to take away, `add 10` to give")
}

/// `at most once per week`, `max 2/day`, `weekly`
pub fn rate_words(at: Span, written: &str) -> Diagnostic {
    let lower = written.to_lowercase().replace('/', " / ");
    let words: Vec<&str> = lower.split_whitespace().collect();
    let cut = words.iter().position(|w| matches!(*w, "/" | "per" | "every" | "a" | "an"));
    let (before, after) = words.split_at(cut.unwrap_or(0));
    let times = match before.iter().find_map(|w| w.parse::<u64>().ok()) {
        Some(2) => "twice".to_owned(),
        Some(n) if n != 1 => format!("{n} times"),
        _ if before.contains(&"twice") => "twice".to_owned(),
        _ => "once".to_owned(),
    };
    let period = match after {
        [_, n, unit, ..] if n.parse::<u64>().is_ok() => format!("every {n} {unit}"),
        [_, unit, ..] => format!("a {}", unit_of(unit)),
        _ => format!("a {}", unit_of(&lower)),
    };
    let proper = format!("at most {times} {}", period.replace("a hour", "an hour"));
    Diagnostic::new(Code::E123, format!("`{}` is written `{proper}` in Merit", short(written)))
        .label(at, "how often it may count")
        .help(format!("write `{proper}`"))
        .edit(at, proper)
}

/// The unit of time in a word such as `weekly`.
#[must_use]
pub fn unit_of(word: &str) -> &'static str {
    let lower = word.to_lowercase();
    ["minute", "hour", "day", "week", "month", "quarter", "year"]
        .into_iter()
        .find(|u| lower.contains(u) || (*u == "day" && lower.contains("dai")))
        .unwrap_or("week")
}

/// `per time`
pub fn per_time(at: Span, written: &str) -> Diagnostic {
    Diagnostic::new(Code::E123, format!("`{}` is written `each time`", short(written)))
        .label(at, "how often it counts")
        .help("write `each time`")
        .edit(at, "each time")
}

/// `decay 50% every month`
pub fn ageing_words(at: Span, share: Option<&str>, period: &str, behind: &str) -> Diagnostic {
    let lost = share.and_then(|s| s.parse::<f64>().ok()).filter(|s| (0.0..=100.0).contains(s)).unwrap_or(50.0);
    let kept = 100.0 - lost;
    let points = |n: f64| format!("{}", (n * 1000.0).round() / 1000.0);
    let (one, two) = (kept / 10.0, (10.0 - lost / 5.0).max(0.0));
    Diagnostic::new(Code::E124, "which way do the points age?").label(at, "could be read in two ways").help(format!(
        "write `losing {lost}% every {period}{behind}` (10, {}, {}) or `keeping {kept}% every {period}{behind}` (10, {}, {})",
        points(one),
        points(two),
        points(one),
        points(one * kept / 100.0)
    ))
}

/// `half every month`
pub fn half_every(at: Span, period: &str) -> Diagnostic {
    Diagnostic::new(Code::E124, "points that lose half of their worth are written with `halving`")
        .label(at, "how the points age")
        .help(format!("write `halving every {}`", short(period)))
        .edit(at, format!("halving every {period}"))
}

/// `expires after 90 days`
pub fn expires(at: Span, period: &str, condition: &str, points: &str) -> Diagnostic {
    // Only a single activity can be written out with a window behind it.
    let is_activity = condition.ends_with(')')
        && !condition.contains(" and ")
        && !condition.contains(" or ")
        && !condition.contains('\n');
    let (activity, points) = if is_activity { (condition, points) } else { ("clicked()", "add 5") };
    Diagnostic::new(Code::E124, "points do not expire, activity falls out of a window")
        .label(at, "put the window behind the activity")
        .help(format!("write `when {activity} in last {period} {points}`"))
}

/// `max 150`, `cap 15`
pub fn cap_words(at: Span, written: &str, proper: &str) -> Diagnostic {
    Diagnostic::new(Code::E125, format!("`{}` is written with `up to`", short(written)))
        .label(at, "the most that it may give")
        .help(format!("write `{proper}`"))
        .edit_if(at, proper.starts_with("up to").then_some(proper))
}

/// `fit icp`, `matches icp`
pub fn fit_without_parentheses(at: Span, name: Option<&str>) -> Diagnostic {
    Diagnostic::new(Code::E126, "a profile stands in the parentheses of `fit`")
        .label(at, "no parentheses here")
        .help(format!("write `fit({})`", name.unwrap_or("icp")))
        .edit_if(at, name.and_then(bare).map(|name| format!("fit({name})")))
}

/// `visited pricing`
pub fn call_without_parentheses(at: Span, name: &str, target: &str) -> Diagnostic {
    let target = target.trim_matches('"');
    Diagnostic::new(Code::E126, format!("two words in a row: `{} {}`", short(name), short(target)))
        .label(at, "a comparison or parentheses are missing")
        .help(format!(
            "for an activity write `{0}(\"{1}\")`, for a comparison `{0} = \"{1}\"`",
            short(name),
            short(target)
        ))
}

/// `when … then add 30`
pub fn then_before_add(at: Span, condition: &str, points: &str) -> Diagnostic {
    Diagnostic::new(Code::E101, "no `then` stands before the points")
        .label(at, "take this word out")
        .help(format!("write `when {} {points}`", short(condition)))
        .edit(at, "")
}

/// `if visited("pricing") add 30`
pub fn if_before_points(at: Span, condition: &str, points: &str) -> Diagnostic {
    Diagnostic::new(Code::E122, "a rule that gives points begins with `when`")
        .label(at, "write `when`")
        .help(format!("write `when {} {points}`", short(condition)))
        .edit(at, "when")
}

/// `more than 50: 10` in a table
pub fn case_words(at: Span, written: &str, proper: &str) -> Diagnostic {
    Diagnostic::new(Code::E101, format!("`{}` is written `{}` in a table", short(written), short(proper)))
        .label(at, "what the line holds for")
        .help(format!("write `{}`", short(proper)))
        .edit(at, proper)
}

/// `100+: 5` in a table
pub fn plus_in_table(at: Span, number: &str) -> Diagnostic {
    Diagnostic::new(Code::E112, format!("`{}+` is written with `or more` in a table", short(number)))
        .label(at, "a number and all above it")
        .help(format!("write `{} or more`", short(number)))
        .edit(at, format!("{number} or more"))
}

/// `else "C"`
pub fn label_else(at: Span, word: &str) -> Diagnostic {
    Diagnostic::new(Code::E127, format!("the last line of a label begins with `otherwise`, not `{word}`"))
        .label(at, "write `otherwise`")
        .help("write `otherwise \"C\"`")
        .edit(at, "otherwise")
}

/// `hot if score > 50` in a label
pub fn label_without_quotes(at: Span, word: &str) -> Diagnostic {
    Diagnostic::new(Code::E127, "what a label says stands in quotes")
        .label(at, "this is no text")
        .help(format!("write `\"{word}\" if …`"))
}

/// `unless` inside a condition
pub fn unless_inside(at: Span) -> Diagnostic {
    Diagnostic::new(Code::E128, "`unless` stands once, at the end of a rule's condition")
        .label(at, "not inside of another condition")
        .help("write `and not (…)` here")
}

/// A reserved word as a name.
pub fn reserved_name(at: Span, word: &str) -> Diagnostic {
    Diagnostic::new(Code::E129, format!("`{word}` is a word of Merit, so it cannot be a name as it is"))
        .label(at, "a name is wanted here")
        .help(format!("put it in backticks if it is a column: `{word}`"))
}

/// `\d` in a text
pub fn unknown_escape(at: Span, c: &str) -> Diagnostic {
    Diagnostic::new(Code::E130, format!("`\\{c}` has no meaning in a text"))
        .label(at, "behind a backslash stand \" \\ n t or u{…}")
        .help("for a backslash itself write \\\\")
        .edit(at, format!("\\\\{c}"))
}

/// The same thing twice in a rule.
pub fn said_twice(at: Span, written: &str) -> Diagnostic {
    Diagnostic::new(Code::E131, "this rule says the same thing twice")
        .label(at, "once is enough")
        .help(format!("take `{}` or the other one out", short(written)))
}

/// A statement in a block that cannot hold it.
pub fn misplaced(at: Span, word: &str, place: &str) -> Diagnostic {
    let is_file = place == "the file" || place == "a file";
    let message = if is_file {
        format!("`{}` stands only inside of a score", short(word))
    } else {
        format!("`{}` cannot stand in {place}", short(word))
    };
    Diagnostic::new(Code::E132, message).label(at, "this belongs elsewhere").help(match place {
        _ if is_file => format!("put it between the braces of a score: `score engagement {{ {} … }}`", short(word)),
        _ => "close the block with `}` before it".to_owned(),
    })
}

/// More messages than anybody reads.
pub fn too_many(at: Span, shown: usize) -> Diagnostic {
    Diagnostic::new(Code::E133, format!("there are more errors than the {shown} that are shown"))
        .label(at, "the next one")
        .help("mend the ones above first")
}

/// More warnings than are shown.
pub fn too_many_warnings(at: Span, more: usize) -> Diagnostic {
    let there_are = if more == 1 {
        "there is 1 more warning that is".to_owned()
    } else {
        format!("there are {more} more warnings that are")
    };
    Diagnostic::new(Code::E134, format!("{there_are} not shown"))
        .label(at, "the next one")
        .help("mend the ones above first; `--quiet` leaves out all warnings")
}

/// `score engagement keeping 90% every 30 days { … }`
pub fn fading_without_silence(at: Span, written: &str) -> Diagnostic {
    Diagnostic::new(Code::E123, "a sum fades in silence: when nothing has happened for a while")
        .label(at, "since when?")
        .help(format!("write `{} of silence`; points that age one by one say so in their rule", short(written)))
}

/// `max 30 if …`, `at least 10 if …`
pub fn limit_words(at: Span, written: &str, proper: &str) -> Diagnostic {
    let word = if proper.starts_with("up") { "up to" } else { "never below" };
    Diagnostic::new(Code::E125, format!("`{}` is written with `{word}`", short(written)))
        .label(at, "a bound")
        .help(format!("write `{}`", short(proper)))
        .edit(at, proper.to_owned())
}

/// `between 10 and 30 if …`
pub fn limit_between(at: Span, low: &str, high: &str) -> Diagnostic {
    Diagnostic::new(Code::E125, "a bound under a condition has one end").label(at, "two ends").help(format!(
        "write two lines: `never below {} if …` and `up to {} if …`",
        short(low),
        short(high)
    ))
}

/// `up to 30 when …`
pub fn limit_when(at: Span) -> Diagnostic {
    Diagnostic::new(Code::E125, "a bound under a condition is written with `if`")
        .label(at, "not `when`")
        .help("write `if`")
        .edit(at, "if".to_owned())
}

/// `up to 50 if …` outside of a score
pub fn limit_outside(at: Span, written: &str) -> Diagnostic {
    Diagnostic::new(Code::E132, "a bound under a condition says which score it holds")
        .label(at, "of which score?")
        .help(format!("write `score {}` for the whole score, or put it between the braces of a score", short(written)))
}

/// `keeping 90% every 30 days of silence` among rules
pub fn fading_inside(at: Span, written: &str) -> Diagnostic {
    Diagnostic::new(Code::E132, "how a score fades stands in its first line")
        .label(at, "this belongs before the brace")
        .help(format!("write `score engagement {} {{ … }}`", short(written)))
}
