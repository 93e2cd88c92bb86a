//! What Merit has to say about a rule file or about data.
//!
//! Owns the shape of a diagnostic and the register of codes. The sentences stand in `messages`, the drawing in `render`.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::shown::cut;
use crate::source::{Sources, Span};

/// Longer texts lose their middle, in characters: they quote a cell, name or line that nobody would read to its end.
const LONGEST_MESSAGE: usize = 400;
const LONGEST_LABEL: usize = 240;
const LONGEST_HELP: usize = 1_000;

/// More errors than this are counted, not shown; likewise warnings.
pub const MOST_SHOWN: usize = 1000;

/// More labels than this are left out.
const MOST_LABELS: usize = 12;

/// How much it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The model or the data cannot be used as it is.
    Error,
    /// It can be used, but probably does not mean what was meant.
    Warning,
}

/// A place in a rule file with what there is to say about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// What is wrong here, or what matters here.
    pub text: String,
}

/// What to type in the place of what is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// What is written.
    pub span: Span,
    /// What takes its place.
    pub text: String,
}

/// A place in a file of data, as far as it is known.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Place {
    /// The file, as messages call it.
    pub file: Option<String>,
    /// The line, from 1; the row of a workbook.
    pub line: Option<u64>,
    /// The name of the column, or of the field that it feeds.
    pub column: Option<String>,
}

/// One message: a stable code, a sentence, labels (the first is the place to look at), and what to type.
///
/// It is an error like any other, which prints its sentence, and serializes as `--diagnostics json` has it. What its labels
/// mean is known by the sources of a model alone: see [`Diagnostic::within`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// The stable code.
    pub code: Code,
    /// How much it matters.
    pub severity: Severity,
    /// One sentence, lower case, without a full stop.
    pub message: String,
    /// Places, the most important first. Empty for messages about data.
    pub labels: Vec<Label>,
    /// What to type or do.
    pub help: Option<String>,
    /// The help done, where there is one thing to type that cannot be wrong.
    pub edit: Option<Box<Edit>>,
    /// Where in a file of data, for messages about data.
    pub place: Option<Box<Place>>,
}

impl Diagnostic {
    /// A message with the severity that its code has.
    #[must_use]
    pub fn new(code: Code, message: impl Into<String>) -> Diagnostic {
        Diagnostic {
            code,
            severity: code.severity(),
            message: short(message.into(), LONGEST_MESSAGE),
            labels: Vec::new(),
            help: None,
            edit: None,
            place: None,
        }
    }

    /// The same with one more label.
    #[must_use]
    pub fn label(mut self, span: Span, text: impl Into<String>) -> Diagnostic {
        if self.labels.len() < MOST_LABELS {
            self.labels.push(Label { span, text: short(text.into(), LONGEST_LABEL) });
        }
        self
    }

    /// The same with the advice what to type or do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Diagnostic {
        self.help = Some(short(help.into(), LONGEST_HELP));
        self
    }

    /// The same with its help done: this text takes the place of what is written.
    #[must_use]
    pub fn edit(mut self, span: Span, text: impl Into<String>) -> Diagnostic {
        self.edit = Some(Box::new(Edit { span, text: text.into() }));
        self
    }

    /// The same, with an edit where there is a text for it.
    #[must_use]
    pub fn edit_if(self, span: Span, text: Option<impl Into<String>>) -> Diagnostic {
        match text {
            Some(text) => self.edit(span, text),
            None => self,
        }
    }

    /// The same, about a file of data, unless it is known to be about one.
    #[must_use]
    pub fn of_file(mut self, file: &str) -> Diagnostic {
        self.place.get_or_insert_default().file.get_or_insert_with(|| file.to_owned());
        self
    }

    /// The same, about a line of it.
    #[must_use]
    pub fn of_line(mut self, line: u64) -> Diagnostic {
        self.place.get_or_insert_default().line = Some(line);
        self
    }

    /// The same, about a column of it.
    #[must_use]
    pub fn of_column(mut self, column: &str) -> Diagnostic {
        self.place.get_or_insert_default().column = Some(column.to_owned());
        self
    }

    /// The same with the files in which its labels lie, to be serialized with their names, lines and columns.
    #[must_use]
    pub fn within<'d>(&'d self, sources: &'d Sources) -> Within<'d> {
        Within { diagnostic: self, sources }
    }

    /// Whether it is an error.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Diagnostic {}

