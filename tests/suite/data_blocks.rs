//! `leads { … }`, `activity log { … }` and what ids are compared by: files as exports have them, read by every command.

use super::generate::Rng;
use super::run_command::Folder;

const MODEL: &str = r#"
model "First" { time zone "Europe/Berlin" }
leads {
  id "Record ID"
  other ids "Merged IDs"
  header in row 3
  ignore rows where `Record ID` is missing
  ignore rows where `Record ID` mentions "totals"
  numbers "1.234,56"
  dates "DD.MM.YYYY HH:mm", "DD.MM.YYYY"
  delimiter ";"
  encoding "windows-1252"
  treat ["null"] as missing
}
activity log {
  lead "Email Address" = email
  type "event", "type"
  target "attributes.url"
  at "Activity Date" as "MM/DD/YYYY hh:mm AM"
  event id "GUID"
  treat ["null"] as missing
}
field revenue: number from "Umsatz"
field created: date from "Erstellt"
when revenue >= 1000 add 10 because "{revenue}"
when created in last 30 days add 5
add 20 per visited("/pricing")
add 1 per replied()
stages lead, mql
mql if score >= 20
"#;

/// Windows-1252, with a title, a total, a footer of one cell, and `null` for nothing.
const LEADS: &[u8] =
    b"Kontakte\n\nRecord ID;Name;Email;Umsatz;Erstellt;Merged IDs\n1;J\xfcrgen;jan@ex.de;1.200,50;28.06.2025 09:30;\n\
2;Eva;eva@EX.de;900;01.01.2025;\n3;Nul;null;null;null;\n;Summe;;2.100,50;;\nGrand Totals (3 records)\n";

/// JSON in a cell, `null` for nothing, addresses in other case, a column of the usual name beside the one that is named.
const ACTIVITY: &str = "Email Address,event,type,Activity Date,GUID,attributes\n\
JAN@ex.de,visited,x,06/12/2025 9:53 AM,g1,\"{\"\"url\"\":\"\"/pricing\"\"}\"\n\
jan@ex.de,visited,x,06/13/2025 9:53 PM,g2,\"{\"\"url\"\":\"\"/blog\"\"}\"\n\
jan@ex.de,visited,x,06/12/2025 9:53 AM,g1,\"{\"\"url\"\":\"\"/pricing\"\"}\"\n\
 eva@ex.de ,null,replied,06/12/2025 9:53 AM,null,\n";

fn folder(name: &str) -> Folder {
    let folder = Folder::new(name);
    folder.write("m.merit", MODEL).write("leads.csv", LEADS).write("a.csv", ACTIVITY);
    folder
}

#[test]
fn every_command_reads_as_the_model_says() {
    let folder = folder("blocks-commands");
    let ran = folder.merit("run m.merit leads.csv a.csv --as-of 2025-06-30 --columns lead_id,score,stage,reasons");
    ran.ends(0);
    assert_eq!(
        ran.stdout,
        "lead_id,score,stage,reasons\n1,35,mql,\"+10 1200.5; +5 Created in last 30 days; +20 Visited \"\"/pricing\"\"\"\n\
         2,1,lead,+1 Replied\n3,0,lead,\n"
    );
    assert!(ran.stderr.contains("3 leads as of 2025-06-30: 1 mql, 2 lead; 2 rows left out"), "{}", ran.stderr);
    folder.merit("check m.merit --leads leads.csv").ends(0);
    let explained = folder.merit("explain m.merit leads.csv a.csv --as-of 2025-06-30 --lead 1");
    assert!(explained.stdout.contains("1: mql, score 35"), "{}", explained.stdout);
    let report = folder.merit("report m.merit leads.csv a.csv --as-of 2025-06-30 --format json");
    assert!(report.stdout.contains("\"rows\": 3"), "{}", report.stdout);
    let diff = folder.merit("diff m.merit m.merit leads.csv a.csv --as-of 2025-06-30");
    diff.ends(0);
    let session = folder.merit_fed("repl m.merit leads.csv a.csv --as-of 2025-06-30", b":leads\n");
    assert!(session.stdout.contains("35") && session.stdout.contains("mql"), "{}", session.stdout);
    // Rules that are loaded behind the leads have them read anew.
    let session =
        folder.merit_fed("repl leads.csv --header-row 3 --keep-going", b":load m.merit\n:as-of 2025-06-30\n:leads\n");
    assert!(session.stdout.contains("15"), "{}\n{}", session.stdout, session.stderr);
}

