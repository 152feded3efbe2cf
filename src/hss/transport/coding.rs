//! Content codings: decodes the body of an answer.
//!
//! Owns decompression and its size limit, which applies to the output. The HTTP library's own decompression
//! is switched off: it reads only the first member of a gzip body (RFC 1952 allows several, and proxies that
//! compress in pieces send them), and supports neither `x-gzip` nor capitals (RFC 9110, 8.4.1), so a good
//! page would arrive truncated or as garbage. flate2 does the inflating. Must not: wait, or know what the
//! bytes say.

use std::collections::TryReserveError;
use std::io::{self, Write};

use flate2::write::GzDecoder;
use reqwest::header::{CONTENT_ENCODING, HeaderMap};

use super::TransportLimits;
use crate::fleet::RemoteText;
use crate::hss::error::Error;

/// The value of `Accept-Encoding`.
pub(super) const ACCEPTED: &str = "gzip";
/// The most nested codings that are decoded. More than one is unusual already.
const MOST_CODINGS: usize = 3;

/// Why a body cannot be decoded.
#[derive(Debug)]
pub(super) enum CodingFault {
    /// The output is larger than the limit.
    TooLarge,
    /// The body ends early.
    CutOff,
    /// The body does not match its `Content-Encoding`, or the coding is unknown.
    Unreadable(String),
    /// Not enough memory.
    Memory(TryReserveError),
}

impl CodingFault {
    /// The error for a body that cannot be decoded.
    pub(super) fn into_error(self, limits: &TransportLimits) -> Error {
        match self {
            Self::TooLarge => Error::TooLarge { limit: limits.body },
            Self::CutOff => Error::Incomplete,
            Self::Unreadable(why) => Error::Unreadable {
                why: RemoteText::message(&why),
            },
            Self::Memory(why) => Error::Machine {
                cause: RemoteText::message(&why.to_string()),
            },
        }
    }
}

/// Decodes a body piece by piece as it arrives.
pub(super) struct BodyDecoder {
    /// How many times the body is compressed with gzip.
    codings: usize,
    stage: Stage,
}

enum Stage {
    Plain(Bounded),
    Gzip(Box<Gunzip>),
}

impl BodyDecoder {
    /// A decoder for a body with these headers. At most `limit` bytes may come out; about `expected` go in.
    pub(super) fn of(headers: &HeaderMap, limit: usize, expected: usize) -> Result<Self, CodingFault> {
        let codings = codings(headers)?;
        let mut sink = Bounded::new(limit);
        if codings == 0 {
            sink.bytes
                .try_reserve_exact(expected)
                .map_err(CodingFault::Memory)?;
        }
        Ok(Self {
            codings,
            stage: Stage::of(codings, sink),
        })
    }

    /// Takes the next bytes; returns how many came out of them.
    pub(super) fn take(&mut self, bytes: &[u8]) -> Result<usize, CodingFault> {
        let before = self.stage.sink().bytes.len();
        let result = self.stage.take(bytes);
        let sink = self.stage.sink();
        result.map_err(|error| sink.fault(&error))?;
        Ok(sink.bytes.len() - before)
    }

    /// The decoded body, once its end has arrived.
    pub(super) fn finish(self) -> Result<Vec<u8>, CodingFault> {
        let limit = self.stage.sink().limit;
        let mut bytes = self.stage.finish()?;
        for _ in 1..self.codings {
            let mut stage = Stage::of(1, Bounded::new(limit));
            let result = stage.take(&bytes);
            result.map_err(|error| stage.sink().fault(&error))?;
            bytes = stage.finish()?;
        }
        Ok(bytes)
    }
}

