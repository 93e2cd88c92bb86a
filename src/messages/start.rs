//! What `merit start` is not sure of: each a sentence without a full stop, for the terminal and for the comments of the model.

/// Leads and activity in the wrong order
pub fn swapped(leads: &str, activity: &str) -> String {
    format!("{leads} looks like activity and {activity} like leads: were they swapped?")
}

/// Times of nobody's clock
pub fn times_without_zone() -> String {
    "times without a zone are read as UTC; if they are of your own clock, write `model \"…\" { time zone \"Europe/Berlin\" }`".to_owned()
}

/// `05/06/2025`; `of` is a file, or a column in backticks.
pub fn dates_either_way(of: &str, shapes: &[String]) -> String {
    format!("dates of {of} are read as {}: day and month could be the other way round", shapes.join(", "))
}

/// A column of another name than usual
pub fn taken_for_id(column: &str) -> String {
    format!("`{column}` is taken for the id of leads")
}

/// No id
pub fn no_id() -> String {
    "no column looks like an id: leads are called by the number of their row".to_owned()
}

/// Totals for which there is no condition
pub fn odd_end() -> String {
    "the last rows of the leads look like totals or a footer; write `ignore rows where …` for them".to_owned()
}

/// More columns than are worth a line
pub fn more_columns(count: usize) -> String {
    format!("{count} more columns are not listed; rules may ask for them by their names")
}

/// Activity of nobody
pub fn no_lead_column(file: &str) -> String {
    format!("no column of {file} was found that says whose a record is; write `lead \"…\"` into `activity log`")
}

/// Activity of no type
pub fn no_type_column(file: &str) -> String {
    format!("no column of {file} was found that says what happened; write `type \"…\"` into `activity log`")
}

/// Activity of leads that are not there
pub fn share_of_leads(share: f64, file: &str, column: &str) -> String {
    format!("{:.0} % of the leads that {file} names in `{column}` are in the leads", share * 100.0)
}

/// Types that could be anything
pub fn types_without_meaning(types: &[String]) -> String {
    let types: Vec<String> = types.iter().map(|kind| format!("`{kind}`")).collect();
    format!("what these types of activity mean: {}", types.join(", "))
}

/// Values off the ladder
pub fn values_no_stage(column: &str) -> String {
    format!("some values of `{column}` are no usual stage; `merit run` counts them")
}