impl Serialize for Diagnostic {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.within(&Sources::default()).serialize(serializer)
    }
}

/// A message with the files in which its labels lie.
#[derive(Debug, Clone, Copy)]
pub struct Within<'d> {
    diagnostic: &'d Diagnostic,
    sources: &'d Sources,
}

impl Serialize for Within<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Object<'a> {
            code: &'a str,
            severity: Severity,
            message: &'a str,
            file: Option<&'a str>,
            labels: Vec<InText<'a>>,
            help: Option<&'a str>,
        }
        #[derive(Serialize)]
        struct InText<'a> {
            start: u32,
            end: u32,
            line: usize,
            column: usize,
            text: &'a str,
            file: Option<&'a str>,
        }
        let Within { diagnostic, sources } = *self;
        let labels = diagnostic.labels.iter().map(|label| {
            let source = sources.of(label.span);
            let span = source.map_or(label.span, |s| s.whole(label.span));
            let (line, column) = source.map_or((0, 0), |s| s.line_column(span.start));
            let file = source.map(|s| s.name.as_str());
            InText { start: span.start, end: span.end, line, column, text: &label.text, file }
        });
        let object = Object {
            code: diagnostic.code.name(),
            severity: diagnostic.severity,
            message: &diagnostic.message,
            file: diagnostic.labels.first().and_then(|l| sources.of(l.span)).map(|s| s.name.as_str()),
            labels: labels.collect(),
            help: diagnostic.help.as_deref(),
        };
        object.serialize(serializer)
    }
}

fn short(text: String, most: usize) -> String {
    if text.len() <= most { text } else { cut(&text, most).into_owned() }
}

macro_rules! codes {
    ($($code:ident $title:literal)*) => {
        /// The stable codes: E1xx syntax, E2xx names, E3xx types, E4xx meaning, L5xx lints, T6xx tests, R7xx the session, D9xx data.
        /// A code keeps its meaning for ever; each has a page in `docs/errors/`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $(#[doc = $title] $code,)*
        }

        impl Code {
            /// All codes, in order.
            pub const ALL: &'static [Code] = &[$(Code::$code),*];

            /// The code as it is printed.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Code::$code => stringify!($code)),* }
            }

            /// What the code is about, in a few words.
            #[must_use]
            pub fn title(self) -> &'static str {
                match self { $(Code::$code => $title),* }
            }

            /// The page on the code, from `docs/errors/`, in Markdown.
            #[must_use]
            pub fn page(self) -> &'static str {
                match self { $(Code::$code => include_str!(concat!("../docs/errors/", stringify!($code), ".md"))),* }
            }
        }
    };
}

