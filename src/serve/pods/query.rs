//! What a call for pods asks, in the ranges of the API (HSS API reference of `ListK8sPods`).
//!
//! A parameter that is there twice counts once, the first time; unknown ones are ignored. Must not: look anything up.

use std::borrow::Cow;
use std::ops::RangeInclusive;

use super::refusal::ApiRefusal;
use crate::fleet::Scope;

/// The most records of a page.
pub const LONGEST_PAGE: usize = 200;
const LIMITS: RangeInclusive<usize> = 10..=LONGEST_PAGE;
const OFFSETS: RangeInclusive<usize> = 0..=2_000_000;
const ID_CHARS: RangeInclusive<usize> = 1..=256;
const NAME_CHARS: RangeInclusive<usize> = 0..=256;
/// Records of a page that says nothing of its size.
const DEFAULT_LIMIT: usize = 10;

/// A call for a page of pods.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PodsQuery {
    /// The place of the first record.
    pub offset: usize,
    /// The most records.
    pub limit: usize,
    /// What the names must contain; an empty text asks for nothing.
    pub scope: Scope,
    /// The enterprise project, if it is named.
    pub enterprise_project: Option<String>,
}

impl PodsQuery {
    /// Reads the query of a request.
    ///
    /// # Errors
    /// Which parameter is out of its range.
    pub fn read(query: &str) -> Result<Self, ApiRefusal> {
        let all: Vec<_> = form_urlencoded::parse(query.as_bytes()).collect();
        let get = |name: &str| first(&all, name);
        let number = |name, allowed: RangeInclusive<usize>, default, why| match get(name) {
            None => Ok(default),
            Some(text) => {
                let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
                let number = text.parse().ok().filter(|_| is_number);
                number
                    .filter(|number| allowed.contains(number))
                    .ok_or(ApiRefusal::Invalid(why))
            }
        };
        let text = |name, allowed: RangeInclusive<usize>, why| match get(name) {
            Some(text) if !allowed.contains(&text.chars().count()) => Err(ApiRefusal::Invalid(why)),
            text => Ok(text.map(str::to_owned)),
        };
        let name = |name, why| {
            let text = text(name, NAME_CHARS, why)?;
            Ok::<_, ApiRefusal>(text.filter(|text| !text.is_empty()))
        };
        Ok(Self {
            limit: number(
                "limit",
                LIMITS,
                DEFAULT_LIMIT,
                "limit must be an integer from 10 to 200",
            )?,
            offset: number(
                "offset",
                OFFSETS,
                0,
                "offset must be an integer from 0 to 2000000",
            )?,
            scope: Scope {
                pod: name("pod_name", "pod_name has at most 256 characters")?,
                namespace: name("namespace_name", "namespace_name has at most 256 characters")?,
                cluster: name("cluster_name", "cluster_name has at most 256 characters")?,
            },
            enterprise_project: text(
                "enterprise_project_id",
                ID_CHARS,
                "enterprise_project_id has 1 to 256 characters",
            )?,
        })
    }
}

fn first<'a>(all: &'a [(Cow<'_, str>, Cow<'_, str>)], name: &str) -> Option<&'a str> {
    let found = all.iter().find(|(key, _)| key == name);
    found.map(|(_, value)| &**value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_parameter_is_read_once() {
        let query = "limit=200&offset=2000000&pod_name=a%20b&namespace_name=%E6%94%AF&cluster_name=\
                     &enterprise_project_id=all_granted_eps&unknown=1&limit=9";
        assert_eq!(
            PodsQuery::read(query),
            Ok(PodsQuery {
                offset: 2_000_000,
                limit: 200,
                scope: Scope {
                    pod: Some("a b".to_owned()),
                    namespace: Some("支".to_owned()),
                    cluster: None,
                },
                enterprise_project: Some("all_granted_eps".to_owned()),
            })
        );
        let plain = PodsQuery::read("").unwrap();
        assert_eq!(
            (plain.offset, plain.limit, plain.enterprise_project),
            (0, 10, None)
        );
    }

    #[test]
    fn what_is_out_of_its_range_is_refused() {
        let long = "ü".repeat(257);
        for (name, value) in [
            ("limit", "9"),
            ("limit", "201"),
            ("limit", "+10"),
            ("limit", ""),
            ("limit", "99999999999999999999"),
            ("offset", "-1"),
            ("offset", "2000001"),
            ("offset", "1.0"),
            ("pod_name", &long),
            ("namespace_name", &long),
            ("cluster_name", &long),
            ("enterprise_project_id", &long),
            ("enterprise_project_id", ""),
        ] {
            let Err(ApiRefusal::Invalid(why)) = PodsQuery::read(&format!("{name}={value}")) else {
                unreachable!("{name}={value} is taken");
            };
            assert!(why.starts_with(name), "{why}");
        }
        assert!(PodsQuery::read(&format!("pod_name={}", "ü".repeat(256))).is_ok());
    }
}
