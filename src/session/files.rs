//! Files: loading, loading again, saving.

use std::path::Path;
use std::rc::Rc;

use super::book::{AllEdits, Book};
use super::rules::Rules;
use super::{Answered, Reply, Session, Waiting, refused};
use crate::data;
use crate::diagnostic::Diagnostic;
use crate::format;
use crate::messages::{counted, session as say};
use crate::output::{Inputs, write_whole};
use crate::paths::path_of;
use crate::shown::one_line;

/// A file that waits to be written.
pub(super) struct Save {
    path: String,
    text: String,
}

/// What a file holds.
enum Kind {
    Rules,
    Leads,
    Activity,
}

impl Session {
    /// Reads the files that a session begins with; the sample where there is none. Says what is at hand.
    pub fn begin(&mut self, model: Option<&str>, leads: Option<&str>, events: &[&str]) -> Reply {
        let mut reply = Reply::default();
        if model.is_none() && leads.is_none() && events.is_empty() {
            self.take_sample();
            reply.text = super::sample::TRY.to_owned();
            return reply;
        }
        let mut add = |part: Answered| {
            let part = part.unwrap_or_else(|refused| *refused);
            reply.text.push_str(&part.text);
            if !part.problems.is_empty() {
                reply.problems.extend(part.problems);
                if !part.sources.files.is_empty() {
                    reply.sources = part.sources;
                }
            }
        };
        if let Some(path) = model {
            add(self.load_rules(path));
        }
        if leads.is_some() || !events.is_empty() {
            add(self.load_leads(leads, events));
        }
        reply
    }

    pub(super) fn load(&mut self, rest: &str) -> Answered {
        let paths = split_paths(rest);
        if paths.is_empty() {
            return Err(refused(say::command_wants(
                "load",
                "one file or more",
                ":load rules.merit leads.csv activity.csv",
            )));
        }
        let (mut rules, mut leads, mut events) = (None, None, Vec::new());
        for path in &paths {
            match kind(path).map_err(refused)? {
                Kind::Rules => rules = Some(path.as_str()),
                Kind::Leads => leads = Some(path.as_str()),
                Kind::Activity => events.push(path.as_str()),
            }
        }
        let mut reply = Reply::default();
        if let Some(path) = rules {
            reply = self.load_rules(path)?;
        }
        if leads.is_some() || !events.is_empty() {
            let more = self.load_leads(leads, &events)?;
            reply.text.push_str(&more.text);
            reply.problems.extend(more.problems);
        }
        Ok(reply)
    }

    fn load_rules(&mut self, path: &str) -> Answered {
        let (rules, checked) = Rules::load(path).map_err(refused)?;
        // A model that has errors takes the place of none that has not.
        if rules.model().is_none()
            && self.rules.model().is_some_and(|m| !m.stage_lines.is_empty() || !m.fields.is_empty())
        {
            return Err(Box::new(Reply::problems(checked.diagnostics, checked.sources)));
        }
        if !self.rules.text().trim().is_empty() {
            self.remember(format!("{path} was loaded"));
        }
        self.rules = Rc::new(rules);
        (self.standings, self.before) = (None, None);
        let text = self.rules.model().map_or(String::new(), |model| {
            let name = model.info.name.as_ref().map_or(String::new(), |n| format!(" \"{n}\""));
            let version = model.info.version.as_ref().map_or(String::new(), |v| format!(", version {v}"));
            let rules = count_rules(model);
            let told = format!(
                "{path}{name}{version}: {}, stages {}",
                counted(rules as u64, "rule", "rules"),
                model.ladder.stages.join(", ")
            );
            format!("{}\n", one_line(&told))
        });
        let mut reply = Reply { text, problems: checked.diagnostics, sources: checked.sources, ..Reply::default() };
        // Rules say how files are read, too.
        if self.book.is_read_otherwise(&self.reading, self.rules.model()) {
            let events = self.book.events_paths.clone();
            let more = self.load_leads(None, &events.iter().map(String::as_str).collect::<Vec<_>>())?;
            reply.text.push_str(&more.text);
            reply.problems.extend(more.problems);
        }
        Ok(reply)
    }

    fn load_leads(&mut self, leads: Option<&str>, events: &[&str]) -> Answered {
        let leads_path = leads.map(str::to_owned).or_else(|| self.book.leads_path.clone());
        let Some(leads_path) = leads_path else {
            return Err(refused(say::no_leads("to which the activity could belong")));
        };
        // New leads come without the activity of the old ones.
        let (book, notes) = Book::load(&leads_path, events, &self.reading, self.rules.model()).map_err(refused)?;
        self.book = book;
        self.edits = AllEdits::new();
        self.current = 0;
        // What was changed about other leads does not come back.
        self.past.iter_mut().for_each(|past| past.edits.clear());
        self.listing.clear();
        (self.standings, self.before) = (None, None);
        let (leads, records) = (self.book.len() as u64, self.book.records() as u64);
        let text = format!(
            "{}: {}, {}\n",
            one_line(&self.book.name),
            counted(leads, "lead", "leads"),
            counted(records, "activity", "activities")
        );
        Ok(Reply { text, problems: notes, ..Reply::default() })
    }

    pub(super) fn reload(&mut self) -> Answered {
        let mut reply = Reply::default();
        let changed = self.rules.is_changed();
        if let Some(path) = self.rules.path.clone() {
            reply = self.read_again(&path)?;
        }
        if let Some(path) = self.book.leads_path.clone() {
            let events = self.book.events_paths.clone();
            let id = self.id().to_owned();
            let more = self.load_leads(Some(&path), &events.iter().map(String::as_str).collect::<Vec<_>>())?;
            self.current = self.book.find(&id).unwrap_or(0);
            reply.text.push_str(&more.text);
            reply.problems.extend(more.problems);
        }
        if reply.text.is_empty() && reply.problems.is_empty() {
            return Ok(Reply::text("nothing here comes from a file\n"));
        }
        if changed {
            reply.text.push_str("what was typed at the rules is gone; `:undo` brings it back\n");
        }
        Ok(reply)
    }

