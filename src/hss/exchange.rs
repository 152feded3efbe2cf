//! Sends one call: from the value to its answer.
//!
//! Owns the steps that all endpoints share: the address, the headers that authenticate the call, the meaning
//! of errors. Must not: know an endpoint, choose a credential, or send anything twice.

use reqwest::Method;
use reqwest::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderName, HeaderValue};
use tokio::time::Instant;

use super::answer;
use super::auth::credential::{AuthHeaders, Credential, SignInput};
use super::call::{Call, CallEffect, DecodeError, Received};
use super::client::{Answer, AnswerAge};
use super::collector_mark::CollectorState;
use super::error::{Error, ServiceName};
use super::quota::Quota;
use super::request::{ProjectId, percent_encode};
use super::send_by::SendBy;
use super::transport::{Incoming, Outgoing, Transport};
use crate::fleet::RemoteText;

/// The version of HSS's API that is called.
pub const API_VERSION: &str = "v5";

/// Does `work`, everything that `call` needs, and logs the result.
pub(super) async fn logged<C: Call>(
    call: &C,
    work: impl Future<Output = Result<Answer<C::Answer>, Error>>,
) -> Result<Answer<C::Answer>, Error> {
    let started = Instant::now();
    let result = work.await;
    let ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    call.log(result.as_ref(), ms);
    result
}

/// Makes `call` over `way` once, unless its claim has expired. Without a credential it is a sign-in. The
/// result contains neither clocks nor the project.
pub(super) async fn exchange<C: Call>(
    way: &Transport,
    by: SendBy,
    call: &C,
    credential: Option<&Credential>,
    project: Option<&ProjectId>,
) -> Result<Answer<C::Answer>, Error> {
    let (outgoing, auth_headers) = request(way, call, credential, project);
    let mut note = way.note(call.subject(None));
    let result = match way.send_by(by, outgoing).await {
        Ok(incoming) => {
            note.came(incoming.status, incoming.body.as_ref().ok().map(Vec::len));
            judged(incoming, way, call, |error| match credential {
                Some(_) => error.of_call(&auth_headers),
                None => error.of_sign_in(),
            })
        }
        Err(error) => Err(error),
    };
    match &result {
        Ok(answer) => note.succeeded(call.subject(Some(&answer.value)), answer.request_id.as_ref()),
        Err(error) => note.failed(error),
    }
    result
}

/// The answer to `call`; to an error `blamed` adds its service.
fn judged<C: Call>(
    mut incoming: Incoming,
    way: &Transport,
    call: &C,
    blamed: impl FnOnce(Error) -> Error,
) -> Result<Answer<C::Answer>, Error> {
    let body = answer::body(&mut incoming, C::SERVICE, way.endpoint(), C::MAY_BE_EMPTY).map_err(blamed)?;
    let received = Received {
        headers: &incoming.headers,
        body,
    };
    let value = call
        .decode(received)
        .map_err(|wrong| wrong.error(&incoming, C::SERVICE))?;
    Ok(Answer {
        value,
        request_id: answer::request_id(&incoming.headers),
        project: None,
        skew: None,
        clock_doubt: None,
        odd_date: None,
        quotas: Quota::read(&incoming.headers),
        age: AnswerAge(answer::age(&incoming.headers)),
        collector: CollectorState::read(&incoming.headers),
    })
}

/// The request, and its headers for authentication.
fn request<C: Call>(
    way: &Transport,
    call: &C,
    credential: Option<&Credential>,
    project: Option<&ProjectId>,
) -> (Outgoing, AuthHeaders) {
    let path = match (C::SERVICE, project) {
        (ServiceName::Hss, Some(project)) => {
            let project = percent_encode(project.as_str());
            format!("/{API_VERSION}/{project}{}", call.path())
        }
        _ => call.path(),
    };
    let (query, own, body) = (call.query().encoded(), call.headers(), call.body());
    let endpoint = way.endpoint();
    let auth_headers = credential.map(|credential| {
        credential.authenticate(&SignInput {
            method: C::METHOD.as_str(),
            path: endpoint.url(&path, &query).path(),
            query: &query,
            headers: &own,
            body: &body,
            host: &endpoint.place(),
            project_id: project.map(ProjectId::as_str),
            at: way.now(),
        })
    });
    let auth_headers = auth_headers.unwrap_or_default();
    let mut headers = auth_headers.headers.clone();
    headers.extend(own.into_iter().filter_map(header));
    if !body.is_empty() {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    } else if C::METHOD != Method::GET {
        // A gateway may refuse a call that does not declare its empty body (411).
        headers.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
    }
    let outgoing = Outgoing {
        method: C::METHOD,
        path,
        query,
        headers,
        body,
        may_be_repeated: C::EFFECT == CallEffect::Reads,
    };
    (outgoing, auth_headers)
}

fn header((name, value): (&'static str, String)) -> Option<(HeaderName, HeaderValue)> {
    Some((HeaderName::from_static(name), HeaderValue::from_str(&value).ok()?))
}

impl DecodeError {
    fn error(self, incoming: &Incoming, service: ServiceName) -> Error {
        match self {
            Self::Incomplete => Error::Incomplete,
            Self::Refusal(body) => answer::error(incoming, service, &body),
            Self::Unreadable(why) => Error::Unreadable {
                why: RemoteText::message(&why),
            },
        }
    }
}
