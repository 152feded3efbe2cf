//! Takes out of an exchange what no recording may have.
//!
//! | what | becomes |
//! |---|---|
//! | secrets in use, wherever a service repeats them | `‹secret›` ([`crate::secrets`]) |
//! | the project's id, in the path and in texts | `project` |
//! | an enterprise project's id | `enterprise-project` |
//! | other ids of accounts: members such as `domain_id`, ids in errors | a pseudonym |
//! | the canonical request and the encoded reason in an error | `removed` |
//! | headers that hss-top does not read | nothing |
//! | the body and the headers of a sign-in | nothing |
//!
//! With `--mask`, names, addresses and ids become pseudonyms too ([`super::mask`]). Must not: write.

use std::sync::LazyLock;

use form_urlencoded::parse;
use jiff::Timestamp;
use regex::{Captures, Regex};
use reqwest::header::HeaderMap;

use super::form::enterprise_project;
use super::mask::BodyMask;
use super::{ENTERPRISE_PROJECT, PROJECT, RecordedExchange, RecordedFailure, RecordingHeader};
use crate::fleet::pseudonym::{NameKind, Pseudonyms};
use crate::hss::json;
use crate::hss::request::percent_encode;
use crate::hss::transport::{HeardAnswer, HeardExchange};
use crate::secrets;

/// The headers that hss-top reads.
const HEADERS: [&str; 11] = [
    "age",
    "content-type",
    "date",
    "location",
    "retry-after",
    "x-apig-ratelimit-api",
    "x-apig-ratelimit-app",
    "x-apig-ratelimit-ip",
    "x-apig-ratelimit-user",
    "x-hss-top-age",
    "x-request-id",
];
/// The longest value of such a header, in characters.
const LONGEST_HEADER: usize = 256;
/// What is written in place of a part that is removed.
const REMOVED: &str = "removed";

/// What the expressions find; without one of them nothing would be taken out, so a cleaner needs all.
struct Findings {
    /// Members with ids of accounts.
    account_ids: Regex,
    /// An id of Huawei Cloud.
    bare_id: Regex,
    /// What a gateway repeats of a signed request, and the reason of IAM.
    repeated: Regex,
}

static FINDINGS: LazyLock<Option<Findings>> = LazyLock::new(|| {
    let account_ids = r#"("(?:enterprise_?)?(?:domain|project|account|user|agency|tenant|customer)_?[iI]d"\s*:\s*")([^"\\]+)""#;
    let repeated = r#"(?i)(canonicalRequest\s*:)[^"]*|(encoded_authorization_message["'\s:=]{1,6})[A-Za-z0-9+/=_.-]{8,}"#;
    Some(Findings {
        account_ids: Regex::new(account_ids).ok()?,
        bare_id: Regex::new(r"\b[0-9a-fA-F]{32}\b").ok()?,
        repeated: Regex::new(repeated).ok()?,
    })
});

/// Cleans exchanges.
#[derive(Debug)]
pub struct ExchangeCleaner {
    began: Timestamp,
    names: Pseudonyms,
    is_masked: bool,
}

impl ExchangeCleaner {
    /// A cleaner for a recording that began then; `None` if the system provides no random bytes.
    pub fn new(began: Timestamp, is_masked: bool) -> Option<Self> {
        FINDINGS.as_ref()?;
        Some(Self {
            began,
            names: Pseudonyms::random()?,
            is_masked,
        })
    }

