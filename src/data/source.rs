//! From a path to text: files and standard input, opened, unpacked, told apart and decoded.
//!
//! Owns [`Input`], what is in a file before it is a table. Goes by what a file holds rather than by its name, and
//! refuses by name what it does not read. Does not look into rows.

use std::fs::File;
use std::io::{self, BufReader, Cursor, Read, Seek};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use super::bound::{Bound, Counted, Gzip, Unpacked};
use super::detect::{self, Kind};
use super::formats::Format;
use super::rows::Rows;
use super::{EventColumns, Layout, decode};
use crate::diagnostic::Diagnostic;
use crate::messages::data as messages;
use crate::suggest::nearest_of_data;
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
    /// Whether a file may be empty: one of activity may.
    pub may_be_empty: bool,
    /// Whether its rows are records of activity.
    pub is_log: bool,
    /// How large a file may be that has to be held as a whole.
    pub bound: Bound,
    /// How much of a file is read at a time.
    pub portions: Portions,
    /// How the file looks.
    pub layout: Layout,
    /// The columns that hold it where `id` names none, before the usual names.
    pub usual_ids: Vec<String>,
    /// What activity belongs to leads by.
    pub owners: Owners,
    /// Columns of other ids of a lead, parted by `;`.
    pub other_ids: Vec<String>,
}

/// What activity belongs to leads by.
#[derive(Debug, Clone, Default)]
pub struct Owners {
    /// Fields that leads may share, instead of the id: the keys of the columns of each, of which the first that is not missing counts.
    pub fields: Vec<Vec<String>>,
    /// Whether their id counts beside the fields.
    pub or_id: bool,
}

/// How much is read at a time of a file that can be read row by row.
#[derive(Debug, Clone, Copy)]
pub struct Portions {
    /// So many bytes are looked at first, to tell what the file is.
    pub head: usize,
    /// So many bytes are read at a time; 0 where every file is read as a whole.
    pub block: usize,
    /// By so many threads, instead of as many as are worth it.
    pub threads: Option<usize>,
}

impl Default for Portions {
    fn default() -> Portions {
        Portions { head: 1 << 20, block: 256 << 10, threads: None }
    }
}

/// Where a table of leads or activity comes from.
#[derive(Debug, Clone)]
pub enum Source {
    /// A file, or standard input where the path is `-`.
    Path(PathBuf),
    /// The bytes of a file, and what messages call it.
    Bytes(String, Arc<[u8]>),
    /// Rows that are there already.
    Rows(Arc<Rows>),
}

impl<P: AsRef<Path>> From<P> for Source {
    fn from(path: P) -> Source {
        Source::Path(path.as_ref().to_owned())
    }
}

impl Source {
    /// What messages call it: the path as given, or `<stdin>`.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Source::Path(path) => name_of(path),
            Source::Bytes(name, _) => name.clone(),
            Source::Rows(rows) => rows.name.clone(),
        }
    }

    /// Whether it may be opened more than once.
    #[must_use]
    pub fn can_open_again(&self) -> bool {
        match self {
            Source::Path(path) => std::fs::metadata(path).is_ok_and(|data| data.is_file()),
            Source::Bytes(..) | Source::Rows(_) => true,
        }
    }

    /// Whether it begins as an archive does, such as a workbook.
    #[must_use]
    pub fn is_archive(&self) -> bool {
        let mut head = [0; 4];
        let begins = match self {
            Source::Path(path) if self.can_open_again() => {
                File::open(path).and_then(|mut file| file.read_exact(&mut head)).is_ok()
            }
            Source::Path(_) | Source::Rows(_) => false,
            Source::Bytes(_, bytes) => bytes.first_chunk().is_some_and(|first| {
                head = *first;
                true
            }),
        };
        begins && head == *b"PK\x03\x04"
    }

    /// The same, read now if it could not be opened a second time.
    ///
    /// # Errors
    /// Where it cannot be read, or is larger than it may be.
    pub fn held(self, options: &Options) -> Result<Source, Diagnostic> {
        let Source::Path(path) = &self else { return Ok(self) };
        if self.can_open_again() || path.is_dir() {
            return Ok(self);
        }
        let (name, (mut input, _)) = (name_of(path), self.raw()?);
        let mut bytes = Vec::new();
        options.bound.read_to_end(&mut input, &mut bytes).map_err(|e| messages::not_read(&name, &e))?;
        Ok(Source::Bytes(name, bytes.into()))
    }

    /// Its bytes, and how many these are where that is known.
    fn raw(&self) -> Result<(Box<dyn Read + Send>, Option<u64>), Diagnostic> {
        match self {
            // They have none: whoever opens them takes them as they are.
            Source::Rows(_) => Ok((Box::new(io::empty()), None)),
            Source::Bytes(_, bytes) => Ok((Box::new(Cursor::new(Arc::clone(bytes))), Some(bytes.len() as u64))),
            Source::Path(path) if path == Path::new("-") => Ok((Box::new(io::stdin()), None)),
            Source::Path(path) => {
                let file = File::open(path).map_err(|e| self.not_opened(&e))?;
                // What the system makes up while it is read has no size.
                let size = file.metadata().ok().filter(std::fs::Metadata::is_file).map(|m| m.len()).filter(|&n| n > 0);
                Ok((Box::new(file), size))
            }
        }
    }

    /// The last whole lines of a file on disk, as far as they stand in these many bytes; nothing of another source.
    pub(crate) fn last_lines(&self, most: u64) -> Option<Vec<u8>> {
        let Source::Path(path) = self else { return None };
        let mut file = File::open(path).ok().filter(|file| file.metadata().is_ok_and(|m| m.is_file()))?;
        let size = file.seek(io::SeekFrom::End(0)).ok()?;
        file.seek(io::SeekFrom::Start(size.saturating_sub(most))).ok()?;
        let mut bytes = Vec::new();
        file.take(most).read_to_end(&mut bytes).ok()?;
        let begin = memchr::memchr(b'\n', &bytes).map_or(bytes.len(), |at| at + 1);
        Some(bytes.split_off(begin))
    }

    /// Why it cannot be opened.
    fn not_opened(&self, error: &io::Error) -> Diagnostic {
        let name = self.name();
        match (self, error.kind()) {
            (Source::Path(path), _) if path.is_dir() => messages::is_a_folder(&name),
            (Source::Path(path), io::ErrorKind::NotFound) => {
                messages::no_such_file(&name, nearest_file(path).as_deref())
            }
            (_, io::ErrorKind::PermissionDenied) => messages::no_permission(&name),
            _ => messages::not_read(&name, error),
        }
    }
}

