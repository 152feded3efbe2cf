//! The past of a demo: what a dashboard that ran for a week would have kept, in a file of its own.
//!
//! ```text
//!  lists of a week ─► store ─► usage, changes, when we looked ─► state file in a temporary folder ─► dashboard, as usual
//! ```
//!
//! Owns when HSS took its lists, when nobody looked at them, and what an operator decided meanwhile. The lists come from the
//! simulator, which computes its past as it does its present; the file is written by the program's own writers, so each view
//! reads it the ordinary way. The same seed gives the same past, as far before the start. To keep something else of a list,
//! add a function to [`KEEPERS`]. Must not: touch the user's files, or hold up the first frame.

use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{fmt, fs, io, process};

use jiff::{SignedDuration, Timestamp};

use super::{Settings, Target};
use crate::clock::Clock;
use crate::env;
use crate::fleet::changes::{Change, ChangeId, ChangeKind};
use crate::fleet::decisions::{Acknowledgement, Mute, MuteEnd, MuteTarget};
use crate::fleet::store::SweepKind;
use crate::fleet::{Fleet, Scope, Store};
use crate::hss::wire::read_page;
use crate::simulator::{FIRST_AGE, SimulatedPast, SimulatorSettings, past_lists};
use crate::state::{Database, SnapshotSeries, Writing, usage};

/// How long before the newest list each of the last day was taken, in minutes.
const OF_A_DAY: std::ops::RangeInclusive<u64> = 1..=48;
const HALF_HOUR: Duration = Duration::from_mins(30);
/// The same of the six days before that.
const OF_A_WEEK: std::ops::RangeInclusive<u64> = 1..=24;
const SIX_HOURS: Duration = Duration::from_hours(6);
/// When nobody looked, as time before the newest list: what happened then was seen afterwards.
const GAPS: [(Duration, Duration); 2] = [
    (Duration::from_hours(6), Duration::from_mins(8 * 60 + 40)),
    (Duration::from_hours(70), Duration::from_hours(85)),
];
/// How long after HSS took a list we looked at it.
const LOOKED_AFTER: SignedDuration = SignedDuration::from_mins(2);
/// Changes that were first seen before that are read.
const UNREAD: SignedDuration = SignedDuration::from_hours(3);
/// Records that are read at most, so that a large demo begins as soon as a small one: then it has a shorter past, or none.
const MOST_RECORDS: u64 = 90_000;
/// With fewer lists there is nothing to see.
const FEWEST_LISTS: u64 = 6;
/// Who decided.
const OPERATOR: &str = "night-shift";

/// What is kept of a list that was read.
type Keeper = fn(&Writing<'_>, &ReadList<'_>, &mut SnapshotSeries) -> Result<(), rusqlite::Error>;

/// What is kept of every list.
const KEEPERS: [Keeper; 4] = [
    |writing, list, _| writing.usage(usage::of(list.fleet, list.taken_at)),
    |writing, list, _| writing.changes(list.changes),
    |writing, list, _| writing.watched(list.seen_at, list.within),
    |writing, list, snapshots| snapshots.store(writing, list.fleet, list.taken_at),
];

/// A list of the past that was read.
struct ReadList<'a> {
    /// When HSS took it.
    taken_at: Timestamp,
    /// When we looked.
    seen_at: Timestamp,
    /// A longer time between two looks is a gap.
    within: Duration,
    /// The pods.
    fleet: &'a Fleet,
    /// What changed since the list before, the oldest first.
    changes: &'a [Change],
}

/// The folder with the file of a demo; it is removed when the demo ends.
#[derive(Debug)]
pub struct DemoPast {
    folder: PathBuf,
    simulator: SimulatorSettings,
}