/// How many times a body with these headers is compressed with gzip.
fn codings(headers: &HeaderMap) -> Result<usize, CodingFault> {
    let values = headers.get_all(CONTENT_ENCODING).into_iter();
    let text: Vec<String> = values
        .map(|value| String::from_utf8_lossy(value.as_bytes()).to_lowercase())
        .collect();
    let mut times = 0;
    for coding in text.iter().flat_map(|text| text.split(',')).map(str::trim) {
        match coding {
            "" | "identity" => {}
            "gzip" | "x-gzip" if times < MOST_CODINGS => times += 1,
            other => {
                return Err(CodingFault::Unreadable(format!(
                    "its Content-Encoding is {other}"
                )));
            }
        }
    }
    Ok(times)
}

impl Stage {
    fn of(codings: usize, sink: Bounded) -> Self {
        if codings == 0 {
            Self::Plain(sink)
        } else {
            Self::Gzip(Box::new(Gunzip::new(sink)))
        }
    }

    fn sink(&self) -> &Bounded {
        match self {
            Self::Plain(sink) => sink,
            Self::Gzip(gunzip) => gunzip.member.get_ref(),
        }
    }

    fn take(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Plain(sink) => sink.write_all(bytes),
            Self::Gzip(gunzip) => gunzip.take(bytes),
        }
    }

    fn finish(self) -> Result<Vec<u8>, CodingFault> {
        match self {
            Self::Plain(sink) => Ok(sink.bytes),
            Self::Gzip(gunzip) => gunzip.finish(),
        }
    }
}

/// A gzip body: one member after the other.
struct Gunzip {
    member: GzDecoder<Bounded>,
    /// How many members are complete.
    complete: usize,
    /// Whether any byte arrived: a body without one is empty, whatever its coding.
    has_begun: bool,
    /// What follows the last member is not another member. It is ignored, as gzip itself does.
    is_over: bool,
}

impl Gunzip {
    fn new(sink: Bounded) -> Self {
        Self {
            member: GzDecoder::new(sink),
            complete: 0,
            has_begun: false,
            is_over: false,
        }
    }

