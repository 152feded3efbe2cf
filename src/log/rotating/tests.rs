use super::*;
use std::os::unix::fs::symlink;
use tempfile::tempdir;

fn lines(path: &Path) -> Vec<String> {
    let text = fs::read_to_string(path).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

#[test]
fn there_are_at_most_five_files_each_within_its_limit() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("log");
    let mut log = Rotating::at(&path, 100);
    for number in 0..200 {
        let line = format!("line {number:04}\n");
        log.write_line(line.as_bytes(), Instant::now()).unwrap();
    }
    let files: Vec<PathBuf> = (0..10)
        .map(|number| {
            if number == 0 {
                path.clone()
            } else {
                numbered(&path, number)
            }
        })
        .filter(|path| path.exists())
        .collect();
    assert_eq!(files.len(), FILES);
    for file in &files {
        let metadata = fs::metadata(file).unwrap();
        assert!(metadata.len() <= 110, "{}", metadata.len());
        assert_eq!(metadata.permissions().mode() & 0o777, 0o600);
    }
    let newest = lines(&path).pop();
    assert_eq!(newest.as_deref(), Some("line 0199"));
    assert_eq!(lines(&numbered(&path, 1)).len(), 10);
}

#[test]
fn two_processes_share_the_files_and_lose_no_line_to_each_other() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("log");
    let (mut one, mut other) = (Rotating::at(&path, 100), Rotating::at(&path, 100));
    for number in 0..30 {
        for (log, name) in [(&mut one, "one  "), (&mut other, "other")] {
            let line = format!("{name} {number:04}\n");
            log.write_line(line.as_bytes(), Instant::now()).unwrap();
        }
    }
    let all: usize = (1..FILES)
        .map(|number| lines(&numbered(&path, number)).len())
        .sum();
    assert!(all + lines(&path).len() >= 40, "{all}");
    assert!(lines(&path).iter().all(|line| line.len() == 10));
}

#[test]
fn a_failed_write_is_reported_and_tried_again_after_a_pause() {
    let folder = tempdir().unwrap();
    let missing = folder.path().join("not-there");
    let path = missing.join("log");
    let mut log = Rotating::at(&path, 100);
    let start = Instant::now();
    assert_eq!(
        log.begin(start).map_err(|error| error.kind()),
        Err(io::ErrorKind::NotFound)
    );
    fs::create_dir(&missing).unwrap();
    assert_eq!(
        log.write_line(b"dropped\n", start + RESTS / 2),
        Err(LogFault::Failed(io::ErrorKind::NotFound))
    );
    assert!(!path.exists());
    log.write_line(b"kept\n", start + RESTS).unwrap();
    assert_eq!(lines(&path), ["kept"]);
}

#[test]
fn a_link_a_pipe_a_device_and_a_folder_are_refused() {
    let folder = tempdir().unwrap();
    let target = folder.path().join("target");
    fs::write(&target, "of somebody").unwrap();
    let [link, dangling, pipe] = ["link", "dangling", "pipe"].map(|name| folder.path().join(name));
    symlink(&target, &link).unwrap();
    symlink(folder.path().join("none"), &dangling).unwrap();
    rustix::fs::mknodat(
        rustix::fs::CWD,
        &pipe,
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::from_raw_mode(0o600),
        0,
    )
    .unwrap();
    let cases = [
        (link.as_path(), "a link"),
        (&dangling, "a link"),
        (Path::new("/dev/stderr"), "a link"),
        (&pipe, "a pipe"),
        (Path::new("/dev/null"), "a device"),
        (folder.path(), "a folder"),
    ];
    for (path, what) in cases {
        let error = Rotating::at(path, 100).begin(Instant::now()).unwrap_err();
        assert!(
            is_refusal(&error) && LogFault::from(&error).to_string().contains(what),
            "{}: {error}",
            path.display()
        );
    }
    assert_eq!(lines(&target), ["of somebody"]);
    assert!(
        !folder.path().join("none").exists(),
        "the target of a link is not created"
    );
}

#[test]
fn a_log_is_made_private_and_a_link_in_its_place_is_not_followed() {
    let folder = tempdir().unwrap();
    let [path, target] = ["log", "target"].map(|name| folder.path().join(name));
    fs::write(&path, "").unwrap();
    fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
    let mut log = Rotating::at(&path, 12);
    log.write_line(b"0123456789\n", Instant::now()).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
    fs::remove_file(&path).unwrap();
    symlink(&target, &path).unwrap();
    for at in [Instant::now(), Instant::now() + RESTS] {
        let fault = log.write_line(b"more\n", at).unwrap_err();
        assert!(fault.to_string().contains("a link"));
    }
    assert!(!target.exists());
    // The same when a new file is due, and when an older one has become a link.
    fs::remove_file(&path).unwrap();
    symlink(&target, numbered(&path, 1)).unwrap();
    for _ in 0..4 {
        let later = Instant::now() + 3 * RESTS;
        log.write_line(b"0123456789\n", later).unwrap();
    }
    assert!(!target.exists());
}

#[test]
fn a_log_that_was_removed_or_moved_is_created_again() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("log");
    let mut log = Rotating::at(&path, 100);
    log.write_line(b"one\n", Instant::now()).unwrap();
    fs::remove_file(&path).unwrap();
    log.write_line(b"two\n", Instant::now()).unwrap();
    assert_eq!(lines(&path), ["two"]);
    fs::rename(&path, folder.path().join("away")).unwrap();
    log.write_line(b"three\n", Instant::now()).unwrap();
    assert_eq!(lines(&path), ["three"]);
}

#[test]
fn a_line_after_a_torn_one_is_separate() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("log");
    let mut log = Rotating::at(&path, 100);
    fs::write(&path, "half a li").unwrap();
    log.torn = true;
    log.write_line(b"whole\n", Instant::now()).unwrap();
    log.write_line(b"next\n", Instant::now()).unwrap();
    assert_eq!(lines(&path), ["half a li", "whole", "next"]);
}
