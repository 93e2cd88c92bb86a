//! The session without a terminal: what is typed, what is answered, and that nothing ends it.

#![allow(clippy::expect_used, clippy::panic)] // A test that cannot set up its folder fails.

use merit::session::{Reply, Session};

use super::generate::Rng;
use super::run_command::Folder;
use super::support;

/// A session on the sample.
fn sample() -> Session {
    let mut session = Session::new(support::as_of("2025-06-30"));
    session.begin(None, None, &[]);
    session
}

/// What is answered, with the codes and sentences of what there is to say.
fn told(reply: &Reply) -> String {
    let problems: Vec<String> = reply
        .problems
        .iter()
        .map(|d| format!("{}: {}{}\n", d.code, d.message, d.help.as_ref().map_or(String::new(), |h| format!(" ({h})"))))
        .collect();
    format!("{}{}", reply.text, problems.concat())
}

/// Types inputs, one after the other, and gives the last answer.
fn typed(session: &mut Session, inputs: &[&str]) -> String {
    inputs.iter().map(|input| told(&session.handle(input))).last().unwrap_or_default()
}

#[track_caller]
fn says(answer: &str, wanted: &str) {
    assert!(answer.contains(wanted), "wanted: {wanted}\n{answer}");
}

#[test]
fn the_card_works_as_typed() {
    let card = "when visited(\"pricing\") add 30; sql if score >= 70 and fit(icp)";
    let mut session = sample();
    let answer = typed(&mut session, &[card]);
    says(
        &answer,
        "line 10 was: when visited(\"pricing\") add 30 because \"Looked at prices\"\n       now: when visited(\"pricing\") add 30",
    );
    says(&answer, "the model says so already (line 29)");
    // Where `icp` is not there, the message says how to declare it.
    let mut session = Session::new(support::as_of("2025-06-30"));
    let answer = typed(&mut session, &["stages lead, sql", card]);
    says(&answer, "E201: there is no profile `icp`");
    says(&answer, "profile icp \"Mid-market software\" {");
    says(&typed(&mut session, &["profile icp { employees > 50 }", card]), "added: sql if score >= 70 and fit(icp)");
}

#[test]
fn statements_take_the_place_of_their_like() {
    let mut session = sample();
    // A rule inside of a score, by its condition; the model is shown with it.
    says(
        &typed(&mut session, &["when booked(\"demo\") add 60 because \"Demo\"", ":model interest"]),
        "  when booked(\"demo\") add 60 because \"Demo\"\n",
    );
    // A threshold that moves is the same line, a line with other parts is another way.
    says(&typed(&mut session, &["sql if score >= 90 and fit(icp)"]), "now: sql if score >= 90 and fit(icp)");
    says(
        &typed(&mut session, &["sql if booked(\"demo\") and fit(icp)"]),
        "added: sql if booked(\"demo\") and fit(icp)",
    );
    says(
        &typed(&mut session, &[":model sql"]),
        "sql if score >= 90 and fit(icp)\nsql if booked(\"demo\") and fit(icp)\n",
    );
    says(&typed(&mut session, &["profile icp { employees > 5 }", ":model icp"]), "profile icp { employees > 5 }\n");
    says(
        &typed(&mut session, &["let big = employees > 300", "let big = employees > 400"]),
        "now: let big = employees > 400",
    );
    says(
        &typed(&mut session, &["stages lead, iql, mql, sql, customer", "customer if score >= 1000"]),
        "added: customer if score >= 1000",
    );
    says(
        &typed(&mut session, &["disqualify if country = \"XX\"", "disqualify if country = \"XX\" because \"Embargo\""]),
        "now: disqualify if country = \"XX\" because \"Embargo\"",
    );
    says(
        &typed(&mut session, &["test \"a\" { expect score = 0 }", "test \"a\" { expect score = 1 }", ":test"]),
        "✗ a\n0 passed, 1 failed",
    );
    says(&typed(&mut session, &["# only a remark"]), "");
    // Comments come along; so does what stands behind a statement.
    typed(&mut session, &["# from the sales meeting\nwhen replied() add 7 # for now"]);
    says(&typed(&mut session, &[":model"]), "# from the sales meeting\n");
    says(&typed(&mut session, &[":model"]), "when replied() add 7  # for now");
    // A name that nothing gives may be meant, and is told.
    says(
        &typed(&mut session, &["sql if scor >= 5", ":undo", "sql if employes >= 5"]),
        "L505: `employes` is read as a column, and it looks like `employees`",
    );
    says(&typed(&mut session, &[":undo", "sql if wheels >= 5"]), "R702: no rule and no column is called `wheels`");
    typed(&mut session, &[":undo"]);
    // A second way is told beside the first; `>` and `>=` are one line; a reason stays where only points change.
    let mut other = sample();
    says(
        &typed(&mut other, &["mql if visited(\"pricing\")"]),
        "beside line 28: mql if score >= 40: each is a way; `:drop` and the line takes one out",
    );
    says(&typed(&mut other, &[":drop mql"]), "are about `mql` (take one out by its line: `:drop 28`)");
    says(
        &typed(&mut other, &[":undo", "mql if score > 100"]),
        "line 28 was: mql if score >= 40\n       now: mql if score > 100",
    );
    says(
        &typed(&mut other, &["when visited(\"pricing\") add 45"]),
        "now: when visited(\"pricing\") add 45 because \"Looked at prices\"",
    );
    // A name that others use stays.
    says(&typed(&mut other, &["let far = country = \"DE\"; when far add 3", ":drop far"]), "R702: `far` is still used");
    says(&typed(&mut other, &["undo"]), "R702: nothing is called `undo` (the command is `:undo`)");
    // What is begun and left is dropped by a command.
    says(&typed(&mut other, &["profile x {\n:lead S-3"]), "(3 of 8)");
    says(&typed(&mut other, &["# a remark\nlabel l { \"a\" if score > 3; otherwise \"b\""]), "E103");
    // An error changes nothing.
    let before = typed(&mut session, &[":model"]);
    says(&typed(&mut session, &["when replied() add 8; sql if fit(icpp)"]), "E201");
    assert_eq!(typed(&mut session, &[":model"]), before);
}

