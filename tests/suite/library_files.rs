//! `use hubspot` and the other files of the library that comes with Merit; `merit library`.

use super::run_command::Folder;

const LEADS: &str = "Record ID,Email,Branche,Number of Employees,Country/Region,Lifecycle Stage,Create Date\n\
    1,ann@acme.example,COMPUTER_SOFTWARE,\"1,200\",Deutschland,Lead,2025-06-20 09:00\n\
    2,bob@gmail.com,RETAIL,40,Austria,Marketing Qualified Lead,1749000000000\n";

fn answers(model: &str, files: &[(&str, &str)], rest: &[&str]) -> (String, String) {
    static COUNT: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);
    let folder = Folder::new(&format!("library-{}", COUNT.fetch_add(1, std::sync::atomic::Ordering::Relaxed)));
    folder.write("model.merit", model).write("leads.csv", LEADS);
    for (name, content) in files {
        folder.write(name, content);
    }
    let mut arguments = vec!["run", "model.merit", "leads.csv"];
    arguments.extend(rest);
    arguments.extend(["--as-of", "2025-06-30", "--format", "csv", "--columns", "lead_id,score,stage,reasons"]);
    let ran = folder.merit(&arguments.join(" "));
    (ran.stdout, ran.stderr)
}

#[test]
fn fields_lists_and_tables_come_with_a_name() {
    let model = "use hubspot\nuse freemail\nuse countries\nfield industry: text from \"Branche\"\n\
        stages lead, mql, sql from lifecycle_stage\n\
        when industry = \"COMPUTER_SOFTWARE\" add 1\nwhen employees >= 1000 add 10\n\
        when lookup(countries, country) in dach add 100\nwhen domain(email) in freemail subtract 1000\n\
        when created in last 30 days add 10000 because \"New\"\nreview if current = mql because \"MQL today\"\n";
    let (out, err) = answers(model, &[], &[]);
    assert!(out.contains("\n1,10111,lead,"), "{out}{err}");
    assert!(out.contains("\n2,9100,lead,"), "{out}{err}");
    // Fields that the model does not ask for are no columns that are missed.
    assert!(!err.contains("D916"), "{err}");
}

#[test]
fn activity_names_leads_by_what_each_file_has() {
    let emails =
        "recipient,type,created,id\n ANN@acme.example ,OPEN,1750000000000,e1\nbob@gmail.com,SENT,1750000000000,e2\n";
    let pages = "contact_id,eventType,occurredAt,hs_url,id\n1,e_visited_page,2025-06-20T10:00:00Z,https://acme.example/pricing,e3\n\
        2,FORM_SUBMISSION,2025-06-20T10:00:00Z,,e4\n1,e_visited_page,2025-06-20T10:00:00Z,https://acme.example/pricing,e3\n";
    let model = "use hubspot\nwhen opened() add 1\nwhen visited(\"/pricing\") add 10 each time\nwhen submitted() add 100\n\
        when active in last 30 days add 1000\n";
    let files = [("emails.csv", emails), ("pages.csv", pages)];
    let (out, err) = answers(model, &files, &["--events", "emails.csv", "--events", "pages.csv"]);
    assert!(out.contains("\n1,1011,"), "{out}{err}");
    assert!(out.contains("\n2,1100,"), "{out}{err}");
    // What was sent to them is nothing that they did.
    let (out, _) = answers("use hubspot\nwhen active in last 30 days add 1\n", &files, &["--events", "emails.csv"]);
    assert!(out.contains("\n1,1,") && out.contains("\n2,0,"), "{out}");
    // What the model says of its log wins.
    let model = format!("{model}activity log {{ lead \"contact_id\" }}\n");
    let (out, err) = answers(&model, &files, &["--events", "pages.csv"]);
    assert!(out.contains("\n1,1010,") && out.contains("\n2,1100,"), "{out}{err}");
}

#[test]
fn what_the_model_says_comes_first() {
    // A list of its own, a type and shapes of its own, and the columns of both.
    let model = "use countries\nuse hubspot\nlet dach = [\"AT\"]\nfield employees: text from \"Staff\"\n\
        when employees = \"40\" add 1\nwhen lookup(countries, country) in dach add 10\n";
    let (out, err) = answers(model, &[], &[]);
    assert!(out.contains("\n1,0,") && out.contains("\n2,11,"), "{out}{err}");
    // A field that says no type has that of the library.
    let (out, err) = answers(
        "use hubspot\nfield employees from \"Staff\"\nadd 1 per visited()\nwhen employees >= 1000 add 5\n",
        &[],
        &[],
    );
    assert!(out.contains("\n1,5,"), "{out}{err}");
    // How dates are written, said in the model, is not mixed with what a library says.
    let dates = "use salesforce\nleads { dates \"DD/MM/YYYY\" }\nwhen created = 2025-06-05 add 5\nwhen created = 2025-05-06 add 7\n";
    let own = [("leads.csv", "Lead ID,Created Date\n1,05/06/2025\n2,06/13/2025\n")];
    let (out, err) = answers(dates, &own, &[]);
    assert!(out.contains("\n1,5,") && err.contains("06/13/2025"), "{out}{err}");
    let (out, _) = answers("use salesforce\nwhen created = 2025-05-06 add 7\n", &own, &[]);
    assert!(out.contains("\n1,7,"), "{out}");
}