    /// The rules as their file has them now; what was at hand can be brought back.
    fn read_again(&mut self, path: &str) -> Answered {
        let (rules, checked) = Rules::load(path).map_err(refused)?;
        if rules.model().is_none() {
            // The rules that are at hand stay.
            let mut reply = Reply::problems(checked.diagnostics, checked.sources);
            reply.text = format!("{path} has errors now; the rules at hand stay as they were\n");
            return Err(Box::new(reply));
        }
        let before = self.now();
        self.remember(format!("{path} was read again"));
        self.rules = Rc::new(rules);
        let effects = self.effects(&before);
        self.before = before.all;
        Ok(Reply {
            text: format!("{path} was read again\n{effects}"),
            problems: checked.diagnostics,
            sources: checked.sources,
            ..Reply::default()
        })
    }

    /// Reads the rule file again where it changed since it was read; nothing where it did not.
    pub fn refresh(&mut self) -> Option<Reply> {
        let path = self.rules.path.clone()?;
        let change = self.rules.file_changed()?;
        Rc::make_mut(&mut self.rules).told_of(change);
        if self.rules.is_changed() {
            return Some(Reply::text(format!(
                "{path} changed, and so did the rules here: `:reload` takes the file, `:save` keeps what is here\n"
            )));
        }
        Some(self.read_again(&path).unwrap_or_else(|refused| *refused))
    }

    pub(super) fn save(&mut self, rest: &str) -> Answered {
        let path = match (rest, &self.rules.path) {
            ("", Some(path)) => path.clone(),
            ("", None) => return Err(refused(say::command_wants("save", "the name of a file", ":save rules.merit"))),
            (given, _) => given.trim_matches('"').to_owned(),
        };
        self.inputs().allow(&path).map_err(|problem| refused(say::not_saved(problem)))?;
        let rules = self.rules.text();
        let text = format::format(rules).map_or_else(|_| rules.to_owned(), |formatted| formatted.text);
        let save = Save { path, text };
        if path_of(&save.path).exists() {
            let question = format!("{} exists. Replace it?", save.path);
            self.waiting = Some(Waiting::Save(save));
            return Ok(Reply { question: Some(question), ..Reply::default() });
        }
        self.write(&save)
    }

    /// Answers the question that a reply asked.
    pub fn answer(&mut self, yes: bool) -> Reply {
        match (self.waiting.take(), yes) {
            (Some(Waiting::Save(save)), true) => self.write(&save).unwrap_or_else(|refused| *refused),
            (Some(Waiting::Save(save)), false) => Reply::text(format!("{} is as it was\n", save.path)),
            (Some(Waiting::Quit), true) => Reply { is_over: true, ..Reply::default() },
            (Some(Waiting::Quit), false) => Reply::text("`:save` writes them to a file\n"),
            (None, _) => Reply::default(),
        }
    }

    /// Nobody is there to answer: the question becomes an error.
    pub fn nobody_answers(&mut self) -> Reply {
        match self.waiting.take() {
            Some(Waiting::Save(save)) => Reply::problem(say::file_is_there(&save.path)),
            Some(Waiting::Quit) => Reply { is_over: true, ..Reply::default() },
            None => Reply::default(),
        }
    }

    /// What is read here and must stay: not the rules themselves, which are what is saved.
    fn inputs(&self) -> Inputs {
        let events = self.book.events_paths.iter().map(String::as_str);
        let inputs = Inputs::none().and_leads(self.book.leads_path.as_deref(), events);
        self.rules.model().map_or(inputs.clone(), |model| inputs.and_used(model))
    }

    fn write(&mut self, save: &Save) -> Answered {
        write_whole(&save.path, &save.text, &self.inputs()).map_err(|problem| refused(say::not_saved(problem)))?;
        Rc::make_mut(&mut self.rules).saved(&save.path, save.text.clone());
        Ok(Reply::text(format!("wrote {}\n", save.path)))
    }
}

/// Rules, leads or activity: by the name, then by the columns.
fn kind(path: &str) -> Result<Kind, Diagnostic> {
    if Path::new(path).extension().is_some_and(|e| e.eq_ignore_ascii_case("merit")) {
        return Ok(Kind::Rules);
    }
    let input = data::open(path_of(path), &data::Options::default())?;
    let leads = data::Leads::new(input, &data::Options::default())?;
    let keys = &leads.columns().keys;
    let has = |key: &str| keys.iter().any(|k| k == key);
    Ok(if has("lead_id") && has("type") && has("at") { Kind::Activity } else { Kind::Leads })
}

/// Paths with spaces between them; one that holds spaces stands in quotes.
fn split_paths(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let (path, more) = match rest.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
            None => rest.split_once(char::is_whitespace).unwrap_or((rest, "")),
        };
        out.push(path.to_owned());
        rest = more.trim_start();
    }
    out
}

/// How many rules a model has.
fn count_rules(model: &crate::model::Model) -> usize {
    use crate::model::Scoring;
    fn of(items: &[Scoring]) -> usize {
        items
            .iter()
            .map(|item| match item {
                Scoring::Rule(_) | Scoring::Table(_) => 1,
                Scoring::Choice { items, .. } => of(items),
            })
            .sum()
    }
    of(&model.loose) + model.groups.iter().map(|g| of(&g.items)).sum::<usize>()
}