    fn mask(&self) -> Option<BodyMask<'_>> {
        self.is_masked.then_some(BodyMask { names: &self.names })
    }

    /// The header as it is written.
    pub fn header(&self, header: RecordingHeader) -> RecordingHeader {
        let enterprise_project_id = enterprise_project(&header.enterprise_project_id).to_owned();
        let of = |kind, name: &str| match self.mask() {
            Some(mask) => mask.names.of(kind, name),
            None => name.to_owned(),
        };
        RecordingHeader {
            masked: self.is_masked,
            place: of(NameKind::Place, &header.place),
            cluster: header.cluster.as_deref().map(|it| of(NameKind::Cluster, it)),
            namespace: header.namespace.as_deref().map(|it| of(NameKind::Namespace, it)),
            pod: header.pod.as_deref().map(|it| of(NameKind::Pod, it)),
            enterprise_project_id,
            ..header
        }
    }

    /// Milliseconds from the beginning to this time.
    pub fn since_beginning(&self, at: Timestamp) -> u64 {
        u64::try_from(at.duration_since(self.began).as_millis()).unwrap_or_default()
    }

    /// The exchange as it is written.
    pub fn clean(&self, heard: HeardExchange) -> RecordedExchange {
        let ids = CallIds::of(&heard);
        let has_body = heard
            .outcome
            .as_ref()
            .map_or(true, |answer| answer.body.is_some());
        let mut exchange = RecordedExchange {
            at_ms: self.since_beginning(heard.sent_at),
            took_ms: u64::try_from(heard.took.as_millis()).unwrap_or(u64::MAX),
            method: heard.method.as_str().to_owned(),
            path: secrets::redact(&ids.path).into_owned(),
            query: if has_body {
                self.query(&heard.query)
            } else {
                String::new()
            },
            ..RecordedExchange::default()
        };
        match heard.outcome {
            Err(error) => exchange.error = Some(RecordedFailure::of(&error, self.is_masked)),
            Ok(answer) => self.take_answer(answer, &ids, &mut exchange),
        }
        exchange
    }

    fn take_answer(&self, answer: HeardAnswer, ids: &CallIds, exchange: &mut RecordedExchange) {
        exchange.status = Some(answer.status.as_u16());
        exchange.headers = self.headers(&answer.headers, ids);
        match answer.body {
            None => {}
            Some(Err(error)) => exchange.error = Some(RecordedFailure::of(&error, self.is_masked)),
            Some(Ok(body)) => {
                let text = self.text(json::text(body), ids);
                exchange.body = Some(match self.mask() {
                    Some(mask) => mask.body(&text),
                    None => text,
                });
            }
        }
    }

    /// A text of the service without secrets and without ids of accounts.
    fn text(&self, text: String, ids: &CallIds) -> String {
        let is_list = is_list(&text);
        let mut text = if is_list {
            secrets::redact_page(text)
        } else {
            secrets::redact(&text).into_owned()
        };
        for (id, replacement) in [
            (&ids.project, PROJECT),
            (&ids.enterprise_project, ENTERPRISE_PROJECT),
        ] {
            if let Some(id) = id.as_deref().filter(|id| text.contains(*id)) {
                text = text.replace(id, replacement);
            }
        }
        let Some(findings) = FINDINGS.as_ref() else {
            return String::new();
        };
        let of_account = |found: &Captures<'_>| format!("{}{}\"", &found[1], self.account_id(&found[2]));
        let text = findings.account_ids.replace_all(&text, of_account);
        if is_list {
            return text.into_owned();
        }
        let repeated = |found: &Captures<'_>| {
            let start = found.get(1).or(found.get(2)).map_or("", |it| it.as_str());
            format!("{start}{REMOVED}")
        };
        let text = findings.repeated.replace_all(&text, repeated);
        let bare = |found: &Captures<'_>| {
            let id = &found[0];
            let is_of_the_call = ids.request.as_deref() == Some(id) && !self.is_masked;
            if is_of_the_call {
                id.to_owned()
            } else {
                self.account_id(id)
            }
        };
        findings.bare_id.replace_all(&text, bare).into_owned()
    }

    fn account_id(&self, id: &str) -> String {
        match enterprise_project(id) {
            ENTERPRISE_PROJECT if matches!(id, PROJECT | ENTERPRISE_PROJECT) => id.to_owned(),
            ENTERPRISE_PROJECT => self.names.of(NameKind::Account, id),
            word => word.to_owned(),
        }
    }

    fn query(&self, query: &str) -> String {
        let cleaned = parse(query.as_bytes()).map(|(name, value)| {
            let kind = match &*name {
                "pod_name" => Some(NameKind::Pod),
                "namespace_name" => Some(NameKind::Namespace),
                "cluster_name" => Some(NameKind::Cluster),
                _ => None,
            };
            let value = match (&*name, kind, self.mask()) {
                ("enterprise_project_id", ..) => enterprise_project(&value).to_owned(),
                (_, Some(kind), Some(mask)) => mask.names.of(kind, &value),
                ("limit" | "offset", ..) | (_, _, None) => secrets::redact(&value).into_owned(),
                _ => String::new(),
            };
            format!("{}={}", percent_encode(&name), percent_encode(&value))
        });
        cleaned.collect::<Vec<_>>().join("&")
    }

    fn headers(&self, headers: &HeaderMap, ids: &CallIds) -> Vec<(String, String)> {
        let known = HEADERS.iter().flat_map(|name| {
            let values = headers.get_all(*name).into_iter();
            values.map(|value| (*name, String::from_utf8_lossy(value.as_bytes()).into_owned()))
        });
        let cleaned = known.map(|(name, value)| {
            let value = match (name, self.mask()) {
                ("location", mask) => location(&value, mask.is_some()),
                ("x-request-id", Some(mask)) => mask.names.of(NameKind::Id, &value),
                (_, Some(mask)) => mask.plain(&value),
                ("x-request-id", None) => secrets::redact(&value).into_owned(),
                (_, None) => self.text(value, ids),
            };
            (name.to_owned(), value.chars().take(LONGEST_HEADER).collect())
        });
        cleaned.collect()
    }
}