#[test]
fn a_library_that_is_not_there_is_told() {
    let folder = Folder::new("library-unknown");
    folder.write("model.merit", "use hubspt\nuse \"hubspot\"\n");
    let ran = folder.merit(&["check", "model.merit"].join(" "));
    assert!(
        ran.stderr.contains("did you mean `hubspot`?") && ran.stderr.contains("there is no file \"hubspot\""),
        "{}",
        ran.stderr
    );
    let ran = folder.merit(&["library", "hubspt"].join(" "));
    assert!(ran.stderr.contains("did you mean `hubspot`?") && ran.stdout.is_empty(), "{}", ran.stderr);
    let ran = folder.merit(&["library"].join(" "));
    assert!(ran.stdout.contains("hubspot     HubSpot: contacts"), "{}", ran.stdout);
    assert!(folder.merit(&["library", "freemail.txt"].join(" ")).stdout.contains("\ngmail.com\n"));
}

#[test]
fn every_name_of_every_library_checks() {
    let folder = Folder::new("library-all");
    let listed = folder.merit(&["library"].join(" ")).stdout;
    let names: Vec<&str> = listed.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert_eq!(names.len(), 15);
    for name in &names {
        let text = folder.merit(&["library", name].join(" ")).stdout;
        let fields: Vec<&str> = text.lines().filter_map(|l| l.strip_prefix("field ")?.split(':').next()).collect();
        let lets = text.lines().filter_map(|l| l.strip_prefix("let ")?.split(' ').next());
        let lets: Vec<&str> = lets.filter(|name| *name != "countries").collect();
        let rules = fields.iter().map(|f| format!("when {f} is known add 1\n"));
        let rules = rules.chain(lets.iter().map(|l| format!("when title in {l} add 1\n")));
        folder.write("model.merit", format!("use {name}\nadd 1 per visited()\n{}", rules.collect::<String>()));
        let ran = folder.merit(&["check", "model.merit"].join(" "));
        assert!(ran.status == Some(0) && !ran.stderr.contains('⚠'), "{name}: {}", ran.stderr);
    }
    // All of them at once.
    let all: String = names.iter().map(|name| format!("use {name}\n")).collect();
    folder.write("model.merit", format!("{all}when email is known and created in last 30 days add 1\n"));
    assert_eq!(folder.merit(&["check", "model.merit"].join(" ")).status, Some(0));
}

#[test]
fn a_diff_tells_of_the_line() {
    let folder = Folder::new("library-diff");
    folder.write("leads.csv", LEADS);
    folder.write("old.merit", "when employees >= 1000 add 5 because \"Large\"\n");
    folder.write("new.merit", "use hubspot\nwhen employees >= 1000 add 5 because \"Large\"\n");
    let ran = folder.merit(&["diff", "old.merit", "new.merit", "leads.csv", "--as-of", "2025-06-30"].join(" "));
    assert!(ran.stdout.contains("use hubspot"), "{}{}", ran.stdout, ran.stderr);
    assert!(!ran.stdout.contains("first_name"), "{}", ran.stdout);
    assert!(ran.stdout.contains("1 score changes, by +5"), "{}", ran.stdout);
}

#[test]
fn the_hash_covers_lists_and_tables_too() {
    let folder = Folder::new("library-hash");
    folder.write("leads.csv", LEADS);
    folder.write(
        "m.merit",
        "let rivals = lines of \"rivals.txt\"\nlet tiers = table \"tiers.csv\"\nwhen domain(email) in rivals add 5\n\
         when industry is known add (lookup(tiers, industry))\n",
    );
    let hash = |rivals: &str, tiers: &str| {
        folder.write("rivals.txt", rivals).write("tiers.csv", tiers);
        let ran = folder.merit("run m.merit leads.csv --format jsonl --quiet --as-of 2025-06-30");
        ran.objects()[0]["model"]["hash"].as_str().expect("a hash").to_owned()
    };
    let tiers = "industry,points\nRETAIL,5\n";
    let first = hash("rival.com\n", tiers);
    assert_eq!(first, hash("rival.com\n", tiers));
    assert_ne!(first, hash("rival.com\nother.com\n", tiers));
    assert_ne!(first, hash("rival.com\n", "industry,points\nRETAIL,6\n"));
}
