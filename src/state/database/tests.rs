//! Written data can be read again, whatever happens to the file.

use super::file::with_suffix;
use super::*;
use crate::fleet::changes::{Change, ChangeKind};
use crate::fleet::fixture::node;
use crate::state::journal;
use crate::state::usage::{self, Sample};
use std::fs;
use std::ops::Range;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::sync::Barrier;
use tempfile::TempDir;

/// A folder that goes with its test.
pub struct Folder(TempDir);

impl Folder {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    pub fn file(&self) -> PathBuf {
        self.path().join("hss-top/a.sqlite")
    }
}

/// Overwrites everything after the header of the file: it can be opened, but not read.
pub fn damage_inside(path: &Path) {
    damage(path, 2..100);
}

/// Overwrites only the SQLite pages that hold the usage.
pub fn damage_usage(path: &Path) {
    let (database, _) = Database::open(path).unwrap();
    let root: u32 = database
        .connection
        .query_row(
            "SELECT rootpage FROM sqlite_schema WHERE name = 'usage'",
            [],
            |row| row.get(0),
        )
        .unwrap();
    drop(database);
    damage(path, root..root + 1);
}

fn damage(path: &Path, numbers: Range<u32>) {
    let mut bytes = fs::read(path).unwrap();
    for (number, page) in (1..).zip(bytes.chunks_mut(4096)) {
        if numbers.contains(&number) {
            page.fill(0xff);
        }
    }
    fs::write(path, bytes).unwrap();
}

fn open(folder: &Folder) -> Database {
    Database::open(&folder.file()).unwrap().0
}

fn pages(database: &Database) -> Vec<String> {
    let mut pages = Vec::new();
    database
        .pages(|body| pages.push(String::from_utf8(body.to_vec()).unwrap()))
        .unwrap();
    pages
}

fn facts() -> Facts {
    Facts {
        asked_at: Some(Timestamp::from_second(1_760_000_000).unwrap()),
        snapshot_at: Some(Timestamp::from_second(1_750_000_000).unwrap()),
        total: Some(450),
        complete: true,
        pages: Some(2),
    }
}

#[test]
fn written_data_can_be_read_again_and_is_private() {
    let folder = Folder::new();
    let mut database = open(&folder);
    assert_eq!(
        (pages(&database).len(), database.facts().unwrap()),
        (0, (Facts::default(), Damaged::default()))
    );
    database
        .write(|writing| {
            writing.page(200, b"two")?;
            writing.page(0, b"one")?;
            writing.page(400, b"three")?;
            writing.facts(&facts())
        })
        .unwrap();
    database
        .write(|writing| {
            writing.page(200, b"two again")?;
            writing.end_at(400)?;
            writing.swept(&[0, 200].into())
        })
        .unwrap();
    drop(database);
    let database = open(&folder);
    assert_eq!(pages(&database), ["one", "two again"]);
    assert_eq!(database.facts().unwrap(), (facts(), Damaged::default()));
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(
        (mode(&folder.file()), mode(&folder.path().join("hss-top"))),
        (0o600, 0o700)
    );
    for suffix in ["-wal", "-shm"] {
        assert_eq!(mode(&with_suffix(&folder.file(), suffix)), 0o600, "{suffix}");
    }
}

#[test]
fn pages_are_complete_only_if_their_number_is_that_of_the_sweep() {
    let whole = facts();
    assert!(whole.are_met_by(2) && !whole.are_met_by(1) && !whole.are_met_by(3));
    let folder = Folder::new();
    let mut database = open(&folder);
    database.write(|writing| writing.facts(&whole)).unwrap();
    let (of_an_older_version, _) = database.facts().unwrap();
    assert!(of_an_older_version.complete && !of_an_older_version.are_met_by(2));
}

