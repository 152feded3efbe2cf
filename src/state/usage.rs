//! The usage of each pod over time, thinned out as it ages.
//!
//! Every snapshot for a day, one per quarter of an hour for a week, one per six hours for 90 days; and never
//! more than [`MOST_SAMPLES`] of all pods together. A single wrong date cannot destroy the history: a sample
//! dated far ahead is refused, and a jump of the clock thins nothing out until it has lasted for a day. Time
//! is an argument.

use jiff::Timestamp;
use rusqlite::{Connection, params};

use super::checksum::{self, is_intact};
use crate::fleet::quantity::Quantity;
use crate::fleet::{Field, Fleet, PodKey};

/// The usage of a pod at one snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sample {
    /// The pod: a hash of its identity.
    pub pod: i64,
    /// The date of the snapshot in seconds since 1970.
    pub at: i64,
    /// CPU in nanocores.
    pub cpu: Option<i64>,
    /// Memory in bytes.
    pub memory: Option<i64>,
}

/// The samples of a fleet at a snapshot. Pods that are gone by then, or without usage, have no sample.
pub fn of(fleet: &Fleet, at: Timestamp) -> impl Iterator<Item = Sample> + '_ {
    let amount = |field: &Field<Quantity>| {
        let amount = field.value().and_then(|quantity| quantity.amount);
        amount.and_then(|amount| i64::try_from(amount).ok())
    };
    let alive = fleet.rows().filter(|row| fleet.gone_since(*row).is_none());
    alive.filter_map(|row| fleet.pod(row)).filter_map(move |pod| {
        let (cpu, memory) = (amount(pod.cpu()), amount(pod.memory()));
        (cpu.is_some() || memory.is_some()).then(|| Sample {
            pod: pod_number(&pod.key),
            at: at.as_second(),
            cpu,
            memory,
        })
    })
}

/// The number of a pod in the history: FNV-1a of its key, the same in every run and every version.
pub fn pod_number(key: &PodKey) -> i64 {
    let hash = key
        .as_str()
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
    hash.cast_signed()
}

/// How many of the newest samples of a pod are read at most: no screen has more columns.
const NEWEST: i64 = 10_000;
/// How many of the newest samples are read whatever their age. So a chart without a sample in its time range
/// can say when the last one was, and a chart with few samples knows their usual distance.
const ANYWAY: i64 = 32;

/// The samples of one pod from the second `since` on, and [`ANYWAY`] of the newest, oldest first. A sample that the disk
/// altered is skipped.
pub(super) fn read(connection: &Connection, pod: i64, since: i64) -> Result<Vec<Sample>, rusqlite::Error> {
    let mut statement = connection.prepare(
        "SELECT at, cpu, memory, sum FROM usage WHERE pod = ?1 AND at >= min(?2, coalesce(
            (SELECT at FROM usage WHERE pod = ?1 ORDER BY at DESC LIMIT 1 OFFSET ?3 - 1), ?4
        )) ORDER BY at DESC LIMIT ?5",
    )?;
    let samples = statement.query_map([pod, since, ANYWAY, i64::MIN, NEWEST], |row| {
        let sample = Sample {
            pod,
            at: row.get(0)?,
            cpu: row.get(1)?,
            memory: row.get(2)?,
        };
        Ok(is_intact(row.get(3)?, checksum::usage(&sample)).then_some(sample))
    })?;
    let read = samples.collect::<Result<Vec<_>, _>>()?;
    let all = read.len();
    let mut samples: Vec<Sample> = read.into_iter().flatten().collect();
    if samples.len() < all {
        tracing::warn!(
            pod,
            damaged = all - samples.len(),
            "usage that the disk altered is not shown"
        );
    }
    samples.reverse();
    Ok(samples)
}

/// The most samples that are stored, of all pods together.
pub const MOST_SAMPLES: i64 = 4_000_000;

const DAY: i64 = 24 * 3600;
/// From each age on, in seconds, one sample in this many seconds is enough.
const STEPS: [(i64, i64); 2] = [(DAY, 15 * 60), (7 * DAY, 6 * 3600)];
/// The age in seconds at which samples are deleted.
const OLDEST: i64 = 90 * DAY;

