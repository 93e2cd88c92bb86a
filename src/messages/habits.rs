//! What there is to say where somebody used the words of another tool, or plain English.

use super::short;
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// A line that is longer is not typed out.
const LONGEST_LINE: usize = 160;

/// `employees greater than 50`, `created more than 30 days ago`: `line` is the whole item with the proper words, which may stand for
/// themselves where nothing else is to be changed.
#[expect(clippy::too_many_arguments, reason = "all that a message can say of two wordings")]
pub fn other_words(
    at: Span,
    code: Code,
    typed: &str,
    proper: &str,
    line: &str,
    or: &str,
    is_near: bool,
    is_all: bool,
) -> Diagnostic {
    let message = if code == Code::E105 {
        format!("`{}` begins no statement", short(typed.split_whitespace().next().unwrap_or("")))
    } else if is_near {
        format!("there is no `{}`; the nearest is `{}`", short(typed), short(proper))
    } else {
        format!("`{}` is written `{}` in Merit", short(typed), short(proper))
    };
    let label = match code {
        Code::E105 => "there are other words for it",
        Code::E112 => "a number",
        Code::E115 => "a list stands in brackets",
        Code::E118 => "how many times",
        Code::E119 => "says when",
        Code::E122 | Code::E123 => "how points are given",
        Code::E124 | Code::E125 => "about a whole score",
        _ => "in other words",
    };
    let whole = if line.chars().count() > LONGEST_LINE { proper } else { line };
    let or = if or.is_empty() { String::new() } else { format!("; if that is not meant, `{or}`") };
    Diagnostic::new(code, message)
        .label(at, label)
        .help(format!("write `{whole}`{or}"))
        .edit_if(at, is_all.then(|| proper.to_owned()))
}

/// `score in top 10%`
pub fn among_others(at: Span, typed: &str) -> Diagnostic {
    Diagnostic::new(Code::E135, format!("`{}` asks how a lead stands among others", short(typed)))
        .label(at, "each lead is judged by itself")
        .help("sort the results by score and take the best from the top, or take the cut from `merit report` and write it down: `score >= 70`")
}

/// `let year_ago = today - 1 year`
pub fn calculated_date(at: Span, typed: &str) -> Diagnostic {
    let period = typed.rsplit(['-', '+', '–']).next().unwrap_or("30 days").trim();
    Diagnostic::new(Code::E114, format!("`{}` is no date: nothing is added to dates", short(typed)))
        .label(at, "a length of time stands in a question")
        .help(format!("where it is asked, write `created at least {period} ago` or `created in last {period}`"))
}

/// `created > today - 30`, `closed - created > 30`
pub fn date_in_sum(at: Span) -> Diagnostic {
    Diagnostic::new(Code::E301, "dates are not calculated with")
        .label(at, "this is a date")
        .help("ask for the distance: `created in last 30 days`, `created at least 30 days ago`, or in days `days_since(created) - days_since(closed) > 30`")
}

/// `a % 2`
pub fn remainder(at: Span) -> Diagnostic {
    Diagnostic::new(Code::E110, "there is no remainder of a division")
        .label(at, "`%` stands behind a number: `10%`")
        .help("to divide, write `/`: `a / 2`")
}

/// `x ^ y`
pub fn power(at: Span, typed: &str) -> Diagnostic {
    Diagnostic::new(Code::E110, "there are no powers")
        .label(at, format!("behind `{}`", short(typed)))
        .help("multiply: `budget * budget`; points age by themselves: `keeping 90% every 30 days`")
}

/// `cap engagement at 50`
pub fn bound_of_score(at: Span, typed: &str, name: &str, most: &str) -> Diagnostic {
    Diagnostic::new(Code::E125, format!("`{}` stands in the first line of that score", short(typed)))
        .label(at, "the most that it may give")
        .help(format!("write `score {name} up to {most} {{` where it begins"))
}

