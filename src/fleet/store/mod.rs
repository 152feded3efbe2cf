//! The fleet being built: every pod that is known, merged page by page.
//!
//! [`Store`] is what the fetch task builds; [`Fleet`] is the picture of it that the screen gets, which
//! never changes. A page updates its own rows at once. A pod vanishes only when a *complete* sweep did not meet it;
//! its row then stays for [`REMEMBERED`]. Rows keep their numbers: a new pod takes a vacant place, or the next one.
//! Must not: know pages, calls or a clock.

pub mod chunk;
pub mod code;
pub mod counts;
mod intake;
pub mod lexicon;
pub mod packed;
#[cfg(test)]
mod plain;
pub mod row_index;
#[cfg(test)]
mod tests;

use std::hash::BuildHasher as _;
use std::sync::Arc;

use foldhash::fast::RandomState;

use jiff::{SignedDuration, Timestamp};

use super::changes::{Change, ChangeKind, Changes};
use super::pod::{NodeRecord, Pod, ServerlessRecord};
use super::scope::Scope;
use super::snapshot::Fleet;
use chunk::{CHUNK_ROWS, COLS, Chunk, Col, Row, flag};
use code::Lexicons;
use counts::Counts;
use lexicon::FIRST;
use row_index::RowIndex;

/// How long a pod that vanished stays in the fleet.
pub const REMEMBERED: SignedDuration = SignedDuration::from_mins(10);
/// Most scopes of which it is remembered that they were swept.
const SWEPT_SCOPES: usize = 16;

/// Which of the passes that may be under way at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Lane {
    /// Over the fleet.
    Fleet,
    /// Over a part of it.
    Part,
}

/// What a pass may have met of a row, as bits: the record in `data_list`, the one in `pod_info_list`.
#[derive(Debug, Clone, Copy)]
struct Met {
    node: u8,
    serverless: u8,
}

impl Met {
    /// The bits of a lane; a page beside all passes has none.
    fn of(lane: Option<Lane>) -> Self {
        let (node, serverless) = match lane {
            Some(Lane::Fleet) => (1, 2),
            Some(Lane::Part) => (4, 8),
            None => (0, 0),
        };
        Self { node, serverless }
    }
}

/// Both lists of one page.
#[derive(Debug, Clone, Default)]
pub struct Records {
    /// `data_list`
    pub node: Vec<NodeRecord>,
    /// `pod_info_list`
    pub serverless: Vec<ServerlessRecord>,
}

impl Records {
    /// How many there are, of both lists.
    pub fn len(&self) -> usize {
        self.node.len() + self.serverless.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// The fleet being built.
#[derive(Debug, Default)]
pub struct Store {
    chunks: Vec<Arc<Chunk>>,
    lexicons: Lexicons,
    /// By id, the rows that have one.
    by_id: RowIndex,
    /// By cluster, namespace and name: how the two lists find each other.
    by_name: RowIndex,
    hasher: RandomState,
    /// What the present passes met, by row.
    met: Vec<u8>,
    vacant: Vec<u32>,
    gone: usize,
    counts: Counts,
    changes: Changes,
    /// The scopes of which a complete pass has ended: a pod that is new to them has appeared.
    swept: Vec<Scope>,
    /// The dates of the snapshot before the present one, and of the present one.
    dates: (Option<Timestamp>, Option<Timestamp>),
    /// Grows when a row gets another name or place, or goes.
    names_version: u64,
    /// Words that there were when the store was last put in order.
    words_then: usize,
}

/// The chunk of a row, and its place there.
pub(super) const fn place(row: u32) -> (usize, usize) {
    ((row / CHUNK_ROWS) as usize, (row % CHUNK_ROWS) as usize)
}

/// What the indexes are built on: the rows' identities in the columns.
struct Identities<'a> {
    chunks: &'a [Arc<Chunk>],
    hasher: &'a RandomState,
}

impl Identities<'_> {
    fn name_hash(&self, cluster: u64, namespace: u64, name: &str) -> u64 {
        // What is absent and what is unreadable names nothing alike.
        let word = |code: u64| if code < FIRST { 0 } else { code };
        self.hasher.hash_one((word(cluster), word(namespace), name))
    }

    fn name_hash_of(&self, row: u32) -> u64 {
        let (chunk, at) = place(row);
        self.chunks.get(chunk).map_or(0, |chunk| {
            self.name_hash(
                chunk.code(Col::Cluster, at),
                chunk.code(Col::Namespace, at),
                chunk.name(at),
            )
        })
    }