#[test]
fn a_write_that_fails_leaves_everything_as_it_was() {
    let folder = Folder::new();
    let mut database = open(&folder);
    database.write(|writing| writing.page(0, b"one")).unwrap();
    database.limit_pages(24);
    let full = database.write(|writing| {
        writing.page(0, b"two")?;
        writing.page(200, &vec![b'x'; 1 << 20])
    });
    assert_eq!(full.unwrap_err().to_string(), "the disk is full");
    assert_eq!(pages(&database), ["one"]);
    database.limit_pages(1_000_000);
    database.write(|writing| writing.page(0, b"three")).unwrap();
    assert_eq!(pages(&database), ["three"]);
}

#[test]
fn a_damaged_file_is_put_aside_and_a_new_one_created() {
    let folder = Folder::new();
    drop(open(&folder));
    for number in 1..3 {
        fs::write(
            folder.file(),
            b"this is no database, and it is long enough to be one",
        )
        .unwrap();
        let (database, told) = Database::open(&folder.file()).unwrap();
        assert!(told.unwrap().ends_with(&format!(".damaged-{number}")));
        assert!(pages(&database).is_empty());
    }
}

#[test]
fn a_damaged_file_is_put_aside_once_however_many_programs_have_it_open() {
    let folder = Folder::new();
    let (one, other) = (open(&folder), open(&folder));
    let told = one.put_aside(&folder.file()).unwrap().unwrap();
    assert!(told.ends_with(".damaged-1"), "{told}");
    let mut new = open(&folder);
    new.write(|writing| writing.page(0, b"new")).unwrap();
    assert_eq!(other.put_aside(&folder.file()), Ok(None));
    assert_eq!(pages(&open(&folder)), ["new"]);
}

#[test]
fn two_dashboards_share_a_file() {
    let folder = Folder::new();
    let (mut one, mut other) = (open(&folder), open(&folder));
    one.write(|writing| writing.page(0, b"of one")).unwrap();
    other.write(|writing| writing.page(200, b"of the other")).unwrap();
    assert_eq!(pages(&one), ["of one", "of the other"]);
}

#[test]
fn many_programs_that_start_at_once_can_all_open_the_file() {
    let folder = Folder::new();
    std::thread::scope(|scope| {
        for number in 0..8 {
            let file = folder.file();
            scope.spawn(move || {
                let mut database = Database::open(&file).unwrap().0;
                database
                    .write(|writing| writing.page(number * 200, b"x"))
                    .unwrap();
            });
        }
    });
    assert_eq!(pages(&open(&folder)).len(), 8);
}

#[test]
fn a_folder_that_cannot_be_written_is_reported() {
    let told = Database::open(Path::new("/proc/self/none/a.sqlite")).unwrap_err();
    assert_eq!(told.to_string(), "the file cannot be written");
}

/// Everything that the file holds, one record per line, and the notice about damage.
fn held(database: &Database) -> (Vec<String>, Facts, usize, Option<String>) {
    let mut bodies = Vec::new();
    let pages = database
        .pages(|body| bodies.push(String::from_utf8_lossy(body).into_owned()))
        .unwrap();
    let (facts, of_facts) = database.facts().unwrap();
    let (changes, of_changes) = database.changes().unwrap();
    (
        bodies,
        facts,
        changes.len(),
        pages.and(of_facts).and(of_changes).told(),
    )
}

/// A file with two pages, facts, two changes and two samples of the pod 7.
fn filled(folder: &Folder) -> Database {
    let mut database = open(folder);
    let written = database.write(|writing| {
        writing.page(0, b"one")?;
        writing.page(200, b"two")?;
        writing.facts(&facts())?;
        writing.swept(&[0, 200].into())?;
        writing.changes(&[change(1), change(2)])?;
        writing.usage(samples())
    });
    written.unwrap();
    database
}

/// The samples of one snapshot in the order of a list, in which the numbers of pods jump.
fn samples_of(pods: i64) -> impl Iterator<Item = Sample> {
    (0..pods).map(|pod| Sample {
        pod: pod.wrapping_mul(0x9e37_79b9_7f4a_7c15_u64.cast_signed()),
        at: 300,
        cpu: Some(pod),
        memory: Some(1 << 30),
    })
}

