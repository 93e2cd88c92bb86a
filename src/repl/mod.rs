//! The session in a terminal, or on a pipe.
//!
//! Owns the terminal: the line editor, colours, history, Ctrl-C. What an input means is the business of `session`.

mod helper;
mod paint;

use std::cell::RefCell;
use std::io::{self, IsTerminal, Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::rc::Rc;

use etcetera::BaseStrategy;
use rustyline::error::ReadlineError;
use rustyline::history::{FileHistory, History};
use rustyline::{ColorMode, CompletionType, Config, Editor};

use crate::load::LARGEST;
use crate::messages::session as say;
use crate::session::{Reply, Session};
use crate::shown::{all_lines, one_line};
use crate::stdout::stdout;
use crate::syntax::wants_more;
use helper::Helper;

/// So many inputs are remembered from session to session.
const LONGEST_HISTORY: usize = 2000;

/// How a session talks.
pub struct Settings<'s> {
    /// Draws the problems of a reply, where messages go.
    pub draw: &'s dyn Fn(&Reply),
    /// Whether answers may be coloured.
    pub color: bool,
    /// Whether greetings are left out.
    pub quiet: bool,
    /// Whether piped input goes on after an error.
    pub keep_going: bool,
    /// Whether what is typed is remembered for the next session.
    pub with_history: bool,
}

/// Runs a session to its end. `first` is what there is to say before the first input. False where an input of a pipe could
/// not be carried out.
///
/// # Errors
/// Where standard output cannot be written, or the terminal fails.
pub fn run(session: Session, first: &Reply, settings: &Settings<'_>) -> io::Result<bool> {
    let out = stdout()?;
    if io::stdin().is_terminal() && out.is_terminal() {
        return terminal(session, first, settings).map(|()| true);
    }
    // What is at hand was asked for by name: only what is wrong with it is news.
    (settings.draw)(first);
    if first.is_error() && !settings.keep_going {
        return Ok(false);
    }
    pipe(session, settings)
}

