//! What there is to say about types (E3xx).

use super::{bare, short};
use crate::diagnostic::{Code, Diagnostic};
use crate::number::STYLES;
use crate::shown::either;
use crate::source::Span;
use crate::time::NoShape;
use crate::value::Type;

fn a(of_type: Type) -> &'static str {
    match of_type {
        Type::Text => "a text",
        Type::Number => "a number",
        Type::Date => "a date",
        Type::Flag => "a yes or no",
        Type::List => "a list",
        Type::Stage => "a stage",
    }
}

/// Two uses that disagree.
pub fn disagree(first: (Type, Span), second: (Type, Span), first_text: &str, second_text: &str) -> Diagnostic {
    let help = match (first.0, second.0) {
        (Type::List, Type::Text) | (Type::Text, Type::List) => {
            "a list is asked with `contains \"x\"` or `contains any [\"x\", \"y\"]`".to_owned()
        }
        (Type::Date, _) | (_, Type::Date) => {
            "dates stand without quotes: `2025-06-30`; a length of time is asked with `in last 30 days`".to_owned()
        }
        (Type::Flag, _) | (_, Type::Flag) => {
            "a yes or no is a condition by itself: `opted_in`, or `opted_in = yes`".to_owned()
        }
        (Type::Stage, _) | (_, Type::Stage) => "stages are compared with stages: `stage = sql`".to_owned(),
        _ => "a text stands in quotes, a number without; if the column holds both, compare it with texts alone"
            .to_owned(),
    };
    Diagnostic::new(Code::E301, format!("{} and {} do not go together", a(first.0), a(second.0)))
        .label(second.1, format!("{} here: `{}`", a(second.0), short(second_text)))
        .label(first.1, format!("{} here: `{}`", a(first.0), short(first_text)))
        .help(help)
}

/// A use that wants one of two types.
pub fn conflict(told: (Type, Span), wanted: (Type, Span), what: &str) -> Diagnostic {
    Diagnostic::new(Code::E301, format!("{} stands where {what} is wanted", a(told.0)))
        .label(wanted.1, format!("asks for {what}"))
        .label(told.1, format!("{} here", a(told.0)))
        .help("numbers and dates are compared with `>=`, `between`, `in last`")
}

/// `opted_in = "yes"`
pub fn flag_compared(at: Span, told: Span, subject: &str) -> Diagnostic {
    let d = Diagnostic::new(Code::E302, format!("`{}` is a yes or no", short(subject)))
        .label(at, "a flag is not compared with a text or number");
    let d = if told == at { d } else { d.label(told, "it is a yes or no because of this") };
    d.help(format!("write `{0}` or `{0} = yes`", short(subject)))
}

/// `opted_in = true`
pub fn true_or_false(at: Span, word: &str) -> Diagnostic {
    let proper = if word.eq_ignore_ascii_case("true") { "yes" } else { "no" };
    Diagnostic::new(Code::E302, format!("`{word}` is written `{proper}` in Merit"))
        .label(at, format!("write `{proper}`"))
        .help(format!("write `opted_in = {proper}`, or the flag alone: `opted_in`"))
        .edit(at, proper)
}

/// `score >= "70"`
pub fn number_in_quotes(at: Span, text: &str) -> Diagnostic {
    Diagnostic::new(Code::E303, "a number stands without quotes")
        .label(at, "this is a text")
        .help(format!("write `{}`", short(text)))
        .edit_if(at, text.trim().parse::<f64>().is_ok().then_some(text.trim()))
}

/// A value alone where a condition is wanted.
pub fn no_condition(at: Span, written: &str, of_type: Type) -> Diagnostic {
    Diagnostic::new(Code::E304, format!("`{}` alone is no condition", short(written)))
        .label(at, format!("this is {}", a(of_type)))
        .help(match of_type {
            Type::Text => "compare it with something: `industry = \"SaaS\"`, `title mentions \"VP\"`",
            Type::Number => "compare it with something: `employees >= 50`",
            Type::Date => "ask when it is: `created in last 30 days`",
            Type::List => "ask what is in it: `tags contains \"vip\"`",
            Type::Stage => "compare it with a stage: `stage >= mql`",
            Type::Flag => "write a condition",
        })
}

/// `industry = "SaaS" or "FinTech"`
pub fn text_after_or(at: Span, name: &str, first: &str, second: &str) -> Diagnostic {
    Diagnostic::new(Code::E304, format!("`\"{}\"` alone is no condition", short(second)))
        .label(at, "what is compared with it?")
        .help(format!("write `{name} in [\"{}\", \"{}\"]`", short(first), short(second)))
}

/// A text behind `or` or `and` that belongs to the comparison before it.
pub fn text_alone(at: Span, text: &str, proper: &str) -> Diagnostic {
    Diagnostic::new(Code::E304, format!("`\"{}\"` alone is no condition", short(text)))
        .label(at, "what is compared with it?")
        .help(format!("write `{proper}`"))
}

/// Order of what has none.
pub fn no_order(at: Span, told: Span, of_type: Type) -> Diagnostic {
    let d = Diagnostic::new(Code::E305, format!("{} has no order", a(of_type)))
        .label(at, "only numbers, dates and stages can be compared like this");
    let d = if told == at { d } else { d.label(told, format!("{} here", a(of_type))) };
    d.help(match of_type {
        Type::Text => "compare texts with `=`, `in`, `contains`, `mentions` or `starts with`; if the column holds numbers, take the quotes away",
        _ => "compare with `=` or `!=`",
    })
}

