//! What there is to say about tests that fail (T6xx).

use super::short;
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// An `expect` that does not hold; `values` are those of its parts, `reasons` what fired and was asked for.
pub fn expectation(
    test: &str,
    at: Span,
    is_unknown: bool,
    values: &[(Span, String)],
    reasons: &[String],
) -> Diagnostic {
    let what = if is_unknown { "is not known" } else { "does not hold" };
    let mut d = Diagnostic::new(Code::T601, format!("what the test \"{}\" expects {what}", short(test)));
    for (span, value) in values {
        d = d.label(*span, value.clone());
    }
    if values.is_empty() {
        d = d.label(at, what);
    }
    if is_unknown {
        return d.help("something it asks for is missing: give it in `lead { … }`, or expect `is missing`");
    }
    let mut reasons: Vec<String> = reasons.iter().map(|r| format!("\"{}\"", short(r))).collect();
    reasons.truncate(8);
    if reasons.is_empty() { d } else { d.help(format!("reasons and reviews of this lead: {}", reasons.join(", "))) }
}
