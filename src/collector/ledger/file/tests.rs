use std::fs::{self, File, Permissions};
use std::io;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use rustix::fs::{FlockOperation, flock};
use tempfile::TempDir;

use super::opened::LOOK;
use super::*;
use crate::collector::ledger::record::COUNTS;
use crate::collector::ledger::record::{CallClaim, ClaimAnswer};

/// A folder that goes with its test.
struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn place(&self) -> LedgerPlace {
        LedgerPlace {
            folders: vec![self.0.path().join("state")],
            name: "it.calls".to_owned(),
        }
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("state/it.calls")
    }
}

fn now() -> MachineTime {
    MachineTime {
        boot: 1,
        up: 1_000_000,
        wall: 1_760_000_000_000,
    }
}

/// Claims and ends a call of another process.
fn call(file: &mut LedgerFile, limit: u32) -> Result<Turned<ClaimAnswer>, LedgerFault> {
    call_at(now(), file, limit)
}

fn call_at(
    moment: MachineTime,
    file: &mut LedgerFile,
    limit: u32,
) -> Result<Turned<ClaimAnswer>, LedgerFault> {
    let who = ProgramId::new();
    file.turn(
        || moment,
        |record| {
            let answer = record.claim(CallClaim {
                who,
                limit,
                need: 1,
                urgent: true,
            });
            match answer {
                ClaimAnswer::Go => record.end(who, 1),
                ClaimAnswer::Wait(_) => record.leave(who),
            }
            answer
        },
    )
}

fn goes(file: &mut LedgerFile, limit: u32) -> bool {
    call(file, limit).unwrap().value == ClaimAnswer::Go
}