/// Texts and numbers in one list.
pub fn mixed_list(at: Span, first: Span) -> Diagnostic {
    Diagnostic::new(Code::E306, "a list holds texts or numbers, not both")
        .label(at, "another type than the first")
        .label(first, "the first")
        .help("put all of them in quotes, or none")
}

/// A list where a single value is wanted.
pub fn list_as_value(at: Span) -> Diagnostic {
    Diagnostic::new(Code::E307, "a list stands where a single value is wanted")
        .label(at, "this is a list")
        .help("ask whether something is in it: `country in [\"US\", \"CA\"]`")
}

/// A table where a value is wanted.
pub fn table_as_value(at: Span, name: &str) -> Diagnostic {
    Diagnostic::new(Code::E307, "a table stands where a single value is wanted")
        .label(at, "this is a table")
        .help(format!("look something up in it: `lookup({name}, country)`"))
}

/// Something else where a list is wanted.
pub fn no_list(at: Span, written: &str) -> Diagnostic {
    Diagnostic::new(Code::E307, format!("`{}` is no list", short(written)))
        .label(at, "a list is wanted here")
        .help("write the list in brackets: `in [\"US\", \"CA\"]`, or name one: `let markets = [\"US\", \"CA\"]`")
}

/// `contains [..]` without `any` or `all`
pub fn any_or_all(at: Span) -> Diagnostic {
    Diagnostic::new(Code::E307, "any of the list, or all of it?")
        .label(at, "this is a list")
        .help("write `any` or `all` before it: `title mentions any [\"CEO\", \"founder\"]`")
}

/// Something else where texts are wanted.
pub fn texts_wanted(at: Span) -> Diagnostic {
    Diagnostic::new(Code::E307, "a text in quotes is wanted here")
        .label(at, "this is no text, or it differs from lead to lead")
        .help("write a text in quotes, or a list of texts behind `any`")
}

/// `stage = "sql"`
pub fn stage_in_quotes(at: Span, text: &str) -> Diagnostic {
    Diagnostic::new(Code::E308, "a stage stands without quotes")
        .label(at, "this is a text")
        .help(format!("write `{}`", short(text)))
        .edit_if(at, bare(text))
}

/// A stage compared with something else.
pub fn stage_compared(at: Span, _tail: Span) -> Diagnostic {
    Diagnostic::new(Code::E308, "a stage is compared with a stage")
        .label(at, "this is no stage")
        .help("write `stage = sql`, `stage >= mql` or `stage in [mql, sql]`")
}

/// A function with the wrong arguments.
pub fn wrong_arguments(at: Span, function: &str, wanted: &str) -> Diagnostic {
    Diagnostic::new(Code::E309, format!("`{}` takes {wanted}", short(function)))
        .label(at, "this is given something else")
        .help(format!("give it {wanted}"))
}

/// `first("form")`
pub fn activity_like_a_function(name: Span, function: &str) -> Diagnostic {
    Diagnostic::new(Code::E309, format!("`{function}` is a function, and takes an activity"))
        .label(name, "this is given a text")
        .help(format!("if it is a type of activity, its name stands in backticks: `{function}`(\"…\")"))
        .edit(name, format!("`{function}`"))
}

/// `round(x, n)` with odd digits
pub fn round_digits(at: Span) -> Diagnostic {
    Diagnostic::new(Code::E309, "how many digits `round` keeps is a whole number")
        .label(at, "the same number for every lead is wanted")
        .help("write `round(x, 2)`")
}

/// `field title: text "MM/DD/YYYY"`
pub fn no_format(at: Span, shape: &str) -> Diagnostic {
    Diagnostic::new(Code::E310, "only dates, numbers and lists say how they are written")
        .label(at, format!("`{}`", short(shape)))
        .help("write `: date \"MM/DD/YYYY\"`, `: number \"1.234,56\"` or `: list \",\"`")
}

/// `field created: date "MM/DD/YYYY hh:mm"`
pub fn no_date_shape(at: Span, shape: &str, why: NoShape) -> Diagnostic {
    let help = match why {
        NoShape::Letters | NoShape::NoDay => {
            "make it of one YYYY, MM and DD, and perhaps HH, mm and ss, with what stands between them: `\"MM/DD/YYYY\"`, \
             `\"DD.MM.YYYY HH:mm\"`; words stand between `'…'`; or write `\"seconds\"` or `\"milliseconds\"` since 1970"
        }
        NoShape::Half => "write `hh:mm AM` for hours from 1 to 12, `HH:mm` for hours from 0 to 23",
        NoShape::Time => {
            "minutes (`mm`) stand with hours (`HH`), seconds (`ss`) with minutes, each once: `\"HH:mm:ss\"`"
        }
    };
    Diagnostic::new(Code::E310, "this is no shape of a date").label(at, format!("`{}`", short(shape))).help(help)
}

/// `field revenue: number "1234.56"`
pub fn no_number_style(at: Span, style: &str) -> Diagnostic {
    let styles: Vec<String> = STYLES.iter().map(|(sample, _)| format!("`\"{sample}\"`")).collect();
    Diagnostic::new(Code::E310, "this is no way to write numbers").label(at, format!("`{}`", short(style))).help(
        format!("write how the file has one thousand two hundred thirty-four point five six: {}", either(&styles)),
    )
}

/// `field tags: list ""`
pub fn no_separator(at: Span) -> Diagnostic {
    Diagnostic::new(Code::E310, "nothing stands between the entries of this list")
        .label(at, "an empty text")
        .help("write what does: `: list \",\"`")
}

/// `field revenue: number "1.234,56", "1,234.56"`
pub fn one_format(at: Span) -> Diagnostic {
    Diagnostic::new(Code::E310, "only dates may be written in several ways")
        .label(at, "the second")
        .help("leave all but one out")
}
