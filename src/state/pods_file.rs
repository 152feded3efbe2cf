//! The pods of the last complete list, beside the state file: what a program that starts has on the screen at once.
//!
//! ```text
//! cn-north-4-….sqlite         the state file: pages, changes, decisions
//! cn-north-4-….sqlite-pods    header │ table of blocks │ words │ blocks of pods (see fleet::blocks)
//! ```
//!
//! The state file alone says what is known; this file only says it faster. It is removed before a page is written, and written
//! anew after the last page of a complete sweep, so it never has other pods than the pages do. Whoever reads it compares it with the
//! facts of the state file, or ([`young`]) with the identity of that file. It is checked like the state file: owner, mode, kind.
//! Its header and each block have a checksum, its texts are as untrusted as those of a page, and a file that makes no sense in
//! any respect counts as missing. Must not: be the only place where something is kept.

use std::fs::{self, File, OpenOptions};
#[cfg(target_os = "linux")]
use std::io::IoSliceMut;
use std::io::{self, Write as _};
use std::os::unix::fs::{FileExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::sync_channel;
use std::thread;
use std::time::Duration;

use jiff::Timestamp;
#[cfg(target_os = "linux")]
use rustix::fs::{CWD, Mode, OFlags, ResolveFlags, openat2};
#[cfg(target_os = "linux")]
use rustix::io::{ReadWriteFlags, preadv2};

use super::checksum;
use super::database::{Facts, Identity, SourceMark, fit_as_it_is, identity, with_suffix};
use crate::fleet::Fleet;
use crate::fleet::blocks::{self, BlockReader, PodBlock, StoredPods};

/// The suffix of its name.
const SUFFIX: &str = "-pods";
/// The suffix of the file while it is written.
const NEW: &str = "-pods.new";
/// The first bytes; the number of the form follows.
const MAGIC: [u8; 12] = *b"hss-top pods";
/// The bytes of the header, its checksum included.
const HEADER: usize = 96;
/// The bytes of a block's length and checksum.
const ENTRY: usize = 8;
/// The most pods that are stored. More take longer to write than it helps whoever starts again.
const MOST_PODS: usize = 500_000;
/// The most blocks of a file, and the most bytes of one.
const MOST_BLOCKS: usize = 4096;
const MOST_BLOCK_BYTES: usize = 64 << 20;
/// How many threads read blocks.
const READERS: usize = 2;
/// How long the disk may take.
const PATIENCE: Duration = Duration::from_secs(2);

/// What the header says of the pods.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PodsHeader {
    /// The facts about the pages that have the same pods.
    pub facts: Facts,
    /// The state file.
    pub(super) state: Identity,
    source: SourceMark,
    /// The number of blocks, the words among them.
    blocks: usize,
    /// The number of pods in them.
    pods: usize,
}

/// The pods of a file, and what its header says of them.
#[derive(Debug)]
pub struct PodsRead {
    /// The header.
    pub header: PodsHeader,
    /// The pods.
    pub pods: StoredPods,
}

impl PodsHeader {
    fn to_bytes(self) -> [u8; HEADER] {
        let ms = |at: Option<Timestamp>| at.map_or(i64::MIN, Timestamp::as_millisecond);
        let count = |count: Option<u64>| count.unwrap_or(u64::MAX).cast_signed();
        let (device, inode) = self.state;
        let numbers = [
            self.source.number(),
            device.cast_signed(),
            inode.cast_signed(),
            ms(self.facts.asked_at),
            ms(self.facts.snapshot_at),
            count(self.facts.total),
            count(self.facts.pages),
            i64::try_from(self.blocks).unwrap_or(i64::MAX),
            i64::try_from(self.pods).unwrap_or(i64::MAX),
        ];
        let mut bytes = Vec::with_capacity(HEADER);
        bytes.extend_from_slice(&MAGIC);
        bytes.extend_from_slice(&blocks::FORM.to_le_bytes());
        bytes.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
        bytes.resize(HEADER - 4, 0);
        let sum = checksum::block(&bytes);
        bytes.extend_from_slice(&sum.to_le_bytes());
        bytes.try_into().unwrap_or([0; HEADER])
    }

    fn of_bytes(bytes: &[u8; HEADER]) -> Option<Self> {
        let (said, sum) = bytes.split_last_chunk::<4>()?;
        let rest = said
            .strip_prefix(&MAGIC)?
            .strip_prefix(&blocks::FORM.to_le_bytes())?;
        if checksum::block(said) != u32::from_le_bytes(*sum) {
            return None;
        }
        let (numbers, _) = rest.as_chunks::<8>();
        let number = |at: usize| numbers.get(at).map(|bytes| i64::from_le_bytes(*bytes));
        let time = |at: usize| number(at).and_then(|ms| Timestamp::from_millisecond(ms).ok());
        let count = |at: usize| number(at).and_then(|count| u64::try_from(count).ok());
        Some(Self {
            source: SourceMark::of_number(number(0)?),
            state: (number(1)?.cast_unsigned(), number(2)?.cast_unsigned()),
            facts: Facts {
                asked_at: time(3),
                snapshot_at: time(4),
                total: count(5),
                pages: count(6),
                complete: true,
            },
            blocks: usize::try_from(number(7)?)
                .ok()
                .filter(|count| *count <= MOST_BLOCKS)?,
            pods: usize::try_from(number(8)?).ok()?,
        })
    }

