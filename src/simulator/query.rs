//! The query parameters of a call.
//!
//! Owns the parameters: their names, limits and defaults. If a parameter occurs twice, the first one counts;
//! unknown parameters are ignored. It parses text and looks nothing up.

use std::borrow::Cow;
use std::ops::RangeInclusive;

use super::answers::Refusal;
use super::fleet::{ENTERPRISE_PROJECTS, Filter};

const LIMITS: RangeInclusive<u64> = 10..=200;
const OFFSETS: RangeInclusive<u64> = 0..=2_000_000;
const IDS: RangeInclusive<usize> = 1..=256;
const NAMES: RangeInclusive<usize> = 0..=256;

/// Selects every enterprise project that the caller may see.
const ALL_PROJECTS: &str = "all_granted_eps";

/// A request for a page of pods.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ListQuery {
    pub(super) offset: u64,
    pub(super) limit: u64,
    pub(super) filter: Filter,
}

impl ListQuery {
    /// Parses the query of a call for pods.
    pub(super) fn parse(query: &str) -> Result<Self, Refusal> {
        let parameters = QueryParameters::parse(query);
        let limit = parameters.number("limit", LIMITS, 10);
        let offset = parameters.number("offset", OFFSETS, 0);
        let name = |name| parameters.text(name, NAMES).map(Option::unwrap_or_default);
        Ok(Self {
            limit: limit.ok_or(Refusal::Invalid("limit must be an integer from 10 to 200"))?,
            offset: offset.ok_or(Refusal::Invalid("offset must be an integer from 0 to 2000000"))?,
            filter: Filter {
                pod: name("pod_name").ok_or(Refusal::Invalid("pod_name has at most 256 characters"))?,
                namespace: name("namespace_name")
                    .ok_or(Refusal::Invalid("namespace_name has at most 256 characters"))?,
                cluster: name("cluster_name")
                    .ok_or(Refusal::Invalid("cluster_name has at most 256 characters"))?,
                enterprise_project: parameters.enterprise_project()?,
            },
        })
    }
}

/// Checks the project in the path: any text of a valid length is accepted.
pub(super) fn check_project(project: &str) -> Result<(), Refusal> {
    let fits = IDS.contains(&project.chars().count());
    fits.then_some(())
        .ok_or(Refusal::Invalid("project_id has 1 to 256 characters"))
}

/// The enterprise project that a call is for; `None` for all.
pub(super) fn enterprise_project(query: &str) -> Result<Option<&'static str>, Refusal> {
    QueryParameters::parse(query).enterprise_project()
}

/// The parameters of a call, decoded.
pub(super) struct QueryParameters<'a>(Vec<(Cow<'a, str>, Cow<'a, str>)>);

impl<'a> QueryParameters<'a> {
    pub(super) fn parse(query: &'a str) -> Self {
        Self(form_urlencoded::parse(query.as_bytes()).collect())
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| &**value)
    }

    /// The value or the default; `None` if the value is invalid.
    fn number(&self, name: &str, allowed: RangeInclusive<u64>, default: u64) -> Option<u64> {
        match self.get(name) {
            None => Some(default),
            Some(text) => text.parse().ok().filter(|value| allowed.contains(value)),
        }
    }

    /// The value, if there is one; the outer `None` if it is invalid.
    #[expect(clippy::option_option, reason = "absent and invalid are different results")]
    fn text(&self, name: &str, length: RangeInclusive<usize>) -> Option<Option<String>> {
        match self.get(name) {
            None => Some(None),
            Some(text) => length
                .contains(&text.chars().count())
                .then(|| Some(text.to_owned())),
        }
    }

    fn enterprise_project(&self) -> Result<Option<&'static str>, Refusal> {
        let wanted = self
            .text("enterprise_project_id", IDS)
            .ok_or(Refusal::Invalid("enterprise_project_id has 1 to 256 characters"))?;
        let [default, ..] = ENTERPRISE_PROJECTS;
        match wanted.as_deref() {
            None => Ok(Some(default)),
            Some(ALL_PROJECTS) => Ok(None),
            Some(id) => ENTERPRISE_PROJECTS
                .into_iter()
                .find(|project| *project == id)
                .map(Some)
                .ok_or(Refusal::ProjectNotGranted),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn invalid(query: &str) -> &'static str {
        match ListQuery::parse(query) {
            Err(Refusal::Invalid(what)) => what,
            other => panic!("{query}: {other:?}"),
        }
    }

    #[test]
    fn an_empty_query_asks_for_the_first_page_of_the_default_project() {
        let filter = Filter {
            enterprise_project: Some("0"),
            ..Filter::default()
        };
        assert_eq!(
            ListQuery::parse(""),
            Ok(ListQuery {
                offset: 0,
                limit: 10,
                filter
            })
        );
    }

    #[test]
    fn all_parameters_are_read() {
        let query = "limit=200&offset=2000000&pod_name=a%20b&namespace_name=%E6%94%AF&cluster_name=c\
                     &enterprise_project_id=all_granted_eps&unknown=1&limit=9";
        let filter = Filter {
            enterprise_project: None,
            cluster: "c".into(),
            namespace: "支".into(),
            pod: "a b".into(),
        };
        assert_eq!(
            ListQuery::parse(query),
            Ok(ListQuery {
                offset: 2_000_000,
                limit: 200,
                filter
            })
        );
    }

    #[test]
    fn values_out_of_range_are_refused() {
        for limit in ["9", "201", "-1", "", "ten", "10.0", "99999999999999999999"] {
            assert!(invalid(&format!("limit={limit}")).starts_with("limit"));
        }
        for offset in ["-1", "2000001", "", "x"] {
            assert!(invalid(&format!("offset={offset}")).starts_with("offset"));
        }
        for name in [
            "pod_name",
            "namespace_name",
            "cluster_name",
            "enterprise_project_id",
        ] {
            assert!(invalid(&format!("{name}={}", "ü".repeat(257))).starts_with(name));
        }
        assert!(ListQuery::parse(&format!("pod_name={}", "ü".repeat(256))).is_ok());
        assert!(invalid("enterprise_project_id=").starts_with("enterprise_project_id"));
        assert!(check_project("").is_err());
        assert!(check_project(&"p".repeat(257)).is_err());
        assert!(check_project(&"p".repeat(256)).is_ok());
    }

    #[test]
    fn an_enterprise_project_of_somebody_else_is_refused() {
        assert_eq!(
            ListQuery::parse("enterprise_project_id=1234"),
            Err(Refusal::ProjectNotGranted)
        );
        let [_, project, _] = ENTERPRISE_PROJECTS;
        let query = ListQuery::parse(&format!("enterprise_project_id={project}")).unwrap();
        assert_eq!(query.filter.enterprise_project, Some(project));
    }
}
