use super::*;
use crate::fleet::fixture::node;
use crate::fleet::pod::NodeRecord;
use crate::fleet::store::{Records, SweepKind};
use crate::fleet::{Scope, SourceId, Store};
use crate::state::database::tests::Folder;
use std::os::unix::fs::{PermissionsExt as _, symlink};

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_760_000_000 + second).unwrap()
}

fn facts(asked_at: i64) -> Facts {
    Facts {
        asked_at: Some(at(asked_at)),
        snapshot_at: Some(at(-600)),
        total: Some(3),
        complete: true,
        pages: Some(1),
    }
}

fn fleet(names: &[&str]) -> Fleet {
    let mut store = Store::default();
    store.begin_sweep(SweepKind::Fleet);
    let node: Vec<NodeRecord> = names.iter().map(|name| node(name).node_record()).collect();
    let records = Records {
        node,
        ..Records::default()
    };
    store.merge(Some(SweepKind::Fleet), records);
    store.end_sweep(SweepKind::Fleet, &Scope::default(), at(0));
    store.snapshot()
}

/// A state file, with three pods beside it.
fn stored() -> (Folder, PathBuf) {
    let folder = Folder::new();
    let path = folder.file();
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, "the state").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    let folder_of_it = path.parent().unwrap();
    fs::set_permissions(folder_of_it, fs::Permissions::from_mode(0o700)).unwrap();
    write(&path, &fleet(&["a", "b", "c"]), &facts(0)).unwrap();
    (folder, path)
}

fn names(path: &Path) -> Option<Vec<String>> {
    let fleet = read(path, |_| true)?.pods.into_fleet(SourceId::default());
    let names = fleet
        .pods()
        .map(|pod| pod.name().value().unwrap().raw().to_owned());
    Some(names.collect())
}

#[test]
fn pods_are_read_as_they_were_written_with_their_facts() {
    let (_folder, path) = stored();
    let found = read(&path, |_| true).unwrap();
    assert_eq!((found.header.facts, found.pods.len()), (facts(0), 3));
    assert_eq!(names(&path).unwrap(), ["a", "b", "c"]);
    assert!(read(&path, |_| false).is_none());
    let mode = fs::metadata(place(&path)).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    // They are the pods of pages with the same facts; HSS may have been asked again.
    assert!(found.header.agrees(&facts(0)) && found.header.agrees(&facts(60)));
    for other in [
        Facts {
            complete: false,
            ..facts(0)
        },
        Facts {
            total: Some(4),
            ..facts(0)
        },
        Facts {
            snapshot_at: Some(at(-1)),
            ..facts(0)
        },
        Facts {
            pages: Some(2),
            ..facts(0)
        },
    ] {
        assert!(!found.header.agrees(&other), "{other:?}");
    }
}

#[test]
fn a_file_with_any_byte_altered_is_not_used() {
    let (_folder, path) = stored();
    let whole = fs::read(place(&path)).unwrap();
    for at in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x10;
        fs::write(place(&path), &bytes).unwrap();
        assert_eq!(names(&path), None, "byte {at} of {}", whole.len());
    }
    for length in 0..whole.len() {
        fs::write(place(&path), &whole[..length]).unwrap();
        assert_eq!(names(&path), None, "{length} bytes of {}", whole.len());
    }
    fs::write(place(&path), &whole).unwrap();
    assert!(names(&path).is_some());
}

#[test]
fn pods_of_another_state_file_are_not_used() {
    let (folder, path) = stored();
    let other = folder.path().join("hss-top/b.sqlite");
    fs::write(&other, "another state").unwrap();
    fs::set_permissions(&other, fs::Permissions::from_mode(0o600)).unwrap();
    fs::copy(place(&path), place(&other)).unwrap();
    assert_eq!(names(&other), None, "of another source");
    // A copy of the state, put back later, may have other pages.
    fs::copy(&path, folder.path().join("copy")).unwrap();
    fs::rename(folder.path().join("copy"), &path).unwrap();
    assert_eq!(names(&path), None, "of another file of this name");
    fs::remove_file(&path).unwrap();
    assert_eq!(names(&path), None, "of no file");
}