    fn take(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        self.has_begun |= !bytes.is_empty();
        while !bytes.is_empty() && !self.is_over {
            match self.member.write(bytes) {
                // The member is complete: it takes no more bytes.
                Ok(0) => self.begin_another()?,
                Ok(taken) => bytes = bytes.get(taken..).unwrap_or_default(),
                Err(_) if self.is_between() => self.is_over = true,
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn begin_another(&mut self) -> io::Result<()> {
        self.member.try_finish()?;
        let sink = std::mem::take(self.member.get_mut());
        self.member = GzDecoder::new(sink);
        self.complete += 1;
        Ok(())
    }

    /// Whether no member is unfinished.
    fn is_between(&self) -> bool {
        (self.complete > 0 || !self.has_begun) && self.member.header().is_none()
    }

    fn finish(mut self) -> Result<Vec<u8>, CodingFault> {
        // Only a complete member takes no more bytes. That distinguishes a truncated member from a damaged
        // one.
        if !self.is_between() && !matches!(self.member.write(&[0]), Ok(0)) {
            let fault = self.member.get_ref().fault(&io::ErrorKind::UnexpectedEof.into());
            return Err(fault);
        }
        if !self.is_between() {
            let checked = self.member.try_finish();
            checked.map_err(|error| self.member.get_ref().fault(&error))?;
        }
        Ok(std::mem::take(&mut self.member.get_mut().bytes))
    }
}

/// A buffer with a size limit.
#[derive(Debug, Default)]
struct Bounded {
    bytes: Vec<u8>,
    limit: usize,
    /// Why it took no more bytes.
    full: Option<Full>,
}

#[derive(Debug)]
enum Full {
    Limit,
    Memory(TryReserveError),
}

impl Bounded {
    fn new(limit: usize) -> Self {
        Self {
            limit,
            ..Self::default()
        }
    }

    /// The fault that explains a write error.
    fn fault(&self, error: &io::Error) -> CodingFault {
        match &self.full {
            Some(Full::Limit) => CodingFault::TooLarge,
            Some(Full::Memory(why)) => CodingFault::Memory(why.clone()),
            None if error.kind() == io::ErrorKind::UnexpectedEof => CodingFault::CutOff,
            None => CodingFault::Unreadable(error.to_string()),
        }
    }
}

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.bytes.len() + bytes.len() > self.limit {
            self.full = Some(Full::Limit);
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        if let Err(why) = self.bytes.try_reserve(bytes.len()) {
            self.full = Some(Full::Memory(why));
            return Err(io::ErrorKind::OutOfMemory.into());
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use proptest::prelude::*;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn decode(coding: &str, pieces: &[&[u8]], limit: usize) -> Result<Vec<u8>, CodingFault> {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_ENCODING, coding.parse().unwrap());
        let mut decoder = BodyDecoder::of(&headers, limit, 0)?;
        for piece in pieces {
            decoder.take(piece)?;
        }
        decoder.finish()
    }

    #[test]
    fn gzip_has_several_names_and_may_be_applied_twice() {
        let body = gzip(b"{}");
        for coding in ["gzip", "GZIP", "x-gzip", " X-GZip", "identity, gzip", "gzip,"] {
            assert_eq!(decode(coding, &[&body], 9).unwrap(), b"{}", "{coding}");
        }
        assert_eq!(decode("gzip, gzip", &[&gzip(&body)], 99).unwrap(), b"{}");
        assert_eq!(decode("identity", &[b"{", b"}"], 9).unwrap(), b"{}");
        for coding in ["br", "gzip, br", "deflate", "gzip, gzip, gzip, gzip"] {
            let Err(CodingFault::Unreadable(why)) = decode(coding, &[&body], 9) else {
                panic!("{coding}")
            };
            assert!(why.starts_with("its Content-Encoding is "), "{why}");
        }
    }

    #[test]
    fn every_member_is_read_and_the_limit_applies_to_their_sum() {
        let members = [gzip(b"{\"a\""), gzip(b""), gzip(b":1}")].concat();
        assert_eq!(decode("gzip", &[&members], 7).unwrap(), b"{\"a\":1}");
        assert!(matches!(
            decode("gzip", &[&members], 6),
            Err(CodingFault::TooLarge)
        ));
        let padded = [members.as_slice(), &[0; 512]].concat();
        assert_eq!(decode("gzip", &[&padded], 7).unwrap(), b"{\"a\":1}");
        let begun = [members.as_slice(), &gzip(b"x")[..5]].concat();
        assert_eq!(
            decode("gzip", &[&begun], 7).unwrap(),
            b"{\"a\":1}",
            "no data was lost"
        );
    }

    #[test]
    fn a_truncated_or_damaged_body_is_not_accepted_as_complete() {
        let body = gzip(b"{\"a\":1}");
        assert_eq!(decode("gzip", &[], 99).unwrap(), b"");
        for end in 1..body.len() {
            let cut = decode("gzip", &[&body[..end]], 99);
            assert!(matches!(cut, Err(CodingFault::CutOff)), "{end}: {cut:?}");
        }
        let two = [gzip(b"{"), gzip(b"}")].concat();
        let cut = decode("gzip", &[&two[..two.len() - 4]], 99);
        assert!(matches!(cut, Err(CodingFault::CutOff)), "{cut:?}");
        let mut damaged = body.clone();
        let checksum = damaged.len() - 6;
        damaged[checksum] ^= 1;
        let result = decode("gzip", &[&damaged], 99);
        assert!(matches!(result, Err(CodingFault::Unreadable(_))), "{result:?}");
        let plain = decode("gzip", &[b"{\"a\":1, \"b\": 2, \"c\": 3}"], 99);
        assert!(matches!(plain, Err(CodingFault::Unreadable(_))), "{plain:?}");
    }

    proptest! {
        #[test]
        fn members_and_pieces_do_not_change_the_result(
            members in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 1..4),
            size in 1_usize..50,
        ) {
            let body: Vec<u8> = members.iter().flat_map(|member| gzip(member)).collect();
            let pieces: Vec<&[u8]> = body.chunks(size).collect();
            prop_assert_eq!(decode("gzip", &pieces, 200).unwrap(), members.concat());
        }
    }
}
