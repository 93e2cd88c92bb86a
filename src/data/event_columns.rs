//! Which column of an activity file plays which part.
//!
//! Owns the usual names and the reading of `--event-columns`.

use super::Layout;
use crate::diagnostic::Diagnostic;
use crate::messages::data as messages;
use crate::suggest::nearest_of_data;
use crate::text::{self, path_key};
use crate::value::CellFormat;

/// What a column of an activity file can be, other than a property.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The lead's id.
    LeadId,
    /// The type.
    Type,
    /// The target.
    Target,
    /// The instant.
    At,
    /// What tells copies of a record.
    EventId,
}

impl Part {
    pub(super) const ALL: [Part; 5] = [Part::LeadId, Part::Type, Part::Target, Part::At, Part::EventId];

    /// The name, which is the usual name of the column too.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Part::LeadId => "lead_id",
            Part::Type => "type",
            Part::Target => "target",
            Part::At => "at",
            Part::EventId => "event_id",
        }
    }

    /// Whether no activity can do without it.
    pub(super) fn is_required(self) -> bool {
        matches!(self, Part::LeadId | Part::Type)
    }
}

/// Which column of an activity file holds the lead, the type, the target, the instant and the event id: those named
/// here, else the usual ones; and how the file looks.
#[derive(Debug, Clone, Default)]
pub struct EventColumns {
    given: Vec<Given>,
    /// How cells are written, and where times without an offset are meant.
    pub format: CellFormat,
    /// How the file looks.
    pub layout: Layout,
    /// Of the columns of the lead, those that hold something else than its id.
    keyed: Vec<String>,
}

/// The columns that were named for a part: the first that is not missing counts.
#[derive(Debug, Clone)]
struct Given {
    part: Part,
    columns: Vec<String>,
    /// Whether the usual column counts where none of them says anything.
    or_usual: bool,
}

impl EventColumns {
    /// Reads `lead_id=contact,type=event,at=when`.
    ///
    /// # Errors
    /// Where a piece has no `=`, names no part or no column, or names one a second time.
    pub fn parse(text: &str) -> Result<EventColumns, Diagnostic> {
        let mut columns = EventColumns::default();
        for piece in text.split(',').map(text::trim).filter(|piece| !piece.is_empty()) {
            let Some((part, column)) = piece.split_once('=') else {
                return Err(messages::event_columns_without_equals(piece));
            };
            let (part, column) = (text::trim(part), text::trim(column).trim_matches('`'));
            let names = Part::ALL.map(Part::name);
            let Some(known) = Part::ALL.into_iter().find(|p| p.name() == text::name_key(part)) else {
                return Err(messages::no_such_event_part(part, nearest_of_data(part, names), &names));
            };
            if column.is_empty() {
                return Err(messages::event_part_without_column(known.name()));
            }
            let is_same = |c: &String| path_key(c) == path_key(column);
            if columns.given.iter().any(|g| g.part == known || g.columns.iter().any(is_same)) {
                return Err(messages::event_columns_twice(piece));
            }
            columns.given.push(Given { part: known, columns: vec![column.to_owned()], or_usual: false });
        }
        Ok(columns)
    }

    /// The same, with columns for a part for which none was named; the usual one counts too, where it may.
    pub fn name(&mut self, part: Part, columns: &[String]) {
        if !columns.is_empty() && !self.names(part) {
            self.given.push(Given { part, columns: columns.to_vec(), or_usual: part != Part::LeadId });
        }
    }

    /// Whether a column was named for a part.
    #[must_use]
    pub fn names(&self, part: Part) -> bool {
        self.given.iter().any(|g| g.part == part)
    }

    /// The same, with columns that say whose an activity is, behind those named before; by something else than the lead's id where
    /// `is_keyed`.
    pub fn name_leads(&mut self, columns: &[String], is_keyed: bool) {
        match self.given.iter_mut().find(|g| g.part == Part::LeadId) {
            Some(given) => given.columns.extend_from_slice(columns),
            None => self.name(Part::LeadId, columns),
        }
        if is_keyed {
            self.keyed.extend_from_slice(columns);
        }
    }

