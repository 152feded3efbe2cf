//! The body of a call to IAM.
//!
//! Owns how a field is found by its dotted path, and the error for a field that is invalid. It has no
//! `Debug`, since it may hold a password.

use serde_json::Value;

use super::IamFault;

pub(super) struct Body(Value);

impl Body {
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, IamFault> {
        serde_json::from_slice(bytes)
            .map(Self)
            .map_err(|_| malformed("it", "be JSON"))
    }

    /// Returns a field; a field that is null counts as absent.
    pub(super) fn field(&self, path: &str) -> Option<&Value> {
        path.split('.')
            .try_fold(&self.0, |value, name| value.get(name))
            .filter(|value| !value.is_null())
    }

    /// Returns a required text.
    pub(super) fn text(&self, path: &'static str) -> Result<&str, IamFault> {
        self.field(path)
            .and_then(Value::as_str)
            .filter(|text| !text.is_empty())
            .ok_or_else(|| malformed(path, "be a non-empty string"))
    }

    /// Returns an optional text.
    pub(super) fn optional_text(&self, path: &'static str) -> Result<Option<&str>, IamFault> {
        self.field(path).map(|_| self.text(path)).transpose()
    }

    /// Whether `method` is the only method that identifies the caller.
    pub(super) fn has_method(&self, method: &str) -> bool {
        let methods = self.field("auth.identity.methods").and_then(Value::as_array);
        methods.is_some_and(|methods| matches!(methods.as_slice(), [only] if only == method))
    }
}

pub(super) fn malformed(field: &'static str, rule: &'static str) -> IamFault {
    IamFault::Malformed { field, rule }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_found_by_its_path() {
        let body = Body::parse(br#"{"a": {"b": "text", "c": 1, "d": null, "e": ""}}"#)
            .ok()
            .unwrap();
        assert_eq!(body.text("a.b"), Ok("text"));
        for path in ["a", "a.c", "a.d", "a.e", "a.b.c", "b"] {
            assert!(body.text(path).is_err(), "{path}");
        }
        assert_eq!(body.optional_text("a.d"), Ok(None));
        assert_eq!(body.optional_text("b"), Ok(None));
        assert!(body.optional_text("a.c").is_err());
    }

    #[test]
    fn only_a_single_method_is_accepted() {
        let has = |body: &str| Body::parse(body.as_bytes()).ok().unwrap().has_method("token");
        assert!(has(r#"{"auth": {"identity": {"methods": ["token"]}}}"#));
        assert!(!has(r#"{"auth": {"identity": {"methods": ["token", "totp"]}}}"#));
        assert!(!has(r#"{"auth": {"identity": {"methods": "token"}}}"#));
        assert!(!has("[]"));
    }

    #[test]
    fn a_body_that_is_not_json_is_malformed() {
        for bytes in [&b""[..], b"{", b"\xff"] {
            assert!(matches!(
                Body::parse(bytes),
                Err(IamFault::Malformed { field: "it", .. })
            ));
        }
    }
}
