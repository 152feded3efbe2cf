use super::super::tests::Folder;
use super::*;
use std::os::unix::fs::{chown, symlink};

#[test]
fn a_file_that_another_program_puts_aside_meanwhile_needs_no_other_mode() {
    let folder = Folder::new();
    let place = folder.path().join("a");
    fs::write(&place, "x").unwrap();
    let found = fs::metadata(&place).unwrap();
    fs::remove_file(&place).unwrap();
    tighten(&place, &found, OTHERS).unwrap();
}

#[test]
fn a_file_that_others_may_write_is_corrected_if_ours_and_else_refused() {
    let (root, us, other) = (0, 1000, 1001);
    for (owner, mode, verdict) in [
        (us, 0o600, FileVerdict::Fine),
        (us, 0o700, FileVerdict::Fine),
        (us, 0o620, FileVerdict::Tighten),
        (us, 0o602, FileVerdict::Tighten),
        (us, 0o640, FileVerdict::Tighten),
        (us, 0o604, FileVerdict::Tighten),
        (other, 0o600, FileVerdict::Foreign),
        (root, 0o600, FileVerdict::Fine),
        (root, 0o644, FileVerdict::Fine),
        (root, 0o664, FileVerdict::Foreign),
        (root, 0o1777, FileVerdict::Foreign),
    ] {
        assert_eq!(judge(owner, mode, us, OTHERS), verdict, "{owner} {mode:o}");
    }
    assert_eq!(judge(us, 0o755, us, OTHERS_WRITE), FileVerdict::Fine);
    assert_eq!(judge(us, 0o775, us, OTHERS_WRITE), FileVerdict::Tighten);
    assert_eq!(judge(us, 0o757, us, OTHERS_WRITE), FileVerdict::Tighten);
    assert_eq!(
        judge(us, 0o600, root, OTHERS),
        FileVerdict::Foreign,
        "root trusts no other user"
    );
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().mode() & 0o777
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

#[test]
fn the_rights_of_others_are_removed_and_only_write_access_is_reported() {
    let folder = Folder::new();
    let (file, place) = (folder.file(), folder.path().join("hss-top"));
    assert_eq!(prepare(&file).unwrap().1, None);
    assert_eq!((mode(&file), mode(&place)), (0o600, 0o700));
    set_mode(&file, 0o644);
    set_mode(&place, 0o755);
    assert_eq!(prepare(&file).unwrap().1, None);
    assert_eq!((mode(&file), mode(&place)), (0o600, 0o755));
    set_mode(&file, 0o664);
    let told = prepare(&file).unwrap().1.unwrap();
    assert!(
        told.contains("other users could write to ") && told.contains("a.sqlite"),
        "{told}"
    );
    set_mode(&place, 0o777);
    let told = prepare(&file).unwrap().1.unwrap();
    assert!(told.contains("hss-top;"), "{told}");
    assert_eq!((mode(&file), mode(&place)), (0o600, 0o755));
    set_mode(&place, 0o700);
    assert_eq!(prepare(&file).unwrap().1, None);
}

/// Why the file is refused.
fn refused(file: &Path) -> String {
    let Err(FileRefusal::Unfit(why)) = prepare(file) else {
        panic!("it is used");
    };
    assert!(matches!(readable(file), Err(FileRefusal::Unfit(_)) | Ok(None)));
    why
}

#[test]
fn a_link_is_not_followed_and_its_target_is_never_created() {
    let folder = Folder::new();
    let (file, target) = (folder.file(), folder.path().join("target"));
    prepare(&file).unwrap();
    fs::remove_file(&file).unwrap();
    symlink(&target, &file).unwrap();
    assert_eq!(refused(&file), "a.sqlite is a symbolic link, not a regular file");
    assert!(!target.exists());
    fs::write(&target, "").unwrap();
    assert_eq!(refused(&file), "a.sqlite is a symbolic link, not a regular file");
    fs::remove_file(&file).unwrap();
    symlink(&target, with_suffix(&file, "-wal")).unwrap();
    assert_eq!(
        refused(&file),
        "a.sqlite-wal is a symbolic link, not a regular file"
    );
    assert!(!file.exists());
}

#[test]
fn a_file_that_cannot_be_made_or_examined_is_an_error_of_the_system() {
    let failed = |path: &Path| matches!(prepare(path), Err(FileRefusal::Failed(_)));
    assert!(
        failed(Path::new("/proc/self/a.sqlite")),
        "no file can be made there"
    );
    let folder = Folder::new();
    // With a suffix the name is too long for the file system.
    let long = folder.path().join("x".repeat(250));
    assert!(failed(&long));
    assert!(matches!(check_file(&long), Ok(None)));
    assert!(check_file(&with_suffix(&long, "-journal")).is_err());
}

#[test]
fn a_folder_may_be_a_link_and_its_target_is_named() {
    let folder = Folder::new();
    let (real, link) = (folder.path().join("real"), folder.path().join("link"));
    fs::create_dir_all(&real).unwrap();
    symlink(&real, &link).unwrap();
    let (path, _) = prepare(&link.join("a.sqlite")).unwrap();
    assert_eq!(path, real.canonicalize().unwrap().join("a.sqlite"));
}

#[test]
fn a_pipe_a_socket_and_a_folder_in_place_of_the_file_are_named() {
    let folder = Folder::new();
    let file = folder.file();
    prepare(&file).unwrap();
    fs::remove_file(&file).unwrap();
    make_pipe(&file);
    assert_eq!(refused(&file), "a.sqlite is a named pipe, not a regular file");
    fs::remove_file(&file).unwrap();
    drop(std::os::unix::net::UnixListener::bind(&file).unwrap());
    assert_eq!(refused(&file), "a.sqlite is a socket, not a regular file");
    fs::remove_file(&file).unwrap();
    fs::create_dir(&file).unwrap();
    assert_eq!(refused(&file), "a.sqlite is a folder, not a regular file");
    assert_eq!(odd_kind(&fs::metadata("/dev/null").unwrap()), Some("a device"));
    for suffix in SIDE_SUFFIXES {
        fs::remove_dir(&file).unwrap_or_default();
        make_pipe(&with_suffix(&file, suffix));
        assert!(refused(&file).contains("a named pipe"), "{suffix}");
        fs::remove_file(with_suffix(&file, suffix)).unwrap();
    }
}

fn make_pipe(path: &Path) {
    let kind = rustix::fs::FileType::Fifo;
    let mode = rustix::fs::Mode::from_raw_mode(0o600);
    rustix::fs::mknodat(rustix::fs::CWD, path, kind, mode, 0).unwrap();
}

#[test]
fn a_file_for_reading_is_checked_and_never_created() {
    let folder = Folder::new();
    assert!(readable(&folder.file()).unwrap().is_none());
    prepare(&folder.file()).unwrap();
    assert!(readable(&folder.file()).unwrap().is_some());
}

#[test]
fn files_next_to_a_file_for_reading_are_checked_too() {
    for suffix in SIDE_SUFFIXES {
        let folder = Folder::new();
        prepare(&folder.file()).unwrap();
        make_pipe(&with_suffix(&folder.file(), suffix));
        let why = readable(&folder.file()).unwrap_err();
        assert!(
            matches!(&why, FileRefusal::Unfit(why) if why.contains("a named pipe")),
            "{why:?}"
        );
    }
}

/// Only root can give a file away. For other users the test uses /tmp, which is open to all.
#[test]
fn a_file_of_another_user_is_not_used() {
    const NOBODY: Option<u32> = Some(65534);
    if us() != 0 {
        let why = refused(Path::new("/tmp/hss-top-of-others.sqlite"));
        assert!(why.starts_with("other users can write to the folder "), "{why}");
        return;
    }
    let folder = Folder::new();
    let file = folder.file();
    prepare(&file).unwrap();
    chown(&file, NOBODY, None).unwrap();
    assert_eq!(refused(&file), "other users can write to a.sqlite");
    fs::remove_file(&file).unwrap();
    chown(file.parent().unwrap(), NOBODY, None).unwrap();
    let why = refused(&file);
    assert!(why.starts_with("other users can write to the folder "), "{why}");
    assert!(!file.exists(), "nothing is created there");
}
