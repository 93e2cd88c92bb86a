//! What is typed without a colon: statements go into the rules, conditions and values are asked of the lead at hand.

use std::fmt::Write as _;
use std::rc::Rc;

use super::rules::TYPED;
use super::{Answered, Reply, Session, refused};
use crate::check::{Typed, TypedKind};
use crate::diagnostic::{Code, Diagnostic};
use crate::eval::{Beside, Interpreter};
use crate::explain;
use crate::lead::Lead;
use crate::messages::session as say;
use crate::model::{Expr, ExprKind, Model};
use crate::reserved;
use crate::shown::one_line;
use crate::source::{FileId, Source};
use crate::syntax::{self, ast};
use crate::testing;
use crate::text::name_key;
use crate::value::{Type, Value};

impl Session {
    /// Statements or a question, whichever it can be read as; where it is neither, the messages of what it looks like.
    pub(super) fn typed(&mut self, input: &str) -> Reply {
        let input = &joined_texts(input);
        let source = Source::new(TYPED, input.as_str());
        let (file, problems) = syntax::parse(FileId(0), &source);
        let is_statements = problems.is_empty() && !file.items.is_empty() && !is_comparison(&file.items);
        let (asked, refused_questions) = syntax::parse_questions(FileId(0), &source);
        let is_question = !is_statements && refused_questions.is_empty();
        let is_english = input.get(..8).is_some_and(|begin| begin.eq_ignore_ascii_case("what if "));
        if (is_english || !is_statements && (!is_question || asked.len() > 1))
            && let Some(command) = as_command(input)
        {
            return *refused(say::is_said_with(input, &command));
        }
        let answered = if is_statements || (!is_question && looks_like_statements(input)) {
            self.statements(input)
        } else {
            self.question(input)
        };
        answered.unwrap_or_else(|reply| *reply)
    }

    fn statements(&mut self, input: &str) -> Answered {
        let before = self.now();
        let known = self.known_fields();
        let (rules, change) = self.rules.take(input)?;
        let mut reply = Reply::problems(change.diagnostics, change.sources);
        reply.text = change.told.join("\n") + "\n";
        if self.rules.text() == rules.text() {
            return Ok(reply);
        }
        let more = if change.told.len() > 1 { format!(" (and {} more)", change.told.len() - 1) } else { String::new() };
        let first = change.told.first().and_then(|t| t.lines().next()).unwrap_or_default();
        self.remember(format!("{first}{more}"));
        self.rules = Rc::new(rules);
        if let Some(model) = self.rules.model().filter(|_| self.book.is_loaded()) {
            // A name that is near to another has its own warning.
            let warnings = self.unknown_names(&known, model);
            let is_told = reply.problems.iter().any(|d| d.code == Code::L505);
            reply.problems.extend(warnings.into_iter().filter(|_| !is_told));
        }
        reply.text.push_str(&self.effects(&before));
        self.before = before.all;
        Ok(reply)
    }

    /// The fields that the rules read as they are.
    pub(super) fn known_fields(&self) -> Vec<String> {
        self.rules.model().map_or(Vec::new(), |m| m.fields.iter().map(|f| f.name.clone()).collect())
    }

    fn question(&mut self, input: &str) -> Answered {
        let is_known = |m: &Model| {
            m.fields.iter().any(|f| name_key(&f.name) == name_key(input)) || self.book.column(input).is_some()
        };
        if let Some(command) = super::commands::COMMANDS.iter().find(|c| c.name == input.to_ascii_lowercase())
            && !is_known(self.model()?)
        {
            return Err(refused(say::is_a_command(command.name)));
        }
        let (typed, question) = self.asked(input)?;
        let Some(model) = &typed.checked.model else { return Err(Box::new(Reply::default())) };
        let lead = self.lead_at_hand(model)?;
        let interpreter = Interpreter::new(model, self.as_of());
        let outcome = interpreter.evaluate(&lead);
        let problems = self.unknown_names(&self.known_fields(), model);
        Ok(Reply {
            text: interpreter.beside(&lead, &outcome, |beside| told(beside, model, &lead, &question)),
            problems,
            ..Reply::default()
        })
    }

    /// A question, checked beside the model.
    pub(super) fn asked(&self, input: &str) -> Result<(Typed, Expr), Box<Reply>> {
        let mut typed = self.rules.beside(input, TypedKind::Question)?;
        match (typed.questions.pop(), typed.questions.len()) {
            (Some(question), 0) => Ok((typed, question)),
            (_, more) => Err(refused(say::one_question(more + 1))),
        }
    }

    /// Fields of a model beyond those that were known, and that no column gives.
    pub(super) fn unknown_names(&self, known: &[String], model: &Model) -> Vec<Diagnostic> {
        let is_given = |field: &crate::model::Field| {
            field
                .keys
                .iter()
                .any(|k| self.book.column(k).is_some() || self.book.cell(self.current, k, &self.edits).is_some())
        };
        let news = model.fields.iter().filter(|f| !known.contains(&f.name) && !is_given(f));
        news.map(|field| {
            let mut names: Vec<&str> = known.iter().map(String::as_str).collect();
            names.extend(self.book.names.iter().map(String::as_str));
            names.sort_unstable();
            say::nothing_gives(&field.name, crate::suggest::nearest(&field.name, names))
        })
        .collect()
    }
}