    fn id_hash(&self, code: u64, uuid: u128) -> u64 {
        self.hasher.hash_one((code, uuid))
    }

    fn id_hash_of(&self, row: u32) -> u64 {
        let (chunk, at) = place(row);
        self.chunks
            .get(chunk)
            .map_or(0, |chunk| self.id_hash(chunk.code(Col::Id, at), chunk.uuid(at)))
    }
}

impl Store {
    /// Begins a new pass of `lane` over the pages; [`Store::end_pass`] may then tell what has vanished.
    pub fn begin_pass(&mut self, lane: Lane) {
        let met = Met::of(Some(lane));
        let others = !(met.node | met.serverless);
        self.met.iter_mut().for_each(|bits| *bits &= others);
    }

    /// Takes the date of the snapshot that the next pages are of.
    pub fn date(&mut self, snapshot_at: Option<Timestamp>) {
        if self.dates.1 != snapshot_at {
            self.dates = (self.dates.1, snapshot_at);
        }
    }

    /// Takes what an earlier run knew: its changes, and that what was merged is all there was in `scope`, so that a pod
    /// which is not among it has appeared since.
    pub fn restore(&mut self, scope: &Scope, changes: Vec<Change>) {
        for change in changes {
            self.changes.restore(change);
        }
        self.swept.push(scope.clone());
    }

    /// The changes so far.
    pub fn changes(&self) -> &Changes {
        &self.changes
    }

    /// Merges one page of the pass of `lane`, or a page beside all passes. Answers how many of its records the pass had
    /// not met before: a page that repeats others answers 0.
    pub fn merge(&mut self, lane: Option<Lane>, records: Records) -> usize {
        let met = Met::of(lane);
        let node = records
            .node
            .into_iter()
            .map(|record| self.merge_node(record, met.node));
        let node = node.filter(|news| *news).count();
        let serverless = records
            .serverless
            .into_iter()
            .map(|record| self.merge_serverless(record, met.serverless));
        node + serverless.filter(|news| *news).count()
    }

    fn merge_node(&mut self, record: NodeRecord, met: u8) -> bool {
        let mut pod = Pod::on_node(record);
        let row = self.lexicons.encode(&pod);
        let known = self.with_id(&row).or_else(|| {
            // A pod known from the serverless list alone becomes this one.
            let has_id = row.codes[Col::Id as usize] >= FIRST;
            self.with_name(&row, |chunk, at| {
                !chunk.has(at, flag::NODE) || !has_id && chunk.code(Col::Id, at) < FIRST
            })
        });
        let Some(number) = known else {
            return self.push(&pod, row, met);
        };
        let news = self.meet(number, met);
        let (chunk, at) = self.at(number);
        if chunk.has(at, flag::SERVERLESS) && !chunk.has(at, flag::GONE) {
            pod.serverless = self.pod(number).serverless;
            self.rewrite(number, &pod);
        } else if !is_same(chunk, at, &row) {
            self.write(number, &pod, row);
        }
        news
    }

    fn merge_serverless(&mut self, record: ServerlessRecord, met: u8) -> bool {
        let mut pod = Pod::serverless(record);
        let row = self.lexicons.encode(&pod);
        let Some(number) = self.with_name(&row, |_, _| true) else {
            return self.push(&pod, row, met);
        };
        let news = self.meet(number, met);
        let (chunk, at) = self.at(number);
        if chunk.has(at, flag::NODE) && !chunk.has(at, flag::GONE) {
            let known = self.pod(number);
            if known.serverless != pod.serverless {
                pod = Pod {
                    serverless: pod.serverless,
                    ..known
                };
                self.rewrite(number, &pod);
            }
        } else if !is_same(chunk, at, &row) {
            self.write(number, &pod, row);
        }
        news
    }