/// `bant: 3 of 4`
pub fn some_of_profile(at: Span, typed: &str, name: &str, count: &str) -> Diagnostic {
    Diagnostic::new(Code::E105, format!("`{}` begins no statement", short(typed)))
        .label(at, "how many of its lines must hold is asked in a condition")
        .help(format!("declare it with `profile {name} {{ … }}`, then ask: `sql if at least {count} of {name}`"))
}

/// `round robin "Anna", "Ben"`
pub fn turns(at: Span, typed: &str) -> Diagnostic {
    Diagnostic::new(Code::E135, format!("`{}` needs to remember whose turn it is", short(typed)))
        .label(at, "a model remembers nothing")
        .help("give the queue a name, `label owner { \"DACH queue\" if country in [\"DE\", \"AT\", \"CH\"] }`, and let the CRM take turns in it")
}

/// `notify "sales"`, `alert if score >= 70`
pub fn sending(at: Span) -> Diagnostic {
    Diagnostic::new(Code::E135, "a model sends nothing")
        .label(at, "this would act")
        .help("say who needs a look, `review if score >= 70 and not called() in last 2 days because \"Call today\"`, and let the CRM send it")
}

/// `account score`, `group by company`
pub fn companies(at: Span, typed: &str) -> Diagnostic {
    Diagnostic::new(Code::E135, format!("`{}` asks about several leads at once", short(typed)))
        .label(at, "each lead is judged by itself")
        .help("what is known of its company stands in columns of the lead: `points by company_tier { \"A\": 20; otherwise: 0 }`; `merit report --by company` counts leads by company")
}

/// What to write instead of a word that begins no statement.
pub fn instead_of_statement(word: &str) -> Option<&'static str> {
    Some(match &*word.to_lowercase() {
        "route" | "assign" | "owner" | "territory" | "rep" | "queue" => {
            "a label says who gets the lead: `label owner { \"Anna\" if country = \"DE\"; otherwise \"Ben\" }`"
        }
        "grade" | "tier" | "rating" | "priority" | "segment" | "category" | "tag" | "set" | "bucket" | "band"
        | "mark" => "a label says it: `label grade { \"A\" if score >= 80; otherwise \"B\" }`",
        "matrix" => {
            "a label has a line for each cell: `label grade { \"A1\" if fit(icp) and score >= 80; otherwise \"D4\" }`"
        }
        "bant" | "champ" | "meddic" | "checklist" | "criteria" => {
            "a profile lists what must hold, `profile bant { need: need is known }`, and `sql if at least 3 of bant` asks for it"
        }
        "cap" | "limit" | "max" | "maximum" => "a bound is written with `up to`: `score up to 100`",
        "decay" | "fade" | "expire" | "age" => {
            "points age behind the rule that gives them: `add 5 per visited(\"blog\") halving every 30 days`, or `keeping 90% every 30 days of silence` for a whole score"
        }
        "list" | "var" | "const" | "define" | "variable" => {
            "a name is given with `let`: `let dach = [\"DE\", \"AT\", \"CH\"]`"
        }
        "suppress" | "skip" | "ignore" | "remove" | "delete" | "drop" | "filter" => {
            "a lead that is not scored at all: `exclude if domain(email) = \"example.com\" because \"Our own staff\"`"
        }
        "reject" | "decline" | "discard" => {
            "a lead that is never handed over: `disqualify if country = \"Nowhere\" because \"No sales there\"`"
        }
        "hold" | "flag" | "check" | "warn" => {
            "somebody has to look: `review if score >= 70 and email is missing because \"No address\"`"
        }
        "rule" | "rules" => {
            "a rule has no name: `when visited(\"pricing\") add 30 because \"Looked at prices\"`; a group of them is a score: `score engagement { … }`"
        }
        "group" => "rules are grouped by a score: `score engagement { … }`",
        "import" | "include" | "require" => "another file is brought in with `use \"icp.merit\"`",
        "stage" => {
            "a stage is written with its name first, `sql if score >= 70`, and the ladder is `stages lead, mql, sql`"
        }
        "function" | "def" | "fn" => "a condition or value gets a name with `let`: `let ready = score >= 50`",
        "for" | "foreach" | "while" | "loop" => {
            "there are no loops: what happened several times is counted, `add 5 per visited(\"blog\")`"
        }
        _ => return None,
    })
}

