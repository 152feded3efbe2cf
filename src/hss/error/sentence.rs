//! The one sentence of each error.
//!
//! Owns the wording. Must not: name a secret, a URL or a header.

use std::fmt;

use super::{Error, ServiceError};
use crate::hss::iam::Project;

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(out_of_range) => write!(f, "not sent: {out_of_range}"),
            Self::Proxy(bad) => write!(f, "not sent: {bad}"),
            Self::Lapsed => {
                f.write_str("not sent: the claim on this call expired, because it was not sent in time")
            }
            Self::Connect { place, proxy, cause } | Self::Tls { place, proxy, cause } => {
                write!(f, "cannot connect to {place}")?;
                if let Some(proxy) = proxy {
                    write!(f, " via proxy {proxy}")?;
                }
                write!(f, ": {cause}")
            }
            Self::Tunnel { place, proxy, status } => {
                let why = match status {
                    Some(407) => "the proxy asks for a user and a password (407)".to_owned(),
                    Some(status @ 300..400) => {
                        format!("the proxy redirects elsewhere ({status}): a sign-in page?")
                    }
                    Some(status) => format!("the proxy refused the connection ({status})"),
                    None => "the proxy refused the connection".to_owned(),
                };
                write!(f, "cannot connect to {place} via proxy {proxy}: {why}")
            }
            Self::TimedOut { waiting_for, after } => {
                write!(
                    f,
                    "timed out after {} s waiting for {waiting_for}",
                    after.as_secs()
                )
            }
            Self::Service(error) => error.fmt(f),
            Self::NoCredential { source, why } => write!(f, "no credential from {source}: {why}"),
            Self::Project { region, found } => unclear_project(f, region, found),
            Self::Redirected { status, host, .. } => {
                write!(f, "redirect ({status}) to {host} refused: is the endpoint right?")
            }
            Self::NotTheApi {
                status,
                what,
                begins: Some(begins),
                ..
            } => write!(f, "not the API: {what} ({status}): {begins}"),
            Self::NotTheApi { status, what, .. } => {
                write!(f, "not the API: {what} ({status}): a proxy or a sign-in page?")
            }
            Self::TooLarge { limit } => {
                write!(f, "answer too large: more than {} MiB for one page", limit >> 20)
            }
            Self::HeadTooLarge => f.write_str("answer too large: it has more headers than an API sends"),
            Self::Machine { cause } => write!(f, "this machine cannot make the call: {cause}"),
            Self::Incomplete => f.write_str("answer incomplete: it ended early"),
            Self::Dropped { place } => write!(f, "{place} closed the connection before an answer came"),
            Self::Unreadable { why } => write!(f, "answer unreadable: {why}"),
            Self::NotRecorded { call } => write!(f, "the recording has no answer to {call}"),
        }
    }
}

impl fmt::Display for ServiceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let service = self.service.to_string();
        let who = if self.collector.is_some() {
            "the collector"
        } else {
            &service
        };
        match &self.body.message {
            Some(message) => write!(f, "{who} says: {message}")?,
            None => write!(f, "{who} answered with an error")?,
        }
        if self.body.has_encoded_reason {
            f.write_str(" (with an encoded reason)")?;
        }
        write!(f, " ({}", self.status)?;
        // IAM repeats the status as its code.
        if let Some(code) = self
            .body
            .code
            .as_ref()
            .filter(|code| code.raw() != self.status.to_string())
        {
            write!(f, " {code}")?;
        }
        if let Some(id) = &self.request_id {
            write!(f, ", request {id}")?;
        }
        f.write_str(")")
    }
}

/// The most projects that a sentence lists.
const PROJECTS_LISTED: usize = 8;

fn unclear_project(f: &mut fmt::Formatter<'_>, region: &str, found: &[Project]) -> fmt::Result {
    let named = found
        .iter()
        .filter(|project| project.name.raw() == region)
        .count();
    match named {
        0 => write!(f, "no project is named {region}")?,
        many => write!(f, "{many} projects are named {region}")?,
    }
    f.write_str("; choose one with --project-id")?;
    for (at, project) in found.iter().take(PROJECTS_LISTED).enumerate() {
        let separator = if at == 0 { ": " } else { ", " };
        write!(f, "{separator}{} {}", project.name, project.id)?;
    }
    if found.len() > PROJECTS_LISTED {
        write!(f, " and {} more", found.len() - PROJECTS_LISTED)?;
    }
    Ok(())
}
