//! Reads a recording, which may come from a stranger and be damaged.
//!
//! Owns the limits and the sentences about what is wrong, each with the number of its line. The whole file is
//! read and checked at the start; its bodies are held compressed, so a recording of a large fleet needs a
//! fraction of its size. Must not: choose an answer.

use std::collections::HashMap;
use std::fmt;
use std::io::{self, BufRead, BufReader, Read, Write as _};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use flate2::Compression;
use flate2::read::{DeflateDecoder, MultiGzDecoder};
use flate2::write::DeflateEncoder;
use jiff::Timestamp;
use reqwest::StatusCode;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

use super::{RecordedExchange, RecordedFailure, RecordingEnd, RecordingHeader, VERSION};
use crate::files;
use crate::fleet::RemoteText;
use crate::hss::transport::TransportLimits;

/// The longest line in bytes: a page of the largest size, escaped.
const LONGEST_LINE: u64 = 32 << 20;
/// The most bytes of a recording after decompression.
const MOST_BYTES: u64 = 8 << 30;
/// The most exchanges.
const MOST_EXCHANGES: usize = 1_000_000;
/// The most bytes that the compressed bodies may need.
const MOST_HELD: usize = 256 << 20;
/// The longest recording.
const LONGEST: Duration = Duration::from_hours(24 * 31);
/// When a recording may have begun, in seconds since 1970: from 2020, when the API appeared, to 2100.
const RECORDED: Range<i64> = 1_577_836_800..4_102_444_800;
/// The first two bytes of a file in gzip.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// Why a recording cannot be used.
#[derive(Debug)]
pub struct RecordingFault {
    path: PathBuf,
    /// The line, from 1, if one is damaged.
    line: Option<usize>,
    flaw: Flaw,
}

/// What is wrong with it.
#[derive(Debug)]
enum Flaw {
    System(io::Error),
    NotAFile,
    NotARecording,
    Newer(u32),
    Header(String),
    Line(String),
    LongLine,
    TooLarge,
    NoEnd,
    AfterEnd,
    Count { told: u64, found: usize },
}

impl fmt::Display for RecordingFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.path.display())?;
        if let Some(line) = self.line {
            write!(f, " line {line}")?;
        }
        f.write_str(": ")?;
        match &self.flaw {
            Flaw::System(error) => error.fmt(f),
            Flaw::NotAFile => f.write_str("a recording must be a regular file"),
            Flaw::NotARecording => f.write_str("this is not a recording of hss-top record"),
            Flaw::Newer(version) => write!(
                f,
                "this recording has version {version}, but this hss-top reads version {VERSION}: a newer hss-top can replay it"
            ),
            Flaw::Header(why) => write!(f, "the first line of the recording is damaged: {why}"),
            Flaw::Line(why) => write!(f, "damaged: {why}"),
            Flaw::LongLine => write!(f, "damaged: the line is longer than {} MiB", LONGEST_LINE >> 20),
            Flaw::TooLarge => f.write_str("the recording is too large to be replayed"),
            Flaw::NoEnd => f.write_str("the recording is truncated: its last line is missing"),
            Flaw::AfterEnd => f.write_str("damaged: there is more after the last line of the recording"),
            Flaw::Count { told, found } => write!(
                f,
                "damaged: the last line counts {told} exchanges, but there are {found}"
            ),
        }
    }
}

impl std::error::Error for RecordingFault {}

/// A recorded exchange, checked.
#[derive(Debug)]
pub(super) struct Taped {
    /// From the beginning of the recording to that of the call.
    pub(super) at: Duration,
    /// How long the call took.
    pub(super) took: Duration,
    /// The answer, or why there was none.
    pub(super) outcome: Result<TapedAnswer, RecordedFailure>,
}

/// A recorded answer.
#[derive(Debug)]
pub(super) struct TapedAnswer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    /// The compressed body, or why there is none.
    pub(super) body: Result<PackedBody, RecordedFailure>,
}

/// A compressed body.
#[derive(Debug)]
pub(super) struct PackedBody(Box<[u8]>);

impl PackedBody {
    fn pack(text: &str) -> io::Result<Self> {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(text.as_bytes())?;
        Ok(Self(encoder.finish()?.into_boxed_slice()))
    }

    /// The body as it was received.
    pub(super) fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        // What was compressed here can be decompressed.
        let _ = DeflateDecoder::new(&*self.0).read_to_end(&mut bytes);
        bytes
    }
}