/// Whether a text is a list of pods, in which a name that looks like a short password is a name.
pub(super) fn is_list(text: &str) -> bool {
    // An error may come with an empty list.
    (text.contains("data_list") || text.contains("pod_info_list")) && !text.contains("\"error_msg\"")
}

/// The target of a redirect: the host, without the path and the query, which may have a ticket.
fn location(value: &str, is_masked: bool) -> String {
    let host = value.split_once("//").map(|(_, rest)| rest);
    let host = host.and_then(|rest| rest.split(['/', '?', '#']).next());
    // What is before an @ is a user and a password.
    let host = host.and_then(|host| host.rsplit('@').next());
    match host.filter(|_| !is_masked) {
        Some(host) => format!("https://{}/", secrets::redact(host)),
        None => "https://hidden.invalid/".to_owned(),
    }
}

/// The ids of a call that are replaced, or recognised, in its answer.
struct CallIds {
    path: String,
    project: Option<String>,
    enterprise_project: Option<String>,
    request: Option<String>,
}

impl CallIds {
    fn of(heard: &HeardExchange) -> Self {
        let below = heard.path.strip_prefix("/v5/");
        let (path, project) = match below.map(|below| below.split_once('/').unwrap_or((below, ""))) {
            Some((project, rest)) => (format!("/v5/{PROJECT}/{rest}"), Some(project.to_owned())),
            None => (heard.path.clone(), None),
        };
        let asked = parse(heard.query.as_bytes()).find(|(name, _)| name == "enterprise_project_id");
        let asked = asked.map(|(_, id)| id.into_owned());
        let answer = heard.outcome.as_ref().ok();
        let request = answer.and_then(|answer| answer.headers.get("x-request-id"));
        // A short id would be found within other words.
        let long = |id: &String| id.len() >= secrets::SHORTEST;
        Self {
            path,
            project: project.filter(long),
            enterprise_project: asked
                .filter(|id| enterprise_project(id) == ENTERPRISE_PROJECT)
                .filter(long),
            request: request.and_then(|id| id.to_str().ok()).map(str::to_owned),
        }
    }
}