/// All of standard input, one input after the other.
fn pipe(mut session: Session, settings: &Settings<'_>) -> io::Result<bool> {
    let mut bytes = Vec::new();
    io::stdin().lock().take(LARGEST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LARGEST {
        (settings.draw)(&Reply {
            problems: vec![crate::messages::data::rules_too_large("<stdin>", LARGEST)],
            ..Reply::default()
        });
        return Ok(false);
    }
    let text = String::from_utf8_lossy(&bytes);
    let mut is_fine = true;
    for (line, input) in inputs(&text) {
        let mut reply = guarded(&mut session, &input);
        if reply.question.is_some() {
            reply = session.nobody_answers();
        }
        let mut out = stdout()?;
        out.write_all(all_lines(&reply.text).as_bytes())?;
        out.flush()?;
        (settings.draw)(&reply);
        if reply.is_over {
            break;
        }
        if reply.is_error() {
            is_fine = false;
            if !settings.keep_going {
                if !settings.quiet {
                    let mut err = io::stderr().lock();
                    let _ = writeln!(err, "stopped at line {line} of the input; `--keep-going` goes on after an error");
                }
                break;
            }
        }
    }
    Ok(is_fine)
}

/// The inputs of a text, each with its first line: lines, joined for as long as more is wanted.
fn inputs(text: &str) -> Vec<(usize, String)> {
    let mut out: Vec<(usize, String)> = Vec::new();
    let mut waiting: Option<(usize, String)> = None;
    for (i, line) in text.lines().enumerate() {
        let (first, input) = match waiting.take() {
            None => (i + 1, line.to_owned()),
            Some((first, before)) => (first, format!("{before}\n{line}")),
        };
        if is_unfinished(&input) {
            waiting = Some((first, input));
        } else if !input.trim().is_empty() {
            out.push((first, input));
        }
    }
    out.extend(waiting);
    out
}

/// Whether an input waits for another line.
fn is_unfinished(input: &str) -> bool {
    let is_command =
        input.trim_start().starts_with(':') || input.lines().next_back().is_some_and(|l| l.starts_with(':'));
    !is_command && wants_more(input)
}

/// An answer, also where there is a bug: the session goes on.
fn guarded(session: &mut Session, input: &str) -> Reply {
    catch_unwind(AssertUnwindSafe(|| session.handle(input)))
        .unwrap_or_else(|_| Reply { problems: vec![say::bug("an answer could not be worked out")], ..Reply::default() })
}

fn terminal(session: Session, first: &Reply, settings: &Settings<'_>) -> io::Result<()> {
    let session = Rc::new(RefCell::new(session));
    let config = Config::builder()
        .max_history_size(LONGEST_HISTORY)
        .map_err(io::Error::other)?
        .history_ignore_space(true)
        .completion_type(CompletionType::List)
        .color_mode(if settings.color { ColorMode::Enabled } else { ColorMode::Disabled })
        .bracketed_paste(true)
        .build();
    let mut editor: Editor<Helper, FileHistory> = Editor::with_config(config).map_err(io::Error::other)?;
    editor.set_helper(Some(Helper::new(Rc::clone(&session), settings.color)));
    let history = history_file().filter(|_| settings.with_history);
    if let Some(path) = &history {
        // There is none the first time.
        let _ = editor.load_history(path);
    }
    if let Some((terminal_size::Width(columns), _)) = terminal_size::terminal_size() {
        session.borrow_mut().set_width(usize::from(columns).clamp(40, 160));
    }
    if !settings.quiet {
        greet(&session.borrow(), first, settings)?;
    }
    (settings.draw)(first);
    loop {
        let prompt = one_line(&session.borrow().prompt()).into_owned();
        let plain = format!("{prompt} › ");
        let styled = paint::prompt(&prompt, settings.color);
        match editor.readline(&(plain, styled)) {
            Ok(input) => {
                if !input.trim().is_empty() {
                    let _ = editor.add_history_entry(input.as_str());
                }
                // The answer is that of the file as it is now.
                let changed = session.borrow_mut().refresh();
                if let Some(reply) = changed {
                    show(&reply, settings)?;
                }
                let reply = guarded(&mut session.borrow_mut(), &input);
                show(&reply, settings)?;
                if reply.is_over || ask(&mut editor, &session, &reply, settings)? {
                    break;
                }
            }
            // The line is dropped, nothing else.
            Err(ReadlineError::Interrupted) => note("Ctrl-D or :quit ends the session", settings)?,
            Err(ReadlineError::Eof) => {
                let leaving = session.borrow_mut().leave();
                if leaving.is_over || ask(&mut editor, &session, &leaving, settings)? {
                    break;
                }
            }
            Err(ReadlineError::Signal(_)) => {}
            Err(error) => return Err(io::Error::other(error)),
        }
    }
    if let Some(path) = &history
        && !editor.history().is_empty()
    {
        if let Some(folder) = path.parent() {
            let _ = std::fs::create_dir_all(folder);
        }
        // A history that cannot be kept is no reason to fail.
        let _ = editor.append_history(path);
    }
    Ok(())
}

/// Asks the question of a reply, where it has one. True where the session is over.
fn ask(
    editor: &mut Editor<Helper, FileHistory>,
    session: &RefCell<Session>,
    reply: &Reply,
    settings: &Settings<'_>,
) -> io::Result<bool> {
    let Some(question) = &reply.question else { return Ok(false) };
    let answer = editor.readline(&format!("{} (y/N) ", one_line(question)));
    // Ctrl-D, twice, is a yes to leaving.
    let yes = match answer {
        Ok(answer) => matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes"),
        Err(ReadlineError::Eof) => session.borrow().is_leaving(),
        Err(_) => false,
    };
    let reply = session.borrow_mut().answer(yes);
    show(&reply, settings)?;
    Ok(reply.is_over)
}

fn greet(session: &Session, first: &Reply, settings: &Settings<'_>) -> io::Result<()> {
    let mut out = stdout()?;
    writeln!(out, "Merit {} · :help lists what can be typed, Ctrl-D ends", env!("CARGO_PKG_VERSION"))?;
    write!(out, "{}", paint::answer(&all_lines(&first.text), settings.color))?;
    writeln!(out, "{}", one_line(&session.where_we_are()))
}

fn show(reply: &Reply, settings: &Settings<'_>) -> io::Result<()> {
    let mut out = stdout()?;
    out.write_all(paint::answer(&all_lines(&reply.text), settings.color).as_bytes())?;
    out.flush()?;
    (settings.draw)(reply);
    Ok(())
}

fn note(text: &str, settings: &Settings<'_>) -> io::Result<()> {
    writeln!(stdout()?, "{}", paint::dim(text, settings.color))
}

/// Where inputs are remembered: in the user's data folder.
fn history_file() -> Option<PathBuf> {
    etcetera::choose_base_strategy().ok().map(|dirs| dirs.data_dir().join("merit").join("history"))
}

#[cfg(test)]
mod tests {
    use super::inputs;

    #[test]
    fn lines_are_joined_while_something_is_open() {
        let text = "score >= 70\nprofile icp {\n  industry = \"SaaS\"\n\n  employees > 50\n}\n\n:explain\nsql if score >= 70 and\n  fit(icp)\n";
        let found: Vec<(usize, String)> = inputs(text);
        let lines: Vec<usize> = found.iter().map(|(line, _)| *line).collect();
        assert_eq!(lines, [1, 2, 8, 9]);
        assert!(found[1].1.ends_with('}') && found[3].1.ends_with("fit(icp)"));
    }

    #[test]
    fn what_stays_open_is_an_input_all_the_same() {
        assert_eq!(inputs("score icp {\n").len(), 1);
        // A command never waits for more.
        assert_eq!(inputs(":did visited(\"pricing\"\n:next").len(), 2);
    }
}
