//! The lines of a JSON Lines file that tell its columns.
//!
//! Owns the first pass over such a file: whoever reads these lines finds the columns, and in the order, that all lines
//! together have.

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::sync::Mutex;

use super::blocks::{Blocks, lines};
use super::objects::{Keys, Value, entries_alone};

/// A sample that is larger than this tells that the file is not made of usual lines.
const LARGEST: usize = 32 << 20;

/// What a key has been seen to hold, as bits: null, something, objects.
type Seen = HashMap<Vec<u8>, u8>;

/// The lines that bring a key, or something new under a key, and all that are not usual; `None` where these are too many.
///
/// # Errors
/// Where the file cannot be read.
pub fn sample(blocks: &Mutex<Blocks>, threads: usize, seen: &(dyn Fn(u64) + Sync)) -> io::Result<Option<Vec<u8>>> {
    let work = || -> io::Result<BTreeMap<u64, Vec<u8>>> {
        let mut keys = Seen::new();
        let mut order: Vec<(Vec<u8>, u8)> = Vec::new();
        let mut usual = Keys::default();
        let mut found = BTreeMap::new();
        let (mut text, mut size) = (Vec::new(), 0);
        loop {
            let block = match blocks.lock() {
                Ok(mut blocks) => blocks.next(text)?,
                Err(_) => None,
            };
            let Some(block) = block else { return Ok(found) };
            seen(block.text.len() as u64);
            for (number, line) in (block.line..).zip(lines(&block.text)) {
                // A CR that stands alone ends a line, also in an array that is passed over.
                let is_several = block.has_lone_return && memchr::memchr(b'\r', line.trim_ascii()).is_some();
                if (is_several || is_new(line, &mut usual, &mut keys, &mut order)) && size <= LARGEST {
                    size += line.len() + 1;
                    found.insert(number, line.to_vec());
                }
            }
            text = block.text;
        }
    };
    let mut all = BTreeMap::new();
    std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
        all.extend(work()?);
        for other in others {
            all.extend(other.join().unwrap_or_else(|_| Err(io::Error::other("a thread ended early")))?);
        }
        io::Result::Ok(())
    })?;
    let size: usize = all.values().map(|line| line.len() + 1).sum();
    if size > LARGEST {
        return Ok(None);
    }
    Ok(Some(
        all.into_values()
            .flat_map(|mut line: Vec<u8>| {
                line.push(b'\n');
                line
            })
            .collect(),
    ))
}

/// Whether a line brings something new, or is not usual. `order` holds the keys as the lines before had them.
fn is_new(line: &[u8], usual: &mut Keys, keys: &mut Seen, order: &mut Vec<(Vec<u8>, u8)>) -> bool {
    let line = line.trim_ascii();
    if line.is_empty() {
        return false;
    }
    let (mut new, mut at) = (Vec::new(), 0);
    let is_usual = entries_alone(line, usual, &mut |key, value| {
        let bit = match value {
            Value::Null => 1,
            Value::Text(..) | Value::Number(_) | Value::Flag(_) => 2,
            Value::Objects(_) => 4,
        };
        if let Some((usual, known)) = order.get(at)
            && usual == key
        {
            at += 1;
            if known & bit != 0 {
                return true;
            }
        }
        if keys.get(key).is_none_or(|known| known & bit == 0) {
            new.push((key, bit));
        }
        true
    });
    if !is_usual {
        return true;
    }
    // In a line that is no JSON after all, not all of this may be found.
    let is_found = new.is_empty() || serde_json::from_slice::<serde::de::IgnoredAny>(line).is_ok();
    for &(key, bit) in new.iter().filter(|_| is_found) {
        *keys.entry(key.to_vec()).or_default() |= bit;
        match order.iter_mut().find(|(k, _)| k == key) {
            Some((_, all)) => *all |= bit,
            None => order.push((key.to_vec(), bit)),
        }
    }
    !new.is_empty()
}