/// A recording in memory.
#[derive(Debug, Clone)]
pub struct Recording {
    /// Its first line.
    pub header: RecordingHeader,
    /// Its last line.
    pub end: RecordingEnd,
    /// The exchanges of each call, in the order in which they were made.
    pub(super) calls: Arc<HashMap<String, Vec<Taped>>>,
}

/// The name of a call in a recording.
pub(super) fn call_name(method: &str, path: &str, query: &str) -> String {
    let mark = if query.is_empty() { "" } else { "?" };
    format!("{method} {path}{mark}{query}")
}

impl Recording {
    /// Reads the recording in this file.
    ///
    /// # Errors
    /// The file cannot be read, is damaged, or is from a newer hss-top.
    pub fn open(path: &Path) -> Result<Self, RecordingFault> {
        let fault = |flaw| RecordingFault {
            path: path.to_owned(),
            line: None,
            flaw,
        };
        let file = files::open(path).map_err(|error| fault(Flaw::System(error)))?;
        let metadata = file.metadata().map_err(|error| fault(Flaw::System(error)))?;
        if !metadata.is_file() {
            return Err(fault(Flaw::NotAFile));
        }
        let mut file = BufReader::with_capacity(256 << 10, file);
        let begins = file.fill_buf().map_err(|error| fault(Flaw::System(error)))?;
        if begins.starts_with(&GZIP) {
            read(path, &mut BufReader::new(MultiGzDecoder::new(file)))
        } else {
            read(path, &mut file)
        }
    }

    /// How long was recorded.
    pub fn length(&self) -> Duration {
        Duration::from_millis(self.end.at_ms)
    }

    /// The number of recorded exchanges.
    pub fn exchanges(&self) -> u64 {
        self.end.exchanges
    }

    /// When it began, plus `after`.
    pub(super) fn time(&self, after: Duration) -> Timestamp {
        let began = self.header.recorded_at;
        began.checked_add(after).unwrap_or(began)
    }
}

/// Reads and checks every line.
fn read(path: &Path, lines: &mut impl BufRead) -> Result<Recording, RecordingFault> {
    let (mut number, mut bytes, mut line) = (0, 0, Vec::new());
    let mut next = |number: &mut usize, line: &mut Vec<u8>| -> Result<bool, RecordingFault> {
        *number += 1;
        line.clear();
        let fault = |flaw| RecordingFault {
            path: path.to_owned(),
            line: Some(*number),
            flaw,
        };
        let read = lines.take(LONGEST_LINE + 1).read_until(b'\n', line);
        let read = read.map_err(|error| match error.kind() {
            // Of gzip: the end is missing, or a checksum is wrong.
            io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData => {
                fault(Flaw::Line(error.to_string()))
            }
            _ => fault(Flaw::System(error)),
        })?;
        if line.len() as u64 > LONGEST_LINE {
            return Err(fault(Flaw::LongLine));
        }
        bytes += read as u64;
        if bytes > MOST_BYTES {
            return Err(fault(Flaw::TooLarge));
        }
        Ok(read > 0)
    };
    let at = |line, flaw| RecordingFault {
        path: path.to_owned(),
        line: Some(line),
        flaw,
    };
    next(&mut number, &mut line)?;
    let header = header(&line).map_err(|flaw| RecordingFault {
        path: path.to_owned(),
        line: matches!(flaw, Flaw::Header(_)).then_some(1),
        flaw,
    })?;
    let (mut calls, mut exchanges, mut held) = (HashMap::<String, Vec<Taped>>::new(), 0, 0);
    let end = loop {
        if !next(&mut number, &mut line)? {
            return Err(at(number, Flaw::NoEnd));
        }
        // A line without its end is one that was cut.
        if line.last() != Some(&b'\n') {
            return Err(at(number, Flaw::NoEnd));
        }
        if let Some(end) = last_line(&line) {
            if next(&mut number, &mut line)? {
                return Err(at(number, Flaw::AfterEnd));
            }
            break end;
        }
        let (name, taped) = exchange(&line).map_err(|why| at(number, Flaw::Line(why)))?;
        exchanges += 1;
        if let Some((name, taped)) = name.zip(taped) {
            held += name.len() + taped.held();
            calls.entry(name).or_default().push(taped);
        }
        if exchanges > MOST_EXCHANGES || held > MOST_HELD {
            return Err(at(number, Flaw::TooLarge));
        }
    };
    if end.exchanges != exchanges as u64 {
        let told = end.exchanges;
        return Err(at(
            number - 1,
            Flaw::Count {
                told,
                found: exchanges,
            },
        ));
    }
    if Duration::from_millis(end.at_ms) > LONGEST {
        return Err(at(number - 1, Flaw::Line("it is longer than a month".to_owned())));
    }
    Ok(Recording {
        header,
        end,
        calls: Arc::new(calls),
    })
}

