//! The state saved between runs, as an operator sees it.

#![expect(clippy::unwrap_used, reason = "tests")]

mod support;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use support::pty::Pty;
use support::run::{Folder, each_second};
use support::simulate::Simulate;

fn dashboard(url: &str, state: &str, flags: &[&str]) -> Pty {
    let base = each_second(url);
    let variables = [
        ("HSS_TOP_TOKEN", "canary-token"),
        ("XDG_STATE_HOME", state),
        ("XDG_RUNTIME_DIR", state),
    ];
    Pty::start(140, 30, &[&base, flags].concat(), &variables)
}

fn whole(pty: &Pty) -> String {
    pty.until("the whole fleet", |screen| {
        screen.contains("FRESH") && screen.contains("of 1,111")
    })
}

fn known_but_offline(pty: &Pty) {
    pty.until("what was known", |screen| {
        screen.contains("OFFLINE") && screen.contains("row 1 of 1,111") && screen.contains("checked ")
    });
}

/// The database of the only source.
fn database(folder: &Folder) -> PathBuf {
    let files = fs::read_dir(folder.join("hss-top")).unwrap();
    let mut files = files.map(|file| file.unwrap().path());
    files
        .find(|path| path.extension().is_some_and(|it| it == "sqlite"))
        .unwrap()
}

fn quit(mut pty: Pty) {
    pty.quit();
    assert_eq!(pty.ended().0, 0);
}

/// The calls that this run made, as the health screen says.
fn calls(pty: &mut Pty, made: usize) {
    pty.keys("4");
    pty.until("the calls", |screen| screen.contains(&format!("{made} made")));
}

/// The service still counts the calls of a run that ended a moment ago.
#[test]
fn what_the_last_run_spent_of_the_budget_is_spent() {
    let folder = Folder::new("state-spent");
    let hss = Simulate::start(&["--pods", "500", "--calls-per-minute", "5"], &[]);
    let flags = ["--calls-per-minute", "5", "--interval", "1h"];
    let pty = dashboard(&hss.url, folder.path(), &flags);
    pty.until("the whole fleet", |screen| screen.contains("FRESH"));
    quit(pty);
    let mut pty = dashboard(&hss.url, folder.path(), &flags);
    pty.until("one call more", |screen| {
        screen.contains("FRESH") && screen.contains("1 call ")
    });
    pty.keys("\x12");
    let screen = pty.until("the last call", |screen| screen.contains("0 calls "));
    assert!(!screen.contains("THROTTLED"), "{screen}");
    quit(pty);
}

#[test]
fn what_was_known_is_there_before_any_call_and_one_call_makes_it_fresh() {
    let folder = Folder::new("state-restart");
    let hss = Simulate::start(&[], &[]);
    let (url, address) = (hss.url.clone(), hss.address());
    let pty = dashboard(&url, folder.path(), &[]);
    whole(&pty);
    quit(pty);
    drop(hss);

    let pty = dashboard(&url, folder.path(), &[]);
    known_but_offline(&pty);
    let _again = Simulate::start(&["--listen", &address], &[]);
    whole(&pty);
    quit(pty);

    // HSS has renewed nothing since: one call shows that all of it still holds.
    let mut pty = dashboard(&url, folder.path(), &["--interval", "1h"]);
    whole(&pty);
    calls(&mut pty, 1);
    quit(pty);
    for file in fs::read_dir(folder.join("hss-top")).unwrap() {
        let bytes = fs::read(file.unwrap().path()).unwrap();
        assert!(
            !String::from_utf8_lossy(&bytes).contains("canary"),
            "a secret is in the state"
        );
    }
}

#[test]
fn the_state_of_one_project_is_never_shown_as_that_of_another() {
    let folder = Folder::new("state-other-source");
    let hss = Simulate::start(&[], &[]);
    let url = hss.url.clone();
    let pty = dashboard(&url, folder.path(), &[]);
    whole(&pty);
    quit(pty);
    drop(hss);
    let of_p = database(&folder);
    // Another project, whose file is begun and then overwritten with the one of the first.
    let other = ["--project-id", "q"];
    let pty = dashboard(&url, folder.path(), &other);
    pty.until("nothing is known", |screen| screen.contains("OFFLINE"));
    quit(pty);
    let files = fs::read_dir(folder.join("hss-top")).unwrap();
    let of_q = files.map(|file| file.unwrap().path()).find(|path| {
        let is_database = path.extension().is_some_and(|it| it == "sqlite");
        is_database && *path != of_p
    });
    let of_q = of_q.unwrap();
    fs::copy(&of_p, &of_q).unwrap();
    // A slow machine may end before SQLite has put its journal into the file: it is of the file that was there.
    for beside in ["-wal", "-shm"] {
        let _ = fs::remove_file(format!("{}{beside}", of_q.display()));
    }
    let pty = dashboard(&url, folder.path(), &other);
    let screen = pty.until("the notice about the file", |screen| {
        screen.contains("another source")
    });
    assert!(!screen.contains("1,111"), "{screen}");
    pty.until("nothing is known", |screen| {
        screen.contains("OFFLINE") && !screen.contains("1,111")
    });
    quit(pty);
}

