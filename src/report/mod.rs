//! Exported files of pods.
//!
//! Owns the content of such a file and how it is written: the rows of a view, all of them and in their order,
//! as CSV for people ([`csv`]) or JSON for programs ([`json`]), from one table of columns ([`columns`]). Only
//! the owner can read a file (0600), it never overwrites another, and it appears complete or not at all
//! ([`mod@file`]). No part of its name comes from the API. [`worker`] writes it outside of the event loop.
//! [`listing`] writes pods one after the other, for programs that read a pipe; [`junit`] and [`nagios`] write
//! a verdict. [`copied`] has the texts for the clipboard. [`shift`] is the report of a shift, with the same
//! rules. Must not: know the screen.

pub mod change_record;
pub mod columns;
pub mod copied;
pub mod csv;
pub mod file;
pub mod json;
pub mod junit;
pub mod listing;
pub mod mute_record;
pub mod nagios;
pub mod namespaces;
pub mod record;
pub mod record_table;
pub mod shift;
pub mod usage_record;
pub mod worker;

use std::fmt;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use crate::fleet::View;
use crate::fleet::overview::Overview;
use columns::ExportRow;
use file::Unfinished;
use shift::{ReportedShift, ShiftReport};

/// The format of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// A table for a spreadsheet.
    Csv,
    /// An array of objects for a program.
    Json,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 2] = [Self::Csv, Self::Json];

    /// Its name, which is also the extension of its files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Json => "json",
        }
    }
}

/// A request to write a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportRequest {
    /// The format.
    pub format: Format,
    /// The path of a new file, or of a folder. `None`: the current folder.
    pub path: Option<PathBuf>,
}

/// An [`ExportRequest`] with the rows to write.
#[derive(Debug, Clone)]
pub struct ExportJob {
    /// The file.
    pub request: ExportRequest,
    /// Whether a CSV file begins with a byte order mark.
    pub csv_mark: bool,
    /// The rows.
    pub view: View,
    /// Which of its rows: the pods, or their namespaces.
    pub subject: ExportSubject,
    /// The current time.
    pub now: Timestamp,
    /// The time by the service's clock, which the ages of pods are measured with: that of now, or of the moment shown.
    pub service_now: Timestamp,
    /// The moment of the pods, where that is not now.
    pub as_of: Option<Timestamp>,
}

/// The kind of rows in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportSubject {
    /// A pod each.
    Pods,
    /// A namespace each, with the counts over its pods.
    Namespaces,
}

impl ExportSubject {
    /// The noun for the rows: singular and plural.
    pub const fn nouns(self) -> [&'static str; 2] {
        match self {
            Self::Pods => ["pod", "pods"],
            Self::Namespaces => ["namespace", "namespaces"],
        }
    }
}

/// A file to write.
#[derive(Debug, Clone)]
pub enum FileJob {
    /// The pods of a view.
    Pods(Box<ExportJob>),
    /// The report of a shift, to this path.
    Shift(Box<ShiftReport>, Option<PathBuf>),
}

/// A file that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrittenFile {
    /// Where it is.
    pub path: PathBuf,
    /// How many of them are in it.
    pub rows: usize,
    /// The noun for them: singular and plural.
    pub nouns: [&'static str; 2],
    /// The time of a report.
    pub shift: Option<ReportedShift>,
    /// The scope of a report in words; `None` if it is of all pods.
    pub scope: Option<String>,
}

/// What a report has lines of: one, and many.
pub const FINDINGS: [&str; 2] = ["finding", "findings"];

/// The most files without a name from the user that can be written in one second.
const MOST_IN_A_SECOND: u32 = 100;
/// The number of rows between two checks whether the file is still wanted.
const ROWS_AT_ONCE: usize = 1024;

/// Why there is no file, as a sentence with the requested path.
#[derive(Debug)]
pub struct ExportFault {
    path: Option<PathBuf>,
    error: io::Error,
}

impl fmt::Display for ExportFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, error } = self;
        match path {
            Some(path) => write!(f, "no file written: {}", file::refusal(path, error)),
            None => write!(f, "no file written: {error}"),
        }
    }
}

impl std::error::Error for ExportFault {}

/// Writes the file of `job`, unless `wanted` returns false in the meantime.
///
/// # Errors
/// After an error no file remains, not even a part of one.
pub fn write(job: &ExportJob, wanted: &dyn Fn() -> bool) -> Result<WrittenFile, ExportFault> {
    let ExportRequest { format, path } = &job.request;
    let [one, kind] = job.subject.nouns();
    let naming = FileNaming {
        path: path.as_deref(),
        kind,
        extension: format.name(),
        now: job.now,
        as_of: job.as_of,
    };
    written(&naming, [one, kind], |file| match job.subject {
        ExportSubject::Pods => fill(file, job, wanted),
        ExportSubject::Namespaces => fill_namespaces(file, job),
    })
}