#[test]
fn options_win_over_the_blocks() {
    let folder = folder("blocks-options");
    folder.write("plain.csv", "Record ID,Email,Umsatz\n7,jan@ex.de,\"1.200,50\"\n");
    let ran = folder.merit("run m.merit plain.csv --header-row 1 --delimiter , --columns lead_id,score");
    ran.ends(0);
    assert_eq!(ran.stdout, "lead_id,score\n7,10\n");
    let ran = folder.merit("run m.merit plain.csv --header-row 1 --delimiter , --id Email --columns lead_id,score");
    assert_eq!(ran.stdout, "lead_id,score\njan@ex.de,10\n");
    let ran = folder.merit("run m.merit plain.csv --header-row 9 --delimiter ,");
    ran.ends(2);
    assert!(ran.stderr.contains("has nothing in row 9"), "{}", ran.stderr);
    folder.merit("run m.merit plain.csv --delimiter aa").ends(2);
    folder.merit("run m.merit plain.csv --encoding nonsense").ends(2);
}

#[test]
fn what_is_left_out_in_vain_is_told() {
    let folder = Folder::new("blocks-in-vain");
    folder.write("m.merit", "leads { ignore rows where `Nowhere` is missing }\nwhen a = 1 add 1\n");
    folder.write("l.csv", "id,a\n1,1\n2,0\n");
    let ran = folder.merit("run m.merit l.csv --columns lead_id,score");
    ran.ends(0);
    assert_eq!(ran.stdout, "lead_id,score\n1,1\n2,0\n");
    assert!(ran.stderr.contains("no row was left out by `Nowhere`"), "{}", ran.stderr);
    folder.merit("run m.merit l.csv --strict").ends(1);
}

#[test]
fn activity_in_several_files_and_under_other_ids() {
    let folder = Folder::new("blocks-several");
    folder.write("m.merit", "leads { other ids \"Merged\" }\nadd 1 per visited()\nadd 10 per booked()\n");
    folder.write("l.csv", "id,Merged\n1,\"17; 18\"\n2,\n");
    folder.write("a.csv", "lead_id,type\n1,visited\n17,visited\n2,visited\n");
    folder.write("b.jsonl", "{\"lead_id\": 18, \"type\": \"booked\"}\n{\"lead_id\": 2, \"type\": \"booked\"}\n");
    let ran = folder.merit("run m.merit l.csv --events a.csv --events b.jsonl --columns lead_id,score");
    ran.ends(0);
    assert_eq!(ran.stdout, "lead_id,score\n1,12\n2,11\n");
    assert!(!ran.stderr.contains("not among the leads"), "{}", ran.stderr);
}

#[test]
fn activity_of_an_address_that_two_share_counts_for_both() {
    let folder = Folder::new("blocks-shared");
    folder.write("m.merit", "activity log { lead \"who\" = email }\nadd 1 per visited()\nwhen email is known add 10\n");
    folder.write("l.csv", "id,email\n1,a@x.de\n2,A@X.DE\n3,\n");
    folder.write("a.csv", "who,type\na@x.de,visited\n");
    let ran = folder.merit("run m.merit l.csv a.csv --columns lead_id,score");
    ran.ends(0);
    assert_eq!(ran.stdout, "lead_id,score\n1,11\n2,11\n3,0\n");
    assert!(ran.stderr.contains("that of several leads"), "{}", ran.stderr);
}