/// The log of a killed dashboard, next to the file of another one: SQLite would merge both.
#[test]
fn the_log_of_another_state_file_is_put_aside_and_reported() {
    let (folder, other) = (Folder::new("state-own"), Folder::new("state-other-log"));
    let hss = Simulate::start(&[], &[]);
    let pty = dashboard(&hss.url, folder.path(), &[]);
    whole(&pty);
    quit(pty);
    let killed = dashboard(&hss.url, other.path(), &[]);
    whole(&killed);
    killed.signal("KILL");
    killed.ended();
    let log = |folder: &Folder| format!("{}-wal", database(folder).display());
    fs::copy(log(&other), log(&folder)).unwrap();
    let pty = dashboard(&hss.url, folder.path(), &[]);
    pty.shows("the log of another file was next to the state file");
    whole(&pty);
    quit(pty);
    assert!(Path::new(&format!("{}.other-log-1-wal", database(&folder).display())).exists());
}

/// The pods of the last complete list, in the file beside the state file.
#[test]
fn a_dashboard_starts_with_the_pods_file_and_without_it_or_with_a_damaged_one_with_the_pages() {
    let folder = Folder::new("state-pods");
    let hss = Simulate::start(&[], &[]);
    let url = hss.url.clone();
    let pty = dashboard(&url, folder.path(), &[]);
    whole(&pty);
    quit(pty);
    drop(hss);
    let pods = PathBuf::from(format!("{}-pods", database(&folder).display()));
    let written = fs::read(&pods).unwrap();
    let shown = |bytes: Option<&[u8]>| {
        match bytes {
            Some(bytes) => {
                fs::write(&pods, bytes).unwrap();
                fs::set_permissions(&pods, fs::Permissions::from_mode(0o600)).unwrap();
            }
            None => fs::remove_file(&pods).unwrap(),
        }
        let pty = dashboard(&url, folder.path(), &[]);
        known_but_offline(&pty);
        quit(pty);
        pods.exists()
    };
    assert!(shown(Some(&written)));
    let mut damaged = written.clone();
    *damaged.last_mut().unwrap() ^= 1;
    assert!(!shown(Some(&damaged)), "it is of no use");
    assert!(shown(Some(&written)));
    assert!(!shown(None));
}

#[test]
fn a_page_that_is_missing_is_asked_for_again() {
    let folder = Folder::new("state-missing");
    let hss = Simulate::start(&[], &[]);
    let pty = dashboard(&hss.url, folder.path(), &[]);
    whole(&pty);
    quit(pty);
    let file = rusqlite::Connection::open(database(&folder)).unwrap();
    let missing = file.execute("DELETE FROM page WHERE offset = 200", []);
    assert_eq!(missing, Ok(1));
    drop(file);
    // HSS has renewed nothing since, but what was kept does not speak for it.
    let mut pty = dashboard(&hss.url, folder.path(), &["--interval", "1h"]);
    let screen = whole(&pty);
    assert!(screen.contains("row 1 of 1,111"), "{screen}");
    calls(&mut pty, 6);
    quit(pty);
}

#[test]
fn a_killed_dashboard_and_a_second_one_lose_nothing() {
    let folder = Folder::new("state-killed");
    let hss = Simulate::start(&[], &[]);
    let (one, other) = (
        dashboard(&hss.url, folder.path(), &[]),
        dashboard(&hss.url, folder.path(), &[]),
    );
    whole(&one);
    whole(&other);
    one.signal("KILL");
    let url = hss.url.clone();
    quit(other);
    drop(hss);
    let pty = dashboard(&url, folder.path(), &[]);
    known_but_offline(&pty);
    quit(pty);
}