/// Writes the report of a shift.
///
/// # Errors
/// After an error no file remains, not even a part of one.
pub fn write_shift(report: &ShiftReport, path: Option<&Path>) -> Result<WrittenFile, ExportFault> {
    let naming = FileNaming {
        path,
        kind: "report",
        extension: "md",
        now: report.to,
        as_of: None,
    };
    let file = written(&naming, FINDINGS, |file| {
        let (text, findings) = report.markdown();
        file.write_all(text.as_bytes())?;
        Ok(findings)
    })?;
    Ok(WrittenFile {
        shift: Some(report.shift()),
        scope: report
            .selection
            .as_ref()
            .and_then(|only| only.scope_words.clone()),
        ..file
    })
}

/// The name of a file.
struct FileNaming<'a> {
    /// The path of a new file, or of a folder. `None`: the current folder.
    path: Option<&'a Path>,
    /// Its content, for the default name.
    kind: &'static str,
    extension: &'static str,
    now: Timestamp,
    /// The moment that its content is of, where that is not now.
    as_of: Option<Timestamp>,
}

/// Makes a file with the output of `fill`; it appears complete or not at all, and never replaces another.
fn written(
    naming: &FileNaming<'_>,
    nouns: [&'static str; 2],
    content: impl FnOnce(&mut Unfinished) -> io::Result<usize>,
) -> Result<WrittenFile, ExportFault> {
    let (folder, name) = match naming.path {
        Some(path) if !path.is_dir() => (path.parent().unwrap_or(Path::new("")), path.file_name()),
        Some(folder) => (folder, None),
        None => (Path::new(""), None),
    };
    let failure = |error: io::Error| ExportFault {
        path: naming.path.map(Path::to_owned),
        error,
    };
    let mut file = Unfinished::within(folder).map_err(failure)?;
    let rows = content(&mut file).map_err(failure)?;
    file.sync().map_err(failure)?;
    let finished = |path| WrittenFile {
        path,
        rows,
        nouns,
        shift: None,
        scope: None,
    };
    if let Some(name) = name {
        let path = folder.join(name);
        file.appear_as(&path).map_err(failure)?;
        return Ok(finished(path));
    }
    let time = |at: Timestamp| at.strftime("%Y%m%dT%H%M%SZ").to_string();
    let time = match naming.as_of {
        Some(at) => format!("as-of-{}", time(at)),
        None => time(naming.now),
    };
    for number in 1..=MOST_IN_A_SECOND {
        let suffix = if number == 1 {
            String::new()
        } else {
            format!("-{number}")
        };
        let (kind, extension) = (naming.kind, naming.extension);
        let path = folder.join(format!("hss-top-{kind}-{time}{suffix}.{extension}"));
        match file.appear_as(&path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            result => {
                return result.map(|()| finished(path)).map_err(failure);
            }
        }
    }
    Err(failure(io::ErrorKind::AlreadyExists.into()))
}

/// Writes the namespaces; returns how many.
fn fill_namespaces(file: &mut Unfinished, job: &ExportJob) -> io::Result<usize> {
    let mut out = BufWriter::with_capacity(64 << 10, file);
    let overview = job.view.overview.as_deref();
    let rows = overview.into_iter().flat_map(Overview::rows);
    match job.request.format {
        Format::Csv => namespaces::write_csv(rows, job.csv_mark, &mut out)?,
        Format::Json => namespaces::write_json(rows, &mut out)?,
    }
    out.flush()?;
    Ok(overview.map_or(0, Overview::len))
}

/// Writes the rows; returns how many.
fn fill(file: &mut Unfinished, job: &ExportJob, wanted: &dyn Fn() -> bool) -> io::Result<usize> {
    // A view of many rows may only know those around the cursor.
    let whole = if job.view.knows(0..job.view.len()) {
        job.view.clone()
    } else {
        View::of(&job.view.fleet, job.view.request.clone(), job.service_now)
    };
    let mut out = BufWriter::with_capacity(64 << 10, file);
    let mut written = 0;
    let rows = (0..whole.len()).map_while(|place| {
        if place.is_multiple_of(ROWS_AT_ONCE) && !wanted() {
            return None;
        }
        let pod = whole.pod(place)?;
        written += 1;
        Some(ExportRow {
            gone_since: whole.gone_since(place),
            pod,
        })
    });
    match job.request.format {
        Format::Csv => csv::write(rows, job.as_of, job.csv_mark, &mut out)?,
        Format::Json => json::write(rows, job.as_of, &mut out)?,
    }
    out.flush()?;
    if written == whole.len() {
        Ok(written)
    } else {
        Err(io::Error::new(
            io::ErrorKind::Interrupted,
            "the export was cancelled",
        ))
    }
}

#[cfg(test)]
mod tests;