impl Taped {
    /// The bytes that it needs, about.
    fn held(&self) -> usize {
        let body = self
            .outcome
            .as_ref()
            .ok()
            .and_then(|answer| answer.body.as_ref().ok());
        size_of::<Self>() + body.map_or(0, |body| body.0.len())
    }
}

fn header(line: &[u8]) -> Result<RecordingHeader, Flaw> {
    /// The part that shows whether it is one, and can be read.
    #[derive(serde::Deserialize)]
    struct Version {
        hss_top_recording: u32,
    }
    let version: Version = serde_json::from_slice(line).map_err(|_| Flaw::NotARecording)?;
    if version.hss_top_recording > VERSION {
        return Err(Flaw::Newer(version.hss_top_recording));
    }
    let header: RecordingHeader =
        serde_json::from_slice(line).map_err(|error| Flaw::Header(error.to_string()))?;
    if !RECORDED.contains(&header.recorded_at.as_second()) {
        return Err(Flaw::Header(
            "recorded_at is before 2020 or after 2100".to_owned(),
        ));
    }
    Ok(safe(header))
}

/// The header with texts that may be shown. They come from the file of a stranger.
fn safe(header: RecordingHeader) -> RecordingHeader {
    let safe = |text: &str| RemoteText::name(text).shown().to_owned();
    RecordingHeader {
        place: safe(&header.place),
        enterprise_project_id: safe(&header.enterprise_project_id),
        cluster: header.cluster.as_deref().map(safe),
        namespace: header.namespace.as_deref().map(safe),
        pod: header.pod.as_deref().map(safe),
        ..header
    }
}

fn last_line(line: &[u8]) -> Option<RecordingEnd> {
    // Only a short line can be the last one, so that a page is not parsed twice.
    const LONGEST_END: usize = 4096;
    (line.len() <= LONGEST_END)
        .then(|| serde_json::from_slice(line).ok())
        .flatten()
}

/// An exchange and the name of its call; neither if it is not replayed.
fn exchange(line: &[u8]) -> Result<(Option<String>, Option<Taped>), String> {
    let recorded: RecordedExchange = serde_json::from_slice(line).map_err(|error| error.to_string())?;
    let at = Duration::from_millis(recorded.at_ms);
    if at > LONGEST {
        return Err("at_ms is over a month".to_owned());
    }
    let outcome = match (recorded.status, recorded.body, recorded.error) {
        (None, _, None) => return Err("it has neither a status nor an error".to_owned()),
        (None, _, Some(failure)) => Err(failure),
        // The outcome of a sign-in.
        (Some(_), None, None) => return Ok((None, None)),
        (Some(status), body, failure) => Ok(TapedAnswer {
            status: StatusCode::from_u16(status).map_err(|_| format!("{status} is no HTTP status"))?,
            headers: headers(&recorded.headers)?,
            body: match (body, failure) {
                (Some(body), None) => Ok(packed(&body)?),
                (_, failure) => Err(failure.unwrap_or_default()),
            },
        }),
    };
    let name = call_name(&recorded.method, &recorded.path, &recorded.query);
    let took = Duration::from_millis(recorded.took_ms).min(LONGEST);
    Ok((Some(name), Some(Taped { at, took, outcome })))
}

fn packed(body: &str) -> Result<PackedBody, String> {
    if body.len() > TransportLimits::default().body {
        return Err("the body is larger than a page can be".to_owned());
    }
    PackedBody::pack(body).map_err(|error| error.to_string())
}

fn headers(pairs: &[(String, String)]) -> Result<HeaderMap, String> {
    let mut headers = HeaderMap::new();
    for (name, value) in pairs {
        let name =
            HeaderName::from_bytes(name.as_bytes()).map_err(|_| "a header has no valid name".to_owned())?;
        let value =
            HeaderValue::from_str(value).map_err(|_| format!("the header {name} has no valid value"))?;
        headers
            .try_append(name, value)
            .map_err(|_| "there are too many headers".to_owned())?;
    }
    Ok(headers)
}