    /// Whether these are the pods of the pages that the state file has these facts about.
    pub fn agrees(&self, facts: &Facts) -> bool {
        let same = Facts {
            asked_at: facts.asked_at,
            ..self.facts
        };
        same == *facts && self.facts.pages.is_some()
    }
}

/// Removes the file of the state file at `path`, because the pages are about to change.
pub(super) fn discard(path: &Path) {
    for suffix in [SUFFIX, NEW] {
        super::database::discard(&with_suffix(path, suffix));
    }
}

/// Writes the present pods of `fleet`, which the pages of the state file at `path` have too, in place of what is there. A
/// program that is killed leaves no part of it.
///
/// # Errors
/// The disk is full or cannot be written; then there is no file.
pub(super) fn write(path: &Path, fleet: &Fleet, facts: &Facts) -> io::Result<()> {
    discard(path);
    let pods = blocks::count(fleet);
    let state = identity(path).filter(|_| facts.complete && (1..=MOST_PODS).contains(&pods));
    let Some(state) = state else {
        return Ok(());
    };
    let new = with_suffix(path, NEW);
    let mut file = OpenOptions::new()
        .create_new(true)
        .write(true)
        .mode(0o600)
        .open(&new)?;
    let header = PodsHeader {
        facts: *facts,
        state,
        source: SourceMark::of(path),
        // Rows that are present fill no more blocks than all rows do; the words are one more. Some at the end may be empty.
        blocks: fleet.chunks().len() + 1,
        pods,
    };
    let written = write_all(&mut file, fleet, header);
    // Its checksums say whether it came to the disk.
    let written = written.and_then(|()| fs::rename(&new, with_suffix(path, SUFFIX)));
    if written.is_err() {
        discard(path);
    }
    written
}

fn write_all(file: &mut File, fleet: &Fleet, header: PodsHeader) -> io::Result<()> {
    let table_length = header.blocks * ENTRY;
    let mut table = Vec::with_capacity(table_length);
    let mut at = (HEADER + table_length) as u64;
    let words = std::iter::once_with(|| blocks::words(fleet));
    for block in words.chain(blocks::pod_blocks(fleet)) {
        let length = u32::try_from(block.len()).map_err(|_| io::ErrorKind::FileTooLarge)?;
        table.extend_from_slice(&length.to_le_bytes());
        table.extend_from_slice(&checksum::block(&block).to_le_bytes());
        file.write_all_at(&block, at)?;
        at += u64::from(length);
    }
    table.resize(table_length, 0);
    file.write_all_at(&table, HEADER as u64)?;
    file.write_all_at(&header.to_bytes(), 0)?;
    file.flush()
}

/// Notes that HSS was asked again and the pods are the same.
pub(super) fn note_asked(path: &Path, facts: &Facts) {
    let noted = || -> Option<()> {
        let file = open(path, true).ok()?;
        let header = header_of(&file)?;
        let is_same = header.facts.asked_at < facts.asked_at
            && header.facts.snapshot_at == facts.snapshot_at
            && header.facts.total == facts.total;
        let newer = PodsHeader {
            facts: Facts {
                asked_at: facts.asked_at,
                ..header.facts
            },
            ..header
        };
        is_same.then(|| file.write_all_at(&newer.to_bytes(), 0).ok())?
    };
    // What is not noted costs whoever reads it a look into the state file.
    let _ = noted();
}

fn open(path: &Path, is_written: bool) -> io::Result<File> {
    let flags = i32::try_from(rustix::fs::OFlags::NOFOLLOW.bits()).unwrap_or_default();
    OpenOptions::new()
        .read(true)
        .write(is_written)
        .custom_flags(flags)
        .open(with_suffix(path, SUFFIX))
}

fn header_of(file: &File) -> Option<PodsHeader> {
    let mut header = [0; HEADER];
    file.read_exact_at(&mut header, 0).ok()?;
    PodsHeader::of_bytes(&header)
}

/// Reads the pods, if there is a file beside the state file at `path` that is whole and belongs to it. `accept` judges by the
/// header whether they are of use.
pub fn read(path: &Path, accept: impl FnOnce(&PodsHeader) -> bool) -> Option<PodsRead> {
    let path = fit_as_it_is(path, SUFFIX)?;
    let file = open(&path, false).ok()?;
    let header = header_of(&file)?;
    let is_ours = header.source == SourceMark::of(&path) && identity(&path) == Some(header.state);
    if !is_ours || !accept(&header) {
        return None;
    }
    let pods = read_blocks(&file, header.blocks).filter(|pods| pods.len() == header.pods);
    if pods.is_none() {
        tracing::debug!(path = %path.display(), "the file of pods is not used");
    }
    Some(PodsRead { header, pods: pods? })
}