fn unusable(file: &mut LedgerFile) -> String {
    match call(file, 5) {
        Err(LedgerFault::Unusable(why)) => why,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_one_program_spent_another_knows() {
    let folder = Folder::new();
    let (mut one, mut other) = (LedgerFile::new(folder.place()), LedgerFile::new(folder.place()));
    assert_eq!(
        [goes(&mut one, 3), goes(&mut other, 3), goes(&mut one, 3)],
        [true; 3]
    );
    assert!(!goes(&mut other, 3) && !goes(&mut LedgerFile::new(folder.place()), 3));
    assert_eq!(one.path(), Some(folder.path().as_path()));
}

#[test]
fn file_and_folder_are_private_and_made_so() {
    let folder = Folder::new();
    let mode = |path: &Path| fs::metadata(path).unwrap().mode() & 0o777;
    assert!(goes(&mut LedgerFile::new(folder.place()), 5));
    let state = folder.0.path().join("state");
    assert_eq!((mode(&state), mode(&folder.path())), (0o700, 0o600));
    fs::set_permissions(&state, Permissions::from_mode(0o755)).unwrap();
    assert!(goes(&mut LedgerFile::new(folder.place()), 5));
    assert_eq!(mode(&state), 0o755, "nobody else can write to it");
    fs::set_permissions(&state, Permissions::from_mode(0o777)).unwrap();
    fs::set_permissions(folder.path(), Permissions::from_mode(0o666)).unwrap();
    assert!(goes(&mut LedgerFile::new(folder.place()), 5));
    assert_eq!((mode(&state), mode(&folder.path())), (0o700, 0o600));
}

#[test]
fn a_link_a_pipe_and_a_folder_in_its_place_are_refused() {
    let folder = Folder::new();
    fs::create_dir_all(folder.0.path().join("state")).unwrap();
    let elsewhere = folder.0.path().join("elsewhere");
    symlink(&elsewhere, folder.path()).unwrap();
    unusable(&mut LedgerFile::new(folder.place()));
    assert!(!elsewhere.exists(), "a dangling link makes no file");
    fs::remove_file(folder.path()).unwrap();
    rustix::fs::mkfifoat(rustix::fs::CWD, folder.path(), rustix::fs::Mode::RWXU).unwrap();
    let why = unusable(&mut LedgerFile::new(folder.place()));
    assert!(why.contains("not a regular file"), "{why}");
    fs::remove_file(folder.path()).unwrap();
    fs::create_dir(folder.path()).unwrap();
    unusable(&mut LedgerFile::new(folder.place()));
}

#[test]
fn the_first_folder_that_takes_it_is_used() {
    let folder = Folder::new();
    let place = LedgerPlace {
        folders: vec![
            "/proc/self/none".into(),
            "relative".into(),
            folder.0.path().join("state"),
        ],
        ..folder.place()
    };
    let mut file = LedgerFile::new(place);
    assert!(goes(&mut file, 5));
    assert_eq!(file.path(), Some(folder.path().as_path()));
    let nowhere = |folders| {
        LedgerFile::new(LedgerPlace {
            folders,
            name: "x".into(),
        })
    };
    let why = unusable(&mut nowhere(vec!["/proc/self/none".into(), "relative".into()]));
    assert!(
        why.contains("/proc/self/none/x: ") && why.contains("absolute"),
        "{why}"
    );
    assert_eq!(unusable(&mut nowhere(Vec::new())), "no folder is known for it");
}

#[test]
fn a_folder_of_another_user_is_refused() {
    let me = rustix::process::geteuid();
    // Only root can change the owner of a folder.
    if !me.is_root() {
        return;
    }
    let folder = Folder::new();
    let state = folder.0.path().join("state");
    fs::create_dir(&state).unwrap();
    std::os::unix::fs::chown(&state, Some(1234), None).unwrap();
    let why = unusable(&mut LedgerFile::new(folder.place()));
    assert!(why.contains("another user (uid 1234)"), "{why}");
    std::os::unix::fs::chown(&state, Some(0), None).unwrap();
    fs::write(folder.path(), "").unwrap();
    std::os::unix::fs::chown(folder.path(), Some(1234), None).unwrap();
    let why = unusable(&mut LedgerFile::new(folder.place()));
    assert!(why.contains("another user"), "{why}");
}

#[test]
fn a_record_of_another_user_is_not_overheard() {
    let folder = Folder::new();
    let mut file = LedgerFile::new(folder.place());
    assert!(goes(&mut file, 5));
    assert_eq!(overhear(&folder.path()).unwrap().ages().len(), 1);
    assert!(overhear(&folder.0.path().join("state")).is_none(), "a folder");
    // Only root can change the owner of a file.
    if rustix::process::geteuid().is_root() {
        std::os::unix::fs::chown(folder.path(), Some(1234), None).unwrap();
        assert!(overhear(&folder.path()).is_none());
    }
}

#[test]
fn no_more_is_read_than_a_record_may_have_and_one_byte() {
    let folder = Folder::new();
    let open = OpenLedger::open(&folder.0.path().join("state"), "it.calls", now()).unwrap();
    for (written, read) in [
        (MOST_BYTES, MOST_BYTES),
        (MOST_BYTES + 1, MOST_BYTES + 1),
        (MOST_BYTES + 9, MOST_BYTES + 1),
    ] {
        fs::write(&open.path, vec![b' '; usize::try_from(written).unwrap()]).unwrap();
        assert_eq!(open.read().unwrap().len() as u64, read);
    }
}

#[test]
fn a_damaged_file_costs_a_minute_once_and_is_told_once() {
    let folder = Folder::new();
    let mut file = LedgerFile::new(folder.place());
    assert!(goes(&mut file, 5));
    for damage in ["", "x", "hss-top calls 1 0000000000000000\n{}"] {
        let text = fs::read_to_string(folder.path()).unwrap();
        fs::write(
            folder.path(),
            format!("{damage}{}", text.get(1..).unwrap_or_default()),
        )
        .unwrap();
        let turned = call(&mut file, 5).unwrap();
        assert!(matches!(turned.value, ClaimAnswer::Wait(_)));
        assert!(turned.notice.unwrap().contains("damaged"));
        let turned = call(&mut file, 5).unwrap();
        assert!(matches!(turned.value, ClaimAnswer::Wait(_)) && turned.notice.is_none());
    }
    // Too long to be a record: it is not read to its end.
    fs::write(folder.path(), vec![b' '; 1 << 20]).unwrap();
    assert!(call(&mut file, 5).unwrap().notice.is_some());
    assert!(
        fs::metadata(folder.path()).unwrap().len() < 1000,
        "it was written anew"
    );
}

#[test]
fn an_empty_file_is_new_but_soon_after_a_boot_it_may_be_what_a_crash_left() {
    let folder = Folder::new();
    let young = MachineTime {
        up: COUNTS - 1,
        ..now()
    };
    let ages = |moment: MachineTime| {
        let mut file = LedgerFile::new(folder.place());
        let _ = fs::remove_file(folder.path());
        file.turn(|| moment, |_| ()).unwrap().notice.is_some()
    };
    let old_enough = MachineTime { up: COUNTS, ..now() };
    assert_eq!([ages(now()), ages(young), ages(old_enough)], [false, true, false]);
}

#[test]
fn a_file_that_is_removed_or_exchanged_takes_what_is_known_along() {
    let folder = Folder::new();
    let (mut one, mut other) = (LedgerFile::new(folder.place()), LedgerFile::new(folder.place()));
    let goes = |file: &mut LedgerFile, second: i64| {
        let moment = MachineTime {
            up: now().up + 1000 * second,
            ..now()
        };
        call_at(moment, file, 3).unwrap().value == ClaimAnswer::Go
    };
    assert!(goes(&mut one, 1) && goes(&mut other, 2));
    fs::remove_file(folder.path()).unwrap();
    assert!(goes(&mut one, 3), "the third");
    assert!(!goes(&mut other, 4) && !goes(&mut one, 5));
    fs::remove_dir_all(folder.0.path().join("state")).unwrap();
    assert!(!goes(&mut other, 6) && !goes(&mut LedgerFile::new(folder.place()), 7));
}

#[test]
fn a_lock_that_another_holds_is_waited_for_and_not_for_long() {
    let folder = Folder::new();
    let mut file = LedgerFile::new(folder.place());
    assert!(goes(&mut file, 5));
    let holder = File::open(folder.path()).unwrap();
    flock(&holder, FlockOperation::LockExclusive).unwrap();
    assert_eq!(call(&mut file, 5).unwrap_err(), LedgerFault::Busy(folder.path()));
    let release = thread::spawn(move || {
        thread::park_timeout(20 * LOOK);
        drop(holder);
    });
    assert!(goes(&mut file, 5), "no call was noted while it was held");
    release.join().unwrap();
}

/// Eight threads with a file each: every granted call is recorded before the next thread reads the record.
#[test]
fn many_at_once_never_make_more_calls_than_there_are() {
    let folder = Folder::new();
    let granted = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let mut file = LedgerFile::new(folder.place());
                for _ in 0..30 {
                    let goes = matches!(call(&mut file, 60), Ok(turned) if turned.value == ClaimAnswer::Go);
                    granted.fetch_add(usize::from(goes), Ordering::Relaxed);
                }
            });
        }
    });
    assert_eq!(granted.into_inner(), 60);
}