#[test]
fn a_link_in_place_of_the_file_is_not_followed() {
    let (folder, path) = stored();
    let elsewhere = folder.path().join("elsewhere");
    fs::rename(place(&path), &elsewhere).unwrap();
    symlink(&elsewhere, place(&path)).unwrap();
    assert_eq!(names(&path), None);
    // Neither when it is written.
    symlink(&elsewhere, with_suffix(&path, NEW)).unwrap();
    let before = fs::read(&elsewhere).unwrap();
    write(&path, &fleet(&["d"]), &facts(5)).unwrap();
    assert_eq!(fs::read(&elsewhere).unwrap(), before);
    assert_eq!(names(&path).unwrap(), ["d"]);
}

#[test]
fn a_file_that_others_may_read_or_write_is_not_used_and_not_corrected() {
    let (folder, path) = stored();
    let of = |path: &Path, mode: u32| {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        let is_used = names(path.parent().unwrap().join("a.sqlite").as_path()).is_some();
        assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, mode);
        is_used
    };
    for file in [path.clone(), place(&path)] {
        for (mode, is_used) in [(0o644, false), (0o620, false), (0o600, true)] {
            assert_eq!(of(&file, mode), is_used, "{mode:o}");
        }
    }
    fs::set_permissions(folder.path().join("hss-top"), fs::Permissions::from_mode(0o777)).unwrap();
    assert_eq!(names(&path), None, "anybody could replace it");
}

#[test]
fn a_list_is_as_young_as_the_last_time_hss_was_asked() {
    let (_folder, path) = stored();
    let age = |now: i64, most: u64| young(&path, at(now), Duration::from_secs(most)).is_some();
    assert!(age(0, 0) && age(60, 60));
    assert!(!age(61, 60) && !age(-1, 60), "too old, or not yet");
    note_asked(&path, &facts(600));
    assert!(age(660, 60) && names(&path).is_some());
    // Older, or of another list: it is not noted.
    for other in [
        facts(300),
        Facts {
            total: Some(4),
            ..facts(900)
        },
    ] {
        note_asked(&path, &other);
        assert_eq!(read(&path, |_| true).unwrap().header.facts, facts(600));
    }
}

#[test]
fn only_a_short_regular_file_is_read_without_a_thread() {
    let (folder, path) = stored();
    let pipe = folder.path().join("pipe");
    let made = rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, rustix::fs::Mode::RWXU);
    made.unwrap();
    let link = folder.path().join("link");
    symlink(place(&path), &link).unwrap();
    let long = folder.path().join("long");
    fs::write(&long, vec![1; 2 << 20]).unwrap();
    for other in [&pipe, &link, &long, &folder.path().join("missing")] {
        assert!(!is_in_memory(other), "{}", other.display());
    }
    // Whether this one is in memory is the system's matter; what is read is the same.
    let _ = is_in_memory(&place(&path));
    assert!(young(&path, at(0), Duration::ZERO).is_some());
}

#[test]
fn nothing_is_written_of_a_list_that_is_not_complete_or_has_no_pods() {
    let (_folder, path) = stored();
    let incomplete = Facts {
        complete: false,
        ..facts(0)
    };
    write(&path, &fleet(&["a"]), &incomplete).unwrap();
    assert!(!place(&path).exists());
    write(&path, &fleet(&[]), &facts(0)).unwrap();
    assert!(!place(&path).exists());
    // There is nothing to note it in.
    note_asked(&path, &facts(1));
    discard(&path);
}

#[test]
fn a_file_that_cannot_be_written_leaves_none() {
    let (_folder, path) = stored();
    fs::create_dir(with_suffix(&path, NEW)).unwrap();
    assert!(write(&path, &fleet(&["a"]), &facts(0)).is_err());
    assert!(!place(&path).exists());
}
