//! `merit run` as people and programs see it: the real binary in a folder of its own, whole outputs compared.
//!
//! Also owns what the other tests of commands share: a folder, a run in it, and snapshots in `tests/snapshots/`, which
//! `MERIT_RENEW=1` writes anew.

#![allow(clippy::expect_used, clippy::panic)] // A test that cannot set up its folder fails.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value as Json;

/// A folder with the files of one test, gone when the test is over.
pub(super) struct Folder(PathBuf);

impl Folder {
    pub(super) fn new(name: &str) -> Folder {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).expect("a folder");
        Folder(path)
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// Writes a file, and the folders above it.
    pub(super) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> &Folder {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, content).expect("a file");
        self
    }

    pub(super) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).expect("a file")
    }

    /// The names in the folder, in order.
    pub(super) fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = std::fs::read_dir(&self.0)
            .expect("a folder")
            .map(|e| e.expect("a file").file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    /// The program in this folder, without anything of the environment that it heeds.
    pub(super) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_merit"));
        command.current_dir(&self.0).args(arguments);
        for name in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "COLUMNS", "FORCE_COLOR"] {
            command.env_remove(name);
        }
        command
    }

    /// Runs the program as of 2025-03-31, without colours.
    pub(super) fn merit(&self, line: &str) -> Ran {
        self.merit_fed(line, b"")
    }

    /// The same with something on standard input.
    pub(super) fn merit_fed(&self, line: &str, input: &[u8]) -> Ran {
        let mut arguments: Vec<&str> = line.split_whitespace().collect();
        if !line.contains("--as-of") {
            arguments.extend(["--as-of", "2025-03-31"]);
        }
        if !line.contains("--color") {
            arguments.extend(["--color", "never"]);
        }
        run(self.command(&arguments), line, input)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// What a run of the program gave.
pub(super) struct Ran {
    pub line: String,
    pub status: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

pub(super) fn run(mut command: Command, line: &str, input: &[u8]) -> Ran {
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program");
    let mut stdin = child.stdin.take().expect("its input");
    let input = input.to_vec();
    let feeder = std::thread::spawn(move || drop(stdin.write_all(&input)));
    let out = child.wait_with_output().expect("its end");
    feeder.join().expect("the input");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    Ran {
        line: line.to_owned(),
        status: out.status.code(),
        stdout: text(out.stdout),
        stderr: without_time(&text(out.stderr)),
    }
}

/// `(0.03 s)` is `(… s)`.
pub(super) fn without_time(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('(') {
        let digits = after.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(after.len());
        out.push_str(before);
        out.push('(');
        rest = if digits > 0 && after[digits..].starts_with(" s)") {
            out.push('…');
            &after[digits..]
        } else {
            after
        };
    }
    out + rest
}

impl Ran {
    #[track_caller]
    pub(super) fn ends(&self, status: i32) -> &Ran {
        assert_eq!(self.status, Some(status), "{}\nstdout: {}\nstderr: {}", self.line, self.stdout, self.stderr);
        self
    }

    /// The whole output is that of `tests/snapshots/cli_NAME.txt`.
    #[track_caller]
    pub(super) fn is(&self, name: &str) -> &Ran {
        let status = self.status.map_or("none".to_owned(), |s| s.to_string());
        let text =
            format!("$ merit {}\n[status {status}]\n[stdout]\n{}[stderr]\n{}", self.line, self.stdout, self.stderr);
        same_as_snapshot(&format!("cli_{name}.txt"), &text);
        self
    }

    /// The lines of standard output that are JSON.
    pub(super) fn objects(&self) -> Vec<Json> {
        self.stdout.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
    }

    #[track_caller]
    pub(super) fn says(&self, words: &str) -> &Ran {
        let told: String = self.stderr.split_whitespace().filter(|w| *w != "│").collect::<Vec<_>>().join(" ");
        assert!(told.contains(words), "{}\nwanted: {words}\ntold: {}", self.line, self.stderr);
        self
    }
}

#[track_caller]
pub(super) fn same_as_snapshot(file: &str, text: &str) {
    snapshot_in(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots"), file, text);
}

/// The same for a snapshot in another folder.
#[track_caller]
pub(super) fn snapshot_in(folder: &Path, file: &str, text: &str) {
    let path = folder.join(file);
    if std::env::var_os("MERIT_RENEW").is_some() {
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(&path, text).expect("a file");
        return;
    }
    let wanted = std::fs::read_to_string(&path)
        .unwrap_or_else(|_| panic!("there is no snapshot {file}; MERIT_RENEW=1 writes it"));
    assert!(wanted == text, "{file} differs (MERIT_RENEW=1 writes it anew)\n--- wanted\n{wanted}\n--- got\n{text}");
}

pub(super) const MODEL: &str = r#"model "Small" { version "3" }
field employees: number
score engagement up to 40 { when visited("pricing") add 30; when visited() add 5 each time }
score firmographic { when employees >= 50 add 12.5 because "Large, really" if not subtract 3 }
mql if score >= 20
sql if score >= 50 because "High"
disqualify if domain(email) = "rival.example" because "Competitor"
exclude if domain(email) = "ours.example" because "Our own"
label grade { "A" if score >= 50; "B" if score >= 20; otherwise "C" }
review if stage = sql and phone is missing because "No phone"
review if employees > 1k because "Huge: {employees}"
"#;

pub(super) const LEADS: &str = "\
id,email,employees,phone,notes
a1,kim@shop.example,120,,\"one, two\"
b2,lee@rival.example,2000,+43 1,
c3,ann@ours.example,5,,
d4,jo@shop.example,,+43 2,\"said \"\"hm\"\"\"
e5,ed@shop.example,7,+43 3,x
";

pub(super) const EVENTS: &str = "\
lead_id,type,target,at
a1,visited,pricing,2025-03-01
a1,visited,blog,2025-03-02T10:00:00Z
d4,visited,blog,2025-03-03
a1,visited,blog,2025-03-03
";

fn small(name: &str) -> Folder {
    let folder = Folder::new(name);
    folder.write("m.merit", MODEL).write("leads.csv", LEADS).write("events.csv", EVENTS);
    folder
}

// What comes out.

#[test]
fn csv_is_the_usual_shape() {
    small("run-csv").merit("run m.merit leads.csv --events events.csv").ends(0).is("run_csv");
}

#[test]
fn json_lines() {
    small("run-jsonl").merit("run m.merit leads.csv --events events.csv --format jsonl").ends(0).is("run_jsonl");
}

#[test]
fn json_is_one_array_of_the_same_objects() {
    let folder = small("run-json");
    let array = folder.merit("run m.merit leads.csv --events events.csv --format json").ends(0).stdout.clone();
    let lines = folder.merit("run m.merit leads.csv --events events.csv --format jsonl").objects();
    assert_eq!(serde_json::from_str::<Json>(&array).expect("JSON"), Json::Array(lines));
}

#[test]
fn a_table_for_people() {
    small("run-table").merit("run m.merit leads.csv --events events.csv --format table").ends(0).is("run_table");
}

#[test]
fn a_table_with_bad_rows() {
    let folder = small("run-table-bad");
    folder.write("leads.csv", "id,employees,email,phone\na,60,k@x.example,1\nb,1\nc,5,l@x.example,2\n");
    folder.merit("run m.merit leads.csv --format table").ends(1).is("run_table_bad_rows");
}

#[test]
fn no_leads_at_all() {
    let folder = small("run-none");
    folder.write("leads.csv", "id,email,employees,phone\n").write("leads.json", "[]");
    folder.merit("run m.merit leads.csv").ends(0).is("run_no_leads_csv");
    assert_eq!(folder.merit("run m.merit leads.csv --format json").ends(0).stdout, "[]\n");
    assert_eq!(folder.merit("run m.merit leads.csv --format jsonl").ends(0).stdout, "");
}

#[test]
fn a_json_object_has_the_keys_of_the_interface_page_in_their_order() {
    let ran = small("run-keys").merit("run m.merit leads.csv --events events.csv --format jsonl --quiet");
    let keys = |json: &Json| json.as_object().expect("an object").keys().cloned().collect::<Vec<_>>().join(" ");
    let objects = ran.objects();
    assert_eq!(objects.len(), 5);
    for object in &objects {
        assert_eq!(
            keys(object),
            "lead_id score scores stage labels could_be possible_score missing review fired as_of model"
        );
        assert_eq!(keys(&object["scores"]), "engagement firmographic");
        assert_eq!(keys(&object["labels"]), "grade");
        assert_eq!(keys(&object["possible_score"]), "low high");
        assert_eq!(keys(&object["model"]), "name version hash");
        assert_eq!(object["as_of"], "2025-03-31T23:59:59.999999Z");
        assert!(object["model"]["hash"].as_str().is_some_and(|h| h.starts_with("sha256:") && h.len() == 71));
        for fired in object["fired"].as_array().expect("an array") {
            assert_eq!(keys(fired), "kind rule because group points line");
        }
    }
    // Points and bounds add up to the score.
    for object in objects.iter().filter(|o| !o["score"].is_null()) {
        let sum: f64 = object["fired"].as_array().expect("an array").iter().filter_map(|f| f["points"].as_f64()).sum();
        assert_eq!(Some(sum), object["score"].as_f64());
    }
    assert_eq!(objects[0]["fired"][2]["kind"], "bounds");
    assert_eq!(objects[0]["fired"][2]["points"], -5);
    let excluded = &objects[2];
    assert!(
        excluded["score"].is_null()
            && excluded["possible_score"]["low"].is_null()
            && excluded["possible_score"]["high"].is_null()
    );
    assert!(excluded["scores"]["engagement"].is_null() && excluded["labels"]["grade"].is_null());
    assert_eq!(excluded["could_be"], "excluded");
    assert_eq!(excluded["fired"].as_array().map(Vec::len), Some(1));
    assert_eq!(objects[3]["missing"], serde_json::json!(["employees"]));
}

#[test]
fn change_stands_beside_the_stage_only_where_it_is_asked_for() {
    let folder = small("run-change");
    folder.write("change.merit", "stages lead, mql, sql from lifecycle_stage\nwhen employees >= 50 add 20\nmql if score >= 20\ndisqualify if phone = \"0\"\nlabel grade { otherwise \"C\" }\n");
    folder.write(
        "leads.csv",
        "id,employees,phone,Lifecycle Stage\na,60,1,lead\nb,60,1,marketingqualifiedlead\nc,60,1,SQL\nd,60,1,\ne,60,1,Prospect\nf,60,0,sql\n",
    );
    folder.merit("run change.merit leads.csv").ends(0).is("run_change");
    let objects = folder.merit("run change.merit leads.csv --format jsonl").objects();
    let keys: Vec<&String> = objects[0].as_object().expect("an object").keys().collect();
    assert_eq!(keys[3..6], ["stage", "change", "labels"]);
    let changes: Vec<&Json> = objects.iter().map(|o| &o["change"]).collect();
    assert_eq!(serde_json::json!(changes), serde_json::json!(["raised", "same", "lowered", null, null, null]));
}

#[test]
fn numbers_are_the_shortest_decimals() {
    let folder = small("run-decimals");
    folder.write("n.merit", "field n: number\nwhen n is known add (n)\n");
    folder.write("n.csv", "id,n\na,130\nb,12.50\nc,-3.14150\nd,0.00004\ne,1M\n");
    assert_eq!(
        folder.merit("run n.merit n.csv --columns lead_id,score").ends(0).stdout,
        "lead_id,score\na,130\nb,12.5\nc,-3.1415\nd,0\ne,1000000\n"
    );
    let lines = folder.merit("run n.merit n.csv --format jsonl").stdout;
    assert!(
        lines.contains("\"score\":12.5,")
            && lines.contains("\"score\":-3.1415,")
            && lines.contains("\"score\":1000000,")
    );
}

#[test]
fn columns_are_chosen() {
    let folder = small("run-columns");
    let line = "run m.merit leads.csv --events events.csv --columns lead_id,Notes,firmographic,engagement,missing,possible_score,as_of,grade,error";
    folder.merit(line).ends(0).is("run_columns");
}

#[test]
fn a_column_that_there_is_not() {
    let folder = small("run-no-column");
    folder.merit("run m.merit leads.csv --columns lead_id,firmografic -o out.csv").ends(2).is("run_no_such_column");
    assert!(!folder.names().contains(&"out.csv".to_owned()));
}

#[test]
fn keep_puts_the_input_columns_first() {
    let folder = small("run-keep");
    folder.merit("run m.merit leads.csv --events events.csv --keep").ends(0).is("run_keep");
    folder.merit("run m.merit leads.csv --keep --columns score,stage").ends(0).is("run_keep_columns");
}

#[test]
fn the_order_of_the_input_is_kept() {
    let folder = small("run-order");
    let ids: Vec<String> = (0..3000).map(|i| format!("L{}", (i * 7919) % 3001)).collect();
    folder.write(
        "leads.csv",
        format!(
            "id,email,employees,phone\n{}",
            ids.iter().map(|id| format!("{id},k@x.example,5,1\n")).collect::<String>()
        ),
    );
    let out = folder.merit("run m.merit leads.csv --columns lead_id").ends(0).stdout.clone();
    assert_eq!(out.lines().skip(1).collect::<Vec<_>>(), ids);
}

// Where it goes.

#[test]
fn a_file_is_written_whole() {
    let folder = small("run-output");
    let to_stdout = folder.merit("run m.merit leads.csv").stdout;
    let ran = folder.merit("run m.merit leads.csv -o out.csv");
    ran.ends(0);
    assert_eq!((ran.stdout.as_str(), folder.read("out.csv")), ("", to_stdout.clone()));
    assert_eq!(folder.names(), ["events.csv", "leads.csv", "m.merit", "out.csv"]);
    assert_eq!(folder.merit("run m.merit leads.csv -o -").ends(0).stdout, to_stdout);
}

#[test]
fn a_run_that_fails_leaves_what_was_there() {
    let folder = small("run-untouched");
    folder
        .write("out.csv", "what was there")
        .write("leads.csv", "id,email,employees,phone\na,k@x.example,1,1\nb,2\nc,k@x.example,1,1\n");
    folder.merit("run m.merit leads.csv --strict -o out.csv").ends(1).is("run_strict_output");
    assert_eq!(folder.read("out.csv"), "what was there");
    assert_eq!(folder.names(), ["events.csv", "leads.csv", "m.merit", "out.csv"]);
    // Without --strict the row comes out, and the file is written.
    folder.merit("run m.merit leads.csv -o out.csv").ends(1);
    assert_eq!(folder.read("out.csv").lines().count(), 4);
}

#[test]
fn places_that_cannot_be_written() {
    let folder = small("run-unwritable");
    folder.write("folder/x", "");
    folder.merit("run m.merit leads.csv -o folder").ends(2).is("run_output_is_a_folder");
    folder.merit("run m.merit leads.csv -o nowhere/out.csv").ends(2).is("run_output_nowhere");
    folder.merit("run m.merit leads.csv -o leads.csv/out.csv").ends(2);
    assert_eq!(folder.names(), ["events.csv", "folder", "leads.csv", "m.merit"]);
}

#[test]
fn a_closed_pipe_is_no_error() {
    let folder = small("run-pipe");
    let rows: String = (0..100_000).map(|i| format!("L{i},k@x.example,{},1\n", i % 200)).collect();
    folder.write("leads.csv", format!("id,email,employees,phone\n{rows}"));
    let mut command = folder.command(&["run", "m.merit", "leads.csv", "--as-of", "2025-03-31"]);
    let mut child =
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program");
    let mut line = String::new();
    {
        let mut reader = BufReader::new(child.stdout.take().expect("its output"));
        reader.read_line(&mut line).expect("a line");
    }
    let mut stderr = String::new();
    child.stderr.take().expect("its messages").read_to_string(&mut stderr).expect("its messages");
    assert_eq!(child.wait().expect("its end").code(), Some(0), "{stderr}");
    assert_eq!((line.as_str(), stderr.as_str()), ("lead_id,score,stage,grade,could_be,review,reasons\n", ""));
}

// What comes in.

#[test]
fn the_same_leads_in_every_shape() {
    let folder = small("run-shapes");
    let wanted = folder.merit("run m.merit leads.csv --columns lead_id,score,stage,notes").ends(0).stdout.clone();
    let rows = [
        ("a1", "kim@shop.example", "120", "", "one, two"),
        ("b2", "lee@rival.example", "2000", "+43 1", ""),
        ("c3", "ann@ours.example", "5", "", ""),
        ("d4", "jo@shop.example", "", "+43 2", "said \"hm\""),
        ("e5", "ed@shop.example", "7", "+43 3", "x"),
    ];
    let objects: Vec<String> = (rows.iter())
        .map(|(id, email, employees, phone, notes)| {
            serde_json::json!({"id": id, "email": email, "employees": employees.parse::<u32>().ok(), "phone": phone, "notes": notes}).to_string()
        })
        .collect();
    folder.write("leads.jsonl", objects.join("\n")).write("leads.json", format!("[{}]", objects.join(",\n")));
    let tsv: String = (rows.iter())
        .map(|(a, b, c, d, e)| format!("{a}\t{b}\t{c}\t{d}\t\"{}\"\r\n", e.replace('"', "\"\"")))
        .collect();
    folder.write("leads.tsv", format!("\u{feff}id\temail\temployees\tphone\tnotes\r\n{tsv}"));
    let semicolons: String =
        (rows.iter()).map(|(a, b, c, d, e)| format!("{a};{b};{c};{d};\"{}\"\n", e.replace('"', "\"\""))).collect();
    folder.write("semicolons.csv", format!("id;email;employees;phone;notes\n{semicolons}"));
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(LEADS.as_bytes()).expect("memory");
    folder.write("leads.csv.gz", gzip.finish().expect("memory"));
    folder.write("leads.csv.zst", zstd::encode_all(LEADS.as_bytes(), 3).expect("memory"));
    folder.write("wrong-name.xlsx", LEADS);
    let utf16: Vec<u8> = std::iter::once(0xfeff).chain(LEADS.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    folder.write("utf16.csv", utf16);
    for file in [
        "leads.jsonl",
        "leads.json",
        "leads.tsv",
        "semicolons.csv",
        "leads.csv.gz",
        "leads.csv.zst",
        "wrong-name.xlsx",
        "utf16.csv",
    ] {
        let ran = folder.merit(&format!("run m.merit {file} --columns lead_id,score,stage,notes"));
        assert_eq!(ran.ends(0).stdout, wanted, "{file}");
    }
}

#[test]
fn windows_1252_is_read_and_told() {
    let folder = small("run-latin1");
    folder.write("leads.csv", b"id,email,employees,phone\na,k@x.example,1,M\xfcller\n");
    let ran = folder.merit("run m.merit leads.csv --columns lead_id,phone");
    ran.ends(0).is("run_windows_1252");
}

#[test]
fn a_format_that_is_said() {
    let folder = small("run-format");
    folder.write("leads.txt", "id\temail, phone, fax, note\temployees\tphone\na\tk@x.example\t60\t1\n");
    assert_eq!(
        folder.merit("run m.merit leads.txt --input-format tsv --columns lead_id,score").ends(0).stdout,
        "lead_id,score\na,12.5\n"
    );
    folder.merit("run m.merit leads.csv --input-format jsonl").ends(1);
}

#[test]
fn standard_input() {
    let folder = small("run-stdin");
    let wanted = folder.merit("run m.merit leads.csv --events events.csv").stdout;
    let of_leads = folder.merit_fed("run m.merit - --events events.csv", LEADS.as_bytes());
    assert_eq!(of_leads.ends(0).stdout, wanted);
    let of_model = folder.merit_fed("run - leads.csv --events events.csv", MODEL.as_bytes());
    assert_eq!(of_model.ends(0).stdout, wanted);
    let of_events = folder.merit_fed("run m.merit leads.csv --events -", EVENTS.as_bytes());
    assert_eq!(of_events.ends(0).stdout, wanted);
}

#[test]
fn standard_input_has_a_name_in_messages() {
    let folder = small("run-stdin-name");
    folder.merit_fed("run m.merit -", b"id,emial,employees,phone\na,k@x.example,many,1\n").ends(0).is("run_stdin_name");
}

#[test]
fn standard_input_cannot_be_two_things() {
    small("run-stdin-twice").merit_fed("run - -", MODEL.as_bytes()).ends(2).is("run_stdin_twice");
}

#[test]
fn no_activity_at_all_is_told_once() {
    const TOLD: &str = "the model reads activity, such as `visited`, and none is given";
    let folder = small("run-no-activity");
    let told = |line: &str| folder.merit(line).ends(0).stderr.matches("D925").count();
    folder.merit("run m.merit leads.csv").ends(0).says(TOLD);
    folder.merit("explain m.merit leads.csv --stage mql").ends(0).says("--events activity.csv");
    assert_eq!(told("run m.merit leads.csv"), 1);
    assert_eq!(told("run m.merit leads.csv --quiet"), 0);
    assert_eq!(told("run m.merit leads.csv --events events.csv"), 0);
    folder.write("nested.jsonl", "{\"id\":\"a\",\"employees\":1,\"email\":\"\",\"phone\":\"\",\"events\":[]}\n");
    assert_eq!(told("run m.merit nested.jsonl"), 0);
    folder.write("facts.merit", "when employees > 5 add 5\n");
    assert_eq!(told("run facts.merit leads.csv"), 0);
}

#[test]
fn a_column_to_write_is_suggested_once() {
    let folder = small("run-suggested-once");
    folder.write("lead-ids.csv", "Lead ID,email,employees,phone\na1,k@x.example,120,1\n");
    let ran = folder.merit("run m.merit lead-ids.csv --columns nope");
    assert_eq!(ran.ends(2).stderr.to_lowercase().matches("lead").count(), 1, "{}", ran.stderr);
}

#[test]
fn activity_under_other_names() {
    let folder = small("run-event-columns");
    let wanted = folder.merit("run m.merit leads.csv --events events.csv").stdout;
    folder.write("log.csv", EVENTS.replace("lead_id,type,target,at", "Contact,Event Name,Page,When"));
    let ran = folder.merit(
        "run m.merit leads.csv --events log.csv --event-columns lead_id=contact,type=event_name,target=page,at=when",
    );
    assert_eq!(ran.ends(0).stdout, wanted);
    let lines: String = (EVENTS.lines().skip(1))
        .map(|l| l.split(',').collect::<Vec<_>>())
        .map(|c| {
            serde_json::json!({"lead_id": c[0], "type": c[1], "target": c[2], "at": c[3], "more": {"x": 1}}).to_string()
                + "\n"
        })
        .collect();
    folder.write("events.jsonl", lines);
    assert_eq!(folder.merit("run m.merit leads.csv --events events.jsonl").ends(0).stdout, wanted);
}

#[test]
fn activity_inside_the_leads() {
    let folder = small("run-nested");
    let visit = |target: &str, at: &str| serde_json::json!({"type": "visited", "target": target, "at": at});
    let lead = serde_json::json!({"id": "a1", "email": "kim@shop.example", "employees": 120, "phone": "1",
        "events": [visit("pricing", "2025-03-01"), visit("blog", "2025-04-01")]});
    folder.write("leads.jsonl", lead.to_string());
    let object = &folder.merit("run m.merit leads.jsonl --format jsonl").ends(0).objects()[0];
    assert_eq!(object["scores"], serde_json::json!({"engagement": 35, "firmographic": 12.5}));
    // The same in a column of CSV, and with a file of activity beside it.
    let cell = serde_json::json!([visit("blog", "2025-03-01")]).to_string().replace('"', "\"\"");
    folder.write("leads.csv", format!("id,email,employees,phone,events\na1,kim@shop.example,120,1,\"{cell}\"\n"));
    let object = &folder.merit("run m.merit leads.csv --format jsonl").ends(0).objects()[0];
    assert_eq!(object["scores"]["engagement"], 5);
    folder.write("events.csv", "lead_id,type,target,at\na1,visited,plans,2025-03-01\n");
    let object = &folder.merit("run m.merit leads.csv --events events.csv --format jsonl").ends(0).objects()[0];
    assert_eq!(object["scores"]["engagement"], 10);
}

#[test]
fn activity_of_unknown_leads_and_copies_are_counted() {
    let folder = small("run-orphans");
    folder.write(
        "events.csv",
        "lead_id,type,target,at,event_id\na1,visited,blog,2025-03-01,x\nzz,visited,blog,2025-03-01,x\na1,visited,blog,2025-03-02,x\nzz,visited,,2025-03-01,\nyy,visited,,2025-03-01,\nA1,visited,,2025-03-01,\n",
    );
    folder
        .merit("run m.merit leads.csv --events events.csv --columns lead_id,engagement")
        .ends(0)
        .is("run_orphans_and_copies");
}

#[test]
fn ids_that_stand_twice() {
    let folder = small("run-twice");
    folder
        .write("leads.csv", "id,email,employees,phone\na1,k@x.example,120,1\nb,k@x.example,1,1\na1,k@x.example,3,1\n");
    folder.merit("run m.merit leads.csv --events events.csv --columns lead_id,score").ends(0).is("run_duplicate_ids");
}

#[test]
fn which_column_is_the_id() {
    let folder = small("run-id");
    let ids = |line: &str| folder.merit(line).ends(0).stdout.lines().skip(1).collect::<Vec<_>>().join(" ");
    folder.write("a.csv", "email,Record ID,phone,employees\nk@x.example,7,1,2\nl@x.example,,1,2\n");
    assert_eq!(ids("run m.merit a.csv --columns lead_id"), "7 [row 2]");
    assert_eq!(ids("run m.merit a.csv --columns lead_id --id email"), "k@x.example l@x.example");
    folder.write("b.csv", "name,phone,employees,email\nKim,1,2,\nLee,1,2,x\n");
    assert_eq!(ids("run m.merit b.csv --columns lead_id --id NAME"), "Kim Lee");
    folder.write("c.csv", "name,phone,employees\nKim,1,2\nLee,1,2\n");
    assert_eq!(ids("run m.merit c.csv --columns lead_id"), "1 2");
    folder.write("d.csv", "contact id,id,lead_id,email,phone,employees\n1,2,3,4,5,6\n");
    assert_eq!(ids("run m.merit d.csv --columns lead_id"), "3");
}

#[test]
fn a_field_that_no_column_gives() {
    let folder = small("run-unfed");
    folder.write("leads.csv", "id,email,emplyees,phone\na1,k@x.example,120,1\n");
    folder.merit("run m.merit leads.csv").ends(0).is("run_unfed");
    folder.merit("run m.merit leads.csv --strict -o out.csv").ends(1).is("run_unfed_strict");
    assert!(!folder.path("out.csv").exists());
}

#[test]
fn rows_that_cannot_be_read_come_out_and_the_run_goes_on() {
    let folder = small("run-bad-rows");
    folder.write(
        "leads.csv",
        "id,email,employees,phone\na1,k@x.example,120,1\nb2,only two\nc3,k@x.example,5,1,2,3\nd4,k@x.example,60,1\n",
    );
    folder.merit("run m.merit leads.csv").ends(1).is("run_bad_rows_csv");
    folder.merit("run m.merit leads.csv --format jsonl --quiet").ends(1).is("run_bad_rows_jsonl");
    folder.merit("run m.merit leads.csv --columns lead_id,score,error --quiet").ends(1).is("run_bad_rows_error_column");
    folder.write("no-id.csv", "name,employees,phone\nKim,120,1\nLee\nAnn,1,1\n");
    let out = folder.merit("run m.merit no-id.csv --columns lead_id,stage --quiet").ends(1).stdout.clone();
    assert_eq!(out, "lead_id,stage\n1,lead\n2,error\n3,lead\n");
    folder
        .write("leads.jsonl", "{\"id\":\"a\",\"employees\":60}\n{\"id\":\"b\",\n[1]\n{\"id\":\"d\",\"employees\":1}\n");
    let ran = folder.merit("run m.merit leads.jsonl --format jsonl --quiet");
    let stages: Vec<String> = ran
        .ends(1)
        .objects()
        .iter()
        .map(|o| format!("{}:{}", o["lead_id"], if o["error"].is_string() { "error" } else { "" }))
        .collect();
    assert_eq!(stages, ["\"a\":", "\"b\":error", "\"3\":error", "\"d\":"]);
}

#[test]
fn strict_stops_at_the_first_row_that_cannot_be_read() {
    let folder = small("run-strict");
    folder.write("leads.csv", "id,email,employees,phone\na1,k@x.example,120,1\nb2,only two\nc3,too\n");
    let ran = folder.merit("run m.merit leads.csv --strict");
    ran.ends(1).says("line 3 has 2 cells, the header 4");
    assert!(!ran.stderr.contains("line 4"), "{}", ran.stderr);
    folder.merit("run m.merit leads.csv --strict --id email").ends(1);
    small("run-strict-fine").merit("run m.merit leads.csv --strict").ends(0);
}

// How it talks.

#[test]
fn quiet_says_nothing_but_errors() {
    let folder = small("run-quiet");
    folder.write(
        "leads.csv",
        "id,email,emplyees,email,phone\na1,k@x.example,120,x,1\nb2,k@x.example,120,x,1\nb2,k@x.example,120,x,1\n",
    );
    folder.write("events.csv", "lead_id,type,target,at\nzz,visited,,2025\na1,visited,,yesterday\n");
    for quiet in ["--quiet", "-q"] {
        let ran = folder.merit(&format!("run m.merit leads.csv --events events.csv {quiet}"));
        assert_eq!(ran.ends(0).stderr, "");
    }
    folder.write("leads.csv", "id,email,employees,phone\na1\n");
    folder.merit("run m.merit leads.csv -q").ends(1).is("run_quiet_errors");
}

#[test]
fn diagnostics_for_programs_are_one_object_a_line() {
    let folder = small("run-json-diagnostics");
    folder.write("leads.csv", "id,email,emplyees,email,phone\na1,k@x.example,120,x,1\na1,k@x.example,120,x,1\nb2\n");
    folder.write("events.csv", "lead_id,type,target,at,event_id\nzz,visited,,2025-03-01,1\na1,visited,,yesterday,2\na1,visited,,2025-03-01,2\n");
    let ran = folder.merit("run m.merit leads.csv --events events.csv --diagnostics json --columns lead_id,score");
    ran.ends(1).is("run_json_diagnostics");
    folder.write("wrong.merit", "when employees > add 5\nwhne x\n");
    let wrong = folder.merit("run wrong.merit leads.csv --diagnostics json");
    wrong.ends(1);
    for line in ran.stderr.lines().chain(wrong.stderr.lines()) {
        let object: Json = serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"));
        let keys: Vec<&String> = object.as_object().expect("an object").keys().collect();
        assert_eq!(keys, ["code", "severity", "message", "file", "labels", "help"], "{line}");
        for label in object["labels"].as_array().expect("an array") {
            assert!(["start", "end", "line", "column", "text"].iter().all(|key| !label[key].is_null()), "{line}");
        }
    }
    let first: Json = serde_json::from_str(wrong.stderr.lines().next().expect("a line")).expect("JSON");
    assert_eq!((&first["file"], &first["labels"][0]["line"]), (&"wrong.merit".into(), &1.into()));
}

#[test]
fn plain_diagnostics_have_no_drawing() {
    let folder = small("run-plain");
    folder.write("wrong.merit", "when employees > add 5\n");
    folder.merit("run wrong.merit leads.csv --diagnostics plain").ends(1).is("run_plain_diagnostics");
}

#[test]
fn a_model_with_errors_evaluates_nothing() {
    let folder = small("run-wrong-model");
    folder.write("wrong.merit", "when employees >= 50 add 5\nwhen fit(icp) add 30\nsqll if score >= 5\n");
    folder.write("out.csv", "old");
    folder.merit("run wrong.merit leads.csv -o out.csv").ends(1).is("run_model_with_errors");
    assert_eq!(folder.read("out.csv"), "old");
}

#[test]
fn colours() {
    let folder = small("run-colours");
    folder.write("wrong.merit", "when employees > add 5\n");
    let stderr = |when: &[&str], variable: Option<&str>| {
        let mut command = folder.command(&["run", "wrong.merit", "leads.csv"]);
        command.args(when);
        if let Some(value) = variable {
            command.env("NO_COLOR", value);
        }
        run(command, "colours", b"").stderr
    };
    let is_coloured = |text: &str| text.contains('\u{1b}');
    assert!(!is_coloured(&stderr(&[], None)), "no terminal, no colours");
    assert!(is_coloured(&stderr(&["--color", "always"], None)));
    assert!(is_coloured(&stderr(&["--color", "always"], Some("1"))), "what is asked for wins");
    assert!(!is_coloured(&stderr(&["--color", "never"], None)));
    assert!(!is_coloured(&stderr(&["--color", "auto"], Some("1"))));
}

#[test]
fn statuses() {
    let folder = small("run-statuses");
    folder.merit("run m.merit leads.csv").ends(0);
    folder.merit("run m.merit").ends(2);
    folder.merit("run m.merit leads.csv --formt csv").ends(2);
    folder.merit("run m.merit leads.csv --format xml").ends(2);
    folder.merit("run m.merit leads.csv --color sometimes").ends(2);
    folder.merit("rnu m.merit leads.csv").ends(2);
    for line in [&["help"][..], &["--version"], &["run", "--help"], &["help", "run"]] {
        run(folder.command(line), "help", b"").ends(0);
    }
    folder.merit("run nowhere.merit leads.csv").ends(2);
    folder.merit("run m.merit nowhere.csv").ends(2);
    folder.merit("run m.merit leads.csv --events nowhere.csv").ends(2);
}

#[test]
fn as_of_decides_what_is_seen() {
    let folder = small("run-as-of");
    let engagement = |as_of: &str| {
        let ran = folder
            .merit(&format!("run m.merit leads.csv --events events.csv --columns engagement,as_of --as-of {as_of}"));
        ran.ends(0).stdout.lines().nth(1).expect("a row").to_owned()
    };
    assert_eq!(engagement("2025-03-02"), "40,2025-03-02T23:59:59.999999Z");
    assert_eq!(engagement("2025-03-02T09:59:59Z"), "35,2025-03-02T09:59:59Z");
    assert_eq!(engagement("2025-03-02T11:00:00+01:00"), "40,2025-03-02T10:00:00Z");
    assert_eq!(engagement("2025-02-28"), "0,2025-02-28T23:59:59.999999Z");
}

#[test]
fn the_same_run_gives_the_same_bytes() {
    let folder = small("run-same");
    let first = folder.merit("run m.merit leads.csv --events events.csv --format jsonl");
    let second = folder.merit("run m.merit leads.csv --events events.csv --format jsonl");
    assert_eq!((first.stdout, first.stderr), (second.stdout, second.stderr));
}

#[test]
fn texts_that_need_quotes_come_out_as_they_went_in() {
    let folder = small("run-quotes");
    folder.write("leads.csv", "id,email,employees,phone,notes\n\"a,1\",k@x.example,1,1,\"line one\nline \"\"two\"\"\"\n \u{a0}b ,k@x.example,1,1,=1+1\n");
    assert_eq!(
        folder.merit("run m.merit leads.csv --columns lead_id,notes").ends(0).stdout,
        "lead_id,notes\n\"a,1\",\"line one\nline \"\"two\"\"\"\n \u{a0}b ,=1+1\n"
    );
}