#[test]
fn a_file_that_is_emptied_or_put_back_gives_no_call_back() {
    let folder = Folder::new();
    let mut file = LedgerFile::new(folder.place());
    let goes_at = |file: &mut LedgerFile, second: i64| {
        let moment = MachineTime {
            up: now().up + 1000 * second,
            ..now()
        };
        call_at(moment, file, 3).unwrap().value == ClaimAnswer::Go
    };
    assert!(goes_at(&mut file, 0));
    let early = fs::read(folder.path()).unwrap();
    assert!(goes_at(&mut file, 1));
    fs::write(folder.path(), &early).unwrap();
    assert!(!goes_at(&mut file, 2), "it was put back");
    assert!(goes_at(&mut file, 98));
    fs::write(folder.path(), "").unwrap();
    assert!(
        !goes_at(&mut LedgerFile::new(folder.place()), 99),
        "it was emptied"
    );
    assert!(!goes_at(&mut file, 100));
    assert!(goes_at(&mut file, 195) && goes_at(&mut file, 196) && goes_at(&mut file, 197));
    // A program that knew of no call created it again.
    let moment = MachineTime {
        up: now().up + 198_000,
        ..now()
    };
    fs::write(
        folder.path(),
        coding::write(&LedgerRecord::empty(moment)).unwrap(),
    )
    .unwrap();
    assert!(!goes_at(&mut file, 199), "a program knows its own calls");
    assert_eq!(fs::read_dir(folder.0.path().join("state")).unwrap().count(), 1);
}