/// A file in memory, unpacked, its format told, its text decoded; or rows.
#[derive(Debug)]
pub struct Input {
    /// What messages call it: the path as given, or `<stdin>`.
    pub name: String,
    /// What there is to say about it so far, all warnings.
    pub notes: Vec<Diagnostic>,
    pub(super) content: Content,
    pub(super) may_be_empty: bool,
}

#[derive(Debug)]
pub(super) enum Content {
    /// A file.
    File(Format, Held),
    /// Rows that are there already.
    Rows(Arc<Rows>),
}

/// What a file holds.
#[derive(Debug)]
pub(super) enum Held {
    /// Without a byte order mark.
    Text(String),
    /// The bytes of a workbook, which sheet is asked for, and how large it may be.
    Workbook(Vec<u8>, Option<String>, Bound),
}

/// Opens a file or whatever else a source is.
///
/// # Errors
/// Where it cannot be read, is empty, is of a kind that is not read, or is larger than it may be.
pub fn open(source: impl Into<Source>, options: &Options) -> Result<Input, Diagnostic> {
    match source.into() {
        Source::Rows(rows) => Ok(Input::from_rows(rows, options)),
        source => Opening::of(&source, options)?.whole(options),
    }
}

/// A path as it is shown in messages.
fn name_of(path: &Path) -> String {
    if path == Path::new("-") { "<stdin>".to_owned() } else { path.to_string_lossy().into_owned() }
}

/// A file that was opened and is of a kind that is read: its beginning, unpacked, and all that follows.
pub(super) struct Opening {
    /// As it is shown in messages.
    pub name: String,
    pub head: Vec<u8>,
    pub rest: Box<dyn Read + Send>,
    /// How large the file is, where that is known and it is not compressed.
    pub size: Option<u64>,
    pub kind: Kind,
}

impl Opening {
    /// Opens a source and looks at its beginning.
    pub(super) fn of(source: &Source, options: &Options) -> Result<Opening, Diagnostic> {
        let (mut input, size) = source.raw()?;
        let head = beginning(&mut input, options).map_err(|e| source.not_opened(&e))?;
        let opening = Opening::new(&source.name(), head, input, size, options)?;
        if let (Kind::Archive, Some(_), Source::Path(path)) = (&opening.kind, opening.size, source) {
            // What is in a large archive can be told without reading it.
            let names = File::open(path).map_or(Vec::new(), |file| names_in(BufReader::new(file)));
            opening.is_workbook(&names)?;
        }
        Ok(opening)
    }

