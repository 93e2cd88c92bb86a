//! What there is to say about meaning (E4xx).

use super::short;
use crate::diagnostic::{Code, Diagnostic};
use crate::shown::several;
use crate::source::{FileProblem, Span};

/// `each time` or ageing without just one activity
pub fn one_activity_wanted(at: Span, what: &str, found: usize, when: Option<Span>) -> Diagnostic {
    let how_many = if found == 0 { "none" } else { "more than one" };
    let d =
        Diagnostic::new(Code::E401, format!("`{what}` needs one activity in the condition, and there is {how_many}"))
            .label(at, "counts or ages which activity?");
    let d = match when {
        Some(when) => d.label(when, format!("{how_many} here")),
        None => d,
    };
    d.help("say what is counted: `when … add 5 per visited(\"pricing\")`")
}

/// Two windows on one activity.
pub fn two_windows(at: Span, first: Span) -> Diagnostic {
    Diagnostic::new(Code::E402, "an activity has one window of time")
        .label(at, "a second window")
        .label(first, "the first")
        .help("write one window: `between 2025-01-01 and 2025-03-31`")
}

/// Two counts on one activity.
pub fn two_counts(at: Span, first: Span) -> Diagnostic {
    Diagnostic::new(Code::E402, "an activity has one count")
        .label(at, "a second count")
        .label(first, "the first")
        .help("join two conditions with `and`")
}

/// A count behind something that is no activity.
pub fn only_for_activity(at: Span, written: &str) -> Diagnostic {
    Diagnostic::new(Code::E403, format!("`{}` is no activity", short(written)))
        .label(at, "only activity can be counted or followed")
        .help("an activity has parentheses: `visited(\"pricing\") at least 3 times`")
}

/// A comparison behind an activity.
pub fn not_for_activity(at: Span, written: &str) -> Diagnostic {
    Diagnostic::new(Code::E403, format!("`{}` is an activity: it has no value to compare", short(written)))
        .label(at, "behind an activity stand windows and counts")
        .help("count it: `count(visited(\"pricing\")) >= 3`, or `visited(\"pricing\") at least 3 times`")
}

/// Something else where an activity is wanted.
pub fn activity_wanted(at: Span) -> Diagnostic {
    Diagnostic::new(Code::E403, "an activity is wanted here")
        .label(at, "this is no activity")
        .help("write an activity with its parentheses: `per visited(\"blog\")`")
}

/// A count behind `per`
pub fn count_behind_per(at: Span) -> Diagnostic {
    Diagnostic::new(Code::E404, "`per` counts every record")
        .label(at, "a count has no use here")
        .help("leave the count out; to bound the points write `up to 15`")
}

/// A count in a sequence
pub fn count_in_sequence(at: Span) -> Diagnostic {
    Diagnostic::new(Code::E404, "a sequence looks at single records")
        .label(at, "a count has no use here")
        .help("leave the count out, or ask for it beside the sequence, with `and`")
}

/// `A then B then C`
pub fn long_sequence(at: Span) -> Diagnostic {
    Diagnostic::new(Code::E404, "a sequence has two steps")
        .label(at, "a third step")
        .help("write two sequences and join them with `and`")
}

/// `at least 5 of` three things
pub fn counts_too_many(at: Span, n: u64, size: usize) -> Diagnostic {
    Diagnostic::new(Code::E405, format!("at least {n} of {size} can never hold"))
        .label(at, format!("{size} are counted here"))
        .help(format!("write `at least {size} of` or fewer"))
}

/// A bound that differs from lead to lead.
pub fn bound_not_constant(at: Span) -> Diagnostic {
    Diagnostic::new(Code::E406, "this must be the same number for every lead")
        .label(at, "a number, or a `let` that is one")
        .help("write a number: `up to 20`")
}

/// `between 10 and 5`
pub fn bounds_reversed(at: Span) -> Diagnostic {
    Diagnostic::new(Code::E406, "the first number is larger than the second")
        .label(at, "nothing lies between them")
        .help("put the smaller number first")
}

/// `up to -5`
pub fn negative_bound(at: Span) -> Diagnostic {
    Diagnostic::new(Code::E406, "`up to` bounds the size of what a rule gives, so it is not negative")
        .label(at, "below 0")
        .help("write the size alone: `subtract 3 per … up to 15`")
}

/// `keeping 150%`
pub fn share_out_of_range(at: Span, written: &str) -> Diagnostic {
    Diagnostic::new(Code::E407, format!("`{}` is no share between 0% and 100%", short(written)))
        .label(at, "points do not grow with age")
        .help("write for example `keeping 80% every month`")
}

/// A rate limit where no records are counted
pub fn rate_without_records(at: Span, counted: Span) -> Diagnostic {
    Diagnostic::new(Code::E408, "only records of activity can be limited in time")
        .label(at, "a limit")
        .label(counted, "this counts periods, not records")
        .help("leave the limit out, or bound the points with `up to`")
}

