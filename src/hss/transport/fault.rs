//! What the HTTP library failed at, in words.
//!
//! Owns the way from a chain of library errors to the one that says what happened, and whether it was the network,
//! the answer or this machine. Must not: show a URL.

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

/// A tunnel that a proxy refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RefusedTunnel {
    /// It asks for a user and a password (407).
    AsksForPassword,
    /// With another status, which the library keeps to itself.
    Otherwise,
}

/// Whether the proxy opened no tunnel. The library keeps its type to itself.
pub(super) fn refused_tunnel(error: &(dyn StdError + 'static)) -> Option<RefusedTunnel> {
    chain(error).find_map(|error| match error.to_string().strip_prefix("tunnel error: ")? {
        "proxy authorization required" => Some(RefusedTunnel::AsksForPassword),
        "unsuccessful" => Some(RefusedTunnel::Otherwise),
        _ => None,
    })
}

/// What this machine ran out of, if that is why nothing was sent: the network has no part in it.
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

/// Whether the answer has more headers, or longer ones, than the HTTP library takes.
pub(super) fn has_too_large_a_head(error: &(dyn StdError + 'static)) -> bool {
    chain(error).any(|error| error.to_string().contains("message head is too large"))
}

/// Whether the operating system failed; if not, the answer was no HTTP.
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
    // hyper does not say it by type: "connection closed before message completed".
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
