use super::*;
use crate::fleet::fields::PodField;
use crate::fleet::fixture::node;
use crate::fleet::query::Query;
use crate::fleet::view::Unsorted;
use crate::fleet::{Fleet, ViewRequest};
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use tempfile::{TempDir, tempdir};

/// The names of the files in a folder.
fn names(folder: &TempDir) -> Vec<String> {
    let names = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = names
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

fn job(format: Format, path: &Path, pods: usize) -> ExportJob {
    let fleet: Fleet = (0..pods)
        .map(|at| node(&format!("pod-{at:05}")).build())
        .collect();
    let request = ViewRequest {
        filter: Query::parse("pod:pod-*").unwrap(),
        sort: PodField::Name.first_direction().reversed(),
        ..ViewRequest::default()
    };
    let now = "2025-08-15T09:30:15Z".parse().unwrap();
    ExportJob {
        request: ExportRequest {
            format,
            path: Some(path.to_owned()),
        },
        csv_mark: true,
        view: View::of(&fleet, request, now),
        subject: ExportSubject::Pods,
        now,
        service_now: now,
        as_of: None,
    }
}

#[test]
fn files_in_a_folder_are_named_by_the_time_and_private() {
    let folder = tempdir().unwrap();
    let job = job(Format::Csv, folder.path(), 3);
    for name in [
        "hss-top-pods-20250815T093015Z.csv",
        "hss-top-pods-20250815T093015Z-2.csv",
    ] {
        let written = write(&job, &|| true).unwrap();
        assert_eq!(
            written,
            WrittenFile {
                path: folder.path().join(name),
                rows: 3,
                nouns: ExportSubject::Pods.nouns(),
                shift: None,
                scope: None,
            }
        );
        assert_eq!(fs::metadata(written.path).unwrap().mode() & 0o777, 0o600);
    }
    assert_eq!(names(&folder).len(), 2, "and no other file");
}

#[test]
fn all_rows_are_written_in_the_order_of_the_view() {
    let folder = tempdir().unwrap();
    let job = job(Format::Csv, &folder.path().join("a.csv"), 5000);
    write(&job, &|| true).unwrap();
    let text = fs::read_to_string(folder.path().join("a.csv")).unwrap();
    let names: Vec<&str> = text
        .lines()
        .skip(1)
        .map(|line| line.split(',').next().unwrap())
        .collect();
    assert_eq!(
        (names.len(), names[0], names[4999]),
        (5000, "pod-04999", "pod-00000")
    );
    assert!(names.is_sorted_by(|a, b| a > b));
}

#[test]
fn a_view_that_only_knows_a_window_is_written_completely() {
    let folder = tempdir().unwrap();
    let mut job = job(Format::Json, &folder.path().join("a.json"), 3000);
    let unsorted = Unsorted::of(&job.view.fleet, job.view.request.clone(), job.service_now);
    job.view = unsorted.window(0..50);
    assert_eq!(write(&job, &|| true).unwrap().rows, 3000);
    let text = fs::read_to_string(folder.path().join("a.json")).unwrap();
    assert!(
        text.starts_with("[\n{\"pod_name\":\"pod-02999\""),
        "in the order of the view"
    );
    assert_eq!(text.lines().count(), 3002);
}

#[test]
fn no_file_is_overwritten() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("a.json");
    fs::write(&path, "mine").unwrap();
    let error = write(&job(Format::Json, &path, 1), &|| true)
        .unwrap_err()
        .to_string();
    let there = format!(
        "no file written: {} already exists; choose another name",
        path.display()
    );
    assert_eq!(error, there);
    assert_eq!(fs::read_to_string(&path).unwrap(), "mine");
    std::os::unix::fs::symlink(folder.path().join("nowhere"), folder.path().join("link")).unwrap();
    let error = write(&job(Format::Json, &folder.path().join("link"), 1), &|| true)
        .unwrap_err()
        .to_string();
    assert!(
        error.ends_with("link already exists; choose another name"),
        "{error}"
    );
    assert_eq!(
        names(&folder),
        ["a.json", "link"],
        "a link that leads nowhere is not followed"
    );
}

#[test]
fn a_cancelled_file_leaves_nothing() {
    let folder = tempdir().unwrap();
    let looks = std::cell::Cell::new(0);
    let wanted = || {
        looks.set(looks.get() + 1);
        looks.get() < 3
    };
    let error = write(&job(Format::Csv, folder.path(), 5000), &wanted)
        .unwrap_err()
        .to_string();
    assert!(error.contains("cancelled"), "{error}");
    assert_eq!((looks.get(), names(&folder).len()), (3, 0));
    let missing = folder.path().join("missing/a.csv");
    assert!(
        write(&job(Format::Csv, &missing, 1), &|| true)
            .unwrap_err()
            .to_string()
            .contains("No such file")
    );
}