/// Ageing where no records are counted
pub fn ageing_without_records(at: Span, counted: Span) -> Diagnostic {
    Diagnostic::new(Code::E408, "only records of activity can age")
        .label(at, "ageing")
        .label(counted, "this counts periods, not records")
        .help("leave the ageing out")
}

/// `mentions "&"`
pub fn no_word_in(at: Span, text: &str) -> Diagnostic {
    Diagnostic::new(Code::E409, format!("there is no word in \"{}\"", short(text)))
        .label(at, "`mentions` looks for whole words")
        .help("for single signs write `contains`")
}

/// Too many rules
pub fn too_many_rules(at: Span, most: usize) -> Diagnostic {
    Diagnostic::new(Code::E410, format!("a model has at most {most} rules and table lines"))
        .label(at, "this is one more")
        .help("put long tables into a file: `points by country from \"tiers.csv\"`")
}

/// Definitions within definitions
pub fn written_out_too_deep(at: Span, most: usize) -> Diagnostic {
    Diagnostic::new(Code::E410, format!("written out, this is nested more than {most} deep"))
        .label(at, "too many definitions inside of each other")
        .help("use fewer steps from one `let` to the next")
}

/// A label made of labels made of labels
pub fn text_too_long(at: Span) -> Diagnostic {
    Diagnostic::new(Code::E410, "written out, this text has more than 10,000 characters or more than 100 values in it")
        .label(at, "with all the labels that stand in it")
        .help("name fewer labels in braces; nobody reads a text that long")
}

/// `language 2`
pub fn unknown_language(at: Span, version: u64) -> Diagnostic {
    Diagnostic::new(
        Code::E411,
        format!("this file is written for version {version} of the language, and this program knows version 1"),
    )
    .label(at, "not known here")
    .help("use a newer merit, or write `language 1`")
}

/// `owner 5`
pub fn wrong_entry(at: Span, key: &str) -> Diagnostic {
    Diagnostic::new(Code::E411, format!("`{key}` is followed by something else")).label(at, "not this").help(
        match key {
            "owner" => "write `owner \"Marketing Operations\"`",
            "revisit" => "write `revisit by 2025-10-01`",
            "time zone" => "write `time zone \"Europe/Berlin\"`",
            _ => "write `language 1`",
        },
    )
}

/// `time zone "Berlin"`
pub fn no_such_zone(at: Span, name: &str, near: &[String]) -> Diagnostic {
    let quoted: Vec<String> = near.iter().map(|name| format!("`time zone \"{name}\"`")).collect();
    let diagnostic = Diagnostic::new(Code::E411, format!("there is no time zone \"{}\"", short(name)));
    if quoted.is_empty() {
        return diagnostic.label(at, "not known").help(
            "write a region and a city, such as `time zone \"America/New_York\"` or `time zone \"Europe/Berlin\"`",
        );
    }
    diagnostic.label(at, "not known").help(format!("write {}", several(&quoted, "or")))
}

/// A file that cannot be had
pub fn file_problem(at: Span, path: &str, problem: &FileProblem) -> Diagnostic {
    let (message, label, help) = match problem {
        FileProblem::NotFound => (
            format!("there is no file \"{}\"", short(path)),
            "looked for beside the file that says this".to_owned(),
            "check the name; the path begins at the folder of this rule file",
        ),
        FileProblem::Outside => (
            format!("\"{}\" is not under the folder of the model", short(path)),
            "outside of the model's folder".to_owned(),
            "copy the file into the folder of the model; a model may read nothing outside of it, also not through links",
        ),
        FileProblem::Absolute => (
            format!("\"{}\" begins at the root of the disk", short(path)),
            "a whole path".to_owned(),
            "write the path from the folder of this rule file: \"parts/icp.merit\"",
        ),
        FileProblem::NoFolder => (
            format!("\"{}\" cannot be read: a model from standard input uses no other files", short(path)),
            "there is no folder to look in".to_owned(),
            "save the model as a file, and give that file",
        ),
        FileProblem::NotUtf8 => {
            (format!("\"{}\" is not UTF-8 text", short(path)), "cannot be read".to_owned(), "save the file as UTF-8")
        }
        FileProblem::TooLarge => (
            format!("\"{}\" is too large", short(path)),
            "more than 64 MiB".to_owned(),
            "split it, or leave out what is not needed",
        ),
        FileProblem::Other(why) => {
            (format!("\"{}\" cannot be read", short(path)), short(why), "check the file and its permissions")
        }
    };
    Diagnostic::new(Code::E412, message).label(at, label).help(help)
}

/// Files that use each other
pub fn use_circle(at: Span, files: &[String]) -> Diagnostic {
    let mut path: Vec<&str> = files.iter().map(String::as_str).collect();
    path.extend(files.first().map(String::as_str));
    Diagnostic::new(Code::E413, format!("these files use each other in a circle: {}", path.join(" → ")))
        .label(at, "uses a file that uses this one")
        .help("move what both need into a third file")
}

