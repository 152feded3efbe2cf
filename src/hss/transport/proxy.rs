//! The proxy for an endpoint, from the environment.
//!
//! Owns which variable applies. The order is curl's: lower case before upper case, the scheme's own variable
//! before `all_proxy`, and an empty variable counts as not set. The HTTP library reads the same variables in
//! the opposite order, ignores a value that it cannot parse, and supports neither `host:port` nor blanks in
//! `no_proxy`; so it is given the proxy instead. An invalid value stops the call: a direct connection would
//! send the credential by another route than the operator meant. Variables are an argument. Must not:
//! connect, or show the user or the password of a proxy.

use std::ffi::OsString;
use std::fmt;
use std::net::IpAddr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::Url;
use secrecy::{ExposeSecret as _, SecretString};

use crate::hss::endpoint::Endpoint;
use crate::secrets;

/// Looks up a raw variable, which need not be UTF-8.
pub type Environment<'a> = &'a dyn Fn(&str) -> Option<OsString>;

/// The route to an endpoint.
#[derive(Debug, Clone)]
pub enum ProxyRoute {
    /// No proxy; with the `no_proxy` variable if it overrules a proxy that is set.
    Direct(Option<&'static str>),
    /// Through this proxy.
    Via(Proxy),
    /// A proxy is set, but its value is invalid.
    Unreadable(BadProxy),
}

/// A proxy. `Debug` shows neither its user nor its password.
#[derive(Debug, Clone)]
pub struct Proxy {
    /// The variable that sets it.
    pub variable: &'static str,
    /// Host and port.
    pub place: String,
    url: SecretString,
}

/// A proxy variable with an invalid value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BadProxy {
    /// The variable.
    pub variable: &'static str,
    /// What is wrong with its value.
    pub why: &'static str,
}

impl fmt::Display for BadProxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the proxy variable {} cannot be used: {}",
            self.variable, self.why
        )
    }
}

impl ProxyRoute {
    /// The route to `endpoint` according to these variables.
    pub fn to(endpoint: &Endpoint, environment: Environment<'_>) -> Self {
        if endpoint.is_direct() {
            return Self::Direct(None);
        }
        let names: &[&'static str] = if endpoint.is_https() {
            &["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"]
        } else if environment("REQUEST_METHOD").is_some() {
            // In a CGI program, HTTP_PROXY is the `Proxy` header of the caller.
            &["http_proxy", "all_proxy", "ALL_PROXY"]
        } else {
            &["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"]
        };
        let Some((variable, value)) = first_set(names, environment) else {
            return Self::Direct(None);
        };
        if let Some((variable, list)) = first_set(&["no_proxy", "NO_PROXY"], environment)
            && is_listed(endpoint, &list.to_string_lossy())
        {
            return Self::Direct(Some(variable));
        }
        let proxy = match value.to_str() {
            Some(text) => Proxy::read(variable, text),
            None => Err("it is not UTF-8"),
        };
        match proxy {
            Ok(proxy) => Self::Via(proxy),
            Err(why) => Self::Unreadable(BadProxy { variable, why }),
        }
    }

    /// The route to `endpoint` according to the variables of this process.
    pub fn of_process(endpoint: &Endpoint) -> Self {
        Self::to(endpoint, &crate::env::os)
    }

    /// Host and port of the proxy.
    pub fn proxy(&self) -> Option<&str> {
        match self {
            Self::Via(proxy) => Some(&proxy.place),
            Self::Direct(_) | Self::Unreadable(_) => None,
        }
    }
}

impl Proxy {
    /// Parses a value: `http://user:password@host:port`, of which only the host is required. Surrounding
    /// white space and quotes are leftovers of a script and ignored.
    fn read(variable: &'static str, text: &str) -> Result<Self, &'static str> {
        const FORM: &str = "it must be http://host:port";
        let text = unquoted(text);
        let is_odd = |character: char| {
            character.is_whitespace() || character.is_control() || matches!(character, '"' | '\'' | '\\')
        };
        if text.contains(is_odd) {
            return Err("it contains white space, a quote or a backslash");
        }
        let text = if text.contains("://") {
            text.to_owned()
        } else {
            format!("http://{text}")
        };
        let url = Url::parse(&text).map_err(|_| FORM)?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err("only http:// and https:// proxies are supported");
        }
        let behind = [Some(url.path()), url.query(), url.fragment()];
        if behind.into_iter().flatten().any(|part| part.contains('@')) {
            return Err("a / ? or # in its password must be percent-encoded");
        }
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or(FORM)?;
        // The parsed URL omits the scheme's default port, but a connection needs it.
        let port = url.port_or_known_default().ok_or(FORM)?;
        let place = format!("{host}:{port}");
        Ok(Self {
            variable,
            place,
            url: text.into(),
        })
    }

    /// Its URL as it may be shown: without user and password.
    pub fn shown(&self) -> String {
        secrets::values::without_userinfo(self.url.expose_secret()).into_owned()
    }

    /// Redacts the value of `Proxy-Authorization` from now on, and the user if it is a token, that is, if the
    /// password is missing or too short to be one.
    fn protect_user(&self) {
        let Ok(url) = Url::parse(self.url.expose_secret()) else {
            return;
        };
        if let Some(basic) = basic(&url) {
            secrets::protect(basic.expose_secret().trim_start_matches("Basic "));
        }
        let password = percent_decoded(url.password().unwrap_or_default());
        if String::from_utf8_lossy(&password).chars().count() < secrets::SHORTEST {
            secrets::protect(url.username());
            secrets::protect(&String::from_utf8_lossy(&percent_decoded(url.username())));
        }
    }

