//! A log is used only with its own file.

use super::super::tests::Folder;
use super::super::{Database, with_suffix};
use super::*;

fn open(path: &Path) -> (Database, Option<String>) {
    Database::open(path).unwrap()
}

fn write(database: &mut Database, body: &str) {
    database
        .write(|writing| writing.page(0, body.as_bytes()))
        .unwrap();
}

fn page(database: &Database) -> String {
    let mut found = Vec::new();
    database.pages(|body| found.extend(body.to_vec())).unwrap();
    String::from_utf8(found).unwrap()
}

/// The file and its log as they are on the disk now.
fn copy(path: &Path) -> (Vec<u8>, Vec<u8>) {
    let read = |path: &Path| fs::read(path).unwrap();
    (read(path), read(&with_suffix(path, "-wal")))
}

/// Puts a file and a log in the place of that file.
fn put(path: &Path, (file, log): (&[u8], &[u8])) {
    let _ = fs::remove_file(with_suffix(path, "-shm"));
    fs::write(path, file).unwrap();
    fs::write(with_suffix(path, "-wal"), log).unwrap();
}

/// Writes the log back, so that the next write begins it again.
fn settle(database: &Database) {
    let busy: i64 = database
        .connection
        .query_row("PRAGMA wal_checkpoint(RESTART)", [], |row| row.get(0))
        .unwrap();
    assert_eq!(busy, 0);
}

/// A file with two writes in its log, and what it was before its log was begun again, with its log then.
struct Story {
    folder: Folder,
    before: (Vec<u8>, Vec<u8>),
    now: (Vec<u8>, Vec<u8>),
}

fn story() -> Story {
    let folder = Folder::new();
    let (mut database, _) = open(&folder.file());
    write(&mut database, "old");
    let before = copy(&folder.file());
    write(&mut database, "middle");
    settle(&database);
    write(&mut database, "new");
    let now = copy(&folder.file());
    database.abandon();
    Story { folder, before, now }
}

#[test]
fn a_copy_with_its_own_log_is_whole_and_one_without_it_is_an_earlier_state() {
    let Story { folder, before, now } = story();
    let path = folder.file();
    for (pair, found) in [
        ((&now.0, &now.1), "new"),
        ((&before.0, &before.1), "old"),
        ((&now.0, &Vec::new()), "middle"),
        // The log was begun again after this file was complete: its first write follows.
        ((&now.0, &now.1[..LOG_HEADER].to_vec()), "middle"),
    ] {
        put(&path, (pair.0, pair.1));
        assert!(!has_foreign_log(&path));
        let (database, told) = open(&path);
        assert_eq!((page(&database).as_str(), told), (found, None));
        database.abandon();
    }
}

#[test]
fn the_log_of_a_later_state_is_not_merged_into_a_backup() {
    let Story { folder, before, now } = story();
    let path = folder.file();
    put(&path, (&before.0, &before.1));
    let (database, _) = open(&path);
    settle(&database);
    database.abandon();
    let (old, _) = copy(&path);
    put(&path, (&old, &now.1));
    assert!(has_foreign_log(&path));
    let (mut database, told) = open(&path);
    let told = told.unwrap();
    assert!(
        told.starts_with("the log of another file was next to the state file and is now ")
            && told.ends_with("a.sqlite.other-log-1-wal"),
        "{told}"
    );
    assert_eq!(page(&database), "old");
    assert_eq!(fs::read(with_suffix(&path, ".other-log-1-wal")).unwrap(), now.1);
    // From then on it is a file like any other.
    write(&mut database, "next");
    drop(database);
    let (database, told) = open(&path);
    assert_eq!((page(&database).as_str(), told), ("next", None));
}

#[test]
fn an_earlier_log_and_that_of_another_file_are_noticed_too() {
    let Story { folder, before, now } = story();
    let path = folder.file();
    put(&path, (&now.0, &before.1));
    assert!(has_foreign_log(&path), "an earlier log");
    let other = story();
    put(&path, (&now.0, &other.now.1));
    assert!(has_foreign_log(&path), "the log of another file");
    for number in 1..=3 {
        put(&path, (&now.0, &other.now.1));
        let (database, told) = open(&path);
        let name = format!("a.sqlite.other-log-{number}-wal");
        assert!(told.unwrap().ends_with(&name) && page(&database) == "middle");
        database.abandon();
    }
    let oldest = with_suffix(&path, ".other-log-1-wal");
    assert!(!oldest.exists(), "the newest two stay");
}