#[test]
fn statements_can_be_dropped_and_taken_back() {
    let mut session = sample();
    let before = typed(&mut session, &[":model"]);
    says(
        &typed(&mut session, &[":drop 13"]),
        "dropped line 13: when booked(\"demo\") add 100 because \"Booked a demo\"",
    );
    says(&typed(&mut session, &[":undo"]), "taken back: dropped line 13");
    assert_eq!(typed(&mut session, &[":model"]), before);
    // What others need stays.
    says(&typed(&mut session, &[":drop icp"]), "E201: there is no profile `icp`");
    says(&typed(&mut session, &[":drop 900"]), "R702: the rules have nothing at `900`");
    says(&typed(&mut session, &[":undo"]), "R702: there is nothing to undo");
    let again = typed(
        &mut session,
        &["when visited(\"pricing\") add 500", "let x = 1", ":set employees = 3", ":undo", ":undo", ":undo", ":model"],
    );
    assert_eq!(again, before);
}

#[test]
fn questions_are_answered_with_their_parts() {
    let mut session = sample();
    for (question, answer) in [
        ("score", "58\n"),
        ("stage", "mql\n"),
        ("stage = mql", "yes\n"),
        ("title", "\"Sales Manager\"\n"),
        ("employees * 2", "240\n  employees is 120\n"),
        ("employees between 50 and 100", "no\n  ✗ Employees between 50 and 100 (employees is 120)\n"),
        ("score >= 70 and fit(icp)", "no\n  ✗ Score >= 70 (score is 58)\n  ✓ Fit(icp) (3 of 3)\n"),
        (
            "visited(\"pricing\") in last 3 days",
            "no\n  ✗ Visited \"pricing\" in last 3 days (not in that time, once in all)\n",
        ),
        ("count(visited(\"blog\"))", "2\n"),
        ("domain(email)", "\"northwind.example\"\n"),
        ("country in [\"US\"]", "yes\n"),
        ("interest", "33\n"),
        ("could_be", "mql\n"),
        ("not fit(icp)", "no\n"),
        ("score = 58", "yes\n"),
        ("employees = 120", "yes\n"),
    ] {
        let told = typed(&mut session, &[question]);
        assert!(told.starts_with(answer), "{question}: {told}");
    }
    says(&typed(&mut session, &[":lead S-2", "employees > 50"]), "unknown: employees is missing");
    says(
        &typed(&mut session, &["fit(icp) and title mentions \"head\""]),
        "unknown: employees is missing\n  ? Fit(icp) (2 of 3; employees is missing)\n  ✓ Title mentions \"head\"",
    );
    says(
        &typed(&mut session, &["employes > 50"]),
        "R702: no rule and no column is called `employes`; did you mean `employees`?",
    );
    says(
        &typed(&mut session, &["score >= 70 score <= 80"]),
        "R702: these are 2 questions (ask one at a time, or join them with `and`",
    );
    says(&typed(&mut session, &["score; stage"]), "R702: these are 2 questions");
    says(&typed(&mut session, &["fit(ipc)"]), "E201: there is no profile `ipc` (write `icp`)");
}