    /// Host and port of a proxy without TLS, and the value of `Proxy-Authorization`. `None` for a proxy over
    /// TLS.
    pub(super) fn in_plain(&self) -> Option<(&str, Option<SecretString>)> {
        let url = Url::parse(self.url.expose_secret()).ok()?;
        let authorization = basic(&url);
        (url.scheme() == "http").then_some((&self.place, authorization))
    }

    /// The proxy for the HTTP library; from now on its password is redacted in whatever is shown.
    pub(super) fn for_library(&self) -> Result<reqwest::Proxy, reqwest::Error> {
        let url = self.url.expose_secret();
        self.protect_user();
        if let Some(password) = secrets::values::password_of(url) {
            secrets::protect(password);
            let query = format!("={}", password.replace('+', "%2B").replace('&', "%26"));
            for (_, decoded) in form_urlencoded::parse(query.as_bytes()) {
                secrets::protect(&decoded);
            }
        }
        reqwest::Proxy::all(url)
    }
}

/// The value of `Proxy-Authorization` for the user and the password of a URL.
fn basic(url: &Url) -> Option<SecretString> {
    if url.username().is_empty() && url.password().is_none() {
        return None;
    }
    let (user, password) = (
        percent_decoded(url.username()),
        percent_decoded(url.password().unwrap_or_default()),
    );
    let encoded = STANDARD.encode([user.as_slice(), b":", &password].concat());
    Some(format!("Basic {encoded}").into())
}

/// The bytes of a percent-encoded text.
fn percent_decoded(text: &str) -> Vec<u8> {
    let digit = |byte: Option<&u8>| byte.and_then(|byte| char::from(*byte).to_digit(16));
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        let pair = (*first == b'%')
            .then(|| digit(behind.first()).zip(digit(behind.get(1))))
            .flatten();
        let decoded = pair.and_then(|(high, low)| u8::try_from(high * 16 + low).ok());
        bytes.push(decoded.unwrap_or(*first));
        rest = behind.get(decoded.map_or(0, |_| 2)..).unwrap_or_default();
    }
    bytes
}

/// The first of these variables with a value that is not blank.
fn first_set(names: &[&'static str], environment: Environment<'_>) -> Option<(&'static str, OsString)> {
    names.iter().find_map(|name| {
        let value = environment(name)?;
        let is_blank = value.to_str().is_some_and(|text| unquoted(text).is_empty());
        (!is_blank).then_some((*name, value))
    })
}

/// The text without surrounding white space and quotes.
fn unquoted(text: &str) -> &str {
    let text = text.trim();
    let inner = ['"', '\''].into_iter().find_map(|quote| {
        let rest = text.strip_prefix(quote)?;
        rest.strip_suffix(quote)
    });
    inner.unwrap_or(text).trim()
}

/// Whether a list such as `no_proxy` names the endpoint.
fn is_listed(endpoint: &Endpoint, list: &str) -> bool {
    let host = endpoint.host().trim_end_matches('.').to_ascii_lowercase();
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let port = endpoint.url("/", "").port_or_known_default();
    unquoted(list)
        .split(|character: char| character == ',' || character.is_whitespace())
        .filter(|entry| !entry.is_empty())
        .any(|entry| {
            let (name, of_port) = split_port(entry);
            of_port.is_none_or(|of_port| Some(of_port) == port) && names(name, host)
        })
}

/// An entry without its port.
fn split_port(entry: &str) -> (&str, Option<u16>) {
    if let Some((address, rest)) = entry.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        return (address, rest.strip_prefix(':').and_then(|port| port.parse().ok()));
    }
    match entry.rsplit_once(':') {
        // Several colons: an IPv6 address.
        Some((name, port)) if !name.contains(':') => match port.parse() {
            Ok(port) => (name, Some(port)),
            Err(_) => (entry, None),
        },
        _ => (entry, None),
    }
}

/// Whether an entry matches a host: `*`, a network, an address, or a domain with its subdomains.
fn names(entry: &str, host: &str) -> bool {
    if entry == "*" {
        return true;
    }
    if let Ok(address) = host.parse::<IpAddr>() {
        return match entry.split_once('/') {
            Some((network, bits)) => is_in_network(address, network, bits).unwrap_or(false),
            None => entry.parse() == Ok(address),
        };
    }
    let domain = entry.trim_end_matches('.').to_ascii_lowercase();
    let domain = domain.strip_prefix('*').unwrap_or(&domain);
    let domain = domain.strip_prefix('.').unwrap_or(domain);
    !domain.is_empty()
        && host
            .strip_suffix(domain)
            .is_some_and(|before| before.is_empty() || before.ends_with('.'))
}

fn is_in_network(address: IpAddr, network: &str, bits: &str) -> Option<bool> {
    let bits: u32 = bits.parse().ok()?;
    let (one, other, width) = match (address, network.parse().ok()?) {
        (IpAddr::V4(one), IpAddr::V4(other)) => (one.to_bits().into(), other.to_bits().into(), 32),
        (IpAddr::V6(one), IpAddr::V6(other)) => (one.to_bits(), other.to_bits(), 128),
        _ => return None,
    };
    let differing: u128 = one ^ other;
    let host_bits = width - (bits <= width).then_some(bits)?;
    Some(differing.checked_shr(host_bits).unwrap_or(0) == 0)
}

#[cfg(test)]
mod tests;
