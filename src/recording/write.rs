//! Writes a recording, line by line.
//!
//! Owns the order of the lines and the compression. The last barrier against secrets is here: each line is
//! redacted again before it leaves. Must not: open a file.

use std::io::{self, BufWriter, Write};

use flate2::Compression;
use flate2::write::GzEncoder;
use serde::Serialize;

use super::clean::is_list;
use super::{RecordedExchange, RecordingEnd, RecordingHeader};
use crate::secrets;

/// A recording that is being written.
#[derive(Debug)]
pub struct RecordingWriter<W: Write> {
    out: RecordingOutput<W>,
    exchanges: u64,
}

/// Where the lines go.
#[derive(Debug)]
enum RecordingOutput<W: Write> {
    Plain(BufWriter<W>),
    Gzip(GzEncoder<BufWriter<W>>),
}

impl<W: Write> RecordingWriter<W> {
    /// Begins a recording, in gzip if `is_gzip`.
    ///
    /// # Errors
    /// Those of the output.
    pub fn begin(out: W, is_gzip: bool, header: &RecordingHeader) -> io::Result<Self> {
        let out = BufWriter::new(out);
        let out = if is_gzip {
            RecordingOutput::Gzip(GzEncoder::new(out, Compression::default()))
        } else {
            RecordingOutput::Plain(out)
        };
        let mut writer = Self { out, exchanges: 0 };
        writer.line(header, false)?;
        writer.flush()?;
        Ok(writer)
    }

    /// Writes an exchange.
    ///
    /// # Errors
    /// Those of the output.
    pub fn write(&mut self, exchange: &RecordedExchange) -> io::Result<()> {
        self.exchanges += 1;
        self.line(exchange, exchange.body.as_deref().is_some_and(is_list))?;
        self.flush()
    }

    /// Writes the last line: why it ended, and after which time. Returns the number of exchanges and the
    /// output.
    ///
    /// # Errors
    /// Those of the output.
    pub fn finish(mut self, end: &str, at_ms: u64) -> io::Result<(u64, W)> {
        let last = RecordingEnd {
            end: end.to_owned(),
            at_ms,
            exchanges: self.exchanges,
        };
        self.line(&last, false)?;
        let out = match self.out {
            RecordingOutput::Plain(out) => out,
            RecordingOutput::Gzip(encoder) => encoder.finish()?,
        };
        let out = out.into_inner().map_err(io::IntoInnerError::into_error)?;
        Ok((self.exchanges, out))
    }

    /// Writes a line. In a list of pods, a name that looks like a short password is a name.
    fn line(&mut self, line: &impl Serialize, is_list: bool) -> io::Result<()> {
        let text = serde_json::to_string(line)?;
        let text = if is_list {
            secrets::redact_page(text)
        } else {
            secrets::redact(&text).into_owned()
        };
        match &mut self.out {
            RecordingOutput::Plain(out) => writeln!(out, "{text}"),
            RecordingOutput::Gzip(out) => writeln!(out, "{text}"),
        }
    }

    /// A reader at the other end of a pipe sees each exchange when it happened. Gzip would grow with each
    /// flush, so it is written as its buffer fills.
    fn flush(&mut self) -> io::Result<()> {
        match &mut self.out {
            RecordingOutput::Plain(out) => out.flush(),
            RecordingOutput::Gzip(_) => Ok(()),
        }
    }
}
