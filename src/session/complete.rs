//! What could be typed next in a session: commands with their arguments; all else is completed as in a file.

use super::Session;
use super::commands::{self, COMMANDS, Kind};
use crate::builtins::FUNCTIONS;
use crate::complete::{MOST, Proposals, Sample, VALUES, complete, fields_and_columns, names, proposals};
use crate::diagnostic::Code;
use crate::symbols::SymbolKind;
use crate::text::name_key;

impl Session {
    /// What could stand at the cursor, which is behind `line`.
    #[must_use]
    pub fn complete(&self, line: &str) -> Proposals {
        match line.strip_prefix(':') {
            Some(command) => self.complete_command(line, command),
            None => complete(line, 0, self.rules.symbols(), self),
        }
    }

    fn complete_command(&self, line: &str, command: &str) -> Proposals {
        let Some((word, rest)) = command.split_once(char::is_whitespace) else {
            return proposals(1, command, COMMANDS.iter().map(|c| c.name.to_owned()));
        };
        let Ok(command) = commands::find(word) else { return Proposals::default() };
        let last = rest.rfind(char::is_whitespace).map_or(rest, |at| rest.get(at + 1..).unwrap_or(""));
        let (start, begun) = (line.len() - last.len(), last);
        match command.kind {
            Kind::Load | Kind::Save => Proposals { start, words: Vec::new(), wants_file: true },
            Kind::Lead | Kind::Explain => proposals(line.len() - rest.len(), rest, self.book.ids().map(str::to_owned)),
            Kind::Help => {
                let functions = FUNCTIONS.iter().map(|f| f.name.to_owned());
                let codes = Code::ALL.iter().map(|c| c.name().to_owned());
                proposals(start, begun, COMMANDS.iter().map(|c| c.name.to_owned()).chain(functions).chain(codes))
            }
            Kind::Why => proposals(
                start,
                begun,
                std::iter::once("not".to_owned()).chain(names(self.rules.symbols(), &[SymbolKind::Stage])),
            ),
            Kind::Model | Kind::Drop => proposals(start, begun, names(self.rules.symbols(), VALUES).into_iter()),
            Kind::Set => match rest.split_once('=') {
                None => {
                    proposals(line.len() - rest.len(), rest, fields_and_columns(self.rules.symbols(), self).into_iter())
                }
                Some((field, value)) => {
                    let value = value.trim_start();
                    proposals(line.len() - value.len(), value, self.values_of(field.trim(), MOST).into_iter())
                }
            },
            Kind::Did | Kind::Leads => complete(line, line.len() - rest.len(), self.rules.symbols(), self),
            Kind::Reset => proposals(start, begun, std::iter::once("all".to_owned())),
            Kind::Test => {
                let tests = self.rules.model().map_or(Vec::new(), |m| m.tests.iter().map(|t| t.name.clone()).collect());
                proposals(line.len() - rest.len(), rest, tests.into_iter())
            }
            _ => Proposals::default(),
        }
    }
}

impl Sample for Session {
    fn columns(&self) -> Vec<String> {
        self.book.names.clone()
    }

    fn values_of(&self, field: &str, most: usize) -> Vec<String> {
        let key = name_key(field.trim_matches('`'));
        let keys = self
            .rules
            .model()
            .and_then(|m| m.fields.iter().find(|f| f.keys.contains(&key)))
            .map_or(vec![key], |f| f.keys.clone());
        keys.iter().flat_map(|k| self.book.values_of(k, most)).collect()
    }

    fn activity_types(&self, most: usize) -> Vec<String> {
        self.book.activity_types(most)
    }

    fn targets_of(&self, kind: &str, most: usize) -> Vec<String> {
        self.book.targets_of(kind, most)
    }
}
