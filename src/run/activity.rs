//! A file of activity that is read row by row: folded to the numbers of each lead, and who has asked for them.

use std::collections::HashSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use super::input::Input;
use super::pass::{FOR_THREADS, blocks_of, have_kinds, threads};
use super::progress::Progress;
use crate::data::{ActivityPlaces, ActivityProblems, Opened, Options, Orphans, Streamed, open_streamed};
use crate::diagnostic::Diagnostic;
use crate::eval::batch::Program;
use crate::messages::data as say;
use crate::stream::{Folded, Key, Stopped, fold};

/// There is room for so many leads from the beginning.
const MOST_EXPECTED: usize = 1_300_000;

/// An activity file of plain CSV.
pub(super) struct Events {
    /// The file as it is shown in messages.
    name: String,
    places: ActivityPlaces,
    file: Box<Streamed>,
}

impl Events {
    /// The activity, if it can be read row by row; `None` where it is read as a whole.
    pub(super) fn open(input: &Input, properties: &HashSet<String>) -> Result<Option<Events>, Diagnostic> {
        // Should it turn out not to be plain, it is opened again.
        let [source] = input.activity.as_slice() else { return Ok(None) };
        if !source.can_open_again() {
            return Ok(None);
        }
        if !have_kinds(properties) {
            return Ok(None);
        }
        let Opened::Streamed(mut file) = open_streamed(source, &input.activity_options())? else { return Ok(None) };
        if file.is_lines {
            return Ok(None);
        }
        let head = file.take_head();
        let name = head.name.clone();
        let places = ActivityPlaces::of(head, &input.options.event_columns, &|key| properties.contains(key))?;
        Ok(places.map(|places| Events { name, places, file }))
    }

    /// How large the file is, where that is known.
    pub(super) fn size(&self) -> Option<u64> {
        self.file.size
    }

    /// Reads the file; `None` where it is not plain after all.
    pub(super) fn read<'p>(
        self,
        program: &'p Program<'p>,
        options: &Options,
        progress: &dyn Progress,
        wanted: Option<&HashSet<u64>>,
    ) -> Result<Option<Activity<'p>>, Diagnostic> {
        let Events { name, places, file } = self;
        let size = file.size.unwrap_or(0);
        // A guess: a lead has some ten records.
        let rows = memchr::memchr_iter(b'\n', &file.read).count() as u64 * size / (file.read.len() as u64).max(1);
        let expected = usize::try_from(rows / 10).unwrap_or(0).min(MOST_EXPECTED);
        let threads = threads(options, file.size, 4 * FOR_THREADS);
        let blocks = Mutex::new(blocks_of(*file, options));
        let seen = |bytes| progress.read(bytes);
        let parts = match fold(program, &places, &blocks, threads, (expected, wanted), &seen) {
            Ok(parts) => parts,
            Err(Stopped::NotPlain) => return Ok(None),
            Err(Stopped::Unreadable(error)) => return Err(say::not_read(&name, &error)),
        };
        let mut problems = ActivityProblems::default();
        parts.iter().for_each(|p| problems.merge_any(&p.problems));
        let used = parts.iter().map(|p| (0..p.leads.places()).map(|_| AtomicBool::new(false)).collect()).collect();
        Ok(Some(Activity { name, parts, used, problems }))
    }
}

/// All activity of a file, and what could not be read of it.
pub(super) struct Activity<'p> {
    /// The file as it is shown in messages.
    pub name: String,
    /// By the thread that read it.
    pub parts: Vec<Folded<'p>>,
    /// By part, which of its places have been asked for.
    pub used: Vec<Vec<AtomicBool>>,
    /// What could not be read.
    pub problems: ActivityProblems,
}

impl Activity<'_> {
    /// What there is to say of activity whose lead has not come by; `has` tells whether a lead without activity has an id.
    pub(super) fn orphans(&self, has: &dyn Fn(&str) -> bool) -> Option<Diagnostic> {
        // As a rule there are none, and nobody goes through all ids.
        let count = |used: &Vec<AtomicBool>| used.iter().filter(|u| u.load(Ordering::Relaxed)).count();
        if self.parts.iter().zip(&self.used).all(|(part, used)| count(used) == part.leads.len()) {
            return None;
        }
        let mut left: Vec<(String, u64)> = Vec::new();
        let mut is_any_used = false;
        for (part, used) in self.parts.iter().zip(&self.used) {
            for (id, place, records) in part.leads.all() {
                let is_used = used.get(place as usize).is_some_and(|u| u.load(Ordering::Relaxed));
                is_any_used |= is_used;
                if !is_used {
                    left.push((id(), records));
                }
            }
        }
        left.sort_unstable();
        let mut orphans = Orphans::default();
        for (id, records) in &left {
            orphans.add(id, *records, &|other| has(other) || self.is_used(other));
        }
        orphans.message(is_any_used, &self.name)
    }

    /// Whether there is activity of this id, and its lead has come by.
    fn is_used(&self, id: &str) -> bool {
        let key = Key::of(id.as_bytes());
        self.parts.iter().zip(&self.used).any(|(part, used)| {
            let found = part.leads.find(key, || id.as_bytes());
            found.is_some_and(|f| used.get(f.place as usize).is_some_and(|u| u.load(Ordering::Relaxed)))
        })
    }
}
