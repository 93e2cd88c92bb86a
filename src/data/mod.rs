//! From files to leads and activity.
//!
//! Owns everything between a path and the rows of the evaluator: opening, unpacking and decoding (`source`, `bound`, `detect`,
//! `decode`), the `formats` of tables (and `rows` that are in memory already) behind `table`, leads and activity. Knows nothing of
//! models: which column feeds which field is settled elsewhere. Prints nothing; what there is to say comes back as
//! diagnostics, whose sentences stand in `messages::data`.

mod activity;
mod bound;
mod decode;
mod detect;
mod event_columns;
mod footer;
mod formats;
mod layout;
mod lead_activity;
mod leads;
mod orphans;
mod rows;
mod source;
mod streamed;
mod table;
mod tally;

pub use activity::{ActivityFile, ActivityPlaces, ActivityProblems, each_activity, read_activity};
pub use bound::Bound;
pub use event_columns::{EventColumns, Part};
pub use footer::{Footer, LONGEST_FOOTER, footer};
pub use formats::Format;
pub use formats::csv::{Dialect, RowShape};
pub use layout::{IsLeftOut, Layout, RowFilter};
pub use lead_activity::LeadActivity;
pub use leads::{LeadRows, Leads, Row};
pub use orphans::{Difference, Orphans};
pub use rows::Rows;
pub use source::{Input, Options, Portions, Source, open};
pub use streamed::{Opened, Streamed, open_streamed};
pub use table::Columns;
pub use tally::{MOST_VALUES, Seen, Tally, Values};

pub(crate) use bound::Stopped;
pub(crate) use decode::Trouble;
pub(crate) use detect::known_kind;
pub(crate) use leads::row_without_id;
pub(crate) use tally::shown;

#[cfg(test)]
mod tests;