#[test]
fn what_if_shows_the_difference() {
    let mut session = sample();
    says(
        &typed(&mut session, &[":did booked(\"demo\")"]),
        "S-1: mql → sql, score 58 → 158 (+100)\n  now        +100 Booked a demo\n",
    );
    says(&typed(&mut session, &[":did visited(\"blog\") 3 times yesterday"]), "score 158 → 164 (+6)");
    says(
        &typed(&mut session, &[":undo", ":undo"]),
        "taken back: S-1: did booked(\"demo\")\nS-1: sql → mql, score 158 → 58 (-100)\n  no longer  +100 Booked a demo\n",
    );
    says(
        &typed(&mut session, &[":did visited(\"pricing\") at noon"]),
        "R702: `:did` wants an activity and when behind it",
    );
    says(&typed(&mut session, &[":did expect score = 5"]), "E420: what a lead did is an activity and when");
    says(&typed(&mut session, &[":did bookd(\"demo\")"]), "R702: no rule asks for `bookd`; did you mean `booked`?");
    says(
        &typed(&mut session, &[":did visited(\"princing\")"]),
        "R702: no rule asks for `princing`; did you mean `pricing`?",
    );
    says(&typed(&mut session, &[":did booked \"demo\"", ":undo", ":undo", ":undo"]), "taken back");
    says(
        &typed(&mut session, &[":set employees = 8"]),
        "S-1: mql → iql, score 58 → 33 (-25)\n  no longer  +25 Fits us\n",
    );
    says(&typed(&mut session, &[":set employees ="]), "iql, score 33, could be iql → mql");
    says(&typed(&mut session, &[":set employees = 51-200", "fit(icp)"]), "yes");
    says(
        &typed(&mut session, &[":set employees = many"]),
        "R702: `employees` is a number, and \"many\" cannot be read as one",
    );
    says(&typed(&mut session, &[":set wheels = 4"]), "there is no field `wheels`");
    says(&typed(&mut session, &[":set title = VP of \"Sales\"", "title"]), "\"VP of \"Sales\"\"");
    says(&typed(&mut session, &[":lead"]), "employees (set)");
    says(&typed(&mut session, &[":reset"]), "score 78 → 58");
    says(&typed(&mut session, &[":reset"]), "nothing was changed about S-1");
    says(&typed(&mut session, &[":as-of 2025-12-31"]), "as of 2025-12-31\nS-1: mql → iql");
    says(&typed(&mut session, &[":as-of soon"]), "R702: `soon` is no date");
    says(
        &typed(&mut session, &["when visited() add 1", ":set country = FR", ":reset all", ":all"]),
        "8 leads as of 2025-12-31",
    );
    // A made-up lead.
    let mut session = sample();
    says(&typed(&mut session, &[":lead new"]), "new: lead, score 0, could be mql (9 of 9)");
    says(
        &typed(
            &mut session,
            &[":set industry = SaaS", ":set employees = 100", ":set country = DE", ":did booked(\"demo\")"],
        ),
        "new: iql → sql, score 25 → 125 (+100)",
    );
}

