//! `merit sql --verify`: a sample of leads is answered by a database and by the interpreter, and what differs is told.

#![allow(clippy::expect_used, clippy::panic)] // A test that cannot set up its database fails.

use rusqlite::Connection;

use super::run_command::{Folder, Ran};

/// A file of SQLite that statements fill.
fn database(folder: &Folder, name: &str, statements: &str) {
    let db = Connection::open(folder.path(name)).expect("a database");
    db.execute_batch(statements).expect("statements");
}

fn folder(name: &str, model: &str, statements: &str) -> Folder {
    let folder = Folder::new(&format!("verify-{name}"));
    folder.write("m.merit", model);
    database(&folder, "crm.db", statements);
    folder
}

/// What is said of it, on one line.
fn said(ran: &Ran) -> String {
    ran.stderr.split_whitespace().filter(|word| *word != "│").collect::<Vec<_>>().join(" ")
}

const MODEL: &str = r#"model "M" { time zone "Europe/Berlin" }
field tags: list
field signup: date
score engagement up to 100 {
  when visited("pricing") in last 30 days add 30 because "Looked at prices"
  add 5 per attended("webinar") up to 20
  when latest(moved(), plan) = "pro" add 4
  when earliest(moved(), plan) = "free" add 2
  when sum(bought(), amount) > 0.35 add 7
  add 1 per activity() up to 9
}
score firmographic {
  when employees between 50 and 1000 add 20
  points by country { in ["US", "CA"]: 15; "GB": 10; otherwise: 0 }
  when tags contains "vip" add 3
  when signup >= 2025-03-30 add 1
  when newsletter add 2
}
label team { "{title}" if title is known }
review if country is missing because "No country"
mql if score >= 30
sql if score >= 50 and firmographic >= 20
"#;

/// Ids in several spellings, one that two leads have, and none; dates as days, times and in UTC; blanks; copies of records, records
/// of one instant, of nobody, and of the future.
const TABLES: &str = r#"
CREATE TABLE leads ("lead_id", employees INTEGER, country TEXT, tags TEXT, signup DATETIME, newsletter BOOLEAN, title VARCHAR(80));
INSERT INTO leads VALUES
  ('Kim@Acme.example', 120, ' us ', 'a; VIP', '2025-03-30', 1, 'Ünal İ'),
  (' lee ', 50.5, 'CA', ';', '2025-03-29 23:30:00', 0, '  '),
  ('00Q5g000001AbCdEAK', 1000, 'GB', NULL, '2025-03-29T22:59:59.999999Z', NULL, 'é'),
  (17, NULL, '', 'vip', NULL, 1, 'It''s "quoted"; really'),
  ('two', 60, 'US', NULL, NULL, NULL, 'CEO'), ('two', 10, 'DE', 'vip', NULL, NULL, NULL),
  ('nobody', NULL, NULL, NULL, NULL, NULL, NULL), (NULL, 100, 'US', NULL, NULL, 1, NULL), ('  ', 100, 'US', NULL, NULL, 1, NULL);
CREATE TABLE events (lead_id TEXT, type TEXT, target TEXT, at TEXT, event_id TEXT, plan TEXT, amount REAL);
INSERT INTO events VALUES
  (' KIM@ACME.EXAMPLE ', 'Visited', 'Pricing', '2025-03-01 00:30:00', 'e1', NULL, NULL),
  ('kim@acme.example', 'visited', 'pricing', '2025-03-02', 'e1', NULL, NULL),
  ('00Q5g000001AbCd', 'attended', 'webinar', '2025-03-30T00:30:00Z', NULL, NULL, NULL),
  ('00Q5g000001AbCdEAK', 'attended', 'webinar', NULL, NULL, NULL, NULL),
  ('two', NULL, 'pricing', '2025-03-01', 'e2', NULL, NULL), ('two', 'attended', 'webinar', '2025-03-02', 'e2', NULL, NULL),
  ('lee', 'moved', NULL, '2025-03-05 10:00:00', NULL, 'pro', NULL),
  ('lee', 'moved', NULL, '2025-03-05 10:00:00', NULL, 'Free', NULL),
  ('17', 'bought', NULL, '2025-03-05', NULL, NULL, 0.1), (17, 'bought', NULL, '2025-03-06', NULL, NULL, 0.2500001),
  ('two', 'visited', 'https://acme.example/pricing', '2025-03-31 23:59:59', NULL, NULL, NULL),
  ('two', 'visited', 'pricing', '2025-04-01 00:00:00', NULL, NULL, NULL),
  ('gone', 'visited', 'pricing', '2025-03-20', NULL, NULL, NULL);
"#;

