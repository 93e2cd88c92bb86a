//! What there is to say about names (E2xx).

use super::{bare, in_quotes, short};
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// `fit(icp)` without a profile `icp`
pub fn no_profile(at: Span, name: &str, near: Option<&str>, is_other: bool) -> Diagnostic {
    let message = if is_other { format!("`{name}` is no profile") } else { format!("there is no profile `{name}`") };
    let label = match near {
        Some(near) => format!("did you mean `{near}`?"),
        None => "not declared in this model".to_owned(),
    };
    let d = Diagnostic::new(Code::E201, message).label(at, label);
    if let Some(near) = near {
        return d.help(format!("write `{}`", short(near))).edit_if(at, bare(near));
    }
    d.help(format!(
        "declare it above or below, for example:\n\nprofile {name} \"Mid-market software\" {{\n  industry in [\"SaaS\", \"FinTech\"]\n  employees between 50 and 1000\n}}"
    ))
}

/// `title is CEO`
pub fn word_compared(at: Span, word: &str, subject: &str) -> Diagnostic {
    Diagnostic::new(Code::E202, format!("is `{}` a column or a text?", short(word)))
        .label(at, "a text stands in quotes")
        .help(format!(
            "write `\"{}\"` if it is a text; if it is a column to compare `{}` with, declare it: `field {}`",
            short(word),
            short(subject),
            short(word)
        ))
}

/// `when at since 2025-06-01 add 5`
pub fn at_outside_where(at: Span) -> Diagnostic {
    Diagnostic::new(Code::E209, "`at` is the date of a record").label(at, "there is no record here").help(
        "ask for it behind `where`: `visited(where at since 2025-06-30)`; a column of that name stands in backticks",
    )
}

/// A bare word in a list.
pub fn word_in_list(at: Span, word: &str) -> Diagnostic {
    Diagnostic::new(Code::E202, format!("is `{}` a text?", short(word)))
        .label(at, "texts in a list stand in quotes")
        .help(format!("write `\"{}\"`", short(word)))
        .edit_if(at, bare(word).and_then(in_quotes))
}

/// `country in rivals` without a list `rivals`
pub fn unknown_list(at: Span, name: &str, near: Option<&str>) -> Diagnostic {
    let label = match near {
        Some(near) => format!("did you mean `{near}`?"),
        None => "not declared in this model".to_owned(),
    };
    Diagnostic::new(Code::E203, format!("there is no list `{}`", short(name)))
        .label(at, label)
        .help(match near {
            Some(near) => format!("write `{}`", short(near)),
            None => format!("declare it: `let {} = [\"…\", \"…\"]`", short(name)),
        })
        .edit_if(at, near.and_then(bare))
}

/// `lookup(x, …)` without a table `x`
pub fn unknown_table(at: Span) -> Diagnostic {
    Diagnostic::new(Code::E203, "`lookup` needs the name of a table")
        .label(at, "no table is called so")
        .help("declare one: `let tiers = table \"tiers.csv\"`")
}

/// The same name for two things.
pub fn defined_twice(at: Span, first: Span, name: &str, what: &str) -> Diagnostic {
    Diagnostic::new(Code::E204, format!("`{}` has a meaning already", short(name)))
        .label(at, format!("a {what} of the same name"))
        .label(first, "the first")
        .help("give one of the two another name")
}

/// A name that Merit itself uses.
pub fn name_has_meaning(at: Span, name: &str) -> Diagnostic {
    Diagnostic::new(Code::E204, format!("`{}` is a name that Merit gives a meaning to", short(name)))
        .label(at, "it cannot name something else")
        .help("choose another name")
}

/// Definitions that use each other.
pub fn circle(circle: &[(String, Span)]) -> Diagnostic {
    let mut path: Vec<String> = circle.iter().map(|(name, _)| format!("`{name}`")).collect();
    path.extend(path.first().cloned());
    let mut d = Diagnostic::new(Code::E205, format!("these definitions go round in a circle: {}", path.join(" → ")));
    for (i, (name, span)) in circle.iter().enumerate().take(6) {
        let next = circle.get(i + 1).or(circle.first()).map_or("", |(n, _)| n.as_str());
        d = d.label(*span, if name == next { "uses itself".to_owned() } else { format!("uses `{next}`") });
    }
    d.help("write one of them without the next")
}