#[test]
fn leads_are_listed_filtered_and_explained() {
    let mut session = sample();
    let names = |text: &str| -> Vec<String> {
        text.lines().filter_map(|l| l.split_whitespace().find(|w| w.starts_with("S-")).map(str::to_owned)).collect()
    };
    assert_eq!(names(&typed(&mut session, &[":leads"])).len(), 8);
    assert_eq!(names(&typed(&mut session, &[":leads stage = mql and could_be = sql"])), ["S-2", "S-6"]);
    assert_eq!(names(&typed(&mut session, &[":leads country = \"US\" by score"])), ["S-4", "S-1", "S-5", "S-7"]);
    says(&typed(&mut session, &[":leads country = \"FR\""]), "for none of 8 leads");
    says(&typed(&mut session, &[":leads score >"]), "E1");
    assert_eq!(names(&typed(&mut session, &[":leads disqualified"])), ["S-7"]);
    says(
        &typed(&mut session, &[":leads contry = \"DE\""]),
        "no rule and no column is called `contry`; did you mean `country`?",
    );
    says(&typed(&mut session, &[":leads more"]), "that was the last page");
    says(&typed(&mut session, &[":lead S-9"]), "D923: there is no lead `S-9`");
    says(&typed(&mut session, &[":lead s-8", ":next"]), "S-1: mql, score 58 (1 of 8)");
    says(&typed(&mut session, &[":explain S-4"]), "To become sql");
    says(&typed(&mut session, &[":why"]), "mql: Score >= 40 (line 28)");
    says(&typed(&mut session, &[":why not sql"]), "✗ Fit(icp)");
    says(
        &typed(&mut session, &[":why not sqql"]),
        "R702: there is no stage `sqql`; did you mean `sql`? (the ladder is lead, iql, mql, sql)",
    );
    says(&typed(&mut session, &[":why iql"]), "mql: Score >= 40 (line 28)");
    let all = typed(&mut session, &["when visited(\"pricing\") add 50", ":all"]);
    says(
        &all,
        "since before the last rule: 1 of 8 leads moves: 1 mql → sql; the scores of 4 more change\n  S-1: mql → sql, score 58 → 78\n",
    );
}

#[test]
fn commands_may_be_shortened_and_help_knows_them() {
    let mut session = sample();
    says(&typed(&mut session, &[":e"]), "What decided");
    says(&typed(&mut session, &[":l"]), "R701: `:l` may be `:load` or `:leads` or `:lead`");
    says(&typed(&mut session, &[":lead"]), "(1 of 8)");
    says(&typed(&mut session, &[":wyh"]), "R701: there is no command `:wyh`; did you mean `:why`?");
    says(&typed(&mut session, &[":next 5"]), "R702: nothing can stand behind `:next`, and `5` does");
    says(&typed(&mut session, &["help"]), ":why [not] [STAGE]");
    says(&typed(&mut session, &[":help leads"]), ":leads stage = mql and could_be = sql");
    says(&typed(&mut session, &[":help :did"]), ":did visited(\"pricing\") 3 days ago");
    says(&typed(&mut session, &[":help E203"]), "# E203");
    says(&typed(&mut session, &[":help ageing"]), "halving every D");
    says(&typed(&mut session, &[":help profile"]), "profile");
    says(&typed(&mut session, &[":help round"]), "round(x), round(x, 2): rounded to whole numbers");
    says(&typed(&mut session, &[":help xyzzy"]), "R702: there is no help on `xyzzy`");
    for command in merit::session::commands::COMMANDS {
        says(&typed(&mut session, &[&format!(":help {}", command.name)]), command.about);
    }
    assert!(session.handle("quit").is_over && session.handle(":q").is_over && session.handle("exit").is_over);
}

#[test]
fn what_could_be_typed_next() {
    let session = sample();
    for (line, wanted) in [
        (":ex", "explain"),
        (":lead S-", "S-3"),
        (":why not m", "mql"),
        (":set ind", "industry"),
        (":set industry = F", "FinTech"),
        (":did boo", "booked("),
        (":did booked(\"", "demo\""),
        (":help E20", "E203"),
        (":drop ic", "icp"),
        (":leads sta", "stage"),
        ("emplo", "employees"),
        ("when visi", "visited("),
        ("when visited(\"pr", "pricing\""),
        ("when visited(\"blog\", \"pr", "pricing\""),
        ("industry = \"Fin", "FinTech\""),
        ("industry in [\"SaaS\", \"Fin", "FinTech\""),
        ("title mentions any [\"VP", "VP Growth\""),
        ("sql if score >= 70 and fit(", "icp"),
        ("stage = m", "mql"),
        ("when score >= 5 and co", "could_be"),
        ("pro", "profile"),
        ("when flo", "floor("),
        ("when fi", "fit("),
        (":help flo", "floor"),
    ] {
        let found = session.complete(line);
        assert!(found.words.iter().any(|w| w == wanted), "{line}: {found:?}");
        assert!(line.is_char_boundary(found.start), "{line}");
    }
    assert!(
        session.complete(":load exa").wants_file
            && session.complete("use \"ic").wants_file
            && session.complete("let x = lines of \"").wants_file
    );
    assert!(session.complete("xyzzy").words.is_empty());
}