    /// Ends a complete pass of `lane` over `scope`: every pod that an answer to `scope` surely holds and this pass did not
    /// meet is gone, since `now`. Answers how many are.
    pub fn end_pass(&mut self, lane: Lane, scope: &Scope, now: Timestamp) -> usize {
        let bits = Met::of(Some(lane));
        let mut vanished = 0;
        for number in self.numbers() {
            let (chunk, at) = self.at(number);
            let met = self.met.get(number as usize).copied().unwrap_or(0);
            let loses_node = met & bits.node == 0 && chunk.has(at, flag::NODE);
            let loses_serverless = met & bits.serverless == 0 && chunk.has(at, flag::SERVERLESS);
            if !(loses_node || loses_serverless) || chunk.has(at, flag::GONE | flag::VACANT) {
                continue;
            }
            let mut pod = self.pod(number);
            if !scope.must_hold(&pod) {
                continue;
            }
            let node = if loses_node { None } else { pod.node.take() };
            let serverless = if loses_serverless {
                None
            } else {
                pod.serverless.take()
            };
            match (node, serverless) {
                (Some(node), _) => self.rewrite(number, &Pod::on_node(node)),
                (None, Some(serverless)) => self.rewrite(number, &Pod::serverless(serverless)),
                (None, None) => {
                    self.vanish(number, now);
                    vanished += 1;
                }
            }
        }
        if scope.is_whole() {
            self.swept.clear();
        }
        if !self.swept.contains(scope) && self.swept.len() < SWEPT_SCOPES {
            self.swept.push(scope.clone());
        }
        self.forget(now);
        vanished
    }

    /// Frees the rows of the pods that have been gone for [`REMEMBERED`]. Answers how many they were.
    pub fn forget(&mut self, now: Timestamp) -> usize {
        let until = now.as_second() - REMEMBERED.as_secs();
        let due: Vec<u32> = self
            .gone_rows()
            .filter(|(_, since)| *since <= until)
            .map(|(number, _)| number)
            .collect();
        for number in &due {
            self.free(*number);
        }
        self.tidy();
        due.len()
    }

    /// When the next row is to be freed.
    pub fn next_forget(&self) -> Option<Timestamp> {
        let first = self.gone_rows().map(|(_, since)| since).min()?;
        Timestamp::from_second(first + REMEMBERED.as_secs()).ok()
    }

    /// The fleet as it is now.
    pub fn snapshot(&self) -> Fleet {
        Fleet::of(
            self.chunks.clone(),
            self.lexicons.book(),
            self.counts.clone(),
            self.changes.clone(),
            self.gone,
            self.names_version,
        )
    }

    /// The bytes that it takes, without its odd fields.
    pub fn bytes(&self) -> usize {
        let chunks: usize = self.chunks.iter().map(|chunk| chunk.bytes()).sum();
        chunks + self.lexicons.bytes() + self.by_id.bytes() + self.by_name.bytes() + self.met.capacity()
    }

    /// Adds a pod as it is, whatever else is known.
    pub(super) fn add(&mut self, pod: &Pod) {
        let row = self.lexicons.encode(pod);
        self.push(pod, row, 0);
    }