/// The fast reader and the careful one compare ids alike.
#[test]
fn ids_are_compared_by_one_key() {
    let folder = Folder::new("blocks-ids");
    folder.write("m.merit", "add 1 per visited()\n");
    let short = "0015g00000Aj2Xy";
    let long = format!("{short}AAB");
    let long = with_check(short, &long);
    let other = format!("{short}ZZZ");
    let leads = format!("lead_id\n{long}\nAda@X.de\n  blank  \n{other}\n7\n");
    let activity =
        format!("lead_id,type\n{short},visited\nada@x.DE,visited\nblank,visited\n 7,visited\n{other},visited\n");
    folder.write("l.csv", &leads).write("a.csv", &activity);
    for (file, text) in [("l.csv", leads.clone()), ("quoted.csv", format!("{leads}\"a\"\"b\"\n"))] {
        folder.write(file, text);
        // As a stream, and as a whole: a file that is read twice, or strictly.
        for strict in ["", " --strict"] {
            let ran = folder.merit(&format!("run m.merit {file} --events a.csv --columns lead_id,score{strict}"));
            let wanted = format!("lead_id,score\n{long},1\nAda@X.de,1\n  blank  ,1\n{other},1\n7,1\n");
            assert!(ran.stdout.starts_with(&wanted), "{file}{strict}: {}\n{}", ran.stdout, ran.stderr);
            assert!(!ran.stderr.contains("not among the leads"), "{}", ran.stderr);
        }
    }
}

/// Random ids, written by leads in one way and by activity in another: what is one record, and what only looks like it.
#[test]
fn ids_in_any_form_are_one() {
    let mut rng = Rng::new(20_251_129);
    let signs: Vec<char> = ('a'..='z').chain('A'..='Z').chain('0'..='9').collect();
    let mut text = |length: usize| -> String { (0..length).map(|_| signs[rng.below(signs.len())]).collect() };
    let texts: Vec<[String; 3]> = (0..600).map(|_| [text(15), text(6), text(5)]).collect();
    let mut rng = Rng::new(7);
    let blanks = ["", " ", "  ", "\u{a0}"];
    let (mut leads, mut activity, mut wanted) = (String::new(), String::new(), String::new());
    for (i, [long, name, host]) in texts.iter().enumerate() {
        let around = |text: &str, rng: &mut Rng| {
            format!("{}{text}{}", blanks[rng.below(blanks.len())], blanks[rng.below(blanks.len())])
        };
        let swapped = |text: &str| -> String {
            text.chars()
                .map(|c| if c.is_uppercase() { c.to_ascii_lowercase() } else { c.to_ascii_uppercase() })
                .collect()
        };
        // The id of the lead, forms of it, and what is another id.
        let (id, forms, others) = match i % 3 {
            0 => {
                let checked = by_hand(long);
                let wrong = format!("{long}{}", if checked.ends_with("AAA") { "AAB" } else { "AAA" });
                let id = if rng.below(2) == 0 { long.clone() } else { checked.clone() };
                (id, vec![long.clone(), checked], vec![wrong, swapped(long)])
            }
            1 => {
                let mail = format!("{name}@{host}.example");
                (mail.clone(), vec![mail.to_uppercase(), mail.to_lowercase(), swapped(&mail)], vec![format!("x{mail}")])
            }
            _ => (
                format!("{name}-{i}"),
                vec![format!("{name}-{i}")],
                vec![format!("{name}{i}"), format!("{}-{i}", swapped(name))],
            ),
        };
        let mut count = 0;
        for _ in 0..rng.below(4) {
            let form = around(&forms[rng.below(forms.len())], &mut rng);
            activity.push_str(&format!("{form},visited\n"));
            count += 1;
        }
        for other in others.iter().filter(|other| !forms.contains(other)) {
            activity.push_str(&format!("{},visited\n", around(other, &mut rng)));
        }
        leads.push_str(&format!("{id}\n"));
        wanted.push_str(&format!("{id},{count}\n"));
    }
    let folder = Folder::new("blocks-any-ids");
    folder.write("m.merit", "add 1 per visited()\n");
    folder.write("l.csv", format!("lead_id\n{leads}")).write("a.csv", format!("lead_id,type\n{activity}"));
    for strict in ["", " --strict"] {
        let ran = folder.merit(&format!("run m.merit l.csv --events a.csv --columns lead_id,score{strict}"));
        assert_eq!(ran.stdout, format!("lead_id,score\n{wanted}"), "{strict}");
    }
}

