//! The way to the endpoint: the proxy, its name, a connection, TLS.

use std::net::SocketAddr;
use std::time::Duration;

use rustls::pki_types::ServerName;
use tokio::net::{TcpStream, lookup_host};
use tokio::time::{Instant, timeout};
use tokio_rustls::TlsConnector;

use super::Check;
use crate::fleet::RemoteText;
use crate::hss::Endpoint;
use crate::hss::error::{NOTHING_LISTENS, is_of_this_machine};
use crate::hss::transport::proxy::ProxyRoute;
use crate::hss::transport::tls::Trust;
use crate::hss::transport::tls_fault::fault_of;

/// How long each step may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// Names the proxy in use, resolves the name, connects, and shakes hands; with a proxy, only up to the proxy.
pub(super) async fn checks(endpoint: &Endpoint, route: &ProxyRoute, trust: &Trust) -> Vec<Check> {
    let mut checks = vec![proxy_check(endpoint, route)];
    if matches!(route, ProxyRoute::Unreadable(_)) {
        checks.extend(["name", "connection", "TLS"].map(|check| Check::skipped(check, "needs the proxy")));
    } else {
        checks.extend(way(endpoint, route.proxy().map(str::to_owned), trust).await);
    }
    checks
}

/// Which variable is in use.
fn proxy_check(endpoint: &Endpoint, route: &ProxyRoute) -> Check {
    const NAME: &str = "proxy";
    match route {
        ProxyRoute::Direct(None) => Check::ok(NAME, "none"),
        ProxyRoute::Direct(Some(variable)) => {
            Check::ok(NAME, format!("none: {variable} lists {}", endpoint.host()))
        }
        ProxyRoute::Via(proxy) => Check::ok(NAME, format!("{} ({})", proxy.place, proxy.variable)),
        ProxyRoute::Unreadable(bad) => Check::problem(
            NAME,
            format!("{bad}, so no call is made"),
            format!("correct {} or unset it", bad.variable),
        ),
    }
}

async fn way(endpoint: &Endpoint, proxy: Option<String>, trust: &Trust) -> [Check; 3] {
    let own = || {
        let port = endpoint.url("/", "").port_or_known_default().unwrap_or(443);
        format!("{}:{port}", endpoint.host())
    };
    let via = proxy
        .as_ref()
        .map(|_| format!(" (the proxy for {})", endpoint.host()));
    let (place, via) = (proxy.clone().unwrap_or_else(own), via.unwrap_or_default());
    let addresses = match timeout(PATIENCE, lookup_host(&place)).await {
        Ok(Ok(addresses)) => addresses.collect::<Vec<SocketAddr>>(),
        Ok(Err(error)) => return no_name(&place, &via, &error.to_string()),
        Err(_) => return no_name(&place, &via, "no answer from the resolver"),
    };
    let listed: Vec<String> = addresses.iter().map(|address| address.ip().to_string()).collect();
    let name = Check::ok("name", format!("{place}{via} is {}", listed.join(", ")));
    let began = Instant::now();
    let stream = match timeout(PATIENCE, TcpStream::connect(addresses.as_slice())).await {
        Ok(Ok(stream)) => stream,
        Ok(Err(error)) => {
            return [
                name,
                no_connection(&place, proxy.is_some(), &error.to_string()),
                needs_connection(),
            ];
        }
        Err(_) => {
            return [
                name,
                no_connection(&place, proxy.is_some(), "no answer"),
                needs_connection(),
            ];
        }
    };
    let peer = stream
        .peer_addr()
        .map_or_else(|_| place.clone(), |peer| peer.to_string());
    let connection = Check::ok(
        "connection",
        format!("{peer}{via} in {} ms", began.elapsed().as_millis()),
    );
    let tls = if proxy.is_some() {
        Check::skipped("TLS", "goes through the proxy: see the call")
    } else if endpoint.is_https() {
        shake_hands(endpoint, stream, trust).await
    } else {
        Check::skipped("TLS", "the endpoint is plain http")
    };
    [name, connection, tls]
}

async fn shake_hands(endpoint: &Endpoint, stream: TcpStream, trust: &Trust) -> Check {
    let problem =
        |found: &str, advice: &str| Check::problem("TLS", RemoteText::message(found).shown(), advice);
    let config = match trust.config_for(endpoint) {
        Ok(config) => config,
        Err(fault) => return problem(&fault.to_string(), ""),
    };
    let host = endpoint
        .host()
        .trim_start_matches('[')
        .trim_end_matches(']')
        .to_owned();
    let Ok(name) = ServerName::try_from(host) else {
        return problem(
            "the host name cannot appear in a certificate",
            "is the endpoint right?",
        );
    };
    let handshake = TlsConnector::from(std::sync::Arc::new(config)).connect(name, stream);
    match timeout(PATIENCE, handshake).await {
        Err(_) => problem(
            "no answer to the handshake",
            "is the port right, or does a firewall block it?",
        ),
        Ok(Err(error)) => match fault_of(&error) {
            Some(fault) => problem(&fault.what, fault.advice),
            None => problem(&error.to_string(), ""),
        },
        Ok(Ok(stream)) => {
            let session = stream.get_ref().1;
            let version = session.protocol_version().map(|version| format!("{version:?}"));
            let suite = session
                .negotiated_cipher_suite()
                .map(|suite| format!("{:?}", suite.suite()));
            let words: Vec<String> = version.into_iter().chain(suite).collect();
            Check::ok("TLS", format!("the certificate is trusted; {}", words.join(", ")))
        }
    }
}

fn no_name(place: &str, via: &str, why: &str) -> [Check; 3] {
    let why = RemoteText::message(why);
    [
        Check::problem(
            "name",
            format!("{place}{via} cannot be resolved: {why}"),
            "is the region or the endpoint right, and can this machine resolve names?",
        ),
        Check::skipped("connection", "needs an address"),
        needs_connection(),
    ]
}

fn no_connection(place: &str, is_proxy: bool, why: &str) -> Check {
    let why = RemoteText::message(why);
    Check::problem(
        "connection",
        format!("{place}: {why}"),
        if !is_proxy && is_of_this_machine(place) {
            NOTHING_LISTENS
        } else {
            "does a firewall block it, or is a proxy needed (HTTPS_PROXY)?"
        },
    )
}

fn needs_connection() -> Check {
    Check::skipped("TLS", "needs a connection")
}
