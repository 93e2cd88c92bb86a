//! A run over files of plain CSV or JSON Lines at full speed: nothing is held that is not needed, and all cores work.
//!
//! Activity is read first and folded to one row of numbers a lead (`events`, `by_lead`); then leads are read, answered and
//! written block by block (`leads`, `cells`). JSON Lines with their activity inside are read line by line (`sample` finds
//! the columns, `objects` the entries, `nested` the leads). `blocks` cuts files between rows, `scan` and `rows` find the cells
//! (`look` is how a processor looks at many bytes at once), `instants` reads the usual shape of time, `ids` are what ids are compared by. What is not plain is left to
//! the careful reader in `data`, from there on.

mod blocks;
mod by_lead;
mod cells;
mod events;
mod ids;
mod instants;
mod kinds;
mod leads;
mod look;
mod nested;
mod objects;
mod rows;
mod sample;
mod scan;

pub use blocks::Blocks;
pub use by_lead::Key;
pub use events::{Folded, Stopped, fold};
pub use ids::id_bytes;
pub use leads::{Answered, Done, Job, LeadKey, Rest, Shape, answer, answer_careful};
pub use nested::LineShape;
pub use sample::sample;