    /// Whether leads are named by something else than their id in some file.
    #[must_use]
    pub fn is_keyed(&self) -> bool {
        !self.keyed.is_empty()
    }

    /// Whether they are in a file with these columns: the first column of the lead that it has decides.
    pub(super) fn is_keyed_in(&self, keys: &[String]) -> bool {
        let rank = |key: &&String| self.rank_of(key).filter(|(part, _)| *part == Part::LeadId).map(|(_, rank)| rank);
        let first = keys.iter().filter(|key| rank(key).is_some()).min_by_key(rank);
        let is = |key: &String| self.keyed.iter().any(|c| path_key(c) == **key || text::name_key(c) == **key);
        first.map_or(self.is_keyed(), is)
    }

    /// The first column that may play a part.
    pub(super) fn column(&self, part: Part) -> &str {
        self.given(part).unwrap_or(part.name())
    }

    /// The first column that was named for a part and must be there.
    pub(super) fn given(&self, part: Part) -> Option<&str> {
        self.given.iter().find(|g| g.part == part).and_then(|g| g.columns.first()).map(String::as_str)
    }

    /// Whether a part has no other column than the one that was named.
    pub(super) fn is_bound(&self, part: Part) -> bool {
        self.given.iter().any(|g| g.part == part && !g.or_usual && g.columns.len() == 1)
    }

    /// The part that a column with this key plays.
    #[must_use]
    pub fn part_of(&self, key: &str) -> Option<Part> {
        self.rank_of(key).map(|(part, _)| part)
    }

    /// The part that a column with this key plays, and its place among the columns of that part: the lowest counts that says
    /// something.
    #[must_use]
    pub fn rank_of(&self, key: &str) -> Option<(Part, usize)> {
        let is = |column: &str| path_key(column) == key || text::name_key(column) == key;
        // What was named comes before what is usual: in `target=type`, the column `type` is the target.
        let named = self.given.iter().find_map(|g| Some((g.part, g.columns.iter().position(|c| is(c))?)));
        named.or_else(|| {
            let may_be_usual = |part: &Part| self.given.iter().find(|g| g.part == *part).is_none_or(|g| g.or_usual);
            Part::ALL.into_iter().filter(may_be_usual).find(|part| is(part.name())).map(|part| (part, usize::MAX))
        })
    }

    /// Whether a part stands inside of the records in the column with this key: `attributes` for `attributes.url`.
    pub(super) fn is_above(&self, key: &str) -> bool {
        let is_below = |column: &String| path_key(column).strip_prefix(key).is_some_and(|rest| rest.starts_with('.'));
        self.given.iter().any(|g| g.columns.iter().any(is_below))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_names() {
        let columns = EventColumns::parse("lead_id=contact, Type = Event Name,at=when").unwrap();
        assert_eq!(columns.part_of("contact"), Some(Part::LeadId));
        assert_eq!(columns.part_of("event_name"), Some(Part::Type));
        assert_eq!(columns.part_of("when"), Some(Part::At));
        assert_eq!(columns.part_of("target"), Some(Part::Target));
        assert_eq!(columns.part_of("type"), None);
        assert_eq!(EventColumns::parse("type=event,target=type").unwrap().part_of("type"), Some(Part::Target));
        assert!(EventColumns::parse("").unwrap().given.is_empty());
    }

    #[test]
    fn slips() {
        let slip = |text: &str| EventColumns::parse(text).unwrap_err();
        assert_eq!(slip("typ=event").message, "`--event-columns` has no part `typ`; did you mean `type`?");
        assert!(slip("colour=red").help.unwrap().contains("lead_id, type, target, at, event_id"));
        assert_eq!(slip("type").message, "`type` in `--event-columns` has no `=`");
        assert_eq!(slip("type=").message, "`--event-columns` names no column for `type`");
        assert_eq!(
            slip("type=a,type=b").message,
            "`type=b` in `--event-columns` names a part or a column a second time"
        );
    }
}
