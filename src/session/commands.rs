//! The commands that begin with `:`, and what is said about each.

use crate::diagnostic::Diagnostic;
use crate::messages::session as say;

/// A command.
#[derive(Debug, PartialEq, Eq)]
pub struct Command {
    /// Which it is.
    pub kind: Kind,
    /// Its name, without the colon.
    pub name: &'static str,
    /// What stands behind it.
    pub usage: &'static str,
    /// What it does, in a line.
    pub about: &'static str,
    /// More about it, with examples.
    pub more: &'static str,
}

/// Which command it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // What each does stands in its row.
pub enum Kind {
    Help,
    Load,
    Reload,
    Leads,
    Lead,
    Next,
    Explain,
    Why,
    Set,
    Did,
    Undo,
    Reset,
    AsOf,
    All,
    Model,
    Drop,
    Save,
    Test,
    Fields,
    Quit,
}

/// All commands, in the order of `:help`.
pub const COMMANDS: &[Command] = &[
    Command {
        kind: Kind::Help,
        name: "help",
        usage: "[TOPIC]",
        about: "this list; a command, a subject of the language, or a code such as E203",
        more: ":help leads      what a command does\n:help ageing     a part of the language reference\n:help E203       the page on a code",
    },
    Command {
        kind: Kind::Load,
        name: "load",
        usage: "FILE…",
        about: "read a model (.merit), leads, or activity",
        more: ":load rules.merit\n:load leads.csv activity.csv\nRule files end with .merit; a file with the columns lead_id, type and at is activity; all others are leads.",
    },
    Command {
        kind: Kind::Reload,
        name: "reload",
        usage: "",
        about: "read all files again",
        more: "What was typed at the model and changed about leads is dropped; :undo brings typed rules back.\nA rule file that changes is read again by itself, unless something was typed at it.",
    },
    Command {
        kind: Kind::Leads,
        name: "leads",
        usage: "[CONDITION] [by score]",
        about: "list the leads, or those for which a condition holds",
        more: ":leads                                    all, twenty at a time\n:leads more                               the next twenty\n:leads stage = mql and could_be = sql     those that better data could raise\n:leads country = \"DE\" by score            the highest score first",
    },
    Command {
        kind: Kind::Lead,
        name: "lead",
        usage: "[ID]",
        about: "go to a lead, or show the one at hand; `new` is one of which nothing is known",
        more: ":lead P-104\n:lead new        starts with nothing; :set and :did make it up",
    },
    Command {
        kind: Kind::Next,
        name: "next",
        usage: "",
        about: "go to the next lead",
        more: "After the last lead comes the first.",
    },
    Command {
        kind: Kind::Explain,
        name: "explain",
        usage: "[ID]",
        about: "say why the lead at hand, or another, got its answer",
        more: ":explain\n:explain P-104",
    },
    Command {
        kind: Kind::Why,
        name: "why",
        usage: "[not] [STAGE]",
        about: "say what decided, or what a stage would take",
        more: ":why             what decided\n:why not sql     which parts hold, which do not, and what would change it",
    },
    Command {
        kind: Kind::Set,
        name: "set",
        usage: "FIELD = VALUE",
        about: "what if a field said this? Without a value: if it were missing",
        more: ":set employees = 200\n:set country = DE\n:set employees = 51-200       a range, as a cell may say\n:set industry =               missing",
    },
    Command {
        kind: Kind::Did,
        name: "did",
        usage: "ACTIVITY [WHEN]",
        about: "what if the lead also did this?",
        more: ":did booked(\"demo\")                                      now\n:did visited(\"pricing\") 3 days ago\n:did attended(\"webinar\" where minutes = 45) on 2025-06-01\n:did visited(\"pricing\") 3 times today",
    },
    Command {
        kind: Kind::Undo,
        name: "undo",
        usage: "",
        about: "take the last change back: a rule, a field, an activity, a date",
        more: "Can be repeated up to the beginning of the session.",
    },
    Command {
        kind: Kind::Reset,
        name: "reset",
        usage: "[all]",
        about: "the lead at hand as it is in its file; `all`: every lead, and the rules as they are in theirs",
        more: ":reset\n:reset all",
    },
    Command {
        kind: Kind::AsOf,
        name: "as-of",
        usage: "[DATE]",
        about: "look at everything as of another day",
        more: ":as-of 2025-09-30              the last moment of that day, UTC\n:as-of 2025-09-30T12:00:00Z",
    },
    Command {
        kind: Kind::All,
        name: "all",
        usage: "",
        about: "all leads under the rules at hand: the funnel, the list, and who moved",
        more: "Who moved is told against the rules before the last one that was typed.",
    },
    Command {
        kind: Kind::Model,
        name: "model",
        usage: "[NAME or LINE]",
        about: "show the rules, or one statement",
        more: ":model           all, with line numbers\n:model icp       what has a name: a profile, score, label, stage …\n:model 12        the statement at a line",
    },
    Command {
        kind: Kind::Drop,
        name: "drop",
        usage: "NAME or LINE",
        about: "take a statement out of the rules",
        more: ":drop 14         the statement at line 14 of :model\n:drop icp        what is defined under a name",
    },
    Command {
        kind: Kind::Save,
        name: "save",
        usage: "[FILE]",
        about: "write the rules to a file, formatted",
        more: "An existing file is replaced only when you say so.",
    },
    Command {
        kind: Kind::Test,
        name: "test",
        usage: "[TEXT]",
        about: "run the tests in the rules, or those whose name holds a text",
        more: ":test\n:test pricing",
    },
    Command {
        kind: Kind::Fields,
        name: "fields",
        usage: "",
        about: "list what the rules read, and who uses it",
        more: "Fields with their types, activity with its targets and properties.",
    },
    Command { kind: Kind::Quit, name: "quit", usage: "", about: "end the session", more: "Ctrl-D does the same." },
];

/// The command that a word means: its name, or the beginning of no other.
///
/// # Errors
/// Where there is none, or more than one.
pub fn find(word: &str) -> Result<&'static Command, Diagnostic> {
    let word = word.to_ascii_lowercase();
    let word = match word.as_str() {
        "?" => "help",
        "exit" => "quit",
        "asof" | "as_of" => "as-of",
        other => other,
    };
    if let Some(exact) = COMMANDS.iter().find(|c| c.name == word) {
        return Ok(exact);
    }
    let fitting: Vec<&'static Command> = COMMANDS.iter().filter(|c| c.name.starts_with(word)).collect();
    match fitting.as_slice() {
        [one] => Ok(one),
        [] => Err(say::no_such_command(word, crate::suggest::nearest(word, COMMANDS.iter().map(|c| c.name)))),
        many => Err(say::ambiguous_command(word, &many.iter().map(|c| c.name).collect::<Vec<_>>())),
    }
}

/// The list of all commands.
#[must_use]
pub fn list() -> String {
    let mut out = String::from("Type a rule to add it, a condition or a field to ask for it, or a command:\n\n");
    let width = COMMANDS.iter().map(|c| c.name.len() + c.usage.chars().count() + 2).max().unwrap_or(0);
    for command in COMMANDS {
        let head = format!(":{} {}", command.name, command.usage);
        out.push_str(&format!(
            "  {}{}  {}\n",
            head.trim_end(),
            " ".repeat(width.saturating_sub(head.trim_end().chars().count())),
            command.about
        ));
    }
    out.push_str("\nCommands may be shortened: `:e` is `:explain`. `:help leads` says more about one.\n");
    out
}
