//! What the HTTP library failed at, in words.
//!
//! Owns the way from a chain of library errors to the one that says what happened. Must not: show a URL.

use std::error::Error as StdError;
use std::io;

use crate::fleet::RemoteText;

/// The innermost cause: the one that says what happened.
pub(super) fn cause_of(error: &dyn StdError) -> RemoteText {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    let cause = innermost.to_string();
    let hint = HINTS
        .iter()
        .find(|(sign, _)| cause.contains(sign))
        .map(|(_, hint)| *hint);
    RemoteText::message(&match hint {
        Some(hint) => format!("{cause} ({hint})"),
        None => cause,
    })
}

/// What the TLS library's words mean for an operator.
const HINTS: [(&str, &str); 5] = [
    (
        "UnknownIssuer",
        "nobody we trust signed the server's certificate: --ca-file names a private authority",
    ),
    (
        "NotValidForName",
        "the certificate is for another host: is the endpoint right?",
    ),
    (
        "certificate expired",
        "the server's certificate is too old, or this machine's clock is wrong",
    ),
    (
        "CertificateRequired",
        "the server wants a client certificate: --client-cert-file and --client-key-file",
    ),
    ("ProtocolVersion", "the server has no TLS 1.2 or newer"),
];

/// Whether the connection ended before the answer did.
pub(super) fn was_cut(error: &reqwest::Error) -> bool {
    let mut next: Option<&dyn StdError> = Some(error);
    while let Some(error) = next {
        let kind = error.downcast_ref::<io::Error>().map(io::Error::kind);
        if matches!(
            kind,
            Some(io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe)
        ) {
            return true;
        }
        // hyper does not say it by type: "connection closed before message completed".
        if error.to_string().contains("before message completed") {
            return true;
        }
        next = error.source();
    }
    false
}
