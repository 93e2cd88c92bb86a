//! Files that say which columns tables have: CSV, and two of dbt.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::Schema;
use crate::text::name_key;

/// Tables with their columns, and the type of each.
type Tables = Vec<(String, Vec<(String, String)>)>;

impl Schema {
    /// Takes the columns from a file: a CSV text with `column,type` or `table,column,type`, without a table those of leads; dbt's
    /// `catalog.json`; or a `schema.yml` with `data_type`. By the ending of its name.
    ///
    /// # Errors
    /// Why it does not say them.
    pub fn read(&mut self, name: &str, text: &str) -> Result<(), String> {
        let ending = name.rsplit_once('.').map_or(String::new(), |(_, ending)| ending.to_lowercase());
        let tables = match ending.as_str() {
            "json" => of_catalog(text)?,
            "yml" | "yaml" => of_yaml(text)?,
            _ => return self.read_csv(text),
        };
        let (leads, events) = (last_part(&self.leads), last_part(&self.events));
        for (table, columns) in tables {
            match table.to_lowercase() {
                table if table == leads => self.lead_columns.extend(columns),
                table if table == events => self.event_columns.extend(columns),
                _ => {}
            }
        }
        if self.lead_columns.is_empty() {
            return Err(format!("there is no table `{leads}` with columns in it"));
        }
        Ok(())
    }

    fn read_csv(&mut self, text: &str) -> Result<(), String> {
        let mut reader = csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(text.as_bytes());
        let header = reader.headers().map_err(|_| "its first line cannot be read".to_owned())?.clone();
        let place = |names: &[&str]| header.iter().position(|h| names.contains(&&*name_key(h)));
        let table = place(&["table", "table_name"]);
        let column = place(&["column", "column_name", "name"]).ok_or("there is no column `column` in it")?;
        let of_type = place(&["type", "data_type", "column_type"]).ok_or("there is no column `type` in it")?;
        let (leads, events) = (last_part(&self.leads), last_part(&self.events));
        for (row, line) in reader.records().zip(2..) {
            let row = row.map_err(|_| format!("line {line} cannot be read"))?;
            let (Some(name), Some(of_type)) = (row.get(column).filter(|n| !n.is_empty()), row.get(of_type)) else {
                return Err(format!("line {line} has no column or no type"));
            };
            let entry = (name.to_owned(), of_type.to_owned());
            match table.and_then(|at| row.get(at)).map(last_part) {
                Some(table) if table == events => self.event_columns.push(entry),
                Some(table) if table != leads => {}
                _ => self.lead_columns.push(entry),
            }
        }
        Ok(())
    }
}

/// The name of a table without its schema, in small letters.
fn last_part(name: &str) -> String {
    name.rsplit('.').next().unwrap_or(name).to_lowercase()
}

/// What `dbt docs generate` finds in a warehouse.
#[derive(Deserialize)]
struct Catalog {
    #[serde(default)]
    nodes: BTreeMap<String, CatalogTable>,
    #[serde(default)]
    sources: BTreeMap<String, CatalogTable>,
}

#[derive(Deserialize)]
struct CatalogTable {
    metadata: Metadata,
    columns: BTreeMap<String, CatalogColumn>,
}

#[derive(Deserialize)]
struct Metadata {
    name: String,
}

#[derive(Deserialize)]
struct CatalogColumn {
    name: String,
    #[serde(rename = "type")]
    of_type: String,
}

fn of_catalog(text: &str) -> Result<Tables, String> {
    let catalog: Catalog = serde_json::from_str(text).map_err(|error| format!("it is no catalog of dbt: {error}"))?;
    let columns = |table: CatalogTable| {
        let columns = table.columns.into_values().map(|column| (column.name, column.of_type));
        (table.metadata.name, columns.collect())
    };
    Ok(catalog.sources.into_values().chain(catalog.nodes.into_values()).map(columns).collect())
}

/// What people write of their tables for dbt.
#[derive(Deserialize)]
struct Described {
    #[serde(default)]
    models: Vec<DescribedTable>,
    #[serde(default)]
    seeds: Vec<DescribedTable>,
    #[serde(default)]
    snapshots: Vec<DescribedTable>,
    #[serde(default)]
    sources: Vec<DescribedSource>,
}

#[derive(Deserialize)]
struct DescribedSource {
    #[serde(default)]
    tables: Vec<DescribedTable>,
}

#[derive(Deserialize)]
struct DescribedTable {
    name: String,
    identifier: Option<String>,
    #[serde(default)]
    columns: Vec<DescribedColumn>,
}

#[derive(Deserialize)]
struct DescribedColumn {
    name: String,
    #[serde(default)]
    data_type: String,
}

fn of_yaml(text: &str) -> Result<Tables, String> {
    let file: Described = serde_saphyr::from_str(text).map_err(|error| {
        let line = error.to_string();
        format!("it is no file of dbt: {}", line.lines().next().unwrap_or_default())
    })?;
    let Described { models, seeds, snapshots, sources } = file;
    let all = models.into_iter().chain(seeds).chain(snapshots).chain(sources.into_iter().flat_map(|s| s.tables));
    let columns = |table: DescribedTable| {
        let columns = table.columns.into_iter().map(|column| (column.name, column.data_type));
        (table.identifier.unwrap_or(table.name), columns.collect())
    };
    Ok(all.map(columns).collect())
}
