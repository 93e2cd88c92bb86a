//! `merit dbt`: a package for dbt. That it builds and gives the same table is tried by `./check engines`.

#![allow(clippy::expect_used, clippy::panic)] // A test that cannot set up its folder fails.

use super::run_command::Folder;

const MODEL: &str = "model \"Scores {{ of }} leads\" { time zone \"Europe/Berlin\" }\nstages lead, mql\nscore fit {\n  when employees >= 50 add 20 because \"{{{{ var }}}} {{% raw %}} # 7\"\n}\nadd 5 per visited()\nmql if score >= 20\nlabel tier { \"A\" if score > 30 }\n";

#[test]
fn a_package_has_a_query_for_each_adapter() {
    let folder = Folder::new("dbt-package");
    folder.write("m.merit", MODEL);
    // Of Snowflake and BigQuery nobody can ask the type of a column.
    let ran = folder.merit("dbt m.merit -o some");
    ran.ends(0);
    assert!(
        ran.stderr.contains("no query for Snowflake and BigQuery") && ran.stderr.contains("--schema"),
        "{}",
        ran.stderr
    );
    folder.write("columns.csv", "table,column,type\nleads,employees,INT\nevents,at,TIMESTAMP_TZ\n");
    let ran = folder.merit("dbt m.merit -o package --columns lead_id,score,stage,fit,tier --schema columns.csv");
    ran.ends(0);
    assert_eq!(ran.stderr.trim(), "Next: read package/README.md, then dbt build --select lead_scores");
    for adapter in ["duckdb", "postgres", "spark", "databricks", "snowflake", "bigquery"] {
        let query = folder.read(&format!("package/macros/{adapter}__lead_scores_query.sql"));
        let others = merit::sql::FILLED.iter().fold(query.clone(), |text, filled| text.replace(filled, ""));
        let signs = others.matches("{%").count();
        assert_eq!(signs, 2, "{adapter}: the macro and its end, {others}");
        assert!(!others.contains("{{") && !others.contains("{#"), "{adapter}");
        assert!(query.contains("{{ merit_leads }}") && query.contains("{{ merit_events }}"), "{adapter}");
        assert!(query.contains("{{ merit_as_of }}"), "{adapter}");
    }
    let schema = folder.read("package/models/schema.yml");
    for line in [
        "- name: \"fit\"",
        "description: \"Points of the group fit.\"",
        "values: [\"lead\", \"mql\", \"disqualified\", \"excluded\"]",
    ] {
        assert!(schema.contains(line), "{line} in {schema}");
    }
    // What the model says is no template.
    for file in ["models/schema.yml", "models/rules.md", "README.md"] {
        let text = folder.read(&format!("package/{file}"));
        assert!(!text.contains("var }}"), "{file}: {text}");
    }
    assert!(folder.read("package/macros/lead_scores_as_of.sql").contains("timezone('Europe/Berlin')"));
}

#[test]
fn what_is_there_stays() {
    let folder = Folder::new("dbt-there");
    folder.write("m.merit", MODEL).write("full/note.txt", "mine");
    folder.merit("dbt m.merit -o package").ends(0);
    let before = folder.read("package/models/schema.yml");
    let told = folder.merit("dbt m.merit -o package");
    told.ends(2);
    assert!(told.stderr.contains("D959") && told.stderr.contains("--overwrite"), "{}", told.stderr);
    let told = folder.merit("dbt m.merit -o full --overwrite");
    told.ends(2);
    assert!(told.stderr.contains("holds no package of dbt"), "{}", told.stderr);
    assert_eq!(folder.read("full/note.txt"), "mine");
    folder.write("m.merit", MODEL.replace("mql", "hot"));
    folder.merit("dbt m.merit -o package --overwrite").ends(0);
    let after = folder.read("package/models/schema.yml");
    assert_eq!(after, before.replace("mql", "hot"));
    let told = folder.merit("dbt m.merit -o other --name 9lives");
    told.ends(2);
    assert!(told.stderr.contains("--name lead_scores"), "{}", told.stderr);
    let told = folder.merit("dbt m.merit -o other --columns lead_id,socre");
    told.ends(2);
    assert!(told.stderr.contains("score"), "{}", told.stderr);
    // Nothing is left of what did not come to be.
    assert_eq!(folder.names(), ["full", "m.merit", "package"]);
}