impl Drop for DemoPast {
    fn drop(&mut self) {
        // The system clears its temporary folders, where this fails.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

impl DemoPast {
    /// Gives the demo a past that ends now, and a file for it. `None` where that is not wanted, too large, or there is no folder.
    pub fn begin(settings: &mut Settings, clock: &Clock) -> Option<Self> {
        let has_past = settings.has_demo_past;
        let Target::Demo(simulator) = &mut settings.target else {
            return None;
        };
        simulator.past = Some(past_of(simulator, clock).filter(|_| has_past)?);
        let folder = new_folder().ok()?;
        let past = Self {
            folder,
            simulator: (**simulator).clone(),
        };
        settings.state = Some(past.file());
        Some(past)
    }

    /// The state file.
    fn file(&self) -> PathBuf {
        self.folder.join("demo.sqlite")
    }

    /// Fills the file, on a thread of its own because it takes a while. Errors are logged, and the demo runs without a past.
    pub fn filling(&self) -> impl FnOnce() + Send + use<> {
        let (file, simulator) = (self.file(), self.simulator.clone());
        move || {
            if let Err(fault) = fill(&file, &simulator) {
                tracing::warn!(%fault, "the demo has no past");
            }
        }
    }
}

/// The past of a demo that begins now, from which its present follows; `None` where it is too large to have one.
pub(super) fn past_of(simulator: &SimulatorSettings, clock: &Clock) -> Option<SimulatedPast> {
    let records = (simulator.pods + simulator.serverless).max(1);
    if MOST_RECORDS / records < FEWEST_LISTS {
        return None;
    }
    let first_at = clock.now().as_millisecond() - i64::try_from(FIRST_AGE.as_millis()).unwrap_or(0);
    Some(SimulatedPast {
        first_at,
        earlier: earlier(),
    })
}

/// A folder that only this user can look into, and that nobody made before.
fn new_folder() -> io::Result<PathBuf> {
    let mut random = [0; 8];
    ring::rand::SecureRandom::fill(&ring::rand::SystemRandom::new(), &mut random)
        .map_err(|_| io::Error::other("no random bytes"))?;
    let name = format!(
        "hss-top-demo-{}-{:016x}",
        process::id(),
        u64::from_le_bytes(random)
    );
    let folder = env::temporary_folder().join(name);
    DirBuilder::new().mode(0o700).create(&folder)?;
    Ok(folder)
}

/// How long before the newest list each of the others was taken, the longest first.
fn earlier() -> Vec<Duration> {
    let times = |steps: u64, step: Duration| step.saturating_mul(u32::try_from(steps).unwrap_or(u32::MAX));
    let day = times(*OF_A_DAY.end(), HALF_HOUR);
    let week = OF_A_WEEK.rev().map(|steps| day + times(steps, SIX_HOURS));
    week.chain(OF_A_DAY.rev().map(|steps| times(steps, HALF_HOUR)))
        .collect()
}

/// Why the file has no past.
#[derive(Debug)]
enum PastFault {
    Page(serde_json::Error),
    File(crate::state::database::Unusable),
}

impl fmt::Display for PastFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Page(error) => write!(f, "a page cannot be read: {error}"),
            Self::File(why) => write!(f, "{why}"),
        }
    }
}

