//! Going about among the leads: lists, pages, the next one, all of them.

use super::{Answered, Reply, Session, refused, tell};
use crate::columns::Table;
use crate::diagnostic::Diagnostic;
use crate::eval::Interpreter;
use crate::messages::counted;
use crate::points::to_text;
use crate::shown::one_line;
use crate::text::name_key;

/// So many leads make a page.
const PAGE: usize = 20;
/// So many columns of the file are shown beside the answer.
const MOST_COLUMNS: usize = 3;

impl Session {
    pub(super) fn leads(&mut self, rest: &str) -> Answered {
        self.model()?;
        if rest.eq_ignore_ascii_case("more") {
            return self.page();
        }
        let (condition, by_score) = split_order(rest);
        let (mut listing, problems) =
            if condition.is_empty() { ((0..self.book.len()).collect(), Vec::new()) } else { self.those(condition)? };
        if by_score {
            let standings = self.standings();
            // Those without a score come last.
            listing.sort_by_key(|&i| std::cmp::Reverse(standings.get(i).and_then(|s| s.score)));
        }
        if listing.is_empty() {
            return Ok(Reply {
                text: format!("for none of {} leads\n", self.book.len()),
                problems,
                ..Reply::default()
            });
        }
        let mut reply = Reply { problems, ..Reply::default() };
        if !condition.is_empty() {
            reply.text = format!("{} of {} leads\n", listing.len(), self.book.len());
        }
        self.listing = listing;
        let page = self.page()?;
        reply.text.push_str(&page.text);
        Ok(reply)
    }

    /// The leads for which a condition holds.
    fn those(&self, condition: &str) -> Result<(Vec<usize>, Vec<Diagnostic>), Box<Reply>> {
        // `:leads sql` can only mean one thing.
        let is_stage = self
            .model()?
            .ladder
            .stages
            .iter()
            .map(String::as_str)
            .chain(["disqualified", "excluded"])
            .any(|s| s.eq_ignore_ascii_case(condition));
        let condition = if is_stage { format!("stage = {condition}") } else { condition.to_owned() };
        let (typed, question) = self.asked(&condition)?;
        let Some(model) = &typed.checked.model else { return Ok((Vec::new(), Vec::new())) };
        let holds = self.book.each(model, self.as_of(), &self.edits, &|interpreter, lead| {
            lead.is_some_and(|lead| {
                interpreter.beside(lead, &interpreter.evaluate(lead), |beside| beside.expects(&question)) == Some(true)
            })
        });
        let those = holds.iter().enumerate().filter(|(_, holds)| **holds).map(|(i, _)| i).collect();
        Ok((those, self.unknown_names(&self.known_fields(), model)))
    }

    /// The next page of the leads that were asked for.
    fn page(&mut self) -> Answered {
        if self.listing.is_empty() {
            return Ok(Reply::text("that was the last page\n"));
        }
        let rest = self.listing.split_off(self.listing.len().min(PAGE));
        let page = std::mem::replace(&mut self.listing, rest);
        let mut text = self.table(&page);
        if !self.listing.is_empty() {
            text.push_str(&format!("{} more: `:leads more`\n", self.listing.len()));
        }
        Ok(Reply::text(text))
    }

    fn table(&mut self, leads: &[usize]) -> String {
        let standings = self.standings();
        let id_key =
            |name: &String| matches!(name_key(name).as_str(), "lead_id" | "id" | "record_id" | "contact_id" | "events");
        let columns: Vec<String> = self.book.names.iter().filter(|n| !id_key(n)).take(MOST_COLUMNS).cloned().collect();
        let mut table = Table::new(Vec::new(), Some(self.width));
        let fixed = ["", "lead", "stage", "score", "could be"].map(str::to_owned);
        table.header(fixed.into_iter().chain(columns.iter().cloned()).collect());
        for &i in leads {
            let Some(standing) = standings.get(i) else { continue };
            let here = if i == self.current {
                "›"
            } else if self.edits.contains_key(&i) {
                "*"
            } else {
                ""
            };
            let could_be = if standing.could_be == standing.stage { "" } else { &standing.could_be };
            let score = standing.score.map_or(String::new(), to_text);
            let mut row = vec![
                here.to_owned(),
                self.book.id(i).to_owned(),
                standing.stage.to_string(),
                score,
                could_be.to_owned(),
            ];
            row.extend(columns.iter().map(|c| self.book.cell(i, &name_key(c), &self.edits).unwrap_or_default()));
            // Writing to memory cannot fail.
            let _ = table.row(row);
        }
        table.finish().map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
    }

