//! Masks the body of an answer: names, addresses and ids become pseudonyms.
//!
//! The same name has the same pseudonym in the whole recording, so filters, counts and comparisons mean what
//! they meant; numbers, quantities, times and the documented words stay. What is not known is removed: a member
//! that hss-top does not read, and each word of a message that is not in [`WORDS`]. A body that is no JSON only
//! keeps what kind of body it is. Must not: know where the body is written.

use serde_json::{Map, Value};

use crate::fleet::fields::{FieldKind, PodField};
use crate::fleet::pseudonym::{NameKind, Pseudonyms};
use crate::hss::json;

/// Members that hold other members.
const CONTAINERS: [&str; 7] = [
    "data_list",
    "pod_info_list",
    "error",
    "errors",
    "data",
    "details",
    "fault",
];
/// Members with figures of the list.
const FIGURES: [&str; 2] = ["total_num", "last_update_time"];
/// Members with a code.
const CODES: [&str; 3] = ["error_code", "errorCode", "code"];
/// Members with a message.
const MESSAGES: [&str; 10] = [
    "error_msg",
    "errorMsg",
    "errorMessage",
    "error_description",
    "message",
    "msg",
    "title",
    "detail",
    "reason",
    "error",
];
/// Words of messages that are no names: those of the gateway, of HSS and of IAM.
const WORDS: &str = "a access account action address aksk and api apig apigw app are authenticate authentication \
    authorization authorized be been bad by call calls canonicalrequest cannot cluster container credential \
    credentials date day days denied does domain doesn't encoded endpoint enterprise environment error exceeded exist expired fail failed \
    for forbidden found gateway has have header hour hours iam id in incorrect information insufficient internal invalid ip is it \
    key latest limit list locked message method minute minutes missing more no not number of on or over parameter \
    password permission permissions please policy project published ratelimit reached reason region removed request \
    requests resource response retry role sdk second seconds server service session sign signature signed system than \
    the this threshold throttling time timeout to token too try unauthorized unavailable unknown user \
    value verify was wait window with wrong you your";
/// The most characters of a word that stays.
const LONGEST_WORD: usize = 40;

/// Masks bodies with these pseudonyms.
#[derive(Clone, Copy)]
pub(super) struct BodyMask<'a> {
    pub(super) names: &'a Pseudonyms,
}

impl BodyMask<'_> {
    /// The masked body.
    pub(super) fn body(self, text: &str) -> String {
        match json::value(text.as_bytes()) {
            Some(value) => self.value("data_list", &value).unwrap_or(Value::Null).to_string(),
            // What the client takes it for stays.
            None => match json::first_byte(text.as_bytes()) {
                None => String::new(),
                Some(b'<') => "<html>hidden</html>".to_owned(),
                Some(b'{' | b'[') => "{\"data_list\":[".to_owned(),
                Some(_) => "hidden".to_owned(),
            },
        }
    }

    /// A value of a header that may only have a date, a number or words of HTTP.
    pub(super) fn plain(self, value: &str) -> String {
        let is_plain = |it: char| it.is_ascii_alphanumeric() || " ,:;/=.+-_\"".contains(it);
        if value.chars().all(is_plain) && value.chars().count() <= 2 * LONGEST_WORD {
            value.to_owned()
        } else {
            self.names.of(NameKind::Id, value)
        }
    }

    /// The masked value of a member; `None` if the member is removed.
    fn value(self, key: &str, value: &Value) -> Option<Value> {
        match value {
            Value::Object(object) if CONTAINERS.contains(&key) => Some(self.object(object)),
            Value::Array(list) if CONTAINERS.contains(&key) => Some(Value::Array(
                list.iter().filter_map(|entry| self.value(key, entry)).collect(),
            )),
            Value::String(text) if MESSAGES.contains(&key) => Some(self.message(text).into()),
            Value::String(text) if CODES.contains(&key) => Some(self.code(text).into()),
            Value::Number(_) if CODES.contains(&key) => Some(value.clone()),
            _ => self.field(key, value),
        }
    }

    fn object(self, object: &Map<String, Value>) -> Value {
        let members = object
            .iter()
            .filter_map(|(key, value)| Some((key.clone(), self.value(key, value)?)));
        Value::Object(members.collect())
    }

    /// The masked value of a field of a pod or of the list.
    fn field(self, key: &str, value: &Value) -> Option<Value> {
        if FIGURES.contains(&key) {
            return self.figure(value);
        }
        let sent = |field: &&PodField| field.sent().is_some_and(|sent| sent.name == key);
        let field = PodField::ALL.iter().find(sent)?;
        let FieldKind::Text(text) = field.kind() else {
            return self.figure(value);
        };
        match (NameKind::of(text), value) {
            (_, Value::Null) => Some(Value::Null),
            (Some(kind), Value::String(name)) => Some(self.name(kind, name).into()),
            (Some(kind), Value::Number(number)) => Some(self.names.of(kind, &number.to_string()).into()),
            (None, Value::String(word)) => Some(self.word(word).into()),
            _ => None,
        }
    }

    /// The pseudonym of a name. Two addresses in one text are two names.
    fn name(self, kind: NameKind, name: &str) -> String {
        if kind == NameKind::Address && name.contains(',') {
            let each = name.split(',').map(|part| self.names.of(kind, part.trim()));
            return each.collect::<Vec<_>>().join(",");
        }
        self.names.of(kind, name)
    }

    /// A number, a quantity or a time.
    fn figure(self, value: &Value) -> Option<Value> {
        match value {
            Value::Null | Value::Bool(_) | Value::Number(_) => Some(value.clone()),
            Value::String(text) => {
                let is_figure = |it: char| it.is_ascii_alphanumeric() || " :.+-/".contains(it);
                let letters = text.chars().filter(char::is_ascii_alphabetic).count();
                // An address has more dots than a number.
                let is_number = letters <= 3 && text.chars().filter(|it| *it == '.').count() <= 1;
                let is_short = text.chars().count() <= LONGEST_WORD && is_number;
                Some(if is_short && text.chars().all(is_figure) {
                    value.clone()
                } else {
                    self.names.of(NameKind::Id, text).into()
                })
            }
            Value::Array(_) | Value::Object(_) => None,
        }
    }

    /// A code has digits; without one it may be a name.
    fn code(self, code: &str) -> String {
        if code.contains(|it: char| it.is_ascii_digit()) {
            self.word(code)
        } else {
            self.names.of(NameKind::Id, code)
        }
    }

    /// A word of the API, such as `Running` or `APIG.0308`. Anything else may be a name.
    fn word(self, word: &str) -> String {
        let is_of_words = |it: char| it.is_ascii_alphanumeric() || matches!(it, '_' | '.' | ' ');
        let begins_as_one = word.starts_with(|it: char| it.is_ascii_alphabetic());
        let is_number = word.chars().all(|it| it.is_ascii_digit());
        let is_short = word.chars().count() <= LONGEST_WORD;
        if is_short && (is_number || begins_as_one && word.chars().all(is_of_words)) {
            word.to_owned()
        } else {
            self.names.of(NameKind::Id, word)
        }
    }

    /// A message with a dot for each character of a word that may be a name.
    fn message(self, text: &str) -> String {
        self.names.dotted(&self.names.renamed(text), is_public)
    }
}

