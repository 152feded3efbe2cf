use std::os::unix::fs::symlink;
use std::sync::atomic::AtomicUsize;
use std::thread;

use super::*;
use crate::sync::ledger::record::{CallClaim, ClaimAnswer};

/// A folder that goes with its test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        static NUMBERS: AtomicUsize = AtomicUsize::new(0);
        let number = NUMBERS.fetch_add(1, Ordering::Relaxed);
        let path =
            std::env::temp_dir().join(format!("hss-top-ledger-{name}-{}-{number}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn place(&self) -> LedgerPlace {
        LedgerPlace {
            folders: vec![self.0.join("state")],
            name: "it.calls".to_owned(),
        }
    }

    fn path(&self) -> PathBuf {
        self.0.join("state/it.calls")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn now() -> MachineTime {
    MachineTime {
        boot: 1,
        up: 1_000_000,
        wall: 1_760_000_000_000,
    }
}

/// Claims and ends a call of another process's.
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
                ClaimAnswer::Go => record.end(who),
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
    let folder = Folder::new("shared");
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
    let folder = Folder::new("private");
    let mode = |path: &Path| fs::metadata(path).unwrap().mode() & 0o777;
    assert!(goes(&mut LedgerFile::new(folder.place()), 5));
    let state = folder.0.join("state");
    assert_eq!((mode(&state), mode(&folder.path())), (0o700, 0o600));
    fs::set_permissions(&state, Permissions::from_mode(0o777)).unwrap();
    fs::set_permissions(folder.path(), Permissions::from_mode(0o666)).unwrap();
    assert!(goes(&mut LedgerFile::new(folder.place()), 5));
    assert_eq!((mode(&state), mode(&folder.path())), (0o700, 0o600));
}

#[test]
fn a_link_a_pipe_and_a_folder_in_its_place_are_refused() {
    let folder = Folder::new("odd");
    fs::create_dir_all(folder.0.join("state")).unwrap();
    let elsewhere = folder.0.join("elsewhere");
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
    let folder = Folder::new("fallback");
    let place = LedgerPlace {
        folders: vec![
            "/proc/self/none".into(),
            "relative".into(),
            folder.0.join("state"),
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
    assert_eq!(unusable(&mut nowhere(Vec::new())), "no folder for it is known");
}

#[test]
fn a_folder_of_another_user_is_refused() {
    let me = rustix::process::geteuid();
    // Only root can give a folder away.
    if !me.is_root() {
        return;
    }
    let folder = Folder::new("foreign");
    let state = folder.0.join("state");
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
fn a_damaged_file_costs_a_minute_once_and_is_told_once() {
    let folder = Folder::new("damaged");
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
    let folder = Folder::new("empty");
    let young = MachineTime {
        up: COUNTS - 1,
        ..now()
    };
    let ages = |moment: MachineTime| {
        let mut file = LedgerFile::new(folder.place());
        let _ = fs::remove_file(folder.path());
        file.turn(|| moment, |_| ()).unwrap().notice.is_some()
    };
    assert_eq!([ages(now()), ages(young)], [false, true]);
}

#[test]
fn a_file_that_is_removed_or_exchanged_takes_what_is_known_along() {
    let folder = Folder::new("removed");
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
    fs::remove_dir_all(folder.0.join("state")).unwrap();
    assert!(!goes(&mut other, 6) && !goes(&mut LedgerFile::new(folder.place()), 7));
}

#[test]
fn a_lock_that_another_holds_is_waited_for_and_not_for_long() {
    let folder = Folder::new("held");
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

/// Eight threads with a file each: every call that one may make is noted before the next one looks.
#[test]
fn many_at_once_never_make_more_calls_than_there_are() {
    let folder = Folder::new("crowd");
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
    let folder = Folder::new("emptied");
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
    // Somebody who knew of no call wrote it anew.
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
    assert_eq!(fs::read_dir(folder.0.join("state")).unwrap().count(), 1);
}
