//! What there is to say to somebody who types at a session (R7xx).

use super::short;
use crate::diagnostic::{Code, Diagnostic, Severity};

fn cannot(message: String) -> Diagnostic {
    Diagnostic::new(Code::R702, message)
}

pub(crate) fn no_such_command(word: &str, near: Option<&str>) -> Diagnostic {
    let near = near.map_or_else(String::new, |n| format!("; did you mean `:{n}`?"));
    Diagnostic::new(Code::R701, format!("there is no command `:{}`{near}", short(word)))
        .help("`:help` lists the commands; what does not begin with `:` is a rule or a question")
}

pub(crate) fn ambiguous_command(word: &str, names: &[&str]) -> Diagnostic {
    let names: Vec<String> = names.iter().map(|n| format!("`:{n}`")).collect();
    Diagnostic::new(Code::R701, format!("`:{}` may be {}", short(word), names.join(" or ")))
        .help("type one letter more")
}

pub(crate) fn command_wants(name: &str, usage: &str, example: &str) -> Diagnostic {
    cannot(format!("`:{name}` wants {usage} behind it")).help(format!("such as `{example}`"))
}

pub(crate) fn command_wants_nothing(name: &str, given: &str) -> Diagnostic {
    cannot(format!("nothing can stand behind `:{name}`, and `{}` does", short(given)))
}

pub(crate) fn no_such_topic(topic: &str) -> Diagnostic {
    cannot(format!("there is no help on `{}`", short(topic))).help("`:help` lists the commands; a subject is a word from a heading of the language reference, such as `ageing` or `stages`")
}

pub(crate) fn no_such_stage(name: &str, stages: &[String], near: Option<&str>) -> Diagnostic {
    let near = near.map_or_else(String::new, |n| format!("; did you mean `{n}`?"));
    cannot(format!("there is no stage `{}`{near}", short(name))).help(format!("the ladder is {}", stages.join(", ")))
}

pub(crate) fn no_model(path: Option<&str>) -> Diagnostic {
    match path {
        Some(path) => cannot(format!("the rules in `{path}` have errors, so there is nothing to evaluate"))
            .help("mend the file: it is read again by itself; `merit check` lists what is wrong"),
        None => cannot("there are no rules that can be evaluated".to_owned()).help("type some, or `:load rules.merit`"),
    }
}

pub(crate) fn no_such_statement(what: &str) -> Diagnostic {
    cannot(format!("the rules have nothing at `{}`", short(what))).help(
        "`:model` shows them with their line numbers; a name is that of a let, profile, score, label, field or stage",
    )
}

pub(crate) fn several_statements(what: &str, lines: &[usize]) -> Diagnostic {
    let lines: Vec<String> = lines.iter().map(ToString::to_string).collect();
    cannot(format!("the statements in lines {} are about `{}`", lines.join(", "), short(what)))
        .help(format!("take one out by its line: `:drop {}`", lines.first().map_or("", String::as_str)))
}

pub(crate) fn still_used(name: &str) -> Diagnostic {
    cannot(format!("`{}` is still used", short(name))).help(
        "without it the name would be read as a column; change the statements that use it first, `:model` shows them",
    )
}

pub(crate) fn is_a_command(word: &str) -> Diagnostic {
    cannot(format!("nothing is called `{}`", short(word))).help(format!("the command is `:{word}`"))
}

/// `why not sql`, `what if employees = 200`
pub(crate) fn is_said_with(typed: &str, command: &str) -> Diagnostic {
    cannot(format!("`{}` is neither a rule nor a condition", short(typed))).help(format!("write `{command}`"))
}

/// `:did visited() 60000 times today`, twice
pub(crate) fn did_too_much(lead: &str) -> Diagnostic {
    cannot(format!("a lead does 100,000 things here at most, and `{}` would have done more", short(lead)))
        .help("`:undo` takes back what it did, `:reset` all of it")
}

/// What somebody lets a lead do, and no rule asks for.
pub(crate) fn nobody_asks(what: &str, near: Option<&str>) -> Diagnostic {
    let near = near.map_or_else(String::new, |n| format!("; did you mean `{n}`?"));
    Diagnostic { severity: Severity::Warning, ..cannot(format!("no rule asks for `{}`{near}", short(what))) }
}

pub(crate) fn nothing_to_undo() -> Diagnostic {
    cannot("there is nothing to undo".to_owned())
}

pub(crate) fn lead_cannot_be_read(id: &str) -> Diagnostic {
    cannot(format!("the row of `{id}` cannot be read, so there is no answer for it"))
        .help("`:next` goes to the next lead")
}

pub(crate) fn no_field_to_set(name: &str, near: Option<&str>) -> Diagnostic {
    let near = near.map_or_else(
        || "; no rule reads it, and no column is called so".to_owned(),
        |n| format!("; did you mean `{n}`?"),
    );
    cannot(format!("there is no field `{}`{near}", short(name))).help("`:fields` lists what the rules read")
}

pub(crate) fn value_cannot_be_read(name: &str, value: &str, of_type: &str) -> Diagnostic {
    cannot(format!("`{name}` is a {of_type}, and \"{}\" cannot be read as one", short(value)))
        .help("give it as it would stand in a cell")
}

pub(crate) fn bad_date(text: &str) -> Diagnostic {
    cannot(format!("`{}` is no date", short(text)))
        .help("write it as `2025-06-30`, or with a time as `2025-06-30T12:00:00Z`")
}

pub(crate) fn one_question(count: usize) -> Diagnostic {
    cannot(format!("these are {count} questions")).help(
        "ask one at a time, or join them with `and`; `:help` says what can be typed, and a rule begins with `when`",
    )
}

pub(crate) fn file_is_there(path: &str) -> Diagnostic {
    cannot(format!("`{path}` exists, and nothing was written"))
        .help("give another name; with a terminal you would be asked whether to replace it")
}

/// A file that cannot be written, for whoever saves one.
pub(crate) fn not_saved(problem: Diagnostic) -> Diagnostic {
    Diagnostic { code: Code::R702, ..problem }
}

pub(crate) fn no_leads(what: &str) -> Diagnostic {
    cannot(format!("there are no leads {what}")).help("`:load leads.csv` reads some")
}

/// A field that a question names, and no column gives.
pub(crate) fn nothing_gives(name: &str, near: Option<&str>) -> Diagnostic {
    let near = near.map_or_else(String::new, |n| format!("; did you mean `{n}`?"));
    Diagnostic {
        severity: Severity::Warning,
        ..cannot(format!("no rule and no column is called `{}`{near}", short(name)))
    }
}

/// What should never be said.
pub(crate) fn bug(what: &str) -> Diagnostic {
    cannot(format!("this is a bug in Merit: {}", short(what))).help("nothing was changed; please report what you typed")
}