#[test]
fn equal_answers_are_said_in_a_sentence() {
    let folder = folder("equal", MODEL, TABLES);
    let before = std::fs::read(folder.path("crm.db")).expect("a file");
    let ran = folder.merit("sql m.merit --verify crm.db");
    assert_eq!(
        ran.stdout, "7 of 9 leads and their 12 records compared in 7 columns: no difference.\n",
        "{}",
        ran.stderr
    );
    assert_eq!(ran.status, Some(0));
    let all = "lead_id,score,engagement,firmographic,missing,possible_score,possible_score_low,reasons,review,team,stage,could_be,as_of";
    for sample in ["1", "3", "7", "100000"] {
        let line = format!("sql m.merit --verify sqlite:crm.db --dialect sqlite --sample {sample} --columns {all}");
        let (first, second) = (folder.merit(&line), folder.merit(&line));
        assert!(
            first.stdout.ends_with(" compared in 13 columns: no difference.\n"),
            "{}{}",
            first.stdout,
            first.stderr
        );
        assert_eq!(first.stdout, second.stdout);
    }
    // Without the id it is compared all the same.
    let ran = folder.merit("sql m.merit --verify crm.db --columns score");
    assert!(ran.stdout.ends_with("in 2 columns: no difference.\n"), "{}{}", ran.stdout, ran.stderr);
    assert_eq!(std::fs::read(folder.path("crm.db")).expect("a file"), before);
    assert_eq!(folder.names(), ["crm.db", "m.merit"]);
}

#[test]
fn a_large_table_is_sampled() {
    let mut statements = "CREATE TABLE leads (lead_id INTEGER PRIMARY KEY, employees INTEGER);\n".to_owned();
    statements.push_str("CREATE TABLE events (lead_id INTEGER, type TEXT, target TEXT, at TEXT);\n");
    let numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) SELECT";
    statements.push_str(&format!("INSERT INTO leads {numbers} i, i % 300 FROM n;\n"));
    statements.push_str(&format!(
        "INSERT INTO events {numbers} i / 2, 'visited', 'pricing', '2025-03-' || (10 + i % 20) FROM n;\n"
    ));
    let folder = folder("large", "when employees >= 100 add 10\nadd 1 per visited(\"pricing\")\n", &statements);
    let ran = folder.merit("sql m.merit --verify crm.db");
    assert!(ran.stdout.starts_with("1,000 of 20,000 leads and their "), "{}{}", ran.stdout, ran.stderr);
    // A model without activity needs no table of it.
    database(&folder, "crm.db", "DROP TABLE events;");
    folder.write("m.merit", "when employees >= 100 add 10\n");
    let ran = folder.merit("sql m.merit --verify crm.db --sample 20000");
    assert_eq!(ran.stdout, "20,000 leads compared in 6 columns: no difference.\n", "{}", ran.stderr);
}

#[test]
fn the_query_is_written_where_it_is_equal() {
    let folder = folder("written", MODEL, TABLES);
    let ran = folder.merit("sql m.merit --verify crm.db -o score.sql");
    assert_eq!((ran.status, ran.stdout.as_str()), (Some(0), ""), "{}", ran.stderr);
    assert!(ran.stderr.contains("no difference") && ran.stderr.contains("merit_fold"), "{}", ran.stderr);
    let query = folder.read("score.sql");
    let db = Connection::open(folder.path("crm.db")).expect("a database");
    merit::verify::register(&db).expect("functions");
    let count = db.query_row(&format!("SELECT COUNT(*) FROM ({query})"), [], |row| row.get::<_, i64>(0));
    assert_eq!(count.expect("a count"), 9);
    // Nothing is written over the database, and nothing where the answers differ.
    let ran = folder.merit("sql m.merit --verify crm.db -o crm.db");
    assert!(ran.status == Some(2) && ran.stderr.contains("D940"), "{}", ran.stderr);
    database(&folder, "crm.db", "UPDATE leads SET employees = '1k' WHERE lead_id = 'two'");
    std::fs::remove_file(folder.path("score.sql")).expect("a file");
    let ran = folder.merit("sql m.merit --verify crm.db -o score.sql");
    assert_eq!(ran.status, Some(1), "{}", ran.stderr);
    assert_eq!(folder.names(), ["crm.db", "m.merit"]);
}

