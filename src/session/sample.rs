//! The sample that a session begins with where no files are given.

use super::Session;
use super::book::Book;
use super::rules::Rules;
use crate::data::{Input, Options};
use crate::time::read_iso;

const MODEL: &str = include_str!("sample/model.merit");
const LEADS: &str = include_str!("sample/leads.csv");
const ACTIVITY: &str = include_str!("sample/activity.csv");
/// The sample's own day.
const AS_OF: &str = "2025-06-30";

/// What to try, in three lines.
pub(super) const TRY: &str = "Eight leads of a small sample are at hand. Try:
  :explain                         why this lead got its answer; :leads lists all of them
  :did booked(\"demo\")              what if this lead also booked a demo? :undo takes it back
  when visited(\"pricing\") add 50   what if prices were worth more? :all shows who moves
";

impl Session {
    /// Puts the sample in place of the rules and leads.
    pub(super) fn take_sample(&mut self) {
        let options = Options::default();
        let open = |name: &str, text: &str| Input::from_bytes(name, text.as_bytes().to_vec(), &options);
        self.rules = std::rc::Rc::new(Rules::of_text("sample.merit", MODEL));
        let book = open("sample-leads.csv", LEADS)
            .and_then(|leads| Book::read(leads, vec![open("sample-activity.csv", ACTIVITY)?], &options));
        self.book = book.map_or_else(|_| Book::empty(), |(book, _)| book);
        self.as_of = read_iso(AS_OF).unwrap_or(self.as_of);
    }
}