/// Reads the pods of a list that HSS was asked for no longer than `most` ago, as of `now`, without the state file. A disk that
/// does not answer has no file.
pub fn young(path: &Path, now: Timestamp, most: Duration) -> Option<PodsRead> {
    let path = path.to_owned();
    let is_young = move |header: &PodsHeader| {
        let age = header.facts.asked_at.map(|at| now.duration_since(at));
        // A list with a date in the future has no age.
        age.and_then(|age| Duration::try_from(age).ok())
            .is_some_and(|age| age <= most)
    };
    if is_in_memory(&place(&path)) {
        return read(&path, is_young);
    }
    let (out, found) = sync_channel(1);
    let look = move || {
        // Nobody waits any more where the disk took too long.
        let _ = out.send(read(&path, is_young));
    };
    thread::Builder::new().name("pods".to_owned()).spawn(look).ok()?;
    found.recv_timeout(PATIENCE).ok().flatten()
}

/// Whether a short file can be read without waiting for a disk, because its name and all of its bytes are in the system's memory.
/// So it is with the pods of a check that runs every few minutes; a thread and two turns of the scheduler take longer than all the
/// rest of such a check. Where the system does not tell, it is not.
#[cfg(target_os = "linux")]
fn is_in_memory(path: &Path) -> bool {
    const SHORT: u64 = 1 << 20;
    const AT_ONCE: usize = 32 << 10;
    // A pipe must not wait for its writer.
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let opened = openat2(CWD, path, flags, Mode::empty(), ResolveFlags::CACHED);
    let Ok(file) = opened.map(File::from) else {
        return false;
    };
    let length = file.metadata().map_or(0, |found| found.len());
    if !(1..=SHORT).contains(&length) {
        return false;
    }
    let (mut at, mut bytes) = (0, vec![0; AT_ONCE]);
    while at < length {
        let room = &mut [IoSliceMut::new(&mut bytes)];
        match preadv2(&file, room, at, ReadWriteFlags::NOWAIT) {
            Ok(read @ 1..) => at += read as u64,
            Ok(0) | Err(_) => return false,
        }
    }
    true
}

/// Other systems do not tell.
#[cfg(not(target_os = "linux"))]
const fn is_in_memory(_: &Path) -> bool {
    false
}

/// A block's place, length and checksum.
#[derive(Debug, Clone, Copy)]
struct BlockPlace {
    at: u64,
    length: usize,
    sum: u32,
}

fn read_blocks(file: &File, count: usize) -> Option<StoredPods> {
    let mut table = vec![0; count * ENTRY];
    file.read_exact_at(&mut table, HEADER as u64).ok()?;
    let mut at = (HEADER + table.len()) as u64;
    let mut places = Vec::with_capacity(count);
    for entry in table.as_chunks::<ENTRY>().0 {
        let (length, sum) = entry.split_first_chunk::<4>()?;
        let length = u32::from_le_bytes(*length) as usize;
        let sum = u32::from_le_bytes(*sum.first_chunk()?);
        if length > MOST_BLOCK_BYTES {
            return None;
        }
        if length > 0 {
            places.push(BlockPlace { at, length, sum });
            at += length as u64;
        }
    }
    let (words, places) = places.split_first()?;
    let mut buffer = Vec::new();
    let reader = BlockReader::new(intact(file, *words, &mut buffer)?).ok()?;
    let next = AtomicUsize::new(0);
    let read_some = || -> Option<Vec<(usize, PodBlock)>> {
        let (mut read, mut buffer) = (Vec::new(), Vec::new());
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some(place) = places.get(number) else {
                return Some(read);
            };
            let block = intact(file, *place, &mut buffer)?;
            read.push((number, reader.read(block).ok()?));
        }
    };
    let mut blocks = if places.len() < READERS {
        read_some()?
    } else {
        thread::scope(|scope| {
            let others: Vec<_> = (1..READERS).map(|_| scope.spawn(read_some)).collect();
            let mut blocks = read_some();
            for other in others {
                let other = other.join().ok().flatten();
                blocks = blocks
                    .zip(other)
                    .map(|(blocks, other)| [blocks, other].into_iter().flatten().collect());
            }
            blocks
        })?
    };
    blocks.sort_unstable_by_key(|(number, _)| *number);
    reader
        .together(blocks.into_iter().map(|(_, block)| block).collect())
        .ok()
}

/// The bytes of a block, if they are those that were written.
fn intact<'b>(file: &File, place: BlockPlace, buffer: &'b mut Vec<u8>) -> Option<&'b [u8]> {
    buffer.resize(place.length.max(buffer.len()), 0);
    let block = buffer.get_mut(..place.length)?;
    file.read_exact_at(block, place.at).ok()?;
    (checksum::block(block) == place.sum).then_some(block)
}

/// Where it is, beside the state file at `path`.
pub fn place(path: &Path) -> PathBuf {
    with_suffix(path, SUFFIX)
}

#[cfg(test)]
mod tests;
