//! The front for programs: rules from a text or a file, a scorer for an as-of, answers, explanations, what changed.
//!
//! Owns no work of its own: each call goes to the room that does it.

use std::fmt;
use std::io::Write;
use std::path::Path;

use serde::Serialize;

use crate::check::{Checked, Files, NoFiles};
use crate::compare::{Version, compare, text};
use crate::data::Source as Data;
use crate::diagnostic::Diagnostic;
use crate::eval::{Interpreter, stage_name};
use crate::explain::{Explanation, explain};
use crate::lead::Lead;
use crate::load;
use crate::messages::data as say;
use crate::model::Model;
use crate::paths::name_of;
use crate::points::to_text;
use crate::render::{Renderer, Style};
use crate::results;
use crate::run::{Ended, Failed, Form, Input, OneByOne, Pass, Results, Wanted, Written};
use crate::source::{Source, Sources};
use crate::time::{Instant, now, read_iso};
use crate::words::Lines;

/// Rules without errors.
pub struct Rules {
    version: Version,
    warnings: Problems,
}

/// What is wrong, or probably not meant; with the texts that it is about, so that it can be drawn.
#[derive(Debug, Default)]
pub struct Problems {
    /// Each problem.
    pub all: Vec<Diagnostic>,
    sources: Sources,
}

/// Answers for one as-of.
pub struct Scorer<'r> {
    model: &'r Model,
    interpreter: Interpreter<'r>,
    lines: Lines,
}

/// The answer for one lead.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Score {
    /// The id of the lead, as its data says it.
    pub lead_id: String,
    /// The score; none of an excluded lead.
    pub score: Option<f64>,
    /// The stage reached.
    pub stage: String,
    /// The highest stage that missing data leaves open.
    pub could_be: String,
    /// The fields whose absence matters.
    pub missing: Vec<String>,
    /// The labels with what they say.
    pub labels: Vec<(String, Option<String>)>,
    /// The reviews that are asked for.
    pub reviews: Vec<String>,
    /// Why, as `+30 Visited "pricing"`.
    pub reasons: Vec<String>,
    /// The whole result, as `merit run --format json` writes it.
    pub result: serde_json::Value,
}

impl Rules {
    /// Rules from a text, which may use no other files.
    ///
    /// # Errors
    /// Where they have errors: all of them.
    pub fn parse(text: &str) -> Result<Rules, Problems> {
        Rules::read(Source::new("model.merit", text), Box::new(NoFiles))
    }

    /// Rules from a file, and from those beside it that it uses.
    ///
    /// # Errors
    /// Where the file cannot be read, or has errors: all of them.
    pub fn load(path: impl AsRef<Path>) -> Result<Rules, Problems> {
        // To a command a lone dash is standard input; here it is a file like any other.
        let path = Path::new(".").join(path);
        let (root, files) = load::open(&name_of(path.as_os_str()))?;
        Rules::read(root, files)
    }

    fn read(root: Source, files: Box<dyn Files>) -> Result<Rules, Problems> {
        let (version, Checked { diagnostics, sources, .. }) = Version::read(root, files);
        let problems = Problems { all: diagnostics, sources };
        match version {
            Some(version) => Ok(Rules { version, warnings: problems }),
            None => Err(problems),
        }
    }

    /// What is no error but probably not meant.
    #[must_use]
    pub fn warnings(&self) -> &Problems {
        &self.warnings
    }

    /// Answers as of a day or an instant: `2025-06-30`, `2025-06-30T14:00:00Z`.
    ///
    /// # Errors
    /// Where that is no date.
    pub fn scorer(&self, as_of: &str) -> Result<Scorer<'_>, Problems> {
        let date = read_iso(as_of).ok_or_else(|| say::bad_as_of(as_of))?;
        Ok(self.scorer_at(self.version.model.as_of(date)))
    }

    /// Answers as of now.
    #[must_use]
    pub fn scorer_now(&self) -> Scorer<'_> {
        self.scorer_at(now())
    }

    fn scorer_at(&self, as_of: Instant) -> Scorer<'_> {
        let model = &self.version.model;
        Scorer { model, interpreter: Interpreter::new(model, as_of), lines: Lines::of(model) }
    }

    /// What changed since other rules, in words, as `merit diff` has it.
    #[must_use]
    pub fn changes_since(&self, old: &Rules) -> String {
        let wording = text::Wording { markdown: false, most_movers: 0, movers_file: None, as_of: "", errors: 0 };
        text::to_text(&compare(&old.version, &self.version), None, wording)
    }
}

