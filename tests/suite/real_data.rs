//! Exports in the shape that other people's systems give them, run end to end: CRM exports, a bank's campaign, the sessions of a shop.
//!
//! Every test runs on the made-up rows in `tests/real_data/rows`, which have the columns, delimiters, encodings and mess of the
//! real ones and nobody's data, and on the real rows as well where these lie beside this clone (`../shared/data`).

#![allow(clippy::expect_used, clippy::panic)] // A test that cannot set up its folder fails.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::run_command::{Ran, run};

/// The same files twice, invented and real.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rows {
    MadeUp,
    Real,
}

impl Rows {
    /// The rows that are there, the made-up ones always.
    fn all() -> Vec<Rows> {
        let real = here().join(Rows::Real.folder()).is_dir();
        if !real {
            eprintln!("on made-up rows only: there are no real ones beside this clone (../shared/data)");
        }
        if real { vec![Rows::MadeUp, Rows::Real] } else { vec![Rows::MadeUp] }
    }

    /// The folder, as seen from `tests/real_data`.
    fn folder(self) -> &'static str {
        self.of("rows", "../../../shared/data")
    }

    /// What is expected of these rows.
    fn of<T>(self, made_up: T, real: T) -> T {
        match self {
            Rows::MadeUp => made_up,
            Rows::Real => real,
        }
    }

    fn merit(self, line: &str) -> Ran {
        let crm = format!("{}/crm_connector_rows", self.folder());
        merit(&line.replace("CRM", &crm).replace("ROWS", self.folder()))
    }
}

fn here() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/real_data")
}

fn merit(line: &str) -> Ran {
    let mut command = Command::new(env!("CARGO_BIN_EXE_merit"));
    command.current_dir(here()).args(line.split_whitespace()).args(["--color", "never", "--diagnostics", "plain"]);
    run(command, line, b"")
}

/// How many rows there are of each.
fn counted(ran: &Ran) -> BTreeMap<&str, u32> {
    let mut counts = BTreeMap::new();
    for line in ran.stdout.lines().skip(1) {
        *counts.entry(line).or_default() += 1;
    }
    counts
}

#[test]
fn the_models_have_no_errors() {
    for model in ["hubspot", "marketo", "pardot", "bank", "shoppers"] {
        merit(&format!("check {model}.merit")).ends(0);
    }
}

#[test]
fn hubspot_contacts_with_events() {
    for rows in Rows::all() {
        let ran = rows.merit(
            "run hubspot.merit CRM/hubspot/contact_data.csv --as-of 2021-04-02 --columns stage --events CRM/hubspot/email_event_data.csv \
             --event-columns lead_id=recipient,target=email_campaign_id,at=created,event_id=id",
        );
        // Recipients and contacts were hashed apart, so that none belongs to the other: told, and nothing else is.
        ran.ends(0).says(rows.of(
            "belongs to any of the leads, but to 9 others, first `I+pTbN5TuE0OHmaOqB+tbg==`",
            "belongs to any of the leads, but to 19 others, first `/R1HBRxC7fDVj7cn/k6n7g==`",
        ));
        ran.says(rows.of("44 records in", "100 records in"));
        ran.says(rows.of(": 2 mql, 8 iql, 12 lead, 2 excluded", ": 1 mql, 9 iql, 12 lead"));
        assert!(!ran.stderr.contains("cannot be read"), "{}", ran.stderr);
        let made_up = BTreeMap::from([("excluded", 2), ("iql", 8), ("lead", 12), ("mql", 2)]);
        assert_eq!(counted(&ran), rows.of(made_up, BTreeMap::from([("iql", 9), ("lead", 12), ("mql", 1)])));
    }
}

#[test]
fn hubspot_forms() {
    for rows in Rows::all() {
        let contacts = rows.merit(
            "run hubspot.merit CRM/hubspot/contact_data.csv --as-of 2023-12-01 --events CRM/hubspot/contact_form_submission_data.csv \
             --event-columns lead_id=contact_id,type=title,target=page_url,at=timestamp",
        );
        contacts.ends(0).says(rows.of("none of the 20 records in", "none of the 5 records in"));
        contacts.says(rows.of("but to 20 others, first `001`", "but to 5 others, first `001`"));
    }
}

/// Recipients stand as leads themselves, so that every record finds its lead.
#[test]
fn hubspot_recipients() {
    for rows in Rows::all() {
        let ran = rows.merit(
            "run hubspot.merit CRM/hubspot/email_event_data.csv --id recipient --as-of 2020-05-25 --columns lead_id,interest \
             --events CRM/hubspot/email_event_data.csv --event-columns lead_id=recipient,target=email_campaign_id,at=created,event_id=id",
        );
        ran.ends(0).says(rows.of("35 rows have the id of an earlier row", "81 rows have the id of an earlier row"));
        assert!(!ran.stderr.contains("are not among the leads"), "{}", ran.stderr);
        assert_eq!(ran.stdout.lines().count(), rows.of(45, 101));
        // Opened on so many days, three points for each, no more than twenty.
        let counts = counted(&ran);
        assert_eq!(counts.len(), rows.of(9, 19));
        for line in counts.keys() {
            let points: f64 = line.rsplit(',').next().expect("points").parse().expect("a number");
            assert!((0.0..=20.0).contains(&points), "{line}");
        }
    }
}

