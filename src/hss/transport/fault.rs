//! What an error of the HTTP library means.
//!
//! Owns the search through a chain of library errors for the one that says what happened, and whether the
//! network, the answer or this machine failed. Must not: show a URL.

use std::error::Error as StdError;
use std::io;

use rustix::io::Errno;

use crate::fleet::RemoteText;

/// The innermost cause: the one that says what happened.
pub(super) fn cause_of(error: &(dyn StdError + 'static)) -> RemoteText {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    RemoteText::message(&innermost.to_string())
}

/// Why a proxy refused a tunnel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RefusedTunnel {
    /// The proxy asks for a user and a password (407).
    AsksForPassword,
    /// Another status, which the library does not expose.
    Otherwise,
}

/// Why the proxy refused the tunnel, if that is the error. The library does not expose its type, so its text
/// is compared.
pub(super) fn refused_tunnel(error: &(dyn StdError + 'static)) -> Option<RefusedTunnel> {
    chain(error).find_map(|error| match error.to_string().strip_prefix("tunnel error: ")? {
        "proxy authorization required" => Some(RefusedTunnel::AsksForPassword),
        "unsuccessful" => Some(RefusedTunnel::Otherwise),
        _ => None,
    })
}

/// What this machine ran out of, if that is why nothing was sent; then the network is not to blame.
pub(super) fn lacks(error: &(dyn StdError + 'static)) -> Option<RemoteText> {
    let lacking = [
        Errno::MFILE,
        Errno::NFILE,
        Errno::NOMEM,
        Errno::NOBUFS,
        Errno::AGAIN,
    ];
    io_errors(error)
        .find(|error| {
            let code = error.raw_os_error();
            code.is_some_and(|code| lacking.iter().any(|it| it.raw_os_error() == code))
        })
        .map(|error| RemoteText::message(&error.to_string()))
}

/// Whether the answer has more or longer headers than the HTTP library accepts.
pub(super) fn has_too_large_a_head(error: &(dyn StdError + 'static)) -> bool {
    chain(error).any(|error| error.to_string().contains("message head is too large"))
}

/// Whether the operating system reported the error; if not, the answer was not HTTP.
pub(super) fn is_of_the_system(error: &(dyn StdError + 'static)) -> bool {
    io_errors(error).next().is_some()
}

/// Whether the connection ended before the answer did.
pub(super) fn was_cut(error: &(dyn StdError + 'static)) -> bool {
    let ended = |error: &io::Error| {
        matches!(
            error.kind(),
            io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe
        )
    };
    // hyper has no type for it: "connection closed before message completed".
    io_errors(error).any(ended)
        || chain(error).any(|error| error.to_string().contains("before message completed"))
}

fn io_errors<'a>(error: &'a (dyn StdError + 'static)) -> impl Iterator<Item = &'a io::Error> {
    chain(error).filter_map(|error| error.downcast_ref::<io::Error>())
}

fn chain<'a>(error: &'a (dyn StdError + 'static)) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    let mut next = Some(error);
    std::iter::from_fn(move || {
        let this = next?;
        next = this.source();
        Some(this)
    })
}
