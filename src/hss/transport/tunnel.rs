//! The status with which a proxy refuses a tunnel.
//!
//! The HTTP library reports only the status 407 of a refused `CONNECT`. But a proxy that forbids the host,
//! one that cannot reach it and one that redirects to a sign-in page call for different measures. So the
//! tunnel is requested once more and the status line is read. Must not: show what it sends, or read more than
//! that line.

use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::fault::RefusedTunnel;
use super::proxy::Proxy;
use crate::hss::endpoint::Endpoint;

/// How long the proxy may take to answer.
const PATIENCE: Duration = Duration::from_secs(3);
/// The length of `HTTP/1.1 502` in bytes: no more is read.
const LINE: usize = 12;

/// The status with which `proxy` refuses a tunnel to `endpoint`; `None` if it cannot be read, or if the
/// tunnel opens this time.
pub(super) async fn status(refused: RefusedTunnel, proxy: &Proxy, endpoint: &Endpoint) -> Option<u16> {
    if refused == RefusedTunnel::AsksForPassword {
        return Some(407);
    }
    let (place, authorization) = proxy.in_plain()?;
    let asked = ask(place, authorization.as_ref(), endpoint);
    let line = timeout(PATIENCE, asked).await.ok()??;
    read(&line)
}

async fn ask(place: &str, authorization: Option<&SecretString>, endpoint: &Endpoint) -> Option<[u8; LINE]> {
    let mut stream = TcpStream::connect(place).await.ok()?;
    let port = endpoint.url("/", "").port_or_known_default()?;
    let target = format!("{}:{port}", endpoint.host());
    let header = authorization.map(|value| format!("Proxy-Authorization: {}\r\n", value.expose_secret()));
    let request = format!(
        "CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n{}\r\n",
        header.unwrap_or_default()
    );
    stream.write_all(request.as_bytes()).await.ok()?;
    let mut line = [0; LINE];
    stream.read_exact(&mut line).await.ok()?;
    Some(line)
}

/// The status of an HTTP status line, unless it is a success.
fn read(line: &[u8]) -> Option<u16> {
    let text = std::str::from_utf8(line).ok()?;
    let (version, status) = text.split_once(' ')?;
    let status = status.parse().ok()?;
    (version.starts_with("HTTP/1.") && (300..600).contains(&status)).then_some(status)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_status_is_read_from_the_status_line() {
        for (line, status) in [
            ("HTTP/1.1 403", Some(403)),
            ("HTTP/1.0 502", Some(502)),
            ("HTTP/1.1 302", Some(302)),
            ("HTTP/1.1 200", None),
            ("HTTP/1.1 999", None),
            ("HTTP/2.0 403", None),
            ("<html><body>", None),
            ("SSH-2.0-Open", None),
        ] {
            assert_eq!(read(line.as_bytes()), status, "{line}");
        }
    }
}