/// The id of 18 characters, with the sum of each five characters worked out bit by bit.
fn by_hand(short: &str) -> String {
    let mut id = short.to_owned();
    for five in 0..3 {
        let mut sum = 0;
        for (bit, c) in short.chars().skip(five * 5).take(5).enumerate() {
            if c.is_ascii_uppercase() {
                sum += 2_u8.pow(u32::try_from(bit).expect("a bit"));
            }
        }
        id.push(char::from(if sum < 26 { b'A' + sum } else { b'0' + sum - 26 }));
    }
    id
}

/// The id of 18 characters of one with 15.
fn with_check(short: &str, long: &str) -> String {
    let found = merit::lead::id_key(long);
    if found == short {
        return long.to_owned();
    }
    let signs = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";
    let sums: String = short
        .as_bytes()
        .chunks(5)
        .map(|five| {
            let bits: usize = five.iter().enumerate().map(|(i, b)| usize::from(b.is_ascii_uppercase()) << i).sum();
            signs.chars().nth(bits).expect("a sign")
        })
        .collect();
    format!("{short}{sums}")
}

#[test]
fn salesforce_ids_by_their_own_example() {
    // Each capital sets a bit of its five characters.
    assert_eq!(merit::lead::id_key("001A0000006Vm9rIAC"), "001A0000006Vm9r");
    assert_eq!(merit::lead::id_key("001A0000006Vm9rIAD"), "001A0000006Vm9rIAD");
    assert_eq!(merit::lead::id_key("001a0000006vm9rIAC"), "001a0000006vm9rIAC");
}

#[test]
fn a_title_above_the_header_is_told_and_stops_where_nothing_would_be_read() {
    let folder = Folder::new("blocks-title");
    folder.write("m.merit", "when employees >= 50 add 10\nwhen title mentions \"VP\" add 5\n");
    folder.write("l.csv", "All contacts\n\nRecord ID,Title,Employees\n1,VP Sales,60\n2,Clerk,5\n");
    let ran = folder.merit("run m.merit l.csv");
    ran.ends(2);
    assert!(ran.stderr.contains("the header seems to be line 3"), "{}", ran.stderr);
    assert!(ran.stderr.contains("header in row 3"), "{}", ran.stderr);
    // What the help says to type.
    let ran = folder.merit("run m.merit l.csv --header-row 3 --columns lead_id,score");
    ran.ends(0);
    assert_eq!(ran.stdout, "lead_id,score\n1,15\n2,0\n");
    folder.merit("check m.merit --leads l.csv").ends(1);
    folder.merit("explain m.merit l.csv --lead 1").ends(2);
    folder.merit("report m.merit l.csv").ends(2);
    // A title that is a column, too, is read on, and told.
    folder.write("l.csv", "Title\n\nRecord ID,Title,Employees\n1,VP Sales,60\n2,Clerk,5\n");
    let ran = folder.merit("run m.merit l.csv");
    ran.ends(0);
    assert!(ran.stderr.contains("the header seems to be line 3"), "{}", ran.stderr);
    // A file of one column has no title.
    folder.write("l.csv", "title\nVP Sales\nVP, Marketing\n");
    assert!(!folder.merit("run m.merit l.csv").stderr.contains("seems"));
}

#[test]
fn all_fields_without_a_column_are_told_at_once() {
    let folder = Folder::new("blocks-unfed");
    folder.write("m.merit", "when employees >= 50 add 10\nwhen country = \"US\" add 5\nwhen budget > 3 add 1\n");
    folder.write("l.csv", "id,Employes,nation\n1,60,US\n");
    let ran = folder.merit("run m.merit l.csv");
    ran.ends(0);
    assert_eq!(ran.stderr.matches("D916").count(), 1, "{}", ran.stderr);
    let plain = ran.stderr.replace('│', " ").split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(plain.contains("no column for 3 fields: `employees`, `country` and `budget`"), "{plain}");
    assert!(plain.contains("field employees from \"Employes\""), "{plain}");
}