#[test]
fn marketo_leads_with_activity() {
    let columns = "--event-columns lead_id=lead_id,type=activity_type_id,at=activity_date,event_id=id";
    for rows in Rows::all() {
        let files = rows.of(
            [("click_email", 32, 6), ("open_email", 30, 27), ("unsubscribe_email", 28, 26)],
            [("click_email", 100, 6), ("open_email", 100, 98), ("unsubscribe_email", 100, 98)],
        );
        for (file, records, leads) in files {
            let ran = rows.merit(&format!(
                "run marketo.merit CRM/marketo/marketo_lead_data.csv --as-of 2020-05-14 --events CRM/marketo/marketo_activity_{file}_data.csv {columns}"
            ));
            // These rows are of other leads than those of the lead file.
            ran.ends(0).says(&format!("none of the {records} records in")).says("belongs to any of the leads");
            ran.says(&format!("to {leads} others"));
            assert_eq!(ran.stdout.lines().count(), rows.of(37, 101));
            assert!(!ran.stderr.contains("cannot be read"), "{}", ran.stderr);
        }
        let own = rows.merit(&format!(
            "run marketo.merit CRM/marketo/marketo_activity_click_email_data.csv --id lead_id --as-of 2020-05-14 --columns stage \
             --events CRM/marketo/marketo_activity_click_email_data.csv {columns}"
        ));
        let stages = rows.of([("iql", 5), ("mql", 27)], [("iql", 6), ("mql", 94)]);
        assert_eq!(counted(own.ends(0)), BTreeMap::from(stages));
    }
}

/// A byte order mark stands before the first column, which is the time: it must not hide it.
#[test]
fn marketo_times_behind_a_byte_order_mark() {
    for rows in Rows::all() {
        let ran = rows.merit(
            "run marketo.merit CRM/marketo/marketo_activity_open_email_data.csv --id lead_id --as-of 2020-05-14 --columns engagement \
             --events CRM/marketo/marketo_activity_open_email_data.csv --event-columns type=activity_type_id,at=activity_date",
        );
        ran.ends(0);
        assert!(
            !ran.stderr.contains("no column `activity_date`") && !ran.stderr.contains("cannot be read"),
            "{}",
            ran.stderr
        );
        assert!(counted(&ran).keys().all(|points| points.parse::<f64>().is_ok_and(|p| p >= 2.0)), "{}", ran.stdout);
    }
}

#[test]
fn pardot_prospects_with_activity() {
    let columns = "--event-columns lead_id=prospect_id,type=type_name,at=created_at,event_id=id";
    for rows in Rows::all() {
        let ran = rows.merit(&format!(
            "run pardot.merit CRM/pardot/pardot_prospect_data.csv --as-of 2020-03-01 --columns stage --events CRM/pardot/pardot_visitor_activity_data.csv {columns}"
        ));
        // Of the made-up records, six belong to prospects.
        ran.ends(0).says(rows.of("belong to 30 leads that are not among the leads", "none of the 100 records in"));
        assert!(!ran.stderr.contains("cannot be read"), "times that end in ` UTC` are read\n{}", ran.stderr);
        let counts = counted(&ran);
        assert_eq!((counts["disqualified"], counts.values().sum::<u32>()), rows.of((4, 40), (10, 100)));
        if rows == Rows::MadeUp {
            assert_eq!((counts["mql"], counts["iql"], counts["lead"]), (16, 14, 6));
        }
    }
}

/// `;` between cells, quotes, words for what is missing, no id; of the real ones, more than a second's worth.
#[test]
fn bank_campaign() {
    for rows in Rows::all() {
        let ran = rows.merit("run bank.merit ROWS/bank-full.csv --as-of 2010-11-30 --columns lead_id,stage,y");
        ran.ends(0).says(rows.of("60 leads", "45211 leads"));
        ran.says(rows.of(": 6 hot, 14 warm, 40 contact", ": 1541 hot, 4743 warm, 38927 contact"));
        assert!(!ran.stderr.contains("cannot be read") && !ran.stderr.contains("no column"), "{}", ran.stderr);
        let mut lines = ran.stdout.lines();
        assert_eq!(lines.next(), Some("lead_id,stage,y"));
        let mut outcomes: BTreeMap<&str, (u32, u32)> = BTreeMap::new();
        for (number, line) in lines.enumerate() {
            let cells: Vec<&str> = line.split(',').collect();
            assert_eq!(cells[0], (number + 1).to_string());
            let (all, bought) = outcomes.entry(cells[1]).or_default();
            *all += 1;
            *bought += u32::from(cells[2] == "yes");
        }
        // The model is of use: who stands higher bought more often.
        let rate = |stage: &str| f64::from(outcomes[stage].1) / f64::from(outcomes[stage].0);
        assert!(rate("hot") > 2.0 * rate("warm") && rate("warm") > 2.0 * rate("contact"), "{outcomes:?}");
        // What `unknown` leaves open is told lead by lead.
        let first =
            rows.merit("run bank.merit ROWS/bank-full.csv --as-of 2010-11-30 --columns missing,could_be --quiet");
        let told = rows.of("poutcome; contact,warm", "poutcome; contact,hot");
        assert_eq!(first.stdout.lines().nth(1), Some(told));
    }
}

#[test]
fn shop_sessions() {
    for rows in Rows::all() {
        let ran =
            rows.merit("run shoppers.merit ROWS/online_shoppers_intention.csv --as-of 2018-12-31 --columns stage");
        // Exponents are no cells of numbers, which is told.
        ran.ends(0).says(rows.of(
            "3 cells of `bouncerates` cannot be read as a number and count as missing, first in line 24: `9.83E-05`",
            "11 cells of `bouncerates` cannot be read as a number and count as missing, first in line 369: `9.83E-05`",
        ));
        let counts = counted(&ran);
        assert_eq!(counts.values().sum::<u32>(), rows.of(60, 12_330));
        assert_eq!(counts.keys().copied().collect::<Vec<_>>(), ["interested", "likely", "visitor"]);
    }
}
