//! Checks whether a file may be used, before its name is passed to SQLite, which opens by name.
//!
//! Only regular files, never through a link, and nothing that another user may write to: the contents of the
//! state are shown as pods, and SQLite itself has been attacked through crafted files. The folder is checked
//! first: if nobody else may write to it, nobody can replace the file between the check and the opening. Must
//! not: open the file (a named pipe would block us, and closing any other handle drops SQLite's locks on the
//! file).

use std::fs::{self, DirBuilder, Metadata, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{
    DirBuilderExt as _, FileTypeExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _,
};
use std::path::{Path, PathBuf};

use super::file::{SIDE_SUFFIXES, with_suffix};

/// The mode bits that let others write.
const OTHERS_WRITE: u32 = 0o022;
/// The mode bits that give others any right.
const OTHERS: u32 = 0o077;

/// Why a file is not used.
#[derive(Debug)]
pub(in crate::state) enum FileRefusal {
    /// It is not a suitable file; the sentence says why.
    Unfit(String),
    /// It cannot be examined or created.
    Failed(io::Error),
}

impl From<io::Error> for FileRefusal {
    fn from(error: io::Error) -> Self {
        Self::Failed(error)
    }
}

/// What to do about a file or folder before it is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum FileVerdict {
    Fine,
    /// It is ours, but others have too many rights.
    Tighten,
    /// Others may write to it, and we may not change that.
    Foreign,
}

/// Decides by owner and mode; `us` is our user id, and `too_much` the rights that others must not have.
fn judge(owner: u32, mode: u32, us: u32, too_much: u32) -> FileVerdict {
    const ROOT: u32 = 0;
    if owner == us {
        return if mode & too_much == 0 {
            FileVerdict::Fine
        } else {
            FileVerdict::Tighten
        };
    }
    // Root may write anywhere anyway.
    if owner == ROOT && mode & OTHERS_WRITE == 0 {
        FileVerdict::Fine
    } else {
        FileVerdict::Foreign
    }
}

/// Creates the folder and the file if missing, private from the start, and checks both and the files that
/// SQLite keeps next to the file. Returns the name to open, in which no folder is a link, and a notice if
/// there is one.
pub(in crate::state) fn prepare(path: &Path) -> Result<(PathBuf, Option<String>), FileRefusal> {
    if let Some(folder) = path.parent() {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    let (path, mut told) = check_folder(path)?;
    for suffix in SIDE_SUFFIXES {
        told = told.or(check_file(&with_suffix(&path, suffix))?);
    }
    told = told.or(check_file(&path)?);
    make(&path)?;
    Ok((path, told))
}

/// Checks a file for reading only. Returns the name to open, if the file exists.
pub(in crate::state) fn readable(path: &Path) -> Result<Option<PathBuf>, FileRefusal> {
    if !path.exists() {
        return Ok(None);
    }
    let (path, _) = check_folder(path)?;
    for suffix in SIDE_SUFFIXES {
        check_file(&with_suffix(&path, suffix))?;
    }
    check_file(&path)?;
    Ok(Some(path))
}

/// Checks a file and one beside it, without correcting anything: that is for [`prepare`], which reports it. Returns the name to
/// open, if the file exists and all that belongs to it is as it must be.
pub(in crate::state) fn fit_as_it_is(path: &Path, beside: &str) -> Option<PathBuf> {
    let folder = path.parent().unwrap_or(Path::new("/")).canonicalize().ok()?;
    let is_fine = |found: &Metadata, too_much: u32| {
        judge(found.uid(), found.mode(), us(), too_much) == FileVerdict::Fine
    };
    if !is_fine(&fs::symlink_metadata(&folder).ok()?, OTHERS_WRITE) {
        return None;
    }
    let path = folder.join(path.file_name()?);
    let suffixes = SIDE_SUFFIXES.into_iter().chain(["", beside]);
    for suffix in suffixes {
        match fs::symlink_metadata(with_suffix(&path, suffix)) {
            Ok(found) if odd_kind(&found).is_none() && is_fine(&found, OTHERS) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound && SIDE_SUFFIXES.contains(&suffix) => {}
            _ => return None,
        }
    }
    Some(path)
}

/// Creates an empty file if it is missing. SQLite gives its own files next to it the same mode.
fn make(path: &Path) -> io::Result<()> {
    // Never through a link, not even a dangling one.
    match OpenOptions::new()
        .create_new(true)
        .write(true)
        .mode(0o600)
        .open(path)
    {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

fn us() -> u32 {
    rustix::process::geteuid().as_raw()
}

/// Checks the folder of `path`.
fn check_folder(path: &Path) -> Result<(PathBuf, Option<String>), FileRefusal> {
    let name = path
        .file_name()
        .ok_or_else(|| io::Error::from(io::ErrorKind::InvalidFilename))?;
    let folder = path.parent().unwrap_or(Path::new("/")).canonicalize()?;
    let found = fs::symlink_metadata(&folder)?;
    let mut told = None;
    match judge(found.uid(), found.mode(), us(), OTHERS_WRITE) {
        FileVerdict::Fine => {}
        FileVerdict::Tighten => {
            tighten(&folder, &found, OTHERS_WRITE)?;
            told = Some(format!(
                "other users could write to {}; their right was removed",
                folder.display()
            ));
        }
        FileVerdict::Foreign => {
            let why = format!("other users can write to the folder {}", folder.display());
            return Err(FileRefusal::Unfit(why));
        }
    }
    Ok((folder.join(name), told))
}

/// Checks a file, if it exists.
fn check_file(path: &Path) -> Result<Option<String>, FileRefusal> {
    let found = match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        found => found?,
    };
    let name = || path.file_name().unwrap_or_default().display().to_string();
    if let Some(kind) = odd_kind(&found) {
        return Err(FileRefusal::Unfit(format!(
            "{} is {kind}, not a regular file",
            name()
        )));
    }
    match judge(found.uid(), found.mode(), us(), OTHERS) {
        FileVerdict::Fine => Ok(None),
        FileVerdict::Tighten => {
            tighten(path, &found, OTHERS)?;
            // That others could read it was the owner's choice or the umask; its contents are not in doubt.
            let told = format!(
                "other users could write to {}; their right was removed",
                path.display()
            );
            Ok((found.mode() & OTHERS_WRITE != 0).then_some(told))
        }
        FileVerdict::Foreign => Err(FileRefusal::Unfit(format!("other users can write to {}", name()))),
    }
}

fn tighten(path: &Path, found: &Metadata, too_much: u32) -> io::Result<()> {
    tracing::info!(path = %path.display(), mode = found.mode(), "rights of others taken away");
    match fs::set_permissions(path, Permissions::from_mode(found.mode() & 0o7777 & !too_much)) {
        // Another program has put it aside since then: the next one is made with the right mode.
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        tightened => tightened,
    }
}

/// The kind of something that is not a regular file.
fn odd_kind(found: &Metadata) -> Option<&'static str> {
    let kind = found.file_type();
    let kinds = [
        (kind.is_symlink(), "a symbolic link"),
        (kind.is_fifo(), "a named pipe"),
        (kind.is_socket(), "a socket"),
        (kind.is_dir(), "a folder"),
        (kind.is_char_device() || kind.is_block_device(), "a device"),
        (!kind.is_file(), "something unknown"),
    ];
    kinds.iter().find(|(is_it, _)| *is_it).map(|(_, name)| *name)
}

#[cfg(test)]
mod tests {
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
}