codes! {
    E101 "something else is wanted here"
    E102 "a text or name is never closed"
    E103 "a bracket is never closed"
    E104 "a bracket closes nothing"
    E105 "an unknown word"
    E106 "nested too deep"
    E107 "a file that is no rule file"
    E108 "an invisible character"
    E109 "a comment in another language's way"
    E110 "an operator in another language's way"
    E111 "quotes"
    E112 "a number in another form"
    E113 "a date in another form"
    E114 "a length of time in another form"
    E115 "a list without brackets"
    E117 "comparisons do not chain"
    E118 "how many times"
    E119 "a window of time in other words"
    E120 "known and missing in other words"
    E121 "a stage in other words"
    E122 "points in other words"
    E123 "how often points count"
    E124 "how points age"
    E125 "a bound in other words"
    E126 "parentheses are missing"
    E127 "a line of a label"
    E128 "`unless` inside a condition"
    E129 "a reserved word as a name"
    E130 "an unknown escape in a text"
    E131 "said twice"
    E132 "a statement in the wrong place"
    E133 "too many errors"
    E134 "too many warnings"
    E135 "what no model does"
    E201 "an unknown profile"
    E202 "a word without quotes"
    E203 "an unknown list or table"
    E204 "a name with two meanings"
    E205 "definitions in a circle"
    E206 "an unknown stage"
    E207 "an unknown type"
    E208 "an unknown line of the model block"
    E209 "asking for what is not decided yet"
    E210 "a label that asks for one below"
    E211 "a profile as a condition"
    E212 "the target of an activity"
    E213 "the declaration of an activity or column"
    E214 "what a list may hold"
    E215 "a word that is no column"
    E216 "a function that is not there"
    E301 "two types that do not go together"
    E302 "a yes or no compared with something else"
    E303 "a number in quotes"
    E304 "a value alone is no condition"
    E305 "no order"
    E306 "a mixed list"
    E307 "lists and single values"
    E308 "a stage compared with something else"
    E309 "the arguments of a function"
    E310 "how a column is written"
    E401 "one activity is wanted"
    E402 "two windows or counts"
    E403 "activity and values"
    E404 "a count without use"
    E405 "at least N of too few"
    E406 "a bound"
    E407 "a share"
    E408 "limits and ageing without records"
    E409 "a text without a word"
    E410 "a model that is too large"
    E411 "the model block"
    E412 "a file that cannot be had"
    E413 "files in a circle"
    E414 "a table in a file"
    E415 "a brace in a text"
    E416 "what may stand once"
    E417 "a line that is never reached"
    E418 "an empty block"
    E419 "something is left out"
    E420 "a test"
    L501 "an upper bound of a stage"
    L502 "a wildcard behind `=`"
    L503 "part of a word"
    L504 "lines of a table that overlap or leave a gap"
    L505 "two columns of nearly one name"
    L506 "a statement that `use` does not bring along"
    L507 "a test or `treat` says what the model does not read"
    L508 "defined and not used"
    L509 "`every 1 day` beside `a day`"
    L510 "a score that is the same for everybody"
    L511 "two columns compared with each other"
    L512 "a line that no lead comes to"
    L513 "an address that is no page"
    L514 "an activity without its parentheses"
    T601 "an expectation that does not hold"
    R701 "there is no such command"
    R702 "a command that cannot be carried out"
    D901 "a file cannot be read"
    D902 "a file holds no table"
    D903 "a file is of a kind that is not read"
    D904 "a file is not what `--input-format` says"
    D905 "there is no such sheet"
    D906 "there is no such column for the lead's id"
    D907 "a row cannot be read"
    D908 "a text is not UTF-8"
    D909 "columns of one name"
    D910 "activity lacks a column"
    D911 "`--event-columns` cannot be read"
    D912 "some activity cannot be read"
    D913 "a file ends too early"
    D914 "a single object that holds an array"
    D915 "cells that cannot be read as their type"
    D916 "a column that the model reads is not there"
    D917 "activity of leads that are not there"
    D918 "leads with one id, or copies of one record"
    D919 "there is no such column to write"
    D920 "a file cannot be written"
    D921 "a date for `--as-of` that cannot be read"
    D922 "an unknown code"
    D923 "there is no such lead"
    D924 "data where rules are wanted"
    D925 "no activity is given"
    D926 "a file that Merit cannot format"
    D927 "there is nothing of this name to tell leads apart by"
    D928 "a file at a revision that git cannot give"
    D929 "an option that says nothing here"
    D932 "a file is too large to be held in memory"
    D933 "formulas whose results were never saved"
    D934 "rows without an id"
    D940 "what is read would be written over"
    D941 "values that rules ask for and no lead has"
    D942 "activity that rules ask for and that never happened"
    D943 "a column that is mostly blank"
    D944 "cells that are read otherwise than they seem meant"
    D945 "several rows with one e-mail address"
    D946 "totals or a footer among the leads"
    D950 "a part of the model that a query cannot say"
    D951 "a file that does not say the columns of tables"
    D952 "a column of another type than its field"
    D953 "functions that an engine lacks"
    D954 "a database that cannot be asked"
    D955 "a table, column or lead that a database does not have"
    D956 "other answers in a database than here"
    D957 "a query that a database does not run"
    D958 "an engine for which a package has no query"
    D959 "a package for dbt that cannot be written there"
}

impl Code {
    /// Lints, and that there are more of them, are warnings; so are most messages about data. All else is an error.
    #[must_use]
    pub fn severity(self) -> Severity {
        if self.name().starts_with('L') || self == Code::E134 { Severity::Warning } else { Severity::Error }
    }

    /// The code with this name, in any case.
    #[must_use]
    pub fn by_name(name: &str) -> Option<Code> {
        Code::ALL.iter().copied().find(|c| c.name().eq_ignore_ascii_case(name))
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