    /// A file that begins like this.
    fn new(
        name: &str,
        mut head: Vec<u8>,
        mut rest: Box<dyn Read + Send>,
        mut size: Option<u64>,
        options: &Options,
    ) -> Result<Opening, Diagnostic> {
        let packed = Arc::new(AtomicU64::new(head.len() as u64));
        rest = Box::new(Counted { input: rest, count: Arc::clone(&packed) });
        // One may be inside of the other.
        for depth in 0.. {
            let how = if head.starts_with(&[0x1f, 0x8b]) {
                "gzip"
            } else if head.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) {
                "zstd"
            } else {
                break;
            };
            if depth == 4 {
                return Err(messages::cannot_unpack(
                    name,
                    "gzip or zstd",
                    "it is compressed more than four times over",
                ));
            }
            size = None;
            let input = Cursor::new(head).chain(rest);
            let failed = |e: io::Error| messages::not_read(name, &e);
            let input: Box<dyn Read + Send> = if how == "gzip" {
                Box::new(Gzip::new(BufReader::new(input)))
            } else {
                Box::new(zstd::stream::read::Decoder::new(input).map_err(failed)?)
            };
            rest = Box::new(Unpacked { input, how, packed: Arc::clone(&packed), unpacked: 0, bound: options.bound });
            head = beginning(&mut rest, options).map_err(failed)?;
        }
        let kind = detect::kind(&head);
        if let Kind::Other { what, advice } = kind {
            return Err(messages::kind_not_read(name, what, advice));
        }
        // In whatever encoding: the beginning tells.
        let start = decode::decode(head.get(..4096).unwrap_or(&head).to_vec()).text;
        if let (Kind::Text, Some((what, advice))) = (&kind, detect::markup(&start)) {
            return Err(messages::kind_not_read(name, what, advice));
        }
        Ok(Opening { name: name.to_owned(), head, rest, size, kind })
    }

    /// Refuses an archive that is no workbook, by the names in it.
    fn is_workbook(&self, names: &[String]) -> Result<(), Diagnostic> {
        match detect::archive(names, &self.head) {
            Kind::Other { what, advice } => Err(messages::kind_not_read(&self.name, what, advice)),
            _ => Ok(()),
        }
    }

    /// Reads all of it.
    pub(super) fn whole(mut self, options: &Options) -> Result<Input, Diagnostic> {
        let mut bytes = std::mem::take(&mut self.head);
        if let Some(size) = self.size {
            if size > options.bound.most() {
                return Err(messages::too_large(&self.name, options.bound.most()));
            }
            bytes.reserve_exact(usize::try_from(size).unwrap_or(0).saturating_sub(bytes.len()));
        }
        options.bound.read_to_end(&mut self.rest, &mut bytes).map_err(|e| messages::not_read(&self.name, &e))?;
        let name = self.name.clone();
        let input = |format, notes, held| {
            let (name, content) = (name.clone(), Content::File(format, held));
            Input { name, notes, content, may_be_empty: options.may_be_empty }
        };
        if self.kind == Kind::Archive {
            self.head = bytes;
            self.is_workbook(&names_in(Cursor::new(self.head.as_slice())))?;
            return match options.format {
                None | Some(Format::Xlsx) => {
                    let held = Held::Workbook(self.head, options.sheet.clone(), options.bound);
                    Ok(input(Format::Xlsx, Vec::new(), held))
                }
                Some(asked) => Err(messages::is_a_workbook(&name, asked)),
            };
        }
        let decoded = decode::decode_as(bytes, options.layout.encoding);
        let notes: Vec<Diagnostic> =
            decoded.trouble.map(|trouble| messages::not_utf8(&name, &trouble)).into_iter().collect();
        let text = decoded.text;
        let may_be_blank = options.may_be_empty || options.format.is_some_and(|f| f.reader().may_be_blank);
        if text::trim(&text).is_empty() && !may_be_blank {
            return Err(messages::empty_file(&name));
        }
        match options.format {
            Some(Format::Xlsx) => Err(messages::is_no_workbook(&name)),
            Some(format) => Ok(input(format, notes, Held::Text(text))),
            None if detect::is_single_value(&text) => Err(messages::single_value(&name, &text)),
            None => Ok(input(Format::of_text(&text), notes, Held::Text(text))),
        }
    }
}

impl Input {
    /// What `open` makes of a file with this name and these bytes.
    ///
    /// # Errors
    /// Where it cannot be unpacked, is empty, or is of a kind that is not read.
    pub fn from_bytes(name: &str, bytes: Vec<u8>, options: &Options) -> Result<Input, Diagnostic> {
        Opening::new(name, bytes, Box::new(io::empty()), None, options)?.whole(options)
    }

    /// Rows that are there already.
    pub(super) fn from_rows(rows: Arc<Rows>, options: &Options) -> Input {
        let name = rows.name.clone();
        Input { name, notes: Vec::new(), content: Content::Rows(rows), may_be_empty: options.may_be_empty }
    }

    /// What the file holds; nothing where it is no file.
    #[must_use]
    pub fn format(&self) -> Option<Format> {
        if let Content::File(format, _) = self.content { Some(format) } else { None }
    }
}

/// The names of what is in an archive; none where its directory cannot be read.
fn names_in(archive: impl Read + Seek) -> Vec<String> {
    let archive = zip::ZipArchive::new(archive);
    archive.map_or(Vec::new(), |archive| archive.file_names().flatten().map(std::borrow::Cow::into_owned).collect())
}

fn beginning(input: &mut Box<dyn Read + Send>, options: &Options) -> io::Result<Vec<u8>> {
    let mut read = Vec::new();
    input.by_ref().take(options.portions.head as u64).read_to_end(&mut read)?;
    Ok(read)
}

/// The file of the same folder whose name is nearest to one that is not there.
fn nearest_file(path: &Path) -> Option<String> {
    let wanted = path.file_name()?.to_str()?;
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let names: Vec<String> =
        std::fs::read_dir(folder).ok()?.take(1000).filter_map(|e| e.ok()?.file_name().into_string().ok()).collect();
    nearest_of_data(wanted, names.iter().map(String::as_str)).map(str::to_owned)
}