/// `score = 58` says in a file that the score is always 58; whoever types it alone asks.
fn is_comparison(items: &[ast::Item]) -> bool {
    matches!(
        items,
        [ast::Item { kind: ast::ItemKind::ScoreFormula(ast::Expr { kind: ast::ExprKind::Number(_), .. }), .. }]
    )
}

/// The value of a question, and of its parts.
fn told(beside: &Beside<'_>, model: &Model, lead: &Lead, question: &Expr) -> String {
    let value = beside.value(question);
    let mut out = String::new();
    match &value {
        Value::Missing => {
            let fields = beside.unknown_fields(question);
            let names: Vec<&str> =
                fields.iter().filter_map(|f| model.fields.get(f.0)).map(|f| f.name.as_str()).collect();
            let why = match names.as_slice() {
                [] => String::new(),
                [one] => format!(": {one} is missing"),
                many => format!(": {} are missing", many.join(", ")),
            };
            let _ = writeln!(out, "unknown{why}");
        }
        Value::Flag(true) => out.push_str("yes\n"),
        Value::Flag(false) => out.push_str("no\n"),
        value => {
            let _ = writeln!(out, "{}", one_line(&testing::shown(model, value)));
        }
    }
    if is_condition(model, question) {
        let parts = explain::parts(beside, model, lead, question);
        // Of what is unknown as a whole, the first line says all.
        if parts.len() > 1 || (!value.is_missing() && parts.iter().any(|p| !p.note.is_empty())) {
            for part in parts {
                let _ = writeln!(out, "  {}", one_line(&explain::text::part(&part)));
            }
        }
        return out;
    }
    let mut seen = Vec::new();
    testing::parts(model, question, &mut |part| {
        let words = model.sources.phrase(part.span);
        if part.span != question.span && !seen.contains(&words) {
            let _ = writeln!(out, "  {words} is {}", one_line(&testing::shown(model, &beside.value(part))));
            seen.push(words);
        }
    });
    out
}

/// Whether an expression is made of conditions, so that its parts hold or not.
fn is_condition(model: &Model, expr: &Expr) -> bool {
    let is_read = matches!(expr.kind, ExprKind::Value(_) | ExprKind::Field(_) | ExprKind::Property(_));
    model.type_of(expr) == Type::Flag && !is_read
}

/// The command that somebody seems to have typed in plain English, or without its colon.
fn as_command(input: &str) -> Option<String> {
    let input = input.trim().trim_end_matches('?').trim_end();
    let (first, rest) = input.split_once(char::is_whitespace)?;
    let (first, rest) = (first.to_ascii_lowercase(), rest.trim());
    let what_if = if first == "what" { rest.get(..3).filter(|w| w.eq_ignore_ascii_case("if ")) } else { None };
    if what_if.is_some() {
        let change = rest.get(3..)?.trim();
        let is_value = change.contains('=') && !change.contains(['<', '>', '!', '(']);
        return match change.find('(') {
            _ if is_value => Some(format!(":set {change}")),
            Some(open) if change.get(..open)?.chars().all(|c| c == '_' || c.is_alphanumeric()) => {
                Some(format!(":did {change}"))
            }
            _ => None,
        };
    }
    let is_command = super::commands::COMMANDS.iter().any(|c| c.name == first);
    (is_command && !reserved::STATEMENTS.contains(&&*first)).then(|| format!(":{first} {rest}"))
}

/// Whether what cannot be read begins as a statement does.
fn looks_like_statements(input: &str) -> bool {
    let bare: String = input.lines().filter(|l| !l.trim_start().starts_with('#')).flat_map(|l| [l, "\n"]).collect();
    let input = bare.as_str();
    let mut tokens = input.split_whitespace();
    let first = tokens.next().unwrap_or("").to_ascii_lowercase();
    let second = tokens.next().unwrap_or("").to_ascii_lowercase();
    let is_name = !reserved::is_reserved(&first) && !name_key(&first).is_empty();
    let begins = reserved::STATEMENTS.contains(&first.as_str()) && !first.contains('(');
    begins
        || (is_name
            && (second == "if" || second == "when" || second == "and" && input.to_ascii_lowercase().contains(" above")))
}

/// A text that goes on in the next line is one text: the line break in it is a space.
fn joined_texts(input: &str) -> String {
    let mut out = String::with_capacity(input.len());
    let (mut in_text, mut in_comment, mut escaped) = (false, false, false);
    for c in input.chars() {
        match c {
            '\n' if in_text => {
                out.push(' ');
                escaped = false;
                continue;
            }
            '\n' => in_comment = false,
            '#' if !in_text => in_comment = true,
            '"' if !in_comment && !escaped => in_text = !in_text,
            _ => {}
        }
        escaped = in_text && !escaped && c == '\\';
        out.push(c);
    }
    out
}