#[test]
fn files_are_loaded_and_saved() {
    let folder = Folder::new("session");
    folder.write("m.merit", "stages cold, warm\nwarm if score >= 20\nwhen visited(\"pricing\") add 25\n");
    folder.write("bad.merit", "warm if score > > 5\n");
    folder.write("leads.csv", "lead_id,country\nA,US\nB,DE\n\"C").write("few.csv", "lead_id,country\nA,US\nB,DE\n");
    folder.write("did.csv", "lead_id,type,target,at\nA,visited,pricing,2025-06-01\nZ,visited,pricing,2025-06-01\n");
    let path = |name: &str| folder.path(name).to_string_lossy().into_owned();
    let load = |names: &[&str]| {
        format!(":load {}", names.iter().map(|n| format!("\"{}\"", path(n))).collect::<Vec<_>>().join(" "))
    };
    let mut session = Session::new(support::as_of("2025-06-30"));
    says(&typed(&mut session, &[&load(&["m.merit", "few.csv", "did.csv"])]), "2 leads, 1 activity");
    says(&typed(&mut session, &[":all"]), "warm  1");
    says(&typed(&mut session, &[&load(&["bad.merit"])]), "E1");
    says(&typed(&mut session, &["stage"]), "warm");
    says(&typed(&mut session, &[":load nothing.merit"]), "D901: there is no file `nothing.merit`");
    says(&typed(&mut session, &[":load"]), "R702: `:load` wants one file or more behind it");
    // A row that cannot be read is there, and says so.
    says(&typed(&mut session, &[&load(&["leads.csv"])]), "D907");
    says(&typed(&mut session, &[":all"]), "error  1");
    says(&typed(&mut session, &[":next", ":next"]), "R702: the row of");
    says(&typed(&mut session, &[":next", "when visited() add 1", &format!(":save {}", path("new.merit"))]), "wrote ");
    // Saved rules have their layout.
    assert!(
        folder.read("new.merit").ends_with("when visited(\"pricing\") add 25\nwhen visited()          add 1\n"),
        "{}",
        folder.read("new.merit")
    );
    // Never over an existing file without asking.
    let reply = session.handle(&format!(":save {}", path("m.merit")));
    says(reply.question.as_deref().unwrap_or_default(), "exists. Replace it?");
    says(&session.answer(false).text, "is as it was");
    assert!(!folder.read("m.merit").contains("visited() "));
    let reply = session.handle(&format!(":save {}", path("m.merit")));
    assert!(reply.question.is_some() && session.answer(true).text.starts_with("wrote "));
    assert!(folder.read("m.merit").contains("visited() "));
    let reply = session.handle(&format!(":save {}", path("m.merit")));
    assert!(reply.question.is_some() && session.nobody_answers().is_error());
    says(&typed(&mut session, &[":save /nowhere/at/all.merit"]), "R702: `/nowhere/at/all.merit` cannot be written");
    // Another model can be taken back, and what is not saved is not lost without a word.
    says(
        &typed(&mut session, &["when visited() add 3", &load(&["new.merit"]), ":undo", ":model"]),
        "when visited() add 3",
    );
    assert!(session.handle(":quit").question.is_some() && !session.answer(false).is_over);
    assert!(session.leave().question.is_some() && session.answer(true).is_over);
    says(
        &typed(&mut session, &[&load(&["m.merit"]), "when visited() add 2", ":reload"]),
        "what was typed at the rules is gone",
    );
    says(&typed(&mut session, &[":undo", ":model"]), "when visited() add 2");
    says(&typed(&mut sample(), &[":save"]), "R702: `:save` wants the name of a file behind it");
    says(&typed(&mut sample(), &[":reload"]), "nothing here comes from a file");
}

