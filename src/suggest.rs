//! "Did you mean …?"

/// The candidate nearest to what was typed, if it is near enough: one slip in three letters, a swap counting as one.
/// A word that is itself a candidate has no better one.
pub fn nearest<'a>(typed: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let typed = typed.to_lowercase();
    let length = typed.chars().count();
    let most = (length / 3).clamp(1, 3);
    candidates
        .into_iter()
        .map(|c| (c.to_lowercase(), c))
        // Words that differ more in length are no nearer than that.
        .filter(|(lower, _)| lower.chars().count().abs_diff(length) <= most)
        .map(|(lower, c)| (strsim::osa_distance(&typed, &lower), c))
        .filter(|&(distance, c)| distance > 0 && distance <= most && c.chars().count().max(length) > 2)
        .min_by_key(|&(distance, _)| distance)
        .map(|(_, c)| c)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn only_what_is_near() {
        assert_eq!(nearest("whne", ["when", "where"]), Some("when"));
        assert_eq!(nearest("sqll", ["sql", "mql"]), Some("sql"));
        assert_eq!(nearest("emplyees", ["employees", "country"]), Some("employees"));
        assert_eq!(nearest("then", ["country"]), None);
    }
}