/// `stage = hot` where the ladder has no `hot`
pub fn unknown_stage(at: Span, name: &str, near: Option<&str>, stages: &str) -> Diagnostic {
    let label = match near {
        Some(near) => format!("did you mean `{near}`?"),
        None => "not on the ladder".to_owned(),
    };
    let d = Diagnostic::new(Code::E206, format!("there is no stage `{}`", short(name))).label(at, label);
    if name.eq_ignore_ascii_case("reset") {
        return d.help("a `reset` stands inside a score: `score engagement { reset if unsubscribed() }`");
    }
    d.help(match near {
        Some(near) => format!("write `{}`; the stages are {}", short(near), short(stages)),
        None => format!("the stages are {}; a line `stages a, b, c` names others", short(stages)),
    })
    .edit_if(at, near.and_then(bare))
}

/// `use hubspt`
pub fn no_library(at: Span, name: &str, near: Option<&str>) -> Diagnostic {
    let d = Diagnostic::new(Code::E412, format!("Merit's library has no file `{}`", short(name)));
    let file = format!("a file of yours stands in quotes: `use \"{}.merit\"`", short(name));
    match near {
        Some(near) => d
            .label(at, format!("did you mean `{near}`?"))
            .help(format!("write `use {near}`; {file}"))
            .edit(at, near.to_owned()),
        None => d.label(at, "not in the library").help(format!("{file}; `merit library` lists what comes with Merit")),
    }
}

/// `field x: money`
pub fn unknown_type(at: Span, name: &str) -> Diagnostic {
    let known = match &*name.to_lowercase() {
        "string" | "str" | "varchar" | "word" | "email" => "text",
        "int" | "integer" | "float" | "decimal" | "money" | "currency" | "numeric" | "percent" => "number",
        "datetime" | "timestamp" | "time" | "day" => "date",
        "bool" | "boolean" | "checkbox" | "yesno" => "flag",
        "array" | "set" | "multiselect" | "tags" => "list",
        other => crate::suggest::nearest(other, ["text", "number", "date", "flag", "list"]).unwrap_or(""),
    };
    let proper = if known.is_empty() { "text" } else { known };
    Diagnostic::new(Code::E207, format!("there is no type `{}`", short(name)))
        .label(at, format!("did you mean `{proper}`?"))
        .help(format!("write `{proper}`; the types are text, number, date, flag and list"))
        .edit_if(at, (!known.is_empty()).then_some(known))
}

/// An unknown line of the model block.
pub fn unknown_entry(at: Span, name: &str, near: Option<&str>) -> Diagnostic {
    let label = match near {
        Some(near) => format!("did you mean `{near}`?"),
        None => "not known in a model block".to_owned(),
    };
    Diagnostic::new(Code::E208, format!("a model block has no line `{}`", short(name)))
        .label(at, label)
        .help("it may say version, owner, revisit by, time zone and language; other notes stand in comments: `# note`")
}

/// A score in a rule.
pub fn asks_for_score(at: Span, what: &str) -> Diagnostic {
    Diagnostic::new(Code::E209, format!("{what} cannot depend on points"))
        .label(at, "asks for a score")
        .help("repeat the conditions here, or decide by score in a stage or label: `sql if score >= 50`")
}

/// The stage in a rule or stage line.
pub fn asks_for_stage(at: Span, what: &str) -> Diagnostic {
    Diagnostic::new(Code::E209, format!("{what} cannot depend on the stage")).label(at, "asks for the stage").help(
        "repeat the conditions of that stage, or give them a name with `let`; labels and reviews may ask for the stage",
    )
}

/// A label in a rule.
pub fn asks_for_label(at: Span, what: &str) -> Diagnostic {
    Diagnostic::new(Code::E209, format!("{what} cannot depend on a label"))
        .label(at, "asks for a label")
        .help("repeat the label's conditions, or give them a name with `let`")
}

/// `score = (score + 1)`
pub fn score_of_itself(at: Span) -> Diagnostic {
    Diagnostic::new(Code::E209, "the score cannot depend on itself")
        .label(at, "asks for the whole score")
        .help("name the groups: `score = (engagement + firmographic)`, `score up to 20 if engagement < 10`")
}

