//! A model as a package for dbt: one model of scores, its query by adapter, sources, tests and documentation. Builds offline.
//!
//! Owns the files of the package; each query is written by `sql`, with what dbt fills in: the tables and the as-of.

use std::fmt::Write;

use crate::book;
use crate::model::Model;
use crate::page::Shape;
use crate::sql::{self, AsOf, Dialect, Problem, Refused, Request, Schema, Unsaid};
use crate::time::Instant;
use crate::words::words_of;

/// The adapters of dbt for which there is a dialect.
const ADAPTERS: [Dialect; 6] =
    [Dialect::DuckDb, Dialect::Postgres, Dialect::Spark, Dialect::Databricks, Dialect::Snowflake, Dialect::BigQuery];

/// What is asked of the package.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'w> {
    /// What the package is called, and its model: small letters, digits and `_`.
    pub name: &'w str,
    /// The tables.
    pub schema: &'w Schema,
    /// The columns of the result; the usual ones where none are named.
    pub columns: Option<&'w [String]>,
    /// As of when the examples in the rule book hold.
    pub book_as_of: Instant,
}

/// A package.
pub struct Package {
    /// Its files by their paths, parted by `/`.
    pub files: Vec<(String, String)>,
    /// What keeps some adapters from running the model.
    pub unsaid: Vec<Unsaid>,
}

/// The package.
///
/// # Errors
/// Where no adapter can run the model, or there is no such column of results.
pub fn package(model: &Model, wanted: &Wanted<'_>) -> Result<Package, Problem> {
    let name = wanted.name;
    let (mut macros, mut unsaid) = (Vec::new(), Vec::new());
    for dialect in ADAPTERS {
        let request = Request { dialect, schema: wanted.schema, as_of: AsOf::Filled, columns: wanted.columns };
        match sql::write(model, &request).and_then(without_jinja) {
            Ok(query) => macros.push((dialect, query)),
            Err(Problem::Refused(why)) => Unsaid::add(&mut unsaid, dialect, why),
            Err(problem) => return Err(problem),
        }
    }
    if macros.is_empty() {
        return Err(Problem::Refused(unsaid.into_iter().map(|part| part.refused).collect()));
    }
    let columns = sql::column_names(model, wanted.columns)?;
    let mut files = vec![
        ("dbt_project.yml".to_owned(), project(name)),
        (format!("models/{name}.sql"), scores(name)),
        ("models/sources.yml".to_owned(), sources(name, wanted.schema)),
        ("models/schema.yml".to_owned(), schema(model, name, &columns)),
        ("models/rules.md".to_owned(), rules(model, name, wanted.book_as_of)),
        (format!("macros/{name}_as_of.sql"), as_of(model, name)),
        (format!("macros/{name}_query.sql"), dispatch(name, &macros)),
    ];
    for (dialect, query) in &macros {
        let adapter = dialect.name();
        let text = format!(
            "{{% macro {adapter}__{name}_query(merit_as_of, merit_leads, merit_events) %}}\n{query}{{% endmacro %}}\n"
        );
        files.push((format!("macros/{adapter}__{name}_query.sql"), text));
    }
    files.push(("README.md".to_owned(), readme(model, wanted, &macros, &unsaid)));
    Ok(Package { files, unsaid })
}

/// The query, where nothing in it acts for Jinja but what dbt is to fill in.
fn without_jinja(query: String) -> Result<String, Problem> {
    let others = sql::FILLED.iter().fold(query.clone(), |text, filled| text.replace(filled, ""));
    if ["{{", "{%", "{#"].iter().any(|sign| others.contains(sign)) {
        let what = "a column whose name holds `{{`, `{%` or `{#`, which dbt reads as its own".to_owned();
        return Err(Problem::Refused(vec![Refused { span: Default::default(), what }]));
    }
    Ok(query)
}

/// A text that Jinja leaves alone.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '{' | '%' | '#' | '}') && out.ends_with(['{', '%', '#', '}']) {
            out.push(' ');
        }
        out.push(c);
    }
    out
}

/// A text in quotes, as YAML and JSON have it.
fn quoted(text: &str) -> String {
    serde_json::Value::from(plain(text)).to_string()
}

