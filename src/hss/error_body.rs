//! The body of an error: its code and message, in whichever of many shapes.
//!
//! Owns the shapes that HSS, its gateway, IAM and what stands between them answer with: `error_code` with
//! `error_msg` or only `error_description`, `errorCode` with `errorMsg`, `code` with `message`, any of these one
//! level down under any key (IAM v3's `error`), and an access denial with an encoded message. Codes may be text or
//! numbers. Must not: trust the status to say what the code says; classification is [`super::error`]'s.

use serde_json::{Map, Value};

use crate::fleet::RemoteText;

/// What an error body says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ErrorBody {
    /// The code, such as `APIG.0308`, `HSS.0001` or `401`.
    pub code: Option<RemoteText>,
    /// The message, in Chinese or English.
    pub message: Option<RemoteText>,
    /// `request_id`
    pub request_id: Option<RemoteText>,
    /// Whether an encoded authorisation message came with it: it says why access was denied, to those who may
    /// decode it.
    pub has_encoded_reason: bool,
}

/// Names of code and message, in the order in which they are looked for.
const SHAPES: [(&str, &[&str]); 3] = [
    ("error_code", &["error_msg", "error_description"]),
    ("errorCode", &["errorMsg", "errorMessage"]),
    ("code", &["message", "msg", "title"]),
];

/// Reads a body; `None` if it is no JSON object that holds a code or a message.
pub fn read_error_body(bytes: &[u8]) -> Option<ErrorBody> {
    let Ok(Value::Object(object)) = serde_json::from_slice(bytes) else {
        return None;
    };
    let mut body = read_object(&object)
        .or_else(|| object.values().filter_map(Value::as_object).find_map(read_object))?;
    body.request_id = text(object.get("request_id")).or(body.request_id);
    body.has_encoded_reason |= object.contains_key("encoded_authorization_message");
    Some(body)
}

fn read_object(object: &Map<String, Value>) -> Option<ErrorBody> {
    SHAPES.iter().find_map(|(code, messages)| {
        let code = text(object.get(*code));
        let message = messages.iter().find_map(|message| text(object.get(*message)));
        // A lone `message` or `code` may be anything; a lone error_… is an error.
        let found = code.is_some()
            || messages
                .iter()
                .any(|name| name.starts_with("error") && object.contains_key(*name));
        found.then(|| ErrorBody {
            code,
            message,
            request_id: text(object.get("request_id")),
            has_encoded_reason: object.contains_key("encoded_authorization_message"),
        })
    })
}

fn text(value: Option<&Value>) -> Option<RemoteText> {
    match value? {
        Value::String(text) if !text.trim().is_empty() => Some(RemoteText::message(text.trim())),
        Value::Number(number) => Some(RemoteText::name(&number.to_string())),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> (Option<String>, Option<String>, Option<String>) {
        let body = read_error_body(json.as_bytes()).unwrap_or_default();
        let shown = |text: Option<RemoteText>| text.map(|text| text.shown().to_owned());
        (shown(body.code), shown(body.message), shown(body.request_id))
    }

    fn some(
        code: &str,
        message: &str,
        request_id: Option<&str>,
    ) -> (Option<String>, Option<String>, Option<String>) {
        (
            Some(code.into()),
            Some(message.into()),
            request_id.map(Into::into),
        )
    }

    #[test]
    fn all_documented_shapes_are_read() {
        let gateway = r#"{"error_msg":"slow down","error_code":"APIG.0308","request_id":"abc"}"#;
        assert_eq!(read(gateway), some("APIG.0308", "slow down", Some("abc")));
        let hss = r#"{"error_code":"HSS.1005","error_msg":"策略无效","error_description":"invalid policy"}"#;
        assert_eq!(read(hss), some("HSS.1005", "策略无效", None));
        let legacy = r#"{"error_code":"00000010","error_description":"no access"}"#;
        assert_eq!(read(legacy), some("00000010", "no access", None));
        let iam = r#"{"error":{"code":401,"message":"Unauthorized.","title":"Unauthorized"}}"#;
        assert_eq!(read(iam), some("401", "Unauthorized.", None));
        assert_eq!(read(r#"{"code":"X.1","message":"no"}"#), some("X.1", "no", None));
        assert_eq!(
            read(r#"{"errorCode":"X.2","errorMsg":"no"}"#),
            some("X.2", "no", None)
        );
        assert_eq!(
            read(r#"{"anything":{"error_code":"X.3","error_msg":"no"},"request_id":"r"}"#),
            some("X.3", "no", Some("r"))
        );
    }

    #[test]
    fn an_encoded_reason_is_noticed_and_not_shown() {
        let json = r#"{"error_code":"PAP5.0001","error_msg":"denied","request_id":"r",
            "encoded_authorization_message":"c2VjcmV0","details":[]}"#;
        let body = read_error_body(json.as_bytes()).unwrap();
        assert!(body.has_encoded_reason);
        assert!(!format!("{body:?}").contains("c2VjcmV0"));
    }

    #[test]
    fn what_is_no_error_body_is_none() {
        for bytes in [
            "",
            "<html>502</html>",
            "[]",
            "null",
            "{}",
            "{\"message\":\"hello\"}",
            "{\"data_list\":[]}",
        ] {
            assert_eq!(read_error_body(bytes.as_bytes()), None, "{bytes}");
        }
    }

    #[test]
    fn hostile_messages_are_made_safe() {
        let json = "{\"error_code\":\"A\\u001b[2J\",\"error_msg\":\"x\\u202e\"}";
        assert_eq!(read(json), some("A\\u{1b}[2J", "x\\u{202e}", None));
    }
}