#[test]
fn cells_that_cannot_be_read_are_told_by_value() {
    let folder = Folder::new("blocks-values");
    folder.write("m.merit", "when employees >= 50 add 10\nwhen revenue >= 1000 add 1\n");
    let mut rows = "id,employees,revenue\n".to_owned();
    for i in 0..40 {
        let employees = ["many", "few", "many", "60"][i % 4];
        let revenue = ["\"1.200,50\"", "10"][i % 2];
        rows += &format!("{i},{employees},{revenue}\n");
    }
    folder.write("l.csv", &rows);
    for line in ["run m.merit l.csv", "check m.merit --leads l.csv"] {
        let ran = folder.merit(line);
        let plain = ran.stderr.replace('│', " ").split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(plain.contains("30 cells of `employees` cannot be read"), "{plain}");
        assert!(plain.contains("2 different values: `many` (20), `few` (10)"), "{plain}");
        assert!(plain.contains("field revenue: number \"1.234,56\""), "{plain}");
    }
    // More than a thousand are counted up to there.
    let many: String = (0..3000).map(|i| format!("{i},x{i},1\n")).collect();
    folder.write("l.csv", format!("id,employees,revenue\n{many}"));
    let ran = folder.merit("run m.merit l.csv");
    let plain = ran.stderr.replace('│', " ").split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        plain.contains("3000 cells of `employees`") && plain.contains("at least 1000 different values: `x0` (1)"),
        "{plain}"
    );
}

#[test]
fn stages_off_the_ladder_and_activity_to_come_are_told() {
    let folder = Folder::new("blocks-ladder");
    folder.write("m.merit", "stages lead, mql, customer from lifecycle\nadd 1 per visited()\nmql if score >= 1\n");
    folder.write("l.csv", "id,lifecycle\n1,evangelist\n2,Customer\n3,\n4,evangelist\n5,other\n");
    folder
        .write("a.csv", "lead_id,type,at\n1,visited,2025-01-01\n1,visited,2026-01-01\n2,visited,2025-06-01T00:00:00\n");
    let jsonl = "{\"id\":1,\"lifecycle\":\"evangelist\",\"events\":[{\"type\":\"visited\",\"at\":\"2026-01-01\"}]}\n";
    folder.write("l.jsonl", jsonl);
    for line in ["run m.merit l.csv a.csv", "run m.merit l.csv a.csv --strict"] {
        let ran = folder.merit(line);
        ran.ends(0);
        let plain = ran.stderr.replace('│', " ").split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(
            plain.contains("3 cells of `lifecycle` name no stage of the ladder, first in line 2: `evangelist`"),
            "{plain}"
        );
        assert!(plain.contains("2 different values: `evangelist` (2), `other` (1)"), "{plain}");
        assert!(plain.contains("customer = \"evangelist\""), "{plain}");
        assert!(plain.contains("2 activities lie after that"), "{plain}");
    }
    let ran = folder.merit("run m.merit l.jsonl");
    assert!(ran.stderr.contains("1 activity lies after that"), "{}", ran.stderr);
    assert!(ran.stderr.contains("names no stage"), "{}", ran.stderr);
}

/// `properties.url` is a column, a value of an object in a record, and one of an object in the lead's own activity.
#[test]
fn properties_inside_of_objects_are_read() {
    let folder = Folder::new("blocks-nested");
    folder.write(
        "m.merit",
        "activity visited from \"page\" target properties.url\nactivity asked from \"demo\"\nadd 10 per visited(\"/pricing\")\n\
         when asked(where properties.seats >= 20) add 100\nwhen latest(asked(), properties.plan) = \"pro\" add 1000\n",
    );
    let page = r#"{"lead_id":"u1","type":"page","properties":{"url":"https://www.acme.example/pricing/?utm=x"}}"#;
    let demo = r#"{"lead_id":"u1","type":"demo","at":"2025-06-01","properties":{"plan":"pro","seats":25}}"#;
    folder.write("l.csv", "id\nu1\n");
    folder.write("a.jsonl", format!("{page}\n{demo}\n"));
    folder.write("a.json", format!("[{page},\n{demo}]"));
    folder.write(
        "a.csv",
        "lead_id,type,at,properties.url,properties.plan,properties.seats\nu1,page,,/pricing,,\nu1,demo,2025-06-01,,pro,25\n",
    );
    folder.write("l.jsonl", format!("{{\"id\":\"u1\",\"events\":[{page},{demo}]}}\n"));
    for files in ["l.csv a.jsonl", "l.csv a.json", "l.csv a.csv", "l.jsonl"] {
        let ran = folder.merit(&format!("run m.merit {files} --as-of 2025-06-30 --columns lead_id,score --quiet"));
        ran.ends(0);
        assert_eq!(ran.stdout, "lead_id,score\nu1,1110\n", "{files}");
    }
}

