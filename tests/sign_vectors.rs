//! The signer against vectors that the official SDK made, stage by stage.

use hss_top::hss::auth::KeyPair;
use hss_top::hss::auth::sign::{CanonicalRequest, Request, authorization, signature, string_to_sign};
use serde_json::Value;

const VECTORS: &str = include_str!("fixtures/sign-vectors.json");

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[test]
fn every_vector_at_every_stage() {
    let file: Value = serde_json::from_str(VECTORS).unwrap();
    let vectors = file["vectors"].as_array().unwrap();
    assert!(vectors.len() >= 16);
    for vector in vectors {
        let name = text(&vector["name"]);
        let url = text(&vector["url"]);
        let (_, after_scheme) = url.split_once("://").unwrap();
        let from_path = after_scheme.get(after_scheme.find('/').unwrap()..).unwrap();
        let (path, sent_query) = from_path.split_once('?').unwrap_or((from_path, ""));
        let query: Vec<(String, String)> = match vector["query_params_in"].as_array() {
            Some(pairs) => pairs
                .iter()
                .map(|pair| (text(&pair[0]), text(&pair[1])))
                .collect(),
            None => form_urlencoded::parse(sent_query.as_bytes())
                .into_owned()
                .collect(),
        };
        let query: Vec<(&str, &str)> = query
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        let headers = headers_of(vector);
        let headers: Vec<(&str, &str)> = headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        let method = vector["method"].as_str().unwrap_or("GET");
        let body = vector["body"].as_str().unwrap_or_default();
        let canonical = CanonicalRequest::of(&Request {
            method,
            path,
            query: &query,
            headers: &headers,
            body: body.as_bytes(),
        });
        assert_eq!(
            canonical.text(),
            text(&vector["canonical_request"]),
            "{name}: canonical request"
        );
        let date = text(&vector["x_sdk_date"]);
        let to_sign = string_to_sign(&date, &canonical);
        assert_eq!(to_sign, text(&vector["string_to_sign"]), "{name}: string to sign");
        let keys = KeyPair {
            access: text(&vector["ak"]),
            secret: text(&vector["sk"]).into(),
            security_token: None,
        };
        assert_eq!(
            signature(&keys, &to_sign),
            text(&vector["signature"]),
            "{name}: signature"
        );
        assert_eq!(
            authorization(&keys, &date, &canonical),
            text(&vector["authorization"]),
            "{name}: authorization"
        );
    }
}

/// The headers given to the signer; where a vector does not list them, those that its canonical request has.
fn headers_of(vector: &Value) -> Vec<(String, String)> {
    if let Some(headers) = vector["headers_in"].as_object() {
        return headers
            .iter()
            .map(|(name, value)| (name.clone(), text(value)))
            .collect();
    }
    let canonical = text(&vector["canonical_request"]);
    let lines = canonical.lines().skip(3).take_while(|line| !line.is_empty());
    lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}
