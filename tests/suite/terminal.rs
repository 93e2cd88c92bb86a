//! `merit repl` in a real pseudo-terminal, as somebody types into it; the transcript stands in `docs/session.md`.

#![allow(clippy::expect_used, clippy::panic)] // A test that cannot open a terminal fails.

use std::fmt::Write as _;
use std::io::{Read, Write};
use std::num::NonZero;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, PtySize, native_pty_system};

use super::run_command::Folder;

const ROWS: u16 = 900;
const COLUMNS: u16 = 100;
/// Nothing that is waited for takes longer, even on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

fn nonzero(n: u16) -> NonZero<u16> {
    NonZero::new(n).expect("more than 0")
}

/// A terminal with a session in it.
struct Terminal {
    screen: Arc<Mutex<vt100::Parser>>,
    keys: Box<dyn Write + Send>,
    child: Box<dyn Child + Send + Sync>,
    _pty: Box<dyn portable_pty::MasterPty + Send>,
}

impl Terminal {
    fn open(folder: &Folder, arguments: &[&str]) -> Terminal {
        let size = PtySize { rows: ROWS, cols: COLUMNS, pixel_width: 0, pixel_height: 0 };
        let pty = native_pty_system().openpty(size).expect("a pseudo-terminal");
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_merit"));
        command.args(arguments);
        command.cwd(folder.path("."));
        command.env("TERM", "xterm");
        command.env("NO_COLOR", "1");
        command.env("XDG_DATA_HOME", folder.path("data"));
        command.env("HOME", folder.path("."));
        let child = pty.slave.spawn_command(command).expect("the program");
        let mut reader = pty.master.try_clone_reader().expect("a reader");
        let keys = pty.master.take_writer().expect("a writer");
        let screen = Arc::new(Mutex::new(vt100::Parser::new(nonzero(ROWS), nonzero(COLUMNS), 0)));
        let shown = Arc::clone(&screen);
        std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(count) = reader.read(&mut bytes)
                && count > 0
            {
                shown.lock().expect("the screen").process(&bytes[..count]);
            }
        });
        Terminal { screen, keys, child, _pty: pty.master }
    }

    fn text(&self) -> String {
        let screen = self.screen.lock().expect("the screen");
        let rows: Vec<String> = screen.screen().rows(0, COLUMNS).map(|r| r.trim_end().to_owned()).collect();
        rows.join("\n").trim_end().to_owned()
    }

    fn prompts(&self) -> usize {
        self.text().lines().filter(|l| l.contains(" ›")).count()
    }

    /// Waits until something is so.
    fn wait<T>(&mut self, what: &str, mut is_there: impl FnMut(&mut Self) -> Option<T>) -> T {
        let start = Instant::now();
        loop {
            if let Some(found) = is_there(self) {
                return found;
            }
            assert!(start.elapsed() < PATIENCE, "no {what} in\n{}", self.text());
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    fn wait_for_prompt(&mut self, more_than: usize) {
        self.wait("prompt", |t| (t.prompts() > more_than && t.text().ends_with('›')).then_some(()));
    }

    fn keys(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).expect("keys");
        self.keys.flush().expect("keys");
    }

    /// Types a line and Enter, and waits for the answer.
    fn line(&mut self, line: &str) {
        let before = self.prompts();
        self.keys(&format!("{line}\r"));
        self.wait_for_prompt(before);
    }

    /// What stands before the cursor; hints stand behind it.
    fn before_cursor(&self) -> String {
        let screen = self.screen.lock().expect("the screen");
        let (row, column) = screen.screen().cursor_position();
        let all: Vec<String> = screen.screen().rows(0, COLUMNS).collect();
        all[row as usize].chars().take(column as usize).collect()
    }

    /// Types keys, and waits until what stands before the cursor ends so.
    fn until(&mut self, keys: &str, seen: &str) {
        self.keys(keys);
        self.wait(&format!("`{seen}` before the cursor"), |t| t.before_cursor().ends_with(seen).then_some(()));
    }

    /// Ctrl-C: the line is dropped.
    fn drop_line(&mut self) {
        let before = self.prompts();
        self.keys("\x03");
        self.wait_for_prompt(before);
    }

    /// The exit code, once it has ended.
    fn ends(&mut self) -> u32 {
        self.wait("end", |t| t.child.try_wait().expect("a child")).exit_code()
    }
}