/// Writes like a disk that is full while the file `full` is in the folder; its content is the number of bytes
/// that are written before the error.
fn write_until_full(path: &Path, file: &File, bytes: &[u8]) -> io::Result<()> {
    let Ok(room) = fs::read_to_string(path.with_file_name("full")) else {
        return write_whole(path, file, bytes);
    };
    let room = room.parse().unwrap_or(0).min(bytes.len());
    rustix::io::pwrite(file, &bytes[..room], 0)?;
    Err(rustix::io::Errno::NOSPC.into())
}

/// Two folders, of which the first one may be full.
struct TwoFolders(Folder);

impl TwoFolders {
    fn new() -> Self {
        let folder = Folder::new();
        for name in ["first", "second"] {
            fs::create_dir_all(folder.0.path().join(name)).unwrap();
        }
        Self(folder)
    }

    fn file(&self) -> LedgerFile {
        let place = LedgerPlace {
            folders: vec![self.0.0.path().join("first"), self.0.0.path().join("second")],
            name: "it.calls".to_owned(),
        };
        LedgerFile {
            write: write_until_full,
            ..LedgerFile::new(place)
        }
    }

    fn fill(&self, room: usize) {
        fs::write(self.0.0.path().join("first/full"), room.to_string()).unwrap();
    }

    fn free(&self) {
        fs::remove_file(self.0.0.path().join("first/full")).unwrap();
    }

    fn is_in(&self, file: &LedgerFile, folder: &str) -> bool {
        file.path() == Some(self.0.0.path().join(folder).join("it.calls").as_path())
    }
}

fn call_in_second(file: &mut LedgerFile, second: i64) -> Turned<ClaimAnswer> {
    let moment = MachineTime {
        up: now().up + 1000 * second,
        ..now()
    };
    call_at(moment, file, 5).unwrap()
}

#[test]
fn a_full_disk_moves_all_programs_to_the_next_folder_and_back_and_no_call_is_lost() {
    let folders = TwoFolders::new();
    let (mut one, mut other) = (folders.file(), folders.file());
    let goes = |file: &mut LedgerFile, second| call_in_second(file, second).value == ClaimAnswer::Go;
    assert!(goes(&mut one, 0));
    folders.fill(0);
    let turned = call_in_second(&mut one, 1);
    let moved = turned.moved.unwrap();
    assert!(
        moved.contains("/second/it.calls (") && moved.contains("No space left"),
        "{moved}"
    );
    assert_eq!((turned.value, turned.notice), (ClaimAnswer::Go, None));
    assert!(call_in_second(&mut other, 2).moved.is_some());
    assert!(folders.is_in(&one, "second") && folders.is_in(&other, "second"));
    let turned = call_in_second(&mut one, 3);
    assert_eq!(
        (turned.value, turned.moved),
        (ClaimAnswer::Go, None),
        "it is told once"
    );
    folders.free();
    let turned = call_in_second(&mut other, 4);
    assert!(turned.moved.unwrap().ends_with("/first/it.calls again"));
    assert_eq!((turned.value, turned.notice), (ClaimAnswer::Go, None));
    assert!(
        !goes(&mut one, 5) && !goes(&mut folders.file(), 6),
        "five were made"
    );
    assert!(folders.is_in(&one, "first"));
    // The one in second 0 is over, and so is that of second 1.
    assert!(goes(&mut one, 61) && goes(&mut other, 62) && !goes(&mut one, 62));
}