    fn gone_rows(&self) -> impl Iterator<Item = (u32, i64)> + '_ {
        (0_u32..).zip(&self.chunks).flat_map(|(number, chunk)| {
            let first = number.saturating_mul(CHUNK_ROWS);
            chunk
                .gone_at
                .iter()
                .map(move |(at, since)| (first + u32::from(*at), *since))
        })
    }

    /// The numbers of all rows, vacant ones included.
    fn numbers(&self) -> std::ops::Range<u32> {
        0..u32::try_from(self.met.len()).unwrap_or(u32::MAX)
    }

    fn at(&self, number: u32) -> (&Chunk, usize) {
        let (chunk, at) = place(number);
        (&self.chunks[chunk], at)
    }

    fn pod(&self, number: u32) -> Pod {
        let (chunk, at) = self.at(number);
        self.lexicons.book().pod(chunk, at)
    }

    fn identities(&self) -> Identities<'_> {
        Identities {
            chunks: &self.chunks,
            hasher: &self.hasher,
        }
    }

    fn with_id(&self, row: &Row<'_>) -> Option<u32> {
        let code = row.codes[Col::Id as usize];
        let hash = self.identities().id_hash(code, row.uuid);
        let is_it = |number| {
            let (chunk, at) = self.at(number);
            chunk.code(Col::Id, at) == code && chunk.uuid(at) == row.uuid
        };
        if code < FIRST {
            None
        } else {
            self.by_id.find_only(hash, is_it)
        }
    }

    /// The first row of this cluster, namespace and name that `is_it` accepts.
    fn with_name(&self, row: &Row<'_>, is_it: impl Fn(&Chunk, usize) -> bool) -> Option<u32> {
        let [cluster, namespace] = [Col::Cluster, Col::Namespace].map(|col| row.codes[col as usize]);
        let same = |a: u64, b: u64| a == b || a.max(b) < FIRST;
        let hash = self.identities().name_hash(cluster, namespace, row.name);
        self.by_name.find(hash, |number| {
            let (chunk, at) = self.at(number);
            chunk.name(at) == row.name
                && same(chunk.code(Col::Cluster, at), cluster)
                && same(chunk.code(Col::Namespace, at), namespace)
                && is_it(chunk, at)
        })
    }

    /// Notes that a pass met a record of the row; answers whether it had not before. No pass, no news.
    fn meet(&mut self, number: u32, record: u8) -> bool {
        self.met.get_mut(number as usize).is_some_and(|met| {
            let news = *met & record != record;
            *met |= record;
            news
        })
    }

    fn push(&mut self, pod: &Pod, row: Row<'_>, met: u8) -> bool {
        let number = self.vacant.pop().unwrap_or_else(|| {
            let number = self.numbers().end;
            self.met.push(0);
            if place(number).0 == self.chunks.len() {
                self.chunks.push(Arc::default());
            }
            number
        });
        self.write(number, pod, row);
        self.meet(number, met)
    }

    fn rewrite(&mut self, number: u32, pod: &Pod) {
        let row = self.lexicons.encode(pod);
        self.write(number, pod, row);
    }

    /// Writes a pod over whatever the row was, and keeps everything that follows from rows current.
    fn write(&mut self, number: u32, pod: &Pod, mut row: Row<'_>) {
        code::complete(&mut row, pod);
        let (chunk, at) = place(number);
        let old = self
            .chunks
            .get(chunk)
            .filter(|chunk| at < chunk.len() && !chunk.has(at, flag::VACANT));
        let old_codes = old.map(|chunk| chunk.codes(at));
        let is_gone = old.is_some_and(|chunk| chunk.has(at, flag::GONE));
        let keeps = |col: Col| old_codes.is_some_and(|old| old[col as usize] == row.codes[col as usize]);
        let keeps_name = keeps(Col::Cluster)
            && keeps(Col::Namespace)
            && old.is_some_and(|chunk| chunk.name(at) == row.name);
        let keeps_id = keeps(Col::Id) && old.is_some_and(|chunk| chunk.uuid(at) == row.uuid);
        match old_codes.filter(|_| !is_gone) {
            None => self.report_new(pod),
            Some(old) if may_be_news(&old, &row.codes) => {
                for kind in ChangeKind::between(&self.pod(number), pod) {
                    self.report(pod, kind);
                }
            }
            Some(_) => {}
        }
        if old_codes.is_some() {
            self.unindex(number, keeps_id, keeps_name);
        }
        if let Some(old) = old_codes.filter(|_| !is_gone) {
            self.counts.remove(&old);
        }
        self.counts.add(&row.codes);
        self.gone -= usize::from(is_gone);
        if let Some(chunk) = self.chunks.get_mut(chunk) {
            let chunk = Arc::make_mut(chunk);
            chunk.set(at, &row);
            let at = u16::try_from(at).unwrap_or(u16::MAX);
            chunk.gone_at.remove(&at);
            match code::twin(pod) {
                Some(twin) => drop(chunk.twins.insert(at, twin)),
                None => drop(chunk.twins.remove(&at)),
            }
        }
        let has_id = row.codes[Col::Id as usize] >= FIRST;
        let identities = Identities {
            chunks: &self.chunks,
            hasher: &self.hasher,
        };
        if !keeps_name {
            let hash_of = |number| identities.name_hash_of(number);
            self.by_name.insert(hash_of(number), number, hash_of);
            self.names_version += 1;
        }
        if !keeps_id && has_id {
            let hash_of = |number| identities.id_hash_of(number);
            self.by_id.insert(hash_of(number), number, hash_of);
        }
    }

    fn unindex(&mut self, number: u32, keeps_id: bool, keeps_name: bool) {
        let identities = Identities {
            chunks: &self.chunks,
            hasher: &self.hasher,
        };
        if !keeps_name {
            self.by_name.remove(identities.name_hash_of(number), number);
        }
        if !keeps_id {
            self.by_id.remove(identities.id_hash_of(number), number);
        }
    }

    fn report_new(&mut self, pod: &Pod) {
        if self.swept.iter().any(|scope| scope.must_hold(pod)) {
            self.report(pod, ChangeKind::Appeared);
        }
    }

    fn report(&mut self, pod: &Pod, kind: ChangeKind) {
        self.changes.push(Change {
            pod: pod.key.clone(),
            name: pod.name().clone(),
            namespace: pod.namespace().clone(),
            cluster: pod.cluster().clone(),
            kind,
            before: self.dates.0,
            after: self.dates.1,
        });
    }

    /// The row's pod is gone; the row stays for now.
    fn vanish(&mut self, number: u32, now: Timestamp) {
        let pod = self.pod(number);
        self.report(&pod, ChangeKind::Vanished);
        let (chunk, at) = place(number);
        if let Some(chunk) = self.chunks.get_mut(chunk).map(Arc::make_mut) {
            self.counts.remove(&chunk.codes(at));
            let flags = chunk.code(Col::Flags, at) | flag::GONE;
            chunk.set_code(Col::Flags, at, flags);
            chunk
                .gone_at
                .insert(u16::try_from(at).unwrap_or(u16::MAX), now.as_second());
            self.gone += 1;
        }
    }

    /// The row of a pod that is gone becomes a vacant place.
    fn free(&mut self, number: u32) {
        self.unindex(number, false, false);
        let (chunk, at) = place(number);
        if let Some(chunk) = self.chunks.get_mut(chunk).map(Arc::make_mut) {
            let mut codes = [0; COLS];
            codes[Col::Flags as usize] = flag::VACANT;
            chunk.set(
                at,
                &Row {
                    name: "",
                    codes,
                    uuid: 0,
                },
            );
            let at = u16::try_from(at).unwrap_or(u16::MAX);
            chunk.twins.remove(&at);
            chunk.gone_at.remove(&at);
            self.gone -= 1;
            self.vacant.push(number);
            self.names_version += 1;
        }
    }

    /// Puts the store in order where half of it is vacant, or of its words nobody knows who still uses them.
    fn tidy(&mut self) {
        let words = self.lexicons.book().count();
        let half_empty = self.vacant.len() > CHUNK_ROWS as usize && self.vacant.len() * 2 > self.met.len();
        let full_of_words = words > 4 * self.words_then.max(self.met.len());
        if !(half_empty || full_of_words) {
            return;
        }
        let old = std::mem::take(self);
        for number in old.numbers() {
            let (chunk, at) = old.at(number);
            if chunk.has(at, flag::VACANT) {
                continue;
            }
            let since = u16::try_from(at).ok().and_then(|at| chunk.gone_at.get(&at));
            let met = old.met.get(number as usize).copied().unwrap_or(0);
            let pod = old.pod(number);
            let row = self.lexicons.encode(&pod);
            self.push(&pod, row, met);
            if let Some(at) = since.and_then(|since| Timestamp::from_second(*since).ok()) {
                self.vanish(self.numbers().end - 1, at);
            }
        }
        self.changes = old.changes;
        self.swept = old.swept;
        self.dates = old.dates;
        self.names_version += old.names_version;
        self.words_then = self.lexicons.book().count();
    }
}

/// Whether something changed that is worth telling: most pages bring other usages and nothing else.
fn may_be_news(old: &[u64; COLS], new: &[u64; COLS]) -> bool {
    let differs = |col: Col| old[col as usize] != new[col as usize];
    let words = [
        Col::Status,
        Col::Protection,
        Col::Detection,
        Col::CpuLimit,
        Col::MemoryLimit,
    ];
    let pressure = |codes: &[u64; COLS], col: Col| code::usage(codes[col as usize]).pressure();
    let crosses = |col: Col| differs(col) && pressure(old, col) != pressure(new, col);
    words.into_iter().any(differs) || crosses(Col::CpuUsage) || crosses(Col::MemoryUsage)
}

/// Whether the row holds just this record, alive.
fn is_same(chunk: &Chunk, at: usize, row: &Row<'_>) -> bool {
    let follows = [Col::CpuUsage, Col::MemoryUsage, Col::Risk].map(|col| col as usize);
    let codes = row.codes.iter().zip(chunk.codes(at)).enumerate();
    let mut codes = codes.filter(|(col, _)| !follows.contains(col));
    codes.all(|(_, (new, old))| *new == old) && chunk.uuid(at) == row.uuid && chunk.name(at) == row.name
}
