//! What is written is there again, whatever happens to the file.

use super::file::with_suffix;
use super::*;
use std::fs;
use std::ops::Range;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

/// A folder of the test's own.
pub struct Folder(pub PathBuf);

impl Folder {
    pub fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("hss-top-state-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        Self(path)
    }

    pub fn file(&self) -> PathBuf {
        self.0.join("hss-top/a.sqlite")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Overwrites everything behind the header of the file: it opens, and nothing else.
pub fn damage_inside(path: &Path) {
    damage(path, 2..100);
}

/// Overwrites the pages of SQLite that hold the usage, and nothing else.
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
fn what_was_written_is_there_again_and_private() {
    let folder = Folder::new("kept");
    let mut database = open(&folder);
    assert_eq!(
        (pages(&database).len(), database.facts().unwrap()),
        (0, Facts::default())
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
    assert_eq!(database.facts().unwrap(), facts());
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(
        (mode(&folder.file()), mode(&folder.0.join("hss-top"))),
        (0o600, 0o700)
    );
    for beside in ["-wal", "-shm"] {
        assert_eq!(mode(&with_suffix(&folder.file(), beside)), 0o600, "{beside}");
    }
}

#[test]
fn pages_are_complete_only_in_the_number_that_a_sweep_left() {
    let whole = facts();
    assert!(whole.are_met_by(2) && !whole.are_met_by(1) && !whole.are_met_by(3));
    let folder = Folder::new("number");
    let mut database = open(&folder);
    database.write(|writing| writing.facts(&whole)).unwrap();
    let of_an_older_version = database.facts().unwrap();
    assert!(of_an_older_version.complete && !of_an_older_version.are_met_by(2));
}

#[test]
fn a_write_that_fails_leaves_everything_as_it_was() {
    let folder = Folder::new("full");
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
fn a_damaged_file_is_put_aside_and_a_new_one_begun() {
    let folder = Folder::new("damaged");
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
fn a_damaged_file_is_put_aside_once_however_many_hold_it() {
    let folder = Folder::new("damaged-held");
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
    let folder = Folder::new("shared");
    let (mut one, mut other) = (open(&folder), open(&folder));
    one.write(|writing| writing.page(0, b"of one")).unwrap();
    other.write(|writing| writing.page(200, b"of the other")).unwrap();
    assert_eq!(pages(&one), ["of one", "of the other"]);
}

#[test]
fn many_that_begin_at_once_all_get_in() {
    let folder = Folder::new("at-once");
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
fn a_file_of_another_version_and_a_folder_that_cannot_be_written_are_told() {
    let folder = Folder::new("version");
    let database = open(&folder);
    database
        .connection
        .pragma_update(None, "user_version", 99)
        .unwrap();
    drop(database);
    let told = Database::open(&folder.file()).unwrap_err().to_string();
    assert!(told.contains("another version of hss-top (99)"), "{told}");
    let told = Database::open(Path::new("/proc/self/none/a.sqlite")).unwrap_err();
    assert_eq!(told.to_string(), "the file cannot be written");
}
