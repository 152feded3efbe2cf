//! What to do about an error.

use std::net::IpAddr;

use super::{Error, ErrorKind, ServiceError, ServiceName};
use crate::fleet::RemoteText;

/// What to do where nothing answers at an address of this machine: HSS itself is never there.
pub const NOTHING_LISTENS: &str = "is hss-top serve running there, and is the port right?";

/// Whether a host with a port is this machine.
pub fn is_of_this_machine(place: &str) -> bool {
    let host = place.rsplit_once(':').map_or(place, |(host, _)| host);
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.parse().is_ok_and(|address: IpAddr| address.is_loopback())
}

impl Error {
    /// What to do about it: a sentence, or nothing if the error needs none.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Redirected { .. } | Error::NotTheApi { .. } | Error::Unreadable { .. } => {
                "is the endpoint right, or does a proxy answer instead?"
            }
            Self::Connect {
                place, proxy: None, ..
            } if is_of_this_machine(place) => NOTHING_LISTENS,
            Self::Project { .. } => "--project-id",
            Self::NotRecorded { .. } => "a replay only has the answers to the calls that were recorded",
            // Their sentences contain the advice.
            Self::NoCredential { .. } | Error::Tls { .. } | Error::Proxy(_) => "",
            Self::Tunnel {
                status: Some(407), ..
            } => "the proxy variable needs the right user:password@ before the host",
            Self::Tunnel {
                status: Some(300..400),
                ..
            } => "sign in to the network with a browser, or correct the proxy variable",
            Self::Tunnel {
                status: Some(500..600),
                ..
            } => "the proxy cannot reach the host: is the endpoint right, and does the proxy work?",
            Self::Tunnel { .. } => "ask whoever runs the proxy to allow CONNECT to this host and port",
            Self::Service(service)
                if service.is_sign_in
                    && matches!(service.service, ServiceName::Sts | ServiceName::PodIdentity) =>
            {
                "is the identity token still valid, and does the account trust its issuer for this agency or pod?"
            }
            Self::Service(service) if is_unpublished(service) => {
                "this region or cloud does not have this API, or the endpoint belongs to another service: compare it with your cloud's list of endpoints"
            }
            Self::Service(service) if service.collector.is_some() => of_collector(self.kind()),
            _ if self.blames_the_clock() => "set this machine's clock, preferably with NTP",
            _ => match self.kind() {
                ErrorKind::Offline => "is the network up, and does it need a proxy (HTTPS_PROXY)?",
                ErrorKind::Throttled => {
                    "wait a minute; another program shares the limit of this user or address"
                }
                ErrorKind::SignIn => {
                    "Is the token for this project, and still valid? Is the IAM user's password right, or the identity token still \
                     valid?"
                }
                ErrorKind::KeyRefused => {
                    "does this access key exist, is it active, and is its secret key right? More than five refusals in a row lock \
                     it for five minutes"
                }
                ErrorKind::Denied => "the credential needs a role that can read HSS in this project",
                ErrorKind::Passing => "try again in a moment",
                ErrorKind::Lasting => "if this continues, give the request id to the service's support",
            },
        }
    }
}

/// What to do about an error of a collector of hss-top, which knows no roles and no signatures.
const fn of_collector(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::SignIn | ErrorKind::KeyRefused => {
            "this collector needs its own token in HSS_TOP_TOKEN, from whoever runs it; a cloud key pair does not work here"
        }
        ErrorKind::Denied => {
            "ask for what the collector keeps, with --project-id, --enterprise-project-id, --namespace and --cluster"
        }
        _ => "try again in a moment, or ask whoever runs the collector",
    }
}

/// Whether the gateway does not have such an API.
fn is_unpublished(error: &ServiceError) -> bool {
    let code = error.body.code.as_ref().map_or("", RemoteText::shown);
    error.status == 404 && (code.starts_with("APIGW.0101") || code.starts_with("APIG.0101"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_advice_for_a_collector_names_neither_a_role_nor_a_secret_key() {
        let advice = |status: u16| {
            let error = ServiceError {
                status,
                collector: Some(crate::hss::collector_mark::CollectorState::Fresh),
                signed: true,
                ..ServiceError::default()
            };
            Error::from(error).advice()
        };
        assert!(advice(403).contains("--project-id"), "{}", advice(403));
        assert!(advice(401).contains("HSS_TOP_TOKEN"), "{}", advice(401));
    }

    #[test]
    fn where_nothing_answers_on_this_machine_it_is_a_collector_that_is_missing() {
        let advice = |place: &str, proxy: Option<&str>| {
            let error = Error::Connect {
                place: place.to_owned(),
                proxy: proxy.map(str::to_owned),
                cause: RemoteText::message("Connection refused"),
            };
            error.advice()
        };
        for here in ["127.0.0.1:9464", "localhost:9464", "[::1]:9464"] {
            assert_eq!(advice(here, None), NOTHING_LISTENS, "{here}");
        }
        for (elsewhere, proxy) in [
            ("hss.example:443", None),
            ("127.example:443", None),
            ("127.0.0.1:9464", Some("127.0.0.1:3128")),
        ] {
            assert!(advice(elsewhere, proxy).contains("network"), "{elsewhere}");
        }
    }

    #[test]
    fn an_api_that_a_region_does_not_publish_has_an_advice() {
        for code in ["APIGW.0101", "APIG.0101"] {
            let mut error = ServiceError {
                status: 404,
                ..ServiceError::default()
            };
            error.body.code = Some(RemoteText::name(code));
            assert!(
                Error::from(error).advice().contains("does not have this API"),
                "{code}"
            );
        }
        let other = ServiceError {
            status: 400,
            ..ServiceError::default()
        };
        assert!(Error::from(other).advice().contains("request id"));
    }
}