fn fill(file: &Path, simulator: &SimulatorSettings) -> Result<(), PastFault> {
    let Some(past) = &simulator.past else {
        return Ok(());
    };
    let most = MOST_RECORDS / (simulator.pods + simulator.serverless).max(1);
    let newest = i64::try_from(most).unwrap_or(i64::MAX);
    let all = i64::try_from(past.earlier.len()).unwrap_or(i64::MAX);
    let mut lists = Vec::new();
    let mut place = -1;
    let is_read = |taken_at: i64| {
        place += 1;
        let ago = Duration::from_millis(u64::try_from(past.first_at - taken_at).unwrap_or(0));
        all - place < newest && !GAPS.iter().any(|(from, to)| (*from..*to).contains(&ago))
    };
    for list in past_lists(simulator, is_read) {
        lists.push(list.map_err(PastFault::Page)?);
    }
    let mut store = Store::default();
    let mut read = Vec::new();
    for list in &lists {
        let taken_at = Timestamp::from_millisecond(list.taken_at).unwrap_or_default();
        let seen_at = taken_at.saturating_add(LOOKED_AFTER).unwrap_or(taken_at);
        let before = store.changes().total();
        store.begin_sweep(SweepKind::Fleet);
        store.date(Some(taken_at));
        store.received(seen_at);
        for page in &list.pages {
            let page = read_page(page.as_slice()).map_err(PastFault::Page)?;
            store.take(Some(SweepKind::Fleet), &page.pods);
        }
        store.end_sweep(SweepKind::Fleet, &Scope::default(), seen_at);
        store.forget(seen_at);
        let new = usize::try_from(store.changes().total() - before).unwrap_or(usize::MAX);
        let mut changes: Vec<Change> = store.changes().iter().rev().take(new).cloned().collect();
        changes.reverse();
        read.push((taken_at, seen_at, store.snapshot(), changes));
    }
    let (mut database, _) = Database::open(file).map_err(PastFault::File)?;
    let mut snapshots = SnapshotSeries::new(file);
    let result = database.write(|writing| {
        for (taken_at, seen_at, fleet, changes) in &read {
            let ago = past.first_at - taken_at.as_millisecond();
            let is_of_a_day = ago < i64::from(24 * 3_600_000_i32);
            let list = ReadList {
                taken_at: *taken_at,
                seen_at: *seen_at,
                within: if is_of_a_day {
                    HALF_HOUR * 2
                } else {
                    SIX_HOURS + HALF_HOUR
                },
                fleet,
                changes,
            };
            KEEPERS
                .iter()
                .try_for_each(|keep| keep(writing, &list, &mut snapshots))?;
        }
        let changes: Vec<&Change> = read.iter().flat_map(|(.., changes)| changes).collect();
        decide(writing, &changes, past.first_at)
    });
    result.map_err(PastFault::File)
}