#[test]
fn a_damaged_file_and_a_folder_that_cannot_be_written_are_told_and_the_program_goes_on() {
    let folder = Folder::new("state-damaged");
    let hss = Simulate::start(&[], &[]);
    let pty = dashboard(&hss.url, folder.path(), &[]);
    whole(&pty);
    quit(pty);
    let file = database(&folder);
    for beside in ["-wal", "-shm"] {
        let _ = fs::remove_file(format!("{}{beside}", file.display()));
    }
    fs::write(&file, "this was a database once, and now it is something else").unwrap();
    let pty = dashboard(&hss.url, folder.path(), &[]);
    pty.shows("the state file was damaged and is now");
    whole(&pty);
    quit(pty);

    let pty = dashboard(&hss.url, "/proc/self", &[]);
    pty.shows("nothing is saved: the file cannot be written");
    whole(&pty);
    quit(pty);
}

/// Another program holds the file, and then lets go.
#[test]
fn a_state_file_that_is_held_does_not_hold_the_first_call() {
    let folder = Folder::new("state-held");
    let hss = Simulate::start(&[], &[]);
    let pty = dashboard(&hss.url, folder.path(), &[]);
    whole(&pty);
    quit(pty);
    let holder = rusqlite::Connection::open(database(&folder)).unwrap();
    holder.pragma_update(None, "locking_mode", "EXCLUSIVE").unwrap();
    holder.execute_batch("BEGIN EXCLUSIVE; COMMIT").unwrap();
    let pty = dashboard(&hss.url, folder.path(), &[]);
    pty.shows("reading the pods that an earlier run saved");
    whole(&pty);
    pty.shows("nothing is saved: another dashboard has locked the file");
    drop(holder);
    pty.until("the file is written again", |screen| {
        !screen.contains("nothing is saved")
    });
    quit(pty);
}

#[test]
fn a_pipe_or_a_link_in_the_place_of_the_state_file_is_refused_and_the_program_goes_on() {
    let folder = Folder::new("state-odd");
    let hss = Simulate::start(&[], &[]);
    let pty = dashboard(&hss.url, folder.path(), &[]);
    whole(&pty);
    quit(pty);
    let file = database(&folder);
    fs::remove_file(&file).unwrap();
    let mode = rustix::fs::Mode::from_raw_mode(0o600);
    rustix::fs::mknodat(rustix::fs::CWD, &file, rustix::fs::FileType::Fifo, mode, 0).unwrap();
    let pty = dashboard(&hss.url, folder.path(), &[]);
    pty.shows("is a named pipe, not a regular file");
    whole(&pty);
    quit(pty);
    fs::remove_file(&file).unwrap();
    let target = folder.join("target");
    std::os::unix::fs::symlink(&target, &file).unwrap();
    let pty = dashboard(&hss.url, folder.path(), &[]);
    pty.shows("is a symbolic link, not a regular file");
    whole(&pty);
    quit(pty);
    assert!(!target.exists(), "the target of a dangling link is not made");
}

#[test]
fn a_state_file_that_is_removed_under_the_program_is_told_and_written_anew() {
    let folder = Folder::new("state-removed");
    let hss = Simulate::start(&[], &[]);
    let pty = dashboard(&hss.url, folder.path(), &[]);
    whole(&pty);
    for file in fs::read_dir(folder.join("hss-top")).unwrap() {
        fs::remove_file(file.unwrap().path()).unwrap();
    }
    pty.shows("the state file was removed; a new one is created");
    // All pages are asked for and written again, though HSS has renewed nothing.
    pty.until("a sweep", |_| {
        let file = rusqlite::Connection::open(database(&folder)).unwrap();
        let pages = file.query_row("SELECT count(*) FROM page", [], |row| row.get::<_, i64>(0));
        pages == Ok(6)
    });
    quit(pty);
    drop(hss);
}

#[test]
fn a_page_that_the_disk_altered_is_asked_for_again() {
    let folder = Folder::new("state-altered");
    let hss = Simulate::start(&[], &[]);
    let pty = dashboard(&hss.url, folder.path(), &[]);
    whole(&pty);
    quit(pty);
    let file = rusqlite::Connection::open(database(&folder)).unwrap();
    // Without the file that has the same pods in another form: a page that nobody reads is not noticed.
    fs::remove_file(format!("{}-pods", database(&folder).display())).unwrap();
    let query = "UPDATE page SET body = CAST(replace(CAST(body AS TEXT), 'Running', 'Runninf') AS BLOB) WHERE offset = 0";
    assert_eq!(file.execute(query, []), Ok(1));
    drop(file);
    let mut pty = dashboard(&hss.url, folder.path(), &["--interval", "1h"]);
    pty.shows("saved data was altered on the disk and is not used: 1 page");
    let screen = whole(&pty);
    assert!(!screen.contains("Runninf"), "{screen}");
    calls(&mut pty, 6);
    quit(pty);
}

