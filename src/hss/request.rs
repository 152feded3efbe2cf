//! `ListK8sPods` as a value: `GET /v5/{project_id}/kubernetes/pods`.
//!
//! Owns the parameters, their documented ranges (API page "Querying the Basic Pod Information List"; HSS OpenAPI)
//! and how they are written on the wire. A value out of its range is refused here, before anything is sent. Must
//! not: send.

use std::fmt;
use std::ops::RangeInclusive;

use crate::fleet::{RemoteText, Scope};
use crate::secrets::values::shortened;

/// Enterprise projects: this word asks for all that the caller may see. Without the parameter, HSS answers for the
/// default enterprise project only.
pub const ALL_ENTERPRISE_PROJECTS: &str = "all_granted_eps";
/// Records that one answer may hold.
pub const LIMIT: RangeInclusive<u32> = 10..=200;
/// The place of the first record of an answer.
pub const OFFSET: RangeInclusive<u32> = 0..=2_000_000;
/// Characters of an id that becomes a part of the path. Real ones have 32.
const PATH_ID_CHARS: RangeInclusive<usize> = 1..=64;
/// What such an id may be.
pub const PATH_ID_FORM: &str = "1 to 64 letters, digits, - or _";
/// Characters of an enterprise project id.
const ID_CHARS: RangeInclusive<usize> = 1..=256;
/// Characters of a name to filter by.
const NAME_CHARS: RangeInclusive<usize> = 0..=256;

/// A parameter outside of its documented range.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutOfRange {
    /// The parameter, as the API names it.
    pub parameter: &'static str,
    /// What it was, made safe to show; a long value is described, not repeated.
    pub value: String,
    /// What it may be.
    pub range: String,
}

impl fmt::Display for OutOfRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} is {}, but must be {}",
            self.parameter, self.value, self.range
        )
    }
}

impl std::error::Error for OutOfRange {}

/// A project's id. It becomes a part of the path, so nothing that could move the call is taken for one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectId(String);

impl ProjectId {
    /// Takes an id.
    pub fn new(id: &str) -> Result<Self, OutOfRange> {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        if PATH_ID_CHARS.contains(&id.len()) && id.bytes().all(is_plain) {
            return Ok(Self(id.to_owned()));
        }
        let value = match id {
            "" => "empty".to_owned(),
            id => RemoteText::name(&shortened(id)).shown().to_owned(),
        };
        Err(OutOfRange {
            parameter: "project_id",
            value,
            range: PATH_ID_FORM.to_owned(),
        })
    }

    /// The id as it is.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// One call for one page of pods. Built by [`ListPods::new`], so its values are in range.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListPods {
    enterprise_project_id: String,
    offset: u32,
    limit: u32,
    scope: Scope,
}

impl ListPods {
    /// Asks for the first `limit` records of `scope`.
    pub fn new(enterprise_project_id: &str, limit: u32, scope: Scope) -> Result<Self, OutOfRange> {
        check_length("enterprise_project_id", enterprise_project_id, &ID_CHARS)?;
        check_number("limit", limit, &LIMIT)?;
        let names = [
            ("pod_name", &scope.pod),
            ("namespace_name", &scope.namespace),
            ("cluster_name", &scope.cluster),
        ];
        for (parameter, name) in names {
            check_length(parameter, name.as_deref().unwrap_or_default(), &NAME_CHARS)?;
        }
        Ok(Self {
            enterprise_project_id: enterprise_project_id.to_owned(),
            offset: 0,
            limit,
            scope,
        })
    }

    /// The same call for the page that begins at `offset`.
    pub fn at(&self, offset: u32) -> Result<Self, OutOfRange> {
        check_number("offset", offset, &OFFSET)?;
        Ok(Self {
            offset,
            ..self.clone()
        })
    }

    /// The same call for another scope.
    pub fn within(&self, scope: Scope) -> Result<Self, OutOfRange> {
        Self::new(&self.enterprise_project_id, self.limit, scope)
    }

    /// The place of the first record asked for.
    pub fn offset(&self) -> u32 {
        self.offset
    }

    /// How many records are asked for.
    pub fn limit(&self) -> u32 {
        self.limit
    }

    /// What the API is asked to filter by.
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The enterprise project asked about.
    pub fn enterprise_project_id(&self) -> &str {
        &self.enterprise_project_id
    }

    /// The path, with the id of the project percent-encoded.
    pub fn path(project: &ProjectId) -> String {
        format!("/v5/{}/kubernetes/pods", percent_encode(project.as_str()))
    }

    /// The query, encoded as RFC 3986 asks (a space is `%20`), its parameters in alphabetical order.
    pub fn query(&self) -> String {
        let (offset, limit) = (self.offset.to_string(), self.limit.to_string());
        let parameters = [
            ("cluster_name", self.scope.cluster.as_deref()),
            ("enterprise_project_id", Some(self.enterprise_project_id.as_str())),
            ("limit", Some(limit.as_str())),
            ("namespace_name", self.scope.namespace.as_deref()),
            ("offset", Some(offset.as_str())),
            ("pod_name", self.scope.pod.as_deref()),
        ];
        let set: Vec<String> = parameters
            .into_iter()
            .filter_map(|(name, value)| value.map(|value| format!("{name}={}", percent_encode(value))))
            .collect();
        set.join("&")
    }
}