#[test]
fn the_usage_of_a_large_fleet_is_written_once_and_not_page_by_page_again() {
    let folder = Folder::new();
    let mut database = open(&folder);
    let log = with_suffix(&folder.file(), "-wal");
    let before = fs::metadata(&log).unwrap().len();
    let steps = std::cell::Cell::new(0);
    let step = || steps.set(steps.get() + 1);
    database
        .write(|writing| writing.usage_in_steps(samples_of(60_000), step))
        .unwrap();
    let written = i64::try_from(fs::metadata(&log).unwrap().len() - before).unwrap();
    let count = |sql: &str| -> i64 { database.connection.query_row(sql, [], |row| row.get(0)).unwrap() };
    let held = count("SELECT sum(pgsize) FROM dbstat WHERE name LIKE 'usage%'");
    assert_eq!(count("SELECT count(*) FROM usage"), 60_000);
    assert_eq!(steps.get(), 59, "somebody who waits for the disk is told often");
    assert!(written < held * 3 / 2, "{written} bytes for {held}");
}

#[test]
fn of_two_samples_of_a_pod_and_a_snapshot_the_later_one_stays() {
    let folder = Folder::new();
    let mut database = open(&folder);
    let twice = samples_of(3).chain(samples_of(3).map(|sample| Sample {
        cpu: Some(9),
        ..sample
    }));
    database.write(|writing| writing.usage(twice)).unwrap();
    let sql = "SELECT count(*), min(cpu), max(cpu) FROM usage";
    let row = |row: &rusqlite::Row<'_>| Ok([row.get(0)?, row.get(1)?, row.get(2)?]);
    let found: [i64; 3] = database.connection.query_row(sql, [], row).unwrap();
    assert_eq!(found, [3, 9, 9]);
}

fn samples() -> [Sample; 2] {
    [100, 200].map(|at| Sample {
        pod: 7,
        at,
        cpu: Some(at),
        memory: None,
    })
}

fn change(second: i64) -> Change {
    let pod = node("a").build();
    Change {
        after: Timestamp::from_second(second).ok(),
        ..Change::of(&pod, ChangeKind::Vanished)
    }
}

#[test]
fn a_record_that_the_disk_altered_is_missing_and_reported_once() {
    let altered = |what: &str| format!("saved data was altered on the disk and is not used: {what}");
    let all = "; all pages are requested from HSS again";
    for (sql, pages, changes, told) in [
        (
            "UPDATE page SET body = x'6f6e66' WHERE offset = 0",
            1,
            2,
            altered(&format!("1 page{all}")),
        ),
        (
            "UPDATE page SET offset = 400 WHERE offset = 200",
            1,
            2,
            altered(&format!("1 page{all}")),
        ),
        (
            "UPDATE page SET sum = sum + 1",
            0,
            2,
            altered(&format!("2 pages{all}")),
        ),
        (
            "UPDATE page SET offset = -3 WHERE offset = 0",
            1,
            2,
            altered(&format!("1 page{all}")),
        ),
        (
            "UPDATE change SET body = replace(body, 'vanished', 'appeared') WHERE number = 2",
            2,
            1,
            altered("1 change"),
        ),
        (
            "UPDATE fact SET value = value + 1 WHERE name = 'total'",
            2,
            2,
            altered(&format!("1 summary{all}")),
        ),
        (
            "UPDATE fact SET value = NULL WHERE name = 'asked_at'",
            2,
            2,
            altered(&format!("1 summary{all}")),
        ),
    ] {
        let folder = Folder::new();
        let mut database = filled(&folder);
        assert_eq!(held(&database).3, None);
        database.connection.execute(sql, []).unwrap();
        let (bodies, now, known, what) = held(&database);
        assert_eq!((bodies.len(), known, what), (pages, changes, Some(told)), "{sql}");
        let is_whole = now.are_met_by(bodies.len() as u64);
        assert_eq!(is_whole, pages == 2 && !sql.contains("fact"), "{sql}");
        let damaged = database.pages(|_| {}).unwrap();
        let damaged = damaged
            .and(database.facts().unwrap().1)
            .and(database.changes().unwrap().1);
        database.forget(&damaged).unwrap();
        assert_eq!(held(&database).3, None, "{sql}");
        database
            .write(|writing| {
                writing.page(0, b"one")?;
                writing.page(200, b"two")?;
                writing.facts(&facts())?;
                writing.swept(&[0, 200].into())
            })
            .unwrap();
        let (bodies, now, ..) = held(&database);
        assert!(bodies == ["one", "two"] && now.are_met_by(2), "{sql}");
    }
}

