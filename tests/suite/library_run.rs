//! A run by a program: leads in memory and leads in files, answered without a command line, get what `merit run` writes.

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

use merit::data::{Leads, Options, Rows, Source, open};
use merit::diagnostic::{Diagnostic, Place};
use merit::eval::Interpreter;
use merit::eval::batch::Program;
use merit::load;
use merit::model::Model;
use merit::run::{Answered, Ended, Failed, Form, Input, Pass, Progress, Results, Sink, Wanted, Written};

use merit::time::{Instant, Zone, read_iso};
use merit::value::Stage;

use super::docs::root;
use super::run_command::Folder;

const EXAMPLES: [&str; 3] = ["agency-inbound", "manufacturing-trade-shows", "saas-product-led"];
const AS_OF: &str = "2025-09-30";

/// What `merit run` writes to standard output.
fn by_command(folder: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_merit"));
    command.args(["run", "model.merit", "leads.csv", "--events", "activity.csv", "--as-of", AS_OF]).args(arguments);
    let output = command.current_dir(folder).stdin(Stdio::null()).output().expect("the program");
    String::from_utf8(output.stdout).expect("UTF-8")
}

fn as_of() -> Instant {
    read_iso(AS_OF).expect("a date").in_zone(&Zone::UTC).last()
}

fn model(folder: &Path, name: &str) -> Model {
    let path = folder.join(name);
    load::load(path.to_str().expect("a name")).ok().and_then(|checked| checked.model).expect("a model")
}

/// A run from an input to a text, and what it tells.
fn run(model: &Model, input: &Input, form: Form, progress: &dyn Progress) -> Result<(String, Ended), Failed> {
    let pass = Pass::open(input, &[model], progress)?;
    let results = Results::new(model, as_of(), pass.leads(), Wanted { columns: None, keep: true }, form)?;
    let mut text = Vec::new();
    let mut rows = Written::new(&mut text);
    let ended = pass.with(results.program())?.answer(&results.writer(), &mut rows)?;
    results.writer().end(&mut rows).map_err(Failed::Writing)?;
    Ok((String::from_utf8(text).expect("UTF-8"), ended))
}

/// The rows of a file, as a program would hold them.
fn in_memory(path: &Path) -> Source {
    let options = Options { may_be_empty: true, ..Options::default() };
    let leads = Leads::new(open(path, &options).expect("a file"), &options).expect("a table");
    let rows = leads.rows().map(|row| row.cells).collect();
    Source::Rows(Arc::new(Rows { name: "rows".to_owned(), columns: leads.columns().names.clone(), rows }))
}

#[test]
fn leads_in_memory_and_in_files_get_the_rows_of_the_command() {
    for example in EXAMPLES {
        let folder = root().join("examples").join(example);
        let (leads, activity) = (folder.join("leads.csv"), folder.join("activity.csv"));
        let bytes = |path: &Path| Source::Bytes("bytes".to_owned(), std::fs::read(path).expect("a file").into());
        let model = model(&folder, "model.merit");
        for (source, activity) in [
            (Source::from(&leads), Source::from(&activity)),
            (bytes(&leads), bytes(&activity)),
            (in_memory(&leads), in_memory(&activity)),
        ] {
            let input = Input { activity: vec![activity], ..Input::new(source) };
            for (form, name) in
                [(Form::Csv { is_safe: false }, "csv"), (Form::JsonLines, "jsonl"), (Form::Json, "json")]
            {
                let (text, ended) = run(&model, &input, form, &()).expect("a run");
                assert_eq!(text, by_command(&folder, &["--format", name, "--keep"]), "{example}, {input:?}");
                assert_eq!(ended.account.leads, ended.account.stages.values().sum::<u64>());
                assert!(!ended.has_errors, "{example}: {:?}", ended.problems);
            }
        }
    }
}

/// Files with all kinds of trouble in them.
#[test]
fn what_there_is_to_say_is_what_the_command_says() {
    let folder = Folder::new("library_run");
    folder.write("m.merit", "when employees >= 50 add 10\nwhen visited() add 1\nmql if score >= 10\n");
    folder.write("leads.csv", "lead_id,employes,x,x\na,60,1,2\nb,many,1,2\nc,1\n,5,1,2\na,1,1,2\n");
    folder.write("events.csv", "lead_id,type,at\na,visited,soon\n,visited,2025-01-01\na,,2025-01-01\nz,visited,\n");
    let said = folder.merit("run m.merit leads.csv --events events.csv --diagnostics json").stderr;
    let model = model(&folder.path("."), "m.merit");
    let input = Input { activity: vec![folder.path("events.csv").into()], ..Input::new(folder.path("leads.csv")) };
    let pass = Pass::open(&input, &[&model], &()).expect("leads");
    let results = Results::new(&model, as_of(), pass.leads(), Wanted::default(), Form::Json).expect("columns");
    let run = pass.with(results.program()).expect("activity");
    let notes = run.notes().to_vec();
    let ended = run.answer(&results.cells(), &mut |_| Ok(())).expect("leads");
    assert_eq!(ended.notes, notes);
    let told: Vec<_> = ended.notes.into_iter().chain(ended.problems).collect();
    let lines: String = told.iter().map(|d| serde_json::to_string(d).expect("JSON") + "\n").collect();
    let place = folder.path("").to_string_lossy().into_owned();
    assert_eq!(lines.replace(&place, ""), said);
    assert!(told.len() >= 8, "{lines}");
    for problem in &told {
        let place = problem.place.as_ref().and_then(|p| p.file.as_deref());
        assert!(place.is_some(), "{problem} has no place");
    }
}

