//! Files that earlier builds wrote, and damaged ones.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use rusqlite::Connection;

use super::*;
use crate::fleet::changes::ChangeId;
use crate::fleet::decisions::{MuteEnd, MuteTarget};
use crate::state::database::tests::{Folder, damage_inside};
use crate::state::database::{Database, Facts};
use crate::state::usage;

/// What the builds of each version wrote: their schema, two pages, all facts, one change, two samples of the pod 7. A file
/// that is named `a.sqlite`. These are not made from [`STEPS`], so that a step that is changed later is noticed.
const FIXTURES: [&str; 5] = [
    include_str!("../../../../tests/fixtures/state/v1.sql"),
    include_str!("../../../../tests/fixtures/state/v2.sql"),
    include_str!("../../../../tests/fixtures/state/v3.sql"),
    include_str!("../../../../tests/fixtures/state/v4.sql"),
    include_str!("../../../../tests/fixtures/state/v5.sql"),
];

fn write(folder: &Folder, sql: &str) {
    fs::create_dir_all(folder.file().parent().unwrap()).unwrap();
    let old = Connection::open(folder.file()).unwrap();
    old.pragma_update(None, "journal_mode", "WAL").unwrap();
    old.execute_batch(sql).unwrap();
}

/// Everything in a fixture is there, as it was written.
fn holds_everything(database: &Database) {
    let mut bodies = Vec::new();
    let damaged = database
        .pages(|body| bodies.push(String::from_utf8_lossy(body).into_owned()))
        .unwrap();
    assert_eq!(bodies, ["one", "two"]);
    let (facts, of_facts) = database.facts().unwrap();
    let at = |ms| jiff::Timestamp::from_millisecond(ms).ok();
    let expected = Facts {
        asked_at: at(1_755_250_215_000),
        snapshot_at: at(1_755_250_000_000),
        total: Some(2),
        complete: true,
        pages: Some(2),
    };
    assert_eq!(facts, expected);
    let (changes, of_changes) = database.changes().unwrap();
    assert_eq!(changes.len(), 1);
    assert!(
        database.has_read(ChangeId::of(&changes[0])),
        "it was news in a run that is over"
    );
    assert_eq!(damaged.and(of_facts).and(of_changes).told(), None);
    assert_eq!(usage::read(&database.connection, 7, i64::MIN).unwrap().len(), 2);
    assert_eq!(version(&database.connection), Ok(VERSION));
}

/// The files in the folder, without those that SQLite keeps next to an open one.
fn names(folder: &Folder) -> Vec<String> {
    let files = fs::read_dir(folder.path().join("hss-top")).unwrap();
    let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names
        .filter(|name| !name.ends_with("-wal") && !name.ends_with("-shm"))
        .collect();
    names.sort();
    names
}

#[test]
fn there_is_a_step_from_each_version_to_the_next_and_a_file_of_each_earlier_one() {
    assert_eq!(i64::try_from(STEPS.len()), Ok(VERSION));
    assert_eq!(FIXTURES.len() + 1, STEPS.len());
}

#[test]
fn a_file_of_each_earlier_version_is_taken_over_with_all_that_it_holds() {
    for fixture in FIXTURES {
        let folder = Folder::new();
        write(&folder, fixture);
        for _ in 0..2 {
            let (database, told) = Database::open(&folder.file()).unwrap();
            assert_eq!(told, None);
            holds_everything(&database);
        }
        assert_eq!(names(&folder), ["a.sqlite"], "no copy is left");
    }
}

#[test]
fn decisions_of_version_4_are_taken_over() {
    let folder = Folder::new();
    write(&folder, FIXTURES[3]);
    let (database, _) = Database::open(&folder.file()).unwrap();
    let decisions = database.decisions().unwrap();
    let [acknowledgement] = decisions.acknowledgements.as_slice() else {
        panic!("{decisions:?}");
    };
    assert_eq!(
        (acknowledgement.who.as_str(), acknowledgement.finding.as_str()),
        ("ops", "risk")
    );
    let [mute] = decisions.mutes.as_slice() else {
        panic!("{decisions:?}");
    };
    let until = jiff::Timestamp::from_second(1_755_336_400).unwrap();
    assert_eq!(mute.target, MuteTarget::Filter("ns:test-*".to_owned()));
    assert_eq!((mute.end, mute.undone), (MuteEnd::At(until), None));
}

#[test]
fn what_two_dashboards_recorded_is_listed_once_after_the_update() {
    let folder = Folder::new();
    write(&folder, FIXTURES[3]);
    let old = Connection::open(folder.file()).unwrap();
    let again =
        r#"INSERT INTO change (body) SELECT replace(body, '"before":null', '"before":500') FROM change"#;
    assert_eq!(old.execute(again, []), Ok(1));
    drop(old);
    let (database, _) = Database::open(&folder.file()).unwrap();
    let (changes, damaged) = database.changes().unwrap();
    assert_eq!((changes.len(), damaged.told()), (1, None));
}