#[test]
fn a_rollback_journal_next_to_a_file_with_a_log_is_not_played_back() {
    let Story { folder, now, .. } = story();
    let path = folder.file();
    put(&path, (&now.0, &now.1));
    let journal = with_suffix(&path, "-journal");
    fs::write(&journal, "").unwrap();
    assert!(!has_foreign_log(&path), "an empty one is none");
    fs::write(&journal, b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7 and more").unwrap();
    let (database, told) = open(&path);
    assert!(told.unwrap().contains("the log of another file"));
    assert!(!journal.exists() && with_suffix(&path, ".other-log-1-journal").exists());
    // Its own log was put aside with it: which of the two is wrong is unknown.
    assert_eq!(page(&database), "middle");
}

#[test]
fn a_file_of_an_older_version_has_no_number_and_gets_one() {
    let folder = Folder::new();
    let path = folder.file();
    let (database, _) = open(&path);
    database.connection.pragma_update(None, FIELD, 0).unwrap();
    settle(&database);
    database.abandon();
    assert_eq!(number_of(&path), Some(0));
    let (_, log) = copy(&path);
    put(&path, (&fs::read(&path).unwrap(), &story().now.1));
    assert!(!has_foreign_log(&path));
    put(&path, (&fs::read(&path).unwrap(), &log));
    let (database, _) = open(&path);
    assert_ne!(number_of(&path), Some(0), "in the file, not only in its log");
    drop(database);
}

#[test]
fn each_write_counts_one_and_the_number_is_never_0() {
    let folder = Folder::new();
    let (mut database, _) = open(&folder.file());
    let first = number(&database.connection).unwrap();
    assert_ne!(first, 0);
    write(&mut database, "a");
    assert_eq!(number(&database.connection), Ok(first.wrapping_add(1).max(1)));
    for (before, after) in [(u32::MAX, 1), (7, 8), (1 << 31, (1 << 31) + 1)] {
        let set = before.cast_signed();
        database.connection.pragma_update(None, FIELD, set).unwrap();
        write(&mut database, "b");
        assert_eq!(number(&database.connection), Ok(after));
    }
}

#[test]
fn a_log_continues_the_number_before_it_or_one_of_its_own() {
    let log = LogNumbers { first: 10, last: 12 };
    for (own, fits) in [
        (8, false),
        (9, true),
        (10, true),
        (12, true),
        (13, false),
        (1 << 31, false),
    ] {
        assert_eq!(log.continues(own), fits, "{own}");
    }
    let around = LogNumbers {
        first: u32::MAX,
        last: 1,
    };
    assert!(around.continues(u32::MAX - 1) && around.continues(1) && !around.continues(2));
}

#[test]
fn a_name_with_signs_of_a_uri_is_read() {
    let folder = Folder::new();
    let path = folder.path().join("a b?c#d%41/x.sqlite");
    let (database, _) = open(&path);
    assert_eq!(number_of(&path), Some(number(&database.connection).unwrap()));
}

#[test]
fn what_is_no_log_holds_no_number() {
    let folder = Folder::new();
    let log = folder.path().join("log");
    assert_eq!(LogNumbers::of(&log), None);
    for bytes in [&b""[..], b"short", &[0; 4096], &[0x37; 200]] {
        fs::write(&log, bytes).unwrap();
        assert_eq!(LogNumbers::of(&log), None);
    }
    let Story { now, .. } = story();
    fs::write(&log, &now.1).unwrap();
    let numbers = LogNumbers::of(&log).unwrap();
    assert_eq!(numbers.first, numbers.last, "one write since it was begun again");
}

/// Many programs open, write and close one file: none of them takes the log of the others for a foreign one.
#[test]
fn programs_that_write_at_the_same_time_never_put_a_log_aside() {
    let folder = Folder::new();
    let path = folder.file();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let path = &path;
            scope.spawn(move || {
                for round in 0..15 {
                    let (mut database, told) = open(path);
                    assert_eq!(told, None);
                    write(
                        &mut database,
                        &format!("{thread} {round} {}", "x".repeat(100_000)),
                    );
                }
            });
        }
    });
    let names = fs::read_dir(path.parent().unwrap()).unwrap();
    let names: Vec<String> = names
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    assert!(!names.iter().any(|name| name.contains("other-log")), "{names:?}");
}
