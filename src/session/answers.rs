//! Why, what the rules are, whether their tests hold, and help.

use std::rc::Rc;

use super::{Answered, Reply, Session, commands, refused, tell};
use crate::builtins::{self, Builtin};
use crate::coverage::Seen;
use crate::diagnostic::Code;
use crate::eval::Interpreter;
use crate::explain;
use crate::messages::session as say;
use crate::reads::reads;
use crate::shown::one_line;
use crate::testing;
use crate::text::fold;
use crate::value::Stage;

/// The language in pages; its headings are the subjects of `:help`.
const REFERENCE: &str = include_str!("../../docs/reference.md");

impl Session {
    pub(super) fn explain(&mut self, rest: &str) -> Answered {
        if !rest.is_empty() {
            self.lead(rest)?;
        }
        let model = self.model()?;
        let lead = self.lead_at_hand(model)?;
        Ok(Reply::text(explain::text::to_text(&explain::explain(model, &lead, self.as_of(), None), false)))
    }

    pub(super) fn why(&mut self, rest: &str) -> Answered {
        let model = self.model()?;
        let lead = self.lead_at_hand(model)?;
        let interpreter = Interpreter::new(model, self.as_of());
        let outcome = interpreter.evaluate(&lead);
        let mut words = rest.split_whitespace();
        let first = words.next().unwrap_or("");
        let name = if first.eq_ignore_ascii_case("not") { words.next().unwrap_or("") } else { first };
        let decided = || {
            let answer = tell::Answer::new(model, &outcome);
            let told = explain::decided(model, &lead, self.as_of());
            Ok(Reply::text(format!("{}\n  {}\n", answer.in_a_line(self.id()), one_line(&told))))
        };
        if name.is_empty() {
            return decided();
        }
        let Some(target) = model.ladder.stages.iter().position(|s| s.eq_ignore_ascii_case(name)) else {
            let near = crate::suggest::nearest(name, model.ladder.stages.iter().map(String::as_str));
            return Err(refused(say::no_such_stage(name, &model.ladder.stages, near)));
        };
        match outcome.stage {
            Stage::Rank(rank) if rank < target => {
                let answer = tell::Answer::new(model, &outcome);
                let next = explain::toward(model, &lead, self.as_of(), target);
                Ok(Reply::text(format!("{}\n{}", answer.in_a_line(self.id()), explain::text::toward(&next))))
            }
            _ => decided(),
        }
    }

    pub(super) fn show_model(&mut self, rest: &str) -> Answered {
        if !rest.is_empty() {
            let statement = self.rules.statement(rest).ok_or_else(|| refused(say::no_such_statement(rest)))?;
            return Ok(Reply::text(statement + "\n"));
        }
        if self.rules.text().trim().is_empty() {
            return Ok(Reply::text("there are no rules yet: type some, or `:load rules.merit`\n"));
        }
        let count = self.rules.source().line_count();
        let width = count.to_string().len();
        let numbered = self
            .rules
            .text()
            .lines()
            .enumerate()
            .map(|(i, line)| format!("{:>width$} │ {line}", i + 1).trim_end().to_owned() + "\n");
        let mut text: String = numbered.collect();
        if self.rules.is_changed() {
            text.push_str("changed here; `:save` writes it to a file\n");
        }
        Ok(Reply::text(text))
    }

    pub(super) fn drop_statement(&mut self, rest: &str) -> Answered {
        if rest.is_empty() {
            return Err(refused(say::command_wants("drop", "a name, or a line of `:model`,", ":drop 14")));
        }
        let before = self.now();
        let (rules, told) = self.rules.without(rest)?;
        self.remember(told.clone());
        self.rules = Rc::new(rules);
        let effects = self.effects(&before);
        self.before = before.all;
        Ok(Reply::text(format!("{told}\n{effects}")))
    }