/// What the help says can be typed as it stands.
#[test]
fn the_help_on_cells_can_be_typed() {
    let cases = [
        (
            "when `Deal Size` >= 1000 add 1",
            "id,Deal Size\n1,\"1.200,50\"\n",
            "",
            "field `Deal Size`: number \"1.234,56\"",
        ),
        (
            "when `Last Seen` in last 9 days add 1",
            "id,Last Seen\n1,06/25/2025\n",
            "",
            "field `Last Seen`: date \"MM/DD/YYYY\"",
        ),
        (
            "when visited() in last 9 days add 1",
            "id\n1\n",
            "lead_id,type,at\n1,visited,06/25/2025 9:53 AM\n",
            "activity log { dates \"MM/DD/YYYY hh:mm AM\" }",
        ),
        (
            "when visited() in last 9 days add 1",
            "id\n1\n",
            "lead_id,type,at\n1,visited,1750838400\n",
            "activity log { dates \"seconds\" }",
        ),
    ];
    for (model, leads, activity, line) in cases {
        let folder = Folder::new("blocks-help");
        folder.write("l.csv", leads);
        let with = if activity.is_empty() {
            ""
        } else {
            folder.write("a.csv", activity);
            "a.csv"
        };
        let run = || folder.merit(&format!("run m.merit l.csv {with} --as-of 2025-06-30 --columns lead_id,score"));
        folder.write("m.merit", model);
        let ran = run();
        assert_eq!(ran.stdout, "lead_id,score\n1,0\n");
        let said = ran.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains(line), "{said}");
        assert_eq!(said.contains("until then `15.000` in this column is 15"), line.contains("1.234,56"), "{said}");
        folder.write("m.merit", format!("{line}\n{model}\n"));
        assert_eq!(run().stdout, "lead_id,score\n1,1\n", "{line}");
    }
}

#[test]
fn only_what_can_be_typed_is_proposed_as_missing() {
    let folder = Folder::new("blocks-treat");
    folder.write("m.merit", "field n: number\nwhen n > 1 add 1\nfield t: text\nwhen t = \"x\" add 1\n");
    folder.write("l.jsonl", "{\"id\":1,\"n\":\"a \\\"b\\\"\",\"t\":{\"a\":1}}\n{\"id\":2,\"n\":\"tbd\",\"t\":\"x\"}\n");
    let said = folder.merit("run m.merit l.jsonl").stderr.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("treat [\"tbd\"] as missing"), "{said}");
    assert!(!said.contains("treat [\"{") && !said.contains("\"a \"b"), "{said}");
}

/// A key that several leads may share is compared as text is, whatever it looks like.
#[test]
fn a_key_that_is_no_id_is_not_shortened() {
    let folder = Folder::new("blocks-keyed");
    folder.write("m.merit", "activity log { lead \"who\" = account }\nfield account: text\nadd 1 per visited()\n");
    folder.write("l.csv", "id,account\n1,abcdefghijklmnoaaa\n2,ABCDEFGHIJKLMNO445\n");
    folder.write("a.csv", "who,type\nabcdefghijklmnoaaa,visited\nabcdefghijklmno445,visited\n");
    let ran = folder.merit("run m.merit l.csv a.csv --columns lead_id,score");
    assert_eq!(ran.stdout, "lead_id,score\n1,1\n2,1\n", "{}", ran.stderr);
}

#[test]
fn a_diff_tells_each_line_of_a_kind() {
    let folder = Folder::new("blocks-diff");
    let model = |word: &str, row: u64| {
        format!(
            "leads {{\n  header in row {row}\n  ignore rows where Name = \"{word}\"\n  ignore rows where Name is missing\n}}\nwhen x is known add 1\n"
        )
    };
    folder.write("a.merit", model("Total", 2)).write("b.merit", model("Sum", 3));
    let ran = folder.merit("diff a.merit b.merit");
    assert!(ran.stdout.contains("Name = \"Total\"") && ran.stdout.contains("Name = \"Sum\""), "{}", ran.stdout);
}