#[test]
fn without_state_nothing_is_kept() {
    let folder = Folder::new("state-none");
    let hss = Simulate::start(&[], &[]);
    let pty = dashboard(&hss.url, folder.path(), &["--no-state"]);
    whole(&pty);
    quit(pty);
    let files = fs::read_dir(folder.join("hss-top")).unwrap();
    let names: Vec<String> = files
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    assert!(
        matches!(names.as_slice(), [one] if one.contains(".calls")),
        "times of calls only: {names:?}"
    );
}

#[test]
fn what_pods_used_in_one_run_the_next_one_shows_as_a_trend() {
    let folder = Folder::new("state-history");
    let hss = Simulate::start(&["--snapshot-every", "2s"], &[]);
    let mut pty = dashboard(&hss.url, folder.path(), &[]);
    whole(&pty);
    // The pod that uses the most of its memory, in a pane of its own.
    pty.keys("M\r");
    pty.until("a trend", |screen| {
        screen.contains("Cluster") && screen.contains(" · peak ")
    });
    quit(pty);

    let url = hss.url.clone();
    drop(hss);
    let mut pty = dashboard(&url, folder.path(), &[]);
    known_but_offline(&pty);
    pty.keys("M\r");
    let screen = pty.until("a trend", |screen| {
        screen.contains("Cluster") && screen.contains(" · peak ")
    });
    assert!(screen.contains("OFFLINE"), "{screen}");
    quit(pty);
}

/// A decision in one dashboard is visible in another with the same state, and survives the end of both.
#[test]
fn decisions_are_seen_by_another_dashboard_and_survive_a_kill() {
    let folder = Folder::new("state-decisions");
    let hss = Simulate::start(&["--snapshot-every", "3s"], &[]);
    let url = hss.url.clone();
    let mut one = dashboard(&url, folder.path(), &[]);
    one.keys("3");
    one.until("changes", |screen| screen.contains("HSS's list of"));
    // From here on nothing changes any more.
    drop(hss);
    one.until("the end of the service", |screen| screen.contains("OFFLINE"));
    one.keys("ga");
    let number = |screen: &str, word: &str| {
        let words: Vec<&str> = screen.split_whitespace().collect();
        let at = words.iter().position(|it| *it == word);
        at.and_then(|at| words[at - 1].parse::<u32>().ok())
    };
    // A row may be of more than one change of its pod.
    let screen = one.until("the acknowledgement", |screen| {
        number(screen, "acknowledged").is_some() && screen.contains("u undoes it")
    });
    let known = number(&screen, "acknowledged");
    let mut other = dashboard(&url, folder.path(), &[]);
    other.until("what was known", |screen| screen.contains("OFFLINE"));
    other.keys("3");
    other.until("the acknowledgement", |screen| {
        number(screen, "acknowledged") == known
    });
    other.keys("jjmm");
    other.until("the mute", |screen| screen.contains("muted hidden"));
    one.until("the mute of the other", |screen| screen.contains("muted hidden"));
    let unread = |screen: &str| number(screen, "unread");
    let left = one.until("the same in both", |screen| {
        screen.contains("unread") && unread(screen) == other.with_screen(|it| unread(&it.contents()))
    });
    let left = unread(&left);
    for dashboard in [&one, &other] {
        dashboard.signal("KILL");
    }
    drop((one, other));

    let mut again = dashboard(&url, folder.path(), &[]);
    again.until("what was known", |screen| screen.contains("OFFLINE"));
    again.keys("3");
    again.until("what was decided and read", |screen| {
        number(screen, "acknowledged") == known && screen.contains("muted hidden") && unread(screen) == left
    });
    again.keys("L");
    again.until("the list of decisions", |screen| {
        // Each is one, however many changes it is of.
        screen.contains("muted until it changes") && screen.contains(" 2 decisions")
    });
    again.keys("u");
    again.until("one decision less", |screen| screen.contains(" 1 decision"));
    again.keys("\x03");
    assert_eq!(again.ended().0, 0);
}
