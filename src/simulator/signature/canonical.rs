//! The header of a signed call, and the canonical request that is rebuilt from the call.

use std::collections::BTreeMap;

use hyper::http::HeaderMap;
use hyper::http::request::Parts;
use jiff::Timestamp;

use super::super::hex;

/// The parts of the `Authorization` header.
pub(super) struct SignatureHeader<'a> {
    pub(super) access: &'a str,
    pub(super) signed_headers: &'a str,
    pub(super) signature: &'a str,
}

/// Whether a call is signed.
pub(in crate::simulator) fn is_signed(headers: &HeaderMap) -> bool {
    text(headers, "authorization").starts_with("SDK-HMAC-SHA256 ")
}

pub(super) fn text<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers
        .get(name)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
        .trim()
}

pub(super) fn claim(headers: &HeaderMap) -> Option<SignatureHeader<'_>> {
    let parts = text(headers, "authorization").strip_prefix("SDK-HMAC-SHA256 ")?;
    let parts: BTreeMap<&str, &str> = parts
        .split(',')
        .filter_map(|part| part.trim().split_once('='))
        .collect();
    Some(SignatureHeader {
        access: parts.get("Access")?,
        signed_headers: parts.get("SignedHeaders")?,
        signature: parts.get("Signature")?,
    })
}

pub(super) fn parse_date(date: &str) -> Option<Timestamp> {
    let civil = jiff::civil::DateTime::strptime("%Y%m%dT%H%M%SZ", date).ok()?;
    civil
        .to_zoned_datetime(jiff::tz::TimeZone::UTC)
        .ok()
        .map(|at| at.timestamp())
}

pub(super) fn canonical(call: &Parts, body: &[u8], names: &[&str]) -> String {
    let mut path = recode(call.uri.path());
    if !path.ends_with('/') {
        path.push('/');
    }
    let mut query: Vec<(String, String)> = call
        .uri
        .query()
        .unwrap_or_default()
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (recode(name), recode(value)))
        .collect();
    query.sort();
    let query: Vec<String> = query
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let headers: String = names
        .iter()
        .flat_map(|name| [*name, ":", text(&call.headers, name), "\n"])
        .collect();
    let (method, query, signed) = (call.method.as_str(), query.join("&"), names.join(";"));
    format!(
        "{method}\n{path}\n{query}\n{headers}\n{signed}\n{}",
        hex::sha256(body)
    )
}

/// Percent-encodes a text in the one form that signatures use.
fn recode(text: &str) -> String {
    let mut recoded = String::new();
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        let escaped = rest
            .get(..2)
            .filter(|_| *first == b'%')
            .and_then(|digits| hex::decode(std::str::from_utf8(digits).ok()?));
        let byte = escaped.and_then(|bytes| bytes.first().copied());
        if byte.is_some() {
            rest = rest.get(2..).unwrap_or_default();
        }
        let byte = byte.unwrap_or(*first);
        if byte.is_ascii_alphanumeric() || b"-_.~/".contains(&byte) && (byte != b'/' || *first == b'/') {
            recoded.push(char::from(byte));
        } else {
            recoded.push('%');
            recoded.push_str(&hex::encode(&[byte]).to_uppercase());
        }
    }
    recoded
}
