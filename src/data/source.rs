//! From a path to text: files and standard input, opened, unpacked, told apart and decoded.
//!
//! Owns [`Input`], what is in a file before it is a table. Goes by what a file holds rather than by its name, and
//! refuses by name what it does not read. Does not look into rows.

use std::fmt;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::detect::{self, Kind};
use super::{EventColumns, decode};
use crate::diagnostic::Diagnostic;
use crate::messages::data as messages;
use crate::text;

/// How a file is to be read, where its content or the usual names do not tell.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The format, instead of the one that the content shows.
    pub format: Option<Format>,
    /// The sheet of a workbook, instead of the first.
    pub sheet: Option<String>,
    /// The column that holds the lead's id, instead of the usual names.
    pub id: Option<String>,
    /// Which properties of the records in an `events` array play which part.
    pub event_columns: EventColumns,
    /// Files that were read already, by path: standard input and pipes, where they are needed more than once.
    pub held: Vec<(PathBuf, Arc<[u8]>)>,
}

impl Options {
    /// The bytes of a file that was read already.
    pub(super) fn held(&self, path: &Path) -> Option<Arc<[u8]>> {
        self.held.iter().find(|(name, _)| name == path).map(|(_, bytes)| Arc::clone(bytes))
    }

    /// Whether a file may be opened more than once.
    #[must_use]
    pub fn can_open_again(&self, path: impl AsRef<Path>) -> bool {
        let path = path.as_ref();
        self.held(path).is_some() || std::fs::metadata(path).is_ok_and(|data| data.is_file())
    }

    /// Reads a file now, if it could not be opened a second time.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub fn hold(&mut self, path: impl AsRef<Path>) -> Result<(), Diagnostic> {
        let path = path.as_ref();
        if !self.can_open_again(path) && !path.is_dir() {
            self.held.push((path.to_owned(), bytes_of(path)?.into()));
        }
        Ok(())
    }
}

/// The formats that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Cells with commas, semicolons or tabs between them.
    Csv,
    /// Cells with tabs between them.
    Tsv,
    /// An array of objects, or objects one after the other.
    Json,
    /// One object a line.
    JsonLines,
    /// An Excel workbook.
    Xlsx,
}

impl Format {
    /// All formats.
    pub const ALL: &'static [Format] = &[Format::Csv, Format::Tsv, Format::Json, Format::JsonLines, Format::Xlsx];