/// How far ahead of the clock a sample may be dated, in seconds.
const AHEAD: i64 = DAY;
/// A jump of the clock by more than this, in seconds, must last for a day before anything is thinned out: a
/// wrong clock is corrected sooner, and most of the 90 days would be lost. Running hss-top once a month does
/// not count as a jump.
const JUMP: i64 = 30 * DAY;

/// Whether a snapshot with the date `at` is credible at `now`.
pub(super) fn is_credible(at: Timestamp, now: Timestamp) -> bool {
    at.as_second() - now.as_second() <= AHEAD
}

/// Whether `now` is not a jump from the stored samples, or one that has lasted for a day, as a sample shows.
fn is_steady_or_confirmed(connection: &Connection, now: i64) -> Result<bool, rusqlite::Error> {
    connection.query_row(
        "SELECT EXISTS (SELECT 1 FROM usage WHERE at BETWEEN ?1 AND ?2)",
        [now - JUMP, now - DAY],
        |row| row.get(0),
    )
}

/// Thins the history out, as of `now`.
pub(super) fn thin_out(connection: &Connection, now: i64) -> Result<(), rusqlite::Error> {
    thin_out_to(connection, now, MOST_SAMPLES)
}

fn thin_out_to(connection: &Connection, now: i64, most: i64) -> Result<(), rusqlite::Error> {
    if is_steady_or_confirmed(connection, now)? {
        thin_out_by_age(connection, now)?;
    }
    let count: i64 = connection.query_row("SELECT count(*) FROM usage", [], |row| row.get(0))?;
    if count > most {
        // Complete snapshots are deleted, the oldest first.
        connection.execute(
            "DELETE FROM usage WHERE at <= (SELECT at FROM usage ORDER BY at LIMIT 1 OFFSET ?1)",
            [count - most - 1],
        )?;
    }
    Ok(())
}