/// `could_be` outside of a test
pub fn only_in_tests(at: Span) -> Diagnostic {
    Diagnostic::new(Code::E209, "only tests may ask for this")
        .label(at, "known when everything has been decided")
        .help("put it behind `expect` in a test")
}

/// A label that asks for one below it, or for itself.
pub fn label_below(at: Span, name: &str, is_itself: bool) -> Diagnostic {
    let message = if is_itself {
        format!("the label `{name}` asks for itself")
    } else {
        format!("the label `{name}` stands further down")
    };
    Diagnostic::new(Code::E210, message)
        .label(at, "a label may ask for those above it")
        .help(format!("move the label `{name}` up, or repeat its condition"))
}

/// `when icp add 5`
pub fn profile_as_condition(at: Span, name: &str) -> Diagnostic {
    Diagnostic::new(Code::E211, format!("`{name}` is a profile, not a condition"))
        .label(at, "ask whether the lead fits it")
        .help(format!("write `fit({name})`"))
        .edit_if(at, bare(name).map(|name| format!("fit({name})")))
}

/// `visited(pricing)`
pub fn target_without_quotes(at: Span, activity: &str, target: &str, function: Option<&str>) -> Diagnostic {
    let help = match function {
        Some(function) => format!(
            "write `{activity}(\"{target}\")`; if the function `{function}` is meant, write `{function}({target})`"
        ),
        None => format!("write `{activity}(\"{target}\")`"),
    };
    Diagnostic::new(Code::E212, format!("what was {} stands in quotes", short(activity)))
        .label(at, "this is a name")
        .help(help)
        .edit_if(at, in_quotes(target).filter(|_| function.is_none()))
}

/// What to write instead of a function of spreadsheets, databases or other tools.
pub fn instead_of_function(name: &str) -> Option<&'static str> {
    Some(match &*name.to_lowercase() {
        "age" | "days_ago" | "datediff" | "date_diff" | "days_between" => {
            "days up to the as-of are `days_since(created)`, those between two dates `days_since(created) - days_since(closed)`"
        }
        "now" | "getdate" | "current_date" => "write `today`",
        "lower" | "upper" | "lcase" | "ucase" | "tolower" | "toupper" | "trim" | "proper" => {
            "leave it out: upper and lower case never matter, nor blanks at the ends"
        }
        "coalesce" | "ifnull" | "nvl" | "isnull" | "isblank" | "iferror" | "is_null" | "is_blank" => {
            "what is missing is unknown, and no rule fires on it; ask for it with `is missing` or `is known`"
        }
        "pow" | "power" | "exp" | "sqrt" | "log" | "ln" => {
            "there are no powers: multiply, `budget * budget`; points age by themselves: `keeping 90% every 30 days`"
        }
        "avg" | "average" | "mean" | "median" => "divide: `sum(bought(), amount) / count(bought())`",
        "rank" | "percentile" | "percentrank" | "ntile" | "row_number" => {
            "each lead is judged by itself: sort the results by score, or take the cut from `merit report` and write it down: `score >= 70`"
        }
        "concat" | "concatenate" | "join" => "put names into a text: `\"{title}, {country}\"`",
        "if" | "iif" | "case" | "ifs" | "switch" => {
            "write a rule for each case, `when country = \"US\" add 10`, or a table: `points by country { \"US\": 10; otherwise: 0 }`"
        }
        "len" | "char_length" => "write `length(…)`",
        "mod" => "there is no remainder of a division",
        _ => return None,
    })
}

/// `coalesce(budget, 0)`
pub fn no_function(at: Span, name: &str, instead: &str) -> Diagnostic {
    Diagnostic::new(Code::E216, format!("there is no function `{}`", short(name)))
        .label(at, "not known here")
        .help(instead)
}

/// `visited(key_pages)` with a list
pub fn list_needs_any(at: Span, activity: &str, list: &str) -> Diagnostic {
    Diagnostic::new(Code::E212, format!("`{list}` is a list"))
        .label(at, "any of them, or which?")
        .help(format!("write `{activity}(any {list})`"))
        .edit_if(at, bare(list).map(|list| format!("any {list}")))
}