#[test]
fn what_differs_is_told() {
    let folder = folder(
        "differs",
        "field tags: list\nwhen employees >= 100 add 10\nwhen tags contains \"vip\" add 3\nwhen visited() before 2025-03-05 add 1\n",
        r#"CREATE TABLE leads (lead_id TEXT, employees INTEGER, tags TEXT);
        INSERT INTO leads VALUES ('1', '120-500', NULL), ('2', 5, '["vip"]'), ('3', 100, 'vip'), ('4', 1, NULL);
        CREATE TABLE events (lead_id TEXT, type TEXT, target TEXT, at TEXT);
        INSERT INTO events VALUES ('4', 'visited', NULL, '2025-03-05 01:00:00+02:00'), ('3', 'visited', NULL, '2025-03-01');"#,
    );
    let ran = folder.merit("sql m.merit --verify crm.db --columns lead_id,score");
    let lines: Vec<String> =
        ran.stdout.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    assert_eq!(lines[0], "lead_id column here there", "{}{}", ran.stdout, ran.stderr);
    assert!(lines.contains(&"2 score 3 0".to_owned()) && !ran.stdout.contains("\n3 "), "{}", ran.stdout);
    assert_eq!(ran.status, Some(1));
    let said = said(&ran);
    assert!(said.contains("D956") && said.contains("of 8 cells differ, of "), "{said}");
    assert!(said.contains("SQLite answers otherwise than `merit run`"), "{said}");
    // With a sample that has none of them all is fine.
    database(&folder, "crm.db", "DELETE FROM leads WHERE lead_id <> '3'");
    let ran = folder.merit("sql m.merit --verify crm.db --columns lead_id,score");
    assert_eq!(ran.stdout, "1 lead and their 1 record compared in 2 columns: no difference.\n", "{}", ran.stderr);
}

#[test]
fn a_database_that_cannot_be_asked_is_told() {
    let folder = folder(
        "asked",
        "when employees >= 100 add 10\nwhen visited() add 1\n",
        "CREATE TABLE contacts (lead_id TEXT, employes INTEGER);",
    );
    folder.write("leads.db", "lead_id,employees\n1,100\n");
    std::fs::create_dir(folder.path("folder.db")).expect("a folder");
    for (line, code, words) in [
        ("--verify none.db", "D954", "there is no database `none.db`"),
        ("--verify leads.db", "D954", "`leads.db` is no database of SQLite"),
        ("--verify folder.db", "D901", "`folder.db` is a folder"),
        ("--verify leads.csv", "D954", "`leads.csv` names no database that Merit can ask"),
        ("--verify mysql://kim:secret@db/crm", "D954", "`mysql://…` names no database"),
        (
            "--verify crm.db --dialect postgres",
            "D954",
            "`--dialect postgres` is not the engine of this database, which is SQLite",
        ),
        ("--verify crm.db", "D955", "there is no table `leads` in `crm.db`"),
        ("--verify crm.db --leads contact", "D955", "did you mean `contacts`?"),
        ("--verify crm.db --leads contacts", "D955", "there is no table `events` in `crm.db`"),
        (
            "--verify crm.db --leads contacts --events contacts",
            "D955",
            "has no column `employees`; did you mean `employes`?",
        ),
        (
            "--verify postgres://kim:secret@localhost:1/crm",
            "D954",
            "`postgres://kim@localhost:1/crm` cannot be asked: connection refused",
        ),
        ("--verify postgres://kim:secret@localhost:x/crm", "D954", "the URL of the database cannot be read"),
        ("--verify postgres://kim:secret@localhost/crm?sslmode=require", "D954", "which Merit does not speak yet"),
    ] {
        let ran = folder.merit(&format!("sql m.merit {line}"));
        let said = said(&ran);
        assert_eq!(ran.status, Some(2), "{line}: {said}");
        assert!(said.contains(code) && said.contains(words), "{line}: {said}");
        assert!(!said.contains("secret"), "{line}: {said}");
    }
    // Nothing to compare.
    database(
        &folder,
        "crm.db",
        "CREATE TABLE leads (lead_id, employees); CREATE TABLE events (lead_id, type, target, at); INSERT INTO leads VALUES (NULL, 5);",
    );
    let ran = folder.merit("sql m.merit --verify crm.db");
    assert!(ran.status == Some(2) && ran.stderr.contains("there is no lead with an id"), "{}", ran.stderr);
    database(&folder, "crm.db", "DROP TABLE leads;");
    // A text is no number; a date is a text there.
    folder.write("m.merit", "when employees >= 100 add 10\nwhen signup > 2025-01-01 add 1\n");
    database(&folder, "crm.db", "CREATE TABLE leads (lead_id TEXT, employees TEXT, signup TEXT);");
    let ran = folder.merit("sql m.merit --verify crm.db");
    assert!(ran.status == Some(1) && ran.stderr.contains("D952") && !ran.stderr.contains("signup`"), "{}", ran.stderr);
    // What the engine does not run.
    folder.write("m.merit", "when employees >= 100 add 10\n");
    database(
        &folder,
        "crm.db",
        "DROP TABLE leads; CREATE TABLE raw (x); INSERT INTO raw VALUES ('no json');
        CREATE VIEW leads AS SELECT 1 AS lead_id, JSON_EXTRACT(x, '$.n') AS employees FROM raw;",
    );
    let ran = folder.merit("sql m.merit --verify crm.db");
    assert!(ran.status == Some(2) && ran.stderr.contains("malformed JSON"), "{}", ran.stderr);
    // Options that go together.
    for line in ["sql m.merit", "sql m.merit --dialect sqlite --sample 5", "sql m.merit --verify crm.db --sample 0"] {
        assert_eq!(folder.merit(line).status, Some(2), "{line}");
    }
}