/// A file of two columns that is none
pub fn bad_table(at: Span, path: &str, line: usize, what: &str) -> Diagnostic {
    let place = if line > 0 { format!("line {line} of ") } else { String::new() };
    Diagnostic::new(Code::E414, format!("{place}\"{}\" has {what}", short(path)))
        .label(at, "this file")
        .help("the file needs a header and two columns: what is looked up, and what it gives")
}

/// `{` in a text
pub fn brace_in_text(at: Span) -> Diagnostic {
    Diagnostic::new(Code::E415, "`{` in a text begins a name, and there is none")
        .label(at, "in this text")
        .help("write `{name}` for a value, or `{{` for the brace itself")
}

/// The second of what may stand once
pub fn only_once(at: Span, what: &str, first: Option<Span>) -> Diagnostic {
    let d = Diagnostic::new(Code::E416, format!("`{what}` stands twice")).label(at, "the second");
    let d = match first {
        Some(first) => d.label(first, "the first"),
        None => d,
    };
    d.help("keep one of them")
}

/// A line that is never reached
pub fn behind_otherwise(at: Span, first: Span) -> Diagnostic {
    Diagnostic::new(Code::E417, "nothing is left for a line behind `otherwise`")
        .label(at, "never reached")
        .label(first, "takes all that is left")
        .help("put `otherwise` last")
}

/// `profile x {}`
pub fn empty_profile(at: Span, name: &str) -> Diagnostic {
    Diagnostic::new(Code::E418, format!("the profile `{}` says nothing", short(name)))
        .label(at, "no criterion")
        .help("write what must hold, one condition a line: `employees between 50 and 1000`")
}

/// `label x {}`
pub fn empty_label(at: Span, name: &str) -> Diagnostic {
    Diagnostic::new(Code::E418, format!("the label `{}` says nothing", short(name)))
        .label(at, "no line")
        .help("write a line: `\"A\" if score >= 50`")
}

/// `points by x {}`
pub fn empty_table(at: Span) -> Diagnostic {
    Diagnostic::new(Code::E418, "this table of points is empty")
        .label(at, "no line")
        .help("write a line: `51 to 1000: 15`")
}

/// `review if …` without a text
pub fn because_wanted(at: Span) -> Diagnostic {
    Diagnostic::new(Code::E419, "a review says what to look at")
        .label(at, "no `because` here")
        .help("add `because \"Sales cannot reach this lead\"`")
}

/// `never lower` without `from`
pub fn never_lower_without_field(at: Span) -> Diagnostic {
    Diagnostic::new(Code::E419, "`never lower` needs the column that says where the lead stands today")
        .label(at, "no `from` here")
        .help("write `stages lead, mql, sql from lifecycle_stage never lower`")
}

/// A test without `expect`
pub fn test_without_expect(at: Span) -> Diagnostic {
    Diagnostic::new(Code::E420, "this test expects nothing")
        .label(at, "no `expect` line")
        .help("add a line such as `expect stage = sql`")
}

/// A value of a test that is no literal
pub fn literal_wanted(at: Span) -> Diagnostic {
    Diagnostic::new(Code::E420, "a test says the value itself")
        .label(at, "a text, number, date, yes, no or list")
        .help("write the value as it would stand in a cell: `\"51-200\"`, `120`, `2025-08-01`")
}

/// An activity of a test with several targets
pub fn one_target(at: Span) -> Diagnostic {
    Diagnostic::new(Code::E420, "an activity of a test has one target in quotes")
        .label(at, "not this")
        .help("write `visited(\"pricing\") 3 days ago`, one line for each target")
}

/// Something else where a lead is said to have done something
pub fn did_wanted(at: Span) -> Diagnostic {
    Diagnostic::new(Code::E420, "what a lead did is an activity and when")
        .label(at, "not this")
        .help("write `visited(\"pricing\") 3 days ago`")
}

/// `where minutes >= 30` in a test
pub fn property_wanted(at: Span) -> Diagnostic {
    Diagnostic::new(Code::E420, "an activity of a test says what its properties are")
        .label(at, "only `=` and `and` can stand here")
        .help("write `where minutes = 45`")
}

/// `200000 times`, or several lines that come to as much
pub fn too_often(at: Span) -> Diagnostic {
    Diagnostic::new(Code::E420, "a test has 100,000 records of activity at most")
        .label(at, "with this line there are more")
        .help("write smaller numbers: where a rule is bounded, a few records show as much")
}

/// A statement of a used file that does not come along
pub fn not_brought_in(at: Span) -> Diagnostic {
    Diagnostic::new(Code::L506, "`use` does not bring this statement along")
        .label(at, "has no effect here")
        .help("`use` brings fields, activities, lets, profiles, scores and labels; move this statement into the model that uses the file")
}