/// What `suppress if …` is called in Merit: its word, and what it does.
pub fn instead_of_stage(word: &str) -> Option<(&'static str, &'static str)> {
    Some(match &*word.to_lowercase() {
        "suppress" | "skip" | "ignore" | "remove" | "delete" | "block" | "drop" | "filter" => {
            ("exclude", "the lead is not scored")
        }
        "reject" | "decline" | "discard" | "deny" => ("disqualify", "the lead stands at no stage"),
        "hold" | "flag" | "check" | "warn" | "alert" | "notify" | "escalate" | "remind" => {
            ("review", "somebody has to look; nothing is sent")
        }
        _ => return None,
    })
}

/// `suppress if domain(email) = "x.com"`
pub fn verdict_in_other_words(
    at: Span,
    word: &str,
    proper: &str,
    what: &str,
    condition: &str,
    lacks_reason: bool,
) -> Diagnostic {
    let reason = if lacks_reason { " because \"Look at this\"" } else { "" };
    Diagnostic::new(Code::E206, format!("`{}` is no stage, and written `{proper}` in Merit", short(word)))
        .label(at, what)
        .help(format!("write `{proper} if {condition}{reason}`"))
        .edit_if(at, (!lacks_reason).then_some(proper))
}

/// `points by industry { "SaaS": 10; other: 0 }`
pub fn otherwise_in_table(at: Span, word: &str) -> Diagnostic {
    Diagnostic::new(Code::E127, format!("what is left in a table is `otherwise`, not `{}`", short(word)))
        .label(at, "the rest")
        .help("write `otherwise`")
        .edit(at, "otherwise")
}

/// `in "customers.csv"`
pub fn lines_of_file(at: Span, file: &str, name: &str, negated: bool) -> Diagnostic {
    let not = if negated { "not " } else { "" };
    Diagnostic::new(Code::E115, "a list in a file gets a name first")
        .label(at, "a text, and not the lines of the file")
        .help(format!("write `let {name} = lines of \"{file}\"` on a line of its own, and here `{not}in {name}`"))
}

/// `title contains any "a"`
pub fn text_for_list(at: Span, written: &str) -> Diagnostic {
    Diagnostic::new(Code::E307, "behind `any` and `all` stands a list")
        .label(at, "a single text")
        .help(format!("write `[{}]`", short(written)))
        .edit(at, format!("[{written}]"))
}

/// `"{score / 20}"`
pub fn calculated_in_braces(at: Span, written: &str, may_ask: bool) -> Diagnostic {
    let d = Diagnostic::new(Code::E415, format!("nothing is calculated in braces: `{}`", short(written)))
        .label(at, "a single name stands here");
    if may_ask {
        d.help(format!("give it a name, `let result = {written}`, and write `{{result}}` here"))
    } else {
        d.help("the reason of a rule cannot ask for scores, stages and labels, which are decided after it")
    }
}

/// `visited("pricing") before booked("demo")`
pub fn activity_as_date(at: Span, first: &str, second: &str) -> Diagnostic {
    Diagnostic::new(Code::E403, "one activity behind the other is written with `then`")
        .label(at, "an activity, and no date")
        .help(format!("write `{first} then {second}`"))
}

/// Words in a row, of which none is a column or an activity.
pub fn words_in_a_row(at: Span, words: &str) -> Diagnostic {
    Diagnostic::new(Code::E126, format!("two words in a row: `{}`", short(words)))
        .label(at, "a comparison is missing")
        .help("a text stands in quotes, `title = \"CEO\"`; a column of several words in backticks or with `_`: `job_title`")
}

/// `title "CEO"`
pub fn column_and_text(at: Span, name: &str, text: &str) -> Diagnostic {
    Diagnostic::new(Code::E126, format!("two words in a row: `{} {}`", short(name), short(text)))
        .label(at, "a comparison is missing")
        .help(format!(
            "write `{0} = \"{1}\"`, or `{0} mentions \"{1}\"` for one word of several",
            short(name),
            short(text)
        ))
}