#[test]
fn a_file_of_an_earlier_version_has_the_schema_of_a_new_one_afterwards() {
    let schema = |folder: &Folder| {
        let (database, _) = Database::open(&folder.file()).unwrap();
        let query = "SELECT sqlite_schema.name, group_concat(it.name || it.type || it.\"notnull\" || it.pk)
            FROM sqlite_schema, pragma_table_info(sqlite_schema.name) AS it
            WHERE sqlite_schema.name NOT LIKE 'sqlite_%' GROUP BY 1 ORDER BY 1";
        let mut statement = database.connection.prepare(query).unwrap();
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
        rows.unwrap()
            .collect::<Result<Vec<(String, String)>, _>>()
            .unwrap()
    };
    let new = Folder::new();
    let new = schema(&new);
    assert!(new.len() >= 8, "{new:?}");
    for fixture in FIXTURES {
        let folder = Folder::new();
        write(&folder, fixture);
        assert_eq!(schema(&folder), new);
    }
}

#[test]
fn an_earlier_file_that_is_damaged_is_put_aside_and_a_new_one_begun() {
    for fixture in FIXTURES {
        let folder = Folder::new();
        write(&folder, fixture);
        damage_inside(&folder.file());
        let (mut database, told) = Database::open(&folder.file()).unwrap();
        let told = told.unwrap();
        assert!(
            told.contains("was damaged") && told.ends_with(".damaged-1"),
            "{told}"
        );
        database.write(|writing| writing.page(0, b"new")).unwrap();
        assert_eq!(names(&folder), ["a.sqlite", "a.sqlite.damaged-1"]);
    }
}

#[test]
fn where_the_new_file_proves_to_be_damaged_the_copy_is_used() {
    let folder = Folder::new();
    write(&folder, FIXTURES[2]);
    backup::make(&folder.file()).unwrap();
    fs::write(folder.file(), "no database any more".repeat(1000)).unwrap();
    let (database, told) = Database::open(&folder.file()).unwrap();
    let told = told.unwrap();
    assert!(told.contains("the copy from before its update is used"), "{told}");
    holds_everything(&database);
    assert_eq!(names(&folder), ["a.sqlite", "a.sqlite.damaged-1"]);
}

#[test]
fn a_file_that_cannot_be_copied_is_left_as_it_is_and_told() {
    let folder = Folder::new();
    write(&folder, FIXTURES[1]);
    let obstacle = folder.file().with_file_name("a.sqlite.copying");
    fs::create_dir(&obstacle).unwrap();
    let told = Database::open(&folder.file()).unwrap_err().to_string();
    assert!(!told.is_empty());
    let untouched = Connection::open(folder.file()).unwrap();
    assert_eq!(version(&untouched), Ok(2));
    drop(untouched);
    fs::remove_dir(&obstacle).unwrap();
    holds_everything(&Database::open(&folder.file()).unwrap().0);
}

#[test]
fn a_file_of_a_newer_version_is_put_aside_once_and_says_what_to_do() {
    let folder = Folder::new();
    write(&folder, FIXTURES[2]);
    let newer = Connection::open(folder.file()).unwrap();
    newer.pragma_update(None, "user_version", 99).unwrap();
    drop(newer);
    let (mut database, told) = Database::open(&folder.file()).unwrap();
    let aside = folder.file().with_file_name("a.sqlite.newer-version-1");
    assert_eq!(
        told.unwrap(),
        format!(
            "the state file was written by a newer hss-top and is now {}; to use it with that version again, rename it back",
            aside.display()
        )
    );
    database.write(|writing| writing.page(0, b"new")).unwrap();
    drop(database);
    let (database, told) = Database::open(&folder.file()).unwrap();
    let mut bodies = 0;
    database.pages(|_| bodies += 1).unwrap();
    assert_eq!((bodies, told), (1, None), "what comes meanwhile is kept");
    assert_eq!(version(&Connection::open(aside).unwrap()), Ok(99));
}

#[test]
fn a_number_that_no_version_has_is_damage() {
    let folder = Folder::new();
    write(&folder, "PRAGMA user_version = -1; CREATE TABLE a (b);");
    let (_, told) = Database::open(&folder.file()).unwrap();
    assert!(told.unwrap().ends_with(".damaged-1"));
}

