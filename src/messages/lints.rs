//! What there is to say about rules that are no error but probably not meant (L5xx).

use super::{bare, short, typed};
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// `mql if score between 40 and 69`
pub fn stage_upper_bound(at: Span, x: &str, low: &str) -> Diagnostic {
    Diagnostic::new(Code::L501, "a stage needs no upper bound: the highest stage that holds wins")
        .label(at, "what lies between two stages, such as 69.5, falls through")
        .help(format!("write `{} >= {}`", short(x), short(low)))
}

/// `title = "VP*"`
pub fn wildcard_in_equals(at: Span, text: &str) -> Diagnostic {
    let word = text.trim_matches(['*', '?', ' ']);
    Diagnostic::new(Code::L502, "`=` compares letter by letter, and a `*` is a star")
        .label(at, "no wildcard here")
        .help(format!(
            "for wildcards write `matches \"{}\"`, for a whole word `mentions \"{}\"`",
            short(text),
            short(word)
        ))
}

/// `title contains "cto"`
pub fn part_of_word(at: Span, word: &str, longer: Option<&str>) -> Diagnostic {
    let message = match longer {
        Some(longer) => format!("`contains \"{}\"` is also true of \"{longer}\"", short(word)),
        None => format!("`contains \"{}\"` is also true inside of longer words", short(word)),
    };
    Diagnostic::new(Code::L503, message)
        .label(at, "looks at letters, not at words")
        .help(format!("for whole words write `mentions \"{}\"`", short(word)))
}

/// `1 to 10` and `10 to 20`
pub fn lines_overlap(at: Span, first: Span, low: &str, high: &str) -> Diagnostic {
    let which = if low == high { low.to_owned() } else { format!("{low} to {high}") };
    Diagnostic::new(Code::L504, format!("two lines of this table hold for {which}"))
        .label(at, "overlaps")
        .label(first, "the line that counts where it stands first")
        .help("let one line begin where the other has ended")
}

/// `1 to 10` and `20 to 30`; an end, and whether it is itself in the gap.
pub fn lines_leave_gap(
    at: Span,
    first: Span,
    (from, below): &(String, bool),
    (to, above): &(String, bool),
) -> Diagnostic {
    let gap = if from == to { format!("for exactly {from}") } else { format!("between {from} and {to}") };
    Diagnostic::new(Code::L504, format!("no line of this table holds {gap}"))
        .label(at, format!("begins {} {to}", if *above { "above" } else { "at" }))
        .label(first, format!("ends {} {from}", if *below { "below" } else { "at" }))
        .help("close the gap, or add a line `otherwise: 0`")
}

/// `100 or more` below `10 or more`
pub fn line_is_taken(at: Span, by: Option<Span>) -> Diagnostic {
    let d = Diagnostic::new(Code::L512, "no lead comes as far as this line: lines above it take all of them")
        .label(at, "the first line that holds counts");
    let d = match by {
        Some(by) => d.label(by, "takes these too"),
        None => d,
    };
    d.help("move it above the others, or delete it")
}

/// `visited("/pricing?plan=pro")`, `visited("https://acme.example/pricing")`
pub fn not_a_page(at: Span, pattern: &str, page: &str) -> Diagnostic {
    let (message, label) = if pattern.trim_start().starts_with('/') {
        ("a page is its path alone, and this one can never be visited", "has more than a path")
    } else {
        ("an address is compared letter by letter, `https://` and `www.` included", "an address")
    };
    let page = short(page);
    let filter = if pattern.contains('?') { "; for what follows the `?`, add a filter: where …" } else { "" };
    Diagnostic::new(Code::L513, message).label(at, label).help(format!("write the page: \"{page}\"{filter}"))
}

/// `emplyees` beside `employees`
pub fn near_name(at: Span, name: &str, other: Span, proper: &str) -> Diagnostic {
    Diagnostic::new(Code::L505, format!("`{}` is read as a column, and it looks like `{}`", short(name), short(proper)))
        .label(at, format!("did you mean `{}`?", short(proper)))
        .label(other, "the other one")
        .help(format!("write `{}`, or if the column is meant, declare it: field {}", short(proper), typed(name)))
}

fn unread(at: Span, message: String, near: Option<&str>, otherwise: &str) -> Diagnostic {
    let d = Diagnostic::new(Code::L507, message);
    match near {
        Some(near) => {
            let label = format!("did you mean `{}`?", short(near));
            d.label(at, label).help(format!("write `{}`", short(near))).edit_if(at, bare(near))
        }
        None => d.label(at, "makes no difference here").help(otherwise),
    }
}

/// `lead { employes: 60 }`
pub fn unread_column(at: Span, name: &str, near: Option<&str>) -> Diagnostic {
    let message = format!("no line of this model reads the column `{}`", short(name));
    unread(at, message, near, "leave it out, or write the rule that reads it")
}

/// `visted("pricing") today`
pub fn unread_activity(at: Span, name: &str, near: Option<&str>) -> Diagnostic {
    let message = format!("no line of this model reads activity of the type `{}`", short(name));
    unread(at, message, near, "leave it out, or write the rule that counts it")
}

/// `attended("demo" where minuts = 45) today`
pub fn unread_property(at: Span, name: &str, near: Option<&str>) -> Diagnostic {
    let message = format!("no line of this model reads the property `{}` of activity", short(name));
    unread(at, message, near, "leave it out, or write the rule that reads it")
}

/// `let hot = score >= 70`, and nothing that says `hot`. `whole` is what can be deleted with it, and nothing else.
pub fn unused(at: Span, whole: Option<Span>, what: &str, name: &str) -> Diagnostic {
    let message = match what {
        "activity" => format!("no line counts the activity `{}`", short(name)),
        "field" => format!("no line reads the field `{}`", short(name)),
        _ => format!("no line uses the {what} `{}`", short(name)),
    };
    Diagnostic::new(Code::L508, message)
        .label(at, "defined here, and used nowhere")
        .help(format!("delete the line, or use `{}` in a rule", short(name)))
        .edit_if(whole.unwrap_or(at), whole.map(|_| ""))
}

/// `at most once every 1 day`
pub fn rolling_rate(at: Span, unit: &str, times: &str, same: &str) -> Diagnostic {
    Diagnostic::new(Code::L509, format!("`every 1 {unit}` looks back from each record, and knows no calendar"))
        .label(at, "not by the calendar")
        .help(format!(
            "write `{times} a {unit}` to count by the calendar, or `{times} {same}` where any such stretch is meant"
        ))
}

/// `score = 100`
pub fn same_score(at: Span, points: &str) -> Diagnostic {
    Diagnostic::new(Code::L510, format!("every lead gets the score {points}, whatever the rules give"))
        .label(at, "the same for everybody")
        .help(format!("write `score between 0 and {points}` to hold the score there"))
}

/// `industry = software`
pub fn two_columns(at: Span, left: &str, right: &str) -> Diagnostic {
    Diagnostic::new(
        Code::L511,
        format!("two columns of the lead are compared: `{}` and `{}`", short(left), short(right)),
    )
    .label(at, "both are columns")
    .help(format!("if `{}` is a value, it stands in quotes: \"{}\"", short(right), short(right)))
}
