//! "Did you mean …?"

/// The candidate nearest to what was typed, if it is near enough: one slip in three letters, three at most. A word that is
/// itself a candidate has no better one.
pub fn nearest<'a>(typed: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let (typed, length) = (typed.to_lowercase(), length(typed));
    within(&typed, candidates, (length / 3).clamp(1, 3))
        .filter(|&(slips, c)| slips > 0 && c.chars().count().max(length) > 2)
        .min_by_key(|&(slips, _)| slips)
        .map(|(_, c)| c)
}

/// The file or column nearest to a name, which may be long, and whose case may be all that differs.
pub fn nearest_of_data<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    within(&name.to_lowercase(), candidates, (length(name) / 3).max(1)).min().map(|(_, c)| c)
}

/// Whether one slip lies between two words, in any case.
#[must_use]
pub fn is_one_slip(a: &str, b: &str) -> bool {
    within(&a.to_lowercase(), [b], 1).any(|(slips, _)| slips == 1)
}

/// The candidates that lie no more slips away from a word in lower case, and how many: a letter more, less or other, or two that
/// changed places.
fn within<'a>(
    typed: &str,
    candidates: impl IntoIterator<Item = &'a str>,
    most: usize,
) -> impl Iterator<Item = (usize, &'a str)> {
    let length = typed.chars().count();
    candidates
        .into_iter()
        .map(|c| (c.to_lowercase(), c))
        // Words that differ more in length are no nearer than that.
        .filter(move |(lower, _)| lower.chars().count().abs_diff(length) <= most)
        .map(move |(lower, c)| (strsim::osa_distance(typed, &lower), c))
        .filter(move |&(slips, _)| slips <= most)
}

fn length(word: &str) -> usize {
    word.to_lowercase().chars().count()
}

#[cfg(test)]
mod tests {
    use super::{is_one_slip, nearest, nearest_of_data};

    #[test]
    fn only_what_is_near() {
        assert_eq!(nearest("whne", ["when", "where"]), Some("when"));
        assert_eq!(nearest("sqll", ["sql", "mql"]), Some("sql"));
        assert_eq!(nearest("emplyees", ["employees", "country"]), Some("employees"));
        assert_eq!(nearest("then", ["country"]), None);
        assert_eq!((nearest("Leads", ["leads"]), nearest_of_data("Leads", ["leads"])), (None, Some("leads")));
        assert!(is_one_slip("emplyees", "Employees") && !is_one_slip("employees", "employees"));
    }
}
