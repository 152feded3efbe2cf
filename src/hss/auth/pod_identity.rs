//! Key pairs from the service of pod identity, which answers inside a cluster for the pod that asks.
//!
//! Owns its one call: `POST` of an empty object to the address in `HC_CONTAINER_CREDENTIALS_FULL_URI`, with
//! the pod's token in `Authorization`, as the official SDK sends it. The SDK sends the token to any address, by
//! plain http too, through proxies, and follows redirects. Here http stays on this machine or its host, no
//! proxy is used, and a redirect is refused.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::{Method, Url};
use secrecy::{ExposeSecret as _, SecretString};

use super::TemporaryKeys;
use crate::fleet::RemoteText;
use crate::hss::answer;
use crate::hss::call_record::CallSubject;
use crate::hss::endpoint::{BadEndpoint, Endpoint};
use crate::hss::error::{Error, ServiceName};
use crate::hss::transport::{Outgoing, Transport, TransportLimits};

/// The timeout of a call, as in the official SDK.
const PATIENCE: Duration = Duration::from_secs(5);

/// Where a pod gets its key pair. `Debug` shows the host only.
#[derive(Clone, PartialEq, Eq)]
pub struct PodIdentity {
    endpoint: Endpoint,
    path: String,
    query: String,
    /// The file that holds the pod's token.
    pub token_file: PathBuf,
}

impl fmt::Debug for PodIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PodIdentity({})", self.endpoint.place())
    }
}

impl PodIdentity {
    /// The service at this address, for the pod with this token.
    pub fn new(uri: &str, token_file: PathBuf) -> Result<Self, BadEndpoint> {
        let mut url = Url::parse(uri.trim()).map_err(|_| BadEndpoint::NotAUrl)?;
        let (path, query) = (url.path().to_owned(), url.query().unwrap_or_default().to_owned());
        url.set_query(None);
        if !url.cannot_be_a_base() {
            url.set_path("");
        }
        Ok(Self {
            endpoint: Endpoint::metadata(url.as_str())?,
            path,
            query,
            token_file,
        })
    }

    /// The service.
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// Fetches the key pair over `transport`, which leads to the service.
    pub(super) async fn key_pair(
        &self,
        transport: &Transport,
        token: &SecretString,
    ) -> Result<TemporaryKeys, Error> {
        let mut note = transport.note(CallSubject::SignIn);
        let result = self.ask(transport, token, &mut note).await;
        match &result {
            Ok(_) => note.succeeded(CallSubject::SignIn, None),
            Err(error) => note.failed(error),
        }
        result
    }

    async fn ask(
        &self,
        transport: &Transport,
        token: &SecretString,
        note: &mut crate::hss::call_record::CallNote,
    ) -> Result<TemporaryKeys, Error> {
        let unreadable = |why: &str| Error::Unreadable {
            why: RemoteText::message(why),
        };
        let mut token = HeaderValue::from_str(token.expose_secret())
            .map_err(|_| unreadable("the pod's token does not fit in a header"))?;
        token.set_sensitive(true);
        let json = HeaderValue::from_static("application/json");
        let mut incoming = transport
            .send(Outgoing {
                method: Method::POST,
                path: self.path.clone(),
                query: self.query.clone(),
                headers: HeaderMap::from_iter([(AUTHORIZATION, token), (CONTENT_TYPE, json)]),
                body: b"{}".to_vec(),
                may_be_repeated: true,
            })
            .await?;
        note.came(incoming.status, incoming.body.as_ref().ok().map(Vec::len));
        let body = answer::body(
            &mut incoming,
            ServiceName::PodIdentity,
            transport.endpoint(),
            false,
        )
        .map_err(Error::of_sign_in)?;
        TemporaryKeys::read(&body)
            .ok_or_else(|| unreadable("the service of pod identity answered without a key pair"))
    }
}

/// The timeouts and limits of the call.
pub(super) fn limits() -> TransportLimits {
    TransportLimits {
        connect: PATIENCE,
        total: PATIENCE,
        body: 64 << 10,
        ..TransportLimits::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_leaves_this_host_only_by_https() {
        let of = |uri: &str| PodIdentity::new(uri, "/t".into());
        for (uri, place, path, query) in [
            (
                "http://169.254.170.23/v1/creds",
                "169.254.170.23",
                "/v1/creds",
                "",
            ),
            ("http://127.0.0.1:8/a/?b=c", "127.0.0.1:8", "/a/", "b=c"),
            ("http://[fe80::1]/", "[fe80::1]", "/", ""),
            (
                "https://agent.kube-system.svc/x",
                "agent.kube-system.svc",
                "/x",
                "",
            ),
        ] {
            let pod = of(uri).unwrap();
            assert_eq!(
                (
                    pod.endpoint.place().as_str(),
                    pod.path.as_str(),
                    pod.query.as_str()
                ),
                (place, path, query)
            );
            assert!(!format!("{pod:?}").contains("creds"));
        }
        for uri in ["http://10.0.0.1/x", "http://agent/x"] {
            assert!(matches!(of(uri), Err(BadEndpoint::PlainHttp(_))), "{uri}");
        }
        for uri in [
            "",
            "/x",
            "mailto:x",
            "ftp://127.0.0.1/",
            "https://u:p@h/",
            "https://h/#x",
        ] {
            assert!(of(uri).is_err(), "{uri}");
        }
    }
}
