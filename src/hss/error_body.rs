//! The body of an error: finds its code and message in any of many shapes.
//!
//! Owns the shapes in which HSS, its gateway, IAM and intermediaries answer. Shapes with a code ([`SHAPES`],
//! and an access denial with an encoded message) are found at any depth, like in the official SDK; the
//! shallowest one wins. Without one, a text with the name of a message is used, and else the beginning of the
//! body, because an error without a visible cause cannot be fixed. Codes may be texts or numbers. Must not:
//! trust the status to say what the code says; classification is [`super::error`]'s.

use std::collections::VecDeque;

use serde_json::{Map, Value};

use super::json;
use crate::fleet::RemoteText;
use crate::secrets;

/// The contents of an error body.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ErrorBody {
    /// The code, such as `APIG.0308`, `HSS.0001` or `401`.
    pub code: Option<RemoteText>,
    /// The message, in Chinese or English.
    pub message: Option<RemoteText>,
    /// `request_id`
    pub request_id: Option<RemoteText>,
    /// Whether it has an encoded authorisation message, which says why access was denied to those who may
    /// decode it.
    pub has_encoded_reason: bool,
}

/// Names of code and message, in search order.
const SHAPES: [(&str, &[&str]); 3] = [
    ("error_code", &["error_msg", "error_description"]),
    ("errorCode", &["errorMsg", "errorMessage"]),
    ("code", &["message", "msg", "title"]),
];
/// Names of a message without a code.
const LONE_MESSAGES: [&str; 7] = [
    "message",
    "msg",
    "error_description",
    "detail",
    "error",
    "title",
    "reason",
];
/// The name of the encoded reason of an access denial.
const ENCODED_REASON: &str = "encoded_authorization_message";
/// The most objects and lists that are searched: no error has more, and the search stays short.
const MOST_VALUES: usize = 1000;
/// How many characters of an unknown body are shown.
const EXCERPT_CHARS: usize = 200;

/// Reads the body of an answer with an error status, whatever its form.
pub fn read(bytes: &[u8]) -> ErrorBody {
    let Some(value) = json::value(bytes) else {
        return ErrorBody {
            message: excerpt(&json::text(bytes.to_vec())),
            ..ErrorBody::default()
        };
    };
    let found = find(&value, of_known_shape).or_else(|| find(&value, of_lone_message));
    let beginning = || ErrorBody {
        message: excerpt(&value.to_string()).filter(|_| !is_empty(&value) && !has_encoded_reason(&value)),
        ..ErrorBody::default()
    };
    with_reference(found.unwrap_or_else(beginning), &value)
}

/// What is wrong in the words of a collector of hss-top, whose message is that of HSS.
pub fn description(bytes: &[u8]) -> Option<RemoteText> {
    text_only(json::value(bytes)?.get("error_description"))
}

/// Whether an answer with a success status is an error all the same: it has a code and a message.
pub fn is_error_body(bytes: &[u8]) -> bool {
    let Some(value) = json::value(bytes).filter(Value::is_object) else {
        return false;
    };
    find(&value, of_known_shape).is_some_and(|body| body.message.is_some() && !says_success(&body))
}

/// Whether a page has an error code next to its lists.
pub fn is_error_page(bytes: &[u8]) -> bool {
    let value = json::value(bytes);
    let body = value.as_ref().and_then(Value::as_object).and_then(of_known_shape);
    body.is_some_and(|body| body.code.is_some() && !says_success(&body))
}

/// The beginning of an unexpected text, to be shown; `None` if it is blank.
pub fn excerpt(text: &str) -> Option<RemoteText> {
    // Redact before anything is cut or collapsed: the rest of a secret would not be recognised.
    let text = secrets::redact(text);
    let mut words = String::new();
    // White space is often only layout. Reading slightly more than is shown reveals whether there is more.
    for word in text.split_whitespace() {
        if !words.is_empty() {
            words.push(' ');
        }
        words.extend(word.chars().take(EXCERPT_CHARS + 1));
        if words.len() > 4 * EXCERPT_CHARS {
            break;
        }
    }
    if let Some((end, _)) = words.char_indices().nth(EXCERPT_CHARS) {
        words.truncate(end);
        words.push('…');
    }
    (!words.is_empty()).then(|| RemoteText::message(&words))
}

/// Searches all objects of a document, the shallowest first.
fn find(value: &Value, read_object: impl Fn(&Map<String, Value>) -> Option<ErrorBody>) -> Option<ErrorBody> {
    let mut due = VecDeque::from([value]);
    for _ in 0..MOST_VALUES {
        let next = due.pop_front()?;
        if let Some(found) = next.as_object().and_then(&read_object) {
            return Some(found);
        }
        let has_more = |value: &&Value| value.is_object() || value.is_array();
        match next {
            Value::Object(object) => due.extend(object.values().filter(has_more)),
            Value::Array(list) => due.extend(list.iter().filter(has_more).take(MOST_VALUES)),
            _ => {}
        }
    }
    None
}

fn of_known_shape(object: &Map<String, Value>) -> Option<ErrorBody> {
    SHAPES.iter().find_map(|(code, messages)| {
        let code = text(object.get(*code));
        let message = messages.iter().find_map(|message| text(object.get(*message)));
        // A `message` or `code` alone may be anything; an `error_…` alone is an error.
        let is_error = messages
            .iter()
            .any(|name| name.starts_with("error") && object.contains_key(*name));
        (code.is_some() || is_error).then(|| of_object(object, code, message))
    })
}

fn of_lone_message(object: &Map<String, Value>) -> Option<ErrorBody> {
    let message = LONE_MESSAGES
        .iter()
        .find_map(|name| text_only(object.get(*name)))?;
    Some(of_object(object, None, Some(message)))
}

fn of_object(
    object: &Map<String, Value>,
    code: Option<RemoteText>,
    message: Option<RemoteText>,
) -> ErrorBody {
    ErrorBody {
        code,
        message,
        request_id: text(object.get("request_id")),
        has_encoded_reason: object.contains_key(ENCODED_REASON),
    }
}

/// Adds the fields at the top of the body, which every shape may have.
fn with_reference(mut body: ErrorBody, value: &Value) -> ErrorBody {
    body.request_id = text(value.get("request_id")).or(body.request_id);
    body.has_encoded_reason |= has_encoded_reason(value);
    body
}

fn has_encoded_reason(value: &Value) -> bool {
    value.get(ENCODED_REASON).is_some()
}

/// Whether a code means success, as in `{"code":0,"message":"ok"}`.
fn says_success(body: &ErrorBody) -> bool {
    let code = body.code.as_ref().map(RemoteText::raw).unwrap_or_default();
    ["0", "200", "ok", "success"]
        .iter()
        .any(|good| code.eq_ignore_ascii_case(good))
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Object(object) => object.is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::String(text) => text.trim().is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

/// A code or a message; an object or a list becomes its JSON.
fn text(value: Option<&Value>) -> Option<RemoteText> {
    match value? {
        Value::Number(number) => Some(RemoteText::name(&number.to_string())),
        value @ (Value::Object(_) | Value::Array(_)) if !is_empty(value) => excerpt(&value.to_string()),
        value => text_only(Some(value)),
    }
}

fn text_only(value: Option<&Value>) -> Option<RemoteText> {
    let text = value?.as_str()?.trim();
    (!text.is_empty()).then(|| RemoteText::message(text))
}

#[cfg(test)]
mod tests;
