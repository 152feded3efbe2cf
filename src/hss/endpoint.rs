//! The address of an endpoint.
//!
//! Owns what an endpoint may be: `https://host[:port][/base]`, and `http://` only to this machine unless the
//! operator allows it, because the token travels in a header. Must not: resolve or connect.

use std::fmt;
use std::net::IpAddr;

use reqwest::Url;

use crate::secrets::values::shortened;

/// An endpoint of HSS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    url: Url,
}

/// Why a text is not a valid endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BadEndpoint {
    /// Not a URL, or one without a host.
    NotAUrl,
    /// A scheme that is neither http nor https.
    Scheme(String),
    /// It has a user name, password, query or fragment.
    TooMuch,
    /// Plain http to another machine without permission.
    PlainHttp(String),
}

impl fmt::Display for BadEndpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAUrl => f.write_str("it is not a URL like https://hss.cn-north-4.myhuaweicloud.com"),
            Self::Scheme(scheme) => write!(f, "its scheme is {}, but must be https", shortened(scheme)),
            Self::TooMuch => f.write_str("it must have no user name, password, ? or #"),
            Self::PlainHttp(host) => {
                write!(
                    f,
                    "http:// would send the token in plain text to {host}; use https:// or --allow-http"
                )
            }
        }
    }
}

impl std::error::Error for BadEndpoint {}

impl Endpoint {
    /// Parses an endpoint; `allow_http` permits plain http to other machines.
    pub fn parse(text: &str, allow_http: bool) -> Result<Self, BadEndpoint> {
        let url = Url::parse(text.trim()).map_err(|_| BadEndpoint::NotAUrl)?;
        let host = url
            .host_str()
            .filter(|host| !host.is_empty())
            .ok_or(BadEndpoint::NotAUrl)?
            .to_owned();
        if !url.username().is_empty()
            || url.password().is_some()
            || url.query().is_some()
            || url.fragment().is_some()
        {
            return Err(BadEndpoint::TooMuch);
        }
        let endpoint = Self { url };
        match endpoint.url.scheme() {
            "https" => Ok(endpoint),
            "http" if allow_http || endpoint.is_loopback() => Ok(endpoint),
            "http" => Err(BadEndpoint::PlainHttp(host)),
            other => Err(BadEndpoint::Scheme(other.to_owned())),
        }
    }

    /// Parses the address of a metadata service: plain http to a link-local address never leaves the host.
    pub fn metadata(text: &str) -> Result<Self, BadEndpoint> {
        let endpoint = Self::parse(text, true)?;
        if endpoint.is_https() || endpoint.is_direct() {
            Ok(endpoint)
        } else {
            Err(BadEndpoint::PlainHttp(endpoint.host().to_owned()))
        }
    }

    /// Whether its scheme is https.
    pub fn is_https(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// Whether it is this machine or its host, which are never reached through a proxy.
    pub fn is_direct(&self) -> bool {
        let link_local = match self.address() {
            Some(IpAddr::V4(address)) => address.is_link_local(),
            Some(IpAddr::V6(address)) => address.is_unicast_link_local(),
            None => false,
        };
        link_local || self.is_loopback()
    }

    fn address(&self) -> Option<IpAddr> {
        let host = self.host();
        host.trim_start_matches('[').trim_end_matches(']').parse().ok()
    }

    /// Whether it is this machine.
    pub fn is_loopback(&self) -> bool {
        self.host() == "localhost" || self.address().is_some_and(|address| address.is_loopback())
    }

    /// Whether the token travels in plain text to another machine; the screen shows a mark then.
    pub fn is_plain_text(&self) -> bool {
        self.url.scheme() == "http" && !self.is_loopback()
    }

    /// The host's name or address.
    pub fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }

    /// Host and port for people; without the port if it is the scheme's default.
    pub fn place(&self) -> String {
        self.url.port().map_or_else(
            || self.host().to_owned(),
            |port| format!("{}:{port}", self.host()),
        )
    }

    /// The region, if the host is an official one: `hss.<region>.…`
    pub fn region(&self) -> Option<&str> {
        let rest = self.host().strip_prefix("hss.")?;
        let region = rest.split('.').next()?;
        rest.contains(".myhuaweicloud.").then_some(region)
    }

    /// The URL of a call.
    pub fn url(&self, path: &str, query: &str) -> Url {
        let mut url = self.url.clone();
        let base = url.path().trim_end_matches('/').to_owned();
        url.set_path(&format!("{base}{path}"));
        url.set_query(Some(query).filter(|query| !query.is_empty()));
        url
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.url.as_str().trim_end_matches('/'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn https_goes_anywhere_and_http_stays_here() {
        for text in [
            "https://hss.cn-north-4.myhuaweicloud.com",
            "http://127.0.0.1:8080",
            "http://localhost:1/",
            "http://[::1]:1",
            "http://127.1.2.3",
        ] {
            assert!(Endpoint::parse(text, false).is_ok(), "{text}");
        }
        for text in [
            "http://example.com",
            "http://10.0.0.1",
            "http://localhost.example.com",
            "http://0.0.0.0",
        ] {
            assert!(
                matches!(Endpoint::parse(text, false), Err(BadEndpoint::PlainHttp(_))),
                "{text}"
            );
            assert!(
                Endpoint::parse(text, true).is_ok_and(|endpoint| endpoint.is_plain_text()),
                "{text}"
            );
        }
    }

    #[test]
    fn an_invalid_endpoint_is_refused_with_its_reason() {
        for (text, reason) in [
            ("hss.example.com", BadEndpoint::NotAUrl),
            ("", BadEndpoint::NotAUrl),
            ("ftp://x", BadEndpoint::Scheme("ftp".into())),
            ("https://u:p@x", BadEndpoint::TooMuch),
            ("https://x/?a=b", BadEndpoint::TooMuch),
        ] {
            assert_eq!(Endpoint::parse(text, true), Err(reason), "{text}");
        }
    }

    #[test]
    fn the_region_is_read_from_the_official_hosts() {
        let region = |text: &str| Endpoint::parse(text, true).unwrap().region().map(str::to_owned);
        assert_eq!(
            region("https://hss.cn-north-4.myhuaweicloud.com").as_deref(),
            Some("cn-north-4")
        );
        assert_eq!(
            region("https://hss.eu-west-101.myhuaweicloud.eu").as_deref(),
            Some("eu-west-101")
        );
        assert_eq!(region("https://hss.example.com"), None);
        assert_eq!(region("http://127.0.0.1"), None);
    }

    #[test]
    fn a_metadata_service_is_on_this_host() {
        for text in [
            "http://169.254.169.254",
            "http://[fe80::1]",
            "http://127.0.0.1:8",
            "https://x",
        ] {
            assert!(Endpoint::metadata(text).is_ok(), "{text}");
        }
        assert!(matches!(
            Endpoint::metadata("http://10.0.0.1"),
            Err(BadEndpoint::PlainHttp(_))
        ));
    }

    #[test]
    fn a_base_path_is_preserved() {
        let endpoint = Endpoint::parse("https://gateway/hss/", false).unwrap();
        assert_eq!(
            endpoint.url("/v5/p", "a=b").as_str(),
            "https://gateway/hss/v5/p?a=b"
        );
        assert_eq!(endpoint.to_string(), "https://gateway/hss");
    }
}