fn project(name: &str) -> String {
    format!(
        "name: {name}
version: \"1.0.0\"
config-version: 2
require-dbt-version: [\">=1.7.0\", \"<2.0.0\"]
model-paths: [models]
macro-paths: [macros]
# The profile is that of your project; run alone, the package takes the one of this name.
profile: {name}
"
    )
}

fn scores(name: &str) -> String {
    format!(
        "{{{{ config(materialized=var('{name}_materialized', 'table')) }}}}
{{{{ {name}_query({name}_as_of(), source('{name}', 'leads'), source('{name}', 'events')) }}}}
"
    )
}

fn sources(name: &str, schema: &Schema) -> String {
    let parts = |table: &str| {
        let (schema, table) = table.rsplit_once('.').unwrap_or(("", table));
        (schema.rsplit('.').next().unwrap_or("").to_owned(), table.to_owned())
    };
    let ((in_schema, leads), (_, events)) = (parts(&schema.leads), parts(&schema.events));
    let usual = if in_schema.is_empty() { "target.schema".to_owned() } else { format!("'{}'", jinja(&in_schema)) };
    let table = |what: &str, table: &str, of: &str| {
        let identifier = format!("{{{{ var('{name}_{what}', '{}') }}}}", jinja(table));
        format!("      - name: {what}\n        identifier: \"{identifier}\"\n        description: {of}\n")
    };
    format!(
        "version: 2
sources:
  - name: {name}
    description: \"What the scores are worked out from.\"
    schema: \"{{{{ var('{name}_schema', {usual}) }}}}\"
    tables:
{}{}",
        table("leads", &leads, "\"A row for each lead.\""),
        table("events", &events, "\"A row for each thing that a lead did.\""),
    )
}

/// A name in single quotes of Jinja, inside of double quotes of YAML.
fn jinja(name: &str) -> String {
    name.chars().filter(|c| !matches!(c, '\'' | '"' | '\\' | '{' | '}') && !c.is_control()).collect()
}

fn schema(model: &Model, name: &str, columns: &[String]) -> String {
    let title = model.info.name.as_deref().unwrap_or(name);
    let mut out =
        format!("version: 2\nmodels:\n  - name: {name}\n    description: '{{{{ doc(\"{name}_rules\") }}}}'\n");
    let said =
        [("title", Some(title)), ("version", model.info.version.as_deref()), ("owner", model.info.owner.as_deref())];
    out.push_str("    config:\n      meta:\n");
    for (key, value) in said {
        if let Some(value) = value {
            let _ = writeln!(out, "        {key}: {}", quoted(value));
        }
    }
    out.push_str("    columns:\n");
    let others = ["disqualified", "excluded"];
    let ladder: Vec<&str> = model.ladder.stages.iter().map(String::as_str).chain(others).collect();
    for column in columns {
        let about = about(model, column);
        let _ = writeln!(out, "      - name: {}\n        description: {}", quoted(column), quoted(&about));
        let is_stage = ["stage", "could_be"].contains(&column.as_str());
        let tests: &[&str] = match column.as_str() {
            "lead_id" => &["unique", "not_null"],
            _ if is_stage => &["not_null"],
            _ => &[],
        };
        // dbt puts the names between quotes as they are.
        let can_be_tested = is_stage && ladder.iter().all(|stage| !stage.contains(['\'', '\\', '{', '}']));
        if !tests.is_empty() {
            out.push_str("        data_tests:\n");
        }
        for test in tests {
            let _ = writeln!(out, "          - {test}");
        }
        if can_be_tested {
            let names: Vec<String> = ladder.iter().map(|stage| quoted(stage)).collect();
            let _ = writeln!(out, "          - accepted_values:\n              values: [{}]", names.join(", "));
        }
    }
    out
}

/// What a column of the result says, in the model's own words where it has some.
fn about(model: &Model, column: &str) -> String {
    if let Some(group) = model.groups.iter().find(|group| group.name == column) {
        return format!("Points of the group {}.", group.name);
    }
    if model.labels.iter().any(|label| label.name == column) {
        return format!("The label {column}.");
    }
    match column {
        "lead_id" => "The id of the lead, as its table has it.".to_owned(),
        "score" => "All points of the lead; nothing where it is excluded.".to_owned(),
        "stage" => {
            let mut of_stages = Vec::new();
            for line in model.stage_lines.iter().chain(&model.gates) {
                let stage = model.ladder.stages.get(line.stage).map_or("", String::as_str);
                of_stages.push(format!("{stage} if {}", words_of(model, &line.condition)));
            }
            format!("How far the lead has come. {}.", of_stages.join("; "))
        }
        "could_be" => "The highest stage that the lead could have if all that is missing were known.".to_owned(),
        "change" => "How the stage has moved against where the lead stands today.".to_owned(),
        "review" => "Why somebody should look at the lead.".to_owned(),
        "reasons" => "What the score and the stage come from.".to_owned(),
        "missing" => "Fields that are missing and could change the answer.".to_owned(),
        "possible_score" => "The highest score that the lead could have if all that is missing were known.".to_owned(),
        "possible_score_low" => {
            "The lowest score that the lead could have if all that is missing were known.".to_owned()
        }
        "as_of" => "When the answer holds.".to_owned(),
        other => format!("{other}."),
    }
}

fn rules(model: &Model, name: &str, as_of: Instant) -> String {
    let page = book::page(model, as_of, None).render(Shape::Markdown);
    format!("{{% docs {name}_rules %}}\n{}\n{{% enddocs %}}\n", plain(&page))
}

fn as_of(model: &Model, name: &str) -> String {
    let zone = model.zone.name();
    format!(
        "{{#- When the scores hold, in microseconds since 1970: the var merit_as_of, a date (its last moment) or an instant, in the
    model's zone where it says none; else when the run began. -#}}
{{% macro {name}_as_of() %}}
  {{%- set said = var('merit_as_of', none) -%}}
  {{%- set times = modules.datetime -%}}
  {{%- set zone = modules.pytz.timezone('{zone}') -%}}
  {{%- set ns = namespace(at=run_started_at, before=0) -%}}
  {{%- if said is not none and (said | string | length) == 10 -%}}
    {{%- set ns.at = zone.localize(times.datetime.strptime(said | string, '%Y-%m-%d') + times.timedelta(days=1)) -%}}
    {{%- set ns.before = 1 -%}}
  {{%- elif said is not none -%}}
    {{%- set at = times.datetime.fromisoformat((said | string).replace('Z', '+00:00')) -%}}
    {{%- set ns.at = at if at.tzinfo else zone.localize(at) -%}}
  {{%- endif -%}}
  {{%- set since = ns.at - modules.pytz.utc.localize(times.datetime(1970, 1, 1)) -%}}
  {{{{- return((since.days * 86400 + since.seconds) * 1000000 + since.microseconds - ns.before) -}}}}
{{% endmacro %}}
"
    )
}

fn dispatch(name: &str, macros: &[(Dialect, String)]) -> String {
    let adapters: Vec<&str> = macros.iter().map(|(dialect, _)| dialect.name()).collect();
    format!(
        "{{% macro {name}_query(merit_as_of, merit_leads, merit_events) %}}
  {{{{- return(adapter.dispatch('{name}_query', '{name}')(merit_as_of, merit_leads, merit_events)) -}}}}
{{% endmacro %}}

{{% macro default__{name}_query(merit_as_of, merit_leads, merit_events) %}}
  {{{{- exceptions.raise_compiler_error('{name} has queries for {}, and none for ' ~ target.type) -}}}}
{{% endmacro %}}
",
        adapters.join(", ")
    )
}

fn readme(model: &Model, wanted: &Wanted<'_>, macros: &[(Dialect, String)], unsaid: &[Unsaid]) -> String {
    let name = wanted.name;
    let title = plain(model.info.name.as_deref().unwrap_or(name));
    let adapters: Vec<&str> = macros.iter().map(|(dialect, _)| dialect.title()).collect();
    let cannot: String =
        unsaid.iter().map(|part| format!("- {}: {}\n", part.engines().join(", "), plain(&part.refused.what))).collect();
    let cannot = match cannot.is_empty() {
        true => cannot,
        false => format!("\nNot for these, whose query cannot say a part of the model:\n\n{cannot}"),
    };
    format!(
        "# {title}

The scores of this model as a table, worked out where the leads live: {}.
{cannot}
The package was written by `merit dbt`. Change the rules and write it anew; do not change the files here.

## Use it

In the `packages.yml` of your project:

```yaml
packages:
  - local: ../{name}
```

Then `dbt deps` and `dbt build --select {name}`. It builds the table `{name}` with a row for each lead, and tests that ids are
there and single and that stages are those of the ladder.

## Say what yours looks like

| var | what it says | else |
| --- | --- | --- |
| `{name}_schema` | the schema of both tables | that of the target |
| `{name}_leads`, `{name}_events` | the tables | `{}`, `{}` |
| `{name}_materialized` | `table` or `view` | `table` |
| `merit_as_of` | when the scores hold: `2025-06-30`, or an instant | when the run began |

`dbt build --select {name} --vars '{{merit_as_of: 2025-06-30}}'`

The rule book stands in the documentation of the model: `dbt docs generate`.
",
        adapters.join(", "),
        wanted.schema.leads,
        wanted.schema.events,
    )
}