/// Whether a word of a message is no name: one of the list, a code, or a short number.
fn is_public(word: &str) -> bool {
    let lower = word.trim_matches(['.', '-', '_']).to_lowercase();
    let is_number = lower.len() <= 6 && lower.bytes().all(|it| it.is_ascii_digit());
    let is_code = lower.starts_with("apig.") || lower.starts_with("apigw.") || lower.starts_with("hss.");
    let is_code = is_code && lower.bytes().filter(u8::is_ascii_digit).count() == 4;
    let mut words = WORDS.split_whitespace();
    is_number || is_code || words.any(|known| known == lower)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masked(body: &str) -> String {
        let names = Pseudonyms::random().unwrap();
        BodyMask { names: &names }.body(body)
    }

    #[test]
    fn names_become_pseudonyms_and_figures_stay() {
        let body = r#"{"total_num":2,"last_update_time":1760000000000,"data_list":[
            {"id":"7","pod_name":"canary-a","namespace_name":"canary","cluster_name":"canary-c","pod_ip":"10.9.8.7",
             "node_ip":"10.9.8.8","node_name":"canary-n","region_id":"cn-canary-1","status":"Running","cpu":"12m",
             "memory":"3Mi","create_time":1750000000000,"labels":{"canary":"x"},"owner":"canary"},
            {"id":7,"pod_name":"canary-b","namespace_name":"canary","cpu":"12m","status":"canary-is-no-word"}]}"#;
        let text = masked(body);
        assert!(!text.contains("canary") && !text.contains("10.9"), "{text}");
        let value: Value = serde_json::from_str(&text).unwrap();
        let (first, second) = (&value["data_list"][0], &value["data_list"][1]);
        assert_eq!(first["namespace_name"], second["namespace_name"]);
        assert_eq!(first["id"], second["id"], "a number and a text of the same id");
        assert_ne!(first["pod_name"], second["pod_name"]);
        assert_eq!(
            (&first["status"], &first["cpu"]),
            (&"Running".into(), &"12m".into())
        );
        assert_eq!(
            (&value["total_num"], &first["create_time"]),
            (&2.into(), &1_750_000_000_000_u64.into())
        );
        assert_eq!(
            first.get("labels").or(first.get("owner")),
            None,
            "what is not read is not there"
        );
    }

    #[test]
    fn an_error_keeps_its_code_and_the_limit_and_loses_the_names() {
        let text = masked(
            r#"{"error_code":"APIG.0308","error_msg":"The throttling threshold has been reached: policy user over ratelimit,limit:5,time:1 minute","request_id":"0123456789abcdef0123456789abcdef"}"#,
        );
        assert!(
            text.contains("limit:5,time:1 minute") && text.contains("APIG.0308"),
            "{text}"
        );
        assert!(!text.contains("0123456789abcdef"), "{text}");
        let text = masked(r#"{"code":"HSS.0010","message":"user canary of payments may not read 05d8a4f1"}"#);
        assert!(text.contains("user ······ of"), "{text}");
        assert!(!text.contains("payments") && !text.contains("05d8"), "{text}");
        assert!(masked(r#"{"error":{"code":403,"message":"canary"}}"#).contains("403"));
        // Whoever reads the recording can tell a missing role from a wrong project.
        let text = masked(
            r#"{"error_code":"HSS.0013","error_msg":"Insufficient permission.","error_description":"the user has no access to this enterprise project"}"#,
        );
        assert!(
            text.contains("Insufficient permission.") && text.contains("to this enterprise project"),
            "{text}"
        );
    }

    #[test]
    fn a_body_that_is_no_json_only_keeps_its_kind() {
        for (body, kept) in [
            ("<html>canary</html>", "<html>hidden</html>"),
            ("canary", "hidden"),
            ("", ""),
            ("{\"data_list\":[{\"pod_name\":\"canary", "{\"data_list\":["),
        ] {
            assert_eq!(masked(body), kept);
        }
    }
}