    pub(super) fn lead(&mut self, rest: &str) -> Answered {
        if !rest.is_empty() {
            self.current = match self.book.find(rest) {
                Some(at) => at,
                None if rest.eq_ignore_ascii_case("new") => self.book.add_made_up(),
                None => {
                    let near = crate::suggest::nearest(rest, self.book.ids());
                    let file = if self.book.is_loaded() { self.book.name.clone() } else { "this session".to_owned() };
                    return Err(refused(crate::messages::data::no_such_lead(rest, near, &file)));
                }
            };
            if self.standings.as_ref().is_some_and(|s| s.len() != self.book.len()) {
                self.standings = None;
            }
        }
        self.show()
    }

    pub(super) fn next(&mut self) -> Answered {
        self.current = (self.current + 1) % self.book.len().max(1);
        self.show()
    }

    /// The lead at hand: its answer, its cells, and what was changed.
    fn show(&mut self) -> Answered {
        let model = self.model()?;
        let lead = self.lead_at_hand(model)?;
        let interpreter = Interpreter::new(model, self.as_of());
        let answer = tell::Answer::of(model, &interpreter, &lead);
        let place =
            if self.book.len() > 1 { format!(" ({} of {})", self.current + 1, self.book.len()) } else { String::new() };
        let mut text = format!("{}{place}\n", answer.in_a_line(self.id()));
        let edits = self.edits.get(&self.current).cloned().unwrap_or_default();
        let set: Vec<&String> = edits.cells.iter().map(|(k, _)| k).collect();
        let mut cells: Vec<(String, String)> = Vec::new();
        for name in &self.book.names {
            let key = name_key(name);
            if key != "events"
                && !set.contains(&&key)
                && let Some(cell) = self.book.cell(self.current, &key, &self.edits)
            {
                cells.push((name.clone(), cell));
            }
        }
        cells.extend(edits.cells.iter().map(|(key, cell)| {
            (
                format!("{key} (set)"),
                if cell.as_text().is_empty() { "missing".to_owned() } else { cell.as_text().into_owned() },
            )
        }));
        let cells: Vec<_> = cells.iter().map(|(name, cell)| (one_line(name), one_line(cell))).collect();
        let width = cells.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
        for (name, cell) in cells {
            let line: String = cell.chars().take(80).collect();
            text.push_str(&format!("  {name:width$}  {line}\n"));
        }
        let records = lead.activity.len() - edits.records();
        let also = if edits.did.is_empty() { String::new() } else { format!(", and {} done here", edits.records()) };
        text.push_str(&format!("  {}{also}\n", counted(records as u64, "activity", "activities")));
        Ok(Reply::text(text))
    }

    pub(super) fn all(&mut self) -> Answered {
        self.model()?;
        let standings = self.standings();
        let mut text =
            format!("{} as of {}\n", counted(standings.len() as u64, "lead", "leads"), self.as_of_for_people());
        text.push_str(&tell::funnel(self.model()?, &standings));
        match &self.before {
            Some(before) => {
                text.push_str("since before the last rule: ");
                text.push_str(&tell::moves(&|i| self.book.id(i), before, &standings, true));
            }
            None if self.book.is_loaded() => text.push_str("no rule was typed yet\n"),
            None => {}
        }
        let mut listing: Vec<usize> = (0..standings.len()).collect();
        listing.sort_by_key(|&i| std::cmp::Reverse(standings.get(i).and_then(|s| s.score)));
        self.listing = listing;
        text.push('\n');
        text.push_str(&self.page()?.text);
        Ok(Reply::text(text))
    }
}

/// What stands before `by score` at the end, and whether it does.
fn split_order(rest: &str) -> (&str, bool) {
    let lower = rest.to_ascii_lowercase();
    match lower.strip_suffix("by score") {
        Some(head) if head.is_empty() || head.ends_with(char::is_whitespace) => {
            (rest.get(..head.len()).unwrap_or("").trim(), true)
        }
        _ => (rest, false),
    }
}