fn rows(columns: &[&str], rows: &[&[&str]]) -> Source {
    let cells = |row: &&[&str]| row.iter().map(|cell| merit::value::Raw::cell(cell)).collect();
    let columns = columns.iter().map(|&name| name.to_owned()).collect();
    Source::Rows(Arc::new(Rows { name: "rows".to_owned(), columns, rows: rows.iter().map(cells).collect() }))
}

fn small_model() -> Model {
    let source = merit::source::Source::new("m.merit", "when employees >= 50 add 10\nmql if score >= 10\n");
    merit::check::check(source, &merit::check::NoFiles).model.expect("a model")
}

#[test]
fn what_there_is_to_say_comes_back_as_data() {
    let model = small_model();
    let input = Input::new(rows(&["lead_id", "employees"], &[&["a", "60"], &["b", "many"], &["c", "1", "x"], &["d"]]));
    let (text, ended) = run(&model, &input, Form::Csv { is_safe: false }, &()).expect("a run");
    let stages: Vec<_> = ended.account.stages.iter().map(|(stage, n)| (stage.as_str(), *n)).collect();
    assert_eq!(stages, [("error", 1), ("lead", 2), ("mql", 1)], "{text}");
    let said: Vec<_> = ended.problems.iter().map(|d| (d.code.name(), d.message.as_str())).collect();
    assert_eq!(
        said,
        [
            ("D907", "row 3 has cells outside the columns of the header"),
            ("D915", "1 cell of `employees` cannot be read as a number and counts as missing, first in line 2: `many`"),
        ]
    );
    assert!(ended.has_errors);
    let places: Vec<_> = ended.problems.iter().map(|d| *d.place.clone().expect("a place")).collect();
    let place = |line, column: Option<&str>| Place {
        file: Some("rows".to_owned()),
        line: Some(line),
        column: column.map(str::to_owned),
    };
    assert_eq!(places, [place(3, None), place(2, Some("employees"))]);

    let strict = Input { strict: true, ..input };
    let refused = run(&model, &strict, Form::JsonLines, &());
    let Err(Failed::Refused(problems)) = refused else { panic!("it is not refused") };
    assert!(problems.iter().all(Diagnostic::is_error) && problems.len() == 1, "{problems:?}");

    let other = Input::new(rows(&["lead_id", "emplyees"], &[]));
    let pass = Pass::open(&other, &[&model], &()).expect("rows");
    let results = Results::new(&model, as_of(), pass.leads(), Wanted::default(), Form::Json).expect("columns");
    let run = pass.with(results.program()).expect("a run");
    assert_eq!(run.notes().len(), 1);
    assert!(run.notes()[0].message.contains("did you mean `emplyees`?"), "{:?}", run.notes());
}

/// What a server does: a program is compiled once, kept, and asked by many threads.
#[test]
fn a_program_can_be_kept() {
    let kept = std::thread::spawn(|| Program::compile(Arc::new(small_model()), as_of())).join().expect("a program");
    let input = Input::new(rows(&["lead_id", "employees"], &[&["a", "60"], &["b", "1"]]));
    let stages = || {
        let run = Pass::open(&input, &[kept.model()], &()).expect("rows").with(&kept).expect("a run");
        run.answer(&Stages, &mut |stage| assert!(matches!(stage, Stage::Rank(_)))).expect("leads").account.stages
    };
    let interpreter = Interpreter::new(kept.model(), as_of());
    let lead = merit::lead::Lead { values: vec![merit::value::Value::Number(60.0)], ..Default::default() };
    std::thread::scope(|scope| {
        let others: Vec<_> = (0..3).map(|_| scope.spawn(stages)).collect();
        let asked: Vec<_> = (0..3).map(|_| scope.spawn(|| interpreter.evaluate(&lead).score)).collect();
        for other in others {
            assert_eq!(
                other.join().expect("stages").into_iter().collect::<Vec<_>>(),
                [("lead".into(), 1), ("mql".into(), 1)]
            );
        }
        assert!(asked.into_iter().all(|asked| asked.join().expect("a score") == Some(100_000)));
    });
}

/// A sink of one's own.
struct Stages;

impl Sink for Stages {
    type Block = Vec<Stage>;
    type Out = dyn FnMut(Stage);

    fn add(&self, block: &mut Vec<Stage>, answered: &Answered<'_>) {
        block.extend(answered.answer.map(|(answers, lane)| answers.stage_of(lane)).ok());
    }

    fn take(&self, see: &mut Self::Out, block: Vec<Stage>) -> std::io::Result<()> {
        block.into_iter().for_each(see);
        Ok(())
    }
}

#[derive(Default)]
struct Told(Mutex<(Vec<Option<u64>>, u64, u64, u64)>);

impl Progress for Told {
    fn by_row(&self, size: Option<u64>) {
        self.0.lock().unwrap().0.push(size);
    }

    fn read(&self, bytes: u64) {
        self.0.lock().unwrap().1 += bytes;
    }

    fn answered(&self, leads: u64) {
        self.0.lock().unwrap().2 = leads;
    }

    fn end(&self) {
        self.0.lock().unwrap().3 += 1;
    }
}

#[test]
fn how_far_a_run_is_is_told() {
    let mut text = "lead_id,employees\n".to_owned();
    (0..50_000).for_each(|i| text.push_str(&format!("L{i},{}\n", i % 100)));
    let size = text.len() as u64;
    let input = Input::new(Source::Bytes("leads.csv".to_owned(), text.into_bytes().into()));
    let told = Told::default();
    let (_, ended) = run(&small_model(), &input, Form::Csv { is_safe: false }, &told).expect("a run");
    let header = "lead_id,employees\n".len() as u64;
    assert_eq!(told.0.into_inner().unwrap(), (vec![Some(size)], size - header, 50_000, 1));
    assert_eq!(ended.account.leads, 50_000);
}