#[test]
fn a_disk_that_is_full_for_one_program_only_hides_no_call_from_the_others() {
    let folders = TwoFolders::new();
    let (mut one, mut other) = (folders.file(), folders.file());
    let goes = |file: &mut LedgerFile, second| call_in_second(file, second).value == ClaimAnswer::Go;
    assert!(goes(&mut other, 0));
    for second in [1, 3] {
        folders.fill(0);
        assert!(goes(&mut one, second));
        folders.free();
        assert!(goes(&mut other, second + 1));
        assert!(folders.is_in(&one, "second") && folders.is_in(&other, "first"));
    }
    assert!(!goes(&mut other, 5));
    folders.fill(0);
    assert!(!goes(&mut one, 6));
}

#[test]
fn a_record_of_which_a_full_disk_took_a_part_is_carried_on_by_whoever_wrote_it() {
    let folders = TwoFolders::new();
    let (mut one, mut other) = (folders.file(), folders.file());
    let goes = |file: &mut LedgerFile, second| call_in_second(file, second).value == ClaimAnswer::Go;
    assert!((0..3).all(|second| goes(&mut one, second)));
    folders.fill(60);
    assert!(goes(&mut one, 3));
    // That was some time ago. What the other program writes in vain is not a later damage.
    for name in ["first", "second"] {
        let file = File::options()
            .write(true)
            .open(folders.0.0.path().join(name).join("it.calls"));
        let before = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_700_000_000);
        file.unwrap().set_modified(before).unwrap();
    }
    let turned = call_in_second(&mut other, 4);
    assert_eq!((turned.value, turned.notice), (ClaimAnswer::Go, None));
    assert!(!goes(&mut one, 5) && !goes(&mut other, 5));
    // Damage by another run that no program has noticed yet: the spent calls are unknown.
    let folders = TwoFolders::new();
    fs::write(folders.0.0.path().join("first/it.calls"), "damaged").unwrap();
    folders.fill(0);
    // A record of the next folder that is older than the damage does not know them either.
    let second = folders.0.0.path().join("second/it.calls");
    fs::write(&second, coding::write(&LedgerRecord::empty(now())).unwrap()).unwrap();
    File::options()
        .write(true)
        .open(&second)
        .unwrap()
        .set_modified(SystemTime::UNIX_EPOCH)
        .unwrap();
    let turned = call_in_second(&mut folders.file(), 0);
    assert!(matches!(turned.value, ClaimAnswer::Wait(_)) && turned.notice.is_some());
    let turned = call_in_second(&mut folders.file(), 1);
    assert!(matches!(turned.value, ClaimAnswer::Wait(_)) && turned.notice.is_none());
    assert!(goes(&mut folders.file(), 96));
    fs::remove_file(&second).unwrap();
    let turned = call_in_second(&mut folders.file(), 97);
    assert!(turned.notice.is_some(), "there is none");
}

#[test]
fn a_disk_that_was_full_from_the_start_leaves_no_file_that_seems_to_be_emptied() {
    let folders = TwoFolders::new();
    let first = folders.0.0.path().join("first/it.calls");
    folders.fill(0);
    // As if there were no room for the first record either.
    let young = MachineTime {
        up: COUNTS - 1,
        ..now()
    };
    let mut file = folders.file();
    assert!(matches!(
        call_at(young, &mut file, 5).unwrap().value,
        ClaimAnswer::Wait(_)
    ));
    assert!(!first.exists() && folders.is_in(&file, "second"));
    let nowhere = LedgerFile {
        place: LedgerPlace {
            folders: vec![folders.0.0.path().join("first")],
            name: "it.calls".to_owned(),
        },
        ..folders.file()
    };
    let why = unusable(&mut { nowhere });
    assert!(why.contains("/first/it.calls: No space left"), "{why}");
}
