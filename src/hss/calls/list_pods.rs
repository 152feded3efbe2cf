//! `ListK8sPods`: `GET /v5/{project_id}/kubernetes/pods`, a page of the pods (API page "Querying the Basic Pod
//! Information List"; HSS OpenAPI).

use jiff::Timestamp;

use crate::fleet::{RemoteText, Scope};
use crate::hss::call::{Call, DecodeError, Parameters, Received};
use crate::hss::call_record::CallSubject;
use crate::hss::client::Answer;
use crate::hss::error::Error;
use crate::hss::error_body::{is_error_body, is_error_page};
use crate::hss::request::{ID_CHARS, LIMIT, NAME_CHARS, OFFSET, OutOfRange, check_length, check_number};
use crate::hss::wire::{Page, read_page};

/// One page of pods. Built by [`ListPods::new`], so its values are in range.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListPods {
    enterprise_project_id: String,
    offset: u32,
    limit: u32,
    scope: Scope,
}

impl ListPods {
    /// Requests the first `limit` records of `scope`.
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

    /// The offset of the first requested record.
    pub fn offset(&self) -> u32 {
        self.offset
    }

    /// How many records are requested.
    pub fn limit(&self) -> u32 {
        self.limit
    }

    /// The filter for the API.
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The enterprise project.
    pub fn enterprise_project_id(&self) -> &str {
        &self.enterprise_project_id
    }
}

impl Call for ListPods {
    const NAME: &'static str = "ListK8sPods";
    type Answer = Page;

    fn path(&self) -> String {
        "/kubernetes/pods".to_owned()
    }

    fn query(&self) -> Parameters {
        Parameters::default()
            .with("cluster_name", self.scope.cluster.as_deref())
            .with("enterprise_project_id", Some(&self.enterprise_project_id))
            .with("limit", Some(self.limit))
            .with("namespace_name", self.scope.namespace.as_deref())
            .with("offset", Some(self.offset))
            .with("pod_name", self.scope.pod.as_deref())
    }

    fn decode(&self, received: Received<'_>) -> Result<Page, DecodeError> {
        let page = read_page(received.body).map_err(|error| {
            if error.is_eof() {
                return DecodeError::Incomplete;
            }
            DecodeError::Unreadable(error.to_string())
        })?;
        let body = page.pods.page();
        // Next to an error there may be a part of the list, or nothing.
        if page.has_code && is_error_page(body.as_bytes()) {
            return Err(DecodeError::Refusal(body.as_bytes().to_vec()));
        }
        let unproven = || page.unproven().filter(|_| self.offset == 0);
        let Some(lacks) = page.lacks().or_else(unproven) else {
            return Ok(page);
        };
        if is_error_body(body.as_bytes()) {
            return Err(DecodeError::Refusal(body.as_bytes().to_vec()));
        }
        Err(DecodeError::unlike(lacks, body))
    }

    fn subject(&self, page: Option<&Page>) -> CallSubject {
        CallSubject::Page {
            offset: self.offset,
            limit: self.limit,
            total: page.and_then(|page| page.total),
            is_search: !self.scope.is_whole(),
        }
    }

    fn dated(&self, page: &Page) -> Option<Timestamp> {
        page.snapshot_at
    }

    fn log(&self, result: Result<&Answer, &Error>, ms: u64) {
        match result {
            Ok(answer) => tracing::info!(
                call = Self::NAME,
                offset = self.offset,
                pods = answer.value.pods.len(),
                total = answer.value.total,
                request_id = answer.request_id.as_ref().map(RemoteText::shown),
                ms,
                "answered"
            ),
            Err(error) => {
                tracing::warn!(call = Self::NAME, offset = self.offset, ms, error = %error, "failed");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hss::request::{ALL_ENTERPRISE_PROJECTS, ProjectId};

    fn call(scope: Scope) -> Result<ListPods, OutOfRange> {
        ListPods::new(ALL_ENTERPRISE_PROJECTS, 200, scope)
    }

    #[test]
    fn a_plain_call_names_everything_it_asks_for() {
        let call = call(Scope::default()).unwrap();
        assert_eq!(call.path(), "/kubernetes/pods");
        assert_eq!(
            call.query().encoded(),
            "enterprise_project_id=all_granted_eps&limit=200&offset=0"
        );
        assert_eq!(
            call.at(400).unwrap().query().encoded(),
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
            call(scope).unwrap().query().encoded(),
            "cluster_name=x%26y%3Dz&enterprise_project_id=all_granted_eps&limit=200\
             &namespace_name=%E7%94%9F%E4%BA%A7&offset=0&pod_name=a%20b%2Bc%2Ad~"
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