fn check_number(parameter: &'static str, value: u32, range: &RangeInclusive<u32>) -> Result<(), OutOfRange> {
    if range.contains(&value) {
        return Ok(());
    }
    let range = format!("{} to {}", range.start(), range.end());
    Err(OutOfRange {
        parameter,
        value: value.to_string(),
        range,
    })
}

fn check_length(
    parameter: &'static str,
    value: &str,
    range: &RangeInclusive<usize>,
) -> Result<(), OutOfRange> {
    let length = value.chars().count();
    if range.contains(&length) {
        return Ok(());
    }
    let value = if length == 0 {
        "empty".to_owned()
    } else {
        RemoteText::name(&shortened(value)).shown().to_owned()
    };
    Err(OutOfRange {
        parameter,
        value,
        range: format!("{} to {} characters", range.start(), range.end()),
    })
}

/// Percent-encodes everything but the unreserved characters of RFC 3986.
pub fn percent_encode(text: &str) -> String {
    use std::fmt::Write as _;
    text.bytes()
        .fold(String::with_capacity(text.len()), |mut encoded, byte| {
            if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
                encoded.push(char::from(byte));
            } else {
                // Writing to a String cannot fail.
                let _ = write!(encoded, "%{byte:02X}");
            }
            encoded
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(scope: Scope) -> Result<ListPods, OutOfRange> {
        ListPods::new(ALL_ENTERPRISE_PROJECTS, 200, scope)
    }

    #[test]
    fn a_plain_call_names_everything_it_asks_for() {
        let call = call(Scope::default()).unwrap();
        let project = ProjectId::new("0123").unwrap();
        assert_eq!(ListPods::path(&project), "/v5/0123/kubernetes/pods");
        assert_eq!(
            call.query(),
            "enterprise_project_id=all_granted_eps&limit=200&offset=0"
        );
        assert_eq!(
            call.at(400).unwrap().query(),
            "enterprise_project_id=all_granted_eps&limit=200&offset=400"
        );
    }

    #[test]
    fn filters_are_encoded() {
        let scope = Scope {
            pod: Some("a b+c*d~".into()),
            namespace: Some("生产".into()),
            cluster: Some("x&y=z".into()),
        };
        assert_eq!(
            call(scope).unwrap().query(),
            "cluster_name=x%26y%3Dz&enterprise_project_id=all_granted_eps&limit=200\
             &namespace_name=%E7%94%9F%E4%BA%A7&offset=0&pod_name=a%20b%2Bc%2Ad~"
        );
    }

    #[test]
    fn an_id_that_would_move_the_call_is_refused() {
        for id in ["0", "p-1_A", "05b0d1c8a2800f3d2f2ac01d3c8a4e21", &"x".repeat(64)] {
            assert_eq!(ProjectId::new(id).unwrap().as_str(), id);
        }
        for id in [
            "..",
            ".",
            "a/b",
            "a b",
            "a?b",
            "a#b",
            "%2e%2e",
            "жжж",
            "a\n",
            "a.b",
            &"x".repeat(65),
        ] {
            let sentence = ProjectId::new(id).unwrap_err().to_string();
            assert!(
                sentence.starts_with("project_id is ")
                    && sentence.ends_with(", but must be 1 to 64 letters, digits, - or _"),
                "{sentence}"
            );
        }
        let long = ProjectId::new("MIIGcanary-canary/canary")
            .unwrap_err()
            .to_string();
        assert!(
            long.contains("MIIG… (24 characters)") && !long.contains("canary"),
            "{long}"
        );
    }

    #[test]
    fn what_is_out_of_range_is_named_with_its_range() {
        let new = |enterprise: &str, limit| ListPods::new(enterprise, limit, Scope::default()).map(|_| ());
        let sentence = |result: Result<(), OutOfRange>| result.unwrap_err().to_string();
        assert_eq!(sentence(new("0", 9)), "limit is 9, but must be 10 to 200");
        assert_eq!(sentence(new("0", 201)), "limit is 201, but must be 10 to 200");
        assert_eq!(
            sentence(ProjectId::new("").map(|_| ())),
            "project_id is empty, but must be 1 to 64 letters, digits, - or _"
        );
        assert_eq!(
            sentence(new(&"e".repeat(257), 10)),
            "enterprise_project_id is eeee… (257 characters), but must be 1 to 256 characters"
        );
        let base = call(Scope::default()).unwrap();
        assert_eq!(
            sentence(base.at(2_000_001).map(|_| ())),
            "offset is 2000001, but must be 0 to 2000000"
        );
        for scope in [
            Scope {
                pod: Some("x".repeat(257)),
                ..Scope::default()
            },
            Scope {
                namespace: Some("x".repeat(257)),
                ..Scope::default()
            },
            Scope {
                cluster: Some("ж".repeat(257)),
                ..Scope::default()
            },
        ] {
            assert!(sentence(call(scope).map(|_| ())).contains("must be 0 to 256 characters"));
        }
    }

    #[test]
    fn the_ends_of_each_range_are_in_it() {
        for limit in [10, 200] {
            assert!(ListPods::new("0", limit, Scope::default()).is_ok());
        }
        assert!(ListPods::new(&"0".repeat(256), 10, Scope::default()).is_ok());
        assert!(call(Scope::default()).unwrap().at(2_000_000).is_ok());
        assert!(
            call(Scope {
                pod: Some("ж".repeat(256)),
                ..Scope::default()
            })
            .is_ok()
        );
    }
}