#[test]
fn a_sample_that_the_disk_altered_is_missing() {
    for column in ["pod", "at", "cpu", "memory"] {
        let folder = Folder::new();
        let database = filled(&folder);
        let read = || usage::read(&database.connection, 7, i64::MIN).unwrap();
        assert_eq!(read(), samples());
        let query = format!("UPDATE usage SET {column} = ifnull({column}, 0) + 1 WHERE at = 200");
        assert_eq!(database.connection.execute(&query, []), Ok(1));
        assert_eq!(read(), samples()[..1], "{column}");
    }
}

/// A file of the version before checksums, made with its own statements.
#[test]
fn a_file_of_the_version_without_checksums_is_read_and_gets_them() {
    let folder = Folder::new();
    fs::create_dir_all(folder.file().parent().unwrap()).unwrap();
    let old = Connection::open(folder.file()).unwrap();
    old.pragma_update(None, "journal_mode", "WAL").unwrap();
    old.execute_batch(&migrations::begun_by(1)).unwrap();
    let body = journal::write(&change(1));
    old.execute_batch(
        "INSERT INTO page VALUES (0, x'6f6e65'); INSERT INTO page VALUES (200, x'74776f');
        INSERT INTO fact VALUES ('complete', 1); INSERT INTO fact VALUES ('pages', 2);
        INSERT INTO usage VALUES (7, 100, 100, NULL); INSERT INTO usage VALUES (7, 200, 200, NULL);",
    )
    .unwrap();
    old.execute("INSERT INTO change (body) VALUES (?1)", [body])
        .unwrap();
    drop(old);
    let mut database = open(&folder);
    let (bodies, facts, changes, told) = held(&database);
    assert_eq!(
        (bodies, changes, told),
        (vec!["one".to_owned(), "two".to_owned()], 1, None)
    );
    assert!(facts.are_met_by(2));
    assert_eq!(usage::read(&database.connection, 7, i64::MIN).unwrap(), samples());
    database.write(|writing| writing.page(0, b"new")).unwrap();
    database
        .connection
        .execute("UPDATE page SET body = x'00'", [])
        .unwrap();
    // The page written since then is checked, the other one is trusted.
    assert_eq!(held(&database).0, ["\0"]);
}

