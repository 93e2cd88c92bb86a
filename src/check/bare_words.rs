//! Words that are read as columns, and surely mean something else: stages, `points`, verdicts, activity.

use super::expressions::Place;
use super::names::Checker;
use crate::messages::names as say;
use crate::reserved;
use crate::suggest::is_one_slip;
use crate::value::Type;

impl Checker<'_> {
    /// Tells of words that stand alone as a condition, or are compared with a number, as no column of such a name would be. Types are
    /// known by now; compared with a text, it is a column.
    pub(super) fn bare_words(&mut self) {
        for (key, (name, place)) in std::mem::take(&mut self.bare) {
            let Some(&id) = self.fields_by_key.get(&key) else { continue };
            let of_type = self.types.told(self.field_types[id.0]).map(|(of_type, _)| of_type);
            let (Some(of_type), false) = (of_type, self.model.fields[id.0].is_declared) else { continue };
            let (text, at) = (&name.text, name.span);
            let is_plain = matches!(of_type, Type::Flag | Type::Number);
            if is_plain && let Some(rank) = self.rank_of(text) {
                let stage = self.model.ladder.stages.get(rank).cloned().unwrap_or_else(|| text.clone());
                let is_decided = matches!(place, Place::Label(_) | Place::Review | Place::Expect);
                self.say(say::bare_stage(at, text, &stage, is_decided));
            } else if is_plain && ["disqualified", "excluded"].iter().any(|w| text.eq_ignore_ascii_case(w)) {
                self.say(say::bare_verdict(at, text));
            } else if of_type == Type::Number && is_the_score(text) {
                self.say(say::bare_score(at, text));
            } else if matches!(of_type, Type::Flag | Type::Date) && self.known_activity_type(text).is_some() {
                self.say(say::bare_activity(at, text));
            } else if matches!(of_type, Type::Flag | Type::Date) && is_done(text, of_type) {
                self.say(say::bare_usual_activity(at, text));
            }
        }
    }
}

/// `points`, `scoer`: what is compared with a number as the score is.
fn is_the_score(text: &str) -> bool {
    text.eq_ignore_ascii_case("points") || is_one_slip(&text.to_lowercase(), "score")
}

/// `unsubscribed`, `inactive in last 90 days`: what leads do, as a bare word. Whether they are active a column may well say.
fn is_done(text: &str, of_type: Type) -> bool {
    let lower = text.to_lowercase();
    reserved::USUAL_ACTIVITY.contains(&&*lower) || of_type == Type::Date && matches!(&*lower, "active" | "inactive")
}