    /// The name, as `--input-format` takes it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Format::Csv => "csv",
            Format::Tsv => "tsv",
            Format::Json => "json",
            Format::JsonLines => "jsonl",
            Format::Xlsx => "xlsx",
        }
    }

    /// The format with this name, in any case.
    #[must_use]
    pub fn by_name(name: &str) -> Option<Format> {
        Format::ALL.iter().copied().find(|f| f.name().eq_ignore_ascii_case(name))
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A file in memory: unpacked, its format told, its text decoded.
#[derive(Debug)]
pub struct Input {
    /// The file as it is shown in messages: the path as given, or `<stdin>`.
    pub name: String,
    /// What it holds.
    pub format: Format,
    /// What there is to say about it so far, all warnings.
    pub notes: Vec<Diagnostic>,
    pub(super) content: Content,
    pub(super) sheet: Option<String>,
}

#[derive(Debug)]
pub(super) enum Content {
    /// Without a byte order mark.
    Text(String),
    Workbook(Vec<u8>),
}

/// Opens a file, or standard input where the path is `-`.
///
/// # Errors
/// Where the file cannot be read, is empty, or is of a kind that is not read.
pub fn open(path: impl AsRef<Path>, options: &Options) -> Result<Input, Diagnostic> {
    let path = path.as_ref();
    let bytes = match options.held(path) {
        Some(bytes) => bytes.to_vec(),
        None => bytes_of(path)?,
    };
    Input::from_bytes(&name_of(path), bytes, options)
}

/// A path as it is shown in messages.
pub(super) fn name_of(path: &Path) -> String {
    if path == Path::new("-") { "<stdin>".to_owned() } else { path.to_string_lossy().into_owned() }
}

fn bytes_of(path: &Path) -> Result<Vec<u8>, Diagnostic> {
    if path == Path::new("-") {
        let mut bytes = Vec::new();
        io::stdin().lock().read_to_end(&mut bytes).map_err(|e| messages::cannot_read("<stdin>", &crate::messages::data::reason(&e)))?;
        return Ok(bytes);
    }
    std::fs::read(path).map_err(|error| not_opened(path, &error))
}

/// Why a file cannot be opened.
pub(super) fn not_opened(path: &Path, error: &io::Error) -> Diagnostic {
    let name = name_of(path);
    if path.is_dir() {
        return messages::is_a_folder(&name);
    }
    match error.kind() {
        io::ErrorKind::NotFound => messages::no_such_file(&name, nearest_file(path).as_deref()),
        io::ErrorKind::PermissionDenied => messages::no_permission(&name),
        _ => messages::cannot_read(&name, &crate::messages::data::reason(error)),
    }
}

impl Input {
    /// What `open` makes of a file with this name and these bytes.
    ///
    /// # Errors
    /// Where it cannot be unpacked, is empty, or is of a kind that is not read.
    pub fn from_bytes(name: &str, bytes: Vec<u8>, options: &Options) -> Result<Input, Diagnostic> {
        let bytes = unpack(name, bytes)?;
        let input = |format, notes, content| Input {
            name: name.to_owned(),
            format,
            notes,
            content,
            sheet: options.sheet.clone(),
        };
        match detect::kind(&bytes) {
            Kind::Workbook => {
                return match options.format {
                    None | Some(Format::Xlsx) => Ok(input(Format::Xlsx, Vec::new(), Content::Workbook(bytes))),
                    Some(asked) => Err(messages::is_a_workbook(name, asked)),
                };
            }
            Kind::Other { what, advice } => return Err(messages::kind_not_read(name, what, advice)),
            Kind::Text => {}
        }
        let decoded = decode::decode(bytes);
        let notes = decoded.trouble.map(|trouble| messages::not_utf8(name, &trouble)).into_iter().collect();
        let text = decoded.text;
        if text::trim(&text).is_empty() && options.format != Some(Format::JsonLines) {
            return Err(messages::empty_file(name));
        }
        if let Some((what, advice)) = detect::markup(&text) {
            return Err(messages::kind_not_read(name, what, advice));
        }
        match options.format {
            Some(Format::Xlsx) => Err(messages::is_no_workbook(name)),
            Some(format) => Ok(input(format, notes, Content::Text(text))),
            None => Ok(input(detect::format(&text), notes, Content::Text(text))),
        }
    }
}

/// Undoes gzip and zstd, told by their first bytes; one inside the other too.
fn unpack(name: &str, mut bytes: Vec<u8>) -> Result<Vec<u8>, Diagnostic> {
    for _ in 0..4 {
        let mut unpacked = Vec::new();
        let (how, result) = if bytes.starts_with(&[0x1f, 0x8b]) {
            ("gzip", flate2::read::MultiGzDecoder::new(bytes.as_slice()).read_to_end(&mut unpacked))
        } else if bytes.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) {
            ("zstd", zstd::stream::read::Decoder::new(bytes.as_slice()).and_then(|mut d| d.read_to_end(&mut unpacked)))
        } else {
            return Ok(bytes);
        };
        result.map_err(|e| messages::cannot_unpack(name, how, &crate::messages::data::reason(&e)))?;
        bytes = unpacked;
    }
    Err(messages::cannot_unpack(name, "gzip or zstd", "it is compressed more than four times over"))
}

/// The file of the same folder whose name is nearest to one that is not there.
fn nearest_file(path: &Path) -> Option<String> {
    let wanted = path.file_name()?.to_str()?;
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let names: Vec<String> =
        std::fs::read_dir(folder).ok()?.take(1000).filter_map(|e| e.ok()?.file_name().into_string().ok()).collect();
    nearest(wanted, names.iter().map(String::as_str)).map(str::to_owned)
}

/// The candidate that is nearest to a word, in any case, where one is near enough to be what was meant.
pub(super) fn nearest<'a>(word: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_lowercase();
    let allowed = (word.chars().count() / 3).max(1);
    candidates
        .map(|candidate| (strsim::osa_distance(&word, &candidate.to_lowercase()), candidate))
        .filter(|&(distance, _)| distance <= allowed)
        .min()
        .map(|(_, candidate)| candidate)
}