#[test]
fn many_programs_with_a_damaged_file_never_put_the_new_one_aside() {
    for round in 0..12 {
        let folder = Folder::new();
        fs::create_dir_all(folder.file().parent().unwrap()).unwrap();
        // If the file is smaller than a page, SQLite itself treats the log as an old one.
        fs::write(folder.file(), "this is no database".repeat(1000)).unwrap();
        fs::write(with_suffix(&folder.file(), "-wal"), "its log").unwrap();
        let start = Barrier::new(8);
        let told: Vec<Option<String>> = std::thread::scope(|scope| {
            let open = |number: u32| {
                let (file, start) = (folder.file(), &start);
                move || {
                    start.wait();
                    let (mut database, told) = Database::open(&file).unwrap();
                    database
                        .write(|writing| writing.page(number * 200, b"x"))
                        .unwrap();
                    told
                }
            };
            let threads: Vec<_> = (0..8).map(|number| scope.spawn(open(number))).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert_eq!(told.iter().flatten().count(), 1, "{round}: {told:?}");
        assert_eq!(pages(&open(&folder)).len(), 8, "{round}");
        let aside = with_suffix(&folder.file(), ".damaged-1");
        assert_eq!(fs::read(with_suffix(&aside, "-wal")).unwrap(), b"its log");
        assert!(!with_suffix(&folder.file(), ".damaged-2").exists());
    }
}

#[test]
fn the_log_of_a_damaged_file_can_be_recovered() {
    let folder = Folder::new();
    let mut database = open(&folder);
    let other = open(&folder); // prevents the log from being written back
    database
        .write(|writing| writing.page(0, b"in the log only"))
        .unwrap();
    let told = database.put_aside(&folder.file()).unwrap().unwrap();
    let aside = with_suffix(&folder.file(), ".damaged-1");
    assert!(told.ends_with(".damaged-1") && with_suffix(&aside, "-wal").exists());
    let mut new = open(&folder);
    new.write(|writing| writing.page(0, b"new")).unwrap();
    other.abandon();
    // SQLite itself finds the log next to the file that was put aside.
    let recovered = Connection::open(aside).unwrap();
    let body: Vec<u8> = recovered
        .query_row("SELECT body FROM page", [], |row| row.get(0))
        .unwrap();
    assert_eq!(body, b"in the log only");
    assert_eq!(pages(&open(&folder)), ["new"]);
}

#[test]
fn closing_a_replaced_file_leaves_the_new_one_and_its_log_alone() {
    let folder = Folder::new();
    let (file, moved) = (folder.file(), folder.path().join("moved.sqlite"));
    let mut old = open(&folder);
    old.write(|writing| writing.page(0, b"old")).unwrap();
    assert_eq!(old.standing(), Standing::Same);
    fs::rename(&file, &moved).unwrap();
    assert_eq!(old.standing(), Standing::Removed);
    fs::remove_file(with_suffix(&file, "-wal")).unwrap();
    fs::remove_file(with_suffix(&file, "-shm")).unwrap();
    let mut new = open(&folder);
    new.write(|writing| writing.page(0, b"new")).unwrap();
    assert_eq!(old.standing(), Standing::Exchanged);
    old.leave();
    assert_eq!(new.standing(), Standing::Same, "its log is there");
    assert_eq!(pages(&new), ["new"]);
    let moved = Connection::open(moved).unwrap();
    let body: Vec<u8> = moved
        .query_row("SELECT body FROM page", [], |row| row.get(0))
        .unwrap();
    assert_eq!(body, b"old", "the log was written back to its own file");
}

#[test]
fn the_log_of_a_removed_file_does_not_stay_next_to_the_new_one() {
    let folder = Folder::new();
    let mut old = open(&folder);
    old.write(|writing| writing.page(0, b"old")).unwrap();
    fs::remove_file(folder.file()).unwrap();
    old.leave();
    for suffix in ["-wal", "-shm"] {
        assert!(!with_suffix(&folder.file(), suffix).exists(), "{suffix}");
    }
    assert!(pages(&open(&folder)).is_empty());
}

#[test]
fn a_removed_log_is_written_back_first() {
    let folder = Folder::new();
    let mut database = open(&folder);
    database.write(|writing| writing.page(0, b"one")).unwrap();
    fs::remove_file(with_suffix(&folder.file(), "-wal")).unwrap();
    assert_eq!(database.standing(), Standing::LogLost);
    database.leave();
    assert_eq!(pages(&open(&folder)), ["one"]);
}

#[test]
fn a_file_that_another_program_locks_is_reported_in_time() {
    let folder = Folder::new();
    drop(open(&folder));
    let holder = Connection::open(folder.file()).unwrap();
    holder.pragma_update(None, "locking_mode", "EXCLUSIVE").unwrap();
    holder.execute_batch("BEGIN EXCLUSIVE; COMMIT").unwrap();
    let began = Instant::now();
    let why = Database::open(&folder.file()).unwrap_err();
    assert!(
        why.is_busy() && why.to_string() == "another dashboard has locked the file",
        "{why}"
    );
    assert!(began.elapsed() < 3 * PATIENCE, "{:?}", began.elapsed());
    drop(holder);
    open(&folder);
}

/// Creates another file in the folder, with this one page.
fn other_file(folder: &Folder, name: &str, body: &[u8]) -> PathBuf {
    let file = folder.file().with_file_name(name);
    let mut database = Database::open(&file).unwrap().0;
    database.write(|writing| writing.page(0, body)).unwrap();
    file
}

/// The pages of a file, without a check of its source.
fn pages_as_they_are(path: &Path) -> Vec<Vec<u8>> {
    let connection = Connection::open(path).unwrap();
    let mut statement = connection.prepare("SELECT body FROM page").unwrap();
    let bodies = statement.query_map([], |row| row.get(0)).unwrap();
    bodies.collect::<Result<_, _>>().unwrap()
}

#[test]
fn a_file_of_another_source_is_put_aside_and_never_shown() {
    let folder = Folder::new();
    let (a, b) = (
        other_file(&folder, "a.sqlite", b"of a"),
        other_file(&folder, "b.sqlite", b"of b"),
    );
    for number in 1..3 {
        fs::copy(&a, &b).unwrap();
        let (database, told) = Database::open(&b).unwrap();
        assert!(pages(&database).is_empty());
        drop(database);
        let told = told.unwrap();
        let aside = with_suffix(&b, &format!(".other-source-{number}"));
        let expected = format!(
            "the state file is of another source and is now {}",
            aside.display()
        );
        assert_eq!(told, expected);
        assert_eq!(pages_as_they_are(&aside), [b"of a"]);
        assert_eq!(Database::open(&b).unwrap().1, None, "reported once");
    }
    assert_eq!(pages(&Database::open(&a).unwrap().0), ["of a"]);
}

#[test]
fn two_swapped_files_are_both_put_aside() {
    let folder = Folder::new();
    let (a, b) = (
        other_file(&folder, "a.sqlite", b"of a"),
        other_file(&folder, "b.sqlite", b"of b"),
    );
    let between = folder.file().with_file_name("between");
    for (from, to) in [(&a, &between), (&b, &a), (&between, &b)] {
        fs::rename(from, to).unwrap();
    }
    for (file, body) in [(&a, b"of b"), (&b, b"of a")] {
        let (database, told) = Database::open(file).unwrap();
        assert!(pages(&database).is_empty() && told.unwrap().contains("another source"));
        assert_eq!(pages_as_they_are(&with_suffix(file, ".other-source-1")), [body]);
    }
}

#[test]
fn a_file_of_an_older_version_is_accepted_once() {
    for version in [1, 2] {
        let folder = Folder::new();
        let file = folder.file();
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        let old = Connection::open(&file).unwrap();
        old.execute_batch(&migrations::begun_by(version)).unwrap();
        old.execute_batch("INSERT INTO page (offset, body) VALUES (0, x'6f6e65')")
            .unwrap();
        drop(old);
        let (database, told) = Database::open(&file).unwrap();
        assert_eq!(
            (pages(&database), told),
            (vec!["one".to_owned()], None),
            "{version}"
        );
        drop(database);
        // From now on it has the mark of its source.
        let other = file.with_file_name("b.sqlite");
        fs::copy(&file, &other).unwrap();
        let (database, told) = Database::open(&other).unwrap();
        assert!(pages(&database).is_empty() && told.unwrap().contains("another source"));
    }
}

#[test]
fn a_file_that_lost_its_mark_is_damaged() {
    for sql in [
        "DELETE FROM fact WHERE name = 'source'",
        "UPDATE fact SET value = value + 1 WHERE name = 'source'",
        "UPDATE fact SET value = NULL WHERE name = 'source'",
        "UPDATE fact SET sum = NULL WHERE name = 'source'",
    ] {
        let folder = Folder::new();
        let database = filled(&folder);
        assert_eq!(database.connection.execute(sql, []), Ok(1));
        drop(database);
        let (database, told) = Database::open(&folder.file()).unwrap();
        assert!(pages(&database).is_empty(), "{sql}");
        assert!(told.unwrap().ends_with(".damaged-1"), "{sql}");
    }
}