    pub(super) fn test(&mut self, rest: &str) -> Answered {
        let model = self.model()?;
        let wanted = fold(rest);
        let mut seen = Seen::new(model);
        let (mut text, mut problems) = (String::new(), Vec::new());
        let (mut shown, mut failed) = (0, 0);
        for result in testing::run(model, self.as_of()) {
            seen.add(&result, self.as_of());
            if fold(&result.test.name).contains(&*wanted) {
                shown += 1;
                failed += usize::from(!result.passed());
                text.push_str(&format!(
                    "  {} {}\n",
                    if result.passed() { "✓" } else { "✗" },
                    one_line(&result.test.name)
                ));
                problems.extend(result.failures(model, self.as_of()));
            }
        }
        if shown == 0 {
            return Ok(Reply::text(if model.tests.is_empty() {
                "the rules have no tests\n".to_owned()
            } else {
                format!("no test of {} has this in its name\n", model.tests.len())
            }));
        }
        text.push_str(&format!("{} passed, {failed} failed\n", shown - failed));
        if rest.is_empty() {
            let coverage = seen.coverage();
            let reached = coverage.lines.iter().filter(|l| l.is_reached).count();
            text.push_str(&format!("tests reach {reached} of {} lines\n", coverage.lines.len()));
        }
        Ok(Reply { text, problems, sources: model.sources.clone(), ..Reply::default() })
    }

    pub(super) fn fields(&mut self) -> Answered {
        Ok(Reply::text(reads(self.model()?).to_string()))
    }
}

/// The list of commands, one command, a code, a function, or a part of the reference.
pub(super) fn help(topic: &str) -> Answered {
    let topic = topic.trim().trim_start_matches(':');
    if topic.is_empty() {
        return Ok(Reply::text(commands::list()));
    }
    if let Some(code) = Code::by_name(topic) {
        return Ok(Reply::text(code.page().trim_end().to_owned() + "\n"));
    }
    let folded = topic.to_ascii_lowercase();
    if let Some(command) = commands::COMMANDS.iter().find(|c| c.name == folded) {
        let head = format!(":{} {}", command.name, command.usage);
        return Ok(Reply::text(format!("{}: {}\n\n{}\n", head.trim_end(), command.about, command.more)));
    }
    let functions: Vec<String> = builtins::named(&folded).map(function).collect();
    if !functions.is_empty() {
        return Ok(Reply::text(functions.join("\n")));
    }
    match section(&folded) {
        Some(section) => Ok(Reply::text(section)),
        None => match commands::find(topic) {
            Ok(command) => help(command.name),
            Err(_) => Err(refused(say::no_such_topic(topic))),
        },
    }
}

/// A function of the language: how it is called, and what it gives.
fn function(function: &Builtin) -> String {
    format!("{}: {}\n\n{}\n", function.forms.join(", "), function.gives, function.example)
}

/// The part of the reference whose heading holds a word.
fn section(topic: &str) -> Option<String> {
    let lines: Vec<&str> = REFERENCE.lines().collect();
    // A heading outside of what is shown as code.
    let mut in_code = false;
    let mut headings: Vec<(usize, usize, String)> = Vec::new();
    for (i, line) in lines.iter().enumerate() {
        in_code ^= line.starts_with("```");
        let level = line.chars().take_while(|c| *c == '#').count();
        if !in_code && level > 1 {
            headings.push((i, level, line.trim_start_matches('#').trim().to_lowercase()));
        }
    }
    let has_word = |heading: &str| heading.split(|c: char| !c.is_alphanumeric() && c != '_').any(|w| w == topic);
    let exact =
        headings.iter().position(|(_, _, h)| h == topic).or_else(|| headings.iter().position(|(_, _, h)| has_word(h)));
    let at = exact.or_else(|| headings.iter().position(|(_, _, h)| h.contains(topic)))?;
    let (start, level, _) = headings.get(at)?;
    let end = headings.iter().skip(at + 1).find(|(_, l, _)| l <= level).map_or(lines.len(), |(i, _, _)| *i);
    let shown: Vec<&str> = lines.get(*start..end)?.iter().copied().filter(|l| !l.starts_with("```")).collect();
    Some(shown.join("\n").trim_end().trim_start_matches('#').trim_start().to_owned() + "\n")
}