/// Whatever is typed: an answer, no panic, and rules that are still rules.
#[test]
fn no_input_ends_the_session_or_loses_the_model() {
    let pieces = [
        "when",
        "add 5",
        "visited(\"pricing\")",
        "sql if",
        "score >= 10",
        ";",
        "\n",
        "{",
        "}",
        "(",
        ")",
        "\"",
        "`",
        "#",
        "profile icp",
        "let x = ",
        "employees",
        "in",
        "[\"a\"]",
        ":set",
        ":did",
        ":undo",
        ":drop 3",
        ":lead",
        ":next",
        ":as-of 2025-01-01",
        ":leads",
        "by score",
        ":explain",
        ":why not",
        "mql",
        ":all",
        ":reset all",
        ":model",
        "stages a, b",
        "test \"t\" { expect score = 1 }",
        "∞",
        "\u{202e}",
        "\t",
        "ümlaut",
        "=",
        "= 5",
        "missing",
        "1e999",
        "9999999999999999999999",
        "-",
        "and",
        "or",
        "not",
        "per",
        "up to",
        "halving every 30 days",
        "score x {",
        "label l { otherwise \"a\" }",
        "fit(icp)",
        "stage",
        "could_be",
        "\0",
        "😀",
        "𝕏 = 1",
        ":",
        "::",
        ":?",
        ":helpp",
        "add 3 each time",
        "in last 5 days",
        "then",
        "today",
        "2025-13-45",
        "count(",
        "domain(email)",
        "use \"x.merit\"",
        "lines of \"y\"",
    ];
    let mut session = sample();
    let mut changes = 0;
    for seed in 0..4000 {
        let mut rng = Rng::named(seed, "typed");
        let input: Vec<&str> = (0..rng.between(1, 7)).map(|_| rng.pick(&pieces)).collect();
        let mut input = input.join(" ");
        if rng.chance(20) {
            let whole = [
                "when visited(\"pricing\") add 5",
                "sql if score >= 10",
                "let x = employees > 5",
                "profile p { x }",
                "score s { add 1 }",
                "label l { \"a\" if score > 3; otherwise \"b\" }",
            ];
            input = format!("{}; {}", rng.pick(&whole), rng.pick(&["", "# remark", &input]));
        }
        let before = told(&session.handle(":model"));
        let reply = session.handle(&input);
        let _ = session.complete(&input);
        let _ = session.prompt();
        assert!(!reply.is_over, "{input:?} ends the session");
        let after = told(&session.handle(":model"));
        assert!(
            !reply.is_error() || after == before || input.starts_with(':'),
            "{input:?} is refused, and changes the rules\n{after}"
        );
        changes += usize::from(after != before);
        if !after.starts_with("there are no rules") {
            let text: String = after
                .lines()
                .filter_map(|l| l.split_once(" │"))
                .map(|(_, l)| l.strip_prefix(' ').unwrap_or(l).to_owned() + "\n")
                .collect();
            assert!(support::checked(&text).model.is_some(), "after {input:?} the rules are\n{text}");
        }
        if seed % 50 == 0 {
            session = sample();
        }
    }
    assert!(changes > 100, "only {changes} inputs changed the rules");
}

#[test]
fn piped_input_gives_results_alone_and_stops_at_an_error() {
    let folder = Folder::new("piped");
    folder.write("m.merit", "stages cold, warm\nwarm if score >= 20\nwhen visited(\"pricing\") add 25\n");
    folder
        .write("leads.csv", "lead_id,country\nA,US\nB,DE\n")
        .write("did.csv", "lead_id,type,target,at\nA,visited,pricing,2025-03-01\n");
    let script = b"score\nprofile icp {\n  country = \"US\"\n}\nfit(icp)\n:set contry = DE\nstage\n";
    let ran = folder.merit_fed("repl m.merit leads.csv --events did.csv", script);
    ran.ends(1).is("repl_piped");
    folder.merit_fed("repl m.merit leads.csv --events did.csv --keep-going", script).ends(1).is("repl_keep_going");
    folder.merit_fed("repl m.merit leads.csv --events did.csv", b"score\n:quit\nfoo(\n").ends(0);
    folder.merit_fed("repl", b":lead\n").ends(0).is("repl_sample");
    folder.merit_fed("repl nothing.merit", b"score\n").ends(1);
    folder
        .merit_fed("repl m.merit leads.csv", b":save m.merit\n")
        .ends(1)
        .says("`m.merit` exists, and nothing was written");
    // Leads alone: rules are typed.
    folder
        .merit_fed("repl leads.csv", b"stages cold, warm; warm if country = \"US\"\nstage\n")
        .ends(0)
        .is("repl_leads_alone");
}

#[test]
fn what_is_said_in_english_is_a_command() {
    for (input, command) in [
        ("why not sql", ":why not sql"),
        ("Why not sql?", ":why not sql"),
        ("what if employees = 200", ":set employees = 200"),
        ("what if booked(\"demo\")", ":did booked(\"demo\")"),
        ("set employees = 200", ":set employees = 200"),
        ("leads stage = mql", ":leads stage = mql"),
    ] {
        let mut session = sample();
        says(&typed(&mut session, &[":next", input]), &format!("write `{command}`"));
        // What it says to type is accepted.
        let answer = typed(&mut session, &[command]);
        assert!(!answer.contains("R70"), "{command}: {answer}");
    }
}
