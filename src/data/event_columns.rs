//! Which column of an activity file plays which part.
//!
//! Owns the usual names and the reading of `--event-columns`.

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
    pub(super) fn name(self) -> &'static str {
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
/// here, else the usual ones.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EventColumns {
    given: Vec<(Part, String)>,
    /// How instants are written, and where those without an offset are meant.
    pub format: CellFormat,
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
            let twice = columns.given.iter().any(|(p, c)| *p == known || path_key(c) == path_key(column));
            if twice {
                return Err(messages::event_columns_twice(piece));
            }
            columns.given.push((known, column.to_owned()));
        }
        Ok(columns)
    }

    /// The column that plays a part.
    pub(super) fn column(&self, part: Part) -> &str {
        self.given(part).unwrap_or(part.name())
    }

    /// The column that was named for a part.
    pub(super) fn given(&self, part: Part) -> Option<&str> {
        self.given.iter().find(|(p, _)| *p == part).map(|(_, column)| column.as_str())
    }

    /// The part that a column with this key plays.
    #[must_use]
    pub fn part_of(&self, key: &str) -> Option<Part> {
        let plays = |&part: &Part| {
            let column = self.column(part);
            path_key(column) == key || text::name_key(column) == key
        };
        // What was named comes before what is usual: in `target=type`, the column `type` is the target.
        let named = self.given.iter().map(|&(part, _)| part).find(plays);
        named.or_else(|| Part::ALL.into_iter().find(plays))
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
        assert_eq!(EventColumns::parse("").unwrap(), EventColumns::default());
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
