//! `CreateClustersInfo`: `POST /v5/{project_id}/kubernetes/save-clusters`, which requests a new snapshot of
//! the clusters.
//!
//! It has no body, and neither has its answer, which is 200 (official SDK; `{}` and 204 are accepted too).
//! There is neither a task number nor a call that reports when the snapshot is ready: then the lists have a
//! new date.

use reqwest::Method;

use crate::hss::call::{Call, CallEffect, DecodeError, Parameters, Received};
use crate::hss::call_record::CallSubject;
use crate::hss::request::{ID_CHARS, OutOfRange, check_length};

/// Requests a new snapshot of the clusters of one enterprise project, or of all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyncClusters {
    enterprise_project_id: String,
}

impl SyncClusters {
    /// For this enterprise project: the one with which the lists are read, because HSS would otherwise use
    /// the default one.
    pub fn new(enterprise_project_id: &str) -> Result<Self, OutOfRange> {
        check_length("enterprise_project_id", enterprise_project_id, &ID_CHARS)?;
        Ok(Self {
            enterprise_project_id: enterprise_project_id.to_owned(),
        })
    }
}

impl Call for SyncClusters {
    const NAME: &'static str = "CreateClustersInfo";
    const METHOD: Method = Method::POST;
    const EFFECT: CallEffect = CallEffect::Changes;
    const MAY_BE_EMPTY: bool = true;
    type Answer = ();

    fn subject(&self, _: Option<&()>) -> CallSubject {
        CallSubject::Synchronise
    }

    fn path(&self) -> String {
        "/kubernetes/save-clusters".to_owned()
    }

    fn query(&self) -> Parameters {
        Parameters::default().with("enterprise_project_id", Some(&self.enterprise_project_id))
    }

    fn decode(&self, received: Received<'_>) -> Result<(), DecodeError> {
        if received.body.is_empty() {
            return Ok(());
        }
        received.object().map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::HeaderMap;

    #[test]
    fn it_names_the_enterprise_project_and_nothing_else() {
        let call = SyncClusters::new("all_granted_eps").unwrap();
        assert_eq!(call.path(), "/kubernetes/save-clusters");
        assert_eq!(call.query().encoded(), "enterprise_project_id=all_granted_eps");
        assert!(call.body().is_empty() && call.headers().is_empty());
        assert!(SyncClusters::new("").is_err());
    }

    #[test]
    fn nothing_or_an_object_means_that_it_was_taken() {
        let read = |body: &str| {
            let received = Received {
                headers: &HeaderMap::new(),
                body: body.as_bytes().to_vec(),
            };
            SyncClusters::new("0").unwrap().decode(received)
        };
        for body in ["", "{}", r#"{"data":null}"#] {
            assert_eq!(read(body), Ok(()), "{body}");
        }
        let refusal = r#"{"error_code":"HSS.0013","error_msg":"insufficient permission"}"#;
        assert!(matches!(read(refusal), Err(DecodeError::Refusal(_))));
        assert!(matches!(read("[]"), Err(DecodeError::Unreadable(_))));
    }
}