#[test]
fn the_name_is_in_all_that_others_may_have_too() {
    let folder = Folder::new("dbt-name");
    folder.write("m.merit", MODEL);
    folder.merit("dbt m.merit -o p --name eu_scores --leads crm.contacts --events crm.log").ends(0);
    let sources = folder.read("p/models/sources.yml");
    for part in
        ["var('eu_scores_schema', 'crm')", "var('eu_scores_leads', 'contacts')", "var('eu_scores_events', 'log')"]
    {
        assert!(sources.contains(part), "{part} in {sources}");
    }
    assert!(folder.read("p/models/eu_scores.sql").contains("source('eu_scores', 'leads')"));
}

#[test]
fn adapters_that_cannot_are_told() {
    let folder = Folder::new("dbt-cannot");
    folder.write("m.merit", "add 5 per visited() at most 3 times every 7 days\n");
    let ran = folder.merit("dbt m.merit -o package");
    ran.ends(0);
    assert!(ran.stderr.contains("no query for Spark and Databricks"), "{}", ran.stderr);
    assert!(!folder.path("package/macros/spark__lead_scores_query.sql").exists());
    assert!(folder.read("package/README.md").contains("Spark, Databricks: a rate over a rolling stretch"));
    // One that none can run is no package, and all of its parts are named.
    folder.write(
        "m.merit",
        "add (budget) per booked() halving every month\nadd (rating) per booked() halving every month\n",
    );
    let ran = folder.merit("dbt m.merit -o none");
    ran.ends(1);
    assert_eq!(ran.stderr.matches("D950").count(), 2, "{}", ran.stderr);
    assert!(!folder.path("none").exists());
}

#[test]
fn the_tables_may_be_said_as_dbt_says_them() {
    let folder = Folder::new("dbt-schema");
    folder
        .write("m.merit", "when `Job Title` contains \"head\" add 5\nwhen employees > 5 add 1\nadd 1 per visited()\n");
    folder.write(
        "catalog.json",
        r#"{"nodes": {"model.a.leads": {"metadata": {"name": "LEADS"}, "columns": {"X": {"name": "job_title", "type": "TEXT"},
            "Y": {"name": "EMPLOYEES", "type": "NUMBER"}}}}, "sources": {}}"#,
    );
    folder.write(
        "schema.yml",
        "version: 2\nsources:\n  - name: crm\n    tables:\n      - name: leads\n        columns:\n          - name: job_title\n            data_type: text\n          - {name: EMPLOYEES, data_type: int}\n",
    );
    for file in ["catalog.json", "schema.yml"] {
        let ran = folder.merit(&format!("sql m.merit --dialect duckdb --schema {file}"));
        ran.ends(0);
        assert!(ran.stdout.contains("\"job_title\" AS") && ran.stdout.contains("\"EMPLOYEES\" AS"), "{}", ran.stdout);
    }
    for (file, text, why) in [
        ("bad.json", "{", "no catalog of dbt"),
        ("bad.yml", "models: [", "no file of dbt"),
        ("other.yml", "models:\n  - name: others\n", "no table `leads`"),
        ("large.csv", &"x".repeat((64 << 20) + 1), "larger than 64 MB"),
    ] {
        folder.write(file, text);
        let ran = folder.merit(&format!("sql m.merit --dialect duckdb --schema {file}"));
        ran.ends(2);
        assert!(ran.stderr.contains("D951") && ran.stderr.contains(why), "{file}: {}", ran.stderr);
    }
    // As spreadsheets on Windows write it.
    let utf16: Vec<u8> = "\u{feff}column,type\nemployees,VARCHAR\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    folder.write("columns.csv", utf16);
    let ran = folder.merit("sql m.merit --dialect duckdb --schema columns.csv");
    ran.ends(1);
    assert!(ran.stderr.contains("D952"), "{}", ran.stderr);
}
