//! Where leads and activity come from: the options that several commands share.

use clap::builder::PossibleValuesParser;
use encoding_rs::Encoding;

use super::{Ending, Talk, name};
use crate::compare::Version;
use crate::data::{Bound, EventColumns, Format, Layout, Options};
use crate::diagnostic::Diagnostic;
use crate::model::Model;
use crate::output::Inputs;
use crate::paths::path_of;
use crate::text::one_sign;
use crate::{load, revision, run};

/// Where leads and activity come from, and how they are read.
#[derive(clap::Args)]
pub struct Reading {
    /// Activity, in any format of leads, with lead_id, type, target, at and any other properties; may be given several times
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath, value_parser = name(), help_heading = "Input")]
    events: Vec<String>,
    /// Other names for the columns of activity: lead_id=contact,type=event
    #[arg(long, value_name = "NAMES", help_heading = "Input")]
    event_columns: Option<String>,
    /// The column that holds the lead's id
    #[arg(long, value_name = "COLUMN", help_heading = "Input")]
    id: Option<String>,
    /// What the lead file is, where its content does not tell
    #[arg(long, value_name = "FORMAT", value_parser = PossibleValuesParser::new(Format::ALL.iter().map(|format| format.name())), help_heading = "Input")]
    input_format: Option<String>,
    /// Which sheet of an .xlsx file; the first where nothing is said
    #[arg(long, value_name = "NAME", help_heading = "Input")]
    sheet: Option<String>,
    /// The row of the lead file that holds the names of the columns, from 1
    #[arg(long, value_name = "ROW", value_parser = clap::value_parser!(u64).range(1..), help_heading = "Input")]
    header_row: Option<u64>,
    /// What stands between cells of the lead file: ";", "," or tab
    #[arg(long, value_name = "SIGN", value_parser = delimiter, help_heading = "Input")]
    delimiter: Option<u8>,
    /// The encoding of the lead file, where its bytes do not tell: windows-1252
    #[arg(long, value_name = "NAME", value_parser = encoding, help_heading = "Input")]
    encoding: Option<&'static Encoding>,
    /// How large a file may be that has to be held in memory, and what a compressed one may become: 8G, 500M [default: 4G]
    #[arg(long, value_name = "SIZE", value_parser = bound, help_heading = "Input")]
    max_unpacked: Option<Bound>,
}

impl Reading {
    /// Leads with all that is said here, as a run takes them; activity may stand behind the leads, too.
    ///
    /// # Errors
    /// Where the names of the activity's columns cannot be read.
    pub fn of(&self, leads: &str, activity: Option<&str>) -> Result<run::Input, Diagnostic> {
        let event_columns = self.event_columns.as_deref().map(EventColumns::parse).transpose()?.unwrap_or_default();
        let layout = Layout {
            header_row: self.header_row,
            delimiter: self.delimiter,
            encoding: self.encoding,
            ..Layout::default()
        };
        let options = Options {
            layout,
            format: self.input_format.as_deref().and_then(Format::by_name),
            sheet: self.sheet.clone(),
            id: self.id.clone(),
            event_columns,
            bound: self.max_unpacked.unwrap_or_default(),
            ..Options::default()
        };
        let activity = self.activity(activity).map(|path| path_of(path).into()).collect();
        Ok(run::Input { activity, options, ..run::Input::new(path_of(leads)) })
    }

    /// The files of activity.
    pub fn activity<'a>(&'a self, behind: Option<&'a str>) -> impl Iterator<Item = &'a str> {
        behind.into_iter().chain(self.events.iter().map(String::as_str))
    }
}

/// Activity behind the leads, and how both are read.
#[derive(clap::Args)]
pub struct Input {
    /// Activity, as with --events
    #[arg(value_name = "ACTIVITY", value_hint = clap::ValueHint::FilePath, value_parser = name())]
    activity: Option<String>,
    #[command(flatten)]
    reading: Reading,
}

impl Input {
    /// Leads with all that is said here, as a run takes them.
    ///
    /// # Errors
    /// Where the names of the activity's columns cannot be read.
    pub fn of(&self, leads: &str) -> Result<run::Input, Diagnostic> {
        self.reading.of(leads, self.activity.as_deref())
    }

    /// The files of activity.
    pub fn activity(&self) -> impl Iterator<Item = &str> {
        self.reading.activity(self.activity.as_deref())
    }

    /// The files that are read here: what is written must be none of them.
    pub fn inputs(&self, leads: Option<&str>) -> Inputs {
        Inputs::none().and_leads(leads, self.activity())
    }
}

/// Reads the sign of `--delimiter`.
///
/// # Errors
/// Where it is none.
pub fn delimiter(text: &str) -> Result<u8, String> {
    match text {
        "tab" | "\\t" | "\t" => Ok(b'\t'),
        _ => one_sign(text).ok_or_else(|| "write one sign, such as \";\", or tab".to_owned()),
    }
}

/// Reads the name of `--encoding`.
///
/// # Errors
/// Where there is none of that name.
pub fn encoding(text: &str) -> Result<&'static Encoding, String> {
    Encoding::for_label(text.trim().as_bytes()).ok_or_else(|| "write a name such as utf-8 or windows-1252".to_owned())
}

/// Reads the size of `--max-unpacked`.
///
/// # Errors
/// Where it is none.
pub fn bound(text: &str) -> Result<Bound, String> {
    Bound::parse(text).ok_or_else(|| "write a number and a unit: 8G, 500M".to_owned())
}

/// A model that can be used, or how the command ends without one. What there is to say of it is said.
///
/// # Errors
/// `CouldNotRun` where the file cannot be read, `Found` where the model has errors.
pub fn open_model(path: &str, talk: &Talk) -> Result<Model, Ending> {
    let checked = load::load(path).map_err(|problem| {
        talk.say(&problem);
        Ending::CouldNotRun
    })?;
    talk.say_about(&checked.sources, &checked.diagnostics);
    checked.model.ok_or(Ending::Found)
}

/// A rule file that can be compared with others, or `REV:PATH`, what git has at a revision; or how the command ends without
/// one. Its errors are said, and its warnings where they are wanted. What it uses is looked for `beside` another file, if one is named.
///
/// # Errors
/// As [`open_model`].
pub fn open_version(name: &str, beside: Option<&str>, talk: &Talk, with_warnings: bool) -> Result<Version, Ending> {
    let opened = match (revision::split(name), beside) {
        (Some((at, path)), _) => revision::open(at, path),
        (None, Some(place)) => load::open_for(name, place),
        (None, None) => load::open(name),
    };
    let (source, files) = opened.map_err(|problem| {
        talk.say(&problem);
        Ending::CouldNotRun
    })?;
    let (version, checked) = Version::read(source, files);
    let wanted: Vec<Diagnostic> = checked.diagnostics.into_iter().filter(|d| with_warnings || d.is_error()).collect();
    talk.say_about(&checked.sources, &wanted);
    version.ok_or(Ending::Found)
}

/// Whether a file that is given as the model is more likely the leads.
pub fn looks_like_data(path: &str) -> bool {
    path.rsplit('.').next().is_some_and(|ending| Format::by_ending(ending).is_some())
}
