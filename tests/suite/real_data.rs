//! Rows that other people's systems made, run end to end: CRM exports, a bank's campaign, the sessions of a shop.
//!
//! The rows lie beside this clone (`../shared/data`); where they do not, these tests are skipped. The models in
//! `tests/real_data/` are our own.

#![allow(clippy::expect_used, clippy::panic)] // A test that cannot set up its folder fails.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::run_command::{Ran, run};

/// The folder of the rows, as seen from `tests/real_data`.
const ROWS: &str = "../../../shared/data";
const CRM: &str = "../../../shared/data/crm_connector_rows";

fn here() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/real_data")
}

fn is_there() -> bool {
    let there = here().join(ROWS).is_dir();
    if !there {
        eprintln!("skipped: there are no real rows beside this clone (../shared/data)");
    }
    there
}

fn merit(line: &str) -> Ran {
    let line = line.replace("CRM", CRM).replace("ROWS", ROWS);
    let mut command = Command::new(env!("CARGO_BIN_EXE_merit"));
    command.current_dir(here()).args(line.split_whitespace()).args(["--color", "never", "--diagnostics", "plain"]);
    run(command, &line, b"")
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
    if !is_there() {
        return;
    }
    let ran = merit(
        "run hubspot.merit CRM/hubspot/contact_data.csv --as-of 2021-04-02 --columns stage --events CRM/hubspot/email_event_data.csv \
         --event-columns lead_id=recipient,target=email_campaign_id,at=created,event_id=id",
    );
    // Recipients and contacts were hashed apart, so that none belongs to the other: told, and nothing else is.
    ran.ends(0).says("belongs to any of the leads, but to 19 others, first `/R1HBRxC7fDVj7cn/k6n7g==`");
    ran.says("100 records in").says(": 1 mql, 9 iql, 12 lead");
    assert!(!ran.stderr.contains("cannot be read"), "{}", ran.stderr);
    assert_eq!(counted(&ran), BTreeMap::from([("iql", 9), ("lead", 12), ("mql", 1)]));
}

#[test]
fn hubspot_forms() {
    if !is_there() {
        return;
    }
    let contacts = merit(
        "run hubspot.merit CRM/hubspot/contact_data.csv --as-of 2023-12-01 --events CRM/hubspot/contact_form_submission_data.csv \
         --event-columns lead_id=contact_id,type=title,target=page_url,at=timestamp",
    );
    contacts.ends(0).says("none of the 5 records in").says("belongs to any of the leads, but to 5 others, first `001`");
}

/// Recipients stand as leads themselves, so that every record finds its lead.
#[test]
fn hubspot_recipients() {
    if !is_there() {
        return;
    }
    let ran = merit(
        "run hubspot.merit CRM/hubspot/email_event_data.csv --id recipient --as-of 2020-05-25 --columns lead_id,interest \
         --events CRM/hubspot/email_event_data.csv --event-columns lead_id=recipient,target=email_campaign_id,at=created,event_id=id",
    );
    ran.ends(0).says("81 rows have the id of an earlier row");
    assert!(!ran.stderr.contains("are not among the leads"), "{}", ran.stderr);
    assert_eq!(ran.stdout.lines().count(), 101);
    // Opened on so many days, three points for each, no more than twenty.
    let counts = counted(&ran);
    assert_eq!(counts.len(), 19);
    for line in counts.keys() {
        let points: f64 = line.rsplit(',').next().expect("points").parse().expect("a number");
        assert!((0.0..=20.0).contains(&points), "{line}");
    }
}

#[test]
fn marketo_leads_with_activity() {
    if !is_there() {
        return;
    }
    let columns = "--event-columns lead_id=lead_id,type=activity_type_id,at=activity_date,event_id=id";
    for (file, leads) in [("click_email", 6), ("open_email", 0), ("unsubscribe_email", 0)] {
        let ran = merit(&format!(
            "run marketo.merit CRM/marketo/marketo_lead_data.csv --as-of 2020-05-14 --events CRM/marketo/marketo_activity_{file}_data.csv {columns}"
        ));
        // These rows are of other leads than those of the lead file.
        ran.ends(0).says("none of the 100 records in").says("belongs to any of the leads");
        assert!(leads == 0 || ran.stderr.contains(&format!("to {leads} others")), "{}", ran.stderr);
        assert_eq!(ran.stdout.lines().count(), 101);
        assert!(!ran.stderr.contains("cannot be read"), "{}", ran.stderr);
    }
    let own = merit(&format!(
        "run marketo.merit CRM/marketo/marketo_activity_click_email_data.csv --id lead_id --as-of 2020-05-14 --columns stage \
         --events CRM/marketo/marketo_activity_click_email_data.csv {columns}"
    ));
    assert_eq!(counted(own.ends(0)), BTreeMap::from([("iql", 6), ("mql", 94)]));
}

/// A byte order mark stands before the first column, which is the time: it must not hide it.
#[test]
fn marketo_times_behind_a_byte_order_mark() {
    if !is_there() {
        return;
    }
    let ran = merit(
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

#[test]
fn pardot_prospects_with_activity() {
    if !is_there() {
        return;
    }
    let columns = "--event-columns lead_id=prospect_id,type=type_name,at=created_at,event_id=id";
    let ran = merit(&format!(
        "run pardot.merit CRM/pardot/pardot_prospect_data.csv --as-of 2020-03-01 --columns stage --events CRM/pardot/pardot_visitor_activity_data.csv {columns}"
    ));
    ran.ends(0).says("none of the 100 records in").says("belongs to any of the leads");
    assert!(!ran.stderr.contains("cannot be read"), "times that end in ` UTC` are read\n{}", ran.stderr);
    let counts = counted(&ran);
    assert_eq!((counts["disqualified"], counts.values().sum::<u32>()), (10, 100));
}

/// More than a second's worth of rows: `;` between cells, quotes, words for what is missing, no id.
#[test]
fn bank_campaign() {
    if !is_there() {
        return;
    }
    let ran = merit("run bank.merit ROWS/bank-full.csv --as-of 2010-11-30 --columns lead_id,stage,y");
    ran.ends(0).says("45211 leads").says(": 1541 hot, 4743 warm, 38927 contact");
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
    let first = merit("run bank.merit ROWS/bank-full.csv --as-of 2010-11-30 --columns missing,could_be --quiet");
    assert_eq!(first.stdout.lines().nth(1), Some("poutcome; contact,hot"));
}

#[test]
fn shop_sessions() {
    if !is_there() {
        return;
    }
    let ran = merit("run shoppers.merit ROWS/online_shoppers_intention.csv --as-of 2018-12-31 --columns stage");
    // Exponents are no cells of numbers, which is told.
    ran.ends(0).says(
        "11 cells of `bouncerates` cannot be read as a number and count as missing, first in line 369: `9.83E-05`",
    );
    let counts = counted(&ran);
    assert_eq!(counts.values().sum::<u32>(), 12_330);
    assert_eq!(counts.keys().copied().collect::<Vec<_>>(), ["interested", "likely", "visitor"]);
}
