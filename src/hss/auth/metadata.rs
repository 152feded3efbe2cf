//! Key pairs from the metadata service of a cloud server (ECS) with an agency.
//!
//! Owns its two calls: `PUT /meta-data/latest/api/token`, which older servers do not have, and `GET
//! /openstack/latest/securitykey`. The address is link-local, so plain http never leaves the host.

use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream, ToSocketAddrs as _};
use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, StatusCode};

use super::{TemporaryKeys, Token};
use crate::fleet::RemoteText;
use crate::hss::answer;
use crate::hss::call_record::CallSubject;
use crate::hss::endpoint::Endpoint;
use crate::hss::error::{Error, ServiceName};
use crate::hss::transport::{Outgoing, Transport, TransportLimits};

/// The address of the service.
pub const ADDRESS: &str = "http://169.254.169.254";
/// The timeout of a call: the service is on the same host.
const PATIENCE: Duration = Duration::from_secs(3);
/// How long the start waits to learn whether the service exists.
const KNOCK: Duration = Duration::from_millis(500);

const X_METADATA_TOKEN: HeaderName = HeaderName::from_static("x-metadata-token");
const X_METADATA_TOKEN_TTL: HeaderName = HeaderName::from_static("x-metadata-token-ttl-seconds");

/// The timeouts and limits of calls to the service.
pub fn limits() -> TransportLimits {
    TransportLimits {
        connect: PATIENCE,
        total: PATIENCE,
        body: 64 << 10,
        ..TransportLimits::default()
    }
}

/// Returns whether this service answers at the endpoint. Other clouds have another service at the same
/// address, without this path. A service that asks for a session first (401) may be ours.
pub fn is_there(endpoint: &Endpoint) -> bool {
    let url = endpoint.url("/", "");
    let address = (endpoint.host(), url.port_or_known_default().unwrap_or(80));
    let addresses = address.to_socket_addrs().into_iter().flatten();
    let status = |address: SocketAddr| knock(address, endpoint.host()).ok();
    addresses
        .take(2)
        .filter_map(status)
        .any(|status| matches!(&status, b" 200" | b" 401"))
}

/// The four bytes after the version in the status line.
fn knock(address: SocketAddr, host: &str) -> io::Result<[u8; 4]> {
    let mut stream = TcpStream::connect_timeout(&address, KNOCK)?;
    stream.set_read_timeout(Some(KNOCK))?;
    write!(stream, "GET /openstack/latest/ HTTP/1.0\r\nHost: {host}\r\n\r\n")?;
    let mut line = [0; 12];
    stream.read_exact(&mut line)?;
    let [.., a, b, c, d] = line;
    Ok([a, b, c, d])
}

/// Fetches the key pair of the server's agency and its expiry.
pub async fn key_pair(transport: &Transport) -> Result<TemporaryKeys, Error> {
    let mut headers = HeaderMap::new();
    if let Some(token) = session(transport).await? {
        headers.insert(X_METADATA_TOKEN, token);
    }
    let mut note = transport.note(CallSubject::ServerKey);
    let result = match transport
        .send(outgoing(Method::GET, "/openstack/latest/securitykey", headers))
        .await
    {
        Ok(mut incoming) => {
            note.came(incoming.status, incoming.body.as_ref().ok().map(Vec::len));
            let body = answer::body(&mut incoming, ServiceName::Metadata, transport.endpoint(), false);
            body.and_then(|body| TemporaryKeys::read(&body).ok_or_else(without_a_key_pair))
        }
        Err(error) => Err(error),
    };
    match &result {
        Ok(_) => note.succeeded(CallSubject::ServerKey, None),
        Err(error) => note.failed(error),
    }
    result
}

fn without_a_key_pair() -> Error {
    Error::Unreadable {
        why: RemoteText::message("the metadata service answered without a key pair"),
    }
}

/// The token of the session; `None` from an older service, which has no sessions.
async fn session(transport: &Transport) -> Result<Option<HeaderValue>, Error> {
    let ttl = HeaderMap::from_iter([(X_METADATA_TOKEN_TTL, HeaderValue::from_static("21600"))]);
    let incoming = transport
        .send(outgoing(Method::PUT, "/meta-data/latest/api/token", ttl))
        .await?;
    if matches!(
        incoming.status,
        StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED | StatusCode::SERVICE_UNAVAILABLE
    ) {
        return Ok(None);
    }
    let body = incoming.body.as_deref().unwrap_or_default();
    if !incoming.status.is_success() {
        return Err(answer::error(&incoming, ServiceName::Metadata, body));
    }
    // A body that is not a token, such as an empty one, is not sent back: a service that needs a token says
    // so.
    Ok(std::str::from_utf8(body)
        .ok()
        .and_then(|text| Token::new(text).ok())
        .and_then(|token| {
            token.protect();
            token.header()
        }))
}

fn outgoing(method: Method, path: &str, headers: HeaderMap) -> Outgoing {
    let may_be_repeated = method == Method::GET;
    Outgoing {
        method,
        path: path.to_owned(),
        query: String::new(),
        headers,
        body: Vec::new(),
        may_be_repeated,
    }
}
