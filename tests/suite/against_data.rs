//! What data says about rules: values that never come, cells meant otherwise, blank columns, people in two rows, footers, ids that
//! nearly match. Each help is typed, and nothing more is said.

#![allow(clippy::expect_used, clippy::panic)] // A test that cannot set up its folder fails.

use super::run_command::Folder;

/// A folder with these files.
fn folder(name: &str, files: &[(&str, &str)]) -> Folder {
    let folder = Folder::new(&format!("against-{name}"));
    for (file, text) in files {
        folder.write(file, text);
    }
    folder
}

/// What a check of `m.merit` says, on one line each.
fn check(folder: &Folder, more: &str) -> String {
    let ran = folder.merit(&format!("check m.merit --leads l.csv {more} --diagnostics json"));
    ran.stderr
}

fn run(folder: &Folder, leads: &str) -> String {
    folder.merit(&format!("run m.merit {leads} --diagnostics json -o out.csv")).stderr
}

const INDUSTRIES: &str = "id,industry,title,country\n1,COMPUTER_SOFTWARE,Head of Sales,United States\n2,BANKING,Developer,DE\n\
     3,COMPUTER_SOFTWARE,CTO,DE\n4,HOSPITALITY,CTO,United States\n";

#[test]
fn values_that_never_come() {
    let model = "when industry = \"Software\" add 10\n\
                 when industry in [\"Banking\", \"Computer Software\", \"Insurance\"] add 5\n\
                 when country is not \"US\" subtract 3\n\
                 when title mentions any [\"ceo\", \"cto\"] add 7\n\
                 points by industry { \"Hospitality\": 1; \"Retail\": 2; otherwise: 0 }\n";
    let folder = folder("values", &[("m.merit", model), ("l.csv", INDUSTRIES)]);
    let said = check(&folder, "");
    let one = "no lead has the `industry` `Software`, `Computer Software` or `Retail`; the values are `COMPUTER_SOFTWARE` (2), \
               `BANKING` (1), `HOSPITALITY` (1)";
    assert!(said.contains(one), "{said}");
    assert!(said.contains(r#"write it as the data has it: when industry = \"COMPUTER_SOFTWARE\" add 10"#), "{said}");
    assert!(said.contains("no lead has the `country` `US`; the values are `United States` (2), `DE` (2)"), "{said}");
    // Insurance is there for the sake of completeness, and of the titles one comes.
    assert!(!said.contains("Insurance") && !said.contains("title"), "{said}");
    // One message a field, at its places in the model.
    assert_eq!(said.matches("D941").count(), 2, "{said}");
    assert!(said.contains(r#""line":1"#) && said.contains(r#""file":"m.merit""#), "{said}");
    folder.write(
        "m.merit",
        "when industry = \"COMPUTER_SOFTWARE\" add 10\nwhen country is not \"United States\" subtract 3\n",
    );
    assert_eq!(check(&folder, ""), "");
}

#[test]
fn long_lists_and_tables_in_files() {
    let domains: String = (0..200).map(|i| format!("mail{i}.example\n")).collect();
    let table: String =
        std::iter::once("industry,points\n".to_owned()).chain((0..50).map(|i| format!("I{i},{i}\n"))).collect();
    let model = "let free = lines of \"free.txt\"\nwhen domain in free subtract 5\npoints by industry from \"t.csv\"\n";
    let leads = "id,domain,industry\n1,mail7.example,x\n2,acme.example,y\n";
    let folder = folder("long", &[("m.merit", model), ("free.txt", &domains), ("t.csv", &table), ("l.csv", leads)]);
    let said = check(&folder, "");
    assert!(!said.contains("domain") && said.contains("none of these ever comes"), "{said}");
    assert!(said.contains("no lead has the `industry`") && said.contains("44 more"), "{said}");
    folder.write("l.csv", "id,domain,industry\n1,acme.example,I7\n");
    let said = check(&folder, "");
    assert!(said.contains("no lead has the `domain`") && !said.contains("industry"), "{said}");
}

#[test]
fn values_are_compared_as_rules_compare_them() {
    let model = "field tags: list\nwhen country = \"united  STATES\" add 1\nwhen tags contains \"VIP\" add 1\nwhen name starts with \"Ac\" add 1\n";
    let leads = "id,country,tags,name\n1, United States ,a; vip,ACME\n";
    let folder = folder("folded", &[("m.merit", model), ("l.csv", leads)]);
    assert_eq!(check(&folder, ""), "");
    folder.write("l.csv", "id,country,tags,name\n1,US,vips,The Acme\n");
    let said = check(&folder, "");
    assert!(said.contains("no lead has the `tags` `VIP`"), "{said}");
    assert!(said.contains("no `name` starts with `Ac`"), "{said}");
}

#[test]
fn more_values_than_are_told_apart() {
    let rows: String = (0..3_000).map(|i| format!("{i},city {i}\n")).collect();
    let model = "when city = \"City 2999\" add 1\nwhen city = \"Paris\" add 1\nwhen city contains \"2998\" add 1\n";
    let folder = folder("many", &[("m.merit", model), ("l.csv", &format!("id,city\n{rows}"))]);
    let said = check(&folder, "");
    assert!(
        said.contains("no lead has the `city` `Paris`; the values are `city 0` (1)") && said.contains(", …"),
        "{said}"
    );
}

#[test]
fn activity_that_never_happened() {
    let model = "when visited(\"pricing\") add 10\nwhen visited(\"/docs/*\") add 1\nwhen hand_raise() add 50\nwhen submitted(\"demo\", \"contact\") add 5\n";
    let activity = "lead_id,type,target,at\n1,visited,https://acme.example/pricing,2025-01-01\n1,visited,/docs/a,2025-01-01\n\
                    1,Hand Raise,form,2025-01-01\n2,submitted,contact,2025-01-01\n";
    let folder = folder("activity", &[("m.merit", model), ("l.csv", "id\n1\n2\n"), ("a.csv", activity)]);
    let said = check(&folder, "--events a.csv");
    assert!(
        said.contains("no `visited` has the target `pricing`; the targets are `https://acme.example/pricing` (1)"),
        "{said}"
    );
    assert!(said.contains(r#"when visited(\"/pricing\") add 10"#), "{said}");
    assert!(
        said.contains("no activity has the type `hand_raise`; the types are `Hand Raise` (1), `visited` (2)"),
        "{said}"
    );
    assert!(said.contains(r#"say so: activity hand_raise from \"Hand Raise\""#), "{said}");
    assert_eq!(said.matches("D942").count(), 2, "{said}");
    let mended =
        "activity hand_raise from \"Hand Raise\"\nwhen visited(\"/pricing\") add 10\nwhen hand_raise() add 50\n";
    folder.write("m.merit", mended);
    assert_eq!(check(&folder, "--events a.csv"), "");
    // Without activity nothing is known of it, and activity inside of leads counts as well.
    folder.write("m.merit", model);
    assert_eq!(check(&folder, ""), "");
    folder.write("l.json", r#"[{"id": 1, "events": [{"type": "visited", "target": "x", "at": "2025-01-01"}]}]"#);
    folder.merit("check m.merit --leads l.json").says("no `visited` has the target `pricing` or `/docs/*`");
}

#[test]
fn columns_that_are_mostly_blank() {
    let model = "field unsubscribed: flag\nwhen employees >= 100 add 20\nwhen employees < 10 subtract 5\nwhen phone is known add 1\nwhen unsubscribed = yes subtract 50\nmql if employees >= 50\n";
    let leads = "id,employees,phone,unsubscribed\n1,120,,\n2,,,\n3,,,yes\n";
    let folder = folder("blank", &[("m.merit", model), ("l.csv", leads)]);
    let said = check(&folder, "");
    assert!(said.contains("`employees` is blank in 2 of 3 leads; 3 lines hang on it, with up to 20 points"), "{said}");
    assert!(!said.contains("phone") && !said.contains("unsubscribed"), "{said}");
    folder.write("m.merit", "when employees >= 100 add 20\nwhen employees is missing subtract 5\n");
    assert_eq!(check(&folder, ""), "");
}

#[test]
fn arrays_where_a_text_is_asked_for() {
    let model = "field inv: text\nwhen inv mentions \"sequoia\" add 1\nwhen inv = \"sequoia\" add 100\n";
    let leads = r#"[{"lead_id":"array","inv":["Sequoia Capital India","X"]},{"lead_id":"one","inv":["sequoia"]},{"lead_id":"text","inv":"Sequoia; X"}]"#;
    let folder = folder("arrays", &[("m.merit", model), ("l.json", leads)]);
    for said in [run(&folder, "l.json"), folder.merit("check m.merit --leads l.json --diagnostics json").stderr] {
        assert!(said.contains("2 cells of `inv` hold lists, and the model asks for a text, first in line 1"), "{said}");
        assert!(
            said.contains(r#"field inv: list, and inv contains \"sequoia\" where it says inv = \"sequoia\""#),
            "{said}"
        );
    }
    folder.write(
        "m.merit",
        "field inv: list\nwhen inv mentions \"sequoia\" add 1\nwhen inv contains \"sequoia\" add 100\n",
    );
    assert_eq!(run(&folder, "l.json"), "");
    assert_eq!(
        folder.read("out.csv").lines().skip(1).map(|l| l.split(',').nth(1).unwrap_or("")).collect::<Vec<_>>(),
        ["1", "101", "101"]
    );
    folder.write("l.jsonl", leads.trim_matches(['[', ']']).replace("},{", "}\n{"));
    folder.write("m.merit", model);
    assert!(run(&folder, "l.jsonl").contains("2 cells of `inv` hold lists"));
}

#[test]
fn lists_that_are_parted_otherwise() {
    let model = "field products: list\nwhen products contains \"crm\" add 1\nwhen length(products) >= 2 add 10\n";
    let leads = "lead_id,products\n1,email;crm\n2,\"email, crm\"\n3,email |##| crm\n4,email|crm\n5,\"email\ncrm\"\n";
    let folder = folder("lists", &[("m.merit", model), ("l.csv", leads)]);
    for said in [run(&folder, "l.csv"), check(&folder, "")] {
        let told = "4 cells hold one entry of the list `products` with `,`, `|` or a line break in it, first in line 3: `email, crm`";
        assert!(said.contains(told), "{said}");
        assert!(said.contains(r#"field products: list \"|\""#), "{said}");
    }
    folder.write("l.csv", "lead_id,products\n1,\"email, crm\"\n2,crm\n");
    assert!(run(&folder, "l.csv").contains(r#"field products: list \",\""#));
    folder.write("m.merit", "field products: list \",\"\nwhen products contains \"crm\" add 1\n");
    assert_eq!(run(&folder, "l.csv"), "");
}

#[test]
fn numbers_that_may_be_thousands() {
    let model = "when deal >= 1000 add 5\n";
    let folder = folder("dots", &[("m.merit", model), ("l.csv", "id,deal\n1,15.000\n2,950\n3,1.200\n")]);
    for said in [run(&folder, "l.csv"), check(&folder, "")] {
        assert!(
            said.contains(
                "2 cells of `deal` are read as fractions, and may mean thousands: `15.000`, first in line 2, is 15"
            ),
            "{said}"
        );
        assert!(said.contains(r#"field deal: number \"1.234,56\" where it is 15000"#), "{said}");
    }
    for line in ["field deal: number \"1.234,56\"\n", "field deal: number \"1,234.56\"\n"] {
        folder.write("m.merit", format!("{line}{model}"));
        assert_eq!(run(&folder, "l.csv"), "");
    }
    // What another cell of the column tells.
    folder.write("m.merit", model);
    for cell in ["2.5", "0.125", "1,200"] {
        folder.write("l.csv", format!("id,deal\n1,15.000\n2,\"{cell}\"\n"));
        assert_eq!(run(&folder, "l.csv"), "", "{cell}");
    }
    folder.write("l.csv", "id,deal\n1,15.000\n2,\"1.200,50\"\n");
    let said = run(&folder, "l.csv");
    assert!(said.contains("D915") && !said.contains("D944"), "{said}");
}

#[test]
fn one_person_in_two_rows() {
    let model = "when submitted(\"form\") add 50 each time\nmql if score >= 100\n";
    let leads = "lead_id,email\n7,kim@acme.example\n8,KIM@acme.example \n9,lee@acme.example\n9,lee@acme.example\n";
    let activity = "lead_id,type,target,at\n7,submitted,form,2025-01-01\n8,submitted,form,2025-02-01\n";
    let folder = folder("person", &[("m.merit", model), ("l.csv", leads), ("a.csv", activity)]);
    let told =
        "2 rows have the same e-mail address, first `kim@acme.example` in lines 2 and 3; each is scored by itself";
    folder.merit("run m.merit l.csv --events a.csv --diagnostics plain").says("1 row has the id of an earlier row");
    assert!(run(&folder, "l.csv --events a.csv").contains(told));
    assert!(check(&folder, "").contains(told));
    // Where the address is the id, the id comes twice.
    folder.write("l.csv", "email\nkim@acme.example\nkim@acme.example\n");
    let said = check(&folder, "");
    assert!(said.contains("D918") && !said.contains("D945"), "{said}");
    folder.write("l.csv", "lead_id,email,Merged record IDs\n7,kim@acme.example,8\n8,kim@acme.example,\n");
    assert!(check(&folder, "").contains(r#"leads { other ids \"Merged record IDs\" }"#));
    folder.write("m.merit", format!("leads {{ other ids \"Merged record IDs\" }}\n{model}"));
    folder.merit("run m.merit l.csv --events a.csv -o out.csv").ends(0);
    assert!(folder.read("out.csv").contains("7,100,mql"));
}

#[test]
fn totals_and_footers() {
    let model = "when employees >= 100 add 10\n";
    let rows = "Record ID,Name,Employees,City\n1,Ann,120,Paris\n2,Total,80,Lyon\n3,Ben,90,\n";
    let ends = [
        (
            "\"Grand Totals (3 records)\",,,\n,,,\nConfidential Information - Do Not Distribute\nCopyright (c) 2000-2025 salesforce.com\n",
            "`Record ID` starts with any [\\\"Grand Totals\\\", \\\"Confidential Information - Do Not Distribute\\\", \\\"Copyright\\\"]",
        ),
        (",,290,\n", "`Record ID` is missing"),
        (",Total,290,\n", "`Record ID` is missing"),
    ];
    for (end, condition) in ends {
        let folder = folder("footers", &[("m.merit", model), ("l.csv", &format!("{rows}{end}"))]);
        let line = format!("leads {{ ignore rows where {condition} }}");
        for said in [run(&folder, "l.csv"), check(&folder, "")] {
            assert!(said.contains("D946") && said.contains(&line), "{line}\n{said}");
        }
        folder.write("m.merit", format!("{}\n{model}", line.replace("\\\"", "\"")));
        let said = run(&folder, "l.csv");
        assert!(!said.contains("D946"), "{said}");
        let left = folder.read("out.csv");
        assert_eq!(left.lines().filter(|l| !l.starts_with("[row")).count(), 4, "{left}");
    }
    let folder = folder("no-footers", &[("m.merit", model), ("l.csv", rows)]);
    assert_eq!(run(&folder, "l.csv"), "");
}

#[test]
fn a_run_says_it_in_one_paragraph() {
    let model = "when industry = \"Software\" add 10\nwhen country = \"US\" add 1\nwhen title = \"CTO\" add 1\n";
    let folder = folder("short", &[("m.merit", model), ("l.csv", INDUSTRIES)]);
    let said = run(&folder, "l.csv");
    // Of four leads nobody can say that none will ever be in the US; what looks like the value that is meant is worth a word.
    let told = "rules ask for values that no lead has: `industry` is never `Software` (leads have `COMPUTER_SOFTWARE` (2), `BANKING` (1), \
                `HOSPITALITY` (1))";
    assert!(said.contains(told) && !said.contains("country"), "{said}");
    assert!(said.contains("`merit check MODEL --leads l.csv` says where"), "{said}");
    let rows: String = (0..1_000).map(|i| format!("{i},RETAIL,CTO,DE\n")).collect();
    folder.write("l.csv", format!("id,industry,title,country\n{rows}"));
    let said = run(&folder, "l.csv");
    assert!(
        said.contains("`industry` is never `Software` (leads have `RETAIL` (300)); `country` is never `US`"),
        "{said}"
    );
    assert!(said.contains("only the first 300 rows were looked at") && !said.contains("title"), "{said}");
    folder.write("l.csv", format!("id,industry,title,country\nx,Software,CTO,US\n{rows}"));
    assert_eq!(run(&folder, "l.csv"), "");
    // Where each lead has a value of its own, the first of them prove nothing.
    let rows: String = (0..1_000).map(|i| format!("{i},p{i}@x.example\n")).collect();
    folder.write("m.merit", "when email ends with \".edu\" subtract 25\n").write("l.csv", format!("id,email\n{rows}"));
    assert_eq!(run(&folder, "l.csv"), "");
    assert!(check(&folder, "").contains("no `email` ends with `.edu`"));
}

#[test]
fn ids_that_nearly_match() {
    let model = "when visited() add 1\n";
    let activity = "lead_id,type,target,at\n007,visited,x,2025-01-01\n8.0,visited,x,2025-01-01\np-101,visited,x,2025-01-01\n9,visited,x,2025-01-01\n77,visited,x,2025-01-01\n";
    let folder = folder("ids", &[("m.merit", model), ("l.csv", "id\n7\n8\nP-101\n9\n"), ("a.csv", activity)]);
    for said in [run(&folder, "l.csv --events a.csv"), check(&folder, "--events a.csv")] {
        assert!(
            said.contains("4 records in `a.csv` belong to 4 leads that are not among the leads, first `007`"),
            "{said}"
        );
        assert!(
            said.contains("1 differs from an id of the leads only in capitals, such as `p-101` and `P-101`"),
            "{said}"
        );
        assert!(said.contains("only in leading zeros, such as `007` and `7`"), "{said}");
        assert!(said.contains("only in a `.0`, such as `8.0` and `8`"), "{said}");
    }
}

#[test]
fn cells_that_cannot_be_read_are_told_by_value() {
    let rows: String = (0..1_500).map(|i| format!("{i},about {i}\n")).collect();
    let folder = folder(
        "unreadable",
        &[("m.merit", "when employees > 5 add 1\n"), ("l.csv", &format!("id,employees\nx,N/A\ny,N/A\n{rows}"))],
    );
    let said = check(&folder, "");
    assert!(
        said.contains("1502 cells of `employees`") && said.contains("at least 1000 different values: `N/A` (2)"),
        "{said}"
    );
}