fn thin_out_by_age(connection: &Connection, now: i64) -> Result<(), rusqlite::Error> {
    connection.execute("DELETE FROM usage WHERE at < ?1", [now - OLDEST])?;
    for (age, step) in STEPS {
        // The first sample of each pod and time step stays.
        connection.execute(
            "DELETE FROM usage WHERE at < ?1 AND EXISTS (
                SELECT 1 FROM usage AS other
                WHERE other.pod = usage.pod AND other.at < usage.at AND other.at >= usage.at - usage.at % ?2
            )",
            params![now - age, step],
        )?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::Scope;
    use crate::fleet::fixture::node;
    use crate::fleet::store::{Records, Store, SweepKind};
    use crate::state::database::tests::Folder;
    use crate::state::{Database, Writing};

    const NOW: i64 = 1_760_000_400; // a full quarter of an hour

    /// The ages in seconds that remain of samples with these ages.
    fn left(
        ages: impl Iterator<Item = i64>,
        thin_out: impl FnOnce(&Writing<'_>) -> Result<(), rusqlite::Error>,
    ) -> Vec<i64> {
        let folder = Folder::new();
        let (mut database, _) = Database::open(&folder.file()).unwrap();
        let samples: Vec<Sample> = ages
            .flat_map(|age| [7, -7].map(|pod| (pod, age)))
            .map(|(pod, age)| Sample {
                pod,
                at: NOW - age,
                cpu: Some(age),
                memory: None,
            })
            .collect();
        database.write(|writing| writing.usage(samples.clone())).unwrap();
        database.write(thin_out).unwrap();
        let mut of = |pod| -> Vec<i64> {
            let mut samples = Vec::new();
            database
                .write(|writing| {
                    samples = read(writing.connection(), pod, i64::MIN)?;
                    Ok(())
                })
                .unwrap();
            samples.iter().map(|it| NOW - it.at).collect()
        };
        let (one, other) = (of(7), of(-7));
        assert_eq!(one, other, "pods do not thin each other out");
        one
    }

    #[test]
    fn a_pod_that_is_gone_has_no_sample_and_a_repeated_snapshot_is_corrected() {
        let at = Timestamp::from_second(NOW).unwrap();
        let mut store = Store::default();
        let mut pass = |pods: &[(&str, &str)]| {
            store.begin_sweep(SweepKind::Fleet);
            let record =
                |(name, cpu): &(&str, &str)| node(name).usage(cpu, "1", "", "").build().node.unwrap();
            let node = pods.iter().map(record).collect();
            store.merge(
                Some(SweepKind::Fleet),
                Records {
                    node,
                    ..Records::default()
                },
            );
            store.end_sweep(SweepKind::Fleet, &Scope::default(), at);
            of(&store.snapshot(), at).collect::<Vec<Sample>>()
        };
        let both = pass(&[("a", "1m"), ("b", "1m")]);
        let one = pass(&[("a", "2m")]);
        assert_eq!((both.len(), one.len()), (2, 1));
        let folder = Folder::new();
        let (mut database, _) = Database::open(&folder.file()).unwrap();
        let mut read = Vec::new();
        for samples in [both, one] {
            database.write(|writing| writing.usage(samples.clone())).unwrap();
            let pod = samples[0].pod;
            let look = |writing: &Writing<'_>| {
                read = self::read(writing.connection(), pod, i64::MIN)?;
                Ok(())
            };
            database.write(look).unwrap();
        }
        let cpu: Vec<_> = read.iter().map(|sample| sample.cpu).collect();
        assert_eq!(cpu, [Some(2_000_000)]);
    }

    #[test]
    fn a_history_gets_thinner_with_age() {
        // A sample every five minutes for a hundred days.
        let ages = (0..100 * DAY / 300).map(|at| at * 300);
        let left = left(ages, |writing| writing.thin_out(NOW));
        let between = |from: i64, to: i64| left.iter().filter(|age| (from..to).contains(*age)).count();
        assert_eq!(between(0, DAY), 288);
        assert_eq!(between(DAY + 900, 7 * DAY), 6 * 96 - 1);
        assert!(
            (330..=334).contains(&between(7 * DAY, 90 * DAY)),
            "{}",
            between(7 * DAY, 90 * DAY)
        );
        assert_eq!(between(90 * DAY + 1, 101 * DAY), 0);
    }

    #[test]
    fn a_clock_jump_thins_nothing_out_until_it_has_lasted_for_a_day() {
        let year = 365 * DAY;
        // Ten days of an hourly history, and then a clock that is a year ahead.
        let held = || (0..10 * 24).map(|hour| hour * 3600);
        let leap = |lasted: i64| held().chain([-year, -year - lasted]);
        for lasted in [0, 3600, DAY - 1] {
            let left = left(leap(lasted), |writing| writing.thin_out(NOW + year + lasted));
            assert!(left.contains(&(9 * DAY)) && left.len() >= 240, "{lasted}");
        }
        let left = left(leap(DAY), |writing| writing.thin_out(NOW + year + DAY));
        assert_eq!(left, [-year, -year - DAY], "it was a year");
    }

    #[test]
    fn no_more_is_read_than_what_is_shown_and_the_newest_anyway() {
        let folder = Folder::new();
        let (mut database, _) = Database::open(&folder.file()).unwrap();
        let sample = |pod: i64, age: i64| Sample {
            pod,
            at: NOW - age,
            cpu: Some(age),
            memory: None,
        };
        let samples: Vec<Sample> = (0..100)
            .map(|at| sample(7, at * 60))
            .chain([sample(8, 9000)])
            .collect();
        database.write(|writing| writing.usage(samples.clone())).unwrap();
        let mut read_since = |pod: i64, since: i64| {
            let mut ages = Vec::new();
            let look = |writing: &Writing<'_>| {
                let samples = read(writing.connection(), pod, since)?;
                ages = samples.iter().map(|it| NOW - it.at).collect();
                Ok(())
            };
            database.write(look).unwrap();
            (
                i64::try_from(ages.len()).unwrap(),
                ages.first().copied(),
                ages.last().copied(),
            )
        };
        assert_eq!(read_since(7, NOW - 3000), (51, Some(3000), Some(0)));
        assert_eq!(
            read_since(7, NOW - 60),
            (ANYWAY, Some((ANYWAY - 1) * 60), Some(0))
        );
        assert_eq!(read_since(7, i64::MIN), (100, Some(5940), Some(0)));
        assert_eq!(
            read_since(8, NOW - 60),
            (1, Some(9000), Some(9000)),
            "it has no more"
        );
        assert_eq!(read_since(9, 0), (0, None, None));
    }

    #[test]
    fn complete_snapshots_are_deleted_if_there_are_too_many_samples() {
        let ages = (0..10).map(|at| at * 300);
        let left = left(ages, |writing| thin_out_to(writing.connection(), NOW, 13));
        assert_eq!(left, [1500, 1200, 900, 600, 300, 0]);
    }
}