#[test]
fn a_session_as_people_type_it() {
    let folder = Folder::new("terminal");
    let mut t = Terminal::open(&folder, &["repl"]);
    t.wait_for_prompt(0);
    t.line(":leads");
    t.line(":explain");
    t.line("score >= 70 and fit(icp)");
    // Completion: of a command, a profile, a target of an activity, a value that the leads have.
    t.until(":ex", ":ex");
    t.until("\t", ":explain");
    t.line(" S-3");
    t.until("fit(i", "fit(i");
    t.until("\t", "fit(icp");
    t.line(")");
    t.until("visited(\"pr", "visited(\"pr");
    t.until("\t", "visited(\"pricing\"");
    t.line(")");
    t.until("industry = \"F", "industry = \"F");
    t.until("\t", "industry = \"FinTech\"");
    t.line("");
    t.line(":lead S-2");
    t.line(":why not sql");
    t.line(":set employees = 200");
    t.line(":did booked(\"demo\") yesterday");
    t.line(":did booked(\"demo\") 1 day ago");
    t.line(":undo");
    t.line(":reset");
    // Ctrl-C drops the line, whatever stands in it.
    t.until("when visited(\"pricing\") add 1000", "add 1000");
    t.drop_line();
    // An error, drawn under what was typed.
    t.line("when visited(pricing) add 50");
    t.line("when visited(\"pricing\") add 50");
    t.line("when visited(\"pricing\") add 30; sql if score >= 70 and fit(icp)");
    t.line("sql if score >= 60 and fit(icp)");
    // Several lines, for as long as a brace is open.
    t.until("profile abroad {", "{");
    t.until("\r", "");
    t.until("country != \"US\"", "\"US\"");
    t.until("\r", "");
    t.line("}");
    t.line("fit(abroad)");
    t.line(":all");
    t.line(":leads could_be = sql and stage != sql");
    t.line(":as-of 2025-09-30");
    t.line(":undo");
    t.line(":model sql");
    t.line(":model 25");
    t.line(":fields");
    t.line(":save rules.merit");
    t.until(":save rules.merit\r", "(y/N) ");
    t.line("n");
    t.line(":test");
    t.line(":halp");
    // Up brings the last input back.
    t.until("\x1b[A", ":halp");
    t.drop_line();
    t.keys("\x04");
    assert_eq!(t.ends(), 0);
    assert!(folder.names().contains(&"rules.merit".to_owned()) && folder.path("data/merit/history").exists());
    let transcript = t.text();
    compare(&transcript);
}

/// The transcript of `docs/session.md` is what was seen; `MERIT_RENEW=1` writes it anew.
fn compare(transcript: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/session.md");
    let page = std::fs::read_to_string(&path).expect("docs/session.md");
    let (begin, end) = ("```text session\n", "\n```\n");
    let start = page.find(begin).expect("the transcript in docs/session.md") + begin.len();
    let stop = start + page[start..].find(end).expect("the end of the transcript");
    if std::env::var_os("MERIT_RENEW").is_some() {
        std::fs::write(&path, format!("{}{transcript}{}", &page[..start], &page[stop..])).expect("docs/session.md");
        return;
    }
    if transcript != &page[start..stop] {
        let mut out = String::new();
        for (i, (old, new)) in
            page[start..stop].lines().zip(transcript.lines()).enumerate().filter(|(_, (a, b))| a != b).take(20)
        {
            let _ = writeln!(out, "line {}:\n- {old}\n+ {new}", i + 1);
        }
        panic!("the session of docs/session.md is another now; MERIT_RENEW=1 writes it anew\n{out}\n{transcript}");
    }
}

#[test]
fn a_whole_file_can_be_pasted() {
    let folder = Folder::new("paste");
    let mut t = Terminal::open(&folder, &["repl", "--no-history"]);
    t.wait_for_prompt(0);
    let mut model =
        String::from("# pasted\nstages cold, warm\n\nprofile icp {\n\tindustry = \"SaaS\"\n\n\temployees > 10\n}\n");
    for i in 0..200 {
        let _ = writeln!(model, "when visited(\"page{i}\") add {}  # line {i}", i % 7 + 1);
    }
    model.push_str("warm if score >= 20");
    t.until(&format!("\x1b[200~{model}\x1b[201~"), "warm if score >= 20");
    let before = t.prompts();
    t.keys("\r");
    t.wait_for_prompt(before);
    t.line("stage");
    assert!(t.text().contains("cold"), "{}", t.text());
    t.line(":model 210");
    // Lines that come faster than they are answered are not lost.
    let before = t.prompts();
    t.keys("score\rstage\r:next\r:undo\r");
    for n in 0..4 {
        t.wait_for_prompt(before + n);
    }
    t.line(":quit now");
    t.keys(":quit\r");
    assert_eq!(t.ends(), 0);
    assert!(!folder.path("data/merit/history").exists());
}

#[test]
fn a_file_that_changes_is_read_again() {
    let folder = Folder::new("changes");
    folder.write("m.merit", "stages cold, warm\nwarm if score >= 20\nwhen visited(\"pricing\") add 10\n");
    folder
        .write("leads.csv", "lead_id,country\nA,US\nB,DE\n")
        .write("events.csv", "lead_id,type,target,at\nA,visited,pricing,2025-06-01\n");
    let mut t =
        Terminal::open(&folder, &["repl", "m.merit", "leads.csv", "--events", "events.csv", "--as-of", "2025-06-30"]);
    t.wait_for_prompt(0);
    assert!(t.text().contains("A: cold, score 10"), "{}", t.text());
    let write = |text: &str| {
        // File systems that keep whole seconds only would not see a change within one.
        std::thread::sleep(Duration::from_millis(1100));
        folder.write("m.merit", text);
    };
    write("stages cold, warm\nwarm if score >= 20\nwhen visited(\"pricing\") add 25\n");
    t.line("");
    assert!(t.text().contains("m.merit was read again\nA: cold → warm, score 10 → 25 (+15)"), "{}", t.text());
    write("stages cold, warm\nwarm if score >= 20\nwhen visited(pricing) add 25\n");
    t.line("");
    assert!(t.text().contains("m.merit has errors now; the rules at hand stay as they were"), "{}", t.text());
    t.line("when visited(\"pricing\") add 30");
    write("stages cold, warm\nwarm if score >= 50\nwhen visited(\"pricing\") add 25\n");
    t.line("score");
    assert!(t.text().contains("m.merit changed, and so did the rules here"), "{}", t.text());
    t.line(":reload");
    assert!(t.text().contains("warm → cold, score 30 → 25 (-5)"), "{}", t.text());
    t.keys("\x04");
    assert_eq!(t.ends(), 0);
}