/// An activity inside `where`
pub fn activity_in_where(at: Span) -> Diagnostic {
    Diagnostic::new(Code::E213, "`where` sees only the properties of one record")
        .label(at, "this is an activity of its own")
        .help("join the two activities with `and` outside of the parentheses")
}

/// `activity x where …` without `from`
pub fn activity_filter_without_from(at: Span) -> Diagnostic {
    Diagnostic::new(Code::E213, "`where` needs the types that it chooses from")
        .label(at, "no `from` here")
        .help("write `activity hand_raise from \"form\" where name in [\"Contact\"]`")
}

/// `activity a, b from "x"`
pub fn one_activity_name(at: Span) -> Diagnostic {
    Diagnostic::new(Code::E213, "types of other systems belong to one name")
        .label(at, "a second name")
        .help("write one line for each: `activity visited from \"page_view\"`")
}

/// A score, label or list where a column is wanted.
pub fn column_wanted(at: Span, name: &str) -> Diagnostic {
    Diagnostic::new(Code::E213, format!("`{name}` is no column"))
        .label(at, "a column is wanted here")
        .help("name the column that says where the lead stands today")
}

/// A list with something that differs from lead to lead.
pub fn not_constant_in_list(at: Span) -> Diagnostic {
    Diagnostic::new(Code::E214, "a list holds texts in quotes, or numbers")
        .label(at, "this is neither")
        .help("write for example `[\"US\", \"CA\"]`; what differs from lead to lead is compared one by one, with `or`")
}

/// `sql if mql and booked("demo")`
pub fn bare_stage(at: Span, word: &str, stage: &str, is_decided: bool) -> Diagnostic {
    let d = Diagnostic::new(Code::E215, format!("`{}` is a stage, and no column", short(word)));
    if is_decided {
        let proper = format!("stage = {stage}");
        return d
            .label(at, "compared with nothing")
            .help(format!("write `{}`", short(&proper)))
            .edit_if(at, bare(stage).map(|s| format!("stage = {s}")));
    }
    d.label(at, "stages are decided after this").help(format!(
        "repeat the condition of `{}` here, or give it a name: `let ready = score >= 50`; if the leads have such a column, declare it: `field {}: flag`",
        short(stage), short(word)
    ))
}

/// `sql if score >= 80 and not disqualified`
pub fn bare_verdict(at: Span, word: &str) -> Diagnostic {
    Diagnostic::new(Code::E215, format!("`{}` is a verdict, and no column", short(word)))
        .label(at, "decided after all stages")
        .help(format!("leave it out: a lead that is {} stands at no stage; if the leads have such a column, declare it: `field {}: flag`", word.to_lowercase(), short(word)))
}

/// `mql if points >= 50`
pub fn bare_score(at: Span, word: &str) -> Diagnostic {
    Diagnostic::new(Code::E215, format!("`{}` is compared with a number, and is no column here", short(word)))
        .label(at, "did you mean `score`?")
        .help(format!("write `score`; if the leads have such a column, declare it: `field {}: number`", short(word)))
        .edit(at, "score".to_owned())
}

/// `when visited add 5`
pub fn bare_activity(at: Span, word: &str) -> Diagnostic {
    Diagnostic::new(Code::E215, format!("`{}` is an activity, and no column", short(word)))
        .label(at, "without its parentheses")
        .help(format!(
            "write `{}()`; if the leads have such a column, declare it: `field {}: flag`",
            short(word),
            short(word)
        ))
        .edit_if(at, bare(word).map(|w| format!("{w}()")))
}

/// `when unsubscribed subtract 30`, where no activity of that name is used
pub fn bare_usual_activity(at: Span, word: &str) -> Diagnostic {
    let lower = word.to_lowercase();
    let proper = match &*lower {
        "inactive" => "inactive for 90 days".to_owned(),
        "active" => "active in last 90 days".to_owned(),
        _ => format!("{}()", short(word)),
    };
    Diagnostic::new(Code::L514, format!("`{}` is read as a column of the leads", short(word)))
        .label(at, "a column, and no activity")
        .help(format!(
            "for activity write `{proper}`; if the leads have such a column, declare it: `field {}`",
            short(word)
        ))
}