impl Scorer<'_> {
    /// The answer for one lead: a JSON object, a map or a struct, by the columns that the rules read. Its activity stands
    /// in `events`: a list of objects with `type`, `target`, `at` and properties.
    ///
    /// # Errors
    /// Where it is no lead.
    pub fn score(&self, lead: &impl Serialize) -> Result<Score, Problems> {
        let lead = self.lead(lead)?;
        let outcome = self.interpreter.evaluate(&lead);
        let as_of = self.interpreter.as_of();
        let result = results::object(self.model, &self.lines, &lead.id, &outcome, as_of);
        let labels = self.model.labels.iter().map(|label| label.name.clone()).zip(outcome.labels.iter().cloned());
        Ok(Score {
            score: outcome.score.and_then(|points| to_text(points).parse().ok()),
            stage: stage_name(self.model, outcome.stage).to_owned(),
            could_be: stage_name(self.model, outcome.could_be).to_owned(),
            missing: results::missing(self.model, &outcome).into_iter().map(str::to_owned).collect(),
            labels: labels.collect(),
            reasons: results::reasons(&self.lines, &outcome),
            result: serde_json::to_value(&result).unwrap_or_default(),
            reviews: outcome.reviews,
            lead_id: lead.id,
        })
    }

    /// Why a lead gets its answer, and what would change it.
    ///
    /// # Errors
    /// Where it is no lead.
    pub fn explain(&self, lead: &impl Serialize) -> Result<Explanation, Problems> {
        Ok(explain(self.model, &self.lead(lead)?, self.interpreter.as_of(), None))
    }

    /// Scores a file of leads, with a file of activity where there is one, and writes the results as CSV. Gives what was
    /// counted, and what there is to say of rows.
    ///
    /// # Errors
    /// Where a file cannot be read, or `out` cannot be written.
    pub fn score_file(
        &self,
        leads: impl AsRef<Path>,
        activity: Option<&Path>,
        out: &mut (dyn Write + Send),
    ) -> Result<Ended, Failed> {
        let input = Input { activity: activity.map(Data::from).into_iter().collect(), ..Input::new(leads.as_ref()) };
        let pass = Pass::open(&input, &[self.model], &())?;
        let (wanted, form) = (Wanted::default(), Form::Csv { is_safe: false });
        let results = Results::new(self.model, self.interpreter.as_of(), pass.leads(), wanted, form)?;
        let mut rows = Written::new(out);
        let ended = pass.with(results.program())?.answer(&results.writer(), &mut rows)?;
        results.writer().end(&mut rows).map_err(Failed::Writing)?;
        Ok(ended)
    }

    fn lead(&self, lead: &impl Serialize) -> Result<Lead, Problems> {
        let text = serde_json::to_vec(lead).map_err(|error| say::cannot_read("lead", &error.to_string()))?;
        let input = Input::new(Data::Bytes("lead".to_owned(), text.into()));
        let mut found = None;
        OneByOne::open(&input, self.model)?.each(|_, read| match found.replace(read()?) {
            None => Ok(()),
            Some(_) => Err(say::cannot_read("lead", "there is more than one in it")),
        })?;
        Ok(found.ok_or_else(|| say::cannot_read("lead", "there is none in it"))?)
    }
}

impl From<Diagnostic> for Problems {
    fn from(problem: Diagnostic) -> Problems {
        Problems { all: vec![problem], sources: Sources::default() }
    }
}

/// Drawn with the lines that they are about, as `merit check` draws them.
impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let renderer = Renderer::new(&self.sources, Style::Plain, false, 100);
        let mut out = Vec::new();
        for problem in &self.all {
            renderer.write(problem, &mut out).map_err(|_| fmt::Error)?;
        }
        f.write_str(&String::from_utf8_lossy(&out))
    }
}

impl std::error::Error for Problems {}
