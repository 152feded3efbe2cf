//! What went wrong with TLS, with readable dates, and what helps.
//!
//! Owns the sentences about certificates. Must not: repeat more than a few names of a stranger's certificate.

use std::error::Error as StdError;
use std::io;

use jiff::Timestamp;
use rustls::pki_types::UnixTime;
use rustls::{AlertDescription, CertificateError, Error};

use super::tls;

/// A fault of TLS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TlsFault {
    /// What happened.
    pub(crate) what: String,
    /// What helps.
    pub(crate) advice: &'static str,
}

/// The most names of a certificate that a sentence lists.
const NAMES_LISTED: usize = 5;

const DATES: &str = "renew the certificate, or set this machine's clock if it is wrong";

/// The TLS fault that caused an error, if any.
pub(crate) fn fault_of(error: &(dyn StdError + 'static)) -> Option<TlsFault> {
    let mut next = Some(error);
    while let Some(this) = next {
        if let Some(error) = tls_error(this) {
            let mut fault = in_words(error)?;
            if matches!(error, Error::InvalidCertificate(CertificateError::UnknownIssuer))
                && let Some(replaced) = tls::replaced_roots(&crate::env::os)
            {
                fault.what = format!("{}: {replaced}", fault.what);
            }
            return Some(fault);
        }
        next = this.source();
    }
    None
}

/// An error of the TLS library, which an error of the system may wrap without naming it as its source.
fn tls_error<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a Error> {
    if let Some(tls) = error.downcast_ref() {
        return Some(tls);
    }
    let inner = error.downcast_ref::<io::Error>()?.get_ref()?;
    let inner: &(dyn StdError + 'static) = inner;
    tls_error(inner)
}

fn in_words(error: &Error) -> Option<TlsFault> {
    let fault = |what: &str, advice| {
        Some(TlsFault {
            what: what.to_owned(),
            advice,
        })
    };
    match error {
        Error::InvalidCertificate(error) => certificate(error),
        Error::AlertReceived(AlertDescription::CertificateRequired) => fault(
            "the server wants a client certificate (CertificateRequired)",
            "use --client-cert-file and --client-key-file",
        ),
        Error::AlertReceived(AlertDescription::ProtocolVersion) => {
            fault("the server has no TLS 1.2 or newer", "update the server")
        }
        Error::InvalidMessage(_) => fault(
            "the server does not speak TLS",
            "is the port right, or is it an http:// endpoint?",
        ),
        _ => None,
    }
}

fn certificate(error: &CertificateError) -> Option<TlsFault> {
    let (what, advice) = match error {
        CertificateError::UnknownIssuer => (
            "the server certificate is not signed by a trusted CA (UnknownIssuer)".to_owned(),
            "use --ca-file for a private CA, and put the CA into it that signed this certificate; TLS-inspecting proxies have one too",
        ),
        CertificateError::Expired => ("the server certificate expired".to_owned(), DATES),
        CertificateError::ExpiredContext { time, not_after } => (
            format!(
                "the server certificate expired on {}; this machine's clock says {}",
                date(*not_after),
                date(*time)
            ),
            DATES,
        ),
        CertificateError::NotValidYet => ("the server certificate is not valid yet".to_owned(), DATES),
        CertificateError::NotValidYetContext { time, not_before } => (
            format!(
                "the server certificate is not valid before {}; this machine's clock says {}",
                date(*not_before),
                date(*time)
            ),
            DATES,
        ),
        CertificateError::NotValidForName => (
            "the server certificate is for another host: not valid for name".to_owned(),
            "is the endpoint right?",
        ),
        CertificateError::NotValidForNameContext { expected, presented } => (
            format!(
                "the server certificate is not valid for name {}{}",
                expected.to_str(),
                names(presented)
            ),
            "is the endpoint right?",
        ),
        CertificateError::Revoked => (
            "the server certificate was revoked".to_owned(),
            "replace the certificate",
        ),
        CertificateError::Other(other) if format!("{other:?}").contains("CaUsedAsEndEntity") => (
            "the server presents a CA certificate as its own, as self-signed ones often are (CaUsedAsEndEntity)".to_owned(),
            "sign the server certificate with your own CA and name that CA with --ca-file, or make the certificate with \
             basicConstraints=CA:FALSE",
        ),
        _ => return None,
    };
    Some(TlsFault { what, advice })
}

/// The time in UTC, to the second.
fn date(time: UnixTime) -> String {
    let seconds = i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
    match Timestamp::from_second(seconds) {
        Ok(time) => time.strftime("%Y-%m-%d %H:%M:%S UTC").to_string(),
        Err(_) => format!("{seconds} seconds after 1970"),
    }
}

/// The names that a certificate is valid for; the library writes them as `DnsName("hss.example")`.
fn names(presented: &[String]) -> String {
    let plain = |name: &String| {
        let inner = name.split_once('"').and_then(|(_, rest)| rest.split_once('"'));
        inner.map_or_else(|| name.clone(), |(inner, _)| inner.to_owned())
    };
    let mut told: Vec<String> = presented.iter().take(NAMES_LISTED).map(plain).collect();
    if presented.len() > NAMES_LISTED {
        told.push(format!("{} more", presented.len() - NAMES_LISTED));
    }
    if told.is_empty() {
        String::new()
    } else {
        format!(", only for {}", told.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustls::pki_types::ServerName;
    use std::time::Duration;

    fn told(error: CertificateError) -> String {
        // Wrapped in two system errors, as the HTTP library reports it.
        let inner = io::Error::new(io::ErrorKind::InvalidData, Error::InvalidCertificate(error));
        let outer = io::Error::other(inner);
        let fault = fault_of(&outer).unwrap();
        format!("{} ({})", fault.what, fault.advice)
    }

    fn at(seconds: u64) -> UnixTime {
        UnixTime::since_unix_epoch(Duration::from_secs(seconds))
    }

    #[test]
    fn dates_are_readable() {
        let expired = CertificateError::ExpiredContext {
            time: at(1_795_908_071),
            not_after: at(1_580_515_200),
        };
        assert_eq!(
            told(expired),
            "the server certificate expired on 2020-02-01 00:00:00 UTC; this machine's clock says 2026-11-28 23:21:11 UTC \
             (renew the certificate, or set this machine's clock if it is wrong)"
        );
        let early = CertificateError::NotValidYetContext {
            time: at(0),
            not_before: at(1_580_515_200),
        };
        assert!(told(early).contains(
            "not valid before 2020-02-01 00:00:00 UTC; this machine's clock says 1970-01-01 00:00:00 UTC"
        ));
        assert_eq!(date(at(u64::MAX)), format!("{} seconds after 1970", i64::MAX));
    }

    #[test]
    fn only_some_names_are_listed() {
        let of = |count: usize| CertificateError::NotValidForNameContext {
            expected: ServerName::try_from("localhost").unwrap(),
            presented: (0..count)
                .map(|at| format!("DnsName(\"h{at}.example\")"))
                .collect(),
        };
        assert!(told(of(0)).starts_with("the server certificate is not valid for name localhost ("));
        assert!(told(of(2)).contains(" localhost, only for h0.example, h1.example ("));
        assert!(told(of(7)).contains("h4.example, 2 more ("));
    }

    #[test]
    fn each_fault_says_what_helps() {
        assert!(told(CertificateError::UnknownIssuer).contains("--ca-file"));
        assert!(told(CertificateError::NotValidForName).contains("endpoint"));
        assert!(told(CertificateError::Expired).contains("clock"));
        assert!(told(CertificateError::NotValidYet).contains("clock"));
        assert!(told(CertificateError::Revoked).contains("replace"));
        let alert = |alert| fault_of(&Error::AlertReceived(alert));
        assert!(
            alert(AlertDescription::CertificateRequired)
                .unwrap()
                .advice
                .contains("--client-cert-file")
        );
        assert!(alert(AlertDescription::ProtocolVersion).is_some());
        assert_eq!(alert(AlertDescription::InternalError), None);
        assert_eq!(fault_of(&io::Error::other("no TLS")), None);
    }
}