#[test]
fn an_earlier_file_of_another_source_is_not_taken_over() {
    let folder = Folder::new();
    write(&folder, FIXTURES[2]);
    let other = folder.file().with_file_name("b.sqlite");
    fs::copy(folder.file(), &other).unwrap();
    let (database, told) = Database::open(&other).unwrap();
    assert!(told.unwrap().contains("is of another source"));
    assert_eq!(database.facts().unwrap().0, Facts::default());
}

/// The variable for [`a_process_of_its_own_migrates_and_dies`]: the file, and where to die.
const DIES: &str = "HSS_TOP_TEST_MIGRATION";

/// Where a migration of the first version is interrupted.
const POINTS: [MigrationPoint; 6] = [
    MigrationPoint::Copied,
    MigrationPoint::Step(2),
    MigrationPoint::Step(3),
    MigrationPoint::Step(4),
    MigrationPoint::Step(5),
    MigrationPoint::Committed,
];

/// A part of the next test, which starts it in a separate process; alone it does nothing.
#[test]
fn a_process_of_its_own_migrates_and_dies() {
    let Ok(wanted) = std::env::var(DIES) else { return };
    let (at, file) = wanted.split_once(':').unwrap();
    let point = POINTS[at.parse::<usize>().unwrap()];
    let file = PathBuf::from(file);
    let mut connection = Connection::open(&file).unwrap();
    connection.pragma_update(None, "journal_mode", "WAL").unwrap();
    let mut reached = |now| {
        if now == point {
            std::process::abort();
        }
    };
    migrate(&mut connection, &file, SourceMark::of(&file), &mut reached).unwrap();
}

#[test]
fn a_migration_that_was_killed_anywhere_is_done_by_the_next_run() {
    for (at, point) in POINTS.iter().enumerate() {
        let folder = Folder::new();
        write(&folder, FIXTURES[0]);
        let status = Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "state::database::migrations::tests::a_process_of_its_own_migrates_and_dies",
            ])
            .env(DIES, format!("{at}:{}", folder.file().display()))
            .output()
            .unwrap()
            .status;
        assert!(!status.success(), "{point:?}: it did not die");
        let is_copied = names(&folder).contains(&format!("a.sqlite.before-{VERSION}"));
        assert!(is_copied, "{point:?}: the copy is there");
        let half = Connection::open(folder.file()).unwrap();
        let committed = *point == MigrationPoint::Committed;
        assert_eq!(
            version(&half),
            Ok(if committed { VERSION } else { 1 }),
            "{point:?}"
        );
        drop(half);
        let (database, told) = Database::open(&folder.file()).unwrap();
        assert_eq!(told, None, "{point:?}");
        holds_everything(&database);
        assert_eq!(names(&folder), ["a.sqlite"], "{point:?}: no copy is left");
    }
}

/// The points that the update of this file reaches.
fn points(folder: &Folder) -> Result<Vec<MigrationPoint>, Unusable> {
    let mut connection = Connection::open(folder.file()).unwrap();
    let mut points = Vec::new();
    migrate(
        &mut connection,
        &folder.file(),
        SourceMark::of(&folder.file()),
        &mut |point| points.push(point),
    )?;
    Ok(points)
}

#[test]
fn a_new_file_needs_no_copy_and_every_step_has_its_number() {
    let folder = Folder::new();
    fs::create_dir_all(folder.file().parent().unwrap()).unwrap();
    let steps = (1..=STEPS.len()).map(MigrationPoint::Step);
    let expected: Vec<MigrationPoint> = steps.chain([MigrationPoint::Committed]).collect();
    assert_eq!(points(&folder).unwrap(), expected);
    assert_eq!(points(&folder).unwrap(), []);
    let folder = Folder::new();
    write(&folder, FIXTURES[3]);
    let expected = [
        MigrationPoint::Copied,
        MigrationPoint::Step(5),
        MigrationPoint::Step(6),
        MigrationPoint::Committed,
    ];
    assert_eq!(points(&folder).unwrap(), expected);
}

#[test]
fn a_file_of_the_first_version_with_a_mark_is_believed_about_its_source() {
    let folder = Folder::new();
    write(&folder, FIXTURES[2]);
    let other = folder.path().join("hss-top/b.sqlite");
    fs::copy(folder.file(), &other).unwrap();
    let (_, told) = Database::open(&other).unwrap();
    assert!(told.unwrap().contains("is of another source"));
    // A mark that is missing is not written anew, because these may be the pods of another source.
    let folder = Folder::new();
    write(&folder, FIXTURES[2]);
    let old = Connection::open(folder.file()).unwrap();
    assert_eq!(old.execute("DELETE FROM fact WHERE name = 'source'", []), Ok(1));
    drop(old);
    let (_, told) = Database::open(&folder.file()).unwrap();
    assert!(told.unwrap().contains("was damaged"));
}