/// What somebody decided and read: all but the changes of the last hours is read, one finding is acknowledged, one pod muted.
fn decide(writing: &Writing<'_>, changes: &[&Change], first_at: i64) -> Result<(), rusqlite::Error> {
    let now = Timestamp::from_millisecond(first_at).unwrap_or_default();
    let ago = |seen: Timestamp| now.duration_since(seen);
    let is_read = |change: &&&Change| change.seen_at().is_some_and(|seen| ago(seen) > UNREAD);
    let read: Vec<ChangeId> = changes
        .iter()
        .filter(is_read)
        .map(|change| ChangeId::of(change))
        .collect();
    let Some(decided_at) = now.checked_sub(UNREAD).ok() else {
        return Ok(());
    };
    writing.read_changes(&read, decided_at)?;
    let is_finding = |change: &&&Change| {
        matches!(
            change.kind,
            ChangeKind::Detection(..) | ChangeKind::Protection(..)
        )
    };
    if let Some(finding) = changes.iter().filter(is_read).rfind(is_finding) {
        let row = Acknowledgement {
            who: OPERATOR.to_owned(),
            at: decided_at,
            pod: finding.pod.clone(),
            finding: ChangeId::of(finding).to_string(),
            until: None,
            undone: None,
        };
        writing.acknowledgement(None, &row)?;
    }
    let is_noise = |change: &&&Change| matches!(change.kind, ChangeKind::MemoryThreshold(..));
    let noisy = changes.iter().filter(is_read).rfind(is_noise);
    if let Some(target) = noisy.map(|change| MuteTarget::pod_of(change)) {
        let row = Mute {
            who: OPERATOR.to_owned(),
            at: decided_at,
            target,
            end: MuteEnd::Never,
            undone: None,
        };
        writing.mute(None, &row)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::watched::{WatchedSpan, gaps};
    use crate::state::database::SourceMark;

    fn simulator(pods: u64, first_at: i64) -> SimulatorSettings {
        SimulatorSettings {
            pods,
            serverless: 40,
            past: Some(SimulatedPast {
                first_at,
                earlier: earlier(),
            }),
            ..SimulatorSettings::default()
        }
    }

    #[test]
    fn a_demo_has_a_week_of_usage_with_gaps_changes_decisions_and_a_risk_that_came_back() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("demo.sqlite");
        let first_at = 1_764_000_000_000;
        fill(&file, &simulator(260, first_at)).unwrap();
        let connection = rusqlite::Connection::open(&file).unwrap();
        let numbers = |query: &str| -> Vec<(i64, i64)> {
            let mut statement = connection.prepare(query).unwrap();
            let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
            rows.unwrap().map(Result::unwrap).collect()
        };
        let at = |ms| Timestamp::from_millisecond(ms).unwrap();
        let watched = numbers("SELECT began, ended FROM watched ORDER BY began");
        let spans = watched.iter().map(|(from, to)| WatchedSpan {
            from: at(*from),
            to: at(*to),
        });
        let spans: Vec<WatchedSpan> = spans.collect();
        let (from, to) = (spans.first().unwrap().from, spans.last().unwrap().to);
        let hours = to.duration_since(from).as_hours();
        assert!((140..=200).contains(&hours), "{hours}");
        assert_eq!(gaps(&spans, from, to).len(), GAPS.len(), "{spans:?}");
        let (database, _) = Database::open(&file).unwrap();
        let decisions = database.decisions().unwrap();
        assert_eq!((decisions.mutes.len(), decisions.acknowledgements.len()), (1, 1));
        let (changes, _) = database.changes().unwrap();
        let read = numbers("SELECT id, at FROM read_change");
        let is_unread = |change: &&Change| !read.iter().any(|(id, _)| *id == ChangeId::of(change).number());
        let unread = changes.iter().filter(is_unread).count();
        assert!(
            (1..changes.len()).contains(&unread),
            "{unread} of {}",
            changes.len()
        );
        assert!(
            changes
                .iter()
                .all(|change| change.before.is_some() && change.after.is_some())
        );
        let risks = |pod: &str| {
            let is_risk = |change: &&Change| {
                change.pod.as_str() == pod
                    && change.kind.sides().last().and_then(|side| side.value().copied()) == Some("risk")
            };
            changes.iter().filter(is_risk).count()
        };
        assert!(
            changes.iter().any(|change| risks(change.pod.as_str()) > 1),
            "a risk came back"
        );
        let snapshots = database.snapshots(SourceMark::of(&file), usize::MAX).unwrap();
        let newest = snapshots.first().unwrap().1.last_update_time;
        assert_eq!(
            newest,
            at(first_at),
            "the first list of the demo is the newest snapshot"
        );
        let whole = snapshots.iter().filter(|(_, header)| header.base.is_none());
        assert!(
            snapshots.len() > 50 && (2..10).contains(&whole.count()),
            "{}",
            snapshots.len()
        );
        let samples = numbers("SELECT count(*), count(DISTINCT at) FROM usage");
        assert!(samples[0].0 > 200 * 40 && samples[0].1 > 50, "{samples:?}");
    }

    #[test]
    fn the_same_seed_gives_the_same_past() {
        let folder = tempfile::tempdir().unwrap();
        let of = |name: &str| {
            let file = folder.path().join(name);
            fill(&file, &simulator(100, 1_764_000_000_000)).unwrap();
            let (database, _) = Database::open(&file).unwrap();
            database.changes().unwrap().0
        };
        assert_eq!(of("one.sqlite"), of("two.sqlite"));
    }

    #[test]
    fn the_folder_is_removed_with_the_demo() {
        let past = DemoPast {
            folder: new_folder().unwrap(),
            simulator: SimulatorSettings::default(),
        };
        let folder = past.folder.clone();
        assert!(folder.is_dir());
        drop(past);
        assert!(!folder.exists());
    }
}
