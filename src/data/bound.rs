//! How much of a file may be held in memory.
//!
//! Owns the sizes that people write, and the readers that stop where a file goes beyond its bound or cannot be unpacked.

use std::fmt;
use std::io::{self, BufRead, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A file that has to be held as a whole may have so many bytes, where nothing else is said.
const MOST: u64 = 4 << 30;

/// A compressed file may grow so many times, beyond the first bytes. Exports grow some ten times, the emptiest of them fifty
/// times; what grows more was made to burst something.
const MOST_TIMES: u64 = 250;
const FREE: u64 = 64 << 20;

/// How large a file may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bound {
    most: u64,
    /// Whether it was asked for. Then a compressed file may grow as much as it likes.
    is_given: bool,
}

impl Default for Bound {
    fn default() -> Bound {
        Bound { most: MOST, is_given: false }
    }
}

impl Bound {
    /// Reads `8G`, `500 MB`, `1.5GiB` or a number of bytes.
    #[must_use]
    pub fn parse(text: &str) -> Option<Bound> {
        let text = text.trim().to_ascii_lowercase();
        let at = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
        let (number, unit) = text.split_at(at);
        let unit = unit.trim();
        let shift = ["", "k", "m", "g", "t"].iter().zip([0, 10, 20, 30, 40]).find(|(letter, _)| {
            let is_letter = unit.strip_prefix(**letter).is_some_and(|rest| matches!(rest, "" | "b" | "ib"));
            is_letter && !(letter.is_empty() && unit == "ib")
        });
        let bytes = number.parse::<f64>().ok()? * (1_u64 << shift?.1) as f64;
        (1.0..=1e18).contains(&bytes).then_some(Bound { most: bytes as u64, is_given: true })
    }

    /// The bound itself, in bytes.
    pub(super) fn most(self) -> u64 {
        self.most
    }

    /// Whether what became so large from so much is beyond it.
    pub(super) fn is_burst(self, packed: u64, unpacked: u64) -> bool {
        !self.is_given && unpacked > FREE && unpacked / MOST_TIMES > packed
    }

    /// Reads all that is left behind what was read.
    pub(crate) fn read_to_end(self, input: &mut (impl Read + ?Sized), read: &mut Vec<u8>) -> io::Result<()> {
        let room = self.most.saturating_sub(read.len() as u64);
        input.take(room + 1).read_to_end(read)?;
        if read.len() as u64 > self.most { Err(Stopped::TooLarge(self.most).into()) } else { Ok(()) }
    }
}

/// Why reading stopped where no system did.
#[derive(Debug)]
pub(crate) enum Stopped {
    /// The file is larger than this, and has to be held as a whole.
    TooLarge(u64),
    /// It becomes far larger than it is.
    Bursts,
    /// It cannot be unpacked: how it is packed, and why.
    Packed(&'static str, String),
    /// Something else stands behind what gzip wrote.
    Behind,
}

impl fmt::Display for Stopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

impl std::error::Error for Stopped {}

impl From<Stopped> for io::Error {
    fn from(stopped: Stopped) -> io::Error {
        io::Error::other(stopped)
    }
}

impl Stopped {
    /// Why reading stopped, if it was this.
    pub(crate) fn of(error: &io::Error) -> Option<&Stopped> {
        error.get_ref()?.downcast_ref()
    }
}

/// A reader that counts what it gives.
pub(super) struct Counted<R> {
    pub input: R,
    pub count: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let read = self.input.read(room)?;
        self.count.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

/// What a compressed file holds; no more of it than its bound allows for its size.
pub(super) struct Unpacked {
    pub input: Box<dyn Read + Send>,
    pub how: &'static str,
    /// How much of the file was read.
    pub packed: Arc<AtomicU64>,
    pub unpacked: u64,
    pub bound: Bound,
}

impl Read for Unpacked {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let read = self.input.read(room).map_err(|error| match Stopped::of(&error) {
            None if error.kind() != io::ErrorKind::Interrupted => {
                Stopped::Packed(self.how, crate::messages::data::reason(&error)).into()
            }
            _ => error,
        })?;
        self.unpacked += read as u64;
        if self.bound.is_burst(self.packed.load(Ordering::Relaxed), self.unpacked) {
            return Err(Stopped::Bursts.into());
        }
        Ok(read)
    }
}

/// All members of a gzip file. Zeros behind the last are padding, as `gzip` has it; anything else is told.
pub(super) struct Gzip<R> {
    member: Option<flate2::bufread::GzDecoder<R>>,
}

impl<R: BufRead> Gzip<R> {
    pub(super) fn new(input: R) -> Gzip<R> {
        Gzip { member: Some(flate2::bufread::GzDecoder::new(input)) }
    }
}

impl<R: BufRead> Read for Gzip<R> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        while let Some(member) = &mut self.member {
            let read = member.read(room)?;
            if read > 0 || room.is_empty() {
                return Ok(read);
            }
            let Some(member) = self.member.take() else { break };
            let mut input = member.into_inner();
            let first = loop {
                let bytes = input.fill_buf()?;
                let (all, zeros) = (bytes.len(), bytes.iter().take_while(|&&b| b == 0).count());
                if let Some(&byte) = bytes.get(zeros) {
                    input.consume(zeros);
                    break Some(byte);
                }
                if all == 0 {
                    break None;
                }
                input.consume(all);
            };
            match first {
                None => break,
                Some(0x1f) => self.member = Some(flate2::bufread::GzDecoder::new(input)),
                Some(_) => return Err(Stopped::Behind.into()),
            }
        }
        Ok(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        let most = |text: &str| Bound::parse(text).map(Bound::most);
        assert_eq!(most("8G"), Some(8 << 30));
        assert_eq!(most("1.5 GiB"), Some(3 << 29));
        assert_eq!(most("500mb"), Some(500 << 20));
        assert_eq!(most("2T"), Some(2 << 40));
        assert_eq!(most("1000"), Some(1000));
        assert_eq!(most("1000 b"), Some(1000));
        for odd in ["", "G", "8X", "-1", "1.2.3", "0", "8ib", "1e300", "nan"] {
            assert_eq!(most(odd), None, "{odd}");
        }
    }

    #[test]
    fn what_bursts() {
        let bound = Bound::default();
        assert!(!bound.is_burst(1, FREE));
        assert!(bound.is_burst(1000, FREE + 1));
        assert!(!bound.is_burst(FREE, FREE * MOST_TIMES));
        assert!(!Bound::parse("1G").unwrap().is_burst(1, 1 << 60));
    }
}
